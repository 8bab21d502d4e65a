//! The error numbers of encrypted uploads, each by the example of its page, completed by the headers that the page
//! leaves out (question A1).

use super::steps::*;
use crate::vectors::service::ServiceTest;

const FLOOR: u64 = 102_400;

pub(super) fn tests() -> Vec<ServiceTest> {
    let mut tests = missing();
    tests.extend(integers());
    tests.extend(counts());
    tests.extend(changed());
    tests.extend(lengths());
    tests
}

const REQUIRED: [(&str, &str); 7] = [
    ("key", "KeyMissing"),
    ("start", "StartMissing"),
    ("cek-alg", "CekAlgMissing"),
    ("wrap-alg", "WrapAlgMissing"),
    ("magic-number-hmac", "HmacMissing"),
    ("data-size", "DataSizeMissing"),
    ("part-size", "PartSizeMissing"),
];

/// All headers of the pages' examples, the HMAC included.
fn page() -> Fields {
    with(
        with(full("1000000", "500000"), "wrap-alg", "rsa"),
        "magic-number-hmac",
        "value1",
    )
}

fn missing() -> Vec<ServiceTest> {
    let mut tests = Vec::new();
    for (name, flag) in REQUIRED {
        tests.push(ServiceTest::of(
            &format!("{name} is absent at Initiate"),
            &[flag],
            vec![initiate(without(page(), name))],
        ));
        tests.push(ServiceTest::of(
            &format!("{name} is blank at Initiate"),
            &[flag],
            vec![initiate(with(page(), name, " "))],
        ));
        if !name.ends_with("-size") {
            let put_page = without(without(page(), "data-size"), "part-size");
            tests.push(ServiceTest::of(
                &format!("{name} is absent at PutObject"),
                &[flag, "PutEncrypted"],
                vec![put(without(put_page, name), 9)],
            ));
        }
        tests.push(ServiceTest::of(
            &format!("{name} is absent on a part that has the others"),
            &[flag],
            vec![
                initiate(with(with(page(), "data-size", "5"), "part-size", "102400")),
                part_with(
                    1,
                    5,
                    without(
                        with(with(page(), "data-size", "5"), "part-size", "102400"),
                        name,
                    ),
                ),
            ],
        ));
    }
    tests.push(ServiceTest::of(
        "only the two sizes",
        &[
            "KeyMissing",
            "StartMissing",
            "CekAlgMissing",
            "WrapAlgMissing",
        ],
        vec![initiate(fields(&[
            (&cse("data-size"), "5"),
            (&cse("part-size"), "102400"),
        ]))],
    ));
    tests.push(ServiceTest::of(
        "a material description alone makes no encrypted upload",
        &["OtherValues", "PlainUpload"],
        vec![
            initiate(fields(&[(&cse("matdesc"), "{}")])),
            part(7, 5),
            complete(&list(&[(7, 5)])),
        ],
    ));
    tests
}

fn integers() -> Vec<ServiceTest> {
    let mut tests = Vec::new();
    let small = || full("5", "102400");
    for (name, flag) in [
        ("data-size", "DataSizeNotInteger"),
        ("part-size", "PartSizeNotInteger"),
    ] {
        for text in [
            "9x5.2",
            "1e6",
            "5.0",
            "0x10",
            "1 000",
            "1,000",
            "five",
            "18446744073709551616",
            "-",
            "\u{ff15}",
        ] {
            tests.push(ServiceTest::of(
                &format!("{name} {text:?} at Initiate"),
                &[flag],
                vec![initiate(with(small(), name, text))],
            ));
        }
        for text in [
            "+5",
            "-5",
            "0",
            "00",
            "-0",
            "9223372036854775808",
            "18446744073709551615",
        ] {
            tests.push(ServiceTest::of(
                &format!("{name} {text:?}: an integer, but a size?"),
                &[flag, "WideSizes"],
                vec![initiate(with(with(small(), "data-size", "5"), name, text))],
            ));
        }
        tests.push(ServiceTest::of(
            &format!("{name} 9x5.2 on a part"),
            &[flag],
            vec![
                initiate(small()),
                part_with(1, 5, with(small(), name, "9x5.2")),
            ],
        ));
        tests.push(ServiceTest::of(
            &format!("{name} 9x5.2 on Complete"),
            &[flag],
            vec![
                initiate(small()),
                part(1, 5),
                complete_with(&list(&[(1, 5)]), fields(&[(&cse(name), "9x5.2")])),
            ],
        ));
        tests.push(ServiceTest::of(
            &format!("{name} twice, with two values"),
            &[flag],
            vec![initiate([small(), fields(&[(&cse(name), "16")])].concat())],
        ));
    }
    tests
}

fn counts() -> Vec<ServiceTest> {
    let of_case = ServiceTest::of;
    let documented = list_of(&[
        (1, "3349DC700140D7F86A0784842780****".to_owned()),
        (5, "8EFDA8BE206636A695359836FE0A****".to_owned()),
        (8, "8C315065167132444177411FDA14****".to_owned()),
    ]);
    let eleven: Vec<_> = (1..=11)
        .map(|number| (number, if number == 11 { 24_676 } else { FLOOR }))
        .collect();
    let mut two_of_eleven = vec![initiate(full("1048676", "102400"))];
    two_of_eleven.extend(
        eleven
            .iter()
            .take(2)
            .map(|(number, length)| part(*number, *length)),
    );
    two_of_eleven.push(complete(&list(&eleven[..2])));
    vec![
        of_case(
            "the page's example: nothing uploaded",
            &["Documented411", "CountExceeded"],
            vec![initiate(full("1000000", "500000")), complete(&documented)],
        ),
        of_case(
            "the page's example: both parts uploaded, then its remedy",
            &["Documented411", "CountExceeded", "AfterRefusal"],
            vec![
                initiate(full("1000000", "500000")),
                part(1, 500_000),
                part(2, 500_000),
                complete(&documented),
                complete(&list(&[(1, 500_000), (2, 500_000)])),
            ],
        ),
        of_case(
            "three of two",
            &["CountExceeded"],
            vec![
                initiate(full("1000000", "500000")),
                part(1, 500_000),
                part(2, 500_000),
                complete(&list(&[(1, 500_000), (2, 500_000), (3, 1)])),
            ],
        ),
        of_case(
            "an empty last part is listed",
            &["CountExceeded"],
            vec![
                initiate(full("204800", "102400")),
                part(1, FLOOR),
                part(2, FLOOR),
                complete(&list(&[(1, FLOOR), (2, FLOOR), (3, 0)])),
            ],
        ),
        of_case(
            "2 of 11, as a vendor's test lists them",
            &["CountShort"],
            two_of_eleven,
        ),
        of_case(
            "1 of 2",
            &["CountShort"],
            vec![
                initiate(full("204800", "102400")),
                part(1, FLOOR),
                complete(&list(&[(1, FLOOR)])),
            ],
        ),
        of_case(
            "1 of 2, both uploaded",
            &["CountShort"],
            vec![
                initiate(full("102405", "102400")),
                part(1, FLOOR),
                part(2, 5),
                complete(&list(&[(2, 5)])),
            ],
        ),
        of_case(
            "200,000 / 10, as the page has it",
            &["TooManyParts", "PartSizeUnaligned"],
            vec![initiate(full("200000", "10"))],
        ),
        of_case(
            "10,000 parts and a byte",
            &["TooManyParts"],
            vec![initiate(full("160001", "16"))],
        ),
        of_case(
            "10,001 parts of 102,400",
            &["TooManyParts"],
            vec![initiate(full("1024102400", "102400"))],
        ),
        of_case(
            "the largest size in parts of 5 GiB",
            &["TooManyParts", "WideSizes"],
            vec![initiate(full("9223372036854775807", "5368709120"))],
        ),
        of_case(
            "part 4 of 3",
            &["PartBeyondCount"],
            vec![
                initiate(full("250000", "102400")),
                part_with(4, 5, full("250000", "102400")),
            ],
        ),
        of_case(
            "part 5 of 2, without headers",
            &["PartBeyondCount"],
            vec![initiate(full("1000000", "500000")), part(5, 500_000)],
        ),
        of_case(
            "part 10,000 of 1",
            &["PartBeyondCount"],
            vec![
                initiate(full("5", "102400")),
                part_with(10_000, 5, full("5", "102400")),
            ],
        ),
    ]
}

fn changed() -> Vec<ServiceTest> {
    let mut tests = Vec::new();
    let begun = || {
        with(
            with(full("204800", "102400"), "wrap-alg", "rsa"),
            "magic-number-hmac",
            "value1",
        )
    };
    for (name, value, flag) in [
        ("key", "value2", "KeyChanged"),
        ("start", "value2", "StartChanged"),
        ("cek-alg", "AES/GCM/NoPadding", "CekAlgChanged"),
        ("wrap-alg", "RSA/NONE/PKCS1Padding", "WrapAlgChanged"),
        ("magic-number-hmac", "value2", "HmacChanged"),
        ("data-size", "200000", "DataSizeChanged"),
        ("part-size", "102416", "PartSizeChanged"),
    ] {
        tests.push(ServiceTest::of(
            &format!("a part repeats {name} as {value}"),
            &[flag],
            vec![
                initiate(begun()),
                part_with(1, FLOOR, with(begun(), name, value)),
            ],
        ));
        tests.push(ServiceTest::of(
            &format!("a part has {name} alone, as {value}"),
            &[flag],
            vec![
                initiate(begun()),
                part_with(1, FLOOR, fields(&[(&cse(name), value)])),
            ],
        ));
    }
    tests.push(ServiceTest::of(
        "a part repeats the key in another case",
        &["KeyChanged"],
        vec![
            initiate(full("5", "102400")),
            part_with(1, 5, with(full("5", "102400"), "key", "D3JHCA==")),
        ],
    ));
    tests.push(ServiceTest::of(
        "blanks around a repeated value are the header's",
        &["OtherValues", "HeadersRepeated"],
        vec![
            initiate(full("5", "102400")),
            part_with(1, 5, with(full("5", "102400"), "key", " d3JhcA==\t")),
        ],
    ));
    tests.push(ServiceTest::of(
        "a part repeats the data size with a leading zero",
        &["DataSizeChanged"],
        vec![
            initiate(full("5", "102400")),
            part_with(1, 5, full("05", "102400")),
        ],
    ));
    tests
}

fn lengths() -> Vec<ServiceTest> {
    let of_case = ServiceTest::of;
    let page = || full("2048", "1024");
    let three = || full("250000", "102400");
    vec![
        of_case(
            "part 1 of 2 has 6,144 bytes for 1,024",
            &["PartLength"],
            vec![initiate(page()), part_with(1, 6_144, page())],
        ),
        of_case(
            "part 1 of 2 has one byte more",
            &["PartLength"],
            vec![initiate(page()), part_with(1, 1_025, page())],
        ),
        of_case(
            "part 1 of 2 has one byte less",
            &["PartLength"],
            vec![initiate(page()), part_with(1, 1_023, page())],
        ),
        of_case(
            "part 1 of 2 is empty",
            &["PartLength", "EmptyObject"],
            vec![initiate(page()), part_with(1, 0, page())],
        ),
        of_case(
            "part 1 of 2 has one block more, without headers",
            &["PartLength", "HeadersOmitted"],
            vec![initiate(page()), part(1, 1_040)],
        ),
        of_case(
            "part 2 of 2 has 100 bytes for 1,024, as the page has it",
            &["LastPartLength"],
            vec![
                initiate(page()),
                part_with(1, 1_024, page()),
                part_with(2, 100, page()),
            ],
        ),
        of_case(
            "part 2 of 2 comes first",
            &["LastPartLength"],
            vec![initiate(page()), part_with(2, 1_024, page())],
        ),
        of_case(
            "the last part has one byte more",
            &["LastPartLength"],
            vec![initiate(three()), part_with(3, 45_201, three())],
        ),
        of_case(
            "the last part has one byte less",
            &["LastPartLength"],
            vec![initiate(three()), part_with(3, 45_199, three())],
        ),
        of_case(
            "the last part is as long as the others",
            &["LastPartLength"],
            vec![initiate(three()), part_with(3, FLOOR, three())],
        ),
        of_case(
            "the last part is empty",
            &["LastPartLength", "EmptyObject"],
            vec![initiate(three()), part_with(3, 0, three())],
        ),
        of_case(
            "the last part of an exact multiple is empty",
            &["LastPartLength", "EmptyObject"],
            vec![initiate(page()), part_with(2, 0, page())],
        ),
        of_case(
            "the last part is short, without headers",
            &["LastPartLength", "HeadersOmitted"],
            vec![initiate(page()), part(2, 100)],
        ),
        of_case(
            "the sum counts a replaced part once",
            &["LastPartLength", "PartReplaced"],
            vec![
                initiate(page()),
                part_with(1, 1_024, page()),
                part_with(1, 1_024, page()),
                part_with(2, 1_024, page()),
            ],
        ),
    ]
}
