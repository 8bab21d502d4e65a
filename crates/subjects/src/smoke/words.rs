//! What came of a step, in words.

use partproof_protocol::{Answer, Uploaded};
use partproof_suite::law::Unheld;

/// Why something did not hold, in words.
pub(crate) fn why(unheld: Unheld) -> String {
    match unheld {
        Unheld::NotDeclared => "it is not declared".to_owned(),
        Unheld::Refused(refusal) => refusal.0,
        Unheld::CannotRun(reason) => reason,
        Unheld::Violated(violation) => format!("{}: {}", violation.symptom, violation.actual),
    }
}

/// An answer, in words.
pub(super) fn answered(answer: &Answer) -> String {
    match answer {
        Answer::Ok(_) => "`ok`".to_owned(),
        Answer::Err(error) => format!("an `err`: {}", error.message),
        Answer::Unsupported => "`unsupported`".to_owned(),
    }
}

/// What an upload is said to have come to.
pub(super) fn etag_of(uploaded: &Uploaded) -> String {
    let etag = uploaded.etag.as_ref();
    etag.map_or("no ETag".to_owned(), |etag| format!("ETag `{etag}`"))
}
