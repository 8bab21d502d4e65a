//! GCM part: parts of every place and length, and parts that were moved, cut or taken from elsewhere.

use partproof_model::cipher::gcm_object;
use partproof_model::{ContentKey, Start};

use super::{KEY, PREFIX};
use crate::vectors::draft::{self, NoteText, note};
use crate::vectors::file::{Group, VectorFile};
use crate::vectors::gcm_part::{GcmPartTest, Place, sealed};
use crate::vectors::value::PlaintextValue;

const UNREADABLE: &str = "Other clients cannot read the object.";
const UNNOTICED: &str =
    "Tampering unnoticed: bytes that are not what was sealed are released as if they were.";

const NOTES: &[NoteText] = &[
    note("Normal", "An ordinary part.", UNREADABLE),
    note("FirstPart", "The first of several parts.", UNREADABLE),
    note(
        "LaterPart",
        "A part that is not the first. Catches a nonce without the number, and plaintext taken from the wrong offset.",
        "Two parts share keystream, and the key that authenticates can be computed.",
    ),
    note(
        "LastPart",
        "A last part shorter than the others.",
        UNREADABLE,
    ),
    note(
        "OnlyPart",
        "The only part of an object: it opens as an object, too.",
        UNREADABLE,
    ),
    note(
        "EmptyObject",
        "No plaintext: one part that is its tag (fault C09).",
        UNREADABLE,
    ),
    note(
        "HighNumber",
        "A part number that needs two bytes in the nonce.",
        UNREADABLE,
    ),
    note(
        "WideSizes",
        "Declared sizes beyond 32 bits, in the associated data (fault G03).",
        UNREADABLE,
    ),
    note(
        "LargeParts",
        "Parts of 102,400 bytes, the smallest that the service takes of several.",
        UNREADABLE,
    ),
    note("KeyBits", "An extreme key or prefix.", UNREADABLE),
    note(
        "FlippedCiphertext",
        "A bit of the ciphertext is flipped (fault E19).",
        UNNOTICED,
    ),
    note("FlippedTag", "A bit of the tag is flipped.", UNNOTICED),
    note(
        "TruncatedPart",
        "The part is cut, or longer than its place.",
        UNNOTICED,
    ),
    note(
        "OtherNumber",
        "Sealed as another part. Catches openers that take parts in any order.",
        UNNOTICED,
    ),
    note(
        "OtherDataSize",
        "Sealed for an object of another size. Catches sizes that are not bound: an object cut by whole parts would open.",
        UNNOTICED,
    ),
    note("OtherPartSize", "Sealed for another part size.", UNNOTICED),
    note(
        "WithoutAssociatedData",
        "Sealed with the right nonce but without associated data.",
        UNNOTICED,
    ),
    note(
        "WrongKey",
        "Sealed under another key, or another prefix.",
        UNNOTICED,
    ),
    note(
        "StartShape",
        "The last 8 bytes of the start are not zero: they are where the number goes.",
        UNREADABLE,
    ),
];

pub(in crate::vectors) fn file() -> VectorFile {
    draft::file(
        "AES/GCM-PART/NoPadding",
        &[
            "GCM part: each part sealed by itself with AES-256-GCM, its number in the nonce, sizes, number and count as associated data.",
            "Part sizes below 102,400 keep the file small; a client may refuse them.",
        ],
        NOTES,
        vec![
            Group::GcmPart { tests: right() },
            Group::GcmPart { tests: broken() },
        ],
    )
}

const fn place(data_size: u64, part_size: u64, number: u64) -> Place {
    Place {
        data_size,
        part_size,
        number,
    }
}

fn right() -> Vec<GcmPartTest> {
    let secrets = (KEY, PREFIX);
    let of = GcmPartTest::of;
    let gib = 1 << 30;
    vec![
        of(
            "an empty object",
            &["EmptyObject", "OnlyPart"],
            secrets,
            place(16, 64, 1),
            1,
        ),
        of("one byte", &["OnlyPart"], secrets, place(17, 64, 1), 1),
        of(
            "a full only part",
            &["OnlyPart", "Normal"],
            secrets,
            place(64, 64, 1),
            1,
        ),
        of(
            "part 1 of 3",
            &["FirstPart", "Normal"],
            secrets,
            place(150, 64, 1),
            1,
        ),
        of("part 2 of 3", &["LaterPart"], secrets, place(150, 64, 2), 1),
        of(
            "part 3 of 3",
            &["LaterPart", "LastPart"],
            secrets,
            place(150, 64, 3),
            1,
        ),
        of(
            "a last part of one byte",
            &["LaterPart", "LastPart"],
            secrets,
            place(145, 64, 3),
            1,
        ),
        of(
            "a full last part",
            &["LaterPart"],
            secrets,
            place(192, 64, 3),
            1,
        ),
        of(
            "the smallest parts",
            &["LaterPart"],
            secrets,
            place(96, 32, 2),
            1,
        ),
        of("zeros", &["LaterPart"], secrets, place(150, 64, 2), 0),
        of(
            "part 300 of 301",
            &["HighNumber", "LaterPart"],
            secrets,
            place(64 * 300 + 20, 64, 300),
            2,
        ),
        of(
            "part 10,000",
            &["HighNumber", "LaterPart", "LastPart"],
            secrets,
            place(102_400 * 9_999 + 50, 102_400, 10_000),
            2,
        ),
        of(
            "the last part of the largest object",
            &["WideSizes", "HighNumber", "LastPart"],
            secrets,
            place(5 * gib * 9_999 + 60, 5 * gib, 10_000),
            2,
        ),
        of(
            "the last of three parts of 4 GiB",
            &["WideSizes", "LastPart", "LaterPart"],
            secrets,
            place(8 * gib + 40, 4 * gib, 3),
            2,
        ),
        of(
            "a whole part of 102,400",
            &["LargeParts", "FirstPart"],
            secrets,
            place(250_000, 102_400, 1),
            3,
        ),
        of(
            "a whole second part of 102,400",
            &["LargeParts", "LaterPart"],
            secrets,
            place(250_000, 102_400, 2),
            3,
        ),
        of(
            "a short third part",
            &["LargeParts", "LaterPart", "LastPart"],
            secrets,
            place(250_000, 102_400, 3),
            3,
        ),
        of(
            "an only part of 5 bytes in 102,400",
            &["LargeParts", "OnlyPart"],
            secrets,
            place(21, 102_400, 1),
            3,
        ),
        of(
            "zero key and prefix",
            &["KeyBits", "OnlyPart"],
            ([0; 32], [0; 16]),
            place(50, 64, 1),
            3,
        ),
        of(
            "key of all ones",
            &["KeyBits", "LaterPart"],
            ([0xff; 32], PREFIX),
            place(128, 64, 2),
            3,
        ),
        of(
            "prefix of all ones",
            &["KeyBits", "LaterPart"],
            (
                KEY,
                [
                    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0,
                ],
            ),
            place(128, 64, 2),
            3,
        ),
    ]
}

fn broken() -> Vec<GcmPartTest> {
    let secrets = (KEY, PREFIX);
    let here = place(192, 64, 2);
    let plaintext = PlaintextValue::Seeded {
        seed: 1,
        length: 48,
    };
    let seal = |secrets, place| sealed(secrets, place, &plaintext).expect("a full part of 64");
    let right = seal(secrets, here);
    let of = |comment: &str, own: &[&str], stored: &[u8]| {
        GcmPartTest::read(comment, own, secrets, here, stored)
    };
    let flipped = |bit: usize| {
        let mut stored = right.clone();
        stored[bit / 8] ^= 1 << (bit % 8);
        stored
    };
    let mut other_key = KEY;
    other_key[0] ^= 0x80;
    let mut other_prefix = PREFIX;
    other_prefix[7] ^= 1;
    let longer = [right.as_slice(), &[0]].concat();
    // The other profile has no associated data: its nonce is this part's.
    let mut nonce = PREFIX;
    nonce[11] = 2;
    let bare = gcm_object::seal(ContentKey(KEY), Start(nonce), &plaintext.bytes_from(48))
        .expect("a short message");
    let mut tests = vec![
        of("the first bit", &["FlippedCiphertext"], &flipped(7)),
        of(
            "the last bit before the tag",
            &["FlippedCiphertext"],
            &flipped(47 * 8),
        ),
        of(
            "the first bit of the tag",
            &["FlippedTag"],
            &flipped(48 * 8 + 7),
        ),
        of("the last bit of the tag", &["FlippedTag"], &flipped(63 * 8)),
        of("one byte less", &["TruncatedPart"], &right[..63]),
        of("without its tag", &["TruncatedPart"], &right[..48]),
        of("nothing", &["TruncatedPart"], &[]),
        of("one byte more", &["TruncatedPart"], &longer),
        of(
            "part 1 in the place of part 2",
            &["OtherNumber"],
            &seal(secrets, place(192, 64, 1)),
        ),
        of(
            "part 3 in the place of part 2",
            &["OtherNumber"],
            &seal(secrets, place(192, 64, 3)),
        ),
        of(
            "of an object with one part more",
            &["OtherDataSize"],
            &seal(secrets, place(256, 64, 2)),
        ),
        of(
            "of an object with one byte less",
            &["OtherDataSize"],
            &seal(secrets, place(191, 64, 2)),
        ),
        of(
            "of an object with one part less",
            &["OtherDataSize"],
            &seal(secrets, place(128, 64, 2)),
        ),
        of(
            "sealed under another key",
            &["WrongKey"],
            &seal((other_key, PREFIX), here),
        ),
        of(
            "sealed under another prefix",
            &["WrongKey"],
            &seal((KEY, other_prefix), here),
        ),
    ];
    // One short part has the same bytes whatever the part size, but for its tag.
    let short = PlaintextValue::Seeded {
        seed: 1,
        length: 20,
    };
    let elsewhere = sealed(secrets, place(36, 128, 1), &short).expect("a short part");
    tests.push(GcmPartTest::read(
        "an only part, sealed for parts of 128",
        &["OtherPartSize"],
        secrets,
        place(36, 64, 1),
        &elsewhere,
    ));
    tests.push(of(
        "sealed without associated data",
        &["WithoutAssociatedData"],
        &bare,
    ));
    let mut numbered = PREFIX;
    numbered[11] = 2;
    tests.push(GcmPartTest::read(
        "the start has a number in it",
        &["StartShape"],
        (KEY, numbered),
        here,
        &right,
    ));
    let mut random = PREFIX;
    random[15] = 0x40;
    tests.push(GcmPartTest::read(
        "the start ends in 40",
        &["StartShape"],
        (KEY, random),
        here,
        &right,
    ));
    tests
}
