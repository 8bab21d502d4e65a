//! The report as JUnit XML: a test case a law, so that every CI shows which one broke.

use partproof_visible::visible_lines;
use quick_junit::{NonSuccessKind, Report as JUnit, TestCase, TestCaseStatus, TestSuite};

use partproof_suite::Finding;
use partproof_suite::report::{LawReport, Report, Standing};

/// Writes the report as JUnit XML. A law that is inconclusive is an error, not a pass.
pub(crate) fn junit(report: &Report) -> String {
    let mut suite = TestSuite::new(format!("partproof: {}", report.subject));
    for law in &report.laws {
        suite.add_test_case(test_case(report, law));
    }
    for problem in &report.known_problems {
        let mut failed = TestCaseStatus::non_success(NonSuccessKind::Failure);
        failed.set_message(problem.clone());
        suite.add_test_case(TestCase::new("known findings", failed));
    }
    for op in &report.unexercised {
        let mut missed = TestCaseStatus::non_success(NonSuccessKind::Error);
        missed.set_message(format!("inconclusive: {op} is declared and was never done"));
        suite.add_test_case(TestCase::new("declared and done", missed));
    }
    let mut junit = JUnit::new("partproof");
    junit.add_test_suite(suite);
    visible_lines(&junit.to_string().unwrap_or_default())
}

fn test_case(report: &Report, law: &LawReport) -> TestCase {
    let of_law = |finding: &&Finding| {
        let counts = finding.known.is_none() && (report.strict || !finding.hardening);
        counts && (finding.law == law.id || finding.also.contains(&law.id))
    };
    let findings: Vec<&Finding> = report.findings.iter().filter(of_law).collect();
    let is_of_law = |finding: &&Finding| finding.law == law.id || finding.also.contains(&law.id);
    let known = report.findings.iter().filter(is_of_law);
    let known: Vec<String> = known
        .filter_map(|finding| {
            Some(format!(
                "{} is known: {}",
                finding.id,
                finding.known.as_ref()?
            ))
        })
        .collect();
    let status = match law.standing {
        Standing::Holds | Standing::Violated if !findings.is_empty() => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(
                findings
                    .iter()
                    .map(|finding| finding.id.as_str())
                    .collect::<Vec<_>>()
                    .join(", "),
            );
            status.set_description(
                findings
                    .iter()
                    .map(|finding| description(finding))
                    .collect::<Vec<_>>()
                    .join("\n"),
            );
            status
        }
        Standing::Holds | Standing::Violated if law.missed.is_empty() && !known.is_empty() => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(known.join("; "));
            status
        }
        Standing::Holds | Standing::Violated if law.missed.is_empty() => TestCaseStatus::success(),
        Standing::Holds | Standing::Violated | Standing::Inconclusive => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(format!("inconclusive: never met {}", law.missed.join(", ")));
            status
        }
        Standing::NotDeclared => {
            let mut status = TestCaseStatus::skipped();
            status.set_message("the subject does not have this piece");
            status
        }
    };
    let mut case = TestCase::new(law.id.clone(), status);
    case.set_classname("partproof");
    case.set_time(law.seconds.0);
    case
}

fn description(finding: &Finding) -> String {
    let cause = finding.cause.as_ref();
    let cause = cause.map(|cause| format!("cause: {cause}\n"));
    let below = finding.below.as_ref();
    let below = below.map(|head| format!("below: {head}\n"));
    let drawing = finding.drawing.as_ref();
    let drawing = drawing.map(|drawing| format!("{drawing}\n"));
    let mut text = format!(
        "{}\nexpected: {}\nactual: {}\nmeans: {}\n{}{}{}{}\n",
        finding.rule_sentence,
        finding.expected,
        finding.actual,
        finding.consequence,
        cause.unwrap_or_default(),
        below.unwrap_or_default(),
        drawing.unwrap_or_default(),
        finding.replay
    );
    for doubt in finding.doubts() {
        text.push_str(&doubt);
        text.push('\n');
    }
    text
}
