//! Verdicts: a report says no more than was seen. Who refuses everything has not conformed, who has nothing is not judged,
//! what is known is lived with until its day, and the same seed gives the same bytes.

use partproof_faults::{FAULTS, Fault, VARIANTS};
use partproof_model::{Cipher, rules};
use partproof_subjects::builtin::{self, Builtin};
use partproof_subjects::known::{Known, KnownFinding};
use partproof_suite::laws::find;
use partproof_suite::replay::Token;
use partproof_suite::report::Standing;
use partproof_suite::runner::{Options, run};
use partproof_suite::subject::{
    Declared, Encryptor, PartEncryptor, PartListBuilder, PlannedUpload, Planner, Refusal, Upload,
};
use partproof_suite::{Report, Subject, Verdict, check};

fn fault(id: &str) -> &'static Fault {
    let found = FAULTS.iter().find(|fault| fault.id == id);
    found.unwrap_or_else(|| unreachable!("no fault {id}"))
}

/// Says no to everything.
struct Refuses;

fn no<T>() -> Result<T, Refusal> {
    Err(Refusal("not today".to_owned()))
}

impl Planner for Refuses {
    fn plan(&self, _: u64, _: Option<u64>) -> Result<PlannedUpload<'_>, Refusal> {
        no()
    }
}

impl PartListBuilder for Refuses {
    fn part_list(&self, _: &[(u64, String)]) -> Result<Vec<u8>, Refusal> {
        no()
    }
}

impl Encryptor for Refuses {
    fn ciphers(&self) -> Vec<Cipher> {
        Cipher::ALL.to_vec()
    }

    fn declare(&self, _: &Upload) -> Result<Declared, Refusal> {
        no()
    }

    fn begin(&self, _: &Upload) -> Result<Box<dyn PartEncryptor + '_>, Refusal> {
        no()
    }

    fn decrypt_range(&self, _: &Upload, _: u64, _: &[u8]) -> Result<Vec<u8>, Refusal> {
        no()
    }

    fn open(&self, _: &Upload, _: &[Vec<u8>]) -> Result<Vec<u8>, Refusal> {
        no()
    }
}

#[test]
fn a_subject_that_refuses_everything_is_inconclusive() {
    let refuses = Subject {
        planner: Some(&Refuses),
        part_list_builder: Some(&Refuses),
        encryptor: Some(&Refuses),
        ..Subject::new("refuses")
    };
    // What can always be planned or was encrypted elsewhere must not be refused: there it is a finding. To refuse what
    // must be refused is right.
    let duties = [
        "plan-feasible",
        "reads-the-model",
        "plan-refusal",
        "part-list-refusal",
        "any-parts",
    ];
    let report = check(&refuses, |law| !duties.contains(&law.id));
    assert_eq!(report.findings, []);
    assert_eq!(report.verdict, Verdict::Inconclusive);
    for law in &report.laws {
        let open = [Standing::Inconclusive, Standing::NotDeclared];
        assert!(open.contains(&law.standing), "{}: {}", law.id, law.standing);
        assert_eq!(law.cases, 0, "{}", law.id);
        if law.standing == Standing::Inconclusive {
            assert_eq!(law.refusal.as_deref(), Some("not today"), "{}", law.id);
        }
    }
    let report = check(&refuses, |law| law.id == "plan-feasible");
    assert_eq!(report.findings[0].rule, rules::PLAN_FEASIBLE.id);
    let report = check(&refuses, |law| law.id == "reads-the-model");
    assert_eq!(report.findings[0].rule, rules::ROUND_TRIP.id);
}

/// The built-in encryptor, which begins only the uploads it likes.
struct Choosy(fn(&Upload) -> bool);

impl Encryptor for Choosy {
    fn ciphers(&self) -> Vec<Cipher> {
        vec![Cipher::Ctr]
    }

    fn declare(&self, upload: &Upload) -> Result<Declared, Refusal> {
        Builtin.declare(upload)
    }

    fn begin(&self, upload: &Upload) -> Result<Box<dyn PartEncryptor + '_>, Refusal> {
        match (self.0)(upload) {
            true => Builtin.begin(upload),
            false => no(),
        }
    }

    fn decrypt_range(&self, upload: &Upload, at: u64, bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
        Builtin.decrypt_range(upload, at, bytes)
    }

    fn open(&self, upload: &Upload, parts: &[Vec<u8>]) -> Result<Vec<u8>, Refusal> {
        Encryptor::open(&Builtin, upload, parts)
    }
}

fn encryptor(encryptor: &Choosy) -> Subject<'_> {
    Subject {
        encryptor: Some(encryptor),
        ..Subject::new("choosy")
    }
}

/// What a counter that cannot wrap leaves out is named, and keeps the run from being green (fault B05).
#[test]
fn a_refusal_where_the_counter_wraps_is_not_green() {
    let no_wrap = Choosy(|upload| {
        let blocks = upload.plaintext_size.div_ceil(16);
        u128::from_be_bytes(upload.start)
            .checked_add(blocks.into())
            .is_some()
    });
    let report = check(&encryptor(&no_wrap), |law| law.id == "counter-arithmetic");
    assert_eq!(report.findings, []);
    assert_eq!(report.verdict, Verdict::Inconclusive);
    assert_eq!(report.laws[0].missed, ["counter wraps at 128 bits"]);
    assert_eq!(report.laws[0].refusal.as_deref(), Some("not today"));
}

/// Several clients have a lower limit for part sizes, of 100 KiB: that is no fault.
#[test]
fn a_floor_for_part_sizes_is_not_a_finding() {
    let floor = Choosy(|upload| upload.part_size >= 102_400);
    let report = check(&encryptor(&floor), |law| {
        ["counter-arithmetic", "part-equals-slice", "round-trip"].contains(&law.id)
    });
    assert_eq!(report.findings, []);
    for law in &report.laws {
        println!("{}: {}, {} refused", law.id, law.standing, law.refused);
    }
    let far = report
        .laws
        .iter()
        .find(|law| law.id == "counter-arithmetic");
    assert_eq!(far.map(|law| law.standing), Some(Standing::Holds));
}

#[test]
fn a_subject_without_pieces_is_inconclusive() {
    let report = check(&Subject::new("nothing"), |_| true);
    assert_eq!((report.verdict, report.cases()), (Verdict::Inconclusive, 0));
    let no_law = check(&builtin::subject(), |_| false);
    assert_eq!(no_law.verdict, Verdict::Inconclusive);
}

/// Panics at everything.
struct Panics;

impl PartListBuilder for Panics {
    fn part_list(&self, _: &[(u64, String)]) -> Result<Vec<u8>, Refusal> {
        unreachable!("whatever")
    }
}

#[test]
fn a_subject_that_always_panics_broke() {
    let subject = Subject {
        part_list_builder: Some(&Panics),
        ..Subject::new("panics")
    };
    let report = check(&subject, |law| law.id.starts_with("part-list"));
    assert_eq!(report.verdict, Verdict::SubjectBroke);
    assert_eq!(report.findings.len(), 1, "{:#?}", report.findings);
    let finding = &report.findings[0];
    // One finding of all three, whichever met it first.
    let mut laws = [vec![finding.law.clone()], finding.also.clone()].concat();
    laws.sort();
    assert_eq!(
        laws,
        ["part-list", "part-list-completes", "part-list-refusal"]
    );
    assert!(finding.actual.contains("whatever"), "{}", finding.actual);
    // One that panics now and then is wrong, not broken.
    let report = check(&fault("xml-empty-indexed").subject(), |law| {
        ["hostile-xml-refused", "part-list-spellings"].contains(&law.id)
    });
    assert_eq!(report.verdict, Verdict::Violates);
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let report = |seed, jobs| -> Report {
        let laws = ["part-list", "counter-arithmetic", "envelope-written"];
        let laws: Vec<_> = laws.into_iter().filter_map(find).collect();
        let options = Options {
            seed,
            jobs,
            ..Options::quick(&laws)
        };
        let report = run(&fault("counter-carry-lost-at-64").subject(), &options);
        report.without_times()
    };
    let first = report(7, 1);
    for jobs in [1, 2, 5] {
        assert_eq!(first.json(), report(7, jobs).json());
    }
    assert_ne!(first.json(), report(8, 1).json());
    // What it says can be replayed from the report itself.
    let tokens = Token::read(&first.json(), find).map(|tokens| tokens.len());
    assert_eq!(tokens, Ok(first.findings.len()));
}

/// A builder that writes its own quotes around an ETag is right; that it does so with an ETag which is a lone quote is shown, and counts for who asks for it.
#[test]
fn what_nobody_sends_is_hardening() {
    let variant = VARIANTS
        .iter()
        .find(|variant| variant.id == "list-requoted");
    let subject = variant.expect("a variant").subject();
    let mut report = check(&subject, |law| law.id == "part-list");
    assert_eq!(report.verdict, Verdict::Conforms);
    assert_eq!(report.laws[0].standing, Standing::Holds);
    let finding = &report.findings[0];
    assert!(
        finding.hardening && finding.to_string().starts_with("HARDENING "),
        "{finding}"
    );
    report.strict = true;
    report.judge();
    assert_eq!(report.verdict, Verdict::Violates);
    assert_eq!(report.laws[0].standing, Standing::Violated);
    // What is wrong for an ETag of the service as well is told as that, and not as hardening.
    let report = check(&fault("part-list-quotes-doubled").subject(), |law| {
        law.id == "part-list"
    });
    assert_eq!(report.verdict, Verdict::Violates);
    assert!(
        report.findings.iter().all(|finding| !finding.hardening),
        "{:#?}",
        report.findings
    );
}

/// A report with one finding, and the list that knows it until that day.
fn known_finding(expires: &str) -> (Report, Known) {
    let report = check(&fault("answer-ec-lost").subject(), |law| {
        law.id == "answers-read"
    });
    let known = Known {
        known: vec![KnownFinding {
            subject: None,
            finding: report.findings[0].id.clone(),
            reason: "the vendor has it".to_owned(),
            expires: expires.parse().expect("a date"),
        }],
    };
    (report, known)
}

/// It is the same finding, met as often; only its smallest case is not looked for again.
#[test]
fn a_known_finding_is_hardly_shrunk() {
    let laws = [find("any-order-retry-chunking").expect("a law")];
    let mut larger = 0;
    for fault in FAULTS.iter().filter(|fault| fault.law == laws[0].id) {
        let subject = fault.subject();
        let report = |known: &Known| -> Report {
            let options = Options {
                known: &|id| known.has(subject.name, id),
                ..Options::quick(&laws)
            };
            run(&subject, &options).without_times()
        };
        let unknown = report(&Known::default());
        let listed = |subject: &str| Known {
            known: vec![KnownFinding {
                subject: Some(subject.to_owned()),
                finding: unknown.findings[0].id.clone(),
                reason: "the vendor has it".to_owned(),
                expires: "2030-01-31".parse().expect("a date"),
            }],
        };
        let told = report(&listed(subject.name));
        assert_eq!(told.findings[0].id, unknown.findings[0].id);
        assert_eq!(told.findings[0].cases, unknown.findings[0].cases);
        let length = |report: &Report| report.findings[0].case.to_string().len();
        larger += usize::from(length(&told) > length(&unknown));
        assert_eq!(report(&listed("another")), unknown);
    }
    assert!(larger > 0);
}

#[test]
fn a_known_finding_is_lived_with_until_its_last_day() {
    let (mut report, known) = known_finding("2030-01-31");
    assert_eq!(report.verdict, Verdict::Violates);
    known.apply(&mut report, jiff::civil::date(2030, 1, 31), None);
    assert_eq!(report.verdict, Verdict::Conforms);
    assert_eq!(
        report.findings[0].known.as_deref(),
        Some("the vendor has it")
    );

    let (mut report, known) = known_finding("2030-01-31");
    known.apply(&mut report, jiff::civil::date(2030, 2, 1), None);
    assert_eq!(report.verdict, Verdict::Violates);
    assert!(
        report.known_problems[0].contains("expired"),
        "{:?}",
        report.known_problems
    );
}

#[test]
fn a_known_finding_that_no_longer_occurs_fails_a_whole_run() {
    let (_, known) = known_finding("2030-01-31");
    let fixed = || check(&builtin::subject(), |law| law.id == "answers-read");
    let today = jiff::civil::date(2030, 1, 1);

    let mut whole = fixed();
    known.apply(&mut whole, today, None);
    assert_eq!(whole.verdict, Verdict::Violates);
    assert!(
        whole.known_problems[0].contains("no longer occurs"),
        "{:?}",
        whole.known_problems
    );

    let mut partial = fixed();
    let selected = [find("answers-read").expect("a law")];
    let said = known.apply(&mut partial, today, Some(&selected));
    assert_eq!(partial.verdict, Verdict::Conforms);
    assert!(said[0].contains("a run of all laws tells"), "{said:?}");
}

/// Selected laws say of an entry what they can, and no more.
#[test]
fn a_run_of_selected_laws_lives_with_what_they_cannot_meet() {
    let selected = [find("answers-read").expect("a law")];
    let apply = |finding: &str, expires: &str| {
        let (_, mut known) = known_finding(expires);
        known.known[0].finding = finding.to_owned();
        let mut report = check(&builtin::subject(), |law| law.id == "answers-read");
        let today = jiff::civil::date(2030, 1, 1);
        let said = known.apply(&mut report, today, Some(&selected));
        (report, said)
    };
    let (report, said) = apply("plan-count/too-many-parts", "2030-01-31");
    assert_eq!(report.verdict, Verdict::Conforms);
    assert!(said[0].contains("left alone"), "{said:?}");
    let (report, said) = apply("plan-count/too-many-parts", "2029-12-31");
    assert_eq!((report.verdict, said.len()), (Verdict::Violates, 0));
    assert!(report.known_problems[0].contains("expired"));
    for never in ["plan-cuont/too-many-parts", "plan-count"] {
        let (report, said) = apply(never, "2030-01-31");
        assert_eq!((report.verdict, said.len()), (Verdict::Violates, 0));
        assert!(report.known_problems[0].contains("no finding that there can be"));
    }
}
