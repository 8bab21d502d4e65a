//! What one law has met.

use partproof_visible::visible;

use crate::class::{Class, Classes};
use crate::law::Law;
use crate::report::{LawReport, Standing};
use crate::subject::Subject;

/// What one law has met.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) judged: u64,
    pub(super) held: u64,
    pub(super) refused: u64,
    pub(super) not_declared: u64,
    pub(super) violated: u64,
    /// Violated for input that nobody can bring about.
    pub(super) hardening: u64,
    pub(super) met: Classes,
    pub(super) refusal: Option<String>,
    pub(super) cannot_run: Option<String>,
    /// The subject broke too often.
    pub(super) given_up: bool,
}

impl Tally {
    /// The classes of input that no case has met and the subject can meet.
    pub(super) fn missed(&self, law: &Law, subject: &Subject<'_>) -> Vec<Class> {
        let classes = law.classes.iter().copied();
        let is_missed =
            |class: &Class| !self.met.contains(*class) && law.on.can_meet(subject, *class);
        classes.filter(is_missed).collect()
    }

    /// How many cases were judged that the subject declares.
    pub(super) fn counted(&self) -> u64 {
        self.judged - self.not_declared
    }

    /// What the run says about this law.
    pub(super) fn report(&self, law: &Law, subject: &Subject<'_>, ran: bool) -> LawReport {
        let missed = self.missed(law, subject);
        let standing = if !ran || self.not_declared == self.judged {
            Standing::NotDeclared
        } else if self.violated > 0 {
            Standing::Violated
        } else if !missed.is_empty() || self.cannot_run.is_some() {
            Standing::Inconclusive
        } else {
            Standing::Holds
        };
        LawReport {
            id: law.id.to_owned(),
            sentence: law.sentence.to_owned(),
            severity: law.severity().to_string(),
            standing,
            cases: self.held + self.violated + self.hardening,
            refused: self.refused,
            refusal: self.refusal.as_deref().map(visible),
            missed: if standing == Standing::NotDeclared {
                Vec::new()
            } else {
                let cannot_run = self.cannot_run.iter();
                let given_up = self
                    .given_up
                    .then(|| "what comes after the subject broke too often".to_owned());
                let missed = missed.iter().map(|class| class.text().to_owned());
                missed
                    .chain(cannot_run.map(|reason| {
                        format!("a case this machine cannot run ({})", visible(reason))
                    }))
                    .chain(given_up)
                    .collect()
            },
        }
    }
}
