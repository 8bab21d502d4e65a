//! Properties of Partproof itself: what it reads from outside, and its emulator. They are laws like those of clients, so that the same runner,
//! fuzzer and replay serve them; but they are none of a client's business, so no run of `check` has them.

pub mod answer_line;
mod builtin;
mod builtin_emulator;
pub mod capture;
pub mod case_file;
pub mod checkpoint;
pub mod emulator;
pub mod vectors;

use partproof_emulator::{Exchange, Restart};

use emulator::cases::Access;
use partproof_suite::law::{Law, Piece};
use partproof_suite::subject::{Refusal, Subject};

pub use builtin::{EMULATOR, OWN, READER};

/// Every property.
pub static PROPERTIES: &[&Law] = &[
    &capture::ANY_CAPTURE,
    &case_file::ANY_CASE_FILE,
    &vectors::ANY_VECTORS,
    &checkpoint::ANY_CHECKPOINT,
    &answer_line::ANY_ANSWER_LINE,
    &emulator::ANY_EXCHANGE,
    &emulator::ANY_JOURNAL,
    &emulator::ANY_SCRIPT,
];

/// The built-in client, and Partproof's own readers and emulator.
pub fn subject() -> Subject<'static> {
    Subject {
        own: Some(&OWN),
        ..crate::builtin::subject()
    }
}

/// What these properties are about; a subject has it as [`Subject::own`].
#[derive(Clone, Copy, Default)]
#[allow(missing_docs, reason = "each field is the piece of that name")]
pub struct Own {
    pub reader: Option<&'static dyn OwnReader>,
    pub emulator: Option<&'static dyn OwnEmulator>,
}

/// What Partproof itself reads from outside. Clients have no such piece.
pub trait OwnReader: Sync {
    /// Reads a capture and diagnoses it.
    ///
    /// # Errors
    /// Whatever is no capture.
    fn capture(&self, bytes: &[u8]) -> Result<(), Refusal>;

    /// Reads what is to be replayed.
    ///
    /// # Errors
    /// Whatever is no case.
    fn case_file(&self, bytes: &[u8]) -> Result<(), Refusal>;

    /// Reads a file of vectors and checks what it says.
    ///
    /// # Errors
    /// Whatever is no such file.
    fn vectors(&self, bytes: &[u8]) -> Result<(), Refusal>;

    /// Reads what the built-in client keeps to resume an upload, and writes it again.
    ///
    /// # Errors
    /// Whatever is no checkpoint.
    fn checkpoint(&self, bytes: &[u8]) -> Result<Vec<u8>, Refusal>;

    /// Reads what a subject in another process answers, and writes it again.
    ///
    /// # Errors
    /// Whatever is no answer of the line protocol.
    fn answer_line(&self, bytes: &[u8]) -> Result<Vec<u8>, Refusal>;
}

/// Partproof's own emulator, asked without sockets. Clients have no such piece.
pub trait OwnEmulator: Sync {
    /// Sends these bytes on one connection to a new emulator.
    ///
    /// # Errors
    /// There is no room for its files.
    fn exchange(&self, access: Access, sent: &[u8]) -> Result<Exchange, Refusal>;

    /// Starts one with this journal, and asks for everything that a client can ask for without a change.
    ///
    /// # Errors
    /// Whatever is no journal.
    fn restart(&self, journal: &[u8]) -> Result<Restart, Refusal>;

    /// Writes this journal anew, without what is dead in it.
    ///
    /// # Errors
    /// Whatever is no journal.
    fn compact(&self, journal: &[u8]) -> Result<Vec<u8>, Refusal>;

    /// Reads a script of faults, and writes what was read.
    ///
    /// # Errors
    /// Whatever is no script.
    fn script(&self, bytes: &[u8]) -> Result<String, Refusal>;
}

impl Piece for dyn OwnReader {
    type Of<'a> = &'a dyn OwnReader;

    fn of<'a>(subject: &'a Subject<'_>) -> Option<Self::Of<'a>> {
        let own: &Own = subject.own?.downcast_ref()?;
        own.reader
    }

    const NAME: &'static str = "Partproof's reader";
}

impl Piece for dyn OwnEmulator {
    type Of<'a> = &'a dyn OwnEmulator;

    fn of<'a>(subject: &'a Subject<'_>) -> Option<Self::Of<'a>> {
        let own: &Own = subject.own?.downcast_ref()?;
        own.emulator
    }

    const NAME: &'static str = "Partproof's emulator";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_draw_well() {
        for law in PROPERTIES {
            partproof_suite::assert_draws_well(law);
        }
    }
}
