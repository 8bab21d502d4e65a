//! What is judged: the built-in client, or a program at the other end of the line protocol.

use std::path::{Path, PathBuf};
use std::time::Duration;

use partproof_subjects::matrix::MODEL;
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

    /// Starts several, no command twice.
    ///
    /// # Errors
    /// As [`Judged::start`], or two commands are the same.
    pub(crate) fn start_all(args: &SubjectsArgs) -> Result<Result<Vec<Self>, ExitCode>, String> {
        let mut all = Vec::new();
        for (number, command) in args.subjects.iter().enumerate() {
            if args.subjects[..number].contains(command) {
                return Err(format!("--subject: `{}` is there twice", visible(command)));
            }
            match Self::start_one(command, args.time_limit)? {
                Ok(one) => all.push(one),
                Err(broke) => return Ok(Err(broke)),
            }
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

/// A name for each, by which it can be told from the others and from the model: two builds of one version are numbered.
pub(crate) fn names(judged: &[Judged]) -> Vec<String> {
    let mut names = vec![MODEL.to_owned()];
    for one in judged {
        let name = one.subject().name;
        let numbered = (2..).map(|number| format!("{name} ({number})"));
        let mut free = std::iter::once(name.to_owned()).chain(numbered);
        let is_free = |wanted: &String| !names.contains(wanted);
        names.push(free.find(is_free).expect("numbers do not end"));
    }
    names.split_off(1)
}

/// Each under its name.
pub(crate) fn named<'a>(judged: &'a [Judged], names: &'a [String]) -> Vec<Subject<'a>> {
    let both = judged.iter().zip(names);
    both.map(|(one, name)| Subject {
        name,
        ..one.subject()
    })
    .collect()
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

/// The command of a program that is the subject of this command.
///
/// # Errors
/// As [`own_command`].
pub(crate) fn program(command: &str) -> Result<String, String> {
    match command {
        BUILT_IN => own_command("adapter"),
        command => Ok(command.to_owned()),
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
