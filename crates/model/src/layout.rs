//! How a plaintext lies in the parts of a content cipher: the size arithmetic of each, tags included. Everything is
//! computed in `u128`, so that no size up to `u64::MAX` can overflow, and refused where the result is no `u64`.

use std::ops::Range;

use crate::cipher::Cipher;
use crate::limits::{MAX_GCM_MESSAGE, PART_SIZE_ALIGNMENT};
use crate::plan::Plan;
use crate::rules;
use crate::size::{DataSize, PartNumber, PartSize};
use crate::verdict::Rejection;

/// Bytes of an AES-GCM tag.
pub const TAG: u64 = 16;

/// A plaintext of a given size in parts of a given size under a given cipher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    cipher: Cipher,
    plaintext: u64,
    wire: Plan,
}

/// Where the tag of a GCM object lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagPlace {
    /// After the last plaintext byte, in the same part.
    LastPart,
    /// The plaintext fills its last part: the tag is one more part by itself.
    OwnPart,
    /// The last part has less than 16 bytes free: some bytes of the tag fill it, the rest is one more part.
    Split,
}

impl Layout {
    /// How `plaintext` bytes lie in parts of `part` bytes on the wire.
    ///
    /// # Errors
    /// A part size that is no multiple of 16, or that leaves no room beside GCM part's tag; a message beyond what GCM
    /// allows; sizes beyond 64 bits. Limits of the service are not checked here: see [`Plan::objections`].
    pub fn new(cipher: Cipher, plaintext: u64, part: PartSize) -> Result<Self, Rejection> {
        if !part.bytes().is_multiple_of(PART_SIZE_ALIGNMENT) {
            return Err(Rejection {
                rule: rules::PART_SIZE_ALIGNED,
                detail: format!("part size {part} is not a multiple of {PART_SIZE_ALIGNMENT}"),
            });
        }
        let message = match cipher {
            Cipher::Ctr => 0,
            Cipher::GcmObject => plaintext,
            Cipher::GcmPart => plaintext.min(part.bytes().saturating_sub(TAG)),
        };
        if message > MAX_GCM_MESSAGE {
            return Err(Rejection {
                rule: rules::GCM_MESSAGE_LIMIT,
                detail: format!("a message of {message} bytes, expected at most {MAX_GCM_MESSAGE}"),
            });
        }
        let tags = match cipher {
            Cipher::Ctr => 0,
            Cipher::GcmObject => 1,
            Cipher::GcmPart => {
                let room = part
                    .bytes()
                    .checked_sub(TAG)
                    .filter(|room| *room > 0)
                    .ok_or_else(|| Rejection {
                        rule: rules::DECLARED_SIZES,
                        detail: format!(
                            "part size {part} leaves no room beside a tag of {TAG} bytes"
                        ),
                    })?;
                // An empty plaintext is still one sealed part: its tag says that it is empty.
                plaintext.div_ceil(room).max(1)
            }
        };
        let data =
            u128::from(plaintext).saturating_add(u128::from(tags).saturating_mul(u128::from(TAG)));
        let data = u64::try_from(data).map_err(|_| Rejection {
            rule: rules::OBJECT_TOO_LARGE,
            detail: format!("{plaintext} bytes of plaintext make {data} bytes with {tags} tags, expected at most 2^64 - 1"),
        })?;
        Ok(Self {
            cipher,
            plaintext,
            wire: Plan {
                data: DataSize::new(data),
                part,
            },
        })
    }

    /// The cipher.
    pub fn cipher(&self) -> Cipher {
        self.cipher
    }

    /// Bytes of plaintext.
    pub fn plaintext(&self) -> u64 {
        self.plaintext
    }

    /// What is declared and sent: ciphertext and tags.
    pub fn wire(&self) -> Plan {
        self.wire
    }

    /// Which plaintext bytes part `number` holds: empty for a part that is all tag, `None` if there is no such part.
    pub fn plaintext_of(&self, number: PartNumber) -> Option<Range<u64>> {
        let slice = self.wire.slice(number)?;
        let start = slice.offset.bytes();
        match self.cipher {
            Cipher::Ctr | Cipher::GcmObject => {
                let end = start.saturating_add(slice.length).min(self.plaintext);
                Some(start.min(self.plaintext)..end)
            }
            Cipher::GcmPart => {
                // Every part before this one gave 16 of its bytes to a tag.
                let tags_before = number.get().saturating_sub(1).saturating_mul(TAG);
                let start = start.saturating_sub(tags_before);
                Some(start..start.saturating_add(slice.length.saturating_sub(TAG)))
            }
        }
    }

    /// Which of the 16 tag bytes of a GCM object part `number` holds, after its ciphertext. Empty for other ciphers.
    pub fn object_tag_of(&self, number: PartNumber) -> Option<Range<u64>> {
        let slice = self.wire.slice(number)?;
        if self.cipher != Cipher::GcmObject {
            return Some(0..0);
        }
        let end = slice.offset.bytes().saturating_add(slice.length);
        let in_tag = |position: u64| position.saturating_sub(self.plaintext);
        Some(in_tag(slice.offset.bytes())..in_tag(end))
    }

    /// Where the tag of a GCM object lies; `None` for other ciphers.
    pub fn tag_place(&self) -> Option<TagPlace> {
        if self.cipher != Cipher::GcmObject {
            return None;
        }
        let used = self.plaintext.checked_rem(self.wire.part.bytes())?;
        let free = self.wire.part.bytes().saturating_sub(used);
        Some(match (used, free) {
            (0, _) if self.plaintext > 0 => TagPlace::OwnPart,
            (_, free) if free < TAG => TagPlace::Split,
            _ => TagPlace::LastPart,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(cipher: Cipher, plaintext: u64, part: u64) -> Layout {
        Layout::new(cipher, plaintext, PartSize::new(part).unwrap()).unwrap()
    }

    #[test]
    fn ctr_adds_nothing() {
        let layout = layout(Cipher::Ctr, 250_000, 102_400);
        assert_eq!(
            (layout.wire().data.bytes(), layout.wire().count()),
            (250_000, 3)
        );
        assert_eq!(layout.tag_place(), None);
    }

    #[test]
    fn the_tag_of_a_gcm_object_spills_when_the_last_part_is_nearly_full() {
        for (plaintext, data, count, place) in [
            (0, 16, 1, TagPlace::LastPart),
            (32, 48, 1, TagPlace::LastPart),
            (48, 64, 1, TagPlace::LastPart),
            (49, 65, 2, TagPlace::Split),
            (63, 79, 2, TagPlace::Split),
            (64, 80, 2, TagPlace::OwnPart),
            (65, 81, 2, TagPlace::LastPart),
        ] {
            let layout = layout(Cipher::GcmObject, plaintext, 64);
            let wire = layout.wire();
            assert_eq!(
                (wire.data.bytes(), wire.count(), layout.tag_place()),
                (data, count, Some(place)),
                "{plaintext}"
            );
        }
    }

    #[test]
    fn a_split_tag_is_split_between_the_last_two_parts() {
        let layout = layout(Cipher::GcmObject, 60, 64);
        let part = |number| PartNumber::new(number).unwrap();
        assert_eq!(layout.plaintext_of(part(1)), Some(0..60));
        assert_eq!(layout.object_tag_of(part(1)), Some(0..4));
        assert_eq!(layout.plaintext_of(part(2)), Some(60..60));
        assert_eq!(layout.object_tag_of(part(2)), Some(4..16));
        assert_eq!(layout.object_tag_of(part(3)), None);
    }

    #[test]
    fn every_part_of_gcm_part_carries_its_tag() {
        let layout = layout(Cipher::GcmPart, 100, 64);
        assert_eq!(
            (layout.wire().data.bytes(), layout.wire().count()),
            (148, 3)
        );
        let plaintext_of = |number| layout.plaintext_of(PartNumber::new(number).unwrap());
        assert_eq!(
            [plaintext_of(1), plaintext_of(2), plaintext_of(3)],
            [Some(0..48), Some(48..96), Some(96..100)]
        );
        assert_eq!(self::layout(Cipher::GcmPart, 0, 64).wire().data.bytes(), 16);
    }

    #[test]
    fn refusals_name_their_rule() {
        let rule = |cipher, plaintext, part| {
            Layout::new(cipher, plaintext, PartSize::new(part).unwrap())
                .unwrap_err()
                .rule
                .id
        };
        assert_eq!(rule(Cipher::Ctr, 1, 17), "part-size-aligned");
        assert_eq!(rule(Cipher::GcmPart, 1, 16), "declared-sizes");
        assert_eq!(
            rule(Cipher::GcmObject, MAX_GCM_MESSAGE + 1, 16),
            "gcm-message-limit"
        );
        assert_eq!(rule(Cipher::GcmPart, u64::MAX, 32), "object-too-large");
        assert_eq!(
            rule(Cipher::GcmPart, u64::MAX, 1 << 40),
            "gcm-message-limit"
        );
    }
}
