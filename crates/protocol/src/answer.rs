//! What a subject answers, read strictly: what is wrong with a line is said with its place.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::bytes::Base64;
use crate::object::{self, Object};
use crate::plan::Planned;
use crate::request::{Feature, Op, SignatureVersion};
use partproof_visible::visible;

/// An answer, its `ok` not read yet: what it must hold depends on the request.
#[derive(Clone, Debug)]
pub enum Answer {
    /// It was done.
    Ok(Box<RawValue>),
    /// It was not done.
    Err(ErrorAnswer),
    /// The subject has no such thing.
    Unsupported,
}

impl Answer {
    /// Reads a line, without its line feed, and gives the id of the request that it answers.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(line: &[u8]) -> Result<(u64, Self), String> {
        let text = std::str::from_utf8(line).map_err(|error| {
            format!(
                "not UTF-8 from byte {} on: {}",
                error.valid_up_to(),
                begin(line)
            )
        })?;
        let read: Line = parse(text).map_err(|problem| format!("{problem}: {}", begin(line)))?;
        let answer = match read {
            Line {
                ok: Some(ok),
                err: None,
                unsupported: None,
                ..
            } => Self::Ok(ok),
            Line {
                ok: None,
                err: Some(error),
                unsupported: None,
                ..
            } => Self::Err(error),
            Line {
                ok: None,
                err: None,
                unsupported: Some(true),
                ..
            } => Self::Unsupported,
            _ => {
                let expected = "expected exactly one of `ok`, `err` and `\"unsupported\":true`";
                return Err(format!("{expected}: {}", begin(line)));
            }
        };
        Ok((read.id, answer))
    }
}

/// Reads what stands behind `ok`.
///
/// # Errors
/// What is wrong with it, and where.
pub(crate) fn read_ok<T: DeserializeOwned>(ok: &RawValue) -> Result<T, String> {
    parse(ok.get()).map_err(|problem| format!("`ok`: {problem}: {}", begin(ok.get().as_bytes())))
}

/// Reads a line as the answer to whichever request it can be, and writes what was read: what a reader of any bytes is judged by.
///
/// # Errors
/// What is wrong with it.
pub fn reread(line: &[u8]) -> Result<Vec<u8>, String> {
    fn of<T: DeserializeOwned + Serialize>(ok: &RawValue) -> Result<Value, String> {
        let read: T = read_ok(ok)?;
        serde_json::to_value(read).map_err(|error| error.to_string())
    }
    let (id, answer) = Answer::read(line)?;
    let written = match answer {
        Answer::Ok(ok) => {
            let read = of::<Description>(&ok)
                .or_else(|_| of::<PartListBody>(&ok))
                .or_else(|_| of::<Ciphertext>(&ok))
                .or_else(|_| of::<Plaintext>(&ok))
                .or_else(|_| of::<Downloaded>(&ok))
                .or_else(|_| of::<Uploaded>(&ok))
                .or_else(|_| of::<Benched>(&ok))
                .or_else(|_| of::<Planned>(&ok))?;
            json!({ "id": id, "ok": read })
        }
        Answer::Err(error) => json!({ "id": id, "err": error }),
        Answer::Unsupported => json!({ "id": id, "unsupported": true }),
    };
    Ok(written.to_string().into_bytes())
}

fn parse<'t, T: Deserialize<'t>>(text: &'t str) -> Result<T, String> {
    let mut json = serde_json::Deserializer::from_str(text);
    let read: Object<T> = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        // It knows no line that matters: there is but one.
        let inner = error
            .inner()
            .to_string()
            .replace(" at line 1 column", " at byte");
        match path.as_str() {
            "." | "?" => short(&inner, 200),
            _ => format!("`{}`: {}", short(&path, 80), short(&inner, 200)),
        }
    })?;
    json.end()
        .map_err(|_| "more follows the JSON value".to_owned())?;
    Ok(read.0)
}

/// The beginning of a line, for a message.
fn begin(line: &[u8]) -> String {
    const SHOWN: usize = 120;
    // No character has more than four bytes.
    let bytes = line.get(..4 * SHOWN).unwrap_or(line);
    match line.is_empty() {
        true => "an empty line".to_owned(),
        false => format!("`{}`", short(&String::from_utf8_lossy(bytes), SHOWN)),
    }
}

/// The beginning of a text, so many characters of it as it is shown.
fn short(text: &str, longest: usize) -> String {
    let visible = visible(text);
    match visible.char_indices().nth(longest) {
        None => visible,
        Some((end, _)) => format!("{}...", visible.get(..end).unwrap_or_default()),
    }
}

#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", schemars(rename = "Answer"))]
pub(crate) struct Line {
    /// The request's.
    id: u64,
    /// What came of it; what it holds depends on `op`.
    #[cfg_attr(feature = "schema", schemars(with = "Option<serde_json::Value>"))]
    ok: Option<Box<RawValue>>,
    /// Why nothing came of it.
    #[serde(default, deserialize_with = "object::optional")]
    err: Option<ErrorAnswer>,
    /// `true`: the subject has no such thing.
    unsupported: Option<bool>,
}

/// Why a subject did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ErrorAnswer {
    /// Whose doing it is.
    pub kind: ErrorKind,
    /// What the client says.
    #[serde(deserialize_with = "shown")]
    pub message: String,
    /// The service's `Code`, if the client says that the service refused.
    #[serde(default, deserialize_with = "shown_if_any")]
    pub code: Option<String>,
    /// The service's error number, if the client tells it.
    #[serde(default, deserialize_with = "shown_if_any")]
    pub ec: Option<String>,
}

/// A text that is there to be shown: on one line, with nothing in it that works on a terminal.
fn shown<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    String::deserialize(deserializer).map(|text| visible(&text))
}

fn shown_if_any<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let read = Option::<String>::deserialize(deserializer)?;
    Ok(read.map(|text| visible(&text)))
}

/// Whose doing an error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// A clean "no".
    Refused,
    /// Anything else.
    Failed,
}

/// What `describe` answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// 1.
    pub protocol: u32,
    /// What is judged, by the name it is published under.
    #[serde(deserialize_with = "shown")]
    pub name: String,
    /// Its version.
    #[serde(deserialize_with = "shown")]
    pub version: String,
    /// What it is written in.
    #[serde(deserialize_with = "shown")]
    pub language: String,
    /// The operations it has.
    pub ops: Vec<Op>,
    /// The content ciphers it writes and reads, by `cek-alg`.
    #[serde(default = "ctr")]
    pub ciphers: Vec<String>,
    /// The wrap algorithms it reads, by `wrap-alg`.
    #[serde(default = "pkcs1")]
    pub wraps: Vec<String>,
    /// The signature versions it has.
    #[serde(default = "v4")]
    pub signatures: Vec<SignatureVersion>,
    /// What else it can do.
    #[serde(default)]
    pub features: Vec<Feature>,
}

fn ctr() -> Vec<String> {
    vec!["AES/CTR/NoPadding".to_owned()]
}

fn pkcs1() -> Vec<String> {
    vec!["RSA/NONE/PKCS1Padding".to_owned()]
}

fn v4() -> Vec<SignatureVersion> {
    vec![SignatureVersion::V4]
}

/// What `part_list` answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PartListBody {
    /// The XML.
    pub body: Base64,
}

/// What `encrypt_part` answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Ciphertext {
    /// What is sent.
    pub ciphertext: Base64,
}

/// What `decrypt_range` answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Plaintext {
    /// What was encrypted.
    pub plaintext: Base64,
}

/// What `upload` answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Uploaded {
    /// The object's, if the client tells it.
    pub etag: Option<String>,
}

/// What `download` answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Downloaded {
    /// How many bytes are in the file.
    pub length: u64,
}

/// What `bench` answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Benched {
    /// How many times it was done, one at least.
    pub iterations: u64,
    /// How long that took on the wall.
    pub nanoseconds: u64,
    /// How long the process computed meanwhile, if that is known.
    #[serde(default)]
    pub cpu_nanoseconds: Option<u64>,
    /// SHA-256, in lower-case hex, of what came out the last time: the body, the ciphertext or the plaintext, or of a plan a line
    /// `NUMBER OFFSET LENGTH` with its LF for each part.
    pub digest: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(line: &str) -> String {
        match Answer::read(line.as_bytes()) {
            Err(problem) => problem,
            Ok((_, Answer::Ok(ok))) => read_ok::<Planned>(&ok).unwrap_err(),
            Ok((_, answer)) => panic!("{answer:?}"),
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let lines = [
            "",
            "starting up...",
            r#"{"id":1,"ok":{"#,
            r#"{"id":-1,"ok":{}}"#,
            r#"{"id":1}"#,
            r#"{"id":1,"unsupported":false}"#,
            r#"{"id":1,"ok":{},"err":{"kind":"refused","message":""}}"#,
            r#"{"id":1,"err":{"kind":"no","message":""}}"#,
            r#"{"id":1,"err":{"message":""}}"#,
            r#"{"id":1,"result":{}}"#,
            r#"{"id":1,"ok":{}} {}"#,
            r#"{"id":1,"ok":{"part_size":"5","parts":[]}}"#,
            r#"{"id":1,"ok":{"part_size":5,"parts":[{"number":1,"offset":0,"length":5},{"number":2,"offset":5}]}}"#,
            r#"{"id":1,"ok":{"part_size":5.0,"parts":[]}}"#,
        ];
        let told: Vec<_> = lines.iter().map(|line| problem(line)).collect();
        insta::assert_snapshot!(told.join("\n"));
    }

    #[test]
    fn what_is_right_is_read() {
        let (id, answer) = Answer::read(br#"{"unsupported":true,"id":7}"#).unwrap();
        assert!(id == 7 && matches!(answer, Answer::Unsupported));
        let (_, answer) = Answer::read(br#"{"id":7,"ok":{"ciphertext":"AAE="}}"#).unwrap();
        let Answer::Ok(ok) = answer else {
            panic!("{answer:?}")
        };
        let read: Ciphertext = read_ok(&ok).unwrap();
        assert_eq!(read.ciphertext.0, [0, 1]);
        assert!(
            read_ok::<Plaintext>(&ok)
                .unwrap_err()
                .contains("ciphertext")
        );
    }

    /// A document with each of its objects, one at a time, as an array of its values.
    fn with_arrays(document: &Value) -> Vec<Value> {
        let mut all = Vec::new();
        match document {
            Value::Object(fields) => {
                all.push(fields.values().cloned().collect());
                for (name, value) in fields {
                    for twin in with_arrays(value) {
                        let mut fields = fields.clone();
                        fields.insert(name.clone(), twin);
                        all.push(Value::Object(fields));
                    }
                }
            }
            Value::Array(values) => {
                for (place, value) in values.iter().enumerate() {
                    for twin in with_arrays(value) {
                        let mut values = values.clone();
                        values[place] = twin;
                        all.push(Value::Array(values));
                    }
                }
            }
            _ => {}
        }
        all
    }

    #[test]
    fn no_array_passes_for_an_object() {
        let part = json!({"number": 1, "offset": 0, "length": 5});
        let description = json!({"protocol": 1, "name": "n", "version": "1", "language": "C",
            "ops": ["plan"], "ciphers": [], "wraps": [], "signatures": ["v1"], "features": []});
        let mut twins = 0;
        for document in [
            json!({"id": 1, "unsupported": true}),
            json!({"id": 1, "err": {"kind": "refused", "message": "no", "code": "C", "ec": "E"}}),
            json!({"id": 1, "ok": {"part_size": 5, "parts": [part, part]}}),
            json!({"id": 1, "ok": description}),
            json!({"id": 1, "ok": {"body": "AAE="}}),
            json!({"id": 1, "ok": {"ciphertext": "AAE="}}),
            json!({"id": 1, "ok": {"plaintext": "AAE="}}),
            json!({"id": 1, "ok": {"etag": "e"}}),
            json!({"id": 1, "ok": {"length": 5}}),
        ] {
            reread(document.to_string().as_bytes()).unwrap();
            for twin in with_arrays(&document) {
                let problem = reread(twin.to_string().as_bytes()).expect_err(&twin.to_string());
                assert!(problem.contains("expected an object"), "{twin}: {problem}");
                twins += 1;
            }
        }
        assert_eq!(twins, 19);
    }

    #[test]
    fn what_is_there_to_be_shown_is_one_line_that_hides_nothing() {
        let hostile = "\u{1b}[2J\u{9b}A\u{202e}\nconforms";
        let line = json!({"id": 1, "err": {"kind": "failed", "message": hostile, "code": hostile, "ec": hostile}});
        let Ok((_, Answer::Err(error))) = Answer::read(line.to_string().as_bytes()) else {
            panic!("{line}")
        };
        let shown = "\\u{1b}[2J\\u{9b}A\\u{202e}\\nconforms";
        assert_eq!(error.message, shown);
        assert_eq!(
            (error.code.as_deref(), error.ec.as_deref()),
            (Some(shown), Some(shown))
        );
        let ok = json!({"protocol": 1, "name": hostile, "version": hostile, "language": hostile, "ops": []});
        let ok = RawValue::from_string(ok.to_string()).unwrap();
        let read: Description = read_ok(&ok).unwrap();
        assert_eq!([read.name, read.version, read.language], [shown; 3]);
    }

    #[test]
    fn what_is_wrong_is_said_on_one_short_line() {
        let long = "\u{7f}\n😀".repeat(1_000);
        for line in [
            long.clone(),
            format!("{{{:?}:1}}", long),
            r#"{"id":1,"ok":{"ciphertext":"JVnullQ=lQ=="}}"#.to_owned(),
        ] {
            let problem = reread(line.as_bytes()).unwrap_err();
            assert!(
                problem.len() < 2_000 && !problem.contains('\n'),
                "{problem}"
            );
        }
    }
}
