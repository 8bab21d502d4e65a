//! Part lists: the spellings in use, what a service refuses, and documents that are made to deceive or exhaust.

mod malformed;
mod readable;
mod refused;

use partproof_model::etag;

use crate::vectors::draft::{self, NoteText, note, note_ec};
use crate::vectors::file::{Group, Outcome, VectorFile};
use crate::vectors::part_list::{ListedUpload, PartListTest, StoredPartValue};

const REFUSED: &str = "The upload is refused after all of it was sent.";
const UNREAD: &str = "Lists of other clients are refused.";
const ENDANGERED: &str = "Process endangered: a document from outside ends or exhausts it.";

const NOTES: &[NoteText] = &[
    note("Normal", "A list as it is documented.", REFUSED),
    note(
        "Quotes",
        "ETags in raw quotes, named or numbered references, or none: all are in use (faults F03, F04).",
        UNREAD,
    ),
    note(
        "ChildOrder",
        "ETag before PartNumber, as C++ v2 writes it.",
        UNREAD,
    ),
    note(
        "WhiteSpace",
        "Blanks and line breaks between elements and around values.",
        UNREAD,
    ),
    note(
        "Declaration",
        "An XML declaration stands first, as PHP v2 writes it.",
        UNREAD,
    ),
    note(
        "Namespace",
        "The root has a namespace, as some samples of the service have.",
        UNREAD,
    ),
    note("Comments", "Comments between elements.", UNREAD),
    note("Cdata", "An ETag in a CDATA section.", UNREAD),
    note(
        "CharacterReferences",
        "Numbers and ETags in character references.",
        UNREAD,
    ),
    note(
        "Attributes",
        "Attributes that nobody needs. A reader may refuse them.",
        "None: either is right.",
    ),
    note(
        "NamespacePrefix",
        "Elements with a prefix. A reader may take or refuse them.",
        "None: either is right.",
    ),
    note(
        "UnknownElement",
        "An element that is not of the schema. Some readers skip it.",
        "None: either is right.",
    ),
    note(
        "ByteOrderMark",
        "A byte order mark stands first.",
        "None: either is right.",
    ),
    note(
        "ProcessingInstruction",
        "A processing instruction, or a comment behind the end: XML allows them.",
        "None: either is right.",
    ),
    note(
        "PaddedNumber",
        "A part number with leading zeros.",
        "None: either is right.",
    ),
    note(
        "LowerCaseETag",
        "An ETag in lower case: no source says whether case counts.",
        "None: either is right.",
    ),
    note(
        "Utf16",
        "UTF-16 with a byte order mark: XML allows it, the service speaks UTF-8.",
        "None: either is right.",
    ),
    note(
        "InternalEntity",
        "A document type with a small entity, or an external one: a reader may refuse it, skip it, or expand what is small. It must read no file.",
        "Files of the reader's machine leak.",
    ),
    note_ec(
        "WrongOrder",
        "Parts in the order in which they were finished, or as text is sorted: 1, 10, 2. Catches builders that do not sort (faults F01, F09).",
        REFUSED,
        &["0042-00000209"],
    ),
    note(
        "DuplicatePart",
        "A part number is listed twice, as after a retry. Catches builders that pass duplicates through (fault F02).",
        REFUSED,
    ),
    note_ec(
        "CountExceeded",
        "More parts are listed than ceil(data size / part size).",
        REFUSED,
        &["0005-00000411"],
    ),
    note_ec(
        "Documented",
        "The example of the service's page: parts 1, 5 and 8 of 1,000,000 / 500,000.",
        REFUSED,
        &["0005-00000411"],
    ),
    note(
        "CountShort",
        "Fewer parts are listed than ceil(data size / part size). Catches lists that lost a part (faults F05, F08, A08).",
        "Data lost where the service takes it.",
    ),
    note(
        "UnknownPart",
        "A listed part was never uploaded (faults A08, F06).",
        REFUSED,
    ),
    note(
        "WrongETag",
        "An ETag that the service did not return: of another part, of the plaintext, unescaped once too little or too often (faults E01, F03).",
        REFUSED,
    ),
    note(
        "NumberOutOfRange",
        "A part number that no part has.",
        REFUSED,
    ),
    note_ec(
        "NumberMissing",
        "A part without its number, with two, or with none that is an integer.",
        REFUSED,
        &["0042-00000205"],
    ),
    note_ec(
        "ETagMissing",
        "A part without its ETag, or with two.",
        REFUSED,
        &["0042-00000205"],
    ),
    note_ec("EmptyList", "No part at all.", REFUSED, &["0042-00000205"]),
    note_ec(
        "WrongRoot",
        "Another root element.",
        REFUSED,
        &["0042-00000205"],
    ),
    note_ec(
        "NotXml",
        "No well-formed XML: nothing, text, JSON, a missing end, an unescaped character (fault F04).",
        REFUSED,
        &["0042-00000205"],
    ),
    note_ec(
        "TextBetween",
        "Text where only elements belong.",
        REFUSED,
        &["0042-00000205"],
    ),
    note_ec(
        "Truncated",
        "The document ends too early.",
        "Parts are dropped without an error.",
        &["0042-00000205"],
    ),
    note_ec(
        "TrailingJunk",
        "Something behind the end of the root.",
        ENDANGERED,
        &["0042-00000205"],
    ),
    note_ec(
        "NotUtf8",
        "Bytes that are no UTF-8, or a character that XML does not have.",
        ENDANGERED,
        &["0042-00000205"],
    ),
    note_ec(
        "EntityBomb",
        "Entities of entities: two million bytes from a few hundred.",
        ENDANGERED,
        &["0042-00000205"],
    ),
    note_ec(
        "UndefinedEntity",
        "A reference to an entity that is not defined.",
        UNREAD,
        &["0042-00000205"],
    ),
];

pub(in crate::vectors) fn file() -> VectorFile {
    let three = upload(250_000, 102_400);
    let twelve = upload(1_200_000, 102_400);
    let documented = upload(1_000_000, 500_000);
    let one = upload(5, 102_400);
    let group = |upload: &ListedUpload, tests: Vec<PartListTest>| Group::PartList {
        data_size: upload.data_size,
        part_size: upload.part_size,
        stored: upload.stored.clone(),
        tests,
    };
    draft::file(
        "CompleteMultipartUpload",
        &[
            "The body of CompleteMultipartUpload for encrypted uploads whose parts are all there: in every spelling that clients send, and in those that no service takes.",
            "Readers are held to `parts`, builders to the same parts in any order; `rejections` are the service's.",
        ],
        NOTES,
        vec![
            group(&three, readable::spellings(&three)),
            group(&three, readable::tolerated(&three)),
            group(&three, refused::refused(&three)),
            group(&three, malformed::malformed(&three)),
            group(&twelve, refused::ordered(&twelve)),
            group(&documented, refused::counted(&documented)),
            group(&one, refused::single(&one)),
        ],
    )
}

fn list_test(
    comment: &str,
    own: &[&str],
    upload: &ListedUpload,
    body: &[u8],
    result: Option<Outcome>,
) -> PartListTest {
    PartListTest::of(comment, own, upload, body, result).expect("these uploads can be made")
}

fn etag_of(number: u64) -> String {
    etag::of_part(&etag::md5(format!("part {number}").as_bytes()))
}

/// An upload of which every part is there.
fn upload(data_size: u64, part_size: u64) -> ListedUpload {
    let count = data_size.div_ceil(part_size);
    let stored = (1..=count)
        .map(|number| StoredPartValue {
            number,
            etag: etag_of(number),
            length: part_size.min(data_size - (number - 1) * part_size),
        })
        .collect();
    ListedUpload {
        data_size,
        part_size,
        stored,
    }
}

fn root(inner: &str) -> String {
    format!("<CompleteMultipartUpload>{inner}</CompleteMultipartUpload>")
}

fn part(number: impl std::fmt::Display, etag: &str) -> String {
    format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>")
}

/// The plainest list of these parts, in this order.
fn plain(numbers: &[u64]) -> String {
    let parts: String = numbers
        .iter()
        .map(|number| part(number, &format!("\"{}\"", etag_of(*number))))
        .collect();
    root(&parts)
}

/// All three parts, each spelt by a function of its number and bare ETag.
fn three(spelt: impl Fn(u64, &str) -> String) -> String {
    let parts: String = (1..=3)
        .map(|number| spelt(number, &etag_of(number)))
        .collect();
    root(&parts)
}
