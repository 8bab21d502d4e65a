//! The laws of clients, by the piece they judge: each is one value, beside its function.

pub mod answer;
pub mod counter;
pub mod encrypt;
pub mod envelope;
pub mod gcm;
pub mod hostile_xml;
pub mod keystream;
pub mod outside;
pub mod part_list;
pub mod plan;
mod probe;
pub mod session;

use partproof_model::etag::unquoted;

use crate::hex;
use crate::law::Law;

/// Every law, in the order in which they are run: plans first, since everything rests on them.
pub static LAWS: &[&Law] = &[
    &plan::PLAN_COUNT,
    &plan::PLAN_TILES,
    &plan::PLAN_PART,
    &plan::PLAN_LEGAL,
    &plan::PLAN_FEASIBLE,
    &plan::PLAN_KEEPS_PART_SIZE,
    &plan::PLAN_REFUSAL,
    &encrypt::DECLARED_SIZES,
    &encrypt::PART_EQUALS_SLICE,
    &encrypt::ANY_ORDER_RETRY_CHUNKING,
    &counter::COUNTER_ARITHMETIC,
    &keystream::KEYSTREAM_ONCE,
    &encrypt::ROUND_TRIP,
    &encrypt::READS_THE_MODEL,
    &counter::ANY_RANGE,
    &encrypt::PART_BODY_REFUSAL,
    &gcm::GCM_OBJECT_ONE_SHOT,
    &gcm::GCM_PART_TAGS,
    &gcm::GCM_TAMPERING_REFUSED,
    &part_list::PART_LIST,
    &part_list::PART_LIST_COMPLETES,
    &part_list::PART_LIST_REFUSAL,
    &part_list::PART_LIST_SPELLINGS,
    &answer::ANSWERS_READ,
    &hostile_xml::HOSTILE_XML_REFUSED,
    &envelope::ENVELOPE_WRITTEN,
    &envelope::ENVELOPE_READ,
    &envelope::ENVELOPE_REFUSAL,
    &outside::ANY_PARTS,
    &outside::ANY_PART_LIST,
    &outside::ANY_ANSWER,
    &outside::ANY_HEADERS,
    &session::SESSION,
];

/// The law of that id.
pub fn find(id: &str) -> Option<&'static Law> {
    LAWS.iter().copied().find(|law| law.id == id)
}

/// The first place where two byte strings differ, with a few bytes of each: what a reader needs to see, not all of it.
pub fn difference(expected: &[u8], actual: &[u8]) -> Option<(String, String)> {
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
pub fn same_etag(given: &str, answered: &str) -> bool {
    let (given, answered) = (given.trim(), answered.trim());
    let bare = unquoted(given);
    let quotes_added = bare == given && unquoted(answered) == given;
    answered == given || answered == bare.trim() || quotes_added
}
