//! What a bucket may be called: 3 to 63 lower-case letters, digits and hyphens, with no hyphen at either end.

use crate::rules;
use crate::verdict::Objection;

/// The rule a bucket's name breaks, if it does.
pub fn objection(name: &str) -> Option<Objection> {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = name.as_bytes();
    let ends = [bytes.first(), bytes.last()];
    let is_valid = (3..=63).contains(&bytes.len())
        && bytes.iter().all(|byte| is_letter(*byte) || *byte == b'-')
        && ends.into_iter().flatten().all(|byte| is_letter(*byte));
    (!is_valid).then(|| {
        let detail = format!(
            "bucket {name:?}, expected 3 to 63 lower-case letters, digits and hyphens, with no hyphen at either end"
        );
        Objection::certain(rules::BUCKET_NAME, detail)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_examples_are_judged_as_their_page_says() {
        for valid in [
            "examplebucket1",
            "test-bucket-2021",
            "aliyun-oss-bucket",
            "1-2",
            &"a".repeat(63),
        ] {
            assert_eq!(objection(valid), None);
        }
        for invalid in [
            "Examplebucket1",
            "test_bucket_2021",
            "aliyun-oss-bucket-",
            "-ab",
            "ab",
            "",
            "a.b",
            "..",
            "é12",
            "a\u{0}b",
            &"a".repeat(64),
        ] {
            let rule = objection(invalid).map(|objection| objection.rule.id);
            assert_eq!(rule, Some("bucket-name"), "{invalid}");
        }
    }
}
