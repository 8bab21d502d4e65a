//! What a subject left where it was told to write. It may be anything: a pipe that nobody writes to, a device, a link to another file, a file
//! without end. So it is looked at before it is opened, opened without waiting and without following a link, and read no further than it takes
//! to see that it is too long. What is no file is the subject's doing, and a finding.

use std::fs::{self, File, FileType};
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

use nix::fcntl::OFlag;
use partproof_model::Rule;

use super::unable;
use partproof_suite::law::Consequence::NothingRead;
use partproof_suite::law::{Unheld, violated};
use partproof_suite::laws::difference;

/// A file.
pub struct Left {
    /// Its beginning: all of it, if it is no longer than expected.
    pub bytes: Vec<u8>,
    /// Of all of it, in bytes.
    length: u64,
}

impl Left {
    /// Reads up to so many bytes and one more; `None` if nothing is there. What is no file breaks this rule.
    pub fn read(path: &Path, expected: u64, rule: &'static Rule) -> Result<Option<Self>, Unheld> {
        let no_file = |actual| no_file(rule, actual);
        let found = match fs::symlink_metadata(path) {
            Err(error) => return absent(&error, no_file),
            Ok(found) => found.file_type(),
        };
        if !found.is_file() {
            return Err(no_file(kind(found)));
        }
        let flags = OFlag::O_NONBLOCK | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let opened = File::options()
            .read(true)
            .custom_flags(flags.bits())
            .open(path);
        let file = match opened {
            Err(error) => return absent(&error, no_file),
            Ok(file) => file,
        };
        let metadata = file.metadata().map_err(|error| unable(&error))?;
        // It may be another than was looked at.
        if !metadata.is_file() {
            return Err(no_file(kind(metadata.file_type())));
        }
        let mut bytes = Vec::new();
        file.take(expected.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(|error| unable(&error))?;
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        Ok(Some(Self {
            bytes,
            length: length.max(metadata.len()),
        }))
    }

    /// The first place where it differs from what is expected.
    pub fn difference(&self, expected: &[u8]) -> Option<(String, String)> {
        let (expected, actual) = difference(expected, &self.bytes)?;
        // Only its beginning was looked at.
        let read = format!("{} bytes;", self.bytes.len());
        let all = format!("{} bytes;", self.length);
        Some((expected, actual.replacen(&read, &all, 1)))
    }
}

/// Removes what is there, whatever it is.
pub fn clear(path: &Path) -> io::Result<()> {
    let is_folder = fs::symlink_metadata(path).is_ok_and(|found| found.is_dir());
    let removed = match is_folder {
        true => fs::remove_dir_all(path),
        false => fs::remove_file(path),
    };
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// What cannot be opened, and whose doing that is.
fn absent(
    error: &io::Error,
    no_file: impl Fn(&'static str) -> Unheld,
) -> Result<Option<Left>, Unheld> {
    use io::ErrorKind::{NotADirectory, NotFound, PermissionDenied};
    let is_link = error.raw_os_error().map(nix::Error::from_raw) == Some(nix::Error::ELOOP);
    match error.kind() {
        NotFound | NotADirectory => Ok(None),
        _ if is_link => Err(no_file("a link")),
        PermissionDenied => Err(no_file("a file that its owner may not read")),
        _ => Err(unable(error)),
    }
}

fn no_file(rule: &'static Rule, actual: &str) -> Unheld {
    violated(
        rule,
        "what is left is no regular file",
        NothingRead,
        "a regular file",
        actual,
    )
}

fn kind(found: FileType) -> &'static str {
    match found {
        found if found.is_fifo() => "a named pipe",
        found if found.is_symlink() => "a link",
        found if found.is_dir() => "a folder",
        found if found.is_socket() => "a socket",
        _ => "a device",
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use partproof_model::rules;

    use super::*;

    fn actual(path: &Path) -> String {
        match Left::read(path, 10, rules::ROUND_TRIP) {
            Err(Unheld::Violated(violation)) => violation.actual,
            Err(other) => panic!("{other:?}"),
            Ok(left) => panic!("{:?}", left.map(|left| left.bytes)),
        }
    }

    #[test]
    fn what_is_no_file_is_told_and_never_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        nix::unistd::mkfifo(&path("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        symlink("/dev/zero", path("zeros")).unwrap();
        fs::write(path("file"), "0123456789").unwrap();
        symlink(path("file"), path("link")).unwrap();
        let _listening = UnixListener::bind(path("socket")).unwrap();
        assert_eq!(actual(&path("pipe")), "a named pipe");
        assert_eq!(actual(&path("zeros")), "a link");
        assert_eq!(actual(&path("link")), "a link");
        assert_eq!(actual(&path("socket")), "a socket");
        assert_eq!(actual(folder.path()), "a folder");
        assert_eq!(actual(Path::new("/dev/zero")), "a device");
        assert!(
            Left::read(&path("nothing"), 10, rules::ROUND_TRIP)
                .unwrap()
                .is_none()
        );
        let file = Left::read(&path("file"), 10, rules::ROUND_TRIP)
            .unwrap()
            .unwrap();
        assert!(file.difference(b"0123456789").is_none());
        fs::create_dir_all(path("folder").join("within")).unwrap();
        for name in [
            "pipe", "zeros", "link", "socket", "folder", "file", "nothing",
        ] {
            clear(&path(name)).unwrap();
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_file_that_is_too_long_is_read_no_further() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        // A hole: reading it all would take a terabyte of memory.
        File::create(&path).unwrap().set_len(1 << 40).unwrap();
        let left = Left::read(&path, 10, rules::ROUND_TRIP).unwrap().unwrap();
        assert_eq!(left.bytes.len(), 11);
        let (expected, actual) = left.difference(&[0; 10]).unwrap();
        assert_eq!(expected, "10 bytes; from byte 0: 00000000000000000000");
        assert!(
            actual.starts_with("1099511627776 bytes; from byte 0: "),
            "{actual}"
        );
    }
}
