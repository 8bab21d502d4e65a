//! Captures: what `partproof diagnose` is given.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use arbitrary::{Result, Unstructured};
use partproof_model::rules;

use crate::own::OwnReader;
use partproof_diagnose::capture;
use partproof_suite::case::outside::{Kind, OutsideCase};
use partproof_suite::class::Class as C;
use partproof_suite::law::{Held, Law, On};

/// A Complete and its answer in every form that is read, by name: `tests/pastes/forms.rs` renders them.
static FORMS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let forms: BTreeMap<String, String> =
        serde_json::from_str(include_str!("../../captures/forms.json")).expect("a map of texts");
    forms.into_values().map(String::into_bytes).collect()
});

/// Captures as files of this repository have them: raw messages, `curl -v`, HAR.
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
        // With these begin the forms in which programs tell of messages.
        "\n=> Send header, 1 bytes (0x1)\n0000: ",
        "\n<= Recv data, 1 bytes (0x1)\n0000: ",
        "\nsend: b'",
        "\nreply: '",
        "\n--> POST http://h/o?uploadId=1 http/1.1\n",
        "\n<-- 200 http://h/o (1ms)\n",
        "http-outgoing-0 >> \"",
        "[Req:0x1]Method:POST\tHost:h\tPath:/o\tQuery:uploads\tHeader info:\t",
        "[Resp:0x1]StatusCode:400\tHeader info:\t",
        "HTTP REQUEST (req 0x1)\n",
        "---request begin---\n",
        "Follow: tcp,ascii\n",
        "00000000  ",
        "IP a.1 > b.2: Flags [P.], seq 1:2, length 99: HTTP\n",
        "\t0x0000:  ",
        "Request Headers\n",
        "curl -X POST 'http://h/o?uploads' -H '",
        "web_1  | ",
        "2026-11-26T18:51:15.123Z ",
        "&lt;",
        "<br>",
        "\u{1b}[0m",
        "ErrorCode=InvalidPart, ",
        "0005-00000411",
        "...",
        "***",
    ];

    fn document(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
        if u.ratio(1, 2)? {
            return Ok(u.choose(&CAPTURES)?.to_vec());
        }
        u.choose(&FORMS).cloned()
    }

    fn documents() -> Vec<Vec<u8>> {
        let captures = CAPTURES.map(<[u8]>::to_vec).into_iter();
        captures.chain(FORMS.iter().cloned()).collect()
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
    quick_cases: 3_100,
    on: &On::<dyn OwnReader, OutsideCase<CaptureKind>>(any_capture),
};

/// Any bytes given as a capture are diagnosed or refused.
fn any_capture(own: &dyn OwnReader, case: &OutsideCase<CaptureKind>) -> Held {
    // Both are right answers; a crash is not, and is noticed by whoever runs the law.
    drop(own.capture(&case.bytes));
    Ok(())
}
