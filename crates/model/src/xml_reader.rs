//! A reader for the service's XML documents: strict about structure, liberal about spelling. It refuses what no such document has: a
//! document type, bytes that are not UTF-8, more than it could ever be.

use std::borrow::Cow;

use roxmltree::{Document, Node};

/// Why a body is not the document it should be, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct NotTheDocument {
    problem: String,
}

/// The parser compares every attribute of an element with every other, and every element that declares a namespace keeps those of
/// all its ancestors. Within these bounds both are cheap, and in a short body in any case; they are far above what anyone sends.
const SHORT: usize = 16 * 1024;
const MAX_ATTRIBUTES: usize = 1_000;
const MAX_NAMESPACES: usize = 100;

/// Reads a document whose root element must be `root`, of at most `longest` bytes.
pub(crate) fn read<T>(
    body: &[u8],
    root: &str,
    longest: usize,
    take: impl FnOnce(Element<'_>) -> Result<T, NotTheDocument>,
) -> Result<T, NotTheDocument> {
    let problem = |problem: String| NotTheDocument { problem };
    if body.len() > longest {
        let size = body.len();
        return Err(problem(format!("{size} bytes, expected at most {longest}")));
    }
    let text = std::str::from_utf8(body).map_err(|error| problem(format!("not UTF-8: {error}")))?;
    if text.len() > SHORT {
        // An attribute has a `=`, and no `<`.
        let mut tags = text.split('<');
        if tags.any(|tag| tag.matches('=').nth(MAX_ATTRIBUTES).is_some()) {
            return Err(problem(format!(
                "more than {MAX_ATTRIBUTES} `=` in one tag and its text"
            )));
        }
        if text.matches("xmlns").nth(MAX_NAMESPACES).is_some() {
            return Err(problem(format!("more than {MAX_NAMESPACES} namespaces")));
        }
    }
    // The parser would read these as U+FFFD.
    if let Some(reference) = text
        .split("&#")
        .skip(1)
        .find(|rest| refers_to_nothing(rest))
    {
        let reference: String = reference.chars().take_while(|c| *c != ';').collect();
        return Err(problem(format!(
            "not well-formed XML: `&#{reference};` is no character"
        )));
    }
    // Line ends are normalised first (XML 1.0, 2.11); beside a character reference the parser would not.
    let text = match text.contains('\r') {
        true => Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")),
        false => Cow::Borrowed(text),
    };
    let document = Document::parse(&text).map_err(|error| match error {
        roxmltree::Error::DtdDetected => problem("a document type, expected none".to_owned()),
        error => problem(format!("not well-formed XML: {error}")),
    })?;
    let element = Element(document.root_element());
    if element.name() != root {
        return Err(element.problem(&format!(
            "root element `{}`, expected `{root}`",
            element.name()
        )));
    }
    take(element)
}

/// Whether what follows `&#` is a number that no character has: a surrogate's, or one too large.
fn refers_to_nothing(rest: &str) -> bool {
    let digits = rest.split(';').next().unwrap_or_default();
    let number = match digits.strip_prefix('x') {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => digits.parse(),
    };
    number.is_ok_and(|number| char::from_u32(number).is_none())
}

/// An element of a document that is being read.
#[derive(Clone, Copy)]
pub(crate) struct Element<'a>(Node<'a, 'a>);

impl<'a> Element<'a> {
    /// Its name, whatever its namespace.
    pub(crate) fn name(self) -> &'a str {
        self.0.tag_name().name()
    }

    /// Its child elements, in order. Text between them must be blank.
    pub(crate) fn children(self) -> impl Iterator<Item = Result<Element<'a>, NotTheDocument>> {
        self.0.children().filter_map(move |node| {
            if node.is_element() {
                return Some(Ok(Element(node)));
            }
            let blank = !node.is_text() || node.text().unwrap_or_default().trim().is_empty();
            (!blank).then(|| {
                let problem = format!("text in `{}`, expected elements", self.name());
                Err(Element(node).problem(&problem))
            })
        })
    }

    /// Its text. No element may be among it.
    pub(crate) fn text(self) -> Result<String, NotTheDocument> {
        let mut whole = String::new();
        for node in self.0.children() {
            if node.is_element() {
                let problem = format!("an element in `{}`, expected text", self.name());
                return Err(Element(node).problem(&problem));
            }
            if node.is_text() {
                whole.push_str(node.text().unwrap_or_default());
            }
        }
        Ok(whole)
    }

    /// What is wrong with it, and where it begins.
    pub(crate) fn problem(self, problem: &str) -> NotTheDocument {
        let position = self.0.document().text_pos_at(self.0.range().start);
        NotTheDocument {
            problem: format!("{problem} at {position}"),
        }
    }
}
