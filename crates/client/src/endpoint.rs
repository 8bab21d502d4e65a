//! Where a bucket is: the endpoint's address, and whether the bucket stands in the path or in the host name.

use std::net::IpAddr;

use ureq::http::Uri;
use ureq::http::uri::{PathAndQuery, Scheme};

use crate::error::Error;

/// Where the bucket's name stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addressing {
    /// `endpoint/bucket/object`.
    Path,
    /// `bucket.endpoint/object`.
    VirtualHost,
}

/// An endpoint, `http` or `https`.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    scheme: Scheme,
    /// Host and port.
    authority: String,
    host: String,
}

impl Endpoint {
    /// Reads `https://host:port`; without a scheme it is https.
    pub(crate) fn parse(given: &str) -> Result<Self, Error> {
        Self::read(given, cfg!(feature = "https"))
    }

    fn read(given: &str, has_https: bool) -> Result<Self, Error> {
        let refuse = || Error::Name {
            what: "endpoint",
            given: given.to_owned(),
            expected: match has_https {
                true => "http:// or https://, a host, and perhaps a port",
                false => {
                    "http://, a host, and perhaps a port: partproof-client was built without its feature `https`"
                }
            },
        };
        let with_scheme = match given.contains("://") {
            true => given.to_owned(),
            false => format!("https://{given}"),
        };
        let uri: Uri = with_scheme.parse().map_err(|_| refuse())?;
        let scheme = uri
            .scheme()
            .filter(|scheme| **scheme == Scheme::HTTP || has_https && **scheme == Scheme::HTTPS);
        let (Some(scheme), Some(authority)) = (scheme, uri.authority()) else {
            return Err(refuse());
        };
        let bare = uri.path_and_query().map_or("/", PathAndQuery::as_str) == "/";
        if !bare || authority.as_str().contains('@') || authority.host().is_empty() {
            return Err(refuse());
        }
        Ok(Endpoint {
            scheme: scheme.clone(),
            authority: authority.as_str().to_owned(),
            host: authority.host().trim_matches(['[', ']']).to_owned(),
        })
    }

    /// An address or `localhost` cannot have a bucket before it.
    pub(crate) fn addressing(&self) -> Addressing {
        match self.host == "localhost" || self.is_address() {
            true => Addressing::Path,
            false => Addressing::VirtualHost,
        }
    }

    /// Whether there is no name to look up.
    pub(crate) fn is_address(&self) -> bool {
        self.host.parse::<IpAddr>().is_ok()
    }

    pub(crate) fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
    }

    /// The address of an object, whose key and query are encoded.
    pub(crate) fn url(
        &self,
        addressing: Addressing,
        bucket: &str,
        object: &str,
        query: &str,
    ) -> String {
        let Endpoint {
            scheme, authority, ..
        } = self;
        let mut url = match addressing {
            Addressing::Path => format!("{scheme}://{authority}/{bucket}/{object}"),
            Addressing::VirtualHost => format!("{scheme}://{bucket}.{authority}/{object}"),
        };
        if !query.is_empty() {
            url.push('?');
            url.push_str(query);
        }
        url
    }
}

impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://{}", self.scheme, self.authority)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_selects_the_addressing() {
        let url = |given| {
            let endpoint = Endpoint::read(given, true).unwrap();
            endpoint.url(endpoint.addressing(), "b", "k%20", "uploads")
        };
        assert_eq!(
            url("http://127.0.0.1:80"),
            "http://127.0.0.1:80/b/k%20?uploads"
        );
        assert_eq!(url("http://[::1]:80/"), "http://[::1]:80/b/k%20?uploads");
        assert_eq!(url("localhost"), "https://localhost/b/k%20?uploads");
        assert_eq!(
            url("oss-cn-hangzhou.aliyuncs.com"),
            "https://b.oss-cn-hangzhou.aliyuncs.com/k%20?uploads"
        );
    }

    #[test]
    fn no_other_endpoint_is_taken() {
        for given in [
            "",
            "ftp://h",
            "http://",
            "http://h/p",
            "http://h?q",
            "http://u:p@h",
            "http://a b",
        ] {
            assert!(Endpoint::read(given, true).is_err(), "{given}");
        }
    }

    #[test]
    fn without_the_feature_https_is_refused() {
        assert!(Endpoint::read("http://h", false).is_ok());
        for given in ["https://h", "h"] {
            let refusal = Endpoint::read(given, false).unwrap_err().to_string();
            assert!(refusal.contains("feature `https`"), "{refusal}");
        }
    }
}
