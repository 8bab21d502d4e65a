//! The ways in which an implementer's own tests call the laws.
#![allow(clippy::panic, reason = "a test fails by a panic")]

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::case::AnyCase;
use crate::class::Class;
use crate::law::Law;
use crate::laws::LAWS;
use crate::replay::{Replayed, Token};
use crate::report::{Report, Standing};
use crate::runner::{Options, run};
use crate::subject::Subject;

/// Runs the selected laws on a subject, as `partproof check --profile quick` does.
pub fn check(subject: &Subject<'_>, laws: impl Fn(&Law) -> bool) -> Report {
    let laws: Vec<&'static Law> = LAWS.iter().copied().filter(|law| laws(law)).collect();
    check_by(subject, &laws)
}

/// Runs these laws on a subject, as [`check`] does: those that are in no list of this crate.
pub fn check_by(subject: &Subject<'_>, laws: &[&'static Law]) -> Report {
    run(subject, &Options::quick(laws))
}

/// Runs one law, and panics with law, case, both answers and the replay line if it does not hold.
#[doc(hidden)]
pub fn assert_law(subject: &Subject<'_>, laws: &[&'static Law], id: &str) {
    let law = laws.iter().find(|law| law.id == id);
    let law = law.unwrap_or_else(|| unreachable!("no law `{id}`"));
    let test = id.replace('-', "_");
    if let Some(token) = asked_for(law) {
        return replay_on(subject, &token);
    }
    let mut report = check_by(subject, &[law]);
    for finding in &mut report.findings {
        let token = finding
            .replay
            .strip_prefix("partproof replay ")
            .unwrap_or_default();
        finding.replay = format!("{REPLAY}={token} cargo test {test}");
        eprintln!("{finding}");
    }
    let law = &report.laws[0];
    match law.standing {
        Standing::Holds => {}
        Standing::NotDeclared => panic!(
            "{id} was not run: {} does not have what it is about, so leave its piece out of laws_as_tests!",
            report.subject
        ),
        Standing::Violated => panic!("{id} does not hold: see above"),
        Standing::Inconclusive => {
            let refusal = law
                .refusal
                .as_ref()
                .map(|refusal| format!("; it refused {} cases: {refusal}", law.refused))
                .unwrap_or_default();
            assert!(
                law.missed.is_empty(),
                "{id} is inconclusive: never met {}{refusal}",
                law.missed.join(", ")
            );
        }
    }
}

/// Names a case that a test of [`laws_as_tests!`] is to run in place of all others, as it printed it.
const REPLAY: &str = "PARTPROOF_REPLAY";

/// The case that the environment asks for, if it is one of this law.
fn asked_for(law: &'static Law) -> Option<Token> {
    let text = std::env::var(REPLAY).ok()?;
    let find = |id: &str| (law.id == id).then_some(law);
    let tokens = Token::read(&text, find);
    let tokens = tokens.unwrap_or_else(|problem| panic!("{REPLAY}: {problem}"));
    tokens.into_iter().find_map(Result::ok)
}

/// Runs one case, and panics unless it holds now.
///
/// # Panics
/// It still fails, or cannot be run.
pub fn replay_on(subject: &Subject<'_>, token: &Token) {
    match token.replay(subject) {
        Replayed::Fixed => eprintln!("fixed: {} on {}", token.law.id, subject.name),
        Replayed::StillFailing(finding) => panic!("still failing on {}:\n{finding}", subject.name),
        Replayed::CannotRun(reason) => panic!("cannot run on {}: {reason}", subject.name),
    }
}

/// Panics if the subject has the piece of a law that is no test.
#[doc(hidden)]
pub fn assert_all_named(subject: &Subject<'_>, laws: &[&'static Law], tests: &[&str]) {
    let is_test = |law: &Law| tests.iter().any(|test| test.replace('_', "-") == law.id);
    let is_asked = |law: &Law| {
        let has = |class| law.on.can_meet(subject, class);
        law.on.has_piece(subject)
            && match law.id {
                "gcm-object-one-shot" => has(Class::GcmObject),
                "gcm-part-tags" => has(Class::GcmPart),
                "gcm-tampering-refused" => has(Class::GcmObject) || has(Class::GcmPart),
                _ => true,
            }
    };
    let left_out = laws.iter().filter(|law| is_asked(law) && !is_test(law));
    let left_out: Vec<&str> = left_out.map(|law| law.id).collect();
    assert!(
        left_out.is_empty(),
        "{} has what these laws are about, and laws_as_tests! does not name it: {}",
        subject.name,
        left_out.join(", ")
    );
}

/// Every drawn case of a law is read back as itself, and so is every smaller one.
///
/// # Panics
/// One is not.
#[doc(hidden)]
pub fn assert_draws_well(law: &Law) {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut bytes = vec![0; law.on.bytes()];
    let read_back = |case: &dyn AnyCase| {
        let again = law.on.read(&case.json());
        let again = again.map(|again| again.json());
        assert_eq!(again, Ok(case.json()), "{}", law.id);
    };
    for _ in 0..2_000 {
        rng.fill_bytes(&mut bytes);
        let case = law.on.draw(&bytes);
        read_back(&*case);
        for smaller in case.smaller() {
            assert_ne!(smaller.json(), case.json(), "{}", law.id);
            read_back(&*smaller);
        }
    }
}

/// Makes each law of a subject's pieces a `#[test]`.
///
/// ```no_run
/// # fn my_client() -> partproof_suite::Subject<'static> { partproof_suite::Subject::new("mine") }
/// mod conformance {
///     partproof_suite::laws_as_tests!(super::my_client(), planner, part_list_builder);
/// }
/// ```
///
/// Behind the subject stand its pieces: `planner`, `encryptor`, `part_list_builder`, `part_list_reader`, `answer_reader`, `envelope_codec`; and what it takes two
/// things for: `gcm_object` and `gcm_part` (an encryptor with this cipher), `tags` (with one of them), `xml` (a reader of part lists or of answers), `session` (a builder
/// and a reader of answers). Without a name all are meant. A name too few or too many makes a test fail that says so: no test passes of which nothing was run.
#[macro_export]
macro_rules! laws_as_tests {
    ($subject:expr) => {
        $crate::laws_as_tests! { $subject, planner, encryptor, gcm_object, gcm_part, tags, part_list_builder,
        part_list_reader, answer_reader, xml, envelope_codec, session }
    };
    ($subject:expr, $($piece:ident),+ $(,)?) => {
        $crate::laws_as_tests! { @ pieces $subject; [$($piece)+] }
    };
    (@ pieces $subject:expr; [planner $($rest:ident)*] $($law:ident)*) => {
        $crate::laws_as_tests! { @ pieces $subject; [$($rest)*] $($law)*
            plan_count plan_tiles plan_part plan_legal plan_feasible plan_keeps_part_size plan_refusal }
    };
    (@ pieces $subject:expr; [encryptor $($rest:ident)*] $($law:ident)*) => {
        $crate::laws_as_tests! { @ pieces $subject; [$($rest)*] $($law)*
            declared_sizes part_equals_slice any_order_retry_chunking counter_arithmetic keystream_once
            round_trip reads_the_model any_range part_body_refusal }
    };
    (@ pieces $subject:expr; [gcm_object $($rest:ident)*] $($law:ident)*) => {
        $crate::laws_as_tests! { @ pieces $subject; [$($rest)*] $($law)* gcm_object_one_shot }
    };
    (@ pieces $subject:expr; [gcm_part $($rest:ident)*] $($law:ident)*) => {
        $crate::laws_as_tests! { @ pieces $subject; [$($rest)*] $($law)* gcm_part_tags }
    };
    (@ pieces $subject:expr; [tags $($rest:ident)*] $($law:ident)*) => {
        $crate::laws_as_tests! { @ pieces $subject; [$($rest)*] $($law)* gcm_tampering_refused }
    };
    (@ pieces $subject:expr; [part_list_builder $($rest:ident)*] $($law:ident)*) => {
        $crate::laws_as_tests! { @ pieces $subject; [$($rest)*] $($law)*
            part_list part_list_completes part_list_refusal any_parts }
    };
    (@ pieces $subject:expr; [part_list_reader $($rest:ident)*] $($law:ident)*) => {
        $crate::laws_as_tests! { @ pieces $subject; [$($rest)*] $($law)* part_list_spellings any_part_list }
    };
    (@ pieces $subject:expr; [answer_reader $($rest:ident)*] $($law:ident)*) => {
        $crate::laws_as_tests! { @ pieces $subject; [$($rest)*] $($law)* answers_read any_answer }
    };
    (@ pieces $subject:expr; [xml $($rest:ident)*] $($law:ident)*) => {
        $crate::laws_as_tests! { @ pieces $subject; [$($rest)*] $($law)* hostile_xml_refused }
    };
    (@ pieces $subject:expr; [envelope_codec $($rest:ident)*] $($law:ident)*) => {
        $crate::laws_as_tests! { @ pieces $subject; [$($rest)*] $($law)*
            envelope_written envelope_read envelope_refusal any_headers }
    };
    (@ pieces $subject:expr; [session $($rest:ident)*] $($law:ident)*) => {
        $crate::laws_as_tests! { @ pieces $subject; [$($rest)*] $($law)* session }
    };
    (@ pieces $subject:expr; [$piece:ident $($rest:ident)*] $($law:ident)*) => {
        compile_error!(concat!(
            "no piece `", stringify!($piece), "`: expected planner, encryptor, gcm_object, gcm_part, tags, part_list_builder, ",
            "part_list_reader, answer_reader, xml, envelope_codec or session"
        ));
    };
    (@ pieces $subject:expr; [] $($law:ident)+) => {
        $crate::laws_as_tests! { @ $subject; $crate::LAWS; $($law)+ }
    };
    (@ $subject:expr; $laws:expr; $($law:ident)+) => {
        $(
            #[test]
            fn $law() {
                $crate::assert_law(&$subject, $laws, &stringify!($law).replace('_', "-"));
            }
        )+
        /// No law of a piece that the subject has is left out.
        #[test]
        fn every_law_is_a_test() {
            $crate::assert_all_named(&$subject, $laws, &[$(stringify!($law)),+]);
        }
    };
}
