//! A request with its response, and which operation of the service it is. Captures may have either without the other.

use partproof_model::Headers;

use crate::capture::{Body, Message, Source, StartLine};

/// A request and what came back.
#[derive(Clone, Debug)]
pub(super) struct Exchange<'a> {
    pub(super) request: &'a Message,
    pub(super) response: Option<&'a Message>,
    pub(super) operation: Operation,
}

/// What a capture is made of.
#[derive(Clone, Debug)]
pub(super) enum Captured<'a> {
    Exchange(Exchange<'a>),
    /// A response to a request that was not captured.
    Orphan(&'a Message),
}

/// An operation of the service, as far as uploads and reads are concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Initiate,
    UploadPart { id: String, number: Option<String> },
    UploadPartCopy { id: String, number: Option<String> },
    ListParts { id: String },
    Complete { id: String },
    Abort { id: String },
    Put,
    Copy,
    Get,
    Other,
}

impl Exchange<'_> {
    pub(super) fn source(&self) -> &Source {
        &self.request.source
    }

    /// Which object: host and path, as far as they are there.
    pub(super) fn object(&self) -> String {
        self.request
            .path()
            .unwrap_or_default()
            .trim_start_matches('/')
            .to_owned()
    }

    pub(super) fn status(&self) -> Option<u16> {
        match self.response?.start {
            StartLine::Response { status } => Some(status),
            StartLine::Request { .. } => None,
        }
    }

    pub(super) fn succeeded(&self) -> Option<bool> {
        self.status().map(|status| (200..300).contains(&status))
    }
}

/// Puts each response behind the last request that has none.
pub(super) fn pair(messages: &[Message]) -> Vec<Captured<'_>> {
    let mut captured: Vec<Captured<'_>> = Vec::new();
    let mut waiting: Option<usize> = None;
    for message in messages {
        match (&message.start, waiting) {
            (StartLine::Request { method, .. }, _) => {
                waiting = Some(captured.len());
                let operation = operation(method, message);
                captured.push(Captured::Exchange(Exchange {
                    request: message,
                    response: None,
                    operation,
                }));
            }
            (StartLine::Response { status: 100..200 }, _) => {}
            (StartLine::Response { .. }, Some(at)) => {
                if let Some(Captured::Exchange(exchange)) = captured.get_mut(at) {
                    exchange.response = Some(message);
                }
                waiting = None;
            }
            (StartLine::Response { .. }, None) => captured.push(Captured::Orphan(message)),
        }
    }
    captured
}

fn operation(method: &str, message: &Message) -> Operation {
    let id = message.query("uploadId");
    let number = message.query("partNumber");
    let copies = message.header("x-oss-copy-source").is_some();
    match (method.to_ascii_uppercase().as_str(), id) {
        ("POST", None) if message.query("uploads").is_some() => Operation::Initiate,
        ("PUT", Some(id)) if copies => Operation::UploadPartCopy { id, number },
        ("PUT", Some(id)) => Operation::UploadPart { id, number },
        ("POST", Some(id)) => Operation::Complete { id },
        ("GET", Some(id)) => Operation::ListParts { id },
        ("DELETE", Some(id)) => Operation::Abort { id },
        ("PUT", None) if copies => Operation::Copy,
        ("PUT", None) => Operation::Put,
        ("GET" | "HEAD", None) => Operation::Get,
        _ => Operation::Other,
    }
}

/// The headers of a message as the model reads them.
pub(super) fn headers(message: &Message) -> Headers {
    message
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_slice()))
        .collect()
}

/// The whole body, if it was captured whole.
pub(super) fn whole_body(message: &Message) -> Option<&[u8]> {
    match &message.body {
        Body::Bytes(bytes) => Some(bytes),
        Body::Absent | Body::Partial(_) => None,
    }
}

/// How many bytes the body has or was announced to have.
pub(super) fn body_length(message: &Message) -> Option<u64> {
    let announced = || {
        std::str::from_utf8(message.header("content-length")?)
            .ok()?
            .trim()
            .parse()
            .ok()
    };
    match whole_body(message) {
        Some(bytes) => u64::try_from(bytes.len()).ok(),
        None => announced(),
    }
}

/// Whether somebody has put asterisks over a value.
pub(super) fn is_masked(value: &str) -> bool {
    value.contains("***")
}
