//! What a reader is given, and what it is not.

use std::fs;

use partproof_client::{ByteRange, Cipher, Error, Fate, UploadOptions, upload};

use crate::fake_oss::{FakeOss, Fault};
use crate::{MASTER, bucket, fate, open, options, plaintext};

#[test]
fn a_wrong_answer_is_never_data() {
    let range: ByteRange = "5-40".parse().unwrap();
    let half = Fault::HalfAnswer;
    let service = FakeOss::start(&[
        ("Get", 1, Fault::IgnoreRange),
        ("Get", 2, Fault::ShiftRange),
        ("Get", 3, half),
        ("Get", 4, half),
        ("Get", 5, half),
        ("Get", 6, half),
    ]);
    let bucket = bucket(&service);
    let bytes = plaintext(450_000);
    upload(&bucket, "k", &MASTER.0, &bytes[..], &options()).unwrap();
    let object = open(&bucket).unwrap();
    for _ in 0..2 {
        let read = object.read_range(range);
        assert!(matches!(read, Err(Error::Answer { .. })), "{read:?}");
    }
    // Asked for from the beginning of a block.
    assert_eq!(service.bodies("Get", "bytes=0-40").len(), 2);

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
fn two_versions_are_never_mixed() {
    let service = FakeOss::start(&[]);
    let bucket = bucket(&service);
    let send = |bytes: &[u8]| upload(&bucket, "k", &MASTER.0, bytes, &options());
    send(&plaintext(450_000)).unwrap();
    let object = open(&bucket).unwrap();
    send(&plaintext(450_000)).unwrap();
    let error = object.read_range("5-40".parse().unwrap()).unwrap_err();
    assert_eq!(error.refusal().unwrap().status, 412);
}

#[test]
fn an_object_with_another_checksum_is_an_error() {
    let other = Fault::OtherCrc64;
    let service = FakeOss::start(&[("Complete", 1, other), ("Head", 1, other)]);
    let bucket = bucket(&service);
    let bytes = plaintext(450_000);
    let error = upload(&bucket, "k", &MASTER.0, &bytes[..], &options()).unwrap_err();
    assert_eq!(fate(&error), Fate::Gone, "completed, and not to be aborted");
    assert_eq!(service.bodies("Abort", "").len(), 0);
    let read = open(&bucket).unwrap().read();
    assert!(matches!(read, Err(Error::Corrupt { .. })), "{read:?}");
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
