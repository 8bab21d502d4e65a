//! Uploads at the limits, judged by their plan and their first parts.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use partproof_model::rules;

use super::failing::no_orphan_but_lost;
use super::outcome::{failed_needlessly, missing_or_partial};
use super::stored::Source;
use super::{job, sent};
use crate::case::limit::LimitCase;
use crate::stage::Stage;
use crate::stage::exchange::Exchange;
use partproof_suite::class::Class as C;
use partproof_suite::law::{Held, Law, On, Unheld, violated};
use partproof_suite::subject::client::Client;
use partproof_suite::subject::{Break, Instead, Refusal};

/// However large the file, what is begun can be finished: at most 10,000 parts, each of the declared size and encrypted for its place.
pub static UPLOAD_PLAN: Law = Law {
    id: "upload-plan",
    sentence: "However large the file, what is begun can be finished: at most 10,000 parts, each of the declared size and encrypted for its place.",
    rules: &[
        rules::KEYSTREAM_ONCE,
        rules::CTR_POSITION,
        rules::DECLARED_SIZES,
        rules::COUNT_LIMIT,
        rules::PART_TOO_SMALL,
        rules::PART_TOO_LARGE,
        rules::FAILURE_TOLD,
        rules::ORPHAN_TOLD,
        rules::PLAN_FEASIBLE,
    ],
    classes: &[
        C::Count9999,
        C::Count10000,
        C::Count10000Full,
        C::Count10001,
        C::AutomaticPlan,
        C::ExplicitPlan,
        C::PartsTooSmall,
    ],
    quick_cases: 24,
    on: &On::<dyn Client, LimitCase>(begun_as_it_can_be_finished),
};

fn begun_as_it_can_be_finished(client: &dyn Client, case: &LimitCase) -> Held {
    if !case.is_within(&client.abilities()) {
        return Err(Unheld::NotDeclared);
    }
    let stage = Stage::set(&case.faults(), None)?;
    stage.told(|| on_stage(&stage, client, case))
}

fn on_stage(stage: &Stage, client: &dyn Client, case: &LimitCase) -> Held {
    let upload = case.upload();
    let source = stage.source("source", upload.plaintext)?;
    let service = stage.service(client.abilities().signature());
    let uploaded = catch_unwind(AssertUnwindSafe(|| {
        client.upload(&service, &job(&upload, &source))
    }));
    let exchanges = stage.exchanges()?;
    let plaintext = Source::Drawn(upload.plaintext);
    sent::as_declared(&exchanges, plaintext, |_| true)?;
    let uploaded = match uploaded {
        Ok(uploaded) => uploaded,
        // Some go on with all other parts once one is refused, each tried several times. That is slow, and nothing else.
        Err(instead) if is_silent(&*instead) && refused_parts(&exchanges) >= 16 => return Ok(()),
        Err(instead) => resume_unwind(instead),
    };
    let Err(failure) = uploaded else {
        return Err(violated(
            rules::FAILURE_TOLD,
            "success is told though a part cannot be sent",
            missing_or_partial(stage, &upload.object),
            format!("a failure: more than {} parts cannot be sent", case.taken),
            "success",
        ));
    };
    no_orphan_but_lost(stage, &exchanges, Some(&failure))?;
    let is_begun = exchanges
        .iter()
        .any(|exchange| exchange.is("UploadPart") || exchange.is("PutObject"));
    match case.part_size {
        _ if is_begun => Ok(()),
        // Where the caller chooses the part size, who refuses is nobody's matter: the client, or the service when the upload is to begin.
        Some(_) if !case.is_possible() => Ok(()),
        // How large a file it takes is a client's own matter.
        None if exchanges.is_empty() => Err(Unheld::Refused(Refusal(failure.message))),
        _ => Err(failed_needlessly(&exchanges, &failure, plaintext)),
    }
}

fn is_silent(instead: &dyn Any) -> bool {
    let broke = instead.downcast_ref();
    matches!(
        broke,
        Some(Instead::Broke {
            how: Break::Silent,
            ..
        })
    )
}

fn refused_parts(exchanges: &[Exchange]) -> usize {
    let parts = exchanges
        .iter()
        .filter(|exchange| exchange.is("UploadPart"));
    parts.filter(|part| !part.is_accepted()).count()
}
