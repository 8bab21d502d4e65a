//! Part lists written or read wrongly. Right lists are the built-in client's; wrong ones are its output changed, or its parts
//! written by hand.

use std::collections::{BTreeMap, BTreeSet};

use partproof_subjects::builtin::{self, Builtin};
use partproof_suite::Cause;
use partproof_suite::subject::{PartListBuilder, PartListReader, Refusal, Subject};

use crate::Fault;

type Parts = [(u64, String)];
type Listed = Vec<(u64, String)>;

/// A builder that is one function.
pub(crate) struct Building(pub(crate) fn(&Parts) -> Result<Vec<u8>, Refusal>);

impl PartListBuilder for Building {
    fn part_list(&self, parts: &Parts) -> Result<Vec<u8>, Refusal> {
        self.0(parts)
    }
}

/// A reader that is one function.
pub(crate) struct Reading(pub(crate) fn(&[u8]) -> Result<Listed, Refusal>);

impl PartListReader for Reading {
    fn read_part_list(&self, body: &[u8]) -> Result<Vec<(u64, String)>, Refusal> {
        self.0(body)
    }
}

fn builder(builder: &'static Building) -> Subject<'static> {
    Subject {
        part_list_builder: Some(builder),
        ..builtin::subject()
    }
}

fn reader(reader: &'static Reading) -> Subject<'static> {
    Subject {
        part_list_reader: Some(reader),
        ..builtin::subject()
    }
}

/// The parts in ascending order, if they are what a list may carry.
pub(crate) fn checked(parts: &Parts) -> Result<Vec<(u64, String)>, Refusal> {
    Builtin.part_list(parts)?;
    Ok(sorted(parts))
}

fn sorted(parts: &Parts) -> Vec<(u64, String)> {
    let mut parts = parts.to_vec();
    parts.sort_by_key(|(number, _)| *number);
    parts
}

/// What XML demands of a text, quotes left as they are.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('\r', "&#13;")
}

/// A list of these parts in this order, with ETags spelt by `etag`.
pub(crate) fn written(parts: &Parts, etag: fn(&str) -> String) -> Vec<u8> {
    let parts: String = parts
        .iter()
        .map(|(number, text)| {
            let etag = etag(text);
            format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>")
        })
        .collect();
    format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>").into_bytes()
}

pub(crate) const UNSORTED: Fault = Fault {
    id: "part-list-unsorted",
    sentence: "Parts are listed in the order in which they finished.",
    seen_in: "F01",
    law: "part-list",
    cause: Some(Cause::ListOrder),
    subject: || {
        builder(&Building(|parts| {
            checked(parts)?;
            Ok(written(parts, escaped))
        }))
    },
};

pub(crate) const LEXICOGRAPHIC: Fault = Fault {
    id: "part-list-lexicographic",
    sentence: "Part numbers are sorted as text: 1, 10, 2.",
    seen_in: "F09",
    law: "part-list",
    cause: Some(Cause::ListOrder),
    subject: || {
        builder(&Building(|parts| {
            let mut parts = checked(parts)?;
            parts.sort_by_key(|(number, _)| number.to_string());
            Ok(written(&parts, escaped))
        }))
    },
};

pub(crate) const LAST_MISSING: Fault = Fault {
    id: "part-list-last-missing",
    sentence: "The loop over the parts ends one short.",
    seen_in: "A08",
    law: "part-list-completes",
    cause: Some(Cause::ListPartMissing),
    subject: || {
        builder(&Building(|parts| {
            let parts = checked(parts)?;
            let listed = parts.len().saturating_sub(1).max(1);
            Ok(written(&parts[..listed], escaped))
        }))
    },
};

pub(crate) const FIRST_THOUSAND: Fault = Fault {
    id: "part-list-first-thousand",
    sentence: "The parts are taken from one page of ListParts, which has at most 1,000.",
    seen_in: "F06",
    law: "part-list",
    cause: Some(Cause::ListPartMissing),
    subject: || {
        builder(&Building(|parts| {
            let parts = checked(parts)?;
            Ok(written(&parts[..parts.len().min(1_000)], escaped))
        }))
    },
};

pub(crate) const LOST_UPDATE: Fault = Fault {
    id: "part-list-lost-update",
    sentence: "Two parts finish at once, and the one that was noted first is lost.",
    seen_in: "F05",
    law: "part-list",
    cause: Some(Cause::ListPartMissing),
    subject: || {
        builder(&Building(|parts| {
            let mut parts = checked(parts)?;
            if parts.len() > 2 {
                parts.remove(1);
            }
            Ok(written(&parts, escaped))
        }))
    },
};

pub(crate) const UNESCAPED: Fault = Fault {
    id: "part-list-unescaped",
    sentence: "ETags are written without escaping.",
    seen_in: "F04",
    law: "part-list",
    cause: Some(Cause::EtagNotEscaped),
    subject: || {
        builder(&Building(|parts| {
            Ok(written(&checked(parts)?, str::to_owned))
        }))
    },
};

pub(crate) const ESCAPED_TWICE: Fault = Fault {
    id: "part-list-escaped-twice",
    sentence: "ETags are escaped by the caller and again by the writer.",
    seen_in: "F03",
    law: "part-list",
    cause: Some(Cause::ListEtag),
    subject: || {
        builder(&Building(|parts| {
            Ok(written(&checked(parts)?, |text| escaped(&escaped(text))))
        }))
    },
};

pub(crate) const AMPERSAND_LAST: Fault = Fault {
    id: "part-list-ampersand-last",
    sentence: "Of what must be escaped in ETags the ampersand is replaced last, those of the other references too.",
    seen_in: "F04",
    law: "part-list",
    cause: Some(Cause::ListEtag),
    subject: || {
        builder(&Building(|parts| {
            Ok(written(&checked(parts)?, |text| {
                let others = text.replace('<', "&lt;").replace('>', "&gt;");
                others.replace('\r', "&#13;").replace('&', "&amp;")
            }))
        }))
    },
};

pub(crate) const ETAGS_IN_LOWER_CASE: Fault = Fault {
    id: "part-list-etags-in-lower-case",
    sentence: "ETags are listed in lower case.",
    seen_in: "F03",
    law: "part-list",
    cause: Some(Cause::ListEtag),
    subject: || {
        builder(&Building(|parts| {
            Ok(written(&checked(parts)?, |text| {
                escaped(&text.to_ascii_lowercase())
            }))
        }))
    },
};

pub(crate) const RAW_CARRIAGE_RETURN: Fault = Fault {
    id: "part-list-raw-carriage-return",
    sentence: "A carriage return is written as it is, and read by everybody as a line feed.",
    seen_in: "F04",
    law: "part-list",
    cause: Some(Cause::EtagNotEscaped),
    subject: || {
        builder(&Building(|parts| {
            Ok(written(&checked(parts)?, |text| {
                escaped(text).replace("&#13;", "\r")
            }))
        }))
    },
};

pub(crate) const QUOTES_DOUBLED: Fault = Fault {
    id: "part-list-quotes-doubled",
    sentence: "Quotes are put around an ETag that has them already.",
    seen_in: "F03",
    law: "part-list",
    cause: Some(Cause::ListEtag),
    subject: || {
        builder(&Building(|parts| {
            Ok(written(&checked(parts)?, |text| {
                format!("\"{}\"", escaped(text))
            }))
        }))
    },
};

pub(crate) const LISTED_FROM_ZERO: Fault = Fault {
    id: "part-list-from-zero",
    sentence: "Parts are listed with their index, from 0.",
    seen_in: "A08",
    law: "part-list-completes",
    cause: None,
    subject: || {
        builder(&Building(|parts| {
            let mut parts = checked(parts)?;
            for (number, _) in &mut parts {
                *number -= 1;
            }
            Ok(written(&parts, escaped))
        }))
    },
};

/// Builds a list of numbers that are cut to their low bits first.
macro_rules! in_bits {
    ($number:ty) => {
        builder(&Building(|parts| {
            let cut =
                |(number, etag): &(u64, String)| (number & u64::from(<$number>::MAX), etag.clone());
            let parts: Vec<_> = parts.iter().map(cut).collect();
            Ok(written(&checked(&parts)?, escaped))
        }))
    };
}

pub(crate) const IN_16_BITS: Fault = Fault {
    id: "part-list-in-16-bits",
    sentence: "Part numbers are cut to 16 bits before they are looked at.",
    seen_in: "",
    law: "any-parts",
    cause: None,
    subject: || in_bits!(u16),
};

pub(crate) const IN_32_BITS: Fault = Fault {
    id: "part-list-in-32-bits",
    sentence: "Part numbers are cut to 32 bits before they are looked at.",
    seen_in: "",
    law: "any-parts",
    cause: None,
    subject: || in_bits!(u32),
};

pub(crate) const DUPLICATES: Fault = Fault {
    id: "part-list-duplicates",
    sentence: "A part that was sent twice is listed twice.",
    seen_in: "F02",
    law: "part-list-refusal",
    cause: None,
    subject: || {
        builder(&Building(|parts| {
            let once: BTreeMap<_, _> = parts.iter().cloned().collect();
            checked(&once.into_iter().collect::<Vec<_>>())?;
            Ok(written(&sorted(parts), escaped))
        }))
    },
};

pub(crate) const CONTROL_CHARACTERS: Fault = Fault {
    id: "part-list-control-characters",
    sentence: "Characters that XML has no place for are written as they are.",
    seen_in: "F04",
    law: "part-list-refusal",
    cause: None,
    subject: || {
        builder(&Building(|parts| {
            let clean = |(number, etag): &(u64, String)| {
                (
                    *number,
                    etag.replace(|c: char| c.is_control() || c >= '\u{fffe}', "?"),
                )
            };
            checked(&parts.iter().map(clean).collect::<Vec<_>>())?;
            Ok(written(&sorted(parts), escaped))
        }))
    },
};

pub(crate) const ANY_NUMBER: Fault = Fault {
    id: "part-list-any-number",
    sentence: "Part numbers are not compared with 1 and 10,000.",
    seen_in: "",
    law: "part-list-refusal",
    cause: None,
    subject: || {
        builder(&Building(|parts| {
            let renumbered = (1..)
                .zip(parts)
                .map(|(number, (_, etag))| (number, etag.clone()));
            checked(&renumbered.collect::<Vec<_>>())?;
            // Duplicates are still found.
            let numbers: BTreeSet<_> = parts.iter().map(|(number, _)| number).collect();
            if numbers.len() < parts.len() {
                return Err(Refusal("a part stands twice".to_owned()));
            }
            Ok(written(&sorted(parts), escaped))
        }))
    },
};

pub(crate) const EMPTY_LIST: Fault = Fault {
    id: "part-list-empty",
    sentence: "A list of no part is written.",
    seen_in: "D03",
    law: "part-list-refusal",
    cause: None,
    subject: || {
        builder(&Building(|parts| match parts {
            [] => Ok(written(parts, escaped)),
            _ => Builtin.part_list(parts),
        }))
    },
};

pub(crate) const NUMBERED_REFERENCE_REFUSED: Fault = Fault {
    id: "part-list-reader-numbered-reference",
    sentence: "The reader knows &quot; and refuses &#34;, as Go writes it.",
    seen_in: "F03",
    law: "part-list-spellings",
    cause: None,
    subject: || {
        reader(&Reading(|body| match contains(body, "&#34;") {
            true => Err(Refusal("reference to #34".to_owned())),
            false => Builtin.read_part_list(body),
        }))
    },
};

pub(crate) const ETAG_FIRST_REFUSED: Fault = Fault {
    id: "part-list-reader-etag-first",
    sentence: "The reader takes PartNumber before ETag only.",
    seen_in: "F03",
    law: "part-list-spellings",
    cause: None,
    subject: || {
        reader(&Reading(|body| {
            let text = String::from_utf8_lossy(body);
            match text.find("<ETag>") < text.find("<PartNumber>") {
                true => Err(Refusal("ETag, expected PartNumber".to_owned())),
                false => Builtin.read_part_list(body),
            }
        }))
    },
};

pub(crate) const READER_UNESCAPES_TWICE: Fault = Fault {
    id: "part-list-reader-unescapes-twice",
    sentence: "The reader resolves references in a text whose references are resolved.",
    seen_in: "F03",
    law: "part-list-spellings",
    cause: None,
    subject: || {
        reader(&Reading(|body| {
            let mut parts = Builtin.read_part_list(body)?;
            for (_, etag) in &mut parts {
                *etag = etag
                    .replace("&quot;", "\"")
                    .replace("&lt;", "<")
                    .replace("&gt;", ">")
                    .replace("&amp;", "&");
            }
            Ok(parts)
        }))
    },
};

pub(crate) const DECLARATION_REFUSED: Fault = Fault {
    id: "part-list-reader-declaration",
    sentence: "The reader expects the root at the first byte, and refuses an XML declaration.",
    seen_in: "F03",
    law: "part-list-spellings",
    cause: None,
    subject: || {
        reader(&Reading(|body| match body.starts_with(b"<?xml") {
            true => Err(Refusal("no root element at byte 0".to_owned())),
            false => Builtin.read_part_list(body),
        }))
    },
};

pub(crate) const SECTION_PASSED_OVER: Fault = Fault {
    id: "part-list-reader-section-passed-over",
    sentence: "The reader collects text and passes over CDATA sections: an ETag in one is empty.",
    seen_in: "F03",
    law: "part-list-spellings",
    cause: None,
    subject: || {
        reader(&Reading(|body| {
            Builtin.read_part_list(&without_sections(body))
        }))
    },
};

pub(crate) const COMMENT_READ: Fault = Fault {
    id: "part-list-reader-comment-read",
    sentence: "The reader looks for tags as text: what stands in a comment is read as well.",
    seen_in: "",
    law: "part-list-spellings",
    cause: None,
    subject: || {
        reader(&Reading(|body| {
            let text = String::from_utf8_lossy(body);
            Builtin.read_part_list(text.replace("<!--", "").replace("-->", "").as_bytes())
        }))
    },
};

/// A document without its CDATA sections.
pub(crate) fn without_sections(body: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(body);
    let mut pieces = text.split("<![CDATA[");
    let first = pieces.next().unwrap_or_default().to_owned();
    let rest = pieces.filter_map(|piece| piece.split_once("]]>"));
    rest.fold(first, |text, (_, after)| text + after)
        .into_bytes()
}

fn contains(body: &[u8], text: &str) -> bool {
    body.windows(text.len())
        .any(|window| window == text.as_bytes())
}
