//! One page of ListParts (service-rules.md, 4.2). A resume that trusts the first page alone loses every part after the thousandth (fault
//! F06): go on with the next marker while a page is truncated.

use super::MAX_LIST;
use super::encoded_key::EncodedKey;
use crate::error::Error;
use crate::xml::Document;

const ROOT: &str = "ListPartsResult";

/// Parts that an upload holds so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartPage {
    /// The bucket.
    pub bucket: String,
    /// The object's key, decoded.
    pub key: String,
    /// The upload.
    pub upload_id: String,
    /// The page lists parts with numbers above this one.
    pub part_number_marker: u32,
    /// The marker of the next page. A truncated page always has one, above this page's.
    pub next_part_number_marker: Option<u32>,
    /// The most parts a page may list.
    pub max_parts: u32,
    /// Whether parts remain for another page.
    pub is_truncated: bool,
    /// The parts, as they were listed.
    pub parts: Vec<StoredPart>,
    /// What Initiate declared, for a client-side-encrypted upload.
    pub client_encryption: Option<ClientEncryption>,
}

/// A part that the service holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPart {
    /// The part number.
    pub number: u32,
    /// The part's ETag as it was sent, quotes included.
    pub etag: String,
    /// Bytes of the part on the wire.
    pub size: u64,
    /// When it was stored, as it was sent.
    pub last_modified: Option<String>,
    /// CRC-64/XZ of its bytes on the wire.
    pub hash_crc64ecma: Option<u64>,
}

/// The envelope headers that Initiate declared, as they were sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientEncryption {
    /// The wrapped key, Base64.
    pub key: Option<String>,
    /// The wrapped start, Base64.
    pub start: Option<String>,
    /// The content cipher's name.
    pub cek_alg: Option<String>,
    /// The wrap algorithm's name.
    pub wrap_alg: Option<String>,
    /// Bytes of the object on the wire.
    pub data_size: Option<String>,
    /// Bytes of a part on the wire.
    pub part_size: Option<String>,
}

impl PartPage {
    /// Reads `ListPartsResult`, at most 8 MiB.
    ///
    /// # Errors
    /// Those of XML; a missing or repeated element; a value that is no integer or boolean; a truncated page whose next marker does not
    /// advance, which would list the same parts for ever.
    pub fn read(xml: &[u8]) -> Result<Self, Error> {
        let mut document = Document::open(xml, ROOT, MAX_LIST)?;
        let (mut bucket, mut key, mut upload_id) = (None, EncodedKey::default(), None);
        let (mut marker, mut next_marker, mut max_parts, mut truncated) = (None, None, None, None);
        let (mut parts, mut encryption) = (Vec::new(), ClientEncryption::default());
        while let Some(tag) = document.child()? {
            match tag.local_name().as_ref() {
                "Part" => parts.push(StoredPart::read(&mut document)?),
                "Bucket" => document.once(&mut bucket, "Bucket")?,
                "UploadId" => document.once(&mut upload_id, "UploadId")?,
                "PartNumberMarker" => document.integer_once(&mut marker, "PartNumberMarker")?,
                "NextPartNumberMarker" => {
                    document.once(&mut next_marker, "NextPartNumberMarker")?
                }
                "MaxParts" => document.integer_once(&mut max_parts, "MaxParts")?,
                "IsTruncated" => document.once(&mut truncated, "IsTruncated")?,
                "ClientEncryptionKey" => {
                    document.once(&mut encryption.key, "ClientEncryptionKey")?
                }
                "ClientEncryptionStart" => {
                    document.once(&mut encryption.start, "ClientEncryptionStart")?
                }
                "ClientEncryptionCekAlg" => {
                    document.once(&mut encryption.cek_alg, "ClientEncryptionCekAlg")?
                }
                "ClientEncryptionWrapAlg" => {
                    document.once(&mut encryption.wrap_alg, "ClientEncryptionWrapAlg")?
                }
                "ClientEncryptionDataSize" => {
                    document.once(&mut encryption.data_size, "ClientEncryptionDataSize")?
                }
                "ClientEncryptionPartSize" => {
                    document.once(&mut encryption.part_size, "ClientEncryptionPartSize")?
                }
                other if key.read(&mut document, other)? => {}
                _ => document.skip()?,
            }
        }
        let part_number_marker = document.require(marker, "PartNumberMarker")?;
        let is_truncated = match document.require(truncated, "IsTruncated")?.trim() {
            "true" => true,
            "false" => false,
            other => {
                return Err(document.bad_value("IsTruncated", other.to_owned(), "true or false"));
            }
        };
        let page = PartPage {
            bucket: document.require(bucket, "Bucket")?,
            key: key.decode(&document)?,
            upload_id: document.require(upload_id, "UploadId")?,
            part_number_marker,
            next_part_number_marker: next_page(
                &document,
                next_marker,
                is_truncated.then_some(part_number_marker),
            )?,
            max_parts: document.require(max_parts, "MaxParts")?,
            is_truncated,
            parts,
            client_encryption: (encryption != ClientEncryption::default()).then_some(encryption),
        };
        document.close()?;
        Ok(page)
    }
}

impl StoredPart {
    fn read(document: &mut Document<'_>) -> Result<Self, Error> {
        let (mut number, mut etag, mut size, mut last_modified, mut crc) =
            (None, None, None, None, None);
        while let Some(tag) = document.child()? {
            match tag.local_name().as_ref() {
                "PartNumber" => document.integer_once(&mut number, "PartNumber")?,
                "ETag" => document.once(&mut etag, "ETag")?,
                "Size" => document.integer_once(&mut size, "Size")?,
                "LastModified" => document.once(&mut last_modified, "LastModified")?,
                "HashCrc64ecma" => document.integer_once(&mut crc, "HashCrc64ecma")?,
                _ => document.skip()?,
            }
        }
        Ok(StoredPart {
            number: document.require(number, "PartNumber")?,
            etag: document.require(etag, "ETag")?,
            size: document.require(size, "Size")?,
            last_modified,
            hash_crc64ecma: crc,
        })
    }
}

/// The next page's marker, which is empty or absent on the last page, and after a truncated page at `marker` must be above it.
fn next_page(
    document: &Document<'_>,
    next: Option<String>,
    marker: Option<u32>,
) -> Result<Option<u32>, Error> {
    let refuse = |value, expected| document.bad_value("NextPartNumberMarker", value, expected);
    let next = next.unwrap_or_default();
    let number = match next.trim() {
        "" => None,
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => Some(
            digits
                .parse()
                .map_err(|_| refuse(next.clone(), "an integer in range"))?,
        ),
        _ => return Err(refuse(next, "an integer in range")),
    };
    match marker {
        Some(marker) if number.is_none_or(|number| number <= marker) => Err(refuse(
            next,
            "a number above PartNumberMarker, since the page is truncated",
        )),
        _ => Ok(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<ListPartsResult><Bucket>b</Bucket><Key>k</Key><UploadId>u</UploadId>\
        <PartNumberMarker>0</PartNumberMarker><NextPartNumberMarker>2</NextPartNumberMarker><MaxParts>2</MaxParts>\
        <IsTruncated>true</IsTruncated><ClientEncryptionDataSize>250000</ClientEncryptionDataSize>\
        <Part><PartNumber>1</PartNumber><LastModified>t</LastModified><ETag>\"A\"</ETag><HashCrc64ecma>18376439683740320286</HashCrc64ecma><Size>102400</Size></Part>\
        <Part><PartNumber>2</PartNumber><ETag>\"B\"</ETag><Size>5497558138880</Size></Part></ListPartsResult>";

    #[test]
    fn reads_a_page() {
        let page = PartPage::read(PAGE.as_bytes()).unwrap();
        assert_eq!(
            (
                page.part_number_marker,
                page.next_part_number_marker,
                page.is_truncated
            ),
            (0, Some(2), true)
        );
        assert_eq!(
            page.parts[0].hash_crc64ecma,
            Some(18_376_439_683_740_320_286)
        );
        assert_eq!(
            (page.parts[1].size, page.parts[1].etag.as_str()),
            (5_497_558_138_880, "\"B\"")
        );
        assert_eq!(
            page.client_encryption.unwrap().data_size.as_deref(),
            Some("250000")
        );
        let last = PAGE
            .replace(">true<", ">false<")
            .replace(">2</Next", "></Next");
        assert_eq!(
            PartPage::read(last.as_bytes())
                .unwrap()
                .next_part_number_marker,
            None
        );
    }

    #[test]
    fn refuses_a_page_that_does_not_advance_or_count() {
        for (from, to) in [
            (">2</Next", ">0</Next"),
            (">2</Next", "></Next"),
            (">2</Next", ">+2</Next"),
            (">true<", ">yes<"),
            (">102400<", ">-1<"),
            (">102400<", ">18446744073709551616<"),
            ("<MaxParts>2</MaxParts>", ""),
        ] {
            assert!(
                PartPage::read(PAGE.replace(from, to).as_bytes()).is_err(),
                "{from} -> {to}"
            );
        }
    }
}
