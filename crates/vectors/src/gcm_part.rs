//! GCM part: a part sealed by itself, bound to its number and to the declared sizes, and parts that must not open.

use partproof_model::cipher::gcm_part;
use partproof_model::{Cipher, ContentKey, Layout, PartNumber, PartSize, Start};

use super::file::Outcome;
use super::test::{Derive, Wrong, test};
use super::value::{CiphertextValue, Hex, PlaintextValue, exactly};
use partproof_suite::subject::Upload;

test! {
    /// One part of an object.
    GcmPartTest {
        /// The content key.
        given key: Hex,
        /// The upload's nonce prefix in 8 bytes, then 8 that are zero.
        given start: Hex,
        /// Bytes of the object as declared, tags included.
        given data_size: u64,
        /// Bytes of every part but the last as declared, tag included.
        given part_size: u64,
        /// ceil(data size / part size).
        derived part_count: u64,
        /// The part.
        given number: u64,
        /// What AES-256-GCM is given: the prefix, then the number in 4 bytes, big-endian.
        derived nonce: Hex,
        /// What AES-256-GCM is given: data size, part size, number and part count, 8 bytes each, big-endian.
        derived aad: Hex,
        /// Of this part alone; a seeded one is the plaintext's stream from the part's offset in it. Absent when the
        /// part does not open.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        given plaintext: Option<PlaintextValue>,
        /// With its tag of 16 bytes.
        derived ciphertext: CiphertextValue,
    }
}

/// The sizes of an upload and one of its parts.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) data_size: u64,
    pub(super) part_size: u64,
    pub(super) number: u64,
}

impl Place {
    /// The layout that declares these sizes; `None` if no plaintext makes them, or there is no such part.
    pub(super) fn layout(self) -> Option<(Layout, PartNumber)> {
        let part = PartSize::new(self.part_size)?;
        let tags = self.data_size.div_ceil(self.part_size).checked_mul(16)?;
        let plaintext = self.data_size.checked_sub(tags)?;
        let layout = Layout::new(Cipher::GcmPart, plaintext, part).ok()?;
        let number = PartNumber::new(self.number)?;
        let right =
            layout.wire().data.bytes() == self.data_size && layout.plaintext_of(number).is_some();
        right.then_some((layout, number))
    }

    /// Where the part begins in the plaintext, and how many bytes of it it holds.
    pub(super) fn plaintext(self) -> Option<(u64, u64)> {
        let (layout, number) = self.layout()?;
        let range = layout.plaintext_of(number)?;
        Some((range.start, range.end.checked_sub(range.start)?))
    }

    fn nonce(self, start: [u8; 16]) -> Hex {
        let number = self.number.to_be_bytes();
        Hex([&start[..8], &number[4..]].concat())
    }

    fn aad(self) -> Hex {
        let count = self.data_size.checked_div(self.part_size).unwrap_or(0);
        let count = match self.data_size.checked_rem(self.part_size) {
            Some(0) | None => count,
            Some(_) => count.saturating_add(1),
        };
        Hex([self.data_size, self.part_size, self.number, count]
            .map(u64::to_be_bytes)
            .concat())
    }
}

impl Derive for GcmPartTest {
    type Shared = ();

    /// What has a plaintext is sealed. Without one the ciphertext is given: a stored part that does not open at this place.
    fn derive(&self, (): &()) -> Result<Self, Wrong> {
        let (key, start) = (exactly(&self.key, "key")?, exactly(&self.start, "start")?);
        let place = self.place();
        let (result, ciphertext) = match &self.plaintext {
            Some(plaintext) => {
                let stored = sealed((key, start), place, plaintext);
                let stored =
                    stored.ok_or_else(|| Wrong::new("no part", "one that can be sealed"))?;
                (Outcome::Valid, CiphertextValue::of(&stored))
            }
            None => {
                let opened = place.layout().and_then(|(layout, number)| {
                    let stored = self.stored()?;
                    gcm_part::open(ContentKey(key), Start(start), layout, number, &stored).ok()
                });
                if opened.is_some() {
                    let expected = "its plaintext, or a part that does not open";
                    return Err(Wrong::new("a part that opens", expected));
                }
                (Outcome::Invalid, self.ciphertext.clone())
            }
        };
        Ok(Self {
            result,
            part_count: self.data_size.div_ceil(self.part_size.max(1)),
            nonce: place.nonce(start),
            aad: place.aad(),
            ciphertext,
            ..self.clone()
        })
    }
}

impl GcmPartTest {
    /// The sizes and the number.
    pub(super) fn place(&self) -> Place {
        Place {
            data_size: self.data_size,
            part_size: self.part_size,
            number: self.number,
        }
    }

    /// The upload that this part belongs to.
    pub(super) fn upload(&self) -> Option<Upload> {
        let (layout, _) = self.place().layout()?;
        Some(Upload {
            cipher: Cipher::GcmPart,
            key: self.key.array()?,
            start: self.start.array()?,
            plaintext_size: layout.plaintext(),
            part_size: self.part_size,
        })
    }

    /// The part in full: as it stands in the file, or as the model seals the plaintext if that is what it is.
    pub(super) fn stored(&self) -> Option<Vec<u8>> {
        match &self.ciphertext {
            CiphertextValue::Full { hex } => Some(hex.0.clone()),
            digest @ CiphertextValue::Digest { .. } => {
                let secrets = (self.key.array()?, self.start.array()?);
                let stored = sealed(secrets, self.place(), self.plaintext.as_ref()?)?;
                (CiphertextValue::of(&stored) == *digest).then_some(stored)
            }
        }
    }
}

/// A part as the model seals it; `None` if it cannot.
pub(super) fn sealed(
    (key, start): ([u8; 32], [u8; 16]),
    place: Place,
    plaintext: &PlaintextValue,
) -> Option<Vec<u8>> {
    let (layout, number) = place.layout()?;
    let (offset, _) = place.plaintext()?;
    let bytes = plaintext.bytes_from(offset);
    gcm_part::seal(ContentKey(key), Start(start), layout, number, &bytes).ok()
}
