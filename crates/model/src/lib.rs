//! The executable specification of client-side-encrypted multipart uploads to Alibaba Cloud OSS.
//!
//! Small, slow, obviously right: every other crate of Partproof asks this one for the verdict, and this one knows
//! nobody. Each rule stands in one table ([`rules`]) with its source and the strength of its evidence; nothing here
//! rejects without naming its rule. Where the evidence is ambiguous ([`question`]), more than one answer is right,
//! and a [`Verdict`] carries all of them.
//!
//! ```
//! use partproof_model::{expected_part_count, DataSize, PartSize};
//!
//! let part = PartSize::new(500_000).expect("not zero");
//! assert_eq!(expected_part_count(DataSize::new(1_000_000), part), 2);
//! ```
#![warn(clippy::arithmetic_side_effects, clippy::indexing_slicing)]

pub mod answers;
pub mod bucket_name;
pub mod cipher;
pub mod crc64;
pub mod envelope;
pub mod etag;
pub mod headers;
pub mod integer;
pub mod key_wrap;
pub mod layout;
pub mod limits;
pub mod metadata;
pub mod object_name;
pub mod part_list;
pub mod plan;
pub mod question;
pub mod range;
pub mod rules;
pub mod service;
mod size;
pub mod verdict;
pub mod xml_reader;

pub use cipher::{Cipher, ContentKey, Start};
pub use envelope::Envelope;
pub use headers::Headers;
pub use layout::Layout;
pub use plan::Plan;
pub use question::Question;
pub use rules::{RULES, Rule, Severity};
pub use service::Service;
pub use size::{ByteOffset, DataSize, PartNumber, PartSize, expected_part_count};
pub use verdict::{Objection, Rejection, Verdict};
