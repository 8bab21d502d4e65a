//! Laws of the counter, far inside an object and across its carries.

use partproof_evidence::Cause;
use partproof_model::cipher::ctr;
use partproof_model::{ByteOffset, Cipher, ContentKey, Start, rules};

use super::encrypt::declares;
use super::{difference, probe};
use crate::case::encrypt::of_counter;
use crate::case::position::PositionCase;
use crate::class::Class;
use crate::class::Class as C;
use crate::law::Consequence::{DataLost, PlaintextExposed};
use crate::law::{Held, Law, On, Unheld, violated};
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
    quick_cases: 1_000,
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
    counter_mismatch(encryptor, case, &plaintext, &expected, &actual)
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
    quick_cases: 1_000,
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
    let read = encryptor
        .decrypt_range(&case.upload(), first, &stored)
        .map_err(Unheld::Refused)?;
    let Some((expected, actual)) = difference(&plaintext, &read) else {
        return Ok(());
    };
    let evidence = probe::of_read(encryptor, &case.upload(), first, &plaintext, &stored, &read);
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
    )
    .on(evidence))
}

/// Compares the bytes of a far part, and where they are wrong says by which known mistake they come about.
fn counter_mismatch(
    encryptor: &dyn Encryptor,
    case: &PositionCase,
    plaintext: &[u8],
    expected: &[u8],
    actual: &[u8],
) -> Held {
    let offset = case.offset();
    let Some((expected_text, actual_text)) = difference(expected, actual) else {
        return Ok(());
    };
    let classes = of_counter(Cipher::Ctr, case.start, offset, case.length);
    let carried = [Class::CarryAt32, Class::CarryAt64, Class::WrapAt128]
        .into_iter()
        .any(|class| classes.contains(class));
    let upload = case.upload();
    let evidence = probe::of_part(encryptor, &upload, case.number, plaintext, actual, 0);
    let seeks = |cause| probe::crypted(&upload, offset, plaintext, actual).is_made_seeking(cause);
    let (rule, symptom, consequence) = match evidence.cause {
        Some(cause @ Cause::CarryLostAt64) => (
            rules::CTR_CARRY,
            match seeks(cause) {
                true => "seeking loses the carry out of the low 64 bits",
                false => "counting loses the carry out of the low 64 bits",
            },
            DataLost,
        ),
        Some(cause @ Cause::CarryLostAt32) => (
            rules::CTR_CARRY,
            match seeks(cause) {
                true => "seeking loses the carry out of the low 32 bits",
                false => "counting loses the carry out of the low 32 bits",
            },
            DataLost,
        ),
        Some(Cause::IndexIn32Bits) => (
            rules::CTR_CARRY,
            "the block index is cut to 32 bits",
            PlaintextExposed,
        ),
        Some(Cause::OffsetIn32Bits) => (
            rules::CTR_CARRY,
            "the offset is cut to 32 bits",
            PlaintextExposed,
        ),
        Some(Cause::PartFromZero) => (
            rules::KEYSTREAM_ONCE,
            "encrypted as if it began the object",
            PlaintextExposed,
        ),
        Some(Cause::CarryGoesAround) => (
            rules::CTR_CARRY,
            "wrong bytes where the counter carries",
            DataLost,
        ),
        None if carried => (
            rules::CTR_CARRY,
            "wrong bytes where the counter carries",
            DataLost,
        ),
        _ => (rules::CTR_POSITION, "a part has other bytes", DataLost),
    };
    let (expected, actual) = (
        format!("from offset {offset}: {expected_text}"),
        actual_text,
    );
    Err(violated(rule, symptom, consequence, expected, actual).on(evidence))
}
