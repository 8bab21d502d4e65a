//! The law of readers of the service's answers.

use std::fmt::Debug;

use partproof_model::rules;

use super::same_etag;
use crate::case::answer::AnswerCase;
use crate::law::Consequence::DataLost;
use crate::law::{Held, refused_needlessly, violated};
use crate::subject::{AnswerReader, Completed, Initiated, PartPage, ServiceError, StoredPart};

/// Every field of an answer is read as the service meant it.
pub(crate) fn fields(reader: &dyn AnswerReader, case: &AnswerCase) -> Held {
    let refused = |what: &'static str| refused_needlessly(rules::ANSWER_FIELDS, what);
    let initiated = reader
        .initiated(&case.initiated())
        .map_err(refused("an InitiateMultipartUploadResult"))?;
    let expected = Initiated {
        bucket: case.bucket.clone(),
        key: case.key.clone(),
        upload_id: case.upload_id.clone(),
    };
    same("Initiate is read as something else", &expected, &initiated)?;

    let mut completed = reader
        .completed(&case.completed())
        .map_err(refused("a CompleteMultipartUploadResult"))?;
    let expected = Completed {
        bucket: case.bucket.clone(),
        key: case.key.clone(),
        etag: case.text.clone(),
    };
    settle_quotes(&case.text, &mut completed.etag);
    same("Complete is read as something else", &expected, &completed)?;

    let mut page = reader
        .part_page(&case.part_page())
        .map_err(refused("a ListPartsResult"))?;
    for part in &mut page.parts {
        settle_quotes(&case.text, &mut part.etag);
    }
    let stored = |(number, etag, size): (u64, String, u64)| StoredPart { number, etag, size };
    let expected = PartPage {
        key: case.key.clone(),
        upload_id: case.upload_id.clone(),
        next_part_number_marker: Some(case.parts),
        is_truncated: case.truncated,
        parts: case.stored().into_iter().map(stored).collect(),
    };
    same("ListParts is read as something else", &expected, &page)?;

    let error = reader
        .service_error(&case.service_error())
        .map_err(refused("an Error"))?;
    let expected = ServiceError {
        code: "InvalidEncryptionRequest".to_owned(),
        message: case.text.clone(),
        request_id: Some("5C3D9175B6FC201293AD0001".to_owned()),
        ec: Some("0005-00000411".to_owned()),
    };
    same("Error is read as something else", &expected, &error)
}

/// Quotes around an ETag are the reader's choice.
fn settle_quotes(given: &str, answered: &mut String) {
    if same_etag(given, answered) {
        given.clone_into(answered);
    }
}

fn same<T: Debug + PartialEq>(symptom: &'static str, expected: &T, actual: &T) -> Held {
    if expected == actual {
        return Ok(());
    }
    Err(violated(
        rules::ANSWER_FIELDS,
        symptom,
        DataLost,
        format!("{expected:?}"),
        format!("{actual:?}"),
    ))
}
