//! Whole clients that are right as long as nothing fails, and wrong in how they go on.

use partproof_client as client;
use partproof_client::Error;
use partproof_suite::Cause;
use partproof_suite::subject::client::{Client, Failure};

use crate::Fault;
use crate::caller::asking;
use crate::sequential::{Habits, RESUMING, RIGHT, Sequential, failure};
use crate::whole::{done, habit, subject};

const FAILS: &str = "upload-fails";
const RESUMES: &str = "upload-resumes";

pub(crate) const BEGUN_AGAIN: Fault = Fault {
    id: "upload-begun-again",
    sentence: "An upload that fails is begun again from its Initiate, and the one before is left as it is.",
    seen_in: "A18",
    law: FAILS,
    cause: None,
    subject: asking!(|service, job| {
        let first = Sequential(Habits {
            failed: |_, error| Err(failure(error)),
            ..RIGHT
        });
        let uploaded = first.upload(service, job);
        uploaded.or_else(|_| Sequential(RIGHT).upload(service, job))
    }),
};

pub(crate) const ABORT_HIDES_THE_ERROR: Fault = Fault {
    id: "upload-abort-hides-the-error",
    sentence: "Where Abort fails too, its failure is told in place of the upload's.",
    seen_in: "D03",
    law: FAILS,
    cause: None,
    subject: habit!(failed: |open, error| {
        let aborted = open.bucket.abort(open.object, open.upload_id);
        let told = failure(aborted.err().unwrap_or(error));
        Err(Failure {
            message: format!("{}; upload {}", told.message, open.upload_id),
            ..told
        })
    }),
};

pub(crate) const UNREADABLE_IS_DONE: Fault = Fault {
    id: "upload-unreadable-is-done",
    sentence: "An answer of Complete with status 200 that is no document is taken for success.",
    seen_in: "",
    law: FAILS,
    cause: None,
    subject: habit!(completes: |_, ask| match ask() {
        Err(Error::Xml { .. } | Error::ElementMissing { .. }) => Ok(done()),
        answer => answer,
    }),
};

pub(crate) const RETRY_SENDS_NOTHING: Fault = Fault {
    id: "upload-retry-sends-nothing",
    sentence: "The second attempt at a part sends what the first has left of its stream: nothing.",
    seen_in: "D01",
    law: FAILS,
    cause: None,
    subject: habit!(reads: |turn| match turn.attempt {
        0 => turn.range(),
        _ => turn.range().end..turn.range().end,
    }),
};

macro_rules! resuming {
    ($field:ident: $habit:expr) => {
        || {
            subject(
                const {
                    &Sequential(Habits {
                        resumes: Some(RESUMING),
                        $field: $habit,
                        ..RIGHT
                    })
                },
            )
        }
    };
}

pub(crate) const EARLIER_PARTS_NOT_LISTED: Fault = Fault {
    id: "resume-earlier-parts-not-listed",
    sentence: "A resumed upload is completed with the parts that were sent since.",
    seen_in: "D03",
    law: RESUMES,
    cause: None,
    subject: resuming!(listed: |parts, turn| {
        parts.into_iter().filter(|(number, _)| *number > turn.stored).collect()
    }),
};

pub(crate) const KEYSTREAM_BEGUN_ANEW: Fault = Fault {
    id: "resume-keystream-begun-anew",
    sentence: "A resumed upload has a new cipher stream, which begins with whatever part is next.",
    seen_in: "B16",
    law: RESUMES,
    cause: Some(Cause::OtherPlace),
    subject: resuming!(encrypt: |key, turn, bytes| {
        let sent = turn.of(turn.stored).end;
        client::apply_keystream(key, turn.range().start - sent, bytes)
    }),
};

pub(crate) const ALL_THERE_IS_DONE: Fault = Fault {
    id: "resume-all-there-is-done",
    sentence: "Where no part is left to send, a resumed upload is told to be done: nothing asks for Complete.",
    seen_in: "A08",
    law: RESUMES,
    cause: None,
    subject: resuming!(completes: |turn, ask| match turn.stored == turn.layout.part_count() {
        true => Ok(done()),
        false => ask(),
    }),
};
