//! How far a transfer is, told to the caller part by part.

use std::sync::{Mutex, PoisonError};

/// How far a transfer is. Bytes on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes that are done, never fewer than in the call before. Parts that a resumed upload need not send are done too.
    pub done: u64,
    /// Bytes in all.
    pub total: u64,
}

/// Who is told. The calls come from several threads, one at a time.
pub type OnProgress<'p> = &'p (dyn Fn(Progress) + Sync);

/// Adds up what the threads do.
pub(crate) struct Meter<'p> {
    listener: Option<OnProgress<'p>>,
    done: Mutex<u64>,
    total: u64,
}

impl<'p> Meter<'p> {
    pub(crate) fn new(listener: Option<OnProgress<'p>>, total: u64) -> Self {
        Meter {
            listener,
            done: Mutex::new(0),
            total,
        }
    }

    pub(crate) fn add(&self, bytes: u64) {
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        *done = done.saturating_add(bytes);
        if let Some(tell) = self.listener {
            tell(Progress {
                done: *done,
                total: self.total,
            });
        }
    }
}
