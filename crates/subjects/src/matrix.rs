//! Every writer against every reader, with the model as one more of each: what a client stores is of use only if others read it.
//!
//! Each writer uploads the same few objects into an emulator of its own, and each reader downloads them, whole and by range. Where a
//! reader gets other bytes, the model tells whose doing it is: it reads what the writer stored, and writes what the reader is to read.

mod case;
mod page;
mod run;

use std::fmt;

use partproof_visible::visible_json;
use serde::{Deserialize, Serialize};

pub use case::MatrixCase;
pub use page::page;
pub use run::{MatrixProgress, run};

/// The version of the JSON form.
pub const SCHEMA: &str = "partproof-matrix/1";

/// What came of all pairs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Matrix {
    /// `partproof-matrix/1`.
    pub schema: String,
    /// Writers and readers, the model first.
    pub subjects: Vec<String>,
    /// One for each pair, writer by writer.
    pub cells: Vec<Cell>,
}

/// What came of one pair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Cell {
    /// Who wrote.
    pub writer: String,
    /// Who read.
    pub reader: String,
    /// How it stands.
    pub standing: CellStanding,
    /// Cases in which the reader got what was written.
    pub read: u64,
    /// Cases that were left out: the writer had not written the object, or the reader does not declare ranges or refuses this one.
    pub left_out: u64,
    /// What was wrong, by case.
    pub findings: Vec<CellFinding>,
}

/// How a pair stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CellStanding {
    /// All that was read is what was written.
    Reads,
    /// Something is not.
    Misreads,
    /// There was nothing to read.
    Unwritten,
    /// One of the two does not declare what it takes.
    NotDeclared,
}

/// One case of a pair that went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CellFinding {
    /// The case.
    pub case: MatrixCase,
    /// The rule that is broken.
    pub rule: String,
    /// What was observed, in a few words.
    pub symptom: String,
    /// What was written.
    pub expected: String,
    /// What was read.
    pub actual: String,
    /// What it would mean for a user.
    pub consequence: String,
    /// Whose doing it is, as far as the model can tell.
    pub blame: Blame,
    /// The line that shows it again.
    pub replay: String,
}

/// Whose doing it is that something is misread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Blame {
    /// The model cannot read it either.
    Writer,
    /// It cannot read what the model wrote either.
    Reader,
    /// The model reads this object, and the reader reads the model's.
    Both,
}

impl fmt::Display for Blame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Writer => "the writer's: the model cannot read it either",
            Self::Reader => "the reader's: it cannot read what the model wrote either",
            Self::Both => "of these two together: the model reads this object, and this reader reads the model's",
        })
    }
}

/// The model's name among the subjects.
pub const MODEL: &str = "model";

impl Matrix {
    /// Says of each finding whose doing it is.
    fn blame(&mut self) {
        let fails = |cells: &[Cell], writer: &str, reader: &str, case: &MatrixCase| {
            cells
                .iter()
                .filter(|cell| cell.writer == writer && cell.reader == reader)
                .flat_map(|cell| &cell.findings)
                .any(|finding| finding.case == *case)
        };
        let before = self.cells.clone();
        for cell in &mut self.cells {
            for finding in &mut cell.findings {
                let (writer, reader) = (cell.writer.as_str(), cell.reader.as_str());
                finding.blame = if reader == MODEL || fails(&before, writer, MODEL, &finding.case) {
                    Blame::Writer
                } else if writer == MODEL || fails(&before, MODEL, reader, &finding.case) {
                    Blame::Reader
                } else {
                    Blame::Both
                };
            }
        }
    }

    /// The cell of a writer and a reader.
    pub fn cell(&self, writer: &str, reader: &str) -> Option<&Cell> {
        self.cells
            .iter()
            .find(|cell| cell.writer == writer && cell.reader == reader)
    }

    /// How many cells stand so.
    pub fn count(&self, standing: CellStanding) -> usize {
        self.cells
            .iter()
            .filter(|cell| cell.standing == standing)
            .count()
    }

    /// The JSON form, indented, ending in a line feed.
    pub fn json(&self) -> String {
        let json = serde_json::to_string_pretty(self).expect("a matrix serialises");
        visible_json(&json) + "\n"
    }

    /// The schema of the JSON form.
    #[cfg(feature = "schema")]
    pub fn json_schema() -> String {
        let schema = schemars::schema_for!(Self);
        let mut json = serde_json::to_string_pretty(&schema).expect("a schema serialises");
        json.push('\n');
        json
    }
}

#[cfg(test)]
mod tests;
