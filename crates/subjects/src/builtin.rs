//! The built-in client behind the subject's traits: what `partproof check` judges when it is told nothing else, and an
//! example of how to put an implementation behind them.

mod adapter;
mod whole;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use partproof_client as client;
use partproof_client::answers;
use partproof_model::Cipher;
use partproof_model::key_wrap::WrapAlg;

use partproof_suite::subject::{
    AnswerReader, Completed, Declared, Encryptor, EnvelopeCodec, Initiated, MasterKeyPem,
    PartEncryptor, PartListBuilder, PartListReader, PartPage, PlainEnvelope, PlannedPart,
    PlannedUpload, Planner, Refusal, ServiceError, StoredPart, Subject, Upload, WrappedEnvelope,
};

pub use adapter::serve;

/// The built-in client.
#[derive(Clone, Copy, Debug, Default)]
pub struct Builtin;

/// The built-in client as a subject: all pieces, and the whole.
pub fn subject() -> Subject<'static> {
    Subject {
        name: "built-in client",
        planner: Some(&Builtin),
        part_list_builder: Some(&Builtin),
        part_list_reader: Some(&Builtin),
        encryptor: Some(&Builtin),
        envelope_codec: Some(&Builtin),
        answer_reader: Some(&Builtin),
        client: Some(&Builtin),
        own: None,
        program: None,
    }
}

impl Planner for Builtin {
    fn plan(&self, data_size: u64, part_size: Option<u64>) -> Result<PlannedUpload<'_>, Refusal> {
        let plan = match part_size {
            Some(part_size) => client::Plan::explicit(data_size, part_size),
            None => client::Plan::automatic(data_size),
        }
        .map_err(Refusal::from_error)?;
        Ok(PlannedUpload {
            part_size: plan.part_size(),
            parts: Box::new(BuiltinParts(plan.parts())),
        })
    }
}

/// The parts of a plan. Any of them is made without those before it.
struct BuiltinParts(client::Parts);

impl Iterator for BuiltinParts {
    type Item = PlannedPart;

    fn next(&mut self) -> Option<PlannedPart> {
        self.nth(0)
    }

    fn nth(&mut self, n: usize) -> Option<PlannedPart> {
        self.0.nth(n).map(|part| PlannedPart {
            number: part.number.into(),
            offset: part.offset,
            length: part.length,
        })
    }
}

impl PartListBuilder for Builtin {
    fn part_list(&self, parts: &[(u64, String)]) -> Result<Vec<u8>, Refusal> {
        let count = u32::try_from(parts.len()).map_err(Refusal::from_error)?;
        let mut list = client::PartList::new(count).map_err(Refusal::from_error)?;
        for (number, etag) in parts {
            list.add(part_number(*number)?, etag)
                .map_err(Refusal::from_error)?;
        }
        list.to_xml().map_err(Refusal::from_error)
    }
}

impl PartListReader for Builtin {
    fn read_part_list(&self, body: &[u8]) -> Result<Vec<(u64, String)>, Refusal> {
        let parts = client::PartList::read(body).map_err(Refusal::from_error)?;
        Ok(parts
            .into_iter()
            .map(|(number, etag)| (number.into(), etag))
            .collect())
    }
}

impl Encryptor for Builtin {
    fn ciphers(&self) -> Vec<Cipher> {
        Cipher::ALL.to_vec()
    }

    fn declare(&self, upload: &Upload) -> Result<Declared, Refusal> {
        let layout = layout(upload)?;
        Ok(Declared {
            data_size: layout.data_size(),
            part_size: layout.part_size(),
            part_count: layout.part_count().into(),
        })
    }

    fn begin(&self, upload: &Upload) -> Result<Box<dyn PartEncryptor + '_>, Refusal> {
        let key = client::ContentKey::new(upload.key, upload.start);
        let encryptor =
            client::Encryptor::new(&key, layout(upload)?).map_err(Refusal::from_error)?;
        Ok(Box::new(BuiltinUpload {
            encryptor,
            encrypted: BTreeMap::new(),
        }))
    }

    fn encrypt_object(
        &self,
        upload: &Upload,
        plaintext: &[u8],
    ) -> Option<Result<Vec<Vec<u8>>, Refusal>> {
        let key = client::ContentKey::new(upload.key, upload.start);
        let encrypt = |layout| client::Encryptor::new(&key, layout)?.encrypt_object(plaintext);
        Some(layout(upload).and_then(|layout| encrypt(layout).map_err(Refusal::from_error)))
    }

    fn decrypt_range(
        &self,
        upload: &Upload,
        offset: u64,
        stored: &[u8],
    ) -> Result<Vec<u8>, Refusal> {
        let mut bytes = stored.to_vec();
        // There are two ways, with and without the sizes: both are judged.
        if stored.len().is_multiple_of(2) {
            decryptor(upload)?.decrypt_range(offset, &mut bytes)
        } else {
            let key = client::ContentKey::new(upload.key, upload.start);
            client::apply_keystream(&key, offset, &mut bytes)
        }
        .map_err(Refusal::from_error)?;
        Ok(bytes)
    }

    fn open(&self, upload: &Upload, parts: &[Vec<u8>]) -> Result<Vec<u8>, Refusal> {
        let decryptor = decryptor(upload)?;
        // Parts that are sealed by themselves can be opened by themselves: an odd number of them is.
        if upload.cipher != Cipher::GcmPart || parts.len().is_multiple_of(2) {
            return decryptor.open_object(parts).map_err(Refusal::from_error);
        }
        let count =
            usize::try_from(decryptor.layout().part_count()).map_err(Refusal::from_error)?;
        if parts.len() != count {
            return Err(Refusal(format!("{} parts, expected {count}", parts.len())));
        }
        let mut plaintext = Vec::new();
        for (number, part) in (1..).zip(parts) {
            let mut part = part.clone();
            decryptor
                .open_part(number, &mut part)
                .map_err(Refusal::from_error)?;
            plaintext.extend(part);
        }
        Ok(plaintext)
    }
}

/// One upload of the built-in client.
struct BuiltinUpload {
    encryptor: client::Encryptor,
    /// What the object's tag needs of each part; a part that is encrypted again counts once.
    encrypted: BTreeMap<u32, client::EncryptedPart>,
}

impl PartEncryptor for BuiltinUpload {
    /// One chunk goes through the call for whole bodies, several through the stream: both are judged.
    fn encrypt(&mut self, number: u64, chunks: &[&[u8]]) -> Result<Vec<u8>, Refusal> {
        let number = part_number(number)?;
        let mut body = chunks.concat();
        let encrypted = if chunks.len() == 1 {
            self.encryptor
                .encrypt_in_place(number, &mut body)
                .map_err(Refusal::from_error)?
        } else {
            let mut stream = self.encryptor.stream(number).map_err(Refusal::from_error)?;
            let mut rest = body.as_mut_slice();
            for chunk in chunks {
                let (chunk, after) = rest.split_at_mut(chunk.len());
                stream.update(chunk).map_err(Refusal::from_error)?;
                rest = after;
            }
            let (encrypted, trailer) = stream.finish().map_err(Refusal::from_error)?;
            body.extend(trailer);
            encrypted
        };
        self.encrypted.insert(number, encrypted);
        Ok(body)
    }

    fn finish(&mut self) -> Result<Vec<(u64, Vec<u8>)>, Refusal> {
        let encrypted: Vec<_> = self.encrypted.values().cloned().collect();
        let tags = self
            .encryptor
            .finish(&encrypted)
            .map_err(Refusal::from_error)?;
        Ok(tags
            .into_iter()
            .map(|tag| (tag.number.into(), tag.bytes))
            .collect())
    }
}

/// The master key in this PEM text. Whoever has one reads it once: it takes milliseconds.
fn master_key(pem: &str) -> Result<client::MasterKey, client::Error> {
    static READ: Mutex<BTreeMap<String, client::MasterKey>> = Mutex::new(BTreeMap::new());
    const MOST: usize = 8;
    let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(master) = read.get(pem) {
        return Ok(master.clone());
    }
    let master = client::MasterKey::from_pem(pem)?;
    if read.len() == MOST {
        read.clear();
    }
    read.insert(pem.to_owned(), master.clone());
    Ok(master)
}

impl EnvelopeCodec for Builtin {
    fn ciphers(&self) -> Vec<Cipher> {
        Cipher::ALL.to_vec()
    }

    fn wrap_algs(&self) -> Vec<WrapAlg> {
        WrapAlg::ALL.to_vec()
    }

    fn seal(
        &self,
        master: &MasterKeyPem,
        envelope: &PlainEnvelope,
    ) -> Result<Vec<(String, String)>, Refusal> {
        let description = envelope.description.iter().cloned().collect();
        let master = master_key(master.public)
            .map_err(Refusal::from_error)?
            .with_description(description);
        let key = client::ContentKey::new(envelope.key, envelope.start);
        let cipher = builtin_cipher(envelope.cipher);
        let layout = envelope
            .sizes
            .map(|(data_size, part_size)| {
                client::Layout::from_declared(cipher, data_size, part_size)
            })
            .transpose()
            .map_err(Refusal::from_error)?;
        let wrap = builtin_wrap(envelope.wrap_alg);
        client::Envelope::seal(&master, wrap, &key, layout.as_ref(), cipher)
            .map_err(Refusal::from_error)
    }

    fn open(
        &self,
        master: &MasterKeyPem,
        headers: &[(String, String)],
    ) -> Result<PlainEnvelope, Refusal> {
        let master = master_key(master.private).map_err(Refusal::from_error)?;
        let headers = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let envelope = client::Envelope::open(&master, headers).map_err(Refusal::from_error)?;
        let description: BTreeMap<String, String> = match &envelope.description {
            Some(json) => serde_json::from_str(json).map_err(Refusal::from_error)?,
            None => BTreeMap::new(),
        };
        Ok(PlainEnvelope {
            cipher: model_cipher(envelope.cipher),
            wrap_alg: model_wrap(envelope.wrap),
            key: *envelope.content_key.expose_key(),
            start: *envelope.content_key.expose_start(),
            sizes: envelope.data_size.zip(envelope.part_size),
            description: description.into_iter().collect(),
        })
    }

    fn read_wrapped(
        &self,
        headers: &[(String, String)],
    ) -> Option<Result<WrappedEnvelope, Refusal>> {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let read = client::WrappedEnvelope::read(headers);
        Some(read.map(of_wrapped).map_err(Refusal::from_error))
    }

    fn write_wrapped(
        &self,
        envelope: &WrappedEnvelope,
    ) -> Option<Result<Vec<(String, String)>, Refusal>> {
        let WrappedEnvelope {
            cipher,
            wrap_alg,
            key,
            start,
            data_size,
            part_size,
            description,
        } = envelope.clone();
        let envelope = client::WrappedEnvelope {
            cipher: builtin_cipher(cipher),
            wrap: builtin_wrap(wrap_alg),
            key,
            start,
            data_size,
            part_size,
            description,
        };
        Some(Ok(envelope.headers()))
    }
}

/// A wrapped envelope is the client's own value in other words.
fn of_wrapped(envelope: client::WrappedEnvelope) -> WrappedEnvelope {
    let client::WrappedEnvelope {
        cipher,
        wrap,
        key,
        start,
        data_size,
        part_size,
        description,
    } = envelope;
    WrappedEnvelope {
        cipher: model_cipher(cipher),
        wrap_alg: model_wrap(wrap),
        key,
        start,
        data_size,
        part_size,
        description,
    }
}

impl AnswerReader for Builtin {
    fn initiated(&self, body: &[u8]) -> Result<Initiated, Refusal> {
        let answers::Initiated {
            bucket,
            key,
            upload_id,
            ..
        } = answers::Initiated::read(body).map_err(Refusal::from_error)?;
        Ok(Initiated {
            bucket,
            key,
            upload_id,
        })
    }

    fn completed(&self, body: &[u8]) -> Result<Completed, Refusal> {
        let answers::Completed {
            bucket, key, etag, ..
        } = answers::Completed::read(body).map_err(Refusal::from_error)?;
        Ok(Completed { bucket, key, etag })
    }

    fn part_page(&self, body: &[u8]) -> Result<PartPage, Refusal> {
        let page = answers::PartPage::read(body).map_err(Refusal::from_error)?;
        let part = |part: answers::StoredPart| StoredPart {
            number: part.number.into(),
            etag: part.etag,
            size: part.size,
        };
        Ok(PartPage {
            key: page.key,
            upload_id: page.upload_id,
            next_part_number_marker: page.next_part_number_marker.map(u64::from),
            is_truncated: page.is_truncated,
            parts: page.parts.into_iter().map(part).collect(),
        })
    }

    fn service_error(&self, body: &[u8]) -> Result<ServiceError, Refusal> {
        let error = answers::ServiceError::read(body).map_err(Refusal::from_error)?;
        Ok(ServiceError {
            code: error.code,
            message: error.message,
            request_id: error.request_id,
            ec: error.ec,
        })
    }
}

fn part_number(number: u64) -> Result<u32, Refusal> {
    u32::try_from(number).map_err(|_| Refusal(format!("part number {number} is beyond 32 bits")))
}

fn builtin_cipher(cipher: Cipher) -> client::Cipher {
    match cipher {
        Cipher::Ctr => client::Cipher::Ctr,
        Cipher::GcmObject => client::Cipher::GcmObject,
        Cipher::GcmPart => client::Cipher::GcmPart,
    }
}

fn model_cipher(cipher: client::Cipher) -> Cipher {
    match cipher {
        client::Cipher::Ctr => Cipher::Ctr,
        client::Cipher::GcmObject => Cipher::GcmObject,
        client::Cipher::GcmPart => Cipher::GcmPart,
    }
}

fn builtin_wrap(wrap: WrapAlg) -> client::WrapAlg {
    match wrap {
        WrapAlg::Pkcs1 => client::WrapAlg::RsaPkcs1,
        WrapAlg::OaepSha1 => client::WrapAlg::RsaOaepSha1,
    }
}

fn model_wrap(wrap: client::WrapAlg) -> WrapAlg {
    match wrap {
        client::WrapAlg::RsaPkcs1 => WrapAlg::Pkcs1,
        client::WrapAlg::RsaOaepSha1 => WrapAlg::OaepSha1,
    }
}

fn layout(upload: &Upload) -> Result<client::Layout, Refusal> {
    let cipher = builtin_cipher(upload.cipher);
    client::Layout::new(cipher, upload.plaintext_size, upload.part_size)
        .map_err(Refusal::from_error)
}

fn decryptor(upload: &Upload) -> Result<client::Decryptor, Refusal> {
    let key = client::ContentKey::new(upload.key, upload.start);
    client::Decryptor::new(&key, layout(upload)?).map_err(Refusal::from_error)
}
