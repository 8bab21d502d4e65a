//! Encryption of an object's parts, in any order, in parallel, and again after a failed attempt with the same bytes as result: an
//! encryptor holds keys and sizes, never a position. (A cipher that advances is how retries corrupt objects: faults D01, B16.)

use rayon::prelude::*;

use crate::content_cipher::ContentCipher;
use crate::content_key::ContentKey;
use crate::error::Error;
use crate::gcm::TAG_LENGTH;
use crate::ghash::Partial;
use crate::layout::Layout;
use crate::part_stream::PartStream;

/// Bytes of an object from which a second thread saves more than it costs to wake it.
pub(crate) const PARALLEL_FROM: usize = 256 * 1024;

/// Encrypts the parts of one object.
pub struct Encryptor {
    layout: Layout,
    cipher: ContentCipher,
}

impl Encryptor {
    /// An encryptor for the object that `layout` describes.
    ///
    /// # Errors
    /// [`Error::StartShape`] if the start has bytes set that the layout's GCM cipher counts in.
    pub fn new(key: &ContentKey, layout: Layout) -> Result<Encryptor, Error> {
        Ok(Encryptor {
            cipher: ContentCipher::new(key, &layout)?,
            layout,
        })
    }

    /// The layout of the object.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Encrypts part `number` in place: before, `part` holds its plaintext, afterwards its bytes on the wire, for GCM object
    /// without the object's tag. Reserve 16 bytes for GCM part, whose tag is appended.
    ///
    /// # Errors
    /// [`Error::NoSuchPart`], or [`Error::PartLength`] if the plaintext is not as long as [`Layout::plaintext_of`] says. The part
    /// is untouched then.
    pub fn encrypt_in_place(
        &self,
        number: u32,
        part: &mut Vec<u8>,
    ) -> Result<EncryptedPart, Error> {
        let expected = self.plaintext_length(number)?;
        let given = u64::try_from(part.len()).unwrap_or(u64::MAX);
        if given != expected {
            return Err(Error::PartLength {
                number,
                given,
                expected,
            });
        }
        if let ContentCipher::GcmPart(cipher) = &self.cipher {
            cipher.seal(number, part);
            return Ok(EncryptedPart {
                number,
                hash: Partial::zero(),
            });
        }
        let mut stream = self.stream(number)?;
        stream.update(part)?;
        stream.finish().map(|(encrypted, _no_trailer)| encrypted)
    }

    /// Encrypts part `number` in chunks of any length.
    ///
    /// # Errors
    /// [`Error::NoSuchPart`].
    pub fn stream(&self, number: u32) -> Result<PartStream<'_>, Error> {
        PartStream::new(&self.cipher, &self.layout, number)
    }

    /// Checks that every part was encrypted, and for GCM object gives the bytes of the object's tag to the parts that carry them:
    /// one part, or two when the tag is split. Append them. The other ciphers leave nothing to append.
    ///
    /// The parts may come in any order, but all from this encryptor's key and layout.
    ///
    /// # Errors
    /// [`Error::NoSuchPart`], [`Error::DuplicatePart`] or [`Error::MissingPart`]. A part without plaintext counts too.
    pub fn finish(&self, parts: &[EncryptedPart]) -> Result<Vec<TagBytes>, Error> {
        let hashes = self.in_order(parts)?;
        let ContentCipher::GcmObject(cipher) = &self.cipher else {
            return Ok(Vec::new());
        };
        let tag = cipher.tag(&self.layout, hashes);
        let carried = |number| {
            let bytes = tag.get(self.layout.tag_of(number)?)?.to_vec();
            (!bytes.is_empty()).then_some(TagBytes { number, bytes })
        };
        Ok((1..=self.layout.part_count()).filter_map(carried).collect())
    }

    /// Encrypts a whole object, in parallel, into the bodies of its parts.
    ///
    /// # Errors
    /// [`Error::ObjectLength`] if the plaintext is not as long as the layout says.
    pub fn encrypt_object(&self, plaintext: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
        let given = u64::try_from(plaintext.len()).unwrap_or(u64::MAX);
        let expected = self.layout.plaintext_size();
        if given != expected {
            return Err(Error::ObjectLength { given, expected });
        }
        let encrypt = |number| {
            let mut part = self.copy_part(number, plaintext);
            self.encrypt_in_place(number, &mut part)
                .map(|encrypted| (part, encrypted))
        };
        let numbers = 1..=self.layout.part_count();
        let encrypted: Result<Vec<_>, _> = match plaintext.len() < PARALLEL_FROM {
            true => numbers.map(encrypt).collect(),
            false => numbers.into_par_iter().map(encrypt).collect(),
        };
        let (mut bodies, encrypted): (Vec<_>, Vec<_>) = encrypted?.into_iter().unzip();
        for TagBytes { number, bytes } in self.finish(&encrypted)? {
            let body = bodies.iter_mut().zip(1..).find(|(_, n)| *n == number);
            body.expect("the tag lies in a part of the layout")
                .0
                .extend(bytes);
        }
        Ok(bodies)
    }

    /// The plaintext of a part of this layout, with room for the tag bytes that its body may have more.
    fn copy_part(&self, number: u32, plaintext: &[u8]) -> Vec<u8> {
        let index = |size| usize::try_from(size).expect("at most the bytes of the plaintext");
        let range = self
            .layout
            .plaintext_of(number)
            .expect("a part of the layout");
        let source = plaintext.get(index(range.start)..index(range.end));
        let source = source.expect("the plaintext is as long as the layout says");
        let mut part = Vec::with_capacity(source.len().saturating_add(TAG_LENGTH));
        part.extend_from_slice(source);
        part
    }

    /// The hashes of all parts by part number.
    fn in_order<'p>(&self, parts: &'p [EncryptedPart]) -> Result<Vec<&'p Partial>, Error> {
        let part_count = self.layout.part_count();
        let mut slots = vec![None; usize::try_from(part_count).expect("at most 10,000 parts")];
        for EncryptedPart { number, hash } in parts {
            let index = number
                .checked_sub(1)
                .and_then(|index| usize::try_from(index).ok());
            let slot = index
                .and_then(|index| slots.get_mut(index))
                .ok_or_else(|| self.no_such_part(*number))?;
            if slot.replace(hash).is_some() {
                return Err(Error::DuplicatePart { number: *number });
            }
        }
        let present =
            |(slot, number): (Option<_>, _)| slot.ok_or(Error::MissingPart { number, part_count });
        slots.into_iter().zip(1..).map(present).collect()
    }

    fn plaintext_length(&self, number: u32) -> Result<u64, Error> {
        let range = self
            .layout
            .plaintext_of(number)
            .ok_or_else(|| self.no_such_part(number))?;
        Ok(range.end.saturating_sub(range.start))
    }

    fn no_such_part(&self, number: u32) -> Error {
        Error::NoSuchPart {
            number,
            part_count: self.layout.part_count(),
        }
    }
}

/// What the object's tag needs of a part: keep it until [`Encryptor::finish`]. A retry makes an equal one. Secret like a key.
#[derive(Clone, Debug)]
pub struct EncryptedPart {
    /// The part number, from 1.
    pub number: u32,
    pub(crate) hash: Partial,
}

/// Bytes of the object's tag that end a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagBytes {
    /// The part number, from 1.
    pub number: u32,
    /// 1 to 16 bytes, to be appended to the part's ciphertext.
    pub bytes: Vec<u8>,
}

#[cfg(test)]
mod tests;
