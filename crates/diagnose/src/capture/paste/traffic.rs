//! Streams and requests as tools dump them, with frames of their own around.

use super::{Lines, lines};

/// `Follow TCP stream`, of Wireshark or tshark, in ASCII or as a hex dump.
pub(super) fn wireshark(bytes: &[u8]) -> Option<Lines> {
    let known = pattern!(
        r"(?m)^Follow: (?:tcp|http|tls|http2),(?:ascii|hex|raw)|^\s*[0-9a-fA-F]{8}  (?:[0-9a-fA-F]{2} {1,2}){16}",
    );
    if !known.is_match(bytes) {
        return None;
    }
    let frame = pattern!(r"^(?:={5,}|Follow: .*|Filter: .*|Node \d: .*|\t?\d+)\s*$");
    let dump = pattern!(r"^\s*([0-9a-fA-F]{8})  ((?:[0-9a-fA-F]{2} {1,2}){1,16})");
    let mut out = Lines::default();
    for (place, line) in lines(bytes) {
        if let Some(found) = dump.captures(line) {
            // The first bytes of a direction, and of a message that follows one.
            let text = String::from_utf8_lossy(&found[2]).into_owned();
            let pairs = text
                .split_ascii_whitespace()
                .map(|pair| u8::from_str_radix(pair, 16));
            let data = pairs.collect::<Result<Vec<u8>, _>>().ok()?;
            if begins(&data) {
                out.end_line();
            }
            out.push_raw(place, &data);
        } else if !frame.is_match(line) {
            out.end_line();
            out.push(place, line);
        }
    }
    out.end_line();
    Some(out)
}

/// Whether a row begins a message; what is longer than a row is not all there yet.
fn begins(data: &[u8]) -> bool {
    let methods: [&[u8]; 6] = [
        b"POST /",
        b"PUT /",
        b"GET /",
        b"HEAD /",
        b"DELETE /",
        b"HTTP/1",
    ];
    methods.iter().any(|method| data.starts_with(method))
}

/// Requests and answers between lines of their own: `rclone --dump`, `wget -d`.
pub(super) fn framed(bytes: &[u8]) -> Option<Lines> {
    let known =
        pattern!(r"(?m)^(?:HTTP (?:REQUEST|RESPONSE) \(req |---(?:request|response) begin---)");
    if !known.is_match(bytes) {
        return None;
    }
    let frame = pattern!(
        r"^(?:>{10,}|<{10,}|HTTP (?:REQUEST|RESPONSE) \(req .*\)|---(?:request|response) (?:begin|end)---|HTTP request sent, awaiting response\.\.\..*|\[writing .*)\s*$"
    );
    let body = pattern!(r"^\[(?:BODY|POST) data: (.*?)\]?\s*$");
    // Behind the head of an answer, wget tells of the connection and of the file before it writes the body.
    let said = pattern!(
        r"^(?:\d{3} |Registered socket|Length: |Saving to: |Disabling further|Skipping |--\d{4}-|\s*$)"
    );
    let (mut out, mut is_behind) = (Lines::default(), false);
    for (place, line) in lines(bytes) {
        if frame.is_match(line) {
            is_behind = line.starts_with(b"---response end---");
            // Between two messages, an empty line ends a head that has no body.
            out.push(place, b"");
        } else if let Some(found) = body.captures(line) {
            out.push(place, &found[1]);
        } else if !(is_behind && said.is_match(line)) {
            is_behind = false;
            out.push(place, line);
        }
    }
    Some(out)
}

/// What mitmdump prints: `127.0.0.1:51000: POST https://...`, ` << 200 OK 206b`, and all else indented.
pub(super) fn mitmdump(bytes: &[u8]) -> Option<Lines> {
    let request = pattern!(r"(?m-u)^[^\s:]+:\d+: ([A-Z]{3,7}) (https?://\S+)(?: HTTP/\S+)?\r?$");
    let response = pattern!(r"^\s*<< (?:HTTP/\S+ )?(\d{3})\b");
    if !request.is_match(bytes) {
        return None;
    }
    let mut out = Lines::default();
    for (place, line) in lines(bytes) {
        if let Some(found) = request.captures(line) {
            out.push(place, &[&found[1], b" ", &found[2], b" HTTP/1.1"].concat());
        } else if let Some(found) = response.captures(line) {
            out.push(place, b"");
            out.push(place, &[b"HTTP/1.1 ", &found[1]].concat());
        } else {
            out.push(place, line.strip_prefix(b"    ").unwrap_or(line));
        }
    }
    Some(out)
}

/// Messages as texts with escapes, each on a line: `%q` of what Go's `httputil` dumps, `repr` in Python, JSON.
pub(super) fn escaped(bytes: &[u8]) -> Option<Lines> {
    let message = pattern!(
        r#"(?:[A-Z]{3,7} (?:/|https?://)\S* HTTP/[12](?:\.\d)?|HTTP/[12](?:\.\d)? \d{3}[^\\"']*)(?:\\r)?\\n.*"#
    );
    if !message.is_match(bytes) {
        return None;
    }
    let mut out = Lines::default();
    for (place, line) in lines(bytes) {
        let Some(found) = message.find(line) else {
            out.push(place, line);
            continue;
        };
        // The text ends with the quote that stands before it.
        let quote = line.get(..found.start()).and_then(<[u8]>::last).copied();
        let text = found.as_bytes();
        let end = match quote {
            Some(quote @ (b'"' | b'\'' | b'`')) => text.iter().rposition(|byte| *byte == quote),
            _ => None,
        };
        let text = text.get(..end.unwrap_or(text.len())).unwrap_or(text);
        out.push_raw(place, &super::python::unescaped(text)?);
        out.end_line();
    }
    Some(out)
}
