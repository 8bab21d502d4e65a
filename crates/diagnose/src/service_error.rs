//! What the service itself said: a refusal, under the rule of its EC or Code.

use data_encoding::BASE64;
use partproof_model::{Rule, answers};

use super::Problem;
use super::exchange::whole_body;
use super::remedy::{Facts, remedies};
use crate::capture::{Message, StartLine};

/// A refusal of the service: as a problem, if its EC or Code names a rule, and as a sentence.
pub(super) fn service_error(response: &Message) -> Option<(Option<Problem>, String)> {
    let StartLine::Response {
        status: status @ 400..,
    } = response.start
    else {
        return None;
    };
    // An answer to HEAD has no body: its error stands in the head.
    let in_the_head = || {
        BASE64
            .decode(response.header("x-oss-err")?.trim_ascii())
            .ok()
    };
    let read = |body: &[u8]| answers::service_error(body).ok();
    let in_the_body = whole_body(response).and_then(read);
    let error = in_the_body.or_else(|| read(&in_the_head()?));
    let header = || {
        response
            .header("x-oss-ec")
            .map(|ec| String::from_utf8_lossy(ec.trim_ascii()).into_owned())
    };
    let ec = error
        .as_ref()
        .and_then(|error| error.ec.clone())
        .or_else(header);
    let code = error.as_ref().map(|error| error.code.clone());
    let message = error
        .as_ref()
        .map(|error| error.message.clone())
        .unwrap_or_default();
    let known = |rule: &&'static Rule| {
        rule.answer
            .is_some_and(|answer| answer.code.is_some() && answer.code == code.as_deref())
    };
    let said = format!(
        "{}: the service answered {status}{}{}{}",
        response.source,
        code.as_ref()
            .map(|code| format!(" {code}"))
            .unwrap_or_default(),
        ec.as_ref()
            .map(|ec| format!(", EC {ec}"))
            .unwrap_or_default(),
        if message.is_empty() {
            String::new()
        } else {
            format!(": {message}")
        }
    );
    // A Code of several rules names none of them.
    let by_code = || {
        let mut rules = Rule::all().filter(known);
        rules.next().filter(|_| rules.next().is_none())
    };
    let rule = ec.as_deref().and_then(Rule::find).or_else(by_code);
    let problem = rule.map(|rule| {
        let fixes = remedies(rule, &Facts::default());
        Problem::new(rule, &response.source, said.clone(), fixes)
    });
    Some((problem, said))
}
