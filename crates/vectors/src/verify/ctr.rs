//! Encryptors held to counter mode: blocks, parts, ranges.

use partproof_model::cipher::ctr;
use partproof_model::limits::{MAX_PART_COUNT, MAX_PART_SIZE};
use partproof_model::{ByteOffset, Cipher, ContentKey, Rule, Start, rules};

use super::{Can, all, is_valid};
use crate::aes_ctr::{CounterBlockTest, CtrPartTest, CtrRangeTest, part_size_for};
use crate::value::CiphertextValue;
use partproof_suite::law::Consequence::{DataLost, OtherClientCannotRead};
use partproof_suite::law::{Held, Unheld, violated};
use partproof_suite::laws::difference;
use partproof_suite::laws::encrypt::declares;
use partproof_suite::subject::{Encryptor, Subject, Upload};

fn encryptor<'a>(subject: &Subject<'a>) -> Result<&'a dyn Encryptor, Unheld> {
    let encryptor = subject.encryptor.ok_or(Unheld::NotDeclared)?;
    declares(encryptor, Cipher::Ctr)?;
    Ok(encryptor)
}

/// The block shows as keystream: 16 zero bytes at its place, read, and, where a part can begin there, sent.
pub(super) fn block(test: &CounterBlockTest, subject: &Subject<'_>, _: &mut Can) -> Held {
    let encryptor = encryptor(subject)?;
    let (Some(start), Some(block)) = (test.start.array(), test.counter_block.array()) else {
        return Err(Unheld::NotDeclared);
    };
    let Some(offset) = test.block_index.checked_mul(16) else {
        return Err(Unheld::NotDeclared);
    };
    let key = [0; 32];
    let zeros = [0; 16];
    let keystream = ctr::apply(ContentKey(key), Start(block), ByteOffset::new(0), &zeros);
    let upload = Upload {
        cipher: Cipher::Ctr,
        key,
        start,
        plaintext_size: offset.saturating_add(16),
        part_size: part_size_for(offset.saturating_add(16)),
    };
    let read = encryptor
        .decrypt_range(&upload, offset, &zeros)
        .map_err(Unheld::Refused)
        .and_then(|actual| compare(rules::CTR_CARRY, offset, &keystream, &actual));
    let sent = match part_at(offset) {
        None => Err(Unheld::NotDeclared),
        Some((part_size, number)) => encrypt(
            encryptor,
            &Upload {
                part_size,
                ..upload
            },
            number,
            &zeros,
        )
        .and_then(|actual| compare(rules::CTR_CARRY, offset, &keystream, &actual)),
    };
    all([read, sent])
}

/// A part size and a number that begin a part here.
fn part_at(offset: u64) -> Option<(u64, u64)> {
    match offset {
        0 => Some((102_400, 1)),
        1..=MAX_PART_SIZE => Some((offset, 2)),
        _ => {
            let number = offset.checked_div(MAX_PART_SIZE)?.checked_add(1)?;
            let begins = offset.is_multiple_of(MAX_PART_SIZE) && number <= MAX_PART_COUNT;
            begins.then_some((MAX_PART_SIZE, number))
        }
    }
}

/// The part is sent as the case has it, in one piece and in several, again and again; and read back.
pub(super) fn part(test: &CtrPartTest, subject: &Subject<'_>, can: &mut Can) -> Held {
    let encryptor = encryptor(subject)?;
    let Some(expected) = &test.ciphertext else {
        return refused_part(test, encryptor, can);
    };
    let Some((upload, offset)) = test.upload() else {
        return Err(Unheld::NotDeclared);
    };
    let plaintext = test.plaintext.bytes_from(offset);
    let once = encrypt(encryptor, &upload, test.number, &plaintext)?;
    let stored = ctr::apply(
        ContentKey(upload.key),
        Start(upload.start),
        ByteOffset::new(offset),
        &plaintext,
    );
    if CiphertextValue::of(&once) != *expected {
        return compare(rules::CTR_POSITION, offset, &stored, &once);
    }
    let mut session = encryptor.begin(&upload).map_err(Unheld::Refused)?;
    let (first, rest) = plaintext.split_at(plaintext.len().min(7));
    for chunks in [&[first, rest][..], &[&plaintext]] {
        let again = session
            .encrypt(test.number, chunks)
            .map_err(Unheld::Refused)?;
        compare(rules::ENCRYPT_DETERMINISTIC, offset, &stored, &again)?;
    }
    can.encrypted = true;
    let read = encryptor.decrypt_range(&upload, offset, &stored);
    match read {
        Err(_) => Ok(()),
        Ok(read) => compare(rules::RANGE_EXACT, offset, &plaintext, &read),
    }
}

/// What no part can be is refused. Keys and starts of other lengths have no place in the trait.
fn refused_part(test: &CtrPartTest, encryptor: &dyn Encryptor, can: &Can) -> Held {
    let (Some(key), Some(start)) = (test.key.array(), test.start.array()) else {
        return Err(Unheld::NotDeclared);
    };
    let offset = test.number.saturating_sub(1).saturating_mul(test.part_size);
    let upload = Upload {
        cipher: Cipher::Ctr,
        key,
        start,
        plaintext_size: offset.saturating_add(test.plaintext.length()),
        part_size: test.part_size,
    };
    let plaintext = test.plaintext.bytes_from(offset);
    match encrypt(encryptor, &upload, test.number, &plaintext) {
        Err(Unheld::Refused(refusal)) => match can.encrypted {
            true => Ok(()),
            false => Err(Unheld::Refused(refusal)),
        },
        Err(other) => Err(other),
        Ok(bytes) => Err(violated(
            rules::BODY_LENGTH,
            "an impossible part is encrypted",
            DataLost,
            "a refusal",
            format!("{} bytes", bytes.len()),
        )),
    }
}

/// The range is read as the case has it.
pub(super) fn range(test: &CtrRangeTest, subject: &Subject<'_>, _: &mut Can) -> Held {
    let encryptor = encryptor(subject)?;
    let (Some(upload), CiphertextValue::Full { hex: stored }) = (test.upload(), &test.ciphertext)
    else {
        return Err(Unheld::NotDeclared);
    };
    if !is_valid(test) {
        return Err(Unheld::NotDeclared);
    }
    let read = encryptor
        .decrypt_range(&upload, test.offset, &stored.0)
        .map_err(Unheld::Refused)?;
    compare(
        rules::RANGE_EXACT,
        test.offset,
        &test.plaintext.bytes(),
        &read,
    )
}

/// One part in one piece.
pub(super) fn encrypt(
    encryptor: &dyn Encryptor,
    upload: &Upload,
    number: u64,
    plaintext: &[u8],
) -> Result<Vec<u8>, Unheld> {
    let mut session = encryptor.begin(upload).map_err(Unheld::Refused)?;
    session
        .encrypt(number, &[plaintext])
        .map_err(Unheld::Refused)
}

/// Bytes of the object from an offset on.
pub(super) fn compare(rule: &'static Rule, offset: u64, expected: &[u8], actual: &[u8]) -> Held {
    let Some((expected, actual)) = difference(expected, actual) else {
        return Ok(());
    };
    let consequence = match rule == rules::CTR_CARRY || rule == rules::CTR_POSITION {
        true => DataLost,
        false => OtherClientCannotRead,
    };
    Err(violated(
        rule,
        "other bytes",
        consequence,
        format!("from offset {offset}: {expected}"),
        actual,
    ))
}
