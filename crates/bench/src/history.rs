//! The history of a client: a line of JSON a run, and where a row changed over them. That is told and gates nothing: a change is known only when some
//! runs behind it are there.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::change::{FEWEST, change_points};
use crate::report::{Bench, Machine};
use crate::statistics::median;

/// The last so many runs are looked at.
const MOST: usize = 250;

/// A run as a history keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// When it ended.
    pub time: String,
    /// What was timed.
    pub new: String,
    /// What it was held against.
    pub old: String,
    /// Where.
    pub machine: Machine,
    /// The figures of each row.
    pub rows: BTreeMap<String, Figures>,
}

/// The figures of a row.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// The median of the new one, in nanoseconds for one time.
    pub nanoseconds: f64,
    /// New to old.
    pub ratio: Option<f64>,
    /// The median of the old one.
    pub beside: f64,
}

/// What a history says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct History {
    /// How many runs can be compared: on this machine, against the same old one, with this one.
    pub runs: usize,
    /// From how many on changes are looked for.
    pub fewest: usize,
    /// Where rows changed.
    pub changes: Vec<Change>,
}

/// A row that is another from some run on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// `plan/100`.
    pub row: String,
    /// The line of the history that has the first run behind the change.
    pub line: usize,
    /// When that run was.
    pub time: String,
    /// What was timed in it.
    pub new: String,
    /// The median of the ratios to the old one from the change before up to this one.
    pub before: f64,
    /// The same from this one up to the next.
    pub after: f64,
}

impl Run {
    /// Of this comparison.
    pub fn of(bench: &Bench, time: String) -> Self {
        let rows = bench.rows.iter().filter_map(|row| {
            let (nanoseconds, beside) = row.medians()?;
            let ratio = row.ratio.map(|ratio| ratio.middle);
            let figures = Figures {
                nanoseconds,
                ratio,
                beside,
            };
            Some((row.name.clone(), figures))
        });
        Self {
            time,
            new: bench.new.clone(),
            old: bench.old.clone(),
            machine: bench.machine.clone(),
            rows: rows.collect(),
        }
    }

    /// Reads the lines of a history.
    ///
    /// # Errors
    /// A line that is no run; which, and why.
    pub fn read(text: &str) -> Result<Vec<Self>, String> {
        let lines = (1..).zip(text.lines());
        let read = |(number, line)| {
            let run: Self = serde_json::from_str(line)
                .map_err(|error| format!("line {number}: {error}, expected a run of bench"))?;
            let ratios = run.rows.values().filter_map(|figures| figures.ratio);
            match ratios.into_iter().find(|ratio| *ratio <= 0.0) {
                None => Ok(run),
                Some(ratio) => Err(format!(
                    "line {number}: a ratio of {ratio}, expected more than 0"
                )),
            }
        };
        lines.map(read).collect()
    }
}

impl History {
    /// Of these runs, of which the last is the one that was made now.
    pub fn of(runs: &[Run]) -> Self {
        let told = |runs, changes| Self {
            runs,
            fewest: FEWEST,
            changes,
        };
        let Some(now) = runs.last() else {
            return told(0, Vec::new());
        };
        let comparable: Vec<(usize, &Run)> = (1..)
            .zip(runs)
            .filter(|(_, run)| run.machine == now.machine && run.old == now.old)
            .collect();
        let latest = &comparable[comparable.len().saturating_sub(MOST)..];
        let changes = now.rows.keys().flat_map(|row| changes(row, latest));
        told(latest.len(), changes.collect())
    }
}

impl History {
    /// In sentences, one a line.
    pub fn lines(&self) -> Vec<String> {
        let Self {
            runs,
            fewest,
            changes,
        } = self;
        let (before, after) = (
            format!("history: {runs} runs that can be compared, "),
            "(told, not gated)",
        );
        if runs < fewest {
            return vec![format!("{before}changes are looked for from {fewest} on")];
        }
        if changes.is_empty() {
            return vec![format!("{before}no row has changed {after}")];
        }
        let rows = changes.iter().map(|change| {
            let new = partproof_visible::visible(&change.new);
            let time = partproof_visible::visible(&change.time);
            let Change {
                row,
                line,
                before,
                after,
                ..
            } = change;
            let factor = after / before;
            format!("  {row}: from line {line} on ({time}, {new}) a ratio of {after:.3}, {before:.3} before: {factor:.3} times")
        });
        let first = format!("{before}changes of {} {after}:", changes.len());
        [first].into_iter().chain(rows).collect()
    }
}

fn changes(row: &str, runs: &[(usize, &Run)]) -> Vec<Change> {
    let ratio = |run: &Run| run.rows.get(row)?.ratio;
    let with_it: Vec<_> = runs
        .iter()
        .filter_map(|(line, run)| Some((*line, *run, ratio(run)?)))
        .collect();
    // As logarithms: twice as slow and twice as fast are as far.
    let values: Vec<f64> = with_it.iter().map(|(.., ratio)| ratio.ln()).collect();
    let points = change_points(&values);
    let middle = |from: usize, to: usize| {
        let mut stretch = values[from..to].to_vec();
        stretch.sort_by(f64::total_cmp);
        median(&stretch).unwrap_or_default().exp()
    };
    let ends = points.iter().copied().skip(1).chain([values.len()]);
    let starts = [0].into_iter().chain(points.iter().copied());
    let around = starts.zip(points.iter().copied()).zip(ends);
    around
        .map(|((start, at), end)| {
            let (line, run, _) = with_it[at];
            Change {
                row: row.to_owned(),
                line,
                time: run.time.clone(),
                new: run.new.clone(),
                before: middle(start, at),
                after: middle(at, end),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(at: usize, old: &str, ratio: Option<f64>) -> Run {
        let figures = Figures {
            nanoseconds: 1.0,
            ratio,
            beside: 1.0,
        };
        Run {
            time: format!("night {at}"),
            new: format!("client {at}"),
            old: old.to_owned(),
            machine: Machine::here(),
            rows: [("plan/1".to_owned(), figures)].into(),
        }
    }

    /// Nights of which the seventh to the twelfth are 30 % slower. Others lie between them, as do those that tell no ratio.
    fn nights() -> Vec<Run> {
        let ratio = |at: usize| if at < 7 { 1.0 } else { 1.3 };
        let with_others = |at| {
            [
                run(at, "the same", Some(ratio(at))),
                run(at, "another", Some(9.0)),
                run(at, "the same", None),
            ]
        };
        let mut all: Vec<Run> = (1..=12).flat_map(with_others).collect();
        all.truncate(all.len() - 2);
        all
    }

    #[test]
    fn a_change_is_told_with_its_run_and_the_ratios_around_it() {
        let history = History::of(&nights());
        assert_eq!(history.runs, 23, "those against another are passed over");
        let [change] = history.changes.as_slice() else {
            unreachable!("{history:?}")
        };
        assert_eq!((change.line, change.time.as_str()), (19, "night 7"));
        assert!((change.before - 1.0).abs() < 1e-9, "{change:?}");
        assert!((change.after - 1.3).abs() < 1e-9, "{change:?}");
    }

    #[test]
    fn lines_are_read_as_they_were_written_and_others_are_refused() {
        let text = |runs: &[Run]| -> String {
            let lines = runs.iter().map(|run| serde_json::to_string(run).unwrap());
            lines.map(|line| line + "\n").collect()
        };
        assert_eq!(Run::read(&text(&nights())), Ok(nights()));
        for (wrong, said) in [
            ("{}\n".to_owned(), "line 2: missing field `time`"),
            (
                text(&[run(2, "the same", Some(0.0))]),
                "line 2: a ratio of 0",
            ),
        ] {
            let refused = Run::read(&(text(&nights()[..1]) + &wrong)).unwrap_err();
            assert!(refused.starts_with(said), "{refused}");
        }
    }
}
