//! The content ciphers, written for reading: block by block, with the counter in plain `u128` arithmetic.
//!
//! [`ctr`] is the wire format of every OSS client. The two authenticated profiles are Partproof's own, because no OSS
//! client has one: [`gcm_object`] is one-shot AES-256-GCM over the whole object, [`gcm_part`] seals each part by itself.

pub mod ctr;
pub mod gcm_object;
pub mod gcm_part;

use crate::rules;
use crate::verdict::Rejection;

/// A content cipher.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cipher {
    /// AES-256 in counter mode with a 128-bit big-endian counter.
    Ctr,
    /// One-shot AES-256-GCM over the whole object.
    GcmObject,
    /// AES-256-GCM over each part by itself.
    GcmPart,
}

impl Cipher {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Ctr, Self::GcmObject, Self::GcmPart];

    /// The value of the `cek-alg` header.
    pub fn cek_alg(self) -> &'static str {
        match self {
            Self::Ctr => "AES/CTR/NoPadding",
            Self::GcmObject => "AES/GCM/NoPadding",
            Self::GcmPart => "AES/GCM-PART/NoPadding",
        }
    }

    /// The cipher of that `cek-alg`; the service itself takes any value (question A20).
    pub fn from_cek_alg(name: &[u8]) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|cipher| cipher.cek_alg().as_bytes() == name)
    }

    /// Whether a start has the shape this cipher needs: any 16 bytes for CTR; zero where GCM counts or numbers.
    pub fn takes_start(self, start: Start) -> bool {
        match (self, start.0) {
            (Self::Ctr, _)
            | (Self::GcmObject, [.., 0, 0, 0, 0])
            | (Self::GcmPart, [.., 0, 0, 0, 0, 0, 0, 0, 0]) => true,
            (Self::GcmObject | Self::GcmPart, _) => false,
        }
    }
}

/// The counter start, "IV": 16 bytes. For GCM object the first 12 are the nonce and the rest zero; for GCM part the
/// first 8 are the upload's nonce prefix and the rest zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Start(pub [u8; 16]);

/// The content key: 32 bytes. The model works on test keys only, so it prints them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ContentKey(pub [u8; 32]);

/// Checks the length of an unwrapped content key.
///
/// # Errors
/// Any length but 32.
pub fn content_key(unwrapped: &[u8]) -> Result<ContentKey, Rejection> {
    unwrapped.try_into().map(ContentKey).map_err(|_| Rejection {
        rule: rules::WRAPPED_LENGTH,
        detail: format!("the content key has {} bytes, expected 32", unwrapped.len()),
    })
}

/// Checks the length of an unwrapped start.
///
/// # Errors
/// Any length but 16.
pub fn start(unwrapped: &[u8]) -> Result<Start, Rejection> {
    unwrapped.try_into().map(Start).map_err(|_| Rejection {
        rule: rules::WRAPPED_LENGTH,
        detail: format!("the start has {} bytes, expected 16", unwrapped.len()),
    })
}
