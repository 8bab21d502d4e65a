//! Runs laws on a subject: draws cases, judges each by every law that takes it, shrinks what fails, goes on after the first failure, and says
//! what it has not met. All that a report holds but times follows from seed, profile and subject, so that the same run gives it again.

mod drawing;
mod findings;
mod judge;
mod member;
mod once;
mod options;
mod shrink;
mod tally;
mod workers;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::thread::{self, Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

use crate::case::BoxedCase;
use crate::finding::Finding;
use crate::law::{Held, Law, Unheld, Violation};
use crate::report::{Ended, Report};
use crate::subject::{Load, Subject};
use drawing::{Drawing, Drawn};
use findings::Findings;
use judge::{Until, is_in_doubt, judge_all, weight};
use member::Member;
use shrink::{MOST_TIME, Most, shrunk};
use workers::Workers;

pub use judge::guarded;
pub(crate) use judge::judge;
pub use options::{Options, Profile, Progress, Shard};

/// Runs laws on a subject.
pub fn run(subject: &Subject<'_>, options: &Options<'_>) -> Report {
    let findings = RefCell::new(Findings::default());
    let mut groups = groups(subject, options.laws);
    let workers = Workers::of(subject, options.jobs);
    // A whole client waits for the service at times, and the service for it.
    let twice = Workers::of(subject, 2 * options.jobs);
    let (mut ended, mut seeds) = (None, 0);
    let of_run = Cell::default();
    while ended.is_none() && (seeds == 0 || options.draws_on) {
        let seed = options.seed.wrapping_add(seeds);
        let sessions = groups.iter_mut().map(|members| {
            let workers = match members[0].law.is_about_whole_clients() {
                true => &twice,
                false => &workers,
            };
            Session::new(options, workers, seed, members, &findings, &of_run)
        });
        let mut sessions: Vec<Session<'_, '_>> = sessions.collect();
        thread::scope(|scope| {
            let (mut alone, mut others): (Vec<_>, Vec<_>) = sessions
                .iter_mut()
                .partition(|session| session.is_one_case());
            let ahead = alone.iter_mut().map(|session| session.begin(scope));
            let ahead: Vec<_> = ahead.collect();
            // What every law begins with finds most, and soonest.
            for to in [To::FirstCases, To::TheEnd] {
                for session in &mut others {
                    ended = ended.or_else(|| session.run(to));
                }
            }
            for (session, ahead) in alone.into_iter().zip(ahead) {
                session.ahead = ahead.and_then(|ahead| ahead.join().ok());
                ended = ended.or_else(|| session.run(To::TheEnd));
            }
        });
        for session in sessions {
            session.end(ended);
        }
        seeds += 1;
    }
    report(
        subject,
        options,
        groups,
        findings.into_inner(),
        ended,
        seeds,
    )
}

/// The laws of pieces that the subject has, those together that take the same cases.
fn groups(subject: &Subject<'_>, laws: &[&'static Law]) -> Vec<Vec<Member>> {
    let mut groups: Vec<Vec<Member>> = Vec::new();
    for (place, law) in laws.iter().enumerate() {
        if !law.on.has_piece(subject) {
            continue;
        }
        let same = |group: &&mut Vec<Member>| group[0].law.on.cases() == law.on.cases();
        match groups.iter_mut().find(same) {
            Some(group) => group.push(Member::new(law, place)),
            None => groups.push(vec![Member::new(law, place)]),
        }
    }
    groups
}

fn report(
    subject: &Subject<'_>,
    options: &Options<'_>,
    groups: Vec<Vec<Member>>,
    mut findings: Findings,
    ended: Option<Ended>,
    seeds: u64,
) -> Report {
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
    let members: BTreeMap<usize, Member> = groups
        .into_iter()
        .flatten()
        .map(|member| (member.place, member))
        .collect();
    let laws = options.laws.iter().enumerate().map(|(place, law)| {
        let without = Member::new(law, place);
        let member = members.get(&place);
        let Member { tally, took, .. } = member.unwrap_or(&without);
        tally.report(law, subject, member.is_some(), *took)
    });
    let answered = members.values().any(|member| {
        let tally = &member.tally;
        tally.held > 0 || tally.refused > 0
    });
    let mut report = Report::new(
        subject.name,
        &options.profile.name(),
        options.seed,
        laws.collect(),
        Finding::group(findings.in_order),
        answered,
    );
    report.seeds = options.draws_on.then_some(seeds);
    report.ended = ended;
    report.strict = options.strict;
    let Shard { number, of } = options.shard;
    report.shard = (of > 1).then(|| format!("{number}/{of}"));
    if let Some(program) = subject.program {
        report.undeclared = program.undeclared();
        // Who selects laws leaves operations out on purpose, and so does who ends the run.
        if options.is_whole && ended.is_none() {
            report.unexercised = program.unexercised();
        }
    }
    report.judge();
    report
}

/// How often a subject may break in the laws of one kind of case before the rest is not worth the wait; see [`weight`].
const MOST_BREAKS: u64 = 30;

/// How far to run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum To {
    /// Those that meet every class of input.
    FirstCases,
    TheEnd,
}

/// Laws that take the same cases, being run.
struct Session<'a, 'o> {
    options: &'a Options<'o>,
    workers: &'a Workers<'a>,
    members: &'a mut Vec<Member>,
    findings: &'a RefCell<Findings>,
    /// Cases that the whole run has judged and will judge, and how many of each are of these laws.
    of_run: &'a Cell<(u64, u64)>,
    of_these: Cell<(u64, u64)>,
    drawing: Drawing,
    /// How many are judged by the law that judges most.
    cases: u64,
    /// Cases that were drawn and not judged.
    waiting: VecDeque<Drawn>,
    done: u64,
    breaks: u64,
    is_over: bool,
    /// What came of its one case, which was judged beside the others.
    ahead: Option<Judged>,
}

/// What came of a case: by each law that judges it, and how long that took.
struct Judged {
    case: BoxedCase,
    held: Vec<(usize, Held, Duration)>,
}

impl Judged {
    fn of(laws: &[&'static Law], subject: &Subject<'_>, drawn: &Drawn) -> Self {
        let case = laws[0].on.draw(&drawn.bytes);
        let by_laws = |subject: &Subject<'_>| {
            let by = drawn.members.iter().map(|at| {
                let begun = Instant::now();
                let held = judge(laws[*at], subject, &*case);
                (*at, held, begun.elapsed())
            });
            by.collect()
        };
        let held = match subject.program.is_some() && drawn.members.len() > 1 {
            true => once::over(subject, by_laws),
            false => by_laws(subject),
        };
        Self { case, held }
    }
}

impl<'a, 'o> Session<'a, 'o> {
    fn new(
        options: &'a Options<'o>,
        workers: &'a Workers<'a>,
        seed: u64,
        members: &'a mut Vec<Member>,
        findings: &'a RefCell<Findings>,
        of_run: &'a Cell<(u64, u64)>,
    ) -> Self {
        for member in members.iter_mut() {
            let cases = options.profile.cases(member.law);
            member.begin(cases.div_ceil(options.shard.of));
        }
        let cases = members.iter().map(|member| member.left).max().unwrap_or(0);
        let (done, all) = of_run.get();
        of_run.set((done, all + cases));
        Self {
            of_run,
            of_these: Cell::new((0, cases)),
            drawing: Drawing::new(seed, options.shard, members, workers.first()),
            cases,
            options,
            workers,
            members,
            findings,
            waiting: VecDeque::new(),
            done: 0,
            breaks: 0,
            is_over: false,
            ahead: None,
        }
    }

    /// Whether it has one case, which is a long one then: what comes of it is told last.
    fn is_one_case(&self) -> bool {
        let mut laws = self.members.iter().map(|member| member.law);
        self.cases == 1 && laws.all(|law| law.quick_cases == 1)
    }

    /// Begins with that case beside the others, where the subject has room for it, and the run is not to end at any moment.
    fn begin<'s, 'e>(&mut self, scope: &'s Scope<'s, 'e>) -> Option<ScopedJoinHandle<'s, Judged>>
    where
        'a: 's,
    {
        let subject = self.workers.first();
        if subject.program.is_some() || self.options.jobs == 1 || self.options.fail_fast {
            return None;
        }
        let drawn = self.drawing.draw(self.members, subject, 1);
        self.waiting.extend(drawn);
        let drawn = self.waiting.front()?.clone();
        let laws: Vec<_> = self.members.iter().map(|member| member.law).collect();
        Some(scope.spawn(move || Judged::of(&laws, subject, &drawn)))
    }

    /// Judges what is drawn, to the end of the first cases or until every class of input was met; unless the run is to end before, and why.
    ///
    /// What comes of it is counted in the order of the cases, so that a report does not depend on how many are judged at a time.
    fn run(&mut self, to: To) -> Option<Ended> {
        let subject = *self.workers.first();
        let at_a_time = self.workers.count();
        let most = match subject.program {
            Some(_) if at_a_time == 1 => 1,
            // More than are judged at a time, so that one that takes long holds up few.
            Some(_) => 4 * u64::try_from(at_a_time).unwrap_or(1),
            // A case of a whole client may take as long as all others of its turn.
            None if self.members[0].law.is_about_whole_clients() => (self.cases / 4).clamp(4, 64),
            None => (self.cases / 20).clamp(4, 1 << 13),
        };
        while !self.is_over {
            self.report_progress(self.done);
            if self.waiting.is_empty() {
                if to == To::FirstCases && self.drawing.is_past_the_first() {
                    return None;
                }
                // Few at first: what is wrong everywhere is found by the first.
                let most = most.min(self.done.max(2 * u64::try_from(at_a_time).unwrap_or(1)));
                self.waiting
                    .extend(self.drawing.draw(self.members, &subject, most));
            }
            if self.waiting.is_empty() {
                self.is_over = true;
                break;
            }
            if let Some(ended) = (self.options.ends)() {
                return Some(ended);
            }
            let round: Vec<Drawn> = self.waiting.drain(..).collect();
            let judged = self.judge(&round, self.done);
            if (self.options.ends)() == Some(Ended::Interrupted) {
                // The subject may have been ended meanwhile, and that is not its fault.
                return Some(Ended::Interrupted);
            }
            self.done += u64::try_from(judged.len()).unwrap_or(0);
            let is_alone = round.len() == 1;
            // Those that were not judged are the first of the next round.
            self.waiting.extend(round.into_iter().skip(judged.len()));
            let mut held = judged.iter().flat_map(|judged| &judged.held);
            self.drawing
                .count(held.any(|(_, held, _)| !matches!(held, Err(Unheld::NotDeclared))));
            for judged in judged {
                if let Some(ended) = self.take(judged, is_alone) {
                    return Some(ended);
                }
                if self.breaks >= MOST_BREAKS {
                    for member in self.members.iter_mut() {
                        member.tally.given_up = true;
                    }
                    self.is_over = true;
                    break;
                }
            }
        }
        self.report_progress(self.done);
        None
    }

    /// Says of what was not run to its end why.
    fn end(self, ended: Option<Ended>) {
        for member in self.members.iter_mut().filter(|_| !self.is_over) {
            member.tally.ended = ended;
        }
    }

    /// Judges these cases, or as many of the first of them as a subject that breaks leaves patience for.
    fn judge(&mut self, drawn: &[Drawn], done: u64) -> Vec<Judged> {
        if let Some(judged) = self.ahead.take() {
            return vec![judged];
        }
        let laws: Vec<_> = self.members.iter().map(|member| member.law).collect();
        let judge_one =
            |worker: usize, drawn: &Drawn| Judged::of(&laws, self.workers.at(worker), drawn);
        let ends = || (self.options.ends)().is_some();
        let until = Until {
            patience: MOST_BREAKS.saturating_sub(self.breaks),
            weight: |judged: &Judged| {
                let weights = judged.held.iter().map(|(_, held, _)| weight(held));
                // What was asked once broke once.
                weights.max().unwrap_or(0)
            },
            stop: &ends,
        };
        let tell = |judged: usize| {
            self.report_progress(done + u64::try_from(judged).unwrap_or(0));
        };
        judge_all(&judge_one, drawn, self.workers.count(), &until, tell)
    }

    /// Counts what came of a case; why the run is to end, if it is for that.
    fn take(&mut self, judged: Judged, is_alone: bool) -> Option<Ended> {
        let Judged { case, held } = judged;
        let mut broke = 0;
        let mut ended = None;
        for (at, held, took) in held {
            // Whoever was asked something when the subject broke is judged again, alone: one of them broke it.
            let is_program = self.workers.first().program.is_some();
            let held = match is_program && !is_alone && is_in_doubt(&held) {
                true => judge(self.members[at].law, self.workers.first(), &*case),
                false => held,
            };
            broke = broke.max(weight(&held));
            let member = &mut self.members[at];
            member.took += took;
            member.redraw(&held);
            ended = ended.or(self.count(at, held, &case));
        }
        self.breaks += broke;
        ended
    }

    /// Counts what came of a case by one law.
    fn count(&mut self, at: usize, held: Held, case: &BoxedCase) -> Option<Ended> {
        let classes = case.classes();
        let law = self.members[at].law;
        let tally = &mut self.members[at].tally;
        tally.judged += 1;
        match held {
            Ok(()) => {
                tally.held += 1;
                tally.met = tally.met.union(classes);
            }
            Err(Unheld::NotDeclared) => tally.not_declared += 1,
            Err(Unheld::Refused(refusal)) => {
                tally.refused += 1;
                tally.refusal.get_or_insert(refusal.0);
            }
            Err(Unheld::CannotRun(reason)) => {
                tally.cannot_run.get_or_insert(reason);
            }
            Err(Unheld::Violated(violation)) => {
                tally.met = tally.met.union(classes);
                let counts = self.options.strict || !law.is_hardening(classes);
                match law.is_hardening(classes) {
                    true => tally.hardening += 1,
                    false => tally.violated += 1,
                }
                let is_known = (self.options.known)(&Finding::id(&violation));
                self.note(law, case, *violation);
                let ends = self.options.fail_fast && counts && !is_known;
                return ends.then_some(Ended::FirstFinding);
            }
        }
        None
    }

    /// Adds a violation to the findings; the first of its kind is shrunk.
    fn note(&mut self, law: &'static Law, case: &BoxedCase, violation: Violation) {
        let id = Finding::id(&violation);
        let hardening = law.is_hardening(case.classes());
        let cause = violation.evidence.cause;
        let known = self.findings.borrow().of(&id, hardening, cause);
        let at = match known {
            Some(at) => at,
            None => {
                let program = self.workers.first().program;
                let met = Finding::new(law, &violation, &**case, program);
                (self.options.progress)(Progress::Met(&met));
                let most_steps = match (self.options.known)(&id) {
                    // Somewhat smaller: some cases take pages.
                    true => law.on.most_steps() / 100,
                    false => law.on.most_steps(),
                };
                let most = Most {
                    steps: most_steps,
                    time: Load::now().stretches(MOST_TIME),
                };
                let stop = || (self.options.ends)() == Some(Ended::Interrupted);
                let (finding, cause) = match self.options.shrinks {
                    true => shrunk(law, self.workers, case.clone(), violation, most, &stop),
                    false => (met, cause),
                };
                (self.options.progress)(Progress::Smallest(&finding));
                self.findings.borrow_mut().add(finding, cause)
            }
        };
        let finding = &mut self.findings.borrow_mut().in_order[at];
        if finding.law == law.id {
            finding.cases += 1;
        } else if !finding.also.iter().any(|also| also == law.id) {
            finding.also.push(law.id.to_owned());
        }
    }

    fn report_progress(&self, done: u64) {
        // Of what is over no more is to come.
        let cases = match self.is_over {
            true => done,
            false => self.cases.max(done),
        };
        let (done_before, cases_before) = self.of_these.replace((done, cases));
        let (done_of_run, cases_of_run) = self.of_run.get();
        let done_of_run = done_of_run - done_before + done;
        let cases_of_run = cases_of_run - cases_before + cases;
        self.of_run.set((done_of_run, cases_of_run));
        (self.options.progress)(Progress::At {
            law: self.members[0].law,
            done,
            cases,
            done_of_run,
            cases_of_run,
            findings: self.findings.borrow().in_order.len(),
        });
    }
}
