//! What was measured. Its JSON form is versioned, with a published schema (`docs/schema/power-v1.json`).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::statistics::{chance, chance_but_for, float, median, never};

/// The version of the JSON form.
pub const SCHEMA: &str = "partproof-power/1";

/// How surely and how soon faults are found, and how often right variants are accused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Power {
    /// `partproof-power/1`.
    pub schema: String,
    /// At how many seeds, from 1 on.
    pub seeds: u64,
    /// Every fault that was planted.
    pub faults: Vec<FaultPower>,
    /// Every right variant.
    pub variants: Vec<VariantPower>,
    /// A fault that a quick run finds once in a hundred: what is measured of it must be that.
    pub canary: Canary,
}

/// One fault.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FaultPower {
    /// Its name.
    pub id: String,
    /// What is wrong, in one sentence.
    pub sentence: String,
    /// Its entry in the catalogue of faults, such as `A05`; empty if it is in none.
    pub seen_in: String,
    /// The law that has to find it, and alone is run.
    pub law: String,
    /// How many cases a quick run of that law has.
    pub cases: u64,
    /// Whether one of the cases that every run begins with shows it.
    pub at_a_boundary: bool,
    /// By each strategy.
    pub by: Vec<Runs>,
}

/// What came of one strategy's runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Runs {
    /// How cases are drawn.
    pub strategy: Strategy,
    /// How many cases each seed took to the first finding; nothing where it found none.
    pub cases: Vec<Option<u64>>,
    /// How many seconds.
    pub seconds: Vec<f64>,
}

/// How cases are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// As a check does.
    Partproof,
    /// A few examples, as one writes them down first.
    Examples,
    /// The same with numbers and bytes drawn uniformly from what is legal.
    Uniform,
    /// The same with numbers, bytes and texts as proptest draws primitive types.
    Proptest,
}

/// A right variant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VariantPower {
    /// Its name.
    pub id: String,
    /// Cases that it was judged by, of all seeds.
    pub cases: u64,
    /// The ids of what it was accused of.
    pub alarms: Vec<String>,
    /// Seeds at which it did not conform, though it was accused of nothing: its check was not done.
    pub inconclusive: Vec<u64>,
}

/// A fault that is nearly never found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Canary {
    /// In how many runs it was found.
    pub found: u64,
    /// Of how many.
    pub runs: u64,
}

/// The chance that a quick run misses a fault.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Miss {
    /// As it was seen.
    pub chance: f64,
    /// At 95 %, at most.
    pub most: f64,
}

/// A fault, and how surely a check finds it.
#[derive(Clone, Copy, Debug)]
pub struct Thin<'a> {
    /// The fault.
    pub fault: &'a FaultPower,
    /// How likely it is missed.
    pub miss: Miss,
    /// Cases to the first finding: the median, and the most.
    pub cases: (Option<u64>, Option<u64>),
}

impl Runs {
    /// In how many it was found.
    pub fn found(&self) -> u64 {
        self.cases.iter().flatten().map(|_| 1).sum()
    }

    /// How many there were.
    pub fn count(&self) -> u64 {
        self.cases.iter().map(|_| 1).sum()
    }

    /// In the middle of those that found it.
    pub fn median_cases(&self) -> Option<u64> {
        median(&mut self.cases.iter().flatten().copied().collect::<Vec<_>>())
    }
}

impl FaultPower {
    /// What came of a strategy.
    pub fn runs(&self, strategy: Strategy) -> Option<&Runs> {
        self.by.iter().find(|runs| runs.strategy == strategy)
    }

    /// How likely a check misses it. What a boundary case shows is never missed; else each case is a try, and the first that shows it ends the run.
    pub fn miss(&self) -> Miss {
        let Some(runs) = self.runs(Strategy::Partproof) else {
            return Miss {
                chance: 1.0,
                most: 1.0,
            };
        };
        if self.at_a_boundary && runs.found() == runs.count() {
            return Miss {
                chance: 0.0,
                most: 0.0,
            };
        }
        let tries = runs
            .cases
            .iter()
            .map(|cases| cases.unwrap_or(self.cases))
            .sum();
        let (least, _) = chance(runs.found(), tries);
        let per_case = float(runs.found()) / float(tries.max(1));
        let missed = |per_case: f64| (1.0 - per_case).powf(float(self.cases));
        Miss {
            chance: missed(per_case),
            most: missed(least),
        }
    }
}

impl Power {
    /// The faults that are found least surely, those first that take most cases of what a run has.
    pub fn thinnest(&self) -> Vec<Thin<'_>> {
        let mut faults: Vec<Thin<'_>> = self
            .faults
            .iter()
            .map(|fault| {
                let runs = fault.runs(Strategy::Partproof);
                let most = runs.and_then(|runs| runs.cases.iter().flatten().copied().max());
                Thin {
                    fault,
                    miss: fault.miss(),
                    cases: (runs.and_then(Runs::median_cases), most),
                }
            })
            .collect();
        let rank = |thin: &Thin<'_>| (thin.miss.most, thin.miss.chance);
        faults.sort_by(|one, other| {
            let order = rank(other).partial_cmp(&rank(one));
            order.unwrap_or(std::cmp::Ordering::Equal)
        });
        faults
    }

    /// Of each strategy: how many faults it found at every seed, the share of its runs that found theirs, and the median of cases and seconds to that.
    pub fn totals(&self) -> Vec<Total> {
        let strategies = Strategy::ALL.into_iter();
        strategies
            .map(|strategy| {
                let all = self.faults.iter().filter_map(|fault| fault.runs(strategy));
                let all: Vec<&Runs> = all.collect();
                let (found, runs) = (
                    all.iter().map(|runs| runs.found()).sum::<u64>(),
                    all.iter().map(|runs| runs.count()).sum::<u64>(),
                );
                let mut cases: Vec<u64> = all
                    .iter()
                    .flat_map(|runs| runs.cases.iter().flatten().copied())
                    .collect();
                let mut seconds: Vec<f64> = all
                    .iter()
                    .flat_map(|runs| runs.cases.iter().zip(&runs.seconds))
                    .filter_map(|(cases, seconds)| cases.map(|_| *seconds))
                    .collect();
                Total {
                    strategy,
                    faults: all
                        .iter()
                        .filter(|runs| runs.found() == runs.count())
                        .map(|_| 1)
                        .sum(),
                    of: all.iter().map(|_| 1).sum(),
                    share: float(found) / float(runs.max(1)),
                    median_cases: median(&mut cases),
                    median_seconds: median(&mut seconds),
                }
            })
            .filter(|total| total.of > 0)
            .collect()
    }

    /// Cases by which right variants were judged, and how many in a million are false alarms: as seen, and at 95 % at most.
    pub fn alarms(&self) -> (u64, f64, f64) {
        let cases: u64 = self.variants.iter().map(|variant| variant.cases).sum();
        let alarms = self
            .variants
            .iter()
            .flat_map(|variant| &variant.alarms)
            .map(|_| 1)
            .sum();
        let million = |chance: f64| chance * 1e6;
        let most = match alarms {
            0 => never(cases),
            some => chance(some, cases).1,
        };
        (
            cases,
            million(float(alarms) / float(cases.max(1))),
            million(most),
        )
    }

    /// What is not as it must be: a fault that was missed, a variant that was accused, a canary that is not what it is.
    pub fn problems(&self) -> Vec<String> {
        let faults = self.faults.iter().filter_map(|fault| {
            let runs = fault.runs(Strategy::Partproof)?;
            let missed = runs.count() - runs.found();
            (missed > 0).then(|| {
                format!(
                    "{} was missed at {missed} of {} seeds",
                    fault.id,
                    runs.count()
                )
            })
        });
        let variants = self.variants.iter().flat_map(|variant| {
            let id = &variant.id;
            let accused = variant.alarms.iter();
            let accused =
                accused.map(move |finding| format!("{id} is right, and was accused of {finding}"));
            let seeds = variant.inconclusive.iter();
            accused.chain(seeds.map(move |seed| {
                format!("{id} is right, and its check at seed {seed} was inconclusive")
            }))
        });
        let Canary { found, runs } = self.canary;
        // Its seeds are always the same: an interval of 95 % would be wrong for good one time in twenty.
        let (least, most) = chance_but_for(0.001, found, runs);
        let is_off = !(least..=most).contains(&Canary::CHANCE);
        let canary = is_off.then(|| {
            format!("the canary was found in {found} of {runs} runs, expected one in a hundred")
        });
        faults.chain(variants).chain(canary).collect()
    }

    /// The JSON form, indented, ending in a line feed.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("a measurement serialises") + "\n"
    }

    /// The schema of the JSON form.
    #[cfg(feature = "schema")]
    pub fn json_schema() -> String {
        let schema = schemars::schema_for!(Self);
        serde_json::to_string_pretty(&schema).expect("a schema serialises") + "\n"
    }
}

/// What one strategy comes to.
#[derive(Clone, Copy, Debug)]
pub struct Total {
    /// The strategy.
    pub strategy: Strategy,
    /// Faults that it found at every seed.
    pub faults: u64,
    /// Of how many.
    pub of: u64,
    /// The share of its runs that found their fault.
    pub share: f64,
    /// Cases to the first finding, in the middle.
    pub median_cases: Option<u64>,
    /// Seconds.
    pub median_seconds: Option<f64>,
}

impl Canary {
    /// The chance that a quick run finds it.
    pub const CHANCE: f64 = 0.01;
}

impl Strategy {
    /// Every strategy.
    pub const ALL: [Self; 4] = [
        Self::Partproof,
        Self::Examples,
        Self::Uniform,
        Self::Proptest,
    ];
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Partproof => "partproof",
            Self::Examples => "examples",
            Self::Uniform => "uniform",
            Self::Proptest => "proptest",
        })
    }
}
