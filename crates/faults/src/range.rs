//! Counters that go wrong in reading: ranges, and whole objects.

use partproof_model::Cipher;
use partproof_subjects::builtin::Builtin;
use partproof_suite::Cause;
use partproof_suite::subject::Encryptor;

use crate::Fault;
use crate::counter::{each_counted, low, seek, signed, start_of};
use crate::encryptor::{Encrypting, RIGHT, keystream, subject};

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

pub(crate) const RANGE_OFFSET_IN_32_BITS: Fault = Fault {
    id: "range-offset-in-32-bits",
    sentence: "A range's offset is kept in 32 bits: past 4 GiB it is decrypted for another place.",
    seen_in: "G01",
    law: "any-range",
    cause: Some(Cause::OffsetIn32Bits),
    subject: || {
        subject(
            const {
                &Encrypting {
                    decrypt_range: |upload, offset, stored| {
                        keystream(upload, start_of(upload), low(offset), stored)
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const RANGE_START_SIGNED: Fault = Fault {
    id: "range-start-signed",
    sentence: "To reach a range the start is taken for a signed integer: leading 0xff are lost.",
    seen_in: "B07",
    law: "any-range",
    cause: Some(Cause::StartSigned),
    subject: || {
        subject(
            const {
                &Encrypting {
                    decrypt_range: |upload, offset, stored| {
                        let counter = start_of(upload).wrapping_add((offset / 16).into());
                        keystream(upload, signed(counter), offset % 16, stored)
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const OPEN_COUNTING_IN_64_BITS: Fault = Fault {
    id: "open-counting-in-64-bits",
    sentence: "An object is read with a cipher that counts in the low 64 bits: behind a carry it is another one's.",
    seen_in: "B06",
    law: "reads-the-model",
    cause: Some(Cause::CarryLostAt64),
    subject: || {
        subject(
            const {
                &Encrypting {
                    open: |upload, parts| match upload.cipher {
                        Cipher::Ctr => {
                            Encryptor::open(&Builtin, upload, parts)?;
                            each_counted(upload, 0, &parts.concat(), |start, block| {
                                seek(start, block, 64)
                            })
                        }
                        Cipher::GcmObject | Cipher::GcmPart => {
                            Encryptor::open(&Builtin, upload, parts)
                        }
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
