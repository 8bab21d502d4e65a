//! Lines of a file that may hold any bytes, and where the reader is among them.

/// A place in a file: what is left of it, and the line it begins in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    rest: &'a [u8],
    line: usize,
    /// The line of the file that each line comes from, where they are others.
    from: Option<&'a [u32]>,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes,
            line: 1,
            from: None,
        }
    }

    /// Of lines that come from others.
    pub(super) fn of(bytes: &'a [u8], from: Option<&'a [u32]>) -> Self {
        Self {
            from,
            ..Self::new(bytes)
        }
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The line of the file it is in, from 1.
    pub(super) fn line(&self) -> usize {
        let from = |from: &[u32]| from.get(self.line.saturating_sub(1)).copied();
        match self.from.and_then(from) {
            Some(line) => usize::try_from(line).unwrap_or(self.line),
            None => self.line,
        }
    }

    /// The next line without its end, or `None` at the end of the file.
    pub(super) fn next_line(&mut self) -> Option<&'a [u8]> {
        let (line, rest) = split_line(self.rest)?;
        self.rest = rest;
        self.line = self.line.saturating_add(1);
        Some(line)
    }

    /// The next `length` bytes, or what there is.
    pub(super) fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .unwrap_or((self.rest, &[]));
        let ends = memchr::memchr_iter(b'\n', taken).count();
        self.rest = rest;
        self.line = self.line.saturating_add(ends);
        taken
    }
}

/// The first line without its end (LF or CRLF), and what follows; `None` of nothing.
pub(super) fn split_line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    if bytes.is_empty() {
        return None;
    }
    let end = memchr::memchr(b'\n', bytes);
    let (line, rest) = end
        .and_then(|end| bytes.split_at_checked(end))
        .unwrap_or((bytes, &[]));
    Some((
        line.strip_suffix(b"\r").unwrap_or(line),
        rest.strip_prefix(b"\n").unwrap_or(rest),
    ))
}

/// Whether a line is white space only.
pub(super) fn is_blank(line: &[u8]) -> bool {
    line.trim_ascii().is_empty()
}

/// Whether a line between messages is a person's remark, or the fence of a Markdown code block.
pub(super) fn is_comment(line: &[u8]) -> bool {
    line.starts_with(b"#") || line.starts_with(b"//") || line.starts_with(b"```")
}

/// Whether bytes are text, as opposed to data: UTF-8, perhaps cut in its last character, without control characters.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).map_or_else(|error| error.error_len().is_none(), |_| true)
        && !bytes
            .iter()
            .any(|byte| byte.is_ascii_control() && !byte.is_ascii_whitespace())
}

/// The beginning of a line, to show.
pub(super) fn excerpt(line: &[u8]) -> String {
    const SHOWN: usize = 60;
    match line.split_at_checked(SHOWN) {
        Some((shown, left)) if !left.is_empty() => {
            format!("{}...", String::from_utf8_lossy(shown))
        }
        _ => String::from_utf8_lossy(line).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_either_way_and_are_counted() {
        let mut cursor = Cursor::new(b"a\r\nb\n\r\n\rc");
        let lines: Vec<_> = std::iter::from_fn(|| cursor.next_line()).collect();
        assert_eq!(lines, [&b"a"[..], b"b", b"", b"\rc"]);
        let mut cursor = Cursor::new(b"a\nb\nc");
        assert_eq!(cursor.take(3), b"a\nb");
        assert_eq!((cursor.line(), cursor.rest()), (2, &b"\nc"[..]));
        assert_eq!(cursor.take(9), b"\nc");
        assert_eq!(cursor.next_line(), None);
    }

    #[test]
    fn text_may_be_cut_in_a_character() {
        assert!(is_text("é\t<a>\r\n".as_bytes()));
        assert!(is_text(b"caf\xc3"));
        assert!(!is_text(b"caf\xc3<a>"));
        assert!(!is_text(b"a\0b"));
        assert_eq!(excerpt(&[b'a'; 60]), "a".repeat(60));
        assert_eq!(excerpt(&[b'a'; 61]), "a".repeat(60) + "...");
    }
}
