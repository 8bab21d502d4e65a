//! Cases for uploads at the limits, without the bytes: of a file that is a hole, of which the service takes the first part at most.

use arbitrary::{Arbitrary, Result, Unstructured};
use partproof_emulator::{Fault, Operation, PlannedFault};
use partproof_model::Cipher;
use partproof_model::limits::{MAX_PART_COUNT, MIN_PART_SIZE};
use serde::{Deserialize, Serialize};

use super::upload::UploadCase;
use partproof_suite::case::{Case, is_default, plan, smaller_number};
use partproof_suite::class::{Class, Classes};
use partproof_suite::plaintext::Plaintext;
use partproof_suite::shown;
use partproof_suite::subject::client::Abilities;

/// An upload of zeros in counter mode that ends at its first parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitCase {
    /// Bytes of the file.
    pub length: u64,
    /// Bytes of a part; chosen by the client if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_size: Option<u64>,
    /// Parts at a time beyond the first.
    #[serde(default, skip_serializing_if = "is_default")]
    pub parallel: u8,
    /// How many parts the service takes. The next it refuses, for good, with an answer that nobody tries again.
    #[serde(default, skip_serializing_if = "is_default")]
    pub taken: u64,
}

/// The smallest part, and part sizes that clients choose by themselves.
const PART_SIZES: [u64; 7] = [
    MIN_PART_SIZE,
    256 << 10,
    1 << 20,
    5 << 20,
    6 << 20,
    8 << 20,
    10 << 20,
];

/// A part of more than this is not taken whole: what it costs to send goes to the client's speed, not to its plan.
const LARGEST_TAKEN: u64 = 256 << 10;

/// Below the smallest part: the service refuses it when all are sent.
const TOO_SMALL: u64 = 64 << 10;

/// What file systems hold, as a hole. Many a client has a part of it in memory, which are 100 MiB.
const MOST_BYTES: u64 = 1 << 40;

impl LimitCase {
    pub(crate) fn upload(&self) -> UploadCase {
        UploadCase {
            cipher: Cipher::Ctr,
            plaintext: Plaintext {
                seed: 0,
                length: self.length,
            },
            part_size: self.part_size,
            parallel: self.parallel,
            ..UploadCase::plain()
        }
    }

    pub(crate) fn faults(&self) -> Vec<PlannedFault> {
        let planned = |operation, nth, fault| PlannedFault {
            operation: Some(operation),
            part_number: None,
            nth,
            times: u64::MAX,
            fault,
        };
        let refused = Fault::Answer {
            status: 403,
            code: Some("AccessDenied".to_owned()),
        };
        let mut parts = planned(Operation::UploadPart, self.taken + 1, refused);
        let mut rest = planned(Operation::UploadPart, 1, Fault::CutBeforeBody);
        if self.part_size.is_none() {
            // Whoever goes on with all other parts would send terabytes.
            parts.times = 16;
            rest.nth = parts.nth + parts.times;
        } else {
            rest.nth = u64::MAX;
        }
        vec![
            parts,
            rest,
            // Whatever is put at once is gigabytes.
            planned(Operation::PutObject, 1, Fault::CutInBody),
        ]
    }

    /// Whether a client with these abilities can be asked for it. Whose caller cuts the parts is not to blame for small ones.
    pub(crate) fn is_within(&self, abilities: &Abilities) -> bool {
        let is_planned = abilities.plans || self.part_size.is_none_or(|part| part >= MIN_PART_SIZE);
        is_planned && self.upload().is_within(abilities)
    }

    /// Whether the upload is possible as it is asked for.
    pub(crate) fn is_possible(&self) -> bool {
        let layout = self.upload().layout();
        layout.is_none_or(|layout| layout.wire().objections().is_empty())
    }
}

impl<'a> Arbitrary<'a> for LimitCase {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let count = match u.int_in_range(0..=7_u8)? {
            0 => MAX_PART_COUNT - 1,
            1..=3 => MAX_PART_COUNT,
            4..=6 => MAX_PART_COUNT + 1,
            _ => u.int_in_range(3..=3 * MAX_PART_COUNT)?,
        };
        if u.int_in_range(0..=15_u8)? == 1 {
            return Ok(Self {
                length: 2 * TOO_SMALL + 1,
                part_size: Some(TOO_SMALL),
                parallel: 0,
                taken: 1,
            });
        }
        if u.int_in_range(0..=31_u8)? == 1 {
            return Ok(Self {
                length: MOST_BYTES - u.int_in_range(0..=1)?,
                part_size: None,
                parallel: 0,
                taken: 0,
            });
        }
        let is_chosen = u.int_in_range(0..=3_u8)? > 0;
        let room = match is_chosen {
            true => *u.choose(&[MIN_PART_SIZE, MIN_PART_SIZE, MIN_PART_SIZE + 16, 256 << 10])?,
            false => *u.choose(&PART_SIZES)?,
        };
        let last = *u.choose(&[1, 16, room - 1, room])?;
        let length = ((count - 1) * room + last).min(MOST_BYTES);
        Ok(Self {
            length,
            part_size: is_chosen.then_some(room),
            parallel: *u.choose(&[0, 0, 0, 2])?,
            taken: u64::from(room <= LARGEST_TAKEN),
        })
    }
}

impl Case for LimitCase {
    const BYTES: usize = 32;
    const MOST_STEPS: u32 = 20;

    fn classes(&self) -> Classes {
        let layout = self.upload().layout();
        let plan = layout.map(|layout| plan::of_plan(layout.wire()));
        plan.unwrap_or_default()
            .with(Class::AutomaticPlan, self.part_size.is_none())
            .with(Class::ExplicitPlan, self.part_size.is_some())
            .with(
                Class::PartsTooSmall,
                self.part_size.is_some_and(|size| size < MIN_PART_SIZE),
            )
            .with(Class::Parallel, self.parallel > 0)
    }

    fn smaller(&self) -> Vec<Self> {
        let mut smaller = vec![
            Self {
                parallel: 0,
                ..self.clone()
            },
            Self {
                taken: 0,
                ..self.clone()
            },
        ];
        let of_length = |length| Self {
            length,
            ..self.clone()
        };
        if let Some(part_size) = self.part_size {
            let count = self.length.div_ceil(part_size);
            smaller.push(Self {
                length: (count - 1) * MIN_PART_SIZE + 1,
                part_size: Some(MIN_PART_SIZE),
                ..self.clone()
            });
            let counts = [3, MAX_PART_COUNT, MAX_PART_COUNT + 1].into_iter();
            let fewer = counts.filter(|fewer| *fewer < count);
            smaller.extend(fewer.map(|fewer| of_length((fewer - 1) * part_size + 1)));
            smaller.push(of_length((count - 1) * part_size + 1));
        } else {
            let of_sizes = PART_SIZES.into_iter().flat_map(|part_size| {
                let most = MAX_PART_COUNT * part_size;
                [most, most + 1]
            });
            smaller.extend(
                of_sizes
                    .filter(|length| *length < self.length)
                    .map(of_length),
            );
            smaller.extend(
                smaller_number(self.length, 3 * MIN_PART_SIZE)
                    .into_iter()
                    .map(of_length),
            );
        }
        smaller.retain(|case| case != self && case.check().is_ok());
        smaller
    }

    fn check(&self) -> std::result::Result<(), String> {
        let upload = self.upload();
        let is_possible = self.part_size.is_none() || upload.layout().is_some();
        let is_taken =
            self.taken <= 8 && self.taken * self.part_size.unwrap_or(0) <= 8 * LARGEST_TAKEN;
        match (2..=MOST_BYTES).contains(&self.length) && is_possible && is_taken {
            true => Ok(()),
            false => Err(format!(
                "{} bytes in parts of {} of which {} are taken, expected 2 bytes to {MOST_BYTES}, a multiple of 16, and no more than 8 parts or 8 MiB",
                self.length,
                shown(&self.part_size),
                self.taken
            )),
        }
    }
}
