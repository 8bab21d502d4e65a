//! Counter mode: byte `i` of the object is exclusive-or'ed with byte `i mod 16` of AES(key, start + i/16). The counter is one
//! 128-bit big-endian number that wraps; a carry lost at 64 bits is the oldest fault of the field (B03, B06, P15). Any offset can
//! be reached directly, so parts and ranges need no state.

use aws_lc_rs::cipher::{AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;

use crate::content_key::ContentKey;
use crate::error::Error;

/// Encrypts or decrypts, in place, bytes that stand at `offset` (bytes) of an object in counter mode: the two are one operation.
///
/// For an object whose sizes are not declared, such as a single put. Where they are, [`crate::Encryptor`] and
/// [`crate::Decryptor`] check them.
///
/// # Errors
/// [`Error::RangeOutside`] if the range runs past 2^64 bytes.
pub fn apply_keystream(key: &ContentKey, offset: u64, bytes: &mut [u8]) -> Result<(), Error> {
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if offset.checked_add(length).is_none() {
        return Err(Error::RangeOutside {
            offset,
            length,
            plaintext_size: u64::MAX,
        });
    }
    Ctr::of_object(key).apply(offset, bytes);
    Ok(())
}

/// A keystream: an AES-256 key and the counter of its first block.
pub(crate) struct Ctr {
    key: EncryptingKey,
    start: u128,
}

impl Ctr {
    /// The keystream of an object in counter mode.
    pub(crate) fn of_object(key: &ContentKey) -> Self {
        Ctr::new(key, u128::from_be_bytes(*key.expose_start()))
    }

    /// The keystream whose first block has the counter `start`.
    pub(crate) fn new(key: &ContentKey, start: u128) -> Self {
        let key = UnboundCipherKey::new(&AES_256, key.expose_key()).and_then(EncryptingKey::ctr);
        Ctr {
            key: key.expect("AES-256 takes any 32 bytes as its key"),
            start,
        }
    }

    /// Applies the keystream from byte `offset` on.
    pub(crate) fn apply(&self, offset: u64, bytes: &mut [u8]) {
        self.apply_from(self.start, offset, bytes);
    }

    /// Applies the keystream that begins with the counter `start`, from its byte `offset` on.
    pub(crate) fn apply_from(&self, start: u128, offset: u64, bytes: &mut [u8]) {
        let counter = start.wrapping_add(u128::from(offset / 16));
        let skip = usize::try_from(offset % 16).expect("below 16");
        if skip == 0 {
            return self.apply_blocks(counter, bytes);
        }
        let keystream = self.block(counter);
        let in_block = bytes.len().min(16_usize.saturating_sub(skip));
        let (head, rest) = bytes.split_at_mut(in_block);
        for (byte, mask) in head.iter_mut().zip(keystream.iter().skip(skip)) {
            *byte ^= mask;
        }
        self.apply_blocks(counter.wrapping_add(1), rest);
    }

    /// The keystream block with this counter: AES of it.
    pub(crate) fn block(&self, counter: u128) -> [u8; 16] {
        let mut block = [0; 16];
        self.apply_blocks(counter, &mut block);
        block
    }

    fn apply_blocks(&self, counter: u128, bytes: &mut [u8]) {
        let context = EncryptionContext::Iv128(FixedLength::from(counter.to_be_bytes()));
        self.key
            .less_safe_encrypt(bytes, context)
            .expect("counter mode takes any length");
    }
}

#[cfg(test)]
mod tests {
    use base64::prelude::*;
    use proptest::prelude::*;

    use super::*;

    fn ascii_key() -> ContentKey {
        ContentKey::from_slices(b"12345678901234561234567890123456", b"1234567890123456").unwrap()
    }

    /// The keystream as it is defined, a block at a time.
    fn by_blocks(key: &ContentKey, length: usize) -> Vec<u8> {
        let start = u128::from_be_bytes(*key.expose_start());
        let aes = Ctr::of_object(key);
        (0..length.div_ceil(16))
            .flat_map(|n| aes.block(start.wrapping_add(u128::try_from(n).unwrap())))
            .take(length)
            .collect()
    }

    #[test]
    fn known_answer() {
        let mut bytes = *b"1234567890123456";
        apply_keystream(&ascii_key(), 0, &mut bytes).unwrap();
        assert_eq!(BASE64_STANDARD.encode(bytes), "wrnuWSenVochXx3m0QzCBQ==");
    }

    #[test]
    fn the_counter_carries_through_every_width_and_wraps() {
        for start in [
            u128::from(u32::MAX),
            u128::from(u64::MAX),
            (1 << 96) - 1,
            u128::MAX,
        ] {
            let key = ContentKey::new([9; 32], (start - 2).to_be_bytes());
            let mut streamed = vec![0; 160];
            apply_keystream(&key, 0, &mut streamed).unwrap();
            assert_eq!(streamed, by_blocks(&key, 160), "start {start:#x}");
        }
    }

    #[test]
    fn a_far_offset_is_reached_directly() {
        let offset = u64::MAX - 15;
        let mut far = [0; 15];
        apply_keystream(&ascii_key(), offset, &mut far).unwrap();
        let start = u128::from_be_bytes(*b"1234567890123456");
        let block = Ctr::of_object(&ascii_key()).block(start + u128::from(offset / 16));
        assert_eq!(far, block[..15]);
        assert!(apply_keystream(&ascii_key(), offset, &mut [0; 16]).is_err());
    }

    proptest! {
        #[test]
        fn any_seek_equals_streaming_from_zero(start: u128, offset in 0..100_usize, length in 0..100_usize) {
            let key = ContentKey::new([3; 32], start.to_be_bytes());
            let whole = by_blocks(&key, offset + length);
            let mut range = vec![0; length];
            apply_keystream(&key, u64::try_from(offset).unwrap(), &mut range).unwrap();
            prop_assert_eq!(&range, &whole[offset..]);
        }
    }
}
