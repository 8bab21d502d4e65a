//! Decryption of an object: whole, by range, or part by part. Plaintext that a tag protects is given out only after the tag has been
//! compared; where a range makes that impossible, the type of the result says so.

use std::fmt;
use std::ops::Range;

use aws_lc_rs::constant_time;
use rayon::prelude::*;
use zeroize::Zeroize;

use crate::cipher::Cipher;
use crate::content_cipher::ContentCipher;
use crate::content_key::ContentKey;
use crate::encrypt::PARALLEL_FROM;
use crate::error::Error;
use crate::ghash::Partial;
use crate::layout::Layout;

/// Decrypts one object.
pub struct Decryptor {
    layout: Layout,
    cipher: ContentCipher,
}

impl Decryptor {
    /// A decryptor for the object that `layout` describes; see [`Layout::from_declared`].
    ///
    /// # Errors
    /// [`Error::StartShape`] if the start has bytes set that the layout's GCM cipher counts in.
    pub fn new(key: &ContentKey, layout: Layout) -> Result<Decryptor, Error> {
        Ok(Decryptor {
            cipher: ContentCipher::new(key, &layout)?,
            layout,
        })
    }

    /// The layout of the object.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Counter mode: decrypts, in place, bytes that stand at `offset` (bytes) of the object.
    ///
    /// # Errors
    /// [`Error::RangeOutside`], or [`Error::WrongCipher`]; the bytes are untouched then.
    pub fn decrypt_range(&self, offset: u64, bytes: &mut [u8]) -> Result<(), Error> {
        let ContentCipher::Ctr(cipher) = &self.cipher else {
            return Err(self.wrong_cipher("decrypt_range", Cipher::Ctr));
        };
        self.check_range(offset, bytes.len())?;
        cipher.apply(offset, bytes);
        Ok(())
    }

    /// GCM object: decrypts bytes that stand at `offset` (bytes) of the object. The tag covers the object, so nothing vouches for a
    /// range of it.
    ///
    /// # Errors
    /// [`Error::RangeOutside`], or [`Error::WrongCipher`].
    pub fn decrypt_range_unauthenticated(
        &self,
        offset: u64,
        mut bytes: Vec<u8>,
    ) -> Result<Unauthenticated, Error> {
        let ContentCipher::GcmObject(cipher) = &self.cipher else {
            return Err(self.wrong_cipher("decrypt_range_unauthenticated", Cipher::GcmObject));
        };
        self.check_range(offset, bytes.len())?;
        cipher.apply(offset, &mut bytes);
        Ok(Unauthenticated(bytes))
    }

    /// GCM part: opens part `number` in place, from its bytes on the wire to its plaintext.
    ///
    /// # Errors
    /// [`Error::NoSuchPart`], [`Error::PartLength`] or [`Error::WrongCipher`]; or [`Error::PartNotAuthentic`], and then `wire` is
    /// wiped and empty.
    pub fn open_part(&self, number: u32, wire: &mut Vec<u8>) -> Result<(), Error> {
        let ContentCipher::GcmPart(cipher) = &self.cipher else {
            return Err(self.wrong_cipher("open_part", Cipher::GcmPart));
        };
        let data_length = self.check_part(number, wire)?;
        let (ciphertext, tag) = wire.split_at_mut(data_length);
        let opened = cipher.open(number, ciphertext, tag);
        match opened {
            Ok(()) => wire.truncate(data_length),
            Err(_) => wire.zeroize(),
        }
        opened
    }

    /// Decrypts a whole object, in parallel, from the bodies of its parts in part-number order.
    ///
    /// # Errors
    /// [`Error::PartCount`] or [`Error::PartLength`]; [`Error::ObjectNotAuthentic`] or, for the first such part,
    /// [`Error::PartNotAuthentic`]. Nothing that is not authentic is given out.
    pub fn open_object<P: AsRef<[u8]> + Sync>(&self, parts: &[P]) -> Result<Vec<u8>, Error> {
        let expected = self.layout.part_count();
        if u32::try_from(parts.len()) != Ok(expected) {
            return Err(Error::PartCount {
                given: parts.len(),
                expected,
            });
        }
        // Declared sizes come from outside: nothing is allocated for them before the parts are known to be as long.
        let data_lengths = (1..)
            .zip(parts)
            .map(|(number, part)| self.check_part(number, part.as_ref()))
            .collect::<Result<Vec<_>, _>>()?;
        let size = self.layout.plaintext_size();
        let mut plaintext =
            vec![0; usize::try_from(size).map_err(|_| Error::Unaddressable { size })?];
        let mut left = plaintext.as_mut_slice();
        let mut pieces = Vec::with_capacity(parts.len());
        for ((number, part), data_length) in (1..).zip(parts).zip(data_lengths) {
            let (data, tag) = part.as_ref().split_at(data_length);
            let slot = left
                .split_off_mut(..data_length)
                .expect("the parts' data add up to the plaintext");
            pieces.push(Piece {
                number,
                data,
                tag,
                slot,
            });
        }
        let object_tag: Vec<u8> = pieces.iter().flat_map(|piece| piece.tag).copied().collect();

        let open = |piece| self.open_piece(piece);
        let opened: Vec<_> = match size < u64::try_from(PARALLEL_FROM).unwrap_or(u64::MAX) {
            true => pieces.into_iter().map(open).collect(),
            false => pieces.into_par_iter().map(open).collect(),
        };
        let hashes = opened.into_iter().collect::<Result<Vec<_>, _>>()?;
        if let ContentCipher::GcmObject(cipher) = &self.cipher {
            constant_time::verify_slices_are_equal(&cipher.tag(&self.layout, &hashes), &object_tag)
                .map_err(|_| Error::ObjectNotAuthentic)?;
        }
        Ok(plaintext)
    }

    /// Decrypts, in place, bytes at `offset` of the plaintext, of which nothing vouches for a range.
    pub(crate) fn apply_keystream(&self, offset: u64, bytes: &mut [u8]) -> Result<(), Error> {
        self.check_range(offset, bytes.len())?;
        match &self.cipher {
            ContentCipher::Ctr(cipher) => cipher.apply(offset, bytes),
            ContentCipher::GcmObject(cipher) => cipher.apply(offset, bytes),
            ContentCipher::GcmPart(_) => {
                return Err(self.wrong_cipher("apply_keystream", Cipher::Ctr));
            }
        }
        Ok(())
    }

    /// Decrypts part `number` in place, from its bytes on the wire to its plaintext, and returns what the object's tag needs of it. Of
    /// GCM object nothing is authentic before [`Decryptor::check_object`].
    pub(crate) fn open_unchecked(&self, number: u32, wire: &mut Vec<u8>) -> Result<Opened, Error> {
        let data_length = self.check_part(number, wire)?;
        if let ContentCipher::GcmPart(_) = &self.cipher {
            self.open_part(number, wire)?;
            return Ok(Opened::new(number, Partial::zero(), Vec::new()));
        }
        let tag = wire.split_off(data_length);
        let data = self.layout.plaintext_of(number);
        let offset = data
            .expect("a part that was checked is of the layout")
            .start;
        let hash = match &self.cipher {
            ContentCipher::GcmObject(cipher) => {
                let mut hasher = cipher.hasher();
                cipher.decrypt(offset, wire, &mut hasher);
                hasher.finish()
            }
            _ => {
                self.decrypt_range(offset, wire)?;
                Partial::zero()
            }
        };
        Ok(Opened::new(number, hash, tag))
    }

    /// Compares the object's tag, which only GCM object has, with all of its parts, in part-number order.
    pub(crate) fn check_object(&self, parts: &[Opened]) -> Result<(), Error> {
        let ContentCipher::GcmObject(cipher) = &self.cipher else {
            return Ok(());
        };
        let tag: Vec<u8> = parts.iter().flat_map(|part| &part.tag).copied().collect();
        let expected = cipher.tag(&self.layout, parts.iter().map(|part| &part.hash));
        constant_time::verify_slices_are_equal(&expected, &tag)
            .map_err(|_| Error::ObjectNotAuthentic)
    }

    /// Decrypts a piece into its slot, and returns what the object's tag needs of it.
    fn open_piece(&self, piece: Piece<'_>) -> Result<Partial, Error> {
        let Piece {
            number,
            data,
            tag,
            slot,
        } = piece;
        let Range { start: offset, .. } = self
            .layout
            .plaintext_of(number)
            .expect("a part of the layout");
        slot.copy_from_slice(data);
        match &self.cipher {
            ContentCipher::Ctr(cipher) => cipher.apply(offset, slot),
            ContentCipher::GcmPart(cipher) => cipher.open(number, slot, tag)?,
            ContentCipher::GcmObject(cipher) => {
                let mut hasher = cipher.hasher();
                cipher.decrypt(offset, slot, &mut hasher);
                return Ok(hasher.finish());
            }
        }
        Ok(Partial::zero())
    }

    /// Checks the length of a part on the wire, and returns how much of it is data.
    fn check_part(&self, number: u32, wire: &[u8]) -> Result<usize, Error> {
        let part_count = self.layout.part_count();
        let expected = self
            .layout
            .length_of(number)
            .ok_or(Error::NoSuchPart { number, part_count })?;
        let given = u64::try_from(wire.len()).unwrap_or(u64::MAX);
        if given != expected {
            return Err(Error::PartLength {
                number,
                given,
                expected,
            });
        }
        let data = self
            .layout
            .plaintext_of(number)
            .expect("a part with a length is a part of the layout");
        Ok(usize::try_from(data.end.saturating_sub(data.start))
            .expect("no longer than the part, which is in memory"))
    }

    fn check_range(&self, offset: u64, length: usize) -> Result<(), Error> {
        let plaintext_size = self.layout.plaintext_size();
        let length = u64::try_from(length).unwrap_or(u64::MAX);
        match offset.checked_add(length) {
            Some(end) if end <= plaintext_size => Ok(()),
            _ => Err(Error::RangeOutside {
                offset,
                length,
                plaintext_size,
            }),
        }
    }

    fn wrong_cipher(&self, operation: &'static str, expected: Cipher) -> Error {
        Error::WrongCipher {
            operation,
            given: self.layout.cipher(),
            expected,
        }
    }
}

/// What the object's tag needs of a part that was decrypted.
pub(crate) struct Opened {
    pub(crate) number: u32,
    hash: Partial,
    tag: Vec<u8>,
}

impl Opened {
    fn new(number: u32, hash: Partial, tag: Vec<u8>) -> Self {
        Opened { number, hash, tag }
    }
}

/// A part on the wire and the place of its plaintext.
struct Piece<'o> {
    number: u32,
    data: &'o [u8],
    /// What follows the data: of GCM part its tag, of GCM object the object's tag or a piece of it.
    tag: &'o [u8],
    slot: &'o mut [u8],
}

/// Plaintext that nothing vouches for: whoever can write to the bucket can change any bit of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Unauthenticated(Vec<u8>);

impl Unauthenticated {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Unauthenticated(bytes)
    }

    /// The bytes, to be used by a caller who accepts that.
    pub fn into_unauthenticated_bytes(self) -> Vec<u8> {
        self.0
    }

    /// The bytes, to be looked at by a caller who accepts that.
    pub fn as_unauthenticated_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Unauthenticated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unauthenticated")
            .field("length", &self.0.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
