//! The error document (service-rules.md, 4.6). Programs should judge by HTTP status and `Code`; the EC is for diagnosis.

use super::MAX_ANSWER;
use crate::error::Error;
use crate::xml::Document;

/// The service's own account of a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceError {
    /// The error code, such as `InvalidEncryptionRequest`.
    pub code: String,
    /// The message for people.
    pub message: String,
    /// The request, for the service's support.
    pub request_id: Option<String>,
    /// The host that was used.
    pub host_id: Option<String>,
    /// The error number, such as `0005-00000411`.
    pub ec: Option<String>,
    /// The address of a page about it.
    pub recommend_doc: Option<String>,
}

impl ServiceError {
    /// Reads `Error`, at most 1 MiB.
    ///
    /// # Errors
    /// Those of XML, and a missing or repeated element.
    pub fn read(xml: &[u8]) -> Result<Self, Error> {
        let mut document = Document::open(xml, "Error", MAX_ANSWER)?;
        let (mut code, mut message, mut request_id, mut host_id, mut ec, mut recommend_doc) =
            (None, None, None, None, None, None);
        while let Some(tag) = document.child()? {
            match tag.local_name().as_ref() {
                "Code" => document.once(&mut code, "Code")?,
                "Message" => document.once(&mut message, "Message")?,
                "RequestId" => document.once(&mut request_id, "RequestId")?,
                "HostId" => document.once(&mut host_id, "HostId")?,
                "EC" => document.once(&mut ec, "EC")?,
                "RecommendDoc" => document.once(&mut recommend_doc, "RecommendDoc")?,
                _ => document.skip()?,
            }
        }
        let code = document.require(code, "Code")?;
        let message = document.require(message, "Message")?;
        document.close()?;
        Ok(ServiceError {
            code,
            message,
            request_id,
            host_id,
            ec,
            recommend_doc,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_with_case_specific_elements() {
        let xml = "<Error>\n  <Code>InvalidArgument</Code>\n  <Message>Part number must be &lt; 10001</Message>\n  \
                   <ArgumentName>PartNumber</ArgumentName><EC>0017-00000220</EC></Error>";
        let error = ServiceError::read(xml.as_bytes()).unwrap();
        assert_eq!(
            (error.code.as_str(), error.ec.as_deref()),
            ("InvalidArgument", Some("0017-00000220"))
        );
        assert_eq!(
            (error.message.as_str(), error.host_id),
            ("Part number must be < 10001", None)
        );
        assert!(ServiceError::read(xml.replace("Code", "Kode").as_bytes()).is_err());
    }
}
