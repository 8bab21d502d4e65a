//! GCM object: the tag in every place it can take, and everything that can be done to stored parts.

use super::{KEY, NONCE};
use crate::vectors::draft::{self, NoteText, note};
use crate::vectors::file::{Group, VectorFile};
use crate::vectors::gcm_object::{GcmObjectTest, sealed};
use crate::vectors::value::PlaintextValue;

const UNREADABLE: &str = "Other clients cannot read the object.";
const UNNOTICED: &str =
    "Tampering unnoticed: bytes that are not what was sealed are released as if they were.";

const NOTES: &[NoteText] = &[
    note("Normal", "An ordinary object.", UNREADABLE),
    note(
        "TagInLastPart",
        "The tag fits behind the last byte. Catches a tag that is left out, or sent as a part of its own (faults E03, E04).",
        UNREADABLE,
    ),
    note(
        "TagInOwnPart",
        "The plaintext fills its last part: the tag is one part more (fault E04).",
        UNREADABLE,
    ),
    note(
        "TagSplit",
        "The last part has less than 16 bytes free: the tag is split over two parts. Catches a tag that is never split, and readers that look for it in one part (fault E04).",
        UNREADABLE,
    ),
    note(
        "EmptyObject",
        "No plaintext: the object is its tag (fault C09).",
        UNREADABLE,
    ),
    note(
        "ManyParts",
        "Parts that could be sealed in any order: the tag is over the object's order. Catches a tag over the order of arrival (fault E05).",
        UNREADABLE,
    ),
    note(
        "LargeParts",
        "Parts of 102,400 bytes, the smallest that the service takes of several.",
        UNREADABLE,
    ),
    note("KeyBits", "An extreme key or nonce.", UNREADABLE),
    note(
        "FlippedCiphertext",
        "A bit of the ciphertext is flipped (fault E19).",
        UNNOTICED,
    ),
    note(
        "FlippedTag",
        "A bit of the tag is flipped. Catches tags compared in part, or not at all.",
        UNNOTICED,
    ),
    note(
        "SwappedParts",
        "Two parts have changed places. Catches a tag computed part by part.",
        UNNOTICED,
    ),
    note(
        "DroppedPart",
        "A part is missing, the first, one in the middle, or the last. Catches openers that count nothing.",
        UNNOTICED,
    ),
    note(
        "TruncatedPart",
        "The last part is cut. Catches tags that may be shorter.",
        UNNOTICED,
    ),
    note("RepeatedPart", "A part stands twice.", UNNOTICED),
    note(
        "ForeignTag",
        "The tag of another object, or of the same plaintext under another nonce.",
        UNNOTICED,
    ),
    note(
        "WrongKey",
        "Sealed under another key, or another nonce.",
        UNNOTICED,
    ),
    note(
        "NothingStored",
        "No part, or fewer bytes than a tag has.",
        UNNOTICED,
    ),
    note(
        "StartShape",
        "The last 4 bytes of the start are not zero: they are where GCM counts.",
        UNREADABLE,
    ),
];

pub(in crate::vectors) fn file() -> VectorFile {
    draft::file(
        "AES/GCM/NoPadding",
        &[
            "GCM object: the bytes and the tag of one-shot AES-256-GCM over the whole object, without associated data, cut into parts. The tag follows the last byte.",
            "Part sizes below 102,400 keep the file small; a client may refuse them.",
        ],
        NOTES,
        vec![
            Group::GcmObject { tests: right() },
            Group::GcmObject { tests: broken() },
        ],
    )
}

fn right() -> Vec<GcmObjectTest> {
    let secrets = (KEY, NONCE);
    let of = GcmObjectTest::of;
    let seeded = |length| PlaintextValue::Seeded { seed: 1, length };
    let mut tests = vec![
        of(
            "a tag alone",
            &["EmptyObject", "TagInLastPart"],
            secrets,
            64,
            seeded(0),
        ),
        of("one byte", &["TagInLastPart"], secrets, 64, seeded(1)),
        of(
            "plaintext in full",
            &["Normal", "TagInLastPart"],
            secrets,
            64,
            PlaintextValue::Full {
                hex: b"attack at dawn".as_slice().into(),
            },
        ),
        of(
            "the tag just fits",
            &["TagInLastPart"],
            secrets,
            64,
            seeded(48),
        ),
        of("one full part", &["TagInOwnPart"], secrets, 64, seeded(64)),
        of(
            "two full parts",
            &["TagInOwnPart", "ManyParts"],
            secrets,
            64,
            seeded(128),
        ),
        of(
            "one byte in part 3",
            &["TagInLastPart", "ManyParts"],
            secrets,
            64,
            seeded(129),
        ),
        of(
            "five parts",
            &["ManyParts", "TagInLastPart"],
            secrets,
            64,
            seeded(300),
        ),
        of(
            "the smallest parts",
            &["ManyParts", "TagInOwnPart"],
            secrets,
            16,
            seeded(80),
        ),
        of(
            "the smallest parts, the tag split",
            &["ManyParts", "TagSplit"],
            secrets,
            16,
            seeded(75),
        ),
        of(
            "zeros",
            &["ManyParts", "TagInLastPart"],
            secrets,
            64,
            PlaintextValue::Seeded {
                seed: 0,
                length: 100,
            },
        ),
        of(
            "zero key and nonce",
            &["KeyBits", "TagInLastPart"],
            ([0; 32], [0; 16]),
            64,
            seeded(40),
        ),
        of(
            "key of all ones",
            &["KeyBits", "TagInLastPart"],
            ([0xff; 32], NONCE),
            64,
            seeded(40),
        ),
        of(
            "nonce of all ones",
            &["KeyBits", "TagSplit"],
            (
                KEY,
                [
                    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0,
                    0, 0,
                ],
            ),
            64,
            seeded(60),
        ),
    ];
    for free in 1..16 {
        tests.push(of(
            &format!("{free} bytes of the tag in part 2, {} in part 3", 16 - free),
            &["TagSplit", "ManyParts"],
            secrets,
            64,
            seeded(128 - free),
        ));
    }
    for (length, flag, what) in [
        (204_784, "TagInLastPart", "two parts, the tag just fits"),
        (204_800, "TagInOwnPart", "two full parts"),
        (204_795, "TagSplit", "two parts, the tag split"),
        (250_000, "TagInLastPart", "three parts"),
        (5, "TagInLastPart", "one short part"),
    ] {
        tests.push(of(
            what,
            &["LargeParts", flag],
            secrets,
            102_400,
            seeded(length),
        ));
    }
    tests
}

fn broken() -> Vec<GcmObjectTest> {
    let secrets = (KEY, NONCE);
    let of = |comment: &str, own: &[&str], parts: &[Vec<u8>]| {
        GcmObjectTest::broken(comment, own, secrets, 64, parts)
    };
    let seal = |seed, length, secrets: ([u8; 32], [u8; 16])| {
        let plaintext = PlaintextValue::Seeded { seed, length }.bytes();
        sealed(secrets.0, secrets.1, 64, &plaintext).expect("small and of the right shape")
    };
    let flipped = |parts: &[Vec<u8>], part: usize, bit: usize| {
        let mut parts = parts.to_vec();
        parts[part][bit / 8] ^= 1 << (bit % 8);
        parts
    };
    // Three whole parts and the tag in the fourth, behind 8 bytes.
    let parts = seal(1, 200, secrets);
    let mut tests = vec![
        of(
            "the first bit of the object",
            &["FlippedCiphertext"],
            &flipped(&parts, 0, 7),
        ),
        of(
            "a bit of part 2",
            &["FlippedCiphertext"],
            &flipped(&parts, 1, 100),
        ),
        of(
            "the last bit before the tag",
            &["FlippedCiphertext"],
            &flipped(&parts, 3, 63),
        ),
        of(
            "the first bit of the tag",
            &["FlippedTag"],
            &flipped(&parts, 3, 64 + 7),
        ),
        of(
            "a bit in the middle of the tag",
            &["FlippedTag"],
            &flipped(&parts, 3, 64 + 68),
        ),
        of(
            "the last bit of the tag",
            &["FlippedTag"],
            &flipped(&parts, 3, 64 + 120),
        ),
        of(
            "parts 1 and 2 swapped",
            &["SwappedParts"],
            &[
                parts[1].clone(),
                parts[0].clone(),
                parts[2].clone(),
                parts[3].clone(),
            ],
        ),
        of(
            "parts 1 and 3 swapped",
            &["SwappedParts"],
            &[
                parts[2].clone(),
                parts[1].clone(),
                parts[0].clone(),
                parts[3].clone(),
            ],
        ),
        of(
            "parts 3 and 4 swapped",
            &["SwappedParts"],
            &[
                parts[0].clone(),
                parts[1].clone(),
                parts[3].clone(),
                parts[2].clone(),
            ],
        ),
        of("part 1 is missing", &["DroppedPart"], &parts[1..]),
        of(
            "part 2 is missing",
            &["DroppedPart"],
            &[parts[0].clone(), parts[2].clone(), parts[3].clone()],
        ),
        of(
            "part 4, with the tag, is missing",
            &["DroppedPart"],
            &parts[..3],
        ),
        of("only part 4 is there", &["DroppedPart"], &parts[3..]),
        of(
            "part 2 stands twice",
            &["RepeatedPart"],
            &[
                parts[0].clone(),
                parts[1].clone(),
                parts[1].clone(),
                parts[2].clone(),
                parts[3].clone(),
            ],
        ),
        of(
            "part 4 stands twice",
            &["RepeatedPart"],
            &[parts.as_slice(), &parts[3..]].concat(),
        ),
        of("no part", &["NothingStored"], &[]),
        of("15 bytes", &["NothingStored"], &[parts[0][..15].to_vec()]),
    ];
    for cut in [1, 8, 15, 16, 20] {
        let mut cut_parts = parts.clone();
        let length = cut_parts[3].len() - cut;
        cut_parts[3].truncate(length);
        tests.push(of(
            &format!("the last part without its last {cut} bytes"),
            &["TruncatedPart"],
            &cut_parts,
        ));
    }
    for (length, flag, what) in [
        (128, "TagInOwnPart", "in a part of its own"),
        (123, "TagSplit", "split"),
    ] {
        let parts = seal(1, length, secrets);
        let last = parts.len() - 1;
        tests.push(of(
            &format!("a bit of a tag {what}"),
            &["FlippedTag", flag],
            &flipped(&parts, last, 1),
        ));
        tests.push(of(
            &format!("a tag {what} is missing"),
            &["DroppedPart", flag],
            &parts[..last],
        ));
    }
    let split = seal(1, 123, secrets);
    tests.push(of(
        "the first bit of a split tag, in part 2",
        &["FlippedTag", "TagSplit"],
        &flipped(&split, 1, 59 * 8 + 7),
    ));
    // The last part of another object of this length brings its tag along.
    let other = seal(2, 200, secrets);
    tests.push(of(
        "part 4, with the tag, of another object",
        &["ForeignTag"],
        &[&parts[..3], &other[3..]].concat(),
    ));
    let mut renonced = NONCE;
    renonced[0] ^= 1;
    let elsewhere = seal(1, 200, (KEY, renonced));
    let mut with_tag = parts.clone();
    let tag = elsewhere[3][8..].to_vec();
    with_tag[3].splice(8.., tag);
    tests.push(of(
        "the tag of the same plaintext under another nonce",
        &["ForeignTag"],
        &with_tag,
    ));
    tests.push(of("sealed under another nonce", &["WrongKey"], &elsewhere));
    let mut rekeyed = KEY;
    rekeyed[31] ^= 1;
    tests.push(of(
        "sealed under another key",
        &["WrongKey"],
        &seal(1, 200, (rekeyed, NONCE)),
    ));
    let mut counting = NONCE;
    counting[15] = 1;
    tests.push(GcmObjectTest::broken(
        "the start ends in 00000001",
        &["StartShape"],
        (KEY, counting),
        64,
        &parts,
    ));
    let mut random = NONCE;
    random[12..].copy_from_slice(&[0x9c, 0x01, 0xee, 0x52]);
    tests.push(GcmObjectTest::broken(
        "all 16 bytes of the start are random",
        &["StartShape"],
        (KEY, random),
        64,
        &parts,
    ));
    tests
}
