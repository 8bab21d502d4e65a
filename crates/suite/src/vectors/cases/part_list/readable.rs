//! Lists that must be read, or may be.

use super::*;

pub(super) fn spellings(upload: &ListedUpload) -> Vec<PartListTest> {
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

pub(super) fn tolerated(upload: &ListedUpload) -> Vec<PartListTest> {
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
