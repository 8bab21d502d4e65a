//! What a client says, against what became of the upload.

use partproof_emulator::OpenUpload;
use partproof_model::{Rule, rules};

use super::sent;
use super::stored::Source;
use crate::stage::exchange::Exchange;
use partproof_suite::law::Consequence::{DataLost, RefusedNeedlessly, UploadRejected};
use partproof_suite::law::{Held, Unheld, violated, without_chance};
use partproof_suite::subject::client::Failure;

/// The operations that an upload is made of.
const WRITES: [&str; 4] = [
    "InitiateMultipartUpload",
    "UploadPart",
    "CompleteMultipartUpload",
    "PutObject",
];

/// A failure of an upload that nothing stood in the way of: the service's rule that it broke, if the service refused it, and what a service
/// that takes it would have stored.
pub fn failed_needlessly(
    exchanges: &[Exchange],
    failure: &Failure,
    plaintext: Source<'_>,
) -> Unheld {
    let refused = exchanges
        .iter()
        .rev()
        .filter(|exchange| WRITES.contains(&exchange.operation.as_str()))
        .find_map(|exchange| Some((exchange, exchange.refusal()?)));
    let Some((exchange, answer)) = refused else {
        return violated(
            rules::PLAN_FEASIBLE,
            "an upload that is possible fails",
            RefusedNeedlessly,
            "an object",
            without_chance(&failure.message),
        );
    };
    // Whether it looks at lengths of parts is not known for sure.
    let otherwise = match sent::as_declared(exchanges, plaintext, |_| true) {
        Err(Unheld::Violated(wrong)) => format!(
            "; a service that does not look stores this: {}, {}",
            wrong.symptom, wrong.actual
        ),
        _ => String::new(),
    };
    // What the emulator says beyond the service: the rule, and what was given and expected.
    let detail = answer.element("Partproof").unwrap_or_default();
    let (rule, detail) = detail.split_once(": ").unwrap_or((&detail, ""));
    let rule: &'static Rule = Rule::find(rule).unwrap_or(rules::PLAN_FEASIBLE);
    let part = exchange
        .part_number
        .map(|number| format!(" of part {number}"))
        .unwrap_or_default();
    violated(
        rule,
        "the service refuses a request of the upload",
        UploadRejected,
        rule.sentence,
        format!(
            "{}{part} is answered {} {}: {}{otherwise}",
            exchange.operation,
            answer.status,
            answer.element("Code").unwrap_or_default(),
            without_chance(detail)
        ),
    )
}

/// A failed upload names the service's code, if the service refused it.
pub fn told(exchanges: &[Exchange], failure: &Failure) -> Held {
    // What did not reach the client whole it cannot tell.
    let code = |exchange: &Exchange| {
        let answer = exchange.refusal().filter(|answer| answer.is_whole)?;
        answer.element("Code")
    };
    let writes = || {
        let writes = exchanges.iter();
        writes.filter(|exchange| WRITES.contains(&exchange.operation.as_str()))
    };
    let mut codes: Vec<String> = writes().filter_map(code).collect();
    codes.dedup();
    let is_last_refused = writes()
        .next_back()
        .is_some_and(|last| code(last).is_some());
    let names = |code: &String| {
        failure.code.as_ref() == Some(code) || failure.message.contains(code.as_str())
    };
    if is_last_refused && !codes.iter().any(names) {
        return Err(violated(
            rules::FAILURE_TOLD,
            "the service's code is not told",
            UploadRejected,
            format!("an error with the code {}", codes.join(" or ")),
            without_chance(&failure.message),
        ));
    }
    Ok(())
}

/// No upload is open that the client does not name.
pub fn no_orphan(open: &[OpenUpload], failure: Option<&Failure>) -> Held {
    let said = failure.map_or("success", |failure| &failure.message);
    match open.iter().find(|upload| !said.contains(&upload.id)) {
        None => Ok(()),
        Some(upload) => Err(violated(
            rules::ORPHAN_TOLD,
            "an upload stays open and is not named",
            RefusedNeedlessly,
            "no open upload, or its id in the error",
            format!(
                "an open upload with {} parts; the client says: {}",
                upload.parts,
                without_chance(said)
            ),
        )),
    }
}

/// A client says that it succeeded, and there is nothing.
pub fn nothing_there(what: &str) -> Unheld {
    violated(
        rules::FAILURE_TOLD,
        "success is told, and there is no object",
        DataLost,
        what,
        "no object of that key",
    )
}
