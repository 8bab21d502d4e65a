//! Dictionaries: words that a fuzzer puts into its inputs where those are documents. Taken from the model, so that a name is spelt
//! in one place.

use partproof_model::key_wrap::WrapAlg;
use partproof_model::{Cipher, envelope};

use super::Target;
use crate::case::outside::{AnswerKind, Kind, PartListKind};

/// Elements of a part list.
pub const LIST_ELEMENTS: [&str; 4] = ["CompleteMultipartUpload", "Part", "PartNumber", "ETag"];

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

/// Headers of an envelope.
pub const HEADERS: [&str; 10] = [
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

/// Words of a part list.
pub fn part_list() -> Vec<String> {
    [tags(&LIST_ELEMENTS), words(&[&XML, PartListKind::WORDS])].concat()
}

/// Words of the service's answers.
pub fn answers() -> Vec<String> {
    [tags(&ANSWER_ELEMENTS), words(&[&XML, AnswerKind::WORDS])].concat()
}

/// Words of an envelope's headers.
pub fn envelope() -> Vec<String> {
    let ciphers = Cipher::ALL.map(Cipher::cek_alg);
    let wraps = WrapAlg::ALL.map(WrapAlg::name);
    words(&[&HEADERS, &ciphers, &wraps, &["KMS/ALICLOUD"]])
}

/// Words of one kind of document.
pub fn of<K: Kind>() -> Vec<String> {
    words(&[K::WORDS])
}

/// All words of some lists.
pub fn words(lists: &[&[&str]]) -> Vec<String> {
    lists.concat().into_iter().map(str::to_owned).collect()
}

/// The tags of elements.
pub fn tags(names: &[&str]) -> Vec<String> {
    let both = |name: &&str| [format!("<{name}>"), format!("</{name}>")];
    names.iter().flat_map(both).collect()
}

impl Target {
    /// Its dictionary, in the form of libFuzzer and AFL++; `None` where inputs are not documents.
    pub fn dictionary(&self) -> Option<String> {
        let mut words = self.words?();
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
    use crate::fuzz::target;

    #[test]
    fn words_are_one_a_line_and_escaped() {
        assert_eq!(escaped("a\"\\\r\né"), r#"a\"\\\x0D\x0A\xC3\xA9"#);
        let dictionary = target::ENVELOPE.dictionary().unwrap();
        assert!(dictionary.contains("\"x-oss-meta-client-side-encryption-key\"\n"));
        assert!(target::PLAN.dictionary().is_none());
    }
}
