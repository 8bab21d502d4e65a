//! A run that is told to end (Ctrl-C, SIGTERM, a terminal that closes) leaves nothing behind: its subjects end first, then its temporary
//! folders go, and the status is the one that shells have for it.

use std::{io, process, thread};

use partproof_emulator::temporary;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// Listens for as long as the process runs.
///
/// # Errors
/// The system does not let it.
pub(crate) fn watch() -> io::Result<()> {
    let heard = [SIGINT, SIGTERM, SIGHUP]
        .into_iter()
        .filter(|signal| !is_ignored(*signal));
    let mut signals = Signals::new(heard)?;
    thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            partproof_protocol::end_all();
            temporary::remove_all();
            process::exit(128 + signal);
        }
    });
    Ok(())
}

/// Whether it was to be ignored from the beginning, as `nohup` has it. Where the system does not tell, it was not.
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}
