//! A subject in any language: a program at the other end of the line protocol, behind the same traits as one in Rust.
//!

mod client;
mod pieces;

use std::collections::BTreeSet;
use std::fs;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use partproof_model::Cipher;
use partproof_model::key_wrap::WrapAlg;
use partproof_protocol::{
    Broke, Description, ErrorAnswer, ErrorKind, Feature, How, Op, Process, Request,
    SignatureVersion, VERSION,
};
use partproof_visible::visible;
use serde::de::DeserializeOwned;

pub use partproof_protocol::CommandLine;

use partproof_suite::subject::{Break, Instead, Load, Process as Asked, Subject, cores};

pub use client::service_arguments;

/// A program that is a subject. It is started when it is first asked, and again after it broke.
#[derive(Debug)]
pub struct Program {
    command: CommandLine,
    name: String,
    description: Description,
    ciphers: Vec<Cipher>,
    wraps: Vec<WrapAlg>,
    limits: Limits,
    /// How much the machine has to do.
    load: fn() -> Load,
    running: Mutex<Option<Arc<Process>>>,
    /// What it has done at least once, in whichever process.
    done: Arc<Mutex<BTreeSet<Op>>>,
    /// How many requests it is asked at a time, if it takes several.
    jobs: usize,
    /// More processes of it, if it takes one request at a time.
    others: Vec<Self>,
}

/// How long a program may take for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For an upload or a download, beside the time that its bytes take.
    pub transfer: Duration,
    /// For anything else.
    pub piece: Duration,
    /// Bytes that must be moved each second beyond that time; without, there is no more time.
    pub rate: Option<u64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            transfer: Duration::from_secs(60),
            piece: Duration::from_secs(10),
            rate: Some(4 << 20),
        }
    }
}

impl Limits {
    /// Whether they give way to a busy machine: not where the user has set them.
    fn stretches(&self) -> bool {
        self.rate.is_some()
    }

    /// How long a request may take under this load.
    pub fn of(&self, request: &Request, load: Load) -> Duration {
        let idle = self.of_an_idle_machine(request);
        match self.stretches() {
            true => load.stretches(idle),
            false => idle,
        }
    }

    fn of_an_idle_machine(&self, request: &Request) -> Duration {
        match request {
            // A runtime may take its time to start.
            Request::Describe | Request::Download(_) => self.transfer,
            Request::Upload(upload) => {
                /// What is larger is a hole, of which the service takes a part at most.
                const LARGEST_SENT: u64 = 2 << 30;
                let bytes = fs::metadata(&upload.file).map_or(0, |file| file.len());
                let sent = Some(bytes).filter(|bytes| *bytes <= LARGEST_SENT);
                let moving = self.rate.and_then(|rate| sent?.checked_div(rate));
                self.transfer + Duration::from_secs(moving.unwrap_or(0))
            }
            _ => self.piece,
        }
    }
}

/// Why a program cannot be a subject.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// It broke before it had said what it is.
    #[error("{0}")]
    Broke(#[from] Broke),
    /// What it says of itself cannot be.
    #[error("`describe`: {0}")]
    Description(String),
}

impl Program {
    /// Starts a program and asks what it can do.
    ///
    /// # Errors
    /// It cannot be started, does not answer, or declares what this version does not know.
    pub fn start(command: CommandLine, limits: Limits) -> Result<Self, StartError> {
        // A runtime may take its time to start.
        let (process, description) = described(&command, limits.transfer)?;
        let expected = |what: &str, given: &str, all: &[&str]| {
            let all = all.join("`, `");
            let given = visible(given);
            StartError::Description(format!("`{what}`: `{given}`, expected some of `{all}`"))
        };
        if description.protocol != VERSION {
            return Err(StartError::Description(format!(
                "protocol {}, expected {VERSION}",
                description.protocol
            )));
        }
        let ciphers = description.ciphers.iter().map(|name| {
            let known = Cipher::ALL
                .into_iter()
                .find(|cipher| cipher.cek_alg() == name);
            known.ok_or_else(|| expected("ciphers", name, &Cipher::ALL.map(Cipher::cek_alg)))
        });
        let wraps = description.wraps.iter().map(|name| {
            let known = WrapAlg::ALL.into_iter().find(|wrap| wrap.name() == name);
            known.ok_or_else(|| expected("wraps", name, &WrapAlg::ALL.map(WrapAlg::name)))
        });
        let (ciphers, wraps) = (
            ciphers.collect::<Result<_, _>>()?,
            wraps.collect::<Result<_, _>>()?,
        );
        Ok(Self {
            name: format!(
                "{} {} ({})",
                description.name, description.version, description.language
            ),
            command,
            description,
            ciphers,
            wraps,
            limits,
            load: Load::now,
            running: Mutex::new(Some(Arc::new(process))),
            done: Arc::default(),
            jobs: 1,
            others: Vec::new(),
        })
    }

    /// Has it judged by so many cases at a time: by one process if it takes several requests at a time, else by as many processes. Without a
    /// number, as many as keep the cores busy.
    #[must_use]
    pub fn with_jobs(mut self, jobs: Option<usize>) -> Self {
        let pipelines = self.can(Feature::Pipelining);
        self.jobs = jobs.unwrap_or_else(|| match pipelines {
            // Whoever transfers waits for the service at times.
            true => 2 * cores(),
            false => cores(),
        });
        let more = if pipelines { 1 } else { self.jobs };
        self.others = (1..more).map(|_| self.another()).collect();
        self
    }

    /// Another process of it, which is started when it is first asked.
    fn another(&self) -> Self {
        Self {
            command: self.command.clone(),
            name: self.name.clone(),
            description: self.description.clone(),
            ciphers: self.ciphers.clone(),
            wraps: self.wraps.clone(),
            limits: self.limits,
            load: self.load,
            running: Mutex::new(None),
            done: Arc::clone(&self.done),
            jobs: 1,
            others: Vec::new(),
        }
    }

    /// The subject: those pieces that it declares.
    pub fn subject(&self) -> Subject<'_> {
        let encrypts = self.has(Op::EncryptPart) || self.has(Op::DecryptRange);
        let transfers = self.has(Op::Upload) || self.has(Op::Download);
        Subject {
            planner: self.has(Op::Plan).then_some(self),
            part_list_builder: self.has(Op::PartList).then_some(self),
            encryptor: encrypts.then_some(self),
            client: transfers.then_some(self),
            program: Some(self),
            ..Subject::new(&self.name)
        }
    }

    /// What it says of itself.
    pub fn description(&self) -> &Description {
        &self.description
    }

    fn has(&self, op: Op) -> bool {
        self.description.ops.contains(&op)
    }

    fn can(&self, feature: Feature) -> bool {
        self.description.features.contains(&feature)
    }

    /// Asks, in a process that is started anew if the last one broke. Unwinds if this one breaks too.
    fn ask<T: DeserializeOwned>(&self, request: &Request) -> Result<T, ErrorAnswer> {
        let op = request.op();
        if op.is_some_and(|op| !self.has(op)) {
            Instead::NotDeclared.raise();
        }
        let limit = self.limits.of(request, (self.load)());
        let asked = self
            .process()
            .and_then(|process| match process.ask_for::<T>(request, limit) {
                Ok(answer) => Ok(answer),
                Err(broke) => {
                    lock(&self.running).take_if(|running| Arc::ptr_eq(running, &process));
                    Err(broke)
                }
            });
        match asked {
            Err(broke) if matches!(broke.how, How::Silent(_)) && self.limits.stretches() => {
                match (self.load)().excuse() {
                    Some(load) => Instead::MachineBusy(format!("{broke}, {load}")).raise(),
                    None => instead(&broke).raise(),
                }
            }
            Err(broke) => instead(&broke).raise(),
            Ok(Ok(answer)) => {
                lock(&self.done).extend(op);
                Ok(answer)
            }
            Ok(Err(Some(error))) => Err(error),
            Ok(Err(None)) => Err(ErrorAnswer {
                kind: ErrorKind::Refused,
                message: "`unsupported`, though `describe` declares it".to_owned(),
                code: None,
                ec: None,
            }),
        }
    }

    fn process(&self) -> Result<Arc<Process>, Broke> {
        let mut running = lock(&self.running);
        if let Some(process) = &*running {
            return Ok(Arc::clone(process));
        }
        let (process, _) =
            described(&self.command, self.limits.transfer).map_err(|error| match error {
                StartError::Broke(broke) => broke,
                StartError::Description(problem) => Broke {
                    how: How::Nonsense(problem),
                    stderr: Vec::new(),
                },
            })?;
        Ok(Arc::clone(running.insert(Arc::new(process))))
    }
}

impl Asked for Program {
    fn command(&self) -> String {
        self.command.quoted()
    }

    fn at_a_time(&self) -> usize {
        match self.can(Feature::Pipelining) {
            true => self.jobs,
            false => 1,
        }
    }

    fn others(&self) -> Vec<Subject<'_>> {
        self.others.iter().map(Self::subject).collect()
    }

    fn end(&self) {
        lock(&self.running).take();
    }

    fn undeclared(&self) -> Vec<String> {
        let pieces = self.has(Op::EncryptPart) || self.has(Op::DecryptRange);
        let of = |kind: &str, missing: Vec<String>| match missing.is_empty() {
            true => None,
            false => Some(format!("{kind}: {}", missing.join(", "))),
        };
        // Nothing is judged by how long it takes.
        let judged = Op::ALL.into_iter().filter(|op| *op != Op::Bench);
        let ops = judged.filter(|op| !self.has(*op));
        let features = Feature::ALL
            .into_iter()
            .filter(|feature| !self.can(*feature) && !Feature::FORMS_OF_RANGES.contains(feature));
        let ciphers = Cipher::ALL
            .into_iter()
            .filter(|cipher| !self.ciphers.contains(cipher));
        let wraps = WrapAlg::ALL
            .into_iter()
            .filter(|wrap| !self.wraps.contains(wrap));
        let signatures = [("v1", SignatureVersion::V1), ("v4", SignatureVersion::V4)];
        let signatures = signatures
            .into_iter()
            .filter(|(_, version)| !self.description.signatures.contains(version));
        let transfers = self.has(Op::Upload) || self.has(Op::Download);
        let mut kinds = vec![of("ops", ops.map(|op| op.to_string()).collect())];
        if transfers || pieces {
            kinds.push(of(
                "ciphers",
                ciphers.map(|cipher| cipher.cek_alg().to_owned()).collect(),
            ));
        }
        if transfers {
            kinds.push(of(
                "wraps",
                wraps.map(|wrap| wrap.name().to_owned()).collect(),
            ));
            kinds.push(of(
                "signatures",
                signatures.map(|(name, _)| name.to_owned()).collect(),
            ));
        }
        kinds.push(of(
            "features",
            features.map(|feature| feature.to_string()).collect(),
        ));
        kinds.into_iter().flatten().collect()
    }

    fn unexercised(&self) -> Vec<String> {
        let done = lock(&self.done);
        let ops = self.description.ops.iter();
        let ops = ops.filter(|op| !done.contains(op) && **op != Op::Bench);
        let (uploads, downloads) = (self.has(Op::Upload), self.has(Op::Download));
        let is_reached = |feature: &Feature| match feature {
            Feature::Plans => uploads || self.has(Op::Plan),
            Feature::Ranges
            | Feature::ClosedRanges
            | Feature::OpenRanges
            | Feature::SuffixRanges => downloads,
            Feature::ChecksLengths => self.has(Op::EncryptPart),
            Feature::Resumes
            | Feature::Announces
            | Feature::Sources
            | Feature::Describes
            | Feature::Metadata
            | Feature::ContentMd5
            | Feature::Streams
            | Feature::Reuses => uploads,
            Feature::Pieces | Feature::SeveralKeys | Feature::OldNames => downloads,
            Feature::Sorts => self.has(Op::PartList),
            Feature::Pipelining => true,
        };
        let features = self.description.features.iter();
        // What an authenticated cipher needs beyond a part the protocol has for whole clients only.
        let is_out_of_reach = |cipher: &&Cipher| **cipher != Cipher::Ctr && !uploads && !downloads;
        let ciphers = self.ciphers.iter().filter(is_out_of_reach);
        ops.map(ToString::to_string)
            .chain(ciphers.map(|cipher| cipher.cek_alg().to_owned()))
            .chain(
                features
                    .filter(|feature| !is_reached(feature))
                    .map(ToString::to_string),
            )
            .collect()
    }
}

/// What a process did instead of answering, as a run is told.
fn instead(broke: &Broke) -> Instead {
    let how = match broke.how {
        How::CannotStart(_) => Break::CannotStart,
        How::Ended(_) => Break::Ended,
        How::Silent(_) => Break::Silent,
        How::Nonsense(_) => Break::Nonsense,
    };
    Instead::Broke {
        how,
        told: broke.to_string(),
    }
}

/// Starts a process and has it describe itself.
fn described(command: &CommandLine, limit: Duration) -> Result<(Process, Description), StartError> {
    let process = Process::start(command)?;
    match process.ask_for::<Description>(&Request::Describe, limit)? {
        Ok(description) => Ok((process, description)),
        Err(Some(error)) => Err(StartError::Description(format!(
            "an error: {}",
            error.message
        ))),
        Err(None) => Err(StartError::Description(
            "unsupported, expected `ok`".to_owned(),
        )),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
