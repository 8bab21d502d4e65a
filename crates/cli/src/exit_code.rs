//! Exit codes: one enum, documented in the help text and in the README.

use std::process::{ExitCode as ProcessExitCode, Termination};

/// What the process ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum ExitCode {
    /// Everything asked for holds.
    Conforms = 0,
    /// Something is wrong with what was judged.
    Violates = 1,
    /// The command line, or a file it names, cannot be used.
    Usage = 2,
    /// The subject never answered anything.
    SubjectBroke = 3,
    /// Nothing wrong was found, but not everything was met.
    Inconclusive = 4,
    /// A fault of partproof itself (EX_SOFTWARE of sysexits.h).
    Internal = 70,
}

/// The codes as every help text ends.
pub(crate) const HELP: &str = "Exit codes:
  0   conforms: everything asked for holds
  1   violates: something is wrong with what was judged
  2   usage: the command line, or a file it names, cannot be used
  3   the subject broke: it never answered anything
  4   inconclusive: nothing wrong was found, but not everything was met
  70  internal: a fault of partproof itself
  130 interrupted (Ctrl-C; 143 by SIGTERM): a check has told what it had by then";

impl Termination for ExitCode {
    #[allow(clippy::as_conversions, reason = "an enum's own discriminant")]
    fn report(self) -> ProcessExitCode {
        ProcessExitCode::from(self as u8)
    }
}
