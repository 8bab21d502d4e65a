//! Requests to a bucket that is empty at first, as the vectors of service sequences have them: for the model's service, and as HTTP.

use std::collections::BTreeMap;

use partproof_emulator::{Config, Exchanger, Lean, Limits};
use partproof_model::service::{Body, Service, UploadId};
use partproof_model::verdict::{Rejection, Verdict};
use partproof_model::{Headers, Question};
use partproof_suite::plaintext::Plaintext;
use serde::Deserialize;
use serde_json::Value;

/// One request.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Step {
    op: String,
    object: String,
    #[serde(default)]
    headers: Vec<(String, String)>,
    upload: Option<String>,
    part_number: Option<String>,
    source: Option<String>,
    body: Option<Plaintext>,
    list: Option<String>,
    max_parts: Option<u64>,
    part_number_marker: Option<u64>,
    /// What it is answered, for those who ask.
    etag: Option<String>,
}

/// The steps of a case of `service.json`, and the rules and ECs by which it says that the last is refused.
pub(crate) fn vector(number: u64) -> (Vec<Step>, Vec<(String, Option<String>)>) {
    let file = partproof_vectors::FILES.iter();
    let (_, text) = file
        .copied()
        .find(|(name, _)| *name == "service.json")
        .expect("a file");
    let file: Value = serde_json::from_str(text).expect("JSON");
    let groups = file["testGroups"].as_array().into_iter().flatten();
    let mut tests = groups.flat_map(|group| group["tests"].as_array().into_iter().flatten());
    let test = tests
        .find(|test| test["tcId"] == number)
        .unwrap_or_else(|| unreachable!("no case {number}"));
    let last = test["steps"].as_array().and_then(|steps| steps.last());
    let refused_by = last.map(|last| &last["rejections"]);
    let refused_by = refused_by.and_then(Value::as_array).into_iter().flatten();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let refused_by =
        refused_by.map(|one| (text(&one["rule"]).unwrap_or_default(), text(&one["ec"])));
    let steps = serde_json::from_value(test["steps"].clone()).expect("steps");
    (steps, refused_by.collect())
}

impl Step {
    pub(crate) fn is(&self, operation: &str) -> bool {
        self.op == operation
    }

    pub(crate) fn etag(&self) -> Option<&str> {
        self.etag.as_deref()
    }

    /// Lists an ETag in lower case, if it lists that.
    pub(crate) fn list_in_lower_case(&mut self, etag: &str) {
        if let Some(list) = &mut self.list {
            *list = list.replace(etag, &etag.to_lowercase());
        }
    }

    fn bytes(&self) -> Vec<u8> {
        match (&self.body, &self.list) {
            (Some(body), _) => body.bytes(),
            (None, Some(list)) => list.clone().into_bytes(),
            (None, None) => Vec::new(),
        }
    }

    /// What the model's service says to it: the rejections, the one it gives first, and the questions on which they rest.
    fn ask(&self, service: &mut Service<()>) -> Said {
        let key = self.object.as_str();
        let headers: Headers = self.headers.iter().cloned().collect();
        let id = UploadId(self.upload.clone().unwrap_or_default());
        let number = self.part_number.as_deref();
        let source = self.source.as_deref().unwrap_or_default();
        let body = digested(&Body::of(self.bytes()));
        match self.op.as_str() {
            "put" => said(service.put(key, &headers, body)),
            "initiate" => said(service.initiate_as(key, &headers, id)),
            "uploadPart" => said(service.upload_part(key, &id, number, &headers, body)),
            "uploadPartCopy" => {
                let found = service.objects().find(|(name, _)| *name == source);
                let whole = found.and_then(|(_, object)| object.parts.first()).cloned();
                let whole = whole.unwrap_or_else(|| digested(&Body::of(Vec::new())));
                said(service.upload_part_copy(key, &id, number, source, whole))
            }
            "listParts" => {
                let marker = self.part_number_marker.unwrap_or(0);
                said(service.list_parts(key, &id, self.max_parts, marker))
            }
            "complete" => said(service.complete(key, &id, &headers, &self.bytes())),
            "abort" => said(service.abort(key, &id)),
            "copy" => said(service.copy(source, key, &headers)),
            "get" => said(service.get(key, &headers)),
            "head" => said(service.head(key)),
            other => unreachable!("no operation {other}"),
        }
    }

    /// As HTTP, with the ids that the emulator gave.
    fn http(&self, ids: &BTreeMap<String, String>) -> Vec<u8> {
        let upload = self.upload.as_ref();
        let id = upload.and_then(|name| ids.get(name).or(Some(name)));
        let mut query: Vec<String> = Vec::new();
        let mut ask = |name: &str, value: Option<&str>| {
            query.extend(value.map(|value| format!("{name}={value}")));
        };
        let (max, marker) = (self.max_parts, self.part_number_marker);
        ask(
            "uploadId",
            id.map(String::as_str).filter(|_| self.op != "initiate"),
        );
        ask("partNumber", self.part_number.as_deref());
        ask("max-parts", max.map(|max| max.to_string()).as_deref());
        ask(
            "part-number-marker",
            marker.map(|marker| marker.to_string()).as_deref(),
        );
        let method = match self.op.as_str() {
            "put" | "uploadPart" | "uploadPartCopy" | "copy" => "PUT",
            "initiate" => {
                query.push("uploads".to_owned());
                "POST"
            }
            "complete" => "POST",
            "abort" => "DELETE",
            "head" => "HEAD",
            _ => "GET",
        };
        let mark = if query.is_empty() { "" } else { "?" };
        let key: String = self.object.bytes().map(encoded).collect();
        let mut head = format!(
            "{method} /examplebucket/{key}{mark}{} HTTP/1.1\r\nHost: 127.0.0.1\r\n",
            query.join("&")
        );
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if let Some(source) = &self.source {
            head.push_str(&format!("x-oss-copy-source: /examplebucket/{source}\r\n"));
        }
        let body = self.bytes();
        head.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
        [head.into_bytes(), body].concat()
    }
}

fn encoded(byte: u8) -> String {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    }
}

/// A body of which the bytes are not kept.
pub(crate) fn digested<B>(body: &Body<B>) -> Body<()> {
    Body {
        length: body.length,
        md5: body.md5,
        crc64: body.crc64,
        content: (),
    }
}

/// What the model says to a request.
pub(crate) struct Said {
    /// The rejection that it gives, if it gives one.
    pub(crate) refused: Option<Rejection>,
    /// Every rule by which it may be refused.
    pub(crate) by: Vec<&'static str>,
    /// The questions that decide.
    pub(crate) questions: Vec<Question>,
}

pub(crate) fn said<T>(verdict: Verdict<T>) -> Said {
    let rules = verdict.rejections().map(|rejection| rejection.rule.id);
    Said {
        by: rules.collect(),
        questions: verdict.acceptable_if.iter().flatten().copied().collect(),
        refused: verdict.outcome.err(),
    }
}

/// What the model says to the last of these, and the questions that had to be decided for it to refuse that one.
pub(crate) fn model(steps: &[Step]) -> (Said, Vec<(Question, Lean)>) {
    let run = |decisions: &[(Question, Lean)]| {
        let mut service = Service::new();
        for (question, lean) in decisions {
            service.decide(*question, *lean);
        }
        let said = steps.iter().map(|step| step.ask(&mut service));
        said.last().expect("a step")
    };
    let said = run(&[]);
    if said.refused.is_some() {
        return (said, Vec::new());
    }
    let decisions: Vec<_> = said
        .questions
        .iter()
        .map(|one| (*one, Lean::Reject))
        .collect();
    (run(&decisions), decisions)
}

/// Each request with its answer, as they go over the wire.
pub(crate) fn over_http(steps: &[Step], decisions: &[(Question, Lean)]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut ids = BTreeMap::new();
    let mut requests: Vec<Vec<u8>> = Vec::new();
    for step in steps {
        requests.push(step.http(&ids));
        if step.op == "initiate" {
            let (answers, name) = (exchanged(&requests, decisions, Kind::Plain), &step.upload);
            let id = answers
                .last()
                .and_then(|answer| element(answer, "UploadId"));
            ids.extend(name.clone().zip(id));
        }
    }
    let answers = exchanged(&requests, decisions, Kind::Plain);
    requests.into_iter().zip(answers).collect()
}

/// An emulator that looks at signatures, one that does not, and one that takes no body of more than a byte.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Signed,
    Plain,
    OneByte,
}

/// The answers of an emulator with these questions decided so.
pub(crate) fn exchanged(
    requests: &[Vec<u8>],
    decisions: &[(Question, Lean)],
    kind: Kind,
) -> Vec<Vec<u8>> {
    let defaults = Config::default();
    let config = Config {
        verifies_signatures: kind == Kind::Signed,
        limits: Limits {
            body: match kind {
                Kind::OneByte => 1,
                _ => defaults.limits.body,
            },
            ..defaults.limits
        },
        decisions: decisions.to_vec(),
        ..defaults
    };
    let exchanger = Exchanger::new().expect("a folder");
    let answered = exchanger.exchange(config, &requests.concat());
    let mut rest = answered.expect("an exchange").answered;
    let mut answers = Vec::new();
    while let Some(head) = rest.windows(4).position(|window| window == b"\r\n\r\n") {
        let text = String::from_utf8_lossy(&rest[..head]).to_ascii_lowercase();
        let is_of_a_head = requests
            .get(answers.len())
            .is_some_and(|one| one.starts_with(b"HEAD"));
        let length = text.split("content-length: ").nth(1);
        let length = length.and_then(|rest| rest.lines().next()?.trim().parse().ok());
        let length = length.filter(|_| !is_of_a_head).unwrap_or(0);
        let after = rest.split_off((head + 4 + length).min(rest.len()));
        answers.push(std::mem::replace(&mut rest, after));
    }
    answers
}

/// The text of an element of an answer.
pub(crate) fn element(answer: &[u8], name: &str) -> Option<String> {
    let text = String::from_utf8_lossy(answer).into_owned();
    let from = text.split_once(&format!("<{name}>"))?.1;
    Some(from.split_once(&format!("</{name}>"))?.0.to_owned())
}
