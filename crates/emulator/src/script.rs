//! A script of faults, as data: what goes wrong with which request. Requests are counted, so the same requests meet the same faults.

use hyper::header::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};

use crate::operation::Operation;

/// Faults in the order in which they are tried; the first that applies to a request happens to it.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// The faults.
    pub faults: Vec<PlannedFault>,
    /// How many requests each has matched.
    #[serde(skip)]
    matched: Vec<u64>,
}

/// A fault and the requests it happens to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedFault {
    /// Only this operation; any, if it is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<Operation>,
    /// Only this part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_number: Option<u64>,
    /// From the n-th request that matches on.
    #[serde(default = "one")]
    pub nth: u64,
    /// How many of them.
    #[serde(default = "one")]
    pub times: u64,
    /// What goes wrong.
    pub fault: Fault,
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Fault {
    /// The request is read and answered with this, and not carried out.
    Answer {
        /// HTTP status.
        status: u16,
        /// `Code` of the error body; without it there is no body.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
    },
    /// The request is carried out that much later.
    Delay {
        /// How much later.
        milliseconds: u64,
    },
    /// The connection is cut before the body is read.
    CutBeforeBody,
    /// The connection is cut within the body, at half of it or after 1 MiB.
    CutInBody,
    /// The connection is cut after the body, and the request is not carried out.
    CutAfterBody,
    /// The request is carried out, and answered with this all the same.
    AnswerAfter {
        /// HTTP status.
        status: u16,
        /// `Code` of the error body; without it there is no body.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
    },
    /// The request is carried out, and the connection cut before the answer.
    LoseAnswer,
    /// The connection is cut after so many bytes of the answer's body.
    CutAnswer {
        /// Bytes of the body that are still sent.
        after: u64,
    },
    /// ListParts does not know the last parts yet.
    StaleList {
        /// How many it does not know.
        missing: usize,
    },
    /// The request is carried out, and the answer has this header with another value, or without one not at all.
    Header {
        /// The header.
        name: String,
        /// What it says.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<String>,
    },
    /// GetObject answers with the whole object, whatever range is asked for.
    IgnoreRange,
    /// There are blanks in an XML answer before the document begins.
    Blanks,
    /// ListParts gives pages of at most so many parts.
    TruncateList {
        /// Parts a page.
        parts: u64,
    },
}

impl PlannedFault {
    /// Whether it can happen at all.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self) -> Result<(), String> {
        let Self {
            operation: _,
            part_number: _,
            nth,
            times,
            fault,
        } = self;
        for (name, value) in [("nth", nth), ("times", times)] {
            if *value == 0 {
                return Err(format!("`{name}` is 0, expected at least 1"));
            }
        }
        match fault {
            Fault::Answer { status, .. } | Fault::AnswerAfter { status, .. }
                if !(200..=599).contains(status) =>
            {
                Err(format!("status {status}, expected 200 to 599"))
            }
            Fault::Header { name, value } if !is_header(name, value.as_deref()) => {
                Err(format!("{name:?} with {value:?} is no header"))
            }
            Fault::TruncateList { parts: 0 } => {
                Err("pages of 0 parts, expected at least 1".to_owned())
            }
            _ => Ok(()),
        }
    }
}

fn is_header(name: &str, value: Option<&str>) -> bool {
    HeaderName::from_bytes(name.as_bytes()).is_ok()
        && HeaderValue::from_str(value.unwrap_or_default()).is_ok()
}

const fn one() -> u64 {
    1
}

impl Script {
    /// Reads a script.
    ///
    /// # Errors
    /// Text that is none, with line and column, or a fault that could never happen.
    pub fn read(text: &str) -> Result<Self, String> {
        let script: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        for (number, planned) in (1..).zip(&script.faults) {
            planned
                .check()
                .map_err(|problem| format!("fault {number}: {problem}"))?;
        }
        Ok(script)
    }

    /// A script of these faults.
    pub fn new(faults: Vec<PlannedFault>) -> Self {
        Self {
            faults,
            matched: Vec::new(),
        }
    }

    /// What happens to the next request of this kind.
    pub(crate) fn next(
        &mut self,
        operation: Option<Operation>,
        part: Option<u64>,
    ) -> Option<Fault> {
        self.matched.resize(self.faults.len(), 0);
        let mut happens = None;
        for (planned, count) in self.faults.iter().zip(self.matched.iter_mut()) {
            let PlannedFault {
                operation: only,
                part_number,
                nth,
                times,
                fault,
            } = planned;
            if only.is_some() && *only != operation || part_number.is_some() && *part_number != part
            {
                continue;
            }
            *count = count.saturating_add(1);
            if (*nth..nth.saturating_add(*times)).contains(count) && happens.is_none() {
                happens = Some(fault.clone());
            }
        }
        happens
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nth_request_that_matches_meets_the_fault() {
        let mut script = Script::read(
            r#"{"faults": [
                {"operation": "UploadPart", "part_number": 2, "nth": 2, "fault": {"answer": {"status": 503, "code": "InternalError"}}},
                {"operation": "CompleteMultipartUpload", "times": 2, "fault": "lose-answer"}
            ]}"#,
        )
        .unwrap();
        let mut part = |number| script.next(Some(Operation::UploadPart), Some(number));
        assert_eq!((part(2), part(1)), (None, None));
        assert!(matches!(part(2), Some(Fault::Answer { status: 503, .. })));
        assert_eq!(part(2), None);
        let mut complete = || script.next(Some(Operation::CompleteMultipartUpload), None);
        assert_eq!(complete(), Some(Fault::LoseAnswer));
        assert_eq!(complete(), Some(Fault::LoseAnswer));
        assert_eq!(complete(), None);
    }

    #[test]
    fn what_could_never_happen_is_refused_with_its_place() {
        for (fault, problem) in [
            (r#"{"fault": "lose"}"#, "unknown variant `lose`"),
            (r#"{}"#, "missing field `fault`"),
            (
                r#"{"fault": "lose-answer", "often": 1}"#,
                "unknown field `often`",
            ),
            (
                r#"{"fault": "lose-answer", "nth": 0}"#,
                "fault 1: `nth` is 0",
            ),
            (
                r#"{"fault": "lose-answer", "times": 0}"#,
                "fault 1: `times` is 0",
            ),
            (
                r#"{"fault": {"answer": {"status": 99}}}"#,
                "fault 1: status 99",
            ),
            (
                r#"{"fault": {"truncate-list": {"parts": 0}}}"#,
                "fault 1: pages of 0 parts",
            ),
            (
                r#"{"operation": "Upload", "fault": "lose-answer"}"#,
                "unknown variant `Upload`",
            ),
        ] {
            let refused = Script::read(&format!(r#"{{"faults": [{fault}]}}"#)).unwrap_err();
            assert!(refused.contains(problem), "{fault}: {refused}");
        }
    }
}
