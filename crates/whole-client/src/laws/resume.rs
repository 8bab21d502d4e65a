//! Uploads that are interrupted and resumed.

use std::fs::{self, File};
use std::path::Path;

use data_encoding::{BASE64, HEXLOWER, HEXUPPER};
use partproof_emulator::{OpenUpload, Script, StoredObject};
use partproof_model::rules;

use super::outcome::{missing_or_partial, nothing_there, refused, told};
use super::reason::Secrets;
use super::sent::{self, Again};
use super::stored::{self, Opened, Source};
use super::{declares, job};
use crate::case::resume::{Change, ListTrouble, ResumeCase};
use crate::case::upload::UploadCase;
use crate::stage::exchange::Exchange;
use crate::stage::left::Left;
use crate::stage::{self, Stage, unable};
use partproof_evidence::Cause;
use partproof_suite::class::Class as C;
use partproof_suite::law::Consequence::{DataLost, LeftOpen, PlaintextExposed};
use partproof_suite::law::{Held, Law, On, Unheld, violated};
use partproof_suite::plaintext::Plaintext;
use partproof_suite::subject::Refusal;
use partproof_suite::subject::client::{Client, UploadJob};

/// An upload that was interrupted and is resumed ends as an uninterrupted one, or is refused.
pub static UPLOAD_RESUMES: Law = Law {
    id: "upload-resumes",
    sentence: "An upload that was interrupted and is resumed ends as an uninterrupted one, or is refused.",
    rules: &[
        rules::ENCRYPT_DETERMINISTIC,
        rules::KEYSTREAM_ONCE,
        rules::CHECKPOINT_SECRET,
        rules::RESUME_COHERENT,
        rules::CTR_POSITION,
        rules::DECLARED_SIZES,
        rules::FAILURE_TOLD,
        rules::ORPHAN_TOLD,
    ],
    classes: &[
        C::Ctr,
        C::GcmObject,
        C::GcmPart,
        C::ResumedUnchanged,
        C::ListInPages,
        C::StaleList,
        C::StopsAtFirst,
        C::StopsBetween,
        C::StopsAtLast,
        C::StopsAtComplete,
        C::EncodedUploadId,
    ],
    quick_cases: 80,
    on: &On::<dyn Client, ResumeCase>(as_uninterrupted),
};

fn as_uninterrupted(client: &dyn Client, case: &ResumeCase) -> Held {
    let upload = &case.upload;
    declares(client, upload)?;
    if !client.abilities().resumes {
        return Err(Unheld::NotDeclared);
    }
    let stage = Stage::of(&upload.service, &case.first(), None)?;
    stage.told(|| on_stage(&stage, client, case))
}

fn on_stage(stage: &Stage, client: &dyn Client, case: &ResumeCase) -> Held {
    let upload = &case.upload;
    let source = stage.source("source", upload.plaintext)?;
    let checkpoint = stage.path("checkpoint");
    let service = stage.service(upload.signature());
    let first = UploadJob {
        checkpoint: Some(&checkpoint),
        ..job(upload, &source)
    };
    if client.upload(&service, &first).is_ok() {
        return Err(violated(
            rules::FAILURE_TOLD,
            "success is told though a part cannot be sent",
            missing_or_partial(stage, &upload.object),
            match case.stops_at_complete() {
                true => "a failure: Complete is never accepted".to_owned(),
                false => format!("a failure: part {} is never accepted", case.fails_at),
            },
            "success",
        ));
    }
    let interrupted = stage.exchanges()?;
    sent::attempts_agree(
        &interrupted,
        &[Source::Drawn(upload.plaintext)],
        Again::Failed,
    )?;
    sent::as_declared(&interrupted, Source::Drawn(upload.plaintext), |_| true)?;
    no_secret(&interrupted, &checkpoint, upload.plaintext)?;

    stage.emulator.replan(Script::new(case.second()));
    let now = changed(case, &source)?;
    let resumed = UploadCase {
        part_size: match case.change {
            Change::PartSize => upload.part_size.map(|part_size| part_size + 16),
            _ => upload.part_size,
        },
        plaintext: now,
        ..upload.clone()
    };
    let second = UploadJob {
        checkpoint: Some(&checkpoint),
        ..job(&resumed, &source)
    };
    let outcome = client.upload(&service, &second);
    let exchanges = stage.exchanges()?;
    let sources = [Source::Drawn(upload.plaintext), Source::Drawn(now)];
    let again = match case.change {
        Change::Nothing => Again::Failed,
        Change::PartSize => Again::OtherPartSize,
        Change::Content | Change::Longer | Change::Shorter => Again::ChangedSource,
    };
    sent::attempts_agree(&exchanges, &sources, again)?;
    let object = stage.emulator.object(&upload.object);
    if now == upload.plaintext {
        let judged = |exchange: &Exchange| object.is_none() || !exchange.is_accepted();
        sent::as_declared(&exchanges, Source::Drawn(now), judged)?;
    }
    match (outcome, object) {
        (Ok(_), None) => Err(nothing_there("the object that was resumed")),
        (Ok(_), Some(object)) => {
            of_one_source(&object, upload, now, &sent::secrets(&exchanges)?)?;
            none_left(&stage.emulator.open_uploads())
        }
        (Err(failure), _) => {
            let resumed = exchanges.get(interrupted.len()..).unwrap_or_default();
            refused(resumed, &failure, Source::Drawn(now))?;
            told(resumed, &failure)?;
            match case.list {
                // Whoever sees that a part is missing from the list may say so.
                ListTrouble::Stale => Ok(()),
                _ => Err(Unheld::Refused(Refusal(failure.message))),
            }
        }
    }
}

/// Whoever begins anew ends what was begun before: nobody is told of it any more.
fn none_left(open: &[OpenUpload]) -> Held {
    match open.first() {
        None => Ok(()),
        Some(upload) => Err(violated(
            rules::ORPHAN_TOLD,
            "an upload is begun anew, and the one before stays open",
            LeftOpen,
            "the object, and no open upload",
            format!("the object, and an open upload with {} parts", upload.parts),
        )),
    }
}

/// Changes the source as the case says. Its time stays as it was: not every change shows in it.
fn changed(case: &ResumeCase, source: &Path) -> Result<Plaintext, Unheld> {
    let before = case.upload.plaintext;
    let now = match case.change {
        Change::Nothing | Change::PartSize => return Ok(before),
        Change::Content => Plaintext {
            seed: before.seed + 1,
            ..before
        },
        Change::Longer => Plaintext {
            length: before.length + 1,
            ..before
        },
        Change::Shorter => Plaintext {
            length: before.length - 1,
            ..before
        },
    };
    let change = || {
        let modified = fs::metadata(source)?.modified()?;
        stage::write(source, now)?;
        File::options()
            .append(true)
            .open(source)?
            .set_modified(modified)
    };
    change().map_err(|error| unable(&error))?;
    Ok(now)
}

/// The object is the one of the source as it is now. That of the source as it was would be a stale one.
fn of_one_source(
    object: &StoredObject,
    upload: &UploadCase,
    now: Plaintext,
    others: &[Secrets],
) -> Held {
    let held = stored::check_among(object, upload.cipher, Source::Drawn(now), others);
    let unheld = match held {
        Err(Unheld::Violated(violation)) => violation,
        other => return other,
    };
    // A counter that is wrong is no other source.
    let cause = unheld.evidence.cause;
    if now == upload.plaintext || cause.is_some_and(Cause::is_behind_the_source) {
        return Err(Unheld::Violated(unheld));
    }
    Err(violated(
        rules::RESUME_COHERENT,
        "a changed source is resumed, and the object is not that source",
        DataLost,
        "the object of the source as it is now, or a refusal",
        format!("{}: {}", unheld.symptom, unheld.actual),
    ))
}

/// What is kept to resume holds no secret, in any spelling in which secrets are written down.
fn no_secret(exchanges: &[Exchange], checkpoint: &Path, plaintext: Plaintext) -> Held {
    // Nothing that it takes to resume so few parts is longer.
    const LONGEST: u64 = 16 << 20;
    // Some clients keep it elsewhere, behind a link, or in a folder of this name.
    let left = fs::canonicalize(checkpoint)
        .ok()
        .map(|checkpoint| Left::read(&checkpoint, LONGEST, rules::CHECKPOINT_SECRET));
    let kept = match left {
        Some(Ok(Some(left))) => left.bytes,
        Some(Err(unheld @ Unheld::CannotRun(_))) => return Err(unheld),
        Some(Ok(None) | Err(_)) | None => Vec::new(),
    };
    let contains = |secret: &[u8]| kept.windows(secret.len()).any(|window| window == secret);
    for exchange in exchanges
        .iter()
        .filter(|exchange| exchange.is("InitiateMultipartUpload"))
    {
        let opened = Opened::of(&exchange.headers)?;
        for (what, secret) in [
            ("content key", opened.key.0.as_slice()),
            ("counter start", opened.start.0.as_slice()),
        ] {
            let spelt = [
                BASE64.encode(secret),
                HEXLOWER.encode(secret),
                HEXUPPER.encode(secret),
            ];
            if contains(secret)
                || spelt
                    .iter()
                    .any(|text| contains(text.trim_end_matches('=').as_bytes()))
            {
                return Err(violated(
                    rules::CHECKPOINT_SECRET,
                    "a secret stands in the checkpoint",
                    PlaintextExposed,
                    "nothing that opens the object without the master key",
                    format!("the {what}"),
                ));
            }
        }
    }
    let beginning = plaintext.slice(0..64);
    if plaintext.seed != 0 && beginning.len() == 64 && contains(&beginning) {
        return Err(violated(
            rules::CHECKPOINT_SECRET,
            "a secret stands in the checkpoint",
            PlaintextExposed,
            "nothing of the plaintext",
            "its first bytes",
        ));
    }
    Ok(())
}
