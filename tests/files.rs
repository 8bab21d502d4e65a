//! Files that the command line names: what is read is a regular file of a size that its purpose needs, and what a run writes is there whole
//! at its end or not at all.

#![allow(clippy::unwrap_used, reason = "a test may panic: that is how it fails")]

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The command, in a folder.
fn partproof(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_partproof"));
    command
        .current_dir(folder)
        .args(args)
        .env_remove("CLICOLOR_FORCE");
    command
}

/// A line of a shell, in which `partproof` is the command.
fn shell(folder: &Path, line: &str) -> Command {
    let mut command = Command::new("bash");
    let binary = Path::new(env!("CARGO_BIN_EXE_partproof")).parent().unwrap();
    let path = std::env::var("PATH").unwrap();
    command
        .current_dir(folder)
        .args(["-c", line])
        .env("PATH", format!("{}:{path}", binary.display()))
        .env_remove("CLICOLOR_FORCE");
    command
}

/// Exit code, standard output and standard error; one that waits for something is ended and told.
fn ended(mut command: Command) -> (i32, String, String) {
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let id = child.id().to_string();
    let (done, waits) = std::sync::mpsc::channel::<()>();
    let watch = std::thread::spawn(move || {
        let limit = Duration::from_secs(120);
        let hangs = waits.recv_timeout(limit) == Err(std::sync::mpsc::RecvTimeoutError::Timeout);
        if hangs {
            Command::new("kill").args(["-9", &id]).status().unwrap();
        }
        hangs
    });
    let output = child.wait_with_output().unwrap();
    drop(done);
    assert!(!watch.join().unwrap(), "it hangs: {command:?}");
    (
        output.status.code().unwrap(),
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// Two terabytes, and none on the disk.
fn huge(path: &Path) {
    File::create(path).unwrap().set_len(2 << 40).unwrap();
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

const CAPTURE: &str = "GET /x HTTP/1.1\nHost: h\n\n";

#[test]
fn every_file_argument_is_a_regular_file_of_its_size() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    fs::write(here.join("capture"), CAPTURE).unwrap();
    fs::write(
        here.join("key"),
        include_str!("../crates/suite/keys/master.pem"),
    )
    .unwrap();
    pipe(&here.join("pipe"));
    symlink("pipe", here.join("link")).unwrap();
    let _socket = UnixListener::bind(here.join("socket")).unwrap();
    huge(&here.join("huge"));
    fs::create_dir(here.join("sub")).unwrap();
    for (args, takes_folders) in [
        (&["check", "--known"][..], false),
        (&["replay"], false),
        (&["replay", "--target", "plan"], false),
        (&["diagnose"], true),
        (&["diagnose", "capture", "--master-key"], false),
        (
            &["diagnose", "capture", "--master-key", "key", "--plaintext"],
            false,
        ),
        (&["vectors", "verify"], true),
        (&["serve", "--listen", "127.0.0.1:0", "--script"], false),
    ] {
        for (file, said) in [
            ("pipe", "a pipe, expected a regular file"),
            ("link", "a pipe, expected a regular file"),
            ("socket", "a socket, expected a regular file"),
            ("/dev/zero", "a device, expected a regular file"),
            ("sub", "a folder, expected a regular file"),
            ("huge", "larger than "),
            ("nowhere", "No such file"),
        ] {
            if takes_folders && file == "sub" {
                continue;
            }
            let args = [args, &[file]].concat();
            let (code, _, problem) = ended(partproof(here, &args));
            let expected = format!("{file}: {said}");
            assert!(
                code == 2 && problem.contains(&expected),
                "{args:?}: {code} {problem}"
            );
        }
    }
}

#[test]
fn the_files_in_folders_are_held_to_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    for (command, name) in [
        (&["diagnose"][..], "b.http"),
        (&["vectors", "verify"], "b.json"),
    ] {
        let places: [fn(&Path); 2] = [pipe, huge];
        for place in places {
            let files = here.join("files");
            fs::create_dir(&files).unwrap();
            place(&files.join(name));
            let (code, _, problem) = ended(partproof(here, &[command, &["files"]].concat()));
            let expected = format!("files/{name}: ");
            assert!(code == 2 && problem.contains(&expected), "{code} {problem}");
            fs::remove_dir_all(&files).unwrap();
        }
    }
    // What is compared is read too.
    let vectors = |args: &[&str]| ended(partproof(here, &[&["vectors"], args].concat()));
    assert_eq!(vectors(&["export"]).0, 0);
    let plan = here.join("vectors/plan.json");
    fs::remove_file(&plan).unwrap();
    pipe(&plan);
    let (code, _, problem) = vectors(&["refresh", "--check", "vectors"]);
    assert!(
        code == 2 && problem.contains("plan.json: a pipe, expected"),
        "{code} {problem}"
    );
}

#[test]
fn what_comes_from_a_pipe_is_read_from_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    fs::write(here.join("capture"), CAPTURE).unwrap();
    let token = r#"{"law": "plan-count", "case": {"data_size": 5, "part_size": 102400}}"#;
    fs::write(here.join("token"), token).unwrap();
    for (line, expected, said) in [
        ("partproof diagnose - < capture", 4, "1 message"),
        ("cat capture | partproof diagnose -", 4, "1 message"),
        ("cat token | partproof replay -", 0, "fixed"),
        (
            "partproof diagnose <(cat capture)",
            2,
            "a pipe, expected a regular file with a capture; `-` reads from standard input",
        ),
        (
            "partproof check --known <(cat token)",
            2,
            "write what it gives to a file first",
        ),
        (
            "partproof replay - < /dev/zero",
            2,
            "standard input: larger than 16 MiB",
        ),
    ] {
        let (code, stdout, stderr) = ended(shell(here, line));
        assert!(
            code == expected && (stdout + &stderr).contains(said),
            "{line}: {code} {stderr}"
        );
    }
}

/// A run that is still at work, once it has begun.
fn at_work(folder: &Path, report: &str) -> Child {
    let started = folder.join("started");
    let subject = format!("sh -c 'touch {}; exec cat > /dev/null'", started.display());
    let mut command = partproof(
        folder,
        &["check", "--subject", &subject, "--report", report],
    );
    let child = command.stderr(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    while !started.exists() {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "it does not begin"
        );
        sleep(Duration::from_millis(10));
    }
    fs::remove_file(started).unwrap();
    child
}

#[test]
fn a_run_that_is_killed_leaves_the_old_report_and_no_other_file() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    fs::write(here.join("old"), "before").unwrap();
    for file in ["old", "new"] {
        let mut child = at_work(here, &format!("json={file}"));
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(names(here), ["old"], "{file}");
        assert_eq!(fs::read_to_string(here.join("old")).unwrap(), "before");
    }
}

#[test]
fn a_report_that_does_not_fit_leaves_the_old_one() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    fs::write(here.join("old"), "before").unwrap();
    let line = "trap '' XFSZ; ulimit -f 0; partproof check --law plan-refusal --report json=old --report junit=new";
    let (code, _, problem) = ended(shell(here, line));
    assert!(
        code == 2 && problem.contains("old: File too large"),
        "{code} {problem}"
    );
    assert_eq!(names(here), ["old"]);
    assert_eq!(fs::read_to_string(here.join("old")).unwrap(), "before");
    // And where there is room, it is there, whole.
    let line = line.replace("ulimit -f 0; ", "");
    assert_eq!(ended(shell(here, &line)).0, 0);
    assert_eq!(names(here), ["new", "old"]);
    let report = fs::read_to_string(here.join("old")).unwrap();
    assert!(serde_json::from_str::<serde_json::Value>(&report).is_ok());
}

#[test]
fn that_a_file_cannot_be_written_is_known_before_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    fs::create_dir(here.join("sub")).unwrap();
    pipe(&here.join("pipe"));
    let subject = ["--subject", "touch started"];
    for (args, kind) in [
        (&["check", "--report"][..], "json="),
        (&["matrix", "--report"], "html="),
        (&["vectors", "record", "--out"], ""),
    ] {
        for (file, said) in [
            ("no/report", "No such file"),
            ("sub", "Is a directory"),
            ("pipe", "nothing reads from it"),
        ] {
            let place = format!("{kind}{file}");
            let args = [args, &[&place], &subject].concat();
            let (code, _, problem) = ended(partproof(here, &args));
            let expected = format!("{file}: {said}");
            assert!(
                code == 2 && problem.contains(&expected),
                "{args:?}: {code} {problem}"
            );
            assert_eq!(names(here), ["pipe", "sub"]);
        }
    }
}

#[test]
fn a_report_can_go_to_standard_output() {
    let folder = tempfile::tempdir().unwrap();
    let line = "partproof check --law plan-refusal --report json=/dev/stdout";
    let (code, piped, _) = ended(shell(folder.path(), line));
    assert!(
        code == 0 && piped.starts_with('{') && piped.contains("conforms: 1 law holds"),
        "{piped}"
    );
    let (code, ..) = ended(shell(folder.path(), &format!("{line} > both")));
    assert_eq!(code, 0);
    // But for how long it took.
    let without_times = |text: &str| {
        let lines = text.lines().filter(|line| !line.contains("\"seconds\""));
        lines.collect::<Vec<_>>().join("\n")
    };
    assert_eq!(
        without_times(&fs::read_to_string(folder.path().join("both")).unwrap()),
        without_times(&piped)
    );
    let (code, read, _) = ended(shell(
        folder.path(),
        &line.replace("/dev/stdout", ">(cat >&2)"),
    ));
    assert!(code == 0 && !read.contains('{'), "{read}");
}
