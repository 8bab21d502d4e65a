//! Runs faults by their laws until the first finding, and variants by all that they have.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use partproof_faults::{Fault, Variant};
use partproof_subjects::builtin::Builtin;
use partproof_subjects::{find, laws};
use partproof_suite::replay::{Replayed, Token};
use partproof_suite::runner::{self, Profile};
use partproof_suite::subject::{
    Cipher, Declared, Encryptor, PartEncryptor, Refusal, Upload, cores,
};
use partproof_suite::{Law, Subject, Verdict};
use serde_json::Value;

use crate::baseline::{Draws, Proptest, Uniform, drawn_anew, examples};
use crate::report::{Canary, FaultPower, Power, Runs, SCHEMA, Strategy, VariantPower};

/// What to measure.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// At how many seeds, from 1 on.
    pub seeds: u64,
    /// At how many of them tests are run that draw without aim: a miss takes them their whole budget.
    pub baseline_seeds: u64,
    /// At how many of them right variants are judged, which takes most of the time.
    pub variant_seeds: u64,
    /// How often the canary is looked for.
    pub canary_runs: u64,
    /// Which faults.
    pub faults: &'a [&'static Fault],
    /// Which right variants.
    pub variants: &'a [&'static Variant],
    /// Told how far it is.
    pub progress: &'a (dyn Fn(Progress<'_>) + Sync),
}

/// How far a measurement is.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// Steps that are done.
    pub done: usize,
    /// Of how many.
    pub of: usize,
    /// What was done last.
    pub what: &'a str,
}

/// Measures.
pub fn measure(options: &Options<'_>) -> Power {
    let seeds = options.seeds;
    let variants = match options.variant_seeds {
        0 => &[],
        _ => options.variants,
    };
    let of = options.faults.len() + variants.len() + 1;
    let done = AtomicUsize::new(0);
    let tell = |what: &str| {
        let done = done.fetch_add(1, Ordering::SeqCst) + 1;
        (options.progress)(Progress { done, of, what });
    };
    let faults = each(options.faults, |fault| {
        let measured = of_fault(fault, seeds, options.baseline_seeds);
        tell(fault.id);
        measured
    });
    let variants = each(variants, |variant| {
        let measured = of_variant(variant, options.variant_seeds);
        tell(variant.id);
        measured
    });
    let canary = canary(options.canary_runs);
    tell("canary");
    Power {
        schema: SCHEMA.to_owned(),
        seeds,
        faults,
        variants,
        canary,
    }
}

/// What comes of each item, in their order, on every core.
fn each<T: Sync, R: Send>(items: &[T], measure: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let all = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..cores() {
            scope.spawn(|| {
                loop {
                    let place = next.fetch_add(1, Ordering::SeqCst);
                    let Some(item) = items.get(place) else { break };
                    let measured = measure(item);
                    let mut all = all
                        .lock()
                        .unwrap_or_else(std::sync::PoisonError::into_inner);
                    all.push((place, measured));
                }
            });
        }
    });
    let mut all = all
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    all.sort_by_key(|(place, _)| *place);
    all.into_iter().map(|(_, measured)| measured).collect()
}

fn of_fault(fault: &Fault, seeds: u64, baseline_seeds: u64) -> FaultPower {
    let law = find(fault.law).expect("a fault's law is one of the laws");
    let subject = fault.subject();
    let by_check = runs(Strategy::Partproof, seeds, |seed| {
        first(&subject, law, Profile::Quick, seed)
    });
    // Another seed finds it by the same case if it is one of those that every run begins with.
    let other = first(&subject, law, Profile::Quick, u64::MAX);
    let at_a_boundary = other.is_some() && by_check.cases.iter().all(|cases| *cases == other);
    let examples = examples(law.on.cases());
    let budget = u64::from(law.quick_cases);
    let by_examples = runs(Strategy::Examples, 1, |_| {
        by_cases(&subject, law, examples.iter().cloned())
    });
    let without_aim = |strategy, draws: &dyn Fn(u64) -> Box<dyn Draws>| {
        runs(strategy, seeds.min(baseline_seeds), |seed| {
            let mut draws = draws(seed);
            let templates = examples
                .iter()
                .cycle()
                .take(usize::try_from(budget).unwrap_or(0));
            by_cases(
                &subject,
                law,
                templates.map(|example| legal(law, example, &mut *draws)),
            )
        })
    };
    let mut by = vec![
        by_check,
        by_examples,
        without_aim(Strategy::Uniform, &|seed| Box::new(Uniform::new(seed))),
        without_aim(Strategy::Proptest, &|seed| Box::new(Proptest::new(seed))),
    ];
    by.retain(|runs| !runs.cases.is_empty());
    FaultPower {
        id: fault.id.to_owned(),
        sentence: fault.sentence.to_owned(),
        seen_in: fault.seen_in.to_owned(),
        law: law.id.to_owned(),
        cases: budget,
        at_a_boundary,
        by,
    }
}

fn runs(strategy: Strategy, seeds: u64, run: impl Fn(u64) -> Option<u64>) -> Runs {
    let timed = (1..=seeds).map(|seed| {
        let begun = Instant::now();
        let found = run(seed);
        // A thousandth is more than can be told apart.
        (found, (begun.elapsed().as_secs_f64() * 1e3).round() / 1e3)
    });
    let (cases, seconds) = timed.unzip();
    Runs {
        strategy,
        cases,
        seconds,
    }
}

/// The number of the first case that shows what is wrong.
fn first(subject: &Subject<'_>, law: &'static Law, profile: Profile, seed: u64) -> Option<u64> {
    let laws = [law];
    let options = runner::Options {
        profile,
        seed,
        fail_fast: true,
        shrinks: false,
        // What takes input that nobody can bring about is as much of a fault.
        strict: true,
        jobs: 1,
        ..runner::Options::quick(&laws)
    };
    let report = runner::run(subject, &options);
    report.ended.map(|_| report.cases())
}

/// The same of cases that somebody else has drawn.
fn by_cases(
    subject: &Subject<'_>,
    law: &'static Law,
    cases: impl Iterator<Item = Value>,
) -> Option<u64> {
    let shows = |case| {
        matches!(
            (Token { law, case }).replay(subject),
            Replayed::StillFailing(_)
        )
    };
    (1..)
        .zip(cases)
        .find_map(|(number, case)| shows(case).then_some(number))
}

/// What is drawn anew until it is a case that can be run; after some tries it is the example.
fn legal(law: &Law, example: &Value, draws: &mut dyn Draws) -> Value {
    let drawn = (0..100).map(|_| drawn_anew(example, "", draws));
    let mut legal = drawn.filter(|case| law.on.read(case).is_ok());
    legal.next().unwrap_or_else(|| example.clone())
}

fn of_variant(variant: &Variant, seeds: u64) -> VariantPower {
    let subject = variant.subject();
    // It is one case of a gigabyte, the same at every seed.
    let laws: Vec<&'static Law> = laws()
        .filter(|law| law.id != "upload-count" && law.on.has_piece(&subject))
        .collect();
    let mut measured = VariantPower {
        id: variant.id.to_owned(),
        cases: 0,
        alarms: Vec::new(),
        inconclusive: Vec::new(),
    };
    for seed in 1..=seeds {
        let options = runner::Options {
            seed,
            shrinks: false,
            jobs: 1,
            ..runner::Options::quick(&laws)
        };
        let report = runner::run(&subject, &options);
        measured.cases += report.cases();
        if ![Verdict::Conforms, Verdict::Violates].contains(&report.verdict) {
            measured.inconclusive.push(seed);
        }
        let alarms = report
            .findings
            .into_iter()
            .filter(|finding| !finding.hardening);
        measured.alarms.extend(alarms.map(|finding| finding.id));
    }
    measured
}

/// Decrypts to a wrong byte under one key in so many: a quick run of the law that finds it meets one in a hundred times.
struct Rarely {
    one_in: u64,
}

impl Encryptor for Rarely {
    fn ciphers(&self) -> Vec<Cipher> {
        Builtin.ciphers()
    }

    fn declare(&self, upload: &Upload) -> Result<Declared, Refusal> {
        Builtin.declare(upload)
    }

    fn begin(&self, upload: &Upload) -> Result<Box<dyn PartEncryptor + '_>, Refusal> {
        Builtin.begin(upload)
    }

    fn decrypt_range(
        &self,
        upload: &Upload,
        offset: u64,
        stored: &[u8],
    ) -> Result<Vec<u8>, Refusal> {
        let mut plaintext = Builtin.decrypt_range(upload, offset, stored)?;
        let head = upload
            .key
            .first_chunk()
            .copied()
            .map_or(0, u64::from_le_bytes);
        if let (Some(byte), true) = (plaintext.first_mut(), head % self.one_in == 1) {
            *byte ^= 1;
        }
        Ok(plaintext)
    }

    fn open(&self, upload: &Upload, parts: &[Vec<u8>]) -> Result<Vec<u8>, Refusal> {
        Builtin.open(upload, parts)
    }
}

/// How often a check finds what it finds once in a hundred runs.
fn canary(runs: u64) -> Canary {
    let law = find("any-range").expect("it is one of the laws");
    let encryptor = Rarely {
        one_in: 100 * u64::from(law.quick_cases),
    };
    let subject = Subject {
        encryptor: Some(&encryptor),
        ..Subject::new("canary")
    };
    let seeds: Vec<u64> = (1..=runs).collect();
    let found = each(&seeds, |seed| {
        first(&subject, law, Profile::Quick, *seed).is_some()
    });
    Canary {
        found: found.into_iter().map(u64::from).sum(),
        runs,
    }
}

#[cfg(test)]
mod tests {
    use partproof_faults::{FAULTS, VARIANTS};

    use super::*;
    use crate::page;

    #[test]
    fn what_is_measured_is_told() {
        let fault = |id: &str| FAULTS.iter().find(|fault| fault.id == id).unwrap();
        // The first is found by any example, the second by nobody who draws without aim.
        let faults = [fault("plan-rest-dropped"), fault("plan-offset-in-32-bits")];
        let power = measure(&Options {
            seeds: 2,
            baseline_seeds: 1,
            variant_seeds: 1,
            canary_runs: 100,
            faults: &faults,
            variants: &VARIANTS
                .iter()
                .filter(|variant| variant.id == "planner-doubles")
                .collect::<Vec<_>>(),
            progress: &|_| {},
        });
        assert_eq!(power.problems(), [""; 0]);
        let found = |fault: usize, strategy| power.faults[fault].runs(strategy).unwrap().found();
        for fault in [0, 1] {
            assert_eq!(found(fault, Strategy::Partproof), 2);
        }
        assert_eq!(
            (found(0, Strategy::Examples), found(0, Strategy::Uniform)),
            (1, 1)
        );
        let (cases, alarms, most) = power.alarms();
        assert!(
            cases > 5_000 && alarms == 0.0 && most > 0.0,
            "{cases} {alarms} {most}"
        );
        let page = page(&power);
        for shown in ["<svg", "plan-rest-dropped", "proptest", "canary"] {
            assert!(page.contains(shown), "{shown}");
        }
    }
}
