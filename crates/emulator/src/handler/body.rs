//! Bodies that arrive, and answers that leave.

use std::io;
use std::io::Read;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Channel, Full};
use hyper::StatusCode;
use hyper::body::Body;
use hyper::header::{CONTENT_LENGTH, HeaderValue};
use partproof_model::limits::MAX_PART_LIST_BODY;
use partproof_model::service::Body as Stored;
use tokio::sync::{SemaphorePermit, mpsc};

use super::{Cut, Handler, Problem, no_body};
use crate::Limits;
use crate::answer::{Answer, Content, Refusal};
use crate::spool::{Blob, Segment};

/// The body of an answer.
pub(crate) type Answered = BoxBody<Bytes, io::Error>;

impl Handler {
    /// Reads a body to its end, or its first bytes, and forgets it.
    pub(super) async fn drain<B>(&self, body: &mut B, most: Option<u64>) -> Result<(), Cut>
    where
        B: Body<Data = Bytes> + Unpin + Send,
    {
        let most = most.unwrap_or(self.config.limits.body);
        let mut pace = Pace::new();
        let mut read = 0_u64;
        while read <= most {
            match self.chunk(body, &mut pace).await {
                Ok(Some(chunk)) => {
                    read = read.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
                }
                Ok(None) => return Ok(()),
                Err(_) => return Err(Cut),
            }
        }
        Ok(())
    }

    /// The next bytes of a body; `None` at its end.
    async fn chunk<B>(&self, body: &mut B, pace: &mut Pace) -> Result<Option<Bytes>, Problem>
    where
        B: Body<Data = Bytes> + Unpin + Send,
    {
        loop {
            let frame = tokio::time::timeout(self.config.limits.idle, body.frame()).await;
            return match frame {
                Err(_) => Err(no_body("no byte for too long").into()),
                Ok(None) => Ok(None),
                Ok(Some(Err(_))) => Err(Problem::Cut),
                Ok(Some(Ok(frame))) => match frame.into_data() {
                    Ok(chunk) if pace.keeps(&chunk, &self.config.limits) => Ok(Some(chunk)),
                    Ok(_) => Err(no_body("too few bytes a second").into()),
                    // Trailers.
                    Err(_) => continue,
                },
            };
        }
    }

    /// Stores a body.
    pub(super) async fn store<B>(&self, body: &mut B) -> Result<Stored<Blob>, Problem>
    where
        B: Body<Data = Bytes> + Unpin + Send,
    {
        let most = self.config.limits.body;
        // One batch waits at most: a slow disk slows the sender down, not the memory up.
        let (sender, receiver) = mpsc::channel(1);
        let spool = std::sync::Arc::clone(&self.spool);
        let stored = tokio::task::spawn_blocking(move || spool.receive(receiver));
        let passed_on = self.pass_on(body, sender, most).await;
        // Also if it did not arrive: by the time of the answer its file is gone again.
        let stored = stored.await;
        passed_on?;
        Ok(stored.map_err(io::Error::other)??)
    }

    /// Passes a body on to the thread that stores it.
    async fn pass_on<B>(
        &self,
        body: &mut B,
        storing: mpsc::Sender<Vec<Bytes>>,
        most: u64,
    ) -> Result<(), Problem>
    where
        B: Body<Data = Bytes> + Unpin + Send,
    {
        let (mut length, mut pace) = (0_u64, Pace::new());
        let (mut batch, mut batched) = (Vec::new(), 0_usize);
        while let Some(chunk) = self.chunk(body, &mut pace).await? {
            length = length.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
            if length > most {
                return Err(no_body(&format!("more than {most} bytes")).into());
            }
            batched = batched.saturating_add(chunk.len());
            batch.push(chunk);
            if batched >= BATCH || batch.len() >= CHUNKS {
                batched = 0;
                if storing.send(std::mem::take(&mut batch)).await.is_err() {
                    // The disk is full: the error is that of the thread.
                    return Ok(());
                }
            }
        }
        // If nobody takes it, as above.
        let _ = storing.send(batch).await;
        Ok(())
    }

    /// Reads a part list, and keeps the memory that it takes for it. Of one that is too long, no more than shows that it is.
    pub(super) async fn read_list<B>(
        &self,
        body: &mut B,
    ) -> Result<(Vec<u8>, SemaphorePermit<'_>), Problem>
    where
        B: Body<Data = Bytes> + Unpin + Send,
    {
        let announced = body.size_hint().upper();
        let announced = announced.and_then(|length| usize::try_from(length).ok());
        let most = MAX_PART_LIST_BODY.saturating_add(1);
        let most = announced.map_or(most, |length| length.min(most));
        let room = self.lists.acquire_many(wide(permits(most)));
        let Ok(Ok(room)) = tokio::time::timeout(self.config.limits.idle, room).await else {
            let message = "Please reduce your request rate.";
            let mut refusal = Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "ServiceBusy", message);
            let most = self.config.limits.lists;
            refusal.detail = format!(
                "{most} bytes of part lists are being read, which is what the emulator holds at most"
            );
            return Err(refusal.into());
        };
        let (mut list, mut pace) = (Vec::new(), Pace::new());
        while list.len() <= MAX_PART_LIST_BODY {
            let Some(chunk) = self.chunk(body, &mut pace).await? else {
                break;
            };
            list.extend_from_slice(&chunk);
        }
        Ok((list, room))
    }
}

/// The permits for so many bytes of part lists.
pub(super) fn permits(bytes: usize) -> usize {
    bytes.div_ceil(1024)
}

fn wide(permits: usize) -> u32 {
    u32::try_from(permits).unwrap_or(u32::MAX)
}

/// How fast a body arrives. A sender that drips would otherwise hold its connection for ever.
struct Pace {
    since: Instant,
    length: u64,
}

impl Pace {
    fn new() -> Self {
        Self {
            since: Instant::now(),
            length: 0,
        }
    }

    /// Counts a chunk, and tells whether the body is fast enough with it.
    fn keeps(&mut self, chunk: &Bytes, limits: &Limits) -> bool {
        let chunk = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
        self.length = self.length.saturating_add(chunk);
        let late = self.since.elapsed().saturating_sub(limits.idle);
        self.length >= limits.slowest.saturating_mul(late.as_secs())
    }
}

/// The answer as HTTP.
pub(super) fn response(
    answer: Answer,
    request_id: &str,
    now: SystemTime,
    cut_after: Option<u64>,
) -> hyper::Response<Answered> {
    let Answer {
        status,
        headers,
        content,
    } = answer;
    let (length, body) = match content {
        Content::Bytes(bytes) => {
            let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            let body = match cut_after.filter(|after| *after < length) {
                Some(after) => cut(bytes, after),
                None => Full::new(bytes).map_err(|never| match never {}).boxed(),
            };
            (length, body)
        }
        Content::Described { length } => {
            let nothing = Full::new(Bytes::new());
            (length, nothing.map_err(|never| match never {}).boxed())
        }
        Content::Stored { segments, length } => (length, stream(segments, cut_after)),
    };
    let mut response = hyper::Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    let headers = response.headers_mut();
    if status != StatusCode::NO_CONTENT {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    headers.insert("server", HeaderValue::from_static("AliyunOSS"));
    headers.insert("x-oss-server-time", HeaderValue::from_static("1"));
    for (name, value) in [
        ("x-oss-request-id", request_id.to_owned()),
        ("date", httpdate::fmt_http_date(now)),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    response
}

/// The same answer as to a HEAD.
pub(super) fn without_content(mut answer: Answer) -> Answer {
    answer.content = match answer.content {
        Content::Bytes(bytes) => Content::Described {
            length: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
        },
        Content::Stored { length, .. } | Content::Described { length } => {
            Content::Described { length }
        }
    };
    answer
}

/// The first bytes of a body, and then an end that is none.
fn cut(mut bytes: Bytes, after: u64) -> Answered {
    bytes.truncate(usize::try_from(after).unwrap_or(usize::MAX));
    let (mut sender, body) = Channel::<Bytes, io::Error>::new(1);
    tokio::spawn(async move {
        if sender.send_data(bytes).await.is_ok() {
            // An end that comes at once takes back what is not on its way yet.
            tokio::time::sleep(FLUSHED).await;
            sender.abort(cut_by_the_script());
        }
    });
    body.boxed()
}

fn cut_by_the_script() -> io::Error {
    io::Error::other("cut by the script of faults")
}

/// Reads stored bytes as fast as they are sent, a few buffers at a time.
fn stream(segments: Vec<Segment>, cut_after: Option<u64>) -> Answered {
    let (mut sender, body) = Channel::<Bytes, io::Error>::new(2);
    tokio::spawn(async move {
        let mut left = cut_after.unwrap_or(u64::MAX);
        for segment in segments {
            let mut file = match segment.open() {
                Ok(file) => file,
                Err(error) => return sender.abort(error),
            };
            loop {
                let most = u64::try_from(BUFFER).unwrap_or(u64::MAX).min(left);
                let read = tokio::task::spawn_blocking(move || {
                    let mut bytes = Vec::new();
                    let read = (&mut file).take(most).read_to_end(&mut bytes);
                    read.map(|_| (bytes, file))
                });
                let bytes = match read.await.map_err(io::Error::other).and_then(|read| read) {
                    Ok((bytes, rest)) => {
                        file = rest;
                        bytes
                    }
                    Err(error) => return sender.abort(error),
                };
                if bytes.is_empty() {
                    break;
                }
                left = left.saturating_sub(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
                if sender.send_data(bytes.into()).await.is_err() {
                    return;
                }
            }
        }
        if cut_after.is_some() {
            tokio::time::sleep(FLUSHED).await;
            sender.abort(cut_by_the_script());
        }
    });
    body.boxed()
}

/// How long the last bytes before a cut have to be on their way.
const FLUSHED: Duration = Duration::from_millis(5);
/// Bytes of a body that are read at most before the script cuts within it: half of a part can be gigabytes.
pub(super) const MOST_BEFORE_A_CUT: u64 = 1 << 20;
/// Bytes that are read at once.
const BUFFER: usize = 256 * 1024;
/// Bytes that are handed to the thread of a body at once. They arrive in pieces of a quarter of it at most, and waking the thread for
/// each made more than twice as many context switches.
const BATCH: usize = 256 * 1024;
/// Pieces that are handed over at once, however short: a sender that drips must not fill the memory with them.
const CHUNKS: usize = 64;
