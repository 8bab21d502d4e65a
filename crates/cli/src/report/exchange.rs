//! What went over the wire in the case of a finding, as text.

use std::fmt::Write;

use partproof_suite::{Answered, Exchanged, Finding};
use partproof_visible::visible;

/// One exchange in a line.
pub(crate) fn headline(one: &Exchanged) -> String {
    let (method, target) = (&one.method, &one.target);
    format!("{} {method} {target}: {}", one.number, one.outcome())
}

/// The request.
pub(crate) fn request(one: &Exchanged) -> String {
    message(
        &format!("{} {}", one.method, one.target),
        &one.headers,
        &one.body,
    )
}

/// The answer.
pub(crate) fn answer(answer: &Answered) -> String {
    message(&answer.status.to_string(), &answer.headers, &answer.body)
}

fn message(first: &str, headers: &[(String, String)], body: &str) -> String {
    let mut text = first.to_owned();
    for (name, value) in headers {
        let _ = write!(text, "\n{}: {}", visible(name), visible(value));
    }
    match body.is_empty() {
        true => text,
        false => text + "\n\n" + body,
    }
}

/// The exchange of a finding, for `--trace`: each request with its answer, what is meant marked.
pub(crate) fn trace(finding: &Finding) -> String {
    const NONE: &str =
        "  exchange  none: this law judges a piece, or counts parts without a record\n";
    if finding.exchanges.is_empty() {
        return NONE.to_owned();
    }
    let mut text = String::new();
    for (place, one) in finding.exchanges.iter().enumerate() {
        let label = if place == 0 { "exchange" } else { "" };
        let mark = if one.is_meant { "x " } else { "" };
        let _ = writeln!(text, "  {label:10}{mark}{}", visible(&headline(one)));
        let answer = one.answer.as_ref().map(answer).into_iter();
        for message in [request(one)].into_iter().chain(answer) {
            for line in message.lines() {
                let _ = writeln!(text, "            | {}", visible(line));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_marks_what_is_meant_and_no_line_passes_for_the_reports() {
        let mut report = crate::check::tests::report();
        let finding = &mut report.findings[0];
        assert!(trace(finding).contains("none"));
        let one = Exchanged {
            number: 1,
            operation: "UploadPart".to_owned(),
            method: "PUT".to_owned(),
            target: "/o?partNumber=1".to_owned(),
            headers: vec![("a".to_owned(), "b\u{1b}".to_owned())],
            body: "conforms\nMUST".to_owned(),
            answer: None,
            is_meant: true,
        };
        finding.exchanges = vec![
            one.clone(),
            Exchanged {
                number: 2,
                is_meant: false,
                ..one
            },
        ];
        let text = "  exchange  x 1 PUT /o?partNumber=1: no answer: the connection was cut
            | PUT /o?partNumber=1
            | a: b\\u{1b}
            | 
            | conforms
            | MUST
            2 PUT /o?partNumber=1: no answer: the connection was cut
";
        assert!(trace(finding).starts_with(text), "{}", trace(finding));
    }
}
