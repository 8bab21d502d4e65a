//! A request's head as the service reads it: which bucket and object, which parameters. Path style and virtual-host style,
//! `?uploads` and `?uploads=`, parameters in any order.

use hyper::Method;
use hyper::http::request::Parts;
use partproof_model::Headers;
use percent_encoding::percent_decode_str;

use crate::admission::{is_server, name_of};

/// A request without its body.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    /// `None` asks about all buckets.
    pub(crate) bucket: Option<String>,
    /// `None` asks about the bucket.
    pub(crate) key: Option<String>,
    pub(crate) query: Query,
    pub(crate) headers: Headers,
    /// As the client named the server.
    pub(crate) host: String,
}

impl Request {
    /// Reads a head. `hosts` are names of the server, beside addresses and `localhost`.
    ///
    /// # Errors
    /// A path that is not URL-encoded UTF-8.
    pub(crate) fn read(parts: &Parts, hosts: &[String]) -> Result<Self, String> {
        let headers: Headers = parts
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_bytes()))
            .collect();
        let named = parts.uri.authority().map(|authority| authority.as_str());
        let host = named
            .or_else(|| headers.value("host")?.text())
            .unwrap_or_default()
            .to_owned();
        let path = parts.uri.path();
        let path = path.strip_prefix('/').unwrap_or(path);
        let (bucket, key) = match bucket_of_host(&host, hosts) {
            Some(bucket) => (Some(bucket.to_owned()), path),
            None => match path.split_once('/') {
                Some((bucket, key)) => (Some(decoded(bucket)?), key),
                None => (Some(decoded(path)?), ""),
            },
        };
        Ok(Self {
            method: parts.method.clone(),
            bucket: bucket.filter(|bucket| !bucket.is_empty()),
            key: Some(decoded(key)?).filter(|key| !key.is_empty()),
            query: Query::read(parts.uri.query().unwrap_or_default()),
            headers,
            host,
        })
    }

    /// The text of a header, if it has one.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.value(name)?.text()
    }
}

/// The bucket of a virtual host. The server's and the service's own names begin with no bucket.
fn bucket_of_host<'h>(host: &'h str, hosts: &[String]) -> Option<&'h str> {
    let name = name_of(host);
    if is_server(name, hosts) {
        return None;
    }
    let (bucket, rest) = name.split_once('.')?;
    (!rest.is_empty() && !bucket.starts_with("oss-")).then_some(bucket)
}

fn decoded(text: &str) -> Result<String, String> {
    let decoded = percent_decode_str(text).decode_utf8();
    decoded
        .map(|text| text.into_owned())
        .map_err(|_| format!("path `{text}`, expected URL-encoded UTF-8"))
}

/// The parameters of a request, as sent and decoded.
#[derive(Debug, Default)]
pub(crate) struct Query(pub(crate) Vec<Parameter>);

/// One parameter; without `=` its value is empty.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) raw_name: String,
    pub(crate) raw_value: String,
    pub(crate) name: String,
    pub(crate) value: String,
}

impl Query {
    fn read(raw: &str) -> Self {
        let decoded = |text: &str| {
            let text = text.replace('+', " ");
            percent_decode_str(&text).decode_utf8_lossy().into_owned()
        };
        let pairs = raw.split('&').filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    Parameter {
                        raw_name: name.replace('+', "%20"),
                        raw_value: value.replace('+', "%20"),
                        name: decoded(name),
                        value: decoded(value),
                    }
                })
                .collect(),
        )
    }

    /// The value of a parameter, if it is there.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        let parameter = self.0.iter().find(|parameter| parameter.name == name);
        parameter.map(|parameter| parameter.value.as_str())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(target: &str, host: &str) -> (Option<String>, Option<String>) {
        let request = hyper::Request::builder().uri(target).header("host", host);
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let request = Request::read(&parts, &["oss.test".to_owned()]).unwrap();
        (request.bucket, request.key)
    }

    fn names(bucket: &str, key: &str) -> (Option<String>, Option<String>) {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        (some(bucket), some(key))
    }

    #[test]
    fn path_style_and_virtual_host_style_name_the_same() {
        for (target, host, bucket, key) in [
            ("/b/k", "127.0.0.1:80", "b", "k"),
            ("/b/k", "[::1]:80", "b", "k"),
            ("/b/k/l", "localhost:80", "b", "k/l"),
            ("/k/l", "b.localhost:80", "b", "k/l"),
            ("/k%2Fl%20m", "b.oss-cn-hangzhou.aliyuncs.com", "b", "k/l m"),
            ("/b/k", "oss-cn-hangzhou.aliyuncs.com", "b", "k"),
            ("/b", "127.0.0.1", "b", ""),
            ("/b/", "127.0.0.1", "b", ""),
            ("/b/k", "oss.test:80", "b", "k"),
            ("/k", "b.oss.test:80", "b", "k"),
            ("/k", "b.127.0.0.1:80", "b", "k"),
            ("/", "127.0.0.1", "", ""),
            ("/", "b.localhost", "b", ""),
            ("/b//k", "127.0.0.1", "b", "/k"),
        ] {
            assert_eq!(read(target, host), names(bucket, key), "{host}{target}");
        }
    }

    #[test]
    fn parameters_are_read_in_any_order_and_with_or_without_a_value() {
        let query = Query::read("uploads&partNumber=1&key=a%20b+c&uploads2=");
        assert_eq!(query.value("uploads"), Some(""));
        assert_eq!(query.value("uploads2"), Some(""));
        assert_eq!(query.value("partNumber"), Some("1"));
        assert_eq!(query.value("key"), Some("a b c"));
        assert!(!query.has("uploadId"));
    }
}
