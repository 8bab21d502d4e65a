//! The built-in client at the other end of the line protocol. There it must be judged as it is here, and a subject that answers at
//! once shows what the protocol costs.

use std::fs;
use std::hint::black_box;
use std::io::{BufRead, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use data_encoding::HEXLOWER;
use nix::time::{ClockId, clock_gettime};

use partproof_protocol::{
    Base64, Benched, Ciphertext, Description, DownloadArguments, Downloaded, ErrorKind, Feature,
    Op, PartListBody, Plaintext, Planned, PlannedPart, Range, Request, ServiceArguments,
    SignatureVersion, UploadArguments, Uploaded, VERSION,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::Builtin;
use partproof_suite::subject::client::{
    Abilities, ByteRange, Client, DescribedKey, DownloadJob, Failure, Service, Signature, UploadJob,
};
use partproof_suite::subject::{
    Cipher, Encryptor, MasterKeyPem, PartListBuilder, Planner, Refusal, Upload,
};

/// Answers requests until there are no more.
///
/// # Errors
/// A line that is no request, or input or output that cannot be used.
pub fn serve(requests: impl BufRead, mut answers: impl Write) -> Result<(), String> {
    for line in requests.lines() {
        let line = line.map_err(|error| format!("standard input: {error}"))?;
        let answer = answer(&line)?;
        writeln!(answers, "{answer}")
            .and_then(|()| answers.flush())
            .map_err(|error| format!("standard output: {error}"))?;
    }
    Ok(())
}

/// What every request has.
#[derive(Deserialize)]
struct Asked {
    id: u64,
    op: String,
}

/// Why there is no `ok`.
enum Not {
    Done(Value),
    Supported,
}

impl From<Refusal> for Not {
    fn from(Refusal(message): Refusal) -> Self {
        Self::Done(json!({ "kind": ErrorKind::Refused, "message": message }))
    }
}

impl From<Failure> for Not {
    fn from(failure: Failure) -> Self {
        let Failure { message, code } = failure;
        let kind = match code {
            Some(_) => ErrorKind::Refused,
            None => ErrorKind::Failed,
        };
        Self::Done(json!({ "kind": kind, "message": message, "code": code }))
    }
}

fn answer(line: &str) -> Result<Value, String> {
    let Asked { id, op } =
        serde_json::from_str(line).map_err(|error| format!("not a request: {error}"))?;
    let is_known = op == "describe" || Op::ALL.iter().any(|known| known.to_string() == op);
    let done = match (is_known, serde_json::from_str(line)) {
        (false, _) => Err(Not::Supported),
        (true, Ok(request)) => carry_out(request),
        (true, Err(error)) => Err(Refusal::from_error(error).into()),
    };
    Ok(match done {
        Ok(ok) => json!({ "id": id, "ok": ok }),
        Err(Not::Done(error)) => json!({ "id": id, "err": error }),
        Err(Not::Supported) => json!({ "id": id, "unsupported": true }),
    })
}

fn carry_out(request: Request) -> Result<Value, Not> {
    match request {
        Request::Describe => ok(&description()),
        Request::Plan {
            data_size,
            part_size,
        } => ok(&plan(data_size, part_size)?.together()),
        Request::PartList { parts } => {
            let parts: Vec<_> = parts
                .into_iter()
                .map(|part| (part.number, part.etag))
                .collect();
            ok(&PartListBody {
                body: Base64(Builtin.part_list(&parts)?),
            })
        }
        Request::EncryptPart {
            cipher,
            key,
            start,
            data_size,
            part_size,
            number,
            plaintext,
        } => {
            let upload = upload_of(&cipher, &key, &start, data_size, part_size)?;
            let encrypted = Builtin.begin(&upload)?.encrypt(number, &[&plaintext.0])?;
            ok(&Ciphertext {
                ciphertext: Base64(encrypted),
            })
        }
        Request::DecryptRange {
            cipher,
            key,
            start,
            offset,
            ciphertext,
        } => {
            // Any object that holds these bytes, in parts as large as there are.
            let length = u64::try_from(ciphertext.0.len()).map_err(Refusal::from_error)?;
            let end = offset.saturating_add(length);
            let upload = upload_of(&cipher, &key, &start, end, 5 << 30)?;
            let decrypted = Builtin.decrypt_range(&upload, offset, &ciphertext.0)?;
            ok(&Plaintext {
                plaintext: Base64(decrypted),
            })
        }
        Request::Upload(asked) => upload(&asked),
        Request::Download(asked) => download(&asked),
        Request::Bench {
            of,
            repeat,
            least_nanoseconds,
        } => bench(*of, repeat, Duration::from_nanos(least_nanoseconds)),
    }
}

/// A plan, part by part.
fn plan(data_size: u64, part_size: Option<u64>) -> Result<Planned, Refusal> {
    let planned = Builtin.plan(data_size, part_size)?;
    let parts = planned.parts.map(|part| PlannedPart {
        number: part.number,
        offset: part.offset,
        length: part.length,
        count: None,
    });
    Ok(Planned {
        part_size: planned.part_size,
        parts: parts.collect(),
    })
}

/// What a piece made.
enum Made {
    Bytes(Vec<u8>),
    Parts(Vec<PlannedPart>),
}

/// Does a piece for so long, beginning with what its request has unpacked.
fn bench(of: Request, repeat: u64, least: Duration) -> Result<Value, Not> {
    let repeat = usize::try_from(repeat).map_err(Refusal::from_error)?;
    match of {
        Request::Plan {
            data_size,
            part_size,
        } => timed(least, || Ok(Made::Parts(plan(data_size, part_size)?.parts))),
        Request::PartList { parts } => {
            let parts = parts.into_iter().map(|part| (part.number, part.etag));
            let parts: Vec<_> = parts.collect();
            timed(least, || Ok(Made::Bytes(Builtin.part_list(&parts)?)))
        }
        Request::EncryptPart {
            cipher,
            key,
            start,
            data_size,
            part_size,
            number,
            plaintext,
        } => {
            let upload = upload_of(&cipher, &key, &start, data_size, part_size)?;
            let plaintext = plaintext.0.repeat(repeat);
            timed(least, || {
                let mut parts = Builtin.begin(&upload)?;
                Ok(Made::Bytes(parts.encrypt(number, &[&plaintext])?))
            })
        }
        Request::DecryptRange {
            cipher,
            key,
            start,
            offset,
            ciphertext,
        } => {
            let ciphertext = ciphertext.0.repeat(repeat);
            let length = u64::try_from(ciphertext.len()).map_err(Refusal::from_error)?;
            let end = offset.saturating_add(length);
            let upload = upload_of(&cipher, &key, &start, end, 5 << 30)?;
            timed(least, || {
                let decrypted = Builtin.decrypt_range(&upload, offset, &ciphertext)?;
                Ok(Made::Bytes(decrypted))
            })
        }
        _ => Err(Not::Supported),
    }
}

fn timed(least: Duration, mut work: impl FnMut() -> Result<Made, Refusal>) -> Result<Value, Not> {
    let cpu = || clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).map(Duration::from);
    let (began, cpu_began) = (Instant::now(), cpu());
    let mut iterations = 0;
    let made = loop {
        let made = black_box(work()?);
        iterations += 1;
        if began.elapsed() >= least {
            break made;
        }
    };
    let (took, cpu_took) = (began.elapsed(), cpu());
    let bytes = match made {
        Made::Bytes(bytes) => bytes,
        Made::Parts(parts) => {
            let lines = parts
                .iter()
                .map(|part| format!("{} {} {}\n", part.number, part.offset, part.length));
            lines.collect::<String>().into_bytes()
        }
    };
    let nanoseconds = |took: Duration| u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
    ok(&Benched {
        iterations,
        nanoseconds: nanoseconds(took),
        cpu_nanoseconds: match (cpu_began, cpu_took) {
            (Ok(began), Ok(end)) => end.checked_sub(began).map(nanoseconds),
            _ => None,
        },
        digest: HEXLOWER.encode(&Sha256::digest(&bytes)),
    })
}

fn ok(answer: &impl Serialize) -> Result<Value, Not> {
    serde_json::to_value(answer).map_err(|error| Refusal::from_error(error).into())
}

fn description() -> Description {
    let Abilities {
        ciphers,
        wraps,
        signatures,
        ..
    } = Builtin.abilities();
    let signatures = signatures.into_iter().map(|signature| match signature {
        Signature::V1 => SignatureVersion::V1,
        Signature::V4 => SignatureVersion::V4,
    });
    // One request after the other, and ranges of all forms.
    let not_there = [
        Feature::Pipelining,
        Feature::ClosedRanges,
        Feature::ContentMd5,
        Feature::Streams,
        Feature::Pieces,
        Feature::SeveralKeys,
        Feature::OldNames,
    ];
    let features = Feature::ALL
        .into_iter()
        .filter(|feature| !not_there.contains(feature));
    Description {
        protocol: VERSION,
        name: "built-in client".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        language: "Rust".to_owned(),
        ops: Op::ALL.to_vec(),
        ciphers: ciphers
            .into_iter()
            .map(|cipher| cipher.cek_alg().to_owned())
            .collect(),
        wraps: wraps
            .into_iter()
            .map(|wrap| wrap.name().to_owned())
            .collect(),
        signatures: signatures.collect(),
        features: features.collect(),
    }
}

fn cipher_of(name: &str) -> Result<Cipher, Not> {
    Cipher::from_cek_alg(name.as_bytes()).ok_or(Not::Supported)
}

fn upload_of(
    cipher: &str,
    key: &Base64,
    start: &Base64,
    data_size: u64,
    part_size: u64,
) -> Result<Upload, Not> {
    let length = |what: &str, bytes: &Base64| {
        Not::from(Refusal(format!("{what} of {} bytes", bytes.0.len())))
    };
    Ok(Upload {
        cipher: cipher_of(cipher)?,
        key: key
            .0
            .as_slice()
            .try_into()
            .map_err(|_| length("a key", key))?,
        start: start
            .0
            .as_slice()
            .try_into()
            .map_err(|_| length("a start", start))?,
        plaintext_size: data_size,
        part_size,
    })
}

/// The service, and the description of the master key that it borrows.
fn with_service<T>(
    arguments: &ServiceArguments,
    then: impl FnOnce(&Service<'_>) -> Result<T, Failure>,
) -> Result<T, Not> {
    let key = &arguments.master_key;
    let description = key.description.as_ref().map(pairs).unwrap_or_default();
    let others: Vec<_> = key
        .others
        .iter()
        .map(|other| (other, pairs(&other.description)))
        .collect();
    let others: Vec<_> = others
        .iter()
        .map(|(other, description)| DescribedKey {
            master: MasterKeyPem {
                public: &other.public,
                private: &other.private,
            },
            description,
        })
        .collect();
    let service = Service {
        endpoint: &arguments.endpoint,
        region: &arguments.region,
        bucket: &arguments.bucket,
        access_key_id: &arguments.access_key_id,
        access_key_secret: &arguments.access_key_secret,
        signature: match arguments.signature {
            SignatureVersion::V1 => Signature::V1,
            SignatureVersion::V4 => Signature::V4,
        },
        master: MasterKeyPem {
            public: &key.public,
            private: &key.private,
        },
        description: &description,
        others: &others,
        shared: arguments.client,
    };
    Ok(then(&service)?)
}

/// Names and values, where these are texts.
fn pairs(object: &Map<String, Value>) -> Vec<(String, String)> {
    let members = object.iter();
    members
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
        .collect()
}

fn upload(asked: &UploadArguments) -> Result<Value, Not> {
    let options = &asked.options;
    let job = UploadJob {
        object: &asked.service.object,
        file: Path::new(&asked.file),
        cipher: cipher_of(&options.cipher)?,
        part_size: asked.part_size,
        concurrency: options.parallel,
        checkpoint: options.checkpoint.as_deref().map(Path::new),
        announced: options.announced,
        position: options.position,
        metadata: &pairs(&options.metadata),
        content_type: options.content_type.as_deref(),
        content_md5: options.content_md5.as_deref(),
        is_stream: options.stream,
    };
    let uploaded = with_service(&asked.service, |service| Builtin.upload(service, &job))?;
    ok(&Uploaded {
        etag: uploaded.etag,
    })
}

fn download(asked: &DownloadArguments) -> Result<Value, Not> {
    let range = asked
        .range
        .map(|Range { first, last }| match (first, last) {
            (Some(first), Some(last)) => ByteRange::Closed { first, last },
            (Some(first), None) => ByteRange::From { first },
            (None, last) => ByteRange::Suffix {
                length: last.unwrap_or(0),
            },
        });
    let job = DownloadJob {
        object: &asked.service.object,
        file: Path::new(&asked.file),
        range,
        pieces: None,
    };
    with_service(&asked.service, |service| Builtin.download(service, &job))?;
    let length = fs::metadata(&asked.file)
        .map_err(Refusal::from_error)?
        .len();
    ok(&Downloaded { length })
}
