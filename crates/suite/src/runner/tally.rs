//! What one law has met.

use std::time::Duration;

use partproof_visible::visible;

use crate::class::{Class, Classes};
use crate::law::Law;
use crate::report::{Ended, LawReport, Seconds, Standing};
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
    /// Why there were fewer cases than were to be.
    pub(super) ended: Option<Ended>,
}

impl Tally {
    /// The classes of input that no case has met and the subject can meet.
    pub(super) fn missed(&self, law: &Law, subject: &Subject<'_>) -> Vec<Class> {
        let classes = law.classes.iter().copied();
        let is_missed =
            |class: &Class| !self.met.contains(*class) && law.on.can_meet(subject, *class);
        classes.filter(is_missed).collect()
    }

    /// Whether the subject has answered anything that could be judged.
    pub(super) fn has_answers(&self) -> bool {
        self.held + self.violated + self.hardening > 0
    }

    /// What the run says about this law.
    pub(super) fn report(
        &self,
        law: &Law,
        subject: &Subject<'_>,
        ran: bool,
        took: Duration,
    ) -> LawReport {
        let missed = self.missed(law, subject);
        let asked = law.classes.iter();
        let classes = asked
            .filter(|class| law.on.can_meet(subject, **class))
            .count();
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let unfinished = match self.ended {
            // What was met was met in time.
            Some(Ended::TimeIsOver) => self.judged == 0,
            Some(Ended::Interrupted | Ended::FirstFinding) => true,
            None => false,
        };
        let is_declared = unfinished || self.judged > self.not_declared;
        let standing = if !ran || !is_declared {
            Standing::NotDeclared
        } else if self.violated > 0 {
            Standing::Violated
        } else if !missed.is_empty() || self.cannot_run.is_some() || unfinished {
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
            seconds: Seconds(took),
            refused: self.refused,
            classes: number(classes),
            classes_met: number(classes.saturating_sub(missed.len())),
            refusal: self.refusal.as_deref().map(visible),
            missed: if standing == Standing::NotDeclared {
                Vec::new()
            } else {
                let cannot_run = self.cannot_run.iter();
                let given_up = self
                    .given_up
                    .then(|| "what comes after the subject broke too often".to_owned());
                let missed = missed.iter().map(|class| class.text().to_owned());
                let ended = self.ended.filter(|_| unfinished);
                let ended = ended.map(|ended| format!("the rest of the cases: {ended}"));
                missed
                    .chain(ended)
                    .chain(cannot_run.map(|reason| {
                        format!("a case this machine cannot run ({})", visible(reason))
                    }))
                    .chain(given_up)
                    .collect()
            },
        }
    }
}
