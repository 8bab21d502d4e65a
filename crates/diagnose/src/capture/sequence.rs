//! The messages read so far: what one of them may mean for the next, and how many there may be.

use super::head::Head;
use super::message::{Body, Message};
use super::{CaptureError, MAX_ALL_HEADERS, MAX_MESSAGES};

/// The messages of one file.
pub(super) struct Sequence<'a> {
    file: &'a str,
    messages: Vec<Message>,
    /// How many headers they have.
    headers: usize,
    /// Whether the last request was HEAD and is not answered yet.
    asked_for_head: bool,
}

impl<'a> Sequence<'a> {
    pub(super) fn new(file: &'a str) -> Self {
        Self {
            file,
            messages: Vec::new(),
            headers: 0,
            asked_for_head: false,
        }
    }

    pub(super) fn file(&self) -> &'a str {
        self.file
    }

    /// Whether this head answers HEAD, so that the body it announces does not follow.
    pub(super) fn answers_head(&self, head: &Head) -> bool {
        self.asked_for_head && head.status().is_some()
    }

    pub(super) fn push(&mut self, head: Head, body: Body) -> Result<(), CaptureError> {
        match head.status() {
            None => self.asked_for_head = head.method() == Some("HEAD"),
            Some(100..=199) => {}
            Some(_) => self.asked_for_head = false,
        }
        let message = head.into_message(self.file, body);
        if self.messages.len() >= MAX_MESSAGES {
            return Err(CaptureError::TooManyMessages {
                file: self.file.to_owned(),
                line: message.source.line,
            });
        }
        self.headers = self.headers.saturating_add(message.headers.len());
        if self.headers > MAX_ALL_HEADERS {
            return Err(CaptureError::TooManyHeaders {
                file: self.file.to_owned(),
                line: message.source.line,
            });
        }
        self.messages.push(message);
        Ok(())
    }

    /// Adds a note to the last message, if there is one.
    pub(super) fn note(&mut self, note: String) {
        if let Some(last) = self.messages.last_mut() {
            last.notes.push(note);
        }
    }

    pub(super) fn into_messages(self) -> Vec<Message> {
        self.messages
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_final_response_answers_head() {
        let head = |line: &str| Head::open(1, line.as_bytes()).unwrap();
        let answer = head("HTTP/1.1 200 OK");
        let mut sequence = Sequence::new("f");
        for (line, expected) in [
            ("HEAD / HTTP/1.1", true),
            ("HTTP/1.1 103 Early Hints", true),
            ("HTTP/1.1 200 OK", false),
            ("HEAD / HTTP/1.1", true),
            ("GET / HTTP/1.1", false),
        ] {
            sequence.push(head(line), Body::Absent).unwrap();
            assert_eq!(sequence.answers_head(&answer), expected, "{line}");
        }
        assert!(!sequence.answers_head(&head("GET / HTTP/1.1")));
    }

    #[test]
    fn headers_are_bounded() {
        let mut sequence = Sequence::new("f");
        sequence.headers = MAX_ALL_HEADERS - 1;
        for refused in [false, true] {
            let mut head = Head::open(7, b"HTTP/1.1 200 OK").unwrap();
            head.push("f", 8, b"a:").unwrap();
            let result = sequence.push(head, Body::Absent);
            assert_eq!(result.is_err(), refused, "{result:?}");
        }
    }

    #[test]
    fn messages_are_bounded() {
        let mut sequence = Sequence::new("f");
        for line in 1..=MAX_MESSAGES {
            let head = Head::open(line, b"HTTP/1.1 200 OK").unwrap();
            sequence.push(head, Body::Absent).unwrap();
        }
        let head = Head::open(7, b"HTTP/1.1 200 OK").unwrap();
        let error = sequence.push(head, Body::Absent).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("f:7: another message, expected at most {MAX_MESSAGES}")
        );
    }
}
