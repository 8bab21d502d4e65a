//! Replaying one case: from a token to paste, or from a file. The token is the law and the case as a value, so it stays
//! valid when generators change, and can be read and edited.

use partproof_protocol::visible_json;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::case::Case;
use crate::finding::Finding;
use crate::law::{Held, Law, Unheld, WithCheck};
use crate::report::Report;
use crate::runner::judge;
use crate::subject::Subject;
use crate::subject::program::Program;

/// A law and a case: what is replayed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Token {
    /// The law's id.
    pub law: String,
    /// The case.
    pub case: Value,
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

impl Token {
    /// Reads `law:case`, a file's `{"law": ..., "case": ...}`, or the findings of a JSON report.
    ///
    /// # Errors
    /// What it is not.
    pub fn read(text: &str) -> Result<Vec<Self>, String> {
        let text = text.trim();
        if text.starts_with('{') {
            let value: Value =
                serde_json::from_str(text).map_err(|error| format!("not JSON: {error}"))?;
            if value.get("findings").is_some() {
                let report: Report = serde_json::from_value(value)
                    .map_err(|error| format!("not a report of this version: {error}"))?;
                let token = |finding: Finding| Self {
                    law: finding.law,
                    case: finding.case,
                };
                return Ok(report.findings.into_iter().map(token).collect());
            }
            let token = serde_json::from_value(value)
                .map_err(|error| format!("not a case file, expected `law` and `case`: {error}"))?;
            return Ok(vec![token]);
        }
        let (law, case) = text
            .split_once(':')
            .ok_or("not a token, expected `LAW:{...}`")?;
        let case = serde_json::from_str(case)
            .map_err(|error| format!("the case behind `{law}:` is not JSON: {error}"))?;
        Ok(vec![Self {
            law: law.trim().to_owned(),
            case,
        }])
    }

    /// The line to paste into a shell: replayed on the built-in client, or on a program.
    pub fn command(&self, program: Option<&Program>) -> String {
        // Quotes are the only characters that could end the shell's; in JSON they may be escapes.
        let case = visible_json(&self.case.to_string()).replace('\'', "\\u0027");
        let subject = program
            .map(|program| format!("--subject {} ", program.command().quoted()))
            .unwrap_or_default();
        format!("partproof replay {subject}'{}:{case}'", self.law)
    }

    /// Whether it can be run: the law is there, the subject has its piece, and the case is one of this law's.
    ///
    /// # Errors
    /// What it says and what was expected.
    pub fn check(&self, subject: &Subject<'_>) -> Result<(), String> {
        let law = self.law()?;
        law.check
            .bind(subject, Read(self))
            .ok_or_else(|| self.no_piece(subject))?
    }

    fn law(&self) -> Result<&'static Law, String> {
        Law::find(&self.law)
            .ok_or_else(|| format!("no law `{}`: `partproof rules --laws` lists them", self.law))
    }

    fn no_piece(&self, subject: &Subject<'_>) -> String {
        format!(
            "{} does not have the piece that {} is about",
            subject.name, self.law
        )
    }

    /// The case, if it is one of this law's and can be run.
    fn case<C: Case>(&self) -> Result<C, String> {
        let case: C = serde_json::from_value(self.case.clone())
            .map_err(|error| format!("not a case of {}: {error}", self.law))?;
        case.check()?;
        Ok(case)
    }

    /// Runs it.
    pub fn replay(&self, subject: &Subject<'_>) -> Replayed {
        let law = match self.law() {
            Ok(law) => law,
            Err(problem) => return Replayed::CannotRun(problem),
        };
        law.check
            .bind(
                subject,
                Replay {
                    token: self,
                    law,
                    program: subject.program,
                },
            )
            .unwrap_or_else(|| Replayed::CannotRun(self.no_piece(subject)))
    }
}

/// One reading of a token.
struct Read<'a>(&'a Token);

impl WithCheck for Read<'_> {
    type Out = Result<(), String>;

    fn with<C: Case>(self, _: impl Fn(&C) -> Held + Sync) -> Self::Out {
        self.0.case::<C>().map(drop)
    }
}

/// One replay of a token.
struct Replay<'a> {
    token: &'a Token,
    law: &'static Law,
    program: Option<&'a Program>,
}

impl WithCheck for Replay<'_> {
    type Out = Replayed;

    fn with<C: Case>(self, check: impl Fn(&C) -> Held + Sync) -> Replayed {
        let Self {
            token,
            law,
            program,
        } = self;
        let case: C = match token.case() {
            Ok(case) => case,
            Err(problem) => return Replayed::CannotRun(problem),
        };
        match judge(check, &case) {
            Ok(()) | Err(Unheld::Refused(_)) => Replayed::Fixed,
            Err(Unheld::NotDeclared) => Replayed::CannotRun(format!(
                "the subject does not do what {} asks with this case",
                law.id
            )),
            Err(Unheld::CannotRun(reason)) => Replayed::CannotRun(reason),
            Err(Unheld::Violated(violation)) => Replayed::StillFailing(Box::new(Finding::new(
                law,
                &violation,
                token.case.clone(),
                program,
            ))),
        }
    }
}
