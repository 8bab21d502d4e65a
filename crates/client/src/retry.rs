//! When a request is sent again. The growth of the pauses is fixed, so that a run repeats; a fleet of clients would add jitter.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::error::Error;

/// How often a request is sent, and the pauses between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Attempts in all; 0 counts as 1.
    pub attempts: u32,
    /// The pause after the first, doubled after each other.
    pub first_pause: Duration,
    /// The longest pause.
    pub longest_pause: Duration,
}

impl Default for Retry {
    /// Four attempts, with pauses of 0.2, 0.4 and 0.8 seconds.
    fn default() -> Self {
        Retry {
            attempts: 4,
            first_pause: Duration::from_millis(200),
            longest_pause: Duration::from_secs(5),
        }
    }
}

impl Retry {
    /// Repeats what failed for a reason that may pass, see [`Error::is_retryable`].
    pub(crate) fn run<T>(
        &self,
        cancel: Option<&AtomicBool>,
        mut attempt: impl FnMut() -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut pause = self.first_pause;
        for _ in 1..self.attempts {
            match attempt() {
                Err(error) if error.is_retryable() => {}
                outcome => return outcome,
            }
            thread::sleep(pause.min(self.longest_pause));
            check(cancel)?;
            pause = pause.saturating_mul(2);
        }
        attempt()
    }
}

/// Refuses to go on when the caller has cancelled.
pub(crate) fn check(cancel: Option<&AtomicBool>) -> Result<(), Error> {
    match cancel {
        Some(cancel) if cancel.load(Ordering::Relaxed) => Err(Error::Cancelled),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUICK: Retry = Retry {
        attempts: 3,
        first_pause: Duration::ZERO,
        longest_pause: Duration::ZERO,
    };

    #[test]
    fn only_what_may_pass_is_repeated() {
        let lost = Error::Transport {
            operation: "PutObject",
            reason: "cut".to_owned(),
        };
        for (error, attempts) in [(lost, 3), (Error::Wrap, 1)] {
            let mut count = 0;
            let outcome: Result<(), _> = QUICK.run(None, || {
                count += 1;
                Err(error.clone())
            });
            assert_eq!((outcome, count), (Err(error), attempts));
        }
    }

    #[test]
    fn a_cancelled_request_is_not_repeated() {
        let cancel = AtomicBool::new(false);
        let outcome: Result<(), _> = QUICK.run(Some(&cancel), || {
            assert!(!cancel.swap(true, Ordering::Relaxed));
            Err(Error::Transport {
                operation: "PutObject",
                reason: "cut".to_owned(),
            })
        });
        assert_eq!(outcome, Err(Error::Cancelled));
    }
}
