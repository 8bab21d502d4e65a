//! A folder that survives a restart.

use std::fs;

use partproof_emulator::{Config, Emulator};

use crate::exchange::{
    complete, etag, get, initiate, list, plain, put, send, start, start_in, upload_part,
};

#[test]
fn what_was_answered_is_there_after_a_restart_and_what_was_not_is_whole_or_absent() {
    let folder = tempfile::tempdir().unwrap();
    let emulator = start_in(folder.path());
    let id = initiate(&emulator, 20, 20);
    let first = etag(&upload_part(&emulator, &id, 1, "01234567890123456789"));
    put(&emulator, "old", "", "gone");
    put(&emulator, "old", "x-oss-meta-a: \u{e9}\r\n", "kept");
    put(&emulator, "deleted", "", "abc");
    send(&emulator, "DELETE /examplebucket/deleted", "", b"");
    drop(emulator);
    // As a process leaves it that was killed while it wrote.
    let journal = folder.path().join("journal.jsonl");
    let mut lines = fs::read(&journal).unwrap();
    let whole = lines.len();
    lines.extend(b"{\"bucket\":\"exampleb\xff");
    fs::write(&journal, lines).unwrap();
    fs::write(folder.path().join("bodies/77"), "not answered").unwrap();

    let emulator = start_in(folder.path());
    assert_eq!(fs::read(&journal).unwrap().len(), whole);
    assert!(!folder.path().join("bodies/77").exists());
    let done = complete(&emulator, &id, &list(&[(1, &first)]));
    assert!(done.starts_with("HTTP/1.1 200"), "{done}");
    drop(emulator);

    let emulator = start_in(folder.path());
    assert!(get(&emulator, "k", "").ends_with("01234567890123456789"));
    let old = get(&emulator, "old", "");
    assert!(
        old.ends_with("kept") && old.contains("x-oss-meta-a: \u{e9}"),
        "{old}"
    );
    assert!(get(&emulator, "deleted", "").contains("<Code>NoSuchKey<"));
    let bodies = fs::read_dir(folder.path().join("bodies")).unwrap().count();
    assert_eq!(bodies, 2, "the part and the object");
}

#[test]
fn a_folder_that_is_in_use_or_broken_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let config = || Config {
        data_dir: Some(folder.path().to_owned()),
        ..plain()
    };
    let refused = || Emulator::start(config()).unwrap_err().to_string();
    let emulator = start(config());
    put(&emulator, "k", "", "abc");
    assert!(
        refused().contains("another process uses it"),
        "{}",
        refused()
    );
    drop(emulator);
    let journal = folder.path().join("journal.jsonl");
    let lines = fs::read_to_string(&journal).unwrap();
    fs::write(&journal, format!("{lines}{{}}\n")).unwrap();
    assert!(
        refused().contains("journal.jsonl:2: missing field"),
        "{}",
        refused()
    );
    fs::write(&journal, lines.replace("PutObject", "UploadPart")).unwrap();
    assert!(refused().contains("journal.jsonl:1: "), "{}", refused());
}

#[test]
fn nothing_is_left_behind_without_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let emulator = start_in(folder.path());
    put(&emulator, "k", "", "abc");
    put(&emulator, "k", "", "abcd");
    let bodies = || fs::read_dir(folder.path().join("bodies")).unwrap().count();
    assert_eq!(bodies(), 1, "what was replaced is removed");
    send(&emulator, "DELETE /examplebucket/k", "", b"");
    assert_eq!(bodies(), 0);
}
