//! Objects that the model wrote, read by a client.

use std::path::Path;

use partproof_emulator::Content;
use partproof_model::{ContentKey, Headers, Start, envelope, rules};

use super::stored::{Opened, Source, size};
use crate::case::download::{Damage, DownloadCase};
use crate::case::manner::Manner;
use crate::stage::left::Left;
use crate::stage::{Stage, unable};
use partproof_suite::case::envelope::Breakage;
use partproof_suite::class::Class as C;
use partproof_suite::law::Consequence::{DataLost, Misread, RefusedNeedlessly, TamperingUnnoticed};
use partproof_suite::law::{Held, Law, On, Unheld, violated, without_chance};
use partproof_suite::laws::envelope::{OTHER, wrap};
use partproof_suite::subject::Refusal;
use partproof_suite::subject::client::{ByteRange, Client, DownloadJob, Service};

/// What the model or another client wrote is read back whole and by range, and what cannot be opened is refused.
pub static DOWNLOAD: Law = Law {
    id: "download",
    sentence: "What the model or another client wrote is read back whole and by range, and what cannot be opened is refused.",
    rules: &[
        rules::ENVELOPE_STRICT,
        rules::GCM_AUTHENTIC,
        rules::ROUND_TRIP,
        rules::RANGE_EXACT,
        rules::ENVELOPE_TOLERANT,
    ],
    classes: &[
        C::Ctr,
        C::GcmObject,
        C::GcmPart,
        C::CarryAt32,
        C::CarryAt64,
        C::WrapAt128,
        C::WrapPkcs1,
        C::WrapOaep,
        C::WithDescription,
        C::NonAsciiDescription,
        C::EmptyObject,
        C::SinglePut,
        C::MultipartObject,
        C::WithoutSizes,
        C::WholeRead,
        C::ClosedRange,
        C::OpenRange,
        C::SuffixRange,
        C::RangeBeyondEnd,
        C::RangeOutside,
        C::FirstByte,
        C::OneByte,
        C::LastByteOn,
        C::LastByte,
        C::ClosedInLastBlock,
        C::OpenInLastBlock,
        C::SuffixInLastBlock,
        C::SuffixBeyond,
        C::RangeOfNothing,
        C::UnalignedOffset,
        C::HalfAnEnvelope,
        C::PlainObject,
        C::RangeAnsweredWhole,
        C::TitleCase,
        C::ReadAnsweredError,
        C::ReadCut,
        C::TruncatedOnce,
        C::TruncatedForGood,
        C::TruncatedAtBlock,
        C::WrongMasterKey,
        C::WrongWrappedLength,
        C::ShortStart,
        C::UnknownAlgorithm,
        C::FlippedBit,
    ],
    quick_cases: 600,
    on: &On::<dyn Client, DownloadCase>(as_written),
};

/// What the model wrote is read back whole and by range, or refused where it may be.
fn as_written(client: &dyn Client, case: &DownloadCase) -> Held {
    let abilities = client.abilities();
    let cannot = !abilities.ciphers.contains(&case.envelope.cipher)
        || !abilities.wraps.contains(&case.envelope.wrap_alg())
        || case.range.is_some_and(|range| !abilities.reads(range));
    if cannot {
        return Err(Unheld::NotDeclared);
    }
    let manner = Manner {
        title_case: case.is_title_case(),
        ..Manner::default()
    };
    let stage = Stage::of(&manner, &case.all_faults(), None)?;
    let object = "multipart.data";
    store(&stage, object, case)?;
    let file = stage.path("copy");
    let signature = abilities.signature();
    let mut service: Service<'_> = stage.service(signature);
    service.description = case.envelope.description.as_ref();
    let sent = case.envelope.sent.as_ref();
    if case.damage == Some(Damage::Envelope(Breakage::WrongMasterKey))
        || sent.is_some_and(|sent| sent.other_key)
    {
        service.master = OTHER;
    }
    let job = DownloadJob {
        object,
        file: &file,
        range: case.range,
    };
    match client.download(&service, &job) {
        Ok(()) => right(case, &downloaded(&file, case.plaintext.length)?),
        Err(failure) if case.must_be_read() => Err(violated(
            rules::ENVELOPE_TOLERANT,
            "an object that another client wrote is refused",
            RefusedNeedlessly,
            "its plaintext",
            without_chance(&failure.message),
        )),
        Err(_) if case.damage.is_some() || !case.faults.is_empty() => Ok(()),
        // A range that is not all within the object.
        Err(_) if case.may_be_whole() => Ok(()),
        Err(failure) => Err(Unheld::Refused(Refusal(failure.message))),
    }
}

/// Puts the object on a stage as the model writes it.
pub fn store(stage: &Stage, object: &str, case: &DownloadCase) -> Held {
    let parts = written(case)?;
    let (headers, whole) = (headers(case), parts.concat());
    let content = match case.part_size {
        Some(_) => Content::Parts(&parts),
        None => Content::Put(&whole),
    };
    let stored = stage.emulator.store(object, &headers, content);
    stored.map_err(|error| unable(&error))
}

/// What was written where success is told, up to so many bytes and one more. An empty file is an answer, no file is none.
pub fn downloaded(file: &Path, expected: u64) -> Result<Left, Unheld> {
    Left::read(file, expected, rules::ROUND_TRIP)?.ok_or_else(|| {
        violated(
            rules::ROUND_TRIP,
            "success is told, and no file is written",
            DataLost,
            "a file",
            "none",
        )
    })
}

/// Whether these are the bytes that were asked for.
fn right(case: &DownloadCase, left: &Left) -> Held {
    let bytes = left.bytes.as_slice();
    let (rule, symptom) = match &case.damage {
        None | Some(Damage::Plain) => return same(case, left),
        // Whoever does not look at it and unwraps what is there all the same has read it right.
        Some(Damage::Envelope(Breakage::Value(name, _))) if name == envelope::WRAP_ALG => {
            return same(case, left);
        }
        // There is nothing in it that could be misread.
        Some(_) if case.plaintext.length == 0 && bytes.is_empty() => return Ok(()),
        Some(Damage::Byte(_)) => (rules::GCM_AUTHENTIC, "a changed byte is not noticed"),
        Some(Damage::Envelope(breakage)) => (
            rules::ENVELOPE_STRICT,
            match breakage {
                Breakage::KeyLength(_) => "an object with a content key of another length is read",
                Breakage::StartLength(_) => "an object with a start of another length is read",
                Breakage::WrongMasterKey => "an object is read with another master key",
                Breakage::Missing(_) => "half an envelope is taken for none",
                Breakage::Value(..) | Breakage::Sent { .. } => {
                    "an object whose envelope cannot be opened is read"
                }
            },
        ),
    };
    Err(violated(
        rule,
        symptom,
        TamperingUnnoticed,
        "a refusal",
        format!("{} bytes, and success is told", bytes.len()),
    ))
}

fn same(case: &DownloadCase, left: &Left) -> Held {
    let bytes = left.bytes.as_slice();
    // A range that holds no byte is read as none.
    let expected = &case.plaintext.slice(case.asked().unwrap_or_default());
    // Whoever is answered with the whole may hand out the whole, if it is right.
    let is_whole =
        || (case.may_be_whole() || case.is_answered_whole()) && case.plaintext.bytes() == bytes;
    if expected == bytes || is_whole() {
        return Ok(());
    }
    let (expected, actual) = left.difference(expected).unwrap_or_default();
    let (rule, symptom, what) = match case.range {
        None => (
            rules::ROUND_TRIP,
            "an object is read as other bytes",
            "the whole".to_owned(),
        ),
        Some(range) => (
            rules::RANGE_EXACT,
            match range {
                _ if case.is_answered_whole() => "the whole object is taken for a range of it",
                ByteRange::Suffix { .. } => "a suffix range is read as other bytes",
                _ if case.is_outside() => "a range outside the object is read as other bytes",
                _ if case.is_beyond() => "a range that ends past the object is read as other bytes",
                _ => "a range is read as other bytes",
            },
            format!("bytes {range}"),
        ),
    };
    Err(violated(
        rule,
        symptom,
        Misread,
        format!("{what}: {expected}"),
        actual,
    ))
}

/// The object's parts as the model writes them, and damages them.
fn written(case: &DownloadCase) -> Result<Vec<Vec<u8>>, Unheld> {
    let envelope = &case.envelope;
    let layout = case.layout().expect("check() refuses impossible sizes");
    let opened = Opened {
        cipher: envelope.cipher,
        key: ContentKey(envelope.key),
        start: Start(envelope.start),
        sizes: None,
    };
    let count = layout.wire().count();
    if case.damage == Some(Damage::Plain) {
        return Ok(vec![case.plaintext.bytes()]);
    }
    let parts =
        (1..=count).map(|number| opened.part(layout, &Source::Drawn(case.plaintext), number));
    let mut parts: Vec<_> = parts.collect::<Result<_, _>>()?;
    if let Some(Damage::Byte(at)) = case.damage {
        let part_size = layout.wire().part.bytes();
        let part = parts.get_mut(size(at / part_size));
        if let Some(byte) = part.and_then(|part| part.get_mut(size(at % part_size))) {
            *byte ^= 1;
        }
    }
    Ok(parts)
}

/// The object's headers, as the case spells and breaks them.
fn headers(case: &DownloadCase) -> Headers {
    let envelope = &case.envelope;
    if case.damage == Some(Damage::Plain) {
        return Headers::default();
    }
    let (mut key, mut start) = (envelope.key.to_vec(), envelope.start.to_vec());
    match case.damage {
        Some(Damage::Envelope(Breakage::KeyLength(length))) => key.resize(length.into(), 1),
        Some(Damage::Envelope(Breakage::StartLength(length))) => start.resize(length.into(), 1),
        _ => {}
    }
    let mut headers = envelope.headers(&wrap(envelope, &key), &wrap(envelope, &start));
    headers.retain(|(name, _)| name.to_ascii_lowercase().starts_with("x-oss-meta-"));
    if let Some(Damage::Envelope(Breakage::Value(name, value))) = &case.damage {
        headers.retain(|(given, _)| !given.eq_ignore_ascii_case(name));
        headers.push((name.clone(), value.clone()));
    }
    headers.into_iter().collect()
}
