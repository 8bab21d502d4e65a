//! `partproof smoke`.

use partproof_subjects::smoke::{Step, smoke};
use partproof_visible::visible;
use serde::Serialize;

use crate::args::SmokeArgs;
use crate::check::count;
use crate::exit_code::ExitCode;
use crate::output::{self, bad, bold, good};
use crate::subject::{command_line, limits, program};

#[derive(Serialize)]
struct Smoke<'s> {
    subject: &'s str,
    verdict: &'static str,
    steps: &'s [Step],
}

pub(crate) fn run(args: &SmokeArgs) -> Result<ExitCode, String> {
    let command = command_line(&program(&args.subject)?)?;
    if !args.json {
        output::show(&format!("{}\n\n", bold(visible(&args.subject))));
    }
    let steps = smoke(&command, limits(args.time_limit), |step| {
        if !args.json {
            output::show(&text(step));
        }
    })?;
    let wrong = steps.iter().filter(|step| step.wrong.is_some()).count();
    let code = match wrong {
        0 => ExitCode::Conforms,
        // One step: there was not even a description.
        _ if steps.len() == 1 => ExitCode::SubjectBroke,
        _ => ExitCode::Violates,
    };
    let said = match wrong {
        0 => good(format!(
            "it can be believed: {}",
            count(steps.len(), "step")
        )),
        _ => bad(format!("{} of {} wrong", wrong, count(steps.len(), "step"))),
    };
    if args.json {
        let smoke = Smoke {
            subject: &args.subject,
            verdict: match code {
                ExitCode::Conforms => "conforms",
                ExitCode::SubjectBroke => "subject_broke",
                _ => "violates",
            },
            steps: &steps,
        };
        output::show_json(&smoke);
    } else {
        output::show(&format!("\n{said}\n"));
    }
    Ok(code)
}

fn text(step: &Step) -> String {
    let Step {
        name,
        expected,
        wrong,
    } = step;
    match wrong {
        None => format!("{} {name}: {expected}\n", good("ok   ")),
        Some(wrong) => format!(
            "{} {name}\n      expected  {expected}\n      actual    {wrong}\n",
            bad("wrong")
        ),
    }
}
