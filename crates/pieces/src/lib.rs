//! What is judged: the pieces of a client and the whole, each behind a trait, and the subject that says which of them it has.
//!
//! A piece answers with its result or with a [`Refusal`]: a clean "no, because". A panic is a finding. An
//! implementation that refuses everything is not conforming but inconclusive: laws count the cases they could judge.

pub mod client;
mod load;
mod process;

use std::any::Any;
use std::fmt;

use self::client::Client;

pub use load::{Load, cores};
pub use process::{Break, Instead, Process};

pub use partproof_model::Cipher;
pub use partproof_model::answers::{Completed, Initiated, PartPage, ServiceError, StoredPart};
use partproof_model::key_wrap::WrapAlg;
use partproof_model::{Layout, PartSize};

/// A clean "no": the piece was asked for something it does not do, and says why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(pub String);

impl Refusal {
    /// From any error.
    pub fn from_error(error: impl fmt::Display) -> Self {
        Self(error.to_string())
    }
}

/// Splits objects into parts.
pub trait Planner: Sync {
    /// Plans an object of `data_size` bytes, as declared and sent, in parts of `part_size` bytes, or of a size the
    /// planner chooses.
    ///
    /// # Errors
    /// Whatever it refuses to plan.
    fn plan(&self, data_size: u64, part_size: Option<u64>) -> Result<PlannedUpload<'_>, Refusal>;

    /// Whether it chooses a part size itself where none is given. One that does not is not asked to.
    fn chooses(&self) -> bool {
        true
    }
}

/// A planner's answer. Parts come from an iterator: a plan may have 10,000 and a law may need three.
pub struct PlannedUpload<'a> {
    /// The part size it settled on, in bytes.
    pub part_size: u64,
    /// The parts in order.
    pub parts: Box<dyn Iterator<Item = PlannedPart> + 'a>,
}

/// One part of a plan, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the type's sentence names them")]
pub struct PlannedPart {
    pub number: u64,
    pub offset: u64,
    pub length: u64,
}

/// Writes the body of CompleteMultipartUpload.
pub trait PartListBuilder: Sync {
    /// Builds the XML from the parts of an upload and their ETags as the service returned them.
    ///
    /// # Errors
    /// Whatever it refuses to list.
    fn part_list(&self, parts: &[(u64, String)]) -> Result<Vec<u8>, Refusal>;

    /// Whether it sorts the parts itself. Shipped clients do either; one that does not is given them in order.
    fn sorts(&self) -> bool {
        true
    }
}

/// Reads the body of CompleteMultipartUpload, as a server, a proxy or a test double does.
pub trait PartListReader: Sync {
    /// Reads part numbers and ETags, unescaped.
    ///
    /// # Errors
    /// Whatever is no part list.
    fn read_part_list(&self, body: &[u8]) -> Result<Vec<(u64, String)>, Refusal>;
}

/// Encrypts parts and decrypts what was stored.
pub trait Encryptor: Sync {
    /// The ciphers it has. Each is exercised; the others are never asked for.
    fn ciphers(&self) -> Vec<Cipher>;

    /// Whether it refuses a body of another length than its part has. A bare cipher leaves that to who calls it.
    fn checks_lengths(&self) -> bool {
        true
    }

    /// The sizes it would declare for this upload.
    ///
    /// # Errors
    /// Whatever it refuses to encrypt.
    fn declare(&self, upload: &Upload) -> Result<Declared, Refusal>;

    /// Begins an upload.
    ///
    /// # Errors
    /// Whatever it refuses to encrypt.
    fn begin(&self, upload: &Upload) -> Result<Box<dyn PartEncryptor + '_>, Refusal>;

    /// Encrypts a whole object at once, into its stored parts in order. `None` if it has no such call.
    ///
    /// # Errors
    /// Whatever it refuses to encrypt.
    fn encrypt_object(
        &self,
        upload: &Upload,
        plaintext: &[u8],
    ) -> Option<Result<Vec<Vec<u8>>, Refusal>> {
        let _ = (upload, plaintext);
        None
    }

    /// Decrypts stored bytes that begin at `offset` of the object. Asked for CTR only: an authenticated cipher cannot
    /// vouch for a range.
    ///
    /// # Errors
    /// Whatever it refuses to decrypt.
    fn decrypt_range(
        &self,
        upload: &Upload,
        offset: u64,
        stored: &[u8],
    ) -> Result<Vec<u8>, Refusal>;

    /// Decrypts a whole object from its stored parts in order. With an authenticated cipher, refuses anything that is
    /// not exactly what was sealed.
    ///
    /// # Errors
    /// Whatever it refuses to open.
    fn open(&self, upload: &Upload, parts: &[Vec<u8>]) -> Result<Vec<u8>, Refusal>;
}

/// The encryption of one upload.
pub trait PartEncryptor {
    /// Encrypts one part, whose plaintext comes in chunks. Parts come in any order, and more than once.
    ///
    /// # Errors
    /// A part that is not this upload's.
    fn encrypt(&mut self, number: u64, chunks: &[&[u8]]) -> Result<Vec<u8>, Refusal>;

    /// After every part was encrypted: bytes to append to parts, which only the whole object determines. The tag of a
    /// GCM object is; other ciphers have none.
    ///
    /// # Errors
    /// Parts that are missing.
    fn finish(&mut self) -> Result<Vec<(u64, Vec<u8>)>, Refusal> {
        Ok(Vec::new())
    }
}

/// One upload as an encryptor sees it. The keys are test keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Upload {
    /// The content cipher.
    pub cipher: Cipher,
    /// The content key.
    pub key: [u8; 32],
    /// The counter start, of the cipher's shape.
    pub start: [u8; 16],
    /// Bytes of plaintext.
    pub plaintext_size: u64,
    /// Bytes of every part but the last, as declared and sent.
    pub part_size: u64,
}

impl Upload {
    /// The model's layout; `None` if the sizes are impossible.
    pub fn layout(&self) -> Option<Layout> {
        Layout::new(
            self.cipher,
            self.plaintext_size,
            PartSize::new(self.part_size)?,
        )
        .ok()
    }
}

/// The sizes an encryptor declares, in bytes, and the count they make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the type's sentence names them")]
pub struct Declared {
    pub data_size: u64,
    pub part_size: u64,
    pub part_count: u64,
}

/// Writes and reads envelopes.
pub trait EnvelopeCodec: Sync {
    /// The content ciphers it knows.
    fn ciphers(&self) -> Vec<Cipher>;

    /// The wrap algorithms it has.
    fn wrap_algs(&self) -> Vec<WrapAlg>;

    /// Writes the headers of an envelope under a master key (PEM, public and private).
    ///
    /// # Errors
    /// Whatever it refuses to write.
    fn seal(
        &self,
        master: &MasterKeyPem,
        envelope: &PlainEnvelope,
    ) -> Result<Vec<(String, String)>, Refusal>;

    /// Reads the headers of an envelope.
    ///
    /// # Errors
    /// Whatever is no whole envelope under this master key.
    fn open(
        &self,
        master: &MasterKeyPem,
        headers: &[(String, String)],
    ) -> Result<PlainEnvelope, Refusal>;

    /// Reads headers and unwraps nothing, as a reader does that has to choose a master key. `None` if it has no such call.
    ///
    /// # Errors
    /// Whatever is no whole envelope.
    fn read_wrapped(
        &self,
        headers: &[(String, String)],
    ) -> Option<Result<WrappedEnvelope, Refusal>> {
        let _ = headers;
        None
    }

    /// Writes what [`EnvelopeCodec::read_wrapped`] read. `None` if it has no such call.
    ///
    /// # Errors
    /// Whatever it refuses to write.
    fn write_wrapped(
        &self,
        envelope: &WrappedEnvelope,
    ) -> Option<Result<Vec<(String, String)>, Refusal>> {
        let _ = envelope;
        None
    }
}

/// What an envelope says while its content key is wrapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrappedEnvelope {
    /// The content cipher.
    pub cipher: Cipher,
    /// How key and start are wrapped.
    pub wrap_alg: WrapAlg,
    /// The wrapped content key, out of Base64.
    pub key: Vec<u8>,
    /// The wrapped start, out of Base64.
    pub start: Vec<u8>,
    /// The declared data size, in bytes.
    pub data_size: Option<u64>,
    /// The declared part size, in bytes.
    pub part_size: Option<u64>,
    /// The material description as it was written.
    pub description: Option<String>,
}

/// A master key as text.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "the type's sentence names them")]
pub struct MasterKeyPem<'k> {
    pub public: &'k str,
    pub private: &'k str,
}

/// What an envelope says, unwrapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlainEnvelope {
    /// The content cipher.
    pub cipher: Cipher,
    /// How key and start are wrapped.
    pub wrap_alg: WrapAlg,
    /// The content key.
    pub key: [u8; 32],
    /// The counter start.
    pub start: [u8; 16],
    /// Data size and part size in bytes, for a multipart upload.
    pub sizes: Option<(u64, u64)>,
    /// The material description; empty if there is none.
    pub description: Vec<(String, String)>,
}

/// Reads the service's XML answers.
pub trait AnswerReader: Sync {
    /// Reads an InitiateMultipartUploadResult.
    ///
    /// # Errors
    /// Whatever is none.
    fn initiated(&self, body: &[u8]) -> Result<Initiated, Refusal>;

    /// Reads a CompleteMultipartUploadResult.
    ///
    /// # Errors
    /// Whatever is none.
    fn completed(&self, body: &[u8]) -> Result<Completed, Refusal>;

    /// Reads a ListPartsResult.
    ///
    /// # Errors
    /// Whatever is none.
    fn part_page(&self, body: &[u8]) -> Result<PartPage, Refusal>;

    /// Reads an Error.
    ///
    /// # Errors
    /// Whatever is none.
    fn service_error(&self, body: &[u8]) -> Result<ServiceError, Refusal>;
}

/// What is judged: a name and the pieces it has. A piece it does not have is not judged, and a law about it not run.
#[derive(Clone, Copy)]
#[allow(missing_docs, reason = "each field is the piece of that name")]
pub struct Subject<'a> {
    pub name: &'a str,
    pub planner: Option<&'a dyn Planner>,
    pub part_list_builder: Option<&'a dyn PartListBuilder>,
    pub part_list_reader: Option<&'a dyn PartListReader>,
    pub encryptor: Option<&'a dyn Encryptor>,
    pub envelope_codec: Option<&'a dyn EnvelopeCodec>,
    pub answer_reader: Option<&'a dyn AnswerReader>,
    pub client: Option<&'a dyn Client>,
    /// Pieces of kinds of your own: what a law about such a piece finds it in.
    pub own: Option<&'a (dyn Any + Send + Sync)>,
    /// The program that all pieces are asked of, if they are another process.
    pub program: Option<&'a dyn Process>,
}

impl<'a> Subject<'a> {
    /// A subject that has no piece yet.
    pub fn new(name: &'a str) -> Self {
        Self {
            name,
            planner: None,
            part_list_builder: None,
            part_list_reader: None,
            encryptor: None,
            envelope_codec: None,
            answer_reader: None,
            client: None,
            own: None,
            program: None,
        }
    }
}
