//! The answer of InitiateMultipartUpload (service-rules.md, 4.2).

use super::MAX_ANSWER;
use super::encoded_key::EncodedKey;
use crate::error::Error;
use crate::xml::Document;

/// An upload that was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Initiated {
    /// The bucket.
    pub bucket: String,
    /// The object's key, decoded.
    pub key: String,
    /// The upload id, to be sent with every later request of the upload.
    pub upload_id: String,
}

impl Initiated {
    /// Reads `InitiateMultipartUploadResult`, at most 1 MiB.
    ///
    /// # Errors
    /// Those of XML, and a missing, repeated or undecodable element.
    pub fn read(xml: &[u8]) -> Result<Self, Error> {
        let mut document = Document::open(xml, "InitiateMultipartUploadResult", MAX_ANSWER)?;
        let (mut bucket, mut key, mut upload_id) = (None, EncodedKey::default(), None);
        while let Some(tag) = document.child()? {
            match tag.local_name().as_ref() {
                "Bucket" => document.once(&mut bucket, "Bucket")?,
                "UploadId" => document.once(&mut upload_id, "UploadId")?,
                other if key.read(&mut document, other)? => {}
                _ => document.skip()?,
            }
        }
        let initiated = Initiated {
            bucket: document.require(bucket, "Bucket")?,
            key: key.decode(&document)?,
            upload_id: document.require(upload_id, "UploadId")?,
        };
        document.close()?;
        Ok(initiated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_refuses() {
        let xml = "<?xml version=\"1.0\"?><InitiateMultipartUploadResult xmlns=\"http://x\"><EncodingType>url</EncodingType>\
                   <Bucket>b&amp;<![CDATA[<c>]]><!-- d --></Bucket><Key>a%20b%2B</Key><Owner><Id/>1</Owner>\
                   <UploadId>U</UploadId></InitiateMultipartUploadResult>";
        let expected = Initiated {
            bucket: "b&<c>".to_owned(),
            key: "a b+".to_owned(),
            upload_id: "U".to_owned(),
        };
        assert_eq!(Initiated::read(xml.as_bytes()), Ok(expected));

        let document = "InitiateMultipartUploadResult";
        let missing = Error::ElementMissing {
            document,
            element: "UploadId",
        };
        assert_eq!(
            Initiated::read(xml.replace("UploadId", "Other").as_bytes()),
            Err(missing)
        );
        let twice = Error::ElementTwice {
            document,
            element: "UploadId",
        };
        assert_eq!(
            Initiated::read(
                xml.replace("Owner", "UploadId")
                    .replace("<Id/>", "")
                    .as_bytes()
            ),
            Err(twice)
        );
        assert!(Initiated::read(xml.replace(">url<", ">base64<").as_bytes()).is_err());
        assert!(Initiated::read(xml.replace("%2B", "%2").as_bytes()).is_err());
        for length in 0..xml.len() {
            assert!(
                Initiated::read(&xml.as_bytes()[..length]).is_err(),
                "cut at {length}"
            );
        }
    }
}
