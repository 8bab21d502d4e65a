//! One law being run, among those that take the same cases.

use std::time::Duration;

use super::tally::Tally;
use crate::law::{Held, Law, Unheld};

/// One law being run.
pub(super) struct Member {
    pub(super) law: &'static Law,
    /// Its place among the laws that were selected.
    pub(super) place: usize,
    pub(super) tally: Tally,
    /// Cases that are still to be drawn.
    pub(super) left: u64,
    /// How many more are drawn at most in place of those that the subject does not declare.
    spare: u64,
    /// How long it has judged.
    pub(super) took: Duration,
}

/// What a subject does not declare is drawn anew, so many times as there are cases.
const MOST_REDRAWN: u64 = 3;

impl Member {
    pub(super) fn new(law: &'static Law, place: usize) -> Self {
        Self {
            law,
            place,
            tally: Tally::default(),
            left: 0,
            spare: 0,
            took: Duration::ZERO,
        }
    }

    /// Before so many cases are drawn.
    pub(super) fn begin(&mut self, cases: u64) {
        self.left = cases;
        self.spare = MOST_REDRAWN * cases;
    }

    /// Asks for another case in place of one that the subject does not declare.
    pub(super) fn redraw(&mut self, held: &Held) {
        if matches!(held, Err(Unheld::NotDeclared)) && self.spare > 0 {
            self.spare -= 1;
            self.left += 1;
        }
    }
}
