//! A finding: what is wrong with a subject, by its smallest case. Violations of one rule with one symptom are one
//! finding, whichever law met them.

use std::fmt;

use partproof_visible::{visible, visible_json};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::case::AnyCase;
use crate::law::{Law, Violation};
use crate::subject::Process;

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
    /// The line that replays it.
    pub replay: String,
    /// In how many cases of the first law it was met.
    pub cases: u64,
    /// Why it is known, if it is listed as known.
    pub known: Option<String>,
    /// Whether it takes input that nobody can bring about: it is shown, and does not count unless that is asked for.
    #[serde(default)]
    pub hardening: bool,
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
        } = violation;
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
            replay: replay_line(law, &case, program),
            case,
            cases: 0,
            known: None,
            hardening,
        }
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
        writeln!(f, "  expected  {}", self.expected)?;
        writeln!(f, "  actual    {}", self.actual)?;
        writeln!(f, "  means     {}", self.consequence)?;
        if self.hardening {
            writeln!(
                f,
                "            no service and no caller produces this input: it counts with --strict only"
            )?;
        }
        writeln!(f, "  replay    {}", self.replay)
    }
}
