//! One part encrypted in chunks, for bodies that are not held in memory. A stream is begun anew for each attempt to send the part.

use crate::content_cipher::ContentCipher;
use crate::ctr::Ctr;
use crate::encrypt::EncryptedPart;
use crate::error::Error;
use crate::gcm_object::GcmObject;
use crate::gcm_part::GcmPart;
use crate::ghash::{Hasher, Partial};
use crate::layout::Layout;

/// The encryption of one part, begun by [`crate::Encryptor::stream`].
pub struct PartStream<'e> {
    number: u32,
    /// First byte of the part in the plaintext.
    offset: u64,
    /// Plaintext bytes of the part.
    length: u64,
    /// Plaintext bytes taken so far.
    taken: u64,
    state: State<'e>,
}

enum State<'e> {
    Ctr(&'e Ctr),
    GcmObject(&'e GcmObject, Hasher<'e>),
    GcmPart(&'e GcmPart, Hasher<'e>),
}

impl<'e> PartStream<'e> {
    pub(crate) fn new(
        cipher: &'e ContentCipher,
        layout: &Layout,
        number: u32,
    ) -> Result<Self, Error> {
        let part_count = layout.part_count();
        let range = layout
            .plaintext_of(number)
            .ok_or(Error::NoSuchPart { number, part_count })?;
        let state = match cipher {
            ContentCipher::Ctr(cipher) => State::Ctr(cipher),
            ContentCipher::GcmObject(cipher) => State::GcmObject(cipher, cipher.hasher()),
            ContentCipher::GcmPart(cipher) => State::GcmPart(cipher, cipher.hasher(number)),
        };
        let length = range.end.saturating_sub(range.start);
        Ok(PartStream {
            number,
            offset: range.start,
            length,
            taken: 0,
            state,
        })
    }

    /// Encrypts the next bytes of the part in place.
    ///
    /// # Errors
    /// [`Error::PartLength`] if they are more than the part has left; the chunk is untouched then.
    pub fn update(&mut self, chunk: &mut [u8]) -> Result<(), Error> {
        let taken = u64::try_from(chunk.len())
            .unwrap_or(u64::MAX)
            .saturating_add(self.taken);
        if taken > self.length {
            return Err(self.wrong_length(taken));
        }
        let offset = self.offset.saturating_add(self.taken);
        match &mut self.state {
            State::Ctr(cipher) => cipher.apply(offset, chunk),
            State::GcmObject(cipher, hasher) => cipher.encrypt(offset, chunk, hasher),
            State::GcmPart(cipher, hasher) => {
                cipher.encrypt(self.number, self.taken, chunk, hasher)
            }
        }
        self.taken = taken;
        Ok(())
    }

    /// Ends the part, and gives the bytes that follow its ciphertext: for GCM part the tag, else none.
    ///
    /// # Errors
    /// [`Error::PartLength`] if bytes of the part are missing.
    pub fn finish(self) -> Result<(EncryptedPart, Vec<u8>), Error> {
        if self.taken != self.length {
            return Err(self.wrong_length(self.taken));
        }
        let (hash, trailer) = match self.state {
            State::Ctr(_) => (Partial::zero(), Vec::new()),
            State::GcmObject(_, hasher) => (hasher.finish(), Vec::new()),
            State::GcmPart(cipher, hasher) => (
                Partial::zero(),
                cipher.tag(self.number, self.length, hasher).to_vec(),
            ),
        };
        Ok((
            EncryptedPart {
                number: self.number,
                hash,
            },
            trailer,
        ))
    }

    fn wrong_length(&self, given: u64) -> Error {
        Error::PartLength {
            number: self.number,
            given,
            expected: self.length,
        }
    }
}
