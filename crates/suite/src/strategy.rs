//! Any case as a proptest strategy: drawn from the same bytes and shrunk by the same steps as everywhere else.

use std::fmt::{self, Debug};

use arbitrary::Unstructured;
use proptest::strategy::{NewTree, Strategy, ValueTree};
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use rand_chacha::rand_core::Rng;

use crate::case::{BoxedCase, Case};
use crate::law::Law;

/// A strategy for cases of one kind.
///
/// ```
/// use partproof_suite::case::plan::PlanCase;
/// use partproof_suite::strategy::cases;
/// use proptest::prelude::*;
///
/// proptest!(|(case in cases::<PlanCase>())| prop_assert!(case.data_size > 0));
/// ```
pub fn cases<C: Case>() -> impl Strategy<Value = C> {
    let draw = |bytes: &[u8]| {
        let case = C::arbitrary(&mut Unstructured::new(bytes));
        case.expect("drawing goes on with zeros when bytes run out")
    };
    Cases {
        length: C::BYTES,
        draw,
        smaller: C::smaller,
    }
}

/// A strategy for the cases of a law.
pub fn cases_of(law: &'static Law) -> impl Strategy<Value = BoxedCase> {
    Cases {
        length: law.on.bytes(),
        draw: |bytes: &[u8]| law.on.draw(bytes),
        smaller: |case: &BoxedCase| (**case).smaller(),
    }
}

struct Cases<D, C> {
    length: usize,
    draw: D,
    smaller: fn(&C) -> Vec<C>,
}

impl<D, C> Debug for Cases<D, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cases").finish_non_exhaustive()
    }
}

impl<C: Clone + Debug, D: Fn(&[u8]) -> C> Strategy for Cases<D, C> {
    type Tree = CaseTree<C>;
    type Value = C;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let mut bytes = vec![0; self.length];
        runner.rng().fill_bytes(&mut bytes);
        let case = (self.draw)(&bytes);
        Ok(CaseTree {
            next: (self.smaller)(&case).into_iter(),
            current: case,
            before: None,
            smaller: self.smaller,
        })
    }
}

/// A case and what to try in its place.
#[derive(Debug)]
struct CaseTree<C> {
    current: C,
    /// The last case that failed, to go back to.
    before: Option<C>,
    /// What is left to try instead of it.
    next: std::vec::IntoIter<C>,
    smaller: fn(&C) -> Vec<C>,
}

impl<C: Clone + Debug> ValueTree for CaseTree<C> {
    type Value = C;

    fn current(&self) -> C {
        self.current.clone()
    }

    /// The current case fails: its simpler ones are next.
    fn simplify(&mut self) -> bool {
        if self.before.is_some() {
            self.next = (self.smaller)(&self.current).into_iter();
        }
        self.try_next(self.current.clone())
    }

    /// The current case passes: another simpler one of the last that failed is next, or that one again.
    fn complicate(&mut self) -> bool {
        let Some(before) = self.before.take() else {
            return false;
        };
        self.try_next(before)
    }
}

impl<C: Clone + Debug> CaseTree<C> {
    fn try_next(&mut self, failed: C) -> bool {
        match self.next.next() {
            Some(smaller) => {
                self.current = smaller;
                self.before = Some(failed);
                true
            }
            None => {
                self.current = failed;
                self.before = None;
                false
            }
        }
    }
}

/// A runner whose seed is fixed, for tests that must draw the same cases each time.
pub fn fixed_runner(config: proptest::test_runner::Config) -> TestRunner {
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

#[cfg(test)]
mod tests {
    use proptest::test_runner::{Config, TestError};

    use super::*;
    use crate::case::plan::PlanCase;

    #[test]
    fn a_failing_case_is_shrunk_to_its_smallest() {
        let mut runner = fixed_runner(Config {
            failure_persistence: None,
            max_shrink_iters: 10_000,
            ..Config::default()
        });
        let run = runner.run(&cases::<PlanCase>(), |case| {
            let fails = case.data_size > 1_000_000;
            proptest::prop_assert!(!fails, "too large");
            Ok(())
        });
        let Err(TestError::Fail(_, smallest)) = run else {
            panic!("{run:?}")
        };
        assert_eq!(smallest.data_size, 1_000_001);
    }
}
