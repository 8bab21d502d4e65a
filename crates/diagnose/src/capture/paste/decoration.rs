//! What stands before each line, and records of which a line is a field.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::bytes::{Regex, RegexBuilder};
use serde_json::Value;

use super::{Lines, Telling, lines, sample};

/// What programs and people put before a line. Those lines that have it lose it: a record of a log may go on without.
const PREFIXES: &[&str] = &[
    // docker compose, and boxes.
    r"^[A-Za-z0-9_.-]+\s*\| ?",
    r"^\| ?",
    // Kubernetes, with and without the stream and the mark of whole lines.
    r"^\[?(?:pod/)?[a-z0-9-]+(?:/[a-z0-9-]+)+\]? ",
    r"^\d{4}-\d\d-\d\dT[\d:.,]+(?:Z|[+-]\d\d:?\d\d) (?:std(?:out|err) [FP] )?",
    // syslog and journald.
    r"^(?:<\d+>)?[A-Z][a-z]{2} +\d+ \d\d:\d\d:\d\d \S+ [^ :\[]+(?:\[\d+\])?: ",
    // Times with what may follow: a zone, a thread, a level, a logger.
    r"^\[?\d{4}[-/.]\d\d[-/.]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?\]?:?\s*(?:\[[^\]\n]*\]\s*)?(?:(?i:trace|debug|info|warn|warning|error)\b:?\s*)?(?:\[[^\]\n]*\]\s*)?(?:[\w.$]+(?:\.[\w$]+)+\s*)?(?:[-:|]\s+|\s+)?",
    r"^\[?\d\d:\d\d:\d\d(?:[.,]\d+)?\]?\s*(?:\[[^\]\n]*\]\s*)?(?:(?i:trace|debug|info|warn|warning|error)\b:?\s*)?(?:[\w.$]+(?:\.[\w$]+)+\s*)?(?:[-:|]\s+|\s+)?",
    // logcat, and a level with a logger.
    r"^(?:[VDIWE]/[\w.]+\s*(?:\(\s*\d+\))?: )",
    r"^\d\d-\d\d \d\d:\d\d:\d\d\.\d+\s+\d+\s+\d+ [VDIWE] [\w.]+\s*: ",
    r"^\[?(?i:trace|debug|info|warn|warning|error)\]?:?[\w.]*:?\s+",
    // grep -n, cat -n, and a list of them.
    r"^\s*\d+[:|]\s?",
    r"^\s*\d+\t",
    r"^(?:> ?)+",
    r"^(?:[*+-]|\d+\.) ",
    // Code in Markdown.
    r"^(?: {4}|\t)",
    r"^(?:```|~~~)[a-z]*\s*",
];

static PATTERNS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    // Bytes are enough, and expressions of them are built in a tenth of the time.
    let built = PREFIXES
        .iter()
        .map(|text| RegexBuilder::new(text).unicode(false).build());
    built
        .map(|built| built.unwrap_or_else(|error| unreachable!("{error}")))
        .collect()
});

/// What stands before a line.
#[derive(Clone, Copy)]
enum Prefix<'a> {
    Pattern(&'static Regex),
    /// The same bytes, of which an empty line may have lost the last blanks.
    Same(&'a [u8]),
    /// So many blanks: XML keeps what indentation it has beyond that.
    Blanks(usize),
}

impl Prefix<'_> {
    fn off<'l>(&self, line: &'l [u8]) -> &'l [u8] {
        match self {
            Self::Pattern(pattern) => {
                let found = pattern.find(line);
                found
                    .and_then(|found| line.get(found.end()..))
                    .unwrap_or(line)
            }
            Self::Same(prefix) => match line.strip_prefix(*prefix) {
                Some(rest) => rest,
                None if line == prefix.trim_ascii_end() => b"",
                None => line,
            },
            Self::Blanks(count) => {
                let blanks = line.iter().take_while(|byte| b" \t".contains(byte)).count();
                line.get(blanks.min(*count)..).unwrap_or_default()
            }
        }
    }
}

/// How many things stand before a line at most: the container, the time, the mail that it was quoted in.
const MOST_PREFIXES: u32 = 4;
/// How many are tried at most: lines may begin with anything, again and again.
const MOST_TRIES: u32 = 300;

/// Takes off what stands before the lines, if more of them tell of messages then.
pub(super) fn prefix(bytes: &[u8]) -> Option<Lines> {
    let (telling, sampled) = (Telling::new(), sample(bytes));
    let before = sampled.iter().filter(|line| telling.is_of_a_message(line));
    let before = before.count();
    let mut tries = MOST_TRIES;
    let prefixes = best(&telling, &sampled, before, MOST_PREFIXES, &mut tries)?;
    let mut out = Lines::default();
    for (place, line) in lines(bytes) {
        let bare = prefixes.iter().fold(line, |line, prefix| prefix.off(line));
        out.push(place, bare);
    }
    Some(out)
}

/// The fewest prefixes, one behind the other, without which more than this many lines tell.
fn best<'a>(
    telling: &Telling,
    sampled: &[&'a [u8]],
    before: usize,
    most: u32,
    tries: &mut u32,
) -> Option<Vec<Prefix<'a>>> {
    let filled = sampled.iter().filter(|line| !line.trim_ascii().is_empty());
    let all = filled.clone().count();
    let indents = filled.map(|line| line.len() - line.trim_ascii_start().len());
    let blanks = indents.min().filter(|least| *least > 0).map(Prefix::Blanks);
    let candidates = PATTERNS
        .iter()
        .map(Prefix::Pattern)
        .chain(blanks)
        .chain(common(sampled));
    let tells = sampled.iter().map(|line| telling.is_of_a_message(line));
    let tells: Vec<bool> = tells.collect();
    // Of several that tell as much, the first.
    let mut best_one: Option<(usize, Prefix<'_>)> = None;
    let mut others = Vec::new();
    for prefix in candidates {
        *tries = tries.checked_sub(1)?;
        let bare: Vec<&[u8]> = sampled.iter().map(|line| prefix.off(line)).collect();
        let pairs = sampled.iter().zip(&bare).zip(&tells);
        let after = pairs.filter(|((line, bare), tells)| match line.len() == bare.len() {
            true => **tells,
            false => telling.is_of_a_message(bare),
        });
        let after = after.count();
        if after > best_one.map_or(before, |(most, _)| most) {
            best_one = Some((after, prefix));
        }
        let pairs = sampled.iter().zip(&bare);
        let lost = pairs.filter(|(line, bare)| line.len() > bare.len());
        if lost.count() * 2 > all {
            others.push((prefix, bare));
        }
    }
    if let Some((_, prefix)) = best_one {
        return Some(vec![prefix]);
    }
    // What stands before most of them may be one of several.
    let most = most.checked_sub(1).filter(|most| *most > 0)?;
    others.into_iter().find_map(|(prefix, bare)| {
        let mut prefixes = best(telling, &bare, before, most, tries)?;
        prefixes.insert(0, prefix);
        Some(prefixes)
    })
}

/// What all lines begin with, if it is more than blanks.
fn common<'a>(sampled: &[&'a [u8]]) -> Option<Prefix<'a>> {
    let mut told = sampled.iter().filter(|line| !line.trim_ascii().is_empty());
    let first = *told.next()?;
    let (mut shared, mut count) = (first.len(), 1);
    for line in told {
        // A line that is nothing but the prefix may have lost the blanks at its end.
        let bare = line.trim_ascii_end();
        if !(bare.len() < shared && first.starts_with(bare)) {
            let same = first
                .iter()
                .zip(*line)
                .take_while(|(one, other)| one == other);
            shared = shared.min(same.count());
        }
        count += 1;
    }
    let shared = first
        .get(..shared)
        .filter(|shared| count > 2 && !shared.trim_ascii().is_empty())?;
    Some(Prefix::Same(shared))
}

/// Fields of a record that hold a line of what a program wrote.
const FIELDS: [&str; 6] = ["log", "message", "msg", "textPayload", "line", "MESSAGE"];

/// Whether the first lines are JSON records of a log.
pub(super) fn is_json_lines(bytes: &[u8]) -> bool {
    let mut first = lines(bytes)
        .filter(|(_, line)| !line.trim_ascii().is_empty())
        .take(2);
    let mut count = 0;
    first.all(|(_, line)| {
        count += 1;
        record(line).is_some()
    }) && count > 0
}

/// The line of each record.
pub(super) fn json_lines(bytes: &[u8]) -> Option<Lines> {
    if !is_json_lines(bytes) {
        return None;
    }
    let mut out = Lines::default();
    for (place, line) in lines(bytes) {
        match record(line) {
            Some(text) => out.push(place, text.strip_suffix('\n').unwrap_or(&text).as_bytes()),
            None => out.push(place, line),
        }
    }
    Some(out)
}

/// What a record tells: its line, and whatever else in it tells of a service.
fn record(line: &[u8]) -> Option<String> {
    /// What a log puts before a record is no longer.
    const BEFORE: usize = 200;
    let line = line.trim_ascii();
    if !line.ends_with(b"}") {
        return None;
    }
    let begins = line
        .windows(2)
        .take(BEFORE)
        .position(|pair| pair == b"{\"")?;
    let record: serde_json::Map<String, Value> =
        serde_json::from_slice(line.get(begins..)?).ok()?;
    let own = FIELDS.iter().find_map(|name| record.get(*name)?.as_str());
    let mut told: Vec<Cow<'_, str>> = own.into_iter().map(Cow::Borrowed).collect();
    // A HAR in one line is no record.
    if !record.get("log").is_some_and(Value::is_object) {
        record
            .values()
            .for_each(|value| texts(value, own, &mut told));
    }
    // An answer stands behind what it answers, whatever their names.
    told.sort_by_key(|text| text.starts_with("HTTP/"));
    (!told.is_empty()).then(|| told.join("\n"))
}

/// The texts in a value that tell of a service, but for the record's own.
fn texts<'v>(value: &'v Value, own: Option<&str>, told: &mut Vec<Cow<'v, str>>) {
    match value {
        Value::String(text) if Some(text.as_str()) != own && tells(text) => {
            told.push(Cow::Borrowed(text));
        }
        Value::Object(fields) => fields.values().for_each(|value| texts(value, own, told)),
        // The lines of what a command printed.
        Value::Array(values) if values.iter().all(Value::is_string) => {
            let lines = values.iter().filter_map(Value::as_str);
            let text = lines.collect::<Vec<_>>().join("\n");
            if tells(&text) {
                told.push(Cow::Owned(text));
            }
        }
        Value::Array(values) => values.iter().for_each(|value| texts(value, own, told)),
        _ => {}
    }
}

/// Whether a text tells of a message or of an error of the service.
fn tells(text: &str) -> bool {
    pattern!(r"(?-u)<(?:Error|CompleteMultipartUpload)>|\b00\d\d-\d{8}\b|(?m:^[A-Z]{3,7} \S+ HTTP/|^HTTP/[\d.]+ \d{3}\b)|Error ?Code|RequestId")
        .is_match(text.as_bytes())
}
