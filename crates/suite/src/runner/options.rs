//! What to run and how, and what a run tells meanwhile.

use crate::finding::Finding;
use crate::law::Law;
use crate::report::Ended;
use crate::subject::cores;

/// How long to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Seconds: for every change.
    Quick,
    /// A hundred times as many cases: for the night.
    Nightly,
    /// So many times as many as a quick run.
    Times(u64),
    /// So many of each law.
    Cases(u64),
}

impl Profile {
    /// Its name.
    pub fn name(self) -> String {
        match self {
            Self::Quick => "quick".to_owned(),
            Self::Nightly => "nightly".to_owned(),
            Self::Times(factor) => factor.to_string(),
            Self::Cases(cases) => format!("{cases} cases"),
        }
    }

    pub(super) fn cases(self, law: &Law) -> u64 {
        let quick = u64::from(law.quick_cases);
        match self {
            Self::Quick => quick,
            Self::Nightly => quick * 100,
            Self::Times(factor) => quick.saturating_mul(factor),
            Self::Cases(cases) => cases,
        }
    }
}

/// A share of the cases: every so manieth, so that several machines judge all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Which one, from 1.
    pub number: u64,
    /// Of how many.
    pub of: u64,
}

impl Shard {
    /// All of them.
    pub const WHOLE: Self = Self { number: 1, of: 1 };
}

/// What to run and how.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// How many cases.
    pub profile: Profile,
    /// What the cases are drawn from.
    pub seed: u64,
    /// Which of them are judged.
    pub shard: Shard,
    /// Whether to go on with the next seed, and the next, until it is time to end.
    pub draws_on: bool,
    /// Whether to end at the first finding that counts and is not known.
    pub fail_fast: bool,
    /// Whether the smallest case of a finding is looked for.
    pub shrinks: bool,
    /// Whether findings count that take input which nobody can bring about.
    pub strict: bool,
    /// Which laws, in this order.
    pub laws: &'a [&'static Law],
    /// Whether these are all laws: then what a program declares and no case reached is told.
    pub is_whole: bool,
    /// How many cases of a subject in this process are judged at a time; the report is the same whatever it is.
    pub jobs: usize,
    /// Whether a finding of this id has been told before: its smallest case is not looked for again.
    pub known: &'a dyn Fn(&str) -> bool,
    /// Whether it is time to end, and why.
    pub ends: &'a (dyn Fn() -> Option<Ended> + Sync),
    /// Told as laws begin, go on and end, and what they find.
    pub progress: &'a dyn Fn(Progress<'_>),
}

impl<'a> Options<'a> {
    /// A quick run of these laws, with the first seed, whose findings are told at its end.
    pub fn quick(laws: &'a [&'static Law]) -> Self {
        Self {
            profile: Profile::Quick,
            seed: 1,
            shard: Shard::WHOLE,
            draws_on: false,
            fail_fast: false,
            shrinks: true,
            strict: false,
            laws,
            is_whole: false,
            jobs: cores(),
            known: &|_| false,
            ends: &|| None,
            progress: &|_| {},
        }
    }
}

/// What a run tells meanwhile.
#[derive(Clone, Copy, Debug)]
pub enum Progress<'a> {
    /// Where it is.
    At {
        /// The first of the laws that are run.
        law: &'static Law,
        /// Cases they have judged.
        done: u64,
        /// Cases they will judge.
        cases: u64,
        /// Cases that all laws together have judged, those that take the same cases counted once.
        done_of_run: u64,
        /// Cases that they will judge.
        cases_of_run: u64,
        /// Findings so far, of all laws.
        findings: usize,
    },
    /// Something is wrong. Its smallest case is looked for next.
    Met(&'a Finding),
    /// That was found, or as small a case as there was time for.
    Smallest(&'a Finding),
}
