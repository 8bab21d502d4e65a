//! Test vectors for encrypted multipart uploads, as `docs/VECTORS.md` describes them. They are data: the JSON files are the source. [`refresh`]
//! makes what follows from a file's cases anew; [`read`] takes a file only if it knows all of it; [`verify`] holds a subject to one.

mod aes_ctr;
mod declared_sizes;
mod envelope;
mod file;
mod gcm_object;
mod gcm_part;
mod json;
mod object;
mod part_list;
mod plan;
mod read;
mod record;
mod refresh;
#[cfg(feature = "schema")]
mod schema;
mod service;
mod test;
mod value;
mod verify;

pub use file::{Group, Note, Outcome, VectorFile};
pub use read::{LONGEST_FILE, VectorError, read};
pub use record::{RecordError, record};
pub use refresh::refresh;
#[cfg(feature = "schema")]
pub use schema::json_schema;
pub use test::{Head, Test};
pub use verify::{Accused, Failure, FileReport, Reason, verify};

/// The files and their names.
pub fn all() -> Vec<(&'static str, VectorFile)> {
    let file = |text: &str| read(text.as_bytes()).expect("a test reads each");
    FILES.map(|(name, text)| (name, file(text))).into()
}

/// A file of this crate.
macro_rules! data {
    ($name:literal) => {
        ($name, include_str!(concat!("../data/", $name)))
    };
}

/// The JSON Schema of every file, and its name.
pub const SCHEMA: (&str, &str) = data!("schema-v1.json");

/// The files and their names.
pub const FILES: [(&str, &str); 10] = [
    data!("plan.json"),
    data!("declared_sizes.json"),
    data!("aes_ctr.json"),
    data!("aes_gcm_object.json"),
    data!("aes_gcm_part.json"),
    data!("envelope.json"),
    data!("part_list.json"),
    data!("service.json"),
    data!("object.json"),
    data!("sdk_object.json"),
];
