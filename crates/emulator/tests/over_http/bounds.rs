//! What clients cannot do to it.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::thread;
use std::time::{Duration, Instant};

use partproof_emulator::{Config, Emulator, Limits};

use crate::crash::client;
use crate::crash::server::{Plan, Server};
use crate::exchange::{
    connect, exchange, get, initiate, plain, put, rest, send, start, start_with,
};

fn bounded(limits: Limits) -> Emulator {
    start(Config { limits, ..plain() })
}

#[test]
fn bad_http_never_ends_the_process() {
    let emulator = start(plain());
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(300_000));
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(20_000));
    for bytes in [
        &b"\x00\xff\x16\x03"[..],
        b"GET / HTTP/9.9\r\n\r\n",
        b"PUT /examplebucket/k HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
        b"PUT /examplebucket/k HTTP/1.1\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\nZZ\r\n",
        b"GET /%ff%fe HTTP/1.1\r\nconnection: close\r\n\r\n",
        b"BREW /examplebucket/k HTTP/1.1\r\nconnection: close\r\n\r\n",
        long.as_bytes(),
        many.as_bytes(),
    ] {
        let answer = exchange(&emulator, bytes);
        assert!(!answer.starts_with("HTTP/1.1 2"), "{answer}");
    }
    let chunked = b"PUT /examplebucket/c HTTP/1.1\r\nhost: 127.0.0.1\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    assert!(exchange(&emulator, chunked).starts_with("HTTP/1.1 200"));
    assert!(get(&emulator, "c", "").ends_with("abc"));
}

#[test]
fn a_body_has_a_length_and_a_bound() {
    let emulator = bounded(Limits {
        body: 10,
        ..Limits::default()
    });
    let none = exchange(
        &emulator,
        b"PUT /examplebucket/k HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n",
    );
    assert!(none.starts_with("HTTP/1.1 411"), "{none}");
    assert!(put(&emulator, "k", "", "0123456789").starts_with("HTTP/1.1 200"));
    let long = put(&emulator, "k", "", "0123456789a");
    assert!(long.contains("more than 10 bytes"), "{long}");
    let chunked = exchange(
        &emulator,
        b"PUT /examplebucket/k HTTP/1.1\r\nhost: 127.0.0.1\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\nb\r\n0123456789a\r\n0\r\n\r\n",
    );
    assert!(chunked.contains("more than 10 bytes"), "{chunked}");
    assert!(get(&emulator, "k", "").ends_with("0123456789"));
    let mut short = connect(&emulator);
    short
        .write_all(
            b"PUT /examplebucket/s HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 5\r\n\r\nabc",
        )
        .unwrap();
    short.shutdown(Shutdown::Write).unwrap();
    assert_eq!(rest(short), "", "nobody is left to be answered");
    assert!(get(&emulator, "s", "").contains("<Code>NoSuchKey<"));
}

#[test]
fn open_uploads_are_bounded() {
    let emulator = bounded(Limits {
        uploads: 2,
        ..Limits::default()
    });
    initiate(&emulator, 16, 16);
    initiate(&emulator, 16, 16);
    let refused = send(&emulator, "POST /examplebucket/k?uploads", "", b"");
    assert!(refused.starts_with("HTTP/1.1 503"), "{refused}");
}

#[test]
fn slow_and_silent_peers_are_dropped() {
    let emulator = bounded(Limits {
        idle: Duration::from_millis(300),
        slowest: 1_000,
        ..Limits::default()
    });
    let started = Instant::now();
    // Says nothing.
    assert_eq!(rest(connect(&emulator)), "");
    // Stops within the head.
    let mut stream = connect(&emulator);
    stream.write_all(b"GET / HT").unwrap();
    let answer = rest(stream);
    assert!(!answer.starts_with("HTTP/1.1 2"), "{answer}");
    // Stops within the body.
    let mut stream = connect(&emulator);
    let head =
        b"PUT /examplebucket/k HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 100000\r\n\r\n";
    stream.write_all(head).unwrap();
    stream.write_all(b"abc").unwrap();
    let answer = rest(stream);
    assert!(!answer.starts_with("HTTP/1.1 2"), "{answer}");
    // Drips.
    let mut stream = connect(&emulator);
    stream.write_all(head).unwrap();
    let mut dripped = 0;
    while stream.write_all(b"a").is_ok() && dripped < 50 {
        dripped += 1;
        thread::sleep(Duration::from_millis(100));
    }
    assert!(dripped < 50, "it was never dropped");
    assert!(
        started.elapsed() < Duration::from_secs(10),
        "{:?}",
        started.elapsed()
    );
    assert!(get(&emulator, "k", "").contains("<Code>NoSuchKey<"));
}

#[test]
fn a_reader_that_stalls_is_dropped() {
    let emulator = bounded(Limits {
        idle: Duration::from_millis(300),
        ..Limits::default()
    });
    let length = 64 * 1024 * 1024;
    put(&emulator, "k", "", &"a".repeat(length));
    let mut stream = connect(&emulator);
    stream
        .write_all(b"GET /examplebucket/k HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n")
        .unwrap();
    thread::sleep(Duration::from_secs(1));
    let read = rest(stream).len();
    assert!(read < length, "{read} bytes were waiting");
    assert!(get(&emulator, "k", "range: bytes=0-2\r\n").ends_with("\r\n\r\naaa"));
}

#[test]
fn a_client_that_has_said_all_it_has_to_say_may_close_its_half() {
    let emulator = start_with(r#"{"fault": {"delay": {"milliseconds": 200}}}"#);
    let mut stream = connect(&emulator);
    stream
        .write_all(b"GET /examplebucket HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
        .unwrap();
    // Long before the answer.
    stream.shutdown(Shutdown::Write).unwrap();
    let answer = rest(stream);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn a_reader_that_drips_is_dropped() {
    let emulator = bounded(Limits {
        idle: Duration::from_secs(1),
        slowest: 1_000_000,
        ..Limits::default()
    });
    let length = 64 * 1024 * 1024;
    put(&emulator, "k", "", &"a".repeat(length));
    let mut stream = connect(&emulator);
    stream
        .write_all(b"GET /examplebucket/k HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n")
        .unwrap();
    let started = Instant::now();
    let mut buffer = vec![0; 128 * 1024];
    let mut read = 0;
    // Often enough that no write waits for a second, and too slowly all the same: up to 640 KiB a second.
    while let Ok(taken @ 1..) = stream.read(&mut buffer) {
        read += taken;
        thread::sleep(Duration::from_millis(200));
        assert!(started.elapsed() < Duration::from_secs(60), "{read} bytes");
    }
    assert!(read < length, "{read} bytes");
    // One that keeps up is not, however much it is.
    let quick = get(&emulator, "k", "");
    assert!(quick.len() > length, "{}", quick.len());
}

#[test]
fn part_lists_in_flight_are_bounded_together() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&Plan {
        folder: folder.path(),
        syncs: false,
        disk: None,
    });
    let body = " ".repeat(8 * 1024 * 1024);
    let before = server.peak();
    thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| {
                let line = "POST /examplebucket/k?uploadId=1";
                let answer = client::send(server.address, line, "", &body).unwrap();
                assert!(answer.contains("<Code>NoSuchUpload<"), "{answer}");
            });
        }
    });
    let grown = server.peak().saturating_sub(before) >> 20;
    println!("64 lists of 8 MiB: {grown} MiB");
    // At once they are 512 MiB as they arrive, and several times that while they are judged; four are 32.
    assert!(grown < 200, "{grown} MiB");
    server.end(true);
}
