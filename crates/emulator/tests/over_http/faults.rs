//! Faults by script.

use std::time::{Duration, Instant};

use crate::exchange::{
    complete, etag, get, initiate, list, list_parts, put, send, start_with, upload_part,
};

fn parts(listed: &str) -> usize {
    listed.matches("<Part>").count()
}

#[test]
fn requests_that_fail_are_not_carried_out() {
    for fault in [
        r#"{"answer": {"status": 503, "code": "ServiceBusy"}}"#,
        r#"{"answer": {"status": 500}}"#,
        r#""cut-before-body""#,
        r#""cut-in-body""#,
        r#""cut-after-body""#,
    ] {
        let emulator = start_with(&format!(
            r#"{{"operation": "UploadPart", "part_number": 1, "fault": {fault}}}"#
        ));
        let id = initiate(&emulator, 10, 16);
        let answer = upload_part(&emulator, &id, 1, "0123456789");
        assert_eq!(
            answer.is_empty(),
            fault.contains("cut"),
            "{fault}: {answer}"
        );
        assert_eq!(
            answer.contains("<Code>ServiceBusy<"),
            fault.contains("503"),
            "{fault}: {answer}"
        );
        assert_eq!(parts(&list_parts(&emulator, &id, "")), 0, "{fault}");
        assert!(
            upload_part(&emulator, &id, 1, "0123456789").starts_with("HTTP/1.1 200"),
            "{fault}"
        );
    }
}

#[test]
fn an_answer_that_is_lost_was_carried_out() {
    let emulator =
        start_with(r#"{"operation": "CompleteMultipartUpload", "fault": "lose-answer"}"#);
    let id = initiate(&emulator, 10, 16);
    let first = etag(&upload_part(&emulator, &id, 1, "0123456789"));
    let list = list(&[(1, &first)]);
    assert_eq!(complete(&emulator, &id, &list), "");
    let again = complete(&emulator, &id, &list);
    assert!(again.contains("<Code>NoSuchUpload<"), "{again}");
    assert!(get(&emulator, "k", "").ends_with("0123456789"));
}

#[test]
fn an_answer_is_cut_where_the_script_says() {
    let emulator = start_with(
        r#"{"operation": "GetObject", "fault": {"cut-answer": {"after": 3}}},
           {"operation": "InitiateMultipartUpload", "fault": {"cut-answer": {"after": 50}}}"#,
    );
    let initiate = || send(&emulator, "POST /examplebucket/k?uploads", "", b"");
    let cut = initiate();
    let body = cut.split_once("\r\n\r\n").map(|(_, body)| body.len());
    assert_eq!(body, Some(50), "{cut}");
    assert!(initiate().ends_with("</InitiateMultipartUploadResult>"));
    put(&emulator, "k", "", "0123456789");
    let cut = get(&emulator, "k", "");
    assert!(
        cut.contains("content-length: 10") && cut.ends_with("\r\n\r\n012"),
        "{cut}"
    );
    assert!(get(&emulator, "k", "").ends_with("0123456789"));
}

#[test]
fn lists_are_stale_or_short_as_the_script_says() {
    let emulator = start_with(
        r#"{"operation": "ListParts", "fault": {"stale-list": {"missing": 1}}},
           {"operation": "ListParts", "nth": 2, "fault": {"truncate-list": {"parts": 1}}}"#,
    );
    let id = initiate(&emulator, 26, 16);
    upload_part(&emulator, &id, 1, "0123456789abcdef");
    upload_part(&emulator, &id, 2, "0123456789");
    let stale = list_parts(&emulator, &id, "");
    assert!(
        parts(&stale) == 1 && stale.contains("<IsTruncated>false<"),
        "{stale}"
    );
    let short = list_parts(&emulator, &id, "");
    assert!(
        parts(&short) == 1 && short.contains("<IsTruncated>true<"),
        "{short}"
    );
    assert_eq!(parts(&list_parts(&emulator, &id, "")), 2);
}

#[test]
fn a_request_is_delayed_and_carried_out() {
    let emulator =
        start_with(r#"{"operation": "PutObject", "fault": {"delay": {"milliseconds": 200}}}"#);
    let started = Instant::now();
    assert!(put(&emulator, "k", "", "abc").starts_with("HTTP/1.1 200"));
    assert!(started.elapsed() >= Duration::from_millis(200));
}
