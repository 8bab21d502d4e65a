//! Start lines: how a line of a file is told to begin a message.
//!
//! The test has to be narrow, since it also decides where a body of unknown length ends: a method in capitals, a target
//! that is a path or an address, and a version, on a line that no server would find too long.

use super::message::StartLine;

/// Twice what servers take.
const MAX_LENGTH: usize = 16 * 1024;
/// `UNSUBSCRIBE` has 11.
const MAX_METHOD: usize = 20;

/// The start line that `line` is, if it is one.
pub(super) fn parse(line: &[u8]) -> Option<StartLine> {
    if line.len() > MAX_LENGTH {
        return None;
    }
    match line.strip_prefix(b"HTTP/") {
        Some(rest) => response(rest),
        None => request(line),
    }
}

/// Whether the first line of `bytes` is a start line. Looks at no more than a start line may have.
pub(super) fn begins(bytes: &[u8]) -> bool {
    let capital = bytes.first().is_some_and(u8::is_ascii_uppercase);
    let near = bytes.get(..MAX_LENGTH.saturating_add(2)).unwrap_or(bytes);
    capital && super::cursor::split_line(near).is_some_and(|(line, _)| parse(line).is_some())
}

fn request(line: &[u8]) -> Option<StartLine> {
    let end = line
        .iter()
        .take(MAX_METHOD.saturating_add(1))
        .position(|byte| *byte == b' ')?;
    let (method, rest) = line.split_at_checked(end)?;
    if method.is_empty() || !method.iter().all(u8::is_ascii_uppercase) {
        return None;
    }
    let rest = rest.trim_ascii();
    let end = rest.iter().rposition(|byte| *byte == b' ')?;
    let (target, version) = rest.split_at_checked(end)?;
    let target = target.trim_ascii();
    if !is_version(version.trim_ascii().strip_prefix(b"HTTP/")?) || !is_target(method, target) {
        return None;
    }
    Some(StartLine::Request {
        method: String::from_utf8_lossy(method).into_owned(),
        target: String::from_utf8_lossy(target).into_owned(),
    })
}

fn response(rest: &[u8]) -> Option<StartLine> {
    let mut words = rest.splitn(3, |byte| *byte == b' ');
    if !is_version(words.next()?) {
        return None;
    }
    let status = std::str::from_utf8(words.next()?.trim_ascii()).ok()?;
    let digits = status.len() == 3 && status.bytes().all(|byte| byte.is_ascii_digit());
    let status = digits.then(|| status.parse().ok()).flatten()?;
    (status >= 100).then_some(StartLine::Response { status })
}

/// `1.1`, `2`.
fn is_version(version: &[u8]) -> bool {
    match version {
        [major] => major.is_ascii_digit(),
        [major, b'.', minor] => major.is_ascii_digit() && minor.is_ascii_digit(),
        _ => false,
    }
}

/// Whether it is origin-form, absolute-form or, where the method has them, asterisk or authority. A path may have
/// blanks in it: no client should send them, some do.
fn is_target(method: &[u8], target: &[u8]) -> bool {
    let opening = target.get(..8).unwrap_or(target).to_ascii_lowercase();
    target.starts_with(b"/")
        || opening.starts_with(b"http://")
        || opening.starts_with(b"https://")
        || (method == b"OPTIONS" && target == b"*")
        || (method == b"CONNECT" && !target.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn start_lines_are_told_from_prose() {
        for (line, method, target) in [
            ("PUT /a?partNumber=1 HTTP/1.1", "PUT", "/a?partNumber=1"),
            ("POST  /a?uploads   HTTP/1.0 ", "POST", "/a?uploads"),
            ("GET HTTPS://h/a HTTP/2", "GET", "HTTPS://h/a"),
            ("PUT /my file HTTP/1.1", "PUT", "/my file"),
            ("OPTIONS * HTTP/1.1", "OPTIONS", "*"),
        ] {
            let (method, target) = (method.to_owned(), target.to_owned());
            let expected = StartLine::Request { method, target };
            assert_eq!(parse(line.as_bytes()), Some(expected), "{line}");
        }
        for (line, status) in [("HTTP/1.1 200 OK", 200), ("HTTP/2 404", 404)] {
            let expected = StartLine::Response { status };
            assert_eq!(parse(line.as_bytes()), Some(expected), "{line}");
        }
        for line in [
            "",
            "PUT",
            "PUT /a",
            "PUT  HTTP/1.1",
            "put /a HTTP/1.1",
            "PUT a HTTP/1.1",
            "PUT /a HTTP/1.12",
            "PUT /a HTTP/",
            "PUT /a http/1.1",
            " PUT /a HTTP/1.1",
            "HTTP/1.1",
            "HTTP/1.1 ",
            "HTTP/1.1 20",
            "HTTP/1.1 099",
            "HTTP/1.1 +20",
            "HTTP/x 200",
            "HTTP/1.1 2000 OK",
            "ABCDEFGHIJKLMNOPQRSTU /a HTTP/1.1",
        ] {
            assert_eq!(parse(line.as_bytes()), None, "{line}");
        }
        assert!(begins(b"PUT /a HTTP/1.1\r\nHost: h"));
        let long = format!("PUT /{} HTTP/1.1", "a".repeat(MAX_LENGTH));
        assert!(!begins(long.as_bytes()));
    }
}
