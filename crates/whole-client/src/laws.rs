//! Laws of whole clients. Each sets a stage, lets the client act on it, and then looks at what is stored, at what went over the wire, and
//! at what the client said, with the master key in hand.

pub mod count;
pub mod download;
pub mod failing;
pub mod limit;
pub mod outcome;
mod reason;
pub mod resume;
mod sent;
pub mod source;
pub mod stored;
pub mod upload;
pub mod written;

use std::path::Path;

use partproof_model::limits::MIN_PART_SIZE;
use partproof_model::{Cipher, rules};

use crate::case::upload::UploadCase;
use crate::stage::Stage;
use outcome::nothing_there;
use partproof_suite::law::Consequence::RefusedNeedlessly;
use partproof_suite::law::{Held, Law, Unheld, violated, without_chance};
use partproof_suite::plaintext::Plaintext;
use partproof_suite::subject::Subject;
use partproof_suite::subject::client::{Client, Service, UploadJob};

/// Every law of whole clients, in the order in which they are run.
pub static LAWS: &[&Law] = &[
    &upload::UPLOAD,
    &limit::UPLOAD_PLAN,
    &count::UPLOAD_COUNT,
    &failing::UPLOAD_FAILS,
    &resume::UPLOAD_RESUMES,
    &source::UPLOAD_SOURCE,
    &download::DOWNLOAD,
];

/// Whether the client can be asked for this upload at all.
fn declares(client: &dyn Client, case: &UploadCase) -> Held {
    match case.is_within(&client.abilities()) {
        true => Ok(()),
        false => Err(Unheld::NotDeclared),
    }
}

/// What the client is asked for.
fn job<'j>(case: &'j UploadCase, file: &'j Path) -> UploadJob<'j> {
    UploadJob {
        part_size: case.part_size,
        concurrency: case.parallel.saturating_add(1),
        ..UploadJob::new(&case.object, file, case.cipher)
    }
}

/// The subject's client, if it writes in counter mode.
///
/// # Errors
/// It does not declare that.
pub fn in_counter_mode<'s>(subject: &Subject<'s>) -> Result<&'s dyn Client, Unheld> {
    let client = subject.client.ok_or(Unheld::NotDeclared)?;
    match client.abilities().ciphers.contains(&Cipher::Ctr) {
        true => Ok(client),
        false => Err(Unheld::NotDeclared),
    }
}

/// The stage as this client reaches it, under a master key with a description or without.
pub fn described<'s>(
    stage: &'s Stage,
    client: &dyn Client,
    description: &'s [(String, String)],
) -> Service<'s> {
    Service {
        description,
        ..stage.service(client.abilities().signature())
    }
}

/// Lets a subject write an object in counter mode, in the smallest parts.
///
/// # Errors
/// It does not.
pub fn put(
    stage: &Stage,
    subject: &Subject<'_>,
    object: &str,
    plaintext: Plaintext,
    description: &[(String, String)],
) -> Held {
    let client = in_counter_mode(subject)?;
    let file = stage.source(&format!("source-{object}"), plaintext)?;
    let job = UploadJob {
        part_size: Some(MIN_PART_SIZE),
        concurrency: 2,
        ..UploadJob::new(object, &file, Cipher::Ctr)
    };
    let uploaded = client.upload(&described(stage, client, description), &job);
    uploaded.map_err(|failure| {
        violated(
            rules::PLAN_FEASIBLE,
            "the object is not written",
            RefusedNeedlessly,
            "an object",
            without_chance(&failure.message),
        )
    })?;
    match stage.emulator.object(object) {
        Some(_) => Ok(()),
        None => Err(nothing_there("the object that was uploaded")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_draw_well() {
        for law in LAWS {
            partproof_suite::assert_draws_well(law);
        }
    }
}
