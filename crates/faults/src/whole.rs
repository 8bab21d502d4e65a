//! Whole clients: faults that lie between the pieces, and show only over HTTP.

use std::cell::Cell;
use std::fs;
use std::os::unix::fs::FileExt;

use data_encoding::{BASE64, HEXUPPER};
use partproof_client as client;
use partproof_client::answers::Completed;
use partproof_client::{ContentKey, Layout};
use partproof_model::envelope::{DATA_SIZE, KEY};
use partproof_model::etag;
use partproof_suite::Cause;
use partproof_suite::Subject;
use partproof_suite::subject::client::{Client, Failure, Uploaded};

use crate::Fault;
use crate::caller::asking;
use crate::sequential::{self, Habits, RESUMING, RIGHT, Resuming, Sequential, failure};

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
pub(crate) use habit;

const UPLOAD: &str = "upload";

pub(crate) const COUNTER_RESTARTS: Fault = Fault {
    id: "upload-counter-restarts",
    sentence: "Every part is encrypted from the start on: parts share keystream.",
    seen_in: "B09",
    law: UPLOAD,
    cause: Some(Cause::PartFromZero),
    subject: habit!(encrypt: |key, _, bytes| client::apply_keystream(key, 0, bytes)),
};

pub(crate) const PART_SIZE_OF_THE_CIPHER: Fault = Fault {
    id: "upload-two-part-sizes",
    sentence: "The plan raises the part size by a block, the cipher keeps the old one: each further part is encrypted a block too early.",
    seen_in: "A10",
    law: UPLOAD,
    cause: Some(Cause::OtherPlace),
    subject: habit!(encrypt: |key, turn, bytes| {
        let offset = turn.range().start;
        client::apply_keystream(key, offset - 16 * (offset / 102_400), bytes)
    }),
};

pub(crate) const DATA_SIZE_WRONG: Fault = Fault {
    id: "upload-data-size-wrong",
    sentence: "The declared data size is a part too large: the service waits for a part that is never sent.",
    seen_in: "A17",
    law: UPLOAD,
    cause: Some(Cause::DataSizeDeclared),
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
    cause: None,
    subject: habit!(key: |_| Ok(ContentKey::new([7; 32], [9; 16]))),
};

pub(crate) const MD5_OF_PLAINTEXT: Fault = Fault {
    id: "upload-md5-of-plaintext",
    sentence: "The caller's Content-MD5, of plaintext, is sent with the ciphertext.",
    seen_in: "E01",
    law: UPLOAD,
    cause: None,
    subject: habit!(part_headers: |_, plaintext| {
        vec![("content-md5".to_owned(), BASE64.encode(&etag::md5(plaintext)))]
    }),
};

pub(crate) const CHECKSUM_OF_PLAINTEXT: Fault = Fault {
    id: "upload-checksum-of-plaintext",
    sentence: "The ETag of a part is compared with the MD5 of its plaintext, and each taken for damaged.",
    seen_in: "E07",
    law: UPLOAD,
    cause: None,
    subject: habit!(expects: |plaintext| {
        Some(format!("\"{}\"", HEXUPPER.encode(&etag::md5(plaintext))))
    }),
};

pub(crate) const PART_WITH_ITS_OWN_SIZE: Fault = Fault {
    id: "upload-part-with-its-own-size",
    sentence: "The envelope is sent with each part again, and its data size is the part's.",
    seen_in: "E07",
    law: UPLOAD,
    cause: None,
    subject: habit!(part_headers: |open, plaintext| {
        let mut headers = open.envelope();
        for (_, size) in headers.iter_mut().filter(|(name, _)| name == DATA_SIZE) {
            *size = plaintext.len().to_string();
        }
        headers
    }),
};

pub(crate) const KEY_ENCODED_TWICE: Fault = Fault {
    id: "upload-key-encoded-twice",
    sentence: "The wrapped key is Base64 of Base64.",
    seen_in: "E08",
    law: UPLOAD,
    cause: None,
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
    cause: None,
    subject: habit!(afterwards: |path| {
        let _ = fs::write(path, b"");
    }),
};

pub(crate) const TEN_THOUSAND_REFUSED: Fault = Fault {
    id: "upload-ten-thousand-refused",
    sentence: "n >= limit instead of n > limit: an upload of exactly 10,000 parts is refused.",
    seen_in: "A11",
    law: "upload-count",
    cause: None,
    subject: habit!(most_parts: 9_999),
};

pub(crate) const PLANNED_ANEW_IN_SILENCE: Fault = Fault {
    id: "upload-planned-anew-in-silence",
    sentence: "From 10,000 parts on the part size is planned anew, and the envelope declares the old one.",
    seen_in: "A10",
    law: "upload-plan",
    cause: None,
    subject: habit!(planned: |declared| {
        let (length, most) = (declared.data_size(), 9_999);
        let part_size = length.div_ceil(most).next_multiple_of(16);
        match declared.part_count() > 9_999 {
            true => Layout::new(client::Cipher::Ctr, length, part_size).unwrap_or(declared),
            false => declared,
        }
    }),
};

pub(crate) const SMALL_PARTS_PLANNED: Fault = Fault {
    id: "upload-small-parts-planned",
    sentence: "Parts of 64 KiB are planned as they were asked for: the service refuses them when all are sent.",
    seen_in: "A19",
    law: "upload-plan",
    cause: None,
    subject: habit!(checks_plan: false),
};

const FAILS: &str = "upload-fails";

/// What Complete answers when all is well.
pub(crate) fn done() -> Completed {
    Completed {
        location: None,
        bucket: String::new(),
        key: String::new(),
        etag: String::new(),
    }
}

pub(crate) const COMPLETION_SWALLOWED: Fault = Fault {
    id: "upload-completion-swallowed",
    sentence: "Whatever Complete is answered, the upload is told to be done.",
    seen_in: "",
    law: FAILS,
    cause: None,
    subject: habit!(completes: |_, ask| Ok(ask().unwrap_or_else(|_| done()))),
};

pub(crate) const RETRY_ADVANCES: Fault = Fault {
    id: "upload-retry-advances",
    sentence: "The second attempt goes through a cipher that the first has advanced.",
    seen_in: "D01",
    law: FAILS,
    cause: Some(Cause::OtherPlace),
    subject: habit!(encrypt: |key, turn, bytes| {
        let (range, again) = (turn.range(), u64::from(turn.attempt));
        client::apply_keystream(key, range.start + again * (range.end - range.start), bytes)
    }),
};

pub(crate) const FAILURE_SWALLOWED: Fault = Fault {
    id: "upload-failure-swallowed",
    sentence: "A failed upload is aborted, and success is returned.",
    seen_in: "",
    law: FAILS,
    cause: None,
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
    cause: None,
    subject: habit!(failed: |_, error| Err(failure(error))),
};

pub(crate) const CODE_LOST: Fault = Fault {
    id: "upload-code-lost",
    sentence: "Whatever the service says, the error is that the upload failed.",
    seen_in: "",
    law: FAILS,
    cause: None,
    subject: habit!(failed: |open, _| {
        let _ = sequential::again(2, |_| open.bucket.abort(open.object, open.upload_id));
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
    cause: None,
    subject: habit!(resumes: Some(Resuming {
        looks_at_source: false,
        ..RESUMING
    })),
};

pub(crate) const CHECKPOINT_HOLDS_THE_START: Fault = Fault {
    id: "resume-checkpoint-holds-the-start",
    sentence: "The record that is kept on disk holds the counter start in the clear.",
    seen_in: "D15",
    law: RESUMES,
    cause: None,
    subject: habit!(resumes: Some(Resuming {
        keep: |upload_id, headers, key| {
            let start: String = key.expose_start().iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{}\nstart {start}", sequential::keep(upload_id, headers))
        },
        ..RESUMING
    })),
};

pub(crate) const BEGUN_ANEW: Fault = Fault {
    id: "upload-begun-anew",
    sentence: "Where the source or the part size is another, an upload is begun anew, and the one before is left as it is.",
    seen_in: "",
    law: "upload-resumes",
    cause: None,
    subject: habit!(resumes: Some(Resuming {
        aborts: false,
        ..RESUMING
    })),
};

pub(crate) const LAST_PART_NEVER_RESUMED: Fault = Fault {
    id: "resume-last-part-never-sent",
    sentence: "What is left to send is counted from 0 and compared with numbers from 1: a resumed upload never sends its last part.",
    seen_in: "A08",
    law: RESUMES,
    cause: None,
    subject: || {
        subject(
            const {
                &Sequential(Habits {
                    resumes: Some(RESUMING),
                    sent: |layout, is_resumed| layout.part_count() - u32::from(is_resumed),
                    ..RIGHT
                })
            },
        )
    },
};

const SOURCE: &str = "upload-source";

pub(crate) const ZEROS_FOR_WHAT_IS_MISSING: Fault = Fault {
    id: "source-zeros-for-what-is-missing",
    sentence: "A buffer that is not filled is sent all the same: a file that ends early ends in zeros.",
    seen_in: "",
    law: SOURCE,
    cause: Some(Cause::SourceMissing),
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
    cause: None,
    subject: habit!(looks_again: false),
};

pub(crate) const LENGTH_ALONE_COMPARED: Fault = Fault {
    id: "source-length-alone-compared",
    sentence: "Whether a file was changed while it was read is seen by its length alone.",
    seen_in: "D16",
    law: SOURCE,
    cause: None,
    subject: habit!(is_changed: |(before, _), (now, _)| before != now),
};

thread_local! {
    /// Where the file of this thread's upload stands when it is handed over.
    static POSITION: Cell<u64> = const { Cell::new(0) };
}

pub(crate) const FROM_WHERE_IT_STANDS: Fault = Fault {
    id: "source-from-where-it-stands",
    sentence: "A file is read from where it stands, and declared with its whole length: it ends in zeros.",
    seen_in: "",
    law: SOURCE,
    cause: None,
    subject: asking!(|service, job| {
        POSITION.set(job.position);
        Sequential(Habits {
            read: |file, offset, buffer| match POSITION.get() {
                // At its end there would be zeros alone, which have another cause.
                from if from > 0 && from < file.metadata()?.len() => {
                    file.read_at(buffer, offset + from).map(drop)
                }
                _ => file.read_exact_at(buffer, offset),
            },
            ..RIGHT
        })
        .upload(service, job)
    }),
};
