//! Encryptors held to the authenticated profiles: what they seal, what they open, and what they must not open.

use std::collections::BTreeMap;

use partproof_model::limits::MIN_PART_SIZE;
use partproof_model::{Cipher, PartNumber, Rule, rules};

use super::Can;
use super::ctr::{compare, encrypt};
use crate::gcm_object::GcmObjectTest;
use crate::gcm_part::{GcmPartTest, Place, sealed};
use crate::read::LARGEST_OPENED;
use crate::value::PlaintextValue;
use partproof_suite::law::Consequence::TamperingUnnoticed;
use partproof_suite::law::{Held, Unheld, refused_needlessly, violated};
use partproof_suite::laws::encrypt::declares;
use partproof_suite::subject::{Encryptor, Subject, Upload};

/// The most parts of an object that is opened for the sake of one of them.
const MOST_OPENED: u64 = 64;

/// The object's parts are sealed as the case has them, in order and backwards, and open again; what was changed does not.
pub(super) fn object(test: &GcmObjectTest, subject: &Subject<'_>, can: &mut Can) -> Held {
    let encryptor: &dyn Encryptor = subject.encryptor.ok_or(Unheld::NotDeclared)?;
    declares(encryptor, Cipher::GcmObject)?;
    let (Some(upload), Some(stored)) = (test.upload(), test.stored()) else {
        return Err(Unheld::NotDeclared);
    };
    match &test.plaintext {
        Some(plaintext) => {
            sealed_and_opened(encryptor, &upload, &plaintext.bytes(), &stored)?;
            can.opened.insert((Cipher::GcmObject, test.part_size));
            Ok(())
        }
        None => {
            let can_open = can.opened.contains(&(Cipher::GcmObject, test.part_size));
            unopened(encryptor, &upload, &stored, can_open)
        }
    }
}

/// Seals a whole object in the model's layout and compares every part, then opens it.
pub(super) fn sealed_and_opened(
    encryptor: &dyn Encryptor,
    upload: &Upload,
    plaintext: &[u8],
    stored: &[Vec<u8>],
) -> Held {
    let layout = upload.layout().ok_or(Unheld::NotDeclared)?;
    let rule = rule_of(upload.cipher);
    let numbers = 1..=layout.wire().count();
    let slice = |number| {
        let range = PartNumber::new(number).and_then(|number| layout.plaintext_of(number))?;
        let range = usize::try_from(range.start).ok()?..usize::try_from(range.end).ok()?;
        plaintext.get(range)
    };
    let orders: [Vec<u64>; 2] = [numbers.clone().collect(), numbers.rev().collect()];
    for order in orders {
        let mut session = encryptor.begin(upload).map_err(Unheld::Refused)?;
        let mut parts: BTreeMap<u64, Vec<u8>> = BTreeMap::new();
        for number in order {
            let bytes = session
                .encrypt(number, &[slice(number).unwrap_or_default()])
                .map_err(Unheld::Refused)?;
            parts.insert(number, bytes);
        }
        for (number, bytes) in session.finish().map_err(Unheld::Refused)? {
            parts.entry(number).or_default().extend(bytes);
        }
        same_parts(rule, stored, &parts.into_values().collect::<Vec<_>>())?;
    }
    if let Some(at_once) = encryptor.encrypt_object(upload, plaintext) {
        same_parts(rule, stored, &at_once.map_err(Unheld::Refused)?)?;
    }
    let opened = encryptor.open(upload, stored).map_err(refused_needlessly(
        rules::ROUND_TRIP,
        format!("{} bytes of plaintext", plaintext.len()),
    ))?;
    compare(rules::ROUND_TRIP, 0, plaintext, &opened)
}

fn rule_of(cipher: Cipher) -> &'static Rule {
    match cipher {
        Cipher::Ctr => rules::CTR_POSITION,
        Cipher::GcmObject => rules::GCM_OBJECT_BYTES,
        Cipher::GcmPart => rules::GCM_PART_SEAL,
    }
}

fn same_parts(rule: &'static Rule, expected: &[Vec<u8>], actual: &[Vec<u8>]) -> Held {
    let mut offset = 0_u64;
    for (expected, actual) in expected.iter().zip(actual) {
        compare(rule, offset, expected, actual)?;
        offset = offset.saturating_add(u64::try_from(expected.len()).unwrap_or(u64::MAX));
    }
    match expected.len() == actual.len() {
        true => Ok(()),
        false => compare(rule, 0, &expected.concat(), &actual.concat()).and(Err(violated(
            rule,
            "another number of parts",
            partproof_suite::law::Consequence::UploadRejected,
            format!("{} parts", expected.len()),
            format!("{} parts", actual.len()),
        ))),
    }
}

/// One who refuses what is right has not refused the change.
fn unopened(
    encryptor: &dyn Encryptor,
    upload: &Upload,
    stored: &[Vec<u8>],
    can_open: bool,
) -> Held {
    match encryptor.open(upload, stored) {
        Err(_) if can_open => Ok(()),
        Err(refusal) => Err(Unheld::Refused(refusal)),
        Ok(released) => Err(violated(
            rules::GCM_AUTHENTIC,
            "what must not open is opened",
            TamperingUnnoticed,
            "a refusal",
            format!("{} bytes of plaintext", released.len()),
        )),
    }
}

/// The part is sealed as the case has it; among its neighbours it opens, if it is the right one.
pub(super) fn part(test: &GcmPartTest, subject: &Subject<'_>, _: &mut Can) -> Held {
    let encryptor: &dyn Encryptor = subject.encryptor.ok_or(Unheld::NotDeclared)?;
    declares(encryptor, Cipher::GcmPart)?;
    let (Some(upload), Some(stored), Some((offset, length))) =
        (test.upload(), test.stored(), test.place().plaintext())
    else {
        return Err(Unheld::NotDeclared);
    };
    if let Some(plaintext) = &test.plaintext {
        let bytes = plaintext.bytes_from(offset);
        let actual = encrypt(encryptor, &upload, test.number, &bytes)?;
        compare(rules::GCM_PART_SEAL, offset, &stored, &actual)?;
    }
    if test.data_size > LARGEST_OPENED || test.part_count > MOST_OPENED {
        // Sealing alone was judged.
        return test.plaintext.as_ref().map(drop).ok_or(Unheld::NotDeclared);
    }
    let neighbours = neighbours(&upload, test);
    let Some((right, at)) = neighbours.zip(usize::try_from(test.number - 1).ok()) else {
        // A start of the wrong shape: nothing can be sealed under it, and nothing opened.
        let opened = encryptor.open(&upload, &[stored]);
        return match opened {
            Err(_) => Ok(()),
            Ok(_) => unopened(encryptor, &upload, &[], true),
        };
    };
    let mut parts = right.clone();
    if let Some(part) = parts.get_mut(at) {
        *part = stored;
    }
    match &test.plaintext {
        None => {
            let can_open = encryptor.open(&upload, &right).is_ok();
            unopened(encryptor, &upload, &parts, can_open)
        }
        Some(plaintext) => {
            let opened = match encryptor.open(&upload, &parts) {
                Err(refusal) if test.part_size < MIN_PART_SIZE && test.part_count > 1 => {
                    return Err(Unheld::Refused(refusal));
                }
                Err(refusal) => {
                    let expected = "an object that opens";
                    return Err(refused_needlessly(rules::ROUND_TRIP, expected)(refusal));
                }
                Ok(opened) => opened,
            };
            let bounds = usize::try_from(offset)
                .ok()
                .zip(usize::try_from(offset.saturating_add(length)).ok());
            let opened = bounds
                .and_then(|(start, end)| opened.get(start..end))
                .unwrap_or_default();
            compare(
                rules::ROUND_TRIP,
                offset,
                &plaintext.bytes_from(offset),
                opened,
            )
        }
    }
}

/// All parts of the upload with zeros for plaintext, as the model seals them; `None` if it cannot.
fn neighbours(upload: &Upload, test: &GcmPartTest) -> Option<Vec<Vec<u8>>> {
    (1..=test.part_count)
        .map(|number| {
            let place = Place {
                number,
                ..test.place()
            };
            let (_, length) = place.plaintext()?;
            let zeros = PlaintextValue::Seeded { seed: 0, length };
            sealed((upload.key, upload.start), place, &zeros)
        })
        .collect()
}
