//! Counter mode: which block the counter makes of a position, parts anywhere in an object, ranges from any byte.

use partproof_model::cipher::ctr;
use partproof_model::limits::MAX_PART_COUNT;
use partproof_model::{ByteOffset, Cipher, ContentKey, Layout, PartNumber, PartSize, Start};

use super::file::Outcome;
use super::test::{Derive, Wrong, test};
use super::value::{CiphertextValue, Hex, PlaintextValue, exactly};
use partproof_suite::subject::Upload;

test! {
    /// The block that is encrypted for the 16 bytes from 16 * block index.
    CounterBlockTest {
        /// The counter start, 16 bytes.
        given start: Hex,
        /// From 0.
        given block_index: u64,
        /// (start + block index) mod 2^128, big-endian.
        derived counter_block: Hex,
    }
}

test! {
    /// One part, which may lie anywhere in an object.
    CtrPartTest {
        /// The content key; a valid case has 32 bytes.
        given key: Hex,
        /// The counter start; a valid case has 16 bytes.
        given start: Hex,
        /// Bytes of every part before this one.
        given part_size: u64,
        /// The part begins at (number - 1) * part size.
        given number: u64,
        /// Of this part alone; a seeded one is the object's stream from the part's offset.
        given plaintext: PlaintextValue,
        /// What is sent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        derived ciphertext: Option<CiphertextValue>,
    }
}

test! {
    /// Some bytes of an object, read from any of its bytes on.
    CtrRangeTest {
        /// The content key.
        given key: Hex,
        /// The counter start.
        given start: Hex,
        /// Where in the object the bytes begin; not necessarily a multiple of 16.
        given offset: u64,
        /// As stored.
        derived ciphertext: CiphertextValue,
        /// As decrypted.
        given plaintext: PlaintextValue,
    }
}

impl Derive for CounterBlockTest {
    type Shared = ();

    fn derive(&self, (): &()) -> Result<Self, Wrong> {
        let start = Start(exactly(&self.start, "start")?);
        Ok(Self {
            result: Outcome::Valid,
            counter_block: ctr::counter_block(start, self.block_index.into()).into(),
            ..self.clone()
        })
    }
}

impl Derive for CtrPartTest {
    type Shared = ();

    /// What the model cannot encrypt is invalid.
    fn derive(&self, (): &()) -> Result<Self, Wrong> {
        let ciphertext = self.upload().map(|(upload, offset)| {
            CiphertextValue::of(&ctr::apply(
                ContentKey(upload.key),
                Start(upload.start),
                ByteOffset::new(offset),
                &self.plaintext.bytes_from(offset),
            ))
        });
        Ok(Self {
            result: match ciphertext {
                Some(_) => Outcome::Valid,
                None => Outcome::Invalid,
            },
            ciphertext,
            ..self.clone()
        })
    }
}

impl CtrPartTest {
    /// The upload that ends with this part, and where the part begins; `None` if there can be no such part.
    pub(super) fn upload(&self) -> Option<(Upload, u64)> {
        let part = PartSize::new(self.part_size)?;
        let offset = PartNumber::new(self.number)?.offset(part)?.bytes();
        let length = self.plaintext.length();
        let upload = Upload {
            cipher: Cipher::Ctr,
            key: self.key.array()?,
            start: self.start.array()?,
            plaintext_size: offset.checked_add(length)?,
            part_size: self.part_size,
        };
        let layout = Layout::new(Cipher::Ctr, upload.plaintext_size, part).ok()?;
        let fits =
            (1..=self.part_size).contains(&length) && layout.wire().count() <= MAX_PART_COUNT;
        fits.then_some((upload, offset))
    }
}

impl Derive for CtrRangeTest {
    type Shared = ();

    fn derive(&self, (): &()) -> Result<Self, Wrong> {
        let stored = ctr::apply(
            ContentKey(exactly(&self.key, "key")?),
            Start(exactly(&self.start, "start")?),
            ByteOffset::new(self.offset),
            &self.plaintext.bytes(),
        );
        Ok(Self {
            result: Outcome::Valid,
            ciphertext: CiphertextValue::Full { hex: Hex(stored) },
            ..self.clone()
        })
    }
}

impl CtrRangeTest {
    /// An object that has these bytes, in the smallest parts that are of any use; `None` if it would be too large.
    pub(super) fn upload(&self) -> Option<Upload> {
        let end = self.offset.checked_add(self.plaintext.length())?;
        Some(Upload {
            cipher: Cipher::Ctr,
            key: self.key.array()?,
            start: self.start.array()?,
            plaintext_size: end,
            part_size: part_size_for(end),
        })
    }
}

/// A legal part size for an object of this size.
pub(super) fn part_size_for(data_size: u64) -> u64 {
    data_size
        .div_ceil(MAX_PART_COUNT)
        .next_multiple_of(16)
        .max(partproof_model::limits::MIN_PART_SIZE)
}
