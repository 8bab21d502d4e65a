//! From a request to its answer: who asks, what for, what the model says of it, and which fault the script has for it.

mod body;
mod read;
mod write;

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use hyper::StatusCode;
use hyper::body::Body;
use partproof_model::rules;
use partproof_model::verdict::Rejection;

use crate::answer::{Answer, Refusal};
use crate::operation::Operation;
use crate::request::Request;
use crate::script::Fault;
use crate::signature;
use crate::spool::Spool;
use crate::state::State;
use crate::time::Clock;
use crate::{Config, Limits};

pub(crate) use body::Answered;

/// The emulator behind its sockets.
#[derive(Debug)]
pub(crate) struct Handler {
    config: Config,
    state: Mutex<State>,
    spool: Arc<Spool>,
    clock: Clock,
    requests: AtomicU64,
    /// Removes the bodies at the end where nothing is to last.
    _temporary: Option<tempfile::TempDir>,
}

/// The connection is to be cut without an answer.
#[derive(Debug)]
pub(crate) struct Cut;

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection is cut")
    }
}

impl std::error::Error for Cut {}

/// Why a request has no answer of its operation's kind.
enum Problem {
    Refused(Refusal),
    Cut,
}

impl From<Cut> for Problem {
    fn from(Cut: Cut) -> Self {
        Self::Cut
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        Self::Refused(rejection.into())
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        let mut refusal = Refusal::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalError",
            "We encountered an internal error. Please try again.",
        );
        refusal.detail = error.to_string();
        Self::Refused(refusal)
    }
}

impl Handler {
    pub(crate) fn new(config: Config) -> io::Result<Self> {
        if let Some(folder) = config.data_dir.clone() {
            return Self::open(config, &folder, SystemTime::now);
        }
        let temporary = tempfile::tempdir()?;
        let handler = Self::open(config, temporary.path(), SystemTime::now)?;
        Ok(Self {
            _temporary: Some(temporary),
            ..handler
        })
    }

    /// One that keeps bodies in this folder, and the journal too if it is to last.
    pub(crate) fn open(config: Config, folder: &Path, clock: Clock) -> io::Result<Self> {
        let now = clock();
        let spool = Spool::open(folder.join("bodies"), clock)?;
        let state = match config.data_dir {
            Some(_) => State::restore(&config.bucket, &folder.join("journal.jsonl"), &spool, now)?,
            None => State::new(&config.bucket, now),
        };
        Ok(Self {
            config,
            state: Mutex::new(state),
            spool,
            clock,
            requests: AtomicU64::new(0),
            _temporary: None,
        })
    }

    /// Files of bodies that nothing refers to.
    pub(crate) fn orphans(&self) -> io::Result<usize> {
        let known = self.state().files();
        self.spool
            .unknown(|number| known.contains(&number))
            .map(|files| files.len())
    }

    pub(crate) fn limits(&self) -> Limits {
        self.config.limits
    }

    /// What is stored stays for the next start, if there is a folder for it.
    pub(crate) fn close(&self) {
        if self.config.data_dir.is_some() {
            self.spool.keep();
        }
    }

    /// Answers a request.
    ///
    /// # Errors
    /// The script, or the client's silence, ends the connection without an answer.
    pub(crate) async fn answer<B>(
        &self,
        request: hyper::Request<B>,
    ) -> Result<hyper::Response<Answered>, Cut>
    where
        B: Body<Data = Bytes> + Unpin + Send,
    {
        let now = (self.clock)();
        let number = self
            .requests
            .fetch_add(1, Ordering::Relaxed)
            .saturating_add(1);
        let request_id = format!("{number:024X}");
        let (parts, mut body) = request.into_parts();
        let asked = match Request::read(&parts) {
            Ok(asked) => asked,
            Err(problem) => {
                let mut refusal = Refusal::new(
                    StatusCode::BAD_REQUEST,
                    "InvalidURI",
                    "Couldn't parse the specified URI.",
                );
                refusal.detail = problem;
                self.drain(&mut body, None).await?;
                let answer = Answer::refusal(&refusal, "", &request_id);
                return Ok(body::response(answer, &request_id, now, None));
            }
        };
        let operation = Operation::of(&asked);
        let part = asked
            .query
            .value("partNumber")
            .and_then(|number| number.parse().ok());
        let fault = self.config.script.next(operation, part);
        match &fault {
            Some(Fault::Delay { milliseconds }) => {
                tokio::time::sleep(Duration::from_millis(*milliseconds)).await;
            }
            Some(Fault::CutBeforeBody) => return Err(Cut),
            Some(Fault::CutInBody) => {
                let length = body.size_hint().lower();
                self.drain(&mut body, Some(length / 2)).await?;
                return Err(Cut);
            }
            Some(Fault::CutAfterBody) => {
                self.drain(&mut body, None).await?;
                return Err(Cut);
            }
            Some(Fault::Answer { status, code }) => {
                self.drain(&mut body, None).await?;
                let status =
                    StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                let answer = match code {
                    None => Answer::new(status),
                    Some(code) => {
                        let refusal =
                            Refusal::new(status, code, "Planned by the script of faults.");
                        Answer::refusal(&refusal, &asked.host, &request_id)
                    }
                };
                return Ok(body::response(answer, &request_id, now, None));
            }
            _ => {}
        }
        let carried_out = self
            .carry_out(operation, &asked, &mut body, fault.as_ref(), now)
            .await;
        let mut answer = match carried_out {
            Ok(answer) => answer,
            Err(Problem::Cut) => return Err(Cut),
            Err(Problem::Refused(refusal)) => {
                // A client that is still sending would not read the answer.
                self.drain(&mut body, None).await?;
                Answer::refusal(&refusal, &asked.host, &request_id)
            }
        };
        if operation == Some(Operation::HeadObject) {
            answer = body::without_content(answer);
        }
        let cut_after = match fault {
            Some(Fault::LoseAnswer) => return Err(Cut),
            Some(Fault::CutAnswer { after }) => Some(after),
            _ => None,
        };
        Ok(body::response(answer, &request_id, now, cut_after))
    }

    async fn carry_out<B>(
        &self,
        operation: Option<Operation>,
        request: &Request,
        body: &mut B,
        fault: Option<&Fault>,
        now: SystemTime,
    ) -> Result<Answer, Problem>
    where
        B: Body<Data = Bytes> + Unpin + Send,
    {
        let Some(operation) = operation else {
            let refusal = Refusal::new(
                StatusCode::NOT_IMPLEMENTED,
                "NotImplemented",
                "A header or a query you provided implies functionality that the emulator has not.",
            );
            return Err(refusal.into());
        };
        if self.config.verifies_signatures {
            let Config {
                access_key, region, ..
            } = &self.config;
            signature::verify(request, access_key, region, now)?;
        }
        let bucket = request.bucket.as_deref().unwrap_or_default();
        let key = request.key.as_deref().unwrap_or_default();
        match operation {
            Operation::ListBuckets => self.list_buckets(),
            Operation::GetBucket => self.list_objects(bucket, request),
            Operation::GetBucketInfo => self.bucket_info(bucket),
            Operation::GetBucketLocation => self.bucket_location(bucket),
            Operation::ListMultipartUploads => self.list_uploads(bucket, request),
            Operation::ListParts => self.list_parts(bucket, key, request, fault),
            Operation::GetObject | Operation::HeadObject => {
                self.get(bucket, key, request, operation)
            }
            _ => self.write(operation, bucket, key, request, body, now).await,
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that holds the lock leaves a step half done.
        self.state
            .lock()
            .unwrap_or_else(|broken| broken.into_inner())
    }
}

/// The rule of a body that does not arrive.
fn no_body(detail: &str) -> Rejection {
    Rejection {
        rule: rules::BODY_ARRIVES,
        detail: detail.to_owned(),
    }
}
