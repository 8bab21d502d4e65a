//! Values that somebody has put something over before the paste: unknown, and neither right nor wrong.

/// Words that stand for a value.
const WORDS: [&str; 18] = [
    "redacted",
    "hidden",
    "masked",
    "secret",
    "removed",
    "omitted",
    "placeholder",
    "value",
    "size",
    "data-size",
    "datasize",
    "data_size",
    "part-size",
    "partsize",
    "part_size",
    "n",
    "m",
    "number",
];

/// Whether a value is covered: by asterisks or dots, a word in brackets, a name of a variable, or a word that stands for one.
pub(super) fn is_masked(value: &str) -> bool {
    let text = value.trim().trim_matches('"');
    // Nearly all values are told by these.
    let begins = |byte: &u8| b"xX?#<[{%$".contains(byte);
    let has = |byte: u8| b"*.\xe2".contains(&byte);
    if !text.as_bytes().first().is_some_and(begins) && !text.bytes().any(has) {
        return false;
    }
    if text.contains("***") || text.contains('\u{2026}') || text.contains("...") {
        return true;
    }
    // What is longer is a key, a digest or a list, and no word for one.
    if text.len() > 40 {
        return text.starts_with('<') && text.ends_with('>');
    }
    let all_of = |letters: &str, least: usize| {
        text.len() >= least && text.chars().all(|character| letters.contains(character))
    };
    let between = |open: &str, close: &str| {
        text.len() > open.len() + close.len() && text.starts_with(open) && text.ends_with(close)
    };
    all_of("xX", 2)
        || all_of("*", 1)
        || all_of("?", 1)
        || all_of("#", 2)
        || all_of(".", 2)
        || all_of("\u{25a0}\u{2588}\u{2022}", 1)
        || between("<", ">")
        || between("[", "]") && !text.contains('"')
        || between("{{", "}}")
        || between("%", "%")
        || text.len() > 1
            && text.starts_with('$')
            && text[1..]
                .chars()
                .all(|character| character.is_ascii_alphanumeric() || "_{}".contains(character))
}

/// Headers whose values are numbers end so.
const NUMBERS: [&str; 3] = ["data-size", "part-size", "content-length"];

/// Whether the value of a header is covered. Where a number is expected, a word is one that stands for it.
pub(super) fn covers(name: &str, value: &str) -> bool {
    let ends_in = |end: &&str| {
        let from = name.len().checked_sub(end.len());
        let last = from.and_then(|from| name.as_bytes().get(from..));
        last.is_some_and(|last| last.eq_ignore_ascii_case(end.as_bytes()))
    };
    if is_masked(value) {
        return true;
    }
    if !NUMBERS.iter().any(ends_in) {
        return false;
    }
    let lower = value.trim().to_ascii_lowercase();
    let is_numbered = ["val", "value", "var", "arg"].iter().any(|stem| {
        let rest = lower.strip_prefix(stem);
        rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
    });
    is_numbered || WORDS.contains(&lower.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_covers_a_value_is_told_from_a_value() {
        for covered in [
            "****",
            "A1B2****",
            "xxxx",
            "XX",
            "<size>",
            "<part size>",
            "[REDACTED]",
            "{{x}}",
            "${SIZE}",
            "$X",
            "\u{2026}",
            "12...",
            "\"****\"",
        ] {
            assert!(is_masked(covered), "{covered}");
        }
        let size = "x-oss-meta-client-side-encryption-data-size";
        for word in ["val5", "Size", "N", "value2"] {
            assert!(
                covers(size, word) && !covers("x-oss-meta-client-side-encryption-key", word),
                "{word}"
            );
        }
        assert!(!covers(size, "abc") && !covers(size, "250000"));
        for value in [
            "",
            "0",
            "250000",
            "abc",
            "-1",
            "1e5",
            "AES/CTR/NoPadding",
            "x",
            "bm90IGEga2V5",
            "\"0123456789ABCDEF0123456789ABCDEF\"",
            "{}",
            "1.5",
            "UP1",
        ] {
            assert!(!is_masked(value), "{value}");
        }
    }
}
