//! Bytes as JSON has them: Base64 with padding.

use std::borrow::Cow;

use data_encoding::BASE64;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// Bytes, written as Base64 with padding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base64(pub Vec<u8>);

impl Serialize for Base64 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&BASE64.encode_display(&self.0))
    }
}

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        let wrong = |problem: &str| D::Error::custom(format!("not Base64 with padding: {problem}"));
        let bytes = BASE64
            .decode(text.as_bytes())
            .map_err(|error| wrong(&error.to_string()))?;
        // The library reads several texts, each with its padding, one behind the other.
        match BASE64.encode(&bytes) == text {
            true => Ok(Self(bytes)),
            false => Err(wrong("padding in the middle")),
        }
    }
}
