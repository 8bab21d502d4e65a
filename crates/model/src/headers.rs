//! Header fields of a request or an answer, as the model reads them: names without regard to case, values as bytes
//! with outer blanks removed (question A22). A field that is given twice reads as one with its values joined by a
//! comma (RFC 9110 5.3).

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// A header map with lower-case names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(BTreeMap<String, HeaderValue>);

impl Headers {
    /// The value of a field; `name` in any case.
    pub fn value(&self, name: &str) -> Option<&HeaderValue> {
        self.0.get(&name.to_ascii_lowercase())
    }

    /// Adds a field, or a further value of one.
    pub fn add(&mut self, name: &str, value: &[u8]) {
        let value = value.trim_ascii();
        let held = self.0.entry(name.to_ascii_lowercase());
        held.and_modify(|held| {
            let held = Arc::make_mut(&mut held.0);
            held.push(b',');
            held.extend_from_slice(value);
        })
        .or_insert_with(|| HeaderValue::of(value));
    }

    /// Gives a field this value and no other.
    pub fn set(&mut self, name: &str, value: &[u8]) {
        let value = HeaderValue::of(value.trim_ascii());
        self.0.insert(name.to_ascii_lowercase(), value);
    }

    /// All fields in order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &HeaderValue)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>> FromIterator<(N, V)> for Headers {
    fn from_iter<T: IntoIterator<Item = (N, V)>>(fields: T) -> Self {
        let mut headers = Self::default();
        for (name, value) in fields {
            headers.add(name.as_ref(), value.as_ref());
        }
        headers
    }
}

/// The bytes of a field without outer blanks. Clones share them: an upload's values are held against each of its parts.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HeaderValue(Arc<Vec<u8>>);

impl HeaderValue {
    fn of(bytes: &[u8]) -> Self {
        Self(Arc::new(bytes.to_vec()))
    }

    /// As sent.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// As text, if it is UTF-8.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }
}

impl fmt::Display for HeaderValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// More than any header in use; what is shown of one may be shown for each of 10,000 parts.
        const MOST_SHOWN: usize = 1_000;
        match self.0.split_at_checked(MOST_SHOWN) {
            Some((shown, rest)) if !rest.is_empty() => {
                write!(f, "{}... ({} bytes)", shown.escape_ascii(), self.0.len())
            }
            _ => write!(f, "{}", self.0.escape_ascii()),
        }
    }
}

impl fmt::Debug for HeaderValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_no_case_and_values_no_outer_blanks() {
        let headers: Headers = [("X-OSS-Meta-A", " 1 ")].into_iter().collect();
        assert_eq!(
            headers.value("x-oss-meta-a").map(HeaderValue::bytes),
            Some(&b"1"[..])
        );
    }

    #[test]
    fn a_repeated_field_is_one_list() {
        let headers: Headers = [("a", "1"), ("A", "2")].into_iter().collect();
        assert_eq!(
            headers.value("a").map(HeaderValue::bytes),
            Some(&b"1,2"[..])
        );
    }
}
