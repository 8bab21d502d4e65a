//! Key wrapping: the content key and the start, each by itself under the RSA master key. Keys of 1,024 bits and up are
//! taken, because the vendors' own test keys are that small.

use std::fmt;

use rsa::pkcs1::{DecodeRsaPrivateKey, DecodeRsaPublicKey};
use rsa::pkcs8::{DecodePrivateKey, DecodePublicKey};
use rsa::rand_core::CryptoRng;
use rsa::traits::PublicKeyParts;
use rsa::{Oaep, Pkcs1v15Encrypt, PrivateKey, PublicKey};
use sha1::Sha1;

/// The smallest modulus that is taken, in bits.
pub const MIN_BITS: usize = 1_024;

/// A wrap algorithm that this model can compute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WrapAlg {
    /// `RSA/NONE/PKCS1Padding`: what every client sends.
    Pkcs1,
    /// `RSA/NONE/OAEPWithSHA-1AndMGF1Padding`: oss2's older local provider.
    OaepSha1,
}

impl WrapAlg {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Pkcs1, Self::OaepSha1];

    /// The value of the `wrap-alg` header.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pkcs1 => "RSA/NONE/PKCS1Padding",
            Self::OaepSha1 => "RSA/NONE/OAEPWithSHA-1AndMGF1Padding",
        }
    }

    /// The algorithm of that `wrap-alg`.
    pub fn from_name(name: &[u8]) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|wrap| wrap.name().as_bytes() == name)
    }
}

/// Why a master key cannot be used, or what it was given cannot be unwrapped.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The PEM text is not a key of a kind this model reads, or a public key that is too small.
    #[error(
        "not an RSA key of at least {MIN_BITS} bits in PEM: expected PKCS#1 (`RSA PRIVATE KEY`, `RSA PUBLIC KEY`), PKCS#8 (`PRIVATE KEY`) or SPKI (`PUBLIC KEY`)"
    )]
    NotAKey,
    /// The modulus of a private key is too small.
    #[error("an RSA key of {bits} bits, expected at least {MIN_BITS}")]
    TooSmall {
        /// Bits of the modulus.
        bits: usize,
    },
    /// A public key was given something to unwrap.
    #[error("this is a public key: unwrapping takes the private one")]
    PublicOnly,
    /// The wrapped bytes are not this key's.
    #[error("{given} wrapped bytes do not unwrap under this key with {algorithm}")]
    NotUnwrapped {
        /// How many bytes were given.
        given: usize,
        /// With which algorithm.
        algorithm: &'static str,
    },
    /// The bytes to wrap are too many for the key.
    #[error("{given} bytes are too many to wrap under this key")]
    NotWrapped {
        /// How many bytes were given.
        given: usize,
    },
}

/// An RSA master key: private, or only its public half.
pub struct MasterKey {
    public: PublicKey,
    private: Option<PrivateKey>,
}

impl MasterKey {
    /// Reads a key from PEM text.
    ///
    /// # Errors
    /// Text that is no RSA key, or a key below 1,024 bits.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let private = PrivateKey::from_pkcs1_pem(pem)
            .ok()
            .or_else(|| PrivateKey::from_pkcs8_pem(pem).ok());
        let public = match &private {
            Some(private) => private.to_public_key(),
            None => PublicKey::from_public_key_pem(pem)
                .ok()
                .or_else(|| PublicKey::from_pkcs1_pem(pem).ok())
                .ok_or(KeyError::NotAKey)?,
        };
        let bits = usize::try_from(public.n().bit_width()).unwrap_or(usize::MAX);
        if bits < MIN_BITS {
            return Err(KeyError::TooSmall { bits });
        }
        Ok(Self { public, private })
    }

    /// The modulus, big-endian and without leading zeros: it tells a key from every other.
    pub fn modulus(&self) -> Box<[u8]> {
        self.public.n_bytes()
    }

    /// Wraps a content key or a start.
    ///
    /// # Errors
    /// More bytes than the key can wrap.
    pub fn wrap(
        &self,
        algorithm: WrapAlg,
        rng: &mut impl CryptoRng,
        bytes: &[u8],
    ) -> Result<Vec<u8>, KeyError> {
        match algorithm {
            WrapAlg::Pkcs1 => self.public.encrypt(rng, Pkcs1v15Encrypt, bytes),
            WrapAlg::OaepSha1 => self.public.encrypt(rng, Oaep::<Sha1>::new(), bytes),
        }
        .map_err(|_| KeyError::NotWrapped { given: bytes.len() })
    }

    /// Unwraps what [`Self::wrap`] or any client wrapped; of any length, see [`crate::cipher::content_key`].
    ///
    /// With PKCS#1 v1.5 and the wrong key the answer is seldom an error: the library rejects implicitly, so wrong padding
    /// gives bytes of a length between 0 and the most, always the same for the same key and input, but not those that were
    /// wrapped. Their length is what gives them away, mostly.
    ///
    /// # Errors
    /// A public key; a number of bytes that is not the key's; bytes that do not unwrap, with OAEP.
    pub fn unwrap(&self, algorithm: WrapAlg, wrapped: &[u8]) -> Result<Vec<u8>, KeyError> {
        let private = self.private.as_ref().ok_or(KeyError::PublicOnly)?;
        match algorithm {
            WrapAlg::Pkcs1 => private.decrypt(Pkcs1v15Encrypt, wrapped),
            WrapAlg::OaepSha1 => private.decrypt(Oaep::<Sha1>::new(), wrapped),
        }
        .map_err(|_| KeyError::NotUnwrapped {
            given: wrapped.len(),
            algorithm: algorithm.name(),
        })
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MasterKey")
            .field("bits", &self.public.n().bit_width())
            .finish_non_exhaustive()
    }
}
