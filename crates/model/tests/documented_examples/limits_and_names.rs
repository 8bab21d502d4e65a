//! The limits of service-rules.md 4.1, the names of objects, and objects that are not there.

use partproof_model::Question;
use partproof_model::question::Lean;

use crate::bucket::{Bucket, OBJECT, Sent, accepted, answer, body, list, rules_of};

#[test]
fn a_part_has_at_most_5_gib_and_a_put_too() {
    let mut bucket = Bucket::new();
    let id = bucket.open(&Sent::none());
    let most = 5 * 1024 * 1024 * 1024;
    accepted(bucket.upload(&id, 1, most));
    let verdict = bucket.upload(&id, 1, most + 1);
    assert_eq!(rules_of(&verdict), ["part-too-large"]);
    let headers = Sent::none().headers();
    accepted(bucket.step(|service| service.put("big", &headers, body(most))));
    let verdict = bucket.step(|service| service.put("big", &headers, body(most + 1)));
    // No source states the code: only the status is compared.
    assert_eq!(rules_of(&verdict), ["object-too-large"]);
    assert!(!verdict.admits_acceptance());
    assert!(verdict.admits_rejection(400, "EntityTooLarge"));
}

#[test]
fn an_object_has_at_most_10000_parts_of_5_gib() {
    let most = 5 * 1024 * 1024 * 1024;
    let mut bucket = Bucket::new();
    bucket.service.decide(Question::A17, Lean::Accept);
    let id = bucket.open(&Sent::none());
    let headers = Sent::none().headers();
    // Without `step`, whose copies of 10,000 parts would take a minute.
    for number in 1..=10_000_u64 {
        let length = if number == 10_000 { most + 1 } else { most };
        let verdict = bucket.service.upload_part(
            OBJECT,
            &id,
            Some(&number.to_string()),
            &headers,
            body(length),
        );
        assert!(verdict.outcome.is_ok());
    }
    let parts: Vec<_> = (1..10_000).map(|number| (number, most)).collect();
    let whole: Vec<_> = parts.iter().copied().chain([(10_000, most + 1)]).collect();
    let verdict = bucket
        .service
        .clone()
        .complete(OBJECT, &id, &headers, list(&whole).as_bytes());
    assert_eq!(rules_of(&verdict), ["object-too-large"]);
    let verdict = bucket
        .service
        .complete(OBJECT, &id, &headers, list(&parts).as_bytes());
    assert_eq!(rules_of(&verdict), [""; 0]);
}

#[test]
fn object_names_at_every_operation_that_makes_one() {
    let long = "a".repeat(1_024);
    let mut bucket = Bucket::new();
    accepted(bucket.put("source", &Sent::none()));
    let headers = Sent::none().headers();
    for (name, ec) in [
        ("", "0016-00000001"),
        (&long, "0016-00000002"),
        ("/a", "0016-00000005"),
        ("\\a", "0016-00000005"),
    ] {
        let expected = (400, Some("InvalidObjectName"), Some(ec));
        assert_eq!(answer(bucket.put(name, &Sent::none())), expected);
        assert_eq!(
            answer(bucket.step(|service| service.initiate(name, &headers))),
            expected
        );
        assert_eq!(answer(bucket.copy("source", name, &Sent::none())), expected);
    }
    for name in [&long[1..], "a/b", "\u{c}\u{b}", "ü"] {
        accepted(bucket.put(name, &Sent::none()));
    }
}

#[test]
fn what_is_not_there_cannot_be_read_or_copied() {
    let mut bucket = Bucket::new();
    let id = bucket.open(&Sent::none());
    let not_found = (404, Some("NoSuchKey"), None);
    assert_eq!(
        answer(bucket.step(|service| service.head("none"))),
        not_found
    );
    assert_eq!(
        answer(bucket.copy("none", "copy", &Sent::none())),
        not_found
    );
    let copy =
        bucket.step(|service| service.upload_part_copy(OBJECT, &id, Some("1"), "none", body(1)));
    assert_eq!(answer(copy), not_found);
}
