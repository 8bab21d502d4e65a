//! What people paste, as the command takes it: where it comes from, how it was read, and the forms that hold no messages but tell of them. The forms that
//! hold messages are in `pastes/`.

#![allow(clippy::unwrap_used, reason = "a test may panic: that is how it fails")]

#[path = "pastes/errors.rs"]
mod errors;
#[path = "pastes/forms.rs"]
mod forms;
#[path = "pastes/renderers.rs"]
mod renderers;
#[path = "pastes/traffic.rs"]
mod traffic;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// Exit code and what is said, of both streams, with this on standard input.
fn diagnosed(folder: &Path, args: &[&str], standard_input: &str) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_partproof"));
    command.current_dir(folder).arg("diagnose").args(args);
    command.env_remove("CLICOLOR_FORCE");
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = pipes.stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(standard_input.as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.code().unwrap(),
        String::from_utf8(said).unwrap(),
    )
}

fn pasted(text: &str) -> (i32, String) {
    diagnosed(TempDir::new().unwrap().path(), &[], text)
}

/// What is pasted ends with this code, says all of these and nothing of that.
#[track_caller]
fn expect(text: &str, code: i32, says: &[&str], never: &[&str]) {
    let (ended, said) = pasted(text);
    assert_eq!(ended, code, "{text}\n{said}");
    for words in says {
        assert!(said.contains(words), "expected {words:?}:\n{text}\n{said}");
    }
    for words in never {
        assert!(!said.contains(words), "said {words:?}:\n{text}\n{said}");
    }
}

const INITIATE: &str = "POST /o?uploads HTTP/1.1
Host: b.oss-cn-hangzhou.aliyuncs.com
x-oss-meta-client-side-encryption-key: a2V5
x-oss-meta-client-side-encryption-start: c3RhcnQ=
x-oss-meta-client-side-encryption-cek-alg: AES/CTR/NoPadding
x-oss-meta-client-side-encryption-wrap-alg: RSA/NONE/PKCS1Padding
x-oss-meta-client-side-encryption-data-size: 250000
x-oss-meta-client-side-encryption-part-size: 102400
Content-Length: 0

HTTP/1.1 200 OK
Content-Length: 0

";

/// A Complete that lists parts 1 to so many, and how it is answered.
fn complete(parts: u32) -> String {
    let listed: String = (1..=parts)
        .map(|number| {
            format!("<Part><PartNumber>{number}</PartNumber><ETag>\"{number:032X}\"</ETag></Part>")
        })
        .collect();
    let list = format!("<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>");
    format!(
        "POST /o?uploadId=U HTTP/1.1\nHost: b.oss-cn-hangzhou.aliyuncs.com\nContent-Length: {}\n\n{list}\n",
        list.len()
    )
}

const ERROR: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Error>
  <Code>InvalidEncryptionRequest</Code>
  <Message>The client encryption part list is unexpected with init_multipart setted.</Message>
  <RequestId>5C3D9175B6FC201293AD4890</RequestId>
  <HostId>b.oss-cn-hangzhou.aliyuncs.com</HostId>
  <EC>0005-00000411</EC>
</Error>
"#;

#[test]
fn without_a_file_standard_input_is_read() {
    let (code, said) = pasted(&(INITIATE.to_owned() + &complete(4)));
    assert!(
        code == 1 && said.starts_with("0005-00000411"),
        "{code} {said}"
    );
    let (code, said) = pasted("I have no idea what is wrong.\n");
    assert!(
        code == 2 && said.contains("standard input"),
        "{code} {said}"
    );
}

#[test]
fn a_folder_is_read_to_its_bottom_and_what_is_no_capture_is_counted() {
    let folder = TempDir::new().unwrap();
    let deep = folder.path().join("case/day/one");
    fs::create_dir_all(&deep).unwrap();
    fs::write(deep.join("1-initiate.http"), INITIATE).unwrap();
    fs::write(deep.join("2-complete.http"), complete(4)).unwrap();
    fs::write(folder.path().join("case/notes.md"), "Tried it again.\n").unwrap();
    fs::write(
        folder.path().join("case/screen.png"),
        b"\x89PNG\r\n\x1a\n\0\0",
    )
    .unwrap();
    let (code, said) = diagnosed(folder.path(), &["case"], "");
    assert!(
        code == 1 && said.starts_with("0005-00000411"),
        "{code} {said}"
    );
    assert!(said.contains("2 files passed over"), "{said}");
    // A file that is named has to be a capture.
    let (code, said) = diagnosed(folder.path(), &["case", "case/notes.md"], "");
    assert!(code == 2 && said.contains("notes.md"), "{code} {said}");
    // And something has to be one.
    fs::remove_dir_all(folder.path().join("case/day")).unwrap();
    let (code, said) = diagnosed(folder.path(), &["case"], "");
    assert!(code == 2 && said.contains("case/"), "{code} {said}");
}

#[test]
fn how_a_paste_was_read_is_told_line_by_line() {
    let decorated: String = INITIATE
        .lines()
        .map(|line| format!("web_1 | {line}\n"))
        .collect();
    let (code, said) = diagnosed(
        TempDir::new().unwrap().path(),
        &["--explain-form"],
        &decorated,
    );
    assert_eq!(code, 0, "{said}");
    for told in [
        "what stands before each line",
        "1: POST /o?uploads, 8 headers",
        "  11: answer 200, 1 header",
        "      3 | x-oss-meta-client-side-encryption-key: a2V5",
    ] {
        assert!(said.contains(told), "{told}: {said}");
    }
    assert!(!said.contains("web_1"), "{said}");
}

/// What tells of no failure accuses nobody.
#[test]
fn a_log_without_an_error_accuses_nobody() {
    for text in [
        "2026-11-26 18:51:15 INFO oss2.api CompleteMultipartUpload done, req_id: 5C3D9175B6FC201293AD4890, status_code: 200\n",
        "[INFO] upload finished: oss://b/o, ETag: \"00000000000000000000000000000001-3\"\n",
        "retrying after com.aliyun.oss.ClientException: Connection reset\n[ErrorCode]: ConnectionReset\n[RequestId]: Unknown\n",
    ] {
        let (code, said) = pasted(text);
        assert!(
            [2, 4].contains(&code) && !said.contains("0005-"),
            "{code}\n{text}\n{said}"
        );
    }
}

#[test]
fn a_bare_error_says_what_it_means_and_what_to_capture() {
    expect(
        ERROR,
        1,
        &[
            "0005-00000411",
            "ceil(data size / part size)",
            "capture the headers of Initiate",
        ],
        &[],
    );
    // One that is not of this family is named.
    let other = ERROR.replace("0005-00000411", "0099-00000001");
    expect(
        &other,
        1,
        &["0099-00000001", "InvalidEncryptionRequest"],
        &["0005-00000411"],
    );
}

#[test]
fn a_bare_list_is_judged_by_what_it_shows() {
    let list = |numbers: &[u32]| -> String {
        let listed = numbers.iter().map(|number| {
            format!(
                "<Part><PartNumber>{number}</PartNumber><ETag>\"{number:032X}\"</ETag></Part>\n"
            )
        });
        format!(
            "<CompleteMultipartUpload>\n{}</CompleteMultipartUpload>\n",
            listed.collect::<String>()
        )
    };
    expect(&list(&[1, 3, 2]), 1, &["ascend"], &[]);
    expect(&list(&[1, 2, 3]), 4, &["3 parts"], &["0005-00000411 "]);
}

#[test]
fn bare_headers_are_those_of_initiate() {
    let headers = |data: u64| -> String {
        let lines = INITIATE
            .lines()
            .filter(|line| line.starts_with("x-oss-meta-"))
            .map(|line| format!("{line}\n"));
        lines
            .collect::<String>()
            .replace("250000", &data.to_string())
    };
    expect(
        &headers(2_000_000_000),
        1,
        &["0005-00000410", "19532 parts"],
        &[],
    );
    expect(
        &headers(250_000),
        0,
        &["3 parts = ceil(data size / part size)"],
        &["0005-"],
    );
}

#[test]
fn a_curl_command_line_is_a_request() {
    let line = |data: u64| {
        let headers = INITIATE
            .lines()
            .filter(|line| line.starts_with("x-oss-meta-"));
        let options: String = headers.map(|line| format!(" \\\n  -H '{line}'")).collect();
        format!("$ curl -X POST 'https://b.oss-cn-hangzhou.aliyuncs.com/o?uploads'{options}\n")
            .replace("250000", &data.to_string())
    };
    expect(
        &line(2_000_000_000),
        1,
        &["0005-00000410", "19532 parts"],
        &[],
    );
    expect(
        &line(250_000),
        0,
        &["3 parts = ceil(data size / part size)"],
        &["0005-"],
    );
}

/// What a browser copies for JavaScript and for PowerShell, and a log that has a line for each exchange.
#[test]
fn other_ways_to_tell_of_a_request_are_read() {
    let headers = |pair: &dyn Fn(&str, &str) -> String| -> String {
        let lines = INITIATE.lines().filter_map(|line| line.split_once(": "));
        let declared = lines.filter(|(name, _)| name.starts_with("x-oss-meta-"));
        declared.map(|(name, value)| pair(name, value)).collect()
    };
    let script = headers(&|name, value| format!("    \"{name}\": \"{value}\",\n"));
    let address = "https://b.oss-cn-hangzhou.aliyuncs.com/o?uploads";
    let fetch = format!(
        "fetch(\"{address}\", {{\n  \"headers\": {{\n{script}    \"accept\": \"*/*\"\n  }},\n  \"body\": null,\n  \"method\": \"POST\"\n}});\n"
    );
    let shell = headers(&|name, value| format!("  \"{name}\"=\"{value}\"\n"));
    let shell = format!(
        "Invoke-WebRequest -UseBasicParsing -Uri \"{address}\" `\n-Method \"POST\" `\n-Headers @{{\n{shell}}}\n"
    );
    for text in [fetch, shell] {
        expect(
            &text,
            0,
            &["3 parts = ceil(data size / part size)"],
            &["0005-"],
        );
        expect(
            &text.replace("250000", "2000000000"),
            1,
            &["0005-00000410"],
            &[],
        );
    }
    let line = |status: u16, rest: &str| {
        format!(
            "203.0.113.7 - - [26/Nov/2026:18:51:15 +0800] \"POST /o?uploadId=U HTTP/1.1\" {status} 381 14 {rest}\n"
        )
    };
    expect(
        &line(400, "\"InvalidEncryptionRequest\" \"0005-00000411\""),
        1,
        &["0005-00000411", "ceil(data size / part size)"],
        &[],
    );
    expect(&line(200, "\"-\""), 4, &[], &["0005-", "(MUST)"]);
}

#[test]
fn the_rules_of_oss_are_not_applied_to_other_services() {
    for (service, host, header) in [
        (
            "S3",
            "b.s3.eu-west-1.amazonaws.com",
            "x-amz-request-id: 5C3D",
        ),
        ("MinIO", "minio.local:9000", "Server: MinIO"),
        (
            "COS",
            "b-125.cos.ap-guangzhou.myqcloud.com",
            "x-cos-request-id: 5C3D",
        ),
        (
            "OBS",
            "b.obs.cn-north-4.myhuaweicloud.com",
            "x-obs-request-id: 5C3D",
        ),
        (
            "Google",
            "storage.googleapis.com",
            "x-guploader-uploadid: 5C3D",
        ),
        (
            "Azure",
            "account.blob.core.windows.net",
            "x-ms-request-id: 5C3D",
        ),
    ] {
        let text = complete(3).replace("b.oss-cn-hangzhou.aliyuncs.com", host)
            + &format!(
                "HTTP/1.1 400 Bad Request\n{header}\nContent-Length: 58\n\n<Error><Code>EntityTooSmall</Code><Message>m</Message></Error>\n"
            );
        let (code, said) = pasted(&text);
        let first = said.lines().next().unwrap();
        assert!(
            code == 4 && first.contains(service) && first.contains("not OSS"),
            "{service}: {code}\n{said}"
        );
    }
    // What a proxy is called says nothing.
    let text = INITIATE.to_owned() + &complete(4);
    expect(
        &text.replace("b.oss-cn-hangzhou.aliyuncs.com", "s3-proxy.example.com"),
        1,
        &["0005-00000411"],
        &["not OSS"],
    );
}

#[test]
fn what_is_left_out_of_a_list_is_not_missed() {
    let whole = complete(3);
    let (head, list) = whole.split_once("\n\n").unwrap();
    let abridged = list.replace(
        "<Part><PartNumber>2</PartNumber><ETag>\"00000000000000000000000000000002\"</ETag></Part>",
        "\n...\n",
    );
    let head: String = head
        .lines()
        .filter(|line| !line.starts_with("Content-Length"))
        .map(|line| format!("{line}\n"))
        .collect();
    expect(
        &format!("{INITIATE}{head}\n{abridged}"),
        4,
        &["abridged"],
        &["0005-", "0042-"],
    );
    // What an abridged list shows is judged all the same.
    let wrong = abridged.replace("<PartNumber>3<", "<PartNumber>0<");
    expect(
        &format!("{INITIATE}{head}\n{wrong}"),
        1,
        &["part number 0"],
        &[],
    );
}

/// In a browser, a bucket hides the ETag unless its CORS rules expose it: one problem, however many parts.
#[test]
fn parts_without_an_etag_are_one_problem() {
    let listed: String = (1..=10_000)
        .map(|number| {
            format!("<Part><PartNumber>{number}</PartNumber><ETag>undefined</ETag></Part>")
        })
        .collect();
    let list = format!("<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>");
    let sizes = INITIATE.replace("250000", "1024000000");
    let text = format!(
        "{sizes}POST /o?uploadId=U HTTP/1.1\nHost: b.oss-cn-hangzhou.aliyuncs.com\nContent-Length: {}\n\n{list}\n",
        list.len()
    );
    expect(&text, 1, &["CORS", "undefined", "1 problem in "], &[]);
    let right: String = text.replace(">undefined<", ">\"0123456789ABCDEF0123456789ABCDEF\"<");
    let (_, said) = pasted(&right);
    assert!(!said.contains("CORS"), "{said}");
}

/// A client of S3 sends chunks that it signs one by one: their data is what is judged, and that OSS refuses them is told.
#[test]
fn what_is_in_the_chunks_of_s3_is_judged() {
    let part = |number: u32, data: usize| {
        let chunk = format!(
            "{data:x};chunk-signature=ab\r\n{}\r\n0;chunk-signature=cd\r\n\r\n",
            "x".repeat(data)
        );
        format!(
            "PUT /o?partNumber={number}&uploadId=U HTTP/1.1\r\nHost: b.oss-cn-hangzhou.aliyuncs.com\r\nContent-Encoding: aws-chunked\r\n\
             X-Amz-Decoded-Content-Length: {data}\r\nContent-Length: {}\r\n\r\n{chunk}HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
            chunk.len()
        )
    };
    expect(
        &format!("{INITIATE}{}", part(1, 102_400)),
        0,
        &["aws-chunked", "OSS refuses that"],
        &["0005-"],
    );
    expect(
        &format!("{INITIATE}{}", part(1, 102_000)),
        1,
        &[
            "aws-chunked",
            "part 1 of 3 has 102000 bytes, expected 102400",
        ],
        &[],
    );
}

/// What breaks a rule and was accepted all the same is told so.
#[test]
fn what_the_service_accepted_all_the_same_is_told() {
    let accepted = "HTTP/1.1 200 OK\nContent-Length: 0\n\n";
    let upload = format!("{INITIATE}{}", complete(4));
    expect(
        &format!("{upload}{accepted}"),
        1,
        &["0005-00000411", "the service accepted it all the same"],
        &[],
    );
    expect(&upload, 1, &["0005-00000411"], &["accepted"]);
}
