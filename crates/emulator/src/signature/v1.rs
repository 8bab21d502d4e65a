//! Signature V1: HMAC-SHA1 over verb, a few headers, all `x-oss-` headers and the resource with its sub-resources.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use partproof_model::verdict::Rejection;
use sha1::Sha1;

use super::{
    AccessKey, check_expiry, check_key, check_signature, check_skew, date_of, malformed, parameter,
    presigned,
};
use crate::request::Request;

/// `OSS id:signature`.
pub(super) fn verify_header(
    request: &Request,
    fields: &str,
    key: &AccessKey,
    now: SystemTime,
) -> Result<(), Rejection> {
    let (id, signature) = fields
        .trim()
        .split_once(':')
        .ok_or_else(|| malformed("no `:` in Authorization, expected `OSS id:signature`"))?;
    check_key(id, key)?;
    let date = request
        .header("date")
        .or_else(|| request.header("x-oss-date"));
    let date = date.ok_or_else(|| malformed("no Date header"))?;
    check_skew(date_of(date)?, now)?;
    check(request, date, signature, key)
}

/// `OSSAccessKeyId`, `Expires` and `Signature` in the query.
pub(super) fn verify_presigned(
    request: &Request,
    key: &AccessKey,
    now: SystemTime,
) -> Result<(), Rejection> {
    check_key(parameter(request, "OSSAccessKeyId")?, key)?;
    let expires = parameter(request, "Expires")?;
    let seconds = expires.parse().map_err(|_| {
        presigned(format!(
            "`Expires` is {expires:?}, expected seconds since 1970"
        ))
    })?;
    check_expiry(UNIX_EPOCH.checked_add(Duration::from_secs(seconds)), now)?;
    check(request, expires, parameter(request, "Signature")?, key)
}

fn check(request: &Request, date: &str, given: &str, key: &AccessKey) -> Result<(), Rejection> {
    let signed = string_to_sign(request, date);
    let mut mac = Hmac::<Sha1>::new_from_slice(key.secret.as_bytes())
        .expect("HMAC takes a key of any length");
    mac.update(signed.as_bytes());
    let computed = BASE64.encode(&mac.finalize().into_bytes());
    check_signature(given, &computed, &signed)
}

fn string_to_sign(request: &Request, date: &str) -> String {
    let header = |name: &str| request.header(name).unwrap_or_default();
    let mut text = format!(
        "{}\n{}\n{}\n{date}\n",
        request.method,
        header("content-md5"),
        header("content-type")
    );
    for (name, value) in request.headers.iter() {
        if name.starts_with("x-oss-") {
            let value = String::from_utf8_lossy(value.bytes());
            text.push_str(&format!("{name}:{value}\n"));
        }
    }
    text.push('/');
    if let Some(bucket) = &request.bucket {
        text.push_str(&format!("{bucket}/"));
    }
    text.push_str(request.key.as_deref().unwrap_or_default());
    let mut resources: Vec<_> = request
        .query
        .0
        .iter()
        .filter(|parameter| is_sub_resource(&parameter.name))
        .map(|parameter| match parameter.value.as_str() {
            "" => parameter.name.clone(),
            value => format!("{}={value}", parameter.name),
        })
        .collect();
    resources.sort();
    for (index, resource) in resources.iter().enumerate() {
        text.push(if index == 0 { '?' } else { '&' });
        text.push_str(resource);
    }
    text
}

fn is_sub_resource(name: &str) -> bool {
    name.starts_with("x-oss-") || SUB_RESOURCES.contains(&name)
}

/// Parameters that are part of the resource; `encoding-type` and the paging ones are not.
const SUB_RESOURCES: &[&str] = &[
    "acl",
    "append",
    "asyncFetch",
    "bucketArchiveDirectRead",
    "bucketInfo",
    "callback",
    "callback-var",
    "cname",
    "comp",
    "continuation-token",
    "cors",
    "delete",
    "encryption",
    "endTime",
    "group",
    "httpsConfig",
    "img",
    "inventory",
    "inventoryId",
    "lifecycle",
    "link",
    "live",
    "location",
    "logging",
    "metaQuery",
    "objectInfo",
    "objectMeta",
    "partNumber",
    "policy",
    "policyStatus",
    "position",
    "publicAccessBlock",
    "qos",
    "qosInfo",
    "qosRequester",
    "referer",
    "regionList",
    "replication",
    "replicationLocation",
    "replicationProgress",
    "requestPayment",
    "requesterQosInfo",
    "resourceGroup",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "restore",
    "security-token",
    "sequential",
    "startTime",
    "stat",
    "status",
    "style",
    "styleName",
    "symlink",
    "tagging",
    "transferAcceleration",
    "udf",
    "udfApplication",
    "udfApplicationLog",
    "udfId",
    "udfImage",
    "udfImageDesc",
    "udfName",
    "uploadId",
    "uploads",
    "versionId",
    "versioning",
    "versions",
    "vip",
    "vod",
    "website",
    "worm",
    "wormExtend",
    "wormId",
];
