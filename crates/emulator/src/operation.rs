//! Which operation a request asks for, by method and parameters.

use std::fmt;

use hyper::Method;
use serde::{Deserialize, Serialize};

use crate::request::Request;

/// An operation of the service, under its own name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each is the service's operation of that name")]
pub enum Operation {
    ListBuckets,
    PutBucket,
    DeleteBucket,
    GetBucket,
    GetBucketInfo,
    GetBucketLocation,
    ListMultipartUploads,
    PutObject,
    CopyObject,
    AppendObject,
    GetObject,
    HeadObject,
    DeleteObject,
    InitiateMultipartUpload,
    UploadPart,
    UploadPartCopy,
    ListParts,
    CompleteMultipartUpload,
    AbortMultipartUpload,
}

impl Operation {
    /// The operation of a request; `None` where the emulator has none like it.
    pub(crate) fn of(request: &Request) -> Option<Self> {
        use Operation::*;
        let query = &request.query;
        let method = &request.method;
        if request.bucket.is_none() {
            return (method == Method::GET).then_some(ListBuckets);
        }
        if request.key.is_none() {
            return match *method {
                Method::PUT if query.0.is_empty() => Some(PutBucket),
                Method::DELETE if query.0.is_empty() => Some(DeleteBucket),
                Method::GET if query.has("uploads") => Some(ListMultipartUploads),
                Method::GET if query.has("bucketInfo") => Some(GetBucketInfo),
                Method::GET if query.has("location") => Some(GetBucketLocation),
                Method::GET => Some(GetBucket),
                _ => None,
            };
        }
        let copies = request.headers.value("x-oss-copy-source").is_some();
        Some(match *method {
            // An UploadPart without its number, or without its upload, is one all the same: it is refused for that.
            Method::PUT if query.has("partNumber") || query.has("uploadId") => match copies {
                true => UploadPartCopy,
                false => UploadPart,
            },
            Method::PUT if copies => CopyObject,
            Method::PUT => PutObject,
            Method::POST if query.has("uploads") => InitiateMultipartUpload,
            Method::POST if query.has("uploadId") => CompleteMultipartUpload,
            Method::POST if query.has("append") => AppendObject,
            Method::GET if query.has("uploadId") => ListParts,
            Method::GET => GetObject,
            Method::HEAD => HeadObject,
            Method::DELETE if query.has("uploadId") => AbortMultipartUpload,
            Method::DELETE => DeleteObject,
            _ => return None,
        })
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}
