//! The arguments of `bench`.

use std::path::PathBuf;

use partproof_visible::visible;

use super::parse_seconds;
use crate::exit_code;

/// Tell whether a client has become slower, and not whether the machine has.
///
/// Pieces are timed in the loop by the subject itself (`bench` of docs/PROTOCOL.md), whole clients against an emulator of their own. New and old
/// take turns in an order that is drawn, in processes that are started anew for each pair, and a second process of the old one shows what
/// the machine does by itself. What came out is verified each time. Without --against and --baseline, figures are told as ratios to the
/// built-in client, and nothing is gated. docs/BENCH.md tells what the words mean.
#[derive(Debug, clap::Args)]
#[command(after_help = exit_code::HELP)]
pub(crate) struct BenchArgs {
    /// The command of the new program, or `built-in` for the built-in client
    #[arg(long, value_name = "COMMAND", default_value = super::BUILT_IN)]
    pub(crate) subject: String,
    /// The command of the old one, which is measured beside it
    #[arg(long, value_name = "COMMAND", conflicts_with = "baseline")]
    pub(crate) against: Option<String>,
    /// A file that --save wrote on this machine: both were measured beside the built-in client, and ratios to that are compared
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Only the rows that match: `encrypt-part/*`, `upload/*`; may be given several times [default: the pieces that it has, else whole clients]
    ///
    /// `upload/10000` and `download/10000`, which move a gigabyte each time, are taken by their very names only.
    #[arg(long = "piece", value_name = "GLOB")]
    pub(crate) pieces: Vec<String>,
    /// The slowdown that is to be seen, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 5.0, value_parser = parse_percent)]
    pub(crate) threshold: f64,
    /// How long a turn of a piece goes on at least, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=60_000))]
    pub(crate) turn: u64,
    /// What cases and orders are drawn from
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// How many seconds a program may take for an answer [default: 60 for an upload or download, else 10]
    #[arg(long, value_name = "SECONDS", value_parser = parse_seconds)]
    pub(crate) time_limit: Option<f64>,
    /// Keep every sample in this file, for --baseline
    #[arg(long, value_name = "FILE", conflicts_with_all = ["against", "baseline"])]
    pub(crate) save: Option<PathBuf>,
    /// Append a line of JSON with the figures of this run, and tell since when a row is another
    #[arg(long, value_name = "FILE")]
    pub(crate) history: Option<PathBuf>,
    /// Also write the comparison to a file; KIND is `html`, `json`, `markdown` or `junit`; may be given several times
    #[arg(long = "report", value_name = "KIND=FILE", value_parser = parse_report)]
    pub(crate) reports: Vec<(BenchReportKind, PathBuf)>,
    /// Print it as JSON instead of the table
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BenchReportKind {
    Html,
    Json,
    Markdown,
    Junit,
}

fn parse_percent(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(percent) if (0.1..=1_000.0).contains(&percent) => Ok(percent),
        _ => Err("expected percent, from 0.1 to 1000".to_owned()),
    }
}

fn parse_report(text: &str) -> Result<(BenchReportKind, PathBuf), String> {
    let expected = || {
        let given = visible(text);
        format!("`{given}`, expected html=FILE, json=FILE, markdown=FILE or junit=FILE")
    };
    let (kind, file) = text
        .split_once('=')
        .filter(|(_, file)| !file.is_empty())
        .ok_or_else(expected)?;
    let kind = match kind {
        "html" => BenchReportKind::Html,
        "json" => BenchReportKind::Json,
        "markdown" => BenchReportKind::Markdown,
        "junit" => BenchReportKind::Junit,
        _ => return Err(expected()),
    };
    Ok((kind, file.into()))
}
