//! A law is one sentence that must hold for a case: a function that compares a subject's answer with the model's, or with
//! itself. [`LAWS`] is the table of all of them.

pub(crate) mod table;

use std::fmt;

use partproof_model::{Rule, Severity};
use partproof_protocol::visible_block;

use crate::case::Case;
use crate::case::answer::AnswerCase;
use crate::case::answer_line::AnswerLineKind;
use crate::case::any_parts::AnyPartsCase;
use crate::case::download::DownloadCase;
use crate::case::emulator::{ExchangeKind, JournalKind, ScriptKind};
use crate::case::encrypt::EncryptCase;
use crate::case::envelope::{BrokenEnvelopeCase, EnvelopeCase};
use crate::case::headers::HeadersCase;
use crate::case::hostile_xml::HostileXmlCase;
use crate::case::outside::{
    AnswerKind, CaptureKind, CaseFileKind, CheckpointKind, OutsideCase, PartListKind, VectorsKind,
};
use crate::case::part_list::{HostilePartListCase, PartListCase};
use crate::case::plan::{HostilePlanCase, PlanCase, PlanPartCase};
use crate::case::position::PositionCase;
use crate::case::resume::{ResumeCase, SourceCase};
use crate::case::session::SessionCase;
use crate::case::tamper::TamperCase;
use crate::case::upload::{CountCase, FailingUploadCase, UploadCase};
use crate::class::Class;
use crate::subject::client::Client;
use crate::subject::{
    AnswerReader, Encryptor, EnvelopeCodec, OwnEmulator, OwnReader, PartListBuilder,
    PartListReader, Planner, Refusal, Subject,
};

pub use table::LAWS;

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
    /// The function, and the kind of piece and case it takes.
    pub check: Check,
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

    /// Whether it is about Partproof itself, what it reads or its emulator, not about a client.
    pub fn is_about_partproof(&self) -> bool {
        matches!(
            self.check,
            Check::AnyCapture(_)
                | Check::AnyCaseFile(_)
                | Check::AnyCheckpoint(_)
                | Check::AnyAnswerLine(_)
                | Check::AnyVectors(_)
                | Check::AnyExchange(_)
                | Check::AnyJournal(_)
                | Check::AnyScript(_)
        )
    }

    /// Whether it is about a whole client, over HTTP.
    pub fn is_about_whole_clients(&self) -> bool {
        matches!(
            self.check,
            Check::Upload(_)
                | Check::UploadCount(_)
                | Check::FailingUpload(_)
                | Check::Resume(_)
                | Check::Source(_)
                | Check::Download(_)
        )
    }

    /// The law of that id.
    pub fn find(id: &str) -> Option<&'static Self> {
        LAWS.iter().copied().find(|law| law.id == id)
    }
}

impl fmt::Debug for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Law")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// A law's function, by the piece it judges and the case it takes.
#[allow(
    missing_docs,
    reason = "each variant is the piece and the case of its function"
)]
pub enum Check {
    Plan(fn(&dyn Planner, &PlanCase) -> Held),
    PlanPart(fn(&dyn Planner, &PlanPartCase) -> Held),
    HostilePlan(fn(&dyn Planner, &HostilePlanCase) -> Held),
    PartList(fn(&dyn PartListBuilder, &PartListCase) -> Held),
    HostilePartList(fn(&dyn PartListBuilder, &HostilePartListCase) -> Held),
    PartListSpelling(fn(&dyn PartListReader, &PartListCase) -> Held),
    Encrypt(fn(&dyn Encryptor, &EncryptCase) -> Held),
    Position(fn(&dyn Encryptor, &PositionCase) -> Held),
    Tamper(fn(&dyn Encryptor, &TamperCase) -> Held),
    Envelope(fn(&dyn EnvelopeCodec, &EnvelopeCase) -> Held),
    BrokenEnvelope(fn(&dyn EnvelopeCodec, &BrokenEnvelopeCase) -> Held),
    Answer(fn(&dyn AnswerReader, &AnswerCase) -> Held),
    HostileXml(fn(&Subject<'_>, &HostileXmlCase) -> Held),
    AnyParts(fn(&dyn PartListBuilder, &AnyPartsCase) -> Held),
    PartListBytes(fn(&dyn PartListReader, &OutsideCase<PartListKind>) -> Held),
    AnswerBytes(fn(&dyn AnswerReader, &OutsideCase<AnswerKind>) -> Held),
    AnyHeaders(fn(&dyn EnvelopeCodec, &HeadersCase) -> Held),
    Session(fn(&Subject<'_>, &SessionCase) -> Held),
    AnyCapture(fn(&dyn OwnReader, &OutsideCase<CaptureKind>) -> Held),
    AnyCaseFile(fn(&dyn OwnReader, &OutsideCase<CaseFileKind>) -> Held),
    AnyVectors(fn(&dyn OwnReader, &OutsideCase<VectorsKind>) -> Held),
    AnyCheckpoint(fn(&dyn OwnReader, &OutsideCase<CheckpointKind>) -> Held),
    AnyAnswerLine(fn(&dyn OwnReader, &OutsideCase<AnswerLineKind>) -> Held),
    Upload(fn(&dyn Client, &UploadCase) -> Held),
    UploadCount(fn(&dyn Client, &CountCase) -> Held),
    FailingUpload(fn(&dyn Client, &FailingUploadCase) -> Held),
    Resume(fn(&dyn Client, &ResumeCase) -> Held),
    Source(fn(&dyn Client, &SourceCase) -> Held),
    Download(fn(&dyn Client, &DownloadCase) -> Held),
    AnyExchange(fn(&dyn OwnEmulator, &OutsideCase<ExchangeKind>) -> Held),
    AnyJournal(fn(&dyn OwnEmulator, &OutsideCase<JournalKind>) -> Held),
    AnyScript(fn(&dyn OwnEmulator, &OutsideCase<ScriptKind>) -> Held),
}

/// Something to do with a law's function, whatever the kind of its case: run it on many, or on one.
pub(crate) trait WithCheck {
    /// What comes of it.
    type Out;

    /// Does it, with the function already bound to the subject's piece.
    fn with<C: Case>(self, law: impl Fn(&C) -> Held + Sync) -> Self::Out;
}

impl Check {
    /// Binds the function to the subject's piece; `None` if the subject does not have it.
    pub(crate) fn bind<W: WithCheck>(&self, subject: &Subject<'_>, then: W) -> Option<W::Out> {
        macro_rules! with {
            ($piece:expr, $law:expr) => {{
                let piece = $piece?;
                Some(then.with(|case| $law(piece, case)))
            }};
        }
        match self {
            Self::Plan(law) => with!(subject.planner, law),
            Self::PlanPart(law) => with!(subject.planner, law),
            Self::HostilePlan(law) => with!(subject.planner, law),
            Self::PartList(law) => with!(subject.part_list_builder, law),
            Self::HostilePartList(law) => with!(subject.part_list_builder, law),
            Self::PartListSpelling(law) => with!(subject.part_list_reader, law),
            Self::Encrypt(law) => with!(subject.encryptor, law),
            Self::Position(law) => with!(subject.encryptor, law),
            Self::Tamper(law) => with!(subject.encryptor, law),
            Self::Envelope(law) => with!(subject.envelope_codec, law),
            Self::BrokenEnvelope(law) => with!(subject.envelope_codec, law),
            Self::Answer(law) => with!(subject.answer_reader, law),
            Self::HostileXml(law) => {
                let reads = subject.answer_reader.is_some() || subject.part_list_reader.is_some();
                with!(reads.then_some(subject), law)
            }
            Self::AnyParts(law) => with!(subject.part_list_builder, law),
            Self::PartListBytes(law) => with!(subject.part_list_reader, law),
            Self::AnswerBytes(law) => with!(subject.answer_reader, law),
            Self::AnyHeaders(law) => with!(subject.envelope_codec, law),
            Self::Session(law) => {
                let both = subject.answer_reader.is_some() && subject.part_list_builder.is_some();
                with!(both.then_some(subject), law)
            }
            Self::AnyCapture(law) => with!(subject.own_reader, law),
            Self::AnyCaseFile(law) => with!(subject.own_reader, law),
            Self::AnyVectors(law) => with!(subject.own_reader, law),
            Self::AnyCheckpoint(law) => with!(subject.own_reader, law),
            Self::AnyAnswerLine(law) => with!(subject.own_reader, law),
            Self::Upload(law) => with!(subject.client, law),
            Self::UploadCount(law) => with!(subject.client, law),
            Self::FailingUpload(law) => with!(subject.client, law),
            Self::Resume(law) => with!(subject.client, law),
            Self::Source(law) => with!(subject.client, law),
            Self::Download(law) => with!(subject.client, law),
            Self::AnyExchange(law) => with!(subject.own_emulator, law),
            Self::AnyJournal(law) => with!(subject.own_emulator, law),
            Self::AnyScript(law) => with!(subject.own_emulator, law),
        }
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
}

/// What a violation would mean for a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "see Display")]
pub enum Consequence {
    DataLost,
    Misread,
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
            Self::Misread => "misread: the reader is given other bytes than were stored, and told that it succeeded",
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

impl From<Violation> for Unheld {
    fn from(violation: Violation) -> Self {
        Self::Violated(Box::new(violation))
    }
}

/// Begins a violation: `rule` is broken, this is what was observed and what it means. What subjects have a say in becomes a text of a report here.
pub(crate) fn violated(
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
    }
    .into()
}

/// A refusal of something that must work.
pub(crate) fn refused_needlessly(
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
