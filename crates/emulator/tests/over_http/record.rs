//! The record of what went over the wire.

use std::fs;
use std::path::Path;

use partproof_emulator::{Config, Emulator, Recording, Script};

use crate::exchange::{between, exchange, get, plain, put, start, upload_part};

fn recorded(folder: &Path, faults: &str) -> Emulator {
    let script = Script::read(&format!(r#"{{"faults": [{faults}]}}"#));
    start(Config {
        record: Some(Recording::Folder(folder.to_owned())),
        script: script.expect("a script"),
        ..plain()
    })
}

fn read(folder: &Path, name: &str) -> String {
    let bytes = fs::read(folder.join(name)).unwrap_or_else(|error| unreachable!("{name}: {error}"));
    String::from_utf8_lossy(&bytes).into_owned()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut names: Vec<_> = entries
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

#[test]
fn requests_and_answers_are_written_as_they_went() {
    let folder = tempfile::tempdir().expect("a folder");
    let emulator = recorded(folder.path(), "");
    put(
        &emulator,
        "a%20b",
        "x-oss-meta-author: somebody\r\n",
        "0123456789",
    );
    get(&emulator, "a%20b", "range: bytes=2-4\r\n");
    exchange(
        &emulator,
        b"PUT /examplebucket/c HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n",
    );
    exchange(
        &emulator,
        b"PATCH /examplebucket/c HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n",
    );
    assert_eq!(
        names(folder.path()),
        [
            "000001-PutObject-request.http",
            "000001-PutObject-response.http",
            "000002-GetObject-request.http",
            "000002-GetObject-response.http",
            "000003-PutObject-request.http",
            "000003-PutObject-response.http",
            "000004-unknown-request.http",
            "000004-unknown-response.http",
        ]
    );
    let request = read(folder.path(), "000001-PutObject-request.http");
    assert!(
        request.starts_with("PUT /examplebucket/a%20b HTTP/1.1\r\n"),
        "{request}"
    );
    assert!(
        request.contains("\r\nx-oss-meta-author: somebody\r\n"),
        "{request}"
    );
    assert!(request.ends_with("\r\n\r\n0123456789"), "{request}");
    let slice = read(folder.path(), "000002-GetObject-response.http");
    assert!(
        slice.starts_with("HTTP/1.1 206 Partial Content\r\n"),
        "{slice}"
    );
    assert!(slice.ends_with("\r\n\r\n234"), "{slice}");
    let chunked = read(folder.path(), "000003-PutObject-request.http");
    assert!(
        chunked.ends_with("\r\n\r\n4\r\nabcd\r\n0\r\n\r\n"),
        "{chunked}"
    );
    let unknown = read(folder.path(), "000004-unknown-response.http");
    assert!(unknown.contains("<Code>NotImplemented</Code>"), "{unknown}");
}

#[test]
fn what_was_refused_or_cut_stands_there_as_far_as_it_came() {
    let folder = tempfile::tempdir().expect("a folder");
    let faults = r#"{"operation": "UploadPart", "fault": {"answer": {"status": 503}}},
        {"operation": "UploadPart", "nth": 2, "fault": "cut-in-body"},
        {"operation": "UploadPart", "nth": 3, "fault": "lose-answer"}"#;
    let emulator = recorded(folder.path(), faults);
    for _ in 0..3 {
        upload_part(&emulator, "id", 1, "0123456789");
    }
    let request = |number| {
        read(
            folder.path(),
            &format!("00000{number}-UploadPart-request.http"),
        )
    };
    assert!(request(1).ends_with("\r\n\r\n0123456789"), "{}", request(1));
    assert!(request(2).contains("\r\n\r\n012345"), "{}", request(2));
    // Refused, since there is no such upload, and the answer lost.
    assert!(request(3).ends_with("\r\n\r\n0123456789"), "{}", request(3));
    let answered = names(folder.path());
    let answered = answered.iter().filter(|name| name.contains("response"));
    assert_eq!(answered.count(), 1);
    let answer = read(folder.path(), "000001-UploadPart-response.http");
    assert_eq!(
        between(&answer, "HTTP/1.1 ", "\r\n"),
        "503 Service Unavailable"
    );
}

#[test]
fn a_record_is_of_one_run() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(recorded(&folder.path().join("new"), ""));
    let refused = Emulator::start(Config {
        record: Some(Recording::Folder(folder.path().to_owned())),
        ..plain()
    });
    let error = refused.expect_err("it is not empty").to_string();
    assert!(error.contains("is not empty"), "{error}");
}
