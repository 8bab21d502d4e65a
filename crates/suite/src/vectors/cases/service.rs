//! Service sequences: the example of every page, what vendors' tests show, and what is open.

mod errors;
mod general;
mod objects;
mod pages;
mod part_lists;
mod steps;
mod uploads;

use crate::vectors::draft::{self, NoteText, note, note_ec};
use crate::vectors::file::{Group, VectorFile};

const DOUBLE: &str = "A test double, a proxy or a client that expects otherwise lets a wrong upload pass, or stops a right one.";

const NOTES: &[NoteText] = &[
    note("Upload", "A whole upload that must succeed.", DOUBLE),
    note(
        "HeadersRepeated",
        "Every part repeats the headers of Initiate, as Go, Python and PHP send it (row V4).",
        DOUBLE,
    ),
    note(
        "HeadersOmitted",
        "No part has an encryption header, as C++ and Java send it (row V3).",
        DOUBLE,
    ),
    note_ec(
        "Documented411",
        "The example of the page: 1,000,000 / 500,000 makes 2 parts, and 1, 5 and 8 are listed.",
        DOUBLE,
        &["0005-00000411"],
    ),
    note_ec(
        "KeyMissing",
        "The wrapped key is absent.",
        DOUBLE,
        &["0005-00000401"],
    ),
    note_ec(
        "StartMissing",
        "The wrapped start is absent.",
        DOUBLE,
        &["0005-00000402"],
    ),
    note_ec(
        "CekAlgMissing",
        "The content cipher is absent.",
        DOUBLE,
        &["0005-00000403"],
    ),
    note_ec(
        "WrapAlgMissing",
        "The wrap algorithm is absent.",
        DOUBLE,
        &["0005-00000404"],
    ),
    note_ec(
        "HmacMissing",
        "The wrap algorithm is exactly `rsa` and the magic-number HMAC is absent.",
        DOUBLE,
        &["0005-00000405"],
    ),
    note_ec(
        "DataSizeMissing",
        "The data size is absent: several clients leave it out when it is 0 (row V1, fault A18).",
        DOUBLE,
        &["0005-00000406"],
    ),
    note_ec(
        "PartSizeMissing",
        "The part size is absent.",
        DOUBLE,
        &["0005-00000407"],
    ),
    note_ec(
        "DataSizeNotInteger",
        "The data size is no integer.",
        DOUBLE,
        &["0005-00000408"],
    ),
    note_ec(
        "PartSizeNotInteger",
        "The part size is no integer.",
        DOUBLE,
        &["0005-00000409"],
    ),
    note_ec(
        "TooManyParts",
        "The sizes make more than 10,000 parts.",
        DOUBLE,
        &["0005-00000410"],
    ),
    note_ec(
        "CountExceeded",
        "More parts are listed than are expected.",
        DOUBLE,
        &["0005-00000411"],
    ),
    note(
        "CountShort",
        "Fewer parts are listed than are expected (row V2).",
        DOUBLE,
    ),
    note_ec(
        "KeyChanged",
        "A part repeats another key than Initiate had. No page of this number is known.",
        DOUBLE,
        &["0005-00000412"],
    ),
    note_ec(
        "StartChanged",
        "A part repeats another start.",
        DOUBLE,
        &["0005-00000413"],
    ),
    note_ec(
        "CekAlgChanged",
        "A part repeats another content cipher. No page of this number is known.",
        DOUBLE,
        &["0005-00000414"],
    ),
    note_ec(
        "WrapAlgChanged",
        "A part repeats another wrap algorithm. No page of this number is known.",
        DOUBLE,
        &["0005-00000415"],
    ),
    note_ec(
        "HmacChanged",
        "With the wrap algorithm `rsa` a part repeats another HMAC.",
        DOUBLE,
        &["0005-00000416"],
    ),
    note_ec(
        "DataSizeChanged",
        "A part repeats another data size.",
        DOUBLE,
        &["0005-00000417"],
    ),
    note_ec(
        "PartSizeChanged",
        "A part repeats another part size: as after a resume with a new plan (faults A10, D09).",
        DOUBLE,
        &["0005-00000418"],
    ),
    note_ec(
        "PartLength",
        "A part that is not the last has not the part size (row V8, fault A15).",
        DOUBLE,
        &["0005-00000419"],
    ),
    note_ec(
        "LastPartLength",
        "The last part has not what is left for it (fault A17).",
        DOUBLE,
        &["0005-00000420"],
    ),
    note(
        "PartBeyondCount",
        "A part number above the expected count.",
        DOUBLE,
    ),
    note_ec(
        "MetadataFixed",
        "CopyObject would change encryption metadata (rows V12, V13).",
        DOUBLE,
        &["0005-00000421"],
    ),
    note_ec(
        "CopySourceEncrypted",
        "UploadPartCopy from an encrypted object.",
        DOUBLE,
        &["0042-00000309"],
    ),
    note(
        "CopyIntoEncrypted",
        "UploadPartCopy of plain bytes into an encrypted upload.",
        DOUBLE,
    ),
    note(
        "OtherValues",
        "Values that the service does not look into: unknown algorithms, another material description on a part, sizes in any legal spelling.",
        DOUBLE,
    ),
    note(
        "PartSizeUnaligned",
        "A part size that is no multiple of 16, which examples of the pages have.",
        DOUBLE,
    ),
    note(
        "SmallPartSize",
        "A part size below 102,400 (rows V6, V7): checked, if at all, at Complete.",
        DOUBLE,
    ),
    note(
        "Ceiling",
        "The expected count is rounded up (row V9).",
        DOUBLE,
    ),
    note(
        "PartReplaced",
        "A part number is sent again and replaces the part (fault B15).",
        DOUBLE,
    ),
    note(
        "AfterRefusal",
        "A refused step changes nothing: a corrected one succeeds.",
        DOUBLE,
    ),
    note(
        "UploadGone",
        "An upload that was completed, aborted or never begun.",
        DOUBLE,
    ),
    note(
        "ListPages",
        "ListParts in pages. Catches readers of the first page alone (fault F06).",
        DOUBLE,
    ),
    note(
        "PartNumberRange",
        "A part number that is no integer from 1 to 10,000.",
        DOUBLE,
    ),
    note("PartNumberMissing", "No part number.", DOUBLE),
    note(
        "PartOrder",
        "Parts are listed out of order, or one twice.",
        DOUBLE,
    ),
    note(
        "PartUnknown",
        "A listed part was not uploaded, or has another ETag.",
        DOUBLE,
    ),
    note(
        "PartTooSmall",
        "A part below 102,400 bytes that is not the last, in a plain upload.",
        DOUBLE,
    ),
    note(
        "MalformedXml",
        "The body of Complete is no part list.",
        DOUBLE,
    ),
    note(
        "PlainUpload",
        "An upload without encryption headers: no count, no lengths, gaps and subsets are right.",
        DOUBLE,
    ),
    note(
        "CompleteAll",
        "Complete with `x-oss-complete-all: yes`.",
        DOUBLE,
    ),
    note(
        "ForbidOverwrite",
        "Complete with `x-oss-forbid-overwrite: true`.",
        DOUBLE,
    ),
    note(
        "ContentMd5",
        "A Content-MD5, over the body as sent. Catches one over plaintext (fault E01).",
        DOUBLE,
    ),
    note("Crc64", "A declared CRC-64, over the body as sent.", DOUBLE),
    note(
        "TwoUploads",
        "Two uploads of one object: each has its own id and parts.",
        DOUBLE,
    ),
    note(
        "PutEncrypted",
        "PutObject with encryption headers: no sizes are required.",
        DOUBLE,
    ),
    note(
        "ObjectName",
        "Object names: 1 to 1,023 bytes, no slash of either kind first.",
        DOUBLE,
    ),
    note("ObjectUnknown", "An object that does not exist.", DOUBLE),
    note(
        "Ranges",
        "Range reads. By default the service ignores a range that it cannot serve whole (faults C01, C10).",
        DOUBLE,
    ),
    note(
        "RangesStandard",
        "Range reads with `x-oss-range-behavior: standard`.",
        DOUBLE,
    ),
    note("EmptyObject", "An object of no bytes.", DOUBLE),
    note(
        "WideSizes",
        "Declared sizes up to 48.8 TB, 2^63 and beyond, as text (fault G03).",
        DOUBLE,
    ),
];

pub(in crate::vectors) fn file() -> VectorFile {
    let group = |tests| Group::Service { tests };
    draft::file(
        "multipart service",
        &[
            "What the service answers, step by step, in one bucket that is empty at first. For test doubles, proxies and clients that check what they send.",
            "Where evidence is open a step is acceptable, and both answers are right: the flags name the question, and `partproof explain` tells it.",
        ],
        NOTES,
        vec![
            group(uploads::tests()),
            group(errors::tests()),
            group(general::tests()),
            group(objects::tests()),
        ],
    )
}
