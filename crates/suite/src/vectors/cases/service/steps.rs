//! Steps as they are written down: short, because sequences are long.

use partproof_model::envelope::{CEK_ALG, DATA_SIZE, KEY, PART_SIZE, PREFIX, START, WRAP_ALG};
use partproof_model::etag;

use crate::vectors::service::{Op, Step};
use crate::vectors::value::PlaintextValue;

/// The object of every step that names no other.
pub(super) const OBJECT: &str = "multipart.data";
/// The upload of every step that names no other.
const UPLOAD: &str = "a";

pub(super) type Fields = Vec<(String, String)>;

/// Headers from pairs.
pub(super) fn fields(pairs: &[(&str, &str)]) -> Fields {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// The whole envelope of a multipart upload, as clients send it. The service never looks into its values.
pub(super) fn full(data_size: &str, part_size: &str) -> Fields {
    let mut fields = put_fields();
    fields.push((DATA_SIZE.to_owned(), data_size.to_owned()));
    fields.push((PART_SIZE.to_owned(), part_size.to_owned()));
    fields
}

/// That of an upload of one small part.
pub(super) fn small() -> Fields {
    full("5", "102400")
}

/// The envelope of a single put.
pub(super) fn put_fields() -> Fields {
    fields(&[
        (KEY, "d3JhcA=="),
        (START, "c3RhcnQ="),
        (CEK_ALG, "AES/CTR/NoPadding"),
        (WRAP_ALG, "RSA/NONE/PKCS1Padding"),
    ])
}

/// The header of this short name.
pub(super) fn cse(name: &str) -> String {
    format!("{PREFIX}{name}")
}

/// The same headers with another value of one, or with one more.
pub(super) fn with(mut fields: Fields, name: &str, value: &str) -> Fields {
    let name = cse(name);
    match fields.iter_mut().find(|(known, _)| *known == name) {
        Some((_, known)) => *known = value.to_owned(),
        None => fields.push((name, value.to_owned())),
    }
    fields
}

/// The same headers without one.
pub(super) fn without(mut fields: Fields, name: &str) -> Fields {
    let name = cse(name);
    fields.retain(|(known, _)| *known != name);
    fields
}

fn step(op: Op) -> Step {
    Step {
        op,
        object: OBJECT.to_owned(),
        ..Step::default()
    }
}

fn of_upload(op: Op) -> Step {
    Step {
        upload: Some(UPLOAD.to_owned()),
        ..step(op)
    }
}

pub(super) fn put(headers: Fields, length: u64) -> Step {
    Step {
        headers: Some(headers),
        body: Some(PlaintextValue::Seeded { seed: 21, length }),
        ..step(Op::Put)
    }
}

pub(super) fn initiate(headers: Fields) -> Step {
    Step {
        headers: Some(headers),
        ..of_upload(Op::Initiate)
    }
}

/// A part without headers, as C++ and Java send it. Its bytes are those of a stream of its number.
pub(super) fn part(number: u64, length: u64) -> Step {
    part_with(number, length, Fields::new())
}

pub(super) fn part_with(number: u64, length: u64, headers: Fields) -> Step {
    let seed = u32::try_from(number).unwrap_or_default();
    Step {
        part_number: Some(number.to_string()),
        headers: Some(headers),
        body: Some(PlaintextValue::Seeded { seed, length }),
        ..of_upload(Op::UploadPart)
    }
}

pub(super) fn complete(list: &str) -> Step {
    complete_with(list, Fields::new())
}

pub(super) fn complete_with(list: &str, headers: Fields) -> Step {
    Step {
        list: Some(list.to_owned()),
        headers: Some(headers),
        ..of_upload(Op::Complete)
    }
}

pub(super) fn list_parts(max_parts: Option<u64>, part_number_marker: Option<u64>) -> Step {
    Step {
        max_parts,
        part_number_marker,
        ..of_upload(Op::ListParts)
    }
}

pub(super) fn abort() -> Step {
    of_upload(Op::Abort)
}

pub(super) fn get(headers: Fields) -> Step {
    Step {
        headers: Some(headers),
        ..step(Op::Get)
    }
}

pub(super) fn head() -> Step {
    step(Op::Head)
}

pub(super) fn copy(source: &str, headers: Fields) -> Step {
    Step {
        source: Some(source.to_owned()),
        headers: Some(headers),
        ..step(Op::Copy)
    }
}

pub(super) fn copy_part(number: u64, source: &str) -> Step {
    Step {
        part_number: Some(number.to_string()),
        source: Some(source.to_owned()),
        ..of_upload(Op::UploadPartCopy)
    }
}

/// The same step on another object.
pub(super) fn on(object: &str, step: Step) -> Step {
    Step {
        object: object.to_owned(),
        ..step
    }
}

/// The same step on another upload.
pub(super) fn of(upload: &str, step: Step) -> Step {
    Step {
        upload: Some(upload.to_owned()),
        ..step
    }
}

/// The ETag of [`part`].
pub(super) fn etag_of(number: u64, length: u64) -> String {
    let seed = u32::try_from(number).unwrap_or_default();
    let body = PlaintextValue::Seeded { seed, length };
    etag::of_part(&etag::md5(&body.bytes()))
}

/// A list of parts by number and length.
pub(super) fn list(parts: &[(u64, u64)]) -> String {
    let etags: Vec<_> = parts
        .iter()
        .map(|(number, length)| (*number, etag_of(*number, *length)))
        .collect();
    list_of(&etags)
}

/// A list of parts by number and ETag.
pub(super) fn list_of(parts: &[(u64, String)]) -> String {
    let parts: String = parts
        .iter()
        .map(|(number, etag)| {
            format!("<Part><PartNumber>{number}</PartNumber><ETag>\"{etag}\"</ETag></Part>")
        })
        .collect();
    format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>")
}
