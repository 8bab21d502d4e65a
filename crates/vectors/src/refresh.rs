//! Making a file anew. Who writes a case gives what it is about, a comment and flags; numbers, answers and the notes of open questions are made
//! from that, as the model has them, and written as every file is.

use std::collections::BTreeSet;

use partproof_model::Question;
use serde_json::Value;

use super::file::{Group, Note, VectorFile};
use super::read::{VectorError, case, check_groups, check_notes, locate, not_vectors, parse};
use super::test::{Derive, Head, Test, Wrong, with_kind, with_tests};

/// Reads a file of vectors in which anything derived may be wrong or left out, and derives it.
///
/// # Errors
/// What [`read`](fn@super::read) refuses for other reasons, and cases that cannot be.
pub fn refresh(bytes: &[u8]) -> Result<VectorFile, VectorError> {
    let mut value = parse(bytes)?;
    fill(&mut value);
    let mut file: VectorFile =
        serde_json::from_value(value.clone()).map_err(|error| locate(&value, &error))?;
    check_groups(&file)?;
    for group in &mut file.test_groups {
        with_tests!(group, (shared, tests) => for test in tests {
            let made = test.derive(shared);
            *test = made.map_err(|wrong| wrong_case(test.head(), &wrong))?;
        });
    }
    note_questions(&mut file);
    check_notes(&file)?;
    Ok(file)
}

fn wrong_case(head: Head<'_>, wrong: &Wrong) -> VectorError {
    not_vectors(case(head), wrong.to_string())
}

/// Numbers the cases, and puts something in the place of each derived field that a case must have.
fn fill(file: &mut Value) {
    let mut next = 0_u64;
    let groups = file.get_mut("testGroups").and_then(Value::as_array_mut);
    for group in groups.into_iter().flatten() {
        let kind = group.get("type").and_then(Value::as_str);
        let blank = with_kind!(kind.unwrap_or_default(), Kind => Kind::blank(), continue);
        let tests = group.get_mut("tests").and_then(Value::as_array_mut);
        for test in tests.into_iter().flatten().filter_map(Value::as_object_mut) {
            next += 1;
            test.insert("tcId".to_owned(), next.into());
            for (name, empty) in &blank {
                test.entry(name).or_insert_with(|| empty.clone());
            }
            // Each step of a sequence has a result as well.
            let steps = test.get_mut("steps").and_then(Value::as_array_mut);
            for step in steps.into_iter().flatten().filter_map(Value::as_object_mut) {
                step.entry("result").or_insert_with(|| "valid".into());
            }
        }
    }
    if let Some(file) = file.as_object_mut() {
        file.insert("numberOfTests".to_owned(), next.into());
    }
}

/// Open questions are the model's: so are their notes, and a file has those that its cases rest on.
fn note_questions(file: &mut VectorFile) {
    let heads = file.test_groups.iter().flat_map(Group::heads);
    let flags: BTreeSet<&String> = heads.flat_map(|head| head.flags).collect();
    for question in Question::ALL {
        let flag = question.to_string();
        let note = Note {
            description: question.text().to_owned(),
            effect: "An open question of the evidence: either answer is right.".to_owned(),
            ec: Vec::new(),
        };
        match flags.contains(&flag) {
            true => drop(file.notes.insert(flag, note)),
            false => drop(file.notes.remove(&flag)),
        }
    }
}

/// The first field of a test that is not as the model makes it.
pub(super) fn wrong_field<T: Derive>(test: &T, shared: &T::Shared) -> Result<(), Wrong> {
    let made = test.derive(shared)?;
    if *test == made {
        return Ok(());
    }
    let fields = |test: &T| serde_json::to_value(test).unwrap_or_default();
    Err(first_difference("", &fields(test), &fields(&made)))
}

/// Where two values differ first, as deep as they have the same shape.
fn first_difference(place: &str, stands: &Value, made: &Value) -> Wrong {
    let inner: Option<(String, &Value, &Value)> = match (stands, made) {
        (Value::Object(stands), Value::Object(made)) => {
            let absent = &Value::Null;
            let names = stands.keys().chain(made.keys());
            let mut fields = names.map(|name| {
                let value = |of: Option<_>| of.unwrap_or(absent);
                let dot = if place.is_empty() { "" } else { "." };
                let place = format!("{place}{dot}{name}");
                (place, value(stands.get(name)), value(made.get(name)))
            });
            fields.find(|(_, stands, made)| stands != made)
        }
        (Value::Array(stands), Value::Array(made)) if stands.len() == made.len() => {
            let mut items = (0..).zip(stands.iter().zip(made));
            let differing = items.find(|(_, (stands, made))| stands != made);
            differing.map(|(at, (stands, made))| (format!("{place}[{at}]"), stands, made))
        }
        _ => None,
    };
    if let Some((place, stands, made)) = inner {
        return first_difference(&place, stands, made);
    }
    let show = |value: &Value| match value {
        Value::Null => format!("no {place}"),
        value => format!("{place} {value}"),
    };
    Wrong::new(show(stands), show(made))
}
