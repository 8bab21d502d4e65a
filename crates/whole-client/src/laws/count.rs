//! Uploads of very many parts.

use partproof_model::limits::MAX_PART_COUNT;
use partproof_model::{Cipher, rules};

use super::job;
use super::outcome::{no_orphan, nothing_there};
use super::stored::{self, Source};
use crate::case::count::CountCase;
use crate::case::upload::UploadCase;
use crate::stage::Stage;
use partproof_suite::class::Class as C;
use partproof_suite::law::Consequence::RefusedNeedlessly;
use partproof_suite::law::{Held, Law, On, Unheld, violated, without_chance};
use partproof_suite::subject::client::Client;

/// An upload of 1, 9,999 or 10,000 parts is stored as the model stores it, and one of 10,001 is planned anew or refused.
pub static UPLOAD_COUNT: Law = Law {
    id: "upload-count",
    sentence: "An upload of 1, 9,999 or 10,000 parts is stored as the model stores it, and one of 10,001 is planned anew or refused.",
    rules: &[
        rules::KEYSTREAM_ONCE,
        rules::CTR_POSITION,
        rules::DECLARED_SIZES,
        rules::ORPHAN_TOLD,
        rules::PLAN_FEASIBLE,
    ],
    classes: &[C::Count10000],
    quick_cases: 1,
    on: &On::<dyn Client, CountCase>(up_to_the_limit),
};

/// Up to 10,000 parts are uploaded; one more is planned anew, or refused and nothing is left.
fn up_to_the_limit(client: &dyn Client, case: &CountCase) -> Held {
    let abilities = client.abilities();
    let signature = abilities.signature();
    if !abilities.ciphers.contains(&Cipher::Ctr) {
        return Err(Unheld::NotDeclared);
    }
    for count in &case.counts {
        let upload = UploadCase {
            plaintext: case.plaintext(*count),
            part_size: Some(case.part_size),
            parallel: 3,
            ..UploadCase::plain()
        };
        let stage = Stage::set_for_digests()?;
        let source = stage.source("source", upload.plaintext)?;
        let uploaded = client.upload(&stage.service(signature), &job(&upload, &source));
        match (uploaded, stage.emulator.object(&upload.object)) {
            (Ok(_), Some(object)) => {
                stored::check(&object, Cipher::Ctr, Source::Drawn(upload.plaintext))?;
            }
            (Ok(_), None) => return Err(nothing_there("the object that was uploaded")),
            (Err(_), None) if *count > MAX_PART_COUNT => {}
            (Err(failure), object) => {
                let there = if object.is_some() {
                    "an object, and "
                } else {
                    ""
                };
                return Err(violated(
                    rules::PLAN_FEASIBLE,
                    "an upload of a legal number of parts fails",
                    RefusedNeedlessly,
                    format!("an object in {count} parts"),
                    format!("{there}a failure: {}", without_chance(&failure.message)),
                ));
            }
        }
        no_orphan(&stage.emulator.open_uploads(), None)?;
    }
    Ok(())
}
