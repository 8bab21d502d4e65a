//! The planner: cuts an upload of a known size into parts that the service accepts. All sizes are wire sizes, the ones that the
//! `data-size` and `part-size` headers declare. A plan is three numbers; parts are computed when asked for, so a plan of 10,000
//! parts costs what a plan of one costs.

use std::iter::FusedIterator;

use crate::error::Error;

/// The most parts an upload may have (service-rules.md, 4.1; EC 0005-00000410).
pub const MAX_PARTS: u32 = 10_000;
/// The most bytes a part may have: 5 GiB (service-rules.md, 4.1).
pub const MAX_PART_SIZE: u64 = 5 << 30;
/// The fewest bytes a part may have, the last excepted (service-rules.md, 4.1; EC 0042-00000213).
pub const MIN_PART_SIZE: u64 = 102_400;
/// The most bytes an object may have: 48.8 TB (service-rules.md, 4.1).
pub const MAX_OBJECT_SIZE: u64 = MAX_PART_SIZE * 10_000;
/// The part size of [`Plan::automatic`] as long as it suffices: large enough for throughput, small enough to retry.
pub const PREFERRED_PART_SIZE: u64 = 8 << 20;

/// Part boundaries are AES block boundaries.
const BLOCK: u64 = 16;

/// An upload cut into parts: numbers 1 to N, each of the part size, the last one shorter or equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    data_size: u64,
    part_size: u64,
    part_count: u32,
}

impl Plan {
    /// The plan with the caller's part size, in bytes.
    ///
    /// # Errors
    /// An empty or too large object; a part size that is 0, no multiple of 16, above 5 GiB, or, with several parts, below 102,400;
    /// more than 10,000 parts.
    pub fn explicit(data_size: u64, part_size: u64) -> Result<Plan, Error> {
        if data_size == 0 {
            return Err(Error::EmptyObject);
        }
        if data_size > MAX_OBJECT_SIZE {
            return Err(Error::ObjectTooLarge { data_size });
        }
        let part_count = count_parts(data_size, part_size)?;
        if part_size > MAX_PART_SIZE {
            return Err(Error::PartSizeTooLarge { part_size });
        }
        if part_count > 1 && part_size < MIN_PART_SIZE {
            return Err(Error::PartSizeTooSmall {
                part_size,
                part_count,
            });
        }
        Ok(Plan {
            data_size,
            part_size,
            part_count,
        })
    }

    /// The plan with [`PREFERRED_PART_SIZE`], or the smallest part size above it that keeps within 10,000 parts.
    ///
    /// # Errors
    /// An object of 0 bytes or of more than [`MAX_OBJECT_SIZE`].
    pub fn automatic(data_size: u64) -> Result<Plan, Error> {
        let fewest_bytes = data_size
            .div_ceil(u64::from(MAX_PARTS))
            .next_multiple_of(BLOCK);
        Plan::explicit(data_size, fewest_bytes.max(PREFERRED_PART_SIZE))
    }

    /// Bytes of the object on the wire.
    pub fn data_size(&self) -> u64 {
        self.data_size
    }

    /// Bytes of every part but the last.
    pub fn part_size(&self) -> u64 {
        self.part_size
    }

    /// The number of parts, 1 to 10,000: the data size divided by the part size, rounded up.
    pub fn part_count(&self) -> u32 {
        self.part_count
    }

    /// The part with this number, counted from 1; none outside the plan.
    pub fn part(&self, number: u32) -> Option<PlannedPart> {
        if number > self.part_count {
            return None;
        }
        let offset = u64::from(number.checked_sub(1)?).checked_mul(self.part_size)?;
        let length = self.data_size.checked_sub(offset)?.min(self.part_size);
        Some(PlannedPart {
            number,
            offset,
            length,
        })
    }

    /// All parts, from number 1.
    pub fn parts(&self) -> Parts {
        Parts {
            plan: *self,
            front: 1,
            back: self.part_count,
        }
    }
}

/// One part of a [`Plan`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedPart {
    /// The part number, from 1.
    pub number: u32,
    /// The part's first byte in the object.
    pub offset: u64,
    /// Bytes of the part, never 0.
    pub length: u64,
}

/// The parts of a [`Plan`] in ascending order.
#[derive(Clone, Debug)]
pub struct Parts {
    plan: Plan,
    /// Numbers still to come: `front..=back`.
    front: u32,
    back: u32,
}

impl Iterator for Parts {
    type Item = PlannedPart;

    fn next(&mut self) -> Option<PlannedPart> {
        if self.len() == 0 {
            return None;
        }
        let part = self.plan.part(self.front);
        self.front = self.front.saturating_add(1);
        part
    }

    fn nth(&mut self, n: usize) -> Option<PlannedPart> {
        let skipped = u32::try_from(n.min(self.len())).expect("at most 10,000 parts");
        self.front = self.front.saturating_add(skipped);
        self.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.len(), Some(self.len()))
    }
}

impl DoubleEndedIterator for Parts {
    fn next_back(&mut self) -> Option<PlannedPart> {
        if self.len() == 0 {
            return None;
        }
        let part = self.plan.part(self.back);
        self.back = self.back.saturating_sub(1);
        part
    }
}

impl ExactSizeIterator for Parts {
    fn len(&self) -> usize {
        let left = self.back.saturating_add(1).saturating_sub(self.front);
        usize::try_from(left).expect("at most 10,000 parts")
    }
}

impl FusedIterator for Parts {}

/// Refuses a part size whose boundaries are not block boundaries.
pub(crate) fn check_alignment(part_size: u64) -> Result<(), Error> {
    if part_size == 0 || !part_size.is_multiple_of(BLOCK) {
        return Err(Error::PartSizeUnaligned { part_size });
    }
    Ok(())
}

/// Data size divided by part size, rounded up, if the part size is aligned and the parts are at most 10,000.
pub(crate) fn count_parts(data_size: u64, part_size: u64) -> Result<u32, Error> {
    check_alignment(part_size)?;
    let part_count = data_size.div_ceil(part_size);
    u32::try_from(part_count)
        .ok()
        .filter(|&count| count <= MAX_PARTS)
        .ok_or(Error::TooManyParts {
            data_size,
            part_size,
            part_count,
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn boundaries() {
        let plan = Plan::automatic(1).unwrap();
        assert_eq!(
            (plan.part_count(), plan.part_size()),
            (1, PREFERRED_PART_SIZE)
        );
        assert_eq!(
            plan.part(1),
            Some(PlannedPart {
                number: 1,
                offset: 0,
                length: 1
            })
        );
        assert_eq!((plan.part(0), plan.part(2)), (None, None));

        let exact = Plan::explicit(204_800, 102_400).unwrap();
        assert_eq!(
            exact.parts().map(|part| part.length).collect::<Vec<_>>(),
            [102_400, 102_400]
        );
        assert_eq!(
            Plan::explicit(204_801, 102_400)
                .unwrap()
                .part(3)
                .unwrap()
                .length,
            1
        );

        let largest = Plan::automatic(MAX_OBJECT_SIZE).unwrap();
        assert_eq!(
            (largest.part_count(), largest.part_size()),
            (MAX_PARTS, MAX_PART_SIZE)
        );
        assert_eq!(Plan::explicit(MAX_OBJECT_SIZE, MAX_PART_SIZE), Ok(largest));
        let too_large = Error::ObjectTooLarge {
            data_size: MAX_OBJECT_SIZE + 1,
        };
        assert_eq!(Plan::automatic(MAX_OBJECT_SIZE + 1), Err(too_large));
        assert!(Plan::automatic(u64::MAX).is_err());
    }

    #[test]
    fn refusals() {
        assert_eq!(Plan::automatic(0), Err(Error::EmptyObject));
        assert_eq!(
            Plan::explicit(1, 0),
            Err(Error::PartSizeUnaligned { part_size: 0 })
        );
        assert_eq!(
            Plan::explicit(1, 102_401),
            Err(Error::PartSizeUnaligned { part_size: 102_401 })
        );
        let large = MAX_PART_SIZE + 16;
        assert_eq!(
            Plan::explicit(1, large),
            Err(Error::PartSizeTooLarge { part_size: large })
        );
        assert_eq!(
            Plan::explicit(17, 16),
            Err(Error::PartSizeTooSmall {
                part_size: 16,
                part_count: 2
            })
        );
        assert!(Plan::explicit(16, 16).is_ok(), "a sole part has no minimum");
        assert!(Plan::explicit(102_400 * 10_000, 102_400).is_ok());
        let over = Error::TooManyParts {
            data_size: 1_024_000_001,
            part_size: 102_400,
            part_count: 10_001,
        };
        assert_eq!(Plan::explicit(1_024_000_001, 102_400), Err(over));
    }

    proptest! {
        #[test]
        fn automatic_plans_cover_the_object(size in prop_oneof![1..=MAX_OBJECT_SIZE, (0..20_000_u64).prop_map(|n| MAX_OBJECT_SIZE - n)]) {
            let plan = Plan::automatic(size).unwrap();
            prop_assert_eq!(Plan::explicit(size, plan.part_size()), Ok(plan));
            let last = plan.parts().next_back().unwrap();
            prop_assert_eq!(last.number, plan.part_count());
            prop_assert_eq!(last.offset + last.length, size);
            prop_assert!(last.length > 0);
        }

        #[test]
        fn parts_run_the_same_from_both_ends(size in 1..5_000_000_u64, taken in 0..60_usize) {
            let plan = Plan::explicit(size, 102_400).unwrap();
            let forth: Vec<_> = plan.parts().collect();
            let mut back: Vec<_> = plan.parts().rev().collect();
            back.reverse();
            prop_assert_eq!(&forth, &back);
            prop_assert_eq!(forth.iter().map(|part| part.length).sum::<u64>(), size);
            prop_assert_eq!(plan.parts().nth(taken), forth.get(taken).copied());
            prop_assert_eq!(plan.parts().skip(taken).len(), forth.len().saturating_sub(taken));
        }
    }
}
