//! Counters that go wrong in writing parts: the arithmetic of `start + offset / 16`.

use partproof_model::Cipher;
use partproof_suite::Cause;
use partproof_suite::subject::{Refusal, Upload};

use crate::Fault;
use crate::encryptor::{Encrypting, RIGHT, Session, keystream, subject};

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

/// Bytes with `counter(start, block)` for each block, which is the block's place in the object; `first` is the place of the first.
pub(crate) fn each_counted(
    upload: &Upload,
    first: u64,
    bytes: &[u8],
    counter: fn(u128, u64) -> u128,
) -> Result<Vec<u8>, Refusal> {
    let mut part = Vec::new();
    for (block, chunk) in (first..).zip(bytes.chunks(16)) {
        part.extend(keystream(
            upload,
            counter(start_of(upload), block),
            0,
            chunk,
        )?);
    }
    Ok(part)
}

/// A part with a counter for each of its blocks in counter mode, as it must be otherwise.
fn part_counted(
    session: &mut Session<'_>,
    number: u64,
    chunks: &[&[u8]],
    counter: fn(u128, u64) -> u128,
) -> Result<Vec<u8>, Refusal> {
    let right = session.right.encrypt(number, chunks)?;
    let upload = session.upload;
    match upload.cipher {
        Cipher::Ctr => {
            let first = (number - 1) * upload.part_size / 16;
            each_counted(&upload, first, &chunks.concat(), counter)
        }
        Cipher::GcmObject | Cipher::GcmPart => Ok(right),
    }
}

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
                        part_counted(session, number, chunks, |start, block| {
                            seek(start, block, 64)
                        })
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
                            signed(start.wrapping_add(block.into()))
                        })
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const CARRY_GOES_AROUND: Fault = Fault {
    id: "counter-carry-goes-around",
    sentence: "The carry out of the counter's highest byte is added to its lowest.",
    seen_in: "B08",
    law: "counter-arithmetic",
    cause: Some(Cause::CarryGoesAround),
    subject: || {
        subject(
            const {
                &Encrypting {
                    encrypt: |session, number, chunks| {
                        part_counted(session, number, chunks, |start, block| {
                            let (sum, wraps) = start.overflowing_add(block.into());
                            sum + u128::from(wraps)
                        })
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const START_FROM_ITS_END: Fault = Fault {
    id: "counter-start-from-its-end",
    sentence: "Of the start's low half only the last 4 bytes are read, since most clients leave the others zero.",
    seen_in: "B02",
    law: "counter-arithmetic",
    cause: None,
    subject: || {
        subject(
            const {
                &Encrypting {
                    encrypt: |session, number, chunks| {
                        session.counted(number, chunks, |start, block| {
                            let low = (start & u128::from(u32::MAX)) + u128::from(block);
                            start >> 64 << 64 | low
                        })
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const OFFSET_IN_32_BITS: Fault = Fault {
    id: "counter-offset-in-32-bits",
    sentence: "A part's offset is kept in 32 bits: keystream repeats after 4 GiB.",
    seen_in: "G05",
    law: "counter-arithmetic",
    cause: Some(Cause::OffsetIn32Bits),
    subject: || {
        subject(
            const {
                &Encrypting {
                    encrypt: |session, number, chunks| {
                        session.counted(number, chunks, |start, block| {
                            start.wrapping_add((low(16 * block) / 16).into())
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

pub(crate) fn start_of(upload: &Upload) -> u128 {
    u128::from_be_bytes(upload.start)
}

/// What 32 bits keep.
pub(crate) fn low(bytes: u64) -> u64 {
    bytes & u64::from(u32::MAX)
}

/// A counter as a signed integer of as few bytes as hold it, filled up with zeros.
pub(crate) fn signed(counter: u128) -> u128 {
    let lost = counter.leading_ones() / 8 * 8;
    counter & u128::MAX.checked_shr(lost).unwrap_or(0)
}

/// `start + block` in the low `bits`, the bits above untouched.
pub(crate) fn seek(start: u128, block: u64, bits: u32) -> u128 {
    let low = (1_u128 << bits) - 1;
    start & !low | start.wrapping_add(block.into()) & low
}
