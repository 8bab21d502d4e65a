//! Requests that two published SDKs signed: taken as they are, refused with one byte changed.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use partproof_model::rules;

use super::*;

const REGION: &str = "cn-hangzhou";

fn key() -> AccessKey {
    AccessKey {
        id: "AKIDEXAMPLE".to_owned(),
        secret: "SECRETEXAMPLE".to_owned(),
    }
}

/// A request by its head as text.
fn request(head: &str) -> Request {
    let mut lines = head.lines();
    let mut first = lines.next().unwrap().split(' ');
    let mut builder = hyper::Request::builder()
        .method(first.next().unwrap())
        .uri(first.next().unwrap());
    for line in lines.take_while(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':').unwrap();
        builder = builder.header(name, value.trim());
    }
    let (parts, ()) = builder.body(()).unwrap().into_parts();
    Request::read(&parts, &[]).unwrap()
}

fn signed_at(request: &Request) -> SystemTime {
    let date = request
        .header("x-oss-date")
        .or_else(|| request.header("date"));
    date_of(date.unwrap()).unwrap()
}

fn rule(result: Result<(), Rejection>) -> &'static str {
    result.map_or_else(|rejection| rejection.rule.id, |()| "accepted")
}

/// The heads of the captured requests, if they are there.
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
        let bytes = fs::read(file).unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        text.split("\r\n\r\n").next().unwrap().to_owned()
    };
    files.iter().map(head).collect()
}

#[test]
fn what_published_clients_signed_is_accepted_and_any_change_refused() {
    for client in ["oss2-2.19.1", "alibabacloud-oss-v2-1.4.1"] {
        for head in captured(client) {
            let asked = request(&head);
            let now = signed_at(&asked);
            let verdict = |request: &Request, now| rule(verify(request, &key(), REGION, now));
            assert_eq!(verdict(&asked, now), "accepted", "{client}: {head}");
            let later = now + Duration::from_secs(901);
            assert_eq!(verdict(&asked, later), rules::CLOCK_SKEW.id);
            let other = request(&head.replacen("multipart.data", "multipart.datb", 1));
            assert_eq!(verdict(&other, now), rules::SIGNATURE_MATCHES.id);
            let other = request(&head.replacen("AKIDEXAMPLE", "AKIDEXAMPLF", 1));
            assert_eq!(verdict(&other, now), rules::ACCESS_KEY_KNOWN.id);
            let unsigned: Vec<_> = head
                .lines()
                .filter(|line| !line.to_ascii_lowercase().starts_with("authorization"))
                .collect();
            assert_eq!(
                verdict(&request(&unsigned.join("\r\n")), now),
                rules::SIGNED.id
            );
            if head.contains("data-size") {
                let other = request(&head.replacen("data-size: 250000", "data-size: 250001", 1));
                assert_eq!(verdict(&other, now), rules::SIGNATURE_MATCHES.id);
            }
        }
    }
}

#[test]
fn a_presigned_url_is_accepted_until_it_expires() {
    // Signed with this key by the string of service-rules.md 4.7: "GET\n\n\n1795420800\n/examplebucket/a".
    let target = |signature: &str| {
        format!(
            "GET /examplebucket/a?OSSAccessKeyId=AKIDEXAMPLE&Expires=1795420800&Signature={signature} HTTP/1.1\r\nhost: 127.0.0.1\r\n"
        )
    };
    let mut mac =
        <hmac::Hmac<sha1::Sha1> as hmac::KeyInit>::new_from_slice(b"SECRETEXAMPLE").unwrap();
    hmac::Mac::update(&mut mac, b"GET\n\n\n1795420800\n/examplebucket/a");
    let signature = data_encoding::BASE64.encode(&hmac::Mac::finalize(mac).into_bytes());
    let escaped = signature
        .replace('+', "%2B")
        .replace('/', "%2F")
        .replace('=', "%3D");
    let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    let verdict = |head: &str, now| rule(verify(&request(head), &key(), REGION, now));
    assert_eq!(verdict(&target(&escaped), at(1_795_420_800)), "accepted");
    assert_eq!(
        verdict(&target(&escaped), at(1_795_420_801)),
        rules::NOT_EXPIRED.id
    );
    assert_eq!(
        verdict(&target("AAAA"), at(1_795_420_800)),
        rules::SIGNATURE_MATCHES.id
    );
}

/// A V4 signature over a canonical request that is written out, by the steps of service-rules.md 4.7.
fn v4_signature(canonical: &str, time: &str, scope: &str) -> String {
    use hmac::{Hmac, KeyInit, Mac};
    use sha2::{Digest, Sha256};
    let mac = |key: &[u8], text: &str| {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().to_vec()
    };
    let hex = |bytes: &[u8]| data_encoding::HEXLOWER.encode(bytes);
    let digest = hex(&Sha256::digest(canonical));
    let key = scope
        .split('/')
        .fold(b"aliyun_v4SECRETEXAMPLE".to_vec(), |key, step| {
            mac(&key, step)
        });
    hex(&mac(
        &key,
        &format!("OSS4-HMAC-SHA256\n{time}\n{scope}\n{digest}"),
    ))
}

#[test]
fn a_presigned_url_of_version_4_is_accepted_until_it_expires() {
    let (time, scope) = (
        "20261122T075608Z",
        "20261122/cn-hangzhou/oss/aliyun_v4_request",
    );
    let credential = format!("AKIDEXAMPLE%2F{}", scope.replace('/', "%2F"));
    let query = format!(
        "x-oss-additional-headers=host&x-oss-credential={credential}&x-oss-date={time}&x-oss-expires=60&x-oss-signature-version=OSS4-HMAC-SHA256"
    );
    let canonical =
        format!("GET\n/examplebucket/a%20b\n{query}\nhost:127.0.0.1\n\nhost\nUNSIGNED-PAYLOAD");
    let signature = v4_signature(&canonical, time, scope);
    let head =
        |query: &str| format!("GET /examplebucket/a%20b?{query} HTTP/1.1\r\nhost: 127.0.0.1\r\n");
    let whole = format!("{query}&x-oss-signature={signature}");
    let signed = time::parse_basic(time).unwrap();
    let verdict = |query: &str, region: &str, seconds| {
        rule(verify(
            &request(&head(query)),
            &key(),
            region,
            signed + Duration::from_secs(seconds),
        ))
    };
    assert_eq!(verdict(&whole, REGION, 60), "accepted");
    assert_eq!(verdict(&whole, REGION, 61), rules::NOT_EXPIRED.id);
    assert_eq!(
        verdict(&whole, "cn-beijing", 0),
        rules::SIGNATURE_WELL_FORMED.id
    );
    let other = whole.replace("expires=60", "expires=61");
    assert_eq!(verdict(&other, REGION, 0), rules::SIGNATURE_MATCHES.id);
    assert_eq!(verdict(&query, REGION, 0), rules::PRESIGNED_WELL_FORMED.id);
    let early = verify(
        &request(&head(&whole)),
        &key(),
        REGION,
        signed - Duration::from_secs(901),
    );
    assert_eq!(rule(early), rules::CLOCK_SKEW.id);
}

#[test]
fn version_4_takes_the_date_header_where_there_is_no_other_and_signs_its_text() {
    // As the first SDK for Go does.
    let date = "Sun, 22 Nov 2026 07:56:08 GMT";
    let scope = "20261122/cn-hangzhou/oss/aliyun_v4_request";
    let payload = "x-oss-content-sha256:UNSIGNED-PAYLOAD\n";
    let canonical = format!("GET\n/examplebucket/a\n\n{payload}\n\nUNSIGNED-PAYLOAD");
    let signature = v4_signature(&canonical, date, scope);
    let head = format!(
        "GET /examplebucket/a HTTP/1.1\r\ndate: {date}\r\nx-oss-content-sha256: UNSIGNED-PAYLOAD\r\nauthorization: OSS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{scope},Signature={signature}\r\n"
    );
    let now = date_of(date).unwrap();
    assert_eq!(
        rule(verify(&request(&head), &key(), REGION, now)),
        "accepted"
    );
    let later = head.replace("07:56:08", "07:56:09");
    let refused = rule(verify(&request(&later), &key(), REGION, now));
    assert_eq!(refused, rules::SIGNATURE_MATCHES.id);
}

#[test]
fn what_is_malformed_is_named() {
    let now = SystemTime::UNIX_EPOCH;
    for (authorization, detail) in [
        ("Basic abc", "another kind"),
        ("OSS AKIDEXAMPLE", "no `:`"),
        ("OSS AKIDEXAMPLE:abc", "no Date"),
        ("OSS4-HMAC-SHA256 Credential=a", "no x-oss-date"),
    ] {
        let head = format!("GET /b/k HTTP/1.1\r\nauthorization: {authorization}\r\n");
        let rejection = verify(&request(&head), &key(), REGION, now).unwrap_err();
        assert_eq!(rejection.rule.id, rules::SIGNATURE_WELL_FORMED.id);
        assert!(rejection.detail.contains(detail), "{}", rejection.detail);
    }
}
