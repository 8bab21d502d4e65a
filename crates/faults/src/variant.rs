//! A variant: a right implementation that differs from the built-in client where implementations may differ. A law that
//! accuses one is wrong. Each has the piece that differs and no other.

use partproof_client as client;
use partproof_model::Cipher;
use partproof_model::envelope::{KEY, MATDESC};
use partproof_model::key_wrap::WrapAlg;
use partproof_subjects::builtin::Builtin;
use partproof_suite::Subject;
use partproof_suite::subject::{AnswerReader, Encryptor, EnvelopeCodec, Planner, Refusal};

use crate::answer::{self, Answering};
use crate::client_variant;
use crate::encryptor::{self, Encrypting};
use crate::envelope::{self, Enveloping, change};
use crate::list_variant;
use crate::piece_variant;
use crate::planner::{Planning, cut, right};
use crate::reader;
use crate::sequential::{Habits, RESUMING, RIGHT, Sequential};
use crate::whole;

/// One right implementation.
#[derive(Clone, Copy)]
pub struct Variant {
    /// A stable name.
    pub id: &'static str,
    /// In what it differs, in one sentence.
    pub sentence: &'static str,
    /// The piece.
    pub subject: fn() -> Subject<'static>,
}

impl Variant {
    /// The subject, named after the variant.
    pub fn subject(&self) -> Subject<'static> {
        Subject {
            name: self.id,
            ..(self.subject)()
        }
    }
}

pub(crate) fn planner(planner: &'static dyn Planner) -> Subject<'static> {
    Subject {
        planner: Some(planner),
        ..Subject::new("a planner")
    }
}

pub(crate) fn answer_reader(reader: &'static dyn AnswerReader) -> Subject<'static> {
    Subject {
        answer_reader: Some(reader),
        ..Subject::new("an answer reader")
    }
}

pub(crate) fn encryptor(encryptor: &'static dyn Encryptor) -> Subject<'static> {
    Subject {
        encryptor: Some(encryptor),
        ..Subject::new("an encryptor")
    }
}

pub(crate) fn codec(codec: &'static dyn EnvelopeCodec) -> Subject<'static> {
    Subject {
        envelope_codec: Some(codec),
        ..Subject::new("an envelope codec")
    }
}

/// UTF-8 of a UTF-16 document with a byte order mark; any other as it is.
pub(crate) fn utf_8(body: &[u8]) -> Vec<u8> {
    match body.strip_prefix(&[0xff, 0xfe]) {
        Some(text) => {
            let units = text
                .chunks_exact(2)
                .map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
            String::from_utf16_lossy(&units.collect::<Vec<_>>()).into_bytes()
        }
        None => body.to_vec(),
    }
}

/// Every variant.
pub static VARIANTS: &[Variant] = &[
    Variant {
        id: "client-sequential",
        sentence: "Uploads one part after the other without the envelope's headers, tries twice, and resumes nothing.",
        subject: || whole::subject(const { &Sequential(RIGHT) }),
    },
    Variant {
        id: "client-sequential-resuming",
        sentence: "Resumes an upload where neither the source's bytes nor the part size are others, and begins anew where they are.",
        subject: || {
            whole::subject(
                const {
                    &Sequential(Habits {
                        resumes: Some(RESUMING),
                        ..RIGHT
                    })
                },
            )
        },
    },
    Variant {
        id: "client-reader",
        sentence: "Knows several master keys and the envelope's names of before, and hands out what it reads in pieces.",
        subject: reader::right,
    },
    client_variant::ENVELOPE_ON_PARTS,
    client_variant::BACKWARDS,
    client_variant::TRIES_ONCE,
    client_variant::TRIES_FIVE_TIMES,
    client_variant::LISTS_FIRST,
    client_variant::LEAVES_OPEN,
    client_variant::READS_IN_PIECES,
    Variant {
        id: "planner-doubles",
        sentence: "Doubles a part size until 10,000 parts suffice, up to 5 GiB.",
        subject: || {
            planner(&Planning(|data, part| {
                let mut part = part.unwrap_or(1 << 20);
                if data > client::MAX_OBJECT_SIZE || part == 0 {
                    return right(data, Some(part));
                }
                while data.div_ceil(part) > 10_000 && part < client::MAX_PART_SIZE {
                    part = (2 * part).min(client::MAX_PART_SIZE);
                }
                right(data, Some(part))
            }))
        },
    },
    Variant {
        id: "planner-floor-16",
        sentence: "Leaves the lower limit of 100 KiB to the service, and takes part sizes from 16 bytes on.",
        subject: || {
            planner(&Planning(|data, part| match part {
                Some(small)
                    if small < client::MIN_PART_SIZE
                        && data > 0
                        && small > 0
                        && small % 16 == 0 =>
                {
                    match data.div_ceil(small) {
                        count @ ..=10_000 => Ok(cut(data, small, count)),
                        count => Err(Refusal(format!("{count} parts"))),
                    }
                }
                _ => right(data, part),
            }))
        },
    },
    Variant {
        id: "planner-nothing-for-nothing",
        sentence: "Plans no part for an empty object.",
        subject: || {
            planner(&Planning(|data, part| match data {
                0 => Ok(cut(0, part.unwrap_or(client::PREFERRED_PART_SIZE), 0)),
                _ => right(data, part),
            }))
        },
    },
    Variant {
        id: "planner-one-empty-part",
        sentence: "Plans one empty part for an empty object.",
        subject: || {
            planner(&Planning(|data, part| match data {
                0 => Ok(cut(0, part.unwrap_or(client::PREFERRED_PART_SIZE), 1)),
                _ => right(data, part),
            }))
        },
    },
    Variant {
        id: "planner-size-minus-one",
        sentence: "Counts (size - 1) / part size + 1.",
        subject: || {
            planner(&Planning(|data, part| {
                let part = right(data, part)?.part_size;
                Ok(cut(data, part, (data - 1) / part + 1))
            }))
        },
    },
    Variant {
        id: "planner-one-part-its-own-size",
        sentence: "An object of one part has its own size, rounded up to blocks, as part size.",
        subject: || {
            planner(&Planning(|data, part| {
                let plan = right(data, part)?;
                match data <= plan.part_size {
                    true => Ok(cut(data, data.next_multiple_of(16), 1)),
                    false => Ok(plan),
                }
            }))
        },
    },
    Variant {
        id: "answers-utf-16",
        sentence: "Reads answers in UTF-16 as well, and takes the quotes off ETags.",
        subject: || {
            answer_reader(
                const {
                    &Answering {
                        initiated: |body| Builtin.initiated(&utf_8(body)),
                        completed: |body| {
                            let mut read = Builtin.completed(&utf_8(body))?;
                            read.etag = partproof_model::etag::unquoted(&read.etag).to_owned();
                            Ok(read)
                        },
                        ..answer::RIGHT
                    }
                },
            )
        },
    },
    Variant {
        id: "encryptor-ctr-only",
        sentence: "Has AES/CTR alone, as every OSS client.",
        subject: || {
            encryptor(
                const {
                    &Encrypting {
                        ciphers: || vec![Cipher::Ctr],
                        ..encryptor::RIGHT
                    }
                },
            )
        },
    },
    Variant {
        id: "encryptor-gcm-object-only",
        sentence: "Has GCM object alone.",
        subject: || {
            encryptor(
                const {
                    &Encrypting {
                        ciphers: || vec![Cipher::GcmObject],
                        ..encryptor::RIGHT
                    }
                },
            )
        },
    },
    Variant {
        id: "encryptor-gcm-part-only",
        sentence: "Has GCM part alone.",
        subject: || {
            encryptor(
                const {
                    &Encrypting {
                        ciphers: || vec![Cipher::GcmPart],
                        ..encryptor::RIGHT
                    }
                },
            )
        },
    },
    Variant {
        id: "codec-pkcs1-only",
        sentence: "Wraps with PKCS#1 v1.5 alone, for AES/CTR alone.",
        subject: || {
            codec(
                const {
                    &Enveloping {
                        ciphers: || vec![Cipher::Ctr],
                        wrap_algs: || vec![WrapAlg::Pkcs1],
                        ..envelope::RIGHT
                    }
                },
            )
        },
    },
    Variant {
        id: "codec-description-with-blanks",
        sentence: "Writes the material description with blanks after the colon, and the slash escaped.",
        subject: || {
            codec(
                const {
                    &Enveloping {
                        written: |_, headers| {
                            change(headers, MATDESC, |json| {
                                json.replace("\":\"", "\": \"").replace('/', "\\/")
                            })
                        },
                        ..envelope::RIGHT
                    }
                },
            )
        },
    },
    Variant {
        id: "codec-description-always",
        sentence: "Writes an empty material description as {}, and names in title case, as C++ v2 does.",
        subject: || {
            codec(
                const {
                    &Enveloping {
                        written: |_, headers| {
                            if !headers.iter().any(|(name, _)| name == MATDESC) {
                                headers.push((MATDESC.to_owned(), "{}".to_owned()));
                            }
                            for (name, _) in headers.iter_mut().filter(|(name, _)| name == KEY) {
                                *name = "X-Oss-Meta-Client-Side-Encryption-Key".to_owned();
                            }
                        },
                        ..envelope::RIGHT
                    }
                },
            )
        },
    },
    Variant {
        id: "codec-description-not-read",
        sentence: "Does not hand out the material description.",
        subject: || {
            codec(
                const {
                    &Enveloping {
                        open: |master, headers| {
                            let mut opened = EnvelopeCodec::open(&Builtin, master, headers)?;
                            opened.description.clear();
                            Ok(opened)
                        },
                        ..envelope::RIGHT
                    }
                },
            )
        },
    },
    piece_variant::IS_TOLD,
    piece_variant::SIZES_NOT_READ,
    piece_variant::WHOLE_MIB,
    piece_variant::WHOLE_PAGES,
    piece_variant::GROWS_BY_THE_FIRST,
    piece_variant::AT_ONCE,
    piece_variant::OAEP_ONLY,
    piece_variant::NAMES_IN_UPPER_CASE,
    piece_variant::AMONG_OTHERS,
    piece_variant::DESCRIPTION_ESCAPED,
    piece_variant::ANSWERS_OF_THE_MODEL,
    list_variant::NUMBERED_QUOTES,
    list_variant::NAMED_QUOTES,
    list_variant::RAW_QUOTES,
    list_variant::UNQUOTED,
    list_variant::REQUOTED,
    list_variant::HEXADECIMAL_QUOTES,
    list_variant::SECTIONS,
    list_variant::ETAG_FIRST,
    list_variant::DECLARATION,
    list_variant::NAMESPACE,
    list_variant::BYTE_ORDER_MARK,
    list_variant::INDENTED,
    list_variant::ORDER_KEPT,
    list_variant::LAST_OF_A_PART,
    list_variant::READER_UTF_16,
    list_variant::READER_BARE,
    list_variant::READER_OF_THE_MODEL,
];
