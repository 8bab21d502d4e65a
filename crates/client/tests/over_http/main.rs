//! The whole client against a service that fails on demand.

#![allow(clippy::unwrap_used, reason = "a test may panic: that is how it fails")]
#![allow(clippy::panic, reason = "the same")]

mod downloads;
mod fake_oss;
mod resumed;
mod uploads;

#[cfg(feature = "https")]
use std::io::{Read, Write};
#[cfg(feature = "https")]
use std::net::TcpListener;
use std::num::NonZeroUsize;
use std::sync::LazyLock;
#[cfg(feature = "https")]
use std::thread;
use std::time::Duration;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeySize, PrivateDecryptingKey};
use fake_oss::FakeOss;
use partproof_client::{
    Bucket, Credentials, DownloadOptions, EncryptedObject, Error, Fate, MasterKey, Retry,
    UploadOptions,
};
use pem::Pem;

const RETRY: Retry = Retry {
    attempts: 3,
    first_pause: Duration::from_millis(1),
    longest_pause: Duration::from_millis(2),
};

/// A private master key and its public half.
static MASTER: LazyLock<(MasterKey, MasterKey)> = LazyLock::new(|| {
    let private = PrivateDecryptingKey::generate(KeySize::Rsa2048).unwrap();
    let (pkcs8, spki) = (
        private.as_der().unwrap(),
        private.public_key().as_der().unwrap(),
    );
    let pem = |label, der: &[u8]| MasterKey::from_pem(&pem::encode(&Pem::new(label, der))).unwrap();
    (
        pem("PRIVATE KEY", pkcs8.as_ref()),
        pem("PUBLIC KEY", spki.as_ref()),
    )
});

fn bucket(service: &FakeOss) -> Bucket {
    let credentials = Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE");
    Bucket::new(
        &service.endpoint,
        "cn-hangzhou",
        "examplebucket",
        credentials,
    )
    .unwrap()
}

/// Parts of 102,400 bytes: 450,000 bytes are five of them.
fn options<'o>() -> UploadOptions<'o> {
    UploadOptions {
        part_size: Some(102_400),
        concurrency: NonZeroUsize::new(3).unwrap(),
        retry: RETRY,
        ..UploadOptions::default()
    }
}

fn plaintext(length: usize) -> Vec<u8> {
    (0..=250).cycle().take(length).collect()
}

fn open(bucket: &Bucket) -> Result<EncryptedObject<'_>, Error> {
    let options = DownloadOptions {
        retry: RETRY,
        ..DownloadOptions::default()
    };
    EncryptedObject::open(bucket, "k", &MASTER.0, options)
}

fn fate(error: &Error) -> Fate {
    match error {
        Error::Upload { fate, .. } => *fate,
        other => panic!("{other}"),
    }
}

/// An `https` endpoint begins with a TLS handshake; what answers otherwise is no panic but an error.
#[cfg(feature = "https")]
#[test]
fn https_is_spoken_as_tls() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("https://{}", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut first = [0; 1];
        connection.read_exact(&mut first).unwrap();
        connection.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        first[0]
    });
    let credentials = Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE");
    let bucket = Bucket::new(&endpoint, "cn-hangzhou", "examplebucket", credentials).unwrap();
    let lost = bucket.head("k").unwrap_err();
    assert!(matches!(lost, Error::Transport { .. }), "{lost}");
    const HANDSHAKE: u8 = 22;
    assert_eq!(server.join().unwrap(), HANDSHAKE);
}
