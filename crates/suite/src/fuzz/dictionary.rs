//! Dictionaries: words that a fuzzer puts into its inputs where those are documents. Taken from the model, so that a name is spelt
//! in one place.

use partproof_model::key_wrap::WrapAlg;
use partproof_model::{Cipher, envelope};

use super::Target;
use super::trial::Trial;
use crate::case::answer_line::AnswerLineKind;
use crate::case::emulator::{ExchangeKind, JournalKind, ScriptKind};
use crate::case::outside::{
    AnswerKind, CaptureKind, CaseFileKind, CheckpointKind, Kind, PartListKind, VectorsKind,
};
use crate::law::{Check, LAWS};

const LIST_ELEMENTS: [&str; 4] = ["CompleteMultipartUpload", "Part", "PartNumber", "ETag"];

const ANSWER_ELEMENTS: [&str; 24] = [
    "InitiateMultipartUploadResult",
    "CompleteMultipartUploadResult",
    "ListPartsResult",
    "Error",
    "Bucket",
    "Key",
    "UploadId",
    "EncodingType",
    "Location",
    "ETag",
    "PartNumberMarker",
    "NextPartNumberMarker",
    "MaxParts",
    "IsTruncated",
    "Part",
    "PartNumber",
    "LastModified",
    "Size",
    "HashCrc64ecma",
    "Code",
    "Message",
    "RequestId",
    "HostId",
    "EC",
];

const XML: [&str; 13] = [
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "&amp;",
    "&lt;",
    "&gt;",
    "&quot;",
    "&apos;",
    "&#34;",
    "&#x22;",
    " xmlns=\"http://doc.oss-cn-hangzhou.aliyuncs.com\"",
];

const HEADERS: [&str; 10] = [
    envelope::KEY,
    envelope::START,
    envelope::CEK_ALG,
    envelope::WRAP_ALG,
    envelope::MATDESC,
    envelope::DATA_SIZE,
    envelope::PART_SIZE,
    envelope::UNENCRYPTED_CONTENT_LENGTH,
    envelope::UNENCRYPTED_CONTENT_MD5,
    envelope::MAGIC_NUMBER_HMAC,
];

const HTTP: [&str; 16] = [
    "POST ",
    "PUT ",
    "GET ",
    "DELETE ",
    " HTTP/1.1\r\n",
    "HTTP/1.1 ",
    "?uploads",
    "Host: ",
    "Content-Length: ",
    "Content-MD5: ",
    "ETag: ",
    "Authorization: ",
    "Range: bytes=",
    "x-oss-hash-crc64ecma: ",
    "x-oss-ec: ",
    "x-oss-complete-all: yes",
];

const HAR: [&str; 14] = [
    "\"log\":",
    "\"version\":",
    "\"entries\":",
    "\"request\":",
    "\"response\":",
    "\"method\":",
    "\"url\":",
    "\"status\":",
    "\"headers\":",
    "\"name\":",
    "\"value\":",
    "\"postData\":",
    "\"text\":",
    "\"encoding\":\"base64\"",
];

impl Target {
    /// Its dictionary, in the form of libFuzzer and AFL++; `None` where inputs are not documents.
    pub fn dictionary(&self) -> Option<String> {
        let [Trial { law, .. }] = self.trials else {
            return None;
        };
        let tags = |names: &[&str]| -> Vec<String> {
            let both = |name: &&str| [format!("<{name}>"), format!("</{name}>")];
            names.iter().flat_map(both).collect()
        };
        let words = |words: &[&str]| {
            words
                .iter()
                .map(|word| (*word).to_owned())
                .collect::<Vec<_>>()
        };
        let algorithms = || {
            let ciphers = Cipher::ALL.map(|cipher| cipher.cek_alg().to_owned());
            let wraps = WrapAlg::ALL.map(|wrap| wrap.name().to_owned());
            [ciphers.to_vec(), wraps.to_vec(), words(&["KMS/ALICLOUD"])].concat()
        };
        let mut words = match law.check {
            Check::PartListBytes(_) => [
                tags(&LIST_ELEMENTS),
                words(&XML),
                words(PartListKind::WORDS),
            ]
            .concat(),
            Check::AnswerBytes(_) => [
                tags(&ANSWER_ELEMENTS),
                words(&XML),
                words(AnswerKind::WORDS),
            ]
            .concat(),
            Check::AnyHeaders(_) => [words(&HEADERS), algorithms()].concat(),
            Check::AnyCapture(_) => {
                let documents = [tags(&LIST_ELEMENTS), words(&HTTP), words(&HAR)].concat();
                [
                    documents,
                    words(&HEADERS),
                    algorithms(),
                    words(CaptureKind::WORDS),
                ]
                .concat()
            }
            Check::AnyVectors(_) => words(VectorsKind::WORDS),
            Check::AnyExchange(_) => [
                tags(&LIST_ELEMENTS),
                words(&HTTP),
                words(&HEADERS),
                algorithms(),
                words(ExchangeKind::WORDS),
            ]
            .concat(),
            Check::AnyJournal(_) => [words(&HEADERS), words(JournalKind::WORDS)].concat(),
            Check::AnyScript(_) => words(ScriptKind::WORDS),
            Check::AnyCheckpoint(_) => words(CheckpointKind::WORDS),
            Check::AnyAnswerLine(_) => words(AnswerLineKind::WORDS),
            Check::AnyCaseFile(_) => {
                let laws = LAWS.iter().map(|law| format!("{}:", law.id)).collect();
                [laws, words(CaseFileKind::WORDS)].concat()
            }
            _ => return None,
        };
        words.sort();
        words.dedup();
        let head = format!(
            "# Words for the fuzz target `{}`; written by `partproof seeds`.\n",
            self.id
        );
        let lines = words.iter().map(|word| format!("\"{}\"\n", escaped(word)));
        Some(head + &lines.collect::<String>())
    }
}

/// Quotes, backslashes and what is not printable ASCII are written in hexadecimal.
fn escaped(word: &str) -> String {
    word.bytes()
        .map(|byte| match byte {
            b'"' | b'\\' => format!("\\{}", char::from(byte)),
            b' '..=b'~' => char::from(byte).to_string(),
            other => format!("\\x{other:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_one_a_line_and_escaped() {
        assert_eq!(escaped("a\"\\\r\né"), r#"a\"\\\x0D\x0A\xC3\xA9"#);
        let dictionary = Target::find("envelope").unwrap().dictionary().unwrap();
        assert!(dictionary.contains("\"x-oss-meta-client-side-encryption-key\"\n"));
        assert!(Target::find("plan").unwrap().dictionary().is_none());
    }
}
