//! What counts as "an integer" in a size header, decided once.
//!
//! The service's pages say only that `9x5.2` is not one (EC 0005-00000408, 409); everything else is question A16.
//! A header value is ASCII (RFC 9110 5.5), so digits are `0` to `9`: full-width digits are not digits here, although
//! some languages' parsers take them. Blanks around a value belong to the header, not to the value, and are gone
//! before this module sees it; blanks inside it are not digits. What no 64-bit integer holds (2^64 and more) is no
//! size. What common parsers disagree about (a sign, leading zeros, 2^63 to 2^64 - 1) or what is an integer but no
//! possible size (zero, negative) is open, each with the answer this model gives when it must give one.

use crate::limits::MAX_DECLARED_SIZE;

/// How a size header's text reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// A plain positive decimal integer that a signed 64-bit number holds.
    Size(u64),
    /// Leading zeros before a positive size (`00500000`): every parser in use reads the same number, none is known to
    /// refuse it ([`crate::Question::PaddedSize`]). Taken; a refusal is right too.
    Padded(u64),
    /// A plus sign (`+5`): parsers differ. Refused; taking it is right too.
    Signed(u64),
    /// Zero, however spelt: an integer, but no size (A16). Refused; taking it is right too.
    Zero,
    /// A negative integer: an integer, but no size (A16). Refused; taking it is not imaginable, yet not excluded.
    Negative,
    /// From 2^63 to 2^64 - 1: fits an unsigned 64-bit integer only (A16). Refused; taking it is right too.
    Huge(u64),
    /// Not an integer: anything else.
    Not,
}

impl Reading {
    /// The number, where the text stands for a size at all.
    pub fn size(self) -> Option<u64> {
        match self {
            Self::Size(value) | Self::Padded(value) | Self::Signed(value) | Self::Huge(value) => {
                Some(value)
            }
            Self::Zero => Some(0),
            Self::Negative | Self::Not => None,
        }
    }
}

/// Reads a header value whose outer blanks are already gone.
pub fn read(text: &[u8]) -> Reading {
    let (sign, digits) = match text {
        [sign @ (b'+' | b'-'), digits @ ..] => (Some(*sign), digits),
        digits => (None, digits),
    };
    let Some(value) = decimal(digits) else {
        return Reading::Not;
    };
    match (sign, value) {
        (_, 0) => Reading::Zero,
        (Some(b'-'), _) => Reading::Negative,
        (_, value) if value > MAX_DECLARED_SIZE => Reading::Huge(value),
        (Some(_), value) => Reading::Signed(value),
        (None, value) if digits.first() == Some(&b'0') => Reading::Padded(value),
        (None, value) => Reading::Size(value),
    }
}

/// One or more ASCII digits whose value fits `u64`.
fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |value, byte| {
        let digit = byte.is_ascii_digit().then(|| byte.wrapping_sub(b'0'))?;
        value.checked_mul(10)?.checked_add(u64::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_spelling_has_its_reading() {
        let cases: &[(&str, Reading)] = &[
            ("1000000", Reading::Size(1_000_000)),
            ("9223372036854775807", Reading::Size((1 << 63) - 1)),
            ("9223372036854775808", Reading::Huge(1 << 63)),
            ("18446744073709551615", Reading::Huge(u64::MAX)),
            ("18446744073709551616", Reading::Not),
            ("00500000", Reading::Padded(500_000)),
            ("0", Reading::Zero),
            ("000", Reading::Zero),
            ("-0", Reading::Zero),
            ("+5", Reading::Signed(5)),
            ("-5", Reading::Negative),
            ("", Reading::Not),
            ("+", Reading::Not),
            ("--5", Reading::Not),
            ("9x5.2", Reading::Not),
            ("1e6", Reading::Not),
            ("1.0", Reading::Not),
            ("0x10", Reading::Not),
            ("1 000", Reading::Not),
            ("1,000", Reading::Not),
            ("１００", Reading::Not),
        ];
        for (text, reading) in cases {
            assert_eq!(read(text.as_bytes()), *reading, "{text:?}");
        }
    }
}
