//! A plan: how an object lies in parts. Part n begins at byte (n - 1) * part size and has part size bytes, but for the
//! last, which has the rest.

use crate::limits::{MAX_PART_COUNT, MAX_PART_SIZE, MIN_PART_SIZE, PART_SIZE_ALIGNMENT};
use crate::rules;
use crate::size::{ByteOffset, DataSize, PartNumber, PartSize, expected_part_count};
use crate::verdict::Objection;

/// An object's size and the size of its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Bytes of the object.
    pub data: DataSize,
    /// Bytes of every part but the last.
    pub part: PartSize,
}

/// Where one part lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    /// Its first byte.
    pub offset: ByteOffset,
    /// How many bytes it has; never zero.
    pub length: u64,
}

impl Plan {
    /// How many parts there are.
    pub fn count(self) -> u64 {
        expected_part_count(self.data, self.part)
    }

    /// Where part `number` lies; `None` if the object has no such part.
    pub fn slice(self, number: PartNumber) -> Option<Slice> {
        let offset = number.offset(self.part)?;
        let rest = self
            .data
            .bytes()
            .checked_sub(offset.bytes())
            .filter(|rest| *rest > 0)?;
        Some(Slice {
            offset,
            length: rest.min(self.part.bytes()),
        })
    }

    /// The rules of the service that an upload by this plan would break, in the order in which it would meet them.
    ///
    /// An object of no bytes is legal here: no upload of it ever gets as far as a part.
    pub fn objections(self) -> Vec<Objection> {
        let (data, part, count) = (self.data, self.part, self.count());
        let mut objections = Vec::new();
        if !part.bytes().is_multiple_of(PART_SIZE_ALIGNMENT) {
            objections.push(Objection::certain(
                rules::PART_SIZE_ALIGNED,
                format!("part size {part} is not a multiple of {PART_SIZE_ALIGNMENT}"),
            ));
        }
        if count > MAX_PART_COUNT {
            objections.push(Objection::certain(
                rules::COUNT_LIMIT,
                format!("{data} / {part} makes {count} parts, expected at most {MAX_PART_COUNT}"),
            ));
        }
        let largest = part.bytes().min(data.bytes());
        if largest > MAX_PART_SIZE {
            objections.push(Objection::certain(
                rules::PART_TOO_LARGE,
                format!("a part has {largest} bytes, expected at most {MAX_PART_SIZE}"),
            ));
        }
        if count > 1 && part.bytes() < MIN_PART_SIZE {
            objections.push(Objection::certain(
                rules::PART_TOO_SMALL,
                format!("part 1 of {count} has {part} bytes, expected at least {MIN_PART_SIZE}"),
            ));
        }
        objections
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(data: u64, part: u64) -> Plan {
        Plan {
            data: DataSize::new(data),
            part: PartSize::new(part).unwrap(),
        }
    }

    fn slice(plan: Plan, number: u64) -> Option<(u64, u64)> {
        let slice = plan.slice(PartNumber::new(number)?)?;
        Some((slice.offset.bytes(), slice.length))
    }

    #[test]
    fn the_last_part_takes_the_rest_and_there_is_no_empty_one() {
        let short = plan(250_000, 102_400);
        assert_eq!(slice(short, 3), Some((204_800, 45_200)));
        assert_eq!(slice(short, 4), None);
        let exact = plan(204_800, 102_400);
        assert_eq!(slice(exact, 2), Some((102_400, 102_400)));
        assert_eq!(slice(exact, 3), None);
    }

    #[test]
    fn each_limit_is_named() {
        let rules = |data, part| {
            plan(data, part)
                .objections()
                .iter()
                .map(|o| o.rule.id)
                .collect::<Vec<_>>()
        };
        assert_eq!(rules(250_000, 102_400), [""; 0]);
        assert_eq!(rules(3, 16), [""; 0]);
        assert_eq!(rules(102_400 * 10_000, 102_400), [""; 0]);
        assert_eq!(rules(102_400 * 10_000 + 1, 102_400), ["count-limit"]);
        assert_eq!(rules(250_000, 102_401), ["part-size-aligned"]);
        assert_eq!(rules(250_000, 16_384), ["part-too-small"]);
        assert_eq!(rules(6 << 30, 6 << 30), ["part-too-large"]);
    }
}
