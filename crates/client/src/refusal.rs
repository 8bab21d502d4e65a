//! A refusal by the service: HTTP status, and its own account of it where there is one.

use std::fmt;

use crate::answers::ServiceError;

/// The service refused a request. Judge by `status` and `code`; the EC is for diagnosis (service-rules.md, 0).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Refusal {
    /// The operation.
    pub operation: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// The error document; HEAD has none, and what stands between may answer with something else.
    pub document: Option<ServiceError>,
    /// The `x-oss-ec` header.
    pub ec_header: Option<String>,
    /// The `x-oss-request-id` header.
    pub request_id: Option<String>,
}

impl Refusal {
    /// The service's `Code`, such as `NoSuchUpload`.
    pub fn code(&self) -> Option<&str> {
        self.document
            .as_ref()
            .map(|document| document.code.as_str())
    }

    /// The service's error number, such as `0005-00000411`.
    pub fn ec(&self) -> Option<&str> {
        let document = self.document.as_ref();
        let written = document.and_then(|document| document.ec.as_deref());
        written.or(self.ec_header.as_deref())
    }

    /// Whether it is about the moment and not about the request: 5xx, too many requests, or a body that came too slowly or short.
    pub(crate) fn is_temporary(&self) -> bool {
        matches!(self.status, 408 | 429 | 500..=599)
            || matches!(
                self.code(),
                Some("RequestTimeout" | "IncompleteBody" | "InternalError")
            )
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} was answered {}", self.operation, self.status)?;
        if let Some(document) = &self.document {
            write!(f, " {}: {}", document.code, document.message)?;
        }
        let notes = [("EC", self.ec()), ("request", self.request_id.as_deref())];
        for (name, value) in notes {
            if let Some(value) = value {
                write!(f, " ({name} {value})")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_code_and_ec() {
        let mut refusal = Refusal {
            operation: "UploadPart",
            status: 404,
            document: ServiceError::read(
                b"<Error><Code>NoSuchUpload</Code><Message>Not there.</Message></Error>",
            )
            .ok(),
            ec_header: Some("0042-00000104".to_owned()),
            request_id: Some("5C3D".to_owned()),
        };
        assert_eq!(
            refusal.to_string(),
            "UploadPart was answered 404 NoSuchUpload: Not there. (EC 0042-00000104) (request 5C3D)"
        );
        assert!(!refusal.is_temporary());
        refusal.status = 503;
        assert!(refusal.is_temporary());
    }
}
