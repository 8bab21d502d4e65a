//! Cases: their plaintext, their documents, and that a fuzzer's input is one that replays.

use std::collections::BTreeSet;

use partproof_suite::case::hostile_xml::{Attack, Document, HostileXmlCase};
use partproof_suite::fuzz::target::PLAN;
use partproof_suite::fuzz::{Fuzzer, Input};
use partproof_suite::plaintext::Plaintext;
use partproof_suite::subject::{PlannedPart, PlannedUpload, Planner, Refusal};
use partproof_suite::{LAWS, Subject};

/// One part too many for exact multiples.
struct OneTooMany;

impl Planner for OneTooMany {
    fn plan(&self, data_size: u64, part_size: Option<u64>) -> Result<PlannedUpload<'_>, Refusal> {
        let part_size = part_size.filter(|size| *size > 0);
        let part_size = part_size.ok_or_else(|| Refusal("no part size".to_owned()))?;
        let part = move |number| PlannedPart {
            number,
            offset: 0,
            length: part_size,
        };
        Ok(PlannedUpload {
            part_size,
            parts: Box::new((1..=data_size / part_size + 1).map(part)),
        })
    }
}

#[test]
fn an_input_is_a_case_that_replays() {
    let subject = Subject {
        planner: Some(&OneTooMany),
        ..Subject::new("one too many")
    };
    let target = &PLAN;
    let fuzzer = Fuzzer::new(target, subject);
    let seeds = target.seeds(Vec::new());
    let findings = seeds.values().filter_map(|bytes| {
        let finding = fuzzer.judge(bytes).err()?;
        Some((finding, target.token(bytes).unwrap()))
    });
    let mut found = 0;
    for (finding, token) in findings {
        assert_eq!(
            (finding.law.as_str(), &finding.case),
            (token.law.id, &token.case)
        );
        assert_eq!(finding.replay, token.command(None));
        found += 1;
    }
    assert!(found > 0, "no seed of {} shows it", seeds.len());
}

#[test]
fn what_the_subject_does_not_have_is_no_case() {
    let fuzzer = Fuzzer::new(&PLAN, Subject::new("nothing"));
    assert_eq!(fuzzer.judge(&[0; 40]).unwrap(), Input::NoCase);
    assert_eq!(fuzzer.judge(&[]).unwrap(), Input::NoCase);
}

#[test]
fn a_slice_is_its_place_in_the_whole_and_costs_no_prefix() {
    let plaintext = Plaintext {
        seed: 7,
        length: 100,
    };
    let whole = plaintext.bytes();
    assert_eq!(plaintext.slice(33..71), whole[33..71]);
    assert_eq!(plaintext.slice(90..200), whole[90..]);
    let vast = Plaintext {
        seed: 7,
        length: u64::MAX,
    };
    assert_eq!(vast.slice(u64::MAX - 5..u64::MAX).len(), 5);
}

#[test]
fn parts_differ() {
    let plaintext = Plaintext {
        seed: 1,
        length: 1 << 20,
    };
    assert_ne!(plaintext.slice(0..64), plaintext.slice(64..128));
    assert_eq!(Plaintext { seed: 0, length: 3 }.bytes(), [0; 3]);
}

#[test]
fn the_model_refuses_every_attack_on_a_part_list() {
    for attack in [
        Attack::EntityBomb {
            depth: 7,
            width: 10,
        },
        Attack::ExternalEntity,
        Attack::Deep(100_000),
        Attack::Long(100_000),
        Attack::Wide(10_000),
        Attack::CutBefore(1),
        Attack::Trailing,
        Attack::BadUtf8,
        Attack::Utf16,
        Attack::Nul,
        Attack::Crossed,
        Attack::Empty,
    ] {
        let bytes = HostileXmlCase {
            document: Document::PartList,
            attack: attack.clone(),
        }
        .bytes();
        let read = partproof_model::part_list::read(&bytes);
        assert!(
            read.is_err(),
            "{attack:?}: {}",
            String::from_utf8_lossy(&bytes)
        );
    }
}

#[test]
fn ids_of_laws_are_unique_and_sentences_are_sentences() {
    let mut ids = BTreeSet::new();
    for law in LAWS {
        assert!(ids.insert(law.id), "{} stands twice", law.id);
        assert!(law.sentence.ends_with('.'), "{}", law.id);
        let has_all = !law.rules.is_empty() && !law.classes.is_empty() && law.quick_cases > 0;
        assert!(has_all, "{}", law.id);
    }
}

#[test]
fn cases_of_every_law_draw_well() {
    for law in LAWS {
        partproof_suite::assert_draws_well(law);
    }
}
