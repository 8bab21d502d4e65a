//! How long a check looks, and what it does about that: it ends when it is told to and says what it has, shares its work, goes on where it ended.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may panic: that is how it fails")]

use std::fs;
use std::io::{BufRead, BufReader, Lines, Read};
use std::process::{Child, ChildStderr, Command, Output, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::TempDir;

const PARTPROOF: &str = env!("CARGO_BIN_EXE_partproof");

/// A subject in a script that plans no part, after this many seconds, and notes what it is asked.
fn wrong(folder: &TempDir, seconds: &str) -> String {
    let file = folder.path().join("subject.sh");
    let asked = folder.path().join("asked");
    let script = format!(
        r#"while read -r line; do
    echo "$line" >> {asked}
    id=${{line#*:}}; id=${{id%%,*}}
    case "$line" in
        *describe*) ok='{{"protocol":1,"name":"n","version":"1","language":"sh","ops":["plan"],"features":[]}}' ;;
        *) sleep {seconds}; ok='{{"part_size":102400,"parts":[]}}' ;;
    esac
    echo "{{\"id\":$id,\"ok\":$ok}}"
done"#,
        asked = asked.display()
    );
    fs::write(&file, script).unwrap();
    format!("sh {}", file.display())
}

fn partproof(args: &[&str]) -> Output {
    Command::new(PARTPROOF).args(args).output().unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_run_that_is_interrupted_says_what_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let (subject, file) = (wrong(&folder, "0.1"), folder.path().join("report.json"));
    let report = format!("json={}", file.display());
    let args = [
        "check",
        "--subject",
        &subject,
        "--law",
        "plan-*",
        "--report",
        &report,
    ];
    let mut run = Command::new(PARTPROOF)
        .args(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It has found something, and goes on.
    let stderr = BufReader::new(run.stderr.take().unwrap());
    let mut lines = stderr.lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains("smallest plan-count/too-few-parts")));
    let id = Pid::from_raw(run.id().try_into().unwrap());
    kill(id, Signal::SIGTERM).unwrap();
    let mut stdout = String::new();
    run.stdout
        .take()
        .unwrap()
        .read_to_string(&mut stdout)
        .unwrap();
    assert_eq!(run.wait().unwrap().code(), Some(143));
    assert!(
        stdout.contains("partial: the run was interrupted\nviolates"),
        "{stdout}"
    );
    let report: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    assert_eq!(
        (&report["ended"], &report["verdict"]),
        (&"interrupted".into(), &"violates".into())
    );
    // What the end of the subject caused is nobody's finding.
    let findings = report["findings"].as_array().unwrap().iter();
    let mut ids = findings.map(|finding| finding["id"].as_str().unwrap());
    assert!(!ids.any(|id| id.starts_with("answers-all")), "{report}");
}

/// A subject that answers everything after a minute; and the line that told that it was asked.
fn slow(folder: &TempDir, more: &[&str]) -> (Child, Lines<BufReader<ChildStderr>>) {
    let subject = wrong(folder, "60");
    let args = ["check", "--subject", &subject, "--time-limit", "90"];
    let mut run = Command::new(PARTPROOF)
        .args(args)
        .args(more)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let stderr = BufReader::new(run.stderr.take().unwrap());
    (run, stderr.lines())
}

#[test]
fn where_a_run_is_stands_in_a_line_each_ten_seconds_and_a_second_signal_ends_it() {
    let folder = tempfile::tempdir().unwrap();
    let (mut run, lines) = slow(&folder, &["--law", "plan-count"]);
    let mut lines = lines.map_while(Result::ok);
    let beat = lines.find(|line| line.starts_with("10 s: "));
    assert_eq!(
        beat.as_deref(),
        Some("10 s: 0 of 1,000 cases, now plan-count")
    );
    let id = Pid::from_raw(run.id().try_into().unwrap());
    for _ in 0..2 {
        kill(id, Signal::SIGTERM).unwrap();
        // One that is not heard yet and the next are one.
        std::thread::sleep(Duration::from_millis(200));
    }
    assert_eq!(run.wait().unwrap().code(), Some(143));
}

#[test]
fn what_was_found_is_kept_whatever_ends_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let subject = wrong(&folder, "0.1");
    let args = [
        "check",
        "--subject",
        &subject,
        "--law",
        "plan-*",
        "--max-time",
        "1h",
    ];
    let mut run = Command::new(PARTPROOF)
        .args(args)
        .arg("--state")
        .arg(&state)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let stderr = BufReader::new(run.stderr.take().unwrap());
    let mut lines = stderr.lines().map_while(Result::ok);
    // The second is told when the first is kept.
    let found = |line: &String| line.contains(": smallest ");
    assert!(lines.by_ref().filter(found).nth(1).is_some());
    run.kill().unwrap();
    run.wait().unwrap();
    let kept = fs::read_to_string(state.join("findings.json")).unwrap();
    let kept: Value = serde_json::from_str(&kept).unwrap();
    assert!(!kept["findings"].as_array().unwrap().is_empty(), "{kept}");
}

#[test]
fn what_meets_every_class_comes_first_of_all_laws() {
    let folder = tempfile::tempdir().unwrap();
    let asked = folder.path().join("asked");
    let subject = format!("sh -c 'tee -a {} | {PARTPROOF} adapter'", asked.display());
    let args = ["check", "--subject", &subject, "--jobs", "1"];
    let laws = ["--law", "plan-count", "--law", "plan-refusal"];
    assert_eq!(
        partproof(&[&args[..], &laws].concat()).status.code(),
        Some(0)
    );
    let asked = fs::read_to_string(asked).unwrap();
    // The first law, which has 1,000 cases, asks for no such plan.
    let hostile = asked
        .lines()
        .position(|line| line.contains(r#""part_size":0"#));
    assert!(hostile.is_some_and(|at| at < 500), "{hostile:?}");
}

#[test]
fn a_run_can_end_at_its_first_finding() {
    let folder = tempfile::tempdir().unwrap();
    let subject = wrong(&folder, "0");
    let output = partproof(&["check", "--subject", &subject, "--fail-fast"]);
    let text = told(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(
        text.contains("partial: the run ended at its first finding"),
        "{text}"
    );
    assert!(text.contains("plan-count/too-few-parts"), "{text}");
    // A known one is not the first.
    let known = folder.path().join("known.json");
    let entry = r#"{"known": [{"finding": "plan-count/too-few-parts", "reason": "r", "expires": "2999-01-01"}]}"#;
    fs::write(&known, entry).unwrap();
    let known = known.to_str().unwrap();
    let args = [
        "check",
        "--subject",
        &subject,
        "--fail-fast",
        "--known",
        known,
        "--json",
    ];
    let report = json(&partproof(&args));
    let findings = report["findings"].as_array().unwrap().iter();
    let unknown: Vec<_> = findings
        .filter(|finding| finding["known"].is_null())
        .collect();
    assert_eq!(unknown.len(), 1, "{report}");
    // A law that only known findings break is skipped where there is such a thing, and each law says what it took.
    let args = [
        "check",
        "--subject",
        &subject,
        "--law",
        "plan-count",
        "--known",
        known,
    ];
    let junit = told(&partproof(&[&args[..], &["--report", "junit=-"]].concat()));
    let skipped = r#"<skipped message="plan-count/too-few-parts is known: r"/>"#;
    assert!(junit.contains(skipped), "{junit}");
    let table = told(&partproof(&[&args[..], &["-v"]].concat()));
    assert!(table.contains("cases  seconds"), "{table}");
}

#[test]
fn a_program_is_asked_for_a_plan_once_by_all_laws() {
    let folder = tempfile::tempdir().unwrap();
    let asked = folder.path().join("asked");
    let subject = format!("sh -c 'tee -a {} | {PARTPROOF} adapter'", asked.display());
    let laws = [
        "plan-count",
        "plan-tiles",
        "plan-legal",
        "plan-feasible",
        "plan-keeps-part-size",
    ];
    let mut args = vec!["check", "--subject", &subject, "--cases", "100", "--json"];
    for law in &laws {
        args.extend(["--law", law]);
    }
    let report = json(&partproof(&args));
    for law in report["laws"].as_array().unwrap() {
        assert_eq!(
            (&law["standing"], law["cases"].as_u64() >= Some(90)),
            (&"holds".into(), true),
            "{law}"
        );
    }
    let asked = fs::read_to_string(asked).unwrap();
    let asked = asked.matches(r#""op":"plan""#).count();
    // Once a case, and not once a law.
    assert!((100..200).contains(&asked), "{asked}");
}

#[test]
fn as_many_processes_as_are_wanted_say_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let subject = wrong(&folder, "0");
    let report = |jobs| {
        let args = [
            "check",
            "--subject",
            &subject,
            "--cases",
            "30",
            "--law",
            "plan-*",
            "--jobs",
            jobs,
            "--json",
        ];
        let mut report = json(&partproof(&args));
        for law in report["laws"].as_array_mut().unwrap() {
            law["seconds"] = 0.into();
        }
        report
    };
    assert_eq!(report("1"), report("3"));
    let asked = fs::read_to_string(folder.path().join("asked")).unwrap();
    // Two runs, and two replays at least, each a process; three of the second run.
    assert!(asked.matches("describe").count() > 4, "{asked}");
}

#[test]
fn shards_share_the_cases_and_laws_can_be_left_out() {
    let share = |shard| {
        json(&partproof(&[
            "check",
            "--law",
            "plan-refusal",
            "--shard",
            shard,
            "--json",
        ]))
    };
    let (one, other) = (share("1/2"), share("2/2"));
    assert_eq!(
        (&one["shard"], &one["verdict"]),
        (&"1/2".into(), &"conforms".into())
    );
    let cases = |report: &Value| report["laws"][0]["cases"].as_u64().unwrap();
    assert_eq!((cases(&one), cases(&other)), (500, 500));
    assert_eq!(
        partproof(&["check", "--shard", "3/2"]).status.code(),
        Some(2)
    );

    let report = json(&partproof(&[
        "check",
        "--law",
        "plan-*",
        "--skip",
        "plan-[a-q]*",
        "--json",
    ]));
    let laws: Vec<_> = report["laws"]
        .as_array()
        .unwrap()
        .iter()
        .map(|law| law["id"].clone())
        .collect();
    assert_eq!(laws, ["plan-tiles", "plan-refusal"]);
    let nothing = partproof(&["check", "--skip", "*"]);
    assert_eq!(nothing.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&nothing.stderr).contains("--skip leaves no law"));
}

#[test]
fn the_next_night_goes_on_where_the_last_one_ended() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let state = state.to_str().unwrap();
    let night = |subject: &str| {
        let args = [
            "check",
            "--subject",
            subject,
            "--law",
            "plan-count",
            "--max-time",
            "1s",
            "--state",
            state,
            "--json",
        ];
        let output = partproof(&args);
        (output.status.code(), output)
    };
    let (code, first) = night("built-in");
    let (first, seeds) = (json(&first), json(&first)["seeds"].as_u64().unwrap());
    assert_eq!(
        (code, &first["seed"], &first["ended"]),
        (Some(0), &1.into(), &"time_is_over".into())
    );
    assert!(seeds > 1, "{seeds}");
    let (_, second) = night("built-in");
    assert_eq!(json(&second)["seed"], seeds + 1);
    // Another subject has a folder of its own.
    let subject = wrong(&folder, "0");
    let (code, _) = night(&subject);
    assert_eq!(code, Some(2));

    fs::remove_dir_all(state).unwrap();
    let (code, _) = night(&subject);
    assert_eq!(code, Some(1));
    let kept = format!("{state}/findings.json");
    let again = partproof(&["replay", &kept]);
    assert_eq!(again.status.code(), Some(1), "{}", told(&again));
    assert!(told(&again).contains("still failing:"));
}

#[test]
fn a_budget_that_cannot_be_is_told() {
    for args in [
        &["--profile", "0"][..],
        &["--profile", "slow"],
        &["--cases", "0"],
        &["--max-time", "soon"],
        &["--max-time", "0s"],
        &["--jobs", "0"],
        &["--state", "x"],
        &["--profile", "2", "--cases", "3"],
    ] {
        let output = partproof(&[&["check"], args].concat());
        assert_eq!(output.status.code(), Some(2), "{args:?}");
    }
    let report = json(&partproof(&[
        "check",
        "--law",
        "plan-refusal",
        "--profile",
        "2",
        "--json",
    ]));
    assert_eq!(
        (&report["profile"], &report["laws"][0]["cases"]),
        (&"2".into(), &2_000.into())
    );
}

/// A repository that keeps what it asks for, and what failed.
#[test]
fn what_a_repository_keeps_is_the_whole_line_and_what_failed_is_tried_first() {
    let folder = tempfile::tempdir().unwrap();
    let subject = wrong(&folder, "0");
    let config = folder.path().join("partproof.toml");
    let kept = folder.path().join(".partproof/failures.toml");
    fs::create_dir(kept.parent().unwrap()).unwrap();
    let told = "[check]\nlaw = ['plan-count']\nreport = ['json=-']\nfail-fast = true\n";
    fs::write(&config, format!("subject = \"{subject}\"\n{told}")).unwrap();
    let run = |args: &[&str]| {
        let mut run = Command::new(PARTPROOF);
        run.args(args).current_dir(folder.path()).output().unwrap()
    };
    let code = |output: &Output| output.status.code();
    let says = |output: &Output, what: &str| {
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(text.contains(what), "{text}");
    };

    let first = run(&["check"]);
    assert_eq!(code(&first), Some(1));
    assert_eq!(json(&first)["command"], subject);
    let failures = || fs::read_to_string(&kept).unwrap();
    assert_eq!(
        failures().matches("[[failure]]").count(),
        1,
        "{}",
        failures()
    );
    // It fails again, before any case is drawn.
    let second = run(&["check"]);
    says(&second, "still failing: ");
    let cases = &json(&second)["laws"][0]["cases"];
    assert_eq!((code(&second), cases), (Some(1), &0.into()));
    assert_eq!(code(&run(&["replay", "--all"])), Some(1));
    // The command line wins, and another subject has failures of its own.
    let right = run(&["check", "--subject", "built-in"]);
    assert_eq!(
        (code(&right), &json(&right)["verdict"]),
        (Some(0), &"conforms".into())
    );

    // Once it is mended it holds, and ten times in a row are enough.
    let script = folder.path().join("subject.sh");
    let mended = format!("exec {PARTPROOF} adapter\n");
    fs::write(&script, mended).unwrap();
    let held = run(&["replay", "--all"]);
    assert_eq!(code(&held), Some(0));
    assert!(String::from_utf8_lossy(&held.stdout).contains("1 of 1 failure held"));
    assert!(failures().contains("held = 1"), "{}", failures());
    for _ in 0..9 {
        assert_eq!(code(&run(&["replay", "--all"])), Some(0));
    }
    assert!(!failures().contains("[[failure]]"), "{}", failures());

    for (text, said) in [
        (
            "subjetc = 'a'",
            "partproof.toml: subjetc: no option of a command: did you mean subject?",
        ),
        (
            "[check]\nprofile = 'fast'",
            "partproof.toml adds --profile=fast",
        ),
    ] {
        fs::write(&config, text).unwrap();
        let refused = run(&["check"]);
        assert_eq!(code(&refused), Some(2));
        says(&refused, said);
    }
    fs::remove_file(&config).unwrap();
    fs::write(&kept, "[[failure]]\nfinding = 'a'\n").unwrap();
    let refused = run(&["check", "--law", "plan-count"]);
    assert_eq!(code(&refused), Some(2));
    says(
        &refused,
        ".partproof/failures.toml: TOML parse error at line 1",
    );
}
