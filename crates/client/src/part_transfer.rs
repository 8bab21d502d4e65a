//! The parts of one open upload on their way to the service. A part is read and encrypted once and its ciphertext kept until it is
//! stored: a retry sends the same bytes, whatever becomes of the source meanwhile (faults D01, B15).

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use crate::answers::StoredPart;
use crate::bucket::{Bucket, COMPLETE, Stored};
use crate::checksum::{Crc64, etag_of, multipart_etag, same_etag};
use crate::crew::Crew;
use crate::encrypt::{EncryptedPart, Encryptor, TagBytes};
use crate::error::Error;
use crate::part_list::PartList;
use crate::progress::Meter;
use crate::retry::Retry;
use crate::source::{self, Source};
use crate::upload::Uploaded;

/// The parts of one open upload.
pub(crate) struct PartTransfer<'t, S: ?Sized> {
    pub(crate) bucket: &'t Bucket,
    pub(crate) object: &'t str,
    pub(crate) upload_id: &'t str,
    /// What each part repeats of the envelope.
    pub(crate) headers: &'t [(String, String)],
    pub(crate) source: &'t S,
    pub(crate) encryptor: Encryptor,
    /// What the service has already.
    pub(crate) stored: &'t BTreeMap<u32, StoredPart>,
    pub(crate) is_source_known: bool,
    pub(crate) retry: Retry,
    pub(crate) cancel: Option<&'t AtomicBool>,
    pub(crate) meter: Meter<'t>,
}

/// A part that the service has.
pub(crate) struct SentPart {
    number: u32,
    etag: String,
    crc64: Crc64,
}

impl<S: Source + ?Sized> PartTransfer<'_, S> {
    /// Sends every part, those that carry the object's tag last, because it is known only when all others are encrypted. Returns them
    /// in part-number order.
    pub(crate) fn send_all(&self, crew: Crew<'_>) -> Result<Vec<SentPart>, Error> {
        let layout = self.encryptor.layout();
        let has_tag = |number: &u32| layout.tag_of(*number).is_some_and(|tag| !tag.is_empty());
        let (tagged, plain): (Vec<_>, Vec<_>) = (1..=layout.part_count()).partition(has_tag);
        // What the service has is compared first: where nothing else vouches for the source, a wrong one must not have sent anything,
        // since under one content key two plaintexts give each other away (fault D16).
        let has_part = |number: &u32| self.stored.contains_key(number);
        let (old, new): (Vec<_>, Vec<_>) = plain.into_iter().partition(has_part);
        let (mut sent, mut encrypted) = (Vec::new(), Vec::new());
        for numbers in [old, new] {
            let done = crew.each(&numbers, |number, body| {
                let encrypted = self.encrypt(number, body)?;
                Ok((self.send(number, body)?, encrypted))
            })?;
            for (part, hash) in done {
                sent.push(part);
                encrypted.push(hash);
            }
        }

        let mut bodies = BTreeMap::new();
        for number in tagged {
            let mut body = Vec::new();
            encrypted.push(self.encrypt(number, &mut body)?);
            bodies.insert(number, body);
        }
        for TagBytes { number, bytes } in self.encryptor.finish(&encrypted)? {
            bodies.entry(number).or_default().extend(bytes);
        }
        for (number, body) in &bodies {
            sent.push(self.send(*number, body)?);
        }
        sent.sort_unstable_by_key(|part| part.number);
        Ok(sent)
    }

    /// Completes the upload. If its answer is lost, a second attempt finds no upload: then the object itself is looked at.
    pub(crate) fn complete(&self, sent: &[SentPart]) -> Result<Uploaded, Error> {
        let layout = self.encryptor.layout();
        let mut list = PartList::new(layout.part_count())?;
        for part in sent {
            list.add(part.number, &part.etag)?;
        }
        let crc64 = sent
            .iter()
            .map(|part| part.crc64)
            .fold(Crc64::default(), Crc64::then);
        let expected = multipart_etag(sent.iter().map(|part| part.etag.as_str()));
        let attempt = || self.bucket.complete(self.object, self.upload_id, &list);
        let stored = match self.retry.run(self.cancel, attempt) {
            Ok((completed, crc64)) => Stored {
                etag: completed.etag,
                crc64,
            },
            Err(error) if error.is_retryable() || error.code() == Some("NoSuchUpload") => {
                let head = || self.bucket.head(self.object);
                let Ok(head) = self.retry.run(None, head) else {
                    return Err(error);
                };
                let is_ours = match head.crc64 {
                    Some(theirs) => theirs == crc64.value,
                    None => same_etag(&head.etag, &expected),
                };
                if !is_ours || head.length != layout.data_size() {
                    return Err(error);
                }
                Stored {
                    etag: head.etag,
                    crc64: head.crc64,
                }
            }
            Err(error) => return Err(error),
        };
        check_crc64(COMPLETE, stored.crc64, crc64)?;
        Ok(Uploaded {
            etag: stored.etag,
            data_size: layout.data_size(),
            part_count: layout.part_count(),
            crc64: crc64.value,
        })
    }

    /// Fills `body` with the part's ciphertext, without what the object's tag adds to it.
    fn encrypt(&self, number: u32, body: &mut Vec<u8>) -> Result<EncryptedPart, Error> {
        let layout = self.encryptor.layout();
        let range = layout.plaintext_of(number).expect("a part of the layout");
        let (length, wire) = (
            size(range.end.saturating_sub(range.start))?,
            size(layout.length_of(number).expect("a part of the layout"))?,
        );
        // What is left of the part before is overwritten: to clear it first took a tenth of the client's time.
        body.truncate(length);
        body.try_reserve_exact(wire.saturating_sub(body.len()))
            .map_err(|_| Error::Unaddressable {
                size: layout.part_size(),
            })?;
        body.resize(length, 0);
        source::read(self.source, range.start, body)?;
        self.encryptor.encrypt_in_place(number, body)
    }

    /// Sends a part, or keeps the one that the service has if it is the same.
    fn send(&self, number: u32, body: &[u8]) -> Result<SentPart, Error> {
        let crc64 = Crc64::of(body);
        let length = u64::try_from(body.len()).unwrap_or(u64::MAX);
        let kept = match self.stored.get(&number) {
            Some(part) if part.size == length && same_etag(&part.etag, &etag_of(body)) => {
                Some(part.etag.clone())
            }
            Some(_) if !self.is_source_known => {
                return Err(Error::StoredPartDiffers { number });
            }
            _ => None,
        };
        let etag = match kept {
            Some(etag) => etag,
            None => self.put(number, body, crc64)?,
        };
        self.meter.add(length);
        Ok(SentPart {
            number,
            etag,
            crc64,
        })
    }

    /// Puts a part. After a connection was lost, the next attempt asks before it sends the body: a service that refuses at once and
    /// hangs up looks like a lost connection, and its refusal is seen only by who is not sending.
    fn put(&self, number: u32, body: &[u8], crc64: Crc64) -> Result<String, Error> {
        let mut headers = self.headers.to_vec();
        self.retry.run(self.cancel, || {
            let outcome = self.attempt(number, &headers, body, crc64);
            if matches!(outcome, Err(Error::Transport { .. })) && !headers.ends_with(&[ask_first()])
            {
                headers.push(ask_first());
            }
            outcome
        })
    }

    /// What was stored is compared by CRC-64, or by MD5, which is slower, if the answer has no other.
    fn attempt(
        &self,
        number: u32,
        headers: &[(String, String)],
        body: &[u8],
        crc64: Crc64,
    ) -> Result<String, Error> {
        let (bucket, object, upload_id) = (self.bucket, self.object, self.upload_id);
        let stored = bucket.upload_part(object, upload_id, number, headers, body)?;
        if stored.crc64.is_some() {
            check_crc64("UploadPart", stored.crc64, crc64)?;
        } else {
            let ours = etag_of(body);
            if !same_etag(&stored.etag, &ours) {
                return Err(Error::Corrupt {
                    operation: "UploadPart",
                    checksum: "ETag",
                    theirs: stored.etag,
                    ours,
                });
            }
        }
        Ok(stored.etag)
    }
}

/// The header of a request that waits for the service's word before it sends its body.
fn ask_first() -> (String, String) {
    ("expect".to_owned(), "100-continue".to_owned())
}

/// Compares the service's CRC-64, if it says one.
pub(crate) fn check_crc64(
    operation: &'static str,
    theirs: Option<u64>,
    ours: Crc64,
) -> Result<(), Error> {
    match theirs {
        Some(theirs) if theirs != ours.value => Err(Error::Corrupt {
            operation,
            checksum: "CRC-64",
            theirs: theirs.to_string(),
            ours: ours.value.to_string(),
        }),
        _ => Ok(()),
    }
}

pub(crate) fn size(size: u64) -> Result<usize, Error> {
    usize::try_from(size).map_err(|_| Error::Unaddressable { size })
}
