//! What is printed: whole texts at once, coloured only where a terminal shows it. All that the command says goes through here: nothing that
//! works on a terminal leaves but the command's own colours, and where nothing can be said any more, the exit code stays what it is.

use std::fmt::Display;
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::sync::Once;

use anstyle::{AnsiColor, Style};
use partproof_visible::{visible, visible_json, visible_lines};
use serde::Serialize;

/// Shows a text on standard output. Where that cannot be written, standard error tells; the verdict is the verdict all the same.
pub(crate) fn show(text: &str) {
    static TOLD: Once = Once::new();
    if let Err(problem) = print(text) {
        TOLD.call_once(|| say(&format!("{} {problem}\n", error("not shown:"))));
    }
}

/// Shows JSON on standard output, escaped as JSON escapes.
pub(crate) fn show_json(value: &impl Serialize) {
    let json = serde_json::to_string_pretty(value).expect("a report serialises");
    show(&(visible_json(&json) + "\n"));
}

/// Says something on standard error. Nobody is left to tell if that cannot be written.
pub(crate) fn say(text: &str) {
    let mut stderr = anstream::stderr().lock();
    let _ = stderr
        .write_all(shown(text).as_bytes())
        .and_then(|()| stderr.flush());
}

/// Prints a text to standard output. A reader who has seen enough (`| head`) is no error.
///
/// # Errors
/// Standard output cannot be written.
pub(crate) fn print(text: &str) -> Result<(), String> {
    let mut stdout = anstream::stdout().lock();
    match stdout
        .write_all(shown(text).as_bytes())
        .and_then(|()| stdout.flush())
    {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(format!("standard output: {error}"))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// A text with nothing in it that works on a terminal but the colours below.
fn shown(text: &str) -> String {
    const ESCAPE: char = '\u{1b}';
    let styles = [Style::new().bold(), GOOD, BAD, DOUBTFUL]
        .iter()
        .flat_map(|style| [style.render().to_string(), style.render_reset().to_string()])
        .collect::<Vec<_>>();
    let mut pieces = text.split(ESCAPE);
    let mut shown = visible_lines(pieces.next().unwrap_or_default());
    for piece in pieces {
        // A style may be several sequences, one behind the other.
        let is_own = |style: &&String| {
            let mut sequences = style.split(ESCAPE).skip(1);
            sequences.any(|sequence| piece.starts_with(sequence))
        };
        match styles.iter().find(is_own) {
            Some(_) => shown.push(ESCAPE),
            None => shown.push_str("\\u{1b}"),
        }
        shown.push_str(&visible_lines(piece));
    }
    shown
}

/// A file as it is shown: whoever named it may have had a reason.
pub(crate) fn name(file: &Path) -> String {
    visible(&file.to_string_lossy())
}

/// A number with thousands separated.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<_> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(String::from_utf8_lossy)
        .collect();
    groups.join(",")
}

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();
const DOUBTFUL: Style = AnsiColor::Yellow.on_default();

pub(crate) fn bold(text: impl Display) -> String {
    styled(Style::new().bold(), text)
}

pub(crate) fn good(text: impl Display) -> String {
    styled(GOOD, text)
}

pub(crate) fn bad(text: impl Display) -> String {
    styled(BAD, text)
}

pub(crate) fn doubtful(text: impl Display) -> String {
    styled(DOUBTFUL, text)
}

pub(crate) fn error(text: impl Display) -> String {
    bad(text)
}

fn styled(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_colours_work_on_a_terminal() {
        let own = format!(
            "{} {} {} {}\n",
            bold("a"),
            good("b"),
            bad("c"),
            doubtful("d")
        );
        assert_eq!(shown(&own), own);
        for (hostile, harmless) in [
            ("\u{1b}[2J", "\\u{1b}[2J"),
            ("\u{1b}]0;title\u{7}", "\\u{1b}]0;title\\u{7}"),
            ("\u{1b}[8m", "\\u{1b}[8m"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("a\r\u{202e}b", "a\\r\\u{202e}b"),
            ("\u{1b}", "\\u{1b}"),
        ] {
            assert_eq!(shown(hostile), harmless);
        }
    }
}
