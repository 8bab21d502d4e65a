//! What the service answers, as XML (service-rules.md 4.2, 4.6): read here only as far as clients must agree on it, so that a
//! client's reader can be held against another. Elements that are not known are passed over, as the service may add some.

use crate::limits::MAX_ANSWER;
use crate::xml_reader::{self, Element, NotTheDocument};

/// An InitiateMultipartUploadResult.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each field is the element of that name")]
pub struct Initiated {
    pub bucket: String,
    pub key: String,
    pub upload_id: String,
}

/// A CompleteMultipartUploadResult.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each field is the element of that name")]
pub struct Completed {
    pub bucket: String,
    pub key: String,
    pub etag: String,
}

/// A ListPartsResult.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each field is the element of that name")]
pub struct PartPage {
    pub key: String,
    pub upload_id: String,
    pub next_part_number_marker: Option<u64>,
    pub is_truncated: bool,
    pub parts: Vec<StoredPart>,
}

/// One part of a ListPartsResult.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each field is the element of that name")]
pub struct StoredPart {
    pub number: u64,
    pub etag: String,
    pub size: u64,
}

/// An Error.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each field is the element of that name")]
pub struct ServiceError {
    pub code: String,
    pub message: String,
    pub request_id: Option<String>,
    pub ec: Option<String>,
}

/// Reads an InitiateMultipartUploadResult.
///
/// # Errors
/// Anything that is none, with the first thing wrong and its line and column.
pub fn initiated(body: &[u8]) -> Result<Initiated, NotTheDocument> {
    xml_reader::read(body, "InitiateMultipartUploadResult", MAX_ANSWER, |root| {
        let fields = Fields::of(root, &["Bucket", "Key", "EncodingType", "UploadId"])?;
        Ok(Initiated {
            bucket: fields.required("Bucket")?,
            key: fields.key()?,
            upload_id: fields.required("UploadId")?,
        })
    })
}

/// Reads a CompleteMultipartUploadResult.
///
/// # Errors
/// Anything that is none, with the first thing wrong and its line and column.
pub fn completed(body: &[u8]) -> Result<Completed, NotTheDocument> {
    xml_reader::read(body, "CompleteMultipartUploadResult", MAX_ANSWER, |root| {
        let fields = Fields::of(root, &["Bucket", "Key", "EncodingType", "ETag"])?;
        Ok(Completed {
            bucket: fields.required("Bucket")?,
            key: fields.key()?,
            etag: fields.required("ETag")?,
        })
    })
}

/// Reads a ListPartsResult.
///
/// # Errors
/// Anything that is none, with the first thing wrong and its line and column.
pub fn part_page(body: &[u8]) -> Result<PartPage, NotTheDocument> {
    xml_reader::read(body, "ListPartsResult", MAX_ANSWER, |root| {
        let known = [
            "Key",
            "EncodingType",
            "UploadId",
            "NextPartNumberMarker",
            "IsTruncated",
        ];
        let fields = Fields::of(root, &known)?;
        let parts = root
            .children()
            .flatten()
            .filter(|child| child.name() == "Part");
        let marker = fields.optional("NextPartNumberMarker");
        let marker = marker.filter(|marker| !marker.trim().is_empty());
        Ok(PartPage {
            key: fields.key()?,
            upload_id: fields.required("UploadId")?,
            next_part_number_marker: marker.map(|marker| integer(root, &marker)).transpose()?,
            is_truncated: match fields.required("IsTruncated")?.trim() {
                "true" => true,
                "false" => false,
                other => {
                    return Err(root.problem(&format!(
                        "`IsTruncated` is {other:?}, expected true or false"
                    )));
                }
            },
            parts: parts.map(stored_part).collect::<Result<_, _>>()?,
        })
    })
}

fn stored_part(part: Element<'_>) -> Result<StoredPart, NotTheDocument> {
    let fields = Fields::of(part, &["PartNumber", "ETag", "Size"])?;
    Ok(StoredPart {
        number: integer(part, &fields.required("PartNumber")?)?,
        etag: fields.required("ETag")?,
        size: integer(part, &fields.required("Size")?)?,
    })
}

/// Reads an Error.
///
/// # Errors
/// Anything that is none, with the first thing wrong and its line and column.
pub fn service_error(body: &[u8]) -> Result<ServiceError, NotTheDocument> {
    xml_reader::read(body, "Error", MAX_ANSWER, |root| {
        let fields = Fields::of(root, &["Code", "Message", "RequestId", "EC"])?;
        Ok(ServiceError {
            code: fields.required("Code")?,
            message: fields.required("Message")?,
            request_id: fields.optional("RequestId"),
            ec: fields.optional("EC"),
        })
    })
}

/// The texts of those children of an element that are known, each there at most once.
struct Fields<'a> {
    of: Element<'a>,
    texts: Vec<(&'a str, String)>,
}

impl<'a> Fields<'a> {
    fn of(element: Element<'a>, known: &[&str]) -> Result<Self, NotTheDocument> {
        let mut texts: Vec<(&str, String)> = Vec::new();
        for child in element.children() {
            let child = child?;
            let name = child.name();
            if !known.contains(&name) {
                continue;
            }
            if texts.iter().any(|(taken, _)| *taken == name) {
                return Err(child.problem(&format!("a second `{name}`")));
            }
            texts.push((name, child.text()?));
        }
        Ok(Self { of: element, texts })
    }

    fn optional(&self, name: &str) -> Option<String> {
        let field = self.texts.iter().find(|(taken, _)| *taken == name);
        field.map(|(_, text)| text.clone())
    }

    fn required(&self, name: &str) -> Result<String, NotTheDocument> {
        let missing = || self.of.problem(&format!("no `{name}`"));
        self.optional(name).ok_or_else(missing)
    }

    /// The key, decoded if the answer says that it is encoded.
    fn key(&self) -> Result<String, NotTheDocument> {
        let key = self.required("Key")?;
        let problem = |problem: String| Err(self.of.problem(&problem));
        match self.optional("EncodingType").as_deref() {
            None | Some("") => Ok(key),
            Some("url") => match percent_decoded(&key) {
                Some(key) => Ok(key),
                None => problem(format!("`Key` is {key:?}, expected URL encoding")),
            },
            Some(other) => problem(format!("`EncodingType` is {other:?}, expected `url`")),
        }
    }
}

/// Every `%` begins two hexadecimal digits; what comes out is UTF-8.
fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::new();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => {
                let digits = [bytes.next()?, bytes.next()?];
                data_encoding::HEXLOWER_PERMISSIVE
                    .decode(&digits)
                    .ok()?
                    .pop()?
            }
            plain => plain,
        });
    }
    String::from_utf8(decoded).ok()
}

fn integer(within: Element<'_>, text: &str) -> Result<u64, NotTheDocument> {
    let digits = text.trim();
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = plain.then(|| digits.parse().ok()).flatten();
    number.ok_or_else(|| within.problem(&format!("{digits:?}, expected an integer")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_is_read_and_what_is_unknown_passed_over() {
        let names =
            "<Bucket>b</Bucket><Key>a%2Bb</Key><EncodingType>url</EncodingType><More><Key/></More>";
        let initiated = initiated(
            format!("<InitiateMultipartUploadResult>{names}<UploadId>u</UploadId></InitiateMultipartUploadResult>").as_bytes(),
        );
        assert_eq!(initiated.unwrap().key, "a+b");
        let completed = completed(
            format!("<CompleteMultipartUploadResult>{names}<ETag>&quot;E-1\"</ETag></CompleteMultipartUploadResult>").as_bytes(),
        );
        assert_eq!(completed.unwrap().etag, "\"E-1\"");
        let page = part_page(
            format!("<ListPartsResult>{names}<UploadId>u</UploadId><NextPartNumberMarker/><IsTruncated>false</IsTruncated>\
                <Part><PartNumber> 1 </PartNumber><ETag>e</ETag><Size>5</Size></Part></ListPartsResult>").as_bytes(),
        )
        .unwrap();
        let part = StoredPart {
            number: 1,
            etag: "e".to_owned(),
            size: 5,
        };
        assert_eq!(
            (page.next_part_number_marker, page.parts),
            (None, vec![part])
        );
        let error =
            service_error(b"<Error><Code>C</Code><Message>m</Message><EC>e</EC></Error>").unwrap();
        assert_eq!((error.request_id, error.ec.as_deref()), (None, Some("e")));
    }

    #[test]
    fn what_is_missing_twice_or_broken_is_named() {
        for (body, problem) in [
            ("<Error><Message>m</Message></Error>", "no `Code` at 1:"),
            (
                "<Error><Code>C</Code><Code>C</Code></Error>",
                "a second `Code`",
            ),
            (
                "<Error><Code>C</Code><Message>m</Message></Error><a/>",
                "not well-formed XML",
            ),
            ("<Mistake/>", "root element `Mistake`, expected `Error`"),
        ] {
            let error = service_error(body.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(problem), "{body}: {error}");
        }
        for key in ["%", "%2", "%G0", "%FF"] {
            assert_eq!(percent_decoded(key), None, "{key}");
        }
    }
}
