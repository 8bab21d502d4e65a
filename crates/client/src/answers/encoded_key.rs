//! An object's key in an answer, which `encoding-type=url` percent-encodes, because XML 1.0 has no way to write every key. It is
//! decoded once (fault F08). A `+` stays a `+`: that is how RFC 3986 has it, and nothing the service documents says otherwise.

use percent_encoding::percent_decode_str;

use crate::error::Error;
use crate::xml::Document;

/// The elements `Key` and `EncodingType`.
#[derive(Default)]
pub(super) struct EncodedKey {
    key: Option<String>,
    encoding: Option<String>,
}

impl EncodedKey {
    /// Reads the current element if it is one of the two.
    pub(super) fn read(
        &mut self,
        document: &mut Document<'_>,
        element: &str,
    ) -> Result<bool, Error> {
        match element {
            "Key" => document.once(&mut self.key, "Key")?,
            "EncodingType" => document.once(&mut self.encoding, "EncodingType")?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The key, decoded if it was encoded.
    pub(super) fn decode(self, document: &Document<'_>) -> Result<String, Error> {
        let key = document.require(self.key, "Key")?;
        match self.encoding.as_deref() {
            None | Some("") => Ok(key),
            Some("url") => {
                decode(&key).ok_or_else(|| document.bad_value("Key", key, "percent-encoded UTF-8"))
            }
            Some(other) => Err(document.bad_value("EncodingType", other.to_owned(), "url")),
        }
    }
}

fn decode(key: &str) -> Option<String> {
    let hexadecimal = |after: &str| {
        let mut digits = after.bytes().take(2).filter(u8::is_ascii_hexdigit);
        digits.next().is_some() && digits.next().is_some()
    };
    let complete = key.split('%').skip(1).all(hexadecimal);
    let decoded = percent_decode_str(key).decode_utf8().ok()?;
    complete.then(|| decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoded_once_and_strictly() {
        assert_eq!(
            decode("a%2Fb%2525+%20%EF%BF%BE").as_deref(),
            Some("a/b%25+ \u{FFFE}")
        );
        for key in ["%", "%2", "%G0", "%2G", "%%20", "%FF"] {
            assert_eq!(decode(key), None, "{key}");
        }
    }
}
