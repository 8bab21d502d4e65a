//! The range rules of GetObject (service-rules.md 4.8). By default the service ignores a range it cannot serve whole and
//! answers 200 with everything; with `x-oss-range-behavior: standard` it behaves as RFC 9110 says.

/// The header that chooses the rules.
pub const BEHAVIOR: &str = "x-oss-range-behavior";

/// What is answered to a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RangeAnswer {
    /// 200 and the whole object.
    Whole,
    /// 206 and the bytes from `first` to `last`, both included.
    Slice {
        /// The first byte.
        first: u64,
        /// The last byte.
        last: u64,
    },
    /// 416 `InvalidRange`.
    Unsatisfiable,
}

/// One range as asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    From { first: u64, last: Option<u64> },
    Suffix { length: u64 },
}

/// Every right answer to a `Range` header for an object of `length` bytes. Where some serve and one refuses, the first
/// that serves is the model's, unless [`crate::Question::Range`] is decided otherwise.
pub fn answers(header: &str, length: u64, standard: bool) -> Vec<RangeAnswer> {
    use RangeAnswer::{Unsatisfiable, Whole};
    let Some((asked, several)) = parse(header) else {
        return vec![Whole];
    };
    let single = single(asked, length, standard);
    match (several, standard) {
        (false, _) => single,
        // The older page serves the first range, the newer one answers 416; with `standard` no page says.
        (true, false) => with(single, &[Unsatisfiable]),
        (true, true) => with(single, &[Unsatisfiable, Whole]),
    }
}

fn single(asked: Asked, length: u64, standard: bool) -> Vec<RangeAnswer> {
    use RangeAnswer::{Slice, Unsatisfiable, Whole};
    let end = length.saturating_sub(1);
    match asked {
        Asked::From { first, .. } if first >= length => {
            vec![if standard { Unsatisfiable } else { Whole }]
        }
        Asked::From {
            first,
            last: Some(last),
        } if last > end => {
            vec![if standard {
                Slice { first, last: end }
            } else {
                Whole
            }]
        }
        Asked::From { first, last } => vec![Slice {
            first,
            last: last.unwrap_or(end),
        }],
        // No page tells of an empty suffix.
        Asked::Suffix { length: 0 } => vec![Whole, Unsatisfiable],
        Asked::Suffix { length: wanted } if wanted <= length => {
            vec![Slice {
                first: length.saturating_sub(wanted),
                last: end,
            }]
        }
        Asked::Suffix { .. } if !standard => vec![Whole],
        Asked::Suffix { .. } if length == 0 => vec![Unsatisfiable, Whole],
        Asked::Suffix { .. } => vec![
            Slice {
                first: 0,
                last: end,
            },
            Whole,
            Unsatisfiable,
        ],
    }
}

fn with(mut answers: Vec<RangeAnswer>, more: &[RangeAnswer]) -> Vec<RangeAnswer> {
    for answer in more {
        if !answers.contains(answer) {
            answers.push(*answer);
        }
    }
    answers
}

/// The first range asked for and whether there are more; `None` if the header is malformed.
fn parse(header: &str) -> Option<(Asked, bool)> {
    let ranges = header.trim().strip_prefix("bytes=")?;
    let mut parsed = ranges.split(',').map(|range| parse_one(range.trim()));
    let first = parsed.next()??;
    let rest: Option<Vec<_>> = parsed.collect();
    Some((first, !rest?.is_empty()))
}

fn parse_one(range: &str) -> Option<Asked> {
    let number = |digits: &str| {
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        // A number beyond 64 bits lies beyond every object.
        plain.then(|| digits.parse().unwrap_or(u64::MAX))
    };
    match range.split_once('-')? {
        ("", length) => Some(Asked::Suffix {
            length: number(length)?,
        }),
        (first, "") => Some(Asked::From {
            first: number(first)?,
            last: None,
        }),
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            (first <= last).then_some(Asked::From {
                first,
                last: Some(last),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RangeAnswer::{Slice, Unsatisfiable, Whole};
    use super::*;

    #[test]
    fn the_documented_table() {
        let slice = |first, last| Slice { first, last };
        for (header, by_default, standard) in [
            ("bytes=0-499", vec![slice(0, 499)], vec![slice(0, 499)]),
            ("bytes=500-", vec![slice(500, 999)], vec![slice(500, 999)]),
            ("bytes=0-", vec![slice(0, 999)], vec![slice(0, 999)]),
            ("bytes=-500", vec![slice(500, 999)], vec![slice(500, 999)]),
            ("bytes=500-2000", vec![Whole], vec![slice(500, 999)]),
            ("bytes=1000-2000", vec![Whole], vec![Unsatisfiable]),
            ("bytes=1000-", vec![Whole], vec![Unsatisfiable]),
            (
                "bytes=-2000",
                vec![Whole],
                vec![slice(0, 999), Whole, Unsatisfiable],
            ),
            ("byte=0-499", vec![Whole], vec![Whole]),
            ("bytes=9-2", vec![Whole], vec![Whole]),
            (
                "bytes=0-499,500-999",
                vec![slice(0, 499), Unsatisfiable],
                vec![slice(0, 499), Unsatisfiable, Whole],
            ),
        ] {
            assert_eq!(
                answers(header, 1_000, false),
                by_default,
                "{header} by default"
            );
            assert_eq!(answers(header, 1_000, true), standard, "{header} standard");
        }
    }

    #[test]
    fn an_empty_object_has_no_byte_to_slice() {
        for header in ["bytes=0-", "bytes=0-0", "bytes=-1", "bytes=-0"] {
            for standard in [false, true] {
                let answers = answers(header, 0, standard);
                assert!(
                    answers.iter().all(|answer| !matches!(answer, Slice { .. })),
                    "{header}: {answers:?}"
                );
            }
        }
    }
}
