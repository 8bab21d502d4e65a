//! What a subject is asked.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::bytes::Base64;

/// A request, without its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Request {
    /// Who are you, and what can you do?
    Describe,
    /// Splits an object into parts.
    Plan {
        /// In bytes.
        data_size: u64,
        /// In bytes; null: the planner's own.
        part_size: Option<u64>,
    },
    /// Writes the body of CompleteMultipartUpload.
    PartList {
        /// As the service returned them.
        parts: Vec<ListedPart>,
    },
    /// Encrypts one part.
    EncryptPart {
        /// A `cek-alg`.
        cipher: String,
        /// The content key, 32 bytes.
        key: Base64,
        /// The counter start, 16 bytes.
        start: Base64,
        /// Bytes of the whole object.
        data_size: u64,
        /// Bytes of every part but the last.
        part_size: u64,
        /// From 1.
        number: u64,
        /// All of the part.
        plaintext: Base64,
    },
    /// Decrypts bytes from the middle of an object.
    DecryptRange {
        /// A `cek-alg`.
        cipher: String,
        /// The content key, 32 bytes.
        key: Base64,
        /// The counter start, 16 bytes.
        start: Base64,
        /// Where in the object the ciphertext begins, in bytes.
        offset: u64,
        /// What is stored from there on.
        ciphertext: Base64,
    },
    /// Uploads a file as an encrypted object, over HTTP.
    Upload(UploadArguments),
    /// Downloads an object, or a range of its plaintext, into a file, over HTTP.
    Download(DownloadArguments),
    /// Does a piece again and again, and times it.
    Bench {
        /// `plan`, `part_list`, `encrypt_part` or `decrypt_range`.
        of: Box<Request>,
        /// How many times the plaintext or ciphertext of that request stands one behind the other.
        repeat: u64,
        /// How long to go on at least.
        least_nanoseconds: u64,
    },
}

/// A part as CompleteMultipartUpload lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ListedPart {
    /// From 1.
    pub number: u64,
    /// As the service returned it, quotes and all.
    pub etag: String,
}

/// Where the bucket is, and with which keys it is used. All of them are test keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[allow(missing_docs, reason = "the service's own names")]
pub struct ServiceArguments {
    /// `http://127.0.0.1:PORT`.
    pub endpoint: String,
    pub region: String,
    pub bucket: String,
    /// The object's key.
    pub object: String,
    pub access_key_id: String,
    pub access_key_secret: String,
    /// How requests are signed.
    pub signature: SignatureVersion,
    pub master_key: MasterKey,
    /// Requests of one number share a client, and uploads their options object too; null: a client of its own.
    pub client: Option<u64>,
}

/// An RSA key pair that wraps content keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MasterKey {
    /// PEM, X.509.
    pub public: String,
    /// PEM, PKCS#8.
    pub private: String,
    /// Names and values that describe it, or null.
    pub description: Option<serde_json::Map<String, serde_json::Value>>,
    /// Other keys that the client knows by their descriptions.
    pub others: Vec<DescribedKey>,
}

/// A further RSA key pair, which an object may name by its description.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DescribedKey {
    /// PEM, X.509.
    pub public: String,
    /// PEM, PKCS#8.
    pub private: String,
    /// Names and values that describe it.
    pub description: serde_json::Map<String, serde_json::Value>,
}

/// The arguments of `upload`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UploadArguments {
    /// Where to.
    #[serde(flatten)]
    pub service: ServiceArguments,
    /// The path of what is uploaded.
    pub file: String,
    /// Bytes of a part on the wire; null: the client's own.
    pub part_size: Option<u64>,
    /// How.
    pub options: UploadOptions,
}

/// How to upload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UploadOptions {
    /// A `cek-alg`.
    pub cipher: String,
    /// Parts at a time.
    pub parallel: u8,
    /// Where what it takes to resume is kept, or null.
    pub checkpoint: Option<String>,
    /// How many bytes the caller says there are, or null: the file's.
    pub announced: Option<u64>,
    /// Where the file stands when it is handed over.
    pub position: u64,
    /// User metadata: names, without `x-oss-meta-`, and values.
    pub metadata: serde_json::Map<String, serde_json::Value>,
    /// The object's Content-Type, or null.
    pub content_type: Option<String>,
    /// The MD5 of the plaintext in Base64, or null.
    pub content_md5: Option<String>,
    /// Whether the file is handed over as a stream of unknown length.
    pub stream: bool,
}

/// The arguments of `download`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DownloadArguments {
    /// Where from.
    #[serde(flatten)]
    pub service: ServiceArguments,
    /// The path of what is written.
    pub file: String,
    /// Which bytes of the plaintext; null: all.
    pub range: Option<Range>,
    /// How what is read is taken; null: as the client likes.
    pub pieces: Option<Pieces>,
}

/// How a caller takes what is read, where the client hands it out as a stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Pieces {
    /// Bytes of each piece that is asked for, over and over.
    pub sizes: Vec<u32>,
    /// So many bytes are taken first; then all of it, again from the beginning. Null: it is read once.
    pub first: Option<u64>,
}

/// A range as HTTP has it: `first-last`, `first-` or `-last`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Range {
    /// The first byte; null: `last` counts from the end.
    pub first: Option<u64>,
    /// The last byte; null: to the end.
    pub last: Option<u64>,
}

/// How requests are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the service's own names")]
pub enum SignatureVersion {
    V1,
    V4,
}

/// An operation that a subject may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each is a request of that name")]
pub enum Op {
    Plan,
    PartList,
    EncryptPart,
    DecryptRange,
    Upload,
    Download,
    Bench,
}

impl Op {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Plan,
        Self::PartList,
        Self::EncryptPart,
        Self::DecryptRange,
        Self::Upload,
        Self::Download,
        Self::Bench,
    ];
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Plan => "plan",
            Self::PartList => "part_list",
            Self::EncryptPart => "encrypt_part",
            Self::DecryptRange => "decrypt_range",
            Self::Upload => "upload",
            Self::Download => "download",
            Self::Bench => "bench",
        })
    }
}

/// What a subject may be able to do beyond its operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    /// Chooses a part size where it is null.
    Plans,
    /// Downloads ranges.
    Ranges,
    /// Of ranges, downloads those with both ends.
    #[serde(rename = "closed-ranges")]
    ClosedRanges,
    /// Of ranges, downloads those without an end.
    #[serde(rename = "open-ranges")]
    OpenRanges,
    /// Of ranges, downloads those of the last bytes.
    #[serde(rename = "suffix-ranges")]
    SuffixRanges,
    /// Refuses a body of another length than its part has.
    #[serde(rename = "checks-lengths")]
    ChecksLengths,
    /// Goes on with an upload that was interrupted, by its checkpoint.
    Resumes,
    /// Takes the size of what it uploads from its caller.
    Announces,
    /// Answers for what it reads of its source: an upload takes a whole file, and what the file does meanwhile is the client's concern.
    Sources,
    /// `part_list` takes parts in any order.
    Sorts,
    /// Writes the master key's description into the envelope.
    Describes,
    /// Takes user metadata and a content type.
    Metadata,
    /// Takes the MD5 of the plaintext.
    #[serde(rename = "content-md5")]
    ContentMd5,
    /// Takes a source of unknown length.
    Streams,
    /// One client, and one options object, serves several requests.
    Reuses,
    /// Hands out what it reads as a stream.
    Pieces,
    /// Knows several master keys by their descriptions.
    #[serde(rename = "several-keys")]
    SeveralKeys,
    /// Reads envelopes under the names that `oss2` wrote before.
    #[serde(rename = "old-names")]
    OldNames,
    /// Answers several requests at a time.
    Pipelining,
}

impl Feature {
    /// What `ranges` is short for.
    pub const FORMS_OF_RANGES: [Self; 3] =
        [Self::ClosedRanges, Self::OpenRanges, Self::SuffixRanges];

    /// All of them.
    pub const ALL: [Self; 19] = [
        Self::Plans,
        Self::Ranges,
        Self::ClosedRanges,
        Self::OpenRanges,
        Self::SuffixRanges,
        Self::ChecksLengths,
        Self::Resumes,
        Self::Announces,
        Self::Sources,
        Self::Sorts,
        Self::Describes,
        Self::Metadata,
        Self::ContentMd5,
        Self::Streams,
        Self::Reuses,
        Self::Pieces,
        Self::SeveralKeys,
        Self::OldNames,
        Self::Pipelining,
    ];
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Plans => "plans",
            Self::Ranges => "ranges",
            Self::ClosedRanges => "closed-ranges",
            Self::OpenRanges => "open-ranges",
            Self::SuffixRanges => "suffix-ranges",
            Self::ChecksLengths => "checks-lengths",
            Self::Resumes => "resumes",
            Self::Announces => "announces",
            Self::Sources => "sources",
            Self::Sorts => "sorts",
            Self::Describes => "describes",
            Self::Metadata => "metadata",
            Self::ContentMd5 => "content-md5",
            Self::Streams => "streams",
            Self::Reuses => "reuses",
            Self::Pieces => "pieces",
            Self::SeveralKeys => "several-keys",
            Self::OldNames => "old-names",
            Self::Pipelining => "pipelining",
        })
    }
}

impl Request {
    /// The operation; `None` for `describe`.
    pub fn op(&self) -> Option<Op> {
        match self {
            Self::Describe => None,
            Self::Plan { .. } => Some(Op::Plan),
            Self::PartList { .. } => Some(Op::PartList),
            Self::EncryptPart { .. } => Some(Op::EncryptPart),
            Self::DecryptRange { .. } => Some(Op::DecryptRange),
            Self::Upload(_) => Some(Op::Upload),
            Self::Download(_) => Some(Op::Download),
            Self::Bench { .. } => Some(Op::Bench),
        }
    }

    /// The line, line feed and all.
    pub fn line(&self, id: u64) -> Vec<u8> {
        let mut line =
            serde_json::to_vec(&Numbered { id, request: self }).expect("a request serialises");
        line.push(b'\n');
        line
    }
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Request"))]
pub(crate) struct Numbered<'r> {
    /// The answer has the same.
    id: u64,
    #[serde(flatten)]
    request: &'r Request,
}
