//! `partproof matrix`.

use std::fmt::Write;

use comfy_table::{Table, presets};
use partproof_subjects::matrix::{
    self, Blame, Cell, CellFinding, CellStanding, MODEL, Matrix, MatrixCase,
};
use partproof_visible::visible_json;

use crate::args::{MatrixArgs, MatrixReportKind, of_shard};
use crate::check::count;
use crate::exit_code::ExitCode;
use crate::output::{self, bad, bold, doubtful, good};
use crate::output_file::OutputFile;
use crate::progress::Steps;
use crate::subject::{Judged, named, names};

pub(crate) fn run(args: &MatrixArgs) -> Result<ExitCode, String> {
    let cases = match &args.case {
        None => of_shard(args.shard, MatrixCase::all().into_iter()),
        Some(case) => {
            vec![MatrixCase::read(case).map_err(|problem| format!("--case: {problem}"))?]
        }
    };
    let files = args
        .reports
        .iter()
        .map(|wanted| OutputFile::open(&wanted.file))
        .collect::<Result<Vec<_>, _>>()?;
    let judged = match Judged::start_all(&args.subjects)? {
        Ok(judged) => judged,
        Err(broke) => return Ok(broke),
    };
    let names = names(&judged);
    let subjects = named(&judged, &names);
    let steps = Steps::new();
    let matrix = matrix::run(&subjects, &cases, |progress| {
        steps.show(
            progress.done,
            progress.writers,
            &format!("objects of {}", progress.writer),
        );
    })?;
    steps.finish();
    for (wanted, file) in args.reports.iter().zip(files) {
        let text = match wanted.kind {
            MatrixReportKind::Json => matrix.json(),
            MatrixReportKind::Html => matrix::page(&matrix),
        };
        file.write(text.as_bytes())?;
    }
    output::show(&if args.json {
        matrix.json()
    } else {
        terminal(&matrix)
    });
    Ok(if matrix.count(CellStanding::Misreads) > 0 {
        ExitCode::Violates
    } else if matrix.count(CellStanding::Reads) == matrix.cells.len() {
        ExitCode::Conforms
    } else {
        ExitCode::Inconclusive
    })
}

/// A row for each writer, a column for each reader; readers by their number, so that it fits.
fn terminal(matrix: &Matrix) -> String {
    let mut text = format!("{}\n\n", bold("who reads whom: rows write, columns read"));
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let numbered = |(number, name): (usize, &String)| format!("{} {name}", number + 1);
    let columns = (1..=matrix.subjects.len()).map(|number| number.to_string());
    table.set_header(std::iter::once(String::new()).chain(columns));
    for (number, writer) in matrix.subjects.iter().enumerate() {
        let cells = matrix
            .subjects
            .iter()
            .map(|reader| match matrix.cell(writer, reader) {
                None => String::new(),
                Some(cell) => short(cell),
            });
        table.add_row(std::iter::once(numbered((number, writer))).chain(cells));
    }
    for line in table.lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    for cell in &matrix.cells {
        // What a client does to the model's objects as well, it does to all: told once.
        let is_told = |finding: &&CellFinding| {
            let other = match finding.blame {
                Blame::Writer => matrix.cell(&cell.writer, MODEL),
                Blame::Reader => matrix.cell(MODEL, &cell.reader),
                Blame::Both => None,
            };
            other.is_none_or(|other| other == cell)
        };
        for finding in cell.findings.iter().filter(is_told) {
            text.push('\n');
            text.push_str(&finding_text(cell, finding));
        }
    }
    let misreads = matrix.count(CellStanding::Misreads);
    let reads = matrix.count(CellStanding::Reads);
    let verdict = match (misreads, matrix.cells.len() - reads) {
        (0, 0) => good(format!(
            "conforms: {} read all that was written",
            count(reads, "pair")
        )),
        (0, open) => doubtful(format!(
            "inconclusive: {} could not be tried",
            count(open, "pair")
        )),
        _ => bad(format!(
            "violates: {} of {}",
            misreads,
            count(matrix.cells.len(), "pair")
        )),
    };
    writeln!(text, "\n{verdict}").expect("writing to a String cannot fail");
    text
}

fn short(cell: &Cell) -> String {
    match cell.standing {
        CellStanding::Reads => "reads".to_owned(),
        CellStanding::Misreads => format!("{} wrong", cell.findings.len()),
        CellStanding::Unwritten => "unwritten".to_owned(),
        CellStanding::NotDeclared => "-".to_owned(),
    }
}

fn finding_text(cell: &Cell, finding: &CellFinding) -> String {
    let CellFinding {
        case,
        rule,
        symptom,
        expected,
        actual,
        consequence,
        blame,
        replay,
    } = finding;
    let case = visible_json(&serde_json::to_string(case).expect("a case serialises"));
    let head = bad(format!("{} reads {}: {symptom}", cell.reader, cell.writer));
    format!(
        "{head}\n  rule      {rule}\n  case      {case}\n  expected  {expected}\n  actual    {actual}\n  whose     {blame}\n  means     {consequence}\n  replay    {replay}\n"
    )
}
