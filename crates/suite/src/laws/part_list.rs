//! Laws of part lists: of those who write them, and of those who read them.

use std::collections::BTreeMap;

use partproof_evidence::shape;
use partproof_model::part_list::{self, ListedPart};
use partproof_model::service::complete::list_objections;
use partproof_model::service::{Body, Service};
use partproof_model::{Headers, envelope, rules};
use partproof_visible::visible;

use super::same_etag;
use crate::case::part_list::{HostilePartListCase, PartListCase};
use crate::case::xml_spelling;
use crate::class::Class as C;
use crate::law::Consequence::{DataLost, OtherClientCannotRead, UploadRejected};
use crate::law::{Held, Law, On, Unheld, refused_needlessly, violated};
use crate::shown;
use crate::subject::{PartListBuilder, PartListReader};

/// A part list is well formed and has every part, once, ascending, with its ETag.
pub static PART_LIST: Law = Law {
    id: "part-list",
    sentence: "A part list is well formed and has every part, once, ascending, with its ETag.",
    rules: &[
        rules::PART_LIST_XML,
        rules::PART_LIST_ORDER,
        rules::PART_LIST_COMPLETE,
        rules::PART_LIST_ETAG,
    ],
    classes: &[
        C::CountOne,
        C::CountMany,
        C::Count9999,
        C::Count10000,
        C::Unsorted,
        C::EtagPlain,
        C::OddEtag,
    ],
    quick_cases: 500,
    on: &On::<dyn PartListBuilder, PartListCase>(faithful),
};

fn faithful(builder: &dyn PartListBuilder, case: &PartListCase) -> Held {
    let expected = case.parts();
    let body = builder
        .part_list(&given(builder, case))
        .map_err(Unheld::Refused)?;
    lists(&expected, &body).map_err(|unheld| unheld.on(shape::of_list(&expected, &body, same_etag)))
}

/// Whether a document lists these parts.
fn lists(expected: &[(u64, String)], body: &[u8]) -> Held {
    let listed = well_formed(body)?;
    for pair in listed.windows(2) {
        if pair[0].number >= pair[1].number {
            let actual = format!("part {} follows part {}", pair[1].number, pair[0].number);
            return Err(violated(
                rules::PART_LIST_ORDER,
                "not ascending",
                UploadRejected,
                "ascending numbers, each once",
                actual,
            ));
        }
    }
    let by_number: BTreeMap<u64, &str> = listed
        .iter()
        .map(|part| (part.number, part.etag.as_str()))
        .collect();
    for (number, etag) in expected {
        match by_number.get(number) {
            None => {
                let actual = format!("no part {number} among {} listed", listed.len());
                return Err(violated(
                    rules::PART_LIST_COMPLETE,
                    "a part is missing",
                    DataLost,
                    format!("part {number}"),
                    actual,
                ));
            }
            Some(listed) if !same_etag(etag, listed) => {
                let (expected, actual) = (format!("part {number}: {}", shown(etag)), shown(listed));
                return Err(violated(
                    rules::PART_LIST_ETAG,
                    "another ETag",
                    UploadRejected,
                    expected,
                    actual,
                ));
            }
            Some(_) => {}
        }
    }
    if listed.len() == expected.len() {
        return Ok(());
    }
    let (expected, actual) = (
        format!("{} parts", expected.len()),
        format!("{} parts", listed.len()),
    );
    Err(violated(
        rules::PART_LIST_COMPLETE,
        "a part too many",
        UploadRejected,
        expected,
        actual,
    ))
}

/// The service completes an upload with the part list of its parts.
pub static PART_LIST_COMPLETES: Law = Law {
    id: "part-list-completes",
    sentence: "The service completes an upload with the part list of its parts.",
    rules: &[
        rules::PART_LIST_XML,
        rules::PART_LIST_PART,
        rules::COUNT_EXCEEDED,
        rules::COUNT_SHORT,
    ],
    classes: &[C::CountOne, C::CountMany, C::Unsorted],
    quick_cases: 500,
    on: &On::<dyn PartListBuilder, PartListCase>(completes),
};

fn completes(builder: &dyn PartListBuilder, case: &PartListCase) -> Held {
    const MOST: u64 = 200;
    const PART_SIZE: u64 = 102_400;
    if case.count > MOST {
        return Err(Unheld::NotDeclared);
    }
    let headers: Headers = [
        (envelope::KEY, "k"),
        (envelope::START, "s"),
        (envelope::CEK_ALG, "AES/CTR/NoPadding"),
        (envelope::WRAP_ALG, "RSA/NONE/PKCS1Padding"),
        (envelope::DATA_SIZE, &(case.count * PART_SIZE).to_string()),
        (envelope::PART_SIZE, &PART_SIZE.to_string()),
    ]
    .into_iter()
    .collect();
    let mut service = Service::new();
    let id = service
        .initiate("object", &headers)
        .outcome
        .expect("a whole envelope");
    let mut etags = BTreeMap::new();
    for number in 1..=case.count {
        let body = Body {
            length: PART_SIZE,
            md5: u128::from(number).to_be_bytes(),
            crc64: 0,
            content: (),
        };
        let stored = service.upload_part("object", &id, Some(&number.to_string()), &headers, body);
        etags.insert(
            number,
            format!(
                "\"{}\"",
                stored.outcome.expect("a part of the declared size")
            ),
        );
    }
    let parts: Vec<_> = given(builder, case)
        .into_iter()
        .map(|(number, _)| (number, etags[&number].clone()))
        .collect();
    let body = builder.part_list(&parts).map_err(Unheld::Refused)?;
    match service
        .complete("object", &id, &Headers::default(), &body)
        .outcome
    {
        Ok(_) => Ok(()),
        Err(rejection) => {
            let expected = format!("{} parts are completed", case.count);
            Err(violated(
                rejection.rule,
                "the service refuses the list",
                UploadRejected,
                expected,
                rejection.detail,
            )
            .on(shape::of_list(&parts, &body, same_etag)))
        }
    }
}

/// Parts that no list may carry are refused or left out, never listed as they are.
pub static PART_LIST_REFUSAL: Law = Law {
    id: "part-list-refusal",
    sentence: "Parts that no list may carry are refused or left out, never listed as they are.",
    rules: &[
        rules::PART_LIST_XML,
        rules::PART_LIST_NUMBER,
        rules::PART_LIST_ORDER,
    ],
    classes: &[
        C::EmptyList,
        C::NumberOutOfRange,
        C::HugeNumber,
        C::DuplicatePart,
        C::ForbiddenCharacter,
    ],
    quick_cases: 500,
    on: &On::<dyn PartListBuilder, HostilePartListCase>(refusal),
};

fn refusal(builder: &dyn PartListBuilder, case: &HostilePartListCase) -> Held {
    let Ok(body) = builder.part_list(&case.parts) else {
        return Ok(());
    };
    let expected = "a refusal, or a list without it";
    let listed = well_formed(&body)?;
    // A client that leaves the order to its caller leaves duplicates to it as well.
    let objections = list_objections(&listed);
    let objection = objections
        .into_iter()
        .find(|objection| objection.question.is_none() || builder.sorts());
    match objection {
        None => Ok(()),
        Some(objection) => Err(violated(
            objection.rule,
            "listed against this rule",
            UploadRejected,
            expected,
            objection.detail,
        )),
    }
}

/// A part list is read in every spelling that clients send.
pub static PART_LIST_SPELLINGS: Law = Law {
    id: "part-list-spellings",
    sentence: "A part list is read in every spelling that clients send.",
    rules: &[rules::PART_LIST_LIBERAL],
    classes: &[
        C::CountOne,
        C::CountMany,
        C::LiberalSpelling,
        C::EtagPlain,
        C::EtagNeedsEscape,
    ],
    quick_cases: 1_000,
    on: &On::<dyn PartListReader, PartListCase>(spellings),
};

fn spellings(reader: &dyn PartListReader, case: &PartListCase) -> Held {
    let expected = case.parts();
    let body = match &case.sent {
        Some(sent) => sent.clone().into_bytes(),
        None => xml_spelling::part_list(&expected).document(case.spelling),
    };
    let read = reader.read_part_list(&body);
    let read = read.map_err(refused_needlessly(
        rules::PART_LIST_LIBERAL,
        format!("{} parts", expected.len()),
    ))?;
    let same = |(expected, actual): (&(u64, String), &(u64, String))| {
        expected.0 == actual.0 && same_etag(&expected.1, &actual.1)
    };
    if read.len() == expected.len() && expected.iter().zip(&read).all(same) {
        return Ok(());
    }
    let show = |parts: &[(u64, String)]| {
        format!(
            "{} parts: {}",
            parts.len(),
            shown(&parts[..parts.len().min(3)])
        )
    };
    Err(violated(
        rules::PART_LIST_LIBERAL,
        "read as other parts",
        OtherClientCannotRead,
        show(&expected),
        show(&read),
    ))
}

/// The parts as this builder takes them: in any order, or in order if it does not sort.
fn given(builder: &dyn PartListBuilder, case: &PartListCase) -> Vec<(u64, String)> {
    if builder.sorts() {
        case.given()
    } else {
        case.parts()
    }
}

pub(super) fn well_formed(body: &[u8]) -> Result<Vec<ListedPart>, Unheld> {
    let excerpt = || visible(&String::from_utf8_lossy(&body[..body.len().min(200)]));
    let broken = |problem: String| {
        violated(
            rules::PART_LIST_XML,
            "not a part list",
            UploadRejected,
            "a CompleteMultipartUpload document",
            format!("{problem}: {}", excerpt()),
        )
    };
    part_list::read(body).map_err(|error| broken(error.to_string()))
}
