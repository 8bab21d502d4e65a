//! What tells of a message and is none: the error document alone, an SDK's exception in a line of a log, a list of parts, a block of headers. Each is
//! taken for the message that it is of, and a note says so.

use std::fmt::Write;
use std::sync::LazyLock;

use partproof_model::Rule;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use regex::bytes::Regex;

use super::cursor::{self, Cursor};
use super::head::Head;
use super::message::{Body, Form, Message, Source, StartLine};
use crate::ec;

/// A field of an error object, whatever its language: `[Code]: X`, `code=X`, `"code": "X"`, `\"code\": \"X\"`.
macro_rules! value {
    ($name:literal, $value:literal) => {
        pattern!(concat!(
            "(?i-u)",
            $name,
            r#"\]?\\?["']?\s*[:=]\s*\\?["']?"#,
            $value
        ))
    };
}

/// The messages that a text tells of beside those that were found in it.
pub(super) fn read(file: &str, cursor: Cursor<'_>, found: &[Message]) -> Vec<Message> {
    let text = Text { file, cursor };
    let beginning = text.bytes().get(..1 << 14).unwrap_or(text.bytes());
    // A refusal that was captured says more than what an SDK made of it, if it says anything.
    if !cursor::is_text(beginning) || found.iter().any(says_what_is_wrong) {
        return Vec::new();
    }
    if !found.is_empty() {
        if !MARKS.is_match(text.bytes()) {
            return Vec::new();
        }
        // What stands beside messages may be the answer that is missing among them.
        let errors = text.documents(true);
        if !errors.is_empty() {
            return errors;
        }
        // An object may be named like an error.
        let labelled = value!(r#"(?:\A|[\s,{(\["'])ec(?:[ _]?code)?"#, r"(00\d\d-\d{8})\b");
        return text.exception(labelled).into_iter().collect();
    }
    let documents = text.documents(false);
    // An error document says more than what an SDK made of it.
    let exception = match documents
        .iter()
        .any(|document| matches!(document.start, StartLine::Response { .. }))
    {
        true => None,
        false => text.exception(pattern!(r"(?-u)\b(00\d\d-\d{8})\b")),
    };
    text.headers()
        .into_iter()
        .chain(documents)
        .chain(exception)
        .collect()
}

/// Whether an answer is an error and says which.
pub(super) fn says_what_is_wrong(message: &Message) -> bool {
    let says = matches!(&message.body, Body::Bytes(body) if ec::is_error(body));
    let in_the_head =
        || message.header("x-oss-ec").is_some() || message.header("x-oss-err").is_some();
    matches!(message.start, StartLine::Response { status } if says || status >= 400 && in_the_head())
}

struct Text<'a> {
    file: &'a str,
    cursor: Cursor<'a>,
}

/// The messages of the service's refusals, as far as they are longer than a phrase.
fn messages() -> impl Iterator<Item = &'static str> {
    let answers = Rule::all().filter_map(|rule| rule.answer);
    let messages = answers.map(|answer| answer.message.trim_end_matches('.'));
    messages.filter(|message| message.len() > 30)
}

/// Any of these texts.
fn any_of(texts: impl Iterator<Item = &'static str>) -> Regex {
    let any = Regex::new(&texts.map(regex::escape).collect::<Vec<_>>().join("|"));
    any.unwrap_or_else(|error| unreachable!("{error}"))
}

static MESSAGES: LazyLock<Regex> = LazyLock::new(|| any_of(messages()));

/// One of these stands in every text that tells of an error: most of a long capture is passed over by that. An error number's last eight digits
/// begin with zeros.
static MARKS: LazyLock<Regex> = LazyLock::new(|| {
    any_of(
        ["<Error", "-0000"]
            .into_iter()
            .chain(messages())
            .chain(ec::codes()),
    )
});

/// What SDKs call errors of any code.
const OF_SDKS: [&str; 5] = [
    "ClientError",
    "OperationError",
    "RequestError",
    "ServerError",
    "ServiceError",
];

/// The name of an upload id or an object that nobody knows.
const UNKNOWN: &str = "***";

impl<'a> Text<'a> {
    fn bytes(&self) -> &'a [u8] {
        self.cursor.rest()
    }

    fn source(&self, at: usize) -> Source {
        let mut cursor = self.cursor;
        cursor.take(at);
        Source {
            file: self.file.to_owned(),
            line: cursor.line(),
            form: Form::Line,
        }
    }

    fn message(&self, at: usize, start: StartLine, body: Vec<u8>, what: &str) -> Message {
        Message {
            source: self.source(at),
            start,
            headers: Vec::new(),
            body: Body::Bytes(body),
            notes: vec![format!(
                "{what} by itself: what it belongs to was not captured"
            )],
        }
    }

    /// Documents that belong to no message: errors, and lists of parts.
    fn documents(&self, only_errors: bool) -> Vec<Message> {
        let document = pattern!(
            r"(?s-u)<(Error|CompleteMultipartUpload)(?:\s[^<>]*)?>.*?</(?:Error|CompleteMultipartUpload)\s*>",
        );
        let cut = pattern!(r"(?s-u)<Error(?:\s[^<>]*)?>\s*<Code>.*");
        let mut found: Vec<_> = document
            .captures_iter(self.bytes())
            .map(|found| (found.get(0), found[1].to_vec()))
            .collect();
        if found.is_empty() {
            found.extend(
                cut.find(self.bytes())
                    .map(|cut| (Some(cut), b"Error".to_vec())),
            );
        }
        // The place of each is counted from the beginning: the lists of a long capture are its messages', and are not looked at again.
        found.retain(|(_, root)| !only_errors || root == b"Error");
        found.truncate(100);
        let documents = found.into_iter().filter_map(|(whole, root)| {
            let (at, body) = (whole?.start(), whole?.as_bytes().to_vec());
            Some(match root.as_slice() {
                b"Error" => {
                    let status = ec::said(&body).code.and_then(|code| ec::status(&code));
                    self.message(
                        at,
                        StartLine::Response {
                            status: status.unwrap_or(400),
                        },
                        body,
                        "an error document",
                    )
                }
                _ => self.message(at, complete(UNKNOWN), body, "a list of parts"),
            })
        });
        documents.collect()
    }

    /// The first block of headers that declares encryption.
    fn headers(&self) -> Option<Message> {
        let declares = pattern!(
            r"(?mi-u)^x-oss-meta-client-side-encryption-(?:data-size|part-size|key|start)\s*:.*$",
        );
        let at = declares.find(self.bytes())?.start();
        let mut cursor = self.cursor;
        cursor.take(at);
        // What stands before it in the block is not needed: it is about the request, not about the upload.
        let mut head = Head::open(cursor.line(), b"POST /?uploads HTTP/1.1")?;
        let mut known = false;
        while let Some(line) = cursor.next_line() {
            if !Head::is_header(line) {
                break;
            }
            known = true;
            head.push(self.file, cursor.line(), line).ok()?;
        }
        let mut message = head.into_message(self.file, Body::Absent);
        message.source = self.source(at);
        message.notes = vec!["headers by themselves, taken for those of Initiate".to_owned()];
        known.then_some(message)
    }

    /// An error as an SDK tells it, whose number is the first group of this pattern.
    fn exception(&self, number: &Regex) -> Option<Message> {
        let bytes = self.bytes();
        let ec = number.captures(bytes).and_then(|found| found.get(1));
        let named = value!(
            r"\[?(?:error[ _]?code|err_code|code)",
            r"((?-i:[A-Z][A-Za-z]{3,60}))\b"
        );
        // Python v1 and PHP have a class, or a beginning, of the code's name.
        let class = pattern!(r"(?-u)(?:[eE]xceptions?\.|OssException: )([A-Z][A-Za-z]{3,60})\b");
        // Beside a number stands any code, by itself only one that is known.
        let searched = match ec {
            Some(ec) => near(bytes, ec.start()),
            None => 0..bytes.len(),
        };
        let base = searched.start;
        let searched = bytes.get(searched).unwrap_or_default();
        let codes = |pattern: &Regex| {
            let mut codes = pattern
                .captures_iter(searched)
                .filter_map(|found| found.get(1));
            codes.find(|code| {
                let name = String::from_utf8_lossy(code.as_bytes());
                ec.is_some() && !OF_SDKS.contains(&&*name) || ec::status(&name).is_some()
            })
        };
        let code = codes(named).or_else(|| codes(class));
        // Some tell nothing but the message.
        let told = MESSAGES.find(bytes);
        let code_at = code.map(|code| base + code.start());
        let places = [code_at, ec.map(|ec| ec.start())].into_iter().flatten();
        let at = places.clone().next().or(told.map(|told| told.start()))?;
        // What belongs to one error stands near, and what names its part behind its beginning.
        let from = places.min().unwrap_or(at);
        let near = bytes.get(near(bytes, from)).unwrap_or_default();
        let behind = bytes.get(from..).unwrap_or_default();
        let paragraph = pattern!(r"(?-u)\n[ \t\r]*\n").find(behind);
        let behind = paragraph.map_or(behind, |end| &behind[..end.start()]);
        let behind = behind.get(..8_000).unwrap_or(behind);
        let find_in = |text: &[u8], pattern: &Regex| {
            let found = pattern.captures(text)?;
            let value = found.iter().skip(1).flatten().next()?;
            Some(String::from_utf8_lossy(value.as_bytes()).trim().to_owned())
        };
        let find = |pattern: &Regex| find_in(near, pattern);
        let status = find(value!(r"(?:http[ _]?)?status(?:[ _]?code)?", r"(\d{3})\b"))
            .or_else(|| find(pattern!(r"(?-u)\bCode=-(\d{3})\b")));
        let told = MESSAGES
            .find(near)
            .map(|told| String::from_utf8_lossy(told.as_bytes()).into_owned());
        let code = code
            .map(|code| String::from_utf8_lossy(code.as_bytes()).into_owned())
            .or_else(|| told.as_deref().and_then(ec::code_of).map(str::to_owned));
        let known = code.as_deref().and_then(ec::status);
        let fields = [
            ("Code", code),
            (
                "Message",
                told.or_else(|| find(value!(
                    r"(?:error[ _]?(?:message|msg)|\bmessage)",
                    r#"(.{1,400}?)(?:\\?["'](?:[,}\s]|$)|,\s*\[?(?:Request|Upload|Code|Host|Raw|EC\b)|\s+(?:host|request_?id)=|\. ?EC|\.?\r?\n|\.?$)"#
                ))),
            ),
            (
                "EC",
                ec.map(|ec| String::from_utf8_lossy(ec.as_bytes()).into_owned()),
            ),
            ("UploadId", find_in(behind, value!(r"upload_?id", r"([0-9A-Za-z*]+)"))),
            ("PartNumber", find_in(behind, value!(r"part_?number", r"(\d+)"))),
            ("ETag", find_in(behind, value!(r"(?-i:ETag)", r"([0-9A-Za-z-]+)"))),
        ];
        let mut body = String::from("<Error>");
        for (name, value) in fields {
            if let Some(value) = value {
                let value = value.replace('&', "&amp;").replace('<', "&lt;");
                write!(body, "<{name}>{value}</{name}>").expect("writing to a String cannot fail");
            }
        }
        body.push_str("</Error>");
        let status = status
            .and_then(|status| status.parse().ok())
            .filter(|status| *status >= 400);
        let start = StartLine::Response {
            status: status.or(known).unwrap_or(400),
        };
        Some(self.message(at, start, body.into_bytes(), "an error as an SDK tells it"))
    }
}

/// Where the rest of an error may stand: from the paragraph of this place on.
fn near(bytes: &[u8], at: usize) -> std::ops::Range<usize> {
    let before = bytes.get(at.saturating_sub(1_000)..at).unwrap_or_default();
    let paragraph = pattern!(r"(?-u)\n[ \t\r]*\n").find_iter(before).last();
    let begins = at.saturating_sub(before.len()) + paragraph.map_or(0, |end| end.end());
    begins..bytes.len().min(at + 8_000)
}

fn complete(id: &str) -> StartLine {
    StartLine::Request {
        method: "POST".to_owned(),
        target: format!("/?uploadId={}", utf8_percent_encode(id, NON_ALPHANUMERIC)),
    }
}
