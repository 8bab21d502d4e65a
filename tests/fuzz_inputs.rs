//! The corpora of the fuzz targets and every input that ever broke something, judged again on stable Rust; and that what is committed is
//! what the command makes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use partproof_subjects::fuzz::{find, seeds, targets};
use partproof_subjects::own;
use partproof_suite::fuzz::{Fuzzer, Input, Target};
use partproof_suite::replay::Replayed;

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz")
}

/// The files of a folder by name; none if there is no such folder.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("a folder that can be read").path())
        .map(|file| {
            (
                file.clone(),
                fs::read(file).expect("a file that can be read"),
            )
        })
        .collect();
    files.sort();
    files
}

#[test]
fn the_built_in_client_stands_every_input_of_the_corpora() {
    for target in targets() {
        let inputs = files(&fuzz().join("corpus").join(target.id));
        let fuzzer = Fuzzer::new(target, own::subject());
        let mut judged = 0;
        for (file, bytes) in &inputs {
            match fuzzer.judge(bytes) {
                Ok(Input::Judged) => judged += 1,
                Ok(Input::NoCase) => {}
                Err(finding) => panic!("{}\n{finding}", file.display()),
            }
        }
        // A corpus whose inputs have come to stand for nothing would be replayed in vain.
        assert!(
            judged >= 3 && judged * 10 >= inputs.len() * 9,
            "{}: {judged} of {} inputs stand for a case",
            target.id,
            inputs.len()
        );
    }
}

#[test]
fn what_broke_something_once_breaks_it_no_more() {
    for target in targets() {
        for (file, bytes) in files(&fuzz().join("crashes").join(target.id)) {
            let token = target.token(&bytes).unwrap();
            let replayed = token.replay(&own::subject());
            assert!(
                matches!(replayed, Replayed::Fixed),
                "{}: {replayed:?}",
                file.display()
            );
        }
    }
}

#[test]
fn each_target_has_its_program_its_corpus_and_its_dictionary() {
    let mut programs: Vec<String> = files(&fuzz().join("fuzz_targets"))
        .into_iter()
        .map(|(file, _)| file.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    programs.sort();
    let mut ids: Vec<_> = targets().map(|target| target.id).collect();
    ids.sort_unstable();
    assert_eq!(programs, ids);
    let readme = fs::read_to_string(fuzz().join("README.md")).unwrap();
    for target in targets() {
        let dictionary =
            fs::read_to_string(fuzz().join("dict").join(format!("{}.dict", target.id)));
        assert_eq!(
            dictionary.ok(),
            target.dictionary(),
            "{}: run `partproof seeds`",
            target.id
        );
        let Target {
            id,
            piece,
            sentence,
            crash,
            ..
        } = target;
        assert!(
            readme.contains(&format!("| `{id}` | {piece} | {sentence} |"))
                && readme.contains(crash),
            "fuzz/README.md does not say of {id}: {piece}, {sentence}, {crash}"
        );
    }
}

#[test]
fn a_crash_file_is_a_case_file() {
    let folder = tempfile::tempdir().unwrap();
    let crash = folder.path().join("plan/crash-1");
    fs::create_dir(folder.path().join("plan")).unwrap();
    let (_, seed) = seeds(find("plan").unwrap()).pop_first().unwrap();
    fs::write(&crash, seed).unwrap();
    let replay = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_partproof"))
            .arg("replay")
            .args(arguments)
            .output()
            .unwrap();
        let (printed, said) = (output.stdout, output.stderr);
        let text = [printed, said].concat();
        (output.status.code(), String::from_utf8(text).unwrap())
    };
    let crash = crash.to_str().unwrap();
    let (code, text) = replay(&[crash]);
    assert_eq!(code, Some(0), "{text}");
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("  replay    partproof replay '"));
    let token = line.unwrap().strip_suffix('\'').unwrap();
    assert!(
        token.starts_with("plan-") && text.contains("case"),
        "{text}"
    );
    assert_eq!(replay(&[token]), (code, text.clone()));
    // Anywhere else it must be said whose input it is.
    let elsewhere = folder.path().join("crash-1");
    fs::copy(crash, &elsewhere).unwrap();
    let elsewhere = elsewhere.to_str().unwrap();
    assert_eq!(replay(&["--target", "plan", elsewhere]), (code, text));
    let (code, text) = replay(&[elsewhere]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("--target TARGET"), "{text}");
    let (code, text) = replay(&["--target", "plane", elsewhere]);
    assert_eq!(code, Some(2));
    assert!(text.contains("expected one of plan, "), "{text}");
}
