//! What is in the bucket, for who runs the emulator in the same process: without a request, and so without a signature or a fault.

use std::fs;
use std::io;
use std::time::SystemTime;

use partproof_model::Headers;
use partproof_model::etag;

use crate::action::{Action, Outcome};
use crate::answer::quoted;
use crate::server::Emulator;
use crate::spool::Blob;

/// An object as it is stored.
#[derive(Clone, Debug)]
pub struct StoredObject {
    /// Its headers, those of the envelope among them.
    pub metadata: Headers,
    /// Its ETag, without quotes.
    pub etag: String,
    /// Its parts in order; one if it was put at once.
    pub parts: Vec<StoredPart>,
}

/// A part of an object.
#[derive(Clone, Debug)]
pub struct StoredPart {
    /// In bytes.
    pub length: u64,
    /// The CRC-64 of its bytes.
    pub crc64: u64,
    blob: Blob,
}

impl StoredPart {
    /// Its bytes, if bodies are stored.
    ///
    /// # Errors
    /// Those of the system.
    pub fn read(&self) -> io::Result<Option<Vec<u8>>> {
        let read = self.blob.is_stored().then(|| fs::read(self.blob.path()));
        read.transpose()
    }
}

/// An upload that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenUpload {
    /// The object it is for.
    pub key: String,
    /// Its id.
    pub id: String,
    /// How many parts it has.
    pub parts: usize,
}

impl Emulator {
    /// The object of that key in the bucket that there was from the beginning.
    pub fn object(&self, key: &str) -> Option<StoredObject> {
        self.handler.bucket(|bucket| {
            let (_, object) = bucket.service.objects().find(|(name, _)| *name == key)?;
            let parts = object.parts.iter().map(|part| StoredPart {
                length: part.length,
                crc64: part.crc64,
                blob: part.content.clone(),
            });
            Some(StoredObject {
                metadata: object.metadata.clone(),
                etag: object.etag.clone(),
                parts: parts.collect(),
            })
        })?
    }

    /// The uploads that are open in that bucket.
    pub fn open_uploads(&self) -> Vec<OpenUpload> {
        let uploads = self.handler.bucket(|bucket| {
            let uploads = bucket.service.uploads();
            uploads
                .map(|(id, upload)| OpenUpload {
                    key: upload.key.clone(),
                    id: id.to_string(),
                    parts: upload.parts.len(),
                })
                .collect()
        });
        uploads.unwrap_or_default()
    }

    /// Stores an object.
    ///
    /// # Errors
    /// What the service refuses, and those of the system.
    pub fn store(&self, key: &str, headers: &Headers, content: Content<'_>) -> io::Result<()> {
        let change = |action: Action, body: Option<&[u8]>| {
            let body = body.map(|bytes| self.handler.keep(bytes)).transpose()?;
            let change = self.handler.change(action, body, SystemTime::now());
            change.map_err(io::Error::other)
        };
        let key = key.to_owned();
        let parts = match content {
            Content::Put(body) => {
                let headers = headers.into();
                return change(Action::PutObject { key, headers }, Some(body)).map(drop);
            }
            Content::Parts(parts) => parts,
        };
        let initiate = Action::Initiate {
            key: key.clone(),
            headers: headers.into(),
        };
        let Outcome::Initiated(id) = change(initiate, None)? else {
            return Err(io::Error::other(
                "an upload was initiated as something else",
            ));
        };
        let mut list = "<CompleteMultipartUpload>".to_owned();
        for (number, part) in (1..).zip(parts) {
            let upload = Action::UploadPart {
                key: key.clone(),
                id: id.to_string(),
                number: Some(number.to_string()),
                headers: (&Headers::default()).into(),
            };
            change(upload, Some(part))?;
            let etag = quoted(&etag::of_part(&etag::md5(part)));
            list += &format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>");
        }
        list += "</CompleteMultipartUpload>";
        let complete = Action::Complete {
            key,
            id: id.to_string(),
            headers: (&Headers::default()).into(),
            list: list.as_bytes().into(),
        };
        change(complete, None).map(drop)
    }
}

/// The bytes of an object to store.
#[derive(Clone, Copy, Debug)]
pub enum Content<'c> {
    /// Put at once.
    Put(&'c [u8]),
    /// Uploaded in parts.
    Parts(&'c [Vec<u8>]),
}
