//! An exchange without sockets: what a client sends on one connection, and what comes back. It goes through the HTTP and the handler that
//! [`Emulator`](crate::Emulator) serves with, at a time that stands still, so that the same bytes are answered with the same bytes: for fuzzing, and for tests
//! that ask what a request left behind.

use std::cell::RefCell;
use std::fmt;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hyper::body::Incoming;
use hyper::header::{HOST, HeaderName, ORIGIN};
use hyper::{Method, Response};
use hyper_util::rt::TokioIo;
use tokio::runtime::{Builder, Handle, Runtime};

use crate::failpoint::Failpoints;
use crate::folder::Folder;
use crate::handler::{Answered, Cut, Handler};
use crate::journal::{self, Restored};
use crate::operation::Operation;
use crate::request::Request;
use crate::server::serve;
use crate::spool::Spool;
use crate::state::State;
use crate::temporary::TemporaryFolder;
use crate::{Config, Limits};

/// The time of every exchange: 2026-11-22 07:56:08 UTC, in seconds since 1970.
pub const NOW: u64 = 1_795_334_168;

/// Exchanges one connection after the other, each with an emulator of its own.
#[derive(Debug)]
pub struct Exchanger {
    runtime: Runtime,
    /// For bodies. One folder serves all exchanges: each leaves it empty, or says that it did not.
    folder: PathBuf,
    _temporary: TemporaryFolder,
}

/// What came of one connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// The bytes that came back.
    pub answered: Vec<u8>,
    /// The requests that were HTTP, in order.
    pub requests: Vec<Asked>,
    /// Files of bodies that nothing refers to, when all was over.
    pub orphans: usize,
}

/// What came of a start with a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restart {
    /// What was held then, as text: the same text means the same buckets, objects and uploads.
    pub held: String,
    /// What came of the connection.
    pub exchange: Exchange,
    /// The journal at the end.
    pub journal: Vec<u8>,
}

/// What came of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Its method.
    pub method: String,
    /// The hosts that it named, and the origins that it told, in order.
    pub hosts: Vec<String>,
    /// See `hosts`.
    pub origins: Vec<String>,
    /// What it asked for; `None` where the emulator has nothing like it.
    pub operation: Option<Operation>,
    /// The status of its answer; `None` where the connection was cut instead.
    pub status: Option<u16>,
    /// Whether buckets, objects and uploads are others than before.
    pub changed: bool,
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.method)?;
        if let Some(operation) = self.operation {
            write!(f, " ({operation})")?;
        }
        for host in &self.hosts {
            write!(f, ", host `{}`", host.escape_debug())?;
        }
        for origin in &self.origins {
            write!(f, ", origin `{}`", origin.escape_debug())?;
        }
        match self.status {
            Some(status) => write!(f, ": {status}")?,
            None => f.write_str(": cut")?,
        }
        f.write_str(if self.changed {
            ", with a change"
        } else {
            ", without a change"
        })
    }
}

impl fmt::Display for Restart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes of journal", self.journal.len())?;
        for asked in &self.exchange.requests {
            write!(f, "; {asked}")?;
        }
        write!(f, "; held: {}", self.held)
    }
}

impl Exchanger {
    /// Gets ready.
    ///
    /// # Errors
    /// No thread or no temporary folder is to be had.
    pub fn new() -> io::Result<Self> {
        let temporary = TemporaryFolder::new()?;
        let folder = temporary.path().join("data");
        // As an emulator's own it is taken whatever is in its journal.
        Folder::claim(&folder, &Config::default().bucket)?.mark()?;
        Ok(Self {
            runtime: Builder::new_current_thread().enable_time().build()?,
            folder,
            _temporary: temporary,
        })
    }

    /// Starts an emulator, sends it these bytes on one connection and closes that half of it, and ends the emulator when it has answered.
    ///
    /// # Errors
    /// A temporary folder that cannot be used.
    pub fn exchange(&self, config: Config, sent: &[u8]) -> io::Result<Exchange> {
        let config = Config {
            data_dir: None,
            ..config
        };
        let handler = Handler::open(config, &self.folder, now)?;
        self.serve(&handler, sent)
    }

    /// The same with an emulator that has a folder with this journal, and keeps digests instead of bodies.
    ///
    /// # Errors
    /// A journal that is none, with the line, or a temporary folder that cannot be used.
    pub fn restart(&self, config: Config, journal: &[u8], sent: &[u8]) -> io::Result<Restart> {
        let file = self.write(journal)?;
        let config = Config {
            data_dir: Some(self.folder.clone()),
            stores_bodies: false,
            // Not while it is looked at.
            limits: Limits {
                journal: u64::MAX,
                ..config.limits
            },
            ..config
        };
        let handler = Handler::open(config, &self.folder, now)?;
        let held = format!("{:?}", handler.held().buckets());
        let exchange = self.serve(&handler, sent)?;
        Ok(Restart {
            held,
            exchange,
            journal: fs::read(&file)?,
        })
    }

    /// This journal written anew, as an emulator does when most of it is dead.
    ///
    /// # Errors
    /// A journal that is none, with the line, or a temporary folder that cannot be used.
    pub fn compact(&self, config: &Config, journal: &[u8]) -> io::Result<Vec<u8>> {
        let file = self.write(journal)?;
        let bodies = self.folder.join("bodies");
        let spool = Spool::new(bodies, now, false, false, Failpoints::default());
        let restored = Restored::read(&file, State::new(&config.bucket, now()), &spool)?;
        Ok(journal::anew(&restored.state).flatten().collect())
    }

    /// Puts a journal where one is looked for.
    fn write(&self, journal: &[u8]) -> io::Result<PathBuf> {
        let file = self.folder.join("journal.jsonl");
        // A new one each time: a file that is cut to nothing and written again is flushed to the disk by some file systems.
        if fs::exists(&file)? {
            fs::remove_file(&file)?;
        }
        fs::write(&file, journal)?;
        Ok(file)
    }

    fn serve(&self, handler: &Handler, sent: &[u8]) -> io::Result<Exchange> {
        let (mut answered, requests) = (Vec::new(), RefCell::new(Vec::new()));
        self.runtime.block_on(async {
            let connection = TokioIo::new(tokio::io::join(sent, &mut answered));
            let answer = |request| watched(handler, &requests, request);
            serve(connection, handler.config().limits, false, answer).await;
            // The threads that read bodies for answers still hold those.
            while Handle::current().metrics().num_alive_tasks() > 0 {
                tokio::task::yield_now().await;
            }
        });
        Ok(Exchange {
            answered,
            requests: requests.into_inner(),
            orphans: handler.orphans()?,
        })
    }
}

fn now() -> SystemTime {
    let now = UNIX_EPOCH.checked_add(Duration::from_secs(NOW));
    now.unwrap_or(UNIX_EPOCH)
}

/// Answers a request, and notes what came of it.
async fn watched(
    handler: &Handler,
    requests: &RefCell<Vec<Asked>>,
    request: hyper::Request<Incoming>,
) -> Result<Response<Answered>, Cut> {
    let (parts, body) = request.into_parts();
    let method: Method = parts.method.clone();
    let told = |name: HeaderName| {
        let values = parts.headers.get_all(name).iter();
        values
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
            .collect()
    };
    let (hosts, origins) = (told(HOST), told(ORIGIN));
    let asked = Request::read(&parts, &[]).ok();
    let operation = asked.as_ref().and_then(Operation::of);
    let before = handler.held().buckets().clone();
    let answer = handler
        .answer(hyper::Request::from_parts(parts, body))
        .await;
    let changed = *handler.held().buckets() != before;
    requests.borrow_mut().push(Asked {
        method: method.to_string(),
        hosts,
        origins,
        operation,
        status: answer.as_ref().ok().map(|answer| answer.status().as_u16()),
        changed,
    });
    answer
}

#[cfg(test)]
mod tests;
