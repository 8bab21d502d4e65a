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
/// Where it is written first.
const NEW_MARKER: &str = "partproof-emulator.new";
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
    /// What the marker says, or will.
    marker: Marker,
    has_marker: bool,
    /// Holds the lock, while it is open and not unlocked.
    locked: File,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Marker {
    format: u64,
    /// The bucket that there was before the journal's first line.
    bucket: String,
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
    /// Takes a folder, making it if it is not there; `bucket` is what a new one begins with.
    ///
    /// # Errors
    /// Another process uses it, or it is not the emulator's own: it has files and no journal, or something in it is a link.
    pub(crate) fn claim(path: &Path, bucket: &str) -> io::Result<Self> {
        make(path)?;
        let locked = File::open(path).map_err(|error| named(path, error))?;
        locked.try_lock().map_err(|error| {
            io::Error::other(format!(
                "{}: another process uses it: {error}",
                path.display()
            ))
        })?;
        let mut folder = Self {
            path: path.to_owned(),
            marker: Marker {
                format: FORMAT,
                bucket: bucket.to_owned(),
            },
            has_marker: false,
            locked,
        };
        folder.check()?;
        Ok(folder)
    }

    /// Whether it is the emulator's own.
    fn check(&mut self) -> io::Result<()> {
        let has_marker = self.holds(MARKER, Kind::File)?;
        self.holds(NEW_MARKER, Kind::File)?;
        let has_journal = self.holds(JOURNAL, Kind::File)?;
        let has_bodies = self.holds(BODIES, Kind::Folder)?;
        if has_marker {
            self.marker = self.read_marker()?;
            self.has_marker = true;
        }
        if has_bodies && !has_journal && !self.entries(&self.bodies())?.is_empty() {
            return Err(self.foreign("it has bodies and no journal"));
        }
        let own = [NEW_MARKER, BODIES];
        let others = self.entries(&self.path)?;
        let other = others
            .into_iter()
            .find(|name| !own.iter().any(|own| name == own));
        match other {
            Some(name) if !has_marker && !has_journal => {
                Err(self.foreign(&format!("it has {name:?} and no journal")))
            }
            _ => Ok(()),
        }
    }

    fn foreign(&self, problem: &str) -> io::Error {
        io::Error::other(format!(
            "{}: {problem}; expected a new folder, or one that an emulator kept its data in",
            self.path.display()
        ))
    }

    /// Whether a journal of so many entries is the emulator's own: where nothing else says so, its lines must.
    ///
    /// # Errors
    /// There are none, and something else is there.
    pub(crate) fn check_restored(&self, entries: u64) -> io::Result<()> {
        if self.has_marker || entries > 0 {
            return Ok(());
        }
        let is_empty =
            !self.holds(JOURNAL, Kind::File)? || fs::metadata(self.journal())?.len() == 0;
        let has_bodies =
            self.holds(BODIES, Kind::Folder)? && !self.entries(&self.bodies())?.is_empty();
        match is_empty && !has_bodies {
            true => Ok(()),
            false => Err(self.foreign("its journal has no whole line")),
        }
    }

    /// The bucket that there was before the journal's first line.
    pub(crate) fn bucket(&self) -> &str {
        &self.marker.bucket
    }

    fn read_marker(&self) -> io::Result<Marker> {
        let path = self.path.join(MARKER);
        let mut text = Vec::new();
        let marker = File::open(&path).map_err(|error| named(&path, error))?;
        marker.take(LONGEST_MARKER).read_to_end(&mut text)?;
        let wrong = |problem: String| io::Error::other(format!("{}: {problem}", path.display()));
        let marker: Marker =
            serde_json::from_slice(&text).map_err(|error| wrong(error.to_string()))?;
        match marker.format == FORMAT {
            true => Ok(marker),
            false => Err(wrong(format!(
                "format {}, expected {FORMAT}",
                marker.format
            ))),
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
        if self.has_marker {
            return Ok(());
        }
        let path = self.path.join(MARKER);
        let beside = self.path.join(NEW_MARKER);
        let mark = || {
            // What a kill left; never what somebody put a link to in its place.
            match fs::remove_file(&beside) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let mut options = OpenOptions::new();
            options.write(true).create_new(true).mode(FILE_MODE);
            let mut file = options.open(&beside)?;
            file.write_all(&serde_json::to_vec(&self.marker)?)?;
            file.sync_all()?;
            fs::rename(&beside, &path)?;
            // The folder's own name too: it may be new.
            let parent = self.path.canonicalize()?;
            File::open(parent.parent().unwrap_or(Path::new("/")))?.sync_all()
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
