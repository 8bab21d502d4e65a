//! The spool: bodies as files. Bytes are written as they arrive and digested in the same pass, on a blocking thread, so that neither
//! MD5 nor the disk holds up other requests, and a body of any size costs a few buffers of memory.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::SystemTime;

use bytes::Bytes;
use md5::{Digest, Md5};
use partproof_model::service::Body;
use tokio::sync::mpsc;

use crate::failpoint::{Failpoint, Failpoints};
use crate::folder::{self, FILE_MODE, kind_of, named};
use crate::state::State;
use crate::time::{Clock, basic};

/// A folder of bodies.
#[derive(Debug)]
pub(crate) struct Spool {
    folder: PathBuf,
    clock: Clock,
    /// Whether bytes are written at all, or only digested.
    stores: bool,
    /// Whether a body is on the disk before it counts.
    syncs: bool,
    failpoints: Failpoints,
    next: AtomicU64,
    /// Whether a file goes with its last reference: only while the emulator runs. What is stored when a start fails, or when it ends, stays.
    removes: AtomicBool,
}

/// A stored body. Its file goes when nothing refers to it any more.
#[derive(Clone)]
pub(crate) struct Blob(Arc<Stored>);

#[derive(Debug)]
struct Stored {
    number: u64,
    time: SystemTime,
    spool: Arc<Spool>,
}

/// More files than are ever made: the numbers after it are still numbers.
pub(crate) const NUMBERS: u64 = 1 << 53;

/// How many bodies that are missing are named.
const NAMED: usize = 5;

impl Spool {
    /// The bodies in a folder, which may be there or not. Nothing in it is touched yet.
    pub(crate) fn new(
        folder: PathBuf,
        clock: Clock,
        stores: bool,
        syncs: bool,
        failpoints: Failpoints,
    ) -> Arc<Self> {
        Arc::new(Self {
            folder,
            clock,
            stores,
            syncs,
            failpoints,
            next: AtomicU64::new(1),
            removes: AtomicBool::new(false),
        })
    }

    /// Gets ready to store, and removes the bodies of requests that were never answered.
    ///
    /// # Errors
    /// The folder cannot be made, one of those not be removed, or what is held not be brought to the disk, if that is promised.
    pub(crate) fn begin(&self, held: &State) -> io::Result<()> {
        folder::make(&self.folder)?;
        let known = held.files();
        for (number, path) in self.files()? {
            self.next
                .fetch_max(number.saturating_add(1), Ordering::SeqCst);
            match known.contains(&number) {
                true => {}
                false => fs::remove_file(&path).map_err(|error| named(&path, error))?,
            }
        }
        // An earlier run may not have promised it.
        for path in held.bodies().map(|(_, body)| body.content.path()) {
            if self.syncs && self.stores {
                File::open(&path)
                    .and_then(|file| file.sync_all())
                    .map_err(|error| named(&path, error))?;
            }
        }
        self.sync_names()
    }

    /// From now on a file goes with its last reference.
    pub(crate) fn run(&self) {
        self.removes.store(true, Ordering::SeqCst);
    }

    /// From now on files stay when they are no longer referred to.
    pub(crate) fn end(&self) {
        self.removes.store(false, Ordering::SeqCst);
    }

    /// Whether all that is held is there.
    ///
    /// # Errors
    /// What is missing or has another length, and what for.
    pub(crate) fn check(&self, held: &State) -> io::Result<()> {
        if !self.stores {
            return Ok(());
        }
        self.files()?;
        let mut wrong = held.bodies().filter_map(|(what, body)| {
            let path = body.content.path();
            let expected = body.length;
            let found = match fs::symlink_metadata(&path) {
                Ok(found) if found.is_file() && found.len() == expected => return None,
                Ok(found) if found.is_file() => format!("it has {} bytes", found.len()),
                Ok(found) => format!("it is {}", kind_of(&found)),
                Err(error) => error.to_string(),
            };
            let path = path.display();
            Some(format!(
                "{path}: {found}, expected {expected} bytes of {what}"
            ))
        });
        let told: Vec<_> = wrong.by_ref().take(NAMED).collect();
        if told.is_empty() {
            return Ok(());
        }
        let more = match wrong.count() {
            0 => String::new(),
            more => format!("; and {more} more"),
        };
        Err(io::Error::other(format!(
            "what is held is not all there: {}{more}",
            told.join("; ")
        )))
    }

    /// The files of bodies, with their numbers.
    ///
    /// # Errors
    /// The folder cannot be read, or has something else under a number.
    fn files(&self) -> io::Result<Vec<(u64, PathBuf)>> {
        let mut files = Vec::new();
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(files),
            entries => entries.map_err(|error| named(&self.folder, error))?,
        };
        for entry in entries {
            let (entry, path) = entry.map(|entry| (entry.file_name(), entry.path()))?;
            let number = entry.to_str().and_then(|name| name.parse().ok());
            // Another spelling of a number is no name of this spool's.
            let Some(number) = number.filter(|number: &u64| *entry == *number.to_string()) else {
                continue;
            };
            if number >= NUMBERS {
                let problem = format!("expected a number less than {NUMBERS}");
                return Err(named(&path, io::Error::other(problem)));
            }
            let found = fs::symlink_metadata(&path).map_err(|error| named(&path, error))?;
            if !found.is_file() {
                let problem = format!("{}, expected the file of a body", kind_of(&found));
                return Err(named(&path, io::Error::other(problem)));
            }
            files.push((number, path));
        }
        Ok(files)
    }

    /// The files that nothing in this state refers to.
    pub(crate) fn orphans(&self, held: &State) -> io::Result<usize> {
        let known = held.files();
        let files = self.files()?.into_iter();
        Ok(files.filter(|(number, _)| !known.contains(number)).count())
    }

    /// The body that was stored under a number, in an earlier run.
    pub(crate) fn stored(self: &Arc<Self>, number: u64, time: SystemTime) -> Blob {
        self.next
            .fetch_max(number.saturating_add(1), Ordering::SeqCst);
        Blob(Arc::new(Stored {
            number,
            time,
            spool: Arc::clone(self),
        }))
    }

    /// Brings the names of new files to the disk, if that is promised: before a line of the journal names them.
    pub(crate) fn sync_names(&self) -> io::Result<()> {
        match self.syncs && self.stores {
            true => File::open(&self.folder)?.sync_all(),
            false => Ok(()),
        }
    }

    /// Stores what comes through the channel until it closes. Blocks.
    pub(crate) fn receive(
        self: &Arc<Self>,
        mut batches: mpsc::Receiver<Vec<Bytes>>,
    ) -> io::Result<Body<Blob>> {
        let mut writer = self.writer()?;
        while let Some(batch) = batches.blocking_recv() {
            for chunk in batch {
                writer.write(&chunk)?;
            }
        }
        writer.finish()
    }

    /// Stores some bytes. Blocks.
    pub(crate) fn keep_bytes(self: &Arc<Self>, bytes: &[u8]) -> io::Result<Body<Blob>> {
        let mut writer = self.writer()?;
        writer.write(bytes)?;
        writer.finish()
    }

    /// Stores `length` bytes from `first` on of some bodies, one behind the other. Blocks.
    pub(crate) fn copy(
        self: &Arc<Self>,
        bodies: &[Body<Blob>],
        first: u64,
        length: u64,
    ) -> io::Result<Body<Blob>> {
        let mut writer = self.writer()?;
        let mut buffer = vec![0; 256 * 1024];
        for segment in segments(bodies, first, length) {
            let mut bytes = segment.open()?;
            loop {
                let read = bytes.read(&mut buffer)?;
                match buffer.get(..read) {
                    None | Some([]) => break,
                    Some(chunk) => writer.write(chunk)?,
                }
            }
        }
        writer.finish()
    }

    fn writer(self: &Arc<Self>) -> io::Result<Writer> {
        let number = self.next.fetch_add(1, Ordering::SeqCst);
        self.failpoints.pass(Failpoint::BodyBegun)?;
        // First: a file that is there already is another body's, and not to be removed.
        let create = || {
            let mut options = OpenOptions::new();
            options.write(true).create_new(true).mode(FILE_MODE);
            options.open(self.folder.join(number.to_string()))
        };
        let file = self.stores.then(create).transpose()?;
        // Removes the file if the body does not come to its end.
        let blob = self.stored(number, (self.clock)());
        Ok(Writer {
            file,
            md5: Md5::new(),
            crc64: crc_fast::Digest::new(crc_fast::CrcAlgorithm::Crc64Xz),
            length: 0,
            blob,
        })
    }
}

impl PartialEq for Blob {
    /// The same file: what is in a file never changes.
    fn eq(&self, other: &Self) -> bool {
        self.number() == other.number()
    }
}

impl fmt::Debug for Blob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Stored { number, time, .. } = &*self.0;
        write!(f, "file {number} of {}", basic(*time))
    }
}

impl Blob {
    /// When it was stored.
    pub(crate) fn time(&self) -> SystemTime {
        self.0.time
    }

    /// Names it in the journal.
    pub(crate) fn number(&self) -> u64 {
        self.0.number
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.0.path()
    }

    /// Whether there is a file.
    pub(crate) fn is_stored(&self) -> bool {
        self.0.spool.stores
    }
}

impl Stored {
    fn path(&self) -> PathBuf {
        Path::new(&self.spool.folder).join(self.number.to_string())
    }
}

impl Drop for Stored {
    fn drop(&mut self) {
        if self.spool.stores && self.spool.removes.load(Ordering::SeqCst) {
            // A file that is left is removed at the next start.
            let _ = fs::remove_file(self.path());
        }
    }
}

struct Writer {
    file: Option<File>,
    md5: Md5,
    crc64: crc_fast::Digest,
    length: u64,
    blob: Blob,
}

impl Writer {
    fn write(&mut self, chunk: &[u8]) -> io::Result<()> {
        self.md5.update(chunk);
        self.crc64.update(chunk);
        self.length = self
            .length
            .saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
        match &mut self.file {
            Some(file) => file.write_all(chunk),
            None => Ok(()),
        }
    }

    fn finish(self) -> io::Result<Body<Blob>> {
        let spool = &self.blob.0.spool;
        spool.failpoints.pass(Failpoint::BodyWritten)?;
        if let (Some(file), true) = (&self.file, spool.syncs) {
            file.sync_all()?;
        }
        Ok(Body {
            length: self.length,
            md5: self.md5.finalize().into(),
            crc64: self.crc64.finalize(),
            content: self.blob,
        })
    }
}

/// Some bytes of one body.
#[derive(Debug)]
pub(crate) struct Segment {
    blob: Blob,
    first: u64,
    length: u64,
}

impl Segment {
    /// Opens its file at its first byte, for no more than its length.
    pub(crate) fn open(&self) -> io::Result<io::Take<File>> {
        let mut file = File::open(self.blob.path())?;
        file.seek(SeekFrom::Start(self.first))?;
        Ok(file.take(self.length))
    }
}

/// Where `length` bytes from `first` on of some bodies, one behind the other, are.
pub(crate) fn segments(bodies: &[Body<Blob>], first: u64, length: u64) -> Vec<Segment> {
    let mut segments = Vec::new();
    let (mut skip, mut left) = (first, length);
    for body in bodies {
        let wanted = body.length.saturating_sub(skip).min(left);
        if wanted > 0 {
            segments.push(Segment {
                blob: body.content.clone(),
                first: skip,
                length: wanted,
            });
        }
        skip = skip.saturating_sub(body.length);
        left = left.saturating_sub(wanted);
    }
    segments
}

#[cfg(test)]
mod tests;
