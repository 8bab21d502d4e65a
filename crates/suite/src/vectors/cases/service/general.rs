//! The general rules of multipart uploads: ids, numbers, lists, order, pages.

use data_encoding::BASE64;
use partproof_model::{crc64, etag};

use super::steps::*;
use crate::vectors::service::{ServiceTest, Step};
use crate::vectors::value::PlaintextValue;

const FLOOR: u64 = 102_400;

pub(super) fn tests() -> Vec<ServiceTest> {
    let mut tests = ids();
    tests.extend(numbers());
    tests.extend(lists());
    tests.extend(pages());
    tests.extend(headers());
    tests
}

fn small() -> Fields {
    full("5", "102400")
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

fn lists() -> Vec<ServiceTest> {
    let of_case = ServiceTest::of;
    let plain = |numbers: &[(u64, u64)]| {
        let mut steps = vec![initiate(Fields::new())];
        steps.extend(
            numbers
                .iter()
                .map(|(number, length)| part(*number, *length)),
        );
        steps
    };
    let then = |mut steps: Vec<Step>, list: &str| {
        steps.push(complete(list));
        steps
    };
    let three = [(1, FLOOR), (5, FLOOR), (9, 7)];
    vec![
        of_case(
            "numbers with gaps",
            &["PlainUpload"],
            then(plain(&three), &list(&three)),
        ),
        of_case(
            "a subset: the others are dropped",
            &["PlainUpload"],
            then(plain(&three), &list(&[(1, FLOOR), (9, 7)])),
        ),
        of_case(
            "descending",
            &["PartOrder"],
            then(plain(&three), &list(&[(5, FLOOR), (1, FLOOR)])),
        ),
        of_case(
            "one part twice",
            &["PartOrder"],
            then(plain(&three), &list(&[(1, FLOOR), (1, FLOOR)])),
        ),
        of_case(
            "a part that was not uploaded",
            &["PartUnknown"],
            then(plain(&three), &list(&[(1, FLOOR), (2, FLOOR)])),
        ),
        of_case(
            "an ETag of another part",
            &["PartUnknown"],
            then(
                plain(&three),
                &list_of(&[(1, etag_of(1, FLOOR)), (5, etag_of(9, 7))]),
            ),
        ),
        of_case(
            "after a wrong list the right one completes",
            &["PartUnknown", "AfterRefusal"],
            {
                let mut steps = then(plain(&[(1, 5)]), &list(&[(2, 5)]));
                steps.push(complete(&list(&[(1, 5)])));
                steps
            },
        ),
        of_case(
            "a small part that is not the last",
            &["PartTooSmall"],
            then(
                plain(&[(1, FLOOR - 1), (2, 5)]),
                &list(&[(1, FLOOR - 1), (2, 5)]),
            ),
        ),
        of_case(
            "a small part that is the last",
            &["PlainUpload"],
            then(plain(&[(1, FLOOR), (2, 5)]), &list(&[(1, FLOOR), (2, 5)])),
        ),
        of_case(
            "an empty part alone",
            &["PlainUpload", "EmptyObject"],
            then(plain(&[(1, 0)]), &list(&[(1, 0)])),
        ),
        of_case(
            "part 10,001 is listed",
            &["PartUnknown"],
            then(plain(&[(1, FLOOR)]), &list(&[(1, FLOOR), (10_001, 5)])),
        ),
        of_case("no body", &["MalformedXml"], then(plain(&[(1, 5)]), "")),
        of_case(
            "no part",
            &["MalformedXml"],
            then(
                plain(&[(1, 5)]),
                "<CompleteMultipartUpload></CompleteMultipartUpload>",
            ),
        ),
        of_case(
            "JSON",
            &["MalformedXml"],
            then(plain(&[(1, 5)]), "{\"parts\":[1]}"),
        ),
        of_case(
            "a part without its ETag",
            &["MalformedXml"],
            then(
                plain(&[(1, 5)]),
                "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber></Part></CompleteMultipartUpload>",
            ),
        ),
        of_case(
            "several breaches at once: any may be reported",
            &["PartOrder", "CountExceeded", "PartUnknown"],
            vec![
                initiate(small()),
                part(1, 5),
                complete(&list(&[(3, 5), (2, 5), (1, 5)])),
            ],
        ),
    ]
}

fn pages() -> Vec<ServiceTest> {
    let of_case = ServiceTest::of;
    let mut five = vec![initiate(Fields::new())];
    five.extend([9, 1, 4, 2, 7].map(|number| part(number, 5 + number)));
    let listed = |mut steps: Vec<Step>, max, marker| {
        steps.push(list_parts(max, marker));
        steps
    };
    vec![
        of_case(
            "all parts, ascending",
            &["ListPages"],
            listed(five.clone(), None, None),
        ),
        of_case(
            "the first two",
            &["ListPages"],
            listed(five.clone(), Some(2), None),
        ),
        of_case(
            "the next two",
            &["ListPages"],
            listed(five.clone(), Some(2), Some(2)),
        ),
        of_case(
            "the last",
            &["ListPages"],
            listed(five.clone(), Some(2), Some(7)),
        ),
        of_case(
            "a marker between two parts",
            &["ListPages"],
            listed(five.clone(), Some(10), Some(5)),
        ),
        of_case(
            "a marker past the end",
            &["ListPages"],
            listed(five.clone(), None, Some(9)),
        ),
        of_case(
            "exactly as many as there are",
            &["ListPages"],
            listed(five.clone(), Some(5), None),
        ),
        of_case(
            "max-parts 1,000",
            &["ListPages"],
            listed(five.clone(), Some(1_000), None),
        ),
        of_case(
            "max-parts 0",
            &["ListPages"],
            listed(five.clone(), Some(0), None),
        ),
        of_case(
            "max-parts 1,001",
            &["ListPages"],
            listed(five, Some(1_001), None),
        ),
        of_case(
            "no part yet",
            &["ListPages"],
            vec![initiate(small()), list_parts(None, None)],
        ),
        of_case(
            "a replaced part is listed once, as it is now",
            &["ListPages", "PartReplaced"],
            vec![
                initiate(Fields::new()),
                part(1, 5),
                part(1, 6),
                list_parts(None, None),
            ],
        ),
        of_case(
            "a refused part is not listed",
            &["ListPages", "LastPartLength"],
            vec![
                initiate(small()),
                part_with(1, 6, small()),
                list_parts(None, None),
            ],
        ),
    ]
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
