//! Metadata: the headers of an upload that the service keeps with the object and gives back on every read (PutObject and
//! InitiateMultipartUpload of service-rules.md 4.2). The envelope is part of it.

use crate::envelope;
use crate::headers::Headers;

/// Content headers that are kept.
const CONTENT: &[&str] = &[
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-type",
    "expires",
];

/// User metadata begins with this.
pub const USER: &str = "x-oss-meta-";

/// What an object keeps of its metadata when the rest is replaced by a request's: its envelope.
pub fn replaced(held: &Headers, headers: &Headers) -> Headers {
    let mut metadata = of(headers);
    let envelope = held
        .iter()
        .filter(|(name, _)| name.starts_with(envelope::PREFIX));
    for (name, value) in envelope {
        metadata.set(name, value.bytes());
    }
    metadata
}

/// Those of a request's headers that are kept.
pub fn of(headers: &Headers) -> Headers {
    let kept = |name: &str| name.starts_with(USER) || CONTENT.contains(&name);
    headers
        .iter()
        .filter(|(name, _)| kept(name))
        .map(|(name, value)| (name, value.bytes()))
        .collect()
}
