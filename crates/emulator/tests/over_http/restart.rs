//! A folder that survives a restart.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};

use partproof_emulator::{Config, Emulator, Failpoint, Failpoints, Limits, Recording};
use tempfile::TempDir;

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

/// Everything in a folder: path, kind, length and mode, and what the files hold.
fn everything(folder: &Path) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let metadata = fs::symlink_metadata(&path).unwrap();
            let held = match metadata.is_file() {
                true => fs::read(&path).unwrap(),
                false => Vec::new(),
            };
            if metadata.is_dir() {
                folders.push(path.clone());
            }
            found.insert(path, (metadata.mode(), held));
        }
    }
    found
}

/// A folder with two objects, an open upload with a part, and a line that was torn.
fn kept() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let emulator = start_in(folder.path());
    put(&emulator, "k", "", "abc");
    put(&emulator, "l", "", "defg");
    let id = initiate(&emulator, 20, 20);
    upload_part(&emulator, &id, 1, "01234567890123456789");
    drop(emulator);
    let journal = folder.path().join("journal.jsonl");
    let mut file = OpenOptions::new().append(true).open(journal).unwrap();
    file.write_all(b"{\"bucket\":").unwrap();
    fs::write(folder.path().join("bodies/77"), "not answered").unwrap();
    folder
}

#[test]
fn a_start_that_fails_touches_nothing() {
    let record = tempfile::tempdir().unwrap();
    fs::write(record.path().join("there"), "").unwrap();
    let journal = |folder: &Path, change: fn(String) -> String| {
        let path = folder.join("journal.jsonl");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, change(text)).unwrap();
    };
    type Break<'a> = &'a dyn Fn(&Path);
    let broken: [(&str, Break<'_>); 17] = [
        ("it is not empty", &|_| {}),
        ("journal.jsonl:2: ", &|folder| {
            journal(folder, |text| text.replacen("}\n{", "}\n{{", 1));
        }),
        ("unknown field `more`", &|folder| {
            journal(folder, |text| text.replacen("{", "{\"more\":1,", 1));
        }),
        (
            "bodies/5: a folder, expected the file of a body",
            &|folder| {
                fs::create_dir(folder.join("bodies/5")).unwrap();
            },
        ),
        ("bodies/5: neither a file nor a folder", &|folder| {
            let fifo = folder.join("bodies/5");
            nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRUSR).unwrap();
        }),
        (
            "bodies/1: No such file or directory (os error 2), expected 3 bytes of the object \"k\"",
            &|folder| {
                fs::remove_file(folder.join("bodies/1")).unwrap();
            },
        ),
        (
            "bodies/2: it has 3 bytes, expected 4 bytes of the object \"l\"",
            &|folder| {
                fs::write(folder.join("bodies/2"), "def").unwrap();
            },
        ),
        (
            "bodies/3: No such file or directory (os error 2), expected 20 bytes of part 1 of an upload of \"k\"",
            &|folder| {
                fs::remove_file(folder.join("bodies/3")).unwrap();
            },
        ),
        (
            "journal.jsonl: a symbolic link, expected a file",
            &|folder| {
                fs::rename(folder.join("journal.jsonl"), folder.join("elsewhere")).unwrap();
                symlink("elsewhere", folder.join("journal.jsonl")).unwrap();
            },
        ),
        ("bodies: a symbolic link, expected a folder", &|folder| {
            fs::rename(folder.join("bodies"), folder.join("elsewhere")).unwrap();
            symlink("elsewhere", folder.join("bodies")).unwrap();
        }),
        (
            "journal.jsonl: neither a file nor a folder, expected a file",
            &|folder| {
                fs::remove_file(folder.join("journal.jsonl")).unwrap();
                let fifo = folder.join("journal.jsonl");
                nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRUSR).unwrap();
            },
        ),
        (
            "partproof-emulator.new: a symbolic link, expected a file",
            &|folder| symlink("elsewhere", folder.join("partproof-emulator.new")).unwrap(),
        ),
        ("its journal has no whole line", &|folder| {
            fs::remove_file(folder.join("partproof-emulator.json")).unwrap();
            fs::write(folder.join("journal.jsonl"), "a diary").unwrap();
        }),
        (
            "bodies/9007199254740992: expected a number less",
            &|folder| {
                fs::write(folder.join("bodies/9007199254740992"), "").unwrap();
            },
        ),
        ("it has bodies and no journal", &|folder| {
            fs::remove_file(folder.join("journal.jsonl")).unwrap();
        }),
        ("partproof-emulator.json: format 3, expected 2", &|folder| {
            fs::write(
                folder.join("partproof-emulator.json"),
                r#"{"format":3,"bucket":"examplebucket"}"#,
            )
            .unwrap();
        }),
        ("partproof-emulator.json: expected value", &|folder| {
            fs::write(folder.join("partproof-emulator.json"), "mine").unwrap();
        }),
    ];
    for (number, (expected, break_it)) in broken.into_iter().enumerate() {
        let folder = kept();
        break_it(folder.path());
        let before = everything(folder.path());
        let refused = Emulator::start(Config {
            data_dir: Some(folder.path().to_owned()),
            record: (number == 0).then(|| Recording::Folder(record.path().to_owned())),
            ..plain()
        });
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains(expected), "{expected}: {refused}");
        assert_eq!(everything(folder.path()), before, "{expected}");
    }
    // And it is all still there for a start that succeeds.
    let folder = kept();
    let emulator = start_in(folder.path());
    assert!(get(&emulator, "k", "").ends_with("abc"));
    assert!(!folder.path().join("bodies/77").exists());
}

#[test]
fn a_folder_that_is_not_its_own_is_refused_and_untouched() {
    for (file, is_folder) in [("notes.txt", false), ("bodies/1", false), (".git", true)] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        match is_folder {
            true => fs::create_dir(path).unwrap(),
            false => fs::write(path, "mine").unwrap(),
        }
        let before = everything(folder.path());
        let refused = Emulator::start(Config {
            data_dir: Some(folder.path().to_owned()),
            ..plain()
        });
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains("no journal"), "{refused}");
        assert_eq!(everything(folder.path()), before);
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "mine").unwrap();
    let refused = Emulator::start(Config {
        data_dir: Some(file),
        ..plain()
    });
    assert!(refused.unwrap_err().to_string().contains("file: "));
}

#[test]
fn a_folder_of_the_first_format_is_read_on() {
    let folder = kept();
    fs::remove_file(folder.path().join("partproof-emulator.json")).unwrap();
    let emulator = start_in(folder.path());
    assert!(get(&emulator, "l", "").ends_with("defg"));
    assert!(folder.path().join("partproof-emulator.json").exists());
}

#[test]
fn what_it_makes_is_its_owners_alone() {
    let parent = tempfile::tempdir().unwrap();
    let (data, record) = (parent.path().join("data"), parent.path().join("record"));
    let emulator = start(Config {
        data_dir: Some(data.clone()),
        record: Some(Recording::Folder(record.clone())),
        ..plain()
    });
    put(&emulator, "k", "", "abc");
    get(&emulator, "k", "");
    drop(emulator);
    let made = everything(parent.path());
    // Three folders; marker, journal and body; two requests and two answers.
    assert_eq!(made.len(), 3 + 3 + 4, "{made:?}");
    for (path, (mode, _)) in made {
        assert_eq!(mode & 0o077, 0, "{}: {mode:o}", path.display());
    }
}

#[test]
fn a_journal_that_is_mostly_dead_is_written_anew_and_says_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let start = || {
        let limits = Limits {
            journal: 50,
            ..Limits::default()
        };
        start(Config {
            data_dir: Some(folder.path().to_owned()),
            limits,
            ..plain()
        })
    };
    let emulator = start();
    let id = initiate(&emulator, 20, 20);
    let first = etag(&upload_part(&emulator, &id, 1, "01234567890123456789"));
    put(
        &emulator,
        "copied",
        "x-oss-meta-a: \u{e9}\r\ncache-control: no-cache\r\n",
        "c",
    );
    let copy = "x-oss-copy-source: /examplebucket/copied\r\n";
    put(&emulator, "copy", copy, "");
    send(&emulator, "PUT /otherbucket", "", b"");
    send(&emulator, "PUT /gonebucket", "", b"");
    send(&emulator, "DELETE /gonebucket", "", b"");
    for number in 0..200 {
        put(&emulator, "k", "", &format!("{number}"));
    }
    let asked = || {
        let emulator = start();
        let answers = [
            send(&emulator, "GET /", "", b""),
            send(&emulator, "GET /examplebucket", "", b""),
            send(&emulator, "GET /examplebucket?uploads", "", b""),
            send(
                &emulator,
                &format!("GET /examplebucket/k?uploadId={id}"),
                "",
                b"",
            ),
            send(&emulator, "HEAD /examplebucket/copy", "", b""),
            get(&emulator, "k", ""),
        ];
        answers.map(|answer| {
            let lines = answer.lines().filter(|line| !line.starts_with("date: "));
            lines.collect::<Vec<_>>().join("\n")
        })
    };
    drop(emulator);
    let journal = || fs::read_to_string(folder.path().join("journal.jsonl")).unwrap();
    assert!(journal().lines().count() < 150, "{}", journal());
    let before = asked();
    assert_eq!(asked(), before);
    assert!(before[4].contains("x-oss-meta-a: \u{e9}"), "{before:?}");
    assert!(before[5].ends_with("199"), "{before:?}");
    // The next id follows from those before, and the upload goes on.
    let emulator = start();
    assert_ne!(initiate(&emulator, 20, 20), id);
    let done = complete(&emulator, &id, &list(&[(1, &first)]));
    assert!(done.starts_with("HTTP/1.1 200"), "{done}");
}

#[test]
fn a_start_that_cannot_run_lets_nothing_go() {
    let folder = kept();
    let bodies = || everything(&folder.path().join("bodies"));
    let before = bodies();
    let refused = Emulator::start(Config {
        data_dir: Some(folder.path().to_owned()),
        failpoints: Failpoints::new(|point| match point {
            Failpoint::Started => Err(io::Error::other("no thread is to be had")),
            _ => Ok(()),
        }),
        ..plain()
    });
    assert!(refused.unwrap_err().to_string().contains("no thread"));
    // But for the one that was never answered.
    let mut expected = before;
    expected.remove(&folder.path().join("bodies/77"));
    assert_eq!(bodies(), expected);
    let emulator = start_in(folder.path());
    assert!(get(&emulator, "k", "").ends_with("abc"));
}

#[test]
fn another_bucket_may_be_there_from_the_next_beginning_on() {
    let folder = tempfile::tempdir().unwrap();
    let start = |bucket: &str| {
        start(Config {
            bucket: bucket.to_owned(),
            data_dir: Some(folder.path().to_owned()),
            ..plain()
        })
    };
    let put = |emulator: &Emulator, bucket: &str| {
        let answer = send(emulator, &format!("PUT /{bucket}/k"), "", b"abc");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    };
    put(&start("first-bucket"), "first-bucket");
    put(&start("second-bucket"), "second-bucket");
    let emulator = start("third-bucket");
    for bucket in ["first-bucket", "second-bucket"] {
        let answer = send(&emulator, &format!("GET /{bucket}/k"), "", b"");
        assert!(answer.ends_with("abc"), "{answer}");
    }
    put(&emulator, "third-bucket");
}
