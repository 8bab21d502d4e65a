//! Envelopes read wrongly: the built-in codec with its headers changed on the way in, or read by hand where it refuses.

use data_encoding::BASE64;
use partproof_model::Cipher;
use partproof_model::envelope::{CEK_ALG, DATA_SIZE, KEY, MATDESC, PART_SIZE, START, WRAP_ALG};
use partproof_model::key_wrap::{MasterKey, WrapAlg};
use partproof_subjects::builtin::Builtin;
use partproof_suite::subject::{EnvelopeCodec, MasterKeyPem, PlainEnvelope, Refusal};

use crate::Fault;
use crate::envelope::{Enveloping, RIGHT, change, subject};

pub(crate) const DESCRIPTION_AS_BYTES: Fault = Fault {
    id: "envelope-description-as-bytes",
    sentence: "The material description is compared byte by byte with the client's own spelling, and another refused.",
    seen_in: "E09",
    law: "envelope-read",
    cause: None,
    subject: || {
        subject(
            const {
                &Enveloping {
                    open: |master, headers| {
                        let opened = EnvelopeCodec::open(&Builtin, master, headers)?;
                        let written = value(headers, MATDESC).unwrap_or("{}");
                        let json: serde_json::Map<_, _> = opened
                            .description
                            .iter()
                            .map(|(name, value)| (name.clone(), value.as_str().into()))
                            .collect();
                        let own = serde_json::Value::Object(json).to_string();
                        match own.as_str() == written {
                            true => Ok(opened),
                            false => Err(Refusal(format!("no master key for {written}"))),
                        }
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const NAMES_CASE_SENSITIVE: Fault = Fault {
    id: "envelope-names-case-sensitive",
    sentence: "Header names are looked up in lower case, as they are written.",
    seen_in: "",
    law: "envelope-read",
    cause: None,
    subject: || {
        subject(
            const {
                &Enveloping {
                    open: |master, headers| {
                        let mut headers = headers.to_vec();
                        headers
                            .retain(|(name, _)| !name.contains(|c: char| c.is_ascii_uppercase()));
                        EnvelopeCodec::open(&Builtin, master, &headers)
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const KEY_ENDS_AT_A_ZERO: Fault = Fault {
    id: "envelope-key-ends-at-a-zero",
    sentence: "The unwrapped key is a text to the reader, and ends at its first zero byte.",
    seen_in: "B11",
    law: "envelope-read",
    cause: None,
    subject: || {
        subject(
            const {
                &Enveloping {
                    open: |master, headers| {
                        let mut opened = EnvelopeCodec::open(&Builtin, master, headers)?;
                        let end = opened.key.iter().position(|byte| *byte == 0);
                        opened.key[end.unwrap_or(32)..].fill(0);
                        Ok(opened)
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const ESCAPES_LEFT: Fault = Fault {
    id: "envelope-escapes-left",
    sentence: "References to characters in the material description are left as they stand.",
    seen_in: "E12",
    law: "envelope-read",
    cause: None,
    subject: || {
        subject(
            const {
                &Enveloping {
                    open: |master, headers| {
                        let mut headers = headers.to_vec();
                        change(&mut headers, MATDESC, |json| json.replace("\\u", "\\\\u"));
                        EnvelopeCodec::open(&Builtin, master, &headers)
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const SIZES_REQUIRED: Fault = Fault {
    id: "envelope-sizes-required",
    sentence: "An envelope without a part size, as that of an object put at once, is refused.",
    seen_in: "",
    law: "envelope-read",
    cause: None,
    subject: || {
        subject(
            const {
                &Enveloping {
                    open: |master, headers| match value(headers, PART_SIZE) {
                        None => Err(Refusal("no part size".to_owned())),
                        Some(_) => EnvelopeCodec::open(&Builtin, master, headers),
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const LENGTH_NOT_CHECKED: Fault = Fault {
    id: "envelope-length-not-checked",
    sentence: "An unwrapped key of another length is filled up with zeros or cut.",
    seen_in: "E14",
    law: "envelope-refusal",
    cause: None,
    subject: || {
        subject(
            const {
                &Enveloping {
                    open: |master, headers| {
                        let opened = EnvelopeCodec::open(&Builtin, master, headers);
                        let unwrapped =
                            unwrapped(master, headers, KEY).zip(unwrapped(master, headers, START));
                        match (opened, unwrapped) {
                            (Err(_), Some((key, start))) => by_hand(headers, &key, &start),
                            (opened, _) => opened,
                        }
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const WRONG_KEY_GARBAGE: Fault = Fault {
    id: "envelope-wrong-key-garbage",
    sentence: "What does not unwrap gives other bytes instead of an error: implicit rejection, taken for a key.",
    seen_in: "E14",
    law: "envelope-refusal",
    cause: None,
    subject: || {
        subject(
            const {
                &Enveloping {
                    open: |master, headers| {
                        let opened = EnvelopeCodec::open(&Builtin, master, headers);
                        let whole = |name| {
                            let wrapped =
                                BASE64.decode(value(headers, name).unwrap_or_default().as_bytes());
                            wrapped.is_ok_and(|wrapped| wrapped.len() == 256)
                                && unwrapped(master, headers, name).is_none()
                        };
                        match opened {
                            Err(_) if whole(KEY) && whole(START) => {
                                by_hand(headers, &[7; 32], &[0; 16])
                            }
                            opened => opened,
                        }
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const ALGORITHM_NOT_CHECKED: Fault = Fault {
    id: "envelope-algorithm-not-checked",
    sentence: "An unknown cek-alg is taken for AES/CTR.",
    seen_in: "E13",
    law: "envelope-refusal",
    cause: None,
    subject: || {
        subject(
            const {
                &Enveloping {
                    open: |master, headers| match value(headers, CEK_ALG) {
                        Some(name) if Cipher::from_cek_alg(name.as_bytes()).is_none() => {
                            open_with(master, headers, CEK_ALG, Cipher::Ctr.cek_alg().to_owned())
                        }
                        _ => EnvelopeCodec::open(&Builtin, master, headers),
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const INCOMPLETE_TAKEN: Fault = Fault {
    id: "envelope-incomplete-taken",
    sentence: "A missing wrap-alg is taken for PKCS#1.",
    seen_in: "E13",
    law: "envelope-refusal",
    cause: None,
    subject: || {
        subject(
            const {
                &Enveloping {
                    open: |master, headers| match value(headers, WRAP_ALG) {
                        None => {
                            open_with(master, headers, WRAP_ALG, WrapAlg::Pkcs1.name().to_owned())
                        }
                        Some(_) => EnvelopeCodec::open(&Builtin, master, headers),
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const SIZE_READ_LIKE_ATOI: Fault = Fault {
    id: "envelope-size-read-like-atoi",
    sentence: "A size is read up to the first character that is no digit.",
    seen_in: "E13",
    law: "envelope-refusal",
    cause: None,
    subject: || {
        subject(
            const {
                &Enveloping {
                    open: |master, headers| {
                        let mut headers = headers.to_vec();
                        for name in [DATA_SIZE, PART_SIZE] {
                            change(&mut headers, name, |size| {
                                let digits = size.find(|c: char| !c.is_ascii_digit());
                                size[..digits.unwrap_or(size.len())]
                                    .parse()
                                    .unwrap_or(0_u64)
                                    .to_string()
                            });
                        }
                        EnvelopeCodec::open(&Builtin, master, &headers)
                    },
                    ..RIGHT
                }
            },
        )
    },
};

/// What one header's value unwraps to, of whatever length.
pub(crate) fn unwrapped(
    master: &MasterKeyPem,
    headers: &[(String, String)],
    name: &str,
) -> Option<Vec<u8>> {
    let wrapped = BASE64.decode(value(headers, name)?.as_bytes()).ok()?;
    let algorithm = WrapAlg::from_name(value(headers, WRAP_ALG)?.as_bytes())?;
    MasterKey::from_pem(master.private)
        .ok()?
        .unwrap(algorithm, &wrapped)
        .ok()
}

/// The envelope that the headers make with this key and start, brought to their lengths.
pub(crate) fn by_hand(
    headers: &[(String, String)],
    key: &[u8],
    start: &[u8],
) -> Result<PlainEnvelope, Refusal> {
    let unknown = || Refusal("unknown or no algorithm".to_owned());
    let name = |name| value(headers, name).unwrap_or_default().as_bytes();
    let size = |name| value(headers, name)?.parse().ok();
    let mut envelope = PlainEnvelope {
        cipher: Cipher::from_cek_alg(name(CEK_ALG)).ok_or_else(unknown)?,
        wrap_alg: WrapAlg::from_name(name(WRAP_ALG)).ok_or_else(unknown)?,
        key: [0; 32],
        start: [0; 16],
        sizes: size(DATA_SIZE).zip(size(PART_SIZE)),
        description: Vec::new(),
    };
    envelope
        .key
        .iter_mut()
        .zip(key)
        .for_each(|(to, from)| *to = *from);
    envelope
        .start
        .iter_mut()
        .zip(start)
        .for_each(|(to, from)| *to = *from);
    Ok(envelope)
}

fn value<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = headers
        .iter()
        .find(|(other, _)| other.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str())
}

/// Opens the headers with `name` changed, or added if it is missing.
fn open_with(
    master: &MasterKeyPem,
    headers: &[(String, String)],
    name: &str,
    new: String,
) -> Result<PlainEnvelope, Refusal> {
    let mut headers = headers.to_vec();
    headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
    headers.push((name.to_owned(), new));
    EnvelopeCodec::open(&Builtin, master, &headers)
}
