//! Objects that the model wrote, read by a client.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use partproof_emulator::{Observer, Operation};
use partproof_model::cipher::ctr;
use partproof_model::{ByteOffset, Cipher, ContentKey, Start, envelope, rules};

use super::stored::size;
use super::written::{description, pair, store, written};
use crate::case::download::{Damage, DownloadCase};
use crate::case::manner::Manner;
use crate::stage::Stage;
use crate::stage::left::Left;
use partproof_evidence::Evidence;
use partproof_evidence::{Cause, Crypted, at_a_block};
use partproof_suite::case::Case;
use partproof_suite::case::envelope::Breakage;
use partproof_suite::class::Class as C;
use partproof_suite::law::Consequence::{
    Misread, NothingRead, RefusedNeedlessly, TamperingUnnoticed,
};
use partproof_suite::law::{Held, Law, On, Unheld, violated, without_chance};
use partproof_suite::laws::envelope::{MASTER, OTHER};
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
    stage.told(|| on_stage(&stage, client, case, ask, asked))
}

fn on_stage(
    stage: &Stage,
    client: &dyn Client,
    case: &DownloadCase,
    ask: Ask,
    asked: Receiver<Option<Sender<Held>>>,
) -> Held {
    let abilities = client.abilities();
    let object = "multipart.data";
    store(stage, object, case)?;
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
    let newer = &newer;
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
        // A range that is not all within the object, or behind where the counter goes around: who refuses that misreads nothing.
        Err(_) if case.may_be_whole() || case.classes().contains(C::OpenPastTheWrap) => Ok(()),
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

fn described<'s>(
    master: MasterKeyPem<'s>,
    description: &'s [(String, String)],
) -> DescribedKey<'s> {
    DescribedKey {
        master,
        description,
    }
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
                _ if is_the_whole(case, bytes)? => "the whole object is taken for a range of it",
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

/// Whether a client that was answered with the whole object handed that out, from its beginning on and as if that were the range's.
fn is_the_whole(case: &DownloadCase, bytes: &[u8]) -> Result<bool, Unheld> {
    let whole = written(case)?.concat();
    let first = case.asked().map_or(0, |asked| asked.start);
    let within = first % 16;
    let is_from = |place: u64, skipped: u64| {
        let place = ByteOffset::new(place);
        let read = match case.damage {
            Some(Damage::Plain) => whole.clone(),
            _ => ctr::apply(
                ContentKey(case.envelope.key),
                Start(case.envelope.start),
                place,
                &whole,
            ),
        };
        let read = read.get(size(skipped)..).unwrap_or_default();
        !bytes.is_empty() && read.starts_with(bytes)
    };
    // Decrypted as what it is or as the range, with or without the bytes before the range in its block.
    let places = [(0, 0), (0, within), (first, 0), (first - within, within)];
    let mut taken = places
        .into_iter()
        .map(|(place, skipped)| is_from(place, skipped));
    Ok(case.is_answered_whole() && taken.any(|taken| taken))
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
