//! Green means green and red means red at every seed: a right client conforms and a wrong one is found, whatever is drawn. `PARTPROOF_SEEDS=30` tries the first
//! 30 seeds; without it the second is tried, for other tests have the first.

use std::ops::RangeInclusive;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use partproof_faults::{FAULTS, VARIANTS};
use partproof_subjects::{find, laws, own};
use partproof_suite::runner::{self, Options, Progress};
use partproof_suite::{Law, Report, Subject, Verdict};

fn seeds() -> RangeInclusive<u64> {
    let seeds = std::env::var("PARTPROOF_SEEDS");
    let seeds = seeds.map(|seeds| seeds.parse().expect("PARTPROOF_SEEDS is a number"));
    seeds.map_or(2..=2, |seeds| 1..=seeds)
}

/// A quick check.
fn check(
    subject: &Subject<'_>,
    laws: &[&'static Law],
    seed: u64,
    progress: &dyn Fn(Progress<'_>),
) -> Report {
    let options = Options {
        seed,
        // Nothing is made smaller: it is as much of a finding.
        known: &|_| true,
        progress,
        ..Options::quick(laws)
    };
    runner::run(subject, &options)
}

#[test]
fn a_wrong_client_is_found() {
    let whole = |law: &&'static Law| law.is_about_whole_clients() && law.id != "upload-count";
    let mut missed = Vec::new();
    for seed in seeds() {
        for fault in FAULTS {
            let Some(law) = find(fault.law).filter(whole) else {
                continue;
            };
            // The first finding will do.
            let stop = |progress: Progress<'_>| {
                if matches!(progress, Progress::Met(_)) {
                    resume_unwind(Box::new("found"));
                }
            };
            let ran = catch_unwind(AssertUnwindSafe(|| {
                check(&fault.subject(), &[law], seed, &stop)
            }));
            if let Ok(report) = ran {
                missed.push(format!("seed {seed}: {}: {}", fault.id, report.verdict));
            }
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn a_right_client_conforms() {
    // It is one case of a gigabyte, the same at every seed.
    let laws: Vec<_> = laws().filter(|law| law.id != "upload-count").collect();
    let mut wrong = Vec::new();
    for seed in seeds() {
        let whole = VARIANTS
            .iter()
            .filter(|variant| variant.id.starts_with("client-"));
        let subjects = whole.map(|variant| variant.subject());
        for subject in subjects.chain([own::subject()]) {
            let report = check(&subject, &laws, seed, &|_| {});
            if report.verdict != Verdict::Conforms {
                let missed = report.laws.iter().filter(|law| !law.missed.is_empty());
                let missed: Vec<_> = missed.map(|law| (&law.id, &law.missed)).collect();
                let findings = report.findings.iter().map(ToString::to_string);
                let findings: Vec<_> = findings.collect();
                wrong.push(format!(
                    "seed {seed}: {}: {}: {missed:?}\n{}",
                    subject.name,
                    report.verdict,
                    findings.join("\n")
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
