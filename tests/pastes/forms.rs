//! One upload that is wrong and one that is right, in every form and decoration that is read: each is told as it is told of the messages themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;

use partproof_client::{Bucket, Credentials, MasterKey, UploadOptions, upload};
use partproof_diagnose::capture::{self, Capture};
use partproof_diagnose::{Diagnosis, Evidence, diagnose};
use partproof_emulator::{Config, Emulator, Pages, Recording};
use proptest::prelude::*;

use crate::renderers::{
    self, Exchange, apache, curl_v, each, go, http_client, lines_of, mitmdump, okhttp, oss2,
    quoted, raw, rclone, trace_ascii, trace_hex, wget,
};
use crate::traffic::{nghttp, ngrep, postman, tcpdump, tshark, wireshark, wireshark_hex};

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
pub(super) fn forms(upload: &[Exchange]) -> Vec<(&'static str, Vec<u8>)> {
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
        text("ngrep", ngrep(upload)),
        text("tshark -V", tshark(upload)),
        text("nghttp -v", nghttp(upload)),
        text("cat -A", lines_of(&raw, |line| format!("{line}^M$"))),
        text(
            "docker's JSON behind a time",
            lines_of(&raw, |line| {
                let record = serde_json::json!({"log": format!("{line}\n"), "stream": "stderr"});
                format!("2026-11-26 18:51:15.000000000 +0000 kube.var.log: {record}")
            }),
        ),
        text(
            "quoted-printable",
            lines_of(&raw.replace('=', "=3D"), |line| {
                match line.split_at_checked(60) {
                    Some((first, rest)) if !first.ends_with(['=', '3']) => {
                        format!("{first}=\n{rest}")
                    }
                    _ => line.to_owned(),
                }
            }),
        ),
        text(
            "Fiddler",
            raw.replace(
                " /report.bin?",
                " https://b.oss-cn-example.aliyuncs.com/report.bin?",
            ),
        ),
        text(
            "httpie",
            each(upload, |exchange| {
                format!(
                    "{}\n\n{}\n\n\n{}\n\n{}\n\n\n",
                    exchange.request.join("\n"),
                    exchange.sent,
                    exchange.answer.join("\n"),
                    exchange.received
                )
            }),
        ),
        text("tcpdump -A", tcpdump(upload, false)),
        text("tcpdump -X", tcpdump(upload, true)),
        text("Postman, copied", postman(upload, false)),
        text("Postman, its window", postman(upload, true)),
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

pub(super) fn read(name: &str, bytes: &[u8]) -> (Capture, Diagnosis) {
    let capture = capture::explained(name, bytes).unwrap();
    let diagnosis = diagnose(&capture.messages, &Evidence::default());
    (capture, diagnosis)
}

#[test]
fn every_form_tells_what_is_wrong_and_accuses_nobody() {
    let mut wrong = Vec::new();
    for ((name, bad), (_, good)) in forms(&renderers::upload(4))
        .into_iter()
        .zip(forms(&renderers::upload(3)))
    {
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
        let without_bodies = WITHOUT_LISTS.contains(&name);
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
    let raw = raw(&renderers::upload(4));
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

/// The fuzz target of `diagnose` begins with every form. Written anew with `PARTPROOF_WRITE_SEEDS=1`.
#[test]
fn the_fuzz_target_begins_with_every_form() {
    let complete = &renderers::upload(1)[1..];
    let texts: BTreeMap<&str, String> = forms(complete)
        .into_iter()
        .filter_map(|(name, bytes)| Some((name, String::from_utf8(bytes).ok()?)))
        .collect();
    let text = serde_json::to_string_pretty(&texts).unwrap() + "\n";
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../subjects/captures/forms.json"
    );
    if std::env::var_os("PARTPROOF_WRITE_SEEDS").is_some() {
        std::fs::write(file, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(file).unwrap(), text);
}

/// What is changed in the record of a right upload.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Change {
    Nothing,
    /// The list has one part more, and the service says so.
    OneMore,
    LastMissing,
    TwoSwapped,
    AnotherETag,
    /// Initiate declares a byte more.
    LargerDataSize,
}

/// Forms that have no bodies of requests: what is wrong in a list is not there to be judged.
const WITHOUT_LISTS: [&str; 4] = ["curl -v", "Apache, headers", "nghttp -v", "the Go SDK"];

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("PARTPROOF_PASTES").map_or(12, |count| count.parse().expect("PARTPROOF_PASTES is a number")),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Whatever the emulator recorded is told alike in every form, and a right upload is accused in none. `PARTPROOF_PASTES=10000` takes a night.
    #[test]
    fn what_was_recorded_is_told_alike_in_every_form(
        size in 1_u64..=700_000,
        blocks in 6_400_u64..=20_000,
        name in prop::sample::select(&["report.bin", "a b/c", "\u{56fe}.jpg", "x+y&z", "0005-00000411"][..]),
        change in prop::sample::select(&[Change::Nothing, Change::Nothing, Change::OneMore, Change::LastMissing, Change::TwoSwapped, Change::AnotherETag, Change::LargerDataSize][..]),
    ) {
        let mut recorded = recorded(name, size, blocks * 16);
        let is_changed = make(change, &mut recorded);
        let told = |name: &str, bytes: &[u8]| -> BTreeSet<&'static str> {
            let (_, diagnosis) = read(name, bytes);
            diagnosis.all_problems().map(|problem| problem.rule).collect()
        };
        let record = told("record", raw(&recorded).as_bytes());
        prop_assert_eq!(record.is_empty(), !is_changed, "{:?}", record);
        for (form, bytes) in forms(&recorded) {
            let mut said = told(form, &bytes);
            // Without its body, a refusal has no number.
            if WITHOUT_LISTS.contains(&form) {
                said.remove("refused");
            }
            prop_assert!(said.is_subset(&record), "{}: {:?}, of the record {:?}\n{}", form, said, record, String::from_utf8_lossy(&bytes));
            if !WITHOUT_LISTS.contains(&form) {
                prop_assert_eq!(&said, &record, "{}", form);
            }
        }
    }
}

/// An upload of the built-in client, as the emulator recorded it; of the bodies of parts it is said that they are left out.
fn recorded(name: &str, size: u64, part_size: u64) -> Vec<Exchange> {
    let pages = Pages::default();
    let emulator = Emulator::start(Config {
        record: Some(Recording::Memory(pages.clone())),
        ..Config::default()
    })
    .unwrap();
    let endpoint = format!("http://{}", emulator.address());
    let credentials = Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE");
    let bucket = Bucket::new(&endpoint, "cn-hangzhou", "examplebucket", credentials).unwrap();
    let master = MasterKey::from_pem(include_str!("../../crates/suite/keys/master.pem")).unwrap();
    let plaintext = vec![7; usize::try_from(size).unwrap()];
    let options = UploadOptions {
        part_size: Some(part_size),
        ..UploadOptions::default()
    };
    upload(&bucket, name, &master, plaintext.as_slice(), &options).unwrap();
    let all = pages.all();
    let message = |name: &str| {
        all[name].with(|bytes| {
            let end = bytes
                .windows(4)
                .position(|bytes| bytes == b"\r\n\r\n")
                .unwrap();
            let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
            let body = match head.starts_with("PUT ") {
                true => format!("[{} bytes data]", bytes.len() - end - 4),
                false => String::from_utf8(bytes[end + 4..].to_vec())
                    .unwrap()
                    .replace('\n', ""),
            };
            let lines = head.lines().map(|line| {
                match line.to_ascii_lowercase().starts_with("content-length")
                    && !body.starts_with('[')
                {
                    true => format!("Content-Length: {}", body.len()),
                    false => line.to_owned(),
                }
            });
            (lines.collect::<Vec<_>>(), body)
        })
    };
    let requests = all
        .iter()
        .filter(|(name, _)| name.ends_with("-request.http"));
    let exchanges = requests.map(|(name, _)| {
        let ((request, sent), (answer, received)) =
            (message(name), message(&name.replace("request", "response")));
        Exchange {
            request,
            sent,
            answer,
            received,
        }
    });
    // Without what asks for no part of an upload.
    exchanges
        .filter(|exchange| exchange.request[0].contains('?'))
        .collect()
}

/// Makes the change, and says whether it is wrong then.
fn make(change: Change, recorded: &mut [Exchange]) -> bool {
    let parts: Vec<String> = {
        let list = &recorded.last().unwrap().sent;
        list.split_inclusive("</Part>")
            .filter(|part| part.ends_with("</Part>"))
            .map(|part| {
                part.trim_start_matches("<CompleteMultipartUpload>")
                    .to_owned()
            })
            .collect()
    };
    let mut listed = parts.clone();
    match change {
        Change::Nothing => return false,
        Change::LargerDataSize => {
            let header = recorded[0]
                .request
                .iter_mut()
                .find(|line| line.contains("data-size"))
                .unwrap();
            let (name, size) = header.split_once(": ").unwrap();
            *header = format!("{name}: {}", size.parse::<u64>().unwrap() + 1);
            return true;
        }
        Change::OneMore => listed.push(format!(
            "<Part><PartNumber>{}</PartNumber><ETag>\"{:032X}\"</ETag></Part>",
            parts.len() + 1,
            1
        )),
        Change::LastMissing => drop(listed.pop()),
        Change::TwoSwapped if parts.len() < 2 => return false,
        Change::TwoSwapped => listed.swap(0, 1),
        Change::AnotherETag => {
            let (before, after) = listed[0].split_once("<ETag>").unwrap();
            let (_, after) = after.split_once("</ETag>").unwrap();
            listed[0] = format!("{before}<ETag>\"0123456789ABCDEF0123456789ABCDEF\"</ETag>{after}");
        }
    }
    let complete = recorded.last_mut().unwrap();
    complete.sent = format!(
        "<CompleteMultipartUpload>{}</CompleteMultipartUpload>",
        listed.concat()
    );
    let length = format!("Content-Length: {}", complete.sent.len());
    let header = complete
        .request
        .iter_mut()
        .find(|line| line.to_ascii_lowercase().starts_with("content-length"))
        .unwrap();
    *header = length;
    if change == Change::OneMore {
        complete.received = "<Error><Code>InvalidEncryptionRequest</Code><Message>m</Message><EC>0005-00000411</EC></Error>".to_owned();
        complete.answer = vec![
            "HTTP/1.1 400 Bad Request".to_owned(),
            format!("Content-Length: {}", complete.received.len()),
        ];
    }
    true
}
