//! A folder that lasts, under attack: clients change what is in it, the process is killed or its disk fails at a step of the write path, and the
//! next start is compared with what was answered. What was answered 200 is there whole; what was not is whole or absent; what was answered 500
//! was not done; and no file is left over.
//!
//! `PARTPROOF_CRASH_ROUNDS` is how many rounds, for a night; `PARTPROOF_CRASH_SEED` draws others.

pub(crate) mod client;
pub(crate) mod server;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use partproof_emulator::Failpoint;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use client::{Change, Client, Shared, content, part};
use server::{At, Disk, Plan, Server, start_again};

/// Rounds without another number: those of every change.
const ROUNDS: u64 = 200;
/// Rounds on one folder, one after the other.
const CHAIN: u64 = 10;
const CLIENTS: u64 = 3;
/// Changes of a client in a round that nothing ends.
const CHANGES: u64 = 25;

/// Every step at which the process is killed or the disk fails.
const STEPS: [Failpoint; 11] = [
    Failpoint::BodyBegun,
    Failpoint::BodyWritten,
    Failpoint::LineBegun,
    Failpoint::LineHalf,
    Failpoint::LineWritten,
    Failpoint::LineCut,
    Failpoint::Applied,
    Failpoint::CompactionBegun,
    Failpoint::CompactionHalf,
    Failpoint::CompactionWritten,
    Failpoint::CompactionRenamed,
];

fn from_environment(name: &str, otherwise: u64) -> u64 {
    let given = std::env::var(name);
    given.map_or(otherwise, |number| number.parse().expect("a number"))
}

#[test]
fn nothing_that_was_answered_is_lost() {
    let rounds = from_environment("PARTPROOF_CRASH_ROUNDS", ROUNDS);
    let seed = from_environment("PARTPROOF_CRASH_SEED", 1);
    let mut tally = Tally::default();
    for chain in 0..rounds.div_ceil(CHAIN) {
        let seed = seed.wrapping_add(chain << 16);
        chain_of_rounds(seed, CHAIN.min(rounds - chain * CHAIN), &mut tally);
    }
    println!("{tally:?}");
    // An attack that never hit would prove nothing.
    assert!(tally.killed_at_a_step * 5 > rounds, "{tally:?}");
    assert!(tally.killed_from_outside * 20 > rounds, "{tally:?}");
    assert!(tally.failures * 5 > rounds, "{tally:?}");
    assert!(tally.torn > 0 && tally.compacted > 0, "{tally:?}");
    assert!(tally.answered > rounds * 10, "{tally:?}");
}

/// What the rounds met.
#[derive(Debug, Default)]
struct Tally {
    rounds: u64,
    killed_at_a_step: u64,
    killed_from_outside: u64,
    /// Changes that were answered 500.
    failures: u64,
    /// Lines that a power cut would have torn.
    torn: u64,
    compacted: u64,
    answered: u64,
}

/// Rounds on one folder, in each of which the process ends in another way.
fn chain_of_rounds(seed: u64, rounds: u64, tally: &mut Tally) {
    let folder = tempfile::tempdir().unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let shared = Shared::default();
    let mut clients: Vec<_> = (0..CLIENTS).map(|id| Client::new(id, seed)).collect();
    let syncs = rng.next_u64().is_multiple_of(2);
    for round in 0..rounds {
        let nth = rng.next_u64() % 120;
        let times = 1 + rng.next_u64() % 4;
        let how = rng.next_u64() % 5;
        let disk = match how {
            0 | 1 => Some(Disk::Kill),
            2 => Some(Disk::Full { times }),
            3 => Some(Disk::Broken { times }),
            _ => None,
        };
        let at = At::Any;
        let plan = Plan {
            folder: folder.path(),
            syncs,
            disk: disk.map(|disk| (at, nth, disk)),
        };
        let server = Server::start(&plan);
        let address = server.address;
        // Round after round the clients go on with what they had.
        thread::scope(|scope| {
            for client in &mut clients {
                let shared = &shared;
                scope.spawn(move || client.change_things(address, CHANGES, shared));
            }
            if disk.is_none() {
                thread::sleep(Duration::from_millis(rng.next_u64() % 40));
                server.kill();
            }
        });
        tally.rounds += 1;
        let in_order = rng.next_u64().is_multiple_of(2);
        let killed_at = server.end(in_order);
        match &killed_at {
            Some(at) if *at == format!("{:?}", Failpoint::LineWritten) && syncs => {
                tally.killed_at_a_step += 1;
                tally.torn += u64::from(tear_last_line(folder.path(), &mut rng));
            }
            Some(_) => tally.killed_at_a_step += 1,
            None => tally.killed_from_outside += u64::from(disk.is_none()),
        }
        let begun = fs::read(folder.path().join("journal.jsonl")).unwrap_or_default();
        tally.compacted += u64::from(begun.starts_with(br#"{"bucket":"","held":"Nothing""#));
        let context = format!("seed {seed}, round {round}, {disk:?} at {nth} ({killed_at:?})");
        let emulator = start_again(folder.path());
        let mut chunks = BTreeSet::new();
        for client in &mut clients {
            tally.failures += std::mem::take(&mut client.failures);
            tally.answered += std::mem::take(&mut client.answered);
            client.compare(emulator.address(), &context);
            chunks.extend(client.chunks());
        }
        chunks.extend(shared.compare(content(emulator.address(), client::SHARED), &context));
        let files = fs::read_dir(folder.path().join("bodies")).unwrap().count();
        assert_eq!(files, chunks.len(), "files of bodies: {context}");
    }
}

/// Does to the last line what a power cut may do to what is not on the disk yet. The process was killed before it was; nothing in it was answered.
fn tear_last_line(folder: &Path, rng: &mut ChaCha8Rng) -> bool {
    let path = folder.join("journal.jsonl");
    let mut journal = fs::read(&path).unwrap();
    let Some(rest) = journal.strip_suffix(b"\n") else {
        return false;
    };
    let begin = rest.iter().rposition(|byte| *byte == b'\n');
    let begin = begin.map_or(0, |end| end + 1);
    let length = journal.len() - begin;
    let draw =
        |rng: &mut ChaCha8Rng, most: usize| usize::try_from(rng.next_u64()).unwrap() % most.max(1);
    match rng.next_u64().is_multiple_of(3) {
        true => journal.truncate(begin + draw(rng, length)),
        false => {
            let from = begin + draw(rng, length - 1);
            let to = from + 1 + draw(rng, journal.len() - 1 - from);
            journal[from..to].fill(0);
        }
    }
    fs::write(&path, journal).unwrap();
    true
}

/// What is done to one object and one upload, and what must be there before.
fn changes(id: &str, other: &str) -> Vec<Change> {
    let key = || "k".to_owned();
    let id = id.to_owned();
    vec![
        Change::Put {
            key: key(),
            chunk: "overwritten".to_owned(),
        },
        Change::Put {
            key: "new".to_owned(),
            chunk: "new".to_owned(),
        },
        Change::Delete { key: key() },
        Change::Copy {
            source: "source".to_owned(),
            key: key(),
        },
        Change::Initiate { key: key() },
        Change::Part {
            id: id.clone(),
            number: 2,
            chunk: part(2, "again"),
        },
        Change::Complete { id: id.clone() },
        Change::Abort {
            id: other.to_owned(),
        },
    ]
}

/// A client that has put two objects and opened two uploads, one of them with its parts.
fn prepared(address: std::net::SocketAddr) -> (Client, Vec<Change>) {
    let mut client = Client::named("");
    let put = |key: &str| Change::Put {
        key: key.to_owned(),
        chunk: format!("first of {key}"),
    };
    client.must(address, put("k"));
    client.must(address, put("source"));
    for _ in 0..2 {
        let key = "k".to_owned();
        client.must(address, Change::Initiate { key });
    }
    let ids = client.uploads();
    let [id, other] = ids.as_slice() else {
        unreachable!("{ids:?}")
    };
    for number in [1, 2] {
        let chunk = part(number, "first");
        let id = id.clone();
        client.must(address, Change::Part { id, number, chunk });
    }
    let changes = changes(id, other);
    (client, changes)
}

#[test]
fn a_kill_at_any_step_of_any_change_leaves_it_whole_or_absent() {
    let mut killed = 0;
    for step in STEPS {
        for index in 0..8 {
            let folder = tempfile::tempdir().unwrap();
            let plan = |disk| Plan {
                folder: folder.path(),
                syncs: index % 2 == 0,
                disk,
            };
            let server = Server::start(&plan(None));
            let (mut client, changes) = prepared(server.address);
            server.end(true);
            let server = Server::start(&plan(Some((At::Step(step), 0, Disk::Kill))));
            let change = changes.into_iter().nth(index).unwrap();
            let context = format!("{step:?} of {change:?}");
            client.change(server.address, change);
            killed += u64::from(server.end(true).is_some());
            let emulator = start_again(folder.path());
            client.compare(emulator.address(), &context);
            let files = fs::read_dir(folder.path().join("bodies")).unwrap().count();
            assert_eq!(files, client.chunks().len(), "files of bodies: {context}");
        }
    }
    // Bodies belong to three changes, a line and its effect to all; a line is cut off and a journal written anew in other tests.
    assert!(killed >= 3 * 2 + 8 * 4, "{killed}");
}

/// Copies a folder that lasts.
fn copy(from: &Path, to: &Path) {
    fs::create_dir(to.join("bodies")).unwrap();
    for folder in ["", "bodies"] {
        for entry in fs::read_dir(from.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = path.file_name().unwrap();
                fs::copy(&path, to.join(folder).join(name)).unwrap();
            }
        }
    }
}

#[test]
fn a_change_that_cannot_be_written_is_answered_500_and_was_not_made() {
    let mut failed = 0;
    for step in STEPS {
        for (index, full) in (0..8).flat_map(|index| [(index, true), (index, false)]) {
            let folder = tempfile::tempdir().unwrap();
            let disk = server::Injected::default();
            let emulator = server::start_with(folder.path(), index % 2 == 0, &disk);
            let address = emulator.address();
            let (mut client, changes) = prepared(address);
            let change = changes.into_iter().nth(index).unwrap();
            let context = format!("{step:?} of {change:?}");
            // It fails there, and what it left cannot be cut off either.
            disk.fail(&[step, Failpoint::LineCut], full);
            client.change(address, change.clone());
            client.compare(address, &context);
            if client.failures == 1 {
                failed += 1;
                // As a kill would leave the folder now.
                let killed = tempfile::tempdir().unwrap();
                copy(folder.path(), killed.path());
                let next = start_again(killed.path());
                let mut doubting = client.clone().in_doubt_about(change);
                doubting.compare(next.address(), &format!("killed: {context}"));
                // Nothing is changed as long as it cannot be written.
                let key = "other".to_owned();
                let chunk = "other".to_owned();
                if step != Failpoint::BodyBegun && step != Failpoint::BodyWritten {
                    client.change(
                        address,
                        Change::Delete {
                            key: "k".to_owned(),
                        },
                    );
                }
                client.change(address, Change::Put { key, chunk });
                assert!(client.failures >= 2, "{context}");
                client.compare(address, &context);
            }
            disk.heal();
            let (key, chunk) = ("after".to_owned(), "after".to_owned());
            client.must(address, Change::Put { key, chunk });
            client.compare(address, &context);
            drop(emulator);
            let emulator = start_again(folder.path());
            client.compare(emulator.address(), &context);
            let files = fs::read_dir(folder.path().join("bodies")).unwrap().count();
            assert_eq!(files, client.chunks().len(), "files of bodies: {context}");
        }
    }
    // Each of the three steps of a line, of eight changes, in two ways; and the bodies of three.
    assert_eq!(failed, 3 * 8 * 2 + 2 * 3 * 2);
}
