//! The report as Markdown, for the summary page of a CI run: the verdict, what is wrong, then every law.

use std::fmt::Write;

use partproof_visible::visible_lines;

use partproof_suite::report::{Report, Standing};

/// Writes the report as Markdown.
pub(crate) fn markdown(report: &Report) -> String {
    let mut page = format!(
        "## Partproof: {} {}\n\n{} cases, profile {}, seed {}.\n",
        cell(&report.subject),
        report.verdict,
        report.cases(),
        report.profile,
        report.seed
    );
    for problem in &report.known_problems {
        write!(page, "\n> {}\n", cell(problem)).expect("writing to a String cannot fail");
    }
    for undeclared in &report.undeclared {
        write!(page, "\nNot declared: {}\n", cell(undeclared))
            .expect("writing to a String cannot fail");
    }
    if !report.unexercised.is_empty() {
        let what = cell(&report.unexercised.join(", "));
        write!(page, "\n> Declared and never done: {what}\n")
            .expect("writing to a String cannot fail");
    }
    let mut findings = report.findings.iter().peekable();
    while let Some(finding) = findings.next() {
        let known = finding
            .known
            .as_ref()
            .map(|reason| format!(" (known: {})", cell(reason)))
            .unwrap_or_default();
        let label = match finding.hardening {
            true => "hardening: no service and no caller produces this input",
            false => &finding.severity,
        };
        let ec = finding
            .ec
            .as_ref()
            .map(|ec| format!(", EC {ec}"))
            .unwrap_or_default();
        write!(
            page,
            "\n### `{}`{known}\n\n{} ([{}]({}), {}{ec})\n\n- expected: {}\n- actual: {}\n- means: {}\n\n```sh\n{}\n```\n",
            finding.id,
            cell(&finding.rule_sentence),
            finding.rule,
            finding.source,
            label,
            cell(&finding.expected),
            cell(&finding.actual),
            cell(&finding.consequence),
            finding.replay
        )
        .expect("writing to a String cannot fail");
        for doubt in finding.doubts() {
            write!(page, "\n> {}\n", cell(&doubt)).expect("writing to a String cannot fail");
        }
        if let Some(cause) = &finding.cause {
            write!(page, "\nCause: `{cause}`\n").expect("writing to a String cannot fail");
        }
        if let Some(drawing) = &finding.drawing {
            write!(page, "\n```text\n{drawing}\n```\n").expect("writing to a String cannot fail");
        }
        let mut is_first = true;
        while let Some(below) = findings.next_if(|other| other.below.is_some()) {
            if is_first {
                page.push_str("\nBelow it, of the same cause:\n\n");
            }
            writeln!(page, "- {}", cell(&below.line())).expect("writing to a String cannot fail");
            is_first = false;
        }
    }
    page.push_str("\n| law | | cases | |\n| --- | --- | ---: | --- |\n");
    for law in &report.laws {
        let mark = match law.standing {
            Standing::Holds => "✅",
            Standing::Violated => "❌",
            Standing::Inconclusive => "❔",
            Standing::NotDeclared => "➖",
        };
        let missed = if law.missed.is_empty() {
            String::new()
        } else {
            format!(" (never met: {})", law.missed.join(", "))
        };
        writeln!(
            page,
            "| {} | {mark} {} | {} | {}{missed} |",
            law.id,
            law.standing,
            law.cases,
            cell(&law.sentence)
        )
        .expect("writing to a String cannot fail");
    }
    visible_lines(&page)
}

/// Text that cannot break out of its place: subjects have a say in it. It holds no markup, no line feed, and no address that is made a link.
fn cell(text: &str) -> String {
    let mut cell = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => cell.push_str("&amp;"),
            '<' => cell.push_str("&lt;"),
            '/' if cell.ends_with(':') => cell.push_str("&#47;"),
            '@' => cell.push_str("&#64;"),
            '\\' | '`' | '|' | '[' | ']' | '*' | '_' | '~' => cell.extend(['\\', character]),
            '\n' => cell.push(' '),
            other => cell.push(other),
        }
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_below_a_finding_is_a_line_each() {
        let page = markdown(&crate::check::tests::report());
        let below = "\
Cause: `carry-lost-at-64`

```text
| part 1 |
     x
```

Below it, of the same cause:

- r/other, law any-range
- r/third, law any-range

### `r/alone`";
        assert!(page.contains(below), "{page}");
    }

    #[test]
    fn what_a_subject_says_is_text() {
        let said =
            "x **conforms** ~~not~~ https://evil.example @org <!-- `a` [b](c) | d\n## e: f/g";
        assert_eq!(
            cell(said),
            r"x \*\*conforms\*\* \~\~not\~\~ https:&#47;/evil.example &#64;org &lt;!-- \`a\` \[b\](c) \| d ## e: f/g"
        );
    }
}
