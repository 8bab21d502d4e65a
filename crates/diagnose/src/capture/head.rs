//! Heads: a message's start line and header block, taken line by line and with all its oddities.

use super::cursor;
use super::message::{self, Body, Form, Message, Source, StartLine};
use super::start_line;
use super::{CaptureError, MAX_HEADERS};

/// A head as far as it was read.
#[derive(Debug)]
pub(super) struct Head {
    line: usize,
    start: Option<StartLine>,
    pseudo: Vec<(Pseudo, String)>,
    headers: Vec<(String, Vec<u8>)>,
    pub(super) notes: Vec<String>,
    lines: usize,
    /// The first line that is no header with its number, and how many there are.
    left_out: Option<(usize, String, usize)>,
}

/// HTTP/2's pseudo headers, which tools print in place of a start line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pseudo {
    Authority,
    Method,
    Path,
    Scheme,
    Status,
}

impl Head {
    /// A head that begins with `text` in line `line`, if a message can begin so.
    pub(super) fn open(line: usize, text: &[u8]) -> Option<Self> {
        let start = start_line::parse(text);
        let pseudo: Vec<_> = pseudo(text).into_iter().collect();
        (start.is_some() || !pseudo.is_empty()).then(|| Self {
            line,
            start,
            pseudo,
            headers: Vec::new(),
            notes: Vec::new(),
            lines: 0,
            left_out: None,
        })
    }

    /// Whether a line is a header.
    pub(super) fn is_header(text: &[u8]) -> bool {
        header(text).is_some()
    }

    /// Whether a message can begin with this line.
    pub(super) fn opens(text: &[u8]) -> bool {
        start_line::parse(text).is_some() || pseudo(text).is_some()
    }

    /// Whether this line cannot belong to this header block, but begins the next message.
    pub(super) fn ends_before(&self, text: &[u8]) -> bool {
        match pseudo(text) {
            Some((name, _)) => self.pseudo.iter().any(|(known, _)| *known == name),
            None => start_line::parse(text).is_some(),
        }
    }

    /// Takes one more line of the header block.
    pub(super) fn push(
        &mut self,
        file: &str,
        line: usize,
        text: &[u8],
    ) -> Result<(), CaptureError> {
        if self.lines >= MAX_HEADERS {
            let file = file.to_owned();
            return Err(CaptureError::TooManyHeaders { file, line });
        }
        self.lines = self.lines.saturating_add(1);
        if let Some(pseudo) = pseudo(text) {
            self.pseudo.push(pseudo);
            return Ok(());
        }
        let folded = text.starts_with(b" ") || text.starts_with(b"\t");
        match self.headers.last_mut() {
            Some((_, value)) if folded => {
                value.push(b' ');
                value.extend_from_slice(text.trim_ascii());
            }
            _ => match header(text) {
                Some(header) => self.headers.push(header),
                None if cursor::is_comment(text) => {}
                None => {
                    let first = || (line, cursor::excerpt(text), 0);
                    let (.., count) = self.left_out.get_or_insert_with(first);
                    *count = count.saturating_add(1);
                }
            },
        }
        Ok(())
    }

    pub(super) fn header(&self, name: &str) -> Option<&[u8]> {
        message::find(&self.headers, name)
    }

    /// The values of all headers of that name.
    pub(super) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.headers
            .iter()
            .filter(move |(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_slice())
    }

    /// The method, of a request.
    pub(super) fn method(&self) -> Option<&str> {
        match &self.start {
            Some(StartLine::Request { method, .. }) => Some(method),
            Some(StartLine::Response { .. }) => None,
            None if self.status().is_some() => None,
            None => Some(self.pseudo(Pseudo::Method).unwrap_or_default()),
        }
    }

    /// The status, of a response.
    pub(super) fn status(&self) -> Option<u16> {
        match &self.start {
            Some(StartLine::Response { status }) => Some(*status),
            Some(StartLine::Request { .. }) => None,
            None => {
                let status = self.pseudo(Pseudo::Status)?.parse().ok()?;
                (100..=999).contains(&status).then_some(status)
            }
        }
    }

    /// The message of this head and a body.
    pub(super) fn into_message(mut self, file: &str, body: Body) -> Message {
        if let Some(host) = self.pseudo(Pseudo::Authority).map(str::to_owned)
            && self.header("host").is_none()
        {
            self.headers
                .insert(0, ("Host".to_owned(), host.into_bytes()));
        }
        if let Some((line, text, count)) = self.left_out.take() {
            let note = match count {
                1 => format!("line {line} is no header and was left out: {text:?}"),
                _ => format!(
                    "{count} lines, first line {line}, are no headers and were left out: {text:?}"
                ),
            };
            self.notes.insert(0, note);
        }
        let start = self.start_line();
        Message {
            source: Source {
                file: file.to_owned(),
                line: self.line,
                form: Form::Line,
            },
            start,
            headers: self.headers,
            body,
            notes: self.notes,
        }
    }

    fn start_line(&mut self) -> StartLine {
        if let Some(start) = self.start.take() {
            return start;
        }
        if let Some(status) = self.status() {
            return StartLine::Response { status };
        }
        let mut expect = |name, spelling: &str| {
            let value = self.pseudo(name).unwrap_or_default().to_owned();
            if value.is_empty() {
                self.notes
                    .push(format!("no `{spelling}` among the HTTP/2 headers"));
            }
            value
        };
        StartLine::Request {
            method: expect(Pseudo::Method, ":method:"),
            target: expect(Pseudo::Path, ":path:"),
        }
    }

    fn pseudo(&self, name: Pseudo) -> Option<&str> {
        self.pseudo
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.as_str())
    }
}

fn pseudo(text: &[u8]) -> Option<(Pseudo, String)> {
    let text = text.strip_prefix(b":")?;
    for (spelling, name) in [
        (&b"authority"[..], Pseudo::Authority),
        (b"method", Pseudo::Method),
        (b"path", Pseudo::Path),
        (b"scheme", Pseudo::Scheme),
        (b"status", Pseudo::Status),
    ] {
        if let Some(value) = text
            .strip_prefix(spelling)
            .and_then(|rest| rest.strip_prefix(b":"))
        {
            return Some((
                name,
                String::from_utf8_lossy(value.trim_ascii()).into_owned(),
            ));
        }
    }
    None
}

/// A name, blanks that should not be there, a colon, and a value of any bytes.
fn header(text: &[u8]) -> Option<(String, Vec<u8>)> {
    let colon = text.iter().position(|byte| *byte == b':')?;
    let (name, value) = text.split_at_checked(colon)?;
    let name = std::str::from_utf8(name.trim_ascii()).ok()?;
    let value = value.strip_prefix(b":")?.trim_ascii();
    (is_token(name) && !name.starts_with('#')).then(|| (name.to_owned(), value.to_vec()))
}

fn is_token(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(lines: &[&str]) -> Message {
        let mut head = Head::open(1, lines[0].as_bytes()).unwrap();
        for (number, line) in lines.iter().enumerate().skip(1) {
            head.push("f", number.saturating_add(1), line.as_bytes())
                .unwrap();
        }
        head.into_message("f", Body::Absent)
    }

    #[test]
    fn odd_header_lines_are_kept() {
        let message = head(&[
            "PUT /a HTTP/1.1",
            "Host : h ",
            "x-oss-meta-a:1",
            "X-Oss-Meta-A: é",
            "Empty:",
            "Folded: a",
            "\t b",
            " c",
            "x: a:b",
        ]);
        let headers: Vec<_> = message
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), std::str::from_utf8(value).unwrap()))
            .collect();
        assert_eq!(
            headers,
            [
                ("Host", "h"),
                ("x-oss-meta-a", "1"),
                ("X-Oss-Meta-A", "é"),
                ("Empty", ""),
                ("Folded", "a b c"),
                ("x", "a:b"),
            ]
        );
        assert_eq!(message.notes, [""; 0]);
    }

    #[test]
    fn lines_that_are_no_header_are_named_and_comments_are_not() {
        let message = head(&[
            "PUT /a HTTP/1.1",
            " folded: x",
            "...",
            "(a): b",
            ": c",
            "# d: e",
            "// f:",
        ]);
        assert_eq!(
            message.headers,
            [("folded".to_owned(), b"x".to_vec())],
            "nothing to fold into: it is indented"
        );
        assert_eq!(
            message.notes,
            ["3 lines, first line 3, are no headers and were left out: \"...\"",]
        );
    }

    #[test]
    fn pseudo_headers_make_a_start_line() {
        let message = head(&[
            ":authority: h",
            ":method: PUT",
            "a: b",
            ":path: /a?b",
            ":scheme: https",
        ]);
        let (method, target) = ("PUT".to_owned(), "/a?b".to_owned());
        assert_eq!(message.start, StartLine::Request { method, target });
        assert_eq!(message.host().as_deref(), Some("h"));
        let message = head(&[":status: 200", "a: b"]);
        assert_eq!(message.start, StartLine::Response { status: 200 });
        let message = head(&[":status: 42"]);
        assert_eq!(message.notes.len(), 2, "{:?}", message.notes);
    }

    #[test]
    fn the_next_message_ends_a_header_block() {
        let head = Head::open(1, b":path: /a").unwrap();
        assert!(head.ends_before(b":path: /b"));
        assert!(head.ends_before(b"GET / HTTP/1.1"));
        assert!(!head.ends_before(b":method: PUT"));
        assert!(!head.ends_before(b"path: /b"));
    }

    #[test]
    fn a_header_block_is_bounded() {
        let mut head = Head::open(1, b"GET / HTTP/1.1").unwrap();
        for line in 2..MAX_HEADERS + 2 {
            head.push("f", line, b"?").unwrap();
        }
        let error = head.push("f", MAX_HEADERS + 2, b"?").unwrap_err();
        assert_eq!(
            error.to_string(),
            "f:1002: another header line, expected at most 1000 in one message, 4000000 in all"
        );
    }
}
