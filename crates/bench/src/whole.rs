//! A whole client: an upload or a download of its own against an emulator of its own, and what it took beside time.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use nix::fcntl::OFlag;
use partproof_emulator::{Observer, Operation};
use partproof_model::Cipher;
use partproof_protocol::{
    Broke, Description, DownloadArguments, Downloaded, Op, Process, Request, SignatureVersion,
    UploadArguments, UploadOptions, Uploaded,
};
use partproof_subjects::builtin::Builtin;
use partproof_subjects::program::{Limits, service_arguments};
use partproof_suite::plaintext::Plaintext;
use partproof_suite::subject::client::{Client, DownloadJob, Service, Signature, UploadJob};
use partproof_whole_client::stage::Stage;

use crate::measure::{Counters, Sample, Without, float, without};
use crate::workload::{LEAST_PART_SIZE, Row, size_of};

const OBJECT: &str = "bench.data";

/// Has a process transfer a row's object once, and looks whether it is all there.
pub(crate) fn transfer(
    process: &Process,
    description: &Description,
    limits: Limits,
    row: Row,
    seed: u32,
) -> Result<Result<(Sample, Counters), Without>, Broke> {
    let parts = row.parts.unwrap_or(1);
    let plaintext = Plaintext {
        seed: seed.max(1),
        length: size_of(parts),
    };
    let requests = Arc::new([const { AtomicU64::new(0) }; 2]);
    let counting = Arc::clone(&requests);
    let observer: Observer = Box::new(move |operation, _| {
        let is_part = operation == Operation::UploadPart;
        counting[0].fetch_add(1, Ordering::Relaxed);
        counting[1].fetch_add(u64::from(is_part), Ordering::Relaxed);
    });
    let unable = |what: String| Without::Unknown(format!("this machine cannot: {what}"));
    let stage = match Stage::set_for_bodies(observer) {
        Ok(stage) => stage,
        Err(why) => return Ok(Err(unable(format!("{why:?}")))),
    };
    let source = match stage.source("source", plaintext) {
        Ok(source) => source,
        Err(why) => return Ok(Err(unable(format!("{why:?}")))),
    };
    let signature = match description.signatures.first() {
        Some(SignatureVersion::V1) => Signature::V1,
        Some(SignatureVersion::V4) | None => Signature::V4,
    };
    let service = stage.service(signature);
    let target = stage.path("target");
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let is_ctr = |name: &String| name == Cipher::Ctr.cek_alg();
    let cipher = match description.ciphers.iter().find(|name| is_ctr(name)) {
        Some(name) => name.clone(),
        None => return Ok(Err(Without::NotDeclared("no counter mode".to_owned()))),
    };
    let request = match row.op {
        Op::Upload => Request::Upload(UploadArguments {
            service: service_arguments(&service, OBJECT),
            file: text(&source),
            part_size: Some(LEAST_PART_SIZE),
            options: UploadOptions {
                cipher,
                parallel: 4,
                checkpoint: None,
                announced: None,
                position: 0,
                metadata: serde_json::Map::default(),
                content_type: None,
                content_md5: None,
                stream: false,
            },
        }),
        _ => {
            let stored = Builtin.upload(
                &stage.service(Signature::V4),
                &UploadJob {
                    part_size: Some(LEAST_PART_SIZE),
                    concurrency: 4,
                    ..UploadJob::new(OBJECT, &source, Cipher::Ctr)
                },
            );
            if let Err(failure) = stored {
                return Ok(Err(unable(failure.message)));
            }
            Request::Download(DownloadArguments {
                service: service_arguments(&service, OBJECT),
                file: text(&target),
                range: None,
                pieces: None,
            })
        }
    };
    let answered_before = requests[0].load(Ordering::Relaxed);
    stage.emulator.traffic();
    let before = process.usage();
    let began = Instant::now();
    let limit = limits.of(&request, partproof_suite::subject::Load::now());
    let error = match row.op {
        Op::Upload => process.ask_for::<Uploaded>(&request, limit)?.err(),
        _ => process.ask_for::<Downloaded>(&request, limit)?.err(),
    };
    let wall = began.elapsed();
    let after = process.usage();
    let traffic = stage.emulator.traffic();
    if let Some(error) = error {
        return Ok(Err(without(error)));
    }
    let counters = Counters {
        requests: requests[0].load(Ordering::Relaxed) - answered_before,
        repeated_parts: match row.op {
            Op::Upload => requests[1].load(Ordering::Relaxed).saturating_sub(parts),
            _ => 0,
        },
        wire_bytes: traffic.bytes,
        connections: traffic.connections,
        most_parts: traffic.most_parts,
        peak_memory: after.map(|usage| usage.peak_memory),
    };
    if row.op == Op::Upload
        && let Err(wrong) = read_back(&stage.service(Signature::V4), &target)
    {
        return Ok(Err(Without::Void(wrong)));
    }
    if counters.requests == 0 {
        let wrong = "it asked the service for nothing".to_owned();
        return Ok(Err(Without::Void(wrong)));
    }
    if !holds(&target, plaintext) {
        let wrong = "what was read is not what was uploaded".to_owned();
        return Ok(Err(Without::Void(wrong)));
    }
    let cpu = before.zip(after).and_then(|(before, after)| {
        let computed = after.cpu.checked_sub(before.cpu)?;
        // It is told in hundredths of a second, of which a small transfer may take none.
        let computed = u64::try_from(computed.as_nanos()).ok()?;
        Some(computed).filter(|computed| *computed > 0)
    });
    let sample = Sample {
        wall: float(u64::try_from(wall.as_nanos()).unwrap_or(u64::MAX)),
        cpu: cpu.map(float),
    };
    Ok(Ok((sample, counters)))
}

/// Whether a regular file has this plaintext and no more. A subject may have put there what never ends.
fn holds(file: &Path, expected: Plaintext) -> bool {
    const PIECE: usize = 1 << 20;
    let flags = OFlag::O_NONBLOCK | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let opened = File::options()
        .read(true)
        .custom_flags(flags.bits())
        .open(file);
    let Ok(mut file) = opened else { return false };
    let is_regular = file.metadata().is_ok_and(|about| about.is_file());
    let mut pieces = (0..expected.length).step_by(PIECE).map(|from| {
        let end = from.saturating_add(u64::try_from(PIECE).unwrap_or(u64::MAX));
        let expected = expected.slice(from..end);
        let mut read = vec![0; expected.len()];
        file.read_exact(&mut read).is_ok() && read == expected
    });
    is_regular && pieces.all(|is_right| is_right) && matches!(file.read(&mut [0]), Ok(0))
}

/// What was uploaded is what the built-in client reads.
fn read_back(service: &Service<'_>, target: &Path) -> Result<(), String> {
    let job = DownloadJob {
        object: OBJECT,
        file: target,
        range: None,
        pieces: None,
    };
    Builtin
        .download(service, &job)
        .map_err(|failure| format!("what it stored cannot be read: {}", failure.message))
}
