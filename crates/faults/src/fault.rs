//! A fault: a subject with exactly one thing wrong, and the law that must find it. A law that finds none of its faults
//! proves nothing; the bank is how the laws themselves are judged.

use partproof_suite::{Cause, Finding, Report, Subject};

/// One planted defect.
#[derive(Clone, Copy)]
pub struct Fault {
    /// A stable name.
    pub id: &'static str,
    /// What is wrong, in one sentence.
    pub sentence: &'static str,
    /// The entry of the fault catalogue it comes from, such as `A05`; empty if it is in none.
    pub seen_in: &'static str,
    /// The law that must find it.
    pub law: &'static str,
    /// What its findings must say that it is; none where what is seen does not show which mistake it comes from.
    pub cause: Option<Cause>,
    /// The built-in client with this one defect.
    pub subject: fn() -> Subject<'static>,
}

impl Fault {
    /// The subject, named after the fault.
    pub fn subject(&self) -> Subject<'static> {
        Subject {
            name: self.id,
            ..(self.subject)()
        }
    }

    /// What findings of this fault say otherwise than the bank does, a line for each: the cause is another one or told more than once, or a reader is shown nothing.
    pub fn told_otherwise(&self, report: &Report) -> Vec<String> {
        let heads: Vec<_> = report
            .findings
            .iter()
            .filter(|finding| finding.below.is_none())
            .map(|head| (head.id.as_str(), head.cause.as_deref()))
            .collect();
        let expected = self.cause.map(Cause::id);
        let is_one = self.cause.is_some_and(Cause::is_one_mistake);
        // What two mistakes may have in common is told of each of them, and groups nothing.
        let is_named = match is_one {
            true => heads.iter().all(|(_, cause)| *cause == expected),
            // Some bytes come from two places at once.
            false => heads.iter().all(|(_, cause)| {
                let mut of_one = Cause::ALL.iter().filter(|cause| cause.is_one_mistake());
                !of_one.any(|one| *cause == Some(one.id()))
            }),
        };
        let is_named = is_named && heads.iter().any(|(_, cause)| *cause == expected);
        let mut told = Vec::new();
        if !is_named || is_one && heads.len() != 1 {
            told.push(format!(
                "{}: expected {expected:?}, found {heads:?}",
                self.id
            ));
        }
        told.extend(
            report
                .findings
                .iter()
                .filter_map(|finding| Some(format!("{}: {}", self.id, not_shown(finding)?))),
        );
        told
    }
}

/// What a reader cannot see of a finding.
fn not_shown(finding: &Finding) -> Option<String> {
    if finding.expected == finding.actual {
        return Some(format!("{}: nothing is told", finding.id));
    }
    let drawing = finding.drawing.as_deref().unwrap_or_default();
    let is_off = drawing
        .lines()
        .any(|line| line.len() > 80 || !line.is_ascii());
    is_off.then(|| format!("{}: drawn as\n{drawing}", finding.id))
}
