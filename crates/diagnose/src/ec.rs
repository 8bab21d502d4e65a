//! What the service says in its errors: the document read as tolerantly as a paste needs, and what is known of its codes.

use partproof_model::Rule;

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

/// Codes of refusals that have nothing to do with how an upload is cut: status, code, what it means, what to do.
const GENERAL: &[(u16, &str, &str, &str)] = &[
    (
        403,
        "AccessDenied",
        "whoever asks may not do this",
        "Check the policy of the user and of the bucket: an upload in parts needs oss:PutObject, and oss:AbortMultipartUpload and oss:ListParts to clean up.",
    ),
    (
        403,
        "InvalidAccessKeyId",
        "the service does not know this AccessKey",
        "Check the AccessKey ID and the endpoint's region; a temporary one needs its security token too.",
    ),
    (
        403,
        "SignatureDoesNotMatch",
        "the signature is of another request than the one that arrived",
        "Compare the StringToSign of the error with what was signed: headers added after signing, an encoded path, and the clock are the usual causes.",
    ),
    (
        403,
        "RequestTimeTooSkewed",
        "the clock of whoever asks is off by more than 15 minutes",
        "Set the clock.",
    ),
    (
        403,
        "SecurityTokenExpired",
        "the temporary credentials have expired",
        "Fetch new ones and go on with the same upload id: what was uploaded stays.",
    ),
    (
        403,
        "InvalidSecurityToken",
        "the security token is not one of the AccessKey's",
        "Send AccessKey and token that were given out together.",
    ),
    (
        404,
        "NoSuchBucket",
        "there is no such bucket at this endpoint",
        "Check bucket and region.",
    ),
    (
        404,
        "NoSuchKey",
        "there is no such object",
        "Check the name; an upload that was not completed makes no object.",
    ),
    (
        404,
        "NoSuchUpload",
        "the upload was completed or aborted, or the id is of another object",
        "Look whether the object is there: a Complete whose answer was lost did its work, and the second one is answered so. Otherwise begin anew.",
    ),
    (
        400,
        "InvalidPart",
        "a part of the list was not uploaded, or has another ETag",
        "List for each part the ETag that the service returned for its last upload. In a browser the answer's ETag can be read only if the bucket's CORS rules expose it (ExposeHeader: ETag).",
    ),
    (
        400,
        "InvalidPartOrder",
        "the list is not in ascending order of part numbers",
        "Sort the list by part number, as numbers and not as strings.",
    ),
    (
        400,
        "EntityTooSmall",
        "a part other than the last is below 100 KiB",
        "Choose a part size of at least 102,400 bytes.",
    ),
    (
        400,
        "EntityTooLarge",
        "a part is above 5 GiB, or an object above what one request may carry",
        "Choose a smaller part size.",
    ),
    (
        400,
        "MalformedXML",
        "the body is not the XML that this request takes",
        "Compare the body with the page of the request.",
    ),
    (
        400,
        "InvalidArgument",
        "an argument is outside what it may be",
        "The message and the error's further elements name it.",
    ),
    (
        400,
        "InvalidDigest",
        "Content-MD5 is not that of the body",
        "Compute it over the bytes that are sent: the ciphertext.",
    ),
    (
        400,
        "RequestTimeout",
        "the body did not arrive in time",
        "Send it again; smaller parts take less time each.",
    ),
    (
        411,
        "MissingContentLength",
        "the request has a body and does not say how long",
        "Send Content-Length, or chunks.",
    ),
    (
        409,
        "FileAlreadyExists",
        "there is an object of this name, and overwriting is forbidden",
        "Choose another name, or allow it.",
    ),
    (
        409,
        "FileImmutable",
        "the object is under a retention policy",
        "Choose another name.",
    ),
    (
        412,
        "PreconditionFailed",
        "a condition of the request does not hold",
        "The object was changed meanwhile: read it again from the beginning.",
    ),
    (
        500,
        "InternalError",
        "the service failed",
        "Send the request again. After Complete look whether the object is there first.",
    ),
    (
        503,
        "ServiceUnavailable",
        "the service is busy",
        "Send the request again, with growing pauses.",
    ),
    (
        503,
        "QpsLimitExceeded",
        "too many requests a second",
        "Send fewer at a time, with growing pauses.",
    ),
];

/// The status that a code comes with, if the code is one of the service's.
pub(super) fn status(code: &str) -> Option<u16> {
    let answers = Rule::all().filter_map(|rule| rule.answer);
    let mut of_rules = answers
        .filter(|answer| answer.code == Some(code))
        .map(|answer| answer.status);
    let general = || {
        GENERAL
            .iter()
            .find(|(_, known, ..)| *known == code)
            .map(|(status, ..)| *status)
    };
    of_rules.next().or_else(general)
}

/// What a code means, and what to do about it.
pub(super) fn general(code: &str) -> Option<(&'static str, &'static str)> {
    let known = GENERAL.iter().find(|(_, known, ..)| *known == code);
    known.map(|(_, _, means, fix)| (*means, *fix))
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
