//! The answer of CompleteMultipartUpload (service-rules.md, 4.2 to 4.4).

use super::MAX_ANSWER;
use super::encoded_key::EncodedKey;
use crate::error::Error;
use crate::xml::Document;

/// An upload that became an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completed {
    /// The object's address.
    pub location: Option<String>,
    /// The bucket.
    pub bucket: String,
    /// The object's key, decoded.
    pub key: String,
    /// The object's ETag as it was sent, quotes included. It is no MD5 of the content.
    pub etag: String,
}

impl Completed {
    /// Reads `CompleteMultipartUploadResult`, at most 1 MiB.
    ///
    /// # Errors
    /// Those of XML, and a missing, repeated or undecodable element.
    pub fn read(xml: &[u8]) -> Result<Self, Error> {
        let mut document = Document::open(xml, "CompleteMultipartUploadResult", MAX_ANSWER)?;
        let (mut location, mut bucket, mut key, mut etag) =
            (None, None, EncodedKey::default(), None);
        while let Some(tag) = document.child()? {
            match tag.local_name().as_ref() {
                "Location" => document.once(&mut location, "Location")?,
                "Bucket" => document.once(&mut bucket, "Bucket")?,
                "ETag" => document.once(&mut etag, "ETag")?,
                other if key.read(&mut document, other)? => {}
                _ => document.skip()?,
            }
        }
        let completed = Completed {
            location,
            bucket: document.require(bucket, "Bucket")?,
            key: key.decode(&document)?,
            etag: document.require(etag, "ETag")?,
        };
        document.close()?;
        Ok(completed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_with_and_without_location() {
        let xml = "<CompleteMultipartUploadResult><Location>http://h/b/k</Location><Bucket>b</Bucket><Key>%41</Key>\
                   <ETag>&quot;1028-3\"</ETag></CompleteMultipartUploadResult>";
        let completed = Completed::read(xml.as_bytes()).unwrap();
        assert_eq!(
            (completed.etag.as_str(), completed.key.as_str()),
            ("\"1028-3\"", "%41")
        );
        assert_eq!(completed.location.as_deref(), Some("http://h/b/k"));
        let completed = Completed::read(xml.replace("Location", "Place").as_bytes()).unwrap();
        assert_eq!(completed.location, None);
    }
}
