//! GCM object: one tag over an object in parts, and what was done to stored parts that must not open.

use partproof_model::cipher::gcm_object;
use partproof_model::limits::MAX_PART_COUNT;
use partproof_model::{Cipher, ContentKey, Layout, PartSize, Start};

use super::draft::flags;
use super::file::{Outcome, test};
use super::value::{CiphertextValue, Hex, PlaintextValue};
use crate::subject::Upload;

test! {
    /// An object in parts.
    GcmObjectTest {
        /// The content key.
        key: Hex,
        /// The nonce in 12 bytes, then 4 that are zero.
        start: Hex,
        /// Bytes of every part but the last, as sent.
        part_size: u64,
        /// Of the whole object; absent when the parts do not open.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        plaintext: Option<PlaintextValue>,
        /// The ciphertext of every part in order, tag bytes included.
        parts: Vec<CiphertextValue>,
    }
}

impl GcmObjectTest {
    /// As the model seals it.
    pub(super) fn of(
        comment: &str,
        own: &[&str],
        (key, start): ([u8; 32], [u8; 16]),
        part_size: u64,
        plaintext: PlaintextValue,
    ) -> Self {
        let parts = sealed(key, start, part_size, &plaintext.bytes())
            .expect("the generator seals only what can be sealed");
        Self {
            tc_id: 0,
            comment: comment.to_owned(),
            flags: flags(own),
            result: Outcome::Valid,
            key: key.into(),
            start: start.into(),
            part_size,
            plaintext: Some(plaintext),
            parts: parts.iter().map(|part| CiphertextValue::of(part)).collect(),
        }
    }

    /// Stored parts that do not open.
    pub(super) fn broken(
        comment: &str,
        own: &[&str],
        (key, start): ([u8; 32], [u8; 16]),
        part_size: u64,
        parts: &[Vec<u8>],
    ) -> Self {
        Self {
            tc_id: 0,
            comment: comment.to_owned(),
            flags: flags(own),
            result: Outcome::Invalid,
            key: key.into(),
            start: start.into(),
            part_size,
            plaintext: None,
            parts: parts.iter().map(|part| CiphertextValue::of(part)).collect(),
        }
    }

    /// The upload that these parts claim to be: its plaintext has what they have, but for a tag.
    pub(super) fn upload(&self) -> Option<Upload> {
        let stored = self
            .parts
            .iter()
            .try_fold(0_u64, |stored, part| stored.checked_add(part.length()))?;
        Some(Upload {
            cipher: Cipher::GcmObject,
            key: self.key.array()?,
            start: self.start.array()?,
            plaintext_size: stored.saturating_sub(16),
            part_size: self.part_size,
        })
    }

    /// The parts in full: as they stand in the file, or as the model seals the plaintext if that is what they are.
    pub(super) fn stored(&self) -> Option<Vec<Vec<u8>>> {
        let in_full: Option<Vec<_>> = self
            .parts
            .iter()
            .map(|part| match part {
                CiphertextValue::Full { hex } => Some(hex.0.clone()),
                CiphertextValue::Digest { .. } => None,
            })
            .collect();
        in_full.or_else(|| {
            let plaintext = self.plaintext.as_ref()?.bytes();
            let parts = sealed(
                self.key.array()?,
                self.start.array()?,
                self.part_size,
                &plaintext,
            )?;
            let same = parts.iter().map(|part| CiphertextValue::of(part));
            same.eq(self.parts.iter().cloned()).then_some(parts)
        })
    }
}

/// The parts as the model seals them; `None` if it cannot.
pub(super) fn sealed(
    key: [u8; 32],
    start: [u8; 16],
    part_size: u64,
    plaintext: &[u8],
) -> Option<Vec<Vec<u8>>> {
    let length = super::value::length_of(plaintext);
    let layout = Layout::new(Cipher::GcmObject, length, PartSize::new(part_size)?).ok()?;
    (layout.wire().count() <= MAX_PART_COUNT).then_some(())?;
    let object = gcm_object::seal(ContentKey(key), Start(start), plaintext).ok()?;
    let part_size = usize::try_from(part_size).ok()?;
    Some(object.chunks(part_size).map(<[u8]>::to_vec).collect())
}
