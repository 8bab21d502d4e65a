//! A subject in a process of its own. It can do what no implementation in Rust can: end, fall silent, or answer nonsense. No law has to know of
//! that: the piece unwinds past the law with an [`Instead`], and the runner makes a finding of it, as it does of a panic.

use std::panic::resume_unwind;

use crate::Subject;

/// What a run has to know of a subject's process.
pub trait Process: Sync {
    /// The command that starts it, as a shell takes it.
    fn command(&self) -> String;

    /// How many cases it is judged by at a time.
    fn at_a_time(&self) -> usize;

    /// The same program in more processes, each judged by one case at a time beside this one.
    fn others(&self) -> Vec<Subject<'_>> {
        Vec::new()
    }

    /// Ends it: whoever asks next asks one that was started anew, and remembers nothing.
    fn end(&self);

    /// What it does not declare, one line for each kind.
    fn undeclared(&self) -> Vec<String>;

    /// What it declares and has never done, or what none of its operations can do.
    fn unexercised(&self) -> Vec<String>;
}

/// What comes of a case instead of an answer.
#[derive(Clone, Debug)]
pub enum Instead {
    /// The process broke.
    Broke {
        /// How.
        how: Break,
        /// What it said, and what it did.
        told: String,
    },
    /// It has no such operation.
    NotDeclared,
    /// It did not answer in time, and the machine may be the reason.
    MachineBusy(String),
}

impl Instead {
    /// Leaves the law that asked.
    pub fn raise(self) -> ! {
        resume_unwind(Box::new(self))
    }
}

/// A way in which a subject breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "see the symptoms")]
pub enum Break {
    Panicked,
    CannotStart,
    Ended,
    Silent,
    Nonsense,
}

impl Break {
    const ALL: [Self; 5] = [
        Self::Panicked,
        Self::CannotStart,
        Self::Ended,
        Self::Silent,
        Self::Nonsense,
    ];

    /// The break that is told with these words.
    pub fn of(symptom: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|how| how.symptom() == symptom)
    }

    /// What is observed.
    pub fn symptom(self) -> &'static str {
        match self {
            Self::Panicked => "panicked",
            Self::CannotStart => "the subject does not start again",
            Self::Ended => "the subject ends",
            Self::Silent => "the subject does not answer in time",
            Self::Nonsense => "the subject answers nonsense",
        }
    }
}
