//! A reader for the body of CompleteMultipartUpload: strict about structure, liberal about spelling.
//!
//! Clients quote ETags or do not, as `"`, `&quot;` or `&#34;`, put either child first, indent or do not, and may send an
//! XML declaration, a namespace or attributes: all are taken. What has no part list's structure is refused: another
//! root, another element, a part without its number or ETag or with two, text between elements, a document type, bytes
//! that are not UTF-8, and more than a part list could ever be.

use xml::common::{Position, TextPosition};
use xml::reader::{EventReader, ParserConfig, XmlEvent};

use crate::limits::MAX_PART_LIST_BODY;

/// One `Part` as listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedPart {
    /// Its number: any integer, since whether it is a legal one is another rule's question.
    pub number: u64,
    /// Its ETag, unescaped, without outer blanks, quotes as sent.
    pub etag: String,
}

/// Why a body is no part list, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct NotAPartList {
    problem: String,
}

/// Reads a part list.
///
/// # Errors
/// Anything that is no part list, with the first thing wrong and its line and column.
pub fn read(body: &[u8]) -> Result<Vec<ListedPart>, NotAPartList> {
    if body.len() > MAX_PART_LIST_BODY {
        let problem = format!(
            "{} bytes, expected at most {MAX_PART_LIST_BODY}",
            body.len()
        );
        return Err(NotAPartList { problem });
    }
    let text = std::str::from_utf8(body).map_err(|error| NotAPartList {
        problem: format!("not UTF-8: {error}"),
    })?;
    Reader::new(text.strip_prefix('\u{feff}').unwrap_or(text)).part_list()
}

/// What matters of a document: its elements and the text in them.
enum Token {
    Start(String),
    Text(String),
    End,
}

struct Reader<'a> {
    events: EventReader<&'a [u8]>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        // Far above what any client sends, far below what would take a second or a gigabyte.
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
        Self {
            events: EventReader::new_with_config(text.as_bytes(), config),
        }
    }

    fn part_list(mut self) -> Result<Vec<ListedPart>, NotAPartList> {
        match self.next()? {
            Some(Token::Start(name)) if name == "CompleteMultipartUpload" => {}
            Some(Token::Start(name)) => {
                return Err(self.problem(&format!(
                    "root element `{name}`, expected `CompleteMultipartUpload`"
                )));
            }
            _ => return Err(self.problem("no element, expected `CompleteMultipartUpload`")),
        }
        let mut parts = Vec::new();
        while let Some(name) = self.child("CompleteMultipartUpload")? {
            if name != "Part" {
                return Err(self.problem(&format!("element `{name}`, expected `Part`")));
            }
            parts.push(self.part()?);
        }
        if parts.is_empty() {
            return Err(self.problem("no `Part`, expected at least one"));
        }
        match self.next()? {
            None => Ok(parts),
            Some(_) => Err(self.problem("something after the end of `CompleteMultipartUpload`")),
        }
    }

    fn part(&mut self) -> Result<ListedPart, NotAPartList> {
        let (mut number, mut etag) = (None, None);
        while let Some(name) = self.child("Part")? {
            let repeated = match name.as_str() {
                "PartNumber" => {
                    let text = self.text(&name)?;
                    number.replace(self.part_number(text.trim())?).is_some()
                }
                "ETag" => etag.replace(self.text(&name)?.trim().to_owned()).is_some(),
                _ => {
                    let problem =
                        format!("element `{name}` in `Part`, expected `PartNumber` or `ETag`");
                    return Err(self.problem(&problem));
                }
            };
            if repeated {
                return Err(self.problem(&format!("a second `{name}` in one `Part`")));
            }
        }
        match (number, etag) {
            (Some(number), Some(etag)) => Ok(ListedPart { number, etag }),
            (None, _) => Err(self.problem("a `Part` without `PartNumber`")),
            (_, None) => Err(self.problem("a `Part` without `ETag`")),
        }
    }

    fn part_number(&self, digits: &str) -> Result<u64, NotAPartList> {
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number = plain.then(|| digits.parse().ok()).flatten();
        number.ok_or_else(|| self.problem(&format!("part number {digits:?}, expected an integer")))
    }

    /// The next child element's name, or `None` at the parent's end. Text before it must be blank.
    fn child(&mut self, parent: &str) -> Result<Option<String>, NotAPartList> {
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
    fn text(&mut self, element: &str) -> Result<String, NotAPartList> {
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

    fn next(&mut self) -> Result<Option<Token>, NotAPartList> {
        loop {
            let event = self.events.next().map_err(|error| {
                let TextPosition { row, column } = error.position();
                NotAPartList {
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

    fn problem(&self, problem: &str) -> NotAPartList {
        let TextPosition { row, column } = self.events.position();
        NotAPartList {
            problem: format!(
                "{problem} at {}:{}",
                row.saturating_add(1),
                column.saturating_add(1)
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn listed(body: &str) -> Result<Vec<(u64, String)>, String> {
        match read(body.as_bytes()) {
            Ok(parts) => Ok(parts
                .into_iter()
                .map(|part| (part.number, part.etag))
                .collect()),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn every_spelling_in_use_reads_the_same() {
        let number = "<PartNumber>1</PartNumber>";
        for part in [
            format!("{number}<ETag>\"AB\"</ETag>"),
            format!("{number}<ETag>&quot;AB&quot;</ETag>"),
            format!("{number}<ETag>&#34;AB&#34;</ETag>"),
            format!("<ETag>&#x22;AB\"</ETag>{number}"),
            "\n  <ETag>\n\"AB\" </ETag>\n<!-- c --><PartNumber> 1 </PartNumber>\n".to_string(),
            format!("{number}<ETag><![CDATA[\"AB\"]]></ETag>"),
        ] {
            for body in [
                format!("<CompleteMultipartUpload><Part>{part}</Part></CompleteMultipartUpload>"),
                format!(
                    "<?xml version='1.0' encoding='UTF-8'?>\n<CompleteMultipartUpload xmlns=\"http://doc.oss-cn-hangzhou.aliyuncs.com\">\n<Part a='b'>{part}</Part>\n</CompleteMultipartUpload>\n"
                ),
            ] {
                assert_eq!(listed(&body), Ok(vec![(1, "\"AB\"".to_owned())]), "{body}");
            }
        }
    }

    #[test]
    fn each_breach_of_structure_is_named_with_its_place() {
        let wrap =
            |inner: &str| format!("<CompleteMultipartUpload>{inner}</CompleteMultipartUpload>");
        for (body, problem) in [
            (String::new(), "not well-formed XML"),
            (wrap(""), "no `Part`"),
            (
                wrap("<Part><PartNumber>1</PartNumber></Part>"),
                "a `Part` without `ETag` at 1:",
            ),
            (
                wrap("<Part><ETag>a</ETag></Part>"),
                "a `Part` without `PartNumber`",
            ),
            (
                wrap("<Part><PartNumber>1</PartNumber><ETag>a</ETag><ETag>a</ETag></Part>"),
                "a second `ETag`",
            ),
            (
                wrap("<Part><PartNumber>one</PartNumber><ETag>a</ETag></Part>"),
                "part number \"one\"",
            ),
            (
                wrap("<Part><PartNumber>+1</PartNumber><ETag>a</ETag></Part>"),
                "part number \"+1\"",
            ),
            (wrap("<Bit/>"), "element `Bit`, expected `Part`"),
            (wrap("junk"), "text in `CompleteMultipartUpload`"),
            ("<Delete/>".to_owned(), "root element `Delete`"),
            (wrap("<Part>") + "x", "not well-formed XML"),
            (
                "<!DOCTYPE a [<!ENTITY b 'c'>]>".to_owned() + &wrap(""),
                "a document type, expected none",
            ),
        ] {
            let error = listed(&body).unwrap_err();
            assert!(error.contains(problem), "{body}: {error}");
        }
        assert!(
            read(&[0xff, 0xfe])
                .unwrap_err()
                .to_string()
                .starts_with("not UTF-8")
        );
    }

    #[test]
    fn hostile_shapes_end_soon() {
        let started = Instant::now();
        let deep = "<a>".repeat(MAX_PART_LIST_BODY / 3);
        assert!(listed(&deep).is_err());
        let balanced = "<a>".repeat(300_000) + &"</a>".repeat(300_000);
        assert!(listed(&balanced).is_err());
        let attributes: String = (0..500_000).map(|n| format!(" a{n}=''")).collect();
        assert!(listed(&format!("<CompleteMultipartUpload{attributes}/>")).is_err());
        let namespaces: String = (0..200_000)
            .map(|n| format!(" xmlns:a{n}='u{n}'"))
            .collect();
        assert!(listed(&format!("<CompleteMultipartUpload{namespaces}/>")).is_err());
        let numbers = "<PartNumber>1</PartNumber>".repeat(MAX_PART_LIST_BODY / 26 - 10);
        assert!(listed(&format!("<CompleteMultipartUpload><Part>{numbers}")).is_err());
        // Generous: they end in milliseconds, or, where something is quadratic, not within a minute.
        assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
    }
}
