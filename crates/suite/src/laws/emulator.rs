//! Laws of Partproof's own emulator. Clients are tested against it, so it must stand whatever they send, and must not do what the service would
//! not.

mod answer;

use partproof_emulator::{Asked, Exchange, Operation};
use partproof_model::{answers, rules};

use crate::case::emulator::{Access, ExchangeKind, JournalKind, ScriptKind};
use crate::case::outside::OutsideCase;
use crate::law::Consequence::{DataLost, ProcessEndangered, TestMisled};
use crate::law::{Held, Unheld, violated};
use crate::subject::{OwnEmulator, Refusal};
use answer::Answer;

/// Whatever a client sends, each request is answered whole and by the rules; one that is refused, or signed with another key, changes
/// nothing.
pub(crate) fn any_exchange(emulator: &dyn OwnEmulator, case: &OutsideCase<ExchangeKind>) -> Held {
    let Some((access, sent)) = Access::choose(&case.bytes) else {
        return Ok(());
    };
    let exchange = emulator.exchange(access, sent).map_err(Unheld::Refused)?;
    let Exchange {
        answered,
        requests,
        orphans,
    } = &exchange;
    for asked in requests {
        changes_what_it_may(asked, access)?;
    }
    if *orphans > 0 {
        return Err(violated(
            rules::REFUSAL_CLEAN,
            "bodies are left that nothing refers to",
            ProcessEndangered,
            "no file",
            format!("{orphans} after {requests:?}"),
        ));
    }
    let mut rest = answered.as_slice();
    for asked in requests {
        let Some(status) = asked.status else {
            // Cut while its body was to come, for which it may have been told to go on.
            rest = answer::without_interim(rest);
            break;
        };
        let (answer, after) = Answer::read(rest, &asked.method)
            .map_err(|problem| wrong("an answer is not whole", asked, problem, rest))?;
        rest = after;
        if answer.status != status {
            let expected = format!("status {status}");
            return Err(wrong(
                "answers are out of step",
                asked,
                expected,
                answer.head,
            ));
        }
        says_what_it_must(asked, &answer)?;
    }
    // What is no request is refused by a bare 400, and with that the connection ends.
    match Answer::read(rest, "GET") {
        _ if rest.is_empty() => Ok(()),
        Ok((answer, [])) if (400..500).contains(&answer.status) && answer.body.is_empty() => Ok(()),
        _ => Err(violated(
            rules::ANSWER_FIELDS,
            "more comes back than was asked for",
            TestMisled,
            format!("{} answers", requests.len()),
            shown(rest),
        )),
    }
}

fn changes_what_it_may(asked: &Asked, access: Access) -> Held {
    let Asked {
        method,
        operation: _,
        status,
        changed,
    } = asked;
    let succeeded = status.is_some_and(|status| (200..300).contains(&status));
    if access == Access::Nobody && (succeeded || *changed) {
        return Err(violated(
            rules::SIGNATURE_MATCHES,
            "a request that another key signed is carried out",
            TestMisled,
            "refused",
            format!("{asked:?}"),
        ));
    }
    let only_asks = ["GET", "HEAD"].contains(&method.as_str());
    match *changed && (!succeeded || only_asks) {
        false => Ok(()),
        true => Err(violated(
            rules::REFUSAL_CLEAN,
            "what is refused, or only asks, changes something",
            TestMisled,
            "buckets, objects and uploads as before",
            format!("{asked:?}"),
        )),
    }
}

/// An answer has its id; an error says what is wrong, the same in its head and in its body; what a client reads can be read.
fn says_what_it_must(asked: &Asked, answer: &Answer<'_>) -> Held {
    let unreadable =
        |problem: String| wrong("an answer cannot be read", asked, problem, answer.body);
    let id = answer.header("x-oss-request-id").unwrap_or_default();
    if id.len() != 24 || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let expected = "x-oss-request-id of 24 hexadecimal digits";
        return Err(wrong("an answer has no id", asked, expected, answer.head));
    }
    if asked.method == "HEAD" {
        return Ok(());
    }
    if answer.status >= 500 && answer.status != 501 && answer.status != 503 {
        let expected = "an answer by the rules";
        return Err(wrong("an internal error", asked, expected, answer.body));
    }
    if answer.status >= 400 {
        let error = answers::service_error(answer.body)
            .map_err(|problem| unreadable(problem.to_string()))?;
        let ids = error.request_id.as_deref() == Some(id);
        let ecs = error.ec.as_deref() == answer.header("x-oss-ec");
        return match !error.code.is_empty() && ids && ecs {
            true => Ok(()),
            false => {
                let expected = "Code, and RequestId and EC of the head";
                Err(wrong(
                    "an error's body and head differ",
                    asked,
                    expected,
                    answer.body,
                ))
            }
        };
    }
    match asked.operation {
        Some(Operation::InitiateMultipartUpload) => answers::initiated(answer.body).map(drop),
        Some(Operation::CompleteMultipartUpload) => answers::completed(answer.body).map(drop),
        Some(Operation::ListParts) => answers::part_page(answer.body).map(drop),
        _ => Ok(()),
    }
    .map_err(|problem| unreadable(problem.to_string()))
}

fn wrong(
    symptom: &'static str,
    asked: &Asked,
    expected: impl Into<String>,
    actual: &[u8],
) -> Unheld {
    let actual = format!("{asked:?}: {}", shown(actual));
    violated(rules::ANSWER_FIELDS, symptom, TestMisled, expected, actual)
}

/// The beginning of some bytes.
fn shown(bytes: &[u8]) -> String {
    let begun = bytes.get(..bytes.len().min(300)).unwrap_or_default();
    format!("\"{}\"", begun.escape_ascii())
}

/// Any bytes given as a journal are restored, the same every time, or refused with their line.
pub(crate) fn any_journal(emulator: &dyn OwnEmulator, case: &OutsideCase<JournalKind>) -> Held {
    let broken = |symptom, expected: String, actual: String| {
        violated(rules::REFUSAL_CLEAN, symptom, DataLost, expected, actual)
    };
    let bytes = case.bytes.as_slice();
    let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
    let first = match emulator.restart(bytes) {
        Ok(first) => first,
        Err(Refusal(refused)) => {
            let place = refused.split_once("journal.jsonl:");
            let line = place.and_then(|(_, rest)| rest.split_once(": ")?.0.parse().ok());
            return match line.is_some_and(|line| (1..=lines).contains(&line)) {
                true => Ok(()),
                false => {
                    let expected = format!("one of the lines 1 to {lines}");
                    Err(broken(
                        "a journal is refused without its line",
                        expected,
                        refused,
                    ))
                }
            };
        }
    };
    let ended = bytes.iter().rposition(|byte| *byte == b'\n');
    let whole = ended.and_then(|end| bytes.get(..=end)).unwrap_or_default();
    if first.journal != whole {
        let symptom = "a start leaves another journal than its whole lines";
        return Err(broken(symptom, shown(whole), shown(&first.journal)));
    }
    for asked in &first.exchange.requests {
        if asked.changed || asked.status.is_none_or(|status| status >= 500) {
            let symptom = "what was restored cannot be asked for";
            return Err(broken(
                symptom,
                "an answer".to_owned(),
                format!("{asked:?}"),
            ));
        }
    }
    match emulator.restart(&first.journal) {
        Ok(again) if again == first => Ok(()),
        other => {
            let symptom = "the next start finds something else";
            Err(broken(symptom, format!("{first:?}"), format!("{other:?}")))
        }
    }
}

/// Any bytes given as a script of faults are read as what they say, or refused with their place.
pub(crate) fn any_script(emulator: &dyn OwnEmulator, case: &OutsideCase<ScriptKind>) -> Held {
    let broken = |symptom, expected: String, actual: String| {
        violated(rules::REFUSAL_CLEAN, symptom, TestMisled, expected, actual)
    };
    match emulator.script(&case.bytes) {
        Ok(written) => match emulator.script(written.as_bytes()) {
            Ok(again) if again == written => Ok(()),
            other => Err(broken(
                "a script that was read and written is another",
                written,
                format!("{other:?}"),
            )),
        },
        // A line of the text, a fault of the list, or the byte from which it is no text.
        Err(Refusal(refused)) => match ["line ", "fault ", "index "]
            .iter()
            .any(|place| refused.contains(place))
        {
            true => Ok(()),
            false => Err(broken(
                "a script is refused without its place",
                "line, fault or index".to_owned(),
                refused,
            )),
        },
    }
}
