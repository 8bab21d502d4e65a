//! `partproof vectors` as a user meets it.

#![allow(clippy::unwrap_used, reason = "a test may panic: that is how it fails")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
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
    for command in ["refresh", "export"] {
        let help = shown(here, &["vectors", command, "--help"]);
        insta::assert_snapshot!(format!("help_{command}"), help);
    }
    insta::assert_snapshot!("help_verify", shown(here, &["vectors", "verify", "--help"]));
    insta::assert_snapshot!("help_record", shown(here, &["vectors", "record", "--help"]));
    insta::assert_snapshot!("verify", shown(here, &["vectors", "verify"]));
    let exported = shown(here, &["vectors", "export"]);
    insta::assert_snapshot!("export", exported);
    let check = ["vectors", "refresh", "--check", "vectors"];
    insta::assert_snapshot!("check", shown(here, &check));
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
    let service = "vectors/service.json";
    insta::assert_snapshot!("inconclusive", shown(here, &["vectors", "verify", service]));

    let plan = here.join("vectors/plan.json");
    let text = std::fs::read_to_string(&plan).unwrap();
    std::fs::write(
        &plan,
        text.replacen("\"partCount\": 2,", "\"partCount\": 3,", 1),
    )
    .unwrap();
    insta::assert_snapshot!("check_differs", shown(here, &check));
    let changed = shown(here, &["vectors", "verify", "vectors/plan.json"]);
    insta::assert_snapshot!("verify_changed", changed);
    let json = partproof(here, &["vectors", "verify", "--json", "vectors/plan.json"]);
    let json: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["verdict"], "violates");
    assert_eq!(json["files"][0]["failures"][0]["accused"], "file");

    insta::assert_snapshot!("refresh", shown(here, &["vectors", "refresh", "vectors"]));
    assert_eq!(std::fs::read_to_string(&plan).unwrap(), text);

    std::fs::write(&plan, "{\"schema\": \"schema-v2.json\"}").unwrap();
    insta::assert_snapshot!(
        "verify_unknown",
        shown(here, &["vectors", "verify", "vectors"])
    );
    let refresh = ["vectors", "refresh", "vectors"];
    insta::assert_snapshot!("refresh_unknown", shown(here, &refresh));
    insta::assert_snapshot!(
        "verify_no_file",
        shown(here, &["vectors", "verify", "nowhere"])
    );
}

/// The example of docs/VECTORS.md.
#[test]
fn a_case_is_added() {
    let folder = TempDir::new().unwrap();
    let here = folder.path();
    assert!(partproof(here, &["vectors", "export"]).status.success());
    let plan = here.join("vectors/plan.json");
    let text = std::fs::read_to_string(&plan).unwrap();
    let given = r#"{"comment": "five parts", "flags": ["OneByteOver"], "dataSize": 409601, "partSize": 102400},"#;
    let first = "\"tests\": [\n";
    assert!(text.contains(first));
    std::fs::write(&plan, text.replacen(first, &format!("{first}{given}"), 1)).unwrap();
    assert!(
        partproof(here, &["vectors", "refresh", "vectors/plan.json"])
            .status
            .success()
    );
    let made: Value = serde_json::from_slice(&std::fs::read(&plan).unwrap()).unwrap();
    let case = &made["testGroups"][0]["tests"][0];
    assert_eq!(
        (&case["tcId"], &case["result"]),
        (&json!(1), &json!("valid"))
    );
    assert_eq!(case["partCount"], 5);
    assert_eq!(
        case["parts"][2],
        json!({"number": 5, "offset": 409_600, "length": 1})
    );
    assert_eq!(made["numberOfTests"], 192);
    assert_eq!(made["testGroups"][0]["tests"][1]["tcId"], 2);
}
