//! What the sequential client does at each step, each a function that a fault may put another in the place of.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::Path;

use partproof_client as client;
use partproof_client::answers::Completed;
use partproof_client::{Bucket, ContentKey, Layout};
use partproof_suite::subject::client::{Failure, Uploaded};

use super::{Headers, State, again, failure, keep};

/// A part that is sent, and how often it was tried before.
pub(crate) struct Turn<'t> {
    pub(crate) layout: &'t Layout,
    pub(crate) number: u32,
    /// Counted from 0.
    pub(crate) attempt: u32,
    /// Whether the caller wants parts at a time. They are sent one by one all the same: what threads do to each other is a habit.
    pub(crate) is_parallel: bool,
    /// How many parts an earlier attempt at the upload has sent.
    pub(crate) stored: u32,
}

impl Turn<'_> {
    /// The bytes of the source that part `number` is of; none where there is no such part.
    pub(crate) fn of(&self, number: u32) -> Range<u64> {
        self.layout.plaintext_of(number).unwrap_or_default()
    }

    pub(crate) fn range(&self) -> Range<u64> {
        self.of(self.number)
    }
}

/// What comes of Complete.
type Answer = Result<Completed, client::Error>;

/// Numbers and ETags.
pub(crate) type List = Vec<(u32, String)>;

/// What it does at each step.
#[derive(Clone, Copy)]
pub(crate) struct Habits {
    /// The content key of an upload of this name.
    pub(crate) key: fn(&str) -> Result<ContentKey, client::Error>,
    /// The object's name, and the upload's id, as it is asked for.
    pub(crate) name: fn(&str) -> String,
    pub(crate) upload_id: fn(&str) -> String,
    /// The headers of Initiate, and of a put.
    pub(crate) headers: fn(Headers) -> Headers,
    /// The headers of a part with this plaintext.
    pub(crate) part_headers: fn(&Open<'_>, &[u8]) -> Headers,
    /// The ETag that a part with this plaintext must be answered; any, if there is none.
    pub(crate) expects: fn(&[u8]) -> Option<String>,
    /// How many bytes are taken of a source of so many.
    pub(crate) length: fn(u64) -> u64,
    /// The bytes of the source that are sent.
    pub(crate) reads: fn(&Turn<'_>) -> Range<u64>,
    /// The number under which they are sent.
    pub(crate) number: fn(&Turn<'_>) -> u32,
    /// Encrypts them.
    pub(crate) encrypt: fn(&ContentKey, &Turn<'_>, &mut [u8]) -> Result<(), client::Error>,
    /// Fills a buffer from an offset of the source.
    pub(crate) read: fn(&File, u64, &mut [u8]) -> io::Result<()>,
    /// What an upload that failed comes to.
    pub(crate) failed: fn(&Open<'_>, client::Error) -> Result<Uploaded, Failure>,
    /// How many parts are sent, and whether there are some already.
    pub(crate) sent: fn(&Layout, bool) -> u32,
    /// Whether a part that cannot be sent is left out.
    pub(crate) leaves_out: bool,
    /// The part list, from the parts in the order in which they were sent, and the last of them.
    pub(crate) listed: fn(List, &Turn<'_>) -> List,
    /// What asking for Complete comes to, after the last part.
    pub(crate) completes: fn(&Turn<'_>, &mut dyn FnMut() -> Answer) -> Answer,
    /// What is done with the source's file in the end.
    pub(crate) afterwards: fn(&Path),
    /// Whether the source is looked at in the end, and when it is another than it was.
    pub(crate) looks_again: bool,
    pub(crate) is_changed: fn(&State, &State) -> bool,
    /// How uploads are resumed, if they are.
    pub(crate) resumes: Option<Resuming>,
    /// The plan by which parts are sent, from the one that is declared.
    pub(crate) planned: fn(Layout) -> Layout,
    /// Whether a plan that the service would not take is refused.
    pub(crate) checks_plan: bool,
    /// The most parts that are planned.
    pub(crate) most_parts: u32,
    /// How often a request of an upload is tried.
    pub(crate) attempts: u32,
    /// Whether the last part is sent first.
    pub(crate) is_backwards: bool,
    /// Whether the service's list of parts must be the client's before the upload is completed.
    pub(crate) lists_first: bool,
}

/// How uploads are resumed.
#[derive(Clone, Copy)]
pub(crate) struct Resuming {
    /// What is kept of an upload: its id and its headers.
    pub(crate) keep: fn(&str, &[(String, String)], &ContentKey) -> String,
    /// Whether the source's bytes, and the part size, must be those of before. Otherwise an upload begins anew.
    pub(crate) looks_at_source: bool,
    pub(crate) looks_at_part_size: bool,
    /// Whether the upload before is aborted then.
    pub(crate) aborts: bool,
    /// The key under which the rest is encrypted.
    pub(crate) key: fn(ContentKey) -> Result<ContentKey, client::Error>,
}

/// As it should be.
pub(crate) const RESUMING: Resuming = Resuming {
    keep: |upload_id, headers, _| keep(upload_id, headers),
    looks_at_source: true,
    looks_at_part_size: true,
    aborts: true,
    key: Ok,
};

/// An upload that is open.
pub(crate) struct Open<'o> {
    pub(crate) bucket: &'o Bucket,
    pub(crate) object: &'o str,
    pub(crate) upload_id: &'o str,
    /// The headers that it was begun with.
    pub(crate) headers: &'o [(String, String)],
}

pub(crate) const RIGHT: Habits = Habits {
    key: |_| ContentKey::generate(client::Cipher::Ctr),
    name: str::to_owned,
    upload_id: str::to_owned,
    headers: |headers| headers,
    part_headers: |_, _| Vec::new(),
    expects: |_| None,
    length: |length| length,
    reads: |turn| turn.range(),
    number: |turn| turn.number,
    encrypt: |key, turn, bytes| client::apply_keystream(key, turn.range().start, bytes),
    read: |file, offset, buffer| file.read_exact_at(buffer, offset),
    failed: |open, error| {
        let aborted = again(2, |_| open.bucket.abort(open.object, open.upload_id));
        let mut failure = failure(error);
        if aborted.is_err() {
            failure.message = format!(
                "{}; upload {} is still open",
                failure.message, open.upload_id
            );
        }
        Err(failure)
    },
    sent: |layout, _| layout.part_count(),
    leaves_out: false,
    listed: |parts, _| parts,
    completes: |_, ask| ask(),
    afterwards: |_| {},
    looks_again: true,
    is_changed: |before, now| before != now,
    resumes: None,
    planned: |declared| declared,
    checks_plan: true,
    most_parts: client::MAX_PARTS,
    attempts: 2,
    is_backwards: false,
    lists_first: false,
};
