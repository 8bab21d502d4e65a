//! Runs laws on a subject: draws cases, judges each, shrinks what fails, goes on after the first failure, and says what it
//! has not met. All that a report holds follows from seed, profile and subject, so that the same run gives it again.

mod drawing;
mod findings;
mod judge;
mod load;
mod shrink;
mod tally;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::num::NonZero;
use std::thread;

use crate::case::BoxedCase;
use crate::class::Classes;
use crate::finding::Finding;
use crate::law::{Held, Law, Unheld, Violation};
use crate::report::Report;
use crate::subject::{Process, Subject};
use drawing::Drawing;
use findings::Findings;
use judge::{in_order, is_in_doubt, judge_all, weight};
use shrink::{MOST_TIME, Most, shrunk};
use tally::Tally;

pub use judge::guarded;
pub(crate) use judge::judge;
pub use load::Load;

/// How long to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Seconds: for every change.
    Quick,
    /// A hundred times as many cases: for the night.
    Nightly,
}

impl Profile {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Nightly => "nightly",
        }
    }

    fn cases(self, law: &Law, subject: &Subject<'_>) -> u64 {
        let factor = match self {
            Self::Quick => 1,
            Self::Nightly => 100,
        };
        let quick = match subject.program {
            // What it does not declare is drawn anew, and classes that were not met are drawn for.
            Some(_) if law.is_about_whole_clients() && law.quick_cases >= 100 => {
                law.quick_cases / 2
            }
            // A plan of 10,000 parts is 600 KB of JSON.
            Some(_) => law.quick_cases.min(MOST_QUICK_CASES_OF_A_PROGRAM),
            None => law.quick_cases,
        };
        u64::from(quick) * factor
    }
}

/// How many cases of a law a quick run has at most for a subject in a process of its own.
const MOST_QUICK_CASES_OF_A_PROGRAM: u32 = 5_000;

/// What to run and how.
pub struct Options<'a> {
    /// How many cases.
    pub profile: Profile,
    /// What the cases are drawn from.
    pub seed: u64,
    /// Which laws, in this order.
    pub laws: &'a [&'static Law],
    /// Whether these are all laws: then what a program declares and no case reached is told.
    pub is_whole: bool,
    /// How many cases of a subject in this process are judged at a time, see [`cores`]; the report is the same whatever it is.
    pub threads: usize,
    /// Whether a finding of this id has been told before: its smallest case is not looked for again.
    pub known: &'a dyn Fn(&str) -> bool,
    /// Told as laws begin, go on and end.
    pub progress: &'a mut dyn FnMut(Progress),
}

/// Where a run is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// The law that is run.
    pub law: &'static Law,
    /// Cases it has judged.
    pub done: u64,
    /// Cases it will judge.
    pub cases: u64,
    /// Findings so far, of all laws.
    pub findings: usize,
}

/// How many cores there are.
pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Runs laws on a subject.
pub fn run(subject: &Subject<'_>, options: &mut Options<'_>) -> Report {
    let mut findings = Findings {
        known: options.known,
        in_order: Vec::new(),
        by_id: BTreeMap::new(),
    };
    let mut laws = Vec::new();
    let mut answered = false;
    for law in options.laws.iter().copied() {
        let mut session = Session {
            law,
            subject,
            seed: options.seed,
            threads: options.threads,
            cases: options.profile.cases(law, subject),
            progress: &mut *options.progress,
            findings: &mut findings,
            tally: Tally::default(),
        };
        let ran = law.on.has_piece(subject);
        if ran {
            session.run();
        }
        answered |= session.tally.held > 0 || session.tally.refused > 0;
        laws.push(session.tally.report(law, subject, ran));
    }
    // Of what is wrong for input that there is, it is not told again that it is wrong for other input.
    let counts: BTreeSet<String> = findings
        .in_order
        .iter()
        .filter(|finding| !finding.hardening)
        .map(|finding| finding.id.clone())
        .collect();
    findings
        .in_order
        .retain(|finding| !finding.hardening || !counts.contains(&finding.id));
    let mut report = Report::new(
        subject.name,
        options.profile.name(),
        options.seed,
        laws,
        Finding::group(findings.in_order),
        answered,
    );
    if let Some(program) = subject.program {
        report.undeclared = program.undeclared();
        // Who selects laws leaves operations out on purpose.
        if options.is_whole {
            report.unexercised = program.unexercised();
        }
        report.judge();
    }
    report
}

/// How often a subject in a process of its own may break in one law before the rest of that law's cases is not worth the wait; see
/// [`weight`].
const MOST_BREAKS: u64 = 30;

/// One law being run.
struct Session<'a, 'k> {
    law: &'static Law,
    subject: &'a Subject<'a>,
    seed: u64,
    threads: usize,
    cases: u64,
    progress: &'a mut dyn FnMut(Progress),
    findings: &'a mut Findings<'k>,
    tally: Tally,
}

impl Session<'_, '_> {
    /// Draws and judges all cases, and goes on for classes of input that no case of them met.
    fn run(&mut self) {
        let mut drawing = Drawing::new(self.seed, self.law, self.cases);
        match self.subject.program {
            Some(program) => self.of_program(program, &mut drawing),
            None => self.in_process(&mut drawing),
        }
        self.report_progress(self.cases);
    }

    /// Judges a subject in this process, on every core. What comes of it is counted in the order of the cases, so that a report does not depend
    /// on how many there are.
    fn in_process(&mut self, drawing: &mut Drawing) {
        let (law, subject) = (self.law, self.subject);
        // A whole client waits for the service at times, and the service for it; and a case of it may take as long as all others of its turn.
        let (threads, turns) = match law.is_about_whole_clients() {
            true => (2 * self.threads, 4),
            false => (self.threads, 20),
        };
        let most = (self.cases / turns).clamp(4, 1 << 13);
        loop {
            self.report_progress(self.tally.counted());
            let drawn = drawing.draw(law, subject, &self.tally, most);
            if drawn.is_empty() {
                break;
            }
            let judged = in_order(threads, &drawn, |bytes| {
                let case = law.on.draw(bytes);
                let held = judge(law, subject, &*case);
                let violates = matches!(held, Err(Unheld::Violated(_)));
                // A case that holds is not kept: there are thousands.
                (held, case.classes(), violates.then_some(case))
            });
            for (held, classes, case) in judged {
                drawing.redraw(&held);
                self.count(held, classes, || case.expect("it is kept when it violates"));
            }
        }
    }

    /// Judges a subject in a process of its own, so many cases at a time as it answers.
    fn of_program(&mut self, program: &dyn Process, drawing: &mut Drawing) {
        let (law, subject) = (self.law, self.subject);
        let judge_case = |case: &BoxedCase| judge(law, subject, &**case);
        // Whole clients take long for a case.
        let step = self.cases.clamp(1, 1_024 * 100) / 100;
        let at_a_time = program.at_a_time();
        // More than are judged at a time, so that one that takes long holds up few.
        let most_drawn = if at_a_time == 1 { 1 } else { 4 * at_a_time };
        let mut drawn: VecDeque<BoxedCase> = VecDeque::new();
        let mut breaks = 0;
        loop {
            let done = self.tally.counted();
            if done.is_multiple_of(step.max(1)) || at_a_time > 1 {
                self.report_progress(done);
            }
            // What is drawn for a class depends on what all before have met.
            if drawing.left > 0 || drawn.is_empty() {
                let room = u64::try_from(most_drawn - drawn.len()).unwrap_or(0);
                let more = drawing.draw(law, subject, &self.tally, room);
                drawn.extend(more.iter().map(|bytes| law.on.draw(bytes)));
            }
            if drawn.is_empty() {
                return;
            }
            let is_alone = drawn.len() == 1;
            let cases = &*drawn.make_contiguous();
            let patience = MOST_BREAKS.saturating_sub(breaks);
            let judged = judge_all(&judge_case, cases, at_a_time, patience, |judged| {
                self.report_progress(done + u64::try_from(judged).unwrap_or(0));
            });
            // Those that were not judged are the first of the next round.
            let rest = drawn.split_off(judged.len());
            for (case, held) in drawn.iter().zip(judged) {
                // Whoever was asked something when the subject broke is judged again, alone: one of them broke it.
                let held = match !is_alone && is_in_doubt(&held) {
                    true => judge_case(case),
                    false => held,
                };
                breaks += weight(&held);
                drawing.redraw(&held);
                self.count(held, case.classes(), || case.clone());
                if breaks >= MOST_BREAKS {
                    self.tally.given_up = true;
                    return;
                }
            }
            drawn = rest;
        }
    }

    /// Counts what came of a case.
    fn count(&mut self, held: Held, classes: Classes, case: impl FnOnce() -> BoxedCase) {
        self.tally.judged += 1;
        match held {
            Ok(()) => {
                self.tally.held += 1;
                self.tally.met = self.tally.met.union(classes);
            }
            Err(Unheld::NotDeclared) => self.tally.not_declared += 1,
            Err(Unheld::Refused(refusal)) => {
                self.tally.refused += 1;
                self.tally.refusal.get_or_insert(refusal.0);
            }
            Err(Unheld::CannotRun(reason)) => {
                self.tally.cannot_run.get_or_insert(reason);
            }
            Err(Unheld::Violated(violation)) => {
                self.tally.met = self.tally.met.union(classes);
                match self.law.is_hardening(classes) {
                    true => self.tally.hardening += 1,
                    false => self.tally.violated += 1,
                }
                self.note(case(), *violation);
            }
        }
    }

    /// Adds a violation to the findings; the first of its kind is shrunk.
    fn note(&mut self, case: BoxedCase, violation: Violation) {
        let id = Finding::id(&violation);
        let hardening = self.law.is_hardening(case.classes());
        let cause = violation.evidence.cause;
        let at = match self.findings.of(&id, hardening, cause) {
            Some(at) => at,
            None => {
                let most_steps = match (self.findings.known)(&id) {
                    // Somewhat smaller: some cases take pages.
                    true => self.law.on.most_steps() / 100,
                    false => self.law.on.most_steps(),
                };
                let most = Most {
                    steps: most_steps,
                    time: Load::now().stretches(MOST_TIME),
                };
                let (finding, cause) = shrunk(self.law, self.subject, case, violation, most);
                self.findings.add(finding, cause)
            }
        };
        let finding = &mut self.findings.in_order[at];
        if finding.law == self.law.id {
            finding.cases += 1;
        } else if finding.also.last().is_none_or(|last| last != self.law.id) {
            finding.also.push(self.law.id.to_owned());
        }
    }

    fn report_progress(&mut self, done: u64) {
        let findings = self.findings.in_order.len();
        (self.progress)(Progress {
            law: self.law,
            done,
            cases: self.cases,
            findings,
        });
    }
}
