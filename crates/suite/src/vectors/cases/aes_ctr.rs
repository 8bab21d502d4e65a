//! Counter mode: starts just before every carry, parts far inside an object, ranges from every byte of a block.

mod counters;
mod parts;
mod ranges;

use super::{KEY, START};
use crate::plaintext::Plaintext;
use crate::vectors::aes_ctr::{CounterBlockTest, CtrPartTest, CtrRangeTest};
use crate::vectors::draft::{self, NoteText, note};
use crate::vectors::file::{Group, VectorFile};
use crate::vectors::value::{Hex, PlaintextValue};

const LOST: &str =
    "Data lost: the upload succeeds, its checksum matches, and the object decrypts to wrong bytes.";
const EXPOSED: &str = "Plaintext exposed: two positions share keystream, so their xor is the xor of their plaintexts.";

const NOTES: &[NoteText] = &[
    note("Normal", "An ordinary key and start.", LOST),
    note(
        "CarryInByte",
        "The counter carries out of one of its low bytes, where no word of 32 or 64 bits ends. Catches a counter of one byte or two (fault B08).",
        LOST,
    ),
    note(
        "CarryAt32",
        "The counter carries out of its low 32 bits. Catches a 32-bit counter, as GCM has, and one that adds to the last four bytes only.",
        LOST,
    ),
    note(
        "CarryAt64",
        "The counter carries out of its low 64 bits. Catches a seek that adds to the low 64 bits and drops the carry (faults B03, B06).",
        LOST,
    ),
    note(
        "CarryHigh",
        "The counter carries out of a byte of its high half. Catches a carry that stops at the first byte of the high half (fault B08).",
        LOST,
    ),
    note(
        "WrapAt128",
        "The counter wraps at 2^128. Catches one that raises, or saturates, instead (fault B05).",
        "The object cannot be read, or decrypts to wrong bytes.",
    ),
    note(
        "SignedStart",
        "The start has its highest bit set. Catches a start read as a signed big integer (fault B07).",
        LOST,
    ),
    note(
        "ZeroBytes",
        "The start has leading zeros, or is zero. Catches big integers written back without them (fault B07).",
        LOST,
    ),
    note(
        "LowTailSet",
        "All 16 bytes of the start are random, as C++ v2 draws them, not 8 random, 4 zero, 4 random (fault B02). Catches clients that read part of it.",
        LOST,
    ),
    note(
        "FarBlock",
        "A block index beyond 2^31 or 2^32: beyond 32 or 64 GiB. Catches an index in 32 bits (fault B18).",
        EXPOSED,
    ),
    note("FirstPart", "The first part of an object.", LOST),
    note(
        "LaterPart",
        "A part that is not the first. Catches parts that all begin at the start, and the number taken for the block (fault B09).",
        EXPOSED,
    ),
    note(
        "ShortLastPart",
        "A last part shorter than the others, and shorter than a block. Catches whole blocks only (fault E06).",
        LOST,
    ),
    note("PartSizes", "A part size from 16 bytes to 5 GiB.", LOST),
    note(
        "FarPart",
        "A part beyond 32 GiB, up to the last of the largest object. Catches offsets in 32 bits and in floats (faults B18, G05).",
        EXPOSED,
    ),
    note("TenThousand", "The last part that there can be.", LOST),
    note(
        "LongPart",
        "A part of more than one block by far: counting on within it. Catches a carry that seeking makes and counting does not.",
        LOST,
    ),
    note("KeyBits", "An extreme key: all zeros, all ones.", LOST),
    note(
        "ZeroPlaintext",
        "Zeros encrypt to the keystream itself, so that a wrong block can be recognised.",
        LOST,
    ),
    note(
        "KeyLength",
        "A content key that has not 32 bytes. Catches AES-128 and AES-192 under the same name, and keys padded with zeros (faults B11, E14).",
        "Other clients cannot read the object.",
    ),
    note(
        "StartLength",
        "A start that has not 16 bytes (fault E14).",
        "Other clients cannot read the object.",
    ),
    note(
        "PartNumber",
        "A part number that no part has: 0, or above 10,000.",
        "A part is stored that belongs to no object.",
    ),
    note(
        "PartSizeUnaligned",
        "A part size that is no multiple of 16: the part would begin within a block. Catches an offset cut down to a block (fault B17).",
        EXPOSED,
    ),
    note(
        "BodyTooLong",
        "A part longer than the part size (fault A15).",
        LOST,
    ),
    note(
        "RangeAligned",
        "A range that begins with a block.",
        "The range decrypts to wrong bytes.",
    ),
    note(
        "RangeUnaligned",
        "A range that begins within a block. Catches an offset cut down to a block, and a prefix that is not discarded (faults B10, C07, C10, C13).",
        "The range decrypts to wrong bytes.",
    ),
    note(
        "RangeShort",
        "A range within one block, or of a single byte.",
        "The range decrypts to wrong bytes.",
    ),
    note(
        "RangeAcrossParts",
        "A range across the border of two parts: the parts are one stream. Catches offsets counted from the part (fault C08).",
        "The range decrypts to wrong bytes.",
    ),
    note(
        "RangeFar",
        "A range beyond 32 GiB.",
        "The range decrypts to wrong bytes.",
    ),
    note(
        "Suffix",
        "The last bytes of an object, as `bytes=-n` asks for. Catches a suffix decrypted from the counter's start (fault C01).",
        "The range decrypts to wrong bytes.",
    ),
];

const GIB: u64 = 1 << 30;

pub(in crate::vectors) fn file() -> VectorFile {
    draft::file(
        "AES/CTR/NoPadding",
        &[
            "AES-256 in counter mode as every client of the service has it: byte i of an object is its plaintext byte xor AES(key, start + i / 16)[i mod 16].",
            "The counter is one 128-bit big-endian number. Part n begins at byte (n - 1) * part size. Nothing in an object shows a mistake: it decrypts to wrong bytes.",
        ],
        NOTES,
        vec![
            Group::CounterBlock {
                tests: counters::counters(),
            },
            Group::CtrPart {
                tests: parts::positions(),
            },
            Group::CtrPart {
                tests: parts::carries(),
            },
            Group::CtrPart {
                tests: parts::refused(),
            },
            Group::CtrRange {
                tests: ranges::ranges(),
            },
        ],
    )
}

/// A start whose low bits are all ones: the next block carries out of them. `above` is the bits beyond.
fn before_carry(bits: u32, above: u128) -> [u8; 16] {
    let low = 1_u128
        .checked_shl(bits)
        .map_or(u128::MAX, |carry| carry - 1);
    let above = above.checked_shl(bits).unwrap_or(0);
    (above | low).to_be_bytes()
}

/// What a carry out of this many bits is called.
fn carry_flag(bits: u32) -> &'static str {
    match bits {
        0..32 => "CarryInByte",
        32 => "CarryAt32",
        33..64 => "CarryInByte",
        64 => "CarryAt64",
        65..128 => "CarryHigh",
        _ => "WrapAt128",
    }
}

fn ordinary() -> (Hex, Hex) {
    (KEY.into(), START.into())
}

fn seeded(seed: u32, length: u64) -> PlaintextValue {
    PlaintextValue::Seeded { seed, length }
}
