//! What went over the wire in the case of a finding, as text.

use std::fmt::Write;

use partproof_suite::{Answered, Exchanged, Finding};
use partproof_visible::visible;

/// One exchange in a line.
pub(crate) fn headline(one: &Exchanged) -> String {
    let mark = if one.is_meant { "x " } else { "" };
    let (method, target) = (&one.method, &one.target);
    format!("{mark}{} {method} {target}: {}", one.number, one.outcome())
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
    const NONE: &str = "  exchange  none is kept: the law judges a piece, or counts parts without a record, or the subject broke\n";
    if finding.exchanges.is_empty() {
        return NONE.to_owned();
    }
    let mut text = String::new();
    for (place, one) in finding.exchanges.iter().enumerate() {
        let label = if place == 0 { "exchange" } else { "" };
        let _ = writeln!(text, "  {label:10}{}", visible(&headline(one)));
        let answer = one.answer.as_ref().map(answer).into_iter();
        for message in [request(one)].into_iter().chain(answer) {
            for line in message.lines() {
                let _ = writeln!(text, "            | {}", visible(line));
            }
        }
    }
    text
}
