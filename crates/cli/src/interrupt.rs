//! A command that is told to end (Ctrl-C, SIGTERM, a terminal that closes) leaves nothing behind. A run ends its subjects first, then its temporary
//! folders go, and its status is the one that shells have for it. A check says what it has before. A server ends as it pleases.

use std::process::ExitCode;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::mpsc::Sender;
use std::time::Duration;
use std::{io, process, thread};

use partproof_emulator::temporary;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// The signal that told a check to end; 0 without one.
static HEARD: AtomicI32 = AtomicI32::new(0);

/// How long a check may take to say what it has.
const PATIENCE: Duration = Duration::from_secs(20);

/// Listens for as long as a run lasts.
///
/// # Errors
/// The system does not let it.
pub(crate) fn watch() -> io::Result<()> {
    then(signals(), |signal| {
        partproof_protocol::end_all();
        end(signal)
    })
}

/// Listens for as long as a check lasts, and has it say what it has. Who does not wait for that tells it again.
///
/// # Errors
/// The system does not let it.
pub(crate) fn watch_and_tell() -> io::Result<()> {
    then(signals(), |signal| {
        if HEARD.swap(signal, Ordering::SeqCst) != 0 {
            end(signal);
        }
        thread::spawn(move || {
            thread::sleep(PATIENCE);
            end(signal);
        });
        // What is asked of a subject now is answered by nobody; what comes of it is left out of the report.
        partproof_protocol::break_all();
    })
}

/// Whether a check was told to end.
pub(crate) fn is_heard() -> bool {
    HEARD.load(Ordering::SeqCst) != 0
}

/// The status of a check that was told to end.
pub(crate) fn status() -> Option<ExitCode> {
    match HEARD.load(Ordering::SeqCst) {
        0 => None,
        signal => u8::try_from(128 + signal).ok().map(ExitCode::from),
    }
}

/// Tells a server that it is told to end. Only `nohup` keeps it from that, and a shell that starts it in the background does not.
///
/// # Errors
/// The system does not let it.
pub(crate) fn tell<T: Send + 'static>(listener: Sender<T>, told: T) -> io::Result<()> {
    let hang_up = Some(SIGHUP).filter(|signal| !is_ignored(*signal));
    let mut told = Some(told);
    then([SIGINT, SIGTERM].into_iter().chain(hang_up), move |_| {
        // Who is not there any more has heard enough.
        let _ = told.take().map(|told| listener.send(told));
    })
}

fn signals() -> impl Iterator<Item = i32> {
    let all = [SIGINT, SIGTERM, SIGHUP].into_iter();
    all.filter(|signal| !is_ignored(*signal))
}

fn end(signal: i32) -> ! {
    temporary::remove_all();
    process::exit(128 + signal)
}

/// Does this at each of these signals.
fn then(
    signals: impl Iterator<Item = i32>,
    mut heard: impl FnMut(i32) + Send + 'static,
) -> io::Result<()> {
    let mut signals = Signals::new(signals)?;
    thread::Builder::new().spawn(move || {
        for signal in signals.forever() {
            heard(signal);
        }
    })?;
    Ok(())
}

/// Whether it was to be ignored from the beginning, as `nohup` has it. Where the system does not tell, it was not.
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}
