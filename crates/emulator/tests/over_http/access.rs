//! Who may ask: without a right signature nothing is done.

use std::fs;

use partproof_emulator::{Admission, Config, Recording};

use crate::exchange::{exchange, plain, put, send, start};

#[test]
fn a_request_without_a_right_signature_changes_nothing() {
    let emulator = start(Config::default());
    for (headers, code) in [
        ("", "AccessDenied"),
        ("authorization: OSS AKIDEXAMPLE\r\n", "InvalidArgument"),
        (
            "authorization: OSS OTHER:abc\r\ndate: Thu, 01 Jan 1970 00:00:00 GMT\r\n",
            "InvalidAccessKeyId",
        ),
        (
            "authorization: OSS AKIDEXAMPLE:abc\r\ndate: Thu, 01 Jan 1970 00:00:00 GMT\r\n",
            "RequestTimeTooSkewed",
        ),
    ] {
        let refused = put(&emulator, "k", headers, "abc");
        assert!(
            refused.contains(&format!("<Code>{code}<")),
            "{headers}: {refused}"
        );
    }
    let now = httpdate::fmt_http_date(std::time::SystemTime::now());
    let wrong = format!("authorization: OSS AKIDEXAMPLE:abc\r\ndate: {now}\r\n");
    let refused = put(&emulator, "k", &wrong, "abc");
    assert!(
        refused.starts_with("HTTP/1.1 403") && refused.contains("SignatureDoesNotMatch"),
        "{refused}"
    );
    assert!(refused.contains("<EC>0002-00000040<"), "{refused}");

    // Signed for this read: there is no object.
    let right = signed("GET", &now);
    let read = send(&emulator, "GET /examplebucket/k", &right, b"");
    assert!(read.contains("<Code>NoSuchKey<"), "{read}");
}

fn signature(method: &str, date: &str) -> String {
    use hmac::{Hmac, KeyInit, Mac};
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(b"SECRETEXAMPLE").unwrap();
    mac.update(format!("{method}\n\n\n{date}\n/examplebucket/k").as_bytes());
    data_encoding::BASE64.encode(&mac.finalize().into_bytes())
}

/// The headers of a request about `k` that is signed with the right key.
fn signed(method: &str, date: &str) -> String {
    let signature = signature(method, date);
    format!("authorization: OSS AKIDEXAMPLE:{signature}\r\ndate: {date}\r\n")
}

#[test]
fn a_refusal_signs_nothing_for_whom_it_refuses() {
    let emulator = start(Config::default());
    let now = httpdate::fmt_http_date(std::time::SystemTime::now());
    assert!(put(&emulator, "k", &signed("PUT", &now), "secret").starts_with("HTTP/1.1 200"));
    // Whoever is refused asks once more with whatever the refusal said.
    let day = today();
    let version_4 = format!(
        "x-oss-date: {day}T000000Z\r\nauthorization: OSS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{day}/cn-hangzhou/oss/aliyun_v4_request,Signature=abc\r\n"
    );
    for method in ["GET", "DELETE"] {
        let line = format!("{method} /examplebucket/k");
        let version_1 = format!("authorization: OSS AKIDEXAMPLE:abc\r\ndate: {now}\r\n");
        let refused = send(&emulator, &line, &version_1, b"");
        assert!(refused.contains("SignatureDoesNotMatch"), "{refused}");
        // What was signed is told: with it a client finds its mistake.
        assert!(
            refused.contains(&format!("{method}\\n\\n\\n{now}\\n")),
            "{refused}"
        );
        assert!(!refused.contains(&signature(method, &now)), "{refused}");
        let words = refused.split(|c: char| !c.is_ascii_alphanumeric() && !"+/=".contains(c));
        for word in words.filter(|word| !word.is_empty()) {
            let guess = format!("authorization: OSS AKIDEXAMPLE:{word}\r\ndate: {now}\r\n");
            let answer = send(&emulator, &line, &guess, b"");
            assert!(answer.starts_with("HTTP/1.1 403"), "{word}: {answer}");
        }
        let refused = send(&emulator, &line, &version_4, b"");
        assert!(!refused.contains("SECRET"), "{refused}");
    }
    let other = format!("authorization: OSS OTHER:abc\r\ndate: {now}\r\n");
    let refused = send(&emulator, "GET /examplebucket/k", &other, b"");
    assert!(!refused.contains("AKIDEXAMPLE"), "{refused}");
    let read = send(&emulator, "GET /examplebucket/k", &signed("GET", &now), b"");
    assert!(read.ends_with("secret"), "{read}");
}

/// Today, as a V4 scope has it.
fn today() -> String {
    let now = jiff::Timestamp::now();
    now.strftime("%Y%m%d").to_string()
}

#[test]
fn a_page_of_another_site_reaches_nothing() {
    let emulator = start(plain());
    put(&emulator, "k", "", "abc");
    let ask = |method: &str, headers: &str| {
        let request =
            format!("{method} /examplebucket/k HTTP/1.1\r\nconnection: close\r\n{headers}\r\n");
        exchange(&emulator, request.as_bytes())
    };
    let own = format!("host: {}\r\n", emulator.address());
    for (headers, status) in [
        ("host: evil.example\r\n".to_owned(), 403),
        ("host: examplebucket.evil.example:8090\r\n".to_owned(), 403),
        (format!("{own}origin: http://evil.example\r\n"), 403),
        (format!("{own}origin: null\r\n"), 403),
        (String::new(), 400),
        (format!("{own}{own}"), 400),
        (format!("{own}host: evil.example\r\n"), 400),
    ] {
        for method in ["GET", "DELETE", "POST", "OPTIONS"] {
            let refused = ask(method, &headers);
            let expected = format!("HTTP/1.1 {status}");
            assert!(refused.starts_with(&expected), "{headers}: {refused}");
            assert!(!refused.contains("access-control"), "{refused}");
        }
    }
    let page = format!("{own}origin: http://{}\r\n", emulator.address());
    assert!(ask("GET", &page).ends_with("abc"));
    assert!(ask("GET", &own).ends_with("abc"));
}

#[test]
fn a_page_that_may_ask_is_told_so_before_and_after() {
    let origin = "http://localhost:3000";
    let emulator = start(Config {
        admission: Admission {
            hosts: vec!["emulator".to_owned()],
            origins: vec![origin.to_owned()],
        },
        ..plain()
    });
    let ask = |line: &str, headers: &str, body: &str| {
        let length = body.len();
        let request = format!(
            "{line} HTTP/1.1\r\nconnection: close\r\norigin: {origin}\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
        );
        exchange(&emulator, request.as_bytes())
    };
    let preflight = ask(
        "OPTIONS /k",
        "host: examplebucket.emulator:80\r\naccess-control-request-method: PUT\r\naccess-control-request-headers: x-oss-meta-a\r\n",
        "",
    );
    for expected in [
        "HTTP/1.1 200",
        "access-control-allow-origin: http://localhost:3000\r\n",
        "access-control-allow-methods: GET, HEAD, PUT",
        "access-control-allow-headers: x-oss-meta-a\r\n",
    ] {
        assert!(preflight.contains(expected), "{expected}: {preflight}");
    }
    let put = ask("PUT /k", "host: examplebucket.emulator:80\r\n", "abc");
    assert!(put.starts_with("HTTP/1.1 200"), "{put}");
    assert!(put.contains("access-control-expose-headers: ETag"), "{put}");
    let read = ask("GET /examplebucket/k", "host: emulator\r\n", "");
    assert!(read.ends_with("abc"), "{read}");
}

#[test]
fn of_a_body_that_nobody_signed_little_is_recorded_and_nothing_stored() {
    let folder = tempfile::tempdir().unwrap();
    let (data, record) = (folder.path().join("data"), folder.path().join("record"));
    let emulator = start(Config {
        verifies_signatures: true,
        data_dir: Some(data.clone()),
        record: Some(Recording::Folder(record.clone())),
        ..plain()
    });
    let body = "a".repeat(1_000_000);
    let now = httpdate::fmt_http_date(std::time::SystemTime::now());
    let wrong = format!("authorization: OSS AKIDEXAMPLE:abc\r\ndate: {now}\r\n");
    let refused = put(&emulator, "k", &wrong, &body);
    assert!(refused.contains("SignatureDoesNotMatch"), "{refused}");
    assert!(put(&emulator, "k", "", &body).contains("AccessDenied"));
    let foreign = "origin: http://evil.example\r\n";
    assert!(put(&emulator, "k", foreign, &body).contains("AccessDenied"));
    let chunked = exchange(
        &emulator,
        format!("PUT /examplebucket/k HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n", body.len()).as_bytes(),
    );
    assert!(chunked.contains("AccessDenied"), "{chunked}");
    let unknown = send(&emulator, "PATCH /examplebucket/k", "", body.as_bytes());
    assert!(unknown.contains("NotImplemented"), "{unknown}");
    let right = put(&emulator, "k", &signed("PUT", &now), &body);
    assert!(right.starts_with("HTTP/1.1 200"), "{right}");
    drop(emulator);
    let mut lengths: Vec<_> = fs::read_dir(record)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_name().to_string_lossy().contains("request"))
        .map(|entry| entry.metadata().unwrap().len())
        .collect();
    lengths.sort_unstable();
    assert_eq!(lengths.len(), 6, "{lengths:?}");
    // The body, a head, and what each of a few chunks says of itself.
    assert!(lengths[4] < 64 * 1024 + 2_000, "{lengths:?}");
    assert!(lengths[5] > 1_000_000, "{lengths:?}");
    assert_eq!(fs::read_dir(data.join("bodies")).unwrap().count(), 1);
}

#[test]
fn a_bucket_is_called_by_the_services_rule() {
    let emulator = start(plain());
    for name in [
        "Other",
        "o",
        "other_bucket",
        "-other",
        "%2e%2e",
        "a%20b",
        "x%3Cy%3E",
    ] {
        let refused = send(&emulator, &format!("PUT /{name}"), "", b"");
        assert!(
            refused.contains("<Code>InvalidBucketName<") && refused.contains("0015-00000001"),
            "{name}: {refused}"
        );
    }
    assert!(send(&emulator, "PUT /other-bucket1", "", b"").starts_with("HTTP/1.1 200"));
    let refused = partproof_emulator::Emulator::start(Config {
        bucket: "No".to_owned(),
        ..plain()
    });
    assert!(refused.unwrap_err().to_string().contains("bucket \"No\""));
}
