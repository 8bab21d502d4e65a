//! Holding a subject to a file. The model makes each case anew: a file that says something else is no measure. Then the case becomes the
//! cases of laws, which judge the pieces that it is about as they judge them everywhere. Where laws let a client refuse, a refusal is no failure, and
//! no pass either: it is counted by itself, as is a case for which the subject has no piece.

mod encrypt;
mod envelope;
mod laws;
mod object;
mod part_list;
mod plan;

use std::cell::RefCell;

use partproof_model::rules;
use partproof_visible::{visible, visible_block};
use serde::Serialize;

use super::file::{Group, VectorFile};
use super::refresh::wrong_field;
use super::service::ServiceTest;
use super::test::{Derive, Head, Wrong, with_tests};
use partproof_suite::Evidence;
use partproof_suite::law::{Consequence, Held, Unheld, Violation};
use partproof_suite::runner;
use partproof_suite::subject::{Refusal, Subject};

/// What came of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FileReport {
    /// How many cases it has.
    pub cases: u64,
    /// How many of them the subject was judged by: those that passed and those that failed.
    pub judged: u64,
    /// How many of these it passed.
    pub passed: u64,
    /// How many the subject refused where a client may: they count for nothing.
    pub refused: u64,
    /// The first of these refusals.
    pub refusal: Option<String>,
    /// For how many the subject has no piece: the model alone has looked at them.
    pub without_piece: u64,
    /// What is wrong, by case.
    pub failures: Vec<Failure>,
}

/// One case that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The case.
    pub tc_id: u64,
    /// What is particular about it.
    pub comment: String,
    /// Why it exists.
    pub reasons: Vec<Reason>,
    /// Whose answer is wrong: the subject's, or the file's own.
    pub accused: Accused,
    /// The rule that is broken.
    pub rule: String,
    /// What was observed, in a few words.
    pub symptom: String,
    /// What is right.
    pub expected: String,
    /// What was answered.
    pub actual: String,
    /// What it would mean for a user.
    pub consequence: String,
}

/// Whose answer a failure is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Accused {
    /// The subject answered something else than the file.
    Subject,
    /// The file says something else than the model.
    File,
}

/// A flag of a failed case with its note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// The flag.
    pub flag: String,
    /// What such a case is, and which bug it catches.
    pub description: String,
    /// What the bug would mean.
    pub effect: String,
    /// The service's error numbers, where it has some.
    pub ec: Vec<String>,
}

/// Holds a subject to every case of a file.
pub fn verify(file: &VectorFile, subject: &Subject<'_>) -> FileReport {
    let mut session = Session {
        file,
        subject,
        can: Can::default(),
        report: FileReport::default(),
    };
    for group in &file.test_groups {
        session.group(group);
    }
    session.report
}

/// What the subject has shown that it can do. Who refuses everything has not refused what is wrong.
#[derive(Debug, Default)]
struct Can {
    opened_envelope: bool,
    read_list: bool,
    planned: bool,
    encrypted: bool,
}

/// What comes of a case that may or must be refused: whoever has taken nothing that is right has not refused what is wrong.
fn refusal(held: Held, can: bool) -> Held {
    match held {
        Ok(()) if !can => {
            let refusal = "nothing was taken yet, not even what is right";
            Err(Unheld::Refused(Refusal(refusal.to_owned())))
        }
        held => held,
    }
}

/// A test that a subject can be held to.
trait Judge: Derive {
    /// Turns it into cases of laws, and holds the subject to those.
    fn judge(&self, shared: &Self::Shared, subject: &Subject<'_>, can: &mut Can) -> Held;
}

impl Judge for ServiceTest {
    /// No client has a piece for the service itself.
    fn judge(&self, (): &(), _: &Subject<'_>, _: &mut Can) -> Held {
        Err(Unheld::NotDeclared)
    }
}

struct Session<'a> {
    file: &'a VectorFile,
    subject: &'a Subject<'a>,
    can: Can,
    report: FileReport,
}

impl Session<'_> {
    fn group(&mut self, group: &Group) {
        let first = self.report.failures.len();
        with_tests!(group, (shared, tests) => self.each(tests, shared));
        if let Group::Object {
            writer: Some(writer),
            ..
        } = group
        {
            for failure in self.report.failures.iter_mut().skip(first) {
                failure.comment = format!("written by {}: {}", visible(writer), failure.comment);
            }
        }
    }

    /// Judges the tests of a group: first the file by the model, then the subject by the file.
    fn each<T: Judge>(&mut self, tests: &[T], shared: &T::Shared) {
        for test in tests {
            let head = test.head();
            self.report.cases += 1;
            if let Err(wrong) = wrong_field(test, shared) {
                self.fail(head, Accused::File, &not_as_made(&wrong));
                continue;
            }
            let can = RefCell::new(&mut self.can);
            let subject = self.subject;
            let judge = |test: &T| test.judge(shared, subject, &mut can.borrow_mut());
            let held = runner::guarded(|| judge(test));
            match held {
                Ok(()) => {
                    self.report.judged += 1;
                    self.report.passed += 1;
                }
                Err(Unheld::NotDeclared) => self.report.without_piece += 1,
                Err(Unheld::Refused(refusal)) => {
                    self.report.refused += 1;
                    let refusal = format!("tcId {}: {}", head.tc_id, visible(&refusal.0));
                    self.report.refusal.get_or_insert(refusal);
                }
                Err(Unheld::CannotRun(reason)) => {
                    self.report.refused += 1;
                    let reason = format!("tcId {}: {}", head.tc_id, visible(&reason));
                    self.report.refusal.get_or_insert(reason);
                }
                Err(Unheld::Violated(violation)) => {
                    self.report.judged += 1;
                    self.fail(head, Accused::Subject, &violation);
                }
            }
        }
    }

    fn fail(&mut self, head: Head<'_>, accused: Accused, violation: &Violation) {
        let reasons = head.flags.iter().filter_map(|flag| {
            let note = self.file.notes.get(flag)?;
            Some(Reason {
                flag: visible(flag),
                description: visible(&note.description),
                effect: visible(&note.effect),
                ec: note.ec.iter().map(|ec| visible(ec)).collect(),
            })
        });
        let failure = Failure {
            tc_id: head.tc_id,
            comment: visible(head.comment),
            reasons: reasons.collect(),
            accused,
            rule: violation.rule.id.to_owned(),
            symptom: violation.symptom.to_owned(),
            expected: violation.expected.clone(),
            actual: violation.actual.clone(),
            consequence: violation.consequence.to_string(),
        };
        self.report.failures.push(failure);
    }
}

/// The file says something else than the model.
fn not_as_made(wrong: &Wrong) -> Violation {
    Violation {
        rule: rules::STORED_BYTES,
        symptom: "the file is not what the model makes",
        expected: visible_block(&wrong.expected),
        actual: visible_block(&wrong.given),
        consequence: Consequence::OtherClientCannotRead,
        evidence: Evidence::default(),
    }
}

/// What comes of a case that several pieces are about: one that is wrong makes it fail, one that is right makes it pass.
fn all(parts: impl IntoIterator<Item = Held>) -> Held {
    let mut sum = Err(Unheld::NotDeclared);
    for part in parts {
        sum = match (sum, part) {
            (violated @ Err(Unheld::Violated(_)), _) | (_, violated @ Err(Unheld::Violated(_))) => {
                violated
            }
            (Ok(()), _) | (_, Ok(())) => Ok(()),
            (refused @ Err(Unheld::Refused(_)), _) | (_, refused @ Err(Unheld::Refused(_))) => {
                refused
            }
            _ => Err(Unheld::NotDeclared),
        };
    }
    sum
}
