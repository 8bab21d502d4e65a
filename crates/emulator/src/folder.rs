//! The folder of `--data-dir`: whose it is, what lies where, and that one process uses it at a time. Until an emulator runs, nothing in it is
//! touched: a start that fails leaves it as it was.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// What is made here is its owner's alone.
pub(crate) const FILE_MODE: u32 = 0o600;
const FOLDER_MODE: u32 = 0o700;

/// The marker, which says whose the folder is.
const MARKER: &str = "partproof-emulator.json";
const JOURNAL: &str = "journal.jsonl";
const BODIES: &str = "bodies";
/// The format that this version writes, and the newest it reads. A folder of format 1 has no marker.
const FORMAT: u64 = 2;
/// A marker is much shorter, in bytes.
const LONGEST_MARKER: u64 = 4096;

/// A folder that this process uses.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    /// Holds the lock, while it is open and not unlocked.
    locked: File,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Marker {
    format: u64,
}

/// The error of a path.
pub(crate) fn named(path: &Path, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// Makes a folder, and those it is in, if they are not there.
pub(crate) fn make(path: &Path) -> io::Result<()> {
    let mut folder = DirBuilder::new();
    folder.recursive(true).mode(FOLDER_MODE);
    folder.create(path).map_err(|error| named(path, error))
}

impl Folder {
    /// Takes a folder, making it if it is not there.
    ///
    /// # Errors
    /// Another process uses it, or it is not the emulator's own: it has files and no journal, or something in it is a link.
    pub(crate) fn claim(path: &Path) -> io::Result<Self> {
        make(path)?;
        let locked = File::open(path).map_err(|error| named(path, error))?;
        locked.try_lock().map_err(|error| {
            io::Error::other(format!(
                "{}: another process uses it: {error}",
                path.display()
            ))
        })?;
        let folder = Self {
            path: path.to_owned(),
            locked,
        };
        folder.check()?;
        Ok(folder)
    }

    /// Whether it is the emulator's own.
    fn check(&self) -> io::Result<()> {
        let has_marker = self.holds(MARKER, Kind::File)?;
        let has_journal = self.holds(JOURNAL, Kind::File)?;
        let has_bodies = self.holds(BODIES, Kind::Folder)?;
        if has_marker {
            self.check_marker()?;
        }
        let foreign = |problem: &str| {
            io::Error::other(format!(
                "{}: {problem}; expected a new folder, or one that an emulator kept its data in",
                self.path.display()
            ))
        };
        if has_bodies && !has_journal && !self.entries(&self.bodies())?.is_empty() {
            return Err(foreign("it has bodies and no journal"));
        }
        let own = [MARKER, "partproof-emulator.new", BODIES];
        let others = self.entries(&self.path)?;
        let other = others
            .into_iter()
            .find(|name| !own.iter().any(|own| name == own));
        match other {
            Some(name) if !has_marker && !has_journal => {
                Err(foreign(&format!("it has {name:?} and no journal")))
            }
            _ => Ok(()),
        }
    }

    fn check_marker(&self) -> io::Result<()> {
        let path = self.path.join(MARKER);
        let mut text = Vec::new();
        let marker = File::open(&path).map_err(|error| named(&path, error))?;
        marker.take(LONGEST_MARKER).read_to_end(&mut text)?;
        let wrong = |problem: String| io::Error::other(format!("{}: {problem}", path.display()));
        let Marker { format } =
            serde_json::from_slice(&text).map_err(|error| wrong(error.to_string()))?;
        match (2..=FORMAT).contains(&format) {
            true => Ok(()),
            false => Err(wrong(format!("format {format}, expected {FORMAT}"))),
        }
    }

    /// Whether there is something of that name; if so, it must be what it should be, and no link to it.
    fn holds(&self, name: &str, kind: Kind) -> io::Result<bool> {
        let path = self.path.join(name);
        let found = match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            found => found.map_err(|error| named(&path, error))?,
        };
        let (is_right, expected) = match kind {
            Kind::File => (found.is_file(), "a file"),
            Kind::Folder => (found.is_dir(), "a folder"),
        };
        match is_right {
            true => Ok(true),
            false => Err(io::Error::other(format!(
                "{}: {}, expected {expected}",
                path.display(),
                kind_of(&found)
            ))),
        }
    }

    fn entries(&self, path: &Path) -> io::Result<Vec<OsString>> {
        let entries = fs::read_dir(path).map_err(|error| named(path, error))?;
        entries.map(|entry| Ok(entry?.file_name())).collect()
    }

    pub(crate) fn journal(&self) -> PathBuf {
        self.path.join(JOURNAL)
    }

    pub(crate) fn bodies(&self) -> PathBuf {
        self.path.join(BODIES)
    }

    /// Says whose it is, if nothing says so yet.
    ///
    /// # Errors
    /// The marker cannot be written.
    pub(crate) fn mark(&self) -> io::Result<()> {
        let path = self.path.join(MARKER);
        if path.exists() {
            return Ok(());
        }
        let beside = path.with_extension("new");
        let mark = || {
            let mut file = OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(FILE_MODE)
                .open(&beside)?;
            let marker = serde_json::to_vec(&Marker { format: FORMAT })?;
            file.write_all(&marker)?;
            file.sync_all()?;
            fs::rename(&beside, &path)
        };
        mark().map_err(|error| named(&path, error))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // By its closing alone it would last as long as a process that is being started here and now has a copy of it.
        let _ = self.locked.unlock();
    }
}

#[derive(Clone, Copy)]
enum Kind {
    File,
    Folder,
}

/// What something is, for an error.
pub(crate) fn kind_of(found: &fs::Metadata) -> &'static str {
    let kind = found.file_type();
    match () {
        () if kind.is_symlink() => "a symbolic link",
        () if kind.is_dir() => "a folder",
        () if kind.is_file() => "a file",
        () => "neither a file nor a folder",
    }
}
