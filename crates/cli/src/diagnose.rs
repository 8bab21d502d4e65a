//! `partproof diagnose`.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use partproof_diagnose::capture::{self, Body, Capture, Message, StartLine};
use partproof_diagnose::{Diagnosis, Evidence, MasterKey, Problem, UploadDiagnosis, diagnose};
use partproof_visible::visible;

use crate::args::DiagnoseArgs;
use crate::check::count;
use crate::exit_code::ExitCode;
use crate::input;
use crate::output::{self, bad, bold, doubtful, good, grouped};

pub(crate) fn run(args: &DiagnoseArgs) -> Result<ExitCode, String> {
    let evidence = Evidence {
        master_key: args.master_key.as_deref().map(master_key).transpose()?,
        plaintext: args
            .plaintext
            .as_deref()
            .map(|file| input::PLAINTEXT.bytes(file))
            .transpose()?,
    };
    let captures = read_captures(&args.files)?;
    if args.explain_form {
        output::show(&forms(&captures));
        return Ok(ExitCode::Conforms);
    }
    let mut read_as: Vec<String> = captures
        .files
        .iter()
        .filter(|(_, capture)| capture.steps.len() > 1)
        .map(|(name, capture)| format!("{name}: read as {}", capture.steps.join(", then ")))
        .collect();
    read_as.extend(captures.passed_over);
    let messages: Vec<Message> = captures
        .files
        .into_iter()
        .flat_map(|(_, capture)| capture.messages)
        .collect();
    let diagnosis = diagnose(&messages, &evidence);
    match args.json {
        true => output::show_json(&diagnosis),
        false => output::show(&terminal(&diagnosis, &read_as)),
    }
    Ok(match diagnosis.all_problems().next() {
        Some(_) => ExitCode::Violates,
        None if diagnosis.is_empty() || diagnosis.is_undecided() => ExitCode::Inconclusive,
        None => ExitCode::Conforms,
    })
}

fn master_key(file: &Path) -> Result<MasterKey, String> {
    MasterKey::from_pem(&input::MASTER_KEY.text(file)?)
        .map_err(|error| format!("{}: {error}", output::name(file)))
}

/// What was read.
struct Captures {
    files: Vec<(String, Capture)>,
    /// Files of folders that are no captures, as a sentence.
    passed_over: Option<String>,
}

fn read_captures(paths: &[PathBuf]) -> Result<Captures, String> {
    let standard_input = [PathBuf::from("-")];
    let paths = if paths.is_empty() {
        &standard_input[..]
    } else {
        paths
    };
    let (mut files, mut passed_over) = (Vec::new(), Vec::new());
    let mut all = Vec::new();
    for path in paths {
        all.extend(input::CAPTURE.below(path)?);
    }
    let is_within = |name: &str| !paths.iter().any(|path| output::name(path) == name);
    input::CAPTURE.each_of(&all, |name, bytes| {
        let read = bytes.and_then(|bytes| {
            let shown = if name == "-" { "standard input" } else { name };
            let capture = capture::explained(shown, &bytes);
            capture
                .map(|capture| (shown.to_owned(), capture))
                .map_err(|error| error.to_string())
        });
        match read {
            Ok((shown, capture)) => files.push((shown, capture)),
            // A folder has notes and pictures, too.
            Err(problem) if is_within(name) => passed_over.push(problem),
            Err(problem) => return Err(problem),
        }
        Ok(())
    })?;
    match (passed_over.first(), files.is_empty()) {
        (Some(first), true) => Err(first.clone()),
        (Some(first), false) => Ok(Captures {
            files,
            passed_over: Some(format!(
                "{} passed over, for they are no captures; the first: {first}",
                count(passed_over.len(), "file")
            )),
        }),
        (None, _) => Ok(Captures {
            files,
            passed_over: None,
        }),
    }
}

/// How each file was read, line by line where that is not as it stands.
fn forms(captures: &Captures) -> String {
    let mut text = String::new();
    for (name, capture) in &captures.files {
        let _ = writeln!(
            text,
            "{}: {}",
            bold(visible(name)),
            capture.steps.join(", then ")
        );
        for message in &capture.messages {
            let start = match &message.start {
                StartLine::Request { method, target } => format!("{method} {target}"),
                StartLine::Response { status } => format!("answer {status}"),
            };
            let body = match &message.body {
                Body::Absent => "its body was not captured".to_owned(),
                Body::Bytes(bytes) => format!(
                    "{} bytes of body",
                    grouped(u64::try_from(bytes.len()).unwrap_or(u64::MAX))
                ),
                Body::Partial(bytes) => format!("the first {} bytes of its body", bytes.len()),
            };
            let _ = writeln!(
                text,
                "  {}: {}, {}, {body}",
                message.source.line,
                visible(&start),
                count(message.headers.len(), "header")
            );
            for note in &message.notes {
                let _ = writeln!(text, "      {}", visible(note));
            }
        }
        for (line, read) in capture.lines.iter().flatten() {
            let _ = writeln!(text, "{line:7} | {}", visible(read));
        }
    }
    text.extend(
        captures
            .passed_over
            .iter()
            .map(|passed_over| format!("{passed_over}\n")),
    );
    text
}

fn terminal(diagnosis: &Diagnosis, read_as: &[String]) -> String {
    let headline = visible(&diagnosis.headline);
    let is_wrong = diagnosis.all_problems().next().is_some();
    let headline = match (is_wrong, diagnosis.is_empty() || diagnosis.is_undecided()) {
        (true, _) => bad(headline),
        (false, true) => doubtful(headline),
        (false, false) => good(headline),
    };
    let mut text = format!("{headline}\n\n");
    for upload in &diagnosis.uploads {
        text.push_str(&upload_text(upload));
    }
    for problem in &diagnosis.problems {
        text.push_str(&problem_text(problem));
    }
    let notes = diagnosis.notes.iter().chain(read_as);
    for note in notes {
        writeln!(text, "{} {}", doubtful("note:"), visible(note))
            .expect("writing to a String cannot fail");
    }
    let problems = diagnosis.all_problems().count();
    let end = format!(
        "{} in {} of {}",
        count(problems, "problem"),
        count(diagnosis.messages, "message"),
        count(diagnosis.uploads.len(), "upload")
    );
    writeln!(text, "{end}").expect("writing to a String cannot fail");
    text
}

fn upload_text(upload: &UploadDiagnosis) -> String {
    let id = upload
        .upload_id
        .as_ref()
        .map(|id| format!(" (upload {})", visible(id)))
        .unwrap_or_default();
    let mut text = format!(
        "{}{id}\n",
        bold(match upload.object.as_str() {
            "" => "an upload whose name was not captured".to_owned(),
            object => visible(object),
        })
    );
    let mut line = |name: &str, value: String| {
        writeln!(text, "  {name:10}{value}").expect("writing to a String cannot fail")
    };
    let size = |size: Option<u64>| size.map_or("none".to_owned(), grouped);
    line(
        "declared",
        format!(
            "data size {}, part size {}",
            size(upload.data_size),
            size(upload.part_size)
        ),
    );
    line(
        "expected",
        upload.expected_parts.map_or("unknown".to_owned(), |parts| {
            format!("{} = ceil(data size / part size)", parts_text(parts))
        }),
    );
    line("sent", parts_text(upload.sent_parts));
    line(
        "listed",
        upload
            .listed_parts
            .map_or("no whole part list was captured".to_owned(), parts_text),
    );
    for verified in &upload.verified {
        line("verified", visible(verified));
    }
    if upload.all_parts_verified {
        line(
            "verified",
            good(format!(
                "the ciphertext of every part ({} of {})",
                upload.sent_parts, upload.sent_parts
            )),
        );
    }
    for note in &upload.notes {
        line("note", visible(note));
    }
    text.push('\n');
    for problem in &upload.problems {
        text.push_str(&problem_text(problem));
    }
    text
}

fn parts_text(parts: u64) -> String {
    if parts == 1 {
        "1 part".to_owned()
    } else {
        format!("{} parts", grouped(parts))
    }
}

fn problem_text(problem: &Problem) -> String {
    let mut text = format!(
        "{} {}\n",
        bad(problem.ec.unwrap_or(problem.rule)),
        bold(problem.sentence)
    );
    let mut line = |name: &str, value: &str| {
        writeln!(text, "  {name:10}{}", visible(value)).expect("writing to a String cannot fail")
    };
    line(
        "rule",
        &format!("{} ({}) {}", problem.rule, problem.severity, problem.source),
    );
    line("where", &problem.place);
    line("what", &problem.detail);
    if problem.accepted {
        line("answer", "the service accepted it all the same");
    }
    if let Some(question) = &problem.open_question {
        line("open", question);
    }
    for (number, fix) in (1..).zip(&problem.fixes) {
        line(if number == 1 { "fix" } else { "" }, fix);
    }
    text.push('\n');
    text
}
