//! An encrypted object to read: whole, by range, in parallel. It is looked at once, and every later request demands the same version
//! of it, so that two are never mixed. Nothing is given out, under any name, that was not checked as far as its cipher allows.

use std::fmt;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, PoisonError};

use tempfile::NamedTempFile;

use crate::bucket::{Bucket, Head};
use crate::byte_range::ByteRange;
use crate::checkpoint::folder_of;
use crate::checksum::Crc64;
use crate::cipher::Cipher;
use crate::content_key::ContentKey;
use crate::crew::{Crew, default_concurrency};
use crate::decrypt::{Decryptor, Opened, Unauthenticated};
use crate::envelope::Envelope;
use crate::error::Error;
use crate::layout::{Layout, TAG_SIZE};
use crate::master_key::MasterKey;
use crate::part_transfer::{check_crc64, size};
use crate::progress::{Meter, OnProgress};
use crate::retry::Retry;
use crate::wrapped_envelope::PART_SIZE;

/// How to download.
#[derive(Clone)]
pub struct DownloadOptions<'o> {
    /// Requests at a time, as many as processors and at least four by default. Memory is this number times 8 MiB, more only above 80 GB; of GCM part
    /// times the part size that was declared.
    pub concurrency: NonZeroUsize,
    /// How often a request is sent.
    pub retry: Retry,
    /// Who is told how far it is. A range counts its own bytes.
    pub progress: Option<OnProgress<'o>>,
    /// Set it to stop: no further request is begun, and the download fails with [`Error::Cancelled`].
    pub cancel: Option<&'o AtomicBool>,
}

impl Default for DownloadOptions<'_> {
    fn default() -> Self {
        DownloadOptions {
            concurrency: default_concurrency(),
            retry: Retry::default(),
            progress: None,
            cancel: None,
        }
    }
}

impl fmt::Debug for DownloadOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DownloadOptions")
            .field("concurrency", &self.concurrency)
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}

/// One version of an object, its envelope opened.
pub struct EncryptedObject<'o> {
    bucket: &'o Bucket,
    object: &'o str,
    options: DownloadOptions<'o>,
    head: Head,
    cipher: Cipher,
    content: Content,
}

/// What there is to decrypt.
enum Content {
    /// A plaintext of no bytes, which counter mode has no layout for.
    Nothing,
    /// In the parts that are requested, which are the writer's only where each is sealed by itself.
    Parts(Box<Decryptor>),
}

impl<'o> EncryptedObject<'o> {
    /// Looks at an object, and opens its envelope.
    ///
    /// # Errors
    /// Those of [`Bucket::head`] and [`Envelope::open`]: an object without an envelope, or with half of one, is refused.
    /// [`Error::Answer`] if the object is not as long as its envelope declares; those of [`Layout::from_declared`].
    pub fn open(
        bucket: &'o Bucket,
        object: &'o str,
        master: &MasterKey,
        options: DownloadOptions<'o>,
    ) -> Result<Self, Error> {
        let head = options.retry.run(options.cancel, || bucket.head(object))?;
        let headers = head.headers.iter();
        let envelope = Envelope::open(
            master,
            headers.map(|(name, value)| (name.as_str(), value.as_str())),
        )?;
        if let Some(declared) = envelope.data_size.filter(|size| *size != head.length) {
            return Err(Error::Answer {
                operation: "HeadObject",
                given: format!("{} bytes", head.length),
                expected: format!("{declared} bytes, as the envelope declares"),
            });
        }
        Ok(EncryptedObject {
            content: Content::new(&envelope, head.length)?,
            cipher: envelope.cipher,
            bucket,
            object,
            options,
            head,
        })
    }

    /// What the service said of the object.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The content cipher.
    pub fn cipher(&self) -> Cipher {
        self.cipher
    }

    /// Bytes of the plaintext.
    pub fn plaintext_size(&self) -> u64 {
        match &self.content {
            Content::Nothing => 0,
            Content::Parts(decryptor) => decryptor.layout().plaintext_size(),
        }
    }

    /// Reads the whole object into memory.
    ///
    /// # Errors
    /// Those of [`Bucket::get`]; [`Error::Corrupt`] if the service's checksum is another; [`Error::PartNotAuthentic`],
    /// [`Error::ObjectNotAuthentic`]; [`Error::Unaddressable`].
    pub fn read(&self) -> Result<Vec<u8>, Error> {
        let plaintext = Mutex::new(zeros(self.plaintext_size())?);
        self.transfer(|offset, bytes| place(&plaintext, offset, bytes))?;
        Ok(plaintext
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the whole object into a file, in parallel. The file gets its name when all is there and checked, and until then stands
    /// under another in the same folder; it is readable by its owner only.
    ///
    /// # Errors
    /// As [`EncryptedObject::read`], and [`Error::File`]. What `path` named before is left as it was.
    pub fn read_to_file(&self, path: &Path) -> Result<(), Error> {
        let unusable = |error: std::io::Error| Error::File {
            what: "destination",
            reason: error.to_string(),
        };
        let file = NamedTempFile::new_in(folder_of(path)).map_err(unusable)?;
        self.transfer(|offset, bytes| {
            file.as_file().write_all_at(bytes, offset).map_err(unusable)
        })?;
        let persisted = file.persist(path).map_err(|error| error.error);
        persisted.map(drop).map_err(unusable)
    }

    /// Reads a range of the plaintext, in parallel if it is long.
    ///
    /// In counter mode the request begins at the block that holds the first byte. Of GCM part whole parts are read and opened. Nothing
    /// vouches for a range of a GCM object: see [`EncryptedObject::read_range_unauthenticated`].
    ///
    /// # Errors
    /// [`Error::RangeNotSatisfiable`], and nothing is requested; [`Error::WrongCipher`]; as [`EncryptedObject::read`].
    pub fn read_range(&self, range: ByteRange) -> Result<Vec<u8>, Error> {
        if self.cipher == Cipher::GcmObject {
            return Err(Error::WrongCipher {
                operation: "read_range",
                given: self.cipher,
                expected: Cipher::Ctr,
            });
        }
        self.range(range)
    }

    /// GCM object: reads a range of the plaintext, for which nothing vouches.
    ///
    /// # Errors
    /// As [`EncryptedObject::read_range`].
    pub fn read_range_unauthenticated(&self, range: ByteRange) -> Result<Unauthenticated, Error> {
        if self.cipher != Cipher::GcmObject {
            return Err(Error::WrongCipher {
                operation: "read_range_unauthenticated",
                given: self.cipher,
                expected: Cipher::GcmObject,
            });
        }
        self.range(range).map(Unauthenticated::new)
    }

    /// Fetches and opens every part, gives its plaintext to `write`, and then checks the whole.
    fn transfer(
        &self,
        write: impl Fn(u64, &[u8]) -> Result<(), Error> + Sync,
    ) -> Result<(), Error> {
        let Content::Parts(decryptor) = &self.content else {
            return Ok(());
        };
        let layout = decryptor.layout();
        let meter = Meter::new(self.options.progress, layout.data_size());
        let numbers: Vec<_> = (1..=layout.part_count()).collect();
        let mut parts = self.crew().each(&numbers, |number, buffer| {
            let wire = layout.wire_of(number).expect("a part of the layout");
            let data = layout.plaintext_of(number).expect("a part of the layout");
            let length = wire.end.saturating_sub(wire.start);
            self.fetch(wire, buffer)?;
            let crc64 = Crc64::of(buffer);
            let opened = decryptor.open_unchecked(number, buffer)?;
            write(data.start, buffer)?;
            meter.add(length);
            Ok((opened, crc64))
        })?;
        parts.sort_unstable_by_key(|(opened, _)| opened.number);
        let (opened, checksums): (Vec<Opened>, Vec<Crc64>) = parts.into_iter().unzip();
        let crc64 = checksums.into_iter().fold(Crc64::default(), Crc64::then);
        check_crc64("GetObject", self.head.crc64, crc64)?;
        decryptor.check_object(&opened)
    }

    fn range(&self, range: ByteRange) -> Result<Vec<u8>, Error> {
        let wanted = range.resolve(self.plaintext_size())?;
        let length = wanted.end.saturating_sub(wanted.start);
        let plaintext = Mutex::new(zeros(length)?);
        let Content::Parts(decryptor) = &self.content else {
            return Ok(Vec::new());
        };
        let layout = decryptor.layout();
        let meter = Meter::new(self.options.progress, length);
        let within = |number: &u32| {
            let data = layout.plaintext_of(*number).unwrap_or_default();
            data.start < wanted.end && wanted.start < data.end
        };
        let numbers: Vec<_> = (1..=layout.part_count()).filter(within).collect();
        self.crew().each(&numbers, |number, buffer| {
            let data = layout.plaintext_of(number).expect("a part of the layout");
            let (start, end) = (data.start.max(wanted.start), data.end.min(wanted.end));
            // The plaintext offset of the first byte that is read.
            let first = match layout.cipher() {
                Cipher::GcmPart => {
                    self.fetch(
                        layout.wire_of(number).expect("a part of the layout"),
                        buffer,
                    )?;
                    decryptor.open_part(number, buffer)?;
                    data.start
                }
                // Elsewhere plaintext and wire coincide, and a block is read from its beginning.
                Cipher::Ctr | Cipher::GcmObject => {
                    let first = start & !15;
                    self.fetch(first..end, buffer)?;
                    decryptor.apply_keystream(first, buffer)?;
                    first
                }
            };
            let (from, to) = (start.saturating_sub(first), end.saturating_sub(first));
            let bytes = buffer.get(size(from)?..size(to)?);
            let bytes = bytes.expect("the range that was fetched holds what is wanted of it");
            place(&plaintext, start.saturating_sub(wanted.start), bytes)?;
            meter.add(end.saturating_sub(start));
            Ok(())
        })?;
        Ok(plaintext
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner))
    }

    fn fetch(&self, wire: Range<u64>, buffer: &mut Vec<u8>) -> Result<(), Error> {
        let (bucket, object, head) = (self.bucket, self.object, &self.head);
        self.options.retry.run(self.options.cancel, || {
            bucket.get(object, &head.etag, head.length, wire.clone(), buffer)
        })
    }

    fn crew(&self) -> Crew<'_> {
        Crew {
            size: self.options.concurrency,
            cancel: self.options.cancel,
        }
    }
}

impl Content {
    fn new(envelope: &Envelope, length: u64) -> Result<Self, Error> {
        let key: &ContentKey = &envelope.content_key;
        // What a plan declares must be possible, even where another division of the object is requested.
        let declared = match envelope.part_size {
            Some(part_size) if length > 0 => {
                Some(Layout::from_declared(envelope.cipher, length, part_size)?)
            }
            _ => None,
        };
        let layout = match envelope.cipher {
            Cipher::Ctr if length == 0 => return Ok(Content::Nothing),
            Cipher::Ctr => Layout::automatic(Cipher::Ctr, length)?,
            Cipher::GcmObject => {
                let plaintext = length.checked_sub(TAG_SIZE).ok_or(Error::ObjectLength {
                    given: length,
                    expected: TAG_SIZE,
                })?;
                Layout::automatic(Cipher::GcmObject, plaintext)?
            }
            Cipher::GcmPart => declared.ok_or(Error::HeaderMissing { name: PART_SIZE })?,
        };
        Ok(Content::Parts(Box::new(Decryptor::new(key, layout)?)))
    }
}

/// Memory for plaintext, whose size the other side declared.
fn zeros(length: u64) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let capacity = size(length)?;
    bytes
        .try_reserve_exact(capacity)
        .map_err(|_| Error::Unaddressable { size: length })?;
    bytes.resize(capacity, 0);
    Ok(bytes)
}

fn place(plaintext: &Mutex<Vec<u8>>, offset: u64, bytes: &[u8]) -> Result<(), Error> {
    let mut plaintext = plaintext.lock().unwrap_or_else(PoisonError::into_inner);
    let start = size(offset)?;
    let slot = plaintext.get_mut(start..start.saturating_add(bytes.len()));
    slot.expect("parts lie within the plaintext")
        .copy_from_slice(bytes);
    Ok(())
}
