//! What is drawn for a law: its cases, others in place of those that the subject does not declare, and more for classes of input that no
//! case has met.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::tally::Tally;
use crate::law::{Held, Law, Unheld};
use crate::subject::Subject;

/// What is drawn for a law.
pub(super) struct Drawing {
    rng: ChaCha8Rng,
    /// Cases that are still to be drawn.
    pub(super) left: u64,
    /// How many more are drawn at most in place of those that the subject does not declare.
    spare: u64,
    /// How many more times a case is looked for of each class that no case has met.
    more: u32,
}

/// What a subject does not declare is drawn anew, so many times as there are cases.
const MOST_REDRAWN: u64 = 3;

/// How many more cases are judged of a class that no case has met: the subject may refuse one, and not another.
const MOST_FOR_A_CLASS: u32 = 12;

impl Drawing {
    /// Of so many cases.
    pub(super) fn new(seed: u64, law: &Law, cases: u64) -> Self {
        Self {
            rng: rng(seed, law),
            left: cases,
            spare: MOST_REDRAWN * cases,
            more: MOST_FOR_A_CLASS,
        }
    }

    /// The bytes of the next cases, at most so many; none once all were drawn, and every class of input was met that can be.
    pub(super) fn draw(
        &mut self,
        law: &Law,
        subject: &Subject<'_>,
        tally: &Tally,
        most: u64,
    ) -> Vec<Vec<u8>> {
        let mut next = || {
            let mut bytes = vec![0; law.on.bytes()];
            self.rng.fill_bytes(&mut bytes);
            bytes
        };
        let count = most.min(self.left);
        if count > 0 {
            self.left -= count;
            return (0..count).map(|_| next()).collect();
        }
        let missed = tally.missed(law, subject);
        if missed.is_empty() || self.more == 0 || tally.held + tally.violated + tally.hardening == 0
        {
            return Vec::new();
        }
        self.more -= 1;
        // Some classes are one draw in thousands, and drawing is cheap.
        let mut drawn = Vec::new();
        for class in missed {
            let meets = |bytes: &Vec<u8>| law.on.draw(bytes).classes().contains(class);
            drawn.extend((0..10_000).map(|_| next()).find(meets));
        }
        drawn
    }

    /// Another case in place of one that the subject does not declare.
    pub(super) fn redraw(&mut self, held: &Held) {
        if matches!(held, Err(Unheld::NotDeclared)) && self.spare > 0 {
            self.spare -= 1;
            self.left += 1;
        }
    }
}

/// A generator of its own for each law, so that one law's cases do not depend on which others run.
fn rng(seed: u64, law: &Law) -> ChaCha8Rng {
    let mut whole = [0; 32];
    whole[..8].copy_from_slice(&seed.to_le_bytes());
    for (index, byte) in law.id.bytes().enumerate() {
        whole[8 + index % 24] = whole[8 + index % 24].rotate_left(3) ^ byte;
    }
    ChaCha8Rng::from_seed(whole)
}
