//! Readers and builders of part lists.

use partproof_model::part_list;
use partproof_model::rules;
use partproof_model::service::complete::list_objections;
use partproof_visible::visible;

use super::{Can, all, is_valid};
use crate::file::Outcome;
use crate::part_list::{ListedPartValue, PartListTest};
use partproof_suite::law::Consequence::{OtherClientCannotRead, ProcessEndangered, UploadRejected};
use partproof_suite::law::{Held, Unheld, refused_needlessly, violated};
use partproof_suite::laws::same_etag;
use partproof_suite::subject::{PartListBuilder, PartListReader, Subject};

/// The reader finds the case's parts, or refuses the body; the builder writes a list of them.
pub(super) fn read_and_built(test: &PartListTest, subject: &Subject<'_>, can: &mut Can) -> Held {
    let body = test.bytes().ok_or(Unheld::NotDeclared)?;
    let read = match subject.part_list_reader {
        Some(reader) => read(reader, test, &body, can),
        None => Err(Unheld::NotDeclared),
    };
    let built = match subject.part_list_builder {
        Some(builder) => built(builder, test),
        None => Err(Unheld::NotDeclared),
    };
    all([read, built])
}

fn read(reader: &dyn PartListReader, test: &PartListTest, body: &[u8], can: &mut Can) -> Held {
    let answer = reader.read_part_list(body);
    match (answer, &test.parts) {
        (Err(refusal), _) if is_valid(test) => Err(refused_needlessly(
            rules::PART_LIST_LIBERAL,
            format!("{} parts", test.parts.as_ref().map_or(0, Vec::len)),
        )(refusal)),
        // A strict reader may refuse what the service would.
        (Err(refusal), _) => match can.read_list {
            true => Ok(()),
            false => Err(Unheld::Refused(refusal)),
        },
        (Ok(read), Some(parts)) => {
            same(parts, &read)?;
            can.read_list |= is_valid(test);
            Ok(())
        }
        (Ok(_), None) if test.result == Outcome::Acceptable => Ok(()),
        (Ok(read), None) => Err(violated(
            rules::XML_BOUNDED,
            "what is no part list is taken",
            ProcessEndangered,
            "a refusal",
            format!("{} parts: {:?}", read.len(), read.get(..read.len().min(3))),
        )),
    }
}

fn same(expected: &[ListedPartValue], read: &[(u64, String)]) -> Held {
    let same = |(expected, read): (&ListedPartValue, &(u64, String))| {
        expected.number == read.0 && same_etag(&expected.etag, &read.1)
    };
    if expected.len() == read.len() && expected.iter().zip(read).all(same) {
        return Ok(());
    }
    Err(violated(
        rules::PART_LIST_LIBERAL,
        "read as other parts",
        OtherClientCannotRead,
        format!("{expected:?}"),
        format!("{read:?}"),
    ))
}

/// From the parts of a valid list, in any order, the builder makes a list of them; from parts that no list may have, it
/// makes none, or one without them.
fn built(builder: &dyn PartListBuilder, test: &PartListTest) -> Held {
    let parts = test.parts.as_ref().ok_or(Unheld::NotDeclared)?;
    let mut given: Vec<(u64, String)> = parts
        .iter()
        .map(|part| (part.number, part.etag.clone()))
        .collect();
    if is_valid(test) {
        if builder.sorts() {
            given.reverse();
        }
        let body = builder.part_list(&given).map_err(Unheld::Refused)?;
        return match part_list::read(&body) {
            Ok(listed) => {
                let listed: Vec<_> = listed
                    .into_iter()
                    .map(|part| (part.number, part.etag))
                    .collect();
                same(parts, &listed)
            }
            Err(problem) => Err(no_list(&body, &problem.to_string())),
        };
    }
    let listed: Vec<_> = parts
        .iter()
        .map(|part| part_list::ListedPart {
            number: part.number,
            etag: part.etag.clone(),
        })
        .collect();
    // A builder does not know what was uploaded: only what a list breaks by itself is its affair.
    let own = list_objections(&listed);
    if own.is_empty() || !builder.sorts() {
        return Err(Unheld::NotDeclared);
    }
    let Ok(body) = builder.part_list(&given) else {
        return Ok(());
    };
    let listed = part_list::read(&body).map_err(|problem| no_list(&body, &problem.to_string()))?;
    match list_objections(&listed).into_iter().next() {
        None => Ok(()),
        Some(objection) => Err(violated(
            objection.rule,
            "listed against this rule",
            UploadRejected,
            "a refusal, or a list in order",
            objection.detail,
        )),
    }
}

fn no_list(body: &[u8], problem: &str) -> Unheld {
    let excerpt = visible(&String::from_utf8_lossy(body.get(..200).unwrap_or(body)));
    violated(
        rules::PART_LIST_XML,
        "not a part list",
        UploadRejected,
        "a CompleteMultipartUpload document",
        format!("{problem}: {excerpt}"),
    )
}
