//! Laws of readers of any bytes. Two right readers of the same document read the same; whether each takes every document that the other takes is
//! not asked, since how lenient a reader is, is its own affair.

use data_encoding::BASE64;
use partproof_evidence::shape;
use partproof_model::headers::HeaderValue;
use partproof_model::integer::Reading;
use partproof_model::key_wrap::WrapAlg;
use partproof_model::service::complete::list_objections;
use partproof_model::{Cipher, Envelope, Headers, answers, envelope, integer, part_list, rules};
use serde::Serialize;

use super::same_etag;
use crate::case::any_parts::AnyPartsCase;
use crate::case::headers::HeadersCase;
use crate::case::outside::{AnswerKind, OutsideCase, PartListKind};
use crate::class::Class as C;
use crate::hex;
use crate::law::Consequence::{DataLost, OtherClientCannotRead, UploadRejected};
use crate::law::{Held, Law, On, Unheld, violated};
use crate::laws::part_list::well_formed;
use crate::shown;
use crate::subject::{
    AnswerReader, EnvelopeCodec, PartListBuilder, PartListReader, Refusal, StoredPart,
    WrappedEnvelope,
};

/// Whatever numbers and ETags are given, a part list says just these, or is refused.
pub static ANY_PARTS: Law = Law {
    id: "any-parts",
    sentence: "Whatever numbers and ETags are given, a part list says just these, or is refused.",
    rules: &[
        rules::PART_LIST_XML,
        rules::PART_LIST_NUMBER,
        rules::PART_LIST_ORDER,
        rules::PART_LIST_COMPLETE,
    ],
    classes: &[
        C::CountOne,
        C::CountMany,
        C::EmptyList,
        C::EmptyEtag,
        C::OddEtag,
        C::HugeNumber,
        C::ForbiddenCharacter,
    ],
    quick_cases: 1_000,
    on: &On::<dyn PartListBuilder, AnyPartsCase>(any_parts),
};

/// Whatever parts are given, the list that is written says just that.
fn any_parts(builder: &dyn PartListBuilder, case: &AnyPartsCase) -> Held {
    let body = match builder.part_list(&case.parts) {
        Ok(body) => body,
        Err(refusal) if case.is_in_order() && !case.has_empty_etag() => {
            return Err(Unheld::Refused(refusal));
        }
        // Which is as good an answer.
        Err(_) => return Ok(()),
    };
    lists(builder, case, &body)
        .map_err(|unheld| unheld.on(shape::of_list(&case.parts, &body, same_etag)))
}

/// Whether a document lists a case's parts.
fn lists(builder: &dyn PartListBuilder, case: &AnyPartsCase, body: &[u8]) -> Held {
    let listed = well_formed(body)?;
    let objections = list_objections(&listed);
    // A client that leaves the order to its caller leaves duplicates to it as well.
    if let Some(objection) = objections.into_iter().find(|_| builder.sorts()) {
        return Err(violated(
            objection.rule,
            "listed against this rule",
            UploadRejected,
            "a refusal, or a list without it",
            objection.detail,
        ));
    }
    let mut given = case.parts.clone();
    if builder.sorts() {
        // Of a part that was sent twice, the service has the one that was sent last.
        given.reverse();
        given.sort_by_key(|(number, _)| *number);
        given.dedup_by_key(|(number, _)| *number);
    }
    let same = |((number, etag), listed): (&(u64, String), &part_list::ListedPart)| {
        *number == listed.number && same_etag(etag, &listed.etag)
    };
    if given.len() == listed.len() && given.iter().zip(&listed).all(same) {
        return Ok(());
    }
    Err(violated(
        rules::PART_LIST_COMPLETE,
        "the list says other parts than were given",
        DataLost,
        shown(&given),
        shown(&bare(&listed)),
    ))
}

fn bare(listed: &[part_list::ListedPart]) -> Vec<(u64, &str)> {
    let listed = listed.iter();
    listed
        .map(|part| (part.number, part.etag.as_str()))
        .collect()
}

/// Whatever bytes two readers both take for a part list have the same parts to both.
pub static ANY_PART_LIST: Law = Law {
    id: "any-part-list",
    sentence: "Whatever bytes two readers both take for a part list have the same parts to both.",
    rules: &[rules::PART_LIST_LIBERAL],
    classes: &[C::WholeDocument, C::BrokenDocument, C::WrongEncoding],
    quick_cases: 2_000,
    on: &On::<dyn PartListReader, OutsideCase<PartListKind>>(part_list_bytes),
};

/// What the model and the subject both take for a part list has the same parts to both.
fn part_list_bytes(reader: &dyn PartListReader, case: &OutsideCase<PartListKind>) -> Held {
    let read = reader.read_part_list(&case.bytes);
    let Some((expected, actual)) = both(read, || part_list::read(&case.bytes)) else {
        return Ok(());
    };
    let same = |(expected, (number, etag)): (&part_list::ListedPart, &(u64, String))| {
        expected.number == *number && same_etag(&expected.etag, etag)
    };
    if expected.len() == actual.len() && expected.iter().zip(&actual).all(same) {
        return Ok(());
    }
    Err(violated(
        rules::PART_LIST_LIBERAL,
        "two readers read other parts",
        OtherClientCannotRead,
        shown(&bare(&expected)),
        shown(&actual),
    ))
}

/// Whatever bytes two readers both take for an answer say the same to both.
pub static ANY_ANSWER: Law = Law {
    id: "any-answer",
    sentence: "Whatever bytes two readers both take for an answer say the same to both.",
    rules: &[rules::ANSWER_FIELDS],
    classes: &[C::WholeDocument, C::BrokenDocument, C::WrongEncoding],
    quick_cases: 2_000,
    on: &On::<dyn AnswerReader, OutsideCase<AnswerKind>>(answer_bytes),
};

/// What the model and the subject both take for an answer says the same to both.
fn answer_bytes(reader: &dyn AnswerReader, case: &OutsideCase<AnswerKind>) -> Held {
    let bytes = case.bytes.as_slice();
    if let Some((expected, actual)) = both(reader.initiated(bytes), || answers::initiated(bytes)) {
        same("Initiate", "bucket", &expected.bucket, &actual.bucket)?;
        same("Initiate", "key", &expected.key, &actual.key)?;
        same(
            "Initiate",
            "upload id",
            &expected.upload_id,
            &actual.upload_id,
        )?;
    }
    if let Some((expected, actual)) = both(reader.completed(bytes), || answers::completed(bytes)) {
        same("Complete", "bucket", &expected.bucket, &actual.bucket)?;
        same("Complete", "key", &expected.key, &actual.key)?;
        same_etags("Complete", &expected.etag, &actual.etag)?;
    }
    if let Some((expected, actual)) = both(reader.part_page(bytes), || answers::part_page(bytes)) {
        same("ListParts", "key", &expected.key, &actual.key)?;
        same(
            "ListParts",
            "upload id",
            &expected.upload_id,
            &actual.upload_id,
        )?;
        let (next, is_truncated) = (expected.next_part_number_marker, expected.is_truncated);
        agree(
            "ListParts",
            "marker",
            &next,
            &actual.next_part_number_marker,
        )?;
        agree(
            "ListParts",
            "truncation",
            &is_truncated,
            &actual.is_truncated,
        )?;
        agree(
            "ListParts",
            "number of parts",
            &expected.parts.len(),
            &actual.parts.len(),
        )?;
        for (expected, actual) in expected.parts.iter().zip(&actual.parts) {
            let StoredPart { number, etag, size } = actual;
            agree("ListParts", "part number", &expected.number, number)?;
            agree("ListParts", "size", &expected.size, size)?;
            same_etags("ListParts", &expected.etag, etag)?;
        }
    }
    if let Some((expected, actual)) = both(reader.service_error(bytes), || {
        answers::service_error(bytes)
    }) {
        same("Error", "Code", &expected.code, &actual.code)?;
        same("Error", "Message", &expected.message, &actual.message)?;
        same(
            "Error",
            "RequestId",
            &expected.request_id.unwrap_or_default(),
            &actual.request_id.unwrap_or_default(),
        )?;
        same(
            "Error",
            "EC",
            &expected.ec.unwrap_or_default(),
            &actual.ec.unwrap_or_default(),
        )?;
    }
    Ok(())
}

/// What the model and the subject read, where neither refuses. The model is asked only then: it is the slower one.
fn both<E, A, R>(
    actual: Result<A, Refusal>,
    expected: impl FnOnce() -> Result<E, R>,
) -> Option<(E, A)> {
    let actual = actual.ok()?;
    Some((expected().ok()?, actual))
}

/// Texts may lose blanks at their ends.
fn same(answer: &str, field: &str, expected: &str, actual: &str) -> Held {
    agree(answer, field, expected.trim(), actual.trim())
}

fn same_etags(answer: &str, expected: &str, actual: &str) -> Held {
    match same_etag(expected, actual) {
        true => Ok(()),
        false => agree(answer, "ETag", expected, actual),
    }
}

fn agree<T: Serialize + PartialEq + ?Sized>(
    answer: &str,
    field: &str,
    expected: &T,
    actual: &T,
) -> Held {
    if expected == actual {
        return Ok(());
    }
    Err(violated(
        rules::ANSWER_FIELDS,
        "two readers read an answer differently",
        DataLost,
        format!("{answer}, {field}: {}", shown(expected)),
        shown(actual),
    ))
}

/// Whatever headers are read as an envelope, each value is the one that was sent, and can be written again.
pub static ANY_HEADERS: Law = Law {
    id: "any-headers",
    sentence: "Whatever headers are read as an envelope, each value is the one that was sent, and can be written again.",
    rules: &[rules::ENVELOPE_STRICT],
    classes: &[
        C::WholeDocument,
        C::MissingHeader,
        C::WithDescription,
        C::PaddedSize,
    ],
    quick_cases: 1_000,
    on: &On::<dyn EnvelopeCodec, HeadersCase>(any_headers),
};

/// Any headers are read as the envelope they are, or refused; what was read can be written again.
fn any_headers(codec: &dyn EnvelopeCodec, case: &HeadersCase) -> Held {
    let read = codec
        .read_wrapped(&case.headers)
        .ok_or(Unheld::NotDeclared)?;
    let read = match read {
        Ok(read) => read,
        Err(refusal) if is_plain(&case.headers) => return Err(Unheld::Refused(refusal)),
        Err(_) => return Ok(()),
    };
    says_what_was_sent(&read, &case.headers)?;
    let Some(written) = codec.write_wrapped(&read) else {
        return Ok(());
    };
    let written = written.map_err(Unheld::Refused)?;
    says_what_was_sent(&read, &written)
}

/// Whether headers are an envelope about which there is nothing to refuse.
fn is_plain(headers: &[(String, String)]) -> bool {
    let envelope = Envelope::parse(&headers.iter().cloned().collect());
    let base64 = |value: &Option<HeaderValue>| {
        value
            .as_ref()
            .is_some_and(|value| BASE64.decode(value.bytes()).is_ok())
    };
    let known = |value: &Option<HeaderValue>, is_known: fn(&[u8]) -> bool| {
        value.as_ref().is_some_and(|value| is_known(value.bytes()))
    };
    let size = |value: &Option<HeaderValue>| {
        value
            .as_ref()
            .is_none_or(|value| matches!(integer::read(value.bytes()), Reading::Size(_)))
    };
    let once = |(name, _): &(String, String)| {
        let same = |(other, _): &&(String, String)| other.eq_ignore_ascii_case(name);
        headers.iter().filter(same).count() == 1
    };
    headers.iter().all(once)
        && base64(&envelope.key)
        && base64(&envelope.start)
        && known(&envelope.cek_alg, |name| {
            Cipher::from_cek_alg(name).is_some()
        })
        && known(&envelope.wrap_alg, |name| {
            WrapAlg::from_name(name).is_some()
        })
        && size(&envelope.data_size)
        && size(&envelope.part_size)
}

/// Whether each value of an envelope is the one value of its header.
fn says_what_was_sent(read: &WrappedEnvelope, headers: &[(String, String)]) -> Held {
    let values = |name: &str| {
        let mut values: Vec<&str> = headers
            .iter()
            .filter(|(sent, _)| sent.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim_matches([' ', '\t']))
            .collect();
        values.dedup();
        values
    };
    let broken = |name: &str, actual: String| {
        violated(
            rules::ENVELOPE_STRICT,
            "read as something that was not sent",
            DataLost,
            format!("{name}: {}", shown(&values(name))),
            actual,
        )
    };
    for (name, value) in [
        (envelope::CEK_ALG, read.cipher.cek_alg()),
        (envelope::WRAP_ALG, read.wrap_alg.name()),
    ] {
        if values(name) != [value] {
            return Err(broken(name, value.to_owned()));
        }
    }
    for (name, value) in [(envelope::KEY, &read.key), (envelope::START, &read.start)] {
        let is_right = match values(name).as_slice() {
            // How strictly Base64 is read is the reader's own affair; that both read the same is not.
            [sent] => BASE64
                .decode(sent.as_bytes())
                .map_or(!sent.is_empty(), |bytes| bytes == *value),
            _ => false,
        };
        if !is_right {
            return Err(broken(name, hex::text(value)));
        }
    }
    for (name, value) in [
        (envelope::DATA_SIZE, read.data_size),
        (envelope::PART_SIZE, read.part_size),
    ] {
        let is_right = match (value, values(name).as_slice()) {
            // A reader has no need of the sizes: it may pass over one that it cannot read, but not make one up.
            (None, _) => true,
            (Some(size), [sent]) => integer::read(sent.as_bytes()).size() == Some(size),
            (Some(_), _) => false,
        };
        if !is_right {
            return Err(broken(name, shown(&value)));
        }
    }
    if let Some(description) = &read.description
        && values(envelope::MATDESC) != [description.as_str()]
    {
        return Err(broken(envelope::MATDESC, description.clone()));
    }
    // What the service would refuse at Initiate for a header that is missing, a reader refuses too.
    let parsed: Headers = headers.iter().cloned().collect();
    let missing = [
        envelope::KEY,
        envelope::START,
        envelope::CEK_ALG,
        envelope::WRAP_ALG,
    ]
    .into_iter()
    .find(|name| parsed.value(name).is_none());
    match missing {
        None => Ok(()),
        Some(name) => Err(broken(name, "read although it is missing".to_owned())),
    }
}
