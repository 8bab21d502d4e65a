//! Partproof's own emulator as a piece.

use std::cell::Cell;
use std::io;

use partproof_emulator::{AccessKey, Config, Exchange, Exchanger, Restart, Script};

use super::OwnEmulator;
use super::emulator::cases::Access;
use crate::builtin::Builtin;
use partproof_suite::subject::Refusal;

impl OwnEmulator for Builtin {
    fn exchange(&self, access: Access, sent: &[u8]) -> Result<Exchange, Refusal> {
        with_exchanger(|exchanger| exchanger.exchange(config(access), sent))
    }

    fn restart(&self, journal: &[u8]) -> Result<Restart, Refusal> {
        let asked = QUESTIONS.join("").into_bytes();
        with_exchanger(|exchanger| exchanger.restart(config(Access::Anybody), journal, &asked))
    }

    fn compact(&self, journal: &[u8]) -> Result<Vec<u8>, Refusal> {
        with_exchanger(|exchanger| exchanger.compact(&config(Access::Anybody), journal))
    }

    fn script(&self, bytes: &[u8]) -> Result<String, Refusal> {
        let text = std::str::from_utf8(bytes).map_err(Refusal::from_error)?;
        let script = Script::read(text).map_err(Refusal)?;
        serde_json::to_string(&script).map_err(Refusal::from_error)
    }
}

/// What can be asked without changing anything.
const QUESTIONS: [&str; 7] = [
    "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n",
    "GET /examplebucket HTTP/1.1\r\nhost: localhost\r\n\r\n",
    "GET /examplebucket?uploads HTTP/1.1\r\nhost: localhost\r\n\r\n",
    "GET /examplebucket?bucketInfo HTTP/1.1\r\nhost: localhost\r\n\r\n",
    "GET /examplebucket/k?uploadId=00000000000000000000000000000001 HTTP/1.1\r\nhost: localhost\r\n\r\n",
    "HEAD /examplebucket/k HTTP/1.1\r\nhost: localhost\r\n\r\n",
    // The last: where the body is not there, the connection is cut.
    "GET /examplebucket/k HTTP/1.1\r\nhost: localhost\r\n\r\n",
];

fn config(access: Access) -> Config {
    let config = Config::default();
    match access {
        Access::Anybody => Config {
            verifies_signatures: false,
            ..config
        },
        Access::KeyHolder => config,
        Access::Nobody => Config {
            access_key: AccessKey {
                secret: "held by nobody".to_owned(),
                ..config.access_key
            },
            ..config
        },
    }
}

/// One a thread. It takes many times as long to make as a connection takes.
fn with_exchanger<T>(then: impl FnOnce(&Exchanger) -> io::Result<T>) -> Result<T, Refusal> {
    thread_local! {
        static EXCHANGER: Cell<Option<Exchanger>> = const { Cell::new(None) };
    }
    // Taken out while it is used, so that one in which something panicked is not used again.
    let exchanger = match EXCHANGER.take() {
        Some(exchanger) => exchanger,
        None => Exchanger::new().map_err(Refusal::from_error)?,
    };
    let done = then(&exchanger);
    EXCHANGER.set(Some(exchanger));
    done.map_err(Refusal::from_error)
}
