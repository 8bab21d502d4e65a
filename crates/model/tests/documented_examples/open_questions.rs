//! What the evidence leaves open (service-rules.md 6): both answers are admitted, the model takes the one it leans to,
//! and [`Service::decide`] turns it round. The rows that the model settles without a question stand below.

use partproof_model::question::Lean;
use partproof_model::range::RangeAnswer;
use partproof_model::service::UploadId;
use partproof_model::{Question, Verdict};

use crate::bucket::{
    Bucket, CSE, OBJECT, Sent, accepted, body, list, refused_by_ec, refused_by_ec_first, rules_of,
};

const PART: u64 = 102_400;

/// A step on which nothing but this question bears: what it answered, and with which refusal it might have.
fn ask(question: Question, bucket: &mut Bucket) -> (Verdict<()>, u16, &'static str) {
    let client = Sent::client(250_000, PART);
    let replace = Sent::none().plain("x-oss-metadata-directive", "REPLACE");
    match question {
        Question::A2 => {
            let id = uploaded(bucket, &client, &[(1, PART), (2, PART)]);
            (
                unit(bucket.complete(&id, &list(&[(1, PART), (2, PART)]))),
                400,
                CSE,
            )
        }
        Question::A3 => {
            let id = bucket.open(&client);
            (unit(bucket.upload_with(&id, 4, PART, &client)), 400, CSE)
        }
        Question::A5 => {
            let id = uploaded(bucket, &Sent::none(), &[(1, PART), (2, PART)]);
            let twice = list(&[(1, PART), (2, PART), (2, PART)]);
            (unit(bucket.complete(&id, &twice)), 400, "InvalidPartOrder")
        }
        Question::A7 => {
            let id = bucket.open(&client);
            (
                unit(bucket.upload_with(&id, 1, PART, &client.without("start"))),
                400,
                CSE,
            )
        }
        Question::A9 => (
            unit(bucket.initiate(&Sent::client(250_000, 102_401))),
            400,
            CSE,
        ),
        Question::A15 => {
            let id = bucket.open(&client);
            (unit(bucket.upload(&id, 1, PART + 16)), 400, CSE)
        }
        Question::A16 => (
            unit(bucket.initiate(&client.with("data-size", "+250000"))),
            400,
            CSE,
        ),
        Question::PaddedSize => (
            unit(bucket.initiate(&client.with("part-size", "00102400"))),
            400,
            CSE,
        ),
        Question::A17 => {
            let id = bucket.open(&Sent::none());
            (
                unit(bucket.upload(&id, 1, (5 << 30) + 1)),
                400,
                "EntityTooLarge",
            )
        }
        Question::A18 => {
            let sizes = Sent::client(2_048, 1_024);
            let id = uploaded(bucket, &sizes, &[(1, 1_024), (2, 1_024)]);
            let whole = list(&[(1, 1_024), (2, 1_024)]);
            (unit(bucket.complete(&id, &whole)), 400, "EntityTooSmall")
        }
        Question::A23 => {
            accepted(bucket.put("object", &client));
            (unit(bucket.copy("object", "object", &replace)), 400, CSE)
        }
        Question::A24 => {
            accepted(bucket.put("source", &Sent::none()));
            let id = bucket.open(&client);
            let copy = bucket.step(|service| {
                service.upload_part_copy(OBJECT, &id, Some("1"), "source", body(PART))
            });
            (unit(copy), 400, CSE)
        }
        Question::A25 => {
            let id = uploaded(bucket, &client, &[(1, PART), (3, 45_200)]);
            let all = Sent::none().plain("x-oss-complete-all", "yes");
            (unit(bucket.complete_with(&id, "", &all)), 400, CSE)
        }
        Question::ListPage => {
            let id = uploaded(bucket, &Sent::none(), &[(1, PART)]);
            let page = bucket.step(|service| service.list_parts(OBJECT, &id, Some(1_001), 0));
            (unit(page), 400, "InvalidArgument")
        }
        Question::Range => {
            accepted(bucket.put("object", &Sent::none()));
            let headers = Sent::none().plain("range", "bytes=0-499,500-999").headers();
            (
                unit(bucket.step(|service| service.get("object", &headers))),
                416,
                "InvalidRange",
            )
        }
        Question::EtagCase => {
            let id = bucket.open(&Sent::none());
            let etag = accepted(bucket.upload(&id, 1, PART));
            let lower = etag.to_ascii_lowercase();
            let list = format!(
                "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{lower}</ETag></Part></CompleteMultipartUpload>"
            );
            (unit(bucket.complete(&id, &list)), 400, "InvalidPart")
        }
        other => unreachable!("no step for question {other}"),
    }
}

fn uploaded(bucket: &mut Bucket, headers: &Sent, parts: &[(u64, u64)]) -> UploadId {
    let id = bucket.open(headers);
    for (number, length) in parts {
        accepted(bucket.upload(&id, *number, *length));
    }
    id
}

fn unit<T>(verdict: Verdict<T>) -> Verdict<()> {
    Verdict {
        outcome: verdict.outcome.map(|_| ()),
        also_rejected_by: verdict.also_rejected_by,
        acceptable_if: verdict.acceptable_if,
    }
}

#[test]
fn both_answers_to_every_question_are_admitted_and_decide_turns_the_lean() {
    // A27 is the order of the checks: it is asked below, and `decide` has nothing to turn.
    let questions: Vec<_> = Question::ALL
        .iter()
        .filter(|question| **question != Question::A27)
        .collect();
    assert_eq!(questions.len(), 16);
    for question in questions {
        for decided in [None, Some(Lean::Accept), Some(Lean::Reject)] {
            let mut bucket = Bucket::new();
            if let Some(lean) = decided {
                bucket.service.decide(*question, lean);
            }
            let (verdict, status, code) = ask(*question, &mut bucket);
            let accepts = decided.unwrap_or(question.lean()) == Lean::Accept;
            let case = format!("question {question} decided {decided:?}: {verdict:?}");
            assert_eq!(verdict.outcome.is_ok(), accepts, "{case}");
            assert_eq!(verdict.acceptable_if, Some(vec![*question]), "{case}");
            assert!(verdict.admits_acceptance(), "{case}");
            assert!(verdict.admits_rejection(status, code), "{case}");
            assert_eq!(verdict.rejections().count(), 1, "{case}");
        }
    }
}

#[test]
fn a1_an_optional_header_alone_makes_no_cse_request() {
    let mut bucket = Bucket::new();
    for name in [
        "matdesc",
        "unencrypted-content-length",
        "unencrypted-content-md5",
    ] {
        accepted(bucket.initiate(&Sent::none().with(name, "1")));
        accepted(bucket.put("object", &Sent::none().with(name, "1")));
    }
    for name in [
        "key",
        "start",
        "cek-alg",
        "wrap-alg",
        "magic-number-hmac",
        "data-size",
        "part-size",
    ] {
        let verdict = bucket.initiate(&Sent::none().with(name, "1"));
        assert!(verdict.admits_rejection(400, CSE), "{name}");
        assert!(!verdict.admits_acceptance(), "{name}");
    }
}

#[test]
fn a8_sizes_at_complete_are_not_required_but_integers() {
    let mut bucket = Bucket::new();
    let id = uploaded(&mut bucket, &Sent::client(3, 16), &[(1, 3)]);
    let whole = list(&[(1, 3)]);
    for (name, ec) in [
        ("data-size", "0005-00000408"),
        ("part-size", "0005-00000409"),
    ] {
        let odd = Sent::none().with(name, "9x5.2");
        refused_by_ec(&bucket.complete_with(&id, &whole, &odd), ec);
        let empty = bucket.complete_with(&id, &whole, &Sent::none().with(name, ""));
        refused_by_ec_first(&empty, ec);
    }
    accepted(bucket.complete(&id, &whole));
}

#[test]
fn a9_the_data_size_need_not_be_a_multiple_of_16() {
    for data in [1, 3, 17, 1_048_676] {
        let verdict = Bucket::new().initiate(&Sent::client(data, PART));
        assert_eq!(rules_of(&verdict), [""; 0], "{data}");
    }
}

#[test]
fn a12_a13_a14_the_last_part_is_number_n_whenever_it_comes() {
    let mut bucket = Bucket::new();
    let full = Sent::client(250_000, PART);
    let id = bucket.open(&full);
    for (number, length) in [(3, 45_200), (1, PART), (1, PART), (3, 45_200), (2, PART)] {
        accepted(bucket.upload_with(&id, number, length, &full));
    }
    refused_by_ec(&bucket.upload_with(&id, 3, 45_201, &full), "0005-00000420");
    refused_by_ec(&bucket.upload_with(&id, 2, 45_200, &full), "0005-00000419");
}

#[test]
fn a16_each_unusual_integer() {
    let mut bucket = Bucket::new();
    for (value, question) in [
        ("0", Question::A16),
        ("-5", Question::A16),
        ("+5", Question::A16),
        ("9223372036854775808", Question::A16),
        ("00250000", Question::PaddedSize),
    ] {
        for name in ["data-size", "part-size"] {
            let verdict = bucket.initiate(&Sent::client(250_000, PART).with(name, value));
            assert!(verdict.admits_rejection(400, CSE), "{name}: {value}");
            // A data size of 2^63 in parts of 102,400 is too many parts however it is read.
            let too_many = (name, value) == ("data-size", "9223372036854775808")
                || (name, value) == ("part-size", "+5");
            let admitted = verdict.acceptable_if.clone();
            if too_many {
                assert_eq!(admitted, None, "{name}: {value}");
            } else {
                assert_eq!(admitted, Some(vec![question]), "{name}: {value}");
            }
        }
    }
    // The largest that is not unusual.
    let verdict = bucket.initiate(&Sent::full("9223372036854775807", "9223372036854775792"));
    assert_eq!(rules_of(&verdict), [""; 0]);
}

#[test]
fn a16_sizes_that_are_no_sizes_do_not_panic_once_accepted() {
    for (data, part) in [
        ("0", "16"),
        ("16", "0"),
        ("0", "0"),
        ("-1", "-1"),
        ("18446744073709551615", "18446744073709551600"),
    ] {
        let mut bucket = Bucket::new();
        bucket.service.decide(Question::A16, Lean::Accept);
        bucket.service.decide(Question::A3, Lean::Accept);
        let id = bucket.open(&Sent::full(data, part));
        let _ = bucket.upload(&id, 1, 16);
        let _ = bucket.upload(&id, 10_000, 16);
        let _ = bucket.complete(&id, &list(&[(1, 16)]));
    }
}

#[test]
fn a19_a20_a21_a22_values_are_opaque_and_compared_byte_by_byte() {
    let mut bucket = Bucket::new();
    for wrap in ["RSA", "rsa/x", "Rsa"] {
        let headers = Sent::client(250_000, PART)
            .with("wrap-alg", wrap)
            .with("cek-alg", "ROT13");
        accepted(bucket.initiate(&headers));
    }
    let full = Sent::client(250_000, PART).with("matdesc", "{}");
    let id = bucket.open(&full);
    let same = full
        .clone()
        .with("matdesc", "{\"a\": \"b\"}")
        .with("data-size", "  250000 ");
    accepted(bucket.upload_with(&id, 1, PART, &same));
    let upper = full.with("cek-alg", "aes/ctr/nopadding");
    refused_by_ec(&bucket.upload_with(&id, 1, PART, &upper), "0005-00000414");
}

/// A27: no page gives the order of the checks, so each breach may be the one that is reported.
#[test]
fn a27_every_breach_of_a_request_is_admissible() {
    let mut bucket = Bucket::new();
    let id = bucket.open(&Sent::client(250_000, PART));
    let headers = Sent::client(250_001, PART)
        .plain("content-md5", "wrong")
        .plain("x-oss-hash-crc64ecma", "wrong");
    let verdict = bucket.upload_with(&id, 1, 7, &headers);
    assert_eq!(
        rules_of(&verdict),
        [
            "content-md5",
            "crc64-declared",
            "data-size-changed",
            "part-length"
        ]
    );
    for code in ["InvalidDigest", "InvalidCRC64", CSE] {
        assert!(verdict.admits_rejection(400, code), "{code}");
    }
    assert!(!verdict.admits_rejection(404, "NoSuchUpload"));
    let verdict = bucket.complete(&id, &list(&[(2, 1), (1, 1), (10_001, 1), (9, 1)]));
    assert_eq!(
        rules_of(&verdict),
        [
            "part-list-number",
            "part-list-order",
            "count-exceeded",
            "part-list-part"
        ]
    );
}

#[test]
fn ranges_the_pages_differ_on_admit_each_answer() {
    let mut bucket = Bucket::new();
    accepted(bucket.put("object", &Sent::none()));
    let mut get = |range: &str, standard: bool| {
        let mut headers = Sent::none().plain("Range", range);
        if standard {
            headers = headers.plain("x-oss-range-behavior", "standard");
        }
        bucket.step(|service| service.get("object", &headers.headers()))
    };
    let beyond = get("bytes=1000-", true);
    assert_eq!(rules_of(&beyond), ["range-unsatisfiable"]);
    assert!(!beyond.admits_acceptance());
    let ignored = accepted(get("bytes=1000-", false));
    assert_eq!(
        (ignored.range, ignored.other_ranges),
        (RangeAnswer::Whole, vec![])
    );
    let cut = accepted(get("bytes=500-2000", true));
    assert_eq!(
        cut.range,
        RangeAnswer::Slice {
            first: 500,
            last: 999
        }
    );
    let suffix = get("bytes=-2000", true);
    assert!(suffix.admits_rejection(416, "InvalidRange"));
    let found = accepted(suffix);
    assert_eq!(
        found.range,
        RangeAnswer::Slice {
            first: 0,
            last: 999
        }
    );
    assert_eq!(found.other_ranges, [RangeAnswer::Whole]);
}
