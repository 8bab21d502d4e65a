//! What is sent, sent again, and taken back.

use std::fs::File;
use std::io;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use partproof_client::{
    ByteRange, Cipher, Error, Fate, MasterKey, Progress, Resume, Source, SourceState,
    UploadOptions, upload,
};

use crate::fake_oss::{FakeOss, Fault};
use crate::{MASTER, bucket, fate, open, options, plaintext};

#[test]
fn what_was_uploaded_comes_back_whole_and_by_range() {
    for cipher in Cipher::ALL {
        for length in [0, 1, 16, 102_390, 102_400, 450_000] {
            let service = FakeOss::start(&[]);
            let bucket = bucket(&service);
            let bytes = plaintext(length);
            let told = AtomicU64::new(0);
            let listen = |progress: Progress| {
                assert!(told.swap(progress.done, Ordering::Relaxed) < progress.done);
            };
            let options = UploadOptions {
                cipher,
                progress: Some(&listen),
                ..options()
            };
            let uploaded = upload(&bucket, "k", &MASTER.1, &bytes[..], &options).unwrap();
            assert_eq!(told.load(Ordering::Relaxed), uploaded.data_size);

            let object = open(&bucket).unwrap();
            assert_eq!(object.read().unwrap(), bytes, "{cipher}, {length} bytes");
            for range in ["0-0", "5-40", "102399-204801", "17-", "-33", "-999999"] {
                let range: ByteRange = range.parse().unwrap();
                let read = match cipher {
                    Cipher::GcmObject => object
                        .read_range_unauthenticated(range)
                        .map(|bytes| bytes.into_unauthenticated_bytes()),
                    Cipher::Ctr | Cipher::GcmPart => object.read_range(range),
                };
                let index = |at| usize::try_from(at).unwrap();
                let expected = range
                    .resolve(object.plaintext_size())
                    .map(|range| bytes[index(range.start)..index(range.end)].to_vec());
                assert_eq!(read, expected, "{cipher}, {range} of {length} bytes");
            }
        }
    }
}

#[test]
fn a_retry_sends_the_same_bytes() {
    for fault in [
        Fault::Status(500),
        Fault::CutBody,
        Fault::LoseAnswer,
        Fault::Status(429),
    ] {
        for cipher in Cipher::ALL {
            let service = FakeOss::start(&[("UploadPart", 2, fault), ("UploadPart", 3, fault)]);
            let bucket = bucket(&service);
            let options = UploadOptions {
                cipher,
                ..options()
            };
            let bytes = plaintext(450_000);
            upload(&bucket, "k", &MASTER.0, &bytes[..], &options).unwrap();
            let mut attempts = 0;
            for number in 1..=5 {
                let bodies = service.bodies("UploadPart", &format!("partNumber={number}&"));
                let last = bodies.last().unwrap();
                assert!(
                    bodies.iter().all(|body| last.starts_with(body)),
                    "part {number}"
                );
                attempts += bodies.len();
            }
            assert_eq!(attempts, 7);
            assert_eq!(open(&bucket).unwrap().read().unwrap(), bytes);
        }
    }
}

#[test]
fn a_lost_answer_to_complete_is_looked_into() {
    let service = FakeOss::start(&[("Complete", 1, Fault::LoseAnswer)]);
    let bucket = bucket(&service);
    let bytes = plaintext(450_000);
    upload(&bucket, "k", &MASTER.0, &bytes[..], &options()).unwrap();
    assert_eq!(service.bodies("Complete", "").len(), 2);
    assert_eq!(service.bodies("Abort", "").len(), 0);

    // An object that was there before is not taken for the one that was not made.
    let cut = Fault::CutBody;
    let service = FakeOss::start(&[
        ("Complete", 2, cut),
        ("Complete", 3, cut),
        ("Complete", 4, cut),
    ]);
    let bucket = crate::bucket(&service);
    upload(&bucket, "k", &MASTER.0, &bytes[..], &options()).unwrap();
    let error = upload(&bucket, "k", &MASTER.0, &bytes[..], &options()).unwrap_err();
    assert_eq!(fate(&error), Fate::Aborted);
}

#[test]
fn a_refusal_aborts_and_says_why() {
    let service = FakeOss::start(&[("UploadPart", 2, Fault::Status(403))]);
    let bytes = plaintext(450_000);
    let error = upload(&bucket(&service), "k", &MASTER.0, &bytes[..], &options()).unwrap_err();
    assert_eq!(
        (error.code(), error.ec()),
        (Some("Planned"), Some("0000-1"))
    );
    assert_eq!(fate(&error), Fate::Aborted);
    assert_eq!(service.seen().last().unwrap().0, "Abort");

    let refused = Fault::Status(403);
    let service = FakeOss::start(&[("UploadPart", 1, refused), ("Abort", 1, refused)]);
    let error = upload(&bucket(&service), "k", &MASTER.0, &bytes[..], &options()).unwrap_err();
    assert_eq!(fate(&error), Fate::Open);
    assert!(error.to_string().contains("upload U failed"), "{error}");
}

#[test]
fn a_service_that_hangs_up_on_a_body_is_asked_first() {
    let at_once = Fault::StatusAtOnce(403);
    let service = FakeOss::start(&[1, 2, 3].map(|nth| ("UploadPart", nth, at_once)));
    let options = UploadOptions {
        part_size: None,
        ..options()
    };
    let bytes = plaintext(8_000_000);
    let error = upload(&bucket(&service), "k", &MASTER.0, &bytes[..], &options).unwrap_err();
    assert_eq!(error.code(), Some("Planned"), "{error}");
}

#[test]
fn what_cannot_work_sends_nothing() {
    let service = FakeOss::start(&[]);
    let bucket = bucket(&service);
    let bytes = plaintext(450_000);
    let refused = |object: &str, master: &MasterKey, options: UploadOptions<'_>| {
        let error = upload(&bucket, object, master, &bytes[..], &options).unwrap_err();
        assert!(!matches!(error, Error::Upload { .. }), "{error}");
    };
    for part_size in [0, 16, 102_399, 102_401, u64::MAX] {
        let part_size = Some(part_size);
        refused(
            "k",
            &MASTER.0,
            UploadOptions {
                part_size,
                ..options()
            },
        );
    }
    for object in ["", "/k", "\\k", &"k".repeat(1024)] {
        refused(object, &MASTER.0, options());
    }
    for resume in [
        Resume::Checkpoint("never-written".into()),
        Resume::Upload("U".to_owned()),
    ] {
        refused(
            "k",
            &MASTER.1,
            UploadOptions {
                resume,
                ..options()
            },
        );
    }
    let folder = File::open(std::env::temp_dir()).unwrap();
    assert!(upload(&bucket, "k", &MASTER.0, &folder, &options()).is_err());
    assert_eq!(service.seen(), []);
}

/// Bytes that are others, or of another time, from some read on.
struct Restless {
    bytes: Vec<u8>,
    reads: AtomicU64,
    grows: bool,
}

impl Source for Restless {
    fn state(&self) -> io::Result<SourceState> {
        let reads = self.reads.load(Ordering::Relaxed);
        let mut state = self.bytes[..].state()?;
        state.modified = Some(SystemTime::UNIX_EPOCH + Duration::from_secs(reads));
        Ok(state)
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        match self.grows {
            true => self.bytes[..].read_exact_at(offset, buffer),
            false if offset > 300_000 => Err(io::ErrorKind::UnexpectedEof.into()),
            false => self.bytes[..].read_exact_at(offset, buffer),
        }
    }
}

#[test]
fn a_source_that_changes_never_becomes_an_object() {
    for grows in [true, false] {
        let service = FakeOss::start(&[]);
        let source = Restless {
            bytes: plaintext(450_000),
            reads: AtomicU64::new(0),
            grows,
        };
        let error = upload(&bucket(&service), "k", &MASTER.0, &source, &options()).unwrap_err();
        assert!(error.to_string().contains("source changed"), "{error}");
        assert_eq!(fate(&error), Fate::Aborted);
        assert_eq!(service.bodies("Complete", "").len(), 0);
    }
}

#[test]
fn cancelling_aborts() {
    let service = FakeOss::start(&[]);
    let cancel = AtomicBool::new(false);
    let listen = |_: Progress| cancel.store(true, Ordering::Relaxed);
    let options = UploadOptions {
        cancel: Some(&cancel),
        progress: Some(&listen),
        concurrency: NonZeroUsize::MIN,
        ..options()
    };
    let bytes = plaintext(450_000);
    let error = upload(&bucket(&service), "k", &MASTER.0, &bytes[..], &options).unwrap_err();
    assert_eq!(fate(&error), Fate::Aborted);
    assert_eq!(service.bodies("UploadPart", "").len(), 1);
}

#[test]
fn bytes_damaged_on_their_way_are_sent_again() {
    for fault in [Fault::TurnBit, Fault::OtherCrc64] {
        let service = FakeOss::start(&[("UploadPart", 2, fault)]);
        let bucket = bucket(&service);
        let bytes = plaintext(450_000);
        upload(&bucket, "k", &MASTER.0, &bytes[..], &options()).unwrap();
        assert_eq!(service.bodies("UploadPart", "").len(), 6);
        assert_eq!(open(&bucket).unwrap().read().unwrap(), bytes);
    }
}

#[test]
fn silence_is_not_waited_for() {
    let service = FakeOss::start(&[
        ("Initiate", 1, Fault::Silence),
        ("UploadPart", 1, Fault::Silence),
    ]);
    let bucket = bucket(&service).with_silence(Duration::from_millis(200));
    let begun = Instant::now();
    upload(&bucket, "k", &MASTER.0, &plaintext(450_000)[..], &options()).unwrap();
    assert!(begun.elapsed() < Duration::from_secs(4));
}
