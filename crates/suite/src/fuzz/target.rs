//! The fuzz targets: a piece, and the laws that a fuzzer tries to break on it.

use std::path::Path;

use partproof_model::Cipher;

use super::dictionary;
use crate::law::Law;
use crate::laws::{counter, encrypt, gcm, outside, part_list, plan, session};
use crate::own;
use crate::own::answer_line::AnswerLineKind;
use crate::own::checkpoint::CheckpointKind;
use crate::own::emulator::cases::ScriptKind;
use crate::own::vectors::VectorsKind;
use crate::vectors;

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
    pub(super) cipher: Option<Cipher>,
    /// The longest input worth trying, in bytes.
    pub longest: usize,
    /// Inputs to begin with that the laws themselves do not know of.
    pub(super) more_seeds: fn() -> Vec<Vec<u8>>,
    /// The words of its dictionary, where its inputs are documents.
    pub(super) words: Option<fn() -> Vec<String>>,
}

/// Each target by itself, so that a fuzzer of one does not carry, and count the edges of, all; and the table of them.
macro_rules! targets {
    ($($name:ident = $target:expr;)+) => {
        $(
            #[doc = concat!("The target of this name: see its fields in [`TARGETS`].")]
            pub static $name: Target = $target;
        )+

        /// Every target.
        pub static TARGETS: &[&Target] = &[$(&$name),+];
    };
}

targets! {
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
        more_seeds: Vec::new,
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
        more_seeds: Vec::new,
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
        more_seeds: vectors::part_lists,
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
        more_seeds: Vec::new,
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
        more_seeds: vectors::header_lines,
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
        more_seeds: Vec::new,
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
        more_seeds: Vec::new,
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
        more_seeds: Vec::new,
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
        more_seeds: Vec::new,
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
        more_seeds: Vec::new,
        words: None,
    };
    DIAGNOSE = Target {
        id: "diagnose",
        piece: "Partproof's own capture reader",
        sentence: "Any bytes given as a capture are diagnosed or refused.",
        crash: "`partproof diagnose` crashes or hangs on somebody's capture",
        laws: &[&own::capture::ANY_CAPTURE],
        cipher: None,
        longest: 4_096,
        more_seeds: Vec::new,
        words: Some(dictionary::capture),
    };
    VECTORS = Target {
        id: "vectors",
        piece: "Partproof's own reader of vectors",
        sentence: "Any bytes given as a file of vectors are checked or refused.",
        crash: "`partproof vectors verify` crashes or hangs on somebody's file",
        laws: &[&own::vectors::ANY_VECTORS],
        cipher: None,
        longest: 4_096,
        more_seeds: Vec::new,
        words: Some(dictionary::of::<VectorsKind>),
    };
    CASE_FILE = Target {
        id: "case_file",
        piece: "Partproof's own reader of cases and reports",
        sentence: "Any bytes given to be replayed are read or refused.",
        crash: "`partproof replay` crashes or hangs on somebody's file",
        laws: &[&own::case_file::ANY_CASE_FILE],
        cipher: None,
        longest: 2_048,
        more_seeds: Vec::new,
        words: Some(dictionary::case_file),
    };
    CHECKPOINT = Target {
        id: "checkpoint",
        piece: "the built-in client's own reader of checkpoints",
        sentence: "Any bytes given as a checkpoint are read as what they say, or refused.",
        crash: "an upload is resumed as another, or `upload` crashes on what it finds on the disk",
        laws: &[&own::checkpoint::ANY_CHECKPOINT],
        cipher: None,
        longest: 4_096,
        more_seeds: Vec::new,
        words: Some(dictionary::of::<CheckpointKind>),
    };
    PROTOCOL = Target {
        id: "protocol",
        piece: "Partproof's own reader of answers of the line protocol",
        sentence: "Any bytes that a subject in another process answers are read as what they say, or what is wrong with them is said.",
        crash: "an adapter is judged by what it did not say, or `partproof check --subject` crashes on what it said",
        laws: &[&own::answer_line::ANY_ANSWER_LINE],
        cipher: None,
        longest: 4_096,
        more_seeds: Vec::new,
        words: Some(dictionary::of::<AnswerLineKind>),
    };
    EMULATOR_HTTP = Target {
        id: "emulator_http",
        piece: "Partproof's own emulator",
        sentence: "Any bytes on a connection are answered whole and by the rules; what is refused, signed with another key, or comes from another site's page, changes nothing.",
        crash: "`partproof serve` ends, or answers a client's tests what the service would not",
        laws: &[&own::emulator::ANY_EXCHANGE],
        cipher: None,
        longest: 4_096,
        more_seeds: Vec::new,
        words: Some(dictionary::exchange),
    };
    EMULATOR_JOURNAL = Target {
        id: "emulator_journal",
        piece: "Partproof's own emulator, its journal",
        sentence: "Any bytes given as a journal are restored, the same every time, whole, cut, torn or written anew, or refused with their line.",
        crash: "`partproof serve --data-dir` ends or forgets",
        laws: &[&own::emulator::ANY_JOURNAL],
        cipher: None,
        longest: 4_096,
        more_seeds: Vec::new,
        words: Some(dictionary::journal),
    };
    EMULATOR_SCRIPT = Target {
        id: "emulator_script",
        piece: "Partproof's own emulator, its scripts",
        sentence: "Any bytes given as a script of faults are read as what they say, or refused with their place.",
        crash: "`partproof serve --script` ends, or plays other faults than were written",
        laws: &[&own::emulator::ANY_SCRIPT],
        cipher: None,
        longest: 2_048,
        more_seeds: Vec::new,
        words: Some(dictionary::of::<ScriptKind>),
    };
}

impl Target {
    /// The target of that name.
    pub fn find(id: &str) -> Option<&'static Self> {
        TARGETS.iter().copied().find(|target| target.id == id)
    }

    /// The target that a file belongs to: one of the folders it is in has its name, as corpora and crashes have
    /// (`fuzz/artifacts/plan/crash-...`).
    pub fn of_file(file: &Path) -> Option<&'static Self> {
        let folders = file.parent()?.components().rev();
        folders
            .filter_map(|folder| folder.as_os_str().to_str())
            .find_map(Self::find)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_each_has_its_laws() {
        let ids: BTreeSet<_> = TARGETS.iter().map(|target| target.id).collect();
        assert_eq!(ids.len(), TARGETS.len());
        for target in TARGETS {
            let is_whole = target.sentence.ends_with('.') && target.longest > 0;
            assert!(is_whole && !target.laws.is_empty(), "{}", target.id);
        }
    }

    #[test]
    fn a_crash_file_tells_its_target_by_its_folder() {
        let of = |file: &str| Target::of_file(Path::new(file)).map(|target| target.id);
        assert_eq!(of("fuzz/artifacts/plan/crash-1"), Some("plan"));
        assert_eq!(of("service/plan/x"), Some("plan"));
        assert_eq!(of("plan"), None);
        assert_eq!(of("somewhere/else.json"), None);
    }
}
