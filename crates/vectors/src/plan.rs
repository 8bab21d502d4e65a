//! Plans: how many parts an object makes, and where they begin and end.

use partproof_model::{
    DataSize, Objection, PartNumber, PartSize, Plan, Question, Rejection, rules,
};
use serde::{Deserialize, Serialize};

use super::file::{Outcome, RejectionValue};
use super::test::{Derive, Wrong, test, with_questions};

test! {
    /// An object of a size in parts of a size.
    PlanTest {
        /// Bytes of the object as declared and sent.
        given data_size: u64,
        /// Bytes of every part but the last.
        given part_size: u64,
        /// ceil(data size / part size); absent for part size 0.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        derived part_count: Option<u64>,
        /// The first, the second and the last part, each once; absent when the plan is refused.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        derived parts: Option<Vec<SliceValue>>,
        /// The rules that an invalid or acceptable plan breaks.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        derived rejections: Option<Vec<RejectionValue>>,
    }
}

/// Where one part lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the type's sentence names them")]
pub struct SliceValue {
    pub number: u64,
    pub offset: u64,
    pub length: u64,
}

impl Derive for PlanTest {
    type Shared = ();

    /// An acceptable plan has its questions as flags besides those given.
    fn derive(&self, (): &()) -> Result<Self, Wrong> {
        let plan = PartSize::new(self.part_size).map(|part| Plan {
            data: DataSize::new(self.data_size),
            part,
        });
        let objections = objections(self.data_size, plan);
        let mut questions: Vec<Question> = objections
            .iter()
            .filter_map(|objection| objection.question)
            .collect();
        let result = match (objections.len(), questions.len()) {
            (0, _) => Outcome::Valid,
            (all, open) if all == open => Outcome::Acceptable,
            _ => Outcome::Invalid,
        };
        if result != Outcome::Acceptable {
            questions.clear();
        }
        let rejections = objections.into_iter().map(|objection| Rejection {
            rule: objection.rule,
            detail: objection.detail,
        });
        Ok(Self {
            flags: with_questions(&self.flags, questions),
            result,
            part_count: plan.map(Plan::count),
            parts: plan.filter(|_| result != Outcome::Invalid).map(slices),
            rejections: RejectionValue::all(&rejections.collect::<Vec<_>>()),
            ..self.clone()
        })
    }
}

/// What speaks against a plan. The floor of a part is checked at Complete only, and whether for CSE uploads is open;
/// an empty object and a part size of zero are no sizes to the service, which is open as well, but nothing can be
/// divided by zero.
fn objections(data_size: u64, plan: Option<Plan>) -> Vec<Objection> {
    let Some(plan) = plan else {
        return vec![Objection::certain(rules::PART_SIZE_INTEGER, "part size 0")];
    };
    let mut objections = plan.objections();
    for objection in &mut objections {
        if objection.rule == rules::PART_TOO_SMALL {
            objection.question = Some(Question::A18);
        }
    }
    if data_size == 0 {
        objections.push(Objection::open(
            rules::DATA_SIZE_INTEGER,
            Question::A16,
            "data size 0",
        ));
    }
    if plan.part.bytes() > partproof_model::limits::MAX_PART_SIZE && objections.is_empty() {
        // One short part: the service never sees a part of this size, but no part could have it.
        objections.push(Objection::open(
            rules::PART_TOO_LARGE,
            Question::A17,
            "a part size above 5 GiB",
        ));
    }
    if data_size > partproof_model::limits::MAX_MULTIPART_OBJECT && objections.is_empty() {
        objections.push(Objection::certain(rules::OBJECT_TOO_LARGE, "too large"));
    }
    objections
}

fn slices(plan: Plan) -> Vec<SliceValue> {
    let mut numbers = vec![1, 2, plan.count()];
    numbers.retain(|number| (1..=plan.count()).contains(number));
    numbers.dedup();
    numbers
        .into_iter()
        .filter_map(PartNumber::new)
        .filter_map(|number| {
            let slice = plan.slice(number)?;
            Some(SliceValue {
                number: number.get(),
                offset: slice.offset.bytes(),
                length: slice.length,
            })
        })
        .collect()
}
