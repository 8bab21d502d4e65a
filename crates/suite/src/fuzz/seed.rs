//! Seeds: inputs to begin with. For a target whose inputs are documents they are documents; for one whose cases are drawn, a draw
//! for every law and every class of input that it asks for, so that a fuzzer starts at the boundaries.

use std::collections::BTreeMap;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::Target;
use crate::class::Class;
use crate::law::Law;

/// How many draws to look for a class in: many times what the rarest takes.
const DRAWS: u32 = 50_000;

/// How many draws are kept at least, whatever classes they meet.
const FEWEST: usize = 4;

impl Target {
    /// Seeds by name, the same every time, and those that the caller has besides.
    pub fn seeds(&self, more: Vec<Vec<u8>>) -> BTreeMap<String, Vec<u8>> {
        let mut seeds = BTreeMap::new();
        for (chooser, law) in (0..).zip(self.laws) {
            let mut of_law = law.on.documents().unwrap_or_else(|| self.draws(law));
            of_law.extend(more.iter().cloned());
            for (index, mut bytes) in of_law.into_iter().enumerate() {
                if self.laws.len() > 1 {
                    bytes.insert(0, chooser);
                }
                bytes.truncate(self.longest);
                seeds.insert(format!("{}-{index:03}", law.id), bytes);
            }
        }
        seeds
    }

    /// For each class of a law a draw that meets it.
    fn draws(&self, law: &Law) -> Vec<Vec<u8>> {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut missing: Vec<Class> = law.classes.to_vec();
        let mut found = Vec::new();
        let mut bytes = vec![0; law.on.bytes()];
        for _ in 0..DRAWS {
            rng.fill_bytes(&mut bytes);
            let Ok(case) = law.on.draw_fuzz(&bytes, self.cipher) else {
                continue;
            };
            let classes = case.classes();
            let before = missing.len();
            missing.retain(|class| !classes.contains(*class));
            if missing.len() < before || found.len() < FEWEST {
                found.push(bytes.clone());
            }
            if missing.is_empty() && found.len() >= FEWEST {
                break;
            }
        }
        found
    }
}
