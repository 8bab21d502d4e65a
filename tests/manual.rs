//! What a package brings beside the program, and what tells of its commands: none is left out.

#![allow(clippy::unwrap_used, reason = "a test may panic: that is how it fails")]

use std::process::{Command, Output};

fn partproof(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_partproof"));
    command.args(args).env("COLUMNS", "100").output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The commands that the help lists, in its order.
fn commands() -> Vec<String> {
    let help = String::from_utf8(partproof(&["--help"]).stdout).unwrap();
    let listed = help.split("Commands:\n").nth(1).unwrap();
    let listed = listed.split("\n\n").next().unwrap().lines();
    let first_word = |line: &str| Some(line.strip_prefix("  ")?.split(' ').next()?.to_owned());
    listed
        .filter_map(first_word)
        .filter(|word| !word.is_empty())
        .collect()
}

#[test]
fn each_shell_completes_every_command() {
    let commands = commands();
    assert!(commands.len() > 12, "{commands:?}");
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = partproof(&["completions", shell]);
        assert!(output.status.success(), "{shell}");
        let script = String::from_utf8(output.stdout).unwrap();
        for command in &commands {
            let word = |text: &str| text == command;
            let mut words = script.split(|char: char| !char.is_alphanumeric() && char != '-');
            assert!(words.any(word), "{shell}: {command}");
        }
        assert!(script.contains("max-time"), "{shell}");
    }
}

#[test]
fn each_command_has_a_manual_page() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("share/man1");
    let output = partproof(&["man", "--out", out.to_str().unwrap()]);
    assert!(output.status.success(), "{}", said(&output));
    let mut names = commands();
    names.retain(|name| name != "help");
    for name in &names {
        let page = std::fs::read_to_string(out.join(format!("partproof-{name}.1"))).unwrap();
        assert!(page.contains(".SH SYNOPSIS"), "{name}");
    }
    assert!(std::fs::read_to_string(out.join("partproof.1")).is_ok());
    assert!(!out.join("partproof-supervise.1").exists());

    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let output = partproof(&["man", "--out", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("error: --out "), "{}", said(&output));
}

#[test]
fn the_readme_tells_of_every_command() {
    let readme = include_str!("../README.md");
    let table = readme.split("## The commands").nth(1).unwrap();
    let table = table.split("\n\n").nth(1).unwrap();
    for command in commands().iter().filter(|command| *command != "help") {
        let named = format!("`partproof {command}");
        assert!(table.contains(&named), "{command}");
    }
}
