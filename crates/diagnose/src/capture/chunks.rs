//! Chunked bodies as they are on the wire: sizes in hexadecimal, data, and a chunk of size zero at the end.
//!
//! Line ends may be LF, as pasting leaves them. Nothing is copied before the chunks are known to hold together.

use super::cursor;
use super::start_line;

/// What bytes are when read as chunks.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Chunks<'a> {
    /// Chunks to the last one and its trailers, and what follows.
    Whole(&'a [u8]),
    /// Chunks, until the bytes end.
    Cut,
    /// Something else.
    No,
}

/// Looks for chunks. `patience` is how many more bytes of chunk lines may be looked at; it is used up as they are.
pub(super) fn span<'a>(bytes: &'a [u8], patience: &mut usize) -> Chunks<'a> {
    walk(bytes, patience, |_| {})
}

/// The data of chunks that [`span`] found.
pub(super) fn join(bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    walk(bytes, &mut { usize::MAX }, |data| {
        body.extend_from_slice(data)
    });
    body
}

/// Goes from chunk to chunk.
fn walk<'a>(bytes: &'a [u8], patience: &mut usize, mut each: impl FnMut(&'a [u8])) -> Chunks<'a> {
    let mut rest = bytes;
    // A first line of hexadecimal digits may be a document: a line end as on the wire, or a whole chunk, says it is not.
    let mut credible = false;
    while !rest.is_empty() {
        let Some((size, wire, data)) = size_line(rest) else {
            return Chunks::No;
        };
        let spent = rest.len().saturating_sub(data.len());
        let Some(left) = patience.checked_sub(spent) else {
            return Chunks::No;
        };
        *patience = left;
        credible |= wire;
        if size == 0 {
            return Chunks::Whole(trailers(data, patience));
        }
        let Some((chunk, after)) = data.split_at_checked(size) else {
            each(data);
            return if credible { Chunks::Cut } else { Chunks::No };
        };
        each(chunk);
        let Some(next) = after.strip_prefix(b"\r\n").or(after.strip_prefix(b"\n")) else {
            let cut = credible && (after.is_empty() || after == b"\r");
            return if cut { Chunks::Cut } else { Chunks::No };
        };
        rest = next;
        credible = true;
    }
    if credible { Chunks::Cut } else { Chunks::No }
}

/// A size, whether its line ends as on the wire, and what follows.
fn size_line(bytes: &[u8]) -> Option<(usize, bool, &[u8])> {
    /// Room for an extension; senders in use have none.
    const MAX_LINE: usize = 1_024;
    let near = bytes.get(..MAX_LINE).unwrap_or(bytes);
    let end = near.iter().position(|byte| *byte == b'\n')?;
    let (line, rest) = bytes.split_at_checked(end)?;
    let wire = line.ends_with(b"\r");
    let digits = line.split(|byte| *byte == b';').next()?.trim_ascii();
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let size = usize::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    Some((size, wire, rest.strip_prefix(b"\n")?))
}

/// What follows the trailers, up to an empty line. Where there is none, a start line or the end will do.
fn trailers<'a>(mut rest: &'a [u8], patience: &mut usize) -> &'a [u8] {
    while *patience > 0 && !start_line::begins(rest) {
        let Some((line, next)) = cursor::split_line(rest) else {
            break;
        };
        *patience = patience.saturating_sub(line.len().saturating_add(1));
        rest = next;
        if line.is_empty() {
            break;
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunks(bytes: &str) -> Chunks<'_> {
        span(bytes.as_bytes(), &mut 1_000)
    }

    #[test]
    fn chunks_are_joined() {
        for (bytes, body, rest) in [
            ("3\r\nabc\r\n0\r\n\r\nx", "abc", "x"),
            ("3\nabc\n00;a=b\n\nx", "abc", "x"),
            (
                "A ; b\r\n0123456\r\n9\r\n0\r\nt: u\r\n\r\n",
                "0123456\r\n9",
                "",
            ),
            ("0\r\n", "", ""),
            ("0\r\nHTTP/1.1 200 OK\r\n", "", "HTTP/1.1 200 OK\r\n"),
        ] {
            assert_eq!(chunks(bytes), Chunks::Whole(rest.as_bytes()), "{bytes:?}");
            assert_eq!(join(bytes.as_bytes()), body.as_bytes(), "{bytes:?}");
        }
    }

    #[test]
    fn a_cut_is_told_from_something_else() {
        for bytes in ["5\r\nab", "2\r\nab", "2\r\nab\r", "2\nab\n"] {
            assert_eq!(chunks(bytes), Chunks::Cut, "{bytes:?}");
            assert_eq!(join(bytes.as_bytes()), b"ab", "{bytes:?}");
        }
        for bytes in [
            "",
            "2",
            "\r\n",
            "2\n",
            "deadbeef\n",
            "<a/>\n",
            "2\r\nabc\r\n",
            "-1\r\na",
            "+1\r\na\r\n0\r\n\r\n",
            "ffffffffffffffffff\r\n",
        ] {
            assert_eq!(chunks(bytes), Chunks::No, "{bytes:?}");
        }
    }

    #[test]
    fn patience_ends() {
        assert_eq!(span(b"1\na\n1\nb\n0\n\n", &mut 3), Chunks::No);
    }
}
