//! The law of every XML reader: what is hostile is refused, soon and at little cost.

use std::time::{Duration, Instant};

use partproof_model::rules;
use partproof_visible::visible;

use crate::case::hostile_xml::{Attack, Document, HostileXmlCase};
use crate::class::Class as C;
use crate::law::Consequence::ProcessEndangered;
use crate::law::{Held, Law, On, Unheld, XmlReaders, violated};
use crate::subject::{Refusal, Subject};

/// Generous, so that no slow machine is accused: an honest reader takes milliseconds.
const LONGEST: Duration = Duration::from_secs(10);

/// An entity bomb that a reader may expand, as XML says it should, in bytes.
const HARMLESS_BOMB: u64 = 64 << 10;

/// XML that is hostile or broken is refused, in bounded time.
///
/// Memory is not measured: what the process takes is what all of its threads take, and a right reader would answer for its
/// neighbours. An expanded bomb is noticed by being taken or by its time; the fuzz targets bound memory, one reader a process.
pub static HOSTILE_XML_REFUSED: Law = Law {
    id: "hostile-xml-refused",
    sentence: "XML that is hostile or broken is refused, in bounded time.",
    rules: &[rules::XML_BOUNDED],
    classes: &[
        C::EntityBomb,
        C::DeepXml,
        C::LargeXml,
        C::TruncatedXml,
        C::WrongEncoding,
    ],
    quick_cases: 5_000,
    on: &On::<XmlReaders, HostileXmlCase>(refused),
};

fn refused(subject: &Subject<'_>, case: &HostileXmlCase) -> Held {
    let bytes = case.bytes();
    let started = Instant::now();
    let taken = read(subject, case.document, &bytes)?;
    if started.elapsed() > LONGEST {
        let expected = format!("an answer within {} seconds", LONGEST.as_secs());
        return Err(violated(
            rules::XML_BOUNDED,
            "time out of proportion",
            ProcessEndangered,
            expected,
            format!("longer for a document of {} bytes", bytes.len()),
        ));
    }
    match (taken, must_be_refused(&case.attack)) {
        (Ok(()), true) => {
            let shown = visible(&String::from_utf8_lossy(&bytes[..bytes.len().min(120)]));
            Err(violated(
                rules::XML_BOUNDED,
                taken_although(&case.attack),
                ProcessEndangered,
                "a refusal",
                format!("read as if it were right: {shown}"),
            ))
        }
        (Ok(()) | Err(_), _) => Ok(()),
    }
}

/// Reads the document with the piece that reads its kind.
fn read(
    subject: &Subject<'_>,
    document: Document,
    bytes: &[u8],
) -> Result<Result<(), Refusal>, Unheld> {
    if document == Document::PartList {
        let reader = subject.part_list_reader.ok_or(Unheld::NotDeclared)?;
        return Ok(reader.read_part_list(bytes).map(drop));
    }
    let reader = subject.answer_reader.ok_or(Unheld::NotDeclared)?;
    Ok(match document {
        Document::PartList | Document::Initiated => reader.initiated(bytes).map(drop),
        Document::Completed => reader.completed(bytes).map(drop),
        Document::PartPage => reader.part_page(bytes).map(drop),
        Document::ServiceError => reader.service_error(bytes).map(drop),
    })
}

/// What XML lets a reader accept need not be refused: small entities, UTF-16, an external entity that it skips.
fn must_be_refused(attack: &Attack) -> bool {
    match attack {
        Attack::EntityBomb { depth, width } => {
            u64::from(*width).saturating_pow(*depth).saturating_mul(8) > HARMLESS_BOMB
        }
        Attack::ExternalEntity | Attack::Utf16 => false,
        Attack::Deep(_)
        | Attack::Long(_)
        | Attack::Wide(_)
        | Attack::CutBefore(_)
        | Attack::Trailing
        | Attack::BadUtf8
        | Attack::Nul
        | Attack::Crossed
        | Attack::Empty
        | Attack::Sent(_) => true,
    }
}

/// What is wrong with a reader that takes such a document.
fn taken_although(attack: &Attack) -> &'static str {
    match attack {
        Attack::EntityBomb { .. } | Attack::ExternalEntity => "entities are expanded without bound",
        Attack::Deep(_) | Attack::Long(_) | Attack::Wide(_) | Attack::CutBefore(_) => {
            "a document without its end is taken"
        }
        Attack::Trailing => "a document with more behind its end is taken",
        Attack::BadUtf8 | Attack::Utf16 => "bytes that are not UTF-8 are taken",
        Attack::Nul => "a NUL is taken",
        Attack::Crossed => "an end tag of another element is taken",
        Attack::Empty => "nothing at all is taken",
        Attack::Sent(_) => "what is no such document is taken",
    }
}
