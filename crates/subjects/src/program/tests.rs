use partproof_suite::report::Standing;
use partproof_suite::{Report, Verdict, check};

use super::*;

/// A planner in a shell script that never answers.
fn silent(limits: Limits) -> Program {
    let description =
        r#"{"id":1,"ok":{"protocol":1,"name":"n","version":"1","language":"sh","ops":["plan"]}}"#;
    let script = format!("sh -c 'read first; echo '\\''{description}'\\''; read next; sleep 100'");
    let command = CommandLine::read(&script).unwrap();
    Program::start(command, limits).unwrap()
}

fn limits(rate: Option<u64>) -> Limits {
    Limits {
        transfer: Duration::from_secs(20),
        piece: Duration::from_millis(100),
        rate,
    }
}

fn report(program: &Program) -> Report {
    check(&program.subject(), |law| law.id == "plan-count")
}

#[test]
fn silence_under_heavy_load_is_inconclusive() {
    let mut program = silent(limits(Some(1)));
    program.load = || Load(9.0);
    let told = report(&program);
    assert_eq!(told.findings, []);
    assert_eq!(told.verdict, Verdict::Inconclusive);
    let [law] = told.laws.as_slice() else {
        unreachable!("one law");
    };
    assert_eq!(law.standing, Standing::Inconclusive);
    let missed = law.missed.join("; ");
    assert!(
        missed.contains("while 9.0 had to be done at a time on each core"),
        "{missed}"
    );
}

#[test]
fn silence_of_an_idle_machine_is_a_finding() {
    let mut program = silent(limits(Some(1)));
    program.load = || Load(0.5);
    let told = report(&program);
    let ids: Vec<&str> = told.findings.iter().map(|told| told.id.as_str()).collect();
    assert_eq!(ids, ["answers-all/the-subject-does-not-answer-in-time"]);
}

/// Whoever sets a limit means it.
#[test]
fn a_limit_that_was_set_does_not_stretch_and_has_no_excuse() {
    let mut program = silent(limits(None));
    program.load = || Load(9.0);
    assert_eq!(report(&program).findings.len(), 1);
}

#[test]
fn limits_stretch_with_the_load() {
    let request = Request::Describe;
    for (rate, load, seconds) in [
        (Some(1), 0.5, 20),
        (Some(1), 2.0, 40),
        (Some(1), 50.0, 80),
        (None, 50.0, 20),
    ] {
        let limit = limits(rate).of(&request, Load(load));
        assert_eq!(limit, Duration::from_secs(seconds), "{load}");
    }
}
