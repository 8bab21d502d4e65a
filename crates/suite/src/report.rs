//! What a run found out. But for the seconds that each law took, a report follows from seed, profile and subject alone, so that the same run
//! says the same again. Its JSON form is versioned, with a published schema (`docs/schema/report-v1.json`).

use std::fmt;
use std::time::Duration;

use partproof_visible::{visible, visible_json};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::finding::Finding;
use crate::subject::Break;

/// The version of the JSON form.
pub const SCHEMA: &str = "partproof-report/1";

/// What a run found out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report {
    /// `partproof-report/1`.
    pub schema: String,
    /// What was judged.
    pub subject: String,
    /// The command that starts it, if it is a program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// `quick`, `nightly`, how many times a quick run (`7`), or how many cases of each law (`500 cases`).
    pub profile: String,
    /// What the cases were drawn from.
    pub seed: u64,
    /// From how many seeds, this one and those behind it, cases were drawn, if the run went on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seeds: Option<u64>,
    /// Which share of the cases was judged, if not all: `2/3` is every third, from the second on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<String>,
    /// Why the run ended before its end, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Ended>,
    /// What it comes to.
    pub verdict: Verdict,
    /// Every law that was selected.
    pub laws: Vec<LawReport>,
    /// What is wrong, one a cause.
    pub findings: Vec<Finding>,
    /// What is wrong with the list of known findings: entries that expired or no longer occur.
    pub known_problems: Vec<String>,
    /// What the subject does not declare, and so was not asked for.
    #[serde(default)]
    pub undeclared: Vec<String>,
    /// What the subject declares and no case reached.
    #[serde(default)]
    pub unexercised: Vec<String>,
    /// Whether findings for input that nobody can bring about count as the others do.
    #[serde(default)]
    pub strict: bool,
    /// Whether the subject ever answered anything.
    #[serde(skip)]
    answered: bool,
}

/// Why a run ended before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// It was to end at the first finding.
    FirstFinding,
    /// It was to take no longer.
    TimeIsOver,
    /// It was told to end.
    Interrupted,
}

/// A time, in a report as seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seconds(pub Duration);

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // A thousandth is more than can be told apart.
        serializer.serialize_f64((self.0.as_secs_f64() * 1e3).round() / 1e3)
    }
}

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seconds = Duration::try_from_secs_f64(f64::deserialize(deserializer)?);
        seconds.map(Self).map_err(de::Error::custom)
    }
}

/// What a run comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every law holds, for every class of input it asks for.
    Conforms,
    /// There are findings that are not known, or known findings that no longer occur.
    Violates,
    /// A declared capability or a class of input was never met, or nothing was run.
    Inconclusive,
    /// The subject never answered anything.
    SubjectBroke,
}

/// What a run says about one law.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LawReport {
    /// The law.
    pub id: String,
    /// What it says.
    pub sentence: String,
    /// What its weightiest violation means.
    pub severity: String,
    /// How it stands.
    pub standing: Standing,
    /// Cases that were judged.
    pub cases: u64,
    /// How long that took, in seconds.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "f64"))]
    pub seconds: Seconds,
    /// Cases in which the subject refused what it may refuse; they do not count.
    pub refused: u64,
    /// The first of these refusals.
    pub refusal: Option<String>,
    /// Classes of input that were never met.
    pub missed: Vec<String>,
    /// How many classes of input the law asks for that the subject can meet.
    #[serde(default)]
    pub classes: u64,
    /// How many of those were met.
    #[serde(default)]
    pub classes_met: u64,
}

/// How a law stands after a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It held for every case, and every class was met.
    Holds,
    /// It did not hold for some case.
    Violated,
    /// It held for what was met, but some class was not.
    Inconclusive,
    /// The subject does not have what it is about.
    NotDeclared,
}

impl Report {
    pub(crate) fn new(
        subject: &str,
        profile: &str,
        seed: u64,
        laws: Vec<LawReport>,
        findings: Vec<Finding>,
        answered: bool,
    ) -> Self {
        let mut report = Self {
            schema: SCHEMA.to_owned(),
            subject: visible(subject),
            command: None,
            profile: profile.to_owned(),
            seed,
            seeds: None,
            shard: None,
            ended: None,
            verdict: Verdict::Conforms,
            laws,
            findings,
            known_problems: Vec::new(),
            undeclared: Vec::new(),
            unexercised: Vec::new(),
            strict: false,
            answered,
        };
        report.judge();
        report
    }

    /// Of what was found in several runs on one subject.
    pub fn of_findings(subject: &str, findings: Vec<Finding>) -> Self {
        Self::new(subject, "quick", 1, Vec::new(), findings, true)
    }

    /// Adds what failed beside the run, but for what the run found as well.
    pub fn add(&mut self, findings: Vec<Finding>) {
        let found: Vec<String> = self.findings.iter().map(|one| one.id.clone()).collect();
        let new = findings.into_iter().filter(|one| !found.contains(&one.id));
        for finding in new {
            let mut laws = self.laws.iter_mut();
            if let Some(law) = laws.find(|law| law.id == finding.law) {
                law.standing = Standing::Violated;
            }
            self.findings.push(finding);
        }
        self.judge();
    }

    /// Settles the verdict from everything else.
    pub fn judge(&mut self) {
        let counts = |finding: &&Finding| self.strict || !finding.hardening;
        let mut findings = self.findings.iter().filter(counts);
        let unknown = findings.any(|finding| finding.known.is_none());
        if self.strict {
            let counts = |finding: &&Finding| finding.hardening && finding.known.is_none();
            for finding in self.findings.iter().filter(counts) {
                let is_of =
                    |law: &&mut LawReport| finding.law == law.id || finding.also.contains(&law.id);
                let laws = self.laws.iter_mut().filter(is_of);
                laws.for_each(|law| law.standing = Standing::Violated);
            }
        }
        // A law that only known findings break is as good as one that holds, if it met all that it asks for.
        let missed = self.laws.iter().any(|law| !law.missed.is_empty());
        let standing = |wanted: Standing| self.laws.iter().any(|law| law.standing == wanted);
        let judged: u64 = self.laws.iter().map(|law| law.cases).sum();
        let only_panics = !self.answered
            && !self.findings.is_empty()
            && self
                .findings
                .iter()
                .all(|finding| Break::of(&finding.symptom).is_some());
        let violations_only = !standing(Standing::Holds) && !standing(Standing::Inconclusive);
        self.verdict = if only_panics && violations_only && unknown {
            Verdict::SubjectBroke
        } else if unknown || !self.known_problems.is_empty() {
            Verdict::Violates
        } else if standing(Standing::Inconclusive)
            || missed
            || judged == 0
            || !self.unexercised.is_empty()
        {
            Verdict::Inconclusive
        } else {
            Verdict::Conforms
        };
    }

    /// The same without what differs from run to run, the times and what went over the wire: what a run with the same seed says again.
    #[must_use]
    pub fn without_times(mut self) -> Self {
        for finding in &mut self.findings {
            finding.exchanges.clear();
        }
        for law in &mut self.laws {
            law.seconds = Seconds::default();
        }
        self
    }

    /// How many cases were judged in all.
    pub fn cases(&self) -> u64 {
        self.laws.iter().map(|law| law.cases + law.refused).sum()
    }

    /// The JSON form, indented, ending in a line feed.
    pub fn json(&self) -> String {
        let json = serde_json::to_string_pretty(self).expect("a report serialises");
        visible_json(&json) + "\n"
    }

    /// The schema of the JSON form.
    #[cfg(feature = "schema")]
    pub fn json_schema() -> String {
        let schema = schemars::schema_for!(Self);
        let mut json = serde_json::to_string_pretty(&schema).expect("a schema serialises");
        json.push('\n');
        json
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::FirstFinding => "the run ended at its first finding",
            Self::TimeIsOver => "the time of the run was over",
            Self::Interrupted => "the run was interrupted",
        })
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Conforms => "conforms",
            Self::Violates => "violates",
            Self::Inconclusive => "inconclusive",
            Self::SubjectBroke => "the subject broke",
        })
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Holds => "holds",
            Self::Violated => "violated",
            Self::Inconclusive => "inconclusive",
            Self::NotDeclared => "not declared",
        })
    }
}
