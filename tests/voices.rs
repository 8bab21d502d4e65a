//! All voices agree on every rule. For each rule of the model's table there is one input that breaks it alone, and all who can hear it name that rule:
//! the model's service, the emulator over HTTP, `diagnose` on a capture of the exchange, the vectors, `check` by a fault of the bank, `explain`, and
//! docs/RULES.md. A rule without a row fails.

#![allow(clippy::unwrap_used, reason = "a test may panic: that is how it fails")]

#[path = "voices/steps.rs"]
mod steps;
#[path = "voices/table.rs"]
mod table;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use partproof_diagnose::trouble::{CODES, Code, Trouble};
use partproof_diagnose::{Evidence, capture, diagnose};
use partproof_faults::{FAULTS, Fault};
use partproof_model::question::Lean;
use partproof_model::{Question, Rule, Severity, rules};
use partproof_subjects::{find, laws};
use partproof_suite::law::Unheld;
use partproof_suite::plaintext::Plaintext;
use partproof_suite::replay::{Replayed, Token};
use partproof_suite::runner::guarded;
use partproof_suite::subject::{PlannedPart, PlannedUpload, Planner, Refusal};
use partproof_suite::{Subject, check_by};

use steps::{Kind, element, exchanged, model, over_http, vector};
use table::{Diagnosis, Input, Row, table};

#[test]
fn every_rule_has_one_row() {
    let rows: Vec<&str> = table().iter().map(|row| row.rule.id).collect();
    let rules: Vec<&str> = Rule::all().map(|rule| rule.id).collect();
    assert_eq!(rows, rules, "a rule is added to tests/voices/table.rs too");
}

/// Whether these are the rule and what cannot be left whole beside it.
fn alone(row: &Row, named: &[&str]) -> Result<(), String> {
    let beside = row.beside.map(|rule| rule.id);
    let expected: Vec<&str> = [row.rule.id].into_iter().chain(beside).collect();
    let mut named = named.to_vec();
    named.dedup();
    match named == expected {
        true => Ok(()),
        false => Err(format!("names {named:?}, expected {expected:?}")),
    }
}

/// Walks every row and tells of all that disagree.
fn walk(each: impl Fn(&Row) -> Result<(), String>) {
    let rows = table();
    let disagree: Vec<String> = rows
        .iter()
        .filter_map(|row| Some(format!("{}: {}", row.rule.id, each(row).err()?)))
        .collect();
    assert!(disagree.is_empty(), "{}", disagree.join("\n"));
}

#[test]
fn the_model_and_the_vectors_name_the_rule() {
    walk(|row| match row.input {
        Input::Vector(number) => {
            let (steps, refused_by) = vector(number);
            let (said, _) = model(&steps);
            alone(row, &said.by).map_err(|why| format!("the model {why}"))?;
            let given = said.refused.map(|refused| refused.rule.id);
            if given != Some(row.rule.id) {
                return Err(format!("the model gives {given:?}"));
            }
            let named: Vec<&str> = refused_by.iter().map(|(rule, _)| rule.as_str()).collect();
            alone(row, &named).map_err(|why| format!("the vector {why}"))?;
            match refused_by.first().map(|(_, ec)| ec.as_deref()) {
                Some(ec) if ec == row.rule.ec => Ok(()),
                other => Err(format!("the vector has the EC {other:?}")),
            }
        }
        Input::By(voice, rules) => match rules().as_slice() {
            [named] if *named == row.rule.id => Ok(()),
            other => Err(format!("{voice} names {other:?}")),
        },
        _ => Ok(()),
    });
}

/// Requests and answers, the last of which is to be a refusal by this rule; none where nothing goes over the wire.
fn exchange(row: &Row) -> Option<Vec<(Vec<u8>, Vec<u8>)>> {
    let (requests, kind) = match row.input {
        Input::Vector(number) => {
            let (steps, _) = vector(number);
            let (_, decisions) = model(&steps);
            return Some(over_http(&steps, &decisions));
        }
        Input::Signed(requests) => (requests, Kind::Signed),
        Input::Open(requests) => (requests, Kind::OneByte),
        Input::Fault(_) | Input::By(..) => return None,
    };
    let requests = requests.iter();
    let requests: Vec<Vec<u8>> = requests
        .map(|one| one.replace('\n', "\r\n").into())
        .collect();
    let answers = exchanged(&requests, &[], kind);
    let answers = answers.into_iter().chain(std::iter::repeat(Vec::new()));
    Some(requests.into_iter().zip(answers).collect())
}

#[test]
fn the_emulator_answers_by_the_rule() {
    walk(|row| {
        let Some(exchanges) = exchange(row) else {
            return Ok(());
        };
        let (_, answer) = exchanges.last().ok_or("no exchange")?;
        let text = String::from_utf8_lossy(answer);
        let expected = row
            .rule
            .answer
            .ok_or("the service enforces it, and there is no answer")?;
        let status = format!("HTTP/1.1 {} ", expected.status);
        let named = element(answer, "Partproof").unwrap_or_default();
        let named = named.split(':').next().unwrap_or_default();
        let code = element(answer, "Code");
        let is_right = text.starts_with(&status)
            && named == row.rule.id
            && element(answer, "EC").as_deref() == row.rule.ec
            && expected
                .code
                .is_none_or(|wanted| code.as_deref() == Some(wanted));
        match is_right {
            true => Ok(()),
            false => Err(format!("is answered {text}")),
        }
    });
}

/// The rules that `diagnose` names for a capture.
fn diagnosed(exchanges: &[(Vec<u8>, Vec<u8>)]) -> Vec<&'static str> {
    let bytes: Vec<u8> = exchanges
        .iter()
        .flat_map(|(request, answer)| [request.as_slice(), answer].concat())
        .collect();
    let messages = capture::read("capture", &bytes).unwrap();
    let diagnosis = diagnose(&messages, &Evidence::default());
    let problems = diagnosis.all_problems();
    problems
        .filter_map(|problem| Some(Rule::find(problem.rule)?.id))
        .collect()
}

#[test]
fn diagnose_names_the_rule() {
    walk(|row| {
        let Some(mut exchanges) = exchange(row) else {
            return Ok(());
        };
        let answered = diagnosed(&exchanges);
        if let Some((_, answer)) = exchanges.last_mut() {
            answer.clear();
        }
        let unanswered = diagnosed(&exchanges);
        let named = |rules: &[&str]| rules.contains(&row.rule.id);
        let diagnosis = match (named(&unanswered), named(&answered)) {
            (true, _) => Diagnosis::Judges,
            (false, true) => Diagnosis::Repeats,
            (false, false) => Diagnosis::Silent,
        };
        // Nobody is told of another rule.
        let others: Vec<&&str> = answered
            .iter()
            .chain(&unanswered)
            .filter(|rule| {
                **rule != row.rule.id && row.beside.is_none_or(|beside| beside.id != **rule)
            })
            .collect();
        match diagnosis == row.diagnosis && others.is_empty() {
            true => Ok(()),
            false => Err(format!(
                "{diagnosis:?}, expected {:?}; and names {others:?}",
                row.diagnosis
            )),
        }
    });
}

/// Whether some case that `check` draws of the fault's law makes it name the rule; and the rules that it names before.
fn found(fault: &Fault, rule: &Rule) -> Result<(), BTreeSet<&'static str>> {
    let (subject, law) = (fault.subject(), find(fault.law).unwrap());
    let mut named = BTreeSet::new();
    for seed in 0..law.quick_cases {
        let length = u64::try_from(law.on.bytes()).unwrap();
        let case = law.on.draw(
            &Plaintext {
                seed: seed + 1,
                length,
            }
            .bytes(),
        );
        match guarded(|| law.on.judge(&subject, &*case)) {
            Err(Unheld::Violated(violation)) if violation.rule == rule => return Ok(()),
            Err(Unheld::Violated(violation)) => drop(named.insert(violation.rule.id)),
            _ => {}
        }
    }
    Err(named)
}

#[test]
fn check_names_the_rule() {
    walk(|row| {
        let Input::Fault(id) = row.input else {
            return Ok(());
        };
        let fault = FAULTS.iter().find(|fault| fault.id == id);
        let fault = fault.ok_or("no such fault")?;
        found(fault, row.rule).map_err(|named| format!("{id} is found by {named:?}"))
    });
}

fn explained(name: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_partproof"));
    let output = command
        .args(["explain", name])
        .env_remove("CLICOLOR_FORCE")
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn explain_tells_the_rule_by_its_name_and_its_ec() {
    walk(|row| {
        let Rule {
            id, sentence, ec, ..
        } = row.rule;
        let by_name = explained(id);
        let by_ec = ec.map_or_else(|| by_name.clone(), explained);
        let tells = |text: &str| {
            text.starts_with(&format!("{id} rule"))
                && text.contains(sentence)
                && ec.is_none_or(|ec| text.contains(ec))
        };
        match tells(&by_name) && tells(&by_ec) {
            true => Ok(()),
            false => Err(format!("{by_name}{by_ec}")),
        }
    });
}

/// Written anew with `PARTPROOF_WRITE_RULES=1`.
#[test]
fn the_page_of_rules_is_the_table() {
    let mut page = include_str!("voices/rules.md").to_owned();
    for rule in Rule::all() {
        let ec = rule.ec.unwrap_or_default();
        let evidence: Vec<String> = rule.evidence.iter().map(ToString::to_string).collect();
        let (id, severity, sentence) = (rule.id, rule.severity, rule.sentence);
        let evidence = format!("[{}]({})", evidence.join(", "), rule.source);
        writeln!(
            page,
            "| `{id}` | {ec} | {severity} | {sentence} | {evidence} |"
        )
        .unwrap();
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/RULES.md");
    if std::env::var_os("PARTPROOF_WRITE_RULES").is_some() {
        std::fs::write(&file, &page).unwrap();
    }
    assert_eq!(std::fs::read_to_string(file).unwrap(), page);
}

/// Written anew with `PARTPROOF_WRITE_RULES=1`.
#[test]
fn the_page_of_troubles_is_the_table() {
    let mut page = include_str!("voices/troubleshooting.md").to_owned();
    let (family, others): (Vec<_>, Vec<_>) = Rule::all()
        .filter(|rule| Trouble::of(rule).is_some())
        .partition(|rule| {
            rule.ec.is_some_and(|ec| ec.starts_with("0005-")) || OF_ENCRYPTION.contains(&rule.id)
        });
    for (title, rules) in [
        ("Encrypted uploads", family),
        ("Uploads of any kind", others),
    ] {
        writeln!(page, "\n## {title}").unwrap();
        for rule in rules {
            page.push_str(&trouble(rule));
        }
    }
    page.push_str("\n## Refusals that have nothing to do with parts\n\n| Code | status | means | do |\n| --- | --- | --- | --- |\n");
    for Code {
        status,
        code,
        means,
        fix,
    } in CODES
    {
        writeln!(page, "| `{code}` | {status} | {means} | {fix} |").unwrap();
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/TROUBLESHOOTING.md");
    if std::env::var_os("PARTPROOF_WRITE_RULES").is_some() {
        std::fs::write(&file, &page).unwrap();
    }
    assert_eq!(std::fs::read_to_string(file).unwrap(), page);
}

/// Rules of encrypted uploads that no source gives a number of the family.
const OF_ENCRYPTION: [&str; 5] = [
    "count-short",
    "part-beyond-count",
    "part-size-aligned",
    "copy-source-cse",
    "copy-into-cse",
];

fn trouble(rule: &'static Rule) -> String {
    let known = Trouble::of(rule).unwrap();
    let name = rule.ec.unwrap_or(rule.id);
    let answer = rule.answer.map_or_else(String::new, |answer| {
        let code = answer.code.map(|code| format!(" `{code}`"));
        format!(
            "\n\nThe service answers {}{}: {}",
            answer.status,
            code.unwrap_or_default(),
            answer.message
        )
    });
    let causes: String = known
        .causes
        .iter()
        .map(|cause| format!("- {cause}\n"))
        .collect();
    let law = laws().find(|law| law.rules.contains(&rule) && law.severity() == Severity::Must);
    let find = law.map_or_else(String::new, |law| {
        format!(
            "\nWhether a client does it: `partproof check --subject 'COMMAND' --law {}`\n",
            law.id
        )
    });
    format!(
        "\n### {name}\n\n{}{answer}\n\n**Mend it:** {}\n\nUsual causes in code:\n\n{causes}{find}",
        rule.sentence, known.fix
    )
}

/// ETags listed in lower case: as good as any for the emulator, and an open question for model and `diagnose`.
#[test]
fn etags_in_lower_case_are_an_open_question() {
    let (mut steps, _) = vector(1);
    let etags: Vec<String> = steps
        .iter()
        .filter(|step| step.is("uploadPart"))
        .filter_map(|step| Some(step.etag()?.to_owned()))
        .collect();
    let complete = steps.iter().position(|step| step.is("complete")).unwrap();
    steps.truncate(complete + 1);
    for etag in &etags {
        steps[complete].list_in_lower_case(etag);
    }
    let exchanges = over_http(&steps, &[]);
    let (_, answer) = exchanges.last().unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200 "));
    let (said, decisions) = model(&steps);
    assert_eq!(decisions, [(Question::EtagCase, Lean::Reject)]);
    assert!(said.by.contains(&rules::PART_LIST_PART.id), "{:?}", said.by);
    let bytes: Vec<u8> = exchanges
        .iter()
        .flat_map(|(request, answer)| [request.as_slice(), answer].concat())
        .collect();
    let messages = capture::read("capture", &bytes).unwrap();
    let diagnosis = diagnose(&messages, &Evidence::default());
    // One problem, which tells of each part.
    let told: Vec<_> = diagnosis.all_problems().collect();
    assert_eq!(told.len(), 1);
    for etag in &etags {
        assert!(told[0].detail.contains(etag.as_str()), "{}", told[0].detail);
    }
    for problem in diagnosis.all_problems() {
        let question = problem.open_question.as_deref().unwrap_or_default();
        assert!(question.starts_with("4.3-case"), "{problem:?}");
    }
}

/// Plans as it is asked.
struct AsAsked;

impl Planner for AsAsked {
    fn plan(&self, data_size: u64, part_size: Option<u64>) -> Result<PlannedUpload<'_>, Refusal> {
        let part_size = part_size.ok_or_else(|| Refusal("no part size".to_owned()))?;
        let part = move |number: u64| PlannedPart {
            number,
            offset: (number - 1) * part_size,
            length: part_size.min(data_size - (number - 1) * part_size),
        };
        Ok(PlannedUpload {
            part_size,
            parts: Box::new((1..=data_size.div_ceil(part_size)).map(part)),
        })
    }
}

/// Parts of 64 KiB: `explain plan-refusal` names the rule, and the law holds nobody to it.
#[test]
fn parts_of_64_kib_are_nobodys_fault_when_planned() {
    assert!(explained("plan-refusal").contains(rules::PART_TOO_SMALL.id));
    let law = find("plan-refusal").unwrap();
    let subject = Subject {
        planner: Some(&AsAsked),
        ..Subject::new("as asked")
    };
    let case = serde_json::json!({"data_size": 200_000, "part_size": 65_536});
    let token = Token { law, case };
    let replayed = token.replay(&subject);
    assert!(
        !matches!(replayed, Replayed::StillFailing(_)),
        "{replayed:?}"
    );
    let case = serde_json::json!({"data_size": 200_000, "part_size": 65_537});
    let replayed = Token { law, case }.replay(&subject);
    assert!(
        matches!(replayed, Replayed::StillFailing(_)),
        "{replayed:?}"
    );
}

/// An empty object has data size 0, of which no page says whether it is a size (A16): the service that leans so refuses it, and to plan it is a finding.
#[test]
fn an_empty_object_is_refused_by_all() {
    let (steps, refused_by) = vector(70);
    let (said, _) = model(&steps);
    assert_eq!(said.by, [rules::DATA_SIZE_INTEGER.id]);
    assert_eq!(refused_by[0].0, rules::DATA_SIZE_INTEGER.id);
    let exchanges = over_http(&steps, &[]);
    assert_eq!(diagnosed(&exchanges), [rules::DATA_SIZE_INTEGER.id]);
    assert!(explained("plan-refusal").contains("data size zero"));
    let fault = FAULTS
        .iter()
        .find(|fault| fault.id == "plan-empty-underflows")
        .unwrap();
    let report = check_by(&fault.subject(), &[find(fault.law).unwrap()]);
    assert!(!report.findings.is_empty());
}

/// An answer to HEAD has no body: what is wrong stands in its head, and `diagnose` reads it there.
#[test]
fn a_refused_head_has_no_body_and_is_understood() {
    let request = b"HEAD /examplebucket/o HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".to_vec();
    let answers = exchanged(std::slice::from_ref(&request), &[], Kind::Plain);
    let answer = String::from_utf8(answers[0].clone()).unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 404 ") && answer.ends_with("\r\n\r\n"),
        "{answer}"
    );
    assert!(answer.contains("x-oss-err: "), "{answer}");
    assert_eq!(
        diagnosed(&[(request, answers[0].clone())]),
        [rules::OBJECT_UNKNOWN.id]
    );
}
