//! Runs laws on a subject: draws cases, judges each, shrinks what fails, goes on after the first failure, and says what it
//! has not met. All that a report holds follows from seed, profile and subject, so that the same run gives it again.

mod judge;
mod tally;

use std::collections::{BTreeMap, VecDeque};

use arbitrary::Unstructured;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::case::Case;
use crate::finding::Finding;
use crate::known::Known;
use crate::law::{Held, LAWS, Law, Unheld, Violation, WithCheck};
use crate::report::Report;
use crate::subject::Subject;
use crate::subject::program::Program;
use judge::{SILENT, is_in_doubt, judge_all, weight};
use tally::Tally;

pub(crate) use judge::{BREAKS, judge};

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
    /// Which laws.
    pub laws: &'a dyn Fn(&Law) -> bool,
    /// Findings that have been told before: the smallest case of one is not looked for again.
    pub known: &'a Known,
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

/// Runs every selected law on a subject.
pub fn run(subject: &Subject<'_>, options: &mut Options<'_>) -> Report {
    // A client has no business with Partproof itself.
    let is_partproof = subject.own_reader.is_some() || subject.own_emulator.is_some();
    let concerns = |law: &&Law| !law.is_about_partproof() || is_partproof;
    let selected: Vec<&'static Law> = LAWS
        .iter()
        .copied()
        .filter(|law| (options.laws)(law))
        .filter(concerns)
        .collect();
    let list = options.known;
    let known = |id: &str| list.has(subject.name, id);
    let mut findings = Findings {
        known: &known,
        in_order: Vec::new(),
        by_id: BTreeMap::new(),
    };
    let mut laws = Vec::new();
    let mut answered = false;
    for law in selected {
        let mut session = Session {
            law,
            program: subject.program,
            seed: options.seed,
            cases: options.profile.cases(law, subject),
            progress: &mut *options.progress,
            findings: &mut findings,
            tally: Tally::default(),
        };
        let ran = law.check.bind(subject, &mut session).is_some();
        answered |= session.tally.held > 0 || session.tally.refused > 0;
        laws.push(session.tally.report(law, subject, ran));
    }
    let mut report = Report::new(
        subject.name,
        options.profile.name(),
        options.seed,
        laws,
        findings.in_order,
        answered,
    );
    if let Some(program) = subject.program {
        report.undeclared = program.undeclared();
        // Who selects laws leaves operations out on purpose.
        if LAWS.iter().all(|law| (options.laws)(law)) {
            report.unexercised = program.unexercised();
        }
        report.judge();
    }
    report
}

/// How often a subject in a process of its own may break in one law before the rest of that law's cases is not worth the wait; see
/// [`weight`].
const MOST_BREAKS: u64 = 30;

/// Findings in the order in which they were met.
struct Findings<'k> {
    known: &'k dyn Fn(&str) -> bool,
    in_order: Vec<Finding>,
    by_id: BTreeMap<String, usize>,
}

/// One law being run.
struct Session<'a, 'k> {
    law: &'static Law,
    program: Option<&'a Program>,
    seed: u64,
    cases: u64,
    progress: &'a mut dyn FnMut(Progress),
    findings: &'a mut Findings<'k>,
    tally: Tally,
}

impl WithCheck for &mut Session<'_, '_> {
    type Out = ();

    /// Draws and judges all cases.
    fn with<C: Case>(self, law: impl Fn(&C) -> Held + Sync) {
        let mut rng = rng(self.seed, self.law);
        let mut bytes = vec![0; C::BYTES];
        // Whole clients take long for a case.
        let step = self.cases.clamp(1, 1_024 * 100) / 100;
        let at_a_time = self.at_a_time();
        // More than are judged at a time, so that one that takes long holds up few.
        let most_drawn = if at_a_time == 1 { 1 } else { 4 * at_a_time };
        let mut drawn: VecDeque<C> = VecDeque::new();
        let (mut left, mut done, mut breaks) = (self.cases, 0, 0);
        'cases: while done < self.cases {
            if done % step.max(1) == 0 || at_a_time > 1 {
                self.report_progress(done);
            }
            while drawn.len() < most_drawn && left > 0 {
                rng.fill_bytes(&mut bytes);
                let case = C::arbitrary(&mut Unstructured::new(&bytes));
                drawn.push_back(case.expect("drawing goes on with zeros when bytes run out"));
                left -= 1;
            }
            let is_alone = drawn.len() == 1;
            let cases = &*drawn.make_contiguous();
            let patience = MOST_BREAKS.saturating_sub(breaks);
            let judged = judge_all(&law, cases, at_a_time, patience, |judged| {
                self.report_progress(done + u64::try_from(judged).unwrap_or(0));
            });
            // Those that were not judged are the first of the next round.
            let rest = drawn.split_off(judged.len());
            for (case, held) in drawn.iter().zip(judged) {
                // Whoever was asked something when the subject broke is judged again, alone: one of them broke it.
                let held = match !is_alone && is_in_doubt(&held) {
                    true => judge(&law, case),
                    false => held,
                };
                done += 1;
                if self.program.is_some() {
                    breaks += weight(&held);
                }
                self.count(&law, case, held);
                if breaks >= MOST_BREAKS {
                    self.tally.given_up = true;
                    break 'cases;
                }
            }
            drawn = rest;
        }
        self.report_progress(self.cases);
    }
}

impl Session<'_, '_> {
    /// Counts what came of a case.
    fn count<C: Case>(&mut self, law: &(impl Fn(&C) -> Held + Sync), case: &C, held: Held) {
        self.tally.judged += 1;
        match held {
            Ok(()) => {
                self.tally.held += 1;
                self.tally.met = self.tally.met.union(case.classes());
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
                self.tally.violated += 1;
                self.tally.met = self.tally.met.union(case.classes());
                self.note(law, case.clone(), *violation);
            }
        }
    }

    /// How many cases are judged at a time: a subject in this process takes its time, one in another mostly waits.
    fn at_a_time(&self) -> usize {
        self.program.map_or(1, Program::at_a_time)
    }

    /// Adds a violation to the findings; the first of its kind is shrunk.
    fn note<C: Case>(&mut self, law: &(impl Fn(&C) -> Held + Sync), case: C, violation: Violation) {
        let id = Finding::id(&violation);
        let at = match self.findings.by_id.get(&id) {
            Some(at) => *at,
            None => {
                let most_steps = match (self.findings.known)(&id) {
                    // Somewhat smaller: some cases take pages.
                    true => C::MOST_STEPS / 100,
                    false => C::MOST_STEPS,
                };
                let (case, violation) =
                    shrink(law, case, violation, (most_steps, self.at_a_time()));
                let case = serde_json::to_value(&case).expect("a case serialises");
                let at = self.findings.in_order.len();
                self.findings
                    .in_order
                    .push(Finding::new(self.law, &violation, case, self.program));
                self.findings.by_id.insert(id, at);
                at
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

/// A generator of its own for each law, so that one law's cases do not depend on which others run.
fn rng(seed: u64, law: &Law) -> ChaCha8Rng {
    let mut whole = [0; 32];
    whole[..8].copy_from_slice(&seed.to_le_bytes());
    for (index, byte) in law.id.bytes().enumerate() {
        whole[8 + index % 24] = whole[8 + index % 24].rotate_left(3) ^ byte;
    }
    ChaCha8Rng::from_seed(whole)
}

/// The simplest case found that still violates the same rule with the same symptom.
fn shrink<C: Case>(
    law: &(impl Fn(&C) -> Held + Sync),
    case: C,
    violation: Violation,
    (most_steps, at_a_time): (u32, usize),
) -> (C, Violation) {
    let id = Finding::id(&violation);
    let steps = match violation.symptom {
        // Each takes as long as the subject is waited for.
        SILENT => most_steps.min(4),
        _ => most_steps,
    };
    let mut steps = usize::try_from(steps).unwrap_or(usize::MAX);
    let (mut smallest, mut its_violation) = (case, violation);
    'simpler: loop {
        for candidates in smallest.smaller().chunks(at_a_time) {
            let candidates = candidates.get(..steps).unwrap_or(candidates);
            steps -= candidates.len();
            // The first of them, so that the end does not depend on how many are judged at a time.
            let still = judge_all(law, candidates, at_a_time, u64::MAX, |_| ())
                .into_iter()
                .zip(candidates)
                .find_map(|(held, candidate)| match held {
                    // Only alone it is told who broke the subject.
                    held if candidates.len() > 1 && is_in_doubt(&held) => {
                        match judge(law, candidate) {
                            Err(Unheld::Violated(violation)) if Finding::id(&violation) == id => {
                                Some((candidate.clone(), *violation))
                            }
                            _ => None,
                        }
                    }
                    Err(Unheld::Violated(violation)) if Finding::id(&violation) == id => {
                        Some((candidate.clone(), *violation))
                    }
                    _ => None,
                });
            if let Some(still) = still {
                (smallest, its_violation) = still;
                continue 'simpler;
            }
            if steps == 0 {
                break 'simpler;
            }
        }
        break;
    }
    (smallest, its_violation)
}
