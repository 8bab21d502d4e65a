//! What became of a subject that is of no use any more.

use std::fmt;
use std::time::Duration;

use partproof_visible::{visible, visible_block};

/// Why a subject is of no use any more.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{how}{}", told(.stderr))]
pub struct Broke {
    /// What it did.
    pub how: How,
    /// The end of what it wrote to standard error, line by line, as it is shown.
    pub stderr: Vec<String>,
}

/// What a subject did instead of answering.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    /// It was not there to begin with.
    CannotStart(String),
    /// It ended.
    Ended(String),
    /// It did not answer within this time.
    Silent(Duration),
    /// It answered something else than the protocol has.
    Nonsense(String),
}

impl Broke {
    pub(crate) fn new(how: How, stderr: &[u8]) -> Self {
        let stderr = String::from_utf8_lossy(stderr);
        Self {
            how,
            stderr: stderr.trim().lines().map(visible).collect(),
        }
    }
}

impl fmt::Display for How {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CannotStart(error) => write!(f, "it cannot be started: {error}"),
            Self::Ended(status) => write!(f, "it ended ({status}) instead of answering"),
            Self::Silent(limit) => write!(f, "no answer within {} s", limit.as_secs_f32()),
            Self::Nonsense(problem) => write!(f, "no answer of the protocol: {problem}"),
        }
    }
}

fn told(stderr: &[String]) -> String {
    match stderr {
        [] => String::new(),
        [line] => format!("; its standard error ends: {line}"),
        lines => visible_block(&format!("; its standard error ends:\n{}", lines.join("\n"))),
    }
}
