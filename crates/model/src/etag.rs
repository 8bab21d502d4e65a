//! ETags. A part's is the upper-case hexadecimal MD5 of its body; a multipart object's is the MD5 of its parts'
//! upper-case ETags as ASCII, in list order, with the number of parts behind a hyphen (service-rules.md 4.4: the raw
//! digests, as S3 hashes them, and lower-case letters both give something else).

use data_encoding::HEXUPPER;
use md5::{Digest, Md5};

/// An MD5 digest.
pub type Md5Digest = [u8; 16];

/// The MD5 of some bytes.
pub fn md5(bytes: &[u8]) -> Md5Digest {
    Md5::digest(bytes).into()
}

/// The ETag of a part, without quotes.
pub fn of_part(md5: &Md5Digest) -> String {
    HEXUPPER.encode(md5)
}

/// The ETag of an object made of parts with these digests, without quotes.
pub fn of_object<'a>(parts: impl IntoIterator<Item = &'a Md5Digest>) -> String {
    let mut hash = Md5::new();
    let mut count = 0_u64;
    for part in parts {
        hash.update(HEXUPPER.encode(part));
        count = count.saturating_add(1);
    }
    format!("{}-{count}", HEXUPPER.encode(&hash.finalize()))
}

/// An ETag as clients spell it, without its optional quotes and outer blanks (service-rules.md 4.3).
pub fn unquoted(etag: &str) -> &str {
    let etag = etag.trim();
    etag.strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(etag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recorded_object_etag() {
        let digest =
            |hex: &str| Md5Digest::try_from(HEXUPPER.decode(hex.as_bytes()).unwrap()).unwrap();
        let parts = [
            digest("4DE8075FB607DF4D13FBC480EA488EFA"),
            digest("AF947EC157726CEA88ED83B3C989063B"),
        ];
        assert_eq!(of_object(&parts), "1C787C506EABFB9B45EAAA8DB039F4B2-2");
    }

    #[test]
    fn a_part_etag_is_upper_case() {
        assert_eq!(of_part(&md5(b"")), "D41D8CD98F00B204E9800998ECF8427E");
    }

    #[test]
    fn quotes_come_off_in_pairs_only() {
        assert_eq!(unquoted(" \"AB\" "), "AB");
        assert_eq!(unquoted("\"AB"), "\"AB");
    }
}
