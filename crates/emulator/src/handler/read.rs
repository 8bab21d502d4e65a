//! The operations that change nothing.

use std::time::SystemTime;

use hyper::StatusCode;
use partproof_model::range::RangeAnswer;
use partproof_model::service::UploadId;

use super::{Handler, Problem};
use crate::answer::{Answer, Content, Encoding, Refusal, element, part_page, quoted};
use crate::operation::Operation;
use crate::request::Request;
use crate::script::Fault;
use crate::spool;
use crate::time::iso;

impl Handler {
    pub(super) fn get(
        &self,
        bucket: &str,
        key: &str,
        request: &Request,
        operation: Operation,
        fault: Option<&Fault>,
    ) -> Result<Answer, Problem> {
        let mut all = self.held();
        let bucket = all.bucket(bucket)?;
        let verdict = match operation {
            Operation::HeadObject => bucket.service.head(key),
            _ if fault == Some(&Fault::IgnoreRange) => bucket.service.head(key),
            _ => bucket.service.get(key, &request.headers),
        };
        let found = verdict.outcome?;
        let modified = bucket.modified(key);
        drop(all);
        let object = found.object;
        let whole = object.length();
        let (status, first, length) = match found.range {
            RangeAnswer::Slice { first, last } => {
                let length = last.saturating_sub(first).saturating_add(1);
                (StatusCode::PARTIAL_CONTENT, first, length)
            }
            RangeAnswer::Whole | RangeAnswer::Unsatisfiable => (StatusCode::OK, 0, whole),
        };
        let mut answer = Answer::new(status)
            .with("etag", &quoted(&object.etag))
            .with("last-modified", &httpdate::fmt_http_date(modified))
            .with("x-oss-hash-crc64ecma", &object.crc64.to_string())
            .with("x-oss-object-type", kind(&object.etag))
            .with("x-oss-storage-class", "Standard")
            .with("accept-ranges", "bytes");
        if object.metadata.value("content-type").is_none() {
            answer = answer.with("content-type", "application/octet-stream");
        }
        for (name, value) in object.metadata.iter() {
            answer.add(name, value.bytes());
        }
        if status == StatusCode::PARTIAL_CONTENT {
            let last = first.saturating_add(length).saturating_sub(1);
            answer = answer.with("content-range", &format!("bytes {first}-{last}/{whole}"));
        }
        answer.content = Content::Stored {
            segments: spool::segments(&object.parts, first, length),
            length,
        };
        Ok(answer)
    }

    pub(super) fn list_parts(
        &self,
        bucket: &str,
        key: &str,
        request: &Request,
        fault: Option<&Fault>,
    ) -> Result<Answer, Problem> {
        let id = UploadId(
            request
                .query
                .value("uploadId")
                .unwrap_or_default()
                .to_owned(),
        );
        let marker = number(request, "part-number-marker")?.unwrap_or(0);
        let most = match fault {
            Some(Fault::TruncateList { parts }) => Some(*parts),
            _ => number(request, "max-parts")?,
        };
        let mut all = self.held();
        let service = &mut all.bucket(bucket)?.service;
        let mut page = service.list_parts(key, &id, most, marker).outcome?;
        if let Some(Fault::StaleList { missing }) = fault {
            page.parts
                .truncate(page.parts.len().saturating_sub(*missing));
            page.next_part_number_marker = page.parts.last().map(|part| part.number);
        }
        let upload = service.uploads().find(|(open, _)| **open == id);
        let modified = |number| {
            let part = upload.and_then(|(_, upload)| upload.parts.get(&number));
            part.map_or_else(String::new, |part| iso(part.content.time()))
        };
        let encoding = Encoding::of(request);
        let inner = element("Bucket", bucket)
            + &encoding.element()
            + &encoding.key("Key", key)
            + &element("UploadId", &id.0)
            + &element("StorageClass", "Standard")
            + &part_page(&page, marker, modified);
        Ok(Answer::xml("ListPartsResult", &inner))
    }

    pub(super) fn list_uploads(&self, bucket: &str, request: &Request) -> Result<Answer, Problem> {
        let value = |name: &str| request.query.value(name).unwrap_or_default();
        let (prefix, key_marker, id_marker) = (
            value("prefix"),
            value("key-marker"),
            value("upload-id-marker"),
        );
        let most = number(request, "max-uploads")?
            .unwrap_or(PAGE)
            .clamp(1, PAGE);
        let encoding = Encoding::of(request);
        let mut all = self.held();
        let held = &*all.bucket(bucket)?;
        let mut uploads: Vec<_> = held
            .service
            .uploads()
            .map(|(id, upload)| (upload.key.as_str(), id))
            .filter(|(key, id)| {
                let after = *key > key_marker || *key == key_marker && id.0.as_str() > id_marker;
                // Without an id the marker's own uploads are behind, too.
                let after = after && !(*key == key_marker && id_marker.is_empty());
                key.starts_with(prefix) && after
            })
            .collect();
        uploads.sort_unstable();
        let kept = usize::try_from(most)
            .unwrap_or(usize::MAX)
            .min(uploads.len());
        let (page, more) = uploads.split_at(kept);
        let listed: String = page
            .iter()
            .map(|(key, id)| {
                let inner = encoding.key("Key", key)
                    + &element("UploadId", &id.0)
                    + &element("StorageClass", "Standard")
                    + &element("Initiated", &iso(held.initiated(id)));
                format!("<Upload>{inner}</Upload>")
            })
            .collect();
        let mut inner = element("Bucket", bucket)
            + &encoding.element()
            + &encoding.key("KeyMarker", key_marker)
            + &element("UploadIdMarker", id_marker)
            + &encoding.key("Prefix", prefix)
            + &element("MaxUploads", &most.to_string())
            + &element("IsTruncated", &(!more.is_empty()).to_string());
        if let (Some((key, id)), false) = (page.last(), more.is_empty()) {
            inner += &encoding.key("NextKeyMarker", key);
            inner += &element("NextUploadIdMarker", &id.0);
        }
        Ok(Answer::xml(
            "ListMultipartUploadsResult",
            &(inner + &listed),
        ))
    }

    /// GetBucket: version 1 (`marker`) and version 2 (`continuation-token`, `start-after`).
    pub(super) fn list_objects(&self, bucket: &str, request: &Request) -> Result<Answer, Problem> {
        let value = |name: &str| request.query.value(name).unwrap_or_default();
        let prefix = value("prefix");
        let after = ["continuation-token", "start-after", "marker"]
            .into_iter()
            .map(value)
            .find(|after| !after.is_empty())
            .unwrap_or_default();
        let most = number(request, "max-keys")?.unwrap_or(100).clamp(1, PAGE);
        let encoding = Encoding::of(request);
        let mut all = self.held();
        let held = &*all.bucket(bucket)?;
        let mut objects = held
            .service
            .objects()
            .filter(|(key, _)| key.starts_with(prefix) && *key > after);
        let (mut contents, mut last) = (String::new(), "");
        let kept = usize::try_from(most).unwrap_or(usize::MAX);
        for (key, object) in objects.by_ref().take(kept) {
            let inner = encoding.key("Key", key)
                + &element("LastModified", &iso(held.modified(key)))
                + &element("ETag", &quoted(&object.etag))
                + &element("Type", kind(&object.etag))
                + &element("Size", &object.length().to_string())
                + &element("StorageClass", "Standard");
            contents += &format!("<Contents>{inner}</Contents>");
            last = key;
        }
        let truncated = objects.next().is_some();
        let mut inner = element("Name", bucket)
            + &encoding.element()
            + &encoding.key("Prefix", prefix)
            + &element("MaxKeys", &most.to_string())
            + &element("IsTruncated", &truncated.to_string());
        if truncated {
            inner += &encoding.key("NextMarker", last);
            inner += &encoding.key("NextContinuationToken", last);
        }
        Ok(Answer::xml("ListBucketResult", &(inner + &contents)))
    }

    pub(super) fn bucket_info(&self, bucket: &str) -> Result<Answer, Problem> {
        let created = self.held().bucket(bucket)?.created;
        let inner = format!("<Bucket>{}</Bucket>", self.bucket_elements(bucket, created));
        Ok(Answer::xml("BucketInfo", &inner))
    }

    fn bucket_elements(&self, name: &str, created: SystemTime) -> String {
        element("Name", name)
            + &element("Location", &format!("oss-{}", self.config.region))
            + &element("CreationDate", &iso(created))
            + &element("StorageClass", "Standard")
    }

    pub(super) fn bucket_location(&self, bucket: &str) -> Result<Answer, Problem> {
        self.held().bucket(bucket)?;
        Ok(Answer::xml(
            "LocationConstraint",
            &format!("oss-{}", self.config.region),
        ))
    }

    pub(super) fn list_buckets(&self) -> Result<Answer, Problem> {
        let held = self.held();
        let buckets: String = held
            .buckets()
            .iter()
            .map(|(name, bucket)| {
                let elements = self.bucket_elements(name, bucket.created);
                format!("<Bucket>{elements}</Bucket>")
            })
            .collect();
        let inner = format!("<Buckets>{buckets}</Buckets>");
        Ok(Answer::xml("ListAllMyBucketsResult", &inner))
    }
}

/// Entries of a page at most (service-rules.md 4.1).
const PAGE: u64 = 1_000;

/// A parameter that is a number, if it is there.
fn number(request: &Request, name: &str) -> Result<Option<u64>, Refusal> {
    let text = request.query.value(name).filter(|text| !text.is_empty());
    let wrong = |text: &str| {
        let mut refusal = Refusal::new(
            StatusCode::BAD_REQUEST,
            "InvalidArgument",
            "Invalid Argument. Parameter is invalid.",
        );
        refusal.detail = format!("`{name}` is {text:?}, expected a number");
        refusal
    };
    text.map(|text| text.parse().map_err(|_| wrong(text)))
        .transpose()
}

/// What an ETag says of how its object came to be.
fn kind(etag: &str) -> &'static str {
    match etag.contains('-') {
        true => "Multipart",
        false => "Normal",
    }
}
