//! What a caller gives a reader beyond the object's name: master keys and their descriptions, and how it takes what is read.

use arbitrary::{Arbitrary, Result, Unstructured};
use serde::{Deserialize, Serialize};

use partproof_suite::case::is_default;
use partproof_suite::class::{Class, Classes};
use partproof_suite::subject::client::{Abilities, Pieces};

/// A reader, as its caller sets it up, and what is unusual of the object to a reader alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reader {
    /// How what is read is taken; as the client likes, if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pieces: Option<Pieces>,
    /// The master keys that it knows beside its own; it has none if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<Keys>,
    /// Whether the envelope has an empty description, `{}`, where it would have none.
    #[serde(default, skip_serializing_if = "is_default")]
    pub empty_description: bool,
    /// Whether the envelope has the names of before.
    #[serde(default, skip_serializing_if = "is_default")]
    pub old_names: bool,
    /// Whether another version of the object takes its place once it was asked for.
    #[serde(default, skip_serializing_if = "is_default")]
    pub replaced: bool,
}

/// Several master keys, each with a description of its own; the object names one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Arbitrary)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// Whether the one that fits is not the reader's own, but one of the others.
    #[serde(default, skip_serializing_if = "is_default")]
    pub fits_another: bool,
    /// Whether the object's description has two members, in another order than the reader is given them.
    #[serde(default, skip_serializing_if = "is_default")]
    pub reordered: bool,
}

impl Reader {
    pub(crate) fn is_within(&self, abilities: &Abilities) -> bool {
        (self.pieces.is_none() || abilities.pieces)
            && (self.keys.is_none() || abilities.several_keys)
            && (!self.old_names || abilities.old_names)
    }

    pub(super) fn classes(&self, is_whole: bool) -> Classes {
        let pieces = self.pieces.as_ref().filter(|_| is_whole);
        let again = pieces.and_then(|pieces| pieces.first);
        Classes::default()
            .with(Class::InPieces, pieces.is_some())
            .with(Class::AgainFromTheBeginning, again.is_some())
            .with(Class::SeveralKeys, self.keys.is_some())
            .with(
                Class::ReorderedDescription,
                self.keys.is_some_and(|keys| keys.reordered),
            )
            .with(Class::EmptyDescription, self.empty_description)
            .with(Class::OldNames, self.old_names)
            .with(Class::Replaced, self.replaced)
    }

    /// Simpler ones.
    pub(super) fn smaller(&self) -> Vec<Self> {
        let mut smaller = vec![Self::default()];
        if let Some(pieces) = &self.pieces {
            let simpler = [
                Pieces {
                    sizes: vec![1],
                    first: None,
                },
                Pieces {
                    first: None,
                    ..pieces.clone()
                },
                Pieces {
                    sizes: vec![pieces.sizes.first().copied().unwrap_or(1)],
                    ..pieces.clone()
                },
                Pieces {
                    first: pieces.first.map(|_| 1),
                    ..pieces.clone()
                },
            ];
            smaller.extend(simpler.into_iter().map(|pieces| Self {
                pieces: Some(pieces),
                ..self.clone()
            }));
        }
        if let Some(keys) = self.keys {
            smaller.push(Self {
                keys: Some(Keys {
                    reordered: false,
                    ..keys
                }),
                ..self.clone()
            });
        }
        smaller.retain(|reader| reader != self);
        smaller
    }

    /// Why there can be no such reader.
    pub(super) fn check(&self) -> std::result::Result<(), String> {
        match &self.pieces {
            Some(pieces) if pieces.sizes.is_empty() || pieces.sizes.contains(&0) => {
                Err("pieces of no bytes, expected at least one size, above 0".to_owned())
            }
            _ => Ok(()),
        }
    }

    /// For an object of so many bytes. Mostly nothing, for a client that has not all of it.
    pub(super) fn draw(u: &mut Unstructured<'_>, length: u64) -> Result<Self> {
        let mut reader = Self::default();
        match u.int_in_range(0..=15_u8)? {
            1 | 2 => {
                let count = u.int_in_range(1..=3_u8)?;
                let mut sizes = Vec::new();
                for _ in 0..count {
                    sizes.push(match u.int_in_range(0..=3_u8)? {
                        // Large ones come first to few steps; one of a byte would be asked for thousands of times.
                        0 => 16 * u.int_in_range(1..=64)?,
                        1 => u.int_in_range(1..=40)?,
                        _ => u.int_in_range(1..=70_000)?,
                    });
                }
                if length > 4_096 && sizes.iter().all(|size| *size < 1_024) {
                    sizes.push(4_099);
                }
                let first = match u.arbitrary()? {
                    // Of an empty object nothing; of another something at least.
                    true => Some(u.int_in_range(length.min(1)..=length)?),
                    false => None,
                };
                reader.pieces = Some(Pieces { sizes, first });
            }
            3 => reader.keys = Some(u.arbitrary()?),
            4 => reader.empty_description = true,
            5 => reader.old_names = true,
            6 => reader.replaced = true,
            _ => {}
        }
        Ok(reader)
    }
}
