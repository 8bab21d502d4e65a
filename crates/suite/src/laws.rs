//! The laws, one function each, by the piece they judge.

pub(crate) mod answer;
pub(crate) mod client;
pub(crate) mod counter;
pub(crate) mod emulator;
pub(crate) mod encrypt;
pub(crate) mod envelope;
pub(crate) mod gcm;
pub(crate) mod hostile_xml;
pub(crate) mod outside;
pub(crate) mod part_list;
pub(crate) mod plan;
pub(crate) mod session;

use partproof_model::etag::unquoted;

use crate::hex;

/// The first place where two byte strings differ, with a few bytes of each: what a reader needs to see, not all of it.
pub(crate) fn difference(expected: &[u8], actual: &[u8]) -> Option<(String, String)> {
    if expected == actual {
        return None;
    }
    let at = expected
        .iter()
        .zip(actual)
        .take_while(|(expected, actual)| expected == actual)
        .count();
    let show = |bytes: &[u8]| {
        let from = at - at % 16;
        let shown = bytes
            .get(from..bytes.len().min(from + 16))
            .unwrap_or_default();
        format!(
            "{} bytes; from byte {from}: {}",
            bytes.len(),
            if shown.is_empty() {
                "none".to_owned()
            } else {
                hex::text(shown)
            }
        )
    };
    Some((show(expected), show(actual)))
}

/// Whether an ETag was answered as given: with its quotes or without, or in quotes that it did not have. Blanks at the ends
/// need not be kept.
pub(crate) fn same_etag(given: &str, answered: &str) -> bool {
    let (given, answered) = (given.trim(), answered.trim());
    let bare = unquoted(given);
    let quotes_added = bare == given && unquoted(answered) == given;
    answered == given || answered == bare.trim() || quotes_added
}
