//! The classes of reads: which bytes of the object a range is about, what disturbs it, and what is wrong with the object.

use arbitrary::{Result, Unstructured};
use partproof_emulator::{Fault, Operation};
use partproof_model::Cipher;
use partproof_model::limits::MIN_PART_SIZE;
use partproof_suite::class::{Class, Classes};
use partproof_suite::subject::client::ByteRange;

use super::{Breakage, Damage, DownloadCase, FOR_GOOD};

/// A range of an object of so many bytes, or none.
pub(super) fn draw_range(u: &mut Unstructured<'_>, length: u64) -> Result<Option<ByteRange>> {
    let near = |u: &mut Unstructured<'_>| -> Result<u64> {
        Ok(match u.int_in_range(0..=3_u8)? {
            0 => u.int_in_range(0..=40)?,
            1 => MIN_PART_SIZE - 8 + u.int_in_range(0..=16)?,
            2 => length.saturating_sub(u.int_in_range(0..=20)?),
            _ => u.int_in_range(0..=length)?,
        })
    };
    let end = length.saturating_sub(1);
    // Within the last block.
    let tail = end - u.int_in_range(0..=end % 16)?;
    Ok(match u.int_in_range(0..=6_u8)? {
        0 => None,
        6 => Some(match u.int_in_range(0..=6_u8)? {
            0 => ByteRange::Closed { first: 0, last: 0 },
            1 => ByteRange::Closed {
                first: tail,
                last: tail,
            },
            2 => ByteRange::From { first: end },
            3 => ByteRange::Suffix { length: 1 },
            4 => ByteRange::Closed {
                first: tail,
                last: end,
            },
            5 => ByteRange::From { first: tail },
            _ => ByteRange::Suffix {
                length: length - tail,
            },
        }),
        1 => Some(ByteRange::From { first: near(u)? }),
        2 => Some(ByteRange::Suffix {
            length: match u.int_in_range(0..=3_u8)? {
                0 => length + u.int_in_range(1..=1000)?,
                _ => near(u)?,
            },
        }),
        3 => {
            let first = near(u)?;
            let last = length.max(first) + u.int_in_range(0..=1000)?;
            Some(ByteRange::Closed { first, last })
        }
        _ => {
            let (one, other) = (near(u)?, near(u)?);
            Some(ByteRange::Closed {
                first: one.min(other),
                last: one.max(other),
            })
        }
    })
}

/// Whether the counter goes around within the first blocks.
fn wraps(case: &DownloadCase) -> bool {
    case.envelope.cipher == Cipher::Ctr && case.envelope.start[..15] == [0xff; 15]
}

/// Whether the counter starts at what a signed integer has for a small negative number, and stays there.
fn is_high(case: &DownloadCase) -> bool {
    let start = case.envelope.start;
    case.envelope.cipher == Cipher::Ctr && start[0] == 0xff && start[..8] != [0xff; 8]
}

/// Where a range lies in the object.
pub(super) fn of_range(case: &DownloadCase) -> Classes {
    use ByteRange::{Closed, From, Suffix};
    let length = case.plaintext.length;
    let (end, block) = (length.saturating_sub(1), length / 16 * 16);
    // A range of an object that cannot be read, or of a read that fails, says nothing of ranges.
    let is_read = case.damage.is_none() && case.faults.is_empty();
    let Some(range) = case.range.filter(|_| is_read) else {
        return Classes::default();
    };
    // A last block that is not full, of which something is left out.
    let within = |first: u64| block < length && first > block;
    Classes::default()
        .with(Class::ClosedRange, matches!(range, Closed { .. }))
        .with(Class::OpenRange, matches!(range, From { .. }))
        .with(Class::SuffixRange, matches!(range, Suffix { .. }))
        .with(Class::RangeBeyondEnd, case.is_beyond())
        .with(Class::RangeOutside, case.is_outside())
        .with(
            Class::OutsideOnBlock,
            case.is_outside() && matches!(range, Closed { first, .. } if first % 16 == 0),
        )
        .with(Class::FirstByte, range == Closed { first: 0, last: 0 })
        .with(
                Class::OneByte,
                matches!(range, Closed { first, last } if first == last && (1..length).contains(&first)),
            )
        .with(Class::LastByteOn, length > 1 && range == From { first: end })
        .with(
            Class::OpenUnderHighStart,
            matches!(range, From { first } if (16..length).contains(&first)) && is_high(case),
        )
        .with(
            Class::OpenPastTheWrap,
            matches!(range, From { first } if (16 * 13..length).contains(&first)) && wraps(case),
        )
        .with(Class::LastByte, length > 1 && range == Suffix { length: 1 })
        .with(
                Class::ClosedInLastBlock,
                matches!(range, Closed { first, last } if within(first) && last < length),
            )
        .with(
                Class::OpenInLastBlock,
                matches!(range, From { first } if within(first) && first < length),
            )
        .with(
                Class::SuffixInLastBlock,
                matches!(range, Suffix { length: wanted } if wanted > 0 && wanted < length && within(length - wanted)),
            )
        .with(
                Class::SuffixBeyond,
                matches!(range, Suffix { length: wanted } if wanted > length && length > 0),
            )
        .with(Class::RangeOfNothing, length == 0)
}

/// What goes wrong.
pub(super) fn of_faults(case: &DownloadCase) -> Classes {
    let [planned] = case.faults.as_slice() else {
        return Classes::default();
    };
    let is_first = planned.nth == 1;
    let is_get = planned.operation == Some(Operation::GetObject);
    // Whatever more the client reads than it is asked for, the answer is cut; and no tag shows it.
    let cut = match planned.fault {
        Fault::CutAnswer { after }
            if is_first
                && is_get
                && case.range.is_none()
                && case.envelope.cipher == Cipher::Ctr =>
        {
            Some(after).filter(|after| *after < case.plaintext.length)
        }
        _ => None,
    };
    Classes::default()
        .with(
            Class::ReadAnsweredError,
            is_first && matches!(planned.fault, Fault::Answer { .. }),
        )
        .with(
            Class::RangeAnsweredWhole,
            is_first
                && is_get
                && case.envelope.cipher == Cipher::Ctr
                && case.range.is_some()
                && case.asked().is_some_and(|asked| asked.start >= 16)
                && planned.fault == Fault::IgnoreRange,
        )
        .with(
            Class::ReadCut,
            is_first && planned.fault == Fault::CutBeforeBody,
        )
        .with(Class::TruncatedOnce, cut.is_some() && planned.times == 1)
        .with(
            Class::TruncatedForGood,
            cut.is_some() && planned.times == FOR_GOOD,
        )
        .with(
            Class::TruncatedAtBlock,
            cut.is_some_and(|after| after > 0 && after % 16 == 0),
        )
}

/// What is wrong with the object.
pub(super) fn of_damage(case: &DownloadCase) -> Classes {
    Classes::default()
        .with(
            Class::WrongMasterKey,
            case.damage == Some(Damage::Envelope(Breakage::WrongMasterKey)),
        )
        .with(
            Class::ShortStart,
            matches!(
                case.damage,
                Some(Damage::Envelope(Breakage::StartLength(..16))) if case.range.is_none() && case.plaintext.length > 0
            ),
        )
        .with(
            Class::WrongWrappedLength,
            matches!(
                case.damage,
                Some(Damage::Envelope(
                    Breakage::KeyLength(_) | Breakage::StartLength(_)
                ))
            ),
        )
        .with(
            Class::HalfAnEnvelope,
            matches!(case.damage, Some(Damage::Envelope(Breakage::Missing(_)))),
        )
        .with(Class::PlainObject, case.damage == Some(Damage::Plain))
        .with(
            Class::UnknownAlgorithm,
            matches!(case.damage, Some(Damage::Envelope(Breakage::Value(..)))),
        )
        .with(
            Class::FlippedBit,
            matches!(case.damage, Some(Damage::Byte(_))),
        )
}
