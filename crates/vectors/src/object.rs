//! Whole objects: from plaintext to the ETag of the completed upload.

use data_encoding::HEXLOWER;
use partproof_model::cipher::{ctr, gcm_part};
use partproof_model::limits::MAX_PART_COUNT;
use partproof_model::service::Body;
use partproof_model::{ByteOffset, Cipher, ContentKey, Layout, PartNumber, PartSize, Start};
use partproof_model::{crc64, etag, part_list};
use serde::{Deserialize, Serialize};

use super::envelope::{CarrierValue, open};
use super::file::{CipherName, MasterKeyValue, Outcome};
use super::gcm_object;
use super::test::{Derive, Wrong, test};
use super::value::{CiphertextValue, Hex, PlaintextValue, exactly, length_of};
use partproof_suite::subject::Upload;

test! {
    /// A whole upload.
    ObjectTest {
        /// The content cipher.
        given cipher: CipherName,
        /// The content key.
        given key: Hex,
        /// The counter start.
        given start: Hex,
        /// Bytes of every part but the last, as declared and sent.
        given part_size: u64,
        /// Of the whole object.
        given plaintext: PlaintextValue,
        /// What is declared.
        derived data_size: u64,
        /// Of InitiateMultipartUpload.
        given headers: Vec<(String, String)>,
        /// In order.
        derived parts: Vec<SentPartValue>,
        /// A part list for them.
        derived list: String,
        /// Of the completed object, without quotes.
        derived etag: String,
        /// Of the completed object.
        derived crc64: String,
    }
}

/// A part as it is sent, and as the service answers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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

impl Derive for ObjectTest {
    type Shared = MasterKeyValue;

    /// As the model uploads it. The headers say the same, and a part list of the same parts stays as it is: it has many spellings.
    fn derive(&self, master: &MasterKeyValue) -> Result<Self, Wrong> {
        let key: [u8; 32] = exactly(&self.key, "key")?;
        let start: [u8; 16] = exactly(&self.start, "start")?;
        let stored = self
            .upload()
            .and_then(|upload| stored(&upload, &self.plaintext));
        let stored = stored.ok_or_else(|| Wrong::new("no object", "one that can be uploaded"))?;
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
        let data_size: u64 = bodies.iter().map(|body| body.length).sum();
        let plainest = list(&parts);

        let opened = open(
            &master.published()?.key,
            &self.headers,
            CarrierValue::Initiate,
        );
        let (opened, _) = opened.map_err(|problem| {
            Wrong::new(
                format!("headers that do not open: {problem}"),
                "an envelope",
            )
        })?;
        let size = |size: Option<u64>| size.map_or("none".to_owned(), |size| size.to_string());
        let fields = [
            (
                "cipher",
                opened.cipher.cek_alg().to_owned(),
                self.cipher.0.cek_alg().to_owned(),
            ),
            ("key", HEXLOWER.encode(&opened.key), HEXLOWER.encode(&key)),
            (
                "start",
                HEXLOWER.encode(&opened.start),
                HEXLOWER.encode(&start),
            ),
            ("data size", size(opened.data_size), data_size.to_string()),
            (
                "part size",
                size(opened.part_size),
                self.part_size.to_string(),
            ),
        ];
        if let Some((field, said, meant)) =
            fields.into_iter().find(|(_, said, meant)| said != meant)
        {
            let given = format!("headers that say {field} {said}");
            return Err(Wrong::new(given, meant));
        }
        Ok(Self {
            result: Outcome::Valid,
            data_size,
            list: match lists(&self.list) == lists(&plainest) {
                true => self.list.clone(),
                false => plainest,
            },
            etag: etag::of_object(bodies.iter().map(|body| &body.md5)),
            crc64: crc64.to_string(),
            parts,
            ..self.clone()
        })
    }
}

impl ObjectTest {
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

/// The parts of a list, if it is one.
fn lists(body: &str) -> Option<Vec<(u64, String)>> {
    let listed = part_list::read(body.as_bytes()).ok()?;
    let parts = listed.into_iter().map(|part| {
        let etag = etag::unquoted(&part.etag).to_owned();
        (part.number, etag)
    });
    Some(parts.collect())
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
