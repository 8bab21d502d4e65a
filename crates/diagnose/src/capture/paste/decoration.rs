//! What stands before each line, and records of which a line is a field.

use std::sync::LazyLock;

use regex::bytes::Regex;

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
];

static PATTERNS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let built = PREFIXES.iter().map(|text| Regex::new(text));
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

/// Takes off what stands before the lines, if more of them tell of messages then.
pub(super) fn prefix(bytes: &[u8]) -> Option<Lines> {
    let (telling, sampled) = (Telling::new(), sample(bytes));
    let before = telling.count(sampled.iter().copied());
    let blank = |line: &&&[u8]| !line.trim_ascii().is_empty();
    let indents = sampled
        .iter()
        .filter(blank)
        .map(|line| line.len() - line.trim_ascii_start().len());
    let blanks = indents.min().filter(|least| *least > 0).map(Prefix::Blanks);
    let candidates = PATTERNS
        .iter()
        .map(Prefix::Pattern)
        .chain(blanks)
        .chain(common(&sampled));
    // Of several that tell as much, the first.
    let mut best: Option<(usize, Prefix<'_>)> = None;
    for prefix in candidates {
        let after = telling.count(sampled.iter().map(|line| prefix.off(line)));
        if after > best.map_or(before, |(most, _)| most) {
            best = Some((after, prefix));
        }
    }
    let (_, prefix) = best?;
    let mut out = Lines::default();
    for (place, line) in lines(bytes) {
        out.push(place, prefix.off(line));
    }
    Some(out)
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

fn record(line: &[u8]) -> Option<String> {
    let line = line.trim_ascii();
    if !line.starts_with(b"{") || !line.ends_with(b"}") {
        return None;
    }
    let record: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(line).ok()?;
    let told = FIELDS.iter().find_map(|name| record.get(*name)?.as_str());
    told.map(str::to_owned)
}
