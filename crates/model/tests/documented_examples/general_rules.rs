//! Multipart uploads at large (service-rules.md 4): codes, part lists, complete-all, listing, overwriting, aborting.

use partproof_model::service::{Body, UploadId};
use partproof_model::{Service, etag, rules};

use crate::bucket::{
    Bucket, OBJECT, Sent, accepted, answer, body, etag_of, list, refused, rules_of,
};

const PART: u64 = 102_400;

fn unknown() -> UploadId {
    UploadId("0004B9B2D2F7815C432C9057C031****".to_owned())
}

/// A plain upload of parts 1 to 3.
fn three() -> (Bucket, UploadId) {
    let mut bucket = Bucket::new();
    let id = bucket.open(&Sent::none());
    for (number, length) in [(1, PART), (2, PART + 1), (3, 5)] {
        assert_eq!(
            accepted(bucket.upload(&id, number, length)),
            etag_of(length)
        );
    }
    (bucket, id)
}

#[test]
fn no_such_upload_has_an_ec_for_each_operation() {
    let (mut bucket, open) = three();
    accepted(bucket.put("source", &Sent::none()));
    let aborted = bucket.open(&Sent::none());
    accepted(bucket.step(|service| service.abort(OBJECT, &aborted)));
    let completed = bucket.open(&Sent::none());
    accepted(bucket.upload(&completed, 1, 1));
    accepted(bucket.complete(&completed, &list(&[(1, 1)])));
    for id in [&unknown(), &aborted, &completed] {
        let not_found = |ec| (404, Some("NoSuchUpload"), Some(ec));
        let answers = [
            answer(bucket.step(|service| service.abort(OBJECT, id))),
            answer(bucket.step(|service| service.list_parts(OBJECT, id, None, 0))),
            answer(bucket.upload(id, 1, 1)),
            answer(bucket.step(|service| {
                service.upload_part_copy(OBJECT, id, Some("1"), "source", body(1))
            })),
            answer(bucket.complete(id, &list(&[(1, 1)]))),
        ];
        assert_eq!(
            answers,
            [
                not_found("0042-00000002"),
                not_found("0042-00000002"),
                not_found("0042-00000104"),
                not_found("0042-00000311"),
                not_found("0017-00000244"),
            ],
            "{id}"
        );
    }
    // An id belongs to its object.
    let other = bucket.step(|service| service.abort("other.data", &open));
    refused(&other, rules::UPLOAD_UNKNOWN_LIST, 404, "NoSuchUpload");
    // Other ids of the same object live on.
    accepted(bucket.step(|service| service.abort(OBJECT, &open)));
}

#[test]
fn part_numbers_0017_00000219_and_220() {
    let (mut bucket, id) = three();
    let mut upload = |number: Option<&str>| {
        answer(bucket.step(|service| {
            service.upload_part(OBJECT, &id, number, &Sent::none().headers(), body(1))
        }))
    };
    let invalid = |ec| (400, Some("InvalidArgument"), Some(ec));
    for number in [None, Some("")] {
        assert_eq!(upload(number), invalid("0017-00000219"), "{number:?}");
    }
    for number in [
        "0",
        "10001",
        "STR",
        "-1",
        "1.0",
        "+1",
        " 1",
        "18446744073709551617",
        "１",
    ] {
        assert_eq!(upload(Some(number)), invalid("0017-00000220"), "{number}");
    }
    for number in [1, 10_000] {
        accepted(bucket.upload(&id, number, 1));
    }
}

#[test]
fn malformed_xml_0042_00000205() {
    let (mut bucket, id) = three();
    let whole = list(&[(1, PART)]);
    for body in [
        "",
        "<CompleteMultipartUpload/>",
        "{}",
        &whole[..whole.len() - 1],
        &whole.replace("Part>", "part>"),
    ] {
        let verdict = bucket.complete(&id, body);
        refused(&verdict, rules::PART_LIST_XML, 400, "MalformedXML");
        assert_eq!(rules::PART_LIST_XML.ec, Some("0042-00000205"));
    }
}

#[test]
fn invalid_part_order_0042_00000209() {
    let (mut bucket, id) = three();
    for parts in [
        [(2, PART + 1), (1, PART)].as_slice(),
        &[(1, PART), (3, 5), (2, PART + 1)],
        &[(3, 5), (1, PART)],
    ] {
        let verdict = bucket.complete(&id, &list(parts));
        refused(&verdict, rules::PART_LIST_ORDER, 400, "InvalidPartOrder");
    }
    assert_eq!(rules::PART_LIST_ORDER.ec, Some("0042-00000209"));
    for number in [0, 10_001] {
        let mut parts = [(1, PART), (number, 5)];
        parts.sort_unstable();
        let verdict = bucket.complete(&id, &list(&parts));
        refused(&verdict, rules::PART_LIST_NUMBER, 400, "InvalidPartOrder");
    }
    // Ten comes after nine.
    accepted(bucket.upload(&id, 10, PART));
    accepted(bucket.upload(&id, 9, PART));
    accepted(bucket.complete(&id, &list(&[(9, PART), (10, PART)])));
}

#[test]
fn invalid_part_and_a_corrected_complete_after_it() {
    let (mut bucket, id) = three();
    let whole = list(&[(1, PART), (2, PART + 1), (3, 5)]);
    for wrong in [
        list(&[(1, PART), (2, PART), (3, 5)]),
        list(&[(1, PART), (2, PART + 1), (4, 5)]),
        whole.replace(&etag_of(5), ""),
    ] {
        let verdict = bucket.complete(&id, &wrong);
        refused(&verdict, rules::PART_LIST_PART, 400, "InvalidPart");
    }
    let completed = accepted(bucket.complete(&id, &whole));
    let digests = [PART, PART + 1, 5].map(|length| body(length).md5);
    assert_eq!(completed.etag, etag::of_object(&digests));
}

#[test]
fn the_case_of_an_etag_is_nobodys_fault() {
    let (mut bucket, id) = three();
    let whole = list(&[(1, PART), (2, PART + 1), (3, 5)]);
    accepted(bucket.complete(&id, &whole.replace(&etag_of(5), &etag_of(5).to_lowercase())));
}

#[test]
fn quotes_around_an_etag_are_optional() {
    for quote in ["", "&quot;", "&#34;", "&#x22;", "\""] {
        let (mut bucket, id) = three();
        let spelt = list(&[(1, PART), (2, PART + 1)]).replace('"', quote);
        accepted(bucket.complete(&id, &spelt));
    }
}

#[test]
fn entity_too_small_0042_00000213_wherever_the_small_part_stands() {
    assert_eq!(rules::PART_TOO_SMALL.ec, Some("0042-00000213"));
    for small in [1, 2, 3] {
        let mut bucket = Bucket::new();
        let id = bucket.open(&Sent::none());
        let parts: Vec<_> = (1..=4)
            .map(|number| (number, if number == small { PART - 1 } else { PART }))
            .collect();
        for (number, length) in &parts {
            // The floor is checked at Complete only.
            accepted(bucket.upload(&id, *number, *length));
        }
        let verdict = bucket.complete(&id, &list(&parts));
        refused(&verdict, rules::PART_TOO_SMALL, 400, "EntityTooSmall");
    }
    // The last listed part has no floor, nor has a sole one.
    let (mut bucket, id) = three();
    accepted(bucket.complete(&id, &list(&[(1, PART), (3, 5)])));
    let (mut bucket, id) = three();
    accepted(bucket.complete(&id, &list(&[(3, 5)])));
}

#[test]
fn three_of_ten_parts_listed_make_an_object_of_three() {
    let mut bucket = Bucket::new();
    let id = bucket.open(&Sent::none());
    for number in 1..=10 {
        accepted(bucket.upload(&id, number, PART + number));
    }
    let parts = [(2, PART + 2), (5, PART + 5), (9, PART + 9)];
    let completed = accepted(bucket.complete(&id, &list(&parts)));
    assert_eq!(
        completed.etag,
        etag::of_object(&parts.map(|(_, length)| body(length).md5))
    );
    assert!(completed.etag.ends_with("-3"));
    let found = accepted(bucket.step(|service| service.head(OBJECT)));
    assert_eq!(found.object.length(), 3 * PART + 16);
    let contents: Vec<_> = found.object.parts.iter().map(|part| part.content).collect();
    assert_eq!(contents, parts.map(|(_, length)| length));
}

#[test]
fn complete_all_lists_what_is_stored_and_forbids_a_body() {
    let (mut bucket, id) = three();
    let all = Sent::none().plain("x-oss-complete-all", "yes");
    let verdict = bucket.complete_with(&id, &list(&[(1, PART)]), &all);
    refused(&verdict, rules::COMPLETE_ALL_BODY, 400, "InvalidArgument");
    assert_eq!(rules::COMPLETE_ALL_BODY.ec, Some("0042-00000216"));
    let completed = accepted(bucket.complete_with(&id, "", &all));
    assert_eq!(
        completed.etag,
        etag::of_object(&[PART, PART + 1, 5].map(|length| body(length).md5))
    );
    // A missing part is not noticed.
    let id = bucket.open(&Sent::none());
    accepted(bucket.upload(&id, 1, PART));
    accepted(bucket.upload(&id, 7, PART));
    assert!(
        accepted(bucket.complete_with(&id, "", &all))
            .etag
            .ends_with("-2")
    );
    let empty = bucket.open(&Sent::none());
    let verdict = bucket.complete_with(&empty, "", &all);
    assert_eq!(rules_of(&verdict), ["complete-nothing"]);
    assert!(!verdict.admits_acceptance());
}

#[test]
fn file_already_exists() {
    let (mut bucket, id) = three();
    let forbid = Sent::none().plain("x-oss-forbid-overwrite", "true");
    let first = bucket.open(&Sent::none());
    accepted(bucket.upload(&first, 1, 7));
    accepted(bucket.complete_with(&first, &list(&[(1, 7)]), &forbid));
    let verdict = bucket.complete_with(&id, &list(&[(1, PART)]), &forbid);
    refused(&verdict, rules::FORBID_OVERWRITE, 409, "FileAlreadyExists");
    let allow = Sent::none().plain("x-oss-forbid-overwrite", "false");
    accepted(bucket.complete_with(&id, &list(&[(1, PART)]), &allow));
}

#[test]
fn invalid_digest_and_invalid_crc64() {
    const BYTES: &[u8] = b"123456789";
    let mut service: Service<&[u8]> = Service::new();
    let id = accepted(service.initiate(OBJECT, &Sent::none().headers()));
    let before = service.clone();
    let wrong_md5 = Sent::none()
        .plain("Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg==")
        .headers();
    let wrong_crc = Sent::none().plain("x-oss-hash-crc64ecma", "1").headers();
    let list = "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>25F9E794323B453885F5181F1B624D0B</ETag></Part></CompleteMultipartUpload>".as_bytes();
    let md5 = |verdict: &_| refused(verdict, rules::CONTENT_MD5, 400, "InvalidDigest");
    md5(&service.upload_part(OBJECT, &id, Some("1"), &wrong_md5, Body::of(BYTES)));
    md5(&service.put(OBJECT, &wrong_md5, Body::of(BYTES)));
    for verdict in [
        service.upload_part(OBJECT, &id, Some("1"), &wrong_crc, Body::of(BYTES)),
        service.put(OBJECT, &wrong_crc, Body::of(BYTES)),
    ] {
        refused(&verdict, rules::CRC64_DECLARED, 400, "InvalidCRC64");
    }
    assert_eq!(service, before);
    let right = Sent::none()
        .plain("Content-MD5", "JfnnlDI7RTiF9RgfG2JNCw==")
        .plain("x-oss-hash-crc64ecma", "11051210869376104954")
        .headers();
    let etag = accepted(service.upload_part(OBJECT, &id, Some("1"), &right, Body::of(BYTES)));
    assert_eq!(etag, "25F9E794323B453885F5181F1B624D0B");
    let before = service.clone();
    let verdict = service.complete(OBJECT, &id, &wrong_md5, list);
    refused(&verdict, rules::CONTENT_MD5, 400, "InvalidDigest");
    assert_eq!(service, before);
    accepted(service.complete(OBJECT, &id, &Sent::none().headers(), list));
}

#[test]
fn an_object_has_the_crc64_of_its_bytes() {
    let bytes: Vec<u8> = (0..=255).cycle().take(250_000).collect();
    let mut service: Service<&[u8]> = Service::new();
    let id = accepted(service.initiate(OBJECT, &Sent::none().headers()));
    let mut entries = String::new();
    for (number, part) in (1..).zip(bytes.chunks(102_400)) {
        let number: String = u64::to_string(&number);
        let etag = accepted(service.upload_part(
            OBJECT,
            &id,
            Some(&number),
            &Sent::none().headers(),
            Body::of(part),
        ));
        entries += &format!("<Part><ETag>{etag}</ETag><PartNumber>{number}</PartNumber></Part>");
    }
    let list = format!("<CompleteMultipartUpload>{entries}</CompleteMultipartUpload>");
    let completed =
        accepted(service.complete(OBJECT, &id, &Sent::none().headers(), list.as_bytes()));
    assert_eq!(completed.crc64, partproof_model::crc64::checksum(&bytes));
    let found = accepted(service.get(OBJECT, &Sent::none().headers()));
    let stored: Vec<u8> = found
        .object
        .parts
        .iter()
        .flat_map(|part| part.content)
        .copied()
        .collect();
    assert_eq!(stored, bytes);
    assert_eq!(
        (found.object.etag, found.object.crc64),
        (completed.etag, completed.crc64)
    );
}

#[test]
fn lists_come_in_pages() {
    let mut bucket = Bucket::new();
    let id = bucket.open(&Sent::none());
    for number in (1..=1_005).rev() {
        accepted(bucket.upload(&id, number * 2, number));
    }
    let mut page =
        |max, marker| accepted(bucket.step(|service| service.list_parts(OBJECT, &id, max, marker)));
    let first = page(None, 0);
    assert_eq!(
        (first.parts.len(), first.is_truncated, first.max_parts),
        (1_000, true, 1_000)
    );
    assert_eq!(first.client_encryption, None);
    let marker = first.next_part_number_marker.expect("there is more").get();
    assert_eq!(marker, 2_000);
    let second = page(None, marker);
    assert_eq!((second.parts.len(), second.is_truncated), (5, false));
    let all = first.parts.into_iter().chain(second.parts);
    for (part, number) in all.zip(1_u64..) {
        assert_eq!(
            (part.number.get(), part.size, part.etag),
            (number * 2, number, etag_of(number))
        );
        assert_eq!(part.crc64, body(number).crc64);
    }
    // By twos, and with a marker between two numbers.
    let numbers = |parts: Vec<partproof_model::service::ListedPart>| -> Vec<u64> {
        parts.into_iter().map(|part| part.number.get()).collect()
    };
    assert_eq!(numbers(page(Some(2), 3).parts), [4, 6]);
    assert_eq!(numbers(page(Some(2), 4).parts), [6, 8]);
    let end = page(Some(2), 2_006);
    assert_eq!(
        (numbers(end.parts), end.is_truncated),
        (vec![2_008, 2_010], false)
    );
    assert_eq!(page(None, 2_010).parts, []);
}

#[test]
fn a_part_number_used_again_replaces_the_part() {
    let (mut bucket, id) = three();
    accepted(bucket.upload(&id, 2, PART + 9));
    let old = bucket.complete(&id, &list(&[(1, PART), (2, PART + 1)]));
    refused(&old, rules::PART_LIST_PART, 400, "InvalidPart");
    accepted(bucket.complete(&id, &list(&[(1, PART), (2, PART + 9)])));
}

#[test]
fn initiate_makes_a_new_id_and_touches_no_object() {
    let mut bucket = Bucket::new();
    accepted(bucket.put(OBJECT, &Sent::none()));
    let given = UploadId(format!("{:032X}", 3));
    let headers = Sent::none().headers();
    let mut ids = vec![
        bucket.open(&Sent::none()),
        accepted(bucket.step(|service| service.initiate_as(OBJECT, &headers, given))),
        bucket.open(&Sent::none()),
        bucket.open(&Sent::none()),
    ];
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 4);
    assert_eq!(bucket.service.uploads().count(), 4);
    assert_eq!(bucket.service.objects().count(), 1);
}

#[test]
fn abort_frees_the_parts() {
    let (mut bucket, id) = three();
    let before = Bucket::new();
    accepted(bucket.step(|service| service.abort(OBJECT, &id)));
    assert_eq!(
        bucket.service.uploads().count(),
        before.service.uploads().count()
    );
    assert_eq!(bucket.service.objects().count(), 0);
}

/// The exchange that the vendor recorded: the ETag is over the parts' upper-case ETags, not over their raw digests.
#[test]
fn the_recorded_object_etag() {
    let mut bucket = Bucket::new();
    let id = bucket.open(&Sent::none());
    let headers = Sent::none().headers();
    let mut entries = String::new();
    for (number, etag, md5) in [
        (
            "1",
            "4DE8075FB607DF4D13FBC480EA488EFA",
            0x4de8_075f_b607_df4d_13fb_c480_ea48_8efa_u128,
        ),
        (
            "2",
            "AF947EC157726CEA88ED83B3C989063B",
            0xaf94_7ec1_5772_6cea_88ed_83b3_c989_063b,
        ),
    ] {
        let body = Body {
            md5: md5.to_be_bytes(),
            ..body(PART)
        };
        let given =
            bucket.step(|service| service.upload_part(OBJECT, &id, Some(number), &headers, body));
        assert_eq!(accepted(given), etag);
        entries += &format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>");
    }
    let list = format!("<CompleteMultipartUpload>{entries}</CompleteMultipartUpload>");
    let completed = accepted(bucket.complete(&id, &list));
    assert_eq!(completed.etag, "1C787C506EABFB9B45EAAA8DB039F4B2-2");
}
