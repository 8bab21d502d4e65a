//! Judging cases: a law's function on a subject that may panic, or break in a process of its own.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Once, mpsc};
use std::thread;

use partproof_model::rules;

use crate::case::AnyCase;
use crate::law::{Consequence, Held, Law, Unheld, violated, without_chance};
use crate::subject::{Break, Instead, Subject};

/// Runs one law once on one case.
///
/// # Errors
/// As the law says; a panic of the subject is a violation.
pub(crate) fn judge(law: &Law, subject: &Subject<'_>, case: &dyn AnyCase) -> Held {
    guarded(|| law.on.judge(subject, case))
}

/// Asks a subject something. If it panics, or breaks, that is what comes of it.
///
/// # Errors
/// As asked.
pub fn guarded(ask: impl FnOnce() -> Held) -> Held {
    quiet_panics();
    JUDGING.set(true);
    let held = catch_unwind(AssertUnwindSafe(ask));
    JUDGING.set(false);
    held.unwrap_or_else(|panic| Err(unwound(panic.as_ref())))
}

/// What it means that a subject did not come back from a law.
fn unwound(panic: &(dyn Any + Send)) -> Unheld {
    match panic.downcast_ref::<Instead>() {
        Some(Instead::NotDeclared) => Unheld::NotDeclared,
        Some(Instead::MachineBusy(reason)) => Unheld::CannotRun(reason.clone()),
        Some(Instead::Broke { how, told }) => violated(
            rules::ANSWERS_ALL,
            how.symptom(),
            consequence(*how),
            "an answer of the protocol",
            // It may tell of ports, times and processes, and a report must not.
            without_chance(told),
        ),
        None => {
            let message = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| panic.downcast_ref::<&str>().copied());
            violated(
                rules::REFUSAL_CLEAN,
                Break::Panicked.symptom(),
                consequence(Break::Panicked),
                "an answer or a refusal",
                format!("a panic: {}", message.unwrap_or("without a message")),
            )
        }
    }
}

/// What it means that a subject broke.
fn consequence(how: Break) -> Consequence {
    match how {
        Break::Panicked => Consequence::ProcessEndangered,
        Break::CannotStart | Break::Nonsense => Consequence::NotJudged,
        Break::Ended | Break::Silent => Consequence::ProcessEnded,
    }
}

thread_local! {
    static JUDGING: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// A subject's panic is reported as a finding, not on stderr once a case; everybody else's goes where it went before.
fn quiet_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !JUDGING.get() {
                before(info);
            }
        }));
    });
}

/// What comes of each item, in their order, so many at a time, until the subject has broken too often or the run is to end: that of the items
/// at the front. Told how many are done. Whoever does it is told which of those at work it is.
pub(super) fn judge_all<T: Sync, R: Send>(
    judge: &(dyn Fn(usize, &T) -> R + Sync),
    items: &[T],
    at_a_time: usize,
    until: &Until<'_, R>,
    mut progress: impl FnMut(usize),
) -> Vec<R> {
    if let [item] = items {
        return vec![judge(0, item)];
    }
    // Few enough that no thread is left alone with a long one, many enough that taking them costs nothing.
    let batch = (items.len() / (8 * at_a_time)).clamp(1, 256);
    let (next, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for worker in 0..at_a_time.min(items.len()) {
            let (sender, next, is_over) = (sender.clone(), &next, &is_over);
            scope.spawn(move || {
                while !is_over.load(Ordering::SeqCst) {
                    let from = next.fetch_add(batch, Ordering::SeqCst);
                    let Some(rest) = items.get(from..).filter(|rest| !rest.is_empty()) else {
                        break;
                    };
                    let mut judged = Vec::new();
                    for item in rest.iter().take(batch) {
                        if (until.stop)() {
                            is_over.store(true, Ordering::SeqCst);
                            break;
                        }
                        judged.push(judge(worker, item));
                    }
                    // The receiver outlives the threads.
                    let _ = sender.send((from, judged));
                }
            });
        }
        drop(sender);
        let (mut judged, mut waiting, mut done, mut breaks) = (Vec::new(), BTreeMap::new(), 0, 0);
        for (from, results) in receiver {
            done += results.len();
            progress(done);
            waiting.insert(from, results);
            // In order, so that the end does not depend on who was the first.
            while let Some(results) = waiting
                .remove(&judged.len())
                .filter(|some| !some.is_empty())
            {
                breaks += results.iter().map(until.weight).sum::<u64>();
                judged.extend(results);
            }
            if breaks >= until.patience {
                is_over.store(true, Ordering::SeqCst);
            }
        }
        judged
    })
}

/// When a round ends before all of its cases are judged.
pub(super) struct Until<'a, R> {
    /// How much may go wrong.
    pub(super) patience: u64,
    /// How much of it one takes.
    pub(super) weight: fn(&R) -> u64,
    /// Whether the run is to end.
    pub(super) stop: &'a (dyn Fn() -> bool + Sync),
}

/// Whether the subject broke, and it may be another's doing. Who was not answered in time is not.
pub(super) fn is_in_doubt(held: &Held) -> bool {
    matches!(held, Err(Unheld::Violated(violation))
        if Break::of(violation.symptom).is_some_and(|how| how != Break::Silent))
}

/// How much of the patience with a subject one takes.
pub(super) fn weight(held: &Held) -> u64 {
    let violation = match held {
        Err(Unheld::Violated(violation)) => violation,
        // It may have been waited for as well.
        Err(Unheld::CannotRun(_)) => return 10,
        _ => return 0,
    };
    match Break::of(violation.symptom) {
        // It was waited for.
        Some(Break::Silent) => 10,
        Some(_) => 1,
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    const CASES: [usize; 100] = {
        let mut cases = [0; 100];
        let mut place = 0;
        while place < cases.len() {
            cases[place] = place;
            place += 1;
        }
        cases
    };

    #[test]
    fn what_comes_of_items_is_in_their_order_on_any_number_of_threads() {
        for threads in [1, 2, 7] {
            let doubled = judge_all(&|_, case| case * 2, &CASES, threads, &PATIENT, |_| ());
            assert_eq!(doubled, CASES.map(|case| case * 2));
        }
    }

    const PATIENT: Until<'_, usize> = Until {
        patience: u64::MAX,
        weight: |_| 0,
        stop: &|| false,
    };

    fn until<'a>(patience: u64, stop: &'a (dyn Fn() -> bool + Sync)) -> Until<'a, Held> {
        Until {
            patience,
            weight,
            stop,
        }
    }

    fn breaks(how: Break) -> Held {
        let rule = rules::ANSWERS_ALL;
        Err(violated(rule, how.symptom(), consequence(how), "", ""))
    }

    #[test]
    fn what_comes_of_cases_is_in_their_order() {
        let law = |_, case: &usize| match case % 7 {
            0 => breaks(Break::Ended),
            _ => Ok(()),
        };
        let mut told = 0;
        let until = until(u64::MAX, &|| false);
        let judged = judge_all(&law, &CASES, 16, &until, |done| told = done);
        let failed: Vec<bool> = judged.iter().map(Result::is_err).collect();
        assert_eq!(failed, CASES.map(|case| case % 7 == 0));
        assert_eq!(told, CASES.len());
    }

    /// The first case waits until all others are judged.
    #[test]
    fn one_that_takes_long_holds_up_no_other() {
        let others = AtomicUsize::new(0);
        let law = |_, case: &usize| {
            let begun = Instant::now();
            while *case == 0 && others.load(Ordering::SeqCst) < 16 - 1 {
                assert!(begun.elapsed() < Duration::from_secs(10), "held up");
                thread::sleep(Duration::from_millis(1));
            }
            others.fetch_add(1, Ordering::SeqCst);
            Ok(())
        };
        let until = until(u64::MAX, &|| false);
        let judged = judge_all(&law, &CASES[..16], 2, &until, |_| ());
        assert!(judged.len() == 16 && judged.iter().all(Result::is_ok));
    }

    /// Three are silent: those before the third are judged, and of those behind it no more than had begun.
    #[test]
    fn patience_ends_the_round() {
        let law = |_, case: &usize| {
            thread::sleep(Duration::from_millis(5));
            match case {
                5..8 => breaks(Break::Silent),
                _ => Ok(()),
            }
        };
        let judged = judge_all(&law, &CASES, 4, &until(30, &|| false), |_| ());
        assert!((8..CASES.len()).contains(&judged.len()), "{}", judged.len());
    }

    #[test]
    fn a_run_that_is_to_end_ends_the_round() {
        let asked = AtomicUsize::new(0);
        let stop = || asked.fetch_add(1, Ordering::SeqCst) >= 10;
        let judged = judge_all(&|_, _: &usize| Ok(()), &CASES, 3, &until(30, &stop), |_| ());
        assert!(judged.len() <= 10, "{}", judged.len());
    }
}
