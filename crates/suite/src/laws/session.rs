//! The law of a whole session: what a client believes of its uploads after every step is what the service holds. The view is kept here by the
//! plainest means, beside the model's state machine, so that each would notice a mistake of the other.

mod upload;

use std::collections::BTreeMap;

use md5::{Digest, Md5};
use partproof_model::limits::{MAX_PART_COUNT, MIN_PART_SIZE};
use partproof_model::service::{Body, Service, UploadId};
use partproof_model::verdict::Rejection;
use partproof_model::{Headers, Verdict, rules};

use super::same_etag;
use upload::Upload;

use crate::case::session::{Listing, SessionCase, Step};
use crate::case::xml_spelling::{Element, Spelling};
use crate::class::Class as C;
use crate::law::Consequence::{DataLost, UploadRejected};
use crate::law::{Held, Law, On, SessionPieces, refused_needlessly, violated};
use crate::shown;
use crate::subject::{AnswerReader, PartListBuilder};

/// A client's view of its uploads is the service's, step by step.
pub static SESSION: Law = Law {
    id: "session",
    sentence: "A client's view of its uploads is the service's, step by step.",
    rules: &[
        rules::ANSWER_FIELDS,
        rules::PART_LIST_XML,
        rules::PART_LIST_PART,
        rules::COUNT_EXCEEDED,
        rules::COUNT_SHORT,
    ],
    classes: &[
        C::Listed,
        C::Completed,
        C::WrongList,
        C::Aborted,
        C::WrongPart,
    ],
    quick_cases: 2_000,
    on: &On::<SessionPieces, SessionCase>(view_is_the_services),
};

fn view_is_the_services(
    (builder, reader): (&dyn PartListBuilder, &dyn AnswerReader),
    case: &SessionCase,
) -> Held {
    let mut session = Session {
        builder,
        reader,
        service: Service::new(),
        uploads: Vec::new(),
        objects: BTreeMap::new(),
    };
    for step in &case.steps {
        session.step(step)?;
        session.agrees();
    }
    Ok(())
}

struct Session<'a> {
    builder: &'a dyn PartListBuilder,
    reader: &'a dyn AnswerReader,
    service: Service<()>,
    /// In the order in which they were initiated.
    uploads: Vec<Upload>,
    /// Length and ETag, by name.
    objects: BTreeMap<String, (u64, String)>,
}

fn name(object: u8) -> String {
    format!("object-{object}")
}

impl Session<'_> {
    fn step(&mut self, step: &Step) -> Held {
        match *step {
            Step::Initiate {
                object,
                data_size,
                part_size,
            } => self.initiate(object, data_size, part_size),
            Step::UploadPart {
                upload,
                number,
                off_by,
                seed,
                envelope,
            } => self.upload_part(usize::from(upload), number, off_by, seed, envelope),
            Step::UploadRest { upload } => {
                let (_, sent) = self.upload(upload.into());
                for number in (1..=sent.count()).filter(|number| !sent.parts.contains_key(number)) {
                    self.upload_part(upload.into(), number, 0, 9, false)?;
                }
                Ok(())
            }
            Step::ListParts { upload, page } => self.list_parts(upload.into(), page),
            Step::Complete { upload, list } => self.complete(upload.into(), list),
            Step::Abort { upload } => {
                let (at, sent) = self.upload(upload.into());
                let verdict = self.asked(|service| service.abort(&sent.object, &sent.id));
                self.must(&verdict, sent.is_open, "Abort")?;
                if let Some(at) = at {
                    self.uploads[at].is_open = false;
                }
                Ok(())
            }
            Step::Head { object } => {
                let name = name(object);
                let verdict = self.asked(|service| service.head(&name));
                let held = self.objects.get(&name).cloned();
                self.must(&verdict, held.is_some(), "Head")?;
                let found = verdict
                    .outcome
                    .ok()
                    .map(|found| (found.object.length(), found.object.etag));
                assert_eq!(found, held, "the model: another object than the view holds");
                Ok(())
            }
        }
    }

    fn initiate(&mut self, object: u8, data_size: u64, part_size: u64) -> Held {
        let mut upload = Upload {
            object: name(object),
            data_size,
            part_size,
            is_open: true,
            ..Upload::unknown()
        };
        let headers = upload.envelope();
        let verdict = self.asked(|service| service.initiate(&upload.object, &headers));
        self.must(&verdict, true, "Initiate")?;
        let Ok(id) = verdict.outcome else {
            return Ok(());
        };
        let answer = document(
            "InitiateMultipartUploadResult",
            vec![
                Element::text("Bucket", "examplebucket"),
                Element::text("Key", &upload.object),
                Element::text("UploadId", &id),
            ],
        );
        let read = self.reader.initiated(&answer).map_err(refused_needlessly(
            rules::ANSWER_FIELDS,
            "an InitiateMultipartUploadResult",
        ))?;
        same("another upload id is read", &id.0, &read.upload_id)?;
        upload.id = UploadId(read.upload_id);
        self.uploads.push(upload);
        Ok(())
    }

    fn upload_part(
        &mut self,
        upload: usize,
        number: u64,
        off_by: i8,
        seed: u8,
        envelope: bool,
    ) -> Held {
        let (at, sent) = self.upload(upload);
        let length = sent.length(number).saturating_add_signed(off_by.into());
        // The digest of what is never made: as good as any, and different for what differs.
        let digest: [u8; 16] = Md5::digest([&[seed][..], &length.to_be_bytes()].concat()).into();
        let body = Body {
            length,
            md5: digest,
            crc64: 0,
            content: (),
        };
        let headers = match envelope {
            true => sent.envelope(),
            false => Headers::default(),
        };
        let text = number.to_string();
        let verdict = self.asked(|service| {
            service.upload_part(&sent.object, &sent.id, Some(&text), &headers, body)
        });
        let right = sent.is_open
            && (1..=MAX_PART_COUNT).contains(&number)
            && number <= sent.count()
            && length == sent.length(number);
        self.must(&verdict, right, "UploadPart")?;
        if let (Ok(etag), Some(at)) = (verdict.outcome, at) {
            let expected: String = digest.iter().map(|byte| format!("{byte:02X}")).collect();
            assert_eq!(
                etag, expected,
                "the model: an ETag that is not the MD5 of the body"
            );
            self.uploads[at].parts.insert(number, (etag, length));
        }
        Ok(())
    }

    /// Lists page by page, each read by the subject as the service writes it.
    fn list_parts(&mut self, upload: usize, page: u64) -> Held {
        let (_, sent) = self.upload(upload);
        let (mut listed, mut marker) = (BTreeMap::new(), 0);
        loop {
            let verdict = self
                .asked(|service| service.list_parts(&sent.object, &sent.id, Some(page), marker));
            self.must(&verdict, sent.is_open, "ListParts")?;
            let Ok(answer) = verdict.outcome else {
                return Ok(());
            };
            let mut fields = vec![
                Element::text("Bucket", "examplebucket"),
                Element::text("Key", &sent.object),
                Element::text("UploadId", &sent.id),
                Element::text("PartNumberMarker", marker),
                Element::text(
                    "NextPartNumberMarker",
                    answer
                        .next_part_number_marker
                        .map_or(String::new(), |next| next.to_string()),
                ),
                Element::text("MaxParts", answer.max_parts),
                Element::text("IsTruncated", answer.is_truncated),
            ];
            fields.extend(answer.parts.iter().map(|part| {
                Element::Parent(
                    "Part",
                    vec![
                        Element::text("PartNumber", part.number),
                        Element::text("ETag", format!("\"{}\"", part.etag)),
                        Element::text("Size", part.size),
                    ],
                )
            }));
            let read = self
                .reader
                .part_page(&document("ListPartsResult", fields))
                .map_err(refused_needlessly(
                    rules::ANSWER_FIELDS,
                    "a ListPartsResult",
                ))?;
            listed.extend(read.parts.into_iter().map(|part| {
                (
                    part.number,
                    (part.etag.trim_matches('"').to_owned(), part.size),
                )
            }));
            match read.next_part_number_marker.filter(|_| read.is_truncated) {
                Some(next) if next > marker => marker = next,
                _ => break,
            }
        }
        match listed == sent.parts {
            true => Ok(()),
            false => Err(violated(
                rules::ANSWER_FIELDS,
                "a list read page by page is not what is stored",
                DataLost,
                shown(&sent.parts),
                shown(&listed),
            )),
        }
    }

    fn complete(&mut self, upload: usize, list: Listing) -> Held {
        let (at, sent) = self.upload(upload);
        let mut parts: Vec<(u64, String)> = sent
            .parts
            .iter()
            .map(|(number, (etag, _))| (*number, format!("\"{etag}\"")))
            .collect();
        match list {
            Listing::Sent | Listing::Stored => {}
            Listing::WithoutLast => drop(parts.pop()),
            Listing::WithUnsent => {
                let number = parts.last().map_or(1, |(number, _)| number + 1);
                parts.push((number, "\"00000000000000000000000000000000\"".to_owned()));
            }
            Listing::OtherEtag => {
                if let Some((_, etag)) = parts.first_mut() {
                    "\"00000000000000000000000000000000\"".clone_into(etag);
                }
            }
        }
        let is_whole = sent.is_open
            && (1..=sent.count()).eq(sent.parts.keys().copied())
            && (sent.count() == 1 || sent.part_size >= MIN_PART_SIZE);
        let mut headers = Headers::default();
        let body = match list {
            Listing::Stored => {
                headers.add("x-oss-complete-all", b"yes");
                Vec::new()
            }
            Listing::Sent if is_whole => self.builder.part_list(&parts).map_err(
                refused_needlessly(rules::PART_LIST_COMPLETE, "a list of every part"),
            )?,
            Listing::Sent | Listing::WithoutLast | Listing::WithUnsent | Listing::OtherEtag => {
                // What is not whole may be refused before anything is sent.
                match self.builder.part_list(&parts) {
                    Ok(body) => body,
                    Err(_) => return Ok(()),
                }
            }
        };
        let right = is_whole && matches!(list, Listing::Sent | Listing::Stored);
        let verdict =
            self.asked(|service| service.complete(&sent.object, &sent.id, &headers, &body));
        self.must(&verdict, right, "Complete")?;
        let (Ok(completed), Some(at)) = (verdict.outcome, at) else {
            return Ok(());
        };
        let joined: String = sent.parts.values().map(|(etag, _)| etag.as_str()).collect();
        let hash: String = Md5::digest(joined)
            .iter()
            .map(|byte| format!("{byte:02X}"))
            .collect();
        let expected = format!("{hash}-{}", sent.parts.len());
        assert_eq!(
            completed.etag, expected,
            "the model: another ETag of the object"
        );
        let answer = document(
            "CompleteMultipartUploadResult",
            vec![
                Element::text("Bucket", "examplebucket"),
                Element::text("Key", &sent.object),
                Element::text("ETag", format!("\"{}\"", completed.etag)),
            ],
        );
        let read = self.reader.completed(&answer).map_err(refused_needlessly(
            rules::ANSWER_FIELDS,
            "a CompleteMultipartUploadResult",
        ))?;
        if !same_etag(&format!("\"{expected}\""), &read.etag) {
            return Err(violated(
                rules::ANSWER_FIELDS,
                "another ETag is read",
                DataLost,
                expected,
                read.etag,
            ));
        }
        self.uploads[at].is_open = false;
        self.objects
            .insert(sent.object, (sent.data_size, completed.etag));
        Ok(())
    }

    /// The upload that a step means, and its place; none before the first Initiate.
    fn upload(&self, upload: usize) -> (Option<usize>, Upload) {
        match upload.checked_rem(self.uploads.len()) {
            Some(at) => (Some(at), self.uploads[at].clone()),
            None => (None, Upload::unknown()),
        }
    }

    /// Asks the service; a step that it refuses must change nothing.
    fn asked<T>(&mut self, step: impl FnOnce(&mut Service<()>) -> Verdict<T>) -> Verdict<T> {
        let before = self.service.clone();
        let verdict = step(&mut self.service);
        assert!(
            verdict.outcome.is_ok() || self.service == before,
            "the model: a refused step changed something"
        );
        verdict
    }

    /// What the view holds for right is accepted; what it holds for wrong is refused, unless a question of the evidence is open. A
    /// refusal is read as the service meant it.
    fn must<T>(&self, verdict: &Verdict<T>, right: bool, step: &'static str) -> Held {
        match &verdict.outcome {
            Ok(_) => {
                assert!(
                    right || verdict.rejections().next().is_some(),
                    "the model: {step} is accepted that the view holds for wrong"
                );
                Ok(())
            }
            Err(rejection) if right => Err(violated(
                rejection.rule,
                "the service refuses what is right",
                UploadRejected,
                format!("{step} is accepted"),
                rejection.detail.clone(),
            )),
            Err(rejection) => self.refusal_is_read(rejection),
        }
    }

    fn refusal_is_read(&self, rejection: &Rejection) -> Held {
        let answer = rejection.rule.answer;
        let Some(code) = answer.and_then(|answer| answer.code) else {
            return Ok(());
        };
        let mut fields = vec![
            Element::text("Code", code),
            Element::text("Message", &rejection.detail),
            Element::text("RequestId", "5C3D9175B6FC201293AD0001"),
            Element::text("HostId", "examplebucket.oss-cn-hangzhou.aliyuncs.com"),
        ];
        fields.extend(rejection.rule.ec.map(|ec| Element::text("EC", ec)));
        let read = self
            .reader
            .service_error(&document("Error", fields))
            .map_err(refused_needlessly(rules::ANSWER_FIELDS, "an Error"))?;
        same("another Code is read", code, &read.code)?;
        same(
            "another EC is read",
            rejection.rule.ec.unwrap_or_default(),
            &read.ec.unwrap_or_default(),
        )
    }

    /// The open uploads and the objects of the view are the service's.
    fn agrees(&self) {
        let open: BTreeMap<_, _> = self
            .uploads
            .iter()
            .filter(|upload| upload.is_open)
            .map(|upload| {
                let parts = upload
                    .parts
                    .iter()
                    .map(|(number, (_, length))| (*number, *length));
                (upload.id.clone(), parts.collect::<Vec<_>>())
            })
            .collect();
        let served: BTreeMap<_, _> = self
            .service
            .uploads()
            .map(|(id, upload)| {
                let parts = upload
                    .parts
                    .iter()
                    .map(|(number, body)| (number.get(), body.length));
                (id.clone(), parts.collect::<Vec<_>>())
            })
            .collect();
        assert_eq!(
            served, open,
            "the model: other uploads are open than in the view"
        );
        let objects: Vec<_> = self
            .objects
            .iter()
            .map(|(name, (length, etag))| (name.as_str(), *length, etag.as_str()))
            .collect();
        let served: Vec<_> = self
            .service
            .objects()
            .map(|(name, object)| (name, object.length(), object.etag.as_str()))
            .collect();
        assert_eq!(served, objects, "the model: other objects than in the view");
    }
}

fn document(root: &'static str, fields: Vec<Element>) -> Vec<u8> {
    Element::Parent(root, fields).document(Spelling::default())
}

fn same(symptom: &'static str, expected: &str, actual: &str) -> Held {
    match expected == actual {
        true => Ok(()),
        false => Err(violated(
            rules::ANSWER_FIELDS,
            symptom,
            DataLost,
            expected,
            actual,
        )),
    }
}
