//! Answers as the service spells them: headers, XML bodies, errors with their EC.

use bytes::Bytes;
use data_encoding::BASE64;
use hyper::StatusCode;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use partproof_model::PartNumber;
use partproof_model::service::PartPage;
use partproof_model::verdict::Rejection;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::request::Request;
use crate::script::Fault;
use crate::spool::Segment;

/// What is sent back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) content: Content,
}

/// The body of an answer.
#[derive(Debug)]
pub(crate) enum Content {
    Bytes(Bytes),
    /// Of stored bodies.
    Stored {
        segments: Vec<Segment>,
        length: u64,
    },
    /// Nothing, as to a HEAD, of a body of so many bytes.
    Described {
        length: u64,
    },
}

impl Answer {
    pub(crate) fn new(status: StatusCode) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            content: Content::Bytes(Bytes::new()),
        }
    }

    /// 200 with an XML document, of which the root's content is given.
    pub(crate) fn xml(root: &str, inner: &str) -> Self {
        let document =
            format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root}>{inner}</{root}>");
        let mut answer = Self::new(StatusCode::OK).with("content-type", "application/xml");
        answer.content = Content::Bytes(document.into());
        answer
    }

    /// The service's error body. `host` and `request_id` are the request's.
    pub(crate) fn refusal(refusal: &Refusal, host: &str, request_id: &str) -> Self {
        let mut inner = element("Code", &refusal.code)
            + &element("Message", &refusal.message)
            + &element("RequestId", request_id)
            + &element("HostId", host);
        if let Some(ec) = &refusal.ec {
            inner += &element("EC", ec);
            inner += &element(
                "RecommendDoc",
                &format!("https://api.aliyun.com/troubleshoot?q={ec}"),
            );
        }
        if !refusal.detail.is_empty() {
            // Not the service's: what the emulator has to say beyond it.
            inner += &element("Partproof", &refusal.detail);
        }
        let mut answer = Self::xml("Error", &inner);
        answer.status = refusal.status;
        match &refusal.ec {
            Some(ec) => answer.with("x-oss-ec", ec),
            None => answer,
        }
    }

    /// An answer to a HEAD has no body: clients read its error from `x-oss-err`.
    pub(crate) fn telling_its_error_in_the_head(self) -> Self {
        match &self.content {
            Content::Bytes(body)
                if self.status.is_client_error() || self.status.is_server_error() =>
            {
                let told = BASE64.encode(body);
                self.with("x-oss-err", &told)
            }
            _ => self,
        }
    }

    /// Adds a header; one that cannot be a header's value is left out.
    /// What a script of faults answers in place of the service.
    pub(crate) fn planned(status: u16, code: Option<&str>, host: &str, request_id: &str) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        match code {
            None => Self::new(status),
            Some(code) => {
                let refusal = Refusal::new(status, code, "Planned by the script of faults.");
                Self::refusal(&refusal, host, request_id)
            }
        }
    }

    /// As a script of faults has it.
    pub(crate) fn altered(mut self, fault: Option<&Fault>) -> Self {
        match fault {
            Some(Fault::Header { name, value }) => {
                self.headers.remove(name);
                if let Some(value) = value {
                    self.add(name, value.as_bytes());
                }
            }
            Some(Fault::Blanks) => {
                if let Content::Bytes(document) = &self.content
                    && let Some(end) = document.windows(2).position(|pair| pair == b"?>")
                {
                    let (declaration, rest) = document.split_at(end + 2);
                    let blanks = [declaration, b"\n    \n", rest].concat();
                    self.content = Content::Bytes(blanks.into());
                }
            }
            _ => {}
        }
        self
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.add(name, value.as_bytes());
        self
    }

    pub(crate) fn add(&mut self, name: &str, value: &[u8]) {
        if let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_bytes(value),
        ) {
            self.headers.insert(name, value);
        }
    }
}

/// An error as the service answers it.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) ec: Option<String>,
    pub(crate) detail: String,
}

impl Refusal {
    /// One that no rule of the model is about.
    pub(crate) fn new(status: StatusCode, code: &str, message: &str) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.to_owned(),
            ec: None,
            detail: String::new(),
        }
    }
}

impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        let rule = rejection.rule;
        let (status, code, message) = match rule.answer {
            Some(answer) => (answer.status, answer.code, answer.message),
            None => (400, None, rule.sentence),
        };
        Self {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST),
            code: code.unwrap_or("InvalidRequest").to_owned(),
            message: message.to_owned(),
            ec: rule.ec.map(str::to_owned),
            detail: format!("{}: {}", rule.id, rejection.detail),
        }
    }
}

/// An element with a text.
pub(crate) fn element(name: &str, text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\r' => escaped.push_str("&#13;"),
            // XML 1.0 has no other control characters, and not the last two of the first plane either; a key with one asks for `encoding-type=url`.
            '\t' | '\n' => escaped.push(character),
            control if control < ' ' => escaped.push('\u{fffd}'),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            character => escaped.push(character),
        }
    }
    format!("<{name}>{escaped}</{name}>")
}

/// What stays as it is in a key that is URL-encoded within XML.
const KEY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'/');

/// How keys are written in an answer: as they are, or URL-encoded, as a request may ask (`encoding-type=url`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Plain,
    Url,
}

impl Encoding {
    pub(crate) fn of(request: &Request) -> Self {
        match request.query.value("encoding-type") {
            Some("url") => Self::Url,
            _ => Self::Plain,
        }
    }

    /// `EncodingType`, if there is one to tell.
    pub(crate) fn element(self) -> String {
        match self {
            Self::Plain => String::new(),
            Self::Url => element("EncodingType", "url"),
        }
    }

    /// An element whose text is a key, or the beginning of one.
    pub(crate) fn key(self, name: &str, key: &str) -> String {
        match self {
            Self::Plain => element(name, key),
            Self::Url => element(name, &utf8_percent_encode(key, KEY).to_string()),
        }
    }
}

pub(crate) fn quoted(etag: &str) -> String {
    format!("\"{etag}\"")
}

pub(crate) fn content_md5(digest: &[u8]) -> String {
    BASE64.encode(digest)
}

/// The content of a ListPartsResult, behind the names; `modified` says when a part was stored.
pub(crate) fn part_page(
    page: &PartPage,
    marker: u64,
    modified: impl Fn(PartNumber) -> String,
) -> String {
    let next = page
        .next_part_number_marker
        .map_or(0, |number| number.get());
    let mut inner = element("PartNumberMarker", &marker.to_string())
        + &element("NextPartNumberMarker", &next.to_string())
        + &element("MaxParts", &page.max_parts.to_string())
        + &element("IsTruncated", &page.is_truncated.to_string());
    if let Some(envelope) = &page.client_encryption {
        let values = [
            ("ClientEncryptionKey", &envelope.key),
            ("ClientEncryptionStart", &envelope.start),
            ("ClientEncryptionCekAlg", &envelope.cek_alg),
            ("ClientEncryptionWrapAlg", &envelope.wrap_alg),
            ("ClientEncryptionDataSize", &envelope.data_size),
            ("ClientEncryptionPartSize", &envelope.part_size),
        ];
        for (name, value) in values {
            let text = value.as_ref().and_then(|value| value.text());
            inner += &element(name, text.unwrap_or_default());
        }
    }
    for part in &page.parts {
        let part = element("PartNumber", &part.number.get().to_string())
            + &element("LastModified", &modified(part.number))
            + &element("ETag", &quoted(&part.etag))
            + &element("HashCrc64ecma", &part.crc64.to_string())
            + &element("Size", &part.size.to_string());
        inner += &format!("<Part>{part}</Part>");
    }
    inner
}

#[cfg(test)]
mod tests {
    use super::*;
    use partproof_model::{answers, rules};

    #[test]
    fn an_error_is_read_by_the_model_with_its_ec() {
        let rejection = Rejection {
            rule: rules::COUNT_EXCEEDED,
            detail: "3 parts, expected 2 <&>".to_owned(),
        };
        let answer = Answer::refusal(&rejection.into(), "127.0.0.1", "5C3D");
        assert_eq!(answer.status, 400);
        assert_eq!(answer.headers["x-oss-ec"], "0005-00000411");
        let Content::Bytes(body) = answer.content else {
            panic!("no body")
        };
        let error = answers::service_error(&body).unwrap();
        assert_eq!(error.code, "InvalidEncryptionRequest");
        assert_eq!(error.ec.as_deref(), Some("0005-00000411"));
        assert_eq!(error.request_id.as_deref(), Some("5C3D"));
    }

    #[test]
    fn what_xml_has_not_is_replaced() {
        let refused = Refusal::new(StatusCode::BAD_REQUEST, "Code", "\u{0}\u{fffe}\u{ffff}!");
        let Content::Bytes(body) = Answer::refusal(&refused, "", "5C3D").content else {
            panic!("no body")
        };
        let error = answers::service_error(&body).unwrap();
        assert_eq!(error.message, "\u{fffd}\u{fffd}\u{fffd}!");
    }

    #[test]
    fn a_key_of_any_characters_survives() {
        for key in ["a b+c%/\u{b}é", "<&>\"", "a\rb"] {
            let inner = element("Bucket", "b")
                + &Encoding::Url.element()
                + &Encoding::Url.key("Key", key)
                + &element("UploadId", "u");
            let Content::Bytes(body) = Answer::xml("InitiateMultipartUploadResult", &inner).content
            else {
                panic!("no body")
            };
            assert_eq!(answers::initiated(&body).unwrap().key, key);
        }
    }
}
