//! Multipart uploads: judged, listed, completed, aborted.

use std::io::Write;
use std::time::{Duration, Instant};

use crate::exchange::{
    complete, connect, etag, get, initiate, list, list_parts, plain, put, rest, send, start,
    upload_part,
};

#[test]
fn an_upload_is_judged_completed_and_read_back() {
    let emulator = start(plain());
    let part = "a".repeat(102_400);
    let id = initiate(&emulator, 102_410, 102_400);
    let refused = upload_part(&emulator, &id, 1, "short");
    assert!(refused.contains("x-oss-ec: 0005-00000419"), "{refused}");
    let first = etag(&upload_part(&emulator, &id, 1, &part));
    let second = etag(&upload_part(&emulator, &id, 2, "0123456789"));
    let three = list(&[(1, &first), (2, &second), (3, &second)]);
    let refused = complete(&emulator, &id, &three);
    assert!(refused.contains("<EC>0005-00000411</EC>"), "{refused}");
    // A list that arrives in many pieces.
    let padded = list(&[(1, &first), (2, &second)]).replacen(
        "<Part>",
        &format!("{}<Part>", " ".repeat(900_000)),
        1,
    );
    let done = complete(&emulator, &id, &padded);
    assert!(done.starts_with("HTTP/1.1 200"), "{done}");
    let ranged = get(&emulator, "k", "range: bytes=102398-102403\r\n");
    assert!(
        ranged.starts_with("HTTP/1.1 206") && ranged.ends_with("aa0123"),
        "{ranged}"
    );
    assert!(
        ranged.contains("content-range: bytes 102398-102403/102410"),
        "{ranged}"
    );
    let head = send(&emulator, "HEAD /examplebucket/k", "", b"");
    assert!(
        head.contains("content-length: 102410") && head.contains("data-size: 102410"),
        "{head}"
    );
    let gone = complete(&emulator, &id, &list(&[(1, &first)]));
    assert!(gone.contains("<Code>NoSuchUpload<"), "{gone}");
}

#[test]
fn parts_are_listed_in_pages_with_the_envelope_and_their_time() {
    let emulator = start(plain());
    let id = initiate(&emulator, 26, 16);
    upload_part(&emulator, &id, 1, "0123456789abcdef");
    upload_part(&emulator, &id, 2, "0123456789");
    let first = list_parts(&emulator, &id, "&max-parts=1");
    for expected in [
        "<IsTruncated>true<",
        "<NextPartNumberMarker>1<",
        "<ClientEncryptionKey>a2V5<",
        "<ClientEncryptionStart>c3RhcnQ=<",
        "<ClientEncryptionCekAlg>AES/CTR/NoPadding<",
        "<ClientEncryptionWrapAlg>RSA/NONE/PKCS1Padding<",
        "<ClientEncryptionDataSize>26<",
        "<ClientEncryptionPartSize>16<",
        "<LastModified>20",
    ] {
        assert!(first.contains(expected), "{expected}: {first}");
    }
    let second = list_parts(&emulator, &id, "&max-parts=1&part-number-marker=1");
    assert!(
        second.contains("<IsTruncated>false<") && second.contains("<PartNumber>2<"),
        "{second}"
    );
    let odd = list_parts(&emulator, &id, "&part-number-marker=one");
    assert!(odd.contains("<Code>InvalidArgument<"), "{odd}");
}

#[test]
fn uploads_are_listed_in_pages_until_they_are_aborted() {
    let emulator = start(plain());
    let ids: Vec<_> = (0..3).map(|_| initiate(&emulator, 16, 16)).collect();
    let page = |more: &str| {
        send(
            &emulator,
            &format!("GET /examplebucket?uploads{more}"),
            "",
            b"",
        )
    };
    let listed = |answer: &str| {
        ids.iter()
            .map(|id| answer.contains(&format!("<UploadId>{id}<")))
            .collect::<Vec<_>>()
    };
    let first = page("&max-uploads=2");
    assert_eq!(listed(&first), [true, true, false], "{first}");
    assert!(
        first.contains("<IsTruncated>true<") && !first.contains("<Initiated>1970"),
        "{first}"
    );
    let second = page(&format!(
        "&max-uploads=2&key-marker=k&upload-id-marker={}",
        ids[1]
    ));
    assert_eq!(listed(&second), [false, false, true], "{second}");
    assert_eq!(listed(&page("&key-marker=k")), [false; 3]);
    assert_eq!(listed(&page("&prefix=l")), [false; 3]);
    let abort = |id: &str| {
        send(
            &emulator,
            &format!("DELETE /examplebucket/k?uploadId={id}"),
            "",
            b"",
        )
    };
    assert!(abort(&ids[0]).starts_with("HTTP/1.1 204"));
    assert!(abort(&ids[0]).contains("<Code>NoSuchUpload<"));
    assert_eq!(listed(&page("")), [false, true, true]);
}

#[test]
fn a_part_is_copied_from_a_plain_object() {
    let emulator = start(plain());
    put(&emulator, "source", "", "0123456789");
    let answer = send(&emulator, "POST /examplebucket/k?uploads", "", b"");
    let id = crate::exchange::between(&answer, "<UploadId>", "<");
    let copy = |headers: &str| {
        let line = format!("PUT /examplebucket/k?partNumber=1&uploadId={id}");
        send(&emulator, &line, headers, b"")
    };
    let copied =
        copy("x-oss-copy-source: /examplebucket/source\r\nx-oss-copy-source-range: bytes=2-4\r\n");
    let etag = crate::exchange::between(&copied, "<ETag>", "<").replace("&quot;", "\"");
    complete(&emulator, &id, &list(&[(1, &etag)]));
    assert!(get(&emulator, "k", "").ends_with("\r\n\r\n234"));
    for (headers, code) in [
        (
            "x-oss-copy-source: examplebucket/source\r\n",
            "InvalidArgument",
        ),
        ("x-oss-copy-source: /other/source\r\n", "NotImplemented"),
        ("x-oss-copy-source: /examplebucket/nothing\r\n", "NoSuch"),
    ] {
        let refused = copy(headers);
        assert!(
            refused.contains(&format!("<Code>{code}")),
            "{headers}: {refused}"
        );
    }
}

#[test]
fn a_list_that_is_no_xml_is_refused_as_one() {
    let emulator = start(plain());
    let id = initiate(&emulator, 16, 16);
    let line = format!("POST /examplebucket/k?uploadId={id}");
    let long = vec![b' '; 3 * 1024 * 1024];
    for body in [&b"\xff\xfe"[..], b"", b"<a/>", &long] {
        let refused = send(&emulator, &line, "", body);
        assert!(refused.contains("<Code>MalformedXML<"), "{refused}");
    }
    // The digest is of the bytes as they came, whatever they are.
    let digest = data_encoding::BASE64.encode(&partproof_model::etag::md5(b"\xff\xfe"));
    let refused = send(
        &emulator,
        &line,
        &format!("content-md5: {digest}\r\n"),
        b"\xff\xfe",
    );
    assert!(refused.contains("<Code>MalformedXML<"), "{refused}");
    let refused = send(&emulator, &line, "content-md5: AAAA\r\n", b"\xff\xfe");
    assert!(refused.contains("<Code>InvalidDigest<"), "{refused}");
}

#[test]
fn connections_bytes_and_the_most_parts_at_once_are_counted() {
    let emulator = start(plain());
    let id = initiate(&emulator, 26, 16);
    let opening = emulator.traffic();
    assert_eq!((opening.connections, opening.most_parts), (1, 0));
    let (mut streams, mut sent) = (Vec::new(), 0);
    let bodies = ["0123456789abcdef", "0123456789"];
    for (number, body) in (1..).zip(bodies) {
        let head = format!(
            "PUT /examplebucket/k?partNumber={number}&uploadId={id} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let mut stream = connect(&emulator);
        stream.write_all(head.as_bytes()).expect("it is taken");
        sent += head.len() + body.len();
        streams.push((stream, body));
    }
    let (mut connections, mut bytes) = (0, 0);
    let began = Instant::now();
    loop {
        let traffic = emulator.traffic();
        connections += traffic.connections;
        bytes += traffic.bytes;
        if traffic.most_parts == 2 {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(10), "{traffic:?}");
    }
    let answered: usize = streams
        .into_iter()
        .map(|(mut stream, body)| {
            stream.write_all(body.as_bytes()).expect("it is taken");
            let answer = rest(stream);
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
            answer.len()
        })
        .sum();
    let traffic = emulator.traffic();
    assert_eq!((connections, traffic.connections), (2, 0));
    assert_eq!(u64::try_from(sent + answered), Ok(bytes + traffic.bytes));
    assert_eq!(emulator.traffic().most_parts, 0, "they are over");
}
