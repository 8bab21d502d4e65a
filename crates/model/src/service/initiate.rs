//! InitiateMultipartUpload: presence in the order of the ECs, then integers, then the count. The values are stored.

use std::collections::BTreeMap;

use super::{Service, Upload, UploadId};
use crate::envelope::{Carrier, Envelope};
use crate::headers::Headers;
use crate::metadata;
use crate::object_name;
use crate::verdict::{Objection, Verdict};

impl<B> Service<B> {
    /// Opens an upload. Every call makes a new id, and an existing object is not touched.
    pub fn initiate(&mut self, key: &str, headers: &Headers) -> Verdict<UploadId> {
        let made = (self.uploads_made.saturating_add(1)..)
            .map(|number| UploadId(format!("{number:032X}")))
            .find(|id| !self.uploads.contains_key(id))
            .expect("there are fewer uploads than numbers");
        self.initiate_as(key, headers, made)
    }

    /// Opens an upload under an id that was given out elsewhere.
    pub fn initiate_as(&mut self, key: &str, headers: &Headers, id: UploadId) -> Verdict<UploadId> {
        let mut objections = object_name::objections(key);
        objections.extend(initiate_objections(headers));
        self.judge(objections, |service| {
            service.uploads_made = service.uploads_made.saturating_add(1);
            let upload = Upload {
                key: key.to_owned(),
                envelope: Envelope::parse(headers),
                metadata: metadata::of(headers),
                parts: BTreeMap::new(),
            };
            service.uploads.insert(id.clone(), upload);
            id
        })
    }
}

/// The CSE rules that the headers of an Initiate break; none for a plain upload.
pub fn initiate_objections(headers: &Headers) -> Vec<Objection> {
    let envelope = Envelope::parse(headers);
    match envelope.is_present() {
        true => envelope.objections(Carrier::Initiate),
        false => Vec::new(),
    }
}
