//! GCM object: the bytes and the tag of one-shot AES-256-GCM over the whole object, nonce = the first 12 bytes of the
//! start, no associated data. The tag follows the last byte. That parts can still be encrypted in any order is the
//! affair of whoever does it: what they must arrive at is this.

use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};

use super::{Cipher, ContentKey, Start, ctr};
use crate::rules;
use crate::size::ByteOffset;
use crate::verdict::Rejection;

/// The object as stored: ciphertext, then the tag of 16 bytes.
///
/// # Errors
/// A start whose last four bytes are not zero; a message beyond what GCM allows.
pub fn seal(key: ContentKey, start: Start, plaintext: &[u8]) -> Result<Vec<u8>, Rejection> {
    let nonce = nonce(start)?;
    let mut stored = plaintext.to_vec();
    let tag = Aes256Gcm::new(&key.0.into())
        .encrypt_inout_detached(&nonce, &[], stored.as_mut_slice().into())
        .map_err(|_| too_long(plaintext.len()))?;
    stored.extend_from_slice(&tag);
    Ok(stored)
}

/// The plaintext of a stored object, if its tag is right.
///
/// # Errors
/// A start of the wrong shape; fewer than 16 bytes; any change to the stored bytes.
pub fn open(key: ContentKey, start: Start, stored: &[u8]) -> Result<Vec<u8>, Rejection> {
    let nonce = nonce(start)?;
    let (ciphertext, tag) = stored.split_last_chunk::<16>().ok_or_else(|| Rejection {
        rule: rules::GCM_AUTHENTIC,
        detail: format!("{} bytes, expected at least a tag of 16", stored.len()),
    })?;
    let mut plaintext = ciphertext.to_vec();
    Aes256Gcm::new(&key.0.into())
        .decrypt_inout_detached(&nonce, &[], plaintext.as_mut_slice().into(), tag.into())
        .map_err(|_| Rejection {
            rule: rules::GCM_AUTHENTIC,
            detail: "the tag is not that of the stored bytes".to_owned(),
        })?;
    Ok(plaintext)
}

/// Encrypts or decrypts bytes that begin at `offset` of the object, without a tag: GCM counts data blocks from 2 in the
/// last four bytes of the block, and no legal object is long enough to carry out of them.
///
/// # Errors
/// A start of the wrong shape.
pub fn apply_unauthenticated(
    key: ContentKey,
    start: Start,
    offset: ByteOffset,
    bytes: &[u8],
) -> Result<Vec<u8>, Rejection> {
    nonce(start)?;
    Ok(ctr::apply(
        key,
        Start(ctr::counter_block(start, 2)),
        offset,
        bytes,
    ))
}

fn nonce(start: Start) -> Result<Nonce<aes_gcm::aead::consts::U12>, Rejection> {
    let [nonce @ .., _, _, _, _] = start.0;
    if !Cipher::GcmObject.takes_start(start) {
        return Err(Rejection {
            rule: rules::GCM_OBJECT_BYTES,
            detail: format!(
                "the last 4 bytes of the start are {:02x?}, expected zero",
                start.0.last_chunk::<4>()
            ),
        });
    }
    Ok(nonce.into())
}

fn too_long(length: usize) -> Rejection {
    Rejection {
        rule: rules::GCM_MESSAGE_LIMIT,
        detail: format!("a message of {length} bytes, expected at most 2^36 - 32"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: ContentKey = ContentKey([9; 32]);

    fn start() -> Start {
        let mut start = [5; 16];
        start[12..].fill(0);
        Start(start)
    }

    #[test]
    fn a_slice_without_a_tag_equals_its_place_in_the_sealed_object() {
        let plaintext: Vec<u8> = (0..77).collect();
        let stored = seal(KEY, start(), &plaintext).unwrap();
        assert_eq!(stored.len(), 93);
        let slice =
            apply_unauthenticated(KEY, start(), ByteOffset::new(33), &plaintext[33..]).unwrap();
        assert_eq!(slice, stored[33..77]);
        assert_eq!(open(KEY, start(), &stored).unwrap(), plaintext);
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_refused() {
        let stored = seal(KEY, start(), b"attack at dawn").unwrap();
        for bit in 0..stored.len() * 8 {
            let mut changed = stored.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(
                open(KEY, start(), &changed).unwrap_err().rule,
                rules::GCM_AUTHENTIC
            );
        }
        for length in 0..stored.len() {
            assert!(open(KEY, start(), &stored[..length]).is_err());
        }
    }

    #[test]
    fn a_start_that_counts_already_is_refused() {
        assert_eq!(
            seal(KEY, Start([5; 16]), b"").unwrap_err().rule,
            rules::GCM_OBJECT_BYTES
        );
    }
}
