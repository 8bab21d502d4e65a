//! A whole client of the plainest kind: one part after the other, counter mode, two attempts at each request, and an abort when that does
//! not help. It is right as it stands, and a second one beside the built-in client; each fault of whole clients is one habit changed.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::time::SystemTime;

use partproof_client as client;
use partproof_client::{Bucket, ContentKey, Credentials, Envelope, Layout, MasterKey};
use partproof_model::Cipher;
use partproof_model::envelope::{PREFIX, UNENCRYPTED_CONTENT_MD5};
use partproof_model::etag::md5;
use partproof_model::key_wrap::WrapAlg;
use partproof_subjects::builtin::Builtin;
use partproof_suite::subject::client::{
    Abilities, Client, DownloadJob, Failure, Service, Signature, UploadJob, Uploaded,
};

mod habits;

pub(crate) use habits::{Habits, List, Open, RESUMING, RIGHT, Resuming, Turn};

/// The client, with its habits.
#[derive(Clone, Copy)]
pub(crate) struct Sequential(pub(crate) Habits);

/// Names and values.
type Headers = Vec<(String, String)>;

/// The envelope, and beside it what the caller passes.
fn with_passed(mut headers: Headers, job: &UploadJob<'_>) -> Headers {
    let metadata = job.metadata.iter();
    headers.extend(metadata.map(|(name, value)| (format!("x-oss-meta-{name}"), value.clone())));
    let passed = [
        ("content-type", job.content_type),
        (UNENCRYPTED_CONTENT_MD5, job.content_md5),
    ];
    let passed = passed.into_iter();
    headers.extend(passed.filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))));
    headers
}

/// What is kept of an upload where nothing else is wrong.
pub(crate) fn keep(upload_id: &str, headers: &[(String, String)]) -> String {
    let headers = headers.iter();
    let headers = headers.map(|(name, value)| format!("\n{name} {value}"));
    upload_id.to_owned() + &headers.collect::<String>()
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
            closed_ranges: true,
            open_ranges: true,
            suffix_ranges: true,
            describes: true,
            metadata: true,
            content_md5: true,
            streams: true,
            reuses: true,
            at_once: true,
            ..Abilities::default()
        }
    }

    fn upload(&self, service: &Service<'_>, job: &UploadJob<'_>) -> Result<Uploaded, Failure> {
        let habits = self.0;
        let bucket = bucket(service)?;
        let description = service.description.iter().cloned().collect();
        let master = MasterKey::from_pem(service.master.private).map_err(failure)?;
        let master = master.with_description(description);
        let file = File::open(job.file).map_err(unusable)?;
        let before = state(&file)?;
        let announced = job.announced.unwrap_or(before.0);
        let length = (habits.length)(announced);
        let source = Origin {
            file: &file,
            before,
            announced,
            is_parallel: job.concurrency > 1,
        };
        let uploaded = match length {
            0 => habits.put_nothing(&bucket, &master, job),
            _ => habits.in_parts(&bucket, &master, job, &source, length),
        };
        (habits.afterwards)(job.file);
        uploaded
    }

    fn download(&self, service: &Service<'_>, job: &DownloadJob<'_>) -> Result<(), Failure> {
        Builtin.download(service, job)
    }
}

/// What is uploaded.
struct Origin<'f> {
    file: &'f File,
    before: State,
    /// Its bytes, as the caller says.
    announced: u64,
    is_parallel: bool,
}

/// Length and time of a file.
pub(crate) type State = (u64, Option<SystemTime>);

impl Habits {
    fn put_nothing(
        &self,
        bucket: &Bucket,
        master: &MasterKey,
        job: &UploadJob<'_>,
    ) -> Result<Uploaded, Failure> {
        let key = (self.key)(job.object).map_err(failure)?;
        let (wrap, cipher) = (client::WrapAlg::RsaPkcs1, client::Cipher::Ctr);
        let headers = Envelope::seal(master, wrap, &key, None, cipher).map_err(failure)?;
        let headers = (self.headers)(with_passed(headers, job));
        let object = (self.name)(job.object);
        let stored = self.again(|_| bucket.put(&object, &headers, &[]));
        let stored = stored.map_err(failure)?;
        Ok(Uploaded {
            etag: Some(stored.etag),
        })
    }

    fn in_parts(
        &self,
        bucket: &Bucket,
        master: &MasterKey,
        job: &UploadJob<'_>,
        source: &Origin<'_>,
        length: u64,
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
        let object = (self.name)(job.object);
        // What an upload of this source in this part size is known by.
        let marks = match (self.resumes, job.checkpoint) {
            (Some(_), Some(_)) => [
                digest(source.file).map_err(unusable)?,
                layout.part_size().to_string(),
            ],
            _ => [String::new(), String::new()],
        };
        let (upload_id, key, headers) = match self.resumed(bucket, &object, job, &marks, master)? {
            Some(upload) => upload,
            None => {
                let key = (self.key)(job.object).map_err(failure)?;
                let (wrap, cipher) = (client::WrapAlg::RsaPkcs1, client::Cipher::Ctr);
                let headers =
                    Envelope::seal(master, wrap, &key, Some(&declared), cipher).map_err(failure)?;
                let headers = (self.headers)(with_passed(headers, job));
                let initiated = self.again(|_| bucket.initiate(&object, &headers));
                let initiated = initiated.map_err(failure)?;
                if let (Some(path), Some(resuming)) = (job.checkpoint, self.resumes) {
                    let kept = (resuming.keep)(&initiated.upload_id, &headers, &key);
                    fs::write(path, [marks.join("\n"), kept].join("\n")).map_err(unusable)?;
                }
                (initiated.upload_id, key, headers)
            }
        };
        let open = Open {
            bucket,
            object: &object,
            upload_id: &(self.upload_id)(&upload_id),
            headers: &headers,
        };
        match self.parts(&open, &layout, &key, source) {
            Ok(uploaded) => Ok(uploaded),
            Err(error) if self.resumes.and(job.checkpoint).is_some() => Err(failure(error)),
            Err(error) => (self.failed)(&open, error),
        }
    }

    /// The upload that is to go on, its key and headers; one of another source or part size is aborted.
    fn resumed(
        &self,
        bucket: &Bucket,
        object: &str,
        job: &UploadJob<'_>,
        [source, part_size]: &[String; 2],
        master: &MasterKey,
    ) -> Result<Option<(String, ContentKey, Headers)>, Failure> {
        let kept = job
            .checkpoint
            .and_then(|path| fs::read_to_string(path).ok());
        let (Some(kept), Some(resuming)) = (kept, self.resumes) else {
            return Ok(None);
        };
        let mut lines = kept.lines();
        let mut line = || lines.next().unwrap_or_default();
        let is_same = (line() == source || !resuming.looks_at_source)
            & (line() == part_size || !resuming.looks_at_part_size);
        let upload_id = line().to_owned();
        if !is_same {
            if resuming.aborts {
                again(2, |_| bucket.abort(object, &upload_id)).map_err(failure)?;
            }
            return Ok(None);
        }
        let headers = lines.filter_map(|line| line.split_once(' '));
        let envelope = Envelope::open(master, headers.clone()).map_err(failure)?;
        let key = (resuming.key)(envelope.content_key).map_err(failure)?;
        let owned = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Ok(Some((upload_id, key, owned.collect())))
    }

    fn parts(
        &self,
        open: &Open<'_>,
        layout: &Layout,
        key: &ContentKey,
        origin: &Origin<'_>,
    ) -> Result<Uploaded, client::Error> {
        let stored = match self.resumes {
            Some(_) => open.stored()?,
            None => List::new(),
        };
        let mut turn = Turn {
            layout,
            number: 0,
            attempt: 0,
            is_parallel: origin.is_parallel,
            stored: u32::try_from(stored.len()).unwrap_or(u32::MAX),
        };
        let mut list = List::new();
        let count = (self.sent)(layout, !stored.is_empty());
        for place in 1..=count {
            let number = match self.is_backwards {
                true => count + 1 - place,
                false => place,
            };
            if let Some(part) = stored.iter().find(|(stored, _)| *stored == number) {
                list.push(part.clone());
                continue;
            }
            turn.number = number;
            let sent = self.again(|attempt| {
                turn.attempt = attempt;
                self.send(open, key, origin.file, &turn)
            });
            match sent {
                Ok(etag) => list.push(((self.number)(&turn), etag)),
                Err(_) if self.leaves_out => {}
                Err(error) => return Err(error),
            }
        }
        if self.looks_again {
            let mut beyond = [0];
            let ends = origin
                .file
                .read_exact_at(&mut beyond, origin.announced)
                .is_err();
            let is_changed = |now| (self.is_changed)(&origin.before, &now);
            if state(origin.file).is_ok_and(is_changed) || !ends {
                return Err(source(io::Error::other("it changed")));
            }
        }
        let list = (self.listed)(list, &turn);
        if self.lists_first && open.stored()? != list {
            return Err(source(io::Error::other("the service has other parts")));
        }
        let list = xml(&list);
        let mut ask = || {
            let answer = open
                .bucket
                .complete_with(open.object, open.upload_id, list.as_bytes());
            answer.map(|(completed, _)| completed)
        };
        let completed = (self.completes)(&turn, &mut ask)?;
        Ok(Uploaded {
            etag: Some(completed.etag),
        })
    }

    /// Reads, encrypts and sends a part.
    fn send(
        &self,
        open: &Open<'_>,
        key: &ContentKey,
        file: &File,
        turn: &Turn<'_>,
    ) -> Result<String, client::Error> {
        let range = (self.reads)(turn);
        let mut body = vec![0; usize::try_from(range.end - range.start).unwrap_or(0)];
        (self.read)(file, range.start, &mut body).map_err(source)?;
        let headers = (self.part_headers)(open, &body);
        let expected = (self.expects)(&body);
        (self.encrypt)(key, turn, &mut body)?;
        let number = (self.number)(turn);
        let stored =
            open.bucket
                .upload_part(open.object, open.upload_id, number, &headers, &body)?;
        match expected.filter(|etag| *etag != stored.etag) {
            Some(ours) => Err(client::Error::Corrupt {
                operation: "UploadPart",
                checksum: "ETag",
                theirs: stored.etag,
                ours,
            }),
            None => Ok(stored.etag),
        }
    }

    fn again<T>(
        &self,
        attempt: impl FnMut(u32) -> Result<T, client::Error>,
    ) -> Result<T, client::Error> {
        again(self.attempts, attempt)
    }
}

impl Open<'_> {
    /// The envelope that it was begun with.
    pub(crate) fn envelope(&self) -> Headers {
        let headers = self.headers.iter();
        let envelope = headers.filter(|(name, _)| name.starts_with(PREFIX));
        envelope.cloned().collect()
    }

    /// The parts that were sent before.
    fn stored(&self) -> Result<List, client::Error> {
        let mut list = List::new();
        loop {
            let after = list.last().map_or(0, |(number, _)| *number);
            let page = again(2, |_| {
                self.bucket.list_parts(self.object, self.upload_id, after)
            })?;
            let parts = page.parts.into_iter().filter(|part| part.number > after);
            let before = list.len();
            list.extend(parts.map(|part| (part.number, part.etag)));
            if page.next_part_number_marker.is_none() || list.len() == before {
                return Ok(list);
            }
        }
    }
}

/// A part list as it is written by hand.
fn xml(list: &List) -> String {
    let mut xml = String::from("<CompleteMultipartUpload>");
    for (number, etag) in list {
        let _ = write!(
            xml,
            "<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>"
        );
    }
    xml + "</CompleteMultipartUpload>"
}

/// The MD5 of a file's bytes.
fn digest(mut file: &File) -> io::Result<String> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(data_encoding::HEXLOWER.encode(&md5(&bytes)))
}

/// So many attempts, whatever the reason. Each is told which it is.
pub(crate) fn again<T>(
    attempts: u32,
    mut attempt: impl FnMut(u32) -> Result<T, client::Error>,
) -> Result<T, client::Error> {
    let first = attempt(0);
    (1..attempts).fold(first, |outcome, next| outcome.or_else(|_| attempt(next)))
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

pub(crate) fn refused(message: String) -> Failure {
    Failure {
        message,
        code: None,
    }
}
