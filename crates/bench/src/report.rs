//! What a comparison comes to.

use std::fmt::Write;
use std::fs;

use partproof_protocol::Op;
use serde::{Deserialize, Serialize};

use crate::history::History;
use crate::limits::Limits;
use crate::measure::{Counters, Samples};
use crate::statistics::{Estimate, exponent, median};
use crate::verdict::{LOOKS, Verdict};
use crate::workload::ROWS;

/// The version of the report's form.
pub const SCHEMA: &str = "partproof-bench-v1";

/// A comparison of two clients. With `--save` it is a baseline too: it has every sample.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Bench {
    /// `partproof-bench-v1`.
    pub schema: String,
    /// The version of Partproof that measured.
    pub partproof: String,
    /// What is timed, by its name, version and language.
    pub new: String,
    /// What it is held against.
    pub old: String,
    /// Whether the old one is a baseline: both were measured beside the built-in client, and ratios to that are compared.
    pub is_baseline: bool,
    /// What the cases are drawn from.
    pub seed: u64,
    /// Which rows there are and how they are drawn, as a digest.
    pub workload: String,
    /// Where it was measured.
    pub machine: Machine,
    /// What one core of it can do at most.
    pub limits: Limits,
    /// How long a turn of a piece went on at least, in milliseconds.
    pub turn: u64,
    /// The change that is to be seen, as a ratio: 1.05 is 5 %.
    pub least_change: f64,
    /// Why nothing was measured, if nothing was.
    pub reason: Option<String>,
    /// The rows.
    pub rows: Vec<Row>,
    /// What the runs before it say together with this one, where they are kept.
    pub history: Option<History>,
}

/// A processor that does not name itself.
pub const UNKNOWN: &str = "unknown";

/// A machine as far as its speed depends on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// As the processor names itself.
    pub processor: String,
    /// How many cores it has for this process.
    pub cores: usize,
    /// The system and its architecture.
    pub system: String,
}

impl Machine {
    /// This one.
    pub fn here() -> Self {
        let known = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let named = known.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            (name.trim() == "model name").then(|| value.trim().to_owned())
        });
        Self {
            processor: named.unwrap_or_else(|| UNKNOWN.to_owned()),
            cores: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        }
    }
}

/// A row as it came out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// `encrypt-part/1MiB`.
    pub name: String,
    /// Whether its ratio is of what the processes computed (`cpu`) or of what passed on the wall (`wall`).
    pub by: By,
    /// What is said of it.
    pub verdict: Verdict,
    /// Why, where it is void or nobody can tell.
    pub reason: Option<String>,
    /// How many pairs were taken.
    pub pairs: usize,
    /// New to old, with the interval of 95 %.
    pub ratio: Option<Estimate>,
    /// The ratio above which it is slower.
    pub threshold: Option<f64>,
    /// The ratio that the machine makes of two that are the same, at most.
    pub noise: Option<f64>,
    /// How likely such samples are, if the ratio is not above the threshold.
    pub chance: Option<f64>,
    /// The smallest ratio that could have been seen.
    pub visible: Option<f64>,
    /// Every sample.
    pub samples: Samples,
}

/// What a ratio is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// What the processes computed.
    Cpu,
    /// What passed on the wall.
    Wall,
}

impl Row {
    /// The median of the new one and of the old one, in nanoseconds for one time.
    pub fn medians(&self) -> Option<(f64, f64)> {
        let of = |samples: &[crate::measure::Sample]| {
            let each = samples.iter();
            let mut times: Vec<f64> = each.map(|sample| self.by.of(sample)).collect();
            times.sort_by(f64::total_cmp);
            median(&times)
        };
        of(&self.samples.new).zip(of(&self.samples.old))
    }

    /// What its samples cannot be.
    fn problem(&self) -> Option<String> {
        let Samples {
            new, old, again, ..
        } = &self.samples;
        let most = LOOKS[LOOKS.len() - 1];
        let name = partproof_visible::visible(&self.name);
        if new.len() != old.len() || again.len() != old.len() || old.len() > most {
            let (new, old, again) = (new.len(), old.len(), again.len());
            return Some(format!(
                "row `{name}`: {new}, {old} and {again} samples, expected as many of each, {most} at most"
            ));
        }
        let times = |sample: &crate::measure::Sample| [Some(sample.wall), sample.cpu];
        let mut all = new.iter().chain(old).chain(again).flat_map(times).flatten();
        let wrong = all.find(|time| !(time.is_finite() && *time > 0.0))?;
        Some(format!(
            "row `{name}`: a sample of {wrong} ns, expected more than 0"
        ))
    }

    /// How much of what one core could do at most it reaches, and of what: a piece encrypts, and an upload has its digests made.
    pub fn share(&self, limits: &Limits) -> Option<(f64, &'static str)> {
        let timed = ROWS.iter().find(|row| row.name == self.name)?;
        let (new, _) = self.medians()?;
        let speed = crate::measure::float(timed.size()?) / (new / 1e9);
        match timed.op {
            Op::EncryptPart | Op::DecryptRange => Some((speed / limits.ctr(), "AES")),
            Op::Upload => Some((speed / limits.md5, "MD5")),
            _ => None,
        }
    }

    fn parts(&self) -> Option<u64> {
        ROWS.iter().find(|row| row.name == self.name)?.parts
    }

    /// What it took beside time: of the new one and of the old one.
    pub fn counters(&self) -> Option<(Counters, Counters)> {
        self.samples.counters
    }
}

impl By {
    pub(crate) fn of(self, sample: &crate::measure::Sample) -> f64 {
        match (self, sample.cpu) {
            (Self::Cpu, Some(cpu)) => cpu,
            _ => sample.wall,
        }
    }
}

/// How what a piece costs grows with the parts.
#[derive(Clone, Debug, PartialEq)]
pub struct Growth {
    /// `plan`.
    pub piece: String,
    /// Parts, and nanoseconds of the new one.
    pub new: Vec<(f64, f64)>,
    /// The same of the old one.
    pub old: Vec<(f64, f64)>,
}

impl Growth {
    /// The exponent between the two largest, of the new one and of the old one: what a call costs by itself hides growth where there is little to do.
    pub fn exponents(&self) -> Option<(f64, f64)> {
        let of = |points: &[(f64, f64)]| exponent(points.get(points.len().checked_sub(2)?..)?);
        of(&self.new).zip(of(&self.old))
    }

    /// The exponent that fits all of them, where there are more than two.
    pub fn fitted(&self) -> Option<(f64, f64)> {
        let of = |points: &[(f64, f64)]| exponent(points.get(2).map(|_| points)?);
        of(&self.new).zip(of(&self.old))
    }
}

impl Bench {
    /// What grows with the parts.
    pub fn growth(&self) -> Vec<Growth> {
        let mut growth: Vec<Growth> = Vec::new();
        for row in &self.rows {
            let (Some(parts), Some((new, old))) = (row.parts(), row.medians()) else {
                continue;
            };
            let piece = row.name.split('/').next().unwrap_or_default();
            let parts = crate::measure::float(parts);
            match growth.iter_mut().find(|growth| growth.piece == piece) {
                Some(growth) => {
                    growth.new.push((parts, new));
                    growth.old.push((parts, old));
                }
                None => growth.push(Growth {
                    piece: piece.to_owned(),
                    new: vec![(parts, new)],
                    old: vec![(parts, old)],
                }),
            }
        }
        growth.retain(|growth| growth.new.len() > 1);
        growth
    }

    /// What is said of all: the worst of what is said of a row.
    pub fn verdict(&self) -> Verdict {
        let said = |verdict| self.rows.iter().any(|row| row.verdict == verdict);
        let order = [
            Verdict::Void,
            Verdict::Regressed,
            Verdict::Inconclusive,
            Verdict::Passed,
            Verdict::Told,
        ];
        let worst = order.into_iter().find(|verdict| said(*verdict));
        worst.unwrap_or(Verdict::Inconclusive)
    }

    /// As JSON.
    pub fn json(&self) -> String {
        let json = serde_json::to_string_pretty(self).expect("a report serialises");
        partproof_visible::visible_json(&json) + "\n"
    }

    /// Reads what [`Bench::json`] wrote.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let read: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if read.schema != SCHEMA {
            let given = partproof_visible::visible(&read.schema);
            return Err(format!("`schema` is `{given}`, expected `{SCHEMA}`"));
        }
        match read.rows.iter().find_map(Row::problem) {
            Some(problem) => Err(problem),
            None => Ok(read),
        }
    }

    /// The JSON Schema of a comparison, as text.
    #[cfg(feature = "schema")]
    pub fn json_schema() -> String {
        let schema = schemars::schema_for!(Self);
        serde_json::to_string_pretty(&schema).expect("a schema serialises") + "\n"
    }

    /// The table for the summary of a pull request.
    pub fn markdown(&self) -> String {
        let cell = |text: &str| {
            let mut shown = String::new();
            for character in partproof_visible::visible(text).chars() {
                match character {
                    '<' => shown.push_str("&lt;"),
                    '&' => shown.push_str("&amp;"),
                    '\\' | '`' | '[' | ']' | '*' | '_' | '|' => shown.extend(['\\', character]),
                    _ => shown.push(character),
                }
            }
            shown
        };
        let mut text = format!(
            "### {}\n\n{} against {}\n\n| | row | ratio (95 %) | threshold | pairs |\n| --- | --- | --- | --- | --- |\n",
            self.headline(),
            cell(&self.new),
            cell(&self.old)
        );
        for row in &self.rows {
            let ratio = row.ratio.map_or_else(
                || cell(row.reason.as_deref().unwrap_or("-")),
                |ratio| {
                    format!(
                        "{:.3} ({:.3} to {:.3})",
                        ratio.middle, ratio.low, ratio.high
                    )
                },
            );
            let threshold = row
                .threshold
                .map_or("-".to_owned(), |threshold| format!("{threshold:.3}"));
            writeln!(
                text,
                "| {} | {} | {ratio} | {threshold} | {} |",
                row.verdict, row.name, row.pairs
            )
            .expect("writing to a String cannot fail");
        }
        text
    }

    /// The verdict as a sentence.
    pub fn headline(&self) -> String {
        let of = |verdict| {
            let rows = self.rows.iter().filter(|row| row.verdict == verdict);
            rows.map(|row| row.name.as_str())
                .collect::<Vec<_>>()
                .join(", ")
        };
        match self.verdict() {
            Verdict::Void => format!("Wrong: {}", of(Verdict::Void)),
            Verdict::Regressed => format!("Slower: {}", of(Verdict::Regressed)),
            Verdict::Inconclusive => match (&self.reason, of(Verdict::Inconclusive).as_str()) {
                (Some(reason), _) => format!("Nobody can tell: {reason}"),
                (None, "") => "Nothing was measured".to_owned(),
                (None, rows) => format!("Nobody can tell: {rows}"),
            },
            Verdict::Passed => {
                let passed = self
                    .rows
                    .iter()
                    .filter(|row| row.verdict == Verdict::Passed);
                let threshold = passed.filter_map(|row| row.threshold).fold(1.0, f64::max);
                format!("Not slower by {:.1} %", (threshold - 1.0) * 100.0)
            }
            Verdict::Told | Verdict::NotDeclared => "Measured, and held against nothing".to_owned(),
        }
    }
}

/// A time as people say it.
pub fn time(nanoseconds: f64) -> String {
    match nanoseconds {
        n if n < 1e3 => format!("{n:.0} ns"),
        n if n < 1e6 => format!("{:.1} µs", n / 1e3),
        n if n < 1e9 => format!("{:.1} ms", n / 1e6),
        n => format!("{:.2} s", n / 1e9),
    }
}

impl std::fmt::Display for By {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Cpu => "cpu",
            Self::Wall => "wall",
        })
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Regressed => "slower",
            Self::Passed => "passed",
            Self::Inconclusive => "inconclusive",
            Self::Void => "void",
            Self::NotDeclared => "not declared",
            Self::Told => "told",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Sample;

    fn with_samples(new: &[f64], old: usize) -> Bench {
        let sample = |wall: f64| Sample { wall, cpu: None };
        Bench {
            schema: SCHEMA.to_owned(),
            partproof: String::new(),
            new: String::new(),
            old: String::new(),
            is_baseline: false,
            seed: 0,
            workload: String::new(),
            machine: Machine::here(),
            limits: Limits {
                clock: 1.0,
                copy: 1.0,
                md5: 1.0,
            },
            turn: 20,
            least_change: 1.05,
            reason: None,
            history: None,
            rows: vec![Row {
                name: "plan/1".to_owned(),
                by: By::Wall,
                verdict: Verdict::Told,
                reason: None,
                pairs: old,
                ratio: None,
                threshold: None,
                noise: None,
                chance: None,
                visible: None,
                samples: Samples {
                    new: new.iter().copied().map(sample).collect(),
                    old: vec![sample(1.0); old],
                    again: vec![sample(1.0); old],
                    counters: None,
                },
            }],
        }
    }

    #[test]
    fn a_baseline_whose_samples_cannot_be_is_refused() {
        let read = |new: &[f64], old| Bench::from_json(&with_samples(new, old).json());
        assert_eq!(read(&[1.0, 2.0], 2), Ok(with_samples(&[1.0, 2.0], 2)));
        for (new, old, said) in [
            (vec![0.0], 1, "a sample of 0 ns"),
            (vec![-1.0], 1, "a sample of -1 ns"),
            (vec![1.0], 2, "1, 2 and 2 samples"),
            (vec![1.0; 61], 61, "61, 61 and 61 samples"),
        ] {
            let problem = read(&new, old).unwrap_err();
            assert!(problem.contains(said), "{problem}");
        }
    }
}
