//! Counter mode: which block the counter makes of a position, parts anywhere in an object, ranges from any byte.

use partproof_model::cipher::ctr;
use partproof_model::limits::MAX_PART_COUNT;
use partproof_model::{ByteOffset, Cipher, ContentKey, Layout, PartNumber, PartSize, Start};

use super::draft::flags;
use super::file::{Outcome, test};
use super::value::{CiphertextValue, Hex, PlaintextValue, length_of};
use crate::subject::Upload;

test! {
    /// The block that is encrypted for the 16 bytes from 16 * block index.
    CounterBlockTest {
        /// The counter start, 16 bytes.
        start: Hex,
        /// From 0.
        block_index: u64,
        /// (start + block index) mod 2^128, big-endian.
        counter_block: Hex,
    }
}

test! {
    /// One part, which may lie anywhere in an object.
    CtrPartTest {
        /// The content key; a valid case has 32 bytes.
        key: Hex,
        /// The counter start; a valid case has 16 bytes.
        start: Hex,
        /// Bytes of every part before this one.
        part_size: u64,
        /// The part begins at (number - 1) * part size.
        number: u64,
        /// Of this part alone; a seeded one is the object's stream from the part's offset.
        plaintext: PlaintextValue,
        /// What is sent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ciphertext: Option<CiphertextValue>,
    }
}

test! {
    /// Some bytes of an object, read from any of its bytes on.
    CtrRangeTest {
        /// The content key.
        key: Hex,
        /// The counter start.
        start: Hex,
        /// Where in the object the bytes begin; not necessarily a multiple of 16.
        offset: u64,
        /// As stored.
        ciphertext: CiphertextValue,
        /// As decrypted.
        plaintext: PlaintextValue,
    }
}

impl CounterBlockTest {
    /// As the model counts.
    pub(super) fn of(comment: &str, own: &[&str], start: [u8; 16], block_index: u64) -> Self {
        Self {
            tc_id: 0,
            comment: comment.to_owned(),
            flags: flags(own),
            result: Outcome::Valid,
            start: start.into(),
            block_index,
            counter_block: ctr::counter_block(Start(start), block_index.into()).into(),
        }
    }
}

impl CtrPartTest {
    /// As the model encrypts it; what it cannot encrypt is invalid.
    pub(super) fn of(
        comment: &str,
        own: &[&str],
        (key, start): (Hex, Hex),
        (part_size, number): (u64, u64),
        plaintext: PlaintextValue,
    ) -> Self {
        let ciphertext = Self::upload_of(&key, &start, part_size, number, plaintext.length()).map(
            |(upload, offset)| {
                CiphertextValue::of(&ctr::apply(
                    ContentKey(upload.key),
                    Start(upload.start),
                    ByteOffset::new(offset),
                    &plaintext.bytes_from(offset),
                ))
            },
        );
        Self {
            tc_id: 0,
            comment: comment.to_owned(),
            flags: flags(own),
            result: match ciphertext {
                Some(_) => Outcome::Valid,
                None => Outcome::Invalid,
            },
            key,
            start,
            part_size,
            number,
            plaintext,
            ciphertext,
        }
    }

    /// The upload that ends with this part, and where the part begins; `None` if there can be no such part.
    fn upload_of(
        key: &Hex,
        start: &Hex,
        part_size: u64,
        number: u64,
        length: u64,
    ) -> Option<(Upload, u64)> {
        let part = PartSize::new(part_size)?;
        let offset = PartNumber::new(number)?.offset(part)?.bytes();
        let upload = Upload {
            cipher: Cipher::Ctr,
            key: key.array()?,
            start: start.array()?,
            plaintext_size: offset.checked_add(length)?,
            part_size,
        };
        let layout = Layout::new(Cipher::Ctr, upload.plaintext_size, part).ok()?;
        let fits = (1..=part_size).contains(&length) && layout.wire().count() <= MAX_PART_COUNT;
        fits.then_some((upload, offset))
    }

    /// The upload that ends with this part, and where the part begins.
    pub(super) fn upload(&self) -> Option<(Upload, u64)> {
        let length = self.plaintext.length();
        Self::upload_of(&self.key, &self.start, self.part_size, self.number, length)
    }
}

impl CtrRangeTest {
    /// As the model decrypts it.
    pub(super) fn of(
        comment: &str,
        own: &[&str],
        (key, start): ([u8; 32], [u8; 16]),
        offset: u64,
        plaintext: &[u8],
    ) -> Self {
        let stored = ctr::apply(
            ContentKey(key),
            Start(start),
            ByteOffset::new(offset),
            plaintext,
        );
        Self {
            tc_id: 0,
            comment: comment.to_owned(),
            flags: flags(own),
            result: Outcome::Valid,
            key: key.into(),
            start: start.into(),
            offset,
            ciphertext: CiphertextValue::Full { hex: Hex(stored) },
            plaintext: PlaintextValue::Full {
                hex: plaintext.into(),
            },
        }
    }

    /// An object that has these bytes, in the smallest parts that are of any use; `None` if it would be too large.
    pub(super) fn upload(&self) -> Option<Upload> {
        let end = self.offset.checked_add(length_of_plaintext(self))?;
        Some(Upload {
            cipher: Cipher::Ctr,
            key: self.key.array()?,
            start: self.start.array()?,
            plaintext_size: end,
            part_size: part_size_for(end),
        })
    }
}

fn length_of_plaintext(test: &CtrRangeTest) -> u64 {
    match &test.plaintext {
        PlaintextValue::Full { hex } => length_of(&hex.0),
        PlaintextValue::Seeded { length, .. } => *length,
    }
}

/// A legal part size for an object of this size.
pub(super) fn part_size_for(data_size: u64) -> u64 {
    data_size
        .div_ceil(MAX_PART_COUNT)
        .next_multiple_of(16)
        .max(partproof_model::limits::MIN_PART_SIZE)
}
