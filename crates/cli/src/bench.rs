//! `partproof bench`.

use std::fmt::Write;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use comfy_table::{CellAlignment, Table, presets};
use glob::Pattern;
use partproof_bench::{
    Against, Bench, History, Machine, Options, ROWS, Row, Run, Subject, Timed, UNKNOWN, Verdict,
    compare, page, time, unmeasured, workload,
};
use partproof_protocol::Op;
use partproof_subjects::program::Program;
use partproof_visible::{visible, visible_lines};
use quick_junit::{NonSuccessKind, Report as JUnit, TestCase, TestCaseStatus, TestSuite};

use crate::args::{BUILT_IN, BenchArgs, BenchReportKind};
use crate::exit_code::ExitCode;
use crate::input;
use crate::output::{self, bad, bold, doubtful, good};
use crate::output_file::OutputFile;
use crate::progress::Steps;
use crate::subject::{command_line, limits, program, start};

pub(crate) fn run(args: &BenchArgs) -> Result<ExitCode, String> {
    let wanted = args
        .pieces
        .iter()
        .map(|glob| Pattern::new(glob).map_err(|error| format!("--piece {glob}: {error}")));
    let wanted = wanted.collect::<Result<Vec<_>, _>>()?;
    let mut files = Vec::new();
    for (kind, file) in &args.reports {
        files.push((*kind, OutputFile::open(file)?));
    }
    let save = args.save.as_deref().map(OutputFile::open).transpose()?;
    let mut history = args.history.as_deref().map(read_history).transpose()?;
    let mut foreign = None;
    let against = match (&args.against, &args.baseline) {
        (Some(_), _) => Against::Old,
        (None, Some(file)) => {
            let baseline = Bench::from_json(&input::BASELINE.text(file)?)
                .map_err(|problem| format!("{}: {problem}", output::name(file)))?;
            foreign = differs(&baseline, args.turn).map(|other| {
                let name = output::name(file);
                format!("{name}: {other}; its figures say nothing about this run")
            });
            Against::Baseline(Box::new(baseline))
        }
        (None, None) => Against::Nothing,
    };
    let new = match subject(&args.subject, args.time_limit)? {
        Ok(new) => new,
        Err(code) => return Ok(code),
    };
    let old = match subject(args.against.as_deref().unwrap_or(BUILT_IN), args.time_limit)? {
        Ok(old) => old,
        Err(code) => return Ok(code),
    };
    if let Against::Baseline(baseline) = &against
        && !baseline.is_baseline
        && baseline.old != old.name()
    {
        return Err(format!(
            "--baseline: its figures are ratios to {}, expected to the built-in client: `--save` writes such a file",
            visible(&baseline.old)
        ));
    }
    let rows = rows(&new, &old, &wanted);
    if rows.is_empty() {
        let names: Vec<_> = ROWS.iter().map(|row| row.name).collect();
        return Err(format!(
            "no row matches that both can do; the rows are {}",
            names.join(", ")
        ));
    }
    let steps = Steps::new();
    let options = Options {
        new: &new,
        old: &old,
        against,
        in_full: args.save.is_some(),
        rows: &rows,
        least_change: 1.0 + args.threshold / 100.0,
        turn: Duration::from_millis(args.turn),
        seed: args.seed,
        progress: &|done, of, row| {
            steps.show(done, of, row);
        },
    };
    let compared = match &foreign {
        Some(reason) => Ok(unmeasured(&options, reason)),
        None => compare(&options),
    };
    steps.finish();
    let mut bench = match compared {
        Ok(bench) => bench,
        Err((who, broke)) => {
            let told = output::error("the subject broke:");
            output::say(&format!("{told} the {who} one: {broke}\n"));
            return Ok(ExitCode::SubjectBroke);
        }
    };
    let run = Run::of(&bench, jiff::Timestamp::now().to_string());
    if let Some(runs) = history.as_mut().filter(|_| foreign.is_none()) {
        runs.push(run.clone());
        bench.history = Some(History::of(runs));
    }
    for (kind, file) in files {
        let text = match kind {
            BenchReportKind::Html => page(&bench),
            BenchReportKind::Json => bench.json(),
            BenchReportKind::Markdown => bench.markdown(),
            BenchReportKind::Junit => junit(&bench),
        };
        file.write(text.as_bytes())?;
    }
    if let Some(file) = save {
        file.write(bench.json().as_bytes())?;
    }
    match args.json {
        true => output::show_json(&bench),
        false => output::show(&terminal(&bench)),
    }
    if let (Some(file), Some(_)) = (&args.history, &bench.history) {
        append(file, &run)?;
    }
    Ok(match bench.verdict() {
        Verdict::Void | Verdict::Regressed => ExitCode::Violates,
        Verdict::Inconclusive | Verdict::NotDeclared => ExitCode::Inconclusive,
        Verdict::Passed | Verdict::Told => ExitCode::Conforms,
    })
}

/// What keeps figures of another run from being held against those of this one.
fn differs(baseline: &Bench, turn: u64) -> Option<String> {
    let here = Machine::here();
    if baseline.machine != here || here.processor == UNKNOWN {
        let Machine {
            processor,
            cores,
            system,
        } = &baseline.machine;
        return Some(format!(
            "measured on {}, {cores} cores, {}; this is {}, {} cores, {}",
            visible(processor),
            visible(system),
            here.processor,
            here.cores,
            here.system
        ));
    }
    if baseline.workload != workload() {
        return Some("measured with other rows".to_owned());
    }
    if baseline.turn != turn {
        return Some(format!("measured with turns of {} ms", baseline.turn));
    }
    (baseline.partproof != env!("CARGO_PKG_VERSION")).then(|| {
        format!(
            "measured beside the built-in client of version {}",
            visible(&baseline.partproof)
        )
    })
}

/// Starts a subject once, to learn what it can do. `Ok(Err(...))`: it broke, which has been said.
fn subject(command: &str, time_limit: Option<f64>) -> Result<Result<Subject, ExitCode>, String> {
    let command = program(command)?;
    let started = start(&command, time_limit)?;
    let limits = limits(time_limit);
    let command = command_line(&command)?;
    Ok(started.map(|program: Program| Subject {
        description: program.description().clone(),
        command,
        limits,
    }))
}

/// Those that match; without a pattern the pieces that both time, or else the whole clients. A gigabyte is transferred for its name alone.
fn rows(new: &Subject, old: &Subject, wanted: &[Pattern]) -> Vec<Timed> {
    let has = |row: &Timed| {
        let can = |subject: &Subject, op: Op| subject.description.ops.contains(&op);
        let both = |op: Op| can(new, op) && can(old, op);
        // Which pieces it times it says when it is asked.
        both(if row.is_whole() { row.op } else { Op::Bench })
    };
    let rows = ROWS.into_iter().filter(has);
    if !wanted.is_empty() {
        let is_meant = |row: &Timed, glob: &Pattern| match row.is_long() {
            true => glob.as_str() == row.name,
            false => glob.matches(row.name),
        };
        let matches = |row: &Timed| wanted.iter().any(|glob| is_meant(row, glob));
        return rows.filter(matches).collect();
    }
    let rows = rows.filter(|row| !row.is_long());
    let (whole, pieces): (Vec<_>, Vec<_>) = rows.partition(|row| row.is_whole());
    if pieces.is_empty() { whole } else { pieces }
}

/// The runs of a history, before hours are spent on one more; none if there is no file yet.
fn read_history(file: &Path) -> Result<Vec<Run>, String> {
    if matches!(fs::exists(file), Ok(false)) {
        return Ok(Vec::new());
    }
    Run::read(&input::HISTORY.text(file)?)
        .map_err(|problem| format!("{}: {problem}", output::name(file)))
}

fn append(file: &Path, run: &Run) -> Result<(), String> {
    let line = serde_json::to_string(run).map_err(|error| error.to_string())?;
    let named = |error: std::io::Error| format!("{}: {error}", output::name(file));
    let mut history = OpenOptions::new()
        .create(true)
        .append(true)
        .open(file)
        .map_err(named)?;
    history
        .write_all(format!("{line}\n").as_bytes())
        .map_err(named)
}

fn terminal(bench: &Bench) -> String {
    let headline = visible(&bench.headline());
    let headline = match bench.verdict() {
        Verdict::Void | Verdict::Regressed => bad(headline),
        Verdict::Inconclusive | Verdict::NotDeclared => doubtful(headline),
        Verdict::Passed => good(headline),
        Verdict::Told => bold(headline),
    };
    let mut text = format!(
        "{headline}\n{} against {}\n\n",
        visible(&bench.new),
        visible(&bench.old)
    );
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header([
        "row", "verdict", "new", "old", "ratio", "95 %", "noise", "pairs", "limit",
    ]);
    let (not_declared, rows): (Vec<_>, Vec<_>) = bench
        .rows
        .iter()
        .partition(|row| row.verdict == Verdict::NotDeclared);
    for row in &rows {
        table.add_row(cells(bench, row));
    }
    for number in [2, 3, 4, 6, 7, 8] {
        if let Some(column) = table.column_mut(number) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for line in table.lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    let mut say = |line: String| writeln!(text, "{line}").expect("writing to a String cannot fail");
    say(String::new());
    if !not_declared.is_empty() {
        let names: Vec<_> = not_declared.iter().map(|row| row.name.as_str()).collect();
        say(format!(
            "not declared by one of the two: {}",
            names.join(", ")
        ));
    }
    for row in &rows {
        if let Some(reason) = row.reason.as_ref().filter(|_| bench.reason.is_none()) {
            say(format!("{}: {}", row.name, visible(reason)));
        }
        if let (Verdict::Inconclusive, Some(visible)) = (row.verdict, row.visible) {
            let percent = (visible - 1.0) * 100.0;
            say(format!(
                "{}: what is slower by {percent:.1} % or more would have been seen",
                row.name
            ));
        }
        if let Some((new, old)) = row.counters() {
            let memory = |counters: partproof_bench::Counters| {
                let peak = counters.peak_memory;
                peak.map_or("unknown".to_owned(), |peak| output::grouped(peak >> 10))
            };
            say(format!(
                "{}: requests {} ({} before), connections {} ({}), parts at once {} ({}), bytes on the wire {} ({}), KiB of memory at most {} ({})",
                row.name,
                output::grouped(new.requests),
                output::grouped(old.requests),
                new.connections,
                old.connections,
                new.most_parts,
                old.most_parts,
                output::grouped(new.wire_bytes),
                output::grouped(old.wire_bytes),
                memory(new),
                memory(old),
            ));
        }
    }
    for growth in bench.growth() {
        if let Some((new, old)) = growth.exponents() {
            say(format!(
                "{}: time grows with the parts to the power of {new:.2} ({old:.2} before)",
                growth.piece
            ));
        }
        if let Some((new, old)) = growth.fitted() {
            say(format!(
                "{}: fitted over all of its rows, to the power of {new:.2} ({old:.2} before)",
                growth.piece
            ));
        }
    }
    let limits = &bench.limits;
    say(format!(
        "one core of this machine: AES-256-CTR about {:.1} GB/s at {:.2} GHz (estimated), copying {:.1} GB/s, MD5 {:.2} GB/s",
        limits.ctr() / 1e9,
        limits.clock / 1e9,
        limits.copy / 1e9,
        limits.md5 / 1e9
    ));
    if let Some(history) = &bench.history {
        history.lines().into_iter().for_each(say);
    }
    text
}

fn cells(bench: &Bench, row: &Row) -> Vec<String> {
    let none = || "-".to_owned();
    let medians = row.medians();
    let share = row.share(&bench.limits);
    let share = share.map(|(share, of)| format!("{:.0} % {of}", share * 100.0));
    let ratio = row.ratio;
    vec![
        row.name.clone(),
        row.verdict.to_string(),
        medians.map_or_else(none, |(new, _)| time(new)),
        medians.map_or_else(none, |(_, old)| time(old)),
        ratio.map_or_else(none, |ratio| format!("{:.3}", ratio.middle)),
        ratio.map_or_else(none, |ratio| {
            format!("{:.3} to {:.3}", ratio.low, ratio.high)
        }),
        row.noise.map_or_else(none, |noise| format!("{noise:.3}")),
        row.pairs.to_string(),
        share.unwrap_or_else(none),
    ]
}

fn junit(bench: &Bench) -> String {
    let mut suite = TestSuite::new(format!("partproof bench: {}", bench.new));
    for row in &bench.rows {
        let failed = |kind, message: String| {
            let mut status = TestCaseStatus::non_success(kind);
            status.set_message(message);
            status
        };
        let figures = row.ratio.map_or_else(String::new, |ratio| {
            format!(
                "{:.3} ({:.3} to {:.3})",
                ratio.middle, ratio.low, ratio.high
            )
        });
        let reason = row.reason.clone().unwrap_or_default();
        let status = match row.verdict {
            Verdict::Passed | Verdict::Told => TestCaseStatus::success(),
            Verdict::Regressed => failed(NonSuccessKind::Failure, format!("slower: {figures}")),
            Verdict::Void => failed(NonSuccessKind::Failure, reason),
            Verdict::Inconclusive => failed(
                NonSuccessKind::Error,
                format!("inconclusive: {figures} {reason}"),
            ),
            Verdict::NotDeclared => {
                let mut status = TestCaseStatus::skipped();
                status.set_message(reason);
                status
            }
        };
        suite.add_test_case(TestCase::new(row.name.clone(), status));
    }
    let mut junit = JUnit::new("partproof bench");
    junit.add_test_suite(suite);
    visible_lines(&junit.to_string().unwrap_or_default())
}
