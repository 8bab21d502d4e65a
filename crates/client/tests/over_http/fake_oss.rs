//! A service of one bucket that believes everything and fails on demand: for what happens between client and service, not for rules.
//! It sends no CRC-64, so that the client falls back on ETags.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What goes wrong with the n-th request of an operation.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Fault {
    /// Answered with this and not carried out.
    Status(u16),
    /// The same before the body is read, and the connection closed.
    StatusAtOnce(u16),
    /// The connection is cut within the request's body.
    CutBody,
    /// Carried out, and the connection cut before the answer.
    LoseAnswer,
    /// Half of the answer's body, and the connection cut.
    HalfAnswer,
    /// The range is not looked at.
    IgnoreRange,
    /// Another range of the same length, and the answer says so.
    ShiftRange,
    /// One bit of the body is turned before it is stored.
    TurnBit,
    /// The answer has a CRC-64 of other bytes.
    OtherCrc64,
    /// Not carried out, and never answered.
    Silence,
}

/// A request that arrived: its operation, its query, or its range if it has none, and its body.
pub(crate) type Seen = (&'static str, String, Vec<u8>);

#[derive(Default)]
struct State {
    faults: Vec<(&'static str, usize, Fault)>,
    seen: Vec<Seen>,
    envelope: Vec<String>,
    upload: Option<BTreeMap<u32, Vec<u8>>>,
    object: Option<(Vec<u8>, String)>,
}

pub(crate) struct FakeOss {
    pub(crate) endpoint: String,
    state: Arc<Mutex<State>>,
}

impl FakeOss {
    /// Starts one, for the rest of the process.
    pub(crate) fn start(faults: &[(&'static str, usize, Fault)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State {
            faults: faults.to_vec(),
            ..State::default()
        }));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let state = Arc::clone(&shared);
                thread::spawn(move || while serve(stream.as_ref().unwrap(), &state).is_some() {});
            }
        });
        FakeOss { endpoint, state }
    }

    /// The requests so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.state.lock().unwrap().seen.clone()
    }

    /// The same by operation.
    pub(crate) fn bodies(&self, operation: &str, query: &str) -> Vec<Vec<u8>> {
        let seen = self.seen().into_iter();
        seen.filter(|(given, given_query, _)| *given == operation && given_query.contains(query))
            .map(|(_, _, body)| body)
            .collect()
    }

    pub(crate) fn replace_object(&self, change: impl FnOnce(&mut Vec<u8>)) {
        let mut state = self.state.lock().unwrap();
        change(&mut state.object.as_mut().unwrap().0);
    }
}

/// One request of a connection; none at its end.
fn serve(stream: &TcpStream, state: &Mutex<State>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|&read| read > 0)?;
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let header = |wanted: &str| {
        let named = lines[1..].iter().filter_map(|line| line.split_once(": "));
        named
            .filter(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value.to_owned())
            .next()
    };
    let mut words = lines[0].split(' ');
    let (method, target) = (words.next()?, words.next()?);
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let operation = match (method, query) {
        ("POST", query) if query.contains("uploads") => "Initiate",
        ("POST", _) => "Complete",
        ("PUT", "") => "Put",
        ("PUT", _) => "UploadPart",
        ("DELETE", _) => "Abort",
        ("GET", "") => "Get",
        ("GET", _) => "ListParts",
        _ => "Head",
    };
    let length = header("content-length").map_or(0, |length| length.parse().unwrap());
    let mut held = state.lock().unwrap();
    let nth = 1 + held.seen.iter().filter(|seen| seen.0 == operation).count();
    let fault = held
        .faults
        .iter()
        .find(|fault| (fault.0, fault.1) == (operation, nth));
    let fault = fault.map(|fault| fault.2);
    let range = header("range");
    let noted = range.as_deref().filter(|_| query.is_empty());
    held.seen
        .push((operation, noted.unwrap_or(query).to_owned(), Vec::new()));
    let place = held.seen.len() - 1;
    drop(held);
    if let Some(Fault::StatusAtOnce(status)) = fault {
        refuse(stream, status);
        return None;
    }
    let mut body = vec![
        0;
        if fault == Some(Fault::CutBody) {
            length / 2
        } else {
            length
        }
    ];
    reader.read_exact(&mut body).ok()?;
    let mut held = state.lock().unwrap();
    held.seen[place].2 = body.clone();
    let demanded = header("if-match");
    let etag = held.object.as_ref().map(|(_, etag)| format!("\"{etag}\""));
    match fault {
        Some(Fault::CutBody) => return None,
        Some(Fault::Silence) => {
            drop(held);
            thread::sleep(Duration::from_secs(5));
            return None;
        }
        Some(Fault::Status(status)) => return refuse(stream, status),
        Some(Fault::TurnBit) => body[0] ^= 1,
        _ if demanded.is_some() && demanded != etag => return refuse(stream, 412),
        _ => {}
    }
    let range = range.filter(|_| fault != Some(Fault::IgnoreRange));
    let range = range.map(|range| {
        let (first, last) = range[6..].split_once('-').unwrap();
        let shift = usize::from(fault == Some(Fault::ShiftRange)) * 16;
        let at = |digits: &str| digits.parse::<usize>().unwrap() + shift;
        (at(first), at(last))
    });
    let envelope = lines[1..].iter();
    let envelope = envelope.filter(|line| line.starts_with("x-oss-meta-"));
    let envelope = envelope.cloned().collect();
    let (status, mut headers, body) = held.carry_out(operation, query, envelope, body, range);
    if fault == Some(Fault::OtherCrc64) {
        headers.push_str("x-oss-hash-crc64ecma: 1\r\n");
    }
    drop(held);
    match fault {
        Some(Fault::LoseAnswer) => None,
        Some(Fault::HalfAnswer) => {
            answer(
                stream,
                status,
                &headers,
                &body[..body.len() / 2],
                body.len(),
            );
            None
        }
        _ if operation == "Head" => answer(stream, status, &headers, b"", body.len()),
        _ => answer(stream, status, &headers, &body, body.len()),
    }
}

impl State {
    fn carry_out(
        &mut self,
        operation: &str,
        query: &str,
        envelope: Vec<String>,
        body: Vec<u8>,
        range: Option<(usize, usize)>,
    ) -> (&'static str, String, Vec<u8>) {
        let names = "<Bucket>examplebucket</Bucket><Key>k</Key><UploadId>U</UploadId>";
        let document = |name: &str, content: &str| format!("<{name}>{names}{content}</{name}>");
        let ok = |document: String| ("200 OK", String::new(), document.into_bytes());
        match (operation, &mut self.upload) {
            ("Initiate", upload) => {
                *upload = Some(BTreeMap::new());
                self.envelope = envelope;
                ok(document("InitiateMultipartUploadResult", ""))
            }
            ("Put", _) => {
                let etag = md5(&body);
                self.envelope = envelope;
                self.object = Some((body, etag.clone()));
                ("200 OK", format!("ETag: \"{etag}\"\r\n"), Vec::new())
            }
            ("UploadPart", Some(parts)) => {
                let number = query.split(['=', '&']).nth(1).unwrap().parse().unwrap();
                let etag = format!("ETag: \"{}\"\r\n", md5(&body));
                parts.insert(number, body);
                ("200 OK", etag, Vec::new())
            }
            ("ListParts", Some(parts)) => {
                // Pages of two parts.
                let marker = query.split("marker=").nth(1).unwrap();
                let marker: u32 = marker.split('&').next().unwrap().parse().unwrap();
                let last = parts.keys().next_back().copied().unwrap_or(0);
                let page: Vec<_> = parts.range(marker + 1..).take(2).collect();
                let next = page.last().map_or(marker, |(number, _)| **number);
                let mut content = format!(
                    "<PartNumberMarker>{marker}</PartNumberMarker><MaxParts>2</MaxParts>\
                     <NextPartNumberMarker>{next}</NextPartNumberMarker><IsTruncated>{}</IsTruncated>",
                    next < last
                );
                for (number, part) in page {
                    let (etag, size) = (md5(part), part.len());
                    write!(content, "<Part><PartNumber>{number}</PartNumber><ETag>\"{etag}\"</ETag><Size>{size}</Size></Part>").unwrap();
                }
                for header in &self.envelope {
                    let name = &header["x-oss-meta-client-side-encryption-".len()..];
                    let (name, value) = name.split_once(": ").unwrap();
                    let camel = name
                        .split('-')
                        .map(|word| word[..1].to_uppercase() + &word[1..]);
                    let name = format!("ClientEncryption{}", camel.collect::<String>());
                    write!(content, "<{name}>{value}</{name}>").unwrap();
                }
                ok(document("ListPartsResult", &content))
            }
            ("Complete", Some(parts)) => {
                let etags: String = parts.values().map(|part| md5(part)).collect();
                let etag = format!("{}-{}", md5(etags.as_bytes()), parts.len());
                self.object = Some((parts.values().flatten().copied().collect(), etag.clone()));
                self.upload = None;
                ok(document(
                    "CompleteMultipartUploadResult",
                    &format!("<ETag>\"{etag}\"</ETag>"),
                ))
            }
            ("Abort", upload @ Some(_)) => {
                *upload = None;
                ("204 No Content", String::new(), Vec::new())
            }
            ("Head" | "Get", _) if self.object.is_some() => {
                let (bytes, etag) = self.object.clone().unwrap();
                let headers = format!("ETag: \"{etag}\"\r\n{}\r\n", self.envelope.join("\r\n"));
                let Some((first, last)) = range else {
                    return ("200 OK", headers, bytes);
                };
                let part = &bytes[first..=last];
                let range = format!("Content-Range: bytes {first}-{last}/{}\r\n", bytes.len());
                ("206 Partial Content", range + &headers, part.to_vec())
            }
            _ => {
                let gone = "<Error><Code>NoSuchUpload</Code><Message>m</Message></Error>";
                ("404 Not Found", String::new(), gone.as_bytes().to_vec())
            }
        }
    }
}

fn refuse(stream: &TcpStream, status: u16) -> Option<()> {
    let document = "<Error><Code>Planned</Code><Message>m</Message><EC>0000-1</EC></Error>";
    let status = format!("{status} X");
    answer(stream, &status, "", document.as_bytes(), document.len())
}

fn answer(
    mut stream: &TcpStream,
    status: &str,
    headers: &str,
    body: &[u8],
    length: usize,
) -> Option<()> {
    let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n");
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body).ok()
}

fn md5(bytes: &[u8]) -> String {
    format!("{:X}", md5::compute(bytes))
}
