//! What the service itself said: a refusal, under the rule of its EC or Code.

use data_encoding::BASE64;
use partproof_model::Rule;

use super::Problem;
use super::ec::{self, Said};
use super::exchange::whole_body;
use super::remedy::{CORS, Facts, remedies};
use super::trouble::Code;
use crate::capture::{Message, StartLine};

/// A refusal of the service, as a problem and as a sentence.
pub(super) struct Refusal {
    pub(super) problem: Problem,
    pub(super) said: String,
}

/// What a response refuses: by its status, or with an error in an answer that says it is none.
pub(super) fn refusal(response: &Message) -> Option<Refusal> {
    let StartLine::Response { status } = response.start else {
        return None;
    };
    let body = whole_body(response).unwrap_or_default();
    let is_error = ec::is_error(body);
    if status < 400 && !is_error {
        return None;
    }
    // An answer to HEAD has no body: its error stands in the head.
    let in_the_head = || {
        let header = response.header("x-oss-err")?.trim_ascii();
        BASE64.decode(header).ok()
    };
    let said = match is_error {
        true => ec::said(body),
        false => in_the_head()
            .map(|body| ec::said(&body))
            .unwrap_or_default(),
    };
    let Said {
        code,
        message,
        ec,
        etag,
        part_number,
    } = said;
    let header = |name| {
        let value = response.header(name)?;
        Some(String::from_utf8_lossy(value.trim_ascii()).into_owned())
    };
    let ec = ec.or_else(|| header("x-oss-ec"));
    let mut said = format!("{}: the service answered {status}", response.source);
    said.extend(code.iter().map(|code| format!(" {code}")));
    said.extend(ec.iter().map(|ec| format!(", EC {ec}")));
    said.extend(message.iter().map(|message| format!(": {message}")));
    let part = part_number
        .map(|number| format!(" of part {number}"))
        .unwrap_or_default();
    said.extend(etag.iter().map(|etag| format!(" (ETag{part}: {etag})")));
    let known = |rule: &&'static Rule| {
        let answer = rule.answer;
        answer.is_some_and(|answer| answer.code.is_some() && answer.code == code.as_deref())
    };
    // A Code of several rules names none of them.
    let by_code = || {
        let mut rules = Rule::all().filter(known);
        rules.next().filter(|_| rules.next().is_none())
    };
    // Older answers, and what SDKs make of them, have no EC; some messages are of one rule.
    let by_message = || {
        let message = message.as_deref().filter(|_| ec.is_none())?;
        let message = message.trim_end_matches('.');
        let mut rules = Rule::all().filter(|rule| {
            let said = rule
                .answer
                .map(|answer| answer.message.trim_end_matches('.'));
            said == Some(message)
        });
        rules.next().filter(|_| rules.next().is_none())
    };
    let rule = ec
        .as_deref()
        .and_then(Rule::find)
        .or_else(by_code)
        .or_else(by_message);
    let general = code.as_deref().and_then(Code::of);
    let mut problem = match rule {
        Some(rule) => {
            let fixes = remedies(rule, &Facts::default());
            Problem::new(rule, &response.source, said.clone(), fixes)
        }
        None => Problem {
            rule: "refused",
            sentence: general.map_or("The service refused the request.", |known| known.means),
            source: ec::ERRORS,
            ec: None,
            severity: "MUST".to_owned(),
            place: response.source.to_string(),
            detail: said.clone(),
            open_question: None,
            accepted: false,
            fixes: Vec::new(),
        },
    };
    if problem.fixes.is_empty() {
        let fix = general.map_or(UNEXPLAINED, |known| known.fix);
        problem.fixes.push(fix.to_owned());
    }
    if etag
        .as_deref()
        .is_some_and(|etag| ["undefined", "null", ""].contains(&etag))
    {
        problem.fixes.push(CORS.to_owned());
    }
    Some(Refusal { problem, said })
}

/// What to do about a code that nothing is known of.
const UNEXPLAINED: &str = "Nothing more is known of this error here. The whole exchange of the upload, from Initiate to this answer, may show the cause: capture it with `curl -v`, a HAR of the browser, or the debug log of the SDK.";
