//! `partproof vectors` as a user meets it.

#![allow(clippy::unwrap_used, reason = "a test may panic: that is how it fails")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

fn partproof(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_partproof"))
        .current_dir(folder)
        .args(args)
        .env("COLUMNS", "100")
        .env_remove("CLICOLOR_FORCE")
        .output()
        .unwrap()
}

/// Exit code and both streams, as one text.
fn shown(folder: &Path, args: &[&str]) -> String {
    let output = partproof(folder, args);
    let (stdout, stderr) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    );
    let code = output.status.code().unwrap();
    format!("exit {code}\n--- stdout\n{stdout}--- stderr\n{stderr}")
}

#[test]
fn the_command() {
    let folder = TempDir::new().unwrap();
    let here = folder.path();
    insta::assert_snapshot!("help", shown(here, &["vectors", "--help"]));
    insta::assert_snapshot!(
        "help_generate",
        shown(here, &["vectors", "generate", "--help"])
    );
    insta::assert_snapshot!("help_verify", shown(here, &["vectors", "verify", "--help"]));
    insta::assert_snapshot!("help_record", shown(here, &["vectors", "record", "--help"]));
    insta::assert_snapshot!("verify", shown(here, &["vectors", "verify"]));
    let generated = partproof(here, &["vectors", "generate"]);
    assert!(generated.status.success());
    insta::assert_snapshot!("check", shown(here, &["vectors", "generate", "--check"]));
    let record = [
        "vectors",
        "record",
        "--subject",
        "built-in",
        "--out",
        "own.json",
    ];
    insta::assert_snapshot!("record", shown(here, &record));
    insta::assert_snapshot!(
        "verify_recorded",
        shown(here, &["vectors", "verify", "own.json"])
    );
    let nowhere = [
        "vectors",
        "record",
        "--subject",
        "built-in",
        "--out",
        "no/own.json",
    ];
    insta::assert_snapshot!("record_nowhere", shown(here, &nowhere));
    let service = "tests/vectors/service.json";
    insta::assert_snapshot!("inconclusive", shown(here, &["vectors", "verify", service]));

    let plan = here.join("tests/vectors/plan.json");
    let text = std::fs::read_to_string(&plan).unwrap();
    std::fs::write(
        &plan,
        text.replacen("\"partCount\": 2,", "\"partCount\": 3,", 1),
    )
    .unwrap();
    insta::assert_snapshot!(
        "check_differs",
        shown(here, &["vectors", "generate", "--check"])
    );
    let changed = shown(here, &["vectors", "verify", "tests/vectors/plan.json"]);
    insta::assert_snapshot!("verify_changed", changed);
    let json = partproof(
        here,
        &["vectors", "verify", "--json", "tests/vectors/plan.json"],
    );
    let json: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["verdict"], "violates");
    assert_eq!(json["files"][0]["failures"][0]["accused"], "file");

    std::fs::write(&plan, "{\"schema\": \"schema-v2.json\"}").unwrap();
    insta::assert_snapshot!(
        "verify_unknown",
        shown(here, &["vectors", "verify", "tests/vectors"])
    );
    insta::assert_snapshot!(
        "verify_no_file",
        shown(here, &["vectors", "verify", "nowhere"])
    );
}
