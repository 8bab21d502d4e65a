//! The values that vectors are made of: bytes, plaintexts, ciphertexts. Large ones stay small: a plaintext is a seed and
//! a length, a ciphertext its digest and its ends.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::test::Wrong;
pub(super) use partproof_suite::hex::Hex;
use partproof_suite::plaintext::Plaintext;

/// The longest ciphertext that stands in a file in full, in bytes.
const LONGEST_IN_FULL: usize = 256;

/// Bytes as an array.
///
/// # Errors
/// Another number of them.
pub(super) fn exactly<const N: usize>(bytes: &Hex, what: &str) -> Result<[u8; N], Wrong> {
    bytes.array().ok_or_else(|| {
        Wrong::new(
            format!("a {what} of {} bytes", bytes.0.len()),
            format!("{N} bytes"),
        )
    })
}

/// A plaintext: in full, or as a seed and a length (`docs/VECTORS.md` has the stream).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(
    untagged,
    deny_unknown_fields,
    expecting = "a plaintext: {\"hex\"} or {\"seed\", \"length\"}"
)]
pub enum PlaintextValue {
    /// In full.
    Full {
        /// The bytes.
        hex: Hex,
    },
    /// A slice of a seeded stream.
    Seeded {
        /// Of the stream; 0 is all zeros.
        seed: u32,
        /// In bytes.
        length: u64,
    },
}

impl PlaintextValue {
    /// In bytes.
    pub fn length(&self) -> u64 {
        match self {
            Self::Full { hex } => length_of(&hex.0),
            Self::Seeded { length, .. } => *length,
        }
    }

    /// The bytes; a seeded one begins at `offset` of its stream.
    pub fn bytes_from(&self, offset: u64) -> Vec<u8> {
        match self {
            Self::Full { hex } => hex.0.clone(),
            Self::Seeded { seed, length } => {
                let end = offset.saturating_add(*length);
                let stream = Plaintext {
                    seed: *seed,
                    length: end,
                };
                stream.slice(offset..end)
            }
        }
    }

    /// The bytes from the beginning of the stream.
    pub fn bytes(&self) -> Vec<u8> {
        self.bytes_from(0)
    }
}

/// A ciphertext: in full, or, above 256 bytes, as its digest and its ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(
    untagged,
    deny_unknown_fields,
    expecting = "a ciphertext: {\"hex\"} or {\"length\", \"sha256\", \"first\", \"last\"}"
)]
pub enum CiphertextValue {
    /// In full.
    Full {
        /// The bytes.
        hex: Hex,
    },
    /// Too long to stand in a file.
    Digest {
        /// In bytes.
        length: u64,
        /// SHA-256 of all of it.
        sha256: Hex,
        /// Its first 16 bytes.
        first: Hex,
        /// Its last 16 bytes.
        last: Hex,
    },
}

impl CiphertextValue {
    /// As these bytes stand in a file.
    pub fn of(bytes: &[u8]) -> Self {
        if bytes.len() <= LONGEST_IN_FULL {
            return Self::Full { hex: bytes.into() };
        }
        let end = bytes.len() - 16;
        Self::Digest {
            length: length_of(bytes),
            sha256: Hex(Sha256::digest(bytes).to_vec()),
            first: bytes[..16].into(),
            last: bytes[end..].into(),
        }
    }

    /// In bytes.
    pub fn length(&self) -> u64 {
        match self {
            Self::Full { hex } => length_of(&hex.0),
            Self::Digest { length, .. } => *length,
        }
    }
}

impl Default for CiphertextValue {
    fn default() -> Self {
        Self::of(&[])
    }
}

pub(super) fn length_of(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
