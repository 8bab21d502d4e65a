//! Documents that are no part list.

use super::*;

pub(super) fn malformed(upload: &ListedUpload) -> Vec<PartListTest> {
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
