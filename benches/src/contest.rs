//! A contest: the built-in client and its rivals do the same work on the same memory, each is verified before it is timed, and each
//! rival is timed turn by turn with the built-in. On a shared machine figures drift by tens of percent within a minute, but the ratio
//! of two neighbours in time does not: so ratios are what the table at the end tells.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, SamplingMode};

use crate::table::{self, Amount, Row};

/// What the contenders of a row work on.
pub trait Work {
    /// Makes it as it was before any contender came.
    fn reset(&mut self);

    /// Whether the contender that ran since did right.
    ///
    /// # Errors
    /// What differs.
    fn check(&self) -> Result<(), String>;
}

/// A contender: does the row's work once, as often as it is called.
pub type Contender<'w, W> = Box<dyn FnMut(&mut W) + 'w>;

/// A row that is ready to run.
pub struct Bout<'w, W> {
    /// Shared by all contenders.
    pub work: W,
    /// The built-in, then its rivals in the order of their names.
    pub contenders: Vec<Contender<'w, W>>,
}

/// All rows of one bench.
pub struct Contest {
    title: &'static str,
    criterion: Criterion,
    rows: Vec<Row>,
}

/// The fewest that criterion takes: on a shared machine few long samples spread less than many short ones.
const SAMPLES: usize = 10;
/// The contender that the others are compared with.
const BUILT_IN: &str = "built-in";

impl Contest {
    /// A contest without rows. Takes criterion's arguments from the command line.
    pub fn new(title: &'static str) -> Self {
        let criterion = Criterion::default()
            .sample_size(SAMPLES)
            .warm_up_time(Duration::from_millis(200))
            .measurement_time(Duration::from_millis(1_000))
            .nresamples(10_000)
            .without_plots()
            .configure_from_args();
        Contest {
            title,
            criterion,
            rows: Vec::new(),
        }
    }

    /// Verifies and times a row, or as much of it as the command line selects. A turn processes `amount`.
    ///
    /// # Panics
    /// If the output of a contender is wrong: no figure is printed for it.
    pub fn row<'w, W: Work>(
        &mut self,
        name: &str,
        amount: Amount,
        rivals: &[&'static str],
        prepare: impl FnOnce() -> Bout<'w, W>,
    ) {
        let mut row = Row::new(name, amount);
        let mut prepare = Some(prepare);
        let mut bout = None;
        let mut group = self
            .criterion
            .benchmark_group(format!("{}/{name}", self.title));
        group
            .sampling_mode(SamplingMode::Flat)
            .throughput(amount.into());
        let names = [&[BUILT_IN], rivals].concat();
        for (index, contender) in names.iter().enumerate() {
            let mut samples = Vec::new();
            group.bench_function(*contender, |bencher| {
                // Here, because a row that nobody asked for shall cost nothing.
                if let Some(prepare) = prepare.take() {
                    bout = Some(prepare());
                    bout.iter_mut().for_each(|bout| bout.verify(&names));
                }
                let bout = bout.as_mut().expect("the first call made it");
                bencher.iter_custom(|turns| {
                    let sample = bout.sample(index, turns);
                    let own = sample.own;
                    samples.push(sample);
                    own
                });
            });
            // What precedes is criterion's warming up.
            let measured = samples.split_off(samples.len().saturating_sub(SAMPLES));
            row.add((index > 0).then_some(*contender), &measured);
        }
        group.finish();
        self.rows.push(row);
    }

    /// Prints the table of ratios to stderr.
    pub fn finish(self) {
        self.criterion.final_summary();
        table::print(self.title, &self.rows);
    }
}

/// Turns of a contender, and as many of the built-in in between.
pub(crate) struct Sample {
    pub(crate) turns: u64,
    pub(crate) own: Duration,
    pub(crate) built_in: Duration,
}

impl<W: Work> Bout<'_, W> {
    fn verify(&mut self, names: &[&str]) {
        assert_eq!(self.contenders.len(), names.len(), "a name each");
        for (name, contender) in names.iter().zip(&mut self.contenders) {
            self.work.reset();
            contender(&mut self.work);
            let verdict = self.work.check();
            assert!(verdict.is_ok(), "{name} is wrong: {verdict:?}");
        }
    }

    /// Times a contender; a rival turn by turn with the built-in.
    fn sample(&mut self, index: usize, turns: u64) -> Sample {
        let (built_in, rivals) = self
            .contenders
            .split_first_mut()
            .expect("a row has a built-in");
        let work = &mut self.work;
        let mut turn = |contender: &mut Contender<'_, W>| {
            let start = Instant::now();
            contender(black_box(&mut *work));
            start.elapsed()
        };
        let mut sample = Sample {
            turns,
            own: Duration::ZERO,
            built_in: Duration::ZERO,
        };
        let rival = index.checked_sub(1).and_then(|rival| rivals.get_mut(rival));
        if let Some(rival) = rival {
            for _ in 0..turns {
                sample.own += turn(rival);
                sample.built_in += turn(built_in);
            }
        } else {
            for _ in 0..turns {
                sample.own += turn(built_in);
            }
            sample.built_in = sample.own;
        }
        sample
    }
}

impl Sample {
    pub(crate) fn seconds_a_turn(&self) -> f64 {
        let turns = u32::try_from(self.turns).expect("a sample takes seconds at most");
        self.own.as_secs_f64() / f64::from(turns)
    }

    /// The time of the contender divided by that of the built-in.
    pub(crate) fn ratio(&self) -> f64 {
        self.own.div_duration_f64(self.built_in)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Sum(u32);

    impl Work for Sum {
        fn reset(&mut self) {
            self.0 = 0;
        }

        fn check(&self) -> Result<(), String> {
            (self.0 == 1)
                .then_some(())
                .ok_or_else(|| format!("{}, expected 1", self.0))
        }
    }

    fn verify(rival: fn(&mut Sum)) {
        let mut bout = Bout {
            work: Sum(9),
            contenders: vec![Box::new(|sum: &mut Sum| sum.0 += 1), Box::new(rival)],
        };
        bout.verify(&[BUILT_IN, "rival"]);
    }

    #[test]
    fn each_contender_begins_anew() {
        verify(|sum| sum.0 += 1);
    }

    #[test]
    #[should_panic(expected = "rival is wrong: Err(\"2, expected 1\")")]
    fn a_wrong_rival_is_not_timed() {
        verify(|sum| sum.0 += 2);
    }

    #[test]
    #[should_panic(expected = "rival is wrong: Err(\"0, expected 1\")")]
    fn an_idle_rival_is_not_taken_for_the_one_before() {
        verify(|_| ());
    }
}
