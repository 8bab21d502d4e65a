//! The content ciphers: how an object's bytes are encrypted, by the name that the `cek-alg` header gives it. The names are the
//! wire format; a reader that guesses at an unknown one hands out ciphertext as data (fault E13).

use std::fmt;

use crate::error::Error;

/// A content cipher. Key 32 bytes, start 16 bytes, always AES-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cipher {
    /// Counter mode with a 128-bit counter: what every OSS client writes. Nothing is authenticated.
    Ctr,
    /// The bytes and the tag of one-shot AES-256-GCM over the whole object; the tag follows the last byte.
    GcmObject,
    /// Each part sealed by itself, its tag at its end, bound to its number and to the declared sizes.
    GcmPart,
}

impl Cipher {
    /// All of them.
    pub const ALL: [Cipher; 3] = [Cipher::Ctr, Cipher::GcmObject, Cipher::GcmPart];

    /// The value of the `cek-alg` header.
    pub fn cek_alg(self) -> &'static str {
        match self {
            Cipher::Ctr => "AES/CTR/NoPadding",
            Cipher::GcmObject => "AES/GCM/NoPadding",
            Cipher::GcmPart => "AES/GCM-PART/NoPadding",
        }
    }

    /// Reads the value of a `cek-alg` header, exactly as it is written.
    ///
    /// # Errors
    /// [`Error::UnknownCipher`] for any other name.
    pub fn from_cek_alg(name: &str) -> Result<Cipher, Error> {
        Cipher::ALL
            .into_iter()
            .find(|cipher| cipher.cek_alg() == name)
            .ok_or_else(|| Error::UnknownCipher {
                name: name.to_owned(),
            })
    }
}

impl fmt::Display for Cipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.cek_alg())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for cipher in Cipher::ALL {
            assert_eq!(Cipher::from_cek_alg(cipher.cek_alg()), Ok(cipher));
        }
        for name in [
            "",
            "aes/ctr/nopadding",
            "AES/CTR/NoPadding ",
            "AES/CBC/PKCS5Padding",
        ] {
            assert_eq!(
                Cipher::from_cek_alg(name),
                Err(Error::UnknownCipher {
                    name: name.to_owned()
                })
            );
        }
    }
}
