//! The threads of one transfer: each takes the next part when it is done with one, and has one buffer that it uses again, so memory is
//! bounded by threads times part size whatever the object's size is.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::error::Error;
use crate::retry;

/// As many threads as processors, and at least four: each waits for the service more than it works.
pub(crate) fn default_concurrency() -> NonZeroUsize {
    const LEAST: NonZeroUsize = NonZeroUsize::MIN.saturating_add(3);
    thread::available_parallelism().map_or(LEAST, |processors| processors.max(LEAST))
}

/// How many threads, and who may stop them.
#[derive(Clone, Copy)]
pub(crate) struct Crew<'c> {
    pub(crate) size: NonZeroUsize,
    pub(crate) cancel: Option<&'c AtomicBool>,
}

impl Crew<'_> {
    /// Works on every part, and returns what that gave, in no order. After a failure no part is begun; the first failure is returned
    /// when those that were are done.
    pub(crate) fn each<T: Send>(
        &self,
        parts: &[u32],
        work: impl Fn(u32, &mut Vec<u8>) -> Result<T, Error> + Sync,
    ) -> Result<Vec<T>, Error> {
        let next = AtomicUsize::new(0);
        let state = Mutex::new((Vec::with_capacity(parts.len()), None));
        let lock = || state.lock().unwrap_or_else(PoisonError::into_inner);
        let take_parts = || {
            let mut buffer = Vec::new();
            while let Some(&number) = parts.get(next.fetch_add(1, Ordering::Relaxed)) {
                let outcome = retry::check(self.cancel).and_then(|()| work(number, &mut buffer));
                let (done, failure) = &mut *lock();
                match outcome {
                    Ok(outcome) => done.push(outcome),
                    Err(error) => {
                        failure.get_or_insert(error);
                        next.store(parts.len(), Ordering::Relaxed);
                    }
                }
            }
        };
        thread::scope(|scope| {
            // This thread works too, so a system that gives no other is slow and not broken.
            for _ in 1..self.size.get().min(parts.len()) {
                let _ = thread::Builder::new().spawn_scoped(scope, take_parts);
            }
            take_parts();
        });
        match state.into_inner().unwrap_or_else(PoisonError::into_inner) {
            (done, None) => Ok(done),
            (_, Some(error)) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crew(size: usize) -> Crew<'static> {
        Crew {
            size: NonZeroUsize::new(size).unwrap(),
            cancel: None,
        }
    }

    #[test]
    fn every_part_is_worked_on_once_by_any_number() {
        for size in [1, 2, 7, 200] {
            let parts: Vec<_> = (1..=100).collect();
            let mut done = crew(size).each(&parts, |number, _| Ok(number)).unwrap();
            done.sort_unstable();
            assert_eq!(done, parts, "{size} threads");
        }
    }

    #[test]
    fn a_failure_stops_the_rest() {
        let begun = AtomicUsize::new(0);
        let parts: Vec<_> = (1..=10_000).collect();
        let outcome = crew(2).each(&parts, |_, _| {
            begun.fetch_add(1, Ordering::Relaxed);
            Err::<(), _>(Error::Wrap)
        });
        assert_eq!(outcome, Err(Error::Wrap));
        assert!(begun.into_inner() <= 3);
    }
}
