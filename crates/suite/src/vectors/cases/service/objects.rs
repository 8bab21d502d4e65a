//! Puts, copies, names and range reads.

use super::steps::*;
use crate::vectors::service::{ServiceTest, Step};

const RANGES: [(&str, &str); 18] = [
    ("bytes=0-499", "the first half"),
    ("bytes=500-", "the second half"),
    ("bytes=0-", "all of it"),
    ("bytes=0-0", "the first byte"),
    ("bytes=999-999", "the last byte"),
    ("bytes=-1", "the last byte as a suffix"),
    ("bytes=-500", "the second half as a suffix"),
    ("bytes=-1000", "all of it as a suffix"),
    ("bytes=500-2000", "the end is beyond the object"),
    ("bytes=0-1000", "the end is one beyond the object"),
    ("bytes=1000-2000", "the start is beyond the object"),
    ("bytes=1000-", "the start is the length"),
    ("bytes=-2000", "a suffix longer than the object"),
    ("bytes=-0", "an empty suffix"),
    ("bytes=9-2", "the end is before the start"),
    ("byte=0-499", "another unit"),
    ("bytes=a-b", "no numbers"),
    ("bytes=0-499,500-999", "two ranges"),
];

pub(super) fn tests() -> Vec<ServiceTest> {
    let mut tests = puts();
    tests.extend(copies());
    tests.extend(names());
    tests.extend(ranges());
    tests
}

fn encrypted_upload() -> Vec<Step> {
    vec![
        initiate(full("5", "102400")),
        part(1, 5),
        complete(&list(&[(1, 5)])),
    ]
}

fn puts() -> Vec<ServiceTest> {
    let of_case = ServiceTest::of;
    vec![
        of_case(
            "an encrypted put",
            &["PutEncrypted"],
            vec![put(put_fields(), 9), head(), get(Fields::new())],
        ),
        of_case(
            "an encrypted put with sizes",
            &["PutEncrypted"],
            vec![put(full("9", "102400"), 9)],
        ),
        of_case(
            "an encrypted put with a size that is none",
            &["PutEncrypted", "DataSizeNotInteger"],
            vec![put(full("9x5.2", "102400"), 9)],
        ),
        of_case(
            "a plain put",
            &["PutEncrypted"],
            vec![put(Fields::new(), 9), head()],
        ),
        of_case(
            "a put of nothing",
            &["PutEncrypted", "EmptyObject"],
            vec![put(put_fields(), 0), head()],
        ),
        of_case(
            "a put with a wrong Content-MD5",
            &["PutEncrypted", "ContentMd5"],
            vec![put(
                fields(&[("Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg==")]),
                9,
            )],
        ),
        of_case(
            "a put with a wrong CRC-64",
            &["PutEncrypted", "Crc64"],
            vec![put(fields(&[("x-oss-hash-crc64ecma", "0")]), 9)],
        ),
        of_case(
            "a second put replaces the first",
            &["PutEncrypted"],
            vec![put(Fields::new(), 9), put(put_fields(), 4), head()],
        ),
        of_case(
            "a refused put leaves the object",
            &["PutEncrypted", "KeyMissing", "AfterRefusal"],
            vec![
                put(put_fields(), 9),
                put(without(put_fields(), "key"), 4),
                head(),
            ],
        ),
    ]
}

fn copies() -> Vec<ServiceTest> {
    let of_case = ServiceTest::of;
    let replace = |more: &[(&str, &str)]| {
        let mut headers = fields(&[("x-oss-metadata-directive", "REPLACE")]);
        headers.extend(fields(more));
        headers
    };
    let key = cse("key");
    let then = |mut steps: Vec<Step>, step| {
        steps.push(step);
        steps
    };
    let copied = |headers| then(encrypted_upload(), on("copy", copy(OBJECT, headers)));
    vec![
        of_case(
            "a copy to another name",
            &["MetadataFixed"],
            copied(Fields::new()),
        ),
        of_case(
            "REPLACE with an encryption header",
            &["MetadataFixed"],
            copied(replace(&[(&key, "other")])),
        ),
        of_case(
            "REPLACE with a material description",
            &["MetadataFixed"],
            copied(replace(&[(&cse("matdesc"), "{}")])),
        ),
        of_case(
            "REPLACE in lower case with an encryption header",
            &["MetadataFixed"],
            copied(fields(&[
                ("x-oss-metadata-directive", "replace"),
                (&key, "other"),
            ])),
        ),
        of_case(
            "COPY with an encryption header, which is ignored",
            &["MetadataFixed"],
            copied(fields(&[
                ("x-oss-metadata-directive", "COPY"),
                (&key, "other"),
            ])),
        ),
        of_case(
            "an encryption header without a directive",
            &["MetadataFixed"],
            copied(fields(&[(&key, "other")])),
        ),
        of_case(
            "REPLACE with an unrelated header, to another name",
            &["MetadataFixed"],
            copied(replace(&[("x-oss-meta-author", "Li")])),
        ),
        of_case(
            "REPLACE with an unrelated header, onto itself",
            &["MetadataFixed"],
            then(
                encrypted_upload(),
                copy(OBJECT, replace(&[("x-oss-meta-author", "Li")])),
            ),
        ),
        of_case(
            "a plain object onto itself",
            &["MetadataFixed"],
            vec![
                put(Fields::new(), 9),
                copy(OBJECT, replace(&[("x-oss-meta-author", "Li")])),
            ],
        ),
        of_case(
            "an encryption header for a plain object",
            &["MetadataFixed"],
            vec![
                put(Fields::new(), 9),
                on("copy", copy(OBJECT, replace(&[(&key, "other")]))),
            ],
        ),
        of_case(
            "a copy of nothing",
            &["ObjectUnknown"],
            vec![copy("nothing", Fields::new())],
        ),
        of_case(
            "a part copied from an encrypted object",
            &["CopySourceEncrypted"],
            {
                let mut steps = encrypted_upload();
                steps.push(on("other", of("b", initiate(Fields::new()))));
                steps.push(on("other", of("b", copy_part(1, OBJECT))));
                steps
            },
        ),
        of_case(
            "a part copied from an encrypted put",
            &["CopySourceEncrypted"],
            vec![
                put(put_fields(), 9),
                on("other", initiate(Fields::new())),
                on("other", copy_part(1, OBJECT)),
            ],
        ),
        of_case(
            "a part copied from a plain object",
            &["PlainUpload"],
            vec![
                put(Fields::new(), 9),
                on("other", initiate(Fields::new())),
                on("other", copy_part(1, OBJECT)),
            ],
        ),
        of_case(
            "a plain part copied into an encrypted upload",
            &["CopyIntoEncrypted"],
            vec![
                put(Fields::new(), 9),
                on("other", initiate(full("9", "102400"))),
                on("other", copy_part(1, OBJECT)),
            ],
        ),
        of_case(
            "an encrypted part copied into an encrypted upload",
            &["CopyIntoEncrypted", "CopySourceEncrypted"],
            vec![
                put(put_fields(), 9),
                on("other", initiate(full("9", "102400"))),
                on("other", copy_part(1, OBJECT)),
            ],
        ),
        of_case(
            "a part copied from nothing",
            &["ObjectUnknown"],
            vec![initiate(Fields::new()), copy_part(1, "nothing")],
        ),
        of_case(
            "a part copied into an unknown upload",
            &["UploadGone"],
            vec![put(Fields::new(), 9), copy_part(1, OBJECT)],
        ),
        of_case(
            "part 10,001 copied",
            &["PartNumberRange"],
            vec![
                put(Fields::new(), 9),
                initiate(Fields::new()),
                copy_part(10_001, OBJECT),
            ],
        ),
    ]
}

fn names() -> Vec<ServiceTest> {
    let mut tests = Vec::new();
    let longest = "a".repeat(1_023);
    let long = "a".repeat(1_024);
    let wide = "\u{e9}".repeat(512);
    for (name, what) in [
        ("", "no name"),
        ("/a", "a slash first"),
        ("\\a", "a backslash first"),
        ("a/b", "a slash within"),
        ("\u{c}\u{b}", "control characters"),
        ("100% a+b&<\"'>\u{fffe}", "characters that must be encoded"),
        (longest.as_str(), "1,023 bytes"),
        (long.as_str(), "1,024 bytes"),
        (wide.as_str(), "512 characters of 1,024 bytes"),
    ] {
        tests.push(ServiceTest::of(
            &format!("a name: {what}"),
            &["ObjectName"],
            vec![on(name, initiate(full("5", "102400")))],
        ));
    }
    tests.push(ServiceTest::of(
        "a put without a name",
        &["ObjectName"],
        vec![on("", put(put_fields(), 9))],
    ));
    tests
}

fn ranges() -> Vec<ServiceTest> {
    let mut tests = Vec::new();
    let behaviors = [
        ("by default", Fields::new(), "Ranges"),
        (
            "standard",
            fields(&[("x-oss-range-behavior", "standard")]),
            "RangesStandard",
        ),
    ];
    for (behavior, header, flag) in &behaviors {
        for (range, what) in RANGES {
            let mut headers = fields(&[("Range", range)]);
            headers.extend(header.clone());
            tests.push(ServiceTest::of(
                &format!("{range} of 1,000 bytes, {behavior}: {what}"),
                &[*flag],
                vec![put(put_fields(), 1_000), get(headers)],
            ));
        }
        for range in ["bytes=0-", "bytes=0-0", "bytes=-1"] {
            let mut headers = fields(&[("Range", range)]);
            headers.extend(header.clone());
            tests.push(ServiceTest::of(
                &format!("{range} of an empty object, {behavior}"),
                &[*flag, "EmptyObject"],
                vec![put(put_fields(), 0), get(headers)],
            ));
        }
    }
    tests.push(ServiceTest::of(
        "no range",
        &["Ranges"],
        vec![put(put_fields(), 1_000), get(Fields::new())],
    ));
    tests.push(ServiceTest::of(
        "a read of nothing",
        &["ObjectUnknown"],
        vec![get(Fields::new())],
    ));
    tests.push(ServiceTest::of(
        "a head of nothing",
        &["ObjectUnknown"],
        vec![head()],
    ));
    tests
}
