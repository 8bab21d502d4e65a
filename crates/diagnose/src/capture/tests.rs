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
        (
            b"\n-----BEGIN PUBLIC KEY-----\r\nMIIB\r\n",
            "f: a key, which tells nothing of an upload",
        ),
        (
            b"ssh-rsa AAAA",
            "f: a key, which tells nothing of an upload",
        ),
        (
            b"-----BEGIN CERTIFICATE-----\n",
            "f:1: no HTTP message from \"-----BEGIN",
        ),
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

/// Each way in which a form begins, for a form is only tried where one of its marks stands.
#[test]
fn a_form_is_known_however_it_begins() {
    let dump = "00000000  50 4f 53 54 20 2f 6f 62  3f 75 70 6c 6f 61 64 73  POST /ob?uploads\n\
        00000010  20 48 54 54 50 2f 31 2e  31 0d 0a 0d 0a 0d 0a 0d   HTTP/1.1.......\n";
    for (form, text) in [
        (
            "the debug output of Python's http.client",
            "send: b'POST /o?uploads HTTP/1.1\\r\\n\\r\\n'\n",
        ),
        (
            "the debug output of Python's http.client",
            "reply: 'HTTP/1.1 200 OK\\r\\n'\n",
        ),
        (
            "curl --trace",
            "=> Send header, 26 bytes (0x1a)\n0000: POST /o?uploads HTTP/1.1\n001a: \n",
        ),
        (
            "curl --trace",
            "<= Recv header, 17 bytes (0x11)\n0000: HTTP/1.1 200 OK\n",
        ),
        (
            "a curl command line",
            "curl.exe -X POST https://h/o?uploads\n",
        ),
        (
            "a call of fetch()",
            "fetch(\"https://h/o?uploads\", {\"method\": \"POST\"});\n",
        ),
        (
            "a PowerShell command",
            "iwr -URI \"https://h/o?uploads\" -Method POST\n",
        ),
        (
            "the wire log of Apache HttpClient",
            ">> \"POST /o?uploads HTTP/1.1[\\r][\\n]\"\n",
        ),
        (
            "the wire log of Apache HttpClient",
            "<< \"HTTP/1.1 200 OK[\\r][\\n]\"\n",
        ),
        (
            "the wire log of Apache HttpClient",
            "http-outgoing-0 >> POST /o?uploads HTTP/1.1\n",
        ),
        (
            "the log of OkHttp",
            "--> POST https://h/o?uploads\n--> END POST\n",
        ),
        (
            "the log of OkHttp",
            "<-- 200 https://h/o (3ms)\n<-- END HTTP\n",
        ),
        (
            "packets that tcpdump prints",
            "1.0 IP a.1 > b.80: Flags [P.], seq 1:29, ack 1, length 28: HTTP\nE.......................................POST /o?uploads HTTP/1.1\n\n",
        ),
        (
            "what nghttp -v prints",
            "[  0.1] send HEADERS frame <length=9, flags=0x25, stream_id=13>\n          :method: POST\n          :path: /o?uploads\n",
        ),
        (
            "what ngrep prints",
            "T 1.1.1.1:1 -> 2.2.2.2:80 [AP]\nPOST /o?uploads HTTP/1.1.\n.\n",
        ),
        (
            "what tshark -V prints",
            "Hypertext Transfer Protocol\n    POST /o?uploads HTTP/1.1\\r\\n\n",
        ),
        (
            "a stream that Wireshark follows",
            "Follow: tcp,ascii\nPOST /o?uploads HTTP/1.1\n\n",
        ),
        ("a stream that Wireshark follows", dump),
        (
            "messages in frames",
            "HTTP REQUEST (req 0x1)\nPOST /o?uploads HTTP/1.1\n\n",
        ),
        (
            "messages in frames",
            "HTTP RESPONSE (req 0x1)\nHTTP/1.1 200 OK\n\n",
        ),
        (
            "messages in frames",
            "---request begin---\nPOST /o?uploads HTTP/1.1\n\n---request end---\n",
        ),
        (
            "messages in frames",
            "---response begin---\nHTTP/1.1 200 OK\n---response end---\n",
        ),
        (
            "what mitmdump prints",
            "127.0.0.1:5: POST http://h/o?uploads\n << 200 OK 0b\n",
        ),
        (
            "what the console of Postman copies",
            "POST https://h/o?uploads: {\n  \"Request Body\": \"\"\n}\n",
        ),
        (
            "the console of Postman",
            "POST https://h/o?uploads\n200\nRequest Headers\nHost: \"h\"\n",
        ),
        (
            "texts with escapes",
            "dumped \"POST /o?uploads HTTP/1.1\\nHost: h\\n\\n\"\n",
        ),
        (
            "the debug log of the Go SDK",
            "[Req:0x1]Method:POST\tHost:h\tPath:/o\tQuery:uploads\tHeader info:\tDate:x\n",
        ),
        (
            "the debug log of the Go SDK",
            "http.response[0x1]StatusCode:200\tHeader info:\tDate:x\n",
        ),
        (
            "the debug log of the Python SDK",
            "Send request, method: POST, url: http://h/o, params: {'uploads': ''}, headers: {'a': 'b'}, timeout: 60\n",
        ),
        (
            "the debug log of the Python SDK",
            "Get response headers, req-id:1, status: 200, headers: {'a': 'b'}\n",
        ),
        (
            "a log with a line for each exchange",
            "h \"POST /o?uploads HTTP/1.1\" 200 193\n",
        ),
        (
            "a log with a line for each exchange",
            "HTTP Request: POST https://h/o?uploads \"HTTP/1.1 200 OK\"\n",
        ),
    ] {
        let read = explained("f", text.as_bytes());
        let steps = read.as_ref().map(|capture| capture.steps.as_slice());
        let is_known = steps.as_ref().is_ok_and(|steps| steps.contains(&form));
        assert!(is_known, "{form}: {text}\n{steps:?}");
    }
}
