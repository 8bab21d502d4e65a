//! The pieces of a program: each call is a request.

use partproof_model::Cipher;
use partproof_protocol::{
    Base64, Ciphertext, ErrorAnswer, Feature, ListedPart, PartListBody, Plaintext, Planned, Request,
};

use super::{Instead, Program};
use partproof_suite::subject::{
    Declared, Encryptor, PartEncryptor, PartListBuilder, PlannedPart, PlannedUpload, Planner,
    Refusal, Upload,
};

/// Integers of the protocol fit into 64 bits with a sign: what does not is not asked for.
fn within(number: u64) {
    if i64::try_from(number).is_err() {
        Instead::NotDeclared.raise();
    }
}

fn refusal(error: ErrorAnswer) -> Refusal {
    Refusal(error.message)
}

impl Planner for Program {
    fn plan(&self, data_size: u64, part_size: Option<u64>) -> Result<PlannedUpload<'_>, Refusal> {
        if part_size.is_none() && !self.chooses() {
            Instead::NotDeclared.raise();
        }
        within(data_size.max(part_size.unwrap_or(0)));
        let planned: Planned = self
            .ask(&Request::Plan {
                data_size,
                part_size,
            })
            .map_err(refusal)?;
        let part_size = planned.part_size;
        let parts = planned.each().map(|part| PlannedPart {
            number: part.number,
            offset: part.offset,
            length: part.length,
        });
        Ok(PlannedUpload {
            part_size,
            parts: Box::new(parts),
        })
    }

    fn chooses(&self) -> bool {
        self.can(Feature::Plans)
    }
}

impl PartListBuilder for Program {
    fn part_list(&self, parts: &[(u64, String)]) -> Result<Vec<u8>, Refusal> {
        parts.iter().for_each(|(number, _)| within(*number));
        let parts = parts.iter().map(|(number, etag)| ListedPart {
            number: *number,
            etag: etag.clone(),
        });
        let request = Request::PartList {
            parts: parts.collect(),
        };
        let answer: PartListBody = self.ask(&request).map_err(refusal)?;
        Ok(answer.body.0)
    }

    fn sorts(&self) -> bool {
        self.can(Feature::Sorts)
    }
}

/// In counter mode only: what an authenticated cipher needs beyond a part, its tag, the protocol does not carry.
impl Encryptor for Program {
    fn ciphers(&self) -> Vec<Cipher> {
        let is_ctr = |cipher: &Cipher| *cipher == Cipher::Ctr;
        self.ciphers.iter().copied().filter(is_ctr).collect()
    }

    fn checks_lengths(&self) -> bool {
        self.can(Feature::ChecksLengths)
    }

    fn declare(&self, _: &Upload) -> Result<Declared, Refusal> {
        // An envelope is written by whole clients.
        Instead::NotDeclared.raise()
    }

    fn begin(&self, upload: &Upload) -> Result<Box<dyn PartEncryptor + '_>, Refusal> {
        Ok(Box::new(Parts {
            program: self,
            upload: *upload,
        }))
    }

    fn decrypt_range(
        &self,
        upload: &Upload,
        offset: u64,
        stored: &[u8],
    ) -> Result<Vec<u8>, Refusal> {
        let answer: Plaintext = self
            .ask(&Request::DecryptRange {
                cipher: upload.cipher.cek_alg().to_owned(),
                key: Base64(upload.key.to_vec()),
                start: Base64(upload.start.to_vec()),
                offset,
                ciphertext: Base64(stored.to_vec()),
            })
            .map_err(refusal)?;
        Ok(answer.plaintext.0)
    }

    fn open(&self, upload: &Upload, parts: &[Vec<u8>]) -> Result<Vec<u8>, Refusal> {
        self.decrypt_range(upload, 0, &parts.concat())
    }
}

/// One upload's parts, each encrypted by a request of its own.
struct Parts<'p> {
    program: &'p Program,
    upload: Upload,
}

impl PartEncryptor for Parts<'_> {
    fn encrypt(&mut self, number: u64, chunks: &[&[u8]]) -> Result<Vec<u8>, Refusal> {
        let Upload {
            cipher,
            key,
            start,
            plaintext_size,
            part_size,
        } = self.upload;
        let answer: Ciphertext = self
            .program
            .ask(&Request::EncryptPart {
                cipher: cipher.cek_alg().to_owned(),
                key: Base64(key.to_vec()),
                start: Base64(start.to_vec()),
                data_size: plaintext_size,
                part_size,
                number,
                plaintext: Base64(chunks.concat()),
            })
            .map_err(refusal)?;
        Ok(answer.ciphertext.0)
    }
}
