//! What is wrong in a whole part: its tag, its nonce, or how it was put together.

use partproof_model::cipher::ctr;
use partproof_model::{ByteOffset, ContentKey, Start};

use crate::cause::{Cause, Evidence};

/// A part in counter mode as it is if each chunk of it begins a block.
pub fn chunks_begun_anew(key: ContentKey, start: Start, offset: u64, chunks: &[&[u8]]) -> Vec<u8> {
    let (mut offset, mut made) = (offset, Vec::new());
    for chunk in chunks {
        made.extend(ctr::apply(key, start, ByteOffset::new(offset), chunk));
        offset += u64::try_from(chunk.len()).unwrap_or(0).next_multiple_of(16);
    }
    made
}

/// Whether nothing but the tag of a GCM object is wrong.
pub fn of_object_tag(right: &[u8], stored: &[u8]) -> Evidence {
    let own = right
        .get(..right.len().saturating_sub(16))
        .unwrap_or_default();
    match stored.starts_with(own) && !own.is_empty() && stored != right {
        true => Cause::ObjectTag.into(),
        false => Evidence::default(),
    }
}

/// What is wrong with a GCM part: its tag alone, or the nonce, which its keystream tells.
pub fn of_sealed(
    key: ContentKey,
    start: Start,
    number: u64,
    plaintext: &[u8],
    right: &[u8],
    part: &[u8],
) -> Evidence {
    if part.len() == right.len() && part.get(..plaintext.len()) == right.get(..plaintext.len()) {
        return Cause::PartTag.into();
    }
    let pairs = plaintext.iter().zip(part).take(16);
    let block: Vec<u8> = pairs.map(|(one, other)| one ^ other).collect();
    let Ok(block) = block.try_into() else {
        return Evidence::default();
    };
    let used = ctr::index_of(key, Start([0; 16]), block);
    // Eight bytes of the upload, four of the part number, four that count from 2.
    let low = |number: u128| number & u128::from(u32::MAX);
    let of_upload = u128::from_be_bytes(start.0) >> 64;
    let is_sealed = used >> 64 == of_upload && low(used) == 2;
    match is_sealed && low(used >> 32) != u128::from(number) {
        true => Cause::PartNonce.into(),
        false => Evidence::default(),
    }
}
