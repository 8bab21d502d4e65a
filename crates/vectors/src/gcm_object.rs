//! GCM object: one tag over an object in parts, and what was done to stored parts that must not open.

use partproof_model::cipher::gcm_object;
use partproof_model::limits::MAX_PART_COUNT;
use partproof_model::{Cipher, ContentKey, Layout, PartSize, Start};

use super::file::Outcome;
use super::test::{Derive, Wrong, test};
use super::value::{CiphertextValue, Hex, PlaintextValue, exactly};
use partproof_suite::subject::Upload;

test! {
    /// An object in parts.
    GcmObjectTest {
        /// The content key.
        given key: Hex,
        /// The nonce in 12 bytes, then 4 that are zero.
        given start: Hex,
        /// Bytes of every part but the last, as sent.
        given part_size: u64,
        /// Of the whole object; absent when the parts do not open.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        given plaintext: Option<PlaintextValue>,
        /// The ciphertext of every part in order, tag bytes included.
        derived parts: Vec<CiphertextValue>,
    }
}

impl Derive for GcmObjectTest {
    type Shared = ();

    /// What has a plaintext is sealed. Without one the parts are given: stored ones that do not open.
    fn derive(&self, (): &()) -> Result<Self, Wrong> {
        let Some(plaintext) = &self.plaintext else {
            let opened = self.upload().and_then(|upload| {
                let object = self.stored()?.concat();
                gcm_object::open(ContentKey(upload.key), Start(upload.start), &object).ok()
            });
            return match opened {
                None => Ok(Self {
                    result: Outcome::Invalid,
                    ..self.clone()
                }),
                Some(_) => Err(Wrong::new(
                    "parts that open",
                    "their plaintext, or parts that do not open",
                )),
            };
        };
        let (key, start) = (exactly(&self.key, "key")?, exactly(&self.start, "start")?);
        let parts = sealed(key, start, self.part_size, &plaintext.bytes());
        let parts = parts.ok_or_else(|| Wrong::new("no object", "one that can be sealed"))?;
        Ok(Self {
            result: Outcome::Valid,
            parts: parts.iter().map(|part| CiphertextValue::of(part)).collect(),
            ..self.clone()
        })
    }
}

impl GcmObjectTest {
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
