//! The whole client against a service that fails on demand.

#![allow(clippy::unwrap_used, reason = "a test may panic: that is how it fails")]
#![allow(clippy::panic, reason = "the same")]

mod fake_oss;

use std::fs::{self, File};
use std::io;
use std::num::NonZeroUsize;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeySize, PrivateDecryptingKey};
use base64::prelude::{BASE64_STANDARD, Engine};
use fake_oss::{FakeOss, Fault};
use partproof_client::{
    Bucket, ByteRange, Checkpoint, Cipher, Credentials, DownloadOptions, EncryptedObject, Envelope,
    Error, Fate, MasterKey, Progress, Resume, Retry, Source, SourceState, UploadOptions, upload,
};
use pem::Pem;

const RETRY: Retry = Retry {
    attempts: 3,
    first_pause: Duration::from_millis(1),
    longest_pause: Duration::from_millis(2),
};

/// A private master key and its public half.
static MASTER: LazyLock<(MasterKey, MasterKey)> = LazyLock::new(|| {
    let private = PrivateDecryptingKey::generate(KeySize::Rsa2048).unwrap();
    let (pkcs8, spki) = (
        private.as_der().unwrap(),
        private.public_key().as_der().unwrap(),
    );
    let pem = |label, der: &[u8]| MasterKey::from_pem(&pem::encode(&Pem::new(label, der))).unwrap();
    (
        pem("PRIVATE KEY", pkcs8.as_ref()),
        pem("PUBLIC KEY", spki.as_ref()),
    )
});

fn bucket(service: &FakeOss) -> Bucket {
    let credentials = Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE");
    Bucket::new(
        &service.endpoint,
        "cn-hangzhou",
        "examplebucket",
        credentials,
    )
    .unwrap()
}

/// Parts of 102,400 bytes: 450,000 bytes are five of them.
fn options<'o>() -> UploadOptions<'o> {
    UploadOptions {
        part_size: Some(102_400),
        concurrency: NonZeroUsize::new(3).unwrap(),
        retry: RETRY,
        ..UploadOptions::default()
    }
}

fn plaintext(length: usize) -> Vec<u8> {
    (0..=250).cycle().take(length).collect()
}

fn open(bucket: &Bucket) -> Result<EncryptedObject<'_>, Error> {
    let options = DownloadOptions {
        retry: RETRY,
        ..DownloadOptions::default()
    };
    EncryptedObject::open(bucket, "k", &MASTER.0, options)
}

fn fate(error: &Error) -> Fate {
    match error {
        Error::Upload { fate, .. } => *fate,
        other => panic!("{other}"),
    }
}

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
    let bucket = self::bucket(&service);
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

#[test]
fn a_checkpoint_resumes_and_refuses_what_changed() {
    for cipher in Cipher::ALL {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("upload.json");
        let service = FakeOss::start(&[("UploadPart", 4, Fault::Status(403))]);
        let bucket = bucket(&service);
        let bytes = plaintext(450_000);
        let options = UploadOptions {
            cipher,
            concurrency: NonZeroUsize::MIN,
            resume: Resume::Checkpoint(path.clone()),
            ..options()
        };
        let send = |bytes: &[u8], options| upload(&bucket, "k", &MASTER.0, bytes, &options);
        let error = send(&bytes, options.clone()).unwrap_err();
        assert_eq!(fate(&error), Fate::Kept);

        let json = fs::read(&path).unwrap();
        let checkpoint = Checkpoint::read(&json).unwrap();
        let headers = checkpoint.envelope.iter();
        let envelope = Envelope::open(&MASTER.0, headers.map(|(name, value)| (&**name, &**value)));
        let key = envelope.unwrap().content_key;
        let hexadecimal =
            |secret: &[u8]| -> String { secret.iter().map(|byte| format!("{byte:02x}")).collect() };
        let text = String::from_utf8(json).unwrap();
        for secret in [&key.expose_key()[..], key.expose_start(), b"SECRETEXAMPLE"] {
            assert!(!text.contains(&BASE64_STANDARD.encode(secret)));
            assert!(!text.to_lowercase().contains(&hexadecimal(secret)));
        }
        assert!(!text.contains("SECRETEXAMPLE"));

        let mut other = bytes.clone();
        other[449_999] ^= 1;
        let part_size = Some(102_416);
        let before = service.seen().len();
        for refusal in [
            send(&other, options.clone()),
            send(&bytes[1..], options.clone()),
            send(&[], options.clone()),
            send(
                &bytes,
                UploadOptions {
                    part_size,
                    ..options.clone()
                },
            ),
            upload(&bucket, "other", &MASTER.0, &bytes[..], &options),
        ] {
            let refusal = refusal.unwrap_err();
            assert!(
                matches!(
                    refusal,
                    Error::SourceChanged { .. } | Error::ResumeMismatch { .. }
                ),
                "{refusal}"
            );
        }
        assert_eq!(service.seen().len(), before);

        send(&bytes, options).unwrap();
        assert!(!path.exists());
        // The one that was refused, and each of the five once.
        assert_eq!(service.bodies("UploadPart", "").len(), 6);
        assert_eq!(service.bodies("Initiate", "").len(), 1);
        assert_eq!(open(&bucket).unwrap().read().unwrap(), bytes);
    }
}

#[test]
fn an_upload_is_resumed_by_its_id_alone() {
    for cipher in Cipher::ALL {
        let folder = tempfile::tempdir().unwrap();
        let service = FakeOss::start(&[("UploadPart", 4, Fault::Status(403))]);
        let bucket = bucket(&service);
        let bytes = plaintext(450_000);
        let send = |bytes: &[u8], concurrency, resume| {
            let options = UploadOptions {
                cipher,
                resume,
                concurrency: NonZeroUsize::new(concurrency).unwrap(),
                ..options()
            };
            upload(&bucket, "k", &MASTER.0, bytes, &options)
        };
        let kept = Resume::Checkpoint(folder.path().join("lost.json"));
        assert_eq!(fate(&send(&bytes, 1, kept).unwrap_err()), Fate::Kept);

        // A wrong source is found out before a byte of it is sent.
        let mut other = bytes.clone();
        other[0] ^= 1;
        let by_id = Resume::Upload("U".to_owned());
        let error = send(&other, 5, by_id.clone()).unwrap_err();
        let Error::Upload { cause, fate, .. } = &error else {
            panic!("{error}");
        };
        let differs = Error::StoredPartDiffers { number: 1 };
        assert_eq!((&**cause, *fate), (&differs, Fate::Kept));
        assert_eq!(service.bodies("UploadPart", "").len(), 4);

        send(&bytes, 5, by_id).unwrap();
        assert_eq!(service.bodies("UploadPart", "").len(), 6);
        assert_eq!(open(&bucket).unwrap().read().unwrap(), bytes);
    }
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
fn a_wrong_answer_is_never_data() {
    let range: ByteRange = "5-40".parse().unwrap();
    let half = Fault::HalfAnswer;
    let service = FakeOss::start(&[
        ("Get", 1, Fault::IgnoreRange),
        ("Get", 2, half),
        ("Get", 3, half),
        ("Get", 4, half),
        ("Get", 5, half),
    ]);
    let bucket = bucket(&service);
    let bytes = plaintext(450_000);
    upload(&bucket, "k", &MASTER.0, &bytes[..], &options()).unwrap();
    let object = open(&bucket).unwrap();
    assert!(matches!(
        object.read_range(range),
        Err(Error::Answer { .. })
    ));

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("copy");
    assert!(matches!(
        object.read_to_file(&path),
        Err(Error::Transport { .. })
    ));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    object.read_to_file(&path).unwrap();
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

#[test]
fn what_is_not_authentic_gets_no_name() {
    for cipher in [Cipher::GcmObject, Cipher::GcmPart] {
        let service = FakeOss::start(&[]);
        let bucket = bucket(&service);
        let bytes = plaintext(450_000);
        let options = UploadOptions {
            cipher,
            ..options()
        };
        upload(&bucket, "k", &MASTER.0, &bytes[..], &options).unwrap();
        service.replace_object(|bytes| bytes[400_000] ^= 1);
        let folder = tempfile::tempdir().unwrap();
        let error = open(&bucket)
            .unwrap()
            .read_to_file(&folder.path().join("copy"));
        let part = Err(Error::PartNotAuthentic { number: 4 });
        assert!(
            error == part || error == Err(Error::ObjectNotAuthentic),
            "{error:?}"
        );
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);

        service.replace_object(|bytes| bytes.truncate(400_000));
        assert!(matches!(open(&bucket).err(), Some(Error::Answer { .. })));
    }
}

#[test]
fn ciphertext_without_a_whole_envelope_is_no_data() {
    let service = FakeOss::start(&[]);
    let bucket = bucket(&service);
    for name in ["x-oss-meta-client-side-encryption-key", "x-oss-meta-other"] {
        bucket
            .put("k", &[(name.to_owned(), "AAAA".to_owned())], b"hello")
            .unwrap();
        assert!(matches!(
            open(&bucket).err(),
            Some(Error::HeaderMissing { .. })
        ));
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
