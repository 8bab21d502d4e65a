//! Cases for encryptors: a small upload, encrypted whole, in an order, with retries, in chunks.

use std::ops::Range;

use arbitrary::{Arbitrary, Result, Unstructured};
use partproof_model::limits::MAX_PART_COUNT;
use partproof_model::{Cipher, Layout, layout::TagPlace};
use serde::{Deserialize, Serialize};

use super::{Case, draw, is_default, plan, smaller_number};
use crate::class::{Class, Classes};
use crate::hex::{self, Hex};
use crate::plaintext::Plaintext;
use crate::subject::Upload;

/// An upload that is small enough to encrypt whole, with everything that must not matter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EncryptCase {
    /// The content cipher.
    #[serde(with = "cipher_name")]
    pub cipher: Cipher,
    /// The content key, a test key.
    #[serde(with = "hex")]
    pub key: [u8; 32],
    /// The counter start.
    #[serde(with = "hex")]
    pub start: [u8; 16],
    /// What is uploaded.
    pub plaintext: Plaintext,
    /// Bytes of a part as sent.
    pub part_size: u64,
    /// The parts in the order in which they are encrypted, retries included; those left out come last, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<u64>,
    /// The plaintext of each part is cut after each of these many bytes, over and over; empty: not cut.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chunks: Vec<u64>,
    /// Only this part is looked at, of an object that may be too large for all of them, or that cannot be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<u64>,
    /// The bytes of the plaintext, or of the only part, in place of those of its stream.
    #[serde(default, skip_serializing_if = "is_default")]
    pub given: Hex,
}

impl EncryptCase {
    /// The upload as the encryptor sees it.
    pub fn upload(&self) -> Upload {
        Upload {
            cipher: self.cipher,
            key: self.key,
            start: self.start,
            plaintext_size: self.plaintext.length,
            part_size: self.part_size,
        }
    }

    /// The bytes of a range of the plaintext; those past the end are left out.
    pub fn slice(&self, range: Range<u64>) -> Vec<u8> {
        let Hex(given) = &self.given;
        if given.is_empty() {
            return self.plaintext.slice(range);
        }
        if self.only.is_some() {
            return given.clone();
        }
        let at = |place: u64| usize::try_from(place).map_or(given.len(), |at| at.min(given.len()));
        given[at(range.start).min(at(range.end))..at(range.end)].to_vec()
    }

    /// All bytes of the plaintext.
    pub fn bytes(&self) -> Vec<u8> {
        self.slice(0..self.plaintext.length)
    }

    /// How the model lays it out; `None` if there can be no such upload.
    pub fn possible(&self) -> Option<Layout> {
        let layout = self.upload().layout();
        layout.filter(|layout| layout.wire().count() <= MAX_PART_COUNT)
    }

    /// Whether it is small enough to encrypt whole.
    pub fn is_small(&self) -> bool {
        let few = |layout: Layout| layout.wire().count() <= MOST_PARTS;
        self.plaintext.length <= MOST_BYTES && self.possible().is_some_and(few)
    }

    /// How the model lays it out.
    pub fn layout(&self) -> Layout {
        self.upload()
            .layout()
            .expect("check() refuses impossible sizes")
    }

    /// Bytes of plaintext in the last part that has any.
    fn last_plaintext(&self) -> u64 {
        let room = match self.cipher {
            Cipher::GcmPart => self.part_size - 16,
            Cipher::Ctr | Cipher::GcmObject => self.part_size,
        };
        (self.plaintext.length - 1) % room + 1
    }

    /// Part numbers in the order of encryption, every part at least once, or the only one.
    pub fn numbers(&self) -> Vec<u64> {
        let count = self.layout().wire().count();
        let all = self.only.map_or(1..=count, |number| number..=number);
        let mut numbers: Vec<u64> = self
            .order
            .iter()
            .copied()
            .filter(|number| all.contains(number))
            .collect();
        let rest: Vec<u64> = all.filter(|number| !numbers.contains(number)).collect();
        numbers.extend(rest);
        numbers
    }

    /// The plaintext of a part cut into chunks.
    pub fn cut<'a>(&self, mut plaintext: &'a [u8]) -> Vec<&'a [u8]> {
        let mut lengths = self.chunks.iter().cycle();
        let mut chunks = Vec::new();
        while let Some(length) = lengths.next().filter(|_| !plaintext.is_empty()) {
            let length = usize::try_from(*length)
                .unwrap_or(usize::MAX)
                .clamp(1, plaintext.len());
            let (chunk, rest) = plaintext.split_at(length);
            chunks.push(chunk);
            plaintext = rest;
        }
        if !plaintext.is_empty() {
            chunks.push(plaintext);
        }
        chunks
    }
}

/// More parts would make a case slow without making it sharper.
const MOST_PARTS: u64 = 64;
/// The most bytes of an upload that is encrypted whole.
pub const MOST_BYTES: u64 = 512 * 1024;

/// Some clients refuse smaller parts: a few cases are of this size, so that they are judged too.
const FLOOR: u64 = 100 * 1024;

impl<'a> Arbitrary<'a> for EncryptCase {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let cipher = *u.choose(&[Cipher::Ctr, Cipher::Ctr, Cipher::GcmObject, Cipher::GcmPart])?;
        let part_size = match u.int_in_range(0..=127_u8)? {
            0 => FLOOR,
            _ => 16 * u.int_in_range(2..=6)?,
        };
        Self::draw(u, cipher, part_size)
    }
}

impl EncryptCase {
    /// An upload under this cipher in parts of this size.
    fn draw(u: &mut Unstructured<'_>, cipher: Cipher, part_size: u64) -> Result<Self> {
        let room = if cipher == Cipher::GcmPart {
            part_size - 16
        } else {
            part_size
        };
        let parts = u.int_in_range(1..=if part_size == FLOOR { 3 } else { 5 })?;
        let last = match u.int_in_range(0..=4_u8)? {
            0 => room,
            1 => 1,
            2 => room - u.int_in_range(0..=15.min(room - 1))?,
            _ => u.int_in_range(1..=room)?,
        };
        let plaintext = Plaintext {
            seed: u.int_in_range(0..=9)?,
            length: (parts - 1) * room + last,
        };
        let (key, start) = (draw::key(u)?, draw::start(u, cipher)?);
        let mut order = Vec::new();
        if u.arbitrary()? {
            for _ in 0..u.int_in_range(1..=6_u8)? {
                order.push(u.int_in_range(1..=parts)?);
            }
        }
        let mut chunks = Vec::new();
        // Small beside a small part; beside a large one not so small that a case is nothing but chunks.
        let least = if part_size <= 96 { 1 } else { part_size / 16 };
        for _ in 0..u.int_in_range(0..=3_u8)? {
            chunks.push(least + u.int_in_range(0..=39)?);
        }
        Ok(Self {
            cipher,
            key,
            start,
            plaintext,
            part_size,
            order,
            chunks,
            only: None,
            given: Hex::default(),
        })
    }
}

impl Case for EncryptCase {
    const BYTES: usize = 160;

    /// About one cipher, in parts that are small for speed, but larger than a chunk and than several blocks.
    fn from_fuzz(u: &mut Unstructured<'_>, about: Option<Cipher>) -> Result<Self> {
        let Some(cipher) = about else {
            return Self::arbitrary(u);
        };
        let part_size = match u.int_in_range(0..=7_u8)? {
            7 => 16 * u.int_in_range(2..=50)?,
            _ => 16 * u.int_in_range(2..=12)?,
        };
        Self::draw(u, cipher, part_size)
    }

    fn classes(&self) -> Classes {
        let layout = self.layout();
        let numbers = self.numbers();
        let mut seen = Vec::new();
        let retried = numbers.iter().any(|number| {
            let again = seen.contains(number);
            seen.push(*number);
            again
        });
        plan::of_plan(layout.wire())
            .union(of_cipher(self.cipher))
            .union(of_counter(
                self.cipher,
                self.start,
                0,
                self.plaintext.length,
            ))
            .with(Class::LastOneByte, self.last_plaintext() == 1)
            .with(
                Class::TagInLastPart,
                layout.tag_place() == Some(TagPlace::LastPart),
            )
            .with(
                Class::TagInOwnPart,
                layout.tag_place() == Some(TagPlace::OwnPart),
            )
            .with(Class::TagSplit, layout.tag_place() == Some(TagPlace::Split))
            .with(
                Class::OutOfOrder,
                numbers.windows(2).any(|pair| pair[0] > pair[1]),
            )
            .with(Class::Retried, retried)
            .with(
                Class::Chunked,
                self.chunks
                    .iter()
                    .any(|length| *length < self.plaintext.length.min(self.part_size)),
            )
    }

    fn smaller(&self) -> Vec<Self> {
        let mut smaller = Vec::new();
        let with = |change: &dyn Fn(&mut Self)| {
            let mut case = self.clone();
            change(&mut case);
            case
        };
        smaller.push(with(&|case| case.order.clear()));
        smaller.push(with(&|case| case.chunks.clear()));
        for length in smaller_number(self.plaintext.length, 1) {
            smaller.push(with(&|case| case.plaintext.length = length));
        }
        for size in [32, 48, 64] {
            smaller.push(with(&|case| case.part_size = size.min(case.part_size)));
        }
        for index in 0..self.order.len() {
            smaller.push(with(&|case| {
                case.order.remove(index);
            }));
        }
        for index in 0..self.chunks.len() {
            smaller.push(with(&|case| {
                case.chunks.remove(index);
            }));
            smaller.push(with(&|case| case.chunks[index] = 1));
        }
        smaller.extend(
            simpler_secrets(self.cipher, self.key, self.start)
                .into_iter()
                .map(|(key, start)| Self {
                    key,
                    start,
                    ..self.clone()
                }),
        );
        smaller.push(with(&|case| {
            case.plaintext.seed = case.plaintext.seed.min(1)
        }));
        smaller.retain(|case| case != self && case.check().is_ok());
        smaller
    }

    fn check(&self) -> std::result::Result<(), String> {
        check_upload(&self.upload())?;
        let layout = self.layout();
        if self.plaintext.length == 0 || self.plaintext.length > MOST_BYTES {
            return Err(format!(
                "a plaintext of {} bytes, expected 1 to {MOST_BYTES}",
                self.plaintext.length
            ));
        }
        if layout.wire().count() > MOST_PARTS {
            return Err(format!(
                "{} parts, expected at most {MOST_PARTS}",
                layout.wire().count()
            ));
        }
        let given = self.given.0.len();
        if given > 0 && u64::try_from(given) != Ok(self.plaintext.length) {
            return Err(format!(
                "{given} bytes are given, expected {}, or none",
                self.plaintext.length
            ));
        }
        if self.order.len() > 1_000 || self.chunks.len() > 1_000 {
            return Err("order and chunks have at most 1,000 entries".to_owned());
        }
        Ok(())
    }
}

/// Whether the sizes and the start fit the cipher.
pub(crate) fn check_upload(upload: &Upload) -> std::result::Result<(), String> {
    upload.layout().ok_or_else(|| {
        format!(
            "{} bytes in parts of {} are impossible for {}",
            upload.plaintext_size,
            upload.part_size,
            upload.cipher.cek_alg()
        )
    })?;
    if !upload
        .cipher
        .takes_start(partproof_model::Start(upload.start))
    {
        return Err(format!(
            "the start has not the shape of {}: zero where GCM counts",
            upload.cipher.cek_alg()
        ));
    }
    Ok(())
}

/// The class of a cipher.
pub fn of_cipher(cipher: Cipher) -> Classes {
    Classes::default()
        .with(Class::Ctr, cipher == Cipher::Ctr)
        .with(Class::GcmObject, cipher == Cipher::GcmObject)
        .with(Class::GcmPart, cipher == Cipher::GcmPart)
}

/// Which carries the counter of CTR makes on its way to `offset` and over `length` bytes from there.
pub fn of_counter(cipher: Cipher, start: [u8; 16], offset: u64, length: u64) -> Classes {
    if cipher != Cipher::Ctr {
        return Classes::default();
    }
    let first = u128::from_be_bytes(start);
    let blocks = (u128::from(offset) + u128::from(length))
        .div_ceil(16)
        .saturating_sub(1);
    let carries = |bits: u32| (first & ((1 << bits) - 1)) + blocks >= 1 << bits;
    Classes::default()
        .with(Class::CarryAt32, carries(32))
        .with(Class::CarryAt64, carries(64))
        .with(Class::WrapAt128, first.checked_add(blocks).is_none())
}

/// Simpler keys and starts that keep the cipher's shape.
pub(crate) fn simpler_secrets(
    cipher: Cipher,
    key: [u8; 32],
    start: [u8; 16],
) -> Vec<([u8; 32], [u8; 16])> {
    let mut simpler = vec![([0; 32], start), (key, [0; 16])];
    if cipher == Cipher::Ctr {
        for low in [4, 8, 16] {
            // Just before the carry out of the low bytes, with nothing above them: what a carry needs to be seen.
            let mut carry = [0; 16];
            carry[16 - low..].fill(0xff);
            simpler.push((key, carry));
        }
    }
    simpler.retain(|(other_key, other_start)| {
        (*other_key != key)
            || (*other_start != start && simplicity(other_start) < simplicity(&start))
    });
    simpler
}

/// Zero bytes are simplest, 0xff next.
fn simplicity(start: &[u8; 16]) -> u32 {
    start
        .iter()
        .map(|byte| match byte {
            0 => 0,
            0xff => 1,
            _ => 2,
        })
        .sum()
}

/// Ciphers by the name of their `cek-alg`.
pub mod cipher_name {
    use partproof_model::Cipher;
    use serde::{Deserialize, Deserializer, Serializer, de};

    /// As the envelope names it.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(cipher: &Cipher, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(cipher.cek_alg())
    }

    /// From the envelope's name.
    ///
    /// # Errors
    /// A name that is none.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cipher, D::Error> {
        let name = String::deserialize(deserializer)?;
        Cipher::from_cek_alg(name.as_bytes())
            .ok_or_else(|| de::Error::custom(format!("unknown cipher {}", crate::shown(&name))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_bytes_stand_for_those_of_the_stream() {
        let mut case = EncryptCase {
            cipher: Cipher::Ctr,
            key: [0; 32],
            start: [0; 16],
            plaintext: Plaintext { seed: 0, length: 3 },
            part_size: 16,
            order: Vec::new(),
            chunks: Vec::new(),
            only: None,
            given: Hex(vec![1, 2, 3]),
        };
        case.check().unwrap();
        assert_eq!(
            (case.slice(1..9), case.bytes()),
            (vec![2, 3], vec![1, 2, 3])
        );
        assert_eq!((case.slice(3..9), case.slice(8..9)), (vec![], vec![]));
        let json = serde_json::to_string(&case).unwrap();
        assert!(json.ends_with(r#""given":"010203"}"#), "{json}");
        assert_eq!(serde_json::from_str::<EncryptCase>(&json).unwrap(), case);
        case.plaintext.length = 4;
        let problem = case.check().unwrap_err();
        assert_eq!(problem, "3 bytes are given, expected 4, or none");
        // Of a part alone, wherever it lies.
        case.only = Some(9);
        assert_eq!(case.slice(128..u64::MAX), [1, 2, 3]);
    }

    #[test]
    fn carries_are_seen_where_they_are() {
        let mut start = [0; 16];
        start[12..].fill(0xff);
        let one_block = of_counter(Cipher::Ctr, start, 0, 16);
        assert!(!one_block.contains(Class::CarryAt32));
        let two_blocks = of_counter(Cipher::Ctr, start, 0, 17);
        assert!(two_blocks.contains(Class::CarryAt32) && !two_blocks.contains(Class::CarryAt64));
    }
}
