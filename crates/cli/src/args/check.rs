//! The arguments of `partproof check`.

use std::path::PathBuf;
use std::time::Duration;

use jiff::SignedDuration;
use partproof_suite::runner::{Profile, Shard};
use partproof_visible::visible;

use super::SubjectArgs;
use crate::exit_code;

/// Run every law on a client, the built-in one or a program, and report what does not hold.
///
/// The same seed gives the same report, but for the seconds that each law took. A finding is told when it is met, and again with its smallest case.
#[derive(Debug, clap::Args)]
#[command(after_help = exit_code::HELP)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) subject: SubjectArgs,
    /// How many cases: `quick` for every change, `nightly` for a hundred times as many, or a number of times [default: quick]
    #[arg(long, value_name = "quick|nightly|N", value_parser = parse_profile)]
    pub(crate) profile: Option<Profile>,
    /// So many cases of each law instead
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), conflicts_with = "profile")]
    pub(crate) cases: Option<u64>,
    /// End after this time, such as `90s`, `5m` or `8h`; without --profile and --cases go on until then, with one seed after the other
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub(crate) max_time: Option<Duration>,
    /// Go on where the last run with this folder ended, and keep there what was found: for nightly runs
    #[arg(long, value_name = "DIR", requires = "max_time", conflicts_with_all = ["seed", "shard"])]
    pub(crate) state: Option<PathBuf>,
    /// What the cases are drawn from: a number, or `random`
    #[arg(long, default_value = "1", value_parser = parse_seed)]
    pub(crate) seed: Seed,
    /// Only the laws that match: `plan-*`; may be given several times
    #[arg(long = "law", value_name = "GLOB")]
    pub(crate) laws: Vec<String>,
    /// But not the laws that match; may be given several times
    #[arg(long = "skip", value_name = "GLOB")]
    pub(crate) skips: Vec<String>,
    /// Only every N-th case, from the I-th on: `1/3`, `2/3` and `3/3` on three machines judge all
    #[arg(long, value_name = "I/N", value_parser = parse_shard)]
    pub(crate) shard: Option<Shard>,
    /// End at the first finding that is not known
    #[arg(long)]
    pub(crate) fail_fast: bool,
    /// How many cases are judged at a time: by one process if it declares `pipelining`, else by as many processes [default: as many as keep the cores busy]
    #[arg(long, value_name = "N", value_parser = parse_jobs)]
    pub(crate) jobs: Option<usize>,
    /// Findings to live with for a while: a list in JSON or TOML, each with a reason and an expiry
    #[arg(long, value_name = "FILE")]
    pub(crate) known: Option<PathBuf>,
    /// What failed before, tried first and kept for the next run [default: .partproof/failures.toml if that folder is there]
    #[arg(long, value_name = "FILE")]
    pub(crate) failures: Option<PathBuf>,
    /// Let findings count that take input which no service and no caller produces
    #[arg(long)]
    pub(crate) strict: bool,
    /// Also write the report to a file, or instead of the table to standard output (`-`); KIND is `html` (a page with drawings), `json`, `junit`, `markdown`, `sarif` or `github`
    /// (annotations of GitHub Actions, before the table); may be given several times
    #[arg(long = "report", value_name = "KIND=FILE", value_parser = parse_report)]
    pub(crate) reports: Vec<ReportFile>,
    /// Print the JSON report instead of the table
    #[arg(long)]
    pub(crate) json: bool,
    /// Show what went over the wire in the case of each finding of a whole client: requests, answers, and which of them is meant
    #[arg(long)]
    pub(crate) trace: bool,
    /// Show how long each law took
    #[arg(long, short)]
    pub(crate) verbose: bool,
    /// Show no progress and no table: what is wrong, and the verdict
    #[arg(long, short, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
}

fn parse_profile(text: &str) -> Result<Profile, String> {
    match (text, text.parse()) {
        ("quick", _) => Ok(Profile::Quick),
        ("nightly", _) => Ok(Profile::Nightly),
        (_, Ok(times @ 1..)) => Ok(Profile::Times(times)),
        _ => Err("expected `quick`, `nightly` or a number from 1".to_owned()),
    }
}

fn parse_time(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().map(SignedDuration::from_secs);
    let time = seconds.or_else(|_| text.parse::<SignedDuration>());
    match time.map(Duration::try_from) {
        Ok(Ok(time)) if !time.is_zero() => Ok(time),
        _ => Err("expected a time such as `90s`, `5m` or `8h`".to_owned()),
    }
}

pub(super) fn parse_shard(text: &str) -> Result<Shard, String> {
    let numbers = text.split_once('/');
    let numbers = numbers.and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
    match numbers {
        Some((number, of)) if (1..=of).contains(&number) => Ok(Shard { number, of }),
        _ => Err("expected `1/3`: which one, from 1, of how many".to_owned()),
    }
}

/// Those of a share.
pub(crate) fn of_shard<T>(shard: Option<Shard>, all: impl Iterator<Item = T>) -> Vec<T> {
    let Shard { number, of } = shard.unwrap_or(Shard::WHOLE);
    let is_in = |place: usize| u64::try_from(place).is_ok_and(|place| place % of == number - 1);
    let numbered = all.enumerate().filter(|(place, _)| is_in(*place));
    numbered.map(|(_, one)| one).collect()
}

fn parse_jobs(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(jobs @ 1..=256) => Ok(jobs),
        _ => Err("expected a number from 1 to 256".to_owned()),
    }
}

/// A seed as it was asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seed(pub(crate) u64);

fn parse_seed(text: &str) -> Result<Seed, String> {
    if text == "random" {
        use std::hash::{BuildHasher, RandomState};
        return Ok(Seed(RandomState::new().hash_one(())));
    }
    text.parse()
        .map(Seed)
        .map_err(|_| "expected a number from 0 to 18446744073709551615, or `random`".to_owned())
}

/// A report to write.
#[derive(Clone, Debug)]
pub(crate) struct ReportFile {
    pub(crate) kind: ReportKind,
    pub(crate) file: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReportKind {
    Github,
    Html,
    Json,
    Junit,
    Markdown,
    Sarif,
}

fn parse_report(text: &str) -> Result<ReportFile, String> {
    let expected = || {
        format!(
            "`{}`, expected KIND=FILE, of html, json, junit, markdown, sarif and github; `-` is standard output",
            visible(text)
        )
    };
    let (kind, file) = text
        .split_once('=')
        .filter(|(_, file)| !file.is_empty())
        .ok_or_else(expected)?;
    let kind = match kind {
        "github" => ReportKind::Github,
        "html" => ReportKind::Html,
        "json" => ReportKind::Json,
        "junit" => ReportKind::Junit,
        "markdown" => ReportKind::Markdown,
        "sarif" => ReportKind::Sarif,
        _ => return Err(expected()),
    };
    Ok(ReportFile {
        kind,
        file: file.into(),
    })
}
