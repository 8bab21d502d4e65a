//! Request signatures in the Authorization header, versions 1 and 4 (service-rules.md, 4.7). A request is signed anew for every
//! attempt, from its parts, so that nothing of a former attempt is left in it (fault D02).

use aws_lc_rs::{digest, hmac};
use base64::prelude::{BASE64_STANDARD, Engine};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::credentials::Credentials;

/// How requests are signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SignatureVersion {
    /// `OSS id:signature`, HMAC-SHA1.
    V1,
    /// `OSS4-HMAC-SHA256`, bound to a day and a region.
    #[default]
    V4,
}

/// A request as far as its signature is concerned.
pub(crate) struct Unsigned<'r> {
    pub(crate) method: &'r str,
    pub(crate) bucket: &'r str,
    /// The object's key as it is, not encoded.
    pub(crate) object: &'r str,
    /// Decoded, in any order; an empty value is a name by itself.
    pub(crate) query: &'r [(&'r str, &'r str)],
    /// Names in lower case.
    pub(crate) headers: &'r [(&'r str, &'r str)],
}

/// Signs as one user in one region.
#[derive(Clone, Debug)]
pub(crate) struct Signer {
    pub(crate) version: SignatureVersion,
    pub(crate) region: String,
    pub(crate) credentials: Credentials,
}

impl Signer {
    /// The headers to add to the request, `authorization` last.
    pub(crate) fn sign(
        &self,
        request: &Unsigned<'_>,
        now: Timestamp,
    ) -> Vec<(&'static str, String)> {
        let mut added = match self.version {
            SignatureVersion::V1 => {
                vec![(
                    "date",
                    now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string(),
                )]
            }
            SignatureVersion::V4 => vec![
                ("x-oss-content-sha256", UNSIGNED_PAYLOAD.to_owned()),
                ("x-oss-date", now.strftime(BASIC).to_string()),
            ],
        };
        let token = self.credentials.expose_token();
        added.extend(token.map(|token| ("x-oss-security-token", token.to_owned())));
        let given = request.headers.iter().copied();
        let mut headers: Vec<_> = given
            .chain(added.iter().map(|(name, value)| (*name, value.as_str())))
            .map(|(name, value)| (name, value.trim_matches([' ', '\t'])))
            .collect();
        headers.sort_unstable();
        let authorization = match self.version {
            SignatureVersion::V1 => self.v1(request, &headers),
            SignatureVersion::V4 => self.v4(request, &headers, now),
        };
        added.push(("authorization", authorization));
        added
    }

    fn v1(&self, request: &Unsigned<'_>, headers: &[(&str, &str)]) -> String {
        let value = |wanted: &str| {
            let found = headers.iter().find(|(name, _)| *name == wanted);
            found.map_or("", |(_, value)| value)
        };
        let mut text = format!("{}\n", request.method);
        for name in ["content-md5", "content-type", "date"] {
            text.push_str(&format!("{}\n", value(name)));
        }
        let signed = |(name, _): &&(&str, &str)| name.starts_with("x-oss-");
        for (name, value) in headers.iter().filter(signed) {
            text.push_str(&format!("{name}:{value}\n"));
        }
        text.push_str(&format!("/{}/{}", request.bucket, request.object));
        let mut resources: Vec<_> = request.query.to_vec();
        resources.retain(|(name, _)| V1_SUBRESOURCES.contains(name));
        resources.sort_unstable();
        for (separator, (name, value)) in ["?"]
            .into_iter()
            .chain(std::iter::repeat("&"))
            .zip(resources)
        {
            text.push_str(separator);
            text.push_str(&name_and_value(name, value));
        }
        let secret = self.credentials.expose_secret().as_bytes();
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
        let tag = hmac::sign(&key, text.as_bytes());
        format!(
            "OSS {}:{}",
            self.credentials.id,
            BASE64_STANDARD.encode(tag)
        )
    }

    fn v4(&self, request: &Unsigned<'_>, headers: &[(&str, &str)], now: Timestamp) -> String {
        let mut canonical = format!(
            "{}\n/{}/{}\n{}\n",
            request.method,
            request.bucket,
            encode_path(request.object),
            encode_query(request.query)
        );
        let signed = |(name, _): &&(&str, &str)| {
            name.starts_with("x-oss-") || ["content-type", "content-md5"].contains(name)
        };
        for (name, value) in headers.iter().filter(signed) {
            canonical.push_str(&format!("{name}:{value}\n"));
        }
        // No additional headers: an empty line.
        canonical.push_str(&format!("\n\n{UNSIGNED_PAYLOAD}"));

        let day = now.strftime("%Y%m%d").to_string();
        let scope = format!("{day}/{}/oss/aliyun_v4_request", self.region);
        let hash = hexadecimal(digest::digest(&digest::SHA256, canonical.as_bytes()).as_ref());
        let text = format!("OSS4-HMAC-SHA256\n{}\n{scope}\n{hash}", now.strftime(BASIC));
        let secret = format!("aliyun_v4{}", self.credentials.expose_secret());
        let chain = [
            day.as_str(),
            &self.region,
            "oss",
            "aliyun_v4_request",
            &text,
        ];
        let signature = chain.into_iter().fold(secret.into_bytes(), |key, message| {
            let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
            hmac::sign(&key, message.as_bytes()).as_ref().to_vec()
        });
        format!(
            "OSS4-HMAC-SHA256 Credential={}/{scope},Signature={}",
            self.credentials.id,
            hexadecimal(&signature)
        )
    }
}

const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";
const BASIC: &str = "%Y%m%dT%H%M%SZ";
/// Those that this crate uses of the ones that version 1 covers.
const V1_SUBRESOURCES: [&str; 3] = ["partNumber", "uploadId", "uploads"];

/// RFC 3986's unreserved characters stay.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
const PATH: &AsciiSet = &QUERY.remove(b'/');

/// An object's key in a URL.
pub(crate) fn encode_path(object: &str) -> String {
    utf8_percent_encode(object, PATH).to_string()
}

/// A query in a URL, sorted, without its question mark.
pub(crate) fn encode_query(query: &[(&str, &str)]) -> String {
    let encode = |text| utf8_percent_encode(text, QUERY).to_string();
    let mut pairs: Vec<_> = query
        .iter()
        .map(|(name, value)| (encode(name), encode(value)))
        .collect();
    pairs.sort_unstable();
    let pairs: Vec<_> = pairs
        .iter()
        .map(|(name, value)| name_and_value(name, value))
        .collect();
    pairs.join("&")
}

fn name_and_value(name: &str, value: &str) -> String {
    match value {
        "" => name.to_owned(),
        value => format!("{name}={value}"),
    }
}

/// Lower case.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
