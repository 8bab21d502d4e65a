//! Cases for planners: an object's size and perhaps a part size; and the twin no planner can serve.

use arbitrary::{Arbitrary, Result, Unstructured};
use partproof_model::limits::{MAX_MULTIPART_OBJECT, MAX_PART_COUNT, MAX_PART_SIZE, MIN_PART_SIZE};
use partproof_model::{DataSize, PartSize, Plan};
use serde::{Deserialize, Serialize};

use super::{Case, draw, smaller_number};
use crate::class::{Class, Classes};
use crate::shown;

/// An object that can be planned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanCase {
    /// Bytes of the object, as declared and sent.
    pub data_size: u64,
    /// Bytes of a part; absent if the planner is to choose.
    pub part_size: Option<u64>,
}

/// An object that cannot be planned as asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HostilePlanCase(pub PlanCase);

/// An object that can be planned, and one of its parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanPartCase {
    /// The object.
    pub plan: PlanCase,
    /// Which part: its place from zero, round and round.
    pub place: u64,
}

impl PlanCase {
    /// The plan as asked for; `None` without a part size, or with part size zero.
    pub fn asked(&self) -> Option<Plan> {
        Some(Plan {
            data: DataSize::new(self.data_size),
            part: PartSize::new(self.part_size?)?,
        })
    }

    /// Whether the service would take an upload planned as asked.
    pub fn is_feasible(&self) -> bool {
        let fits = match (self.part_size, self.asked()) {
            (None, _) => self.data_size <= MAX_MULTIPART_OBJECT,
            (Some(_), Some(plan)) => plan.objections().is_empty(),
            (Some(_), None) => false,
        };
        fits && self.data_size > 0
    }
}

impl<'a> Arbitrary<'a> for PlanCase {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        if u.int_in_range(0..=3_u8)? == 0 {
            let data_size = draw::size(u)?.clamp(1, MAX_MULTIPART_OBJECT);
            return Ok(Self {
                data_size,
                part_size: None,
            });
        }
        let part_size = draw::legal_part_size(u)?;
        let count = match u.int_in_range(0..=47_u8)? {
            0 => 9_999,
            1 => MAX_PART_COUNT,
            2..=12 => 1,
            13..=24 => 2,
            _ => u.int_in_range(1..=40)?,
        };
        let last = match u.int_in_range(0..=4_u8)? {
            0 | 1 => part_size,
            2 => 1,
            3 => part_size - 1,
            _ => u.int_in_range(1..=part_size)?,
        };
        Ok(Self {
            data_size: (count - 1) * part_size + last,
            part_size: Some(part_size),
        })
    }
}

impl<'a> Arbitrary<'a> for HostilePlanCase {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let part_size = draw::legal_part_size(u)?;
        let case = match u.int_in_range(0..=8_u8)? {
            0 => PlanCase {
                data_size: draw::size(u)?,
                part_size: Some(0),
            },
            1 => PlanCase {
                data_size: draw::size(u)?.max(1),
                part_size: Some(part_size + u.int_in_range(1..=15)?),
            },
            2 => PlanCase {
                data_size: draw::size(u)?.max(1),
                part_size: Some(u.int_in_range(1..=15)?),
            },
            3 => PlanCase {
                data_size: part_size * MAX_PART_COUNT + 1,
                part_size: Some(part_size),
            },
            4 => PlanCase {
                data_size: (part_size * MAX_PART_COUNT)
                    .saturating_add(draw::size(u)?)
                    .saturating_add(1),
                part_size: Some(part_size),
            },
            5 => PlanCase {
                data_size: MAX_MULTIPART_OBJECT
                    .saturating_add(draw::size(u)?)
                    .saturating_add(1),
                part_size: None,
            },
            6 => PlanCase {
                data_size: MAX_MULTIPART_OBJECT + 1 + u.int_in_range(0..=16)?,
                part_size: None,
            },
            7 => {
                let part_size = MAX_PART_SIZE + 16 * u.int_in_range(1..=1_000_000)?;
                PlanCase {
                    data_size: part_size + u.int_in_range(0..=1)?,
                    part_size: Some(part_size),
                }
            }
            _ => PlanCase {
                data_size: 0,
                part_size: u.arbitrary::<bool>()?.then_some(part_size),
            },
        };
        Ok(Self(case))
    }
}

impl<'a> Arbitrary<'a> for PlanPartCase {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let plan = PlanCase::arbitrary(u)?;
        let place = match u.int_in_range(0..=3_u8)? {
            // The last one, in a plan as asked for.
            0 => plan.asked().map_or(0, |plan| plan.count() - 1),
            _ => u.int_in_range(0..=MAX_PART_COUNT - 1)?,
        };
        Ok(Self { plan, place })
    }
}

impl Case for PlanPartCase {
    const BYTES: usize = 56;

    fn classes(&self) -> Classes {
        self.plan.classes()
    }

    fn smaller(&self) -> Vec<Self> {
        let plans = self.plan.smaller().into_iter().map(|plan| Self {
            plan,
            ..self.clone()
        });
        let places = smaller_number(self.place, 0).into_iter().map(|place| Self {
            place,
            ..self.clone()
        });
        plans.chain(places).collect()
    }

    fn check(&self) -> std::result::Result<(), String> {
        self.plan.check()
    }
}

impl Case for PlanCase {
    const BYTES: usize = 48;

    fn classes(&self) -> Classes {
        let near = |boundary: u64| self.data_size.abs_diff(boundary) <= 1 << 16;
        let by_size = Classes::default()
            .with(Class::NearTwoTo31, near(1 << 31))
            .with(Class::NearTwoTo32, near(1 << 32))
            .with(Class::NearTwoTo53, near(1 << 53))
            .with(Class::NearTwoTo63, near(1 << 63) || near(u64::MAX))
            .with(Class::NearObjectLimit, near(MAX_MULTIPART_OBJECT))
            .with(Class::EmptyObject, self.data_size == 0)
            .with(Class::AutomaticPlan, self.part_size.is_none())
            .with(Class::ExplicitPlan, self.part_size.is_some())
            .with(Class::ZeroPartSize, self.part_size == Some(0))
            .with(
                Class::UnalignedPartSize,
                self.part_size.is_some_and(|size| size % 16 != 0),
            );
        let Some(plan) = self.asked() else {
            return by_size;
        };
        by_size.union(of_plan(plan))
    }

    fn smaller(&self) -> Vec<Self> {
        let mut smaller = Vec::new();
        if self.part_size.is_none() {
            // What fails with a part size given as well is simpler to read.
            let given = |count: u64| Self {
                data_size: count * MIN_PART_SIZE,
                part_size: Some(MIN_PART_SIZE),
            };
            smaller.extend([1, 2, 9_999, MAX_PART_COUNT].map(given));
        }
        if let Some(part_size) = self.part_size {
            // Below the floor only where nothing is feasible anyway: many clients refuse it.
            let least = if self.is_feasible() {
                MIN_PART_SIZE
            } else {
                16
            };
            for simpler in [least, 1 << 20] {
                if part_size > simpler {
                    // The same count and a last part as full, in simpler parts.
                    let whole = self.data_size / part_size;
                    let rest = self.data_size % part_size;
                    for rest in [rest.min(simpler - 1), rest.min(1)] {
                        smaller.push(Self {
                            data_size: whole * simpler + rest,
                            part_size: Some(simpler),
                        });
                    }
                }
            }
            let sizes = smaller_number(part_size, MIN_PART_SIZE.min(part_size));
            smaller.extend(sizes.into_iter().map(|size| size & !15).map(|size| Self {
                part_size: Some(size),
                ..*self
            }));
        }
        let sizes = smaller_number(self.data_size, 1);
        smaller.extend(
            sizes
                .into_iter()
                .map(|data_size| Self { data_size, ..*self }),
        );
        smaller.retain(|case| case != self && case.is_feasible() == self.is_feasible());
        smaller
    }

    fn check(&self) -> std::result::Result<(), String> {
        if self.is_feasible() {
            return Ok(());
        }
        Err(format!(
            "{} cannot be planned: such a case belongs to the law plan-refusal",
            shown(self)
        ))
    }
}

impl Case for HostilePlanCase {
    const BYTES: usize = 48;

    fn classes(&self) -> Classes {
        self.0.classes()
    }

    fn smaller(&self) -> Vec<Self> {
        let mut smaller: Vec<_> = self.0.smaller().into_iter().map(Self).collect();
        let part_sizes = self
            .0
            .part_size
            .map(|size| smaller_number(size, 0))
            .unwrap_or_default();
        smaller.extend(part_sizes.into_iter().map(|size| {
            Self(PlanCase {
                part_size: Some(size),
                ..self.0
            })
        }));
        smaller.retain(|case| case != self && case.check().is_ok());
        smaller
    }

    fn check(&self) -> std::result::Result<(), String> {
        if !self.0.is_feasible() {
            return Ok(());
        }
        Err(format!(
            "{} can be planned: such a case belongs to the other plan laws",
            shown(self)
        ))
    }
}

/// The classes of any plan.
pub fn of_plan(plan: Plan) -> Classes {
    let (data, part, count) = (plan.data.bytes(), plan.part.bytes(), plan.count());
    let last = data.checked_rem(part).unwrap_or_default();
    Classes::default()
        .with(Class::CountOne, count == 1)
        .with(Class::CountTwo, count == 2)
        .with(Class::CountMany, count > 2)
        .with(Class::Count9999, count == 9_999)
        .with(Class::Count10000, count == 10_000)
        .with(Class::Count10000Full, count == 10_000 && last == 0)
        .with(Class::Count10001, count == 10_001)
        .with(Class::ExactMultiple, last == 0 && data > 0)
        .with(Class::LastShort, last > 0 && count > 1)
        .with(Class::LastOneByte, last == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_count_shrinks_to_the_smallest_parts() {
        let case = PlanCase {
            data_size: 5 << 33,
            part_size: Some(5 << 30),
        };
        assert_eq!(
            case.smaller()[0],
            PlanCase {
                data_size: 8 * 102_400,
                part_size: Some(102_400)
            }
        );
    }
}
