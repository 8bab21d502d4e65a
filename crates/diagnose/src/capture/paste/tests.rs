//! One upload that is wrong and one that is right, in every form and decoration that is read: each is told as it is told of the messages themselves.

mod renderers;

use std::io::Write as _;

use renderers::{
    Exchange, apache, curl_v, each, go, http_client, lines_of, mitmdump, okhttp, oss2, quoted, raw,
    rclone, trace_ascii, trace_hex, upload, wget, wireshark, wireshark_hex,
};

use crate::capture::{self, Capture};
use crate::{Diagnosis, Evidence, diagnose};

fn utf_16(text: &str, mark: bool, little: bool) -> Vec<u8> {
    let units = mark
        .then_some(0xfeff)
        .into_iter()
        .chain(text.encode_utf16());
    units
        .flat_map(|unit| {
            if little {
                unit.to_le_bytes()
            } else {
                unit.to_be_bytes()
            }
        })
        .collect()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// Every form, by name.
fn forms(upload: &[Exchange]) -> Vec<(&'static str, Vec<u8>)> {
    let raw = raw(upload);
    let text = |name, text: String| (name, text.into_bytes());
    vec![
        text("raw", raw.clone()),
        text("CRLF", raw.replace('\n', "\r\n")),
        text("CR alone", raw.replace('\n', "\r")),
        text("a byte order mark", format!("\u{feff}{raw}")),
        ("UTF-16, little", utf_16(&raw, true, true)),
        ("UTF-16, big", utf_16(&raw, true, false)),
        ("UTF-16 without a mark", utf_16(&raw, false, true)),
        ("gzip", gzip(&raw)),
        text(
            "compose",
            lines_of(&raw, |line| format!("uploader_1  | {line}")),
        ),
        text(
            "compose, blanks lost",
            lines_of(&raw, |line| {
                format!("uploader_1  | {line}").trim_end().to_owned()
            }),
        ),
        text(
            "Kubernetes",
            lines_of(&raw, |line| {
                format!("2026-11-26T18:51:15.123456789Z stdout F {line}")
            }),
        ),
        text(
            "a level and a logger",
            lines_of(&raw, |line| {
                format!("2026-11-26 18:51:15,123 [main] DEBUG com.example.Client - {line}")
            }),
        ),
        text(
            "syslog",
            lines_of(&raw, |line| {
                format!("Nov 26 18:51:15 host app[123]: {line}")
            }),
        ),
        text(
            "numbered",
            raw.lines()
                .enumerate()
                .map(|(at, line)| format!("{}:{line}\n", at + 1))
                .collect(),
        ),
        text("indented", lines_of(&raw, |line| format!("    {line}"))),
        text("in mail", lines_of(&raw, |line| format!("> {line}"))),
        text("a table", lines_of(&raw, |line| format!("| {line}"))),
        text(
            "an unknown prefix",
            lines_of(&raw, |line| format!("~~app-7~~ {line}")),
        ),
        text(
            "compose in mail",
            lines_of(&raw, |line| format!("> web_1 | {line}")),
        ),
        text(
            "colours",
            lines_of(&raw, |line| format!("\u{1b}[32m{line}\u{1b}[0m")),
        ),
        text(
            "fences",
            format!("I get this:\n```http\n{raw}```\nAny ideas?\n"),
        ),
        text(
            "docker's JSON",
            lines_of(&raw, |line| {
                serde_json::json!({"log": format!("{line}\n"), "stream": "stdout"}).to_string()
            }),
        ),
        text(
            "HTML",
            format!("<pre><code>{}</code></pre>\n", escaped(&raw)),
        ),
        text("tags around", format!("<pre>\n{raw}</pre>\n")),
        text(
            "typographic quotes",
            lines_of(&raw, |line| {
                line.replace("<ETag>\"", "<ETag>\u{201c}")
                    .replace("\"</ETag>", "\u{201d}</ETag>")
            }),
        ),
        text("blanks that do not break", raw.replace(": ", ":\u{a0}")),
        text(
            "full-width colons",
            lines_of(&raw, |line| {
                if line.starts_with('<') {
                    line.to_owned()
                } else {
                    line.replacen(": ", "\u{ff1a}", 1)
                }
            }),
        ),
        text("curl -v", curl_v(upload)),
        text("curl --trace-ascii", trace_ascii(upload)),
        text("curl --trace", trace_hex(upload)),
        text(
            "curl --trace-time",
            lines_of(&trace_hex(upload), |line| match line.starts_with("0") {
                true => line.to_owned(),
                false => format!("18:51:15.123456 {line}"),
            }),
        ),
        text("http.client", http_client(upload)),
        text("Apache, wire", apache(upload, true)),
        text("Apache, headers", apache(upload, false)),
        text("OkHttp", okhttp(upload)),
        text(
            "OkHttp in logcat",
            lines_of(&okhttp(upload), |line| format!("D/OkHttp: {line}")),
        ),
        text("rclone", rclone(upload)),
        text("wget -d", wget(upload)),
        text("mitmdump", mitmdump(upload)),
        text("Go's httputil, quoted", quoted(upload)),
        text("Wireshark", wireshark(upload)),
        text("Wireshark, hex", wireshark_hex(upload)),
        text("the Go SDK", go(upload)),
        text("the Python SDK", oss2(upload)),
        text(
            "Guzzle",
            each(upload, |exchange| {
                format!(
                    "> {}\n\n{}\n< {}\n\n{}\n",
                    exchange.request.join("\n"),
                    exchange.sent,
                    exchange.answer.join("\n"),
                    exchange.received
                )
            }),
        ),
    ]
}

fn read(name: &str, bytes: &[u8]) -> (Capture, Diagnosis) {
    let capture = capture::explained(name, bytes)
        .unwrap_or_else(|error| panic!("{error}\n{}", String::from_utf8_lossy(bytes)));
    let diagnosis = diagnose(&capture.messages, &Evidence::default());
    (capture, diagnosis)
}

#[test]
fn every_form_tells_what_is_wrong_and_accuses_nobody() {
    let mut wrong = Vec::new();
    for ((name, bad), (_, good)) in forms(&upload(4)).into_iter().zip(forms(&upload(3))) {
        let (capture, diagnosis) = read(name, &bad);
        let ecs: Vec<_> = diagnosis
            .all_problems()
            .filter_map(|problem| problem.ec)
            .collect();
        // Where a form has no bodies, the service's own word is what there is.
        let has_list = diagnosis
            .uploads
            .first()
            .is_some_and(|upload| upload.listed_parts == Some(4));
        let without_bodies = ["curl -v", "Apache, headers", "the Go SDK"].contains(&name);
        if ecs.is_empty() != (name == "Apache, headers")
            || ecs.iter().any(|ec| *ec != "0005-00000411")
            || has_list == without_bodies
        {
            wrong.push(format!(
                "{name}: {ecs:?}, list {has_list}, read as {:?}: {:#?}",
                capture.steps, diagnosis.uploads
            ));
        }
        let (capture, diagnosis) = read(name, &good);
        if let Some(problem) = diagnosis.all_problems().next() {
            wrong.push(format!(
                "{name}: accused of {}, read as {:?}",
                problem.detail, capture.steps
            ));
        }
        let expected = diagnosis
            .uploads
            .first()
            .and_then(|upload| upload.expected_parts);
        if expected != Some(3) {
            wrong.push(format!(
                "{name}: expects {expected:?}, read as {:?}",
                capture.steps
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn lines_are_those_of_the_file() {
    let raw = raw(&upload(4));
    let place = |text: &str| {
        let (_, diagnosis) = read("f", text.as_bytes());
        diagnosis.uploads[0].problems[0].place.clone()
    };
    let expected = place(&raw);
    assert_eq!(
        place(&lines_of(&raw, |line| format!("web_1 | {line}"))),
        expected
    );
    assert_eq!(
        place(&lines_of(&raw, |line| format!(
            "  \u{1b}[1m{line}\u{1b}[0m"
        ))),
        expected
    );
}
