//! How to mend what is wrong, with the numbers of this very upload.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashSet};

use partproof_model::envelope::DeclaredSizes;
use partproof_model::limits::{MAX_PART_COUNT, MAX_PART_SIZE, MIN_PART_SIZE, PART_SIZE_ALIGNMENT};
use partproof_model::{Rule, rules};

use super::Grouped;
use super::trouble::Trouble;

/// What is known of an upload when a remedy is looked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    sizes: Option<DeclaredSizes>,
    /// Listed part numbers.
    listed: Vec<u64>,
    /// Lengths of the captured parts by number.
    pub(super) sent: BTreeMap<u64, u64>,
    /// Whether parts are listed without what the service returned for them.
    pub(super) without_etag: bool,
    /// The remedies for a wrong length: of an upload, they are the same for each of its parts.
    lengths: OnceCell<Vec<String>>,
}

impl Facts {
    /// Before any part list.
    pub(super) fn new(sizes: Option<DeclaredSizes>, sent: BTreeMap<u64, u64>) -> Self {
        Self {
            sizes,
            sent,
            ..Self::default()
        }
    }

    /// With the numbers of a part list.
    pub(super) fn list(&mut self, numbers: Vec<u64>) {
        self.listed = numbers;
    }
}

/// Why a page in a browser has no ETag to list.
pub(super) const CORS: &str = "The ETag of each UploadPart answer is to be listed. In a browser it can be read only if the bucket's CORS rules expose it: add `ETag` to ExposeHeader.";

/// What numbers can be computed from.
const TO_CAPTURE: &str = "For the numbers, capture the headers of Initiate and the body of Complete, and diagnose both together.";

/// The remedies for a broken rule.
pub(super) fn remedies(rule: &'static Rule, facts: &Facts) -> Vec<String> {
    if rule == rules::COUNT_EXCEEDED {
        return too_many(facts);
    }
    if rule == rules::COUNT_SHORT && facts.sizes.is_some() {
        return too_few(facts);
    }
    if rule == rules::COUNT_LIMIT && facts.sizes.is_some() {
        return count_limit(facts);
    }
    if [
        rules::PART_LENGTH,
        rules::LAST_PART_LENGTH,
        rules::PART_BEYOND_COUNT,
    ]
    .contains(&rule)
        && facts.sizes.is_some()
    {
        return facts.lengths.get_or_init(|| lengths(facts)).clone();
    }
    if rule == rules::PART_SIZE_ALIGNED && facts.sizes.is_some() {
        return aligned(facts);
    }
    if rule == rules::PART_LIST_PART && facts.without_etag {
        return vec![CORS.to_owned()];
    }
    in_general(rule)
}

/// What mends it, whatever the upload.
fn in_general(rule: &Rule) -> Vec<String> {
    let trouble = Trouble::of(rule).map(|trouble| trouble.fix.to_owned());
    trouble.into_iter().collect()
}

/// EC 411: the list must become shorter, or the expected count larger.
fn too_many(facts: &Facts) -> Vec<String> {
    let Some(sizes) = facts.sizes else {
        let mut fixes = in_general(rules::COUNT_EXCEEDED);
        fixes.extend([
            "Or initiate again with what is really sent: data size is the bytes of all parts together, part size the bytes of each but the last, a multiple of 16. The part size is part of the counter: encrypt again.",
            TO_CAPTURE,
        ].map(str::to_owned));
        return fixes;
    };
    let (expected, listed) = (sizes.count(), length(&facts.listed));
    let beyond: Vec<u64> = facts
        .listed
        .iter()
        .copied()
        .filter(|number| *number > expected)
        .collect();
    let kept: Vec<u64> = facts
        .listed
        .iter()
        .copied()
        .filter(|number| *number <= expected)
        .collect();
    let mut fixes = Vec::new();
    let drop = match beyond.is_empty() {
        true => format!(
            "Drop {} of the {listed} listed parts: {expected} are expected.",
            listed - expected
        ),
        false => format!(
            "Drop {} from the list: {expected} {} expected, numbered 1 to {expected}.",
            named(&beyond),
            are(expected)
        ),
    };
    let missing = missing(&kept, expected);
    fixes.push(match missing.is_empty() {
        true => drop,
        false => format!(
            "{drop} Then {} must be uploaded and listed too.",
            named(&missing)
        ),
    });
    fixes.push(declare(sizes, listed, facts));
    let numbers_run = facts.listed.iter().copied().eq(1..=listed);
    if !numbers_run {
        fixes.push(format!(
            "Whichever you choose, number the parts 1 to N without a gap and encrypt each for its number: the counter of part n begins at (n - 1) * part size / 16, so {} cannot just be renamed.",
            named(&facts.listed.iter().copied().zip(1..).filter(|(number, place)| number != place).map(|(number, _)| number).collect::<Vec<_>>())
        ));
    }
    fixes
}

/// Fewer parts than expected: upload the rest, or declare what there is.
fn too_few(facts: &Facts) -> Vec<String> {
    let Some(sizes) = facts.sizes else {
        return Vec::new();
    };
    let (expected, listed) = (sizes.count(), length(&facts.listed));
    let missing = missing(&facts.listed, expected);
    let mut fixes = Vec::new();
    if !missing.is_empty() {
        fixes.push(format!(
            "Upload and list {} as well: {expected} {} expected.",
            named(&missing),
            are(expected)
        ));
    }
    if listed > 0 {
        fixes.push(declare(sizes, listed, facts));
    }
    fixes
}

/// Initiating again with sizes that make `count` parts.
fn declare(sizes: DeclaredSizes, count: u64, facts: &Facts) -> String {
    if count > MAX_PART_COUNT {
        return format!(
            "No sizes make {} parts: an upload has at most 10,000. Choose a larger part size and encrypt again.",
            Grouped(count)
        );
    }
    let (data, part) = (sizes.data.bytes(), sizes.part.bytes());
    let data_fits = match true_size(facts, count) {
        Some((total, part)) if total.div_ceil(part) == count => {
            return format!(
                "Or initiate again with what was really sent: data size {} and part size {} make {count} parts.",
                Grouped(total),
                Grouped(part)
            );
        }
        _ => {
            let least = (count - 1).saturating_mul(part).saturating_add(1);
            format!(
                "a data size from {} to {} with part size {}",
                Grouped(least),
                Grouped(count.saturating_mul(part)),
                Grouped(part)
            )
        }
    };
    let part_fits = part_sizes(data, count).map(|(least, most)| match least == most {
        true => format!(
            "the part size {} (a multiple of 16) with data size {}",
            Grouped(least),
            Grouped(data)
        ),
        false => format!(
            "a part size from {} to {} in multiples of 16 with data size {}",
            Grouped(least),
            Grouped(most),
            Grouped(data)
        ),
    });
    let choices: Vec<String> = [Some(data_fits), part_fits].into_iter().flatten().collect();
    format!(
        "Or initiate again with sizes that make {count} parts: {}. The part size is part of the counter: encrypt again.",
        choices.join(", or ")
    )
}

/// The least and the largest multiple of 16 that cut `data` bytes into `count` parts.
fn part_sizes(data: u64, count: u64) -> Option<(u64, u64)> {
    let least = data.checked_add(count - 1)?.checked_div(count)?;
    let least = least.max(1).checked_next_multiple_of(PART_SIZE_ALIGNMENT)?;
    let most = match count {
        1 => least,
        _ => (data.div_ceil(count - 1) - 1) / PART_SIZE_ALIGNMENT * PART_SIZE_ALIGNMENT,
    };
    (least <= most && most > 0 && data.div_ceil(least) == count && data.div_ceil(most) == count)
        .then_some((least, most))
}

/// The object as it was really sent, if every listed part was captured: bytes in all, bytes of a part.
fn true_size(facts: &Facts, count: u64) -> Option<(u64, u64)> {
    let lengths: Vec<u64> = (1..=count)
        .map(|number| facts.sent.get(&number).copied())
        .collect::<Option<_>>()?;
    let (last, others) = lengths.split_last()?;
    let part = others
        .first()
        .copied()
        .unwrap_or(last.checked_next_multiple_of(PART_SIZE_ALIGNMENT)?);
    let uniform = others.iter().all(|length| *length == part) && *last <= part;
    (uniform && part > 0 && part.is_multiple_of(PART_SIZE_ALIGNMENT))
        .then(|| (lengths.iter().sum(), part))
}

/// EC 419 and 420: parts of other lengths than declared.
fn lengths(facts: &Facts) -> Vec<String> {
    let Some(sizes) = facts.sizes else {
        return Vec::new();
    };
    let (data, part, count) = (sizes.data.bytes(), sizes.part.bytes(), sizes.count());
    let last = data - (count.max(1) - 1).saturating_mul(part).min(data);
    let mut fixes = vec![match count {
        2 => format!(
            "Send part 1 with exactly {} bytes and part 2 with {}.",
            Grouped(part),
            Grouped(last)
        ),
        0 | 1 => format!("Send one part of {} bytes.", Grouped(last)),
        _ => format!(
            "Send parts 1 to {} with exactly {} bytes each and part {count} with {}.",
            count - 1,
            Grouped(part),
            Grouped(last)
        ),
    }];
    let sent = facts.sent.keys().copied().max().unwrap_or_default();
    if let Some((total, part)) = true_size(facts, sent)
        && (total, part) != (data, sizes.part.bytes())
    {
        fixes.push(format!(
                "Or initiate again with what was really sent: data size {} and part size {} make {sent} parts.",
                Grouped(total),
                Grouped(part)
            ));
    }
    fixes
}

/// EC 410: too many parts by the declared sizes.
fn count_limit(facts: &Facts) -> Vec<String> {
    let Some(sizes) = facts.sizes else {
        return Vec::new();
    };
    let data = sizes.data.bytes();
    let least = data
        .div_ceil(MAX_PART_COUNT)
        .max(MIN_PART_SIZE)
        .checked_next_multiple_of(PART_SIZE_ALIGNMENT);
    match least {
        Some(least) if least <= MAX_PART_SIZE => vec![format!(
            "Initiate with a part size of at least {} (a multiple of 16), which makes {} parts.",
            Grouped(least),
            Grouped(data.div_ceil(least))
        )],
        _ => vec![
            "The object is larger than 10,000 parts of 5 GiB: no part size fits; split the object."
                .to_owned(),
        ],
    }
}

fn aligned(facts: &Facts) -> Vec<String> {
    let Some(sizes) = facts.sizes else {
        return Vec::new();
    };
    let part = sizes.part.bytes();
    let below = part / PART_SIZE_ALIGNMENT * PART_SIZE_ALIGNMENT;
    let near: Vec<String> = [below, below + PART_SIZE_ALIGNMENT]
        .into_iter()
        .filter(|size| *size > 0)
        .map(|size| Grouped(size).to_string())
        .collect();
    vec![format!(
        "Initiate with a part size that is a multiple of 16, such as {}: the counter counts blocks of 16 bytes.",
        near.join(" or ")
    )]
}

fn missing(listed: &[u64], expected: u64) -> Vec<u64> {
    let listed: HashSet<&u64> = listed.iter().collect();
    (1..=expected.min(MAX_PART_COUNT))
        .filter(|number| !listed.contains(number))
        .collect()
}

fn length<T>(items: &[T]) -> u64 {
    u64::try_from(items.len()).unwrap_or(u64::MAX)
}

fn are(count: u64) -> String {
    let verb = if count == 1 { "is" } else { "are" };
    verb.to_owned()
}

/// "part 5", "parts 5 and 8", "parts 2, 3, 4 and 6 more".
fn named(numbers: &[u64]) -> String {
    let texts: Vec<String> = numbers.iter().map(u64::to_string).collect();
    match texts.as_slice() {
        [one] => format!("part {one}"),
        [first @ .., last] if first.len() <= 9 => format!("parts {} and {last}", first.join(", ")),
        first => format!(
            "parts {} and {} more",
            first[..9.min(first.len())].join(", "),
            first.len().saturating_sub(9)
        ),
    }
}

#[cfg(test)]
mod tests {
    use partproof_model::{DataSize, PartSize};

    use super::*;

    fn facts(data: u64, part: u64, listed: &[u64]) -> Facts {
        let sizes = DeclaredSizes {
            data: DataSize::new(data),
            part: PartSize::new(part).unwrap(),
        };
        Facts {
            sizes: Some(sizes),
            listed: listed.to_vec(),
            ..Facts::default()
        }
    }

    #[test]
    fn both_documented_remedies_have_numbers() {
        let fixes = remedies(
            rules::COUNT_EXCEEDED,
            &facts(1_000_000, 500_000, &[1, 5, 8]),
        );
        assert_eq!(
            fixes[0],
            "Drop parts 5 and 8 from the list: 2 are expected, numbered 1 to 2. Then part 2 must be uploaded and listed too."
        );
        assert!(
            fixes[1].contains("a data size from 1,000,001 to 1,500,000 with part size 500,000"),
            "{}",
            fixes[1]
        );
        assert!(
            fixes[1].contains("a part size from 333,344 to 499,984 in multiples of 16"),
            "{}",
            fixes[1]
        );
    }

    #[test]
    fn proposed_part_sizes_really_make_that_count() {
        for data in (1..600_u64).chain(10_000..10_020) {
            for count in 1..40 {
                let all: Vec<u64> = (1..=data.div_ceil(16) + 1)
                    .map(|n| 16 * n)
                    .filter(|part| data.div_ceil(*part) == count)
                    .collect();
                match part_sizes(data, count) {
                    Some((least, most)) if count > 1 => {
                        assert_eq!(
                            (Some(&least), Some(&most)),
                            (all.first(), all.last()),
                            "{data} in {count}"
                        );
                    }
                    Some((least, _)) => assert_eq!(data.div_ceil(least), 1, "{data} in one"),
                    None => assert!(all.is_empty(), "{data} in {count}: {all:?}"),
                }
            }
        }
    }

    #[test]
    fn what_was_really_sent_is_proposed_where_it_is_known() {
        let mut facts = facts(204_800, 102_400, &[1, 2, 3]);
        facts.sent = [(1, 102_400), (2, 102_400), (3, 7)].into();
        let fixes = remedies(rules::COUNT_EXCEEDED, &facts);
        assert!(
            fixes[1].contains("data size 204,807 and part size 102,400 make 3 parts"),
            "{}",
            fixes[1]
        );
    }

    #[test]
    fn a_count_above_the_limit_gets_the_least_part_size() {
        let fixes = remedies(rules::COUNT_LIMIT, &facts(2_000_000_000, 102_400, &[]));
        assert_eq!(
            fixes,
            [
                "Initiate with a part size of at least 200,000 (a multiple of 16), which makes 10,000 parts."
            ]
        );
    }
}
