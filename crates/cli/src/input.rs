//! Files that the command line names, read whole into memory. A name may lead to anything (a pipe that never ends, a device, a log of many
//! gigabytes), so what is read must be a regular file, is opened without waiting, and is no longer than its purpose needs. Each purpose
//! is a constant; this is the one place that opens what a user names.

use std::fs::{self, FileType, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;
use partproof_vectors::LONGEST_FILE;

use crate::output;

/// What a file is read as.
pub(crate) struct Input {
    /// As errors have it: what was expected.
    what: &'static str,
    /// The most bytes one file may have.
    most: u64,
    /// The most bytes all files of a command may have.
    together: u64,
    /// Whether `-` is standard input.
    stdin: bool,
}

const MIB: u64 = 1 << 20;

/// One file holds some 2,500 of the smallest parts. All are held in memory at once: an upload of 10,000 parts of 102,400 bytes is 1 GB,
/// and as much again where it is read back.
pub(crate) const CAPTURE: Input = Input {
    what: "a capture",
    most: 256 * MIB,
    together: 2_048 * MIB,
    stdin: true,
};

/// No larger than the captures it is compared with.
pub(crate) const PLAINTEXT: Input = Input::new("the plaintext of an object", 1_024 * MIB);

/// The largest key there is use for, of 8,192 bits, takes 7 KB.
pub(crate) const MASTER_KEY: Input = Input::new("an RSA key in PEM", 64 << 10);

/// A hundred entries, which nobody should live with, take 20 KB.
pub(crate) const KNOWN: Input = Input::new("a list of known findings", MIB);

/// What a repository asks for takes a line each.
pub(crate) const CONFIG: Input = Input::new("a configuration", MIB);

/// What it holds at most; see `failures.rs`.
pub(crate) const FAILURES: Input = Input::new("a list of failures", 16 * MIB);

/// 60 samples of three for each of 17 rows take 500 KB.
pub(crate) const BASELINE: Input = Input::new("a baseline that bench saved", 4 * MIB);

/// A run of all rows takes 3 KB: ten years of nights.
pub(crate) const HISTORY: Input = Input::new("a history that bench wrote", 16 * MIB);

/// A fault for each of an upload's 10,000 parts takes 1 MB.
pub(crate) const SCRIPT: Input = Input::new("a script of faults", 4 * MIB);

/// A report has a shrunk case for each finding, a fuzzer's input has 1 MiB at most.
pub(crate) const REPLAY: Input = Input {
    stdin: true,
    ..Input::new("a token, a case, a report or a fuzzer's input", 16 * MIB)
};

/// What their reader takes; all of the published ones are a hundredth of what they may be together.
pub(crate) const VECTORS: Input = Input {
    #[allow(clippy::as_conversions, reason = "no `from` is const; it widens")]
    most: LONGEST_FILE as u64,
    together: 256 * MIB,
    ..Input::new("a file of vectors", 0)
};

impl Input {
    const fn new(what: &'static str, most: u64) -> Self {
        Self {
            what,
            most,
            together: most,
            stdin: false,
        }
    }

    /// Reads a text file.
    ///
    /// # Errors
    /// As [`Input::bytes`], or it is not UTF-8.
    pub(crate) fn text(&self, file: &Path) -> Result<String, String> {
        String::from_utf8(self.bytes(file)?)
            .map_err(|error| format!("{}: not UTF-8: {error}", output::name(file)))
    }

    /// Reads a file, or standard input where that is allowed.
    ///
    /// # Errors
    /// What it is instead of a regular file, that it is too large, or that it cannot be read; always with its name.
    pub(crate) fn bytes(&self, file: &Path) -> Result<Vec<u8>, String> {
        if self.stdin && file == Path::new("-") {
            return self.take("standard input", io::stdin().lock());
        }
        let name = output::name(file);
        let of = |error: io::Error| format!("{name}: {error}");
        // Before it is opened, for to open a device is to do something with it; and then the one that was opened.
        self.fits(&name, &fs::metadata(file).map_err(of)?)?;
        let opened = OpenOptions::new()
            .read(true)
            .custom_flags(OFlag::O_NONBLOCK.bits())
            .open(file)
            .map_err(of)?;
        self.fits(&name, &opened.metadata().map_err(of)?)?;
        self.take(&name, opened)
    }

    /// Reads files, and for a folder those of its files that are `wanted`, in the order of their names; folders in it are passed over.
    ///
    /// # Errors
    /// As [`Input::bytes`]; what `then` says of a file; a folder without a wanted file; too much in all.
    pub(crate) fn each(
        &self,
        paths: &[PathBuf],
        wanted: impl Fn(&Path) -> bool,
        mut then: impl FnMut(&str, Vec<u8>) -> Result<(), String>,
    ) -> Result<(), String> {
        let mut all = Vec::new();
        for path in paths {
            let files = self.files(path, &wanted)?;
            all.extend(files);
        }
        self.each_of(&all, |name, bytes| then(name, bytes?))
    }

    /// Reads these files.
    ///
    /// # Errors
    /// What `then` says of a file, or of why it cannot be read; too much in all.
    pub(crate) fn each_of(
        &self,
        files: &[PathBuf],
        mut then: impl FnMut(&str, Result<Vec<u8>, String>) -> Result<(), String>,
    ) -> Result<(), String> {
        let mut left = self.together;
        for file in files {
            let name = output::name(file);
            let bytes = self.bytes(file);
            let length = bytes.as_ref().map_or(0, Vec::len);
            left = u64::try_from(length)
                .ok()
                .and_then(|length| left.checked_sub(length))
                .ok_or_else(|| {
                    format!(
                        "{name}: with those before it larger than {}, the most that is held at once",
                        size(self.together)
                    )
                })?;
            then(&name, bytes)?;
        }
        Ok(())
    }

    /// The files that a name leads to: itself, or those of a folder that are `wanted`, in the order of their names.
    ///
    /// # Errors
    /// A folder that cannot be read, or has no wanted file.
    pub(crate) fn files(
        &self,
        path: &Path,
        wanted: impl Fn(&Path) -> bool,
    ) -> Result<Vec<PathBuf>, String> {
        if !path.is_dir() {
            return Ok(vec![path.to_owned()]);
        }
        let of = |error: io::Error| format!("{}: {error}", output::name(path));
        let mut files = Vec::new();
        for entry in fs::read_dir(path).map_err(of)? {
            let file = entry.map_err(of)?.path();
            if wanted(&file) && !file.is_dir() {
                files.push(file);
            }
        }
        if files.is_empty() {
            return Err(format!(
                "{}: a folder without files, expected {}",
                output::name(path),
                self.what
            ));
        }
        files.sort();
        Ok(files)
    }

    /// The files that a name leads to: itself, or all files below a folder, in the order of their names. Links to folders are passed over.
    ///
    /// # Errors
    /// A folder that cannot be read, or has no file.
    pub(crate) fn below(&self, path: &Path) -> Result<Vec<PathBuf>, String> {
        if !path.is_dir() {
            return Ok(vec![path.to_owned()]);
        }
        let (mut files, mut folders) = (Vec::new(), vec![path.to_owned()]);
        while let Some(folder) = folders.pop() {
            let of = |error: io::Error| format!("{}: {error}", output::name(&folder));
            for entry in fs::read_dir(&folder).map_err(of)? {
                let entry = entry.map_err(of)?;
                let kind = entry.file_type().map_err(of)?;
                match kind.is_dir() {
                    true => folders.push(entry.path()),
                    false => files.push(entry.path()),
                }
            }
        }
        if files.is_empty() {
            return Err(format!(
                "{}: a folder without files, expected {}",
                output::name(path),
                self.what
            ));
        }
        files.sort();
        Ok(files)
    }

    fn fits(&self, name: &str, metadata: &Metadata) -> Result<(), String> {
        let is_pipe = metadata.file_type().is_fifo();
        if !metadata.is_file() {
            let hint = match (is_pipe, self.stdin) {
                (true, true) => "; `-` reads from standard input",
                (true, false) => "; write what it gives to a file first",
                (false, _) => "",
            };
            return Err(format!(
                "{name}: {}, expected a regular file with {}{hint}",
                kind(metadata.file_type()),
                self.what
            ));
        }
        match metadata.len() <= self.most {
            true => Ok(()),
            false => Err(self.too_large(name)),
        }
    }

    /// Reads to the end; a file can grow, and some of `/proc` do not say how long they are.
    fn take(&self, name: &str, reader: impl Read) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        let read = reader
            .take(self.most.saturating_add(1))
            .read_to_end(&mut bytes);
        read.map_err(|error| format!("{name}: {error}"))?;
        match u64::try_from(bytes.len()).is_ok_and(|length| length <= self.most) {
            true => Ok(bytes),
            false => Err(self.too_large(name)),
        }
    }

    fn too_large(&self, name: &str) -> String {
        let most = size(self.most);
        format!("{name}: larger than {most}, expected {}", self.what)
    }
}

fn kind(file: FileType) -> &'static str {
    match () {
        () if file.is_dir() => "a folder",
        () if file.is_fifo() => "a pipe",
        () if file.is_socket() => "a socket",
        () => "a device",
    }
}

fn size(bytes: u64) -> String {
    match bytes / MIB {
        0 => format!("{} KiB", bytes >> 10),
        mib => format!("{mib} MiB"),
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::os::unix::net::UnixListener;

    use super::*;

    const SMALL: Input = Input::new("a test", 2 << 10);

    #[test]
    fn only_regular_files_are_opened() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let mode = nix::sys::stat::Mode::S_IRWXU;
        nix::unistd::mkfifo(&at("pipe"), mode).unwrap();
        std::os::unix::fs::symlink(at("pipe"), at("link")).unwrap();
        let _socket = UnixListener::bind(at("socket")).unwrap();
        for (file, said) in [
            (
                at("pipe"),
                "a pipe, expected a regular file with a test; write",
            ),
            (at("link"), "a pipe, expected"),
            (at("socket"), "a socket, expected"),
            (folder.path().to_owned(), "a folder, expected"),
            ("/dev/zero".into(), "a device, expected"),
            ("/dev/tty".into(), "a device, expected"),
            (at("nowhere"), "No such file"),
        ] {
            let problem = SMALL.bytes(&file).unwrap_err();
            let expected = format!("{}: {said}", file.display());
            assert!(problem.starts_with(&expected), "{problem}");
        }
        let hint = CAPTURE.bytes(&at("pipe")).unwrap_err();
        assert!(hint.ends_with("`-` reads from standard input"), "{hint}");
    }

    #[test]
    fn no_file_is_larger_than_its_purpose_needs() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        let of = |length: u64| File::create(&file).unwrap().set_len(length).unwrap();
        of(SMALL.most);
        assert_eq!(SMALL.bytes(&file).unwrap().len(), 2_048);
        of(SMALL.most + 1);
        let problem = SMALL.bytes(&file).unwrap_err();
        assert!(
            problem.ends_with("file: larger than 2 KiB, expected a test"),
            "{problem}"
        );
        // One that does not say how long it is.
        let problem = SMALL.take("f", io::repeat(0)).unwrap_err();
        assert_eq!(problem, "f: larger than 2 KiB, expected a test");
        let endless = Input::new("a test", 1 << 4);
        assert!(endless.bytes(Path::new("/proc/self/status")).is_err());
    }

    #[test]
    fn the_files_of_a_folder_are_held_to_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let all = [folder.path().to_owned()];
        let read = |input: &Input| {
            let mut names = Vec::new();
            let then = |name: &str, bytes: Vec<u8>| {
                names.push(format!(
                    "{} {}",
                    name.rsplit('/').next().unwrap(),
                    bytes.len()
                ));
                Ok(())
            };
            input.each(&all, |_| true, then).map(|()| names)
        };
        fs::create_dir(at("folder")).unwrap();
        assert!(
            read(&SMALL)
                .unwrap_err()
                .ends_with("a folder without files, expected a test")
        );
        fs::write(at("b"), [0; 1_500]).unwrap();
        fs::write(at("a"), [0; 100]).unwrap();
        assert_eq!(read(&SMALL).unwrap(), ["a 100", "b 1500"]);
        fs::write(at("c"), [0; 1_500]).unwrap();
        let problem = read(&SMALL).unwrap_err();
        assert!(
            problem.contains("c: with those before it larger than 2 KiB"),
            "{problem}"
        );
        let twice = Input {
            together: 4 << 10,
            ..SMALL
        };
        assert_eq!(read(&twice).unwrap().len(), 3);
        std::os::unix::fs::symlink(at("nowhere"), at("d")).unwrap();
        assert!(read(&twice).unwrap_err().contains("d: No such file"));
    }
}
