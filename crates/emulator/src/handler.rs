//! From a request to its answer: who asks, what for, what the model says of it, and which fault the script has for it.

mod body;
mod read;
mod write;

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use hyper::StatusCode;
use hyper::body::Body;
use partproof_model::verdict::Rejection;
use partproof_model::{Headers, rules};

use crate::answer::{Answer, Refusal};
use crate::operation::Operation;
use crate::request::Request;
use crate::script::Fault;
use crate::signature;
use crate::spool::Spool;
use crate::state::{Action, Outcome, State, Unchanged};
use crate::{Config, Limits};

/// The emulator behind its sockets.
#[derive(Debug)]
pub(crate) struct Handler {
    config: Config,
    state: Mutex<State>,
    spool: Arc<Spool>,
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

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config").finish_non_exhaustive()
    }
}

/// Why a request has no answer of its operation's kind.
enum Problem {
    Refused(Refusal),
    Cut,
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
        let temporary = match config.data_dir {
            Some(_) => None,
            None => Some(tempfile::tempdir()?),
        };
        let (spool, state) = match (&config.data_dir, &temporary) {
            (Some(folder), _) => {
                let spool = Spool::open(folder.join("bodies"))?;
                let journal = folder.join("journal.jsonl");
                let state = State::restore(&config.bucket, &journal, &spool)?;
                (spool, state)
            }
            (None, Some(folder)) => {
                let spool = Spool::open(folder.path().join("bodies"))?;
                (spool, State::new(&config.bucket))
            }
            (None, None) => return Err(io::Error::other("no folder for bodies")),
        };
        Ok(Self {
            config,
            state: Mutex::new(state),
            spool,
            requests: AtomicU64::new(0),
            _temporary: temporary,
        })
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
    ) -> Result<hyper::Response<body::Answered>, Cut>
    where
        B: Body<Data = Bytes> + Unpin + Send,
    {
        let now = SystemTime::now();
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
            Operation::PutBucket | Operation::DeleteBucket => {
                self.drain(body, None).await.map_err(|Cut| Problem::Cut)?;
                self.put_or_delete_bucket(operation, bucket, now)
            }
            Operation::GetBucket => self.list_objects(bucket, request),
            Operation::GetBucketInfo => self.bucket_info(bucket),
            Operation::GetBucketLocation => self.bucket_location(bucket),
            Operation::ListMultipartUploads => self.list_uploads(bucket, request),
            Operation::ListParts => self.list_parts(bucket, key, request, fault),
            Operation::GetObject | Operation::HeadObject => {
                self.get(bucket, key, request, operation)
            }
            Operation::PutObject | Operation::UploadPart => {
                self.bucket_exists(bucket)?;
                self.put(operation, bucket, key, request, body, now).await
            }
            Operation::CopyObject => self.copy(bucket, key, request, now),
            Operation::UploadPartCopy => self.upload_part_copy(bucket, key, request, now).await,
            Operation::InitiateMultipartUpload => self.initiate(bucket, key, request, now),
            Operation::CompleteMultipartUpload => {
                let list = self.read_list(body).await?;
                self.complete(bucket, key, request, list, now)
            }
            Operation::AbortMultipartUpload => self.abort(bucket, key, request, now),
            Operation::DeleteObject => {
                let action = Action::DeleteObject {
                    key: key.to_owned(),
                };
                self.change(bucket, &action, None, now)?;
                Ok(Answer::new(StatusCode::NO_CONTENT))
            }
            Operation::AppendObject => Err(self.refuse_append(&request.headers).into()),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that holds the lock leaves a step half done.
        self.state
            .lock()
            .unwrap_or_else(|broken| broken.into_inner())
    }

    fn bucket_exists(&self, bucket: &str) -> Result<(), Problem> {
        self.state().bucket(bucket)?;
        Ok(())
    }

    fn change(
        &self,
        bucket: &str,
        action: &Action,
        body: Option<partproof_model::service::Body<crate::spool::Blob>>,
        now: SystemTime,
    ) -> Result<Outcome, Problem> {
        let changed = self.state().change(bucket, action, body, now);
        changed.map_err(|unchanged| match unchanged {
            Unchanged::Rejected(rejection) => rejection.into(),
            Unchanged::NotWritten(error) => error.into(),
        })
    }

    /// No rule says what the service does (A26): objects that are appended to are not kept here, encrypted or not.
    fn refuse_append(&self, headers: &Headers) -> Refusal {
        let mut refusal = Refusal::new(
            StatusCode::BAD_REQUEST,
            "OperationNotSupported",
            "The operation is not supported for this resource.",
        );
        let encrypted = partproof_model::Envelope::parse(headers).is_present();
        refusal.detail = match encrypted {
            true => "AppendObject with CSE headers: what is appended could not be decrypted",
            false => "AppendObject, which the emulator has not",
        }
        .to_owned();
        refusal
    }
}

/// The rule of a body that does not arrive.
fn no_body(detail: &str) -> Rejection {
    Rejection {
        rule: rules::BODY_ARRIVES,
        detail: detail.to_owned(),
    }
}
