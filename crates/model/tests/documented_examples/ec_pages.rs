//! The documented example of every EC page (service-rules.md 1.1). The pages abridge their examples (question A1): each
//! is completed here with the other required headers.

use partproof_model::{Question, rules};

use crate::bucket::{
    Bucket, CSE, OBJECT, Sent, accepted, body, list, refused, refused_by_ec, refused_by_ec_first,
    rules_of,
};

/// Initiate without this header is refused by this EC, and only by it.
#[track_caller]
fn missing_at_initiate(name: &str, ec: &str) {
    let mut bucket = Bucket::new();
    accepted(bucket.initiate(&Sent::full("1000000", "500000")));
    let verdict = bucket.initiate(&Sent::full("1000000", "500000").without(name));
    refused_by_ec(&verdict, ec);
    let empty = bucket.initiate(&Sent::full("1000000", "500000").with(name, " "));
    refused_by_ec_first(&empty, ec);
}

/// So is PutObject, which has no sizes.
#[track_caller]
fn missing_at_put(name: &str, ec: &str) {
    let mut bucket = Bucket::new();
    let full = Sent::full("", "").without("data-size").without("part-size");
    accepted(bucket.put("object", &full));
    refused_by_ec(&bucket.put("object", &full.without(name)), ec);
}

/// An UploadPart that carries the others may be refused by this EC, or accepted (question A7).
#[track_caller]
fn missing_at_upload_part(name: &str, ec: &str) {
    let mut bucket = Bucket::new();
    let full = Sent::full("1000000", "500000");
    let id = bucket.open(&full);
    let verdict = bucket.upload_with(&id, 1, 500_000, &full.clone().without(name));
    refused_by_ec_first(&verdict, ec);
    assert_eq!(verdict.acceptable_if, Some(vec![Question::A7]));
    accepted(bucket.upload_with(&id, 1, 500_000, &full));
}

#[track_caller]
fn missing_everywhere(name: &str, ec: &str) {
    missing_at_initiate(name, ec);
    missing_at_put(name, ec);
    missing_at_upload_part(name, ec);
}

#[test]
fn ec_0005_00000401_key_absent() {
    missing_everywhere("key", "0005-00000401");
}

#[test]
fn ec_0005_00000402_start_absent() {
    missing_everywhere("start", "0005-00000402");
}

#[test]
fn ec_0005_00000403_cek_alg_absent() {
    missing_everywhere("cek-alg", "0005-00000403");
}

#[test]
fn ec_0005_00000404_wrap_alg_absent() {
    missing_at_initiate("wrap-alg", "0005-00000404");
    missing_at_put("wrap-alg", "0005-00000404");
    missing_at_upload_part("wrap-alg", "0005-00000404");
}

#[test]
fn ec_0005_00000405_hmac_absent_while_wrap_alg_is_rsa() {
    missing_everywhere("magic-number-hmac", "0005-00000405");
}

#[test]
fn ec_0005_00000406_data_size_absent() {
    missing_at_initiate("data-size", "0005-00000406");
    missing_at_upload_part("data-size", "0005-00000406");
}

#[test]
fn ec_0005_00000407_part_size_absent() {
    missing_at_initiate("part-size", "0005-00000407");
    missing_at_upload_part("part-size", "0005-00000407");
}

/// A value of this header that is no integer is refused at Initiate, UploadPart and Complete.
#[track_caller]
fn not_an_integer(name: &str, ec: &str) {
    let mut bucket = Bucket::new();
    let full = Sent::full("1000000", "500000");
    let id = bucket.open(&full);
    for value in [
        "9x5.2",
        "1e6",
        "1000000.0",
        "0x10",
        "1 000",
        "18446744073709551616",
    ] {
        let odd = full.clone().with(name, value);
        refused_by_ec(&bucket.initiate(&odd), ec);
        let part = bucket.upload_with(&id, 1, 500_000, &odd);
        refused_by_ec_first(&part, ec);
        assert!(!part.admits_acceptance());
    }
    for number in [1, 2] {
        accepted(bucket.upload(&id, number, 500_000));
    }
    let whole = list(&[(1, 500_000), (2, 500_000)]);
    let odd = Sent::none().with(name, "9x5.2");
    refused_by_ec(&bucket.complete_with(&id, &whole, &odd), ec);
    accepted(bucket.complete_with(&id, &whole, &Sent::none().with(name, "500000")));
}

#[test]
fn ec_0005_00000408_data_size_not_an_integer() {
    not_an_integer("data-size", "0005-00000408");
}

#[test]
fn ec_0005_00000409_part_size_not_an_integer() {
    not_an_integer("part-size", "0005-00000409");
}

#[test]
fn ec_0005_00000410_more_than_10000_parts() {
    let mut bucket = Bucket::new();
    let verdict = bucket.initiate(&Sent::full("200000", "10"));
    refused_by_ec_first(&verdict, "0005-00000410");
    assert!(!verdict.admits_acceptance());
    // 10 is no multiple of 16 either: question A9.
    assert_eq!(rules_of(&verdict), ["count-limit", "part-size-aligned"]);
    // The ratio counts, to the byte.
    accepted(bucket.initiate(&Sent::full("160000", "16")));
    refused_by_ec(
        &bucket.initiate(&Sent::full("160001", "16")),
        "0005-00000410",
    );
}

#[test]
fn ec_0005_00000411_three_parts_listed_two_expected() {
    let mut bucket = Bucket::new();
    let id = bucket.open(&Sent::full("1000000", "500000"));
    let body = r#"<CompleteMultipartUpload>
        <Part><PartNumber>1</PartNumber><ETag>"3349DC700140D7F86A0784842780****"</ETag></Part>
        <Part><PartNumber>5</PartNumber><ETag>"8EFDA8BE206636A695359836FE0A****"</ETag></Part>
        <Part><PartNumber>8</PartNumber><ETag>"8C315065167132444177411FDA14****"</ETag></Part>
    </CompleteMultipartUpload>"#;
    let verdict = bucket.complete(&id, body);
    refused_by_ec_first(&verdict, "0005-00000411");
    refused(&verdict, rules::COUNT_EXCEEDED, 400, CSE);
    let message = rules::COUNT_EXCEEDED.answer.expect("answered").message;
    assert_eq!(
        message,
        "The client encryption part list is unexpected with init_multipart setted."
    );
    let detail = verdict.outcome.expect_err("refused").detail;
    assert_eq!(detail, "3 parts, expected 2 = ceil(1000000 / 500000)");
    // The fix of the page: list no more than expected.
    for number in [1, 2] {
        accepted(bucket.upload(&id, number, 500_000));
    }
    accepted(bucket.complete(&id, &list(&[(1, 500_000), (2, 500_000)])));
}

/// An UploadPart that repeats this header with another value than Initiate's is refused by this EC.
#[track_caller]
fn changed(name: &str, values: [&str; 2], ec: &str) {
    let mut bucket = Bucket::new();
    let [at_initiate, at_upload_part] = values;
    let full = Sent::full("10000", "1000").with(name, at_initiate);
    let id = bucket.open(&full);
    let odd = full.clone().with(name, at_upload_part);
    let verdict = bucket.upload_with(&id, 1, 1_000, &odd);
    refused_by_ec_first(&verdict, ec);
    assert!(!verdict.admits_acceptance(), "{verdict:?}");
    // Alone, as in the page's abridged example, it is refused by this EC or for those that are missing.
    let alone = Sent::none().with(name, at_upload_part);
    let verdict = bucket.upload_with(&id, 1, 1_000, &alone);
    let ecs: Vec<_> = verdict.rejections().filter_map(|r| r.rule.ec).collect();
    assert!(ecs.contains(&ec), "{ecs:?}");
    assert!(!verdict.admits_acceptance());
    // The fix of the page: the same value on both.
    accepted(bucket.upload_with(&id, 1, 1_000, &full));
}

#[test]
fn ec_0005_00000412_key_changed() {
    changed("key", ["value1", "value2"], "0005-00000412");
}

#[test]
fn ec_0005_00000413_start_changed() {
    changed("start", ["value1", "value2"], "0005-00000413");
}

#[test]
fn ec_0005_00000414_cek_alg_changed() {
    changed("cek-alg", ["value1", "value2"], "0005-00000414");
}

#[test]
fn ec_0005_00000415_wrap_alg_changed() {
    changed("wrap-alg", ["value1", "value2"], "0005-00000415");
}

#[test]
fn ec_0005_00000416_hmac_changed_while_wrap_alg_is_rsa() {
    changed("magic-number-hmac", ["value1", "value2"], "0005-00000416");
}

#[test]
fn ec_0005_00000416_does_not_apply_to_other_wrap_algorithms() {
    let mut bucket = Bucket::new();
    let full = Sent::client(10_000, 1_008).with("magic-number-hmac", "value1");
    let id = bucket.open(&full);
    accepted(bucket.upload_with(&id, 1, 1_008, &full.with("magic-number-hmac", "value2")));
}

#[test]
fn ec_0005_00000417_data_size_changed() {
    changed("data-size", ["10000", "20000"], "0005-00000417");
}

#[test]
fn ec_0005_00000418_part_size_changed() {
    changed("part-size", ["1000", "2000"], "0005-00000418");
}

#[test]
fn ec_0005_00000419_a_part_that_is_not_the_last_has_another_length() {
    let mut bucket = Bucket::new();
    let full = Sent::full("2048", "1024");
    let id = bucket.open(&full);
    for length in [6_291_456, 1_025, 1_023, 0] {
        refused_by_ec(&bucket.upload_with(&id, 1, length, &full), "0005-00000419");
    }
    accepted(bucket.upload_with(&id, 1, 1_024, &full));
}

#[test]
fn ec_0005_00000420_the_last_part_has_another_length() {
    let mut bucket = Bucket::new();
    let full = Sent::full("2048", "1024");
    let id = bucket.open(&full);
    accepted(bucket.upload_with(&id, 1, 1_024, &full));
    for length in [100, 1_023, 1_025, 2_048] {
        refused_by_ec(&bucket.upload_with(&id, 2, length, &full), "0005-00000420");
    }
    accepted(bucket.upload_with(&id, 2, 1_024, &full));
}

#[test]
fn ec_0005_00000421_copy_changes_cse_metadata() {
    let mut bucket = Bucket::new();
    let replace = Sent::none().plain("x-oss-metadata-directive", "REPLACE");
    accepted(bucket.put("object", &Sent::client(0, 0)));
    for name in [
        "key",
        "start",
        "cek-alg",
        "wrap-alg",
        "data-size",
        "part-size",
        "matdesc",
    ] {
        let headers = replace.clone().with(name, "other");
        refused_by_ec(&bucket.copy("object", "object", &headers), "0005-00000421");
        refused_by_ec(&bucket.copy("object", "copy", &headers), "0005-00000421");
    }
}

#[test]
fn ec_0042_00000309_part_copy_from_a_cse_source() {
    let mut bucket = Bucket::new();
    accepted(bucket.put("src-object-client-enc", &Sent::client(0, 0)));
    accepted(bucket.put("src-object", &Sent::none()));
    let id = bucket.open(&Sent::none());
    let mut copy = |source| {
        bucket.step(|service| service.upload_part_copy(OBJECT, &id, Some("1"), source, body(1_000)))
    };
    refused_by_ec(&copy("src-object-client-enc"), "0042-00000309");
    accepted(copy("src-object"));
}

/// The page of 2021 without an EC: `The partId must less or equal to expectedPartNumber.`
#[test]
fn a_part_number_above_the_expected_count() {
    let mut bucket = Bucket::new();
    let full = Sent::full("2048", "1024");
    let id = bucket.open(&full);
    for number in [3, 5, 8, 10_000] {
        let verdict = bucket.upload_with(&id, number, 1_024, &full);
        assert_eq!(rules_of(&verdict), ["part-beyond-count"]);
        assert!(verdict.admits_rejection(400, CSE));
        assert_eq!(verdict.acceptable_if, Some(vec![Question::A3]));
    }
}
