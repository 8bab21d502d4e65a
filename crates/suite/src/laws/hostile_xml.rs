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

/// In bytes, beyond what the process had at its peak before: documents have at most 4 MiB.
const MOST_MEMORY: u64 = 128 << 20;

/// An entity bomb that a reader may expand, as XML says it should, in bytes.
const HARMLESS_BOMB: u64 = 64 << 10;

/// XML that is hostile or broken is refused, in bounded time and memory.
pub static HOSTILE_XML_REFUSED: Law = Law {
    id: "hostile-xml-refused",
    sentence: "XML that is hostile or broken is refused, in bounded time and memory.",
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
    let (peak, started) = (peak_memory(), Instant::now());
    let taken = read(subject, case.document, &bytes)?;
    let (grown, elapsed) = (peak_memory().saturating_sub(peak), started.elapsed());
    let actual = |what: String| format!("{what} for a document of {} bytes", bytes.len());
    if elapsed > LONGEST {
        let expected = format!("an answer within {} seconds", LONGEST.as_secs());
        return Err(violated(
            rules::XML_BOUNDED,
            "time out of proportion",
            ProcessEndangered,
            expected,
            actual("longer".to_owned()),
        ));
    }
    if grown > MOST_MEMORY {
        let expected = format!("at most {} MiB more", MOST_MEMORY >> 20);
        return Err(violated(
            rules::XML_BOUNDED,
            "memory out of proportion",
            ProcessEndangered,
            expected,
            actual("more".to_owned()),
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

/// The most memory this process ever had resident, in bytes. Where the system does not say, zero: then growth is not
/// judged, and an expanded bomb is still noticed by being taken for an answer.
fn peak_memory() -> u64 {
    #[cfg(unix)]
    {
        use nix::sys::resource::{UsageWho, getrusage};
        let kibibytes = getrusage(UsageWho::RUSAGE_SELF).map_or(0, |usage| usage.max_rss());
        // macOS counts bytes where others count KiB.
        let unit = if cfg!(target_os = "macos") { 1 } else { 1_024 };
        u64::try_from(kibibytes)
            .unwrap_or_default()
            .saturating_mul(unit)
    }
    #[cfg(not(unix))]
    0
}
