//! `partproof.toml`: what a repository asks for each time, so that `partproof check` is the whole line there. Its keys are the options of the
//! command line, read and refused as they are; one that is given on the command line is not looked up in the file.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::Path;

use clap::{Arg, ArgAction, Command, CommandFactory, Parser};
use partproof_subjects::near;
use partproof_visible::visible;
use toml::{Table, Value};

use crate::args::Args;
use crate::input;

/// Where it is, from where the command is started.
pub(crate) const FILE: &str = "partproof.toml";

/// What could not be parsed.
pub(crate) enum Problem {
    /// The command line; and the options that the file added to it.
    Line(clap::Error, Vec<String>),
    /// The file.
    File(String),
}

/// Reads a command line, and the file for what it does not say.
pub(crate) fn parse(mut line: Vec<OsString>) -> Result<Args, Problem> {
    let added = match Path::new(FILE).symlink_metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
        _ => added(&line).map_err(Problem::File)?,
    };
    // Behind `--` nothing is an option.
    let end = line.iter().position(|word| word == "--");
    let end = end.unwrap_or(line.len());
    line.splice(end..end, added.iter().map(OsString::from));
    Args::try_parse_from(line).map_err(|error| Problem::Line(error, added))
}

/// The options that the file adds to this command line.
fn added(line: &[OsString]) -> Result<Vec<String>, String> {
    let given: Vec<&str> = line
        .iter()
        .skip(1)
        .map_while(|word| word.to_str())
        .collect();
    let program = Args::command();
    let Some(command) = given
        .first()
        .and_then(|name| configurable(&program).find(|command| command.get_name() == *name))
    else {
        return Ok(Vec::new());
    };
    let options: Vec<&str> = given.into_iter().take_while(|word| *word != "--").collect();
    let text = input::CONFIG.text(Path::new(FILE))?;
    from_file(&program, command, &options, &text).map_err(|problem| format!("{FILE}: {problem}"))
}

/// The commands that take options.
fn configurable(program: &Command) -> impl Iterator<Item = &Command> {
    program
        .get_subcommands()
        .filter(|command| !command.is_hide_set() && keys(command).next().is_some())
}

/// The options of a command by name.
fn keys(command: &Command) -> impl Iterator<Item = (&str, &Arg)> {
    let named = command
        .get_arguments()
        .filter_map(|option| Some((option.get_long()?, option)));
    named.filter(|(key, _)| *key != "help")
}

fn from_file(
    program: &Command,
    command: &Command,
    given: &[&str],
    text: &str,
) -> Result<Vec<String>, String> {
    let table: Table = text
        .parse()
        .map_err(|error: toml::de::Error| error.to_string().trim_end().to_owned())?;
    let (mut shared, mut own) = (Table::new(), Table::new());
    for (key, value) in table {
        match (
            configurable(program).find(|other| other.get_name() == key),
            value,
        ) {
            (Some(of), Value::Table(table)) => {
                let known = || keys(of).map(|(key, _)| key.to_owned());
                if let Some(unknown) = table
                    .keys()
                    .find(|key| !known().any(|known| known == **key))
                {
                    return Err(format!(
                        "[{key}] {}: no option of `partproof {key}`{}",
                        visible(unknown),
                        near(unknown, known())
                    ));
                }
                if of.get_name() == command.get_name() {
                    own = table;
                }
            }
            (None, value)
                if configurable(program)
                    .flat_map(keys)
                    .any(|(known, _)| known == key) =>
            {
                shared.insert(key, value);
            }
            (_, value) => {
                let is_table = value.is_table();
                let commands = configurable(program).map(|command| command.get_name().to_owned());
                let options = configurable(program)
                    .flat_map(keys)
                    .map(|(key, _)| key.to_owned());
                let (what, near) = match is_table {
                    true => ("command", near(&key, commands)),
                    false => ("option of a command", near(&key, options)),
                };
                return Err(format!("{}: no {what}{near}", visible(&key)));
            }
        }
    }
    // What is replayed says of whom it is.
    if command.get_name() == "replay" {
        shared.remove("subject");
    }
    let is_given = |option: &Arg| {
        let long = option.get_long().unwrap_or_default();
        let short = option.get_short().map(|short| format!("-{short}"));
        given.iter().any(|word| {
            word.strip_prefix("--")
                .is_some_and(|word| word.split('=').next() == Some(long))
                || short.as_deref() == Some(*word)
        })
    };
    let mut added = Vec::new();
    for (key, option) in keys(command) {
        let Some(value) = own.get(key).or_else(|| shared.get(key)) else {
            continue;
        };
        let excludes = |one: &Arg, other: &Arg| {
            let excluded = command.get_arg_conflicts_with(one);
            excluded.iter().any(|one| one.get_id() == other.get_id())
        };
        let mut given = command.get_arguments().filter(|other| is_given(other));
        let is_out = |other: &Arg| excludes(option, other) || excludes(other, option);
        if is_given(option) || given.any(is_out) {
            continue;
        }
        let problem =
            |expected: &str| format!("{key} is {}, expected {expected}", value.type_str());
        match (option.get_action(), value) {
            (ArgAction::SetTrue, Value::Boolean(true)) => added.push(format!("--{key}")),
            (ArgAction::SetTrue, Value::Boolean(false)) => {}
            (ArgAction::SetTrue, _) => return Err(problem("true or false")),
            (ArgAction::Append, Value::Array(values)) => {
                for value in values {
                    added.push(format!(
                        "--{key}={}",
                        plain(value).ok_or_else(|| problem("a list of texts"))?
                    ));
                }
            }
            (_, value) => added.push(format!(
                "--{key}={}",
                plain(value).ok_or_else(|| problem("a text or a number"))?
            )),
        }
    }
    Ok(added)
}

/// A value as the command line has it.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Float(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::*;

    fn check(given: &str, text: &str) -> Result<Vec<String>, String> {
        let program = Args::command();
        let given: Vec<&str> = given.split(' ').collect();
        let command = configurable(&program)
            .find(|command| command.get_name() == given[0])
            .unwrap();
        from_file(&program, command, &given, text)
    }

    #[test]
    fn what_the_command_line_says_is_not_looked_up() {
        let text = "subject = 'a b'\ntime-limit = 2.5\n[check]\nprofile = 3\nskip = ['upload-*', 'download']\nstrict = true\njson = false\n";
        for (given, added) in [
            (
                "check",
                &[
                    "--subject=a b",
                    "--time-limit=2.5",
                    "--profile=3",
                    "--skip=upload-*",
                    "--skip=download",
                    "--strict",
                ][..],
            ),
            (
                "check --subject c --skip=x -v",
                &["--time-limit=2.5", "--profile=3", "--strict"],
            ),
            (
                "check --cases 3 --strict",
                &[
                    "--subject=a b",
                    "--time-limit=2.5",
                    "--skip=upload-*",
                    "--skip=download",
                ],
            ),
            ("smoke", &["--subject=a b", "--time-limit=2.5"]),
            ("replay x", &["--time-limit=2.5"]),
            ("diagnose", &[]),
        ] {
            assert_eq!(check(given, text).unwrap(), added, "{given}");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, said) in [
            (
                "subjekt = 'a'",
                "subjekt: no option of a command: did you mean subject",
            ),
            ("[chekc]\n", "chekc: no command: did you mean check?"),
            ("check = 3", "check: no option of a command"),
            (
                "[check]\nprofil = 3",
                "[check] profil: no option of `partproof check`: did you mean profile?",
            ),
            (
                "[matrix]\nknown = 'a'",
                "[matrix] known: no option of `partproof matrix`",
            ),
            (
                "[check]\nstrict = 'yes'",
                "strict is string, expected true or false",
            ),
            (
                "[check]\nskip = [['a']]",
                "skip is array, expected a list of texts",
            ),
            (
                "[check]\nprofile = {}",
                "profile is table, expected a text or a number",
            ),
            ("[check", "line 1, column"),
        ] {
            let problem = check("check", text).unwrap_err();
            assert!(problem.contains(said), "{problem}");
        }
    }

    /// The schema of the file, made of the options themselves.
    fn schema() -> serde_json::Value {
        let program = Args::command();
        let of = |option: &Arg| {
            let help = option
                .get_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            let plain = json!({ "type": ["string", "number"] });
            let mut schema = match option.get_action() {
                ArgAction::SetTrue => json!({ "type": "boolean" }),
                ArgAction::Append => {
                    json!({ "anyOf": [plain, { "type": "array", "items": plain }] })
                }
                _ => plain,
            };
            schema["description"] = help.into();
            schema
        };
        let mut properties = Map::new();
        for command in configurable(&program) {
            for (key, option) in keys(command) {
                properties.entry(key).or_insert_with(|| of(option));
            }
        }
        for command in configurable(&program) {
            let options: Map<_, _> = keys(command)
                .map(|(key, option)| (key.to_owned(), of(option)))
                .collect();
            let about = command.get_about().map(ToString::to_string);
            let table = json!({ "description": about, "type": "object", "properties": options, "additionalProperties": false });
            properties.insert(command.get_name().to_owned(), table);
        }
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "partproof.toml",
            "description": "What a repository asks for each time. An option at the top is for every command that has it, one in a command's table for that command.",
            "type": "object", "properties": properties, "additionalProperties": false,
        })
    }

    #[test]
    fn the_schema_is_published() {
        let file = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../docs/schema/config-v1.json"
        );
        let schema = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
        if std::env::var_os("PARTPROOF_WRITE_SCHEMA").is_some() {
            std::fs::write(file, &schema).unwrap();
        }
        let published = std::fs::read_to_string(file).unwrap();
        assert!(published == schema, "PARTPROOF_WRITE_SCHEMA=1 writes it");
    }
}
