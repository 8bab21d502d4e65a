//! What is timed: the rows, and for each the right outcome by the model. A row's case is drawn anew for each turn, so that nobody can answer with
//! what was made before.

use data_encoding::HEXLOWER;
use partproof_model::cipher::ctr;
use partproof_model::{ByteOffset, Cipher, ContentKey, Start, etag, part_list};
use partproof_protocol::{Base64, ListedPart, Op, Request};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::Rng;
use sha2::{Digest, Sha256};

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
/// Bytes of plaintext or ciphertext that stand in a request, to be repeated.
const BLOCK: u64 = 4 * KIB;
const PART_SIZE: u64 = 64 * MIB;
/// Bytes of a part of a whole client: the least that the service takes, so that requests are most of the work.
pub(crate) const LEAST_PART_SIZE: u64 = 100 * KIB;

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// `encrypt-part/1MiB`.
    pub name: &'static str,
    /// Which operation is timed.
    pub op: Op,
    /// How many parts it is about.
    pub parts: Option<u64>,
    /// How many bytes it is about.
    pub bytes: Option<u64>,
}

const fn of_parts(name: &'static str, op: Op, parts: u64) -> Row {
    let (parts, bytes) = (Some(parts), None);
    Row {
        name,
        op,
        parts,
        bytes,
    }
}

const fn of_bytes(name: &'static str, op: Op, bytes: u64) -> Row {
    let (parts, bytes) = (None, Some(bytes));
    Row {
        name,
        op,
        parts,
        bytes,
    }
}

/// All rows.
pub const ROWS: [Row; 17] = [
    of_parts("plan/1", Op::Plan, 1),
    of_parts("plan/100", Op::Plan, 100),
    of_parts("plan/10000", Op::Plan, 10_000),
    of_parts("part-list/1", Op::PartList, 1),
    of_parts("part-list/100", Op::PartList, 100),
    of_parts("part-list/10000", Op::PartList, 10_000),
    of_bytes("encrypt-part/100KiB", Op::EncryptPart, 100 * KIB),
    of_bytes("encrypt-part/1MiB", Op::EncryptPart, MIB),
    of_bytes("encrypt-part/8MiB", Op::EncryptPart, 8 * MIB),
    of_bytes("encrypt-part/64MiB", Op::EncryptPart, 64 * MIB),
    of_bytes("decrypt-range/1MiB", Op::DecryptRange, MIB),
    of_parts("upload/1", Op::Upload, 1),
    of_parts("upload/100", Op::Upload, 100),
    of_parts("upload/10000", Op::Upload, 10_000),
    of_parts("download/1", Op::Download, 1),
    of_parts("download/100", Op::Download, 100),
    of_parts("download/10000", Op::Download, 10_000),
];

/// One turn's work.
pub(crate) struct Case {
    pub(crate) of: Request,
    pub(crate) repeat: u64,
    outcome: Outcome,
}

enum Outcome {
    /// These bytes have this digest.
    Digest(String),
    /// Any list of these parts.
    List(Vec<(u64, String)>),
}

impl Row {
    /// Whether a whole client is timed, and not a piece in a loop.
    pub fn is_whole(self) -> bool {
        matches!(self.op, Op::Upload | Op::Download)
    }

    /// Whether it is a gigabyte each time, and taken only where it is asked for by its name.
    pub fn is_long(self) -> bool {
        self.is_whole() && self.parts >= Some(10_000)
    }

    /// How many bytes are transferred, or go through the piece.
    pub(crate) fn size(self) -> Option<u64> {
        let transferred = self.parts.map(size_of);
        self.bytes.or(transferred.filter(|_| self.is_whole()))
    }

    /// Draws its case.
    pub(crate) fn case(&self, random: &mut ChaCha20Rng) -> Case {
        let (parts, bytes) = (self.parts.unwrap_or(1), self.bytes.unwrap_or(BLOCK));
        let repeat = bytes / BLOCK;
        let (mut key, mut start) = ([0; 32], [0; 16]);
        random.fill_bytes(&mut key);
        random.fill_bytes(&mut start);
        // As most SDKs draw it. What some make of another is for a check to tell, and would void every time here.
        start[8..12].fill(0);
        let mut block = vec![0; usize::try_from(BLOCK).unwrap_or_default()];
        random.fill_bytes(&mut block);
        let cipher = Cipher::Ctr.cek_alg().to_owned();
        let transformed = |offset: u64| {
            let whole = block.repeat(usize::try_from(repeat).unwrap_or_default());
            let (key, start) = (ContentKey(key), Start(start));
            ctr::apply(key, start, ByteOffset::new(offset), &whole)
        };
        match self.op {
            Op::PartList => {
                let parts: Vec<_> = (1..=parts)
                    .map(|number| {
                        let mut digest = [0; 16];
                        random.fill_bytes(&mut digest);
                        (number, etag::of_part(&digest))
                    })
                    .collect();
                let listed = parts.iter().map(|(number, etag)| ListedPart {
                    number: *number,
                    etag: etag.clone(),
                });
                Case {
                    of: Request::PartList {
                        parts: listed.collect(),
                    },
                    repeat: 1,
                    outcome: Outcome::List(parts),
                }
            }
            Op::EncryptPart => {
                let number = 1 + u64::from(random.next_u32() % 8);
                let offset = (number - 1) * PART_SIZE;
                Case {
                    of: Request::EncryptPart {
                        cipher,
                        key: Base64(key.to_vec()),
                        start: Base64(start.to_vec()),
                        // The part is the last, however long it is.
                        data_size: offset + bytes,
                        part_size: PART_SIZE,
                        number,
                        plaintext: Base64(block.clone()),
                    },
                    repeat,
                    outcome: Outcome::Digest(digest(&transformed(offset))),
                }
            }
            Op::DecryptRange => {
                // At a block: some clients begin nowhere else.
                let offset = 16 * u64::from(random.next_u32());
                Case {
                    of: Request::DecryptRange {
                        cipher,
                        key: Base64(key.to_vec()),
                        start: Base64(start.to_vec()),
                        offset,
                        ciphertext: Base64(block.clone()),
                    },
                    repeat,
                    outcome: Outcome::Digest(digest(&transformed(offset))),
                }
            }
            _ => {
                // A part size that is legal, and a last part that is not whole.
                let part_size = 100 * KIB + 16 * u64::from(random.next_u32() % 1_000);
                let last = 1 + u64::from(random.next_u32()) % (part_size - 1);
                let data_size = (parts - 1) * part_size + last;
                let lines = (1..=parts).map(|number| {
                    let offset = (number - 1) * part_size;
                    let length = part_size.min(data_size - offset);
                    format!("{number} {offset} {length}\n")
                });
                Case {
                    of: Request::Plan {
                        data_size,
                        part_size: Some(part_size),
                    },
                    repeat: 1,
                    outcome: Outcome::Digest(digest(lines.collect::<String>().as_bytes())),
                }
            }
        }
    }
}

impl Case {
    /// Whether bytes have to be seen to tell whether they are right: many texts list the same parts.
    pub(crate) fn is_of_a_list(&self) -> bool {
        matches!(self.outcome, Outcome::List(_))
    }

    /// Whether what has this digest is right. Of a list, `body` is what was built when it was asked for by itself.
    ///
    /// # Errors
    /// What is wrong.
    pub(crate) fn verify(&self, given: &str, body: &[u8]) -> Result<(), String> {
        let expected = match &self.outcome {
            Outcome::Digest(expected) => expected.clone(),
            Outcome::List(parts) => {
                let listed = part_list::read(body).map_err(|error| error.to_string())?;
                let is_same = |(one, (number, tag)): (&part_list::ListedPart, &(u64, String))| {
                    one.number == *number && etag::unquoted(&one.etag) == etag::unquoted(tag)
                };
                if listed.len() != parts.len() || !listed.iter().zip(parts).all(is_same) {
                    return Err("the list is not of the parts that were given".to_owned());
                }
                digest(body)
            }
        };
        match given == expected {
            true => Ok(()),
            // Whoever gives something else has a reason.
            false if HEXLOWER.decode(given.as_bytes()).is_err() || given.len() != 64 => {
                Err("the digest is not 64 digits in lower-case hex".to_owned())
            }
            false => Err(format!(
                "what came out has the digest {given}, expected {expected}"
            )),
        }
    }
}

/// Bytes of so many parts of a whole client, of which the last is not whole.
pub(crate) fn size_of(parts: u64) -> u64 {
    parts * LEAST_PART_SIZE - LEAST_PART_SIZE / 2
}

fn digest(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

/// What the rows and how they are drawn come down to: figures of another workload are about something else.
pub fn workload() -> String {
    const VERSION: u32 = 2;
    let rows = ROWS.map(|row| format!("{} {:?} {:?}\n", row.name, row.parts, row.bytes));
    digest(format!("{VERSION}\n{}", rows.concat()).as_bytes())
}

#[cfg(test)]
mod tests {
    use rand_chacha::rand_core::SeedableRng;

    use super::*;

    #[test]
    fn a_start_is_one_that_every_published_sdk_reads() {
        let mut random = ChaCha20Rng::seed_from_u64(0);
        let ciphers = |row: &&Row| matches!(row.op, Op::EncryptPart | Op::DecryptRange);
        for row in ROWS.iter().filter(ciphers) {
            let (Request::EncryptPart { start, .. } | Request::DecryptRange { start, .. }) =
                row.case(&mut random).of
            else {
                unreachable!("{row:?}")
            };
            assert_eq!(start.0[8..12], [0; 4], "{row:?}");
            assert_ne!(start.0, [0; 16], "{row:?}");
        }
    }

    #[test]
    fn what_is_a_gigabyte_is_not_taken_by_the_way() {
        let long = ROWS.iter().filter(|row| row.is_long()).map(|row| row.name);
        assert_eq!(long.collect::<Vec<_>>(), ["upload/10000", "download/10000"]);
    }
}
