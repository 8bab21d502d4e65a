//! The four quantities everything else is counted in. Each is a newtype over `u64`, so that a part size is never
//! passed for a data size; arithmetic on them is exact up to `u64::MAX`, without overflow and without floats.

use std::fmt;

use crate::limits::MAX_PART_NUMBER;

/// Bytes of the whole object as the service sees it (`data-size`): ciphertext, tags included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DataSize(u64);

impl DataSize {
    /// Any number of bytes.
    pub const fn new(bytes: u64) -> Self {
        Self(bytes)
    }

    /// In bytes.
    pub const fn bytes(self) -> u64 {
        self.0
    }
}

/// Bytes of every part but the last (`part-size`). Never zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartSize(u64);

impl PartSize {
    /// `None` for zero, which no object can be divided by.
    pub const fn new(bytes: u64) -> Option<Self> {
        match bytes {
            0 => None,
            _ => Some(Self(bytes)),
        }
    }

    /// In bytes.
    pub const fn bytes(self) -> u64 {
        self.0
    }
}

/// The number of a part, from 1 to 10,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartNumber(u64);

impl PartNumber {
    /// The first part.
    pub const FIRST: Self = Self(1);

    /// `None` outside 1 to 10,000.
    pub const fn new(number: u64) -> Option<Self> {
        match number {
            1..=MAX_PART_NUMBER => Some(Self(number)),
            _ => None,
        }
    }

    /// The number itself.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Where this part begins in the object: (number - 1) * part size. `None` past 2^64 - 1.
    pub const fn offset(self, part: PartSize) -> Option<ByteOffset> {
        match self.0.saturating_sub(1).checked_mul(part.0) {
            Some(bytes) => Some(ByteOffset(bytes)),
            None => None,
        }
    }
}

/// A position in an object, in bytes from its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteOffset(u64);

impl ByteOffset {
    /// Any position.
    pub const fn new(bytes: u64) -> Self {
        Self(bytes)
    }

    /// In bytes.
    pub const fn bytes(self) -> u64 {
        self.0
    }
}

/// How many parts the service expects: ceil(data size / part size).
///
/// Source: EC 0005-00000411 (1,000,000 / 500,000 is 2); the rounding is upwards, service-rules row V9.
pub const fn expected_part_count(data: DataSize, part: PartSize) -> u64 {
    data.0.div_ceil(part.0)
}

macro_rules! display_bytes {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}
display_bytes!(DataSize, PartSize, PartNumber, ByteOffset);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_example_expects_two_parts() {
        let part = PartSize::new(500_000).unwrap();
        assert_eq!(expected_part_count(DataSize::new(1_000_000), part), 2);
        assert_eq!(expected_part_count(DataSize::new(1_000_001), part), 3);
        assert_eq!(expected_part_count(DataSize::new(0), part), 0);
    }

    #[test]
    fn counts_are_exact_at_the_end_of_u64() {
        let one = PartSize::new(1).unwrap();
        assert_eq!(expected_part_count(DataSize::new(u64::MAX), one), u64::MAX);
        let two = PartSize::new(2).unwrap();
        assert_eq!(expected_part_count(DataSize::new(u64::MAX), two), 1 << 63);
        let most = PartSize::new(u64::MAX).unwrap();
        assert_eq!(expected_part_count(DataSize::new(u64::MAX), most), 1);
    }

    #[test]
    fn part_numbers_run_from_1_to_10000() {
        assert_eq!(PartNumber::new(0), None);
        assert_eq!(PartNumber::new(10_000).map(PartNumber::get), Some(10_000));
        assert_eq!(PartNumber::new(10_001), None);
    }

    #[test]
    fn an_offset_past_u64_is_none_not_wrapped() {
        let part = PartSize::new(u64::MAX).unwrap();
        assert_eq!(
            PartNumber::new(2).unwrap().offset(part),
            Some(ByteOffset::new(u64::MAX))
        );
        assert_eq!(PartNumber::new(3).unwrap().offset(part), None);
    }
}
