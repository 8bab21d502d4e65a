use std::time::Instant;

use super::*;

const RAW: &str = "# an upload\nPOST /a?uploads HTTP/1.1\r\nHost: h\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
    3\r\n<a>\r\n4\r\n</a>\r\n0\r\n\r\nPUT /a?partNumber=1&uploadId=1 HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 6\r\n\r\n\
    HTTP/1.1 100 Continue\r\n\r\n\0\n\u{7f}\r\n\0:method: POST\n:path: /a?uploadId=1\nContent-Length: 9\n folded\n\n<a>é</a>\n";
const CURL: &str = "* a\n> HEAD /a HTTP/1.1\r\n> Host: h\r\n>\r\n{ [1 bytes data]\n< HTTP/1.1 200 OK\r\n< Content-Length: 4\r\n<\r\n<a>\n* Closing\n";
const HAR: &str = r#"{"log": {"entries": [{"request": {"method": "PUT", "url": "http://h/a?b", "headers": [{"name": "a", "value": "\u00e9"}],
    "bodySize": 1, "postData": {"text": "YQ==", "encoding": "base64"}}, "response": {"status": 200, "content": {"size": 9, "text": "a"}}}]}}"#;

#[test]
fn each_form_is_told_from_the_others() {
    for (text, count) in [(RAW, 5), (CURL, 2), (HAR, 2)] {
        assert_eq!(read("f", text.as_bytes()).unwrap().len(), count, "{text}");
        let marked = format!("\u{feff}{text}");
        assert_eq!(read("f", marked.as_bytes()).unwrap().len(), count, "{text}");
    }
    let source = &read("02-complete.http", RAW.as_bytes()).unwrap()[0].source;
    assert_eq!(source.to_string(), "02-complete.http:2");
}

#[test]
fn what_has_no_message_is_refused() {
    for (bytes, message) in [
        (&b""[..], "f: empty, expected HTTP messages, the log"),
        (
            b"\xef\xbb\xbf\n",
            "f: empty, expected HTTP messages, the log",
        ),
        (
            b"\nPUT /a\n",
            "f:2: no HTTP message from \"PUT /a\" on, expected HTTP messages",
        ),
        (b"\xff\xfeP\0U\0T\0", "f:1: no HTTP message from \"PUT\" on"),
        (
            b"PK\x03\x04",
            "f: a zip archive, expected text; this makes some of it: unzip FILE",
        ),
        (b"\x1f\x8b\x08", "f: gzip: "),
        (
            b"{\"log\": {\"entries\": []}}",
            "f:1: no HTTP message from \"{",
        ),
        (b"\x16\x03\x01", "f:1: no HTTP message from \"\\u{16}"),
    ] {
        let error = read("f", bytes).unwrap_err().to_string();
        assert!(error.starts_with(message), "{error}");
    }
}

#[test]
fn every_cut_and_every_wrong_byte_is_survived() {
    for text in [RAW, CURL, HAR] {
        let bytes = text.as_bytes();
        for end in 0..=bytes.len() {
            ask(&bytes[..end]);
            ask(&bytes[end..]);
        }
        for place in 0..bytes.len() {
            for byte in [b'\0', b'\n', b'\r', b' ', b':', b'9', b'F', 0xc3] {
                let mut wrong = bytes.to_vec();
                wrong[place] = byte;
                ask(&wrong);
            }
        }
    }
}

/// Reads, asks every question, and checks that nothing came from nowhere.
fn ask(bytes: &[u8]) {
    let Ok(messages) = read("f", bytes) else {
        return;
    };
    assert!(!messages.is_empty());
    for message in &messages {
        let _answers = (message.path(), message.query("b"), message.host());
    }
    let bodies = messages.iter().map(|message| match &message.body {
        Body::Bytes(body) | Body::Partial(body) => body.len(),
        Body::Absent => 0,
    });
    let total: usize = bodies.sum();
    assert!(total <= bytes.len(), "{total} bytes of bodies");
}

#[test]
fn hostile_shapes_end_soon() {
    let started = Instant::now();
    let region = 2_000_000;
    let many = |message: &str, tail: &str| message.repeat(region / message.len()) + tail;
    for text in [
        // Lengths and chunks that lead far ahead, to something that takes long to be found wrong.
        (0..20_000)
            .map(|n| format!("GET / HTTP/1.1\nContent-Length: {}\n\n", 2_000_000 - n * 30))
            .collect::<String>()
            + &"\n".repeat(region)
            + "x",
        many(
            "GET / HTTP/1.1\nTransfer-Encoding: chunked\n\n10000\n",
            &"1\r\na\r\n".repeat(300_000),
        ),
        many(
            "GET / HTTP/1.1\nTransfer-Encoding: chunked\n\nFFFFFFFF\r\n",
            "",
        ),
        many(
            "GET / HTTP/1.1\nContent-Length: 50\n\n",
            &"G".repeat(region),
        ),
        many("\n", ""),
        many("> GET / HTTP/1.1\n", ""),
        many("< HTTP/1.1 200\n<\n* Connection ", ""),
        many(":path: /\n", ""),
        // What stands before lines, again and again, and nothing behind.
        many("| 1: > - * 2. [info] | 1: > - a\n", ""),
        many("1|1|1|1|1|1|1|1|1|\n", ""),
        many("GET ", ""),
        "{\"a\":".repeat(region / 5),
        format!("{{\"log\": {{\"entries\": [{}", "{},".repeat(region / 3)),
    ] {
        ask(text.as_bytes());
    }
    // Generous: they end in milliseconds, or, where something is quadratic, not within a minute.
    assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
}
