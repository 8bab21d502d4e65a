//! The built-in client as a whole.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use partproof_client as client;
use partproof_client::{
    Bucket, Credentials, DownloadOptions, EncryptedObject, Source, SourceState,
};
use partproof_model::Cipher;
use partproof_model::key_wrap::WrapAlg;

use super::{Builtin, builtin_cipher};
use partproof_suite::subject::client::{
    Abilities, ByteRange, Client, DownloadJob, Failure, Service, Signature, UploadJob, Uploaded,
};

impl Client for Builtin {
    fn abilities(&self) -> Abilities {
        Abilities {
            ciphers: Cipher::ALL.to_vec(),
            wraps: WrapAlg::ALL.to_vec(),
            signatures: vec![Signature::V1, Signature::V4],
            plans: true,
            resumes: true,
            sources: true,
            announces: true,
            closed_ranges: true,
            open_ranges: true,
            suffix_ranges: true,
            describes: true,
            metadata: true,
            reuses: true,
            at_once: true,
            ..Abilities::default()
        }
    }

    fn upload(&self, service: &Service<'_>, job: &UploadJob<'_>) -> Result<Uploaded, Failure> {
        let master = master_key(service)?;
        let mut file = File::open(job.file).map_err(unusable)?;
        file.seek(SeekFrom::Start(job.position)).map_err(unusable)?;
        let options = client::UploadOptions {
            cipher: builtin_cipher(job.cipher),
            part_size: job.part_size,
            concurrency: NonZeroUsize::new(job.concurrency.into()).unwrap_or(NonZeroUsize::MIN),
            retry: RETRY,
            resume: match job.checkpoint {
                Some(path) => client::Resume::Checkpoint(path.to_owned()),
                None => client::Resume::Never,
            },
            metadata: job.metadata.to_vec(),
            content_type: job.content_type.map(str::to_owned),
            ..client::UploadOptions::default()
        };
        let bucket = bucket(service)?;
        let uploaded = match job.announced {
            None => client::upload(&bucket, job.object, &master, &file, &options),
            Some(length) => {
                let source = Announced {
                    file: &file,
                    length,
                };
                client::upload(&bucket, job.object, &master, &source, &options)
            }
        };
        let etag = Some(uploaded.map_err(failure)?.etag);
        Ok(Uploaded { etag })
    }

    fn download(&self, service: &Service<'_>, job: &DownloadJob<'_>) -> Result<(), Failure> {
        let master = master_key(service)?;
        let bucket = bucket(service)?;
        let options = DownloadOptions {
            retry: RETRY,
            ..DownloadOptions::default()
        };
        let object =
            EncryptedObject::open(&bucket, job.object, &master, options).map_err(failure)?;
        let Some(range) = job.range else {
            return object.read_to_file(job.file).map_err(failure);
        };
        let range = match range {
            ByteRange::Closed { first, last } => client::ByteRange::Closed { first, last },
            ByteRange::From { first } => client::ByteRange::From { first },
            ByteRange::Suffix { length } => client::ByteRange::Suffix { length },
        };
        let bytes = match object.cipher() {
            client::Cipher::GcmObject => object
                .read_range_unauthenticated(range)
                .map(client::Unauthenticated::into_unauthenticated_bytes),
            client::Cipher::Ctr | client::Cipher::GcmPart => object.read_range(range),
        };
        write(job.file, &bytes.map_err(failure)?)
    }
}

/// Against a service on the same machine, waiting does not help.
const RETRY: client::Retry = client::Retry {
    attempts: 4,
    first_pause: Duration::from_millis(1),
    longest_pause: Duration::from_millis(4),
};

/// With its description, by which other clients look for it.
fn master_key(service: &Service<'_>) -> Result<client::MasterKey, Failure> {
    let master = super::master_key(service.master.private).map_err(failure)?;
    Ok(master.with_description(service.description.iter().cloned().collect()))
}

/// The one that serves all calls of this number, or one of its own.
fn bucket(service: &Service<'_>) -> Result<Bucket, Failure> {
    static SHARED: Mutex<VecDeque<(u64, Bucket)>> = Mutex::new(VecDeque::new());
    const MOST: usize = 16;
    let Some(number) = service.shared else {
        return new_bucket(service);
    };
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, bucket)) = shared.iter().find(|(known, _)| *known == number) {
        return Ok(bucket.clone());
    }
    let bucket = new_bucket(service)?;
    shared.truncate(MOST - 1);
    shared.push_front((number, bucket.clone()));
    Ok(bucket)
}

fn new_bucket(service: &Service<'_>) -> Result<Bucket, Failure> {
    let credentials = Credentials::new(service.access_key_id, service.access_key_secret);
    let bucket = Bucket::new(
        service.endpoint,
        service.region,
        service.bucket,
        credentials,
    );
    Ok(bucket
        .map_err(failure)?
        .with_silence(Duration::from_secs(10))
        .with_signature(match service.signature {
            Signature::V1 => client::SignatureVersion::V1,
            Signature::V4 => client::SignatureVersion::V4,
        }))
}

/// A file whose length somebody has looked up before.
struct Announced<'f> {
    file: &'f File,
    length: u64,
}

impl Source for Announced<'_> {
    fn state(&self) -> io::Result<SourceState> {
        let state = self.file.state()?;
        Ok(SourceState {
            length: self.length,
            ..state
        })
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        Source::read_exact_at(self.file, offset, buffer)
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    fs::write(path, bytes).map_err(unusable)
}

fn failure(error: client::Error) -> Failure {
    Failure {
        code: error.code().map(str::to_owned),
        message: error.to_string(),
    }
}

fn unusable(error: io::Error) -> Failure {
    Failure {
        message: error.to_string(),
        code: None,
    }
}
