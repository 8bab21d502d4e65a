//! Whole clients: faults that lie between the pieces, and show only over HTTP.

use std::fs;
use std::io;
use std::os::unix::fs::FileExt;

use data_encoding::BASE64;
use partproof_client as client;
use partproof_client::{ContentKey, EncryptedObject, Layout, MasterKey};
use partproof_model::cipher::ctr;
use partproof_model::envelope::{DATA_SIZE, KEY};
use partproof_model::etag;
use partproof_subjects::builtin::Builtin;
use partproof_suite::Subject;
use partproof_suite::subject::client::{
    Abilities, ByteRange, Client, DownloadJob, Failure, Service, UploadJob, Uploaded,
};

use crate::Fault;
use crate::sequential::{self, Habits, RIGHT, Resuming, Sequential, bucket, failure};

/// A subject that is a whole client and nothing else.
pub(crate) fn subject(client: &'static dyn Client) -> Subject<'static> {
    Subject {
        client: Some(client),
        ..Subject::new("a whole client")
    }
}

macro_rules! habit {
    ($field:ident: $habit:expr) => {
        || {
            subject(
                const {
                    &Sequential(Habits {
                        $field: $habit,
                        ..RIGHT
                    })
                },
            )
        }
    };
}

const UPLOAD: &str = "upload";

pub(crate) const COUNTER_RESTARTS: Fault = Fault {
    id: "upload-counter-restarts",
    sentence: "Every part is encrypted from the start on: parts share keystream.",
    seen_in: "B09",
    law: UPLOAD,
    subject: habit!(encrypt: |key, _, _, bytes| client::apply_keystream(key, 0, bytes)),
};

pub(crate) const PART_SIZE_OF_THE_CIPHER: Fault = Fault {
    id: "upload-two-part-sizes",
    sentence: "The plan raises the part size by a block, the cipher keeps the old one: each further part is encrypted a block too early.",
    seen_in: "A10",
    law: UPLOAD,
    subject: habit!(encrypt: |key, offset, _, bytes| {
        client::apply_keystream(key, offset - 16 * (offset / 102_400), bytes)
    }),
};

pub(crate) const DATA_SIZE_WRONG: Fault = Fault {
    id: "upload-data-size-wrong",
    sentence: "The declared data size is a part too large: the service waits for a part that is never sent.",
    seen_in: "A17",
    law: UPLOAD,
    subject: habit!(headers: |mut headers| {
        for (name, value) in &mut headers {
            if name == DATA_SIZE {
                *value = (value.parse::<u64>().unwrap_or(0) + 102_448).to_string();
            }
        }
        headers
    }),
};

pub(crate) const ONE_KEY_FOR_ALL: Fault = Fault {
    id: "upload-one-key-for-all",
    sentence: "The random generator's failure is ignored: every upload has the same content key and start.",
    seen_in: "B14",
    law: UPLOAD,
    subject: habit!(key: || Ok(ContentKey::new([7; 32], [9; 16]))),
};

pub(crate) const MD5_OF_PLAINTEXT: Fault = Fault {
    id: "upload-md5-of-plaintext",
    sentence: "The caller's Content-MD5, of plaintext, is sent with the ciphertext.",
    seen_in: "E01",
    law: UPLOAD,
    subject: habit!(part_headers: |plaintext| {
        vec![("content-md5".to_owned(), BASE64.encode(&etag::md5(plaintext)))]
    }),
};

pub(crate) const KEY_ENCODED_TWICE: Fault = Fault {
    id: "upload-key-encoded-twice",
    sentence: "The wrapped key is Base64 of Base64.",
    seen_in: "E08",
    law: UPLOAD,
    subject: habit!(headers: |mut headers| {
        for (name, value) in &mut headers {
            if name == KEY {
                *value = BASE64.encode(value.as_bytes());
            }
        }
        headers
    }),
};

pub(crate) const SOURCE_TOUCHED: Fault = Fault {
    id: "upload-source-touched",
    sentence: "The caller's file is the buffer: what is left in it afterwards is not what was there.",
    seen_in: "",
    law: UPLOAD,
    subject: habit!(afterwards: |path| {
        let _ = fs::write(path, b"");
    }),
};

pub(crate) const TEN_THOUSAND_REFUSED: Fault = Fault {
    id: "upload-ten-thousand-refused",
    sentence: "n >= limit instead of n > limit: an upload of exactly 10,000 parts is refused.",
    seen_in: "A11",
    law: "upload-count",
    subject: habit!(most_parts: 9_999),
};

pub(crate) const PLANNED_ANEW_IN_SILENCE: Fault = Fault {
    id: "upload-planned-anew-in-silence",
    sentence: "From 10,000 parts on the part size is planned anew, and the envelope declares the old one.",
    seen_in: "A10",
    law: "upload-plan",
    subject: habit!(planned: |declared| {
        let (length, most) = (declared.data_size(), 9_999);
        let part_size = length.div_ceil(most).next_multiple_of(16);
        match declared.part_count() > 9_999 {
            true => Layout::new(client::Cipher::Ctr, length, part_size).unwrap_or(declared),
            false => declared,
        }
    }),
};

const FAILS: &str = "upload-fails";

pub(crate) const RETRY_ADVANCES: Fault = Fault {
    id: "upload-retry-advances",
    sentence: "The second attempt goes through a cipher that the first has advanced.",
    seen_in: "D01",
    law: FAILS,
    subject: habit!(encrypt: |key, offset, attempt, bytes| {
        let length = u64::try_from(bytes.len()).unwrap_or(0);
        client::apply_keystream(key, offset + u64::from(attempt) * length, bytes)
    }),
};

pub(crate) const FAILURE_SWALLOWED: Fault = Fault {
    id: "upload-failure-swallowed",
    sentence: "A failed upload is aborted, and success is returned.",
    seen_in: "",
    law: FAILS,
    subject: habit!(failed: |open, _| {
        let _ = open.bucket.abort(open.object, open.upload_id);
        Ok(Uploaded { etag: None })
    }),
};

pub(crate) const NOT_ABORTED: Fault = Fault {
    id: "upload-not-aborted",
    sentence: "A failed upload stays open, and its id is told to nobody.",
    seen_in: "A18",
    law: FAILS,
    subject: habit!(failed: |_, error| Err(failure(error))),
};

pub(crate) const CODE_LOST: Fault = Fault {
    id: "upload-code-lost",
    sentence: "Whatever the service says, the error is that the upload failed.",
    seen_in: "",
    law: FAILS,
    subject: habit!(failed: |open, _| {
        let _ = sequential::again(|_| open.bucket.abort(open.object, open.upload_id));
        Err(Failure {
            message: format!("upload {} failed", open.upload_id),
            code: None,
        })
    }),
};

const RESUMES: &str = "upload-resumes";

pub(crate) const RESUME_TRUSTS_THE_FILE: Fault = Fault {
    id: "resume-trusts-the-file",
    sentence: "A file whose length is the same is resumed whatever is in it now.",
    seen_in: "D16",
    law: RESUMES,
    subject: habit!(resumes: Some(Resuming {
        keep: |upload_id, headers, _| sequential::keep(upload_id, headers),
    })),
};

pub(crate) const CHECKPOINT_HOLDS_THE_START: Fault = Fault {
    id: "resume-checkpoint-holds-the-start",
    sentence: "The record that is kept on disk holds the counter start in the clear.",
    seen_in: "D15",
    law: RESUMES,
    subject: habit!(resumes: Some(Resuming {
        keep: |upload_id, headers, key| {
            let start: String = key.expose_start().iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{}\nstart {start}", sequential::keep(upload_id, headers))
        },
    })),
};

const SOURCE: &str = "upload-source";

pub(crate) const ZEROS_FOR_WHAT_IS_MISSING: Fault = Fault {
    id: "source-zeros-for-what-is-missing",
    sentence: "A buffer that is not filled is sent all the same: a file that ends early ends in zeros.",
    seen_in: "",
    law: SOURCE,
    subject: || {
        subject(
            const {
                &Sequential(Habits {
                    read: |file, offset, buffer| file.read_at(buffer, offset).map(drop),
                    looks_again: false,
                    ..RIGHT
                })
            },
        )
    },
};

pub(crate) const NOT_LOOKED_AT_AGAIN: Fault = Fault {
    id: "source-not-looked-at-again",
    sentence: "A file that is changed while it is read becomes an object of two versions.",
    seen_in: "D16",
    law: SOURCE,
    subject: habit!(looks_again: false),
};

const DOWNLOAD: &str = "download";

/// Downloads as the built-in client does, but for what is done about the result.
struct Reading(fn(&Service<'_>, &DownloadJob<'_>) -> Result<(), Failure>);

impl Client for Reading {
    fn abilities(&self) -> Abilities {
        Builtin.abilities()
    }

    fn upload(&self, service: &Service<'_>, job: &UploadJob<'_>) -> Result<Uploaded, Failure> {
        Builtin.upload(service, job)
    }

    fn download(&self, service: &Service<'_>, job: &DownloadJob<'_>) -> Result<(), Failure> {
        (self.0)(service, job)
    }
}

macro_rules! reading {
    ($download:expr) => {
        || subject(const { &Reading($download) })
    };
}

/// The ciphertext of an object from a byte on.
fn ciphertext(
    service: &Service<'_>,
    job: &DownloadJob<'_>,
    first: impl FnOnce(u64) -> u64,
) -> Result<(ContentKey, u64, Vec<u8>), Failure> {
    let bucket = bucket(service)?;
    let master = MasterKey::from_pem(service.master.private).map_err(failure)?;
    let head = bucket.head(job.object).map_err(failure)?;
    let headers = head.headers.iter();
    let headers = headers.map(|(name, value)| (name.as_str(), value.as_str()));
    let envelope = client::Envelope::open(&master, headers).map_err(failure)?;
    let (first, mut bytes) = (first(head.length).min(head.length), Vec::new());
    if first < head.length {
        let got = bucket.get(
            job.object,
            &head.etag,
            head.length,
            first..head.length,
            &mut bytes,
        );
        got.map_err(failure)?;
    }
    Ok((envelope.content_key, first, bytes))
}

fn write(job: &DownloadJob<'_>, bytes: &[u8]) -> Result<(), Failure> {
    fs::write(job.file, bytes).map_err(|error: io::Error| Failure {
        message: error.to_string(),
        code: None,
    })
}

/// Whether the built-in client reads the whole object in counter mode.
fn is_ctr(service: &Service<'_>, job: &DownloadJob<'_>) -> bool {
    let opened = (|| {
        let bucket = bucket(service).ok()?;
        let master = MasterKey::from_pem(service.master.private).ok()?;
        let object = EncryptedObject::open(
            &bucket,
            job.object,
            &master,
            client::DownloadOptions::default(),
        );
        Some(object.ok()?.cipher())
    })();
    opened == Some(client::Cipher::Ctr)
}

pub(crate) const SUFFIX_FROM_ZERO: Fault = Fault {
    id: "download-suffix-from-zero",
    sentence: "A suffix range is decrypted with the counter at 0.",
    seen_in: "C01",
    law: DOWNLOAD,
    subject: reading!(|service, job| match job.range {
        Some(ByteRange::Suffix { length }) if is_ctr(service, job) => {
            let (key, _, mut bytes) = ciphertext(service, job, |size| size.saturating_sub(length))?;
            client::apply_keystream(&key, 0, &mut bytes).map_err(failure)?;
            write(job, &bytes)
        }
        _ => Builtin.download(service, job),
    }),
};

pub(crate) const PREFIX_KEPT: Fault = Fault {
    id: "download-prefix-kept",
    sentence: "A range that begins within a block is widened to the block, and what is before it is not discarded.",
    seen_in: "B17",
    law: DOWNLOAD,
    subject: reading!(|service, job| match job.range {
        Some(ByteRange::From { first }) => Builtin.download(
            service,
            &DownloadJob {
                range: Some(ByteRange::From { first: first & !15 }),
                ..*job
            },
        ),
        _ => Builtin.download(service, job),
    }),
};

pub(crate) const CARRY_LOST: Fault = Fault {
    id: "download-carry-lost",
    sentence: "A seek adds to the low 64 bits of the counter without a carry.",
    seen_in: "B03",
    law: DOWNLOAD,
    subject: reading!(|service, job| match job.range {
        Some(ByteRange::From { first }) if is_ctr(service, job) => {
            let (key, block, bytes) = ciphertext(service, job, |_| first & !15)?;
            let start = u128::from_be_bytes(*key.expose_start());
            let low = u64::try_from(start & u128::from(u64::MAX)).unwrap_or(0);
            let sum = u128::from(low.wrapping_add(block / 16));
            let start = (start >> 64 << 64 | sum).to_be_bytes();
            let model = partproof_model::ContentKey(*key.expose_key());
            let offset = partproof_model::ByteOffset::new(0);
            let start = partproof_model::Start(start);
            let bytes = ctr::apply(model, start, offset, &bytes);
            let skipped = usize::try_from(first.saturating_sub(block)).unwrap_or(usize::MAX);
            write(job, bytes.get(skipped..).unwrap_or_default())
        }
        _ => Builtin.download(service, job),
    }),
};

pub(crate) const TAG_UNCHECKED: Fault = Fault {
    id: "download-tag-unchecked",
    sentence: "The tag of a GCM object is compared, and what does not match is written all the same.",
    seen_in: "",
    law: DOWNLOAD,
    subject: reading!(|service, job| {
        let read = Builtin.download(service, job);
        let all = DownloadJob {
            range: Some(ByteRange::From { first: 0 }),
            ..*job
        };
        match read {
            Err(failure) if failure.message.contains("tag") => Builtin.download(service, &all),
            read => read,
        }
    }),
};

pub(crate) const CIPHERTEXT_AS_DATA: Fault = Fault {
    id: "download-ciphertext-as-data",
    sentence: "An object whose algorithm is unknown is taken for one that is not encrypted.",
    seen_in: "E13",
    law: DOWNLOAD,
    subject: reading!(|service, job| {
        let read = Builtin.download(service, job);
        match read {
            Err(refusal) if refusal.message.contains("-alg is") => {
                let bucket = bucket(service)?;
                let head = bucket.head(job.object).map_err(failure)?;
                let mut bytes = Vec::new();
                let whole = 0..head.length;
                if head.length > 0 {
                    bucket
                        .get(job.object, &head.etag, head.length, whole, &mut bytes)
                        .map_err(failure)?;
                }
                write(job, &bytes)
            }
            read => read,
        }
    }),
};

pub(crate) const OAEP_UNREADABLE: Fault = Fault {
    id: "download-oaep-unreadable",
    sentence: "It says that it reads keys wrapped with OAEP, and does not.",
    seen_in: "",
    law: DOWNLOAD,
    subject: reading!(|service, job| {
        let bucket = bucket(service)?;
        let head = bucket.head(job.object).map_err(failure)?;
        let is_oaep = |(_, value): &(String, String)| value.contains("OAEP");
        match head.headers.iter().any(is_oaep) {
            true => Err(Failure {
                message: "unknown wrap algorithm".to_owned(),
                code: None,
            }),
            false => Builtin.download(service, job),
        }
    }),
};

pub(crate) const NOTHING_FOR_NOTHING: Fault = Fault {
    id: "download-nothing-for-nothing",
    sentence: "An object without a byte is read by a loop that never runs: no file is made, and success is returned.",
    seen_in: "C09",
    law: DOWNLOAD,
    subject: reading!(|service, job| {
        let bucket = bucket(service)?;
        match bucket.head(job.object).map_err(failure)?.length {
            0 => Ok(()),
            _ => Builtin.download(service, job),
        }
    }),
};

pub(crate) const HALF_A_READ: Fault = Fault {
    id: "download-half-a-read",
    sentence: "An answer that ends early is written as far as it came, and success is returned.",
    seen_in: "C09",
    law: DOWNLOAD,
    subject: reading!(|service, job| match Builtin.download(service, job) {
        Err(failure) if failure.message.contains("got no whole answer") => write(job, b""),
        read => read,
    }),
};
