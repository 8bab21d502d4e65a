//! Drawing at the boundaries: sizes near powers of two and limits, starts near a carry, texts with what needs escaping.

use arbitrary::{Result, Unstructured};
use partproof_model::Cipher;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// The values around which arithmetic on sizes breaks, in bytes.
const LATTICE: [u64; 16] = [
    16,
    64,
    100 * 1024,
    1 << 20,
    1 << 30,
    1 << 31,
    1 << 32,
    5 << 30,
    1 << 36,
    102_400 * 10_000,
    1 << 40,
    (5 << 30) * 10_000,
    1 << 53,
    1 << 62,
    1 << 63,
    u64::MAX,
];

/// A size within a few bytes of a boundary, or any.
pub fn size(u: &mut Unstructured<'_>) -> Result<u64> {
    match u.int_in_range(0..=3_u8)? {
        0 => {
            let bits = u.int_in_range(0..=63_u32)?;
            Ok(u.arbitrary::<u64>()? >> bits)
        }
        _ => {
            let near = *u.choose(&LATTICE)?;
            let off = u.int_in_range(0..=40_u64)?;
            Ok(if u.arbitrary()? {
                near.saturating_add(off)
            } else {
                near.saturating_sub(off)
            })
        }
    }
}

/// A part size every client takes: a multiple of 16 from 102,400 to 5 GiB.
pub fn legal_part_size(u: &mut Unstructured<'_>) -> Result<u64> {
    Ok(match u.int_in_range(0..=5_u8)? {
        0 | 1 => 102_400,
        2 => 102_416,
        3 => 8 << 20,
        4 => 5 << 30,
        _ => 102_400 + 16 * u.int_in_range(0..=(((5_u64 << 30) - 102_400) / 16))?,
    })
}

/// A content key.
pub fn key(u: &mut Unstructured<'_>) -> Result<[u8; 32]> {
    let mut key = [0; 32];
    u.fill_buffer(&mut key)?;
    Ok(key)
}

/// A start of the cipher's shape. For CTR: the shape clients use, a counter near one of its carries, or anything.
pub fn start(u: &mut Unstructured<'_>, cipher: Cipher) -> Result<[u8; 16]> {
    let mut start = [0; 16];
    u.fill_buffer(&mut start)?;
    match cipher {
        Cipher::GcmObject => start[12..].fill(0),
        Cipher::GcmPart => start[8..].fill(0),
        Cipher::Ctr => {
            let shape = u.int_in_range(0..=6_u8)?;
            let before_carry = u.int_in_range(0..=12_u8)?;
            match shape {
                0 => start[8..12].fill(0),
                1 => start[12..].copy_from_slice(&[0xff, 0xff, 0xff, 0xff - before_carry]),
                2 => start[8..].copy_from_slice(&[
                    0xff,
                    0xff,
                    0xff,
                    0xff,
                    0xff,
                    0xff,
                    0xff,
                    0xff - before_carry,
                ]),
                3 => {
                    start[..15].fill(0xff);
                    start[15] = 0xff - before_carry;
                }
                4 => start.fill(0),
                // A negative number, to who reads a signed one.
                5 => start[..2].fill(0xff),
                _ => {}
            }
        }
    }
    Ok(start)
}

/// A short text with whatever may need escaping, in XML or JSON; never a character XML 1.0 has no place for.
pub fn text(u: &mut Unstructured<'_>, longest: u8) -> Result<String> {
    const ALPHABET: [char; 24] = [
        'a', 'Z', '0', '-', '_', '.', '/', ' ', '"', '\'', '&', '<', '>', ']', ';', '#', '%', '+',
        '\\', 'é', '中', '😀', '\t', '\n',
    ];
    let length = u.int_in_range(0..=longest)?;
    (0..length).map(|_| u.choose(&ALPHABET).copied()).collect()
}

/// An ETag as the service makes it, in quotes.
pub fn etag(u: &mut Unstructured<'_>) -> Result<String> {
    Ok(format!("\"{:032X}\"", u.arbitrary::<u128>()?))
}

/// How many documents of one kind are drawn for a fuzzer to begin with.
const DOCUMENTS: u32 = 24;

/// Documents of one kind, the same every time.
pub fn documents(document: impl Fn(&mut Unstructured<'_>) -> Result<Vec<u8>>) -> Vec<Vec<u8>> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut bytes = [0; 256];
    let mut documents: Vec<_> = (0..DOCUMENTS)
        .filter_map(|_| {
            rng.fill_bytes(&mut bytes);
            document(&mut Unstructured::new(&bytes)).ok()
        })
        .collect();
    documents.sort();
    documents.dedup();
    documents
}
