//! Byte arrays as hexadecimal text in cases, so that a key is one readable word.

use serde::{Deserialize, Deserializer, Serializer, de};

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
    let expected = || de::Error::custom(format!("{text:?}, expected {} hexadecimal digits", 2 * N));
    let bytes = data_encoding::HEXLOWER_PERMISSIVE
        .decode(text.as_bytes())
        .map_err(|_| expected())?;
    bytes.try_into().map_err(|_| expected())
}

/// Lower-case digits.
pub fn text(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}
