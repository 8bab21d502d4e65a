//! What is judged: the built-in client, or a program at the other end of the line protocol.

use std::path::{Path, PathBuf};
use std::time::Duration;

use partproof_subjects::own;
use partproof_subjects::program::{CommandLine, Limits, Program, StartError};
use partproof_suite::Subject;
use partproof_visible::visible;

use crate::args::{BUILT_IN, SubjectArgs, SubjectsArgs};
use crate::exit_code::ExitCode;
use crate::output;

/// A subject to judge.
pub(crate) enum Judged {
    Builtin,
    Program(Box<Program>),
}

impl Judged {
    /// Starts it, if it is to be started.
    ///
    /// # Errors
    /// The command cannot be read. `Ok(Err(...))`: the subject broke, which has been said.
    pub(crate) fn start(args: &SubjectArgs) -> Result<Result<Self, ExitCode>, String> {
        let command = args.subject.as_deref().unwrap_or(BUILT_IN);
        Self::start_one(command, args.time_limit)
    }

    /// Starts several, none of them twice.
    ///
    /// # Errors
    /// As [`Judged::start`], or two are the same.
    pub(crate) fn start_all(args: &SubjectsArgs) -> Result<Result<Vec<Self>, ExitCode>, String> {
        let mut all: Vec<Self> = Vec::new();
        for command in &args.subjects {
            let one = match Self::start_one(command, args.time_limit)? {
                Ok(one) => one,
                Err(broke) => return Ok(Err(broke)),
            };
            let name = one.subject().name;
            if all.iter().any(|other| other.subject().name == name) {
                return Err(format!("--subject: `{name}` is there twice"));
            }
            all.push(one);
        }
        Ok(Ok(all))
    }

    /// Starts the one of this command.
    fn start_one(command: &str, time_limit: Option<f64>) -> Result<Result<Self, ExitCode>, String> {
        match command {
            BUILT_IN => Ok(Ok(Self::Builtin)),
            command => {
                Ok(start(command, time_limit)?.map(|program| Self::Program(Box::new(program))))
            }
        }
    }

    /// Has it judged by so many cases at a time, if it is a program.
    pub(crate) fn with_jobs(self, jobs: Option<usize>) -> Self {
        match self {
            Self::Builtin => self,
            Self::Program(program) => Self::Program(Box::new(program.with_jobs(jobs))),
        }
    }

    pub(crate) fn subject(&self) -> Subject<'_> {
        match self {
            Self::Builtin => own::subject(),
            Self::Program(program) => program.subject(),
        }
    }
}

/// Starts a program.
///
/// # Errors
/// The command cannot be read. `Ok(Err(...))`: the subject broke, which has been said.
pub(crate) fn start(
    command: &str,
    time_limit: Option<f64>,
) -> Result<Result<Program, ExitCode>, String> {
    let command = command_line(command)?;
    let text = visible(command.text());
    match Program::start(command, limits(time_limit)) {
        Ok(program) => Ok(Ok(program)),
        Err(error) => {
            let hint = match error {
                StartError::Broke(_) => "the first answer, to `describe`, did not come",
                StartError::Description(_) => "docs/PROTOCOL.md says what `describe` answers",
            };
            output::say(&format!(
                "{} {text}: {error}\n  {hint}; `partproof smoke --subject` tries an adapter step by step\n",
                output::error("the subject broke:")
            ));
            Ok(Err(ExitCode::SubjectBroke))
        }
    }
}

/// This program with an argument, as a command.
///
/// # Errors
/// Nobody knows where it is.
pub(crate) fn own_command(argument: &str) -> Result<String, String> {
    let own = own_path()?;
    let own = own
        .to_str()
        .ok_or("partproof itself: its path is no text")?;
    Ok(format!("'{}' {argument}", own.replace('\'', r"'\''")))
}

/// What runs, even if another version has been installed meanwhile.
fn own_path() -> Result<PathBuf, String> {
    let own = Path::new("/proc/self/exe");
    match own.exists() {
        true => Ok(own.to_owned()),
        false => std::env::current_exe().map_err(|error| format!("partproof itself: {error}")),
    }
}

/// A program's command, to be started by this program again: whatever becomes of this run, nothing of the subject outlives it.
///
/// # Errors
/// It cannot be read.
pub(crate) fn command_line(text: &str) -> Result<CommandLine, String> {
    let command = CommandLine::read(text).map_err(|problem| format!("--subject: {problem}"))?;
    Ok(command.supervised_by(vec![own_path()?.into(), "supervise".into()]))
}

pub(crate) fn limits(time_limit: Option<f64>) -> Limits {
    match time_limit.map(Duration::from_secs_f64) {
        None => Limits::default(),
        Some(limit) => Limits {
            transfer: limit,
            piece: limit,
            rate: None,
        },
    }
}
