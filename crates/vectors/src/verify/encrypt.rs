//! Blocks, parts, ranges and objects, under every cipher.

use partproof_model::Cipher;
use partproof_model::limits::{MAX_PART_COUNT, MAX_PART_SIZE};

use super::{Can, Judge, all, laws, refusal};
use crate::aes_ctr::{CounterBlockTest, CtrPartTest, CtrRangeTest, part_size_for};
use crate::gcm_object::GcmObjectTest;
use crate::gcm_part::{GcmPartTest, Place, sealed};
use crate::read::LARGEST_OPENED;
use crate::value::PlaintextValue;
use partproof_suite::case::encrypt::EncryptCase;
use partproof_suite::case::position::PositionCase;
use partproof_suite::case::tamper::{Tamper, TamperCase};
use partproof_suite::hex::Hex;
use partproof_suite::law::{Held, Unheld};
use partproof_suite::plaintext::Plaintext;
use partproof_suite::subject::{Subject, Upload};

/// The most parts of an object that is made for the sake of one of them.
const MOST_OPENED: u64 = 64;

/// An upload of this plaintext, whole and in order.
pub(super) fn upload(upload: &Upload, plaintext: &PlaintextValue) -> EncryptCase {
    let (seed, given) = drawn_or_given(plaintext);
    EncryptCase {
        cipher: upload.cipher,
        key: upload.key,
        start: upload.start,
        plaintext: Plaintext {
            seed,
            length: upload.plaintext_size,
        },
        part_size: upload.part_size,
        order: Vec::new(),
        chunks: Vec::new(),
        only: None,
        given,
    }
}

fn drawn_or_given(plaintext: &PlaintextValue) -> (u32, Hex) {
    match plaintext {
        PlaintextValue::Full { hex } => (0, hex.clone()),
        PlaintextValue::Seeded { seed, .. } => (*seed, Hex::default()),
    }
}

const ZEROS: PlaintextValue = PlaintextValue::Seeded { seed: 0, length: 0 };

/// The same from the last part to the first.
pub(super) fn backwards(case: EncryptCase) -> EncryptCase {
    let count = case.possible().map_or(0, |layout| layout.wire().count());
    EncryptCase {
        order: (1..=count).rev().collect(),
        ..case
    }
}

impl Judge for CounterBlockTest {
    /// The block shows as keystream: 16 zero bytes at its place, read, and, where a part can begin there, sent.
    fn judge(&self, (): &(), subject: &Subject<'_>, _: &mut Can) -> Held {
        let (Some(start), Some(offset)) = (self.start.array(), self.block_index.checked_mul(16))
        else {
            return Err(Unheld::NotDeclared);
        };
        let end = offset.saturating_add(16);
        let read = PositionCase {
            key: [0; 32],
            start,
            part_size: part_size_for(end),
            number: 1,
            length: end,
            skip: offset,
            seed: 0,
            given: Hex::default(),
        };
        let sent = match part_at(offset) {
            None => Err(Unheld::NotDeclared),
            Some((part_size, number)) => {
                let sent = PositionCase {
                    part_size,
                    number,
                    length: 16,
                    skip: 0,
                    ..read.clone()
                };
                laws::counted(subject, &sent)
            }
        };
        all([laws::range(subject, &read), sent])
    }
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

impl Judge for CtrPartTest {
    /// The part is sent as it should be, sent in pieces and again, among the others if there are few, and read back.
    fn judge(&self, (): &(), subject: &Subject<'_>, can: &mut Can) -> Held {
        // Keys and starts of other lengths have no place in the trait.
        let (Some(key), Some(start)) = (self.key.array(), self.start.array()) else {
            return Err(Unheld::NotDeclared);
        };
        let before = self.number.saturating_sub(1);
        let offset = before.saturating_mul(self.part_size);
        let length = self.plaintext.length();
        let whole = Upload {
            cipher: Cipher::Ctr,
            key,
            start,
            plaintext_size: offset.saturating_add(length),
            part_size: self.part_size,
        };
        let whole = upload(&whole, &self.plaintext);
        if self.upload().is_none() {
            let part = EncryptCase {
                only: Some(self.number),
                ..whole
            };
            return refusal(laws::no_part(subject, &part), can.encrypted);
        }
        let (seed, given) = drawn_or_given(&self.plaintext);
        let part = PositionCase {
            key,
            start,
            part_size: self.part_size,
            number: self.number,
            length,
            skip: 0,
            seed,
            given,
        };
        laws::counted(subject, &part)?;
        can.encrypted = true;
        let is_all = self.number == 1 || whole.given == Hex::default();
        let pieces = EncryptCase {
            order: vec![self.number, self.number],
            chunks: vec![7, u64::MAX],
            only: (!is_all || !whole.is_small()).then_some(self.number),
            ..whole
        };
        all([
            Ok(()),
            laws::any_order(subject, &pieces),
            laws::range(subject, &part),
        ])
    }
}

impl Judge for CtrRangeTest {
    fn judge(&self, (): &(), subject: &Subject<'_>, _: &mut Can) -> Held {
        let upload = self.upload().ok_or(Unheld::NotDeclared)?;
        let (seed, given) = drawn_or_given(&self.plaintext);
        let case = PositionCase {
            key: upload.key,
            start: upload.start,
            part_size: upload.part_size,
            number: 1,
            length: upload.plaintext_size,
            skip: self.offset,
            seed,
            given,
        };
        laws::range(subject, &case)
    }
}

impl Judge for GcmObjectTest {
    /// The parts are sealed, in order and backwards, and open again; what was changed does not.
    fn judge(&self, (): &(), subject: &Subject<'_>, _: &mut Can) -> Held {
        let claimed = self.upload().ok_or(Unheld::NotDeclared)?;
        if let Some(plaintext) = &self.plaintext {
            let case = backwards(upload(&claimed, plaintext));
            return laws::encrypted(subject, &case);
        }
        let stored = self.stored().ok_or(Unheld::NotDeclared)?;
        tampered(subject, &claimed, stored)
    }
}

/// What is stored is not what was sealed, whatever that was.
fn tampered(subject: &Subject<'_>, claimed: &Upload, stored: Vec<Vec<u8>>) -> Held {
    let upload = upload(claimed, &ZEROS);
    upload.possible().ok_or(Unheld::NotDeclared)?;
    let tamper = Tamper::Parts(stored.into_iter().map(Hex).collect());
    laws::tampered(subject, &TamperCase { upload, tamper })
}

impl Judge for GcmPartTest {
    /// The part is sealed, among its neighbours where that can be, and opens there if it is the right one.
    fn judge(&self, (): &(), subject: &Subject<'_>, _: &mut Can) -> Held {
        let claimed = self.upload().ok_or(Unheld::NotDeclared)?;
        let (offset, length) = self.place().plaintext().ok_or(Unheld::NotDeclared)?;
        let is_small = self.data_size <= LARGEST_OPENED && self.part_count <= MOST_OPENED;
        match &self.plaintext {
            Some(plaintext) => {
                let mut case = upload(&claimed, plaintext);
                if !is_small {
                    case.only = Some(self.number);
                    return laws::one_part(subject, &case);
                }
                if !case.given.0.is_empty() {
                    // What is given is of this part alone.
                    let before = Plaintext {
                        seed: 0,
                        length: claimed.plaintext_size,
                    };
                    let after = before.slice(offset.saturating_add(length)..u64::MAX);
                    let before = before.slice(0..offset);
                    case.given = Hex([before, case.given.0, after].concat());
                }
                laws::encrypted(subject, &backwards(case))
            }
            None if !is_small => Err(Unheld::NotDeclared),
            None => {
                let stored = self.stored().ok_or(Unheld::NotDeclared)?;
                tampered(subject, &claimed, self.among_others(&claimed, stored))
            }
        }
    }
}

impl GcmPartTest {
    /// The parts of an object of zeros with this one in its place; alone under a start of another shape, which seals nothing.
    fn among_others(&self, upload: &Upload, stored: Vec<u8>) -> Vec<Vec<u8>> {
        let part = |number| {
            if number == self.number {
                return Some(stored.clone());
            }
            let place = Place {
                number,
                ..self.place()
            };
            let (_, length) = place.plaintext()?;
            let zeros = PlaintextValue::Seeded { seed: 0, length };
            sealed((upload.key, upload.start), place, &zeros)
        };
        let parts: Option<Vec<_>> = (1..=self.part_count).map(part).collect();
        parts.unwrap_or_else(|| vec![stored.clone()])
    }
}
