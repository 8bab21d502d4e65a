//! Part lists: the body of CompleteMultipartUpload, in the spellings that clients send and in those that no service
//! takes.

use data_encoding::{BASE64, HEXUPPER};
use partproof_model::service::upload_part::part_objections;
use partproof_model::service::{Body, Completed, Service, UploadId};
use partproof_model::{Envelope, Headers, PartNumber, Verdict, envelope, part_list};
use serde::{Deserialize, Serialize};

use super::file::{Outcome, RejectionValue};
use super::test::{Derive, Wrong, test, with_questions};

test! {
    /// One body, and what it lists.
    PartListTest {
        /// The body, where it is UTF-8.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        given body: Option<String>,
        /// The body in Base64, where it is not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        given body_base64: Option<String>,
        /// What it lists, ETags unescaped, quotes as sent; absent when it is no part list.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        derived parts: Option<Vec<ListedPartValue>>,
        /// What the service may answer; absent when it must complete the upload.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        derived rejections: Option<Vec<RejectionValue>>,
    }
}

/// A part as a list has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the type's sentence names them")]
pub struct ListedPartValue {
    pub number: u64,
    pub etag: String,
}

/// A part as it was uploaded; the ETag is without quotes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the type's sentence names them")]
pub struct StoredPartValue {
    pub number: u64,
    pub etag: String,
    pub length: u64,
}

/// The upload that a list is for.
#[derive(Clone, Debug)]
pub(super) struct ListedUpload {
    pub(super) data_size: u64,
    pub(super) part_size: u64,
    pub(super) stored: Vec<StoredPartValue>,
}

const OBJECT: &str = "object";

impl ListedUpload {
    /// What the service answers to a list.
    ///
    /// # Errors
    /// An upload that could not be made: what is wrong with it.
    pub(super) fn complete(&self, body: &[u8]) -> Result<Verdict<Completed>, String> {
        let (mut service, id) = self.open()?;
        Ok(service.complete(OBJECT, &id, &Headers::default(), body))
    }

    /// The upload with its parts, as far as the service takes them.
    pub(super) fn open(&self) -> Result<(Service<()>, UploadId), String> {
        let headers: Headers = [
            (envelope::KEY, "k"),
            (envelope::START, "s"),
            (envelope::CEK_ALG, "AES/CTR/NoPadding"),
            (envelope::WRAP_ALG, "RSA/NONE/PKCS1Padding"),
            (envelope::DATA_SIZE, &self.data_size.to_string()),
            (envelope::PART_SIZE, &self.part_size.to_string()),
        ]
        .into_iter()
        .collect();
        let mut service = Service::new();
        let id = service
            .initiate(OBJECT, &headers)
            .outcome
            .map_err(|rejection| rejection.to_string())?;
        let envelope = Envelope::parse(&headers);
        for part in &self.stored {
            let md5 = HEXUPPER
                .decode(part.etag.as_bytes())
                .ok()
                .and_then(|md5| md5.try_into().ok())
                .ok_or_else(|| format!("ETag {:?}, expected 32 upper-case digits", part.etag))?;
            let number = PartNumber::new(part.number)
                .ok_or_else(|| format!("part number {} of a stored part", part.number))?;
            if let Some(objection) = part_objections(&envelope, number, &headers, part.length)
                .into_iter()
                .find(|objection| objection.question.is_none())
            {
                return Err(objection.detail);
            }
            let body = Body {
                length: part.length,
                md5,
                crc64: 0,
                content: (),
            };
            let number = part.number.to_string();
            let stored = service.upload_part(OBJECT, &id, Some(&number), &headers, body);
            stored.outcome.map_err(|rejection| rejection.to_string())?;
        }
        Ok((service, id))
    }
}

impl Derive for PartListTest {
    type Shared = ListedUpload;

    /// As the model reads it and the model's service answers it. What differing readers may decide is `acceptable` where that is given, with
    /// what a reader that takes it finds.
    fn derive(&self, upload: &ListedUpload) -> Result<Self, Wrong> {
        let body = self.bytes().ok_or_else(|| {
            Wrong::new(
                "both, none or a broken one",
                "`body` or a Base64 `bodyBase64`",
            )
        })?;
        let verdict = upload
            .complete(&body)
            .map_err(|problem| Wrong::new(problem, "an upload that can be made"))?;
        let questions = verdict.acceptable_if.iter().flatten().copied();
        let (text, base64) = match std::str::from_utf8(&body) {
            Ok(text) => (Some(text.to_owned()), None),
            Err(_) => (None, Some(BASE64.encode(&body))),
        };
        Ok(Self {
            flags: with_questions(&self.flags, questions),
            result: self.result.or_acceptable(outcome(&verdict)),
            body: text,
            body_base64: base64,
            parts: part_list::read(&body).ok().map(listed),
            rejections: RejectionValue::all(verdict.rejections()),
            ..self.clone()
        })
    }
}

impl PartListTest {
    /// The bytes of the body; `None` if there is none, or its Base64 is broken.
    pub(super) fn bytes(&self) -> Option<Vec<u8>> {
        match (&self.body, &self.body_base64) {
            (Some(text), None) => Some(text.clone().into_bytes()),
            (None, Some(base64)) => BASE64.decode(base64.as_bytes()).ok(),
            _ => None,
        }
    }
}

fn listed(parts: Vec<part_list::ListedPart>) -> Vec<ListedPartValue> {
    parts
        .into_iter()
        .map(|part| ListedPartValue {
            number: part.number,
            etag: part.etag,
        })
        .collect()
}

/// What a verdict is called in a file.
pub(super) fn outcome<T>(verdict: &Verdict<T>) -> Outcome {
    match (
        verdict.admits_acceptance(),
        verdict.rejections().next().is_some(),
    ) {
        (true, false) => Outcome::Valid,
        (true, true) => Outcome::Acceptable,
        (false, _) => Outcome::Invalid,
    }
}
