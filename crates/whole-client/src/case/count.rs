//! Cases for uploads of very many parts.

use arbitrary::{Arbitrary, Result, Unstructured};
use partproof_model::limits::{MAX_PART_COUNT, MIN_PART_SIZE};
use serde::{Deserialize, Serialize};

use partproof_suite::case::Case;
use partproof_suite::class::{Class, Classes};
use partproof_suite::plaintext::Plaintext;

/// Uploads in very many parts, one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CountCase {
    /// How many parts each has, if its part size is kept. The last part is of one byte.
    pub counts: Vec<u64>,
    /// Bytes of a part.
    pub part_size: u64,
}

impl<'a> Arbitrary<'a> for CountCase {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        // A gigabyte each: many a client takes a minute and more for it. What is planned beside the limit, `LimitCase` has without the bytes.
        let mut counts = vec![MAX_PART_COUNT];
        if u.int_in_range(0..=15_u8)? == 1 {
            counts.extend([1, MAX_PART_COUNT - 1, MAX_PART_COUNT + 1]);
        }
        Ok(Self {
            counts,
            part_size: MIN_PART_SIZE,
        })
    }
}

impl CountCase {
    /// The plaintext that makes so many parts.
    pub(crate) fn plaintext(&self, count: u64) -> Plaintext {
        Plaintext {
            seed: 0,
            length: (count - 1) * self.part_size + 1,
        }
    }
}

impl Case for CountCase {
    const BYTES: usize = 1;
    const MOST_STEPS: u32 = 6;

    fn classes(&self) -> Classes {
        let has = |count: u64| self.counts.contains(&count);
        Classes::default()
            .with(Class::CountOne, has(1))
            .with(Class::Count9999, has(MAX_PART_COUNT - 1))
            .with(Class::Count10000, has(MAX_PART_COUNT))
            .with(Class::Count10001, has(MAX_PART_COUNT + 1))
    }

    fn smaller(&self) -> Vec<Self> {
        let one = |count: &u64| Self {
            counts: vec![*count],
            part_size: self.part_size,
        };
        match self.counts.len() {
            1 => Vec::new(),
            _ => self.counts.iter().map(one).collect(),
        }
    }

    fn check(&self) -> std::result::Result<(), String> {
        let is_possible = |count: &u64| (1..=MAX_PART_COUNT + 1).contains(count);
        match !self.counts.is_empty()
            && self.counts.len() <= 4
            && self.counts.iter().all(is_possible)
            && self.part_size == MIN_PART_SIZE
        {
            true => Ok(()),
            false => {
                let counts: Vec<_> = self.counts.iter().map(u64::to_string).collect();
                Err(format!(
                    "counts {} in parts of {}, expected 1 to 4 counts from 1 to 10,001 and 102,400",
                    counts.join(", "),
                    self.part_size
                ))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_count_is_tried_alone() {
        let case = CountCase::arbitrary(&mut Unstructured::new(&[1])).unwrap();
        case.check().unwrap();
        assert_eq!(case.smaller().len(), 4);
        assert!(
            case.smaller()
                .iter()
                .all(|one| one.check().is_ok() && one.smaller().is_empty())
        );
    }
}
