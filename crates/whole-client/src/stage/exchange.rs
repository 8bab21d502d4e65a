//! One exchange of the record: a request and what was answered, read as `partproof diagnose` reads them.

use std::io;

use std::collections::BTreeMap;

use partproof_diagnose::capture::{self, Body, Message, StartLine};
use partproof_emulator::{Pages, Written};
use partproof_evidence::{Answered, Evidence, Exchanged, MOST_EXCHANGES};
use partproof_model::Headers;

/// One request and its answer.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The operation, by the service's name.
    pub operation: String,
    /// `uploadId`, if it has one.
    pub upload_id: Option<String>,
    /// `partNumber`, if it has one.
    pub part_number: Option<u64>,
    /// The request's headers.
    pub headers: Headers,
    /// What was answered; nothing if the connection was cut.
    pub answer: Option<Answer>,
    request: Written,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The body of an answer that is no object.
    pub document: Vec<u8>,
    /// Whether the whole body was sent.
    pub is_whole: bool,
}

/// Reads the record.
pub fn read_all(pages: &Pages) -> io::Result<Vec<Exchange>> {
    let pages = pages.all();
    let requests = pages.iter().filter(|(name, written)| {
        // One that is empty has only begun to arrive: a client may have given up while other parts of its were under way.
        name.ends_with(REQUEST) && written.with(|bytes| !bytes.is_empty())
    });
    requests
        .map(|(name, request)| {
            let answer = pages.get_key_value(&name.replace(REQUEST, RESPONSE));
            Exchange::read(name, request, answer)
        })
        .collect()
}

/// The operation that the name of a request's page tells.
fn operation(name: &str) -> String {
    let name = name.strip_suffix(REQUEST);
    let operation = name.and_then(|name| name.split_once('-'));
    operation
        .map_or("unknown", |(_, operation)| operation)
        .to_owned()
}

const REQUEST: &str = "-request.http";
const RESPONSE: &str = "-response.http";

impl Exchange {
    fn read(
        name: &str,
        request: &Written,
        answer: Option<(&String, &Written)>,
    ) -> io::Result<Self> {
        let message = request
            .with(|bytes| message(name, bytes.get(..LONGEST_HEAD).unwrap_or(bytes)))?
            .0;
        let operation = operation(name);
        let answer = match answer {
            Some((name, answer)) => answer.with(|bytes| Answer::read(name, bytes, &operation))?,
            None => None,
        };
        Ok(Self {
            operation,
            upload_id: message.query("uploadId"),
            part_number: message
                .query("partNumber")
                .and_then(|number| number.parse().ok()),
            headers: headers(&message),
            answer,
            request: request.clone(),
        })
    }

    /// The bytes of the request's body that arrived.
    pub fn body(&self) -> io::Result<Vec<u8>> {
        self.request
            .with(|bytes| message("a request", bytes).map(|(_, body)| body))
    }

    /// Whether it is this operation.
    pub fn is(&self, operation: &str) -> bool {
        self.operation == operation
    }

    /// Whether the service did what was asked for, and said so.
    pub fn is_accepted(&self) -> bool {
        self.answer
            .as_ref()
            .is_some_and(|answer| answer.status < 300)
    }

    /// What was refused, if it was.
    pub fn refusal(&self) -> Option<&Answer> {
        self.answer.as_ref().filter(|answer| answer.status >= 400)
    }
}

impl Answer {
    fn read(name: &str, bytes: &[u8], operation: &str) -> io::Result<Option<Self>> {
        let (message, body) = message(name, bytes)?;
        let StartLine::Response { status } = message.start else {
            return Ok(None);
        };
        let announced = message.header("content-length").map(<[u8]>::to_vec);
        let is_object = operation == "GetObject" && status < 400;
        let is_whole = announced.is_none_or(|length| length == body.len().to_string().as_bytes());
        let document = if is_object { Vec::new() } else { body };
        Ok(Some(Self {
            status,
            document,
            is_whole,
        }))
    }

    /// An element of its document, as text.
    pub fn element(&self, name: &str) -> Option<String> {
        let text = std::str::from_utf8(&self.document).ok()?;
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        let (text, _) = rest.split_once(&format!("</{name}>"))?;
        Some(
            text.replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&amp;", "&"),
        )
    }
}

/// The record as people are shown it: of many exchanges the first, the last, and the one that is meant, which is the last attempt at the part in which the
/// wrong byte lies, or else the last request that was refused.
pub fn shown(pages: &Pages, evidence: &Evidence) -> Vec<Exchanged> {
    let pages = pages.all();
    let requests = pages.keys().filter(|name| name.ends_with(REQUEST));
    let read = requests
        .enumerate()
        .map(|(place, name)| (place + 1, name.as_str()));
    let mut all: Vec<Exchanged> = read
        .filter_map(|(number, name)| shown_one(&pages, number, name))
        .collect();
    let drawing = evidence.drawing.as_ref();
    let part = drawing.and_then(|drawing| Some(drawing.number(drawing.wrong?)));
    let is_of_part = |one: &Exchanged| {
        let number = format!("partNumber={}", part.unwrap_or(0));
        one.operation == "UploadPart" && one.target.split(['?', '&']).any(|pair| pair == number)
    };
    let last = |is: &dyn Fn(&Exchanged) -> bool| all.iter().rposition(is);
    let meant = last(&is_of_part).or_else(|| last(&Exchanged::is_refused));
    if let Some(one) = meant.and_then(|place| all.get_mut(place)) {
        one.is_meant = true;
    }
    let from_the_end = all.len().saturating_sub(MOST_EXCHANGES / 2);
    let mut place = 0;
    all.retain(|one| {
        place += 1;
        place < MOST_EXCHANGES / 2 || place > from_the_end || one.is_meant
    });
    all
}

fn shown_one(pages: &BTreeMap<String, Written>, number: usize, name: &str) -> Option<Exchanged> {
    let read = |name: &str| {
        let written = pages.get(name)?;
        let most = |bytes: &[u8]| {
            let beginning = bytes.get(..LONGEST_HEAD).unwrap_or(bytes);
            let (message, body) = message(name, beginning).ok()?;
            let length = bytes.len() - beginning.len() + body.len();
            Some((message, excerpt(&body, length)))
        };
        written.with(|bytes| most(bytes).filter(|_| !bytes.is_empty()))
    };
    let (request, body) = read(name)?;
    let StartLine::Request { method, target } = &request.start else {
        return None;
    };
    let answer = read(&name.replace(REQUEST, RESPONSE)).and_then(|(answer, body)| {
        let StartLine::Response { status } = answer.start else {
            return None;
        };
        let ec = answer.header("x-oss-ec").map(text);
        let (ec, headers) = (ec, shown_headers(&answer));
        Some(Answered {
            status,
            ec,
            headers,
            body,
        })
    });
    Some(Exchanged {
        number,
        operation: operation(name),
        method: cut(method),
        target: cut(target),
        headers: shown_headers(&request),
        body,
        answer,
        is_meant: false,
    })
}

/// So many headers of a message are shown.
const MOST_HEADERS: usize = 40;
/// So many characters of a value or of a body are shown.
const LONGEST: usize = 400;

fn shown_headers(message: &Message) -> Vec<(String, String)> {
    let headers = message.headers.iter().take(MOST_HEADERS);
    headers
        .map(|(name, value)| (cut(name), text(value)))
        .collect()
}

fn text(bytes: &[u8]) -> String {
    cut(&String::from_utf8_lossy(bytes))
}

/// The beginning of a text.
fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}...", &text[..end]),
    }
}

/// The beginning of a body: as text if it is one, else as hexadecimal digits.
fn excerpt(body: &[u8], length: usize) -> String {
    const FIRST: usize = 32;
    let beginning = body.get(..4 * LONGEST).unwrap_or(body);
    let is_text = |text: &str| !text.contains(|one: char| one.is_control() && !one.is_whitespace());
    match std::str::from_utf8(beginning) {
        Ok(text) if is_text(text) => cut(text),
        _ => {
            let first = body.get(..FIRST).unwrap_or(body);
            let more = if body.len() > FIRST { "..." } else { "" };
            let digits: String = first.iter().map(|byte| format!("{byte:02x}")).collect();
            let noun = if length == 1 { "byte" } else { "bytes" };
            format!("{length} {noun}: {digits}{more}")
        }
    }
}

/// A head that the emulator reads is shorter.
const LONGEST_HEAD: usize = 1 << 18;

/// The message of a page and its body. A page holds one, so that nothing needs to be looked for in its body.
fn message(name: &str, bytes: &[u8]) -> io::Result<(Message, Vec<u8>)> {
    const BLANK_LINE: &[u8] = b"\r\n\r\n";
    let end = bytes
        .windows(BLANK_LINE.len())
        .position(|bytes| bytes == BLANK_LINE);
    let head = end.map_or(bytes.len(), |end| end + BLANK_LINE.len());
    let read = |bytes: &[u8]| {
        let messages = capture::of_the_wire(name, bytes).map_err(io::Error::other)?;
        let first = messages.into_iter().next();
        first.ok_or_else(|| io::Error::other(format!("{name} holds no message")))
    };
    let (head, body) = bytes.split_at(head);
    let mut message = read(head)?;
    if message.header("transfer-encoding").is_none() {
        return Ok((message, body.to_vec()));
    }
    // In chunks.
    message = read(bytes)?;
    let body = match std::mem::replace(&mut message.body, Body::Absent) {
        Body::Bytes(bytes) | Body::Partial(bytes) => bytes,
        Body::Absent => Vec::new(),
    };
    Ok((message, body))
}

fn headers(message: &Message) -> Headers {
    let headers = message.headers.iter();
    headers
        .map(|(name, value)| (name.as_str(), value.as_slice()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_that_has_only_begun_is_none() {
        let pages = Pages::default();
        pages.page("000001-UploadPart-request.http");
        assert!(read_all(&pages).expect("a record").is_empty());
    }
}
