//! The vectors: what is derived in the files is what this version derives, the built-in client passes them, faults fail them
//! with the flag that names the bug, and right variants are never accused.

#![allow(clippy::unwrap_used, reason = "a test may panic: that is how it fails")]

use std::sync::LazyLock;

use partproof_faults::{FAULTS, VARIANTS};
use partproof_subjects::builtin;
use partproof_suite::Subject;
use partproof_vectors::{self as vectors, Accused, Group, VectorFile};
use serde_json::{Value, json};

static FILES: LazyLock<Vec<(&str, VectorFile)>> = LazyLock::new(vectors::all);

fn file(name: &str) -> &'static VectorFile {
    &FILES.iter().find(|(known, _)| *known == name).unwrap().1
}

#[test]
fn the_files_are_as_the_model_makes_them() {
    for (name, text) in vectors::FILES {
        let made = vectors::refresh(text.as_bytes()).unwrap().to_json();
        assert!(
            made == text,
            "{name} differs: `partproof vectors refresh --check` says where"
        );
    }
}

/// Without anything that is derived a file is made again as it was: nothing in it stands only there.
#[test]
fn what_is_given_is_enough() {
    for (name, text) in vectors::FILES {
        let mut file: Value = serde_json::from_str(text).unwrap();
        file["numberOfTests"] = json!(0);
        for group in file["testGroups"].as_array_mut().unwrap() {
            let kind = group["type"].as_str().unwrap().to_owned();
            for test in group["tests"].as_array_mut().unwrap() {
                let test = test.as_object_mut().unwrap();
                // What does not open, and what only some readers take, stands as it was given.
                let (opens, result) = (test.contains_key("plaintext"), test["result"].clone());
                let by_hand = result == "acceptable"
                    && ["EnvelopeTest", "PartListTest"].contains(&kind.as_str());
                let derived: &[&str] = match kind.as_str() {
                    "PlanTest" => &["partCount", "parts", "rejections"],
                    "DeclaredSizesTest" => &["dataSize", "partCount", "parts"],
                    "CounterBlockTest" => &["counterBlock"],
                    "CtrPartTest" | "CtrRangeTest" => &["ciphertext"],
                    "GcmObjectTest" if opens => &["parts"],
                    "GcmPartTest" if opens => &["partCount", "nonce", "aad", "ciphertext"],
                    "GcmPartTest" => &["partCount", "nonce", "aad"],
                    "EnvelopeTest" => &[
                        "cipher",
                        "wrapAlg",
                        "key",
                        "start",
                        "dataSize",
                        "partSize",
                        "description",
                    ],
                    "PartListTest" => &["parts", "rejections"],
                    // A list has many spellings.
                    "ObjectTest" => &["dataSize", "parts", "etag", "crc64"],
                    _ => &[],
                };
                test.remove("tcId");
                test.retain(|field, _| !derived.contains(&field.as_str()));
                if !by_hand {
                    test.remove("result");
                }
                for step in test
                    .get_mut("steps")
                    .and_then(Value::as_array_mut)
                    .into_iter()
                    .flatten()
                {
                    let answers = [
                        "result",
                        "leans",
                        "rejections",
                        "etag",
                        "crc64",
                        "parts",
                        "isTruncated",
                        "length",
                        "ranges",
                    ];
                    step.as_object_mut()
                        .unwrap()
                        .retain(|field, _| !answers.contains(&field.as_str()));
                }
            }
        }
        let made = vectors::refresh(file.to_string().as_bytes()).unwrap();
        assert!(made.to_json() == text, "{name}");
    }
}

#[test]
fn who_writes_a_case_is_told_what_cannot_be() {
    let with = |name: &str, change: fn(&mut Value)| {
        let (_, text) = vectors::FILES
            .iter()
            .find(|(known, _)| *known == name)
            .unwrap();
        let mut file: Value = serde_json::from_str(text).unwrap();
        change(&mut file);
        vectors::refresh(file.to_string().as_bytes())
            .unwrap_err()
            .to_string()
    };
    for (problem, says) in [
        (
            with("plan.json", |file| {
                file["testGroups"][0]["tests"][0]["flags"] = json!(["Other"])
            }),
            "tcId 1: flag \"Other\" has no note",
        ),
        (
            with("plan.json", |file| {
                file["notes"]["Other"] = json!({"description": "", "effect": ""})
            }),
            "notes: no case has flag \"Other\"",
        ),
        (
            with("plan.json", |file| {
                drop(
                    file["testGroups"][0]["tests"][1]
                        .as_object_mut()
                        .unwrap()
                        .remove("partSize"),
                )
            }),
            "testGroups[0], tcId 2: missing field `partSize`",
        ),
        (
            with("aes_ctr.json", |file| {
                file["testGroups"][0]["tests"][0]["start"] = json!("00")
            }),
            "tcId 1: a start of 1 bytes, expected 16 bytes",
        ),
        (
            with("aes_gcm_object.json", |file| {
                drop(
                    file["testGroups"][0]["tests"][0]
                        .as_object_mut()
                        .unwrap()
                        .remove("plaintext"),
                )
            }),
            "tcId 1: parts that open, expected their plaintext, or parts that do not open",
        ),
        (
            with("aes_gcm_part.json", |file| {
                file["testGroups"][0]["tests"][0]["number"] = json!(2)
            }),
            "tcId 1: no part, expected one that can be sealed",
        ),
        (
            with("object.json", |file| {
                file["testGroups"][0]["tests"][0]["partSize"] = json!(204_800)
            }),
            "tcId 1: headers that say",
        ),
    ] {
        assert!(problem.contains(says), "{problem:?} does not say {says:?}");
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
    assert!(all < 1_200_000, "{all} bytes in all");
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
    ("download-oaep-unreadable", "object.json", "Oaep"),
    ("plan-one-too-many", "sdk_object.json", "ExactMultiple"),
    ("part-at-once-from-zero", "sdk_object.json", "OneByteOver"),
    ("open-parts-from-zero", "sdk_object.json", "Normal"),
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

/// A client draws its keys, so two recordings are of other bytes; both are vectors that every reader passes.
#[test]
fn what_a_client_writes_is_recorded() {
    let record = || vectors::record(&[builtin::subject()], |_, _| ()).unwrap();
    let (one, other) = (record(), record());
    assert_ne!(one, other);
    assert_eq!(vectors::read(one.to_json().as_bytes()).unwrap(), one);
    let report = vectors::verify(&one, &builtin::subject());
    assert_eq!((report.failures.len(), report.passed), (0, 4));
    let Group::Object { writer, tests, .. } = &one.test_groups[0] else {
        panic!("{:?}", one.test_groups[0]);
    };
    assert_eq!(writer.as_deref(), Some("built-in client"));
    assert!(
        tests[3]
            .headers
            .iter()
            .any(|(_, value)| value == "{\"key\":\"seed\"}")
    );
}

#[test]
fn a_wrong_object_is_not_recorded() {
    for (id, problem) in [
        (
            "upload-counter-restarts",
            "two places of the object share keystream",
        ),
        ("upload-data-size-wrong", "the object is not written"),
        (
            "upload-key-encoded-twice",
            "cannot be opened with the master key",
        ),
    ] {
        let fault = FAULTS.iter().find(|known| known.id == id).unwrap();
        let error = vectors::record(&[fault.subject()], |_, _| ()).unwrap_err();
        assert!(error.to_string().contains(problem), "{id}: {error}");
    }
    let nothing = vectors::record(&[Subject::new("nothing")], |_, _| ());
    let problem = nothing.unwrap_err().to_string();
    assert_eq!(problem, "nothing: it does not upload in counter mode");
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

#[test]
fn every_result_occurs() {
    let groups = || FILES.iter().flat_map(|(_, file)| &file.test_groups);
    for wanted in ["Valid", "Invalid", "Acceptable"] {
        let mut heads = groups().flat_map(Group::heads);
        assert!(heads.any(|head| format!("{:?}", head.result) == wanted));
    }
}
