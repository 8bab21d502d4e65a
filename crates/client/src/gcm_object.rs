//! GCM object: the bytes and the tag of one-shot AES-256-GCM over the whole object, with empty additional data, although its parts
//! are encrypted in any order and in parallel. Each part leaves the hash of its own ciphertext behind; the tag combines them.

use crate::cipher::Cipher;
use crate::content_key::ContentKey;
use crate::error::Error;
use crate::gcm::{Gcm, TAG_LENGTH};
use crate::ghash::{Hasher, Partial};
use crate::layout::Layout;

/// The cipher with its key and the object's nonce, the first 12 bytes of the start.
pub(crate) struct GcmObject {
    gcm: Gcm,
    nonce: [u8; 12],
}

impl GcmObject {
    pub(crate) fn new(key: &ContentKey) -> Result<Self, Error> {
        Ok(GcmObject {
            nonce: key.start_prefix(Cipher::GcmObject)?,
            gcm: Gcm::new(key),
        })
    }

    /// A hash for the ciphertext of one part.
    pub(crate) fn hasher(&self) -> Hasher<'_> {
        self.gcm.hash_key().hasher()
    }

    /// Encrypts the object's bytes from `offset` on, in place, and hashes the ciphertext.
    pub(crate) fn encrypt(&self, offset: u64, bytes: &mut [u8], hasher: &mut Hasher<'_>) {
        self.gcm.encrypt(&self.nonce, offset, bytes, hasher);
    }

    /// Hashes the object's ciphertext from `offset` on, and decrypts it in place.
    pub(crate) fn decrypt(&self, offset: u64, bytes: &mut [u8], hasher: &mut Hasher<'_>) {
        self.gcm.decrypt(&self.nonce, offset, bytes, hasher);
    }

    /// Decrypts from `offset` on without a look at the tag.
    pub(crate) fn apply(&self, offset: u64, bytes: &mut [u8]) {
        self.gcm.apply(&self.nonce, offset, bytes);
    }

    /// The object's tag, from the hashes of all parts in part-number order.
    pub(crate) fn tag<'p>(
        &self,
        layout: &Layout,
        hashes: impl IntoIterator<Item = &'p Partial>,
    ) -> [u8; TAG_LENGTH] {
        // All parts but the last that holds data have equally many blocks: one power of the hash key serves them all.
        let full_blocks = layout.part_size() / 16;
        let full_shift = self.gcm.hash_key().shift(full_blocks);
        let mut whole = Partial::zero();
        for (number, hash) in (1..).zip(hashes) {
            let data = layout
                .plaintext_of(number)
                .expect("one hash for each part of the layout");
            let blocks = data.end.saturating_sub(data.start).div_ceil(16);
            whole = if blocks == full_blocks {
                whole.then(&full_shift, hash)
            } else {
                whole.then(&self.gcm.hash_key().shift(blocks), hash)
            };
        }
        self.gcm
            .tag(&self.nonce, &whole, 0, layout.plaintext_size())
    }
}
