//! One exchange of the record: a request and what was answered, read as `partproof diagnose` reads them.

use std::io;

use partproof_diagnose::capture::{self, Body, Message, StartLine};
use partproof_emulator::{Pages, Written};
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
        let operation = name
            .strip_suffix(REQUEST)
            .and_then(|name| name.split_once('-'))
            .map_or("unknown", |(_, operation)| operation)
            .to_owned();
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
