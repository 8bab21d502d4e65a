//! The loader of vectors: it refuses what it does not know and what asks for too much, and says where; what it takes is verified without a
//! panic.

#![allow(clippy::unwrap_used, reason = "a test may panic: that is how it fails")]

use partproof_subjects::builtin;
use partproof_vectors::{self as vectors, VectorFile};
use serde_json::{Value, json};

fn file(name: &str) -> VectorFile {
    let files = vectors::all().into_iter();
    files
        .filter(|(known, _)| *known == name)
        .map(|(_, file)| file)
        .next()
        .unwrap()
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
    for (name, file) in vectors::all() {
        if name.ends_with("object.json") && name != "aes_gcm_object.json" {
            continue;
        }
        let whole = serde_json::to_value(&file).unwrap();
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
