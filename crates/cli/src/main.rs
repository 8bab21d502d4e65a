//! The `partproof` command: it wires, everything else is in the crates it calls.

mod args;
mod bench;
mod check;
mod config;
mod diagnose;
mod exit_code;
mod explain;
mod failures;
mod input;
mod interrupt;
mod manual;
mod matrix;
mod output;
mod output_file;
mod power;
mod progress;
mod replay;
mod report;
mod rules;
mod seeds;
mod serve;
mod smoke;
mod state;
mod subject;
mod vectors;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{ExitCode as ProcessExitCode, Termination};

use partproof_visible::{visible, visible_block};

use crate::args::Command;
use crate::exit_code::ExitCode;

fn main() -> ProcessExitCode {
    let args = match config::parse(std::env::args_os().collect()) {
        Ok(args) => args,
        Err(config::Problem::File(problem)) => {
            output::say(&format!("{} {problem}\n", output::error("error:")));
            return ExitCode::Usage.report();
        }
        Err(config::Problem::Line(error, added)) => {
            // Help and version come this way too; they are no mistake.
            let code = if error.use_stderr() {
                ExitCode::Usage
            } else {
                ExitCode::Conforms
            };
            // Nobody is left to tell if the terminal is gone.
            let _ = error.print();
            if code == ExitCode::Usage && !added.is_empty() {
                output::say(&format!(
                    "{} adds {}\n",
                    config::FILE,
                    visible(&added.join(" "))
                ));
            }
            return code.report();
        }
    };
    // It ends as its subject ends.
    if let Command::Supervise(args) = &args.command {
        return partproof_protocol::supervise(&args.words).unwrap_or_else(|error| {
            output::say(&format!("{} {error}\n", output::error("error:")));
            ExitCode::Internal.report()
        });
    }
    let code = run(&args.command).report();
    interrupt::status().unwrap_or(code)
}

fn run(command: &Command) -> ExitCode {
    let watch = match command {
        Command::Check(_) => interrupt::watch_and_tell,
        _ => interrupt::watch,
    };
    if command.is_a_run()
        && let Err(error) = watch().and_then(|()| partproof_protocol::adopt())
    {
        output::say(&format!("{} signals: {error}\n", output::error("error:")));
        return ExitCode::Internal;
    }
    let run = || match command {
        Command::Adapter => {
            partproof_subjects::builtin::serve(std::io::stdin().lock(), std::io::stdout().lock())
                .map(|()| ExitCode::Conforms)
        }
        // It has ended by now.
        Command::Supervise(_) => Ok(ExitCode::Internal),
        Command::Bench(args) => bench::run(args),
        Command::Check(args) => check::run(args),
        Command::Completions(args) => manual::completions(args),
        Command::Diagnose(args) => diagnose::run(args),
        Command::Man(args) => manual::pages(args),
        Command::Matrix(args) => matrix::run(args),
        Command::Power(args) => power::run(args),
        Command::Replay(args) => replay::run(args),
        Command::Seeds(args) => seeds::run(args),
        Command::Serve(args) => serve::run(args),
        Command::Smoke(args) => smoke::run(args),
        Command::Rules(args) => rules::run(args),
        Command::Explain(args) => explain::run(args),
        Command::Vectors(args) => vectors::run(args),
    };
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(code)) => code,
        Ok(Err(problem)) => {
            let problem = visible_block(&problem);
            output::say(&format!("{} {problem}\n", output::error("error:")));
            ExitCode::Usage
        }
        Err(_) => {
            output::say(&format!(
                "{} this is a fault of partproof itself, not of what it was given\n",
                output::error("internal error:")
            ));
            ExitCode::Internal
        }
    }
}
