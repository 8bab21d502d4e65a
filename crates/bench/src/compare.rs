//! A whole comparison: rows are measured from look to look until each is decided.

use std::time::Duration;

use partproof_protocol::Broke;

use crate::limits::Limits;
use crate::measure::{Measuring, Sample, Samples, Subject, Without};
use crate::report::{Bench, By, Machine, Row, SCHEMA};
use crate::statistics::Estimate;
use crate::verdict::{Differences, LOOKS, Looked, Verdict, look};
use crate::workload::{self, workload};

/// What the new one is held against.
#[derive(Clone, Debug)]
pub enum Against {
    /// An old one, which is measured beside it.
    Old,
    /// Nothing: its figures are told as ratios to the built-in client.
    Nothing,
    /// An old one as it was measured before, beside the built-in client as the new one is now.
    Baseline(Box<Bench>),
}

/// What is compared, and how.
pub struct Options<'o> {
    /// Who is timed.
    pub new: &'o Subject,
    /// Who is timed beside it: the old one, or the built-in client.
    pub old: &'o Subject,
    /// What it is held against.
    pub against: Against,
    /// Whether every row is measured to the last look, decided or not: for a baseline.
    pub in_full: bool,
    /// Which rows.
    pub rows: &'o [workload::Row],
    /// The change that is to be seen, as a ratio.
    pub least_change: f64,
    /// How long a turn of a piece goes on at least.
    pub turn: Duration,
    /// What cases and orders are drawn from.
    pub seed: u64,
    /// Told of each turn that is about to begin: pairs that are done, of how many at most, and the row.
    pub progress: &'o dyn Fn(usize, usize, &str),
}

/// Compares.
///
/// # Errors
/// A subject broke; which one.
pub fn compare(options: &Options<'_>) -> Result<Bench, (&'static str, Broke)> {
    let mut measured: Vec<(workload::Row, Result<Samples, Without>)> = options
        .rows
        .iter()
        .map(|row| (*row, Ok(Samples::default())))
        .collect();
    let mut measuring = Measuring::new(options.new, options.old, options.turn, options.seed);
    let mut decided: Vec<Option<Looked>> = vec![None; measured.len()];
    let last = LOOKS[LOOKS.len() - 1];
    for at in 0..LOOKS.len() {
        let is_open: Vec<bool> = decided.iter().map(Option::is_none).collect();
        if !is_open.contains(&true) {
            break;
        }
        measuring.until_the_next_look(at, &mut measured, &is_open, &|pair, row| {
            (options.progress)(pair, last, row);
        })?;
        let differences: Vec<Differences> = measured
            .iter()
            .map(|(row, samples)| match samples {
                Ok(samples) => differences(row, samples, &options.against),
                Err(_) => Differences::default(),
            })
            .collect();
        // Where nothing is gated, the first figures are enough.
        let is_gated = !matches!(options.against, Against::Nothing);
        let is_last = at + 1 == LOOKS.len() || !(is_gated || options.in_full);
        if options.in_full && !is_last {
            continue;
        }
        let looked = look(&differences, options.least_change.ln(), is_last);
        for (decided, looked) in decided.iter_mut().zip(looked) {
            let is_done = |looked: &Looked| is_last || looked.verdict != Verdict::Inconclusive;
            *decided = decided.take().or(looked.filter(is_done));
        }
        if is_last {
            break;
        }
    }
    let rows = measured.into_iter().zip(decided);
    let rows = rows.map(|((row, samples), looked)| told(row, samples, looked, &options.against));
    Ok(report(options, rows.collect(), None))
}

/// What a comparison comes to that cannot be made, for this reason: nobody can tell, of any row.
pub fn unmeasured(options: &Options<'_>, reason: &str) -> Bench {
    let none = |row: &workload::Row| {
        let without = Err(Without::Unknown(reason.to_owned()));
        told(*row, without, None, &options.against)
    };
    let rows = options.rows.iter().map(none).collect();
    report(options, rows, Some(reason.to_owned()))
}

fn report(options: &Options<'_>, rows: Vec<Row>, reason: Option<String>) -> Bench {
    let (old, is_baseline) = match &options.against {
        Against::Baseline(baseline) => (baseline.new.clone(), true),
        Against::Old | Against::Nothing => (options.old.name(), false),
    };
    Bench {
        schema: SCHEMA.to_owned(),
        partproof: env!("CARGO_PKG_VERSION").to_owned(),
        new: options.new.name(),
        old,
        is_baseline,
        seed: options.seed,
        workload: workload(),
        machine: Machine::here(),
        limits: Limits::measure(),
        turn: u64::try_from(options.turn.as_millis()).unwrap_or(u64::MAX),
        least_change: options.least_change,
        reason,
        rows,
        history: None,
    }
}

/// Pieces are told by what they compute, where both tell it; whole clients wait, too.
fn by(row: &workload::Row, samples: &Samples, against: &Against) -> By {
    let before = before(row, against);
    let all = [Some(samples), before].into_iter().flatten();
    let mut all = all.flat_map(|of| of.new.iter().chain(&of.old).chain(&of.again));
    match !row.is_whole() && all.all(|sample| sample.cpu.is_some()) {
        true => By::Cpu,
        false => By::Wall,
    }
}

/// What a baseline has of a row.
fn before<'a>(row: &workload::Row, against: &'a Against) -> Option<&'a Samples> {
    match against {
        Against::Baseline(baseline) => {
            let of_it = baseline.rows.iter().find(|old| old.name == row.name);
            of_it.map(|old| &old.samples)
        }
        Against::Old | Against::Nothing => None,
    }
}

fn differences(row: &workload::Row, samples: &Samples, against: &Against) -> Differences {
    let by = by(row, samples, against);
    let ratios = |one: &[Sample], other: &[Sample]| -> Vec<f64> {
        let pairs = one.iter().zip(other);
        pairs
            .map(|(one, other)| (by.of(one) / by.of(other)).ln())
            .collect()
    };
    let mut changed = ratios(&samples.new, &samples.old);
    let mut same = ratios(&samples.again, &samples.old);
    if matches!(against, Against::Baseline(_)) {
        // Two sittings: what differs by itself differs in both.
        let before = before(row, against).cloned().unwrap_or_default();
        let less = |now: &mut Vec<f64>, before: Vec<f64>| {
            *now = now
                .iter()
                .zip(before)
                .map(|(now, before)| now - before)
                .collect();
        };
        less(&mut changed, ratios(&before.new, &before.old));
        less(&mut same, ratios(&before.again, &before.old));
    }
    Differences { changed, same }
}

fn told(
    row: workload::Row,
    samples: Result<Samples, Without>,
    looked: Option<Looked>,
    against: &Against,
) -> Row {
    let (samples, without) = match samples {
        Ok(samples) => (samples, None),
        Err(without) => (Samples::default(), Some(without)),
    };
    let (verdict, reason) = match (without, looked) {
        (Some(Without::Void(what)), _) => (Verdict::Void, Some(what)),
        (Some(Without::NotDeclared(why)), _) => (Verdict::NotDeclared, Some(why)),
        (Some(Without::Lost(why)), _) if matches!(against, Against::Nothing) => {
            (Verdict::NotDeclared, Some(why))
        }
        (Some(Without::Lost(why) | Without::Unknown(why)), _) => (Verdict::Inconclusive, Some(why)),
        (None, None) => (
            Verdict::Inconclusive,
            Some("too few pairs: the baseline has not as many".to_owned()),
        ),
        (None, Some(_)) if matches!(against, Against::Nothing) => (Verdict::Told, None),
        (None, Some(looked)) => (looked.verdict, why(&samples, looked.verdict)),
    };
    let ratio = looked.map(|looked| Estimate {
        middle: looked.change.middle.exp(),
        low: looked.change.low.exp(),
        high: looked.change.high.exp(),
    });
    Row {
        name: row.name.to_owned(),
        by: by(&row, &samples, against),
        verdict,
        reason,
        pairs: samples.new.len(),
        ratio,
        threshold: looked.map(|looked| looked.threshold.exp()),
        noise: looked.map(|looked| looked.noise.exp()),
        chance: looked.map(|looked| looked.chance),
        visible: looked.map(|looked| (looked.threshold + 2.0 * looked.change.half_width()).exp()),
        samples,
    }
}

/// What else is to be known of a verdict.
fn why(samples: &Samples, verdict: Verdict) -> Option<String> {
    let (new, old) = samples.counters?;
    let requests = (new.requests != old.requests)
        .then(|| format!("{} requests, {} before", new.requests, old.requests));
    let repeated = (new.repeated_parts != old.repeated_parts).then(|| {
        format!(
            "{} parts sent again, {} before",
            new.repeated_parts, old.repeated_parts
        )
    });
    let changes: Vec<String> = requests.into_iter().chain(repeated).collect();
    let is_said = !changes.is_empty() && verdict != Verdict::Void;
    is_said.then(|| changes.join("; "))
}

impl Subject {
    /// By its name, version and language.
    pub fn name(&self) -> String {
        let description = &self.description;
        format!(
            "{} {} ({})",
            description.name, description.version, description.language
        )
    }
}
