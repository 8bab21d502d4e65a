//! Service sequences: steps on one bucket that is empty at first, and what the service answers to each.

use partproof_model::range::{self, RangeAnswer};
use partproof_model::service::{Body, Service, UploadId};
use partproof_model::{Headers, Question, Verdict};
use serde::{Deserialize, Serialize};

use super::file::{Outcome, RejectionValue};
use super::part_list::{StoredPartValue, outcome};
use super::test::{Derive, Wrong, test, with_questions};
use super::value::PlaintextValue;

test! {
    /// Steps in order. A refused step changes nothing.
    ServiceTest {
        /// In order; the result of the case is that of the last.
        given steps: Vec<Step>,
    }
}

/// One step: what is sent, and what is answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Step {
    /// What is asked for.
    pub op: Op,
    /// The object's name.
    pub object: String,
    /// Names and values in order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headers: Option<Vec<(String, String)>>,
    /// A name for the upload within this case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload: Option<String>,
    /// The text of the query parameter; absent if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_number: Option<String>,
    /// The object that is copied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The body of an object or a part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<PlaintextValue>,
    /// The body of CompleteMultipartUpload.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
    /// How many parts a page shall have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_parts: Option<u64>,
    /// After which part number a page begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_number_marker: Option<u64>,
    /// What is right.
    pub result: Outcome,
    /// The side that the steps after an acceptable one take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leans: Option<LeanValue>,
    /// What the service may answer when it refuses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejections: Option<Vec<RejectionValue>>,
    /// Of the part or object, without quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// CRC-64/XZ of the part or object, decimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crc64: Option<String>,
    /// The parts of the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parts: Option<Vec<StoredPartValue>>,
    /// Whether there are more parts after the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_truncated: Option<bool>,
    /// Bytes of the whole object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u64>,
    /// Every right answer to a read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ranges: Option<Vec<RangeValue>>,
}

/// An operation of the service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "each variant is the operation of that name")]
pub enum Op {
    #[default]
    Put,
    Initiate,
    UploadPart,
    UploadPartCopy,
    ListParts,
    Complete,
    Abort,
    Copy,
    Get,
    Head,
}

/// A side in an open question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum LeanValue {
    /// As if it was accepted.
    Accept,
    /// As if it was refused.
    Reject,
}

/// One right answer to a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RangeValue {
    /// 200 with the whole object, 206 with a slice of it, or 416.
    pub status: u16,
    /// The first byte of the slice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<u64>,
    /// The last byte of the slice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<u64>,
}

impl From<RangeAnswer> for RangeValue {
    fn from(answer: RangeAnswer) -> Self {
        let (status, first, last) = match answer {
            RangeAnswer::Whole => (200, None, None),
            RangeAnswer::Slice { first, last } => (206, Some(first), Some(last)),
            RangeAnswer::Unsatisfiable => (416, None, None),
        };
        Self {
            status,
            first,
            last,
        }
    }
}

impl Derive for ServiceTest {
    type Shared = ();

    /// As the model's service answers; the questions on which its answers rest are flags besides those given.
    fn derive(&self, (): &()) -> Result<Self, Wrong> {
        let mut bucket = Bucket {
            service: Service::new(),
            questions: Vec::new(),
        };
        let steps: Vec<Step> = self.steps.iter().map(|step| bucket.answer(step)).collect();
        Ok(Self {
            flags: with_questions(&self.flags, bucket.questions),
            result: steps.last().map_or(Outcome::Valid, |step| step.result),
            steps,
            ..self.clone()
        })
    }
}

struct Bucket {
    service: Service<()>,
    questions: Vec<Question>,
}

impl Bucket {
    fn answer(&mut self, asked: &Step) -> Step {
        let mut step = Step {
            op: asked.op,
            object: asked.object.clone(),
            headers: asked.headers.clone(),
            upload: asked.upload.clone(),
            part_number: asked.part_number.clone(),
            source: asked.source.clone(),
            body: asked.body.clone(),
            list: asked.list.clone(),
            max_parts: asked.max_parts,
            part_number_marker: asked.part_number_marker,
            ..Step::default()
        };
        let key = asked.object.as_str();
        let headers: Headers = asked.headers.iter().flatten().cloned().collect();
        let id = UploadId(asked.upload.clone().unwrap_or_default());
        let number = asked.part_number.as_deref();
        let source = asked.source.as_deref().unwrap_or_default();
        match asked.op {
            Op::Put => {
                let body = body(asked);
                let crc64 = body.crc64;
                let verdict = self.service.put(key, &headers, body);
                if let Some(etag) = self.judge(&mut step, verdict) {
                    (step.etag, step.crc64) = (Some(etag), Some(crc64.to_string()));
                }
            }
            Op::Initiate => {
                let verdict = self.service.initiate_as(key, &headers, id);
                self.judge(&mut step, verdict);
            }
            Op::UploadPart => {
                let body = body(asked);
                let crc64 = body.crc64;
                let verdict = self.service.upload_part(key, &id, number, &headers, body);
                if let Some(etag) = self.judge(&mut step, verdict) {
                    (step.etag, step.crc64) = (Some(etag), Some(crc64.to_string()));
                }
            }
            Op::UploadPartCopy => {
                let copied = self.whole(source);
                let verdict = self
                    .service
                    .upload_part_copy(key, &id, number, source, copied);
                step.etag = self.judge(&mut step, verdict);
            }
            Op::ListParts => {
                let marker = asked.part_number_marker.unwrap_or(0);
                let verdict = self.service.list_parts(key, &id, asked.max_parts, marker);
                if let Some(page) = self.judge(&mut step, verdict) {
                    step.is_truncated = Some(page.is_truncated);
                    step.parts = Some(
                        page.parts
                            .into_iter()
                            .map(|part| StoredPartValue {
                                number: part.number.get(),
                                etag: part.etag,
                                length: part.size,
                            })
                            .collect(),
                    );
                }
            }
            Op::Complete => {
                let list = asked.list.as_deref().unwrap_or_default();
                let verdict = self.service.complete(key, &id, &headers, list.as_bytes());
                if let Some(completed) = self.judge(&mut step, verdict) {
                    step.etag = Some(completed.etag);
                    step.crc64 = Some(completed.crc64.to_string());
                }
            }
            Op::Abort => {
                let verdict = self.service.abort(key, &id);
                self.judge(&mut step, verdict);
            }
            Op::Copy => {
                let verdict = self.service.copy(source, key, &headers);
                step.etag = self.judge(&mut step, verdict);
            }
            Op::Get => {
                let length = self.length(key);
                let verdict = self.service.get(key, &headers);
                self.judge(&mut step, verdict);
                step.length = length;
                step.ranges = length.map(|length| ranges(&headers, length));
            }
            Op::Head => {
                let verdict = self.service.head(key);
                if self.judge(&mut step, verdict).is_some() {
                    step.length = self.length(key);
                }
            }
        }
        step
    }

    /// Writes a verdict into a step; what was answered, if it was accepted.
    fn judge<T>(&mut self, step: &mut Step, verdict: Verdict<T>) -> Option<T> {
        step.result = outcome(&verdict);
        step.rejections = RejectionValue::all(verdict.rejections());
        if step.result == Outcome::Acceptable {
            step.leans = Some(match verdict.outcome {
                Ok(_) => LeanValue::Accept,
                Err(_) => LeanValue::Reject,
            });
            let questions = verdict.acceptable_if.iter().flatten();
            self.questions.extend(questions.copied());
        }
        verdict.outcome.ok()
    }

    fn length(&self, key: &str) -> Option<u64> {
        let mut objects = self.service.objects();
        objects
            .find(|(name, _)| *name == key)
            .map(|(_, object)| object.length())
    }

    /// The whole of an object as the body of a part: of one that was put, which is all that steps copy.
    fn whole(&self, source: &str) -> Body<()> {
        let empty = Body::of(&[]);
        let mut objects = self.service.objects();
        let found = objects.find(|(name, _)| *name == source);
        match found.map(|(_, object)| object.parts.as_slice()) {
            Some([whole]) => whole.clone(),
            _ => without_content(&empty),
        }
    }
}

fn body(step: &Step) -> Body<()> {
    let bytes = step
        .body
        .as_ref()
        .map(PlaintextValue::bytes)
        .unwrap_or_default();
    without_content(&Body::of(&bytes))
}

fn without_content<B>(body: &Body<B>) -> Body<()> {
    Body {
        length: body.length,
        md5: body.md5,
        crc64: body.crc64,
        content: (),
    }
}

fn ranges(headers: &Headers, length: u64) -> Vec<RangeValue> {
    let standard = headers
        .value(range::BEHAVIOR)
        .is_some_and(|value| value.bytes() == b"standard");
    let answers = match headers.value("range") {
        None => vec![RangeAnswer::Whole],
        Some(range) => range::answers(range.text().unwrap_or_default(), length, standard),
    };
    answers.into_iter().map(RangeValue::from).collect()
}
