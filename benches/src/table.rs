//! The table at the end of a bench: for each row how fast the built-in was by itself, and its speed divided by each rival's, the
//! strongest rival first.

use std::fmt;

use criterion::Throughput;

use crate::contest::Sample;
use partproof_bench::Limits;

/// What one turn processes.
#[derive(Clone, Copy, Debug)]
pub enum Amount {
    /// Bytes.
    Bytes(u32),
    /// Parts, or cases.
    Elements(u32),
}

impl From<Amount> for Throughput {
    fn from(amount: Amount) -> Self {
        match amount {
            Amount::Bytes(bytes) => Throughput::Bytes(bytes.into()),
            Amount::Elements(elements) => Throughput::Elements(elements.into()),
        }
    }
}

/// The figures of one row.
pub(crate) struct Row {
    name: String,
    amount: Amount,
    /// Seconds a turn of the built-in, when nothing runs in between.
    built_in: Option<Spread>,
    /// Each rival's time divided by the built-in's.
    ratios: Vec<(&'static str, Spread)>,
}

impl Row {
    pub(crate) fn new(name: &str, amount: Amount) -> Self {
        Row {
            name: name.to_owned(),
            amount,
            built_in: None,
            ratios: Vec::new(),
        }
    }

    /// Adds the samples of a rival, or of the built-in itself.
    pub(crate) fn add(&mut self, rival: Option<&'static str>, samples: &[Sample]) {
        match rival {
            None => self.built_in = Spread::of(samples.iter().map(Sample::seconds_a_turn)),
            Some(rival) => {
                let ratios = Spread::of(samples.iter().map(Sample::ratio));
                self.ratios.extend(ratios.map(|ratios| (rival, ratios)));
            }
        }
    }

    /// The built-in's speed, if it was run by itself.
    fn speed(&self) -> String {
        let Some(Spread { median, .. }) = self.built_in else {
            return "-".to_owned();
        };
        match self.amount {
            Amount::Bytes(bytes) => format!("{:.2} GB/s", f64::from(bytes) / median / 1e9),
            Amount::Elements(elements) => format!("{:.0} /s", f64::from(elements) / median),
        }
    }
}

/// Prints the rows that were run, and the machine's limits below them.
pub(crate) fn print(title: &str, rows: &[Row]) {
    let ran = |row: &&Row| row.built_in.is_some() || !row.ratios.is_empty();
    let mut rows = rows.iter().filter(ran).peekable();
    if rows.peek().is_none() {
        return;
    }
    let rivals = if rows.clone().any(|row| !row.ratios.is_empty()) {
        ", then its speed / each rival's, median (min..max) of paired samples, strongest rival first"
    } else {
        ""
    };
    eprintln!(
        "
{title}: speed of the built-in{rivals}"
    );
    for row in rows {
        let mut ratios = row.ratios.clone();
        ratios.sort_by(|(_, a), (_, b)| a.median.total_cmp(&b.median));
        let ratios: Vec<_> = ratios
            .iter()
            .map(|(rival, ratio)| format!("{rival} {ratio}"))
            .collect();
        let line = format!(
            "  {:<24} {:>12}   {}",
            row.name,
            row.speed(),
            ratios.join("   ")
        );
        eprintln!("{}", line.trim_end());
    }
    eprintln!("{}", Limits::measure());
}

/// The middle and the ends of some samples.
#[derive(Clone, Copy)]
struct Spread {
    min: f64,
    median: f64,
    max: f64,
}

impl Spread {
    /// None of no samples.
    fn of(samples: impl Iterator<Item = f64>) -> Option<Spread> {
        let mut samples: Vec<_> = samples.collect();
        samples.sort_by(f64::total_cmp);
        Some(Spread {
            min: *samples.first()?,
            median: *samples.get(samples.len() / 2)?,
            max: *samples.last()?,
        })
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} ({:.2}..{:.2})", self.median, self.min, self.max)
    }
}
