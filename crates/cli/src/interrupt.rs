//! A command that is told to end (Ctrl-C, SIGTERM, a terminal that closes) leaves nothing behind. A run ends its subjects first, then its temporary
//! folders go, and its status is the one that shells have for it. A server ends as it pleases.

use std::sync::mpsc::Sender;
use std::{io, process, thread};

use partproof_emulator::temporary;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// Listens for as long as a run lasts.
///
/// # Errors
/// The system does not let it.
pub(crate) fn watch() -> io::Result<()> {
    let heard = [SIGINT, SIGTERM, SIGHUP]
        .into_iter()
        .filter(|signal| !is_ignored(*signal));
    then(heard, |signal| {
        partproof_protocol::end_all();
        temporary::remove_all();
        process::exit(128 + signal);
    })
}

/// Tells a server that it is told to end. Only `nohup` keeps it from that, and a shell that starts it in the background does not.
///
/// # Errors
/// The system does not let it.
pub(crate) fn tell<T: Send + 'static>(listener: Sender<T>, told: T) -> io::Result<()> {
    let hang_up = Some(SIGHUP).filter(|signal| !is_ignored(*signal));
    then([SIGINT, SIGTERM].into_iter().chain(hang_up), move |_| {
        // Who is not there any more has heard enough.
        let _ = listener.send(told);
    })
}

/// Does this at the first of these signals.
fn then(
    signals: impl Iterator<Item = i32>,
    heard: impl FnOnce(i32) + Send + 'static,
) -> io::Result<()> {
    let mut signals = Signals::new(signals)?;
    thread::Builder::new().spawn(move || signals.forever().next().map(heard))?;
    Ok(())
}

/// Whether it was to be ignored from the beginning, as `nohup` has it. Where the system does not tell, it was not.
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}
