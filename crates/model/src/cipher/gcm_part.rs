//! GCM part: each part sealed by itself with AES-256-GCM. The nonce is the upload's prefix (the first 8 bytes of the
//! start) and the part number in 4 bytes; the associated data are data size, part size, number and count, each in 8
//! bytes, all big-endian, sizes as declared. So a part that is lost, moved, or taken from an upload with other sizes
//! does not open.

use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};

use super::{Cipher, ContentKey, Start};
use crate::layout::{Layout, TAG};
use crate::rules;
use crate::size::PartNumber;
use crate::verdict::Rejection;

/// One part as stored: ciphertext, then its tag of 16 bytes.
///
/// # Errors
/// A start whose last eight bytes are not zero; a plaintext that is not what the layout gives this part.
pub fn seal(
    key: ContentKey,
    start: Start,
    layout: Layout,
    number: PartNumber,
    plaintext: &[u8],
) -> Result<Vec<u8>, Rejection> {
    let nonce = nonce(start, number)?;
    let expected = expected_length(layout, number)?;
    let given = u64::try_from(plaintext.len()).unwrap_or(u64::MAX);
    if given != expected {
        return Err(wrong_length(number, given, expected));
    }
    let mut stored = plaintext.to_vec();
    let tag = Aes256Gcm::new(&key.0.into())
        .encrypt_inout_detached(
            &nonce,
            &associated_data(layout, number),
            stored.as_mut_slice().into(),
        )
        .map_err(|_| wrong_length(number, given, expected))?;
    stored.extend_from_slice(&tag);
    Ok(stored)
}

/// The plaintext of one stored part, if it is the right part of the right upload and unchanged.
///
/// # Errors
/// A start of the wrong shape; the wrong length; any change to the bytes, the number or the declared sizes.
pub fn open(
    key: ContentKey,
    start: Start,
    layout: Layout,
    number: PartNumber,
    stored: &[u8],
) -> Result<Vec<u8>, Rejection> {
    let nonce = nonce(start, number)?;
    let expected = expected_length(layout, number)?.saturating_add(TAG);
    let given = u64::try_from(stored.len()).unwrap_or(u64::MAX);
    let (ciphertext, tag) = match stored.split_last_chunk::<16>() {
        Some(split) if given == expected => split,
        _ => return Err(wrong_length(number, given, expected)),
    };
    let mut plaintext = ciphertext.to_vec();
    Aes256Gcm::new(&key.0.into())
        .decrypt_inout_detached(
            &nonce,
            &associated_data(layout, number),
            plaintext.as_mut_slice().into(),
            tag.into(),
        )
        .map_err(|_| Rejection {
            rule: rules::GCM_AUTHENTIC,
            detail: format!(
                "part {number}: the tag is not that of these bytes, this number and these sizes"
            ),
        })?;
    Ok(plaintext)
}

/// data size || part size || number || count, each as 8 bytes big-endian.
fn associated_data(layout: Layout, number: PartNumber) -> Vec<u8> {
    let wire = layout.wire();
    [
        wire.data.bytes(),
        wire.part.bytes(),
        number.get(),
        wire.count(),
    ]
    .map(u64::to_be_bytes)
    .concat()
}

fn nonce(start: Start, number: PartNumber) -> Result<Nonce<aes_gcm::aead::consts::U12>, Rejection> {
    if !Cipher::GcmPart.takes_start(start) {
        return Err(Rejection {
            rule: rules::GCM_PART_SEAL,
            detail: format!(
                "the last 8 bytes of the start are {:02x?}, expected zero",
                start.0.last_chunk::<8>()
            ),
        });
    }
    let [a, b, c, d, e, f, g, h, ..] = start.0;
    let [.., i, j, k, l] = number.get().to_be_bytes();
    Ok([a, b, c, d, e, f, g, h, i, j, k, l].into())
}

fn expected_length(layout: Layout, number: PartNumber) -> Result<u64, Rejection> {
    let range = layout.plaintext_of(number).ok_or_else(|| Rejection {
        rule: rules::PART_BEYOND_COUNT,
        detail: format!("part {number} of {}", layout.wire().count()),
    })?;
    Ok(range.end.saturating_sub(range.start))
}

fn wrong_length(number: PartNumber, given: u64, expected: u64) -> Rejection {
    Rejection {
        rule: rules::GCM_PART_SEAL,
        detail: format!("part {number} has {given} bytes, expected {expected}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::size::PartSize;

    const KEY: ContentKey = ContentKey([3; 32]);
    const START: Start = Start([1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0]);

    fn layout(plaintext: u64) -> Layout {
        Layout::new(Cipher::GcmPart, plaintext, PartSize::new(32).unwrap()).unwrap()
    }

    fn part(number: u64) -> PartNumber {
        PartNumber::new(number).unwrap()
    }

    #[test]
    fn a_part_opens_only_as_itself() {
        let three = layout(40);
        let sealed = seal(KEY, START, three, part(1), &[7; 16]).unwrap();
        assert_eq!(open(KEY, START, three, part(1), &sealed).unwrap(), [7; 16]);
        assert_eq!(
            open(KEY, START, three, part(2), &sealed).unwrap_err().rule,
            rules::GCM_AUTHENTIC
        );
        assert_eq!(
            open(KEY, START, layout(48), part(1), &sealed)
                .unwrap_err()
                .rule,
            rules::GCM_AUTHENTIC
        );
        assert!(open(KEY, START, three, part(4), &sealed).is_err());
    }

    #[test]
    fn an_empty_object_is_one_tag() {
        let sealed = seal(KEY, START, layout(0), part(1), &[]).unwrap();
        assert_eq!(sealed.len(), 16);
        assert_eq!(open(KEY, START, layout(0), part(1), &sealed).unwrap(), []);
    }
}
