//! HAR 1.2, the JSON that browsers and proxies export: one entry for each request and its response.
//!
//! Only what a diagnosis needs is read; anything else in the file is passed over, so that the many dialects all do.

use std::fmt;
use std::marker::PhantomData;

use data_encoding::BASE64;
use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use serde_json::Number;

use super::body;
use super::message::{self, Body, Form, Message, Source, StartLine};
use super::{CaptureError, MAX_HEADERS, MAX_MESSAGES};

/// Whether the bytes begin as a JSON object does, which no other form of capture does.
pub(super) fn is_json(bytes: &[u8]) -> bool {
    let inside = bytes.trim_ascii_start().strip_prefix(b"{");
    inside.is_some_and(|inside| inside.trim_ascii_start().starts_with(b"\""))
}

/// Reads the messages of a HAR file.
pub(super) fn read(file: &str, bytes: &[u8]) -> Result<Vec<Message>, CaptureError> {
    let har: Har = serde_json::from_slice(bytes).map_err(|error| CaptureError::Har {
        file: file.to_owned(),
        problem: error.to_string(),
    })?;
    let mut messages = Vec::new();
    for (index, Entry { request, response }) in har.log.entries.0.into_iter().enumerate() {
        let number = index.saturating_add(1);
        let mut request = request.into_message(file, number);
        let response = response.map(|response| response.into_message(file, number));
        if !matches!(response, Some(Some(_))) {
            let note = "its entry has no response";
            request.notes.push(note.to_owned());
        }
        messages.push(request);
        messages.extend(response.flatten());
    }
    Ok(messages)
}

#[derive(serde::Deserialize)]
struct Har {
    log: Log,
}

#[derive(serde::Deserialize)]
struct Log {
    entries: AtMost<Entry, { MAX_MESSAGES / 2 }>,
}

#[derive(serde::Deserialize)]
struct Entry {
    request: Request,
    response: Option<Response>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    method: String,
    url: String,
    headers: Option<AtMost<Header, MAX_HEADERS>>,
    body_size: Option<Number>,
    post_data: Option<Content>,
}

#[derive(serde::Deserialize)]
struct Response {
    status: Number,
    headers: Option<AtMost<Header, MAX_HEADERS>>,
    content: Option<Content>,
}

#[derive(serde::Deserialize)]
struct Header {
    name: String,
    value: String,
}

/// A `postData` or a `content`.
#[derive(serde::Deserialize)]
struct Content {
    text: Option<String>,
    /// Standard for responses only; some write it for requests too, one way or the other.
    #[serde(alias = "_encoding")]
    encoding: Option<String>,
    size: Option<Number>,
}

impl Request {
    fn into_message(self, file: &str, entry: usize) -> Message {
        let Self {
            method,
            url,
            headers,
            body_size,
            post_data,
        } = self;
        let headers = pairs(headers);
        // Minus one where it is not known, and then the header may.
        let announced = body_size
            .and_then(|size| size.as_u64())
            .filter(|size| *size > 0);
        let size = announced.map(|size| ("bodySize", size)).or_else(|| {
            let value = message::find(&headers, "content-length")?;
            Some(("Content-Length", body::length(value)?))
        });
        let mut notes = Vec::new();
        let body = body(post_data, size, method == "PUT", &mut notes);
        Message {
            source: Source {
                file: file.to_owned(),
                line: entry,
                form: Form::HarRequest,
            },
            start: StartLine::Request {
                method,
                target: url,
            },
            headers,
            body,
            notes,
        }
    }
}

impl Response {
    /// `None` for the status 0 of a request that was not answered.
    fn into_message(self, file: &str, entry: usize) -> Option<Message> {
        let Self {
            status,
            headers,
            content,
        } = self;
        let status = u16::try_from(status.as_u64()?).ok()?;
        if !(100..=999).contains(&status) {
            return None;
        }
        let size = content.as_ref().and_then(|content| content.size.as_ref());
        let size = size.and_then(Number::as_u64).filter(|size| *size > 0);
        let size = size.map(|size| ("content.size", size));
        let mut notes = Vec::new();
        let body = body(content, size, false, &mut notes);
        Some(Message {
            source: Source {
                file: file.to_owned(),
                line: entry,
                form: Form::HarResponse,
            },
            start: StartLine::Response { status },
            headers: pairs(headers),
            body,
            notes,
        })
    }
}

/// Headers without HTTP/2's pseudo headers, which repeat the URL and the status.
fn pairs(headers: Option<AtMost<Header, MAX_HEADERS>>) -> Vec<(String, Vec<u8>)> {
    let headers = headers.map(|AtMost(headers)| headers).unwrap_or_default();
    headers
        .into_iter()
        .filter(|Header { name, .. }| !name.starts_with(':'))
        .map(|Header { name, value }| (name, value.into_bytes()))
        .collect()
}

fn body(
    content: Option<Content>,
    size: Option<(&str, u64)>,
    is_put: bool,
    notes: &mut Vec<String>,
) -> Body {
    let (text, encoding) = match content {
        Some(Content { text, encoding, .. }) => (text.unwrap_or_default(), encoding),
        None => (String::new(), None),
    };
    let captured = if encoding.is_some_and(|name| name.eq_ignore_ascii_case("base64")) {
        let digits: Vec<u8> = text
            .bytes()
            .filter(|byte| !byte.is_ascii_whitespace())
            .collect();
        match BASE64.decode(&digits) {
            Ok(captured) => captured,
            Err(error) => {
                notes.push(format!("its body is not Base64: {error}"));
                return Body::Absent;
            }
        }
    } else {
        plain(text, size)
    };
    match size {
        Some((field, size)) => body::against(field, size, captured, is_put, notes),
        None => Body::Bytes(captured),
    }
}

/// The bytes of a text. Some browsers write each byte of data as the character of that number: where only that reading
/// has the announced size, it is the right one.
fn plain(text: String, size: Option<(&str, u64)>) -> Vec<u8> {
    let fits = |length: usize| size.is_some_and(|(_, size)| u64::try_from(length) == Ok(size));
    if size.is_none() || fits(text.len()) || !fits(text.chars().count()) {
        return text.into_bytes();
    }
    let bytes: Option<Vec<u8>> = text.chars().map(|char| u8::try_from(char).ok()).collect();
    bytes.unwrap_or_else(|| text.into_bytes())
}

/// An array that is refused where it gets longer than `N`, before it takes memory.
struct AtMost<T, const N: usize>(Vec<T>);

impl<'de, T: Deserialize<'de>, const N: usize> Deserialize<'de> for AtMost<T, N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Elements<T, const N: usize>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>, const N: usize> Visitor<'de> for Elements<T, N> {
            type Value = AtMost<T, N>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "an array of at most {N} elements")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Self::Value, A::Error> {
                let mut elements = Vec::new();
                while let Some(element) = array.next_element()? {
                    if elements.len() >= N {
                        return Err(Error::custom(format_args!(
                            "more than {N} elements, expected at most that"
                        )));
                    }
                    elements.push(element);
                }
                Ok(AtMost(elements))
            }
        }

        deserializer.deserialize_seq(Elements(PhantomData))
    }
}

#[cfg(test)]
mod tests;
