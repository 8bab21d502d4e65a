//! A request that changes something, as a value: live or read back from the journal, the same function applies it.

use partproof_model::Headers;
use partproof_model::etag::Md5Digest;
use partproof_model::service::{Completed, UploadId};
use serde::{Deserialize, Serialize};

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
        list: Latin1,
    },
    Abort {
        key: String,
        id: String,
    },
}

/// What came of a change.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// A bucket is there.
    BucketMade,
    /// A body is stored.
    Stored {
        md5: Md5Digest,
        crc64: u64,
    },
    /// An object, or a part of one, was copied; its ETag, without quotes.
    ObjectCopied(String),
    PartCopied(String),
    Initiated(UploadId),
    Completed(Completed),
    /// It is gone.
    Removed,
}

/// Any bytes as text, as the journal holds them: each byte as the character of that number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Latin1(String);

impl From<&[u8]> for Latin1 {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.iter().copied().map(char::from).collect())
    }
}

impl Latin1 {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        // A journal that somebody edited may hold other characters.
        self.0
            .chars()
            .map(|c| u8::try_from(c).unwrap_or(b'?'))
            .collect()
    }
}

/// Header fields in the journal.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Fields(Vec<(String, Latin1)>);

impl From<&Headers> for Fields {
    fn from(headers: &Headers) -> Self {
        let kept = |name: &str| name.starts_with("x-oss-") || name.starts_with("content-");
        Self(
            headers
                .iter()
                .filter(|(name, _)| kept(name) || ["cache-control", "expires"].contains(name))
                .map(|(name, value)| (name.to_owned(), value.bytes().into()))
                .collect(),
        )
    }
}

impl Fields {
    pub(crate) fn headers(&self) -> Headers {
        self.0
            .iter()
            .map(|(name, value)| (name, value.bytes()))
            .collect()
    }
}
