//! A drawing of an object: its parts in a line, where wrong bytes lie, and where they would be right.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

/// An object's parts in a line, and what is wrong where. Its lines are short and plain, so that every report can show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Drawing {
    /// Bytes of every part but the last.
    pub part_size: u64,
    /// How many parts there are.
    pub count: u64,
    /// The first wrong byte.
    pub wrong: Option<u64>,
    /// The byte for which it would be right; it may lie behind the object.
    pub instead: Option<u64>,
    /// The first and the last block whose keystream two places have.
    pub shared: Option<[u64; 2]>,
    /// What is said of them.
    pub lines: Vec<String>,
}

impl Drawing {
    /// Of an object of so many bytes.
    pub fn new(part_size: u64, length: u64) -> Self {
        let part_size = part_size.max(1);
        Self {
            part_size,
            count: length.div_ceil(part_size).max(1),
            wrong: None,
            instead: None,
            shared: None,
            lines: Vec::new(),
        }
    }

    /// Marks the first wrong byte, and says what is wrong with it.
    pub fn wrong(&mut self, byte: u64, what: impl Into<String>) {
        self.wrong = Some(byte);
        let number = byte / self.part_size + 1;
        self.lines
            .push(format!("x  from byte {byte}, in part {number}:"));
        self.lines.push(what.into());
    }

    /// Marks where it would be right.
    pub fn instead(&mut self, byte: u64) {
        self.instead = Some(byte);
        let number = byte / self.part_size + 1;
        self.lines.push(match number > self.count {
            true => "^  which is behind the object".to_owned(),
            false => format!("^  which is in part {number}"),
        });
    }

    /// Says that two places have the keystream of these blocks.
    pub fn shares(&mut self, first: u64, last: u64) {
        self.shared = Some([first, last]);
        self.lines.push(match last == first {
            true => format!("two places have the keystream of block {first}"),
            false => format!("two places have the keystream of blocks {first} to {last}"),
        });
    }

    /// The number of the part in which a byte lies; one more than there are for what is behind the object.
    pub fn number(&self, byte: u64) -> u64 {
        (byte / self.part_size.max(1))
            .saturating_add(1)
            .min(self.count.saturating_add(1))
    }

    /// The numbers of the parts that are shown: of many, the first and the last and those that are meant.
    pub fn shown(&self) -> Vec<u64> {
        let number = |byte: Option<u64>| byte.map(|byte| self.number(byte));
        let (wrong, instead) = (number(self.wrong), number(self.instead));
        let mut shown: Vec<u64> = [Some(1), Some(2), wrong, instead, Some(self.count)]
            .into_iter()
            .flatten()
            .filter(|number| *number <= self.count || Some(*number) == instead)
            .collect();
        shown.sort_unstable();
        shown.dedup();
        shown
    }

    /// The drawing as text, without a line feed at its end.
    pub fn text(&self) -> String {
        let number = |byte: Option<u64>| byte.map(|byte| self.number(byte));
        let (wrong, instead) = (number(self.wrong), number(self.instead));
        let (mut parts, mut marks, mut before) = ("|".to_owned(), " ".to_owned(), 0);
        for number in self.shown() {
            if number > before + 1 {
                parts.push_str(" ... |");
                marks.push_str("      ");
            }
            let cell = match number > self.count {
                true => " no part |".to_owned(),
                false => format!(" part {number} |"),
            };
            let mark = match (wrong == Some(number), instead == Some(number)) {
                (true, true) if self.instead < self.wrong => "^ x",
                (true, true) => "x ^",
                (true, false) => "x",
                (false, true) => "^",
                (false, false) => "",
            };
            let _ = write!(marks, "{mark:^width$}", width = cell.len());
            parts.push_str(&cell);
            before = number;
        }
        let mut text = format!("{parts}\n{}", marks.trim_end());
        for line in &self.lines {
            let indent = match line.starts_with(['x', '^']) {
                true => "",
                false => "   ",
            };
            let _ = write!(text, "\n{indent}{line}");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_stand_in_a_line_with_marks_below() {
        let mut drawing = Drawing::new(102_400, 204_801);
        drawing.wrong(
            102_400,
            "block 6400 is encrypted for block 0, that of byte 0",
        );
        drawing.instead(0);
        let drawn = "\
| part 1 | part 2 | part 3 |
     ^        x
x  from byte 102400, in part 2:
   block 6400 is encrypted for block 0, that of byte 0
^  which is in part 1";
        assert_eq!(drawing.text(), drawn);
    }

    #[test]
    fn of_many_parts_a_few_are_shown() {
        let mut drawing = Drawing::new(5 << 30, (5 << 30) * 9_999 + 1);
        drawing.wrong((5 << 30) * 5_000, "wrong");
        drawing.instead((5 << 30) * 10_000);
        let text = drawing.text();
        let first = text.lines().next().unwrap();
        assert_eq!(
            first,
            "| part 1 | part 2 | ... | part 5001 | ... | part 10000 | no part |"
        );
        assert!(text.lines().all(|line| line.len() < 80), "{text}");
    }
}
