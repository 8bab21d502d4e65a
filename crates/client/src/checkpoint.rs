//! The checkpoint of an upload: what it takes to go on with it after the process has ended. Which parts are done is not in it, because
//! only the service knows that; so it is written once, and never stale. It holds no secret: the content key is wrapped, as in the
//! object's headers (fault D15), and the digest of the source is keyed with it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use crate::bucket::Bucket;
use crate::error::Error;

/// An upload that can be resumed. As a file, JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    version: u32,
    /// The endpoint, as scheme, host and port.
    pub endpoint: String,
    /// The bucket.
    pub bucket: String,
    /// The object's key.
    pub object: String,
    /// The upload.
    pub upload_id: String,
    /// The envelope, which holds the plan too: what Initiate sent.
    pub envelope: BTreeMap<String, String>,
    /// Bytes of the plaintext.
    pub source_length: u64,
    /// HMAC-SHA256 of the plaintext under a key that is derived from the content key, hexadecimal.
    pub source_digest: String,
}

impl Checkpoint {
    pub(crate) fn new(
        bucket: &Bucket,
        object: &str,
        upload_id: &str,
        envelope: &[(String, String)],
        source_length: u64,
        source_digest: String,
    ) -> Self {
        Checkpoint {
            version: VERSION,
            endpoint: bucket.endpoint(),
            bucket: bucket.name().to_owned(),
            object: object.to_owned(),
            upload_id: upload_id.to_owned(),
            envelope: envelope.iter().cloned().collect(),
            source_length,
            source_digest,
        }
    }

    /// Reads a checkpoint, at most 64 KiB.
    ///
    /// # Errors
    /// [`Error::NotACheckpoint`] for anything else: another version, an unknown or a missing field.
    pub fn read(json: &[u8]) -> Result<Self, Error> {
        let refuse = |reason: String| Error::NotACheckpoint { reason };
        if json.len() > MAX_FILE {
            return Err(refuse(format!("more than {MAX_FILE} bytes")));
        }
        let checkpoint: Checkpoint =
            serde_json::from_slice(json).map_err(|error| refuse(error.to_string()))?;
        match checkpoint.version {
            VERSION => Ok(checkpoint),
            other => Err(refuse(format!("version {other}, expected {VERSION}"))),
        }
    }

    /// Opens a file; none if it is not there.
    pub(crate) fn open(path: &Path) -> Result<Option<Self>, Error> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unusable(&error)),
        };
        let limit = u64::try_from(MAX_FILE).unwrap_or(u64::MAX);
        let mut json = Vec::new();
        file.take(limit.saturating_add(1))
            .read_to_end(&mut json)
            .map_err(|error| unusable(&error))?;
        Self::read(&json).map(Some)
    }

    /// Writes a file that is whole or not there, readable by its owner only.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Error> {
        let json = serde_json::to_vec_pretty(self).expect("strings and integers are JSON");
        let folder = folder_of(path);
        let written = NamedTempFile::new_in(folder).and_then(|mut file| {
            file.write_all(&json)?;
            file.as_file().sync_all()?;
            file.persist_noclobber(path).map_err(|error| error.error)
        });
        written.map(drop).map_err(|error| unusable(&error))
    }

    pub(crate) fn remove(path: &Path) -> Result<(), Error> {
        fs::remove_file(path).map_err(|error| unusable(&error))
    }

    /// Refuses to be the checkpoint of another object or another file's length.
    pub(crate) fn check(&self, bucket: &Bucket, object: &str, length: u64) -> Result<(), Error> {
        let endpoint = bucket.endpoint();
        let pairs = [
            ("endpoint", self.endpoint.as_str(), endpoint.as_str()),
            ("bucket", &self.bucket, bucket.name()),
            ("object", &self.object, object),
        ];
        for (what, recorded, given) in pairs {
            mismatch(what, recorded, given)?;
        }
        match self.source_length == length {
            true => Ok(()),
            false => Err(Error::SourceChanged {
                what: format!("{length} bytes, it had {}", self.source_length),
            }),
        }
    }
}

const VERSION: u32 = 1;
const MAX_FILE: usize = 64 * 1024;

/// Refuses if what the upload to resume has is not what is asked for.
pub(crate) fn mismatch(
    what: &'static str,
    recorded: impl ToString,
    given: impl ToString,
) -> Result<(), Error> {
    let (recorded, given) = (recorded.to_string(), given.to_string());
    match recorded == given {
        true => Ok(()),
        false => Err(Error::ResumeMismatch {
            what,
            recorded,
            given,
        }),
    }
}

/// The folder of a file, for a temporary file beside it.
pub(crate) fn folder_of(path: &Path) -> &Path {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

fn unusable(error: &io::Error) -> Error {
    Error::File {
        what: "checkpoint",
        reason: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint() -> Checkpoint {
        Checkpoint {
            version: VERSION,
            endpoint: "http://127.0.0.1:1".to_owned(),
            bucket: "examplebucket".to_owned(),
            object: "multipart.data".to_owned(),
            upload_id: "0004B9B2".to_owned(),
            envelope: BTreeMap::from([("a".to_owned(), "b".to_owned())]),
            source_length: 250_000,
            source_digest: "00".to_owned(),
        }
    }

    #[test]
    fn what_is_written_opens() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("upload.json");
        assert_eq!(Checkpoint::open(&path), Ok(None));
        checkpoint().write(&path).unwrap();
        assert_eq!(Checkpoint::open(&path), Ok(Some(checkpoint())));
        assert!(checkpoint().write(&path).is_err(), "never another upload's");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        Checkpoint::remove(&path).unwrap();
    }

    #[test]
    fn anything_else_is_refused() {
        let json = String::from_utf8(serde_json::to_vec(&checkpoint()).unwrap()).unwrap();
        assert!(Checkpoint::read(json.as_bytes()).is_ok());
        let others = [
            json.replace("\"version\":1", "\"version\":2"),
            json.replace("\"bucket\"", "\"bucked\""),
            json.replace("{\"version\"", "{\"more\":1,\"version\""),
            json.replace("250000", "-1"),
            json.replace("250000", "18446744073709551616"),
            json[..json.len() - 1].to_owned(),
            format!("{json}{}", " ".repeat(MAX_FILE)),
            String::new(),
            "[".repeat(MAX_FILE),
        ];
        for other in others {
            let outcome = Checkpoint::read(other.as_bytes());
            assert!(
                matches!(outcome, Err(Error::NotACheckpoint { .. })),
                "{other:.80}"
            );
        }
    }
}
