//! A whole client of the plainest kind: one part after the other, counter mode, two attempts at each request, and an abort when that does
//! not help. It is right as it stands, and a second one beside the built-in client; each fault of whole clients is one habit changed.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::SystemTime;

use partproof_client as client;
use partproof_client::answers::Completed;
use partproof_client::{Bucket, ContentKey, Credentials, Envelope, Layout, MasterKey, PartList};
use partproof_model::Cipher;
use partproof_model::key_wrap::WrapAlg;
use partproof_subjects::builtin::Builtin;
use partproof_suite::subject::client::{
    Abilities, Client, DownloadJob, Failure, Service, Signature, UploadJob, Uploaded,
};

/// The client, with its habits.
#[derive(Clone, Copy)]
pub(crate) struct Sequential(pub(crate) Habits);

/// Names and values.
type Headers = Vec<(String, String)>;

/// What it does at each step.
#[derive(Clone, Copy)]
pub(crate) struct Habits {
    /// The content key of an upload.
    pub(crate) key: fn() -> Result<ContentKey, client::Error>,
    /// The headers of Initiate, and of a put.
    pub(crate) headers: fn(Headers) -> Headers,
    /// The headers of a part with this plaintext.
    pub(crate) part_headers: fn(&[u8]) -> Headers,
    /// Encrypts the part that begins at this byte, at this attempt, counted from 0.
    pub(crate) encrypt: fn(&ContentKey, u64, u32, &mut [u8]) -> Result<(), client::Error>,
    /// Fills a buffer from an offset of the source.
    pub(crate) read: fn(&File, u64, &mut [u8]) -> io::Result<()>,
    /// What an upload that failed comes to.
    pub(crate) failed: fn(&Open<'_>, client::Error) -> Result<Uploaded, Failure>,
    /// How many parts are sent of so many, and whether there are some already.
    pub(crate) sent: fn(u32, bool) -> u32,
    /// What the answer to Complete comes to.
    pub(crate) completed: fn(Result<Completed, client::Error>) -> Result<Completed, client::Error>,
    /// What is done with the source's file in the end.
    pub(crate) afterwards: fn(&Path),
    /// Whether the source's length and time are compared in the end.
    pub(crate) looks_again: bool,
    /// How uploads are resumed, if they are.
    pub(crate) resumes: Option<Resuming>,
    /// The plan by which parts are sent, from the one that is declared.
    pub(crate) planned: fn(Layout) -> Layout,
    /// Whether a plan that the service would not take is refused.
    pub(crate) checks_plan: bool,
    /// The most parts that are planned.
    pub(crate) most_parts: u32,
}

/// How uploads are resumed.
#[derive(Clone, Copy)]
pub(crate) struct Resuming {
    /// What is kept of an upload: its id and its headers.
    pub(crate) keep: fn(&str, &[(String, String)], &ContentKey) -> String,
}

/// An upload that is open.
pub(crate) struct Open<'o> {
    pub(crate) bucket: &'o Bucket,
    pub(crate) object: &'o str,
    pub(crate) upload_id: &'o str,
}

pub(crate) const RIGHT: Habits = Habits {
    key: || ContentKey::generate(client::Cipher::Ctr),
    headers: |headers| headers,
    part_headers: |_| Vec::new(),
    encrypt: |key, offset, _, bytes| client::apply_keystream(key, offset, bytes),
    read: |file, offset, buffer| file.read_exact_at(buffer, offset),
    failed: |open, error| {
        let aborted = again(|_| open.bucket.abort(open.object, open.upload_id));
        let mut failure = failure(error);
        if aborted.is_err() {
            failure.message = format!(
                "{}; upload {} is still open",
                failure.message, open.upload_id
            );
        }
        Err(failure)
    },
    sent: |count, _| count,
    completed: |answer| answer,
    afterwards: |_| {},
    looks_again: true,
    resumes: None,
    planned: |declared| declared,
    checks_plan: true,
    most_parts: client::MAX_PARTS,
};

/// What is kept of an upload where nothing else is wrong.
pub(crate) fn keep(upload_id: &str, headers: &[(String, String)]) -> String {
    let lines = headers
        .iter()
        .map(|(name, value)| format!("{name} {value}"));
    let mut lines: Vec<_> = lines.collect();
    lines.insert(0, upload_id.to_owned());
    lines.join("\n")
}

impl Client for Sequential {
    fn abilities(&self) -> Abilities {
        Abilities {
            ciphers: vec![Cipher::Ctr],
            wraps: WrapAlg::ALL.to_vec(),
            signatures: vec![Signature::V1, Signature::V4],
            plans: true,
            resumes: self.0.resumes.is_some(),
            sources: true,
            announces: true,
            ranges: true,
        }
    }

    fn upload(&self, service: &Service<'_>, job: &UploadJob<'_>) -> Result<Uploaded, Failure> {
        let habits = self.0;
        let bucket = bucket(service)?;
        let master = MasterKey::from_pem(service.master.private).map_err(failure)?;
        let file = File::open(job.file).map_err(unusable)?;
        let before = state(&file)?;
        let length = job.announced.unwrap_or(before.0);
        let uploaded = match length {
            0 => habits.put_nothing(&bucket, &master, job.object),
            _ => habits.in_parts(&bucket, &master, job, &file, (length, before)),
        };
        (habits.afterwards)(job.file);
        uploaded
    }

    fn download(&self, service: &Service<'_>, job: &DownloadJob<'_>) -> Result<(), Failure> {
        Builtin.download(service, job)
    }
}

/// Length and time of a file.
type State = (u64, Option<SystemTime>);

impl Habits {
    fn put_nothing(
        &self,
        bucket: &Bucket,
        master: &MasterKey,
        object: &str,
    ) -> Result<Uploaded, Failure> {
        let key = (self.key)().map_err(failure)?;
        let (wrap, cipher) = (client::WrapAlg::RsaPkcs1, client::Cipher::Ctr);
        let headers = Envelope::seal(master, wrap, &key, None, cipher).map_err(failure)?;
        let headers = (self.headers)(headers);
        let stored = again(|_| bucket.put(object, &headers, &[])).map_err(failure)?;
        Ok(Uploaded {
            etag: Some(stored.etag),
        })
    }

    fn in_parts(
        &self,
        bucket: &Bucket,
        master: &MasterKey,
        job: &UploadJob<'_>,
        file: &File,
        (length, before): (u64, State),
    ) -> Result<Uploaded, Failure> {
        let layout = match job.part_size {
            Some(part_size) => Layout::new(client::Cipher::Ctr, length, part_size),
            None => Layout::automatic(client::Cipher::Ctr, length),
        };
        let declared = layout.map_err(failure)?;
        let layout = (self.planned)(declared);
        if self.checks_plan {
            layout.plan().map_err(failure)?;
        }
        if layout.part_count() > self.most_parts {
            return Err(refused(format!("{} parts", layout.part_count())));
        }
        let kept = job
            .checkpoint
            .and_then(|path| fs::read_to_string(path).ok());
        let (upload_id, key) = match (kept, self.resumes) {
            (Some(kept), Some(_)) => resumed(&kept, master)?,
            (_, resuming) => {
                let key = (self.key)().map_err(failure)?;
                let (wrap, cipher) = (client::WrapAlg::RsaPkcs1, client::Cipher::Ctr);
                let headers =
                    Envelope::seal(master, wrap, &key, Some(&declared), cipher).map_err(failure)?;
                let headers = (self.headers)(headers);
                let initiated =
                    again(|_| bucket.initiate(job.object, &headers)).map_err(failure)?;
                if let (Some(path), Some(resuming)) = (job.checkpoint, resuming) {
                    let kept = (resuming.keep)(&initiated.upload_id, &headers, &key);
                    fs::write(path, kept).map_err(unusable)?;
                }
                (initiated.upload_id, key)
            }
        };
        let open = Open {
            bucket,
            object: job.object,
            upload_id: &upload_id,
        };
        match self.parts(&open, &layout, &key, file, before) {
            Ok(uploaded) => Ok(uploaded),
            Err(error) if self.resumes.is_some() => Err(failure(error)),
            Err(error) => (self.failed)(&open, error),
        }
    }

    fn parts(
        &self,
        open: &Open<'_>,
        layout: &Layout,
        key: &ContentKey,
        file: &File,
        before: State,
    ) -> Result<Uploaded, client::Error> {
        let Open {
            bucket,
            object,
            upload_id,
        } = open;
        let stored = match self.resumes {
            Some(_) => again(|_| bucket.list_parts(object, upload_id, 0))?.parts,
            None => Vec::new(),
        };
        let count = (self.sent)(layout.part_count(), !stored.is_empty());
        let mut list = PartList::new(count)?;
        for number in 1..=count {
            if let Some(part) = stored.iter().find(|part| part.number == number) {
                list.add(number, &part.etag)?;
                continue;
            }
            let range = layout.plaintext_of(number).unwrap_or_default();
            let mut plaintext = vec![0; usize::try_from(range.end - range.start).unwrap_or(0)];
            (self.read)(file, range.start, &mut plaintext).map_err(source)?;
            let headers = (self.part_headers)(&plaintext);
            let stored = again(|attempt| {
                let mut body = plaintext.clone();
                (self.encrypt)(key, range.start, attempt, &mut body)?;
                bucket.upload_part(object, upload_id, number, &headers, &body)
            })?;
            list.add(number, &stored.etag)?;
        }
        if self.looks_again {
            let mut beyond = [0];
            let ends = file.read_exact_at(&mut beyond, layout.data_size()).is_err();
            if state(file).is_ok_and(|now| now != before) || !ends {
                return Err(source(io::Error::other("it changed")));
            }
        }
        let answer = bucket.complete(object, upload_id, &list);
        let completed = (self.completed)(answer.map(|(completed, _)| completed))?;
        Ok(Uploaded {
            etag: Some(completed.etag),
        })
    }
}

/// Two attempts, whatever the reason. Each is told which it is.
pub(crate) fn again<T>(
    mut attempt: impl FnMut(u32) -> Result<T, client::Error>,
) -> Result<T, client::Error> {
    attempt(0).or_else(|_| attempt(1))
}

fn resumed(kept: &str, master: &MasterKey) -> Result<(String, ContentKey), Failure> {
    let mut lines = kept.lines();
    let upload_id = lines.next().unwrap_or_default().to_owned();
    let headers = lines.filter_map(|line| line.split_once(' '));
    let envelope = Envelope::open(master, headers).map_err(failure)?;
    Ok((upload_id, envelope.content_key))
}

fn state(file: &File) -> Result<State, Failure> {
    let metadata = file.metadata().map_err(unusable)?;
    Ok((metadata.len(), metadata.modified().ok()))
}

pub(crate) fn bucket(service: &Service<'_>) -> Result<Bucket, Failure> {
    let credentials = Credentials::new(service.access_key_id, service.access_key_secret);
    let bucket = Bucket::new(
        service.endpoint,
        service.region,
        service.bucket,
        credentials,
    );
    Ok(bucket
        .map_err(failure)?
        .with_signature(match service.signature {
            Signature::V1 => client::SignatureVersion::V1,
            Signature::V4 => client::SignatureVersion::V4,
        }))
}

pub(crate) fn failure(error: client::Error) -> Failure {
    Failure {
        code: error.code().map(str::to_owned),
        message: error.to_string(),
    }
}

fn source(error: io::Error) -> client::Error {
    client::Error::SourceChanged {
        what: error.to_string(),
    }
}

fn unusable(error: io::Error) -> Failure {
    refused(error.to_string())
}

fn refused(message: String) -> Failure {
    Failure {
        message,
        code: None,
    }
}
