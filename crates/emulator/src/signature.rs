//! Signatures V1 and V4, in the Authorization header and in the query of a presigned URL (service-rules.md 4.7).

mod v1;
mod v4;

use std::time::{Duration, SystemTime};

use partproof_model::rules;
use partproof_model::verdict::Rejection;
use subtle::ConstantTimeEq;

use crate::request::Request;
use crate::time;

/// A key pair for signing.
#[derive(Clone)]
pub struct AccessKey {
    /// Sent with every request.
    pub id: String,
    /// Never sent.
    pub secret: String,
}

/// How far a request's time may be from the service's (service-rules.md 4.1).
const MAX_SKEW: Duration = Duration::from_secs(15 * 60);

/// Verifies the signature of a request that arrived at `now`.
///
/// # Errors
/// The rule of access that it breaks.
pub(crate) fn verify(
    request: &Request,
    key: &AccessKey,
    region: &str,
    now: SystemTime,
) -> Result<(), Rejection> {
    if let Some(authorization) = request.header("authorization") {
        if let Some(fields) = authorization.strip_prefix("OSS4-HMAC-SHA256 ") {
            return v4::verify_header(request, fields, key, region, now);
        }
        return match authorization.strip_prefix("OSS ") {
            Some(fields) => v1::verify_header(request, fields, key, now),
            None => Err(malformed(
                "an Authorization header of another kind, expected `OSS` or `OSS4-HMAC-SHA256`",
            )),
        };
    }
    if request.query.has("x-oss-signature-version") {
        return v4::verify_presigned(request, key, region, now);
    }
    if request.query.has("Signature") {
        return v1::verify_presigned(request, key, now);
    }
    Err(rejection(
        rules::SIGNED,
        "neither an Authorization header nor the query of a presigned URL",
    ))
}

fn rejection(rule: &'static rules::Rule, detail: impl Into<String>) -> Rejection {
    Rejection {
        rule,
        detail: detail.into(),
    }
}

fn malformed(detail: impl Into<String>) -> Rejection {
    rejection(rules::SIGNATURE_WELL_FORMED, detail)
}

/// A parameter of a presigned URL.
fn parameter<'a>(request: &'a Request, name: &str) -> Result<&'a str, Rejection> {
    let value = request.query.value(name);
    value.ok_or_else(|| presigned(format!("no `{name}` in the query")))
}

fn presigned(detail: impl Into<String>) -> Rejection {
    rejection(rules::PRESIGNED_WELL_FORMED, detail)
}

fn check_key(id: &str, key: &AccessKey) -> Result<(), Rejection> {
    // Not which one would be right.
    let detail = || format!("access key id `{id}`");
    match id == key.id {
        true => Ok(()),
        false => Err(rejection(rules::ACCESS_KEY_KNOWN, detail())),
    }
}

fn check_signature(given: &str, computed: &str, signed: &str) -> Result<(), Rejection> {
    // What is signed, which the client knows anyway, and never what it should have come to: that would sign the request for whoever asks.
    let detail = || format!("signature `{given}`, over {signed:?}");
    // In constant time: a fuzzer watches comparisons, and would learn the signature of a key that it does not hold.
    match given.as_bytes().ct_eq(computed.as_bytes()).into() {
        true => Ok(()),
        false => Err(rejection(rules::SIGNATURE_MATCHES, detail())),
    }
}

fn check_skew(signed_at: SystemTime, now: SystemTime) -> Result<(), Rejection> {
    let skew = now
        .duration_since(signed_at)
        .unwrap_or_else(|earlier| earlier.duration());
    let detail = || format!("{} s apart, expected at most 900", skew.as_secs());
    match skew <= MAX_SKEW {
        true => Ok(()),
        false => Err(rejection(rules::CLOCK_SKEW, detail())),
    }
}

fn check_expiry(expires: Option<SystemTime>, now: SystemTime) -> Result<(), Rejection> {
    match expires {
        Some(expires) if now <= expires => Ok(()),
        _ => Err(rejection(
            rules::NOT_EXPIRED,
            "the presigned URL has expired",
        )),
    }
}

fn date_of(text: &str) -> Result<SystemTime, Rejection> {
    let http = httpdate::parse_http_date(text).ok();
    http.or_else(|| time::parse_basic(text)).ok_or_else(|| {
        malformed(format!(
            "date {text:?}, expected an HTTP date or 20060102T150405Z"
        ))
    })
}

#[cfg(test)]
mod tests;
