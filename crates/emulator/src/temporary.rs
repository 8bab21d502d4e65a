//! Temporary folders that no run leaves behind. One is removed when it is dropped; all of this process are removed by [`remove_all`], for a
//! process that is told to end; and those of runs that were killed are removed when the next run makes its first. A folder is its run's for as
//! long as that holds a lock on a file in it, which the system lets go however the run ends.

use std::collections::BTreeSet;
use std::fs::{self, DirEntry, File, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::thread;
use std::time::Duration;

use nix::fcntl::OFlag;
use nix::unistd::geteuid;
use tempfile::TempDir;

/// A folder `partproof-...` among the system's temporary ones, for this user only.
#[derive(Debug)]
pub struct TemporaryFolder {
    // In this order they go: it is on the list until it is gone.
    folder: TempDir,
    _locked: File,
    _listed: Listed,
}

/// A folder's place on the list.
#[derive(Debug)]
struct Listed(PathBuf);

const PREFIX: &str = "partproof-";
/// The file in it that is locked.
const LOCK: &str = "partproof.lock";

/// Those of this process.
static ALL: Mutex<All> = Mutex::new(All {
    folders: BTreeSet::new(),
    is_over: false,
});

struct All {
    folders: BTreeSet<PathBuf>,
    /// Whether they were all removed, and no other is to be made.
    is_over: bool,
}

impl TemporaryFolder {
    /// Makes one, and the first time removes those that dead runs left.
    ///
    /// # Errors
    /// No folder can be made there.
    pub fn new() -> io::Result<Self> {
        let among = std::env::temp_dir();
        static FIRST: Once = Once::new();
        FIRST.call_once(|| remove_stale(&among));
        // Again only if another run took it for a dead run's before it was locked.
        for _ in 0..100 {
            // None is made that is not on the list.
            let mut all = all();
            if all.is_over {
                drop(all);
                loop {
                    thread::park();
                }
            }
            if let Some((folder, locked)) = make(&among)? {
                all.folders.insert(folder.path().to_owned());
                let listed = Listed(folder.path().to_owned());
                return Ok(Self {
                    folder,
                    _locked: locked,
                    _listed: listed,
                });
            }
        }
        Err(io::Error::other(format!(
            "{}: folders do not stay there",
            among.display()
        )))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        all().folders.remove(&self.0);
    }
}

/// Removes all temporary folders of this process, though they are in use, and lets it make no other: whoever asks for one waits for the end.
pub fn remove_all() {
    let mut all = all();
    all.is_over = true;
    for folder in &all.folders {
        // Whoever still writes into it may make a file meanwhile.
        for _ in 0..20 {
            match fs::remove_dir_all(folder) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    thread::sleep(Duration::from_millis(5))
                }
                Ok(()) | Err(_) => break,
            }
        }
    }
}

/// A folder that is locked and still there.
fn make(among: &Path) -> io::Result<Option<(TempDir, File)>> {
    let folder = tempfile::Builder::new()
        .prefix(PREFIX)
        .permissions(Permissions::from_mode(0o700))
        .tempdir_in(among)?;
    let path = folder.path().join(LOCK);
    let mut options = File::options();
    let lock = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)?;
    match lock.try_lock() {
        Err(TryLockError::WouldBlock) => return Ok(None),
        // Where there are no locks, nobody takes one for a dead run's either.
        Ok(()) | Err(TryLockError::Error(_)) => {}
    }
    let held = lock.metadata()?.ino();
    let is_there = fs::symlink_metadata(path).is_ok_and(|there| there.ino() == held);
    Ok(is_there.then_some((folder, lock)))
}

/// Removes those whose run is dead.
fn remove_stale(among: &Path) {
    let Ok(entries) = fs::read_dir(among) else {
        return;
    };
    for entry in entries.flatten() {
        if let Some(lock) = lock_of(&entry)
            && lock.try_lock().is_ok()
        {
            // Another run may be at the same; what cannot be removed is the next one's.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// The lock of a temporary folder. What has another name, is no folder but a link to one, is open to others, or has no lock of the same user's
/// is something else, or is just being made.
fn lock_of(entry: &DirEntry) -> Option<File> {
    let is_named = entry.file_name().to_string_lossy().starts_with(PREFIX);
    // Of the entry itself, and not of what it is a link to.
    let folder = is_named.then(|| entry.metadata().ok()).flatten()?;
    if !folder.is_dir() || folder.mode() & 0o077 != 0 {
        return None;
    }
    let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
    let mut options = File::options();
    let lock = options
        .read(true)
        .custom_flags(flags.bits())
        .open(entry.path().join(LOCK))
        .ok()?;
    let file = lock.metadata().ok()?;
    (file.is_file() && file.uid() == geteuid().as_raw() && folder.uid() == file.uid())
        .then_some(lock)
}

fn all() -> MutexGuard<'static, All> {
    ALL.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// A folder of this name and mode, with this in it.
    fn folder(path: &Path, mode: u32, file: &str) {
        fs::create_dir(path).unwrap();
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
        fs::write(path.join(file), "x").unwrap();
    }

    #[test]
    fn only_what_a_dead_run_left_is_removed() {
        let among = tempfile::tempdir().unwrap();
        let name = |name: &str| among.path().join(name);
        folder(&name("partproof-dead"), 0o700, LOCK);
        folder(&name("partproof-dead/bodies"), 0o700, "1");
        folder(&name("partproof-alive"), 0o700, LOCK);
        // Somebody's own.
        folder(&name("partproof-source"), 0o700, "file");
        folder(&name("partproof-shared"), 0o755, LOCK);
        folder(&name("another"), 0o700, LOCK);
        symlink(name("another"), name("partproof-link")).unwrap();
        fs::create_dir(name("partproof-linked")).unwrap();
        symlink(
            name("another").join(LOCK),
            name("partproof-linked").join(LOCK),
        )
        .unwrap();
        fs::write(name("partproof-file"), "x").unwrap();
        let all = || fs::read_dir(among.path()).unwrap().count();
        let alive = File::open(name("partproof-alive").join(LOCK)).unwrap();
        alive.try_lock().unwrap();
        assert_eq!(all(), 8);
        remove_stale(among.path());
        assert!(!name("partproof-dead").exists());
        assert_eq!(all(), 7);
        drop(alive);
        remove_stale(among.path());
        assert!(!name("partproof-alive").exists());
        assert_eq!(all(), 6);
    }

    #[test]
    fn nobody_takes_one_that_is_just_being_made() {
        let among = tempfile::tempdir().unwrap();
        let is_over = std::sync::atomic::AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(std::sync::atomic::Ordering::Relaxed) {
                    remove_stale(among.path());
                }
            });
            for _ in 0..200 {
                if let Some((folder, _locked)) = make(among.path()).unwrap() {
                    fs::write(folder.path().join("file"), "x").unwrap();
                    thread::yield_now();
                    assert_eq!(fs::read(folder.path().join("file")).unwrap(), b"x");
                }
            }
            is_over.store(true, std::sync::atomic::Ordering::Relaxed);
        });
        assert_eq!(fs::read_dir(among.path()).unwrap().count(), 0);
    }

    #[test]
    fn one_is_this_users_only_and_goes_when_it_is_dropped() {
        let folder = TemporaryFolder::new().unwrap();
        let path = folder.path().to_owned();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o700);
        assert!(all().folders.contains(&path));
        drop(folder);
        assert!(!path.exists() && !all().folders.contains(&path));
    }
}
