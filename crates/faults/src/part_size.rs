//! Planners that choose a part size wrongly, or do not look at what comes of one.

use partproof_client as client;
use partproof_suite::Cause;
use partproof_suite::subject::{PlannedPart, Refusal};

use crate::Fault;
use crate::planner::{Planning, cut, part_size, right, subject};

/// A part size doubled as long as it is too small.
fn doubled(mut part: u64, most: u64, is_too_small: impl Fn(u64) -> bool) -> u64 {
    while is_too_small(part) && part < most {
        part = (2 * part).min(most);
    }
    part
}

pub(crate) const GROWTH_ENDS_EARLY: Fault = Fault {
    id: "plan-growth-ends-early",
    sentence: "The automatic part size grows while size / part size, rounded down, is above 10,000: it stops at 10,001 parts.",
    seen_in: "A09",
    law: "plan-legal",
    cause: Some(Cause::CountAboveLimit),
    subject: || {
        subject(&Planning(|data, part| {
            let plan = right(data, part)?;
            if part.is_some() {
                return Ok(plan);
            }
            let is_too_small = |part| data / part > 10_000;
            let part = doubled(client::MIN_PART_SIZE, client::MAX_PART_SIZE, is_too_small);
            Ok(cut(data, part, data.div_ceil(part)))
        }))
    },
};

pub(crate) const DOUBLED_PAST_5_GIB: Fault = Fault {
    id: "plan-doubled-past-5-gib",
    sentence: "The automatic part size is doubled until 10,000 parts suffice, past what a part may have.",
    seen_in: "",
    law: "plan-legal",
    cause: None,
    subject: || {
        subject(&Planning(|data, part| {
            let plan = right(data, part)?;
            if part.is_some() {
                return Ok(plan);
            }
            let is_too_small = |part| data.div_ceil(part) > 10_000;
            let part = doubled(client::PREFERRED_PART_SIZE, u64::MAX, is_too_small);
            Ok(cut(data, part, data.div_ceil(part)))
        }))
    },
};

pub(crate) const CUT_FOR_THREADS: Fault = Fault {
    id: "plan-cut-for-threads",
    sentence: "The automatic part size is a quarter of the object, for four threads: parts of a small one are below 100 KiB.",
    seen_in: "A19",
    law: "plan-legal",
    cause: None,
    subject: || {
        subject(&Planning(|data, part| {
            let quarter = data.div_ceil(4).next_multiple_of(16);
            match part {
                None if quarter < client::PREFERRED_PART_SIZE => {
                    right(data, part)?;
                    Ok(cut(data, quarter, data.div_ceil(quarter)))
                }
                _ => right(data, part),
            }
        }))
    },
};

pub(crate) const REMAINDER_MERGED: Fault = Fault {
    id: "plan-remainder-merged",
    sentence: "A last part of less than half a part is planned with the one before it.",
    seen_in: "",
    law: "plan-count",
    cause: None,
    subject: || {
        subject(&Planning(|data, part| {
            let part = part_size(data, part)?;
            let (whole, rest) = (data / part, data % part);
            if whole == 0 || rest == 0 || rest >= part / 2 {
                return Ok(cut(data, part, data.div_ceil(part)));
            }
            let mut plan = cut(data, part, whole);
            plan.parts = Box::new(plan.parts.map(move |planned| PlannedPart {
                length: planned.length + if planned.number == whole { rest } else { 0 },
                ..planned
            }));
            Ok(plan)
        }))
    },
};

pub(crate) const CAPACITY_IN_32_BITS: Fault = Fault {
    id: "plan-capacity-in-32-bits",
    sentence: "What 10,000 parts hold is reckoned in 32 bits, and an object that is larger refused.",
    seen_in: "G05",
    law: "plan-feasible",
    cause: None,
    subject: || {
        subject(&Planning(|data, part| {
            let plan = right(data, part)?;
            let capacity = (plan.part_size * 10_000) & u64::from(u32::MAX);
            match part.is_some() && data > capacity {
                true => Err(Refusal(format!("{data} bytes, at most {capacity} fit"))),
                false => Ok(plan),
            }
        }))
    },
};

pub(crate) const LARGE_PART_TAKEN: Fault = Fault {
    id: "plan-large-part-taken",
    sentence: "A part size above 5 GiB is planned as given.",
    seen_in: "A20",
    law: "plan-refusal",
    cause: None,
    subject: || {
        subject(&Planning(|data, part| match part {
            Some(part) if part > client::MAX_PART_SIZE && part % 16 == 0 && data > 0 => {
                right(data, None)?;
                Ok(cut(data, part, data.div_ceil(part)))
            }
            _ => right(data, part),
        }))
    },
};
