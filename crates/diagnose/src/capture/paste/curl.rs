//! What curl prints with `--trace` and `--trace-ascii`, and command lines of it.

use super::{Lines, lines};
use crate::capture::{NOT_CAPTURED, cursor};

/// A trace: blocks of header or data, each line with the place of its first byte.
pub(super) fn trace(bytes: &[u8]) -> Option<Lines> {
    let block = pattern!(r"^(=>|<=) (Send|Recv) (header|data|SSL data), (\d+) bytes");
    let known = pattern!(r"(?m)^(?:=> Send header|<= Recv header), \d+ bytes");
    if !known.is_match(bytes) {
        return None;
    }
    let row = pattern!(r"^([0-9a-f]{4,8}): (.*)$");
    let mut out = Lines::default();
    let mut open: Option<Block> = None;
    let mut sent = None;
    for (place, line) in lines(bytes) {
        if let Some(found) = block.captures(line) {
            flush(&mut out, open.take());
            let now = &found[1] == b"=>";
            // Each direction begins a message of its own, on a line of its own.
            if sent.replace(now) != Some(now) {
                out.end_line();
            }
            open = Some(Block {
                place,
                is_header: &found[3] == b"header",
                is_left_out: &found[3] == b"SSL data",
                length: std::str::from_utf8(&found[4]).ok()?.parse().ok()?,
                rows: Vec::new(),
            });
        } else if line.starts_with(b"== ") {
            flush(&mut out, open.take());
        } else if let (Some(block), Some(found)) = (&mut open, row.captures(line)) {
            let at = usize::from_str_radix(std::str::from_utf8(&found[1]).ok()?, 16).ok()?;
            block.rows.push((at, found.get(2)?.as_bytes().to_vec()));
        }
    }
    flush(&mut out, open);
    Some(out)
}

struct Block {
    place: u32,
    is_header: bool,
    is_left_out: bool,
    length: usize,
    rows: Vec<(usize, Vec<u8>)>,
}

fn flush(out: &mut Lines, block: Option<Block>) {
    let Some(block) = block.filter(|block| !block.is_left_out) else {
        return;
    };
    let hexadecimal: Option<Vec<Vec<u8>>> = block.rows.iter().map(|(_, row)| hex(row)).collect();
    if let Some(rows) =
        hexadecimal.filter(|rows| rows.iter().map(Vec::len).sum::<usize>() == block.length)
    {
        return out.push_raw(block.place, &rows.concat());
    }
    if !block.is_header {
        let data: Vec<u8> = block.rows.into_iter().flat_map(|(_, row)| row).collect();
        return match data.trim_ascii_start().starts_with(b"<") {
            // A dot stands for what is not printed, a line end between two tags.
            true => out.push_raw(block.place, &between_tags(&data)),
            false if data.is_empty() => {}
            false => {
                out.end_line();
                out.push(block.place, NOT_CAPTURED);
            }
        };
    }
    let mut rows = block.rows.iter().peekable();
    let mut line = Vec::new();
    while let Some((at, row)) = rows.next() {
        line.extend_from_slice(row);
        // Where the next row begins right behind, the line was too long for one.
        let goes_on = rows
            .peek()
            .is_some_and(|(next, _)| *next == at + row.len() && !row.is_empty());
        if !goes_on {
            out.push(block.place, &std::mem::take(&mut line));
        }
    }
}

fn between_tags(data: &[u8]) -> Vec<u8> {
    let mut text = data.to_vec();
    for at in 1..text.len().saturating_sub(1) {
        if text[at] == b'.' && text[at - 1] == b'>' && b"<.".contains(&text[at + 1]) {
            text[at] = b'\n';
        }
    }
    text
}

/// The bytes of a row of hexadecimal pairs, and of what stands behind them in characters.
fn hex(row: &[u8]) -> Option<Vec<u8>> {
    let pairs = row.get(..row.len().min(48))?;
    let mut bytes = Vec::new();
    for pair in pairs.chunks(3) {
        match pair {
            [b' ', ..] | [] => break,
            [high, low, ..] => {
                let pair = [*high, *low];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&pair).ok()?, 16).ok()?);
            }
            _ => return None,
        }
    }
    (!bytes.is_empty()).then_some(bytes)
}

/// The most lines of a quoted text in a command.
const MOST_LINES: usize = 100;

/// Command lines, as a browser copies them or a person types them: each is a request.
pub(super) fn command(bytes: &[u8]) -> Option<Lines> {
    // Behind what a shell asks with.
    let begins = pattern!(r"^\s*(?:[^\n]{0,80}?[$#%>\u{276f}\u{bb}] ?)?(curl(?:\.exe)? .*)$");
    if bytes.len() > super::SAMPLE || !lines(bytes).any(|(_, line)| begins.is_match(line)) {
        return None;
    }
    // What a command prints is read as it stands, and says more.
    if pattern!(r"(?m)^[<>] |^HTTP/").is_match(bytes) {
        return None;
    }
    let mut out = Lines::default();
    let mut rest = lines(bytes).peekable();
    while let Some((place, line)) = rest.next() {
        let Some(found) = begins.captures(line) else {
            out.push(place, line);
            continue;
        };
        let (mut command, before) = (found[1].to_vec(), rest.clone());
        while let Some(b'\\' | b'^' | b'`') = command.trim_ascii_end().last() {
            let kept = command.trim_ascii_end().len() - 1;
            command.truncate(kept);
            let Some((_, line)) = rest.next() else { break };
            command.push(b' ');
            command.extend_from_slice(line);
        }
        // A quoted text may have lines of its own, but not many.
        for _ in 0..MOST_LINES {
            if words(&command).is_some() {
                break;
            }
            let Some((_, line)) = rest.next() else { break };
            command.push(b'\n');
            command.extend_from_slice(line);
        }
        // In cmd.exe a caret stands before what is not to be taken for anything else.
        if command.windows(2).any(|pair| pair == b"^\"") {
            command = pattern!(r"(?s-u)\^(.)")
                .replace_all(&command, &b"$1"[..])
                .into_owned();
        }
        match words(&command).and_then(|words| request(&words)) {
            Some(request) => out.push(place, &request),
            // It was prose.
            None => {
                rest = before;
                out.push(place, line);
            }
        }
    }
    Some(out)
}

/// The words of a command as a shell takes them apart; nothing while a quote is open.
fn words(command: &[u8]) -> Option<Vec<Vec<u8>>> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<Vec<u8>>, None);
    let mut rest = command.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        let is_open = word.get_or_insert_with(Vec::new);
        match (quote, byte) {
            (None, b' ' | b'\t' | b'\n') => {
                let done = word.take().filter(|word| !word.is_empty());
                words.extend(done);
            }
            (None, b'\'' | b'"') => quote = Some(byte),
            // $'...' has escapes; what browsers write there is read well enough without.
            (None, b'$') if rest.peek() == Some(&b'\'') => {}
            (None | Some(b'"'), b'\\') => is_open.extend(rest.next()),
            (Some(open), byte) if open == byte => quote = None,
            _ => is_open.push(byte),
        }
    }
    if quote.is_some() {
        return None;
    }
    words.extend(word.filter(|word| !word.is_empty()));
    Some(words)
}

fn request(words: &[Vec<u8>]) -> Option<Vec<u8>> {
    let (mut method, mut url, mut headers, mut body) = (None, None, Vec::new(), None::<Vec<u8>>);
    let mut words = words
        .iter()
        .skip_while(|word| !word.starts_with(b"curl"))
        .skip(1);
    while let Some(word) = words.next() {
        let (option, joined) = match word.as_slice() {
            [b'-', b'-', name @ ..] => {
                let name: Vec<&[u8]> = name.splitn(2, |byte| *byte == b'=').collect();
                (
                    name.first().copied().unwrap_or_default(),
                    name.get(1).map(|value| value.to_vec()),
                )
            }
            [b'-', letter, value @ ..] => (
                std::slice::from_ref(letter),
                (!value.is_empty()).then(|| value.to_vec()),
            ),
            _ => {
                url.get_or_insert_with(|| word.clone());
                continue;
            }
        };
        let mut value = || joined.clone().or_else(|| words.next().cloned());
        match option {
            b"X" | b"request" => method = value(),
            b"H" | b"header" => headers.extend(value()),
            b"url" => url = value(),
            b"d" | b"data" | b"data-raw" | b"data-binary" | b"data-ascii" => {
                method.get_or_insert_with(|| b"POST".to_vec());
                body = value();
            }
            b"T" | b"upload-file" => {
                method.get_or_insert_with(|| b"PUT".to_vec());
                body = value().map(|file| [b"@", file.as_slice()].concat());
            }
            b"I" | b"head" => method = Some(b"HEAD".to_vec()),
            // Of these, what follows is theirs.
            b"o" | b"output" | b"u" | b"user" | b"A" | b"user-agent" | b"x" | b"proxy" | b"m"
            | b"max-time" | b"connect-timeout" | b"cacert" | b"resolve" | b"retry" | b"b"
            | b"cookie" | b"e" | b"referer" | b"w" | b"write-out" => {
                value();
            }
            _ => {}
        }
    }
    let method = method.unwrap_or_else(|| b"GET".to_vec());
    let mut text = [method.as_slice(), b" ", url?.as_slice(), b" HTTP/1.1"].concat();
    for header in headers {
        text.push(b'\n');
        text.extend(header);
    }
    text.extend(b"\n\n");
    match body {
        // A file is named, and not here.
        Some(body) if body.starts_with(b"@") => text.extend(NOT_CAPTURED),
        Some(body) => text.extend(body),
        None => {}
    }
    cursor::is_text(&text).then_some(text)
}
