//! What Python's `http.client` prints: `send: b'...'`, `reply: '...'`, `header: Name: value`, and bodies as they come.

use super::{Lines, lines};
use crate::capture::{NOT_CAPTURED, start_line};

/// Lines of `http.client`, with what others print between them left out.
pub(super) fn http_client(bytes: &[u8]) -> Option<Lines> {
    let known = pattern!(r#"(?m)^(?:send: b?['"]|reply: ['"])"#);
    if !known.is_match(bytes) {
        return None;
    }
    // What loggers print between has a name of its own in front.
    let logger = pattern!(r"^(?:DEBUG|INFO|WARNING|ERROR|CRITICAL)[:\s]|^Traceback \(");
    let mut out = Lines::default();
    let mut state = State::Between;
    for (place, line) in lines(bytes) {
        if let Some(sent) = line.strip_prefix(b"send: ") {
            if state == State::Head {
                out.push(place, b"");
            }
            let Some(data) = literal(sent) else {
                // A file is read, and what is sent of it is not printed.
                out.end_line();
                out.push(place, NOT_CAPTURED);
                state = State::Sent;
                continue;
            };
            if start_line::begins(&data) {
                out.end_line();
            }
            out.push_raw(place, &data);
            state = State::Sent;
        } else if let Some(status) = line.strip_prefix(b"reply: ") {
            out.end_line();
            let data = literal(status).unwrap_or_else(|| status.to_vec());
            out.push(place, data.trim_ascii());
            state = State::Head;
        } else if let (State::Head, Some(header)) = (state, line.strip_prefix(b"header: ")) {
            out.push(place, header.trim_ascii_end());
        } else if logger.is_match(line) {
            if state == State::Head {
                out.push(place, b"");
            }
            state = State::Between;
        } else if state != State::Between {
            if state == State::Head {
                out.push(place, b"");
                state = State::Body;
            }
            if state == State::Body {
                out.push(place, line);
            }
        }
    }
    out.end_line();
    Some(out)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Between,
    /// Of an answer.
    Head,
    Body,
    Sent,
}

/// The bytes of a literal as Python writes it; nothing if it is none, or cut.
pub(super) fn literal(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.trim_ascii();
    let text = text.strip_prefix(b"b").unwrap_or(text);
    let (quote, inside) = text.split_first()?;
    if !b"'\"".contains(quote) {
        return None;
    }
    unescaped(inside.strip_suffix(std::slice::from_ref(quote))?)
}

/// A text with its escapes as the bytes that they stand for.
pub(super) fn unescaped(inside: &[u8]) -> Option<Vec<u8>> {
    let mut data = Vec::with_capacity(inside.len());
    let mut rest = inside.iter().copied();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            data.push(byte);
            continue;
        }
        data.push(match rest.next()? {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'x' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            other => other,
        });
    }
    Some(data)
}
