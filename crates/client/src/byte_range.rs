//! A range of bytes as RFC 9110, 14.1.2 writes it: `first-last`, `first-` or `-length`. It is of plaintext, so it is resolved here,
//! with the object's size known; a suffix that is left to the service is where clients decrypt to garbage (fault C01).

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use crate::error::Error;

/// One range of bytes of a plaintext.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteRange {
    /// `first-last`, both included; a last byte behind the object's is the object's.
    Closed {
        /// The first byte, from 0.
        first: u64,
        /// The last byte, not below the first.
        last: u64,
    },
    /// `first-`: all from that byte on.
    From {
        /// The first byte, from 0.
        first: u64,
    },
    /// `-length`: the last bytes, or all if there are fewer.
    Suffix {
        /// Bytes.
        length: u64,
    },
}

impl ByteRange {
    /// The bytes that are meant of an object of `plaintext_size` bytes.
    ///
    /// # Errors
    /// [`Error::RangeNotSatisfiable`] for a range behind the end or a suffix of no bytes.
    pub fn resolve(self, plaintext_size: u64) -> Result<Range<u64>, Error> {
        let unsatisfiable = || Error::RangeNotSatisfiable {
            range: self.to_string(),
            plaintext_size,
        };
        let range = match self {
            ByteRange::Closed { first, last } => first..last.saturating_add(1).min(plaintext_size),
            ByteRange::From { first } => first..plaintext_size,
            ByteRange::Suffix { length: 0 } => return Err(unsatisfiable()),
            ByteRange::Suffix { length } => {
                return Ok(plaintext_size.saturating_sub(length)..plaintext_size);
            }
        };
        match range.is_empty() {
            true => Err(unsatisfiable()),
            false => Ok(range),
        }
    }
}

impl FromStr for ByteRange {
    type Err = Error;

    /// Reads `first-last`, `first-` or `-length`, with or without `bytes=` before it.
    fn from_str(given: &str) -> Result<Self, Error> {
        let refuse = || Error::Name {
            what: "range",
            given: given.to_owned(),
            expected: "first-last with first not above last, first- or -length",
        };
        let integer = |digits: &str| match digits.bytes().all(|byte| byte.is_ascii_digit()) {
            true => digits.parse().map_err(|_| refuse()),
            false => Err(refuse()),
        };
        let bare = given.strip_prefix("bytes=").unwrap_or(given);
        match bare.split_once('-').ok_or_else(refuse)? {
            ("", length) => Ok(ByteRange::Suffix {
                length: integer(length)?,
            }),
            (first, "") => Ok(ByteRange::From {
                first: integer(first)?,
            }),
            (first, last) => {
                let (first, last) = (integer(first)?, integer(last)?);
                match first <= last {
                    true => Ok(ByteRange::Closed { first, last }),
                    false => Err(refuse()),
                }
            }
        }
    }
}

impl fmt::Display for ByteRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ByteRange::Closed { first, last } => write!(f, "{first}-{last}"),
            ByteRange::From { first } => write!(f, "{first}-"),
            ByteRange::Suffix { length } => write!(f, "-{length}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_the_rfc() {
        let resolve = |text: &str, size| text.parse::<ByteRange>().unwrap().resolve(size).ok();
        for (text, size, expected) in [
            ("0-499", 1_000, Some(0..500)),
            ("bytes=500-2000", 1_000, Some(500..1_000)),
            ("999-999", 1_000, Some(999..1_000)),
            ("1000-2000", 1_000, None),
            ("1000-", 1_000, None),
            ("0-", 1_000, Some(0..1_000)),
            ("-500", 1_000, Some(500..1_000)),
            ("-2000", 1_000, Some(0..1_000)),
            ("-0", 1_000, None),
            ("0-0", 0, None),
            ("-5", 0, Some(0..0)),
            ("0-18446744073709551615", u64::MAX, Some(0..u64::MAX)),
        ] {
            assert_eq!(resolve(text, size), expected, "{text} of {size}");
        }
        for text in [
            "",
            "-",
            "5",
            "5-4",
            "a-b",
            "+1-2",
            "-+1",
            "0-1,3-4",
            "byte=0-1",
            " 0-1",
            "18446744073709551616-",
        ] {
            assert!(text.parse::<ByteRange>().is_err(), "{text}");
        }
    }
}
