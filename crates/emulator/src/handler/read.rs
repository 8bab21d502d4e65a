//! The operations that change nothing.

use std::time::UNIX_EPOCH;

use hyper::StatusCode;
use partproof_model::range::RangeAnswer;
use partproof_model::service::UploadId;

use super::{Handler, Problem};
use crate::answer::{Answer, Content, element, key_element, part_page, quoted};
use crate::operation::Operation;
use crate::request::Request;
use crate::script::Fault;
use crate::spool;
use crate::time::iso;

fn encodes(request: &Request) -> bool {
    request.query.value("encoding-type") == Some("url")
}

impl Handler {
    pub(super) fn get(
        &self,
        bucket: &str,
        key: &str,
        request: &Request,
        operation: Operation,
    ) -> Result<Answer, Problem> {
        let mut state = self.state();
        let bucket = state.bucket(bucket)?;
        let verdict = match operation {
            Operation::HeadObject => bucket.service.head(key),
            _ => bucket.service.get(key, &request.headers),
        };
        let found = verdict.outcome?;
        let modified = bucket.modified(key);
        drop(state);
        let object = found.object;
        let whole = object.length();
        let (status, first, length) = match found.range {
            RangeAnswer::Slice { first, last } => {
                let length = last.saturating_sub(first).saturating_add(1);
                (StatusCode::PARTIAL_CONTENT, first, length)
            }
            RangeAnswer::Whole | RangeAnswer::Unsatisfiable => (StatusCode::OK, 0, whole),
        };
        let kind = if object.etag.contains('-') {
            "Multipart"
        } else {
            "Normal"
        };
        let mut answer = Answer::new(status)
            .with("etag", &quoted(&object.etag))
            .with("last-modified", &httpdate::fmt_http_date(modified))
            .with("x-oss-hash-crc64ecma", &object.crc64.to_string())
            .with("x-oss-object-type", kind)
            .with("x-oss-storage-class", "Standard")
            .with("accept-ranges", "bytes")
            .with("content-type", "application/octet-stream");
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
        let number = |name: &str| request.query.value(name).and_then(|text| text.parse().ok());
        let marker = number("part-number-marker").unwrap_or(0);
        let most = match fault {
            Some(Fault::TruncateList { parts }) => Some((*parts).max(1)),
            _ => number("max-parts"),
        };
        let mut state = self.state();
        let service = &mut state.bucket(bucket)?.service;
        let mut page = service.list_parts(key, &id, most, marker).outcome?;
        drop(state);
        if let Some(Fault::StaleList { missing }) = fault {
            page.parts
                .truncate(page.parts.len().saturating_sub(*missing));
            page.next_part_number_marker = page.parts.last().map(|part| part.number);
        }
        let inner = element("Bucket", bucket)
            + &key_element(key, encodes(request))
            + &element("UploadId", &id.0)
            + &element("StorageClass", "Standard")
            + &part_page(&page, marker, &iso(UNIX_EPOCH));
        Ok(Answer::xml("ListPartsResult", &inner))
    }

    /// All open uploads on one page: their number is bounded.
    pub(super) fn list_uploads(&self, bucket: &str, request: &Request) -> Result<Answer, Problem> {
        let prefix = request.query.value("prefix").unwrap_or_default();
        let mut state = self.state();
        let service = &state.bucket(bucket)?.service;
        let uploads: String = service
            .uploads()
            .filter(|(_, upload)| upload.key.starts_with(prefix))
            .map(|(id, upload)| {
                let inner = key_element(&upload.key, false)
                    + &element("UploadId", &id.0)
                    + &element("StorageClass", "Standard")
                    + &element("Initiated", &iso(UNIX_EPOCH));
                format!("<Upload>{inner}</Upload>")
            })
            .collect();
        let inner = element("Bucket", bucket)
            + &element("Prefix", prefix)
            + &element("MaxUploads", &self.config.limits.uploads.to_string())
            + &element("IsTruncated", "false")
            + &uploads;
        Ok(Answer::xml("ListMultipartUploadsResult", &inner))
    }

    pub(super) fn list_objects(&self, bucket: &str, request: &Request) -> Result<Answer, Problem> {
        let value = |name: &str| request.query.value(name).unwrap_or_default();
        let prefix = value("prefix");
        let after = ["continuation-token", "start-after", "marker"]
            .into_iter()
            .map(value)
            .find(|after| !after.is_empty())
            .unwrap_or_default();
        let most = value("max-keys")
            .parse()
            .unwrap_or(100_usize)
            .clamp(1, 1_000);
        let mut state = self.state();
        let held = &*state.bucket(bucket)?;
        let mut objects = held
            .service
            .objects()
            .filter(|(key, _)| key.starts_with(prefix) && *key > after);
        let mut last = String::new();
        let mut contents = String::new();
        for (key, object) in objects.by_ref().take(most) {
            let inner = key_element(key, false)
                + &element("LastModified", &iso(held.modified(key)))
                + &element("ETag", &quoted(&object.etag))
                + &element("Type", "Normal")
                + &element("Size", &object.length().to_string())
                + &element("StorageClass", "Standard");
            contents += &format!("<Contents>{inner}</Contents>");
            last = key.to_owned();
        }
        let truncated = objects.next().is_some();
        let mut inner = element("Name", bucket)
            + &element("Prefix", prefix)
            + &element("MaxKeys", &most.to_string())
            + &element("IsTruncated", &truncated.to_string());
        if truncated {
            inner += &element("NextMarker", &last);
            inner += &element("NextContinuationToken", &last);
        }
        Ok(Answer::xml("ListBucketResult", &(inner + &contents)))
    }

    pub(super) fn bucket_info(&self, bucket: &str) -> Result<Answer, Problem> {
        self.bucket_exists(bucket)?;
        let inner = element("Name", bucket)
            + &element("Location", &format!("oss-{}", self.config.region))
            + &element("CreationDate", &iso(UNIX_EPOCH))
            + &element("StorageClass", "Standard");
        Ok(Answer::xml(
            "BucketInfo",
            &format!("<Bucket>{inner}</Bucket>"),
        ))
    }

    pub(super) fn bucket_location(&self, bucket: &str) -> Result<Answer, Problem> {
        self.bucket_exists(bucket)?;
        Ok(Answer::xml(
            "LocationConstraint",
            &format!("oss-{}", self.config.region),
        ))
    }

    pub(super) fn list_buckets(&self) -> Result<Answer, Problem> {
        let location = format!("oss-{}", self.config.region);
        let state = self.state();
        let buckets: String = state
            .buckets()
            .map(|name| {
                let inner = element("Name", name)
                    + &element("Location", &location)
                    + &element("CreationDate", &iso(UNIX_EPOCH))
                    + &element("StorageClass", "Standard");
                format!("<Bucket>{inner}</Bucket>")
            })
            .collect();
        Ok(Answer::xml(
            "ListAllMyBucketsResult",
            &format!("<Buckets>{buckets}</Buckets>"),
        ))
    }
}
