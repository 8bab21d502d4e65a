//! A bucket at the service: one method an operation, each one signed request and its reply. Nothing here is tried twice.

use std::ops::Range;
#[cfg(feature = "https")]
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use ureq::Agent;
use ureq::http;
#[cfg(feature = "https")]
use ureq::tls::TlsConfig;

use crate::answers::{Completed, Initiated, PartPage, ServiceError};
use crate::credentials::Credentials;
use crate::endpoint::{Addressing, Endpoint};
use crate::error::Error;
use crate::part_list::PartList;
use crate::reply::{Reply, lost};
use crate::request::Request;
use crate::signature::{SignatureVersion, Signer, Unsigned, encode_path, encode_query};

/// A bucket, and the connections to it. Cheap to clone; clones share the connections.
#[derive(Clone, Debug)]
pub struct Bucket {
    endpoint: Endpoint,
    addressing: Addressing,
    name: String,
    signer: Signer,
    agent: Agent,
}

/// What was stored by one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The ETag as it was sent, quotes included.
    pub etag: String,
    /// CRC-64/XZ of the stored bytes, if the service says it.
    pub crc64: Option<u64>,
}

/// What HEAD says of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The ETag as it was sent, quotes included.
    pub etag: String,
    /// Bytes of the object on the wire.
    pub length: u64,
    /// CRC-64/XZ of the object on the wire, if the service says it.
    pub crc64: Option<u64>,
    /// All headers that are text, names in lower case.
    pub headers: Vec<(String, String)>,
}

impl Bucket {
    /// A bucket at an endpoint such as `https://oss-cn-hangzhou.aliyuncs.com` or `http://127.0.0.1:8090`.
    ///
    /// Requests are signed with version 4. An endpoint that is an IP address or `localhost` has the bucket in the path, any other in
    /// the host name. Proxies are those of the environment, but none for a loopback address.
    ///
    /// # Errors
    /// [`Error::Name`] for an endpoint or a bucket's name that cannot be, and for `https` without the feature of that name.
    pub fn new(
        endpoint: &str,
        region: &str,
        name: &str,
        credentials: Credentials,
    ) -> Result<Self, Error> {
        let endpoint = Endpoint::parse(endpoint)?;
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !(3..=63).contains(&name.len()) || !name.bytes().all(allowed) {
            return Err(Error::Name {
                what: "bucket",
                given: name.to_owned(),
                expected: "3 to 63 lower-case letters, digits and hyphens",
            });
        }
        Ok(Bucket {
            addressing: endpoint.addressing(),
            agent: agent(&endpoint, SILENCE),
            endpoint,
            name: name.to_owned(),
            signer: Signer {
                version: SignatureVersion::V4,
                region: region.to_owned(),
                credentials,
            },
        })
    }

    /// The same with another signature version.
    #[must_use]
    pub fn with_signature(mut self, version: SignatureVersion) -> Self {
        self.signer.version = version;
        self
    }

    /// The same with another addressing.
    #[must_use]
    pub fn with_addressing(self, addressing: Addressing) -> Self {
        Bucket { addressing, ..self }
    }

    /// The same with another bound on silence: how long one read or write may wait for the other side, 60 seconds by default.
    #[must_use]
    pub fn with_silence(self, longest: Duration) -> Self {
        Bucket {
            agent: agent(&self.endpoint, longest),
            ..self
        }
    }

    /// The bucket's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The endpoint, as scheme, host and port.
    pub fn endpoint(&self) -> String {
        self.endpoint.to_string()
    }

    /// Initiates a multipart upload of an object with these headers.
    ///
    /// # Errors
    /// Those of every request: [`Error::Name`] for a key that no object can have, and nothing is sent; [`Error::Transport`];
    /// [`Error::Refused`]; those of XML and [`Error::Answer`] for an answer that is none.
    pub fn initiate(&self, object: &str, headers: &[(String, String)]) -> Result<Initiated, Error> {
        let query = [("encoding-type", "url"), ("uploads", "")];
        let request = Request::new("InitiateMultipartUpload", "POST", object).query(&query);
        let reply = self.send(request.headers(headers).body(&[]))?;
        Initiated::read(&reply.document()?)
    }

    /// Uploads the bytes of a part.
    ///
    /// # Errors
    /// As [`Bucket::initiate`].
    pub fn upload_part(
        &self,
        object: &str,
        upload_id: &str,
        number: u32,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Result<Stored, Error> {
        let number = number.to_string();
        let query = [("partNumber", number.as_str()), ("uploadId", upload_id)];
        let request = Request::new("UploadPart", "PUT", object).query(&query);
        self.store(request.headers(headers).body(body))
    }

    /// Completes an upload. The CRC-64 is the object's, if the service says it.
    ///
    /// # Errors
    /// As [`Bucket::initiate`], and [`Error::MissingPart`] for a list with a gap.
    pub fn complete(
        &self,
        object: &str,
        upload_id: &str,
        parts: &PartList,
    ) -> Result<(Completed, Option<u64>), Error> {
        self.complete_with(object, upload_id, &parts.to_xml()?)
    }

    /// Completes an upload with a part list that the caller wrote, as it is.
    ///
    /// # Errors
    /// As [`Bucket::initiate`].
    pub fn complete_with(
        &self,
        object: &str,
        upload_id: &str,
        list: &[u8],
    ) -> Result<(Completed, Option<u64>), Error> {
        let query = [("encoding-type", "url"), ("uploadId", upload_id)];
        let request = Request::new(COMPLETE, "POST", object).query(&query);
        let reply = self.send(request.body(list))?;
        let (crc64, mut refusal) = (reply.crc64()?, reply.refusal());
        let document = reply.document()?;
        // The service begins its answer before it is done: a success may turn out to be a refusal.
        if let Ok(said) = ServiceError::read(&document) {
            refusal.document = Some(said);
            return Err(Error::Refused(Box::new(refusal)));
        }
        Ok((Completed::read(&document)?, crc64))
    }

    /// Aborts an upload, which frees its parts.
    ///
    /// # Errors
    /// As [`Bucket::initiate`].
    pub fn abort(&self, object: &str, upload_id: &str) -> Result<(), Error> {
        let query = [("uploadId", upload_id)];
        self.send(Request::new("AbortMultipartUpload", "DELETE", object).query(&query))
            .map(drop)
    }

    /// One page of the parts of an upload, those with numbers above the marker.
    ///
    /// # Errors
    /// As [`Bucket::initiate`].
    pub fn list_parts(
        &self,
        object: &str,
        upload_id: &str,
        marker: u32,
    ) -> Result<PartPage, Error> {
        let marker = marker.to_string();
        let query = [
            ("encoding-type", "url"),
            ("part-number-marker", marker.as_str()),
            ("uploadId", upload_id),
        ];
        let request = Request::new("ListParts", "GET", object).query(&query);
        PartPage::read(&self.send(request)?.document()?)
    }

    /// Puts a whole object.
    ///
    /// # Errors
    /// As [`Bucket::initiate`].
    pub fn put(
        &self,
        object: &str,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Result<Stored, Error> {
        self.store(
            Request::new("PutObject", "PUT", object)
                .headers(headers)
                .body(body),
        )
    }

    /// What the service says of an object.
    ///
    /// # Errors
    /// As [`Bucket::initiate`].
    pub fn head(&self, object: &str) -> Result<Head, Error> {
        let reply = self.send(Request::new("HeadObject", "HEAD", object))?;
        Ok(Head {
            etag: reply.etag()?,
            length: reply.length()?,
            crc64: reply.crc64()?,
            headers: reply.headers(),
        })
    }

    /// Reads bytes of an object of `size` bytes into `buffer`, if it still has this ETag: exactly those that were asked for, or an
    /// error, and then the buffer's content is undefined.
    ///
    /// # Errors
    /// As [`Bucket::initiate`]; `PreconditionFailed` from the service if the object is another one now.
    pub fn get(
        &self,
        object: &str,
        etag: &str,
        size: u64,
        range: Range<u64>,
        buffer: &mut Vec<u8>,
    ) -> Result<(), Error> {
        buffer.clear();
        let mut headers = vec![("if-match".to_owned(), etag.to_owned())];
        if range != (0..size) {
            let last = range.end.saturating_sub(1);
            headers.push(("range".to_owned(), format!("bytes={}-{last}", range.start)));
            headers.push(("x-oss-range-behavior".to_owned(), "standard".to_owned()));
        }
        let request = Request::new("GetObject", "GET", object).headers(&headers);
        self.send(request)?.read_range(range, size, buffer)
    }

    fn store(&self, request: Request<'_>) -> Result<Stored, Error> {
        let reply = self.send(request)?;
        Ok(Stored {
            etag: reply.etag()?,
            crc64: reply.crc64()?,
        })
    }

    /// Signs and sends a request.
    fn send(&self, request: Request<'_>) -> Result<Reply, Error> {
        let Request {
            operation,
            method,
            object,
            query,
            headers,
            body,
        } = request;
        check_object(object)?;
        let mut headers: Vec<_> = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let has_type = |(name, _): &(&str, &str)| name.eq_ignore_ascii_case("content-type");
        if body.is_some_and(|body| !body.is_empty()) && !headers.iter().any(has_type) {
            headers.push(("content-type", "application/octet-stream"));
        }
        let unsigned = Unsigned {
            method,
            bucket: &self.name,
            object,
            query,
            headers: &headers,
        };
        let added = self.signer.sign(&unsigned, Timestamp::now());
        let (key, query) = (encode_path(object), encode_query(query));
        let url = self.endpoint.url(self.addressing, &self.name, &key, &query);
        let mut builder = http::Request::builder().method(method).uri(url);
        for (name, value) in headers {
            builder = builder.header(name, value);
        }
        for (name, value) in added {
            builder = builder.header(name, value);
        }
        let sent = match body {
            Some(body) => self.agent.run(built(operation, builder.body(body))?),
            None => self.agent.run(built(operation, builder.body(()))?),
        };
        let response = sent.map_err(|error| lost(operation, &error))?;
        Reply::accept(operation, response)
    }
}

/// The operation after which there is an object and no upload.
pub(crate) const COMPLETE: &str = "CompleteMultipartUpload";
/// How long one read or write may wait for the other side. Complete of 10,000 parts is the slowest answer.
const SILENCE: Duration = Duration::from_secs(60);
/// How long a request that asks first waits for the word to go on.
const ASKING: Duration = Duration::from_secs(1);
/// Idle connections to keep; more threads than that in one process open new ones.
const POOL: usize = 64;

fn agent(endpoint: &Endpoint, silence: Duration) -> Agent {
    let mut config = Agent::config_builder()
        .http_status_as_error(false)
        // A signed request is for one address.
        .max_redirects(0)
        .max_redirects_will_error(false)
        .max_idle_connections(POOL)
        .max_idle_connections_per_host(POOL)
        // A bound on it costs a thread for each request, even where a connection is open.
        .timeout_resolve((!endpoint.is_address()).then_some(silence))
        .timeout_connect(Some(silence))
        // Then the body is sent unasked; a service need not know the question.
        .timeout_await_100(Some(ASKING.min(silence.mul_f32(0.5))))
        .timeout_per_read(Some(silence))
        .timeout_per_write(Some(silence));
    if endpoint.is_loopback() {
        config = config.proxy(None);
    }
    #[cfg(feature = "https")]
    {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = TlsConfig::builder().unversioned_rustls_crypto_provider(provider);
        config = config.tls_config(tls.build());
    }
    config.build().new_agent()
}

/// Refuses what no object is called (service-rules.md, 4.1; EC 0016-00000001, -2 and -5).
fn check_object(object: &str) -> Result<(), Error> {
    if (1..=1023).contains(&object.len()) && !object.starts_with(['/', '\\']) {
        return Ok(());
    }
    Err(Error::Name {
        what: "object",
        given: object.chars().take(1024).collect(),
        expected: "1 to 1023 bytes that do not begin with / or \\",
    })
}

fn built<B>(
    operation: &'static str,
    request: Result<http::Request<B>, http::Error>,
) -> Result<http::Request<B>, Error> {
    request.map_err(|error| Error::Name {
        what: operation,
        given: error.to_string(),
        expected: "an address and headers that HTTP can carry",
    })
}
