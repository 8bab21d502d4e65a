//! ListParts: what is stored of an open upload, ascending, in pages.

use super::{Service, UploadId};
use crate::envelope::Envelope;
use crate::etag;
use crate::limits::MAX_LIST_PAGE;
use crate::question::Question;
use crate::rules;
use crate::size::PartNumber;
use crate::verdict::{Objection, Verdict};

/// One page of an upload's parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartPage {
    /// The parts after the marker, ascending.
    pub parts: Vec<ListedPart>,
    /// Whether there are more after these.
    pub is_truncated: bool,
    /// The marker for the next page: the last number on this one.
    pub next_part_number_marker: Option<PartNumber>,
    /// How many parts a page has at most.
    pub max_parts: u64,
    /// The envelope of a CSE upload, whose six values the answer repeats.
    pub client_encryption: Option<Envelope>,
}

/// One stored part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedPart {
    /// Its number.
    pub number: PartNumber,
    /// Its ETag, without quotes.
    pub etag: String,
    /// Its length in bytes.
    pub size: u64,
    /// Its CRC-64.
    pub crc64: u64,
}

impl<B> Service<B> {
    /// Lists parts with numbers above `marker`.
    pub fn list_parts(
        &mut self,
        key: &str,
        id: &UploadId,
        max_parts: Option<u64>,
        marker: u64,
    ) -> Verdict<PartPage> {
        let mut objections = self.unknown_upload(key, id, rules::UPLOAD_UNKNOWN_LIST);
        let asked = max_parts.unwrap_or(MAX_LIST_PAGE);
        if !(1..=MAX_LIST_PAGE).contains(&asked) {
            let detail = format!("max-parts is {asked}, expected from 1 to {MAX_LIST_PAGE}");
            objections.push(Objection::open(
                rules::LIST_PAGE,
                Question::ListPage,
                detail,
            ));
        }
        let max_parts = asked.clamp(1, MAX_LIST_PAGE);
        self.judge(objections, |service| {
            let upload = service.upload(key, id);
            let mut parts = upload
                .into_iter()
                .flat_map(|upload| &upload.parts)
                .filter(|(number, _)| number.get() > marker);
            let page: Vec<_> = parts
                .by_ref()
                .take(usize::try_from(max_parts).unwrap_or(usize::MAX))
                .map(|(number, body)| ListedPart {
                    number: *number,
                    etag: etag::of_part(&body.md5),
                    size: body.length,
                    crc64: body.crc64,
                })
                .collect();
            PartPage {
                is_truncated: parts.next().is_some(),
                next_part_number_marker: page.last().map(|part| part.number),
                parts: page,
                max_parts,
                client_encryption: upload
                    .map(|upload| upload.envelope.clone())
                    .filter(Envelope::is_present),
            }
        })
    }
}
