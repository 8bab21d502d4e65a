//! CompleteMultipartUpload: structure, order, count, existence, sizes. The count is checked before existence, or the
//! documented example of EC 411, which lists parts that were never there, would end in another error (question A3).

use std::collections::BTreeMap;

use super::{Body, Object, Service, Upload, UploadId, general_objections, md5_objection};
use crate::crc64;
use crate::envelope::{Carrier, Envelope};
use crate::etag;
use crate::headers::Headers;
use crate::limits::{MAX_MULTIPART_OBJECT, MAX_PART_COUNT, MIN_PART_SIZE};
use crate::part_list::{self, ListedPart};
use crate::question::Question;
use crate::rules;
use crate::size::PartNumber;
use crate::verdict::{Objection, Verdict};

/// A completed upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completed {
    /// The object's ETag, without quotes.
    pub etag: String,
    /// The CRC-64 of the whole object.
    pub crc64: u64,
}

impl<B: Clone> Service<B> {
    /// Completes an upload by the part list in `body`, or, with `x-oss-complete-all: yes`, by all that is stored.
    pub fn complete(
        &mut self,
        key: &str,
        id: &UploadId,
        headers: &Headers,
        body: &[u8],
    ) -> Verdict<Completed> {
        let mut objections = general_objections::<B>(key, headers, None);
        objections.extend(md5_objection(headers, &etag::md5(body)));
        objections.extend(self.unknown_upload(key, id, rules::UPLOAD_UNKNOWN));
        let forbid = headers
            .value("x-oss-forbid-overwrite")
            .is_some_and(|value| value.bytes() == b"true");
        if forbid && self.objects.contains_key(key) {
            objections.push(Objection::certain(
                rules::FORBID_OVERWRITE,
                format!("`{key}` exists"),
            ));
        }
        let list = match complete_all(headers) {
            true => self.complete_all_list(key, id, body),
            false => part_list::read(body)
                .map_err(|error| Objection::certain(rules::PART_LIST_XML, error.to_string())),
        };
        let list = match list {
            Ok(list) => list,
            Err(objection) => {
                objections.push(objection);
                Vec::new()
            }
        };
        if let Some(upload) = self.upload(key, id)
            && upload.envelope.is_present()
        {
            objections.extend(Envelope::parse(headers).objections(Carrier::Complete));
        }
        if let (Some(upload), false) = (self.upload(key, id), list.is_empty()) {
            objections.extend(list_objections(&list));
            objections.extend(count_objection(
                &upload.envelope,
                listed(&list),
                complete_all(headers),
            ));
            objections.extend(stored_objections(upload, &list));
        }
        self.judge(objections, |service| {
            let object = service
                .uploads
                .remove(id)
                .map(|upload| assemble(upload, &list))
                .unwrap_or_default();
            let completed = Completed {
                etag: object.etag.clone(),
                crc64: object.crc64,
            };
            service.objects.insert(key.to_owned(), object);
            completed
        })
    }

    /// What `x-oss-complete-all` completes: everything stored, in order.
    fn complete_all_list(
        &self,
        key: &str,
        id: &UploadId,
        body: &[u8],
    ) -> Result<Vec<ListedPart>, Objection> {
        if !body.is_empty() {
            let detail = format!("a body of {} bytes, expected none", body.len());
            return Err(Objection::certain(rules::COMPLETE_ALL_BODY, detail));
        }
        let Some(upload) = self.upload(key, id) else {
            return Ok(Vec::new());
        };
        if upload.parts.is_empty() {
            return Err(Objection::certain(
                rules::COMPLETE_NOTHING,
                "no part is stored",
            ));
        }
        let stored = upload.parts.iter();
        Ok(stored
            .map(|(number, body)| ListedPart {
                number: number.get(),
                etag: etag::of_part(&body.md5),
            })
            .collect())
    }
}

fn complete_all(headers: &Headers) -> bool {
    headers
        .value("x-oss-complete-all")
        .is_some_and(|value| value.bytes() == b"yes")
}

fn listed(list: &[ListedPart]) -> u64 {
    u64::try_from(list.len()).unwrap_or(u64::MAX)
}

/// The rules a part list breaks by itself: numbers in range, ascending, each once.
pub fn list_objections(list: &[ListedPart]) -> Vec<Objection> {
    let mut objections = Vec::new();
    if let Some(part) = list
        .iter()
        .find(|part| PartNumber::new(part.number).is_none())
    {
        let detail = format!(
            "part number {} is listed, expected 1 to {MAX_PART_COUNT}",
            part.number
        );
        objections.push(Objection::certain(rules::PART_LIST_NUMBER, detail));
    }
    for pair in list.windows(2) {
        let [before, after] = pair else { continue };
        if after.number < before.number {
            let detail = format!("part {} follows part {}", after.number, before.number);
            objections.push(Objection::certain(rules::PART_LIST_ORDER, detail));
            break;
        }
    }
    for pair in list.windows(2) {
        let [before, after] = pair else { continue };
        if after.number == before.number {
            let detail = format!("part {} is listed twice", after.number);
            objections.push(Objection::open(
                rules::PART_LIST_ORDER,
                Question::A5,
                detail,
            ));
            break;
        }
    }
    objections
}

/// The expected-part-count rule: a CSE upload is completed with exactly ceil(data size / part size) parts.
pub fn count_objection(initiate: &Envelope, listed: u64, complete_all: bool) -> Option<Objection> {
    let sizes = initiate.sizes()?;
    let expected = sizes.count();
    let detail = format!(
        "{listed} parts, expected {expected} = ceil({} / {})",
        sizes.data, sizes.part
    );
    if listed > expected {
        return Some(Objection::certain(rules::COUNT_EXCEEDED, detail));
    }
    let question = if complete_all {
        Question::A25
    } else {
        Question::A2
    };
    (listed < expected).then(|| Objection::open(rules::COUNT_SHORT, question, detail))
}

/// The rules a part list breaks against what is stored.
fn stored_objections<B>(upload: &Upload<B>, list: &[ListedPart]) -> Vec<Objection> {
    let mut objections = Vec::new();
    let stored = |part: &ListedPart| upload.parts.get(&PartNumber::new(part.number)?);
    let differs = |part: &ListedPart, is_same: fn(&str, &str) -> bool| match stored(part) {
        None => Some(format!("part {} was not uploaded", part.number)),
        Some(body) => {
            let actual = etag::of_part(&body.md5);
            let detail = || {
                format!(
                    "part {} is listed as {}, its ETag is \"{actual}\"",
                    part.number, part.etag
                )
            };
            (!is_same(etag::unquoted(&part.etag), &actual)).then(detail)
        }
    };
    let wrong = list
        .iter()
        .find_map(|part| differs(part, str::eq_ignore_ascii_case));
    let spelt = list.iter().find_map(|part| differs(part, str::eq));
    objections.extend(match (wrong, spelt) {
        (Some(detail), _) => Some(Objection::certain(rules::PART_LIST_PART, detail)),
        (None, Some(detail)) => Some(Objection::open(
            rules::PART_LIST_PART,
            Question::EtagCase,
            detail,
        )),
        (None, None) => None,
    });
    if let Some((_, but_last)) = list.split_last() {
        let small = but_last
            .iter()
            .filter_map(|part| Some((part, stored(part)?.length)))
            .find(|(_, length)| *length < MIN_PART_SIZE);
        if let Some((part, length)) = small {
            let detail = format!(
                "part {} has {length} bytes, expected at least {MIN_PART_SIZE}",
                part.number
            );
            objections.push(match upload.envelope.is_present() {
                true => Objection::open(rules::PART_TOO_SMALL, Question::A18, detail),
                false => Objection::certain(rules::PART_TOO_SMALL, detail),
            });
        }
    }
    let total = list
        .iter()
        .filter_map(stored)
        .fold(0_u64, |total, body| total.saturating_add(body.length));
    if total > MAX_MULTIPART_OBJECT {
        let detail = format!("{total} bytes, expected at most {MAX_MULTIPART_OBJECT}");
        objections.push(Objection::open(
            rules::OBJECT_TOO_LARGE,
            Question::A17,
            detail,
        ));
    }
    objections
}

/// Joins the listed parts; those not listed are dropped.
fn assemble<B: Clone>(upload: Upload<B>, list: &[ListedPart]) -> Object<B> {
    let Upload {
        key: _,
        envelope,
        metadata,
        parts,
    } = upload;
    let stored: BTreeMap<u64, Body<B>> = parts
        .into_iter()
        .map(|(number, body)| (number.get(), body))
        .collect();
    let parts: Vec<Body<B>> = list
        .iter()
        .filter_map(|part| stored.get(&part.number).cloned())
        .collect();
    let crc64 = parts
        .iter()
        .fold(0, |crc, part| crc64::combine(crc, part.crc64, part.length));
    Object {
        etag: etag::of_object(parts.iter().map(|part| &part.md5)),
        crc64,
        envelope,
        metadata,
        parts,
    }
}
