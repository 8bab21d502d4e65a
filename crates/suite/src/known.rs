//! Known findings: what a project has decided to live with for a while. Each has a reason and an expiry; one that expired
//! counts again, and one that no longer occurs fails the run, so that the list never outlives its truth.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::report::Report;

/// A list of known findings, as a JSON file holds it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// The findings.
    pub known: Vec<KnownFinding>,
}

/// One known finding.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KnownFinding {
    /// The finding's id, as reports print it.
    pub finding: String,
    /// Why it may stay.
    pub reason: String,
    /// The last day on which it may, `YYYY-MM-DD`.
    #[schemars(with = "String")]
    pub expires: Date,
}

impl Known {
    /// Reads a list.
    ///
    /// # Errors
    /// What is wrong with the JSON, and where.
    pub fn read(json: &str) -> Result<Self, String> {
        serde_json::from_str(json).map_err(|error| {
            format!("not a list of known findings, expected {{\"known\": [{{\"finding\", \"reason\", \"expires\"}}]}}: {error}")
        })
    }

    /// Marks a report's findings that are known, and settles its verdict anew. With `whole`, every law was run, so an
    /// entry without a finding no longer occurs.
    pub fn apply(&self, report: &mut Report, today: Date, whole: bool) {
        for entry in &self.known {
            let found = report
                .findings
                .iter_mut()
                .find(|finding| finding.id == entry.finding);
            match found {
                Some(finding) if today <= entry.expires => {
                    finding.known = Some(entry.reason.clone())
                }
                Some(_) => report.known_problems.push(format!(
                    "{} was known until {}: it expired",
                    entry.finding, entry.expires
                )),
                None if whole => report.known_problems.push(format!(
                    "{} is listed as known but no longer occurs: take it off the list",
                    entry.finding
                )),
                None => {}
            }
        }
        report.judge();
    }
}
