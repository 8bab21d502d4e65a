//! Plans: every place where counts, offsets and lengths go wrong.

use crate::vectors::draft::{self, NoteText, note, note_ec};
use crate::vectors::file::{Group, VectorFile};
use crate::vectors::plan::PlanTest;

const REJECTED: &str = "The service refuses the upload, often only when all of it was sent.";
const LOST: &str = "Bytes are left out or sent twice: the object is not what was uploaded.";

const NOTES: &[NoteText] = &[
    note("Normal", "An ordinary object.", REJECTED),
    note_ec(
        "Documented",
        "The example of the service's page of the error number.",
        REJECTED,
        &["0005-00000411"],
    ),
    note_ec(
        "ExactMultiple",
        "The size is a multiple of the part size. Catches size / part + 1, an empty last part, and a last part of size mod part = 0 bytes (faults A05, A06, A07).",
        "One part too many is refused at Complete, or the last part is lost.",
        &["0005-00000411"],
    ),
    note_ec(
        "OneByteOver",
        "One byte more than a multiple: the last part has one byte. Catches rounding down.",
        "The last byte is lost, or the list is too short.",
        &["0005-00000411"],
    ),
    note(
        "OneByteShort",
        "One byte less than a multiple. Catches a last part that is taken to be full.",
        LOST,
    ),
    note(
        "SinglePart",
        "The object fits in one part. Catches a part size made from the size of a small file, which is no multiple of 16 (fault A02).",
        "Small files cannot be uploaded.",
    ),
    note(
        "SmallParts",
        "Several parts below 102,400 bytes: the floor is checked at Complete, and whether for encrypted uploads is open. A client may refuse (fault A19).",
        "All is uploaded before the service refuses it.",
    ),
    note(
        "TenThousand",
        "Exactly 10,000 parts, or one fewer: legal. Catches n >= 10000 for n > 10000 (fault A11).",
        "The largest objects are refused, or planned anew with a part size that nobody asked for.",
    ),
    note_ec(
        "TooManyParts",
        "More than 10,000 parts, one too many at least. Catches an unchecked count and part sizes rounded down (faults A04, A09).",
        REJECTED,
        &["0005-00000410"],
    ),
    note(
        "PartSizeUnaligned",
        "A part size that is no multiple of 16. Catches unchecked alignment: the counter of the next part would begin within a block (faults A13, B17).",
        "Parts share keystream or decrypt to wrong bytes.",
    ),
    note(
        "PartSizeZero",
        "A part size of zero. Catches a division by zero and checks of size mod 16 alone (fault A20).",
        "The process ends.",
    ),
    note(
        "EmptyObject",
        "No bytes at all: a client may refuse, plan no part, or one empty part. Catches (size - 1) / part + 1 in unsigned arithmetic (fault A12).",
        "2^64 / part size parts.",
    ),
    note(
        "LargestObject",
        "10,000 parts of 5 GiB, the largest object there can be, and what is near it.",
        "The largest objects cannot be uploaded.",
    ),
    note("PartTooLarge", "A part above 5 GiB.", REJECTED),
    note(
        "Beyond31Bits",
        "Sizes and offsets near 2^31. Catches signed 32-bit integers (faults D07, G01).",
        LOST,
    ),
    note(
        "Beyond32Bits",
        "Sizes and offsets near 2^32. Catches unsigned 32-bit integers and part number * part size in 32 bits (faults G03, G05).",
        LOST,
    ),
    note(
        "Beyond53Bits",
        "A size near 2^53. Catches floats (fault G04).",
        "The count is off by one.",
    ),
    note(
        "BeyondFloat",
        "A size that single precision does not hold. Catches a division in floats (fault G04).",
        "The count is off by one, or the last bytes are lost.",
    ),
];

pub(in crate::vectors) fn file() -> VectorFile {
    draft::file(
        "multipart plan",
        &[
            "How an object of a size lies in parts of a size: the count that the service expects, and where parts begin and end.",
            "An invalid plan is refused, or mended with another part size; a client may refuse part sizes below 102,400.",
        ],
        NOTES,
        vec![
            Group::Plan { tests: ordinary() },
            Group::Plan { tests: limits() },
            Group::Plan { tests: wide() },
            Group::Plan { tests: refused() },
        ],
    )
}

const FLOOR: u64 = 102_400;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

fn ordinary() -> Vec<PlanTest> {
    let of = PlanTest::of;
    let mut tests = vec![
        of(
            "1,000,000 in parts of 500,000",
            &["Documented", "ExactMultiple"],
            1_000_000,
            500_000,
        ),
        of(
            "512,000 in parts of 204,800: 3 parts, as a vendor's test completes them",
            &["Normal"],
            512_000,
            204_800,
        ),
        of(
            "1,048,676 in parts of 102,400: 11 parts, as a vendor's test completes them",
            &["Normal"],
            1_048_676,
            102_400,
        ),
        of("3 bytes in one part of 102,400", &["SinglePart"], 3, FLOOR),
        of("3 bytes in one part of 16", &["SinglePart"], 3, 16),
        of("one byte in the smallest part", &["SinglePart"], 1, 16),
        of("one byte in the largest part", &["SinglePart"], 1, 5 * GIB),
    ];
    for part in [
        FLOOR,
        FLOOR + 16,
        524_288,
        MIB,
        8 * MIB,
        100 * MIB,
        GIB,
        5 * GIB,
    ] {
        for count in [1, 2, 3, 10] {
            let size = part * count;
            tests.push(of(
                &format!("{count} times {part}"),
                &["ExactMultiple"],
                size,
                part,
            ));
            tests.push(of(
                &format!("{count} times {part}, and one byte"),
                &["OneByteOver"],
                size + 1,
                part,
            ));
            tests.push(of(
                &format!("{count} times {part}, but one byte"),
                &["OneByteShort"],
                size - 1,
                part,
            ));
        }
    }
    for size in [15, 16, 17, 102_399, 102_400, 102_401] {
        tests.push(of(
            &format!("{size} bytes around a block or the floor"),
            &["SinglePart"],
            size,
            MIB,
        ));
    }
    tests
}

fn limits() -> Vec<PlanTest> {
    let of = PlanTest::of;
    let mut tests = Vec::new();
    for part in [FLOOR, MIB, 5 * GIB] {
        let most = part * 10_000;
        tests.push(of(
            &format!("9,999 parts of {part}"),
            &["TenThousand"],
            most - part,
            part,
        ));
        tests.push(of(
            &format!("9,999 parts of {part} and one byte"),
            &["TenThousand", "OneByteOver"],
            most - part + 1,
            part,
        ));
        tests.push(of(
            &format!("10,000 parts of {part} but one byte"),
            &["TenThousand", "OneByteShort"],
            most - 1,
            part,
        ));
        tests.push(of(
            &format!("10,000 parts of {part}"),
            &["TenThousand", "ExactMultiple"],
            most,
            part,
        ));
        tests.push(of(
            &format!("10,000 parts of {part} and one byte"),
            &["TooManyParts"],
            most + 1,
            part,
        ));
        tests.push(of(
            &format!("10,001 parts of {part}"),
            &["TooManyParts", "ExactMultiple"],
            most + part,
            part,
        ));
    }
    let largest = 50_000 * GIB;
    tests.push(of(
        "the largest object",
        &["LargestObject"],
        largest,
        5 * GIB,
    ));
    tests.push(of(
        "the largest object but one byte",
        &["LargestObject"],
        largest - 1,
        5 * GIB,
    ));
    tests.push(of(
        "one byte more than the largest object",
        &["LargestObject", "TooManyParts"],
        largest + 1,
        5 * GIB,
    ));
    tests.push(of(
        "the largest object in parts of 1 GiB",
        &["TooManyParts"],
        largest,
        GIB,
    ));
    tests.push(of(
        "10,000 parts of 16 bytes",
        &["TenThousand", "SmallParts"],
        160_000,
        16,
    ));
    tests.push(of(
        "10,001 parts of 16 bytes",
        &["TooManyParts"],
        160_001,
        16,
    ));
    for (size, part) in [
        (250_000, 16_384),
        (163_840, 16_384),
        (100, 16),
        (17, 16),
        (204_784, 102_384),
        (204_783, 102_384),
    ] {
        tests.push(of(
            &format!("{size} in parts of {part}"),
            &["SmallParts"],
            size,
            part,
        ));
    }
    tests
}

fn wide() -> Vec<PlanTest> {
    let of = PlanTest::of;
    let mut tests = Vec::new();
    for (power, flag) in [(31_u32, "Beyond31Bits"), (32, "Beyond32Bits")] {
        let at = 1_u64 << power;
        for (size, what) in [
            (at - 1, "one less than"),
            (at, "exactly"),
            (at + 1, "one more than"),
        ] {
            for part in [MIB, 5 * MIB, 1_000_000_000] {
                tests.push(of(
                    &format!("{what} 2^{power} bytes in parts of {part}"),
                    &[flag],
                    size,
                    part,
                ));
            }
        }
        tests.push(of(
            &format!("parts of 2^{power} bytes"),
            &[flag, "ExactMultiple"],
            3 * at,
            at,
        ));
        tests.push(of(
            &format!("parts of 2^{power} - 16 bytes"),
            &[flag],
            3 * at,
            at - 16,
        ));
        tests.push(of(
            &format!("parts of 2^{power} + 16 bytes, the last offset beyond"),
            &[flag],
            2 * at + 33,
            at + 16,
        ));
    }
    tests.push(of(
        "part number * part size is 2^32 at part 4,097",
        &["Beyond32Bits"],
        5_000 * MIB + 7,
        MIB,
    ));
    tests.push(of(
        "part size * 10,000 is beyond 2^32, the size is not",
        &["Beyond32Bits"],
        3_000_000_000,
        500_000_000,
    ));
    for (size, part) in [
        (16_777_217, FLOOR),
        (16_777_217 * 16, MIB),
        (1_099_511_627_776 + 1, 128 * MIB),
        (10_000 * FLOOR - 1, FLOOR),
        (9_999 * 5 * GIB + 1, 5 * GIB),
    ] {
        tests.push(of(
            &format!("{size} in parts of {part}"),
            &["BeyondFloat"],
            size,
            part,
        ));
    }
    tests
}

fn refused() -> Vec<PlanTest> {
    let of = PlanTest::of;
    let mut tests = vec![
        of("part size zero", &["PartSizeZero"], 1_000_000, 0),
        of(
            "nothing in parts of zero",
            &["PartSizeZero", "EmptyObject"],
            0,
            0,
        ),
        of("no byte", &["EmptyObject"], 0, FLOOR),
        of("no byte, the largest part", &["EmptyObject"], 0, 5 * GIB),
        of(
            "200,000 in parts of 10: the page of the error number",
            &["TooManyParts", "PartSizeUnaligned"],
            200_000,
            10,
        ),
        of(
            "a part size that is the file's size",
            &["PartSizeUnaligned", "SinglePart"],
            100_001,
            100_001,
        ),
        of(
            "ceil(size / 10,000) as part size",
            &["PartSizeUnaligned"],
            1_234_567_891,
            123_457,
        ),
        of(
            "two parts above 5 GiB",
            &["PartTooLarge"],
            12 * GIB,
            6 * GIB,
        ),
        of("one part above 5 GiB", &["PartTooLarge"], 6 * GIB, 6 * GIB),
        of(
            "one part of 5 GiB and one byte",
            &["PartTooLarge"],
            5 * GIB + 1,
            5 * GIB + 16,
        ),
        of(
            "a short part under a part size above 5 GiB",
            &["PartTooLarge", "SinglePart"],
            100,
            5 * GIB + 16,
        ),
        of(
            "2^53 - 1 bytes in the largest parts",
            &["Beyond53Bits", "TooManyParts"],
            (1 << 53) - 1,
            5 * GIB,
        ),
        of(
            "2^53 - 1 bytes in parts of 2^40",
            &["Beyond53Bits", "PartTooLarge"],
            (1 << 53) - 1,
            1 << 40,
        ),
    ];
    for part in [1, 8, 15, 17, 1_000, 102_401, 102_408, 500_001] {
        tests.push(of(
            &format!("parts of {part}"),
            &["PartSizeUnaligned"],
            3 * part + 1,
            part,
        ));
    }
    tests
}
