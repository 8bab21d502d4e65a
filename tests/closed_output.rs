//! Whatever becomes of standard output and standard error, the exit code says what was found.

#![allow(clippy::unwrap_used, reason = "a test may panic: that is how it fails")]

use std::process::Command;

const PARTPROOF: &str = env!("CARGO_BIN_EXE_partproof");

/// A subject whose every answer to `plan` is this.
fn answers(answer: &str) -> String {
    format!(
        r#"--subject "sh -c 'read a; echo \"{{\\\"id\\\":1,\\\"ok\\\":{{\\\"protocol\\\":1,\\\"name\\\":\\\"n\\\",\\\"version\\\":\\\"1\\\",\\\"language\\\":\\\"sh\\\",\\\"ops\\\":[\\\"plan\\\"]}}}}\"; read b; {answer}; read c'""#
    )
}

#[test]
fn the_exit_code_stays_where_nothing_can_be_written() {
    let case = r#"'plan-count:{"data_size":102400,"part_size":102400}'"#;
    let wrong = answers(
        r#"echo \"{\\\"id\\\":2,\\\"ok\\\":{\\\"part_size\\\":102400,\\\"parts\\\":[]}}\""#,
    );
    for (code, arguments) in [
        (0, format!("replay {case}")),
        (0, "check --law any-parts".to_owned()),
        (0, "check --json --law any-parts".to_owned()),
        (0, "--help".to_owned()),
        (0, "rules".to_owned()),
        (1, format!("replay {case} {wrong}")),
        (1, "diagnose tests/data/documented-example".to_owned()),
        (2, "check --law no-such-law".to_owned()),
        (2, "no-such-command".to_owned()),
        (3, "check --subject /nowhere/adapter".to_owned()),
        (3, "smoke --subject false".to_owned()),
        (4, "replay 'no-such-law:{}'".to_owned()),
    ] {
        for to in [
            "",
            ">/dev/full",
            "2>/dev/full",
            ">/dev/full 2>/dev/full",
            ">&-",
            "2>&-",
            ">&- 2>&-",
            "<&- >&- 2>&-",
        ] {
            let line = format!("{PARTPROOF} {arguments} {to}");
            assert_eq!(run(&line), code, "{arguments} {to}");
        }
        for to in ["| head -0", "2>&1 | head -0"] {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("code");
            run(&format!(
                "{{ {PARTPROOF} {arguments}; echo $? >{}; }} {to}",
                file.display()
            ));
            let found = std::fs::read_to_string(file).unwrap();
            assert_eq!(found.trim(), code.to_string(), "{arguments} {to}");
        }
    }
}

#[test]
fn what_could_not_be_shown_is_told() {
    let output = Command::new("sh")
        .args(["-c", &format!("{PARTPROOF} rules >/dev/full")])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.starts_with("not shown: standard output: No space left"),
        "{said}"
    );
}

fn run(line: &str) -> i32 {
    let top = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let mut shell = Command::new("sh");
    let status = shell.args(["-c", line]).current_dir(top);
    status.output().unwrap().status.code().unwrap()
}
