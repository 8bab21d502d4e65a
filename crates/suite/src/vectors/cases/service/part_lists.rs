//! Part lists: their order, their parts, the smallest part.

use super::steps::*;
use crate::vectors::service::{ServiceTest, Step};

const FLOOR: u64 = 102_400;

pub(super) fn tests() -> Vec<ServiceTest> {
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
