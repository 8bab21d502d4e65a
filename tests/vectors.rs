//! The vectors: the committed files are those that this version makes, the built-in client passes them, faults fail them
//! with the flag that names the bug, right variants are never accused, and the loader refuses what it does not know.

#![allow(clippy::unwrap_used, reason = "a test may panic: that is how it fails")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use partproof_faults::{FAULTS, VARIANTS};
use partproof_suite::vectors::{self, Accused, Group, VectorFile};
use partproof_suite::{Subject, builtin};
use serde_json::{Value, json};
use tempfile::TempDir;

static FILES: LazyLock<Vec<(&str, VectorFile)>> = LazyLock::new(vectors::generate);

fn file(name: &str) -> &'static VectorFile {
    &FILES.iter().find(|(known, _)| *known == name).unwrap().1
}

/// A folder of this repository.
fn top(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}

#[test]
fn the_committed_files_are_those_that_this_version_makes() {
    let update = std::env::var_os("UPDATE_VECTORS").is_some();
    let made = FILES
        .iter()
        .map(|(name, file)| (*name, file.to_json()))
        .chain([("schema-v1.json", vectors::json_schema())]);
    for (name, made) in made {
        let path = top("tests/vectors").join(name);
        if update {
            std::fs::write(&path, &made).unwrap();
        }
        let stands = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            stands == made,
            "{name} differs: `partproof vectors generate --check` says where"
        );
    }
}

#[test]
fn files_are_small() {
    let mut all = 0;
    for (name, file) in &*FILES {
        let length = file.to_json().len();
        assert!(length < 400 << 10, "{name}: {length} bytes");
        all += length;
    }
    assert!(all < 1_100_000, "{all} bytes in all");
}

#[test]
fn what_is_written_is_read_and_written_again_as_it_was() {
    for (name, file) in &*FILES {
        let json = file.to_json();
        let read = vectors::read(json.as_bytes()).unwrap();
        assert!(read == *file && read.to_json() == json, "{name}");
    }
}

#[test]
fn the_built_in_client_passes_every_file() {
    let subject = builtin::subject();
    for (name, file) in &*FILES {
        let report = vectors::verify(file, &subject);
        assert_eq!(report.failures, [], "{name}");
        assert_eq!(report.cases, file.number_of_tests);
        let counted = report.judged + report.refused + report.without_piece;
        assert_eq!(counted, report.cases, "{name}");
        // No client has a piece for the service itself.
        assert_eq!(report.judged == 0, *name == "service.json", "{name}");
    }
}

#[test]
fn no_right_variant_is_accused() {
    for variant in VARIANTS {
        for (name, file) in &*FILES {
            let report = vectors::verify(file, &variant.subject());
            assert_eq!(report.failures, [], "{} by {name}", variant.id);
        }
    }
}

/// Faults, the file that must find each, and the flag that names the bug.
const FOUND: &[(&str, &str, &str)] = &[
    ("plan-one-too-many", "plan.json", "ExactMultiple"),
    ("plan-empty-last-part", "plan.json", "ExactMultiple"),
    ("plan-rest-dropped", "plan.json", "OneByteOver"),
    ("plan-last-part-modulo", "plan.json", "ExactMultiple"),
    ("plan-single-precision", "plan.json", "BeyondFloat"),
    ("plan-size-in-32-bits", "plan.json", "Beyond32Bits"),
    ("plan-offset-in-32-bits", "plan.json", "Beyond32Bits"),
    ("plan-offset-signed", "plan.json", "Beyond31Bits"),
    ("plan-ten-thousand-refused", "plan.json", "TenThousand"),
    ("plan-small-file-refused", "plan.json", "SinglePart"),
    ("plan-two-gib-refused", "plan.json", "Beyond31Bits"),
    ("plan-replanned-needlessly", "plan.json", "TenThousand"),
    ("plan-zero-divides", "plan.json", "PartSizeZero"),
    ("plan-count-unchecked", "plan.json", "TooManyParts"),
    ("plan-unaligned-taken", "plan.json", "PartSizeUnaligned"),
    ("plan-empty-underflows", "plan.json", "EmptyObject"),
    (
        "declared-plaintext-size",
        "declared_sizes.json",
        "TagInLastPart",
    ),
    (
        "declared-tag-part-not-counted",
        "declared_sizes.json",
        "TagInOwnPart",
    ),
    (
        "declared-tag-part-not-counted",
        "declared_sizes.json",
        "TagSplit",
    ),
    (
        "declared-part-size-without-tag",
        "declared_sizes.json",
        "TagPerPart",
    ),
    ("counter-carry-lost-at-64", "aes_ctr.json", "CarryAt64"),
    ("counter-carry-lost-at-32", "aes_ctr.json", "CarryAt32"),
    ("counter-counting-in-64-bits", "aes_ctr.json", "CarryAt64"),
    ("counter-start-signed", "aes_ctr.json", "SignedStart"),
    ("counter-wrap-raises", "aes_ctr.json", "WrapAt128"),
    ("counter-block-in-32-bits", "aes_ctr.json", "FarBlock"),
    ("counter-offset-missing", "aes_ctr.json", "LaterPart"),
    ("counter-number-for-block", "aes_ctr.json", "LaterPart"),
    ("range-truncated-to-block", "aes_ctr.json", "RangeUnaligned"),
    ("range-within-part", "aes_ctr.json", "RangeAcrossParts"),
    ("range-carry-lost", "aes_ctr.json", "CarryAt64"),
    ("range-prefix-kept", "aes_ctr.json", "RangeUnaligned"),
    ("part-short-part-plain", "aes_ctr.json", "ShortLastPart"),
    ("part-body-length-unchecked", "aes_ctr.json", "BodyTooLong"),
    ("tag-part-not-sent", "aes_gcm_object.json", "TagInOwnPart"),
    ("tag-never-split", "aes_gcm_object.json", "TagSplit"),
    ("tag-of-arrival", "aes_gcm_object.json", "ManyParts"),
    ("tag-missing", "aes_gcm_object.json", "TagInLastPart"),
    (
        "open-split-tag-unreadable",
        "aes_gcm_object.json",
        "TagSplit",
    ),
    ("open-bad-tag-released", "aes_gcm_object.json", "FlippedTag"),
    ("tag-sizes-not-bound", "aes_gcm_part.json", "LaterPart"),
    ("tag-number-not-in-nonce", "aes_gcm_part.json", "LaterPart"),
    (
        "open-parts-in-any-order",
        "aes_gcm_part.json",
        "OtherNumber",
    ),
    ("part-list-lexicographic", "part_list.json", "WrongOrder"),
    ("part-list-duplicates", "part_list.json", "DuplicatePart"),
    ("part-list-any-number", "part_list.json", "NumberOutOfRange"),
    (
        "part-list-reader-numbered-reference",
        "part_list.json",
        "Quotes",
    ),
    (
        "part-list-reader-etag-first",
        "part_list.json",
        "ChildOrder",
    ),
    (
        "part-list-reader-declaration",
        "part_list.json",
        "Declaration",
    ),
    ("xml-truncated-taken", "part_list.json", "Truncated"),
    ("xml-junk-after-the-end", "part_list.json", "TrailingJunk"),
    ("xml-bad-utf-8-replaced", "part_list.json", "NotUtf8"),
    ("xml-nul-dropped", "part_list.json", "NotUtf8"),
    ("xml-empty-indexed", "part_list.json", "NotXml"),
    ("xml-entities-expanded", "part_list.json", "EntityBomb"),
    ("envelope-key-base64-twice", "envelope.json", "Normal"),
    (
        "envelope-description-as-bytes",
        "envelope.json",
        "Description",
    ),
    (
        "envelope-names-case-sensitive",
        "envelope.json",
        "HeaderNames",
    ),
    ("envelope-length-not-checked", "envelope.json", "KeyLength"),
    (
        "envelope-wrong-key-garbage",
        "envelope.json",
        "WrongMasterKey",
    ),
    (
        "envelope-algorithm-not-checked",
        "envelope.json",
        "UnknownCipher",
    ),
    (
        "envelope-incomplete-taken",
        "envelope.json",
        "WrapAlgMissing",
    ),
    (
        "envelope-size-read-like-atoi",
        "envelope.json",
        "PartSizeNotInteger",
    ),
    ("part-at-once-from-zero", "object.json", "Normal"),
    ("open-parts-from-zero", "object.json", "Normal"),
    ("counter-carry-lost-at-64", "object.json", "CarryAt64"),
];

#[test]
fn faults_fail_with_the_flag_that_names_the_bug() {
    for (fault, name, flag) in FOUND {
        let fault = FAULTS.iter().find(|known| known.id == *fault).unwrap();
        let report = vectors::verify(file(name), &fault.subject());
        let found = report.failures.iter().any(|failure| {
            failure.accused == Accused::Subject
                && failure.reasons.iter().any(|reason| reason.flag == *flag)
        });
        assert!(found, "{} by {name} under {flag}", fault.id);
    }
}

#[test]
fn at_least_two_faults_are_found_by_every_file_that_has_a_piece() {
    for (name, _) in FILES.iter().filter(|(name, _)| *name != "service.json") {
        let found = FOUND.iter().filter(|(_, by, _)| by == name).count();
        assert!(found >= 2, "{name}: {found}");
    }
}

#[test]
fn a_subject_without_pieces_passes_nothing() {
    for (name, file) in &*FILES {
        let report = vectors::verify(file, &Subject::new("nothing"));
        assert_eq!((report.judged, report.passed), (0, 0), "{name}");
        assert_eq!(report.without_piece, report.cases, "{name}");
    }
}

/// A file that says something else than the model is told from a client that does.
#[test]
fn a_changed_answer_is_the_files_fault() {
    for (name, file) in &*FILES {
        let mut value = serde_json::to_value(file).unwrap();
        let group = &mut value["testGroups"][0];
        let test = &mut group["tests"][0];
        match *name {
            "plan.json" => test["partCount"] = json!(3),
            "declared_sizes.json" => test["dataSize"] = json!(1),
            "aes_ctr.json" => test["counterBlock"] = json!("00".repeat(16)),
            "aes_gcm_object.json" => test["parts"][0] = json!({"hex": "00".repeat(16)}),
            "aes_gcm_part.json" => test["aad"] = json!("00"),
            "envelope.json" => test["key"] = json!("00".repeat(32)),
            "part_list.json" => test["parts"][0]["number"] = json!(2),
            "service.json" => test["steps"][1]["etag"] = json!("AB"),
            _ => test["etag"] = json!("AB-3"),
        }
        let changed = vectors::read(value.to_string().as_bytes()).unwrap();
        let report = vectors::verify(&changed, &builtin::subject());
        assert_eq!(report.failures.len(), 1, "{name}");
        assert_eq!(report.failures[0].tc_id, 1, "{name}");
        assert_eq!(report.failures[0].accused, Accused::File, "{name}");
    }
}

/// A small file of one case, as a value to break.
fn small() -> Value {
    let mut value = serde_json::to_value(file("plan.json")).unwrap();
    let group = value["testGroups"][0].clone();
    value["testGroups"] = json!([{ "type": "PlanTest", "tests": [group["tests"][0]] }]);
    value["numberOfTests"] = json!(1);
    let notes = value["notes"].clone();
    value["notes"] = json!({
        "Documented": notes["Documented"], "ExactMultiple": notes["ExactMultiple"]
    });
    value
}

fn refused(value: &Value) -> String {
    vectors::read(value.to_string().as_bytes())
        .unwrap_err()
        .to_string()
}

#[test]
fn the_loader_refuses_what_it_does_not_know_and_says_where() {
    let whole = small();
    vectors::read(whole.to_string().as_bytes()).unwrap();
    let with = |change: fn(&mut Value)| {
        let mut value = whole.clone();
        change(&mut value);
        refused(&value)
    };
    for (problem, says) in [
        (
            with(|file| file["version"] = json!(2)),
            "version: 2, expected 1",
        ),
        (
            with(|file| file["schema"] = json!("other")),
            "schema: \"other\", expected",
        ),
        (
            with(|file| file["extra"] = json!(1)),
            "unknown field `extra`",
        ),
        (
            with(|file| file["testGroups"][0]["type"] = json!("OtherTest")),
            "testGroups[0]: unknown variant `OtherTest`",
        ),
        (
            with(|file| file["testGroups"][0]["extra"] = json!(1)),
            "testGroups[0]: unknown field `extra`",
        ),
        (
            with(|file| file["testGroups"][0]["tests"][0]["extra"] = json!(1)),
            "testGroups[0], tcId 1: unknown field `extra`",
        ),
        (
            with(|file| file["notes"]["Documented"]["extra"] = json!(1)),
            "unknown field `extra`",
        ),
        (
            with(|file| file["testGroups"][0]["tests"][0]["result"] = json!("fine")),
            "tcId 1: unknown variant `fine`",
        ),
        (
            with(|file| file["testGroups"][0]["tests"][0]["flags"] = json!(["Other"])),
            "tcId 1: flag \"Other\" has no note",
        ),
        (
            with(|file| {
                file["testGroups"][0]["tests"][0]["flags"] = json!(["Documented", "Documented"])
            }),
            "tcId 1: flag \"Documented\" stands twice",
        ),
        (
            with(|file| file["testGroups"][0]["tests"][0]["flags"] = json!(["Documented"])),
            "notes: no case has flag \"ExactMultiple\"",
        ),
        (
            with(|file| {
                file["testGroups"][0]["tests"][0]["flags"] = json!([]);
                file["testGroups"][0]["tests"][0]["result"] = json!("acceptable");
            }),
            "tcId 1: acceptable, but no flag says why",
        ),
        (
            with(|file| file["numberOfTests"] = json!(2)),
            "numberOfTests: 2, expected 1",
        ),
        (
            with(|file| file["testGroups"][0]["tests"][0]["tcId"] = json!(2)),
            "tcId 2: tcId 2, expected 1",
        ),
        (
            with(|file| {
                let again = file["testGroups"][0]["tests"][0].clone();
                file["testGroups"][0]["tests"]
                    .as_array_mut()
                    .unwrap()
                    .push(again);
                file["numberOfTests"] = json!(2);
            }),
            "tcId 1: tcId 1, expected 2",
        ),
        (
            with(|file| file["testGroups"][0]["tests"][0]["dataSize"] = json!(1_u64 << 53)),
            "file.testGroups[0].tests[0].dataSize: 9007199254740992, expected an integer from 0 to 2^53 - 1",
        ),
        (
            with(|file| file["testGroups"][0]["tests"][0]["dataSize"] = json!(1.5)),
            "1.5, expected an integer",
        ),
        (
            with(|file| file["testGroups"][0]["tests"][0]["dataSize"] = json!(-1)),
            "-1, expected an integer",
        ),
        (
            with(|file| file["testGroups"][0]["tests"][0]["partCount"] = Value::Null),
            "partCount: null, expected a value",
        ),
        (
            with(|file| file["testGroups"][0]["tests"][0]["dataSize"] = json!("1")),
            "tcId 1: invalid type",
        ),
    ] {
        assert!(problem.contains(says), "{problem:?} does not say {says:?}");
    }
}

#[test]
fn the_loader_refuses_cases_that_ask_for_too_much() {
    let of_kind = |name: &str, kind: &str| {
        let mut value = serde_json::to_value(file(name)).unwrap();
        let group = value["testGroups"]
            .as_array()
            .unwrap()
            .iter()
            .find(|group| group["type"] == kind)
            .unwrap()
            .clone();
        value["testGroups"] = json!([group]);
        let mut test = value["testGroups"][0]["tests"][0].clone();
        test["tcId"] = json!(1);
        test["flags"] = json!(["Normal"]);
        value["testGroups"][0]["tests"] = json!([test]);
        value["numberOfTests"] = json!(1);
        value["notes"] = json!({"Normal": {"description": "", "effect": ""}});
        value
    };
    let test = |value: &mut Value, field: &str, to: Value| {
        value["testGroups"][0]["tests"][0][field] = to;
    };
    let mut long = of_kind("aes_ctr.json", "CtrPartTest");
    test(
        &mut long,
        "plaintext",
        json!({"seed": 1, "length": 16_777_217}),
    );
    let mut unknown_value = of_kind("aes_ctr.json", "CtrPartTest");
    test(&mut unknown_value, "plaintext", json!({"seed": 1}));
    let mut upper = of_kind("aes_ctr.json", "CtrPartTest");
    test(&mut upper, "key", json!("AB"));
    let mut many = of_kind("aes_gcm_object.json", "GcmObjectTest");
    test(&mut many, "parts", json!(vec![json!({"hex": ""}); 10_001]));
    let mut digest = of_kind("aes_ctr.json", "CtrRangeTest");
    test(
        &mut digest,
        "ciphertext",
        json!({"length": 300, "sha256": "", "first": "", "last": ""}),
    );
    let mut key = of_kind("envelope.json", "EnvelopeTest");
    key["testGroups"][0]["masterKey"]["private"] = json!("another");
    let mut body = of_kind("part_list.json", "PartListTest");
    test(&mut body, "bodyBase64", json!("AA=="));
    let mut needs = of_kind("service.json", "ServiceTest");
    needs["testGroups"][0]["tests"][0]["steps"][0]
        .as_object_mut()
        .unwrap()
        .remove("upload");
    let mut more = of_kind("service.json", "ServiceTest");
    more["testGroups"][0]["tests"][0]["steps"][0]["list"] = json!("");
    let mut twice = of_kind("service.json", "ServiceTest");
    let step = twice["testGroups"][0]["tests"][0]["steps"][0].clone();
    twice["testGroups"][0]["tests"][0]["steps"]
        .as_array_mut()
        .unwrap()
        .push(step);
    for (value, says) in [
        (
            long,
            "tcId 1, plaintext: 16777217 bytes, expected at most 16777216",
        ),
        (
            unknown_value,
            "tcId 1: a plaintext: {\"hex\"} or {\"seed\", \"length\"}",
        ),
        (
            upper,
            "tcId 1: \"AB\", expected an even number of lower-case hexadecimal digits",
        ),
        (many, "tcId 1: 10001 parts, expected at most 10000"),
        (
            digest,
            "tcId 1: expected `ciphertext` and `plaintext` in full",
        ),
        (key, "masterKey: an unknown key"),
        (
            body,
            "tcId 1: expected either `body` or a Base64 `bodyBase64`",
        ),
        (needs, "tcId 1, steps[0]: no `upload`, which Initiate needs"),
        (
            more,
            "tcId 1, steps[0]: `list`, which Initiate does not have",
        ),
        (twice, "is begun twice"),
    ] {
        let problem = refused(&value);
        assert!(problem.contains(says), "{problem:?} does not say {says:?}");
    }
    let too_long = vec![b' '; vectors::LONGEST_FILE + 1];
    let problem = vectors::read(&too_long).unwrap_err().to_string();
    assert_eq!(problem, "16777217 bytes, expected at most 16777216");
    for text in [
        "",
        "x",
        "[]",
        "{}",
        "\u{0}",
        "{\"schema\":\"schema-v1.json\",\"version\":1}",
    ] {
        vectors::read(text.as_bytes()).unwrap_err();
    }
    let deep = "[".repeat(100_000);
    vectors::read(deep.as_bytes()).unwrap_err();
}

/// Whatever the loader takes is verified without a panic: each case with each of its answers taken away or made odd.
#[test]
fn odd_files_are_verified_without_a_panic() {
    let subject = builtin::subject();
    for (name, file) in FILES.iter().filter(|(name, _)| *name != "object.json") {
        let whole = serde_json::to_value(file).unwrap();
        for odd in [json!(0), json!((1_u64 << 53) - 1), json!(""), json!([])] {
            let mut value = whole.clone();
            for group in value["testGroups"].as_array_mut().unwrap() {
                for test in group["tests"].as_array_mut().unwrap() {
                    for (field, held) in test.as_object_mut().unwrap() {
                        let kept = ["tcId", "flags", "comment", "result", "steps"];
                        let same_kind =
                            std::mem::discriminant(held) == std::mem::discriminant(&odd);
                        if !kept.contains(&field.as_str()) && same_kind {
                            *held = odd.clone();
                        }
                    }
                }
            }
            if let Ok(file) = vectors::read(value.to_string().as_bytes()) {
                let report = vectors::verify(&file, &subject);
                assert_eq!(report.cases, file.number_of_tests, "{name} with {odd}");
            }
        }
    }
}

#[test]
fn every_result_and_kind_occurs() {
    let groups = || FILES.iter().flat_map(|(_, file)| &file.test_groups);
    for wanted in ["Valid", "Invalid", "Acceptable"] {
        let mut heads = groups().flat_map(Group::heads);
        assert!(heads.any(|head| format!("{:?}", head.result) == wanted));
    }
}

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
    insta::assert_snapshot!("verify", shown(here, &["vectors", "verify"]));
    let generated = partproof(here, &["vectors", "generate"]);
    assert!(generated.status.success());
    insta::assert_snapshot!("check", shown(here, &["vectors", "generate", "--check"]));
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
