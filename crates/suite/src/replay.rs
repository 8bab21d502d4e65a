//! Replaying one case: from a token to paste, or from a file. The token is the law and the case as a value, so it stays
//! valid when generators change, and can be read and edited.

use serde::Deserialize;
use serde_json::Value;

use crate::case::BoxedCase;
use crate::finding::{Finding, replay_line};
use crate::law::{Law, ReadError, Unheld};
use crate::report::Report;
use crate::runner::judge;
use crate::subject::{Process, Subject};

/// A law and a case: what is replayed.
#[derive(Clone, Debug)]
pub struct Token {
    /// The law.
    pub law: &'static Law,
    /// The case.
    pub case: Value,
}

/// A token in a file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    law: String,
    case: Value,
}

/// What came of a replay.
#[derive(Clone, Debug)]
pub enum Replayed {
    /// The law holds, or the subject now refuses where it may.
    Fixed,
    /// It still does not hold.
    StillFailing(Box<Finding>),
    /// It cannot be run, and why.
    CannotRun(String),
}

/// Whose findings a report has, if the text is one.
pub fn reported(text: &str) -> Option<Report> {
    serde_json::from_str(text).ok()
}

impl Token {
    /// Reads `law:case`, a file's `{"law": ..., "case": ...}`, or the findings of a JSON report; `find` knows the laws. One whose law is not
    /// known holds up no other.
    ///
    /// # Errors
    /// What it is not.
    pub fn read(
        text: &str,
        find: impl Fn(&str) -> Option<&'static Law>,
    ) -> Result<Vec<Result<Self, String>>, String> {
        Self::read_by(text, |id| {
            find(id).ok_or_else(|| format!("no law `{id}`: `partproof rules --laws` lists them"))
        })
    }

    /// The same; `find` says of a law that it does not know what there is to say.
    ///
    /// # Errors
    /// What it is not.
    pub fn read_by(
        text: &str,
        find: impl Fn(&str) -> Result<&'static Law, String>,
    ) -> Result<Vec<Result<Self, String>>, String> {
        let text = text.trim();
        let token = |law: &str, case: Value| {
            Ok(Self {
                law: find(law)?,
                case,
            })
        };
        if text.starts_with('{') {
            let value: Value =
                serde_json::from_str(text).map_err(|error| format!("not JSON: {error}"))?;
            if value.get("findings").is_some() {
                let report: Report = serde_json::from_value(value)
                    .map_err(|error| format!("not a report of this version: {error}"))?;
                let findings = report.findings.into_iter();
                return Ok(findings
                    .map(|finding| token(&finding.law, finding.case))
                    .collect());
            }
            let file: CaseFile = serde_json::from_value(value)
                .map_err(|error| format!("not a case file, expected `law` and `case`: {error}"))?;
            return Ok(vec![token(&file.law, file.case)]);
        }
        let (law, case) = text
            .split_once(':')
            .ok_or("not a token, expected `LAW:{...}`")?;
        let case = serde_json::from_str(case)
            .map_err(|error| format!("the case behind `{law}:` is not JSON: {error}"))?;
        Ok(vec![token(law.trim(), case)])
    }

    /// The line to paste into a shell: replayed on the built-in client, or on a program.
    pub fn command(&self, program: Option<&dyn Process>) -> String {
        replay_line(self.law, &self.case, program)
    }

    /// Whether it can be run: the subject has its piece, and the case is one of this law's.
    ///
    /// # Errors
    /// What it says and what was expected.
    pub fn check(&self, subject: &Subject<'_>) -> Result<(), String> {
        self.case(subject).map(drop)
    }

    /// The case, if it is one of this law's and can be run.
    fn case(&self, subject: &Subject<'_>) -> Result<BoxedCase, String> {
        let Law { id, on, .. } = self.law;
        if !on.has_piece(subject) {
            let name = subject.name;
            return Err(format!("{name} does not have the piece that {id} is about"));
        }
        on.read(&self.case).map_err(|problem| match problem {
            ReadError::NoCase(problem) => format!("not a case of {id}: {problem}"),
            ReadError::CannotRun(problem) => problem,
        })
    }

    /// Runs it.
    pub fn replay(&self, subject: &Subject<'_>) -> Replayed {
        let (law, case) = match self.case(subject) {
            Ok(case) => (self.law, case),
            Err(problem) => return Replayed::CannotRun(problem),
        };
        match judge(law, subject, &*case) {
            Ok(()) | Err(Unheld::Refused(_)) => Replayed::Fixed,
            Err(Unheld::NotDeclared) => Replayed::CannotRun(format!(
                "the subject does not do what {} asks with this case",
                law.id
            )),
            Err(Unheld::CannotRun(reason)) => Replayed::CannotRun(reason),
            Err(Unheld::Violated(violation)) => Replayed::StillFailing(Box::new(Finding::new(
                law,
                &violation,
                &*case,
                subject.program,
            ))),
        }
    }
}
