//! An upload on which nothing goes wrong.

use std::path::Path;

use partproof_model::{ContentKey, Start, rules};

use super::outcome::{failed_needlessly, no_orphan, nothing_there};
use super::stored::{self, Opened, Source};
use super::{declares, job, sent};
use crate::case::upload::UploadCase;
use crate::stage::exchange::Exchange;
use crate::stage::left::Left;
use crate::stage::{Stage, unable};
use partproof_suite::class::Class as C;
use partproof_suite::law::Consequence::{DataLost, OtherClientCannotRead, PlaintextExposed};
use partproof_suite::law::{Held, Law, On, violated};
use partproof_suite::laws::same_etag;
use partproof_suite::plaintext::Plaintext;
use partproof_suite::subject::client::Client;

/// An upload is stored as the model stores it: a true envelope, every part its slice's ciphertext, and nothing shared with another upload.
pub static UPLOAD: Law = Law {
    id: "upload",
    sentence: "An upload is stored as the model stores it: a true envelope, every part its slice's ciphertext, and nothing shared with another upload.",
    rules: &[
        rules::KEYSTREAM_ONCE,
        rules::CALLS_INDEPENDENT,
        rules::CTR_POSITION,
        rules::DECLARED_SIZES,
        rules::ENVELOPE_COMPLETE,
        rules::WRAPPED_LENGTH,
        rules::GCM_OBJECT_BYTES,
        rules::GCM_PART_SEAL,
        rules::ENCRYPT_DETERMINISTIC,
        rules::FAILURE_TOLD,
        rules::ORPHAN_TOLD,
        rules::ANSWER_FIELDS,
    ],
    classes: &[
        C::CountOne,
        C::CountTwo,
        C::CountMany,
        C::ExactMultiple,
        C::LastShort,
        C::LastOneByte,
        C::EmptyObject,
        C::AutomaticPlan,
        C::ExplicitPlan,
        C::Ctr,
        C::GcmObject,
        C::GcmPart,
        C::TagInLastPart,
        C::TagInOwnPart,
        C::TagSplit,
        C::ZeroPlaintext,
        C::Parallel,
        C::SignedV1,
        C::SignedV4,
        C::EncodedName,
        C::TenParts,
        C::SameName,
        C::EtagsByLetter,
        C::EncodedUploadId,
        C::TitleCase,
        C::LengthsUnchecked,
    ],
    quick_cases: 150,
    on: &On::<dyn Client, UploadCase>(stored_as_the_models),
};

/// An upload is stored as the model would store it, twice, under two keys or counters.
fn stored_as_the_models(client: &dyn Client, case: &UploadCase) -> Held {
    declares(client, case)?;
    let stage = Stage::of(&case.service, &[], None)?;
    let source = stage.source("source", case.plaintext)?;
    let mut first: Option<(ContentKey, Start)> = None;
    // The second one shows what the first has left behind in the client.
    let again = match case.same_name {
        true => case.object.clone(),
        false => format!("{}.2", case.object),
    };
    for object in [case.object.clone(), again] {
        let case = UploadCase {
            object,
            ..case.clone()
        };
        let uploaded = client.upload(&stage.service(case.signature()), &job(&case, &source));
        unchanged(&source, case.plaintext)?;
        let exchanges = stage.exchanges()?;
        let uploaded = uploaded.map_err(|failure| {
            failed_needlessly(&exchanges, &failure, Source::Drawn(case.plaintext))
        })?;
        let object = stage.emulator.object(&case.object);
        let object = object.ok_or_else(|| nothing_there("the object that was uploaded"))?;
        if case.plaintext.seed == 0 && case.cipher == partproof_model::Cipher::Ctr {
            let parts = object
                .parts
                .iter()
                .filter_map(|part| part.read().transpose());
            let parts = parts
                .collect::<Result<Vec<_>, _>>()
                .map_err(|error| unable(&error))?;
            sent::no_block_twice(&parts)?;
        }
        stored::check(&object, case.cipher, Source::Drawn(case.plaintext))?;
        sent::attempts_agree(&exchanges)?;
        let is_not_stored = |exchange: &Exchange| !exchange.is_accepted();
        sent::as_declared(&exchanges, Source::Drawn(case.plaintext), is_not_stored)?;
        if let Some(etag) = uploaded.etag.filter(|etag| !same_etag(&object.etag, etag)) {
            return Err(violated(
                rules::ANSWER_FIELDS,
                "another ETag is told than the object has",
                OtherClientCannotRead,
                format!(
                    "one of {} characters, as the service has it",
                    object.etag.len()
                ),
                format!("one of {} characters", etag.len()),
            ));
        }
        no_orphan(&stage.emulator.open_uploads(), None)?;
        let opened = Opened::of(&object.metadata)?;
        let secrets = (opened.key, opened.start);
        if let Some(first) = first.replace(secrets)
            && overlaps(first, secrets, case.plaintext.length)
        {
            return Err(violated(
                rules::CALLS_INDEPENDENT,
                "two uploads share keystream",
                PlaintextExposed,
                "another content key, or counters that do not meet",
                "the second upload has the first one's key and counters",
            ));
        }
    }
    Ok(())
}

/// The caller's file is as it was.
fn unchanged(source: &Path, plaintext: Plaintext) -> Held {
    let left = Left::read(source, plaintext.length, rules::CALLS_INDEPENDENT)?;
    match left.is_some_and(|left| left.bytes == plaintext.bytes()) {
        true => Ok(()),
        false => Err(violated(
            rules::CALLS_INDEPENDENT,
            "the caller's file is changed",
            DataLost,
            "the file as it was",
            "other bytes",
        )),
    }
}

/// Whether two uploads of so many bytes use a counter twice under one key.
fn overlaps(one: (ContentKey, Start), other: (ContentKey, Start), length: u64) -> bool {
    let blocks = u128::from(length.div_ceil(16).max(1));
    let start = |(_, start): (ContentKey, Start)| u128::from_be_bytes(start.0);
    let between = start(one).wrapping_sub(start(other));
    one.0 == other.0 && (between < blocks || between.wrapping_neg() < blocks)
}
