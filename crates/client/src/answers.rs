//! The service's answers: what Initiate, Complete and ListParts return, and the error document. The readers take any spelling of
//! XML and ignore elements they do not know, since the service adds some; a scalar element given twice, a document that is cut
//! short or goes on after its end, a DTD, and any entity of its own are refused. Text is returned exactly as it was meant, unescaped
//! and untrimmed, ETags with their quotes.

mod completed;
mod encoded_key;
mod initiated;
mod part_page;
mod service_error;

pub use completed::Completed;
pub use initiated::Initiated;
pub use part_page::{ClientEncryption, PartPage, StoredPart};
pub use service_error::ServiceError;

/// The longest answer that is read, lists excepted: 1 MiB.
const MAX_ANSWER: usize = 1 << 20;
/// The longest list that is read: 8 MiB.
const MAX_LIST: usize = 8 << 20;
