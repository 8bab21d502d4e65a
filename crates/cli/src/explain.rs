//! `partproof explain`.

use std::fmt::Write;

use partproof_diagnose::trouble::{CODES, Code, Trouble};
use partproof_model::question::Lean;
use partproof_model::{Question, Rule};
use partproof_subjects::{laws, near};
use partproof_suite::Law;
use partproof_suite::class::Producer;

use crate::args::ExplainArgs;
use crate::exit_code::ExitCode;
use crate::output::{self, bold};
use crate::rules::evidence;

pub(crate) fn run(args: &ExplainArgs) -> Result<ExitCode, String> {
    let id = args.id.as_str();
    // A rule and a law may have one name: then both are what was asked for.
    let rule = Rule::find(id).map(explain_rule);
    let law = laws().find(|law| law.id == id).map(explain_law);
    let question = Question::ALL
        .iter()
        .find(|question| question.to_string().eq_ignore_ascii_case(id))
        .map(|question| explain_question(*question));
    // Of a finding, as a report prints it, the rule is what there is to tell.
    let finding = id.split_once('/').and_then(|(rule, symptom)| {
        let rule = explain_rule(Rule::find(rule)?);
        let words = symptom.replace('-', " ");
        Some(format!(
            "{} finding\n\n  {:10}{words}\n\n{rule}",
            bold(id),
            "seen"
        ))
    });
    let code = Code::of(id).map(explain_code);
    let texts = [rule, law, question, finding, code].into_iter().flatten();
    let texts: Vec<String> = texts.collect();
    if texts.is_empty() {
        let rules = Rule::all().flat_map(|rule| [Some(rule.id), rule.ec].into_iter().flatten());
        let laws = laws().map(|law| law.id);
        let codes = CODES.iter().map(|known| known.code);
        let known = rules.chain(laws).chain(codes).map(str::to_owned);
        let known = known.chain(Question::ALL.iter().map(ToString::to_string));
        return Err(format!(
            "`{id}` is no rule, law, finding, error number, Code of the service or open question{}; `partproof rules` and `partproof rules --laws` list them",
            near(id.split('/').next().unwrap_or(id), known)
        ));
    }
    output::show(&texts.join("\n"));
    Ok(ExitCode::Conforms)
}

fn explain_rule(rule: &'static Rule) -> String {
    let mut text = format!(
        "{} rule {}\n\n",
        bold(rule.id),
        rule.ec.map(|ec| format!("(EC {ec})")).unwrap_or_default()
    )
    .replace(" \n", "\n");
    let meaning = match (rule.severity.to_string().as_str(), rule.answer) {
        ("MUST", Some(_)) => "the service rejects what breaks it",
        ("MUST", None) => "what breaks it loses or leaks data, and no server notices",
        ("SHOULD", _) => "what breaks it is of no use to other clients, or refused needlessly",
        _ => "the evidence does not say what a breach means",
    };
    let mut line = |name: &str, value: &str| {
        writeln!(text, "  {name:10}{value}").expect("writing to a String cannot fail")
    };
    line("says", rule.sentence);
    line("severity", &format!("{}: {meaning}", rule.severity));
    line("evidence", &evidence(rule));
    line("source", rule.source);
    if let Some(answer) = rule.answer {
        line(
            "answer",
            &format!(
                "{} {}: {}",
                answer.status,
                answer.code.unwrap_or("(no source states the Code)"),
                answer.message
            ),
        );
    }
    if let Some(trouble) = Trouble::of(rule) {
        line("mend", trouble.fix);
        for (number, cause) in (1..).zip(trouble.causes) {
            line(if number == 1 { "causes" } else { "" }, cause);
        }
    }
    let laws: Vec<&str> = laws()
        .filter(|law| law.rules.contains(&rule))
        .map(|law| law.id)
        .collect();
    if !laws.is_empty() {
        line("laws", &laws.join(", "));
    }
    text
}

fn explain_law(law: &'static Law) -> String {
    let rules: Vec<&str> = law.rules.iter().map(|rule| rule.id).collect();
    let classes = law.classes.iter();
    let classes: Vec<String> = classes
        .map(|class| match class.producer() {
            Producer::Caller => class.text().to_owned(),
            other => format!("{} (by {other})", class.text()),
        })
        .collect();
    format!(
        "{} law\n\n  {:10}{}\n  {:10}{}\n  {:10}{}\n  {:10}{}\n  {:10}partproof check --law {}\n",
        bold(law.id),
        "says",
        law.sentence,
        "severity",
        law.severity(),
        "rules",
        rules.join(", "),
        "must meet",
        classes.join("; "),
        "run it",
        law.id
    )
}

fn explain_code(code: &Code) -> String {
    format!(
        "{} Code of the service\n\n  {:10}{}\n  {:10}{}\n  {:10}{}\n",
        bold(code.code),
        "says",
        code.means,
        "status",
        code.status,
        "mend",
        code.fix
    )
}

fn explain_question(question: Question) -> String {
    let lean = match question.lean() {
        Lean::Accept => {
            "accepts: the model goes on as if there were no such rule; a rejection is right too"
        }
        Lean::Reject => "rejects: the model applies the rule; going on is right too",
    };
    format!(
        "{} open question\n\n  {:10}{}\n  {:10}{lean}\n",
        bold(question),
        "asks",
        question.text(),
        "lean"
    )
}
