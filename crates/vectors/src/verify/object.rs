//! Whole objects: every piece that an upload needs, and a whole client that downloads what was uploaded.

use partproof_emulator::Content;
use partproof_model::rules;

use super::gcm::sealed_and_opened;
use super::{Can, all};
use crate::envelope::{self, CarrierValue, Published};
use crate::object::{ObjectTest, stored};
use partproof_suite::law::Consequence::{DataLost, Misread, RefusedNeedlessly, UploadRejected};
use partproof_suite::law::without_chance;
use partproof_suite::law::{Held, Unheld, refused_needlessly, violated};
use partproof_suite::laws::encrypt::declares;
use partproof_suite::subject::Subject;
use partproof_suite::subject::client::{DownloadJob, Service};
use partproof_whole_client::laws::download;
use partproof_whole_client::stage::{Stage, unable};

/// The planner makes as many parts, the encryptor the same bytes, the codec opens the headers, the reader reads the list.
pub(super) fn uploaded(
    published: &Published,
    test: &ObjectTest,
    subject: &Subject<'_>,
    _: &mut Can,
) -> Held {
    all([
        planned(test, subject),
        encrypted(test, subject),
        opened(published, test, subject),
        listed(test, subject),
        downloaded(published, test, subject),
    ])
}

/// The object as it stands is read back whole.
fn downloaded(published: &Published, test: &ObjectTest, subject: &Subject<'_>) -> Held {
    let client = subject.client.ok_or(Unheld::NotDeclared)?;
    let abilities = client.abilities();
    let opened = envelope::open(&published.key, &test.headers, CarrierValue::Initiate);
    let (opened, _) = opened.map_err(|_| Unheld::NotDeclared)?;
    let can =
        abilities.ciphers.contains(&opened.cipher) && abilities.wraps.contains(&opened.wrap_alg);
    // A master key is described by one name and value, or by none.
    let description = opened.description.unwrap_or_default();
    if !can || description.len() > 1 {
        return Err(Unheld::NotDeclared);
    }
    let description = description.into_iter().next();
    let upload = test.upload().ok_or(Unheld::NotDeclared)?;
    let parts = stored(&upload, &test.plaintext).ok_or(Unheld::NotDeclared)?;
    let headers = test.headers.iter().cloned().collect();
    let stage = Stage::set(&[], None)?;
    let (object, file) = ("vector.data", stage.path("copy"));
    let content = Content::Parts(&parts);
    let kept = stage.emulator.store(object, &headers, content);
    kept.map_err(|error| unable(&error))?;
    let service = Service {
        master: published.pem,
        description: description.as_ref(),
        ..stage.service(abilities.signature())
    };
    let job = DownloadJob {
        object,
        file: &file,
        range: None,
    };
    let read = client.download(&service, &job);
    read.map_err(|failure| {
        violated(
            rules::ENVELOPE_TOLERANT,
            "the object is not read",
            RefusedNeedlessly,
            "its plaintext",
            without_chance(&failure.message),
        )
    })?;
    let expected = test.plaintext.bytes();
    let longest = u64::try_from(expected.len()).unwrap_or(u64::MAX);
    match download::downloaded(&file, longest)?.difference(&expected) {
        None => Ok(()),
        Some((expected, actual)) => Err(violated(
            rules::ROUND_TRIP,
            "the object is read as other bytes",
            Misread,
            expected,
            actual,
        )),
    }
}

fn planned(test: &ObjectTest, subject: &Subject<'_>) -> Held {
    let planner = subject.planner.ok_or(Unheld::NotDeclared)?;
    let plan = planner
        .plan(test.data_size, Some(test.part_size))
        .map_err(Unheld::Refused)?;
    // An object of one part may have any part size.
    let lengths: Vec<u64> = plan.parts.take(10_002).map(|part| part.length).collect();
    let expected: Vec<u64> = test.parts.iter().map(|part| part.length).collect();
    match lengths == expected {
        true => Ok(()),
        false => Err(violated(
            rules::PLAN_TILES,
            "other parts are planned",
            DataLost,
            format!("parts of {expected:?}"),
            format!("parts of {lengths:?}"),
        )),
    }
}

fn encrypted(test: &ObjectTest, subject: &Subject<'_>) -> Held {
    let encryptor = subject.encryptor.ok_or(Unheld::NotDeclared)?;
    declares(encryptor, test.cipher.0)?;
    let upload = test.upload().ok_or(Unheld::NotDeclared)?;
    let declared = encryptor.declare(&upload).map_err(Unheld::Refused)?;
    if declared.data_size != test.data_size {
        return Err(violated(
            rules::DECLARED_SIZES,
            "another data size",
            UploadRejected,
            test.data_size.to_string(),
            declared.data_size.to_string(),
        ));
    }
    let stored = stored(&upload, &test.plaintext).ok_or(Unheld::NotDeclared)?;
    sealed_and_opened(encryptor, &upload, &test.plaintext.bytes(), &stored)
}

fn opened(published: &Published, test: &ObjectTest, subject: &Subject<'_>) -> Held {
    let codec = subject.envelope_codec.ok_or(Unheld::NotDeclared)?;
    if !codec.ciphers().contains(&test.cipher.0) {
        return Err(Unheld::NotDeclared);
    }
    let has_wrap = codec
        .wrap_algs()
        .iter()
        .any(|wrap| test.headers.iter().any(|(_, value)| value == wrap.name()));
    if !has_wrap {
        return Err(Unheld::NotDeclared);
    }
    let opened = codec
        .open(&published.pem, &test.headers)
        .map_err(refused_needlessly(
            rules::ENVELOPE_TOLERANT,
            "an open envelope",
        ))?;
    let (expected, actual) = (
        (
            test.key.array(),
            test.start.array(),
            Some((test.data_size, test.part_size)),
        ),
        (Some(opened.key), Some(opened.start), opened.sizes),
    );
    match expected == actual {
        true => Ok(()),
        false => Err(violated(
            rules::ENVELOPE_TOLERANT,
            "read as something else",
            DataLost,
            format!("{expected:?}"),
            format!("{actual:?}"),
        )),
    }
}

fn listed(test: &ObjectTest, subject: &Subject<'_>) -> Held {
    let reader = subject.part_list_reader.ok_or(Unheld::NotDeclared)?;
    let read = reader
        .read_part_list(test.list.as_bytes())
        .map_err(refused_needlessly(rules::PART_LIST_LIBERAL, "a part list"))?;
    let expected: Vec<_> = test
        .parts
        .iter()
        .map(|part| (part.number, part.etag.clone()))
        .collect();
    let bare: Vec<_> = read
        .into_iter()
        .map(|(number, etag)| (number, partproof_model::etag::unquoted(&etag).to_owned()))
        .collect();
    match bare == expected {
        true => Ok(()),
        false => Err(violated(
            rules::PART_LIST_LIBERAL,
            "read as other parts",
            UploadRejected,
            format!("{expected:?}"),
            format!("{bare:?}"),
        )),
    }
}
