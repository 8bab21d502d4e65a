//! A subject's process, and that nothing of it is left. It leads a process group, which is ended with it however it ends; where it has a
//! supervisor, that process is started in its place and told to end it, because only a supervisor finds what has left the group.

use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

use crate::command_line::CommandLine;
use crate::supervisor::end_orphans;
use crate::usage::{self, Usage};

/// How long what was told to end may take for it.
pub(crate) const GRACE: Duration = Duration::from_secs(5);

/// A process, and its status once it has ended.
#[derive(Debug)]
pub(crate) struct Running {
    child: Mutex<(Child, Option<ExitStatus>)>,
    group: Pid,
    is_supervised: bool,
}

/// Its ends of the pipes.
pub(crate) type Pipes = (ChildStdin, ChildStdout, ChildStderr);

/// Those of this process.
#[derive(Debug)]
struct All {
    running: Vec<Weak<Running>>,
    over: Option<Over>,
}

/// What becomes of whoever asks a subject when all are ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Over {
    Waits,
    IsTold,
}

static ALL: Mutex<All> = Mutex::new(All {
    running: Vec::new(),
    over: None,
});

/// Ends every subject that this process has started, and starts no more: for a process that was told to end and now does. Whoever asks a subject
/// meanwhile, or wants one, waits for that end, so that what comes of all this passes for no verdict.
pub fn end_all() {
    end_with(Over::Waits);
}

/// The same for a run that was told to end and says what it has: whoever asks is told that the subject has ended, and must not take that for
/// what the subject did.
pub fn break_all() {
    end_with(Over::IsTold);
}

fn end_with(over: Over) {
    let running = {
        let mut all = lock(&ALL);
        all.over = Some(over);
        // They stay in the list: whoever looks for orphans must not take one of them for one.
        all.running.clone()
    };
    thread::scope(|scope| {
        for running in running.iter().filter_map(Weak::upgrade) {
            scope.spawn(move || running.end());
        }
    });
}

/// Waits for the end of this process, if it is near.
pub(crate) fn wait_if_over() {
    drop(all());
}

fn all() -> MutexGuard<'static, All> {
    loop {
        let all = lock(&ALL);
        if all.over != Some(Over::Waits) {
            return all;
        }
        drop(all);
        thread::park();
    }
}

impl Running {
    pub(crate) fn start(command: &CommandLine) -> io::Result<(Arc<Self>, Pipes)> {
        let mut all = all();
        if all.over.is_some() {
            return Err(io::Error::other("this run ends, and starts no more"));
        }
        let mut child = command
            .command()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()?;
        let (Some(stdin), Some(stdout), Some(stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(io::Error::other("no pipes"));
        };
        let running = Arc::new(Self {
            group: Pid::from_raw(i32::try_from(child.id()).map_err(io::Error::other)?),
            child: Mutex::new((child, None)),
            is_supervised: command.is_supervised(),
        });
        all.running.retain(|running| running.strong_count() > 0);
        all.running.push(Arc::downgrade(&running));
        Ok((running, (stdin, stdout, stderr)))
    }

    pub(crate) fn usage(&self) -> Option<Usage> {
        usage::of(self.group, self.is_supervised)
    }

    /// How it ended, if it has.
    pub(crate) fn status(&self) -> Option<ExitStatus> {
        let (child, status) = &mut *lock(&self.child);
        if status.is_none() {
            *status = child.try_wait().ok().flatten();
            if status.is_some() {
                // The group's number stays its own while a process is in it, and one that has only just been waited for is nobody else's yet.
                let _ = killpg(self.group, Signal::SIGKILL);
                if self.is_supervised && status.is_some_and(|status| status.signal().is_some()) {
                    // It may be the supervisor that was killed, and not the subject: then its children have come to this process.
                    // None is started meanwhile.
                    let all = lock(&ALL);
                    let running: Vec<_> = all.running.iter().filter_map(Weak::upgrade).collect();
                    let kept: Vec<_> = running.iter().map(|running| running.group).collect();
                    end_orphans(&kept);
                    // Before the last reference to one may go here, which asks for it again.
                    drop(all);
                }
            }
        }
        *status
    }

    /// Whether it ends within this time.
    pub(crate) fn ends_within(&self, limit: Duration) -> bool {
        let until = Instant::now() + limit;
        while self.status().is_none() {
            if Instant::now() >= until {
                return false;
            }
            thread::sleep(Duration::from_millis(2));
        }
        true
    }

    /// Ends it at once, and all that it started.
    pub(crate) fn end(&self) {
        if self.is_supervised {
            self.unless_ended(|| kill(self.group, Signal::SIGTERM));
            if self.ends_within(GRACE) {
                return;
            }
        }
        self.unless_ended(|| killpg(self.group, Signal::SIGKILL));
        self.ends_within(GRACE);
    }

    /// While it has not been waited for, its number is its own.
    fn unless_ended(&self, then: impl FnOnce() -> nix::Result<()>) {
        let guard = lock(&self.child);
        if guard.1.is_none() {
            // One that has ended meanwhile is waited for soon.
            let _ = then();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
