//! Parts anywhere in an object.

use super::*;

pub(super) fn positions() -> Vec<CtrPartTest> {
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

pub(super) fn carries() -> Vec<CtrPartTest> {
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

pub(super) fn refused() -> Vec<CtrPartTest> {
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
