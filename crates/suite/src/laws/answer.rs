//! The law of readers of the service's answers.

use partproof_model::rules;
use serde::Serialize;

use super::same_etag;
use crate::case::answer::AnswerCase;
use crate::class::Class as C;
use crate::law::Consequence::DataLost;
use crate::law::{Held, Law, On, refused_needlessly, violated};
use crate::shown;
use crate::subject::{AnswerReader, StoredPart};

/// Every field of an answer is read as the service meant it, unescaped and URL-decoded exactly once.
pub static ANSWERS_READ: Law = Law {
    id: "answers-read",
    sentence: "Every field of an answer is read as the service meant it, unescaped and URL-decoded exactly once.",
    rules: &[rules::ANSWER_FIELDS],
    classes: &[C::UrlEncoded, C::LiberalSpelling, C::EtagNeedsEscape],
    quick_cases: 2_000,
    on: &On::<dyn AnswerReader, AnswerCase>(fields),
};

/// Every field of an answer is read as the service meant it.
fn fields(reader: &dyn AnswerReader, case: &AnswerCase) -> Held {
    let refused = |what: &'static str| refused_needlessly(rules::ANSWER_FIELDS, what);
    let initiated = reader
        .initiated(&case.initiated())
        .map_err(refused("an InitiateMultipartUploadResult"))?;
    same("Initiate: another bucket", &case.bucket, &initiated.bucket)?;
    same("Initiate: another key", &case.key, &initiated.key)?;
    same(
        "Initiate: another upload id",
        &case.upload_id,
        &initiated.upload_id,
    )?;

    let mut completed = reader
        .completed(&case.completed())
        .map_err(refused("a CompleteMultipartUploadResult"))?;
    settle_quotes(&case.text, &mut completed.etag);
    same("Complete: another bucket", &case.bucket, &completed.bucket)?;
    same("Complete: another key", &case.key, &completed.key)?;
    same("Complete: another ETag", &case.text, &completed.etag)?;

    let mut page = reader
        .part_page(&case.part_page())
        .map_err(refused("a ListPartsResult"))?;
    for part in &mut page.parts {
        settle_quotes(&case.text, &mut part.etag);
    }
    same("ListParts: another key", &case.key, &page.key)?;
    same(
        "ListParts: another upload id",
        &case.upload_id,
        &page.upload_id,
    )?;
    same(
        "ListParts: another marker",
        &Some(case.parts),
        &page.next_part_number_marker,
    )?;
    same(
        "ListParts: otherwise truncated",
        &case.truncated,
        &page.is_truncated,
    )?;
    let bare = |parts: Vec<StoredPart>| -> Vec<(u64, String, u64)> {
        let parts = parts.into_iter();
        parts
            .map(|part| (part.number, part.etag, part.size))
            .collect()
    };
    same("ListParts: other parts", &case.stored(), &bare(page.parts))?;

    let error = reader
        .service_error(&case.service_error())
        .map_err(refused("an Error"))?;
    same(
        "Error: another Code",
        "InvalidEncryptionRequest",
        error.code.as_str(),
    )?;
    same("Error: another Message", &case.text, &error.message)?;
    same(
        "Error: another RequestId",
        &Some("5C3D9175B6FC201293AD0001"),
        &error.request_id.as_deref(),
    )?;
    same(
        "Error: another EC",
        &Some("0005-00000411"),
        &error.ec.as_deref(),
    )
}

/// Quotes around an ETag are the reader's choice.
fn settle_quotes(given: &str, answered: &mut String) {
    if same_etag(given, answered) {
        given.clone_into(answered);
    }
}

fn same<T: Serialize + PartialEq + ?Sized>(
    symptom: &'static str,
    expected: &T,
    actual: &T,
) -> Held {
    if expected == actual {
        return Ok(());
    }
    Err(violated(
        rules::ANSWER_FIELDS,
        symptom,
        DataLost,
        shown(expected),
        shown(actual),
    ))
}
