//! A finding: what is wrong with a subject, by its smallest case. Violations of one rule with one symptom are one
//! finding, whichever law met them.

use std::fmt;

use partproof_evidence::{Cause, Drawing, Exchanged, ListDrawing};
use partproof_visible::{visible, visible_json};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::case::AnyCase;
use crate::law::{Law, Violation};
use crate::subject::Process;

/// What a finding says whose smallest case was not looked for to the end.
pub const CUT_SHORT: &str = "shrinking was cut short: there may be a smaller case";

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Finding {
    /// What known findings are listed by: the rule and the symptom.
    pub id: String,
    /// The law that met it first.
    pub law: String,
    /// What that law says.
    pub sentence: String,
    /// Other laws that met it.
    pub also: Vec<String>,
    /// The rule that is broken.
    pub rule: String,
    /// What the rule says.
    pub rule_sentence: String,
    /// Where the rule is read.
    pub source: String,
    /// The service's error number, if the rule has one.
    pub ec: Option<String>,
    /// `MUST`, `SHOULD` or `MAY`.
    pub severity: String,
    /// What was observed, in a few words.
    pub symptom: String,
    /// The smallest case.
    pub case: Value,
    /// What the model, or the subject elsewhere, answers to it.
    pub expected: String,
    /// What the subject answered.
    pub actual: String,
    /// What it would mean for a user.
    pub consequence: String,
    /// The mistake that it comes from, by name, where the evidence shows which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// What would make its bytes, if they are too few to prove it.
    #[serde(skip)]
    pub(crate) perhaps: Vec<Cause>,
    /// The id of the finding that tells of the same mistake, if another does. This one stands behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<String>,
    /// The object's parts in a line, where the wrong bytes lie, and where they would be right: lines of plain text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drawing: Option<String>,
    /// What that drawing shows, for those who draw themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<Drawing>,
    /// The part list that was sent, beside the one that should have been.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<ListDrawing>,
    /// What went over the wire, of a whole client. Keys, times and ids differ from run to run, so the JSON form is without it.
    #[serde(skip)]
    pub exchanges: Vec<Exchanged>,
    /// The line that replays it.
    pub replay: String,
    /// In how many cases of the first law it was met.
    pub cases: u64,
    /// Why it is known, if it is listed as known.
    pub known: Option<String>,
    /// Whether it takes input that nobody can bring about: it is shown, and does not count unless that is asked for.
    #[serde(default)]
    pub hardening: bool,
    /// Whether shrinking ran out of time: there may be a smaller case.
    #[serde(default, skip_serializing_if = "is_false")]
    pub cut_short: bool,
    /// What came of the line that replays it when the run itself tried it, if that did not show the finding again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_again: Option<String>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_false(flag: &bool) -> bool {
    !flag
}

impl Finding {
    /// Of a law's violation by a case, and the program that is replayed on, if the subject is one.
    pub(crate) fn new(
        law: &'static Law,
        violation: &Violation,
        case: &dyn AnyCase,
        program: Option<&dyn Process>,
    ) -> Self {
        let hardening = law.is_hardening(case.classes());
        let case = case.json();
        let Violation {
            rule,
            symptom,
            expected,
            actual,
            consequence,
            evidence,
        } = violation;
        debug_assert_ne!(expected, actual, "{}: nothing is told", Self::id(violation));
        Self {
            id: Self::id(violation),
            law: law.id.to_owned(),
            sentence: law.sentence.to_owned(),
            also: Vec::new(),
            rule: rule.id.to_owned(),
            rule_sentence: rule.sentence.to_owned(),
            source: rule.source.to_owned(),
            ec: rule.ec.map(str::to_owned),
            severity: rule.severity.to_string(),
            symptom: (*symptom).to_owned(),
            expected: expected.clone(),
            actual: actual.clone(),
            consequence: consequence.to_string(),
            cause: evidence.cause.map(|cause| cause.id().to_owned()),
            perhaps: evidence.perhaps.clone(),
            below: None,
            drawing: evidence.drawing.as_ref().map(Drawing::text),
            object: evidence.drawing.clone(),
            list: evidence.list.clone(),
            exchanges: evidence.exchanges.clone(),
            replay: replay_line(law, &case, program),
            case,
            cases: 0,
            known: None,
            hardening,
            cut_short: false,
            not_again: None,
        }
    }

    /// What is to be doubted of its smallest case and of the line that replays it.
    pub fn doubts(&self) -> Vec<String> {
        let not_again = self.not_again.as_ref();
        let not_again = not_again.map(|instead| format!("the replay {instead}"));
        let cut_short = self.cut_short.then(|| CUT_SHORT.to_owned());
        cut_short.into_iter().chain(not_again).collect()
    }

    /// The identity of a violation: its rule and its symptom.
    pub(crate) fn id(violation: &Violation) -> String {
        let words: Vec<_> = violation
            .symptom
            .split(|character: char| !character.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_ascii_lowercase)
            .collect();
        format!("{}/{}", violation.rule.id, words.join("-"))
    }

    /// Puts findings of one cause behind the one that names it best: that which counts, and breaks the cause's own rule.
    /// What is too little to prove a cause stands with those that prove it.
    pub(crate) fn group(mut findings: Vec<Self>) -> Vec<Self> {
        let proved: Vec<Cause> = findings.iter().filter_map(Self::known_cause).collect();
        for finding in findings.iter_mut().filter(|one| one.cause.is_none()) {
            finding
                .perhaps
                .retain(|cause| proved.contains(cause) && cause.is_one_mistake());
            if let [cause] = finding.perhaps.as_slice() {
                finding.cause = Some(cause.id().to_owned());
            }
        }
        let mut left: Vec<Option<Self>> = findings.into_iter().map(Some).collect();
        let mut grouped = Vec::new();
        for first in 0..left.len() {
            let Some(finding) = left.get_mut(first).and_then(Option::take) else {
                continue;
            };
            let mut group = vec![finding];
            if let Some(cause) = group[0]
                .known_cause()
                .filter(|cause| cause.is_one_mistake())
            {
                let same = left.iter_mut().filter(|one| {
                    let one = one.as_ref().and_then(Self::known_cause);
                    one == Some(cause)
                });
                group.extend(same.filter_map(Option::take));
                let rank = |finding: &Self| {
                    let is_proved = finding.perhaps.is_empty();
                    (
                        finding.hardening,
                        !is_proved,
                        finding.rule != cause.rule().id,
                    )
                };
                // Of equal ones the first that was met.
                let head = (0..group.len()).min_by_key(|at| rank(&group[*at]));
                let head = group.remove(head.unwrap_or(0));
                for other in &mut group {
                    other.below = Some(head.id.clone());
                }
                group.insert(0, head);
            }
            grouped.append(&mut group);
        }
        grouped
    }

    fn known_cause(&self) -> Option<Cause> {
        let id = self.cause.as_deref()?;
        Cause::ALL.iter().copied().find(|cause| cause.id() == id)
    }

    /// In one line, as it is told below the finding of the same cause.
    pub fn line(&self) -> String {
        let known = match &self.known {
            Some(reason) => format!(" (known: {})", visible(reason)),
            None => String::new(),
        };
        format!("{}, law {}{known}", self.id, self.law)
    }
}

/// The line that replays a case of a law, on the built-in client or on a program.
pub(crate) fn replay_line(law: &Law, case: &Value, program: Option<&dyn Process>) -> String {
    // Quotes are the only characters that could end the shell's; in JSON they may be escapes.
    let case = visible_json(&case.to_string()).replace('\'', "\\u0027");
    let subject = program
        .map(|program| format!("--subject {} ", program.command()))
        .unwrap_or_default();
    format!("partproof replay {subject}'{}:{case}'", law.id)
}

/// For a reader who has never seen one: what, by which case, what it means, and how to see it again.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let label = match self.hardening {
            true => "HARDENING",
            false => &self.severity,
        };
        write!(f, "{label} {}", self.id)?;
        if let Some(reason) = &self.known {
            write!(f, " (known: {})", visible(reason))?;
        }
        writeln!(f)?;
        writeln!(f, "  rule      {}", self.rule_sentence)?;
        let ec = self
            .ec
            .as_ref()
            .map(|ec| format!(", EC {ec}"))
            .unwrap_or_default();
        writeln!(f, "            {}{ec}, {}", self.rule, self.source)?;
        writeln!(f, "  law       {}: {}", self.law, self.sentence)?;
        if !self.also.is_empty() {
            writeln!(f, "  also      {}", self.also.join(", "))?;
        }
        writeln!(f, "  case      {}", visible_json(&self.case.to_string()))?;
        if self.cut_short {
            writeln!(f, "            {CUT_SHORT}")?;
        }
        writeln!(f, "  expected  {}", self.expected)?;
        writeln!(f, "  actual    {}", self.actual)?;
        writeln!(f, "  means     {}", self.consequence)?;
        if let Some(cause) = self.known_cause() {
            writeln!(f, "  cause     {}: {}", cause.id(), cause.sentence())?;
        }
        for line in self.drawing.iter().flat_map(|drawing| drawing.lines()) {
            writeln!(f, "            {}", visible(line))?;
        }
        if self.hardening {
            writeln!(
                f,
                "            no service and no caller produces this input: it counts with --strict only"
            )?;
        }
        writeln!(f, "  replay    {}", self.replay)?;
        match &self.not_again {
            None => Ok(()),
            Some(instead) => writeln!(f, "            {}", visible(instead)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn finding(rule: &str, cause: Option<Cause>, hardening: bool) -> Finding {
        let finding = json!({
            "id": format!("{rule}/seen"), "law": "law", "sentence": "", "also": [], "rule": rule, "rule_sentence": "",
            "source": "", "ec": null, "severity": "MUST", "symptom": "seen", "case": {}, "expected": "a", "actual": "b",
            "consequence": "", "cause": cause.map(Cause::id), "replay": "", "cases": 1, "known": null, "hardening": hardening,
        });
        serde_json::from_value(finding).unwrap()
    }

    fn grouped(findings: Vec<Finding>) -> Vec<(String, Option<String>)> {
        let grouped = Finding::group(findings).into_iter();
        let rule = |id: String| id.replace("/seen", "");
        grouped.map(|one| (one.rule, one.below.map(rule))).collect()
    }

    fn below(rule: &str, head: Option<&str>) -> (String, Option<String>) {
        (rule.to_owned(), head.map(str::to_owned))
    }

    #[test]
    fn one_cause_stands_together_below_the_finding_of_its_rule() {
        let lost = Some(Cause::CarryLostAt64);
        let findings = vec![
            finding("ctr-position", lost, false),
            finding("plan-count", None, false),
            finding("ctr-carry", lost, true),
            finding("ctr-carry", lost, false),
            finding("range-exact", Some(Cause::PrefixKept), false),
        ];
        let expected = [
            below("ctr-carry", None),
            below("ctr-position", Some("ctr-carry")),
            below("ctr-carry", Some("ctr-carry")),
            below("plan-count", None),
            below("range-exact", None),
        ];
        assert_eq!(grouped(findings), expected);
    }

    #[test]
    fn without_a_cause_or_with_one_that_two_mistakes_may_have_each_stands_alone() {
        for cause in [None, Some(Cause::OtherPlace), Some(Cause::OtherSourceBytes)] {
            let findings = vec![
                finding("ctr-position", cause, false),
                finding("keystream-once", cause, false),
            ];
            let alone = [below("ctr-position", None), below("keystream-once", None)];
            assert_eq!(grouped(findings), alone);
        }
    }
}
