//! Declared sizes: where a tag fits, spills or is split, and what that does to size and count.

use partproof_model::Cipher;

use crate::vectors::declared_sizes::DeclaredSizesTest;
use crate::vectors::draft::{self, NoteText, note, note_ec};
use crate::vectors::file::{CipherName, Group, VectorFile};

const NOTES: &[NoteText] = &[
    note(
        "Normal",
        "An ordinary upload.",
        "The service refuses the upload.",
    ),
    note_ec(
        "NoTag",
        "Counter mode adds nothing: plaintext and ciphertext have one size (fault E07).",
        "Other sizes are declared than are sent.",
        &["0005-00000411", "0005-00000420"],
    ),
    note_ec(
        "TagInLastPart",
        "The tag fits behind the last byte. Catches a data size without its tag (fault E03).",
        "The last part is refused, or cut by the tag.",
        &["0005-00000420"],
    ),
    note_ec(
        "TagInOwnPart",
        "The plaintext fills its last part: the tag is one part more. Catches a count made from the plaintext (fault E04).",
        "One part more is listed than was declared.",
        &["0005-00000411"],
    ),
    note_ec(
        "TagSplit",
        "The last part has less than 16 bytes free: the tag is split. Catches a tag that is never split (fault E04).",
        "One part more is listed than was declared, or a part is longer than the part size.",
        &["0005-00000411", "0005-00000419"],
    ),
    note_ec(
        "TagPerPart",
        "Every part ends with a tag of its own, within the part size. Catches a count made from the part size instead of the room in it.",
        "One part more is listed than was declared.",
        &["0005-00000411", "0005-00000419"],
    ),
    note(
        "EmptyObject",
        "No plaintext. A GCM object is then a tag alone; in counter mode there is no part, and a client may refuse (fault C09).",
        "Empty objects cannot be uploaded, or are not authenticated.",
    ),
    note(
        "SmallParts",
        "A part size below 102,400, to show the arithmetic: a client may refuse it.",
        "The sizes are wrong for large parts as well.",
    ),
    note(
        "NoRoomForTag",
        "A part size of 16 or less leaves no room beside a part's tag.",
        "A division by zero, or parts without end.",
    ),
    note(
        "PartSizeUnaligned",
        "A part size that is no multiple of 16.",
        "Parts share keystream or decrypt to wrong bytes.",
    ),
    note_ec(
        "TooManyParts",
        "The tags make more than 10,000 parts of what would have been 10,000.",
        "The service refuses the upload.",
        &["0005-00000410"],
    ),
    note(
        "TenThousand",
        "Exactly 10,000 parts, tags included.",
        "The largest objects are refused.",
    ),
    note(
        "MessageLimit",
        "One AES-GCM message has at most 2^36 - 32 bytes of plaintext (NIST SP 800-38D).",
        "The counter wraps: keystream is used twice.",
    ),
    note(
        "WideSizes",
        "Sizes beyond 32 bits (faults G01, G03).",
        "The wrong size is declared.",
    ),
];

pub(in crate::vectors) fn file() -> VectorFile {
    let group = |cipher, tests| Group::DeclaredSizes {
        cipher: CipherName(cipher),
        tests,
    };
    draft::file(
        "declared sizes",
        &[
            "What an upload declares for each content cipher, tags included, and which bytes of the plaintext and of a tag each part holds.",
            "AES/CTR/NoPadding is the wire format of every client; the two authenticated profiles are described in docs/MODEL.md.",
        ],
        NOTES,
        vec![
            group(Cipher::Ctr, ctr()),
            group(Cipher::GcmObject, gcm_object()),
            group(Cipher::GcmPart, gcm_part()),
        ],
    )
}

const FLOOR: u64 = 102_400;
const GIB: u64 = 1 << 30;

fn ctr() -> Vec<DeclaredSizesTest> {
    let of = |comment: &str, own: &[&str], size, part| {
        DeclaredSizesTest::of(Cipher::Ctr, comment, own, size, part)
    };
    vec![
        of(
            "the documented example",
            &["Normal", "NoTag"],
            1_000_000,
            500_000,
        ),
        of("a short last part", &["NoTag"], 250_000, FLOOR),
        of("an exact multiple", &["NoTag"], 2 * FLOOR, FLOOR),
        of("a last part of one byte", &["NoTag"], 2 * FLOOR + 1, FLOOR),
        of("one part of 3 bytes", &["NoTag"], 3, FLOOR),
        of(
            "10,000 parts",
            &["NoTag", "TenThousand"],
            10_000 * FLOOR,
            FLOOR,
        ),
        of(
            "10,001 parts",
            &["NoTag", "TooManyParts"],
            10_000 * FLOOR + 1,
            FLOOR,
        ),
        of(
            "the largest object",
            &["NoTag", "WideSizes"],
            50_000 * GIB,
            5 * GIB,
        ),
        of("no byte", &["EmptyObject"], 0, FLOOR),
        of("parts of 16", &["NoTag", "SmallParts"], 100, 16),
        of("part size 17", &["PartSizeUnaligned"], 100, 17),
        of("part size 0", &["PartSizeUnaligned"], 100, 0),
    ]
}

fn gcm_object() -> Vec<DeclaredSizesTest> {
    let of = |comment: &str, own: &[&str], size, part| {
        DeclaredSizesTest::of(Cipher::GcmObject, comment, own, size, part)
    };
    let mut tests = vec![
        of("a tag alone", &["EmptyObject", "TagInLastPart"], 0, FLOOR),
        of("one byte", &["TagInLastPart"], 1, FLOOR),
        of("three parts", &["Normal", "TagInLastPart"], 250_000, FLOOR),
        of(
            "the tag just fits",
            &["TagInLastPart"],
            2 * FLOOR - 16,
            FLOOR,
        ),
        of("the last part is full", &["TagInOwnPart"], 2 * FLOOR, FLOOR),
        of("one full part", &["TagInOwnPart"], FLOOR, FLOOR),
        of(
            "one byte in the last part",
            &["TagInLastPart"],
            2 * FLOOR + 1,
            FLOOR,
        ),
        of(
            "the documented sizes",
            &["TagInOwnPart"],
            1_000_000,
            500_000,
        ),
    ];
    for free in 1..16 {
        tests.push(of(
            &format!(
                "{free} bytes are free in part 2: {free} bytes of the tag there, {} in part 3",
                16 - free
            ),
            &["TagSplit"],
            2 * FLOOR - free,
            FLOOR,
        ));
    }
    for (size, flag) in [
        (0, "TagInLastPart"),
        (48, "TagInLastPart"),
        (49, "TagSplit"),
        (63, "TagSplit"),
        (64, "TagInOwnPart"),
        (65, "TagInLastPart"),
    ] {
        tests.push(of(
            &format!("{size} bytes in parts of 64"),
            &["SmallParts", flag],
            size,
            64,
        ));
    }
    for size in [0, 1, 15, 16, 17] {
        let flag = match size {
            0 => "TagInLastPart",
            16 => "TagInOwnPart",
            _ => "TagSplit",
        };
        tests.push(of(
            &format!("{size} bytes in parts of 16"),
            &["SmallParts", flag],
            size,
            16,
        ));
    }
    tests.extend([
        of(
            "10,000 parts with the tag",
            &["TenThousand", "TagInLastPart"],
            10_000 * FLOOR - 16,
            FLOOR,
        ),
        of(
            "the tag splits into part 10,001",
            &["TooManyParts", "TagSplit"],
            10_000 * FLOOR - 15,
            FLOOR,
        ),
        of(
            "the tag is part 10,001",
            &["TooManyParts", "TagInOwnPart"],
            10_000 * FLOOR,
            FLOOR,
        ),
        of(
            "the longest message",
            &["MessageLimit", "WideSizes"],
            (1 << 36) - 32,
            5 * GIB,
        ),
        of(
            "one byte beyond the longest message",
            &["MessageLimit"],
            (1 << 36) - 31,
            5 * GIB,
        ),
        of("2^36 bytes", &["MessageLimit"], 1 << 36, 5 * GIB),
        of(
            "4 GiB in parts of 1 GiB",
            &["WideSizes", "TagInOwnPart"],
            4 * GIB,
            GIB,
        ),
        of("2 GiB less 5", &["WideSizes", "TagSplit"], 2 * GIB - 5, GIB),
        of("part size 24", &["PartSizeUnaligned"], 100, 24),
        of("part size 0", &["PartSizeUnaligned"], 100, 0),
    ]);
    tests
}

fn gcm_part() -> Vec<DeclaredSizesTest> {
    let of = |comment: &str, own: &[&str], size, part| {
        DeclaredSizesTest::of(Cipher::GcmPart, comment, own, size, part)
    };
    let room = FLOOR - 16;
    let mut tests = vec![
        of("a tag alone", &["EmptyObject", "TagPerPart"], 0, FLOOR),
        of("one byte", &["TagPerPart"], 1, FLOOR),
        of("three parts", &["Normal", "TagPerPart"], 250_000, FLOOR),
        of(
            "the documented sizes make three parts",
            &["TagPerPart"],
            1_000_000,
            500_000,
        ),
        of(
            "as much as two parts hold",
            &["TagPerPart"],
            2 * room,
            FLOOR,
        ),
        of(
            "one byte more than two parts hold",
            &["TagPerPart"],
            2 * room + 1,
            FLOOR,
        ),
        of(
            "one byte less than two parts hold",
            &["TagPerPart"],
            2 * room - 1,
            FLOOR,
        ),
        of(
            "two full parts of plaintext spill into a third",
            &["TagPerPart"],
            2 * FLOOR,
            FLOOR,
        ),
    ];
    for size in [0, 1, 15, 16, 17, 32, 33, 47, 48, 49] {
        let flags: &[&str] = match size {
            0 => &["SmallParts", "TagPerPart", "EmptyObject"],
            _ => &["SmallParts", "TagPerPart"],
        };
        tests.push(of(&format!("{size} bytes in parts of 32"), flags, size, 32));
    }
    tests.extend([
        of(
            "10,000 parts",
            &["TenThousand", "TagPerPart"],
            10_000 * room,
            FLOOR,
        ),
        of(
            "10,001 parts of what would be 10,000 without tags",
            &["TooManyParts", "TagPerPart"],
            10_000 * room + 1,
            FLOOR,
        ),
        of(
            "10,000 parts of plaintext",
            &["TooManyParts", "TagPerPart"],
            10_000 * FLOOR,
            FLOOR,
        ),
        of(
            "the largest object",
            &["WideSizes", "TenThousand"],
            10_000 * (5 * GIB - 16),
            5 * GIB,
        ),
        of(
            "2^32 bytes in parts of 2^31",
            &["WideSizes"],
            1 << 32,
            1 << 31,
        ),
        of("part size 16", &["NoRoomForTag"], 100, 16),
        of(
            "part size 16, nothing to seal",
            &["NoRoomForTag", "EmptyObject"],
            0,
            16,
        ),
        of(
            "part size 8",
            &["NoRoomForTag", "PartSizeUnaligned"],
            100,
            8,
        ),
        of(
            "part size 0",
            &["NoRoomForTag", "PartSizeUnaligned"],
            100,
            0,
        ),
        of("part size 40", &["PartSizeUnaligned"], 100, 40),
    ]);
    tests
}
