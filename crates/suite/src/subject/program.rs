//! A subject in any language: a program at the other end of the line protocol, behind the same traits as one in Rust.
//!
//! A program can do what no implementation in Rust can: end, fall silent, or answer nonsense. No law has to know of that. The
//! piece unwinds past the law with an `Instead`, and the runner makes a finding of it, as it does of a panic.

use std::collections::BTreeSet;
use std::fs;
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use partproof_model::Cipher;
use partproof_model::key_wrap::WrapAlg;
use partproof_protocol::{
    Base64, Broke, Ciphertext, Description, DownloadArguments, Downloaded, ErrorAnswer, Feature,
    How, ListedPart, MasterKey, Op, PartListBody, Plaintext, Planned, Process, Range, Request,
    ServiceArguments, SignatureVersion, UploadArguments, UploadOptions, VERSION,
};
use serde::de::DeserializeOwned;

pub use partproof_protocol::CommandLine;

use super::client::{
    Abilities, ByteRange, Client, DownloadJob, Failure, Service, Signature, UploadJob, Uploaded,
};
use super::{
    Declared, Encryptor, PartEncryptor, PartListBuilder, PlannedPart, PlannedUpload, Planner,
    Refusal, Subject, Upload,
};

/// A program that is a subject. It is started when it is first asked, and again after it broke.
#[derive(Debug)]
pub struct Program {
    command: CommandLine,
    name: String,
    description: Description,
    ciphers: Vec<Cipher>,
    wraps: Vec<WrapAlg>,
    limits: Limits,
    running: Mutex<Option<Arc<Process>>>,
    /// What it has done at least once.
    done: Mutex<BTreeSet<Op>>,
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
    /// How long a request may take.
    pub(crate) fn of(&self, request: &Request) -> Duration {
        match request {
            // A runtime may take its time to start.
            Request::Describe | Request::Download(_) => self.transfer,
            Request::Upload(upload) => {
                let bytes = fs::metadata(&upload.file).map_or(0, |file| file.len());
                let moving = self.rate.and_then(|rate| bytes.checked_div(rate));
                self.transfer + Duration::from_secs(moving.unwrap_or(0))
            }
            _ => self.piece,
        }
    }
}

/// What comes of a case instead of an answer; see the module.
#[derive(Clone, Debug)]
pub(crate) enum Instead {
    /// The program broke.
    Broke(Broke),
    /// It has no such operation.
    NotDeclared,
}

impl Instead {
    fn raise(self) -> ! {
        resume_unwind(Box::new(self))
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

/// How many requests a program is asked at a time, if it takes several.
const AT_A_TIME: usize = 16;

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
            running: Mutex::new(Some(Arc::new(process))),
            done: Mutex::new(BTreeSet::new()),
        })
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

    /// How it is started.
    pub fn command(&self) -> &CommandLine {
        &self.command
    }

    /// What it says of itself.
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// How many cases it is judged by at a time.
    pub(crate) fn at_a_time(&self) -> usize {
        match self.can(Feature::Pipelining) {
            true => AT_A_TIME,
            false => 1,
        }
    }

    /// What it does not declare, one line for each kind.
    pub(crate) fn undeclared(&self) -> Vec<String> {
        let pieces = self.has(Op::EncryptPart) || self.has(Op::DecryptRange);
        let of = |kind: &str, missing: Vec<String>| match missing.is_empty() {
            true => None,
            false => Some(format!("{kind}: {}", missing.join(", "))),
        };
        let ops = Op::ALL.into_iter().filter(|op| !self.has(*op));
        let features = Feature::ALL
            .into_iter()
            .filter(|feature| !self.can(*feature));
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

    /// What it declares and has never done, or what none of its operations can do.
    pub(crate) fn unexercised(&self) -> Vec<String> {
        let done = lock(&self.done);
        let ops = self.description.ops.iter().filter(|op| !done.contains(op));
        let (uploads, downloads) = (self.has(Op::Upload), self.has(Op::Download));
        let is_reached = |feature: &Feature| match feature {
            Feature::Plans => uploads || self.has(Op::Plan),
            Feature::Ranges => downloads,
            Feature::Resumes | Feature::Announces | Feature::Sources => uploads,
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
        let limit = self.limits.of(request);
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
            Err(broke) => Instead::Broke(broke).raise(),
            Ok(Ok(answer)) => {
                lock(&self.done).extend(op);
                Ok(answer)
            }
            Ok(Err(Some(error))) => Err(error),
            Ok(Err(None)) => Err(ErrorAnswer {
                kind: partproof_protocol::ErrorKind::Refused,
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
                    stderr: String::new(),
                },
            })?;
        Ok(Arc::clone(running.insert(Arc::new(process))))
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

/// Integers of the protocol fit into 64 bits with a sign: what does not is not asked for.
fn within(number: u64) {
    if i64::try_from(number).is_err() {
        Instead::NotDeclared.raise();
    }
}

fn refusal(error: ErrorAnswer) -> Refusal {
    Refusal(error.message)
}

impl Planner for Program {
    fn plan(&self, data_size: u64, part_size: Option<u64>) -> Result<PlannedUpload<'_>, Refusal> {
        if part_size.is_none() && !self.chooses() {
            Instead::NotDeclared.raise();
        }
        within(data_size.max(part_size.unwrap_or(0)));
        let Planned { part_size, parts } = self
            .ask(&Request::Plan {
                data_size,
                part_size,
            })
            .map_err(refusal)?;
        let parts = parts.into_iter().map(|part| PlannedPart {
            number: part.number,
            offset: part.offset,
            length: part.length,
        });
        Ok(PlannedUpload {
            part_size,
            parts: Box::new(parts),
        })
    }

    fn chooses(&self) -> bool {
        self.can(Feature::Plans)
    }
}

impl PartListBuilder for Program {
    fn part_list(&self, parts: &[(u64, String)]) -> Result<Vec<u8>, Refusal> {
        parts.iter().for_each(|(number, _)| within(*number));
        let parts = parts.iter().map(|(number, etag)| ListedPart {
            number: *number,
            etag: etag.clone(),
        });
        let request = Request::PartList {
            parts: parts.collect(),
        };
        let answer: PartListBody = self.ask(&request).map_err(refusal)?;
        Ok(answer.body.0)
    }

    fn sorts(&self) -> bool {
        self.can(Feature::Sorts)
    }
}

/// In counter mode only: what an authenticated cipher needs beyond a part, its tag, the protocol does not carry.
impl Encryptor for Program {
    fn ciphers(&self) -> Vec<Cipher> {
        let is_ctr = |cipher: &Cipher| *cipher == Cipher::Ctr;
        self.ciphers.iter().copied().filter(is_ctr).collect()
    }

    fn declare(&self, _: &Upload) -> Result<Declared, Refusal> {
        // An envelope is written by whole clients.
        Instead::NotDeclared.raise()
    }

    fn begin(&self, upload: &Upload) -> Result<Box<dyn PartEncryptor + '_>, Refusal> {
        Ok(Box::new(Parts {
            program: self,
            upload: *upload,
        }))
    }

    fn decrypt_range(
        &self,
        upload: &Upload,
        offset: u64,
        stored: &[u8],
    ) -> Result<Vec<u8>, Refusal> {
        let answer: Plaintext = self
            .ask(&Request::DecryptRange {
                cipher: upload.cipher.cek_alg().to_owned(),
                key: Base64(upload.key.to_vec()),
                start: Base64(upload.start.to_vec()),
                offset,
                ciphertext: Base64(stored.to_vec()),
            })
            .map_err(refusal)?;
        Ok(answer.plaintext.0)
    }

    fn open(&self, upload: &Upload, parts: &[Vec<u8>]) -> Result<Vec<u8>, Refusal> {
        self.decrypt_range(upload, 0, &parts.concat())
    }
}

/// One upload's parts, each encrypted by a request of its own.
struct Parts<'p> {
    program: &'p Program,
    upload: Upload,
}

impl PartEncryptor for Parts<'_> {
    fn encrypt(&mut self, number: u64, chunks: &[&[u8]]) -> Result<Vec<u8>, Refusal> {
        let Upload {
            cipher,
            key,
            start,
            plaintext_size,
            part_size,
        } = self.upload;
        let answer: Ciphertext = self
            .program
            .ask(&Request::EncryptPart {
                cipher: cipher.cek_alg().to_owned(),
                key: Base64(key.to_vec()),
                start: Base64(start.to_vec()),
                data_size: plaintext_size,
                part_size,
                number,
                plaintext: Base64(chunks.concat()),
            })
            .map_err(refusal)?;
        Ok(answer.ciphertext.0)
    }
}

impl Client for Program {
    fn abilities(&self) -> Abilities {
        let signatures = self
            .description
            .signatures
            .iter()
            .map(|version| match version {
                SignatureVersion::V1 => Signature::V1,
                SignatureVersion::V4 => Signature::V4,
            });
        Abilities {
            ciphers: self.ciphers.clone(),
            wraps: self.wraps.clone(),
            signatures: signatures.collect(),
            plans: self.can(Feature::Plans),
            resumes: self.can(Feature::Resumes),
            sources: self.can(Feature::Sources),
            announces: self.can(Feature::Announces),
            ranges: self.can(Feature::Ranges),
        }
    }

    fn upload(&self, service: &Service<'_>, job: &UploadJob<'_>) -> Result<Uploaded, Failure> {
        let UploadJob {
            object,
            file,
            cipher,
            part_size,
            concurrency,
            checkpoint,
            announced,
            position,
        } = *job;
        let answer: partproof_protocol::Uploaded = self
            .ask(&Request::Upload(UploadArguments {
                service: service_arguments(service, object),
                file: path(file),
                part_size,
                options: UploadOptions {
                    cipher: cipher.cek_alg().to_owned(),
                    parallel: concurrency,
                    checkpoint: checkpoint.map(path),
                    announced,
                    position,
                },
            }))
            .map_err(failure)?;
        Ok(Uploaded { etag: answer.etag })
    }

    fn download(&self, service: &Service<'_>, job: &DownloadJob<'_>) -> Result<(), Failure> {
        let DownloadJob {
            object,
            file,
            range,
        } = *job;
        let range = range.map(|range| match range {
            ByteRange::Closed { first, last } => Range {
                first: Some(first),
                last: Some(last),
            },
            ByteRange::From { first } => Range {
                first: Some(first),
                last: None,
            },
            ByteRange::Suffix { length } => Range {
                first: None,
                last: Some(length),
            },
        });
        let request = Request::Download(DownloadArguments {
            service: service_arguments(service, object),
            file: path(file),
            range,
        });
        self.ask::<Downloaded>(&request).map(drop).map_err(failure)
    }
}

pub(crate) fn service_arguments(service: &Service<'_>, object: &str) -> ServiceArguments {
    let Service {
        endpoint,
        region,
        bucket,
        access_key_id,
        access_key_secret,
        signature,
        master,
        description,
    } = *service;
    ServiceArguments {
        endpoint: endpoint.to_owned(),
        region: region.to_owned(),
        bucket: bucket.to_owned(),
        object: object.to_owned(),
        access_key_id: access_key_id.to_owned(),
        access_key_secret: access_key_secret.to_owned(),
        signature: match signature {
            Signature::V1 => SignatureVersion::V1,
            Signature::V4 => SignatureVersion::V4,
        },
        master_key: MasterKey {
            public: master.public.to_owned(),
            private: master.private.to_owned(),
            description: description.map(|(name, value)| {
                std::iter::once((name.clone(), value.clone().into())).collect()
            }),
        },
    }
}

/// A path of ours as text: a stage is set in a folder whose name is UTF-8, or the program says that it finds no file.
fn path(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn failure(error: ErrorAnswer) -> Failure {
    Failure {
        message: error.message,
        code: error.code,
    }
}
