//! Asks the model about a Complete: its list of parts, against what was declared and what was captured of the parts.

use partproof_model::limits::MIN_PART_SIZE;
use partproof_model::part_list::{self, ListedPart};
use partproof_model::service::complete::{count_objection, list_objections};
use partproof_model::{Objection, Question, etag, rules};

use super::Judge;
use crate::Parts;
use crate::capture::Message;
use crate::exchange::{Exchange, whole_body};
use crate::masked::is_masked;

/// The most characters of a foreign value that are shown again for every message it is held against.
const MOST_SHOWN: usize = 1_000;

impl Judge<'_> {
    pub(super) fn complete(&mut self, complete: &Exchange<'_>) {
        let request = complete.request;
        if complete
            .status()
            .is_some_and(|status| (300..400).contains(&status))
        {
            self.undecided = true;
            self.notes.push(format!(
                "{}: it was sent elsewhere, and what came of it there was not captured",
                complete.source()
            ));
        }
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
        let announces = request.header("content-length").is_some();
        if body.trim_ascii().is_empty() && !announces {
            self.notes.push(format!(
                "{}: the part list was not captured",
                complete.source()
            ));
            return;
        }
        if let Some(shown) = abridged(body) {
            self.undecided = true;
            // What is shown of it is in its place, however much lies between.
            for objection in part_list::read(&shown)
                .iter()
                .flat_map(|list| list_objections(list))
            {
                self.object(objection, request);
            }
            self.notes.push(format!(
                "{}: the part list is abridged: how many parts it has is unknown",
                complete.source()
            ));
            return;
        }
        let list = match part_list::read(body) {
            Ok(list) => list,
            Err(_) if breaks_off(request, body) || has_dots(body) => {
                self.undecided = true;
                self.notes.push(format!(
                    "{}: the part list is not there whole: how many parts it has is unknown",
                    complete.source()
                ));
                return;
            }
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
        let accepted = complete.succeeded() == Some(true);
        for objection in objections {
            let is_small = objection.rule == rules::PART_TOO_SMALL;
            match objection.question.filter(|_| accepted && is_small) {
                // Here is evidence, and it speaks for the upload.
                Some(question) => self.notes.push(format!(
                    "{}: {}: the service accepted it; whether the rule `{}` holds here is open ({question})",
                    complete.source(),
                    objection.detail,
                    objection.rule.id
                )),
                None => self.object(objection, request),
            }
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
        let is_nothing = |part: &&ListedPart| {
            let etag = etag::unquoted(&part.etag);
            ["", "undefined", "null", "nil", "None", "nan"].contains(&etag)
        };
        let without: Vec<u64> = list
            .iter()
            .filter(is_nothing)
            .map(|part| part.number)
            .collect();
        if let Some(first) = list.iter().find(is_nothing) {
            let more = match without.len() {
                1 => String::new(),
                2 => ", and so is 1 more".to_owned(),
                count => format!(", and so are {} more", count - 1),
            };
            objections.push(Objection::certain(
                rules::PART_LIST_PART,
                format!(
                    "part {} is listed with the ETag `{}`{more}: the client did not read what the service returned",
                    first.number, first.etag
                ),
            ));
            self.facts.without_etag = true;
        }
        for part in list.iter().filter(|part| !is_nothing(part)) {
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
        let numbers = list.iter().map(|part| part.number);
        let uncaptured: Vec<u64> = numbers
            .filter(|number| !self.sent.contains_key(number))
            .collect();
        if !uncaptured.is_empty() {
            self.notes.push(format!(
                "no UploadPart of the listed {} was captured: their bytes and ETags cannot be judged",
                Parts(&uncaptured)
            ));
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
}

/// Whether the end of a list was not captured: nothing says that it was sent so.
fn breaks_off(request: &Message, body: &[u8]) -> bool {
    let announced = request
        .header("content-length")
        .and_then(|value| std::str::from_utf8(value).ok()?.trim().parse().ok());
    let ends = body
        .windows(ROOT_END.len())
        .any(|window| window == ROOT_END);
    // A paste makes LF of CR LF.
    let line_ends = body.iter().filter(|byte| **byte == b'\n').count();
    let is_short = announced.is_some_and(|length: usize| length > body.len() + line_ends);
    is_short || !ends && announced != Some(body.len())
}

/// Whether dots stand for something, if only for half of an element.
fn has_dots(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body);
    text.contains("...") || text.contains('\u{2026}')
}

const ROOT_END: &[u8] = b"</CompleteMultipartUpload";

/// What is shown of a list, if parts of it were left out of the paste.
fn abridged(body: &[u8]) -> Option<Vec<u8>> {
    let text = String::from_utf8_lossy(body);
    let dots = |text: &str| {
        let text = text
            .trim()
            .trim_matches(['[', ']', '(', ')', '<', '>', '!', '-', ' ']);
        text.starts_with("...")
            || text.starts_with('\u{2026}')
            || ["etc", "etc.", "and so on"].contains(&text)
    };
    // Between two elements, or in a comment.
    let comments = text.split("<!--").skip(1);
    let mut is_abridged = comments
        .map(|comment| comment.split("-->").next().unwrap_or_default())
        .any(dots);
    let mut shown = String::with_capacity(text.len());
    for piece in text.split_inclusive('<') {
        match piece.split_once('>') {
            Some((tag, between)) if dots(between.trim_end_matches('<')) => {
                is_abridged = true;
                shown.push_str(tag);
                shown.push_str(if between.ends_with('<') { "><" } else { ">" });
            }
            _ => shown.push_str(piece),
        }
    }
    is_abridged.then(|| shown.into_bytes())
}
