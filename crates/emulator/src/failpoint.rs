//! Failpoints: the steps of the write path at which a test makes the disk fail, or ends the process. What is promised of a folder that lasts is
//! proved by attacks at each of them; where nobody asks for one, a failpoint is nothing.

use std::fmt;
use std::io;
use std::sync::Arc;

/// A step of the write path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failpoint {
    /// A start has read everything and is to run.
    Started,
    /// The file of a body is to be made.
    BodyBegun,
    /// A body is written, and not yet on the disk.
    BodyWritten,
    /// A line of the journal is to be written.
    LineBegun,
    /// Half of a line is written.
    LineHalf,
    /// A line is written, and not yet on the disk.
    LineWritten,
    /// What a line that failed left behind is to be cut off.
    LineCut,
    /// A change is visible and what it replaced is gone, but it is not answered.
    Applied,
    /// The journal is to be written anew.
    CompactionBegun,
    /// Half of the new journal is written.
    CompactionHalf,
    /// The new journal is there, beside the old one.
    CompactionWritten,
    /// It has taken the place of the old one.
    CompactionRenamed,
}

/// Who is asked at each failpoint: an error is that of the disk.
#[derive(Clone, Default)]
pub struct Failpoints(Option<Arc<Ask>>);

type Ask = dyn Fn(Failpoint) -> io::Result<()> + Send + Sync;

impl Failpoints {
    /// Asks this at each.
    pub fn new(ask: impl Fn(Failpoint) -> io::Result<()> + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(ask)))
    }

    pub(crate) fn pass(&self, point: Failpoint) -> io::Result<()> {
        self.0.as_ref().map_or(Ok(()), |ask| ask(point))
    }
}

impl fmt::Debug for Failpoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "set" } else { "none" })
    }
}
