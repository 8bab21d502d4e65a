//! The general rules of multipart uploads: ids, numbers, headers.

use data_encoding::BASE64;
use partproof_model::{crc64, etag};

use super::steps::*;
use super::{pages, part_lists};
use crate::vectors::service::{ServiceTest, Step};
use crate::vectors::value::PlaintextValue;

const FLOOR: u64 = 102_400;

pub(super) fn tests() -> Vec<ServiceTest> {
    let mut tests = ids();
    tests.extend(numbers());
    tests.extend(part_lists::tests());
    tests.extend(pages::tests());
    tests.extend(headers());
    tests
}

fn ids() -> Vec<ServiceTest> {
    let of_case = ServiceTest::of;
    let one = list(&[(1, 5)]);
    vec![
        of_case(
            "a part of an unknown upload",
            &["UploadGone"],
            vec![part(1, 5)],
        ),
        of_case(
            "a list of an unknown upload",
            &["UploadGone"],
            vec![list_parts(None, None)],
        ),
        of_case(
            "completing an unknown upload",
            &["UploadGone"],
            vec![complete(&one)],
        ),
        of_case("aborting an unknown upload", &["UploadGone"], vec![abort()]),
        of_case(
            "aborted",
            &["Upload"],
            vec![initiate(small()), part(1, 5), abort()],
        ),
        of_case(
            "a part after the abort",
            &["UploadGone"],
            vec![initiate(small()), abort(), part(1, 5)],
        ),
        of_case(
            "completing after the abort",
            &["UploadGone"],
            vec![initiate(small()), part(1, 5), abort(), complete(&one)],
        ),
        of_case(
            "aborting twice",
            &["UploadGone"],
            vec![initiate(small()), abort(), abort()],
        ),
        of_case(
            "completing twice",
            &["UploadGone"],
            vec![
                initiate(small()),
                part(1, 5),
                complete(&one),
                complete(&one),
            ],
        ),
        of_case(
            "a part after completing",
            &["UploadGone"],
            vec![initiate(small()), part(1, 5), complete(&one), part(1, 5)],
        ),
        of_case(
            "listing after completing",
            &["UploadGone"],
            vec![
                initiate(small()),
                part(1, 5),
                complete(&one),
                list_parts(None, None),
            ],
        ),
        of_case(
            "the upload of another object",
            &["UploadGone"],
            vec![initiate(small()), on("other", part(1, 5))],
        ),
        of_case(
            "an upload whose Initiate was refused",
            &["UploadGone", "DataSizeMissing"],
            vec![initiate(without(small(), "data-size")), part(1, 5)],
        ),
    ]
}

fn numbers() -> Vec<ServiceTest> {
    let mut tests = Vec::new();
    let numbered = |text: &str| Step {
        part_number: Some(text.to_owned()),
        ..part(1, 5)
    };
    for text in [
        "0",
        "10001",
        "STR",
        "-1",
        "+1",
        "1.0",
        "4294967297",
        "18446744073709551617",
        " 1",
    ] {
        tests.push(ServiceTest::of(
            &format!("part number {text:?}"),
            &["PartNumberRange"],
            vec![initiate(Fields::new()), numbered(text)],
        ));
    }
    let unnumbered = Step {
        part_number: None,
        ..part(1, 5)
    };
    tests.push(ServiceTest::of(
        "no part number",
        &["PartNumberMissing"],
        vec![initiate(Fields::new()), unnumbered],
    ));
    tests.push(ServiceTest::of(
        "an empty part number",
        &["PartNumberMissing"],
        vec![initiate(Fields::new()), numbered("")],
    ));
    tests.push(ServiceTest::of(
        "part 10,000 of a plain upload",
        &["PlainUpload"],
        vec![
            initiate(Fields::new()),
            part(10_000, 5),
            complete(&list(&[(10_000, 5)])),
        ],
    ));
    tests.push(ServiceTest::of(
        "a bad number and an unknown upload: either may be reported",
        &["PartNumberRange", "UploadGone"],
        vec![numbered("0")],
    ));
    tests
}

fn headers() -> Vec<ServiceTest> {
    let of_case = ServiceTest::of;
    let body = PlaintextValue::Seeded { seed: 1, length: 5 }.bytes();
    let md5 = BASE64.encode(&etag::md5(&body));
    let crc = crc64::checksum(&body).to_string();
    let all = fields(&[("x-oss-complete-all", "yes")]);
    let forbid = fields(&[("x-oss-forbid-overwrite", "true")]);
    let one = list(&[(1, 5)]);
    let list_md5 = BASE64.encode(&etag::md5(one.as_bytes()));
    vec![
        of_case(
            "the right Content-MD5",
            &["ContentMd5"],
            vec![
                initiate(small()),
                part_with(1, 5, fields(&[("Content-MD5", &md5)])),
            ],
        ),
        of_case(
            "a wrong Content-MD5, as that of a plaintext",
            &["ContentMd5"],
            vec![
                initiate(small()),
                part_with(1, 5, fields(&[("Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg==")])),
            ],
        ),
        of_case(
            "a Content-MD5 in hexadecimal",
            &["ContentMd5"],
            vec![
                initiate(small()),
                part_with(1, 5, fields(&[("Content-MD5", &etag_of(1, 5))])),
            ],
        ),
        of_case(
            "the right Content-MD5 of a list",
            &["ContentMd5"],
            vec![
                initiate(small()),
                part(1, 5),
                complete_with(&one, fields(&[("Content-MD5", &list_md5)])),
            ],
        ),
        of_case(
            "a wrong Content-MD5 of a list",
            &["ContentMd5"],
            vec![
                initiate(small()),
                part(1, 5),
                complete_with(&one, fields(&[("Content-MD5", &md5)])),
            ],
        ),
        of_case(
            "the right CRC-64",
            &["Crc64"],
            vec![
                initiate(small()),
                part_with(1, 5, fields(&[("x-oss-hash-crc64ecma", &crc)])),
            ],
        ),
        of_case(
            "a wrong CRC-64",
            &["Crc64"],
            vec![
                initiate(small()),
                part_with(1, 5, fields(&[("x-oss-hash-crc64ecma", "1")])),
            ],
        ),
        of_case(
            "complete-all",
            &["CompleteAll", "Upload"],
            vec![
                initiate(small()),
                part(1, 5),
                complete_with("", all.clone()),
            ],
        ),
        of_case(
            "complete-all with a list",
            &["CompleteAll"],
            vec![
                initiate(small()),
                part(1, 5),
                complete_with(&one, all.clone()),
            ],
        ),
        of_case(
            "complete-all with a part missing",
            &["CompleteAll", "CountShort"],
            vec![
                initiate(full("102405", "102400")),
                part(1, FLOOR),
                complete_with("", all.clone()),
            ],
        ),
        of_case(
            "complete-all of nothing",
            &["CompleteAll"],
            vec![initiate(small()), complete_with("", all.clone())],
        ),
        of_case(
            "complete-all of a plain upload with gaps",
            &["CompleteAll", "PlainUpload"],
            vec![
                initiate(Fields::new()),
                part(9, 5),
                part(3, FLOOR),
                complete_with("", all),
            ],
        ),
        of_case(
            "forbid-overwrite, nothing there",
            &["ForbidOverwrite", "Upload"],
            vec![
                initiate(small()),
                part(1, 5),
                complete_with(&one, forbid.clone()),
            ],
        ),
        of_case(
            "forbid-overwrite, the object exists",
            &["ForbidOverwrite"],
            vec![
                put(Fields::new(), 3),
                initiate(small()),
                part(1, 5),
                complete_with(&one, forbid.clone()),
            ],
        ),
        of_case(
            "forbid-overwrite refused, then without it",
            &["ForbidOverwrite", "AfterRefusal"],
            vec![
                put(Fields::new(), 3),
                initiate(small()),
                part(1, 5),
                complete_with(&one, forbid),
                complete(&one),
                head(),
            ],
        ),
        of_case(
            "without it the object is replaced",
            &["ForbidOverwrite", "Upload"],
            vec![
                put(Fields::new(), 3),
                initiate(small()),
                part(1, 5),
                complete(&one),
                head(),
            ],
        ),
    ]
}
