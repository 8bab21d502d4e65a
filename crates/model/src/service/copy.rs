//! CopyObject and UploadPartCopy: the two ways in which plain copying could break an encrypted object.

use super::upload_part::parse_number;
use super::{Body, Service, UploadId, general_objections};
use crate::envelope::Envelope;
use crate::etag;
use crate::headers::Headers;
use crate::limits::COPY_OBJECT_BELOW;
use crate::metadata;
use crate::question::Question;
use crate::rules;
use crate::verdict::{Objection, Verdict};

impl<B: Clone> Service<B> {
    /// CopyObject from `source` to `key`. CSE metadata goes along, whatever the metadata directive (service-rules.md
    /// V12, V13); other metadata is replaced if the directive says so. Answers the ETag, without quotes.
    pub fn copy(&mut self, source: &str, key: &str, headers: &Headers) -> Verdict<String> {
        let mut objections = general_objections::<B>(key, headers, None);
        let Some(mut object) = self.objects.get(source).cloned() else {
            objections.push(Objection::certain(
                rules::OBJECT_UNKNOWN,
                format!("no object `{source}`"),
            ));
            return self.judge(objections, |_| String::new());
        };
        if object.length() >= COPY_OBJECT_BELOW {
            let detail = format!(
                "a source of {} bytes, expected fewer than {COPY_OBJECT_BELOW}",
                object.length()
            );
            objections.push(Objection::open(
                rules::COPY_TOO_LARGE,
                Question::A17,
                detail,
            ));
        }
        let directive = headers.value("x-oss-metadata-directive");
        let replaces =
            directive.is_some_and(|value| value.bytes().eq_ignore_ascii_case(b"REPLACE"));
        if replaces && Envelope::parse(headers) != Envelope::default() {
            let detail = "metadata directive REPLACE with a CSE header";
            objections.push(Objection::certain(rules::METADATA_FIXED, detail));
        } else if replaces && source == key && object.envelope.is_present() {
            let detail = "metadata of a CSE object is replaced in place";
            objections.push(Objection::open(
                rules::METADATA_FIXED,
                Question::A23,
                detail,
            ));
        }
        self.judge(objections, |service| {
            let etag = object.etag.clone();
            if replaces {
                object.metadata = metadata::replaced(&object.metadata, headers);
            }
            service.objects.insert(key.to_owned(), object);
            etag
        })
    }

    /// UploadPartCopy: `body` is what the source holds in the wanted range. Answers the part's ETag, without quotes.
    pub fn upload_part_copy(
        &mut self,
        key: &str,
        id: &UploadId,
        number: Option<&str>,
        source: &str,
        body: Body<B>,
    ) -> Verdict<String> {
        let parsed = parse_number(number);
        let mut objections: Vec<_> = parsed.as_ref().err().cloned().into_iter().collect();
        objections.extend(self.unknown_upload(key, id, rules::UPLOAD_UNKNOWN_COPY));
        match self.objects.get(source) {
            None => objections.push(Objection::certain(
                rules::OBJECT_UNKNOWN,
                format!("no object `{source}`"),
            )),
            Some(object) if object.envelope.is_present() => {
                let detail = format!("`{source}` is client-side encrypted");
                objections.push(Objection::certain(rules::COPY_SOURCE_CSE, detail));
            }
            Some(_) => {}
        }
        if self
            .upload(key, id)
            .is_some_and(|upload| upload.envelope.is_present())
        {
            let detail = format!("upload `{id}` is client-side encrypted");
            objections.push(Objection::open(rules::COPY_INTO_CSE, Question::A24, detail));
        }
        self.judge(objections, |service| {
            let etag = etag::of_part(&body.md5);
            if let (Some(upload), Ok(number)) = (service.uploads.get_mut(id), parsed) {
                upload.parts.insert(number, body);
            }
            etag
        })
    }
}
