//! What becomes of a multipart upload that failed: parts that nobody aborts are stored, and paid for, for ever.

use std::fmt;

/// What became of an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It was aborted, and its parts are freed.
    Aborted,
    /// It is open on purpose, to be resumed.
    Kept,
    /// It is open because it could not be aborted. Abort it by its id.
    Open,
    /// The service knows it no longer: it was completed, or aborted by someone else.
    Gone,
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Fate::Aborted => "was aborted",
            Fate::Kept => "is kept open to be resumed",
            Fate::Open => "could not be aborted, so it is still open",
            Fate::Gone => "is not open any more",
        })
    }
}
