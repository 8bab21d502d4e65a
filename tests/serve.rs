//! `partproof serve` as a user meets it: the endpoint on the first line, an orderly end, and a folder that outlives a killed process.

#![allow(clippy::unwrap_used, reason = "a test may panic: that is how it fails")]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use partproof_client::{
    Bucket, Credentials, DownloadOptions, EncryptedObject, MasterKey, UploadOptions, upload,
};

/// A server in its own process, whose temporary files go to `scratch`.
struct Server {
    process: Child,
    address: String,
    greeting: String,
}

impl Server {
    fn start(scratch: &Path, args: &[&str]) -> Self {
        Self::start_at("127.0.0.1:0", scratch, args)
    }

    fn start_at(listen: &str, scratch: &Path, args: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_partproof"))
            .args(["serve", "--listen", listen])
            .args(args)
            .env("TMPDIR", scratch)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut greeting = String::new();
        while !greeting.contains("Ctrl-C") {
            assert_ne!(output.read_line(&mut greeting).unwrap(), 0, "{greeting}");
        }
        let first = greeting.lines().next().unwrap();
        let address = first.strip_prefix("http://").unwrap().to_owned();
        Self {
            process,
            address,
            greeting,
        }
    }

    fn send(&self, line: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let length = body.len();
        let head = format!(
            "{line} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
        );
        stream.write_all((head + body).as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Tells it to end, and waits: its exit code.
    fn terminate(self) -> Option<i32> {
        self.signal("TERM")
    }

    fn signal(mut self, signal: &str) -> Option<i32> {
        send_signal(&self.process, signal);
        self.process.wait().unwrap().code()
    }

    fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

#[test]
fn it_says_where_it_is_and_leaves_nothing_behind() {
    let scratch = tempfile::tempdir().unwrap();
    let server = Server::start(scratch.path(), &["--no-verify"]);
    for client in [
        "oss2",
        "alibabacloud-oss-v2",
        "aliyun-oss-go-sdk",
        "alibabacloud-oss-go-sdk-v2",
        "aliyun-sdk-oss",
    ] {
        assert!(
            server.greeting.contains(client),
            "{client}: {}",
            server.greeting
        );
    }
    assert!(
        server
            .send("PUT /examplebucket/k", "abc")
            .starts_with("HTTP/1.1 200")
    );
    assert!(server.send("GET /examplebucket/k", "").ends_with("abc"));
    assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 1);
    assert_eq!(server.terminate(), Some(0));
    assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 0);
}

#[test]
fn it_listens_where_a_name_of_the_loopback_says() {
    let scratch = tempfile::tempdir().unwrap();
    let server = Server::start_at("localhost:0", scratch.path(), &["--no-verify"]);
    assert!(
        server.address.starts_with("127.0.0.1:"),
        "{}",
        server.address
    );
    assert_eq!(server.terminate(), Some(0));
}

fn send_signal(process: &Child, signal: &str) {
    let id = process.id().to_string();
    let mut kill = Command::new("kill");
    assert!(kill.args(["-s", signal, &id]).status().unwrap().success());
}

#[test]
fn each_signal_that_ends_it_ends_it_in_order() {
    for signal in ["TERM", "INT", "HUP"] {
        let scratch = tempfile::tempdir().unwrap();
        let server = Server::start(scratch.path(), &["--no-verify"]);
        server.send("PUT /examplebucket/k", "abc");
        assert_eq!(server.signal(signal), Some(0), "{signal}");
        assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 0, "{signal}");
    }
}

#[test]
fn a_signal_at_any_moment_leaves_nothing_behind() {
    for (number, signal) in ["TERM", "INT", "HUP"]
        .into_iter()
        .cycle()
        .take(30)
        .enumerate()
    {
        let scratch = tempfile::tempdir().unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_partproof"))
            .args(["serve", "--listen", "127.0.0.1:0"])
            .env("TMPDIR", scratch.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        thread::sleep(Duration::from_millis(u64::try_from(number).unwrap()));
        send_signal(&process, signal);
        process.wait().unwrap();
        assert_eq!(
            fs::read_dir(scratch.path()).unwrap().count(),
            0,
            "{number} ms"
        );
    }
}

#[test]
fn who_wants_it_to_outlive_the_terminal_is_heeded() {
    let scratch = tempfile::tempdir().unwrap();
    let mut process = Command::new("nohup")
        .arg(env!("CARGO_BIN_EXE_partproof"))
        .args(["serve", "--listen", "127.0.0.1:0"])
        .env("TMPDIR", scratch.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.as_mut().unwrap())
        .read_line(&mut line)
        .unwrap();
    send_signal(&process, "HUP");
    thread::sleep(Duration::from_millis(300));
    assert_eq!(process.try_wait().unwrap(), None);
    send_signal(&process, "TERM");
    assert_eq!(process.wait().unwrap().code(), Some(0));
}

#[test]
fn what_was_answered_is_there_after_the_process_was_killed() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let args = [
        "--no-verify",
        "--sync",
        "--data-dir",
        data.to_str().unwrap(),
    ];
    let server = Server::start(folder.path(), &args);
    assert!(
        server
            .send("PUT /examplebucket/k", "abc")
            .starts_with("HTTP/1.1 200")
    );
    // One whose body never came to its end.
    let mut stream = TcpStream::connect(&server.address).unwrap();
    stream
        .write_all(
            b"PUT /examplebucket/half HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 6\r\n\r\nabc",
        )
        .unwrap();
    server.kill();

    let server = Server::start(folder.path(), &args);
    assert!(server.send("GET /examplebucket/k", "").ends_with("abc"));
    assert!(
        server
            .send("GET /examplebucket/half", "")
            .contains("<Code>NoSuchKey<")
    );
    assert_eq!(fs::read_dir(data.join("bodies")).unwrap().count(), 1);
    assert_eq!(server.terminate(), Some(0));
    assert_eq!(fs::read_dir(data.join("bodies")).unwrap().count(), 1);
}

#[test]
fn without_a_signature_nothing_is_done() {
    let scratch = tempfile::tempdir().unwrap();
    let server = Server::start(scratch.path(), &[]);
    let refused = server.send("PUT /examplebucket/k", "abc");
    assert!(
        refused.starts_with("HTTP/1.1 403") && refused.contains("<Code>AccessDenied<"),
        "{refused}"
    );
    server.kill();
}

#[test]
fn what_it_cannot_use_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("faults.json");
    fs::write(
        &script,
        r#"{"faults": [{"fault": "lose-answer", "nth": 0}]}"#,
    )
    .unwrap();
    let script = script.to_str().unwrap();
    for (args, problem) in [
        (
            vec!["--script", script],
            "faults.json: fault 1: `nth` is 0, expected at least 1",
        ),
        (
            vec!["--script", "/nowhere.json"],
            "--script /nowhere.json: ",
        ),
        (vec!["--data-dir", script], "faults.json"),
        (
            vec!["--listen", "192.0.2.1:1"],
            "cannot listen on 192.0.2.1:1: ",
        ),
        (
            vec!["--listen", "here"],
            "invalid value 'here' for '--listen",
        ),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_partproof"))
            .arg("serve")
            .args(&args)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(problem), "{args:?}: {said}");
    }
}

/// What a client did is explained from the record, and nothing is wrong with it.
#[test]
fn a_record_is_diagnosed() {
    let scratch = tempfile::tempdir().unwrap();
    let record = scratch.path().join("record");
    let server = Server::start(scratch.path(), &["--record", record.to_str().unwrap()]);
    let endpoint = format!("http://{}", server.address);
    let credentials = Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE");
    let bucket = Bucket::new(&endpoint, "cn-hangzhou", "examplebucket", credentials).unwrap();
    let pem = concat!(env!("CARGO_MANIFEST_DIR"), "/../suite/keys/master.pem");
    let master = MasterKey::from_pem(&fs::read_to_string(pem).unwrap()).unwrap();
    let plaintext = vec![7; 250_000];
    let options = UploadOptions {
        part_size: Some(102_400),
        ..UploadOptions::default()
    };
    upload(&bucket, "a b/c", &master, plaintext.as_slice(), &options).unwrap();
    let options = DownloadOptions::default();
    let object = EncryptedObject::open(&bucket, "a b/c", &master, options).unwrap();
    assert_eq!(object.read().unwrap(), plaintext);
    assert_eq!(server.terminate(), Some(0));

    let file = scratch.path().join("plaintext");
    fs::write(&file, &plaintext).unwrap();
    let diagnosed = Command::new(env!("CARGO_BIN_EXE_partproof"))
        .arg("diagnose")
        .args([record.as_path(), Path::new("--master-key"), Path::new(pem)])
        .args([Path::new("--plaintext"), file.as_path()])
        .output()
        .unwrap();
    let said = String::from_utf8(diagnosed.stdout).unwrap();
    assert_eq!(diagnosed.status.code(), Some(0), "{said}");
    assert!(
        said.contains("the ciphertext of every part (3 of 3)"),
        "{said}"
    );
    assert!(said.contains("Nothing wrong was found."), "{said}");
}
