//! Cases for readers of the service's answers: what an answer says and how it is spelt.

use arbitrary::{Arbitrary, Result, Unstructured};
use serde::{Deserialize, Serialize};

use super::{Case, draw, is_default, smaller_number};
use crate::case::xml_spelling::{Element, Spelling, is_xml_char};
use crate::class::{Class, Classes};
use crate::shown;

/// One answer of each kind, with these values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerCase {
    /// The bucket.
    pub bucket: String,
    /// The object's name: anything but a NUL, if it is URL-encoded.
    pub key: String,
    /// The upload id.
    pub upload_id: String,
    /// An ETag or, for an error, its message.
    pub text: String,
    /// How many parts a list has.
    pub parts: u64,
    /// Whether more follow.
    pub truncated: bool,
    /// Whether names are URL-encoded, as `encoding-type=url` asks for.
    pub url_encoded: bool,
    /// How it is spelt.
    #[serde(default, skip_serializing_if = "is_default")]
    pub spelling: Spelling,
}

impl AnswerCase {
    /// The key as it stands in an answer.
    fn written_key(&self) -> String {
        match self.url_encoded {
            true => url_encoded(&self.key),
            false => self.key.clone(),
        }
    }

    fn with_encoding(&self, mut fields: Vec<Element>) -> Vec<Element> {
        if self.url_encoded {
            fields.push(Element::text("EncodingType", "url"));
        }
        fields
    }

    fn write(&self, root: &'static str, fields: Vec<Element>) -> Vec<u8> {
        Element::Parent(root, fields).document(self.spelling)
    }

    /// An InitiateMultipartUploadResult.
    pub fn initiated(&self) -> Vec<u8> {
        let fields = vec![
            Element::text("Bucket", &self.bucket),
            Element::text("Key", self.written_key()),
            Element::text("UploadId", &self.upload_id),
        ];
        self.write("InitiateMultipartUploadResult", self.with_encoding(fields))
    }

    /// A CompleteMultipartUploadResult.
    pub fn completed(&self) -> Vec<u8> {
        let fields = vec![
            Element::text("Location", "http://example.oss-cn-hangzhou.aliyuncs.com/o"),
            Element::text("Bucket", &self.bucket),
            Element::text("Key", self.written_key()),
            Element::text("ETag", &self.text),
        ];
        self.write("CompleteMultipartUploadResult", self.with_encoding(fields))
    }

    /// A ListPartsResult.
    pub fn part_page(&self) -> Vec<u8> {
        let mut fields = vec![
            Element::text("Bucket", &self.bucket),
            Element::text("Key", self.written_key()),
            Element::text("UploadId", &self.upload_id),
            Element::text("PartNumberMarker", 0),
            Element::text("NextPartNumberMarker", self.parts),
            Element::text("MaxParts", 1_000),
            Element::text("IsTruncated", self.truncated),
        ];
        fields.extend(self.stored().into_iter().map(|(number, etag, size)| {
            Element::Parent(
                "Part",
                vec![
                    Element::text("PartNumber", number),
                    Element::text("LastModified", "2012-02-23T07:01:34.000Z"),
                    Element::text("ETag", etag),
                    Element::text("HashCrc64ecma", 12_345_678_901_234_567_890_u64),
                    Element::text("Size", size),
                ],
            )
        }));
        self.write("ListPartsResult", self.with_encoding(fields))
    }

    /// The parts of a list: number, ETag, size.
    pub fn stored(&self) -> Vec<(u64, String, u64)> {
        (1..=self.parts)
            .map(|number| (number, self.text.clone(), (5 << 30) - number))
            .collect()
    }

    /// An Error.
    pub fn service_error(&self) -> Vec<u8> {
        let fields = vec![
            Element::text("Code", "InvalidEncryptionRequest"),
            Element::text("Message", &self.text),
            Element::text("RequestId", "5C3D9175B6FC201293AD0001"),
            Element::text("HostId", "example.oss-cn-hangzhou.aliyuncs.com"),
            Element::text("EC", "0005-00000411"),
            Element::text(
                "RecommendDoc",
                "https://api.aliyun.com/troubleshoot?q=0005-00000411",
            ),
        ];
        self.write("Error", fields)
    }
}

/// Percent-encoding of everything but unreserved characters and the slash.
fn url_encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte);
    text.bytes()
        .map(|byte| {
            if plain(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

impl<'a> Arbitrary<'a> for AnswerCase {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let url_encoded = u.arbitrary()?;
        let mut key = format!("k{}k", draw::text(u, 8)?);
        if url_encoded && u.int_in_range(0..=3_u8)? == 0 {
            let odd = *u.choose(&['\u{c}', '\u{b}', '\u{1}', '\u{fffe}'])?;
            key.insert(1, odd);
        }
        if u.int_in_range(0..=7_u8)? == 1 {
            // A name that looks as if it were encoded once more.
            key.insert_str(1, u.choose(&["%41", "%2F", "%25"])?);
        }
        let parts = u.int_in_range(0..=3)?;
        Ok(Self {
            bucket: "examplebucket".to_owned(),
            key,
            upload_id: format!("{:032X}", u.arbitrary::<u128>()?),
            text: format!("\"{}\"", draw::text(u, 8)?),
            parts,
            truncated: parts > 0 && u.arbitrary()?,
            url_encoded,
            spelling: u.arbitrary()?,
        })
    }
}

impl Case for AnswerCase {
    const BYTES: usize = 96;

    fn classes(&self) -> Classes {
        Classes::default()
            .with(Class::UrlEncoded, self.url_encoded)
            .with(Class::LiberalSpelling, self.spelling != Spelling::default())
            .with(Class::EtagNeedsEscape, self.text.contains(['<', '>', '&']))
    }

    fn smaller(&self) -> Vec<Self> {
        let mut smaller: Vec<Self> = Vec::new();
        smaller.extend(smaller_number(self.parts, 0).into_iter().map(|parts| Self {
            parts,
            ..self.clone()
        }));
        smaller.push(Self {
            truncated: false,
            ..self.clone()
        });
        smaller.push(Self {
            url_encoded: false,
            ..self.clone()
        });
        smaller.push(Self {
            upload_id: "U".to_owned(),
            bucket: "b".to_owned(),
            ..self.clone()
        });
        for at in 0..self.key.chars().count() {
            smaller.push(Self {
                key: without(&self.key, at),
                ..self.clone()
            });
        }
        for at in 0..self.text.chars().count() {
            smaller.push(Self {
                text: without(&self.text, at),
                ..self.clone()
            });
        }
        smaller.extend(self.spelling.smaller().into_iter().map(|spelling| Self {
            spelling,
            ..self.clone()
        }));
        smaller.retain(|case| case != self && case.check().is_ok());
        smaller
    }

    fn check(&self) -> std::result::Result<(), String> {
        for (name, value) in [
            ("bucket", &self.bucket),
            ("key", &self.key),
            ("upload_id", &self.upload_id),
            ("text", &self.text),
        ] {
            if value.is_empty() || value.trim() != value || value.len() > 1_023 {
                return Err(format!(
                    "{name} is {}, expected 1 to 1,023 bytes without outer blanks",
                    shown(value)
                ));
            }
            let encoded = name == "key" && self.url_encoded;
            if !encoded && !value.chars().all(is_xml_char) {
                return Err(format!(
                    "{name} is {}, which XML cannot carry",
                    shown(value)
                ));
            }
        }
        match self.parts {
            0 if self.truncated => {
                Err("a page of no part with more to follow: a client would ask for ever".to_owned())
            }
            0..=1_000 => Ok(()),
            parts => Err(format!("{parts} parts on a page, expected at most 1,000")),
        }
    }
}

fn without(text: &str, at: usize) -> String {
    text.chars()
        .enumerate()
        .filter(|(index, _)| *index != at)
        .map(|(_, character)| character)
        .collect()
}
