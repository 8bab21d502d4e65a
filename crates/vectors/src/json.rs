//! The text of a file: indented, but what fits in a line stands in one, so that a case can be read and a table compared.

use serde::Serialize;

use super::file::VectorFile;

/// The longest line that is put together, in bytes.
const LONGEST_LINE: usize = 160;

impl VectorFile {
    /// The file as it is published, ending in a line feed.
    pub fn to_json(&self) -> String {
        let mut indented = Vec::new();
        let style = serde_json::ser::PrettyFormatter::with_indent(b" ");
        self.serialize(&mut serde_json::Serializer::with_formatter(
            &mut indented,
            style,
        ))
        .expect("a file serialises");
        let indented = String::from_utf8(indented).expect("JSON is UTF-8");
        let lines: Vec<&str> = indented.lines().collect();
        let mut text = String::new();
        let mut at = 0;
        while let Some(line) = lines.get(at) {
            let (joined, used) = joined(&lines[at..]).unwrap_or_else(|| ((*line).to_owned(), 1));
            text.push_str(&joined);
            text.push('\n');
            at += used;
        }
        text
    }
}

/// The object or list that begins in the first of these lines as one line, and how many lines it had; `None` if none
/// begins there, or if it is too long.
fn joined(lines: &[&str]) -> Option<(String, usize)> {
    let (first, rest) = lines.split_first()?;
    // Indented JSON has no bracket at the end of a line but one that opens: strings end in a quote.
    first.ends_with(['{', '[']).then_some(())?;
    let indent = first.len() - first.trim_start().len();
    let mut text = (*first).to_owned();
    for (line, used) in rest.iter().zip(2..) {
        let content = line.trim_start();
        let ends = line.len() - content.len() == indent;
        if !ends && text.ends_with(',') {
            text.push(' ');
        }
        text.push_str(content);
        if text.len() > LONGEST_LINE {
            return None;
        }
        if ends {
            return Some((text, used));
        }
    }
    None
}
