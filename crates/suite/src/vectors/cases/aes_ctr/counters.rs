//! Counter blocks.

use super::*;

pub(super) fn counters() -> Vec<CounterBlockTest> {
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
