use super::*;
use crate::capture::StartLine;

/// Start, body and notes of each message.
fn messages(text: impl AsRef<[u8]>) -> Vec<(String, Body, String)> {
    let messages = read("f", Cursor::new(text.as_ref())).unwrap();
    messages
        .into_iter()
        .map(|message| {
            let start = match message.start {
                StartLine::Request { method, target } => format!("{method} {target}"),
                StartLine::Response { status } => status.to_string(),
            };
            let start = format!("{}: {start}", message.source.line);
            (start, message.body, message.notes.join("; "))
        })
        .collect()
}

fn is(start: &str, body: &str, notes: &str) -> (String, Body, String) {
    let body = Body::Bytes(body.as_bytes().to_vec());
    (start.to_owned(), body, notes.to_owned())
}

#[test]
fn messages_of_a_wire_follow_each_other_without_a_gap() {
    let wire = "POST /a?uploads HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc\
                HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n";
    assert_eq!(
        messages(wire),
        [
            is("1: POST /a?uploads", "", ""),
            is("5: 200", "abc", ""),
            is("8: 404", "abcd", ""),
            is("17: GET /", "", ""),
        ]
    );
}

#[test]
fn a_length_that_leads_to_the_next_message_or_the_end_is_trusted() {
    let trap = "\0\nGET / HTTP/1.1\n\n\u{ff}";
    let head = format!("PUT /a HTTP/1.1\nContent-Length: {}\n\n", trap.len());
    for after in [
        "",
        "\n",
        "\r\n \r\n",
        "\n# a remark\n",
        "HTTP/1.1 200 OK\r\n\r\n",
        "\n// a\n\nGET / HTTP/1.1\n\n",
    ] {
        let first = messages(format!("{head}{trap}{after}")).swap_remove(0);
        assert_eq!(first, is("1: PUT /a", trap, ""), "{after:?}");
    }
    let remark = messages("POST / HTTP/1.1\nContent-Length: 1\n\na# b\n");
    let note = "Content-Length says 1, the body has 5 bytes";
    assert_eq!(remark, [is("1: POST /", "a# b\n", note)]);
}

#[test]
fn a_document_of_another_length_goes_to_the_next_message() {
    let document = "<a>\n\n# b\n</a>\n";
    for (length, note) in [
        (
            "Content-Length: 1056",
            "Content-Length says 1056, the body has 14 bytes",
        ),
        (
            "Content-Length: 4",
            "Content-Length says 4, the body has 14 bytes",
        ),
        (
            "Transfer-Encoding: chunked",
            "Transfer-Encoding says chunked, the body is not: it is taken as it stands",
        ),
        (
            "Accept: */*",
            "no header announces a body: the 14 bytes before the next message are taken as one",
        ),
    ] {
        let paste = format!(
            "# first\n\nPOST /a HTTP/1.1\n{length}\n\n{document}\n```\n\n# second\nPOST /b HTTP/1.1\n\n"
        );
        assert_eq!(
            messages(paste),
            [is("3: POST /a", document, note), is("14: POST /b", "", "")]
        );
    }
}

#[test]
fn data_is_partial_where_it_is_short_and_ends_where_its_length_says() {
    let note = "Content-Length says 99, the body has 3 bytes";
    let partial = (
        "1: PUT /a".to_owned(),
        Body::Partial(b"\0\x01\n".to_vec()),
        note.to_owned(),
    );
    let head = "PUT /a HTTP/1.1\nContent-Length: 99\n\n\0\x01\n";
    assert_eq!(messages(head), vec![partial.clone()]);
    let next = messages(format!("{head}HTTP/1.1 200 OK\n\n"));
    assert_eq!(next, [partial, is("5: 200", "", "")]);
    let junk = messages("PUT /a HTTP/1.1\nContent-Length: 2\n\n\0\x01junk\nGET / HTTP/1.1\n\n");
    let note = "after the 2 bytes that Content-Length says, 5 bytes are no message";
    assert_eq!(
        junk,
        [is("1: PUT /a", "\0\x01", note), is("5: GET /", "", "")]
    );
}

#[test]
fn what_was_not_captured_is_absent_or_noted() {
    for (paste, body, notes) in [
        ("PUT /a HTTP/1.1", "", "the file ends within its headers"),
        (
            "PUT /a HTTP/1.1\nContent-Length: 5\n",
            "absent",
            "the file ends within its headers; Content-Length says 5, no body was captured",
        ),
        (
            "PUT /a HTTP/1.1\nContent-Length: 5\n\n\n",
            "absent",
            "Content-Length says 5, no body was captured",
        ),
        (
            "PUT /a HTTP/1.1\nTransfer-Encoding: chunked\n\n",
            "absent",
            "Transfer-Encoding says chunked, no body was captured",
        ),
        (
            "PUT /a HTTP/1.1\nContent-Length: ****\n\n",
            "",
            "Content-Length is no number, or more than one, and was left out",
        ),
        (
            "PUT /a HTTP/1.1\nContent-Le",
            "",
            "line 2 is no header and was left out: \"Content-Le\"; the file ends within its headers",
        ),
        (
            "prose\n\nGET / HTTP/1.1\n\n",
            "",
            "what stands before it, from line 1 on, is no message",
        ),
    ] {
        let found = messages(paste).swap_remove(0);
        let expected = match body {
            "absent" => Body::Absent,
            body => Body::Bytes(body.into()),
        };
        assert_eq!((found.1, found.2.as_str()), (expected, notes), "{paste:?}");
    }
}

#[test]
fn chunks_may_be_cut() {
    let cut = messages("PUT /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n5\r\nde");
    let note = "its chunks end after 5 bytes, before the last".to_owned();
    assert_eq!(
        cut,
        [(
            "1: PUT /a".to_owned(),
            Body::Partial(b"abcde".to_vec()),
            note
        )]
    );
    let mut junk = messages("GET / HTTP/1.1\nTransfer-Encoding: chunked\n\n0\n\njunk");
    let note = "the file's rest, from line 6 on, is no message";
    assert_eq!(junk.remove(0), is("1: GET /", "", note));
}

#[test]
fn headers_end_without_an_empty_line_where_a_message_begins() {
    assert_eq!(
        messages(
            "GET /a HTTP/1.1\nHost: h\nHTTP/1.1 200 OK\n\n:method: GET\n:path: /b\n:method: PUT\n:path: /c\n\n"
        ),
        [
            is("1: GET /a", "", "no empty line ends its headers"),
            is("3: 200", "", ""),
            is("5: GET /b", "", "no empty line ends its headers"),
            is("7: PUT /c", "", ""),
        ]
    );
}

#[test]
fn a_response_to_head_has_no_body() {
    let wire = "HEAD /a HTTP/1.1\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n";
    let note = "Content-Length says 7, no body was captured".to_owned();
    assert_eq!(
        messages(wire),
        [
            is("1: HEAD /a", "", ""),
            is("3: 200", "", ""),
            ("6: 200".to_owned(), Body::Absent, note),
        ]
    );
}

#[test]
fn an_interim_response_stands_between_head_and_body() {
    let wire = "PUT /a HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nabcHTTP/1.1 200 OK\r\n\r\n";
    assert_eq!(
        messages(wire),
        [
            is("1: PUT /a", "abc", ""),
            is("5: 100", "", ""),
            is("7: 200", "", "")
        ]
    );
}
