//! Objects and buckets.

use crate::exchange::{between, get, plain, put, send, start};

#[test]
fn metadata_comes_back_and_goes_along_with_a_copy() {
    let emulator = start(plain());
    put(
        &emulator,
        "a",
        "x-oss-meta-colour: blue\r\ncontent-type: text/plain\r\n",
        "abc",
    );
    let copy = put(
        &emulator,
        "b",
        "x-oss-copy-source: /examplebucket/a\r\n",
        "",
    );
    assert!(copy.contains("<CopyObjectResult>"), "{copy}");
    let read = get(&emulator, "b", "");
    assert!(
        read.contains("x-oss-meta-colour: blue") && read.contains("content-type: text/plain"),
        "{read}"
    );
    assert!(read.ends_with("\r\n\r\nabc"), "{read}");
}

#[test]
fn a_read_under_a_condition_is_refused_when_the_etag_is_another() {
    let emulator = start(plain());
    let etag = between(&put(&emulator, "a", "", "abc"), "etag: ", "\r\n");
    assert!(get(&emulator, "a", &format!("if-match: {etag}\r\n")).ends_with("abc"));
    let refused = get(&emulator, "a", "if-match: \"0\"\r\n");
    assert!(
        refused.starts_with("HTTP/1.1 412") && refused.contains("PreconditionFailed"),
        "{refused}"
    );
}

#[test]
fn keys_of_any_characters_are_listed_in_pages() {
    let emulator = start(plain());
    for key in ["a%2Bb", "c%0Bd", "e"] {
        put(&emulator, key, "", "abc");
    }
    let page = |more: &str| send(&emulator, &format!("GET /examplebucket?{more}"), "", b"");
    let first = page("max-keys=2&encoding-type=url");
    assert!(
        first.contains("<EncodingType>url<") && first.contains("<IsTruncated>true<"),
        "{first}"
    );
    assert!(
        first.contains("<Key>a%2Bb<") && first.contains("<Key>c%0Bd<"),
        "{first}"
    );
    assert_eq!(between(&first, "<NextMarker>", "<"), "c%0Bd");
    let second = page("max-keys=2&marker=c%0Bd");
    assert!(
        second.contains("<Key>e<") && second.contains("<IsTruncated>false<"),
        "{second}"
    );
    assert!(page("prefix=a").contains("<Key>a+b<"));
}

#[test]
fn buckets_are_made_told_of_and_removed_when_empty() {
    let emulator = start(plain());
    let unknown = send(&emulator, "GET /more/k", "", b"");
    assert!(unknown.contains("<Code>NoSuchBucket<"), "{unknown}");
    assert!(send(&emulator, "PUT /more", "", b"").starts_with("HTTP/1.1 200"));
    assert!(send(&emulator, "GET /", "", b"").contains("<Name>more<"));
    assert!(
        send(&emulator, "GET /more?bucketInfo", "", b"").contains("<Location>oss-cn-hangzhou<")
    );
    assert!(send(&emulator, "GET /more?location", "", b"").contains(">oss-cn-hangzhou<"));
    send(&emulator, "PUT /more/k", "", b"abc");
    let refused = send(&emulator, "DELETE /more", "", b"");
    assert!(
        refused.starts_with("HTTP/1.1 409") && refused.contains("BucketNotEmpty"),
        "{refused}"
    );
    assert!(send(&emulator, "DELETE /more/k", "", b"").starts_with("HTTP/1.1 204"));
    assert!(send(&emulator, "DELETE /more", "", b"").starts_with("HTTP/1.1 204"));
    assert!(send(&emulator, "GET /more?bucketInfo", "", b"").contains("<Code>NoSuchBucket<"));
}

#[test]
fn what_is_appended_to_and_what_is_not_known_is_refused() {
    let emulator = start(plain());
    let append = send(
        &emulator,
        "POST /examplebucket/k?append&position=0",
        "",
        b"abc",
    );
    assert!(append.contains("<Code>OperationNotSupported<"), "{append}");
    let other = send(&emulator, "PATCH /examplebucket/k", "", b"");
    assert!(
        other.starts_with("HTTP/1.1 501") && other.contains("<Code>NotImplemented<"),
        "{other}"
    );
}
