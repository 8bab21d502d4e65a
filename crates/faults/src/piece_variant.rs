//! Pieces that are right and differ: planners, encryptors, codecs and readers of answers.

use partproof_client as client;
use partproof_model::answers;
use partproof_model::envelope::MATDESC;
use partproof_model::key_wrap::WrapAlg;
use partproof_subjects::builtin::Builtin;
use partproof_suite::subject::{Encryptor, EnvelopeCodec, PlannedUpload, Planner, Refusal};

use crate::Variant;
use crate::answer::Answering;
use crate::encryptor::{self, Encrypting};
use crate::envelope::{self, Enveloping, change};
use crate::planner::{Planning, cut, right};
use crate::variant::{answer_reader, codec, encryptor, planner};

/// A plan with the part size that the caller gives, or else of this one.
fn or_else(
    data: u64,
    part: Option<u64>,
    own: impl FnOnce(u64) -> u64,
) -> Result<PlannedUpload<'static>, Refusal> {
    let plan = right(data, part)?;
    if part.is_some() {
        return Ok(plan);
    }
    let part = own(data.div_ceil(10_000));
    Ok(cut(data, part, data.div_ceil(part)))
}

pub(crate) const WHOLE_MIB: Variant = Variant {
    id: "planner-whole-mib",
    sentence: "Chooses whole MiB, as few as will do.",
    subject: || {
        planner(&Planning(|data, part| {
            or_else(data, part, |least| least.next_multiple_of(1 << 20))
        }))
    },
};

/// A planner that chooses nothing.
struct IsTold;

impl Planner for IsTold {
    fn plan(&self, data_size: u64, part_size: Option<u64>) -> Result<PlannedUpload<'_>, Refusal> {
        let part_size = part_size.ok_or_else(|| Refusal("no part size".to_owned()))?;
        right(data_size, Some(part_size))
    }

    fn chooses(&self) -> bool {
        false
    }
}

pub(crate) const IS_TOLD: Variant = Variant {
    id: "planner-is-told",
    sentence: "Leaves the part size to its caller, and says so.",
    subject: || planner(&IsTold),
};

pub(crate) const WHOLE_PAGES: Variant = Variant {
    id: "planner-whole-pages",
    sentence: "Chooses a multiple of 4,096 bytes, from 100 KiB on.",
    subject: || {
        planner(&Planning(|data, part| {
            or_else(data, part, |least| {
                least.max(client::MIN_PART_SIZE).next_multiple_of(4_096)
            })
        }))
    },
};

pub(crate) const GROWS_BY_THE_FIRST: Variant = Variant {
    id: "planner-grows-by-the-first",
    sentence: "Grows the part size by 6 MiB until 10,000 parts suffice, as Go v2 does.",
    subject: || {
        planner(&Planning(|data, part| {
            or_else(data, part, |least| {
                least.next_multiple_of(6 << 20).min(client::MAX_PART_SIZE)
            })
        }))
    },
};

pub(crate) const AT_ONCE: Variant = Variant {
    id: "encryptor-at-once",
    sentence: "Encrypts a whole object in one call as well.",
    subject: || {
        encryptor(
            const {
                &Encrypting {
                    at_once: |upload, plaintext| Builtin.encrypt_object(upload, plaintext),
                    ..encryptor::RIGHT
                }
            },
        )
    },
};

pub(crate) const OAEP_ONLY: Variant = Variant {
    id: "codec-oaep-only",
    sentence: "Wraps with OAEP alone, as oss2's local provider does.",
    subject: || {
        codec(
            const {
                &Enveloping {
                    wrap_algs: || vec![WrapAlg::OaepSha1],
                    ..envelope::RIGHT
                }
            },
        )
    },
};

pub(crate) const NAMES_IN_UPPER_CASE: Variant = Variant {
    id: "codec-names-in-upper-case",
    sentence: "Writes the last header first, and names in upper case.",
    subject: || {
        codec(
            const {
                &Enveloping {
                    written: |_, headers| {
                        headers.reverse();
                        for (name, _) in headers {
                            name.make_ascii_uppercase();
                        }
                    },
                    ..envelope::RIGHT
                }
            },
        )
    },
};

pub(crate) const AMONG_OTHERS: Variant = Variant {
    id: "codec-among-others",
    sentence: "Writes the envelope among other headers, and with blanks around its values.",
    subject: || {
        codec(
            const {
                &Enveloping {
                    written: |_, headers| {
                        for (_, value) in headers.iter_mut() {
                            *value = format!(" {value}\t");
                        }
                        headers.insert(0, ("content-type".to_owned(), "text/plain".to_owned()));
                        headers.push(("x-oss-meta-author".to_owned(), "somebody".to_owned()));
                    },
                    ..envelope::RIGHT
                }
            },
        )
    },
};

pub(crate) const DESCRIPTION_ESCAPED: Variant = Variant {
    id: "codec-description-escaped",
    sentence: "Writes <, > and & in the material description as \\u003c, \\u003e and \\u0026, as Go does.",
    subject: || {
        codec(
            const {
                &Enveloping {
                    written: |_, headers| {
                        change(headers, MATDESC, |json| {
                            let json = json.replace('<', "\\u003c").replace('>', "\\u003e");
                            json.replace('&', "\\u0026")
                        });
                    },
                    ..envelope::RIGHT
                }
            },
        )
    },
};

pub(crate) const ANSWERS_OF_THE_MODEL: Variant = Variant {
    id: "answers-of-the-model",
    sentence: "Reads answers in another library.",
    subject: || {
        answer_reader(
            const {
                &Answering {
                    initiated: |body| answers::initiated(body).map_err(Refusal::from_error),
                    completed: |body| answers::completed(body).map_err(Refusal::from_error),
                    part_page: |body| answers::part_page(body).map_err(Refusal::from_error),
                    service_error: |body| answers::service_error(body).map_err(Refusal::from_error),
                }
            },
        )
    },
};

pub(crate) const SIZES_NOT_READ: Variant = Variant {
    id: "codec-sizes-not-read",
    sentence: "Passes over the sizes: no reader needs them.",
    subject: || {
        codec(
            const {
                &Enveloping {
                    open: |master, headers| {
                        let mut opened = EnvelopeCodec::open(&Builtin, master, headers)?;
                        opened.sizes = None;
                        Ok(opened)
                    },
                    ..envelope::RIGHT
                }
            },
        )
    },
};
