//! How much this machine has to do: what takes long may take so for that alone.

use std::fs;
use std::num::NonZero;
use std::thread;
use std::time::Duration;

/// How many cores there are.
pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// What has to be done at a time on each core, on average over a minute.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Load(pub f64);

impl Load {
    /// As it is now; 1 where the system does not say.
    pub fn now() -> Self {
        let told = fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let load = told.split(' ').next().and_then(|load| load.parse().ok());
        let cores = u32::try_from(cores()).map_or(1.0, f64::from);
        Self(load.map_or(1.0, |load: f64| load / cores))
    }

    /// A limit of time that gives way to it: up to four times as long.
    pub fn stretches(self, limit: Duration) -> Duration {
        limit.mul_f64(self.0.clamp(1.0, 4.0))
    }

    /// In words, if there is so much to do that a subject may be silent for that alone.
    pub fn excuse(self) -> Option<String> {
        /// A subject by itself, and the emulator, keep each core busy once or twice.
        const MOST: f64 = 3.0;
        let Self(load) = self;
        (load > MOST).then(|| format!("while {load:.1} had to be done at a time on each core"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_stretch_with_the_load_and_not_without_end() {
        let limit = Duration::from_secs(10);
        for (load, seconds) in [(0.2, 10), (1.0, 10), (2.5, 25), (4.0, 40), (90.0, 40)] {
            let stretched = Load(load).stretches(limit);
            assert_eq!(stretched, Duration::from_secs(seconds), "{load}");
        }
    }

    #[test]
    fn a_heavy_load_is_an_excuse_and_says_how_heavy_it_is() {
        assert_eq!(Load(3.0).excuse(), None);
        assert_eq!(
            Load(5.25).excuse().as_deref(),
            Some("while 5.2 had to be done at a time on each core")
        );
        assert!(Load::now().0 >= 0.0);
    }
}
