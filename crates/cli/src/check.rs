//! `partproof check`.

use std::fmt::Write;
use std::time::Instant;

use comfy_table::{CellAlignment, Table, presets};
use glob::Pattern;
use jiff::ZonedDateTime;
use partproof_subjects::known::Known;
use partproof_subjects::{laws, near};
use partproof_suite::report::{Ended, Report, Standing, Verdict};
use partproof_suite::runner::{Options, Profile, Progress, Shard, run as run_laws};
use partproof_suite::subject::cores;
use partproof_suite::{Finding, Law};

use crate::args::{CheckArgs, ReportKind};
use crate::exit_code::ExitCode;
use crate::failures::Failures;
use crate::input;
use crate::interrupt;
use crate::output::{self, bad, bold, doubtful, good, grouped};
use crate::output_file::OutputFile;
use crate::progress::Watcher;
use crate::report;
use crate::state::State;
use crate::subject::Judged;

pub(crate) fn run(args: &CheckArgs) -> Result<ExitCode, String> {
    let (only, without) = (
        patterns("--law", &args.laws)?,
        patterns("--skip", &args.skips)?,
    );
    let known = match &args.known {
        Some(file) => {
            let text = input::KNOWN.text(file)?;
            match file
                .extension()
                .is_some_and(|extension| extension == "toml")
            {
                true => Known::read_toml(&text),
                false => Known::read(&text),
            }
            .map_err(|problem| format!("{}: {problem}", output::name(file)))?
        }
        None => Known::default(),
    };
    let matches = |law: &Law, patterns: &[Pattern]| patterns.iter().any(|one| one.matches(law.id));
    let laws: Vec<&'static Law> = laws()
        .filter(|law| only.is_empty() || matches(law, &only))
        .filter(|law| !matches(law, &without))
        .collect();
    if laws.is_empty() {
        return Err("--skip leaves no law".to_owned());
    }
    // A report that cannot be written is better known before the run than after it.
    let files = args
        .reports
        .iter()
        .map(|wanted| OutputFile::open(&wanted.file))
        .collect::<Result<Vec<_>, _>>()?;
    let mut failures = Failures::open(args.failures.as_deref())?;
    let judged = match Judged::start(&args.subject)? {
        Ok(judged) => judged.with_jobs(args.jobs),
        Err(broke) => return Ok(broke),
    };
    let subject = judged.subject();
    let command = subject.program.and(args.subject.subject.clone());
    let state = args.state.as_deref();
    let state = state.map(|folder| State::open(folder, subject.name, command.clone()));
    let state = state.transpose()?;
    let seed = state.as_ref().map_or(args.seed.0, State::next_seed);
    let until = args.max_time.map(|time| Instant::now() + time);
    let is_known = |id: &str| known.has(subject.name, id);
    let selected = |law: &Law| laws.iter().any(|one| one.id == law.id);
    let failing = failures
        .as_mut()
        .map(|failures| failures.try_on(&subject, command.as_deref(), selected));
    let failing = failing.unwrap_or_default();
    for finding in &failing {
        output::say(&format!("{} {}\n", bad("still failing:"), finding.line()));
    }
    let is_enough = args.fail_fast && failing.iter().any(|finding| !is_known(&finding.id));
    let ends = || match until {
        _ if interrupt::is_heard() => Some(Ended::Interrupted),
        _ if is_enough => Some(Ended::FirstFinding),
        Some(until) if Instant::now() >= until => Some(Ended::TimeIsOver),
        _ => None,
    };
    let progress = (!args.quiet).then(|| Watcher::new(is_known));
    let selects = !only.is_empty() || !without.is_empty();
    let mut report = run_laws(
        &subject,
        &Options {
            profile: match args.cases {
                Some(cases) => Profile::Cases(cases),
                None => args.profile.unwrap_or(Profile::Quick),
            },
            seed,
            shard: args.shard.unwrap_or(Shard::WHOLE),
            draws_on: until.is_some() && args.profile.is_none() && args.cases.is_none(),
            fail_fast: args.fail_fast,
            strict: args.strict,
            is_whole: !selects,
            jobs: args.jobs.unwrap_or_else(cores),
            known: &is_known,
            ends: &ends,
            progress: &|told| {
                if let (Some(state), Progress::Smallest(finding)) = (&state, told) {
                    state.keep(finding);
                }
                if let Some(progress) = &progress {
                    progress.show(told);
                }
            },
            ..Options::quick(&laws)
        },
    );
    if let Some(progress) = progress {
        progress.finish(&report);
    }
    report.command = command;
    report.add(failing);
    // What was not looked for to the end may occur all the same.
    let selected = (selects || report.ended.is_some()).then_some(laws.as_slice());
    for left_alone in known.apply(&mut report, ZonedDateTime::now().date(), selected) {
        output::say(&format!("known findings: {left_alone}\n"));
    }
    if let Some(state) = state {
        state.end(&report)?;
    }
    // A run is not in vain because this cannot be written.
    if let Some(Err(problem)) = failures.map(|failures| failures.end(&report)) {
        output::say(&format!("{} {problem}\n", output::error("not kept:")));
    }
    let mut is_shown = false;
    for (wanted, file) in args.reports.iter().zip(files) {
        let text = match wanted.kind {
            ReportKind::Github => report::github(&report),
            ReportKind::Html => report::html(&report),
            ReportKind::Json => report.json(),
            ReportKind::Junit => report::junit(&report),
            ReportKind::Markdown => report::markdown(&report),
            ReportKind::Sarif => report::sarif(&report),
        };
        // Annotations are lines for the runner; a log has the table as well.
        is_shown |= file.is_standard_output() && wanted.kind != ReportKind::Github;
        file.write(text.as_bytes())?;
    }
    match args.json {
        _ if is_shown => {}
        true => output::show(&report.json()),
        false => output::show(&terminal(&report, args)),
    }
    Ok(match report.verdict {
        Verdict::Conforms => ExitCode::Conforms,
        Verdict::Violates => ExitCode::Violates,
        Verdict::Inconclusive => ExitCode::Inconclusive,
        Verdict::SubjectBroke => ExitCode::SubjectBroke,
    })
}

fn patterns(option: &str, globs: &[String]) -> Result<Vec<Pattern>, String> {
    let compile = |glob: &String| {
        let pattern = Pattern::new(glob).map_err(|error| format!("{option} {glob}: {error}"))?;
        match laws().any(|law| pattern.matches(law.id)) {
            true => Ok(pattern),
            false => Err(format!(
                "{option} {glob}: no law matches{}; `partproof rules --laws` lists them",
                near(glob, laws().map(|law| law.id.to_owned()))
            )),
        }
    };
    globs.iter().map(compile).collect()
}

/// The report as a terminal shows it: every law in a table, unless it is to be quiet, then what is wrong, then the verdict.
fn terminal(report: &Report, args: &CheckArgs) -> String {
    let mut text = match args.quiet {
        true => String::new(),
        false => table(report, args.verbose),
    };
    let mut is_first = true;
    for finding in &report.findings {
        if finding.below.is_some() {
            let label = if is_first { "below" } else { "" };
            writeln!(text, "  {label:10}{}", finding.line())
                .expect("writing to a String cannot fail");
            is_first = false;
            continue;
        }
        text.push('\n');
        text.push_str(&finding_text(finding, args.trace));
        is_first = true;
    }
    for problem in &report.known_problems {
        writeln!(text, "\n{} {problem}", bad("known findings:"))
            .expect("writing to a String cannot fail");
    }
    let verdict = match report.verdict {
        Verdict::Conforms => good(verdict(report)),
        Verdict::Violates | Verdict::SubjectBroke => bad(verdict(report)),
        Verdict::Inconclusive => doubtful(verdict(report)),
    };
    let ended = report
        .ended
        .map(|ended| doubtful(format!("partial: {ended}\n")));
    let ended = ended.unwrap_or_default();
    writeln!(text, "\n{ended}{verdict}").expect("writing to a String cannot fail");
    match args.quiet {
        true => text.trim_start().to_owned(),
        false => text,
    }
}

/// Every law, and what was not met.
fn table(report: &Report, with_times: bool) -> String {
    let mut text = format!(
        "{}\n\n",
        bold(format!(
            "{}, profile {}, {}",
            report.subject,
            report.profile,
            seeds(report)
        ))
    );
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let with = |time: String| with_times.then_some(time);
    let header = ["law".to_owned(), "cases".to_owned()].into_iter();
    table.set_header(
        header
            .chain(with("seconds".to_owned()))
            .chain([String::new()]),
    );
    for law in &report.laws {
        let standing = match law.standing {
            Standing::Holds => good("holds"),
            Standing::Violated => bad("violated"),
            Standing::Inconclusive => doubtful("inconclusive"),
            Standing::NotDeclared => doubtful("not declared"),
        };
        let remark = match (&law.refusal, law.missed.is_empty()) {
            (_, true) => String::new(),
            (None, false) => format!(", never met: {}", law.missed.join(", ")),
            (Some(refusal), false) => format!(
                ", never met: {}; it refused {} cases: {refusal}",
                law.missed.join(", "),
                grouped(law.refused)
            ),
        };
        // In the last column colours cannot shift what follows.
        let seconds = format!("{:.2}", law.seconds.0.as_secs_f64());
        let row = [law.id.clone(), grouped(law.cases)].into_iter();
        table.add_row(row.chain(with(seconds)).chain([standing + &remark]));
    }
    for number in 1..2 + usize::from(with_times) {
        if let Some(column) = table.column_mut(number) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for line in table.lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    for undeclared in &report.undeclared {
        writeln!(text, "{} {undeclared}", doubtful("not declared:"))
            .expect("writing to a String cannot fail");
    }
    if !report.unexercised.is_empty() {
        let ops = report.unexercised.join(", ");
        writeln!(text, "{} {ops}", doubtful("declared and never done:"))
            .expect("writing to a String cannot fail");
    }
    text
}

/// What the cases were drawn from, and which share of them was judged.
pub(crate) fn seeds(report: &Report) -> String {
    let seeds = match report.seeds.unwrap_or(1) {
        1 => format!("seed {}", report.seed),
        more => format!("{more} seeds from {}", report.seed),
    };
    let shard = report.shard.as_ref();
    seeds + &shard.map_or(String::new(), |shard| format!(", shard {shard}"))
}

/// The verdict in words.
pub(crate) fn verdict(report: &Report) -> String {
    match report.verdict {
        Verdict::Conforms => {
            let holding = report
                .laws
                .iter()
                .filter(|law| law.standing == Standing::Holds);
            let hardening = report.findings.iter().filter(|finding| finding.hardening);
            let hardening = match hardening.count() {
                0 => String::new(),
                some => format!(", and {} that --strict would count", count(some, "finding")),
            };
            match holding.count() {
                1 => format!("conforms: 1 law holds{hardening}"),
                holding => format!("conforms: {holding} laws hold{hardening}"),
            }
        }
        Verdict::Violates => {
            let unknown = report
                .findings
                .iter()
                .filter(|finding| finding.known.is_none())
                .filter(|finding| report.strict || !finding.hardening);
            let (below, heads): (Vec<_>, Vec<_>) =
                unknown.partition(|finding| finding.below.is_some());
            match (heads.len(), below.len(), report.known_problems.len()) {
                (0, 0, stale) => format!(
                    "violates: the list of known findings is wrong in {} places",
                    stale
                ),
                // What they are below is known.
                (0, below, _) => format!("violates: {}", count(below, "finding")),
                (heads, 0, _) => format!("violates: {}", count(heads, "finding")),
                (heads, below, _) => format!(
                    "violates: {}, seen in {}",
                    count(heads, "finding"),
                    count(below, "more way")
                ),
            }
        }
        Verdict::Inconclusive => "inconclusive: not everything was met".to_owned(),
        Verdict::SubjectBroke => "the subject broke: it never answered anything".to_owned(),
    }
}

/// One finding, its first line in colour, and what went over the wire if that is asked for.
pub(crate) fn finding_text(finding: &Finding, with_trace: bool) -> String {
    let text = finding.to_string();
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    let first = match finding.hardening {
        true => doubtful(first),
        false => bad(first),
    };
    let trace = with_trace.then(|| report::exchange::trace(finding));
    format!("{first}\n{rest}{}", trace.unwrap_or_default())
}

/// "1 finding", "2 findings".
pub(crate) fn count(number: usize, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use clap::Parser;
    use serde_json::json;

    use super::*;
    use crate::args::{Args, Command};

    /// A lost carry that was seen in two ways, and something else.
    pub(crate) fn report() -> Report {
        let finding = |id: &str,
                       cause: Option<&str>,
                       below: Option<&str>,
                       drawing: Option<&str>| {
            json!({
                "id": id, "law": "any-range", "sentence": "", "also": [], "rule": "r", "rule_sentence": "It holds.", "source": "s",
                "ec": null, "severity": "MUST", "symptom": "", "case": {}, "expected": "a", "actual": "b", "consequence": "c",
                "cause": cause, "below": below, "drawing": drawing, "replay": "again", "cases": 1, "known": null,
            })
        };
        let cause = Some("carry-lost-at-64");
        let report = json!({
            "schema": "partproof-report/1", "subject": "s", "profile": "quick", "seed": 1, "verdict": "violates", "laws": [],
            "findings": [
                finding("r/head", cause, None, Some("| part 1 |\n     x")),
                finding("r/other", cause, Some("r/head"), None),
                finding("r/third", cause, Some("r/head"), None),
                finding("r/alone", None, None, None),
            ],
            "known_problems": [],
        });
        serde_json::from_value(report).unwrap()
    }

    fn args(more: &[&str]) -> CheckArgs {
        let line = ["partproof", "check"].iter().chain(more);
        match Args::parse_from(line).command {
            Command::Check(args) => args,
            _ => unreachable!("that is a check"),
        }
    }

    #[test]
    fn in_quiet_there_is_no_table() {
        let [all, quiet] = [&[][..], &["--quiet"]].map(|more| terminal(&report(), &args(more)));
        assert!(all.contains(", profile quick, seed 1"), "{all}");
        assert!(!quiet.contains("profile quick"), "{quiet}");
        assert!(
            quiet.contains("MUST r/head") && all.ends_with(&quiet),
            "{quiet}"
        );
    }

    #[test]
    fn a_share_is_every_so_manieth_and_all_shares_are_all() {
        let share = |number| crate::args::of_shard(Some(Shard { number, of: 3 }), 0..7);
        assert_eq!(
            [share(1), share(2), share(3)],
            [vec![0, 3, 6], vec![1, 4], vec![2, 5]]
        );
        assert_eq!(
            crate::args::of_shard(None, 0..7),
            (0..7).collect::<Vec<_>>()
        );
    }

    #[test]
    fn what_stands_below_a_finding_is_a_line_each() {
        let text = terminal(&report(), &args(&[]));
        let end = "\
  means     c
  cause     carry-lost-at-64: The counter's low 64 bits count by themselves: the carry out of them is lost.
            | part 1 |
                 x
  replay    again
  below     r/other, law any-range
            r/third, law any-range
";
        assert!(text.contains(end), "{text}");
        assert!(
            text.contains("violates: 2 findings, seen in 2 more ways"),
            "{text}"
        );
        assert_eq!(text.matches("MUST r/").count(), 2, "{text}");
    }
}
