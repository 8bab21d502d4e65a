//! Envelopes: headers that carry key, start and sizes, and a reader for them that is the model's own.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use data_encoding::BASE64;
use partproof_model::cipher::{content_key, start};
use partproof_model::envelope::Carrier;
use partproof_model::key_wrap::{MasterKey, WrapAlg};
use partproof_model::{Cipher, Envelope, Headers, Question};
use serde::{Deserialize, Serialize};

use super::file::{CipherName, MasterKeyValue, Outcome};
use super::test::{Derive, Wrong, test, with_questions};
use super::value::Hex;
use partproof_suite::laws::envelope::{MASTER, OTHER};
use partproof_suite::subject::MasterKeyPem;

test! {
    /// The headers of an object, and what they say.
    EnvelopeTest {
        /// Names and values in order, as sent.
        given headers: Vec<(String, String)>,
        /// The request that they travel on: only `initiate` must declare sizes.
        given carrier: CarrierValue,
        /// The content cipher.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        derived cipher: Option<CipherName>,
        /// How key and start are wrapped.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        derived wrap_alg: Option<String>,
        /// The content key.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        derived key: Option<Hex>,
        /// The counter start.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        derived start: Option<Hex>,
        /// The data size that they declare.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        derived data_size: Option<u64>,
        /// The part size that they declare.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        derived part_size: Option<u64>,
        /// The material description; absent if there is none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        derived description: Option<BTreeMap<String, String>>,
    }
}

/// A request that carries an envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum CarrierValue {
    /// PutObject.
    Put,
    /// InitiateMultipartUpload.
    Initiate,
}

/// What an envelope says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Opened {
    pub(super) cipher: Cipher,
    pub(super) wrap_alg: WrapAlg,
    pub(super) key: [u8; 32],
    pub(super) start: [u8; 16],
    pub(super) data_size: Option<u64>,
    pub(super) part_size: Option<u64>,
    pub(super) description: Option<BTreeMap<String, String>>,
}

/// A published test key, as text and as the model uses it.
pub(super) struct Published {
    pub(super) pem: MasterKeyPem<'static>,
    pub(super) key: MasterKey,
}

/// Every published test key. A file's master key is one of them: a reader of vectors has no use for others, and need not
/// be fed keys that take minutes.
pub(super) static PUBLISHED: LazyLock<[Published; 2]> = LazyLock::new(|| {
    [MASTER, OTHER].map(|pem| Published {
        pem,
        key: MasterKey::from_pem(pem.private).expect("a published test key"),
    })
});

impl MasterKeyValue {
    pub(super) fn of(published: &Published) -> Self {
        Self {
            private: published.pem.private.to_owned(),
            public: published.pem.public.to_owned(),
        }
    }

    /// Which of the published keys it is.
    ///
    /// # Errors
    /// None of them.
    pub(super) fn published(&self) -> Result<&'static Published, Wrong> {
        let mut keys = PUBLISHED.iter();
        keys.find(|key| key.pem.private == self.private && key.pem.public == self.public)
            .ok_or_else(|| {
                Wrong::new(
                    "an unknown key",
                    "one of those that are published with the vectors",
                )
            })
    }
}

impl Derive for EnvelopeTest {
    type Shared = MasterKeyValue;

    /// As the model opens it: `acceptable` where it opens but something about it is open, which the flags say, or where that is given; then it
    /// says what a reader that takes it finds.
    fn derive(&self, master: &MasterKeyValue) -> Result<Self, Wrong> {
        let opened = open(&master.published()?.key, &self.headers, self.carrier);
        let (judged, opened, questions) = match opened {
            Ok((opened, questions)) if questions.is_empty() => {
                (Outcome::Valid, Some(opened), questions)
            }
            Ok((opened, questions)) => (Outcome::Acceptable, Some(opened), questions),
            Err(_) => (Outcome::Invalid, None, Vec::new()),
        };
        let said = opened.as_ref();
        Ok(Self {
            flags: with_questions(&self.flags, questions),
            result: self.result.or_acceptable(judged),
            cipher: said.map(|opened| CipherName(opened.cipher)),
            wrap_alg: said.map(|opened| opened.wrap_alg.name().to_owned()),
            key: said.map(|opened| opened.key.into()),
            start: said.map(|opened| opened.start.into()),
            data_size: said.and_then(|opened| opened.data_size),
            part_size: said.and_then(|opened| opened.part_size),
            description: opened.and_then(|opened| opened.description),
            ..self.clone()
        })
    }
}

/// Opens an envelope as a careful reader does, with the questions on which that rests.
///
/// # Errors
/// The first thing wrong with it.
pub(super) fn open(
    master: &MasterKey,
    headers: &[(String, String)],
    carrier: CarrierValue,
) -> Result<(Opened, Vec<Question>), String> {
    let envelope = Envelope::parse(&once(headers));
    let carrier = match carrier {
        CarrierValue::Put => Carrier::Put,
        CarrierValue::Initiate => Carrier::Initiate,
    };
    let objections = envelope.objections(carrier);
    if let Some(certain) = objections
        .iter()
        .find(|objection| objection.question.is_none())
    {
        return Err(certain.detail.clone());
    }
    let value = |value: &Option<partproof_model::headers::HeaderValue>, name: &str| {
        value.clone().ok_or_else(|| format!("{name} is absent"))
    };
    let cek_alg = value(&envelope.cek_alg, "cek-alg")?;
    let cipher = Cipher::from_cek_alg(cek_alg.bytes())
        .ok_or_else(|| format!("unknown content cipher \"{cek_alg}\""))?;
    let name = value(&envelope.wrap_alg, "wrap-alg")?;
    let wrap_alg = WrapAlg::from_name(name.bytes())
        .ok_or_else(|| format!("unknown wrap algorithm \"{name}\""))?;
    let unwrap = |header: &Option<partproof_model::headers::HeaderValue>, name: &str| {
        let wrapped = BASE64
            .decode(value(header, name)?.bytes())
            .map_err(|error| format!("{name} is not Base64: {error}"))?;
        master
            .unwrap(wrap_alg, &wrapped)
            .map_err(|error| format!("{name}: {error}"))
    };
    let key = content_key(&unwrap(&envelope.key, "key")?).map_err(|error| error.to_string())?;
    let start = start(&unwrap(&envelope.start, "start")?).map_err(|error| error.to_string())?;
    let sizes = |value: &Option<partproof_model::headers::HeaderValue>| {
        let size = partproof_model::integer::read(value.as_ref()?.bytes()).size()?;
        (size <= super::read::LARGEST_NUMBER).then_some(size)
    };
    let description = envelope
        .matdesc
        .as_ref()
        .map(|value| {
            serde_json::from_slice(value.bytes())
                .map_err(|error| format!("matdesc is no JSON object of strings: {error}"))
        })
        .transpose()?;
    let opened = Opened {
        cipher,
        wrap_alg,
        key: key.0,
        start: start.0,
        data_size: sizes(&envelope.data_size),
        part_size: sizes(&envelope.part_size),
        description,
    };
    let questions = objections.iter();
    let questions = questions.filter_map(|objection| objection.question);
    Ok((opened, questions.collect()))
}

/// The headers, the same field with the same value once: a reader may see no difference.
fn once(headers: &[(String, String)]) -> Headers {
    let mut seen: Vec<(String, &str)> = Vec::new();
    for (name, value) in headers {
        let field = (name.to_ascii_lowercase(), value.trim_ascii());
        if !seen.contains(&field) {
            seen.push(field);
        }
    }
    seen.into_iter().collect()
}
