//! What a file is before it is text.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::MultiGzDecoder;

use super::super::CaptureError;

/// As much as a capture may have.
const MOST: u64 = 256 << 20;

/// What is no text, by how it begins, and what makes one of it.
const NO_TEXT: &[(&[u8], &str, &str)] = &[
    (b"\xd4\xc3\xb2\xa1", "a pcap file", PCAP),
    (b"\xa1\xb2\xc3\xd4", "a pcap file", PCAP),
    (b"\x4d\x3c\xb2\xa1", "a pcap file", PCAP),
    (b"\xa1\xb2\x3c\x4d", "a pcap file", PCAP),
    (b"\x0a\x0d\x0d\x0a", "a pcapng file", PCAP),
    (
        b"PK\x03\x04",
        "a zip archive",
        "unzip FILE, and diagnose what was in it",
    ),
    (b"%PDF-", "a PDF", "copy its text into a file"),
    (b"\x89PNG", "a picture", "copy the text that it shows"),
    (b"\xff\xd8\xff", "a picture", "copy the text that it shows"),
    (
        b"7z\xbc\xaf\x27\x1c",
        "a 7z archive",
        "unpack it, and diagnose what was in it",
    ),
    (b"\xfd7zXZ\x00", "an xz file", "unxz FILE"),
    (b"\x28\xb5\x2f\xfd", "a zstd file", "unzstd FILE"),
    (b"BZh", "a bzip2 file", "bunzip2 FILE"),
    (
        b"SQLite format 3\x00",
        "an SQLite database",
        "export what it holds as text",
    ),
];

const PCAP: &str = "tshark -r FILE -q -z follow,tcp,ascii,0 for each stream of `tshark -r FILE -T fields -e tcp.stream`";

/// The text of a file, and what had to be done for it.
pub(super) fn opened<'a>(
    file: &str,
    bytes: &'a [u8],
) -> Result<(Cow<'a, [u8]>, Vec<&'static str>), CaptureError> {
    let mut steps = Vec::new();
    let mut bytes = Cow::Borrowed(bytes);
    if bytes.starts_with(b"\x1f\x8b") {
        bytes = Cow::Owned(unzipped(file, &bytes)?);
        steps.push("gzip");
    }
    let is = |(magic, ..): &&(&[u8], &str, &str)| bytes.starts_with(magic);
    let beginning = bytes.get(..400).unwrap_or(&bytes);
    if pattern!(r"<items burpVersion=").is_match(beginning) {
        return Err(CaptureError::NoText {
            file: file.to_owned(),
            what: "an export of Burp, in which messages are Base64",
            instead: "in Burp, select the items and save each request and response, or copy them as text",
        });
    }
    let found = NO_TEXT
        .iter()
        .find(is)
        .map(|(_, what, instead)| (*what, *instead));
    if let Some((what, instead)) = found.or_else(|| flows(&bytes)) {
        return Err(CaptureError::NoText {
            file: file.to_owned(),
            what,
            instead,
        });
    }
    if let Some(text) = utf_16(&bytes) {
        bytes = Cow::Owned(text);
        steps.push("UTF-16");
    }
    if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes = Cow::Owned(bytes.get(3..).unwrap_or_default().to_vec());
        steps.push("a byte order mark");
    }
    Ok((bytes, steps))
}

fn unzipped(file: &str, bytes: &[u8]) -> Result<Vec<u8>, CaptureError> {
    let wrong = |problem: String| CaptureError::Gzip {
        file: file.to_owned(),
        problem,
    };
    let mut text = Vec::new();
    let mut decoder = MultiGzDecoder::new(bytes).take(MOST + 1);
    decoder
        .read_to_end(&mut text)
        .map_err(|error| wrong(error.to_string()))?;
    match u64::try_from(text.len()).is_ok_and(|length| length <= MOST) {
        true => Ok(text),
        false => Err(wrong(format!("more than {MOST} bytes when unpacked"))),
    }
}

/// What mitmproxy keeps: a length, a colon, and a dictionary of it.
fn flows(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    let digits = bytes
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let after = bytes.get(digits..)?.strip_prefix(b":")?;
    let is_flow = (1..=9).contains(&digits) && after.iter().take(40).any(|byte| *byte == b';');
    let command = "mitmdump -nr FILE --set hardump=flows.har";
    (is_flow && after.first().is_some_and(u8::is_ascii_digit))
        .then_some(("a flow file of mitmproxy", command))
}

/// UTF-16 with a byte order mark, or without one where every other byte of the beginning is zero.
fn utf_16(bytes: &[u8]) -> Option<Vec<u8>> {
    let (rest, little) = match bytes {
        [0xff, 0xfe, rest @ ..] => (rest, true),
        [0xfe, 0xff, rest @ ..] => (rest, false),
        _ => {
            let beginning = bytes.get(..bytes.len().min(256))?;
            let zeros = |odd: usize| {
                let every = beginning.iter().skip(odd).step_by(2);
                every.filter(|byte| **byte == 0).count()
            };
            let half = beginning.len() / 2;
            match (zeros(0), zeros(1)) {
                _ if half < 4 => return None,
                (0, odd) if odd * 10 >= half * 9 => (bytes, true),
                (even, 0) if even * 10 >= half * 9 => (bytes, false),
                _ => return None,
            }
        }
    };
    let units = rest.chunks_exact(2).map(|pair| match little {
        true => u16::from_le_bytes([pair[0], pair[1]]),
        false => u16::from_be_bytes([pair[0], pair[1]]),
    });
    let text: String = char::decode_utf16(units)
        .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    Some(text.into_bytes())
}
