//! Captures: what `partproof diagnose` is given.

use arbitrary::{Result, Unstructured};
use partproof_model::rules;

use crate::own::OwnReader;
use partproof_diagnose::capture;
use partproof_suite::case::outside::{Kind, OutsideCase};
use partproof_suite::class::Class as C;
use partproof_suite::law::{Held, Law, On};

/// Captures in each form that is read: raw messages, `curl -v`, HAR.
const CAPTURES: [&[u8]; 4] = [
    include_bytes!("../../captures/01-initiate.http"),
    include_bytes!("../../captures/02-complete.http"),
    include_bytes!("../../captures/curl.txt"),
    include_bytes!("../../captures/browser.har"),
];

/// Captured HTTP messages.
#[derive(Debug)]
pub enum CaptureKind {}

impl Kind for CaptureKind {
    const WORDS: &'static [&'static str] = &[
        "HTTP/1.1 200 OK\r\n\r\n",
        "\r\n",
        "\r\n\r\n",
        "Content-Length: 99999999999999999999",
        "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
        "x-oss-meta-client-side-encryption-part-size: 0",
        "?uploadId=",
        "&partNumber=",
        "> ",
        "< ",
        "{",
        "\"",
        "0",
        "-",
    ];

    fn document(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
        Ok(u.choose(&CAPTURES)?.to_vec())
    }

    fn documents() -> Vec<Vec<u8>> {
        CAPTURES.map(<[u8]>::to_vec).to_vec()
    }

    fn is_document(bytes: &[u8]) -> bool {
        capture::read("capture", bytes).is_ok()
    }
}

/// Any bytes given as a capture are diagnosed or refused, never a crash.
pub static ANY_CAPTURE: Law = Law {
    id: "any-capture",
    sentence: "Any bytes given as a capture are diagnosed or refused, never a crash.",
    rules: &[rules::REFUSAL_CLEAN],
    classes: &[C::WholeDocument, C::BrokenDocument, C::WrongEncoding],
    quick_cases: 500,
    on: &On::<dyn OwnReader, OutsideCase<CaptureKind>>(any_capture),
};

/// Any bytes given as a capture are diagnosed or refused.
fn any_capture(own: &dyn OwnReader, case: &OutsideCase<CaptureKind>) -> Held {
    // Both are right answers; a crash is not, and is noticed by whoever runs the law.
    drop(own.capture(&case.bytes));
    Ok(())
}
