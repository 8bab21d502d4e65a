//! What the service says in its errors: the document read as tolerantly as a paste needs, and what is known of its codes.

use partproof_model::Rule;

use crate::trouble::CODES;

/// What an error says, as far as it says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) code: Option<String>,
    pub(super) message: Option<String>,
    pub(super) ec: Option<String>,
    /// As the service has it of a part that is not what the list says.
    pub(super) etag: Option<String>,
    pub(super) part_number: Option<String>,
}

/// Reads an error document: whole, without some of its elements, or cut.
pub(super) fn said(body: &[u8]) -> Said {
    let text = String::from_utf8_lossy(body);
    let field = |name: &str| {
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        let value = rest
            .split_once(&format!("</{name}>"))
            .map_or(rest, |(value, _)| value)
            .trim();
        // A terminal or a mail may have broken the line; a message keeps its blanks.
        let value = match name {
            "Message" => value.replace(['\r', '\n'], " "),
            _ => value.split_whitespace().collect(),
        };
        let plain = value
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&amp;", "&");
        Some(plain).filter(|value| !value.is_empty())
    };
    Said {
        code: field("Code"),
        message: field("Message"),
        ec: field("EC"),
        etag: field("ETag"),
        part_number: field("PartNumber"),
    }
}

/// Whether a body is an error document.
pub(super) fn is_error(body: &[u8]) -> bool {
    let text = body.trim_ascii_start();
    let text = match text.starts_with(b"<?xml") {
        true => {
            let end = text
                .windows(2)
                .position(|pair| pair == b"?>")
                .map_or(0, |end| end + 2);
            text.get(end..).unwrap_or_default().trim_ascii_start()
        }
        false => text,
    };
    [&b"<Error>"[..], b"<Error "]
        .iter()
        .any(|root| text.starts_with(root))
}

/// Where the service lists its errors.
pub(super) const ERRORS: &str =
    "https://www.alibabacloud.com/help/en/oss/developer-reference/error-responses";

/// The code that a message comes with, if only one does.
pub(super) fn code_of(message: &str) -> Option<&'static str> {
    let answers = Rule::all().filter_map(|rule| rule.answer);
    let of_this = answers
        .filter(|answer| answer.message.trim_end_matches('.') == message.trim_end_matches('.'));
    let mut codes: Vec<_> = of_this.filter_map(|answer| answer.code).collect();
    codes.dedup();
    codes.pop().filter(|_| codes.is_empty())
}

/// The codes of the service that are known.
pub(super) fn codes() -> impl Iterator<Item = &'static str> {
    let answers = Rule::all().filter_map(|rule| rule.answer);
    let of_rules = answers.filter_map(|answer| answer.code);
    of_rules.chain(CODES.iter().map(|known| known.code))
}

/// The status that a code comes with, if the code is one of the service's.
pub(super) fn status(code: &str) -> Option<u16> {
    let answers = Rule::all().filter_map(|rule| rule.answer);
    let mut of_rules = answers
        .filter(|answer| answer.code == Some(code))
        .map(|answer| answer.status);
    let general = || CODES.iter().find(|known| known.code == code);
    of_rules
        .next()
        .or_else(|| general().map(|known| known.status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_read_as_far_as_it_is_there() {
        let said = |body: &str| {
            let Said {
                code, message, ec, ..
            } = said(body.as_bytes());
            [code, message, ec].map(Option::unwrap_or_default)
        };
        let whole = "<Error>\n<Code>AccessDenied</Code><Message>a &lt; b</Message><EC>0003-00000001</EC></Error>";
        assert_eq!(said(whole), ["AccessDenied", "a < b", "0003-00000001"]);
        assert_eq!(
            said("<Error><Code>NoSuchKey</Code><Message>The spec"),
            ["NoSuchKey", "The spec", ""]
        );
        assert_eq!(said("<Error/>"), ["", "", ""]);
    }
}
