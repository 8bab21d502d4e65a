//! Reports in the forms that other tools read.

mod junit;
mod markdown;

pub(crate) use junit::junit;
pub(crate) use markdown::markdown;

#[cfg(test)]
mod tests {
    use partproof_suite::Report;

    use super::*;

    /// A report of one law, which a hardening finding is about.
    fn report(strict: bool) -> Report {
        let finding = serde_json::json!({
            "id": "part-list-etag/another-etag", "law": "part-list", "sentence": "", "also": [], "rule": "part-list-etag",
            "rule_sentence": "Each ETag.", "source": "https://example.com", "ec": null, "severity": "MUST", "symptom": "another ETag",
            "case": {"etags": ["\""]}, "expected": "one quote", "actual": "none", "consequence": "upload rejected",
            "replay": "partproof replay 'part-list:{}'", "cases": 1, "known": null, "hardening": true, "cut_short": true,
            "not_again": "did not show again",
        });
        let law = serde_json::json!({
            "id": "part-list", "sentence": "", "severity": "MUST", "standing": "holds", "cases": 5, "refused": 0, "refusal": null, "missed": [],
        });
        let mut report: Report = serde_json::from_value(serde_json::json!({
            "schema": "partproof-report/1", "subject": "mine", "profile": "quick", "seed": 1, "verdict": "conforms",
            "laws": [law], "findings": [finding], "known_problems": [], "strict": strict,
        }))
        .expect("a report");
        report.judge();
        report
    }

    #[test]
    fn hardening_fails_a_test_case_with_strict_only() {
        let lenient = junit(&report(false));
        assert!(lenient.contains("failures=\"0\""), "{lenient}");
        assert!(!lenient.contains("<failure"), "{lenient}");
        let strict = junit(&report(true));
        assert!(
            strict.contains("<failure message=\"part-list-etag/another-etag\""),
            "{strict}"
        );
    }

    #[test]
    fn hardening_is_named_on_the_page() {
        let page = markdown(&report(false));
        assert!(
            page.contains("hardening: no service and no caller produces this input"),
            "{page}"
        );
        assert!(page.contains("✅ holds"), "{page}");
        assert!(markdown(&report(true)).contains("❌ violated"));
    }

    #[test]
    fn what_is_to_be_doubted_is_told() {
        for text in [junit(&report(true)), markdown(&report(true))] {
            assert!(text.contains("shrinking was cut short"), "{text}");
            assert!(text.contains("the replay did not show again"), "{text}");
        }
    }
}
