//! The operations that change something. Each is an action; what came of it is the answer.

use std::io;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use hyper::StatusCode;
use hyper::body::Body;
use partproof_model::range::{self, RangeAnswer};
use partproof_model::service::Body as Stored;
use partproof_model::verdict::Rejection;
use partproof_model::{Envelope, etag, rules};
use percent_encoding::percent_decode_str;

use super::{Handler, Problem, ended};
use crate::action::{Action, Fields, Outcome};
use crate::answer::{Answer, Encoding, Refusal, content_md5, element, quoted};
use crate::operation::Operation;
use crate::request::Request;
use crate::spool::Blob;
use crate::store::Unchanged;
use crate::time::iso;

impl Handler {
    /// Carries out one of these operations.
    pub(super) async fn write<B>(
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
        let key = key.to_owned();
        let headers = Fields::from(&request.headers);
        let id = request
            .query
            .value("uploadId")
            .unwrap_or_default()
            .to_owned();
        let number = request.query.value("partNumber").map(str::to_owned);
        // Held until the change is made.
        let mut _room = None;
        let (action, stored) = match operation {
            Operation::PutBucket => {
                self.drain(body, None).await?;
                (Action::PutBucket, None)
            }
            Operation::DeleteBucket => (Action::DeleteBucket, None),
            Operation::PutObject => {
                let stored = self.receive(bucket, request, body).await?;
                (Action::PutObject { key, headers }, Some(stored))
            }
            Operation::UploadPart => {
                let stored = self.receive(bucket, request, body).await?;
                (
                    Action::UploadPart {
                        key,
                        id,
                        number,
                        headers,
                    },
                    Some(stored),
                )
            }
            Operation::CopyObject => {
                let source = copy_source(bucket, request)?;
                (
                    Action::CopyObject {
                        source,
                        key,
                        headers,
                    },
                    None,
                )
            }
            Operation::UploadPartCopy => {
                let source = copy_source(bucket, request)?;
                let stored = self.copy_range(bucket, &source, request).await?;
                (
                    Action::UploadPartCopy {
                        key,
                        id,
                        number,
                        source,
                    },
                    Some(stored),
                )
            }
            Operation::InitiateMultipartUpload => {
                self.check_room(bucket)?;
                (Action::Initiate { key, headers }, None)
            }
            Operation::CompleteMultipartUpload => {
                let (list, room) = self.read_list(body).await?;
                _room = Some(room);
                let list = list.as_slice().into();
                (
                    Action::Complete {
                        key,
                        id,
                        headers,
                        list,
                    },
                    None,
                )
            }
            Operation::AbortMultipartUpload => (Action::Abort { key, id }, None),
            Operation::DeleteObject => (Action::DeleteObject { key }, None),
            Operation::AppendObject => return Err(refuse_append(request).into()),
            other => return Err(io::Error::other(format!("{other} changes nothing")).into()),
        };
        let changed = self.store.change(bucket, action, stored, now).await;
        let changed = changed.unwrap_or_else(|_| Err(ended()));
        let outcome = changed.map_err(|unchanged| match unchanged {
            Unchanged::Rejected(rejection) => Problem::from(rejection),
            Unchanged::NotWritten(error) => error.into(),
        })?;
        Ok(answer(outcome, bucket, request, now))
    }

    async fn receive<B>(
        &self,
        bucket: &str,
        request: &Request,
        body: &mut B,
    ) -> Result<Stored<Blob>, Problem>
    where
        B: Body<Data = Bytes> + Unpin + Send,
    {
        // Before a gigabyte is stored for nothing.
        self.held().bucket(bucket)?;
        let has = |name: &str| request.headers.value(name).is_some();
        if !has("content-length") && !has("transfer-encoding") {
            let detail = "neither Content-Length nor Transfer-Encoding".to_owned();
            return Err(Rejection {
                rule: rules::CONTENT_LENGTH,
                detail,
            }
            .into());
        }
        self.store(body).await
    }

    /// What UploadPartCopy copies: the range it asks for, or everything if that is ill-formed (service-rules.md 4.2).
    async fn copy_range(
        &self,
        bucket: &str,
        source: &str,
        request: &Request,
    ) -> Result<Stored<Blob>, Problem> {
        let parts = {
            let mut held = self.held();
            let mut objects = held.bucket(bucket)?.service.objects();
            let object = objects.find(|(name, _)| *name == source);
            // That there is no such object is for the model to say.
            object
                .map(|(_, object)| object.parts.clone())
                .unwrap_or_default()
        };
        let whole = parts
            .iter()
            .fold(0_u64, |sum, part| sum.saturating_add(part.length));
        let wanted = request
            .header("x-oss-copy-source-range")
            .unwrap_or_default();
        let (first, length) = match range::answers(wanted, whole, false).first() {
            Some(RangeAnswer::Slice { first, last }) => {
                (*first, last.saturating_sub(*first).saturating_add(1))
            }
            _ => (0, whole),
        };
        let spool = Arc::clone(&self.spool);
        let copying = tokio::task::spawn_blocking(move || spool.copy(&parts, first, length));
        Ok(copying.await.map_err(io::Error::other)??)
    }

    /// The emulator's own bound, not the service's.
    fn check_room(&self, bucket: &str) -> Result<(), Problem> {
        let most = self.config.limits.uploads;
        if self.held().bucket(bucket)?.service.uploads().count() < most {
            return Ok(());
        }
        let message = "Please reduce your request rate.";
        let mut refusal = Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "ServiceBusy", message);
        refusal.detail =
            format!("{most} uploads are open, which is what the emulator holds at most");
        Err(refusal.into())
    }
}

fn answer(outcome: Outcome, bucket: &str, request: &Request, now: SystemTime) -> Answer {
    let key = request.key.as_deref().unwrap_or_default();
    let encoding = Encoding::of(request);
    let copied = |root: &str, etag: &str| {
        let inner = element("LastModified", &iso(now)) + &element("ETag", &quoted(etag));
        Answer::xml(root, &inner)
    };
    let names = || element("Bucket", bucket) + &encoding.element() + &encoding.key("Key", key);
    match outcome {
        Outcome::Removed => Answer::new(StatusCode::NO_CONTENT),
        Outcome::BucketMade => Answer::new(StatusCode::OK).with("location", &format!("/{bucket}")),
        Outcome::Stored { md5, crc64 } => Answer::new(StatusCode::OK)
            .with("etag", &quoted(&etag::of_part(&md5)))
            .with("content-md5", &content_md5(&md5))
            .with("x-oss-hash-crc64ecma", &crc64.to_string()),
        Outcome::ObjectCopied(etag) => copied("CopyObjectResult", &etag),
        Outcome::PartCopied(etag) => copied("CopyPartResult", &etag),
        Outcome::Initiated(id) => {
            let inner = names() + &element("UploadId", &id.0);
            Answer::xml("InitiateMultipartUploadResult", &inner)
        }
        Outcome::Completed(completed) => {
            let location = encoding.key(
                "Location",
                &format!("http://{}/{bucket}/{key}", request.host),
            );
            let etag = quoted(&completed.etag);
            let inner = location + &names() + &element("ETag", &etag);
            Answer::xml("CompleteMultipartUploadResult", &inner)
                .with("etag", &etag)
                .with("x-oss-hash-crc64ecma", &completed.crc64.to_string())
        }
    }
}

/// No rule says what the service does (A26): objects that are appended to are not kept here, encrypted or not.
fn refuse_append(request: &Request) -> Refusal {
    let message = "The operation is not supported for this resource.";
    let mut refusal = Refusal::new(StatusCode::BAD_REQUEST, "OperationNotSupported", message);
    refusal.detail = match Envelope::parse(&request.headers).is_present() {
        true => "AppendObject with CSE headers: what is appended could not be decrypted",
        false => "AppendObject, which the emulator has not",
    }
    .to_owned();
    refusal
}

/// The source of a copy within the bucket.
fn copy_source(bucket: &str, request: &Request) -> Result<String, Problem> {
    let malformed = |detail: String| Rejection {
        rule: rules::COPY_SOURCE,
        detail,
    };
    let given = request.header("x-oss-copy-source").unwrap_or_default();
    // Before decoding: a key may hold what looks like a version.
    let path = given.split("?versionId=").next().unwrap_or_default();
    let decoded = percent_decode_str(path)
        .decode_utf8()
        .map_err(|_| malformed(format!("`{given}` is not URL-encoded UTF-8")))?;
    let (from, key) = decoded
        .strip_prefix('/')
        .and_then(|path| path.split_once('/'))
        .ok_or_else(|| malformed(format!("copy source `{given}`")))?;
    if from != bucket {
        let message = "The emulator copies within one bucket only.";
        return Err(Refusal::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", message).into());
    }
    Ok(key.to_owned())
}
