//! A law is one sentence that must hold for a case: a function that compares a subject's answer with the model's, or with
//! itself. Each is one value, in the file of its function under [`crate::laws`]; its `LAWS` lists them.

mod on;

use std::fmt;

use partproof_evidence::Evidence;
use partproof_model::{Rule, Severity};
use partproof_visible::visible_block;

use crate::class::{Class, Classes, Producer};
use crate::subject::Refusal;
use crate::subject::client::Client;

pub use on::{Judge, On, Piece, ReadError, SessionPieces, XmlReaders};

/// One law.
pub struct Law {
    /// A stable name.
    pub id: &'static str,
    /// What must hold, in one sentence.
    pub sentence: &'static str,
    /// The rules a violation may name, the weightiest first.
    pub rules: &'static [&'static Rule],
    /// The classes of input a run must have met.
    pub classes: &'static [Class],
    /// How many cases a quick run draws.
    pub quick_cases: u32,
    /// The piece it judges, the cases it takes, and its function.
    pub on: &'static dyn Judge,
}

impl Law {
    /// What its weightiest violation means.
    pub fn severity(&self) -> Severity {
        self.rules
            .iter()
            .map(|rule| rule.severity)
            .max()
            .unwrap_or(Severity::May)
    }

    /// Whether a case of these classes is one that nobody can bring about: what is wrong then is hardening.
    pub fn is_hardening(&self, of_case: Classes) -> bool {
        let mut classes = self.classes.iter();
        classes.any(|class| of_case.contains(*class) && class.producer() == Producer::Nobody)
    }

    /// Whether it is about a whole client, over HTTP.
    pub fn is_about_whole_clients(&self) -> bool {
        self.on.piece() == <dyn Client as Piece>::NAME
    }
}

impl fmt::Debug for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Law")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Whether a law held for a case.
pub type Held = Result<(), Unheld>;

/// Why a law did not hold.
#[derive(Clone, Debug)]
pub enum Unheld {
    /// The subject declared that it does not do this; the case does not count.
    NotDeclared,
    /// The subject refused cleanly where it may; the case does not count as met.
    Refused(Refusal),
    /// The machine gives not what the case takes: no port, no room.
    CannotRun(String),
    /// The subject is wrong.
    Violated(Box<Violation>),
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The rule that is broken.
    pub rule: &'static Rule,
    /// What was observed, in a few fixed words: violations of one rule with one symptom are one finding.
    pub symptom: &'static str,
    /// What the model, or the subject itself elsewhere, answers.
    pub expected: String,
    /// What the subject answered.
    pub actual: String,
    /// What it would mean for a user.
    pub consequence: Consequence,
    /// What more is known of it.
    pub evidence: Evidence,
}

/// What a violation would mean for a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "see Display")]
pub enum Consequence {
    DataLost,
    ObjectMissing,
    ObjectUnknown,
    LeftOpen,
    SourceDamaged,
    Misread,
    MetadataLost,
    NothingRead,
    PlaintextExposed,
    TamperingUnnoticed,
    UploadRejected,
    OtherClientCannotRead,
    RefusedNeedlessly,
    ProcessEndangered,
    ProcessEnded,
    NotJudged,
    TestMisled,
}

impl fmt::Display for Consequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::DataLost => "data lost: the upload succeeds, its checksum matches, and the object decrypts to wrong bytes",
            Self::ObjectMissing => "object missing: the client says that the upload succeeded, and there is no object",
            Self::ObjectUnknown => "object unknown: the upload has succeeded, and the client says that it failed",
            Self::LeftOpen => "upload left open: its parts are stored and paid for until somebody aborts it, and nobody is told",
            Self::SourceDamaged => "source damaged: the caller's own file is not what it was before the upload",
            Self::NothingRead => "nothing read: the reader is told that it succeeded, and has no file with the object's bytes",
            Self::Misread => "misread: the reader is given other bytes than were stored, and told that it succeeded",
            Self::MetadataLost => "metadata lost: the object is there, and what the caller wanted to be told of it is not",
            Self::PlaintextExposed => "plaintext exposed: two positions share keystream, so their xor is the xor of their plaintexts",
            Self::TamperingUnnoticed => "tampering unnoticed: bytes that are not what was sealed are released as if they were",
            Self::UploadRejected => "upload rejected: the service refuses it",
            Self::OtherClientCannotRead => "other client cannot read: the object is of use to this client only",
            Self::RefusedNeedlessly => "refused needlessly: an upload or object that is right cannot be made or read",
            Self::ProcessEndangered => "process endangered: a document or request from outside ends or exhausts it",
            Self::ProcessEnded => "process ended or stuck: whoever uses the client loses the program it runs in, or waits for good",
            Self::NotJudged => "not judged: what the adapter says cannot be read, so nothing is known of the client behind it",
            Self::TestMisled => "test misled: the emulator does what the service does not, so what a client's tests show of it is not so",
        })
    }
}

impl Unheld {
    /// The same, on this evidence.
    #[must_use]
    pub fn on(mut self, evidence: impl Into<Evidence>) -> Self {
        if let Self::Violated(violation) = &mut self {
            violation.evidence = evidence.into();
        }
        self
    }
}

impl From<Violation> for Unheld {
    fn from(violation: Violation) -> Self {
        Self::Violated(Box::new(violation))
    }
}

/// Begins a violation: `rule` is broken, this is what was observed and what it means. What subjects have a say in becomes a text of a report here.
pub fn violated(
    rule: &'static Rule,
    symptom: &'static str,
    consequence: Consequence,
    expected: impl Into<String>,
    actual: impl Into<String>,
) -> Unheld {
    Violation {
        rule,
        symptom,
        expected: visible_block(&expected.into()),
        actual: visible_block(&actual.into()),
        consequence,
        evidence: Evidence::default(),
    }
    .into()
}

/// A refusal of something that must work.
pub fn refused_needlessly(
    rule: &'static Rule,
    expected: impl Into<String>,
) -> impl FnOnce(Refusal) -> Unheld {
    let expected = expected.into();
    move |refusal| {
        violated(
            rule,
            "what is right is refused",
            Consequence::RefusedNeedlessly,
            expected,
            format!("refused: {}", refusal.0),
        )
    }
}

/// Ports, ids of uploads, keys and digests differ from run to run, and a report must not.
pub fn without_chance(message: &str) -> String {
    const SHORTEST: usize = 20;
    let varies = |word: &str| {
        let is_random = word
            .bytes()
            .any(|byte| byte.is_ascii_digit() || byte == b'=');
        word.contains("127.0.0.1") || word.contains("port=") || word.len() >= SHORTEST && is_random
    };
    let words = message.split(' ');
    let words = words.map(|word| if varies(word) { "..." } else { word });
    words.collect::<Vec<_>>().join(" ")
}
