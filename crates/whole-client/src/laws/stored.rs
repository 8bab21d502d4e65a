//! What is stored, against what the model would store: the envelope opened with the master key, then every byte.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::LazyLock;
use std::thread;

use crc_fast::CrcAlgorithm;
use data_encoding::BASE64;
use partproof_emulator::{StoredObject, StoredPart};
use partproof_evidence::{Cause, Evidence};
use partproof_model::cipher::{self, ctr, gcm_object, gcm_part};
use partproof_model::envelope::DeclaredSizes;
use partproof_model::headers::HeaderValue;
use partproof_model::key_wrap::{MasterKey, WrapAlg};
use partproof_model::{
    ByteOffset, Cipher, ContentKey, Envelope, Headers, Layout, PartNumber, PartSize, Start, rules,
};

use super::reason::{Part, Secrets};
use crate::stage::unable;
use partproof_suite::law::Consequence::{DataLost, OtherClientCannotRead};
use partproof_suite::law::{Held, Unheld, violated};
use partproof_suite::laws::envelope::MASTER;
use partproof_suite::plaintext::Plaintext;

/// What the model unwraps with the master key, or why it does not. It takes milliseconds, and one envelope is met at Initiate, on the object and
/// by several checks: the last few are kept.
fn unwrapped(wrap: WrapAlg, wrapped: Vec<u8>) -> Result<Vec<u8>, String> {
    static MODEL_MASTER: LazyLock<MasterKey> =
        LazyLock::new(|| MasterKey::from_pem(MASTER.private).expect("a published test key"));
    type Kept = VecDeque<((WrapAlg, Vec<u8>), Result<Vec<u8>, String>)>;
    thread_local! {
        static LAST: RefCell<Kept> = const { RefCell::new(VecDeque::new()) };
    }
    const MOST_KEPT: usize = 8;
    LAST.with_borrow_mut(|last| {
        let asked = (wrap, wrapped);
        if let Some((_, answer)) = last.iter().find(|(known, _)| *known == asked) {
            return answer.clone();
        }
        let answer = MODEL_MASTER.unwrap(asked.0, &asked.1);
        let answer = answer.map_err(|error| error.to_string());
        last.truncate(MOST_KEPT - 1);
        last.push_front((asked, answer.clone()));
        answer
    })
}

/// What the master key opens of an envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opened {
    pub(super) cipher: Cipher,
    pub(super) key: ContentKey,
    pub(super) start: Start,
    pub(super) sizes: Option<DeclaredSizes>,
}

impl Opened {
    /// Opens the envelope in some headers.
    pub fn of(headers: &Headers) -> Result<Self, Unheld> {
        let envelope = Envelope::parse(headers);
        let broken = |expected: &str, actual: String| {
            violated(
                rules::ENVELOPE_COMPLETE,
                "the envelope cannot be opened with the master key",
                OtherClientCannotRead,
                expected,
                actual,
            )
        };
        let text = |value: &Option<HeaderValue>| {
            value
                .as_ref()
                .map_or("absent".to_owned(), HeaderValue::to_string)
        };
        let cek_alg = text(&envelope.cek_alg);
        let cipher = Cipher::from_cek_alg(cek_alg.as_bytes())
            .ok_or_else(|| broken("a known content cipher", format!("cek-alg {cek_alg}")))?;
        let wrap_alg = text(&envelope.wrap_alg);
        let wrap = WrapAlg::from_name(wrap_alg.as_bytes())
            .ok_or_else(|| broken("a known wrap algorithm", format!("wrap-alg {wrap_alg}")))?;
        let unwrap = |what: &str, value: &Option<HeaderValue>| {
            let expected = format!("a wrapped {what} in Base64");
            let value = value
                .as_ref()
                .ok_or_else(|| broken(&expected, "absent".to_owned()))?;
            let wrapped = BASE64
                .decode(value.bytes())
                .map_err(|error| broken(&expected, error.to_string()))?;
            unwrapped(wrap, wrapped).map_err(|error| broken(&expected, error))
        };
        let wrong_length = |rejection: partproof_model::Rejection| {
            violated(
                rejection.rule,
                "a wrapped value has another length",
                OtherClientCannotRead,
                rejection.rule.sentence,
                rejection.detail,
            )
        };
        Ok(Self {
            cipher,
            key: cipher::content_key(&unwrap("content key", &envelope.key)?)
                .map_err(wrong_length)?,
            start: cipher::start(&unwrap("start", &envelope.start)?).map_err(wrong_length)?,
            sizes: envelope.sizes(),
        })
    }

    /// What part `number` holds of this plaintext, as it is stored.
    pub fn part(
        &self,
        layout: Layout,
        plaintext: &Source<'_>,
        number: u64,
    ) -> Result<Vec<u8>, Unheld> {
        self.beginning(layout, plaintext, number, u64::MAX)
    }

    /// The same up to so many bytes, or more.
    pub(super) fn beginning(
        &self,
        layout: Layout,
        plaintext: &Source<'_>,
        number: u64,
        most: u64,
    ) -> Result<Vec<u8>, Unheld> {
        let wrong = |rejection: partproof_model::Rejection| {
            violated(
                rejection.rule,
                "the start has not the cipher's shape",
                OtherClientCannotRead,
                rejection.rule.sentence,
                rejection.detail,
            )
        };
        let number = PartNumber::new(number).expect("a part of a layout that the service took");
        let mut range = layout.plaintext_of(number).unwrap_or(0..0);
        if self.cipher == Cipher::Ctr {
            // A part may have gigabytes.
            range.end = range.end.min(range.start.saturating_add(most));
        }
        let bytes = plaintext.slice(range.clone());
        match self.cipher {
            Cipher::Ctr => Ok(ctr::apply(
                self.key,
                self.start,
                ByteOffset::new(range.start),
                &bytes,
            )),
            Cipher::GcmPart => {
                gcm_part::seal(self.key, self.start, layout, number, &bytes).map_err(wrong)
            }
            Cipher::GcmObject => {
                let whole = plaintext.slice(0..layout.plaintext());
                let sealed = gcm_object::seal(self.key, self.start, &whole).map_err(wrong)?;
                let slice = layout.wire().slice(number);
                let (first, length) =
                    slice.map_or((0, 0), |slice| (slice.offset.bytes(), slice.length));
                let bytes = sealed.into_iter().skip(size(first));
                Ok(bytes.take(size(length)).collect())
            }
        }
    }
}

/// The plaintext that should be there.
#[derive(Clone, Copy)]
pub enum Source<'s> {
    /// Of a case.
    Drawn(Plaintext),
    /// As it was read.
    Bytes(&'s [u8]),
}

impl Source<'_> {
    /// In bytes.
    pub fn length(&self) -> u64 {
        match self {
            Self::Drawn(plaintext) => plaintext.length,
            Self::Bytes(bytes) => u64::try_from(bytes.len()).unwrap_or(u64::MAX),
        }
    }

    /// The bytes of a range.
    pub fn slice(&self, range: std::ops::Range<u64>) -> Vec<u8> {
        match self {
            Self::Drawn(plaintext) => plaintext.slice(range),
            Self::Bytes(bytes) => {
                let end = size(range.end).min(bytes.len());
                let start = size(range.start).min(end);
                bytes.get(start..end).unwrap_or_default().to_vec()
            }
        }
    }
}

/// Whether an object is what the model would store for this plaintext, under the key that its own envelope wraps.
pub fn check(object: &StoredObject, asked: Cipher, plaintext: Source<'_>) -> Held {
    check_among(object, asked, plaintext, &[])
}

/// The same, where the client has made other uploads, under these keys and starts.
pub(super) fn check_among(
    object: &StoredObject,
    asked: Cipher,
    plaintext: Source<'_>,
    others: &[Secrets],
) -> Held {
    let opened = opened(object, asked)?;
    let layout = layout(object, &opened, plaintext.length())?;
    let count = object.parts.len();
    // Thousands of parts are worth a few threads.
    let threads = match count > 100 {
        true => thread::available_parallelism().map_or(1, usize::from),
        false => 1,
    };
    let stripe = |first: usize| {
        let check = |place| check_part(object, &opened, layout, plaintext, others, place);
        (first..count)
            .step_by(threads)
            .find_map(|place| Some((place, check(place).err()?)))
    };
    let wrong = thread::scope(|scope| {
        let spawned: Vec<_> = (1..threads)
            .map(|first| scope.spawn(move || stripe(first)))
            .collect();
        let own = stripe(0);
        let others = spawned
            .into_iter()
            .filter_map(|thread| match thread.join() {
                Ok(wrong) => wrong,
                Err(panic) => std::panic::resume_unwind(panic),
            });
        others.chain(own).min_by_key(|(place, _)| *place)
    });
    match wrong {
        Some((_, unheld)) => Err(unheld),
        None => Ok(()),
    }
}

/// What the object's own envelope holds, if it is of the cipher that was asked for.
pub(super) fn opened(object: &StoredObject, asked: Cipher) -> Result<Opened, Unheld> {
    let opened = Opened::of(&object.metadata)?;
    if opened.cipher != asked {
        return Err(violated(
            rules::ENVELOPE_COMPLETE,
            "another cipher is named than was asked for",
            OtherClientCannotRead,
            asked.cek_alg(),
            opened.cipher.cek_alg(),
        ));
    }
    Ok(opened)
}

/// Whether the part at this place among the stored ones is the model's.
fn check_part(
    object: &StoredObject,
    opened: &Opened,
    layout: Layout,
    plaintext: Source<'_>,
    others: &[Secrets],
    place: usize,
) -> Held {
    let Some(part) = object.parts.get(place) else {
        return Ok(());
    };
    let number = u64::try_from(place).unwrap_or(u64::MAX).saturating_add(1);
    let expected = opened.part(layout, &plaintext, number)?;
    let Some(stored) = part.read().map_err(|error| unable(&error))? else {
        return same_checksum(number, &expected, part);
    };
    let siblings = || {
        let parts = (1..)
            .zip(&object.parts)
            .filter(|(other, _)| *other != number);
        let parts = parts.take(MOST_SIBLINGS);
        parts
            .filter_map(|(number, part)| Some((number, part.read().ok()??)))
            .collect()
    };
    let part = Part {
        opened,
        layout,
        number,
        source: &plaintext,
        others,
        siblings: &siblings,
    };
    same_bytes(&part, &expected, &stored, "a stored part has other bytes")
}

/// How many other parts are asked what speaks against a cause.
const MOST_SIBLINGS: usize = 16;

/// Whether the bytes of a part are the model's; if not, why, as far as they show it, and what that means, by the cipher.
pub(super) fn same_bytes(
    part: &Part<'_>,
    expected: &[u8],
    actual: &[u8],
    symptom: &'static str,
) -> Held {
    if expected == actual {
        return Ok(());
    }
    if let Some(reason) = part.reason(actual) {
        return Err(reason.violated(symptom));
    }
    let (rule, consequence) = match part.opened.cipher {
        Cipher::Ctr => (rules::CTR_POSITION, DataLost),
        Cipher::GcmObject => (rules::GCM_OBJECT_BYTES, OtherClientCannotRead),
        Cipher::GcmPart => (rules::GCM_PART_SEAL, OtherClientCannotRead),
    };
    // The bytes themselves differ from run to run, since a client draws its own key.
    let evidence = Evidence {
        perhaps: part.perhaps(actual),
        ..Evidence::default()
    };
    let (expected, actual) = part.plain(expected, actual);
    Err(violated(rule, symptom, consequence, expected, actual).on(evidence))
}

/// Where bodies are not stored, their checksums tell. Of gigabytes, MD5 would take longer than all else that is judged.
fn same_checksum(number: u64, expected: &[u8], part: &StoredPart) -> Held {
    match crc_fast::checksum(CrcAlgorithm::Crc64Xz, expected) == part.crc64 {
        true => Ok(()),
        false => Err(violated(
            rules::CTR_POSITION,
            "a stored part has other bytes",
            DataLost,
            format!(
                "part {number}: the CRC-64 of {} bytes as the model has them",
                expected.len()
            ),
            format!("another CRC-64 of {} bytes", part.length),
        )),
    }
}

/// How the object must lie in its parts.
fn layout(object: &StoredObject, opened: &Opened, plaintext: u64) -> Result<Layout, Unheld> {
    let lengths: Vec<u64> = object.parts.iter().map(|part| part.length).collect();
    let stored: u64 = lengths.iter().sum();
    // One that was put at once needs no sizes: it is one part, however long.
    let part_size = match opened.sizes {
        Some(sizes) => sizes.part,
        None => PartSize::new(stored.next_multiple_of(16).max(32))
            .unwrap_or_else(|| unreachable!("above 0")),
    };
    let wrong = |symptom, expected: String, actual: String| {
        violated(rules::DECLARED_SIZES, symptom, DataLost, expected, actual)
    };
    let layout = of_part_size(opened, plaintext, part_size)?;
    let wire = layout.wire();
    let show = |lengths: &[u64]| {
        format!(
            "{} bytes in {} parts",
            lengths.iter().sum::<u64>(),
            lengths.len()
        )
    };
    let expected: Vec<u64> = (1..=wire.count())
        .filter_map(|number| Some(wire.slice(PartNumber::new(number)?)?.length))
        .collect();
    let is_put = !object.etag.contains('-');
    let same = match is_put {
        true => stored == wire.data.bytes(),
        false => lengths == expected,
    };
    if !same {
        let (expected, actual) = (show(&expected), show(&lengths));
        return Err(wrong("stored parts have other lengths", expected, actual));
    }
    match opened.sizes {
        Some(sizes) => declared(sizes, layout),
        None if !is_put => Err(wrong(
            "an upload in parts declares no sizes",
            format!("data size {}, part size {}", wire.data, wire.part),
            "none".to_owned(),
        )),
        _ => Ok(layout),
    }
}

/// How a plaintext lies in parts of the declared size.
pub(super) fn of_part_size(
    opened: &Opened,
    plaintext: u64,
    part_size: PartSize,
) -> Result<Layout, Unheld> {
    Layout::new(opened.cipher, plaintext, part_size).map_err(|rejection| {
        violated(
            rules::DECLARED_SIZES,
            "the declared part size cannot be",
            DataLost,
            rejection.rule.sentence,
            rejection.detail,
        )
    })
}

/// Whether the declared data size is that of the plaintext, and its tags.
pub(super) fn declared(sizes: DeclaredSizes, layout: Layout) -> Result<Layout, Unheld> {
    match sizes.data == layout.wire().data {
        true => Ok(layout),
        false => Err(violated(
            rules::DECLARED_SIZES,
            "another data size is declared than is stored",
            DataLost,
            format!("data size {}", layout.wire().data),
            format!("data size {}", sizes.data),
        )
        .on(Cause::DataSizeDeclared)),
    }
}

pub(super) fn size(size: u64) -> usize {
    usize::try_from(size).unwrap_or(usize::MAX)
}
