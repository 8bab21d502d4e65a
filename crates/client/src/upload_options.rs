//! How to upload: what a caller may choose, and what is chosen otherwise.

use std::fmt;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use crate::cipher::Cipher;
use crate::crew::default_concurrency;
use crate::progress::OnProgress;
use crate::retry::Retry;
use crate::wrap_alg::WrapAlg;

/// How to upload. The default is what every OSS client can read.
#[derive(Clone)]
pub struct UploadOptions<'o> {
    /// The content cipher: counter mode by default.
    pub cipher: Cipher,
    /// Bytes of a part on the wire; by default as [`crate::Layout::automatic`] has it.
    pub part_size: Option<u64>,
    /// How the content key is wrapped.
    pub wrap: WrapAlg,
    /// Parts at a time, as many as processors and at least four by default. Memory is this number times the part size.
    pub concurrency: NonZeroUsize,
    /// How often a request is sent.
    pub retry: Retry,
    /// Whether every part repeats the envelope headers, as half of the clients do: the service then compares them.
    pub headers_on_parts: bool,
    /// User metadata: names, without `x-oss-meta-`, and values. What an upload that is resumed began with stays.
    pub metadata: Vec<(String, String)>,
    /// The object's Content-Type; by default the service's.
    pub content_type: Option<String>,
    /// Whether the upload outlives a failure.
    pub resume: Resume,
    /// Who is told how far it is.
    pub progress: Option<OnProgress<'o>>,
    /// Set it to stop: no further request is begun, and the upload fails with [`crate::Error::Cancelled`].
    pub cancel: Option<&'o AtomicBool>,
}

impl Default for UploadOptions<'_> {
    fn default() -> Self {
        UploadOptions {
            cipher: Cipher::Ctr,
            part_size: None,
            wrap: WrapAlg::RsaPkcs1,
            concurrency: default_concurrency(),
            retry: Retry::default(),
            headers_on_parts: true,
            metadata: Vec::new(),
            content_type: None,
            resume: Resume::Never,
            progress: None,
            cancel: None,
        }
    }
}

impl fmt::Debug for UploadOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadOptions")
            .field("cipher", &self.cipher)
            .field("part_size", &self.part_size)
            .field("concurrency", &self.concurrency)
            .field("resume", &self.resume)
            .finish_non_exhaustive()
    }
}

/// Whether an upload outlives a failure, and how it is found again. Both need a private master key.
///
/// A resumed upload reads the whole source again. A part that the service has is kept if its size and its ETag, an MD5, are those of
/// the bytes that would be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Resume {
    /// It does not: a failed upload is aborted.
    #[default]
    Never,
    /// By a checkpoint file: resumed if the file is there, else begun, and the file is written. It is removed when the upload has
    /// completed, or was aborted because the source changed while it was read. Costs one more pass over the source, for a digest of
    /// it. If the service has lost the upload, that is an error; remove the file to begin anew.
    Checkpoint(PathBuf),
    /// By its id alone: the envelope is taken from ListParts. Nothing vouches for the source, so a part at the service that it does
    /// not make is an error, but a change in parts that were not sent yet is not seen.
    Upload(String),
}
