//! A reader for the small XML documents of the service, safe on hostile input: bounded in length and depth, linear in time, with no
//! DTD and no entity but XML's own five. It walks a document element by element, and leaves to each answer which of them it knows.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

use crate::error::Error;

/// The deepest element that is read.
const MAX_DEPTH: usize = 16;

/// A document that is being read. The current element is the one whose start was read last and whose end was not.
pub(crate) struct Document<'x> {
    reader: Reader<&'x [u8]>,
    /// The root element's name.
    name: &'static str,
    depth: usize,
}

impl<'x> Document<'x> {
    /// Reads up to the start of the root element, which must be `root`. At most `limit` bytes are accepted.
    pub(crate) fn open(xml: &'x [u8], root: &'static str, limit: usize) -> Result<Self, Error> {
        if xml.len() > limit {
            return Err(Error::XmlTooLong {
                document: root,
                given: xml.len(),
                limit,
            });
        }
        let at = |offset: usize, reason: &str| {
            let offset = u64::try_from(offset).expect("below the limit");
            Err(Error::Xml {
                document: root,
                offset,
                reason: reason.to_owned(),
            })
        };
        let text = match std::str::from_utf8(xml) {
            Ok(text) => text,
            Err(error) => return at(error.valid_up_to(), "not UTF-8"),
        };
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        reader.config_mut().check_comments = true;
        let mut document = Document {
            reader,
            name: root,
            depth: 0,
        };
        match document.child()? {
            Some(tag) if tag.local_name().as_ref() == root => {}
            Some(tag) => {
                return Err(document.refuse(format!(
                    "root element is {}, expected {root}",
                    tag.local_name().as_ref()
                )));
            }
            None => return Err(document.refuse("no root element")),
        }
        // After the root, so that another document is refused before all of it is looked at.
        match text
            .char_indices()
            .find(|(_, character)| !is_xml_character(*character))
        {
            Some((offset, _)) => at(offset, "a character that XML 1.0 does not allow"),
            None => Ok(document),
        }
    }

    /// The next child of the current element, whose start is now read; none if its end was read instead.
    pub(crate) fn child(&mut self) -> Result<Option<BytesStart<'x>>, Error> {
        loop {
            match self.event()? {
                Event::Start(tag) => return Ok(Some(tag)),
                Event::End(_) | Event::Eof => return Ok(None),
                Event::Text(text) if is_blank(&text) => {}
                Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
                _ => return Err(self.refuse("neither an element nor white space")),
            }
        }
    }

    /// The text of the current element, up to its end.
    pub(crate) fn text(&mut self) -> Result<String, Error> {
        self.read_text(false)
    }

    /// The same without white space around it, unless it is written as a reference: `&#32;` stays.
    pub(crate) fn trimmed_text(&mut self) -> Result<String, Error> {
        self.read_text(true)
    }

    /// Reads the current element, which nothing here knows, up to its end.
    pub(crate) fn skip(&mut self) -> Result<(), Error> {
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside {
            if let Event::GeneralRef(reference) = self.event()? {
                self.resolve(&reference)?;
            }
        }
        Ok(())
    }

    /// Reads the current element's text into `slot`, which must be empty: the element may occur once.
    pub(crate) fn once(
        &mut self,
        slot: &mut Option<String>,
        element: &'static str,
    ) -> Result<(), Error> {
        let text = self.text()?;
        self.fill(slot, text, element)
    }

    /// The same for an integer.
    pub(crate) fn integer_once<N: std::str::FromStr>(
        &mut self,
        slot: &mut Option<N>,
        element: &'static str,
    ) -> Result<(), Error> {
        let value = self.trimmed_text()?;
        let digits = value.bytes().all(|byte| byte.is_ascii_digit());
        let Some(integer) = value.parse().ok().filter(|_| digits) else {
            return Err(self.bad_value(element, value, "an integer in range"));
        };
        self.fill(slot, integer, element)
    }

    pub(crate) fn fill<T>(
        &self,
        slot: &mut Option<T>,
        value: T,
        element: &'static str,
    ) -> Result<(), Error> {
        match slot.replace(value) {
            None => Ok(()),
            Some(_) => Err(Error::ElementTwice {
                document: self.name,
                element,
            }),
        }
    }

    pub(crate) fn require<T>(&self, slot: Option<T>, element: &'static str) -> Result<T, Error> {
        slot.ok_or(Error::ElementMissing {
            document: self.name,
            element,
        })
    }

    pub(crate) fn bad_value(
        &self,
        element: &'static str,
        value: String,
        expected: &'static str,
    ) -> Error {
        Error::ElementValue {
            document: self.name,
            element,
            value: excerpt(&value),
            expected,
        }
    }

    /// After the end of the root: refuses anything but comments and white space.
    pub(crate) fn close(mut self) -> Result<(), Error> {
        loop {
            match self.event()? {
                Event::Eof => return Ok(()),
                Event::Text(text) if is_blank(&text) => {}
                Event::Comment(_) | Event::PI(_) => {}
                _ => return Err(self.refuse("content after the root element")),
            }
        }
    }

    fn read_text(&mut self, trim: bool) -> Result<String, Error> {
        let mut text = String::new();
        // Trimming ends here: what precedes was written as CDATA or as a reference.
        let mut kept = 0;
        loop {
            match self.event()? {
                Event::Text(piece) => {
                    let piece = piece.xml10_content();
                    text.push_str(if trim && text.is_empty() {
                        piece.trim_start_matches(is_space)
                    } else {
                        &piece
                    });
                }
                Event::CData(piece) => {
                    text.push_str(&piece.xml10_content());
                    kept = text.len();
                }
                Event::GeneralRef(reference) => {
                    text.push(self.resolve(&reference)?);
                    kept = text.len();
                }
                Event::Comment(_) | Event::PI(_) => {}
                Event::End(_) => {
                    if trim {
                        text.truncate(text.trim_end_matches(is_space).len().max(kept));
                    }
                    return Ok(text);
                }
                _ => return Err(self.refuse("an element where only text was expected")),
            }
        }
    }

    /// The next event, with the depth kept and what no document may contain refused.
    fn event(&mut self) -> Result<Event<'x>, Error> {
        let at_start = self.reader.buffer_position() == 0;
        let event = self
            .reader
            .read_event()
            .map_err(|error| self.refuse(error.to_string()))?;
        match &event {
            Event::Start(tag) => {
                self.depth = self.depth.saturating_add(1);
                if self.depth > MAX_DEPTH {
                    return Err(self.refuse("elements nested deeper than 16"));
                }
                // Without its search for duplicates, which takes quadratic time.
                if let Some(Err(error)) = tag.attributes().with_checks(false).find(Result::is_err) {
                    return Err(self.refuse(error.to_string()));
                }
            }
            Event::End(_) => self.depth = self.depth.saturating_sub(1),
            Event::Eof if self.depth > 0 => {
                return Err(self.refuse("the document ends inside an element"));
            }
            Event::Decl(_) if !at_start => {
                return Err(self.refuse("a declaration not at the start"));
            }
            Event::Decl(declaration) => match declaration.encoding() {
                None => {}
                Some(Ok(name)) if ["utf-8", "us-ascii"].contains(&&*name.to_ascii_lowercase()) => {}
                Some(_) => return Err(self.refuse("an encoding other than UTF-8")),
            },
            Event::DocType(_) => return Err(self.refuse("a document type declaration")),
            _ => {}
        }
        Ok(event)
    }

    fn resolve(&self, reference: &BytesRef<'_>) -> Result<char, Error> {
        match &**reference {
            "lt" => Ok('<'),
            "gt" => Ok('>'),
            "amp" => Ok('&'),
            "apos" => Ok('\''),
            "quot" => Ok('"'),
            name => match reference.resolve_char_ref() {
                Ok(Some(character)) if is_xml_character(character) => Ok(character),
                _ => Err(self.refuse(format!("reference to {name:?}"))),
            },
        }
    }

    fn refuse(&self, reason: impl Into<Cow<'static, str>>) -> Error {
        let reason = excerpt(&reason.into());
        Error::Xml {
            document: self.name,
            offset: self.reader.buffer_position(),
            reason,
        }
    }
}

/// The characters of XML 1.0 (its production 2).
pub(crate) fn is_xml_character(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// White space as XML has it.
fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}

fn is_blank(text: &str) -> bool {
    text.chars().all(is_space)
}

/// Enough of a text from outside to recognise it in a refusal.
fn excerpt(text: &str) -> String {
    text.chars().take(200).collect()
}
