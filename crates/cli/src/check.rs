//! `partproof check`.

use std::fmt::Write;

use comfy_table::{CellAlignment, Table, presets};
use glob::Pattern;
use jiff::ZonedDateTime;
use partproof_subjects::known::Known;
use partproof_subjects::{laws, near};
use partproof_suite::report::{Report, Standing, Verdict};
use partproof_suite::runner::{Options, Profile, cores, run as run_laws};
use partproof_suite::{Finding, Law};

use crate::args::{CheckArgs, ProfileArg, ReportKind};
use crate::exit_code::ExitCode;
use crate::input;
use crate::output::{self, bad, bold, doubtful, good, grouped};
use crate::output_file::OutputFile;
use crate::progress::Bar;
use crate::report;
use crate::subject::Judged;

pub(crate) fn run(args: &CheckArgs) -> Result<ExitCode, String> {
    let patterns = patterns(&args.laws)?;
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
    let laws: Vec<&'static Law> = laws()
        .filter(|law| patterns.is_empty() || patterns.iter().any(|one| one.matches(law.id)))
        .collect();
    // A report that cannot be written is better known before the run than after it.
    let files = args
        .reports
        .iter()
        .map(|wanted| OutputFile::open(&wanted.file))
        .collect::<Result<Vec<_>, _>>()?;
    let judged = match Judged::start(&args.subject)? {
        Ok(judged) => judged,
        Err(broke) => return Ok(broke),
    };
    let mut bar = Bar::new();
    let mut report = run_laws(
        &judged.subject(),
        &mut Options {
            profile: match args.profile {
                ProfileArg::Quick => Profile::Quick,
                ProfileArg::Nightly => Profile::Nightly,
            },
            seed: args.seed.0,
            laws: &laws,
            is_whole: patterns.is_empty(),
            threads: cores(),
            known: &|id| known.has(judged.subject().name, id),
            progress: &mut |progress| bar.show(progress),
        },
    );
    bar.finish(&report);
    report.strict = args.strict;
    let program = judged.subject().program;
    report.command = program.and(args.subject.subject.clone());
    let selected = (!patterns.is_empty()).then_some(laws.as_slice());
    for left_alone in known.apply(&mut report, ZonedDateTime::now().date(), selected) {
        output::say(&format!("known findings: {left_alone}\n"));
    }
    for (wanted, file) in args.reports.iter().zip(files) {
        let text = match wanted.kind {
            ReportKind::Json => report.json(),
            ReportKind::Junit => report::junit(&report),
            ReportKind::Markdown => report::markdown(&report),
        };
        file.write(text.as_bytes())?;
    }
    output::show(&if args.json {
        report.json()
    } else {
        terminal(&report)
    });
    Ok(match report.verdict {
        Verdict::Conforms => ExitCode::Conforms,
        Verdict::Violates => ExitCode::Violates,
        Verdict::Inconclusive => ExitCode::Inconclusive,
        Verdict::SubjectBroke => ExitCode::SubjectBroke,
    })
}

fn patterns(globs: &[String]) -> Result<Vec<Pattern>, String> {
    let compile = |glob: &String| {
        let pattern = Pattern::new(glob).map_err(|error| format!("--law {glob}: {error}"))?;
        match laws().any(|law| pattern.matches(law.id)) {
            true => Ok(pattern),
            false => Err(format!(
                "--law {glob}: no law matches{}; `partproof rules --laws` lists them",
                near(glob, laws().map(|law| law.id.to_owned()))
            )),
        }
    };
    globs.iter().map(compile).collect()
}

/// The report as a terminal shows it: every law in a table, then what is wrong, then the verdict.
fn terminal(report: &Report) -> String {
    let mut text = format!(
        "{}\n\n",
        bold(format!(
            "{}, profile {}, seed {}",
            report.subject, report.profile, report.seed
        ))
    );
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["law", "cases", ""]);
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
        table.add_row([law.id.clone(), grouped(law.cases), standing + &remark]);
    }
    if let Some(column) = table.column_mut(1) {
        column.set_cell_alignment(CellAlignment::Right);
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
        text.push_str(&finding_text(finding));
        is_first = true;
    }
    for problem in &report.known_problems {
        writeln!(text, "\n{} {problem}", bad("known findings:"))
            .expect("writing to a String cannot fail");
    }
    let verdict = match report.verdict {
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
            good(match holding.count() {
                1 => format!("conforms: 1 law holds{hardening}"),
                holding => format!("conforms: {holding} laws hold{hardening}"),
            })
        }
        Verdict::Violates => {
            let unknown = report
                .findings
                .iter()
                .filter(|finding| finding.known.is_none())
                .filter(|finding| report.strict || !finding.hardening);
            let (below, heads): (Vec<_>, Vec<_>) =
                unknown.partition(|finding| finding.below.is_some());
            bad(
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
                },
            )
        }
        Verdict::Inconclusive => doubtful("inconclusive: not everything was met"),
        Verdict::SubjectBroke => bad("the subject broke: it never answered anything"),
    };
    writeln!(text, "\n{verdict}").expect("writing to a String cannot fail");
    text
}

/// One finding, its first line in colour.
pub(crate) fn finding_text(finding: &Finding) -> String {
    let text = finding.to_string();
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    let first = match finding.hardening {
        true => doubtful(first),
        false => bad(first),
    };
    format!("{first}\n{rest}")
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
    use serde_json::json;

    use super::*;

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

    #[test]
    fn what_stands_below_a_finding_is_a_line_each() {
        let text = terminal(&report());
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
