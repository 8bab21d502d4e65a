//! What two published SDKs signed is what this signer signs.

use std::fs;
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;

use super::*;

/// The heads of a client's captured requests; none, said aloud, if they are not there.
fn captured(client: &str) -> Vec<String> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("PARTPROOF_SHARED").map_or(beside, PathBuf::from);
    let Ok(files) = fs::read_dir(shared.join("captures").join(client)) else {
        let required =
            std::env::var_os("PARTPROOF_REQUIRE_SHARED").is_some_and(|value| value == "1");
        assert!(!required, "../shared is absent and required");
        eprintln!("NOT RUN: ../shared is absent: captures/{client}");
        return Vec::new();
    };
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.to_str().unwrap().ends_with("request.http"));
    files.sort();
    let head = |file: &PathBuf| {
        let text = String::from_utf8_lossy(&fs::read(file).unwrap()).into_owned();
        text.split("\r\n\r\n").next().unwrap().to_owned()
    };
    files.iter().map(head).collect()
}

/// Signs the request again, at the time it was signed, and compares.
fn check(version: SignatureVersion, head: &str) {
    let mut lines = head.lines();
    let mut first = lines.next().unwrap().split(' ');
    let (method, target) = (first.next().unwrap(), first.next().unwrap());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let (bucket, object) = path[1..].split_once('/').unwrap();
    let decode = |text: &str| percent_decode_str(text).decode_utf8().unwrap().into_owned();
    let query: Vec<_> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect();
    let headers: Vec<_> = lines
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let value = |wanted: &str| {
        let found = headers.iter().find(|(name, _)| name == wanted);
        found.unwrap().1.as_str()
    };
    let now = Timestamp::from_second(
        jiff::fmt::rfc2822::parse(value("date"))
            .unwrap()
            .timestamp()
            .as_second(),
    )
    .unwrap();
    let ours = [
        "date",
        "authorization",
        "x-oss-date",
        "x-oss-content-sha256",
    ];
    let given: Vec<_> = headers
        .iter()
        .filter(|(name, _)| !ours.contains(&name.as_str()))
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let query: Vec<_> = query
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let signer = Signer {
        version,
        region: "cn-hangzhou".to_owned(),
        credentials: Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE"),
    };
    let request = Unsigned {
        method,
        bucket,
        object: &decode(object),
        query: &query,
        headers: &given,
    };
    for (name, signed) in signer.sign(&request, now) {
        assert_eq!(signed, value(name), "{name} of {method} {target}");
    }
}

#[test]
fn published_clients_sign_the_same() {
    for (client, version) in [
        ("oss2-2.19.1", SignatureVersion::V1),
        ("alibabacloud-oss-v2-1.4.1", SignatureVersion::V4),
    ] {
        for head in captured(client) {
            check(version, &head);
        }
    }
}

/// The capture whose request is shortest, so that something is known even without the rest.
#[test]
fn known_answers() {
    let head = "GET /examplebucket/multipart.data HTTP/1.1\r\n";
    check(
        SignatureVersion::V1,
        &format!(
            "{head}Date: Sun, 22 Nov 2026 07:56:07 GMT\r\n\
             Authorization: OSS AKIDEXAMPLE:+JA9Q4EGfp7eN7cgWxaN/fvoEFM="
        ),
    );
    check(
        SignatureVersion::V4,
        &format!(
            "{head}x-oss-date: 20261122T075608Z\r\nDate: Sun, 22 Nov 2026 07:56:08 GMT\r\n\
             x-oss-content-sha256: UNSIGNED-PAYLOAD\r\nAuthorization: OSS4-HMAC-SHA256 \
             Credential=AKIDEXAMPLE/20261122/cn-hangzhou/oss/aliyun_v4_request,\
             Signature=68e4bfaa7903f412ea98770d30a8ad77e9264c9927d621e2a03899e81a995fd1"
        ),
    );
}

#[test]
fn keys_and_queries_are_encoded_once() {
    assert_eq!(
        encode_path("a/b c+%25~é\u{b}\u{fffe}?#&='"),
        "a/b%20c%2B%2525~%C3%A9%0B%EF%BF%BE%3F%23%26%3D%27"
    );
    assert_eq!(
        encode_query(&[("uploads", ""), ("uploadId", "A/+="), ("partNumber", "10")]),
        "partNumber=10&uploadId=A%2F%2B%3D&uploads"
    );
}
