//! The `partproof` command: it wires, everything else is in the crates it calls.

mod args;
mod check;
mod diagnose;
mod exit_code;
mod explain;
mod matrix;
mod output;
mod progress;
mod replay;
mod rules;
mod seeds;
mod serve;
mod smoke;
mod subject;
mod vectors;

use std::panic::{AssertUnwindSafe, catch_unwind};

use clap::Parser;

use crate::args::{Args, Command};
use crate::exit_code::ExitCode;

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // Help and version come this way too; they are no mistake.
            let code = if error.use_stderr() {
                ExitCode::Usage
            } else {
                ExitCode::Conforms
            };
            // Nobody is left to tell if the terminal is gone.
            let _ = error.print();
            return code;
        }
    };
    let run = || match &args.command {
        Command::Adapter => {
            partproof_suite::builtin::serve(std::io::stdin().lock(), std::io::stdout().lock())
                .map(|()| ExitCode::Conforms)
        }
        Command::Check(args) => check::run(args),
        Command::Diagnose(args) => diagnose::run(args),
        Command::Matrix(args) => matrix::run(args),
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
            anstream::eprintln!("{} {problem}", output::error("error:"));
            ExitCode::Usage
        }
        Err(_) => {
            anstream::eprintln!(
                "{} this is a fault of partproof itself, not of what it was given",
                output::error("internal error:")
            );
            ExitCode::Internal
        }
    }
}
