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
fn a_command_is_split_as_a_shell_would() {
    let command = CommandLine::read("python3 'my adapter.py' --high-level").unwrap();
    assert_eq!(command.words, ["python3", "my adapter.py", "--high-level"]);
    assert_eq!(
        command.quoted(),
        r#""python3 'my adapter.py' --high-level""#
    );
    assert!(
        CommandLine::read("sh -c 'open")
            .unwrap_err()
            .contains("open quote")
    );
    assert!(CommandLine::read("  ").unwrap_err().contains("no command"));
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
    assert_eq!(broke.stderr, "no such key");
    assert!(broke.to_string().contains("no such key"), "{broke}");
}

#[test]
fn only_the_end_of_much_standard_error_is_kept() {
    let broke = broke("read line; seq 1 20000 >&2; exit 1", LIMIT);
    assert!(broke.stderr.len() <= STDERR_KEPT, "{}", broke.stderr.len());
    assert!(broke.stderr.ends_with("20000"), "{broke}");
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
