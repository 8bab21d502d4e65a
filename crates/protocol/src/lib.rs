//! The line protocol: one JSON object a line, to a subject in any language and back. `docs/PROTOCOL.md` describes it.
//!
//! A [`Process`] is a subject that runs; it is asked a [`Request`] and gives an [`Answer`], or it is [`Broke`] and of no use
//! any more. What an answer says is read by its operation's type, strictly: a misspelt name is told, not passed over.

mod answer;
mod broke;
mod bytes;
mod command_line;
mod object;
mod plan;
mod process;
mod request;
mod running;
#[cfg(feature = "schema")]
mod schema;
mod supervisor;
mod usage;

pub use answer::{
    Answer, Benched, Ciphertext, Description, Downloaded, ErrorAnswer, ErrorKind, PartListBody,
    Plaintext, Uploaded, reread,
};
pub use broke::{Broke, How};
pub use bytes::Base64;
pub use command_line::CommandLine;
pub use plan::{Planned, PlannedPart};
pub use process::Process;
pub use request::{
    DescribedKey, DownloadArguments, Feature, ListedPart, MasterKey, Op, Pieces, Range, Request,
    ServiceArguments, SignatureVersion, UploadArguments, UploadOptions,
};
pub use running::{break_all, end_all};
#[cfg(feature = "schema")]
pub use schema::json_schema;
pub use supervisor::{adopt, supervise};
pub use usage::Usage;

/// The version that this crate speaks.
pub const VERSION: u32 = 1;

/// The most bytes of a line, without its line feed.
pub const MAX_LINE: usize = 16 << 20;
