//! Lines that a subject in another process answers, and their broken twins.

use arbitrary::{Result, Unstructured};
use data_encoding::BASE64;
use partproof_model::rules;
use partproof_visible::visible;

use crate::own::OwnReader;
use partproof_suite::case::draw;
use partproof_suite::case::outside::{Kind, OutsideCase};
use partproof_suite::class::Class as C;
use partproof_suite::law::Consequence::NotJudged;
use partproof_suite::law::violated;
use partproof_suite::law::{Held, Law, On};
use partproof_suite::subject::Refusal;

/// What a subject in another process writes on a line.
#[derive(Debug)]
pub enum AnswerLineKind {}

impl Kind for AnswerLineKind {
    const WORDS: &'static [&'static str] = &[
        "\"id\":",
        "\"ok\":{",
        "\"err\":{",
        "\"unsupported\":true",
        "\"kind\":\"refused\"",
        "\"message\":",
        "\"code\":",
        "\"protocol\":1",
        "\"ops\":[",
        "\"features\":[",
        "\"part_size\":",
        "\"parts\":[",
        "\"ciphertext\":",
        "\"length\":",
        "\"etag\":",
        "{",
        "}",
        "[",
        "]",
        "\"",
        "null",
        "-1",
        "5.0",
        "1e99",
        "18446744073709551616",
        "AAE=",
        "\\u0000",
        "\\ud800",
    ];

    fn document(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
        let id = draw::size(u)?;
        let json = match u.int_in_range(0..=6_u8)? {
            0 => serde_json::json!({"id": id, "unsupported": true}),
            1 => serde_json::json!({"id": id, "err": {
                "kind": u.choose(&["refused", "failed"])?,
                "message": draw::text(u, 20)?,
                "code": draw::text(u, 5)?,
            }}),
            2 => serde_json::json!({"id": id, "ok": {"etag": draw::text(u, 12)?}}),
            3 => serde_json::json!({"id": id, "ok": {"length": draw::size(u)?}}),
            4 => serde_json::json!({"id": id, "ok": {"part_size": draw::size(u)?, "parts": [
                {"number": 1, "offset": 0, "length": draw::size(u)?},
            ]}}),
            5 => {
                serde_json::json!({"id": id, "ok": {"ciphertext": BASE64.encode(draw::text(u, 20)?.as_bytes())}})
            }
            _ => serde_json::json!({"id": id, "ok": {
                "protocol": 1, "name": draw::text(u, 8)?, "version": "1", "language": "C",
                "ops": ["plan", "upload"], "features": ["pipelining"],
            }}),
        };
        Ok(json.to_string().into_bytes())
    }

    fn is_document(bytes: &[u8]) -> bool {
        partproof_protocol::reread(bytes).is_ok()
    }
}

/// Any bytes that a subject in another process answers are read as what they say, or what is wrong with them is said.
pub static ANY_ANSWER_LINE: Law = Law {
    id: "any-answer-line",
    sentence: "Any bytes that a subject in another process answers are read as what they say, or what is wrong with them is said.",
    rules: &[rules::REFUSAL_CLEAN],
    classes: &[C::WholeDocument, C::BrokenDocument, C::WrongEncoding],
    quick_cases: 1_000,
    on: &On::<dyn OwnReader, OutsideCase<AnswerLineKind>>(any_answer_line),
};

/// Any bytes that a subject answers are read as what they say, or what is wrong with them is said.
fn any_answer_line(own: &dyn OwnReader, case: &OutsideCase<AnswerLineKind>) -> Held {
    let broken = |symptom, expected: String, actual: String| {
        violated(rules::REFUSAL_CLEAN, symptom, NotJudged, expected, actual)
    };
    match own.answer_line(&case.bytes) {
        Ok(written) => {
            let json = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).ok();
            let (given, again) = (json(&case.bytes), json(&written));
            match (&given, &again) {
                (Some(given), Some(again)) if says_all(given, again) => Ok(()),
                _ => {
                    let show =
                        |json: Option<serde_json::Value>| json.unwrap_or_default().to_string();
                    Err(broken(
                        "an answer is read as something else",
                        show(given),
                        show(again),
                    ))
                }
            }
        }
        // On one line, however long the answer is.
        Err(Refusal(problem))
            if !problem.is_empty() && problem.len() < 2_000 && !problem.contains('\n') =>
        {
            Ok(())
        }
        Err(Refusal(problem)) => Err(broken(
            "what is wrong with an answer is not said well",
            "one line of less than 2,000 bytes".to_owned(),
            problem,
        )),
    }
}

/// Whether everything that the one says, the other says too: no array passes for an object. What is null is not said, and what is there to be
/// shown is said as it is shown.
fn says_all(given: &serde_json::Value, read: &serde_json::Value) -> bool {
    use serde_json::Value::{Array, Null, Object, String};
    match (given, read) {
        (Null, _) => true,
        (Object(given), Object(read)) => given
            .iter()
            .all(|(name, value)| says_all(value, read.get(name).unwrap_or(&Null))),
        (Array(given), Array(read)) => {
            given.len() == read.len()
                && given
                    .iter()
                    .zip(read)
                    .all(|(given, read)| says_all(given, read))
        }
        (String(given), String(read)) => given == read || visible(given) == *read,
        (given, read) => given == read,
    }
}
