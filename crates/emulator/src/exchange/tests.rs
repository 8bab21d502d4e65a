//! Exchanges: complete, repeatable, and with nothing left behind.

use super::*;

fn exchange(sent: &str) -> Exchange {
    let config = Config {
        verifies_signatures: false,
        ..Config::default()
    };
    let exchanger = Exchanger::new().unwrap();
    exchanger.exchange(config, sent.as_bytes()).unwrap()
}

fn statuses(exchange: &Exchange) -> Vec<Option<u16>> {
    exchange.requests.iter().map(|asked| asked.status).collect()
}

const PUT: &str =
    "PUT /examplebucket/k HTTP/1.1\r\nhost: localhost\r\ncontent-length: 3\r\n\r\nabc";
const GET: &str = "GET /examplebucket/k HTTP/1.1\r\nhost: localhost\r\n\r\n";

#[test]
fn requests_on_one_connection_are_answered_in_order_and_the_same_every_time() {
    let sent = format!("{GET}{PUT}{GET}");
    let first = exchange(&sent);
    assert_eq!(statuses(&first), [Some(404), Some(200), Some(200)]);
    let changed: Vec<_> = first.requests.iter().map(|asked| asked.changed).collect();
    assert_eq!(changed, [false, true, false]);
    assert!(first.answered.ends_with(b"\r\n\r\nabc"), "{first:?}");
    assert_eq!(exchange(&sent), first);
}

#[test]
fn a_body_that_does_not_arrive_leaves_nothing() {
    let cut = exchange(&PUT.replace("abc", "ab"));
    assert_eq!((statuses(&cut), cut.orphans), (vec![None], 0));
    assert!(!cut.requests[0].changed && cut.answered.is_empty());
}

#[test]
fn what_is_no_http_is_no_request() {
    let nonsense = exchange("nonsense\r\n\r\n");
    assert!(nonsense.requests.is_empty());
    assert!(
        nonsense.answered.starts_with(b"HTTP/1.1 400 "),
        "{nonsense:?}"
    );
}

#[test]
fn a_restart_holds_what_the_journal_says() {
    let exchanger = Exchanger::new().unwrap();
    let restart = |journal: &[u8], sent: &str| {
        let config = Config {
            verifies_signatures: false,
            ..Config::default()
        };
        exchanger.restart(config, journal, sent.as_bytes())
    };
    let first = restart(b"", PUT).unwrap();
    let second = restart(&first.journal, GET).unwrap();
    assert_ne!(second.held, first.held);
    assert_eq!(second.journal, first.journal);
    // No HTTP date can tell it.
    let line = String::from_utf8(first.journal).unwrap();
    let late = line.replace(&NOW.to_string(), "253402300800");
    let refused = restart(late.as_bytes(), GET).unwrap_err().to_string();
    assert!(refused.contains("journal.jsonl:1: time 2534"), "{refused}");
    let twice = restart(line.repeat(2).as_bytes(), GET)
        .unwrap_err()
        .to_string();
    assert!(twice.contains("journal.jsonl:2: file 1 is that"), "{twice}");
    let refused = restart(b"{}\n", GET).unwrap_err().to_string();
    assert!(refused.contains("journal.jsonl:1: "), "{refused}");
}
