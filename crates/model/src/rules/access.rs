//! The rules of access, which come before all others: who asks, when, and for what that exists.

use super::table;

const HTTP_403: &str = "https://www.alibabacloud.com/help/en/oss/how-to-troubleshoot-403-status-code-when-you-access-oss";
const SIGNATURE: &str = "https://help.aliyun.com/knowledge_detail/108790.html";
const SIGNED_V1: &str = "https://github.com/AlibabaCloudDocs/oss/blob/f684091/intl.en-US/Developer%20Guide/Signature/Add%20a%20signature%20to%20the%20header.md";
const SIGNED_V4: &str =
    "https://help.aliyun.com/en/oss/developer-reference/recommend-to-use-signature-version-4";
const HTTP_404: &str = "https://github.com/AlibabaCloudDocs/oss/blob/f684091/intl.en-US/Developer%20Guide/Troubleshooting/HTTP%20404%20status%20code.md";
const PUT_OBJECT: &str = "https://github.com/AlibabaCloudDocs/oss/blob/f684091/intl.en-US/API%20Reference/Object%20operations/Basic%20operations/PutObject.md";

table! {
    SIGNED = "signed", Must, [Documented], HTTP_403,
        "A request for a private bucket is signed.",
        answer 403 Some("AccessDenied"), "Anonymous access is forbidden for this operation.";
    ACCESS_KEY_KNOWN = "access-key-known", Must, [Documented], HTTP_403,
        "The access key id of a signature is one that the service knows.",
        answer 403 Some("InvalidAccessKeyId"), "The OSS Access Key Id you provided does not exist in our records.";
    SIGNATURE_MATCHES = "signature-matches", Must, [Documented], SIGNATURE,
        "A signature is the one that the service computes over the request as it arrived.",
        ec "0002-00000040", answer 403 Some("SignatureDoesNotMatch"), "The request signature we calculated does not match the signature you provided. Check your key and signing method.";
    SIGNATURE_WELL_FORMED = "signature-well-formed", Must, [Documented], SIGNED_V4,
        "An Authorization header, or the query of a presigned URL, has all the fields of its signature version.",
        answer 400 Some("InvalidArgument"), "Authorization header is invalid.";
    CLOCK_SKEW = "clock-skew", Must, [Documented], "https://www.alibabacloud.com/help/en/oss/support/0002-00000504",
        "A request is signed for a time within 15 minutes of the service's own.",
        ec "0002-00000504", answer 403 Some("RequestTimeTooSkewed"), "The difference between the request time and the current time is too large.";
    NOT_EXPIRED = "not-expired", Must, [Documented], SIGNED_V1,
        "A presigned URL is used before it expires.",
        answer 403 Some("AccessDenied"), "Request has expired.";
    BUCKET_KNOWN = "bucket-known", Must, [Documented], HTTP_404,
        "The bucket of a request exists.",
        answer 404 Some("NoSuchBucket"), "The specified bucket does not exist.";
    CONTENT_LENGTH = "content-length", Must, [Documented], PUT_OBJECT,
        "A body comes with its length, or in chunks.",
        answer 411 Some("MissingContentLength"), "You must provide the Content-Length HTTP header.";
    BODY_ARRIVES = "body-arrives", Must, [Documented], PUT_OBJECT,
        "A body arrives as long as its Content-Length says, without long pauses.",
        answer 400 Some("RequestTimeout"), "Your socket connection to the server was not read from or written to within the timeout period.";
    COPY_SOURCE = "copy-source", Must, [Documented], "https://help.aliyun.com/zh/oss/user-guide/0042-00000301",
        "A copy source is `/bucket/key`, URL-encoded.",
        answer 400 Some("InvalidArgument"), "Copy Source must mention the source bucket and key: /sourcebucket/sourcekey.";
}
