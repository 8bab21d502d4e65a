//! What people paste, made into what a reader of HTTP messages takes: first the container (gzip, UTF-16), then decoration (the beginnings that a
//! log puts before each line, colours, HTML), then the form in which a program tells of its requests.
//!
//! All of it is one mechanism: a *step* looks at lines and, if it knows them, writes others, each with the line that it comes from. Steps are tried
//! until none knows the lines any more. What remains is read as it stands.

mod characters;
mod container;
mod copies;
mod curl;
mod decoration;
mod packets;
mod postman;
mod python;
mod sdk_log;
mod tools;
mod traffic;
mod wire;

use std::borrow::Cow;

use memchr::memmem;
use regex::bytes::Regex;

use super::CaptureError;
use super::cursor;

/// A file, read as far as it takes to find messages in its lines.
pub(super) struct Paste<'a> {
    pub(super) bytes: Cow<'a, [u8]>,
    /// The line of the file that each line comes from, from 1; nothing while they are the same.
    pub(super) from: Option<Vec<u32>>,
    /// What was done, in order.
    pub(super) steps: Vec<&'static str>,
    /// The lines before they were taken for a form of messages.
    pub(super) before: Option<Before>,
}

/// Lines, and where they come from.
pub(super) struct Before {
    pub(super) bytes: Vec<u8>,
    pub(super) from: Option<Vec<u32>>,
}

/// Lines that a step writes.
#[derive(Default)]
pub(super) struct Lines {
    bytes: Vec<u8>,
    from: Vec<u32>,
}

impl Lines {
    /// Adds text that comes from a line, by its place. Each line of it ends in LF.
    fn push(&mut self, place: u32, text: &[u8]) {
        for line in text.split(|byte| *byte == b'\n') {
            self.bytes.extend_from_slice(line);
            self.bytes.push(b'\n');
            self.from.push(place);
        }
    }

    /// Adds bytes of a body as they are, without a line end of their own.
    fn push_raw(&mut self, place: u32, bytes: &[u8]) {
        let begins = self.bytes.last().is_none_or(|byte| *byte == b'\n');
        let ends = bytes.iter().filter(|byte| **byte == b'\n').count();
        // The line that these bytes go on has its place; each end in them begins another, if anything stands there.
        let lines = match bytes.last() {
            None => 0,
            Some(b'\n') => ends.saturating_sub(usize::from(!begins)),
            Some(_) => ends + usize::from(begins),
        };
        self.bytes.extend_from_slice(bytes);
        self.from.extend(std::iter::repeat_n(place, lines));
    }

    /// Ends the line that is open.
    fn end_line(&mut self) {
        if self.bytes.last().is_some_and(|byte| *byte != b'\n') {
            self.bytes.push(b'\n');
        }
    }
}

/// A step: the lines that it makes of lines that it knows.
type Step = fn(&[u8]) -> Option<Lines>;

/// Tried again and again, in any order that a paste has them.
const DECORATION: &[(&str, Step)] = &[
    ("lines that end in CR alone", characters::cr_alone),
    ("colours of a terminal", characters::ansi),
    ("a log of JSON, a record a line", decoration::json_lines),
    ("HTML", characters::html),
    ("quoted-printable", characters::quoted_printable),
    ("line ends as cat -A shows them", characters::cat_a),
    ("what stands before each line", decoration::prefix),
    ("typographic characters", characters::typographic),
    ("a text in quotes, line by line", characters::quoted),
];

/// A form in which a program tells of its requests.
struct Form {
    name: &'static str,
    /// One of these stands in every text of this form: most texts are told by that, at the speed of memory.
    marks: &'static [&'static str],
    step: Step,
}

const fn form(name: &'static str, marks: &'static [&'static str], step: Step) -> Form {
    Form { name, marks, step }
}

/// Tried once, the first that knows the lines.
const FORMS: &[Form] = &[
    form(
        "the debug output of Python's http.client",
        &["send: ", "reply: "],
        python::http_client,
    ),
    form(
        "curl --trace",
        &["=> Send header", "<= Recv header"],
        curl::trace,
    ),
    form("a curl command line", &["curl"], curl::command),
    form("a call of fetch()", &["fetch("], copies::fetch),
    form("a PowerShell command", &[""], copies::powershell),
    form(
        "the wire log of Apache HttpClient",
        &[">> \"", "<< \"", "http-outgoing-"],
        wire::apache,
    ),
    form("the log of OkHttp", &["--> ", "<-- "], wire::okhttp),
    form(
        "packets that tcpdump prints",
        &["Flags ["],
        packets::tcpdump,
    ),
    form(
        "what nghttp -v prints",
        &["send HEADERS frame "],
        tools::nghttp,
    ),
    form("what ngrep prints", &[" -> "], tools::ngrep),
    form(
        "what tshark -V prints",
        &["Hypertext Transfer Protocol"],
        tools::tshark,
    ),
    // A dump has two blanks behind each place.
    form(
        "a stream that Wireshark follows",
        &["Follow: ", "  "],
        traffic::wireshark,
    ),
    form(
        "messages in frames",
        &["(req ", "---request begin---", "---response begin---"],
        traffic::framed,
    ),
    form("what mitmdump prints", &["://"], traffic::mitmdump),
    form(
        "what the console of Postman copies",
        &["://"],
        postman::copied,
    ),
    form(
        "the console of Postman",
        &["Request Headers"],
        postman::window,
    ),
    form("texts with escapes", &["\\n"], traffic::escaped),
    form(
        "the debug log of the Go SDK",
        &["]Method:", "]StatusCode:"],
        sdk_log::go,
    ),
    form(
        "the debug log of the Python SDK",
        &["Send request, method: ", "Get response headers"],
        sdk_log::python,
    ),
    form(
        "a log with a line for each exchange",
        &["\" ", "HTTP Request: "],
        tools::access,
    ),
];

impl Form {
    fn may_be(&self, bytes: &[u8]) -> bool {
        let mut marks = self.marks.iter();
        marks.any(|mark| memmem::find(bytes, mark.as_bytes()).is_some())
    }
}

/// Whoever decorates deeper than that wants to be slow.
const MOST_ROUNDS: usize = 16;

impl<'a> Paste<'a> {
    /// Reads a file.
    ///
    /// # Errors
    /// It is no text, and what it is instead.
    pub(super) fn read(file: &str, bytes: &'a [u8]) -> Result<Self, CaptureError> {
        let (bytes, steps) = container::opened(file, bytes)?;
        let mut paste = Self {
            bytes,
            from: None,
            steps,
            before: None,
        };
        if super::har::is_json(&paste.bytes) && !decoration::is_json_lines(&paste.bytes) {
            return Ok(paste);
        }
        // Whatever else stands between, data in a stream is not decorated.
        if !is_text(&paste.bytes) {
            return Ok(paste);
        }
        if paste.bytes.len() > LARGE {
            paste.take(&("what tells of no message left out", around));
        }
        let mut rounds = 0;
        while rounds < MOST_ROUNDS && DECORATION.iter().any(|step| paste.take(step)) {
            rounds += 1;
        }
        let (bytes, from) = (paste.bytes.clone(), paste.from.clone());
        let of_a_form =
            |form: &Form| form.may_be(&paste.bytes) && paste.take(&(form.name, form.step));
        if FORMS.iter().any(of_a_form) {
            paste.before = Some(Before {
                bytes: bytes.into_owned(),
                from,
            });
        }
        Ok(paste)
    }

    /// Whether a step knows the lines; then they are those that it makes of them.
    fn take(&mut self, (name, step): &(&'static str, Step)) -> bool {
        let known = step(&self.bytes);
        // What leaves nothing knew nothing.
        let Some(lines) = known.filter(|lines| !lines.bytes.trim_ascii().is_empty()) else {
            return false;
        };
        let from = lines.from.into_iter().map(|place| match &self.from {
            None => place,
            Some(before) => before
                .get(
                    usize::try_from(place)
                        .unwrap_or(usize::MAX)
                        .saturating_sub(1),
                )
                .copied()
                .unwrap_or(place),
        });
        self.from = Some(from.collect());
        self.bytes = Cow::Owned(lines.bytes);
        if self.steps.last() != Some(name) {
            self.steps.push(name);
        }
        true
    }
}

/// A text of more bytes is a log, most of which tells of something else.
const LARGE: usize = 8 << 20;
/// How many bytes before and behind what tells of a message may be of it.
const AROUND: (usize, usize) = (1 << 16, 1 << 20);

/// The lines around those that tell of messages, in any form and behind any decoration; nothing if they are all.
fn around(bytes: &[u8]) -> Option<Lines> {
    let telling = pattern!(
        r"(?-u)HTTP/[12]|[xX]-[oO]ss-|upload[Ii]d|Upload[Ii]d|<Error>|<Part>|&lt;Part|PartNumber|ErrorCode|[Ee]rror Code|[rR]equest[-_ ]?[iI]d|:status|:method|StatusCode|\b00\d\d-0000"
    );
    let line_start = |at: usize| memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |end| end + 1);
    let line_end =
        |at: usize| memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end + 1);
    let mut kept: Vec<std::ops::Range<usize>> = Vec::new();
    let mut at = 0;
    while let Some(found) = telling.find_at(bytes, at) {
        let begin = found.start().saturating_sub(AROUND.0);
        let end = line_end((found.end() + AROUND.1).min(bytes.len()));
        match kept.last_mut().filter(|last| begin <= last.end) {
            Some(last) => last.end = end,
            None => kept.push(line_start(begin)..end),
        }
        // What stands until then has half of that behind it.
        at = found.end().max(end.saturating_sub(AROUND.1 / 2));
    }
    if kept.is_empty() {
        // So that what it is can be told.
        kept.push(0..line_end(AROUND.1));
    }
    let whole = 0..bytes.len();
    if kept == [whole] {
        return None;
    }
    let (mut out, mut place, mut counted) = (Lines::default(), 1, 0);
    for range in kept {
        let passed = bytes[counted..range.start]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count();
        place += u32::try_from(passed).unwrap_or(u32::MAX);
        for (number, line) in lines(&bytes[range.clone()]) {
            out.push(place + number - 1, line);
        }
        counted = range.start;
    }
    Some(out)
}

/// How much is looked at to tell what the lines of a file are.
const SAMPLE: usize = 1 << 17;

/// Whether there is no data in it, which any change would make other data.
fn is_text(bytes: &[u8]) -> bool {
    let is_of_text = |byte: &u8| !byte.is_ascii_control() || b"\t\n\r\x08\x0c\x1b".contains(byte);
    bytes.iter().all(is_of_text)
}

/// Lines with their places, from 1.
fn lines(bytes: &[u8]) -> impl Iterator<Item = (u32, &[u8])> + Clone {
    let mut rest = bytes;
    let all = std::iter::from_fn(move || {
        let (line, next) = cursor::split_line(rest)?;
        rest = next;
        Some(line)
    });
    (1..).zip(all)
}

/// The lines that are looked at: the first, and those around the first that tell of the service.
fn sample(bytes: &[u8]) -> Vec<&[u8]> {
    let first = bytes.get(..SAMPLE).unwrap_or(bytes);
    let mut sampled: Vec<&[u8]> = lines(first).map(|(_, line)| line).collect();
    let rest = bytes.get(first.len()..).unwrap_or_default();
    if let Some(told) = pattern!(r"(?-u)HTTP/\d|x-oss-|uploadId|<Error>").find(rest) {
        let near = rest
            .get(told.start().saturating_sub(1 << 12)..)
            .unwrap_or_default();
        sampled.extend(
            lines(near.get(..SAMPLE).unwrap_or(near))
                .skip(1)
                .map(|(_, line)| line),
        );
    }
    sampled
}

/// Whether a line tells of a message by itself, in any form that is read.
struct Telling(&'static Regex);

impl Telling {
    fn new() -> Self {
        Self(pattern!(concat!(
            r"(?-u)^(?:[<>] )?(?:[A-Z]{3,7} \S+ HTTP/[\d.]+\s*$|HTTP/[\d.]+ \d{3}(?:\s|$))",
            r"|^:(?:method|path|status|authority): ",
            r"|^\s*<(?:\?xml |Error>|CompleteMultipartUpload|InitiateMultipartUpload|ListPartsResult)",
            r#"|^(?:send: b?['"]|reply: ['"]|header: )"#,
            r"|^(?:=> Send|<= Recv|== Info)|^[0-9a-f]{4}: ",
            r"|^(?:-->|<--) |^curl |\bhttp-outgoing-\d+ (?:>>|<<) ",
            r"|^(?:HTTP (?:REQUEST|RESPONSE) \(req |Follow: |Node \d: )",
            r"|^(?:[<>] )?x-oss-[a-z-]+: ?\S",
        )))
    }

    fn is_of_a_message(&self, line: &[u8]) -> bool {
        self.0.is_match(line)
    }
}
