//! The fuzz targets of clients: a piece, and the laws that a fuzzer tries to break on it.

use partproof_model::Cipher;

use super::dictionary;
use crate::law::Law;
use crate::laws::{counter, encrypt, gcm, outside, part_list, plan, session};

/// One fuzz target.
#[derive(Debug)]
pub struct Target {
    /// Its name: of the target, its corpus, its dictionary.
    pub id: &'static str,
    /// What is judged.
    pub piece: &'static str,
    /// What must hold, in a sentence.
    pub sentence: &'static str,
    /// What a crash means.
    pub crash: &'static str,
    /// The laws. Where there are several, the first byte of an input chooses.
    pub laws: &'static [&'static Law],
    /// The content cipher it is about, if it is about one.
    pub cipher: Option<Cipher>,
    /// The longest input worth trying, in bytes.
    pub longest: usize,
    /// The words of its dictionary, where its inputs are documents.
    pub words: Option<fn() -> Vec<String>>,
}

/// Each target by itself, so that a fuzzer of one does not carry, and count the edges of, all; and the table of them.
#[macro_export]
#[doc(hidden)]
macro_rules! targets {
    ($($name:ident = $target:expr;)+) => {
        $(
            #[doc = concat!("The target of this name: see its fields in [`TARGETS`].")]
            pub static $name: Target = $target;
        )+

        /// Every target of these pieces.
        pub static TARGETS: &[&Target] = &[$(&$name),+];
    };
}

crate::targets! {
    PLAN = Target {
        id: "plan",
        piece: "planner",
        sentence: "Any size is planned into ceil(data size / part size) legal parts that tile it, or refused.",
        crash: "uploads are rejected, or parts are lost or overlap",
        laws: &[
            &plan::PLAN_COUNT,
            &plan::PLAN_PART,
            &plan::PLAN_LEGAL,
            &plan::PLAN_FEASIBLE,
            &plan::PLAN_KEEPS_PART_SIZE,
            &plan::PLAN_REFUSAL,
        ],
        cipher: None,
        longest: 57,
        words: None,
    };
    PART_LIST_BUILD = Target {
        id: "part_list_build",
        piece: "part-list builder",
        sentence: "Any parts are listed so that the model reads them back, each once and ascending, or refused.",
        crash: "the service rejects the list, or completes an object without a part",
        laws: &[
            &outside::ANY_PARTS,
            &part_list::PART_LIST,
            &part_list::PART_LIST_REFUSAL,
        ],
        cipher: None,
        longest: 257,
        words: None,
    };
    PART_LIST_READ = Target {
        id: "part_list_read",
        piece: "part-list reader",
        sentence: "Any bytes have the same parts to this reader and to the model, or one of them refuses.",
        crash: "a proxy or test double completes something else than the service would",
        laws: &[&outside::ANY_PART_LIST],
        cipher: None,
        longest: 4_096,
        words: Some(dictionary::part_list),
    };
    ANSWERS_READ = Target {
        id: "answers_read",
        piece: "answer reader",
        sentence: "Any bytes say the same to this reader and to the model, or one of them refuses.",
        crash: "an upload goes on with another id, key, ETag or list than the service has",
        laws: &[&outside::ANY_ANSWER],
        cipher: None,
        longest: 4_096,
        words: Some(dictionary::answers),
    };
    ENVELOPE = Target {
        id: "envelope",
        piece: "envelope codec",
        sentence: "Any headers are read as the values that were sent and written again as the same, or refused.",
        crash: "an object is read with another key, cipher or size than it was written with",
        laws: &[&outside::ANY_HEADERS],
        cipher: None,
        longest: 4_096,
        words: Some(dictionary::envelope),
    };
    ENCRYPT_CTR = Target {
        id: "encrypt_ctr",
        piece: "encryptor, AES/CTR",
        sentence: "Any part of any upload, in any order, chunks and retries, is the model's ciphertext and decrypts.",
        crash: "the object decrypts to wrong bytes, or parts share keystream",
        laws: &[
            &encrypt::DECLARED_SIZES,
            &encrypt::PART_EQUALS_SLICE,
            &encrypt::ANY_ORDER_RETRY_CHUNKING,
            &counter::COUNTER_ARITHMETIC,
            &encrypt::ROUND_TRIP,
            &encrypt::READS_THE_MODEL,
            &encrypt::PART_BODY_REFUSAL,
        ],
        cipher: Some(Cipher::Ctr),
        longest: 161,
        words: None,
    };
    ENCRYPT_GCM_OBJECT = Target {
        id: "encrypt_gcm_object",
        piece: "encryptor, GCM object",
        sentence: "Any parts in any order are one-shot AES-256-GCM over the object; whatever is changed is refused.",
        crash: "no reader opens the object, or one opens what was tampered with",
        laws: &[
            &encrypt::DECLARED_SIZES,
            &encrypt::PART_EQUALS_SLICE,
            &encrypt::ANY_ORDER_RETRY_CHUNKING,
            &encrypt::ROUND_TRIP,
            &encrypt::READS_THE_MODEL,
            &encrypt::PART_BODY_REFUSAL,
            &gcm::GCM_OBJECT_ONE_SHOT,
            &gcm::GCM_TAMPERING_REFUSED,
        ],
        cipher: Some(Cipher::GcmObject),
        longest: 177,
        words: None,
    };
    ENCRYPT_GCM_PART = Target {
        id: "encrypt_gcm_part",
        piece: "encryptor, GCM part",
        sentence: "Any part is sealed as the model seals it, bound to its number and sizes; whatever is changed is refused.",
        crash: "no reader opens a part, or one opens a part that is another's",
        laws: &[
            &encrypt::DECLARED_SIZES,
            &encrypt::PART_EQUALS_SLICE,
            &encrypt::ANY_ORDER_RETRY_CHUNKING,
            &encrypt::ROUND_TRIP,
            &encrypt::READS_THE_MODEL,
            &encrypt::PART_BODY_REFUSAL,
            &gcm::GCM_PART_TAGS,
            &gcm::GCM_TAMPERING_REFUSED,
        ],
        cipher: Some(Cipher::GcmPart),
        longest: 177,
        words: None,
    };
    DECRYPT_RANGE = Target {
        id: "decrypt_range",
        piece: "decryptor, AES/CTR",
        sentence: "Stored bytes from any offset of an object up to 48.8 TB decrypt to the plaintext there.",
        crash: "a range read returns wrong bytes",
        laws: &[&counter::ANY_RANGE],
        cipher: Some(Cipher::Ctr),
        longest: 112,
        words: None,
    };
    SERVICE = Target {
        id: "service",
        piece: "part-list builder and answer reader, and the model's service",
        sentence: "After any sequence of requests a client's view of uploads and objects is the service's.",
        crash: "a client loses track of an upload, or the model contradicts itself (the message says so)",
        laws: &[&session::SESSION],
        cipher: None,
        longest: 192,
        words: None,
    };
}
