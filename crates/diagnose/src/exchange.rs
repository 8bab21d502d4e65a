//! A request with its response, and which operation of the service it is. Captures may have either without the other.

use partproof_model::{Headers, Rule, rules};

use crate::capture::{Body, Message, Source, StartLine};
use crate::ec;
use crate::masked::{covers, is_masked};

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
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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

    /// Whether an answer can be about this request, by what it says.
    fn may_be_answered_by(&self, answer: &Answer) -> bool {
        use Operation::{Complete, Get, Initiate, ListParts, Put, UploadPart, UploadPartCopy};
        let same = |said: &Option<String>, own: &str| {
            said.as_deref()
                .is_none_or(|said| said == own || is_masked(said) || is_masked(own))
        };
        let is_own = match &self.operation {
            UploadPart { id, .. }
            | UploadPartCopy { id, .. }
            | ListParts { id }
            | Complete { id } => same(&answer.upload_id, id),
            Initiate => same(&answer.key, &self.object()),
            _ => true,
        };
        is_own
            && match answer.kind {
                Kind::Initiated => self.operation == Initiate,
                Kind::Completed => matches!(self.operation, Complete { .. }),
                Kind::Listed => matches!(self.operation, ListParts { .. }),
                Kind::RefusedList => matches!(self.operation, Complete { .. }),
                Kind::RefusedPart => matches!(self.operation, UploadPart { .. }),
                // An answer to Complete has an ETag too, and a body.
                Kind::Stored => matches!(
                    self.operation,
                    UploadPart { .. } | UploadPartCopy { .. } | Put | Get
                ),
                Kind::Any => true,
            }
    }

    pub(super) fn status(&self) -> Option<u16> {
        match self.response?.start {
            StartLine::Response { status } => Some(status),
            StartLine::Request { .. } => None,
        }
    }

    pub(super) fn succeeded(&self) -> Option<bool> {
        let is_error = || self.response.and_then(whole_body).is_some_and(ec::is_error);
        self.status()
            .map(|status| (200..300).contains(&status) && !is_error())
    }
}

/// What an answer says of the request that it is about.
struct Answer {
    kind: Kind,
    upload_id: Option<String>,
    key: Option<String>,
}

#[derive(Clone, Copy)]
enum Kind {
    Initiated,
    Completed,
    Listed,
    RefusedList,
    RefusedPart,
    Stored,
    Any,
}

impl Answer {
    fn of(response: &Message) -> Self {
        /// What says anything stands at the beginning.
        const BEGINNING: usize = 1 << 12;
        let body = whole_body(response).unwrap_or_default();
        let text = String::from_utf8_lossy(body.get(..BEGINNING).unwrap_or(body));
        let says = |name: &str| {
            let (_, rest) = text.split_once(&format!("<{name}>"))?;
            let (value, _) = rest.split_once('<')?;
            Some(value.trim().to_owned())
        };
        let is_of_decryption = || {
            response
                .header("x-oss-meta-client-side-encryption-key")
                .is_some()
        };
        let kind = if text.contains("<InitiateMultipartUploadResult") {
            Kind::Initiated
        } else if text.contains("<CompleteMultipartUploadResult") {
            Kind::Completed
        } else if text.contains("<ListPartsResult") {
            Kind::Listed
        } else if ec::is_error(body) || response.header("x-oss-ec").is_some() {
            let header = response
                .header("x-oss-ec")
                .map(|ec| String::from_utf8_lossy(ec).trim().to_owned());
            let ec = says("EC").or(header);
            match ec.as_deref().and_then(Rule::find) {
                Some(rule) => Kind::of_refusal(rule),
                None if matches!(
                    says("Code").as_deref(),
                    Some("InvalidPart" | "InvalidPartOrder" | "EntityTooSmall")
                ) =>
                {
                    Kind::RefusedList
                }
                None => Kind::Any,
            }
        } else if response.header("etag").is_some() && !is_of_decryption() {
            Kind::Stored
        } else {
            Kind::Any
        };
        Self {
            kind,
            upload_id: says("UploadId").filter(|_| !matches!(kind, Kind::Initiated)),
            key: says("Key"),
        }
    }
}

impl Kind {
    fn of_refusal(rule: &'static Rule) -> Self {
        let of_a_list = [
            rules::COUNT_EXCEEDED,
            rules::COUNT_SHORT,
            rules::PART_TOO_SMALL,
        ];
        let of_a_part = [
            rules::PART_LENGTH,
            rules::LAST_PART_LENGTH,
            rules::PART_BEYOND_COUNT,
        ];
        if rule.id.starts_with("part-list") || of_a_list.contains(&rule) {
            return Self::RefusedList;
        }
        match of_a_part.contains(&rule) || rule.id.ends_with("-changed") {
            true => Self::RefusedPart,
            false => Self::Any,
        }
    }
}

/// Of so many requests that wait, an answer is held against each; whoever has more of them goes without.
const MOST_WAITING: usize = 64;

/// Puts each response to its request: the only one that waits, or of several the only one that it can be about. Where that is not one, it is to
/// none, for nobody is to be accused by a guess.
pub(super) fn pair(messages: &[Message]) -> Vec<Captured<'_>> {
    let mut captured: Vec<Captured<'_>> = Vec::new();
    let mut waiting: Vec<usize> = Vec::new();
    for message in messages {
        match &message.start {
            StartLine::Request { method, .. } => {
                if waiting.len() == MOST_WAITING {
                    waiting.remove(0);
                }
                waiting.push(captured.len());
                let operation = operation(method, message);
                captured.push(Captured::Exchange(Exchange {
                    request: message,
                    response: None,
                    operation,
                }));
            }
            StartLine::Response { status: 100..200 } => {}
            StartLine::Response { .. } => {
                let answer = (waiting.len() > 1).then(|| Answer::of(message));
                let fitting = |at: &usize| match (captured.get(*at), &answer) {
                    (Some(Captured::Exchange(exchange)), Some(answer)) => {
                        exchange.may_be_answered_by(answer)
                    }
                    _ => false,
                };
                let mut fitting =
                    (0..waiting.len()).filter(|place| waiting.get(*place).is_some_and(&fitting));
                let only = match waiting.as_slice() {
                    [_] => Some(0),
                    _ => fitting.next().filter(|_| fitting.next().is_none()),
                };
                let at = only.map(|place| waiting.remove(place));
                match at.and_then(|at| captured.get_mut(at)) {
                    Some(Captured::Exchange(exchange)) => exchange.response = Some(message),
                    _ => captured.push(Captured::Orphan(message)),
                }
            }
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

/// The headers of a message as the model reads them, without those whose values somebody has put something over.
pub(super) fn headers(message: &Message) -> Headers {
    let headers = message.headers.iter();
    let seen = headers.filter(|(name, value)| !covers(name, &String::from_utf8_lossy(value)));
    seen.map(|(name, value)| (name.as_str(), value.as_slice()))
        .collect()
}

/// The names of the headers of an envelope whose values somebody has put something over, in lower case.
pub(super) fn masked(message: &Message) -> Vec<String> {
    let names = message.headers.iter().filter_map(|(name, value)| {
        let name_of_one = name.to_ascii_lowercase();
        let is_one = name_of_one.contains("client-side-encryption");
        (is_one && covers(name, &String::from_utf8_lossy(value))).then_some(name_of_one)
    });
    names.collect()
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
    let name = match message.is_aws_chunked() {
        true => "x-amz-decoded-content-length",
        false => "content-length",
    };
    let announced = || {
        std::str::from_utf8(message.header(name)?)
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
