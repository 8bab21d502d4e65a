//! Where plaintext comes from: something of a known length that several threads can read at any offset. A shared file position is how
//! parts get each other's bytes (fault D10), so there is none.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::time::SystemTime;

use aws_lc_rs::hmac;

use crate::content_key::ContentKey;
use crate::error::Error;

/// Plaintext to upload: a file, bytes in memory, or anything else that can be read at an offset.
pub trait Source: Sync {
    /// What it is like now.
    ///
    /// # Errors
    /// Those of the system, and for something without a length, such as a pipe.
    fn state(&self) -> io::Result<SourceState>;

    /// Fills the buffer with the bytes from `offset` on.
    ///
    /// # Errors
    /// Those of the system; [`io::ErrorKind::UnexpectedEof`] if there are not as many.
    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()>;
}

/// What shows that a source was changed while it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceState {
    /// Bytes.
    pub length: u64,
    /// When it was modified last, if it has such a time.
    pub modified: Option<SystemTime>,
}

impl Source for File {
    fn state(&self) -> io::Result<SourceState> {
        let metadata = self.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::other("not a regular file, so it has no length"));
        }
        Ok(SourceState {
            length: metadata.len(),
            modified: metadata.modified().ok(),
        })
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        FileExt::read_exact_at(self, buffer, offset)
    }
}

impl Source for [u8] {
    fn state(&self) -> io::Result<SourceState> {
        Ok(SourceState {
            length: u64::try_from(self.len()).map_err(io::Error::other)?,
            modified: None,
        })
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let start = usize::try_from(offset).ok();
        let bytes = start.and_then(|start| self.get(start..start.checked_add(buffer.len())?));
        buffer.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
}

/// The source's state as it must still be when the upload completes.
pub(crate) fn state<S: Source + ?Sized>(source: &S) -> Result<SourceState, Error> {
    source.state().map_err(|error| unreadable(&error))
}

/// Reads bytes that the source had when the upload began.
pub(crate) fn read<S: Source + ?Sized>(
    source: &S,
    offset: u64,
    buffer: &mut [u8],
) -> Result<(), Error> {
    source
        .read_exact_at(offset, buffer)
        .map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => Error::SourceChanged {
                what: format!("it ends before byte {}", end(offset, buffer)),
            },
            _ => unreadable(&error),
        })
}

/// A digest of the whole source, keyed so that it tells nothing to those who have not the content key: a plain hash in a checkpoint
/// would confirm a guess at the content (fault E18).
pub(crate) fn digest<S: Source + ?Sized>(
    source: &S,
    length: u64,
    key: &ContentKey,
) -> Result<Vec<u8>, Error> {
    let master = hmac::Key::new(hmac::HMAC_SHA256, key.expose_key());
    let derived = hmac::sign(&master, b"partproof source digest 1");
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref()));
    let mut buffer = vec![0; 1 << 20];
    let mut offset = 0;
    while offset < length {
        let left = usize::try_from(length.saturating_sub(offset)).unwrap_or(usize::MAX);
        let most = buffer.len().min(left);
        let chunk = buffer.split_at_mut(most).0;
        read(source, offset, chunk)?;
        context.update(chunk);
        offset = end(offset, chunk);
    }
    Ok(context.sign().as_ref().to_vec())
}

fn end(offset: u64, bytes: &[u8]) -> u64 {
    offset.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX))
}

fn unreadable(error: &io::Error) -> Error {
    Error::File {
        what: "source",
        reason: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_read_exactly() {
        let bytes: &[u8] = b"0123456789";
        let mut buffer = [0; 4];
        read(bytes, 6, &mut buffer).unwrap();
        assert_eq!(&buffer, b"6789");
        for offset in [7, 11, u64::MAX] {
            let outcome = read(bytes, offset, &mut buffer);
            assert!(
                matches!(outcome, Err(Error::SourceChanged { .. })),
                "{offset}"
            );
        }
        let folder = File::open(std::env::temp_dir()).unwrap();
        assert!(matches!(state(&folder), Err(Error::File { .. })));
    }

    #[test]
    fn the_digest_needs_the_key_and_every_byte() {
        let bytes = vec![7; (1 << 20) + 5];
        let digest = |bytes: &[u8], key: u8| {
            let key = ContentKey::new([key; 32], [0; 16]);
            let length = u64::try_from(bytes.len()).unwrap();
            digest(bytes, length, &key).unwrap()
        };
        let mut other = bytes.clone();
        *other.last_mut().unwrap() ^= 1;
        assert_eq!(digest(&bytes, 1), digest(&bytes, 1));
        assert_ne!(digest(&bytes, 1), digest(&other, 1));
        assert_ne!(digest(&bytes, 1), digest(&bytes, 2));
    }
}
