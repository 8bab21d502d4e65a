//! Whole clients that upload as clients in public reports do, each kind once: the counts, places and lists that go wrong between the pieces.

use std::cell::RefCell;
use std::ops::Range;

use partproof_client as client;
use partproof_client::{ContentKey, Error};
use partproof_model::envelope::{DATA_SIZE, PART_SIZE};
use partproof_model::etag::md5;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::Fault;
use crate::sequential::{Habits, RESUMING, RIGHT, Resuming, Sequential, Turn};
use crate::whole::{done, habit, subject};
use partproof_suite::Cause;

const UPLOAD: &str = "upload";
const FAILS: &str = "upload-fails";
const RESUMES: &str = "upload-resumes";

pub(crate) const PART_TOO_MANY: Fault = Fault {
    id: "upload-part-too-many",
    sentence: "Where the size is an exact multiple of the part size, an empty part is sent after the last.",
    seen_in: "A01",
    law: UPLOAD,
    cause: None,
    subject: habit!(sent: |layout, _| {
        let is_multiple = layout.data_size() % layout.part_size() == 0;
        layout.part_count() + u32::from(is_multiple)
    }),
};

pub(crate) const COUNT_ROUNDED_DOWN: Fault = Fault {
    id: "upload-count-rounded-down",
    sentence: "The count is rounded down: a last part that is not full is never sent.",
    seen_in: "A02",
    law: UPLOAD,
    cause: None,
    subject: habit!(sent: |layout, _| {
        let is_multiple = layout.data_size() % layout.part_size() == 0;
        layout.part_count() - u32::from(!is_multiple)
    }),
};

pub(crate) const REMAINDER_MERGED: Fault = Fault {
    id: "upload-remainder-merged",
    sentence: "A last part of less than half a part is sent with the one before it.",
    seen_in: "A03",
    law: UPLOAD,
    cause: None,
    subject: || {
        /// How many parts are left when a short last one is none of its own.
        fn merged(layout: &client::Layout) -> u32 {
            let rest = layout.data_size() % layout.part_size();
            let is_short = rest > 0 && rest < layout.part_size() / 2 && layout.part_count() > 1;
            layout.part_count() - u32::from(is_short)
        }
        subject(
            const {
                &Sequential(Habits {
                    sent: |layout, _| merged(layout),
                    reads: |turn| match turn.number == merged(turn.layout) {
                        true => turn.range().start..turn.layout.data_size(),
                        false => turn.range(),
                    },
                    ..RIGHT
                })
            },
        )
    },
};

pub(crate) const PART_SIZE_UNALIGNED: Fault = Fault {
    id: "upload-part-size-unaligned",
    sentence: "Large files are declared in parts of a 4,999th of the size, which is no multiple of 16.",
    seen_in: "A10",
    law: "upload-plan",
    cause: None,
    subject: habit!(headers: |mut headers| {
        let size = headers.iter().find(|(name, _)| name == DATA_SIZE);
        let size: u64 = size.and_then(|(_, size)| size.parse().ok()).unwrap_or(0);
        for (name, value) in &mut headers {
            if name == PART_SIZE && size > 1 << 30 {
                *value = (size / 4_999 / 16 * 16 + 1).to_string();
            }
        }
        headers
    }),
};

pub(crate) const NUMBERS_AS_TEXT: Fault = Fault {
    id: "upload-numbers-as-text",
    sentence: "Parts are listed in the order of their numbers' text: 10 before 2.",
    seen_in: "F02",
    law: UPLOAD,
    cause: None,
    subject: habit!(listed: |mut parts, _| {
        parts.sort_by_key(|(number, _)| number.to_string());
        parts
    }),
};

pub(crate) const ORDER_OF_COMPLETION: Fault = Fault {
    id: "upload-order-of-completion",
    sentence: "Parts that are sent in parallel are listed as they ended.",
    seen_in: "F01",
    law: UPLOAD,
    cause: None,
    subject: habit!(listed: |mut parts, turn| {
        if turn.is_parallel {
            parts.chunks_mut(2).for_each(<[_]>::reverse);
        }
        parts
    }),
};

pub(crate) const LIST_TAKEN_TOO_EARLY: Fault = Fault {
    id: "upload-list-taken-too-early",
    sentence: "Parts that are sent in parallel are listed before the last has ended.",
    seen_in: "",
    law: UPLOAD,
    cause: None,
    subject: habit!(listed: |mut parts, turn| {
        if turn.is_parallel && parts.len() > 1 {
            parts.pop();
        }
        parts
    }),
};

pub(crate) const ETAGS_IN_LOWER_CASE: Fault = Fault {
    id: "upload-etags-in-lower-case",
    sentence: "ETags are listed in lower case.",
    seen_in: "",
    law: UPLOAD,
    cause: None,
    subject: habit!(listed: |mut parts, _| {
        parts.iter_mut().for_each(|(_, etag)| etag.make_ascii_lowercase());
        parts
    }),
};

pub(crate) const NUMBER_OF_THE_LOOPS_END: Fault = Fault {
    id: "upload-number-of-the-loops-end",
    sentence: "Parts that are sent in parallel all have the number that the loop ended with.",
    seen_in: "",
    law: UPLOAD,
    cause: None,
    subject: habit!(number: |turn| match turn.is_parallel {
        true => turn.layout.part_count(),
        false => turn.number,
    }),
};

pub(crate) const END_OF_STREAM_LOST: Fault = Fault {
    id: "upload-end-of-stream-lost",
    sentence: "The end of the stream is seen before its last buffer is handed on: what does not fill a buffer of 8 KiB is lost.",
    seen_in: "",
    law: UPLOAD,
    cause: None,
    subject: habit!(length: |length| match length {
        ..8192 => length,
        _ => length / 8192 * 8192,
    }),
};

pub(crate) const KEY_FROM_THE_NAME: Fault = Fault {
    id: "upload-key-from-the-name",
    sentence: "Content key and start are made from the object's name: two versions share keystream.",
    seen_in: "B14",
    law: UPLOAD,
    cause: None,
    subject: habit!(key: |name| {
        let (half, start) = (md5(name.as_bytes()), md5(format!("start of {name}").as_bytes()));
        ContentKey::from_slices(&[half, half].concat(), &start)
    }),
};

thread_local! {
    /// The key of the last upload whose name does not end as that of a second one.
    static BEFORE: RefCell<Option<ContentKey>> = const { RefCell::new(None) };
}

pub(crate) const KEY_OF_THE_ONE_BEFORE: Fault = Fault {
    id: "upload-key-of-the-one-before",
    sentence: "The cipher of the upload before is kept: a second upload is encrypted under the first one's key, and its envelope wraps another.",
    seen_in: "",
    law: UPLOAD,
    cause: Some(Cause::OtherKey),
    subject: || {
        subject(
            const {
                &Sequential(Habits {
                    key: |name| {
                        let key = ContentKey::generate(client::Cipher::Ctr)?;
                        if !name.ends_with(".2") {
                            BEFORE.set(Some(key.clone()));
                        }
                        Ok(key)
                    },
                    encrypt: |key, turn, bytes| {
                        BEFORE.with_borrow(|before| {
                            let key = before.as_ref().unwrap_or(key);
                            client::apply_keystream(key, turn.range().start, bytes)
                        })
                    },
                    ..RIGHT
                })
            },
        )
    },
};

/// The part with which a part that is sent in parallel shares what only one of them may have; if there is one.
fn other(turn: &Turn<'_>) -> Option<u32> {
    let other = ((turn.number - 1) ^ 1) + 1;
    (turn.is_parallel && other <= turn.layout.part_count()).then_some(other)
}

/// So many bytes as the part has, from where the other one's begin.
fn of_the_other(turn: &Turn<'_>) -> Range<u64> {
    let (range, start) = (turn.range(), other(turn).map(|other| turn.of(other).start));
    let start = start.unwrap_or(range.start);
    start..(start + (range.end - range.start)).min(turn.layout.plaintext_size())
}

pub(crate) const CIPHER_SHARED: Fault = Fault {
    id: "upload-cipher-shared",
    sentence: "Two parts in parallel draw keystream from one cipher: each gets the other's.",
    seen_in: "",
    law: UPLOAD,
    cause: Some(Cause::OtherPlace),
    subject: habit!(encrypt: |key, turn, bytes| {
        client::apply_keystream(key, of_the_other(turn).start, bytes)
    }),
};

pub(crate) const HANDLE_SHARED: Fault = Fault {
    id: "upload-handle-shared",
    sentence: "Two parts in parallel seek in one file handle: each reads where the other sought.",
    seen_in: "",
    law: UPLOAD,
    cause: Some(Cause::OtherSourceBytes),
    subject: habit!(reads: of_the_other),
};

pub(crate) const BUFFER_FILLED_ANEW: Fault = Fault {
    id: "upload-buffer-filled-anew",
    sentence: "A buffer is filled with the next part before it was sent.",
    seen_in: "",
    law: UPLOAD,
    cause: Some(Cause::OtherPart),
    subject: || {
        fn sent(turn: &Turn<'_>) -> Range<u64> {
            match turn.number % 2 {
                1 => of_the_other(turn),
                _ => turn.range(),
            }
        }
        subject(
            const {
                &Sequential(Habits {
                    reads: sent,
                    encrypt: |key, turn, bytes| {
                        client::apply_keystream(key, sent(turn).start, bytes)
                    },
                    ..RIGHT
                })
            },
        )
    },
};

pub(crate) const NAME_NOT_ENCODED: Fault = Fault {
    id: "upload-name-not-encoded",
    sentence: "A plus sign in the object's name is not encoded, and read as a blank.",
    seen_in: "",
    law: UPLOAD,
    cause: None,
    subject: habit!(name: |name| name.replace('+', " ")),
};

pub(crate) const UPLOAD_ID_ENCODED_TWICE: Fault = Fault {
    id: "upload-id-encoded-twice",
    sentence: "The upload's id is encoded for the query, and then again.",
    seen_in: "",
    law: UPLOAD,
    cause: None,
    subject: habit!(upload_id: |id| utf8_percent_encode(id, NON_ALPHANUMERIC).to_string()),
};

pub(crate) const RETRY_READS_ON: Fault = Fault {
    id: "upload-retry-reads-on",
    sentence: "The second attempt at a part reads the bytes behind it.",
    seen_in: "D02",
    law: FAILS,
    cause: Some(Cause::OtherSourceBytes),
    subject: habit!(reads: |turn| {
        let (range, whole) = (turn.range(), turn.layout.plaintext_size());
        let on = u64::from(turn.attempt) * (range.end - range.start);
        (range.start + on).min(whole)..(range.end + on).min(whole)
    }),
};

pub(crate) const PART_LEFT_OUT: Fault = Fault {
    id: "upload-part-left-out",
    sentence: "A part that could not be sent is left out of the list.",
    seen_in: "",
    law: FAILS,
    cause: None,
    subject: habit!(leaves_out: true),
};

pub(crate) const ERROR_BEHIND_200: Fault = Fault {
    id: "upload-error-behind-200",
    sentence: "Complete is done when it is answered 200, whatever the answer says.",
    seen_in: "",
    law: FAILS,
    cause: None,
    subject: habit!(completes: |_, ask| match ask() {
        Err(Error::Refused(refusal)) if refusal.status == 200 => Ok(done()),
        answer => answer,
    }),
};

pub(crate) const COMPLETE_ASKED_AGAIN: Fault = Fault {
    id: "upload-complete-asked-again",
    sentence: "Complete is asked again when its answer is lost, and NoSuchUpload is taken for a failure.",
    seen_in: "",
    law: FAILS,
    cause: None,
    subject: habit!(completes: |_, ask| match ask() {
        Err(Error::Refused(refusal)) => Err(Error::Refused(refusal)),
        Err(_) => ask(),
        answer => answer,
    }),
};

pub(crate) const LISTED_TWICE: Fault = Fault {
    id: "resume-part-listed-twice",
    sentence: "A part that was there before the upload was resumed is listed twice.",
    seen_in: "",
    law: RESUMES,
    cause: None,
    subject: || {
        subject(
            const {
                &Sequential(Habits {
                    resumes: Some(RESUMING),
                    listed: |mut parts, turn| {
                        if let Some(first) = parts.first().filter(|_| turn.stored > 0).cloned() {
                            parts.insert(0, first);
                        }
                        parts
                    },
                    ..RIGHT
                })
            },
        )
    },
};

pub(crate) const NEW_KEY: Fault = Fault {
    id: "resume-under-a-new-key",
    sentence: "A resumed upload encrypts what is left under a key of its own.",
    seen_in: "D14",
    law: RESUMES,
    cause: None,
    subject: habit!(resumes: Some(Resuming {
        key: |_| ContentKey::generate(client::Cipher::Ctr),
        ..RESUMING
    })),
};

pub(crate) const FROM_THE_BEGINNING: Fault = Fault {
    id: "resume-from-the-beginning",
    sentence: "A resumed upload reads its source from the beginning for whatever part is next.",
    seen_in: "",
    law: RESUMES,
    cause: Some(Cause::OtherSourceBytes),
    subject: || {
        subject(
            const {
                &Sequential(Habits {
                    resumes: Some(RESUMING),
                    reads: |turn| {
                        let (range, from) = (turn.range(), turn.of(turn.number - turn.stored));
                        from.start..from.start + (range.end - range.start)
                    },
                    ..RIGHT
                })
            },
        )
    },
};

pub(crate) const OTHER_SIZES: Fault = Fault {
    id: "resume-with-other-sizes",
    sentence: "An upload is resumed in parts of another size than it was begun in.",
    seen_in: "D13",
    law: RESUMES,
    cause: None,
    subject: habit!(resumes: Some(Resuming {
        looks_at_part_size: false,
        ..RESUMING
    })),
};
