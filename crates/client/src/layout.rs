//! The layout: how a plaintext lies in the parts on the wire. In counter mode the two coincide. The GCM ciphers add tags, and
//! that is where clients err: one tag after the last byte of the object can spill, whole or split, into one more part, and a tag
//! in each part makes the wire longer than the plaintext part by part. Everything that counts bytes asks here.

use std::ops::Range;

use crate::cipher::Cipher;
use crate::error::Error;
use crate::plan::{self, MAX_PARTS, PREFERRED_PART_SIZE, Plan};

/// Bytes of an authentication tag.
pub const TAG_SIZE: u64 = 16;
/// The most plaintext bytes of one GCM message: 2^36 - 32 (NIST SP 800-38D, 5.2.1.1).
pub const MAX_GCM_MESSAGE: u64 = (1 << 36) - 32;

/// How a plaintext of a known size lies in wire parts under one cipher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    cipher: Cipher,
    plaintext_size: u64,
    data_size: u64,
    part_size: u64,
    part_count: u32,
}

impl Layout {
    /// The layout of `plaintext_size` bytes in wire parts of `part_size` bytes.
    ///
    /// The 102,400-byte floor is not enforced: it is a rule of Complete, and [`Layout::plan`] applies it.
    ///
    /// # Errors
    /// A part size that is 0 or no multiple of 16, or for GCM part not above 16; more than 10,000 parts; a GCM message of more
    /// than [`MAX_GCM_MESSAGE`] bytes; in counter mode, an empty plaintext.
    pub fn new(cipher: Cipher, plaintext_size: u64, part_size: u64) -> Result<Layout, Error> {
        let (data_size, part_count) = match cipher {
            Cipher::Ctr if plaintext_size == 0 => return Err(Error::EmptyObject),
            Cipher::Ctr => (
                plaintext_size,
                plan::count_parts(plaintext_size, part_size)?,
            ),
            Cipher::GcmObject => {
                check_message(cipher, plaintext_size)?;
                let data_size = plaintext_size.saturating_add(TAG_SIZE);
                (data_size, plan::count_parts(data_size, part_size)?)
            }
            Cipher::GcmPart => {
                plan::check_alignment(part_size)?;
                let room = part_size.saturating_sub(TAG_SIZE);
                if room == 0 {
                    return Err(Error::PartSizeWithinTag { part_size });
                }
                let part_count = plan::count_parts(plaintext_size, room)?.max(1);
                check_message(cipher, plaintext_size.min(room))?;
                let tags = TAG_SIZE.saturating_mul(u64::from(part_count));
                (plaintext_size.saturating_add(tags), part_count)
            }
        };
        Ok(Layout {
            cipher,
            plaintext_size,
            data_size,
            part_size,
            part_count,
        })
    }

    /// The layout with a part size that [`Plan`] accepts: [`PREFERRED_PART_SIZE`], or the smallest above it that keeps within
    /// 10,000 parts.
    ///
    /// # Errors
    /// An object too large for the service or the cipher, or empty in counter mode.
    pub fn automatic(cipher: Cipher, plaintext_size: u64) -> Result<Layout, Error> {
        let part_size = match cipher {
            Cipher::Ctr => Plan::automatic(plaintext_size)?.part_size(),
            Cipher::GcmObject => {
                Plan::automatic(plaintext_size.saturating_add(TAG_SIZE))?.part_size()
            }
            Cipher::GcmPart => {
                let fewest_bytes = plaintext_size
                    .div_ceil(u64::from(MAX_PARTS))
                    .next_multiple_of(16);
                fewest_bytes
                    .saturating_add(TAG_SIZE)
                    .max(PREFERRED_PART_SIZE)
            }
        };
        let layout = Layout::new(cipher, plaintext_size, part_size)?;
        layout.plan()?;
        Ok(layout)
    }

    /// The layout of an object that declares these sizes in its headers: the inverse of [`Layout::data_size`].
    ///
    /// # Errors
    /// As [`Layout::new`], and [`Error::ImpossibleSize`] for sizes that no plaintext makes.
    pub fn from_declared(cipher: Cipher, data_size: u64, part_size: u64) -> Result<Layout, Error> {
        let impossible = Error::ImpossibleSize {
            cipher,
            data_size,
            part_size,
        };
        let tag_count = match cipher {
            Cipher::Ctr => 0,
            Cipher::GcmObject => 1,
            Cipher::GcmPart => plan::count_parts(data_size, part_size)?,
        };
        let plaintext_size = TAG_SIZE
            .checked_mul(u64::from(tag_count))
            .and_then(|tags| data_size.checked_sub(tags))
            .ok_or_else(|| impossible.clone())?;
        let layout = Layout::new(cipher, plaintext_size, part_size)?;
        // A last part that is no longer than its tag counts one tag too many.
        if layout.data_size == data_size {
            Ok(layout)
        } else {
            Err(impossible)
        }
    }

    /// The wire sizes as a plan, which is what the service will judge.
    ///
    /// # Errors
    /// As [`Plan::explicit`].
    pub fn plan(&self) -> Result<Plan, Error> {
        Plan::explicit(self.data_size, self.part_size)
    }

    /// The cipher.
    pub fn cipher(&self) -> Cipher {
        self.cipher
    }

    /// Bytes of the plaintext.
    pub fn plaintext_size(&self) -> u64 {
        self.plaintext_size
    }

    /// Bytes on the wire: the `data-size` header.
    pub fn data_size(&self) -> u64 {
        self.data_size
    }

    /// Bytes on the wire of every part but the last: the `part-size` header.
    pub fn part_size(&self) -> u64 {
        self.part_size
    }

    /// The number of parts, 1 to 10,000.
    pub fn part_count(&self) -> u32 {
        self.part_count
    }

    /// The bytes of the plaintext that part `number` holds; none outside the upload. Empty in a part of nothing but a tag.
    pub fn plaintext_of(&self, number: u32) -> Option<Range<u64>> {
        let room = match self.cipher {
            Cipher::Ctr | Cipher::GcmObject => self.part_size,
            Cipher::GcmPart => self.part_size.saturating_sub(TAG_SIZE),
        };
        self.cut(number, room, self.plaintext_size)
    }

    /// Bytes of part `number` on the wire; none outside the upload.
    pub fn length_of(&self, number: u32) -> Option<u64> {
        self.wire_of(number)
            .map(|wire| wire.end.saturating_sub(wire.start))
    }

    /// The bytes of the object's tag that part `number` carries after its data; none outside the upload.
    ///
    /// Empty for every cipher but GCM object: the tags of GCM part belong to the parts.
    pub fn tag_of(&self, number: u32) -> Option<Range<usize>> {
        let wire = self.wire_of(number)?;
        if self.cipher != Cipher::GcmObject {
            return Some(0..0);
        }
        let within_tag = |end: u64| usize::try_from(end.saturating_sub(self.plaintext_size)).ok();
        Some(within_tag(wire.start)?..within_tag(wire.end)?)
    }

    /// The bytes of the object that part `number` is on the wire; none outside the upload.
    pub fn wire_of(&self, number: u32) -> Option<Range<u64>> {
        self.cut(number, self.part_size, self.data_size)
    }

    /// Piece `number` of `total` bytes cut every `size`, empty where the bytes are used up.
    fn cut(&self, number: u32, size: u64, total: u64) -> Option<Range<u64>> {
        if number > self.part_count {
            return None;
        }
        let start = u64::from(number.checked_sub(1)?)
            .saturating_mul(size)
            .min(total);
        Some(start..start.saturating_add(size).min(total))
    }
}

fn check_message(cipher: Cipher, size: u64) -> Result<(), Error> {
    if size > MAX_GCM_MESSAGE {
        return Err(Error::MessageTooLong {
            cipher,
            size,
            limit: MAX_GCM_MESSAGE,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::plan::{MAX_OBJECT_SIZE, MAX_PART_SIZE};

    #[test]
    fn the_tag_spills_whole_or_split() {
        let parts = |plaintext_size| {
            let layout = Layout::new(Cipher::GcmObject, plaintext_size, 64).unwrap();
            (1..=layout.part_count())
                .map(|n| (layout.plaintext_of(n).unwrap(), layout.tag_of(n).unwrap()))
                .collect::<Vec<_>>()
        };
        assert_eq!(parts(0), [(0..0, 0..16)]);
        assert_eq!(parts(48), [(0..48, 0..16)]);
        assert_eq!(parts(49), [(0..49, 0..15), (49..49, 15..16)]);
        assert_eq!(parts(64), [(0..64, 0..0), (64..64, 0..16)]);
        assert_eq!(parts(65), [(0..64, 0..0), (64..65, 0..16)]);
    }

    #[test]
    fn refusals() {
        assert_eq!(Layout::new(Cipher::Ctr, 0, 16), Err(Error::EmptyObject));
        assert_eq!(
            Layout::new(Cipher::GcmPart, 5, 16),
            Err(Error::PartSizeWithinTag { part_size: 16 })
        );
        for cipher in Cipher::ALL {
            for part_size in [0, 8, 17] {
                assert_eq!(
                    Layout::new(cipher, 5, part_size),
                    Err(Error::PartSizeUnaligned { part_size })
                );
                assert_eq!(
                    Layout::from_declared(cipher, 500, part_size),
                    Err(Error::PartSizeUnaligned { part_size })
                );
            }
            assert!(Layout::new(cipher, u64::MAX, 1 << 20).is_err());
            assert!(
                Layout::new(cipher, u64::MAX, u64::MAX - 15).is_ok() == (cipher == Cipher::Ctr)
            );
        }
        assert!(Layout::new(Cipher::GcmObject, MAX_GCM_MESSAGE, 1 << 30).is_ok());
        assert!(Layout::new(Cipher::GcmObject, MAX_GCM_MESSAGE + 1, 1 << 30).is_err());
        for data_size in [0, 15, 64 + 1, 64 + 16] {
            let impossible = Error::ImpossibleSize {
                cipher: Cipher::GcmPart,
                data_size,
                part_size: 64,
            };
            assert_eq!(
                Layout::from_declared(Cipher::GcmPart, data_size, 64),
                Err(impossible)
            );
        }
        assert_eq!(
            Layout::from_declared(Cipher::GcmPart, 64 + 17, 64)
                .unwrap()
                .plaintext_size(),
            49
        );
    }

    #[test]
    fn automatic_reaches_the_largest_object() {
        assert_eq!(
            Layout::automatic(Cipher::Ctr, MAX_OBJECT_SIZE)
                .unwrap()
                .part_size(),
            MAX_PART_SIZE
        );
        let sealed = MAX_OBJECT_SIZE - 10_000 * TAG_SIZE;
        let layout = Layout::automatic(Cipher::GcmPart, sealed).unwrap();
        assert_eq!(
            (layout.part_size(), layout.data_size()),
            (MAX_PART_SIZE, MAX_OBJECT_SIZE)
        );
        assert!(Layout::automatic(Cipher::GcmPart, sealed + 1).is_err());
        assert!(Layout::automatic(Cipher::GcmObject, MAX_GCM_MESSAGE).is_ok());
    }

    proptest! {
        #[test]
        fn parts_add_up(cipher in prop::sample::select(&Cipher::ALL), plaintext in 0..5_000_u64, blocks in 2..40_u64) {
            let plaintext = if cipher == Cipher::Ctr { plaintext.max(1) } else { plaintext };
            let layout = Layout::new(cipher, plaintext, blocks * 16).unwrap();
            prop_assert_eq!(Layout::from_declared(cipher, layout.data_size(), layout.part_size()), Ok(layout));
            let mut expected_start = 0;
            let mut wire = 0;
            for number in 1..=layout.part_count() {
                let range = layout.plaintext_of(number).unwrap();
                prop_assert_eq!(range.start, expected_start);
                expected_start = range.end;
                let length = layout.length_of(number).unwrap();
                prop_assert!(length > 0 && length <= layout.part_size());
                prop_assert!(length == layout.part_size() || number == layout.part_count());
                wire += length;
            }
            prop_assert_eq!((expected_start, wire), (plaintext, layout.data_size()));
            prop_assert_eq!(layout.plaintext_of(layout.part_count() + 1), None);
            prop_assert_eq!(layout.length_of(0), None);
        }
    }
}
