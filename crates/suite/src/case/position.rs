//! Cases far inside an object: its short last part, and a read that begins anywhere in it. A part at 48.8 TB costs what
//! its few bytes cost.

use arbitrary::{Arbitrary, Result, Unstructured};
use partproof_model::Cipher;
use partproof_model::limits::{MAX_PART_COUNT, MAX_PART_SIZE};
use serde::{Deserialize, Serialize};

use super::encrypt::{check_upload, of_cipher, of_counter, simpler_secrets};
use super::{Case, draw, is_default, plan, smaller_number};
use crate::class::{Class, Classes};
use crate::hex::{self, Hex};
use crate::plaintext::Plaintext;
use crate::subject::Upload;

/// The last part of a CTR object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PositionCase {
    /// The content key, a test key.
    #[serde(with = "hex")]
    pub key: [u8; 32],
    /// The counter start.
    #[serde(with = "hex")]
    pub start: [u8; 16],
    /// Bytes of every part before this one.
    pub part_size: u64,
    /// Its number; the object ends with it.
    pub number: u64,
    /// Its length in bytes.
    pub length: u64,
    /// How many of its bytes a read skips.
    pub skip: u64,
    /// What the plaintext is made of.
    pub seed: u32,
    /// The bytes that are not skipped, in place of those of a stream.
    #[serde(default, skip_serializing_if = "is_default")]
    pub given: Hex,
}

const LONGEST: u64 = 4_096;

impl PositionCase {
    /// Where the part begins.
    pub fn offset(&self) -> u64 {
        (self.number - 1) * self.part_size
    }

    /// The whole object.
    pub fn plaintext(&self) -> Plaintext {
        Plaintext {
            seed: self.seed,
            length: self.offset() + self.length,
        }
    }

    /// The bytes of the part from one of them on.
    pub fn bytes_from(&self, skip: u64) -> Vec<u8> {
        match self.given.0.is_empty() {
            true => self.plaintext().slice(self.offset() + skip..u64::MAX),
            false => self.given.0.clone(),
        }
    }

    /// The upload as the encryptor sees it.
    pub fn upload(&self) -> Upload {
        Upload {
            cipher: Cipher::Ctr,
            key: self.key,
            start: self.start,
            plaintext_size: self.plaintext().length,
            part_size: self.part_size,
        }
    }
}

impl<'a> Arbitrary<'a> for PositionCase {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let part_size = match u.int_in_range(0..=5_u8)? {
            0 => 16,
            1 => 1 << 31,
            2 => 1 << 32,
            _ => draw::legal_part_size(u)?,
        };
        let number = match u.int_in_range(0..=3_u8)? {
            0 => MAX_PART_COUNT,
            1 => u.int_in_range(1..=4)?,
            _ => u.int_in_range(1..=MAX_PART_COUNT)?,
        };
        let longest = LONGEST.min(part_size);
        let length = match u.int_in_range(0..=3_u8)? {
            0 => longest.min(16 * u.int_in_range(1..=4)?),
            1 => longest,
            _ => u.int_in_range(1..=longest.min(200))?,
        };
        let (key, mut start) = (draw::key(u)?, draw::start(u, Cipher::Ctr)?);
        if u.int_in_range(0..=2_u8)? == 0 {
            // A carry inside this very part: its first block counts a few below a power of two.
            let bits = *u.choose(&[32_u32, 64, 128])?;
            let below = u.int_in_range(0..=length / 16)?;
            let first = u128::from(((number - 1) * part_size) / 16 + below);
            let low = if bits == 128 { 0 } else { 1_u128 << bits };
            start = low.wrapping_sub(first).wrapping_sub(1).to_be_bytes();
        }
        let skip = u.int_in_range(0..=length - 1)?;
        Ok(Self {
            key,
            start,
            part_size,
            number,
            length,
            skip,
            seed: u.int_in_range(0..=9)?,
            given: Hex::default(),
        })
    }
}

impl Case for PositionCase {
    const BYTES: usize = 112;

    fn classes(&self) -> Classes {
        let plan = self
            .upload()
            .layout()
            .map(|layout| plan::of_plan(layout.wire()))
            .unwrap_or_default();
        plan.union(of_cipher(Cipher::Ctr))
            .union(of_counter(
                Cipher::Ctr,
                self.start,
                self.offset(),
                self.length,
            ))
            .with(Class::FarOffset, self.offset() / 16 > u64::from(u32::MAX))
            .with(Class::UnalignedOffset, !self.skip.is_multiple_of(16))
            .with(Class::AlignedOffset, self.skip.is_multiple_of(16))
    }

    fn smaller(&self) -> Vec<Self> {
        let mut smaller: Vec<Self> = Vec::new();
        // The same counters at the beginning of an object, or one part into it.
        let part_size = self.length.next_multiple_of(16);
        let start = u128::from_be_bytes(self.start).wrapping_add(u128::from(self.offset() / 16));
        if self.number > 1 {
            smaller.push(Self {
                number: 1,
                part_size,
                start: start.to_be_bytes(),
                ..self.clone()
            });
        }
        if self.number > 2 {
            let start = start.wrapping_sub(u128::from(part_size / 16)).to_be_bytes();
            smaller.push(Self {
                number: 2,
                part_size,
                start,
                ..self.clone()
            });
        }
        smaller.extend(
            smaller_number(self.number, 1)
                .into_iter()
                .map(|number| Self {
                    number,
                    ..self.clone()
                }),
        );
        for part_size in [16, 102_400, 1 << 30] {
            smaller.push(Self {
                part_size: part_size.min(self.part_size),
                ..self.clone()
            });
        }
        smaller.extend(smaller_number(self.skip, 0).into_iter().map(|skip| Self {
            skip,
            ..self.clone()
        }));
        let lengths = smaller_number(self.length, 1)
            .into_iter()
            .filter(|length| *length > self.skip);
        smaller.extend(lengths.map(|length| Self {
            length,
            ..self.clone()
        }));
        let secrets = simpler_secrets(Cipher::Ctr, self.key, self.start);
        smaller.extend(secrets.into_iter().map(|(key, start)| Self {
            key,
            start,
            ..self.clone()
        }));
        smaller.push(Self {
            seed: self.seed.min(1),
            ..self.clone()
        });
        smaller.retain(|case| case != self && case.check().is_ok());
        smaller
    }

    fn check(&self) -> std::result::Result<(), String> {
        if !(1..=MAX_PART_COUNT).contains(&self.number)
            || !(16..=MAX_PART_SIZE).contains(&self.part_size)
        {
            return Err(format!(
                "part {} of {} bytes, expected 1 to 10,000 and 16 to 5 GiB",
                self.number, self.part_size
            ));
        }
        if !(1..=LONGEST.min(self.part_size)).contains(&self.length) || self.skip >= self.length {
            return Err(format!(
                "{} bytes of which {} are skipped, expected 1 to {LONGEST}, fewer skipped",
                self.length, self.skip
            ));
        }
        let given = self.given.0.len();
        if given > 0 && u64::try_from(given) != Ok(self.length - self.skip) {
            let expected = self.length - self.skip;
            return Err(format!(
                "{given} bytes are given, expected {expected}, or none"
            ));
        }
        check_upload(&self.upload())
    }
}
