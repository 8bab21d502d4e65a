//! Bytes as hexadecimal text in cases, so that a key is one readable word.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::shown;

/// Bytes as lower-case hexadecimal text.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Hex(
    /// The bytes.
    pub Vec<u8>,
);

impl Hex {
    /// As an array, if there are exactly that many.
    pub fn array<const N: usize>(&self) -> Option<[u8; N]> {
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
        f.write_str(&text(&self.0))
    }
}

impl Serialize for Hex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&text(&self.0))
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
                    "{}, expected an even number of lower-case hexadecimal digits",
                    shown(&text)
                ))
            })
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Hex {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Hex".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "Bytes as lower-case hexadecimal text.",
            "type": "string",
            "pattern": "^([0-9a-f]{2})*$",
        })
    }
}

/// As lower-case digits.
///
/// # Errors
/// Those of the serializer.
pub fn serialize<S: Serializer, const N: usize>(
    bytes: &[u8; N],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&text(bytes))
}

/// From digits of either case.
///
/// # Errors
/// Another number of digits, or what is none.
pub fn deserialize<'de, D: Deserializer<'de>, const N: usize>(
    deserializer: D,
) -> Result<[u8; N], D::Error> {
    let text = String::deserialize(deserializer)?;
    let expected = || {
        de::Error::custom(format!(
            "{}, expected {} hexadecimal digits",
            shown(&text),
            2 * N
        ))
    };
    let bytes = data_encoding::HEXLOWER_PERMISSIVE
        .decode(text.as_bytes())
        .map_err(|_| expected())?;
    bytes.try_into().map_err(|_| expected())
}

/// Lower-case digits.
pub fn text(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}
