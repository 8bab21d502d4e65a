//! Seeds: inputs to begin with. For a target whose inputs are documents they are documents, those of the vectors among them; for one whose cases are drawn, a draw
//! for every law and every class of input that it asks for, so that a fuzzer starts at the boundaries.

use std::collections::BTreeMap;

use arbitrary::{Arbitrary, Unstructured};
use partproof_model::Cipher;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::Target;
use super::trial::{Trial, draw};
use crate::builtin;
use crate::case::answer_line::AnswerLineKind;
use crate::case::emulator::{self, JournalKind, ScriptKind};
use crate::case::headers::HeadersCase;
use crate::case::outside::{
    AnswerKind, CAPTURES, CaseFileKind, CheckpointKind, Kind, PartListKind, VectorsKind,
};
use crate::case::{Case, Drawn};
use crate::class::Class;
use crate::law::{Check, Held, Law, WithCheck};
use crate::vectors;

/// How many draws to look for a class in: many times what the rarest takes.
const DRAWS: u32 = 50_000;

/// How many draws are kept at least, whatever classes they meet.
const FEWEST: usize = 4;

/// How many documents of one kind.
const DOCUMENTS: u32 = 24;

impl Target {
    /// Seeds by name, the same every time.
    pub fn seeds(&self) -> BTreeMap<String, Vec<u8>> {
        let mut seeds = BTreeMap::new();
        for (chooser, Trial { law, .. }) in (0..).zip(self.trials) {
            let of_law = match law.check {
                Check::PartListBytes(_) => {
                    [documents(PartListKind::document), vectors::part_lists()].concat()
                }
                Check::AnswerBytes(_) => documents(AnswerKind::document),
                Check::AnyCaseFile(_) => documents(CaseFileKind::document),
                Check::AnyCheckpoint(_) => documents(CheckpointKind::document),
                Check::AnyAnswerLine(_) => documents(AnswerLineKind::document),
                Check::AnyVectors(_) => documents(VectorsKind::document),
                Check::AnyExchange(_) => emulator::exchanges(),
                Check::AnyJournal(_) => documents(JournalKind::document),
                Check::AnyScript(_) => documents(ScriptKind::document),
                Check::AnyHeaders(_) => {
                    let drawn = documents(|u| Ok(HeadersCase::arbitrary(u)?.lines().into_bytes()));
                    let case =
                        |headers| Some(HeadersCase { headers }).filter(|case| case.check().is_ok());
                    let of_vectors = vectors::headers().into_iter().filter_map(case);
                    let of_vectors = of_vectors.map(|case| case.lines().into_bytes());
                    drawn.into_iter().chain(of_vectors).collect()
                }
                Check::AnyCapture(_) => CAPTURES.map(<[u8]>::to_vec).to_vec(),
                _ => {
                    let search = Search {
                        law,
                        about: self.cipher,
                    };
                    law.check
                        .bind(&builtin::subject(), search)
                        .unwrap_or_default()
                }
            };
            for (index, mut bytes) in of_law.into_iter().enumerate() {
                if self.trials.len() > 1 {
                    bytes.insert(0, chooser);
                }
                bytes.truncate(self.longest);
                seeds.insert(format!("{}-{index:03}", law.id), bytes);
            }
        }
        seeds
    }
}

fn documents(document: impl Fn(&mut Unstructured<'_>) -> Drawn<Vec<u8>>) -> Vec<Vec<u8>> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut bytes = [0; 256];
    let mut documents: Vec<_> = (0..DOCUMENTS)
        .filter_map(|_| {
            rng.fill_bytes(&mut bytes);
            document(&mut Unstructured::new(&bytes)).ok()
        })
        .collect();
    documents.sort();
    documents.dedup();
    documents
}

/// A search for one draw that meets each class of a law.
struct Search<'a> {
    law: &'a Law,
    about: Option<Cipher>,
}

impl WithCheck for Search<'_> {
    type Out = Vec<Vec<u8>>;

    fn with<C: Case>(self, _: impl Fn(&C) -> Held + Sync) -> Self::Out {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut missing: Vec<Class> = self.law.classes.to_vec();
        let mut found = Vec::new();
        let mut bytes = vec![0; C::BYTES];
        for _ in 0..DRAWS {
            rng.fill_bytes(&mut bytes);
            let Ok(case) = draw::<C>(&bytes, self.about) else {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzz::{Fuzzer, Input, TARGETS};

    #[test]
    fn every_target_has_seeds_and_the_built_in_client_stands_them() {
        for target in TARGETS {
            let seeds = target.seeds();
            assert!(seeds.len() >= 4, "{}: {} seeds", target.id, seeds.len());
            let fuzzer = Fuzzer::new(target, builtin::subject());
            for (name, bytes) in seeds {
                let judged = fuzzer.judge(&bytes);
                assert_eq!(judged.unwrap(), Input::Judged, "{}: {name}", target.id);
            }
        }
    }
}
