//! The emulator that is attacked: in a process of its own, which is this test program started again, or in this one.

use std::env;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use partproof_emulator::{Config, Emulator, Failpoint, Failpoints, Limits};

use crate::exchange::plain;

/// A process that serves a folder until it is ended.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    process: Mutex<Child>,
    /// It ends in order when this is closed.
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

/// What is to happen to it.
pub(crate) struct Plan<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) syncs: bool,
    /// Where, after how many passes, and what.
    pub(crate) disk: Option<(At, u64, Disk)>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum At {
    Any,
    Step(Failpoint),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Disk {
    /// The process kills itself, as `kill -9` would.
    Kill,
    /// No space is left, so many times.
    Full { times: u64 },
    /// It cannot be written, so many times.
    Broken { times: u64 },
}

/// Few, so that a journal is written anew again and again.
const COMPACTS_FROM: u64 = 20;
const ENVIRONMENT: &str = "PARTPROOF_CRASH_SERVER";
/// What the process says before it kills itself.
const KILLED: &str = "killed at ";

fn config(folder: &Path, syncs: bool) -> Config {
    Config {
        data_dir: Some(folder.to_owned()),
        syncs,
        limits: Limits {
            journal: COMPACTS_FROM,
            ..Limits::default()
        },
        ..plain()
    }
}

/// The process that is attacked, when this program is started as it. As a test it is nothing.
#[test]
fn server() {
    let Ok(plan) = env::var(ENVIRONMENT) else {
        return;
    };
    let [folder, syncs, at, nth, disk, times] =
        plan.split('\n').collect::<Vec<_>>().try_into().unwrap();
    let (at, disk) = (at.to_owned(), disk.to_owned());
    let (nth, times): (u64, u64) = (nth.parse().unwrap(), times.parse().unwrap());
    let passed = AtomicU64::new(0);
    let failpoints = Failpoints::new(move |point| {
        let name = format!("{point:?}");
        if point == Failpoint::Started || at != "Any" && at != name {
            return Ok(());
        }
        let pass = passed.fetch_add(1, Ordering::SeqCst);
        match disk.as_str() {
            "Kill" if pass == nth => {
                println!("{KILLED}{name}");
                io::stdout().flush()?;
                kill(Pid::this(), Signal::SIGKILL)?;
                Ok(())
            }
            "Full" if (nth..nth + times).contains(&pass) => Err(nix::errno::Errno::ENOSPC.into()),
            "Broken" if (nth..nth + times).contains(&pass) => Err(nix::errno::Errno::EIO.into()),
            _ => Ok(()),
        }
    });
    let emulator = Emulator::start(Config {
        failpoints,
        ..config(Path::new(folder), syncs == "true")
    })
    .unwrap();
    println!("\naddress {}", emulator.address());
    io::stdout().flush().unwrap();
    // The test that started it holds the other end.
    let _ = io::stdin().read(&mut [0]);
}

impl Server {
    pub(crate) fn start(plan: &Plan<'_>) -> Self {
        let Plan {
            folder,
            syncs,
            disk,
        } = plan;
        let (at, nth, disk) = match disk {
            None => ("Any".to_owned(), 0, "none\n0".to_owned()),
            Some((at, nth, disk)) => {
                let at = match at {
                    At::Any => "Any".to_owned(),
                    At::Step(step) => format!("{step:?}"),
                };
                let disk = match disk {
                    Disk::Kill => "Kill\n0".to_owned(),
                    Disk::Full { times } => format!("Full\n{times}"),
                    Disk::Broken { times } => format!("Broken\n{times}"),
                };
                (at, *nth, disk)
            }
        };
        let folder = folder.display();
        let mut process = Command::new(env::current_exe().unwrap())
            .args(["--exact", "crash::server::server", "--nocapture"])
            .env(
                ENVIRONMENT,
                format!("{folder}\n{syncs}\n{at}\n{nth}\n{disk}"),
            )
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        while !line.starts_with("address ") {
            line.clear();
            assert_ne!(output.read_line(&mut line).unwrap(), 0, "it did not start");
        }
        let address = line.trim().strip_prefix("address ").unwrap();
        Self {
            address: address.parse().unwrap(),
            input: process.stdin.take().unwrap(),
            process: Mutex::new(process),
            output,
        }
    }

    pub(crate) fn kill(&self) {
        self.process.lock().unwrap().kill().unwrap();
    }

    /// The most memory that it had so far, in bytes; 0 where the system does not tell.
    pub(crate) fn peak(&self) -> u64 {
        let id = self.process.lock().unwrap().id();
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        kibibytes.unwrap_or(0) << 10
    }

    /// Ends it, if it has not ended, in order or by a kill; at which step it was killed before.
    pub(crate) fn end(mut self, in_order: bool) -> Option<String> {
        match in_order {
            true => drop(self.input),
            false => self.process.get_mut().unwrap().kill().unwrap(),
        }
        let mut said = String::new();
        self.output.read_to_string(&mut said).unwrap();
        self.process.get_mut().unwrap().wait().unwrap();
        let (_, step) = said.rsplit_once(KILLED)?;
        step.lines().next().map(str::to_owned)
    }
}

/// The next start on a folder, in this process.
pub(crate) fn start_again(folder: &Path) -> Emulator {
    Emulator::start(config(folder, false)).unwrap_or_else(|error| unreachable!("{error}"))
}

/// A disk that fails when it is told to.
#[derive(Clone, Default)]
pub(crate) struct Injected(Arc<Mutex<(Vec<Failpoint>, bool)>>);

impl Injected {
    pub(crate) fn fail(&self, steps: &[Failpoint], is_full: bool) {
        *self.0.lock().unwrap() = (steps.to_vec(), is_full);
    }

    pub(crate) fn heal(&self) {
        self.0.lock().unwrap().0.clear();
    }
}

/// One in this process, on such a disk.
pub(crate) fn start_with(folder: &Path, syncs: bool, disk: &Injected) -> Emulator {
    let disk = disk.clone();
    let failpoints = Failpoints::new(move |point| {
        let (steps, is_full) = &*disk.0.lock().unwrap();
        match (steps.contains(&point), is_full) {
            (false, _) => Ok(()),
            (true, true) => Err(nix::errno::Errno::ENOSPC.into()),
            (true, false) => Err(nix::errno::Errno::EIO.into()),
        }
    });
    Emulator::start(Config {
        failpoints,
        ..config(folder, syncs)
    })
    .unwrap()
}
