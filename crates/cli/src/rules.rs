//! `partproof rules`.

use comfy_table::{Table, presets};
use partproof_model::{Rule, Severity};
use partproof_subjects::laws;
use partproof_suite::Law;
use serde::Serialize;

use crate::args::RulesArgs;
use crate::exit_code::ExitCode;
use crate::output;

pub(crate) fn run(args: &RulesArgs) -> Result<ExitCode, String> {
    let text = match (args.laws, args.json) {
        (false, false) => table(
            ["rule", "EC", "severity", "evidence", ""],
            Rule::all().map(|rule| {
                [
                    rule.id.to_owned(),
                    rule.ec.unwrap_or("-").to_owned(),
                    rule.severity.to_string(),
                    evidence(rule),
                    rule.sentence.to_owned(),
                ]
            }),
        ),
        (true, false) => table(
            ["law", "severity", "rules", ""],
            laws().map(|law| {
                [
                    law.id.to_owned(),
                    law.severity().to_string(),
                    rule_ids(law).join(" "),
                    law.sentence.to_owned(),
                ]
            }),
        ),
        (false, true) => json(&Rule::all().map(RuleJson::from).collect::<Vec<_>>()),
        (true, true) => json(&laws().map(LawJson::from).collect::<Vec<_>>()),
    };
    output::show(&text);
    Ok(ExitCode::Conforms)
}

pub(crate) fn evidence(rule: &Rule) -> String {
    rule.evidence
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

fn rule_ids(law: &Law) -> Vec<&'static str> {
    law.rules.iter().map(|rule| rule.id).collect()
}

fn table<const N: usize>(header: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header);
    table.add_rows(rows);
    table
        .lines()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect()
}

fn json(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("plain text serialises");
    text.push('\n');
    text
}

/// A rule as JSON.
#[derive(Serialize)]
struct RuleJson {
    id: &'static str,
    sentence: &'static str,
    severity: String,
    evidence: Vec<String>,
    source: &'static str,
    ec: Option<&'static str>,
    status: Option<u16>,
    code: Option<&'static str>,
}

impl From<&'static Rule> for RuleJson {
    fn from(rule: &'static Rule) -> Self {
        let Rule {
            id,
            sentence,
            evidence,
            source,
            severity,
            ec,
            answer,
        } = rule;
        let severity: &Severity = severity;
        Self {
            id,
            sentence,
            severity: severity.to_string(),
            evidence: evidence.iter().map(ToString::to_string).collect(),
            source,
            ec: *ec,
            status: answer.map(|answer| answer.status),
            code: answer.and_then(|answer| answer.code),
        }
    }
}

/// A law as JSON.
#[derive(Serialize)]
struct LawJson {
    id: &'static str,
    sentence: &'static str,
    severity: String,
    rules: Vec<&'static str>,
    classes: Vec<&'static str>,
}

impl From<&'static Law> for LawJson {
    fn from(law: &'static Law) -> Self {
        Self {
            id: law.id,
            sentence: law.sentence,
            severity: law.severity().to_string(),
            rules: rule_ids(law),
            classes: law.classes.iter().map(|class| class.text()).collect(),
        }
    }
}
