//! Cases for part lists without any promise: whatever numbers, whatever ETags, in whatever order.

use arbitrary::{Arbitrary, Result, Unstructured};
use serde::{Deserialize, Serialize};

use super::{Case, draw};
use crate::case::part_list::is_made;
use crate::case::xml_spelling::is_xml_char;
use crate::class::{Class, Classes};

/// Any parts with any ETags.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnyPartsCase {
    /// Part numbers and ETags as given.
    pub parts: Vec<(u64, String)>,
}

const MOST_PARTS: usize = 64;

impl AnyPartsCase {
    /// Whether these are parts 1 to N in this order, with ETags that XML can carry.
    pub(crate) fn is_in_order(&self) -> bool {
        !self.parts.is_empty()
            && (1..).zip(&self.parts).all(|(expected, (number, etag))| {
                *number == expected && etag.chars().all(is_xml_char)
            })
    }
}

impl AnyPartsCase {
    /// Whether an ETag says nothing: who refuses it is right, and who lists it too.
    pub(crate) fn has_empty_etag(&self) -> bool {
        let mut etags = self.parts.iter().map(|(_, etag)| etag);
        etags.any(|etag| etag.trim_matches('"').is_empty())
    }
}

impl<'a> Arbitrary<'a> for AnyPartsCase {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let shape = u.int_in_range(0..=7_u8)?;
        let parts = (1..=u.int_in_range(0..=8)?)
            .map(|position| {
                let number = match shape {
                    // Numbers by position are what gets furthest; others show what is not checked.
                    0 => u.arbitrary()?,
                    1 => u.int_in_range(0..=3)?,
                    // In fewer bits these are what they should be.
                    2 => position + *u.choose(&[0, 0, 1 << 16, 1 << 32])?,
                    _ => position,
                };
                let etag = match u.int_in_range(0..=3_u8)? {
                    0 => draw::etag(u)?,
                    1 => draw::text(u, 12)?,
                    _ => {
                        let length = u.int_in_range(0..=12_u8)?;
                        (0..length)
                            .map(|_| u.arbitrary::<char>())
                            .collect::<Result<_>>()?
                    }
                };
                Ok((number, etag))
            })
            .collect::<Result<_>>()?;
        Ok(Self { parts })
    }
}

impl Case for AnyPartsCase {
    fn classes(&self) -> Classes {
        let listed = self.is_in_order();
        // Where a refusal is an answer too, nothing need be listed.
        let is_written = listed && !self.has_empty_etag();
        Classes::default()
            .with(Class::CountOne, is_written && self.parts.len() == 1)
            .with(Class::CountMany, is_written && self.parts.len() > 2)
            .with(Class::EmptyList, self.parts.is_empty())
            .with(
                Class::EmptyEtag,
                listed && self.parts.iter().any(|(_, etag)| etag.is_empty()),
            )
            .with(
                Class::OddEtag,
                !self.parts.iter().all(|(_, etag)| is_made(etag)),
            )
            .with(
                Class::HugeNumber,
                self.parts.iter().any(|(number, _)| *number > 65_535),
            )
            .with(
                Class::ForbiddenCharacter,
                self.parts
                    .iter()
                    .any(|(_, etag)| !etag.chars().all(is_xml_char)),
            )
    }

    fn smaller(&self) -> Vec<Self> {
        let mut smaller = Vec::new();
        for at in 0..self.parts.len() {
            let mut fewer = self.parts.clone();
            let (removed, _) = fewer.remove(at);
            let mut renumbered = fewer.clone();
            for (number, _) in renumbered
                .iter_mut()
                .filter(|(number, _)| *number > removed)
            {
                *number -= 1;
            }
            smaller.push(Self { parts: renumbered });
            smaller.push(Self { parts: fewer });
            let etag = &self.parts[at].1;
            for (index, character) in etag.char_indices() {
                let rest = &etag[index + character.len_utf8()..];
                let mut shorter = self.parts.clone();
                shorter[at].1 = format!("{}{rest}", &etag[..index]);
                smaller.push(Self { parts: shorter });
            }
        }
        smaller.retain(|case| case != self);
        smaller
    }

    fn check(&self) -> std::result::Result<(), String> {
        let longest = self.parts.iter().map(|(_, etag)| etag.len()).max();
        if self.parts.len() > MOST_PARTS || longest.is_some_and(|bytes| bytes > 1_024) {
            return Err(format!(
                "{} parts with ETags of up to {} bytes, expected at most {MOST_PARTS} of 1,024",
                self.parts.len(),
                longest.unwrap_or_default()
            ));
        }
        Ok(())
    }
}
