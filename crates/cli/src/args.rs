//! The command line.

mod bench;
mod check;

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;

use clap::{Parser, Subcommand};
use partproof_subjects::fuzz;
use partproof_suite::fuzz::Target;
use partproof_suite::runner::Shard;
use partproof_visible::visible;

use crate::exit_code;

pub(crate) use bench::{BenchArgs, BenchReportKind};
pub(crate) use check::{CheckArgs, ReportKind, of_shard};

/// Verifies that a client of Alibaba Cloud OSS splits, encrypts and completes client-side-encrypted multipart uploads
/// the way the service and every other client expect.
#[derive(Debug, Parser)]
#[command(name = "partproof", version, after_help = exit_code::HELP, max_term_width = 100)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Be the built-in client at the other end of the line protocol: an example of a subject
    ///
    /// Reads requests from standard input, one JSON object a line, and answers each on standard output: docs/PROTOCOL.md.
    Adapter,
    Bench(BenchArgs),
    Check(CheckArgs),
    Completions(CompletionsArgs),
    /// Start a subject in the place of a run, and end it with all that it started
    #[command(hide = true)]
    Supervise(SuperviseArgs),
    Diagnose(DiagnoseArgs),
    Man(ManArgs),
    Matrix(MatrixArgs),
    Power(PowerArgs),
    Replay(ReplayArgs),
    Seeds(SeedsArgs),
    Serve(ServeArgs),
    Rules(RulesArgs),
    Explain(ExplainArgs),
    Smoke(SmokeArgs),
    Vectors(VectorsArgs),
}

impl Command {
    /// Whether it may start subjects and make temporary folders, and is to leave none when it is told to end.
    pub(crate) fn is_a_run(&self) -> bool {
        match self {
            Self::Bench(_)
            | Self::Check(_)
            | Self::Matrix(_)
            | Self::Power(_)
            | Self::Replay(_)
            | Self::Smoke(_)
            | Self::Vectors(_) => true,
            // These end at once; `serve` is told in its own way.
            Self::Adapter
            | Self::Completions(_)
            | Self::Supervise(_)
            | Self::Diagnose(_)
            | Self::Man(_)
            | Self::Seeds(_)
            | Self::Serve(_)
            | Self::Rules(_)
            | Self::Explain(_) => false,
        }
    }
}

/// See `partproof_protocol::supervise`.
#[derive(Debug, clap::Args)]
pub(crate) struct SuperviseArgs {
    /// The id of the process that asks, and the command
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) words: Vec<std::ffi::OsString>,
}

/// Print a script that completes commands and options in a shell.
///
/// For bash: `partproof completions bash > ~/.local/share/bash-completion/completions/partproof`. For zsh, write it as `_partproof` into a folder of
/// $fpath; for fish, as `partproof.fish` into ~/.config/fish/completions.
#[derive(Debug, clap::Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

/// Write the manual pages, one for each command.
#[derive(Debug, clap::Args)]
pub(crate) struct ManArgs {
    /// The folder to write to, such as ~/.local/share/man/man1
    #[arg(long, value_name = "DIR", default_value = "man")]
    pub(crate) out: PathBuf,
}

/// Try an adapter: does the program speak the line protocol, and does it do what it declares?
///
/// A few requests, one step at a time, and after each what was asked, what came back and what was expected. It does not judge the client
/// behind the adapter: `partproof check --subject` does. docs/ADAPTERS.md leads from the first failing step to an adapter that works.
#[derive(Debug, clap::Args)]
#[command(after_help = exit_code::HELP)]
pub(crate) struct SmokeArgs {
    /// The command of the program, or `built-in` for `partproof adapter`
    #[arg(long, value_name = "COMMAND")]
    pub(crate) subject: String,
    /// How many seconds it may take for an answer [default: 60 for an upload or download, else 10]
    #[arg(long, value_name = "SECONDS", value_parser = parse_seconds)]
    pub(crate) time_limit: Option<f64>,
    /// Print the steps as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Run a local OSS for buckets of objects, multipart uploads and client-side encryption.
///
/// It refuses what the service refuses, with the service's status, code and error number. The endpoint is printed on the first line,
/// then how to point each known client at it. Signatures V1 and V4 are verified, in headers and in presigned URLs.
#[derive(Debug, clap::Args)]
#[command(after_help = exit_code::HELP)]
pub(crate) struct ServeArgs {
    /// Where to listen, as `127.0.0.1:8090` or `localhost:8090`; a name has to be one of this machine's loopback; port 0 takes any that is free
    #[arg(long, default_value = "127.0.0.1:8090", value_name = "ADDRESS", value_parser = parse_listen)]
    pub(crate) listen: SocketAddr,
    /// The bucket that there is from the beginning
    #[arg(long, default_value = "examplebucket")]
    pub(crate) bucket: String,
    /// The region that V4 signatures are for
    #[arg(long, default_value = "cn-hangzhou")]
    pub(crate) region: String,
    /// The id of the key pair that signs
    #[arg(long, default_value = "AKIDEXAMPLE", value_name = "ID")]
    pub(crate) access_key_id: String,
    /// Its secret: one for tests only, for it is printed
    #[arg(long, default_value = "SECRETEXAMPLE", value_name = "SECRET")]
    pub(crate) access_key_secret: String,
    /// Accept requests whatever their signature
    #[arg(long)]
    pub(crate) no_verify: bool,
    /// Take requests that name this host, beside addresses and localhost; `*` takes any; may be given several times
    ///
    /// Any other is refused: a page whose name points here (DNS rebinding) would otherwise reach this server from a browser.
    #[arg(long = "allow-host", value_name = "NAME")]
    pub(crate) allow_hosts: Vec<String>,
    /// Take requests of the pages of this origin, such as http://localhost:3000, and let them read the answers; `*` takes any; may be given several times
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) cors: Vec<String>,
    /// Keep everything in this folder for the next start: a new one, or one of an earlier start
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Bring what is answered to the disk before it is answered, so that it outlives a power cut too
    #[arg(long, requires = "data_dir")]
    pub(crate) sync: bool,
    /// Write each request and each answer into this folder, for `partproof diagnose DIR`
    #[arg(long, value_name = "DIR")]
    pub(crate) record: Option<PathBuf>,
    /// A script of faults: which requests fail, and how, as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) script: Option<PathBuf>,
}

fn parse_listen(text: &str) -> Result<SocketAddr, String> {
    const EXPECTED: &str =
        "expected an address and a port, such as `127.0.0.1:8090` or `localhost:8090`";
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let mut addresses: Vec<_> = text
        .to_socket_addrs()
        .map_err(|error| format!("{error}; {EXPECTED}"))?
        .filter(|address| address.ip().is_loopback())
        .collect();
    // As the default: every client of such a name tries that one too.
    addresses.sort_by_key(SocketAddr::is_ipv6);
    let first = addresses.first().copied();
    first.ok_or_else(|| {
        format!("no name of the loopback address; {EXPECTED}, or the address itself")
    })
}

/// What stands for the built-in client among subjects.
pub(crate) const BUILT_IN: &str = "built-in";

/// What is judged.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct SubjectArgs {
    /// The command of a program that speaks the line protocol (docs/PROTOCOL.md), or `built-in` for the built-in client
    /// [default: the one of the report that is replayed, else `built-in`]
    #[arg(long, value_name = "COMMAND")]
    pub(crate) subject: Option<String>,
    /// How many seconds that program may take for an answer [default: 60 for an upload or download, else 10]
    #[arg(long, value_name = "SECONDS", value_parser = parse_seconds)]
    pub(crate) time_limit: Option<f64>,
}

fn parse_seconds(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(seconds) if (0.001..=86_400.0).contains(&seconds) => Ok(seconds),
        _ => Err("expected seconds, from 0.001 to 86400".to_owned()),
    }
}

/// Let every client read what every other wrote.
///
/// Whole and by range, and the model is one more of each. Where bytes differ, the model tells whose doing it is: it reads what the writer stored, and writes what the reader is to read.
#[derive(Debug, clap::Args)]
#[command(after_help = exit_code::HELP)]
pub(crate) struct MatrixArgs {
    #[command(flatten)]
    pub(crate) subjects: SubjectsArgs,
    /// Only this case, as a finding's replay line has it
    #[arg(long, value_name = "JSON")]
    pub(crate) case: Option<String>,
    /// Only every N-th case, from the I-th on: `1/3`, `2/3` and `3/3` on three machines judge all
    #[arg(long, value_name = "I/N", value_parser = check::parse_shard, conflicts_with = "case")]
    pub(crate) shard: Option<Shard>,
    /// Also write the matrix to a file; KIND is `json` or `html`; may be given several times
    #[arg(long = "report", value_name = "KIND=FILE", value_parser = parse_matrix_report)]
    pub(crate) reports: Vec<MatrixReportFile>,
    /// Print the matrix as JSON instead of the table
    #[arg(long)]
    pub(crate) json: bool,
}

/// Measure how surely and how soon a check finds what is wrong, and how often it accuses who is right.
///
/// Each fault of the bank is run by its law alone until the first finding, at one seed after the other, beside tests that draw without aim; then each right variant by
/// all laws. Exits with 1 if a fault was missed at some seed, or a variant accused. docs/POWER.md tells what the figures are.
#[derive(Debug, clap::Args)]
#[command(after_help = exit_code::HELP)]
pub(crate) struct PowerArgs {
    /// At how many seeds, from 1 on
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub(crate) seeds: u64,
    /// At how many of them the tests without aim are run, which take their whole budget where they find nothing
    #[arg(long, default_value_t = 3, value_name = "N", value_parser = clap::value_parser!(u64).range(..=10_000))]
    pub(crate) baseline_seeds: u64,
    /// At how many of them right variants are judged, which takes most of the time [default: at all]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(..=10_000))]
    pub(crate) variant_seeds: Option<u64>,
    /// Only the faults and variants that match: `plan-*`; may be given several times
    #[arg(long = "only", value_name = "GLOB")]
    pub(crate) only: Vec<String>,
    /// Of these only every N-th, from the I-th on: `1/3`, `2/3` and `3/3` on three machines measure all
    #[arg(long, value_name = "I/N", value_parser = check::parse_shard)]
    pub(crate) shard: Option<Shard>,
    /// Also write the measurement to a file; KIND is `json` or `html`; may be given several times
    #[arg(long = "report", value_name = "KIND=FILE", value_parser = parse_matrix_report)]
    pub(crate) reports: Vec<MatrixReportFile>,
    /// Print it as JSON instead of the table
    #[arg(long)]
    pub(crate) json: bool,
}

/// Several to judge.
#[derive(Debug, clap::Args)]
pub(crate) struct SubjectsArgs {
    /// The command of a program that speaks the line protocol, or `built-in`; may be given several times. Clients of one name are numbered
    #[arg(long = "subject", value_name = "COMMAND", required = true)]
    pub(crate) subjects: Vec<String>,
    /// How many seconds a program may take for an answer [default: 60 for an upload or download, else 10]
    #[arg(long, value_name = "SECONDS", value_parser = parse_seconds)]
    pub(crate) time_limit: Option<f64>,
}

/// A matrix to write.
#[derive(Clone, Debug)]
pub(crate) struct MatrixReportFile {
    pub(crate) kind: MatrixReportKind,
    pub(crate) file: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MatrixReportKind {
    Json,
    Html,
}

fn parse_matrix_report(text: &str) -> Result<MatrixReportFile, String> {
    let (kind, file) = match text.split_once('=') {
        Some(("json", file)) if !file.is_empty() => (MatrixReportKind::Json, file),
        Some(("html", file)) if !file.is_empty() => (MatrixReportKind::Html, file),
        _ => {
            return Err(format!(
                "`{}`, expected json=FILE or html=FILE",
                visible(text)
            ));
        }
    };
    Ok(MatrixReportFile {
        kind,
        file: file.into(),
    })
}

/// Read captured HTTP messages and say which rule an upload breaks and how to mend it.
///
/// Takes raw messages (one or several a file, CRLF or LF, requests with or without responses, incomplete or masked),
/// `curl -v` output and HAR, from files, directories or standard input (`-`).
#[derive(Debug, clap::Args)]
#[command(after_help = exit_code::HELP)]
pub(crate) struct DiagnoseArgs {
    /// What there is of a failed upload, at most 256 MiB each: HTTP messages, a log of a client or a proxy, a HAR, an error, a list of parts. A folder is
    /// read with all below it, in the order of names; without a file, or for `-`, standard input
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Print how each file was read, line by line, and judge nothing
    #[arg(long, conflicts_with = "json")]
    pub(crate) explain_form: bool,
    /// The RSA private key (PEM, 2,048 to 8,192 bits) that unwraps the content key: every part is then decrypted
    #[arg(long, value_name = "FILE")]
    pub(crate) master_key: Option<PathBuf>,
    /// The object's plaintext: with the master key, every part is compared with it byte for byte
    #[arg(long, value_name = "FILE", requires = "master_key")]
    pub(crate) plaintext: Option<PathBuf>,
    /// Print the diagnosis as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Run one case of a finding again: fixed, still failing, or cannot run.
#[derive(Debug, clap::Args)]
#[command(after_help = exit_code::HELP)]
pub(crate) struct ReplayArgs {
    #[command(flatten)]
    pub(crate) subject: SubjectArgs,
    /// The token of a finding (`LAW:{...}`), a file with one, a case file, a JSON report, a fuzzer's input, or `-`
    #[arg(value_name = "FILE|TOKEN", required_unless_present = "all")]
    pub(crate) what: Option<String>,
    /// All that failed before on the subjects of --failures, each on its own; what held ten times is dropped there
    #[arg(long, conflicts_with_all = ["what", "subject", "target"])]
    pub(crate) all: bool,
    /// What failed before [default: .partproof/failures.toml]
    #[arg(long, value_name = "FILE", requires = "all")]
    pub(crate) failures: Option<PathBuf>,
    /// FILE is an input of this fuzz target, such as a crash; not needed where the file lies in a folder of that name
    #[arg(long, value_name = "TARGET", value_parser = parse_target)]
    pub(crate) target: Option<&'static Target>,
    /// Show what went over the wire where a whole client still fails
    #[arg(long)]
    pub(crate) trace: bool,
}

/// Write seeds and dictionaries for the fuzz targets.
///
/// Seeds go to DIR/corpus/TARGET, dictionaries to DIR/dict/TARGET.dict. What is there already stays; the same version writes the same
/// files.
#[derive(Debug, clap::Args)]
pub(crate) struct SeedsArgs {
    /// Only these targets
    #[arg(value_name = "TARGET", value_parser = parse_target)]
    pub(crate) targets: Vec<&'static Target>,
    /// Where to
    #[arg(long, value_name = "DIR", default_value = "fuzz")]
    pub(crate) out: PathBuf,
}

fn parse_target(text: &str) -> Result<&'static Target, String> {
    fuzz::find(text).ok_or_else(|| {
        let ids: Vec<_> = fuzz::targets().map(|target| target.id).collect();
        format!("expected one of {}", ids.join(", "))
    })
}

/// List the rules of the service and of the wire format, or the laws.
#[derive(Debug, clap::Args)]
pub(crate) struct RulesArgs {
    /// List the laws instead of the rules
    #[arg(long)]
    pub(crate) laws: bool,
    /// Print as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Explain a rule, a law, an error number (0005-00000411, or 411) or an open question (A2).
#[derive(Debug, clap::Args)]
pub(crate) struct ExplainArgs {
    /// A rule or law by its id, an error number such as 0005-00000411 or 411, or a question such as A2
    #[arg(value_name = "ID")]
    pub(crate) id: String,
}

/// Hold a client to the test vectors, or keep them: docs/VECTORS.md describes the files.
#[derive(Debug, clap::Args)]
#[command(after_help = exit_code::HELP)]
pub(crate) struct VectorsArgs {
    #[command(subcommand)]
    pub(crate) command: VectorsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum VectorsCommand {
    Verify(VectorsVerifyArgs),
    Refresh(VectorsRefreshArgs),
    Record(VectorsRecordArgs),
    Export(VectorsExportArgs),
}

/// Make everything in files of vectors anew that follows from what their cases give, and format them.
///
/// Numbers, results, answers and the notes of open questions are derived; what a case gives, its comment, its flags and their notes stay. To
/// add a case, write into its group what it gives (docs/VECTORS.md has the tables) and refresh the file. A file is written only if it
/// changes, and none if one of them has a case that cannot be.
#[derive(Debug, clap::Args)]
#[command(after_help = exit_code::HELP)]
pub(crate) struct VectorsRefreshArgs {
    /// Files of vectors, or folders of them
    #[arg(value_name = "FILE", default_value = "crates/vectors/data")]
    pub(crate) files: Vec<PathBuf>,
    /// Write nothing: say which files differ, and where first
    #[arg(long)]
    pub(crate) check: bool,
}

/// Write the files that this version knows, and their schema.
#[derive(Debug, clap::Args)]
#[command(after_help = exit_code::HELP)]
pub(crate) struct VectorsExportArgs {
    /// The folder to write to
    #[arg(long, value_name = "DIR", default_value = "vectors")]
    pub(crate) out: PathBuf,
}

/// Let clients write objects in parts, and record them as a file of vectors.
///
/// Each client draws its own keys, so every run records other bytes: a file keeps what a version wrote, for readers that come after it.
/// An object that the model would not store is not recorded.
#[derive(Debug, clap::Args)]
#[command(after_help = exit_code::HELP)]
pub(crate) struct VectorsRecordArgs {
    #[command(flatten)]
    pub(crate) subjects: SubjectsArgs,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

/// Say which cases a client fails, the built-in one or a program, and why.
///
/// The model looks at every case as well: a file that says something else is no measure. Cases that a client may refuse, and
/// those for which it has no piece (service sequences, keys of other lengths), are counted by themselves and never as passed.
#[derive(Debug, clap::Args)]
#[command(after_help = exit_code::HELP)]
pub(crate) struct VectorsVerifyArgs {
    #[command(flatten)]
    pub(crate) subject: SubjectArgs,
    /// Files of vectors, or folders of them; without any, those that this version knows
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Print the result as JSON
    #[arg(long)]
    pub(crate) json: bool,
}
