//! Files of one case each: what a reader of vectors is fuzzed from, since a whole file is too long to change in a telling place.

use serde_json::{Value, json};

use super::generate;

/// The longest that is worth changing, in bytes.
const LONGEST: usize = 4_096;

/// The first case of every group, as a file of its own.
pub(crate) fn small() -> Vec<Vec<u8>> {
    let files = generate().into_iter();
    let groups = files.flat_map(|(_, file)| {
        let whole = serde_json::to_value(file).expect("a file serialises");
        let groups = whole["testGroups"].as_array().cloned().unwrap_or_default();
        let cut = move |group: Value| first_case(whole.clone(), group);
        groups.into_iter().map(cut)
    });
    groups.filter(|file| file.len() <= LONGEST).collect()
}

fn first_case(mut file: Value, mut group: Value) -> Vec<u8> {
    let mut test = group["tests"][0].take();
    test["tcId"] = json!(1);
    if let Some(notes) = file["notes"].as_object_mut() {
        let flags = test["flags"].as_array().cloned().unwrap_or_default();
        notes.retain(|flag, _| flags.contains(&json!(flag)));
    }
    group["tests"] = json!([test]);
    file["numberOfTests"] = json!(1);
    file["testGroups"] = json!([group]);
    file.to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_a_file_that_reads() {
        let files = small();
        assert!(files.len() >= 8, "{} files", files.len());
        for file in files {
            super::super::read(&file).unwrap();
        }
    }
}
