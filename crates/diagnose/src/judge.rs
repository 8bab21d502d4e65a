//! Asks the model about each step of a captured upload, and leaves open what the capture does not show: a value that is
//! masked, a header that was left out of the paste, a part that was never captured.

use std::collections::{BTreeMap, HashSet};

use partproof_model::envelope::{Carrier, DeclaredSizes};
use partproof_model::limits::MIN_PART_SIZE;
use partproof_model::part_list::{self, ListedPart};
use partproof_model::service::complete::{count_objection, list_objections};
use partproof_model::service::initiate::initiate_objections;
use partproof_model::service::upload_part::part_objections;
use partproof_model::{Envelope, Objection, PartNumber, Question, etag, rules};

use super::exchange::{Captured, Exchange, Operation, body_length, headers, is_masked, whole_body};
use super::remedy::{Facts, remedies};
use super::service_error::service_error;
use super::upload::CapturedUpload;
use super::{Evidence, Grouped, Problem, UploadDiagnosis, ciphertext};
use crate::capture::Message;

/// The most characters of a foreign value that are shown again for every message it is held against.
const MOST_SHOWN: usize = 1_000;

/// Judges one upload.
pub(super) fn upload(captured: &CapturedUpload<'_>, evidence: &Evidence) -> UploadDiagnosis {
    let (envelope, shown_on) = captured.envelope().unzip();
    let envelope = envelope.unwrap_or_default();
    let mut judge = Judge::new(captured, &envelope);
    if captured.initiate.is_none() {
        judge.notes.push(match shown_on {
            Some(message) => format!("no Initiate was captured: the declared values are those of {}", message.source),
            None => "no Initiate was captured, nor any message that repeats what it declared: counts and lengths cannot be judged".to_owned(),
        });
    }
    if captured.initiate.is_some() && !envelope.is_present() {
        judge.notes.push("Initiate carries no client-side-encryption header: a plain upload, by the general rules only".to_owned());
    }
    judge.initiate();
    for (number, part) in &captured.parts {
        judge.part(number.as_deref(), part);
    }
    judge.retries();
    for complete in &captured.completes {
        judge.complete(complete);
    }
    let checked = ciphertext::verify(captured, &envelope, &judge.listed, evidence);
    judge.problems.extend(checked.problems);
    judge.notes.extend(checked.notes);
    judge.service_errors();
    let sizes = envelope.sizes();
    UploadDiagnosis {
        object: captured.object.clone(),
        upload_id: captured.id.clone(),
        data_size: sizes.map(|sizes| sizes.data.bytes()),
        part_size: sizes.map(|sizes| sizes.part.bytes()),
        expected_parts: sizes.map(DeclaredSizes::count),
        judged: sizes.is_some() || (captured.initiate.is_some() && !envelope.is_present()),
        sent_parts: captured.distinct_parts(),
        listed_parts: (!judge.listed.is_empty())
            .then(|| u64::try_from(judge.listed.len()).unwrap_or(u64::MAX)),
        problems: judge.problems,
        verified: checked.verified,
        all_parts_verified: checked.all_parts,
        notes: judge.notes,
    }
}

/// Judges what belongs to no upload.
pub(super) fn other(captured: &Captured<'_>) -> Vec<Problem> {
    let exchange = match captured {
        Captured::Exchange(exchange) => exchange,
        Captured::Orphan(response) => {
            return service_error(response)
                .and_then(|(problem, _)| problem)
                .into_iter()
                .collect();
        }
    };
    let sent = headers(exchange.request);
    let envelope = Envelope::parse(&sent);
    let replaces = exchange
        .request
        .header("x-oss-metadata-directive")
        .is_some_and(|value| value.trim_ascii().eq_ignore_ascii_case(b"replace"));
    let objections = match exchange.operation {
        Operation::Put if envelope.is_present() => envelope.objections(Carrier::Put),
        Operation::Copy if replaces && envelope.is_present() => {
            vec![Objection::certain(
                rules::METADATA_FIXED,
                "metadata directive REPLACE with a CSE header",
            )]
        }
        _ => Vec::new(),
    };
    let mut problems: Vec<Problem> = objections
        .into_iter()
        .map(|objection| {
            let fixes = remedies(objection.rule, &Facts::default());
            Problem::of(objection, exchange.source(), fixes)
        })
        .collect();
    let refused = exchange.response.and_then(service_error);
    problems.extend(
        refused
            .and_then(|(problem, _)| problem)
            .filter(|refused| problems.iter().all(|problem| problem.rule != refused.rule)),
    );
    problems
}

/// A judgement in the making.
struct Judge<'a> {
    captured: &'a CapturedUpload<'a>,
    envelope: &'a Envelope,
    /// The last exchange of each part.
    sent: BTreeMap<u64, &'a Exchange<'a>>,
    facts: Facts,
    listed: Vec<ListedPart>,
    problems: Vec<Problem>,
    /// Rules and details of objections, each of which is said once.
    said: HashSet<(&'static str, String)>,
    notes: Vec<String>,
}

impl<'a> Judge<'a> {
    fn new(captured: &'a CapturedUpload<'a>, envelope: &'a Envelope) -> Self {
        let sent = captured.last_of_each();
        let lengths = sent
            .iter()
            .filter_map(|(number, part)| Some((*number, body_length(part.request)?)))
            .collect();
        Self {
            captured,
            envelope,
            facts: Facts::new(envelope.sizes(), lengths),
            sent,
            listed: Vec::new(),
            problems: Vec::new(),
            said: HashSet::new(),
            notes: Vec::new(),
        }
    }

    fn initiate(&mut self) {
        let Some(exchange) = &self.captured.initiate else {
            return;
        };
        // The service gave out an upload id, so it found the headers; what is not here was left out of the paste.
        let accepted = exchange.succeeded() == Some(true)
            || (exchange.response.is_none() && self.captured.id.is_some());
        let (left_out, broken): (Vec<_>, Vec<_>) = initiate_objections(&headers(exchange.request))
            .into_iter()
            .partition(|objection| accepted && objection.rule.id.ends_with("-missing"));
        if !left_out.is_empty() {
            let names: Vec<_> = left_out
                .iter()
                .map(|objection| objection.detail.replace(" is absent", ""))
                .collect();
            self.notes.push(format!(
                "{} shows no {}: the upload has an id, so the service found them, and they are taken as left out of the capture",
                exchange.source(),
                names.join(", ")
            ));
        }
        for objection in broken {
            if is_masked(&objection.detail) {
                self.notes.push(format!(
                    "{}: masked, so not judged: {}",
                    exchange.source(),
                    objection.detail
                ));
            } else {
                self.object(objection, exchange.request);
            }
        }
    }

    fn part(&mut self, number: Option<&str>, part: &Exchange<'_>) {
        if matches!(part.operation, Operation::UploadPartCopy { .. }) {
            self.notes.push(format!(
                "{}: UploadPartCopy carries no bytes to judge",
                part.source()
            ));
            return;
        }
        let parsed = number
            .and_then(|number| number.parse().ok())
            .and_then(PartNumber::new);
        let Some(parsed) = parsed else {
            let objection = match number.filter(|number| !number.is_empty()) {
                None => Objection::certain(rules::PART_NUMBER_MISSING, "no part number"),
                Some(given) => Objection::certain(
                    rules::PART_NUMBER_RANGE,
                    format!("part number is {given}, expected an integer from 1 to 10,000"),
                ),
            };
            return self.object(objection, part.request);
        };
        let sent = headers(part.request);
        let length = body_length(part.request);
        // A body that was not captured breaks no rule of lengths.
        let expected = self.envelope.sizes().and_then(|sizes| {
            partproof_model::Plan {
                data: sizes.data,
                part: sizes.part,
            }
            .slice(parsed)
        });
        let judged = length
            .or(expected.map(|slice| slice.length))
            .unwrap_or_default();
        let repeated = Envelope::parse(&sent);
        let initiate = match self.captured.initiate {
            Some(_) => without_abridged(self.envelope, repeated),
            None => repeated,
        };
        let masked = |objection: &Objection| is_masked(&objection.detail);
        let mut objections = part_objections(&initiate, parsed, &sent, judged);
        objections
            .retain(|objection| !masked(objection) && objection.question != Some(Question::A7));
        for objection in objections {
            // Whether the service checks lengths here is open, but a wrong length decrypts to wrong bytes all the same.
            self.object(objection, part.request);
        }
        if length.is_none() {
            self.notes.push(format!(
                "{}: the body of part {parsed} was not captured",
                part.source()
            ));
        }
    }

    /// A part that is sent again is sent with the same bytes: other bytes under the same key and number tell what both say.
    fn retries(&mut self) {
        if !self.envelope.is_present() {
            return;
        }
        let mut first: BTreeMap<&str, (&[u8], &Message)> = BTreeMap::new();
        for (number, part) in &self.captured.parts {
            let (Some(number), Some(body)) = (number, whole_body(part.request)) else {
                continue;
            };
            let Some((before, message)) = first.get(number.as_str()) else {
                first.insert(number, (body, part.request));
                continue;
            };
            let Some(at) = body
                .iter()
                .zip(*before)
                .position(|(after, before)| after != before)
            else {
                continue;
            };
            let detail = format!(
                "part {number} was sent before ({}) with other bytes, from byte {} on: whoever has both has the xor of their plaintexts",
                message.source,
                Grouped(u64::try_from(at).unwrap_or(u64::MAX))
            );
            let fixes = vec![
                "Encrypt a part again from the same plaintext only; if the source has changed, abort and initiate with a new key and start.".to_owned(),
            ];
            self.problems.push(Problem::new(
                rules::KEYSTREAM_ONCE,
                &part.request.source,
                detail,
                fixes,
            ));
        }
    }

    fn complete(&mut self, complete: &Exchange<'_>) {
        let request = complete.request;
        let all = request
            .header("x-oss-complete-all")
            .is_some_and(|value| value.trim_ascii() == b"yes");
        if all {
            self.notes.push(format!(
                "{}: completes all stored parts: missing ones may go unnoticed (A25)",
                complete.source()
            ));
            return;
        }
        let Some(body) = whole_body(request) else {
            self.notes.push(format!(
                "{}: the part list was not captured",
                complete.source()
            ));
            return;
        };
        let list = match part_list::read(body) {
            Ok(list) => list,
            Err(error) => {
                return self.object(
                    Objection::certain(rules::PART_LIST_XML, error.to_string()),
                    request,
                );
            }
        };
        self.facts
            .list(list.iter().map(|part| part.number).collect());
        let mut objections = list_objections(&list);
        let listed = u64::try_from(list.len()).unwrap_or(u64::MAX);
        objections.extend(count_objection(self.envelope, listed, false));
        objections.extend(self.beyond_count(&list));
        objections.extend(self.stored_objections(&list));
        self.listed = list;
        for objection in objections {
            self.object(objection, request);
        }
    }

    /// As many parts as expected, but with a number that none of the expected parts has: its counter begins past the end.
    fn beyond_count(&self, list: &[ListedPart]) -> Option<Objection> {
        let expected = self.envelope.sizes()?.count();
        let right_count = u64::try_from(list.len()).is_ok_and(|listed| listed <= expected);
        let beyond = list
            .iter()
            .find(|part| part.number > expected)
            .filter(|_| right_count)?;
        let detail = format!(
            "part {} is listed, expected numbers 1 to {expected}",
            beyond.number
        );
        Some(Objection::open(
            rules::PART_BEYOND_COUNT,
            Question::A3,
            detail,
        ))
    }

    /// What the list says against what was captured of the parts.
    fn stored_objections(&mut self, list: &[ListedPart]) -> Vec<Objection> {
        let mut objections = Vec::new();
        for part in list {
            let Some(exchange) = self.sent.get(&part.number) else {
                continue;
            };
            let returned = exchange
                .response
                .and_then(|response| response.header("etag"))
                .map(String::from_utf8_lossy);
            let Some(returned) = returned.filter(|etag| !is_masked(etag) && !is_masked(&part.etag))
            else {
                continue;
            };
            let (given, listed) = (etag::unquoted(&returned), etag::unquoted(&part.etag));
            if given != listed {
                // Of many lists, each may be held against the same answer.
                let detail = format!(
                    "part {} is listed as {}, the service returned {}",
                    part.number,
                    part.etag,
                    returned.chars().take(MOST_SHOWN).collect::<String>()
                );
                let objection = match given.eq_ignore_ascii_case(listed) {
                    true => Objection::open(rules::PART_LIST_PART, Question::EtagCase, detail),
                    false => Objection::certain(rules::PART_LIST_PART, detail),
                };
                objections.push(objection);
            }
        }
        let uncaptured: Vec<String> = list
            .iter()
            .filter(|part| !self.sent.contains_key(&part.number))
            .map(|part| part.number.to_string())
            .collect();
        if !uncaptured.is_empty() {
            let shown = uncaptured
                .iter()
                .take(10)
                .cloned()
                .collect::<Vec<_>>()
                .join(", ");
            let more = if uncaptured.len() > 10 { ", ..." } else { "" };
            self.notes.push(format!("no UploadPart of the listed parts {shown}{more} was captured: their bytes and ETags cannot be judged"));
        }
        let last = list.last().map(|part| part.number);
        let small = list
            .iter()
            .filter(|part| Some(part.number) != last)
            .filter_map(|part| Some((part.number, *self.facts.sent.get(&part.number)?)))
            .filter(|(_, length)| *length < MIN_PART_SIZE)
            .min();
        if let Some((number, length)) = small {
            let detail =
                format!("part {number} has {length} bytes, expected at least {MIN_PART_SIZE}");
            objections.push(Objection::open(
                rules::PART_TOO_SMALL,
                Question::A18,
                detail,
            ));
        }
        objections
    }

    /// What the service itself answered, where the model found nothing of the kind.
    fn service_errors(&mut self) {
        let parts = self.captured.parts.iter().map(|(_, exchange)| exchange);
        let exchanges = self
            .captured
            .initiate
            .iter()
            .chain(parts)
            .chain(&self.captured.completes)
            .chain(&self.captured.further);
        let mut known: HashSet<_> = self.problems.iter().map(|problem| problem.rule).collect();
        for response in exchanges.filter_map(|exchange| exchange.response) {
            let Some((problem, said)) = service_error(response) else {
                continue;
            };
            self.notes.push(said);
            self.problems
                .extend(problem.filter(|problem| known.insert(problem.rule)));
        }
    }

    fn object(&mut self, objection: Objection, message: &Message) {
        if self
            .said
            .insert((objection.rule.id, objection.detail.clone()))
        {
            let fixes = remedies(objection.rule, &self.facts);
            self.problems
                .push(Problem::of(objection, &message.source, fixes));
        }
    }
}

/// An envelope without the values that its capture left out, so that a part which repeats them changes nothing.
fn without_abridged(initiate: &Envelope, repeated: Envelope) -> Envelope {
    Envelope {
        key: initiate.key.clone().or(repeated.key),
        start: initiate.start.clone().or(repeated.start),
        cek_alg: initiate.cek_alg.clone().or(repeated.cek_alg),
        wrap_alg: initiate.wrap_alg.clone().or(repeated.wrap_alg),
        magic_number_hmac: initiate
            .magic_number_hmac
            .clone()
            .or(repeated.magic_number_hmac),
        data_size: initiate.data_size.clone().or(repeated.data_size),
        part_size: initiate.part_size.clone().or(repeated.part_size),
        matdesc: initiate.matdesc.clone(),
        unencrypted_content_length: initiate.unencrypted_content_length.clone(),
        unencrypted_content_md5: initiate.unencrypted_content_md5.clone(),
    }
}
