//! What the service keeps of an upload's headers, through uploads, copies and deletion.

use partproof_model::{Headers, rules};

use crate::bucket::{Bucket, Sent, accepted, refused};

const KEY: &str = "x-oss-meta-client-side-encryption-key";

/// The object's metadata, as every read returns it.
fn metadata(bucket: &mut Bucket, key: &str) -> Headers {
    accepted(bucket.step(|service| service.head(key)))
        .object
        .metadata
}

fn text(headers: &Headers, name: &str) -> Option<String> {
    Some(headers.value(name)?.text()?.to_owned())
}

#[test]
fn user_metadata_content_headers_and_envelope_are_kept_and_nothing_else() {
    let mut bucket = Bucket::new();
    let sent = Sent::client(0, 0)
        .plain("x-oss-meta-colour", "blue")
        .plain("Content-Type", "text/plain")
        .plain("x-oss-forbid-overwrite", "false")
        .plain("date", "today");
    accepted(bucket.put("object", &sent));
    let kept = metadata(&mut bucket, "object");
    assert_eq!(text(&kept, "x-oss-meta-colour").as_deref(), Some("blue"));
    assert_eq!(text(&kept, "content-type").as_deref(), Some("text/plain"));
    assert!(text(&kept, KEY).is_some());
    assert_eq!(text(&kept, "x-oss-forbid-overwrite"), None);
    assert_eq!(text(&kept, "date"), None);
}

#[test]
fn a_copy_replaces_metadata_only_if_told_to_and_never_the_envelope() {
    let mut bucket = Bucket::new();
    let sent = Sent::client(0, 0).plain("x-oss-meta-colour", "blue");
    accepted(bucket.put("object", &sent));
    let headers = Sent::none().plain("x-oss-meta-colour", "red");
    accepted(bucket.copy("object", "kept", &headers));
    accepted(bucket.copy(
        "object",
        "replaced",
        &headers.plain("x-oss-metadata-directive", "REPLACE"),
    ));
    let colour = |bucket: &mut Bucket, key| text(&metadata(bucket, key), "x-oss-meta-colour");
    assert_eq!(colour(&mut bucket, "kept").as_deref(), Some("blue"));
    assert_eq!(colour(&mut bucket, "replaced").as_deref(), Some("red"));
    let envelope = |bucket: &mut Bucket, key| text(&metadata(bucket, key), KEY);
    let original = envelope(&mut bucket, "object");
    assert!(original.is_some());
    assert_eq!(envelope(&mut bucket, "replaced"), original);
}

#[test]
fn a_deleted_object_is_gone_and_deleting_nothing_is_no_error() {
    let mut bucket = Bucket::new();
    accepted(bucket.put("object", &Sent::none()));
    accepted(bucket.step(|service| service.delete("object")));
    let read = bucket.step(|service| service.head("object"));
    refused(&read, rules::OBJECT_UNKNOWN, 404, "NoSuchKey");
    accepted(bucket.step(|service| service.delete("object")));
}

#[test]
fn a_read_under_a_condition_takes_the_etag_with_or_without_quotes() {
    let mut bucket = Bucket::new();
    let etag = accepted(bucket.put("object", &Sent::none()));
    let mut read = |wanted: &str| {
        let headers: Headers = [("If-Match", wanted)].into_iter().collect();
        bucket.step(|service| service.get("object", &headers))
    };
    accepted(read(&etag));
    accepted(read(&format!("\"{etag}\"")));
    let other = read("\"0123\"");
    refused(&other, rules::IF_MATCH, 412, "PreconditionFailed");
}
