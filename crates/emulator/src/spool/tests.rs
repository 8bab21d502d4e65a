//! Bodies are stored, digested, read back, and go when nothing refers to them.

use super::*;

fn open(folder: &Path, stores: bool) -> Arc<Spool> {
    let none = Failpoints::default();
    let spool = Spool::new(folder.to_owned(), SystemTime::now, stores, false, none);
    spool
        .begin(&State::new("examplebucket", SystemTime::now()))
        .unwrap();
    spool.run();
    spool
}

fn store(spool: &Arc<Spool>, chunks: &[&[u8]]) -> Body<Blob> {
    let (sender, receiver) = mpsc::channel(chunks.len().max(1));
    for chunk in chunks {
        let batch = vec![Bytes::copy_from_slice(chunk), Bytes::new()];
        sender.try_send(batch).unwrap();
    }
    drop(sender);
    spool.receive(receiver).unwrap()
}

fn read(bodies: &[Body<Blob>], first: u64, length: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    for segment in segments(bodies, first, length) {
        segment.open().unwrap().read_to_end(&mut bytes).unwrap();
    }
    bytes
}

#[test]
fn bytes_are_digested_as_the_model_digests_them() {
    let folder = tempfile::tempdir().unwrap();
    let spool = open(folder.path(), true);
    let body = store(&spool, &[b"1234", b"", b"56789"]);
    let model = Body::of(b"123456789");
    assert_eq!(
        (body.length, body.md5, body.crc64),
        (model.length, model.md5, model.crc64)
    );
}

#[test]
fn any_bytes_of_several_bodies_are_read_and_copied() {
    let folder = tempfile::tempdir().unwrap();
    let spool = open(folder.path(), true);
    let bodies = [
        store(&spool, &[b"abc"]),
        store(&spool, &[]),
        store(&spool, &[b"defg"]),
    ];
    for first in 0..8_usize {
        for length in 0..9_usize {
            let expected: Vec<u8> = b"abcdefg"
                .iter()
                .skip(first)
                .take(length)
                .copied()
                .collect();
            let (first, length) = (
                u64::try_from(first).unwrap(),
                u64::try_from(length).unwrap(),
            );
            assert_eq!(read(&bodies, first, length), expected);
            let copied = spool.copy(&bodies, first, length).unwrap();
            assert_eq!(copied.md5, partproof_model::etag::md5(&expected));
        }
    }
}

#[test]
fn a_file_that_is_there_already_stays() {
    let folder = tempfile::tempdir().unwrap();
    let spool = open(folder.path(), true);
    fs::write(folder.path().join("1"), "another's").unwrap();
    assert!(spool.copy(&[], 0, 0).is_err());
    assert!(folder.path().join("1").exists());
}

#[test]
fn a_body_that_is_not_stored_is_digested_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let spool = open(folder.path(), false);
    let body = store(&spool, &[b"1234", b"56789"]);
    assert_eq!(body.md5, partproof_model::etag::md5(b"123456789"));
    assert!(!body.content.is_stored());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_file_goes_with_its_last_reference_unless_it_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let spool = open(folder.path(), true);
    let files = || fs::read_dir(folder.path()).unwrap().count();
    let body = store(&spool, &[b"a"]);
    let other = body.clone();
    drop(body);
    assert_eq!(files(), 1);
    drop(other);
    assert_eq!(files(), 0);
    let kept = store(&spool, &[b"a"]);
    spool.end();
    drop(kept);
    assert_eq!(files(), 1);
    open(folder.path(), true);
    assert_eq!(files(), 0);
}
