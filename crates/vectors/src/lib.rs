//! The test vectors as they stand: JSON that any language reads, described by `schema-v1.json` beside it.

/// A file of this crate.
macro_rules! data {
    ($name:literal) => {
        ($name, include_str!(concat!("../data/", $name)))
    };
}

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
