//! Diagnosis of captured HTTP exchanges: rebuilds the uploads in them, asks the model which rules they break, and says what
//! was declared, what was sent, what was expected, and which numbers would mend it.

/// A pattern of this crate, compiled once: of bytes, one line at a time unless it says otherwise.
macro_rules! pattern {
    ($text:expr $(,)?) => {{
        static PATTERN: std::sync::LazyLock<regex::bytes::Regex> = std::sync::LazyLock::new(|| {
            let built = regex::bytes::Regex::new($text);
            built.unwrap_or_else(|error| unreachable!("{error}"))
        });
        &*PATTERN
    }};
}

pub mod capture;
mod ciphertext;
mod ec;
mod exchange;
mod foreign;
mod headline;
mod judge;
mod masked;
mod master_key;
mod remedy;
mod service_error;
pub mod trouble;
mod upload;

use std::collections::HashMap;
use std::fmt;
use std::num::NonZero;
use std::thread;

use partproof_model::{Objection, Rule};
use serde::Serialize;

pub use self::master_key::{MasterKey, MasterKeyError};
use crate::capture::{Message, Source};

/// What a diagnosis may use besides the messages.
#[derive(Debug, Default)]
pub struct Evidence {
    /// The private master key: with it the content key is unwrapped and every part decrypted.
    pub master_key: Option<MasterKey>,
    /// The plaintext of the object: with it every part is compared byte for byte.
    pub plaintext: Option<Vec<u8>>,
}

/// What a diagnosis calls its form.
pub const SCHEMA: &str = "partproof-diagnosis/1";

/// What was found in a capture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Diagnosis {
    /// `partproof-diagnosis/1`.
    pub schema: &'static str,
    /// The verdict in a sentence.
    pub headline: String,
    /// The other service that the capture is of; then nothing is judged.
    pub foreign: Option<&'static str>,
    /// How many messages were read.
    pub messages: usize,
    /// The uploads in them.
    pub uploads: Vec<UploadDiagnosis>,
    /// What is wrong or was refused outside any upload.
    pub problems: Vec<Problem>,
    /// What a reader should know of the capture itself.
    pub notes: Vec<String>,
}

/// One upload of a capture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UploadDiagnosis {
    /// The object, as its path names it.
    pub object: String,
    /// The upload id, if any message shows one.
    pub upload_id: Option<String>,
    /// The declared data size, in bytes.
    pub data_size: Option<u64>,
    /// The declared part size, in bytes.
    pub part_size: Option<u64>,
    /// ceil(data size / part size).
    pub expected_parts: Option<u64>,
    /// Whether counts and lengths could be judged: not where the declared sizes are nowhere in the capture, or a part list is not there whole.
    pub judged: bool,
    /// Whether the service refused something that went through when it was sent again.
    pub refused: bool,
    /// How many distinct parts were captured.
    pub sent_parts: u64,
    /// How many parts the part list has.
    pub listed_parts: Option<u64>,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// What was verified, part by part.
    pub verified: Vec<String>,
    /// Whether the ciphertext of every part was verified.
    pub all_parts_verified: bool,
    /// What could not be judged, and why.
    pub notes: Vec<String>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Problem {
    /// The rule that is broken.
    pub rule: &'static str,
    /// What the rule says.
    pub sentence: &'static str,
    /// Where the rule is read.
    pub source: &'static str,
    /// The service's error number, if it has one.
    pub ec: Option<&'static str>,
    /// `MUST`, `SHOULD` or `MAY`.
    pub severity: String,
    /// Where in the capture.
    pub place: String,
    /// What was given and what was expected.
    pub detail: String,
    /// The open question that decides whether the service notices, if there is one.
    pub open_question: Option<String>,
    /// Whether the service accepted the request all the same, though it has an answer for what breaks the rule.
    pub accepted: bool,
    /// How to mend it, with concrete numbers.
    pub fixes: Vec<String>,
}

impl Problem {
    fn new(
        rule: &'static Rule,
        place: &Source,
        detail: impl Into<String>,
        fixes: Vec<String>,
    ) -> Self {
        Self {
            rule: rule.id,
            sentence: rule.sentence,
            source: rule.source,
            ec: rule.ec,
            severity: rule.severity.to_string(),
            place: place.to_string(),
            detail: detail.into(),
            open_question: None,
            accepted: false,
            fixes,
        }
    }

    fn of(objection: Objection, place: &Source, fixes: Vec<String>) -> Self {
        let open_question = objection
            .question
            .map(|question| format!("{question}: {}", question.text()));
        Self {
            open_question,
            ..Self::new(objection.rule, place, objection.detail, fixes)
        }
    }
}

impl Diagnosis {
    /// Every problem.
    pub fn all_problems(&self) -> impl Iterator<Item = &Problem> {
        self.uploads
            .iter()
            .flat_map(|upload| &upload.problems)
            .chain(&self.problems)
    }

    /// Whether some upload could not be judged, or not in all it did.
    pub fn is_undecided(&self) -> bool {
        self.foreign.is_some()
            || self
                .uploads
                .iter()
                .any(|upload| !upload.judged || upload.refused)
    }

    /// The JSON Schema of a diagnosis, as text.
    #[cfg(feature = "schema")]
    pub fn json_schema() -> String {
        let schema = schemars::schema_for!(Self);
        serde_json::to_string_pretty(&schema).expect("a schema serialises") + "\n"
    }

    /// Whether there was nothing to judge.
    pub fn is_empty(&self) -> bool {
        self.uploads.is_empty() && self.problems.is_empty()
    }
}

/// Diagnoses the messages of a capture, in their order.
pub fn diagnose(messages: &[Message], evidence: &Evidence) -> Diagnosis {
    let exchanges = exchange::pair(messages);
    let captured = upload::rebuild(&exchanges);
    let of_messages = messages.iter().flat_map(|message| {
        let notes = message.notes.iter();
        notes.map(|note| (&message.source, note.as_str()))
    });
    let mut notes = each_once(of_messages);
    notes.extend(captured.notes);
    let mut diagnosis = Diagnosis {
        schema: SCHEMA,
        headline: String::new(),
        foreign: foreign::service(messages),
        messages: messages.len(),
        uploads: Vec::new(),
        problems: Vec::new(),
        notes,
    };
    match diagnosis.foreign {
        Some(_) => {
            let refused = messages.iter().filter_map(service_error::refusal);
            diagnosis.notes.extend(refused.map(|refusal| refusal.said));
        }
        None => {
            diagnosis.uploads = judged(&captured.uploads, evidence);
            diagnosis.problems = captured.others.iter().flat_map(judge::other).collect();
        }
    }
    diagnosis.headline = diagnosis.headline();
    diagnosis
}

/// Judges uploads, on all cores where there are many.
fn judged(uploads: &[upload::CapturedUpload<'_>], evidence: &Evidence) -> Vec<UploadDiagnosis> {
    const FEW: usize = 100;
    let judge = |uploads: &[upload::CapturedUpload<'_>]| -> Vec<_> {
        let each = uploads.iter();
        each.map(|upload| judge::upload(upload, evidence)).collect()
    };
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    if uploads.len() <= FEW {
        return judge(uploads);
    }
    thread::scope(|scope| {
        let shares = uploads.chunks(uploads.len().div_ceil(cores));
        let running: Vec<_> = shares
            .map(|share| scope.spawn(move || judge(share)))
            .collect();
        let done = running.into_iter().map(|share| share.join());
        done.flat_map(|share| share.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

/// What is to be said of several places, once: at the first of them, with how many more there are.
fn each_once<'a>(notes: impl Iterator<Item = (&'a Source, &'a str)>) -> Vec<String> {
    let mut told: Vec<(&Source, &str, usize)> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    for (place, note) in notes {
        match known.get(note).and_then(|at| told.get_mut(*at)) {
            Some((.., more)) => *more += 1,
            None => {
                known.insert(note, told.len());
                told.push((place, note, 0));
            }
        }
    }
    let told = told.into_iter().map(|(place, note, more)| match more {
        0 => format!("{place}: {note}"),
        1 => format!("{place}, and 1 more message: {note}"),
        more => {
            let more = Grouped(u64::try_from(more).unwrap_or(u64::MAX));
            format!("{place}, and {more} more messages: {note}")
        }
    });
    told.collect()
}

/// Parts by their numbers, in their order: `part 3`, `parts 1 to 4, 7`.
pub(crate) struct Parts<'a>(pub(crate) &'a [u64]);

impl fmt::Display for Parts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MOST_RUNS: usize = 10;
        let runs: Vec<&[u64]> = self
            .0
            .chunk_by(|one, next| next.checked_sub(*one) == Some(1))
            .collect();
        f.write_str(if self.0.len() == 1 { "part " } else { "parts " })?;
        for (at, run) in runs.iter().take(MOST_RUNS).enumerate() {
            f.write_str(if at == 0 { "" } else { ", " })?;
            match run {
                [one] => write!(f, "{}", Grouped(*one))?,
                [one, two] => write!(f, "{}, {}", Grouped(*one), Grouped(*two))?,
                [first, .., last] => write!(f, "{} to {}", Grouped(*first), Grouped(*last))?,
                [] => {}
            }
        }
        f.write_str(if runs.len() > MOST_RUNS { ", ..." } else { "" })
    }
}

/// A number with thousands separated, as people write sizes.
pub(crate) struct Grouped(pub(crate) u64);

impl fmt::Display for Grouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        let groups: Vec<_> = digits
            .as_bytes()
            .rchunks(3)
            .rev()
            .map(String::from_utf8_lossy)
            .collect();
        f.pad(&groups.join(","))
    }
}

#[cfg(test)]
mod tests;
