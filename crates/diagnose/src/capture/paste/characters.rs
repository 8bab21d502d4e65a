//! Characters that an editor, a page or a terminal put in the place of others.

use std::borrow::Cow;

use regex::bytes::Captures;

use super::{Lines, lines};

/// Line ends of before.
pub(super) fn cr_alone(bytes: &[u8]) -> Option<Lines> {
    if bytes.contains(&b'\n') || bytes.iter().filter(|byte| **byte == b'\r').count() < 2 {
        return None;
    }
    let mut out = Lines::default();
    for (place, line) in (1..).zip(bytes.split(|byte| *byte == b'\r')) {
        out.push(place, line);
    }
    Some(out)
}

/// Escape sequences.
pub(super) fn ansi(bytes: &[u8]) -> Option<Lines> {
    let escapes =
        pattern!(r"(?-u)\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])");
    if !bytes.contains(&0x1b) {
        return None;
    }
    changed(bytes, |line| {
        left(line, escapes.replace_all(line, &b""[..]))
    })
}

/// Tags that a page has, and characters as it names them. XML of the service is left as it is: its `Code` is no `code`.
pub(super) fn html(bytes: &[u8]) -> Option<Lines> {
    let tags = pattern!(concat!(
        r"(?-u)</?(?:pre|code|div|span|p|br|hr|td|tr|th|tbody|table|ul|ol|li|font|b|i|em|strong|a|body|html|head|blockquote|samp|tt|PRE|CODE|DIV|SPAN|P|BR|TD|TR|TABLE|FONT|B|I|A|BODY|HTML|HEAD)",
        r#"(?:\s+[A-Za-z-]+(?:="[^"<>]*"|='[^'<>]*')?)*\s*/?>"#
    ));
    let is_named = pattern!(
        r"(?-u)&(?:amp;)*lt;/?(?:\?xml|Error|Code|Part|ETag|CompleteMultipartUpload|InitiateMultipartUpload|UploadId|Message)",
    );
    let unescapes = is_named.is_match(bytes);
    if !unescapes && !tags.is_match(bytes) {
        return None;
    }
    let breaks = pattern!(r"(?-u)(?i:</?(?:p|div|li|tr|pre)(?: [^<>]*)?>|<br ?/?>)");
    let empty = pattern!(r"(?-u)^\s*<(?i:br) ?/?>\s*$");
    let names = pattern!(r"(?-u)&(?:lt|gt|quot|amp|apos|nbsp|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});");
    changed(bytes, |line| {
        // What ends a line on the page; by itself, it is an empty one.
        if empty.is_match(line) {
            return Some(Cow::Borrowed(b""));
        }
        let text = breaks.replace_all(line, &b"\n"[..]).into_owned();
        let ends = text.trim_ascii() != line.trim_ascii();
        let text = if ends { text.trim_ascii() } else { &text };
        let bare = tags.replace_all(text, &b""[..]);
        let plain = match unescapes {
            true => names.replace_all(&bare, |found: &Captures<'_>| named(&found[0])),
            false => bare,
        };
        left(line, Cow::Owned(plain.into_owned()))
    })
}

/// The character of its name in HTML.
fn named(name: &[u8]) -> Vec<u8> {
    let inside = name
        .get(1..name.len().saturating_sub(1))
        .unwrap_or_default();
    let by_number = || {
        let digits = std::str::from_utf8(inside.strip_prefix(b"#")?).ok()?;
        let code = match digits.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok()?,
            None => digits.parse().ok()?,
        };
        char::from_u32(code).map(|character| character.to_string().into_bytes())
    };
    match inside {
        b"lt" => b"<".to_vec(),
        b"gt" => b">".to_vec(),
        b"quot" => b"\"".to_vec(),
        b"amp" => b"&".to_vec(),
        b"apos" => b"'".to_vec(),
        b"nbsp" => b" ".to_vec(),
        _ => by_number().unwrap_or_else(|| name.to_vec()),
    }
}

/// Blanks of other kinds, quotes around ETags and in command lines, colons after names of headers, brackets of tags.
pub(super) fn typographic(bytes: &[u8]) -> Option<Lines> {
    let any = pattern!(
        r"[\u{a0}\u{2007}\u{202f}\u{200b}\u{feff}\u{201c}-\u{201f}\u{2018}-\u{201b}\u{ff02}\u{ff07}\u{ff0f}\u{ff1a}\u{ff1c}-\u{ff1f}]",
    );
    if bytes.is_ascii() || !any.is_match(bytes) {
        return None;
    }
    let quotes = pattern!(r"(?i)etag|^\s*-H |curl |send: ");
    let header = pattern!(r"^\s*[A-Za-z][A-Za-z0-9-]*\u{ff1a}");
    let tag = pattern!(r"\u{ff1c}[^\u{ff1c}\u{ff1e}]*\u{ff1e}");
    changed(bytes, |line| {
        if !any.is_match(line) {
            return Some(Cow::Borrowed(line));
        }
        let Ok(text) = std::str::from_utf8(line) else {
            return Some(Cow::Borrowed(line));
        };
        let (has_quotes, is_header, has_tag) = (
            quotes.is_match(line),
            header.is_match(line),
            tag.is_match(line),
        );
        let mut colon = is_header;
        let plain = text.chars().filter_map(|character| match character {
            '\u{200b}' | '\u{feff}' => None,
            '\u{a0}' | '\u{2007}' | '\u{202f}' => Some(' '),
            '\u{201c}'..='\u{201f}' | '\u{ff02}' if has_quotes => Some('"'),
            '\u{2018}'..='\u{201b}' | '\u{ff07}' if has_quotes => Some('\''),
            '\u{ff1a}' if std::mem::take(&mut colon) => Some(':'),
            '\u{ff1c}' if has_tag => Some('<'),
            '\u{ff1e}' if has_tag => Some('>'),
            '\u{ff0f}' if has_tag => Some('/'),
            other => Some(other),
        });
        left(line, Cow::Owned(plain.collect::<String>().into_bytes()))
    })
}

/// A mail's body: a long line goes on behind `=`, and `=3D` is one.
pub(super) fn quoted_printable(bytes: &[u8]) -> Option<Lines> {
    let ends = pattern!(r"(?m-u)=\r?$").find_iter(bytes).take(2).count();
    if ends < 2 {
        return None;
    }
    // In clear, an equals sign stands before anything.
    let in_clear = pattern!(r"(?m-u)=(?:[^0-9A-F\r\n]|[0-9A-F](?:[^0-9A-F]|$))");
    if !pattern!(r"(?-u)=3D").is_match(bytes) || in_clear.is_match(bytes) {
        return None;
    }
    let escape = pattern!(r"(?-u)=([0-9A-F]{2})");
    let decoded = |line: &[u8]| {
        let decode = |found: &Captures<'_>| {
            let digits = std::str::from_utf8(&found[1]).ok();
            let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
            byte.map_or_else(|| found[0].to_vec(), |byte| vec![byte])
        };
        escape.replace_all(line, decode).into_owned()
    };
    let (mut out, mut open) = (Lines::default(), None::<(u32, Vec<u8>)>);
    for (place, line) in lines(bytes) {
        let (place, mut text) = open.take().unwrap_or((place, Vec::new()));
        match line.strip_suffix(b"=") {
            Some(part) => {
                text.extend(decoded(part));
                open = Some((place, text));
            }
            None => {
                text.extend(decoded(line));
                out.push(place, &text);
            }
        }
    }
    if let Some((place, text)) = open {
        out.push(place, &text);
    }
    Some(out)
}

/// A dollar for each line end, and `^M` for CR.
pub(super) fn cat_a(bytes: &[u8]) -> Option<Lines> {
    let filled = lines(bytes).filter(|(_, line)| !line.is_empty());
    let (all, ended) = filled.fold((0, 0), |(all, ended), (_, line)| {
        (all + 1, ended + usize::from(line.ends_with(b"$")))
    });
    if all < 3 || ended * 10 < all * 9 {
        return None;
    }
    changed(bytes, |line| {
        let line = line.strip_suffix(b"$").unwrap_or(line);
        Some(Cow::Borrowed(line.strip_suffix(b"^M").unwrap_or(line)))
    })
}

/// A text in the quotes of a program, as a debugger or `console.log` prints a long one: `'<Part>\n' +`, a line a line.
pub(super) fn quoted(bytes: &[u8]) -> Option<Lines> {
    let ends = pattern!(r#"\\n['"`] \+\s*$"#);
    if pattern!(r#"(?m)\\n['"`] \+\s*$"#).find_iter(bytes).count() < 2 {
        return None;
    }
    let literal = pattern!(r#"^(.*?)(['"`])(.*)['"`](?: \+|,)?\s*$"#);
    let (mut out, mut goes_on) = (Lines::default(), false);
    for (place, line) in lines(bytes) {
        let is_one = goes_on || ends.is_match(line);
        goes_on = line.trim_ascii_end().ends_with(b"+");
        match literal.captures(line).filter(|_| is_one) {
            Some(found) => {
                if !found[1].trim_ascii().is_empty() {
                    out.push(place, &found[1]);
                }
                let text = super::python::unescaped(&found[3]).unwrap_or_default();
                out.push(place, text.strip_suffix(b"\n").unwrap_or(&text));
            }
            None => out.push(place, line),
        }
    }
    Some(out)
}

/// All lines, of which some are others now, or gone; nothing if none is.
fn changed(bytes: &[u8], change: impl Fn(&[u8]) -> Option<Cow<'_, [u8]>>) -> Option<Lines> {
    let (mut out, mut any) = (Lines::default(), false);
    for (place, line) in lines(bytes) {
        let after = change(line);
        any |= after.as_deref() != Some(line);
        if let Some(after) = after {
            out.push(place, &after);
        }
    }
    any.then_some(out)
}

/// What is left of a line. One that was nothing but marks is gone: it is no empty line, which would end a head.
fn left<'l>(line: &[u8], after: Cow<'l, [u8]>) -> Option<Cow<'l, [u8]>> {
    (!after.trim_ascii().is_empty() || line.trim_ascii().is_empty()).then_some(after)
}
