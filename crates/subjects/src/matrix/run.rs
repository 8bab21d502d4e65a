//! Running the matrix: what each writes and what each reads of it.

use std::path::Path;
use std::thread;

use partproof_model::{Cipher, Rule, rules};
use partproof_visible::{visible, visible_json};

use super::case::description;
use super::{Blame, Cell, CellFinding, CellStanding, MODEL, Matrix, MatrixCase, SCHEMA};
use partproof_suite::Evidence;
use partproof_suite::law::Consequence::{self, Misread, RefusedNeedlessly};
use partproof_suite::law::{Held, Unheld, Violation, violated, without_chance};
use partproof_suite::runner::guarded;
use partproof_suite::subject::client::DownloadJob;
use partproof_suite::subject::{Refusal, Subject};
use partproof_whole_client::laws::outcome::nothing_there;
use partproof_whole_client::laws::stored::{self, Source};
use partproof_whole_client::laws::{described, download, in_counter_mode, put, written};
use partproof_whole_client::stage::{self, Stage, left};

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
        let stage = Stage::set(&[], None).map_err(crate::smoke::why)?;
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
                None => written::store(stage, &case.object(), &case.of_the_model()),
                Some(subject) => guarded(|| upload(stage, subject, case)),
            },
        };
        written.push((*case, held));
    }
    written
}

/// Lets a subject upload the object of a case.
fn upload(stage: &Stage, subject: &Subject<'_>, case: &MatrixCase) -> Held {
    put(
        stage,
        subject,
        &case.object(),
        case.plaintext(),
        &described_as(case),
    )
}

fn described_as(case: &MatrixCase) -> Vec<(String, String)> {
    case.described.then(description).into_iter().collect()
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
            (Ok(()), Some(reader)) => guarded(|| read(stage, reader, case, &copy)),
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
                    actual: visible(&reason),
                    consequence: Consequence::TestMisled,
                    evidence: Evidence::default(),
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
        evidence: _,
    } = violation;
    let rule: &'static Rule = rule;
    let mut subjects: Vec<String> = [writer, reader]
        .into_iter()
        .flatten()
        .map(|subject| {
            let command = subject.program.map(|program| program.command());
            format!("--subject {} ", command.as_deref().unwrap_or("built-in"))
        })
        .collect();
    subjects.dedup();
    let json = visible_json(&serde_json::to_string(&case).expect("a case serialises"));
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
    let client = in_counter_mode(reader)?;
    if case
        .range
        .is_some_and(|range| !client.abilities().reads(range))
    {
        return Err(Unheld::NotDeclared);
    }
    let (object, description) = (case.object(), described_as(case));
    let service = described(stage, client, &description);
    let job = DownloadJob {
        object: &object,
        file: copy,
        range: case.range,
        pieces: None,
    };
    // What the last read left must not pass for this one's.
    left::clear(copy).map_err(|error| stage::unable(&error))?;
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
    match download::downloaded(copy, case.plaintext().length)?.difference(&expected) {
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
