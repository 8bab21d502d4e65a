//! The model's own look at a file: every case is made anew from what it is about, and must come out as it stands.

use partproof_model::cipher::{gcm_object, gcm_part};
use partproof_model::key_wrap::MasterKey;
use partproof_model::{Cipher, ContentKey, Start, etag, part_list, rules};
use serde::Serialize;

use crate::law::Consequence::OtherClientCannotRead;
use crate::law::{Held, Unheld, violated};
use crate::vectors::aes_ctr::{CounterBlockTest, CtrPartTest, CtrRangeTest};
use crate::vectors::declared_sizes::DeclaredSizesTest;
use crate::vectors::envelope::{self, CarrierValue, EnvelopeTest};
use crate::vectors::file::Outcome;
use crate::vectors::gcm_object::{GcmObjectTest, sealed};
use crate::vectors::gcm_part::{self as part, GcmPartTest};
use crate::vectors::object::ObjectTest;
use crate::vectors::part_list::{ListedUpload, PartListTest};
use crate::vectors::plan::PlanTest;
use crate::vectors::service::{ServiceTest, replay};
use crate::vectors::value::{CiphertextValue, PlaintextValue};

pub(super) fn plan(test: &PlanTest) -> Held {
    let mut made = PlanTest::of(&test.comment, &[], test.data_size, test.part_size);
    (made.tc_id, made.flags) = (test.tc_id, test.flags.clone());
    same(test, &made)
}

pub(super) fn declared_sizes(cipher: Cipher, test: &DeclaredSizesTest) -> Held {
    let mut made = DeclaredSizesTest::of(
        cipher,
        &test.comment,
        &[],
        test.plaintext_size,
        test.part_size,
    );
    (made.tc_id, made.flags) = (test.tc_id, test.flags.clone());
    same(test, &made)
}

pub(super) fn counter_block(test: &CounterBlockTest) -> Held {
    let start = test
        .start
        .array()
        .ok_or_else(|| says("a start of 16 bytes", test.start.0.len()))?;
    let mut made = CounterBlockTest::of(&test.comment, &[], start, test.block_index);
    (made.tc_id, made.flags) = (test.tc_id, test.flags.clone());
    same(test, &made)
}

pub(super) fn ctr_part(test: &CtrPartTest) -> Held {
    let secrets = (test.key.clone(), test.start.clone());
    let place = (test.part_size, test.number);
    let mut made = CtrPartTest::of(&test.comment, &[], secrets, place, test.plaintext.clone());
    (made.tc_id, made.flags) = (test.tc_id, test.flags.clone());
    same(test, &made)
}

pub(super) fn ctr_range(test: &CtrRangeTest) -> Held {
    let (Some(key), Some(start)) = (test.key.array(), test.start.array()) else {
        return Err(says("a key of 32 bytes and a start of 16", "other lengths"));
    };
    let plaintext = test.plaintext.bytes();
    let mut made = CtrRangeTest::of(&test.comment, &[], (key, start), test.offset, &plaintext);
    (made.tc_id, made.flags) = (test.tc_id, test.flags.clone());
    same(test, &made)
}

pub(super) fn gcm_object(test: &GcmObjectTest) -> Held {
    let upload = test.upload();
    let made = |plaintext: &PlaintextValue| {
        let upload = upload?;
        let parts = sealed(
            upload.key,
            upload.start,
            upload.part_size,
            &plaintext.bytes(),
        )?;
        Some(
            parts
                .iter()
                .map(|part| CiphertextValue::of(part))
                .collect::<Vec<_>>(),
        )
    };
    match (test.result, &test.plaintext) {
        (Outcome::Valid, Some(plaintext)) => match made(plaintext) {
            Some(parts) if parts == test.parts => Ok(()),
            Some(parts) => Err(says(shown(&parts), shown(&test.parts))),
            None => Err(says("no such object", "a valid case")),
        },
        (Outcome::Invalid, None) => {
            let opened = upload.and_then(|upload| {
                let object = test.stored()?.concat();
                gcm_object::open(ContentKey(upload.key), Start(upload.start), &object).ok()
            });
            match opened {
                None => Ok(()),
                Some(_) => Err(says("an object that opens", "an invalid case")),
            }
        }
        _ => Err(says(
            "a valid case with its plaintext, or an invalid one without",
            format!("{:?}", test.result),
        )),
    }
}

pub(super) fn gcm_part(test: &GcmPartTest) -> Held {
    let (Some(key), Some(start)) = (test.key.array(), test.start.array()) else {
        return Err(says("a key of 32 bytes and a start of 16", "other lengths"));
    };
    let place = test.place();
    match (test.result, &test.plaintext) {
        (Outcome::Valid, Some(plaintext)) => {
            let Some(stored) = part::sealed((key, start), place, plaintext) else {
                return Err(says("no such part", "a valid case"));
            };
            let mut made = GcmPartTest::read(&test.comment, &[], (key, start), place, &stored);
            (made.tc_id, made.flags) = (test.tc_id, test.flags.clone());
            (made.result, made.plaintext) = (test.result, Some(plaintext.clone()));
            same(test, &made)
        }
        (Outcome::Invalid, None) => {
            let opened = place.layout().and_then(|(layout, number)| {
                let stored = test.stored()?;
                gcm_part::open(ContentKey(key), Start(start), layout, number, &stored).ok()
            });
            match opened {
                None => Ok(()),
                Some(_) => Err(says("a part that opens", "an invalid case")),
            }
        }
        _ => Err(says(
            "a valid case with its plaintext, or an invalid one without",
            format!("{:?}", test.result),
        )),
    }
}

pub(super) fn envelope(master: &MasterKey, test: &EnvelopeTest) -> Held {
    let mut made = EnvelopeTest::of(
        &test.comment,
        &[],
        master,
        test.carrier,
        test.headers.clone(),
        by_hand(test.result),
    );
    (made.tc_id, made.flags) = (test.tc_id, test.flags.clone());
    same(test, &made)
}

pub(super) fn part_list(upload: &ListedUpload, test: &PartListTest) -> Held {
    let body = test.bytes().unwrap_or_default();
    let mut made = PartListTest::of(&test.comment, &[], upload, &body, by_hand(test.result))
        .map_err(|problem| says("an upload that can be made", problem))?;
    (made.tc_id, made.flags) = (test.tc_id, test.flags.clone());
    same(test, &made)
}

pub(super) fn service(test: &ServiceTest) -> Held {
    let (steps, _) = replay(&test.steps);
    for (number, (made, step)) in (1..).zip(steps.iter().zip(&test.steps)) {
        same(step, made).map_err(|unheld| match unheld {
            Unheld::Violated(mut violation) => {
                violation.expected = format!("step {number}: {}", violation.expected);
                Unheld::Violated(violation)
            }
            other => other,
        })?;
    }
    let last = steps.last().map_or(Outcome::Valid, |step| step.result);
    match last == test.result {
        true => Ok(()),
        false => Err(says(format!("{last:?}"), format!("{:?}", test.result))),
    }
}

pub(in crate::vectors) fn object(master: &MasterKey, test: &ObjectTest) -> Held {
    let Some(upload) = test.upload() else {
        return Err(says("a key of 32 bytes and a start of 16", "other lengths"));
    };
    let made = ObjectTest::of(
        &test.comment,
        &[],
        (upload.key, upload.start),
        (upload.cipher, upload.part_size),
        test.plaintext.clone(),
        test.headers.clone(),
    );
    let Some(mut made) = made else {
        return Err(says("no such object", "a case"));
    };
    (made.tc_id, made.flags) = (test.tc_id, test.flags.clone());
    // A part list has many spellings.
    if lists(&test.list) == lists(&made.list) {
        made.list.clone_from(&test.list);
    }
    same(test, &made)?;
    let (opened, _) = envelope::open(master, &test.headers, CarrierValue::Initiate)
        .map_err(|problem| says(format!("headers that do not open: {problem}"), "a case"))?;
    let said = (
        opened.cipher,
        opened.key,
        opened.start,
        opened.data_size,
        opened.part_size,
    );
    let meant = (
        upload.cipher,
        upload.key,
        upload.start,
        Some(test.data_size),
        Some(test.part_size),
    );
    match said == meant {
        true => Ok(()),
        false => Err(says(
            format!("headers that say {said:?}"),
            format!("{meant:?}"),
        )),
    }
}

/// The parts of a list, if it is one.
fn lists(body: &str) -> Option<Vec<(u64, String)>> {
    let listed = part_list::read(body.as_bytes()).ok()?;
    let parts = listed.into_iter().map(|part| {
        let etag = etag::unquoted(&part.etag).to_owned();
        (part.number, etag)
    });
    Some(parts.collect())
}

/// What is acceptable may be so by a decision that no computation takes back.
fn by_hand(result: Outcome) -> Option<Outcome> {
    (result == Outcome::Acceptable).then_some(result)
}

/// The first field in which a case as it stands differs from the case as the model makes it.
fn same<T: PartialEq + Serialize>(stands: &T, made: &T) -> Held {
    if stands == made {
        return Ok(());
    }
    let fields = |value: &T| serde_json::to_value(value).unwrap_or_default();
    let (stands, made) = (fields(stands), fields(made));
    let names = stands.as_object().into_iter().chain(made.as_object());
    let differing = names
        .flat_map(|fields| fields.keys())
        .find(|name| stands.get(name) != made.get(name));
    let name = differing.map_or("case", String::as_str);
    let show = |value: Option<&serde_json::Value>| match value {
        None => format!("no {name}"),
        Some(value) => format!("{name} {value}"),
    };
    Err(says(show(made.get(name)), show(stands.get(name))))
}

fn shown(parts: &[CiphertextValue]) -> String {
    let parts: Vec<_> = parts.iter().map(ToString::to_string).collect();
    parts.join(", ")
}

/// The file says something else than the model.
fn says(model: impl Into<String>, file: impl ToString) -> Unheld {
    violated(
        rules::STORED_BYTES,
        "the file is not what the model makes",
        OtherClientCannotRead,
        model,
        file.to_string(),
    )
}
