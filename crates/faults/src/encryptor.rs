//! An encryptor taken to pieces: the built-in one, each step of which a fault can replace. The steps are functions, so a
//! faulty encryptor is the right one and a closure.

use partproof_client as client;
use partproof_model::Cipher;
use partproof_subjects::builtin::{self, Builtin};
use partproof_suite::subject::{Declared, Encryptor, PartEncryptor, Refusal, Subject, Upload};

type Bytes = Result<Vec<u8>, Refusal>;
type AtOnce = Option<Result<Vec<Vec<u8>>, Refusal>>;

/// Bytes to append to parts, by number.
pub(crate) type Appended = Vec<(u64, Vec<u8>)>;

/// An encryptor with a function for each step.
pub(crate) struct Encrypting {
    pub(crate) ciphers: fn() -> Vec<Cipher>,
    /// The upload as everything but `declare` takes it.
    pub(crate) taken_as: fn(&Upload) -> Upload,
    pub(crate) declare: fn(&Upload) -> Result<Declared, Refusal>,
    pub(crate) encrypt: fn(&mut Session<'_>, u64, &[&[u8]]) -> Bytes,
    pub(crate) finish: fn(&mut Session<'_>) -> Result<Appended, Refusal>,
    pub(crate) at_once: fn(&Upload, &[u8]) -> AtOnce,
    pub(crate) decrypt_range: fn(&Upload, u64, &[u8]) -> Bytes,
    pub(crate) open: fn(&Upload, &[Vec<u8>]) -> Bytes,
}

/// The built-in encryptor.
pub(crate) const RIGHT: Encrypting = Encrypting {
    ciphers: || Cipher::ALL.to_vec(),
    taken_as: |upload| *upload,
    declare: |upload| Builtin.declare(upload),
    encrypt: |session, number, chunks| session.right.encrypt(number, chunks),
    finish: |session| session.right.finish(),
    // A fault in one step is not hidden, nor shown, by a call that does without it.
    at_once: |_, _| None,
    decrypt_range: |upload, offset, stored| Builtin.decrypt_range(upload, offset, stored),
    open: |upload, parts| Encryptor::open(&Builtin, upload, parts),
};

/// One upload, and what a faulty step may remember of it.
pub(crate) struct Session<'a> {
    pub(crate) upload: Upload,
    pub(crate) right: Box<dyn PartEncryptor + 'a>,
    /// The parts so far, as they came.
    pub(crate) history: Vec<(u64, Vec<u8>)>,
    steps: &'a Encrypting,
}

impl Encryptor for Encrypting {
    fn ciphers(&self) -> Vec<Cipher> {
        (self.ciphers)()
    }

    fn declare(&self, upload: &Upload) -> Result<Declared, Refusal> {
        (self.declare)(upload)
    }

    fn begin(&self, upload: &Upload) -> Result<Box<dyn PartEncryptor + '_>, Refusal> {
        let upload = (self.taken_as)(upload);
        Ok(Box::new(Session {
            upload,
            right: Builtin.begin(&upload)?,
            history: Vec::new(),
            steps: self,
        }))
    }

    fn encrypt_object(&self, upload: &Upload, plaintext: &[u8]) -> AtOnce {
        (self.at_once)(upload, plaintext)
    }

    fn decrypt_range(
        &self,
        upload: &Upload,
        offset: u64,
        stored: &[u8],
    ) -> Result<Vec<u8>, Refusal> {
        (self.decrypt_range)(&(self.taken_as)(upload), offset, stored)
    }

    fn open(&self, upload: &Upload, parts: &[Vec<u8>]) -> Result<Vec<u8>, Refusal> {
        (self.open)(&(self.taken_as)(upload), parts)
    }
}

impl PartEncryptor for Session<'_> {
    fn encrypt(&mut self, number: u64, chunks: &[&[u8]]) -> Result<Vec<u8>, Refusal> {
        let encrypted = (self.steps.encrypt)(self, number, chunks)?;
        self.history.push((number, chunks.concat()));
        Ok(encrypted)
    }

    fn finish(&mut self) -> Result<Appended, Refusal> {
        (self.steps.finish)(self)
    }
}

impl Session<'_> {
    /// The part as it must be or, in counter mode, with `counter(start, block)` for its first block, where the block is
    /// the part's place in the object.
    pub(crate) fn counted(
        &mut self,
        number: u64,
        chunks: &[&[u8]],
        counter: impl FnOnce(u128, u64) -> u128,
    ) -> Result<Vec<u8>, Refusal> {
        let right = self.right.encrypt(number, chunks)?;
        if self.upload.cipher != Cipher::Ctr {
            return Ok(right);
        }
        let block = (number - 1) * self.upload.part_size / 16;
        let first = counter(u128::from_be_bytes(self.upload.start), block);
        keystream(&self.upload, first, 0, &chunks.concat())
    }
}

/// Bytes under the keystream whose first block has the counter `first`, from its byte `offset` on.
pub(crate) fn keystream(
    upload: &Upload,
    first: u128,
    offset: u64,
    bytes: &[u8],
) -> Result<Vec<u8>, Refusal> {
    let key = client::ContentKey::new(upload.key, first.to_be_bytes());
    let mut bytes = bytes.to_vec();
    client::apply_keystream(&key, offset, &mut bytes).map_err(Refusal::from_error)?;
    Ok(bytes)
}

/// The built-in client with this encryptor.
pub(crate) fn subject(encryptor: &'static Encrypting) -> Subject<'static> {
    Subject {
        encryptor: Some(encryptor),
        ..builtin::subject()
    }
}
