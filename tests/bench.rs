//! `partproof bench`: who is slower is told by how much, who is not is left alone, and a time without work is none.

#![cfg(target_os = "linux")]
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic: that is how it fails"
)]

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Output};

use partproof_bench::{Bench, Row, Verdict};

const PARTPROOF: &str = env!("CARGO_BIN_EXE_partproof");
const TEMPLATE: &str = "python3 adapters/template/adapter.py";

fn bench(args: &[&str]) -> Output {
    Command::new(PARTPROOF)
        .arg("bench")
        .args(args)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .output()
        .unwrap()
}

/// The client of the template, slower or wrong in this way, against itself.
fn against_itself(way: &str, rows: &str) -> (Option<i32>, Bench) {
    let slow = format!("python3 tests/bench/slow.py {way}");
    compared(&slow, rows)
}

fn compared(subject: &str, rows: &str) -> (Option<i32>, Bench) {
    let args = ["--subject", subject, "--against", TEMPLATE, "--piece", rows];
    let output = bench(&[&args[..], &["--json"]].concat());
    let text = String::from_utf8(output.stdout).unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let read = Bench::from_json(&text).unwrap_or_else(|problem| panic!("{problem}: {told}"));
    (output.status.code(), read)
}

fn only(bench: &Bench) -> &Row {
    let [row] = bench.rows.as_slice() else {
        panic!("{:?}", bench.rows)
    };
    row
}

/// What other work on the machine makes wrong is right another time: one of three tries has to be.
fn one_of_three(attempt: impl Fn() -> Result<(), String>) {
    let tries: Vec<_> = (0..3).map_while(|_| attempt().err()).collect();
    assert!(tries.len() < 3, "{tries:#?}");
}

/// An attempt fails with this unless that is met.
fn demand(is_met: bool, told: &dyn std::fmt::Debug) -> Result<(), String> {
    match is_met {
        true => Ok(()),
        false => Err(format!("{told:?}")),
    }
}

/// The interval of 95 % misses the factor one time in twenty, and what is computed beside the work is not slowed: a little more is let pass.
#[test]
fn a_client_that_is_slower_is_told_by_how_much() {
    for factor in [1.3, 2.0] {
        one_of_three(|| {
            let (code, bench) = against_itself(&factor.to_string(), "plan/10000");
            let row = only(&bench);
            let is_slower = (code, row.verdict) == (Some(1), Verdict::Regressed);
            let covers = row
                .ratio
                .is_some_and(|ratio| ratio.low < factor * 1.05 && ratio.high > factor * 0.95);
            demand(is_slower && covers, row)
        });
    }
}

/// Whether it is called slower depends on the machine's noise: the threshold is half of what it lost. How much it lost does not.
#[test]
fn a_slowdown_of_a_tenth_is_told_with_an_interval_that_covers_it() {
    one_of_three(|| {
        let (code, bench) = against_itself("1.1", "plan/10000");
        let row = only(&bench);
        let covers = row
            .ratio
            .is_some_and(|ratio| ratio.low < 1.155 && ratio.middle > 1.05 && ratio.high > 1.08);
        demand(matches!(code, Some(1 | 4)) && covers, row)
    });
}

/// Every request to be timed that a run of two noted clients made: who was asked, and in which process.
fn noted(seed: u64) -> Vec<(String, u32)> {
    let notes = tempfile::NamedTempFile::new().unwrap();
    let name = |role: &str| {
        format!(
            "python3 tests/bench/slow.py noted {} {role}",
            notes.path().display()
        )
    };
    let (new, old, seed) = (name("new"), name("old"), seed.to_string());
    let run = bench(&[
        "--subject",
        &new,
        "--against",
        &old,
        "--piece",
        "plan/1",
        "--turn",
        "1",
        "--seed",
        &seed,
    ]);
    assert!(matches!(run.status.code(), Some(0 | 1 | 4)), "{run:?}");
    let text = fs::read_to_string(notes.path()).unwrap();
    let notes = text.lines().map(|line| line.split_once(' ').unwrap());
    notes
        .map(|(role, process)| (role.to_owned(), process.parse().unwrap()))
        .collect()
}

/// Turns of the three in a pair: four that warm them up, and the one that is measured.
const TURNS: usize = 5;

#[test]
fn each_pair_has_new_processes_in_an_order_that_the_seed_draws() {
    let notes = noted(1);
    let pairs: Vec<_> = notes.chunks(3 * TURNS).collect();
    assert!(pairs.len() >= 20, "{}", pairs.len());
    let of = |notes: &[(String, u32)]| notes.iter().map(|(_, id)| *id).collect::<BTreeSet<_>>();
    for pair in &pairs {
        assert_eq!(of(pair).len(), 3, "{pair:?}");
    }
    assert_eq!(of(&notes).len(), 3 * pairs.len(), "no pair shares one");
    // When the new one is asked, among the three.
    let order = |notes: &[(String, u32)]| -> Vec<usize> {
        let turns = notes.chunks(3).take(20 * TURNS);
        turns
            .map(|turn| {
                let new: Vec<_> = (0..3).filter(|at| turn[*at].0 == "new").collect();
                assert_eq!(new.len(), 1, "{turn:?}");
                new[0]
            })
            .collect()
    };
    let drawn = order(&notes);
    for at in 0..3 {
        let times = drawn.iter().filter(|drawn| **drawn == at).count();
        assert!((15..=55).contains(&times), "{at}: {times} of 100");
    }
    assert_eq!(order(&noted(1)), drawn);
    assert_ne!(order(&noted(2)), drawn);
}

#[test]
fn the_memory_that_its_processes_hold_is_told() {
    let holding = format!("python3 tests/bench/slow.py holds 96 {PARTPROOF}");
    // Beside the built-in client by itself.
    let output = bench(&["--subject", &holding, "--piece", "upload/1", "--json"]);
    let bench = Bench::from_json(&String::from_utf8(output.stdout).unwrap()).unwrap();
    let (new, old) = only(&bench).counters().unwrap();
    let [new, old] = [new, old].map(|counters| counters.peak_memory.unwrap() >> 20);
    let interpreter = 4..=32;
    assert!(
        interpreter.contains(&(new - old - 96)),
        "{new} and {old} MiB"
    );
}

#[test]
fn reports_have_the_verdicts_and_what_is_not_green_is_no_success() {
    for (way, junit, markdown) in [
        ("2", "<failure message=\"slower: ", "| slower | plan/100 | "),
        (
            "lost",
            "<error message=\"inconclusive:  the new one: `unsupported`",
            "| inconclusive | plan/100 | the new one: \\`unsupported\\`; the old one can",
        ),
        (
            "idle",
            "<failure message=\"the new one: what came out has",
            "| void | plan/100 | the new one: what came out has",
        ),
    ] {
        one_of_three(|| {
            let folder = tempfile::tempdir().unwrap();
            let path = |name: &str| folder.path().join(name);
            let report = |kind: &str| format!("{kind}={}", path(kind).display());
            let slow = format!("python3 tests/bench/slow.py {way}");
            bench(&[
                "--subject",
                &slow,
                "--against",
                TEMPLATE,
                "--piece",
                "plan/100",
                "--turn",
                "5",
                "--report",
                &report("junit"),
                "--report",
                &report("markdown"),
            ]);
            let read = |kind: &str| fs::read_to_string(path(kind)).unwrap();
            let are_told = read("junit").contains(junit) && read("markdown").contains(markdown);
            demand(are_told, &[read("junit"), read("markdown")])
        });
    }
}

#[test]
fn a_client_that_is_the_same_is_not_accused() {
    let (code, bench) = compared(TEMPLATE, "plan/100");
    assert!(matches!(code, Some(0 | 4)), "{:?}", only(&bench));
}

#[test]
fn a_cost_that_is_quadratic_has_its_exponent() {
    one_of_three(|| {
        let (_, bench) = against_itself("quadratic", "plan/*");
        let growth = bench.growth();
        let (new, old) = growth[0].exponents().unwrap();
        demand(new > 1.4 && old < 1.2, &growth)
    });
}

#[test]
fn a_time_without_work_is_void() {
    let (code, bench) = against_itself("idle", "plan/100");
    let row = only(&bench);
    assert_eq!((code, row.verdict), (Some(1), Verdict::Void));
    let reason = row.reason.as_deref().unwrap();
    assert!(
        reason.starts_with("the new one: what came out has the digest"),
        "{reason}"
    );
}

#[test]
fn what_the_new_client_has_lost_is_not_green() {
    let (code, bench) = against_itself("lost", "plan/100");
    let row = only(&bench);
    assert_eq!((code, row.verdict), (Some(4), Verdict::Inconclusive));
    let reason = row.reason.as_deref();
    assert_eq!(reason, Some("the new one: `unsupported`; the old one can"));
}

#[test]
fn a_baseline_is_of_this_machine_or_of_no_use() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (saved, other, history) = (path("saved.json"), path("other.json"), path("history"));
    let rows = ["--piece", "plan/100", "--turn", "5"];
    let saving = [&rows[..], &["--save", &saved, "--history", &history]].concat();
    assert_eq!(bench(&saving).status.code(), Some(0));
    let kept = Bench::from_json(&fs::read_to_string(&saved).unwrap()).unwrap();
    assert_eq!(only(&kept).pairs, 60, "as many as a comparison may want");
    // Nights before: from the eighth on it is slower.
    let line = fs::read_to_string(&history).unwrap();
    let mut run: serde_json::Value = serde_json::from_str(&line).unwrap();
    let nights = (1..=14).map(|night| {
        let ratio = if night < 8 { 1.0 } else { 1.5 } + f64::from(night % 3) / 1e3;
        run["rows"]["plan/100"]["ratio"] = ratio.into();
        format!("{run}\n")
    });
    fs::write(&history, nights.collect::<String>()).unwrap();
    let against = bench(&[&rows[..], &["--baseline", &saved, "--history", &history]].concat());
    assert!(matches!(against.status.code(), Some(0 | 4)), "{against:?}");
    let text = String::from_utf8_lossy(&against.stdout).into_owned();
    assert!(text.contains("plan/100"), "{text}");
    let told = "history: 15 runs that can be compared, changes of 1 (told, not gated):\n  plan/100: from line 8 on (";
    assert!(text.contains(told), "{text}");
    assert!(text.contains("a ratio of 1.50"), "{text}");
    assert_eq!(fs::read_to_string(&history).unwrap().lines().count(), 15);
    // Whoever measured elsewhere says nothing about here, and nothing is measured.
    let mut elsewhere = Bench::from_json(&fs::read_to_string(&saved).unwrap()).unwrap();
    let workload = kept.workload;
    for (machine, workload, said) in [
        ("another", workload.as_str(), "measured on another, "),
        (
            &kept.machine.processor,
            "another",
            "measured with other rows",
        ),
    ] {
        elsewhere.machine.processor = machine.to_owned();
        elsewhere.workload = workload.to_owned();
        fs::write(&other, elsewhere.json()).unwrap();
        let reports = ["html", "json", "markdown", "junit"];
        let reports = reports.map(|kind| format!("{kind}={}", path(kind)));
        let mut args = vec!["--baseline", &other, "--history", &history];
        args.extend(reports.iter().flat_map(|report| ["--report", report]));
        let refused = bench(&args);
        assert_eq!(refused.status.code(), Some(4), "{refused:?}");
        let told = String::from_utf8_lossy(&refused.stdout).into_owned();
        assert!(told.starts_with("Nobody can tell: "), "{told}");
        assert_eq!(told.matches(said).count(), 1, "{told}");
        for kind in ["html", "json", "markdown", "junit"] {
            let report = fs::read_to_string(path(kind)).unwrap();
            assert!(report.contains(said), "{kind}: {report}");
        }
        let report = Bench::from_json(&fs::read_to_string(path("json")).unwrap()).unwrap();
        assert_eq!(report.verdict(), Verdict::Inconclusive);
        assert!(
            report
                .rows
                .iter()
                .all(|row| row.pairs == 0 && row.verdict == Verdict::Inconclusive)
        );
        let junit = fs::read_to_string(path("junit")).unwrap();
        assert_eq!(
            junit.matches("<error ").count(),
            report.rows.len(),
            "{junit}"
        );
        assert_eq!(
            fs::read_to_string(&history).unwrap().lines().count(),
            15,
            "no run"
        );
    }
}

#[test]
fn a_whole_client_is_timed_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html");
    let junit = folder.path().join("junit.xml");
    let output = bench(&[
        "--piece",
        "upload/1",
        "--report",
        &format!("html={}", page.display()),
        "--report",
        &format!("junit={}", junit.display()),
    ]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    // Initiate, one part, Complete.
    let counted = "upload/1: requests 3 (3 before), connections 1 (1), parts at once 1 (1), bytes on the wire ";
    assert!(text.contains(counted), "{text}");
    assert!(text.contains(" % MD5\n"), "{text}");
    assert!(fs::read_to_string(page).unwrap().contains("<svg"));
    assert!(
        fs::read_to_string(junit)
            .unwrap()
            .contains("name=\"upload/1\"")
    );
}

#[test]
fn what_cannot_be_is_said() {
    for (args, said) in [
        (&["--piece", "nothing/*"][..], "no row matches"),
        (&["--report", "pdf=x"], "expected html=FILE"),
        (&["--threshold", "0"], "expected percent, from 0.1 to 1000"),
        (
            &["--baseline", "tests/bench.rs"],
            "tests/bench.rs: expected value",
        ),
        (
            &["--history", "tests/bench.rs"],
            "tests/bench.rs: line 1: expected value",
        ),
        (
            &["--against", "a", "--baseline", "b"],
            "cannot be used with",
        ),
    ] {
        let output = bench(args);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {told}");
        assert!(told.contains(said), "{args:?}: {told}");
    }
}
