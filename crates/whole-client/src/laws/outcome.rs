//! What a client says, against what became of the upload.

use partproof_emulator::OpenUpload;
use partproof_evidence::Evidence;
use partproof_model::{Rule, rules};

use super::sent;
use super::stored::Source;
use crate::stage::Stage;
use crate::stage::exchange::Exchange;
use partproof_suite::law::Consequence::{
    self, DataLost, LeftOpen, ObjectMissing, ObjectUnknown, RefusedNeedlessly, UploadRejected,
};
use partproof_suite::law::{Held, Unheld, violated, without_chance};
use partproof_suite::subject::client::Failure;

/// The operations that an upload is made of.
const WRITES: [&str; 4] = [
    "InitiateMultipartUpload",
    "UploadPart",
    "CompleteMultipartUpload",
    "PutObject",
];

/// The code of an upload that is gone: once its completion was carried out, and its answer lost; or once it was aborted, with parts still on their way.
const GONE: &str = "NoSuchUpload";

/// A failure of an upload that nothing stood in the way of: the service's rule that it broke, if the service refused it, and what a service
/// that takes it would have stored.
pub fn failed_needlessly(
    exchanges: &[Exchange],
    failure: &Failure,
    plaintext: Source<'_>,
) -> Unheld {
    let refused = exchanges
        .iter()
        .filter(|exchange| WRITES.contains(&exchange.operation.as_str()))
        .filter_map(|exchange| Some((exchange, exchange.refusal()?)))
        // One that names a rule before one of the script of faults.
        .max_by_key(|(_, answer)| answer.element("Partproof").is_some());
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
    let declared = sent::as_declared(exchanges, plaintext, |_| true);
    let declared = declared.and_then(|()| sent::declares(exchange, plaintext));
    let (otherwise, evidence) = match declared {
        Err(Unheld::Violated(wrong)) => (
            format!(
                "; a service that does not look stores this: {}, {}",
                wrong.symptom, wrong.actual
            ),
            wrong.evidence,
        ),
        _ => (String::new(), Evidence::default()),
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
    .on(evidence)
}

/// A failed upload names the service's code, if all that failed was refused with one. It may tell any failure that it met, and of one that a further attempt
/// overcame it need not tell: which comes first in parallel is chance.
pub fn told(exchanges: &[Exchange], failure: &Failure) -> Held {
    let writes = exchanges
        .iter()
        .filter(|exchange| WRITES.contains(&exchange.operation.as_str()));
    let same = |one: &Exchange, other: &Exchange| {
        one.operation == other.operation && one.part_number == other.part_number
    };
    let writes: Vec<&Exchange> = writes.collect();
    let failed = (0..).zip(&writes).filter(|(place, exchange)| {
        let later = writes.iter().skip(place + 1);
        !exchange.is_accepted()
            && !later
                .clone()
                .any(|later| same(later, exchange) && later.is_accepted())
    });
    // What did not reach the client whole it cannot tell.
    let code = |exchange: &Exchange| {
        let answer = exchange.refusal().filter(|answer| answer.is_whole)?;
        answer.element("Code")
    };
    let codes: Option<Vec<String>> = failed.map(|(_, exchange)| code(exchange)).collect();
    let Some(mut codes) = codes.filter(|codes| !codes.is_empty()) else {
        return Ok(());
    };
    codes.dedup();
    let names = |code: &String| {
        failure.code.as_ref() == Some(code) || failure.message.contains(code.as_str())
    };
    match codes.iter().any(names) {
        true => Ok(()),
        false => Err(violated(
            rules::FAILURE_TOLD,
            "the service's code is not told",
            UploadRejected,
            format!("an error with the code {}", codes.join(" or ")),
            without_chance(&failure.message),
        )),
    }
}

/// A request that the service refused though nothing that goes wrong in the case explains it.
pub fn refused(exchanges: &[Exchange], failure: &Failure, plaintext: Source<'_>) -> Held {
    let is_unexplained = |exchange: &&Exchange| {
        let Some(answer) = exchange.refusal() else {
            return false;
        };
        // What the emulator says beyond the service: the rule that was broken. That a body came to no end is a broken connection.
        let rule = answer.element("Partproof").unwrap_or_default();
        let breaks_a_rule = !rule.is_empty() && !rule.starts_with(rules::BODY_ARRIVES.id);
        WRITES.contains(&exchange.operation.as_str())
            && (400..500).contains(&answer.status)
            && breaks_a_rule
            && answer.element("Code").as_deref() != Some(GONE)
    };
    match exchanges.iter().any(|exchange| is_unexplained(&exchange)) {
        true => Err(failed_needlessly(exchanges, failure, plaintext)),
        false => Ok(()),
    }
}

/// The object is there and the client tells a failure: that it does not know is right, that there is no such upload is not. Complete was carried out, and that is
/// why there is none.
pub fn not_denied(exchanges: &[Exchange], failure: &Failure) -> Held {
    let completes = exchanges
        .iter()
        .filter(|one| one.is("CompleteMultipartUpload"));
    let asked = completes.count();
    let denies = failure.code.as_deref() == Some(GONE) || failure.message.contains(GONE);
    match asked > 1 && denies {
        false => Ok(()),
        true => Err(violated(
            rules::FAILURE_TOLD,
            "a failure is told, and the object is there",
            ObjectUnknown,
            "success, or that it is not known whether there is an object",
            without_chance(&failure.message),
        )),
    }
}

/// No upload is open that the client does not name.
pub fn no_orphan(open: &[OpenUpload], failure: Option<&Failure>) -> Held {
    let said = failure.map_or("success", |failure| &failure.message);
    match open.iter().find(|upload| !said.contains(&upload.id)) {
        None => Ok(()),
        Some(upload) => Err(violated(
            rules::ORPHAN_TOLD,
            "an upload stays open and is not named",
            LeftOpen,
            "no open upload, or its id in the error",
            format!(
                "an open upload with {} parts; the client says: {}",
                upload.parts,
                without_chance(said)
            ),
        )),
    }
}

/// What it means that success is told of an upload of which a part cannot be sent.
pub fn missing_or_partial(stage: &Stage, object: &str) -> Consequence {
    match stage.emulator.object(object) {
        Some(_) => DataLost,
        None => ObjectMissing,
    }
}

/// A client says that it succeeded, and there is nothing.
pub fn nothing_there(what: &str) -> Unheld {
    violated(
        rules::FAILURE_TOLD,
        "success is told, and there is no object",
        ObjectMissing,
        what,
        "no object of that key",
    )
}

#[cfg(test)]
mod tests {
    use partproof_emulator::Pages;
    use partproof_suite::plaintext::Plaintext;

    use super::*;
    use crate::stage::exchange::read_all;

    /// What is made of one request that was answered so, in a case in which something goes wrong.
    fn judged(operation: &str, status: u16, code: &str, rule: &str) -> Held {
        let pages = Pages::default();
        let write = |what: &str, text: String| {
            let page = pages.page(&format!("000001-{operation}-{what}.http"));
            page.append(text.as_bytes());
        };
        let detail = match rule {
            "" => String::new(),
            rule => format!("<Partproof>{rule}: told</Partproof>"),
        };
        let body = format!("<Error><Code>{code}</Code>{detail}</Error>");
        let request = "PUT /b/o?uploadId=U&partNumber=1 HTTP/1.1\r\nContent-Length: 0\r\n\r\n";
        write("request", request.to_owned());
        let length = body.len();
        write(
            "response",
            format!("HTTP/1.1 {status} X\r\nContent-Length: {length}\r\n\r\n{body}"),
        );
        let exchanges = read_all(&pages).expect("a record");
        let failure = Failure {
            message: code.to_owned(),
            code: None,
        };
        let plaintext = Plaintext { seed: 1, length: 1 };
        refused(&exchanges, &failure, Source::Drawn(plaintext))
    }

    #[test]
    fn a_refusal_by_a_rule_is_a_finding_and_the_exemptions_are_none() {
        let is_accused =
            |operation, status, code, rule| judged(operation, status, code, rule).is_err();
        let (part, digest) = ("UploadPart", rules::CONTENT_MD5.id);
        assert!(is_accused(part, 400, "InvalidDigest", digest));
        for (what, accused) in [
            (
                "an error of the service",
                is_accused(part, 500, "InternalError", digest),
            ),
            (
                "an error of the script",
                is_accused(part, 403, "AccessDenied", ""),
            ),
            (
                "a body that came to no end",
                is_accused(part, 400, "RequestTimeout", rules::BODY_ARRIVES.id),
            ),
            (
                "an upload that is gone",
                is_accused(part, 404, GONE, rules::UPLOAD_UNKNOWN_PART.id),
            ),
            (
                "a list of parts",
                is_accused("ListParts", 404, "InvalidArgument", rules::LIST_PAGE.id),
            ),
        ] {
            assert!(!accused, "{what}");
        }
    }
}
