//! Uploads and downloads of a whole client, and what its features promise of them.

use partproof_model::Cipher;
use partproof_model::envelope::MATDESC;
use partproof_model::metadata::USER;
use partproof_protocol::{
    Description, DownloadArguments, Downloaded, Feature, Range, Request, UploadArguments,
    UploadOptions, Uploaded,
};
use partproof_suite::case::envelope::{EnvelopeCase, HeaderSpelling};
use partproof_suite::subject::client::Service;
use partproof_whole_client::case::download::DownloadCase;
use partproof_whole_client::case::download::reader::Reader;
use partproof_whole_client::laws::download;
use partproof_whole_client::laws::written::store;
use partproof_whole_client::stage::Stage;
use serde_json::{Map, Value};

use super::words::{etag_of, why};
use super::{FILE, KEY, PART_SIZE, START, Trial, cipher_of};
use crate::program::service_arguments;

const OBJECT: &str = "smoke.data";
const MODELS_OBJECT: &str = "model.data";

/// The file as the model encrypts and stores it.
fn models_object() -> DownloadCase {
    DownloadCase {
        envelope: EnvelopeCase {
            cipher: Cipher::Ctr,
            oaep: false,
            key: KEY,
            start: START,
            sizes: Some((FILE.length, PART_SIZE)),
            description: None,
            spelling: HeaderSpelling::default(),
            sent: None,
        },
        plaintext: FILE,
        part_size: Some(PART_SIZE),
        range: None,
        damage: None,
        faults: Vec::new(),
        reader: Reader::default(),
    }
}

impl Trial<'_> {
    pub(super) fn upload(&mut self, stage: &Stage, description: &Description) {
        let Some(signature) = self.signature(description) else {
            return;
        };
        let request = |service: Service<'_>, file: &str| {
            Request::Upload(UploadArguments {
                service: service_arguments(&service, OBJECT),
                file: stage.path(file).to_string_lossy().into_owned(),
                part_size: Some(PART_SIZE),
                options: UploadOptions {
                    cipher: cipher_of(description),
                    parallel: 2,
                    checkpoint: None,
                    announced: None,
                    position: 0,
                    metadata: Map::default(),
                    content_type: None,
                    content_md5: None,
                    stream: false,
                },
            })
        };
        self.step(
            "upload, of a file that is not there",
            "an `err`, and not the end",
            |trial| match trial.ask::<Uploaded>(&request(stage.service(signature), "nothing"))? {
                Err(_) => trial.describe().map(drop),
                Ok(uploaded) => Err(format!("success is told: {}", etag_of(&uploaded))),
            },
        );
        self.step(
            "upload, with a wrong secret",
            "an `err`, best with the service's code SignatureDoesNotMatch",
            |trial| {
                let source = stage.source("source", FILE);
                source.map_err(why)?;
                let service = Service {
                    access_key_secret: "WRONG",
                    ..stage.service(signature)
                };
                match trial.ask::<Uploaded>(&request(service, "source"))? {
                    Err(_) => Ok(()),
                    Ok(uploaded) => Err(format!("success is told: {}", etag_of(&uploaded))),
                }
            },
        );
        let expected = format!(
            "an object of {} bytes at the endpoint that was given",
            FILE.length
        );
        self.step("upload", &expected, |trial| {
            let uploaded: Uploaded = trial.must(&request(stage.service(signature), "source"))?;
            match stage.emulator.object(OBJECT) {
                Some(_) => Ok(()),
                None => Err(format!(
                    "success is told, and there is no object `{OBJECT}`: {}",
                    etag_of(&uploaded)
                )),
            }
        });
        self.upload_with_features(
            stage,
            description,
            request(stage.service(signature), "source"),
        );
    }

    /// What features promise of an upload is seen at the object.
    fn upload_with_features(&mut self, stage: &Stage, description: &Description, plain: Request) {
        let Request::Upload(mut asked) = plain else {
            return;
        };
        let can = |feature| description.features.contains(&feature);
        let pair = |name: &str, value: &str| {
            std::iter::once((name.to_owned(), Value::from(value))).collect::<Map<_, _>>()
        };
        let mut expected = Vec::new();
        if can(Feature::Describes) {
            asked.service.master_key.description = Some(pair("key", "seed"));
            expected.push((MATDESC.to_owned(), "seed"));
        }
        if can(Feature::Metadata) {
            asked.options.metadata = pair("author", "somebody");
            asked.options.content_type = Some("text/plain".to_owned());
            expected.push((format!("{USER}author"), "somebody"));
            expected.push(("content-type".to_owned(), "text/plain"));
        }
        if can(Feature::Reuses) {
            asked.service.client = Some(1);
        }
        if expected.is_empty() && asked.service.client.is_none() {
            return;
        }
        let names: Vec<_> = expected.iter().map(|(name, _)| name.as_str()).collect();
        let told = match names.is_empty() {
            true => "an object".to_owned(),
            false => format!("an object with {}", names.join(", ")),
        };
        self.step("upload, as its features promise", &told, |trial| {
            trial.must::<Uploaded>(&Request::Upload(asked))?;
            let object = stage.emulator.object(OBJECT);
            let object = object.ok_or_else(|| format!("there is no object `{OBJECT}`"))?;
            let has = |(name, text): &(String, &str)| {
                let value = object.metadata.value(name);
                value.is_some_and(|value| value.to_string().contains(text))
            };
            match expected.iter().find(|header| !has(header)) {
                None => Ok(()),
                Some((name, text)) => Err(format!("the object's {name} does not hold `{text}`")),
            }
        });
    }

    pub(super) fn download(&mut self, stage: &Stage, description: &Description) {
        let Some(signature) = self.signature(description) else {
            return;
        };
        let request = |object: &str, range| {
            Request::Download(DownloadArguments {
                service: service_arguments(&stage.service(signature), object),
                file: stage.path("copy").to_string_lossy().into_owned(),
                range,
                pieces: None,
            })
        };
        let copy = |downloaded: &Downloaded, expected: &[u8]| {
            let left = download::downloaded(&stage.path("copy"), FILE.length).map_err(why)?;
            if let Some((expected, actual)) = left.difference(expected) {
                return Err(format!("{actual}, expected {expected}"));
            }
            match usize::try_from(downloaded.length) == Ok(left.bytes.len()) {
                true => Ok(()),
                false => Err(format!(
                    "`length` is {}, and {} bytes are there",
                    downloaded.length,
                    left.bytes.len()
                )),
            }
        };
        self.step(
            "download, of an object that is not there",
            "an `err`, best with the service's code NoSuchKey",
            |trial| match trial.ask::<Downloaded>(&request("no such object", None))? {
                Err(_) => Ok(()),
                Ok(downloaded) => Err(format!("success is told: {} bytes", downloaded.length)),
            },
        );
        // Not what the adapter itself uploaded: that may be wrong, or missing.
        let stored = store(stage, MODELS_OBJECT, &models_object());
        self.step("download", "an object that the model wrote", |trial| {
            stored.map_err(why)?;
            let downloaded: Downloaded = trial.must(&request(MODELS_OBJECT, None))?;
            copy(&downloaded, &FILE.bytes())
        });
        let reads = |feature| description.features.contains(&feature);
        if reads(Feature::Ranges) || reads(Feature::ClosedRanges) {
            // The plainest range: how a client reads others is a matter of laws.
            self.step(
                "download, first 16 and last 31",
                "16 bytes of it",
                |trial| {
                    let range = Some(Range {
                        first: Some(16),
                        last: Some(31),
                    });
                    let downloaded: Downloaded = trial.must(&request(MODELS_OBJECT, range))?;
                    copy(&downloaded, &FILE.slice(16..32))
                },
            );
        }
    }
}
