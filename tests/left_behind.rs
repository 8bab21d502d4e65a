//! A run leaves nothing behind: no process of its subjects and no temporary folder, not at its end and not when it is told to end or killed.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may panic: that is how it fails")]

use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

const PARTPROOF: &str = env!("CARGO_BIN_EXE_partproof");
/// Much more than it takes, on a machine under load too.
const LONG: Duration = Duration::from_secs(60);

/// A run, with a temporary folder of its own, that all of its processes can be found by.
struct Run {
    folder: TempDir,
}

impl Run {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("tmp")).unwrap();
        Self { folder }
    }

    fn temporary(&self) -> std::path::PathBuf {
        self.folder.path().join("tmp")
    }

    /// A subject as a shell script.
    fn subject(&self, script: &str) -> String {
        let file = self.folder.path().join("subject.sh");
        fs::write(&file, script).unwrap();
        format!("sh {}", file.display())
    }

    fn start(&self, args: &[&str]) -> Child {
        let mut command = Command::new(PARTPROOF);
        command
            .args(args)
            .env("TMPDIR", self.temporary())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.spawn().unwrap()
    }

    /// Those of the run's processes that are not the command itself.
    fn processes(&self) -> Vec<String> {
        let mark = format!("TMPDIR={}", self.temporary().display());
        let processes = fs::read_dir("/proc").unwrap().flatten();
        let of_run = |folder: &Path| {
            // One that has ended has none.
            let environment = fs::read(folder.join("environ")).ok()?;
            let mut variables = environment.split(|byte| *byte == 0);
            variables.find(|variable| *variable == mark.as_bytes())?;
            let words = fs::read(folder.join("cmdline")).ok()?;
            Some(String::from_utf8_lossy(&words).replace('\0', " "))
        };
        processes
            .filter_map(|entry| of_run(&entry.path()))
            .collect()
    }

    fn folders(&self) -> usize {
        fs::read_dir(self.temporary()).unwrap().count()
    }

    /// Nothing is left, at once.
    fn is_clean(&self, when: &str) {
        assert_eq!(self.processes(), Vec::<String>::new(), "{when}");
        assert_eq!(self.folders(), 0, "{when}");
    }
}

fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < LONG, "not {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

fn ended(child: &mut Child) -> ExitStatus {
    let mut status = None;
    until("ended", || {
        status = child.try_wait().unwrap();
        status.is_some()
    });
    status.unwrap()
}

/// Leaves children in its group, in a session of their own, and of parents that are gone.
const LEAVES: &str = "sleep 600 & setsid sleep 601 & (setsid sh -c 'sleep 602 & sleep 603' &)";

fn describes(ops: &str) -> String {
    format!(
        r#"read line; echo '{{"id":1,"ok":{{"protocol":1,"name":"n","version":"1","language":"sh","ops":["{ops}"]}}}}'"#
    )
}

const CASE: &str = r#"plan-count:{"data_size":102400,"part_size":102400}"#;

#[test]
fn what_forks_and_ends_leaves_nobody() {
    let run = Run::new();
    for end in [
        "exit 3",
        "kill -9 $$",
        "kill -9 $PPID; sleep 604",
        "read end; exit 0",
        "exec >&-; sleep 604",
    ] {
        let subject = run.subject(&format!(
            "{}; read line; {LEAVES}; {end}",
            describes("plan")
        ));
        let limited = ["--time-limit", "0.5", "--subject", &subject];
        let mut replay = run.start(&[&["replay", CASE][..], &limited].concat());
        assert_eq!(ended(&mut replay).code(), Some(1), "{end}");
        run.is_clean(end);
    }
    let subject = run.subject(&format!(
        "{}; read line; {LEAVES}; exit 3",
        describes("plan")
    ));
    let mut check = run.start(&["check", "--law", "plan-count", "--subject", &subject]);
    ended(&mut check);
    run.is_clean("check");
}

/// Hangs in an upload, with all that it leaves.
fn hangs(run: &Run) -> Child {
    let script = format!(
        "{}; read line; {LEAVES}; trap '' TERM INT HUP; sleep 604",
        describes("upload")
    );
    let subject = run.subject(&script);
    let check = run.start(&["check", "--law", "upload", "--subject", &subject]);
    until("hanging", || {
        run.processes()
            .iter()
            .any(|words| words.contains("sleep 604"))
    });
    until("set", || run.folders() > 0);
    check
}

#[test]
fn who_is_told_to_end_leaves_nothing() {
    for (signal, status) in [
        (Signal::SIGINT, 130),
        (Signal::SIGTERM, 143),
        (Signal::SIGHUP, 129),
    ] {
        let run = Run::new();
        let mut check = hangs(&run);
        kill(Pid::from_raw(check.id().try_into().unwrap()), signal).unwrap();
        assert_eq!(ended(&mut check).code(), Some(status), "{signal}");
        run.is_clean(signal.as_str());
    }
}

#[test]
fn what_was_to_be_ignored_is_ignored() {
    let run = Run::new();
    let subject = run.subject("sleep 604");
    let line = format!("trap '' HUP; exec {PARTPROOF} check --subject '{subject}'");
    let mut shell = Command::new("sh");
    let mut check = shell
        .args(["-c", &line])
        .env("TMPDIR", run.temporary())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let hangs = || {
        run.processes()
            .iter()
            .any(|words| words.starts_with("sleep 604"))
    };
    until("hanging", hangs);
    let id = Pid::from_raw(check.id().try_into().unwrap());
    kill(id, Signal::SIGHUP).unwrap();
    thread::sleep(Duration::from_millis(200));
    assert!(hangs() && check.try_wait().unwrap().is_none());
    kill(id, Signal::SIGTERM).unwrap();
    assert_eq!(ended(&mut check).code(), Some(143));
    run.is_clean("SIGTERM");
}

#[test]
fn every_command_that_starts_a_subject_ends_when_told() {
    let run = Run::new();
    let subject = run.subject(&format!("{LEAVES}; sleep 604"));
    for command in [
        &["check"][..],
        &["smoke"],
        &["matrix"],
        &["vectors", "verify"],
        &[
            "replay",
            r#"plan-count:{"data_size":102400,"part_size":102400}"#,
        ],
    ] {
        let mut running = run.start(&[command, &["--subject", &subject]].concat());
        until("hanging", || {
            run.processes()
                .iter()
                .any(|words| words.contains("sleep 604"))
        });
        kill(
            Pid::from_raw(running.id().try_into().unwrap()),
            Signal::SIGTERM,
        )
        .unwrap();
        assert_eq!(ended(&mut running).code(), Some(143), "{command:?}");
        run.is_clean(&format!("{command:?}"));
    }
}

#[test]
fn nobody_outlives_a_run_that_is_killed_and_the_next_one_removes_its_folders() {
    let run = Run::new();
    let mut check = hangs(&run);
    check.kill().unwrap();
    check.wait().unwrap();
    until("without processes", || run.processes().is_empty());
    assert!(run.folders() > 0);
    // What another run holds, it keeps.
    let held = run.temporary().join("partproof-held");
    fs::DirBuilder::new().mode(0o700).create(&held).unwrap();
    let lock = fs::File::create_new(held.join("partproof.lock")).unwrap();
    lock.try_lock().unwrap();
    let subject = format!("{PARTPROOF} adapter");
    let mut smoke = run.start(&["smoke", "--subject", &subject]);
    assert_eq!(ended(&mut smoke).code(), Some(0));
    assert!(held.exists());
    fs::remove_dir_all(&held).unwrap();
    run.is_clean("after the next run");
}

#[test]
fn a_subject_ends_as_it_would_without_a_supervisor() {
    let run = Run::new();
    for (end, told) in [
        ("exit 3", "it ended (exit status: 3)"),
        ("kill -9 $$", "it ended (signal: 9 (SIGKILL))"),
        ("kill -11 $$", "it ended (signal: 11 (SIGSEGV))"),
        ("kill -15 $$", "it ended (signal: 15 (SIGTERM))"),
        (
            "exec >&-; sleep 604",
            "it ended (it closed its standard output)",
        ),
    ] {
        let subject = run.subject(end);
        let output = Command::new(PARTPROOF)
            .args(["check", "--subject", &subject])
            .env("TMPDIR", run.temporary())
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(told), "{end}: {said}");
        run.is_clean(end);
    }
}
