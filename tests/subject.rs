//! Subjects in a process of their own, as a user meets them: a right one, judged as it is without a process between; and those that break.

#![allow(clippy::unwrap_used, reason = "a test may panic: that is how it fails")]

use std::process::{Command, Output};

use serde_json::Value;

const PARTPROOF: &str = env!("CARGO_BIN_EXE_partproof");

fn partproof(args: &[&str]) -> Output {
    let mut command = Command::new(PARTPROOF);
    command.args(args).env_remove("CLICOLOR_FORCE");
    command.output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The built-in client at the other end of the protocol.
fn right() -> String {
    format!("{PARTPROOF} adapter")
}

/// A subject in a shell script: it describes itself so, and then does this.
fn subject(description: &str, then: &str) -> String {
    let answer = format!(
        r#"{{"id":1,"ok":{{"protocol":1,"name":"n","version":"1","language":"sh",{description}}}}}"#
    );
    format!("sh -c 'read first; echo \'\\\'\'{answer}\'\\\'\'; {then}'")
        .replace("\'\\\'\'", r"'\''")
}

/// Refuses whatever it is asked.
const REFUSES: &str = r#"while read line; do id=${line#*:}; id=${id%%,*}; echo "{\"id\":$id,\"err\":{\"kind\":\"refused\",\"message\":\"no\"}}"; done"#;

#[test]
fn a_right_client_is_right_at_the_other_end_of_the_protocol() {
    let laws = [
        "plan-count",
        "plan-refusal",
        "part-list",
        "part-equals-slice",
        "any-range",
        "upload",
        "upload-resumes",
    ];
    let subject = right();
    let mut args = vec!["check", "--json", "--subject", &subject];
    for law in &laws {
        args.extend(["--law", law]);
    }
    let output = partproof(&args);
    let report = json(&output);
    assert_eq!(code(&output), 0, "{report:#}");
    assert_eq!(
        report["subject"],
        concat!("built-in client ", env!("CARGO_PKG_VERSION"), " (Rust)")
    );
    for law in report["laws"].as_array().unwrap() {
        assert_eq!(law["standing"], "holds", "{law}");
    }
    assert_eq!(
        report["undeclared"],
        serde_json::json!([
            "features: content-md5, streams, pieces, several-keys, old-names, pipelining"
        ])
    );
}

#[test]
fn a_right_adapter_can_be_believed() {
    let output = partproof(&["smoke", "--subject", &right()]);
    assert_eq!(code(&output), 0, "{}", out(&output));
    assert!(
        out(&output).contains("it can be believed"),
        "{}",
        out(&output)
    );
}

#[test]
fn the_built_in_client_is_an_adapter_too() {
    let output = partproof(&["smoke", "--subject", "built-in"]);
    assert_eq!(code(&output), 0, "{}", out(&output));
    assert!(out(&output).starts_with("built-in\n"), "{}", out(&output));
}

#[test]
fn two_builds_of_one_name_are_numbered_and_one_command_stands_once() {
    let (one, other) = (right(), format!("env {}", right()));
    let case = r#"{"length":102401,"described":true,"range":null}"#;
    let matrix = |subjects: &[&str]| {
        let mut args = vec!["matrix", "--case", case, "--json"];
        subjects
            .iter()
            .for_each(|one| args.extend(["--subject", one]));
        partproof(&args)
    };
    let output = matrix(&[&one, &other]);
    assert_eq!(
        code(&output),
        0,
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let name = concat!("built-in client ", env!("CARGO_PKG_VERSION"), " (Rust)");
    assert_eq!(
        json(&output)["subjects"],
        serde_json::json!(["model", name, format!("{name} (2)")])
    );
    let output = matrix(&[&one, &one]);
    assert_eq!(code(&output), 2);
    assert!(String::from_utf8_lossy(&output.stderr).contains("is there twice"));
}

#[test]
fn a_right_client_is_held_to_the_vectors_at_the_other_end_too() {
    let output = partproof(&["vectors", "verify", "--json", "--subject", &right()]);
    assert_eq!(code(&output), 0, "{}", out(&output));
    assert_eq!(json(&output)["verdict"], "conforms");
}

#[test]
fn the_model_the_built_in_client_and_a_process_read_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("matrix.html");
    let report = format!("html={}", page.display());
    let output = partproof(&[
        "matrix",
        "--subject",
        "built-in",
        "--subject",
        &right(),
        "--report",
        &report,
    ]);
    assert_eq!(code(&output), 0, "{}", out(&output));
    assert!(
        out(&output).contains("conforms: 9 pairs"),
        "{}",
        out(&output)
    );
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>"));
    for needed in ["http://", "https://", "<script", "src="] {
        assert!(!page.contains(needed), "the page needs {needed}");
    }
}

#[test]
fn what_is_declared_and_never_done_is_no_green() {
    // An upload in no cipher can never be asked for.
    let subject = subject(r#""ops":["upload"],"ciphers":[]"#, "read end");
    let output = partproof(&["check", "--json", "--subject", &subject]);
    let report = json(&output);
    assert_eq!(code(&output), 4, "{report:#}");
    assert_eq!(report["unexercised"], serde_json::json!(["upload"]));
}

#[test]
fn a_subject_that_ends_is_a_finding_with_its_last_words() {
    let subject = subject(
        r#""ops":["plan"]"#,
        "read line; echo division by zero >&2; exit 3",
    );
    let output = partproof(&[
        "check",
        "--json",
        "--law",
        "plan-count",
        "--subject",
        &subject,
    ]);
    let report = json(&output);
    assert_eq!(code(&output), 3, "{report:#}");
    let finding = &report["findings"][0];
    assert_eq!(finding["id"], "answers-all/the-subject-ends");
    assert!(
        finding["actual"]
            .as_str()
            .unwrap()
            .contains("division by zero"),
        "{finding}"
    );
    // It is not asked for thousands of cases.
    assert!(
        report["laws"][0]["cases"].as_u64().unwrap() <= 30,
        "{report:#}"
    );
}

#[test]
fn a_subject_that_hangs_is_a_finding_and_the_run_goes_on() {
    let subject = subject(r#""ops":["plan"]"#, "read line; sleep 100");
    let args = [
        "check",
        "--json",
        "--law",
        "plan-count",
        "--law",
        "plan-refusal",
        "--time-limit",
        "0.2",
        "--subject",
        &subject,
    ];
    let report = json(&partproof(&args));
    assert_eq!(
        report["findings"][0]["id"],
        "answers-all/the-subject-does-not-answer-in-time"
    );
    assert_eq!(report["laws"][1]["standing"], "violated", "{report:#}");
}

#[test]
fn whoever_was_in_company_when_the_subject_broke_is_not_accused() {
    // Refuses everything, and ends where it is to choose a part size; the requests sent along with that one go unanswered.
    let subject = subject(
        r#""ops":["plan"],"features":["plans","pipelining"]"#,
        r#"while read line; do case $line in *\"part_size\":null*) exit 1;; esac; id=${line#*:}; id=${id%%,*}; echo "{\"id\":$id,\"err\":{\"kind\":\"refused\",\"message\":\"no\"}}"; done"#,
    );
    let output = partproof(&[
        "check",
        "--json",
        "--law",
        "plan-count",
        "--subject",
        &subject,
    ]);
    let report = json(&output);
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "{report:#}");
    assert_eq!(findings[0]["id"], "answers-all/the-subject-ends");
    assert_eq!(findings[0]["case"]["part_size"], Value::Null);
    // Every other case was answered.
    let law = &report["laws"][0];
    assert_eq!(law["cases"], findings[0]["cases"], "{law}");
    assert!(law["refused"].as_u64().unwrap() > 0, "{law}");
}

#[test]
fn what_no_operation_reaches_is_never_done() {
    let subject = subject(
        r#""ops":["plan"],"ciphers":["AES/GCM/NoPadding"],"features":["ranges"]"#,
        REFUSES,
    );
    let report = json(&partproof(&["check", "--json", "--subject", &subject]));
    let expected = serde_json::json!(["plan", "AES/GCM/NoPadding", "ranges"]);
    assert_eq!(report["unexercised"], expected);
}

#[test]
fn a_finding_is_replayed_on_its_subject() {
    let one_too_many = r#"while read line; do id=${line#*:}; id=${id%%,*}; echo "{\"id\":$id,\"ok\":{\"part_size\":102400,\"parts\":[]}}"; done"#;
    let subject = subject(r#""ops":["plan"]"#, one_too_many);
    let report = json(&partproof(&[
        "check",
        "--json",
        "--law",
        "plan-count",
        "--subject",
        &subject,
    ]));
    let finding = &report["findings"][0];
    assert_eq!(finding["id"], "plan-count/too-few-parts", "{report:#}");
    let line = finding["replay"]
        .as_str()
        .unwrap()
        .strip_prefix("partproof ")
        .unwrap();
    let replayed = Command::new("sh")
        .args(["-c", &format!("{PARTPROOF} {line}")])
        .output()
        .unwrap();
    assert_eq!(code(&replayed), 1);
    assert!(
        out(&replayed).starts_with("still failing"),
        "{}",
        out(&replayed)
    );
}

/// Its first answer is a refusal, which is right; each further one lacks the last part.
#[test]
fn a_finding_that_takes_an_earlier_request_says_so() {
    let answers = |first: &str| {
        format!(
            r#"{first}; while read line; do id=${{line#*:}}; id=${{id%%,*}}; echo "{{\"id\":$id,\"ok\":{{\"part_size\":102400,\"parts\":[]}}}}"; done"#
        )
    };
    let refuses = r#"read line; id=${line#*:}; id=${id%%,*}; echo "{\"id\":$id,\"err\":{\"kind\":\"refused\",\"message\":\"no\"}}""#;
    for (first, told) in [(refuses, true), (":", false)] {
        let subject = subject(r#""ops":["plan"]"#, &answers(first));
        let args = [
            "check",
            "--json",
            "--law",
            "plan-count",
            "--subject",
            &subject,
        ];
        let report = json(&partproof(&args));
        let finding = &report["findings"][0];
        assert_eq!(finding["id"], "plan-count/too-few-parts", "{report:#}");
        let said = finding["not_again"].as_str().unwrap_or_default();
        assert_eq!(said.starts_with("did not show again"), told, "{finding:#}");
    }
}

/// The report of a program names its command, and is replayed on it; that of the built-in client names none.
#[test]
fn a_report_names_the_command_of_its_subject() {
    let one_too_few = r#"while read line; do id=${line#*:}; id=${id%%,*}; echo "{\"id\":$id,\"ok\":{\"part_size\":102400,\"parts\":[]}}"; done"#;
    let subject = subject(r#""ops":["plan"]"#, one_too_few);
    let args = ["check", "--json", "--law", "plan-count"];
    let output = partproof(&[&args[..], &["--subject", &subject]].concat());
    assert_eq!(json(&output)["command"], subject.as_str());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.json");
    std::fs::write(&file, &output.stdout).unwrap();
    let replayed = partproof(&["replay", file.to_str().unwrap()]);
    assert_eq!(code(&replayed), 1, "{}", out(&replayed));
    assert!(
        out(&replayed).starts_with("still failing: plan-count on n 1 (sh)"),
        "{}",
        out(&replayed)
    );
    assert_eq!(json(&partproof(&args))["command"], Value::Null);
}

#[test]
fn what_cannot_be_a_subject_is_said() {
    for (subject, expected) in [
        ("/nowhere/adapter", "cannot be started"),
        ("sh -c 'echo hello'", "no answer of the protocol"),
        ("sh -c 'exit 7'", "exit status: 7"),
    ] {
        let output = partproof(&["check", "--subject", subject]);
        let said = String::from_utf8(output.stderr.clone()).unwrap();
        assert_eq!(code(&output), 3, "{said}");
        assert!(said.contains(expected), "{said}");
    }
    let output = partproof(&["check", "--subject", "sh -c 'open"]);
    assert_eq!(code(&output), 2);
    let cipher = subject(r#""ops":["plan"],"ciphers":["ROT13"]"#, "read end");
    let output = partproof(&["check", "--subject", &cipher]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("`ciphers`: `ROT13`, expected some of"),
        "{said}"
    );
}

/// A subject that leaves this where it is to write a download.
fn leaves(folder: &std::path::Path, what: &str) -> String {
    let script = format!(
        r#"while read line; do id=${{line#*\"id\":}}; id=${{id%%[,\}}]*}}; file=${{line#*\"file\":\"}}; file=${{file%%\"*}}
case $line in
*'"op":"describe"'*) echo "{{\"id\":$id,\"ok\":{{\"protocol\":1,\"name\":\"n\",\"version\":\"1\",\"language\":\"sh\",\"ops\":[\"download\"]}}}}";;
*'"op":"download"'*) rm -rf "$file"; {what}; echo "{{\"id\":$id,\"ok\":{{\"length\":5}}}}";;
*) echo "{{\"id\":$id,\"unsupported\":true}}";;
esac; done"#
    );
    let file = folder.join("subject.sh");
    std::fs::write(&file, script).unwrap();
    format!("sh {}", file.display())
}

#[test]
fn a_download_that_is_no_file_is_a_finding_and_no_hang() {
    let folder = tempfile::tempdir().unwrap();
    let case = r#"download:{"envelope":{"cipher":"AES/CTR/NoPadding","key":"0000000000000000000000000000000000000000000000000000000000000000","oaep":false,"start":"00000000000000000000000000000000"},"plaintext":{"length":1,"seed":1}}"#;
    for (what, told) in [
        (r#"mkfifo "$file""#, "a named pipe"),
        (r#"ln -s /dev/zero "$file""#, "a link"),
        (r#"mkdir -p "$file/within""#, "a folder"),
        (
            r#"truncate -s 1T "$file""#,
            "1099511627776 bytes; from byte 0: ",
        ),
        (":", "none"),
    ] {
        let subject = leaves(folder.path(), what);
        for command in [
            &["replay", case][..],
            &["smoke"],
            &["matrix", "--case", r#"{"length":250003}"#],
        ] {
            let output = partproof(&[command, &["--subject", &subject]].concat());
            assert_eq!(code(&output), 1, "{what}: {}", out(&output));
            assert!(out(&output).contains(told), "{what}: {}", out(&output));
        }
    }
    let subject = leaves(folder.path(), r#"mkfifo "$file""#);
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../vectors/data/sdk_object.json"
    );
    let output = partproof(&["vectors", "verify", file, "--subject", &subject]);
    assert_eq!(code(&output), 1, "{}", out(&output));
    assert!(out(&output).contains("a named pipe"), "{}", out(&output));
    // A law's first case decides; the rest of them are drawn.
    let check = ["check", "--law", "download", "--subject", &subject];
    let output = partproof(&check);
    assert_eq!(code(&output), 1, "{}", out(&output));
    assert!(!out(&output).contains("cannot run"), "{}", out(&output));
}
