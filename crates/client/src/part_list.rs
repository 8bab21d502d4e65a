//! The part list: the body of CompleteMultipartUpload. The service takes it in ascending order only (EC 0042-00000209), each ETag as it
//! was answered, and for an encrypted upload with every part (EC 0005-00000411); so the builder takes parts in any order, as they
//! finish, and refuses to write a list with a gap.

use std::io::Write;

use crate::error::Error;
use crate::plan::MAX_PARTS;
use crate::xml::{Document, is_xml_character};

const ROOT: &str = "CompleteMultipartUpload";
/// The longest body that [`PartList::read`] accepts: 8 MiB.
const MAX_BODY: usize = 8 << 20;

/// The parts of one upload and their ETags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartList {
    /// By part number, from 1.
    etags: Vec<Option<String>>,
    part_count: u32,
}

impl PartList {
    /// An empty list for an upload of `part_count` parts.
    ///
    /// # Errors
    /// [`Error::PartCountOutOfRange`] unless it is 1 to 10,000.
    pub fn new(part_count: u32) -> Result<PartList, Error> {
        if !(1..=MAX_PARTS).contains(&part_count) {
            return Err(Error::PartCountOutOfRange { part_count });
        }
        let etags = vec![None; usize::try_from(part_count).expect("at most 10,000 parts")];
        Ok(PartList { etags, part_count })
    }

    /// Adds a part with the ETag that UploadPart answered, quotes included if it had them.
    ///
    /// # Errors
    /// [`Error::NoSuchPart`]; [`Error::DuplicatePart`], since only the caller can know which of two attempts was stored last;
    /// [`Error::ETagCharacter`] for a character that XML cannot carry.
    pub fn add(&mut self, number: u32, etag: &str) -> Result<(), Error> {
        let index = number
            .checked_sub(1)
            .and_then(|index| usize::try_from(index).ok());
        let Some(slot) = index.and_then(|index| self.etags.get_mut(index)) else {
            return Err(Error::NoSuchPart {
                number,
                part_count: self.part_count,
            });
        };
        if slot.is_some() {
            return Err(Error::DuplicatePart { number });
        }
        if let Some(character) = etag.chars().find(|character| !is_xml_character(*character)) {
            return Err(Error::ETagCharacter {
                number,
                code: character.into(),
            });
        }
        *slot = Some(etag.to_owned());
        Ok(())
    }

    /// The body, in ascending order.
    ///
    /// # Errors
    /// [`Error::MissingPart`] with the first part that was not added.
    pub fn to_xml(&self) -> Result<Vec<u8>, Error> {
        // 49 bytes of markup, up to 5 digits, 32 hexadecimal digits in escaped quotes.
        let mut xml = Vec::with_capacity(self.etags.len().saturating_mul(100).saturating_add(64));
        xml.extend_from_slice(b"<CompleteMultipartUpload>");
        for (number, etag) in (1..).zip(&self.etags) {
            let etag = etag.as_ref().ok_or(Error::MissingPart {
                number,
                part_count: self.part_count,
            })?;
            write!(xml, "<Part><PartNumber>{number}</PartNumber><ETag>")
                .expect("a vector takes any bytes");
            escape_into(&mut xml, etag);
            xml.extend_from_slice(b"</ETag></Part>");
        }
        xml.extend_from_slice(b"</CompleteMultipartUpload>");
        Ok(xml)
    }

    /// Reads a body, for tests and proxies: numbers and ETags as they are listed, in whatever order and number.
    ///
    /// Liberal in spelling: children in either order, declaration, namespaces, attributes, comments, CDATA, references, unknown
    /// elements, white space around values. Strict in structure.
    ///
    /// # Errors
    /// More than 8 MiB, elements deeper than 16, no UTF-8, no well-formed XML, a document type, an undefined entity, anything after
    /// the root; no `Part` at all; a `Part` without `PartNumber` or `ETag`, or with two of one.
    pub fn read(xml: &[u8]) -> Result<Vec<(u32, String)>, Error> {
        let mut document = Document::open(xml, ROOT, MAX_BODY)?;
        let mut parts = Vec::new();
        while let Some(tag) = document.child()? {
            match tag.local_name().as_ref() {
                "Part" => parts.push(read_part(&mut document)?),
                _ => document.skip()?,
            }
        }
        if parts.is_empty() {
            return document.require(None, "Part");
        }
        document.close()?;
        Ok(parts)
    }
}

fn read_part(document: &mut Document<'_>) -> Result<(u32, String), Error> {
    let (mut number, mut etag) = (None, None);
    while let Some(tag) = document.child()? {
        match tag.local_name().as_ref() {
            "PartNumber" => document.integer_once(&mut number, "PartNumber")?,
            "ETag" => {
                let text = document.trimmed_text()?;
                document.fill(&mut etag, text, "ETag")?;
            }
            _ => document.skip()?,
        }
    }
    Ok((
        document.require(number, "PartNumber")?,
        document.require(etag, "ETag")?,
    ))
}

/// Appends text so that any reader gets it back exactly: a reader turns a bare carriage return into a line feed, and may take white
/// space at either end for layout.
fn escape_into(xml: &mut Vec<u8>, text: &str) {
    let mut rest = text.as_bytes();
    while let Some((at, reference)) = rest
        .iter()
        .enumerate()
        .find_map(|(at, &byte)| Some((at, reference_to(byte)?)))
    {
        let (plain, special) = rest.split_at(at);
        xml.extend_from_slice(plain);
        xml.extend_from_slice(reference);
        rest = special.split_first().map_or(&[], |(_special, after)| after);
    }
    xml.extend_from_slice(rest);
}

fn reference_to(byte: u8) -> Option<&'static [u8]> {
    Some(match byte {
        b'"' => b"&quot;",
        b'\'' => b"&apos;",
        b'&' => b"&amp;",
        b'<' => b"&lt;",
        b'>' => b"&gt;",
        b' ' => b"&#32;",
        b'\t' => b"&#9;",
        b'\n' => b"&#10;",
        b'\r' => b"&#13;",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(xml: &str) -> Result<Vec<(u32, String)>, Error> {
        PartList::read(xml.as_bytes())
    }

    #[test]
    fn the_body_ascends_and_keeps_quotes() {
        let mut list = PartList::new(10).unwrap();
        for number in [10, 2, 1, 3, 9, 4, 8, 5, 7, 6] {
            list.add(number, &format!("\"{number}\"")).unwrap();
        }
        let body = String::from_utf8(list.to_xml().unwrap()).unwrap();
        let first = "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>&quot;1&quot;</ETag></Part>";
        assert!(body.starts_with(first), "{body}");
        let expected: Vec<_> = (1..=10)
            .map(|number| (number, format!("\"{number}\"")))
            .collect();
        assert_eq!(read(&body), Ok(expected));
    }

    #[test]
    fn gaps_repeats_and_strangers_are_refused() {
        for part_count in [0, 10_001] {
            assert_eq!(
                PartList::new(part_count),
                Err(Error::PartCountOutOfRange { part_count })
            );
        }
        let mut list = PartList::new(3).unwrap();
        list.add(1, "a").unwrap();
        list.add(3, "c").unwrap();
        assert_eq!(list.add(1, "a"), Err(Error::DuplicatePart { number: 1 }));
        for number in [0, 4, u32::MAX] {
            assert_eq!(
                list.add(number, "x"),
                Err(Error::NoSuchPart {
                    number,
                    part_count: 3
                })
            );
        }
        assert_eq!(
            list.add(2, "b\u{0}"),
            Err(Error::ETagCharacter { number: 2, code: 0 })
        );
        assert_eq!(
            list.add(2, "b\u{FFFE}"),
            Err(Error::ETagCharacter {
                number: 2,
                code: 0xFFFE
            })
        );
        assert_eq!(
            list.to_xml(),
            Err(Error::MissingPart {
                number: 2,
                part_count: 3
            })
        );
    }

    #[test]
    fn every_clients_spelling_is_read() {
        let body = "\u{FEFF}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<!-- c -->
            <CompleteMultipartUpload xmlns=\"http://doc.oss-cn-hangzhou.aliyuncs.com\">
              <Part><ETag> &#34;A&#x22; </ETag><PartNumber> 1 </PartNumber></Part>
              <Part a='1'><PartNumber>5</PartNumber><Size><b/>7</Size><ETag><![CDATA[\"B\"]]><!-- c --></ETag></Part>
              <o:Part><PartNumber>2</PartNumber><ETag>C</ETag></o:Part>
              <Part><PartNumber>2</PartNumber><ETag/></Part>
            </CompleteMultipartUpload>\n";
        let expected = [(1, "\"A\""), (5, "\"B\""), (2, "C"), (2, "")];
        assert_eq!(
            read(body),
            Ok(expected
                .map(|(number, etag)| (number, etag.to_owned()))
                .to_vec())
        );
    }

    #[test]
    fn hostile_bodies_are_refused() {
        let wrap =
            |inner: &str| format!("<CompleteMultipartUpload>{inner}</CompleteMultipartUpload>");
        let part = "<Part><PartNumber>1</PartNumber><ETag>Q</ETag></Part>";
        assert!(read(&wrap(part)).is_ok());
        assert!(
            read(&wrap(&format!(
                "{part}{}{}",
                "<a>".repeat(15),
                "</a>".repeat(15)
            )))
            .is_ok()
        );
        for body in [
            String::new(),
            wrap(""),
            wrap(part) + "x",
            wrap(part) + "<a/>",
            format!("x{}", wrap(part)),
            format!("<!DOCTYPE a [<!ENTITY e 'x'>]>{}", wrap(part)),
            format!("<!--c--><?xml version='1.0'?>{}", wrap(part)),
            format!("<?xml version='1.0' encoding='GBK'?>{}", wrap(part)),
            format!("<Other>{part}</Other>"),
            wrap(&format!("{part}text")),
            wrap(&part.replace("<ETag>", "<ETag x=1>")),
            wrap(&part.replace('Q', "&e;")),
            wrap(&part.replace('Q', "&#0;")),
            wrap(&part.replace('Q', "&#xD800;")),
            wrap(&part.replace('Q', "\u{1}")),
            wrap(&part.replace('Q', "<b>Q</b>")),
            wrap(&part.replace('1', "+1")),
            wrap(&part.replace('1', "")),
            wrap(&part.replace('1', "4294967296")),
            wrap(&part.replace("<ETag>Q</ETag>", "")),
            wrap(&part.replace("<ETag>Q</ETag>", "<ETag>Q</ETag><ETag>Q</ETag>")),
            wrap(&format!("{part}{}{}", "<a>".repeat(16), "</a>".repeat(16))),
        ] {
            assert!(read(&body).is_err(), "{body}");
        }
        let whole = wrap(part);
        for length in 0..whole.len() {
            assert!(read(&whole[..length]).is_err(), "cut at {length}");
        }
        assert!(matches!(
            PartList::read(b"<CompleteMultipartUpload>\xFF"),
            Err(Error::Xml { offset: 25, .. })
        ));
        let long = vec![b' '; MAX_BODY + 1];
        assert!(matches!(
            PartList::read(&long),
            Err(Error::XmlTooLong { .. })
        ));
    }

    proptest! {
        #[test]
        fn etags_read_back_exactly(etags in prop::collection::vec("[ -~\\t\\r\\n\\u{80}-\\u{2028}&<>]]\"'\u{1F600}]{0,12}", 1..6)) {
            let mut list = PartList::new(u32::try_from(etags.len()).unwrap()).unwrap();
            for (number, etag) in (1..).zip(&etags) {
                list.add(number, etag).unwrap();
            }
            let expected: Vec<_> = (1..).zip(etags).collect();
            prop_assert_eq!(PartList::read(&list.to_xml().unwrap()), Ok(expected));
        }
    }
}
