//! Lists that a reader reads and the service refuses, and right ones beside them.

use super::*;

pub(super) fn refused(upload: &ListedUpload) -> Vec<PartListTest> {
    let of = |comment: &str, own: &[&str], body: String| {
        list_test(comment, own, upload, body.as_bytes(), None)
    };
    let quoted = |number: u64| format!("\"{}\"", etag_of(number));
    let of_parts = |parts: &[(u64, String)]| {
        let parts: String = parts
            .iter()
            .map(|(number, etag)| part(number, etag))
            .collect();
        root(&parts)
    };
    vec![
        of("2, 1, 3", &["WrongOrder"], plain(&[2, 1, 3])),
        of("3, 2, 1", &["WrongOrder"], plain(&[3, 2, 1])),
        of(
            "part 2 twice, in the place of part 3",
            &["DuplicatePart"],
            plain(&[1, 2, 2]),
        ),
        of(
            "part 1 twice, all there",
            &["DuplicatePart", "CountExceeded"],
            plain(&[1, 1, 2, 3]),
        ),
        of(
            "part 2 again at the end",
            &["DuplicatePart", "WrongOrder", "CountExceeded"],
            plain(&[1, 2, 3, 2]),
        ),
        of(
            "a fourth part",
            &["CountExceeded", "UnknownPart"],
            plain(&[1, 2, 3, 4]),
        ),
        of("part 3 is missing", &["CountShort"], plain(&[1, 2])),
        of("part 1 is missing", &["CountShort"], plain(&[2, 3])),
        of("part 2 is missing", &["CountShort"], plain(&[1, 3])),
        of("only part 1", &["CountShort"], plain(&[1])),
        of(
            "part 4 in the place of part 3",
            &["UnknownPart"],
            plain(&[1, 2, 4]),
        ),
        of(
            "ETags of parts 2 and 3 swapped",
            &["WrongETag"],
            of_parts(&[(1, quoted(1)), (2, quoted(3)), (3, quoted(2))]),
        ),
        of(
            "an ETag that is none of them",
            &["WrongETag"],
            of_parts(&[(1, quoted(1)), (2, quoted(2)), (3, quoted(9))]),
        ),
        of(
            "an empty ETag",
            &["WrongETag"],
            of_parts(&[(1, quoted(1)), (2, quoted(2)), (3, String::new())]),
        ),
        of(
            "a quote at one end",
            &["WrongETag", "Quotes"],
            of_parts(&[
                (1, quoted(1)),
                (2, quoted(2)),
                (3, format!("\"{}", etag_of(3))),
            ]),
        ),
        of(
            "escaped twice",
            &["WrongETag", "Quotes"],
            of_parts(&[
                (1, quoted(1)),
                (2, quoted(2)),
                (3, format!("&amp;quot;{}&amp;quot;", etag_of(3))),
            ]),
        ),
        of(
            "quotes doubled",
            &["WrongETag", "Quotes"],
            of_parts(&[
                (1, quoted(1)),
                (2, quoted(2)),
                (3, format!("\"\"{}\"\"", etag_of(3))),
            ]),
        ),
        of(
            "an ETag cut by a character",
            &["WrongETag"],
            of_parts(&[
                (1, quoted(1)),
                (2, quoted(2)),
                (3, format!("\"{}\"", &etag_of(3)[1..])),
            ]),
        ),
        of(
            "part 0",
            &["NumberOutOfRange"],
            of_parts(&[(0, quoted(1)), (1, quoted(1)), (2, quoted(2))]),
        ),
        of(
            "numbered from zero",
            &["NumberOutOfRange"],
            of_parts(&[(0, quoted(1)), (1, quoted(2)), (2, quoted(3))]),
        ),
        of(
            "part 10,001",
            &["NumberOutOfRange"],
            of_parts(&[(1, quoted(1)), (2, quoted(2)), (10_001, quoted(3))]),
        ),
        of(
            "part 2^32 + 3",
            &["NumberOutOfRange"],
            of_parts(&[(1, quoted(1)), (2, quoted(2)), ((1 << 32) + 3, quoted(3))]),
        ),
    ]
}

pub(super) fn ordered(upload: &ListedUpload) -> Vec<PartListTest> {
    let of = |comment: &str, own: &[&str], numbers: &[u64]| {
        list_test(comment, own, upload, plain(numbers).as_bytes(), None)
    };
    vec![
        of(
            "12 parts",
            &["Normal"],
            &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
        ),
        of(
            "as text is sorted",
            &["WrongOrder"],
            &[1, 10, 11, 12, 2, 3, 4, 5, 6, 7, 8, 9],
        ),
        of(
            "the last part first",
            &["WrongOrder"],
            &[12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
        ),
        of(
            "10 of 12",
            &["CountShort"],
            &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
        ),
        of(
            "2 of 12: a vendor's test asserts the error for 2 of 11",
            &["CountShort"],
            &[1, 2],
        ),
        of(
            "the last is lost",
            &["CountShort"],
            &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
        ),
        of(
            "one part too many",
            &["CountExceeded", "UnknownPart"],
            &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13],
        ),
    ]
}

pub(super) fn counted(upload: &ListedUpload) -> Vec<PartListTest> {
    let of = |comment: &str, own: &[&str], body: &str| {
        list_test(comment, own, upload, body.as_bytes(), None)
    };
    let page = root(
        &[
            part(1, "\"3349DC700140D7F86A0784842780****\""),
            part(5, "\"8EFDA8BE206636A695359836FE0A****\""),
            part(8, "\"8C315065167132444177411FDA14****\""),
        ]
        .concat(),
    );
    vec![
        of(
            "the page's list",
            &["Documented", "CountExceeded", "UnknownPart"],
            &page,
        ),
        of(
            "parts 1, 2 and 3",
            &["CountExceeded", "UnknownPart"],
            &plain(&[1, 2, 3]),
        ),
        of("the page's remedy: two parts", &["Normal"], &plain(&[1, 2])),
        of("one part of two", &["CountShort"], &plain(&[1])),
    ]
}

pub(super) fn single(upload: &ListedUpload) -> Vec<PartListTest> {
    let of = |comment: &str, own: &[&str], numbers: &[u64]| {
        list_test(comment, own, upload, plain(numbers).as_bytes(), None)
    };
    vec![
        of("one part", &["Normal"], &[1]),
        of("part 1 twice", &["DuplicatePart", "CountExceeded"], &[1, 1]),
        of("part 2 for part 1", &["UnknownPart"], &[2]),
        of(
            "a part for an empty end",
            &["CountExceeded", "UnknownPart"],
            &[1, 2],
        ),
    ]
}
