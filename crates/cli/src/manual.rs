//! `partproof completions` and `partproof man`: what a package brings beside the program.

use std::fs;

use clap::CommandFactory;

use crate::args::{Args, CompletionsArgs, ManArgs};
use crate::exit_code::ExitCode;
use crate::output;

pub(crate) fn completions(args: &CompletionsArgs) -> Result<ExitCode, String> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "partproof", &mut script);
    output::print(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::Conforms)
}

pub(crate) fn pages(args: &ManArgs) -> Result<ExitCode, String> {
    let problem = |error| format!("--out {}: {error}", output::name(&args.out));
    fs::create_dir_all(&args.out).map_err(problem)?;
    clap_mangen::generate_to(Args::command(), &args.out).map_err(problem)?;
    Ok(ExitCode::Conforms)
}
