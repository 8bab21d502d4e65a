//! The rules the service enforces: the CSE family 0005-000004xx, then the general ones of multipart uploads.

use super::table;

const CSE: Option<&str> = Some("InvalidEncryptionRequest");
const ONCE: &str = "The parameters of client encryption are allowed to be set once.";
const MISSING: &str = "Miss some necessary client encryption meta parameters.";
const TOO_MANY: &str = "The parts count calculated by client encryption meta is too large.";
const BAD_SIZE: &str = "The client encryption meta data_size or part_size is invalid.";
const LIST: &str = "The client encryption part list is unexpected with init_multipart setted.";
const BEYOND: &str = "The partId must less or equal to expectedPartNumber.";
const PART_SIZE: &str = "The partSize must same with init_multipart setted except last part.";
const LAST_SIZE: &str = "The last partSize must same with init_multipart setted.";
const CHANGED: &str = "The client encryption meta is inconsistent with init_multipart setted.";
const COPY: &str = "Client encryption doesn't support upload part copy.";
const NO_UPLOAD: &str = "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.";
const BAD_XML: &str =
    "The XML you provided was not well-formed or did not validate against our published schema.";
const ORDER: &str = "The list of parts was not in ascending order.";

const HTTP_400: &str = "https://github.com/AlibabaCloudDocs/oss/blob/f684091/intl.en-US/Developer%20Guide/Troubleshooting/HTTP%20400%20status%20code.md";
const LIMITS: &str = "https://github.com/AlibabaCloudDocs/oss/blob/f684091/intl.en-US/Product%20Introduction/Limits.md";
const NAMING: &str = "https://alibabacloud.com/help/en/oss/user-guide/object-naming-conventions";
const FEATURE: &str = "https://alibabacloud.com/help/en/oss/user-guide/client-side-encryption";
const COMPLETE: &str = "https://help.aliyun.com/en/oss/developer-reference/completemultipartupload";
const CPP_TEST: &str = "https://github.com/aliyun/aliyun-oss-cpp-sdk/blob/c42600f/test/src/Encryption/CryptoObjectTest.cc";
const INDEX_05: &str = "https://alibabacloud.com/help/en/oss/support/05-encrypt";
const RANGE: &str = "https://help.aliyun.com/en/oss/user-guide/http-status-code-416";

table! {
    KEY_MISSING = "key-missing", Must, [Documented], "https://help.aliyun.com/en/oss/user-guide/0005-00000401",
        "A CSE PutObject, InitiateMultipartUpload or UploadPart carries the wrapped content key.",
        ec "0005-00000401", answer 400 CSE, MISSING;
    START_MISSING = "start-missing", Must, [Documented], "https://help.aliyun.com/en/oss/user-guide/0005-00000402",
        "A CSE PutObject, InitiateMultipartUpload or UploadPart carries the wrapped counter start.",
        ec "0005-00000402", answer 400 CSE, MISSING;
    CEK_ALG_MISSING = "cek-alg-missing", Must, [Documented], "https://help.aliyun.com/document_detail/480839.html",
        "A CSE PutObject, InitiateMultipartUpload or UploadPart names its content cipher.",
        ec "0005-00000403", answer 400 CSE, MISSING;
    WRAP_ALG_MISSING = "wrap-alg-missing", Must, [Documented], "https://help.aliyun.com/en/oss/user-guide/0005-00000404",
        "A CSE PutObject, InitiateMultipartUpload or UploadPart names its wrap algorithm.",
        ec "0005-00000404", answer 400 CSE, MISSING;
    HMAC_MISSING = "hmac-missing", Must, [Documented], "https://alibabacloud.com/help/en/oss/user-guide/0005-00000405",
        "A CSE request whose wrap algorithm is exactly `rsa` carries the magic-number HMAC.",
        ec "0005-00000405", answer 400 CSE, MISSING;
    DATA_SIZE_MISSING = "data-size-missing", Must, [Documented, Observed], "https://help.aliyun.com/en/oss/user-guide/0005-00000406",
        "A CSE InitiateMultipartUpload declares the data size.",
        ec "0005-00000406", answer 400 CSE, MISSING;
    PART_SIZE_MISSING = "part-size-missing", Must, [Documented], "https://help.aliyun.com/en/oss/user-guide/0005-00000407",
        "A CSE InitiateMultipartUpload declares the part size.",
        ec "0005-00000407", answer 400 CSE, MISSING;
    DATA_SIZE_INTEGER = "data-size-integer", Must, [Documented], "https://help.aliyun.com/en/oss/user-guide/0005-00000408",
        "The declared data size is an integer.",
        ec "0005-00000408", answer 400 CSE, BAD_SIZE;
    PART_SIZE_INTEGER = "part-size-integer", Must, [Documented], "https://help.aliyun.com/en/oss/user-guide/0005-00000409",
        "The declared part size is an integer.",
        ec "0005-00000409", answer 400 CSE, BAD_SIZE;
    COUNT_LIMIT = "count-limit", Must, [Documented], "https://help.aliyun.com/en/oss/user-guide/0005-00000410",
        "The declared sizes make at most 10,000 parts.",
        ec "0005-00000410", answer 400 CSE, TOO_MANY;
    COUNT_EXCEEDED = "count-exceeded", Must, [Documented, Observed], "https://alibabacloud.com/help/en/oss/user-guide/0005-00000411",
        "CompleteMultipartUpload lists no more parts than ceil(data size / part size).",
        ec "0005-00000411", answer 400 CSE, LIST;
    KEY_CHANGED = "key-changed", Must, [Inferred], INDEX_05,
        "An UploadPart that repeats the wrapped content key repeats it as it was at Initiate.",
        ec "0005-00000412", answer 400 CSE, CHANGED;
    START_CHANGED = "start-changed", Must, [Documented], "https://help.aliyun.com/en/oss/user-guide/0005-00000413",
        "An UploadPart that repeats the wrapped counter start repeats it as it was at Initiate.",
        ec "0005-00000413", answer 400 CSE, CHANGED;
    CEK_ALG_CHANGED = "cek-alg-changed", Must, [Inferred], INDEX_05,
        "An UploadPart that repeats the content cipher repeats it as it was at Initiate.",
        ec "0005-00000414", answer 400 CSE, CHANGED;
    WRAP_ALG_CHANGED = "wrap-alg-changed", Must, [Inferred], INDEX_05,
        "An UploadPart that repeats the wrap algorithm repeats it as it was at Initiate.",
        ec "0005-00000415", answer 400 CSE, CHANGED;
    HMAC_CHANGED = "hmac-changed", Must, [Documented], "https://alibabacloud.com/help/en/oss/user-guide/0005-00000416",
        "With the wrap algorithm `rsa`, an UploadPart repeats the magic-number HMAC as it was at Initiate.",
        ec "0005-00000416", answer 400 CSE, CHANGED;
    DATA_SIZE_CHANGED = "data-size-changed", Must, [Documented], "https://help.aliyun.com/document_detail/480678.html",
        "An UploadPart that repeats the data size repeats it as it was at Initiate.",
        ec "0005-00000417", answer 400 CSE, CHANGED;
    PART_SIZE_CHANGED = "part-size-changed", Must, [Documented], "https://help.aliyun.com/zh/oss/user-guide/0005-00000418",
        "An UploadPart that repeats the part size repeats it as it was at Initiate.",
        ec "0005-00000418", answer 400 CSE, CHANGED;
    PART_LENGTH = "part-length", Must, [Documented, Observed], "https://help.aliyun.com/en/oss/user-guide/0005-00000419",
        "The body of every part but the last has exactly the declared part size.",
        ec "0005-00000419", answer 400 CSE, PART_SIZE;
    LAST_PART_LENGTH = "last-part-length", Must, [Documented], "https://help.aliyun.com/en/oss/user-guide/0005-00000420",
        "The body of the last part has exactly what the declared data size leaves for it.",
        ec "0005-00000420", answer 400 CSE, LAST_SIZE;
    METADATA_FIXED = "metadata-fixed", Must, [Documented, Observed], "https://help.aliyun.com/en/oss/user-guide/0005-00000421",
        "CopyObject does not change the CSE metadata of an object.",
        ec "0005-00000421", answer 400 CSE, ONCE;
    COPY_SOURCE_CSE = "copy-source-cse", Must, [Documented], "https://help.aliyun.com/en/oss/user-guide/0042-00000309",
        "UploadPartCopy does not read from a client-side-encrypted object.",
        ec "0042-00000309", answer 400 CSE, COPY;
    COUNT_SHORT = "count-short", Must, [Observed], CPP_TEST,
        "CompleteMultipartUpload lists no fewer parts than ceil(data size / part size).",
        answer 400 CSE, LIST;
    PART_BEYOND_COUNT = "part-beyond-count", Must, [Documented], HTTP_400,
        "No part number of a CSE upload is above ceil(data size / part size).",
        answer 400 CSE, BEYOND;
    PART_SIZE_ALIGNED = "part-size-aligned", Must, [Documented], FEATURE,
        "The part size of an encrypted upload is a multiple of 16 bytes.",
        answer 400 CSE, BAD_SIZE;
    COPY_INTO_CSE = "copy-into-cse", Should, [Inferred], HTTP_400,
        "UploadPartCopy does not write plain bytes into a CSE upload.",
        answer 400 CSE, COPY;
    PART_NUMBER_RANGE = "part-number-range", Must, [Documented], "https://help.aliyun.com/en/oss/user-guide/0017-00000220",
        "A part number is an integer from 1 to 10,000.",
        ec "0017-00000220", answer 400 Some("InvalidArgument"), "Part number must be an integer between 1 and 10000, inclusive.";
    PART_NUMBER_MISSING = "part-number-missing", Must, [Documented], "https://help.aliyun.com/en/oss/user-guide/0017-00000219",
        "UploadPart names a part number.",
        ec "0017-00000219", answer 400 Some("InvalidArgument"), "Unexpected query string parameter";
    UPLOAD_UNKNOWN = "upload-unknown", Must, [Documented, Observed], "https://help.aliyun.com/en/oss/user-guide/0017-00000244",
        "An upload id names an upload that is open: created, and neither aborted nor completed.",
        ec "0017-00000244", answer 404 Some("NoSuchUpload"), NO_UPLOAD;
    UPLOAD_UNKNOWN_LIST = "upload-unknown-list", Must, [Documented], "https://help.aliyun.com/document_detail/479985.html",
        "The upload id of AbortMultipartUpload and ListParts names an upload that is open.",
        ec "0042-00000002", answer 404 Some("NoSuchUpload"), NO_UPLOAD;
    UPLOAD_UNKNOWN_PART = "upload-unknown-part", Must, [Documented], "https://help.aliyun.com/document_detail/479985.html",
        "The upload id of UploadPart names an upload that is open.",
        ec "0042-00000104", answer 404 Some("NoSuchUpload"), NO_UPLOAD;
    UPLOAD_UNKNOWN_COPY = "upload-unknown-copy", Must, [Documented], "https://help.aliyun.com/document_detail/479985.html",
        "The upload id of UploadPartCopy names an upload that is open.",
        ec "0042-00000311", answer 404 Some("NoSuchUpload"), NO_UPLOAD;
    PART_LIST_XML = "part-list-xml", Must, [Documented, Observed], HTTP_400,
        "The body of CompleteMultipartUpload is a `CompleteMultipartUpload` element of one or more `Part`s, each with one `PartNumber` and one `ETag`.",
        ec "0042-00000205", answer 400 Some("MalformedXML"), BAD_XML;
    PART_LIST_ORDER = "part-list-order", Must, [Documented], "https://help.aliyun.com/en/oss/user-guide/0042-00000209",
        "The listed parts ascend by number, each once.",
        ec "0042-00000209", answer 400 Some("InvalidPartOrder"), ORDER;
    PART_LIST_NUMBER = "part-list-number", Must, [Documented], HTTP_400,
        "Every listed part number is from 1 to 10,000.",
        answer 400 Some("InvalidPartOrder"), "part number must be between 1 and 10000";
    PART_LIST_PART = "part-list-part", Must, [Documented, Observed], HTTP_400,
        "Every listed part was uploaded, and its ETag is the one the service returned.",
        answer 400 Some("InvalidPart"), "One or more of the specified parts could not be found or the specified entity tag might not have matched the part's entity tag.";
    PART_TOO_SMALL = "part-too-small", Must, [Documented, Observed], "https://help.aliyun.com/en/oss/user-guide/0042-00000213",
        "Every listed part but the last has at least 102,400 bytes.",
        ec "0042-00000213", answer 400 Some("EntityTooSmall"), "Your proposed upload smaller than the minimum allowed size.";
    PART_TOO_LARGE = "part-too-large", Must, [Documented], "https://help.aliyun.com/en/oss/developer-reference/uploadpart",
        "No part has more than 5 GiB.",
        answer 400 None, "Your proposed upload exceeds the maximum allowed size.";
    OBJECT_TOO_LARGE = "object-too-large", Must, [Documented], LIMITS,
        "An object has at most 10,000 parts of 5 GiB by multipart upload, and 5 GiB by a single put.",
        answer 400 None, "Your proposed upload exceeds the maximum allowed size.";
    COMPLETE_ALL_BODY = "complete-all-body", Must, [Documented, Observed], "https://help.aliyun.com/zh/oss/user-guide/0042-00000216",
        "CompleteMultipartUpload with `x-oss-complete-all: yes` has no body.",
        ec "0042-00000216", answer 400 Some("InvalidArgument"), "Should not speficy both complete all header and http body.";
    COMPLETE_NOTHING = "complete-nothing", Must, [Inferred], COMPLETE,
        "An upload of which no part is stored cannot be completed.",
        answer 400 None, "No part was uploaded.";
    FORBID_OVERWRITE = "forbid-overwrite", Must, [Documented], COMPLETE,
        "With `x-oss-forbid-overwrite: true` no object of that name exists.",
        answer 409 Some("FileAlreadyExists"), "The object you specified already exists and can not be overwritten.";
    CONTENT_MD5 = "content-md5", Must, [Documented, Observed], HTTP_400,
        "A Content-MD5 that is sent is the MD5 of the body as sent: of ciphertext.",
        answer 400 Some("InvalidDigest"), "The Content-MD5 you specified was invalid.";
    CRC64_DECLARED = "crc64-declared", Must, [Documented], HTTP_400,
        "An `x-oss-hash-crc64ecma` that is sent is the CRC-64 of the body as sent: of ciphertext.",
        answer 400 Some("InvalidCRC64"), "The CRC64 you specified was invalid.";
    OBJECT_NAME_EMPTY = "object-name-empty", Must, [Documented], NAMING,
        "An object name is not empty.",
        ec "0016-00000001", answer 400 Some("InvalidObjectName"), "The specified object is not valid.";
    OBJECT_NAME_LENGTH = "object-name-length", Must, [Documented], NAMING,
        "An object name has at most 1,023 bytes of UTF-8.",
        ec "0016-00000002", answer 400 Some("InvalidObjectName"), "The length of the object name must be less than 1024.";
    OBJECT_NAME_SLASH = "object-name-slash", Must, [Documented], NAMING,
        "An object name does not begin with `/` or `\\`.",
        ec "0016-00000005", answer 400 Some("InvalidObjectName"), "The specified object is not valid.";
    OBJECT_UNKNOWN = "object-unknown", Must, [Documented], "https://help.aliyun.com/en/oss/developer-reference/getobject",
        "The object that is read exists.",
        answer 404 Some("NoSuchKey"), "The specified key does not exist.";
    RANGE_UNSATISFIABLE = "range-unsatisfiable", Must, [Documented], RANGE,
        "With `x-oss-range-behavior: standard` a range begins inside the object.",
        answer 416 Some("InvalidRange"), "The requested range cannot be satisfied.";
    COPY_TOO_LARGE = "copy-too-large", Must, [Documented], "https://github.com/AlibabaCloudDocs/oss/blob/f684091/intl.en-US/API%20Reference/Object%20operations/Basic%20operations/CopyObject.md",
        "CopyObject reads a source below 1 GiB (2021 page).",
        answer 400 None, "The source object is too large to copy.";
    LIST_PAGE = "list-page", Must, [Documented], "https://alibabacloud.com/help/en/oss/developer-reference/listparts",
        "ListParts returns at most 1,000 parts a page.",
        answer 400 Some("InvalidArgument"), "max-parts must be an integer between 1 and 1000.";
}
