//! A program as a whole client.

use std::path::Path;

use partproof_protocol::{
    DescribedKey, DownloadArguments, Downloaded, ErrorAnswer, Feature, MasterKey, Range, Request,
    ServiceArguments, SignatureVersion, UploadArguments, UploadOptions,
};

use super::Program;
use partproof_suite::subject::client::{
    Abilities, ByteRange, Client, DownloadJob, Failure, Service, Signature, UploadJob, Uploaded,
};

impl Client for Program {
    fn abilities(&self) -> Abilities {
        let signatures = self
            .description
            .signatures
            .iter()
            .map(|version| match version {
                SignatureVersion::V1 => Signature::V1,
                SignatureVersion::V4 => Signature::V4,
            });
        let reads = |form| self.can(Feature::Ranges) || self.can(form);
        Abilities {
            ciphers: self.ciphers.clone(),
            wraps: self.wraps.clone(),
            signatures: signatures.collect(),
            plans: self.can(Feature::Plans),
            resumes: self.can(Feature::Resumes),
            sources: self.can(Feature::Sources),
            announces: self.can(Feature::Announces),
            closed_ranges: reads(Feature::ClosedRanges),
            open_ranges: reads(Feature::OpenRanges),
            suffix_ranges: reads(Feature::SuffixRanges),
            describes: self.can(Feature::Describes),
            metadata: self.can(Feature::Metadata),
            content_md5: self.can(Feature::ContentMd5),
            streams: self.can(Feature::Streams),
            reuses: self.can(Feature::Reuses),
            at_once: self.can(Feature::Pipelining),
            pieces: self.can(Feature::Pieces),
            several_keys: self.can(Feature::SeveralKeys),
            old_names: self.can(Feature::OldNames),
        }
    }

    fn upload(&self, service: &Service<'_>, job: &UploadJob<'_>) -> Result<Uploaded, Failure> {
        let UploadJob {
            object,
            file,
            cipher,
            part_size,
            concurrency,
            checkpoint,
            announced,
            position,
            metadata,
            content_type,
            content_md5,
            is_stream,
        } = *job;
        let answer: partproof_protocol::Uploaded = self
            .ask(&Request::Upload(UploadArguments {
                service: service_arguments(service, object),
                file: path(file),
                part_size,
                options: UploadOptions {
                    cipher: cipher.cek_alg().to_owned(),
                    parallel: concurrency,
                    checkpoint: checkpoint.map(path),
                    announced,
                    position,
                    metadata: map(metadata),
                    content_type: content_type.map(str::to_owned),
                    content_md5: content_md5.map(str::to_owned),
                    stream: is_stream,
                },
            }))
            .map_err(failure)?;
        Ok(Uploaded { etag: answer.etag })
    }

    fn download(&self, service: &Service<'_>, job: &DownloadJob<'_>) -> Result<(), Failure> {
        let DownloadJob {
            object,
            file,
            range,
            pieces,
        } = *job;
        let range = range.map(|range| match range {
            ByteRange::Closed { first, last } => Range {
                first: Some(first),
                last: Some(last),
            },
            ByteRange::From { first } => Range {
                first: Some(first),
                last: None,
            },
            ByteRange::Suffix { length } => Range {
                first: None,
                last: Some(length),
            },
        });
        let request = Request::Download(DownloadArguments {
            service: service_arguments(service, object),
            file: path(file),
            range,
            pieces: pieces.map(|pieces| partproof_protocol::Pieces {
                sizes: pieces.sizes.clone(),
                first: pieces.first,
            }),
        });
        self.ask::<Downloaded>(&request).map(drop).map_err(failure)
    }
}

/// A service and an object as a request names them.
pub fn service_arguments(service: &Service<'_>, object: &str) -> ServiceArguments {
    let Service {
        endpoint,
        region,
        bucket,
        access_key_id,
        access_key_secret,
        signature,
        master,
        description,
        others,
        shared,
    } = *service;
    let others = others.iter().map(|other| DescribedKey {
        public: other.master.public.to_owned(),
        private: other.master.private.to_owned(),
        description: map(other.description),
    });
    ServiceArguments {
        endpoint: endpoint.to_owned(),
        region: region.to_owned(),
        bucket: bucket.to_owned(),
        object: object.to_owned(),
        access_key_id: access_key_id.to_owned(),
        access_key_secret: access_key_secret.to_owned(),
        signature: match signature {
            Signature::V1 => SignatureVersion::V1,
            Signature::V4 => SignatureVersion::V4,
        },
        master_key: MasterKey {
            public: master.public.to_owned(),
            private: master.private.to_owned(),
            description: (!description.is_empty()).then(|| map(description)),
            others: others.collect(),
        },
        client: shared,
    }
}

fn map(pairs: &[(String, String)]) -> serde_json::Map<String, serde_json::Value> {
    let pairs = pairs.iter();
    pairs
        .map(|(name, value)| (name.clone(), value.clone().into()))
        .collect()
}

/// A path of ours as text: a stage is set in a folder whose name is UTF-8, or the program says that it finds no file.
fn path(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn failure(error: ErrorAnswer) -> Failure {
    Failure {
        message: error.message,
        code: error.code,
    }
}
