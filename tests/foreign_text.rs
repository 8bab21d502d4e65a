//! Nothing that a subject, a capture or a file says works on a terminal, breaks out of its place in a report, or hides in it; and what is said
//! is still there to be read.

#![allow(clippy::unwrap_used, reason = "a test may panic: that is how it fails")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use partproof_visible::visible_lines;
use tempfile::TempDir;

const PARTPROOF: &str = env!("CARGO_BIN_EXE_partproof");

/// As JSON has it: the screen is cleared, the title set, C1 colours, a line turned round, invisible letters, and a verdict of its own.
const HOSTILE: &str = r"evil\u001b[2J\u001b]0;t\u0007\u009b31m\u202e\u2066\u200b\ufeff\udb40\udc41\r\n## Partproof: all conforms <!-- `[x](y)` |\nconforms: 47 laws hold";
/// The same as bytes, for `printf` in a shell.
const BYTES: &str = r"evil\033[2J\033]0;t\007\302\233\342\200\256\r\n\nconforms: 47 laws hold\n";

fn partproof(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(PARTPROOF);
    command
        .current_dir(folder)
        .args(args)
        .env_remove("CLICOLOR_FORCE");
    command.output().unwrap()
}

/// A subject that describes itself so, and then does this with each line.
fn subject(folder: &TempDir, then: &str) -> String {
    let script = format!(
        r#"while read -r line; do id=${{line#*\"id\":}}; id=${{id%%[,\}}]*}}
case $line in
*'"op":"describe"'*) printf '{{"id":%s,"ok":%s}}\n' $id '{{"protocol":1,"name":"{HOSTILE}","version":"{HOSTILE}","language":"{HOSTILE}","ops":["plan","upload","download"]}}';;
*) {then};;
esac; done"#
    );
    let file = folder.path().join("subject.sh");
    fs::write(&file, script).unwrap();
    format!("sh {}", file.display())
}

const REFUSES: &str = r#"printf '{"id":%s,"err":{"kind":"refused","message":"MESSAGE","code":"MESSAGE","ec":"MESSAGE"}}\n' $id"#;
const DIES: &str = r#"printf 'BYTES' >&2; exit 3"#;
const BABBLES: &str = r#"printf 'BYTES'"#;
const MISNAMES: &str = r#"printf '{"id":%s,"MESSAGE":1}\n' $id"#;

fn hostile(then: &str) -> String {
    then.replace("MESSAGE", HOSTILE).replace("BYTES", BYTES)
}

/// Nothing but line feeds moves anything, no line passes for the report's own, and the text is there.
fn is_harmless(text: &str, what: &str) {
    assert_eq!(visible_lines(text), text, "{what}");
    assert!(text.contains("evil"), "{what}: {text}");
    for line in text.lines() {
        assert!(!line.starts_with("conforms: 47"), "{what}: {text}");
        assert!(
            !line.contains("all conforms") || !line.starts_with("## Partproof: all"),
            "{what}: {text}"
        );
    }
}

fn is_harmless_json(text: &str, what: &str) {
    is_harmless(text, what);
    serde_json::from_str::<serde_json::Value>(text).unwrap();
}

#[test]
fn what_a_subject_says_is_shown_and_does_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    for then in [REFUSES, DIES, BABBLES, MISNAMES] {
        let subject = subject(&folder, &hostile(then));
        let run = |args: &[&str]| {
            let all = [args, &["--subject", &subject]].concat();
            let output = partproof(folder.path(), &all);
            let what = format!("{then}: {args:?}");
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!(visible_lines(&said), said, "{what}");
            let out = String::from_utf8(output.stdout).unwrap();
            match args.contains(&"--json") {
                true => is_harmless_json(&out, &what),
                false => is_harmless(&out, &what),
            }
        };
        run(&[
            "check",
            "--law",
            "plan-count",
            "--law",
            "upload-count",
            "--time-limit",
            "5",
            "--report",
            "json=r.json",
            "--report",
            "junit=r.xml",
            "--report",
            "markdown=r.md",
            "--report",
            "html=r.html",
            "--report",
            "sarif=r.sarif",
        ]);
        is_harmless(&read("r.html"), then);
        is_harmless_json(&read("r.sarif"), then);
        is_harmless_json(&read("r.json"), then);
        is_harmless(&read("r.xml"), then);
        let markdown = read("r.md");
        is_harmless(&markdown, then);
        assert!(
            !markdown.contains("<!--") && !markdown.contains("[x](y)"),
            "{markdown}"
        );
        assert_eq!(
            markdown
                .lines()
                .filter(|line| line.starts_with("## "))
                .count(),
            1,
            "{markdown}"
        );
        run(&["check", "--json", "--law", "plan-count"]);
        run(&[
            "replay",
            r#"plan-count:{"data_size":102400,"part_size":102400}"#,
        ]);
        run(&[
            "matrix",
            "--case",
            r#"{"length":250003}"#,
            "--report",
            "html=m.html",
            "--report",
            "json=m.json",
        ]);
        is_harmless(&read("m.html"), then);
        is_harmless_json(&read("m.json"), then);
        let smoke = partproof(folder.path(), &["smoke", "--json", "--subject", &subject]);
        let smoke = String::from_utf8(smoke.stdout).unwrap();
        is_harmless_json(&smoke, then);
    }
}

#[test]
fn who_is_no_subject_is_shown_and_does_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for script in [
        format!("printf '{BYTES}'; read end"),
        format!("printf '{BYTES}' >&2; exit 1"),
        format!(
            r#"read line; printf '{{"id":1,"err":{{"kind":"failed","message":"{HOSTILE}"}}}}\n'; read end"#
        ),
        format!(
            r#"read line; printf '{{"id":1,"ok":{{"protocol":1,"name":"","version":"","language":"","ops":[],"ciphers":["{HOSTILE}"]}}}}\n'; read end"#
        ),
    ] {
        let file = folder.path().join("subject.sh");
        // What `printf` would unescape is meant for the reader of JSON.
        let script = if script.contains(r"\u001b") {
            script.replace(r"\", r"\\").replace(r"\\n'", r"\n'")
        } else {
            script
        };
        fs::write(&file, script).unwrap();
        let subject = format!("sh {}", file.display());
        let output = partproof(folder.path(), &["check", "--subject", &subject]);
        assert_eq!(output.status.code(), Some(3));
        is_harmless(&String::from_utf8(output.stderr).unwrap(), "check");
    }
}

#[test]
fn what_a_capture_says_is_shown_and_does_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let evil = "evil\u{1b}[2J\u{9b}31m\u{202e}\u{200b}";
    let escaped = "evil%1B%5B2J%C2%9B31m%E2%80%AE%0Aconforms:%2047";
    let capture = format!(
        "POST /{escaped}?uploads HTTP/1.1\r\nHost: examplebucket.oss-cn-hangzhou.aliyuncs.com\r\nx-oss-meta-client-side-encryption-data-size: {evil}\r\n\r\n\
         HTTP/1.1 200 OK\r\n\r\n<InitiateMultipartUploadResult><Bucket>b</Bucket><Key>{evil}</Key><UploadId>{evil}</UploadId></InitiateMultipartUploadResult>\r\n\
         PUT /{escaped}?partNumber=1&uploadId={escaped} HTTP/1.1\r\nHost: examplebucket.oss-cn-hangzhou.aliyuncs.com\r\nContent-Length: 1\r\n\r\nx"
    );
    let name = PathBuf::from("capture\u{1b}[2J\u{202e}evil.txt");
    fs::write(folder.path().join(&name), capture).unwrap();
    let name = name.to_str().unwrap();
    let output = partproof(folder.path(), &["diagnose", name]);
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    is_harmless(&said, "diagnose");
    let output = partproof(folder.path(), &["diagnose", "--json", name]);
    is_harmless_json(
        &String::from_utf8(output.stdout).unwrap(),
        "diagnose --json",
    );
}

#[test]
fn what_a_file_is_called_and_what_it_says_is_shown_and_does_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let name = "evil\u{1b}[2J\u{9b}\u{202e}\nconforms: 47.json";
    let not_there = ["diagnose", "replay"].map(|command| vec![command, name]);
    let others = [
        vec!["vectors", "verify", name],
        vec!["check", "--known", name],
        vec!["check", "--law", name],
    ];
    for args in not_there.iter().chain(&others) {
        let output = partproof(folder.path(), args);
        is_harmless(
            &String::from_utf8(output.stderr).unwrap(),
            &format!("{args:?}"),
        );
    }
    fs::write(folder.path().join(name), format!("{name}{{")).unwrap();
    for args in not_there.iter().chain(&others) {
        let output = partproof(folder.path(), args);
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        is_harmless(&said, &format!("{args:?}"));
    }
}

#[test]
fn a_case_that_holds_such_text_is_replayed_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let evil = "\u{1b}\u{9b}\u{202e}\u{200b}";
    let case = serde_json::json!({ "parts": [[1, format!("evil{evil}")]] });
    let token = format!("any-parts:{case}");
    let output = partproof(folder.path(), &["replay", &token]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(visible_lines(&said), said);
    let line = said
        .lines()
        .find_map(|line| line.trim().strip_prefix("replay    "))
        .unwrap();
    let given = line
        .split_once("any-parts:")
        .unwrap()
        .1
        .trim_end_matches('\'');
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(given).unwrap(),
        case,
        "{said}"
    );
}
