//! Uploads that succeed, and what the service lets pass.

use super::steps::*;
use crate::vectors::service::ServiceTest;

const FLOOR: u64 = 102_400;

pub(super) fn tests() -> Vec<ServiceTest> {
    let of_case = ServiceTest::of;
    let three = || full("250000", "102400");
    let all = list(&[(1, FLOOR), (2, FLOOR), (3, 45_200)]);
    let parts = |headers: Fields| {
        [
            part_with(1, FLOOR, headers.clone()),
            part_with(2, FLOOR, headers.clone()),
            part_with(3, 45_200, headers),
        ]
    };
    let [one, two, last] = parts(three());
    let upload = |headers: Fields| {
        let mut steps = vec![initiate(three())];
        steps.extend(parts(headers));
        steps
    };
    let then = |mut steps: Vec<_>, more: Vec<_>| {
        steps.extend(more);
        steps
    };
    vec![
        of_case(
            "three parts, headers repeated",
            &["Upload", "HeadersRepeated"],
            then(
                upload(three()),
                vec![complete(&all), head(), get(Fields::new())],
            ),
        ),
        of_case(
            "three parts, no headers",
            &["Upload", "HeadersOmitted"],
            then(upload(Fields::new()), vec![complete(&all), head()]),
        ),
        of_case(
            "parts out of order",
            &["Upload", "HeadersRepeated"],
            vec![
                initiate(three()),
                last.clone(),
                one.clone(),
                two.clone(),
                complete(&all),
            ],
        ),
        of_case(
            "one part of 3 bytes under a part size of 16",
            &["Upload", "SmallPartSize"],
            vec![
                initiate(full("3", "16")),
                part(1, 3),
                complete(&list(&[(1, 3)])),
                head(),
            ],
        ),
        of_case(
            "one part of 3 bytes under a part size of 102,400",
            &["Upload"],
            vec![
                initiate(full("3", "102400")),
                part(1, 3),
                complete(&list(&[(1, 3)])),
                get(Fields::new()),
            ],
        ),
        of_case(
            "part size 16,384 is taken at Initiate",
            &["SmallPartSize"],
            vec![initiate(full("163840", "16384"))],
        ),
        of_case(
            "part size 16,384 completes, or does not",
            &["SmallPartSize"],
            vec![
                initiate(full("20000", "16384")),
                part(1, 16_384),
                part(2, 3_616),
                complete(&list(&[(1, 16_384), (2, 3_616)])),
            ],
        ),
        of_case(
            "512,000 in parts of 204,800 completes with 3",
            &["Ceiling", "Upload"],
            vec![
                initiate(full("512000", "204800")),
                part(1, 204_800),
                part(2, 204_800),
                part(3, FLOOR),
                complete(&list(&[(1, 204_800), (2, 204_800), (3, FLOOR)])),
            ],
        ),
        of_case(
            "512,000 in parts of 204,800 does not complete with 2",
            &["Ceiling", "CountShort"],
            vec![
                initiate(full("512000", "204800")),
                part(1, 204_800),
                part(2, 204_800),
                complete(&list(&[(1, 204_800), (2, 204_800)])),
            ],
        ),
        of_case(
            "1,000,001 / 500,000 makes 3",
            &["Ceiling", "Upload"],
            vec![
                initiate(full("1000001", "500000")),
                part(1, 500_000),
                part(2, 500_000),
                part(3, 1),
                complete(&list(&[(1, 500_000), (2, 500_000), (3, 1)])),
            ],
        ),
        of_case(
            "a part is sent again with other bytes",
            &["PartReplaced", "Upload"],
            vec![
                initiate(three()),
                part(1, FLOOR),
                Replaced(part(1, FLOOR)).with_seed(77),
                part(1, FLOOR),
                part(2, FLOOR),
                part(3, 45_200),
                complete(&all),
            ],
        ),
        of_case(
            "the ETag of a part that was replaced",
            &["PartReplaced", "PartUnknown"],
            vec![
                initiate(full("5", "102400")),
                part(1, 5),
                Replaced(part(1, 5)).with_seed(77),
                complete(&list(&[(1, 5)])),
            ],
        ),
        of_case(
            "after a wrong list the right one completes",
            &["AfterRefusal", "CountExceeded"],
            vec![
                initiate(full("5", "102400")),
                part(1, 5),
                complete(&list(&[(1, 5), (2, 5)])),
                complete(&list(&[(1, 5)])),
            ],
        ),
        of_case(
            "after a part of a wrong length the right one is taken",
            &["AfterRefusal", "LastPartLength"],
            vec![
                initiate(full("5", "102400")),
                part_with(1, 6, full("5", "102400")),
                part_with(1, 5, full("5", "102400")),
                complete(&list(&[(1, 5)])),
            ],
        ),
        of_case(
            "unknown algorithms",
            &["OtherValues", "Upload"],
            vec![
                initiate(with(
                    with(full("5", "102400"), "cek-alg", "val2"),
                    "wrap-alg",
                    "KMS/ALICLOUD",
                )),
                part(1, 5),
                complete(&list(&[(1, 5)])),
            ],
        ),
        of_case(
            "another material description on a part",
            &["OtherValues", "HeadersRepeated"],
            vec![
                initiate(with(full("5", "102400"), "matdesc", "{\"a\":\"1\"}")),
                part_with(1, 5, with(full("5", "102400"), "matdesc", "{\"a\": \"1\"}")),
                complete(&list(&[(1, 5)])),
            ],
        ),
        of_case(
            "a material description on a part only",
            &["OtherValues", "HeadersRepeated"],
            vec![
                initiate(full("5", "102400")),
                part_with(1, 5, with(full("5", "102400"), "matdesc", "{}")),
            ],
        ),
        of_case(
            "an HMAC that counts for nothing without `rsa`",
            &["OtherValues", "HmacChanged"],
            vec![
                initiate(with(full("5", "102400"), "magic-number-hmac", "value1")),
                part_with(
                    1,
                    5,
                    with(full("5", "102400"), "magic-number-hmac", "value2"),
                ),
            ],
        ),
        of_case(
            "`rsa` with its HMAC",
            &["OtherValues", "Upload"],
            vec![
                initiate(with(
                    with(full("5", "102400"), "wrap-alg", "rsa"),
                    "magic-number-hmac",
                    "value1",
                )),
                part_with(
                    1,
                    5,
                    with(
                        with(full("5", "102400"), "wrap-alg", "rsa"),
                        "magic-number-hmac",
                        "value1",
                    ),
                ),
                complete(&list(&[(1, 5)])),
            ],
        ),
        of_case(
            "header names in upper case",
            &["OtherValues", "Upload"],
            vec![
                initiate(
                    full("5", "102400")
                        .into_iter()
                        .map(|(name, value)| (name.to_uppercase(), value))
                        .collect(),
                ),
                part(1, 5),
            ],
        ),
        of_case(
            "a size with leading zeros",
            &["OtherValues"],
            vec![initiate(full("0005", "102400"))],
        ),
        of_case(
            "a part size of 1,000, as a page has it",
            &["PartSizeUnaligned"],
            vec![initiate(full("10000", "1000"))],
        ),
        of_case(
            "the largest object",
            &["WideSizes"],
            vec![initiate(full("53687091200000", "5368709120"))],
        ),
        of_case(
            "a part size above 5 GiB, and the largest size there is",
            &["WideSizes"],
            vec![initiate(full("9223372036854775807", "922337203685477584"))],
        ),
        of_case(
            "10,000 parts of 16 bytes",
            &["SmallPartSize"],
            vec![initiate(full("160000", "16"))],
        ),
        of_case(
            "a whole list sent with integer sizes on Complete",
            &["OtherValues", "Upload"],
            vec![
                initiate(full("5", "102400")),
                part(1, 5),
                complete_with(&list(&[(1, 5)]), full("5", "102400")),
            ],
        ),
        of_case(
            "two uploads of one object",
            &["TwoUploads", "Upload"],
            vec![
                initiate(full("5", "102400")),
                of("b", initiate(full("6", "102400"))),
                part(1, 5),
                of("b", part(1, 6)),
                complete(&list(&[(1, 5)])),
                of("b", complete(&list(&[(1, 6)]))),
                head(),
            ],
        ),
        of_case(
            "an upload does not touch the object before it completes",
            &["TwoUploads", "PutEncrypted"],
            vec![
                put(put_fields(), 9),
                initiate(full("5", "102400")),
                part(1, 5),
                head(),
            ],
        ),
        of_case(
            "a plain upload next to an encrypted object",
            &["PlainUpload", "TwoUploads"],
            vec![
                put(put_fields(), 9),
                initiate(Fields::new()),
                part(4, 5),
                complete(&list(&[(4, 5)])),
                head(),
            ],
        ),
    ]
}

/// A part with the number of one and the bytes of another stream.
struct Replaced(crate::vectors::service::Step);

impl Replaced {
    fn with_seed(self, seed: u32) -> crate::vectors::service::Step {
        use crate::vectors::value::PlaintextValue;
        let mut step = self.0;
        if let Some(PlaintextValue::Seeded { seed: held, .. }) = &mut step.body {
            *held = seed;
        }
        step
    }
}
