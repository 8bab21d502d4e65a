//! The command as a user meets it: help texts, `rules`, `explain`, `diagnose`, `replay` and `check`, as snapshots. A changed
//! snapshot is a changed interface: look at it before you accept it.

#![allow(clippy::unwrap_used, reason = "a test may panic: that is how it fails")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use partproof_client::{
    Cipher, ContentKey, Encryptor, Envelope, Layout, MasterKey, PartList, WrapAlg,
};
use partproof_model::{crc64, etag};
use tempfile::TempDir;

/// A folder of this repository.
fn top(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}

fn partproof_in(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_partproof"));
    command
        .current_dir(folder)
        .args(args)
        .env("COLUMNS", "100")
        .env_remove("CLICOLOR_FORCE");
    command.output().unwrap()
}

fn partproof(args: &[&str]) -> Output {
    partproof_in(&top("tests/data"), args)
}

fn shown(args: &[&str]) -> String {
    text(partproof(args))
}

/// Exit code and both streams, as one text.
fn text(output: Output) -> String {
    let (stdout, stderr) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    );
    let code = output.status.code().unwrap();
    format!("exit {code}\n--- stdout\n{stdout}--- stderr\n{stderr}")
}

/// The same without the line that tells how fast it was.
fn shown_without_speed(args: &[&str]) -> String {
    let lines = shown(args);
    lines
        .lines()
        .filter(|line| !line.ends_with("cases/s"))
        .map(|line| format!("{line}\n"))
        .collect()
}

#[test]
fn help_texts() {
    insta::assert_snapshot!("help", shown(&["--help"]));
    for command in [
        "adapter",
        "check",
        "completions",
        "diagnose",
        "man",
        "replay",
        "rules",
        "explain",
    ] {
        insta::assert_snapshot!(format!("help_{command}"), shown(&[command, "--help"]));
    }
}

#[test]
fn rules_and_laws() {
    insta::assert_snapshot!("rules", shown(&["rules"]));
    insta::assert_snapshot!("laws", shown(&["rules", "--laws"]));
}

#[test]
fn explain_takes_every_name() {
    for (name, id) in [
        ("ec", "0005-00000411"),
        ("short_ec", "411"),
        ("rule", "ctr-carry"),
        ("law", "plan-tiles"),
        ("question", "A2"),
        ("unknown", "nonsense"),
    ] {
        insta::assert_snapshot!(format!("explain_{name}"), shown(&["explain", id]));
    }
}

#[test]
fn every_rule_law_and_question_is_explained() {
    let rules = partproof_model::Rule::all().map(|rule| rule.id.to_owned());
    let laws = partproof_subjects::laws().map(|law| law.id.to_owned());
    let questions = partproof_model::Question::ALL
        .iter()
        .map(ToString::to_string);
    for id in rules.chain(laws).chain(questions) {
        let output = partproof(&["explain", &id]);
        assert!(output.status.success() && !output.stdout.is_empty(), "{id}");
    }
}

#[test]
fn diagnose_the_documented_example() {
    insta::assert_snapshot!(
        "diagnose_documented_example",
        shown(&["diagnose", "documented-example"])
    );
    insta::assert_snapshot!(
        "diagnose_documented_example_json",
        shown(&["diagnose", "--json", "documented-example"])
    );
}

#[test]
fn diagnose_reads_what_tools_write() {
    insta::assert_snapshot!("diagnose_curl", shown(&["diagnose", "curl.txt"]));
    insta::assert_snapshot!("diagnose_har", shown(&["diagnose", "browser.har"]));
}

/// An upload of three parts by the built-in client, as it went over the wire, with its master key and its plaintext.
struct Upload {
    folder: TempDir,
    exchange: Vec<u8>,
}

impl Upload {
    fn new() -> Self {
        const PRIVATE: &str = include_str!("../crates/suite/keys/master.pem");
        let plaintext: Vec<u8> = (0..250_000_u32)
            .map(|i| (i * 7 + 3).to_le_bytes()[0])
            .collect();
        let key = ContentKey::generate(Cipher::Ctr).unwrap();
        let layout = Layout::new(Cipher::Ctr, 250_000, 102_400).unwrap();
        let master = MasterKey::from_pem(PRIVATE).unwrap();
        let envelope: String =
            Envelope::seal(&master, WrapAlg::RsaPkcs1, &key, Some(&layout), Cipher::Ctr)
                .unwrap()
                .iter()
                .map(|(name, value)| format!("{name}: {value}\r\n"))
                .collect();
        let mut exchange = Vec::new();
        let mut send = |head: String, body: &[u8]| {
            exchange.extend(format!("{head}Content-Length: {}\r\n\r\n", body.len()).bytes());
            exchange.extend(body);
        };
        let object = "/examplebucket/object";
        send(
            format!("POST {object}?uploads HTTP/1.1\r\nHost: 127.0.0.1\r\n{envelope}"),
            b"",
        );
        let initiated = "<InitiateMultipartUploadResult><Bucket>b</Bucket><Key>object</Key><UploadId>U1</UploadId></InitiateMultipartUploadResult>";
        send("HTTP/1.1 200 OK\r\n".to_owned(), initiated.as_bytes());
        let mut list = PartList::new(3).unwrap();
        for (number, body) in (1..).zip(
            Encryptor::new(&key, layout)
                .unwrap()
                .encrypt_object(&plaintext)
                .unwrap(),
        ) {
            let etag = format!("\"{}\"", etag::of_part(&etag::md5(&body)));
            list.add(number, &etag).unwrap();
            send(
                format!(
                    "PUT {object}?partNumber={number}&uploadId=U1 HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                ),
                &body,
            );
            let crc = crc64::checksum(&body);
            send(
                format!("HTTP/1.1 200 OK\r\nETag: {etag}\r\nx-oss-hash-crc64ecma: {crc}\r\n"),
                b"",
            );
        }
        send(
            format!("POST {object}?uploadId=U1 HTTP/1.1\r\nHost: 127.0.0.1\r\n"),
            &list.to_xml().unwrap(),
        );
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("master-key.pem"), PRIVATE).unwrap();
        std::fs::write(folder.path().join("plaintext.bin"), plaintext).unwrap();
        let upload = Self { folder, exchange };
        upload.write(&upload.exchange);
        upload
    }

    fn write(&self, exchange: &[u8]) {
        std::fs::write(self.folder.path().join("exchange.http"), exchange).unwrap();
    }

    fn diagnosed(&self, more: &[&str]) -> String {
        let args = [
            &[
                "diagnose",
                "exchange.http",
                "--master-key",
                "master-key.pem",
            ],
            more,
        ]
        .concat();
        text(partproof_in(self.folder.path(), &args))
    }
}

#[test]
fn diagnose_a_right_upload_with_its_master_key() {
    let upload = Upload::new();
    insta::assert_snapshot!("diagnose_right_upload", upload.diagnosed(&[]));
    insta::assert_snapshot!(
        "diagnose_right_upload_with_plaintext",
        upload.diagnosed(&["--plaintext", "plaintext.bin"])
    );
}

#[test]
fn diagnose_with_another_master_key_says_so() {
    let upload = Upload::new();
    let other = include_str!("../crates/suite/keys/other.pem");
    std::fs::write(upload.folder.path().join("master-key.pem"), other).unwrap();
    let output = upload.diagnosed(&[]);
    assert!(
        output.starts_with("exit 1") && output.contains("Check that this is the master key"),
        "{output}"
    );
}

/// What is wrong with the key is the user's mistake, and says nothing of the upload.
#[test]
fn a_master_key_that_cannot_unwrap_is_wrong_use() {
    let upload = Upload::new();
    for (key, said) in [
        (
            include_str!("../crates/suite/keys/master.pub.pem"),
            "master-key.pem: this is a public key",
        ),
        (
            include_str!("../crates/model/tests/keys/rsa1008-pkcs8.pem"),
            "master-key.pem: an RSA key of fewer than 2,048 bits",
        ),
    ] {
        std::fs::write(upload.folder.path().join("master-key.pem"), key).unwrap();
        let output = upload.diagnosed(&[]);
        assert!(
            output.starts_with("exit 2") && output.contains(said),
            "{output}"
        );
    }
}

#[test]
fn one_changed_byte_names_its_part() {
    let upload = Upload::new();
    let request = find(&upload.exchange, b"partNumber=2");
    let body = request + find(&upload.exchange[request..], b"\r\n\r\n") + 4;
    for offset in [0, 5_000, 102_399] {
        let mut changed = upload.exchange.clone();
        changed[body + offset] ^= 1;
        upload.write(&changed);
        let output = upload.diagnosed(&["--plaintext", "plaintext.bin"]);
        assert!(output.starts_with("exit 1"), "{output}");
        assert!(
            output.contains("part 2: ")
                && !output.contains("part 1: ")
                && !output.contains("part 3: "),
            "{output}"
        );
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> usize {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
        .unwrap()
}

#[test]
fn wrong_use_is_told_from_wrong_subjects() {
    for (name, args) in [
        ("no_file", ["diagnose", "nowhere.http"].as_slice()),
        ("no_message", &["diagnose", "prose.txt"]),
        (
            "no_key",
            &["diagnose", "curl.txt", "--master-key", "curl.txt"],
        ),
        ("no_law", &["check", "--law", "no-such-*"]),
        ("no_report_kind", &["check", "--report", "pdf=x"]),
        ("no_seed", &["check", "--seed", "one"]),
        (
            "no_name_of_loopback",
            &["serve", "--listen", "0.0.0.0.:80x"],
        ),
        ("no_shell", &["completions", "cmd"]),
        (
            "key",
            &["diagnose", "../../crates/suite/keys/master.pub.pem"],
        ),
        ("no_token", &["replay", "plan-count:{data_size}"]),
        ("no_such_law", &["replay", "no-law:{}"]),
        ("near_law", &["replay", "plan-cuont:{}"]),
        ("no_case", &["replay", "plan-count:{\"size\":5}"]),
        ("nothing", &[]),
    ] {
        insta::assert_snapshot!(format!("wrong_use_{name}"), shown(args));
    }
}

#[test]
fn replay_says_fixed_or_cannot_run() {
    insta::assert_snapshot!(
        "replay_fixed",
        shown(&[
            "replay",
            r#"plan-count:{"data_size":204800,"part_size":102400}"#
        ])
    );
    insta::assert_snapshot!(
        "replay_cannot_run",
        shown(&["replay", r#"plan-count:{"data_size":5,"part_size":0}"#])
    );
}

#[test]
fn check_reports_in_every_form() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let report = |kind: &str| format!("{kind}={}", path(kind));
    let (json, junit, markdown) = (report("json"), report("junit"), report("markdown"));
    let args = [
        "check",
        "--law",
        "plan-[rk]*",
        "--seed",
        "7",
        "--report",
        &json,
        "--report",
        &junit,
        "--report",
        &markdown,
    ];
    insta::assert_snapshot!("check_terminal", shown_without_speed(&args));
    let read = |name: &str| without_times(&std::fs::read_to_string(path(name)).unwrap());
    insta::assert_snapshot!("check_json", read("json"));
    insta::assert_snapshot!("check_junit", read("junit"));
    insta::assert_snapshot!("check_markdown", read("markdown"));
    let forms = ["html", "sarif", "github"].map(report);
    let more: Vec<&str> = forms.iter().flat_map(|form| ["--report", form]).collect();
    partproof(&[&args[..5], &more].concat());
    assert!(
        read("html").contains("conforms: 2 laws hold"),
        "{}",
        read("html")
    );
    assert!(
        read("sarif").contains(r#""results": []"#),
        "{}",
        read("sarif")
    );
    assert_eq!(read("github"), "");

    let first = read("json");
    partproof(&args);
    assert_eq!(
        first,
        read("json"),
        "the same seed gives the same report but for its times"
    );
    let printed = partproof(&["check", "--law", "plan-[rk]*", "--seed", "7", "--json"]);
    assert_eq!(
        without_times(&String::from_utf8(printed.stdout).unwrap()),
        first
    );
    // Instead of the table.
    let printed = partproof(&[
        "check",
        "--law",
        "plan-[rk]*",
        "--seed",
        "7",
        "--report",
        "json=-",
    ]);
    assert_eq!(
        without_times(&String::from_utf8(printed.stdout).unwrap()),
        first
    );
}

/// A report in which nothing took any time.
fn without_times(report: &str) -> String {
    let mut text = String::new();
    for line in report.split_inclusive('\n') {
        for mark in ["\"seconds\": ", "time=\""] {
            if let Some((before, rest)) = line.split_once(mark) {
                let number = |character: char| character.is_ascii_digit() || character == '.';
                text.push_str(before);
                text.push_str(mark);
                text.push('0');
                text.push_str(rest.trim_start_matches(number));
            }
        }
        if !line.contains("\"seconds\": ") && !line.contains("time=\"") {
            text.push_str(line);
        }
    }
    text
}

#[test]
fn a_known_finding_that_does_not_occur_fails_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("known.json");
    let known = r#"{"known": [{"finding": "plan-count/too-many-parts", "reason": "mended next week", "expires": "2999-01-01"}]}"#;
    std::fs::write(&file, known).unwrap();
    let output = shown_without_speed(&["check", "--known", file.to_str().unwrap()]);
    assert!(output.starts_with("exit 1"), "{output}");
    assert!(
        output.contains("plan-count/too-many-parts is listed as known but no longer occurs"),
        "{output}"
    );
    std::fs::write(&file, r#"{"known": [{"finding": "x"}]}"#).unwrap();
    assert!(shown(&["check", "--known", file.to_str().unwrap()]).starts_with("exit 2"));
}

#[test]
fn the_published_schemas_are_what_is_written() {
    the_schema_is("report-v1.json", &partproof_suite::Report::json_schema());
    the_schema_is(
        "matrix-v1.json",
        &partproof_subjects::matrix::Matrix::json_schema(),
    );
    the_schema_is(
        "diagnosis-v1.json",
        &partproof_diagnose::Diagnosis::json_schema(),
    );
    the_schema_is("bench-v1.json", &partproof_bench::Bench::json_schema());
    the_schema_is("power-v1.json", &partproof_power::Power::json_schema());
    the_schema_is("protocol-v1.json", &partproof_protocol::json_schema());
    let (name, _) = partproof_vectors::SCHEMA;
    the_schema_is(
        &format!("../../crates/vectors/data/{name}"),
        &partproof_vectors::json_schema(),
    );
}

fn the_schema_is(name: &str, schema: &str) {
    let published = top("docs/schema").join(name);
    if std::env::var_os("PARTPROOF_WRITE_SCHEMA").is_some() {
        std::fs::write(&published, schema).unwrap();
    }
    assert_eq!(
        std::fs::read_to_string(published).unwrap(),
        schema,
        "PARTPROOF_WRITE_SCHEMA=1 writes it anew"
    );
}

/// A report about a client that this program does not have says nothing of the built-in one.
#[test]
fn a_report_about_another_client_is_not_replayed_on_the_built_in_one() {
    let finding = serde_json::json!({
        "id": "plan-count/too-many-parts", "law": "plan-count", "sentence": "", "also": [], "rule": "plan-count",
        "rule_sentence": "", "source": "", "ec": null, "severity": "MUST", "symptom": "", "expected": "", "actual": "",
        "consequence": "", "replay": "", "cases": 1, "known": null, "case": {"data_size": 1, "part_size": 102_400},
    });
    let report = serde_json::json!({
        "schema": "partproof-report/1", "subject": "my client", "profile": "quick", "seed": 1, "verdict": "violates",
        "laws": [], "findings": [finding], "known_problems": [],
    });
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("report.json");
    std::fs::write(&file, report.to_string()).expect("a file");
    let file = file.to_str().expect("a name");
    let shown = text(partproof(&["replay", file]));
    assert!(
        shown.contains("a report about `my client`") && !shown.contains("fixed"),
        "{shown}"
    );
    // Named, it is another's matter.
    let shown = text(partproof(&["replay", "--subject", "built-in", file]));
    assert!(
        shown.contains("fixed: plan-count on built-in client"),
        "{shown}"
    );
}
