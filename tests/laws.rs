//! The laws judged: the built-in client keeps every one, each finds the faults planted for it and boils them down to a small
//! case that replays, and none accuses a right variant.

use std::cell::Cell;
use std::collections::BTreeSet;

use partproof_faults::{FAULTS, Fault, RACES, VARIANTS};
use partproof_subjects::own::{self, PROPERTIES};
use partproof_subjects::{find, laws};
use partproof_suite::law::Unheld;
use partproof_suite::replay::{Replayed, Token};
use partproof_suite::report::Standing;
use partproof_suite::runner::{Options, Profile, run};
use partproof_suite::strategy::{cases_of, fixed_runner};
use partproof_suite::{Finding, Law, Report, Subject, Verdict, check_by};
use proptest::test_runner::{Config, TestCaseError};

/// Proptest draws the same cases as the runner, and the built-in client keeps the law on all of them.
#[test]
fn the_built_in_client_keeps_every_law_under_proptest() {
    let subject = own::subject();
    for law in laws().chain(PROPERTIES.iter().copied()) {
        // There is one case, of gigabytes: the suite's own tests run it.
        if law.id != "upload-count" {
            holds(law, &subject);
        }
    }
}

/// A fifth of a quick run's cases, but not so many that this test takes minutes.
fn holds(law: &'static Law, subject: &Subject<'_>) {
    let config = Config {
        cases: (law.quick_cases / 5).min(1_000),
        failure_persistence: None,
        ..Config::default()
    };
    let held = Cell::new(0_u32);
    let outcome = fixed_runner(config).run(&cases_of(law), |case| {
        match law.on.judge(subject, &*case) {
            Ok(()) => {
                held.set(held.get() + 1);
                Ok(())
            }
            Err(Unheld::NotDeclared) => Ok(()),
            // A whole client is also asked for what it may refuse.
            Err(Unheld::Refused(_)) if law.is_about_whole_clients() => Ok(()),
            Err(Unheld::Refused(refusal)) => Err(TestCaseError::fail(refusal.0)),
            Err(Unheld::CannotRun(reason)) => Err(TestCaseError::fail(reason)),
            Err(Unheld::Violated(violation)) => Err(TestCaseError::fail(format!("{violation:?}"))),
        }
    });
    assert!(outcome.is_ok(), "{}: {outcome:?}", law.id);
    assert!(held.get() > 0, "{}: no case was judged", law.id);
}

/// Each law finds each fault planted for it; what it finds replays on the faulty client and not on the right one.
mod every_fault {
    use super::*;

    macro_rules! by_law {
        ($($name:ident: $($law:literal)+;)+) => {
            $(
                #[test]
                fn $name() {
                    $(found($law);)+
                }
            )+

            #[test]
            fn of_every_law_is_tested() {
                let tested: BTreeSet<_> = [$($($law),+),+].into();
                let laws = laws().chain(PROPERTIES.iter().copied());
                let laws: BTreeSet<_> = laws.map(|law| law.id).collect();
                assert_eq!(tested, laws);
            }
        };
    }

    by_law! {
        of_plans: "plan-count" "plan-tiles" "plan-part" "plan-keeps-part-size";
        of_plan_limits: "plan-legal" "plan-feasible" "plan-refusal";
        of_places: "declared-sizes" "part-equals-slice" "counter-arithmetic" "keystream-once" "any-range";
        of_encryption: "any-order-retry-chunking" "part-body-refusal" "gcm-object-one-shot" "gcm-part-tags";
        of_decryption: "round-trip" "reads-the-model" "gcm-tampering-refused";
        of_part_lists: "part-list" "part-list-completes" "part-list-refusal" "part-list-spellings";
        of_answers: "answers-read" "hostile-xml-refused";
        of_envelopes: "envelope-written" "envelope-read" "envelope-refusal";
        of_outside_bytes: "any-parts" "any-part-list" "any-answer" "any-headers" "any-capture" "any-case-file" "any-vectors" "any-checkpoint" "any-answer-line";
        of_the_emulator: "any-exchange" "any-journal" "any-script";
        of_sessions: "session";
        of_uploads: "upload" "upload-source";
        of_counts: "upload-count" "upload-plan";
        of_failures: "upload-fails" "upload-resumes";
        of_downloads: "download";
    }
}

/// Runs the selected laws of clients.
fn check(subject: &Subject<'_>, selected: impl Fn(&Law) -> bool) -> Report {
    let laws: Vec<_> = laws().filter(|law| selected(law)).collect();
    check_by(subject, &laws)
}

/// The most characters of a smallest case: what a reader takes in at a glance.
const READABLE: usize = 400;

fn found(law: &str) {
    let law = find(law).expect("a law");
    let mut faults = FAULTS.iter().filter(|fault| fault.law == law.id).peekable();
    assert!(faults.peek().is_some(), "{} has no fault", law.id);
    let mut problems = Vec::new();
    for fault in faults {
        // Whole clients take the longest, and half of a quick run shows what is wrong with each; the gate measures the power of all of it.
        let cases = match law.is_about_whole_clients() {
            true => law.quick_cases.div_ceil(2),
            false => law.quick_cases,
        };
        let laws = [law];
        let options = Options {
            profile: Profile::Cases(cases.into()),
            ..Options::quick(&laws)
        };
        let mut report = run(&fault.subject(), &options);
        // Some are wrong for what nobody sends.
        report.strict = true;
        report.judge();
        // Of pieces, `causes.rs` asks all laws together.
        if law.is_about_whole_clients() {
            problems.extend(fault.told_otherwise(&report));
        }
        let mut demand = |met: bool, what: String| {
            if !met {
                problems.push(format!("{}: {what}", fault.id));
            }
        };
        demand(
            [Verdict::Violates, Verdict::SubjectBroke].contains(&report.verdict),
            format!("verdict {}: {:#?}", report.verdict, report.laws),
        );
        let ids: Vec<_> = report.findings.iter().map(|finding| &finding.id).collect();
        // One a symptom: an opener that never looks at the tag lets every kind of change pass.
        demand((1..=6).contains(&ids.len()), format!("findings {ids:?}"));
        for finding in &report.findings {
            println!(
                "| {} | {} | {} | `{}` |",
                fault.id, finding.law, finding.id, finding.case
            );
            demand(finding.law == fault.law, format!("law {}", finding.law));
            if let Err(problem) = replays(fault, finding) {
                demand(false, problem);
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Whether a finding's case is short, fails again on the faulty client, and not on the built-in one.
fn replays(fault: &Fault, finding: &Finding) -> Result<(), String> {
    let case = finding.case.to_string();
    if case.len() > READABLE {
        return Err(format!("{} characters: {case}", case.len()));
    }
    let pasted = finding
        .replay
        .strip_prefix("partproof replay '")
        .and_then(|line| line.strip_suffix('\''))
        .ok_or_else(|| finding.replay.clone())?;
    let tokens = Token::read(pasted, find)?;
    let [Ok(token)] = tokens.as_slice() else {
        return Err(format!("{tokens:?}"));
    };
    // Which of two uploads at a time comes first is chance, and which of two parts that share a cipher.
    let is_chance = case.contains(r#""reuse":"at_once""#) || RACES.contains(&fault.id);
    match token.replay(&fault.subject()) {
        Replayed::StillFailing(again)
            if is_chance || (&again.id, &again.actual) == (&finding.id, &finding.actual) => {}
        other => return Err(format!("{pasted} on the faulty client: {other:?}")),
    }
    // What the built-in client does not do, a right variant does.
    let variants = VARIANTS
        .iter()
        .filter(|variant| variant.id.starts_with("client-"));
    let rights = std::iter::once(own::subject()).chain(variants.map(|variant| (variant.subject)()));
    let mut told = Vec::new();
    for right in rights {
        match token.replay(&right) {
            Replayed::Fixed => return Ok(()),
            other => told.push(format!("{pasted} on {}: {other:?}", right.name)),
        }
        if !matches!(told.last(), Some(told) if told.contains("does not do")) {
            break;
        }
    }
    Err(told.join("\n"))
}

fn fault(id: &str) -> &'static Fault {
    let found = FAULTS.iter().find(|fault| fault.id == id);
    found.unwrap_or_else(|| unreachable!("no fault {id}"))
}

/// Shrinking ends at what a person would have written down.
#[test]
fn smallest_cases_are_smallest() {
    for (id, smallest) in [
        (
            "plan-one-too-many",
            r#"{"data_size":102400,"part_size":102400}"#,
        ),
        (
            "plan-automatic-not-adjusted",
            r#"{"data_size":83886080001,"part_size":null}"#,
        ),
        (
            "plan-replanned-needlessly",
            r#"{"data_size":1023897601,"part_size":102400}"#,
        ),
        ("plan-zero-divides", r#"{"data_size":1,"part_size":0}"#),
        ("part-list-empty", r#"{"parts":[]}"#),
        (
            "xml-nul-dropped",
            r#"{"attack":"nul","document":"part_list"}"#,
        ),
    ] {
        let fault = fault(id);
        let report = check(&fault.subject(), |law| law.id == fault.law);
        assert_eq!(report.findings[0].case.to_string(), smallest, "{id}");
    }
}

/// A case that a person wrote runs as one that was drawn: here those that a run reports under the name of another.
#[test]
fn cases_written_by_hand_run() {
    for (id, token) in [
        (
            "xml-truncated-taken",
            r#"hostile-xml-refused:{"attack":{"cut_before":26},"document":"part_list"}"#,
        ),
        (
            "plan-ten-thousand-refused",
            r#"plan-feasible:{"data_size":1024000000,"part_size":102400}"#,
        ),
        (
            "plan-last-part-modulo",
            r#"plan-tiles:{"data_size":204800,"part_size":102400}"#,
        ),
    ] {
        let tokens = Token::read(token, find).expect("a token");
        let replayed = tokens[0]
            .as_ref()
            .expect("a law")
            .replay(&fault(id).subject());
        assert!(
            matches!(replayed, Replayed::StillFailing(_)),
            "{id}: {replayed:?}"
        );
    }
}

/// Parts that fail at the same time, in different ways, which one first being chance: a right client tells any of them.
#[test]
fn which_of_two_failures_comes_first_accuses_nobody() {
    for delay in 1..=30 {
        let token = format!(
            r#"upload-fails:{{"upload":{{"cipher":"AES/CTR/NoPadding","object":"o","part_size":102400,"parallel":{parallel},"plaintext":{{"length":307201,"seed":1}}}},
            "faults":[{{"operation":"UploadPart","part_number":1,"nth":1,"times":1000,"fault":"cut-before-body"}},
            {{"operation":"UploadPart","part_number":2,"nth":1,"times":1000,"fault":{{"answer":{{"status":500,"code":"InternalError"}}}}}},
            {{"operation":"UploadPart","part_number":3,"nth":1,"times":2,"fault":{{"delay":{{"milliseconds":{delay}}}}}}}]}}"#,
            parallel = 1 + delay % 3,
        );
        let tokens = Token::read(&token, find).expect("a token");
        let replayed = tokens[0].as_ref().expect("a law").replay(&own::subject());
        assert!(matches!(replayed, Replayed::Fixed), "{token}: {replayed:?}");
    }
}

/// All laws of a piece on a faulty piece: one cause is a few findings, however many laws and cases meet it.
#[test]
fn one_cause_is_few_findings() {
    for (id, laws, most) in [
        (
            "plan-one-too-many",
            &["plan-count", "plan-tiles", "plan-keeps-part-size"][..],
            2,
        ),
        (
            "part-list-unescaped",
            &["part-list", "part-list-completes", "part-list-refusal"],
            2,
        ),
        (
            "envelope-key-base64-twice",
            &["envelope-written", "envelope-read"],
            1,
        ),
        (
            "counter-offset-missing",
            &[
                "part-equals-slice",
                "any-order-retry-chunking",
                "counter-arithmetic",
                "keystream-once",
                "round-trip",
            ],
            4,
        ),
        (
            "counter-carry-lost-at-64",
            &[
                "part-equals-slice",
                "any-order-retry-chunking",
                "counter-arithmetic",
                "keystream-once",
                "round-trip",
            ],
            3,
        ),
    ] {
        let report = check(&fault(id).subject(), |law| laws.contains(&law.id));
        let ids: Vec<_> = report.findings.iter().map(|finding| &finding.id).collect();
        println!("{id}: {ids:?}");
        assert!((1..=most).contains(&ids.len()), "{id}: {ids:#?}");
    }
}

mod no_variant_is_accused {
    use super::*;

    #[test]
    fn planners() {
        conform("planner-");
    }

    #[test]
    fn part_lists() {
        conform("list-");
    }

    #[test]
    fn encryptors() {
        conform("encryptor-");
    }

    #[test]
    fn codecs_and_answers() {
        conform("codec-");
        conform("answers-");
    }

    #[test]
    fn whole_clients() {
        conform("client-");
    }

    #[test]
    fn and_none_is_left_out() {
        let tested = [
            "planner-",
            "list-",
            "encryptor-",
            "codec-",
            "answers-",
            "client-",
        ];
        for variant in VARIANTS {
            let one = tested.iter().any(|prefix| variant.id.starts_with(prefix));
            assert!(one, "{}", variant.id);
        }
    }

    fn conform(prefix: &str) {
        let mut problems = Vec::new();
        let variants = VARIANTS
            .iter()
            .filter(|variant| variant.id.starts_with(prefix));
        for variant in variants {
            // Of a gigabyte, sent as any other upload is: the suite's own tests send it once.
            let report = check(&variant.subject(), |law| law.id != "upload-count");
            let open: Vec<_> = report
                .laws
                .iter()
                .filter(|law| ![Standing::Holds, Standing::NotDeclared].contains(&law.standing))
                .collect();
            // What nobody sends is nobody's matter.
            let accused = report.findings.iter().filter(|finding| !finding.hardening);
            let accused: Vec<_> = accused.collect();
            if report.verdict != Verdict::Conforms || !accused.is_empty() {
                problems.push(format!(
                    "{} {}: {open:#?} {accused:#?}",
                    variant.id, report.verdict
                ));
            }
        }
        assert!(problems.is_empty(), "{}", problems.join("\n"));
    }
}
