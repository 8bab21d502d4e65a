//! Reports in the forms that other tools read.

pub(crate) mod exchange;
mod github;
mod html;
mod junit;
mod markdown;
mod picture;
mod sarif;

use std::env;
use std::path::Path;

use partproof_subjects::program::CommandLine;
use partproof_suite::Finding;
use partproof_suite::report::{Report, Standing};

pub(crate) use github::github;
pub(crate) use html::html;
pub(crate) use junit::junit;
pub(crate) use markdown::markdown;
pub(crate) use sarif::sarif;

/// How much a finding is, or what else is not as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weight {
    /// It fails the run.
    Error,
    /// It is to be seen.
    Warning,
    /// It is lived with.
    Note,
}

impl Weight {
    fn of(report: &Report, finding: &Finding) -> Self {
        match (&finding.known, finding.hardening && !report.strict) {
            (Some(_), _) => Self::Note,
            (None, true) => Self::Warning,
            (None, false) => Self::Error,
        }
    }
}

/// What is not as it should be beside the findings.
fn open_questions(report: &Report) -> impl Iterator<Item = (Weight, String)> {
    let stale = report.known_problems.iter();
    let stale = stale.map(|problem| (Weight::Error, format!("known findings: {problem}")));
    let ended = report.ended.iter();
    let ended = ended.map(|ended| (Weight::Warning, format!("partial: {ended}")));
    let open = report
        .laws
        .iter()
        .filter(|law| law.standing == Standing::Inconclusive);
    let open = open.map(|law| {
        let missed = law.missed.join(", ");
        (
            Weight::Warning,
            format!("{} is inconclusive: never met {missed}", law.id),
        )
    });
    let never = report.unexercised.iter();
    let never = never.map(|op| {
        (
            Weight::Warning,
            format!("{op} is declared and was never done"),
        )
    });
    stale.chain(ended).chain(open).chain(never)
}

/// The file in the working directory that a subject's command names, as a path from there: the program itself, or what it is given to run.
fn adapter_file(command: Option<&str>) -> Option<String> {
    let command = CommandLine::read(command?).ok()?;
    let here = env::current_dir()
        .and_then(|folder| folder.canonicalize())
        .ok()?;
    let words = command.words().iter().enumerate();
    // A program without a slash is looked for elsewhere.
    let mut named = words.filter(|(place, word)| *place > 0 || word.contains('/'));
    named.find_map(|(_, word)| {
        let file = Path::new(word).canonicalize().ok()?;
        let within = file.strip_prefix(&here).ok().filter(|_| file.is_file())?;
        within.to_str().map(str::to_owned)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A report of one law, which a hardening finding is about.
    fn report(strict: bool) -> Report {
        let finding = serde_json::json!({
            "id": "part-list-etag/another-etag", "law": "part-list", "sentence": "", "also": [], "rule": "part-list-etag",
            "rule_sentence": "Each ETag.", "source": "https://example.com", "ec": null, "severity": "MUST", "symptom": "another ETag",
            "case": {"etags": ["\""]}, "expected": "one quote", "actual": "none", "consequence": "upload rejected",
            "replay": "partproof replay 'part-list:{}'", "cases": 1, "known": null, "hardening": true, "cut_short": true,
            "not_again": "did not show again",
        });
        let law = serde_json::json!({
            "id": "part-list", "sentence": "", "severity": "MUST", "standing": "holds", "cases": 5, "refused": 0, "refusal": null, "missed": [],
        });
        let mut report: Report = serde_json::from_value(serde_json::json!({
            "schema": "partproof-report/1", "subject": "mine", "profile": "quick", "seed": 1, "verdict": "conforms",
            "laws": [law], "findings": [finding], "known_problems": [], "strict": strict,
        }))
        .expect("a report");
        report.judge();
        report
    }

    #[test]
    fn hardening_fails_a_test_case_with_strict_only() {
        let lenient = junit(&report(false));
        assert!(lenient.contains("failures=\"0\""), "{lenient}");
        assert!(!lenient.contains("<failure"), "{lenient}");
        let strict = junit(&report(true));
        assert!(
            strict.contains("<failure message=\"part-list-etag/another-etag\""),
            "{strict}"
        );
    }

    #[test]
    fn hardening_is_named_on_the_page() {
        let page = markdown(&report(false));
        assert!(
            page.contains("hardening: no service and no caller produces this input"),
            "{page}"
        );
        assert!(page.contains("✅ holds"), "{page}");
        assert!(markdown(&report(true)).contains("❌ violated"));
    }

    #[test]
    fn only_a_file_below_the_working_directory_is_the_adapters() {
        let file = |command: &str| adapter_file(Some(command));
        assert_eq!(
            file("python3 -u src/main.rs"),
            Some("src/main.rs".to_owned())
        );
        assert_eq!(file("./src/../src/main.rs"), Some("src/main.rs".to_owned()));
        for other in ["Cargo.toml", "python3 src", "/bin/sh ../../README.md", "'"] {
            assert_eq!(file(other), None, "{other}");
        }
    }

    #[test]
    fn what_is_to_be_doubted_is_told() {
        let strict = report(true);
        for text in [
            junit(&strict),
            markdown(&strict),
            html(&strict),
            sarif(&strict),
        ] {
            assert!(text.contains("shrinking was cut short"), "{text}");
            assert!(text.contains("the replay did not show again"), "{text}");
        }
    }
}
