//! Plaintext as a value: a seed and a length. Byte i is a function of seed and i alone, so that any slice of an object
//! of terabytes costs what the slice costs, and a case prints in a line.

use std::ops::Range;

use arbitrary::Arbitrary;
use serde::{Deserialize, Serialize};

/// A plaintext of `length` bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Arbitrary)]
#[serde(deny_unknown_fields)]
pub struct Plaintext {
    /// What its bytes are made of; seed 0 is all zeros, which lays a keystream bare.
    pub seed: u32,
    /// In bytes.
    pub length: u64,
}

impl Plaintext {
    /// The bytes of a range; those past the end are left out.
    pub fn slice(&self, range: Range<u64>) -> Vec<u8> {
        let end = range.end.min(self.length);
        let start = range.start.min(end);
        let length = usize::try_from(end - start).unwrap_or(usize::MAX);
        // Whole words, of which those at the ends are cut.
        let words = start >> 3..end.div_ceil(8).max(start >> 3);
        let count = usize::try_from(words.end - words.start).unwrap_or(usize::MAX);
        let mut bytes = vec![0; count.saturating_mul(8)];
        if self.seed != 0 {
            for (eight, index) in bytes.chunks_exact_mut(8).zip(words) {
                eight.copy_from_slice(&self.word(index).to_le_bytes());
            }
        }
        let before = usize::from(start.to_le_bytes()[0] & 7);
        drop(bytes.drain(..before.min(bytes.len())));
        bytes.truncate(length);
        bytes
    }

    /// All bytes.
    pub fn bytes(&self) -> Vec<u8> {
        self.slice(0..self.length)
    }

    /// Eight bytes from a mixer (Stafford's variant 13 of the 64-bit finalizer), so neither equal parts nor shifted ones
    /// repeat.
    fn word(&self, index: u64) -> u64 {
        let mut word = index ^ (u64::from(self.seed) << 32);
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }
}
