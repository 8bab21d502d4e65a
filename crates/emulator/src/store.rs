//! The store: what is held, and the journal before it. A change is judged by what will be held when all changes before it are written, waits for
//! its line, and only then becomes visible and is answered; what it replaced goes last. All that wait are written as one line, and so share one
//! trip to the disk (a group commit).

use std::fmt;
use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::SystemTime;

use partproof_model::service::Body;
use partproof_model::verdict::Rejection;
use tokio::sync::oneshot;

use crate::action::{Action, Outcome};
use crate::entry::Entry;
use crate::failpoint::{Failpoint, Failpoints};
use crate::journal::{Journal, line};
use crate::spool::{Blob, Spool};
use crate::state::State;

/// What is held.
#[derive(Debug)]
pub(crate) struct Store {
    held: Arc<Mutex<State>>,
    /// Only where it is to last.
    log: Option<Log>,
}

/// Changes on their way to the journal.
#[derive(Debug)]
struct Log {
    ahead: Arc<Mutex<State>>,
    /// Gone when the store ends.
    changes: Option<Sender<Change>>,
    writer: Option<JoinHandle<()>>,
}

/// A change that waits for its line.
struct Change {
    bucket: String,
    action: Action,
    body: Option<Body<Blob>>,
    time: SystemTime,
    /// Its entry as JSON.
    entry: Vec<u8>,
    /// By the rules it is none. That too waits: it may rest on what is not written yet.
    refused: Option<Rejection>,
    answer: oneshot::Sender<Result<Outcome, Unchanged>>,
}

/// Why a change was not made.
#[derive(Debug)]
pub(crate) enum Unchanged {
    Rejected(Rejection),
    /// It could not be written down. What is held is as before.
    NotWritten(io::Error),
}

impl fmt::Display for Unchanged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rejected(rejection) => rejection.fmt(f),
            Self::NotWritten(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Unchanged {}

/// Changes that are written as one line, at most.
const MOST: usize = 256;
/// No more are added to a line from so many bytes on: one that is too long fails alone.
const LONG: usize = 16 << 20;

impl Store {
    /// One that forgets.
    pub(crate) fn forgetful(state: State) -> Self {
        Self {
            held: Arc::new(Mutex::new(state)),
            log: None,
        }
    }

    /// One that lasts.
    ///
    /// # Errors
    /// There is no thread for it.
    pub(crate) fn lasting(
        state: State,
        journal: Journal,
        spool: Arc<Spool>,
        failpoints: Failpoints,
    ) -> io::Result<Self> {
        failpoints.pass(Failpoint::Started)?;
        let ahead = Arc::new(Mutex::new(state.clone()));
        let held = Arc::new(Mutex::new(state));
        let (changes, waiting) = channel();
        let mut writer = Writer {
            ahead: Arc::clone(&ahead),
            held: Arc::clone(&held),
            waiting,
            journal,
            doubtful: Vec::new(),
            spool,
            failpoints,
        };
        let log = Log {
            ahead,
            changes: Some(changes),
            writer: Some(thread::Builder::new().spawn(move || writer.run())?),
        };
        Ok(Self {
            held,
            log: Some(log),
        })
    }

    /// What is held now.
    pub(crate) fn held(&self) -> MutexGuard<'_, State> {
        lock(&self.held)
    }

    /// Makes a change; what comes of it comes later.
    pub(crate) fn change(
        &self,
        bucket: &str,
        action: Action,
        body: Option<Body<Blob>>,
        time: SystemTime,
    ) -> oneshot::Receiver<Result<Outcome, Unchanged>> {
        let (answer, outcome) = oneshot::channel();
        let Some(log) = &self.log else {
            let changed = self.held().apply(bucket, &action, body, time);
            // Who asked may be gone.
            let _ = answer.send(changed.map_err(Unchanged::Rejected));
            return outcome;
        };
        let entry = Entry::of(bucket, &action, body.as_ref(), time).json();
        // In the order in which they are judged they are written: both under this lock.
        let mut ahead = lock(&log.ahead);
        let refused = ahead.apply(bucket, &action, body.clone(), time).err();
        let change = Change {
            bucket: bucket.to_owned(),
            action,
            body,
            time,
            entry,
            refused,
            answer,
        };
        if let Some(changes) = &log.changes {
            // Without a writer the answer is that there is none.
            let _ = changes.send(change);
        }
        outcome
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.changes.take();
        if let Some(writer) = self.writer.take() {
            // What waits is written; the folder is free when this is over.
            let _ = writer.join();
        }
    }
}

/// The thread that writes the journal.
struct Writer {
    /// What will be held when everything that waits is written.
    ahead: Arc<Mutex<State>>,
    held: Arc<Mutex<State>>,
    waiting: Receiver<Change>,
    journal: Journal,
    /// Bodies of changes that failed, but whose line may be there: they stay until it is cut off.
    doubtful: Vec<Body<Blob>>,
    spool: Arc<Spool>,
    failpoints: Failpoints,
}

impl Writer {
    fn run(&mut self) {
        self.compact();
        while let Ok(first) = self.waiting.recv() {
            let mut length = first.entry.len();
            let mut changes = vec![first];
            while changes.len() < MOST
                && length < LONG
                && let Ok(next) = self.waiting.try_recv()
            {
                length = length.saturating_add(next.entry.len());
                changes.push(next);
            }
            match self.write(&changes) {
                Ok(()) => self.apply(changes),
                Err(error) => self.fail(changes, &error),
            }
            self.compact();
        }
    }

    fn write(&mut self, changes: &[Change]) -> io::Result<()> {
        let accepted = changes.iter().filter(|change| change.refused.is_none());
        let entries: Vec<_> = accepted.map(|change| change.entry.as_slice()).collect();
        if entries.is_empty() {
            return Ok(());
        }
        if changes.iter().any(|change| change.body.is_some()) {
            self.spool.sync_names()?;
        }
        let count = u64::try_from(entries.len()).unwrap_or(u64::MAX);
        self.journal.append(&line(&entries), count)
    }

    fn apply(&mut self, changes: Vec<Change>) {
        if !self.journal.is_torn() {
            self.doubtful.clear();
        }
        for change in changes {
            let outcome = match change.refused {
                Some(rejection) => Err(Unchanged::Rejected(rejection)),
                None => lock(&self.held)
                    .apply(&change.bucket, &change.action, change.body, change.time)
                    .map_err(|rejection| {
                        let problem = format!("accepted once, and then refused: {rejection}");
                        Unchanged::NotWritten(io::Error::other(problem))
                    }),
            };
            // It can only end the process: what is written is done.
            let _ = self.failpoints.pass(Failpoint::Applied);
            // Who asked may be gone.
            let _ = change.answer.send(outcome);
        }
    }

    fn fail(&mut self, mut changes: Vec<Change>, error: &io::Error) {
        let mut ahead = lock(&self.ahead);
        // What waits was judged by what is not to be.
        changes.extend(self.waiting.try_iter());
        ahead.clone_from(&lock(&self.held));
        drop(ahead);
        for change in changes {
            if self.journal.is_torn() {
                self.doubtful.extend(change.body);
            }
            let error = io::Error::new(error.kind(), format!("the journal: {error}"));
            let _ = change.answer.send(Err(Unchanged::NotWritten(error)));
        }
    }

    fn compact(&mut self) {
        let held = || lock(&self.held).clone();
        // One that cannot be written anew goes on as it is, and is asked again later.
        let _ = self.journal.compact_if_due(held);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing that holds the lock leaves a step half done.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
