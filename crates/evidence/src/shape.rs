//! What a plan or a part list is wrong in, taken as a whole: so one mistake has one name, whichever of its parts a law looks at.

use partproof_model::{DataSize, PartNumber, Plan, part_list};

use crate::cause::{Cause, Evidence};
use crate::list::ListDrawing;

/// A part of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the type's sentence names them")]
pub struct Planned {
    pub number: u64,
    pub offset: u64,
    pub length: u64,
}

/// What is wrong in a plan, by the model's with the same part size.
pub fn of_plan(model: Plan, planned: &[Planned]) -> Evidence {
    let right = parts_of(model);
    let with = |change: &dyn Fn(Planned) -> Planned| {
        let changed = right.iter().copied().map(change);
        planned.len() == right.len() && changed.eq(planned.iter().copied())
    };
    let low = |bytes: u64| bytes & u64::from(u32::MAX);
    let in_32_bits = Plan {
        data: DataSize::new(low(model.data.bytes())),
        ..model
    };
    let cause = if right == planned {
        return Evidence::default();
    } else if low(model.data.bytes()) != model.data.bytes() && parts_of(in_32_bits) == planned {
        Cause::SizeIn32Bits
    } else if right.len() > LISTED {
        Cause::CountAboveLimit
    } else if with(&|part| Planned {
        offset: low(part.offset),
        ..part
    }) || with(&|part| Planned {
        offset: signed(part.offset),
        ..part
    }) {
        Cause::OffsetIn32Bits
    } else if planned.starts_with(&right) || right.starts_with(planned) {
        Cause::PartCount
    } else if planned.len() != right.len() {
        return Evidence::default();
    } else if planned
        .iter()
        .zip(&right)
        .any(|(one, other)| one.number != other.number)
    {
        Cause::PartNumbers
    } else if planned
        .iter()
        .zip(&right)
        .all(|(one, other)| one.offset == other.offset)
    {
        Cause::PartLengths
    } else {
        Cause::PartOffsets
    };
    cause.into()
}

/// What a signed integer of 32 bits makes of an offset, in 64 bits again.
fn signed(offset: u64) -> u64 {
    let low = offset & u64::from(u32::MAX);
    match low >> 31 {
        0 => low,
        _ => low | u64::from(u32::MAX) << 32,
    }
}

/// The most parts that an upload can have.
const LISTED: usize = 10_000;

fn parts_of(plan: Plan) -> Vec<Planned> {
    let numbers = 1..=plan.count().min(10_001);
    let slices = numbers.filter_map(|number| {
        let slice = plan.slice(PartNumber::new(number)?)?;
        Some(Planned {
            number,
            offset: slice.offset.bytes(),
            length: slice.length,
        })
    });
    slices.collect()
}

/// What is wrong in a part list, by the parts that it should have.
pub fn of_list(
    given: &[(u64, String)],
    body: &[u8],
    same_etag: fn(&str, &str) -> bool,
) -> Evidence {
    Evidence {
        cause: of_listed(given, body, same_etag),
        list: ListDrawing::of(given, body, same_etag),
        ..Evidence::default()
    }
}

fn of_listed(
    given: &[(u64, String)],
    body: &[u8],
    same_etag: fn(&str, &str) -> bool,
) -> Option<Cause> {
    let text = String::from_utf8_lossy(body);
    let is_raw = |(_, etag): &(u64, String)| {
        let etag = etag.trim().trim_matches('"');
        // Alone, such a character may be one of the document's own.
        let is_told = etag.len() > 1 && text.contains(etag) || text.contains(&format!(">{etag}<"));
        etag.contains(['&', '<', '\r']) && is_told
    };
    let listed = match part_list::read(body) {
        Ok(listed) => listed,
        Err(_) if given.iter().any(is_raw) => return Some(Cause::EtagNotEscaped),
        Err(_) if !given.is_empty() && !text.contains("<Part>") => {
            return Some(Cause::ListPartMissing);
        }
        Err(_) => return None,
    };
    let numbers: Vec<u64> = listed.iter().map(|part| part.number).collect();
    let (mut sorted, mut right) = (numbers.clone(), given.to_vec());
    sorted.sort_unstable();
    right.sort_by_key(|(number, _)| *number);
    let is_given = |number: &u64| {
        right
            .binary_search_by_key(number, |(given, _)| *given)
            .is_ok()
    };
    let is_same =
        |((_, etag), part): (&(u64, String), &part_list::ListedPart)| same_etag(etag, &part.etag);
    Some(
        if sorted
            .iter()
            .copied()
            .eq(right.iter().map(|(number, _)| *number))
        {
            match sorted == numbers {
                false => Cause::ListOrder,
                true if right.iter().zip(&listed).all(is_same) => return None,
                // What is written as it is and unescaped has become no longer.
                true if right.iter().zip(&listed).all(|((number, etag), part)| {
                    same_etag(etag, &part.etag)
                        || is_raw(&(*number, etag.clone())) && part.etag.len() <= etag.len()
                }) =>
                {
                    Cause::EtagNotEscaped
                }
                true => Cause::ListEtag,
            }
        } else if numbers.len() < right.len() && numbers.iter().all(is_given) {
            Cause::ListPartMissing
        } else {
            return None;
        },
    )
}
