//! The whole client against the emulator: how fast uploads and downloads are beside MD5 of as many bytes, and how much memory either side
//! takes. Both run in processes of their own where memory is measured. The bench fails if a bound on memory is broken, or a byte wrong.
//!
//! `cargo bench -p partproof --bench whole_client`, and `-- memory` or `-- speed` for one half; docs/METHODOLOGY.md says what is compared.

use std::error::Error;
use std::fmt;
use std::fs::{self, File};
use std::hint::black_box;
use std::io::{self, BufRead, BufReader};
use std::num::{NonZeroUsize, TryFromIntError};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitCode, Stdio};
use std::str::FromStr;
use std::time::{Duration, Instant};

use md5::{Digest, Md5};
use partproof_client::{
    Bucket, Credentials, DownloadOptions, EncryptedObject, MasterKey, PREFERRED_PART_SIZE, Source,
    SourceState, UploadOptions, upload,
};

type Outcome<T> = Result<T, Box<dyn Error>>;

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
/// 1 GiB makes 10,000 parts of this size.
const SMALL_PART: u64 = 107_376;

/// Turns of a speed, after one that is verified.
const TURNS: usize = 10;
const SPEEDS: [Transfer; 5] = [
    Transfer::new(128 * MIB, PREFERRED_PART_SIZE, 1),
    Transfer::new(128 * MIB, PREFERRED_PART_SIZE, 2),
    Transfer::new(128 * MIB, PREFERRED_PART_SIZE, 4),
    Transfer::new(128 * MIB, MIB, 2),
    Transfer::new(128 * MIB, SMALL_PART, 2),
];

/// Bytes that the emulator may have resident, whatever is uploaded.
const EMULATOR_BOUND: u64 = 150 * MIB;
/// Bytes that a client may have resident besides a part for each thread.
const CLIENT_BESIDES: u64 = 16 * MIB;
/// How many clients are there at once, and what each does.
const MEMORIES: [(u32, Transfer); 7] = [
    (1, Transfer::new(GIB, SMALL_PART, 2)),
    (8, Transfer::new(256 * MIB, SMALL_PART, 2)),
    (8, Transfer::new(256 * MIB, PREFERRED_PART_SIZE, 2)),
    (1, Transfer::new(128 * MIB, PREFERRED_PART_SIZE, 2)),
    (1, Transfer::new(GIB, PREFERRED_PART_SIZE, 2)),
    (1, Transfer::new(GIB, PREFERRED_PART_SIZE, 4)),
    (1, Transfer::new(GIB, 64 * MIB, 2)),
];

fn main() -> ExitCode {
    // Cargo adds a word of its own.
    let words: Vec<_> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["client", endpoint, object, transfer] => be_client(endpoint, object, transfer),
        ["speed"] => measure_speeds(),
        ["memory"] => measure_memories(),
        [] => measure_speeds().and_then(|()| measure_memories()),
        _ => Err("expected nothing, `speed` or `memory`".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure_speeds() -> Outcome<()> {
    println!(
        "
speed / speed of MD5 on one core, median (min..max) of {TURNS} paired turns
{:<42} {:<20} download",
        "", "upload"
    );
    for transfer in SPEEDS {
        let scratch = tempfile::tempdir()?;
        let server = Server::start(scratch.path())?;
        let client = Client::new(&server.endpoint, "object", transfer)?;
        let copy = scratch.path().join("copy");
        client.upload()?;
        client.download(&copy)?;
        client.check(&copy)?;
        let (mut uploads, mut downloads) = (Vec::new(), Vec::new());
        for _ in 0..TURNS {
            let md5 = time(|| {
                client.source.digest(transfer.part_size);
                Ok(())
            })?;
            uploads.push(md5.div_duration_f64(time(|| client.upload())?));
            downloads.push(md5.div_duration_f64(time(|| client.download(&copy))?));
        }
        println!(
            "{:<42} {:<20} {}",
            transfer.to_string(),
            Spread::of(uploads)?.to_string(),
            Spread::of(downloads)?
        );
    }
    Ok(())
}

fn measure_memories() -> Outcome<()> {
    println!(
        "
most MiB resident, and how many may be; of several clients that of the largest
{:<48} {:<12} {:<18} client, then downloading",
        "", "emulator", "client, uploading"
    );
    let mut broken = 0;
    for (count, transfer) in MEMORIES {
        let scratch = tempfile::tempdir()?;
        let server = Server::start(scratch.path())?;
        let start = |number| {
            Command::new(std::env::current_exe()?)
                .args(["client", &server.endpoint, &format!("object-{number}")])
                .arg(transfer.word())
                .env("TMPDIR", scratch.path())
                .stdout(Stdio::piped())
                .spawn()
        };
        let clients: Vec<_> = (0..count).map(start).collect::<io::Result<_>>()?;
        let (mut uploading, mut downloading) = (0, 0);
        for client in clients {
            let output = client.wait_with_output()?;
            let said = String::from_utf8(output.stdout)?;
            let (first, second) = said.trim().split_once(' ').ok_or("a client failed")?;
            uploading = uploading.max(first.parse()?);
            downloading = downloading.max(second.parse()?);
        }
        let Transfer {
            part_size, threads, ..
        } = transfer;
        let emulator = Peak {
            bytes: peak_of(&server.process.id().to_string())?,
            bound: EMULATOR_BOUND,
        };
        let uploading = Peak {
            bytes: uploading,
            bound: threads * part_size + CLIENT_BESIDES,
        };
        let downloading = Peak {
            bytes: downloading,
            bound: threads * part_size.max(PREFERRED_PART_SIZE) + CLIENT_BESIDES,
        };
        println!(
            "{:<48} {:<12} {:<18} {downloading}",
            format!("{count} x {transfer}"),
            emulator.to_string(),
            uploading.to_string()
        );
        let peaks = [emulator, uploading, downloading];
        broken += peaks.iter().filter(|peak| peak.is_broken()).count();
    }
    match broken {
        0 => Ok(()),
        _ => Err(format!("{broken} bounds on memory are broken").into()),
    }
}

/// A client in a process of its own: uploads and downloads once, and says its peak after each.
fn be_client(endpoint: &str, object: &str, transfer: &str) -> Outcome<()> {
    let client = Client::new(endpoint, object, transfer.parse()?)?;
    let copy = tempfile::tempdir()?;
    client.upload()?;
    let uploading = peak_of("self")?;
    client.download(&copy.path().join("copy"))?;
    println!("{uploading} {}", peak_of("self")?);
    Ok(())
}

/// How an object is uploaded. It is downloaded by as many threads.
#[derive(Clone, Copy)]
struct Transfer {
    length: u64,
    part_size: u64,
    threads: u64,
}

impl Transfer {
    const fn new(length: u64, part_size: u64, threads: u64) -> Self {
        Transfer {
            length,
            part_size,
            threads,
        }
    }

    /// As one word of a command line.
    fn word(self) -> String {
        let Transfer {
            length,
            part_size,
            threads,
        } = self;
        format!("{length}/{part_size}/{threads}")
    }
}

impl FromStr for Transfer {
    type Err = Box<dyn Error>;

    fn from_str(words: &str) -> Outcome<Self> {
        let numbers: Result<Vec<u64>, _> = words.split('/').map(str::parse).collect();
        match numbers?.as_slice() {
            &[length, part_size, threads] => Ok(Transfer::new(length, part_size, threads)),
            _ => Err(format!("{words} is no transfer").into()),
        }
    }
}

impl fmt::Display for Transfer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = self.length.div_ceil(self.part_size);
        let (mebibytes, threads) = (self.length / MIB, self.threads);
        write!(f, "{mebibytes} MiB in {parts} parts, {threads} at a time")
    }
}

/// `partproof serve` in a process of its own.
struct Server {
    process: Child,
    endpoint: String,
    /// What it has to say has to go somewhere.
    _output: BufReader<ChildStdout>,
}

impl Server {
    fn start(scratch: &Path) -> Outcome<Self> {
        let mut process = Command::new(env!("CARGO_BIN_EXE_partproof"))
            .args(["serve", "--listen", "127.0.0.1:0"])
            .env("TMPDIR", scratch)
            .stdout(Stdio::piped())
            .spawn()?;
        let output = process.stdout.take().ok_or("it has no output")?;
        let (mut output, mut endpoint) = (BufReader::new(output), String::new());
        output.read_line(&mut endpoint)?;
        Ok(Server {
            process,
            endpoint: endpoint.trim().to_owned(),
            _output: output,
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // What it stored goes with its scratch folder.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

struct Client<'c> {
    bucket: Bucket,
    object: &'c str,
    master: MasterKey,
    source: Repeated,
    part_size: u64,
    threads: NonZeroUsize,
}

impl<'c> Client<'c> {
    fn new(endpoint: &str, object: &'c str, transfer: Transfer) -> Outcome<Self> {
        let credentials = Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE");
        Ok(Client {
            bucket: Bucket::new(endpoint, "cn-hangzhou", "examplebucket", credentials)?,
            object,
            master: MasterKey::from_pem(include_str!("../crates/suite/keys/master.pem"))?,
            source: Repeated::new(transfer.length),
            part_size: transfer.part_size,
            threads: usize::try_from(transfer.threads)?.try_into()?,
        })
    }

    fn upload(&self) -> Outcome<()> {
        let options = UploadOptions {
            part_size: Some(self.part_size),
            concurrency: self.threads,
            ..UploadOptions::default()
        };
        upload(
            &self.bucket,
            self.object,
            &self.master,
            &self.source,
            &options,
        )?;
        Ok(())
    }

    fn download(&self, copy: &Path) -> Outcome<()> {
        let options = DownloadOptions {
            concurrency: self.threads,
            ..DownloadOptions::default()
        };
        let object = EncryptedObject::open(&self.bucket, self.object, &self.master, options)?;
        object.read_to_file(copy)?;
        Ok(())
    }

    /// Whether what was downloaded is what was uploaded.
    fn check(&self, copy: &Path) -> Outcome<()> {
        let copy = File::open(copy)?;
        let (mut offset, mut buffer) = (0, Vec::new());
        for expected in self.source.slices(0, self.source.length) {
            buffer.resize(expected.len(), 0);
            Source::read_exact_at(&copy, offset, &mut buffer)?;
            offset += length_of(expected)?;
            if buffer != expected {
                return Err(format!("the copy differs before byte {offset}").into());
            }
        }
        match copy.metadata()?.len() == self.source.length {
            true => Ok(()),
            false => Err("the copy is longer".into()),
        }
    }
}

/// A source of any length in little memory: some bytes again and again. Their number is odd, so parts differ.
struct Repeated {
    block: Vec<u8>,
    length: u64,
}

impl Repeated {
    fn new(length: u64) -> Self {
        let mut state = 1_u32;
        let block = (1..MIB).map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        });
        Repeated {
            block: block.collect(),
            length,
        }
    }

    /// These bytes, in as many slices as it takes.
    fn slices(&self, offset: u64, length: u64) -> impl Iterator<Item = &[u8]> {
        let (mut offset, end) = (offset, self.length.min(offset.saturating_add(length)));
        std::iter::from_fn(move || {
            let start = usize::try_from(offset % length_of(&self.block).ok()?).ok()?;
            let rest = self.block.get(start..)?;
            let most = usize::try_from(end.checked_sub(offset)?).ok()?;
            let slice = rest.get(..most).unwrap_or(rest);
            offset += length_of(slice).ok()?;
            (!slice.is_empty()).then_some(slice)
        })
    }

    /// MD5 of every part, by the emulator's library.
    fn digest(&self, part_size: u64) {
        let mut offset = 0;
        while offset < self.length {
            let mut md5 = Md5::new();
            self.slices(offset, part_size)
                .for_each(|slice| md5.update(slice));
            black_box(md5.finalize());
            offset += part_size;
        }
    }
}

impl Source for Repeated {
    fn state(&self) -> io::Result<SourceState> {
        Ok(SourceState {
            length: self.length,
            modified: None,
        })
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let wanted = length_of(buffer).map_err(io::Error::other)?;
        if offset.saturating_add(wanted) > self.length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut rest = buffer;
        for slice in self.slices(offset, wanted) {
            let (filled, left) = rest.split_at_mut(slice.len());
            filled.copy_from_slice(slice);
            rest = left;
        }
        Ok(())
    }
}

fn length_of(bytes: &[u8]) -> Result<u64, TryFromIntError> {
    u64::try_from(bytes.len())
}

fn time(action: impl FnOnce() -> Outcome<()>) -> Outcome<Duration> {
    let start = Instant::now();
    action()?;
    Ok(start.elapsed())
}

/// The most bytes that a process had resident.
fn peak_of(process: &str) -> Outcome<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    let kibibytes: u64 = kibibytes.ok_or("this system does not say it")?.parse()?;
    Ok(kibibytes * KIB)
}

/// The most bytes that a process had resident, and how many it may have.
struct Peak {
    bytes: u64,
    bound: u64,
}

impl Peak {
    fn is_broken(&self) -> bool {
        self.bytes > self.bound
    }
}

impl fmt::Display for Peak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [bytes, bound] = [self.bytes, self.bound].map(|bytes| bytes.div_ceil(MIB));
        let verdict = if self.is_broken() { ", BROKEN" } else { "" };
        write!(f, "{bytes} of {bound}{verdict}")
    }
}

/// The middle and the ends of some ratios.
struct Spread {
    min: f64,
    median: f64,
    max: f64,
}

impl Spread {
    fn of(mut ratios: Vec<f64>) -> Outcome<Self> {
        ratios.sort_by(f64::total_cmp);
        let at = |index| ratios.get(index).copied().ok_or("no turn was measured");
        Ok(Spread {
            min: at(0)?,
            median: at(ratios.len() / 2)?,
            max: at(ratios.len() - 1)?,
        })
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} ({:.2}..{:.2})", self.median, self.min, self.max)
    }
}
