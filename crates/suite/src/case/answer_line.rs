//! Lines that a subject in another process answers, and their broken twins.

use arbitrary::{Result, Unstructured};
use data_encoding::BASE64;

use super::draw;
use super::outside::Kind;

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
