//! Checkpoints: what the built-in client reads to resume an upload.

use std::collections::BTreeMap;

use arbitrary::{Arbitrary, Result, Unstructured};
use partproof_model::rules;

use crate::own::OwnReader;
use partproof_suite::case::draw;
use partproof_suite::case::envelope::EnvelopeCase;
use partproof_suite::case::outside::{Kind, OutsideCase};
use partproof_suite::class::Class as C;
use partproof_suite::law::Consequence::DataLost;
use partproof_suite::law::violated;
use partproof_suite::law::{Held, Law, On};

/// What the built-in client reads to resume an upload.
#[derive(Debug)]
pub enum CheckpointKind {}

impl Kind for CheckpointKind {
    const WORDS: &'static [&'static str] = &[
        "\"version\":",
        "\"endpoint\":",
        "\"bucket\":",
        "\"object\":",
        "\"upload_id\":",
        "\"envelope\":{",
        "\"source_length\":",
        "\"source_digest\":",
        "{",
        "}",
        "\"",
        "null",
        "2",
        "-1",
        "1e99",
        "18446744073709551616",
        "\\u0000",
        "\\ud800",
    ];

    fn document(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
        let headers = EnvelopeCase::arbitrary(u)?.headers("a2V5", "c3RhcnQ=");
        let envelope: BTreeMap<_, _> = headers.into_iter().collect();
        let checkpoint = serde_json::json!({
            "version": u.choose(&[1, 1, 1, 2])?,
            "endpoint": "http://127.0.0.1:8090",
            "bucket": "examplebucket",
            "object": draw::text(u, 12)?,
            "upload_id": "0004B9B2D2F7815C432C9057C03134D4",
            "envelope": envelope,
            "source_length": draw::size(u)?,
            "source_digest": "00",
        });
        Ok(checkpoint.to_string().into_bytes())
    }

    fn is_document(bytes: &[u8]) -> bool {
        let json = serde_json::from_slice::<serde_json::Value>(bytes);
        json.is_ok_and(|json| json.get("upload_id").is_some())
    }
}

/// Any bytes given as a checkpoint are read as what they say, or refused, never a crash.
pub static ANY_CHECKPOINT: Law = Law {
    id: "any-checkpoint",
    sentence: "Any bytes given as a checkpoint are read as what they say, or refused, never a crash.",
    rules: &[rules::RESUME_COHERENT, rules::REFUSAL_CLEAN],
    classes: &[C::WholeDocument, C::BrokenDocument, C::WrongEncoding],
    quick_cases: 500,
    on: &On::<dyn OwnReader, OutsideCase<CheckpointKind>>(any_checkpoint),
};

/// Any bytes given as a checkpoint are read as what they say, or refused.
fn any_checkpoint(own: &dyn OwnReader, case: &OutsideCase<CheckpointKind>) -> Held {
    let Ok(written) = own.checkpoint(&case.bytes) else {
        return Ok(());
    };
    let json = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).ok();
    let (given, again) = (json(&case.bytes), json(&written));
    if given.is_some() && given == again {
        return Ok(());
    }
    let show = |json: Option<serde_json::Value>| json.unwrap_or_default().to_string();
    Err(violated(
        rules::RESUME_COHERENT,
        "a checkpoint is read as something else",
        DataLost,
        show(given),
        show(again),
    ))
}
