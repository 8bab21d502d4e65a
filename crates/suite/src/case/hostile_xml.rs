//! Cases for XML readers: documents made to exhaust, to deceive or cut off. None of them may be taken for an answer, and
//! none may cost more than its own size suggests.

use arbitrary::{Arbitrary, Result, Unstructured};
use serde::{Deserialize, Serialize};

use super::{Case, smaller_number};
use crate::case::xml_spelling::{Element, Spelling, part_list};
use crate::class::{Class, Classes};
use crate::hex::Hex;

/// A hostile document of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostileXmlCase {
    /// What it pretends to be.
    pub document: Document,
    /// What is wrong with it.
    pub attack: Attack,
}

/// What a document pretends to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Arbitrary)]
#[serde(rename_all = "snake_case")]
pub enum Document {
    /// CompleteMultipartUpload.
    PartList,
    /// InitiateMultipartUploadResult.
    Initiated,
    /// CompleteMultipartUploadResult.
    Completed,
    /// ListPartsResult.
    PartPage,
    /// Error.
    ServiceError,
}

/// What is wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attack {
    /// Entities of entities: each of `depth` levels is the one below it `width` times. Expanded, it has
    /// 8 * width^depth bytes.
    EntityBomb {
        /// Levels.
        depth: u32,
        /// References a level.
        width: u32,
    },
    /// An entity that names a file.
    ExternalEntity,
    /// This many elements, each in the one before it, none closed.
    Deep(u64),
    /// A text of this many bytes that is never closed.
    Long(u64),
    /// An element with this many attributes, never closed.
    Wide(u64),
    /// The document up to this many bytes before its end.
    CutBefore(u64),
    /// Junk after the end of the document.
    Trailing,
    /// The byte 0xff in a text.
    BadUtf8,
    /// UTF-16 with a byte order mark.
    Utf16,
    /// A NUL in a text.
    Nul,
    /// An end tag of another element.
    Crossed,
    /// No byte at all.
    Empty,
    /// These bytes, which are no such document. None are drawn.
    Sent(Hex),
}

const LARGEST_BOMB: u64 = 256 << 20;
const LARGEST_DOCUMENT: u64 = 4 << 20;

impl HostileXmlCase {
    /// The bytes.
    pub fn bytes(&self) -> Vec<u8> {
        let whole = String::from_utf8(self.document.element().document(Spelling::default()))
            .unwrap_or_default();
        let root_end = whole.find('>').map_or(0, |at| at + 1);
        let (head, tail) = whole.split_at(root_end);
        let root = head.trim_start_matches('<').trim_end_matches('>');
        // Where the text of the last field ends: an end tag that does not follow another tag.
        let ends_text = |at: &usize| *at > 0 && !whole[..*at].ends_with('>');
        let ends = whole.match_indices("</").map(|(at, _)| at);
        let field = ends.filter(ends_text).last().unwrap_or(root_end);
        let in_text = |text: &str| format!("{}{text}{}", &whole[..field], &whole[field..]);
        let many =
            |count: u64, text: &str| text.repeat(usize::try_from(count).unwrap_or(usize::MAX));
        match self.attack {
            Attack::EntityBomb { depth, width } => {
                let mut doctype = format!("<!DOCTYPE {root} [<!ENTITY e0 \"12345678\">");
                for level in 1..=depth {
                    let inner = format!("&e{};", level - 1)
                        .repeat(usize::try_from(width).unwrap_or(usize::MAX));
                    doctype.push_str(&format!("<!ENTITY e{level} \"{inner}\">"));
                }
                format!("{doctype}]>{}", in_text(&format!("&e{depth};"))).into_bytes()
            }
            Attack::ExternalEntity => format!(
                "<!DOCTYPE {root} [<!ENTITY x SYSTEM \"file:///etc/hostname\">]>{}",
                in_text("&x;")
            )
            .into_bytes(),
            Attack::Deep(count) => format!("{head}{}", many(count, "<a>")).into_bytes(),
            Attack::Long(count) => format!("{}{}", &whole[..field], many(count, "x")).into_bytes(),
            Attack::Wide(count) => {
                let attributes: String = (0..count)
                    .map(|number| format!(" a{number}=\"\""))
                    .collect();
                format!("<{root}{attributes}>").into_bytes()
            }
            Attack::CutBefore(bytes) => {
                let bytes = usize::try_from(bytes)
                    .unwrap_or(usize::MAX)
                    .clamp(1, whole.len());
                whole.as_bytes()[..whole.len() - bytes].to_vec()
            }
            Attack::Trailing => format!("{whole}<more/>").into_bytes(),
            Attack::BadUtf8 => [
                &whole.as_bytes()[..field],
                b"\xff",
                &whole.as_bytes()[field..],
            ]
            .concat(),
            Attack::Utf16 => std::iter::once(0xfeff)
                .chain(whole.encode_utf16())
                .flat_map(u16::to_le_bytes)
                .collect(),
            Attack::Nul => in_text("\0").into_bytes(),
            Attack::Crossed => {
                format!("{head}{}", tail.replace(&format!("</{root}>"), "</Other>")).into_bytes()
            }
            Attack::Empty => Vec::new(),
            Attack::Sent(ref bytes) => bytes.0.clone(),
        }
    }
}

impl Document {
    /// A whole, harmless document of this kind.
    pub(crate) fn element(self) -> Element {
        let text = |name, text: &str| Element::text(name, text);
        match self {
            Self::PartList => part_list(&[(1, "\"AB\"".to_owned())]),
            Self::Initiated => Element::Parent(
                "InitiateMultipartUploadResult",
                vec![text("Bucket", "b"), text("Key", "k"), text("UploadId", "u")],
            ),
            Self::Completed => Element::Parent(
                "CompleteMultipartUploadResult",
                vec![
                    text("Location", "l"),
                    text("Bucket", "b"),
                    text("Key", "k"),
                    text("ETag", "\"AB-1\""),
                ],
            ),
            Self::PartPage => Element::Parent(
                "ListPartsResult",
                vec![
                    text("PartNumberMarker", "0"),
                    text("MaxParts", "1000"),
                    text("IsTruncated", "false"),
                    text("Bucket", "b"),
                    text("Key", "k"),
                    text("UploadId", "u"),
                ],
            ),
            Self::ServiceError => Element::Parent(
                "Error",
                vec![
                    text("Code", "NoSuchUpload"),
                    text("Message", "m"),
                    text("RequestId", "r"),
                    text("HostId", "h"),
                ],
            ),
        }
    }
}

impl<'a> Arbitrary<'a> for HostileXmlCase {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let size = |u: &mut Unstructured<'a>, largest: u64| match u.int_in_range(0..=63_u8)? {
            0 => Ok(largest),
            1..=8 => u.int_in_range(0..=largest / 16),
            _ => u.int_in_range(0..=200),
        };
        let attack = match u.int_in_range(0..=11_u8)? {
            0 => Attack::EntityBomb {
                depth: u.int_in_range(1..=7)?,
                width: u.int_in_range(1..=10)?,
            },
            1 => Attack::ExternalEntity,
            2 => Attack::Deep(size(u, LARGEST_DOCUMENT / 3)?),
            3 => Attack::Long(size(u, LARGEST_DOCUMENT)?),
            4 => Attack::Wide(size(u, LARGEST_DOCUMENT / 16)?),
            5 => Attack::CutBefore(1 + u.int_in_range(0..=200)?),
            6 => Attack::Trailing,
            7 => Attack::BadUtf8,
            8 => Attack::Utf16,
            9 => Attack::Nul,
            10 => Attack::Crossed,
            _ => Attack::Empty,
        };
        Ok(Self {
            document: u.arbitrary()?,
            attack,
        })
    }
}

impl Case for HostileXmlCase {
    const BYTES: usize = 32;

    fn classes(&self) -> Classes {
        Classes::default()
            .with(
                Class::EntityBomb,
                matches!(
                    self.attack,
                    Attack::EntityBomb { .. } | Attack::ExternalEntity
                ),
            )
            .with(
                Class::DeepXml,
                matches!(self.attack, Attack::Deep(depth) if depth > 1_000),
            )
            .with(
                Class::LargeXml,
                matches!(self.attack, Attack::Long(size) | Attack::Wide(size) if size > 10_000),
            )
            .with(
                Class::TruncatedXml,
                matches!(self.attack, Attack::CutBefore(_)),
            )
            .with(
                Class::WrongEncoding,
                matches!(self.attack, Attack::BadUtf8 | Attack::Utf16),
            )
    }

    fn smaller(&self) -> Vec<Self> {
        let with = |attack| Self {
            attack,
            ..self.clone()
        };
        match self.attack {
            Attack::EntityBomb { depth, width } => {
                let depths = smaller_number(depth.into(), 1)
                    .into_iter()
                    .filter_map(|depth| u32::try_from(depth).ok());
                let widths = smaller_number(width.into(), 1)
                    .into_iter()
                    .filter_map(|width| u32::try_from(width).ok());
                depths
                    .map(|depth| with(Attack::EntityBomb { depth, width }))
                    .chain(widths.map(|width| with(Attack::EntityBomb { depth, width })))
                    .collect()
            }
            Attack::Deep(count) => smaller_number(count, 0)
                .into_iter()
                .map(|count| with(Attack::Deep(count)))
                .collect(),
            Attack::Long(count) => smaller_number(count, 0)
                .into_iter()
                .map(|count| with(Attack::Long(count)))
                .collect(),
            Attack::Wide(count) => smaller_number(count, 0)
                .into_iter()
                .map(|count| with(Attack::Wide(count)))
                .collect(),
            Attack::CutBefore(count) => smaller_number(count, 1)
                .into_iter()
                .map(|count| with(Attack::CutBefore(count)))
                .collect(),
            Attack::ExternalEntity
            | Attack::Trailing
            | Attack::BadUtf8
            | Attack::Utf16
            | Attack::Nul
            | Attack::Crossed
            | Attack::Empty
            | Attack::Sent(_) => Vec::new(),
        }
    }

    fn check(&self) -> std::result::Result<(), String> {
        let (given, largest) = match self.attack {
            Attack::EntityBomb { depth, width } => (
                u64::from(width).saturating_pow(depth).saturating_mul(8),
                LARGEST_BOMB,
            ),
            Attack::Deep(count) | Attack::Long(count) | Attack::Wide(count) => {
                (count, LARGEST_DOCUMENT)
            }
            Attack::CutBefore(0) => {
                return Err("nothing is cut off, expected at least one byte".to_owned());
            }
            Attack::CutBefore(_)
            | Attack::ExternalEntity
            | Attack::Trailing
            | Attack::BadUtf8
            | Attack::Utf16
            | Attack::Nul
            | Attack::Crossed
            | Attack::Empty
            | Attack::Sent(_) => return Ok(()),
        };
        match given <= largest {
            true => Ok(()),
            false => Err(format!(
                "a document of size {given}, expected at most {largest}"
            )),
        }
    }
}
