//! The limits of the machine, to hold figures against: a bench that only compares libraries cannot tell that all of them are slow.

use std::fmt;
use std::hint::black_box;
use std::time::{Duration, Instant};

use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};

/// What one core of this machine can do at most.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Limits {
    /// Cycles a second, estimated.
    pub clock: f64,
    /// Bytes a second, copied from one place in memory to another.
    pub copy: f64,
    /// Bytes a second of MD5, which an upload is bound by where each part has its digest.
    pub md5: f64,
}

/// Bytes a cycle. AES-256 has 14 rounds; a `vaesenc` of 256 bits does a round of 32 bytes, and the core begins two of them in a cycle.
const CTR: f64 = 2.0 * 32.0 / 14.0;
/// Bytes a cycle: at least three `vpclmulqdq` for 32 bytes beside the rounds, through the same two ports.
const GCM: f64 = 2.0 * 32.0 / (14.0 + 3.0);

impl Limits {
    /// Measures them, in about 200 ms.
    pub fn measure() -> Self {
        Limits {
            clock: clock(),
            copy: copy(),
            md5: md5(),
        }
    }
}

impl Limits {
    /// Bytes a second of AES-256-CTR on one core, with instructions of 256 bits.
    pub fn ctr(&self) -> f64 {
        CTR * self.clock
    }
}

impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let giga = |speed: f64| speed / 1e9;
        let Limits { clock, copy, md5 } = *self;
        writeln!(
            f,
            "limits of one core, at an estimated clock of {:.2} GHz:",
            giga(clock)
        )?;
        writeln!(
            f,
            "  AES-256-CTR {:.1} GB/s (VAES, 256 bits: 14 vaesenc for 32 bytes, 2 a cycle), {:.1} GB/s (AES-NI, 128 bits)",
            giga(CTR * clock),
            giga(CTR * clock / 2.0)
        )?;
        writeln!(
            f,
            "  AES-256-GCM {:.1} GB/s (beside them 3 vpclmulqdq or more; 10.4 cycles for 32 bytes were reached on Zen 3, {:.1} GB/s)",
            giga(GCM * clock),
            giga(32.0 / 10.4 * clock)
        )?;
        writeln!(f, "  copying 64 MiB {:.1} GB/s (measured now)", giga(copy))?;
        write!(f, "  MD5 {:.2} GB/s (measured now)", giga(md5))
    }
}

/// Cycles a second, from a chain of rotations and exclusive-ors: each waits for the one before, and takes one cycle.
fn clock() -> f64 {
    // Short, so that on a busy machine some run through.
    const STEPS: u32 = 100_000;
    let time = fastest(200, || {
        let mut chain = black_box(1_u64);
        for step in 0..STEPS {
            chain = (chain ^ u64::from(step)).rotate_left(7);
        }
        black_box(chain);
    });
    2.0 * f64::from(STEPS) / time.as_secs_f64()
}

fn copy() -> f64 {
    const SIZE: u32 = 64 << 20;
    let source = vec![1_u8; usize::try_from(SIZE).expect("32 bits or more")];
    let mut target = vec![2; source.len()];
    let time = fastest(5, || {
        black_box(&mut target).copy_from_slice(black_box(&source))
    });
    f64::from(SIZE) / time.as_secs_f64()
}

/// What a library reaches: each step of MD5 waits for the one before, so that no other gets far above it.
fn md5() -> f64 {
    const SIZE: u32 = 1 << 20;
    let data = vec![1_u8; usize::try_from(SIZE).expect("32 bits or more")];
    let time = fastest(30, || {
        black_box(Md5::digest(black_box(&data)));
    });
    f64::from(SIZE) / time.as_secs_f64()
}

fn fastest(times: u32, mut action: impl FnMut()) -> Duration {
    let time = |_| {
        let start = Instant::now();
        action();
        start.elapsed()
    };
    (0..times)
        .map(time)
        .min()
        .expect("it is done at least once")
}
