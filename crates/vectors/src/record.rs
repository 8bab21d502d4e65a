//! Recording what clients write: objects in parts, as they arrive at the emulator. A client draws its keys, so no run makes the same bytes
//! again; each object is recorded only if the model confirms it.

use std::str;

use partproof_model::limits::MIN_PART_SIZE;
use partproof_model::{Cipher, Headers};

use super::envelope::{CarrierValue, PUBLISHED, open};
use super::file::{CipherName, Group, MasterKeyValue, Outcome, VectorFile};
use super::object::ObjectTest;
use super::test::Derive;
use super::value::PlaintextValue;
use super::{FILES, read, refresh};
use partproof_suite::law::Unheld;
use partproof_suite::plaintext::Plaintext;
use partproof_suite::subject::{Refusal, Subject};
use partproof_whole_client::laws::put;
use partproof_whole_client::laws::stored::{self, Source};
use partproof_whole_client::stage::exchange::Exchange;
use partproof_whole_client::stage::{Stage, unable};

/// Why nothing is recorded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// A subject does not write the object, or writes one that the model would not store.
    #[error("{subject}, {object}: {problem}")]
    NotWritten {
        /// Its name.
        subject: String,
        /// What it should have written.
        object: &'static str,
        /// What was wrong.
        problem: String,
    },
    /// A subject has no such operation.
    #[error("{0}: it does not upload in counter mode")]
    NotDeclared(String),
    /// This machine cannot set a stage.
    #[error("{0}")]
    CannotRun(String),
}

/// What is recorded of each client: a comment, the flags, the length, and whether its master key has a description.
const OBJECTS: [(&str, &[&str], u64, bool); 4] = [
    (
        "two full parts",
        &["ExactMultiple"],
        2 * MIN_PART_SIZE,
        false,
    ),
    (
        "two full parts and one byte",
        &["OneByteOver"],
        2 * MIN_PART_SIZE + 1,
        false,
    ),
    ("three parts", &["Normal"], 250_000, false),
    ("three parts", &["Normal", "Description"], 250_000, true),
];

/// Lets every subject write a few objects in parts, and records them as vectors.
///
/// # Errors
/// As [`RecordError`] says.
pub fn record(
    subjects: &[Subject<'_>],
    mut progress: impl FnMut(&str, usize),
) -> Result<VectorFile, RecordError> {
    let [master, _] = &*PUBLISHED;
    let mut groups = Vec::new();
    for (done, subject) in subjects.iter().enumerate() {
        progress(subject.name, done);
        let tests = OBJECTS.iter().map(|(comment, flags, length, described)| {
            let plaintext = Plaintext {
                seed: 1,
                length: *length,
            };
            let not_written = |problem| RecordError::NotWritten {
                subject: subject.name.to_owned(),
                object: comment,
                problem,
            };
            object(subject, comment, flags, plaintext, *described).map_err(|unheld| match unheld {
                Unheld::CannotRun(reason) => RecordError::CannotRun(reason),
                Unheld::NotDeclared => RecordError::NotDeclared(subject.name.to_owned()),
                Unheld::Refused(refusal) => not_written(refusal.0),
                Unheld::Violated(violation) => not_written(format!(
                    "{}: {}, expected {}",
                    violation.symptom, violation.actual, violation.expected
                )),
            })
        });
        groups.push(Group::Object {
            writer: Some(subject.name.to_owned()),
            master_key: MasterKeyValue::of(master),
            tests: tests.collect::<Result<_, _>>()?,
        });
    }
    // All but the groups is as in the file that was recorded.
    let recorded = FILES.iter().find(|(name, _)| *name == "sdk_object.json");
    let (_, text) = recorded.expect("it is one of them");
    let mut file = read(text.as_bytes()).expect("a test reads each");
    file.test_groups = groups;
    Ok(refresh(file.to_json().as_bytes()).expect("each of its cases is derived"))
}

fn object(
    subject: &Subject<'_>,
    comment: &str,
    flags: &[&str],
    plaintext: Plaintext,
    described: bool,
) -> Result<ObjectTest, Unheld> {
    let [master, _] = &*PUBLISHED;
    let stage = Stage::set(&[], None)?;
    let key = "recorded.data";
    let description = described.then(|| ("key".to_owned(), "seed".to_owned()));
    let description: Vec<_> = description.into_iter().collect();
    put(&stage, subject, key, plaintext, &description)?;
    let stored = stage.emulator.object(key);
    let stored = stored.ok_or_else(|| other(format!("no object `{key}`")))?;
    stored::check(&stored, Cipher::Ctr, Source::Drawn(plaintext))?;

    let exchanges = stage.exchanges()?;
    let accepted = |operation: &str| {
        let is_accepted = |exchange: &&Exchange| {
            exchange.is(operation) && exchange.answer.is_some() && exchange.refusal().is_none()
        };
        exchanges
            .iter()
            .rfind(is_accepted)
            .ok_or_else(|| other(format!("no {operation}, expected an upload in parts")))
    };
    let headers = metadata(&accepted("InitiateMultipartUpload")?.headers);
    let body = accepted("CompleteMultipartUpload")?.body();
    let body = body.map_err(|error| unable(&error))?;
    let opened = open(&master.key, &headers, CarrierValue::Initiate);
    let (opened, _) = opened.map_err(other)?;
    let plaintext = PlaintextValue::Seeded {
        seed: plaintext.seed,
        length: plaintext.length,
    };
    let list = str::from_utf8(&body).map_err(|error| other(error.to_string()))?;
    let test = ObjectTest {
        tc_id: 0,
        comment: comment.to_owned(),
        flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
        result: Outcome::Valid,
        cipher: CipherName(opened.cipher),
        key: opened.key.into(),
        start: opened.start.into(),
        part_size: opened.part_size.unwrap_or(MIN_PART_SIZE),
        plaintext,
        data_size: 0,
        headers,
        parts: Vec::new(),
        list: list.to_owned(),
        etag: String::new(),
        crc64: String::new(),
    };
    let made = test.derive(&MasterKeyValue::of(master));
    let made = made.map_err(|wrong| other(wrong.to_string()))?;
    match made.list == list {
        true => Ok(made),
        false => Err(other(format!("the list {list}, expected {}", made.list))),
    }
}

fn metadata(headers: &Headers) -> Vec<(String, String)> {
    let metadata = headers
        .iter()
        .filter(|(name, _)| name.starts_with("x-oss-meta-"));
    metadata
        .map(|(name, value)| {
            (
                name.to_owned(),
                String::from_utf8_lossy(value.bytes()).into_owned(),
            )
        })
        .collect()
}

fn other(problem: String) -> Unheld {
    Unheld::Refused(Refusal(problem))
}
