//! What further tools print of messages: nghttp, ngrep, `tshark -V`, and logs that have a line for each exchange.

use std::collections::HashMap;

use super::{Lines, lines};
use crate::capture::NOT_CAPTURED;

/// `nghttp -v`: frames with their headers, a line for each of an answer's.
pub(super) fn nghttp(bytes: &[u8]) -> Option<Lines> {
    if !pattern!(r"(?m)^\[ *\d+\.\d+\] send HEADERS frame ").is_match(bytes) {
        return None;
    }
    let frame = pattern!(r"^\[ *\d+\.\d+\] (send|recv) ([A-Z_]+) frame .*stream_id=(\d+)");
    let received = pattern!(r"^\[ *\d+\.\d+\] recv \(stream_id=(\d+)[^)]*\) (:?[^:\s]+: .*)$");
    let sent = pattern!(r"^ {8,}(:?[A-Za-z0-9_-]+: .*)$");
    let mut out = Lines::default();
    // A head that is open, and one whose body has not begun.
    let (mut is_sending, mut waits) = (false, false);
    // Answers come header by header, of several streams at a time.
    let mut answers: HashMap<Vec<u8>, Vec<(u32, Vec<u8>)>> = HashMap::new();
    for (place, line) in lines(bytes) {
        if let Some(found) = received.captures(line) {
            let head = answers.entry(found[1].to_vec()).or_default();
            head.push((place, found[2].to_vec()));
        } else if let Some(found) = frame.captures(line) {
            if std::mem::take(&mut is_sending) {
                out.push(place, b"");
                waits = true;
            }
            if std::mem::take(&mut waits) {
                out.push(place, NOT_CAPTURED);
            }
            is_sending = &found[1] == b"send" && &found[2] == b"HEADERS";
            let answer = answers.remove(&found[3]).filter(|_| !is_sending);
            for (place, header) in answer.iter().flatten() {
                out.push(*place, header);
            }
            if answer.is_some() {
                out.push(place, b"");
                waits = true;
            }
        } else if let Some(found) = sent.captures(line).filter(|_| is_sending) {
            out.push(place, &found[1]);
        } else if line.trim_ascii_start().starts_with(b"<") {
            // A document that was received stands as it is.
            out.push(place, line);
            waits = false;
        }
    }
    Some(out)
}

/// `ngrep -W byline`, which prints a dot for the end of a line.
pub(super) fn ngrep(bytes: &[u8]) -> Option<Lines> {
    let packet = pattern!(r"^[TU] (?:\S+ \S+ )?\S+:\d+ -> \S+:\d+ \[[A-Z]*\]");
    if !lines(bytes).any(|(_, line)| packet.is_match(line)) {
        return None;
    }
    let noise = pattern!(r"^(?:#+|interface: .*|filter: .*|match: .*)\s*$");
    let (mut out, mut in_head) = (Lines::default(), false);
    for (place, line) in lines(bytes) {
        if packet.is_match(line) {
            in_head = true;
        } else if !noise.is_match(line) {
            let bare = line.strip_suffix(b".").filter(|_| in_head);
            in_head &= bare.is_some_and(|bare| !bare.is_empty());
            out.push(place, bare.unwrap_or(line));
        }
    }
    Some(out)
}

/// The tree of `tshark -V`: what stands below the layers that have text, whether or not its indentation is still there.
pub(super) fn tshark(bytes: &[u8]) -> Option<Lines> {
    if !pattern!(r"(?m)^Hypertext Transfer Protocol\s*$").is_match(bytes) {
        return None;
    }
    let layer = pattern!(
        r"^(?:(Hypertext Transfer Protocol)|Line-based text data.*|eXtensible Markup Language)\s*$"
    );
    let other = pattern!(
        r"^(?:Frame \d+|[A-Z][\w ()]* (?:II|Protocol|Layer|capture|reassembled)\b.*,|\[\d+ Reassembled)"
    );
    let head = pattern!(r"^\s*(\S.*?)?\\r\\n\s*$");
    let (mut out, mut at) = (Lines::default(), None);
    for (place, line) in lines(bytes) {
        if let Some(found) = layer.captures(line) {
            at = Some(found.get(1).is_some());
        } else if other.is_match(line) {
            at = None;
        } else if at == Some(true) {
            if let Some(found) = head.captures(line) {
                out.push(place, found.get(1).map_or(b"", |text| text.as_bytes()));
            }
        } else if at == Some(false) {
            let text = line.trim_ascii();
            out.push(place, text.strip_suffix(b"\\n").unwrap_or(text));
        }
    }
    Some(out)
}

/// A line for each exchange: `"POST /o?uploads HTTP/1.1" 200 193` of urllib3 and of servers, `HTTP Request: POST https://... "HTTP/1.1 200 OK"` of httpx.
pub(super) fn access(bytes: &[u8]) -> Option<Lines> {
    let common = pattern!(r#"(?-u)(https?://[^"\s]+ )?"([A-Z]{3,7}) (\S+) HTTP/[\d.]+" (\d{3})\b"#);
    let client = pattern!(r#"(?-u)HTTP Request: ([A-Z]{3,7}) (\S+) "HTTP/[\d.]+ (\d{3})\b"#);
    if !common.is_match(bytes) && !client.is_match(bytes) {
        return None;
    }
    let mut out = Lines::default();
    // The service's own log has it, too.
    let ec = pattern!(r"(?-u)\b00\d\d-\d{8}\b");
    let exchange =
        |out: &mut Lines, (place, line): (u32, &[u8]), start: &[&[u8]], status: &[u8]| {
            out.push(place, &start.concat());
            out.push(place, b"");
            out.push(place, NOT_CAPTURED);
            out.push(place, &[b"HTTP/1.1 ", status].concat());
            if let Some(ec) = ec.find(line).filter(|_| status.starts_with(b"4")) {
                out.push(place, &[b"x-oss-ec: ", ec.as_bytes()].concat());
            }
            out.push(place, b"");
            out.push(place, NOT_CAPTURED);
        };
    for (place, line) in lines(bytes) {
        if let Some(found) = client.captures(line) {
            let start = [&found[1], b" ", &found[2], b" HTTP/1.1"];
            exchange(&mut out, (place, line), &start, &found[3]);
        } else if let Some(found) = common.captures(line) {
            let host = found
                .get(1)
                .map_or(&b""[..], |host| host.as_bytes().trim_ascii());
            let host = match found[3].starts_with(b"/") {
                true => host,
                false => b"",
            };
            let start = [&found[2], b" ", host, &found[3], b" HTTP/1.1"];
            exchange(&mut out, (place, line), &start, &found[4]);
        } else {
            out.push(place, line);
        }
    }
    Some(out)
}
