//! PutObject, GetObject and HeadObject.

use super::{Body, Service, general_objections};
use crate::envelope::{Carrier, Envelope};
use crate::etag;
use crate::headers::Headers;
use crate::limits::MAX_SINGLE_PUT;
use crate::metadata;
use crate::question::Question;
use crate::range::{self, RangeAnswer};
use crate::rules;
use crate::verdict::{Objection, Verdict};

/// A stored object: one body for a put, one a part for a multipart upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object<B> {
    /// Without quotes.
    pub etag: String,
    /// CRC-64 of all bytes.
    pub crc64: u64,
    /// The envelope it was uploaded with; empty for a plain object.
    pub envelope: Envelope,
    /// The headers that every read returns, those of the envelope among them.
    pub metadata: Headers,
    /// Its bodies in order.
    pub parts: Vec<Body<B>>,
}

impl<B> Default for Object<B> {
    fn default() -> Self {
        Self {
            etag: String::new(),
            crc64: 0,
            envelope: Envelope::default(),
            metadata: Headers::default(),
            parts: Vec::new(),
        }
    }
}

impl<B> Object<B> {
    /// In bytes.
    pub fn length(&self) -> u64 {
        self.parts
            .iter()
            .fold(0, |total, part| total.saturating_add(part.length))
    }
}

/// What a read finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<B> {
    /// The object; HEAD and GET return its envelope (service-rules.md V11).
    pub object: Object<B>,
    /// Which of its bytes.
    pub range: RangeAnswer,
    /// Every other right answer to the range.
    pub other_ranges: Vec<RangeAnswer>,
}

impl<B: Clone> Service<B> {
    /// PutObject. Answers the ETag, without quotes.
    pub fn put(&mut self, key: &str, headers: &Headers, body: Body<B>) -> Verdict<String> {
        let envelope = Envelope::parse(headers);
        let mut objections = general_objections(key, headers, Some(&body));
        if envelope.is_present() {
            objections.extend(envelope.objections(Carrier::Put));
        }
        if body.length > MAX_SINGLE_PUT {
            let detail = format!("{} bytes, expected at most {MAX_SINGLE_PUT}", body.length);
            objections.push(Objection::certain(rules::OBJECT_TOO_LARGE, detail));
        }
        self.judge(objections, |service| {
            let etag = etag::of_part(&body.md5);
            let object = Object {
                etag: etag.clone(),
                crc64: body.crc64,
                envelope,
                metadata: metadata::of(headers),
                parts: vec![body],
            };
            service.objects.insert(key.to_owned(), object);
            etag
        })
    }

    /// HeadObject.
    pub fn head(&mut self, key: &str) -> Verdict<Found<B>> {
        self.get(key, &Headers::default())
    }

    /// GetObject, by the range rules of service-rules.md 4.8, and `If-Match`.
    pub fn get(&mut self, key: &str, headers: &Headers) -> Verdict<Found<B>> {
        let Some(object) = self.objects.get(key).cloned() else {
            let detail = format!("no object `{key}`");
            return self.judge(
                vec![Objection::certain(rules::OBJECT_UNKNOWN, detail)],
                |_| Found {
                    object: Object::default(),
                    range: RangeAnswer::Whole,
                    other_ranges: Vec::new(),
                },
            );
        };
        let mut objections = Vec::new();
        if let Some(wanted) = headers.value("if-match")
            && wanted.text().map(etag::unquoted) != Some(&object.etag)
        {
            let detail = format!("If-Match is {wanted}, the ETag is \"{}\"", object.etag);
            objections.push(Objection::certain(rules::IF_MATCH, detail));
        }
        let standard = headers
            .value(range::BEHAVIOR)
            .is_some_and(|value| value.bytes() == b"standard");
        let answers = match headers.value("range") {
            None => vec![RangeAnswer::Whole],
            Some(range) => {
                range::answers(range.text().unwrap_or_default(), object.length(), standard)
            }
        };
        let (refused, served): (Vec<_>, Vec<_>) = answers
            .into_iter()
            .partition(|answer| *answer == RangeAnswer::Unsatisfiable);
        let mut served = served.into_iter();
        let range = served.next();
        let detail = format!("no byte of {} is in this range", object.length());
        let objection = match range {
            None => Objection::certain(rules::RANGE_UNSATISFIABLE, detail),
            Some(_) => Objection::open(rules::RANGE_UNSATISFIABLE, Question::Range, detail),
        };
        objections.extend(refused.into_iter().map(|_| objection.clone()));
        self.judge(objections, |_| Found {
            object,
            range: range.unwrap_or(RangeAnswer::Whole),
            other_ranges: served.collect(),
        })
    }
}
