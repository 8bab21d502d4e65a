//! The journal: what is held, as a file of lines. A line is written whole before what it says is seen by anybody, and is one write: it is the
//! entries of all changes that were made at once, so that a line that was torn is the last, was never answered, and is cut off by the next
//! start. When most of the journal is dead it is written anew, beside the old one, and takes its place by a rename.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::Config;
use crate::action::Action;
use crate::entry::{Entry, Restoring, snapshot};
use crate::failpoint::{Failpoint, Failpoints};
use crate::folder::{FILE_MODE, named};
use crate::spool::Spool;
use crate::state::State;

/// The largest line, in bytes: the longest part list as JSON, several times over.
const LONGEST_LINE: u64 = 64 << 20;
/// The largest journal, in bytes. One that is written anew in time is far from it, even with millions of objects.
const LARGEST: u64 = 4 << 30;

/// From so many bytes on it is written anew, whatever is dead in it: long lists are few entries.
const LARGE: u64 = LARGEST / 4;

/// A journal that is continued.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
    /// Where the last whole line ends.
    end: u64,
    /// A write failed: what it left behind is still to be cut off.
    is_torn: bool,
    entries: u64,
    /// At so many entries it is asked whether most of them are dead.
    asks_at: u64,
    /// The fewest entries at which it is.
    compacts_from: u64,
    /// At so many bytes it is written anew, whatever is dead.
    compacts_at: u64,
    /// Whether a line is on the disk before it counts.
    syncs: bool,
    /// The rename of a new journal is not on the disk yet.
    folder_is_behind: bool,
    failpoints: Failpoints,
}

/// What a journal says.
pub(crate) struct Restored {
    pub(crate) state: State,
    /// Where its last whole line ends.
    end: u64,
    pub(crate) entries: u64,
}

impl Restored {
    /// Reads a journal, if there is one, and changes nothing.
    ///
    /// # Errors
    /// A file that cannot be read, is too large, or has a line that is none, with its number. A last line that was torn was never answered, and
    /// is passed over.
    pub(crate) fn read(path: &Path, state: State, spool: &Arc<Spool>) -> io::Result<Self> {
        let mut restoring = Restoring::new(state, spool);
        let mut end = 0_u64;
        if let Some(file) = open(path)? {
            let mut reader = BufReader::new(file);
            let mut line = Vec::new();
            for number in 1_u64.. {
                let wrong = |problem: String| {
                    io::Error::other(format!("{}:{number}: {problem}", path.display()))
                };
                line.clear();
                let read = (&mut reader)
                    .take(LONGEST_LINE)
                    .read_until(b'\n', &mut line)?;
                if !line.ends_with(b"\n") {
                    match u64::try_from(read).is_ok_and(|read| read < LONGEST_LINE) {
                        true => break,
                        false => return Err(wrong(format!("more than {LONGEST_LINE} bytes"))),
                    }
                }
                let entries = match entries(&line) {
                    Ok(entries) => entries,
                    // A power cut leaves holes in what was not on the disk yet, and that is one line.
                    Err(_) if line.contains(&0) && reader.fill_buf()?.is_empty() => break,
                    Err(problem) => return Err(wrong(problem)),
                };
                for entry in entries {
                    restoring.restore(entry).map_err(wrong)?;
                }
                end = end.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
            }
        }
        Ok(Self {
            entries: restoring.entries(),
            state: restoring.state,
            end,
        })
    }
}

/// Opens it for reading, if it is there.
fn open(path: &Path) -> io::Result<Option<File>> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(|error| named(path, error))?,
    };
    match file.metadata()?.len() {
        length if length > LARGEST => Err(io::Error::other(format!(
            "{}: {length} bytes, expected at most {LARGEST}",
            path.display()
        ))),
        _ => Ok(Some(file)),
    }
}

/// The entries of a line: one, or those of several changes that were made at once.
fn entries(line: &[u8]) -> Result<Vec<Entry<Action>>, String> {
    let read = match line.first() {
        Some(b'[') => serde_json::from_slice(line),
        _ => serde_json::from_slice(line).map(|entry| vec![entry]),
    };
    read.map_err(|error| error.to_string())
}

/// The line of these entries, each as JSON.
pub(crate) fn line(entries: &[&[u8]]) -> Vec<u8> {
    match entries {
        [one] => [one, b"\n".as_slice()].concat(),
        several => [b"[", several.join(b",".as_slice()).as_slice(), b"]\n"].concat(),
    }
}

/// The lines that say what is held, and nothing else.
pub(crate) fn anew(held: &State) -> impl Iterator<Item = Vec<u8>> {
    snapshot(held).map(|entry| line(&[&entry.json()]))
}

impl Journal {
    /// Continues the journal that was read, or begins it.
    ///
    /// # Errors
    /// It cannot be opened, or what is behind its last whole line cannot be cut off.
    pub(crate) fn begin(path: PathBuf, restored: &Restored, config: &Config) -> io::Result<Self> {
        let file = OpenOptions::new()
            .append(true)
            .create(true)
            .mode(FILE_MODE)
            .open(&path)
            .map_err(|error| named(&path, error))?;
        if file.metadata()?.len() != restored.end {
            file.set_len(restored.end)
                .map_err(|error| named(&path, error))?;
        }
        let mut journal = Self {
            path,
            file,
            end: restored.end,
            is_torn: false,
            entries: restored.entries,
            asks_at: config.limits.journal,
            compacts_from: config.limits.journal,
            compacts_at: LARGE,
            syncs: config.syncs,
            folder_is_behind: true,
            failpoints: config.failpoints.clone(),
        };
        // What a kill left of a new journal.
        match fs::remove_file(journal.beside()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(named(&journal.beside(), error));
            }
            _ => {}
        }
        journal.sync()?;
        Ok(journal)
    }

    /// Writes a line of so many entries: when this is `Ok` it is there, and on the disk if it is to be.
    ///
    /// # Errors
    /// It cannot be written; see [`Journal::is_torn`].
    pub(crate) fn append(&mut self, line: &[u8], entries: u64) -> io::Result<()> {
        self.cut()?;
        let length = u64::try_from(line.len()).unwrap_or(u64::MAX);
        let end = self.end.saturating_add(length);
        if length > LONGEST_LINE || end > LARGEST {
            return Err(io::Error::other(format!(
                "a line of {length} bytes would make the journal {end} bytes long, expected at most {LARGEST} in lines of {LONGEST_LINE}"
            )));
        }
        if let Err(error) = self.write(line) {
            self.is_torn = true;
            // If that fails too, the next line tries it again.
            let _ = self.cut();
            return Err(error);
        }
        self.end = end;
        self.entries = self.entries.saturating_add(entries);
        Ok(())
    }

    /// Whether a line that could not be written may be there all the same, as long as it is not cut off.
    pub(crate) fn is_torn(&self) -> bool {
        self.is_torn
    }

    fn write(&mut self, line: &[u8]) -> io::Result<()> {
        self.failpoints.pass(Failpoint::LineBegun)?;
        // In two writes, so that a test can come in between.
        let (begun, rest) = line.split_at(line.len() / 2);
        self.file.write_all(begun)?;
        self.failpoints.pass(Failpoint::LineHalf)?;
        self.file.write_all(rest)?;
        self.failpoints.pass(Failpoint::LineWritten)?;
        self.sync()
    }

    fn cut(&mut self) -> io::Result<()> {
        if self.is_torn {
            self.failpoints.pass(Failpoint::LineCut)?;
            self.file.set_len(self.end)?;
            self.sync()?;
            self.is_torn = false;
        }
        Ok(())
    }

    /// Brings everything that was written to the disk, if that is promised.
    fn sync(&mut self) -> io::Result<()> {
        if !self.syncs {
            return Ok(());
        }
        self.file.sync_data()?;
        if self.folder_is_behind {
            let folder = self.path.parent().unwrap_or(Path::new("."));
            File::open(folder)?.sync_all()?;
            self.folder_is_behind = false;
        }
        Ok(())
    }

    /// Writes it anew if most of it is dead. `held` is what it says.
    ///
    /// # Errors
    /// It cannot be: the old one goes on.
    pub(crate) fn compact_if_due(&mut self, held: impl FnOnce() -> State) -> io::Result<()> {
        let is_large = self.end >= self.compacts_at;
        if self.entries < self.asks_at && !is_large || self.is_torn {
            return Ok(());
        }
        let held = held();
        let live = u64::try_from(snapshot(&held).count()).unwrap_or(u64::MAX);
        let bodies = u64::try_from(held.bodies().count()).unwrap_or(u64::MAX);
        let alive = live.saturating_add(bodies);
        // Asking walks through everything that is held: not at every entry.
        let compacted = match is_large || self.entries > alive.saturating_mul(2) {
            true => self.compact(&held, live),
            false => Ok(()),
        };
        let doubled = self.entries.max(alive).saturating_mul(2);
        self.asks_at = doubled.max(self.compacts_from);
        self.compacts_at = self.end.saturating_mul(2).max(LARGE);
        compacted
    }

    fn compact(&mut self, held: &State, entries: u64) -> io::Result<()> {
        let beside = self.beside();
        let written = self.write_anew(&beside, held, entries);
        let renamed = written.and_then(|written| {
            fs::rename(&beside, &self.path)?;
            Ok(written)
        });
        let (file, end) = match renamed {
            Ok(written) => written,
            Err(error) => {
                // The next start would remove it, and the next try needs its place.
                let _ = fs::remove_file(&beside);
                return Err(error);
            }
        };
        // From here on this is the journal.
        self.file = file;
        self.end = end;
        self.entries = entries;
        self.folder_is_behind = true;
        self.failpoints.pass(Failpoint::CompactionRenamed)?;
        self.sync()
    }

    fn write_anew(&self, path: &Path, held: &State, entries: u64) -> io::Result<(File, u64)> {
        self.failpoints.pass(Failpoint::CompactionBegun)?;
        let file = OpenOptions::new()
            .append(true)
            .create_new(true)
            .mode(FILE_MODE)
            .open(path)?;
        let mut writer = BufWriter::new(file);
        let mut end = 0_u64;
        for (number, line) in (0..).zip(anew(held)) {
            if number == entries / 2 {
                writer.flush()?;
                self.failpoints.pass(Failpoint::CompactionHalf)?;
            }
            let length = u64::try_from(line.len()).unwrap_or(u64::MAX);
            end = end.saturating_add(length);
            if length > LONGEST_LINE || end > LARGEST {
                let problem = format!("a line of {length} bytes up to byte {end}");
                return Err(io::Error::other(problem));
            }
            writer.write_all(&line)?;
        }
        let file = writer.into_inner().map_err(|error| error.into_error())?;
        // It takes the place of what may be on the disk already.
        file.sync_all()?;
        self.failpoints.pass(Failpoint::CompactionWritten)?;
        Ok((file, end))
    }

    /// Where it is written anew.
    fn beside(&self) -> PathBuf {
        self.path.with_extension("jsonl.new")
    }
}
