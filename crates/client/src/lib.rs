//! Client-side-encrypted multipart uploads to Alibaba Cloud OSS: a whole client over HTTP, and the pieces it is made of. The pieces are
//! values that hold no state between calls, so parts can be encrypted in any order, in parallel, and again for a retry.
//!
//! | whole | what it does |
//! | --- | --- |
//! | [`upload()`] | from a [`Source`]: parts in parallel, retries, [`Resume`], abort on failure, [`Progress`] |
//! | [`EncryptedObject`] | downloads whole, by [`ByteRange`], in parallel |
//! | [`Bucket`] | one method an operation of the service, signed |
//!
//! | piece | what it does |
//! | --- | --- |
//! | [`Plan`] | cuts an upload into parts that the service accepts |
//! | [`Layout`] | says how a plaintext lies in those parts under a [`Cipher`] |
//! | [`Encryptor`], [`Decryptor`] | turn plaintext into the bodies of parts, and back |
//! | [`Envelope`] | carries the [`ContentKey`] in headers, wrapped by a [`MasterKey`] |
//! | [`PartList`] | the body of CompleteMultipartUpload |
//! | [`answers`] | what the service says |
//!
//! All sizes and offsets are bytes. Refusals are [`Error`]s; no input makes this crate panic.
//!
//! # A file there and back
//!
//! ```no_run
//! use std::{fs::File, path::{Path, PathBuf}};
//! use partproof_client::{
//!     Bucket, Credentials, DownloadOptions, EncryptedObject, MasterKey, Resume, UploadOptions, upload,
//! };
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let credentials = Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE");
//! let bucket = Bucket::new("http://127.0.0.1:8090", "cn-hangzhou", "examplebucket", credentials)?;
//! let master = MasterKey::from_pem(&std::fs::read_to_string("master-key.pem")?)?;
//!
//! // Run again after a failure, this goes on where it stopped.
//! let options = UploadOptions {
//!     resume: Resume::Checkpoint(PathBuf::from("film.upload.json")),
//!     progress: Some(&|progress| println!("{} of {} bytes", progress.done, progress.total)),
//!     ..UploadOptions::default()
//! };
//! let uploaded = upload(&bucket, "film", &master, &File::open("film.mp4")?, &options)?;
//! println!("{} in {} parts", uploaded.etag, uploaded.part_count);
//!
//! let object = EncryptedObject::open(&bucket, "film", &master, DownloadOptions::default())?;
//! let last_kilobyte = object.read_range("-1024".parse()?)?;
//! object.read_to_file(Path::new("copy.mp4"))?;
//! # Ok(())
//! # }
//! ```
//!
//! # An upload from its pieces
//!
//! ```
//! # fn put_part(_upload_id: &str, number: u32, _body: &[u8]) -> String { format!("\"etag-{number}\"") }
//! use partproof_client::{Cipher, ContentKey, Encryptor, Envelope, Layout, MasterKey, PartList, WrapAlg};
//! use partproof_client::answers::Initiated;
//!
//! # fn main() -> Result<(), partproof_client::Error> {
//! # use aws_lc_rs::{encoding::AsDer, rsa::KeySize, rsa::PrivateDecryptingKey};
//! # let pkcs8 = PrivateDecryptingKey::generate(KeySize::Rsa2048).unwrap();
//! # let pem = pem::encode(&pem::Pem::new("PRIVATE KEY", pkcs8.as_der().unwrap().as_ref()));
//! let plaintext = vec![7; 250_000];
//! let master = MasterKey::from_pem(&pem)?;
//!
//! // One content key per object, one layout for the headers, the parts and the part list.
//! let key = ContentKey::generate(Cipher::Ctr)?;
//! let layout = Layout::new(Cipher::Ctr, 250_000, 102_400)?;
//! layout.plan()?; // the service's own limits
//! let encryptor = Encryptor::new(&key, layout)?;
//!
//! // Initiate carries the envelope; every part is then encrypted by itself.
//! let headers = Envelope::seal(&master, WrapAlg::RsaPkcs1, &key, Some(&layout), Cipher::Ctr)?;
//! let initiated = Initiated::read(b"<InitiateMultipartUploadResult><Bucket>examplebucket</Bucket>\
//!     <Key>multipart.data</Key><UploadId>0004B9B2</UploadId></InitiateMultipartUploadResult>")?;
//!
//! let mut list = PartList::new(layout.part_count())?;
//! for (number, part) in (1..).zip(plaintext.chunks(102_400)) {
//!     let mut body = part.to_vec();
//!     encryptor.encrypt_in_place(number, &mut body)?;
//!     list.add(number, &put_part(&initiated.upload_id, number, &body))?;
//! }
//! assert!(list.to_xml()?.starts_with(b"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber>"));
//!
//! // A reader has the headers and the master key.
//! let envelope = Envelope::open(&master, headers.iter().map(|(name, value)| (name.as_str(), value.as_str())))?;
//! assert_eq!((envelope.data_size, envelope.part_size), (Some(250_000), Some(102_400)));
//! # Ok(())
//! # }
//! ```
//!
//! # An object with one tag
//!
//! GCM object gives the bytes of one-shot AES-256-GCM. Its tag follows the last byte, and here does not fit that part:
//!
//! ```
//! # fn main() -> Result<(), partproof_client::Error> {
//! use partproof_client::{Cipher, ContentKey, Decryptor, Encryptor, Layout};
//!
//! let layout = Layout::new(Cipher::GcmObject, 204_790, 102_400)?;
//! assert_eq!((layout.data_size(), layout.part_count()), (204_806, 3));
//!
//! let key = ContentKey::generate(Cipher::GcmObject)?;
//! let bodies = Encryptor::new(&key, layout)?.encrypt_object(&[1; 204_790])?;
//! assert_eq!(bodies[2].len(), 6); // nothing but the end of the tag
//!
//! assert_eq!(Decryptor::new(&key, layout)?.open_object(&bodies)?, [1; 204_790]);
//! # Ok(())
//! # }
//! ```

#![cfg_attr(
    not(test),
    warn(clippy::arithmetic_side_effects, clippy::indexing_slicing)
)]

pub mod answers;
mod bucket;
mod byte_range;
mod checkpoint;
mod checksum;
mod cipher;
mod content_cipher;
mod content_key;
mod credentials;
mod crew;
mod ctr;
mod decrypt;
mod encrypt;
mod encrypted_object;
mod endpoint;
mod envelope;
mod error;
mod fate;
mod gcm;
mod gcm_object;
mod gcm_part;
mod ghash;
mod layout;
mod master_key;
mod part_list;
mod part_stream;
mod part_transfer;
mod plan;
mod progress;
mod refusal;
mod reply;
mod request;
mod retry;
mod signature;
mod source;
mod upload;
mod upload_options;
mod wrap_alg;
mod wrapped_envelope;
mod xml;

pub use bucket::{Bucket, Head, Stored};
pub use byte_range::ByteRange;
pub use checkpoint::Checkpoint;
pub use cipher::Cipher;
pub use content_key::{ContentKey, KEY_SIZE, START_SIZE};
pub use credentials::Credentials;
pub use ctr::apply_keystream;
pub use decrypt::{Decryptor, Unauthenticated};
pub use encrypt::{EncryptedPart, Encryptor, TagBytes};
pub use encrypted_object::{DownloadOptions, EncryptedObject};
pub use endpoint::Addressing;
pub use envelope::Envelope;
pub use error::Error;
pub use fate::Fate;
pub use layout::{Layout, MAX_GCM_MESSAGE, TAG_SIZE};
pub use master_key::MasterKey;
pub use part_list::PartList;
pub use part_stream::PartStream;
pub use plan::{
    MAX_OBJECT_SIZE, MAX_PART_SIZE, MAX_PARTS, MIN_PART_SIZE, PREFERRED_PART_SIZE, Parts, Plan,
    PlannedPart,
};
pub use progress::{OnProgress, Progress};
pub use refusal::Refusal;
pub use retry::Retry;
pub use signature::SignatureVersion;
pub use source::{Source, SourceState};
pub use upload::{Uploaded, upload};
pub use upload_options::{Resume, UploadOptions};
pub use wrap_alg::WrapAlg;
pub use wrapped_envelope::WrappedEnvelope;
