//! From the first case that fails to a finding: the smallest case that still fails, found in so many steps and so much time, and whether the line
//! that replays it shows it again.

use std::time::{Duration, Instant};

use partproof_evidence::Cause;

use super::Workers;
use super::judge::{Until, is_in_doubt, judge, judge_all, weight};
use crate::case::BoxedCase;
use crate::finding::Finding;
use crate::law::{Law, Unheld, Violation};
use crate::replay::{Replayed, Token};
use crate::subject::{Break, Subject};

/// How long the smallest case of a finding is looked for.
pub(super) const MOST_TIME: Duration = Duration::from_secs(10);

/// What shrinking takes at most.
#[derive(Clone, Copy)]
pub(super) struct Most {
    /// Cases that are tried.
    pub(super) steps: u32,
    /// The time after which no further one is begun.
    pub(super) time: Duration,
}

/// The finding of a violation, by the simplest case found that still violates the same rule with the same symptom.
pub(super) fn shrunk(
    law: &'static Law,
    workers: &Workers<'_>,
    case: BoxedCase,
    violation: Violation,
    most: Most,
    stop: &(dyn Fn() -> bool + Sync),
) -> (Finding, Option<Cause>) {
    let (case, violation, cut_short) = smallest(law, workers, case, violation, most, stop);
    let subject = workers.first();
    let mut finding = Finding::new(law, &violation, &*case, subject.program);
    finding.cut_short = cut_short;
    let not_again = not_again(law, subject, &finding);
    // What comes of a subject that is ended meanwhile says nothing of it.
    finding.not_again = not_again.filter(|_| !stop());
    (finding, violation.evidence.cause)
}

/// The simplest case, its violation, and whether there was no time for a simpler one.
fn smallest(
    law: &Law,
    workers: &Workers<'_>,
    case: BoxedCase,
    violation: Violation,
    most: Most,
    stop: &(dyn Fn() -> bool + Sync),
) -> (BoxedCase, Violation, bool) {
    let begun = Instant::now();
    let judge_case = |worker: usize, case: &BoxedCase| judge(law, workers.at(worker), &**case);
    // A subject in this process answers at once, and the first candidate that fails will do.
    let at_a_time = match workers.first().program {
        Some(_) => workers.count(),
        None => 1,
    };
    let until = Until {
        patience: u64::MAX,
        weight,
        stop,
    };
    let id = Finding::id(&violation);
    let hardening = law.is_hardening(case.classes());
    let steps = match Break::of(violation.symptom) {
        // Each takes as long as the subject is waited for.
        Some(Break::Silent) => most.steps.min(4),
        _ => most.steps,
    };
    let mut steps = usize::try_from(steps).unwrap_or(usize::MAX);
    let mut cause = violation.evidence.cause;
    let (mut smallest, mut its_violation) = (case, violation);
    'simpler: loop {
        for candidates in smallest.smaller().chunks(at_a_time) {
            if begun.elapsed() >= most.time || stop() {
                return (smallest, its_violation, true);
            }
            let candidates = candidates.get(..steps).unwrap_or(candidates);
            steps -= candidates.len();
            // The first of them, so that the end does not depend on how many are judged at a time.
            let still = judge_all(&judge_case, candidates, at_a_time, &until, |_| ())
                .into_iter()
                .zip(candidates)
                .find_map(|(held, candidate)| {
                    let held = match candidates.len() > 1 && is_in_doubt(&held) {
                        // Only alone it is told who broke the subject.
                        true => judge_case(0, candidate),
                        false => held,
                    };
                    match held {
                        Err(Unheld::Violated(violation))
                            if Finding::id(&violation) == id
                                && (cause.is_none() || violation.evidence.cause == cause)
                                && law.is_hardening(candidate.classes()) == hardening =>
                        {
                            Some((candidate.clone(), *violation))
                        }
                        _ => None,
                    }
                });
            if let Some(still) = still {
                (smallest, its_violation) = still;
                // What proves a cause is not made smaller than it takes to prove it.
                cause = its_violation.evidence.cause;
                continue 'simpler;
            }
            if steps == 0 {
                break 'simpler;
            }
        }
        break;
    }
    (smallest, its_violation, false)
}

/// Replays a finding as its line will, on a program that was started anew: what came of it, unless it is the same finding.
fn not_again(law: &'static Law, subject: &Subject<'_>, finding: &Finding) -> Option<String> {
    if let Some(program) = subject.program {
        program.end();
    }
    let case = finding.case.clone();
    const WHY: &str = "it depends on chance or on what came before";
    match (Token { law, case }).replay(subject) {
        Replayed::StillFailing(again) if again.id == finding.id => None,
        Replayed::StillFailing(again) => {
            Some(format!("showed {} when the run tried it: {WHY}", again.id))
        }
        Replayed::Fixed => Some(format!("did not show again when the run tried it: {WHY}")),
        Replayed::CannotRun(reason) => {
            Some(format!("could not be run when the run tried it: {reason}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::thread;

    use partproof_model::rules;

    use super::*;
    use crate::case::Case;
    use crate::case::plan::PlanCase;
    use crate::law::{Consequence, Held, On, violated};
    use crate::subject::{PlannedUpload, Planner, Refusal};

    /// Takes its time, and refuses objects of 100 bytes and more.
    struct Slow {
        takes: Duration,
        asked: AtomicU32,
    }

    impl Planner for Slow {
        fn plan(&self, data_size: u64, _: Option<u64>) -> Result<PlannedUpload<'_>, Refusal> {
            self.asked.fetch_add(1, Ordering::SeqCst);
            thread::sleep(self.takes);
            match data_size {
                100.. => Err(Refusal("too large".to_owned())),
                _ => Ok(PlannedUpload {
                    part_size: 16,
                    parts: Box::new(std::iter::empty()),
                }),
            }
        }
    }

    fn never_refused(planner: &dyn Planner, case: &PlanCase) -> Held {
        let refused = |refusal: Refusal| {
            let consequence = Consequence::RefusedNeedlessly;
            let rule = rules::PLAN_FEASIBLE;
            violated(rule, "refused", consequence, "a plan", refusal.0)
        };
        let planned = planner.plan(case.data_size, case.part_size);
        planned.map(drop).map_err(refused)
    }

    static LAW: Law = Law {
        id: "never-refused",
        sentence: "Nothing is refused.",
        rules: &[rules::PLAN_FEASIBLE],
        classes: &[],
        quick_cases: 1,
        on: &On::<dyn Planner, PlanCase>(never_refused),
    };

    /// The finding, and how often the subject was asked for it.
    fn found(takes: Duration, time: Duration) -> (Finding, u32) {
        let asked = AtomicU32::new(0);
        let slow = Slow { takes, asked };
        let subject = Subject {
            planner: Some(&slow),
            ..Subject::new("slow")
        };
        let case = PlanCase {
            data_size: 1 << 40,
            part_size: None,
        };
        let Err(Unheld::Violated(violation)) = never_refused(&slow, &case) else {
            unreachable!("it is refused");
        };
        let steps = PlanCase::MOST_STEPS;
        let (finding, _) = shrunk(
            &LAW,
            &Workers::of(&subject, 1),
            Box::new(case),
            *violation,
            Most { steps, time },
            &|| false,
        );
        (finding, slow.asked.into_inner())
    }

    #[test]
    fn shrinking_ends_in_time_and_says_that_it_was_cut_short() {
        let takes = Duration::from_millis(20);
        let (finding, asked) = found(takes, 3 * takes);
        assert!(finding.cut_short && finding.to_string().contains(crate::CUT_SHORT));
        // Three within the time, the case itself, and the replay: a further one is begun by no machine.
        assert!(asked <= 5, "{asked}");
        assert_eq!(finding.not_again, None);

        let (finding, _) = found(Duration::ZERO, Duration::from_secs(60));
        assert!(!finding.cut_short && !finding.to_string().contains(crate::CUT_SHORT));
        assert_eq!(finding.case["data_size"], 100);
    }
}
