//! What `curl -v` prints: lines marked `>` for what was sent, `<` for what was received, `*` for curl's own remarks.
//!
//! Request bodies are never printed, response bodies are printed without a mark among the rest, and a progress meter may
//! stand before a mark on the same line. Quoted mail has the same marks, with the body marked too.

use super::CaptureError;
use super::body::{self, Announced};
use super::cursor::{self, Cursor};
use super::head::Head;
use super::message::{Body, Message};
use super::sequence::Sequence;
use super::start_line;

/// Whether the first line that begins a message is a marked one.
pub(super) fn is_transcript(mut cursor: Cursor<'_>) -> bool {
    while let Some(line) = cursor.next_line() {
        if Head::opens(line) {
            return false;
        }
        if let Line::Sent(text) | Line::Received(text) = Line::of(line)
            && start_line::parse(text).is_some()
        {
            return true;
        }
    }
    false
}

/// Reads the messages of a transcript.
pub(super) fn read(file: &str, mut cursor: Cursor<'_>) -> Result<Vec<Message>, CaptureError> {
    let mut reader = Reader {
        sequence: Sequence::new(file),
        open: None,
    };
    loop {
        let (number, before) = (cursor.line(), cursor.rest());
        let Some(line) = cursor.next_line() else {
            break;
        };
        match Line::of(line) {
            Line::Sent(text) => reader.marked(number, text, true)?,
            Line::Received(text) => reader.marked(number, text, false)?,
            Line::Remark => {}
            Line::Other => {
                let length = before.len().saturating_sub(cursor.rest().len());
                reader.unmarked(number, before.get(..length).unwrap_or(before))?;
            }
        }
    }
    reader.close()?;
    Ok(reader.sequence.into_messages())
}

/// One line by its mark.
#[derive(Debug, PartialEq, Eq)]
enum Line<'a> {
    Sent(&'a [u8]),
    Received(&'a [u8]),
    /// curl's, or the meter.
    Remark,
    Other,
}

impl<'a> Line<'a> {
    fn of(line: &'a [u8]) -> Self {
        /// The meter is wider than any line of digits and blanks in a document.
        const METER_WIDTH: usize = 40;
        let meter = line
            .iter()
            .take_while(|byte| byte.is_ascii_digit() || b" .:-kMGTP\r".contains(byte))
            .count();
        let line = match line.split_at_checked(meter) {
            Some((_, [])) if meter >= METER_WIDTH => return Self::Remark,
            Some((_, marked)) if meter >= METER_WIDTH => marked,
            _ => line,
        };
        let data = line.starts_with(b"{ [") || line.starts_with(b"} [");
        let title =
            line.starts_with(b"  % Total") || line.trim_ascii_start().starts_with(b"Dload  Upload");
        match line {
            [b'*'] | [b'*', b' ', ..] => Self::Remark,
            [b'>', text @ ..] if is_marked(text) => Self::Sent(text.get(1..).unwrap_or_default()),
            [b'<', text @ ..] if is_marked(text) => {
                Self::Received(text.get(1..).unwrap_or_default())
            }
            _ if data || title => Self::Remark,
            _ => Self::Other,
        }
    }
}

/// A mark is followed by a blank, or nothing where the line is empty; a tag is not.
fn is_marked(text: &[u8]) -> bool {
    matches!(text, [] | [b' ', ..])
}

struct Reader<'a> {
    sequence: Sequence<'a>,
    open: Option<Open>,
}

/// The message being read.
struct Open {
    head: Head,
    /// By its mark.
    sent: bool,
    in_headers: bool,
    /// Whether its headers have no mark.
    is_bare: bool,
    body: Vec<u8>,
}

impl Reader<'_> {
    fn marked(&mut self, number: usize, text: &[u8], sent: bool) -> Result<(), CaptureError> {
        if start_line::parse(text).is_some() {
            self.close()?;
            self.open = Head::open(number, text).map(|head| Open {
                head,
                sent,
                in_headers: true,
                is_bare: false,
                body: Vec::new(),
            });
            return Ok(());
        }
        match &mut self.open {
            Some(open) if open.sent == sent && open.in_headers => {
                if cursor::is_blank(text) {
                    open.in_headers = false;
                } else {
                    open.head.push(self.sequence.file(), number, text)?;
                }
            }
            Some(open) if open.sent == sent => {
                open.body.extend_from_slice(text);
                open.body.push(b'\n');
            }
            _ => {}
        }
        Ok(())
    }

    /// A line of the response's body, with its end. Some mark the first line of a message alone: then this may be a header, or a line of a
    /// request's body.
    fn unmarked(&mut self, number: usize, line: &[u8]) -> Result<(), CaptureError> {
        let Some(open) = &mut self.open else {
            return Ok(());
        };
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        if open.in_headers {
            if cursor::is_blank(text) {
                open.in_headers = false;
            } else if Head::is_header(text) {
                open.is_bare = true;
                open.head.push(self.sequence.file(), number, text)?;
            }
        } else if !open.sent || open.is_bare {
            open.body.extend_from_slice(without_remark(line));
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), CaptureError> {
        let Some(open) = self.open.take() else {
            return Ok(());
        };
        let (mut head, body) = (open.head, open.body);
        // Not after `100 Continue`, where curl prints none.
        if open.in_headers && !matches!(head.status(), Some(100..=199)) {
            head.notes.push("no empty line ends its headers".to_owned());
        }
        let bodiless = self.sequence.answers_head(&head);
        let document = body::document(&body).len();
        let body = match body::is_elided(&body) {
            true => Vec::new(),
            false => body.get(..document).unwrap_or(&body).to_vec(),
        };
        let body = match Announced::of(&mut head, bodiless) {
            Announced::Nothing if cursor::is_blank(&body) => Body::Bytes(Vec::new()),
            Announced::Nothing => body::unannounced(body, &mut head.notes),
            Announced::Length(length) => {
                let body = without_line_end(body, length);
                let is_put = head.method() == Some("PUT");
                body::against("Content-Length", length, body, is_put, &mut head.notes)
            }
            Announced::Chunks if cursor::is_blank(&body) => body::no_chunks(&mut head.notes),
            // curl shows the data, not the chunks.
            Announced::Chunks => Body::Bytes(body),
        };
        self.sequence.push(head, body)
    }
}

/// The line end after a body belongs to the paste where the body without it has the right length.
fn without_line_end(mut body: Vec<u8>, length: u64) -> Vec<u8> {
    let right = usize::try_from(length).unwrap_or(usize::MAX);
    let extra = body.get(right..).unwrap_or_default();
    if !extra.is_empty() && cursor::is_blank(extra) {
        body.truncate(right);
    }
    body
}

/// A body without a line end at its end has curl's next remark on its last line.
fn without_remark(line: &[u8]) -> &[u8] {
    [&b"* Connection #"[..], b"* Closing connection"]
        .into_iter()
        .filter_map(|remark| {
            line.windows(remark.len())
                .position(|window| window == remark)
        })
        .min()
        .and_then(|start| line.get(..start))
        .unwrap_or(line)
}

#[cfg(test)]
mod tests;
