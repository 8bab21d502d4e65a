//! `partproof bench`: who is slower is told by how much, who is not is left alone, and a time without work is none.

#![cfg(target_os = "linux")]
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic: that is how it fails"
)]

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

/// The interval of 95 % misses the factor one time in twenty, and what is computed beside the work is not slowed: a little more is let pass.
#[test]
fn a_client_that_is_slower_is_told_by_how_much() {
    for factor in [1.3, 2.0] {
        let (code, bench) = against_itself(&factor.to_string(), "plan/10000");
        let row = only(&bench);
        assert_eq!(
            (code, row.verdict),
            (Some(1), Verdict::Regressed),
            "{row:?}"
        );
        let ratio = row.ratio.unwrap();
        assert!(
            ratio.low < factor * 1.05 && ratio.high > factor * 0.95,
            "{ratio:?}"
        );
    }
}

#[test]
fn a_client_that_is_the_same_is_not_accused() {
    let (code, bench) = compared(TEMPLATE, "plan/100");
    assert!(matches!(code, Some(0 | 4)), "{:?}", only(&bench));
}

#[test]
fn a_cost_that_is_quadratic_has_its_exponent() {
    let (_, bench) = against_itself("quadratic", "plan/*");
    let growth = bench.growth();
    let (new, old) = growth[0].exponents().unwrap();
    assert!(new > 1.4 && old < 1.2, "{new} and {old}: {growth:?}");
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
    let against = bench(&[&rows[..], &["--baseline", &saved, "--history", &history]].concat());
    assert!(matches!(against.status.code(), Some(0 | 4)), "{against:?}");
    let text = String::from_utf8_lossy(&against.stdout).into_owned();
    assert!(text.contains("plan/100"), "{text}");
    assert_eq!(fs::read_to_string(&history).unwrap().lines().count(), 2);
    // Whoever measured elsewhere says nothing about here, and nothing is measured.
    let mut elsewhere = Bench::from_json(&fs::read_to_string(&saved).unwrap()).unwrap();
    elsewhere.machine.processor = "another".to_owned();
    fs::write(&other, elsewhere.json()).unwrap();
    let refused = bench(&["--baseline", &other]);
    assert_eq!(refused.status.code(), Some(4), "{refused:?}");
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("measured on another"), "{said}");
    assert!(refused.stdout.is_empty(), "{refused:?}");
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
    assert!(text.contains("upload/1: 3 requests (3 before)"), "{text}");
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
