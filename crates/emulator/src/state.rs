//! What the emulator holds: all buckets, and the journal from which they are made again. Each accepted change is a line of it, written
//! before the answer; a restart applies the lines once more.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use partproof_model::etag::Md5Digest;
use partproof_model::rules;
use partproof_model::service::Body;
use partproof_model::verdict::Rejection;
use serde::{Deserialize, Serialize};

use crate::action::{Action, Outcome};
use crate::bucket::Bucket;
use crate::spool::{Blob, Spool};

/// All buckets, and the journal if there is a folder that lasts.
#[derive(Debug)]
pub(crate) struct State {
    buckets: BTreeMap<String, Bucket>,
    journal: Option<File>,
    /// A line could not be written: what came after it could not be applied again.
    is_broken: bool,
}

/// The first second that an HTTP date cannot tell, in seconds since 1970.
const YEAR_10000: u64 = 253_402_300_800;

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
    md5: Md5Digest,
    crc64: u64,
}

/// Why a change was not made.
#[derive(Debug)]
pub(crate) enum Unchanged {
    Rejected(Rejection),
    /// It could not be written down, and nothing after it can be.
    NotWritten(io::Error),
}

impl State {
    /// Nothing but an empty bucket.
    pub(crate) fn new(bucket: &str, now: SystemTime) -> Self {
        let buckets = BTreeMap::from([(bucket.to_owned(), Bucket::new(now))]);
        Self {
            buckets,
            journal: None,
            is_broken: false,
        }
    }

    /// What the journal in a file says, if there is one. From now on it is continued.
    ///
    /// # Errors
    /// A file that cannot be read or written, that another process uses, or a line of it that is none. A last line without its end
    /// was never answered and is cut off.
    pub(crate) fn restore(
        bucket: &str,
        path: &Path,
        spool: &Arc<Spool>,
        now: SystemTime,
    ) -> io::Result<Self> {
        let mut state = Self::new(bucket, now);
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(path)?;
        file.try_lock().map_err(|error| {
            io::Error::other(format!(
                "{}: another process uses it: {error}",
                path.display()
            ))
        })?;
        let mut reader = BufReader::new(&file);
        let (mut line, mut number, mut end) = (Vec::new(), 0_u64, 0_u64);
        // Two bodies with one file would remove it from each other.
        let mut files = BTreeSet::new();
        loop {
            line.clear();
            let read = reader.read_until(b'\n', &mut line)?;
            if !line.ends_with(b"\n") {
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
                serde_json::from_slice(&line).map_err(|error| wrong(error.to_string()))?;
            let time = Some(time)
                .filter(|time| *time < YEAR_10000)
                .and_then(|time| UNIX_EPOCH.checked_add(Duration::from_secs(time)))
                .ok_or_else(|| wrong(format!("time {time}, expected less than {YEAR_10000}")))?;
            let file = body.as_ref().map(|body| body.file);
            if let Some(file) = file.filter(|file| !files.insert(*file)) {
                return Err(wrong(format!("file {file} is that of an earlier line")));
            }
            let body = body.map(|body| Body {
                length: body.length,
                md5: body.md5,
                crc64: body.crc64,
                content: spool.stored(body.file, time),
            });
            state
                .apply(&bucket, &action, body, time)
                .map_err(|rejection| wrong(rejection.to_string()))?;
        }
        drop(reader);
        file.set_len(end)?;
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

    pub(crate) fn buckets(&self) -> &BTreeMap<String, Bucket> {
        &self.buckets
    }

    /// Makes a change and writes it down.
    pub(crate) fn change(
        &mut self,
        bucket: &str,
        action: &Action,
        body: Option<Body<Blob>>,
        now: SystemTime,
    ) -> Result<Outcome, Unchanged> {
        if self.is_broken {
            let error = io::Error::other("the journal could not be written before");
            return Err(Unchanged::NotWritten(error));
        }
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
            if let Err(error) = journal.write_all(&line) {
                self.is_broken = true;
                return Err(Unchanged::NotWritten(error));
            }
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
        if let Action::PutBucket = action {
            let made = self.buckets.entry(bucket.to_owned());
            made.or_insert_with(|| Bucket::new(time));
        }
        let outcome = self.bucket(bucket)?.apply(action, body, time)?;
        if let Action::DeleteBucket = action {
            self.buckets.remove(bucket);
        }
        Ok(outcome)
    }

    /// The files of everything that is held.
    pub(crate) fn files(&self) -> BTreeSet<u64> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_a_line_that_could_not_be_written_nothing_is_changed_any_more() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        std::fs::write(&path, "").unwrap();
        let mut state = State::new("b", UNIX_EPOCH);
        // Cannot be written to.
        state.journal = Some(File::open(&path).unwrap());
        let mut change = |bucket: &str| state.change(bucket, &Action::PutBucket, None, UNIX_EPOCH);
        assert!(matches!(change("c"), Err(Unchanged::NotWritten(_))));
        assert!(matches!(change("d"), Err(Unchanged::NotWritten(_))));
        // What would come after the missing line is not made either.
        assert!(state.bucket("d").is_err());
    }
}
