//! Subjects that behave, and those that do not: what comes of them is an answer in time or a reason, never a wait.

use super::*;

const LIMIT: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(300);

/// A subject as a shell script.
fn start(script: &str) -> Process {
    let command = CommandLine::read(&format!("sh -c {}", shlex::try_quote(script).unwrap()));
    Process::start(&command.unwrap()).unwrap()
}

fn broke(script: &str, limit: Duration) -> Broke {
    start(script).ask(&Request::Describe, limit).unwrap_err()
}

#[test]
fn answers_come_by_their_ids_whatever_their_order() {
    let process = start(
        r#"read one; read two; echo '{"id":2,"unsupported":true}'; echo '{"id":1,"ok":{"length":5}}'; read end"#,
    );
    thread::scope(|scope| {
        let first = scope.spawn(|| process.ask(&Request::Describe, LIMIT));
        // The ids are given in order of asking.
        while process.next_id.load(Ordering::Relaxed) < 2 {
            thread::yield_now();
        }
        let second = scope.spawn(|| process.ask(&Request::Describe, LIMIT));
        assert!(matches!(first.join().unwrap(), Ok(Answer::Ok(_))));
        assert!(matches!(second.join().unwrap(), Ok(Answer::Unsupported)));
    });
    process.close().unwrap();
}

#[test]
fn one_that_ends_says_how_and_its_last_words_are_kept() {
    let broke = broke("read line; echo 'no such key' >&2; exit 3", LIMIT);
    assert_eq!(broke.how, How::Ended("exit status: 3".to_owned()));
    assert_eq!(broke.stderr, ["no such key"]);
    assert!(broke.to_string().contains("no such key"), "{broke}");
}

#[test]
fn only_the_end_of_much_standard_error_is_kept() {
    let broke = broke("read line; seq 1 20000 >&2; exit 1", LIMIT);
    let kept: usize = broke.stderr.iter().map(String::len).sum();
    assert!(kept <= STDERR_KEPT, "{kept}");
    assert_eq!(broke.stderr.last().unwrap(), "20000");
}

#[test]
fn one_that_is_silent_is_waited_for_no_longer_than_said() {
    let begun = Instant::now();
    assert_eq!(broke("sleep 60", SHORT).how, How::Silent(SHORT));
    assert!(begun.elapsed() < LIMIT);
}

#[test]
fn one_that_does_not_read_blocks_nobody() {
    let process = start("sleep 60");
    // Much more than a pipe holds.
    let request = Request::PartList {
        parts: vec![
            crate::ListedPart {
                number: 1,
                etag: "x".repeat(4 << 20),
            };
            2
        ],
    };
    let broke = process.ask(&request, SHORT).unwrap_err();
    assert_eq!(broke.how, How::Silent(SHORT));
}

#[test]
fn what_is_on_standard_error_passes_for_nothing_else() {
    let broke = broke(
        r"read line; printf '\033[2Jgone\n\nconforms: 47 laws hold\n' >&2; exit 1",
        LIMIT,
    );
    assert_eq!(
        broke.to_string(),
        "it ended (exit status: 1) instead of answering; its standard error ends:\n            | \\u{1b}[2Jgone\n            | \n            | conforms: 47 laws hold"
    );
}

/// Writes the ids of what it leaves behind into a file, and how it then ends.
fn left_behind(then: &str) {
    let folder = tempfile::tempdir().unwrap();
    let ids = folder.path().join("ids");
    let process = start(&format!(
        "for i in 1 2 3 4 5; do sleep 60 & echo $! >>{ids}; done; read line; {then}",
        ids = ids.display()
    ));
    let begun = Instant::now();
    let _ = process.ask(&Request::Describe, SHORT);
    drop(process);
    let ids = std::fs::read_to_string(ids).unwrap();
    assert_eq!(ids.lines().count(), 5);
    for id in ids.lines() {
        let id = nix::unistd::Pid::from_raw(id.parse().unwrap());
        // Whoever waits for those whose parent is gone may take a moment for it.
        while nix::sys::signal::kill(id, None).is_ok() && !is_zombie(id) {
            assert!(begun.elapsed() < LIMIT, "{id} is left after `{then}`");
            thread::sleep(Duration::from_millis(2));
        }
    }
}

/// Ended, and not waited for: in a container there may be nobody who does.
fn is_zombie(id: nix::unistd::Pid) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    stat.contains(") Z ")
}

#[test]
fn what_it_started_itself_does_not_outlive_it_however_it_ends() {
    for then in [
        "exit 0",
        "exit 3",
        "kill -9 $$",
        "read end",
        "exec sleep 60",
        "echo nonsense; read end",
    ] {
        left_behind(then);
    }
}

#[test]
fn what_it_started_itself_ends_with_it() {
    let begun = Instant::now();
    // The second sleep holds the pipes open.
    assert_eq!(broke("sleep 60 & sleep 60", SHORT).how, How::Silent(SHORT));
    assert!(begun.elapsed() < LIMIT);
}

#[test]
fn nonsense_is_named() {
    for (said, expected) in [
        ("echo starting...", "starting..."),
        (r#"echo '{"id":9,"ok":{}}'"#, "id 9, which nobody waits for"),
        (r#"echo '{"id":1}'"#, "exactly one of"),
        (r"printf '\377\n'", "not UTF-8 from byte 0"),
        (
            r"head -c 17000000 /dev/zero | tr '\0' a",
            "more than 16777216 bytes",
        ),
    ] {
        let broke = broke(&format!("read line; {said}; read end"), LIMIT);
        let How::Nonsense(problem) = &broke.how else {
            panic!("{said}: {broke}")
        };
        assert!(problem.contains(expected), "{said}: {problem}");
    }
}

#[test]
fn an_ok_that_the_request_cannot_have_is_nonsense() {
    let process = start(r#"read line; echo '{"id":1,"ok":{"length":-5}}'; read end"#);
    let asked = process.ask_for::<crate::Downloaded>(&Request::Describe, LIMIT);
    let How::Nonsense(problem) = asked.unwrap_err().how else {
        panic!("not nonsense")
    };
    assert!(problem.starts_with("`ok`: `length`: "), "{problem}");
    // And it is of no more use.
    assert!(process.ask(&Request::Describe, LIMIT).is_err());
}

#[test]
fn what_is_not_there_cannot_be_started() {
    let command = CommandLine::read("/nowhere/adapter --high-level").unwrap();
    let broke = Process::start(&command).unwrap_err();
    assert!(matches!(&broke.how, How::CannotStart(error) if error.contains("/nowhere/adapter")));
}

#[test]
fn one_that_goes_on_after_its_input_ended_is_ended() {
    let process = start("while read line; do :; done; exec sleep 60");
    let begun = Instant::now();
    assert_eq!(process.close().unwrap_err().how, How::Silent(GRACE));
    assert!(begun.elapsed() < LIMIT);
}
