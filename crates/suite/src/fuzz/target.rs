//! The fuzz targets: a piece, and the laws that a fuzzer tries to break on it.

use std::path::Path;

use partproof_model::Cipher;

use super::trial::{Trial, trial};

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
    /// The laws, and how each is tried. Where there are several, the first byte of an input chooses.
    pub(super) trials: &'static [Trial],
    /// The content cipher it is about, if it is about one.
    pub(super) cipher: Option<Cipher>,
    /// The longest input worth trying, in bytes.
    pub longest: usize,
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
        trials: &[
            trial!(PLAN_COUNT, plan),
            trial!(PLAN_PART, plan_part),
            trial!(PLAN_LEGAL, plan),
            trial!(PLAN_FEASIBLE, plan),
            trial!(PLAN_KEEPS_PART_SIZE, plan),
            trial!(PLAN_REFUSAL, hostile_plan),
        ],
        cipher: None,
        longest: 57,
    };
    PART_LIST_BUILD = Target {
        id: "part_list_build",
        piece: "part-list builder",
        sentence: "Any parts are listed so that the model reads them back, each once and ascending, or refused.",
        crash: "the service rejects the list, or completes an object without a part",
        trials: &[
            trial!(ANY_PARTS, any_parts),
            trial!(PART_LIST, part_list),
            trial!(PART_LIST_REFUSAL, hostile_part_list),
        ],
        cipher: None,
        longest: 257,
    };
    PART_LIST_READ = Target {
        id: "part_list_read",
        piece: "part-list reader",
        sentence: "Any bytes have the same parts to this reader and to the model, or one of them refuses.",
        crash: "a proxy or test double completes something else than the service would",
        trials: &[trial!(ANY_PART_LIST, part_list_bytes)],
        cipher: None,
        longest: 4_096,
    };
    ANSWERS_READ = Target {
        id: "answers_read",
        piece: "answer reader",
        sentence: "Any bytes say the same to this reader and to the model, or one of them refuses.",
        crash: "an upload goes on with another id, key, ETag or list than the service has",
        trials: &[trial!(ANY_ANSWER, answer_bytes)],
        cipher: None,
        longest: 4_096,
    };
    ENVELOPE = Target {
        id: "envelope",
        piece: "envelope codec",
        sentence: "Any headers are read as the values that were sent and written again as the same, or refused.",
        crash: "an object is read with another key, cipher or size than it was written with",
        trials: &[trial!(ANY_HEADERS, any_headers)],
        cipher: None,
        longest: 4_096,
    };
    ENCRYPT_CTR = Target {
        id: "encrypt_ctr",
        piece: "encryptor, AES/CTR",
        sentence: "Any part of any upload, in any order, chunks and retries, is the model's ciphertext and decrypts.",
        crash: "the object decrypts to wrong bytes, or parts share keystream",
        trials: &[
            trial!(DECLARED_SIZES, encrypt),
            trial!(PART_EQUALS_SLICE, encrypt),
            trial!(ANY_ORDER_RETRY_CHUNKING, encrypt),
            trial!(COUNTER_ARITHMETIC, position),
            trial!(ROUND_TRIP, encrypt),
            trial!(READS_THE_MODEL, encrypt),
            trial!(PART_BODY_REFUSAL, encrypt),
        ],
        cipher: Some(Cipher::Ctr),
        longest: 161,
    };
    ENCRYPT_GCM_OBJECT = Target {
        id: "encrypt_gcm_object",
        piece: "encryptor, GCM object",
        sentence: "Any parts in any order are one-shot AES-256-GCM over the object; whatever is changed is refused.",
        crash: "no reader opens the object, or one opens what was tampered with",
        trials: &[
            trial!(DECLARED_SIZES, encrypt),
            trial!(PART_EQUALS_SLICE, encrypt),
            trial!(ANY_ORDER_RETRY_CHUNKING, encrypt),
            trial!(ROUND_TRIP, encrypt),
            trial!(READS_THE_MODEL, encrypt),
            trial!(PART_BODY_REFUSAL, encrypt),
            trial!(GCM_OBJECT_ONE_SHOT, encrypt),
            trial!(GCM_TAMPERING_REFUSED, tamper),
        ],
        cipher: Some(Cipher::GcmObject),
        longest: 177,
    };
    ENCRYPT_GCM_PART = Target {
        id: "encrypt_gcm_part",
        piece: "encryptor, GCM part",
        sentence: "Any part is sealed as the model seals it, bound to its number and sizes; whatever is changed is refused.",
        crash: "no reader opens a part, or one opens a part that is another's",
        trials: &[
            trial!(DECLARED_SIZES, encrypt),
            trial!(PART_EQUALS_SLICE, encrypt),
            trial!(ANY_ORDER_RETRY_CHUNKING, encrypt),
            trial!(ROUND_TRIP, encrypt),
            trial!(READS_THE_MODEL, encrypt),
            trial!(PART_BODY_REFUSAL, encrypt),
            trial!(GCM_PART_TAGS, encrypt),
            trial!(GCM_TAMPERING_REFUSED, tamper),
        ],
        cipher: Some(Cipher::GcmPart),
        longest: 177,
    };
    DECRYPT_RANGE = Target {
        id: "decrypt_range",
        piece: "decryptor, AES/CTR",
        sentence: "Stored bytes from any offset of an object up to 48.8 TB decrypt to the plaintext there.",
        crash: "a range read returns wrong bytes",
        trials: &[trial!(ANY_RANGE, position)],
        cipher: Some(Cipher::Ctr),
        longest: 112,
    };
    SERVICE = Target {
        id: "service",
        piece: "part-list builder and answer reader, and the model's service",
        sentence: "After any sequence of requests a client's view of uploads and objects is the service's.",
        crash: "a client loses track of an upload, or the model contradicts itself (the message says so)",
        trials: &[trial!(SESSION, session)],
        cipher: None,
        longest: 192,
    };
    DIAGNOSE = Target {
        id: "diagnose",
        piece: "Partproof's own capture reader",
        sentence: "Any bytes given as a capture are diagnosed or refused.",
        crash: "`partproof diagnose` crashes or hangs on somebody's capture",
        trials: &[trial!(ANY_CAPTURE, any_capture)],
        cipher: None,
        longest: 4_096,
    };
    VECTORS = Target {
        id: "vectors",
        piece: "Partproof's own reader of vectors",
        sentence: "Any bytes given as a file of vectors are checked or refused.",
        crash: "`partproof vectors verify` crashes or hangs on somebody's file",
        trials: &[trial!(ANY_VECTORS, any_vectors)],
        cipher: None,
        longest: 4_096,
    };
    CASE_FILE = Target {
        id: "case_file",
        piece: "Partproof's own reader of cases and reports",
        sentence: "Any bytes given to be replayed are read or refused.",
        crash: "`partproof replay` crashes or hangs on somebody's file",
        trials: &[trial!(ANY_CASE_FILE, any_case_file)],
        cipher: None,
        longest: 2_048,
    };
    CHECKPOINT = Target {
        id: "checkpoint",
        piece: "the built-in client's own reader of checkpoints",
        sentence: "Any bytes given as a checkpoint are read as what they say, or refused.",
        crash: "an upload is resumed as another, or `upload` crashes on what it finds on the disk",
        trials: &[trial!(ANY_CHECKPOINT, any_checkpoint)],
        cipher: None,
        longest: 4_096,
    };
    PROTOCOL = Target {
        id: "protocol",
        piece: "Partproof's own reader of answers of the line protocol",
        sentence: "Any bytes that a subject in another process answers are read as what they say, or what is wrong with them is said.",
        crash: "an adapter is judged by what it did not say, or `partproof check --subject` crashes on what it said",
        trials: &[trial!(ANY_ANSWER_LINE, any_answer_line)],
        cipher: None,
        longest: 4_096,
    };
    EMULATOR_HTTP = Target {
        id: "emulator_http",
        piece: "Partproof's own emulator",
        sentence: "Any bytes on a connection are answered whole and by the rules; what is refused, signed with another key, or comes from another site's page, changes nothing.",
        crash: "`partproof serve` ends, or answers a client's tests what the service would not",
        trials: &[trial!(ANY_EXCHANGE, any_exchange)],
        cipher: None,
        longest: 4_096,
    };
    EMULATOR_JOURNAL = Target {
        id: "emulator_journal",
        piece: "Partproof's own emulator, its journal",
        sentence: "Any bytes given as a journal are restored, the same every time, whole, cut, torn or written anew, or refused with their line.",
        crash: "`partproof serve --data-dir` ends or forgets",
        trials: &[trial!(ANY_JOURNAL, any_journal)],
        cipher: None,
        longest: 4_096,
    };
    EMULATOR_SCRIPT = Target {
        id: "emulator_script",
        piece: "Partproof's own emulator, its scripts",
        sentence: "Any bytes given as a script of faults are read as what they say, or refused with their place.",
        crash: "`partproof serve --script` ends, or plays other faults than were written",
        trials: &[trial!(ANY_SCRIPT, any_script)],
        cipher: None,
        longest: 2_048,
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
            assert!(is_whole && !target.trials.is_empty(), "{}", target.id);
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
