//! GHASH, the hash inside GCM, over parts in any order. It is linear: the hash of a message is the sum of the hashes of its pieces,
//! each multiplied by H to the power of the blocks that follow it, where H is the hash key. So every part is hashed from zero by
//! itself, and the results combine with one multiplication a part. A hash of known bytes reveals H: treat one as a key.

use std::fmt;
use std::sync::OnceLock;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ghash::GHash;
use ghash::universal_hash::UniversalHash;
use zeroize::Zeroizing;

use crate::content_key::ContentKey;

/// One block, an element of GF(2^128).
pub(crate) type Element = [u8; 16];

/// Bytes that are hashed at once when they come at once; also what is enciphered and then hashed while in the nearest cache.
pub(crate) const RUN: usize = 16 << 10;

/// The hash key H of one content key.
pub(crate) struct HashKey {
    h: Factor,
    mac: LessSafeKey,
    /// Made when the first run comes: most small objects need none.
    run: OnceLock<RunKey>,
}

impl HashKey {
    /// The hash key `h`, which is AES of zero under the content key.
    pub(crate) fn new(key: &ContentKey, h: Element) -> Self {
        let mac = UnboundKey::new(&AES_256_GCM, key.expose_key())
            .expect("AES-256 takes any 32 bytes as its key");
        HashKey {
            h: Factor::new(h),
            mac: LessSafeKey::new(mac),
            run: OnceLock::new(),
        }
    }

    /// `element` multiplied by H.
    pub(crate) fn times(&self, element: &Element) -> Element {
        self.h.times(element)
    }

    /// H to the power of a number of blocks: what shifts a hash past them.
    pub(crate) fn shift(&self, blocks: u64) -> Factor {
        self.h.power(blocks.into())
    }

    /// A hash from zero.
    pub(crate) fn hasher(&self) -> Hasher<'_> {
        Hasher {
            key: self,
            sum: Zeroizing::new([0; 16]),
            pending: Zeroizing::new([0; 16]),
            filled: 0,
        }
    }

    /// The hash of `sum` followed by whole blocks.
    fn absorb(&self, sum: &Element, blocks: &[u8]) -> Element {
        if blocks.len() == RUN {
            let run = self.run.get_or_init(|| RunKey::new(self));
            return xor(&run.shift.times(sum), &run.hash(self, blocks));
        }
        let Some((first, rest)) = blocks.split_first_chunk() else {
            return *sum;
        };
        let mut ghash = self.h.zero.clone();
        ghash.update(&[xor(sum, first).into()]);
        ghash.update_padded(rest);
        ghash.finalize().into()
    }

    /// The tag of an empty message with this additional data. It never leaves this module, so one nonce serves.
    fn tag(&self, additional: &[u8]) -> Element {
        let nonce = Nonce::assume_unique_for_key([0; NONCE_LEN]);
        let tag = self
            .mac
            .seal_in_place_separate_tag(nonce, Aad::from(additional), &mut []);
        let tag = tag.expect("additional data is far below its limit");
        tag.as_ref().try_into().expect("a tag has 16 bytes")
    }
}

/// Hashes a run by means of an AEAD library, whose GHASH is several times faster than one that stands alone, but shows only in tags.
/// The tag of an empty message is the hash of its additional data, plus a constant of its length, times H, plus a mask: so two tags
/// of equal length differ by the difference of the hashes times H, and the hash of zeros is zero.
struct RunKey {
    /// The tag of a run of zeros.
    zeros: Zeroizing<Element>,
    /// H to the power of a run's blocks.
    shift: Factor,
    /// The inverse of H: H to the power of 2^128 - 2.
    inverse: Factor,
}

impl RunKey {
    fn new(key: &HashKey) -> Self {
        RunKey {
            zeros: Zeroizing::new(key.tag(&[0; RUN])),
            shift: key.h.power(u128::try_from(RUN / 16).expect("1024 fits")),
            inverse: key.h.power(u128::MAX - 1),
        }
    }

    fn hash(&self, key: &HashKey, run: &[u8]) -> Element {
        self.inverse.times(&xor(&key.tag(run), &self.zeros))
    }
}

/// An element to multiply by: H, or a power of it.
#[derive(Clone)]
pub(crate) struct Factor {
    value: Zeroizing<Element>,
    /// GHASH under `value`, from zero.
    zero: GHash,
}

impl Factor {
    fn new(value: Element) -> Self {
        Factor {
            value: Zeroizing::new(value),
            zero: GHash::new(&value.into()),
        }
    }

    /// The neutral element: GHASH numbers bits from the left.
    fn one() -> Self {
        Factor::new((1_u128 << 127).to_be_bytes())
    }

    /// `element` multiplied by this factor: GHASH of a single block is just that.
    fn times(&self, element: &Element) -> Element {
        let mut ghash = self.zero.clone();
        ghash.update(&[(*element).into()]);
        ghash.finalize().into()
    }

    /// This factor to the power `exponent`, by repeated squaring.
    fn power(&self, exponent: u128) -> Factor {
        let mut result = Factor::one();
        let mut square = self.clone();
        let mut left = exponent;
        while left > 0 {
            if left % 2 == 1 {
                result = Factor::new(square.times(&result.value));
            }
            square = Factor::new(square.times(&square.value));
            left /= 2;
        }
        result
    }
}

/// GHASH of bytes that come in chunks of any length.
pub(crate) struct Hasher<'k> {
    key: &'k HashKey,
    sum: Zeroizing<Element>,
    /// Bytes that do not fill a block yet; zero from `filled` on.
    pending: Zeroizing<Element>,
    filled: usize,
}

impl Hasher<'_> {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        let wanted = if self.filled == 0 {
            0
        } else {
            16_usize.saturating_sub(self.filled).min(bytes.len())
        };
        let (head, rest) = bytes.split_at(wanted);
        self.keep(head);
        if self.filled == 16 {
            self.pad();
        }
        let whole = rest.len().saturating_sub(rest.len() % 16);
        let (blocks, tail) = rest.split_at(whole);
        *self.sum = self.key.absorb(&self.sum, blocks);
        self.keep(tail);
    }

    /// The hash, the block that was begun filled with zeros.
    pub(crate) fn finish(mut self) -> Partial {
        self.pad();
        Partial(self.sum)
    }

    fn pad(&mut self) {
        if self.filled > 0 {
            *self.sum = self.key.absorb(&self.sum, self.pending.as_slice());
            self.pending.fill(0);
            self.filled = 0;
        }
    }

    /// Appends bytes that still fit the pending block.
    fn keep(&mut self, bytes: &[u8]) {
        for (slot, byte) in self.pending.iter_mut().skip(self.filled).zip(bytes) {
            *slot = *byte;
        }
        self.filled = self.filled.saturating_add(bytes.len());
    }
}

/// The GHASH of a piece of a message, from zero.
#[derive(Clone)]
pub(crate) struct Partial(Zeroizing<Element>);

impl Partial {
    /// The hash of nothing.
    pub(crate) fn zero() -> Self {
        Partial(Zeroizing::new([0; 16]))
    }

    /// The hash of this piece followed by `next`, where `shift` is H to the power of the blocks of `next`.
    pub(crate) fn then(&self, shift: &Factor, next: &Partial) -> Partial {
        Partial(Zeroizing::new(xor(&shift.times(&self.0), &next.0)))
    }

    pub(crate) fn as_element(&self) -> &Element {
        &self.0
    }
}

impl fmt::Debug for Partial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Partial").finish_non_exhaustive()
    }
}

/// The sum of two elements.
pub(crate) fn xor(a: &Element, b: &Element) -> Element {
    (u128::from_be_bytes(*a) ^ u128::from_be_bytes(*b)).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ctr::Ctr;

    fn hash_key() -> HashKey {
        let key = ContentKey::new([0xC3; 32], [0; 16]);
        HashKey::new(&key, Ctr::new(&key, 0).block(0))
    }

    #[test]
    fn powers_multiply() {
        let h = Factor::new([0x5A; 16]);
        assert_eq!(*h.power(0).value, *Factor::one().value);
        assert_eq!(*h.power(1).value, [0x5A; 16]);
        let mut product = Factor::one().value;
        for _ in 0..13 {
            *product = h.times(&product);
        }
        assert_eq!(*h.power(13).value, *product);
        assert_eq!(h.times(&h.power(u128::MAX - 1).value), *Factor::one().value);
    }

    #[test]
    fn a_run_hashes_as_its_blocks_do() {
        let key = hash_key();
        let bytes: Vec<u8> = (0..2 * RUN)
            .map(|n| u8::try_from(n % 239).unwrap())
            .collect();
        let (mut by_run, mut by_block) = (key.hasher(), key.hasher());
        bytes.chunks(RUN).for_each(|run| by_run.update(run));
        bytes.chunks(16).for_each(|block| by_block.update(block));
        assert_eq!(by_run.finish().as_element(), by_block.finish().as_element());
    }

    proptest! {
        #[test]
        fn pieces_combine_and_chunks_do_not_matter(bytes: Vec<u8>, blocks in 0..5_usize, cuts in prop::collection::vec(0..40_usize, 0..6)) {
            let key = hash_key();
            let mut whole = key.hasher();
            whole.update(&bytes);

            let (left, right) = bytes.split_at((blocks * 16).min(bytes.len() / 16 * 16));
            let hash = |mut bytes: &[u8]| {
                let mut hasher = key.hasher();
                for cut in &cuts {
                    let (chunk, rest) = bytes.split_at((*cut).min(bytes.len()));
                    hasher.update(chunk);
                    bytes = rest;
                }
                hasher.update(bytes);
                hasher.finish()
            };
            let shift = key.shift(u64::try_from(right.len().div_ceil(16)).unwrap());
            let combined = hash(left).then(&shift, &hash(right));
            let whole = whole.finish();
            prop_assert_eq!(combined.as_element(), whole.as_element());
        }
    }
}
