use super::*;
use crate::capture::StartLine;

const CURL: &str = "\
$ curl -v -T part http://h/a?partNumber=1
  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current
                                 Dload  Upload   Total   Spent    Left  Speed
\r  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0*   Trying 127.0.0.1:80...
* Connected to h (127.0.0.1) port 80
> PUT /a?partNumber=1 HTTP/1.1\r
> Host: h\r
> Content-Length: 5\r
> Expect: 100-continue\r
> \r
< HTTP/1.1 100 Continue\r
} [5 bytes data]
* We are completely uploaded and fine
\r100     5    0     0  100     5      0   4999 --:--:-- --:--:-- --:--:--  5000< HTTP/1.1 409 Conflict\r
< Content-Length: 13\r
< \r
{ [13 bytes data]
\r100    18  100    13  100     5      0   4999 --:--:-- --:--:-- --:--:--  5000\r
<Error>
> 1
* Connection #0 to host h left intact
";

#[test]
fn marks_tell_the_sides() {
    assert!(is_transcript(Cursor::new(CURL.as_bytes())));
    let messages = read("f", Cursor::new(CURL.as_bytes())).unwrap();
    let found: Vec<_> = messages
        .iter()
        .map(|message| (message.source.line, &message.start, message.headers.len()))
        .collect();
    let put = StartLine::Request {
        method: "PUT".to_owned(),
        target: "/a?partNumber=1".to_owned(),
    };
    let (interim, conflict) = (
        StartLine::Response { status: 100 },
        StartLine::Response { status: 409 },
    );
    assert_eq!(found, [(6, &put, 3), (11, &interim, 0), (14, &conflict, 1)]);
    assert_eq!(messages[0].body, Body::Absent);
    assert_eq!(
        messages[0].notes,
        ["Content-Length says 5, no body was captured"]
    );
    assert_eq!(messages[1].notes, [""; 0]);
    assert_eq!(messages[2].body, Body::Bytes(b"<Error>\n".to_vec()));
}

#[test]
fn the_next_remark_may_stand_on_the_last_line_of_a_body() {
    for (length, body) in [
        (
            "Content-Length: 12",
            "<Error>\n</a>* Connection #0 to host h left intact\n",
        ),
        (
            "Content-Length: 12",
            "<Error>\n</a>\n* Closing connection 0\n",
        ),
        (
            "Transfer-Encoding: chunked",
            "<Error>\n</a>* Closing connection 0\n",
        ),
    ] {
        let text = format!("> GET / HTTP/2\n>\n< HTTP/2 404 \n< {length}\n<\n{body}");
        let messages = read("f", Cursor::new(text.as_bytes())).unwrap();
        assert_eq!(
            messages[1].body,
            Body::Bytes(b"<Error>\n</a>".to_vec()),
            "{text}"
        );
        assert_eq!(messages[1].notes, [""; 0], "{text}");
    }
}

#[test]
fn quoted_mail_marks_the_body_too() {
    let mail = "She wrote:\n> POST /a?uploadId=1 HTTP/1.1\n> Content-Length: 9\n>\n> <a>\n>  <b/>\n> </a>\n> HTTP/1.1 200 OK\n";
    let messages = read("f", Cursor::new(mail.as_bytes())).unwrap();
    assert_eq!(
        messages[0].body,
        Body::Bytes(b"<a>\n <b/>\n</a>\n".to_vec())
    );
    assert_eq!(
        messages[0].notes,
        ["Content-Length says 9, the body has 15 bytes"]
    );
    assert_eq!(messages[1].notes, ["no empty line ends its headers"]);
}

#[test]
fn tags_and_raw_messages_are_no_marks() {
    for line in [
        "<Error>",
        "</a>",
        ">>",
        "<a> b",
        "{\"a\": 1}",
        "12 34",
        "*bold*",
    ] {
        assert_eq!(Line::of(line.as_bytes()), Line::Other, "{line}");
    }
    assert!(!is_transcript(Cursor::new(
        b"GET / HTTP/1.1\n\n> GET / HTTP/1.1\n"
    )));
    assert!(!is_transcript(Cursor::new(b"> GET /\n")));
}
