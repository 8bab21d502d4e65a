//! Every rule this model can name, as one table: what must hold, who says so, how strongly, and what the service
//! answers where it is the service that enforces it. A message belongs to an EC by meaning only, unless it is EC 406
//! or 411 (service-rules.md section 1), so no law compares messages.

mod access;
mod service;
mod wire;

use std::fmt;

/// One rule.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// A stable name: lower-case words with hyphens.
    pub id: &'static str,
    /// What must hold, in one sentence.
    pub sentence: &'static str,
    /// How strong the evidence is; more than one kind where they support each other.
    pub evidence: &'static [Evidence],
    /// Where to read it.
    pub source: &'static str,
    /// What a breach means.
    pub severity: Severity,
    /// The service's error number, if it has one.
    pub ec: Option<&'static str>,
    /// What the service answers, if it is the service that notices.
    pub answer: Option<Answer>,
}

/// How a rule is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// A page of the service's documentation, or the named standard, says it.
    Documented,
    /// A vendor's integration test asserts it against the real service.
    Observed,
    /// Recomputed from a recorded exchange.
    Computed,
    /// No source says it; it follows from what is known.
    Inferred,
}

/// What a breach of a rule means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The evidence does not say.
    May,
    /// Another client cannot read the object, or a legal object cannot be uploaded.
    Should,
    /// The service rejects, or data is lost or leaks.
    Must,
}

/// A refusal of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// `Code` of the error body; `None` where no source states it.
    pub code: Option<&'static str>,
    /// `Message` of the error body.
    pub message: &'static str,
}

/// All rules: the service's first, in the order of their ECs, then those of the wire format and of access.
pub static RULES: &[&[Rule]] = &[service::RULES, wire::RULES, access::RULES];

impl Rule {
    /// All rules in order.
    pub fn all() -> impl Iterator<Item = &'static Rule> {
        RULES.iter().copied().flatten()
    }

    /// Finds a rule by its id or by its EC, whole (`0005-00000411`) or the last digits of one of the CSE family (`411`).
    pub fn find(name: &str) -> Option<&'static Rule> {
        Self::all().find(|rule| {
            rule.id == name
                || rule
                    .ec
                    .is_some_and(|ec| ec == name || ec.strip_prefix("0005-00000") == Some(name))
        })
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Documented => "documented",
            Self::Observed => "observed",
            Self::Computed => "computed",
            Self::Inferred => "inferred",
        })
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::May => "MAY",
            Self::Should => "SHOULD",
            Self::Must => "MUST",
        })
    }
}

pub use access::*;
pub use service::*;
pub use wire::*;

/// Declares each rule as a constant reference and all of them as one table, so that neither can miss the other.
macro_rules! table {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $severity:ident, [$($evidence:ident),+], $source:expr,
        $sentence:literal $(, ec $ec:literal)? $(, answer $status:literal $code:expr, $message:expr)?;)+) => {
        #[repr(usize)]
        #[allow(non_camel_case_types, clippy::upper_case_acronyms, reason = "only indexes the table below")]
        enum Index { $($name),+ }
        /// The table.
        pub(super) static RULES: &[$crate::rules::Rule] = &[$($crate::rules::Rule {
            id: $id,
            sentence: $sentence,
            evidence: &[$($crate::rules::Evidence::$evidence),+],
            source: $source,
            severity: $crate::rules::Severity::$severity,
            ec: table!(@option $($ec)?),
            answer: table!(@answer $($status, $code, $message)?),
        }),+];
        $(
            #[doc = $sentence]
            #[allow(clippy::as_conversions, clippy::indexing_slicing, reason = "an enum's own discriminant, evaluated at build time")]
            pub static $name: &$crate::rules::Rule = &RULES[Index::$name as usize];
        )+
    };
    (@option) => { None };
    (@option $ec:literal) => { Some($ec) };
    (@answer) => { None };
    (@answer $status:literal, $code:expr, $message:expr) => {
        Some($crate::rules::Answer { status: $status, code: $code, message: $message })
    };
}
use table;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_and_ecs_are_unique_and_every_rule_has_a_source() {
        let mut ids = BTreeSet::new();
        let mut ecs = BTreeSet::new();
        for rule in Rule::all() {
            assert!(ids.insert(rule.id), "{} stands twice", rule.id);
            assert!(
                rule.ec.is_none_or(|ec| ecs.insert(ec)),
                "{:?} stands twice",
                rule.ec
            );
            assert!(
                rule.source.starts_with("https://"),
                "{} has no source",
                rule.id
            );
            assert!(rule.sentence.ends_with('.'), "{} is no sentence", rule.id);
        }
    }

    #[test]
    fn every_ec_of_the_family_that_has_a_page_stands_in_the_table() {
        for number in (401..=421).filter(|number| ![412, 414, 415].contains(number)) {
            let rule = Rule::find(&format!("0005-00000{number}")).unwrap();
            assert!(rule.evidence.contains(&Evidence::Documented), "{}", rule.id);
            assert_eq!(rule.answer.unwrap().code, Some("InvalidEncryptionRequest"));
        }
        assert!(Rule::find("0042-00000309").is_some());
    }

    #[test]
    fn a_rule_is_found_by_id_ec_and_short_ec() {
        assert_eq!(Rule::find("0005-00000411"), Some(COUNT_EXCEEDED));
        assert_eq!(Rule::find("411"), Some(COUNT_EXCEEDED));
        assert_eq!(Rule::find("count-exceeded"), Some(COUNT_EXCEEDED));
        assert_eq!(Rule::find("0005-00000499"), None);
    }
}
