//! An upload on which nothing goes wrong.

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use data_encoding::BASE64;
use partproof_model::envelope::{MATDESC, UNENCRYPTED_CONTENT_MD5};
use partproof_model::etag::md5;
use partproof_model::metadata::USER;
use partproof_model::{ContentKey, Headers, Start, rules};
use serde_json::json;

use super::outcome::{failed_needlessly, no_orphan, nothing_there};
use super::stored::{self, Opened, Source};
use super::{declares, job, sent};
use crate::case::caller::Reuse;
use crate::case::upload::UploadCase;
use crate::stage::exchange::Exchange;
use crate::stage::left::Left;
use crate::stage::{Stage, unable};
use partproof_suite::class::Class as C;
use partproof_suite::law::Consequence::{
    MetadataLost, OtherClientCannotRead, PlaintextExposed, SourceDamaged,
};
use partproof_suite::law::{Held, Law, On, Unheld, violated};
use partproof_suite::laws::same_etag;
use partproof_suite::plaintext::Plaintext;
use partproof_suite::subject::client::{Client, Failure, Service, UploadJob, Uploaded};

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
        rules::METADATA_KEPT,
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
        C::HundredParts,
        C::SameName,
        C::Described,
        C::UserMetadata,
        C::ContentMd5,
        C::FromStream,
        C::FromEmptyStream,
        C::OneClientInTurn,
        C::OneClientAtOnce,
        C::EtagsByLetter,
        C::EncodedUploadId,
        C::TitleCase,
        C::LengthsUnchecked,
    ],
    quick_cases: 100,
    on: &On::<dyn Client, UploadCase>(stored_as_the_models),
};

/// An upload is stored as the model would store it, twice, under two keys or counters.
fn stored_as_the_models(client: &dyn Client, case: &UploadCase) -> Held {
    declares(client, case)?;
    let stage = Stage::of(&case.service, &[], None)?;
    stage.told(|| on_stage(&stage, client, case))
}

fn on_stage(stage: &Stage, client: &dyn Client, case: &UploadCase) -> Held {
    let source = stage.source("source", case.plaintext)?;
    let (caller, description) = (&case.caller, case.caller.description());
    let service = Service {
        description: &description,
        shared: (caller.reuse != Reuse::None).then(new_number),
        ..stage.service(case.signature())
    };
    let (metadata, md5) = (caller.user_metadata(), content_md5(case));
    let upload = |object: &str| {
        let asked = UploadJob {
            object,
            metadata: &metadata,
            content_type: caller.content_type(),
            content_md5: md5.as_deref(),
            is_stream: caller.stream,
            ..job(case, &source)
        };
        client.upload(&service, &asked)
    };
    let mut first: Option<(ContentKey, Start)> = None;
    let mut judge = |object: &str, uploaded: Result<Uploaded, Failure>| {
        unchanged(&source, case.plaintext)?;
        let secrets = of_one(stage, case, object, uploaded)?;
        match first.replace(secrets) {
            Some(first) if overlaps(first, secrets, case.plaintext.length) => Err(violated(
                rules::CALLS_INDEPENDENT,
                "two uploads share keystream",
                PlaintextExposed,
                "another content key, or counters that do not meet",
                "the second upload has the first one's key and counters",
            )),
            _ => Ok(()),
        }
    };
    // The second one shows what the first has left behind in the client.
    let again = match case.same_name {
        true => case.object.clone(),
        false => format!("{}.2", case.object),
    };
    if caller.reuse == Reuse::AtOnce {
        let (one, other) = thread::scope(|scope| {
            let other = scope.spawn(|| upload(&again));
            let one = upload(&case.object);
            (one, other.join())
        });
        judge(&case.object, one)?;
        judge(&again, other.unwrap_or_else(|panic| resume_unwind(panic)))?;
    } else {
        for object in [&case.object, &again] {
            judge(object, upload(object))?;
        }
    }
    no_orphan(&stage.emulator.open_uploads(), None)
}

/// Whether one upload is stored as the model would store it; and under which key and start it is.
fn of_one(
    stage: &Stage,
    case: &UploadCase,
    name: &str,
    uploaded: Result<Uploaded, Failure>,
) -> Result<(ContentKey, Start), Unheld> {
    let exchanges = stage.exchanges()?;
    let uploaded = uploaded.map_err(|failure| {
        failed_needlessly(&exchanges, &failure, Source::Drawn(case.plaintext))
    })?;
    let object = stage.emulator.object(name);
    let object = object.ok_or_else(|| nothing_there("the object that was uploaded"))?;
    let others = sent::secrets(&exchanges)?;
    let drawn = Source::Drawn(case.plaintext);
    let held = stored::check_among(&object, case.cipher, drawn, &others);
    if case.plaintext.seed == 0 && case.cipher == partproof_model::Cipher::Ctr {
        let parts = object
            .parts
            .iter()
            .filter_map(|part| part.read().transpose());
        let parts = parts
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| unable(&error))?;
        sent::no_block_twice(&parts).map_err(|unheld| match &held {
            Err(Unheld::Violated(why)) => unheld.on(why.evidence.clone()),
            _ => unheld,
        })?;
    }
    held?;
    sent::attempts_agree(&exchanges, &[drawn], sent::Again::Failed)?;
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
    passed_on(case, &object.metadata)?;
    if case.caller.reuse != Reuse::AtOnce {
        no_orphan(&stage.emulator.open_uploads(), None)?;
    }
    let opened = Opened::of(&object.metadata)?;
    Ok((opened.key, opened.start))
}

/// What the caller passed is with the object.
fn passed_on(case: &UploadCase, stored: &Headers) -> Held {
    let caller = &case.caller;
    let value = |name: &str| {
        let value = stored.value(name);
        value.map_or_else(
            || "absent".to_owned(),
            |value| String::from_utf8_lossy(value.bytes()).into_owned(),
        )
    };
    let described: BTreeMap<String, String> = caller.description().into_iter().collect();
    let written = value(MATDESC);
    // Without one, an empty one says the same.
    if caller.describes && serde_json::from_str(&written).ok().as_ref() != Some(&described) {
        return Err(violated(
            rules::ENVELOPE_COMPLETE,
            "the master key's description is not the one that was given",
            OtherClientCannotRead,
            format!("{} as JSON", json!(described)),
            written,
        ));
    }
    let user = caller.user_metadata().into_iter();
    let user = user.map(|(name, value)| (format!("{USER}{name}"), value));
    let content_type = caller.content_type().into_iter();
    let mut expected =
        user.chain(content_type.map(|kind| ("content-type".to_owned(), kind.to_owned())));
    if let Some((name, given)) = expected.find(|(name, given)| value(name) != *given) {
        return Err(violated(
            rules::METADATA_KEPT,
            "what the caller passed is not stored with the object",
            MetadataLost,
            format!("{name}: {given}"),
            value(&name),
        ));
    }
    // Nobody has to store it.
    let md5 = content_md5(case).filter(|_| stored.value(UNENCRYPTED_CONTENT_MD5).is_some());
    match md5.filter(|md5| value(UNENCRYPTED_CONTENT_MD5) != *md5) {
        Some(md5) => Err(violated(
            rules::METADATA_KEPT,
            "another MD5 of the plaintext is stored than was given",
            MetadataLost,
            format!("{UNENCRYPTED_CONTENT_MD5}: {md5}"),
            value(UNENCRYPTED_CONTENT_MD5),
        )),
        None => Ok(()),
    }
}

/// What the caller gives as the MD5 of the plaintext.
fn content_md5(case: &UploadCase) -> Option<String> {
    let md5 = || BASE64.encode(&md5(&case.plaintext.bytes()));
    case.caller.content_md5.then(md5)
}

/// A number for a client that no other case has.
fn new_number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// The caller's file is as it was.
fn unchanged(source: &Path, plaintext: Plaintext) -> Held {
    let left = Left::read(source, plaintext.length, rules::CALLS_INDEPENDENT)?;
    match left.is_some_and(|left| left.bytes == plaintext.bytes()) {
        true => Ok(()),
        false => Err(violated(
            rules::CALLS_INDEPENDENT,
            "the caller's file is changed",
            SourceDamaged,
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
