//! The emulator over its socket, by raw HTTP: an upload to its end, a restart, faults by script, bad HTTP.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use partproof_emulator::{Config, Emulator, Script};

const CSE: &str = "x-oss-meta-client-side-encryption-";

fn start(data_dir: Option<&Path>, script: &str) -> Emulator {
    Emulator::start(Config {
        verifies_signatures: false,
        data_dir: data_dir.map(Path::to_owned),
        script: serde_json::from_str::<Script>(script).unwrap(),
        ..Config::default()
    })
    .unwrap()
}

/// Sends bytes and reads until the connection ends.
fn exchange(emulator: &Emulator, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(emulator.address()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    // A server that has refused already need not read on.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn send(emulator: &Emulator, line: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    let request = format!(
        "{line} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    );
    exchange(emulator, request.as_bytes())
}

fn initiate(emulator: &Emulator, data_size: usize, part_size: usize) -> String {
    let headers = format!(
        "{CSE}key: a2V5\r\n{CSE}start: c3RhcnQ=\r\n{CSE}cek-alg: AES/CTR/NoPadding\r\n{CSE}wrap-alg: RSA/NONE/PKCS1Padding\r\n\
         {CSE}data-size: {data_size}\r\n{CSE}part-size: {part_size}\r\n"
    );
    let answer = send(emulator, "POST /examplebucket/k?uploads", &headers, "");
    let id = answer
        .split("<UploadId>")
        .nth(1)
        .unwrap_or_else(|| panic!("{answer}"));
    id.split('<').next().unwrap().to_owned()
}

fn upload_part(emulator: &Emulator, id: &str, number: u32, body: &str) -> String {
    let line = format!("PUT /examplebucket/k?partNumber={number}&uploadId={id}");
    send(emulator, &line, "", body)
}

fn etag(answer: &str) -> String {
    let etag = answer
        .split("etag: ")
        .nth(1)
        .unwrap_or_else(|| panic!("{answer}"));
    etag.lines().next().unwrap().to_owned()
}

fn list(parts: &[(u32, &str)]) -> String {
    let parts: String = parts
        .iter()
        .map(|(number, etag)| {
            format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>")
        })
        .collect();
    format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>")
}

fn complete(emulator: &Emulator, id: &str, list: &str) -> String {
    send(
        emulator,
        &format!("POST /examplebucket/k?uploadId={id}"),
        "",
        list,
    )
}

#[test]
fn an_upload_is_judged_completed_and_read_back() {
    let emulator = start(None, r#"{"faults": []}"#);
    let part = "a".repeat(102_400);
    let id = initiate(&emulator, 102_410, 102_400);
    let refused = upload_part(&emulator, &id, 1, "short");
    assert!(refused.contains("x-oss-ec: 0005-00000419"), "{refused}");
    let first = etag(&upload_part(&emulator, &id, 1, &part));
    let second = etag(&upload_part(&emulator, &id, 2, "0123456789"));
    let listed = send(
        &emulator,
        &format!("GET /examplebucket/k?uploadId={id}&max-parts=1"),
        "",
        "",
    );
    assert!(
        listed.contains("<IsTruncated>true<")
            && listed.contains("<ClientEncryptionDataSize>102410<"),
        "{listed}"
    );
    let three = list(&[(1, &first), (2, &second), (3, &second)]);
    let refused = complete(&emulator, &id, &three);
    assert!(refused.contains("<EC>0005-00000411</EC>"), "{refused}");
    let done = complete(&emulator, &id, &list(&[(1, &first), (2, &second)]));
    assert!(done.starts_with("HTTP/1.1 200"), "{done}");
    let ranged = send(
        &emulator,
        "GET /examplebucket/k",
        "range: bytes=102398-102403\r\n",
        "",
    );
    assert!(
        ranged.starts_with("HTTP/1.1 206") && ranged.ends_with("aa0123"),
        "{ranged}"
    );
    assert!(
        ranged.contains("content-range: bytes 102398-102403/102410"),
        "{ranged}"
    );
    let head = send(&emulator, "HEAD /examplebucket/k", "", "");
    assert!(
        head.contains("content-length: 102410") && head.contains("data-size: 102410"),
        "{head}"
    );
}

#[test]
fn what_was_answered_is_there_after_a_restart_and_what_was_not_is_whole_or_absent() {
    let folder = tempfile::tempdir().unwrap();
    let emulator = start(Some(folder.path()), r#"{"faults": []}"#);
    let id = initiate(&emulator, 20, 20);
    let first = etag(&upload_part(&emulator, &id, 1, "01234567890123456789"));
    drop(emulator);
    // As a process leaves it that was killed while it wrote.
    let journal = folder.path().join("journal.jsonl");
    let mut lines = std::fs::read(&journal).unwrap();
    lines.extend(b"{\"bucket\":\"exampleb");
    std::fs::write(&journal, lines).unwrap();
    std::fs::write(folder.path().join("bodies/77"), "not answered").unwrap();

    let emulator = start(Some(folder.path()), r#"{"faults": []}"#);
    assert!(!folder.path().join("bodies/77").exists());
    let done = complete(&emulator, &id, &list(&[(1, &first)]));
    assert!(done.starts_with("HTTP/1.1 200"), "{done}");
    drop(emulator);
    let emulator = start(Some(folder.path()), r#"{"faults": []}"#);
    let read = send(&emulator, "GET /examplebucket/k", "", "");
    assert!(read.ends_with("01234567890123456789"), "{read}");
}

#[test]
fn faults_happen_by_script() {
    let emulator = start(
        None,
        r#"{"faults": [
            {"operation": "UploadPart", "fault": {"answer": {"status": 503, "code": "ServiceBusy"}}},
            {"operation": "UploadPart", "nth": 2, "fault": "cut-after-body"},
            {"operation": "ListParts", "fault": {"stale-list": {"missing": 1}}},
            {"operation": "CompleteMultipartUpload", "fault": "lose-answer"},
            {"operation": "GetObject", "fault": {"cut-answer": {"after": 3}}}
        ]}"#,
    );
    let id = initiate(&emulator, 10, 16);
    assert!(upload_part(&emulator, &id, 1, "0123456789").contains("<Code>ServiceBusy<"));
    assert_eq!(upload_part(&emulator, &id, 1, "0123456789"), "");
    let first = etag(&upload_part(&emulator, &id, 1, "0123456789"));
    let parts = |listed: &str| listed.matches("<Part>").count();
    let target = format!("GET /examplebucket/k?uploadId={id}");
    assert_eq!(parts(&send(&emulator, &target, "", "")), 0);
    assert_eq!(parts(&send(&emulator, &target, "", "")), 1);
    assert_eq!(complete(&emulator, &id, &list(&[(1, &first)])), "");
    let again = complete(&emulator, &id, &list(&[(1, &first)]));
    assert!(again.contains("<Code>NoSuchUpload<"), "{again}");
    let cut = send(&emulator, "GET /examplebucket/k", "", "");
    assert!(
        cut.contains("content-length: 10") && cut.ends_with("012"),
        "{cut}"
    );
    assert!(send(&emulator, "GET /examplebucket/k", "", "").ends_with("0123456789"));
}

#[test]
fn bad_http_never_ends_the_process() {
    let emulator = start(None, r#"{"faults": []}"#);
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(300_000));
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(20_000));
    for bytes in [
        &b"\x00\xff\x16\x03"[..],
        b"GET / HTTP/9.9\r\n\r\n",
        b"PUT /examplebucket/k HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
        b"PUT /examplebucket/k HTTP/1.1\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\nZZ\r\n",
        b"GET /%ff%fe HTTP/1.1\r\nconnection: close\r\n\r\n",
        b"BREW /examplebucket/k HTTP/1.1\r\nconnection: close\r\n\r\n",
        long.as_bytes(),
        many.as_bytes(),
    ] {
        let answer = exchange(&emulator, bytes);
        assert!(!answer.starts_with("HTTP/1.1 2"), "{answer}");
    }
    let chunked = b"PUT /examplebucket/c HTTP/1.1\r\nhost: 127.0.0.1\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    assert!(exchange(&emulator, chunked).starts_with("HTTP/1.1 200"));
    assert!(send(&emulator, "GET /examplebucket/c", "", "").ends_with("abc"));
}
