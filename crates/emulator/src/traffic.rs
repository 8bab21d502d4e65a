//! What goes over the wire, counted: how clients use their connections shows in no request by itself.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counters of a running emulator.
#[derive(Debug, Default)]
pub(crate) struct Counting {
    connections: AtomicU64,
    bytes: AtomicU64,
    parts: AtomicU64,
    most_parts: AtomicU64,
}

/// What went over the wire in some time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Connections that were accepted.
    pub connections: u64,
    /// Bytes that arrived and that were sent, heads and all.
    pub bytes: u64,
    /// The most parts that were under way at once: their head had arrived, and their answer was not made yet.
    pub most_parts: u64,
}

/// A part that is under way, until this is dropped.
#[derive(Debug)]
pub(crate) struct PartUnderWay<'c>(&'c Counting);

impl Counting {
    pub(crate) fn connection(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn bytes(&self, count: usize) {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        self.bytes.fetch_add(count, Ordering::Relaxed);
    }

    /// What was counted beforehand, and did not happen.
    pub(crate) fn take_back(&self, count: usize) {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        self.bytes.fetch_sub(count, Ordering::Relaxed);
    }

    pub(crate) fn part(&self) -> PartUnderWay<'_> {
        let before = self.parts.fetch_add(1, Ordering::Relaxed);
        self.most_parts
            .fetch_max(before.saturating_add(1), Ordering::Relaxed);
        PartUnderWay(self)
    }

    /// What was counted since this was last asked. It begins anew.
    pub(crate) fn take(&self) -> Traffic {
        Traffic {
            connections: self.connections.swap(0, Ordering::Relaxed),
            bytes: self.bytes.swap(0, Ordering::Relaxed),
            most_parts: {
                let under_way = self.parts.load(Ordering::Relaxed);
                self.most_parts.swap(under_way, Ordering::Relaxed)
            },
        }
    }
}

impl Drop for PartUnderWay<'_> {
    fn drop(&mut self) {
        self.0.parts.fetch_sub(1, Ordering::Relaxed);
    }
}
