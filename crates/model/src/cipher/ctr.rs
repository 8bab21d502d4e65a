//! AES-256-CTR: ciphertext byte i = plaintext byte i xor AES(key, start + i/16)[i mod 16], the counter block being
//! the start as one 128-bit big-endian number that wraps at 2^128. Encryption and decryption are the same.

use aes::Aes256;
use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};

use super::{ContentKey, Start};
use crate::size::ByteOffset;

/// The block that is encrypted for the bytes from 16 * `index`.
pub fn counter_block(start: Start, index: u128) -> [u8; 16] {
    u128::from_be_bytes(start.0)
        .wrapping_add(index)
        .to_be_bytes()
}

/// The index whose block has this keystream: where in an object, in blocks of 16 bytes, it was made for.
pub fn index_of(key: ContentKey, start: Start, keystream: [u8; 16]) -> u128 {
    let mut block = keystream.into();
    Aes256::new(&key.0.into()).decrypt_block(&mut block);
    u128::from_be_bytes(block.into()).wrapping_sub(u128::from_be_bytes(start.0))
}

/// Encrypts or decrypts bytes that begin at `offset` of the object. With a part's slice this is the part; with the
/// whole object from zero it is the object.
pub fn apply(key: ContentKey, start: Start, offset: ByteOffset, bytes: &[u8]) -> Vec<u8> {
    let cipher = Aes256::new(&key.0.into());
    let (first, within) = (offset.bytes() >> 4, offset.bytes() & 15);
    let within = usize::try_from(within).expect("a remainder of 16");
    // One more, for when the first block is entered in the middle.
    let blocks = bytes.len().div_ceil(16).saturating_add(1);
    let indices = (u128::from(first)..).take(blocks);
    let mut keystream: Vec<_> = indices
        .map(|index| counter_block(start, index).into())
        .collect();
    cipher.encrypt_blocks(&mut keystream);
    let keystream: Vec<[u8; 16]> = keystream.into_iter().map(Into::into).collect();
    let keystream = keystream.as_flattened().get(within..);
    let pairs = bytes.iter().zip(keystream.unwrap_or_default());
    pairs.map(|(byte, key)| byte ^ key).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counter_carries_through_all_16_bytes_and_wraps() {
        let all_ones = Start([0xff; 16]);
        assert_eq!(counter_block(all_ones, 0), [0xff; 16]);
        assert_eq!(counter_block(all_ones, 1), [0; 16]);
        let mut low_half = [0; 16];
        low_half[8..].fill(0xff);
        let mut carried = [0; 16];
        carried[7] = 1;
        assert_eq!(counter_block(Start(low_half), 1), carried);
    }

    #[test]
    fn keystream_tells_where_it_was_made_for() {
        let (key, start) = (ContentKey([7; 32]), Start([0xff; 16]));
        for index in [0, 1, 6_400, 1 << 40] {
            let offset = ByteOffset::new(index * 16);
            let keystream = apply(key, start, offset, &[0; 16]).try_into().unwrap();
            assert_eq!(index_of(key, start, keystream), index.into());
        }
    }

    #[test]
    fn a_slice_equals_its_place_in_the_whole() {
        let (key, start) = (ContentKey([7; 32]), Start([0xfe; 16]));
        let plaintext: Vec<u8> = (0..100).collect();
        let whole = apply(key, start, ByteOffset::new(0), &plaintext);
        for first in 0..100 {
            let offset = ByteOffset::new(u64::try_from(first).unwrap());
            assert_eq!(
                apply(key, start, offset, &plaintext[first..]),
                whole[first..],
                "from {first}"
            );
        }
    }
}
