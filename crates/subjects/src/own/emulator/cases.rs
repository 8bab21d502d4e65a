//! What the emulator is given from outside: a connection, a journal, a script of faults. Cases are [`OutsideCase`](partproof_suite::case::outside::OutsideCase)s.

mod session;

use std::sync::LazyLock;

use arbitrary::{Result, Unstructured};
use partproof_emulator::{Config, Exchanger, Script};

use partproof_diagnose::capture;
use partproof_suite::case::outside::Kind;

use session::SESSIONS;

/// What a client sends on one connection. The first byte says whose signatures are taken: see [`Access`].
#[derive(Debug)]
pub enum ExchangeKind {}

/// The journal of a folder that an emulator starts with.
#[derive(Debug)]
pub enum JournalKind {}

/// A script of faults.
#[derive(Debug)]
pub enum ScriptKind {}

/// Whose signatures an emulator takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Nobody's: none is looked at.
    Anybody,
    /// Those of the key pair that clients have.
    KeyHolder,
    /// Those of a key pair that no client has.
    Nobody,
}

impl Access {
    /// What the first byte chooses, and the bytes of the connection; `None` of nothing.
    pub fn choose(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (first, sent) = bytes.split_first()?;
        let access = match first % 3 {
            0 => Self::Anybody,
            1 => Self::KeyHolder,
            _ => Self::Nobody,
        };
        Some((access, sent))
    }
}

impl Kind for ExchangeKind {
    const WORDS: &'static [&'static str] = &[
        "/examplebucket",
        "/examplebucket/k",
        "?uploadId=00000000000000000000000000000001",
        "?partNumber=1&uploadId=00000000000000000000000000000001",
        "&encoding-type=url",
        "&max-parts=1",
        "&part-number-marker=1",
        "&max-uploads=1",
        "&key-marker=",
        "&upload-id-marker=",
        "?max-keys=1",
        "&marker=",
        "&prefix=",
        "?append&position=0",
        "?bucketInfo",
        "?location",
        "HEAD ",
        "Transfer-Encoding: chunked\r\n",
        "\r\n0\r\n\r\n",
        "Expect: 100-continue\r\n",
        "Connection: close\r\n",
        "Host: localhost\r\n",
        "host: evil.example",
        "Origin: http://evil.example\r\n",
        "x-oss-copy-source: /examplebucket/k\r\n",
        "x-oss-copy-source-range: bytes=",
        "x-oss-range-behavior: standard\r\n",
        "x-oss-forbid-overwrite: true\r\n",
        "If-Match: ",
        "x-oss-meta-",
        "x-oss-date: 20261122T075608Z\r\n",
        "Date: Sun, 22 Nov 2026 07:56:08 GMT\r\n",
        "OSS AKIDEXAMPLE:",
        "OSS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261122/cn-hangzhou/oss/aliyun_v4_request,Signature=",
        "OSSAccessKeyId=AKIDEXAMPLE&Expires=1795334168&Signature=",
        "x-oss-signature-version=OSS4-HMAC-SHA256",
        "&x-oss-credential=AKIDEXAMPLE%2F20261122%2Fcn-hangzhou%2Foss%2Faliyun_v4_request",
        "&x-oss-expires=60",
        "&x-oss-signature=",
        "%00",
        "%0D",
        "%EF%BF%BF",
        "%FF",
    ];

    fn document(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
        let access = u.int_in_range(b'0'..=b'2')?;
        let session = u.choose(SESSIONS)?;
        Ok([&[access], session.as_bytes()].concat())
    }

    fn documents() -> Vec<Vec<u8>> {
        exchanges()
    }

    fn is_document(bytes: &[u8]) -> bool {
        Access::choose(bytes).is_some_and(|(_, sent)| capture::read("exchange", sent).is_ok())
    }
}

/// Every session as anybody's, and the signed ones where signatures are verified, with their key and with another.
fn exchanges() -> Vec<Vec<u8>> {
    let signed = |session: &&&str| session.contains("AKIDEXAMPLE");
    let at = |access: u8, session: &&str| [&[access], session.as_bytes()].concat();
    let open = SESSIONS.iter().map(|session| at(b'0', session));
    let held = SESSIONS
        .iter()
        .filter(signed)
        .map(|session| at(b'1', session));
    let foreign = SESSIONS
        .iter()
        .filter(signed)
        .map(|session| at(b'2', session));
    open.chain(held).chain(foreign).collect()
}

impl Kind for JournalKind {
    const WORDS: &'static [&'static str] = &[
        "{\"bucket\":\"examplebucket\",",
        "\"action\":",
        "\"PutBucket\"",
        "\"DeleteBucket\"",
        "{\"bucket\":\"\",\"held\":\"Nothing\",\"time\":0}\n",
        "\"held\":{\"Bucket\":{\"uploads_made\":1}}",
        "\"held\":{\"Object\":{\"key\":\"k\",\"etag\":\"\",\"crc64\":0,\"metadata\":[],\"parts\":[",
        "\"held\":{\"Upload\":{\"key\":\"k\",\"id\":\"1\",\"metadata\":[],\"parts\":[[1,",
        "[",
        "\u{0}",
        "{\"PutObject\":{\"key\":\"k\",\"headers\":[]}}",
        "{\"DeleteObject\":{\"key\":\"k\"}}",
        "{\"CopyObject\":{\"source\":\"k\",\"key\":\"k\",\"headers\":[]}}",
        "{\"Initiate\":{\"key\":\"k\",\"headers\":[]}}",
        "{\"UploadPart\":{\"key\":\"k\",\"id\":\"",
        "00000000000000000000000000000001",
        "\"number\":\"1\"",
        "{\"Complete\":{\"key\":\"k\",",
        "\"list\":\"\"",
        "{\"Abort\":{\"key\":\"k\",",
        ",\"body\":{\"file\":1,\"length\":",
        "\"md5\":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]",
        "\"crc64\":0}",
        ",\"time\":",
        "\n",
        "253402300800",
        "18446744073709551615",
        "\\u20ac",
        "-1",
    ];

    /// What an emulator wrote during a session.
    fn document(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
        static WRITTEN: LazyLock<Vec<Vec<u8>>> = LazyLock::new(written);
        Ok(u.choose(&WRITTEN)?.clone())
    }

    fn is_document(bytes: &[u8]) -> bool {
        let lines = bytes.split_inclusive(|byte| *byte == b'\n');
        let mut whole = lines.filter(|line| line.ends_with(b"\n"));
        whole.all(|line| serde_json::from_slice::<serde_json::Value>(line).is_ok())
    }
}

fn written() -> Vec<Vec<u8>> {
    let Ok(exchanger) = Exchanger::new() else {
        return vec![Vec::new()];
    };
    let journal = |session: &&str| {
        let config = Config {
            verifies_signatures: false,
            ..Config::default()
        };
        let restart = exchanger.restart(config, b"", session.as_bytes()).ok()?;
        Some(restart.journal)
    };
    let mut journals: Vec<_> = SESSIONS.iter().filter_map(journal).collect();
    let anew: Vec<_> = journals
        .iter()
        .filter_map(|journal| exchanger.compact(&Config::default(), journal).ok())
        .collect();
    journals.extend(anew);
    journals.sort();
    journals.dedup();
    journals
}

/// One of each fault, in every form.
const SCRIPTS: [&str; 6] = [
    r#"{"faults":[]}"#,
    r#"{"faults":[{"operation":"UploadPart","part_number":2,"nth":2,"times":3,"fault":{"answer":{"status":503,"code":"ServiceBusy"}}}]}"#,
    r#"{"faults":[{"fault":{"delay":{"milliseconds":500}}},{"fault":{"answer":{"status":502}}}]}"#,
    r#"{"faults":[{"fault":"cut-before-body"},{"fault":"cut-in-body"},{"fault":"cut-after-body"}]}"#,
    r#"{"faults":[{"operation":"CompleteMultipartUpload","fault":"lose-answer"},{"fault":{"cut-answer":{"after":1000}}}]}"#,
    r#"{"faults":[{"operation":"ListParts","fault":{"stale-list":{"missing":1}}},{"nth":2,"fault":{"truncate-list":{"parts":1}}}]}"#,
];

impl Kind for ScriptKind {
    const WORDS: &'static [&'static str] = &[
        "{\"faults\":[",
        "\"operation\":\"UploadPart\",",
        "\"part_number\":1,",
        "\"nth\":",
        "\"times\":",
        "\"fault\":",
        "{\"answer\":{\"status\":503}}",
        ",\"code\":\"InternalError\"",
        "{\"delay\":{\"milliseconds\":1}}",
        "\"cut-before-body\"",
        "\"cut-in-body\"",
        "\"cut-after-body\"",
        "\"lose-answer\"",
        "{\"cut-answer\":{\"after\":1}}",
        "{\"stale-list\":{\"missing\":1}}",
        "{\"truncate-list\":{\"parts\":1}}",
        "]}",
        "0",
        "18446744073709551615",
        "null",
        ",",
    ];

    fn document(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
        Ok(u.choose(&SCRIPTS)?.as_bytes().to_vec())
    }

    fn is_document(bytes: &[u8]) -> bool {
        std::str::from_utf8(bytes).is_ok_and(|text| Script::read(text).is_ok())
    }
}
