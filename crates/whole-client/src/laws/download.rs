//! Objects that the model wrote, read by a client.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread;

use partproof_emulator::{Content, Observer, Operation};
use partproof_model::{Cipher, ContentKey, Headers, Start, envelope, rules};

use super::stored::{Opened, Source, size};
use crate::case::download::{Damage, DownloadCase};
use crate::case::manner::Manner;
use crate::stage::left::Left;
use crate::stage::{Stage, unable};
use partproof_evidence::Evidence;
use partproof_evidence::{Cause, Crypted, at_a_block};
use partproof_suite::case::envelope::Breakage;
use partproof_suite::class::Class as C;
use partproof_suite::law::Consequence::{
    Misread, NothingRead, RefusedNeedlessly, TamperingUnnoticed,
};
use partproof_suite::law::{Held, Law, On, Unheld, violated, without_chance};
use partproof_suite::laws::envelope::{MASTER, OTHER, wrap};
use partproof_suite::subject::client::{ByteRange, Client, DescribedKey, DownloadJob, Service};
use partproof_suite::subject::{MasterKeyPem, Refusal};

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
        C::OutsideOnBlock,
        C::FirstByte,
        C::OneByte,
        C::LastByteOn,
        C::OpenUnderHighStart,
        C::OpenPastTheWrap,
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
        C::InPieces,
        C::AgainFromTheBeginning,
        C::SeveralKeys,
        C::ReorderedDescription,
        C::EmptyDescription,
        C::OldNames,
        C::Replaced,
    ],
    quick_cases: 600,
    on: &On::<dyn Client, DownloadCase>(as_written),
};

/// What the model wrote is read back whole and by range, or refused where it may be.
fn as_written(client: &dyn Client, case: &DownloadCase) -> Held {
    let abilities = client.abilities();
    let cannot = !abilities.ciphers.contains(&case.envelope.cipher)
        || !abilities.wraps.contains(&case.envelope.wrap_alg())
        || case.range.is_some_and(|range| !abilities.reads(range))
        || !case.reader.is_within(&abilities);
    if cannot {
        return Err(Unheld::NotDeclared);
    }
    let manner = Manner {
        title_case: case.is_title_case(),
        ..Manner::default()
    };
    let (ask, asked) = mpsc::channel();
    let replaces = case.reader.replaced.then(|| replaces(ask.clone()));
    let stage = Stage::of(&manner, &case.all_faults(), replaces)?;
    let object = "multipart.data";
    store(&stage, object, case)?;
    let file = stage.path("copy");
    let (own, other) = (description(case), pair("key", "of another"));
    let fits_another = case.reader.keys.is_some_and(|keys| keys.fits_another);
    let sent = case.envelope.sent.as_ref();
    let is_other = case.damage == Some(Damage::Envelope(Breakage::WrongMasterKey))
        || sent.is_some_and(|sent| sent.other_key);
    let (key, description, others) = match fits_another {
        true => (OTHER, &other, [described(MASTER, &own)]),
        false if is_other => (OTHER, &own, [described(MASTER, &other)]),
        false => (MASTER, &own, [described(OTHER, &other)]),
    };
    let service = Service {
        master: key,
        description,
        others: case.reader.keys.map_or(&[], |_| &others),
        ..stage.service(abilities.signature())
    };
    let job = DownloadJob {
        object,
        file: &file,
        range: case.range,
        pieces: case.reader.pieces.as_ref(),
    };
    let newer = newer(case);
    let (stage, newer) = (&stage, &newer);
    let read = thread::scope(|scope| {
        // Whoever asked first waits until there is another version.
        scope.spawn(move || {
            while let Ok(Some(done)) = asked.recv() {
                let _ = done.send(store(stage, object, newer));
            }
        });
        // However the client ends.
        let _ended = Ended(ask);
        client.download(&service, &job)
    });
    if case.reader.replaced {
        // Whoever notices says so; whoever reads one version of the two reads right.
        let Ok(()) = read else { return Ok(()) };
        let left = downloaded(&file, case.plaintext.length)?;
        let is_one = [case, newer]
            .iter()
            .any(|version| same(version, &left).is_ok());
        return match is_one {
            true => Ok(()),
            false => Err(violated(
                rules::ROUND_TRIP,
                "an object that is replaced while it is read comes back as neither version",
                Misread,
                "one version of the two, or a failure",
                format!("{} bytes of neither", left.bytes.len()),
            )),
        };
    }
    match read {
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

/// Another version of the object: of the same length, under another key.
fn newer(case: &DownloadCase) -> DownloadCase {
    let mut newer = case.clone();
    newer.plaintext.seed += 1;
    newer.envelope.key[0] ^= 1;
    newer
}

/// Who asks for another version, and waits for it; or says that no more is asked for.
type Ask = Sender<Option<Sender<Held>>>;

struct Ended(Ask);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.send(None);
    }
}

/// Has the object replaced once it was asked for.
fn replaces(ask: Ask) -> Observer {
    let is_first = AtomicBool::new(true);
    Box::new(move |operation, _| {
        let reads = [Operation::HeadObject, Operation::GetObject].contains(&operation);
        if reads && is_first.swap(false, Ordering::SeqCst) {
            let (done, replaced) = mpsc::channel();
            let _ = ask.send(Some(done));
            let _ = replaced.recv();
        }
    })
}

fn pair(name: &str, value: &str) -> Vec<(String, String)> {
    vec![(name.to_owned(), value.to_owned())]
}

fn described<'s>(
    master: MasterKeyPem<'s>,
    description: &'s [(String, String)],
) -> DescribedKey<'s> {
    DescribedKey {
        master,
        description,
    }
}

/// How the reader's caller describes the key that fits.
fn description(case: &DownloadCase) -> Vec<(String, String)> {
    match case.reader.keys {
        None => case.envelope.description.clone().into_iter().collect(),
        Some(keys) => {
            let mut description = pair("key", "a / b");
            description.extend(
                keys.reordered
                    .then(|| pair("owner", "somebody"))
                    .into_iter()
                    .flatten(),
            );
            description
        }
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
            NothingRead,
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
    )
    .on(why_read(case, bytes)?))
}

/// Which counters made these bytes of what was asked for, in counter mode.
fn why_read(case: &DownloadCase, bytes: &[u8]) -> Result<Evidence, Unheld> {
    let envelope = &case.envelope;
    let first = case.first();
    let before = case.plaintext.slice(first - first % 16..first);
    if case.is_outside() && !before.is_empty() && before == bytes {
        return Ok(Cause::PrefixKept.into());
    }
    let (Some(asked), Some(layout)) = (case.asked(), case.layout()) else {
        return Ok(Evidence::default());
    };
    if envelope.cipher != Cipher::Ctr || case.damage == Some(Damage::Plain) {
        return Ok(Evidence::default());
    }
    let whole = written(case)?.concat();
    let stored = whole
        .get(size(asked.start)..size(asked.end))
        .unwrap_or_default();
    let expected = case.plaintext.slice(asked.clone());
    let (key, start) = (ContentKey(envelope.key), Start(envelope.start));
    if let Some(cause) = at_a_block(key, start, asked.start, &expected, stored, bytes) {
        return Ok(cause.into());
    }
    if bytes.len() != stored.len() {
        return Ok(Evidence::default());
    }
    let read = Crypted {
        key,
        start,
        part_size: layout.wire().part.bytes(),
        length: case.plaintext.length,
        offset: asked.start,
        before: None,
        is_read: true,
        plaintext: bytes,
        ciphertext: stored,
    };
    Ok(read.evidence(read.settled(), false))
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
    let reader = &case.reader;
    if reader.empty_description {
        headers.push((envelope::MATDESC.to_owned(), "{}".to_owned()));
    }
    if let Some(keys) = reader.keys {
        let json = members(case, keys.reordered);
        headers.push((envelope::MATDESC.to_owned(), json));
    }
    if reader.old_names {
        headers = old(case);
    }
    headers.into_iter().collect()
}

/// The description as the object has it: JSON, its members in the other order, spelt as the case has it.
fn members(case: &DownloadCase, reordered: bool) -> String {
    let spelling = case.envelope.spelling;
    let blank = if spelling.json_blanks { " " } else { "" };
    let member = |(name, value): &(String, String)| format!("\"{name}\":{blank}\"{value}\"");
    let mut members: Vec<_> = description(case).iter().map(member).collect();
    if reordered {
        members.reverse();
    }
    let json = format!("{{{}}}", members.join(&format!(",{blank}")));
    match spelling.json_escapes {
        true => json.replace('/', "\\/"),
        false => json,
    }
}

/// The envelope as `oss2` wrote it before: other names, the start as a number in decimal digits, and a cipher's name that is not the
/// cipher.
fn old(case: &DownloadCase) -> Vec<(String, String)> {
    let envelope = &case.envelope;
    let start = u128::from_be_bytes(envelope.start).to_string();
    let (key, start) = (
        wrap(envelope, &envelope.key),
        wrap(envelope, start.as_bytes()),
    );
    let headers = [
        (envelope::OLD_KEY, key.as_str()),
        (envelope::OLD_START, &start),
        (envelope::OLD_CEK_ALG, Cipher::GcmObject.cek_alg()),
        (envelope::OLD_WRAP_ALG, "rsa"),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    headers.to_vec()
}
