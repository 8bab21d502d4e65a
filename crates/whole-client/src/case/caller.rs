//! What a caller passes with an upload, beyond the file and the part size.

use arbitrary::{Arbitrary, Result, Unstructured};
use serde::{Deserialize, Serialize};

use partproof_suite::case::is_default;
use partproof_suite::class::{Class, Classes};
use partproof_suite::subject::client::Abilities;

/// What a caller passes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Caller {
    /// Whether the master key has a description.
    #[serde(default, skip_serializing_if = "is_default")]
    pub describes: bool,
    /// Whether there is user metadata, and a content type.
    #[serde(default, skip_serializing_if = "is_default")]
    pub metadata: bool,
    /// Whether the MD5 of the plaintext is given.
    #[serde(default, skip_serializing_if = "is_default")]
    pub content_md5: bool,
    /// Whether the source is a stream of unknown length.
    #[serde(default, skip_serializing_if = "is_default")]
    pub stream: bool,
    /// Whether both uploads go through one client.
    #[serde(default, skip_serializing_if = "is_default")]
    pub reuse: Reuse,
}

/// Whether both uploads go through one client, with one options object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reuse {
    /// Each has its own.
    #[default]
    None,
    /// One after the other.
    InTurn,
    /// Both at a time.
    AtOnce,
}

impl Caller {
    /// What describes the master key.
    pub(crate) fn description(&self) -> Vec<(String, String)> {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        match self.describes {
            true => vec![pair("key", "seed"), pair("owner", "a \"b\" c/d")],
            false => Vec::new(),
        }
    }

    /// User metadata, without what the names begin with on the wire.
    pub(crate) fn user_metadata(&self) -> Vec<(String, String)> {
        match self.metadata {
            true => vec![("author".to_owned(), "some body".to_owned())],
            false => Vec::new(),
        }
    }

    /// The object's Content-Type.
    pub(crate) fn content_type(&self) -> Option<&'static str> {
        self.metadata.then_some("text/x-partproof")
    }

    pub(crate) fn is_within(&self, abilities: &Abilities) -> bool {
        let has = |asked: bool, able: bool| !asked || able;
        has(self.describes, abilities.describes)
            && has(self.metadata, abilities.metadata)
            && has(self.content_md5, abilities.content_md5)
            && has(self.stream, abilities.streams)
            && has(self.reuse != Reuse::None, abilities.reuses)
            && has(self.reuse == Reuse::AtOnce, abilities.at_once)
    }

    /// Laws of uploads on which something goes wrong are about that alone.
    pub(crate) fn is_nobody(&self) -> std::result::Result<(), String> {
        match *self == Self::default() {
            true => Ok(()),
            false => Err("a `caller`, expected none where an upload fails on the way".to_owned()),
        }
    }

    /// The classes that it is of, for a source of so many bytes.
    pub(crate) fn classes(&self, length: u64) -> Classes {
        Classes::default()
            .with(Class::Described, self.describes)
            .with(Class::UserMetadata, self.metadata)
            .with(Class::ContentMd5, self.content_md5)
            .with(Class::FromStream, self.stream && length > 0)
            .with(Class::FromEmptyStream, self.stream && length == 0)
            .with(Class::OneClientInTurn, self.reuse == Reuse::InTurn)
            .with(Class::OneClientAtOnce, self.reuse == Reuse::AtOnce)
    }

    /// Simpler ones, the simplest first.
    pub(crate) fn smaller(&self) -> Vec<Self> {
        let only = |one: Self| (one != Self::default()).then_some(one);
        let one_of_them = [
            Self {
                describes: self.describes,
                ..Self::default()
            },
            Self {
                metadata: self.metadata,
                ..Self::default()
            },
            Self {
                content_md5: self.content_md5,
                ..Self::default()
            },
            Self {
                stream: self.stream,
                ..Self::default()
            },
            Self {
                reuse: self.reuse,
                ..Self::default()
            },
        ];
        let mut smaller = vec![Self::default()];
        smaller.extend(one_of_them.into_iter().filter_map(only));
        if self.reuse == Reuse::AtOnce {
            smaller.push(Self {
                reuse: Reuse::InTurn,
                ..self.clone()
            });
        }
        smaller.retain(|caller| caller != self);
        smaller
    }
}

impl<'a> Arbitrary<'a> for Caller {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let mut caller = Self::default();
        // Mostly nothing, for a client that has not all of it.
        match u.int_in_range(0..=15_u8)? {
            1 => caller.describes = true,
            2 => caller.metadata = true,
            3 => caller.content_md5 = true,
            4 => caller.stream = true,
            5 => caller.reuse = Reuse::InTurn,
            6 => caller.reuse = Reuse::AtOnce,
            7 => {
                caller = Self {
                    describes: u.arbitrary()?,
                    metadata: u.arbitrary()?,
                    content_md5: u.arbitrary()?,
                    stream: u.arbitrary()?,
                    reuse: *u.choose(&[Reuse::None, Reuse::InTurn, Reuse::AtOnce])?,
                }
            }
            _ => {}
        }
        Ok(caller)
    }
}
