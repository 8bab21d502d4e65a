//! Cases that are bytes from outside: a document of some kind, changed in a few places, or anything at all. A fuzzer's input
//! is such a case as it stands, so that a crash file is the document.

use std::fmt;
use std::marker::PhantomData;

use arbitrary::{Arbitrary, Result, Unstructured};
use data_encoding::BASE64;
use partproof_model::{Cipher, answers, part_list};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::answer::AnswerCase;
use super::part_list::PartListCase;
use super::{Case, draw};
use crate::case::xml_spelling;
use crate::class::{Class, Classes};

/// A kind of document.
pub trait Kind: Send + Sync + 'static {
    /// What is put into a document to change it.
    const WORDS: &'static [&'static str];

    /// A document as it should be.
    ///
    /// # Errors
    /// Those of drawing.
    fn document(u: &mut Unstructured<'_>) -> Result<Vec<u8>>;

    /// What a fuzzer begins with.
    fn documents() -> Vec<Vec<u8>> {
        draw::documents(Self::document)
    }

    /// Whether bytes are such a document.
    fn is_document(bytes: &[u8]) -> bool;
}

/// Bytes where a document of this kind is expected.
pub struct OutsideCase<K> {
    /// The bytes.
    pub bytes: Vec<u8>,
    kind: PhantomData<K>,
}

/// The body of CompleteMultipartUpload.
#[derive(Debug)]
pub enum PartListKind {}

/// An answer of the service.
#[derive(Debug)]
pub enum AnswerKind {}

/// More would make a case slow without making it sharper.
const LONGEST: usize = 1 << 20;

impl<K: Kind> OutsideCase<K> {
    /// These bytes.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self {
            bytes,
            kind: PhantomData,
        }
    }
}

impl<K> Clone for OutsideCase<K> {
    fn clone(&self) -> Self {
        Self {
            bytes: self.bytes.clone(),
            kind: PhantomData,
        }
    }
}

impl<K> PartialEq for OutsideCase<K> {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl<K> fmt::Debug for OutsideCase<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.bytes.escape_ascii())
    }
}

/// As text, which a reader can read; in Base64 only where it is none.
impl<K> Serialize for OutsideCase<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match std::str::from_utf8(&self.bytes) {
            Ok(text) => serializer.serialize_str(text),
            Err(_) => InBase64 {
                base64: BASE64.encode(&self.bytes),
            }
            .serialize(serializer),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct InBase64 {
    base64: String,
}

impl<'de, K: Kind> Deserialize<'de> for OutsideCase<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Text(String),
            InBase64(InBase64),
        }
        match Written::deserialize(deserializer)? {
            Written::Text(text) => Ok(Self::new(text.into_bytes())),
            Written::InBase64(InBase64 { base64 }) => BASE64
                .decode(base64.as_bytes())
                .map(Self::new)
                .map_err(de::Error::custom),
        }
    }
}

impl<'a, K: Kind> Arbitrary<'a> for OutsideCase<K> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        if u.int_in_range(0..=15_u8)? == 0 {
            let length = u.int_in_range(0..=40)?;
            let bytes = (0..length).map(|_| u.arbitrary()).collect::<Result<_>>()?;
            return Ok(Self::new(bytes));
        }
        let mut bytes = K::document(u)?;
        for _ in 0..u.int_in_range(0..=3_u8)? {
            change::<K>(&mut bytes, u)?;
        }
        Ok(Self::new(bytes))
    }
}

/// Changes a document in one place.
fn change<K: Kind>(bytes: &mut Vec<u8>, u: &mut Unstructured<'_>) -> Result<()> {
    let at = u.int_in_range(0..=bytes.len())?;
    let end = bytes.len().min(at + u.int_in_range(0..=20)?);
    match u.int_in_range(0..=4_u8)? {
        0 => drop(bytes.drain(at..end)),
        1 => {
            let again = bytes[at..end].to_vec();
            drop(bytes.splice(at..at, again));
        }
        2 => bytes.truncate(at),
        3 => {
            let other = u.arbitrary()?;
            if let Some(byte) = bytes.get_mut(at) {
                *byte = other;
            }
        }
        _ => {
            let word = u.choose(K::WORDS)?;
            drop(bytes.splice(at..at, word.bytes()));
        }
    }
    Ok(())
}

impl<K: Kind> Case for OutsideCase<K> {
    fn from_fuzz(u: &mut Unstructured<'_>, _: Option<Cipher>) -> Result<Self> {
        Ok(Self::new(u.bytes(u.len())?.to_vec()))
    }

    fn documents() -> Option<Vec<Vec<u8>>> {
        Some(K::documents())
    }

    fn classes(&self) -> Classes {
        let whole = K::is_document(&self.bytes);
        Classes::default()
            .with(Class::WholeDocument, whole)
            .with(Class::BrokenDocument, !whole)
            .with(
                Class::WrongEncoding,
                std::str::from_utf8(&self.bytes).is_err(),
            )
    }

    fn smaller(&self) -> Vec<Self> {
        let length = self.bytes.len();
        let mut smaller = Vec::new();
        let mut cut = length.div_ceil(2);
        // Single bytes only where that is few: a long document has lost its long pieces before.
        while cut > 0 && (cut > 1 || length <= 512) {
            for from in (0..length).step_by(cut) {
                let rest = &self.bytes[length.min(from + cut)..];
                smaller.push(Self::new([&self.bytes[..from], rest].concat()));
            }
            cut /= 2;
        }
        for at in (0..length).filter(|_| length <= 512) {
            if !self.bytes[at].is_ascii() {
                let mut plain = self.bytes.clone();
                plain[at] = b'a';
                smaller.push(Self::new(plain));
            }
        }
        smaller
    }

    fn check(&self) -> std::result::Result<(), String> {
        if self.bytes.len() > LONGEST {
            return Err(format!(
                "{} bytes, expected at most {LONGEST}",
                self.bytes.len()
            ));
        }
        Ok(())
    }
}

impl Kind for PartListKind {
    const WORDS: &'static [&'static str] = &[
        "<Part>",
        "</Part>",
        "<ETag>",
        "</ETag>",
        "<PartNumber>",
        "0",
        "99999999999",
        "\"",
        "&quot;",
        "&#34;",
        "&#x0A;",
        "<![CDATA[",
        "]]>",
        "<!-- -->",
        "<?x?>",
        "<x/>",
        " ",
        "\r",
        "&",
    ];

    fn document(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
        let mut case = PartListCase::arbitrary(u)?;
        case.count = case.count.min(12);
        Ok(xml_spelling::part_list(&case.parts()).document(case.spelling))
    }

    fn is_document(bytes: &[u8]) -> bool {
        part_list::read(bytes).is_ok()
    }
}

impl Kind for AnswerKind {
    const WORDS: &'static [&'static str] = &[
        "<Key>",
        "</Key>",
        "<Part>",
        "</Part>",
        "<EncodingType>url</EncodingType>",
        "%41",
        "%",
        "+",
        "0",
        "true",
        "&amp;",
        "&#37;",
        "<![CDATA[",
        "]]>",
        "<!-- -->",
        "<x/>",
        " ",
        "\r",
    ];

    fn document(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
        let kind = u.int_in_range(0..=3_u8)?;
        let case = AnswerCase::arbitrary(u)?;
        Ok(match kind {
            0 => case.initiated(),
            1 => case.completed(),
            2 => case.part_page(),
            _ => case.service_error(),
        })
    }

    fn is_document(bytes: &[u8]) -> bool {
        answers::initiated(bytes).is_ok()
            || answers::completed(bytes).is_ok()
            || answers::part_page(bytes).is_ok()
            || answers::service_error(bytes).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_are_written_in_base64() {
        let case = OutsideCase::<PartListKind>::new(vec![b'<', 0xff]);
        let json = serde_json::to_string(&case).unwrap();
        assert_eq!(json, r#"{"base64":"PP8="}"#);
        assert_eq!(
            serde_json::from_str::<OutsideCase<PartListKind>>(&json).unwrap(),
            case
        );
    }
}
