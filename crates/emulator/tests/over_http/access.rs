//! Who may ask: without a right signature nothing is done.

use partproof_emulator::Config;

use crate::exchange::{put, send, start};

#[test]
fn a_request_without_a_right_signature_changes_nothing() {
    let emulator = start(Config::default());
    for (headers, code) in [
        ("", "AccessDenied"),
        ("authorization: OSS AKIDEXAMPLE\r\n", "InvalidArgument"),
        (
            "authorization: OSS OTHER:abc\r\ndate: Thu, 01 Jan 1970 00:00:00 GMT\r\n",
            "InvalidAccessKeyId",
        ),
        (
            "authorization: OSS AKIDEXAMPLE:abc\r\ndate: Thu, 01 Jan 1970 00:00:00 GMT\r\n",
            "RequestTimeTooSkewed",
        ),
    ] {
        let refused = put(&emulator, "k", headers, "abc");
        assert!(
            refused.contains(&format!("<Code>{code}<")),
            "{headers}: {refused}"
        );
    }
    let now = httpdate::fmt_http_date(std::time::SystemTime::now());
    let wrong = format!("authorization: OSS AKIDEXAMPLE:abc\r\ndate: {now}\r\n");
    let refused = put(&emulator, "k", &wrong, "abc");
    assert!(
        refused.starts_with("HTTP/1.1 403") && refused.contains("SignatureDoesNotMatch"),
        "{refused}"
    );
    assert!(refused.contains("<EC>0002-00000040<"), "{refused}");

    // Signed for this read: there is no object.
    use hmac::{Hmac, KeyInit, Mac};
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(b"SECRETEXAMPLE").unwrap();
    mac.update(format!("GET\n\n\n{now}\n/examplebucket/k").as_bytes());
    let signature = data_encoding::BASE64.encode(&mac.finalize().into_bytes());
    let right = format!("authorization: OSS AKIDEXAMPLE:{signature}\r\ndate: {now}\r\n");
    let read = send(&emulator, "GET /examplebucket/k", &right, b"");
    assert!(read.contains("<Code>NoSuchKey<"), "{read}");
}
