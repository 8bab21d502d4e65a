//! An HTTP answer as a strict client reads it: lines end in CRLF, and a body is as long as the head says.

/// One answer.
#[derive(Debug)]
pub(super) struct Answer<'a> {
    pub(super) status: u16,
    /// From the status line to the empty line.
    pub(super) head: &'a [u8],
    pub(super) body: &'a [u8],
    headers: Vec<(&'a str, &'a str)>,
}

impl<'a> Answer<'a> {
    /// Reads the answer to a request of this method, after any 1xx before it, and says what is behind it.
    ///
    /// # Errors
    /// What was expected where it is not whole.
    pub(super) fn read(bytes: &'a [u8], method: &str) -> Result<(Self, &'a [u8]), &'static str> {
        let (head, rest) = head(without_interim(bytes)).ok_or("an empty line behind the head")?;
        // Values of metadata come back as they were sent, which need not be UTF-8; nothing here reads those.
        let (headers, status) = lines(head)?;
        let answer = Self {
            status,
            head,
            body: &[],
            headers,
        };
        let has_body = method != "HEAD" && ![204, 304].contains(&answer.status);
        let length = match has_body {
            false => 0,
            true => answer
                .header("content-length")
                .and_then(|length| length.parse().ok())
                .ok_or("Content-Length")?,
        };
        let (body, rest) = rest
            .split_at_checked(length)
            .ok_or("a body as long as Content-Length says")?;
        Ok((Self { body, ..answer }, rest))
    }

    /// The value of a header.
    pub(super) fn header(&self, name: &str) -> Option<&'a str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, value)| *value)
    }
}

/// What is behind any 1xx answers.
pub(super) fn without_interim(mut bytes: &[u8]) -> &[u8] {
    while let (true, Some((_, rest))) = (bytes.starts_with(b"HTTP/1.1 1"), head(bytes)) {
        bytes = rest;
    }
    bytes
}

/// Everything up to the first empty line, and what is behind it.
fn head(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    bytes.split_at_checked(end.saturating_add(4))
}

type Lines<'a> = (Vec<(&'a str, &'a str)>, u16);

fn lines(head: &[u8]) -> Result<Lines<'_>, &'static str> {
    let mut lines = head
        .split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let status = lines
        .next()
        .and_then(|line| std::str::from_utf8(line).ok())
        .and_then(|line| line.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..5)))
        .and_then(|status| status.parse().ok())
        .ok_or("a status line")?;
    let mut headers = Vec::new();
    for line in lines.filter(|line| !line.is_empty()) {
        let colon = line.iter().position(|byte| *byte == b':');
        let (name, value) = colon
            .and_then(|colon| line.split_at_checked(colon))
            .ok_or("`name: value`")?;
        let text = |bytes| std::str::from_utf8(bytes).map(str::trim);
        if let (Ok(name), Ok(value)) = (text(name), text(value.get(1..).unwrap_or_default())) {
            headers.push((name, value));
        }
    }
    Ok((headers, status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_ends_where_its_head_says() {
        let bytes =
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabcHTTP";
        let (answer, rest) = Answer::read(bytes, "GET").unwrap();
        assert_eq!(
            (answer.status, answer.body, rest),
            (200, &b"abc"[..], &b"HTTP"[..])
        );
        let (answer, rest) = Answer::read(bytes, "HEAD").unwrap();
        assert_eq!((answer.body, rest), (&b""[..], &b"abcHTTP"[..]));
    }

    #[test]
    fn what_is_not_whole_is_refused() {
        for (bytes, problem) in [
            ("HTTP/1.1 200 OK\r\n", "an empty line behind the head"),
            ("HTTP/2 200\r\n\r\n", "a status line"),
            ("HTTP/1.1 200 OK\r\n\r\n", "Content-Length"),
            ("HTTP/1.1 200 OK\r\nx\r\n\r\n", "`name: value`"),
            (
                "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nab",
                "a body as long as Content-Length says",
            ),
        ] {
            let refused = Answer::read(bytes.as_bytes(), "GET").unwrap_err();
            assert_eq!(refused, problem, "{bytes}");
        }
    }
}
