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
mod service;
mod value;

pub use file::{Group, Head, Note, Outcome, VectorFile};

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

/// The JSON Schema of every file.
pub fn json_schema() -> String {
    let schema = schemars::schema_for!(VectorFile);
    let mut json = serde_json::to_string_pretty(&schema).expect("a schema serialises");
    json.push('\n');
    json
}
