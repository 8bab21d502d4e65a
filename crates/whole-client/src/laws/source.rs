//! Uploads from sources that are not what they seem.

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use nix::fcntl::OFlag;
use partproof_emulator::{Observer, Operation, StoredObject};
use partproof_model::rules;

use super::outcome::{no_orphan, nothing_there, told};
use super::stored::{self, Source};
use super::{declares, job};
use crate::case::resume::{SourceCase, SourceTrouble};
use crate::stage::Stage;
use crate::stage::left::Left;
use partproof_evidence::{Cause, Evidence};
use partproof_suite::class::Class as C;
use partproof_suite::law::Consequence::{DataLost, ObjectUnknown};
use partproof_suite::law::{Held, Law, On, Unheld, violated};
use partproof_suite::subject::Refusal;
use partproof_suite::subject::client::{Client, UploadJob};

/// Whatever a source does while it is read, the object is one version of it, whole, or there is none and the failure is told.
pub static UPLOAD_SOURCE: Law = Law {
    id: "upload-source",
    sentence: "Whatever a source does while it is read, the object is one version of it, whole, or there is none and the failure is told.",
    rules: &[
        rules::SOURCE_COHERENT,
        rules::KEYSTREAM_ONCE,
        rules::CTR_POSITION,
        rules::ENVELOPE_COMPLETE,
        rules::WRAPPED_LENGTH,
        rules::FAILURE_TOLD,
        rules::ORPHAN_TOLD,
    ],
    classes: &[
        C::SourceMoved,
        C::SourceShorter,
        C::SourceLonger,
        C::SourceEdited,
        C::SourceTruncated,
        C::SourceExtended,
    ],
    quick_cases: 80,
    on: &On::<dyn Client, SourceCase>(one_version),
};

/// The object is one version of its source, whole, or there is none and the failure is told.
fn one_version(client: &dyn Client, case: &SourceCase) -> Held {
    let upload = &case.upload;
    declares(client, upload)?;
    let abilities = client.abilities();
    if !abilities.sources || case.announced().is_some() && !abilities.announces {
        return Err(Unheld::NotDeclared);
    }
    let (file, changed) = (Arc::new(OnceLock::new()), Arc::new(AtomicBool::new(false)));
    let meddler = meddler(case, Arc::clone(&file), Arc::clone(&changed));
    let stage = match case.trouble {
        SourceTrouble::Truncated | SourceTrouble::Longer { .. } => {
            Stage::set_for_an_early_end(meddler)
        }
        _ => Stage::set(&[], Some(meddler)),
    }?;
    stage.told(|| on_stage(&stage, client, case, &file, &changed))
}

fn on_stage(
    stage: &Stage,
    client: &dyn Client,
    case: &SourceCase,
    file: &OnceLock<PathBuf>,
    changed: &AtomicBool,
) -> Held {
    let upload = &case.upload;
    let source = stage.source("source", upload.plaintext)?;
    let before = upload.plaintext.bytes();
    let _ = file.set(source.clone());
    let position = match case.trouble {
        SourceTrouble::Moved { position } => position,
        _ => 0,
    };
    let uploaded = client.upload(
        &stage.service(upload.signature()),
        &UploadJob {
            announced: case.announced(),
            position,
            ..job(upload, &source)
        },
    );
    let exchanges = stage.exchanges()?;
    if case.is_changed_while_read() && !changed.load(Ordering::SeqCst) {
        let reason = "no part was sent, so the source was never changed";
        return Err(Unheld::Refused(Refusal(reason.to_owned())));
    }
    match (uploaded, stage.emulator.object(&upload.object)) {
        (Ok(_), None) => Err(nothing_there("the object that was uploaded")),
        (Ok(_), Some(object)) => {
            // No change makes it longer.
            let longest = upload.plaintext.length.saturating_add(1 << 20);
            let after = Left::read(&source, longest, rules::SOURCE_COHERENT)?;
            let after = after.map_or(Vec::new(), |left| left.bytes);
            let from = stored::size(position).min(before.len());
            let announced = case.announced().map_or(before.len(), stored::size);
            let versions = [
                before.as_slice(),
                &after,
                // A client may take a file from where it stands, and as many bytes as it was told.
                before.get(from..).unwrap_or_default(),
                before.get(..announced).unwrap_or_default(),
            ];
            of_one(&object, case, &versions)
        }
        (Err(failure), Some(_)) => Err(violated(
            rules::FAILURE_TOLD,
            "a failure is told, and there is an object",
            ObjectUnknown,
            "no object",
            partproof_suite::law::without_chance(&failure.message),
        )),
        (Err(failure), None) => {
            told(&exchanges, &failure)?;
            no_orphan(&stage.emulator.open_uploads(), Some(&failure))
        }
    }
}

fn of_one(object: &StoredObject, case: &SourceCase, versions: &[&[u8]]) -> Held {
    // An envelope that is wrong is so whatever the source did.
    stored::opened(object, case.upload.cipher)?;
    let mut last = Ok(());
    for version in versions {
        last = stored::check(object, case.upload.cipher, Source::Bytes(version));
        match &last {
            // So is a counter.
            Err(Unheld::Violated(violation)) => {
                let cause = violation.evidence.cause;
                if cause.is_some_and(Cause::is_behind_the_source) {
                    return last;
                }
            }
            _ => return last,
        }
    }
    let Err(Unheld::Violated(violation)) = last else {
        return last;
    };
    Err(violated(
        rules::SOURCE_COHERENT,
        match case.trouble {
            SourceTrouble::Moved { .. } => {
                "a file that is not at its beginning becomes another object"
            }
            SourceTrouble::Shorter { .. } | SourceTrouble::Longer { .. } => {
                "a source of another length than announced becomes another object"
            }
            _ => "the object is no version of its source",
        },
        DataLost,
        "the bytes of one version, or a refusal",
        format!(
            "success is told; {}: {}",
            violation.symptom, violation.actual
        ),
    )
    .on(match violation.evidence.cause {
        Some(Cause::SourceMissing) => violation.evidence,
        _ => Evidence {
            perhaps: violation.evidence.perhaps,
            ..Evidence::default()
        },
    }))
}

/// Changes the source when the first part has arrived.
fn meddler(case: &SourceCase, file: Arc<OnceLock<PathBuf>>, changed: Arc<AtomicBool>) -> Observer {
    let (trouble, length) = (case.trouble, case.upload.plaintext.length);
    let done = AtomicBool::new(false);
    Box::new(move |operation, _| {
        let is_time = operation == Operation::UploadPart && !done.swap(true, Ordering::SeqCst);
        if let (true, Some(file)) = (is_time, file.get()) {
            // Where it cannot be changed, the case does not count.
            changed.store(meddle(file, trouble, length).is_ok(), Ordering::SeqCst);
        }
    })
}

fn meddle(file: &Path, trouble: SourceTrouble, length: u64) -> io::Result<()> {
    // The client may have put there what nobody reads.
    let flags = OFlag::O_NONBLOCK | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let mut options = OpenOptions::new();
    let file = options.write(true).custom_flags(flags.bits()).open(file)?;
    match trouble {
        SourceTrouble::Edited => {
            // The first part too: what was sent of it is of a version that is not there any more.
            file.write_all_at(&vec![0xa5; stored::size(length)], 0)
        }
        SourceTrouble::Truncated => file.set_len(length / 2),
        SourceTrouble::Extended { by } => file.write_all_at(&vec![0xa5; stored::size(by)], length),
        SourceTrouble::Moved { .. }
        | SourceTrouble::Shorter { .. }
        | SourceTrouble::Longer { .. } => Ok(()),
    }
}
