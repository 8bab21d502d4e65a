//! Uploads on which something goes wrong.

use super::outcome::{no_orphan, not_denied, nothing_there, refused, told};
use super::stored::{self, Source};
use super::{declares, job, sent};
use crate::case::failing::FailingUploadCase;
use partproof_model::rules;

use crate::stage::Stage;
use crate::stage::exchange::Exchange;
use partproof_suite::class::Class as C;
use partproof_suite::law::{Held, Law, On, Unheld};
use partproof_suite::subject::Refusal;
use partproof_suite::subject::client::{Client, Failure};

/// Whatever fails on the way, the object is that of an undisturbed upload, or there is none and the failure is told.
pub static UPLOAD_FAILS: Law = Law {
    id: "upload-fails",
    sentence: "Whatever fails on the way, the object is that of an undisturbed upload, or there is none and the failure is told.",
    rules: &[
        rules::ENCRYPT_DETERMINISTIC,
        rules::KEYSTREAM_ONCE,
        rules::CTR_POSITION,
        rules::DECLARED_SIZES,
        rules::FAILURE_TOLD,
        rules::ORPHAN_TOLD,
    ],
    classes: &[
        C::Ctr,
        C::GcmObject,
        C::GcmPart,
        C::Parallel,
        C::InitiateErrorOnce,
        C::InitiateErrorForGood,
        C::InitiateCutOnce,
        C::InitiateCutForGood,
        C::InitiateLostOnce,
        C::InitiateLostForGood,
        C::PartErrorOnce,
        C::PartErrorForGood,
        C::PartCutOnce,
        C::PartCutForGood,
        C::PartLostOnce,
        C::PartLostForGood,
        C::CompleteErrorOnce,
        C::CompleteErrorForGood,
        C::CompleteErrorBehind200,
        C::CompleteErrorAfter,
        C::CompleteEmpty,
        C::CompleteBlanks,
        C::PartWithoutEtag,
        C::PartWrongEtag,
        C::PartWrongChecksum,
        C::CompleteCutOnce,
        C::CompleteCutForGood,
        C::CompleteLostOnce,
        C::CompleteLostForGood,
        C::EncodedUploadId,
        C::LengthsUnchecked,
        C::AbortFails,
    ],
    quick_cases: 120,
    on: &On::<dyn Client, FailingUploadCase>(whole_or_told),
};

fn whole_or_told(client: &dyn Client, case: &FailingUploadCase) -> Held {
    let upload = &case.upload;
    declares(client, upload)?;
    let stage = Stage::of(&upload.service, &case.faults, None)?;
    stage.told(|| on_stage(&stage, client, case))
}

fn on_stage(stage: &Stage, client: &dyn Client, case: &FailingUploadCase) -> Held {
    let upload = &case.upload;
    let source = stage.source("source", upload.plaintext)?;
    let uploaded = client.upload(&stage.service(upload.signature()), &job(upload, &source));
    let exchanges = stage.exchanges()?;
    let drawn = Source::Drawn(upload.plaintext);
    sent::attempts_agree(&exchanges, &[drawn], sent::Again::Failed)?;
    let object = stage.emulator.object(&upload.object);
    match (&uploaded, &object) {
        (Ok(_), None) => return Err(nothing_there("the object that was uploaded")),
        // An object that is there without the client knowing it is whole too: the answer to Complete was lost.
        (_, Some(object)) => {
            let others = sent::secrets(&exchanges)?;
            stored::check_among(object, upload.cipher, drawn, &others)?;
        }
        (Err(_), None) => {}
    }
    let judged = |exchange: &Exchange| object.is_none() || !exchange.is_accepted();
    sent::as_declared(&exchanges, Source::Drawn(upload.plaintext), judged)?;
    let Err(failure) = uploaded else {
        return no_orphan_but_lost(stage, &exchanges, None);
    };
    if !case.tells_a_wrong_etag() {
        refused(&exchanges, &failure, Source::Drawn(upload.plaintext))?;
    }
    if object.is_some() {
        not_denied(&exchanges, &failure)?;
    }
    told(&exchanges, &failure)?;
    if no_orphan(&stage.emulator.open_uploads(), Some(&failure)).is_err() {
        no_orphan_but_lost(stage, &exchanges, Some(&failure))?;
    }
    match exchanges.is_empty() {
        true => Err(Unheld::Refused(Refusal(failure.message))),
        false => Ok(()),
    }
}

/// An upload whose id never reached the client is one that it cannot abort.
pub(super) fn no_orphan_but_lost(
    stage: &Stage,
    exchanges: &[Exchange],
    failure: Option<&Failure>,
) -> Held {
    let mut open = stage.emulator.open_uploads();
    open.retain(|upload| exchanges.iter().any(|exchange| knows(exchange, &upload.id)));
    no_orphan(&open, failure)
}

/// Whether the client knows an upload's id after this exchange, or knew it before.
fn knows(exchange: &Exchange, id: &str) -> bool {
    let answered = exchange.answer.as_ref().filter(|answer| answer.is_whole);
    exchange.upload_id.as_deref() == Some(id)
        || answered.is_some_and(|answer| answer.element("UploadId").as_deref() == Some(id))
}
