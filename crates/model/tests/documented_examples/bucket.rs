//! A bucket under test: the model's service, whose every refusal is checked to leave it as it was, and the requests
//! that the tests send to it.

use std::fmt::Debug;

use partproof_model::service::{Body, Completed, UploadId};
use partproof_model::{Headers, Rule, Service, Verdict, envelope, etag};

/// The object of the documented examples.
pub(crate) const OBJECT: &str = "multipart.data";

pub(crate) const CSE: &str = "InvalidEncryptionRequest";

/// A service and the steps taken on it.
#[derive(Clone)]
pub(crate) struct Bucket {
    pub(crate) service: Service<u64>,
}

impl Bucket {
    pub(crate) fn new() -> Self {
        Self {
            service: Service::new(),
        }
    }

    /// Takes a step. One that is refused has changed nothing.
    pub(crate) fn step<T: Debug>(
        &mut self,
        step: impl FnOnce(&mut Service<u64>) -> Verdict<T>,
    ) -> Verdict<T> {
        let before = self.service.clone();
        let verdict = step(&mut self.service);
        if verdict.outcome.is_err() {
            assert_eq!(self.service, before, "a refused step changed the service");
        } else {
            assert!(verdict.admits_acceptance(), "{verdict:?}");
        }
        verdict
    }

    pub(crate) fn initiate(&mut self, headers: &Sent) -> Verdict<UploadId> {
        self.step(|service| service.initiate(OBJECT, &headers.headers()))
    }

    /// Initiates with headers that are right.
    pub(crate) fn open(&mut self, headers: &Sent) -> UploadId {
        accepted(self.initiate(headers))
    }

    /// Uploads a part without any CSE header.
    pub(crate) fn upload(&mut self, id: &UploadId, number: u64, length: u64) -> Verdict<String> {
        self.upload_with(id, number, length, &Sent::none())
    }

    pub(crate) fn upload_with(
        &mut self,
        id: &UploadId,
        number: u64,
        length: u64,
        headers: &Sent,
    ) -> Verdict<String> {
        let number = number.to_string();
        let body = body(length);
        self.step(|service| {
            service.upload_part(OBJECT, id, Some(&number), &headers.headers(), body)
        })
    }

    pub(crate) fn complete(&mut self, id: &UploadId, list: &str) -> Verdict<Completed> {
        self.complete_with(id, list, &Sent::none())
    }

    pub(crate) fn complete_with(
        &mut self,
        id: &UploadId,
        list: &str,
        headers: &Sent,
    ) -> Verdict<Completed> {
        self.step(|service| service.complete(OBJECT, id, &headers.headers(), list.as_bytes()))
    }

    /// Puts an object with these headers.
    pub(crate) fn put(&mut self, key: &str, headers: &Sent) -> Verdict<String> {
        self.step(|service| service.put(key, &headers.headers(), body(1_000)))
    }

    pub(crate) fn copy(&mut self, source: &str, key: &str, headers: &Sent) -> Verdict<String> {
        self.step(|service| service.copy(source, key, &headers.headers()))
    }
}

/// A body of some length, with no bytes behind it: each length has digests of its own.
pub(crate) fn body(length: u64) -> Body<u64> {
    let Body { md5, crc64, .. } = Body::of(length.to_string());
    Body {
        length,
        md5,
        crc64,
        content: length,
    }
}

/// The ETag of [`body`].
pub(crate) fn etag_of(length: u64) -> String {
    etag::of_part(&body(length).md5)
}

/// A part list of numbers and lengths of the parts uploaded.
pub(crate) fn list(parts: &[(u64, u64)]) -> String {
    let parts: String = parts
        .iter()
        .map(|(number, length)| {
            format!(
                "<Part><PartNumber>{number}</PartNumber><ETag>\"{}\"</ETag></Part>",
                etag_of(*length)
            )
        })
        .collect();
    format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>")
}

/// The headers of one request.
#[derive(Clone)]
pub(crate) struct Sent(Vec<(String, String)>);

impl Sent {
    pub(crate) fn none() -> Self {
        Self(Vec::new())
    }

    /// The seven headers of the EC pages' full example request, with these sizes and `wrap-alg: rsa`.
    pub(crate) fn full(data: &str, part: &str) -> Self {
        Self::none()
            .with("key", "val1")
            .with("start", "val2")
            .with("cek-alg", "val3")
            .with("wrap-alg", "rsa")
            .with("magic-number-hmac", "val4")
            .with("data-size", data)
            .with("part-size", part)
    }

    /// What shipped clients send: no HMAC.
    pub(crate) fn client(data: u64, part: u64) -> Self {
        Self::full(&data.to_string(), &part.to_string())
            .without("magic-number-hmac")
            .with("cek-alg", "AES/CTR/NoPadding")
            .with("wrap-alg", "RSA/NONE/PKCS1Padding")
    }

    /// Sets a header of the envelope, by the end of its name.
    pub(crate) fn with(self, name: &str, value: &str) -> Self {
        self.plain(&format!("{}{name}", envelope::PREFIX), value)
    }

    /// Sets any header.
    pub(crate) fn plain(mut self, name: &str, value: &str) -> Self {
        self.0.retain(|(held, _)| held != name);
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        let name = format!("{}{name}", envelope::PREFIX);
        self.0.retain(|(held, _)| *held != name);
        self
    }

    pub(crate) fn headers(&self) -> Headers {
        self.0.iter().map(|(name, value)| (name, value)).collect()
    }
}

/// What an accepted step gave.
#[track_caller]
pub(crate) fn accepted<T: Debug>(verdict: Verdict<T>) -> T {
    assert!(verdict.admits_acceptance(), "{verdict:?}");
    verdict.outcome.expect("the step is right")
}

/// The step is refused by this rule and can by no evidence be accepted.
#[track_caller]
pub(crate) fn refused<T: Debug>(verdict: &Verdict<T>, rule: &Rule, status: u16, code: &str) {
    let rejection = verdict
        .outcome
        .as_ref()
        .expect_err("the step breaks a rule");
    assert_eq!(rejection.rule, rule, "{rejection}");
    assert!(!verdict.admits_acceptance(), "{verdict:?}");
    assert!(verdict.admits_rejection(status, code), "{verdict:?}");
    assert!(!verdict.admits_rejection(500, code), "{verdict:?}");
    assert!(!verdict.admits_rejection(status, "Teapot"), "{verdict:?}");
}

/// The step is refused with this EC of the CSE family, by nothing else, and can by no evidence be accepted.
#[track_caller]
pub(crate) fn refused_by_ec<T: Debug>(verdict: &Verdict<T>, ec: &str) {
    refused_by_ec_first(verdict, ec);
    assert_eq!(verdict.rejections().count(), 1, "{verdict:?}");
    assert!(!verdict.admits_acceptance(), "{verdict:?}");
}

/// The model's own answer has this EC of the CSE family; others may be as right.
#[track_caller]
pub(crate) fn refused_by_ec_first<T: Debug>(verdict: &Verdict<T>, ec: &str) {
    let rejection = verdict
        .outcome
        .as_ref()
        .expect_err("the step breaks a rule");
    assert_eq!(rejection.rule.ec, Some(ec), "{rejection}");
    let answer = rejection.rule.answer.expect("the service answers");
    assert_eq!(
        (answer.status, answer.code),
        (400, Some(CSE)),
        "{rejection}"
    );
    assert!(verdict.admits_rejection(400, CSE), "{verdict:?}");
}

/// The ids of every admissible rejection, the model's own first.
pub(crate) fn rules_of<T>(verdict: &Verdict<T>) -> Vec<&'static str> {
    verdict
        .rejections()
        .map(|rejection| rejection.rule.id)
        .collect()
}

/// Status, `Code` and EC of a refusal that can by no evidence be an acceptance.
#[track_caller]
pub(crate) fn answer<T>(verdict: Verdict<T>) -> (u16, Option<&'static str>, Option<&'static str>) {
    assert!(!verdict.admits_acceptance());
    let rule = verdict.outcome.err().expect("refused").rule;
    let answer = rule.answer.expect("answered");
    (answer.status, answer.code, rule.ec)
}
