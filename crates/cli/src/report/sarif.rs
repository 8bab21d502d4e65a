//! The report as SARIF 2.1.0, for pages that show what analysers find: a result a finding, at the adapter's file where there is one.

use partproof_suite::Finding;
use partproof_suite::report::{Report, Verdict};
use partproof_visible::visible_json;
use serde_json::{Value, json};

use super::{Weight, adapter_file, open_questions};

/// Writes the report as SARIF.
pub(crate) fn sarif(report: &Report) -> String {
    let file = adapter_file(report.command.as_deref());
    let mut rules: Vec<&Finding> = report.findings.iter().collect();
    rules.sort_by_key(|finding| &finding.rule);
    rules.dedup_by_key(|finding| &finding.rule);
    let ids: Vec<&str> = rules.iter().map(|one| one.rule.as_str()).collect();
    let notifications: Vec<Value> = open_questions(report)
        .map(|(weight, text)| json!({ "level": level(weight), "message": { "text": text } }))
        .collect();
    let sarif = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "Partproof",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|finding| rule(finding)).collect::<Vec<_>>(),
            } },
            "invocations": [{
                "executionSuccessful": report.verdict != Verdict::SubjectBroke,
                "toolExecutionNotifications": notifications,
            }],
            "properties": { "subject": report.subject, "verdict": report.verdict, "profile": report.profile, "seed": report.seed },
            "results": report.findings.iter().map(|finding| result(report, finding, &ids, file.as_deref())).collect::<Vec<_>>(),
        }],
    });
    let json = serde_json::to_string_pretty(&sarif).expect("a report serialises");
    visible_json(&json) + "\n"
}

fn rule(finding: &Finding) -> Value {
    let mut rule =
        json!({ "id": finding.rule, "shortDescription": { "text": finding.rule_sentence } });
    if finding.source.starts_with("https://") {
        rule["helpUri"] = json!(finding.source);
    }
    rule
}

fn result(report: &Report, finding: &Finding, rules: &[&str], file: Option<&str>) -> Value {
    let mut text = format!(
        "{}\nexpected: {}\nactual: {}\nmeans: {}\nreplay: {}",
        finding.id, finding.expected, finding.actual, finding.consequence, finding.replay
    );
    for doubt in finding.doubts() {
        text.push('\n');
        text.push_str(&doubt);
    }
    // One id may come of several causes.
    let fingerprint = match &finding.cause {
        None => finding.id.clone(),
        Some(cause) => format!("{}:{cause}", finding.id),
    };
    let mut result = json!({
        "ruleId": finding.rule,
        "ruleIndex": rules.iter().position(|id| *id == finding.rule),
        "level": level(Weight::of(report, finding)),
        "message": { "text": text },
        "partialFingerprints": { "partproofFinding/v1": fingerprint },
        "properties": { "law": finding.law, "cause": finding.cause, "hardening": finding.hardening },
    });
    if let Some(file) = file {
        let location =
            json!({ "artifactLocation": { "uri": uri(file) }, "region": { "startLine": 1 } });
        result["locations"] = json!([{ "physicalLocation": location }]);
    }
    if let Some(reason) = &finding.known {
        result["suppressions"] = json!([{ "kind": "external", "justification": reason }]);
    }
    result
}

fn level(weight: Weight) -> &'static str {
    match weight {
        Weight::Error => "error",
        Weight::Warning => "warning",
        Weight::Note => "note",
    }
}

/// A path as a relative reference: all but what needs no escape in one is escaped.
fn uri(path: &str) -> String {
    let escaped = path.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    });
    escaped.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_finding_is_suppressed_and_a_path_is_a_reference() {
        let mut report = crate::check::tests::report();
        report.findings[0].known = Some("mended next week".to_owned());
        report.findings[1].source = "https://example.com".to_owned();
        report.command = Some("python3 Cargo.toml".to_owned());
        let sarif: Value = serde_json::from_str(&sarif(&report)).unwrap();
        let run = &sarif["runs"][0];
        assert_eq!(
            run["results"][0]["suppressions"][0]["justification"],
            "mended next week"
        );
        assert_eq!(run["results"][0]["level"], "note");
        assert_eq!(run["results"][3]["level"], "error");
        let location = &run["results"][3]["locations"][0]["physicalLocation"]["artifactLocation"];
        assert_eq!(location["uri"], "Cargo.toml");
        assert_eq!(run["tool"]["driver"]["rules"].as_array().unwrap().len(), 1);
        assert_eq!(uri("a b/ü:1.py"), "a%20b/%C3%BC%3A1.py");
    }
}
