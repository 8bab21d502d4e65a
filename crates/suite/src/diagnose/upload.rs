//! Rebuilding uploads: which Initiate, parts, lists and Complete belong together, although the upload id may be on some of
//! them only, masked, or nowhere.

use std::collections::{BTreeMap, BTreeSet};

use super::exchange::{Captured, Exchange, Operation, headers, is_masked, whole_body};
use crate::capture::Message;
use partproof_model::Envelope;

/// One upload as captured.
#[derive(Clone, Debug, Default)]
pub(super) struct CapturedUpload<'a> {
    pub(super) object: String,
    pub(super) id: Option<String>,
    pub(super) initiate: Option<Exchange<'a>>,
    /// UploadPart requests in their order, retries included.
    pub(super) parts: Vec<(Option<String>, Exchange<'a>)>,
    pub(super) completes: Vec<Exchange<'a>>,
    /// GETs of the finished object.
    pub(super) reads: Vec<Exchange<'a>>,
}

/// Everything a capture holds.
#[derive(Debug, Default)]
pub(super) struct Rebuilt<'a> {
    pub(super) uploads: Vec<CapturedUpload<'a>>,
    pub(super) others: Vec<Captured<'a>>,
    pub(super) notes: Vec<String>,
}

impl<'a> CapturedUpload<'a> {
    /// The envelope of the upload: of its Initiate or, where that was not captured, of the first part that repeats it.
    pub(super) fn envelope(&self) -> Option<(Envelope, &'a Message)> {
        let initiate = self.initiate.iter().map(|exchange| exchange.request);
        let parts = self.parts.iter().map(|(_, exchange)| exchange.request);
        let reads = self.reads.iter().filter_map(|exchange| exchange.response);
        initiate
            .chain(parts)
            .chain(reads)
            .map(|message| (Envelope::parse(&headers(message)), message))
            .find(|(envelope, _)| envelope.is_present())
    }

    /// How many part numbers were sent, whatever came of them.
    pub(super) fn distinct_parts(&self) -> u64 {
        let numbers: BTreeSet<_> = self.parts.iter().map(|(number, _)| number).collect();
        u64::try_from(numbers.len()).unwrap_or(u64::MAX)
    }

    /// The last exchange of each part number that the service did not refuse.
    pub(super) fn last_of_each(&self) -> BTreeMap<u64, &Exchange<'a>> {
        self.parts
            .iter()
            .filter(|(_, exchange)| exchange.succeeded() != Some(false))
            .filter(|(_, exchange)| matches!(exchange.operation, Operation::UploadPart { .. }))
            .filter_map(|(number, exchange)| Some((number.as_ref()?.parse().ok()?, exchange)))
            .collect()
    }
}

/// Sorts exchanges into uploads.
pub(super) fn rebuild<'a>(captured: &[Captured<'a>]) -> Rebuilt<'a> {
    let mut rebuilt = Rebuilt::default();
    for item in captured {
        let Captured::Exchange(exchange) = item else {
            rebuilt.others.push(item.clone());
            continue;
        };
        match &exchange.operation {
            Operation::Initiate => rebuilt.uploads.push(CapturedUpload {
                object: exchange.object(),
                id: exchange.response.and_then(whole_body).and_then(upload_id),
                initiate: Some(exchange.clone()),
                ..CapturedUpload::default()
            }),
            Operation::UploadPart { id, number } | Operation::UploadPartCopy { id, number } => {
                let number = number.clone();
                upload_of(&mut rebuilt.uploads, id, exchange)
                    .parts
                    .push((number, exchange.clone()));
            }
            Operation::Complete { id } => upload_of(&mut rebuilt.uploads, id, exchange)
                .completes
                .push(exchange.clone()),
            Operation::ListParts { id } | Operation::Abort { id } => {
                upload_of(&mut rebuilt.uploads, id, exchange);
            }
            Operation::Get => {
                let object = exchange.object();
                let done = rebuilt
                    .uploads
                    .iter_mut()
                    .rev()
                    .find(|upload| upload.object == object && !upload.completes.is_empty());
                match done {
                    Some(upload) => upload.reads.push(exchange.clone()),
                    None => rebuilt.others.push(item.clone()),
                }
            }
            Operation::Put | Operation::Copy | Operation::Other => {
                rebuilt.others.push(item.clone())
            }
        }
    }
    rebuilt
}

/// The upload of this id: one that has it, the last of the object that has none yet, or a new one whose Initiate is missing.
fn upload_of<'a, 'b>(
    uploads: &'b mut Vec<CapturedUpload<'a>>,
    id: &str,
    exchange: &Exchange<'a>,
) -> &'b mut CapturedUpload<'a> {
    let object = exchange.object();
    let same = |held: &str| held == id || is_masked(held) || is_masked(id);
    let found = uploads
        .iter()
        .rposition(|upload| upload.object == object && upload.id.as_deref() == Some(id))
        .or_else(|| {
            uploads.iter().rposition(|upload| {
                upload.object == object && upload.id.as_deref().is_none_or(same)
            })
        });
    let at = found.unwrap_or_else(|| {
        uploads.push(CapturedUpload {
            object,
            ..CapturedUpload::default()
        });
        uploads.len() - 1
    });
    let upload = &mut uploads[at];
    if upload.id.as_deref().is_none_or(is_masked) {
        upload.id = Some(id.to_owned());
    }
    upload
}

/// The upload id of an Initiate's answer.
fn upload_id(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let (_, rest) = text.split_once("<UploadId>")?;
    let (id, _) = rest.split_once("</UploadId>")?;
    Some(id.trim().to_owned())
}
