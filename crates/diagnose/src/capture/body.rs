//! Bodies: what a head announces, and what captured bytes are worth against it.
//!
//! A length that does not match means one thing for a document and another for data: a part list that was re-wrapped by
//! an editor is still that part list, while an object or a part of which bytes are missing is not that part.

use super::cursor;
use super::head::Head;
use super::message::Body;

/// What a head announces of its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Announced {
    /// Neither a length nor chunks: it may have one all the same, as documentation often shows it.
    Nothing,
    /// So many bytes.
    Length(u64),
    /// Chunks.
    Chunks,
}

impl Announced {
    /// Reads the headers, with notes in the head where they make no sense. `bodiless` says that whatever they announce
    /// does not follow, as in a response to HEAD.
    pub(super) fn of(head: &mut Head, bodiless: bool) -> Self {
        if bodiless || matches!(head.status(), Some(100..=199 | 204 | 304)) {
            return Self::Nothing;
        }
        let chunked = head
            .values("transfer-encoding")
            .any(|value| value.to_ascii_lowercase().ends_with(b"chunked"));
        if chunked {
            return Self::Chunks;
        }
        let lengths: Vec<_> = head.values("content-length").map(length).collect();
        match lengths.split_first() {
            None => Self::Nothing,
            Some((Some(length), others)) if others.iter().all(|other| *other == Some(*length)) => {
                Self::Length(*length)
            }
            Some(_) => {
                let note = "Content-Length is no number, or more than one, and was left out";
                head.notes.push(note.to_owned());
                Self::Nothing
            }
        }
    }
}

/// A Content-Length, if it is a number.
pub(super) fn length(value: &[u8]) -> Option<u64> {
    let digits = std::str::from_utf8(value).ok()?;
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

/// The body that was captured where `field` says that it has `length` bytes.
pub(super) fn against(
    field: &str,
    length: u64,
    captured: Vec<u8>,
    is_put: bool,
    notes: &mut Vec<String>,
) -> Body {
    let have = u64::try_from(captured.len()).unwrap_or(u64::MAX);
    if have == length {
        return Body::Bytes(captured);
    }
    if have == 0 {
        notes.push(format!("{field} says {length}, no body was captured"));
        return Body::Absent;
    }
    notes.push(format!("{field} says {length}, the body has {have} bytes"));
    if have < length && is_data(&captured, is_put) {
        Body::Partial(captured)
    } else {
        Body::Bytes(captured)
    }
}

/// The body that was captured where no header announces one.
pub(super) fn unannounced(captured: Vec<u8>, notes: &mut Vec<String>) -> Body {
    if !captured.is_empty() {
        notes.push(format!(
            "no header announces a body: the {} bytes before the next message are taken as one",
            captured.len()
        ));
    }
    Body::Bytes(captured)
}

/// No body where its headers announce chunks.
pub(super) fn no_chunks(notes: &mut Vec<String>) -> Body {
    notes.push("Transfer-Encoding says chunked, no body was captured".to_owned());
    Body::Absent
}

/// Whether what stands in the place of a body says that it is not there: `[102400 bytes data]`, `(binary data omitted)`, three dots.
pub(super) fn is_elided(content: &[u8]) -> bool {
    /// No longer than a remark.
    const MOST: usize = 120;
    let text = content.trim_ascii();
    if text.is_empty() || text.len() > MOST {
        return false;
    }
    let text = String::from_utf8_lossy(text).to_ascii_lowercase();
    if text
        .chars()
        .all(|character| ".\u{2026}*".contains(character))
    {
        return text.chars().count() > 1 || text == "\u{2026}";
    }
    let inside = |open, close| text.starts_with(open) && text.ends_with(close);
    let words = [
        "bytes",
        "binary",
        "body",
        "data",
        "omitted",
        "truncated",
        "elided",
        "not captured",
        "content",
    ];
    let is_bracketed = inside('[', ']') || inside('(', ')') || inside('{', '}') || inside('<', '>');
    let bare = [
        "bytes of data",
        "bytes data",
        "bytes omitted",
        "binary data",
        "body omitted",
    ];
    is_bracketed && !text.contains("</") && words.iter().any(|word| text.contains(word))
        || bare.iter().any(|end| text.ends_with(end)) && !text.contains(['<', '='])
}

/// A body in the place of which stands that it was left out.
pub(super) fn elided(content: &[u8], notes: &mut Vec<String>) -> Body {
    let text = String::from_utf8_lossy(content.trim_ascii()).into_owned();
    if content.trim_ascii() != super::NOT_CAPTURED {
        notes.push(format!(
            "its body is left out: {text:?} stands in its place"
        ));
    }
    Body::Absent
}

/// Of a text that is an XML document of the service, that document, without what stands behind its end.
pub(super) fn document(content: &[u8]) -> &[u8] {
    let begins = content.trim_ascii_start();
    if !begins.starts_with(b"<") || !cursor::is_text(content) {
        return content;
    }
    const ROOTS: [&str; 5] = [
        "CompleteMultipartUpload",
        "CompleteMultipartUploadResult",
        "InitiateMultipartUploadResult",
        "ListPartsResult",
        "Error",
    ];
    let text = std::str::from_utf8(content).unwrap_or_default();
    let end = ROOTS.iter().filter_map(|root| {
        let is_root = text
            .split(['<', '>', ' ', '\r', '\n', '\t', '/'])
            .any(|word| word == *root);
        let end = text.find(&format!("</{root}>")).filter(|_| is_root)?;
        Some(end + root.len() + 3)
    });
    end.min()
        .and_then(|end| content.get(..end))
        .unwrap_or(content)
}

/// Whether each byte of a body counts: what is put is an object or a part even where it looks like text.
pub(super) fn is_data(captured: &[u8], is_put: bool) -> bool {
    is_put || !cursor::is_text(captured)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn announced(lines: &[&str]) -> (Announced, usize) {
        let mut head = Head::open(1, lines[0].as_bytes()).unwrap();
        for line in &lines[1..] {
            head.push("f", 2, line.as_bytes()).unwrap();
        }
        let announced = Announced::of(&mut head, false);
        (announced, head.notes.len())
    }

    #[test]
    fn headers_announce_a_body() {
        let request = "PUT / HTTP/1.1";
        for (lines, expected) in [
            (&[request][..], (Announced::Nothing, 0)),
            (&[request, "content-length: 12"], (Announced::Length(12), 0)),
            (
                &[request, "Content-Length: 1", "Content-Length: 1"],
                (Announced::Length(1), 0),
            ),
            (
                &[request, "Content-Length: 1", "Content-Length: 2"],
                (Announced::Nothing, 1),
            ),
            (&[request, "Content-Length: ****"], (Announced::Nothing, 1)),
            (&[request, "Content-Length: -1"], (Announced::Nothing, 1)),
            (
                &[request, "Content-Length: 99999999999999999999"],
                (Announced::Nothing, 1),
            ),
            (&[request, "Content-Length:"], (Announced::Nothing, 1)),
            (
                &[
                    request,
                    "Content-Length: 1",
                    "Transfer-Encoding: gzip, Chunked",
                ],
                (Announced::Chunks, 0),
            ),
            (
                &["HTTP/1.1 204 No Content", "Content-Length: 1"],
                (Announced::Nothing, 0),
            ),
            (
                &["HTTP/1.1 200 OK", "Content-Length: 1"],
                (Announced::Length(1), 0),
            ),
        ] {
            assert_eq!(announced(lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn only_data_is_partial() {
        let judge = |length, captured: &[u8], is_put| {
            let mut notes = Vec::new();
            let body = against(
                "Content-Length",
                length,
                captured.to_vec(),
                is_put,
                &mut notes,
            );
            (body, notes.concat())
        };
        let note = "Content-Length says 9, the body has 2 bytes".to_owned();
        assert_eq!(
            judge(9, b"<>", false),
            (Body::Bytes(b"<>".to_vec()), note.clone())
        );
        assert_eq!(
            judge(9, b"<>", true),
            (Body::Partial(b"<>".to_vec()), note.clone())
        );
        assert_eq!(
            judge(9, b"\0a", false),
            (Body::Partial(b"\0a".to_vec()), note)
        );
        assert_eq!(
            judge(2, b"\0a", true),
            (Body::Bytes(b"\0a".to_vec()), String::new())
        );
        assert_eq!(
            judge(0, b"", true),
            (Body::Bytes(Vec::new()), String::new())
        );
        let (body, note) = judge(9, b"", false);
        assert_eq!(
            (body, note.as_str()),
            (Body::Absent, "Content-Length says 9, no body was captured")
        );
        assert!(matches!(judge(1, b"\0a", true), (Body::Bytes(_), note) if !note.is_empty()));
    }
}
