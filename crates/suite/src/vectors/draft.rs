//! A file while it is made: cases get their numbers, flags their notes, last.

use std::collections::BTreeSet;

use partproof_model::Question;

use super::file::{GENERATOR, Group, Note, SCHEMA, VERSION, VectorFile};

/// A flag's note, before anybody uses it.
pub(super) struct NoteText {
    pub(super) flag: &'static str,
    pub(super) description: &'static str,
    pub(super) effect: &'static str,
    pub(super) ec: &'static [&'static str],
}

/// A note without an error number.
pub(super) const fn note(
    flag: &'static str,
    description: &'static str,
    effect: &'static str,
) -> NoteText {
    note_ec(flag, description, effect, &[])
}

/// A note with error numbers.
pub(super) const fn note_ec(
    flag: &'static str,
    description: &'static str,
    effect: &'static str,
    ec: &'static [&'static str],
) -> NoteText {
    NoteText {
        flag,
        description,
        effect,
        ec,
    }
}

/// The finished file.
pub(super) fn file(
    algorithm: &str,
    header: &[&str],
    notes: &[NoteText],
    groups: Vec<Group>,
) -> VectorFile {
    by(GENERATOR, algorithm, header, notes, groups)
}

/// The same of another generator.
pub(super) fn by(
    generator: &str,
    algorithm: &str,
    header: &[&str],
    notes: &[NoteText],
    mut groups: Vec<Group>,
) -> VectorFile {
    let mut next = 1;
    for group in &mut groups {
        group.number(&mut next);
    }
    let used: BTreeSet<String> = groups
        .iter()
        .flat_map(Group::heads)
        .flat_map(|head| head.flags.to_vec())
        .collect();
    VectorFile {
        schema: SCHEMA.to_owned(),
        version: VERSION,
        generator: generator.to_owned(),
        algorithm: algorithm.to_owned(),
        header: header.iter().map(|line| (*line).to_owned()).collect(),
        notes: used
            .into_iter()
            .map(|flag| {
                let note = note_of(&flag, notes);
                (flag, note)
            })
            .collect(),
        number_of_tests: next - 1,
        test_groups: groups,
    }
}

fn note_of(flag: &str, notes: &[NoteText]) -> Note {
    if let Some(text) = notes.iter().find(|note| note.flag == flag) {
        return Note {
            description: text.description.to_owned(),
            effect: text.effect.to_owned(),
            ec: text.ec.iter().map(|ec| (*ec).to_owned()).collect(),
        };
    }
    let question = Question::ALL
        .iter()
        .find(|question| question.to_string() == flag)
        .expect("every flag is a note or a question: a test holds the files to it");
    Note {
        description: question.text().to_owned(),
        effect: "An open question of the evidence: either answer is right.".to_owned(),
        ec: Vec::new(),
    }
}

/// Flags as a test holds them.
pub(super) fn flags(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}
