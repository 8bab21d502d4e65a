//! Logs of HTTP clients in Java: what Apache HttpClient writes of its wire or of its headers, and OkHttp's interceptor.

use std::collections::BTreeMap;

use super::{Lines, lines};
use crate::capture::{NOT_CAPTURED, start_line};

/// Bytes, and the line that they come from.
type Piece = (u32, Vec<u8>);

/// `http-outgoing-0 >> "..."`, with a connection to each line or none; where both logs are there, the one of the wire, which has the bodies.
pub(super) fn apache(bytes: &[u8]) -> Option<Lines> {
    let wire = pattern!(r#"(?:(http-outgoing-\d+|[\w-]*\d+) )?(>>|<<) "(.*)"\s*$"#);
    let headers = pattern!(r"(?:(http-outgoing-\d+) )(>>|<<) (.*?)\s*$");
    let is_wire = pattern!(r#"(?:>>|<<) "(?:[A-Z]{3,7} \S+ HTTP/|HTTP/)[^"]*""#);
    let is_headers = pattern!(r"http-outgoing-\d+ (?:>>|<<) (?:[A-Z]{3,7} \S+ HTTP/|HTTP/)");
    let (known, has_bodies) = match (is_wire.is_match(bytes), is_headers.is_match(bytes)) {
        (true, _) => (wire, true),
        (false, true) => (headers, false),
        (false, false) => return None,
    };
    // Messages are written when the next of their connection begins, in the order of their beginnings.
    let mut messages: Vec<Vec<Piece>> = Vec::new();
    let mut open: BTreeMap<Vec<u8>, (usize, bool)> = BTreeMap::new();
    for (place, line) in lines(bytes) {
        let Some(found) = known.captures(line) else {
            continue;
        };
        let connection = found
            .get(1)
            .map(|id| id.as_bytes().to_vec())
            .unwrap_or_default();
        let is_sent = &found[2] == b">>";
        let data = match has_bodies {
            true => unescaped(&found[3]),
            false => [&found[3], b"\n"].concat(),
        };
        let begins = start_line::begins(&data);
        let at = match open.get(&connection) {
            Some((at, sent)) if !begins && *sent == is_sent => *at,
            _ if begins => {
                messages.push(Vec::new());
                let at = messages.len() - 1;
                open.insert(connection, (at, is_sent));
                at
            }
            // The end of a message whose beginning is not here.
            _ => continue,
        };
        if let Some(pieces) = messages.get_mut(at) {
            pieces.push((place, data));
        }
    }
    let mut out = Lines::default();
    for pieces in messages {
        out.end_line();
        for (place, data) in pieces {
            out.push_raw(place, &data);
        }
        if !has_bodies {
            out.push(0, b"");
            out.push(0, NOT_CAPTURED);
        }
    }
    out.end_line();
    Some(out)
}

/// `[\r][\n]` and `[0x7f]` as the bytes that they stand for.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut data = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((byte, after)) = rest.split_first() {
        let code = |digits: &[u8]| {
            let digits = std::str::from_utf8(digits).ok()?;
            u8::from_str_radix(digits, 16).ok()
        };
        let (byte, after) = match rest {
            [b'[', b'\\', b'r', b']', after @ ..] => (b'\r', after),
            [b'[', b'\\', b'n', b']', after @ ..] => (b'\n', after),
            [b'[', b'0', b'x', digits @ ..] => {
                let end = digits
                    .iter()
                    .position(|byte| *byte == b']')
                    .filter(|end| *end <= 2);
                let found =
                    end.and_then(|end| Some((code(digits.get(..end)?)?, digits.get(end + 1..)?)));
                found.unwrap_or((*byte, after))
            }
            _ => (*byte, after),
        };
        data.push(byte);
        rest = after;
    }
    data
}

/// `--> POST https://host/object?uploads`, headers, the body, `--> END POST`, `<-- 200 OK https://...`.
pub(super) fn okhttp(bytes: &[u8]) -> Option<Lines> {
    let request = pattern!(r"^--> ([A-Z]{3,7}) (\S+)(?: \S+)?(?: \(.*\))?\s*$");
    let response = pattern!(r"^<-- (?:HTTP/\S+ )?(\d{3})\b.*$");
    let end = pattern!(r"^(?:-->|<--) END\b.*$");
    let known = pattern!(r"(?m)^--> [A-Z]{3,7} (?:https?:|/)\S*|^<-- (?:HTTP/\S+ )?\d{3} ");
    if !known.is_match(bytes) {
        return None;
    }
    let is_left_out = pattern!(r"(?:omitted|elided|encoded body)\)?\s*$");
    let (mut out, mut within) = (Lines::default(), false);
    for (place, line) in lines(bytes) {
        if end.is_match(line) {
            if within && is_left_out.is_match(line) {
                out.push(place, b"");
                out.push(place, NOT_CAPTURED);
            }
            out.push(place, b"");
            within = false;
        } else if let Some(found) = request.captures(line) {
            out.push(place, &[&found[1], b" ", &found[2], b" HTTP/1.1"].concat());
            within = true;
        } else if let Some(found) = response.captures(line) {
            out.push(place, &[b"HTTP/1.1 ", &found[1]].concat());
            within = true;
        } else if within {
            out.push(place, line);
        }
    }
    Some(out)
}
