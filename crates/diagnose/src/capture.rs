//! The capture reader: HTTP messages as people paste them, read so that an upload can be rebuilt from them.
//!
//! A capture is somebody's evidence, not a peer's traffic, so the reader is tolerant where an HTTP parser is strict: it
//! takes line ends of either kind, heads that stop early, lengths that no longer match, and says in a message's notes
//! what it had to assume. What it does not do is guess at content: bytes that were not captured stay missing.
//!
//! First a paste is made into lines that have messages in them (`paste`): packed files are unpacked, decoration is taken off, and what clients log is
//! written as the messages it tells of. Then three forms are told apart by their first telling line: raw messages (`raw`), the marked lines of
//! `curl -v` (`transcript`) and HAR 1.2 (`har`). What is no message at all, an error, a list of parts or a block of headers by itself, is taken for
//! the message that it is of (`fragment`). Time and memory are proportional to the input, whatever its bytes.

mod body;
mod chunks;
mod cursor;
mod error;
mod fragment;
mod har;
mod head;
mod message;
mod paste;
mod raw;
mod sequence;
mod start_line;
mod transcript;

pub use error::CaptureError;
pub use message::{Body, Form, Message, Source, StartLine};

use chunks::Chunks;
use cursor::Cursor;
use paste::Paste;

/// The most messages one file may have: five times the requests and responses of an upload of 10,000 parts.
pub const MAX_MESSAGES: usize = 500_000;
/// The most lines one header block may have.
pub const MAX_HEADERS: usize = 1_000;
/// The most headers one text may have: 40 in each of the most messages. The smallest is 3 bytes and takes thirty times
/// that when read.
pub const MAX_ALL_HEADERS: usize = 4_000_000;

/// What stands in the place of a body that a form does not tell.
const NOT_CAPTURED: &[u8] = b"[body not captured]";

/// What was read of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capture {
    /// Its messages, in their order.
    pub messages: Vec<Message>,
    /// What had to be done to find them, in order.
    pub steps: Vec<&'static str>,
    /// The lines that messages were read from, each with the line of the file that it comes from, where that is not the file itself.
    pub lines: Option<Vec<(u32, String)>>,
}

/// Reads the messages of one file, in their order. `file` is its name for messages and errors.
///
/// # Errors
/// A file without anything that tells of a request or an answer, with too many messages or headers, that is no text, or JSON that is not a HAR.
pub fn read(file: &str, bytes: &[u8]) -> Result<Vec<Message>, CaptureError> {
    Ok(read_paste(file, bytes, &Paste::read(file, bytes)?)?.0)
}

/// Reads messages as they go over the wire, with nothing around them: those of a record.
///
/// # Errors
/// As [`read`].
pub fn of_the_wire(file: &str, bytes: &[u8]) -> Result<Vec<Message>, CaptureError> {
    raw::read(file, Cursor::new(bytes))
}

/// As [`read`], and how the file was read.
///
/// # Errors
/// Those of [`read`].
pub fn explained(file: &str, bytes: &[u8]) -> Result<Capture, CaptureError> {
    let paste = Paste::read(file, bytes)?;
    let (messages, form) = read_paste(file, bytes, &paste)?;
    let mut steps = paste.steps.clone();
    steps.push(form);
    let lines = paste.from.as_ref().map(|from| {
        let mut cursor = Cursor::new(&paste.bytes);
        let texts = std::iter::from_fn(|| cursor.next_line());
        let texts = texts.map(|line| String::from_utf8_lossy(line).into_owned());
        from.iter().copied().zip(texts).collect()
    });
    Ok(Capture {
        messages,
        steps,
        lines,
    })
}

fn read_paste(
    file: &str,
    whole: &[u8],
    paste: &Paste<'_>,
) -> Result<(Vec<Message>, &'static str), CaptureError> {
    let bytes = &*paste.bytes;
    let cursor = Cursor::of(bytes, paste.from.as_deref());
    let (mut messages, mut form) = if har::is_json(bytes) {
        match har::read(file, bytes) {
            Ok(messages) => (messages, "HAR"),
            // An error object of an SDK is JSON too.
            Err(error) => match fragment::read(file, cursor, &[]) {
                told if told.is_empty() => return Err(error),
                told => (told, "what is no message by itself"),
            },
        }
    } else if transcript::is_transcript(cursor) {
        (
            transcript::read(file, cursor)?,
            "marked lines, as of curl -v",
        )
    } else {
        (raw::read(file, cursor)?, "messages as they stand")
    };
    let mut told = fragment::read(file, cursor, &messages);
    // A form keeps what it knows; an error that stood beside it is not to be lost.
    if let (true, Some(before)) = (told.is_empty(), &paste.before) {
        let beside = Cursor::of(&before.bytes, before.from.as_deref());
        told = fragment::read(file, beside, &messages);
    }
    if messages.is_empty() && !told.is_empty() {
        form = "what is no message by itself";
    }
    add(&mut messages, told);
    messages.iter_mut().for_each(decode);
    if messages.is_empty() {
        // Of the file, if steps have left nothing that can be shown.
        let shown = match bytes.trim_ascii() {
            b"" => whole.strip_prefix(b"\xef\xbb\xbf").unwrap_or(whole),
            _ => bytes,
        };
        return Err(CaptureError::no_message(file, shown));
    }
    Ok((messages, form))
}

/// Adds what is told of beside the messages. An error that an SDK tells is that of the only refusal of which nothing but the status is there.
fn add(messages: &mut Vec<Message>, told: Vec<Message>) {
    let is_refused = |message: &&mut Message| {
        let is_refusal = matches!(message.start, StartLine::Response { status: 400.. });
        is_refusal && !fragment::says_what_is_wrong(message)
    };
    let mut silent = messages.iter_mut().filter(is_refused);
    match (silent.next(), silent.next(), told.as_slice()) {
        (Some(refusal), None, [error]) if fragment::says_what_is_wrong(error) => {
            refusal.body = error.body.clone();
            refusal
                .notes
                .push(format!("its error is what {} tells", error.source));
        }
        _ => messages.extend(told),
    }
}

/// A body in chunks of S3 becomes the bytes that are in them, if they are all there; otherwise it is not known.
fn decode(message: &mut Message) {
    if !message.is_aws_chunked() {
        return;
    }
    if let Body::Bytes(bytes) = &mut message.body {
        let bytes = std::mem::take(bytes);
        message.body = match chunks::span(&bytes, &mut { usize::MAX }) {
            Chunks::Whole(b"") => {
                message.notes.push(format!(
                    "its {} bytes are in chunks of S3 (aws-chunked), and were taken out of them",
                    bytes.len()
                ));
                Body::Bytes(chunks::join(&bytes))
            }
            _ => Body::Partial(bytes),
        };
    }
}

#[cfg(test)]
mod tests;
