//! A file that a run writes at its end: whole, or not at all. That it can be written is known before the run, which may take a night, and
//! until its end the file stays as it is: a report of the night before is not lost to a run that fails.
//!
//! A regular file is replaced by a new one that was written beside it. A pipe or a device cannot be replaced and is written to; so is a
//! file that may be changed and not replaced, such as one that is mounted into a container.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::stat::fstat;
use tempfile::{Builder, NamedTempFile};

use crate::output;

/// A file to be written.
pub(crate) struct OutputFile {
    /// As the user named it.
    name: PathBuf,
    place: Place,
}

enum Place {
    /// A regular file, at the end of all links; open, and not changed yet, if there is one.
    File {
        target: PathBuf,
        standing: Option<File>,
    },
    /// What cannot be replaced.
    Stream(Box<dyn Write>),
}

impl OutputFile {
    /// Finds out whether the file can be written, and changes nothing. `-` is standard output.
    ///
    /// # Errors
    /// Why it cannot.
    pub(crate) fn open(name: &Path) -> Result<Self, String> {
        if name == Path::new("-") {
            return Ok(Self {
                name: name.to_owned(),
                place: Place::Stream(Box::new(io::stdout())),
            });
        }
        let place = Place::of(name).map_err(|error| named(name, &error))?;
        Ok(Self {
            name: name.to_owned(),
            place,
        })
    }

    /// Whether it is standard output.
    pub(crate) fn is_standard_output(&self) -> bool {
        self.name == Path::new("-")
    }

    /// Writes all of it.
    ///
    /// # Errors
    /// What happened; a file that was there is as before, unless it could not be replaced.
    pub(crate) fn write(self, bytes: &[u8]) -> Result<(), String> {
        let written = match self.place {
            Place::Stream(mut stream) => stream.write_all(bytes).and_then(|()| stream.flush()),
            Place::File { target, standing } => match (replace(&target, bytes), standing) {
                (Err(error), Some(mut file)) if cannot_be_replaced(&error) => {
                    file.set_len(0).and_then(|()| file.write_all(bytes))
                }
                (result, _) => result,
            },
        };
        written.map_err(|error| named(&self.name, &error))
    }
}

impl Place {
    fn of(name: &Path) -> io::Result<Self> {
        let metadata = match fs::metadata(name) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let target = behind_links(name)?;
                beside(&target)?;
                return Ok(Self::File {
                    target,
                    standing: None,
                });
            }
            Err(error) => return Err(error),
        };
        // `/dev/stdout`, also where it is a file: replaced, it would have no place for what is printed.
        if is_same(io::stdout(), &metadata) {
            return Ok(Self::Stream(Box::new(io::stdout())));
        }
        if is_same(io::stderr(), &metadata) {
            return Ok(Self::Stream(Box::new(io::stderr())));
        }
        // Not truncated; and without waiting for the reader of a pipe.
        let standing = OpenOptions::new()
            .write(true)
            .custom_flags(OFlag::O_NONBLOCK.bits())
            .open(name)
            .map_err(|error| match error.raw_os_error() {
                Some(nix::libc::ENXIO) => io::Error::other("nothing reads from it"),
                _ => error,
            })?;
        if !standing.metadata()?.is_file() {
            fcntl(&standing, FcntlArg::F_SETFL(OFlag::empty()))?;
            return Ok(Self::Stream(Box::new(standing)));
        }
        let target = behind_links(name)?;
        match beside(&target) {
            Err(error) if !cannot_be_replaced(&error) => Err(error),
            _ => Ok(Self::File {
                target,
                standing: Some(standing),
            }),
        }
    }
}

/// Puts a new file in the place of one.
fn replace(target: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = beside(target)?;
    file.write_all(bytes)?;
    // One that was there keeps its mode, as it would if it were written to.
    match fs::metadata(target) {
        Ok(before) => file.as_file().set_permissions(before.permissions())?,
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    file.persist(target).map(drop).map_err(|error| error.error)
}

/// A file beside it, with the mode of any new one; gone again if it is dropped.
fn beside(target: &Path) -> io::Result<NamedTempFile> {
    let folder = match target.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    Builder::new()
        .prefix(".partproof-")
        .make_in(folder, |path| File::create_new(path))
}

/// Who may write to a file may not always write beside it, or move another over one that is mounted.
fn cannot_be_replaced(error: &io::Error) -> bool {
    use ErrorKind::{PermissionDenied, ReadOnlyFilesystem, ResourceBusy};
    [PermissionDenied, ReadOnlyFilesystem, ResourceBusy].contains(&error.kind())
}

/// What a path stands for in the end, even if that is not there yet.
fn behind_links(name: &Path) -> io::Result<PathBuf> {
    /// As many as Linux follows.
    const MOST_LINKS: usize = 40;
    let mut path = name.to_owned();
    for _ in 0..MOST_LINKS {
        match fs::read_link(&path) {
            Ok(target) => path = path.parent().unwrap_or(Path::new("")).join(target),
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::from_raw_os_error(nix::libc::ELOOP))
}

fn is_same(stream: impl AsFd, metadata: &fs::Metadata) -> bool {
    fstat(stream).is_ok_and(|stat| (stat.st_dev, stat.st_ino) == (metadata.dev(), metadata.ino()))
}

fn named(name: &Path, error: &io::Error) -> String {
    format!("{}: {error}", output::name(name))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn until_the_end_nothing_is_changed() {
        let folder = tempfile::tempdir().unwrap();
        let (old, new, plain) = (
            folder.path().join("old"),
            folder.path().join("new"),
            folder.path().join("plain"),
        );
        fs::write(&old, "before").unwrap();
        fs::set_permissions(&old, fs::Permissions::from_mode(0o604)).unwrap();
        fs::write(&plain, "").unwrap();
        let files = [&old, &new].map(|path| OutputFile::open(path).unwrap());
        assert_eq!(names(folder.path()), ["old", "plain"]);
        assert_eq!(fs::read(&old).unwrap(), b"before");
        for file in files {
            file.write(b"after").unwrap();
        }
        assert_eq!(names(folder.path()), ["new", "old", "plain"]);
        assert_eq!(fs::read(&old).unwrap(), b"after");
        assert_eq!(fs::read(&new).unwrap(), b"after");
        assert_eq!((mode(&old), mode(&new)), (0o604, mode(&plain)));
    }

    #[test]
    fn a_reader_sees_the_old_file_or_the_new_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report");
        fs::write(&path, "before").unwrap();
        let reader = File::open(&path).unwrap();
        OutputFile::open(&path).unwrap().write(b"after").unwrap();
        assert_eq!(io::read_to_string(reader).unwrap(), "before");
    }

    #[test]
    fn links_are_followed_and_stay() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("sub")).unwrap();
        symlink("sub/second", at("first")).unwrap();
        symlink("../third", at("sub/second")).unwrap();
        for text in ["new", "old"] {
            OutputFile::open(&at("first"))
                .unwrap()
                .write(text.as_bytes())
                .unwrap();
            assert!(fs::symlink_metadata(at("first")).unwrap().is_symlink());
            assert!(fs::symlink_metadata(at("third")).unwrap().is_file());
            assert_eq!(fs::read_to_string(at("third")).unwrap(), text);
        }
        symlink("round", at("round")).unwrap();
        assert!(OutputFile::open(&at("round")).is_err());
    }

    #[test]
    fn what_cannot_be_written_is_known_before() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
        for (path, said) in [
            (folder.path().to_owned(), "Is a directory"),
            (folder.path().join("no/report"), "No such file"),
            (pipe.join("report"), "Not a directory"),
            (pipe, "nothing reads from it"),
            (folder.path().join("x".repeat(256)), "File name too long"),
        ] {
            let problem = OutputFile::open(&path).err().unwrap();
            let expected = format!("{}: {said}", path.display());
            assert!(
                problem.starts_with(&expected) && !problem.contains(".partproof-"),
                "{problem}"
            );
        }
    }

    #[test]
    fn pipes_and_devices_are_written_to() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
        let reader = OpenOptions::new()
            .read(true)
            .custom_flags(OFlag::O_NONBLOCK.bits())
            .open(&pipe)
            .unwrap();
        let file = OutputFile::open(&pipe).unwrap();
        // More than a pipe holds at once: it is waited for who reads.
        let bytes = vec![7; 300_000];
        std::thread::scope(|scope| {
            let reading = scope.spawn(|| {
                fcntl(&reader, FcntlArg::F_SETFL(OFlag::empty())).unwrap();
                let mut read = Vec::new();
                io::copy(&mut &reader, &mut read).unwrap();
                read
            });
            file.write(&bytes).unwrap();
            assert!(reading.join().unwrap() == bytes);
        });
        assert_eq!(names(folder.path()), ["pipe"]);
        OutputFile::open(Path::new("/dev/null"))
            .unwrap()
            .write(b"x")
            .unwrap();
        let problem = OutputFile::open(Path::new("/dev/full"))
            .unwrap()
            .write(b"x");
        assert!(problem.unwrap_err().starts_with("/dev/full: No space left"));
    }

    #[test]
    fn what_cannot_be_made_anew_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report");
        fs::write(&path, "before").unwrap();
        let file = OutputFile::open(&path).unwrap();
        // Its folder is gone when the run ends.
        let moved = folder.path().with_extension("moved");
        fs::rename(folder.path(), &moved).unwrap();
        let problem = file.write(b"after").unwrap_err();
        assert!(problem.contains("report: No such file"), "{problem}");
        assert_eq!(fs::read(moved.join("report")).unwrap(), b"before");
        fs::rename(&moved, folder.path()).unwrap();
    }
}
