//! The values that vectors are made of: bytes, plaintexts, ciphertexts. Large ones stay small: a plaintext is a seed and
//! a length, a ciphertext its digest and its ends.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};

use super::file::Wrong;
use partproof_suite::hex;
use partproof_suite::plaintext::Plaintext;

/// The longest ciphertext that stands in a file in full, in bytes.
const LONGEST_IN_FULL: usize = 256;

/// Bytes as lower-case hexadecimal text.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Hex(pub Vec<u8>);

impl Hex {
    /// As an array.
    ///
    /// # Errors
    /// Another number of bytes.
    pub(super) fn exactly<const N: usize>(&self, what: &str) -> Result<[u8; N], Wrong> {
        self.array().ok_or_else(|| {
            Wrong::new(
                format!("a {what} of {} bytes", self.0.len()),
                format!("{N} bytes"),
            )
        })
    }

    /// As an array, if there are exactly that many.
    pub(super) fn array<const N: usize>(&self) -> Option<[u8; N]> {
        self.0.as_slice().try_into().ok()
    }
}

impl<const N: usize> From<[u8; N]> for Hex {
    fn from(bytes: [u8; N]) -> Self {
        Self(bytes.to_vec())
    }
}

impl From<&[u8]> for Hex {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

impl fmt::Debug for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::text(&self.0))
    }
}

impl Serialize for Hex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::text(&self.0))
    }
}

impl<'de> Deserialize<'de> for Hex {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        data_encoding::HEXLOWER
            .decode(text.as_bytes())
            .map(Self)
            .map_err(|_| {
                de::Error::custom(format!(
                    "{text:?}, expected an even number of lower-case hexadecimal digits"
                ))
            })
    }
}

impl JsonSchema for Hex {
    fn schema_name() -> Cow<'static, str> {
        "Hex".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Bytes as lower-case hexadecimal text.",
            "type": "string",
            "pattern": "^([0-9a-f]{2})*$",
        })
    }
}

/// A plaintext: in full, or as a seed and a length (`docs/VECTORS.md` has the stream).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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

impl fmt::Display for CiphertextValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full { hex } if hex.0.len() <= 64 => write!(f, "{hex:?}"),
            Self::Full { hex } => write!(
                f,
                "{:?}... ({} bytes)",
                Hex(hex.0[..64].to_vec()),
                hex.0.len()
            ),
            Self::Digest {
                length,
                sha256,
                first,
                last,
            } => write!(
                f,
                "{length} bytes, {first:?} ... {last:?}, SHA-256 {sha256:?}"
            ),
        }
    }
}

pub(super) fn length_of(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
