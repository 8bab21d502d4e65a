//! Judging cases: a law's function on a subject that may panic, or break in a process of its own.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
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

/// Judges cases in their order, so many at a time, until the subject has broken too often: those at the front that were judged. Told how
/// many are done.
pub(super) fn judge_all<C: Sync>(
    judge: &(dyn Fn(&C) -> Held + Sync),
    cases: &[C],
    at_a_time: usize,
    patience: u64,
    mut progress: impl FnMut(usize),
) -> Vec<Held> {
    if let [case] = cases {
        return vec![judge(case)];
    }
    let (next, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..at_a_time.min(cases.len()) {
            let (sender, next, is_over) = (sender.clone(), &next, &is_over);
            scope.spawn(move || {
                while !is_over.load(Ordering::SeqCst) {
                    let place = next.fetch_add(1, Ordering::SeqCst);
                    let Some(case) = cases.get(place) else { break };
                    // The receiver outlives the threads.
                    let _ = sender.send((place, judge(case)));
                }
            });
        }
        drop(sender);
        let (mut judged, mut waiting, mut breaks) = (Vec::new(), BTreeMap::new(), 0);
        for (done, (place, held)) in (1..).zip(receiver) {
            progress(done);
            waiting.insert(place, held);
            // In order, so that the end does not depend on who was the first.
            while let Some(held) = waiting.remove(&judged.len()) {
                breaks += weight(&held);
                judged.push(held);
            }
            if breaks >= patience {
                is_over.store(true, Ordering::SeqCst);
            }
        }
        judged
    })
}

/// What comes of each item, in their order, on so many threads.
pub(super) fn in_order<T: Sync, R: Send>(
    threads: usize,
    items: &[T],
    each: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    // Few enough that no thread is left alone with a long one, many enough that taking them costs nothing.
    let batch = (items.len() / (8 * threads)).clamp(1, 256);
    if threads == 1 || items.len() == 1 {
        return items.iter().map(each).collect();
    }
    let next = AtomicUsize::new(0);
    let take = || {
        let mut done = Vec::new();
        loop {
            let from = next.fetch_add(batch, Ordering::Relaxed);
            let Some(rest) = items.get(from..).filter(|rest| !rest.is_empty()) else {
                return done;
            };
            let these = &rest[..batch.min(rest.len())];
            done.push((from, these.iter().map(&each).collect::<Vec<R>>()));
        }
    };
    let mut done = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(take)).collect();
        let mut done = take();
        for other in others {
            match other.join() {
                Ok(theirs) => done.extend(theirs),
                Err(panic) => resume_unwind(panic),
            }
        }
        done
    });
    done.sort_unstable_by_key(|(from, _)| *from);
    done.into_iter().flat_map(|(_, results)| results).collect()
}

/// Whether the subject broke, and it may be another's doing. Who was not answered in time is not.
pub(super) fn is_in_doubt(held: &Held) -> bool {
    matches!(held, Err(Unheld::Violated(violation))
        if Break::of(violation.symptom).is_some_and(|how| how != Break::Silent))
}

/// How much of the patience with a law's cases one takes.
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
            let doubled = in_order(threads, &CASES, |case| case * 2);
            assert_eq!(doubled, CASES.map(|case| case * 2));
        }
    }

    fn breaks(how: Break) -> Held {
        let rule = rules::ANSWERS_ALL;
        Err(violated(rule, how.symptom(), consequence(how), "", ""))
    }

    #[test]
    fn what_comes_of_cases_is_in_their_order() {
        let law = |case: &usize| match case % 7 {
            0 => breaks(Break::Ended),
            _ => Ok(()),
        };
        let mut told = 0;
        let judged = judge_all(&law, &CASES, 16, u64::MAX, |done| told = done);
        let failed: Vec<bool> = judged.iter().map(Result::is_err).collect();
        assert_eq!(failed, CASES.map(|case| case % 7 == 0));
        assert_eq!(told, CASES.len());
    }

    /// The first case waits until all others are judged.
    #[test]
    fn one_that_takes_long_holds_up_no_other() {
        let others = AtomicUsize::new(0);
        let law = |case: &usize| {
            let begun = Instant::now();
            while *case == 0 && others.load(Ordering::SeqCst) < CASES.len() - 1 {
                assert!(begun.elapsed() < Duration::from_secs(10), "held up");
                thread::sleep(Duration::from_millis(1));
            }
            others.fetch_add(1, Ordering::SeqCst);
            Ok(())
        };
        let judged = judge_all(&law, &CASES, 2, u64::MAX, |_| ());
        assert!(judged.len() == CASES.len() && judged.iter().all(Result::is_ok));
    }

    /// Three are silent: those before the third are judged, and of those behind it no more than had begun.
    #[test]
    fn patience_ends_the_round() {
        let law = |case: &usize| {
            thread::sleep(Duration::from_millis(5));
            match case {
                5..8 => breaks(Break::Silent),
                _ => Ok(()),
            }
        };
        let judged = judge_all(&law, &CASES, 4, 30, |_| ());
        assert!((8..CASES.len()).contains(&judged.len()), "{}", judged.len());
    }
}
