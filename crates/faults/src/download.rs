//! Whole clients that read: faults between the pieces that show only over HTTP.

use std::fs;
use std::io;

use partproof_client as client;
use partproof_client::{Bucket, ContentKey, EncryptedObject, Head, MasterKey};
use partproof_model::cipher::ctr;
use partproof_model::envelope::{KEY, MATDESC, START};
use partproof_subjects::builtin::Builtin;
use partproof_suite::Cause;
use partproof_suite::subject::client::{
    Abilities, ByteRange, Client, DownloadJob, Failure, Service, UploadJob, Uploaded,
};

use crate::Fault;
use crate::sequential::{bucket, failure};
use crate::whole::subject;

const DOWNLOAD: &str = "download";

/// Downloads as the built-in client does, but for what is done about the result.
pub(crate) struct Reading(pub(crate) fn(&Service<'_>, &DownloadJob<'_>) -> Result<(), Failure>);

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
pub(crate) use reading;

/// What a reader knows of an object before it reads it.
pub(crate) struct Opened {
    pub(crate) bucket: Bucket,
    pub(crate) head: Head,
    pub(crate) key: ContentKey,
}

pub(crate) fn opened(service: &Service<'_>, job: &DownloadJob<'_>) -> Result<Opened, Failure> {
    let bucket = bucket(service)?;
    let master = MasterKey::from_pem(service.master.private).map_err(failure)?;
    let head = bucket.head(job.object).map_err(failure)?;
    let headers = head.headers.iter();
    let headers = headers.map(|(name, value)| (name.as_str(), value.as_str()));
    let envelope = client::Envelope::open(&master, headers).map_err(failure)?;
    Ok(Opened {
        bucket,
        head,
        key: envelope.content_key,
    })
}

/// The ciphertext of an object from a byte on.
pub(crate) fn ciphertext(
    service: &Service<'_>,
    job: &DownloadJob<'_>,
    first: impl FnOnce(u64) -> u64,
) -> Result<(ContentKey, u64, Vec<u8>), Failure> {
    let Opened { bucket, head, key } = opened(service, job)?;
    let (first, mut bytes) = (first(head.length).min(head.length), Vec::new());
    if first < head.length {
        let rest = first..head.length;
        let got = bucket.get(job.object, &head.etag, head.length, rest, &mut bytes);
        got.map_err(failure)?;
    }
    Ok((key, first, bytes))
}

/// Reads from a byte on, block by block, with `counter(start, block)` for each.
pub(crate) fn in_blocks(
    service: &Service<'_>,
    job: &DownloadJob<'_>,
    first: u64,
    counter: fn(u128, u128) -> u128,
) -> Result<(), Failure> {
    let (key, block, bytes) = ciphertext(service, job, |_| first & !15)?;
    let start = u128::from_be_bytes(*key.expose_start());
    let mut plaintext = Vec::new();
    for (number, bytes) in (u128::from(block / 16)..).zip(bytes.chunks(16)) {
        let counter = partproof_model::Start(counter(start, number).to_be_bytes());
        let key = partproof_model::ContentKey(*key.expose_key());
        let place = partproof_model::ByteOffset::new(0);
        plaintext.extend(ctr::apply(key, counter, place, bytes));
    }
    let skipped = usize::try_from(first.saturating_sub(block)).unwrap_or(usize::MAX);
    write(job, plaintext.get(skipped..).unwrap_or_default())
}

pub(crate) fn write(job: &DownloadJob<'_>, bytes: &[u8]) -> Result<(), Failure> {
    fs::write(job.file, bytes).map_err(|error: io::Error| Failure {
        message: error.to_string(),
        code: None,
    })
}

/// Whether the built-in client reads the whole object in counter mode.
pub(crate) fn is_ctr(service: &Service<'_>, job: &DownloadJob<'_>) -> bool {
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
    cause: Some(Cause::ReadFromZero),
    subject: reading!(|service, job| match job.range {
        Some(ByteRange::Suffix { length }) if is_ctr(service, job) => {
            let (key, _, mut bytes) = ciphertext(service, job, |size| size.saturating_sub(length))?;
            client::apply_keystream(&key, 0, &mut bytes).map_err(failure)?;
            write(job, &bytes)
        }
        _ => Builtin.download(service, job),
    }),
};

pub(crate) const SUFFIX_LONGER_THAN_OBJECT: Fault = Fault {
    id: "download-suffix-longer-than-object",
    sentence: "Where a suffix is longer than the object, its first byte is reckoned below 0 and wraps: the whole is decrypted for another place.",
    seen_in: "C01",
    law: DOWNLOAD,
    cause: None,
    subject: reading!(|service, job| match job.range {
        Some(ByteRange::Suffix { length }) if is_ctr(service, job) => {
            let (key, _, mut bytes) = ciphertext(service, job, |size| size.saturating_sub(length))?;
            let read = u64::try_from(bytes.len()).unwrap_or(0);
            match length > read {
                true => {
                    let place = (length - read) / 16 * 16 + 16;
                    client::apply_keystream(&key, place, &mut bytes).map_err(failure)?;
                    write(job, &bytes)
                }
                false => Builtin.download(service, job),
            }
        }
        _ => Builtin.download(service, job),
    }),
};

pub(crate) const PREFIX_KEPT: Fault = Fault {
    id: "download-prefix-kept",
    sentence: "A range that begins within a block is widened to the block, and what is before it is not discarded.",
    seen_in: "B17",
    law: DOWNLOAD,
    cause: Some(Cause::PrefixKept),
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
    cause: Some(Cause::CarryLostAt64),
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
    cause: None,
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
    cause: None,
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
    cause: None,
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
    cause: None,
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
    cause: None,
    subject: reading!(|service, job| match Builtin.download(service, job) {
        Err(failure) if failure.message.contains("got no whole answer") => write(job, b""),
        read => read,
    }),
};

pub(crate) const CARRY_GOES_AROUND: Fault = Fault {
    id: "download-carry-goes-around",
    sentence: "The carry out of the counter's highest byte is added to its lowest.",
    seen_in: "B05",
    law: DOWNLOAD,
    cause: Some(Cause::CarryGoesAround),
    subject: reading!(|service, job| match job.range {
        Some(ByteRange::From { first }) if is_ctr(service, job) => {
            in_blocks(service, job, first, |start, block| {
                let (sum, wraps) = start.overflowing_add(block);
                sum + u128::from(wraps)
            })
        }
        _ => Builtin.download(service, job),
    }),
};

pub(crate) const BLOCK_BEGUN_ANEW: Fault = Fault {
    id: "download-block-begun-anew",
    sentence: "A range that begins within a block is decrypted with the keystream of the block's beginning.",
    seen_in: "B18",
    law: DOWNLOAD,
    cause: Some(Cause::BlockBegunAnew),
    subject: reading!(|service, job| match job.range {
        Some(ByteRange::From { first }) if is_ctr(service, job) => {
            let (key, _, mut bytes) = ciphertext(service, job, |_| first)?;
            client::apply_keystream(&key, first & !15, &mut bytes).map_err(failure)?;
            write(job, &bytes)
        }
        _ => Builtin.download(service, job),
    }),
};

pub(crate) const DESCRIPTION_REQUIRED: Fault = Fault {
    id: "download-description-required",
    sentence: "An object whose envelope has no material description is refused.",
    seen_in: "E05",
    law: DOWNLOAD,
    cause: None,
    subject: reading!(|service, job| {
        let head = bucket(service)?.head(job.object).map_err(failure)?;
        match head.headers.iter().any(|(name, _)| name == MATDESC) {
            true => Builtin.download(service, job),
            false => Err(Failure {
                message: "no material description".to_owned(),
                code: None,
            }),
        }
    }),
};

pub(crate) const HALF_AN_ENVELOPE_AS_NONE: Fault = Fault {
    id: "download-half-an-envelope-as-none",
    sentence: "An object whose envelope lacks the start or the key is handed out as if it were not encrypted.",
    seen_in: "E13",
    law: DOWNLOAD,
    cause: None,
    subject: reading!(|service, job| {
        let bucket = bucket(service)?;
        let head = bucket.head(job.object).map_err(failure)?;
        let has = |name: &str| head.headers.iter().any(|(given, _)| given == name);
        if has(KEY) && has(START) {
            return Builtin.download(service, job);
        }
        let mut bytes = Vec::new();
        let whole = 0..head.length;
        let got = bucket.get(job.object, &head.etag, head.length, whole, &mut bytes);
        got.map_err(failure)?;
        write(job, &bytes)
    }),
};

pub(crate) const RETRY_APPENDS: Fault = Fault {
    id: "download-retry-appends",
    sentence: "A download that was cut is begun anew behind what came first.",
    seen_in: "C09",
    law: DOWNLOAD,
    cause: None,
    subject: reading!(|service, job| match job.range {
        None if is_ctr(service, job) => {
            let Opened { bucket, head, key } = opened(service, job)?;
            let (mut file, mut bytes) = (Vec::new(), Vec::new());
            let mut last = Ok(());
            for _ in 0..3 {
                let whole = 0..head.length;
                last = bucket.get(job.object, &head.etag, head.length, whole, &mut bytes);
                client::apply_keystream(&key, 0, &mut bytes).map_err(failure)?;
                file.append(&mut bytes);
                if last.is_ok() {
                    break;
                }
            }
            last.map_err(failure)?;
            write(job, &file)
        }
        _ => Builtin.download(service, job),
    }),
};
