//! What `plan` answers: parts one by one, or those of one length together.

use std::num::NonZero;

use serde::{Deserialize, Serialize};

use crate::object;

/// What `plan` answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Planned {
    /// In bytes.
    pub part_size: u64,
    /// In order.
    #[serde(deserialize_with = "object::list")]
    pub parts: Vec<PlannedPart>,
}

impl Planned {
    /// The parts, one by one.
    pub fn each(self) -> impl Iterator<Item = PlannedPart> {
        self.parts.into_iter().flat_map(|part| {
            let count = part.count.map_or(1, NonZero::get);
            (0..count).map(move |before| PlannedPart {
                number: part.number.saturating_add(before),
                offset: part
                    .offset
                    .saturating_add(part.length.saturating_mul(before)),
                length: part.length,
                count: None,
            })
        })
    }

    /// The same with parts of one length that lie one behind the other told together.
    #[must_use]
    pub fn together(self) -> Self {
        let part_size = self.part_size;
        let mut parts: Vec<PlannedPart> = Vec::new();
        for part in self.each() {
            let next = parts.last_mut().filter(|last| {
                let count = last.count.map_or(1, NonZero::get);
                let end = last.length.checked_mul(count);
                part.length == last.length
                    && Some(part.number) == last.number.checked_add(count)
                    && Some(part.offset) == end.and_then(|end| last.offset.checked_add(end))
            });
            match next {
                Some(last) => {
                    let count = last.count.map_or(1, NonZero::get);
                    last.count = NonZero::new(count + 1);
                }
                None => parts.push(part),
            }
        }
        Self { part_size, parts }
    }
}

/// One part of a plan, in bytes; or as many as `count` says, of this length, one behind the other, with numbers that go up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the type's sentence names them")]
pub struct PlannedPart {
    pub number: u64,
    pub offset: u64,
    pub length: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<NonZero<u64>>,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn planned(json: Value) -> Result<Planned, serde_json::Error> {
        serde_json::from_value(json)
    }

    #[test]
    fn parts_are_told_one_by_one_or_together() {
        let one_by_one = json!({ "part_size": 5, "parts": [
            { "number": 1, "offset": 0, "length": 5 }, { "number": 2, "offset": 5, "length": 5 },
            { "number": 3, "offset": 10, "length": 5 }, { "number": 4, "offset": 15, "length": 1 },
        ] });
        let together = json!({ "part_size": 5, "parts": [
            { "number": 1, "offset": 0, "length": 5, "count": 3 }, { "number": 4, "offset": 15, "length": 1 },
        ] });
        let plan = planned(one_by_one).unwrap();
        assert_eq!(plan.clone().together(), planned(together.clone()).unwrap());
        let each: Vec<_> = planned(together).unwrap().each().collect();
        assert_eq!(each, plan.parts);
    }

    #[test]
    fn what_does_not_go_on_from_the_part_before_is_not_told_together() {
        for (number, offset, length) in [(3, 5, 5), (2, 6, 5), (2, 5, 4), (2, 0, 5), (1, 5, 5)] {
            let plan = planned(json!({ "part_size": 5, "parts": [
                { "number": 1, "offset": 0, "length": 5 },
                { "number": number, "offset": offset, "length": length },
            ] }));
            let plan = plan.unwrap();
            assert_eq!(plan.clone().together(), plan);
        }
    }

    #[test]
    fn any_count_is_told_of_without_end_and_none_is_refused() {
        let plan = |count: u64| {
            planned(json!({ "part_size": 5, "parts": [
                { "number": 1, "offset": 0, "length": u64::MAX, "count": count },
            ] }))
        };
        assert_eq!(plan(u64::MAX).unwrap().each().take(20_000).count(), 20_000);
        assert!(plan(0).unwrap_err().to_string().contains("nonzero"));
    }
}
