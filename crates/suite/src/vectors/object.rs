//! Whole objects: from plaintext to the ETag of the completed upload.

use partproof_model::cipher::{ctr, gcm_part};
use partproof_model::limits::MAX_PART_COUNT;
use partproof_model::service::Body;
use partproof_model::{ByteOffset, Cipher, ContentKey, Layout, PartNumber, PartSize, Start};
use partproof_model::{crc64, etag};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::draft::flags;
use super::file::{CipherName, Outcome, test};
use super::gcm_object;
use super::value::{CiphertextValue, Hex, PlaintextValue, length_of};
use crate::subject::Upload;

test! {
    /// A whole upload.
    ObjectTest {
        /// The content cipher.
        cipher: CipherName,
        /// The content key.
        key: Hex,
        /// The counter start.
        start: Hex,
        /// Bytes of every part but the last, as declared and sent.
        part_size: u64,
        /// Of the whole object.
        plaintext: PlaintextValue,
        /// What is declared.
        data_size: u64,
        /// Of InitiateMultipartUpload.
        headers: Vec<(String, String)>,
        /// In order.
        parts: Vec<SentPartValue>,
        /// A part list for them.
        list: String,
        /// Of the completed object, without quotes.
        etag: String,
        /// Of the completed object.
        crc64: String,
    }
}

/// A part as it is sent, and as the service answers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SentPartValue {
    /// Its number.
    pub number: u64,
    /// In bytes.
    pub length: u64,
    /// Without quotes.
    pub etag: String,
    /// CRC-64/XZ of its bytes, decimal.
    pub crc64: String,
    /// Its bytes.
    pub ciphertext: CiphertextValue,
}

impl ObjectTest {
    /// As the model uploads it; `None` if there can be no such upload.
    pub(super) fn of(
        comment: &str,
        own: &[&str],
        (key, start): ([u8; 32], [u8; 16]),
        (cipher, part_size): (Cipher, u64),
        plaintext: PlaintextValue,
        headers: Vec<(String, String)>,
    ) -> Option<Self> {
        let upload = Upload {
            cipher,
            key,
            start,
            plaintext_size: plaintext.length(),
            part_size,
        };
        let stored = stored(&upload, &plaintext)?;
        let bodies: Vec<_> = stored.iter().map(Body::of).collect();
        let parts: Vec<_> = (1..)
            .zip(&bodies)
            .map(|(number, body)| SentPartValue {
                number,
                length: body.length,
                etag: etag::of_part(&body.md5),
                crc64: body.crc64.to_string(),
                ciphertext: CiphertextValue::of(body.content),
            })
            .collect();
        let crc64 = bodies
            .iter()
            .fold(0, |crc, body| crc64::combine(crc, body.crc64, body.length));
        Some(Self {
            tc_id: 0,
            comment: comment.to_owned(),
            flags: flags(own),
            result: Outcome::Valid,
            cipher: CipherName(cipher),
            key: key.into(),
            start: start.into(),
            part_size,
            plaintext,
            data_size: bodies.iter().map(|body| body.length).sum(),
            headers,
            list: list(&parts),
            etag: etag::of_object(bodies.iter().map(|body| &body.md5)),
            crc64: crc64.to_string(),
            parts,
        })
    }

    /// The upload.
    pub(super) fn upload(&self) -> Option<Upload> {
        Some(Upload {
            cipher: self.cipher.0,
            key: self.key.array()?,
            start: self.start.array()?,
            plaintext_size: self.plaintext.length(),
            part_size: self.part_size,
        })
    }
}

/// The plainest part list.
fn list(parts: &[SentPartValue]) -> String {
    let parts: String = parts
        .iter()
        .map(|part| {
            format!(
                "<Part><PartNumber>{}</PartNumber><ETag>\"{}\"</ETag></Part>",
                part.number, part.etag
            )
        })
        .collect();
    format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>")
}

/// The stored parts as the model makes them; `None` if there can be no such upload.
pub(super) fn stored(upload: &Upload, plaintext: &PlaintextValue) -> Option<Vec<Vec<u8>>> {
    let bytes = plaintext.bytes();
    let layout = Layout::new(
        upload.cipher,
        length_of(&bytes),
        PartSize::new(upload.part_size)?,
    )
    .ok()?;
    if layout.wire().count() > MAX_PART_COUNT {
        return None;
    }
    let (key, start) = (ContentKey(upload.key), Start(upload.start));
    let size = usize::try_from(upload.part_size).ok()?;
    match upload.cipher {
        Cipher::Ctr => Some(
            ctr::apply(key, start, ByteOffset::new(0), &bytes)
                .chunks(size)
                .map(<[u8]>::to_vec)
                .collect(),
        ),
        Cipher::GcmObject => gcm_object::sealed(upload.key, upload.start, upload.part_size, &bytes),
        Cipher::GcmPart => (1..=layout.wire().count())
            .map(|number| {
                let number = PartNumber::new(number)?;
                let range = layout.plaintext_of(number)?;
                let range = usize::try_from(range.start).ok()?..usize::try_from(range.end).ok()?;
                gcm_part::seal(key, start, layout, number, bytes.get(range)?).ok()
            })
            .collect(),
    }
}
