//! `partproof diagnose`.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use partproof_diagnose::capture::{self, Message};
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
    let messages = read_captures(&args.files)?;
    let diagnosis = diagnose(&messages, &evidence);
    match args.json {
        true => output::show_json(&diagnosis),
        false => output::show(&terminal(&diagnosis)),
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

fn read_captures(paths: &[PathBuf]) -> Result<Vec<Message>, String> {
    let mut messages = Vec::new();
    input::CAPTURE.each(
        paths,
        |_| true,
        |name, bytes| {
            messages.extend(capture::read(name, &bytes).map_err(|error| error.to_string())?);
            Ok(())
        },
    )?;
    Ok(messages)
}

fn terminal(diagnosis: &Diagnosis) -> String {
    let mut text = String::new();
    for upload in &diagnosis.uploads {
        text.push_str(&upload_text(upload));
    }
    for problem in &diagnosis.problems {
        text.push_str(&problem_text(problem));
    }
    for note in &diagnosis.notes {
        writeln!(text, "{} {}", doubtful("note:"), visible(note))
            .expect("writing to a String cannot fail");
    }
    let problems = diagnosis.all_problems().count();
    let verdict = match (problems, diagnosis.is_empty()) {
        (0, true) => doubtful(format!(
            "nothing to judge: {} and no upload among them",
            count(diagnosis.messages, "message")
        )),
        (0, false) if diagnosis.is_undecided() => doubtful(
            "nothing wrong was found, but the declared sizes are not in the capture: counts and lengths were not judged",
        ),
        (0, false) => good(format!(
            "nothing wrong was found in {}",
            count(diagnosis.uploads.len(), "upload")
        )),
        _ => bad(count(problems, "problem")),
    };
    writeln!(text, "{verdict}").expect("writing to a String cannot fail");
    text
}

fn upload_text(upload: &UploadDiagnosis) -> String {
    let id = upload
        .upload_id
        .as_ref()
        .map(|id| format!(" (upload {})", visible(id)))
        .unwrap_or_default();
    let mut text = format!("{}{id}\n", bold(visible(&upload.object)));
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
            .map_or("no part list was captured".to_owned(), parts_text),
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
    if let Some(question) = &problem.open_question {
        line("open", question);
    }
    for (number, fix) in (1..).zip(&problem.fixes) {
        line(if number == 1 { "fix" } else { "" }, fix);
    }
    text.push('\n');
    text
}
