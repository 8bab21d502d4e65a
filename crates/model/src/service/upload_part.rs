//! UploadPart: the upload and the number first, then the headers it repeats, then the length of its body.

use super::{Body, Service, UploadId, general_objections};
use crate::envelope::{Carrier, DeclaredSizes, Envelope};
use crate::etag;
use crate::headers::Headers;
use crate::limits::MAX_PART_SIZE;
use crate::plan::Plan;
use crate::question::Question;
use crate::rules;
use crate::size::PartNumber;
use crate::verdict::{Objection, Verdict};

impl<B> Service<B> {
    /// Stores a part, replacing one of the same number. `number` is the text of the query parameter, if it is there.
    /// Answers the part's ETag, without quotes.
    pub fn upload_part(
        &mut self,
        key: &str,
        id: &UploadId,
        number: Option<&str>,
        headers: &Headers,
        body: Body<B>,
    ) -> Verdict<String> {
        let parsed = parse_number(number);
        let mut objections = general_objections(key, headers, Some(&body));
        objections.extend(parsed.as_ref().err().cloned());
        objections.extend(self.unknown_upload(key, id, rules::UPLOAD_UNKNOWN_PART));
        if let (Some(upload), Ok(number)) = (self.upload(key, id), &parsed) {
            objections.extend(part_objections(
                &upload.envelope,
                *number,
                headers,
                body.length,
            ));
        }
        self.judge(objections, |service| {
            let etag = etag::of_part(&body.md5);
            if let (Some(upload), Ok(number)) = (service.uploads.get_mut(id), parsed) {
                upload.parts.insert(number, body);
            }
            etag
        })
    }
}

/// Reads a part number from its query parameter.
///
/// # Errors
/// The rule it breaks: absent or empty, or no integer from 1 to 10,000.
pub(super) fn parse_number(text: Option<&str>) -> Result<PartNumber, Objection> {
    let text = text
        .filter(|text| !text.is_empty())
        .ok_or_else(|| Objection::certain(rules::PART_NUMBER_MISSING, "no part number"))?;
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    plain
        .then(|| text.parse().ok())
        .flatten()
        .and_then(PartNumber::new)
        .ok_or_else(|| {
            let detail = format!("part number {text:?}, expected an integer from 1 to 10,000");
            Objection::certain(rules::PART_NUMBER_RANGE, detail)
        })
}

/// The rules that one part breaks against the Initiate of its upload.
pub fn part_objections(
    initiate: &Envelope,
    number: PartNumber,
    headers: &Headers,
    length: u64,
) -> Vec<Objection> {
    let mut objections = Vec::new();
    if length > MAX_PART_SIZE {
        let detail = format!("part {number} has {length} bytes, expected at most {MAX_PART_SIZE}");
        objections.push(Objection::open(
            rules::PART_TOO_LARGE,
            Question::A17,
            detail,
        ));
    }
    if !initiate.is_present() {
        return objections;
    }
    let repeated = Envelope::parse(headers);
    if repeated.is_present() {
        objections.extend(repeated.objections(Carrier::UploadPart));
        objections.extend(repeated.changes(initiate));
    }
    let Some(sizes) = initiate.sizes() else {
        return objections;
    };
    objections.extend(length_objection(sizes, number, length).map(|objection| {
        match repeated.is_present() {
            true => objection,
            // Clients that send no CSE header on a part are accepted; whether their lengths are checked is open.
            false => Objection {
                question: objection.question.or(Some(Question::A15)),
                ..objection
            },
        }
    }));
    objections
}

/// The body of part n of N has what the declared sizes give it (questions A12 to A14: the fixed formula).
fn length_objection(sizes: DeclaredSizes, number: PartNumber, length: u64) -> Option<Objection> {
    let plan = Plan {
        data: sizes.data,
        part: sizes.part,
    };
    let count = plan.count();
    let Some(slice) = plan.slice(number) else {
        let detail = format!(
            "part {number}, expected at most {count} = ceil({} / {})",
            sizes.data, sizes.part
        );
        return Some(Objection::open(
            rules::PART_BEYOND_COUNT,
            Question::A3,
            detail,
        ));
    };
    let rule = if number.get() == count {
        rules::LAST_PART_LENGTH
    } else {
        rules::PART_LENGTH
    };
    let detail = || {
        format!(
            "part {number} of {count} has {length} bytes, expected {}",
            slice.length
        )
    };
    (length != slice.length).then(|| Objection::certain(rule, detail()))
}
