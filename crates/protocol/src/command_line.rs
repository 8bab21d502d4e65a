//! The command that starts a subject, as one would write it in a shell; no shell reads it.

use std::ffi::OsString;
use std::process::Command;

use partproof_visible::visible;

/// A program, its arguments, and who starts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandLine {
    text: String,
    words: Vec<String>,
    supervisor: Vec<OsString>,
}

impl CommandLine {
    /// Splits it into words, by a shell's rules for quotes and backslashes.
    ///
    /// # Errors
    /// There is no word, or a quote is open.
    pub fn read(text: &str) -> Result<Self, String> {
        match shlex::split(text) {
            Some(words) if !words.is_empty() => Ok(Self {
                text: text.to_owned(),
                words,
                supervisor: Vec::new(),
            }),
            Some(_) => Err("no command, expected a program and its arguments".to_owned()),
            None => Err(format!("{text:?} ends in an open quote or a backslash")),
        }
    }

    /// The same, started by a program that does nothing but call [`supervise`](crate::supervise) with what stands behind these words: the
    /// id of this process, and the command. Without, what the subject started in sessions of its own outlives it, and all of it outlives a
    /// process that is killed.
    #[must_use]
    pub fn supervised_by(self, supervisor: Vec<OsString>) -> Self {
        Self { supervisor, ..self }
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The program and its arguments.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// As one word for a shell, on one line that hides nothing.
    pub fn quoted(&self) -> String {
        if visible(&self.text) != self.text {
            let escaped: String = self.text.chars().map(escaped).collect();
            return format!("\"$(printf %b '{escaped}')\"");
        }
        // Only a NUL cannot be quoted, and no command line has one.
        shlex::try_quote(&self.text).map_or_else(|_| self.text.clone(), |word| word.into_owned())
    }

    pub(crate) fn is_supervised(&self) -> bool {
        !self.supervisor.is_empty()
    }

    /// What is to be started.
    pub(crate) fn command(&self) -> Command {
        let words = self.words.iter().map(OsString::from);
        let mut all = match self.is_supervised() {
            false => words.collect(),
            true => {
                let mut all = self.supervisor.clone();
                all.push(std::process::id().to_string().into());
                all.extend(words);
                all
            }
        };
        let arguments = all.split_off(1);
        let mut command = Command::new(all.remove(0));
        command.args(arguments);
        command
    }

    /// Why it cannot be started.
    pub(crate) fn cannot_start(&self, error: &str) -> String {
        format!("`{}`: {}", visible(&self.text), visible(error))
    }
}

/// A character as `printf %b` reads it, between single quotes.
fn escaped(character: char) -> String {
    let text = character.to_string();
    match character {
        '\'' | '\\' => {}
        _ if visible(&text) == text => return text,
        _ => {}
    }
    text.bytes().map(|byte| format!("\\0{byte:03o}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_split_as_a_shell_would() {
        let command = CommandLine::read("python3 'my adapter.py' --high-level").unwrap();
        assert_eq!(command.words, ["python3", "my adapter.py", "--high-level"]);
        assert_eq!(
            command.quoted(),
            r#""python3 'my adapter.py' --high-level""#
        );
        assert!(
            CommandLine::read("sh -c 'open")
                .unwrap_err()
                .contains("open quote")
        );
        assert!(CommandLine::read("  ").unwrap_err().contains("no command"));
    }

    #[test]
    fn a_shell_reads_what_is_quoted_as_it_was() {
        for text in [
            "python3 'my adapter.py'",
            "sh -c 'read line\n\techo \"$line\" \\ `true`'",
            "a \u{1b}[2J '\u{202e}\u{9b}' %s \\101 '$(false)' \"'\"",
        ] {
            let quoted = CommandLine::read(text).unwrap().quoted();
            assert_eq!(visible(&quoted), quoted);
            let script = format!("printf %s {quoted}");
            let read = Command::new("sh").args(["-c", &script]).output().unwrap();
            assert_eq!(String::from_utf8(read.stdout).unwrap(), text, "{quoted}");
        }
    }
}
