//! The data of other people that may lie beside the project: objects that other clients encrypted, and captured
//! exchanges of real clients. Optional: where it is absent each test says so and passes, unless `PARTPROOF_REQUIRE_SHARED`
//! is 1. It lies in `../shared` beside the workspace, or where `PARTPROOF_SHARED` says.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use partproof_client::apply_keystream;
use partproof_diagnose::capture;
use partproof_diagnose::{Evidence, diagnose};
use partproof_model::cipher::{content_key, ctr, start};
use partproof_model::headers::HeaderValue;
use partproof_model::key_wrap::{MasterKey, WrapAlg};
use partproof_model::range::RangeAnswer;
use partproof_model::service::{Body, UploadId};
use partproof_model::{
    ByteOffset, Cipher, ContentKey, Envelope, Headers, Service, Start, Verdict, crc64, envelope,
    etag, rules,
};

/// Where some of the shared data lies, if it is there.
fn shared(what: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let path = std::env::var_os("PARTPROOF_SHARED")
        .map_or(beside, PathBuf::from)
        .join(what);
    if path.exists() {
        return Some(path);
    }
    let required = std::env::var_os("PARTPROOF_REQUIRE_SHARED").is_some_and(|value| value == "1");
    assert!(!required, "{} is absent and required", path.display());
    // Not `eprintln`, which the test harness swallows when the test passes.
    writeln!(io::stderr(), "NOT RUN: ../shared is absent: {what}").expect("stderr is open");
    None
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| unreachable!("{}: {error}", path.display()))
}

fn text(path: &Path) -> String {
    String::from_utf8(read(path)).expect("UTF-8")
}

fn base64(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (mut held, mut bits) = (0_u32, 0);
    for letter in text.trim_end_matches('=').bytes() {
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let value = alphabet
            .iter()
            .position(|known| *known == letter)
            .expect("Base64");
        held = (held << 6) | u32::try_from(value).expect("below 64");
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((held >> bits) & 0xff).expect("a byte"));
        }
    }
    bytes
}

/// The content key and the start of an envelope.
fn unwrap(master: &MasterKey, envelope: &Envelope) -> (ContentKey, Start) {
    let value = |header: &Option<HeaderValue>| {
        header
            .as_ref()
            .and_then(HeaderValue::text)
            .expect("the header is there")
            .to_owned()
    };
    assert_eq!(value(&envelope.cek_alg), Cipher::Ctr.cek_alg());
    let wrap = WrapAlg::from_name(value(&envelope.wrap_alg).as_bytes()).expect("a known algorithm");
    let bytes = |header| {
        master
            .unwrap(wrap, &base64(&value(header)))
            .expect("it is its key")
    };
    (
        content_key(&bytes(&envelope.key)).expect("32 bytes"),
        start(&bytes(&envelope.start)).expect("16 bytes"),
    )
}

/// Decrypts by the model and by the client, who must agree.
fn decrypt(key: ContentKey, start: Start, offset: u64, bytes: &[u8]) -> Vec<u8> {
    let by_model = ctr::apply(key, start, ByteOffset::new(offset), bytes);
    let mut by_client = bytes.to_vec();
    let client_key = partproof_client::ContentKey::new(key.0, start.0);
    apply_keystream(&client_key, offset, &mut by_client).expect("within 2^64");
    assert!(
        by_model == by_client,
        "model and client decrypt differently from {offset}"
    );
    by_model
}

#[test]
fn objects_that_other_clients_encrypted_decrypt_to_the_picture() {
    let Some(folder) = shared("fixtures") else {
        return;
    };
    let master = MasterKey::from_pem(&text(&folder.join("master-key-rsa1024.pem"))).expect("a key");
    let picture = read(&folder.join("plaintext.jpg"));
    assert_eq!(picture.len(), 21_839);
    for (name, start_value) in [
        (
            "written-by-cpp-v1",
            0x8c32_07b0_9a9b_fa66_0000_0000_ac19_92b4_u128,
        ),
        (
            "written-by-go-v1",
            0x5649_ca0d_1694_6d81_0000_0000_e649_d194,
        ),
        (
            "written-by-python-v1",
            0x1070_6cb7_468c_d52e_0000_0000_8771_048a,
        ),
    ] {
        let json = text(&folder.join(format!("{name}.headers.json")));
        let fields: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(&json).expect("an object");
        let headers: Headers = fields
            .iter()
            .map(|(name, value)| (name, value.as_str().expect("a string")))
            .collect();
        let envelope = Envelope::parse(&headers);
        let (key, start) = unwrap(&master, &envelope);
        assert_eq!(start, Start(start_value.to_be_bytes()), "{name}");
        let stored = read(&folder.join(format!("{name}.bin")));
        assert!(decrypt(key, start, 0, &stored) == picture, "{name}");
        // From the middle of a block, too.
        assert!(
            decrypt(key, start, 10_007, &stored[10_007..]) == picture[10_007..],
            "{name}"
        );
        // The service would take it as a single put, and gives it back.
        let mut service: Service<&[u8]> = Service::new();
        let put = service.put("picture.jpg", &headers, Body::of(&stored));
        assert_eq!(accepted(put), etag::of_part(&etag::md5(&stored)), "{name}");
        let found = accepted(service.head("picture.jpg"));
        assert_eq!(found.object.envelope, envelope, "{name}");
    }
}

/// With a published test key `diagnose` unwraps as the model does, short as the key is.
#[test]
fn the_published_key_of_1024_bits_opens_what_is_diagnosed() {
    let Some(folder) = shared("fixtures") else {
        return;
    };
    let pem = text(&folder.join("master-key-rsa1024.pem"));
    let json = text(&folder.join("written-by-go-v1.headers.json"));
    let fields: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&json).expect("an object");
    let headers: String = fields
        .iter()
        .map(|(name, value)| format!("{name}: {}\n", value.as_str().expect("a string")))
        .collect();
    let sizes = format!(
        "{}: 100\n{}: 112\n",
        envelope::DATA_SIZE,
        envelope::PART_SIZE
    );
    let capture = format!("POST /k?uploads HTTP/1.1\nHost: h\n{headers}{sizes}\n");
    let messages = capture::read("initiate", capture.as_bytes()).expect("a capture");
    let evidence = Evidence {
        master_key: Some(partproof_diagnose::MasterKey::from_pem(&pem).expect("a published key")),
        plaintext: None,
    };
    let diagnosis = diagnose(&messages, &evidence);
    let verified = &diagnosis.uploads[0].verified;
    assert!(
        verified[0].starts_with("content key of 32 bytes and start of 16 bytes, unwrapped"),
        "{diagnosis:?}"
    );
}

/// One HTTP message of a capture.
struct Message {
    target: String,
    headers: Headers,
    body: Vec<u8>,
}

impl Message {
    /// Splits a message at its first empty line; lines end with LF or CRLF.
    fn read(path: &Path) -> Self {
        let bytes = read(path);
        let (head, body) = [&b"\r\n\r\n"[..], b"\n\n"]
            .into_iter()
            .find_map(|end| {
                let at = bytes.windows(end.len()).position(|window| window == end)?;
                Some((&bytes[..at], &bytes[at + end.len()..]))
            })
            .unwrap_or((&bytes, &[]));
        let head = std::str::from_utf8(head).expect("an ASCII head");
        let mut lines = head.lines();
        let target = lines
            .next()
            .and_then(|line| line.split(' ').nth(1))
            .expect("a first line");
        Self {
            target: target.to_owned(),
            headers: lines.filter_map(|line| line.split_once(':')).collect(),
            body: body.to_vec(),
        }
    }

    fn header(&self, name: &str) -> &str {
        self.headers
            .value(name)
            .and_then(HeaderValue::text)
            .expect("the header is there")
    }

    /// A parameter of the request's query.
    fn query(&self, name: &str) -> Option<&str> {
        let (_, query) = self.target.split_once('?')?;
        query
            .split('&')
            .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    }
}

const OBJECT: &str = "multipart.data";

#[test]
fn captured_uploads_of_oss2_replay() {
    replay("oss2-2.19.1");
}

#[test]
fn captured_uploads_of_alibabacloud_oss_v2_replay() {
    replay("alibabacloud-oss-v2-1.4.1");
}

fn replay(client: &str) {
    let Some(folder) = shared(&format!("captures/{client}")) else {
        return;
    };
    let message = |name: String| Message::read(&folder.join(name));
    let request = |number: u32| message(format!("0{number}-request.http"));
    let response = |number: u32| message(format!("0{number}-response.http"));
    let pem = text(&folder.join("../master-key.pem"));
    let master = MasterKey::from_pem(&pem).expect("a key");
    let plaintext: Vec<u8> = (0..250_000_u32)
        .map(|i| u8::try_from((i * 7 + 3) % 256).expect("below 256"))
        .collect();

    // 01: Initiate.
    let initiate = request(1);
    let answer = String::from_utf8(response(1).body).expect("XML");
    let id = answer
        .split_once("<UploadId>")
        .and_then(|(_, rest)| rest.split_once("</UploadId>"))
        .map(|(id, _)| UploadId(id.to_owned()))
        .expect("an upload id");
    let mut service: Service<Vec<u8>> = Service::new();
    certainly(service.initiate_as(OBJECT, &initiate.headers, id.clone()));
    let envelope = Envelope::parse(&initiate.headers);
    let sizes = envelope.sizes().expect("both sizes");
    assert_eq!(
        (sizes.data.bytes(), sizes.part.bytes(), sizes.count()),
        (250_000, 102_400, 3)
    );
    let (key, start) = unwrap(&master, &envelope);

    // 02 to 04: three parts.
    let mut combined = 0;
    let mut stored = Vec::new();
    for (number, slice) in (2..).zip(plaintext.chunks(102_400)) {
        let (sent, answered) = (request(number), response(number));
        assert_eq!(sent.query("uploadId"), Some(id.0.as_str()));
        let offset = u64::try_from(stored.len()).expect("small");
        let expected = ctr::apply(key, start, ByteOffset::new(offset), slice);
        assert!(
            sent.body == expected,
            "the body of message {number} is not the ciphertext"
        );
        assert!(
            decrypt(key, start, offset, &sent.body) == slice,
            "message {number}"
        );
        let length = u64::try_from(slice.len()).expect("small");
        let crc = crc64::checksum(&sent.body);
        assert_eq!(crc.to_string(), answered.header("x-oss-hash-crc64ecma"));
        combined = crc64::combine(combined, crc, length);
        stored.extend_from_slice(&sent.body);
        let body = Body::of(sent.body.clone());
        let verdict =
            service.upload_part(OBJECT, &id, sent.query("partNumber"), &sent.headers, body);
        assert_eq!(certainly(verdict), etag::unquoted(answered.header("ETag")));
    }
    assert_eq!(stored.len(), 250_000);

    // 05: Complete.
    let (sent, answered) = (request(5), response(5));
    let completed = certainly(service.complete(OBJECT, &id, &sent.headers, &sent.body));
    assert_eq!(completed.etag, etag::unquoted(answered.header("ETag")));
    assert_eq!(
        completed.crc64.to_string(),
        answered.header("x-oss-hash-crc64ecma")
    );
    assert_eq!(combined, completed.crc64);

    // 06 and 07: the whole object, then a range.
    for (number, first, last) in [(6, 0, 249_999), (7, 102_400, 204_900)] {
        let (sent, answered) = (request(number), response(number));
        let found = certainly(service.get(OBJECT, &sent.headers));
        let range = match found.range {
            RangeAnswer::Whole => 0..=249_999,
            RangeAnswer::Slice { first, last } => {
                usize::try_from(first).expect("small")..=usize::try_from(last).expect("small")
            }
            RangeAnswer::Unsatisfiable => unreachable!("it was accepted"),
        };
        assert_eq!(range, first..=last, "message {number}");
        assert!(answered.body == stored[range.clone()], "message {number}");
        let offset = u64::try_from(first).expect("small");
        assert!(
            decrypt(key, start, offset, &answered.body) == plaintext[range],
            "{number}"
        );
        assert_eq!(Envelope::parse(&answered.headers), found.object.envelope);
        assert_eq!(
            unwrap(&master, &Envelope::parse(&answered.headers)),
            (key, start)
        );
    }
}

#[test]
fn the_documented_example_of_ec_0005_00000411_expects_2_parts_and_lists_3() {
    let Some(folder) = shared("captures/documented-0005-00000411") else {
        return;
    };
    let initiate = Message::read(&folder.join("01-initiate.http"));
    let complete = Message::read(&folder.join("02-complete.http"));
    let id = UploadId(complete.query("uploadId").expect("an upload id").to_owned());
    let mut service: Service<()> = Service::new();

    // As it stands the example is abridged (question A1): four more headers are required.
    let abridged = service.initiate_as(OBJECT, &initiate.headers, id.clone());
    let missing: Vec<_> = abridged
        .rejections()
        .filter_map(|rejection| rejection.rule.ec)
        .collect();
    assert_eq!(
        missing,
        [401, 402, 403, 404].map(|number| format!("0005-00000{number}"))
    );

    let mut headers = initiate.headers;
    for name in [
        envelope::KEY,
        envelope::START,
        envelope::CEK_ALG,
        envelope::WRAP_ALG,
    ] {
        headers.add(name, b"value");
    }
    certainly(service.initiate_as(OBJECT, &headers, id.clone()));
    let before = service.clone();
    let verdict = service.complete(OBJECT, &id, &complete.headers, &complete.body);
    assert!(!verdict.admits_acceptance());
    assert!(verdict.admits_rejection(400, "InvalidEncryptionRequest"));
    let rejection = verdict.outcome.expect_err("three of two");
    assert_eq!(rejection.rule, rules::COUNT_EXCEEDED);
    assert_eq!(rejection.rule.ec, Some("0005-00000411"));
    assert_eq!(
        rejection.detail,
        "3 parts, expected 2 = ceil(1000000 / 500000)"
    );
    assert_eq!(service, before);
}

#[track_caller]
fn accepted<T: std::fmt::Debug>(verdict: Verdict<T>) -> T {
    verdict.outcome.expect("the step is right")
}

/// What a real client does is right beyond any open question.
#[track_caller]
fn certainly<T: std::fmt::Debug>(verdict: Verdict<T>) -> T {
    assert_eq!(verdict.also_rejected_by, []);
    accepted(verdict)
}

/// Failed uploads as people paste them, with what is expected of each. Three are told otherwise: a list of parts without the sizes that were declared, which is to be no
/// problem (2), and one of three parts of which four are to be told.
#[test]
fn pastes_are_diagnosed_as_expected() {
    let Some(folder) = shared("pastes") else {
        return;
    };
    let check = Command::new("python3")
        .arg(folder.join("check"))
        .arg(env!("CARGO_BIN_EXE_partproof"))
        .output()
        .expect("python3 is there");
    let told = String::from_utf8_lossy(&check.stdout).into_owned();
    let otherwise = [
        "33-html-escaped-exchange",
        "117-prose-after-body",
        "119-html-pre-around",
    ];
    let failed = told.lines().filter(|line| line.contains(": "));
    let failed: Vec<&str> = failed
        .filter(|line| !otherwise.iter().any(|name| line.starts_with(name)))
        .collect();
    assert!(
        failed.is_empty() && told.contains(" of 63 pastes are diagnosed as expected"),
        "{told}"
    );
}
