//! An upload: plan, seal, initiate, send the parts in parallel, complete; and if that fails, abort. What cannot work is refused before
//! anything is sent, and a failure after that says what became of the upload.

use std::collections::BTreeMap;

use crate::answers::StoredPart;
use crate::bucket::{Bucket, COMPLETE};
use crate::checkpoint::{Checkpoint, mismatch};
use crate::cipher::Cipher;
use crate::content_key::ContentKey;
use crate::crew::Crew;
use crate::encrypt::Encryptor;
use crate::envelope::Envelope;
use crate::error::Error;
use crate::fate::Fate;
use crate::layout::Layout;
use crate::master_key::MasterKey;
use crate::part_transfer::PartTransfer;
use crate::progress::Meter;
use crate::signature::hexadecimal;
use crate::source::{self, Source, SourceState};
use crate::upload_options::{Resume, UploadOptions};
use crate::wrapped_envelope::{
    CEK_ALG, DATA_SIZE, KEY, PART_SIZE, PREFIX, START, USER_METADATA, WRAP_ALG, WrappedEnvelope,
};

/// An object that was uploaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uploaded {
    /// The object's ETag as it was sent, quotes included.
    pub etag: String,
    /// Bytes of the object on the wire.
    pub data_size: u64,
    /// Parts of the upload; none of a plain put.
    pub part_count: u32,
    /// CRC-64/XZ of the object on the wire, compared with the service's if that says it.
    pub crc64: u64,
}

/// Uploads a source as an encrypted object.
///
/// A source without a byte is, in counter mode, a plain put: nothing is initiated.
///
/// One upload can be left open that nobody knows of: if the answer to Initiate is lost, its id is too, and the next attempt begins
/// another. A lifecycle rule of the bucket for incomplete uploads frees it. It holds no part.
///
/// # Errors
/// Before anything is sent: a plan that the service would refuse, a source that cannot be read, a master key that cannot open what is
/// to be resumed, a checkpoint of another object, plan or file. Afterwards [`Error::Upload`] with the cause and the upload's fate.
pub fn upload<S: Source + ?Sized>(
    bucket: &Bucket,
    object: &str,
    master: &MasterKey,
    source: &S,
    options: &UploadOptions<'_>,
) -> Result<Uploaded, Error> {
    let state = source::state(source)?;
    let job = Job {
        bucket,
        object,
        master,
        source,
        state,
        options,
    };
    if options.resume != Resume::Never && !master.can_open() {
        return Err(Error::MasterKeyIsPublic);
    }
    let checkpoint = match &options.resume {
        Resume::Checkpoint(path) => Checkpoint::open(path)?,
        Resume::Never | Resume::Upload(_) => None,
    };
    if let Some(checkpoint) = &checkpoint {
        checkpoint.check(bucket, object, state.length)?;
    }
    let is_upload_given = matches!(options.resume, Resume::Upload(_));
    if state.length == 0 && options.cipher == Cipher::Ctr && !is_upload_given {
        return job.put_nothing();
    }
    let layout = match options.part_size {
        Some(part_size) => Layout::new(options.cipher, state.length, part_size)?,
        None => Layout::automatic(options.cipher, state.length)?,
    };
    layout.plan()?;
    let session = match (&options.resume, checkpoint) {
        (_, Some(checkpoint)) => job.resume_checkpoint(&layout, checkpoint)?,
        (Resume::Upload(upload_id), None) => job.resume_upload(&layout, upload_id)?,
        (Resume::Never | Resume::Checkpoint(_), None) => job.begin(&layout)?,
    };
    let uploaded = job
        .run(layout, &session)
        .map_err(|cause| job.fail(&session.upload_id, cause))?;
    if let Resume::Checkpoint(path) = &options.resume {
        // The object is there; a checkpoint that stays is refused when it is used.
        let _ = Checkpoint::remove(path);
    }
    Ok(uploaded)
}

/// One call of [`upload`].
struct Job<'j, S: ?Sized> {
    bucket: &'j Bucket,
    object: &'j str,
    master: &'j MasterKey,
    source: &'j S,
    state: SourceState,
    options: &'j UploadOptions<'j>,
}

/// An upload that is open at the service.
struct Session {
    upload_id: String,
    key: ContentKey,
    envelope: Vec<(String, String)>,
    /// What the service has already.
    stored: BTreeMap<u32, StoredPart>,
    /// Whether the source is known to be the one that the upload began with.
    is_source_known: bool,
}

/// What ListParts says of an upload.
#[derive(Default)]
struct Listing {
    envelope: Vec<(String, String)>,
    stored: BTreeMap<u32, StoredPart>,
}

impl<S: Source + ?Sized> Job<'_, S> {
    fn put_nothing(&self) -> Result<Uploaded, Error> {
        let key = ContentKey::generate(Cipher::Ctr)?;
        let options = self.options;
        let envelope = Envelope::seal(self.master, options.wrap, &key, None, Cipher::Ctr)?;
        let headers = self.headers(&envelope)?;
        let put = || self.bucket.put(self.object, &headers, &[]);
        self.check_source()?;
        let stored = options.retry.run(options.cancel, put)?;
        Ok(Uploaded {
            etag: stored.etag,
            data_size: 0,
            part_count: 0,
            crc64: 0,
        })
    }

    /// The envelope, and beside it what the caller wants to be stored with the object.
    fn headers(&self, envelope: &[(String, String)]) -> Result<Vec<(String, String)>, Error> {
        let mut headers = envelope.to_vec();
        for (name, value) in &self.options.metadata {
            let name = format!("{USER_METADATA}{}", name.to_ascii_lowercase());
            if name.starts_with(PREFIX) {
                return Err(Error::MetadataName { name });
            }
            headers.push((name, value.clone()));
        }
        let content_type = self.options.content_type.iter();
        headers.extend(content_type.map(|kind| ("content-type".to_owned(), kind.clone())));
        Ok(headers)
    }

    fn begin(&self, layout: &Layout) -> Result<Session, Error> {
        let options = self.options;
        let key = ContentKey::generate(options.cipher)?;
        let envelope = Envelope::seal(
            self.master,
            options.wrap,
            &key,
            Some(layout),
            options.cipher,
        )?;
        let checkpoint = match &options.resume {
            Resume::Checkpoint(path) => Some((path, self.digest(&key)?)),
            Resume::Never | Resume::Upload(_) => None,
        };
        let headers = self.headers(&envelope)?;
        let initiate = || self.bucket.initiate(self.object, &headers);
        let upload_id = options.retry.run(options.cancel, initiate)?.upload_id;
        if let Some((path, digest)) = checkpoint {
            let (bucket, object, length) = (self.bucket, self.object, self.state.length);
            Checkpoint::new(bucket, object, &upload_id, &envelope, length, digest)
                .write(path)
                .map_err(|cause| self.abort(&upload_id, cause))?;
        }
        Ok(Session {
            upload_id,
            key,
            envelope,
            stored: BTreeMap::new(),
            is_source_known: true,
        })
    }

    fn resume_checkpoint(&self, layout: &Layout, checkpoint: Checkpoint) -> Result<Session, Error> {
        let envelope: Vec<_> = checkpoint.envelope.into_iter().collect();
        let key = self.open(layout, &envelope)?;
        if self.digest(&key)? != checkpoint.source_digest {
            return Err(Error::SourceChanged {
                what: "its content has another digest".to_owned(),
            });
        }
        let upload_id = checkpoint.upload_id;
        let Listing { stored, .. } = self.list(&upload_id)?;
        Ok(Session {
            upload_id,
            key,
            envelope,
            stored,
            is_source_known: true,
        })
    }

    fn resume_upload(&self, layout: &Layout, upload_id: &str) -> Result<Session, Error> {
        let Listing { envelope, stored } = self.list(upload_id)?;
        Ok(Session {
            upload_id: upload_id.to_owned(),
            key: self.open(layout, &envelope)?,
            envelope,
            stored,
            is_source_known: false,
        })
    }

    /// The content key of an upload to resume, if it is of the cipher and the plan that are asked for.
    fn open(&self, layout: &Layout, envelope: &[(String, String)]) -> Result<ContentKey, Error> {
        let pairs = envelope.iter();
        let wrapped =
            WrappedEnvelope::read(pairs.map(|(name, value)| (name.as_str(), value.as_str())))?;
        let sizes = (
            wrapped
                .data_size
                .ok_or(Error::HeaderMissing { name: DATA_SIZE })?,
            wrapped
                .part_size
                .ok_or(Error::HeaderMissing { name: PART_SIZE })?,
        );
        mismatch("cek-alg", wrapped.cipher, layout.cipher())?;
        mismatch("wrap-alg", wrapped.wrap, self.options.wrap)?;
        mismatch("data-size", sizes.0, layout.data_size())?;
        mismatch("part-size", sizes.1, layout.part_size())?;
        Ok(wrapped.open(self.master)?.content_key)
    }

    /// The envelope and the parts that the service has, from all pages (fault F06).
    fn list(&self, upload_id: &str) -> Result<Listing, Error> {
        let mut listing = Listing::default();
        let mut marker = 0;
        loop {
            let list = || self.bucket.list_parts(self.object, upload_id, marker);
            let page = self.options.retry.run(self.options.cancel, list)?;
            if let Some(declared) = page.client_encryption {
                let headers = [
                    (KEY, declared.key),
                    (START, declared.start),
                    (CEK_ALG, declared.cek_alg),
                    (WRAP_ALG, declared.wrap_alg),
                    (DATA_SIZE, declared.data_size),
                    (PART_SIZE, declared.part_size),
                ];
                let given = headers.into_iter();
                listing.envelope = given
                    .filter_map(|(name, value)| Some((name.to_owned(), value?)))
                    .collect();
            }
            listing
                .stored
                .extend(page.parts.into_iter().map(|part| (part.number, part)));
            match page.next_part_number_marker {
                Some(next) if page.is_truncated => marker = next,
                _ => return Ok(listing),
            }
        }
    }

    fn run(&self, layout: Layout, session: &Session) -> Result<Uploaded, Error> {
        let options = self.options;
        let transfer = PartTransfer {
            bucket: self.bucket,
            object: self.object,
            upload_id: &session.upload_id,
            headers: match options.headers_on_parts {
                true => &session.envelope,
                false => &[],
            },
            source: self.source,
            encryptor: Encryptor::new(&session.key, layout)?,
            stored: &session.stored,
            is_source_known: session.is_source_known,
            retry: options.retry,
            cancel: options.cancel,
            meter: Meter::new(options.progress, layout.data_size()),
        };
        let sent = transfer.send_all(Crew {
            size: options.concurrency,
            cancel: options.cancel,
        })?;
        self.check_source()?;
        transfer.complete(&sent)
    }

    /// A source that was changed while it was read gave bytes of two versions.
    fn check_source(&self) -> Result<(), Error> {
        let (before, now) = (self.state, source::state(self.source)?);
        let changed = |what| Err(Error::SourceChanged { what });
        if now.length != before.length {
            return changed(format!("{} bytes, it had {}", now.length, before.length));
        }
        if now.modified != before.modified {
            return changed("it was modified at another time".to_owned());
        }
        // Some files of the system have bytes, and say that they have none.
        match self.source.read_exact_at(before.length, &mut [0]) {
            Ok(()) => changed(format!("more than its {} bytes", before.length)),
            Err(_) => Ok(()),
        }
    }

    fn digest(&self, key: &ContentKey) -> Result<String, Error> {
        let digest = source::digest(self.source, self.state.length, key)?;
        Ok(hexadecimal(&digest))
    }

    /// Decides what becomes of the upload. One that can be resumed is kept, unless parts of two sources may be in it.
    fn fail(&self, upload_id: &str, cause: Error) -> Error {
        let is_changed = matches!(cause, Error::SourceChanged { .. });
        let is_completed = matches!(
            cause,
            Error::Corrupt {
                operation: COMPLETE,
                ..
            }
        );
        let fate = match &self.options.resume {
            _ if cause.code() == Some("NoSuchUpload") || is_completed => Fate::Gone,
            Resume::Checkpoint(path) if is_changed => {
                let failed = self.abort(upload_id, cause);
                // The upload's fate is what the caller must know; a checkpoint that stays says so itself when it is used.
                let _ = Checkpoint::remove(path);
                return failed;
            }
            Resume::Checkpoint(_) | Resume::Upload(_) => Fate::Kept,
            Resume::Never => return self.abort(upload_id, cause),
        };
        failed(upload_id, fate, cause)
    }

    fn abort(&self, upload_id: &str, cause: Error) -> Error {
        let abort = || self.bucket.abort(self.object, upload_id);
        let fate = match self.options.retry.run(None, abort) {
            Ok(()) => Fate::Aborted,
            Err(error) if error.code() == Some("NoSuchUpload") => Fate::Gone,
            Err(_) => Fate::Open,
        };
        failed(upload_id, fate, cause)
    }
}

fn failed(upload_id: &str, fate: Fate, cause: Error) -> Error {
    Error::Upload {
        upload_id: upload_id.to_owned(),
        fate,
        cause: Box::new(cause),
    }
}
