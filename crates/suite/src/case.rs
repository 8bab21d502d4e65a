//! A case is one input of a law: a value that is drawn, prints, serialises, shrinks and replays.
//!
//! Each is drawn from bytes through `arbitrary`, once for all uses: the runner feeds it random bytes, proptest too (see
//! `strategy`, behind feature `proptest`), and a fuzzer its own. Drawing aims at boundaries, since that is where plans and counters break.
//! For what a client accepts there is a twin that draws what it must refuse.

pub mod answer;
pub mod any_parts;
pub mod draw;
pub mod encrypt;
pub mod envelope;
pub mod headers;
pub mod hostile_xml;
pub mod outside;
pub mod part_list;
pub mod plan;
pub mod position;
pub mod session;
pub mod tamper;
pub mod xml_spelling;

use std::any::Any;
use std::fmt::Debug;

use arbitrary::{Arbitrary, Unstructured};
use partproof_model::Cipher;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::class::Classes;

/// What comes of drawing.
pub type Drawn<T> = arbitrary::Result<T>;

/// One input of a law.
pub trait Case:
    Clone
    + Debug
    + PartialEq
    + Serialize
    + DeserializeOwned
    + for<'a> Arbitrary<'a>
    + Send
    + Sync
    + 'static
{
    /// How many random bytes drawing one takes at most; with fewer, the rest is drawn as zero.
    const BYTES: usize = 256;
    /// How many simpler cases are tried at most when one fails: as many as are judged in a few seconds.
    const MOST_STEPS: u32 = 5_000;

    /// The case that a fuzzer's input stands for, about one cipher if the fuzzer is. What is bytes itself is taken as it stands, so
    /// that seeds, dictionaries and crash files are what a reader of such bytes would be given.
    ///
    /// # Errors
    /// An input that stands for no case.
    fn from_fuzz(u: &mut Unstructured<'_>, about: Option<Cipher>) -> Drawn<Self> {
        let _ = about;
        Self::arbitrary(u)
    }

    /// Inputs for a fuzzer to begin with, where its inputs are documents; otherwise draws are looked for that meet the classes of a law.
    fn documents() -> Option<Vec<Vec<u8>>> {
        None
    }

    /// The classes of input it belongs to.
    fn classes(&self) -> Classes;

    /// Simpler cases to try when this one fails, boldest first. None of them is this one again.
    fn smaller(&self) -> Vec<Self>;

    /// Whether it can be run at all: a pasted case may say anything.
    ///
    /// # Errors
    /// What it says and what was expected.
    fn check(&self) -> Result<(), String>;
}

/// A case of some kind: what those see of it who do not know the kind.
pub trait AnyCase: Any + Debug + Send + Sync {
    /// The classes of input it belongs to.
    fn classes(&self) -> Classes;

    /// Simpler cases to try when this one fails, boldest first.
    fn smaller(&self) -> Vec<BoxedCase>;

    /// As it is written in a replay line.
    fn json(&self) -> Value;

    /// The same case again.
    fn boxed(&self) -> BoxedCase;
}

/// A case whose kind is not known here.
pub type BoxedCase = Box<dyn AnyCase>;

impl<C: Case> AnyCase for C {
    fn classes(&self) -> Classes {
        Case::classes(self)
    }

    fn smaller(&self) -> Vec<BoxedCase> {
        let smaller = Case::smaller(self).into_iter();
        smaller
            .map(|case| -> BoxedCase { Box::new(case) })
            .collect()
    }

    fn json(&self) -> Value {
        serde_json::to_value(self).expect("a case serialises")
    }

    fn boxed(&self) -> BoxedCase {
        Box::new(self.clone())
    }
}

impl dyn AnyCase {
    /// The case, if it is of this kind.
    pub fn downcast<C: Case>(&self) -> Option<&C> {
        let any: &dyn Any = self;
        any.downcast_ref()
    }
}

impl Clone for BoxedCase {
    fn clone(&self) -> Self {
        (**self).boxed()
    }
}

/// What is at its plainest need not be written.
pub fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Simpler numbers than `value`, boldest first: `least`, halfway there, one less.
pub fn smaller_number(value: u64, least: u64) -> Vec<u64> {
    let mut smaller = Vec::new();
    if value > least {
        smaller.push(least);
        let mut step = (value - least) / 2;
        while step > 0 {
            smaller.push(value - step);
            step /= 2;
        }
        smaller.dedup();
        if smaller.last() != Some(&(value - 1)) {
            smaller.push(value - 1);
        }
    }
    smaller
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smaller_numbers_begin_with_the_least_and_end_with_one_less() {
        assert_eq!(smaller_number(10, 1), [1, 6, 8, 9]);
        assert_eq!(smaller_number(2, 1), [1]);
        assert_eq!(smaller_number(1, 1), [0; 0]);
    }
}
