//! Cases for envelopes: what one says, how it is spelt; and the twin that is broken in one place.

use arbitrary::{Arbitrary, Result, Unstructured};
use partproof_model::Cipher;
use partproof_model::envelope;
use partproof_model::key_wrap::WrapAlg;
use serde::{Deserialize, Serialize};

use super::encrypt::{cipher_name, of_cipher};
use super::{Case, draw, is_default};
use crate::class::{Class, Classes};
use crate::hex;
use crate::shown;
use crate::subject::PlainEnvelope;

/// An envelope that any reader of its algorithms can open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnvelopeCase {
    /// The content cipher.
    #[serde(with = "cipher_name")]
    pub cipher: Cipher,
    /// Whether the keys are wrapped with OAEP rather than PKCS#1 v1.5.
    pub oaep: bool,
    /// The content key.
    #[serde(with = "hex")]
    pub key: [u8; 32],
    /// The counter start.
    #[serde(with = "hex")]
    pub start: [u8; 16],
    /// Data size and part size; absent for a single put.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sizes: Option<(u64, u64)>,
    /// The material description, one name and value; absent if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<(String, String)>,
    /// How the headers are spelt for a reader.
    #[serde(default, skip_serializing_if = "is_default")]
    pub spelling: HeaderSpelling,
    /// The headers as somebody else wrote them, in place of the model's; none are drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<SentHeaders>,
}

/// Headers of an envelope as somebody wrote them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SentHeaders {
    /// Names and values, in order.
    pub headers: Vec<(String, String)>,
    /// The material description that they have: one of any length.
    #[serde(default, skip_serializing_if = "is_default")]
    pub description: Vec<(String, String)>,
    /// Whether the master key is the other one of the test keys.
    #[serde(default, skip_serializing_if = "is_default")]
    pub other_key: bool,
    /// Whether a reader may refuse them.
    #[serde(default, skip_serializing_if = "is_default")]
    pub may_be_refused: bool,
}

/// How headers are spelt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Arbitrary)]
#[serde(default, deny_unknown_fields)]
pub struct HeaderSpelling {
    /// `X-Oss-Meta-...`, as HTTP libraries of several languages write them.
    #[serde(skip_serializing_if = "is_default")]
    pub title_case: bool,
    /// Last header first.
    #[serde(skip_serializing_if = "is_default")]
    pub reversed: bool,
    /// `{"k": "v"}` with blanks.
    #[serde(skip_serializing_if = "is_default")]
    pub json_blanks: bool,
    /// `\uXXXX` for everything but plain ASCII.
    #[serde(skip_serializing_if = "is_default")]
    pub json_escapes: bool,
    /// Headers of other things among them.
    #[serde(skip_serializing_if = "is_default")]
    pub with_others: bool,
}

impl EnvelopeCase {
    /// The wrap algorithm.
    pub fn wrap_alg(&self) -> WrapAlg {
        if self.oaep {
            WrapAlg::OaepSha1
        } else {
            WrapAlg::Pkcs1
        }
    }

    /// What it says.
    pub fn plain(&self) -> PlainEnvelope {
        PlainEnvelope {
            cipher: self.cipher,
            wrap_alg: self.wrap_alg(),
            key: self.key,
            start: self.start,
            sizes: self.sizes,
            description: match &self.sent {
                Some(sent) => sent.description.clone(),
                None => self.description.clone().into_iter().collect(),
            },
        }
    }

    /// The headers with these wrapped values (Base64), in this spelling; or as they were sent.
    pub fn headers(&self, wrapped_key: &str, wrapped_start: &str) -> Vec<(String, String)> {
        if let Some(sent) = &self.sent {
            return sent.headers.clone();
        }
        let mut headers = vec![
            (envelope::KEY.to_owned(), wrapped_key.to_owned()),
            (envelope::START.to_owned(), wrapped_start.to_owned()),
            (
                envelope::CEK_ALG.to_owned(),
                self.cipher.cek_alg().to_owned(),
            ),
            (
                envelope::WRAP_ALG.to_owned(),
                self.wrap_alg().name().to_owned(),
            ),
        ];
        if let Some((data_size, part_size)) = self.sizes {
            headers.push((envelope::DATA_SIZE.to_owned(), data_size.to_string()));
            headers.push((envelope::PART_SIZE.to_owned(), part_size.to_string()));
        }
        if let Some((name, value)) = &self.description {
            headers.push((
                envelope::MATDESC.to_owned(),
                self.spelling.json(name, value),
            ));
        }
        if self.spelling.with_others {
            headers.push(("x-oss-meta-author".to_owned(), "somebody".to_owned()));
            headers.insert(0, ("Content-Length".to_owned(), "0".to_owned()));
        }
        if self.spelling.reversed {
            headers.reverse();
        }
        if self.spelling.title_case {
            headers = headers
                .into_iter()
                .map(|(name, value)| (title_case(&name), value))
                .collect();
        }
        headers
    }
}

impl HeaderSpelling {
    /// A JSON object with one member.
    fn json(self, name: &str, value: &str) -> String {
        let string = |text: &str| {
            let plain = serde_json::Value::from(text).to_string();
            if !self.json_escapes {
                return plain;
            }
            let mut units = [0; 2];
            plain
                .chars()
                .map(|character| match character.is_ascii() {
                    true => character.to_string(),
                    false => character
                        .encode_utf16(&mut units)
                        .iter()
                        .map(|unit| format!("\\u{unit:04x}"))
                        .collect(),
                })
                .collect()
        };
        let blank = if self.json_blanks { " " } else { "" };
        format!("{{{}:{blank}{}}}", string(name), string(value))
    }
}

fn title_case(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_ascii_uppercase() + rest
    });
    words.collect::<Vec<_>>().join("-")
}

impl<'a> Arbitrary<'a> for EnvelopeCase {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let cipher = *u.choose(&[Cipher::Ctr, Cipher::Ctr, Cipher::GcmObject, Cipher::GcmPart])?;
        let part_size = draw::legal_part_size(u)?;
        let data_size = 32 + u.int_in_range(0..=3 * part_size)?;
        let mut spelling: HeaderSpelling = u.arbitrary()?;
        let description = match u.int_in_range(0..=2_u8)? {
            0 => None,
            1 => Some(("key".to_owned(), "seed".to_owned())),
            _ => {
                // A header holds ASCII: what lies beyond it is escaped, as oss2 does.
                let value = draw::text(u, 6)?.replace(['\t', '\n'], " ");
                spelling.json_escapes |= !value.is_ascii();
                Some(("key".to_owned(), value))
            }
        };
        Ok(Self {
            cipher,
            oaep: u.arbitrary()?,
            key: draw::key(u)?,
            start: draw::start(u, cipher)?,
            // A size that GCM part yields, whatever the part size: one sealed part.
            sizes: u.arbitrary::<bool>()?.then_some(match cipher {
                Cipher::GcmPart => (data_size.min(part_size), part_size),
                Cipher::Ctr | Cipher::GcmObject => (data_size, part_size),
            }),
            description,
            spelling,
            sent: None,
        })
    }
}

impl Case for EnvelopeCase {
    const BYTES: usize = 128;

    fn classes(&self) -> Classes {
        of_cipher(self.cipher)
            .with(Class::WrapPkcs1, !self.oaep)
            .with(Class::WrapOaep, self.oaep)
            .with(Class::WithDescription, self.description.is_some())
            .with(
                Class::NonAsciiDescription,
                self.description
                    .as_ref()
                    .is_some_and(|(_, value)| !value.is_ascii()),
            )
            .with(
                Class::LiberalSpelling,
                self.spelling != HeaderSpelling::default(),
            )
    }

    fn smaller(&self) -> Vec<Self> {
        if self.sent.is_some() {
            return Vec::new();
        }
        let spelled = |spelling| Self {
            spelling,
            ..self.clone()
        };
        let spelling = self.spelling;
        let mut smaller = vec![
            Self {
                cipher: Cipher::Ctr,
                ..self.clone()
            },
            Self {
                sizes: None,
                ..self.clone()
            },
            Self {
                sizes: self.sizes.map(|_| (102_416, 102_400)),
                ..self.clone()
            },
            Self {
                description: None,
                ..self.clone()
            },
            Self {
                description: self
                    .description
                    .as_ref()
                    .map(|_| ("key".to_owned(), "seed".to_owned())),
                ..self.clone()
            },
            Self {
                oaep: false,
                ..self.clone()
            },
            Self {
                key: [0; 32],
                ..self.clone()
            },
            Self {
                start: [0; 16],
                ..self.clone()
            },
            spelled(HeaderSpelling::default()),
            spelled(HeaderSpelling {
                title_case: false,
                ..spelling
            }),
            spelled(HeaderSpelling {
                reversed: false,
                ..spelling
            }),
            spelled(HeaderSpelling {
                json_blanks: false,
                ..spelling
            }),
            spelled(HeaderSpelling {
                json_escapes: false,
                ..spelling
            }),
            spelled(HeaderSpelling {
                with_others: false,
                ..spelling
            }),
        ];
        smaller.retain(|case| case != self && case.check().is_ok());
        smaller
    }

    fn check(&self) -> std::result::Result<(), String> {
        if !self.cipher.takes_start(partproof_model::Start(self.start)) {
            return Err(format!(
                "the start has not the shape of {}",
                self.cipher.cek_alg()
            ));
        }
        let Some((name, value)) = &self.description else {
            return Ok(());
        };
        let escaped = self.spelling.json_escapes || (name.is_ascii() && value.is_ascii());
        if !escaped || name.chars().chain(value.chars()).any(char::is_control) {
            return Err(format!(
                "description {}: {} cannot stand in a header unescaped",
                shown(name),
                shown(value)
            ));
        }
        Ok(())
    }
}

/// An envelope with one thing wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrokenEnvelopeCase {
    /// The envelope before it was broken.
    pub envelope: EnvelopeCase,
    /// What was done to it.
    pub breakage: Breakage,
}

/// One thing that makes an envelope unreadable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Breakage {
    /// This header is missing.
    Missing(String),
    /// This header has this value instead.
    Value(String, String),
    /// The wrapped content key has this many bytes.
    KeyLength(u8),
    /// The wrapped start has this many bytes.
    StartLength(u8),
    /// It was wrapped under another master key.
    WrongMasterKey,
    /// The headers as they were sent; the envelope has the sizes that stand in them, if any do.
    Sent {
        /// Whether the sizes are all that is wrong.
        sizes_only: bool,
    },
}

impl<'a> Arbitrary<'a> for BrokenEnvelopeCase {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let own = |name: &str| name.to_owned();
        let breakage = match u.int_in_range(0..=6_u8)? {
            0 => Breakage::Missing(own(u.choose(&[
                envelope::KEY,
                envelope::START,
                envelope::CEK_ALG,
                envelope::WRAP_ALG,
            ])?)),
            1 => {
                let length = u.int_in_range(0..=48)?;
                Breakage::KeyLength(if length == 32 { 16 } else { length })
            }
            2 => {
                let length = u.int_in_range(0..=48)?;
                Breakage::StartLength(if length == 16 { 12 } else { length })
            }
            3 => Breakage::WrongMasterKey,
            4 => Breakage::Value(
                own(u.choose(&[envelope::CEK_ALG, envelope::WRAP_ALG])?),
                own(u.choose(&["AES/CBC/PKCS5Padding", "none", "", "AES/CTR/NoPadding2"])?),
            ),
            5 => Breakage::Value(
                own(u.choose(&[envelope::KEY, envelope::START])?),
                own(u.choose(&["", "!!!!", "AAAA", "AAA", "****"])?),
            ),
            _ => Breakage::Value(
                own(u.choose(&[envelope::DATA_SIZE, envelope::PART_SIZE])?),
                own(u.choose(&["9x5.2", "1e6", "-5", "18446744073709551616", "twelve"])?),
            ),
        };
        Ok(Self {
            envelope: EnvelopeCase::arbitrary(u)?,
            breakage,
        })
    }
}

impl Case for BrokenEnvelopeCase {
    const BYTES: usize = 160;

    fn classes(&self) -> Classes {
        Classes::default()
            .with(
                Class::MissingHeader,
                matches!(self.breakage, Breakage::Missing(_)),
            )
            .with(
                Class::WrongMasterKey,
                matches!(self.breakage, Breakage::WrongMasterKey),
            )
            .with(
                Class::WrongWrappedLength,
                matches!(
                    self.breakage,
                    Breakage::KeyLength(_) | Breakage::StartLength(_)
                ),
            )
            .with(
                Class::BadValue,
                matches!(&self.breakage, Breakage::Value(name, _) if !name.ends_with("-alg")),
            )
            .with(
                Class::UnknownAlgorithm,
                matches!(&self.breakage, Breakage::Value(name, _) if name.ends_with("-alg")),
            )
    }

    fn smaller(&self) -> Vec<Self> {
        self.envelope
            .smaller()
            .into_iter()
            .map(|envelope| Self {
                envelope,
                ..self.clone()
            })
            .collect()
    }

    fn check(&self) -> std::result::Result<(), String> {
        self.envelope.check()?;
        match self.breakage {
            Breakage::KeyLength(32) | Breakage::StartLength(16) => {
                Err("this length is right: nothing is broken".to_owned())
            }
            Breakage::KeyLength(length) | Breakage::StartLength(length) if length > 48 => {
                Err(format!("{length} bytes to wrap, expected at most 48"))
            }
            _ => Ok(()),
        }
    }
}
