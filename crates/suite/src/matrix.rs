//! Every writer against every reader, with the model as one more of each: what a client stores is of use only if others read it.
//!
//! Each writer uploads the same few objects into an emulator of its own, and each reader downloads them, whole and by range. Where a
//! reader gets other bytes, the model tells whose doing it is: it reads what the writer stored, and writes what the reader is to read.

mod page;

use std::fmt;
use std::path::Path;
use std::thread;

use partproof_model::limits::MIN_PART_SIZE;
use partproof_model::{Cipher, Rule, rules};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::case::download::DownloadCase;
use crate::case::envelope::EnvelopeCase;
use crate::law::Consequence::{self, Misread, RefusedNeedlessly};
use crate::law::{Held, Unheld, Violation, violated};
use crate::laws::client::download;
use crate::laws::client::outcome::{nothing_there, without_chance};
use crate::laws::client::stored::{self, Source};
use crate::laws::difference;
use crate::plaintext::Plaintext;
use crate::runner::judge;
use crate::stage::{self, Stage};
use crate::subject::client::{ByteRange, Client, DownloadJob, Service, Signature, UploadJob};
use crate::subject::{Refusal, Subject};

pub use page::page;

/// The version of the JSON form.
pub const SCHEMA: &str = "partproof-matrix/1";

/// One object, and one read of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MatrixCase {
    /// Bytes of plaintext.
    pub length: u64,
    /// Whether the master key has a description, `{"key": "seed"}`, that writer and reader are both given.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub described: bool,
    /// Which bytes are read; all if there is no range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<serde_json::Value>")]
    pub range: Option<ByteRange>,
}

impl MatrixCase {
    /// Every case: objects of one byte, of one whole part, of one byte more, and of three parts, the last one short and of no whole
    /// block.
    pub fn all() -> Vec<Self> {
        let whole = |length| Self {
            length,
            described: false,
            range: None,
        };
        let three = whole(2 * MIN_PART_SIZE + 45_203);
        let of_three = |range| Self {
            range: Some(range),
            ..three
        };
        vec![
            whole(1),
            whole(MIN_PART_SIZE),
            whole(MIN_PART_SIZE + 1),
            three,
            Self {
                described: true,
                ..three
            },
            // Within a part and a block; over the border of two parts; to the end; the last bytes.
            of_three(ByteRange::Closed {
                first: 17,
                last: 40,
            }),
            of_three(ByteRange::Closed {
                first: MIN_PART_SIZE - 3,
                last: MIN_PART_SIZE + 20,
            }),
            of_three(ByteRange::From {
                first: 2 * MIN_PART_SIZE,
            }),
            of_three(ByteRange::Suffix { length: 5 }),
        ]
    }

    /// Reads one from JSON.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(json: &str) -> Result<Self, String> {
        let case: Self = serde_json::from_str(json).map_err(|error| {
            format!("not a case, expected `length`, `described` and `range`: {error}")
        })?;
        const MOST_BYTES: u64 = 64 << 20;
        match case.length {
            1..=MOST_BYTES => Ok(case),
            length => Err(format!("length {length}, expected 1 to {MOST_BYTES} bytes")),
        }
    }

    fn plaintext(&self) -> Plaintext {
        Plaintext {
            seed: 1,
            length: self.length,
        }
    }

    fn object(&self) -> String {
        let described = if self.described { "-described" } else { "" };
        format!("{}{described}.data", self.length)
    }

    /// What the model has to do with it.
    fn of_the_model(&self) -> DownloadCase {
        let sizes = Some((self.length, MIN_PART_SIZE));
        DownloadCase {
            envelope: EnvelopeCase {
                cipher: Cipher::Ctr,
                oaep: false,
                key: [0x4b; 32],
                start: [1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 9, 10, 11, 12],
                sizes,
                description: self.described.then(description),
                spelling: Default::default(),
            },
            plaintext: self.plaintext(),
            part_size: Some(MIN_PART_SIZE),
            range: self.range,
            damage: None,
            faults: Vec::new(),
        }
    }
}

fn description() -> (String, String) {
    ("key".to_owned(), "seed".to_owned())
}

/// What came of all pairs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Matrix {
    /// `partproof-matrix/1`.
    pub schema: String,
    /// Writers and readers, the model first.
    pub subjects: Vec<String>,
    /// One for each pair, writer by writer.
    pub cells: Vec<Cell>,
}

/// What came of one pair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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

/// Where a run is.
#[derive(Clone, Copy, Debug)]
pub struct MatrixProgress<'p> {
    /// Whose objects are read.
    pub writer: &'p str,
    /// Writers before this one.
    pub done: usize,
    /// Writers in all.
    pub writers: usize,
}

/// The model's name among the subjects.
pub const MODEL: &str = "model";

/// Runs every writer against every reader.
///
/// # Errors
/// This machine cannot set a stage.
pub fn run(
    subjects: &[Subject<'_>],
    cases: &[MatrixCase],
    mut progress: impl FnMut(MatrixProgress<'_>),
) -> Result<Matrix, String> {
    let mut cells = Vec::new();
    let writers: Vec<Option<&Subject<'_>>> = std::iter::once(None)
        .chain(subjects.iter().map(Some))
        .collect();
    for (done, writer) in writers.iter().enumerate() {
        progress(MatrixProgress {
            writer: name(*writer),
            done,
            writers: writers.len(),
        });
        let stage = Stage::set(&[], None).map_err(|unheld| format!("{unheld:?}"))?;
        let written = write(&stage, *writer, cases);
        let of_readers: Vec<Cell> = thread::scope(|scope| {
            let threads: Vec<_> = writers
                .iter()
                .enumerate()
                .map(|(place, reader)| {
                    let (stage, written) = (&stage, &written);
                    scope.spawn(move || cell(stage, *writer, *reader, place, written))
                })
                .collect();
            threads
                .into_iter()
                .map(|thread| {
                    thread
                        .join()
                        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
                })
                .collect()
        });
        cells.extend(of_readers);
    }
    let mut matrix = Matrix {
        schema: SCHEMA.to_owned(),
        subjects: writers
            .iter()
            .map(|subject| name(*subject).to_owned())
            .collect(),
        cells,
    };
    matrix.blame();
    Ok(matrix)
}

fn name<'s>(subject: Option<&Subject<'s>>) -> &'s str {
    subject.map_or(MODEL, |subject| subject.name)
}

/// What became of writing the object of each case.
type Written = Vec<(MatrixCase, Held)>;

fn write(stage: &Stage, writer: Option<&Subject<'_>>, cases: &[MatrixCase]) -> Written {
    let mut written: Written = Vec::new();
    for case in cases {
        let same = |(other, _): &&(MatrixCase, Held)| other.object() == case.object();
        let held = match written.iter().find(same) {
            Some((_, held)) => held.clone(),
            None => match writer {
                None => download::store(stage, &case.object(), &case.of_the_model()),
                Some(subject) => judge(|case| upload(stage, subject, case), case),
            },
        };
        written.push((*case, held));
    }
    written
}

fn upload(stage: &Stage, subject: &Subject<'_>, case: &MatrixCase) -> Held {
    let client = client(subject)?;
    let file = stage.source(&format!("source-{}", case.object()), case.plaintext())?;
    let object = case.object();
    let description = description();
    let job = UploadJob {
        object: &object,
        file: &file,
        cipher: Cipher::Ctr,
        part_size: Some(MIN_PART_SIZE),
        concurrency: 2,
        checkpoint: None,
        announced: None,
        position: 0,
    };
    let uploaded = client.upload(
        &service(stage, client, case.described.then_some(&description)),
        &job,
    );
    uploaded.map_err(|failure| {
        violated(
            rules::PLAN_FEASIBLE,
            "the object is not written",
            RefusedNeedlessly,
            "an object",
            without_chance(&failure.message),
        )
    })?;
    match stage.emulator.object(&object) {
        Some(_) => Ok(()),
        None => Err(nothing_there("the object that was uploaded")),
    }
}

fn service<'s>(
    stage: &'s Stage,
    client: &dyn Client,
    description: Option<&'s (String, String)>,
) -> Service<'s> {
    let signature = client.abilities().signatures.last().copied();
    Service {
        description,
        ..stage.service(signature.unwrap_or(Signature::V4))
    }
}

fn client<'s>(subject: &Subject<'s>) -> Result<&'s dyn Client, Unheld> {
    let client = subject.client.ok_or(Unheld::NotDeclared)?;
    match client.abilities().ciphers.contains(&Cipher::Ctr) {
        true => Ok(client),
        false => Err(Unheld::NotDeclared),
    }
}

fn cell(
    stage: &Stage,
    writer: Option<&Subject<'_>>,
    reader: Option<&Subject<'_>>,
    place: usize,
    written: &Written,
) -> Cell {
    let copy = stage.path(&format!("copy-{place}"));
    let mut cell = Cell {
        writer: name(writer).to_owned(),
        reader: name(reader).to_owned(),
        standing: CellStanding::NotDeclared,
        read: 0,
        left_out: 0,
        findings: Vec::new(),
    };
    let mut unwritten = 0;
    for (case, held) in written {
        let read = match (held, reader) {
            (Ok(()), None) => read_by_model(stage, case),
            (Ok(()), Some(reader)) => judge(|case| read(stage, reader, case, &copy), case),
            // Told once, to the one who would have read it first.
            (Err(unheld), None) => Err(unheld.clone()),
            (Err(Unheld::NotDeclared), Some(_)) => Err(Unheld::NotDeclared),
            (Err(_), Some(_)) => {
                unwritten += 1;
                continue;
            }
        };
        match read {
            Ok(()) => cell.read += 1,
            Err(Unheld::Violated(violation)) => {
                cell.findings
                    .push(finding(*case, *violation, writer, reader));
            }
            Err(Unheld::NotDeclared | Unheld::Refused(_)) => cell.left_out += 1,
            Err(Unheld::CannotRun(reason)) => {
                let violation = Violation {
                    rule: rules::PLAN_FEASIBLE,
                    symptom: "this machine cannot run the case",
                    expected: "room for a few files".to_owned(),
                    actual: reason,
                    consequence: Consequence::TestMisled,
                };
                cell.findings
                    .push(finding(*case, violation, writer, reader));
            }
        }
    }
    cell.standing = match (cell.findings.is_empty(), cell.read, unwritten) {
        (false, ..) => CellStanding::Misreads,
        (true, 1.., _) => CellStanding::Reads,
        (true, 0, 1..) => CellStanding::Unwritten,
        (true, 0, 0) => CellStanding::NotDeclared,
    };
    cell.left_out += unwritten;
    cell
}

fn finding(
    case: MatrixCase,
    violation: Violation,
    writer: Option<&Subject<'_>>,
    reader: Option<&Subject<'_>>,
) -> CellFinding {
    let Violation {
        rule,
        symptom,
        expected,
        actual,
        consequence,
    } = violation;
    let rule: &'static Rule = rule;
    let mut subjects: Vec<String> = [writer, reader]
        .into_iter()
        .flatten()
        .map(|subject| {
            let command = subject.program.map(|program| program.command().quoted());
            format!("--subject {} ", command.as_deref().unwrap_or("built-in"))
        })
        .collect();
    subjects.dedup();
    let json = serde_json::to_string(&case).expect("a case serialises");
    CellFinding {
        case,
        rule: rule.id.to_owned(),
        symptom: symptom.to_owned(),
        expected,
        actual,
        consequence: consequence.to_string(),
        blame: Blame::Both,
        replay: format!("partproof matrix {}--case '{json}'", subjects.concat()),
    }
}

/// The model reads all or nothing: a range of what it reads is a range of that.
fn read_by_model(stage: &Stage, case: &MatrixCase) -> Held {
    let object = stage.emulator.object(&case.object());
    let object = object.ok_or_else(|| nothing_there("the object that was uploaded"))?;
    stored::check(&object, Cipher::Ctr, Source::Drawn(case.plaintext()))
}

fn read(stage: &Stage, reader: &Subject<'_>, case: &MatrixCase, copy: &Path) -> Held {
    let client = client(reader)?;
    if case.range.is_some() && !client.abilities().ranges {
        return Err(Unheld::NotDeclared);
    }
    let (object, description) = (case.object(), description());
    let service = service(stage, client, case.described.then_some(&description));
    let job = DownloadJob {
        object: &object,
        file: copy,
        range: case.range,
    };
    // What the last read left must not pass for this one's.
    match std::fs::remove_file(copy) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(stage::unable(&error));
        }
        Ok(()) | Err(_) => {}
    }
    let asked = case.of_the_model().asked().unwrap_or_default();
    let expected = case.plaintext().slice(asked);
    let what = match case.range {
        None => "the whole".to_owned(),
        Some(range) => format!("bytes {range}"),
    };
    if let Err(failure) = client.download(&service, &job) {
        if case.range.is_some() {
            // Clean, and no range is one that every client must read.
            return Err(Unheld::Refused(Refusal(failure.message)));
        }
        return Err(violated(
            rules::ENVELOPE_TOLERANT,
            "what another client wrote is refused",
            RefusedNeedlessly,
            what,
            without_chance(&failure.message),
        ));
    }
    match difference(&expected, &stage::contents(copy)?) {
        None => Ok(()),
        Some((expected, actual)) => Err(violated(
            if case.range.is_none() {
                rules::ROUND_TRIP
            } else {
                rules::RANGE_EXACT
            },
            "what another client wrote is read as other bytes",
            Misread,
            format!("{what}: {expected}"),
            actual,
        )),
    }
}

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
        let mut json = serde_json::to_string_pretty(self).expect("a matrix serialises");
        json.push('\n');
        json
    }

    /// The schema of the JSON form.
    pub fn json_schema() -> String {
        let schema = schemars::schema_for!(Self);
        let mut json = serde_json::to_string_pretty(&schema).expect("a schema serialises");
        json.push('\n');
        json
    }
}

#[cfg(test)]
mod tests;
