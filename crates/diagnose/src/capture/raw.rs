//! Raw messages, one after the other: as on the wire, as a proxy wrote them, or as pasted from a page.
//!
//! Where a body ends is the whole difficulty. A length or chunks that lead to the next message, or to the end of the
//! file, are trusted, whatever bytes they pass over. Otherwise the body goes to the next line that can only begin a
//! message.

use super::body::{self, Announced};
use super::chunks::{self, Chunks};
use super::cursor::{self, Cursor};
use super::head::Head;
use super::message::{Body, Message};
use super::sequence::Sequence;
use super::start_line;
use super::{CaptureError, NOT_CAPTURED};

/// Reads raw messages; none if no line begins one.
pub(super) fn read(file: &str, cursor: Cursor<'_>) -> Result<Vec<Message>, CaptureError> {
    let mut reader = Reader {
        cursor,
        // Each byte may be looked at twice in vain; a file that wants more than that was made to be slow.
        patience: cursor.rest().len().saturating_mul(2),
        sequence: Sequence::new(file),
    };
    while let Some(head) = reader.next_head()? {
        reader.message(head)?;
    }
    Ok(reader.sequence.into_messages())
}

struct Reader<'a> {
    cursor: Cursor<'a>,
    /// How many more bytes may be looked at ahead of the cursor.
    patience: usize,
    sequence: Sequence<'a>,
}

impl Reader<'_> {
    /// Skips to the next message and reads its head.
    fn next_head(&mut self) -> Result<Option<Head>, CaptureError> {
        let mut skipped = None;
        loop {
            let line = self.cursor.line();
            let Some(text) = self.cursor.next_line() else {
                if let Some(first) = skipped {
                    let note = format!("the file's rest, from line {first} on, is no message");
                    self.sequence.note(note);
                }
                return Ok(None);
            };
            if let Some(mut head) = Head::open(line, text) {
                if let Some(first) = skipped {
                    head.notes.push(format!(
                        "what stands before it, from line {first} on, is no message"
                    ));
                }
                self.header_block(&mut head)?;
                return Ok(Some(head));
            }
            if !cursor::is_blank(text) && !cursor::is_comment(text) {
                skipped.get_or_insert(line);
            }
        }
    }

    fn header_block(&mut self, head: &mut Head) -> Result<(), CaptureError> {
        loop {
            let before = self.cursor;
            let Some(text) = self.cursor.next_line() else {
                head.notes
                    .push("the file ends within its headers".to_owned());
                return Ok(());
            };
            if cursor::is_blank(text) {
                return Ok(());
            }
            // Pages show the body straight behind the headers, and people say where it was.
            if head.ends_before(text) || begins_a_body(text) {
                self.cursor = before;
                head.notes.push("no empty line ends its headers".to_owned());
                return Ok(());
            }
            head.push(self.sequence.file(), before.line(), text)?;
        }
    }

    fn message(&mut self, mut head: Head) -> Result<(), CaptureError> {
        let bodiless = self.sequence.answers_head(&head);
        let announced = Announced::of(&mut head, bodiless);
        let interim = self.interim(&head)?;
        let body = self.body(&mut head, announced);
        self.sequence.push(head, body)?;
        match interim {
            Some(interim) => self.sequence.push(interim, Body::Bytes(Vec::new())),
            None => Ok(()),
        }
    }

    /// The `100 Continue` between head and body of a request that asked for it, as both sides of a stream show it.
    fn interim(&mut self, head: &Head) -> Result<Option<Head>, CaptureError> {
        let expects = head
            .header("expect")
            .is_some_and(|value| value.eq_ignore_ascii_case(b"100-continue"));
        if head.method().is_none() || !expects {
            return Ok(None);
        }
        let before = self.cursor;
        let mut next = self.cursor;
        let interim = next
            .next_line()
            .and_then(|text| Head::open(before.line(), text))
            .filter(|interim| matches!(interim.status(), Some(100..=199)));
        let Some(mut interim) = interim else {
            return Ok(None);
        };
        self.cursor = next;
        self.header_block(&mut interim)?;
        Ok(Some(interim))
    }

    fn body(&mut self, head: &mut Head, announced: Announced) -> Body {
        match announced {
            Announced::Nothing => {
                let Extent { content, whole } = Extent::of(self.cursor.rest());
                let content = told(head, content);
                self.cursor.take(whole.len());
                match body::is_elided(content) {
                    true => body::elided(content, &mut head.notes),
                    false => body::unannounced(content.to_vec(), &mut head.notes),
                }
            }
            Announced::Length(length) => self.of_length(head, length),
            Announced::Chunks => self.of_chunks(head),
        }
    }

    fn of_length(&mut self, head: &mut Head, length: u64) -> Body {
        let size = usize::try_from(length).unwrap_or(usize::MAX);
        let rest = self.cursor.rest();
        // In a text, a length never reaches over a line that begins another message.
        let reaches_over = |bytes: &[u8]| {
            let before = Extent::of(bytes).whole;
            before.len() < bytes.len() && cursor::is_text(before)
        };
        if let Some((bytes, after)) = rest.split_at_checked(size)
            && !reaches_over(bytes)
            && self.message_or_end_follows(bytes, after)
        {
            return Body::Bytes(self.cursor.take(size).to_vec());
        }
        let Extent { content, whole } = Extent::of(rest);
        let content = told(head, content);
        self.cursor.take(whole.len());
        let is_put = head.method() == Some("PUT");
        if body::is_elided(content) {
            return body::elided(content, &mut head.notes);
        }
        match whole.split_at_checked(size) {
            Some((bytes, left)) if size > 0 && body::is_data(bytes, is_put) => {
                head.notes.push(format!(
                    "after the {length} bytes that Content-Length says, {} bytes are no message",
                    left.len()
                ));
                Body::Bytes(bytes.to_vec())
            }
            _ => {
                let content = content.to_vec();
                body::against("Content-Length", length, content, is_put, &mut head.notes)
            }
        }
    }

    fn of_chunks(&mut self, head: &mut Head) -> Body {
        let rest = self.cursor.rest();
        if let Chunks::Whole(after) = chunks::span(rest, &mut self.patience) {
            let wire = self.cursor.take(rest.len().saturating_sub(after.len()));
            return Body::Bytes(chunks::join(wire));
        }
        let Extent { content, whole } = Extent::of(rest);
        self.cursor.take(whole.len());
        let content = told(head, content);
        if content.is_empty() {
            return body::no_chunks(&mut head.notes);
        }
        if body::is_elided(content) {
            return body::elided(content, &mut head.notes);
        }
        if chunks::span(whole, &mut { usize::MAX }) == Chunks::Cut {
            let body = chunks::join(whole);
            let note = format!("its chunks end after {} bytes, before the last", body.len());
            head.notes.push(note);
            return Body::Partial(body);
        }
        let note = "Transfer-Encoding says chunked, the body is not: it is taken as it stands";
        head.notes.push(note.to_owned());
        Body::Bytes(content.to_vec())
    }

    /// Whether nothing but blanks and remarks stands between the end of a body and the next message or the file's end.
    fn message_or_end_follows(&mut self, body: &[u8], after: &[u8]) -> bool {
        let mut rest = after;
        // Within a line, a remark would be the rest of it.
        let mut within_line = !body.is_empty() && !body.ends_with(b"\n");
        while self.patience > 0 {
            if start_line::begins(rest) {
                return true;
            }
            let Some((line, next)) = cursor::split_line(rest) else {
                return true;
            };
            let spent = line.len().saturating_add(1);
            self.patience = self.patience.saturating_sub(spent);
            if !within_line && Head::opens(line) {
                return true;
            }
            if !cursor::is_blank(line) && (within_line || !cursor::is_comment(line)) {
                return false;
            }
            within_line = false;
            rest = next;
        }
        false
    }
}

/// A body without what people write behind it, where it is XML.
fn told<'c>(head: &mut Head, content: &'c [u8]) -> &'c [u8] {
    // What a form leaves out is all there is of it, whatever a log says next.
    if content.starts_with(NOT_CAPTURED) {
        return NOT_CAPTURED;
    }
    let document = body::document(content);
    let left = content.len().saturating_sub(document.len());
    if left > 0 && !cursor::is_blank(content.get(document.len()..).unwrap_or_default()) {
        head.notes.push(format!(
            "{left} bytes behind the end of its document are no part of it"
        ));
        return document;
    }
    content
}

/// Whether a line among headers is the first of a body already.
fn begins_a_body(text: &[u8]) -> bool {
    text.trim_ascii_start().starts_with(b"<") || body::is_elided(text)
}

/// The bytes up to the next line that begins a message.
struct Extent<'a> {
    /// Of text, without the blank lines and remarks at its end.
    content: &'a [u8],
    whole: &'a [u8],
}

impl<'a> Extent<'a> {
    fn of(bytes: &'a [u8]) -> Self {
        let (mut content, mut whole) = (0, bytes.len());
        let mut rest = bytes;
        while let Some((line, next)) = cursor::split_line(rest) {
            if Head::opens(line) {
                whole = bytes.len().saturating_sub(rest.len());
                break;
            }
            if !cursor::is_blank(line) && !cursor::is_comment(line) {
                content = bytes.len().saturating_sub(next.len());
            }
            rest = next;
        }
        let whole = bytes.get(..whole).unwrap_or(bytes);
        let content = match whole.get(..content) {
            Some(content) if cursor::is_text(whole) => content,
            _ => whole,
        };
        Self { content, whole }
    }
}

#[cfg(test)]
mod tests;
