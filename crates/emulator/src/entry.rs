//! An entry of the journal: a change that was accepted, or, where the journal was written anew, what was held then. Reading an entry makes the
//! same state of the one before it that the change made when it was live.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use partproof_model::etag::Md5Digest;
use partproof_model::service::{Body, Object, Upload, UploadId};
use partproof_model::{Envelope, PartNumber, metadata};
use serde::{Deserialize, Serialize};

use crate::action::{Action, Fields};
use crate::bucket::Bucket;
use crate::spool::{Blob, NUMBERS, Spool};
use crate::state::State;

/// One entry. It has an action, or what is held.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry<A> {
    bucket: String,
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    action: Option<A>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    held: Option<Held>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<StoredBody>,
    /// When it came to be, in seconds since 1970.
    time: u64,
}

fn none<A>() -> Option<A> {
    None
}

/// What is held, where the actions that led to it are forgotten.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
enum Held {
    /// Nothing: what follows is all there is. Only a journal's first entry.
    Nothing,
    Bucket {
        uploads_made: u64,
    },
    Object {
        key: String,
        etag: String,
        crc64: u64,
        metadata: Fields,
        parts: Vec<StoredBody>,
    },
    Upload {
        key: String,
        id: String,
        metadata: Fields,
        parts: Vec<(u64, StoredBody)>,
    },
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredBody {
    file: u64,
    length: u64,
    md5: Md5Digest,
    crc64: u64,
    /// When it was stored; if it is not there, at the time of the entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    time: Option<u64>,
}

/// The first second that an HTTP date cannot tell, in seconds since 1970.
const YEAR_10000: u64 = 253_402_300_800;

/// More uploads than are ever opened: the ids after it are still numbers.
const UPLOADS_MADE: u64 = 1 << 53;

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs()
}

fn time_of(seconds: u64) -> Result<SystemTime, String> {
    Some(seconds)
        .filter(|seconds| *seconds < YEAR_10000)
        .and_then(|seconds| UNIX_EPOCH.checked_add(Duration::from_secs(seconds)))
        .ok_or_else(|| format!("time {seconds}, expected less than {YEAR_10000}"))
}

impl StoredBody {
    fn of(body: &Body<Blob>) -> Self {
        Self {
            file: body.content.number(),
            length: body.length,
            md5: body.md5,
            crc64: body.crc64,
            time: None,
        }
    }

    fn timed(body: &Body<Blob>) -> Self {
        Self {
            time: Some(seconds(body.content.time())),
            ..Self::of(body)
        }
    }
}

impl<'a> Entry<&'a Action> {
    /// A change that is accepted.
    pub(crate) fn of(
        bucket: &str,
        action: &'a Action,
        body: Option<&Body<Blob>>,
        time: SystemTime,
    ) -> Self {
        Self {
            bucket: bucket.to_owned(),
            action: Some(action),
            held: None,
            body: body.map(StoredBody::of),
            time: seconds(time),
        }
    }

    /// As JSON, in one line.
    pub(crate) fn json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("an entry serialises")
    }

    fn held(bucket: &str, held: Held, time: SystemTime) -> Self {
        Self {
            bucket: bucket.to_owned(),
            action: None,
            held: Some(held),
            body: None,
            time: seconds(time),
        }
    }
}

/// The entries that make this state of nothing.
pub(crate) fn snapshot(state: &State) -> impl Iterator<Item = Entry<&'static Action>> {
    let nothing = Entry::held("", Held::Nothing, UNIX_EPOCH);
    let buckets = state.buckets().iter().flat_map(|(name, bucket)| {
        let service = &bucket.service;
        let uploads_made = service.uploads_made();
        let itself = Entry::held(name, Held::Bucket { uploads_made }, bucket.created);
        let objects = service.objects().map(|(key, object)| {
            let held = Held::Object {
                key: key.to_owned(),
                etag: object.etag.clone(),
                crc64: object.crc64,
                metadata: (&object.metadata).into(),
                parts: object.parts.iter().map(StoredBody::timed).collect(),
            };
            Entry::held(name, held, bucket.modified(key))
        });
        let uploads = service.uploads().map(|(id, upload)| {
            let parts = upload.parts.iter();
            let held = Held::Upload {
                key: upload.key.clone(),
                id: id.to_string(),
                metadata: (&upload.metadata).into(),
                parts: parts
                    .map(|(number, body)| (number.get(), StoredBody::timed(body)))
                    .collect(),
            };
            Entry::held(name, held, bucket.initiated(id))
        });
        std::iter::once(itself).chain(objects).chain(uploads)
    });
    std::iter::once(nothing).chain(buckets)
}

/// Makes a state of entries, one by one.
pub(crate) struct Restoring {
    pub(crate) state: State,
    spool: Arc<Spool>,
    /// The bodies that entries named, by file. Two bodies with one file would remove it from each other.
    bodies: BTreeMap<u64, (StoredBody, Blob)>,
    entries: u64,
}

impl Restoring {
    pub(crate) fn new(state: State, spool: &Arc<Spool>) -> Self {
        Self {
            state,
            spool: Arc::clone(spool),
            bodies: BTreeMap::new(),
            entries: 0,
        }
    }

    /// How many entries there were.
    pub(crate) fn entries(&self) -> u64 {
        self.entries
    }

    /// Reads the next entry.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn restore(&mut self, entry: Entry<Action>) -> Result<(), String> {
        self.entries = self.entries.saturating_add(1);
        let Entry {
            bucket,
            action,
            held,
            body,
            time,
        } = entry;
        let made = time_of(time)?;
        match (action, held) {
            (Some(action), None) => {
                if let Some(body) = &body
                    && self.bodies.contains_key(&body.file)
                {
                    return Err(format!("file {} is that of an earlier line", body.file));
                }
                let body = body.map(|body| self.body(body, time)).transpose()?;
                self.state
                    .apply(&bucket, &action, body, made)
                    .map_err(|rejection| rejection.to_string())?;
                Ok(())
            }
            (None, Some(held)) if body.is_none() => self.hold(&bucket, held, time),
            _ => Err(
                "expected either an action or what is held, and a body with an action only"
                    .to_owned(),
            ),
        }
    }

    fn hold(&mut self, name: &str, held: Held, time: u64) -> Result<(), String> {
        let made = time_of(time)?;
        match held {
            Held::Nothing if self.entries == 1 => self.state.clear(),
            Held::Nothing => {
                return Err("nothing is held, which only a first entry says".to_owned());
            }
            Held::Bucket { uploads_made } if uploads_made < UPLOADS_MADE => {
                let bucket = self.state.make_bucket(name, made);
                bucket.service.restore_uploads_made(uploads_made);
            }
            Held::Bucket { uploads_made } => {
                return Err(format!(
                    "{uploads_made} uploads, expected fewer than {UPLOADS_MADE}"
                ));
            }
            Held::Object {
                key,
                etag,
                crc64,
                metadata,
                parts,
            } => {
                let parts = parts.into_iter().map(|part| self.body(part, time));
                let parts = parts.collect::<Result<_, _>>()?;
                let metadata = metadata::of(&metadata.headers());
                let object = Object {
                    etag,
                    crc64,
                    envelope: Envelope::parse(&metadata),
                    metadata,
                    parts,
                };
                self.bucket(name)?.restore_object(key, object, made);
            }
            Held::Upload {
                key,
                id,
                metadata,
                parts,
            } => {
                let part = |(number, body)| {
                    let number = PartNumber::new(number)
                        .ok_or_else(|| format!("part number {number}, expected 1 to 10,000"))?;
                    Ok((number, self.body(body, time)?))
                };
                let parts = parts.into_iter().map(part).collect::<Result<_, String>>()?;
                let metadata = metadata::of(&metadata.headers());
                let upload = Upload {
                    key,
                    envelope: Envelope::parse(&metadata),
                    metadata,
                    parts,
                };
                self.bucket(name)?
                    .restore_upload(UploadId(id), upload, made);
            }
        }
        Ok(())
    }

    fn bucket(&mut self, name: &str) -> Result<&mut Bucket, String> {
        let bucket = self.state.bucket(name);
        bucket.map_err(|rejection| rejection.to_string())
    }

    /// The body of a file: one and the same wherever it is named.
    fn body(&mut self, stored: StoredBody, time: u64) -> Result<Body<Blob>, String> {
        if stored.file >= NUMBERS {
            let file = stored.file;
            return Err(format!(
                "file {file}, expected a number less than {NUMBERS}"
            ));
        }
        let time = time_of(stored.time.unwrap_or(time))?;
        let (first, blob) = match self.bodies.get(&stored.file) {
            Some(known) => known,
            None => {
                let blob = self.spool.stored(stored.file, time);
                let known = (stored.clone(), blob);
                self.bodies.entry(stored.file).or_insert(known)
            }
        };
        match *first == stored {
            true => Ok(Body {
                length: stored.length,
                md5: stored.md5,
                crc64: stored.crc64,
                content: blob.clone(),
            }),
            false => Err(format!("file {} is that of another body", stored.file)),
        }
    }
}
