//! Uploads that are gone on with.

use std::fs;
use std::num::NonZeroUsize;

use base64::prelude::{BASE64_STANDARD, Engine};
use partproof_client::{Checkpoint, Cipher, Envelope, Error, Fate, Resume, UploadOptions, upload};

use crate::fake_oss::{FakeOss, Fault};
use crate::{MASTER, bucket, fate, open, options, plaintext};

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
