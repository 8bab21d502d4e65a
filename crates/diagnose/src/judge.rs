//! Asks the model about each step of a captured upload, and leaves open what the capture does not show: a value that is
//! masked, a header that was left out of the paste, a part that was never captured.

mod list;

use std::collections::{BTreeMap, HashMap, HashSet};

use partproof_model::envelope::{Carrier, DeclaredSizes};
use partproof_model::part_list::ListedPart;
use partproof_model::service::initiate::initiate_objections;
use partproof_model::service::upload_part::part_objections;
use partproof_model::{Envelope, Objection, PartNumber, Question, rules};

use super::exchange::{Captured, Exchange, Operation, body_length, headers, masked, whole_body};
use super::masked::is_masked;
use super::remedy::{Facts, remedies};
use super::service_error::{Refusal, refusal};
use super::upload::CapturedUpload;
use super::{Evidence, Grouped, Parts, Problem, UploadDiagnosis, ciphertext};
use crate::capture::Message;

/// Judges one upload.
pub(super) fn upload(captured: &CapturedUpload<'_>, evidence: &Evidence) -> UploadDiagnosis {
    let (envelope, shown_on) = captured.envelope().unzip();
    let place = shown_on.map(|message| &message.source);
    let envelope = envelope.unwrap_or_default();
    let mut judge = Judge::new(captured, &envelope);
    if captured.initiate.is_none() {
        judge.notes.push(match shown_on {
            Some(message) => format!("no Initiate was captured: the declared values are those of {}", message.source),
            None => "no Initiate was captured, nor any message that repeats what it declared: counts and lengths cannot be judged".to_owned(),
        });
    }
    let is_covered = captured
        .messages()
        .any(|message| !masked(message).is_empty());
    let is_plain = captured.initiate.is_some() && !envelope.is_present() && !is_covered;
    if is_plain {
        judge.notes.push("Initiate carries no client-side-encryption header: a plain upload, by the general rules only".to_owned());
    }
    judge.initiate();
    for (number, part) in &captured.parts {
        judge.part(number.as_deref(), part);
    }
    if !judge.bodiless.is_empty() {
        let note = format!("the body of {} was not captured", Parts(&judge.bodiless));
        judge.notes.push(note);
    }
    judge.retries();
    for complete in &captured.completes {
        judge.complete(complete);
    }
    let checked = ciphertext::verify(captured, &envelope, place, &judge.listed, evidence);
    judge.problems.extend(checked.problems);
    judge.notes.extend(checked.notes);
    judge.refusals();
    let sizes = envelope.sizes();
    UploadDiagnosis {
        object: captured.object.clone(),
        upload_id: captured.id.clone(),
        data_size: sizes.map(|sizes| sizes.data.bytes()),
        part_size: sizes.map(|sizes| sizes.part.bytes()),
        expected_parts: sizes.map(DeclaredSizes::count),
        judged: (sizes.is_some() || is_plain) && !judge.undecided,
        refused: judge.refused,
        sent_parts: captured.distinct_parts(),
        listed_parts: (!judge.listed.is_empty())
            .then(|| u64::try_from(judge.listed.len()).unwrap_or(u64::MAX)),
        problems: each_once(judge.problems),
        verified: checked.verified,
        all_parts_verified: checked.all_parts,
        notes: judge.notes,
    }
}

/// A rule is broken once, however many parts break it: the first is told, and where the next ones are.
fn each_once(problems: Vec<Problem>) -> Vec<Problem> {
    /// So many places are enough to look for a pattern.
    const SHOWN: usize = 3;
    let mut once: Vec<(Problem, Vec<String>)> = Vec::new();
    for problem in problems {
        let is_same = |(known, _): &&mut (Problem, Vec<String>)| {
            (known.rule, &known.open_question, known.accepted)
                == (problem.rule, &problem.open_question, problem.accepted)
        };
        match once.iter_mut().find(is_same) {
            Some((known, others)) => {
                others.push(format!("{}: {}", problem.place, problem.detail));
                // The remedies of the places that are shown; the others have none that differs in kind.
                if others.len() <= SHOWN {
                    let fixes = problem.fixes.into_iter();
                    let fixes: Vec<_> = fixes.filter(|fix| !known.fixes.contains(fix)).collect();
                    known.fixes.extend(fixes);
                }
            }
            None => once.push((problem, Vec::new())),
        }
    }
    let told = once.into_iter().map(|(mut problem, others)| {
        if !others.is_empty() {
            let shown = others.iter().take(SHOWN).cloned().collect::<Vec<_>>();
            let more = match others.len().saturating_sub(SHOWN) {
                0 => String::new(),
                more => format!("; and {more} more"),
            };
            problem.detail = format!("{}; {}{more}", problem.detail, shown.join("; "));
        }
        problem
    });
    told.collect()
}

/// Judges what belongs to no upload.
pub(super) fn other(captured: &Captured<'_>) -> Vec<Problem> {
    let exchange = match captured {
        Captured::Exchange(exchange) => exchange,
        Captured::Orphan(response) => {
            return refusal(response)
                .map(|refusal| refusal.problem)
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
    let refused = exchange.response.and_then(refusal);
    problems.extend(
        refused
            .map(|refusal| refusal.problem)
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
    /// Requests that the service accepted.
    accepted: HashSet<*const Message>,
    /// Rules and details of objections, each of which is said once.
    said: HashSet<(&'static str, String)>,
    notes: Vec<String>,
    /// The headers of Initiate whose values somebody has put something over.
    covered: Vec<String>,
    /// Whether a part list was captured and not all of it, or a Complete and not its end.
    undecided: bool,
    /// Parts whose bodies were not captured.
    bodiless: Vec<u64>,
    /// Whether the service refused something that went through when it was sent again.
    refused: bool,
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
            accepted: captured.accepted().map(std::ptr::from_ref).collect(),
            listed: Vec::new(),
            problems: Vec::new(),
            said: HashSet::new(),
            notes: Vec::new(),
            covered: captured
                .initiate
                .iter()
                .flat_map(|initiate| masked(initiate.request))
                .collect(),
            undecided: false,
            bodiless: Vec::new(),
            refused: false,
        }
    }

    fn initiate(&mut self) {
        let Some(exchange) = &self.captured.initiate else {
            return;
        };
        // The service gave out an upload id, so it found the headers; what is not here was left out of the paste.
        let accepted = exchange.succeeded() == Some(true)
            || (exchange.response.is_none() && self.captured.id.is_some());
        let covered = self.covered.clone();
        if !covered.is_empty() {
            self.notes.push(format!(
                "{}: masked, so not judged: {}",
                exchange.source(),
                covered.join(", ")
            ));
        }
        let (left_out, broken): (Vec<_>, Vec<_>) = initiate_objections(&headers(exchange.request))
            .into_iter()
            .filter(|objection| !is_about(objection, &covered))
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
            self.object(objection, exchange.request);
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
        let mut covered = masked(part.request);
        covered.extend(self.covered.iter().cloned());
        let mut objections = part_objections(&initiate, parsed, &sent, judged);
        objections.retain(|objection| {
            !is_about(objection, &covered) && objection.question != Some(Question::A7)
        });
        if part.request.is_aws_chunked() {
            self.notes.push(format!(
                "{}: the body is aws-chunked, in chunks that S3 signs: OSS refuses that, so have the client sign the whole body, or none",
                part.source()
            ));
        }
        for objection in objections {
            // Whether the service checks lengths here is open, but a wrong length decrypts to wrong bytes all the same.
            self.object(objection, part.request);
        }
        if length.is_none() {
            self.bodiless.push(parsed.get());
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

    /// What the service itself refused: explained by a rule that was found broken, or a problem of its own. What went through when it was sent again is
    /// told, and no problem.
    fn refusals(&mut self) {
        let captured = self.captured;
        let parts = captured.parts.iter().map(|(_, exchange)| exchange);
        let exchanges: Vec<&Exchange<'_>> = captured
            .initiate
            .iter()
            .chain(parts)
            .chain(&captured.completes)
            .chain(&captured.further)
            .collect();
        let mut known: HashSet<_> = self.problems.iter().map(|problem| problem.rule).collect();
        // The page of EC 411 is about both.
        if known.contains(rules::COUNT_SHORT.id) {
            known.insert(rules::COUNT_EXCEEDED.id);
        }
        let last_success: HashMap<&Operation, usize> = exchanges
            .iter()
            .enumerate()
            .filter(|(_, exchange)| exchange.succeeded() == Some(true))
            .map(|(at, exchange)| (&exchange.operation, at))
            .collect();
        for (at, exchange) in exchanges.iter().enumerate() {
            let Some(Refusal { problem, said }) = exchange.response.and_then(refusal) else {
                continue;
            };
            let again = last_success
                .get(&exchange.operation)
                .is_some_and(|success| *success > at);
            self.notes.push(match again {
                true => format!("{said}; it went through when it was sent again"),
                false => said,
            });
            // An upload that is gone when it is ended is what its end is for.
            let is_ended = matches!(exchange.operation, Operation::Abort { .. })
                && exchange.status() == Some(404);
            if again || is_ended {
                self.refused |= again;
            } else if known.insert(problem.rule) {
                self.problems.push(problem);
            }
        }
    }

    fn object(&mut self, objection: Objection, message: &Message) {
        if self
            .said
            .insert((objection.rule.id, objection.detail.clone()))
        {
            let fixes = remedies(objection.rule, &self.facts);
            let answered = objection.rule.answer.is_some();
            let accepted = answered && self.accepted.contains(&std::ptr::from_ref(message));
            self.problems.push(Problem {
                accepted,
                ..Problem::of(objection, &message.source, fixes)
            });
        }
    }
}

/// Whether an objection is about one of these headers.
fn is_about(objection: &Objection, headers: &[String]) -> bool {
    if headers.is_empty() {
        return false;
    }
    let detail = objection.detail.to_ascii_lowercase();
    headers.iter().any(|name| detail.contains(name.as_str())) || is_masked(&objection.detail)
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
