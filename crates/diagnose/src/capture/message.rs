//! One HTTP message of a capture, and the questions a diagnosis asks of it.

use std::fmt;

use percent_encoding::percent_decode_str;

/// One HTTP message of a capture, in the order of files and positions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Where it was found.
    pub source: Source,
    /// What it begins with.
    pub start: StartLine,
    /// All headers in their order, duplicates too; values without outer blanks, folded lines joined by one blank.
    pub headers: Vec<(String, Vec<u8>)>,
    /// What was captured of its body, without transfer coding.
    pub body: Body,
    /// What the reader had to assume or leave out, as sentences for a person.
    pub notes: Vec<String>,
}

/// Where a message was found.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Source {
    /// The file's name as given to [`read`](super::read).
    pub file: String,
    /// The line the message begins in, or the number of its HAR entry; both from 1.
    pub line: usize,
    /// Which of the two it is.
    pub form: Form,
}

/// What the number in a [`Source`] counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// Lines of a text.
    Line,
    /// HAR entries; the message is the entry's request.
    HarRequest,
    /// HAR entries; the message is the entry's response.
    HarResponse,
}

/// What a message begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StartLine {
    /// A request's first line.
    Request {
        /// In capitals from a text; from HTTP/2 headers or a HAR as found there.
        method: String,
        /// In origin-form or absolute-form, as sent.
        target: String,
    },
    /// A response's first line.
    Response {
        /// 100 to 999.
        status: u16,
    },
}

/// What was captured of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// The headers announce one, and none of it was captured.
    Absent,
    /// All of it as far as one can tell; text may have been re-wrapped on its way, then a note says so.
    Bytes(Vec<u8>),
    /// The beginning of data whose rest was not captured.
    Partial(Vec<u8>),
}

impl Message {
    /// Whether its body is in the chunks that S3 signs one by one, which are no bytes of the object.
    pub fn is_aws_chunked(&self) -> bool {
        let says = |name: &str, word: &[u8]| {
            let value = self.header(name).map(<[u8]>::to_ascii_lowercase);
            value.is_some_and(|value| value.windows(word.len()).any(|window| window == word))
        };
        says("content-encoding", b"aws-chunked") || says("x-amz-content-sha256", b"streaming-")
    }

    /// The value of the first header of that name, in any case.
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        find(&self.headers, name)
    }

    /// A request's path, percent-decoded, from its first slash; the query is not part of it.
    pub fn path(&self) -> Option<String> {
        let path = self.target()?.path;
        Some(decode(if path.is_empty() { "/" } else { path }))
    }

    /// The first query parameter of that name, percent-decoded (a plus sign stays one); empty for a bare name.
    pub fn query(&self, name: &str) -> Option<String> {
        self.target()?.query?.split('&').find_map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(key) == name).then(|| decode(value))
        })
    }

    /// The host with its port, if one is named: of the Host header, else of an absolute target.
    pub fn host(&self) -> Option<String> {
        let header = self.header("host").map(String::from_utf8_lossy);
        let host = match &header {
            Some(host) if !host.is_empty() => host,
            _ => self.target()?.authority?,
        };
        Some(host.to_owned())
    }

    fn target(&self) -> Option<Target<'_>> {
        match &self.start {
            StartLine::Request { target, .. } => Target::parse(target),
            StartLine::Response { .. } => None,
        }
    }
}

/// The value of the first header of that name, in any case.
pub(super) fn find<'a>(headers: &'a [(String, Vec<u8>)], name: &str) -> Option<&'a [u8]> {
    headers
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_slice())
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// A target taken apart but not normalised: dots and doubled slashes are part of an object's name.
struct Target<'a> {
    authority: Option<&'a str>,
    path: &'a str,
    query: Option<&'a str>,
}

impl<'a> Target<'a> {
    /// `None` for `*` and an authority alone.
    fn parse(target: &'a str) -> Option<Self> {
        let (authority, rest) = if target.starts_with('/') {
            (None, target)
        } else {
            let (_, address) = target.split_once("://")?;
            let address = address.split('#').next()?;
            let end = address.find(['/', '?']).unwrap_or(address.len());
            let (authority, rest) = address.split_at_checked(end)?;
            let host = authority.rsplit('@').next().filter(|host| !host.is_empty());
            (host, rest)
        };
        let (path, query) = match rest.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (rest, None),
        };
        Some(Self {
            authority,
            path,
            query,
        })
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, form } = self;
        match form {
            Form::Line => write!(f, "{file}:{line}"),
            Form::HarRequest => write!(f, "{file} entry {line} request"),
            Form::HarResponse => write!(f, "{file} entry {line} response"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(target: &str, headers: &[(&str, &str)]) -> Message {
        Message {
            source: Source {
                file: "a.har".to_owned(),
                line: 3,
                form: Form::HarRequest,
            },
            start: StartLine::Request {
                method: "PUT".to_owned(),
                target: target.to_owned(),
            },
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec()))
                .collect(),
            body: Body::Absent,
            notes: Vec::new(),
        }
    }

    #[test]
    fn targets_are_decoded_and_not_normalised() {
        for (target, path, host) in [
            ("/a/../%e4%b8%ad%zz//b", Some("/a/../中%zz//b"), None),
            ("/a?b", Some("/a"), None),
            ("http://u@h:80/a%20b?c#d", Some("/a b"), Some("h:80")),
            ("http://h?c", Some("/"), Some("h")),
            ("https://", Some("/"), None),
            ("*", None, None),
            ("", None, None),
        ] {
            let message = request(target, &[]);
            assert_eq!(message.path().as_deref(), path, "{target}");
            assert_eq!(message.host().as_deref(), host, "{target}");
        }
        let both = request("http://h/", &[("HOST", "g"), ("host", "f")]);
        assert_eq!(both.host().as_deref(), Some("g"));
        assert_eq!(both.header("Host"), Some(&b"g"[..]));
    }

    #[test]
    fn queries_are_found_by_their_decoded_name() {
        let message = request(
            "/a?uploads&partNumber=1&partNumber=2&k%65y=a%2Bb+c=d&=e",
            &[],
        );
        for (name, value) in [
            ("uploads", Some("")),
            ("partNumber", Some("1")),
            ("key", Some("a+b+c=d")),
            ("", Some("e")),
            ("Uploads", None),
        ] {
            assert_eq!(message.query(name).as_deref(), value, "{name}");
        }
        assert_eq!(request("/a", &[]).query(""), None);
    }

    #[test]
    fn a_response_has_no_target() {
        let mut message = request("/a?b", &[]);
        message.start = StartLine::Response { status: 200 };
        assert_eq!(
            (message.path(), message.query("b"), message.host()),
            (None, None, None)
        );
        assert_eq!(message.source.to_string(), "a.har entry 3 request");
    }
}
