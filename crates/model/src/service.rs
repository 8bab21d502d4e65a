//! The service as a state machine over one bucket. Each step is judged by every rule it may break, changes the state
//! only if it is accepted, and answers a [`Verdict`]. Bodies are a parameter: the machine keeps their lengths and digests
//! and hands back whatever the caller keeps beside them, so that it runs as well without a byte.

pub mod complete;
mod copy;
pub mod initiate;
mod list_parts;
mod object;
pub mod upload_part;

use std::collections::BTreeMap;
use std::fmt;

use crate::envelope::Envelope;
use crate::etag::{self, Md5Digest};
use crate::headers::Headers;
use crate::question::{Lean, Question};
use crate::rules::{self, Rule};
use crate::size::PartNumber;
use crate::verdict::{Objection, Rejection, Verdict};
use crate::{crc64, object_name};

pub use complete::Completed;
pub use list_parts::{ListedPart, PartPage};
pub use object::{Found, Object};

/// A body as it arrived: its length in bytes, its digests, and what the caller keeps of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the type's sentence names them")]
pub struct Body<B> {
    pub length: u64,
    pub md5: Md5Digest,
    pub crc64: u64,
    pub content: B,
}

impl<B: AsRef<[u8]>> Body<B> {
    /// Digests some bytes and keeps them.
    pub fn of(content: B) -> Self {
        let bytes = content.as_ref();
        Self {
            length: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            md5: etag::md5(bytes),
            crc64: crc64::checksum(bytes),
            content,
        }
    }
}

/// The id of an upload.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UploadId(pub String);

impl fmt::Display for UploadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An upload that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload<B> {
    /// The object's name.
    pub key: String,
    /// The envelope of its Initiate.
    pub envelope: Envelope,
    /// The headers that the object will have, those of the envelope among them.
    pub metadata: Headers,
    /// The parts stored so far.
    pub parts: BTreeMap<PartNumber, Body<B>>,
}

/// One bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service<B> {
    objects: BTreeMap<String, Object<B>>,
    uploads: BTreeMap<UploadId, Upload<B>>,
    uploads_made: u64,
    decisions: BTreeMap<Question, Lean>,
}

impl<B> Default for Service<B> {
    fn default() -> Self {
        Self {
            objects: BTreeMap::new(),
            uploads: BTreeMap::new(),
            uploads_made: 0,
            decisions: BTreeMap::new(),
        }
    }
}

impl<B> Service<B> {
    /// An empty bucket.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a side in an open question, other than the one the evidence leans to.
    pub fn decide(&mut self, question: Question, lean: Lean) {
        self.decisions.insert(question, lean);
    }

    /// The uploads that are open.
    pub fn uploads(&self) -> impl Iterator<Item = (&UploadId, &Upload<B>)> {
        self.uploads.iter()
    }

    /// The objects that exist, by name.
    pub fn objects(&self) -> impl Iterator<Item = (&str, &Object<B>)> {
        self.objects
            .iter()
            .map(|(key, object)| (key.as_str(), object))
    }

    /// How many uploads were ever opened: the next id follows from it.
    pub fn uploads_made(&self) -> u64 {
        self.uploads_made
    }

    /// Puts back an object as it was held before. It was judged then.
    pub fn restore_object(&mut self, key: String, object: Object<B>) {
        self.objects.insert(key, object);
    }

    /// Puts back an open upload, likewise.
    pub fn restore_upload(&mut self, id: UploadId, upload: Upload<B>) {
        self.uploads.insert(id, upload);
    }

    /// Goes on counting uploads from here.
    pub fn restore_uploads_made(&mut self, uploads_made: u64) {
        self.uploads_made = uploads_made;
    }

    /// AbortMultipartUpload: the id is gone, and its parts with it.
    pub fn abort(&mut self, key: &str, id: &UploadId) -> Verdict<()> {
        let objections = self.unknown_upload(key, id, rules::UPLOAD_UNKNOWN_LIST);
        self.judge(objections, |service| {
            service.uploads.remove(id);
        })
    }

    /// DeleteObject: the object is gone; that there was none is no error.
    pub fn delete(&mut self, key: &str) -> Verdict<()> {
        self.judge(object_name::objections(key), |service| {
            service.objects.remove(key);
        })
    }

    /// The open upload of this id, if it is this object's.
    fn upload(&self, key: &str, id: &UploadId) -> Option<&Upload<B>> {
        self.uploads.get(id).filter(|upload| upload.key == key)
    }

    fn unknown_upload(&self, key: &str, id: &UploadId, rule: &'static Rule) -> Vec<Objection> {
        match self.upload(key, id) {
            Some(_) => Vec::new(),
            None => vec![Objection::certain(
                rule,
                format!("no open upload `{id}` of `{key}`"),
            )],
        }
    }

    /// Acts on a step's objections: the first that stands is the model's answer, the others are admissible too.
    fn judge<T>(
        &mut self,
        objections: Vec<Objection>,
        accept: impl FnOnce(&mut Self) -> T,
    ) -> Verdict<T> {
        let stands = |objection: &Objection| match objection.question {
            None => true,
            Some(question) => {
                self.decisions
                    .get(&question)
                    .copied()
                    .unwrap_or(question.lean())
                    == Lean::Reject
            }
        };
        let first = objections.iter().position(stands);
        let acceptable_if = objections
            .iter()
            .map(|objection| objection.question)
            .collect();
        let mut rejections: Vec<_> = objections
            .into_iter()
            .map(
                |Objection {
                     rule,
                     detail,
                     question: _,
                 }| Rejection { rule, detail },
            )
            .collect();
        Verdict {
            outcome: match first {
                Some(first) => Err(rejections.remove(first)),
                None => Ok(accept(self)),
            },
            also_rejected_by: rejections,
            acceptable_if,
        }
    }
}

/// What every request with an object name, and perhaps a body to store, must keep.
fn general_objections<B>(key: &str, headers: &Headers, body: Option<&Body<B>>) -> Vec<Objection> {
    let mut objections = object_name::objections(key);
    let Some(body) = body else { return objections };
    objections.extend(md5_objection(headers, &body.md5));
    objections.extend(
        headers
            .value("x-oss-hash-crc64ecma")
            .filter(|declared| declared.text() != Some(body.crc64.to_string().as_str()))
            .map(|declared| {
                let detail = format!(
                    "x-oss-hash-crc64ecma is \"{declared}\", the body's is {}",
                    body.crc64
                );
                Objection::certain(rules::CRC64_DECLARED, detail)
            }),
    );
    objections
}

/// A Content-MD5 is that of the body, whatever the body is for.
fn md5_objection(headers: &Headers, md5: &Md5Digest) -> Option<Objection> {
    let declared = headers.value("content-md5")?;
    let actual = data_encoding::BASE64.encode(md5);
    (declared.bytes() != actual.as_bytes()).then(|| {
        let detail = format!("Content-MD5 is \"{declared}\", the body's is \"{actual}\"");
        Objection::certain(rules::CONTENT_MD5, detail)
    })
}
