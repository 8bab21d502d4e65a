//! What the service answers, as XML (service-rules.md 4.2, 4.6): read here only as far as clients must agree on it, so that a
//! client's reader can be held against another. Elements that are not known are passed over, as the service may add some.

use crate::limits::MAX_ANSWER;
use crate::xml_reader::{NotTheDocument, Reader};

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
    let root = "InitiateMultipartUploadResult";
    let mut reader = Reader::open(body, root, MAX_ANSWER)?;
    let mut fields = Fields::default();
    while let Some(name) = reader.child(root)? {
        fields.take(
            &mut reader,
            &name,
            &["Bucket", "Key", "EncodingType", "UploadId"],
        )?;
    }
    let initiated = Initiated {
        bucket: fields.required(&reader, "Bucket")?,
        key: fields.key(&reader)?,
        upload_id: fields.required(&reader, "UploadId")?,
    };
    reader.close(root)?;
    Ok(initiated)
}

/// Reads a CompleteMultipartUploadResult.
///
/// # Errors
/// Anything that is none, with the first thing wrong and its line and column.
pub fn completed(body: &[u8]) -> Result<Completed, NotTheDocument> {
    let root = "CompleteMultipartUploadResult";
    let mut reader = Reader::open(body, root, MAX_ANSWER)?;
    let mut fields = Fields::default();
    while let Some(name) = reader.child(root)? {
        fields.take(
            &mut reader,
            &name,
            &["Bucket", "Key", "EncodingType", "ETag"],
        )?;
    }
    let completed = Completed {
        bucket: fields.required(&reader, "Bucket")?,
        key: fields.key(&reader)?,
        etag: fields.required(&reader, "ETag")?,
    };
    reader.close(root)?;
    Ok(completed)
}

/// Reads a ListPartsResult.
///
/// # Errors
/// Anything that is none, with the first thing wrong and its line and column.
pub fn part_page(body: &[u8]) -> Result<PartPage, NotTheDocument> {
    let root = "ListPartsResult";
    let mut reader = Reader::open(body, root, MAX_ANSWER)?;
    let mut fields = Fields::default();
    let mut parts = Vec::new();
    while let Some(name) = reader.child(root)? {
        if name == "Part" {
            let mut part = Fields::default();
            while let Some(name) = reader.child("Part")? {
                part.take(&mut reader, &name, &["PartNumber", "ETag", "Size"])?;
            }
            parts.push(StoredPart {
                number: integer(&reader, &part.required(&reader, "PartNumber")?)?,
                etag: part.required(&reader, "ETag")?,
                size: integer(&reader, &part.required(&reader, "Size")?)?,
            });
            continue;
        }
        let known = [
            "Key",
            "EncodingType",
            "UploadId",
            "NextPartNumberMarker",
            "IsTruncated",
        ];
        fields.take(&mut reader, &name, &known)?;
    }
    let marker = fields.optional("NextPartNumberMarker");
    let marker = marker.filter(|marker| !marker.trim().is_empty());
    let is_truncated = match fields.required(&reader, "IsTruncated")?.trim() {
        "true" => true,
        "false" => false,
        other => {
            return Err(reader.problem(&format!(
                "`IsTruncated` is {other:?}, expected true or false"
            )));
        }
    };
    let page = PartPage {
        key: fields.key(&reader)?,
        upload_id: fields.required(&reader, "UploadId")?,
        next_part_number_marker: marker.map(|marker| integer(&reader, &marker)).transpose()?,
        is_truncated,
        parts,
    };
    reader.close(root)?;
    Ok(page)
}

/// Reads an Error.
///
/// # Errors
/// Anything that is none, with the first thing wrong and its line and column.
pub fn service_error(body: &[u8]) -> Result<ServiceError, NotTheDocument> {
    let root = "Error";
    let mut reader = Reader::open(body, root, MAX_ANSWER)?;
    let mut fields = Fields::default();
    while let Some(name) = reader.child(root)? {
        fields.take(&mut reader, &name, &["Code", "Message", "RequestId", "EC"])?;
    }
    let error = ServiceError {
        code: fields.required(&reader, "Code")?,
        message: fields.required(&reader, "Message")?,
        request_id: fields.optional("RequestId"),
        ec: fields.optional("EC"),
    };
    reader.close(root)?;
    Ok(error)
}

/// The texts of an element's children, each at most once.
#[derive(Default)]
struct Fields(Vec<(String, String)>);

impl Fields {
    /// Takes the child that was just begun, if it is one of `known`.
    fn take(
        &mut self,
        reader: &mut Reader<'_>,
        name: &str,
        known: &[&str],
    ) -> Result<(), NotTheDocument> {
        if !known.contains(&name) {
            return reader.skip();
        }
        if self.0.iter().any(|(taken, _)| taken == name) {
            return Err(reader.problem(&format!("a second `{name}`")));
        }
        self.0.push((name.to_owned(), reader.text(name)?));
        Ok(())
    }

    fn optional(&self, name: &str) -> Option<String> {
        let field = self.0.iter().find(|(taken, _)| taken == name);
        field.map(|(_, text)| text.clone())
    }

    fn required(&self, reader: &Reader<'_>, name: &str) -> Result<String, NotTheDocument> {
        let missing = || reader.problem(&format!("no `{name}`"));
        self.optional(name).ok_or_else(missing)
    }

    /// The key, decoded if the answer says that it is encoded.
    fn key(&self, reader: &Reader<'_>) -> Result<String, NotTheDocument> {
        let key = self.required(reader, "Key")?;
        match self.optional("EncodingType").as_deref() {
            None | Some("") => Ok(key),
            Some("url") => percent_decoded(&key)
                .ok_or_else(|| reader.problem(&format!("`Key` is {key:?}, expected URL encoding"))),
            Some(other) => {
                Err(reader.problem(&format!("`EncodingType` is {other:?}, expected `url`")))
            }
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

fn integer(reader: &Reader<'_>, text: &str) -> Result<u64, NotTheDocument> {
    let digits = text.trim();
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = plain.then(|| digits.parse().ok()).flatten();
    number.ok_or_else(|| reader.problem(&format!("{digits:?}, expected an integer")))
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
                "something after the end of `Error`",
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
