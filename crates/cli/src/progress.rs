//! Progress of a check on standard error, while somebody watches; nothing where nobody does.

use std::fmt::Write;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use partproof_subjects::find;
use partproof_suite::report::{LawReport, Report};
use partproof_suite::runner::Progress;
use partproof_visible::visible;

use crate::output;

/// A bar that follows a run.
pub(crate) struct Bar {
    bar: ProgressBar,
    started: Instant,
    last: Instant,
    /// How long the laws of each piece took, in the order in which the pieces were judged.
    pieces: Vec<(&'static str, Duration)>,
}

impl Bar {
    pub(crate) fn new() -> Self {
        let bar = if std::io::stderr().is_terminal() {
            ProgressBar::new(0)
        } else {
            ProgressBar::hidden()
        };
        let style = ProgressStyle::with_template(
            "{msg:24} {wide_bar} {human_pos}/{human_len} cases, {elapsed}",
        );
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        let now = Instant::now();
        Self {
            bar,
            started: now,
            last: now,
            pieces: Vec::new(),
        }
    }

    pub(crate) fn show(&mut self, progress: Progress) {
        let (piece, now) = (progress.law.on.piece(), Instant::now());
        let took = now - std::mem::replace(&mut self.last, now);
        match self.pieces.iter_mut().find(|(name, _)| *name == piece) {
            Some((_, time)) => *time += took,
            None => self.pieces.push((piece, took)),
        }
        self.bar.set_length(progress.cases);
        self.bar.set_position(progress.done);
        let findings = if progress.findings > 0 {
            format!(" ({} findings)", progress.findings)
        } else {
            String::new()
        };
        self.bar
            .set_message(format!("{}{findings}", progress.law.id));
    }

    /// Takes the bar away and says how fast it was. On standard error: a report has no time in it.
    pub(crate) fn finish(self, report: &Report) {
        self.bar.finish_and_clear();
        let speed = |cases, elapsed| {
            format!(
                "{} cases in {}: {} cases/s\n",
                output::grouped(cases),
                seconds(elapsed),
                output::grouped(rate(cases, elapsed))
            )
        };
        let mut text = speed(report.cases(), self.started.elapsed());
        for (piece, elapsed) in self.pieces {
            let is_of = |law: &&LawReport| find(&law.id).is_some_and(|law| law.on.piece() == piece);
            let cases = report.laws.iter().filter(is_of).map(|law| law.cases);
            let _ = write!(text, "  {piece:18}{}", speed(cases.sum(), elapsed));
        }
        output::say(&text);
    }
}

/// A bar over a few long steps.
pub(crate) struct Steps(ProgressBar);

impl Steps {
    pub(crate) fn new() -> Self {
        let bar = if std::io::stderr().is_terminal() {
            ProgressBar::new(0)
        } else {
            ProgressBar::hidden()
        };
        let style = ProgressStyle::with_template("{wide_msg} {pos}/{len}, {elapsed}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self(bar)
    }

    pub(crate) fn show(&self, done: usize, all: usize, what: &str) {
        self.0.set_length(u64::try_from(all).unwrap_or(u64::MAX));
        self.0.set_position(u64::try_from(done).unwrap_or(u64::MAX));
        self.0.set_message(visible(what));
    }

    pub(crate) fn finish(self) {
        self.0.finish_and_clear();
    }
}

fn seconds(elapsed: Duration) -> String {
    format!("{:.1} s", elapsed.as_secs_f64())
}

fn rate(cases: u64, elapsed: Duration) -> u64 {
    let nanoseconds = elapsed.as_nanos().max(1);
    u64::try_from(u128::from(cases) * 1_000_000_000 / nanoseconds).unwrap_or(u64::MAX)
}
