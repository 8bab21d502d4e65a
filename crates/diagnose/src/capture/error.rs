//! Why a file could not be read as a capture.

use super::cursor::{self, Cursor};
use super::{MAX_ALL_HEADERS, MAX_HEADERS, MAX_MESSAGES};

/// Why a file is no capture: what was found, where, and what was expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CaptureError {
    /// Nothing but blanks.
    #[error("{file}: empty, expected {EXPECTED}")]
    Empty {
        /// The file's name.
        file: String,
    },
    /// No line of the file begins a message, or a HAR has no entry.
    #[error("{file}:{line}: no HTTP message from {found:?} on, expected {EXPECTED}")]
    NoMessage {
        /// The file's name.
        file: String,
        /// The first line that is not blank, from 1.
        line: usize,
        /// Its beginning.
        found: String,
    },
    /// A key where an upload is expected.
    #[error(
        "{file}: a key, which tells nothing of an upload; expected {EXPECTED}. A private one decrypts an upload: --master-key FILE"
    )]
    Key {
        /// The file's name.
        file: String,
    },
    /// A file that is no text.
    #[error("{file}: {what}, expected text; this makes some of it: {instead}")]
    NoText {
        /// The file's name.
        file: String,
        /// What it is.
        what: &'static str,
        /// What makes a text of it.
        instead: &'static str,
    },
    /// A gzip file that cannot be unpacked.
    #[error("{file}: gzip: {problem}")]
    Gzip {
        /// The file's name.
        file: String,
        /// What is wrong.
        problem: String,
    },
    /// JSON that is not a HAR.
    #[error("{file}: not HAR 1.2: {problem}")]
    Har {
        /// The file's name.
        file: String,
        /// What is wrong, with line and column.
        problem: String,
    },
    /// More messages than [`MAX_MESSAGES`].
    #[error("{file}:{line}: another message, expected at most {MAX_MESSAGES}")]
    TooManyMessages {
        /// The file's name.
        file: String,
        /// Where the first one too many begins, from 1.
        line: usize,
    },
    /// A header block of more lines than [`MAX_HEADERS`], or a text of more headers than [`MAX_ALL_HEADERS`].
    #[error(
        "{file}:{line}: another header line, expected at most {MAX_HEADERS} in one message, {MAX_ALL_HEADERS} in all"
    )]
    TooManyHeaders {
        /// The file's name.
        file: String,
        /// The first line too many, or where the first message too many begins, from 1.
        line: usize,
    },
}

const EXPECTED: &str = "HTTP messages, the log of a client or a proxy, a HAR file with entries, an error of the service or of an SDK, or a list of parts";

impl CaptureError {
    pub(super) fn no_message(file: &str, bytes: &[u8]) -> Self {
        let file = file.to_owned();
        let mut cursor = Cursor::new(bytes);
        loop {
            let line = cursor.line();
            match cursor.next_line() {
                None => return Self::Empty { file },
                Some(text) if cursor::is_blank(text) => {}
                Some(text) if is_key(text) => return Self::Key { file },
                Some(text) => {
                    let found = cursor::excerpt(text);
                    return Self::NoMessage { file, line, found };
                }
            }
        }
    }
}

/// Whether this line begins a key as OpenSSL and OpenSSH write them.
fn is_key(line: &[u8]) -> bool {
    let pem = line.starts_with(b"-----BEGIN ") && line.trim_ascii_end().ends_with(b" KEY-----");
    pem || line.starts_with(b"ssh-rsa ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_telling_line_is_shown() {
        let error = CaptureError::no_message("a.txt", b"\n \r\npost / http/1.1\n");
        assert!(
            error
                .to_string()
                .starts_with("a.txt:3: no HTTP message from \"post / http/1.1\" on"),
            "{error}"
        );
        let error = CaptureError::no_message("a.txt", b" \r\n\n");
        assert!(error.to_string().starts_with("a.txt: empty, expected"));
    }
}
