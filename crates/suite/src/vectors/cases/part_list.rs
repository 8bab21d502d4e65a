//! Part lists: the spellings in use, what a service refuses, and documents that are made to deceive or exhaust.

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
            group(&three, spellings(&three)),
            group(&three, tolerated(&three)),
            group(&three, refused(&three)),
            group(&three, malformed(&three)),
            group(&twelve, ordered(&twelve)),
            group(&documented, counted(&documented)),
            group(&one, single(&one)),
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

fn spellings(upload: &ListedUpload) -> Vec<PartListTest> {
    let of = |comment: &str, own: &[&str], body: String| {
        list_test(comment, own, upload, body.as_bytes(), None)
    };
    let body = plain(&[1, 2, 3]);
    let indented = format!(
        "<CompleteMultipartUpload>\r\n{}</CompleteMultipartUpload>\r\n",
        (1..=3)
            .map(|number| format!("  <Part>\r\n\t<PartNumber> {number} </PartNumber>\r\n\t<ETag>\n\"{}\" </ETag>\r\n  </Part>\r\n", etag_of(number)))
            .collect::<String>()
    );
    vec![
        of(
            "raw quotes, as oss2 writes them",
            &["Normal", "Quotes"],
            body.clone(),
        ),
        of(
            "named references, as Java writes them",
            &["Quotes"],
            three(|number, etag| part(number, &format!("&quot;{etag}&quot;"))),
        ),
        of(
            "numbered references, as Go writes them",
            &["Quotes"],
            three(|number, etag| part(number, &format!("&#34;{etag}&#34;"))),
        ),
        of(
            "hexadecimal references",
            &["Quotes", "CharacterReferences"],
            three(|number, etag| part(number, &format!("&#x22;{etag}&#x22;"))),
        ),
        of("no quotes, as C++ may write them", &["Quotes"], three(part)),
        of(
            "three spellings in one list",
            &["Quotes"],
            root(
                &[
                    part(1, &etag_of(1)),
                    part(2, &format!("&quot;{}&quot;", etag_of(2))),
                    part(3, &format!("\"{}\"", etag_of(3))),
                ]
                .concat(),
            ),
        ),
        of(
            "ETag first",
            &["ChildOrder"],
            three(|number, etag| {
                format!("<Part><ETag>\"{etag}\"</ETag><PartNumber>{number}</PartNumber></Part>")
            }),
        ),
        of(
            "indented, blanks around values",
            &["WhiteSpace"],
            indented.clone(),
        ),
        of(
            "line feeds between parts",
            &["WhiteSpace"],
            body.replace("><Part>", ">\n<Part>"),
        ),
        of(
            "a declaration",
            &["Declaration"],
            format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>{body}"),
        ),
        of(
            "a declaration and a line feed",
            &["Declaration", "WhiteSpace"],
            format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{body}\n"),
        ),
        of(
            "a declaration in single quotes",
            &["Declaration"],
            format!("<?xml version='1.0' encoding='utf-8'?>\n{body}"),
        ),
        of(
            "a declaration without an encoding",
            &["Declaration"],
            format!("<?xml version=\"1.0\"?>{body}"),
        ),
        of(
            "a namespace",
            &["Namespace"],
            body.replace(
                "<CompleteMultipartUpload>",
                "<CompleteMultipartUpload xmlns=\"http://doc.oss-cn-hangzhou.aliyuncs.com\">",
            ),
        ),
        of(
            "declaration, namespace and indentation",
            &["Declaration", "Namespace", "WhiteSpace"],
            format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}",
                indented.replace(
                    "<CompleteMultipartUpload>",
                    "<CompleteMultipartUpload xmlns=\"http://doc.oss-cn-hangzhou.aliyuncs.com\">"
                )
            ),
        ),
        of(
            "comments",
            &["Comments"],
            body.replace("<Part>", "<!-- a part --><Part>")
                .replace("<ETag>", "<!-- <ETag>none</ETag> --><ETag>"),
        ),
        of(
            "CDATA",
            &["Cdata"],
            three(|number, etag| part(number, &format!("<![CDATA[\"{etag}\"]]>"))),
        ),
        of(
            "every character of the ETags as a reference",
            &["CharacterReferences"],
            three(|number, etag| {
                part(
                    number,
                    &etag
                        .bytes()
                        .map(|byte| format!("&#x{byte:x};"))
                        .collect::<String>(),
                )
            }),
        ),
        of(
            "numbers as references",
            &["CharacterReferences"],
            three(|number, etag| part(format!("&#{};", 48 + number), &format!("\"{etag}\""))),
        ),
    ]
}

fn tolerated(upload: &ListedUpload) -> Vec<PartListTest> {
    let either = |comment: &str, own: &[&str], body: &[u8]| {
        list_test(comment, own, upload, body, Some(Outcome::Acceptable))
    };
    let body = plain(&[1, 2, 3]);
    let mut utf_16 = vec![0xff, 0xfe];
    utf_16.extend(body.encode_utf16().flat_map(u16::to_le_bytes));
    let prefixed = body
        .replace("<Complete", "<o:Complete")
        .replace("</Complete", "</o:Complete")
        .replace(
            "<o:CompleteMultipartUpload>",
            "<o:CompleteMultipartUpload xmlns:o=\"http://doc.oss-cn-hangzhou.aliyuncs.com\">",
        )
        .replace("<Part", "<o:Part")
        .replace("</Part", "</o:Part")
        .replace("<ETag", "<o:ETag")
        .replace("</ETag", "</o:ETag");
    let with = |from: &str, to: &str| body.replace(from, to).into_bytes();
    vec![
        either("attributes", &["Attributes"], &with("<Part>", "<Part kind=\"data\">")),
        either("attributes of the number", &["Attributes"], &with("<PartNumber>", "<PartNumber type='integer'>")),
        either("a prefix", &["NamespacePrefix"], prefixed.as_bytes()),
        either("a size beside number and ETag", &["UnknownElement"], &with("</ETag></Part>", "</ETag><Size>102400</Size></Part>")),
        either("an element beside the parts", &["UnknownElement"], &with("</CompleteMultipartUpload>", "<Count>3</Count></CompleteMultipartUpload>")),
        either("a byte order mark", &["ByteOrderMark"], format!("\u{feff}{body}").as_bytes()),
        either("a processing instruction", &["ProcessingInstruction"], format!("<?client name?>{body}").as_bytes()),
        either("a comment behind the end", &["ProcessingInstruction"], format!("{body}<!-- end -->").as_bytes()),
        either("leading zeros", &["PaddedNumber"], &with("<PartNumber>2<", "<PartNumber>002<")),
        either("ETags in lower case", &["LowerCaseETag"], three(|number, etag| part(number, &etag.to_ascii_lowercase())).as_bytes()),
        either("UTF-16", &["Utf16"], &utf_16),
        either("an entity for the quote", &["InternalEntity"], format!("<!DOCTYPE CompleteMultipartUpload [<!ENTITY q '\"'>]>{}", three(|number, etag| part(number, &format!("&q;{etag}&q;")))).as_bytes()),
        either("a document type without entities", &["InternalEntity"], format!("<!DOCTYPE CompleteMultipartUpload>{body}").as_bytes()),
        either("an entity that names a file", &["InternalEntity"], format!("<!DOCTYPE CompleteMultipartUpload [<!ENTITY x SYSTEM \"file:///etc/hostname\">]>{}", body.replace("</ETag>", "&x;</ETag>")).as_bytes()),
    ]
}

fn refused(upload: &ListedUpload) -> Vec<PartListTest> {
    let of = |comment: &str, own: &[&str], body: String| {
        list_test(comment, own, upload, body.as_bytes(), None)
    };
    let quoted = |number: u64| format!("\"{}\"", etag_of(number));
    let of_parts = |parts: &[(u64, String)]| {
        let parts: String = parts
            .iter()
            .map(|(number, etag)| part(number, etag))
            .collect();
        root(&parts)
    };
    vec![
        of("2, 1, 3", &["WrongOrder"], plain(&[2, 1, 3])),
        of("3, 2, 1", &["WrongOrder"], plain(&[3, 2, 1])),
        of(
            "part 2 twice, in the place of part 3",
            &["DuplicatePart"],
            plain(&[1, 2, 2]),
        ),
        of(
            "part 1 twice, all there",
            &["DuplicatePart", "CountExceeded"],
            plain(&[1, 1, 2, 3]),
        ),
        of(
            "part 2 again at the end",
            &["DuplicatePart", "WrongOrder", "CountExceeded"],
            plain(&[1, 2, 3, 2]),
        ),
        of(
            "a fourth part",
            &["CountExceeded", "UnknownPart"],
            plain(&[1, 2, 3, 4]),
        ),
        of("part 3 is missing", &["CountShort"], plain(&[1, 2])),
        of("part 1 is missing", &["CountShort"], plain(&[2, 3])),
        of("part 2 is missing", &["CountShort"], plain(&[1, 3])),
        of("only part 1", &["CountShort"], plain(&[1])),
        of(
            "part 4 in the place of part 3",
            &["UnknownPart"],
            plain(&[1, 2, 4]),
        ),
        of(
            "ETags of parts 2 and 3 swapped",
            &["WrongETag"],
            of_parts(&[(1, quoted(1)), (2, quoted(3)), (3, quoted(2))]),
        ),
        of(
            "an ETag that is none of them",
            &["WrongETag"],
            of_parts(&[(1, quoted(1)), (2, quoted(2)), (3, quoted(9))]),
        ),
        of(
            "an empty ETag",
            &["WrongETag"],
            of_parts(&[(1, quoted(1)), (2, quoted(2)), (3, String::new())]),
        ),
        of(
            "a quote at one end",
            &["WrongETag", "Quotes"],
            of_parts(&[
                (1, quoted(1)),
                (2, quoted(2)),
                (3, format!("\"{}", etag_of(3))),
            ]),
        ),
        of(
            "escaped twice",
            &["WrongETag", "Quotes"],
            of_parts(&[
                (1, quoted(1)),
                (2, quoted(2)),
                (3, format!("&amp;quot;{}&amp;quot;", etag_of(3))),
            ]),
        ),
        of(
            "quotes doubled",
            &["WrongETag", "Quotes"],
            of_parts(&[
                (1, quoted(1)),
                (2, quoted(2)),
                (3, format!("\"\"{}\"\"", etag_of(3))),
            ]),
        ),
        of(
            "an ETag cut by a character",
            &["WrongETag"],
            of_parts(&[
                (1, quoted(1)),
                (2, quoted(2)),
                (3, format!("\"{}\"", &etag_of(3)[1..])),
            ]),
        ),
        of(
            "part 0",
            &["NumberOutOfRange"],
            of_parts(&[(0, quoted(1)), (1, quoted(1)), (2, quoted(2))]),
        ),
        of(
            "numbered from zero",
            &["NumberOutOfRange"],
            of_parts(&[(0, quoted(1)), (1, quoted(2)), (2, quoted(3))]),
        ),
        of(
            "part 10,001",
            &["NumberOutOfRange"],
            of_parts(&[(1, quoted(1)), (2, quoted(2)), (10_001, quoted(3))]),
        ),
        of(
            "part 2^32 + 3",
            &["NumberOutOfRange"],
            of_parts(&[(1, quoted(1)), (2, quoted(2)), ((1 << 32) + 3, quoted(3))]),
        ),
    ]
}

fn malformed(upload: &ListedUpload) -> Vec<PartListTest> {
    let bytes =
        |comment: &str, own: &[&str], body: &[u8]| list_test(comment, own, upload, body, None);
    let of = |comment: &str, own: &[&str], body: &str| bytes(comment, own, body.as_bytes());
    let body = plain(&[1, 2, 3]);
    let with = |from: &str, to: &str| body.replacen(from, to, 1);
    let third = format!("\"{}\"", etag_of(3));
    let replaced = |to: &str| body.replace(&third, to);
    let mut bomb = String::from("<!DOCTYPE CompleteMultipartUpload [<!ENTITY e0 \"12345678\">");
    for level in 1..=6 {
        let inner = format!("&e{};", level - 1).repeat(8);
        bomb.push_str(&format!("<!ENTITY e{level} \"{inner}\">"));
    }
    bomb.push_str("]>");
    let mut bad_utf_8 = body.clone().into_bytes();
    let at = body.find("</ETag>").unwrap_or_default();
    bad_utf_8.insert(at, 0xff);
    vec![
        of("nothing", &["NotXml"], ""),
        of("a blank", &["NotXml"], " "),
        of("text", &["NotXml"], "1,2,3"),
        of(
            "JSON",
            &["NotXml"],
            "{\"CompleteMultipartUpload\":{\"Part\":[]}}",
        ),
        of("no root", &["NotXml"], &part(1, &third).repeat(2)),
        of("no part", &["EmptyList"], &root("")),
        of(
            "no part, in short",
            &["EmptyList"],
            "<CompleteMultipartUpload/>",
        ),
        of("only a comment", &["EmptyList"], &root("<!-- none -->")),
        of(
            "another root",
            &["WrongRoot"],
            &body.replace("CompleteMultipartUpload", "CompleteMultipartUploadResult"),
        ),
        of(
            "a list of deletions",
            &["WrongRoot"],
            "<Delete><Object><Key>a</Key></Object></Delete>",
        ),
        of(
            "the root in another case",
            &["WrongRoot"],
            &body.replace("CompleteMultipartUpload", "completemultipartupload"),
        ),
        of(
            "a part without a number",
            &["NumberMissing"],
            &with("<PartNumber>3</PartNumber>", ""),
        ),
        of(
            "an empty number",
            &["NumberMissing"],
            &with("<PartNumber>3</PartNumber>", "<PartNumber></PartNumber>"),
        ),
        of(
            "two numbers",
            &["NumberMissing"],
            &with(
                "<PartNumber>3</PartNumber>",
                "<PartNumber>3</PartNumber><PartNumber>3</PartNumber>",
            ),
        ),
        of(
            "a number that is a word",
            &["NumberMissing"],
            &with("<PartNumber>3<", "<PartNumber>three<"),
        ),
        of(
            "a negative number",
            &["NumberMissing"],
            &with("<PartNumber>3<", "<PartNumber>-3<"),
        ),
        of(
            "a number with a sign",
            &["NumberMissing"],
            &with("<PartNumber>3<", "<PartNumber>+3<"),
        ),
        of(
            "a fraction",
            &["NumberMissing"],
            &with("<PartNumber>3<", "<PartNumber>3.0<"),
        ),
        of(
            "a number beyond 64 bits",
            &["NumberMissing"],
            &with("<PartNumber>3<", "<PartNumber>18446744073709551619<"),
        ),
        of(
            "a part without an ETag",
            &["ETagMissing"],
            &replaced("").replacen("<ETag></ETag>", "", 1),
        ),
        of(
            "two ETags",
            &["ETagMissing"],
            &replaced(&format!("{third}</ETag><ETag>{third}")),
        ),
        of(
            "an empty part",
            &["NumberMissing", "ETagMissing"],
            &with(
                "</CompleteMultipartUpload>",
                "<Part></Part></CompleteMultipartUpload>",
            ),
        ),
        of(
            "an element in an ETag",
            &["ETagMissing"],
            &replaced("<b>AB</b>"),
        ),
        of(
            "text between parts",
            &["TextBetween"],
            &with("</Part><Part>", "</Part>and<Part>"),
        ),
        of(
            "text in a part",
            &["TextBetween"],
            &with("<PartNumber>2", "2<PartNumber>2"),
        ),
        of(
            "text behind the end",
            &["TrailingJunk"],
            &format!("{body}x"),
        ),
        of("a second root", &["TrailingJunk"], &format!("{body}{body}")),
        of(
            "an element behind the end",
            &["TrailingJunk"],
            &format!("{body}<more/>"),
        ),
        of(
            "a NUL behind the end",
            &["TrailingJunk"],
            &format!("{body}\0"),
        ),
        of(
            "without the end of the root",
            &["Truncated"],
            &body[..body.len() - 26],
        ),
        of(
            "without its last character",
            &["Truncated"],
            &body[..body.len() - 1],
        ),
        of(
            "cut within part 3",
            &["Truncated"],
            &body[..body.len() - 60],
        ),
        of("cut within part 2", &["Truncated"], &body[..130]),
        of(
            "end tags crossed",
            &["NotXml"],
            &with("</ETag></Part>", "</Part></ETag>"),
        ),
        of(
            "an end tag of another name",
            &["NotXml"],
            &with("</ETag>", "</Etag>"),
        ),
        of("an unescaped ampersand", &["NotXml"], &replaced("a&b")),
        of("an unescaped less-than", &["NotXml"], &replaced("a<b")),
        of(
            "an attribute without quotes",
            &["NotXml"],
            &with("<ETag>", "<ETag x=1>"),
        ),
        of(
            "an undefined entity",
            &["UndefinedEntity"],
            &replaced("&nbsp;"),
        ),
        of("a reference to NUL", &["NotUtf8"], &replaced("&#0;")),
        of(
            "a reference to a surrogate",
            &["NotUtf8"],
            &replaced("&#xD800;"),
        ),
        of("a control character", &["NotUtf8"], &replaced("\u{1}")),
        of("a NUL in an ETag", &["NotUtf8"], &replaced("A\0B")),
        bytes("the byte ff in an ETag", &["NotUtf8"], &bad_utf_8),
        bytes(
            "cut within a character",
            &["NotUtf8"],
            &[body.as_bytes(), &[0xc3]].concat(),
        ),
        of(
            "entities of entities",
            &["EntityBomb"],
            &format!("{bomb}{}", replaced("&e6;")),
        ),
    ]
}

fn ordered(upload: &ListedUpload) -> Vec<PartListTest> {
    let of = |comment: &str, own: &[&str], numbers: &[u64]| {
        list_test(comment, own, upload, plain(numbers).as_bytes(), None)
    };
    vec![
        of(
            "12 parts",
            &["Normal"],
            &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
        ),
        of(
            "as text is sorted",
            &["WrongOrder"],
            &[1, 10, 11, 12, 2, 3, 4, 5, 6, 7, 8, 9],
        ),
        of(
            "the last part first",
            &["WrongOrder"],
            &[12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
        ),
        of(
            "10 of 12",
            &["CountShort"],
            &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
        ),
        of(
            "2 of 12: a vendor's test asserts the error for 2 of 11",
            &["CountShort"],
            &[1, 2],
        ),
        of(
            "the last is lost",
            &["CountShort"],
            &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
        ),
        of(
            "one part too many",
            &["CountExceeded", "UnknownPart"],
            &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13],
        ),
    ]
}

fn counted(upload: &ListedUpload) -> Vec<PartListTest> {
    let of = |comment: &str, own: &[&str], body: &str| {
        list_test(comment, own, upload, body.as_bytes(), None)
    };
    let page = root(
        &[
            part(1, "\"3349DC700140D7F86A0784842780****\""),
            part(5, "\"8EFDA8BE206636A695359836FE0A****\""),
            part(8, "\"8C315065167132444177411FDA14****\""),
        ]
        .concat(),
    );
    vec![
        of(
            "the page's list",
            &["Documented", "CountExceeded", "UnknownPart"],
            &page,
        ),
        of(
            "parts 1, 2 and 3",
            &["CountExceeded", "UnknownPart"],
            &plain(&[1, 2, 3]),
        ),
        of("the page's remedy: two parts", &["Normal"], &plain(&[1, 2])),
        of("one part of two", &["CountShort"], &plain(&[1])),
    ]
}

fn single(upload: &ListedUpload) -> Vec<PartListTest> {
    let of = |comment: &str, own: &[&str], numbers: &[u64]| {
        list_test(comment, own, upload, plain(numbers).as_bytes(), None)
    };
    vec![
        of("one part", &["Normal"], &[1]),
        of("part 1 twice", &["DuplicatePart", "CountExceeded"], &[1, 1]),
        of("part 2 for part 1", &["UnknownPart"], &[2]),
        of(
            "a part for an empty end",
            &["CountExceeded", "UnknownPart"],
            &[1, 2],
        ),
    ]
}
