//! The rules of access, which come before all others: who asks, when, and for what that exists.

use super::table;

const ANONYMOUS: &str = "https://help.aliyun.com/en/oss/user-guide/0003-00000002";
const ACCESS_KEY: &str = "https://help.aliyun.com/en/oss/user-guide/0002-00000902";
const SIGNATURE: &str = "https://help.aliyun.com/knowledge_detail/108790.html";
const SKEW: &str = "https://www.alibabacloud.com/help/en/oss/support/0002-00000504";
const SIGNED_HEADER: &str = "https://github.com/AlibabaCloudDocs/oss/blob/f684091/intl.en-US/Developer%20Guide/Signature/Add%20a%20signature%20to%20the%20header.md";
const SIGNED_URL: &str = "https://github.com/AlibabaCloudDocs/oss/blob/f684091/intl.en-US/Developer%20Guide/Signature/Add%20a%20signature%20to%20a%20URL.md";
const BUCKET_NAMES: &str = "https://www.alibabacloud.com/help/en/oss/user-guide/0015-00000001";
const HTTP_400: &str = "https://github.com/AlibabaCloudDocs/oss/blob/f684091/intl.en-US/Developer%20Guide/Troubleshooting/HTTP%20400%20status%20code.md";
const HTTP_403: &str = "https://github.com/AlibabaCloudDocs/oss/blob/f684091/intl.en-US/Developer%20Guide/Troubleshooting/HTTP%20403%20status%20code.md";
const HTTP_404: &str = "https://github.com/AlibabaCloudDocs/oss/blob/f684091/intl.en-US/Developer%20Guide/Troubleshooting/HTTP%20404%20status%20code.md";
const HTTP_409: &str = "https://github.com/AlibabaCloudDocs/oss/blob/f684091/intl.en-US/Developer%20Guide/Troubleshooting/HTTP%20409%20status%20code.md";
const HTTP_411: &str = "https://github.com/AlibabaCloudDocs/oss/blob/f684091/intl.en-US/Developer%20Guide/Troubleshooting/HTTP%20411%20status%20code.md";
const HTTP_412: &str = "https://github.com/AlibabaCloudDocs/oss/blob/f684091/intl.en-US/Troubleshooting/HTTP%20412%20status%20code.md";

table! {
    SIGNED = "signed", Must, [Documented], ANONYMOUS,
        "A request for a private bucket is signed.",
        ec "0003-00000002", answer 403 Some("AccessDenied"), "The request is from anonymous access and includes no user authentication information.";
    ACCESS_KEY_KNOWN = "access-key-known", Must, [Documented], ACCESS_KEY,
        "The access key id of a signature is one that the service knows.",
        ec "0002-00000902", answer 403 Some("InvalidAccessKeyId"), "The OSS Access Key Id you provided does not exist in our records.";
    SIGNATURE_MATCHES = "signature-matches", Must, [Documented], SIGNATURE,
        "A signature is the one that the service computes over the request as it arrived.",
        ec "0002-00000040", answer 403 Some("SignatureDoesNotMatch"), "The request signature we calculated does not match the signature you provided. Check your key and signing method.";
    SIGNATURE_WELL_FORMED = "signature-well-formed", Must, [Documented], SIGNED_HEADER,
        "An Authorization header has all the fields of its signature version, for this service and region.",
        answer 400 Some("InvalidArgument"), "Authorization header is invalid.";
    PRESIGNED_WELL_FORMED = "presigned-well-formed", Must, [Documented], SIGNED_URL,
        "A presigned URL has all the parameters of its signature version.",
        answer 403 Some("AccessDenied"), "Query string authentication requires the Signature, Expires and OSSAccessKeyId parameters.";
    CLOCK_SKEW = "clock-skew", Must, [Documented], SKEW,
        "A request is signed for a time within 15 minutes of the service's own.",
        ec "0002-00000504", answer 403 Some("RequestTimeTooSkewed"), "The difference between the request time and the current time is too large.";
    NOT_EXPIRED = "not-expired", Must, [Documented], HTTP_403,
        "A presigned URL is used before it expires.",
        answer 403 Some("AccessDenied"), "Request has expired.";
    BUCKET_NAME = "bucket-name", Must, [Documented], BUCKET_NAMES,
        "A bucket's name has 3 to 63 lower-case letters, digits and hyphens, and no hyphen at either end.",
        ec "0015-00000001", answer 400 Some("InvalidBucketName"), "The specified bucket is not valid.";
    BUCKET_KNOWN = "bucket-known", Must, [Documented], HTTP_404,
        "The bucket of a request exists.",
        answer 404 Some("NoSuchBucket"), "The specified bucket does not exist.";
    BUCKET_EMPTY = "bucket-empty", Must, [Documented], HTTP_409,
        "A bucket that is deleted has no object and no open upload.",
        answer 409 Some("BucketNotEmpty"), "The bucket you tried to delete is not empty.";
    CONTENT_LENGTH = "content-length", Must, [Documented], HTTP_411,
        "A body comes with its length, or in chunks.",
        answer 411 Some("MissingContentLength"), "You must provide the Content-Length HTTP header.";
    BODY_ARRIVES = "body-arrives", Must, [Documented], HTTP_400,
        "A body arrives as long as its Content-Length says, without long pauses.",
        answer 400 Some("RequestTimeout"), "Your socket connection to the server was not read from or written to within the timeout period. Idle connections will be closed.";
    IF_MATCH = "if-match", Must, [Documented], HTTP_412,
        "The object that is read has the ETag that `If-Match` names.",
        answer 412 Some("PreconditionFailed"), "At least one of the pre-conditions you specified did not hold.";
    COPY_SOURCE = "copy-source", Must, [Documented], HTTP_400,
        "A copy source is `/bucket/key`, URL-encoded.",
        answer 400 Some("InvalidArgument"), "Copy Source must mention the source bucket and key: /sourcebucket/sourcekey.";
}
