//! The report as one page that needs nothing beside it: the verdict, what is wrong with its drawings, then every law.

use maud::{Markup, html};
use partproof_page::{page, share, wide};
use partproof_suite::report::{LawReport, Report, Standing, Verdict};
use partproof_suite::{Cause, Finding};
use partproof_visible::visible_json;

use super::{exchange, picture};
use crate::check::{seeds, verdict};
use crate::output::grouped;

/// Copies the line that replays a finding. Without it the line can be selected.
const COPY: &str = "for (const button of document.querySelectorAll('.copy')) {
  button.hidden = false;
  button.addEventListener('click', async () => {
    const line = document.getElementById(button.dataset.line);
    try { await navigator.clipboard.writeText(line.textContent); button.textContent = 'Copied'; }
    catch { getSelection().selectAllChildren(line); button.textContent = 'Selected'; }
  });
}";

/// Writes the report as a page.
pub(crate) fn html(report: &Report) -> String {
    let (below, heads): (Vec<_>, Vec<_>) =
        (0..report.findings.len()).partition(|at| report.findings[*at].below.is_some());
    let content = html! {
        h1 { (report.subject) ": " span class=(verdict_class(report.verdict)) { (report.verdict) } }
        p { strong { (verdict(report)) } "." }
        @if let Some(ended) = report.ended { p.doubtful { "Partial: " (ended) "." } }
        p.other { (grouped(report.cases())) " cases, profile " (report.profile) ", " (seeds(report)) "." }
        @if let Some(command) = &report.command { p { "Subject: " code { (command) } } }
        @for problem in &report.known_problems { p.bad { "Known findings: " (problem) } }
        @for undeclared in &report.undeclared { p { "Not declared: " (undeclared) } }
        @if !report.unexercised.is_empty() { p.doubtful { "Declared and never done: " (report.unexercised.join(", ")) } }
        @if !heads.is_empty() {
            h2 { "Findings" }
            @for at in heads {
                (card(report, at, below.iter().copied().filter(|other| report.findings[*other].below.as_ref() == Some(&report.findings[at].id))))
            }
        }
        h2 { "Laws" }
        (wide("Laws", &laws(report)))
    };
    page(
        &format!("{}: {}", report.subject, report.verdict),
        &content,
        Some(COPY),
    )
}

fn verdict_class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Conforms => "good",
        Verdict::Violates | Verdict::SubjectBroke => "bad",
        Verdict::Inconclusive => "doubtful",
    }
}

/// A finding, with what stands below it.
fn card(report: &Report, at: usize, below: impl Iterator<Item = usize>) -> Markup {
    let finding = &report.findings[at];
    let class = match (&finding.known, finding.hardening && !report.strict) {
        (Some(_), _) => "card known",
        (None, true) => "card soft",
        (None, false) => "card",
    };
    let id = format!("finding-{at}");
    let cause = finding.cause.as_ref();
    let cause = cause.and_then(|id| Cause::ALL.iter().find(|cause| cause.id() == id));
    let below: Vec<usize> = below.collect();
    html! {
        article class=(class) id=(id) aria-labelledby=(format!("{id}-name")) {
            h3 id=(format!("{id}-name")) { (label(finding)) " " code { (finding.id) } }
            @if let Some(reason) = &finding.known { p { strong { "Known: " } (reason) } }
            @if finding.hardening {
                p.doubtful { "No service and no caller produces this input" @if !report.strict { ": it counts with --strict only" } "." }
            }
            dl {
                dt { "expected" } dd { (finding.expected) }
                dt { "actual" } dd { (finding.actual) }
                dt { "means" } dd { (finding.consequence) }
                @if let Some(cause) = cause { dt { "cause" } dd { (cause.id()) ": " (cause.sentence()) } }
                dt { "rule" } dd { (finding.rule_sentence) " (" (finding.rule) @if let Some(ec) = &finding.ec { ", EC " (ec) } ", " (source(finding)) ")" }
                dt { "law" } dd { (finding.law) ": " (finding.sentence) }
                @if !finding.also.is_empty() { dt { "also" } dd { (finding.also.join(", ")) } }
                dt { "case" } dd { code { (visible_json(&finding.case.to_string())) } }
            }
            @if let Some(object) = &finding.object { h4 { "The object" } (picture::object(&id, object)) }
            @if let Some(list) = &finding.list { h4 { "The part list" } (picture::list(&id, list)) }
            @if !finding.exchanges.is_empty() {
                h4 { "The exchange" }
                (picture::exchange(&id, &finding.exchanges))
                @for one in &finding.exchanges {
                    details open[one.is_meant] {
                        summary { @if one.is_meant { "✗ " } (exchange::headline(one)) }
                        pre { (exchange::request(one)) }
                        @if let Some(answer) = &one.answer { pre { (exchange::answer(answer)) } }
                    }
                }
            }
            h4 { "Replay" }
            pre tabindex="0" { code id=(format!("{id}-line")) { (finding.replay) } }
            button.copy type="button" hidden data-line=(format!("{id}-line")) aria-live="polite" { "Copy the line" }
            @for doubt in finding.doubts() { p.doubtful { (doubt) } }
            @if !below.is_empty() {
                h4 { "Of the same cause" }
                ul {
                    @for other in below {
                        @let other = &report.findings[other];
                        li { (label(other)) " " code { (other.line()) } @if other.hardening && !report.strict { " (hardening)" } ": " (other.actual) }
                    }
                }
            }
        }
    }
}

fn label(finding: &Finding) -> &str {
    match finding.hardening {
        true => "HARDENING",
        false => &finding.severity,
    }
}

fn source(finding: &Finding) -> Markup {
    html! {
        @if finding.source.starts_with("https://") { a href=(finding.source) { (finding.source) } } @else { (finding.source) }
    }
}

fn laws(report: &Report) -> Markup {
    let most = report.laws.iter().map(|law| law.cases).max();
    html! {
        table {
            thead {
                tr {
                    th scope="col" { "law" }
                    th scope="col" { "stands" }
                    th.n scope="col" { "cases" }
                    th.n scope="col" { "classes met" }
                    th.n scope="col" { "seconds" }
                }
            }
            tbody { @for law in &report.laws { (row(report, law, most.unwrap_or(0))) } }
        }
    }
}

fn row(report: &Report, law: &LawReport, most: u64) -> Markup {
    let class = match law.standing {
        Standing::Holds => "good",
        Standing::Violated => "bad",
        Standing::Inconclusive => "doubtful",
        Standing::NotDeclared => "other",
    };
    let findings = report.findings.iter().enumerate();
    let of_law = findings.filter(|(_, one)| {
        one.below.is_none() && (one.law == law.id || one.also.contains(&law.id))
    });
    html! {
        tr {
            th scope="row" { code { (law.id) } br; span.other { (law.sentence) } }
            td {
                span class=(class) { (law.standing) }
                @for (at, one) in of_law { br; a href=(format!("#finding-{at}")) { (one.symptom) } }
                @if !law.missed.is_empty() { br; "never met: " (law.missed.join(", ")) }
                @if let (Some(refusal), false) = (&law.refusal, law.missed.is_empty()) { br; "it refused " (grouped(law.refused)) " cases: " (refusal) }
            }
            td.n.bar style=(share(law.cases, most)) { (grouped(law.cases)) }
            td.n.bar style=(share(law.classes_met, law.classes)) { @if law.classes > 0 { (law.classes_met) " of " (law.classes) } }
            td.n { (format!("{:.2}", law.seconds.0.as_secs_f64())) }
        }
    }
}

#[cfg(test)]
mod tests {
    use partproof_suite::{Answered, Drawing, Exchanged, ListDrawing, ListEntry};

    use super::*;

    const HOSTILE: &str =
        "</code><script>alert(1)</script><img src=x onerror=alert(2)>\" style=\"x\u{202e}";

    fn exchanged(text: &str) -> Exchanged {
        Exchanged {
            number: 30,
            operation: text.to_owned(),
            method: text.to_owned(),
            target: text.to_owned(),
            headers: vec![(text.to_owned(), text.to_owned())],
            body: text.to_owned(),
            answer: Some(Answered {
                status: 403,
                ec: Some(text.to_owned()),
                headers: vec![(text.to_owned(), text.to_owned())],
                body: text.to_owned(),
            }),
            is_meant: true,
        }
    }

    /// The report of the tests, with all that a finding can have.
    fn full(text: &str) -> Report {
        let mut report = crate::check::tests::report();
        report.subject = text.to_owned();
        report.command = Some(text.to_owned());
        report.known_problems = vec![text.to_owned()];
        let finding = &mut report.findings[0];
        for field in [
            &mut finding.expected,
            &mut finding.actual,
            &mut finding.replay,
            &mut finding.symptom,
            &mut finding.source,
        ] {
            field.replace_range(.., text);
        }
        finding.case = serde_json::json!({ text: text });
        finding.known = Some(text.to_owned());
        let mut drawing = Drawing::new(32, 96);
        drawing.wrong(64, text);
        drawing.instead(0);
        drawing.shares(0, 1);
        finding.object = Some(drawing);
        let entry = ListEntry {
            number: 1,
            etag: text.to_owned(),
            wrong: true,
        };
        finding.list = Some(ListDrawing {
            before: 3,
            expected: vec![entry.clone()],
            expected_count: 9,
            sent: vec![entry],
            sent_count: 4,
        });
        finding.exchanges = vec![exchanged(text)];
        report
    }

    #[test]
    fn hostile_text_is_text_wherever_it_stands() {
        let page = html(&full(HOSTILE));
        assert_eq!(page.matches("<script").count(), 1, "the page's own\n{page}");
        assert!(
            !page.contains("<img") && !page.contains('\u{202e}'),
            "{page}"
        );
        assert!(!page.contains("href=\"</"), "{page}");
        // Title, heading, command, problem, known, case twice, expected, actual, replay, source, list twice, exchange.
        assert!(page.matches("&lt;script&gt;").count() > 14, "{page}");
    }

    #[test]
    fn each_drawing_has_a_name_and_says_what_it_shows() {
        let page = html(&full("x"));
        assert_eq!(page.matches("<svg").count(), 3, "{page}");
        for named in ["object", "list", "exchange"] {
            let labelled =
                format!("aria-labelledby=\"finding-0-{named}-title finding-0-{named}-told\"");
            assert!(page.contains(&labelled), "{labelled}\n{page}");
        }
        for told in [
            "wrong from byte 64",
            "right for byte 0",
            "blocks 0 to 1",
            "Expected 9 parts, sent 4.",
            "(29 more)",
            "403, EC x",
        ] {
            assert!(page.contains(told), "{told}\n{page}");
        }
    }

    #[test]
    fn known_and_hardening_are_shown_as_what_they_are() {
        let mut report = full("x");
        report.findings[3].hardening = true;
        let page = html(&report);
        assert!(
            page.contains("<article class=\"card known\" id=\"finding-0\""),
            "{page}"
        );
        assert!(
            page.contains("<article class=\"card soft\" id=\"finding-3\""),
            "{page}"
        );
        assert!(page.contains("it counts with --strict only"), "{page}");
        report.strict = true;
        assert!(html(&report).contains("<article class=\"card\" id=\"finding-3\""));
        // What stands below the first is told with it.
        assert_eq!(page.matches("<article").count(), 2, "{page}");
        assert!(page.contains("r/other, law any-range"), "{page}");
    }
}
