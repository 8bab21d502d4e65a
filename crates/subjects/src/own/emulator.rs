//! Laws of Partproof's own emulator. Clients are tested against it, so it must stand whatever they send, and must not do what the service would
//! not.

mod answer;
pub mod cases;

use std::net::IpAddr;

use partproof_emulator::{Asked, Exchange, Operation, Restart};
use partproof_model::{answers, rules};

use crate::own::OwnEmulator;
use answer::Answer;
use cases::{Access, ExchangeKind, JournalKind, ScriptKind};
use partproof_suite::case::outside::OutsideCase;
use partproof_suite::class::Class as C;
use partproof_suite::law::Consequence::{DataLost, ProcessEndangered, TestMisled};
use partproof_suite::law::{Held, Law, On, Unheld, violated};
use partproof_suite::subject::Refusal;

/// Whatever a client sends, each request is answered whole and by the rules; one that is refused, signed with another key, or from another site's page, changes nothing.
pub static ANY_EXCHANGE: Law = Law {
    id: "any-exchange",
    sentence: "Whatever a client sends, each request is answered whole and by the rules; one that is refused, signed with another key, or from another site's page, changes nothing.",
    rules: &[
        rules::SIGNATURE_MATCHES,
        rules::ANSWER_FIELDS,
        rules::REFUSAL_CLEAN,
    ],
    classes: &[C::WholeDocument, C::BrokenDocument, C::WrongEncoding],
    quick_cases: 3_000,
    on: &On::<dyn OwnEmulator, OutsideCase<ExchangeKind>>(any_exchange),
};

/// Whatever a client sends, each request is answered whole and by the rules; one that is refused, signed with another key, or from another
/// site's page, changes nothing.
fn any_exchange(emulator: &dyn OwnEmulator, case: &OutsideCase<ExchangeKind>) -> Held {
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
            format!("{orphans} after {}", listed(requests)),
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
        hosts,
        origins,
        operation: _,
        status,
        changed,
    } = asked;
    let succeeded = status.is_some_and(|status| (200..300).contains(&status));
    if (succeeded || *changed) && !is_from_here(hosts, origins) {
        return Err(violated(
            rules::REFUSAL_CLEAN,
            "a page of another site is served",
            ProcessEndangered,
            "refused",
            asked.to_string(),
        ));
    }
    if access == Access::Nobody && (succeeded || *changed) {
        return Err(violated(
            rules::SIGNATURE_MATCHES,
            "a request that another key signed is carried out",
            TestMisled,
            "refused",
            asked.to_string(),
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
            asked.to_string(),
        )),
    }
}

/// Whether a request names this server, and no page of another site sent it.
fn is_from_here(hosts: &[String], origins: &[String]) -> bool {
    let [host] = hosts else { return false };
    let without_port = host.trim_end_matches(|c: char| c.is_ascii_digit());
    let name = without_port.strip_suffix(':').unwrap_or(host);
    let is_here = |name: &str| {
        let bare = name.trim_start_matches('[').trim_end_matches(']');
        name.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok()
    };
    let is_named = is_here(name)
        || name
            .split_once('.')
            .is_some_and(|(_, parent)| is_here(parent));
    is_named
        && origins
            .iter()
            .all(|origin| *origin == format!("http://{host}"))
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
    let actual = format!("{asked}: {}", shown(actual));
    violated(rules::ANSWER_FIELDS, symptom, TestMisled, expected, actual)
}

fn listed(requests: &[Asked]) -> String {
    let requests: Vec<_> = requests.iter().map(Asked::to_string).collect();
    requests.join("; ")
}

/// What came of something that may be refused.
fn said(outcome: Result<impl ToString, Refusal>) -> String {
    match outcome {
        Ok(outcome) => outcome.to_string(),
        Err(Refusal(refused)) => format!("refused: {refused}"),
    }
}

/// The beginning of some bytes.
fn shown(bytes: &[u8]) -> String {
    let begun = bytes.get(..bytes.len().min(300)).unwrap_or_default();
    format!("\"{}\"", begun.escape_ascii())
}

/// Any bytes given as a journal are restored, the same every time, whole, cut, torn or written anew, or refused with their line.
pub static ANY_JOURNAL: Law = Law {
    id: "any-journal",
    sentence: "Any bytes given as a journal are restored, the same every time, whole, cut, torn or written anew, or refused with their line.",
    rules: &[rules::REFUSAL_CLEAN],
    classes: &[C::WholeDocument, C::BrokenDocument, C::WrongEncoding],
    quick_cases: 1_000,
    on: &On::<dyn OwnEmulator, OutsideCase<JournalKind>>(any_journal),
};

fn any_journal(emulator: &dyn OwnEmulator, case: &OutsideCase<JournalKind>) -> Held {
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
    let whole = whole_lines(bytes);
    // A hole is what a power cut leaves in the last line.
    let before = whole_lines(whole.strip_suffix(b"\n").unwrap_or_default());
    let torn = whole.get(before.len()..).unwrap_or_default().contains(&0);
    if first.journal != whole && !(torn && first.journal == before) {
        let symptom = "a start leaves another journal than its whole lines";
        return Err(broken(symptom, shown(whole), shown(&first.journal)));
    }
    for asked in &first.exchange.requests {
        if asked.changed || asked.status.is_none_or(|status| status >= 500) {
            let symptom = "what was restored cannot be asked for";
            return Err(broken(symptom, "an answer".to_owned(), asked.to_string()));
        }
    }
    let again = |symptom, journal: &[u8], expected: &Restart| match emulator.restart(journal) {
        Ok(again) if again == *expected => Ok(()),
        other => Err(broken(symptom, expected.to_string(), said(other))),
    };
    again(
        "the next start finds something else",
        &first.journal,
        &first,
    )?;
    // Whatever a kill or a power cut leaves of the last line, what is before it is what is held.
    let journal = first.journal.as_slice();
    let before = whole_lines(journal.strip_suffix(b"\n").unwrap_or_default());
    if let Some(last) = journal.get(before.len()..).filter(|last| !last.is_empty()) {
        let held_before = emulator.restart(before).map_err(Unheld::Refused)?;
        let place = before.len() + last.len() / 2;
        let cut = journal.get(..place).unwrap_or_default();
        again("a line that was cut counts", cut, &held_before)?;
        // Not the line feed itself: without it, it is one that was cut.
        let last_but_one = journal.len().saturating_sub(2);
        let mut torn = journal.to_vec();
        if let Some(byte) = torn.get_mut(place.min(last_but_one)) {
            *byte = 0;
        }
        again("a line with a hole counts", &torn, &held_before)?;
    }
    let anew = emulator.compact(journal).map_err(Unheld::Refused)?;
    match emulator.restart(&anew) {
        Ok(restart) if restart.held == first.held && restart.exchange == first.exchange => Ok(()),
        other => Err(broken(
            "a journal that is written anew says something else",
            first.to_string(),
            said(other),
        )),
    }
}

/// The lines that have an end.
fn whole_lines(bytes: &[u8]) -> &[u8] {
    let ended = bytes.iter().rposition(|byte| *byte == b'\n');
    ended.and_then(|end| bytes.get(..=end)).unwrap_or_default()
}

/// Any bytes given as a script of faults are read as what they say, or refused with their place.
pub static ANY_SCRIPT: Law = Law {
    id: "any-script",
    sentence: "Any bytes given as a script of faults are read as what they say, or refused with their place.",
    rules: &[rules::REFUSAL_CLEAN],
    classes: &[C::WholeDocument, C::BrokenDocument, C::WrongEncoding],
    quick_cases: 1_000,
    on: &On::<dyn OwnEmulator, OutsideCase<ScriptKind>>(any_script),
};

fn any_script(emulator: &dyn OwnEmulator, case: &OutsideCase<ScriptKind>) -> Held {
    let broken = |symptom, expected: String, actual: String| {
        violated(rules::REFUSAL_CLEAN, symptom, TestMisled, expected, actual)
    };
    match emulator.script(&case.bytes) {
        Ok(written) => match emulator.script(written.as_bytes()) {
            Ok(again) if again == written => Ok(()),
            other => Err(broken(
                "a script that was read and written is another",
                written,
                said(other),
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
