//! The reply to one request: taken only if it is the reply to what was asked, whole.

use std::fmt::Display;
use std::io::Read;
use std::ops::Range;

use ureq::Body;
use ureq::http::Response;

use crate::answers::ServiceError;
use crate::error::Error;
use crate::refusal::Refusal;

/// A reply of success.
pub(crate) struct Reply {
    operation: &'static str,
    response: Response<Body>,
}

impl Reply {
    /// Turns a refusal into an error.
    pub(crate) fn accept(operation: &'static str, response: Response<Body>) -> Result<Self, Error> {
        let reply = Reply {
            operation,
            response,
        };
        if reply.response.status().is_success() {
            return Ok(reply);
        }
        let mut refusal = reply.refusal();
        let document = reply.document().ok();
        refusal.document = document.and_then(|document| ServiceError::read(&document).ok());
        Err(Error::Refused(Box::new(refusal)))
    }

    /// The refusal that this is, but for what stands in its document.
    pub(crate) fn refusal(&self) -> Refusal {
        let text = |name| self.header(name).map(str::to_owned);
        Refusal {
            operation: self.operation,
            status: self.response.status().as_u16(),
            document: None,
            ec_header: text("x-oss-ec"),
            request_id: text("x-oss-request-id"),
        }
    }

    /// All headers that are text, names in lower case.
    pub(crate) fn headers(&self) -> Vec<(String, String)> {
        let headers = self.response.headers().iter();
        headers
            .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
            .collect()
    }

    /// The ETag as it was sent.
    pub(crate) fn etag(&self) -> Result<String, Error> {
        self.require("etag").map(str::to_owned)
    }

    /// CRC-64/XZ of what is stored, if the service says it.
    pub(crate) fn crc64(&self) -> Result<Option<u64>, Error> {
        let header = self.header("x-oss-hash-crc64ecma");
        header.map(|value| self.integer(value)).transpose()
    }

    /// Bytes of the body, or of the body that a GET would have.
    pub(crate) fn length(&self) -> Result<u64, Error> {
        self.require("content-length")
            .and_then(|value| self.integer(value))
    }

    /// The body, for a document.
    pub(crate) fn document(mut self) -> Result<Vec<u8>, Error> {
        let body = self.response.body_mut().with_config().limit(MAX_DOCUMENT);
        body.read_to_vec()
            .map_err(|error| lost(self.operation, &error))
    }

    /// The body into an empty buffer, if it is this range of an object of `size` bytes.
    pub(crate) fn read_range(
        mut self,
        range: Range<u64>,
        size: u64,
        buffer: &mut Vec<u8>,
    ) -> Result<(), Error> {
        // A 200 to a range is the whole object: never to be taken for the range.
        let expected = match range == (0..size) {
            true => "200".to_owned(),
            false => format!("206 {}", content_range(&range, size)),
        };
        let status = self.response.status().as_u16();
        let given = match self.header("content-range") {
            Some(range) if status == 206 => format!("206 {range}"),
            _ => status.to_string(),
        };
        self.expect(given, expected)?;
        let length = range.end.saturating_sub(range.start);
        if self.header("content-length").is_some() {
            let announced = self.length()?;
            self.expect(format!("{announced} bytes"), format!("{length} bytes"))?;
        }
        let unaddressable = || Error::Unaddressable { size: length };
        let capacity = usize::try_from(length).map_err(|_| unaddressable())?;
        buffer
            .try_reserve_exact(capacity)
            .map_err(|_| unaddressable())?;
        let body = self.response.body_mut().as_reader();
        body.take(length.saturating_add(1))
            .read_to_end(buffer)
            .map_err(|error| lost(self.operation, &error))?;
        match buffer.len() == capacity {
            true => Ok(()),
            false => {
                let reason = format!("{} bytes of {length}", buffer.len());
                Err(lost(self.operation, &reason))
            }
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        let value = self.response.headers().get(name);
        value.and_then(|value| value.to_str().ok())
    }

    fn require(&self, name: &'static str) -> Result<&str, Error> {
        self.header(name).ok_or_else(|| Error::Answer {
            operation: self.operation,
            given: format!("no {name} header"),
            expected: format!("a {name} header"),
        })
    }

    fn integer(&self, value: &str) -> Result<u64, Error> {
        value.parse().map_err(|_| Error::Answer {
            operation: self.operation,
            given: format!("{value:?} in a header"),
            expected: "an integer".to_owned(),
        })
    }

    fn expect(&self, given: String, expected: String) -> Result<(), Error> {
        match given == expected {
            true => Ok(()),
            false => Err(Error::Answer {
                operation: self.operation,
                given,
                expected,
            }),
        }
    }
}

/// The longest answer that is read, a list of parts: 8 MiB, as its reader has it.
const MAX_DOCUMENT: u64 = 8 << 20;

/// The Content-Range of these bytes of an object of `size` bytes.
fn content_range(range: &Range<u64>, size: u64) -> String {
    format!(
        "bytes {}-{}/{size}",
        range.start,
        range.end.saturating_sub(1)
    )
}

/// No whole reply came.
pub(crate) fn lost(operation: &'static str, reason: &dyn Display) -> Error {
    Error::Transport {
        operation,
        reason: reason.to_string(),
    }
}
