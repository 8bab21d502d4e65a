//! What a run does beside judging cases: it draws anew what a subject does not declare, looks for classes that no case met, and replays what it
//! tells.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};

use partproof_model::rules;
use partproof_suite::case::plan::{HostilePlanCase, PlanCase};
use partproof_suite::class::Class;
use partproof_suite::law::{Consequence, Held, On, Unheld, violated};
use partproof_suite::report::Standing;
use partproof_suite::runner::{Options, Progress, run};
use partproof_suite::subject::{Instead, PlannedUpload, Planner, Process, Refusal};
use partproof_suite::{Law, Report, Subject, check_by};

/// A planner that answers as a function of the case and of how often it was asked before says.
struct Asked<F> {
    times: AtomicU64,
    answers: F,
}

impl<F> Asked<F> {
    fn new(answers: F) -> Self {
        let times = AtomicU64::new(0);
        Self { times, answers }
    }

    fn times(&self) -> u64 {
        self.times.load(Ordering::SeqCst)
    }
}

impl<F: Fn(u64, Option<u64>) -> Result<(), Refusal> + Sync> Planner for Asked<F> {
    fn plan(&self, _: u64, part_size: Option<u64>) -> Result<PlannedUpload<'_>, Refusal> {
        let before = self.times.fetch_add(1, Ordering::SeqCst);
        (self.answers)(before, part_size)?;
        Ok(PlannedUpload {
            part_size: 16,
            parts: Box::new(std::iter::empty()),
        })
    }
}

/// A process that is one in name only: what it remembers is gone when it is ended.
struct Remembers<'a>(&'a AtomicU64);

impl Process for Remembers<'_> {
    fn command(&self) -> String {
        "remembers".to_owned()
    }

    fn at_a_time(&self) -> usize {
        1
    }

    fn end(&self) {
        self.0.store(0, Ordering::SeqCst);
    }

    fn undeclared(&self) -> Vec<String> {
        Vec::new()
    }

    fn unexercised(&self) -> Vec<String> {
        Vec::new()
    }
}

fn no() -> Result<(), Refusal> {
    Err(Refusal("no".to_owned()))
}

/// Whatever is planned is right.
fn anything(planner: &dyn Planner, case: &PlanCase) -> Held {
    let planned = planner.plan(case.data_size, case.part_size);
    planned.map(drop).map_err(Unheld::Refused)
}

/// What is refused is wrong.
fn planned(planner: &dyn Planner, case: &PlanCase) -> Held {
    anything(planner, case).map_err(|unheld| match unheld {
        Unheld::Refused(refusal) => violated(
            rules::PLAN_FEASIBLE,
            "refused",
            Consequence::RefusedNeedlessly,
            "a plan",
            refusal.0,
        ),
        other => other,
    })
}

/// With a class that few cases have, and none of its ten.
static RARE: Law = Law {
    id: "rare",
    sentence: "Whatever is planned is right.",
    rules: &[rules::PLAN_FEASIBLE],
    classes: &[Class::Count9999],
    quick_cases: 10,
    on: &On::<dyn Planner, PlanCase>(anything),
};

static MANY: Law = Law {
    id: "many",
    sentence: "Whatever is planned is right.",
    rules: &[rules::PLAN_FEASIBLE],
    classes: &[],
    quick_cases: 40,
    on: &On::<dyn Planner, PlanCase>(anything),
};

static PLANNED: Law = Law {
    id: "planned",
    sentence: "What is asked is planned.",
    rules: &[rules::PLAN_FEASIBLE],
    classes: &[],
    quick_cases: 40,
    on: &On::<dyn Planner, PlanCase>(planned),
};

fn report<P: Planner>(planner: &P, law: &'static Law) -> Report {
    let subject = Subject {
        planner: Some(planner),
        ..Subject::new("planner")
    };
    check_by(&subject, &[law])
}

#[test]
fn what_is_not_declared_is_drawn_anew() {
    // A quarter of all cases leave the part size to the planner.
    let choosy = Asked::new(|_, part_size: Option<u64>| match part_size {
        Some(_) => Ok(()),
        None => Instead::NotDeclared.raise(),
    });
    let told = report(&choosy, &MANY);
    assert_eq!(told.laws[0].cases, 40);
    assert_eq!(told.laws[0].standing, Standing::Holds);
    assert!(choosy.times() > 40, "{}", choosy.times());
}

#[test]
fn drawing_anew_comes_to_an_end() {
    let nothing = Asked::new(|_, _: Option<u64>| Instead::NotDeclared.raise());
    let told = report(&nothing, &MANY);
    assert_eq!(told.laws[0].standing, Standing::NotDeclared);
    // Each of its cases, and three in place of each.
    assert_eq!(nothing.times(), 4 * 40);
}

#[test]
fn every_class_is_met_first_at_any_seed() {
    let takes_one = Asked::new(|before, _: Option<u64>| match before {
        0 => Ok(()),
        _ => no(),
    });
    let subject = Subject {
        planner: Some(&takes_one),
        ..Subject::new("planner")
    };
    let laws = [&RARE];
    for seed in 1..=20 {
        takes_one.times.store(0, Ordering::SeqCst);
        let options = Options {
            seed,
            ..Options::quick(&laws)
        };
        let told = run(&subject, &options);
        assert_eq!(told.laws[0].standing, Standing::Holds, "seed {seed}");
        assert_eq!(takes_one.times(), 10, "seed {seed}");
    }
}

#[test]
fn a_class_that_no_case_met_is_looked_for() {
    // The first three have it.
    let takes_all_but_the_first = Asked::new(|before, _: Option<u64>| match before {
        0..3 => no(),
        _ => Ok(()),
    });
    let told = report(&takes_all_but_the_first, &RARE);
    assert_eq!(told.laws[0].standing, Standing::Holds);
    // Its own ten, and one more with the class.
    assert_eq!(takes_all_but_the_first.times(), 11);
}

#[test]
fn a_class_is_looked_for_twelve_times() {
    // The eleventh on the way there is refused; the twelfth is not.
    let takes_the_twelfth = Asked::new(|before, _: Option<u64>| match before {
        0..3 | 10..21 => no(),
        _ => Ok(()),
    });
    let told = report(&takes_the_twelfth, &RARE);
    assert_eq!(told.laws[0].standing, Standing::Holds);
    assert_eq!(takes_the_twelfth.times(), 10 + 12);

    let takes_none = Asked::new(|before, _: Option<u64>| match before {
        0..3 | 10.. => no(),
        _ => Ok(()),
    });
    let told = report(&takes_none, &RARE);
    assert_eq!(told.laws[0].standing, Standing::Inconclusive);
    assert_eq!(told.laws[0].missed, ["9,999 parts"]);
    assert_eq!(told.laws[0].refused, 3 + 12);
    assert_eq!(takes_none.times(), 10 + 12);
}

#[test]
fn a_finding_says_that_its_replay_does_not_show_it() {
    const SAID: &str =
        "did not show again when the run tried it: it depends on chance or on what came before";
    let finding = |planner: &dyn Planner, program: Option<&dyn Process>| {
        let subject = Subject {
            planner: Some(planner),
            program,
            ..Subject::new("planner")
        };
        let mut told = check_by(&subject, &[&PLANNED]);
        assert_eq!(told.findings.len(), 1, "{:#?}", told.findings);
        told.findings.remove(0)
    };
    // Wrong each time: nothing is said.
    let wrong = Asked::new(|_, _: Option<u64>| no());
    let told = finding(&wrong, Some(&Remembers(&wrong.times)));
    assert_eq!(told.not_again, None);
    assert!(!told.to_string().contains("when the run tried it"));
    // Wrong after the first request: what is started anew is right.
    let later = Asked::new(|before, _: Option<u64>| match before {
        0 => Ok(()),
        _ => no(),
    });
    let told = finding(&later, Some(&Remembers(&later.times)));
    assert_eq!(told.not_again.as_deref(), Some(SAID));
    let text = told.to_string();
    assert!(
        text.ends_with(&format!("{}\n            {SAID}\n", told.replay)),
        "{text}"
    );
    // Wrong once, in this process.
    let once = Asked::new(|before, _: Option<u64>| match before {
        20 => no(),
        _ => Ok(()),
    });
    assert_eq!(finding(&once, None).not_again.as_deref(), Some(SAID));
}

#[test]
fn progress_is_that_of_the_whole_run() {
    fn hostile(planner: &dyn Planner, case: &HostilePlanCase) -> Held {
        anything(planner, &case.0)
    }
    // Laws of two kinds of case: one group is judged behind the other.
    static HOSTILE: Law = Law {
        id: "hostile",
        sentence: "Whatever is planned is right.",
        rules: &[rules::PLAN_FEASIBLE],
        classes: &[],
        quick_cases: 25,
        on: &On::<dyn Planner, HostilePlanCase>(hostile),
    };
    let asked = Asked::new(|_, _: Option<u64>| Ok(()));
    let subject = Subject {
        planner: Some(&asked),
        ..Subject::new("planner")
    };
    let (laws, told) = ([&MANY, &HOSTILE], RefCell::new(Vec::new()));
    let options = Options {
        progress: &|progress| {
            if let Progress::At {
                done_of_run,
                cases_of_run,
                ..
            } = progress
            {
                told.borrow_mut().push((done_of_run, cases_of_run));
            }
        },
        ..Options::quick(&laws)
    };
    run(&subject, &options);
    let told = told.into_inner();
    assert_eq!(told.first(), Some(&(0, 40 + 25)));
    assert_eq!(told.last(), Some(&(40 + 25, 40 + 25)));
    assert!(told.is_sorted_by_key(|(done, _)| *done), "{told:?}");
}

/// What a busy machine causes is no finding, and no green.
#[test]
fn silence_on_a_busy_machine_is_inconclusive() {
    let silent = Asked::new(|before, _: Option<u64>| match before {
        7 => Instead::MachineBusy("`plan`: no answer, while 9.0 had to be done".to_owned()).raise(),
        _ => Ok(()),
    });
    let told = report(&silent, &MANY);
    assert_eq!(told.findings, []);
    assert_eq!(told.laws[0].standing, Standing::Inconclusive);
    assert_eq!(
        told.laws[0].missed,
        ["a case this machine cannot run (`plan`: no answer, while 9.0 had to be done)"]
    );
    assert_eq!(told.verdict, partproof_suite::Verdict::Inconclusive);
}
