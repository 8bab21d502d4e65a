//! What to do about a refusal, where nothing is known of the upload: for each rule that the service answers for, and each code that has nothing to do with how an
//! upload is cut, what usually brings it about and what mends it. `docs/TROUBLESHOOTING.md` and `partproof explain` show the same.

mod codes;

use partproof_model::Rule;

pub use codes::{CODES, Code};

/// What is known of a broken rule in general.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trouble {
    rules: &'static [&'static str],
    /// What mends it.
    pub fix: &'static str,
    /// What brings it about, in the code of a client; the most frequent first.
    pub causes: &'static [&'static str],
}

impl Trouble {
    /// What is known of a rule.
    pub fn of(rule: &Rule) -> Option<&'static Self> {
        RULES
            .iter()
            .find(|trouble| trouble.rules.contains(&rule.id))
    }
}

static RULES: &[Trouble] = &[
    Trouble {
        rules: &[
            "key-missing",
            "start-missing",
            "cek-alg-missing",
            "wrap-alg-missing",
        ],
        fix: "Send all CSE headers at Initiate; on UploadPart send either all of them as at Initiate or none.",
        causes: &[
            "the plain client of the SDK was called, and only some of its calls add the headers",
            "a proxy or a gateway lets no `x-oss-meta-*` header through",
            "a resumed upload was begun anew without the envelope",
        ],
    },
    Trouble {
        rules: &["hmac-missing"],
        fix: "Write the wrap algorithm as it is (`RSA/NONE/PKCS1Padding` and the like), or send the magic-number HMAC with it. Only the C++ SDK writes `rsa`.",
        causes: &["the wrap algorithm was copied in lower case from an object of the C++ SDK"],
    },
    Trouble {
        rules: &["data-size-missing", "part-size-missing"],
        fix: "Send data size and part size at Initiate: bytes of all bodies together, and bytes of each but the last.",
        causes: &[
            "Initiate was called without the encryption context, which holds the two sizes",
            "the size of the source is not known when the upload begins: read it to its end first, or put it with one request",
        ],
    },
    Trouble {
        rules: &["data-size-integer", "part-size-integer"],
        fix: "Send a plain decimal number of bytes: digits only, above zero.",
        causes: &[
            "the number was made in floating point (`204800.0`, `1e+06`) or carries a unit or separators",
            "a variable was empty or `undefined` when the header was written",
        ],
    },
    Trouble {
        rules: &["count-limit"],
        fix: "Initiate with a larger part size: at least data size / 10,000, rounded up to a multiple of 16.",
        causes: &[
            "the part size is fixed, and the file is larger than ten thousand of it",
            "one of the two sizes is in KiB or MiB, not in bytes",
        ],
    },
    Trouble {
        rules: &["count-exceeded"],
        fix: "List exactly the parts 1 to ceil(data size / part size), by the data size and part size that Initiate declared: drop what is beyond, upload what is missing.",
        causes: &[
            "the count is floor(size / part size) + 1, which is one too many for a whole number of parts",
            "the part size was changed behind Initiate, by a planner that keeps below 10,000 parts or a minimum",
            "the declared data size is that of the plaintext, and a tag or padding makes one part more",
            "a list that is resumed or tried again has parts of the plan before, or each twice",
        ],
    },
    Trouble {
        rules: &[
            "key-changed",
            "start-changed",
            "cek-alg-changed",
            "wrap-alg-changed",
            "hmac-changed",
        ],
        fix: "On UploadPart send the value of Initiate again, or no CSE header at all.",
        causes: &[
            "the envelope is made anew for each part or after a restart: the parts are encrypted under different keys, and the object would be lost",
            "one client object serves several uploads, and keeps the headers of the last",
        ],
    },
    Trouble {
        rules: &["data-size-changed", "part-size-changed"],
        fix: "On UploadPart send the value of Initiate again, or no CSE header at all.",
        causes: &[
            "the source grew or shrank between the two requests",
            "the part size was planned anew for the parts: their counters belong to other places, and the object would be lost",
        ],
    },
    Trouble {
        rules: &["part-length"],
        fix: "Send each part with exactly the declared part size, and the last with what is left of the data size: tags and padding are part of both.",
        causes: &[
            "a read returned fewer bytes than asked for, and was sent as a part",
            "each part is sealed, and its tag is not in the declared part size",
            "the part size was changed behind Initiate",
        ],
    },
    Trouble {
        rules: &["last-part-length"],
        fix: "Send each part with exactly the declared part size, and the last with what is left of the data size: tags and padding are part of both.",
        causes: &[
            "the declared data size is that of the plaintext, and a tag is sent too, or the other way round",
            "the source grew or shrank while it was sent",
            "the last two parts were made one, or the rest of the division was left out",
        ],
    },
    Trouble {
        rules: &["metadata-fixed"],
        fix: "Upload the object again with the metadata that it is to have: its envelope cannot be changed in place.",
        causes: &[
            "metadata is added by copying the object onto itself, with the directive REPLACE",
        ],
    },
    Trouble {
        rules: &["copy-source-cse"],
        fix: "Download and decrypt the source, and upload its plaintext: ciphertext of one key and place is of no use in another upload.",
        causes: &["a server-side copy in parts was meant to save the way through the client"],
    },
    Trouble {
        rules: &["count-short"],
        fix: "Upload and list the parts that are missing: parts 1 to ceil(data size / part size), by what Initiate declared. Or initiate again with the sizes of what is really sent.",
        causes: &[
            "a part failed, and the list was made without it",
            "the list is a page of ListParts, which has at most 1,000 parts",
            "the declared data size is larger than what was sent",
        ],
    },
    Trouble {
        rules: &["part-beyond-count"],
        fix: "Number the parts 1 to ceil(data size / part size): the number gives the place in the counter.",
        causes: &[
            "parts are numbered from somewhere else than 1, or with gaps",
            "the count is one too large",
        ],
    },
    Trouble {
        rules: &["part-size-aligned"],
        fix: "Initiate with a part size that is a multiple of 16: the counter counts blocks of 16 bytes.",
        causes: &["the part size was computed as size / count"],
    },
    Trouble {
        rules: &["copy-into-cse"],
        fix: "Upload encrypted parts: a part that is copied holds plain bytes, and decrypts to noise.",
        causes: &["a copy in parts goes into an upload with an envelope"],
    },
    Trouble {
        rules: &["part-number-range"],
        fix: "Number the parts from 1 to 10,000.",
        causes: &[
            "parts are numbered from 0",
            "a part size too small for the file makes more than 10,000 parts",
        ],
    },
    Trouble {
        rules: &["part-number-missing"],
        fix: "Send `partNumber` and `uploadId` with UploadPart.",
        causes: &["the query was lost when the URL was rebuilt or signed"],
    },
    Trouble {
        rules: &[
            "upload-unknown",
            "upload-unknown-part",
            "upload-unknown-list",
            "upload-unknown-copy",
        ],
        fix: "Look whether the object is there: a Complete whose answer was lost did its work, and the second one is answered so. Otherwise begin anew.",
        causes: &[
            "Complete or Abort was sent twice, the first time with success",
            "the id is of another object or bucket, or of an upload that a lifecycle rule has aborted",
        ],
    },
    Trouble {
        rules: &["part-list-xml"],
        fix: "Send a `CompleteMultipartUpload` element with a `Part` for each part, each with one `PartNumber` and one `ETag`.",
        causes: &[
            "the list is empty, for no part was remembered",
            "ETags or text stand in it unescaped",
            "the body was built for S3, in another namespace or shape",
        ],
    },
    Trouble {
        rules: &["part-list-order"],
        fix: "Sort the list by part number, as numbers and not as strings, and list each once.",
        causes: &[
            "numbers were sorted as text: 1, 10, 2",
            "parts were listed as they finished",
            "a part that was sent again is listed twice",
        ],
    },
    Trouble {
        rules: &["part-list-number"],
        fix: "List part numbers from 1 to 10,000.",
        causes: &["parts are numbered from 0"],
    },
    Trouble {
        rules: &["part-list-part"],
        fix: "List each part with the ETag the service returned for its last upload; upload what is missing again.",
        causes: &[
            "in a browser, the bucket's CORS rules do not expose `ETag`: the list has `undefined`",
            "the ETag is that of the plaintext, or of an attempt before the last",
            "a part was never sent, or to another upload",
        ],
    },
    Trouble {
        rules: &["part-too-small"],
        fix: "Initiate again with a part size of at least 102,400 bytes.",
        causes: &[
            "the part size is below 100 KiB, or in KiB",
            "a part that is not the last holds the rest of a division",
        ],
    },
    Trouble {
        rules: &["part-too-large"],
        fix: "Choose a part size of at most 5 GiB.",
        causes: &["the part size was made from the size of the file alone"],
    },
    Trouble {
        rules: &["object-too-large"],
        fix: "Split the object: 10,000 parts of 5 GiB are the most, and 5 GiB by a single put.",
        causes: &["a large file was put with one request"],
    },
    Trouble {
        rules: &["complete-all-body"],
        fix: "Send no body with `x-oss-complete-all: yes`, or the list without the header.",
        causes: &["both were sent"],
    },
    Trouble {
        rules: &["complete-nothing"],
        fix: "Upload the parts first.",
        causes: &["no part succeeded, and its failure was swallowed"],
    },
    Trouble {
        rules: &["forbid-overwrite"],
        fix: "Choose another name, or allow overwriting.",
        causes: &["an upload is tried again, and the first try has succeeded"],
    },
    Trouble {
        rules: &["content-md5"],
        fix: "Compute Content-MD5 over the bytes that are sent: the ciphertext.",
        causes: &["it was computed over the plaintext, or before a retry changed the body"],
    },
    Trouble {
        rules: &["crc64-declared"],
        fix: "Compute the CRC-64 over the bytes that are sent: the ciphertext.",
        causes: &["it was computed over the plaintext"],
    },
    Trouble {
        rules: &[
            "object-name-empty",
            "object-name-length",
            "object-name-slash",
        ],
        fix: "Choose a name of 1 to 1,023 bytes of UTF-8 that does not begin with `/` or `\\`.",
        causes: &["a path of the file system was taken for the name"],
    },
    Trouble {
        rules: &["object-unknown"],
        fix: "Check the name; an upload that was not completed makes no object.",
        causes: &["the upload was never completed, or under another name"],
    },
    Trouble {
        rules: &["range-unsatisfiable"],
        fix: "Ask for a range that begins inside the object; or send no `x-oss-range-behavior`, and be ready for the whole object.",
        causes: &["the range was computed from the size of the plaintext, or of another version"],
    },
    Trouble {
        rules: &["copy-too-large"],
        fix: "Copy in parts.",
        causes: &["the source is larger than one copy may be"],
    },
    Trouble {
        rules: &["list-page"],
        fix: "Go on from `NextPartNumberMarker` while the answer says that it is truncated.",
        causes: &["only the first page was read"],
    },
    Trouble {
        rules: &[
            "signed",
            "access-key-known",
            "signature-matches",
            "signature-well-formed",
            "presigned-well-formed",
        ],
        fix: "Compare the StringToSign of the error with what was signed; check AccessKey, region and security token.",
        causes: &[
            "headers were added or changed after signing",
            "the path or query was encoded in another way than it was signed",
            "the key is of another account, or the token of another key",
        ],
    },
    Trouble {
        rules: &["clock-skew", "not-expired"],
        fix: "Set the clock; sign a URL for as long as the upload takes.",
        causes: &[
            "the clock of the machine is off",
            "a URL was signed long before it was used",
        ],
    },
    Trouble {
        rules: &["bucket-name", "bucket-known", "bucket-empty"],
        fix: "Check the bucket's name and region.",
        causes: &["the endpoint is of another region"],
    },
    Trouble {
        rules: &["content-length"],
        fix: "Send Content-Length, or chunks.",
        causes: &["the source has no length, and the HTTP client sends none"],
    },
    Trouble {
        rules: &["body-arrives"],
        fix: "Send the request again; smaller parts take less time each.",
        causes: &["the connection is slow, or the source ended before its length"],
    },
    Trouble {
        rules: &["if-match"],
        fix: "Read the object again from the beginning: it was changed meanwhile.",
        causes: &["another upload replaced the object between two reads"],
    },
    Trouble {
        rules: &["copy-source"],
        fix: "Send `/bucket/key`, URL-encoded.",
        causes: &["the key was not encoded, or the bucket left out"],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_of_the_service_has_a_remedy_and_a_cause() {
        let answered = Rule::all().filter(|rule| rule.answer.is_some() || rule.ec.is_some());
        let without: Vec<_> = answered
            .filter(|rule| Trouble::of(rule).is_none_or(|trouble| trouble.causes.is_empty()))
            .map(|rule| rule.id)
            .collect();
        assert_eq!(without, [""; 0]);
        let unknown = RULES.iter().flat_map(|trouble| trouble.rules);
        let unknown: Vec<_> = unknown.filter(|id| Rule::find(id).is_none()).collect();
        assert_eq!(unknown, [&""; 0]);
    }
}
