//! The report as annotations of GitHub Actions: a line each, on standard output.

use std::fmt::Write;

use partproof_suite::report::Report;
use partproof_visible::visible_lines;

use super::{Weight, adapter_file, open_questions};

/// Writes the report as annotations: one a finding that stands below no other, and one for all else that keeps the run from being green.
pub(crate) fn github(report: &Report) -> String {
    let file = adapter_file(report.command.as_deref());
    let mut text = String::new();
    let mut annotate = |weight, title: &str, message: &str| {
        let command = match weight {
            Weight::Error => "error",
            Weight::Warning => "warning",
            Weight::Note => "notice",
        };
        let file = file.as_ref();
        let file = file.map(|file| format!("file={},", property(file)));
        let (file, title) = (file.unwrap_or_default(), property(title));
        let _ = writeln!(text, "::{command} {file}title={title}::{}", data(message));
    };
    let heads = report.findings.iter().filter(|one| one.below.is_none());
    for finding in heads {
        let known = finding.known.as_ref();
        let known = known.map(|reason| format!("known: {reason}\n"));
        let message = format!(
            "{}expected: {}\nactual: {}\nmeans: {}\nreplay: {}",
            known.unwrap_or_default(),
            finding.expected,
            finding.actual,
            finding.consequence,
            finding.replay
        );
        annotate(Weight::of(report, finding), &finding.id, &message);
    }
    for (weight, message) in open_questions(report) {
        annotate(weight, "Partproof", &message);
    }
    text
}

/// A message, as the runner reads it back.
fn data(text: &str) -> String {
    let text = visible_lines(text);
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A value before the message, likewise.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_its_line_or_begins_another_command() {
        let mut report = crate::check::tests::report();
        report.findings[0].actual = "50%\n::error::x".to_owned();
        report.findings[0].id = "a,b:c".to_owned();
        report.command = Some("python3 ./Cargo.toml --x".to_owned());
        let text = github(&report);
        let first = text.lines().next().unwrap();
        assert!(first.starts_with("::error file=Cargo.toml,title=a%2Cb%3Ac::expected: a%0Aactual: 50%25%0A::error::x%0Ameans"), "{first}");
        // The one head, the one that is alone, and no more.
        assert_eq!(text.lines().count(), 2, "{text}");
        report.findings[0].hardening = true;
        assert!(github(&report).starts_with("::warning "));
        report.findings[0].known = Some("later".to_owned());
        assert!(github(&report).starts_with("::notice "));
    }
}
