//! One bucket: the model's service, and what it does not keep.

use std::collections::BTreeMap;
use std::time::SystemTime;

use partproof_model::question::Lean;
use partproof_model::service::{Body, Object, Upload, UploadId};
use partproof_model::verdict::Rejection;
use partproof_model::{Question, Service, rules};

use crate::action::{Action, Outcome};
use crate::spool::Blob;

/// One bucket, and when what is in it came to be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bucket {
    pub(crate) service: Service<Blob>,
    pub(crate) created: SystemTime,
    modified: BTreeMap<String, SystemTime>,
    initiated: BTreeMap<UploadId, SystemTime>,
    encoded_ids: bool,
}

impl Bucket {
    pub(crate) fn new(created: SystemTime) -> Self {
        Self {
            service: Service::new(),
            created,
            modified: BTreeMap::new(),
            initiated: BTreeMap::new(),
            encoded_ids: false,
        }
    }

    /// What is open about the service, decided otherwise.
    pub(crate) fn decide(&mut self, decisions: &[(Question, Lean)], encoded_ids: bool) {
        for (question, lean) in decisions {
            self.service.decide(*question, *lean);
        }
        self.encoded_ids = encoded_ids;
    }

    /// When an object came to be.
    pub(crate) fn modified(&self, key: &str) -> SystemTime {
        self.modified.get(key).copied().unwrap_or(self.created)
    }

    /// When an upload was opened.
    pub(crate) fn initiated(&self, id: &UploadId) -> SystemTime {
        self.initiated.get(id).copied().unwrap_or(self.created)
    }

    /// Puts back an object as it was held before.
    pub(crate) fn restore_object(&mut self, key: String, object: Object<Blob>, time: SystemTime) {
        self.modified.insert(key.clone(), time);
        self.service.restore_object(key, object);
    }

    /// Puts back an open upload.
    pub(crate) fn restore_upload(&mut self, id: UploadId, upload: Upload<Blob>, time: SystemTime) {
        self.initiated.insert(id.clone(), time);
        self.service.restore_upload(id, upload);
    }

    /// Asks the model, which makes the change if it accepts it.
    pub(crate) fn apply(
        &mut self,
        action: &Action,
        body: Option<Body<Blob>>,
        time: SystemTime,
    ) -> Result<Outcome, Rejection> {
        let service = &mut self.service;
        let missing = || Rejection {
            rule: rules::CONTENT_LENGTH,
            detail: "no body".to_owned(),
        };
        match action {
            Action::PutBucket => Ok(Outcome::BucketMade),
            Action::DeleteBucket => {
                let (objects, uploads) = (service.objects().count(), service.uploads().count());
                let detail = || format!("{objects} objects and {uploads} open uploads");
                match objects == 0 && uploads == 0 {
                    true => Ok(Outcome::Removed),
                    false => Err(Rejection {
                        rule: rules::BUCKET_EMPTY,
                        detail: detail(),
                    }),
                }
            }
            Action::PutObject { key, headers } => {
                let body = body.ok_or_else(missing)?;
                let stored = Outcome::Stored {
                    md5: body.md5,
                    crc64: body.crc64,
                };
                service.put(key, &headers.headers(), body).outcome?;
                self.modified.insert(key.clone(), time);
                Ok(stored)
            }
            Action::DeleteObject { key } => {
                service.delete(key).outcome?;
                self.modified.remove(key);
                Ok(Outcome::Removed)
            }
            Action::CopyObject {
                source,
                key,
                headers,
            } => {
                let etag = service.copy(source, key, &headers.headers()).outcome?;
                self.modified.insert(key.clone(), time);
                Ok(Outcome::ObjectCopied(etag))
            }
            Action::Initiate { key, headers } => {
                let headers = headers.headers();
                let id = match self.encoded_ids {
                    true => {
                        let number = service.uploads_made() + 1;
                        let id = UploadId(format!("{number:022X}+/&%3D="));
                        service.initiate_as(key, &headers, id).outcome?
                    }
                    false => service.initiate(key, &headers).outcome?,
                };
                self.initiated.insert(id.clone(), time);
                Ok(Outcome::Initiated(id))
            }
            Action::UploadPart {
                key,
                id,
                number,
                headers,
            } => {
                let body = body.ok_or_else(missing)?;
                let stored = Outcome::Stored {
                    md5: body.md5,
                    crc64: body.crc64,
                };
                let (number, headers) = (number.as_deref(), headers.headers());
                service
                    .upload_part(key, &UploadId(id.clone()), number, &headers, body)
                    .outcome?;
                Ok(stored)
            }
            Action::UploadPartCopy {
                key,
                id,
                number,
                source,
            } => {
                let body = body.ok_or_else(missing)?;
                let id = UploadId(id.clone());
                let verdict = service.upload_part_copy(key, &id, number.as_deref(), source, body);
                Ok(Outcome::PartCopied(verdict.outcome?))
            }
            Action::Complete {
                key,
                id,
                headers,
                list,
            } => {
                let id = UploadId(id.clone());
                let verdict = service.complete(key, &id, &headers.headers(), &list.bytes());
                let completed = verdict.outcome?;
                self.modified.insert(key.clone(), time);
                self.initiated.remove(&id);
                Ok(Outcome::Completed(completed))
            }
            Action::Abort { key, id } => {
                let id = UploadId(id.clone());
                service.abort(key, &id).outcome?;
                self.initiated.remove(&id);
                Ok(Outcome::Removed)
            }
        }
    }
}
