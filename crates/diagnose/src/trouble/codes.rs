//! Codes of the service that say nothing of how an upload is cut.

/// A code of the service that no rule of uploads has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// HTTP status.
    pub status: u16,
    /// `Code` of the error document.
    pub code: &'static str,
    /// What it means.
    pub means: &'static str,
    /// What to do.
    pub fix: &'static str,
}

impl Code {
    /// What is known of a code.
    pub fn of(code: &str) -> Option<&'static Self> {
        CODES.iter().find(|known| known.code == code)
    }
}

/// Codes of refusals that have nothing to do with how an upload is cut.
pub static CODES: &[Code] = &[
    Code {
        status: 403,
        code: "AccessDenied",
        means: "whoever asks may not do this",
        fix: "Check the policy of the user and of the bucket: an upload in parts needs oss:PutObject, and oss:AbortMultipartUpload and oss:ListParts to clean up.",
    },
    Code {
        status: 403,
        code: "InvalidAccessKeyId",
        means: "the service does not know this AccessKey",
        fix: "Check the AccessKey ID and the endpoint's region; a temporary one needs its security token too.",
    },
    Code {
        status: 403,
        code: "SignatureDoesNotMatch",
        means: "the signature is of another request than the one that arrived",
        fix: "Compare the StringToSign of the error with what was signed: headers added after signing, an encoded path, and the clock are the usual causes.",
    },
    Code {
        status: 403,
        code: "RequestTimeTooSkewed",
        means: "the clock of whoever asks is off by more than 15 minutes",
        fix: "Set the clock.",
    },
    Code {
        status: 403,
        code: "SecurityTokenExpired",
        means: "the temporary credentials have expired",
        fix: "Fetch new ones and go on with the same upload id: what was uploaded stays.",
    },
    Code {
        status: 403,
        code: "InvalidSecurityToken",
        means: "the security token is not one of the AccessKey's",
        fix: "Send AccessKey and token that were given out together.",
    },
    Code {
        status: 404,
        code: "NoSuchBucket",
        means: "there is no such bucket at this endpoint",
        fix: "Check bucket and region.",
    },
    Code {
        status: 404,
        code: "NoSuchKey",
        means: "there is no such object",
        fix: "Check the name; an upload that was not completed makes no object.",
    },
    Code {
        status: 404,
        code: "NoSuchUpload",
        means: "the upload was completed or aborted, or the id is of another object",
        fix: "Look whether the object is there: a Complete whose answer was lost did its work, and the second one is answered so. Otherwise begin anew.",
    },
    Code {
        status: 400,
        code: "InvalidPart",
        means: "a part of the list was not uploaded, or has another ETag",
        fix: "List for each part the ETag that the service returned for its last upload. In a browser the answer's ETag can be read only if the bucket's CORS rules expose it (ExposeHeader: ETag).",
    },
    Code {
        status: 400,
        code: "InvalidPartOrder",
        means: "the list is not in ascending order of part numbers",
        fix: "Sort the list by part number, as numbers and not as strings.",
    },
    Code {
        status: 400,
        code: "EntityTooSmall",
        means: "a part other than the last is below 100 KiB",
        fix: "Choose a part size of at least 102,400 bytes.",
    },
    Code {
        status: 400,
        code: "EntityTooLarge",
        means: "a part is above 5 GiB, or an object above what one request may carry",
        fix: "Choose a smaller part size.",
    },
    Code {
        status: 400,
        code: "MalformedXML",
        means: "the body is not the XML that this request takes",
        fix: "Compare the body with the page of the request.",
    },
    Code {
        status: 400,
        code: "InvalidArgument",
        means: "an argument is outside what it may be",
        fix: "The message and the error's further elements name it.",
    },
    Code {
        status: 400,
        code: "InvalidDigest",
        means: "Content-MD5 is not that of the body",
        fix: "Compute it over the bytes that are sent: the ciphertext.",
    },
    Code {
        status: 400,
        code: "RequestTimeout",
        means: "the body did not arrive in time",
        fix: "Send it again; smaller parts take less time each.",
    },
    Code {
        status: 411,
        code: "MissingContentLength",
        means: "the request has a body and does not say how long",
        fix: "Send Content-Length, or chunks.",
    },
    Code {
        status: 409,
        code: "FileAlreadyExists",
        means: "there is an object of this name, and overwriting is forbidden",
        fix: "Choose another name, or allow it.",
    },
    Code {
        status: 409,
        code: "FileImmutable",
        means: "the object is under a retention policy",
        fix: "Choose another name.",
    },
    Code {
        status: 412,
        code: "PreconditionFailed",
        means: "a condition of the request does not hold",
        fix: "The object was changed meanwhile: read it again from the beginning.",
    },
    Code {
        status: 500,
        code: "InternalError",
        means: "the service failed",
        fix: "Send the request again. After Complete look whether the object is there first.",
    },
    Code {
        status: 503,
        code: "ServiceUnavailable",
        means: "the service is busy",
        fix: "Send the request again, with growing pauses.",
    },
    Code {
        status: 503,
        code: "QpsLimitExceeded",
        means: "too many requests a second",
        fix: "Send fewer at a time, with growing pauses.",
    },
];
