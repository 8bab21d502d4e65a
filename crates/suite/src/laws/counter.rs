//! Laws of the counter, far inside an object and across its carries.

use partproof_model::cipher::ctr;
use partproof_model::{ByteOffset, Cipher, ContentKey, Rule, Start, rules};

use super::difference;
use super::encrypt::declares;
use crate::case::encrypt::of_counter;
use crate::case::position::PositionCase;
use crate::class::Class;
use crate::class::Class as C;
use crate::law::Consequence::{DataLost, PlaintextExposed};
use crate::law::{Consequence, Held, Law, On, Unheld, violated};
use crate::subject::Encryptor;

/// A part anywhere in an object is encrypted with start + offset / 16 as one 128-bit number, for every start.
pub static COUNTER_ARITHMETIC: Law = Law {
    id: "counter-arithmetic",
    sentence: "A part anywhere in an object is encrypted with start + offset / 16 as one 128-bit number, for every start.",
    rules: &[rules::CTR_CARRY, rules::CTR_POSITION],
    classes: &[
        C::CarryAt32,
        C::CarryAt64,
        C::WrapAt128,
        C::FarOffset,
        C::Count10000,
    ],
    quick_cases: 20_000,
    on: &On::<dyn Encryptor, PositionCase>(counter_arithmetic),
};

/// A part anywhere in an object is encrypted with start + offset / 16.
fn counter_arithmetic(encryptor: &dyn Encryptor, case: &PositionCase) -> Held {
    declares(encryptor, Cipher::Ctr)?;
    let plaintext = case.bytes_from(0);
    let expected = ctr::apply(
        ContentKey(case.key),
        Start(case.start),
        ByteOffset::new(case.offset()),
        &plaintext,
    );
    let mut part = encryptor.begin(&case.upload()).map_err(Unheld::Refused)?;
    let actual = part
        .encrypt(case.number, &[&plaintext])
        .map_err(Unheld::Refused)?;
    counter_mismatch(case, case.offset(), &plaintext, &expected, &actual)
}

/// Decrypting stored bytes from any offset gives the plaintext at that offset.
pub static ANY_RANGE: Law = Law {
    id: "any-range",
    sentence: "Decrypting stored bytes from any offset gives the plaintext at that offset.",
    rules: &[rules::RANGE_EXACT],
    classes: &[
        C::AlignedOffset,
        C::UnalignedOffset,
        C::FarOffset,
        C::CarryAt32,
        C::CarryAt64,
        C::WrapAt128,
    ],
    quick_cases: 20_000,
    on: &On::<dyn Encryptor, PositionCase>(any_range),
};

fn any_range(encryptor: &dyn Encryptor, case: &PositionCase) -> Held {
    declares(encryptor, Cipher::Ctr)?;
    let first = case.offset() + case.skip;
    let plaintext = case.bytes_from(case.skip);
    let stored = ctr::apply(
        ContentKey(case.key),
        Start(case.start),
        ByteOffset::new(first),
        &plaintext,
    );
    let actual = encryptor
        .decrypt_range(&case.upload(), first, &stored)
        .map_err(Unheld::Refused)?;
    let Some((expected, actual)) = difference(&plaintext, &actual) else {
        return Ok(());
    };
    let symptom = if case.skip.is_multiple_of(16) {
        "a range decrypts to other bytes"
    } else {
        "a range within a block decrypts to other bytes"
    };
    Err(violated(
        rules::RANGE_EXACT,
        symptom,
        DataLost,
        format!("from offset {first}: {expected}"),
        actual,
    ))
}

/// Compares the bytes of a far part, and where they are wrong says by which known mistake they come about.
fn counter_mismatch(
    case: &PositionCase,
    offset: u64,
    plaintext: &[u8],
    expected: &[u8],
    actual: &[u8],
) -> Held {
    let Some((expected_text, actual_text)) = difference(expected, actual) else {
        return Ok(());
    };
    let classes = of_counter(Cipher::Ctr, case.start, offset, case.length);
    let carried = [Class::CarryAt32, Class::CarryAt64, Class::WrapAt128]
        .into_iter()
        .any(|class| classes.contains(class));
    let (rule, symptom, consequence) =
        known_mistake(case, offset, plaintext, actual).unwrap_or(match carried {
            true => (
                rules::CTR_CARRY,
                "wrong bytes where the counter carries",
                DataLost,
            ),
            false => (rules::CTR_POSITION, "a part has other bytes", DataLost),
        });
    Err(violated(
        rule,
        symptom,
        consequence,
        format!("from offset {offset}: {expected_text}"),
        actual_text,
    ))
}

fn known_mistake(
    case: &PositionCase,
    offset: u64,
    plaintext: &[u8],
    actual: &[u8],
) -> Option<(&'static Rule, &'static str, Consequence)> {
    let start = u128::from_be_bytes(case.start);
    let first = u128::from(offset / 16);
    // A counter whose low bits wrap by themselves: the carry out of them is lost.
    let narrow = |bits: u32, index: u128| {
        let mask = (1_u128 << bits) - 1;
        (start & !mask) | (start.wrapping_add(index) & mask)
    };
    let narrow_seek = |bits: u32, index: u128| narrow(bits, first).wrapping_add(index - first);
    let truncated =
        |index: u128| start.wrapping_add((first & u128::from(u32::MAX)) + (index - first));
    let at_zero = |index: u128| start.wrapping_add(index - first);
    let matches = |counter: &dyn Fn(u128) -> u128| {
        let blocks = plaintext
            .chunks(16)
            .zip(first..)
            .flat_map(|(chunk, index)| {
                ctr::apply(
                    ContentKey(case.key),
                    Start(counter(index).to_be_bytes()),
                    ByteOffset::new(0),
                    chunk,
                )
            });
        offset.is_multiple_of(16) && blocks.eq(actual.iter().copied())
    };
    // Each: the counter block it would use for block `index`, the rule, what it looks like, what it means.
    type Mistake<'a> = (
        &'a dyn Fn(u128) -> u128,
        &'static Rule,
        &'static str,
        Consequence,
    );
    let candidates: [Mistake<'_>; 6] = [
        (
            &at_zero,
            rules::KEYSTREAM_ONCE,
            "encrypted as if it began the object",
            PlaintextExposed,
        ),
        (
            &truncated,
            rules::CTR_CARRY,
            "the block index is cut to 32 bits",
            PlaintextExposed,
        ),
        (
            &|index| narrow_seek(64, index),
            rules::CTR_CARRY,
            "seeking loses the carry out of the low 64 bits",
            DataLost,
        ),
        (
            &|index| narrow_seek(32, index),
            rules::CTR_CARRY,
            "seeking loses the carry out of the low 32 bits",
            DataLost,
        ),
        (
            &|index| narrow(64, index),
            rules::CTR_CARRY,
            "counting loses the carry out of the low 64 bits",
            DataLost,
        ),
        (
            &|index| narrow(32, index),
            rules::CTR_CARRY,
            "counting loses the carry out of the low 32 bits",
            DataLost,
        ),
    ];
    let found = candidates.iter().find(|(counter, ..)| matches(counter));
    found.map(|(_, rule, symptom, consequence)| (*rule, *symptom, *consequence))
}
