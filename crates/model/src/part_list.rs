//! A reader for the body of CompleteMultipartUpload: strict about structure, liberal about spelling.
//!
//! Clients quote ETags or do not, as `"`, `&quot;` or `&#34;`, put either child first, indent or do not, and may send an
//! XML declaration, a namespace or attributes: all are taken. What has no part list's structure is refused: another
//! root, another element, a part without its number or ETag or with two, text between elements, a document type, bytes
//! that are not UTF-8, and more than a part list could ever be.

use crate::limits::MAX_PART_LIST_BODY;
use crate::xml_reader::{self, Element, NotTheDocument};

/// One `Part` as listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedPart {
    /// Its number: any integer, since whether it is a legal one is another rule's question.
    pub number: u64,
    /// Its ETag, unescaped, without outer blanks, quotes as sent.
    pub etag: String,
}

const ROOT: &str = "CompleteMultipartUpload";

/// Reads a part list.
///
/// # Errors
/// Anything that is no part list, with the first thing wrong and its line and column.
pub fn read(body: &[u8]) -> Result<Vec<ListedPart>, NotTheDocument> {
    xml_reader::read(body, ROOT, MAX_PART_LIST_BODY, |root| {
        let parts: Vec<_> = root
            .children()
            .map(|child| part(child?))
            .collect::<Result<_, _>>()?;
        if parts.is_empty() {
            return Err(root.problem("no `Part`, expected at least one"));
        }
        Ok(parts)
    })
}

fn part(part: Element<'_>) -> Result<ListedPart, NotTheDocument> {
    if part.name() != "Part" {
        return Err(part.problem(&format!("element `{}`, expected `Part`", part.name())));
    }
    let (mut number, mut etag) = (None, None);
    for child in part.children() {
        let child = child?;
        let repeated = match child.name() {
            "PartNumber" => number.replace(part_number(child)?).is_some(),
            "ETag" => etag.replace(child.text()?.trim().to_owned()).is_some(),
            name => {
                let problem =
                    format!("element `{name}` in `Part`, expected `PartNumber` or `ETag`");
                return Err(child.problem(&problem));
            }
        };
        if repeated {
            return Err(child.problem(&format!("a second `{}` in one `Part`", child.name())));
        }
    }
    match (number, etag) {
        (Some(number), Some(etag)) => Ok(ListedPart { number, etag }),
        (None, _) => Err(part.problem("a `Part` without `PartNumber`")),
        (_, None) => Err(part.problem("a `Part` without `ETag`")),
    }
}

fn part_number(element: Element<'_>) -> Result<u64, NotTheDocument> {
    let text = element.text()?;
    let digits = text.trim();
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = plain.then(|| digits.parse().ok()).flatten();
    number.ok_or_else(|| element.problem(&format!("part number {digits:?}, expected an integer")))
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
            format!("{number}<ETag>\r&#34;AB&#34;\r\n</ETag>"),
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
    fn line_ends_within_a_text_are_one_line_feed() {
        let body = "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>a\r&#34;\r\r\n&#13;b</ETag></Part></CompleteMultipartUpload>";
        let parts = vec![(1, "a\n\"\n\n\rb".to_owned())];
        assert_eq!(listed(body), Ok(parts));
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
            (wrap("&#xD800;"), "`&#xD800;` is no character"),
            (wrap("&#1114112;"), "`&#1114112;` is no character"),
            (wrap("&#0;"), "not well-formed XML"),
            (wrap("\u{1}"), "not well-formed XML"),
            (wrap("\u{fffe}"), "not well-formed XML"),
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
