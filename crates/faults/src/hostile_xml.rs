//! Readers that take broken or hostile XML for an answer. They mend the document and hand the built-in client what they made
//! of it. None of them can really exhaust the process: what an attack would make endless is cut off.

use partproof_subjects::builtin::{self, Builtin};
use partproof_suite::subject::{PartListReader, Refusal, Subject};

use crate::Fault;
use crate::part_list::Reading;

const LAW: &str = "hostile-xml-refused";

fn subject(reader: &'static Reading) -> Subject<'static> {
    Subject {
        part_list_reader: Some(reader),
        ..builtin::subject()
    }
}

fn read(text: &str) -> Result<Vec<(u64, String)>, Refusal> {
    Builtin.read_part_list(text.as_bytes())
}

/// The text up to and with the last of an end tag, if there is one.
fn up_to_last<'a>(text: &'a str, tag: &str) -> &'a str {
    text.rfind(tag).map_or(text, |at| &text[..at + tag.len()])
}

pub(crate) const TRUNCATED_TAKEN: Fault = Fault {
    id: "xml-truncated-taken",
    sentence: "A document that is cut off after its last whole part is read as if it ended there.",
    seen_in: "",
    law: LAW,
    cause: None,
    subject: || {
        subject(&Reading(|body| {
            let text = String::from_utf8(body.to_vec()).map_err(Refusal::from_error)?;
            let root = "</CompleteMultipartUpload>";
            match text.contains("</Comp") {
                true => read(&text),
                false => read(&format!("{}{root}", up_to_last(&text, "</Part>"))),
            }
        }))
    },
};

pub(crate) const JUNK_AFTER_THE_END: Fault = Fault {
    id: "xml-junk-after-the-end",
    sentence: "Reading ends with the root, whatever follows.",
    seen_in: "",
    law: LAW,
    cause: None,
    subject: || {
        subject(&Reading(|body| {
            let text = String::from_utf8(body.to_vec()).map_err(Refusal::from_error)?;
            read(up_to_last(&text, "</CompleteMultipartUpload>"))
        }))
    },
};

pub(crate) const BAD_UTF_8_REPLACED: Fault = Fault {
    id: "xml-bad-utf-8-replaced",
    sentence: "Bytes that are not UTF-8 are replaced and read on.",
    seen_in: "E12",
    law: LAW,
    cause: None,
    subject: || subject(&Reading(|body| read(&String::from_utf8_lossy(body)))),
};

pub(crate) const NUL_DROPPED: Fault = Fault {
    id: "xml-nul-dropped",
    sentence: "A NUL is dropped and read over.",
    seen_in: "",
    law: LAW,
    cause: None,
    subject: || {
        subject(&Reading(|body| {
            let kept: Vec<u8> = body.iter().copied().filter(|byte| *byte != 0).collect();
            Builtin.read_part_list(&kept)
        }))
    },
};

pub(crate) const EMPTY_INDEXED: Fault = Fault {
    id: "xml-empty-indexed",
    sentence: "The first byte is looked at before there is one.",
    seen_in: "",
    law: LAW,
    cause: None,
    subject: || {
        subject(&Reading(|body| match body[0] {
            b'<' => Builtin.read_part_list(body),
            _ => Err(Refusal("no element".to_owned())),
        }))
    },
};

pub(crate) const ENTITIES_EXPANDED: Fault = Fault {
    id: "xml-entities-expanded",
    sentence: "Entities that the document declares are expanded, entities of entities too.",
    seen_in: "",
    law: LAW,
    cause: None,
    subject: || {
        subject(&Reading(|body| {
            let text = String::from_utf8(body.to_vec()).map_err(Refusal::from_error)?;
            match text
                .strip_prefix("<!DOCTYPE")
                .and_then(|text| text.split_once("]>"))
            {
                Some((doctype, document)) => read(&expanded(doctype, document)),
                None => read(&text),
            }
        }))
    },
};

/// A document with the entities of its document type put in, the last declared first, so that each finds those before it.
fn expanded(doctype: &str, document: &str) -> String {
    /// Where an honest expansion would go on: no test may cost more.
    const SAFE: usize = 4 << 20;
    let mut document = document.to_owned();
    for declared in doctype.rsplit("<!ENTITY ") {
        let Some((name, value)) = declared.split_once(' ') else {
            continue;
        };
        let reference = format!("&{name};");
        let value = value.trim_matches(['"', '>']);
        let length = document.matches(&reference).count() * value.len() + document.len();
        document = document.replace(&reference, if length < SAFE { value } else { "" });
    }
    document
}
