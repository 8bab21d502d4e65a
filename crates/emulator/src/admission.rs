//! Who may reach the server from a browser: a page must not, neither by a name that it lets point here (DNS rebinding), which its Host shows, nor by
//! a request to another site, which its Origin shows.

use std::net::IpAddr;

use hyper::StatusCode;
use hyper::header::{HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN};
use hyper::http::request::Parts;
use hyper::{Method, Response};
use partproof_model::bucket_name;

use crate::answer::{Answer, Refusal};

/// Which names and pages are taken beside the server's own.
#[derive(Clone, Debug, Default)]
pub struct Admission {
    /// Names of this server, beside addresses and `localhost`; `*` is any.
    pub hosts: Vec<String>,
    /// Origins whose pages may ask, such as `http://localhost:3000`, and are told so (CORS); `*` is any.
    pub origins: Vec<String>,
}

/// What stands for any.
const ANY: &str = "*";
/// What a page may read of an answer.
const EXPOSED: &str =
    "ETag, x-oss-request-id, x-oss-hash-crc64ecma, x-oss-ec, x-oss-err, x-oss-server-time";
const METHODS: &str = "GET, HEAD, PUT, POST, DELETE";

/// A request that may be looked at.
#[derive(Debug)]
pub(crate) struct Admitted {
    /// The page that it comes from, if that is from elsewhere.
    origin: Option<HeaderValue>,
}

impl Admission {
    /// Whether a request may be looked at.
    ///
    /// # Errors
    /// It has no Host or several, or another than this server's, or comes from another site's page.
    pub(crate) fn check(&self, request: &Parts) -> Result<Admitted, Refusal> {
        let mut hosts = request.headers.get_all(HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else {
            let count = request.headers.get_all(HOST).iter().count();
            let mut refusal = Refusal::new(
                StatusCode::BAD_REQUEST,
                "InvalidArgument",
                "A request names its host once.",
            );
            refusal.detail = format!("{count} Host headers, expected one");
            return Err(refusal);
        };
        let host = host.to_str().unwrap_or_default();
        let authority = request.uri.authority().map(|authority| authority.as_str());
        for named in [Some(host), authority].into_iter().flatten() {
            if !self.is_host(named) {
                return Err(refused(format!(
                    "host {named:?}, expected an address, localhost, or a bucket before one of these; `--allow-host` takes others"
                )));
            }
        }
        let mut foreign = None;
        for origin in request.headers.get_all(ORIGIN) {
            let text = origin.to_str().unwrap_or_default();
            if text.strip_prefix("http://") == Some(host) {
                continue;
            }
            if !self
                .origins
                .iter()
                .any(|taken| taken == text || taken == ANY)
            {
                return Err(refused(format!(
                    "origin {text:?}, expected none, for a page of another site asks; `--cors` takes it"
                )));
            }
            foreign = Some(origin.clone());
        }
        Ok(Admitted { origin: foreign })
    }

    /// Whether this is the server, or a bucket on it.
    fn is_host(&self, host: &str) -> bool {
        let name = name_of(host);
        let is_any = self.hosts.iter().any(|taken| taken == ANY);
        is_any
            || is_server(name, &self.hosts)
            || name.split_once('.').is_some_and(|(bucket, rest)| {
                bucket_name::objection(bucket).is_none() && is_server(rest, &self.hosts)
            })
    }
}

/// A host without its port.
pub(crate) fn name_of(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

/// Whether this is a name of the server itself, without a bucket.
pub(crate) fn is_server(name: &str, hosts: &[String]) -> bool {
    let bare = name
        .strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'));
    bare.unwrap_or(name).parse::<IpAddr>().is_ok()
        || name.eq_ignore_ascii_case("localhost")
        || hosts
            .iter()
            .any(|taken| name.eq_ignore_ascii_case(name_of(taken)))
}

fn refused(detail: String) -> Refusal {
    let mut refusal = Refusal::new(
        StatusCode::FORBIDDEN,
        "AccessDenied",
        "The request names another host, or comes from another site.",
    );
    refusal.detail = detail;
    refusal
}

impl Admitted {
    /// The answer to a page that asks whether it may ask (a CORS preflight), if this is one.
    pub(crate) fn preflight(&self, request: &Parts) -> Option<Answer> {
        let asked = request.headers.get("access-control-request-method");
        if self.origin.is_none() || request.method != Method::OPTIONS || asked.is_none() {
            return None;
        }
        let mut answer = Answer::new(StatusCode::OK)
            .with("access-control-allow-methods", METHODS)
            .with("access-control-max-age", "600");
        if let Some(headers) = request.headers.get("access-control-request-headers") {
            answer.add("access-control-allow-headers", headers.as_bytes());
        }
        Some(answer)
    }

    /// Lets the page read the answer.
    pub(crate) fn tell<B>(&self, response: &mut Response<B>) {
        let Some(origin) = &self.origin else { return };
        let headers: &mut HeaderMap = response.headers_mut();
        for (name, value) in [
            ("access-control-allow-origin", origin.clone()),
            (
                "access-control-expose-headers",
                HeaderValue::from_static(EXPOSED),
            ),
            ("vary", HeaderValue::from_static("Origin")),
        ] {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(admission: &Admission, target: &str, headers: &[(&str, &str)]) -> Option<u16> {
        let mut request = hyper::Request::builder().uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let refusal = admission.check(&parts).err();
        refusal.map(|refusal| refusal.status.as_u16())
    }

    #[test]
    fn only_the_servers_own_names_are_taken() {
        let admission = Admission::default();
        for host in [
            "127.0.0.1",
            "127.0.0.1:8090",
            "[::1]:8090",
            "[::1]",
            "192.168.1.7",
            "localhost:8090",
            "LocalHost",
            "examplebucket.localhost:80",
            "examplebucket.127.0.0.1:80",
        ] {
            assert_eq!(status(&admission, "/", &[("host", host)]), None, "{host}");
        }
        for host in [
            "",
            "evil.example",
            "evil.example:8090",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "evil.example.localhost",
            "EVIL_.localhost",
            "localhost.",
            "127.0.0.1:evil",
            "user@localhost",
            "oss-cn-hangzhou.aliyuncs.com",
        ] {
            let refused = status(&admission, "/", &[("host", host)]);
            assert_eq!(refused, Some(403), "{host}");
        }
        assert_eq!(status(&admission, "/", &[]), Some(400));
        let twice = [("host", "localhost"), ("host", "localhost")];
        assert_eq!(status(&admission, "/", &twice), Some(400));
        let absolute = "http://evil.example/examplebucket";
        assert_eq!(
            status(&admission, absolute, &[("host", "localhost")]),
            Some(403)
        );
    }

    #[test]
    fn an_option_widens_it() {
        let admission = Admission {
            hosts: vec!["emulator".to_owned(), "oss.test:8090".to_owned()],
            origins: vec!["http://localhost:3000".to_owned()],
        };
        for host in ["emulator:8090", "examplebucket.oss.test", "OSS.test:80"] {
            assert_eq!(status(&admission, "/", &[("host", host)]), None, "{host}");
        }
        assert_eq!(status(&admission, "/", &[("host", "test")]), Some(403));
        let from = |origin| [("host", "localhost:8090"), ("origin", origin)];
        for origin in ["http://localhost:3000", "http://localhost:8090"] {
            assert_eq!(status(&admission, "/", &from(origin)), None, "{origin}");
        }
        for origin in [
            "http://localhost:3001",
            "null",
            "https://localhost:8090",
            "http://evil.example",
        ] {
            assert_eq!(
                status(&admission, "/", &from(origin)),
                Some(403),
                "{origin}"
            );
        }
        let any = Admission {
            hosts: vec![ANY.to_owned()],
            origins: vec![ANY.to_owned()],
        };
        let evil = [("host", "evil.example"), ("origin", "null")];
        assert_eq!(status(&any, "/", &evil), None);
    }
}
