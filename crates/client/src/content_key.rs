//! The content key: the secret of one object, its AES-256 key and its start. One content key encrypts one object: under a second
//! one the keystream repeats and both plaintexts leak (faults B09, B15).

use std::fmt;

use aws_lc_rs::rand;
use zeroize::Zeroizing;

use crate::cipher::Cipher;
use crate::error::Error;

/// Bytes of the AES-256 key.
pub const KEY_SIZE: usize = 32;
/// Bytes of the start.
pub const START_SIZE: usize = 16;

/// Key and start of one object. Wiped when dropped, and never printed.
///
/// The expanded keys inside the cipher libraries are theirs to wipe.
#[derive(Clone)]
pub struct ContentKey {
    key: Zeroizing<[u8; KEY_SIZE]>,
    start: Zeroizing<[u8; START_SIZE]>,
}

impl ContentKey {
    /// A fresh content key from the system's secure random generator.
    ///
    /// The start has the shape its cipher needs: for counter mode 8 random bytes, 4 zeros, 4 random, which the 64-bit counters of
    /// the sibling clients need (service-rules.md, 3); for GCM object 12 random bytes and 4 zeros; for GCM part 8 and 8.
    ///
    /// # Errors
    /// [`Error::Random`] if the generator fails.
    pub fn generate(cipher: Cipher) -> Result<Self, Error> {
        let mut fresh = ContentKey::new([0; KEY_SIZE], [0; START_SIZE]);
        rand::fill(fresh.key.as_mut_slice()).map_err(|_| Error::Random)?;
        rand::fill(fresh.start.as_mut_slice()).map_err(|_| Error::Random)?;
        let zeros = match cipher {
            Cipher::Ctr => 8..12,
            Cipher::GcmObject => 12..16,
            Cipher::GcmPart => 8..16,
        };
        fresh
            .start
            .get_mut(zeros)
            .expect("within the 16 bytes of the start")
            .fill(0);
        Ok(fresh)
    }

    /// A content key of known bytes.
    pub fn new(key: [u8; KEY_SIZE], start: [u8; START_SIZE]) -> Self {
        ContentKey {
            key: Zeroizing::new(key),
            start: Zeroizing::new(start),
        }
    }

    /// A content key of 32 bytes of key and 16 bytes of start.
    ///
    /// # Errors
    /// [`Error::KeyLength`] for any other length.
    pub fn from_slices(key: &[u8], start: &[u8]) -> Result<Self, Error> {
        let length = |what, given, expected| Error::KeyLength {
            what,
            given,
            expected,
        };
        Ok(ContentKey::new(
            key.try_into()
                .map_err(|_| length("content key", key.len(), KEY_SIZE))?,
            start
                .try_into()
                .map_err(|_| length("start", start.len(), START_SIZE))?,
        ))
    }

    /// The AES-256 key. Secret.
    pub fn expose_key(&self) -> &[u8; KEY_SIZE] {
        &self.key
    }

    /// The start: the first counter block in counter mode, the nonce and zeros in GCM. Secret only as a habit of the field.
    pub fn expose_start(&self) -> &[u8; START_SIZE] {
        &self.start
    }

    /// The first `N` bytes of the start, if the rest of it is zero, as a GCM cipher demands.
    pub(crate) fn start_prefix<const N: usize>(&self, cipher: Cipher) -> Result<[u8; N], Error> {
        let refusal = Error::StartShape { cipher, prefix: N };
        match self.start.split_first_chunk::<N>() {
            Some((prefix, rest)) if rest.iter().all(|&byte| byte == 0) => Ok(*prefix),
            _ => Err(refusal),
        }
    }
}

impl fmt::Debug for ContentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContentKey").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_key_has_its_ciphers_shape() {
        let start = |cipher| *ContentKey::generate(cipher).unwrap().expose_start();
        assert_eq!(start(Cipher::Ctr)[8..12], [0; 4]);
        assert_eq!(start(Cipher::GcmObject)[12..], [0; 4]);
        assert_eq!(start(Cipher::GcmPart)[8..], [0; 8]);
        assert_ne!(start(Cipher::GcmPart), start(Cipher::GcmPart));
    }

    #[test]
    fn lengths_and_shapes_are_checked() {
        assert!(ContentKey::from_slices(&[1; 32], &[2; 16]).is_ok());
        let refusal = Error::KeyLength {
            what: "content key",
            given: 16,
            expected: 32,
        };
        assert_eq!(
            ContentKey::from_slices(&[1; 16], &[2; 16]).unwrap_err(),
            refusal
        );
        let refusal = Error::KeyLength {
            what: "start",
            given: 15,
            expected: 16,
        };
        assert_eq!(
            ContentKey::from_slices(&[1; 32], &[2; 15]).unwrap_err(),
            refusal
        );
        let key = ContentKey::new([7; 32], [7; 16]);
        assert!(key.start_prefix::<12>(Cipher::GcmObject).is_err());
        assert_eq!(format!("{key:?}"), "ContentKey { .. }");
    }
}
