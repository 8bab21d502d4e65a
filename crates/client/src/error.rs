//! The refusals of this crate: one enum, each variant saying what was given, what was expected, and where. Nothing here
//! carries key material or plaintext, so an error may be logged as it is.

use crate::cipher::Cipher;
use crate::fate::Fate;
use crate::plan::{MAX_OBJECT_SIZE, MAX_PART_SIZE, MAX_PARTS, MIN_PART_SIZE};
use crate::refusal::Refusal;

/// Why this crate refused. All sizes and offsets are bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    // Sizes
    /// No part would be left to upload.
    #[error(
        "object size is 0 bytes, expected at least 1: a zero-byte object is a plain put, not a multipart upload"
    )]
    EmptyObject,
    /// Larger than 10,000 parts of 5 GiB (service-rules.md, 4.1).
    #[error(
        "object size is {data_size} bytes, expected at most {MAX_OBJECT_SIZE}: {MAX_PARTS} parts of {MAX_PART_SIZE}"
    )]
    ObjectTooLarge {
        /// The size that was given.
        data_size: u64,
    },
    /// Part boundaries must be block boundaries (service-rules.md, 3).
    #[error("part size is {part_size} bytes, expected a multiple of 16 that is not 0")]
    PartSizeUnaligned {
        /// The size that was given.
        part_size: u64,
    },
    /// Larger than one part may be (service-rules.md, 4.1).
    #[error("part size is {part_size} bytes, expected at most {MAX_PART_SIZE}")]
    PartSizeTooLarge {
        /// The size that was given.
        part_size: u64,
    },
    /// Complete would answer `EntityTooSmall` (EC 0042-00000213).
    #[error(
        "part size is {part_size} bytes with {part_count} parts, expected at least {MIN_PART_SIZE} when there is more than one"
    )]
    PartSizeTooSmall {
        /// The size that was given.
        part_size: u64,
        /// The parts it makes.
        part_count: u32,
    },
    /// A GCM part must have room for its tag and at least one block.
    #[error(
        "part size is {part_size} bytes, expected more than 16: each GCM part carries a 16-byte tag"
    )]
    PartSizeWithinTag {
        /// The size that was given.
        part_size: u64,
    },
    /// Initiate would be refused (EC 0005-00000410).
    #[error(
        "{data_size} bytes in parts of {part_size} make {part_count} parts, expected at most {MAX_PARTS}"
    )]
    TooManyParts {
        /// The bytes to cut: those on the wire, for GCM part the plaintext's.
        data_size: u64,
        /// Bytes of a part, for GCM part without its tag.
        part_size: u64,
        /// The parts they make.
        part_count: u64,
    },
    /// AES-GCM allows 2^36 - 32 bytes under one nonce.
    #[error("{cipher} message is {size} plaintext bytes, expected at most {limit}")]
    MessageTooLong {
        /// The cipher with the limit.
        cipher: Cipher,
        /// Plaintext bytes of the message.
        size: u64,
        /// Plaintext bytes allowed.
        limit: u64,
    },
    /// No plaintext gives these declared sizes.
    #[error("no plaintext makes {data_size} bytes in parts of {part_size} under {cipher}")]
    ImpossibleSize {
        /// The declared cipher.
        cipher: Cipher,
        /// The declared data size.
        data_size: u64,
        /// The declared part size.
        part_size: u64,
    },
    /// More than this machine can address.
    #[error("{size} bytes do not fit this machine's address space")]
    Unaddressable {
        /// The size in question.
        size: u64,
    },

    // Parts
    /// The upload has no such part.
    #[error("part number is {number}, expected 1 to {part_count}")]
    NoSuchPart {
        /// The number that was given.
        number: u32,
        /// Parts of the upload.
        part_count: u32,
    },
    /// An upload has 1 to 10,000 parts (service-rules.md, 4.1).
    #[error("part count is {part_count}, expected 1 to {MAX_PARTS}")]
    PartCountOutOfRange {
        /// The count that was given.
        part_count: u32,
    },
    /// A part's bytes are not as many as the layout says.
    #[error("part {number} has {given} bytes, expected {expected}")]
    PartLength {
        /// The part.
        number: u32,
        /// Bytes given.
        given: u64,
        /// Bytes expected.
        expected: u64,
    },
    /// The plaintext is not as long as the layout says.
    #[error("plaintext has {given} bytes, expected {expected}")]
    ObjectLength {
        /// Bytes given.
        given: u64,
        /// Bytes expected.
        expected: u64,
    },
    /// The object has another number of parts.
    #[error("{given} parts were given, expected {expected}")]
    PartCount {
        /// Parts given.
        given: usize,
        /// Parts expected.
        expected: u32,
    },
    /// A part was given a second time.
    #[error("part {number} was given twice, expected every part once")]
    DuplicatePart {
        /// The part.
        number: u32,
    },
    /// A part was never given.
    #[error("part {number} is missing of {part_count} parts")]
    MissingPart {
        /// The first part that is missing.
        number: u32,
        /// Parts of the upload.
        part_count: u32,
    },
    /// An ETag that XML 1.0 cannot carry.
    #[error("ETag of part {number} contains U+{code:04X}, expected characters that XML 1.0 allows")]
    ETagCharacter {
        /// The part.
        number: u32,
        /// The character's code point.
        code: u32,
    },

    // Ciphers and keys
    /// The range is not inside the object.
    #[error(
        "range of {length} bytes at {offset} is outside the plaintext of {plaintext_size} bytes"
    )]
    RangeOutside {
        /// First byte of the range.
        offset: u64,
        /// Bytes of the range.
        length: u64,
        /// Bytes of the object.
        plaintext_size: u64,
    },
    /// The operation belongs to another cipher.
    #[error("{operation} was asked of {given}, expected {expected}")]
    WrongCipher {
        /// What was asked.
        operation: &'static str,
        /// The cipher of the object.
        given: Cipher,
        /// The cipher that has the operation.
        expected: Cipher,
    },
    /// Not a content cipher this crate knows.
    #[error(
        "cek-alg is {name:?}, expected AES/CTR/NoPadding, AES/GCM/NoPadding or AES/GCM-PART/NoPadding"
    )]
    UnknownCipher {
        /// The name that was given.
        name: String,
    },
    /// Not a wrap algorithm this crate knows.
    #[error(
        "wrap-alg is {name:?}, expected RSA/NONE/PKCS1Padding or RSA/NONE/OAEPWithSHA-1AndMGF1Padding"
    )]
    UnknownWrapAlg {
        /// The name that was given.
        name: String,
    },
    /// A key or a start of the wrong length.
    #[error("{what} has {given} bytes, expected {expected}")]
    KeyLength {
        /// `content key` or `start`.
        what: &'static str,
        /// Bytes given.
        given: usize,
        /// Bytes expected.
        expected: usize,
    },
    /// The bytes of the start that the cipher counts in are taken.
    #[error(
        "start of {cipher} is not zero after its first {prefix} bytes, expected zeros: the cipher fills them itself"
    )]
    StartShape {
        /// The cipher.
        cipher: Cipher,
        /// Bytes that may be set.
        prefix: usize,
    },
    /// The tag of the object does not match: the object, its key or its sizes are not the ones that were encrypted.
    #[error("the object's tag does not match its bytes, key, start and sizes")]
    ObjectNotAuthentic,
    /// The tag of the part does not match: the part, its place, its key or the sizes are not the ones that were encrypted.
    #[error("the tag of part {number} does not match its bytes, number, key, start and sizes")]
    PartNotAuthentic {
        /// The part.
        number: u32,
    },
    /// The operating system gave no randomness.
    #[error("the system's random generator failed")]
    Random,

    // Envelope
    /// Not a master key.
    #[error("master key is refused: {reason}")]
    MasterKey {
        /// What is wrong with it.
        reason: String,
    },
    /// Opening needs the private half.
    #[error("master key is a public key, expected a private key to open an envelope")]
    MasterKeyIsPublic,
    /// RSA refused to wrap.
    #[error("master key could not wrap the content key")]
    Wrap,
    /// A required header is absent.
    #[error("header {name} is missing")]
    HeaderMissing {
        /// The header.
        name: &'static str,
    },
    /// User metadata under a name of the envelope.
    #[error("user metadata {name}, expected another name: the envelope's begin so")]
    MetadataName {
        /// The header.
        name: String,
    },
    /// One header, two values.
    #[error("header {name} was given twice with different values")]
    HeaderTwice {
        /// The header.
        name: &'static str,
    },
    /// The value is not Base64.
    #[error("header {name} is not Base64 with padding")]
    HeaderNotBase64 {
        /// The header.
        name: &'static str,
    },
    /// The value is not an integer (EC 0005-00000408, 0005-00000409).
    #[error("header {name} is {value:?}, expected an integer of bytes")]
    HeaderNotInteger {
        /// The header.
        name: &'static str,
        /// The value that was given.
        value: String,
    },
    /// The master key does not open the header's value.
    #[error("header {name} was not wrapped with this master key")]
    Unwrap {
        /// The header.
        name: &'static str,
    },
    /// What the master key opened has the wrong length: most often, the wrong master key.
    #[error(
        "header {name} unwraps to {given} bytes, expected {expected}: this is most likely another master key"
    )]
    UnwrappedLength {
        /// The header.
        name: &'static str,
        /// Bytes given.
        given: usize,
        /// Bytes expected.
        expected: usize,
    },

    // XML
    /// A body longer than is read.
    #[error("{document} has {given} bytes, expected at most {limit}")]
    XmlTooLong {
        /// The root element expected.
        document: &'static str,
        /// Bytes given.
        given: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// Not XML, or not the document expected.
    #[error("{document} at byte {offset}: {reason}")]
    Xml {
        /// The root element expected.
        document: &'static str,
        /// Where reading stopped.
        offset: u64,
        /// What is wrong there.
        reason: String,
    },
    /// A required element is absent.
    #[error("{document} has no element {element}")]
    ElementMissing {
        /// The root element.
        document: &'static str,
        /// The element.
        element: &'static str,
    },
    /// An element that occurs once was given twice.
    #[error("{document} has element {element} twice in one place, expected once")]
    ElementTwice {
        /// The root element.
        document: &'static str,
        /// The element.
        element: &'static str,
    },
    /// An element with a value it cannot have.
    #[error("{document} has {value:?} in element {element}, expected {expected}")]
    ElementValue {
        /// The root element.
        document: &'static str,
        /// The element.
        element: &'static str,
        /// The value that was given.
        value: String,
        /// What was expected.
        expected: &'static str,
    },

    // Requests
    /// An endpoint, a bucket, an object or a range that cannot be asked for.
    #[error("{what} is {given:?}, expected {expected}")]
    Name {
        /// `endpoint`, `bucket`, `object`, `range`, or the operation whose request cannot be built.
        what: &'static str,
        /// What was given.
        given: String,
        /// What was expected.
        expected: &'static str,
    },
    /// The range begins behind the object, or is of no bytes.
    #[error("range {range} holds no byte of the plaintext of {plaintext_size} bytes")]
    RangeNotSatisfiable {
        /// The range.
        range: String,
        /// Bytes of the object.
        plaintext_size: u64,
    },
    /// No whole answer: no connection, silence, or an end in the middle.
    #[error("{operation} got no whole answer: {reason}")]
    Transport {
        /// The operation.
        operation: &'static str,
        /// What the connection said.
        reason: String,
    },
    /// The service refused (service-rules.md, 4.5).
    #[error(transparent)]
    Refused(Box<Refusal>),
    /// An answer to something else than what was asked.
    #[error("{operation} was answered with {given}, expected {expected}")]
    Answer {
        /// The operation.
        operation: &'static str,
        /// What the answer has.
        given: String,
        /// What it should have.
        expected: String,
    },
    /// The checksum of the bytes here is not the one of the bytes there.
    #[error("{operation}: {checksum} is {theirs} at the service and {ours} here")]
    Corrupt {
        /// The operation.
        operation: &'static str,
        /// `CRC-64` or `ETag`.
        checksum: &'static str,
        /// What the service has.
        theirs: String,
        /// What was computed here.
        ours: String,
    },
    /// The caller cancelled.
    #[error("cancelled")]
    Cancelled,

    // Uploads and downloads
    /// The upload failed after it was initiated.
    #[error("upload {upload_id} failed and {fate}: {cause}")]
    Upload {
        /// The upload.
        upload_id: String,
        /// What became of it.
        fate: Fate,
        /// Why it failed.
        cause: Box<Error>,
    },
    /// The source or the destination could not be used.
    #[error("{what}: {reason}")]
    File {
        /// `source`, `checkpoint` or `destination`.
        what: &'static str,
        /// What the system said.
        reason: String,
    },
    /// The source is not what it was when the upload began: under one content key it may be encrypted in one version only.
    #[error("source changed since the upload began: {what}")]
    SourceChanged {
        /// What differs.
        what: String,
    },
    /// A resumed upload holds other bytes than this source makes, and nothing says that the source is the right one.
    #[error(
        "part {number} at the service is not what this source makes: another file, or a part of someone else's"
    )]
    StoredPartDiffers {
        /// The part.
        number: u32,
    },
    /// Not a checkpoint of this version of this crate.
    #[error("not a checkpoint: {reason}")]
    NotACheckpoint {
        /// Why.
        reason: String,
    },
    /// The upload to resume is another one than was asked for.
    #[error("the upload to resume has {what} {recorded}, and {given} was asked for")]
    ResumeMismatch {
        /// What differs.
        what: &'static str,
        /// That of the upload.
        recorded: String,
        /// That of the request.
        given: String,
    },
}

impl Error {
    /// The service's `Code`, if the service refused, also as the cause of a failed upload. Programs should judge by this.
    pub fn code(&self) -> Option<&str> {
        self.refusal().and_then(Refusal::code)
    }

    /// The service's error number, for diagnosis only.
    pub fn ec(&self) -> Option<&str> {
        self.refusal().and_then(Refusal::ec)
    }

    /// The service's refusal, also as the cause of a failed upload.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Error::Refused(refusal) => Some(refusal),
            Error::Upload { cause, .. } => cause.refusal(),
            _ => None,
        }
    }

    /// Whether the same request may succeed when it is sent again: no whole answer, bytes damaged on their way, or a service that is
    /// busy, broken or was waiting too long.
    pub fn is_retryable(&self) -> bool {
        match self {
            Error::Transport { .. } | Error::Corrupt { .. } => true,
            Error::Refused(refusal) => refusal.is_temporary(),
            _ => false,
        }
    }
}
