//! `partproof replay`.

use std::io::Read;
use std::path::Path;

use partproof_suite::builtin;
use partproof_suite::replay::{Replayed, Token};

use crate::args::ReplayArgs;
use crate::check::finding_text;
use crate::exit_code::ExitCode;
use crate::output::{self, bad, doubtful, good};

pub(crate) fn run(args: &ReplayArgs) -> Result<ExitCode, String> {
    let text = read(&args.what)?;
    let tokens = Token::read(&text)?;
    if tokens.is_empty() {
        output::print("nothing to replay: the report has no finding\n")?;
        return Ok(ExitCode::Inconclusive);
    }
    let subject = builtin::subject();
    let (mut printed, mut code) = (String::new(), ExitCode::Conforms);
    for token in tokens {
        printed.push_str(&match token.replay(&subject) {
            Replayed::Fixed => format!(
                "{} {} on {}\n  case      {}\n",
                good("fixed:"),
                token.law,
                subject.name,
                token.case
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
                format!("{} {reason}\n", doubtful("cannot run:"))
            }
        });
    }
    output::print(&printed)?;
    Ok(code)
}

/// A token as it is, or the content of the file it names.
fn read(what: &str) -> Result<String, String> {
    if what == "-" {
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .map_err(|error| format!("standard input: {error}"))?;
        return Ok(text);
    }
    match what.contains('{') {
        true => Ok(what.to_owned()),
        false => output::read_text(Path::new(what)),
    }
}
