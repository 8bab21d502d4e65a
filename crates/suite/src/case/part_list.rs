//! Cases for part lists: how many parts, their ETags, the order in which they are given, and how a list is spelt; and
//! the twin that no list may carry.

use arbitrary::{Arbitrary, Result, Unstructured};
use partproof_model::Cipher;
use serde::{Deserialize, Serialize};

use super::{Case, draw, is_default, smaller_number};
use crate::case::xml_spelling::{Spelling, is_xml_char};
use crate::class::{Class, Classes};
use crate::shown;

/// A list of parts 1 to `count`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartListCase {
    /// How many parts.
    pub count: u64,
    /// ETags as the service returned them: part n has number (n - 1) mod their number.
    pub etags: Vec<String>,
    /// In which order the parts are given to a builder.
    pub order: Order,
    /// How the list is spelt for a reader.
    #[serde(default, skip_serializing_if = "is_default")]
    pub spelling: Spelling,
    /// The list as somebody else wrote it, in place of that spelling; none is drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<String>,
}

/// An order of the parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Arbitrary)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// 1, 2, 3.
    Ascending,
    /// 3, 2, 1.
    Descending,
    /// As strings sort: 1, 10, 2.
    Lexicographic,
    /// The second half first, as parts finish that were sent at once.
    HalvesSwapped,
}

impl PartListCase {
    /// The parts, ascending.
    pub fn parts(&self) -> Vec<(u64, String)> {
        self.etags
            .iter()
            .cycle()
            .cloned()
            .zip(1..=self.count)
            .map(|(etag, number)| (number, etag))
            .collect()
    }

    /// The parts in the order given.
    pub fn given(&self) -> Vec<(u64, String)> {
        let mut parts = self.parts();
        match self.order {
            Order::Ascending => {}
            Order::Descending => parts.reverse(),
            Order::Lexicographic => parts.sort_by_key(|(number, _)| number.to_string()),
            Order::HalvesSwapped => {
                let half = parts.len() / 2;
                parts.rotate_left(half);
            }
        }
        parts
    }
}

impl<'a> Arbitrary<'a> for PartListCase {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let count = match u.int_in_range(0..=399_u16)? {
            0 => 10_000,
            1 => 9_999,
            2..=80 => 1,
            81..=300 => u.int_in_range(2..=9)?,
            _ => u.int_in_range(10..=30)?,
        };
        Self::draw(u, count)
    }
}

impl PartListCase {
    /// A list of so many parts.
    fn draw(u: &mut Unstructured<'_>, count: u64) -> Result<Self> {
        let order = u.arbitrary()?;
        let spelling = u.arbitrary()?;
        let etags = (0..u.int_in_range(1..=3_u8)?)
            .map(|_| {
                if u.arbitrary()? {
                    draw::etag(u)
                } else {
                    odd_etag(u)
                }
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            count,
            etags,
            order,
            spelling,
            sent: None,
        })
    }
}

/// Whether it is an ETag of a part as the service makes it, in quotes or without.
pub(super) fn is_made(etag: &str) -> bool {
    let inner = etag
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    let digits = inner.unwrap_or(etag);
    digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Anything XML can carry, without outer blanks: those no reader must keep.
fn odd_etag(u: &mut Unstructured<'_>) -> Result<String> {
    let etag = draw::text(u, 12)?.trim().to_owned();
    Ok(match u.int_in_range(0..=7_u8)? {
        0 => format!("{etag}]]>"),
        // What looks escaped before it is: unescaped twice, it is something else.
        2 => format!("&lt;{etag}"),
        3 => format!("{etag}&amp;#34;"),
        1 => "a\rb\nc\td".to_owned(),
        _ if etag.is_empty() => "\"\"".to_owned(),
        _ => etag,
    })
}

impl Case for PartListCase {
    /// Never of 10,000 parts: such a list takes as long as a thousand others, and runs through no other code.
    fn from_fuzz(u: &mut Unstructured<'_>, _: Option<Cipher>) -> Result<Self> {
        // Ten parts are the fewest that sort otherwise as strings.
        let count = match u.int_in_range(0..=7_u8)? {
            7 => u.int_in_range(10..=12)?,
            _ => u.int_in_range(1..=6)?,
        };
        Self::draw(u, count)
    }

    fn classes(&self) -> Classes {
        let escaped = |etag: &String| etag.contains(['<', '>', '&', '\r']) || etag.contains("]]>");
        let plain = |etag: &String| etag.len() == 34 && is_made(etag);
        Classes::default()
            .with(Class::CountOne, self.count == 1)
            .with(Class::CountMany, self.count > 2)
            .with(Class::Count9999, self.count == 9_999)
            .with(Class::Count10000, self.count == 10_000)
            .with(
                Class::Unsorted,
                self.count > 1 && self.order != Order::Ascending,
            )
            .with(Class::EtagNeedsEscape, self.etags.iter().any(escaped))
            .with(Class::EtagPlain, self.etags.iter().any(plain))
            .with(Class::OddEtag, !self.etags.iter().all(|etag| is_made(etag)))
            .with(Class::LiberalSpelling, self.spelling != Spelling::default())
    }

    fn smaller(&self) -> Vec<Self> {
        let mut smaller: Vec<Self> = Vec::new();
        if self.sent.is_some() {
            return smaller;
        }
        smaller.extend(smaller_number(self.count, 1).into_iter().map(|count| Self {
            count,
            ..self.clone()
        }));
        for index in 0..self.etags.len() {
            smaller.push(Self {
                etags: vec![self.etags[index].clone()],
                ..self.clone()
            });
            let characters: Vec<char> = self.etags[index].chars().collect();
            for removed in 0..characters.len() {
                let mut etags = self.etags.clone();
                etags[index] = characters
                    .iter()
                    .enumerate()
                    .filter(|(at, _)| *at != removed)
                    .map(|(_, c)| *c)
                    .collect();
                smaller.push(Self {
                    etags,
                    ..self.clone()
                });
            }
        }
        smaller.push(Self {
            order: Order::Ascending,
            ..self.clone()
        });
        smaller.push(Self {
            order: Order::Descending,
            ..self.clone()
        });
        smaller.extend(self.spelling.smaller().into_iter().map(|spelling| Self {
            spelling,
            ..self.clone()
        }));
        smaller.retain(|case| {
            case != self && case.check().is_ok() && case.order_rank() <= self.order_rank()
        });
        smaller
    }

    fn check(&self) -> std::result::Result<(), String> {
        if !(1..=10_000).contains(&self.count) {
            return Err(format!("{} parts, expected 1 to 10,000", self.count));
        }
        let bad = |etag: &&String| {
            etag.is_empty()
                || etag.len() > 1_024
                || etag.trim() != etag.as_str()
                || !etag.chars().all(is_xml_char)
        };
        match (self.etags.is_empty(), self.etags.iter().find(bad)) {
            (true, _) => Err("no ETag, expected at least one".to_owned()),
            (_, Some(etag)) => Err(format!(
                "ETag {}, expected 1 to 1,024 bytes XML can carry, without outer blanks",
                shown(etag)
            )),
            (false, None) => Ok(()),
        }
    }
}

impl PartListCase {
    fn order_rank(&self) -> u8 {
        match self.order {
            Order::Ascending => 0,
            Order::Descending => 1,
            Order::Lexicographic | Order::HalvesSwapped => 2,
        }
    }
}

/// Parts that no part list may carry as they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostilePartListCase {
    /// Part numbers and ETags as given.
    pub parts: Vec<(u64, String)>,
}

impl HostilePartListCase {
    fn has_bad_number(&self) -> bool {
        self.parts
            .iter()
            .any(|(number, _)| !(1..=10_000).contains(number))
    }

    fn has_duplicate(&self) -> bool {
        self.parts.iter().enumerate().any(|(at, (number, _))| {
            self.parts[..at]
                .iter()
                .any(|(earlier, _)| earlier == number)
        })
    }

    fn has_bad_character(&self) -> bool {
        self.parts
            .iter()
            .any(|(_, etag)| !etag.chars().all(is_xml_char))
    }
}

impl<'a> Arbitrary<'a> for HostilePartListCase {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let count = u.int_in_range(1..=4)?;
        let mut parts: Vec<(u64, String)> = (1..=count)
            .map(|number| Ok((number, draw::etag(u)?)))
            .collect::<Result<_>>()?;
        let at = usize::try_from(u.int_in_range(0..=count - 1)?).unwrap_or_default();
        match u.int_in_range(0..=4_u8)? {
            0 => parts.clear(),
            1 => parts[at].0 = 0,
            2 => parts[at].0 = *u.choose(&[10_001, 65_536, 1 << 32, u64::MAX])?,
            3 => {
                let number = parts[at].0;
                parts.push((number, draw::etag(u)?));
            }
            _ => parts[at].1.push(*u.choose(&[
                '\0', '\u{1}', '\u{8}', '\u{b}', '\u{1f}', '\u{fffe}', '\u{ffff}',
            ])?),
        }
        Ok(Self { parts })
    }
}

impl Case for HostilePartListCase {
    fn classes(&self) -> Classes {
        Classes::default()
            .with(Class::EmptyList, self.parts.is_empty())
            .with(Class::NumberOutOfRange, self.has_bad_number())
            .with(
                Class::HugeNumber,
                self.parts.iter().any(|(number, _)| *number > 65_535),
            )
            .with(Class::DuplicatePart, self.has_duplicate())
            .with(Class::ForbiddenCharacter, self.has_bad_character())
    }

    fn smaller(&self) -> Vec<Self> {
        let mut smaller = Vec::new();
        for at in 0..self.parts.len() {
            let mut fewer = self.parts.clone();
            let (removed, _) = fewer.remove(at);
            let mut renumbered = fewer.clone();
            for (number, _) in renumbered
                .iter_mut()
                .filter(|(number, _)| *number > removed && *number <= 10_000)
            {
                *number -= 1;
            }
            smaller.push(Self { parts: renumbered });
            smaller.push(Self { parts: fewer });
            let mut simpler = self.parts.clone();
            simpler[at].1.retain(|character| !is_xml_char(character));
            simpler[at].1.insert(0, 'a');
            smaller.push(Self { parts: simpler });
        }
        smaller.retain(|case| case != self && case.check().is_ok());
        smaller
    }

    fn check(&self) -> std::result::Result<(), String> {
        if self.parts.len() > 10_001 {
            return Err(format!(
                "{} parts, expected at most 10,001",
                self.parts.len()
            ));
        }
        if self.parts.is_empty()
            || self.has_bad_number()
            || self.has_duplicate()
            || self.has_bad_character()
        {
            return Ok(());
        }
        Err(
            "nothing is wrong with these parts: such a case belongs to the other part-list laws"
                .to_owned(),
        )
    }
}
