//! A reader with all that a caller may want of one: several master keys, envelopes under the names of before, and what it reads in pieces.
//! It is right as it stands; each fault of its is one habit changed.

use std::collections::BTreeMap;

use data_encoding::BASE64;
use partproof_client as client;
use partproof_client::{Bucket, ContentKey};
use partproof_model::envelope::{CEK_ALG, MATDESC, OLD_KEY, OLD_START};
use partproof_model::key_wrap::{self, WrapAlg};
use partproof_subjects::builtin::Builtin;
use partproof_suite::subject::client::{
    Abilities, ByteRange, Client, DownloadJob, Failure, Pieces, Service, UploadJob, Uploaded,
};

use crate::Fault;
use crate::download::{Opened, Reading, ciphertext, is_ctr, opened, reading, write};
use crate::sequential::{bucket, failure, refused};
use crate::whole::subject;

const DOWNLOAD: &str = "download";

/// A description, as a client compares it.
type Description = BTreeMap<String, String>;

/// The reader, with its habits.
struct Reader {
    /// Whether the description of an object, as JSON, is this one.
    is_described: fn(&str, &Description) -> bool,
    /// Whether it looks at its other keys.
    has_several: bool,
    /// Reads an object under the names of before: its wrapped key and start.
    reads_old: fn(&Bucket, &Service<'_>, &DownloadJob<'_>, [&str; 2]) -> Result<(), Failure>,
    /// Hands out what is decrypted from a place on, as it is asked for.
    hands_out: fn(&Stream, &Pieces) -> Result<Vec<u8>, client::Error>,
}

/// What a stream decrypts.
struct Stream {
    key: ContentKey,
    ciphertext: Vec<u8>,
}

impl Stream {
    /// The bytes from a place on, so many at most, decrypted as if they stood elsewhere.
    fn piece(&self, at: u64, length: u64, as_at: u64) -> Result<Vec<u8>, client::Error> {
        let place = |at: u64| {
            usize::try_from(at)
                .unwrap_or(usize::MAX)
                .min(self.ciphertext.len())
        };
        let mut bytes = self.ciphertext[place(at)..place(at.saturating_add(length))].to_vec();
        client::apply_keystream(&self.key, as_at, &mut bytes)?;
        Ok(bytes)
    }

    fn length(&self) -> u64 {
        u64::try_from(self.ciphertext.len()).unwrap_or(u64::MAX)
    }

    /// All of it in pieces; `as_at` says where each is decrypted for.
    fn in_pieces(
        &self,
        pieces: &Pieces,
        mut as_at: impl FnMut(u64) -> u64,
    ) -> Result<Vec<u8>, client::Error> {
        let mut sizes = pieces.sizes.iter().cycle();
        let mut bytes = Vec::new();
        let mut at = 0;
        while at < self.length() {
            let size = u64::from(*sizes.next().expect("there is one")).max(1);
            bytes.extend(self.piece(at, size, as_at(at))?);
            at += size;
        }
        Ok(bytes)
    }
}

const RIGHT: Reader = Reader {
    is_described: |json, description| {
        serde_json::from_str::<Description>(json).is_ok_and(|given| given == *description)
    },
    has_several: true,
    reads_old: old,
    hands_out: |stream, pieces| {
        // Whoever begins again forgets what was read.
        stream.piece(0, pieces.first.unwrap_or(0), 0)?;
        stream.in_pieces(pieces, |at| at)
    },
};

impl Client for Reader {
    fn abilities(&self) -> Abilities {
        Abilities {
            pieces: true,
            several_keys: true,
            old_names: true,
            ..Builtin.abilities()
        }
    }

    fn upload(&self, service: &Service<'_>, job: &UploadJob<'_>) -> Result<Uploaded, Failure> {
        Builtin.upload(service, job)
    }

    fn download(&self, service: &Service<'_>, job: &DownloadJob<'_>) -> Result<(), Failure> {
        let bucket = bucket(service)?;
        let headers = match bucket.head(job.object) {
            Ok(head) => head.headers,
            // Whoever reads it tries again.
            Err(_) => return Builtin.download(service, job),
        };
        let value = |name: &str| {
            let mut headers = headers.iter();
            let found = headers.find(|(given, _)| given.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.as_str())
        };
        if let (Some(key), Some(start)) = (value(OLD_KEY), value(OLD_START)) {
            return (self.reads_old)(&bucket, service, job, [key, start]);
        }
        let fits = |description: &[(String, String)]| {
            let description = description.iter().cloned().collect();
            value(MATDESC).is_none_or(|json| (self.is_described)(json, &description))
        };
        let mut others = service.others.iter();
        let service =
            match others.find(|other| !fits(service.description) && fits(other.description)) {
                Some(other) if self.has_several => &Service {
                    master: other.master,
                    description: other.description,
                    ..*service
                },
                None if !service.others.is_empty() && !fits(service.description) => {
                    return Err(refused("no master key of this description".to_owned()));
                }
                _ => service,
            };
        let Some(pieces) = job
            .pieces
            .filter(|_| job.range.is_none() && is_ctr(service, job))
        else {
            return Builtin.download(service, job);
        };
        let (key, _, ciphertext) = ciphertext(service, job, |_| 0)?;
        let stream = Stream { key, ciphertext };
        write(job, &(self.hands_out)(&stream, pieces).map_err(failure)?)
    }
}

/// Reads an object under the names of before.
fn old(
    bucket: &Bucket,
    service: &Service<'_>,
    job: &DownloadJob<'_>,
    [key, start]: [&str; 2],
) -> Result<(), Failure> {
    let master = key_wrap::MasterKey::from_pem(service.master.private);
    let master = master.map_err(|error| refused(error.to_string()))?;
    let unwrap = |value: &str| {
        let wrapped = BASE64.decode(value.as_bytes()).ok()?;
        master.unwrap(WrapAlg::OaepSha1, &wrapped).ok()
    };
    let read = || {
        let key: [u8; 32] = unwrap(key)?.try_into().ok()?;
        let start: u128 = String::from_utf8(unwrap(start)?).ok()?.parse().ok()?;
        Some(ContentKey::new(key, start.to_be_bytes()))
    };
    let key = read().ok_or_else(|| refused("no envelope".to_owned()))?;
    let bytes = whole(bucket, job)?;
    let stream = Stream {
        key,
        ciphertext: bytes,
    };
    let length = stream.length();
    let (first, end) = match job.range {
        None => (0, length),
        Some(ByteRange::Closed { first, last }) => (first, last.saturating_add(1)),
        Some(ByteRange::From { first }) => (first, length),
        Some(ByteRange::Suffix { length: wanted }) => (length.saturating_sub(wanted), length),
    };
    let (first, end) = (first.min(length), end.min(length));
    let range = stream.piece(first, end.saturating_sub(first), first);
    write(job, &range.map_err(failure)?)
}

/// What is stored, as it is.
fn whole(bucket: &Bucket, job: &DownloadJob<'_>) -> Result<Vec<u8>, Failure> {
    let head = bucket.head(job.object).map_err(failure)?;
    let mut bytes = Vec::new();
    if head.length > 0 {
        let range = 0..head.length;
        let got = bucket.get(job.object, &head.etag, head.length, range, &mut bytes);
        got.map_err(failure)?;
    }
    Ok(bytes)
}

/// The reader as it stands.
pub(crate) fn right() -> partproof_suite::Subject<'static> {
    subject(const { &RIGHT })
}

macro_rules! reader {
    ($field:ident: $habit:expr) => {
        || {
            subject(
                const {
                    &Reader {
                        $field: $habit,
                        ..RIGHT
                    }
                },
            )
        }
    };
}

pub(crate) const PIECE_BEGINS_THE_KEYSTREAM: Fault = Fault {
    id: "download-piece-begins-the-keystream",
    sentence: "Each piece that is read is decrypted with the keystream's beginning.",
    seen_in: "",
    law: DOWNLOAD,
    cause: None,
    subject: reader!(hands_out: |stream, pieces| stream.in_pieces(pieces, |_| 0)),
};

pub(crate) const PIECE_BEGINS_A_BLOCK: Fault = Fault {
    id: "download-piece-begins-a-block",
    sentence: "A piece that begins within a block is decrypted with that block's keystream from its beginning.",
    seen_in: "",
    law: DOWNLOAD,
    cause: None,
    subject: reader!(hands_out: |stream, pieces| stream.in_pieces(pieces, |at| at & !15)),
};

pub(crate) const AGAIN_FROM_WHERE_IT_STOOD: Fault = Fault {
    id: "download-again-from-where-it-stood",
    sentence: "What is read again from the beginning is decrypted from where the first reading stopped.",
    seen_in: "",
    law: DOWNLOAD,
    cause: None,
    subject: reader!(hands_out: |stream, pieces| {
        let stopped = pieces.first.unwrap_or(0);
        stream.in_pieces(pieces, |at| at + stopped)
    }),
};

pub(crate) const ONE_KEY_KNOWN: Fault = Fault {
    id: "download-one-key-known",
    sentence: "Whatever master key the object's description names, the first is tried.",
    seen_in: "",
    law: DOWNLOAD,
    cause: None,
    subject: reader!(has_several: false),
};

pub(crate) const DESCRIPTION_IN_ORDER: Fault = Fault {
    id: "download-description-in-order",
    sentence: "Descriptions are compared as text: another order of the same members is another description.",
    seen_in: "",
    law: DOWNLOAD,
    cause: None,
    subject: reader!(is_described: |json, description| {
        let without_blanks = |text: &str| text.split_whitespace().collect::<String>();
        let own = serde_json::to_string(description).unwrap_or_default();
        without_blanks(&json.replace("\\/", "/")) == without_blanks(&own)
    }),
};

pub(crate) const EMPTY_DESCRIPTION_REFUSED: Fault = Fault {
    id: "download-empty-description-refused",
    sentence: "An object whose description is empty is refused: no key is described so.",
    seen_in: "E05",
    law: DOWNLOAD,
    cause: None,
    subject: reading!(|service, job| {
        let head = bucket(service)?.head(job.object).map_err(failure)?;
        let mut headers = head.headers.iter();
        match headers.any(|(name, value)| name == MATDESC && value == "{}") {
            true => Err(refused("no master key is described by {}".to_owned())),
            false => Builtin.download(service, job),
        }
    }),
};

pub(crate) const TWO_VERSIONS: Fault = Fault {
    id: "download-two-versions",
    sentence: "The envelope is taken of one version of the object, the ciphertext of whichever is there then.",
    seen_in: "",
    law: DOWNLOAD,
    cause: None,
    subject: reading!(|service, job| {
        // What was looked at before is another version already.
        let Ok(Opened { bucket, head, key }) = opened(service, job) else {
            return Builtin.download(service, job);
        };
        let is_ctr = |(name, value): &(String, String)| name == CEK_ALG && value.contains("CTR");
        if job.range.is_some() || !head.headers.iter().any(is_ctr) {
            return Builtin.download(service, job);
        }
        let stream = Stream {
            key,
            ciphertext: whole(&bucket, job)?,
        };
        write(job, &stream.piece(0, stream.length(), 0).map_err(failure)?)
    }),
};

pub(crate) const OLD_NAMES_AS_PLAIN: Fault = Fault {
    id: "download-old-names-as-plain",
    sentence: "An envelope under the names of before is not seen: the ciphertext is handed out.",
    seen_in: "E13",
    law: DOWNLOAD,
    cause: None,
    subject: reader!(reads_old: |bucket, _, job, _| write(job, &whole(bucket, job)?)),
};
