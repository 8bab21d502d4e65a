//! Debug logs of SDKs, which tell of heads and leave out bodies.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Lines, lines};
use crate::capture::NOT_CAPTURED;

/// `[Req:0xc000]Method:POST\tHost:...\tPath:...\tQuery:...\tHeader info:\tName:value...`, as the Go SDK and ossutil write it, and `http.request[0xc000]Method:...`, as the second Go SDK does.
pub(super) fn go(bytes: &[u8]) -> Option<Lines> {
    let request = pattern!(
        r"(?:\[Req:|http\.request\[)[^\]]*\]Method:([A-Z]+)\s+Host:(\S*)\s+Path:(\S*)\s+Query:(\S*)\s+Header info:(.*)$",
    );
    let response =
        pattern!(r"(?:\[Resp:|http\.response\[)[^\]]*\]StatusCode:(\d{3})\s+Header info:(.*)$");
    if !pattern!(
        r"\[?(?:Req:|Resp:|http\.request\[|http\.response\[)[^\]]*\](?:Method|StatusCode):"
    )
    .is_match(bytes)
    {
        return None;
    }
    let mut out = Lines::default();
    for (place, line) in lines(bytes) {
        let headers = if let Some(found) = request.captures(line) {
            let query = match found[4].is_empty() {
                true => Vec::new(),
                false => [b"?", &found[4]].concat(),
            };
            out.push(
                place,
                &[&found[1], b" ", &found[3], &query, b" HTTP/1.1"].concat(),
            );
            found.get(5)
        } else if let Some(found) = response.captures(line) {
            out.push(place, &[b"HTTP/1.1 ", &found[1]].concat());
            found.get(2)
        } else {
            out.push(place, line);
            continue;
        };
        let headers = headers
            .map(|headers| headers.as_bytes())
            .unwrap_or_default();
        for header in headers
            .split(|byte| *byte == b'\t')
            .map(<[u8]>::trim_ascii)
            .filter(|header| !header.is_empty())
        {
            out.push(place, header);
        }
        out.push(place, b"");
        out.push(place, NOT_CAPTURED);
    }
    Some(out)
}

/// Of a query, what stands for itself.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// `Send request, method: POST, url: http://..., params: {...}, headers: {...}` and `Get response headers, ..., status: 200, headers: {...}`.
pub(super) fn python(bytes: &[u8]) -> Option<Lines> {
    let request = pattern!(
        r"Send request, method: ([A-Z]+), url: (\S+), params: (\{.*?\}), headers: (\{.*?\})(?:, timeout|$)",
    );
    let response = pattern!(r"Get response headers.*?, status: (\d{3}), headers: (\{.*\})");
    if !request.is_match(bytes) && !response.is_match(bytes) {
        return None;
    }
    // The list of parts stands in a line of its own, before it is sent.
    let list = pattern!(r"parts: (b?'<.*>')");
    let (mut out, mut waits) = (Lines::default(), None);
    for (place, line) in lines(bytes) {
        if let Some(found) = list.captures(line) {
            waits = super::python::literal(&found[1]);
        }
        let headers = if let Some(found) = request.captures(line) {
            let query: Vec<String> = pairs(&found[3])
                .into_iter()
                .map(|(name, value)| match value.is_empty() {
                    true => name,
                    false => format!("{name}={}", utf8_percent_encode(&value, PLAIN)),
                })
                .collect();
            let query = match query.is_empty() {
                true => String::new(),
                false => format!("?{}", query.join("&")),
            };
            out.push(
                place,
                &[&found[1], b" ", &found[2], query.as_bytes(), b" HTTP/1.1"].concat(),
            );
            pairs(&found[4])
        } else if let Some(found) = response.captures(line) {
            out.push(place, &[b"HTTP/1.1 ", &found[1]].concat());
            pairs(&found[2])
        } else {
            out.push(place, line);
            continue;
        };
        for (name, value) in headers {
            out.push(place, format!("{name}: {value}").as_bytes());
        }
        out.push(place, b"");
        match waits.take().filter(|_| request.is_match(line)) {
            Some(body) => out.push(place, &body),
            None => out.push(place, NOT_CAPTURED),
        }
    }
    Some(out)
}

/// The pairs of a dictionary of texts as Python writes it.
fn pairs(text: &[u8]) -> Vec<(String, String)> {
    let pair = pattern!(r#"['"]([^'"]+)['"]: ('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"#);
    let found = pair.captures_iter(text).filter_map(|found| {
        let value = super::python::literal(&found[2])?;
        let name = String::from_utf8_lossy(&found[1]).into_owned();
        Some((name, String::from_utf8_lossy(&value).into_owned()))
    });
    found.collect()
}
