//! Laws of the authenticated profiles.

use partproof_evidence::{Cause, Evidence};
use partproof_model::{Cipher, PartNumber, Start, rules};

use super::difference;
use super::encrypt::{declares, model_parts, stored};
use super::probe::of_first_wrong;
use crate::case::encrypt::EncryptCase;
use crate::case::tamper::{Tamper, TamperCase};
use crate::class::Class as C;
use crate::law::Consequence::{OtherClientCannotRead, TamperingUnnoticed};
use crate::law::{Held, Law, On, Unheld, violated};
use crate::shown;
use crate::subject::{Encryptor, Upload};

/// The parts of a GCM object, joined, are one-shot AES-256-GCM over the whole object.
pub static GCM_OBJECT_ONE_SHOT: Law = Law {
    id: "gcm-object-one-shot",
    sentence: "The parts of a GCM object, joined, are one-shot AES-256-GCM over the whole object.",
    rules: &[rules::GCM_OBJECT_BYTES, rules::GCM_OBJECT_TAG],
    classes: &[
        C::GcmObject,
        C::TagInLastPart,
        C::TagInOwnPart,
        C::TagSplit,
        C::OutOfOrder,
    ],
    quick_cases: 500,
    on: &On::<dyn Encryptor, EncryptCase>(object_one_shot),
};

fn object_one_shot(encryptor: &dyn Encryptor, case: &EncryptCase) -> Held {
    if case.cipher != Cipher::GcmObject {
        return Err(Unheld::NotDeclared);
    }
    declares(encryptor, case.cipher)?;
    let (expected, stored_parts) = (model_parts(case)?, stored(encryptor, case)?);
    let actual = &stored_parts;
    for (number, expected) in (1..).zip(&expected) {
        let nothing = Vec::new();
        let actual = usize::try_from(number - 1)
            .ok()
            .and_then(|index| actual.get(index))
            .unwrap_or(&nothing);
        let Some((expected_text, actual_text)) = difference(expected, actual) else {
            continue;
        };
        // Where only the tag's bytes differ, the rule is the tag's.
        let tag = PartNumber::new(number)
            .and_then(|number| case.layout().object_tag_of(number))
            .unwrap_or(0..0);
        let own = expected.len() - usize::try_from(tag.end - tag.start).unwrap_or_default();
        let (rule, symptom) = match actual.get(..own) == expected.get(..own) {
            true if actual.len() != expected.len() => (
                rules::GCM_OBJECT_TAG,
                "the tag is missing or in another part",
            ),
            true => (rules::GCM_OBJECT_TAG, "another tag"),
            false => (rules::GCM_OBJECT_BYTES, "a part has other bytes"),
        };
        return Err(violated(
            rule,
            symptom,
            OtherClientCannotRead,
            format!("part {number}: {expected_text}"),
            actual_text,
        )
        .on(of_first_wrong(encryptor, case, &stored_parts)));
    }
    if actual.len() == expected.len() {
        return Ok(());
    }
    let (expected, actual) = (
        format!("{} parts", expected.len()),
        format!("{} parts", actual.len()),
    );
    Err(violated(
        rules::GCM_OBJECT_TAG,
        "another number of parts",
        OtherClientCannotRead,
        expected,
        actual,
    )
    .on(of_first_wrong(encryptor, case, &stored_parts)))
}

/// Each part of a GCM-part object ends in its own tag, bound to its number and to the declared sizes.
pub static GCM_PART_TAGS: Law = Law {
    id: "gcm-part-tags",
    sentence: "Each part of a GCM-part object ends in its own tag, bound to its number and to the declared sizes.",
    rules: &[rules::GCM_PART_SEAL],
    classes: &[C::GcmPart, C::CountOne, C::CountMany],
    quick_cases: 500,
    on: &On::<dyn Encryptor, EncryptCase>(part_tags),
};

fn part_tags(encryptor: &dyn Encryptor, case: &EncryptCase) -> Held {
    if case.cipher != Cipher::GcmPart {
        return Err(Unheld::NotDeclared);
    }
    declares(encryptor, case.cipher)?;
    let sent = stored(encryptor, case)?;
    for (number, (expected, actual)) in (1..).zip(model_parts(case)?.iter().zip(&sent)) {
        if let Some((expected, actual)) = difference(expected, actual) {
            let expected = format!("part {number}: {expected}");
            return Err(violated(
                rules::GCM_PART_SEAL,
                "a part has other bytes",
                OtherClientCannotRead,
                expected,
                actual,
            )
            .on(of_first_wrong(encryptor, case, &sent)));
        }
    }
    Ok(())
}

/// A GCM object with a bit flipped, or a part swapped, dropped, repeated or cut, is refused.
pub static GCM_TAMPERING_REFUSED: Law = Law {
    id: "gcm-tampering-refused",
    sentence: "A GCM object with a bit flipped, or a part swapped, dropped, repeated or cut, is refused.",
    rules: &[rules::GCM_AUTHENTIC],
    classes: &[
        C::GcmObject,
        C::GcmPart,
        C::FlippedBit,
        C::SwappedParts,
        C::DroppedPart,
        C::TruncatedPart,
    ],
    quick_cases: 2_000,
    on: &On::<dyn Encryptor, TamperCase>(tampering_refused),
};

fn tampering_refused(encryptor: &dyn Encryptor, case: &TamperCase) -> Held {
    declares(encryptor, case.upload.cipher)?;
    let upload = case.upload.upload();
    // One that refuses everything has not refused the change. Under a start of another shape nothing is sealed.
    let mut sealed = case.upload.clone();
    if !upload.cipher.takes_start(Start(upload.start)) {
        sealed.start = [0; 16];
    }
    let parts = model_parts(&sealed)?;
    let opened = encryptor.open(&sealed.upload(), &parts);
    opened.map_err(Unheld::Refused)?;
    let Some(changed) = case.tamper.apply(&parts) else {
        return Ok(());
    };
    let Ok(released) = encryptor.open(&upload, &changed) else {
        return Ok(());
    };
    let actual = format!(
        "{} bytes of plaintext after {}",
        released.len(),
        shown(&case.tamper)
    );
    Err(violated(
        rules::GCM_AUTHENTIC,
        unnoticed(&case.tamper),
        TamperingUnnoticed,
        "a refusal",
        actual,
    )
    .on(unchecked(encryptor, &upload, &parts)))
}

/// What is not looked at where a change goes unnoticed, by other changes to the same object.
fn unchecked(encryptor: &dyn Encryptor, upload: &Upload, parts: &[Vec<u8>]) -> Evidence {
    let passes = |tamper: Tamper| {
        let changed = tamper.apply(parts);
        changed.is_some_and(|changed| encryptor.open(upload, &changed).is_ok())
    };
    if passes(Tamper::FlipBit(0)) {
        return Cause::TagUnchecked.into();
    }
    match passes(Tamper::SwapParts(0)) || passes(Tamper::RepeatPart(0)) {
        true => Cause::OrderUnchecked.into(),
        false => Evidence::default(),
    }
}

/// What is wrong with an opener that takes such a change.
fn unnoticed(tamper: &Tamper) -> &'static str {
    match tamper {
        Tamper::FlipBit(_) => "a flipped bit goes unnoticed",
        Tamper::SwapParts(_) => "swapped parts go unnoticed",
        Tamper::DropPart(_) => "a missing part goes unnoticed",
        Tamper::CutBytes(_) => "a cut goes unnoticed",
        Tamper::RepeatPart(_) => "a repeated part goes unnoticed",
        Tamper::Parts(_) => "other parts go unnoticed",
    }
}
