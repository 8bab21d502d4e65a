//! What the service answers to one step. A step that breaks several rules may be refused for any of them, because no
//! source gives the order of the checks (question A27); a step whose only breaches rest on open questions may also be
//! accepted. So a verdict is the answer the model gives and all others that are as right.

use std::fmt;

use crate::question::Question;
use crate::rules::Rule;

/// One rule that a step breaks, or may break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objection {
    /// The rule.
    pub rule: &'static Rule,
    /// What was given and what was expected.
    pub detail: String,
    /// The open question this rests on, if any.
    pub question: Option<Question>,
}

impl Objection {
    /// A breach the evidence leaves no doubt about.
    pub fn certain(rule: &'static Rule, detail: impl Into<String>) -> Self {
        Self {
            rule,
            detail: detail.into(),
            question: None,
        }
    }

    /// A breach only if the open question is answered that way.
    pub fn open(rule: &'static Rule, question: Question, detail: impl Into<String>) -> Self {
        Self {
            rule,
            detail: detail.into(),
            question: Some(question),
        }
    }
}

/// A refusal: which rule, and what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The rule that is broken. Its `answer` has HTTP status, `Code` and `Message`; its `ec` the error number.
    pub rule: &'static Rule,
    /// What was given and what was expected.
    pub detail: String,
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.rule.id)?;
        if let Some(ec) = self.rule.ec {
            write!(f, " ({ec})")?;
        }
        write!(f, ": {}", self.detail)
    }
}

/// The answer to a step, and every other answer that would be as right.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Verdict<T> {
    /// What the model did. `Err` means that nothing was changed.
    pub outcome: Result<T, Rejection>,
    /// The rejections the evidence admits besides (or instead of) the outcome.
    pub also_rejected_by: Vec<Rejection>,
    /// The questions on which an acceptance would rest; `None` if acceptance is not admissible.
    pub acceptable_if: Option<Vec<Question>>,
}

impl<T> Verdict<T> {
    /// Whether accepting the step is a right answer.
    pub fn admits_acceptance(&self) -> bool {
        self.acceptable_if.is_some()
    }

    /// Whether an answer with this HTTP status and `Code` is right. The EC is not compared: the service's own pages
    /// say that programs must not depend on it. Where no source states the `Code`, the status alone decides.
    pub fn admits_rejection(&self, status: u16, code: &str) -> bool {
        self.rejections().any(|rejection| {
            rejection.rule.answer.is_some_and(|answer| {
                answer.status == status && answer.code.is_none_or(|stated| stated == code)
            })
        })
    }

    /// Every admissible rejection, the model's own first.
    pub fn rejections(&self) -> impl Iterator<Item = &Rejection> {
        self.outcome
            .as_ref()
            .err()
            .into_iter()
            .chain(&self.also_rejected_by)
    }
}
