//! Encryptors that remember what they should not, or do not look at what they are given: order, retries, chunks and bodies.

use partproof_model::{Cipher, PartNumber};
use partproof_subjects::builtin::Builtin;
use partproof_suite::Cause;
use partproof_suite::subject::{Encryptor, Upload};

use crate::Fault;
use crate::encryptor::{Encrypting, RIGHT, keystream, subject};

pub(crate) const STREAM_GOES_ON: Fault = Fault {
    id: "part-stream-goes-on",
    sentence: "One cipher stream serves the whole upload: a retry, or a part out of order, continues it.",
    seen_in: "B16",
    law: "any-order-retry-chunking",
    cause: Some(Cause::StreamGoesOn),
    subject: || {
        subject(
            const {
                &Encrypting {
                    encrypt: |session, number, chunks| {
                        let sent: usize = session.history.iter().map(|(_, part)| part.len()).sum();
                        let blocks = sent.div_ceil(16);
                        session.counted(number, chunks, |start, _| {
                            start.wrapping_add(u128::try_from(blocks).unwrap_or_default())
                        })
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const RETRY_ENCRYPTS_AGAIN: Fault = Fault {
    id: "part-retry-encrypts-again",
    sentence: "A part is encrypted in its buffer, and a retry encrypts what is there: the plaintext is sent.",
    seen_in: "D01",
    law: "any-order-retry-chunking",
    cause: Some(Cause::NotEncrypted),
    subject: || {
        subject(
            const {
                &Encrypting {
                    encrypt: |session, number, chunks| {
                        let right = session.right.encrypt(number, chunks)?;
                        let again = session.history.iter().any(|(sent, _)| *sent == number);
                        match session.upload.cipher {
                            Cipher::Ctr if again => Ok(chunks.concat()),
                            _ => Ok(right),
                        }
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const CHUNK_STARTS_A_BLOCK: Fault = Fault {
    id: "part-chunk-starts-a-block",
    sentence: "Each chunk begins a new block: the rest of the keystream block before it is thrown away.",
    seen_in: "B08",
    law: "any-order-retry-chunking",
    cause: Some(Cause::ChunkBegunAnew),
    subject: || {
        subject(
            const {
                &Encrypting {
                    encrypt: |session, number, chunks| {
                        let right = session.right.encrypt(number, chunks)?;
                        let upload = session.upload;
                        if upload.cipher != Cipher::Ctr {
                            return Ok(right);
                        }
                        let start = u128::from_be_bytes(upload.start);
                        let mut offset = (number - 1) * upload.part_size;
                        let mut part = Vec::new();
                        for chunk in chunks {
                            part.extend(keystream(&upload, start, offset, chunk)?);
                            let length = u64::try_from(chunk.len()).unwrap_or_default();
                            offset += length.next_multiple_of(16);
                        }
                        Ok(part)
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const AT_ONCE_FROM_ZERO: Fault = Fault {
    id: "part-at-once-from-zero",
    sentence: "The call that encrypts a whole object at once begins each part's keystream anew.",
    seen_in: "D10",
    law: "any-order-retry-chunking",
    cause: Some(Cause::OtherPlace),
    subject: || {
        subject(
            const {
                &Encrypting {
                    at_once: |upload, plaintext| {
                        let start = u128::from_be_bytes(upload.start);
                        let size = usize::try_from(upload.part_size).unwrap_or(usize::MAX);
                        let parts = plaintext.chunks(size);
                        (upload.cipher == Cipher::Ctr).then(|| {
                            parts
                                .map(|part| keystream(upload, start, 0, part))
                                .collect()
                        })
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const SHORT_PART_PLAIN: Fault = Fault {
    id: "part-short-part-plain",
    sentence: "A body shorter than one block is sent as it is.",
    seen_in: "E06",
    law: "part-equals-slice",
    cause: Some(Cause::NotEncrypted),
    subject: || {
        subject(
            const {
                &Encrypting {
                    encrypt: |session, number, chunks| {
                        let right = session.right.encrypt(number, chunks)?;
                        let ctr = session.upload.cipher == Cipher::Ctr;
                        Ok(if ctr && right.len() < 16 {
                            chunks.concat()
                        } else {
                            right
                        })
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const END_NEVER_ASKED_FOR: Fault = Fault {
    id: "part-end-never-asked-for",
    sentence: "The cipher hands out whole blocks, and what it holds back of a part's end is never asked for.",
    seen_in: "E04",
    law: "part-equals-slice",
    cause: None,
    subject: || {
        subject(
            const {
                &Encrypting {
                    encrypt: |session, number, chunks| {
                        let mut part = session.right.encrypt(number, chunks)?;
                        if session.upload.cipher == Cipher::Ctr {
                            part.truncate(part.len() / 16 * 16);
                        }
                        Ok(part)
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const AFTER_THE_FIRST_PLAIN: Fault = Fault {
    id: "part-after-the-first-plain",
    sentence: "Only the first part of a GCM object goes through the cipher.",
    seen_in: "",
    law: "part-equals-slice",
    cause: None,
    subject: || {
        subject(
            const {
                &Encrypting {
                    encrypt: |session, number, chunks| {
                        let right = session.right.encrypt(number, chunks)?;
                        let is_whole = session.upload.cipher == Cipher::GcmObject;
                        Ok(if is_whole && number > 1 {
                            chunks.concat()
                        } else {
                            right
                        })
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const COUNTER_OF_THE_TAG: Fault = Fault {
    id: "part-counter-of-the-tag",
    sentence: "The keystream of a GCM object begins with counter 1, which is the tag's, instead of 2.",
    seen_in: "B08",
    law: "part-equals-slice",
    cause: None,
    subject: || {
        subject(
            const {
                &Encrypting {
                    encrypt: |session, number, chunks| {
                        let right = session.right.encrypt(number, chunks)?;
                        let upload = session.upload;
                        if upload.cipher != Cipher::GcmObject {
                            return Ok(right);
                        }
                        let first = u128::from_be_bytes(upload.start) + 1;
                        let offset = (number - 1) * upload.part_size;
                        keystream(&upload, first, offset, &chunks.concat())
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const LAST_BLOCK_DROPPED: Fault = Fault {
    id: "open-last-block-dropped",
    sentence: "Reading ends with the last whole block.",
    seen_in: "E04",
    law: "round-trip",
    cause: Some(Cause::EndLost),
    subject: || {
        subject(
            const {
                &Encrypting {
                    open: |upload, parts| {
                        let mut plaintext = Encryptor::open(&Builtin, upload, parts)?;
                        plaintext.truncate(plaintext.len() / 16 * 16);
                        Ok(plaintext)
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const PARTS_READ_FROM_ZERO: Fault = Fault {
    id: "open-parts-from-zero",
    sentence: "Each stored part is decrypted as if it began the object.",
    seen_in: "B10",
    law: "reads-the-model",
    cause: Some(Cause::ReadWithinPart),
    subject: || {
        subject(
            const {
                &Encrypting {
                    open: |upload, parts| {
                        let right = Encryptor::open(&Builtin, upload, parts)?;
                        if upload.cipher != Cipher::Ctr {
                            return Ok(right);
                        }
                        let start = u128::from_be_bytes(upload.start);
                        let opened: Result<Vec<_>, _> = parts
                            .iter()
                            .map(|part| keystream(upload, start, 0, part))
                            .collect();
                        Ok(opened?.concat())
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const BODY_LENGTH_UNCHECKED: Fault = Fault {
    id: "part-body-length-unchecked",
    sentence: "A body of any length is encrypted at the part's offset.",
    seen_in: "A15",
    law: "part-body-refusal",
    cause: None,
    subject: || {
        subject(
            const {
                &Encrypting {
                    encrypt: |session, number, chunks| {
                        let upload = session.upload;
                        if upload.cipher != Cipher::Ctr || length_of(&upload, number).is_none() {
                            return session.right.encrypt(number, chunks);
                        }
                        let start = u128::from_be_bytes(upload.start);
                        keystream(
                            &upload,
                            start,
                            (number - 1) * upload.part_size,
                            &chunks.concat(),
                        )
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const DATA_SIZE_UNCHECKED: Fault = Fault {
    id: "part-data-size-unchecked",
    sentence: "Parts after the declared last one are encrypted, and lengths compared with the part size only.",
    seen_in: "A17",
    law: "part-body-refusal",
    cause: None,
    subject: || {
        subject(
            const {
                &Encrypting {
                    encrypt: |session, number, chunks| {
                        let upload = session.upload;
                        let beyond = number > 0 && length_of(&upload, number).is_none();
                        if upload.cipher != Cipher::Ctr || !beyond {
                            return session.right.encrypt(number, chunks);
                        }
                        let start = u128::from_be_bytes(upload.start);
                        keystream(
                            &upload,
                            start,
                            (number - 1) * upload.part_size,
                            &chunks.concat(),
                        )
                    },
                    ..RIGHT
                }
            },
        )
    },
};

fn length_of(upload: &Upload, number: u64) -> Option<u64> {
    let range = upload.layout()?.plaintext_of(PartNumber::new(number)?)?;
    Some(range.end - range.start)
}
