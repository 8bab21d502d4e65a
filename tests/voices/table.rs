//! The table of voices: for each rule the input that breaks it alone, and who hears it.

use partproof_model::limits::{MAX_GCM_MESSAGE, MAX_PART_SIZE};
use partproof_model::service::{Body, Service, UploadId};
use partproof_model::{Cipher, Headers, Layout, PartSize, Rule, rules};
use partproof_suite::subject::{Break, Instead, PlannedUpload, Planner, Refusal};
use partproof_suite::{Report, Subject, check};

use Diagnosis::{Judges, Repeats, Silent};
use Input::{By, Fault, Open, Signed, Vector};

use crate::steps::{Step, digested, model, over_http, said, vector};

/// What breaks a rule.
#[derive(Clone, Copy)]
pub(crate) enum Input {
    /// The last request of this case of `service.json`: for the model's service, the emulator, `diagnose` and the vectors' judge.
    Vector(u64),
    /// The last of these requests, which are signed or are to be: for the emulator and `diagnose`.
    Signed(&'static [&'static str]),
    /// The last of these requests to an emulator that does not look at signatures, and takes no body of more than a byte.
    Open(&'static [&'static str]),
    /// Nothing that the service notices: a client with this fault of the bank, for `check`.
    Fault(&'static str),
    /// What only this one hears: the rules that it names.
    By(&'static str, fn() -> Vec<&'static str>),
}

/// What `diagnose` says of an exchange in which a rule is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Diagnosis {
    /// It names the rule without the service's answer.
    Judges,
    /// It names the rule that the service's answer names.
    Repeats,
    /// It names none: the service answers with a Code and a message that several rules have, and without an EC.
    Silent,
}

/// One rule.
pub(crate) struct Row {
    pub(crate) rule: &'static Rule,
    pub(crate) input: Input,
    /// What cannot be left whole where this rule is broken.
    pub(crate) beside: Option<&'static Rule>,
    pub(crate) diagnosis: Diagnosis,
}

fn row(rule: &'static Rule, input: Input, diagnosis: Diagnosis) -> Row {
    Row {
        rule,
        input,
        beside: None,
        diagnosis,
    }
}

fn heard(rule: &'static Rule, input: Input) -> Row {
    row(rule, input, Silent)
}

impl Row {
    fn beside(self, beside: &'static Rule) -> Self {
        let beside = Some(beside);
        Self { beside, ..self }
    }
}

/// Every rule.
pub(crate) fn table() -> Vec<Row> {
    [service(), wire(), access()]
        .into_iter()
        .flatten()
        .collect()
}

#[rustfmt::skip]
fn service() -> Vec<Row> {
    vec![
        row(rules::KEY_MISSING, Vector(30), Judges),
        row(rules::START_MISSING, Vector(34), Judges),
        row(rules::CEK_ALG_MISSING, Vector(38), Judges),
        row(rules::WRAP_ALG_MISSING, Vector(42), Judges),
        row(rules::HMAC_MISSING, Vector(46), Judges),
        row(rules::DATA_SIZE_MISSING, Vector(50), Judges),
        row(rules::PART_SIZE_MISSING, Vector(53), Judges),
        row(rules::DATA_SIZE_INTEGER, Vector(58), Judges),
        row(rules::PART_SIZE_INTEGER, Vector(78), Judges),
        row(rules::COUNT_LIMIT, Vector(106), Judges),
        row(rules::COUNT_EXCEEDED, Vector(100), Judges).beside(rules::PART_LIST_PART),
        row(rules::KEY_CHANGED, Vector(112), Judges),
        row(rules::START_CHANGED, Vector(114), Judges),
        row(rules::CEK_ALG_CHANGED, Vector(116), Judges),
        row(rules::WRAP_ALG_CHANGED, Vector(118), Judges),
        row(rules::HMAC_CHANGED, Vector(120), Judges),
        row(rules::DATA_SIZE_CHANGED, Vector(122), Judges),
        row(rules::PART_SIZE_CHANGED, Vector(124), Judges),
        row(rules::PART_LENGTH, Vector(129), Judges),
        row(rules::LAST_PART_LENGTH, Vector(134), Judges),
        row(rules::METADATA_FIXED, Vector(224), Judges),
        row(rules::COPY_SOURCE_CSE, Vector(234), Repeats),
        row(rules::COUNT_SHORT, Vector(9), Judges),
        row(rules::PART_BEYOND_COUNT, Vector(109), Judges),
        row(rules::PART_SIZE_ALIGNED, Vector(22), Judges),
        row(rules::COPY_INTO_CSE, Vector(237), Silent),
        row(rules::PART_NUMBER_RANGE, Vector(156), Judges),
        row(rules::PART_NUMBER_MISSING, Vector(165), Judges),
        row(rules::UPLOAD_UNKNOWN, Vector(145), Repeats),
        row(rules::UPLOAD_UNKNOWN_LIST, Vector(144), Repeats),
        row(rules::UPLOAD_UNKNOWN_PART, Vector(143), Repeats),
        row(rules::UPLOAD_UNKNOWN_COPY, Vector(240), Repeats),
        row(rules::PART_LIST_XML, Vector(180), Judges),
        row(rules::PART_LIST_ORDER, Vector(171), Judges),
        row(rules::PART_LIST_NUMBER, Vector(179), Judges).beside(rules::PART_LIST_PART),
        row(rules::PART_LIST_PART, Vector(174), Judges),
        row(rules::PART_TOO_SMALL, Vector(176), Judges),
        heard(rules::PART_TOO_LARGE, By("the model", part_too_large)),
        heard(rules::OBJECT_TOO_LARGE, By("the model", object_too_large)),
        row(rules::COMPLETE_ALL_BODY, Vector(206), Repeats),
        row(rules::COMPLETE_NOTHING, Vector(208), Repeats),
        row(rules::FORBID_OVERWRITE, Vector(211), Repeats),
        row(rules::CONTENT_MD5, Vector(199), Judges),
        row(rules::CRC64_DECLARED, Vector(204), Judges),
        heard(rules::OBJECT_NAME_EMPTY, By("the model", object_without_a_name)),
        row(rules::OBJECT_NAME_LENGTH, Vector(249), Repeats),
        row(rules::OBJECT_NAME_SLASH, Vector(243), Repeats),
        row(rules::OBJECT_UNKNOWN, Vector(233), Repeats),
        row(rules::RANGE_UNSATISFIABLE, Vector(284), Repeats),
        heard(rules::COPY_TOO_LARGE, By("the model", copy_too_large)),
        row(rules::LIST_PAGE, Vector(193), Repeats),
    ]
}

#[rustfmt::skip]
fn wire() -> Vec<Row> {
    vec![
        heard(rules::PLAN_COUNT, Fault("plan-one-too-many")),
        heard(rules::PLAN_TILES, Fault("plan-last-part-modulo")),
        heard(rules::PLAN_FEASIBLE, Fault("plan-small-file-refused")),
        heard(rules::PLAN_KEEPS_PART_SIZE, Fault("plan-rounded-to-mib")),
        heard(rules::REFUSAL_CLEAN, Fault("plan-zero-divides")),
        heard(rules::ANSWERS_ALL, By("the runner", ends)),
        heard(rules::BODY_LENGTH, Fault("part-body-length-unchecked")),
        heard(rules::DECLARED_SIZES, Fault("declared-plaintext-size")),
        heard(rules::CTR_POSITION, Fault("counter-number-times-part-size")),
        heard(rules::CTR_CARRY, Fault("counter-carry-lost-at-64")),
        heard(rules::KEYSTREAM_ONCE, Fault("counter-offset-missing")),
        heard(rules::ENCRYPT_DETERMINISTIC, Fault("part-retry-encrypts-again")),
        heard(rules::ROUND_TRIP, Fault("open-last-block-dropped")),
        heard(rules::RANGE_EXACT, Fault("range-truncated-to-block")),
        heard(rules::GCM_OBJECT_BYTES, Fault("part-after-the-first-plain")),
        heard(rules::GCM_OBJECT_TAG, Fault("tag-never-split")),
        heard(rules::GCM_PART_SEAL, Fault("tag-sizes-not-bound")),
        heard(rules::GCM_AUTHENTIC, Fault("open-bad-tag-released")),
        heard(rules::GCM_MESSAGE_LIMIT, By("the model", gcm_message)),
        heard(rules::WRAPPED_LENGTH, Fault("envelope-length-not-checked")),
        heard(rules::ENVELOPE_COMPLETE, Fault("envelope-key-base64-twice")),
        heard(rules::ENVELOPE_TOLERANT, Fault("envelope-names-case-sensitive")),
        heard(rules::ENVELOPE_STRICT, Fault("envelope-incomplete-taken")),
        heard(rules::PART_LIST_ETAG, Fault("part-list-unescaped")),
        heard(rules::PART_LIST_COMPLETE, Fault("part-list-first-thousand")),
        heard(rules::PART_LIST_LIBERAL, Fault("part-list-reader-etag-first")),
        heard(rules::XML_BOUNDED, Fault("xml-entities-expanded")),
        heard(rules::ANSWER_FIELDS, Fault("answer-etag-references-left")),
        heard(rules::PART_ETAG, By("the emulator and the vectors", etag_of_a_part)),
        heard(rules::OBJECT_ETAG, By("the emulator and the vectors", etag_of_an_object)),
        heard(rules::CALLS_INDEPENDENT, Fault("upload-source-touched")),
        heard(rules::METADATA_KEPT, Fault("upload-metadata-dropped")),
        heard(rules::FAILURE_TOLD, Fault("upload-failure-swallowed")),
        heard(rules::ORPHAN_TOLD, Fault("upload-not-aborted")),
        heard(rules::RESUME_COHERENT, Fault("resume-trusts-the-file")),
        heard(rules::CHECKPOINT_SECRET, Fault("resume-checkpoint-holds-the-start")),
        heard(rules::SOURCE_COHERENT, Fault("source-not-looked-at-again")),
        heard(rules::STORED_BYTES, By("the vectors' judge", another_vector)),
    ]
}

/// Right but for what each row says; whoever is asked first answers.
#[rustfmt::skip]
fn access() -> Vec<Row> {
    vec![
        row(rules::SIGNED, Signed(&["GET /examplebucket/o HTTP/1.1\nHost: 127.0.0.1\n\n"]), Repeats),
        row(rules::ACCESS_KEY_KNOWN, Signed(&["GET /examplebucket/o HTTP/1.1\nHost: 127.0.0.1\nDate: Sun, 22 Nov 2026 07:56:08 GMT\nAuthorization: OSS NOBODY:AAAA\n\n"]), Repeats),
        row(rules::SIGNATURE_MATCHES, Signed(&["GET /examplebucket/o HTTP/1.1\nHost: 127.0.0.1\nDate: Sun, 22 Nov 2026 07:56:08 GMT\nAuthorization: OSS AKIDEXAMPLE:AAAA\n\n"]), Repeats),
        row(rules::SIGNATURE_WELL_FORMED, Signed(&["GET /examplebucket/o HTTP/1.1\nHost: 127.0.0.1\nDate: Sun, 22 Nov 2026 07:56:08 GMT\nAuthorization: Basic AAAA\n\n"]), Repeats),
        row(rules::PRESIGNED_WELL_FORMED, Signed(&["GET /examplebucket/o?OSSAccessKeyId=AKIDEXAMPLE&Signature=AAAA HTTP/1.1\nHost: 127.0.0.1\n\n"]), Repeats),
        row(rules::CLOCK_SKEW, Signed(&["GET /examplebucket/o HTTP/1.1\nHost: 127.0.0.1\nDate: Sun, 22 Nov 2026 08:56:08 GMT\nAuthorization: OSS AKIDEXAMPLE:AAAA\n\n"]), Repeats),
        row(rules::NOT_EXPIRED, Signed(&["GET /examplebucket/o?OSSAccessKeyId=AKIDEXAMPLE&Expires=1795334167&Signature=AAAA HTTP/1.1\nHost: 127.0.0.1\n\n"]), Repeats),
        row(rules::BUCKET_NAME, Open(&["GET /No_Bucket/o HTTP/1.1\nHost: 127.0.0.1\n\n"]), Repeats),
        row(rules::BUCKET_KNOWN, Open(&["GET /another-bucket/o HTTP/1.1\nHost: 127.0.0.1\n\n"]), Repeats),
        row(rules::BUCKET_EMPTY, Open(&["PUT /examplebucket/o HTTP/1.1\nHost: 127.0.0.1\nContent-Length: 1\n\nx", "DELETE /examplebucket/ HTTP/1.1\nHost: 127.0.0.1\n\n"]), Repeats),
        row(rules::CONTENT_LENGTH, Open(&["PUT /examplebucket/o HTTP/1.1\nHost: 127.0.0.1\n\n"]), Repeats),
        row(rules::BODY_ARRIVES, Open(&["PUT /examplebucket/o HTTP/1.1\nHost: 127.0.0.1\nContent-Length: 2\n\nxx"]), Repeats),
        row(rules::IF_MATCH, Open(&["PUT /examplebucket/o HTTP/1.1\nHost: 127.0.0.1\nContent-Length: 1\n\nx", "GET /examplebucket/o HTTP/1.1\nHost: 127.0.0.1\nIf-Match: \"0\"\n\n"]), Repeats),
        row(rules::COPY_SOURCE, Open(&["PUT /examplebucket/o HTTP/1.1\nHost: 127.0.0.1\nContent-Length: 0\nx-oss-copy-source: nowhere\n\n"]), Repeats),
    ]
}

/// A body of so many bytes, none of which is there.
fn body(length: u64) -> Body<()> {
    Body {
        length,
        ..digested(&Body::of(Vec::new()))
    }
}

/// Over HTTP a request without a name is one for the bucket.
fn object_without_a_name() -> Vec<&'static str> {
    model(&vector(242).0).0.by
}

fn part_too_large() -> Vec<&'static str> {
    let (mut service, id) = (Service::new(), UploadId("u".to_owned()));
    let nothing = Headers::default();
    assert!(
        said(service.initiate_as("o", &nothing, id.clone()))
            .refused
            .is_none()
    );
    let body = body(MAX_PART_SIZE + 1);
    said(service.upload_part("o", &id, Some("1"), &nothing, body)).by
}

fn object_too_large() -> Vec<&'static str> {
    said(Service::new().put("o", &Headers::default(), body(MAX_PART_SIZE + 1))).by
}

fn copy_too_large() -> Vec<&'static str> {
    let (mut service, nothing) = (Service::new(), Headers::default());
    assert!(
        said(service.put("o", &nothing, body(1 << 30)))
            .refused
            .is_none()
    );
    said(service.copy("o", "copy", &nothing)).by
}

fn gcm_message() -> Vec<&'static str> {
    let part = PartSize::new(1 << 30).expect("a part size");
    let refused = Layout::new(Cipher::GcmObject, MAX_GCM_MESSAGE + 1, part).err();
    refused.map(|refused| refused.rule.id).into_iter().collect()
}

/// Ends when it is asked.
struct Ends;

impl Planner for Ends {
    fn plan(&self, _: u64, _: Option<u64>) -> Result<PlannedUpload<'_>, Refusal> {
        let told = "it ended".to_owned();
        let how = Break::Ended;
        Instead::Broke { how, told }.raise()
    }
}

fn ends() -> Vec<&'static str> {
    let subject = Subject {
        planner: Some(&Ends),
        ..Subject::new("ends")
    };
    rules_of(&check(&subject, |law| law.id == "plan-count"))
}

/// The rules of a report's findings.
fn rules_of(report: &Report) -> Vec<&'static str> {
    let rules = report.findings.iter();
    rules
        .filter_map(|finding| Some(Rule::find(&finding.rule)?.id))
        .collect()
}

/// The rule, if the emulator's ETags of the vectors' first case are the vectors'.
fn etags(operation: &str, rule: &'static Rule) -> Vec<&'static str> {
    let (steps, _) = vector(1);
    let answers = over_http(&steps, &[]);
    let agree = |(step, (_, answer)): (&Step, &(Vec<u8>, Vec<u8>))| {
        let answer = String::from_utf8_lossy(answer);
        step.etag()
            .is_some_and(|etag| answer.contains(&format!("\"{etag}\"")))
    };
    let mut asked = steps
        .iter()
        .zip(&answers)
        .filter(|(step, _)| step.is(operation));
    assert!(asked.clone().count() > 0, "{operation}");
    asked.all(agree).then_some(rule.id).into_iter().collect()
}

fn etag_of_a_part() -> Vec<&'static str> {
    etags("uploadPart", rules::PART_ETAG)
}

fn etag_of_an_object() -> Vec<&'static str> {
    etags("complete", rules::OBJECT_ETAG)
}

/// A vector that says of a part what no service stores.
fn another_vector() -> Vec<&'static str> {
    let (_, text) = *partproof_vectors::FILES
        .iter()
        .find(|(name, _)| *name == "service.json")
        .expect("a file");
    let (right, wrong) = (
        "3CE1F26FAAE9467379573765323C57BD",
        "3CE1F26FAAE9467379573765323C57BE",
    );
    let changed = text.replacen(right, wrong, 1);
    let file = partproof_vectors::read(changed.as_bytes()).expect("vectors");
    let report = partproof_vectors::verify(&file, &Subject::new("nobody"));
    let rules = report.failures.iter();
    rules
        .filter_map(|failure| Some(Rule::find(&failure.rule)?.id))
        .collect()
}
