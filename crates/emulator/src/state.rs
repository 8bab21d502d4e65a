//! What the emulator holds: buckets, each of them the model's service, and the journal from which it is made again. A request
//! that changes something becomes an [`Action`]; live or read back from the journal, the same function applies it, so a restart is the
//! same history once more.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use partproof_model::service::{Body, Completed, UploadId};
use partproof_model::verdict::Rejection;
use partproof_model::{Headers, Service, rules};
use serde::{Deserialize, Serialize};

use crate::spool::{Blob, Spool};

/// A change, without the body that may come with it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) enum Action {
    PutBucket,
    DeleteBucket,
    PutObject {
        key: String,
        headers: Fields,
    },
    DeleteObject {
        key: String,
    },
    CopyObject {
        source: String,
        key: String,
        headers: Fields,
    },
    Initiate {
        key: String,
        headers: Fields,
    },
    UploadPart {
        key: String,
        id: String,
        number: Option<String>,
        headers: Fields,
    },
    UploadPartCopy {
        key: String,
        id: String,
        number: Option<String>,
        source: String,
    },
    Complete {
        key: String,
        id: String,
        headers: Fields,
        list: String,
    },
    Abort {
        key: String,
        id: String,
    },
}

/// What came of a change.
#[derive(Debug)]
pub(crate) enum Outcome {
    Done,
    /// An ETag, without quotes.
    Stored(String),
    Initiated(UploadId),
    Completed(Completed),
}

/// Header fields in the journal: each byte of a value as the character of that number.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Fields(Vec<(String, String)>);

impl From<&Headers> for Fields {
    fn from(headers: &Headers) -> Self {
        let kept = |name: &str| name.starts_with("x-oss-") || name.starts_with("content-");
        let text = |bytes: &[u8]| bytes.iter().copied().map(char::from).collect();
        Self(
            headers
                .iter()
                .filter(|(name, _)| kept(name) || ["cache-control", "expires"].contains(name))
                .map(|(name, value)| (name.to_owned(), text(value.bytes())))
                .collect(),
        )
    }
}

impl Fields {
    fn headers(&self) -> Headers {
        let bytes = |text: &str| -> Vec<u8> {
            text.chars()
                .map(|c| u8::try_from(c).unwrap_or(b'?'))
                .collect()
        };
        self.0
            .iter()
            .map(|(name, value)| (name, bytes(value)))
            .collect()
    }
}

/// One bucket.
#[derive(Debug, Default)]
pub(crate) struct Bucket {
    pub(crate) service: Service<Blob>,
    /// When each object came to be.
    modified: BTreeMap<String, SystemTime>,
}

impl Bucket {
    pub(crate) fn modified(&self, key: &str) -> SystemTime {
        self.modified.get(key).copied().unwrap_or(UNIX_EPOCH)
    }

    fn apply(
        &mut self,
        action: &Action,
        body: Option<Body<Blob>>,
        time: SystemTime,
    ) -> Result<Outcome, Rejection> {
        let id = |id: &String| UploadId(id.clone());
        let service = &mut self.service;
        let missing = || Rejection {
            rule: rules::CONTENT_LENGTH,
            detail: "no body".to_owned(),
        };
        match action {
            Action::PutBucket | Action::DeleteBucket => Ok(Outcome::Done),
            Action::PutObject { key, headers } => {
                let body = body.ok_or_else(missing)?;
                let etag = service.put(key, &headers.headers(), body).outcome?;
                self.modified.insert(key.clone(), time);
                Ok(Outcome::Stored(etag))
            }
            Action::DeleteObject { key } => {
                service.delete(key).outcome?;
                self.modified.remove(key);
                Ok(Outcome::Done)
            }
            Action::CopyObject {
                source,
                key,
                headers,
            } => {
                let etag = service.copy(source, key, &headers.headers()).outcome?;
                self.modified.insert(key.clone(), time);
                Ok(Outcome::Stored(etag))
            }
            Action::Initiate { key, headers } => {
                let id = service.initiate(key, &headers.headers()).outcome?;
                Ok(Outcome::Initiated(id))
            }
            Action::UploadPart {
                key,
                id: upload,
                number,
                headers,
            } => {
                let body = body.ok_or_else(missing)?;
                let number = number.as_deref();
                let headers = headers.headers();
                let verdict = service.upload_part(key, &id(upload), number, &headers, body);
                Ok(Outcome::Stored(verdict.outcome?))
            }
            Action::UploadPartCopy {
                key,
                id: upload,
                number,
                source,
            } => {
                let body = body.ok_or_else(missing)?;
                let number = number.as_deref();
                let verdict = service.upload_part_copy(key, &id(upload), number, source, body);
                Ok(Outcome::Stored(verdict.outcome?))
            }
            Action::Complete {
                key,
                id: upload,
                headers,
                list,
            } => {
                let headers = headers.headers();
                let verdict = service.complete(key, &id(upload), &headers, list.as_bytes());
                let completed = verdict.outcome?;
                self.modified.insert(key.clone(), time);
                Ok(Outcome::Completed(completed))
            }
            Action::Abort { key, id: upload } => {
                service.abort(key, &id(upload)).outcome?;
                Ok(Outcome::Done)
            }
        }
    }
}

/// All buckets, and the journal if there is a folder that lasts.
#[derive(Debug)]
pub(crate) struct State {
    buckets: BTreeMap<String, Bucket>,
    journal: Option<File>,
}

/// A line of the journal.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<A> {
    bucket: String,
    action: A,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<StoredBody>,
    /// Seconds since 1970.
    time: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredBody {
    file: u64,
    length: u64,
    md5: [u8; 16],
    crc64: u64,
}

/// Why a change was not made.
#[derive(Debug)]
pub(crate) enum Unchanged {
    Rejected(Rejection),
    /// It was made in memory, but could not be written down.
    NotWritten(io::Error),
}

impl State {
    /// Nothing but an empty bucket.
    pub(crate) fn new(bucket: &str) -> Self {
        let buckets = BTreeMap::from([(bucket.to_owned(), Bucket::default())]);
        Self {
            buckets,
            journal: None,
        }
    }

    /// What the journal in a file says, if there is one. From now on it is continued.
    ///
    /// # Errors
    /// A file that cannot be read or written, or a line of it that is none. A last line without its end was never answered and is
    /// cut off.
    pub(crate) fn restore(bucket: &str, path: &Path, spool: &Arc<Spool>) -> io::Result<Self> {
        let mut state = Self::new(bucket);
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(path)?;
        let mut reader = BufReader::new(&file);
        let (mut line, mut number, mut end) = (String::new(), 0_u64, 0_u64);
        loop {
            line.clear();
            let read = reader.read_line(&mut line)?;
            if !line.ends_with('\n') {
                break;
            }
            number = number.saturating_add(1);
            end = end.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
            let wrong = |problem: String| {
                io::Error::other(format!("{}:{number}: {problem}", path.display()))
            };
            let Line {
                bucket,
                action,
                body,
                time,
            }: Line<Action> =
                serde_json::from_str(&line).map_err(|error| wrong(error.to_string()))?;
            let body = body.map(|body| Body {
                length: body.length,
                md5: body.md5,
                crc64: body.crc64,
                content: spool.stored(body.file),
            });
            let time = UNIX_EPOCH
                .checked_add(Duration::from_secs(time))
                .unwrap_or(UNIX_EPOCH);
            state
                .apply(&bucket, &action, body, time)
                .map_err(|rejection| wrong(rejection.to_string()))?;
        }
        drop(reader);
        file.set_len(end)?;
        file.seek(SeekFrom::End(0))?;
        let known = state.files();
        spool.clean(|number| known.contains(&number))?;
        state.journal = Some(file);
        Ok(state)
    }

    pub(crate) fn bucket(&mut self, name: &str) -> Result<&mut Bucket, Rejection> {
        let unknown = || Rejection {
            rule: rules::BUCKET_KNOWN,
            detail: format!("no bucket `{name}`"),
        };
        self.buckets.get_mut(name).ok_or_else(unknown)
    }

    pub(crate) fn buckets(&self) -> impl Iterator<Item = &String> {
        self.buckets.keys()
    }

    /// Makes a change and writes it down.
    pub(crate) fn change(
        &mut self,
        bucket: &str,
        action: &Action,
        body: Option<Body<Blob>>,
        now: SystemTime,
    ) -> Result<Outcome, Unchanged> {
        let stored = body.as_ref().map(|body| StoredBody {
            file: body.content.number(),
            length: body.length,
            md5: body.md5,
            crc64: body.crc64,
        });
        let outcome = self
            .apply(bucket, action, body, now)
            .map_err(Unchanged::Rejected)?;
        if let Some(journal) = &mut self.journal {
            let time = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
            let line = Line {
                bucket: bucket.to_owned(),
                action,
                body: stored,
                time,
            };
            let mut line = serde_json::to_vec(&line).expect("an action serialises");
            line.push(b'\n');
            // One write, so that a line is there whole or is the last.
            journal.write_all(&line).map_err(Unchanged::NotWritten)?;
        }
        Ok(outcome)
    }

    fn apply(
        &mut self,
        bucket: &str,
        action: &Action,
        body: Option<Body<Blob>>,
        time: SystemTime,
    ) -> Result<Outcome, Rejection> {
        match action {
            Action::PutBucket => {
                self.buckets.entry(bucket.to_owned()).or_default();
                Ok(Outcome::Done)
            }
            Action::DeleteBucket => {
                self.bucket(bucket)?;
                self.buckets.remove(bucket);
                Ok(Outcome::Done)
            }
            action => self.bucket(bucket)?.apply(action, body, time),
        }
    }

    /// The files of everything that is held.
    fn files(&self) -> BTreeSet<u64> {
        let services = self.buckets.values().map(|bucket| &bucket.service);
        services
            .flat_map(|service| {
                let parts = service
                    .uploads()
                    .flat_map(|(_, upload)| upload.parts.values());
                let objects = service.objects().flat_map(|(_, object)| &object.parts);
                parts.chain(objects).map(|body| body.content.number())
            })
            .collect()
    }
}
