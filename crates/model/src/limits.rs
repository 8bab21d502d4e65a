//! Every limit of service-rules.md section 4.1, in bytes where it is a size. "KB", "GB" and "TB" in the service's
//! pages are powers of 1,024: its SDKs compare with 102,400 and 5 * 1,024^3.

/// Part numbers run from 1 to this.
pub const MAX_PART_NUMBER: u64 = 10_000;

/// An upload has at most this many parts.
pub const MAX_PART_COUNT: u64 = 10_000;

/// Every part but the last listed one has at least this many bytes; checked only at Complete.
pub const MIN_PART_SIZE: u64 = 100 * 1024;

/// No part has more bytes than this.
pub const MAX_PART_SIZE: u64 = 5 * 1024 * 1024 * 1024;

/// The largest object a multipart upload can make: 10,000 parts of 5 GiB, which the pages call 48.8 TB.
pub const MAX_MULTIPART_OBJECT: u64 = MAX_PART_COUNT * MAX_PART_SIZE;

/// The largest object of a single PUT, POST or append.
pub const MAX_SINGLE_PUT: u64 = 5 * 1024 * 1024 * 1024;

/// ListParts and ListMultipartUploads return this many entries unless asked for fewer, and never more.
pub const MAX_LIST_PAGE: u64 = 1_000;

/// CopyObject takes sources below this size (2021 page).
pub const COPY_OBJECT_BELOW: u64 = 1024 * 1024 * 1024;

/// A request whose date is further off than this many seconds is refused.
pub const MAX_CLOCK_SKEW_SECONDS: u64 = 15 * 60;

/// An object name has from 1 to this many bytes of UTF-8.
pub const MAX_OBJECT_NAME: usize = 1_023;

/// The part size of an encrypted upload is a multiple of this: the block size of AES.
pub const PART_SIZE_ALIGNMENT: u64 = 16;

/// The largest value `data-size` and `part-size` can have: what a signed 64-bit integer holds (question A16).
pub const MAX_DECLARED_SIZE: u64 = 9_223_372_036_854_775_807;

/// The most plaintext one AES-GCM message can hold: 2^36 - 32 bytes (NIST SP 800-38D, 5.2.1.1).
pub const MAX_GCM_MESSAGE: u64 = (1 << 36) - 32;

/// The most bytes a part list may have here: 10,000 parts in the most verbose spelling seen, ten times over.
pub const MAX_PART_LIST_BODY: usize = 8 * 1024 * 1024;

/// The most bytes an answer may have here: a page of 1,000 parts takes a few hundred KiB.
pub const MAX_ANSWER: usize = 8 * 1024 * 1024;
