//! Starting an emulator, and speaking to it.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use partproof_emulator::{Config, Emulator, Script};

const CSE: &str = "x-oss-meta-client-side-encryption-";

/// One without signatures and faults.
pub(crate) fn plain() -> Config {
    Config {
        verifies_signatures: false,
        ..Config::default()
    }
}

pub(crate) fn start(config: Config) -> Emulator {
    Emulator::start(config).expect("a loopback port is free")
}

pub(crate) fn start_in(folder: &Path) -> Emulator {
    start(Config {
        data_dir: Some(folder.to_owned()),
        ..plain()
    })
}

pub(crate) fn start_with(faults: &str) -> Emulator {
    start(Config {
        script: Script::read(&format!(r#"{{"faults": [{faults}]}}"#)).expect("a script"),
        ..plain()
    })
}

pub(crate) fn connect(emulator: &Emulator) -> TcpStream {
    let stream = TcpStream::connect(emulator.address()).expect("it listens");
    let patience = Some(Duration::from_secs(10));
    stream.set_read_timeout(patience).expect("a timeout");
    stream
}

/// Reads until the connection ends.
pub(crate) fn rest(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        // Still open: what is read so would prove nothing.
        Err(error) if error.kind() == ErrorKind::WouldBlock => {
            unreachable!("it never ended: {answer:?}")
        }
        // Closed, or cut: it has said what it had to say.
        _ => String::from_utf8_lossy(&answer).into_owned(),
    }
}

/// Sends bytes and reads until the connection ends.
pub(crate) fn exchange(emulator: &Emulator, bytes: &[u8]) -> String {
    let mut stream = connect(emulator);
    // A server that has refused already need not read on.
    let _ = stream.write_all(bytes);
    rest(stream)
}

pub(crate) fn send(emulator: &Emulator, line: &str, headers: &str, body: &[u8]) -> String {
    let length = body.len();
    let mut request = format!(
        "{line} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n"
    )
    .into_bytes();
    request.extend(body);
    exchange(emulator, &request)
}

/// What stands between two texts.
pub(crate) fn between(text: &str, before: &str, after: &str) -> String {
    let rest = text.split_once(before).map(|(_, rest)| rest);
    let found = rest.and_then(|rest| rest.split_once(after));
    found.map_or_else(
        || unreachable!("no {before:?} in {text}"),
        |(found, _)| found.to_owned(),
    )
}

/// Opens an upload of `k`.
pub(crate) fn initiate(emulator: &Emulator, data_size: usize, part_size: usize) -> String {
    let headers = format!(
        "{CSE}key: a2V5\r\n{CSE}start: c3RhcnQ=\r\n{CSE}cek-alg: AES/CTR/NoPadding\r\n{CSE}wrap-alg: RSA/NONE/PKCS1Padding\r\n\
         {CSE}data-size: {data_size}\r\n{CSE}part-size: {part_size}\r\n"
    );
    let answer = send(emulator, "POST /examplebucket/k?uploads", &headers, b"");
    between(&answer, "<UploadId>", "<")
}

pub(crate) fn upload_part(emulator: &Emulator, id: &str, number: u32, body: &str) -> String {
    let line = format!("PUT /examplebucket/k?partNumber={number}&uploadId={id}");
    send(emulator, &line, "", body.as_bytes())
}

pub(crate) fn etag(answer: &str) -> String {
    between(answer, "etag: ", "\r\n")
}

pub(crate) fn list(parts: &[(u32, &str)]) -> String {
    let parts: String = parts
        .iter()
        .map(|(number, etag)| {
            format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>")
        })
        .collect();
    format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>")
}

pub(crate) fn complete(emulator: &Emulator, id: &str, list: &str) -> String {
    let line = format!("POST /examplebucket/k?uploadId={id}");
    send(emulator, &line, "", list.as_bytes())
}

pub(crate) fn list_parts(emulator: &Emulator, id: &str, more: &str) -> String {
    send(
        emulator,
        &format!("GET /examplebucket/k?uploadId={id}{more}"),
        "",
        b"",
    )
}

pub(crate) fn get(emulator: &Emulator, key: &str, headers: &str) -> String {
    send(emulator, &format!("GET /examplebucket/{key}"), headers, b"")
}

pub(crate) fn put(emulator: &Emulator, key: &str, headers: &str, body: &str) -> String {
    send(
        emulator,
        &format!("PUT /examplebucket/{key}"),
        headers,
        body.as_bytes(),
    )
}
