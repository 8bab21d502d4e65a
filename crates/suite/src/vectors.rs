//! Test vectors for encrypted multipart uploads, as `docs/VECTORS.md` describes them: the model makes them, the same
//! bytes every time; [`read`] takes a file only if it knows all of it; [`verify`] holds a subject to one.

mod aes_ctr;
mod cases;
mod declared_sizes;
mod draft;
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
mod schema;
mod service;
mod small;
mod value;
mod verify;

pub use file::{Group, Head, Note, Outcome, Test, VectorFile};
pub use read::{LONGEST_FILE, VectorError, read};
pub use record::{RecordError, record};
pub use schema::json_schema;
pub(crate) use small::{header_lines, part_lists, small};
pub use verify::{Accused, Failure, FileReport, Reason, verify};

/// All files and their names: those that this version makes, and the objects that published SDKs wrote, which no run makes again.
pub fn all() -> Vec<(&'static str, VectorFile)> {
    let recorded = read(SDK_OBJECT.as_bytes()).expect("a test reads the file");
    let mut files = generate();
    files.push(("sdk_object.json", recorded));
    files
}

const SDK_OBJECT: &str = include_str!("../../../tests/vectors/sdk_object.json");

/// The files and their names, as this version makes them.
pub fn generate() -> Vec<(&'static str, VectorFile)> {
    vec![
        ("plan.json", cases::plan::file()),
        ("declared_sizes.json", cases::declared_sizes::file()),
        ("aes_ctr.json", cases::aes_ctr::file()),
        ("aes_gcm_object.json", cases::gcm_object::file()),
        ("aes_gcm_part.json", cases::gcm_part::file()),
        ("envelope.json", cases::envelope::file()),
        ("part_list.json", cases::part_list::file()),
        ("service.json", cases::service::file()),
        ("object.json", cases::object::file()),
    ]
}
