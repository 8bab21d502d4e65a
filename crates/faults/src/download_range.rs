//! Whole clients that read: what goes wrong where a range, or the rest of a download that was cut, does not begin with the object.

use partproof_client as client;
use partproof_model::Cipher;
use partproof_model::envelope::{KEY, PART_SIZE, START};
use partproof_subjects::builtin::Builtin;
use partproof_suite::Cause;
use partproof_suite::subject::client::{ByteRange, Client, DownloadJob};

use crate::Fault;
use crate::counter::signed;
use crate::download::{Opened, Reading, ciphertext, in_blocks, is_ctr, opened, reading, write};
use crate::envelope_reader::{by_hand, unwrapped};
use crate::sequential::{bucket, failure};
use crate::whole::subject;

const DOWNLOAD: &str = "download";

pub(crate) const LAST_BYTE_LEFT_OUT: Fault = Fault {
    id: "download-last-byte-left-out",
    sentence: "The last byte of a range is taken for the first one behind it.",
    seen_in: "C07",
    law: DOWNLOAD,
    cause: None,
    subject: reading!(|service, job| match job.range {
        Some(ByteRange::Closed { first, last }) if first < last => Builtin.download(
            service,
            &DownloadJob {
                range: Some(ByteRange::Closed {
                    first,
                    last: last - 1,
                }),
                ..*job
            },
        ),
        _ => Builtin.download(service, job),
    }),
};

pub(crate) const WITHIN_PART: Fault = Fault {
    id: "download-range-within-part",
    sentence: "A range is decrypted for its place in its part, not in the object.",
    seen_in: "C08",
    law: DOWNLOAD,
    cause: Some(Cause::ReadWithinPart),
    subject: reading!(|service, job| match job.range {
        Some(ByteRange::From { first }) if is_ctr(service, job) => {
            let mut headers = opened(service, job)?.head.headers.into_iter();
            let part_size = headers.find(|(name, _)| name == PART_SIZE);
            let part_size = part_size.and_then(|(_, size)| size.parse().ok());
            let (key, first, mut bytes) = ciphertext(service, job, |_| first)?;
            let place = first % part_size.unwrap_or(u64::MAX);
            client::apply_keystream(&key, place, &mut bytes).map_err(failure)?;
            write(job, &bytes)
        }
        _ => Builtin.download(service, job),
    }),
};

pub(crate) const START_SIGNED: Fault = Fault {
    id: "download-start-signed",
    sentence: "To reach a range the counter is taken for a signed integer: leading 0xff are lost.",
    seen_in: "B07",
    law: DOWNLOAD,
    cause: Some(Cause::StartSigned),
    subject: reading!(|service, job| match job.range {
        Some(ByteRange::From { first }) if is_ctr(service, job) => {
            in_blocks(service, job, first, |start, block| {
                signed(start.wrapping_add(block))
            })
        }
        _ => Builtin.download(service, job),
    }),
};

pub(crate) const WHOLE_FOR_THE_RANGE: Fault = Fault {
    id: "download-whole-for-the-range",
    sentence: "The status of an answer is not looked at: a whole object in answer to a range is decrypted for the range's place.",
    seen_in: "C13",
    law: DOWNLOAD,
    cause: None,
    subject: reading!(|service, job| match job.range {
        Some(ByteRange::Closed { first, .. } | ByteRange::From { first })
            if is_ctr(service, job) =>
        {
            let range = ciphertext(service, job, |_| first);
            match range
                .err()
                .is_some_and(|failure| failure.message.contains("206"))
            {
                true => {
                    let (key, _, mut whole) = ciphertext(service, job, |_| 0)?;
                    client::apply_keystream(&key, first, &mut whole).map_err(failure)?;
                    write(job, &whole)
                }
                false => Builtin.download(service, job),
            }
        }
        _ => Builtin.download(service, job),
    }),
};

pub(crate) const REST_FROM_ZERO: Fault = Fault {
    id: "download-rest-from-zero",
    sentence: "A download that was cut goes on behind what came, and decrypts that as if it began the object.",
    seen_in: "C13",
    law: DOWNLOAD,
    cause: None,
    subject: reading!(|service, job| match job.range {
        None if is_ctr(service, job) => {
            let Opened { bucket, head, key } = opened(service, job)?;
            let mut file = Vec::new();
            let mut last = Ok(());
            for _ in 0..3 {
                let mut bytes = Vec::new();
                let first = u64::try_from(file.len()).unwrap_or(u64::MAX);
                let rest = first..head.length;
                last = bucket.get(job.object, &head.etag, head.length, rest, &mut bytes);
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

pub(crate) const KEY_FILLED_UP: Fault = Fault {
    id: "download-key-filled-up",
    sentence: "A content key or a start of another length is filled up with zeros or cut, and the object decrypted with it.",
    seen_in: "E14",
    law: DOWNLOAD,
    cause: None,
    subject: reading!(|service, job| {
        let read = Builtin.download(service, job);
        if read.is_ok() || job.range.is_some() {
            return read;
        }
        let bucket = bucket(service)?;
        let head = bucket.head(job.object).map_err(failure)?;
        let unwrap = |name| unwrapped(&service.master, &head.headers, name);
        let Some((key, start)) = unwrap(KEY).zip(unwrap(START)) else {
            return read;
        };
        let Ok(envelope) = by_hand(&head.headers, &key, &start) else {
            return read;
        };
        let mut bytes = Vec::new();
        let got = bucket.get(
            job.object,
            &head.etag,
            head.length,
            0..head.length,
            &mut bytes,
        );
        if envelope.cipher != Cipher::Ctr || got.is_err() {
            return read;
        }
        let key = client::ContentKey::new(envelope.key, envelope.start);
        client::apply_keystream(&key, 0, &mut bytes).map_err(failure)?;
        write(job, &bytes)
    }),
};
