//! Whole clients that are right and differ from each other: in what they send, in which order, how often, and how they read.

use std::ops::Range;

use partproof_client as client;
use partproof_subjects::builtin::Builtin;
use partproof_suite::subject::client::{ByteRange, Client, Failure};

use crate::Variant;
use crate::download::{Opened, Reading, is_ctr, opened, reading, write};
use crate::sequential::{Habits, RESUMING, RIGHT, Sequential, again, failure, refused};
use crate::whole::{habit, subject};

pub(crate) const ENVELOPE_ON_PARTS: Variant = Variant {
    id: "client-envelope-on-parts",
    sentence: "Sends the envelope with each part again, as Go and Python do.",
    subject: habit!(part_headers: |open, _| open.envelope()),
};

pub(crate) const BACKWARDS: Variant = Variant {
    id: "client-backwards",
    sentence: "Sends the last part first, and sorts the list.",
    subject: || {
        subject(
            const {
                &Sequential(Habits {
                    is_backwards: true,
                    listed: |mut parts, _| {
                        parts.sort_unstable();
                        parts
                    },
                    ..RIGHT
                })
            },
        )
    },
};

pub(crate) const TRIES_ONCE: Variant = Variant {
    id: "client-tries-once",
    sentence: "Tries nothing twice.",
    subject: habit!(attempts: 1),
};

pub(crate) const TRIES_FIVE_TIMES: Variant = Variant {
    id: "client-tries-five-times",
    sentence: "Tries everything five times, at once, whatever the failure.",
    subject: habit!(attempts: 5),
};

pub(crate) const LISTS_FIRST: Variant = Variant {
    id: "client-lists-first",
    sentence: "Completes an upload only if the service lists the parts that it has sent, and resumes.",
    subject: || {
        subject(
            const {
                &Sequential(Habits {
                    lists_first: true,
                    resumes: Some(RESUMING),
                    ..RIGHT
                })
            },
        )
    },
};

pub(crate) const LEAVES_OPEN: Variant = Variant {
    id: "client-leaves-open",
    sentence: "Leaves an upload that failed open, and tells its id.",
    subject: habit!(failed: |open, error| {
        let failure = failure(error);
        Err(Failure {
            message: format!("upload {} is open: {}", open.upload_id, failure.message),
            ..failure
        })
    }),
};

/// The bytes of an object of so many that a range has; of none, if there are none.
fn resolved(range: ByteRange, size: u64) -> Range<u64> {
    match range {
        ByteRange::Closed { first, last } => first..last.saturating_add(1).min(size),
        ByteRange::From { first } => first..size,
        ByteRange::Suffix { length } => size.saturating_sub(length)..size,
    }
}

/// Bytes of a piece: no multiple of a block.
const PIECE: u64 = 65_537;

pub(crate) const READS_IN_PIECES: Variant = Variant {
    id: "client-reads-in-pieces",
    sentence: "Reads what is encrypted in counter mode piece by piece, each by a range with both ends.",
    subject: reading!(|service, job| {
        if !is_ctr(service, job) {
            return Builtin.download(service, job);
        }
        let Opened { bucket, head, key } = opened(service, job)?;
        let size = head.length;
        let range = job.range.map_or(0..size, |range| resolved(range, size));
        if job.range.is_some() && range.is_empty() {
            return Err(refused("no such range".to_owned()));
        }
        let (mut bytes, mut at) = (Vec::new(), range.start);
        while at < range.end {
            let (piece, mut read) = (at..range.end.min(at + PIECE), Vec::new());
            again(2, |_| {
                let range = piece.clone();
                bucket.get(job.object, &head.etag, size, range, &mut read)
            })
            .map_err(failure)?;
            client::apply_keystream(&key, at, &mut read).map_err(failure)?;
            bytes.append(&mut read);
            at = piece.end;
        }
        write(job, &bytes)
    }),
};
