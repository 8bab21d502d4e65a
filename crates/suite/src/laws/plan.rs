//! Laws of planners. The planner's own part size is what counts: one that enlarges parts to stay within 10,000 is right.

use partproof_evidence::{Cause, Evidence, shape};
use partproof_model::limits::{MAX_PART_COUNT, MIN_PART_SIZE};
use partproof_model::{DataSize, PartNumber, PartSize, Plan, Rule, rules};

use crate::case::plan::{HostilePlanCase, PlanCase, PlanPartCase};
use crate::class::Class as C;
use crate::law::Consequence::{DataLost, ProcessEndangered, RefusedNeedlessly, UploadRejected};
use crate::law::{Held, Law, On, Unheld, violated};
use crate::subject::{PlannedPart, PlannedUpload, Planner};

/// One more than any legal plan has: enough to see that there are too many, whatever the iterator yields.
const ENOUGH: usize = 10_002;

/// A plan has ceil(data size / part size) parts.
pub static PLAN_COUNT: Law = Law {
    id: "plan-count",
    sentence: "A plan has ceil(data size / part size) parts.",
    rules: &[rules::PLAN_COUNT],
    classes: &[
        C::CountOne,
        C::CountTwo,
        C::CountMany,
        C::Count9999,
        C::Count10000,
        C::ExactMultiple,
        C::LastShort,
        C::LastOneByte,
        C::AutomaticPlan,
        C::ExplicitPlan,
    ],
    quick_cases: 1_000,
    on: &On::<dyn Planner, PlanCase>(count),
};

/// The plan of a case. A planner that chooses no part size is not asked to.
fn planned<'p>(planner: &'p dyn Planner, case: &PlanCase) -> Result<PlannedUpload<'p>, Unheld> {
    match case.part_size.is_some() || planner.chooses() {
        true => planner
            .plan(case.data_size, case.part_size)
            .map_err(Unheld::Refused),
        false => Err(Unheld::NotDeclared),
    }
}

fn count(planner: &dyn Planner, case: &PlanCase) -> Held {
    let plan = planned(planner, case)?;
    let model = model(case, &plan)?;
    let expected = model.count();
    if is_above_the_limit(model) || has_exactly(expected, plan.parts) {
        return Ok(());
    }
    // Counted only where it is wrong: a planner may find its last part without making those before it.
    let again = planned(planner, case)?;
    let planned = listed(again.parts);
    let actual = u64::try_from(planned.len()).unwrap_or(u64::MAX);
    let symptom = match actual > expected {
        true => "too many parts",
        false => "too few parts",
    };
    let expected = format!(
        "{} = ceil({} / {})",
        parts(expected),
        case.data_size,
        plan.part_size
    );
    Err(violated(
        rules::PLAN_COUNT,
        symptom,
        UploadRejected,
        expected,
        parts(actual),
    )
    .on(shape::of_plan(model, &planned)))
}

/// Whether the part size makes more parts than there can be. How many are planned then, and where, is not what is wrong: `plan-legal` tells.
fn is_above_the_limit(model: Plan) -> bool {
    model.count() > MAX_PART_COUNT
}

/// What the whole plan is wrong in.
fn shape(planner: &dyn Planner, case: &PlanCase) -> Evidence {
    let Ok(plan) = planner.plan(case.data_size, case.part_size) else {
        return Evidence::default();
    };
    let Ok(model) = model(case, &plan) else {
        return Evidence::default();
    };
    shape::of_plan(model, &listed(plan.parts))
}

fn show(part: PlannedPart) -> String {
    let PlannedPart {
        number,
        offset,
        length,
    } = part;
    format!("part {number}: {length} bytes from {offset}")
}

/// Whether there are this many parts, and none more.
fn has_exactly(count: u64, mut parts: impl Iterator<Item = PlannedPart>) -> bool {
    let before_the_last = count.checked_sub(1).map(usize::try_from);
    let last = match before_the_last {
        None => return parts.next().is_none(),
        Some(Ok(skipped)) if skipped < ENOUGH => parts.nth(skipped),
        Some(_) => None,
    };
    last.is_some() && parts.next().is_none()
}

/// The parts that a planner yields, as far as it matters.
fn listed(parts: impl Iterator<Item = PlannedPart>) -> Vec<shape::Planned> {
    let parts = parts.take(ENOUGH).map(|part| shape::Planned {
        number: part.number,
        offset: part.offset,
        length: part.length,
    });
    parts.collect()
}

fn parts(count: u64) -> String {
    match count {
        1 => "1 part".to_owned(),
        10_002.. => "more than 10,001 parts".to_owned(),
        count => format!("{count} parts"),
    }
}

/// The parts of a plan are numbered from 1 and tile the object: no gap, no overlap, no empty part.
pub static PLAN_TILES: Law = Law {
    id: "plan-tiles",
    sentence: "The parts of a plan are numbered from 1 and tile the object: no gap, no overlap, no empty part.",
    rules: &[rules::PLAN_TILES],
    classes: &[
        C::CountOne,
        C::CountTwo,
        C::CountMany,
        C::Count10000,
        C::ExactMultiple,
        C::LastShort,
        C::NearTwoTo31,
        C::NearTwoTo32,
    ],
    quick_cases: 1_000,
    on: &On::<dyn Planner, PlanCase>(tiles),
};

/// The parts of a plan are numbered from 1 and tile the object.
fn tiles(planner: &dyn Planner, case: &PlanCase) -> Held {
    let plan = planned(planner, case)?;
    let model = model(case, &plan)?;
    if is_above_the_limit(model) {
        return Ok(());
    }
    let mut end = 0;
    for (number, part) in (1..=MAX_PART_COUNT).zip(plan.parts) {
        let slice = PartNumber::new(number).and_then(|number| model.slice(number));
        let expected = slice.map(|slice| PlannedPart {
            number,
            offset: slice.offset.bytes(),
            length: slice.length,
        });
        if expected != Some(part) {
            let expected = expected.map_or_else(|| format!("no part {number}"), show);
            let symptom = match slice {
                None => "a part past the end",
                Some(_) if part.number != number => "a part has another number",
                Some(slice) if part.length != slice.length => "a part has another length",
                Some(_) => "a part begins elsewhere",
            };
            return Err(
                violated(rules::PLAN_TILES, symptom, DataLost, expected, show(part))
                    .on(shape(planner, case)),
            );
        }
        end = part.offset.saturating_add(part.length);
    }
    if end == case.data_size {
        return Ok(());
    }
    let (expected, actual) = (
        format!("parts up to byte {}", case.data_size),
        format!("parts up to byte {end}"),
    );
    Err(violated(
        rules::PLAN_TILES,
        "the end is not covered",
        DataLost,
        expected,
        actual,
    )
    .on(shape(planner, case)))
}

/// Any part of a plan, taken by itself, has its number, begins at (number - 1) * part size and has its length.
pub static PLAN_PART: Law = Law {
    id: "plan-part",
    sentence: "Any part of a plan, taken by itself, has its number, begins at (number - 1) * part size and has its length.",
    rules: &[rules::PLAN_TILES],
    classes: &[
        C::CountOne,
        C::CountTwo,
        C::CountMany,
        C::Count9999,
        C::Count10000,
        C::LastShort,
        C::AutomaticPlan,
        C::NearTwoTo32,
    ],
    quick_cases: 1_000,
    on: &On::<dyn Planner, PlanPartCase>(part),
};

/// Any part of a plan, taken by itself, lies where the model puts it.
fn part(planner: &dyn Planner, case: &PlanPartCase) -> Held {
    let PlanPartCase { plan: case, place } = case;
    let mut plan = planned(planner, case)?;
    let model = model(case, &plan)?;
    let place = place.checked_rem(model.count()).unwrap_or_default();
    let slice = PartNumber::new(place + 1).and_then(|number| model.slice(number));
    let expected = slice.map(|slice| PlannedPart {
        number: place + 1,
        offset: slice.offset.bytes(),
        length: slice.length,
    });
    let actual = usize::try_from(place)
        .ok()
        .and_then(|place| plan.parts.nth(place));
    if actual == expected {
        return Ok(());
    }
    Err(violated(
        rules::PLAN_TILES,
        "a part taken by itself lies elsewhere",
        DataLost,
        expected.map_or_else(|| "no part".to_owned(), show),
        actual.map_or_else(|| "no part".to_owned(), show),
    )
    .on(shape(planner, case)))
}

/// A plan keeps every limit of the service: at most 10,000 parts, each but the last a multiple of 16 bytes, from 100 KiB to 5 GiB.
pub static PLAN_LEGAL: Law = Law {
    id: "plan-legal",
    sentence: "A plan keeps every limit of the service: at most 10,000 parts, each but the last a multiple of 16 bytes, from 100 KiB to 5 GiB.",
    rules: &[
        rules::COUNT_LIMIT,
        rules::PART_SIZE_ALIGNED,
        rules::PART_TOO_LARGE,
        rules::PART_TOO_SMALL,
    ],
    classes: &[
        C::CountOne,
        C::Count9999,
        C::Count10000,
        C::AutomaticPlan,
        C::ExplicitPlan,
        C::NearObjectLimit,
    ],
    quick_cases: 2_200,
    on: &On::<dyn Planner, PlanCase>(legal),
};

/// A plan keeps every limit of the service.
fn legal(planner: &dyn Planner, case: &PlanCase) -> Held {
    let plan = planned(planner, case)?;
    limits(case, &plan)
}

/// Every object the service can hold can be planned, with a part size given or not.
pub static PLAN_FEASIBLE: Law = Law {
    id: "plan-feasible",
    sentence: "Every object the service can hold can be planned, with a part size given or not.",
    rules: &[rules::PLAN_FEASIBLE],
    classes: &[
        C::Count9999,
        C::Count10000,
        C::AutomaticPlan,
        C::ExplicitPlan,
        C::NearObjectLimit,
        C::NearTwoTo31,
        C::NearTwoTo32,
    ],
    quick_cases: 2_000,
    on: &On::<dyn Planner, PlanCase>(feasible),
};

/// Every object the service can hold can be planned.
fn feasible(planner: &dyn Planner, case: &PlanCase) -> Held {
    // Clients have floors of their own for part sizes, and some put an object of one part instead.
    match planned(planner, case) {
        Err(Unheld::Refused(refusal))
            if case.part_size.is_none_or(|size| size >= MIN_PART_SIZE) =>
        {
            let expected = match case.asked() {
                Some(plan) => format!("a plan of {} parts", plan.count()),
                None => "a plan with a part size of the planner's choice".to_owned(),
            };
            let actual = format!("refused: {}", refusal.0);
            Err(violated(
                rules::PLAN_FEASIBLE,
                "what is right is refused",
                RefusedNeedlessly,
                expected,
                actual,
            ))
        }
        planned => planned.map(drop),
    }
}

/// A part size that the service accepts is planned as it was given.
pub static PLAN_KEEPS_PART_SIZE: Law = Law {
    id: "plan-keeps-part-size",
    sentence: "A part size that the service accepts is planned as it was given.",
    rules: &[rules::PLAN_KEEPS_PART_SIZE],
    classes: &[C::CountMany, C::Count9999, C::Count10000],
    quick_cases: 1_000,
    on: &On::<dyn Planner, PlanCase>(keeps_part_size),
};

fn keeps_part_size(planner: &dyn Planner, case: &PlanCase) -> Held {
    // Only a part size that was given can be kept.
    let asked = case.asked().ok_or(Unheld::NotDeclared)?;
    let plan = planned(planner, case)?;
    // An object of one part has no second part to agree with: its part size may be anything legal.
    if asked.count() == 1 || plan.part_size == asked.part.bytes() {
        return Ok(());
    }
    let (expected, actual) = (
        format!("part size {}", asked.part),
        format!("part size {}", plan.part_size),
    );
    Err(violated(
        rules::PLAN_KEEPS_PART_SIZE,
        "another part size",
        RefusedNeedlessly,
        expected,
        actual,
    ))
}

/// A request that cannot be planned is refused or mended, never planned as asked, and never a crash.
pub static PLAN_REFUSAL: Law = Law {
    id: "plan-refusal",
    sentence: "A request that cannot be planned is refused or mended, never planned as asked, and never a crash.",
    rules: &[
        rules::COUNT_LIMIT,
        rules::PART_SIZE_ALIGNED,
        rules::PART_TOO_LARGE,
        rules::PART_TOO_SMALL,
        rules::PLAN_COUNT,
        rules::REFUSAL_CLEAN,
    ],
    classes: &[
        C::ZeroPartSize,
        C::UnalignedPartSize,
        C::Count10001,
        C::EmptyObject,
        C::NearObjectLimit,
        C::NearTwoTo53,
        C::NearTwoTo63,
    ],
    quick_cases: 1_000,
    on: &On::<dyn Planner, HostilePlanCase>(refusal),
};

/// A request that cannot be planned is refused or mended.
fn refusal(planner: &dyn Planner, case: &HostilePlanCase) -> Held {
    let HostilePlanCase(case) = case;
    let plan = match planned(planner, case) {
        Err(Unheld::Refused(_)) => return Ok(()),
        planned => planned?,
    };
    if case.data_size > 0 {
        limits(case, &plan)?;
        let expected = model(case, &plan)?.count();
        return match has_exactly(expected, plan.parts) {
            true => Ok(()),
            false => Err(violated(
                rules::PLAN_COUNT,
                "an impossible request is planned wrongly",
                UploadRejected,
                format!(
                    "a refusal, or {} of {} bytes",
                    parts(expected),
                    plan.part_size
                ),
                "another number of parts",
            )),
        };
    }
    // What the service says to an object of no bytes is open: no part and one empty part are both sensible plans.
    let planned: Vec<_> = plan.parts.take(2).collect();
    match planned.as_slice() {
        []
        | [
            PlannedPart {
                number: 1,
                offset: 0,
                length: 0,
            },
        ] => Ok(()),
        several => Err(violated(
            rules::PLAN_COUNT,
            "an empty object has parts",
            UploadRejected,
            "a refusal, no part, or one empty part",
            several
                .iter()
                .copied()
                .map(show)
                .collect::<Vec<_>>()
                .join("; "),
        )),
    }
}

/// The model's plan with the planner's part size.
fn model(case: &PlanCase, plan: &PlannedUpload<'_>) -> Result<Plan, Unheld> {
    let part = PartSize::new(plan.part_size).ok_or_else(|| {
        violated(
            rules::REFUSAL_CLEAN,
            "planned with part size zero",
            ProcessEndangered,
            "a part size above zero",
            "part size 0",
        )
    })?;
    Ok(Plan {
        data: DataSize::new(case.data_size),
        part,
    })
}

fn limits(case: &PlanCase, plan: &PlannedUpload<'_>) -> Held {
    let model = model(case, plan)?;
    // The floor is checked only at Complete, and shipped clients let the caller go below it.
    let callers_own = case.part_size == Some(plan.part_size);
    let broken = model
        .objections()
        .into_iter()
        .find(|objection| !(callers_own && objection.rule == rules::PART_TOO_SMALL));
    let Some(objection) = broken else {
        return Ok(());
    };
    let consequence = if objection.rule == rules::PART_SIZE_ALIGNED {
        DataLost
    } else {
        UploadRejected
    };
    let rule: &'static Rule = objection.rule;
    let broken = violated(
        rule,
        "planned against this rule",
        consequence,
        rule.sentence,
        objection.detail,
    );
    Err(match rule == rules::COUNT_LIMIT {
        true => broken.on(Cause::CountAboveLimit),
        false => broken,
    })
}
