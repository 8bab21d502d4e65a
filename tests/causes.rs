//! What is wrong is told once: all that the laws of a piece find of a fault stands below one finding, which names the cause that the bank says it is. Two faults
//! are two. What one law alone finds of a fault, `laws.rs` holds to the same. `PARTPROOF_FAULT` is a part of the only faults that are tried.

use partproof_faults::{FAULTS, Fault};
use partproof_model::Cipher;
use partproof_subjects::{find, laws};
use partproof_suite::class::Producer;
use partproof_suite::runner::{self, Options};
use partproof_suite::subject::{Declared, Encryptor, PartEncryptor, Refusal, Upload};
use partproof_suite::{Cause, Finding, Law, Report, Subject};

/// All laws of a piece on a subject, on fewer cases than a quick run has. Nothing is made as small as it can be: causes are the same.
fn check(subject: &Subject<'_>, own: &str, is_of: impl Fn(&Law) -> bool) -> Report {
    let fewer = |law: &'static Law| -> &'static Law {
        Box::leak(Box::new(Law {
            quick_cases: match law.is_about_whole_clients() {
                // A read takes a hundredth of what an upload takes.
                true if own == "download" => law.quick_cases,
                true if law.id == own => law.quick_cases / 2,
                true => law.quick_cases / 8,
                false => law.quick_cases,
            },
            // For whole clients it takes a class to meet some faults at all. Elsewhere nothing is drawn for classes that no case meets; what nobody produces
            // stays hardening.
            classes: if law.is_about_whole_clients() {
                law.classes
            } else {
                let classes = law.classes.iter().copied();
                let nobodys = classes.filter(|class| class.producer() == Producer::Nobody);
                Box::leak(nobodys.collect())
            },
            ..*law
        }))
    };
    let laws: Vec<_> = laws().filter(|law| is_of(law)).map(fewer).collect();
    let options = Options {
        known: &|_| true,
        ..Options::quick(&laws)
    };
    runner::run(subject, &options)
}

fn fault(id: &str) -> &'static Fault {
    let found = FAULTS.iter().find(|fault| fault.id == id);
    found.unwrap_or_else(|| unreachable!("no fault {id}"))
}

/// The findings that stand below no other.
fn heads(report: &Report) -> Vec<&Finding> {
    let findings = report.findings.iter();
    let heads = findings.filter(|finding| finding.below.is_none());
    heads.collect()
}

fn causes(report: &Report) -> Vec<&str> {
    let heads = heads(report).into_iter();
    let mut causes: Vec<&str> = heads.filter_map(|head| head.cause.as_deref()).collect();
    causes.sort_unstable();
    causes
}

fn one_group(is_of: impl Fn(&Law) -> bool) {
    let only = std::env::var("PARTPROOF_FAULT").unwrap_or_default();
    let mut wrong = Vec::new();
    for fault in FAULTS {
        let Some(law) = find(fault.law).filter(|law| is_of(law)) else {
            continue;
        };
        if !fault.id.contains(&only) {
            continue;
        }
        let piece = law.on.piece();
        let is_asked = |law: &Law| match law.is_about_whole_clients() {
            true => law.id == fault.law || ["upload", "upload-source"].contains(&law.id),
            false => law.on.piece() == piece,
        };
        let report = check(&fault.subject(), fault.law, is_asked);
        println!("{}", fault.id);
        for finding in &report.findings {
            let sign = if finding.below.is_some() { '-' } else { '*' };
            let Finding {
                law,
                id,
                cause,
                expected,
                actual,
                ..
            } = finding;
            println!("  {sign} {law} {id} {cause:?}\n      {expected}\n      {actual}");
            for line in finding.drawing.iter().flat_map(|text| text.lines()) {
                println!("        {line}");
            }
        }
        wrong.extend(fault.told_otherwise(&report));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn of_planners_is_one_group() {
    one_group(|law| law.on.piece() == "planner");
}

#[test]
fn of_part_lists_is_one_group() {
    one_group(|law| law.on.piece() == "part-list builder");
}

#[test]
fn of_encryptors_is_one_group() {
    one_group(|law| law.on.piece() == "encryptor");
}

#[test]
#[ignore = "several laws of each whole client, for the night (`.ci/nightly causes`); `laws.rs` asks the one law of each fault"]
fn of_whole_clients_is_one_group() {
    one_group(|law| law.is_about_whole_clients() && law.id != "upload-count");
}

/// An encryptor of two: one writes in counter mode, the other does the rest.
struct Both<'e> {
    writes: &'e dyn Encryptor,
    rest: &'e dyn Encryptor,
}

impl Encryptor for Both<'_> {
    fn ciphers(&self) -> Vec<Cipher> {
        self.rest.ciphers()
    }

    fn declare(&self, upload: &Upload) -> Result<Declared, Refusal> {
        self.rest.declare(upload)
    }

    fn begin(&self, upload: &Upload) -> Result<Box<dyn PartEncryptor + '_>, Refusal> {
        match upload.cipher {
            Cipher::Ctr => self.writes.begin(upload),
            _ => self.rest.begin(upload),
        }
    }

    fn decrypt_range(
        &self,
        upload: &Upload,
        offset: u64,
        stored: &[u8],
    ) -> Result<Vec<u8>, Refusal> {
        self.rest.decrypt_range(upload, offset, stored)
    }

    fn open(&self, upload: &Upload, parts: &[Vec<u8>]) -> Result<Vec<u8>, Refusal> {
        self.rest.open(upload, parts)
    }
}

#[test]
fn two_faults_are_two_groups() {
    for (writes, rest) in [
        ("counter-offset-missing", "open-parts-from-zero"),
        ("counter-carry-lost-at-64", "range-prefix-kept"),
        ("counter-carry-lost-at-64", "tag-missing"),
        ("counter-number-for-block", "open-bad-tag-released"),
        ("part-retry-encrypts-again", "range-within-part"),
    ] {
        let (writing, other) = (fault(writes), fault(rest));
        let both = Both {
            writes: writing.subject().encryptor.expect("it has one"),
            rest: other.subject().encryptor.expect("it has one"),
        };
        let subject = Subject {
            encryptor: Some(&both),
            ..Subject::new("both")
        };
        let report = check(&subject, "", |law| law.on.piece() == "encryptor");
        let mut expected = [writing.cause, other.cause].map(|cause| cause.map_or("", Cause::id));
        expected.sort_unstable();
        assert_eq!(causes(&report), expected, "{writes}, {rest}");
        assert_eq!(heads(&report).len(), 2, "{writes}, {rest}");
    }
}

/// What a law finds of a fault, with what went over the wire.
fn found(id: &str) -> Report {
    let fault = fault(id);
    check(&fault.subject(), fault.law, |law| law.id == fault.law)
}

#[test]
fn a_finding_of_a_whole_client_shows_what_went_over_the_wire() {
    let report = found("upload-failure-swallowed");
    let finding = &report.findings[0];
    let exchanges = &finding.exchanges;
    assert!(
        exchanges.len() <= partproof_suite::MOST_EXCHANGES,
        "{exchanges:#?}"
    );
    assert_eq!(exchanges[0].operation, "InitiateMultipartUpload");
    let meant: Vec<_> = exchanges.iter().filter(|one| one.is_meant).collect();
    assert!(
        matches!(meant.as_slice(), [one] if one.is_refused()),
        "{exchanges:#?}"
    );
    // Keys and times are others each time.
    assert!(!report.json().contains("InitiateMultipartUpload"));
    assert!(report.without_times().findings[0].exchanges.is_empty());

    let report = found("upload-counter-restarts");
    let finding = report
        .findings
        .iter()
        .find(|finding| finding.object.is_some());
    let finding = finding.expect("a drawing");
    let object = finding.object.as_ref().expect("an object");
    assert_eq!(finding.drawing, Some(object.text()));
    let number = object.number(object.wrong.expect("a wrong byte"));
    let meant = finding.exchanges.iter().find(|one| one.is_meant);
    let meant = meant.expect("the part's upload");
    assert!(
        meant.target.contains(&format!("partNumber={number}")),
        "{meant:#?}"
    );
}

#[test]
fn a_finding_of_a_part_list_has_both_lists() {
    let fault = FAULTS
        .iter()
        .find(|fault| fault.cause == Some(Cause::ListPartMissing));
    let report = found(fault.expect("a fault").id);
    let listed = report
        .findings
        .iter()
        .find_map(|finding| finding.list.as_ref());
    let listed = listed.expect("both lists");
    assert!(
        listed.expected.iter().any(|entry| entry.wrong),
        "{listed:#?}"
    );
    assert!(listed.sent_count < listed.expected_count, "{listed:#?}");
}

#[test]
fn a_report_is_the_same_on_any_number_of_threads() {
    let subject = fault("part-stream-goes-on").subject();
    let laws: Vec<_> = [
        "declared-sizes",
        "part-equals-slice",
        "counter-arithmetic",
        "round-trip",
    ]
    .into_iter()
    .filter_map(find)
    .collect();
    let report = |jobs| {
        let options = Options {
            seed: 3,
            jobs,
            ..Options::quick(&laws)
        };
        runner::run(&subject, &options).without_times().json()
    };
    assert_eq!(report(1), report(3));
}
