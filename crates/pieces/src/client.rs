//! A whole client: what uploads files to the service and downloads objects from it, over HTTP.

use std::path::Path;

use partproof_model::Cipher;
use partproof_model::key_wrap::WrapAlg;

use crate::MasterKeyPem;

/// A whole client. It is judged by what arrives at the service, what is stored there, and what it writes into files.
pub trait Client: Sync {
    /// What it can do. What it says here is exercised; the rest is never asked for.
    fn abilities(&self) -> Abilities;

    /// Uploads a file as an encrypted object.
    ///
    /// # Errors
    /// It did not, and says why.
    fn upload(&self, service: &Service<'_>, job: &UploadJob<'_>) -> Result<Uploaded, Failure>;

    /// Downloads an object, or a range of its plaintext, into a file.
    ///
    /// # Errors
    /// It did not, and says why. What is in the file then does not matter.
    fn download(&self, service: &Service<'_>, job: &DownloadJob<'_>) -> Result<(), Failure>;
}

/// What a client can do beyond uploading and downloading in counter mode.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Abilities {
    /// The content ciphers it writes and reads.
    pub ciphers: Vec<Cipher>,
    /// The wrap algorithms it reads.
    pub wraps: Vec<WrapAlg>,
    /// The signature versions it has.
    pub signatures: Vec<Signature>,
    /// Whether it chooses a part size itself.
    pub plans: bool,
    /// Whether it goes on with an upload that was interrupted.
    pub resumes: bool,
    /// Whether it answers for what it reads of its source. Where the caller cuts the parts, that is the caller's concern.
    pub sources: bool,
    /// Whether it takes the size of what it uploads from its caller, or looks at it once, before it reads.
    pub announces: bool,
    /// Whether it reads ranges with both ends.
    pub closed_ranges: bool,
    /// Whether it reads ranges without an end.
    pub open_ranges: bool,
    /// Whether it reads ranges of the last bytes.
    pub suffix_ranges: bool,
    /// Whether it writes the master key's description into the envelope.
    pub describes: bool,
    /// Whether it takes user metadata and a content type.
    pub metadata: bool,
    /// Whether it takes the MD5 of what it uploads.
    pub content_md5: bool,
    /// Whether it takes a source of a length that nobody knows.
    pub streams: bool,
    /// Whether one client, and one options object, serves several calls.
    pub reuses: bool,
    /// Whether it serves several calls at a time.
    pub at_once: bool,
    /// Whether it hands out what it reads in pieces, as they are asked for, and again from the beginning.
    pub pieces: bool,
    /// Whether it knows several master keys by their descriptions.
    pub several_keys: bool,
    /// Whether it reads envelopes under the names of before, `x-oss-meta-oss-crypto-key` and its like.
    pub old_names: bool,
}

impl Abilities {
    /// The newest signature version it has, where a case does not choose one.
    pub fn signature(&self) -> Signature {
        self.signatures.last().copied().unwrap_or(Signature::V4)
    }
}

impl Abilities {
    /// Whether it reads ranges of this form.
    pub fn reads(&self, range: ByteRange) -> bool {
        match range {
            ByteRange::Closed { .. } => self.closed_ranges,
            ByteRange::From { .. } => self.open_ranges,
            ByteRange::Suffix { .. } => self.suffix_ranges,
        }
    }
}

/// How requests are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the service's own names")]
pub enum Signature {
    V1,
    V4,
}

/// Where the bucket is, and with which keys it is used. All of them are test keys.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "the service's own names")]
pub struct Service<'s> {
    pub endpoint: &'s str,
    pub region: &'s str,
    pub bucket: &'s str,
    pub access_key_id: &'s str,
    pub access_key_secret: &'s str,
    pub signature: Signature,
    pub master: MasterKeyPem<'s>,
    /// What describes the master key, for clients that choose it by its description: names and values, or nothing.
    pub description: &'s [(String, String)],
    /// Other master keys that the client knows by their descriptions.
    pub others: &'s [DescribedKey<'s>],
    /// Calls of one number share a client, and uploads their options object too.
    pub shared: Option<u64>,
}

/// A master key and what describes it.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "see Service")]
pub struct DescribedKey<'s> {
    pub master: MasterKeyPem<'s>,
    pub description: &'s [(String, String)],
}

/// What to upload and how.
#[derive(Clone, Copy, Debug)]
pub struct UploadJob<'j> {
    /// The object's key.
    pub object: &'j str,
    /// What is uploaded.
    pub file: &'j Path,
    /// The content cipher.
    pub cipher: Cipher,
    /// Bytes of a part on the wire, or as the client has it.
    pub part_size: Option<u64>,
    /// Parts at a time.
    pub concurrency: u8,
    /// Where what it takes to resume is kept between two calls; without it the upload is not to be resumed.
    pub checkpoint: Option<&'j Path>,
    /// How many bytes the caller says there are, where that is not what the file has.
    pub announced: Option<u64>,
    /// Where the file stands when it is handed over, for a client that takes open files.
    pub position: u64,
    /// User metadata: names, without what they begin with on the wire, and values.
    pub metadata: &'j [(String, String)],
    /// The object's Content-Type.
    pub content_type: Option<&'j str>,
    /// The MD5 of the plaintext, in Base64.
    pub content_md5: Option<&'j str>,
    /// Whether the file is handed over as a stream, whose length shows at its end.
    pub is_stream: bool,
}

impl<'j> UploadJob<'j> {
    /// One that asks for nothing else.
    pub fn new(object: &'j str, file: &'j Path, cipher: Cipher) -> Self {
        Self {
            object,
            file,
            cipher,
            part_size: None,
            concurrency: 1,
            checkpoint: None,
            announced: None,
            position: 0,
            metadata: &[],
            content_type: None,
            content_md5: None,
            is_stream: false,
        }
    }
}

/// What to download.
#[derive(Clone, Copy, Debug)]
pub struct DownloadJob<'j> {
    /// The object's key.
    pub object: &'j str,
    /// The file to write.
    pub file: &'j Path,
    /// Which bytes of the plaintext; all if there is no range.
    pub range: Option<ByteRange>,
    /// How what is read is taken; as the client likes, if absent.
    pub pieces: Option<&'j Pieces>,
}

/// How a caller takes what is read, where the client hands it out as a stream.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pieces {
    /// Bytes of each piece that is asked for, over and over.
    pub sizes: Vec<u32>,
    /// So many bytes are taken first; then all of it, again from the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<u64>,
}

/// A range of bytes as HTTP has it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, arbitrary::Arbitrary,
)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ByteRange {
    /// `first-last`, both included.
    Closed {
        /// The first byte.
        first: u64,
        /// The last byte.
        last: u64,
    },
    /// `first-`: all from that byte on.
    From {
        /// The first byte.
        first: u64,
    },
    /// `-length`: the last bytes.
    Suffix {
        /// How many.
        length: u64,
    },
}

/// What a client says of an upload that succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uploaded {
    /// The object's ETag, if it says it.
    pub etag: Option<String>,
}

/// Why a client did not do what it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What it says.
    pub message: String,
    /// The service's `Code`, if the client says that the service refused.
    pub code: Option<String>,
}

impl std::fmt::Display for ByteRange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Closed { first, last } => write!(f, "{first}-{last}"),
            Self::From { first } => write!(f, "{first}-"),
            Self::Suffix { length } => write!(f, "-{length}"),
        }
    }
}
