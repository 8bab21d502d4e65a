use super::*;

fn entries(entries: &str) -> Result<Vec<Message>, CaptureError> {
    let har =
        format!(r#"{{"log": {{"version": "1.2", "entries": [{entries}], "creator": {{}}}}}}"#);
    read("f.har", har.as_bytes())
}

/// Body and notes of a PUT.
fn put(fields: &str) -> (Body, String) {
    let request = format!(
        r#"{{"request": {{"method": "PUT", "url": "http://h/a", {fields}}}, "response": {{"status": 200}}}}"#
    );
    let message = entries(&request).unwrap().swap_remove(0);
    (message.body, message.notes.concat())
}

#[test]
fn an_entry_is_a_request_and_its_response() {
    let messages = entries(
        r#"{"request": {"method": "POST", "url": "https://h/a%20b?uploads#c", "httpVersion": "h2", "headers": [
             {"name": ":authority", "value": "h"}, {"name": "A", "value": "é", "comment": ""}, {"name": "a", "value": "2"}],
             "queryString": [{"name": "uploads", "value": ""}], "bodySize": -1},
            "response": {"status": 200, "headers": [], "content": {"size": 3, "mimeType": "", "text": "YWJ\nj", "encoding": "base64"}}},
           {"request": {"method": "GET", "url": "http://h/", "headers": null}, "response": {"status": 0}, "time": 1.5},
           {"request": {"method": "GET", "url": "http://h/"}, "response": null}"#,
    )
    .unwrap();
    let sources: Vec<_> = messages
        .iter()
        .map(|message| message.source.to_string())
        .collect();
    assert_eq!(
        sources,
        [
            "f.har entry 1 request",
            "f.har entry 1 response",
            "f.har entry 2 request",
            "f.har entry 3 request"
        ]
    );
    assert_eq!(messages[0].path().as_deref(), Some("/a b"));
    assert_eq!(messages[0].query("uploads").as_deref(), Some(""));
    assert_eq!(messages[0].host().as_deref(), Some("h"));
    assert_eq!(messages[0].headers.len(), 2);
    assert_eq!(messages[0].body, Body::Bytes(Vec::new()));
    assert_eq!(messages[1].body, Body::Bytes(b"abc".to_vec()));
    assert_eq!(messages[1].start, StartLine::Response { status: 200 });
    assert_eq!(messages[2].notes, ["its entry has no response"]);
}

#[test]
fn bodies_come_in_dialects() {
    let bytes = |bytes: &[u8], note: &str| (Body::Bytes(bytes.to_vec()), note.to_owned());
    for (fields, expected) in [
        (r#""postData": {"text": "é"}"#, bytes("é".as_bytes(), "")),
        (
            r#""bodySize": 2, "postData": {"text": "é"}"#,
            bytes("é".as_bytes(), ""),
        ),
        (
            r#""bodySize": 1, "postData": {"text": "é"}"#,
            bytes(b"\xe9", ""),
        ),
        (
            r#""postData": {"text": "/w==", "encoding": "base64"}"#,
            bytes(b"\xff", ""),
        ),
        (
            r#""postData": {"text": "/w==", "_encoding": "Base64"}"#,
            bytes(b"\xff", ""),
        ),
        (
            r#""postData": {"text": "/w=", "encoding": "base64"}"#,
            (
                Body::Absent,
                "its body is not Base64: invalid length at 0".to_owned(),
            ),
        ),
        (
            r#""bodySize": 5, "postData": {"params": []}"#,
            (
                Body::Absent,
                "bodySize says 5, no body was captured".to_owned(),
            ),
        ),
        (
            r#""bodySize": -1, "headers": [{"name": "content-length", "value": "5"}]"#,
            (
                Body::Absent,
                "Content-Length says 5, no body was captured".to_owned(),
            ),
        ),
        (
            r#""bodySize": 5, "postData": {"text": "abc"}"#,
            (
                Body::Partial(b"abc".to_vec()),
                "bodySize says 5, the body has 3 bytes".to_owned(),
            ),
        ),
    ] {
        assert_eq!(put(fields), expected, "{fields}");
    }
}

#[test]
fn what_is_no_har_is_refused_with_its_place() {
    for (text, problem) in [
        (
            r#"{"a": 1}"#,
            "f: not HAR 1.2: missing field `log` at line 1 column 8",
        ),
        (
            "{\"log\":\n{\"entries\": [",
            "f: not HAR 1.2: EOF while parsing a list at line 2 column 13",
        ),
        (
            "{\"log\": {\"entries\": [{}]}}",
            "f: not HAR 1.2: missing field `request` at line 1 column 23",
        ),
    ] {
        assert!(is_json(text.as_bytes()), "{text}");
        let error = read("f", text.as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), problem);
    }
    assert!(!is_json(b"{ [5 bytes data]"));
}

#[test]
fn arrays_are_bounded() {
    let header = r#"{"name":"","value":""}"#;
    let request = |count: usize| {
        let headers = vec![header; count].join(",");
        entries(&format!(
            r#"{{"request": {{"method": "", "url": "", "headers": [{headers}]}}}}"#
        ))
    };
    assert_eq!(request(MAX_HEADERS).unwrap()[0].headers.len(), MAX_HEADERS);
    let error = request(MAX_HEADERS + 1).unwrap_err().to_string();
    assert!(error.contains("more than 1000 elements"), "{error}");
    let many = vec![r#"{"request":{"method":"","url":""}}"#; MAX_MESSAGES / 2 + 1].join(",");
    let error = entries(&many).unwrap_err().to_string();
    let most = MAX_MESSAGES / 2;
    assert!(
        error.contains(&format!("more than {most} elements")),
        "{error}"
    );
}
