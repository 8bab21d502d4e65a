//! Spelling one XML document in the many ways that mean the same. Laws write the service's answers and other clients'
//! part lists with it, so it shares nothing with any reader or writer that is judged.

use std::fmt::Write;

use arbitrary::Arbitrary;
use serde::{Deserialize, Serialize};

use crate::case::is_default;

/// How a document is spelt; all `false` is the plainest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Arbitrary)]
#[serde(default, deny_unknown_fields)]
pub struct Spelling {
    /// `<?xml version="1.0" encoding="UTF-8"?>` stands first.
    #[serde(skip_serializing_if = "is_default")]
    pub declaration: bool,
    /// The root has a namespace, as some of the service's samples have.
    #[serde(skip_serializing_if = "is_default")]
    pub namespace: bool,
    /// Line breaks and blanks between elements.
    #[serde(skip_serializing_if = "is_default")]
    pub indented: bool,
    /// A comment between elements.
    #[serde(skip_serializing_if = "is_default")]
    pub comments: bool,
    /// The last of the fields of an element comes first; the order of elements that repeat is kept.
    #[serde(skip_serializing_if = "is_default")]
    pub reordered: bool,
    /// How text is escaped.
    #[serde(skip_serializing_if = "is_default")]
    pub text: TextSpelling,
}

/// How the text of an element is escaped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Arbitrary)]
#[serde(rename_all = "snake_case")]
pub enum TextSpelling {
    /// Only what must be.
    #[default]
    Least,
    /// Quotes as `&quot;`.
    NamedQuotes,
    /// Quotes as `&#34;`.
    NumberedQuotes,
    /// Every character that is not a letter or digit as a hexadecimal reference.
    Hexadecimal,
    /// A CDATA section.
    Cdata,
}

impl Spelling {
    /// Plainer spellings.
    pub(crate) fn smaller(self) -> Vec<Self> {
        let mut smaller = vec![
            Self::default(),
            Self {
                declaration: false,
                ..self
            },
            Self {
                namespace: false,
                ..self
            },
            Self {
                indented: false,
                ..self
            },
            Self {
                comments: false,
                ..self
            },
            Self {
                reordered: false,
                ..self
            },
            Self {
                text: TextSpelling::Least,
                ..self
            },
        ];
        smaller.retain(|other| *other != self);
        smaller
    }
}

/// A document: an element with children, or with text.
#[derive(Clone, Debug)]
pub(crate) enum Element {
    Parent(&'static str, Vec<Element>),
    Text(&'static str, String),
}

impl Element {
    pub(crate) fn text(name: &'static str, text: impl ToString) -> Self {
        Self::Text(name, text.to_string())
    }

    /// The document with this root.
    pub(crate) fn document(&self, spelling: Spelling) -> Vec<u8> {
        let mut xml = String::new();
        if spelling.declaration {
            xml.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        }
        self.write(&mut xml, spelling, 0);
        xml.into_bytes()
    }

    fn write(&self, xml: &mut String, spelling: Spelling, depth: usize) {
        let (Self::Parent(name, _) | Self::Text(name, _)) = self;
        let namespace = match (depth, spelling.namespace) {
            (0, true) => " xmlns=\"http://doc.oss-cn-hangzhou.aliyuncs.com\"",
            _ => "",
        };
        xml.push('<');
        xml.push_str(name);
        xml.push_str(namespace);
        xml.push('>');
        match self {
            Self::Text(_, text) => write_text(xml, text, spelling.text),
            Self::Parent(_, children) => {
                let fields = children.iter().all(|child| matches!(child, Self::Text(..)));
                let moved = if spelling.reordered && fields {
                    children.len().saturating_sub(1)
                } else {
                    0
                };
                for child in children[moved..].iter().chain(&children[..moved]) {
                    separate(xml, spelling, depth + 1);
                    child.write(xml, spelling, depth + 1);
                }
                separate(xml, spelling, depth);
            }
        }
        xml.push_str("</");
        xml.push_str(name);
        xml.push('>');
    }
}

fn separate(xml: &mut String, spelling: Spelling, depth: usize) {
    if spelling.comments {
        xml.push_str("<!-- <Part>not a part</Part> -->");
    }
    if spelling.indented {
        xml.push_str("\r\n");
        xml.extend(std::iter::repeat_n("  ", depth));
    }
}

fn write_text(xml: &mut String, text: &str, spelling: TextSpelling) {
    // A carriage return is a line feed to every XML reader unless it is a reference, in CDATA too.
    if spelling == TextSpelling::Cdata && !text.contains("]]>") && !text.contains('\r') {
        xml.push_str("<![CDATA[");
        xml.push_str(text);
        xml.push_str("]]>");
        return;
    }
    for character in text.chars() {
        let written = match (character, spelling) {
            ('\r', _) => write!(xml, "&#13;"),
            (other, TextSpelling::Hexadecimal) if !other.is_ascii_alphanumeric() => {
                write!(xml, "&#x{:X};", u32::from(other))
            }
            ('<', _) => write!(xml, "&lt;"),
            ('>', _) => write!(xml, "&gt;"),
            ('&', _) => write!(xml, "&amp;"),
            ('"', TextSpelling::NamedQuotes) => write!(xml, "&quot;"),
            ('"', TextSpelling::NumberedQuotes) => write!(xml, "&#34;"),
            (other, _) => write!(xml, "{other}"),
        };
        written.expect("writing to a String cannot fail");
    }
}

/// Whether XML 1.0 has a place for the character (production Char).
pub(crate) fn is_xml_char(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// A part list with these parts.
pub(crate) fn part_list(parts: &[(u64, String)]) -> Element {
    let part = |(number, etag): &(u64, String)| {
        Element::Parent(
            "Part",
            vec![
                Element::text("PartNumber", number),
                Element::text("ETag", etag),
            ],
        )
    };
    Element::Parent("CompleteMultipartUpload", parts.iter().map(part).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_reads_every_spelling() {
        let parts = vec![(1, "\"A&<]]>\"".to_owned()), (2, "b\rc".to_owned())];
        for bits in 0..160_u32 {
            let flag = |bit: u32| bits >> bit & 1 == 1;
            let text = [
                TextSpelling::Least,
                TextSpelling::NamedQuotes,
                TextSpelling::NumberedQuotes,
                TextSpelling::Hexadecimal,
                TextSpelling::Cdata,
            ][usize::try_from(bits / 32).unwrap()];
            let spelling = Spelling {
                declaration: flag(0),
                namespace: flag(1),
                indented: flag(2),
                comments: flag(3),
                reordered: flag(4),
                text,
            };
            let body = part_list(&parts).document(spelling);
            let read: Vec<_> = partproof_model::part_list::read(&body)
                .unwrap()
                .into_iter()
                .map(|part| (part.number, part.etag))
                .collect();
            assert_eq!(read, parts, "{}", String::from_utf8_lossy(&body));
        }
    }
}
