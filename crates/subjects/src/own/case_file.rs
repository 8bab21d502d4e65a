//! Cases, reports and tokens: what `partproof replay` is given.

use arbitrary::{Arbitrary, Result, Unstructured};
use partproof_model::rules;

use crate::find;
use crate::own::OwnReader;
use partproof_suite::case::outside::{Kind, OutsideCase};
use partproof_suite::case::plan::PlanCase;
use partproof_suite::class::Class as C;
use partproof_suite::law::{Held, Law, On};
use partproof_suite::replay::Token;

/// What `partproof replay` reads.
#[derive(Debug)]
pub enum CaseFileKind {}

impl Kind for CaseFileKind {
    const WORDS: &'static [&'static str] = &[
        "plan-count:",
        "gcm-part-tags:",
        "{\"law\":",
        "\"case\":",
        "\"findings\":[",
        "{",
        "}",
        "[",
        "\"",
        "null",
        "-1",
        "1e99",
        "\\u0000",
    ];

    fn document(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
        let case = serde_json::to_value(PlanCase::arbitrary(u)?).unwrap_or_default();
        let text = match u.arbitrary()? {
            true => format!("plan-count:{case}"),
            false => format!("{{\"law\":\"plan-count\",\"case\":{case}}}"),
        };
        Ok(text.into_bytes())
    }

    fn is_document(bytes: &[u8]) -> bool {
        std::str::from_utf8(bytes).is_ok_and(|text| Token::read(text, find).is_ok())
    }
}

/// Any bytes given as a case file are read or refused, never a crash.
pub static ANY_CASE_FILE: Law = Law {
    id: "any-case-file",
    sentence: "Any bytes given as a case file are read or refused, never a crash.",
    rules: &[rules::REFUSAL_CLEAN],
    classes: &[C::WholeDocument, C::BrokenDocument, C::WrongEncoding],
    quick_cases: 500,
    on: &On::<dyn OwnReader, OutsideCase<CaseFileKind>>(any_case_file),
};

/// Any bytes given as a case file are read or refused.
fn any_case_file(own: &dyn OwnReader, case: &OutsideCase<CaseFileKind>) -> Held {
    drop(own.case_file(&case.bytes));
    Ok(())
}
