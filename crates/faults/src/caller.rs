//! Whole clients: what becomes of what a caller passes with an upload, and of a client that serves more than one.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use data_encoding::{BASE64, HEXLOWER};
use partproof_client as client;
use partproof_client::ContentKey;
use partproof_model::etag::md5;
use partproof_suite::subject::client::{
    Abilities, Client, DownloadJob, Failure, Service, UploadJob, Uploaded,
};

use crate::Fault;
use crate::sequential::{Habits, RIGHT, Sequential};
use crate::whole::subject;

const UPLOAD: &str = "upload";

/// Uploads as the sequential client does, but for how it is asked.
pub(crate) struct Asking(pub(crate) fn(&Service<'_>, &UploadJob<'_>) -> Result<Uploaded, Failure>);

impl Client for Asking {
    fn abilities(&self) -> Abilities {
        Sequential(RIGHT).abilities()
    }

    fn upload(&self, service: &Service<'_>, job: &UploadJob<'_>) -> Result<Uploaded, Failure> {
        (self.0)(service, job)
    }

    fn download(&self, service: &Service<'_>, job: &DownloadJob<'_>) -> Result<(), Failure> {
        Sequential(RIGHT).download(service, job)
    }
}

macro_rules! asking {
    ($upload:expr) => {
        || subject(const { &$crate::caller::Asking($upload) })
    };
}
pub(crate) use asking;

pub(crate) const DESCRIPTION_DROPPED: Fault = Fault {
    id: "upload-description-dropped",
    sentence: "The master key's description is not written into the envelope.",
    seen_in: "",
    law: UPLOAD,
    cause: None,
    subject: asking!(|service, job| {
        let service = Service {
            description: &[],
            ..*service
        };
        Sequential(RIGHT).upload(&service, job)
    }),
};

pub(crate) const METADATA_DROPPED: Fault = Fault {
    id: "upload-metadata-dropped",
    sentence: "The envelope takes the place of the caller's metadata.",
    seen_in: "",
    law: UPLOAD,
    cause: None,
    subject: asking!(|service, job| {
        let job = UploadJob {
            metadata: &[],
            ..*job
        };
        Sequential(RIGHT).upload(service, &job)
    }),
};

pub(crate) const CONTENT_TYPE_DROPPED: Fault = Fault {
    id: "upload-content-type-dropped",
    sentence: "The object's content type is not the caller's, but that of the bytes that are sent.",
    seen_in: "",
    law: UPLOAD,
    cause: None,
    subject: asking!(|service, job| {
        let job = UploadJob {
            content_type: job.content_type.map(|_| "application/octet-stream"),
            ..*job
        };
        Sequential(RIGHT).upload(service, &job)
    }),
};

pub(crate) const MD5_SPELT_ANEW: Fault = Fault {
    id: "upload-md5-spelt-anew",
    sentence: "The MD5 of the plaintext is kept in hexadecimal digits, where its header has Base64.",
    seen_in: "E07",
    law: UPLOAD,
    cause: None,
    subject: asking!(|service, job| {
        let md5 = job.content_md5.map(|md5| BASE64.decode(md5.as_bytes()));
        let md5 = md5.map(|md5| HEXLOWER.encode(&md5.unwrap_or_default()));
        let job = UploadJob {
            content_md5: md5.as_deref(),
            ..*job
        };
        Sequential(RIGHT).upload(service, &job)
    }),
};

pub(crate) const CALLERS_MD5_SENT: Fault = Fault {
    id: "upload-callers-md5-sent",
    sentence: "The MD5 that the caller gives of the plaintext is sent with the ciphertext.",
    seen_in: "C06",
    law: UPLOAD,
    cause: None,
    subject: asking!(|service, job| match job.content_md5 {
        None => Sequential(RIGHT).upload(service, job),
        Some(_) => Sequential(Habits {
            part_headers: |_, plaintext| vec![(
                "content-md5".to_owned(),
                BASE64.encode(&md5(plaintext))
            )],
            ..RIGHT
        })
        .upload(service, job),
    }),
};

pub(crate) const STREAM_CUT: Fault = Fault {
    id: "upload-stream-cut",
    sentence: "Of a stream only whole blocks of 4 KiB are taken.",
    seen_in: "",
    law: UPLOAD,
    cause: None,
    subject: asking!(|service, job| match job.is_stream {
        false => Sequential(RIGHT).upload(service, job),
        true => Sequential(Habits {
            length: |length| length / 4_096 * 4_096,
            looks_again: false,
            ..RIGHT
        })
        .upload(service, job),
    }),
};

pub(crate) const EMPTY_STREAM_REFUSED: Fault = Fault {
    id: "upload-empty-stream-refused",
    sentence: "A stream that ends at once is taken for an error.",
    seen_in: "",
    law: UPLOAD,
    cause: None,
    subject: asking!(|service, job| {
        let length = job.file.metadata().map_or(0, |file| file.len());
        match job.is_stream && length == 0 {
            false => Sequential(RIGHT).upload(service, job),
            true => Err(Failure {
                message: "unexpected end of the stream".to_owned(),
                code: None,
            }),
        }
    }),
};

/// Keys by the number of the client that made them, and how many uploads are under way with each.
static KEYS: Mutex<BTreeMap<u64, (ContentKey, u32)>> = Mutex::new(BTreeMap::new());

thread_local! {
    /// The number of the client that this thread's upload goes through.
    static NUMBER: Cell<Option<u64>> = const { Cell::new(None) };
}

/// Uploads with the key that the client has, if it has one.
fn with_the_clients_key(service: &Service<'_>, job: &UploadJob<'_>) -> Result<Uploaded, Failure> {
    NUMBER.set(service.shared);
    Sequential(Habits {
        key: |_| {
            let Some(number) = NUMBER.get() else {
                return ContentKey::generate(client::Cipher::Ctr);
            };
            let mut keys = KEYS.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((key, users)) = keys.get_mut(&number) {
                *users += 1;
                return Ok(key.clone());
            }
            let key = ContentKey::generate(client::Cipher::Ctr)?;
            keys.insert(number, (key.clone(), 1));
            Ok(key)
        },
        ..RIGHT
    })
    .upload(service, job)
}

pub(crate) const KEY_OF_THE_CLIENT: Fault = Fault {
    id: "upload-key-of-the-client",
    sentence: "Key and start are kept in the client: its second upload has those of its first.",
    seen_in: "",
    law: UPLOAD,
    cause: None,
    subject: asking!(with_the_clients_key),
};

pub(crate) const KEY_WHILE_UNDER_WAY: Fault = Fault {
    id: "upload-key-while-under-way",
    sentence: "Key and start are kept in the client until the upload ends: one that begins meanwhile has them too.",
    seen_in: "",
    law: UPLOAD,
    cause: None,
    subject: asking!(|service, job| {
        let uploaded = with_the_clients_key(service, job);
        if let Some(number) = service.shared {
            let mut keys = KEYS.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((_, users)) = keys.get_mut(&number) {
                *users -= 1;
                if *users == 0 {
                    keys.remove(&number);
                }
            }
        }
        uploaded
    }),
};
