//! Requests as a browser copies them for JavaScript and for PowerShell.

use serde_json::Value;

use super::Lines;
use crate::capture::NOT_CAPTURED;

/// The lines of places in a text, each behind the one before.
#[derive(Default)]
pub(super) struct Places {
    at: usize,
    ends: usize,
}

impl Places {
    /// The line of this place, from 1.
    pub(super) fn line(&mut self, bytes: &[u8], at: usize) -> u32 {
        let passed = bytes.get(self.at..at).unwrap_or_default();
        self.ends += passed.iter().filter(|byte| **byte == b'\n').count();
        self.at = self.at.max(at);
        u32::try_from(self.ends + 1).unwrap_or(u32::MAX)
    }
}

fn write(out: &mut Lines, place: u32, start: &str, headers: &[(String, String)], body: &[u8]) {
    out.push(place, format!("{start} HTTP/1.1").as_bytes());
    for (name, value) in headers {
        out.push(place, format!("{name}: {value}").as_bytes());
    }
    out.push(place, b"");
    // Of a body that is no text, a copy has nothing.
    match body {
        b"" if !start.starts_with("GET") => out.push(place, NOT_CAPTURED),
        body => out.push(place, body),
    }
    out.push(place, b"");
}

/// `fetch("https://...", {"headers": {...}, "body": "...", "method": "POST"});`
pub(super) fn fetch(bytes: &[u8]) -> Option<Lines> {
    let call = pattern!(r#"fetch\("(https?://[^"\s]+)",\s*\{"#);
    if bytes.len() > super::SAMPLE || !call.is_match(bytes) {
        return None;
    }
    let (mut out, mut places) = (Lines::default(), Places::default());
    for found in call.captures_iter(bytes) {
        let whole = found.get(0)?;
        let object = bytes.get(whole.end() - 1..)?;
        let Some(Ok(told)) = serde_json::Deserializer::from_slice(object)
            .into_iter::<Value>()
            .next()
        else {
            continue;
        };
        let text = |name: &str| told.get(name).and_then(Value::as_str).unwrap_or_default();
        let headers = told
            .get("headers")
            .and_then(Value::as_object)
            .into_iter()
            .flatten();
        let headers: Vec<_> = headers
            .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
            .collect();
        let method = Some(text("method"))
            .filter(|method| !method.is_empty())
            .unwrap_or("GET");
        let start = format!("{method} {}", String::from_utf8_lossy(&found[1]));
        write(
            &mut out,
            places.line(bytes, whole.start()),
            &start,
            &headers,
            text("body").as_bytes(),
        );
    }
    Some(out)
}

/// ``Invoke-WebRequest -Uri "https://..." ` -Method "POST" ` -Headers @{ "name"="value" } ` -Body "..."``
pub(super) fn powershell(bytes: &[u8]) -> Option<Lines> {
    let command = pattern!(r"(?i-u)\b(?:Invoke-WebRequest|Invoke-RestMethod|iwr)\b");
    if bytes.len() > super::SAMPLE || !command.is_match(bytes) {
        return None;
    }
    let begins: Vec<usize> = command
        .find_iter(bytes)
        .map(|found| found.start())
        .collect();
    let ends = begins.iter().skip(1).copied().chain([bytes.len()]);
    let (mut out, mut places) = (Lines::default(), Places::default());
    for (begin, end) in begins.iter().copied().zip(ends) {
        let text = bytes.get(begin..end).unwrap_or_default();
        // A backquote stands before what is not to end the text.
        let plain = |text: &[u8]| {
            pattern!(r"(?s-u)`(.)")
                .replace_all(text, &b"$1"[..])
                .into_owned()
        };
        let option = |pattern: &regex::bytes::Regex| Some(plain(&pattern.captures(text)?[1]));
        let Some(uri) = option(pattern!(r#"(?i-u)-Uri\s+["']?(https?://[^"'\s]+)"#)) else {
            continue;
        };
        let method =
            option(pattern!(r#"(?i-u)-Method\s+"?([A-Z]+)"#)).unwrap_or_else(|| b"GET".to_vec());
        let body = option(pattern!(r#"(?s-u)-Body\s+(?:\(\[System\.Text\.Encoding\]::UTF8\.GetBytes\(\s*)?"((?:[^"`]|`.)*)""#)).unwrap_or_default();
        let pairs = pattern!(r#"(?s-u)"([^"=\s]+)"\s*=\s*"((?:[^"`]|`.)*)""#);
        let headers: Vec<_> = pairs
            .captures_iter(text)
            .map(|pair| {
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                (text(&pair[1]), text(&plain(&pair[2])))
            })
            .collect();
        let start = String::from_utf8_lossy(&[&method, &b" "[..], &uri].concat()).into_owned();
        write(&mut out, places.line(bytes, begin), &start, &headers, &body);
    }
    Some(out)
}
