//! Ranges from any byte.

use super::*;

pub(super) fn ranges() -> Vec<CtrRangeTest> {
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
