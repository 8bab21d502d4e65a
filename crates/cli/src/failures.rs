//! What failed before, in a file that a repository keeps: a run tries it first, and drops what held so often. It is TOML, a few lines each, so
//! that a review reads it.

use std::fmt::Write;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use partproof_subjects::{find, near};
use partproof_suite::replay::{Replayed, Token};
use partproof_suite::{Finding, Law, Report, Subject};
use partproof_visible::visible;
use serde::{Deserialize, Serialize};
use toml::Value;

use crate::input;
use crate::output;
use crate::output_file::OutputFile;

/// Where it is if nothing else is said: used if its folder is there.
pub(crate) const FILE: &str = ".partproof/failures.toml";

/// How often in a row a failure holds before it is dropped.
const MOST_HELD: u32 = 10;

/// The most that are kept: what a person reads.
const MOST: usize = 100;

/// The longest case that is kept, in bytes: the smallest case of a finding has 400.
const LONGEST: usize = 16 << 10;

/// The file, read.
pub(crate) struct Failures {
    file: PathBuf,
    text: String,
    pub(crate) all: Vec<Failure>,
}

/// One case that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Failure {
    /// What starts the subject, if it is a program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) subject: Option<String>,
    /// The finding's id.
    finding: String,
    /// The law and the case.
    replay: String,
    /// How often it held since it failed last.
    #[serde(default)]
    held: u32,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    failure: Vec<Failure>,
}

/// What came of one.
pub(crate) enum Tried {
    Held,
    Failed(Box<Finding>),
    CannotRun(String),
}

impl Failures {
    /// Reads the file that was named, or the usual one if its folder is there.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub(crate) fn open(named: Option<&Path>) -> Result<Option<Self>, String> {
        let usual = Path::new(FILE);
        let file = match named {
            Some(file) => file,
            None if usual.parent().is_some_and(Path::is_dir) => usual,
            None => return Ok(None),
        };
        let text = match file.symlink_metadata() {
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            _ => input::FAILURES.text(file)?,
        };
        let Written { failure: all } =
            toml::from_str(&text).map_err(|error| format!("{}: {error}", output::name(file)))?;
        Ok(Some(Self {
            file: file.to_owned(),
            text,
            all,
        }))
    }

    /// Tries those of a subject, by the selected laws, and keeps what came of it: those that still fail.
    pub(crate) fn try_on(
        &mut self,
        subject: &Subject<'_>,
        command: Option<&str>,
        selects: impl Fn(&Law) -> bool,
    ) -> Vec<Finding> {
        let mut failing = Vec::new();
        for failure in self
            .all
            .iter_mut()
            .filter(|failure| failure.subject.as_deref() == command)
        {
            if failure.token().is_ok_and(|token| !selects(token.law)) {
                continue;
            }
            match failure.try_on(subject) {
                Tried::Held => {}
                Tried::Failed(finding) => failing.push(*finding),
                Tried::CannotRun(reason) => output::say(&format!(
                    "{}: {}: cannot run: {}\n",
                    output::name(&self.file),
                    visible(&failure.finding),
                    visible(&reason)
                )),
            }
        }
        failing
    }

    /// Adds what a run found, each finding once, drops what held so often, and writes the file if that changes it.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn end(mut self, report: &Report) -> Result<(), String> {
        for finding in report.findings.iter().filter(|finding| !finding.hardening) {
            let failure = Failure {
                subject: report.command.clone(),
                finding: finding.id.clone(),
                replay: format!("{}:{}", finding.law, finding.case),
                held: 0,
            };
            let is_same = |other: &Failure| {
                (&other.subject, &other.finding) == (&failure.subject, &failure.finding)
            };
            match self.all.iter_mut().find(|other| is_same(other)) {
                // The case that is there failed just now, or is older than what it was to show.
                Some(other) if other.held == 0 => {}
                Some(other) => *other = failure,
                None if failure.replay.len() <= LONGEST => self.all.push(failure),
                None => output::say(&format!(
                    "{}: not kept: its case has more than {LONGEST} bytes\n",
                    finding.id
                )),
            }
        }
        self.write()
    }

    /// Drops what held so often, and writes the file if that changes it.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn write(mut self) -> Result<(), String> {
        self.all.retain(|failure| failure.held < MOST_HELD);
        // The oldest go.
        self.all.drain(..self.all.len().saturating_sub(MOST));
        let text = written(&self.all);
        match text == self.text || self.all.is_empty() && self.text.is_empty() {
            true => Ok(()),
            false => OutputFile::open(&self.file)?.write(text.as_bytes()),
        }
    }
}

impl Failure {
    /// The law and the case.
    fn token(&self) -> Result<Token, String> {
        let law = |id: &str| {
            find(id).ok_or_else(|| {
                format!(
                    "no law `{id}`{}",
                    near(id, partproof_subjects::laws().map(|law| law.id.to_owned()))
                )
            })
        };
        let mut tokens = Token::read_by(&self.replay, law)?.into_iter();
        tokens.next().ok_or("no case")?
    }

    /// Runs it once, and counts what came of it.
    pub(crate) fn try_on(&mut self, subject: &Subject<'_>) -> Tried {
        let replayed = match self.token() {
            Ok(token) => token.replay(subject),
            Err(problem) => Replayed::CannotRun(problem),
        };
        match replayed {
            Replayed::Fixed => {
                self.held += 1;
                Tried::Held
            }
            Replayed::StillFailing(finding) => {
                self.held = 0;
                Tried::Failed(finding)
            }
            Replayed::CannotRun(reason) => Tried::CannotRun(reason),
        }
    }
}

fn written(failures: &[Failure]) -> String {
    let mut text = format!(
        "# What failed before: `partproof check` tries it first, `partproof replay --all` alone. What held {MOST_HELD} times in a row is dropped.\n"
    );
    let quoted = |text: &str| Value::from(text).to_string();
    for failure in failures {
        text.push_str("\n[[failure]]\n");
        let subject = failure
            .subject
            .iter()
            .map(|subject| ("subject", quoted(subject)));
        let lines = [
            ("finding", quoted(&failure.finding)),
            ("replay", quoted(&failure.replay)),
        ];
        let held = (failure.held > 0).then(|| ("held", failure.held.to_string()));
        for (key, value) in subject.chain(lines).chain(held) {
            writeln!(text, "{key} = {value}").expect("writing to a String cannot fail");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let failure = |subject: Option<&str>, held| Failure {
            subject: subject.map(str::to_owned),
            finding: "a/b".to_owned(),
            replay: "plan-count:{\"a\":\"it's \\\"\\n'''\"}".to_owned(),
            held,
        };
        let all = vec![failure(None, 0), failure(Some("python3 'a b.py'\n#"), 9)];
        let Written { failure } = toml::from_str(&written(&all)).unwrap();
        assert_eq!(failure, all);
    }

    #[test]
    fn the_newest_are_kept_and_what_held_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("failures.toml");
        let failure = |number: usize| Failure {
            subject: None,
            finding: number.to_string(),
            replay: "plan-count:{}".to_owned(),
            held: if number == 150 { MOST_HELD } else { 0 },
        };
        let text = written(&(0..=MOST + 50).map(failure).collect::<Vec<_>>());
        std::fs::write(&file, text).unwrap();
        Failures::open(Some(&file))
            .unwrap()
            .unwrap()
            .write()
            .unwrap();
        let kept = Failures::open(Some(&file)).unwrap().unwrap().all;
        assert_eq!(kept.len(), MOST);
        assert_eq!((&*kept[0].finding, &*kept[MOST - 1].finding), ("50", "149"));
    }
}
