//! Signature V4: HMAC-SHA256 by a key derived for one day, region and product, over a canonical form of the whole head.

use std::time::{Duration, SystemTime};

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use partproof_model::verdict::Rejection;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};

use super::{
    AccessKey, check_expiry, check_key, check_signature, check_skew, date_of, malformed, parameter,
    presigned,
};
use crate::request::Request;
use crate::time::basic;

const ALGORITHM: &str = "OSS4-HMAC-SHA256";

/// What RFC 3986 leaves unreserved, and the slashes of a path.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'/');

/// The fields of a signature, from the header or from the query.
struct Signature<'a> {
    /// `id/date/region/oss/aliyun_v4_request`.
    credential: &'a str,
    /// Names of headers that are signed beside those that always are.
    additional: &'a str,
    given: &'a str,
    /// The time as the request has it, `20060102T150405Z` or an HTTP date: that text is signed.
    time: &'a str,
    /// `20060102`.
    day: String,
}

/// `Credential=...,AdditionalHeaders=...,Signature=...`.
pub(super) fn verify_header(
    request: &Request,
    fields: &str,
    key: &AccessKey,
    region: &str,
    now: SystemTime,
) -> Result<(), Rejection> {
    let field = |name: &str| {
        let mut fields = fields
            .split(',')
            .filter_map(|field| field.trim().split_once('='));
        fields
            .find(|(field, _)| *field == name)
            .map(|(_, value)| value)
    };
    let required = |name: &str| {
        field(name).ok_or_else(|| malformed(format!("no `{name}` in the Authorization header")))
    };
    let date = request
        .header("x-oss-date")
        .or_else(|| request.header("date"));
    let time = date.ok_or_else(|| malformed("no x-oss-date header"))?;
    let signed_at = date_of(time)?;
    let signature = Signature {
        credential: required("Credential")?,
        additional: field("AdditionalHeaders").unwrap_or_default(),
        given: required("Signature")?,
        time,
        day: day(signed_at),
    };
    let payload = request
        .header("x-oss-content-sha256")
        .unwrap_or("UNSIGNED-PAYLOAD");
    check_scope(&signature, key, region)?;
    check_skew(signed_at, now)?;
    check(request, &signature, payload, key)
}

/// The same fields as parameters.
pub(super) fn verify_presigned(
    request: &Request,
    key: &AccessKey,
    region: &str,
    now: SystemTime,
) -> Result<(), Rejection> {
    let version = parameter(request, "x-oss-signature-version")?;
    if version != ALGORITHM {
        return Err(presigned(format!(
            "`x-oss-signature-version` is `{version}`, expected `{ALGORITHM}`"
        )));
    }
    let time = parameter(request, "x-oss-date")?;
    let signed_at = date_of(time)?;
    let expires = parameter(request, "x-oss-expires")?;
    let lifetime = expires
        .parse()
        .map_err(|_| presigned(format!("`x-oss-expires` is {expires:?}, expected seconds")))?;
    let signature = Signature {
        credential: parameter(request, "x-oss-credential")?,
        additional: request
            .query
            .value("x-oss-additional-headers")
            .unwrap_or_default(),
        given: parameter(request, "x-oss-signature")?,
        time,
        day: day(signed_at),
    };
    check_scope(&signature, key, region)?;
    if signed_at > now {
        check_skew(signed_at, now)?;
    }
    check_expiry(signed_at.checked_add(Duration::from_secs(lifetime)), now)?;
    check(request, &signature, "UNSIGNED-PAYLOAD", key)
}

fn day(time: SystemTime) -> String {
    basic(time).chars().take(8).collect()
}

fn check_scope(signature: &Signature<'_>, key: &AccessKey, region: &str) -> Result<(), Rejection> {
    let (id, scope) = signature
        .credential
        .split_once('/')
        .ok_or_else(|| malformed("no `/` in the credential"))?;
    check_key(id, key)?;
    let expected = format!("{}/{region}/oss/aliyun_v4_request", signature.day);
    match scope == expected {
        true => Ok(()),
        false => Err(malformed(format!("scope `{scope}`, expected `{expected}`"))),
    }
}

fn check(
    request: &Request,
    signature: &Signature<'_>,
    payload: &str,
    key: &AccessKey,
) -> Result<(), Rejection> {
    let canonical = canonical_request(request, signature.additional, payload);
    let (_, scope) = signature.credential.split_once('/').unwrap_or_default();
    let signed = format!(
        "{ALGORITHM}\n{}\n{scope}\n{}",
        signature.time,
        HEXLOWER.encode(&Sha256::digest(&canonical))
    );
    let secret = format!("aliyun_v4{}", key.secret).into_bytes();
    let signing_key = scope
        .split('/')
        .fold(secret, |key, step| mac(&key, step.as_bytes()));
    let computed = HEXLOWER.encode(&mac(&signing_key, signed.as_bytes()));
    check_signature(signature.given, &computed, &canonical)
}

fn mac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

fn canonical_request(request: &Request, additional: &str, payload: &str) -> String {
    let mut additional: Vec<_> = additional
        .split(';')
        .map(|name| name.trim().to_ascii_lowercase())
        .filter(|name| !name.is_empty())
        .collect();
    additional.sort();
    let mut resource = String::from("/");
    if let Some(bucket) = &request.bucket {
        resource.push_str(bucket);
        resource.push('/');
    }
    resource.push_str(request.key.as_deref().unwrap_or_default());
    let mut parameters: Vec<_> = request
        .query
        .0
        .iter()
        .filter(|parameter| parameter.name != "x-oss-signature")
        .map(|parameter| (parameter.raw_name.as_str(), parameter.raw_value.as_str()))
        .collect();
    parameters.sort();
    let query: Vec<_> = parameters
        .into_iter()
        .map(|(name, value)| match value {
            "" => name.to_owned(),
            value => format!("{name}={value}"),
        })
        .collect();
    let is_signed = |name: &str| {
        name.starts_with("x-oss-")
            || ["content-type", "content-md5"].contains(&name)
            || additional.iter().any(|more| more == name)
    };
    let headers: String = request
        .headers
        .iter()
        .filter(|(name, _)| is_signed(name))
        .map(|(name, value)| format!("{name}:{}\n", String::from_utf8_lossy(value.bytes())))
        .collect();
    format!(
        "{}\n{}\n{}\n{headers}\n{}\n{payload}",
        request.method,
        utf8_percent_encode(&resource, PATH),
        query.join("&"),
        additional.join(";")
    )
}
