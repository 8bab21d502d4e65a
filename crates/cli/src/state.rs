//! What one nightly run leaves to the next: the seed to go on with, and what was found. It is a folder of two files: `state.json`, and
//! `findings.json`, a report that `partproof replay` takes.

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};

use partproof_suite::replay::reported;
use partproof_suite::{Finding, Report};
use partproof_visible::visible;
use serde::{Deserialize, Serialize};

use crate::output;
use crate::output_file::OutputFile;

/// The version of `state.json`.
const SCHEMA: &str = "partproof-state/1";

/// An open folder.
pub(crate) struct State {
    folder: PathBuf,
    place: Place,
    kept: RefCell<Vec<Finding>>,
    /// What starts the subject, if it is a program.
    command: Option<String>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    schema: String,
    subject: String,
    next_seed: u64,
}

impl State {
    /// Opens a folder, a new one or one of an earlier run on this subject.
    ///
    /// # Errors
    /// It cannot be read or made, or is about another subject.
    pub(crate) fn open(
        folder: &Path,
        subject: &str,
        command: Option<String>,
    ) -> Result<Self, String> {
        let subject = visible(subject);
        let named = |file: &Path, problem: &dyn ToString| {
            format!("--state: {}: {}", output::name(file), problem.to_string())
        };
        fs::create_dir_all(folder).map_err(|error| named(folder, &error))?;
        let file = folder.join("state.json");
        let place = match fs::read_to_string(&file) {
            Ok(text) => {
                let place: Place =
                    serde_json::from_str(&text).map_err(|error| named(&file, &error))?;
                match (place.schema == SCHEMA, place.subject == subject) {
                    (false, _) => {
                        let problem =
                            format!("schema `{}`, expected {SCHEMA}", visible(&place.schema));
                        return Err(named(&file, &problem));
                    }
                    (_, false) => {
                        let given = visible(&place.subject);
                        let problem = format!("a run on `{given}`, expected one on `{subject}`");
                        return Err(named(&file, &problem));
                    }
                    _ => place,
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Place {
                schema: SCHEMA.to_owned(),
                subject,
                next_seed: 1,
            },
            Err(error) => return Err(named(&file, &error)),
        };
        let file = folder.join("findings.json");
        let kept = match fs::read_to_string(&file) {
            Ok(text) => {
                let report = reported(&text);
                report
                    .ok_or_else(|| named(&file, &"not a report of this version"))?
                    .findings
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(named(&file, &error)),
        };
        if !kept.is_empty() {
            output::say(&format!(
                "kept from earlier runs: {}; `partproof replay {}` tries them\n",
                crate::check::count(kept.len(), "finding"),
                output::name(&file)
            ));
        }
        Ok(Self {
            folder: folder.to_owned(),
            place,
            kept: RefCell::new(kept),
            command,
        })
    }

    /// The seed to go on with.
    pub(crate) fn next_seed(&self) -> u64 {
        self.place.next_seed
    }

    /// Keeps a finding at once: a run that ends in another way than it was told to must not lose it.
    pub(crate) fn keep(&self, finding: &Finding) {
        if let Err(problem) = self.add([finding]) {
            output::say(&format!("{} {problem}\n", output::error("not kept:")));
        }
    }

    /// Keeps where the run ended.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn end(&self, report: &Report) -> Result<(), String> {
        self.add(&report.findings)?;
        let place = Place {
            next_seed: report.seed.wrapping_add(report.seeds.unwrap_or(1)),
            ..self.place.clone()
        };
        let json = serde_json::to_string_pretty(&place).map_err(|error| error.to_string())?;
        self.write("state.json", &(json + "\n"))
    }

    fn add<'a>(&self, findings: impl IntoIterator<Item = &'a Finding>) -> Result<(), String> {
        let mut kept = self.kept.borrow_mut();
        for finding in findings {
            kept.retain(|other| other.id != finding.id);
            kept.push(finding.clone());
        }
        let mut report = Report::of_findings(&self.place.subject, kept.clone());
        report.command.clone_from(&self.command);
        self.write("findings.json", &report.json())
    }

    fn write(&self, name: &str, text: &str) -> Result<(), String> {
        OutputFile::open(&self.folder.join(name))?.write(text.as_bytes())
    }
}
