//! What a subject's processes have taken of the machine, where `/proc` tells it: on Linux.

use std::fs;
use std::time::Duration;

use nix::unistd::{Pid, SysconfVar, sysconf};

/// What processes took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// How long they computed, those that have ended too. Told in hundredths of a second.
    pub cpu: Duration,
    /// The most memory that they had, in bytes: the sum of each one's most.
    pub peak_memory: u64,
}

/// What this process and all that come from it have taken; without itself, if it only looks after the others.
pub(crate) fn of(root: Pid, is_supervisor: bool) -> Option<Usage> {
    let all: Vec<Stat> = fs::read_dir("/proc")
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(Stat::of)
        .collect();
    let mut wanted = vec![root.as_raw()];
    let mut at = 0;
    while let Some(parent) = wanted.get(at).copied() {
        let children = all.iter().filter(|stat| stat.parent == parent);
        let new: Vec<i32> = children.map(|stat| stat.id).collect();
        // They are read one after the other, and an id may have become another's meanwhile.
        wanted.extend(
            new.iter()
                .filter(|id| !wanted.contains(id))
                .copied()
                .collect::<Vec<_>>(),
        );
        at += 1;
    }
    let (mut ticks, mut peak_memory) = (0, 0);
    for stat in all.iter().filter(|stat| wanted.contains(&stat.id)) {
        ticks += stat.waited_for;
        if !(is_supervisor && stat.id == root.as_raw()) {
            ticks += stat.own;
            peak_memory += stat.peak_memory();
        }
    }
    let a_second = u64::try_from(sysconf(SysconfVar::CLK_TCK).ok()??).ok()?;
    Some(Usage {
        cpu: Duration::from_millis(ticks.checked_mul(1_000)?.checked_div(a_second)?),
        peak_memory,
    })
}

struct Stat {
    id: i32,
    parent: i32,
    /// Ticks of its own.
    own: u64,
    /// Ticks of children that it has waited for.
    waited_for: u64,
}

impl Stat {
    fn of(id: i32) -> Option<Self> {
        let text = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        // The name may hold anything, parentheses too.
        let (_, fields) = text.rsplit_once(')')?;
        let fields: Vec<&str> = fields.split_whitespace().collect();
        let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
        Some(Self {
            id,
            parent: fields.get(1)?.parse().ok()?,
            own: number(11)? + number(12)?,
            waited_for: number(13)? + number(14)?,
        })
    }

    fn peak_memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id)).unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kibibytes = peak.and_then(|peak| peak.trim().strip_suffix(" kB")?.trim().parse().ok());
        kibibytes.unwrap_or(0_u64) * 1_024
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::hint::black_box;

    use super::*;

    #[test]
    fn a_process_is_seen_to_compute_and_to_hold_memory() {
        let own = Pid::this();
        let before = of(own, false).unwrap();
        let mut held = vec![1_u8; 64 << 20];
        while of(own, false).unwrap().cpu < before.cpu + Duration::from_millis(30) {
            held.iter_mut()
                .for_each(|byte| *byte = byte.wrapping_mul(3));
            black_box(&held);
        }
        assert!(of(own, false).unwrap().peak_memory > 64 << 20);
        assert!(
            of(own, true).unwrap().peak_memory < 64 << 20,
            "without itself"
        );
    }
}
