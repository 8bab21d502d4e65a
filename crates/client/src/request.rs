//! A request before it is signed: what a caller says once, and every attempt turns into a signed one anew.

/// A request before it is signed.
#[derive(Clone, Copy)]
pub(crate) struct Request<'r> {
    pub(crate) operation: &'static str,
    pub(crate) method: &'static str,
    pub(crate) object: &'r str,
    pub(crate) query: &'r [(&'r str, &'r str)],
    pub(crate) headers: &'r [(String, String)],
    pub(crate) body: Option<&'r [u8]>,
}

impl<'r> Request<'r> {
    pub(crate) fn new(operation: &'static str, method: &'static str, object: &'r str) -> Self {
        Request {
            operation,
            method,
            object,
            query: &[],
            headers: &[],
            body: None,
        }
    }

    pub(crate) fn query(self, query: &'r [(&'r str, &'r str)]) -> Self {
        Request { query, ..self }
    }

    pub(crate) fn headers(self, headers: &'r [(String, String)]) -> Self {
        Request { headers, ..self }
    }

    pub(crate) fn body(self, body: &'r [u8]) -> Self {
        let body = Some(body);
        Request { body, ..self }
    }
}
