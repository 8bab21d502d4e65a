//! The console of Postman: as its window shows an exchange, and as it copies one.

use serde_json::Value;

use super::copies::Places;
use super::{Lines, lines};
use crate::ec;

#[derive(Default)]
struct Shown {
    place: u32,
    request: String,
    status: Option<u16>,
    /// Headers and body of the request, then of the answer.
    heads: [Vec<(u32, String)>; 2],
    bodies: [Vec<(u32, Vec<u8>)>; 2],
}

impl Shown {
    fn write(self, out: &mut Lines) {
        let Self {
            place,
            request,
            status,
            heads: [sent, received],
            bodies: [body, answer],
        } = self;
        let mut message =
            |place: u32, start: String, head: Vec<(u32, String)>, body: Vec<(u32, Vec<u8>)>| {
                out.push(place, start.as_bytes());
                for (place, header) in head {
                    out.push(place, header.as_bytes());
                }
                out.push(place, b"");
                for (place, line) in body {
                    out.push(place, &line);
                }
            };
        message(place, format!("{request} HTTP/1.1"), sent, body);
        // A copy does not tell the status; what was answered may.
        let text = answer.iter().flat_map(|(_, line)| line.clone());
        let text: Vec<u8> = text.collect();
        let has_etag = received
            .iter()
            .any(|(_, header)| header.to_ascii_lowercase().starts_with("etag:"));
        let by_answer = || match ec::is_error(&text) {
            true => {
                let code = ec::said(&text).code;
                code.and_then(|code| ec::status(&code)).or(Some(400))
            }
            false => (has_etag || pattern!(r"Result>").is_match(&text)).then_some(200),
        };
        if let Some(status) = status.or_else(by_answer) {
            message(place, format!("HTTP/1.1 {status}"), received, answer);
        }
    }
}

/// `POST https://...: {"Network": ..., "Request Headers": {...}, "Request Body": "...", "Response Headers": {...}}`.
pub(super) fn copied(bytes: &[u8]) -> Option<Lines> {
    let begins = pattern!(r"(?m-u)^([A-Z]{3,7} https?://[^\s{]+): \{\s*$");
    if !begins.is_match(bytes) {
        return None;
    }
    let (mut out, mut places) = (Lines::default(), Places::default());
    for found in begins.captures_iter(bytes) {
        let (whole, request) = (found.get(0)?, &found[1]);
        let place = places.line(bytes, whole.start());
        let object = bytes.get(whole.start() + request.len() + 2..)?;
        let Some(Ok(told)) = serde_json::Deserializer::from_slice(object)
            .into_iter::<Value>()
            .next()
        else {
            continue;
        };
        let head = |name: &str| {
            let fields = told
                .get(name)
                .and_then(Value::as_object)
                .into_iter()
                .flatten();
            fields
                .filter_map(|(name, value)| Some((place, format!("{name}: {}", value.as_str()?))))
                .collect()
        };
        let body = |name: &str| match told.get(name) {
            Some(Value::String(text)) => vec![(place, text.clone().into_bytes())],
            _ => Vec::new(),
        };
        Shown {
            place,
            request: String::from_utf8_lossy(request).into_owned(),
            status: None,
            heads: [head("Request Headers"), head("Response Headers")],
            bodies: [body("Request Body"), body("Response Body")],
        }
        .write(&mut out);
    }
    Some(out)
}

/// What stands in the window: an address, a status, and sections with values in quotes.
pub(super) fn window(bytes: &[u8]) -> Option<Lines> {
    let begins = pattern!(
        r"^(?:[\u{25b6}\u{25b8}\u{25bc}\u{25be}] ?)?([A-Z]{3,7} https?://\S+)(?:\s+(\d{3})\b.*)?\s*$"
    );
    let section = pattern!(
        r"^(?:[\u{25b6}\u{25b8}\u{25bc}\u{25be}] ?)?(Network|Request Headers|Request Body|Response Headers|Response Body)\s*$"
    );
    if !pattern!(r"(?m)^(?:[\u{25b6}\u{25b8}\u{25bc}\u{25be}] ?)?Request Headers\s*$")
        .is_match(bytes)
    {
        return None;
    }
    let header = pattern!(r#"^([A-Za-z0-9-]+): "(.*)"\s*$"#);
    let (mut out, mut open, mut at) = (Lines::default(), None::<Shown>, "");
    for (place, line) in lines(bytes) {
        if let Some(found) = begins.captures(line) {
            if let Some(shown) = open.take() {
                shown.write(&mut out);
            }
            let request = String::from_utf8_lossy(&found[1]).into_owned();
            (open, at) = (
                Some(Shown {
                    place,
                    request,
                    status: found.get(2).and_then(|digits| status(digits.as_bytes())),
                    ..Shown::default()
                }),
                "",
            );
        } else if let Some(found) = section.captures(line) {
            at = SECTIONS
                .into_iter()
                .find(|name| name.as_bytes() == &found[1])
                .unwrap_or_default();
        } else if let Some(shown) = &mut open {
            let side = usize::from(at.starts_with("Response"));
            match at {
                "" => shown.status = shown.status.or_else(|| status(line)),
                "Request Headers" | "Response Headers" => {
                    let line = header.replace(line, &b"$1: $2"[..]);
                    shown.heads[side].push((place, String::from_utf8_lossy(&line).into_owned()));
                }
                "Request Body" | "Response Body" => shown.bodies[side].push((place, line.to_vec())),
                _ => {}
            }
        } else {
            out.push(place, line);
        }
    }
    if let Some(shown) = open {
        shown.write(&mut out);
    }
    Some(out)
}

/// The status that a line begins with.
fn status(line: &[u8]) -> Option<u16> {
    let found = pattern!(r"^(\d{3})(?:\s|$)").captures(line)?;
    std::str::from_utf8(&found[1]).ok()?.parse().ok()
}

const SECTIONS: [&str; 4] = [
    "Request Headers",
    "Request Body",
    "Response Headers",
    "Response Body",
];
