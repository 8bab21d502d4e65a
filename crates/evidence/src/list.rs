//! A part list as it was sent, beside the one that should have been.

use partproof_model::part_list;
use serde::{Deserialize, Serialize};

/// Two part lists in their order, from a little before the place where they first differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ListDrawing {
    /// How many entries each of the two has before those that are told.
    pub before: u64,
    /// What should have been sent.
    pub expected: Vec<ListEntry>,
    /// How many entries that has in all.
    pub expected_count: u64,
    /// What was sent.
    pub sent: Vec<ListEntry>,
    /// How many entries that has in all.
    pub sent_count: u64,
}

/// A part in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ListEntry {
    /// Its number.
    pub number: u64,
    /// Its ETag, cut where it is long.
    pub etag: String,
    /// Of what was sent: it is not the entry that should stand there. Of what should have been: it was not sent.
    pub wrong: bool,
}

/// So many entries of a list are told.
const MOST: usize = 10;
/// So many of them are before the first difference.
const BEFORE: usize = 2;
/// So much of an ETag is told.
const LONGEST_ETAG: usize = 26;

impl ListDrawing {
    /// Of the parts that should be listed and a body that can be read as a list, if that lists others.
    pub(crate) fn of(
        given: &[(u64, String)],
        body: &[u8],
        same_etag: fn(&str, &str) -> bool,
    ) -> Option<Self> {
        let listed = part_list::read(body).ok()?;
        let sent: Vec<(u64, String)> = listed
            .into_iter()
            .map(|part| (part.number, part.etag))
            .collect();
        let mut expected = given.to_vec();
        expected.sort_by_key(|(number, _)| *number);
        let same = |one: &(u64, String), other: &(u64, String)| {
            one.0 == other.0 && same_etag(&one.1, &other.1)
        };
        let differs = expected
            .iter()
            .zip(&sent)
            .position(|(one, other)| !same(one, other));
        let differs = match differs {
            None if expected.len() == sent.len() => return None,
            None => expected.len().min(sent.len()),
            Some(place) => place,
        };
        let from = differs.saturating_sub(BEFORE);
        let told = |list: &[(u64, String)],
                    is_wrong: &dyn Fn(usize, &(u64, String)) -> bool|
         -> Vec<ListEntry> {
            let entries = list.iter().enumerate().skip(from).take(MOST);
            entries
                .map(|(place, part)| ListEntry {
                    number: part.0,
                    etag: cut(&part.1),
                    wrong: is_wrong(place, part),
                })
                .collect()
        };
        let count = |list: &[(u64, String)]| u64::try_from(list.len()).unwrap_or(u64::MAX);
        // In an ascending list an entry is in its place behind those that are smaller.
        let is_behind_a_larger = |place: usize| {
            place > 0
                && sent
                    .get(place - 1)
                    .is_some_and(|before| before.0 >= sent[place].0)
        };
        Some(Self {
            before: u64::try_from(from).unwrap_or(u64::MAX),
            expected: told(&expected, &|_, part| {
                !sent.iter().any(|other| same(part, other))
            }),
            expected_count: count(&expected),
            sent: told(&sent, &|place, part| {
                is_behind_a_larger(place) || !expected.iter().any(|other| same(other, part))
            }),
            sent_count: count(&sent),
        })
    }
}

fn cut(etag: &str) -> String {
    match etag.char_indices().nth(LONGEST_ETAG) {
        None => etag.to_owned(),
        Some((end, _)) => format!("{}...", &etag[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(given: &[u64], sent: &[u64]) -> Option<ListDrawing> {
        let parts = sent.iter().map(|number| {
            format!("<Part><PartNumber>{number}</PartNumber><ETag>e{number}</ETag></Part>")
        });
        let body = format!(
            "<CompleteMultipartUpload>{}</CompleteMultipartUpload>",
            parts.collect::<String>()
        );
        let given: Vec<(u64, String)> = given
            .iter()
            .map(|number| (*number, format!("e{number}")))
            .collect();
        ListDrawing::of(&given, body.as_bytes(), |one, other| one == other)
    }

    fn wrong(entries: &[ListEntry]) -> Vec<u64> {
        let wrong = entries.iter().filter(|entry| entry.wrong);
        wrong.map(|entry| entry.number).collect()
    }

    #[test]
    fn what_is_missing_too_many_and_out_of_order_is_told() {
        assert_eq!(drawn(&[1, 2, 3], &[1, 2, 3]), None);
        let missing = drawn(&[1, 2, 3], &[1, 3]).unwrap();
        assert_eq!(
            (wrong(&missing.expected), wrong(&missing.sent)),
            (vec![2], vec![])
        );
        let more = drawn(&[1, 2], &[1, 2, 3]).unwrap();
        assert_eq!(
            (wrong(&more.expected), wrong(&more.sent)),
            (vec![], vec![3])
        );
        let order = drawn(&[1, 2, 3], &[2, 1, 3]).unwrap();
        assert_eq!(
            (wrong(&order.expected), wrong(&order.sent)),
            (vec![], vec![1])
        );
    }

    #[test]
    fn of_many_a_few_are_told() {
        let given: Vec<u64> = (1..=10_000).collect();
        let sent: Vec<u64> = given
            .iter()
            .copied()
            .filter(|number| *number != 5_000)
            .collect();
        let drawing = drawn(&given, &sent).unwrap();
        assert_eq!(
            (drawing.before, drawing.expected.len(), drawing.sent.len()),
            (4_997, MOST, MOST)
        );
        assert_eq!(
            (drawing.expected_count, drawing.sent_count),
            (10_000, 9_999)
        );
        assert_eq!(cut(&"x".repeat(100)).len(), LONGEST_ETAG + 3);
    }
}
