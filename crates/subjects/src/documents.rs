//! What fuzz targets begin with, out of the vectors: files of one case each, since a whole file is too long to change in a telling
//! place, and the documents that cases are about.

use serde_json::{Value, json};

use partproof_suite::case::Case;
use partproof_suite::case::headers::HeadersCase;
use partproof_vectors::FILES;

/// The longest that is worth changing, in bytes.
const LONGEST: usize = 4_096;

/// The first case of every group, as a file of its own.
pub(crate) fn small() -> Vec<Vec<u8>> {
    let groups = FILES.into_iter().flat_map(|(_, text)| {
        let whole: Value = serde_json::from_str(text).expect("a test reads the file");
        let groups = whole["testGroups"].as_array().cloned().unwrap_or_default();
        let cut = move |group: Value| first_case(whole.clone(), group);
        groups.into_iter().map(cut)
    });
    groups.filter(|file| file.len() <= LONGEST).collect()
}

/// The values that the cases of one file have under this name.
fn values(file: &str, name: &str) -> Vec<Value> {
    let text = FILES.into_iter().find(|(other, _)| *other == file);
    let whole = text.map(|(_, text)| serde_json::from_str(text).expect("a test reads the file"));
    let groups = whole.map(|mut whole: Value| whole["testGroups"].take());
    let groups = groups
        .as_ref()
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let tests = groups
        .filter_map(|group| group["tests"].as_array())
        .flatten();
    tests.filter_map(|test| test.get(name).cloned()).collect()
}

/// The part lists of `part_list.json` that are short enough to be worth changing.
pub(crate) fn part_lists() -> Vec<Vec<u8>> {
    let bodies = values("part_list.json", "body").into_iter();
    let bodies = bodies.filter_map(|body| body.as_str().map(|text| text.as_bytes().to_vec()));
    bodies.filter(|body| body.len() <= LONGEST).collect()
}

/// The headers of `envelope.json`, as lines.
pub(crate) fn header_lines() -> Vec<Vec<u8>> {
    let headers = values("envelope.json", "headers").into_iter();
    headers
        .filter_map(|headers| serde_json::from_value(headers).ok())
        .map(|headers| HeadersCase { headers })
        .filter(|case| case.check().is_ok())
        .map(|case| case.lines().into_bytes())
        .collect()
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
            partproof_vectors::read(&file).unwrap();
        }
    }

    #[test]
    fn documents_of_cases_are_there() {
        assert!(part_lists().len() >= 50 && header_lines().len() >= 100);
    }
}
