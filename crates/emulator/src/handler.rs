//! From a request to its answer: who asks, what for, what the model says of it, and which fault the script has for it.

mod body;
mod read;
mod write;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::StatusCode;
use hyper::body::Body;
use partproof_model::limits::MAX_PART_LIST_BODY;
use partproof_model::service::Body as Stored;
use partproof_model::verdict::Rejection;
use partproof_model::{bucket_name, rules};
use tokio::sync::Semaphore;

use crate::Config;
use crate::action::{Action, Outcome};
use crate::answer::{Answer, Refusal};
use crate::bucket::Bucket;
use crate::folder::Folder;
use crate::journal::{Journal, Restored};
use crate::operation::Operation;
use crate::record::{Record, Recorded};
use crate::request::Request;
use crate::script::{Fault, Script};
use crate::signature;
use crate::spool::{Blob, Spool};
use crate::state::State;
use crate::store::{Store, Unchanged};
use crate::temporary::TemporaryFolder;
use crate::time::Clock;
use crate::traffic::Counting;

pub(crate) use body::Answered;

/// How much is recorded of the body of a request that is refused whoever sends it, in bytes.
const RECORDED_OF_ANYBODY: usize = 64 * 1024;

/// The emulator behind its sockets.
#[derive(Debug)]
pub(crate) struct Handler {
    config: Config,
    store: Store,
    spool: Arc<Spool>,
    record: Option<Record>,
    script: Mutex<Script>,
    clock: Clock,
    requests: AtomicU64,
    pub(crate) traffic: Arc<Counting>,
    /// A permit for each KiB of the part lists that may be in memory at once.
    lists: Semaphore,
    /// The folder that lasts is this process's for so long.
    _folder: Option<Folder>,
    /// Removes the bodies at the end where nothing is to last.
    _temporary: Option<TemporaryFolder>,
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

impl Drop for Handler {
    fn drop(&mut self) {
        // Whatever ends it, a panic too: before what is stored is let go.
        self.close();
    }
}

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
        Self::Refused(internal(&error))
    }
}

/// The emulator cannot do its part.
fn internal(error: &io::Error) -> Refusal {
    let mut refusal = Refusal::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "InternalError",
        "We encountered an internal error. Please try again.",
    );
    refusal.detail = error.to_string();
    refusal
}

impl Handler {
    pub(crate) fn new(config: Config) -> io::Result<Self> {
        if let Some(folder) = config.data_dir.clone() {
            return Self::open(config, &folder, SystemTime::now);
        }
        let temporary = TemporaryFolder::new()?;
        let mut handler = Self::open(config, temporary.path(), SystemTime::now)?;
        handler._temporary = Some(temporary);
        Ok(handler)
    }

    /// One that keeps bodies in this folder, and the journal too if it is to last.
    pub(crate) fn open(mut config: Config, folder: &Path, clock: Clock) -> io::Result<Self> {
        if let Some(objection) = bucket_name::objection(&config.bucket) {
            return Err(io::Error::other(objection.detail));
        }
        let now = clock();
        let spool = |folder: PathBuf| {
            let failpoints = config.failpoints.clone();
            Spool::new(
                folder,
                clock,
                config.stores_bodies,
                config.syncs,
                failpoints,
            )
        };
        let begin_record = || config.record.clone().map(Record::begin).transpose();
        let (spool, store, record, folder) = match config.data_dir {
            None => {
                let spool = spool(folder.join("bodies"));
                let record = begin_record()?;
                let mut empty = State::new(&config.bucket, now);
                let bucket = empty.make_bucket(&config.bucket, now);
                bucket.decide(&config.decisions, config.encoded_ids);
                spool.begin(&empty)?;
                (spool, Store::forgetful(empty), record, None)
            }
            Some(_) if config.encoded_ids || !config.decisions.is_empty() => {
                let message = "decisions and encoded ids are not kept in a folder";
                return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
            }
            Some(_) => {
                let folder = Folder::claim(folder, &config.bucket)?;
                let spool = spool(folder.bodies());
                let begun_with = State::new(folder.bucket(), now);
                let restored = Restored::read(&folder.journal(), begun_with, &spool)?;
                folder.check_restored(restored.entries)?;
                spool.check(&restored.state)?;
                let record = begin_record()?;
                // Up to here nothing in the folder was touched, and from here on nothing that is held.
                folder.mark()?;
                spool.begin(&restored.state)?;
                let journal = Journal::begin(folder.journal(), &restored, &config)?;
                let failpoints = config.failpoints.clone();
                let kept = Arc::clone(&spool);
                let store = Store::lasting(restored.state, journal, kept, failpoints)?;
                // One that was there before and was removed stays so.
                let is_another = config.bucket != folder.bucket();
                if is_another && !store.held().buckets().contains_key(&config.bucket) {
                    let made = store.change(&config.bucket, Action::PutBucket, None, now);
                    made.blocking_recv()
                        .unwrap_or_else(|_| Err(ended()))
                        .map_err(io::Error::other)?;
                }
                (spool, store, record, Some(folder))
            }
        };
        // The last step: what a start that failed lets go of stays.
        spool.run();
        let script = std::mem::take(&mut config.script);
        // Room for one at least.
        let lists = config
            .limits
            .lists
            .max(MAX_PART_LIST_BODY.saturating_add(1));
        Ok(Self {
            lists: Semaphore::new(body::permits(lists)),
            script: Mutex::new(script),
            config,
            store,
            spool,
            record,
            clock,
            requests: AtomicU64::new(0),
            traffic: Arc::default(),
            _folder: folder,
            _temporary: None,
        })
    }

    /// Files of bodies that nothing refers to.
    pub(crate) fn orphans(&self) -> io::Result<usize> {
        self.spool.orphans(&self.held())
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// What is stored stays for the next start, if there is a folder for it.
    pub(crate) fn close(&self) {
        if self.config.data_dir.is_some() {
            self.spool.end();
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
        let asked = Request::read(&parts, &self.config.admission.hosts);
        let operation = asked.as_ref().ok().and_then(Operation::of);
        let page = self.record.as_ref();
        let page = page.map(|record| record.page(number, operation, &parts));
        let page = match page.transpose() {
            Ok(page) => page,
            Err(error) => {
                self.drain(&mut body, None).await?;
                let refusal = internal(&error);
                let answer = Answer::refusal(&refusal, "", &request_id);
                return Ok(body::response(answer, &request_id, now, None));
            }
        };
        let mut body = Recorded::request(body, page, &parts.headers);
        let asked = asked.map_err(|problem| {
            let message = "Couldn't parse the specified URI.";
            let mut refusal = Refusal::new(StatusCode::BAD_REQUEST, "InvalidURI", message);
            refusal.detail = problem;
            refusal
        });
        let admitted = self.config.admission.check(&parts);
        let access = match (&admitted, &asked) {
            (Ok(_), Ok(asked)) => self.check_access(operation, asked, now),
            _ => Ok(()),
        };
        let is_foreign = admitted.is_err() || asked.is_err() || access.is_err();
        if is_foreign || operation.is_none() {
            body.write_at_most(RECORDED_OF_ANYBODY);
        }
        let preflight = admitted.as_ref().ok();
        let preflight = preflight.and_then(|admitted| admitted.preflight(&parts));
        let (answer, cut_after) = match (&admitted, &asked, preflight) {
            (Ok(_), Ok(_), Some(preflight)) => (preflight, None),
            (Ok(_), Ok(asked), None) => {
                self.respond(operation, asked, access, &mut body, &request_id, now)
                    .await?
            }
            (Err(refusal), ..) | (_, Err(refusal), _) => {
                self.drain(&mut body, None).await?;
                (Answer::refusal(refusal, "", &request_id), None)
            }
        };
        let mut response = body::response(answer, &request_id, now, cut_after);
        if let Ok(admitted) = &admitted {
            admitted.tell(&mut response);
        }
        match body.into_page() {
            None => Ok(response),
            Some(page) => {
                let page = page.answer(&response).map_err(|_| Cut)?;
                Ok(response.map(|body| Recorded::answer(body, page).boxed()))
            }
        }
    }

    /// Whether the one who asks may.
    fn check_access(
        &self,
        operation: Option<Operation>,
        request: &Request,
        now: SystemTime,
    ) -> Result<(), Rejection> {
        let Config {
            access_key, region, ..
        } = &self.config;
        // What the emulator has not is told to anybody.
        match self.config.verifies_signatures && operation.is_some() {
            true => signature::verify(request, access_key, region, now),
            false => Ok(()),
        }
    }

    /// The answer to a request, and after how many bytes of its body the script cuts it.
    async fn respond<B>(
        &self,
        operation: Option<Operation>,
        asked: &Request,
        access: Result<(), Rejection>,
        body: &mut B,
        request_id: &str,
        now: SystemTime,
    ) -> Result<(Answer, Option<u64>), Cut>
    where
        B: Body<Data = Bytes> + Unpin + Send,
    {
        let is_part = operation == Some(Operation::UploadPart);
        let _under_way = is_part.then(|| self.traffic.part());
        let part = asked
            .query
            .value("partNumber")
            .and_then(|number| number.parse().ok());
        let fault = self.script().next(operation, part);
        match &fault {
            Some(Fault::Delay { milliseconds }) => {
                tokio::time::sleep(Duration::from_millis(*milliseconds)).await;
            }
            Some(Fault::CutBeforeBody) => return Err(Cut),
            Some(Fault::CutInBody) => {
                let half = body.size_hint().lower() / 2;
                self.drain(body, Some(half.min(body::MOST_BEFORE_A_CUT)))
                    .await?;
                return Err(Cut);
            }
            Some(Fault::CutAfterBody) => {
                self.drain(body, None).await?;
                return Err(Cut);
            }
            Some(Fault::Answer { status, code }) => {
                self.drain(body, None).await?;
                self.observe(operation, part);
                let answer = Answer::planned(*status, code.as_deref(), &asked.host, request_id);
                return Ok((answer, None));
            }
            _ => {}
        }
        let carried_out = match access {
            Err(rejection) => Err(rejection.into()),
            Ok(()) => {
                self.carry_out(operation, asked, body, fault.as_ref(), now)
                    .await
            }
        };
        let mut answer = match carried_out {
            Ok(answer) => answer,
            Err(Problem::Cut) => return Err(Cut),
            Err(Problem::Refused(refusal)) => {
                // A client that is still sending would not read the answer.
                self.drain(body, None).await?;
                Answer::refusal(&refusal, &asked.host, request_id)
            }
        };
        self.observe(operation, part);
        if operation == Some(Operation::HeadObject) {
            answer = answer.telling_its_error_in_the_head();
            answer = body::without_content(answer);
        }
        answer = answer.altered(fault.as_ref());
        match fault {
            Some(Fault::LoseAnswer) => Err(Cut),
            Some(Fault::AnswerAfter { status, code }) => {
                let answer = Answer::planned(status, code.as_deref(), &asked.host, request_id);
                Ok((answer, None))
            }
            Some(Fault::CutAnswer { after }) => Ok((answer, Some(after))),
            _ => Ok((answer, None)),
        }
    }

    fn observe(&self, operation: Option<Operation>, part: Option<u64>) {
        if let (Some(observer), Some(operation)) = (&self.config.observer, operation) {
            observer(operation, part);
        }
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
        if let Some(bucket) = &request.bucket
            && let Some(objection) = bucket_name::objection(bucket)
        {
            let (rule, detail) = (objection.rule, objection.detail);
            return Err(Rejection { rule, detail }.into());
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
                self.get(bucket, key, request, operation, fault)
            }
            _ => self.write(operation, bucket, key, request, body, now).await,
        }
    }

    /// Looks at the bucket that there was from the beginning, if it is still there.
    pub(crate) fn bucket<T>(&self, look: impl FnOnce(&Bucket) -> T) -> Option<T> {
        let mut held = self.held();
        held.bucket(&self.config.bucket)
            .ok()
            .map(|bucket| look(bucket))
    }

    /// Makes a change in that bucket. Blocks.
    pub(crate) fn change(
        &self,
        action: Action,
        body: Option<Stored<Blob>>,
        now: SystemTime,
    ) -> Result<Outcome, Unchanged> {
        let change = self.store.change(&self.config.bucket, action, body, now);
        change.blocking_recv().unwrap_or_else(|_| Err(ended()))
    }

    /// Keeps a body.
    pub(crate) fn keep(&self, bytes: &[u8]) -> io::Result<Stored<Blob>> {
        self.spool.keep_bytes(bytes)
    }

    /// From now on this goes wrong.
    pub(crate) fn replan(&self, script: Script) {
        *self.script() = script;
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script
            .lock()
            .unwrap_or_else(|broken| broken.into_inner())
    }

    pub(crate) fn held(&self) -> MutexGuard<'_, State> {
        self.store.held()
    }
}

/// There is nobody left to write a change.
fn ended() -> Unchanged {
    Unchanged::NotWritten(io::Error::other("the emulator ends"))
}

/// The rule of a body that does not arrive.
fn no_body(detail: &str) -> Rejection {
    Rejection {
        rule: rules::BODY_ARRIVES,
        detail: detail.to_owned(),
    }
}
