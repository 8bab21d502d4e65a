//! Tags forgotten, misplaced, bound to too little or not looked at: the faults of the authenticated ciphers.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use partproof_model::cipher::{gcm_object, gcm_part};
use partproof_model::{ByteOffset, Cipher, ContentKey, PartNumber, Rejection, Start};
use partproof_subjects::builtin::Builtin;
use partproof_suite::Cause;
use partproof_suite::subject::{Declared, Encryptor, Refusal, Upload};

use crate::Fault;
use crate::encryptor::{Encrypting, RIGHT, subject};

const TAG: u64 = 16;

pub(crate) const PLAINTEXT_SIZE_DECLARED: Fault = Fault {
    id: "declared-plaintext-size",
    sentence: "The declared data size of a GCM object is its plaintext's, without the tag.",
    seen_in: "E03",
    law: "declared-sizes",
    cause: None,
    subject: || {
        subject(
            const {
                &Encrypting {
                    declare: |upload| {
                        let right = Builtin.declare(upload)?;
                        Ok(match upload.cipher {
                            Cipher::GcmObject => Declared {
                                data_size: upload.plaintext_size,
                                ..right
                            },
                            Cipher::Ctr | Cipher::GcmPart => right,
                        })
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const TAG_PART_NOT_COUNTED: Fault = Fault {
    id: "declared-tag-part-not-counted",
    sentence: "The parts of a GCM object are counted by its plaintext: a tag in a part of its own is one too many.",
    seen_in: "E04",
    law: "declared-sizes",
    cause: None,
    subject: || {
        subject(
            const {
                &Encrypting {
                    declare: |upload| {
                        let right = Builtin.declare(upload)?;
                        let part_count = upload.plaintext_size.div_ceil(upload.part_size);
                        Ok(match upload.cipher {
                            Cipher::GcmObject => Declared {
                                part_count,
                                ..right
                            },
                            Cipher::Ctr | Cipher::GcmPart => right,
                        })
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const ROOM_DECLARED: Fault = Fault {
    id: "declared-part-size-without-tag",
    sentence: "The declared part size of GCM part is its plaintext's, without the tag.",
    seen_in: "E07",
    law: "declared-sizes",
    cause: None,
    subject: || {
        subject(
            const {
                &Encrypting {
                    declare: |upload| {
                        let right = Builtin.declare(upload)?;
                        Ok(match upload.cipher {
                            Cipher::GcmPart => Declared {
                                part_size: right.part_size - TAG,
                                ..right
                            },
                            Cipher::Ctr | Cipher::GcmObject => right,
                        })
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const TAG_PART_NOT_SENT: Fault = Fault {
    id: "tag-part-not-sent",
    sentence: "The tag of a GCM object is appended to parts that have plaintext: what needs a part of its own is lost.",
    seen_in: "E04",
    law: "declared-sizes",
    cause: Some(Cause::ObjectTag),
    subject: || {
        subject(
            const {
                &Encrypting {
                    finish: |session| {
                        let parts = session
                            .upload
                            .plaintext_size
                            .div_ceil(session.upload.part_size);
                        let mut tag = session.right.finish()?;
                        tag.retain(|(number, _)| *number <= parts);
                        Ok(tag)
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const TAG_NEVER_SPLIT: Fault = Fault {
    id: "tag-never-split",
    sentence: "A tag that does not fit the last part goes whole into the next one.",
    seen_in: "E04",
    law: "gcm-object-one-shot",
    cause: None,
    subject: || {
        subject(
            const {
                &Encrypting {
                    finish: |session| {
                        let tag = session.right.finish()?;
                        let last = tag.last().map(|(number, _)| *number);
                        let whole: Vec<u8> = tag.into_iter().flat_map(|(_, bytes)| bytes).collect();
                        Ok(last.map(|number| (number, whole)).into_iter().collect())
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const TAG_OF_ARRIVAL: Fault = Fault {
    id: "tag-of-arrival",
    sentence: "The tag is taken over the parts in the order in which they were encrypted, retries included.",
    seen_in: "E05",
    law: "gcm-object-one-shot",
    cause: Some(Cause::ObjectTag),
    subject: || {
        subject(
            const {
                &Encrypting {
                    finish: |session| {
                        let (_, mut rest) = arrived(&session.upload, &session.history)?;
                        let mut tag = session.right.finish()?;
                        for (_, bytes) in &mut tag {
                            let after = rest.split_off(bytes.len().min(rest.len()));
                            *bytes = std::mem::replace(&mut rest, after);
                        }
                        Ok(tag)
                    },
                    ..RIGHT
                }
            },
        )
    },
};

/// Ciphertext and tag of the parts one after the other.
fn arrived(upload: &Upload, history: &[(u64, Vec<u8>)]) -> Result<(Vec<u8>, Vec<u8>), Refusal> {
    if upload.cipher != Cipher::GcmObject {
        return Ok((Vec::new(), Vec::new()));
    }
    let plaintext: Vec<u8> = history.iter().flat_map(|(_, part)| part.clone()).collect();
    let mut sealed = gcm_object::seal(ContentKey(upload.key), Start(upload.start), &plaintext)
        .map_err(|rejection| Refusal(rejection.detail))?;
    let tag = sealed.split_off(plaintext.len());
    Ok((sealed, tag))
}

pub(crate) const TAG_MISSING: Fault = Fault {
    id: "tag-missing",
    sentence: "The last part is sent before the tag is known, and the tag never.",
    seen_in: "E04",
    law: "gcm-object-one-shot",
    cause: Some(Cause::ObjectTag),
    subject: || {
        subject(
            const {
                &Encrypting {
                    finish: |_| Ok(Vec::new()),
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const SIZES_NOT_BOUND: Fault = Fault {
    id: "tag-sizes-not-bound",
    sentence: "A part's tag has no associated data: it fits an upload of other sizes.",
    seen_in: "E18",
    law: "gcm-part-tags",
    cause: Some(Cause::PartTag),
    subject: || {
        subject(
            const {
                &Encrypting {
                    encrypt: |session, number, chunks| {
                        let right = session.right.encrypt(number, chunks)?;
                        match session.upload.cipher {
                            Cipher::GcmPart => {
                                sealed(&session.upload, number, &[], &chunks.concat())
                            }
                            Cipher::Ctr | Cipher::GcmObject => Ok(right),
                        }
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const NUMBER_NOT_IN_NONCE: Fault = Fault {
    id: "tag-number-not-in-nonce",
    sentence: "Every part has the upload's nonce: parts share keystream and, worse, the authentication key is exposed.",
    seen_in: "B09",
    law: "keystream-once",
    cause: Some(Cause::PartNonce),
    subject: || {
        subject(
            const {
                &Encrypting {
                    encrypt: |session, number, chunks| {
                        let right = session.right.encrypt(number, chunks)?;
                        match session.upload.cipher {
                            Cipher::GcmPart => sealed(&session.upload, 0, &[], &chunks.concat()),
                            Cipher::Ctr | Cipher::GcmObject => Ok(right),
                        }
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const PARTS_COUNTED_FROM_ZERO: Fault = Fault {
    id: "tag-parts-counted-from-zero",
    sentence: "The number in a part's nonce is counted from 0.",
    seen_in: "",
    law: "gcm-part-tags",
    cause: Some(Cause::PartNonce),
    subject: || {
        subject(
            const {
                &Encrypting {
                    encrypt: |session, number, chunks| {
                        let right = session.right.encrypt(number, chunks)?;
                        let upload = session.upload;
                        let Some(layout) = upload.layout().map(|layout| layout.wire()) else {
                            return Ok(right);
                        };
                        let (data, part) = (layout.data.bytes(), layout.part.bytes());
                        let aad = [data, part, number, layout.count()].map(u64::to_be_bytes);
                        match upload.cipher {
                            Cipher::GcmPart => {
                                sealed(&upload, number - 1, &aad.concat(), &chunks.concat())
                            }
                            Cipher::Ctr | Cipher::GcmObject => Ok(right),
                        }
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const CUT_TO_THE_PLAINTEXT: Fault = Fault {
    id: "tag-cut-to-the-plaintext",
    sentence: "A part's body is as long as its plaintext: the tag at its end is cut off.",
    seen_in: "E03",
    law: "gcm-part-tags",
    cause: None,
    subject: || {
        subject(
            const {
                &Encrypting {
                    encrypt: |session, number, chunks| {
                        let mut part = session.right.encrypt(number, chunks)?;
                        if session.upload.cipher == Cipher::GcmPart {
                            part.truncate(chunks.concat().len());
                        }
                        Ok(part)
                    },
                    ..RIGHT
                }
            },
        )
    },
};

/// One part sealed under the upload's nonce prefix and `number`, with these associated data.
fn sealed(upload: &Upload, number: u64, aad: &[u8], msg: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut nonce = [0; 12];
    nonce[..8].copy_from_slice(&upload.start[..8]);
    nonce[8..].copy_from_slice(&number.to_be_bytes()[4..]);
    Aes256Gcm::new(&upload.key.into())
        .encrypt(&Nonce::from(nonce), Payload { msg, aad })
        .map_err(Refusal::from_error)
}

pub(crate) const SPLIT_TAG_UNREADABLE: Fault = Fault {
    id: "open-split-tag-unreadable",
    sentence: "The tag is looked for in the last part only: an object whose tag is split does not open.",
    seen_in: "E04",
    law: "round-trip",
    cause: None,
    subject: || {
        subject(
            const {
                &Encrypting {
                    open: |upload, parts| match parts.last() {
                        Some(last) if upload.cipher == Cipher::GcmObject && last.len() < 16 => {
                            Err(Refusal("no room for a tag in the last part".to_owned()))
                        }
                        _ => Encryptor::open(&Builtin, upload, parts),
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const BAD_TAG_RELEASED: Fault = Fault {
    id: "open-bad-tag-released",
    sentence: "The plaintext is handed out as it is decrypted, before the tag at the end is compared, and not taken back.",
    seen_in: "E18",
    law: "gcm-tampering-refused",
    cause: Some(Cause::TagUnchecked),
    subject: || {
        subject(
            const {
                &Encrypting {
                    open: |upload, parts| match Encryptor::open(&Builtin, upload, parts) {
                        Err(_) if upload.cipher == Cipher::GcmObject => {
                            let mut stored = parts.concat();
                            stored.truncate(stored.len().saturating_sub(16));
                            let (key, start) = (ContentKey(upload.key), Start(upload.start));
                            gcm_object::apply_unauthenticated(
                                key,
                                start,
                                ByteOffset::new(0),
                                &stored,
                            )
                            .map_err(|rejection| Refusal(rejection.detail))
                        }
                        opened => opened,
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const SHORT_TAG_TAKEN: Fault = Fault {
    id: "open-short-tag-taken",
    sentence: "A tag that was cut is compared as far as it goes: 4 bytes are enough.",
    seen_in: "E18",
    law: "gcm-tampering-refused",
    cause: None,
    subject: || {
        subject(
            const {
                &Encrypting {
                    open: |upload, parts| {
                        let stored = parts.concat();
                        let length = usize::try_from(upload.plaintext_size).unwrap_or(usize::MAX);
                        let tag = stored.len().saturating_sub(length);
                        if upload.cipher != Cipher::GcmObject || !(4..16).contains(&tag) {
                            return Encryptor::open(&Builtin, upload, parts);
                        }
                        let rejected = |rejection: Rejection| Refusal(rejection.detail);
                        let (key, start) = (ContentKey(upload.key), Start(upload.start));
                        let (first, body) = (ByteOffset::new(0), &stored[..length]);
                        let plaintext = gcm_object::apply_unauthenticated(key, start, first, body);
                        let plaintext = plaintext.map_err(rejected)?;
                        let sealed = gcm_object::seal(key, start, &plaintext).map_err(rejected)?;
                        match sealed.starts_with(&stored) {
                            true => Ok(plaintext),
                            false => Err(Refusal("the tag does not match".to_owned())),
                        }
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const PARTS_IN_ANY_ORDER: Fault = Fault {
    id: "open-parts-in-any-order",
    sentence: "A part is opened under whichever number its tag fits: parts that were swapped go unnoticed.",
    seen_in: "E19",
    law: "gcm-tampering-refused",
    cause: Some(Cause::OrderUnchecked),
    subject: || {
        subject(
            const {
                &Encrypting {
                    open: |upload, parts| match upload.cipher {
                        Cipher::GcmPart => parts
                            .iter()
                            .map(|part| {
                                (1..=64)
                                    .find_map(|number| opened(upload, number, part).ok())
                                    .ok_or_else(|| Refusal("a part of another upload".to_owned()))
                            })
                            .collect::<Result<Vec<_>, _>>()
                            .map(|parts| parts.concat()),
                        Cipher::Ctr | Cipher::GcmObject => Encryptor::open(&Builtin, upload, parts),
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const COUNT_NOT_CHECKED: Fault = Fault {
    id: "open-count-not-checked",
    sentence: "The parts that are there are opened in order: that the last ones are missing goes unnoticed.",
    seen_in: "E19",
    law: "gcm-tampering-refused",
    cause: None,
    subject: || {
        subject(
            const {
                &Encrypting {
                    open: |upload, parts| match upload.cipher {
                        Cipher::GcmPart => (1..)
                            .zip(parts)
                            .map(|(number, part)| opened(upload, number, part))
                            .collect::<Result<Vec<_>, _>>()
                            .map(|parts| parts.concat()),
                        Cipher::Ctr | Cipher::GcmObject => Encryptor::open(&Builtin, upload, parts),
                    },
                    ..RIGHT
                }
            },
        )
    },
};

/// One part, opened as the model does.
fn opened(upload: &Upload, number: u64, part: &[u8]) -> Result<Vec<u8>, Refusal> {
    let (Some(layout), Some(number)) = (upload.layout(), PartNumber::new(number)) else {
        return Err(Refusal("no such part".to_owned()));
    };
    let (key, start) = (ContentKey(upload.key), Start(upload.start));
    gcm_part::open(key, start, layout, number, part).map_err(|rejection| Refusal(rejection.detail))
}
