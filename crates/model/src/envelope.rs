//! The envelope: the headers by which a client-side-encrypted object says how to decrypt it. The service stores them
//! as user metadata and checks presence, integers and consistency; it never sees a key.

use crate::headers::{HeaderValue, Headers};
use crate::integer::{self, Reading};
use crate::limits::{MAX_PART_COUNT, PART_SIZE_ALIGNMENT};
use crate::question::Question;
use crate::rules::{self, Rule};
use crate::size::{DataSize, PartSize, expected_part_count};
use crate::verdict::Objection;

/// What every header name of an envelope begins with.
pub const PREFIX: &str = "x-oss-meta-client-side-encryption-";
/// The content key, wrapped by the master key, Base64.
pub const KEY: &str = "x-oss-meta-client-side-encryption-key";
/// The counter start, wrapped by the master key, Base64.
pub const START: &str = "x-oss-meta-client-side-encryption-start";
/// The content cipher.
pub const CEK_ALG: &str = "x-oss-meta-client-side-encryption-cek-alg";
/// The wrap algorithm.
pub const WRAP_ALG: &str = "x-oss-meta-client-side-encryption-wrap-alg";
/// Only with the wrap algorithm `rsa`, and only on the pages of EC 405 and 416: no client sends it.
pub const MAGIC_NUMBER_HMAC: &str = "x-oss-meta-client-side-encryption-magic-number-hmac";
/// The material description: a JSON object of strings that names the master key.
pub const MATDESC: &str = "x-oss-meta-client-side-encryption-matdesc";
/// Bytes of plaintext (single puts).
pub const UNENCRYPTED_CONTENT_LENGTH: &str =
    "x-oss-meta-client-side-encryption-unencrypted-content-length";
/// MD5 of the plaintext, Base64 (single puts).
pub const UNENCRYPTED_CONTENT_MD5: &str =
    "x-oss-meta-client-side-encryption-unencrypted-content-md5";
/// Bytes of the whole object as stored.
pub const DATA_SIZE: &str = "x-oss-meta-client-side-encryption-data-size";
/// Bytes of every part but the last as stored.
pub const PART_SIZE: &str = "x-oss-meta-client-side-encryption-part-size";
/// The names under which `oss2` wrote envelopes before: see [`KEY`].
pub const OLD_KEY: &str = "x-oss-meta-oss-crypto-key";
/// See [`START`].
pub const OLD_START: &str = "x-oss-meta-oss-crypto-start";
/// See [`CEK_ALG`].
pub const OLD_CEK_ALG: &str = "x-oss-meta-oss-cek-alg";
/// See [`WRAP_ALG`].
pub const OLD_WRAP_ALG: &str = "x-oss-meta-oss-wrap-alg";

/// The request an envelope travels on: which headers are required depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// PutObject: no sizes.
    Put,
    /// InitiateMultipartUpload.
    Initiate,
    /// UploadPart: optional as a set (question A6), checked if present.
    UploadPart,
    /// CompleteMultipartUpload: nothing is required (question A8), but a size that is there is an integer (EC 408, 409).
    Complete,
}

/// The envelope headers of one request, as sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "each field is the header of that name, documented at its constant"
)]
pub struct Envelope {
    pub key: Option<HeaderValue>,
    pub start: Option<HeaderValue>,
    pub cek_alg: Option<HeaderValue>,
    pub wrap_alg: Option<HeaderValue>,
    pub magic_number_hmac: Option<HeaderValue>,
    pub matdesc: Option<HeaderValue>,
    pub unencrypted_content_length: Option<HeaderValue>,
    pub unencrypted_content_md5: Option<HeaderValue>,
    pub data_size: Option<HeaderValue>,
    pub part_size: Option<HeaderValue>,
}

/// The sizes an envelope declares, where both can be used as sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeclaredSizes {
    /// Bytes of the whole object as stored.
    pub data: DataSize,
    /// Bytes of every part but the last as stored.
    pub part: PartSize,
}

impl DeclaredSizes {
    /// ceil(data size / part size).
    pub fn count(self) -> u64 {
        expected_part_count(self.data, self.part)
    }
}

impl Envelope {
    /// Takes the envelope out of any headers.
    pub fn parse(headers: &Headers) -> Self {
        let value = |name| headers.value(name).cloned();
        Self {
            key: value(KEY),
            start: value(START),
            cek_alg: value(CEK_ALG),
            wrap_alg: value(WRAP_ALG),
            magic_number_hmac: value(MAGIC_NUMBER_HMAC),
            matdesc: value(MATDESC),
            unencrypted_content_length: value(UNENCRYPTED_CONTENT_LENGTH),
            unencrypted_content_md5: value(UNENCRYPTED_CONTENT_MD5),
            data_size: value(DATA_SIZE),
            part_size: value(PART_SIZE),
        }
    }

    /// Whether any header that makes a request a CSE request is present (question A1).
    pub fn is_present(&self) -> bool {
        self.required().iter().any(|(value, ..)| value.is_some())
    }

    /// The headers in the order in which the pages number their ECs, with the rules of absence and change.
    fn required(
        &self,
    ) -> [(
        Option<&HeaderValue>,
        &'static str,
        &'static Rule,
        &'static Rule,
    ); 7] {
        [
            (
                self.key.as_ref(),
                KEY,
                rules::KEY_MISSING,
                rules::KEY_CHANGED,
            ),
            (
                self.start.as_ref(),
                START,
                rules::START_MISSING,
                rules::START_CHANGED,
            ),
            (
                self.cek_alg.as_ref(),
                CEK_ALG,
                rules::CEK_ALG_MISSING,
                rules::CEK_ALG_CHANGED,
            ),
            (
                self.wrap_alg.as_ref(),
                WRAP_ALG,
                rules::WRAP_ALG_MISSING,
                rules::WRAP_ALG_CHANGED,
            ),
            (
                self.magic_number_hmac.as_ref(),
                MAGIC_NUMBER_HMAC,
                rules::HMAC_MISSING,
                rules::HMAC_CHANGED,
            ),
            (
                self.data_size.as_ref(),
                DATA_SIZE,
                rules::DATA_SIZE_MISSING,
                rules::DATA_SIZE_CHANGED,
            ),
            (
                self.part_size.as_ref(),
                PART_SIZE,
                rules::PART_SIZE_MISSING,
                rules::PART_SIZE_CHANGED,
            ),
        ]
    }

    /// The HMAC counts only with the wrap algorithm exactly `rsa` (question A19).
    fn uses_hmac(&self) -> bool {
        self.wrap_alg
            .as_ref()
            .is_some_and(|value| value.bytes() == b"rsa")
    }

    /// The rules of presence and of integers that this envelope breaks on this carrier.
    pub fn objections(&self, carrier: Carrier) -> Vec<Objection> {
        let mut objections = match carrier {
            Carrier::Put | Carrier::Initiate | Carrier::UploadPart => self.missing(carrier),
            Carrier::Complete => Vec::new(),
        };
        if carrier != Carrier::Put {
            objections.extend(self.bad_integers());
        }
        if matches!(carrier, Carrier::Initiate | Carrier::UploadPart) {
            objections.extend(self.bad_sizes());
        }
        objections
    }

    fn missing(&self, carrier: Carrier) -> Vec<Objection> {
        let mut objections = Vec::new();
        for (value, name, rule, _) in self.required() {
            let required = match name {
                MAGIC_NUMBER_HMAC => self.uses_hmac(),
                DATA_SIZE | PART_SIZE => carrier != Carrier::Put,
                _ => true,
            };
            let absent = value.is_none_or(|value| value.bytes().is_empty());
            if required && absent {
                let detail = format!("`{name}` is absent");
                objections.push(match carrier {
                    Carrier::Put | Carrier::Initiate => Objection::certain(rule, detail),
                    Carrier::UploadPart | Carrier::Complete => {
                        Objection::open(rule, Question::A7, detail)
                    }
                });
            }
        }
        objections
    }

    fn bad_integers(&self) -> Vec<Objection> {
        let mut objections = Vec::new();
        for (value, name, rule) in [
            (&self.data_size, DATA_SIZE, rules::DATA_SIZE_INTEGER),
            (&self.part_size, PART_SIZE, rules::PART_SIZE_INTEGER),
        ] {
            let Some(value) = value else { continue };
            match integer::read(value.bytes()) {
                Reading::Size(_) => {}
                Reading::Padded(_) => objections.push(Objection::open(
                    rule,
                    Question::PaddedSize,
                    format!("`{name}` is \"{value}\", expected an integer without leading zeros"),
                )),
                Reading::Not => objections.push(Objection::certain(
                    rule,
                    format!("`{name}` is \"{value}\", expected an integer"),
                )),
                Reading::Signed(_) | Reading::Zero | Reading::Negative | Reading::Huge(_) => {
                    objections.push(Objection::open(
                        rule,
                        Question::A16,
                        format!("`{name}` is \"{value}\", expected an integer from 1 to 2^63 - 1"),
                    ));
                }
            }
        }
        objections
    }

    fn bad_sizes(&self) -> Vec<Objection> {
        let mut objections = Vec::new();
        let Some(sizes) = self.sizes() else {
            return objections;
        };
        if sizes.count() > MAX_PART_COUNT {
            objections.push(Objection::certain(
                rules::COUNT_LIMIT,
                format!(
                    "{} / {} makes {} parts, expected at most 10,000",
                    sizes.data,
                    sizes.part,
                    sizes.count()
                ),
            ));
        }
        if !sizes.part.bytes().is_multiple_of(PART_SIZE_ALIGNMENT) {
            objections.push(Objection::open(
                rules::PART_SIZE_ALIGNED,
                Question::A9,
                format!(
                    "`{PART_SIZE}` is {}, which is not a multiple of 16",
                    sizes.part
                ),
            ));
        }
        objections
    }

    /// The declared sizes, if both are there and can be read as sizes.
    pub fn sizes(&self) -> Option<DeclaredSizes> {
        let read = |value: &Option<HeaderValue>| integer::read(value.as_ref()?.bytes()).size();
        Some(DeclaredSizes {
            data: DataSize::new(read(&self.data_size)?),
            part: PartSize::new(read(&self.part_size)?)?,
        })
    }

    /// The rules this envelope of an UploadPart breaks against that of its Initiate: what it repeats, it repeats
    /// exactly (question A22). The material description is in no list (A21).
    pub fn changes(&self, initiate: &Self) -> Vec<Objection> {
        let pairs = self.required().into_iter().zip(initiate.required());
        pairs
            .filter_map(|((sent, name, _, rule), (stored, ..))| {
                let sent = sent?;
                let counts = name != MAGIC_NUMBER_HMAC || initiate.uses_hmac();
                (counts && Some(sent) != stored).then(|| {
                    let stored = stored.map_or("absent".to_owned(), |value| format!("\"{value}\""));
                    Objection::certain(
                        rule,
                        format!("`{name}` is \"{sent}\", at Initiate it was {stored}"),
                    )
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> Vec<(&'static str, &'static str)> {
        vec![
            ("X-OSS-Meta-Client-Side-Encryption-Key", "k"),
            (START, "s"),
            (CEK_ALG, "c"),
            (WRAP_ALG, "w"),
            (DATA_SIZE, "1000000"),
            (PART_SIZE, "500000"),
        ]
    }

    fn parse(headers: &[(&str, &str)]) -> Envelope {
        Envelope::parse(&headers.iter().copied().collect())
    }

    #[test]
    fn names_are_read_in_any_case() {
        let envelope = parse(&full());
        assert_eq!(envelope.objections(Carrier::Initiate), []);
        assert_eq!(envelope.sizes().unwrap().count(), 2);
    }

    #[test]
    fn every_absence_is_named_in_order() {
        let rules: Vec<_> = parse(&[(WRAP_ALG, "rsa")])
            .objections(Carrier::Initiate)
            .iter()
            .map(|objection| objection.rule.ec.unwrap())
            .collect();
        let expected = [401, 402, 403, 405, 406, 407].map(|number| format!("0005-00000{number}"));
        assert_eq!(rules, expected);
    }

    #[test]
    fn a_put_needs_no_sizes() {
        assert_eq!(parse(&full()[..4]).objections(Carrier::Put), []);
    }

    #[test]
    fn a_zero_part_size_is_refused_without_a_division() {
        let mut headers = full();
        headers[5].1 = "0";
        let objections = parse(&headers).objections(Carrier::Initiate);
        assert_eq!(objections[0].rule, rules::PART_SIZE_INTEGER);
        assert_eq!(objections[0].question, Some(Question::A16));
    }

    #[test]
    fn a_repeated_header_must_be_the_same_and_matdesc_may_differ() {
        let initiate = parse(&full());
        let mut repeated = full();
        repeated[1].1 = "other";
        repeated.push((MATDESC, "{}"));
        let changes = parse(&repeated).changes(&initiate);
        assert_eq!(changes.len(), 1);
        assert_eq!(changes[0].rule, rules::START_CHANGED);
    }
}
