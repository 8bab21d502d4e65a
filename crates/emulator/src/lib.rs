//! A local Alibaba Cloud OSS for multipart uploads and client-side encryption. Every verdict is the model's; the emulator keeps bytes
//! and speaks HTTP. It listens on a loopback address, verifies signatures, and forgets everything when it ends, unless it is given a
//! folder.
//!
//! ```
//! use partproof_emulator::{Config, Emulator};
//!
//! let emulator = Emulator::start(Config::default())?;
//! println!("an OSS at http://{}", emulator.address());
//! # std::io::Result::Ok(())
//! ```

mod action;
mod admission;
mod answer;
mod bucket;
mod contents;
mod entry;
mod exchange;
mod failpoint;
mod folder;
mod handler;
mod journal;
mod operation;
mod paced;
mod record;
mod request;
mod script;
mod server;
mod signature;
mod spool;
mod state;
mod store;
pub mod temporary;
mod time;
mod traffic;

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

pub use admission::Admission;
pub use contents::{Content, OpenUpload, StoredObject, StoredPart};
pub use exchange::{Asked, Exchange, Exchanger, NOW, Restart};
pub use failpoint::{Failpoint, Failpoints};
pub use operation::Operation;
pub use partproof_model::question::{Lean, Question};
pub use record::{Pages, Recording, Written};
pub use script::{Fault, PlannedFault, Script};
pub use server::Emulator;
pub use signature::AccessKey;
pub use traffic::Traffic;

/// What an emulator is like. The default is a bucket and a key pair that need no options, for tests only.
pub struct Config {
    /// Where to listen; port 0 takes any that is free.
    pub listen: SocketAddr,
    /// The region that a V4 signature is for.
    pub region: String,
    /// The bucket that there is from the beginning.
    pub bucket: String,
    /// The key pair that signs.
    pub access_key: AccessKey,
    /// Whether signatures are verified.
    pub verifies_signatures: bool,
    /// What browsers may ask.
    pub admission: Admission,
    /// A folder that keeps everything for the next start.
    pub data_dir: Option<PathBuf>,
    /// Whether what is answered is on the disk, so that it outlives a power cut too.
    pub syncs: bool,
    /// Where the disk fails on purpose, for tests of that folder.
    pub failpoints: Failpoints,
    /// Whether bodies are stored. Without, they are digested and forgotten: for uploads of gigabytes of which nothing is read back.
    pub stores_bodies: bool,
    /// Where each request and answer is written down as raw HTTP.
    pub record: Option<Recording>,
    /// What goes wrong on purpose.
    pub script: Script,
    /// Open questions of the service that are decided otherwise than the model leans. Not with a folder: what it keeps was judged as the model leans.
    pub decisions: Vec<(Question, Lean)>,
    /// Whether ids of uploads have characters that a query must encode. Not with a folder.
    pub encoded_ids: bool,
    /// Whether names of headers are answered `Like-This` instead of `like-this`.
    pub title_case: bool,
    /// Told of each request that was carried out or refused, before it is answered.
    pub observer: Option<Observer>,
    /// What is bounded.
    pub limits: Limits,
}

/// Who is told of a request: its operation, and its part number if it has one.
pub type Observer = Box<dyn Fn(Operation, Option<u64>) + Send + Sync>;

impl fmt::Debug for Config {
    /// Without the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            listen,
            region,
            bucket,
            ..
        } = self;
        f.debug_struct("Config")
            .field("listen", listen)
            .field("region", region)
            .field("bucket", bucket)
            .finish_non_exhaustive()
    }
}

/// Bounds for what clients can take up.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of a request's head.
    pub head: usize,
    /// Bytes of a body.
    pub body: u64,
    /// Bytes of all part lists that are read at once; more wait.
    pub lists: usize,
    /// Uploads that are open in a bucket at once.
    pub uploads: usize,
    /// Entries of a journal from which on it is written anew when most of them are dead.
    pub journal: u64,
    /// Connections at once; more wait.
    pub connections: usize,
    /// How long a connection may be silent: between two requests, within one, and while an answer waits to be read.
    pub idle: Duration,
    /// Bytes a second that a body must bring at least, and that a reader must take of an answer, after the time that they may be silent.
    pub slowest: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            region: "cn-hangzhou".to_owned(),
            bucket: "examplebucket".to_owned(),
            access_key: AccessKey {
                id: "AKIDEXAMPLE".to_owned(),
                secret: "SECRETEXAMPLE".to_owned(),
            },
            verifies_signatures: true,
            admission: Admission::default(),
            data_dir: None,
            syncs: false,
            failpoints: Failpoints::default(),
            stores_bodies: true,
            record: None,
            observer: None,
            script: Script::default(),
            decisions: Vec::new(),
            encoded_ids: false,
            title_case: false,
            limits: Limits::default(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: 64 * 1024,
            body: partproof_model::limits::MAX_PART_SIZE,
            lists: 32 * 1024 * 1024,
            uploads: 1_000,
            journal: 1_000,
            connections: 256,
            idle: Duration::from_secs(30),
            slowest: 1_024,
        }
    }
}
