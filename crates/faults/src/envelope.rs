//! Envelopes written wrongly: the built-in codec with its headers changed on the way out.

use std::collections::BTreeMap;

use data_encoding::BASE64;
use partproof_model::Cipher;
use partproof_model::envelope::{DATA_SIZE, KEY, MATDESC, PART_SIZE, START, WRAP_ALG};
use partproof_model::key_wrap::WrapAlg;
use partproof_subjects::builtin::{self, Builtin};
use partproof_suite::subject::{
    EnvelopeCodec, MasterKeyPem, PlainEnvelope, Refusal, Subject, WrappedEnvelope,
};
use serde_json::json;

use crate::Fault;

type Headers = Vec<(String, String)>;
type Opened = Result<PlainEnvelope, Refusal>;
type ReadWrapped = fn(&[(String, String)]) -> Result<WrappedEnvelope, Refusal>;

/// A codec with a function for each step.
pub(crate) struct Enveloping {
    pub(crate) ciphers: fn() -> Vec<Cipher>,
    pub(crate) wrap_algs: fn() -> Vec<WrapAlg>,
    /// Changes what the built-in codec wrote.
    pub(crate) written: fn(&PlainEnvelope, &mut Headers),
    pub(crate) open: fn(&MasterKeyPem, &[(String, String)]) -> Opened,
    pub(crate) read_wrapped: ReadWrapped,
}

/// The built-in codec.
pub(crate) const RIGHT: Enveloping = Enveloping {
    ciphers: || Cipher::ALL.to_vec(),
    wrap_algs: || WrapAlg::ALL.to_vec(),
    written: |_, _| {},
    open: |master, headers| EnvelopeCodec::open(&Builtin, master, headers),
    read_wrapped: |headers| {
        let no_call = || Err(Refusal("no such call".to_owned()));
        Builtin.read_wrapped(headers).unwrap_or_else(no_call)
    },
};

impl EnvelopeCodec for Enveloping {
    fn ciphers(&self) -> Vec<Cipher> {
        (self.ciphers)()
    }

    fn wrap_algs(&self) -> Vec<WrapAlg> {
        (self.wrap_algs)()
    }

    fn seal(&self, master: &MasterKeyPem, envelope: &PlainEnvelope) -> Result<Headers, Refusal> {
        let mut headers = Builtin.seal(master, envelope)?;
        (self.written)(envelope, &mut headers);
        Ok(headers)
    }

    fn open(
        &self,
        master: &MasterKeyPem,
        headers: &[(String, String)],
    ) -> Result<PlainEnvelope, Refusal> {
        (self.open)(master, headers)
    }

    fn read_wrapped(
        &self,
        headers: &[(String, String)],
    ) -> Option<Result<WrappedEnvelope, Refusal>> {
        Some((self.read_wrapped)(headers))
    }
}

pub(crate) fn subject(codec: &'static Enveloping) -> Subject<'static> {
    Subject {
        envelope_codec: Some(codec),
        ..builtin::subject()
    }
}

/// Changes the value of one header.
pub(crate) fn change(headers: &mut Headers, name: &str, value: impl Fn(&str) -> String) {
    for (_, old) in headers
        .iter_mut()
        .filter(|(other, _)| other.eq_ignore_ascii_case(name))
    {
        *old = value(old);
    }
}

pub(crate) const KEY_BASE64_TWICE: Fault = Fault {
    id: "envelope-key-base64-twice",
    sentence: "The wrapped key is Base64 of Base64.",
    seen_in: "E08",
    law: "envelope-written",
    cause: None,
    subject: || {
        subject(
            const {
                &Enveloping {
                    written: |_, headers| change(headers, KEY, |key| BASE64.encode(key.as_bytes())),
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const START_NOT_WRAPPED: Fault = Fault {
    id: "envelope-start-not-wrapped",
    sentence: "The start is sent in Base64, not wrapped.",
    seen_in: "D15",
    law: "envelope-written",
    cause: None,
    subject: || {
        subject(
            const {
                &Enveloping {
                    written: |envelope, headers| {
                        change(headers, START, |_| BASE64.encode(&envelope.start));
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const SIZES_SWAPPED: Fault = Fault {
    id: "envelope-sizes-swapped",
    sentence: "data-size carries the part size and part-size the data size.",
    seen_in: "A17",
    law: "envelope-written",
    cause: None,
    subject: || {
        subject(
            const {
                &Enveloping {
                    written: |envelope, headers| {
                        let (data_size, part_size) = envelope.sizes.unwrap_or_default();
                        change(headers, DATA_SIZE, |_| part_size.to_string());
                        change(headers, PART_SIZE, |_| data_size.to_string());
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const DESCRIPTION_NOT_JSON: Fault = Fault {
    id: "envelope-description-not-json",
    sentence: "The material description is written with single quotes, as Python prints a dictionary.",
    seen_in: "E09",
    law: "envelope-written",
    cause: None,
    subject: || {
        subject(
            const {
                &Enveloping {
                    written: |_, headers| change(headers, MATDESC, |json| json.replace('"', "'")),
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const DATA_SIZE_IN_32_BITS: Fault = Fault {
    id: "envelope-data-size-in-32-bits",
    sentence: "The data size is declared as 32 bits keep it.",
    seen_in: "G03",
    law: "envelope-written",
    cause: None,
    subject: || {
        subject(
            const {
                &Enveloping {
                    written: |_, headers| {
                        change(headers, DATA_SIZE, |size| {
                            let size: u64 = size.parse().unwrap_or(0);
                            (size & u64::from(u32::MAX)).to_string()
                        });
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const WRAPPED_AS_JAVA_SAYS: Fault = Fault {
    id: "envelope-wrap-alg-of-java",
    sentence: "The wrap algorithm is named as the Java library names it, with ECB.",
    seen_in: "E13",
    law: "envelope-written",
    cause: None,
    subject: || {
        subject(
            const {
                &Enveloping {
                    written: |_, headers| {
                        change(headers, WRAP_ALG, |name| name.replace("/NONE/", "/ECB/"));
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const DESCRIPTION_IN_ASCII: Fault = Fault {
    id: "envelope-description-in-ascii",
    sentence: "What is not ASCII in the material description is written as a question mark.",
    seen_in: "E12",
    law: "envelope-written",
    cause: None,
    subject: || {
        subject(
            const {
                &Enveloping {
                    written: |_, headers| {
                        change(headers, MATDESC, |json| {
                            let description: BTreeMap<String, String> =
                                serde_json::from_str(json).unwrap_or_default();
                            let ascii = |text: &String| text.replace(|c: char| !c.is_ascii(), "?");
                            let pairs = description.iter();
                            let pairs = pairs.map(|(name, value)| (ascii(name), ascii(value)));
                            json!(pairs.collect::<BTreeMap<_, _>>()).to_string()
                        });
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const KEY_AND_START_SWAPPED: Fault = Fault {
    id: "envelope-key-and-start-swapped",
    sentence: "The key's header carries the wrapped start, and the start's the wrapped key.",
    seen_in: "",
    law: "envelope-written",
    cause: None,
    subject: || {
        subject(
            const {
                &Enveloping {
                    written: |_, headers| {
                        for (name, _) in headers {
                            *name = match name.as_str() {
                                KEY => START.to_owned(),
                                START => KEY.to_owned(),
                                other => other.to_owned(),
                            };
                        }
                    },
                    ..RIGHT
                }
            },
        )
    },
};
