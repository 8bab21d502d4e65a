//! A reader for the service's XML documents: strict about structure, liberal about spelling. It yields elements and their
//! text, and refuses what no such document has: a document type, bytes that are not UTF-8, more than it could ever be.

use xml::common::{Position, TextPosition};
use xml::reader::{EventReader, ParserConfig, XmlEvent};

/// Why a body is not the document it should be, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct NotTheDocument {
    problem: String,
}

/// What matters of a document: its elements and the text in them.
enum Token {
    Start(String),
    Text(String),
    End,
}

/// A document that is being read.
pub(crate) struct Reader<'a> {
    events: EventReader<&'a [u8]>,
}

impl<'a> Reader<'a> {
    /// Reads up to the start of the root element, which must be `root`. At most `longest` bytes are accepted.
    pub(crate) fn open(body: &'a [u8], root: &str, longest: usize) -> Result<Self, NotTheDocument> {
        if body.len() > longest {
            let problem = format!("{} bytes, expected at most {longest}", body.len());
            return Err(NotTheDocument { problem });
        }
        let text = std::str::from_utf8(body).map_err(|error| NotTheDocument {
            problem: format!("not UTF-8: {error}"),
        })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        // Far above what anyone sends, far below what would take a second or a gigabyte.
        let config = ParserConfig::new()
            .max_attributes(16)
            .max_attribute_length(4_096)
            .max_name_length(256)
            .max_data_length(64 * 1024)
            .max_entity_expansion_length(0)
            .max_entity_expansion_depth(0)
            .ignore_comments(true)
            .cdata_to_characters(true)
            .whitespace_to_characters(true);
        let mut reader = Self {
            events: EventReader::new_with_config(text.as_bytes(), config),
        };
        match reader.next()? {
            Some(Token::Start(name)) if name == root => Ok(reader),
            Some(Token::Start(name)) => {
                Err(reader.problem(&format!("root element `{name}`, expected `{root}`")))
            }
            _ => Err(reader.problem(&format!("no element, expected `{root}`"))),
        }
    }

    /// The end of the document, once the root's has been read.
    pub(crate) fn close(mut self, root: &str) -> Result<(), NotTheDocument> {
        match self.next()? {
            None => Ok(()),
            Some(_) => Err(self.problem(&format!("something after the end of `{root}`"))),
        }
    }

    /// The next child element's name, or `None` at the parent's end. Text before it must be blank.
    pub(crate) fn child(&mut self, parent: &str) -> Result<Option<String>, NotTheDocument> {
        loop {
            match self.next()? {
                Some(Token::Start(name)) => return Ok(Some(name)),
                Some(Token::Text(text)) if text.trim().is_empty() => {}
                Some(Token::Text(_)) => {
                    return Err(self.problem(&format!("text in `{parent}`, expected elements")));
                }
                Some(Token::End) | None => return Ok(None),
            }
        }
    }

    /// The text of an element up to its end.
    pub(crate) fn text(&mut self, element: &str) -> Result<String, NotTheDocument> {
        let mut whole = String::new();
        loop {
            match self.next()? {
                Some(Token::Text(text)) => whole.push_str(&text),
                Some(Token::Start(_)) => {
                    return Err(self.problem(&format!("an element in `{element}`, expected text")));
                }
                Some(Token::End) | None => return Ok(whole),
            }
        }
    }

    /// An element that nobody knows, up to its end.
    pub(crate) fn skip(&mut self) -> Result<(), NotTheDocument> {
        let mut depth = 1_u32;
        while depth > 0 {
            match self.next()? {
                Some(Token::Start(_)) => depth = depth.saturating_add(1),
                Some(Token::End) | None => depth = depth.saturating_sub(1),
                Some(Token::Text(_)) => {}
            }
        }
        Ok(())
    }

    fn next(&mut self) -> Result<Option<Token>, NotTheDocument> {
        loop {
            let event = self.events.next().map_err(|error| {
                let TextPosition { row, column } = error.position();
                NotTheDocument {
                    problem: format!(
                        "not well-formed XML: {} at {}:{}",
                        error.msg(),
                        row.saturating_add(1),
                        column.saturating_add(1)
                    ),
                }
            })?;
            return Ok(Some(match event {
                XmlEvent::StartElement { name, .. } => Token::Start(name.local_name),
                XmlEvent::EndElement { .. } => Token::End,
                XmlEvent::Characters(text) | XmlEvent::CData(text) | XmlEvent::Whitespace(text) => {
                    Token::Text(text)
                }
                XmlEvent::EndDocument => return Ok(None),
                XmlEvent::Doctype { .. } => {
                    return Err(self.problem("a document type, expected none"));
                }
                XmlEvent::StartDocument { .. }
                | XmlEvent::ProcessingInstruction { .. }
                | XmlEvent::Comment(_) => continue,
            }));
        }
    }

    /// What is wrong, here.
    pub(crate) fn problem(&self, problem: &str) -> NotTheDocument {
        let TextPosition { row, column } = self.events.position();
        NotTheDocument {
            problem: format!(
                "{problem} at {}:{}",
                row.saturating_add(1),
                column.saturating_add(1)
            ),
        }
    }
}
