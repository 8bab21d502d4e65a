//! Runs laws on a subject: draws cases, judges each, shrinks what fails, goes on after the first failure, and says what it
//! has not met. All that a report holds follows from seed, profile and subject, so that the same run gives it again.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;
use std::thread;

use arbitrary::Unstructured;
use partproof_model::key_wrap::WrapAlg;
use partproof_model::{Cipher, rules};
use partproof_protocol::How;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::case::Case;
use crate::class::{Class, Classes};
use crate::finding::Finding;
use crate::law::{Check, Consequence, Held, LAWS, Law, Unheld, Violation, WithCheck, violated};
use crate::laws::client::outcome::without_chance;
use crate::report::{LawReport, Report, Standing};
use crate::subject::Subject;
use crate::subject::client::{Abilities, Signature};
use crate::subject::program::{Instead, Program};

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
    let mut findings = Findings::default();
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

/// Runs one law once on one case.
///
/// # Errors
/// As the law says; a panic of the subject is a violation.
pub(crate) fn judge<C>(law: impl Fn(&C) -> Held, case: &C) -> Held {
    quiet_panics();
    JUDGING.set(true);
    let held = catch_unwind(AssertUnwindSafe(|| law(case)));
    JUDGING.set(false);
    held.unwrap_or_else(|panic| Err(unwound(panic.as_ref())))
}

/// What it means that a subject did not come back from a law.
fn unwound(panic: &(dyn Any + Send)) -> Unheld {
    match panic.downcast_ref::<Instead>() {
        Some(Instead::NotDeclared) => Unheld::NotDeclared,
        Some(Instead::Broke(broke)) => {
            let (symptom, consequence) = match broke.how {
                How::CannotStart(_) => (CANNOT_START, Consequence::NotJudged),
                How::Ended(_) => (ENDED, Consequence::ProcessEnded),
                How::Silent(_) => (SILENT, Consequence::ProcessEnded),
                How::Nonsense(_) => (NONSENSE, Consequence::NotJudged),
            };
            // It may tell of ports, times and processes, and a report must not.
            let actual = without_chance(&broke.to_string());
            let expected = "an answer of the protocol";
            violated(rules::ANSWERS_ALL, symptom, consequence, expected, actual)
        }
        None => {
            let message = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| panic.downcast_ref::<&str>().copied());
            violated(
                rules::REFUSAL_CLEAN,
                PANICKED,
                Consequence::ProcessEndangered,
                "an answer or a refusal",
                format!("a panic: {}", message.unwrap_or("without a message")),
            )
        }
    }
}

/// The ways in which a subject breaks.
const PANICKED: &str = "panicked";
const CANNOT_START: &str = "the subject does not start again";
const ENDED: &str = "the subject ends";
const SILENT: &str = "the subject does not answer in time";
const NONSENSE: &str = "the subject answers nonsense";

/// All of them.
pub(crate) const BREAKS: [&str; 5] = [PANICKED, CANNOT_START, ENDED, SILENT, NONSENSE];

/// How often a subject in a process of its own may break in one law before the rest of that law's cases is not worth the wait; see
/// [`weight`].
const MOST_BREAKS: u64 = 30;

thread_local! {
    static JUDGING: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// A subject's panic is reported as a finding, not on stderr once a case; everybody else's goes where it went before.
fn quiet_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !JUDGING.get() {
                before(info);
            }
        }));
    });
}

/// Findings in the order in which they were met.
#[derive(Default)]
struct Findings {
    in_order: Vec<Finding>,
    by_id: BTreeMap<String, usize>,
}

/// What one law has met.
#[derive(Default)]
struct Tally {
    judged: u64,
    held: u64,
    refused: u64,
    not_declared: u64,
    violated: u64,
    met: Classes,
    refusal: Option<String>,
    cannot_run: Option<String>,
    /// The subject broke too often.
    given_up: bool,
}

/// One law being run.
struct Session<'a> {
    law: &'static Law,
    program: Option<&'a Program>,
    seed: u64,
    cases: u64,
    progress: &'a mut dyn FnMut(Progress),
    findings: &'a mut Findings,
    tally: Tally,
}

impl WithCheck for &mut Session<'_> {
    type Out = ();

    /// Draws and judges all cases.
    fn with<C: Case>(self, law: impl Fn(&C) -> Held + Sync) {
        let mut rng = rng(self.seed, self.law);
        let mut bytes = vec![0; C::BYTES];
        // Whole clients take long for a case.
        let step = self.cases.clamp(1, 1_024 * 100) / 100;
        let at_a_time = self.at_a_time();
        let mut breaks = 0;
        let mut done = 0;
        'cases: while done < self.cases {
            if done % step.max(1) == 0 || at_a_time > 1 {
                self.report_progress(done);
            }
            let left = usize::try_from(self.cases - done).unwrap_or(usize::MAX);
            let cases: Vec<C> = (0..left.min(at_a_time))
                .map(|_| {
                    rng.fill_bytes(&mut bytes);
                    C::arbitrary(&mut Unstructured::new(&bytes))
                        .expect("drawing goes on with zeros when bytes run out")
                })
                .collect();
            let is_alone = cases.len() == 1;
            for (case, held) in cases.iter().zip(judge_all(&law, &cases)) {
                // Whoever was asked something when the subject broke is judged again, alone: one of them broke it.
                let held = match !is_alone && is_in_doubt(&held) {
                    true => judge(&law, case),
                    false => held,
                };
                done += 1;
                if let Err(Unheld::Violated(violation)) = &held {
                    breaks += weight(violation.symptom);
                }
                self.count(&law, case, held);
                if self.program.is_some() && breaks >= MOST_BREAKS {
                    self.tally.given_up = true;
                    break 'cases;
                }
            }
        }
        self.report_progress(self.cases);
    }
}

/// Judges cases at the same time, one thread each.
fn judge_all<C: Case>(law: &(impl Fn(&C) -> Held + Sync), cases: &[C]) -> Vec<Held> {
    if let [case] = cases {
        return vec![judge(law, case)];
    }
    thread::scope(|scope| {
        let threads: Vec<_> = cases
            .iter()
            .map(|case| scope.spawn(move || judge(law, case)))
            .collect();
        let join = |thread: thread::ScopedJoinHandle<'_, Held>| {
            thread
                .join()
                .unwrap_or_else(|panic| Err(unwound(panic.as_ref())))
        };
        threads.into_iter().map(join).collect()
    })
}

/// Whether the subject broke, and it may be another's doing. Who was not answered in time is not.
fn is_in_doubt(held: &Held) -> bool {
    matches!(held, Err(Unheld::Violated(violation))
        if BREAKS.contains(&violation.symptom) && violation.symptom != SILENT)
}

/// How much of the patience with a law's cases one of this symptom takes.
fn weight(symptom: &str) -> u64 {
    match symptom {
        // It was waited for.
        SILENT => 10,
        symptom => u64::from(BREAKS.contains(&symptom)),
    }
}

impl Session<'_> {
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
                let (case, violation) = shrink(law, case, violation, self.at_a_time());
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
    at_a_time: usize,
) -> (C, Violation) {
    let id = Finding::id(&violation);
    let mut steps = match violation.symptom {
        // Each takes as long as the subject is waited for.
        SILENT => 4,
        _ => usize::try_from(C::MOST_STEPS).unwrap_or(usize::MAX),
    };
    let (mut smallest, mut its_violation) = (case, violation);
    'simpler: loop {
        for candidates in smallest.smaller().chunks(at_a_time) {
            let candidates = candidates.get(..steps).unwrap_or(candidates);
            steps -= candidates.len();
            // The first of them, so that the end does not depend on how many are judged at a time.
            let still = judge_all(law, candidates)
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

impl Tally {
    /// What the run says about this law.
    fn report(&self, law: &Law, subject: &Subject<'_>, ran: bool) -> LawReport {
        let missed: Vec<Class> = law
            .classes
            .iter()
            .copied()
            .filter(|class| !self.met.contains(*class) && can_meet(subject, law, *class))
            .collect();
        let standing = if !ran || self.not_declared == self.judged {
            Standing::NotDeclared
        } else if self.violated > 0 {
            Standing::Violated
        } else if !missed.is_empty() || self.cannot_run.is_some() {
            Standing::Inconclusive
        } else {
            Standing::Holds
        };
        LawReport {
            id: law.id.to_owned(),
            sentence: law.sentence.to_owned(),
            severity: law.severity().to_string(),
            standing,
            cases: self.held + self.violated,
            refused: self.refused,
            refusal: self.refusal.clone(),
            missed: if standing == Standing::NotDeclared {
                Vec::new()
            } else {
                let cannot_run = self.cannot_run.iter();
                let given_up = self
                    .given_up
                    .then(|| "what comes after the subject broke too often".to_owned());
                let missed = missed.iter().map(|class| class.text().to_owned());
                missed
                    .chain(
                        cannot_run
                            .map(|reason| format!("a case this machine cannot run ({reason})")),
                    )
                    .chain(given_up)
                    .collect()
            },
        }
    }
}

/// Whether a subject that declares what it declares can meet a class at all.
fn can_meet(subject: &Subject<'_>, law: &Law, class: Class) -> bool {
    if law.is_about_whole_clients() {
        let abilities = subject.client.map(|client| client.abilities());
        return abilities.is_none_or(|abilities| can(&abilities, class));
    }
    let ciphers = match law.check {
        Check::Envelope(_) | Check::BrokenEnvelope(_) => {
            subject.envelope_codec.map(|codec| codec.ciphers())
        }
        _ => subject.encryptor.map(|encryptor| encryptor.ciphers()),
    };
    let wraps = subject.envelope_codec.map(|codec| codec.wrap_algs());
    match class {
        Class::Unsorted => subject
            .part_list_builder
            .is_none_or(|builder| builder.sorts()),
        // Sizes that only a planner's own part size makes likely.
        Class::AutomaticPlan
        | Class::NearTwoTo31
        | Class::NearTwoTo32
        | Class::NearTwoTo53
        | Class::NearObjectLimit => subject.planner.is_none_or(|planner| planner.chooses()),
        class => {
            ciphers.is_none_or(|ciphers| has_cipher(&ciphers, class))
                && wraps.is_none_or(|wraps| has_wrap(&wraps, class))
        }
    }
}

/// Whether a class is of one of these ciphers, or of none.
fn has_cipher(ciphers: &[Cipher], class: Class) -> bool {
    match class {
        Class::Ctr | Class::CarryAt32 | Class::CarryAt64 | Class::WrapAt128 => {
            ciphers.contains(&Cipher::Ctr)
        }
        Class::GcmObject | Class::TagInLastPart | Class::TagInOwnPart | Class::TagSplit => {
            ciphers.contains(&Cipher::GcmObject)
        }
        Class::GcmPart => ciphers.contains(&Cipher::GcmPart),
        _ => true,
    }
}

/// Whether a class is of one of these wrap algorithms, or of none.
fn has_wrap(wraps: &[WrapAlg], class: Class) -> bool {
    match class {
        Class::WrapPkcs1 => wraps.contains(&WrapAlg::Pkcs1),
        Class::WrapOaep => wraps.contains(&WrapAlg::OaepSha1),
        _ => true,
    }
}

/// Whether a whole client with these abilities can meet a class.
fn can(abilities: &Abilities, class: Class) -> bool {
    let is_authenticated = |cipher: &Cipher| *cipher != Cipher::Ctr;
    match class {
        Class::SignedV1 => abilities.signatures.contains(&Signature::V1),
        Class::SignedV4 => abilities.signatures.contains(&Signature::V4),
        Class::AutomaticPlan => abilities.plans,
        Class::SourceShorter | Class::SourceLonger => abilities.announces,
        Class::ClosedRange
        | Class::OpenRange
        | Class::SuffixRange
        | Class::RangeBeyondEnd
        | Class::UnalignedOffset => abilities.ranges,
        Class::FlippedBit => abilities.ciphers.iter().any(is_authenticated),
        class => has_cipher(&abilities.ciphers, class) && has_wrap(&abilities.wraps, class),
    }
}
