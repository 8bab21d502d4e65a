//! The loader. A reader of vectors that passes over what it does not know tests less than it says, so anything unknown is
//! refused; and what a file asks for is bounded before any of it is computed, because files come from anywhere.

use std::collections::BTreeSet;

use partproof_model::limits::MAX_PART_COUNT;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::aes_ctr::CtrRangeTest;
use super::file::{Group, MasterKeyValue, Outcome, SCHEMA, VERSION, VectorFile};
use super::service::{Op, ServiceTest, Step};
use super::test::{Head, with_kind};
use super::value::{CiphertextValue, PlaintextValue};
use partproof_suite::case::encrypt::MOST_BYTES;

/// The largest number in a file: what every language reads exactly.
pub(super) const LARGEST_NUMBER: u64 = (1 << 53) - 1;
/// The longest file, in bytes.
pub const LONGEST_FILE: usize = 16 << 20;
/// The longest plaintext or ciphertext of a case, in bytes.
const LONGEST_PLAINTEXT: u64 = 16 << 20;
/// All plaintexts and ciphertexts of a file together, in bytes.
const LONGEST_OF_FILE: u64 = 64 << 20;
/// The largest object that is made for the sake of one part of it, in bytes.
pub(super) const LARGEST_OPENED: u64 = 1 << 20;
/// Stored parts of a group times its lists: each list is held against all of them.
const MOST_LISTED: u64 = 1_000_000;

/// Why a file is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VectorError {
    /// More bytes than a file has.
    #[error("{given} bytes, expected at most {LONGEST_FILE}")]
    TooLong {
        /// How many were given.
        given: usize,
    },
    /// Not JSON at all.
    #[error("not JSON: {problem}")]
    NotJson {
        /// What the parser says, with line and column.
        problem: String,
    },
    /// JSON, but no file of vectors of this version.
    #[error("{place}: {problem}")]
    NotVectors {
        /// Where: the group, the case, the field.
        place: String,
        /// What was given, and what was expected.
        problem: String,
    },
}

pub(super) fn not_vectors(place: impl Into<String>, problem: impl Into<String>) -> VectorError {
    VectorError::NotVectors {
        place: place.into(),
        problem: problem.into(),
    }
}

/// Reads a file of vectors.
///
/// # Errors
/// Anything that is not exactly a file of this version: unknown fields, flags, types; cases that are missing, counted
/// twice or out of order; flags without a note and notes without a case; and files that ask for too much.
pub fn read(bytes: &[u8]) -> Result<VectorFile, VectorError> {
    let value = parse(bytes)?;
    let file: VectorFile = serde_json::from_slice(bytes).map_err(|error| locate(&value, &error))?;
    check_numbering(&file)?;
    check_notes(&file)?;
    check_groups(&file)?;
    Ok(file)
}

/// Reads JSON of this version of the format, whatever its fields.
pub(super) fn parse(bytes: &[u8]) -> Result<Value, VectorError> {
    if bytes.len() > LONGEST_FILE {
        return Err(VectorError::TooLong { given: bytes.len() });
    }
    let value: Value = serde_json::from_slice(bytes).map_err(|error| VectorError::NotJson {
        problem: error.to_string(),
    })?;
    check_version(&value)?;
    check_values(&value).map_err(|error| error.within("file"))?;
    Ok(value)
}

/// The version is looked at first: of a later one nothing else need be as it is here.
fn check_version(value: &Value) -> Result<(), VectorError> {
    let given = |field: &str| value.get(field).unwrap_or(&Value::Null);
    if *given("schema") != SCHEMA {
        let problem = format!("{}, expected {SCHEMA:?}", given("schema"));
        return Err(not_vectors("schema", problem));
    }
    if *given("version") != VERSION {
        let problem = format!("{}, expected {VERSION}", given("version"));
        return Err(not_vectors("version", problem));
    }
    Ok(())
}

/// Numbers that every language reads exactly, and no null: what a case does not have is absent.
fn check_values(value: &Value) -> Result<(), VectorError> {
    let here = |problem: String| Err(not_vectors("", problem));
    match value {
        Value::Null => here("null, expected a value, or no such field".to_owned()),
        Value::Number(number) => match number.as_u64() {
            Some(0..=LARGEST_NUMBER) => Ok(()),
            _ => here(format!("{number}, expected an integer from 0 to 2^53 - 1")),
        },
        Value::Array(values) => values.iter().enumerate().try_for_each(|(at, value)| {
            check_values(value).map_err(|error| error.within(&format!("[{at}]")))
        }),
        Value::Object(fields) => fields.iter().try_for_each(|(name, value)| {
            check_values(value).map_err(|error| error.within(&format!(".{name}")))
        }),
        Value::Bool(_) | Value::String(_) => Ok(()),
    }
}

impl VectorError {
    /// The same with its place inside another: places are put together only where something is wrong.
    fn within(self, outer: &str) -> Self {
        match self {
            Self::NotVectors { place, problem } => Self::NotVectors {
                place: format!("{outer}{place}"),
                problem,
            },
            other => other,
        }
    }
}

/// Finds the case that does not parse: the parser itself knows only where its group ends.
pub(super) fn locate(value: &Value, error: &serde_json::Error) -> VectorError {
    let groups = value.get("testGroups").and_then(Value::as_array);
    for (at, group) in (0..).zip(groups.into_iter().flatten()) {
        let place = format!("testGroups[{at}]");
        let kind = group
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let tests = group.get("tests").and_then(Value::as_array);
        for test in tests.into_iter().flatten() {
            if let Some(problem) = test_problem(kind, test) {
                let tc_id = test.get("tcId").unwrap_or(&Value::Null);
                return not_vectors(format!("{place}, tcId {tc_id}"), problem);
            }
        }
        if let Some(problem) = problem::<Group>(group) {
            return not_vectors(place, problem);
        }
    }
    not_vectors("file", error.to_string())
}

fn test_problem(kind: &str, test: &Value) -> Option<String> {
    with_kind!(kind, Test => problem::<Test>(test), None)
}

fn problem<T: DeserializeOwned>(value: &Value) -> Option<String> {
    T::deserialize(value).err().map(|error| error.to_string())
}

/// Cases are counted from 1 through the whole file, and there are as many as it says.
fn check_numbering(file: &VectorFile) -> Result<(), VectorError> {
    let mut next = 1;
    for head in file.test_groups.iter().flat_map(Group::heads) {
        if head.tc_id != next {
            let problem = format!("tcId {}, expected {next}", head.tc_id);
            return Err(not_vectors(case(head), problem));
        }
        next += 1;
    }
    if file.number_of_tests == next - 1 {
        return Ok(());
    }
    let problem = format!("{}, expected {}", file.number_of_tests, next - 1);
    Err(not_vectors("numberOfTests", problem))
}

/// Every flag has a note, every note a case, and what is acceptable has a reason.
pub(super) fn check_notes(file: &VectorFile) -> Result<(), VectorError> {
    let mut used = BTreeSet::new();
    for head in file.test_groups.iter().flat_map(Group::heads) {
        let mut own = BTreeSet::new();
        for flag in head.flags {
            if !file.notes.contains_key(flag) {
                return Err(not_vectors(
                    case(head),
                    format!("flag {flag:?} has no note"),
                ));
            }
            if !own.insert(flag) {
                return Err(not_vectors(
                    case(head),
                    format!("flag {flag:?} stands twice"),
                ));
            }
            used.insert(flag.clone());
        }
        if head.result == Outcome::Acceptable && own.is_empty() {
            return Err(not_vectors(case(head), "acceptable, but no flag says why"));
        }
    }
    match file.notes.keys().find(|flag| !used.contains(*flag)) {
        Some(flag) => Err(not_vectors("notes", format!("no case has flag {flag:?}"))),
        None => Ok(()),
    }
}

pub(super) fn case(head: Head<'_>) -> String {
    format!("tcId {}", head.tc_id)
}

/// What a case asks to be computed, and what its kind needs beyond its fields.
pub(super) fn check_groups(file: &VectorFile) -> Result<(), VectorError> {
    let mut work = Work::default();
    for group in &file.test_groups {
        match group {
            Group::Plan { .. } | Group::CounterBlock { .. } => {}
            Group::DeclaredSizes { tests, .. } => {
                for test in tests {
                    work.whole(test.tc_id, "plaintextSize", test.plaintext_size)?;
                }
            }
            Group::CtrPart { tests } => {
                for test in tests {
                    work.plaintext(test.tc_id, &test.plaintext)?;
                    let before = test.number.saturating_sub(1).saturating_mul(test.part_size);
                    work.whole(test.tc_id, "number", before)?;
                }
            }
            Group::CtrRange { tests } => {
                for test in tests {
                    in_full(test)?;
                    work.plaintext(test.tc_id, &test.plaintext)?;
                    work.add(test.tc_id, "ciphertext", test.ciphertext.length())?;
                }
            }
            Group::GcmObject { tests } => {
                for test in tests {
                    work.parts(test.tc_id, test.parts.len())?;
                    for part in &test.parts {
                        work.add(test.tc_id, "parts", part.length())?;
                    }
                    if let Some(plaintext) = &test.plaintext {
                        work.plaintext(test.tc_id, plaintext)?;
                    }
                }
            }
            Group::GcmPart { tests } => {
                for test in tests {
                    work.add(test.tc_id, "ciphertext", test.ciphertext.length())?;
                    // A part is opened among its neighbours, where they are small enough to be made.
                    if test.data_size <= LARGEST_OPENED {
                        work.add(test.tc_id, "dataSize", test.data_size)?;
                    }
                    if let Some(plaintext) = &test.plaintext {
                        work.plaintext(test.tc_id, plaintext)?;
                    }
                }
            }
            Group::Envelope { master_key, .. } => known_key(master_key)?,
            Group::PartList { stored, tests, .. } => {
                let first = tests.first().map_or(0, |test| test.tc_id);
                work.parts(first, stored.len())?;
                let listed = count(stored.len()).saturating_mul(count(tests.len()));
                if listed > MOST_LISTED {
                    let problem = format!(
                        "{} stored parts for {} lists, expected at most {MOST_LISTED} in all",
                        stored.len(),
                        tests.len()
                    );
                    return Err(not_vectors(format!("tcId {first}"), problem));
                }
                for test in tests {
                    if test.bytes().is_none() {
                        let problem = "expected either `body` or a Base64 `bodyBase64`";
                        return Err(not_vectors(format!("tcId {}", test.tc_id), problem));
                    }
                }
            }
            Group::Service { tests } => {
                for test in tests {
                    steps(test)?;
                    for step in &test.steps {
                        if let Some(body) = &step.body {
                            work.plaintext(test.tc_id, body)?;
                        }
                    }
                }
            }
            Group::Object {
                master_key, tests, ..
            } => {
                known_key(master_key)?;
                for test in tests {
                    work.parts(test.tc_id, test.parts.len())?;
                    work.plaintext(test.tc_id, &test.plaintext)?;
                }
            }
        }
    }
    Ok(())
}

fn known_key(key: &MasterKeyValue) -> Result<(), VectorError> {
    match key.published() {
        Ok(_) => Ok(()),
        Err(wrong) => Err(not_vectors("masterKey", wrong.to_string())),
    }
}

fn in_full(test: &CtrRangeTest) -> Result<(), VectorError> {
    match (&test.ciphertext, &test.plaintext) {
        (CiphertextValue::Full { .. }, PlaintextValue::Full { .. }) => Ok(()),
        _ => Err(not_vectors(
            format!("tcId {}", test.tc_id),
            "expected `ciphertext` and `plaintext` in full",
        )),
    }
}

fn count(items: usize) -> u64 {
    u64::try_from(items).unwrap_or(u64::MAX)
}

/// What all cases so far ask to be computed, in bytes.
#[derive(Default)]
struct Work(u64);

impl Work {
    fn plaintext(&mut self, tc_id: u64, value: &PlaintextValue) -> Result<(), VectorError> {
        self.add(tc_id, "plaintext", value.length())
    }

    /// An object that is encrypted whole if it is small.
    fn whole(&mut self, tc_id: u64, field: &str, length: u64) -> Result<(), VectorError> {
        match length <= MOST_BYTES {
            true => self.add(tc_id, field, length),
            false => Ok(()),
        }
    }

    fn add(&mut self, tc_id: u64, field: &str, length: u64) -> Result<(), VectorError> {
        self.0 = self.0.saturating_add(length);
        let problem = if length > LONGEST_PLAINTEXT {
            format!("{length} bytes, expected at most {LONGEST_PLAINTEXT}")
        } else if self.0 > LONGEST_OF_FILE {
            format!(
                "{} bytes up to here, expected at most {LONGEST_OF_FILE} in a file",
                self.0
            )
        } else {
            return Ok(());
        };
        Err(not_vectors(format!("tcId {tc_id}, {field}"), problem))
    }

    fn parts(&self, tc_id: u64, parts: usize) -> Result<(), VectorError> {
        if count(parts) <= MAX_PART_COUNT {
            return Ok(());
        }
        let problem = format!("{parts} parts, expected at most {MAX_PART_COUNT}");
        Err(not_vectors(format!("tcId {tc_id}"), problem))
    }
}

/// Every step has what its operation needs and nothing else that it could be asked.
fn steps(test: &ServiceTest) -> Result<(), VectorError> {
    let mut begun = BTreeSet::new();
    for (at, step) in test.steps.iter().enumerate() {
        let place = || format!("tcId {}, steps[{at}]", test.tc_id);
        let Step {
            op,
            headers,
            upload,
            part_number,
            source,
            body,
            list,
            max_parts,
            part_number_marker,
            ..
        } = step;
        // Which fields an operation needs, and which it may have besides.
        let (needs, may): (&[&str], &[&str]) = match op {
            Op::Put => (&["headers", "body"], &[]),
            Op::Initiate => (&["headers", "upload"], &[]),
            Op::UploadPart => (&["upload", "headers", "body"], &["partNumber"]),
            Op::UploadPartCopy => (&["upload", "partNumber", "source"], &[]),
            Op::ListParts => (&["upload"], &["maxParts", "partNumberMarker"]),
            Op::Complete => (&["upload", "headers", "list"], &[]),
            Op::Abort => (&["upload"], &[]),
            Op::Copy => (&["source", "headers"], &[]),
            Op::Get => (&["headers"], &[]),
            Op::Head => (&[], &[]),
        };
        for (name, given) in [
            ("headers", headers.is_some()),
            ("upload", upload.is_some()),
            ("partNumber", part_number.is_some()),
            ("source", source.is_some()),
            ("body", body.is_some()),
            ("list", list.is_some()),
            ("maxParts", max_parts.is_some()),
            ("partNumberMarker", part_number_marker.is_some()),
        ] {
            if needs.contains(&name) && !given {
                return Err(not_vectors(
                    place(),
                    format!("no `{name}`, which {op:?} needs"),
                ));
            }
            if given && !needs.contains(&name) && !may.contains(&name) {
                return Err(not_vectors(
                    place(),
                    format!("`{name}`, which {op:?} does not have"),
                ));
            }
        }
        if *op == Op::Initiate && !begun.insert(upload) {
            return Err(not_vectors(
                place(),
                format!("upload {upload:?} is begun twice"),
            ));
        }
    }
    Ok(())
}
