//! Who starts a subject in the place of the one who asks it, and ends it with all that it started, however it ends and whatever becomes of
//! the one who asks. A process group is not enough for that: a child may leave it, and nobody ends a group when its starter is killed. So this
//! is a process of its own, that the subject's descendants come back to when their parents are gone (on Linux; elsewhere only the group is
//! ended), and that sees the other end of standard input close. What is asked and answered does not pass through it.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::process::{CommandExt, parent_id};
use std::process::{Command, ExitCode};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{Pid, dup2_stderr, dup2_stdout};
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

use crate::running::GRACE;

/// How a line begins that says why the subject cannot be started: no subject answers with a NUL.
pub(crate) const CANNOT_START: &[u8] = b"\0";

/// How often it looks whether its parent is still there, once nobody writes to the subject any more.
const TICK: Duration = Duration::from_millis(20);

enum Event {
    /// A child may have ended.
    Child,
    /// It is told to end.
    Told,
    /// Nobody writes to the subject any more.
    InputOver,
}

/// Starts a subject, given the id of the process that asks it and its command, and ends as it ends. See
/// [`CommandLine::supervised_by`](crate::CommandLine::supervised_by).
///
/// # Errors
/// The system does not give what it takes. That the subject cannot be started is told to the one who asks.
pub fn supervise(words: &[OsString]) -> io::Result<ExitCode> {
    let usage = || io::Error::other("expected the id of a process and a command");
    let [asker, program, arguments @ ..] = words else {
        return Err(usage());
    };
    let asker: u32 = asker
        .to_str()
        .and_then(|id| id.parse().ok())
        .ok_or_else(usage)?;
    // Before there is a subject to end.
    let mut signals = Signals::new([SIGCHLD, SIGTERM, SIGINT, SIGHUP])?;
    adopt()?;
    let (sender, events) = channel();
    let subject = Command::new(program)
        .args(arguments)
        .process_group(0)
        .spawn();
    let subject = match subject {
        Ok(child) => Pid::from_raw(i32::try_from(child.id()).map_err(io::Error::other)?),
        Err(error) => {
            let told = [CANNOT_START, error.to_string().as_bytes(), b"\n"].concat();
            io::stdout().write_all(&told)?;
            return Ok(ExitCode::FAILURE);
        }
    };
    // They are the subject's: where it closes them, they are closed.
    let nothing = File::options().write(true).open("/dev/null")?;
    dup2_stdout(&nothing)?;
    dup2_stderr(&nothing)?;
    let of_input = sender.clone();
    thread::spawn(move || watch_input(&of_input));
    thread::spawn(move || {
        for signal in signals.forever() {
            let event = match signal {
                SIGCHLD => Event::Child,
                _ => Event::Told,
            };
            // Who is not there any more has heard enough.
            let _ = sender.send(event);
        }
    });
    let mut status = None;
    let mut until = None;
    // It may have ended before anybody listened.
    while reap(subject, &mut status) && status.is_none() {
        let event = match until {
            None => events.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(_) => events.recv_timeout(TICK),
        };
        match event {
            Ok(Event::Child) => {}
            Ok(Event::Told) | Err(RecvTimeoutError::Disconnected) => break,
            Ok(Event::InputOver) => until = Some(Instant::now() + 2 * GRACE),
            Err(RecvTimeoutError::Timeout) => {}
        }
        // Who only closed the pipe says itself when the time is over.
        if until.is_some_and(|until| parent_id() != asker || Instant::now() > until) {
            break;
        }
    }
    end_all(subject, &mut status);
    Ok(match status {
        Some(Ended::With(code)) => ExitCode::from(code),
        Some(Ended::By(signal)) => {
            // The subject's memory is worth a core dump, not this one's.
            let _ = setrlimit(Resource::RLIMIT_CORE, 0, 0);
            emulate_default_handler(signal)?;
            ExitCode::FAILURE
        }
        None => ExitCode::FAILURE,
    })
}

/// From now on the descendants of this process whose parents are gone are its children, where the system has that.
///
/// # Errors
/// The system has it and refuses.
pub fn adopt() -> io::Result<()> {
    #[cfg(target_os = "linux")]
    nix::sys::prctl::set_child_subreaper(true)?;
    Ok(())
}

/// Ends all children of this process but these, and the children that come to it from them: those of a supervisor that was killed.
pub(crate) fn end_orphans(kept: &[Pid]) {
    let until = Instant::now() + GRACE;
    loop {
        let orphans: Vec<_> = children()
            .into_iter()
            .filter(|child| !kept.contains(child))
            .collect();
        if orphans.is_empty() || Instant::now() > until {
            return;
        }
        for orphan in orphans {
            let _ = nix::sys::signal::kill(orphan, Signal::SIGKILL);
            let _ = waitpid(orphan, None);
        }
    }
}

/// How the subject ended.
#[derive(Clone, Copy)]
enum Ended {
    With(u8),
    By(i32),
}

/// Waits until nobody can write to standard input any more, whatever still stands in it.
fn watch_input(sender: &Sender<Event>) {
    let stdin = io::stdin();
    let mut ends = [PollFd::new(stdin.as_fd(), PollFlags::empty())];
    while let Ok(0) | Err(nix::Error::EINTR) = poll(&mut ends, PollTimeout::NONE) {}
    let _ = sender.send(Event::InputOver);
}

/// Waits for all children that have ended; `false` if there is none left.
fn reap(subject: Pid, status: &mut Option<Ended>) -> bool {
    loop {
        let (child, ended) = match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::Exited(child, code)) => {
                (child, Ended::With(u8::try_from(code).unwrap_or(u8::MAX)))
            }
            #[allow(clippy::as_conversions, reason = "an enum's own discriminant")]
            Ok(WaitStatus::Signaled(child, signal, _)) => (child, Ended::By(signal as i32)),
            Ok(WaitStatus::StillAlive) => return true,
            Ok(_) | Err(nix::Error::EINTR) => continue,
            Err(_) => return false,
        };
        if child == subject {
            *status = Some(ended);
        }
    }
}

/// Ends the subject, and whoever of its descendants there is, generation by generation: the children of those that end come to this process.
fn end_all(subject: Pid, status: &mut Option<Ended>) {
    let until = Instant::now() + GRACE;
    // Its number stays the group's for as long as a process is in it.
    let _ = killpg(subject, Signal::SIGKILL);
    while reap(subject, status) && Instant::now() < until {
        for child in children() {
            let _ = nix::sys::signal::kill(child, Signal::SIGKILL);
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// The children of this process, where the system tells. None of their numbers can be another's before it is waited for.
fn children() -> Vec<Pid> {
    let own = std::process::id().to_string();
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    let of = |entry: io::Result<std::fs::DirEntry>| {
        let name = entry.ok()?.file_name();
        let pid: i32 = name.to_str()?.parse().ok()?;
        let stat = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
        let stat = String::from_utf8_lossy(&stat);
        // Behind the name, which may hold anything: the state, and the parent.
        let (_, fields) = stat.rsplit_once(')')?;
        (fields.split_whitespace().nth(1)? == own).then(|| Pid::from_raw(pid))
    };
    entries.filter_map(of).collect()
}
