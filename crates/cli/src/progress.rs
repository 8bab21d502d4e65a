//! Progress on standard error.

use std::cell::RefCell;
use std::fmt::Write;
use std::io::IsTerminal;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use partproof_subjects::find;
use partproof_suite::Finding;
use partproof_suite::report::{LawReport, Report};
use partproof_suite::runner::Progress;
use partproof_visible::visible;

use crate::check::count;
use crate::output::{self, bad, doubtful};

/// What is told of a run on standard error: findings as they are met; on a terminal a bar, elsewhere a line each ten seconds; at the end how fast it was.
pub(crate) struct Watcher<K> {
    is_known: K,
    bar: ProgressBar,
    started: Instant,
    times: RefCell<Times>,
    /// Where the run is.
    text: Arc<Mutex<String>>,
    /// Ends the lines.
    _lines: Option<Sender<()>>,
}

/// How long the laws of each piece took, in the order in which the pieces were judged.
struct Times {
    last: Instant,
    pieces: Vec<(&'static str, Duration)>,
}

/// How often a line says where a run is that no terminal shows.
const BEAT: Duration = Duration::from_secs(10);

impl<K: Fn(&str) -> bool> Watcher<K> {
    /// Follows a run in which these findings are known.
    pub(crate) fn new(is_known: K) -> Self {
        let (bar, is_watched) = bar("{msg:24} {wide_bar} {human_pos}/{human_len} cases, {elapsed}");
        let (now, text) = (Instant::now(), Arc::default());
        Self {
            is_known,
            bar,
            started: now,
            times: RefCell::new(Times {
                last: now,
                pieces: Vec::new(),
            }),
            _lines: (!is_watched).then(|| lines(now, Arc::clone(&text))),
            text,
        }
    }

    pub(crate) fn show(&self, progress: Progress<'_>) {
        match progress {
            Progress::At {
                law,
                done_of_run: done,
                cases_of_run: cases,
                findings,
                ..
            } => {
                let mut times = self.times.borrow_mut();
                let (piece, now) = (law.on.piece(), Instant::now());
                let took = now - std::mem::replace(&mut times.last, now);
                match times.pieces.iter_mut().find(|(name, _)| *name == piece) {
                    Some((_, time)) => *time += took,
                    None => times.pieces.push((piece, took)),
                }
                let findings = if findings > 0 {
                    format!(" ({})", count(findings, "finding"))
                } else {
                    String::new()
                };
                let (done_text, cases_text) = (output::grouped(done), output::grouped(cases));
                *lock(&self.text) = format!(
                    "{done_text} of {cases_text} cases{findings}, now {}",
                    law.id
                );
                self.bar.set_length(cases);
                self.bar.set_position(done);
                self.bar.set_message(format!("{}{findings}", law.id));
            }
            Progress::Met(finding) => self.tell("met", finding),
            Progress::Smallest(finding) => self.tell("smallest", finding),
        }
    }

    fn tell(&self, how: &str, finding: &Finding) {
        if (self.is_known)(&finding.id) {
            return;
        }
        let seconds = self.started.elapsed().as_secs_f64();
        let id = match finding.hardening {
            true => doubtful(&finding.id),
            false => bad(&finding.id),
        };
        let replay = visible(&finding.replay);
        let text = format!("{seconds:.1} s: {how:8} {id}\n  {replay}\n");
        self.bar.suspend(|| output::say(&text));
    }

    /// Takes the bar away and says how fast it was.
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
        for (piece, elapsed) in &self.times.borrow().pieces {
            let is_of =
                |law: &&LawReport| find(&law.id).is_some_and(|law| law.on.piece() == *piece);
            let cases = report.laws.iter().filter(is_of).map(|law| law.cases);
            let _ = write!(text, "  {piece:18}{}", speed(cases.sum(), *elapsed));
        }
        output::say(&text);
    }
}

/// Says again and again where a run is, until nobody holds the other end.
fn lines(started: Instant, place: Arc<Mutex<String>>) -> Sender<()> {
    let (held, ends) = mpsc::channel();
    thread::spawn(move || {
        while ends.recv_timeout(BEAT) == Err(RecvTimeoutError::Timeout) {
            let elapsed = started.elapsed().as_secs();
            let text = lock(&place).clone();
            output::say(&format!("{elapsed} s: {text}\n"));
        }
    });
    held
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A bar over a few long steps; without a terminal, lines.
pub(crate) struct Steps {
    bar: ProgressBar,
    text: Arc<Mutex<String>>,
    _lines: Option<Sender<()>>,
}

impl Steps {
    pub(crate) fn new() -> Self {
        let (bar, is_watched) = bar("{wide_msg} {pos}/{len}, {elapsed}");
        let text = Arc::default();
        Self {
            _lines: (!is_watched).then(|| lines(Instant::now(), Arc::clone(&text))),
            bar,
            text,
        }
    }

    pub(crate) fn show(&self, done: usize, all: usize, what: &str) {
        let what = visible(what);
        *lock(&self.text) = format!("{what}, {done} of {all}");
        self.bar.set_length(u64::try_from(all).unwrap_or(u64::MAX));
        self.bar
            .set_position(u64::try_from(done).unwrap_or(u64::MAX));
        self.bar.set_message(what);
    }

    pub(crate) fn finish(self) {
        self.bar.finish_and_clear();
    }
}

/// A bar, if somebody watches.
fn bar(template: &str) -> (ProgressBar, bool) {
    let is_watched = std::io::stderr().is_terminal();
    let bar = if is_watched {
        ProgressBar::new(0)
    } else {
        ProgressBar::hidden()
    };
    let style = ProgressStyle::with_template(template);
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    if is_watched {
        bar.enable_steady_tick(Duration::from_millis(250));
    }
    (bar, is_watched)
}

fn seconds(elapsed: Duration) -> String {
    format!("{:.1} s", elapsed.as_secs_f64())
}

fn rate(cases: u64, elapsed: Duration) -> u64 {
    let nanoseconds = elapsed.as_nanos().max(1);
    u64::try_from(u128::from(cases) * 1_000_000_000 / nanoseconds).unwrap_or(u64::MAX)
}
