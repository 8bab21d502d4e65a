//! The capture reader: HTTP messages as people paste them, read so that an upload can be rebuilt from them.
//!
//! A capture is somebody's evidence, not a peer's traffic, so the reader is tolerant where an HTTP parser is strict: it
//! takes line ends of either kind, heads that stop early, lengths that no longer match, and says in a message's notes
//! what it had to assume. What it does not do is guess at content: bytes that were not captured stay missing.
//!
//! Three forms are told apart by their first telling line: raw messages (`raw`), the marked lines of `curl -v`
//! (`transcript`) and HAR 1.2 (`har`). Time and memory are proportional to the input, whatever its bytes.

mod body;
mod chunks;
mod cursor;
mod error;
mod har;
mod head;
mod message;
mod raw;
mod sequence;
mod start_line;
mod transcript;

pub use error::CaptureError;
pub use message::{Body, Form, Message, Source, StartLine};

/// The most messages one file may have: five times the requests and responses of an upload of 10,000 parts.
pub const MAX_MESSAGES: usize = 100_000;
/// The most lines one header block may have.
pub const MAX_HEADERS: usize = 1_000;
/// The most headers one text may have: 40 in each of the most messages. The smallest is 3 bytes and takes thirty times
/// that when read.
pub const MAX_ALL_HEADERS: usize = 4_000_000;

/// Reads the messages of one file, in their order. `file` is its name for messages and errors.
///
/// # Errors
/// A file without any message, with too many messages or headers, in UTF-16, or JSON that is not a HAR.
pub fn read(file: &str, bytes: &[u8]) -> Result<Vec<Message>, CaptureError> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(CaptureError::Utf16 {
            file: file.to_owned(),
        });
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let messages = if har::is_json(bytes) {
        har::read(file, bytes)?
    } else if transcript::is_transcript(bytes) {
        transcript::read(file, bytes)?
    } else {
        raw::read(file, bytes)?
    };
    if messages.is_empty() {
        return Err(CaptureError::no_message(file, bytes));
    }
    Ok(messages)
}

#[cfg(test)]
mod tests;
