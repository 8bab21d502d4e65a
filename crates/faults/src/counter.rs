//! Counters that go wrong: the arithmetic of `start + offset / 16`, in writing parts and in reading ranges.

use partproof_model::Cipher;
use partproof_subjects::builtin::Builtin;
use partproof_suite::Cause;
use partproof_suite::subject::{Encryptor, Upload};

use crate::Fault;
use crate::encryptor::{Encrypting, RIGHT, keystream, subject};

pub(crate) const CARRY_LOST_AT_64: Fault = Fault {
    id: "counter-carry-lost-at-64",
    sentence: "Seeking adds to the low 64 bits of the start and loses the carry.",
    seen_in: "B03",
    law: "counter-arithmetic",
    cause: Some(Cause::CarryLostAt64),
    subject: || {
        subject(
            const {
                &Encrypting {
                    encrypt: |session, number, chunks| {
                        session.counted(number, chunks, |start, block| seek(start, block, 64))
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const CARRY_LOST_AT_32: Fault = Fault {
    id: "counter-carry-lost-at-32",
    sentence: "Seeking adds to the low 32 bits of the start, as GCM counts.",
    seen_in: "B08",
    law: "counter-arithmetic",
    cause: Some(Cause::CarryLostAt32),
    subject: || {
        subject(
            const {
                &Encrypting {
                    encrypt: |session, number, chunks| {
                        session.counted(number, chunks, |start, block| seek(start, block, 32))
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const COUNTING_IN_64_BITS: Fault = Fault {
    id: "counter-counting-in-64-bits",
    sentence: "The cipher counts in the low 64 bits: a carry within a part is lost.",
    seen_in: "B06",
    law: "counter-arithmetic",
    cause: Some(Cause::CarryLostAt64),
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
                        let first = (number - 1) * upload.part_size / 16;
                        let mut part = Vec::new();
                        for (block, chunk) in (first..).zip(chunks.concat().chunks(16)) {
                            part.extend(keystream(&upload, seek(start, block, 64), 0, chunk)?);
                        }
                        Ok(part)
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const START_SIGNED: Fault = Fault {
    id: "counter-start-signed",
    sentence: "The counter is a signed integer of as few bytes as hold it, filled up with zeros: leading 0xff are lost.",
    seen_in: "B07",
    law: "counter-arithmetic",
    cause: Some(Cause::StartSigned),
    subject: || {
        subject(
            const {
                &Encrypting {
                    encrypt: |session, number, chunks| {
                        session.counted(number, chunks, |start, block| {
                            let counter = start.wrapping_add(block.into());
                            let kept = u128::BITS - counter.leading_ones() / 8 * 8;
                            counter & u128::MAX.checked_shr(u128::BITS - kept).unwrap_or(0)
                        })
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const WRAP_RAISES: Fault = Fault {
    id: "counter-wrap-raises",
    sentence: "A counter that passes 2^128 is an error nobody catches.",
    seen_in: "B05",
    law: "counter-arithmetic",
    cause: None,
    subject: || {
        subject(
            const {
                &Encrypting {
                    encrypt: |session, number, chunks| {
                        session.counted(number, chunks, |start, block| {
                            start
                                .checked_add(block.into())
                                .expect("counter above 2^128")
                        })
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const BLOCK_IN_32_BITS: Fault = Fault {
    id: "counter-block-in-32-bits",
    sentence: "The block index is kept in 32 bits: keystream repeats after 64 GiB.",
    seen_in: "B18",
    law: "counter-arithmetic",
    cause: Some(Cause::IndexIn32Bits),
    subject: || {
        subject(
            const {
                &Encrypting {
                    encrypt: |session, number, chunks| {
                        session.counted(number, chunks, |start, block| {
                            start.wrapping_add(u128::from(block) & u128::from(u32::MAX))
                        })
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const OFFSET_MISSING: Fault = Fault {
    id: "counter-offset-missing",
    sentence: "Every part is encrypted as if it began the object: all share one keystream.",
    seen_in: "B09",
    law: "keystream-once",
    cause: Some(Cause::PartFromZero),
    subject: || {
        subject(
            const {
                &Encrypting {
                    encrypt: |session, number, chunks| {
                        session.counted(number, chunks, |start, _| start)
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const NUMBER_FOR_BLOCK: Fault = Fault {
    id: "counter-number-for-block",
    sentence: "The counter is moved by the part number, not by the blocks before the part: keystreams overlap.",
    seen_in: "B09",
    law: "keystream-once",
    cause: Some(Cause::NumberForBlock),
    subject: || {
        subject(
            const {
                &Encrypting {
                    encrypt: |session, number, chunks| {
                        session.counted(number, chunks, |start, _| {
                            start.wrapping_add((number - 1).into())
                        })
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const NUMBER_TIMES_PART_SIZE: Fault = Fault {
    id: "counter-number-times-part-size",
    sentence: "A part's offset is number * part size, although numbers begin with 1.",
    seen_in: "B09",
    law: "part-equals-slice",
    cause: Some(Cause::NumberFromZero),
    subject: || {
        subject(
            const {
                &Encrypting {
                    encrypt: |session, number, chunks| {
                        let blocks = session.upload.part_size / 16;
                        session.counted(number, chunks, |start, block| {
                            start.wrapping_add((block + blocks).into())
                        })
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const LITTLE_ENDIAN: Fault = Fault {
    id: "counter-little-endian",
    sentence: "The start is taken for a little-endian number, in writing and in reading.",
    seen_in: "",
    law: "reads-the-model",
    cause: Some(Cause::StartReversed),
    subject: || {
        subject(
            const {
                &Encrypting {
                    taken_as: |upload| {
                        let mut taken = *upload;
                        if taken.cipher == Cipher::Ctr {
                            taken.start.reverse();
                        }
                        taken
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const RANGE_TRUNCATED_TO_BLOCK: Fault = Fault {
    id: "range-truncated-to-block",
    sentence: "A range that begins within a block is decrypted with that block's keystream from its first byte.",
    seen_in: "B17",
    law: "any-range",
    cause: Some(Cause::BlockBegunAnew),
    subject: || {
        subject(
            const {
                &Encrypting {
                    decrypt_range: |upload, offset, stored| {
                        let block = start_of(upload).wrapping_add((offset / 16).into());
                        keystream(upload, block, 0, stored)
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const RANGE_WITHIN_PART: Fault = Fault {
    id: "range-within-part",
    sentence: "A range's offset is counted from its part, not from the object.",
    seen_in: "C08",
    law: "any-range",
    cause: Some(Cause::ReadWithinPart),
    subject: || {
        subject(
            const {
                &Encrypting {
                    decrypt_range: |upload, offset, stored| {
                        keystream(upload, start_of(upload), offset % upload.part_size, stored)
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const RANGE_CARRY_LOST: Fault = Fault {
    id: "range-carry-lost",
    sentence: "Reading a range seeks in the low 64 bits of the start and loses the carry.",
    seen_in: "B03",
    law: "any-range",
    cause: Some(Cause::CarryLostAt64),
    subject: || {
        subject(
            const {
                &Encrypting {
                    decrypt_range: |upload, offset, stored| {
                        let block = seek(start_of(upload), offset / 16, 64);
                        keystream(upload, block, offset % 16, stored)
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const RANGE_PREFIX_KEPT: Fault = Fault {
    id: "range-prefix-kept",
    sentence: "The bytes read to reach a block boundary are handed to the caller with the range.",
    seen_in: "C10",
    law: "any-range",
    cause: Some(Cause::PrefixKept),
    subject: || {
        subject(
            const {
                &Encrypting {
                    decrypt_range: |upload, offset, stored| {
                        let range = Builtin.decrypt_range(upload, offset, stored)?;
                        let prefix = vec![0; usize::try_from(offset % 16).unwrap_or_default()];
                        Ok([prefix, range].concat())
                    },
                    ..RIGHT
                }
            },
        )
    },
};

fn start_of(upload: &Upload) -> u128 {
    u128::from_be_bytes(upload.start)
}

/// `start + block` in the low `bits`, the bits above untouched.
fn seek(start: u128, block: u64, bits: u32) -> u128 {
    let low = (1_u128 << bits) - 1;
    start & !low | start.wrapping_add(block.into()) & low
}
