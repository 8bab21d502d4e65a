//! Laws of encryptors that hold for every cipher.

use std::collections::BTreeMap;

use partproof_evidence::Evidence;
use partproof_model::cipher::{ctr, gcm_object, gcm_part};
use partproof_model::{ByteOffset, Cipher, ContentKey, PartNumber, Start, rules};

use super::difference;
use super::probe::{self, of_first_wrong, of_wrong};
use crate::case::encrypt::EncryptCase;
use crate::class::Class as C;
use crate::law::Consequence::{DataLost, OtherClientCannotRead, UploadRejected};
use crate::law::{Held, Law, On, Unheld, violated};
use crate::subject::{Declared, Encryptor, PartEncryptor, Upload};

/// The sizes an encryptor declares are those of the bytes it sends, tags included, and make the count it sends.
pub static DECLARED_SIZES: Law = Law {
    id: "declared-sizes",
    sentence: "The sizes an encryptor declares are those of the bytes it sends, tags included, and make the count it sends.",
    rules: &[rules::DECLARED_SIZES],
    classes: &[
        C::Ctr,
        C::GcmObject,
        C::GcmPart,
        C::TagInLastPart,
        C::TagInOwnPart,
        C::TagSplit,
        C::ExactMultiple,
        C::LastShort,
        C::CountOne,
    ],
    quick_cases: 500,
    on: &On::<dyn Encryptor, EncryptCase>(declared_sizes),
};

/// The sizes an encryptor declares are those of the bytes it sends. Impossible ones are not declared, and an object that is too large to encrypt
/// is judged by what is declared alone.
fn declared_sizes(encryptor: &dyn Encryptor, case: &EncryptCase) -> Held {
    declares(encryptor, case.cipher)?;
    let declared = encryptor.declare(&case.upload());
    let show = |(data, part, count): (u64, u64, u64)| {
        format!("data size {data}, part size {part}, {count} parts")
    };
    let said = |declared: &Declared| (declared.data_size, declared.part_size, declared.part_count);
    let Some(layout) = case.possible() else {
        return match declared {
            Err(_) => Ok(()),
            Ok(declared) => Err(violated(
                rules::DECLARED_SIZES,
                "impossible sizes declared",
                UploadRejected,
                "a refusal",
                show(said(&declared)),
            )),
        };
    };
    let declared = declared.map_err(Unheld::Refused)?;
    let wire = layout.wire();
    let expected = (wire.data.bytes(), wire.part.bytes(), wire.count());
    let actual = said(&declared);
    if actual != expected {
        return Err(violated(
            rules::DECLARED_SIZES,
            "other sizes declared",
            UploadRejected,
            show(expected),
            show(actual),
        ));
    }
    if !case.is_small() {
        return Ok(());
    }
    let sent = stored(encryptor, case)?;
    let length: usize = sent.iter().map(Vec::len).sum();
    let count = u64::try_from(sent.len()).unwrap_or(u64::MAX);
    if u64::try_from(length).is_ok_and(|length| length == declared.data_size)
        && count == declared.part_count
    {
        return Ok(());
    }
    let actual = format!("{length} bytes in {count} parts are sent");
    Err(violated(
        rules::DECLARED_SIZES,
        "other sizes sent than declared",
        UploadRejected,
        show(expected),
        actual,
    )
    .on(of_first_wrong(encryptor, case, &sent)))
}

/// A part is its slice of the object's ciphertext.
pub static PART_EQUALS_SLICE: Law = Law {
    id: "part-equals-slice",
    sentence: "A part is its slice of the object's ciphertext.",
    rules: &[
        rules::CTR_POSITION,
        rules::GCM_OBJECT_BYTES,
        rules::GCM_PART_SEAL,
    ],
    classes: &[
        C::Ctr,
        C::GcmObject,
        C::GcmPart,
        C::CountOne,
        C::CountMany,
        C::ExactMultiple,
        C::LastShort,
        C::LastOneByte,
    ],
    quick_cases: 500,
    on: &On::<dyn Encryptor, EncryptCase>(part_equals_slice),
};

fn part_equals_slice(encryptor: &dyn Encryptor, case: &EncryptCase) -> Held {
    declares(encryptor, case.cipher)?;
    let upload = case.upload();
    let model: Vec<(u64, Vec<u8>)> = match case.only {
        None => (1..).zip(model_parts(case)?).collect(),
        Some(number) => vec![(number, model_part(case, number)?)],
    };
    for (number, expected) in &model {
        let number = *number;
        // The tag of a GCM object is not the part's own.
        let tag = PartNumber::new(number)
            .and_then(|number| case.layout().object_tag_of(number))
            .unwrap_or(0..0);
        let own = expected.len() - usize::try_from(tag.end - tag.start).unwrap_or_default();
        let mut part = encryptor.begin(&upload).map_err(Unheld::Refused)?;
        let plaintext = plaintext_of(case, number);
        let actual = part
            .encrypt(number, &[&plaintext])
            .map_err(Unheld::Refused)?;
        if let Some((expected, actual_text)) = difference(&expected[..own], &actual) {
            let evidence = of_wrong(encryptor, case, (number, &actual), 0);
            let (rule, consequence) = match case.cipher {
                Cipher::Ctr => (rules::CTR_POSITION, DataLost),
                Cipher::GcmObject => (rules::GCM_OBJECT_BYTES, OtherClientCannotRead),
                Cipher::GcmPart => (rules::GCM_PART_SEAL, OtherClientCannotRead),
            };
            return Err(violated(
                rule,
                "a part has other bytes",
                consequence,
                format!("part {number}: {expected}"),
                actual_text,
            )
            .on(evidence));
        }
    }
    Ok(())
}

/// Encrypting parts in any order, any of them again, in chunks of any length, or all at once, gives the same bytes.
pub static ANY_ORDER_RETRY_CHUNKING: Law = Law {
    id: "any-order-retry-chunking",
    sentence: "Encrypting parts in any order, any of them again, in chunks of any length, or all at once, gives the same bytes.",
    rules: &[rules::ENCRYPT_DETERMINISTIC],
    classes: &[
        C::Ctr,
        C::GcmObject,
        C::GcmPart,
        C::OutOfOrder,
        C::Retried,
        C::Chunked,
    ],
    quick_cases: 500,
    on: &On::<dyn Encryptor, EncryptCase>(any_order_retry_chunking),
};

/// Any order, any retry, any chunking, and all at once give the same bytes.
fn any_order_retry_chunking(encryptor: &dyn Encryptor, case: &EncryptCase) -> Held {
    declares(encryptor, case.cipher)?;
    let plain = EncryptCase {
        order: Vec::new(),
        chunks: Vec::new(),
        ..case.clone()
    };
    let expected = stored(encryptor, &plain)?;
    let shuffled = stored(encryptor, case)?;
    same_parts(
        &expected,
        &shuffled,
        "the order or the chunks change a part",
        || of_first_wrong(encryptor, case, &shuffled),
    )?;
    if case.only.is_some() {
        return Ok(());
    }
    match encryptor.encrypt_object(&case.upload(), &case.bytes()) {
        None => Ok(()),
        Some(at_once) => {
            let at_once = at_once.map_err(Unheld::Refused)?;
            same_parts(
                &expected,
                &at_once,
                "encrypting all at once changes a part",
                || of_first_wrong(encryptor, &plain, &at_once),
            )
        }
    }
}

fn same_parts(
    expected: &[Vec<u8>],
    actual: &[Vec<u8>],
    symptom: &'static str,
    evidence: impl Fn() -> Evidence,
) -> Held {
    for (number, (expected, actual)) in (1..).zip(expected.iter().zip(actual)) {
        if let Some((expected, actual)) = difference(expected, actual) {
            let how = format!("part {number} in order, in one piece: {expected}");
            return Err(
                violated(rules::ENCRYPT_DETERMINISTIC, symptom, DataLost, how, actual)
                    .on(evidence()),
            );
        }
    }
    if expected.len() == actual.len() {
        return Ok(());
    }
    let (expected, actual) = (
        format!("{} parts", expected.len()),
        format!("{} parts", actual.len()),
    );
    Err(violated(
        rules::ENCRYPT_DETERMINISTIC,
        symptom,
        DataLost,
        expected,
        actual,
    ))
}

/// What was encrypted decrypts to the same bytes.
pub static ROUND_TRIP: Law = Law {
    id: "round-trip",
    sentence: "What was encrypted decrypts to the same bytes.",
    rules: &[rules::ROUND_TRIP],
    classes: &[
        C::Ctr,
        C::GcmObject,
        C::GcmPart,
        C::CountOne,
        C::CountMany,
        C::ExactMultiple,
        C::LastShort,
        C::TagSplit,
        C::TagInOwnPart,
    ],
    quick_cases: 500,
    on: &On::<dyn Encryptor, EncryptCase>(round_trip),
};

fn round_trip(encryptor: &dyn Encryptor, case: &EncryptCase) -> Held {
    declares(encryptor, case.cipher)?;
    let parts = stored(encryptor, case)?;
    opens_to_plaintext(
        encryptor,
        case,
        &parts,
        match model_parts(case)? == parts {
            // It is what another would have written.
            true => READS_ANOTHER,
            false => "its own object does not open",
        },
    )
}

/// An object that the model encrypted decrypts to its plaintext.
pub static READS_THE_MODEL: Law = Law {
    id: "reads-the-model",
    sentence: "An object that the model encrypted decrypts to its plaintext.",
    rules: &[rules::ROUND_TRIP],
    classes: &[
        C::Ctr,
        C::GcmObject,
        C::GcmPart,
        C::CountOne,
        C::CountMany,
        C::CarryAt32,
        C::CarryAt64,
        C::WrapAt128,
    ],
    quick_cases: 500,
    on: &On::<dyn Encryptor, EncryptCase>(reads_the_model),
};

fn reads_the_model(encryptor: &dyn Encryptor, case: &EncryptCase) -> Held {
    declares(encryptor, case.cipher)?;
    opens_to_plaintext(encryptor, case, &model_parts(case)?, READS_ANOTHER)
}

const READS_ANOTHER: &str = "an object of another writer does not open";

/// A body that is not of its part's length, or of no part of the upload, is refused.
pub static PART_BODY_REFUSAL: Law = Law {
    id: "part-body-refusal",
    sentence: "A body that is not of its part's length, or of no part of the upload, is refused.",
    rules: &[rules::BODY_LENGTH],
    classes: &[C::Ctr, C::GcmObject, C::GcmPart, C::CountOne, C::CountMany],
    quick_cases: 500,
    on: &On::<dyn Encryptor, EncryptCase>(part_body_refusal),
};

/// A body that is not of its part's length, or of no part of the upload, is refused. A case of one part alone is such a body.
fn part_body_refusal(encryptor: &dyn Encryptor, case: &EncryptCase) -> Held {
    declares(encryptor, case.cipher)?;
    if !encryptor.checks_lengths() {
        return Err(Unheld::NotDeclared);
    }
    let upload = case.upload();
    if let Some(number) = case.only {
        let from = number.saturating_sub(1).saturating_mul(case.part_size);
        let body = case.slice(from..u64::MAX);
        return match encrypt_alone(encryptor, &upload, number, &body) {
            Err(_) => Ok(()),
            Ok(bytes) => Err(violated(
                rules::BODY_LENGTH,
                "a part that cannot be is encrypted",
                DataLost,
                "a refusal",
                format!(
                    "part {number} with {} bytes becomes {}",
                    body.len(),
                    bytes.len()
                ),
            )),
        };
    }
    let count = case.layout().wire().count();
    let first = plaintext_of(case, 1);
    encrypt_alone(encryptor, &upload, 1, &first).map_err(Unheld::Refused)?;
    let longer = [first.as_slice(), &[0]].concat();
    let shorter = first.get(1..).unwrap_or_default();
    for (number, body, what) in [
        (1, longer.as_slice(), "one byte too many"),
        (1, shorter, "one byte too few"),
        (0, first.as_slice(), "a part number below 1"),
        (count + 1, first.as_slice(), "a part number above the count"),
    ] {
        if let Ok(bytes) = encrypt_alone(encryptor, &upload, number, body) {
            let actual = format!(
                "part {number} of {count} with {} bytes ({what}) becomes {} bytes",
                body.len(),
                bytes.len()
            );
            let expected = format!("a refusal: part 1 of {count} has {} bytes", first.len());
            return Err(violated(
                rules::BODY_LENGTH,
                what,
                DataLost,
                expected,
                actual,
            ));
        }
    }
    Ok(())
}

fn encrypt_alone(
    encryptor: &dyn Encryptor,
    upload: &Upload,
    number: u64,
    body: &[u8],
) -> Result<Vec<u8>, crate::subject::Refusal> {
    encryptor.begin(upload)?.encrypt(number, &[body])
}

/// The stored parts of an upload, encrypted in the case's order and chunks. A part that comes twice must come out equal.
pub fn stored(encryptor: &dyn Encryptor, case: &EncryptCase) -> Result<Vec<Vec<u8>>, Unheld> {
    let mut session: Box<dyn PartEncryptor + '_> =
        encryptor.begin(&case.upload()).map_err(Unheld::Refused)?;
    let (mut parts, mut bytes) = (BTreeMap::<u64, Vec<u8>>::new(), 0_u64);
    for number in case.numbers() {
        let plaintext = plaintext_of(case, number);
        let encrypted = session
            .encrypt(number, &case.cut(&plaintext))
            .map_err(Unheld::Refused)?;
        let again = parts.insert(number, encrypted);
        if let Some((first, second)) = again
            .as_ref()
            .and_then(|first| difference(first, &parts[&number]))
        {
            let first = format!("part {number} the first time: {first}");
            // The last time is the wrong one, if either is.
            let sent = (number, parts[&number].as_slice());
            return Err(violated(
                rules::ENCRYPT_DETERMINISTIC,
                "a retry sends other bytes",
                DataLost,
                first,
                second,
            )
            .on(of_wrong(encryptor, case, sent, bytes.div_ceil(16))));
        }
        bytes += u64::try_from(plaintext.len()).unwrap_or(0);
    }
    if case.only.is_none() {
        for (number, bytes) in session.finish().map_err(Unheld::Refused)? {
            parts.entry(number).or_default().extend(bytes);
        }
    }
    Ok(parts.into_values().collect())
}

/// The stored parts as the model makes them.
pub fn model_parts(case: &EncryptCase) -> Result<Vec<Vec<u8>>, Unheld> {
    if case.cipher == Cipher::GcmObject {
        let object = gcm_object::seal(ContentKey(case.key), Start(case.start), &case.bytes());
        let object = object.expect("check() refuses what the model cannot encrypt");
        return Ok(pieces(&object, case.part_size));
    }
    let numbers = 1..=case.layout().wire().count();
    numbers.map(|number| model_part(case, number)).collect()
}

/// One of them.
pub(super) fn model_part(case: &EncryptCase, number: u64) -> Result<Vec<u8>, Unheld> {
    let (key, start, layout) = (ContentKey(case.key), Start(case.start), case.layout());
    let part =
        PartNumber::new(number).and_then(|number| Some((number, layout.plaintext_of(number)?)));
    let (number, range) = part.ok_or(Unheld::NotDeclared)?;
    let plaintext = case.slice(range.clone());
    match case.cipher {
        Cipher::Ctr => Ok(ctr::apply(
            key,
            start,
            ByteOffset::new(range.start),
            &plaintext,
        )),
        Cipher::GcmPart => {
            let part = gcm_part::seal(key, start, layout, number, &plaintext);
            Ok(part.expect("check() refuses what the model cannot encrypt"))
        }
        // Its tag is of the whole.
        Cipher::GcmObject => {
            let at = usize::try_from(number.get() - 1).unwrap_or(usize::MAX);
            model_parts(case)?
                .into_iter()
                .nth(at)
                .ok_or(Unheld::NotDeclared)
        }
    }
}

fn pieces(object: &[u8], part_size: u64) -> Vec<Vec<u8>> {
    object
        .chunks(usize::try_from(part_size).unwrap_or(usize::MAX))
        .map(<[u8]>::to_vec)
        .collect()
}

/// The plaintext that part `number` holds, by the model's layout.
pub fn plaintext_of(case: &EncryptCase, number: u64) -> Vec<u8> {
    let range = PartNumber::new(number).and_then(|number| case.layout().plaintext_of(number));
    case.slice(range.unwrap_or(0..0))
}

/// Whether the subject has the cipher.
pub fn declares(encryptor: &dyn Encryptor, cipher: Cipher) -> Held {
    match encryptor.ciphers().contains(&cipher) {
        true => Ok(()),
        false => Err(Unheld::NotDeclared),
    }
}

fn opens_to_plaintext(
    encryptor: &dyn Encryptor,
    case: &EncryptCase,
    parts: &[Vec<u8>],
    symptom: &'static str,
) -> Held {
    let expected = case.bytes();
    let opened = encryptor.open(&case.upload(), parts).map_err(|refusal| {
        let expected = format!("{} bytes of plaintext", expected.len());
        violated(
            rules::ROUND_TRIP,
            symptom,
            DataLost,
            expected,
            format!("refused: {}", refusal.0),
        )
        .on(of_first_wrong(encryptor, case, parts))
    })?;
    let Some((expected_text, actual)) = difference(&expected, &opened) else {
        return Ok(());
    };
    // Whoever opens what is wrong is right.
    let mut evidence = of_first_wrong(encryptor, case, parts);
    if evidence == Evidence::default() {
        evidence = probe::of_opening(&case.upload(), parts, &expected, &opened);
    }
    Err(violated(rules::ROUND_TRIP, symptom, DataLost, expected_text, actual).on(evidence))
}
