//! What a test would draw that does not aim: the examples that one writes down first, and the same cases with numbers, bytes and texts drawn anew,
//! uniformly or as proptest draws primitive types.

use proptest::arbitrary::any;
use proptest::prelude::Strategy as _;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde_json::{Map, Value, json};

/// The cases that an implementer writes down as examples, for laws that take this kind of case.
pub(crate) fn examples(cases: &str) -> Vec<Value> {
    const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    const START: &str = "00112233445566778899aabbccddeeff";
    let kind = cases.rsplit("::").next().unwrap_or_default();
    let kind = kind.trim_end_matches('>');
    let upload = |length: u64| {
        json!({ "cipher": "AES/CTR/NoPadding", "object": "multipart.data", "part_size": 102_400,
            "plaintext": { "length": length, "seed": 1 } })
    };
    let encrypt = |cipher: &str, start: &str, length: u64| {
        json!({ "cipher": cipher, "key": KEY, "start": start, "part_size": 64, "chunks": [16],
            "plaintext": { "length": length, "seed": 1 } })
    };
    let each_cipher = |length| {
        vec![
            encrypt("AES/CTR/NoPadding", START, length),
            encrypt(
                "AES/GCM/NoPadding",
                "00112233445566778899aabb00000000",
                length,
            ),
            encrypt(
                "AES/GCM-PART/NoPadding",
                "00112233445566770000000000000000",
                length,
            ),
        ]
    };
    let envelope = json!({ "cipher": "AES/CTR/NoPadding", "key": KEY, "start": START, "oaep": false,
        "sizes": [250_000, 102_400] });
    let etag = "\"5B3C1A2E053D763E1B002CC607C5A0FE\"";
    let plan = |data: u64| json!({ "data_size": data, "part_size": 102_400 });
    match kind {
        "PlanCase" => vec![
            plan(250_000),
            json!({ "data_size": 1_000_000, "part_size": null }),
        ],
        "PlanPartCase" => vec![json!({ "plan": plan(250_000), "place": 1 })],
        "HostilePlanCase" => vec![
            json!({ "data_size": 0, "part_size": 102_400 }),
            json!({ "data_size": 250_000, "part_size": 0 }),
        ],
        "EncryptCase" => each_cipher(250),
        "PositionCase" => vec![
            json!({ "key": KEY, "start": START, "part_size": 102_400, "number": 2, "skip": 0, "length": 100, "seed": 1 }),
        ],
        "TamperCase" => {
            let uploads = each_cipher(250).split_off(1).into_iter();
            uploads
                .map(|mut upload| {
                    upload.as_object_mut().map(|upload| upload.remove("chunks"));
                    json!({ "tamper": { "flip_bit": 7 }, "upload": upload })
                })
                .collect()
        }
        "PartListCase" => vec![json!({ "count": 3, "etags": [etag], "order": "ascending" })],
        "HostilePartListCase" => vec![json!({ "parts": [[0, etag]] }), json!({ "parts": [] })],
        "AnyPartsCase" => vec![json!({ "parts": [[1, etag], [2, etag]] })],
        "AnswerCase" => vec![
            json!({ "bucket": "examplebucket", "key": "multipart.data", "parts": 2, "text": "text", "truncated": false,
                "upload_id": "0004B9894A22E5B1888A1E29F8236E2D", "url_encoded": false }),
        ],
        "HostileXmlCase" => vec![json!({ "attack": "empty", "document": "part_list" })],
        "EnvelopeCase" => vec![envelope],
        "BrokenEnvelopeCase" => {
            vec![json!({ "breakage": { "start_length": 15 }, "envelope": envelope })]
        }
        "HeadersCase" => vec![json!([["x-oss-meta-client-side-encryption-key", "AAAA"]])],
        "PartListKind" => vec![json!(format!(
            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part></CompleteMultipartUpload>"
        ))],
        "AnswerKind" => vec![json!("<Error><Code>NoSuchUpload</Code></Error>")],
        "SessionCase" => vec![json!([
            { "initiate": { "data_size": 204_800, "object": 1, "part_size": 102_400 } },
            { "upload_rest": { "upload": 0 } },
            { "complete": { "list": "sent", "upload": 0 } }
        ])],
        "UploadCase" => vec![upload(250_000), upload(50_000)],
        "LimitCase" => vec![json!({ "length": 1_024_000, "part_size": 102_400, "taken": 1 })],
        "FailingUploadCase" => vec![json!({ "upload": upload(250_000), "faults": [
            { "operation": "UploadPart", "nth": 1, "times": 1, "fault": { "answer": { "status": 503 } } }
        ] })],
        "ResumeCase" => vec![json!({ "upload": upload(250_000), "fails_at": 2 })],
        "SourceCase" => vec![json!({ "upload": upload(250_000), "trouble": "edited" })],
        "DownloadCase" => vec![
            json!({ "envelope": envelope, "part_size": 102_400, "plaintext": { "length": 250_000, "seed": 1 } }),
            json!({ "envelope": envelope, "part_size": 102_400, "plaintext": { "length": 250_000, "seed": 1 },
                "range": { "closed": { "first": 100, "last": 199 } } }),
        ],
        _ => Vec::new(),
    }
}

/// A range of a field that means a number: what a test draws it from if its author thinks of what is legal, and of nothing else.
fn range(field: &str) -> (u64, u64) {
    match field {
        "data_size" => (1, 53_687_091_200_000),
        "part_size" => (6_400, 335_544_320),
        "number" | "place" => (1, 10_000),
        "seed" => (0, 255),
        "nth" | "times" | "fails_at" | "count" | "parts" => (1, 10),
        "chunks" | "start_length" => (1, 64),
        "first" | "last" | "skip" | "flip_bit" => (0, 2_000),
        _ => (0, 5_000),
    }
}

/// Draws a field.
pub(crate) trait Draws {
    /// A number.
    fn number(&mut self, field: &str) -> u64;
    /// Bytes.
    fn bytes(&mut self, length: usize) -> Vec<u8>;
    /// A text; none to leave it as it is.
    fn text(&mut self) -> Option<String>;
}

/// Uniformly from what is legal.
pub(crate) struct Uniform(pub(crate) ChaCha8Rng);

impl Uniform {
    pub(crate) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }
}

impl Draws for Uniform {
    fn number(&mut self, field: &str) -> u64 {
        let (least, most) = range(field);
        let number = least + self.0.next_u64() % (most - least + 1);
        // The service takes multiples of 16 alone.
        if field == "part_size" {
            16 * number
        } else {
            number
        }
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.0.fill_bytes(&mut bytes);
        bytes
    }

    fn text(&mut self) -> Option<String> {
        None
    }
}

/// As proptest draws a primitive type that holds the field.
pub(crate) struct Proptest(TestRunner);

impl Proptest {
    pub(crate) fn new(seed: u64) -> Self {
        let mut whole = [0; 32];
        whole[..8].copy_from_slice(&seed.to_le_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &whole);
        Self(TestRunner::new_with_rng(Config::default(), rng))
    }

    fn draw<T: std::fmt::Debug>(
        &mut self,
        from: impl proptest::strategy::Strategy<Value = T>,
    ) -> T {
        let tree = from.new_tree(&mut self.0);
        tree.expect("nothing is rejected").current()
    }
}

impl Draws for Proptest {
    fn number(&mut self, field: &str) -> u64 {
        match field {
            "data_size" => self.draw(any::<u64>()),
            "part_size" => self.draw(any::<u32>().prop_map(u64::from)),
            "seed" | "nth" | "times" | "fails_at" | "count" | "parts" | "chunks" => {
                self.draw(any::<u8>().prop_map(u64::from))
            }
            _ => self.draw(any::<u16>().prop_map(u64::from)),
        }
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        self.draw(proptest::collection::vec(any::<u8>(), length))
    }

    fn text(&mut self) -> Option<String> {
        Some(self.draw(any::<String>()))
    }
}

/// The example with its numbers, bytes and texts drawn anew.
pub(crate) fn drawn_anew(example: &Value, field: &str, draws: &mut dyn Draws) -> Value {
    match example {
        Value::Number(_) => draws.number(field).into(),
        Value::String(text) => match field {
            // In counter mode all of the start is drawn; a GCM start has zeros at its end.
            "key" | "start" if is_hex(text) => {
                let zeros = text.len() - text.trim_end_matches('0').len();
                let kept = if zeros >= 8 { zeros } else { 0 };
                let bytes = draws.bytes(text.len() / 2);
                let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                format!("{}{}", &digits[..digits.len() - kept], "0".repeat(kept)).into()
            }
            "etags" | "text" | "key" => draws.text().unwrap_or_else(|| text.clone()).into(),
            _ => text.clone().into(),
        },
        Value::Array(values) => {
            let values = values.iter();
            values
                .map(|value| drawn_anew(value, field, draws))
                .collect()
        }
        Value::Object(fields) => {
            let fields = fields.iter();
            let fields = fields.map(|(name, value)| (name.clone(), drawn_anew(value, name, draws)));
            fields.collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}

fn is_hex(text: &str) -> bool {
    text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
