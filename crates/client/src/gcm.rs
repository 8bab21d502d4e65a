//! AES-256-GCM in pieces: the keystream, the hash key and the tag as separate steps, for messages that no AEAD library can begin in
//! the middle or take in chunks. With a 12-byte nonce, block 1 masks the tag and the message begins with block 2.

use crate::content_key::ContentKey;
use crate::ctr::Ctr;
use crate::ghash::{Element, HashKey, Hasher, Partial, RUN, xor};

/// Bytes of a tag.
pub(crate) const TAG_LENGTH: usize = 16;

/// An AES-256-GCM key and its hash key.
pub(crate) struct Gcm {
    aes: Ctr,
    hash_key: HashKey,
}

impl Gcm {
    pub(crate) fn new(key: &ContentKey) -> Self {
        let aes = Ctr::new(key, 0);
        let hash_key = HashKey::new(key, aes.block(0));
        Gcm { aes, hash_key }
    }

    pub(crate) fn hash_key(&self) -> &HashKey {
        &self.hash_key
    }

    /// Encrypts the message's bytes from `offset` on, in place, and hashes the ciphertext.
    pub(crate) fn encrypt(
        &self,
        nonce: &[u8; 12],
        offset: u64,
        bytes: &mut [u8],
        hasher: &mut Hasher<'_>,
    ) {
        let mut position = offset;
        for chunk in bytes.chunks_mut(RUN) {
            self.apply(nonce, position, chunk);
            hasher.update(chunk);
            position = position.saturating_add(length(chunk));
        }
    }

    /// Hashes the message's ciphertext from `offset` on, and decrypts it in place. Not authentic until the tag is compared.
    pub(crate) fn decrypt(
        &self,
        nonce: &[u8; 12],
        offset: u64,
        bytes: &mut [u8],
        hasher: &mut Hasher<'_>,
    ) {
        let mut position = offset;
        for chunk in bytes.chunks_mut(RUN) {
            hasher.update(chunk);
            self.apply(nonce, position, chunk);
            position = position.saturating_add(length(chunk));
        }
    }

    /// Applies the keystream of the message from byte `offset` on.
    pub(crate) fn apply(&self, nonce: &[u8; 12], offset: u64, bytes: &mut [u8]) {
        self.aes.apply_from(counter(nonce, 2), offset, bytes);
    }

    /// The tag of a message whose additional data and ciphertext, each padded to blocks, hash to `hash`. Lengths in bytes.
    pub(crate) fn tag(
        &self,
        nonce: &[u8; 12],
        hash: &Partial,
        additional: u64,
        message: u64,
    ) -> [u8; TAG_LENGTH] {
        let bits = |bytes: u64| u128::from(bytes).wrapping_mul(8);
        let lengths: Element = (bits(additional) << 64 | bits(message)).to_be_bytes();
        let hash = self.hash_key.times(&xor(hash.as_element(), &lengths));
        xor(&hash, &self.aes.block(counter(nonce, 1)))
    }
}

/// The counter block of a 12-byte nonce: the nonce, then the number of the block.
fn counter(nonce: &[u8; 12], block: u32) -> u128 {
    let prefix = nonce
        .iter()
        .fold(0_u128, |prefix, &byte| prefix << 8 | u128::from(byte));
    prefix << 32 | u128::from(block)
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).expect("a slice in memory is below 2^64 bytes")
}
