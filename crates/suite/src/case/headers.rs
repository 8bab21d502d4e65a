//! Cases that are the headers of an object or a request: an envelope, changed in a few places, among others or missing. For a fuzzer they
//! are lines, `name: value`, so that a crash file reads as what was sent.

use arbitrary::{Arbitrary, Error, Result, Unstructured};
use data_encoding::BASE64;
use partproof_model::{Cipher, Headers, envelope};
use serde::{Deserialize, Serialize};

use super::envelope::EnvelopeCase;
use super::{Case, draw};
use crate::class::{Class, Classes};
use crate::shown;

/// Any headers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HeadersCase {
    /// Names and values, in order.
    pub headers: Vec<(String, String)>,
}

const MOST_HEADERS: usize = 64;

impl HeadersCase {
    /// The case a fuzzer's lines stand for.
    fn of_lines(text: &str) -> Self {
        let header = |line: &str| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_owned(), value.trim_start_matches(' ').to_owned()))
        };
        Self {
            headers: text.lines().filter_map(header).collect(),
        }
    }

    /// The lines that stand for the case.
    pub fn lines(&self) -> String {
        let line = |(name, value): &(String, String)| format!("{name}: {value}\n");
        self.headers.iter().map(line).collect()
    }
}

impl<'a> Arbitrary<'a> for HeadersCase {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let case = EnvelopeCase::arbitrary(u)?;
        let wrapped = |u: &mut Unstructured<'_>| {
            let bytes: [u8; 4] = u.arbitrary()?;
            Ok(BASE64.encode(&bytes[..u.int_in_range(0..=4)?]))
        };
        let mut headers = case.headers(&wrapped(u)?, &wrapped(u)?);
        for _ in 0..u.int_in_range(0..=2_u8)? {
            let at = u.choose_index(headers.len())?;
            let value = headers[at].1.clone();
            match u.int_in_range(0..=5_u8)? {
                0 => drop(headers.remove(at)),
                1 => headers.push(headers[at].clone()),
                2 => headers[at].1 = format!("0{value}"),
                3 => headers[at].1 = format!(" {value}\t"),
                4 => headers[at].1 = draw::text(u, 6)?.replace(['\t', '\n'], " "),
                _ => headers.push((
                    headers[at].0.clone(),
                    draw::text(u, 3)?.replace(['\t', '\n'], " "),
                )),
            }
            if headers.is_empty() {
                break;
            }
        }
        Ok(Self { headers })
    }
}

impl Case for HeadersCase {
    fn from_fuzz(u: &mut Unstructured<'_>, _: Option<Cipher>) -> Result<Self> {
        let text = std::str::from_utf8(u.bytes(u.len())?).map_err(|_| Error::IncorrectFormat)?;
        Ok(Self::of_lines(text))
    }

    fn documents() -> Option<Vec<Vec<u8>>> {
        Some(draw::documents(|u| {
            Ok(Self::arbitrary(u)?.lines().into_bytes())
        }))
    }

    fn classes(&self) -> Classes {
        let headers: Headers = self.headers.iter().cloned().collect();
        let has = |name| headers.value(name).is_some();
        let required = [
            envelope::KEY,
            envelope::START,
            envelope::CEK_ALG,
            envelope::WRAP_ALG,
        ];
        let size = |name| headers.value(name).map(|value| value.to_string());
        let padded =
            |size: Option<String>| size.is_some_and(|size| size.starts_with('0') && size.len() > 1);
        Classes::default()
            .with(Class::WholeDocument, required.into_iter().all(has))
            .with(Class::MissingHeader, !required.into_iter().all(has))
            .with(Class::WithDescription, has(envelope::MATDESC))
            .with(
                Class::PaddedSize,
                padded(size(envelope::DATA_SIZE)) || padded(size(envelope::PART_SIZE)),
            )
    }

    fn smaller(&self) -> Vec<Self> {
        let mut smaller = Vec::new();
        for at in 0..self.headers.len() {
            let mut fewer = self.clone();
            fewer.headers.remove(at);
            smaller.push(fewer);
            let value = &self.headers[at].1;
            for (index, character) in value.char_indices().filter(|_| value.len() <= 64) {
                let mut shorter = self.clone();
                let rest = &value[index + character.len_utf8()..];
                shorter.headers[at].1 = format!("{}{rest}", &value[..index]);
                smaller.push(shorter);
            }
        }
        smaller.retain(|case| case != self && case.check().is_ok());
        smaller
    }

    fn check(&self) -> std::result::Result<(), String> {
        if self.headers.len() > MOST_HEADERS {
            return Err(format!(
                "{} headers, expected at most {MOST_HEADERS}",
                self.headers.len()
            ));
        }
        // RFC 9110 5.1 and 5.5: what no HTTP library hands on is not judged.
        let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        let field = |c: char| c == '\t' || !c.is_control();
        let bad = self.headers.iter().find(|(name, value)| {
            name.is_empty() || !name.chars().all(token) || !value.chars().all(field)
        });
        match bad {
            None => Ok(()),
            Some((name, value)) => Err(format!(
                "{}: {} is no HTTP field",
                shown(name),
                shown(value)
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_headers_and_back() {
        let case = HeadersCase::of_lines("A: b\njunk\nc:  d: e \n");
        let expected =
            [("A", "b"), ("c", "d: e ")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(case.headers, expected);
        assert_eq!(HeadersCase::of_lines(&case.lines()), case);
    }
}
