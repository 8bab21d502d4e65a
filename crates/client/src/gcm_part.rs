//! GCM part: each part sealed by itself. Its nonce is the first 8 bytes of the start and the part number; its additional data binds
//! the declared sizes, the number and the count, so that a part lost, swapped, cut short or taken from another upload is found out.
//! Whole parts go through aws-lc-rs, parts in chunks, which no library takes, through [`Gcm`].

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

use crate::cipher::Cipher;
use crate::content_key::ContentKey;
use crate::error::Error;
use crate::gcm::{Gcm, TAG_LENGTH};
use crate::ghash::Hasher;
use crate::layout::Layout;

/// The cipher with its key, the nonces' prefix and the sizes that every part is bound to.
pub(crate) struct GcmPart {
    whole: LessSafeKey,
    chunked: Gcm,
    prefix: [u8; 8],
    data_size: u64,
    part_size: u64,
    part_count: u32,
}

impl GcmPart {
    pub(crate) fn new(key: &ContentKey, layout: &Layout) -> Result<Self, Error> {
        let whole = UnboundKey::new(&AES_256_GCM, key.expose_key())
            .expect("AES-256 takes any 32 bytes as its key");
        Ok(GcmPart {
            whole: LessSafeKey::new(whole),
            chunked: Gcm::new(key),
            prefix: key.start_prefix(Cipher::GcmPart)?,
            data_size: layout.data_size(),
            part_size: layout.part_size(),
            part_count: layout.part_count(),
        })
    }

    /// Seals a part in place and appends its tag.
    pub(crate) fn seal(&self, number: u32, part: &mut Vec<u8>) {
        part.reserve_exact(TAG_LENGTH);
        let additional = Aad::from(self.additional(number));
        let nonce = Nonce::assume_unique_for_key(self.nonce(number));
        self.whole
            .seal_in_place_append_tag(nonce, additional, part)
            .expect("the layout bounds a part by GCM's limit");
    }

    /// Opens the ciphertext of a part in place. After a refusal the bytes are undefined.
    pub(crate) fn open(&self, number: u32, ciphertext: &mut [u8], tag: &[u8]) -> Result<(), Error> {
        let refusal = Error::PartNotAuthentic { number };
        let additional = Aad::from(self.additional(number));
        let nonce = Nonce::assume_unique_for_key(self.nonce(number));
        self.whole
            .open_in_place_separate_tag(nonce, additional, tag, ciphertext)
            .map(|_plaintext| ())
            .map_err(|_| refusal)
    }

    /// Begins a part that is encrypted in chunks.
    pub(crate) fn hasher(&self, number: u32) -> Hasher<'_> {
        let mut hasher = self.chunked.hash_key().hasher();
        hasher.update(&self.additional(number));
        hasher
    }

    /// Encrypts the part's bytes from `offset` of the part on, in place.
    pub(crate) fn encrypt(
        &self,
        number: u32,
        offset: u64,
        chunk: &mut [u8],
        hasher: &mut Hasher<'_>,
    ) {
        self.chunked
            .encrypt(&self.nonce(number), offset, chunk, hasher);
    }

    /// The tag of a part of `length` plaintext bytes, all of them hashed.
    pub(crate) fn tag(&self, number: u32, length: u64, hasher: Hasher<'_>) -> [u8; TAG_LENGTH] {
        let additional = u64::try_from(ADDITIONAL_LENGTH).expect("32 fits 64 bits");
        self.chunked
            .tag(&self.nonce(number), &hasher.finish(), additional, length)
    }

    fn nonce(&self, number: u32) -> [u8; 12] {
        let mut nonce = [0; 12];
        let (prefix, rest) = nonce.split_at_mut(8);
        prefix.copy_from_slice(&self.prefix);
        rest.copy_from_slice(&number.to_be_bytes());
        nonce
    }

    fn additional(&self, number: u32) -> [u8; ADDITIONAL_LENGTH] {
        let mut additional = [0; ADDITIONAL_LENGTH];
        let bound = [
            self.data_size,
            self.part_size,
            u64::from(number),
            u64::from(self.part_count),
        ];
        for (field, value) in additional.chunks_exact_mut(8).zip(bound) {
            field.copy_from_slice(&value.to_be_bytes());
        }
        additional
    }
}

/// Four 64-bit numbers.
const ADDITIONAL_LENGTH: usize = 32;
