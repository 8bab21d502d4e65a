//! The operations that change something.

use std::time::SystemTime;

use bytes::Bytes;
use hyper::StatusCode;
use hyper::body::Body;
use partproof_model::range::{self, RangeAnswer};
use partproof_model::verdict::Rejection;
use partproof_model::{etag, rules};
use percent_encoding::percent_decode_str;

use super::{Handler, Problem};
use crate::answer::{Answer, Refusal, content_md5, element, key_element, quoted};
use crate::operation::Operation;
use crate::request::Request;
use crate::state::{Action, Fields, Outcome};
use crate::time::iso;

impl Handler {
    /// PutObject or UploadPart: stores the body, then asks.
    pub(super) async fn put<B>(
        &self,
        operation: Operation,
        bucket: &str,
        key: &str,
        request: &Request,
        body: &mut B,
        now: SystemTime,
    ) -> Result<Answer, Problem>
    where
        B: Body<Data = Bytes> + Unpin + Send,
    {
        let has = |name: &str| request.headers.value(name).is_some();
        if !has("content-length") && !has("transfer-encoding") {
            let detail = "neither Content-Length nor Transfer-Encoding".to_owned();
            return Err(Rejection {
                rule: rules::CONTENT_LENGTH,
                detail,
            }
            .into());
        }
        let headers = Fields::from(&request.headers);
        let key = key.to_owned();
        let action = match operation {
            Operation::UploadPart => Action::UploadPart {
                key,
                id: upload_id(request),
                number: part_number(request),
                headers,
            },
            _ => Action::PutObject { key, headers },
        };
        let body = self.store(body).await?;
        let (md5, crc64) = (body.md5, body.crc64);
        self.change(bucket, &action, Some(body), now)?;
        Ok(Answer::new(StatusCode::OK)
            .with("etag", &quoted(&etag::of_part(&md5)))
            .with("content-md5", &content_md5(&md5))
            .with("x-oss-hash-crc64ecma", &crc64.to_string()))
    }

    pub(super) fn initiate(
        &self,
        bucket: &str,
        key: &str,
        request: &Request,
        now: SystemTime,
    ) -> Result<Answer, Problem> {
        let most = self.config.limits.uploads;
        if self.state().bucket(bucket)?.service.uploads().count() >= most {
            let message = "Please reduce your request rate.";
            let mut refusal = Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "ServiceBusy", message);
            refusal.detail =
                format!("{most} uploads are open, which is what the emulator holds at most");
            return Err(refusal.into());
        }
        let action = Action::Initiate {
            key: key.to_owned(),
            headers: Fields::from(&request.headers),
        };
        let Outcome::Initiated(id) = self.change(bucket, &action, None, now)? else {
            return Err(std::io::Error::other("an upload without an id").into());
        };
        let encoded = request.query.value("encoding-type") == Some("url");
        let inner =
            element("Bucket", bucket) + &key_element(key, encoded) + &element("UploadId", &id.0);
        Ok(Answer::xml("InitiateMultipartUploadResult", &inner))
    }

    pub(super) fn complete(
        &self,
        bucket: &str,
        key: &str,
        request: &Request,
        list: String,
        now: SystemTime,
    ) -> Result<Answer, Problem> {
        let action = Action::Complete {
            key: key.to_owned(),
            id: upload_id(request),
            headers: Fields::from(&request.headers),
            list,
        };
        let Outcome::Completed(completed) = self.change(bucket, &action, None, now)? else {
            return Err(std::io::Error::other("an object without an ETag").into());
        };
        let encoded = request.query.value("encoding-type") == Some("url");
        let inner = element(
            "Location",
            &format!("http://{}/{bucket}/{key}", request.host),
        ) + &element("Bucket", bucket)
            + &key_element(key, encoded)
            + &element("ETag", &quoted(&completed.etag));
        Ok(Answer::xml("CompleteMultipartUploadResult", &inner)
            .with("etag", &quoted(&completed.etag))
            .with("x-oss-hash-crc64ecma", &completed.crc64.to_string()))
    }

    pub(super) fn abort(
        &self,
        bucket: &str,
        key: &str,
        request: &Request,
        now: SystemTime,
    ) -> Result<Answer, Problem> {
        let action = Action::Abort {
            key: key.to_owned(),
            id: upload_id(request),
        };
        self.change(bucket, &action, None, now)?;
        Ok(Answer::new(StatusCode::NO_CONTENT))
    }

    pub(super) fn copy(
        &self,
        bucket: &str,
        key: &str,
        request: &Request,
        now: SystemTime,
    ) -> Result<Answer, Problem> {
        let action = Action::CopyObject {
            source: copy_source(bucket, request)?,
            key: key.to_owned(),
            headers: Fields::from(&request.headers),
        };
        let Outcome::Stored(etag) = self.change(bucket, &action, None, now)? else {
            return Err(std::io::Error::other("a copy without an ETag").into());
        };
        Ok(copied("CopyObjectResult", &etag, now))
    }

    pub(super) async fn upload_part_copy(
        &self,
        bucket: &str,
        key: &str,
        request: &Request,
        now: SystemTime,
    ) -> Result<Answer, Problem> {
        let source = copy_source(bucket, request)?;
        let parts = {
            let mut state = self.state();
            let mut objects = state.bucket(bucket)?.service.objects();
            let object = objects.find(|(name, _)| *name == source);
            object
                .map(|(_, object)| object.parts.clone())
                .unwrap_or_default()
        };
        let whole = parts
            .iter()
            .fold(0_u64, |sum, part| sum.saturating_add(part.length));
        // An ill-formed range copies everything (service-rules.md 4.2).
        let wanted = request
            .header("x-oss-copy-source-range")
            .unwrap_or_default();
        let (first, length) = match range::answers(wanted, whole, false).first() {
            Some(RangeAnswer::Slice { first, last }) => {
                (*first, last.saturating_sub(*first).saturating_add(1))
            }
            _ => (0, whole),
        };
        let spool = std::sync::Arc::clone(&self.spool);
        let copying = tokio::task::spawn_blocking(move || spool.copy(&parts, first, length));
        let body = copying.await.map_err(std::io::Error::other)??;
        let action = Action::UploadPartCopy {
            key: key.to_owned(),
            id: upload_id(request),
            number: part_number(request),
            source,
        };
        let Outcome::Stored(etag) = self.change(bucket, &action, Some(body), now)? else {
            return Err(std::io::Error::other("a part without an ETag").into());
        };
        Ok(copied("CopyPartResult", &etag, now))
    }

    pub(super) fn put_or_delete_bucket(
        &self,
        operation: Operation,
        bucket: &str,
        now: SystemTime,
    ) -> Result<Answer, Problem> {
        if operation == Operation::PutBucket {
            self.change(bucket, &Action::PutBucket, None, now)?;
            return Ok(Answer::new(StatusCode::OK).with("location", &format!("/{bucket}")));
        }
        let is_empty = {
            let mut state = self.state();
            let service = &state.bucket(bucket)?.service;
            service.objects().next().is_none() && service.uploads().next().is_none()
        };
        if !is_empty {
            let message = "The bucket you tried to delete is not empty.";
            return Err(Refusal::new(StatusCode::CONFLICT, "BucketNotEmpty", message).into());
        }
        self.change(bucket, &Action::DeleteBucket, None, now)?;
        Ok(Answer::new(StatusCode::NO_CONTENT))
    }
}

fn copied(root: &str, etag: &str, now: SystemTime) -> Answer {
    Answer::xml(
        root,
        &(element("LastModified", &iso(now)) + &element("ETag", &quoted(etag))),
    )
}

fn upload_id(request: &Request) -> String {
    request
        .query
        .value("uploadId")
        .unwrap_or_default()
        .to_owned()
}

fn part_number(request: &Request) -> Option<String> {
    request.query.value("partNumber").map(str::to_owned)
}

/// The source of a copy within the bucket.
fn copy_source(bucket: &str, request: &Request) -> Result<String, Problem> {
    let malformed = |detail: String| Rejection {
        rule: rules::COPY_SOURCE,
        detail,
    };
    let given = request.header("x-oss-copy-source").unwrap_or_default();
    let decoded = percent_decode_str(given)
        .decode_utf8()
        .map_err(|_| malformed(format!("`{given}` is not URL-encoded UTF-8")))?;
    let path = decoded.split("?versionId=").next().unwrap_or_default();
    let (from, key) = path
        .strip_prefix('/')
        .and_then(|path| path.split_once('/'))
        .ok_or_else(|| malformed(format!("copy source `{given}`")))?;
    if from != bucket {
        let message = "The emulator copies within one bucket only.";
        return Err(Refusal::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", message).into());
    }
    Ok(key.to_owned())
}
