//! `partproof vectors`.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use comfy_table::{CellAlignment, Table, presets};

use partproof_vectors::{self as vectors, Accused, Failure, FileReport, RecordError, VectorFile};
use partproof_visible::visible;
use serde::Serialize;

use crate::args::{
    VectorsArgs, VectorsCommand, VectorsExportArgs, VectorsRecordArgs, VectorsRefreshArgs,
    VectorsVerifyArgs,
};
use crate::check::count;
use crate::exit_code::ExitCode;
use crate::input;
use crate::output::{self, bad, bold, doubtful, good, grouped};
use crate::output_file::OutputFile;
use crate::progress::Steps;
use crate::subject::{Judged, named, names};

pub(crate) fn run(args: &VectorsArgs) -> Result<ExitCode, String> {
    match &args.command {
        VectorsCommand::Refresh(args) => refresh(args),
        VectorsCommand::Export(args) => export(args),
        VectorsCommand::Verify(args) => verify(args),
        VectorsCommand::Record(args) => record(args),
    }
}

/// A file as it stands, and as it should be.
struct Refreshed {
    file: PathBuf,
    stands: Vec<u8>,
    made: String,
}

fn refresh(args: &VectorsRefreshArgs) -> Result<ExitCode, String> {
    // Nothing is written before all of them are made.
    let mut files = Vec::new();
    for path in &args.files {
        for file in input::VECTORS.files(path, is_json)? {
            let stands = input::VECTORS.bytes(&file)?;
            let made = match is_schema(&file) {
                true => vectors::SCHEMA.1.to_owned(),
                false => vectors::refresh(&stands)
                    .map_err(|error| format!("{}: {error}", output::name(&file)))?
                    .to_json(),
            };
            files.push(Refreshed { file, stands, made });
        }
    }
    let of = count(files.len(), "file");
    files.retain(|file| file.stands != file.made.as_bytes());
    let mut text = String::new();
    for Refreshed { file, stands, made } in &files {
        let name = output::name(file);
        let difference = difference(stands, made.as_bytes());
        if args.check {
            line(
                &mut text,
                format!("{} {name}: {difference}", bad("differs:")),
            );
        } else {
            OutputFile::open(file)?.write(made.as_bytes())?;
            line(&mut text, format!("{name}: {difference}"));
        }
    }
    let (code, said) = match (files.len(), args.check) {
        (0, _) => (
            ExitCode::Conforms,
            good(format!("{of} as the model makes them")),
        ),
        (differing, true) => (ExitCode::Violates, format!("{differing} of {of} differ")),
        (changed, false) => (
            ExitCode::Conforms,
            format!("{changed} of {of} written anew"),
        ),
    };
    line(&mut text, said);
    output::show(&text);
    Ok(code)
}

fn export(args: &VectorsExportArgs) -> Result<ExitCode, String> {
    std::fs::create_dir_all(&args.out)
        .map_err(|error| format!("{}: {error}", output::name(&args.out)))?;
    let mut text = String::new();
    for (name, content) in vectors::FILES.into_iter().chain([vectors::SCHEMA]) {
        let path = args.out.join(name);
        OutputFile::open(&path)?.write(content.as_bytes())?;
        let bytes = u64::try_from(content.len()).unwrap_or(u64::MAX);
        line(
            &mut text,
            format!("{}  {} bytes", output::name(&path), grouped(bytes)),
        );
    }
    output::show(&text);
    Ok(ExitCode::Conforms)
}

fn is_json(file: &Path) -> bool {
    let extension = file.extension();
    extension.is_some_and(|extension| extension == "json")
}

/// It stands beside the vectors and is no file of vectors.
fn is_schema(file: &Path) -> bool {
    file.file_name()
        .is_some_and(|name| name == vectors::SCHEMA.0)
}

fn record(args: &VectorsRecordArgs) -> Result<ExitCode, String> {
    let out = OutputFile::open(&args.out)?;
    let judged = match Judged::start_all(&args.subjects)? {
        Ok(judged) => judged,
        Err(broke) => return Ok(broke),
    };
    let names = names(&judged);
    let subjects = named(&judged, &names);
    let steps = Steps::new();
    let recorded = vectors::record(&subjects, |name, done| {
        steps.show(done, subjects.len(), &format!("objects of {name}"));
    });
    steps.finish();
    let file = match recorded {
        Ok(file) => file,
        Err(error @ (RecordError::CannotRun(_) | RecordError::NotDeclared(_))) => {
            return Err(error.to_string());
        }
        Err(error @ RecordError::NotWritten { .. }) => {
            output::say(&format!("{} {error}\n", output::error("not recorded:")));
            return Ok(ExitCode::Violates);
        }
    };
    out.write(file.to_json().as_bytes())?;
    output::show(&format!(
        "{}: {} of {}\n",
        output::name(&args.out),
        count(
            usize::try_from(file.number_of_tests).unwrap_or(usize::MAX),
            "object"
        ),
        count(subjects.len(), "client"),
    ));
    Ok(ExitCode::Conforms)
}

/// The first line in which two texts differ, and both of it.
fn difference(stands: &[u8], made: &[u8]) -> String {
    let mut pairs = stands
        .split(|byte| *byte == b'\n')
        .zip(made.split(|byte| *byte == b'\n'));
    let show = |line: &[u8]| {
        let line = String::from_utf8_lossy(line);
        visible(&line.trim().chars().take(100).collect::<String>())
    };
    let first = (1..)
        .zip(&mut pairs)
        .find(|(_, (stands, made))| stands != made);
    match first {
        Some((number, (stands, made))) => format!(
            "line {number} is `{}`, expected `{}`",
            show(stands),
            show(made)
        ),
        None => format!("{} bytes, expected {}", stands.len(), made.len()),
    }
}

/// What came of one file, with its name.
#[derive(Serialize)]
struct Verified {
    file: String,
    #[serde(flatten)]
    report: FileReport,
}

/// What came of all of them.
#[derive(Serialize)]
struct Verification<'a> {
    subject: &'a str,
    verdict: &'static str,
    files: &'a [Verified],
}

fn verify(args: &VectorsVerifyArgs) -> Result<ExitCode, String> {
    let files = match args.files.is_empty() {
        true => vectors::all()
            .into_iter()
            .map(|(name, file)| (name.to_owned(), file))
            .collect(),
        false => read(&args.files)?,
    };
    let judged = match Judged::start(&args.subject)? {
        Ok(judged) => judged,
        Err(broke) => return Ok(broke),
    };
    let subject = judged.subject();
    let verified: Vec<Verified> = files
        .iter()
        .map(|(name, file)| Verified {
            file: name.clone(),
            report: vectors::verify(file, &subject),
        })
        .collect();
    let sum =
        |of: fn(&FileReport) -> u64| verified.iter().map(|file| of(&file.report)).sum::<u64>();
    let failed = verified
        .iter()
        .map(|file| file.report.failures.len())
        .sum::<usize>();
    let (judged, cases) = (sum(|report| report.judged), sum(|report| report.cases));
    // Who refuses all of a file has not been judged by it, whatever the other files say.
    let all_refused = verified
        .iter()
        .any(|file| file.report.judged == 0 && file.report.refused > 0);
    let (code, verdict, said) = if failed > 0 {
        (
            ExitCode::Violates,
            "violates",
            bad(format!("violates: {}", count(failed, "failed case"))),
        )
    } else if judged == 0 || all_refused {
        (
            ExitCode::Inconclusive,
            "inconclusive",
            doubtful("inconclusive: the client was judged by no case, or refused all of a file"),
        )
    } else {
        (
            ExitCode::Conforms,
            "conforms",
            good(format!(
                "conforms: {} of {} cases judged, none failed",
                grouped(judged),
                grouped(cases)
            )),
        )
    };
    match args.json {
        true => output::show_json(&Verification {
            subject: subject.name,
            verdict,
            files: &verified,
        }),
        false => output::show(&format!("{}\n{said}\n", terminal(subject.name, &verified))),
    }
    Ok(code)
}

/// Reads files, and those of folders in the order of their names.
fn read(paths: &[PathBuf]) -> Result<Vec<(String, VectorFile)>, String> {
    let is_vectors = |file: &Path| is_json(file) && !is_schema(file);
    let mut files = Vec::new();
    input::VECTORS.each(paths, is_vectors, |name, bytes| {
        let file = vectors::read(&bytes).map_err(|error| format!("{name}: {error}"))?;
        files.push((name.to_owned(), file));
        Ok(())
    })?;
    Ok(files)
}

/// Every file in a table, then what failed.
fn terminal(subject: &str, verified: &[Verified]) -> String {
    let mut text = format!("{}\n\n", bold(subject));
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header([
        "file", "cases", "judged", "passed", "refused", "failed", "no piece",
    ]);
    for Verified { file, report } in verified {
        let failed = u64::try_from(report.failures.len()).unwrap_or(u64::MAX);
        table.add_row([
            file.clone(),
            grouped(report.cases),
            grouped(report.judged),
            grouped(report.passed),
            grouped(report.refused),
            grouped(failed),
            grouped(report.without_piece),
        ]);
    }
    for column in 1..=6 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for row in table.lines() {
        line(&mut text, row.trim_end());
    }
    for Verified { file, report } in verified {
        if let Some(refusal) = &report.refusal {
            line(
                &mut text,
                format!("\n{} {file}, {refusal}", doubtful("refused:")),
            );
        }
    }
    for Verified { file, report } in verified {
        for failure in &report.failures {
            text.push('\n');
            text.push_str(&failure_text(file, failure));
        }
    }
    text
}

/// One failed case, for a reader who has never seen one.
fn failure_text(file: &str, failure: &Failure) -> String {
    let Failure {
        tc_id,
        comment,
        reasons,
        accused,
        rule,
        symptom,
        expected,
        actual,
        consequence,
    } = failure;
    let mut text = format!("{}\n", bad(format!("{file} tcId {tc_id}: {symptom}")));
    line(&mut text, format!("  case      {comment}"));
    for reason in reasons {
        let ec = match reason.ec.is_empty() {
            true => String::new(),
            false => format!(" (EC {})", reason.ec.join(", ")),
        };
        line(
            &mut text,
            format!("  flag      {}: {}{ec}", reason.flag, reason.description),
        );
    }
    match accused {
        Accused::Subject => {
            line(&mut text, format!("  rule      {rule}"));
            line(&mut text, format!("  expected  {expected}"));
            line(&mut text, format!("  actual    {actual}"));
            line(&mut text, format!("  means     {consequence}"));
        }
        Accused::File => {
            line(&mut text, format!("  the model {expected}"));
            line(&mut text, format!("  the file  {actual}"));
        }
    }
    text
}

fn line(text: &mut String, line: impl std::fmt::Display) {
    writeln!(text, "{line}").expect("writing to a String cannot fail");
}
