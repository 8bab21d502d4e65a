//! A client that knows what was answered: it changes things, and says what must be there afterwards.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use partproof_model::etag;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::exchange::between;

/// One client. Nobody else touches what begins with its name.
#[derive(Clone)]
pub(crate) struct Client {
    name: String,
    rng: ChaCha8Rng,
    drawn: u64,
    held: Held,
    /// What was sent and not answered when the connection ended.
    doubt: Option<Change>,
    pub(crate) failures: u64,
    pub(crate) answered: u64,
}

/// What is there, by what was answered.
#[derive(Clone, Debug, Default, PartialEq)]
struct Held {
    /// Each an object's bodies, of which none is stored twice.
    objects: BTreeMap<String, Vec<String>>,
    uploads: BTreeMap<String, Upload>,
}

#[derive(Clone, Debug, PartialEq)]
struct Upload {
    key: String,
    parts: BTreeMap<u64, String>,
}

#[derive(Clone, Debug)]
pub(crate) enum Change {
    Put {
        key: String,
        chunk: String,
    },
    Delete {
        key: String,
    },
    Copy {
        source: String,
        key: String,
    },
    Initiate {
        key: String,
    },
    Part {
        id: String,
        number: u64,
        chunk: String,
    },
    Complete {
        id: String,
    },
    Abort {
        id: String,
    },
}

/// Two parts, of which the first is as small as one can be that is not the last.
const UPLOAD: &str = "x-oss-meta-client-side-encryption-key: a2V5\r\n\
     x-oss-meta-client-side-encryption-start: c3RhcnQ=\r\n\
     x-oss-meta-client-side-encryption-cek-alg: AES/CTR/NoPadding\r\n\
     x-oss-meta-client-side-encryption-wrap-alg: RSA/NONE/PKCS1Padding\r\n\
     x-oss-meta-client-side-encryption-data-size: 102416\r\n\
     x-oss-meta-client-side-encryption-part-size: 102400\r\n";

/// Sends a request: the answer, or, if none came, whether the request was sent at all.
pub(crate) fn send(
    address: SocketAddr,
    line: &str,
    headers: &str,
    body: &str,
) -> Result<String, bool> {
    let mut stream = TcpStream::connect(address).map_err(|_| false)?;
    let patience = Some(Duration::from_secs(60));
    stream.set_read_timeout(patience).map_err(|_| false)?;
    let length = body.len();
    let request = format!(
        "{line} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    );
    stream.write_all(request.as_bytes()).map_err(|_| true)?;
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Ok(_) if !answer.is_empty() => Ok(String::from_utf8_lossy(&answer).into_owned()),
        _ => Err(true),
    }
}

/// The body of a part, which begins with this.
pub(crate) fn part(number: u64, begin: &str) -> String {
    let length = if number == 1 { 102_400 } else { 16 };
    begin.to_owned() + &".".repeat(length - begin.len())
}

fn etag(content: &str) -> String {
    etag::of_part(&etag::md5(content.as_bytes()))
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

fn ask(address: SocketAddr, line: &str) -> String {
    send(address, line, "", "").unwrap_or_else(|_| unreachable!("no answer to {line}"))
}

/// What an object has, if it is there.
pub(crate) fn content(address: SocketAddr, key: &str) -> Option<String> {
    let answer = ask(address, &format!("GET /examplebucket/{key}"));
    match answer.starts_with("HTTP/1.1 200") {
        true => {
            let length = between(&answer, "content-length: ", "\r\n");
            assert_eq!(length, body(&answer).len().to_string(), "{key} is cut");
            Some(body(&answer).to_owned())
        }
        false => {
            assert!(answer.contains("<Code>NoSuchKey<"), "{answer}");
            None
        }
    }
}

impl Client {
    pub(crate) fn new(id: u64, seed: u64) -> Self {
        Self {
            rng: ChaCha8Rng::seed_from_u64(seed ^ (id + 1) << 48),
            ..Self::named(&format!("c{id}-"))
        }
    }

    /// One whose objects have this prefix.
    pub(crate) fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            rng: ChaCha8Rng::seed_from_u64(0),
            drawn: 0,
            held: Held::default(),
            doubt: None,
            failures: 0,
            answered: 0,
        }
    }

    pub(crate) fn uploads(&self) -> Vec<String> {
        self.held.uploads.keys().cloned().collect()
    }

    /// The bodies that must be there.
    pub(crate) fn chunks(&self) -> std::collections::BTreeSet<String> {
        let objects = self.held.objects.values().flatten();
        let parts = self
            .held
            .uploads
            .values()
            .flat_map(|upload| upload.parts.values());
        objects.chain(parts).cloned().collect()
    }

    /// Changes things until the server is gone, or it was enough.
    pub(crate) fn change_things(&mut self, address: SocketAddr, most: u64, shared: &Shared) {
        for _ in 0..most {
            if self.rng.next_u64().is_multiple_of(6) {
                let chunk = self.chunk();
                let value = (!self.rng.next_u64().is_multiple_of(4)).then_some(chunk);
                if !shared.change(address, value, &mut self.failures) {
                    return;
                }
            }
            let change = self.draw();
            if !self.change(address, change) {
                return;
            }
        }
    }

    /// Makes a change that must succeed.
    pub(crate) fn must(&mut self, address: SocketAddr, change: Change) {
        let told = format!("{change:?}");
        let before = self.failures;
        assert!(
            self.change(address, change) && self.failures == before,
            "{told}"
        );
    }

    /// Makes a change; whether the server is still there.
    pub(crate) fn change(&mut self, address: SocketAddr, change: Change) -> bool {
        let (line, headers, body) = change.request(&self.held);
        match send(address, &line, &headers, &body) {
            Ok(answer) if answer.starts_with("HTTP/1.1 20") => {
                self.answered += 1;
                let id = || between(&answer, "<UploadId>", "<");
                self.held.apply(&change, id);
                true
            }
            Ok(answer) => {
                assert!(answer.starts_with("HTTP/1.1 500"), "{change:?}: {answer}");
                self.failures += 1;
                true
            }
            Err(was_sent) => {
                self.doubt = was_sent.then_some(change);
                false
            }
        }
    }

    /// This change was perhaps made.
    pub(crate) fn in_doubt_about(mut self, change: Change) -> Self {
        self.doubt = Some(change);
        self
    }

    /// A change that is possible now.
    fn draw(&mut self) -> Change {
        let number = self.rng.next_u64() % 3;
        let key = format!("{}{number}", self.name);
        let pick = usize::try_from(self.rng.next_u64() % 1_000).unwrap();
        let uploads = &self.held.uploads;
        let upload = (!uploads.is_empty()).then(|| uploads.iter().nth(pick % uploads.len()));
        let upload = upload
            .flatten()
            .map(|(id, upload)| (id.clone(), upload.parts.len()));
        let sources: Vec<_> = self.held.objects.keys().cloned().collect();
        match (self.rng.next_u64() % 10, upload) {
            (0..=2, _) => Change::Put {
                key,
                chunk: self.chunk(),
            },
            (3, _) => Change::Delete { key },
            (4, _) if !sources.is_empty() => Change::Copy {
                source: sources[pick % sources.len()].clone(),
                key,
            },
            (5, Some((id, _))) => Change::Abort { id },
            (6..=7, Some((id, 2))) => Change::Complete { id },
            (5..=9, Some((id, _))) => {
                self.drawn += 1;
                let number = 1 + self.rng.next_u64() % 2;
                let chunk = part(number, &format!("{}{}", self.name, self.drawn));
                Change::Part { id, number, chunk }
            }
            _ => Change::Initiate { key },
        }
    }

    /// A body like no other.
    fn chunk(&mut self) -> String {
        self.drawn += 1;
        let length = usize::try_from(self.rng.next_u64() % 3_000).unwrap();
        format!("{}{}:{}", self.name, self.drawn, "x".repeat(length))
    }

    /// Compares what is there with what was answered, and goes on with it.
    pub(crate) fn compare(&mut self, address: SocketAddr, context: &str) {
        let found = self.look(address);
        let doubt = self.doubt.take();
        let mut after = self.held.clone();
        if let Some(change) = &doubt {
            // Of an upload that was opened without an answer nobody knows the id.
            let new = found
                .uploads
                .keys()
                .find(|id| !after.uploads.contains_key(*id));
            let new = new.cloned().unwrap_or_default();
            after.apply(change, || new);
        }
        let held = if found == after.flat() {
            after
        } else {
            self.held.clone()
        };
        assert_eq!(
            found,
            held.flat(),
            "{context}: another state than before or after {doubt:?}"
        );
        self.held = held;
    }

    /// What is there under this client's name: objects as one body each, parts as ETags.
    fn look(&self, address: SocketAddr) -> Held {
        let list = ask(address, "GET /examplebucket?max-keys=1000");
        let keys = all_between(&list, "<Key>", "</Key>");
        let keys = keys
            .into_iter()
            .filter(|key| key.starts_with(&self.name) && *key != SHARED);
        let objects = keys
            .map(|key| {
                let content = content(address, &key).expect("it is listed");
                (key, vec![etag(&content)])
            })
            .collect();
        let list = ask(address, "GET /examplebucket?uploads&max-uploads=1000");
        let uploads = all_between(&list, "<Upload>", "</Upload>").into_iter();
        let uploads = uploads
            .map(|upload| {
                (
                    between(&upload, "<UploadId>", "<"),
                    between(&upload, "<Key>", "<"),
                )
            })
            .filter(|(_, key)| key.starts_with(&self.name))
            .map(|(id, key)| {
                let page = ask(address, &format!("GET /examplebucket/{key}?uploadId={id}"));
                let numbers = all_between(&page, "<PartNumber>", "<").into_iter();
                let numbers = numbers.map(|number| number.parse().unwrap());
                let etags = all_between(&page, "<ETag>&quot;", "&quot;");
                let parts = numbers.zip(etags).collect();
                (id, Upload { key, parts })
            })
            .collect();
        Held { objects, uploads }
    }
}

fn all_between(text: &str, before: &str, after: &str) -> Vec<String> {
    let pieces = text.split(before).skip(1);
    pieces
        .map(|piece| piece.split(after).next().unwrap().to_owned())
        .collect()
}

impl Held {
    fn apply(&mut self, change: &Change, id: impl FnOnce() -> String) {
        match change.clone() {
            Change::Put { key, chunk } => {
                self.objects.insert(key, vec![chunk]);
            }
            Change::Delete { key } => {
                self.objects.remove(&key);
            }
            Change::Copy { source, key } => {
                self.objects.insert(key, self.objects[&source].clone());
            }
            Change::Initiate { key } => {
                let parts = BTreeMap::new();
                self.uploads.insert(id(), Upload { key, parts });
            }
            Change::Part { id, number, chunk } => {
                self.uploads
                    .get_mut(&id)
                    .unwrap()
                    .parts
                    .insert(number, chunk);
            }
            Change::Complete { id } => {
                let Upload { key, parts } = self.uploads.remove(&id).unwrap();
                self.objects.insert(key, parts.into_values().collect());
            }
            Change::Abort { id } => {
                self.uploads.remove(&id);
            }
        }
    }

    /// As it can be seen from outside.
    fn flat(&self) -> Self {
        let objects = self.objects.iter();
        let uploads = self.uploads.iter();
        Self {
            objects: objects
                .map(|(key, chunks)| (key.clone(), vec![etag(&chunks.concat())]))
                .collect(),
            uploads: uploads
                .map(|(id, upload)| {
                    let parts = upload.parts.iter();
                    let parts = parts.map(|(number, chunk)| (*number, etag(chunk)));
                    let (key, parts) = (upload.key.clone(), parts.collect());
                    (id.clone(), Upload { key, parts })
                })
                .collect(),
        }
    }
}

impl Change {
    fn request(&self, held: &Held) -> (String, String, String) {
        let key_of = |id: &String| &held.uploads[id].key;
        let (line, headers, body) = match self {
            Self::Put { key, chunk } => (format!("PUT /examplebucket/{key}"), "", chunk.as_str()),
            Self::Delete { key } => (format!("DELETE /examplebucket/{key}"), "", ""),
            Self::Copy { source, key } => {
                let headers = format!("x-oss-copy-source: /examplebucket/{source}\r\n");
                return (format!("PUT /examplebucket/{key}"), headers, String::new());
            }
            Self::Initiate { key } => (format!("POST /examplebucket/{key}?uploads"), UPLOAD, ""),
            Self::Part { id, number, chunk } => {
                let key = key_of(id);
                let line = format!("PUT /examplebucket/{key}?partNumber={number}&uploadId={id}");
                (line, "", chunk.as_str())
            }
            Self::Complete { id } => {
                let line = format!("POST /examplebucket/{}?uploadId={id}", key_of(id));
                (line, "x-oss-complete-all: yes\r\n", "")
            }
            Self::Abort { id } => {
                let line = format!("DELETE /examplebucket/{}?uploadId={id}", key_of(id));
                (line, "", "")
            }
        };
        (line, headers.to_owned(), body.to_owned())
    }
}

/// An object that every client changes.
#[derive(Default)]
pub(crate) struct Shared(Mutex<Vec<SharedChange>>);

pub(crate) const SHARED: &str = "shared";

/// One change of it, from when to when. Without an end it was not answered.
struct SharedChange {
    begun: Instant,
    ended: Option<Instant>,
    value: Option<String>,
}

impl Shared {
    /// Puts it, or deletes it; whether the server is still there.
    fn change(&self, address: SocketAddr, value: Option<String>, failures: &mut u64) -> bool {
        let begun = Instant::now();
        let line = match value {
            Some(_) => "PUT /examplebucket/shared",
            None => "DELETE /examplebucket/shared",
        };
        let sent = send(address, line, "", value.as_deref().unwrap_or_default());
        let ended = match &sent {
            Ok(answer) if answer.starts_with("HTTP/1.1 500") => {
                *failures += 1;
                return true;
            }
            Ok(answer) => {
                assert!(answer.starts_with("HTTP/1.1 20"), "{answer}");
                Some(Instant::now())
            }
            Err(false) => return false,
            Err(true) => None,
        };
        self.0.lock().unwrap().push(SharedChange {
            begun,
            ended,
            value,
        });
        sent.is_ok()
    }

    /// What is there must have been put by somebody, and not be older than what was answered before it was begun; the bodies it has.
    pub(crate) fn compare(&self, found: Option<String>, context: &str) -> Option<String> {
        let mut writes = self.0.lock().unwrap();
        let overtaken = |write: &SharedChange| {
            let Some(ended) = write.ended else {
                return false;
            };
            writes
                .iter()
                .any(|other| other.ended.is_some() && other.begun > ended)
        };
        let admissible = |value: &Option<String>| {
            let mut last = writes.iter().filter(|write| !overtaken(write));
            let answered = writes.iter().any(|write| write.ended.is_some());
            last.any(|write| write.value == *value) || !answered && value.is_none()
        };
        assert!(admissible(&found), "{context}: {found:?}");
        let now = Instant::now();
        *writes = vec![SharedChange {
            begun: now,
            ended: Some(now),
            value: found.clone(),
        }];
        found
    }
}
