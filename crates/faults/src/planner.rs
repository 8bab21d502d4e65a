//! Planners that cut wrongly. Each takes the part size from the built-in planner and is wrong in how it goes on from there,
//! or right in the parts and wrong in the part size.

use partproof_client as client;
use partproof_subjects::builtin::{self, Builtin};
use partproof_suite::Cause;
use partproof_suite::subject::{PlannedPart, PlannedUpload, Planner, Refusal, Subject};

use crate::Fault;

type Planned = Result<PlannedUpload<'static>, Refusal>;

/// A planner that is one function of data size and part size.
pub(crate) struct Planning(pub(crate) fn(u64, Option<u64>) -> Planned);

impl Planner for Planning {
    fn plan(&self, data_size: u64, part_size: Option<u64>) -> Result<PlannedUpload<'_>, Refusal> {
        self.0(data_size, part_size)
    }
}

pub(crate) fn subject(planner: &'static Planning) -> Subject<'static> {
    Subject {
        planner: Some(planner),
        ..builtin::subject()
    }
}

/// The right plan.
pub(crate) fn right(data_size: u64, part_size: Option<u64>) -> Planned {
    static BUILTIN: Builtin = Builtin;
    BUILTIN.plan(data_size, part_size)
}

/// A right plan's part size.
pub(crate) fn part_size(data_size: u64, part_size: Option<u64>) -> Result<u64, Refusal> {
    Ok(right(data_size, part_size)?.part_size)
}

/// `count` parts of `part_size` bytes, the last as long as there are bytes left.
pub(crate) fn cut(data_size: u64, part_size: u64, count: u64) -> PlannedUpload<'static> {
    let part = move |number: u64| {
        let offset = (number - 1).saturating_mul(part_size);
        PlannedPart {
            number,
            offset,
            length: data_size.saturating_sub(offset).min(part_size),
        }
    };
    PlannedUpload {
        part_size,
        parts: Box::new((1..=count).map(part)),
    }
}

/// The right plan with each part changed.
fn change(plan: PlannedUpload<'static>, part: fn(u64, PlannedPart) -> PlannedPart) -> Planned {
    let PlannedUpload { part_size, parts } = plan;
    Ok(PlannedUpload {
        part_size,
        parts: Box::new(parts.map(move |planned| part(part_size, planned))),
    })
}

pub(crate) const ONE_TOO_MANY: Fault = Fault {
    id: "plan-one-too-many",
    sentence: "The count is size / part size + 1: one part too many on an exact multiple.",
    seen_in: "A05",
    law: "plan-count",
    cause: Some(Cause::PartCount),
    subject: || {
        subject(&Planning(|data, part| {
            let part = part_size(data, part)?;
            Ok(cut(data, part, data / part + 1))
        }))
    },
};

pub(crate) const REST_DROPPED: Fault = Fault {
    id: "plan-rest-dropped",
    sentence: "The count is size / part size, rounded down: what is left over is never sent.",
    seen_in: "A09",
    law: "plan-count",
    cause: Some(Cause::PartCount),
    subject: || {
        subject(&Planning(|data, part| {
            let part = part_size(data, part)?;
            Ok(cut(data, part, (data / part).max(1)))
        }))
    },
};

pub(crate) const EMPTY_LAST_PART: Fault = Fault {
    id: "plan-empty-last-part",
    sentence: "Reads until a part is short, and so sends an empty one after an exact multiple.",
    seen_in: "A06",
    law: "plan-count",
    cause: Some(Cause::PartCount),
    subject: || {
        subject(&Planning(|data, part| {
            let mut plan = right(data, part)?;
            let after = (data % plan.part_size == 0).then_some(PlannedPart {
                number: data / plan.part_size + 1,
                offset: data,
                length: 0,
            });
            plan.parts = Box::new(plan.parts.chain(after));
            Ok(plan)
        }))
    },
};

#[allow(clippy::as_conversions, reason = "the loss of precision is the fault")]
pub(crate) const SINGLE_PRECISION: Fault = Fault {
    id: "plan-single-precision",
    // Double precision is exact up to 2^53 bytes, and no object is that large.
    sentence: "The count is a division in single precision: sizes above 2^24 are rounded.",
    seen_in: "G04",
    law: "plan-count",
    cause: Some(Cause::PartCount),
    subject: || {
        subject(&Planning(|data, part| {
            let part = part_size(data, part)?;
            Ok(cut(data, part, (data as f32 / part as f32).ceil() as u64))
        }))
    },
};

pub(crate) const SIZE_IN_32_BITS: Fault = Fault {
    id: "plan-size-in-32-bits",
    sentence: "The object's size is kept in 32 bits.",
    seen_in: "G03",
    law: "plan-count",
    cause: Some(Cause::SizeIn32Bits),
    subject: || {
        subject(&Planning(|data, part| {
            let part = part_size(data, part)?;
            let data = data & u64::from(u32::MAX);
            Ok(cut(data, part, data.div_ceil(part)))
        }))
    },
};

pub(crate) const LAST_PART_MODULO: Fault = Fault {
    id: "plan-last-part-modulo",
    sentence: "The last part has size % part size bytes: none on an exact multiple.",
    seen_in: "A07",
    law: "plan-tiles",
    cause: Some(Cause::PartLengths),
    subject: || {
        subject(&Planning(|data, part| {
            let mut plan = right(data, part)?;
            let (part, count) = (plan.part_size, data.div_ceil(plan.part_size));
            plan.parts = Box::new(plan.parts.map(move |planned| PlannedPart {
                length: if planned.number == count {
                    data % part
                } else {
                    part
                },
                ..planned
            }));
            Ok(plan)
        }))
    },
};

pub(crate) const NUMBER_IN_12_BITS: Fault = Fault {
    id: "plan-number-in-12-bits",
    sentence: "The index of a part is kept in 12 bits: part 4,097 begins where part 1 does.",
    seen_in: "G05",
    law: "plan-part",
    cause: Some(Cause::PartOffsets),
    subject: || {
        subject(&Planning(|data, part| {
            change(right(data, part)?, |part_size, part| PlannedPart {
                offset: ((part.number - 1) & 0xfff) * part_size,
                ..part
            })
        }))
    },
};

pub(crate) const OFFSET_IN_32_BITS: Fault = Fault {
    id: "plan-offset-in-32-bits",
    sentence: "(part number - 1) * part size is computed in 32 bits.",
    seen_in: "G05",
    law: "plan-tiles",
    cause: Some(Cause::OffsetIn32Bits),
    subject: || {
        subject(&Planning(|data, part| {
            change(right(data, part)?, |_, part| PlannedPart {
                offset: part.offset & u64::from(u32::MAX),
                ..part
            })
        }))
    },
};

#[allow(clippy::as_conversions, reason = "the change of sign is the fault")]
pub(crate) const OFFSET_SIGNED: Fault = Fault {
    id: "plan-offset-signed",
    sentence: "The offset is a signed integer of 32 bits: negative from 2 GiB on.",
    seen_in: "G01",
    law: "plan-tiles",
    cause: Some(Cause::OffsetIn32Bits),
    subject: || {
        subject(&Planning(|data, part| {
            change(right(data, part)?, |_, part| PlannedPart {
                offset: part.offset as i32 as u64,
                ..part
            })
        }))
    },
};

pub(crate) const NUMBERED_FROM_ZERO: Fault = Fault {
    id: "plan-numbered-from-zero",
    sentence: "Parts are numbered from 0.",
    seen_in: "",
    law: "plan-tiles",
    cause: Some(Cause::PartNumbers),
    subject: || {
        subject(&Planning(|data, part| {
            change(right(data, part)?, |_, part| PlannedPart {
                number: part.number - 1,
                ..part
            })
        }))
    },
};

pub(crate) const AUTOMATIC_UNALIGNED: Fault = Fault {
    id: "plan-automatic-unaligned",
    sentence: "The automatic part size is ceil(size / 10,000), which need not be a multiple of 16.",
    seen_in: "A13",
    law: "plan-legal",
    cause: None,
    subject: || {
        subject(&Planning(|data, part| {
            right(data, part)?;
            let least = data.div_ceil(10_000).max(client::PREFERRED_PART_SIZE);
            let part = part.unwrap_or(least);
            Ok(cut(data, part, data.div_ceil(part)))
        }))
    },
};

pub(crate) const AUTOMATIC_ROUNDED_DOWN: Fault = Fault {
    id: "plan-automatic-rounded-down",
    sentence: "The automatic part size is size / 10,000, rounded down: 10,001 parts come of it.",
    seen_in: "A09",
    law: "plan-legal",
    cause: Some(Cause::CountAboveLimit),
    subject: || {
        subject(&Planning(|data, part| {
            right(data, part)?;
            let least = (data / 10_000 / 16 * 16).max(client::PREFERRED_PART_SIZE);
            let part = part.unwrap_or(least);
            Ok(cut(data, part, data.div_ceil(part)))
        }))
    },
};

pub(crate) const AUTOMATIC_NOT_ADJUSTED: Fault = Fault {
    id: "plan-automatic-not-adjusted",
    sentence: "The automatic part size never grows, since the size it looks at is still 0.",
    seen_in: "A04",
    law: "plan-legal",
    cause: Some(Cause::CountAboveLimit),
    subject: || {
        subject(&Planning(|data, part| {
            right(data, part)?;
            let part = part.unwrap_or(client::PREFERRED_PART_SIZE);
            Ok(cut(data, part, data.div_ceil(part)))
        }))
    },
};

pub(crate) const TEN_THOUSAND_REFUSED: Fault = Fault {
    id: "plan-ten-thousand-refused",
    sentence: "Refuses 10,000 parts, which the service takes.",
    seen_in: "A11",
    law: "plan-feasible",
    cause: None,
    subject: || {
        subject(&Planning(|data, part| {
            let plan = right(data, part)?;
            if data.div_ceil(plan.part_size) >= 10_000 {
                return Err(Refusal("10,000 parts or more".to_owned()));
            }
            Ok(plan)
        }))
    },
};

pub(crate) const SMALL_FILE_REFUSED: Fault = Fault {
    id: "plan-small-file-refused",
    sentence: "The part size of a small file is the file's own, and refused if no multiple of 16.",
    seen_in: "A02",
    law: "plan-feasible",
    cause: None,
    subject: || {
        subject(&Planning(|data, part| {
            right(data, part.map(|part| part.min(data)))
        }))
    },
};

pub(crate) const TWO_GIB_REFUSED: Fault = Fault {
    id: "plan-two-gib-refused",
    sentence: "The size is a signed integer of 32 bits, and an object from 2 GiB on refused as negative.",
    seen_in: "G01",
    law: "plan-feasible",
    cause: None,
    subject: || {
        subject(&Planning(|data, part| {
            i32::try_from(data).map_err(Refusal::from_error)?;
            right(data, part)
        }))
    },
};

pub(crate) const REPLANNED_NEEDLESSLY: Fault = Fault {
    id: "plan-replanned-needlessly",
    sentence: "The part size is doubled at 10,000 parts, not above.",
    seen_in: "A11",
    law: "plan-keeps-part-size",
    cause: None,
    subject: || {
        subject(&Planning(|data, part| {
            let plan = right(data, part)?;
            match data.div_ceil(plan.part_size) {
                10_000 if plan.part_size <= client::MAX_PART_SIZE / 2 => {
                    right(data, Some(2 * plan.part_size))
                }
                _ => Ok(plan),
            }
        }))
    },
};

pub(crate) const ROUNDED_TO_MIB: Fault = Fault {
    id: "plan-rounded-to-mib",
    sentence: "The part size is rounded up to whole MiB, so that a resumed upload has another one than its record.",
    seen_in: "A10",
    law: "plan-keeps-part-size",
    cause: None,
    subject: || {
        subject(&Planning(|data, part| {
            right(data, part)?;
            right(data, part.map(|part| part.next_multiple_of(1 << 20)))
        }))
    },
};

pub(crate) const ZERO_DIVIDES: Fault = Fault {
    id: "plan-zero-divides",
    sentence: "Part size 0 is divided by.",
    seen_in: "A20",
    law: "plan-refusal",
    cause: None,
    subject: || {
        subject(&Planning(|data, part| {
            let count = part.map_or(0, |part| data / part);
            right(data, part).map_err(|refusal| Refusal(format!("{count} parts: {}", refusal.0)))
        }))
    },
};

pub(crate) const COUNT_UNCHECKED: Fault = Fault {
    id: "plan-count-unchecked",
    sentence: "More than 10,000 parts are planned when the caller's part size makes them.",
    seen_in: "A19",
    law: "plan-refusal",
    cause: Some(Cause::CountAboveLimit),
    subject: || {
        subject(&Planning(|data, part| match part {
            Some(part)
                if data > 0 && part > 0 && part % 16 == 0 && part <= client::MAX_PART_SIZE =>
            {
                Ok(cut(data, part, data.div_ceil(part)))
            }
            _ => right(data, part),
        }))
    },
};

pub(crate) const UNALIGNED_TAKEN: Fault = Fault {
    id: "plan-unaligned-taken",
    sentence: "A part size that is no multiple of 16 is planned as given.",
    seen_in: "A02",
    law: "plan-refusal",
    cause: None,
    subject: || {
        subject(&Planning(|data, part| match part {
            Some(part) if part % 16 != 0 => {
                right(data, Some(part.next_multiple_of(16)))?;
                Ok(cut(data, part, data.div_ceil(part)))
            }
            _ => right(data, part),
        }))
    },
};

pub(crate) const EMPTY_UNDERFLOWS: Fault = Fault {
    id: "plan-empty-underflows",
    sentence: "The count is (size - 1) / part size + 1 in unsigned arithmetic: enormous for an empty object.",
    seen_in: "A12",
    law: "plan-refusal",
    cause: None,
    subject: || {
        subject(&Planning(|data, part| match (data, part) {
            (0, Some(part)) if part > 0 => Ok(cut(
                data,
                part,
                (data.wrapping_sub(1) / part).wrapping_add(1),
            )),
            _ => right(data, part),
        }))
    },
};
