//! The stage on which a whole client is judged: an emulator in this process, a folder for files, and the record of what went over the wire.

pub mod exchange;
pub mod left;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::fcntl::OFlag;
use partproof_emulator::temporary::TemporaryFolder;
use partproof_emulator::{
    Config, Emulator, Limits, Observer, Pages, PlannedFault, Recording, Script,
};

use self::exchange::Exchange;
use crate::case::manner::Manner;
use partproof_suite::law::{Held, Unheld};
use partproof_suite::laws::envelope::MASTER;
use partproof_suite::plaintext::Plaintext;
use partproof_suite::runner::guarded;
use partproof_suite::subject::client::{Service, Signature};

/// One run of one client.
pub struct Stage {
    folder: TemporaryFolder,
    pages: Pages,
    endpoint: String,
    /// The service.
    pub emulator: Emulator,
}

const REGION: &str = "cn-hangzhou";
const BUCKET: &str = "examplebucket";
const ID: &str = "AKIDEXAMPLE";
const SECRET: &str = "SECRETEXAMPLE";
/// A client that announces more than it sends is waited for so long.
const SILENCE: Duration = Duration::from_secs(5);
/// So long where that is what the case is about: a client that tries again and again would seem to hang.
const SHORT_SILENCE: Duration = Duration::from_secs(1);

impl Stage {
    /// Sets one up, with what goes wrong on it.
    pub fn set(faults: &[PlannedFault], observer: Option<Observer>) -> Result<Self, Unheld> {
        Self::of(&Manner::default(), faults, observer)
    }

    /// Sets one up with a service of this manner.
    pub fn of(
        manner: &Manner,
        faults: &[PlannedFault],
        observer: Option<Observer>,
    ) -> Result<Self, Unheld> {
        Self::with(true, SILENCE, manner, faults, observer)
    }

    /// Sets up one for a source that ends early: a client that sends less of it than it announced is soon dropped.
    pub fn set_for_an_early_end(observer: Observer) -> Result<Self, Unheld> {
        let manner = Manner::default();
        Self::with(true, SHORT_SILENCE, &manner, &[], Some(observer))
    }

    /// Sets up one that keeps digests instead of bodies, and no record: for uploads that would fill the disk.
    pub fn set_for_digests() -> Result<Self, Unheld> {
        Self::with(false, SILENCE, &Manner::default(), &[], None)
    }

    fn with(
        records: bool,
        silence: Duration,
        manner: &Manner,
        faults: &[PlannedFault],
        observer: Option<Observer>,
    ) -> Result<Self, Unheld> {
        let set = || {
            let folder = TemporaryFolder::new()?;
            let pages = Pages::default();
            let emulator = Emulator::start(Config {
                stores_bodies: records,
                record: records.then(|| Recording::Memory(pages.clone())),
                script: Script::new(faults.to_vec()),
                decisions: manner.decisions(),
                encoded_ids: manner.encoded_ids,
                title_case: manner.title_case,
                observer,
                limits: Limits {
                    idle: silence,
                    ..Limits::default()
                },
                ..Config::default()
            })?;
            Ok(Self {
                folder,
                pages,
                endpoint: format!("http://{}", emulator.address()),
                emulator,
            })
        };
        set().map_err(|error: io::Error| unable(&error))
    }

    /// How a client reaches it.
    pub fn service(&self, signature: Signature) -> Service<'_> {
        Service {
            endpoint: &self.endpoint,
            region: REGION,
            bucket: BUCKET,
            access_key_id: ID,
            access_key_secret: SECRET,
            signature,
            master: MASTER,
            description: &[],
            others: &[],
            shared: None,
        }
    }

    /// The path of a file in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a plaintext into a file.
    pub fn source(&self, name: &str, plaintext: Plaintext) -> Result<PathBuf, Unheld> {
        let path = self.path(name);
        write(&path, plaintext).map_err(|error| unable(&error))?;
        Ok(path)
    }

    /// What went over the wire so far, as pages.
    pub fn pages(&self) -> &Pages {
        &self.pages
    }

    /// What comes of a case; if that is a violation, or the client breaks, with what went over the wire.
    pub fn told(&self, judge: impl FnOnce() -> Held) -> Held {
        guarded(judge).map_err(|mut unheld| {
            if let Unheld::Violated(violation) = &mut unheld {
                violation.evidence.exchanges = exchange::shown(&self.pages, &violation.evidence);
            }
            unheld
        })
    }

    /// What went over the wire so far, in the order in which requests arrived.
    pub fn exchanges(&self) -> Result<Vec<Exchange>, Unheld> {
        exchange::read_all(&self.pages).map_err(|error| unable(&error))
    }
}

/// Writes a plaintext into a file, however long it is.
pub fn write(path: &Path, plaintext: Plaintext) -> io::Result<()> {
    const PIECE: u64 = 1 << 20;
    // A subject may have put there what nobody reads.
    let flags = OFlag::O_NONBLOCK | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    let file = options.custom_flags(flags.bits()).open(path)?;
    if plaintext.seed == 0 {
        // A hole in the file costs no disk.
        return file.set_len(plaintext.length);
    }
    let mut file = BufWriter::new(file);
    let mut offset = 0;
    while offset < plaintext.length {
        let end = offset.saturating_add(PIECE);
        file.write_all(&plaintext.slice(offset..end))?;
        offset = end;
    }
    file.into_inner()
        .map(drop)
        .map_err(|error| error.into_error())
}

/// The machine, not the subject, is the reason.
pub fn unable(error: &io::Error) -> Unheld {
    Unheld::CannotRun(error.to_string())
}
