//! `partproof replay`.

use std::path::Path;

use partproof_protocol::{visible, visible_json};
use partproof_suite::fuzz::Target;
use partproof_suite::replay::{Replayed, Token};

use crate::args::ReplayArgs;
use crate::check::finding_text;
use crate::exit_code::ExitCode;
use crate::input;
use crate::output::{self, bad, doubtful, good};
use crate::subject::Judged;

pub(crate) fn run(args: &ReplayArgs) -> Result<ExitCode, String> {
    let tokens = read(args)?;
    if tokens.is_empty() {
        output::show("nothing to replay: the report has no finding\n");
        return Ok(ExitCode::Inconclusive);
    }
    let judged = match Judged::start(&args.subject)? {
        Ok(judged) => judged,
        Err(broke) => return Ok(broke),
    };
    let subject = judged.subject();
    let (mut printed, mut code) = (String::new(), ExitCode::Conforms);
    for token in tokens {
        printed.push_str(&match token.replay(&subject) {
            Replayed::Fixed => format!(
                "{} {} on {}\n  case      {}\n  replay    {}\n",
                good("fixed:"),
                token.law,
                subject.name,
                visible_json(&token.case.to_string()),
                token.command(judged.program())
            ),
            Replayed::StillFailing(finding) => {
                code = ExitCode::Violates;
                format!(
                    "{} {} on {}\n{}",
                    bad("still failing:"),
                    token.law,
                    subject.name,
                    finding_text(&finding)
                )
            }
            Replayed::CannotRun(reason) => {
                if code == ExitCode::Conforms {
                    code = ExitCode::Inconclusive;
                }
                format!("{} {}\n", doubtful("cannot run:"), visible(&reason))
            }
        });
    }
    output::show(&printed);
    Ok(code)
}

/// A token as it is, or what the file holds: tokens, or a fuzzer's input.
fn read(args: &ReplayArgs) -> Result<Vec<Token>, String> {
    let (what, file) = (args.what.as_str(), Path::new(&args.what));
    let named = what != "-" && (args.target.is_some() || !what.contains('{'));
    // Fuzzers name their inputs without an extension; a case that somebody keeps in such a folder has one.
    let may_be_input = named && file.extension().is_none();
    let by_folder = || Target::of_file(file).filter(|_| may_be_input);
    let target = args.target.or_else(by_folder);
    let bytes = match named || what == "-" {
        true => input::REPLAY.bytes(file)?,
        false => what.as_bytes().to_vec(),
    };
    match target {
        Some(target) => Ok(vec![target.token(&bytes)?]),
        None => {
            let hint = "is it a fuzzer's input? Then name its target: --target TARGET";
            let text = String::from_utf8(bytes)
                .map_err(|error| format!("{what}: not UTF-8: {error}; {hint}"))?;
            Token::read(&text).map_err(|problem| match named {
                true => format!("{what}: {problem}; {hint}"),
                false => problem,
            })
        }
    }
}
