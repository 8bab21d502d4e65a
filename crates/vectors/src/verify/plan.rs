//! Planners held to plans, and encryptors to declared sizes.

use partproof_model::limits::MIN_PART_SIZE;
use partproof_model::{Cipher, rules};

use super::{Can, is_valid};
use crate::declared_sizes::DeclaredSizesTest;
use crate::file::Outcome;
use crate::plan::PlanTest;
use partproof_suite::case::plan::{HostilePlanCase, PlanCase};
use partproof_suite::law::Consequence::{DataLost, RefusedNeedlessly, UploadRejected};
use partproof_suite::law::{Held, Unheld, refused_needlessly, violated};
use partproof_suite::laws::encrypt::declares;
use partproof_suite::laws::plan::PLAN_REFUSAL;
use partproof_suite::subject::{Encryptor, PlannedPart, Subject, Upload};

/// The planner's plan is the case's: as many parts, and those that the case shows where it shows them.
pub(super) fn planned(test: &PlanTest, subject: &Subject<'_>, can: &mut Can) -> Held {
    let planner = subject.planner.ok_or(Unheld::NotDeclared)?;
    let case = PlanCase {
        data_size: test.data_size,
        part_size: Some(test.part_size),
    };
    match (
        test.result,
        planner.plan(test.data_size, Some(test.part_size)),
    ) {
        // A part size that cannot be is refused, or mended.
        (Outcome::Invalid, Err(refusal)) => match can.planned {
            true => Ok(()),
            false => Err(Unheld::Refused(refusal)),
        },
        (Outcome::Invalid, Ok(_)) => PLAN_REFUSAL.on.judge(subject, &HostilePlanCase(case)),
        (Outcome::Acceptable, Err(refusal)) => Err(Unheld::Refused(refusal)),
        // Clients have floors of their own.
        (Outcome::Valid, Err(refusal)) if test.part_size < MIN_PART_SIZE => {
            Err(Unheld::Refused(refusal))
        }
        (Outcome::Valid, Err(refusal)) => Err(refused_needlessly(
            rules::PLAN_FEASIBLE,
            format!("a plan of {} parts", test.part_count.unwrap_or_default()),
        )(refusal)),
        (Outcome::Acceptable, Ok(_)) if test.data_size == 0 => {
            PLAN_REFUSAL.on.judge(subject, &HostilePlanCase(case))
        }
        (Outcome::Acceptable | Outcome::Valid, Ok(plan)) => {
            let one = test.part_count == Some(1);
            // An object of one part has no second part to agree with: its part size may be anything legal.
            if plan.part_size != test.part_size && !one {
                return Err(violated(
                    rules::PLAN_KEEPS_PART_SIZE,
                    "another part size",
                    RefusedNeedlessly,
                    format!("part size {}", test.part_size),
                    format!("part size {}", plan.part_size),
                ));
            }
            let parts: Vec<PlannedPart> = plan.parts.take(10_002).collect();
            let count = u64::try_from(parts.len()).unwrap_or(u64::MAX);
            if Some(count) != test.part_count {
                return Err(violated(
                    rules::PLAN_COUNT,
                    "another number of parts",
                    UploadRejected,
                    format!("{} parts", test.part_count.unwrap_or_default()),
                    format!("{count} parts"),
                ));
            }
            for expected in test.parts.iter().flatten() {
                let at = usize::try_from(expected.number.saturating_sub(1)).unwrap_or(usize::MAX);
                let expected = PlannedPart {
                    number: expected.number,
                    offset: expected.offset,
                    length: expected.length,
                };
                if parts.get(at) != Some(&expected) {
                    return Err(violated(
                        rules::PLAN_TILES,
                        "a part lies elsewhere",
                        DataLost,
                        format!("{expected:?}"),
                        format!("{:?}", parts.get(at)),
                    ));
                }
            }
            can.planned = true;
            Ok(())
        }
    }
}

/// The sizes that the encryptor declares are the case's.
pub(super) fn declared(
    cipher: Cipher,
    test: &DeclaredSizesTest,
    subject: &Subject<'_>,
    can: &mut Can,
) -> Held {
    let encryptor: &dyn Encryptor = subject.encryptor.ok_or(Unheld::NotDeclared)?;
    declares(encryptor, cipher)?;
    let upload = Upload {
        cipher,
        key: [0; 32],
        start: [0; 16],
        plaintext_size: test.plaintext_size,
        part_size: test.part_size,
    };
    let declared = match encryptor.declare(&upload) {
        Err(_) if test.result == Outcome::Invalid && can.encrypted => return Ok(()),
        Err(refusal) => return Err(Unheld::Refused(refusal)),
        Ok(declared) => declared,
    };
    let show = |data, part, count| format!("data size {data}, part size {part}, {count} parts");
    let actual = show(declared.data_size, declared.part_size, declared.part_count);
    if test.result == Outcome::Acceptable {
        return Ok(());
    }
    let (Some(data_size), Some(part_count)) = (test.data_size, test.part_count) else {
        return Err(violated(
            rules::DECLARED_SIZES,
            "impossible sizes declared",
            UploadRejected,
            "a refusal",
            actual,
        ));
    };
    let expected = show(data_size, test.part_size, part_count);
    if expected != actual {
        return Err(violated(
            rules::DECLARED_SIZES,
            "other sizes declared",
            UploadRejected,
            expected,
            actual,
        ));
    }
    can.encrypted |= is_valid(test);
    Ok(())
}
