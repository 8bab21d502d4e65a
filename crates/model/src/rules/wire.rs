//! The rules no service enforces: what a client's plans, bytes and answers must be so that the object decrypts, for
//! this client and for every other. A breach of these uploads without an error.

use super::table;

const FEATURE: &str = "https://alibabacloud.com/help/en/oss/user-guide/client-side-encryption";
const GO: &str =
    "https://github.com/aliyun/aliyun-oss-go-sdk/blob/b6e0a2a/oss/crypto/crypto_type.go";
const PYTHON: &str =
    "https://github.com/aliyun/aliyun-oss-python-sdk/blob/eb329ec/oss2/crypto_bucket.py";
const PYTHON_HEADERS: &str =
    "https://github.com/aliyun/aliyun-oss-python-sdk/blob/eb329ec/oss2/headers.py";
const PYTHON_XML: &str =
    "https://github.com/aliyun/aliyun-oss-python-sdk/blob/eb329ec/oss2/xml_utils.py";
const PYTHON_ETAG: &str =
    "https://github.com/aliyun/aliyun-oss-python-sdk/blob/eb329ec/tests/test_mock_multipart.py";
const GCM: &str = "https://nvlpubs.nist.gov/nistpubs/Legacy/SP/nistspecialpublication800-38d.pdf";
const CTR: &str = "https://nvlpubs.nist.gov/nistpubs/Legacy/SP/nistspecialpublication800-38a.pdf";
const XML: &str = "https://www.w3.org/TR/xml/";
const ERRORS: &str = "https://www.alibabacloud.com/help/en/document_detail/32005.html";
const ABORT: &str = "https://alibabacloud.com/help/en/oss/developer-reference/abortmultipartupload";
const INITIATE: &str =
    "https://alibabacloud.com/help/en/oss/developer-reference/initiatemultipartupload";
const LIMITS: &str = "https://github.com/AlibabaCloudDocs/oss/blob/f684091/intl.en-US/Product%20Introduction/Limits.md";

table! {
    PLAN_COUNT = "plan-count", Must, [Documented, Observed], "https://alibabacloud.com/help/en/oss/user-guide/0005-00000411",
        "A plan has ceil(data size / part size) parts: no empty extra part, none missing.";
    PLAN_TILES = "plan-tiles", Must, [Documented], FEATURE,
        "The parts of a plan are numbered 1 to N and cover every byte of the object once, in order, each but the last with the part size.";
    PLAN_FEASIBLE = "plan-feasible", Should, [Documented], LIMITS,
        "Every object the service can hold, up to 10,000 parts of 5 GiB, can be planned.";
    PLAN_KEEPS_PART_SIZE = "plan-keeps-part-size", Should, [Inferred], LIMITS,
        "A part size the service accepts is planned as the caller gave it: another tool may be resuming with it.";
    REFUSAL_CLEAN = "refusal-clean", Must, [Inferred], LIMITS,
        "An impossible request is refused before anything is sent, with an error and not with a crash.";
    ANSWERS_ALL = "answers-all", Must, [Inferred], "https://cwe.mitre.org/data/definitions/248.html",
        "A client answers whatever it is asked, in time, and does not end the program that it runs in.";
    BODY_LENGTH = "body-length", Should, [Inferred], "https://help.aliyun.com/en/oss/user-guide/0005-00000419",
        "A body that is not of its part's length is refused before it is sent: whether the service checks it is open (A15).";
    DECLARED_SIZES = "declared-sizes", Must, [Documented], FEATURE,
        "The declared data size and part size are those of the bytes that are sent, tags included.";
    CTR_POSITION = "ctr-position", Must, [Computed], GO,
        "Byte i of a CTR object is its plaintext byte xor AES(key, start + i/16)[i mod 16]; part n begins at byte (n-1) * part size.";
    CTR_CARRY = "ctr-carry", Must, [Documented, Computed], CTR,
        "The counter is one 128-bit big-endian number: a carry goes through all 16 bytes, and wraps at 2^128.";
    KEYSTREAM_ONCE = "keystream-once", Must, [Documented], CTR,
        "Under one key and start no counter block encrypts two different positions of the plaintext.";
    ENCRYPT_DETERMINISTIC = "encrypt-deterministic", Must, [Inferred], GO,
        "The bytes of a part depend only on key, start, sizes, number and plaintext: not on order, retries or chunking.";
    ROUND_TRIP = "round-trip", Must, [Inferred], PYTHON,
        "What was encrypted decrypts to the same bytes.";
    RANGE_EXACT = "range-exact", Must, [Documented], PYTHON,
        "Decrypting bytes from any offset gives the plaintext at that offset.";
    GCM_OBJECT_BYTES = "gcm-object-bytes", Must, [Documented], GCM,
        "The parts of a GCM object, joined, are the bytes and the tag of one-shot AES-256-GCM over the whole object.";
    GCM_OBJECT_TAG = "gcm-object-tag", Must, [Inferred], GCM,
        "The tag of a GCM object follows its last byte; where the last part has less than 16 bytes free it spills into one more part.";
    GCM_PART_SEAL = "gcm-part-seal", Must, [Documented], GCM,
        "Each part of a GCM-part object is sealed by itself, with its number in the nonce and sizes, number and count as associated data.";
    GCM_AUTHENTIC = "gcm-authentic", Must, [Documented], GCM,
        "A GCM object or part that was changed, moved, dropped or cut is refused, and none of it is released.";
    GCM_MESSAGE_LIMIT = "gcm-message-limit", Must, [Documented], GCM,
        "One AES-GCM message has at most 2^36 - 32 bytes of plaintext.";
    WRAPPED_LENGTH = "wrapped-length", Must, [Observed], GO,
        "The unwrapped content key has 32 bytes and the unwrapped start has 16.";
    ENVELOPE_COMPLETE = "envelope-complete", Must, [Observed], PYTHON_HEADERS,
        "An envelope that is written says everything a reader needs, once, each value Base64 or plain as its header demands.";
    ENVELOPE_TOLERANT = "envelope-tolerant", Should, [Observed], PYTHON_HEADERS,
        "An envelope is read whatever the case and order of its headers and the spelling of its material description.";
    ENVELOPE_STRICT = "envelope-strict", Must, [Inferred], PYTHON_HEADERS,
        "An envelope that is incomplete, unknown or unwraps to the wrong lengths is refused, never taken for plaintext.";
    PART_LIST_ETAG = "part-list-etag", Must, [Observed], PYTHON_XML,
        "Each ETag in the part list, after unescaping, is the one the service returned; quotes around it are optional.";
    PART_LIST_COMPLETE = "part-list-complete", Must, [Observed], PYTHON_XML,
        "The part list has every uploaded part, once, in ascending order of its number.";
    PART_LIST_LIBERAL = "part-list-liberal", Must, [Observed], PYTHON_XML,
        "A part list is read in every spelling shipped clients send: quotes, entities, order of children, blanks, declaration.";
    XML_BOUNDED = "xml-bounded", Must, [Documented], XML,
        "XML that is hostile or broken is refused in bounded time and memory.";
    ANSWER_FIELDS = "answer-fields", Must, [Documented], ERRORS,
        "Every field of an answer is read as the service meant it, unescaped and URL-decoded exactly once.";
    PART_ETAG = "part-etag", Must, [Documented, Observed], "https://help.aliyun.com/en/oss/developer-reference/uploadpart",
        "The ETag of a part is the upper-case hexadecimal MD5 of its body.";
    OBJECT_ETAG = "object-etag", Must, [Computed, Observed], PYTHON_ETAG,
        "The ETag of a multipart object is the MD5 of its parts' upper-case ETags, with the number of parts behind a hyphen.";
    CALLS_INDEPENDENT = "calls-independent", Must, [Documented], CTR,
        "Every upload has a content key or a counter range of its own, and leaves its caller's file as it was.";
    METADATA_KEPT = "metadata-kept", Should, [Documented], INITIATE,
        "User metadata, a content type and the MD5 of a plaintext are stored as the caller gave them, beside the envelope.";
    FAILURE_TOLD = "failure-told", Must, [Inferred], ERRORS,
        "An upload that is said to have succeeded is there; one that failed says so, with the service's code where the service refused.";
    ORPHAN_TOLD = "orphan-told", Must, [Inferred], ABORT,
        "A failed upload is aborted, or named as still open: its parts are stored, and paid for, until somebody aborts it.";
    RESUME_COHERENT = "resume-coherent", Must, [Inferred], FEATURE,
        "An upload that is resumed ends as the object of one source and one plan, or is refused.";
    CHECKPOINT_SECRET = "checkpoint-secret", Must, [Inferred], FEATURE,
        "What is kept to resume an upload holds neither content key nor counter start nor plaintext in the clear.";
    SOURCE_COHERENT = "source-coherent", Must, [Inferred], FEATURE,
        "An object is one version of its source, whole: a source that changes, ends early or goes on is refused.";
    STORED_BYTES = "stored-bytes", Must, [Inferred], FEATURE,
        "What is read back is what was sent: checksums and ranges are over ciphertext.";
}
