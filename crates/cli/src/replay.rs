//! `partproof replay`.

use std::collections::BTreeSet;
use std::path::Path;

use partproof_subjects::fuzz;
use partproof_subjects::{find, laws, near, own};
use partproof_suite::replay::{Replayed, Token, reported};
use partproof_suite::{Finding, Law, Report};
use partproof_visible::{visible, visible_json};

use crate::args::{ReplayArgs, SubjectArgs};
use crate::check::{count, finding_text};
use crate::exit_code::ExitCode;
use crate::failures::{self, Failures, Tried};
use crate::input;
use crate::output::{self, bad, doubtful, good};
use crate::subject::Judged;

pub(crate) fn run(args: &ReplayArgs) -> Result<ExitCode, String> {
    let Some(what) = &args.what else {
        return all(args);
    };
    let (tokens, report) = read(args, what)?;
    if tokens.is_empty() {
        output::show("nothing to replay: the report has no finding\n");
        return Ok(ExitCode::Inconclusive);
    }
    let mut subject = args.subject.clone();
    if let (None, Some(report)) = (&subject.subject, report) {
        let name = own::subject().name;
        match report.command {
            Some(command) => {
                output::say(&format!(
                    "the report is about {}: {}\n",
                    report.subject,
                    visible(&command)
                ));
                subject.subject = Some(command);
            }
            None if report.subject == name => {}
            None => {
                return Err(format!(
                    "{}: a report about `{}`, which is no program: replay it in its own tests, or name another with --subject",
                    what, report.subject
                ));
            }
        }
    }
    let judged = match Judged::start(&subject)? {
        Ok(judged) => judged,
        Err(broke) => return Ok(broke),
    };
    let (mut printed, mut code) = (String::new(), ExitCode::Conforms);
    for token in tokens {
        let (text, one) = match token {
            Ok(token) => replay(&token, &judged, args.trace),
            Err(reason) => cannot_run(&reason),
        };
        printed.push_str(&text);
        if one != ExitCode::Conforms && code != ExitCode::Violates {
            code = one;
        }
    }
    output::show(&printed);
    Ok(code)
}

/// Replays all that failed before, one subject after the other.
fn all(args: &ReplayArgs) -> Result<ExitCode, String> {
    let file = args
        .failures
        .as_deref()
        .unwrap_or(Path::new(failures::FILE));
    if !file.exists() {
        return Err(format!(
            "{}: no such file; `partproof check --failures FILE` keeps what failed",
            output::name(file)
        ));
    }
    let Some(mut failures) = Failures::open(Some(file))? else {
        return Ok(ExitCode::Conforms);
    };
    let subjects: BTreeSet<Option<String>> =
        failures.all.iter().map(|one| one.subject.clone()).collect();
    let (mut held, mut code, trace) = (0, ExitCode::Conforms, args.trace);
    for subject in subjects {
        let args = SubjectArgs {
            subject: subject.clone(),
            ..args.subject.clone()
        };
        let judged = match Judged::start(&args)? {
            Ok(judged) => judged,
            Err(broke) => return Ok(broke),
        };
        for failure in failures.all.iter_mut().filter(|one| one.subject == subject) {
            let (text, one) = match failure.try_on(&judged.subject()) {
                Tried::Held => {
                    held += 1;
                    continue;
                }
                Tried::Failed(finding) => still_failing(&finding, judged.subject().name, trace),
                Tried::CannotRun(reason) => cannot_run(&reason),
            };
            output::show(&text);
            if code != ExitCode::Violates {
                code = one;
            }
        }
    }
    let of = count(failures.all.len(), "failure");
    output::show(&format!("{held} of {of} held\n"));
    failures.write()?;
    Ok(code)
}

/// Replays one: what is printed, and what it makes of the run.
fn replay(token: &Token, judged: &Judged, with_trace: bool) -> (String, ExitCode) {
    let subject = judged.subject();
    let (law, name) = (token.law.id, subject.name);
    match token.replay(&subject) {
        Replayed::Fixed => {
            let case = visible_json(&token.case.to_string());
            let command = token.command(subject.program);
            let fixed = good("fixed:");
            let text =
                format!("{fixed} {law} on {name}\n  case      {case}\n  replay    {command}\n");
            (text, ExitCode::Conforms)
        }
        Replayed::StillFailing(finding) => still_failing(&finding, name, with_trace),
        Replayed::CannotRun(reason) => cannot_run(&reason),
    }
}

fn still_failing(finding: &Finding, name: &str, with_trace: bool) -> (String, ExitCode) {
    let (failing, law) = (bad("still failing:"), &finding.law);
    let text = format!(
        "{failing} {law} on {name}\n{}",
        finding_text(finding, with_trace)
    );
    (text, ExitCode::Violates)
}

fn cannot_run(reason: &str) -> (String, ExitCode) {
    let text = format!("{} {}\n", doubtful("cannot run:"), visible(reason));
    (text, ExitCode::Inconclusive)
}

/// The law of that id, or what is near.
fn law(id: &str) -> Result<&'static Law, String> {
    find(id).ok_or_else(|| {
        let properties = own::PROPERTIES.iter().copied();
        let known = laws().chain(properties).map(|law| law.id.to_owned());
        format!(
            "no law `{id}`{}; `partproof rules --laws` lists them",
            near(id, known)
        )
    })
}

/// What is replayed; a token whose law is not known holds up no other.
type Tokens = Vec<Result<Token, String>>;

/// A token as it is, or what the file holds: tokens, or a fuzzer's input.
fn read(args: &ReplayArgs, what: &str) -> Result<(Tokens, Option<Report>), String> {
    let file = Path::new(what);
    let named = what != "-" && (args.target.is_some() || !what.contains('{'));
    // Fuzzers name their inputs without an extension; a case that somebody keeps in such a folder has one.
    let may_be_input = named && file.extension().is_none();
    let by_folder = || fuzz::of_file(file).filter(|_| may_be_input);
    let target = args.target.or_else(by_folder);
    let bytes = match named || what == "-" {
        true => input::REPLAY.bytes(file)?,
        false => what.as_bytes().to_vec(),
    };
    match target {
        Some(target) => Ok((vec![Ok(target.token(&bytes)?)], None)),
        None => {
            let hint = "is it a fuzzer's input? Then name its target: --target TARGET";
            let text = String::from_utf8(bytes)
                .map_err(|error| format!("{what}: not UTF-8: {error}; {hint}"))?;
            let tokens = Token::read_by(&text, law).map_err(|problem| match named {
                true => format!("{what}: {problem}; {hint}"),
                false => problem,
            })?;
            Ok((tokens, reported(&text)))
        }
    }
}
