//! The ways in which an implementer's own tests call the laws.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::case::AnyCase;
use crate::law::Law;
use crate::laws::LAWS;
use crate::report::{Report, Standing};
use crate::runner::{Options, Profile, cores, run};
use crate::subject::Subject;

/// The seed of every run that is not told another.
const SEED: u64 = 1;

/// Runs the selected laws on a subject, as `partproof check --profile quick` does.
pub fn check(subject: &Subject<'_>, laws: impl Fn(&Law) -> bool) -> Report {
    let laws: Vec<&'static Law> = LAWS.iter().copied().filter(|law| laws(law)).collect();
    check_by(subject, &laws)
}

/// Runs these laws on a subject, as [`check`] does: those that are in no list of this crate.
pub fn check_by(subject: &Subject<'_>, laws: &[&'static Law]) -> Report {
    run(
        subject,
        &mut Options {
            profile: Profile::Quick,
            seed: SEED,
            is_whole: false,
            threads: cores(),
            laws,
            known: &|_| false,
            progress: &mut |_| {},
        },
    )
}

/// Runs one law, and panics with law, case, both answers and the replay line if it does not hold.
#[doc(hidden)]
pub fn assert_law(subject: &Subject<'_>, laws: &[&'static Law], id: &str) {
    let law = laws.iter().find(|law| law.id == id);
    let law = law.unwrap_or_else(|| unreachable!("no law `{id}`"));
    let report = check_by(subject, &[law]);
    let law = &report.laws[0];
    for finding in &report.findings {
        eprintln!("{finding}");
    }
    match law.standing {
        Standing::Holds => {}
        Standing::NotDeclared => eprintln!(
            "{id}: not run, {} does not have what it is about",
            report.subject
        ),
        Standing::Violated => assert!(report.findings.is_empty(), "{id} does not hold: see above"),
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

/// Makes each law a `#[test]` for a subject.
///
/// ```no_run
/// # fn my_client() -> partproof_suite::Subject<'static> { partproof_suite::Subject::new("mine") }
/// mod conformance {
///     partproof_suite::laws_as_tests!(super::my_client());
/// }
/// ```
///
/// A law about a piece that the subject does not have passes with a line that says so.
#[macro_export]
macro_rules! laws_as_tests {
    ($subject:expr) => {
        $crate::laws_as_tests! { @ $subject; $crate::LAWS;
            plan_count plan_tiles plan_part plan_legal plan_feasible plan_keeps_part_size plan_refusal
            declared_sizes part_equals_slice any_order_retry_chunking counter_arithmetic keystream_once
            round_trip reads_the_model any_range part_body_refusal
            gcm_object_one_shot gcm_part_tags gcm_tampering_refused
            part_list part_list_completes part_list_refusal part_list_spellings
            answers_read hostile_xml_refused
            envelope_written envelope_read envelope_refusal
            any_parts any_part_list any_answer any_headers session
        }
    };
    (@ $subject:expr; $laws:expr; $($law:ident)+) => {
        $(
            #[test]
            fn $law() {
                $crate::assert_law(&$subject, $laws, &stringify!($law).replace('_', "-"));
            }
        )+
        /// No law is left out.
        #[test]
        fn every_law_is_a_test() {
            let tests = [$(stringify!($law).replace('_', "-")),+];
            let laws: Vec<_> = $laws.iter().map(|law| law.id.to_owned()).collect();
            assert_eq!(tests.as_slice(), laws.as_slice());
        }
    };
}
