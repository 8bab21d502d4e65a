//! Text from outside, as it is shown. What a subject, a capture or a file says may hold what a terminal obeys (ESC, C1), what turns a line
//! round (bidi overrides) or what nobody sees; all of it is escaped, and read as what it is. Nothing else is: a text that has been through here
//! comes out the same again, so that it does no harm to escape where a text enters and once more where it leaves.

pub mod hex;
mod shown;

use std::fmt::Write;

pub use hex::Hex;
pub use shown::shown;

/// As one line: line feeds are escaped too.
pub fn visible(text: &str) -> String {
    escaped(text, |_| false)
}

/// As several lines.
pub fn visible_lines(text: &str) -> String {
    escaped(text, |character| character == '\n')
}

/// As a text in a report. All of its lines but the first are marked, so that none passes for one of the report's own.
pub fn visible_block(text: &str) -> String {
    const MARK: &str = "            | ";
    let marked = text.lines().enumerate().map(|(number, line)| {
        let line = visible(line);
        match number == 0 || line.starts_with(MARK) {
            true => line,
            false => format!("{MARK}{line}"),
        }
    });
    marked.collect::<Vec<_>>().join("\n")
}

/// JSON, escaped as JSON escapes: it is read as the same values.
pub fn visible_json(json: &str) -> String {
    let mut shown = String::with_capacity(json.len());
    for character in json.chars() {
        // Below the space there is only what stands between values.
        match character >= ' ' && is_hidden(character) {
            false => shown.push(character),
            true => character.encode_utf16(&mut [0; 2]).iter().for_each(|unit| {
                write!(shown, "\\u{unit:04x}").expect("writing to a String cannot fail");
            }),
        }
    }
    shown
}

fn escaped(text: &str, is_kept: impl Fn(char) -> bool) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match is_hidden(character) && !is_kept(character) {
            false => shown.push(character),
            true if character.is_ascii() => shown.extend(character.escape_debug()),
            true => shown.extend(character.escape_unicode()),
        }
    }
    shown
}

/// Whether a character moves others, or is nowhere to be seen.
fn is_hidden(character: char) -> bool {
    match character {
        ' '..='~' => false,
        // Unicode's Default_Ignorable_Code_Point, as far as they are no format characters.
        '\u{34f}'
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{ffa0}'
        | '\u{e0100}'..='\u{e01ef}' => true,
        // Controls, format characters, separators other than the space, and what is not assigned: what `Debug` escapes. A letter stands
        // before, since a mark that belongs to one is seen.
        _ => format!("a{character}").escape_debug().nth(2).is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ESC, OSC's end, C1, DEL; bidi overrides and isolates; joiners, soft hyphen, byte order mark, tags; separators; fillers; selectors.
    const HIDDEN: [char; 22] = [
        '\u{1b}',
        '\u{7}',
        '\u{9b}',
        '\u{9d}',
        '\u{7f}',
        '\u{0}',
        '\r',
        '\t',
        '\u{202e}',
        '\u{2066}',
        '\u{200b}',
        '\u{200d}',
        '\u{ad}',
        '\u{feff}',
        '\u{e0041}',
        '\u{2028}',
        '\u{2029}',
        '\u{3164}',
        '\u{fe0f}',
        '\u{34f}',
        '\u{a0}',
        '\u{e000}',
    ];
    const SEEN: &str = "ä 对象 परीक्षण e\u{301} ✅ \\ \" ' ` | <!-- \\u{1b}";

    #[test]
    fn what_is_hidden_is_escaped_and_nothing_else() {
        assert_eq!(visible(SEEN), SEEN);
        for hidden in HIDDEN {
            let shown = visible(&format!("a{hidden}b"));
            assert!(!shown.contains(hidden) && shown.contains('\\'), "{shown}");
            assert_eq!(visible_lines(&shown), shown);
        }
        assert_eq!(visible("a\nb"), "a\\nb");
        assert_eq!(visible_lines("a\nb\u{1b}"), "a\nb\\u{1b}");
    }

    #[test]
    fn no_line_of_a_block_passes_for_the_reports() {
        let shown = visible_block("a\n\rconforms\nb\n");
        assert_eq!(shown, "a\n            | \\rconforms\n            | b");
        assert_eq!(visible_block(&shown), shown);
    }

    #[test]
    fn json_is_read_as_the_same() {
        let text: String = HIDDEN.iter().chain(&['\u{e0041}', '\n']).collect();
        let value = serde_json::json!({ SEEN: [text, SEEN] });
        let written = serde_json::to_string_pretty(&value).unwrap();
        let shown = visible_json(&written);
        assert_eq!(visible_lines(&shown), shown);
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&shown).unwrap(),
            value
        );
    }
}
