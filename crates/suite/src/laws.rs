//! The laws, one function each, by the piece they judge.

pub(crate) mod answer;
pub(crate) mod counter;
pub(crate) mod encrypt;
pub(crate) mod envelope;
pub(crate) mod gcm;
pub(crate) mod hostile_xml;
pub(crate) mod part_list;
pub(crate) mod plan;

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
