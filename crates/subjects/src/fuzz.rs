//! The fuzz targets of Partproof itself, and the table of all targets.

use std::collections::BTreeMap;
use std::path::Path;

use partproof_suite::case::outside::Kind;
use partproof_suite::fuzz::dictionary::{HEADERS, LIST_ELEMENTS, envelope, of, tags, words};
use partproof_suite::fuzz::{Target, target};

use crate::documents;
use crate::laws;
use crate::own::answer_line::AnswerLineKind;
use crate::own::capture::CaptureKind;
use crate::own::case_file::CaseFileKind;
use crate::own::checkpoint::CheckpointKind;
use crate::own::emulator::cases::{ExchangeKind, JournalKind, ScriptKind};
use crate::own::vectors::VectorsKind;
use crate::own::{PROPERTIES, answer_line, capture, case_file, checkpoint, emulator, vectors};

/// Targets of Partproof itself, each with its properties.
pub mod own {
    use super::*;

    partproof_suite::targets! {
    DIAGNOSE = Target {
        id: "diagnose",
        piece: "Partproof's own capture reader",
        sentence: "Any bytes given as a capture are diagnosed or refused.",
        crash: "`partproof diagnose` crashes or hangs on somebody's capture",
        laws: &[&capture::ANY_CAPTURE],
        cipher: None,
        longest: 4_096,
        words: Some(capture_words),
    };
    VECTORS = Target {
        id: "vectors",
        piece: "Partproof's own reader of vectors",
        sentence: "Any bytes given as a file of vectors are checked or refused.",
        crash: "`partproof vectors verify` crashes or hangs on somebody's file",
        laws: &[&vectors::ANY_VECTORS],
        cipher: None,
        longest: 4_096,
        words: Some(of::<VectorsKind>),
    };
    CASE_FILE = Target {
        id: "case_file",
        piece: "Partproof's own reader of cases and reports",
        sentence: "Any bytes given to be replayed are read or refused.",
        crash: "`partproof replay` crashes or hangs on somebody's file",
        laws: &[&case_file::ANY_CASE_FILE],
        cipher: None,
        longest: 2_048,
        words: Some(case_file_words),
    };
    CHECKPOINT = Target {
        id: "checkpoint",
        piece: "the built-in client's own reader of checkpoints",
        sentence: "Any bytes given as a checkpoint are read as what they say, or refused.",
        crash: "an upload is resumed as another, or `upload` crashes on what it finds on the disk",
        laws: &[&checkpoint::ANY_CHECKPOINT],
        cipher: None,
        longest: 4_096,
        words: Some(of::<CheckpointKind>),
    };
    PROTOCOL = Target {
        id: "protocol",
        piece: "Partproof's own reader of answers of the line protocol",
        sentence: "Any bytes that a subject in another process answers are read as what they say, or what is wrong with them is said.",
        crash: "an adapter is judged by what it did not say, or `partproof check --subject` crashes on what it said",
        laws: &[&answer_line::ANY_ANSWER_LINE],
        cipher: None,
        longest: 4_096,
        words: Some(of::<AnswerLineKind>),
    };
    EMULATOR_HTTP = Target {
        id: "emulator_http",
        piece: "Partproof's own emulator",
        sentence: "Any bytes on a connection are answered whole and by the rules; what is refused, signed with another key, or comes from another site's page, changes nothing.",
        crash: "`partproof serve` ends, or answers a client's tests what the service would not",
        laws: &[&emulator::ANY_EXCHANGE],
        cipher: None,
        longest: 4_096,
        words: Some(exchange_words),
    };
    EMULATOR_JOURNAL = Target {
        id: "emulator_journal",
        piece: "Partproof's own emulator, its journal",
        sentence: "Any bytes given as a journal are restored, the same every time, whole, cut, torn or written anew, or refused with their line.",
        crash: "`partproof serve --data-dir` ends or forgets",
        laws: &[&emulator::ANY_JOURNAL],
        cipher: None,
        longest: 4_096,
        words: Some(journal_words),
    };
    EMULATOR_SCRIPT = Target {
        id: "emulator_script",
        piece: "Partproof's own emulator, its scripts",
        sentence: "Any bytes given as a script of faults are read as what they say, or refused with their place.",
        crash: "`partproof serve --script` ends, or plays other faults than were written",
        laws: &[&emulator::ANY_SCRIPT],
        cipher: None,
        longest: 2_048,
        words: Some(of::<ScriptKind>),
    };
    }
}

const HTTP: [&str; 16] = [
    "POST ",
    "PUT ",
    "GET ",
    "DELETE ",
    " HTTP/1.1\r\n",
    "HTTP/1.1 ",
    "?uploads",
    "Host: ",
    "Content-Length: ",
    "Content-MD5: ",
    "ETag: ",
    "Authorization: ",
    "Range: bytes=",
    "x-oss-hash-crc64ecma: ",
    "x-oss-ec: ",
    "x-oss-complete-all: yes",
];

const HAR: [&str; 14] = [
    "\"log\":",
    "\"version\":",
    "\"entries\":",
    "\"request\":",
    "\"response\":",
    "\"method\":",
    "\"url\":",
    "\"status\":",
    "\"headers\":",
    "\"name\":",
    "\"value\":",
    "\"postData\":",
    "\"text\":",
    "\"encoding\":\"base64\"",
];

/// Words of a capture.
fn capture_words() -> Vec<String> {
    let own = words(&[&HTTP, &HAR, CaptureKind::WORDS]);
    [tags(&LIST_ELEMENTS), envelope(), own].concat()
}

/// Words of what the emulator is sent.
fn exchange_words() -> Vec<String> {
    let own = words(&[&HTTP, ExchangeKind::WORDS]);
    [tags(&LIST_ELEMENTS), envelope(), own].concat()
}

/// Words of the emulator's journal.
fn journal_words() -> Vec<String> {
    words(&[&HEADERS, JournalKind::WORDS])
}

/// Words of a case file.
fn case_file_words() -> Vec<String> {
    let laws = laws().chain(PROPERTIES.iter().copied());
    let laws = laws.map(|law| format!("{}:", law.id)).collect();
    [laws, of::<CaseFileKind>()].concat()
}

/// Every target: those of a client's pieces first.
pub fn targets() -> impl Iterator<Item = &'static Target> {
    target::TARGETS.iter().chain(own::TARGETS).copied()
}

/// The target of that name.
pub fn find(id: &str) -> Option<&'static Target> {
    targets().find(|target| target.id == id)
}

/// The target that a file belongs to: one of the folders it is in has its name, as corpora and crashes have
/// (`fuzz/artifacts/plan/crash-...`).
pub fn of_file(file: &Path) -> Option<&'static Target> {
    let folders = file.parent()?.components().rev();
    folders
        .filter_map(|folder| folder.as_os_str().to_str())
        .find_map(find)
}

/// Seeds by name, the same every time; documents of the vectors are among them.
pub fn seeds(target: &Target) -> BTreeMap<String, Vec<u8>> {
    target.seeds(match target.id {
        "part_list_read" => documents::part_lists(),
        "envelope" => documents::header_lines(),
        _ => Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use partproof_suite::fuzz::{Fuzzer, Input};

    use super::*;

    #[test]
    fn names_are_unique_and_each_has_its_laws() {
        let ids: BTreeSet<_> = targets().map(|target| target.id).collect();
        assert_eq!(ids.len(), targets().count());
        for target in targets() {
            let is_whole = target.sentence.ends_with('.') && target.longest > 0;
            assert!(is_whole && !target.laws.is_empty(), "{}", target.id);
        }
    }

    #[test]
    fn a_crash_file_tells_its_target_by_its_folder() {
        let of = |file: &str| of_file(Path::new(file)).map(|target| target.id);
        assert_eq!(of("fuzz/artifacts/plan/crash-1"), Some("plan"));
        assert_eq!(of("service/plan/x"), Some("plan"));
        assert_eq!(of("plan"), None);
        assert_eq!(of("somewhere/else.json"), None);
    }

    #[test]
    fn every_target_has_seeds_and_the_built_in_client_stands_them() {
        for target in targets() {
            let seeds = seeds(target);
            assert!(seeds.len() >= 4, "{}: {} seeds", target.id, seeds.len());
            let fuzzer = Fuzzer::new(target, crate::own::subject());
            for (name, bytes) in seeds {
                let judged = fuzzer.judge(&bytes);
                assert_eq!(judged.unwrap(), Input::Judged, "{}: {name}", target.id);
            }
        }
    }
}
