//! Known findings: what a project has decided to live with for a while. Each has a reason and an expiry; one that expired
//! counts again, and one that no longer occurs fails the run, so that the list never outlives its truth.

use glob::Pattern;
use jiff::civil::Date;
use partproof_visible::visible;
use serde::Deserialize;

use partproof_model::{Rule, rules};
use partproof_suite::Law;
use partproof_suite::report::Report;

use crate::near::{nearest, proposed};

/// A list of known findings, as a file holds it: JSON, or TOML.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// The findings.
    pub known: Vec<KnownFinding>,
}

/// One known finding.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct KnownFinding {
    /// The subject's name as reports print it, `*` for anything; absent: whatever subject.
    #[serde(default)]
    pub subject: Option<String>,
    /// The finding's id, as reports print it.
    pub finding: String,
    /// Why it may stay.
    pub reason: String,
    /// The last day on which it may, `YYYY-MM-DD`.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub expires: Date,
}

impl Known {
    /// Reads a list in JSON.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn read(json: &str) -> Result<Self, String> {
        serde_json::from_str(json).map_err(|error| {
            format!("not a list of known findings, expected {{\"known\": [{{\"finding\", \"reason\", \"expires\"}}]}}: {error}")
        }).and_then(Self::checked)
    }

    /// Reads a list in TOML.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn read_toml(text: &str) -> Result<Self, String> {
        let written: Written = toml::from_str(text).map_err(|error| {
            format!("not a list of known findings, expected [[known]] with finding, reason and expires: {error}")
        })?;
        let known = written.known.into_iter().map(|entry| {
            let WrittenFinding {
                subject,
                finding,
                reason,
                expires,
            } = entry;
            let expires = expires.to_string();
            let day = expires.parse().map_err(|error| {
                format!(
                    "{finding}: expires is {expires}, expected a day such as 2027-05-31: {error}"
                )
            })?;
            Ok(KnownFinding {
                subject,
                finding,
                reason,
                expires: day,
            })
        });
        let known = known.collect::<Result<_, String>>()?;
        Self { known }.checked()
    }

    fn checked(self) -> Result<Self, String> {
        for subject in self.known.iter().filter_map(|entry| entry.subject.as_ref()) {
            Pattern::new(subject)
                .map_err(|error| format!("subject `{}`: {error}", visible(subject)))?;
        }
        Ok(self)
    }

    /// Whether a finding of this subject is on the list, expired or not.
    pub fn has(&self, subject: &str, finding: &str) -> bool {
        let is_it = |entry: &KnownFinding| entry.finding == finding && entry.is_about(subject);
        self.known.iter().any(is_it)
    }

    /// Marks a report's findings that are known, and settles its verdict anew. `selected` are the laws that were run, or none if all were: then an entry
    /// without a finding no longer occurs. Returns what is said of entries that are left alone.
    pub fn apply(
        &self,
        report: &mut Report,
        today: Date,
        selected: Option<&[&'static Law]>,
    ) -> Vec<String> {
        let mut left_alone = Vec::new();
        let can_name = |law: &&Law, rule: &'static Rule| {
            // A whole client is refused by whatever rule of the service it breaks.
            law.rules.contains(&rule) || law.is_about_whole_clients() && rule.answer.is_some()
        };
        for entry in self
            .known
            .iter()
            .filter(|entry| entry.is_about(&report.subject))
        {
            let name = visible(&entry.finding);
            let rule = entry
                .finding
                .split_once('/')
                .and_then(|(rule, _)| Rule::find(rule));
            let is_selected = |rule: &'static Rule| {
                let mut laws = selected.unwrap_or_default().iter();
                selected.is_none() || of_any_law(rule) || laws.any(|law| can_name(law, rule))
            };
            // Of what a law has not met it is not told that it is gone.
            let is_left_out = |rule: &'static Rule| {
                let mut cut_short = report.laws.iter().filter(|law| !law.missed.is_empty());
                cut_short.any(|law| crate::find(&law.id).is_some_and(|law| can_name(&law, rule)))
            };
            let is_left_out = rule.is_some_and(is_left_out);
            // Nor of what another shard may meet.
            let is_whole = report.shard.is_none();
            // Several causes may show as one.
            let findings = report.findings.iter_mut();
            let found: Vec<_> = findings
                .filter(|finding| finding.id == entry.finding)
                .collect();
            let problem = match found.is_empty() {
                _ if today > entry.expires => {
                    format!("{name} was known until {}: it expired", entry.expires)
                }
                false => {
                    for finding in found {
                        finding.known = Some(entry.reason.clone());
                    }
                    continue;
                }
                true if rule.is_none() => format!(
                    "{name} is no finding that there can be{}; expected a rule and a symptom, as a report prints them",
                    meant(&entry.finding, report)
                ),
                true if selected.is_none() && !is_left_out && is_whole => format!(
                    "{name} is listed as known but no longer occurs{}; take it off the list",
                    meant(&entry.finding, report)
                ),
                true => {
                    left_alone.push(match rule.is_some_and(is_selected) {
                        true if is_left_out => format!(
                            "{name} did not occur, and a law that may meet it has not met everything"
                        ),
                        true if !is_whole => format!(
                            "{name} did not occur in this shard; whether it still does, the others tell"
                        ),
                        true => format!(
                            "{name} did not occur; whether it still does, a run of all laws tells"
                        ),
                        false => format!("{name} is left alone: the selected laws cannot meet it"),
                    });
                    continue;
                }
            };
            report.known_problems.push(problem);
        }
        report.judge();
        left_alone
    }
}

/// What an entry that was not met was perhaps to name: a finding of this report, or one of a rule that is spelt so.
fn meant(finding: &str, report: &Report) -> String {
    let met = report.findings.iter().map(|finding| finding.id.clone());
    let met = nearest(finding, met);
    let (rule, symptom) = finding.split_once('/').unwrap_or((finding, ""));
    let rules = match Rule::find(rule) {
        Some(_) => Vec::new(),
        None => nearest(rule, Rule::all().map(|rule| rule.id.to_owned())),
    };
    let of_rules = rules.iter().map(|rule| format!("{rule}/{symptom}"));
    let of_rules = of_rules.filter(|proposed| !symptom.is_empty() && !met.contains(proposed));
    let names: Vec<String> = met.iter().cloned().chain(of_rules).take(3).collect();
    proposed(&names)
}

/// Whether a subject may break a rule whatever law asks it.
fn of_any_law(rule: &'static Rule) -> bool {
    [rules::ANSWERS_ALL, rules::REFUSAL_CLEAN].contains(&rule)
}

impl KnownFinding {
    fn is_about(&self, subject: &str) -> bool {
        let pattern = self.subject.as_ref().map(|subject| Pattern::new(subject));
        pattern.is_none_or(|pattern| pattern.is_ok_and(|pattern| pattern.matches(subject)))
    }
}

/// As TOML has it: with days of its own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    known: Vec<WrittenFinding>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenFinding {
    subject: Option<String>,
    finding: String,
    reason: String,
    expires: toml::value::Datetime,
}

#[cfg(test)]
mod tests {
    use partproof_suite::Subject;

    use super::*;

    const LIST: &str = "[[known]]\nsubject = \"oss2 *\"\nfinding = \"a/b\"\nreason = \"c\"\nexpires = 2027-05-31\n";

    #[test]
    fn toml_and_json_say_the_same() {
        let json = r#"{"known":[{"subject":"oss2 *","finding":"a/b","reason":"c","expires":"2027-05-31"}]}"#;
        assert_eq!(Known::read_toml(LIST).unwrap(), Known::read(json).unwrap());
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, said) in [
            ("[[known]]\nfinding = \"a\"\n", "reason"),
            (&LIST.replace("2027-05-31", "12:00:00"), "expected a day"),
            (&LIST.replace("oss2 *", "oss2 ["), "subject"),
            (&LIST.replace("reason", "why"), "why"),
        ] {
            let problem = Known::read_toml(text).unwrap_err();
            assert!(problem.contains(said), "{problem}");
        }
    }

    /// What is said of an entry for a run that met nothing, or this.
    fn said_of(finding: &str, met: &[&str]) -> String {
        let mut report = partproof_suite::check(&Subject::new("nobody"), |_| false);
        report.findings = met.iter().map(|id| a_finding(id)).collect();
        let list = LIST.replace("a/b", finding).replace("oss2 *", "*");
        let known = Known::read_toml(&list).unwrap();
        let today = jiff::civil::date(2027, 1, 1);
        assert_eq!(known.apply(&mut report, today, None), Vec::<String>::new());
        report.known_problems.concat()
    }

    #[test]
    fn what_another_shard_may_meet_is_not_told_to_be_gone() {
        let list = LIST.replace("a/b", "plan-count/too-many-parts");
        let known = Known::read_toml(&list.replace("oss2 *", "*")).unwrap();
        let today = jiff::civil::date(2027, 1, 1);
        let mut report = partproof_suite::check(&Subject::new("nobody"), |_| false);
        report.shard = Some("1/2".into());
        let left_alone = known.apply(&mut report, today, None);
        assert!(left_alone[0].contains("in this shard"), "{left_alone:?}");
        assert_eq!(report.known_problems, Vec::<String>::new());
        report.shard = None;
        assert_eq!(known.apply(&mut report, today, None), Vec::<String>::new());
        assert!(report.known_problems[0].contains("no longer occurs"));
    }

    fn a_finding(id: &str) -> partproof_suite::Finding {
        let empty = [
            "law",
            "sentence",
            "rule",
            "rule_sentence",
            "source",
            "severity",
            "symptom",
            "expected",
            "actual",
            "consequence",
            "replay",
        ];
        let mut finding: serde_json::Map<_, _> = empty
            .map(|name| (name.to_owned(), "".into()))
            .into_iter()
            .collect();
        finding.insert("id".to_owned(), id.into());
        finding.insert("also".to_owned(), serde_json::json!([]));
        finding.insert("case".to_owned(), serde_json::json!({}));
        finding.insert("cases".to_owned(), 1.into());
        serde_json::from_value(finding.into()).unwrap()
    }

    #[test]
    fn what_was_perhaps_meant_is_proposed() {
        for (finding, met, said) in [
            (
                "plan-cuont/too-many-parts",
                &[][..],
                "did you mean plan-count/too-many-parts?",
            ),
            (
                "plan-count/too-many-part",
                &["plan-count/too-many-parts", "upload/else"],
                "no longer occurs: did you mean plan-count/too-many-parts?; take it off",
            ),
            (
                "plan-count/too-many-parts",
                &[],
                "no longer occurs; take it off",
            ),
            ("whatever", &[], "can be; expected a rule and a symptom"),
        ] {
            let problem = said_of(finding, met);
            assert!(problem.contains(said), "{problem}");
        }
    }

    #[test]
    fn findings_of_several_causes_are_known_together_and_what_was_left_out_is_not_gone() {
        let id = "plan-count/too-many-parts";
        let list = LIST.replace("a/b", id).replace("oss2 *", "*");
        let known = Known::read_toml(&list).unwrap();
        let today = jiff::civil::date(2027, 1, 1);

        let mut report = partproof_suite::check(&Subject::new("nobody"), |_| false);
        report.findings = vec![a_finding(id), a_finding(id)];
        known.apply(&mut report, today, None);
        assert!(
            report
                .findings
                .iter()
                .all(|finding| finding.known.is_some())
        );

        let mut report =
            partproof_suite::check(&Subject::new("nobody"), |law| law.id == "plan-count");
        report.laws[0].missed = vec!["one part".to_owned()];
        let said = known.apply(&mut report, today, None);
        assert!(said[0].contains("has not met everything"), "{said:?}");
        assert!(report.known_problems.is_empty());
    }

    #[test]
    fn an_entry_is_about_its_subject() {
        let known = Known::read_toml(LIST).unwrap();
        assert!(known.known[0].is_about("oss2 2.19.1 (Python)"));
        assert!(!known.known[0].is_about("alibabacloud-oss-v2 1.4.1 (Python)"));
    }
}
