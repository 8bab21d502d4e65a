//! Counter mode: starts just before every carry, parts far inside an object, ranges from every byte of a block.

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
            Group::CounterBlock { tests: counters() },
            Group::CtrPart { tests: positions() },
            Group::CtrPart { tests: carries() },
            Group::CtrPart { tests: refused() },
            Group::CtrRange { tests: ranges() },
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

fn counters() -> Vec<CounterBlockTest> {
    let of = CounterBlockTest::of;
    let mut tests = vec![
        of("the first block", &["Normal"], START, 0),
        of("the second block", &["Normal"], START, 1),
        of("block 6,400: part 2 of 102,400", &["Normal"], START, 6_400),
        of("zero start, first block", &["ZeroBytes"], [0; 16], 0),
        of("zero start, second block", &["ZeroBytes"], [0; 16], 1),
        of("the start 1", &["ZeroBytes"], 1_u128.to_be_bytes(), 255),
    ];
    for bits in (8..=128).step_by(8) {
        let (flag, start) = (carry_flag(bits), before_carry(bits, 1));
        tests.push(of(&format!("{bits} low bits set"), &[flag], start, 0));
        tests.push(of(
            &format!("a carry out of the low {bits} bits"),
            &[flag],
            start,
            1,
        ));
        tests.push(of(
            &format!("16 blocks past a carry out of the low {bits} bits"),
            &[flag],
            start,
            17,
        ));
    }
    let all_ones = [0xff; 16];
    tests.extend([
        of(
            "part 2 of 102,400 past 2^128",
            &["WrapAt128"],
            all_ones,
            6_400,
        ),
        of(
            "just before 2^128",
            &["WrapAt128"],
            (u128::MAX - 6_400).to_be_bytes(),
            6_400,
        ),
        of(
            "just past 2^128",
            &["WrapAt128"],
            (u128::MAX - 6_399).to_be_bytes(),
            6_400,
        ),
        of(
            "only the highest bit",
            &["SignedStart"],
            (1_u128 << 127).to_be_bytes(),
            0,
        ),
        of(
            "only the highest bit, block 1",
            &["SignedStart"],
            (1_u128 << 127).to_be_bytes(),
            1,
        ),
        of(
            "one below the highest bit, block 1",
            &["SignedStart"],
            ((1_u128 << 127) - 1).to_be_bytes(),
            1,
        ),
        of(
            "leading ones, as of a small negative number",
            &["SignedStart"],
            [0xff, 0xff, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
            6_400,
        ),
        of(
            "a high first byte",
            &["SignedStart"],
            [0xf0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
            327_680,
        ),
        of(
            "all bytes random",
            &["LowTailSet"],
            [
                0x9d, 0x33, 0xa8, 0x51, 0xee, 0x04, 0x72, 0xcb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                0xf0, 0x00,
            ],
            4_096,
        ),
        of(
            "bytes 8 to 11 all ones, a carry into them",
            &["LowTailSet", "CarryAt32", "CarryAt64"],
            [
                1, 2, 3, 4, 5, 6, 7, 8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
            ],
            1,
        ),
        of(
            "the usual shape, a carry out of the low 32 bits",
            &["CarryAt32"],
            [1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff],
            1,
        ),
        of(
            "the usual shape, a carry by a far part",
            &["CarryAt32"],
            [1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0x00],
            6_400,
        ),
    ]);
    for (index, what) in [
        ((1_u64 << 31) - 1, "2^31 - 1: just below 32 GiB"),
        (1 << 31, "2^31: 32 GiB"),
        ((1 << 32) - 1, "2^32 - 1: just below 64 GiB"),
        (1 << 32, "2^32: 64 GiB"),
        ((1 << 32) + 1, "2^32 + 1"),
        (
            9_999 * (5 * GIB / 16),
            "the last part of the largest object",
        ),
        (
            10_000 * (5 * GIB / 16) - 1,
            "the last block of the largest object",
        ),
    ] {
        tests.push(of(&format!("block {what}"), &["FarBlock"], START, index));
        tests.push(of(
            &format!("block {what}, carrying"),
            &["FarBlock", "CarryAt64"],
            before_carry(64, 5),
            index,
        ));
    }
    tests
}

fn ordinary() -> (Hex, Hex) {
    (KEY.into(), START.into())
}

fn seeded(seed: u32, length: u64) -> PlaintextValue {
    PlaintextValue::Seeded { seed, length }
}

fn positions() -> Vec<CtrPartTest> {
    let of = CtrPartTest::of;
    let mut tests = vec![
        of(
            "the first block of zeros",
            &["FirstPart", "ZeroPlaintext"],
            ordinary(),
            (102_400, 1),
            seeded(0, 16),
        ),
        of(
            "the first part",
            &["FirstPart", "Normal"],
            ordinary(),
            (102_400, 1),
            seeded(1, 48),
        ),
        of(
            "plaintext in full",
            &["FirstPart", "Normal"],
            ordinary(),
            (102_400, 1),
            PlaintextValue::Full {
                hex: Hex(b"attack at dawn".to_vec()),
            },
        ),
        of(
            "a whole part of 102,400",
            &["FirstPart", "LongPart"],
            ordinary(),
            (102_400, 1),
            seeded(1, 102_400),
        ),
        of(
            "a whole second part of 102,400",
            &["LaterPart", "LongPart"],
            ordinary(),
            (102_400, 2),
            seeded(1, 102_400),
        ),
        of(
            "part 3, short",
            &["LaterPart", "ShortLastPart"],
            ordinary(),
            (102_400, 3),
            seeded(1, 45_200),
        ),
        of(
            "part 2, zeros",
            &["LaterPart", "ZeroPlaintext"],
            ordinary(),
            (102_400, 2),
            seeded(0, 64),
        ),
        of(
            "the last part",
            &["TenThousand", "LaterPart"],
            ordinary(),
            (102_400, 10_000),
            seeded(2, 100),
        ),
        of(
            "a start of all random bytes",
            &["LowTailSet", "LaterPart"],
            (
                KEY.into(),
                [
                    0x9d, 0x33, 0xa8, 0x51, 0xee, 0x04, 0x72, 0xcb, 0x15, 0xfe, 0x60, 0x2a, 0xc7,
                    0x88, 0xf0, 0x19,
                ]
                .into(),
            ),
            (102_400, 2),
            seeded(2, 64),
        ),
        of(
            "zero key and start",
            &["KeyBits", "ZeroBytes", "ZeroPlaintext"],
            ([0; 32].into(), [0; 16].into()),
            (102_400, 1),
            seeded(0, 32),
        ),
        of(
            "key of all ones",
            &["KeyBits"],
            ([0xff; 32].into(), START.into()),
            (102_400, 2),
            seeded(3, 33),
        ),
        of(
            "zero start, part 2",
            &["ZeroBytes", "LaterPart"],
            (KEY.into(), [0; 16].into()),
            (102_400, 2),
            seeded(3, 33),
        ),
        of(
            "the highest bit of the start",
            &["SignedStart"],
            (KEY.into(), (1_u128 << 127).to_be_bytes().into()),
            (102_400, 2),
            seeded(3, 40),
        ),
        of(
            "a high first byte, part 5",
            &["SignedStart"],
            (
                KEY.into(),
                [0xf0, 1, 2, 3, 4, 5, 6, 7, 0, 0, 0, 0, 12, 13, 14, 15].into(),
            ),
            (1 << 20, 5),
            seeded(3, 40),
        ),
    ];
    for length in [1, 15, 16, 17, 31, 32, 33] {
        tests.push(of(
            &format!("a last part of {length} bytes"),
            &["ShortLastPart", "LaterPart"],
            ordinary(),
            (102_400, 4),
            seeded(4, length),
        ));
    }
    for part_size in [
        16,
        32,
        1_024,
        16_384,
        102_416,
        500_000,
        1 << 20,
        100 << 20,
        1 << 31,
        1 << 32,
        5 * GIB,
    ] {
        let length = 40_u64.min(part_size);
        tests.push(of(
            &format!("part 2 of {part_size}"),
            &["PartSizes", "LaterPart"],
            ordinary(),
            (part_size, 2),
            seeded(5, length),
        ));
    }
    for (part_size, number, what) in [
        (1 << 30, 33, "32 GiB"),
        (1 << 30, 65, "64 GiB"),
        (5 * GIB, 8, "35 GiB"),
        ((1 << 30) - 16, 33, "just below 32 GiB"),
        (1 << 24, 4_097, "64 GiB in parts of 16 MiB"),
        (5 * GIB, 5_000, "24.4 TB"),
        (5 * GIB, 9_999, "48.8 TB less a part"),
        (5 * GIB, 10_000, "48.8 TB"),
    ] {
        tests.push(of(
            &format!("a part at {what}"),
            &["FarPart"],
            ordinary(),
            (part_size, number),
            seeded(6, 48),
        ));
    }
    tests.push(of(
        "a part at 64 GiB, zeros",
        &["FarPart", "ZeroPlaintext"],
        ordinary(),
        (1 << 30, 65),
        seeded(0, 32),
    ));
    tests
}

fn carries() -> Vec<CtrPartTest> {
    let of = CtrPartTest::of;
    let mut tests = Vec::new();
    for bits in (8..=128).step_by(8) {
        let (flag, start) = (carry_flag(bits), before_carry(bits, 1));
        tests.push(of(
            &format!("counting carries out of the low {bits} bits"),
            &[flag, "LongPart"],
            (KEY.into(), start.into()),
            (102_400, 1),
            seeded(7, 48),
        ));
        tests.push(of(
            &format!("seeking to part 2 carries out of the low {bits} bits"),
            &[flag, "LaterPart"],
            (KEY.into(), start.into()),
            (102_400, 2),
            seeded(7, 40),
        ));
    }
    for bits in [32, 64, 128] {
        // Part 2 begins two blocks before the carry: seeking does not carry, counting does.
        let carry = before_carry(bits, 1);
        let start = u128::from_be_bytes(carry)
            .wrapping_sub(6_400 + 1)
            .to_be_bytes();
        tests.push(of(
            &format!("within part 2 counting carries out of the low {bits} bits"),
            &[carry_flag(bits), "LaterPart", "LongPart"],
            (KEY.into(), start.into()),
            (102_400, 2),
            seeded(7, 80),
        ));
        let start = u128::from_be_bytes(carry).wrapping_sub(100).to_be_bytes();
        tests.push(of(
            &format!("a whole part carries out of the low {bits} bits after 100 blocks"),
            &[carry_flag(bits), "LongPart"],
            (KEY.into(), start.into()),
            (102_400, 1),
            seeded(7, 102_400),
        ));
        tests.push(of(
            &format!(
                "the last part of the largest object, past a carry out of the low {bits} bits"
            ),
            &[carry_flag(bits), "FarPart"],
            (KEY.into(), carry.into()),
            (5 * GIB, 10_000),
            seeded(7, 40),
        ));
    }
    tests
}

fn refused() -> Vec<CtrPartTest> {
    let of = CtrPartTest::of;
    let mut tests = Vec::new();
    for length in [0, 1, 15, 16, 24, 31, 33, 64] {
        tests.push(of(
            &format!("a key of {length} bytes"),
            &["KeyLength"],
            (Hex(vec![1; length]), START.into()),
            (102_400, 1),
            seeded(8, 32),
        ));
    }
    for length in [0, 8, 12, 15, 17, 32] {
        tests.push(of(
            &format!("a start of {length} bytes"),
            &["StartLength"],
            (KEY.into(), Hex(vec![1; length])),
            (102_400, 1),
            seeded(8, 32),
        ));
    }
    for number in [0, 10_001] {
        tests.push(of(
            &format!("part {number}"),
            &["PartNumber"],
            ordinary(),
            (102_400, number),
            seeded(8, 32),
        ));
    }
    for part_size in [0, 8, 17, 1_000, 102_401] {
        tests.push(of(
            &format!("part 2 of {part_size}"),
            &["PartSizeUnaligned"],
            ordinary(),
            (part_size, 2),
            seeded(8, 8),
        ));
    }
    tests.push(of(
        "17 bytes in a part of 16",
        &["BodyTooLong"],
        ordinary(),
        (16, 1),
        seeded(8, 17),
    ));
    tests.push(of(
        "one byte too many",
        &["BodyTooLong"],
        ordinary(),
        (102_400, 1),
        seeded(8, 102_401),
    ));
    tests
}

fn ranges() -> Vec<CtrRangeTest> {
    let secrets = (KEY, START);
    let bytes = |offset: u64, length: u64| {
        let end = offset + length;
        Plaintext {
            seed: 9,
            length: end,
        }
        .slice(offset..end)
    };
    let of = |comment: &str, own: &[&str], secrets, offset, length| {
        CtrRangeTest::of(comment, own, secrets, offset, &bytes(offset, length))
    };
    let mut tests = vec![of("from the beginning", &["RangeAligned"], secrets, 0, 40)];
    for within in 1..16 {
        tests.push(of(
            &format!("from byte {within}"),
            &["RangeUnaligned"],
            secrets,
            within,
            33,
        ));
    }
    for within in [1, 8, 15] {
        let offset = 16 * 70_000 + within;
        tests.push(of(
            &format!("from byte {within} of block 70,000, an even number of bytes"),
            &["RangeUnaligned"],
            secrets,
            offset,
            34,
        ));
    }
    tests.extend([
        of("a whole block", &["RangeAligned"], secrets, 1_600, 16),
        of(
            "one byte, the last of a block",
            &["RangeShort", "RangeUnaligned"],
            secrets,
            15,
            1,
        ),
        of(
            "one byte, the first of a block",
            &["RangeShort", "RangeAligned"],
            secrets,
            16,
            1,
        ),
        of(
            "two bytes of two blocks",
            &["RangeShort", "RangeUnaligned"],
            secrets,
            31,
            2,
        ),
        of(
            "five bytes within a block",
            &["RangeShort", "RangeUnaligned"],
            secrets,
            165,
            5,
        ),
        of(
            "across the border of parts of 102,400",
            &["RangeAcrossParts", "RangeUnaligned"],
            secrets,
            102_395,
            11,
        ),
        of(
            "from the border of parts of 102,400",
            &["RangeAcrossParts", "RangeAligned"],
            secrets,
            102_400,
            21,
        ),
        of(
            "the last 5 of 250,000 bytes",
            &["Suffix", "RangeUnaligned"],
            secrets,
            249_995,
            5,
        ),
        of(
            "the last 16 of 250,000 bytes",
            &["Suffix", "RangeAligned"],
            secrets,
            249_984,
            16,
        ),
        of(
            "the last byte of 1,000",
            &["Suffix", "RangeUnaligned"],
            secrets,
            999,
            1,
        ),
        of(
            "at 32 GiB, unaligned",
            &["RangeFar", "RangeUnaligned"],
            secrets,
            (32 << 30) + 7,
            33,
        ),
        of(
            "at 64 GiB",
            &["RangeFar", "RangeAligned"],
            secrets,
            64 << 30,
            32,
        ),
        of(
            "across 64 GiB",
            &["RangeFar", "RangeUnaligned"],
            secrets,
            (64 << 30) - 5,
            27,
        ),
        of(
            "the last bytes of the largest object",
            &["RangeFar", "Suffix", "RangeUnaligned"],
            secrets,
            50_000 * GIB - 21,
            21,
        ),
        of(
            "past a carry out of 32 bits",
            &["CarryAt32", "RangeUnaligned"],
            (KEY, before_carry(32, 1)),
            21,
            30,
        ),
        of(
            "past a carry out of 64 bits",
            &["CarryAt64", "RangeUnaligned"],
            (KEY, before_carry(64, 1)),
            21,
            30,
        ),
        of(
            "across a carry out of 64 bits",
            &["CarryAt64", "RangeUnaligned"],
            (KEY, before_carry(64, 1)),
            9,
            30,
        ),
        of(
            "past a carry out of 64 bits, an even number of bytes from a block",
            &["CarryAt64", "RangeAligned"],
            (KEY, before_carry(64, 1)),
            32,
            32,
        ),
        of(
            "past 2^128",
            &["WrapAt128", "RangeUnaligned"],
            (KEY, [0xff; 16]),
            21,
            30,
        ),
        of(
            "past 2^128, from a block",
            &["WrapAt128", "RangeAligned"],
            (KEY, [0xff; 16]),
            16,
            31,
        ),
        of(
            "a high start",
            &["SignedStart", "RangeUnaligned"],
            (KEY, (1_u128 << 127).to_be_bytes()),
            4_099,
            31,
        ),
    ]);
    tests
}
