//! Answers of the service read wrongly: the built-in reader with what it reads, or what it gives, changed.

use partproof_subjects::builtin::{self, Builtin};
use partproof_suite::subject::{
    AnswerReader, Completed, Initiated, PartPage, Refusal, ServiceError, Subject,
};
use percent_encoding::percent_decode_str;

use crate::Fault;
use crate::part_list::without_sections;

const LAW: &str = "answers-read";

/// A reader with a function for each answer.
pub(crate) struct Answering {
    pub(crate) initiated: fn(&[u8]) -> Result<Initiated, Refusal>,
    pub(crate) completed: fn(&[u8]) -> Result<Completed, Refusal>,
    pub(crate) part_page: fn(&[u8]) -> Result<PartPage, Refusal>,
    pub(crate) service_error: fn(&[u8]) -> Result<ServiceError, Refusal>,
}

/// The built-in reader.
pub(crate) const RIGHT: Answering = Answering {
    initiated: |body| Builtin.initiated(body),
    completed: |body| Builtin.completed(body),
    part_page: |body| Builtin.part_page(body),
    service_error: |body| Builtin.service_error(body),
};

impl AnswerReader for Answering {
    fn initiated(&self, body: &[u8]) -> Result<Initiated, Refusal> {
        (self.initiated)(body)
    }

    fn completed(&self, body: &[u8]) -> Result<Completed, Refusal> {
        (self.completed)(body)
    }

    fn part_page(&self, body: &[u8]) -> Result<PartPage, Refusal> {
        (self.part_page)(body)
    }

    fn service_error(&self, body: &[u8]) -> Result<ServiceError, Refusal> {
        (self.service_error)(body)
    }
}

fn subject(reader: &'static Answering) -> Subject<'static> {
    Subject {
        answer_reader: Some(reader),
        ..builtin::subject()
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// The document with one element under another name, so that its reader does not find it.
fn without(body: &[u8], element: &str) -> Vec<u8> {
    let text = String::from_utf8_lossy(body);
    text.replace(&format!("{element}>"), "Unknown>")
        .into_bytes()
}

pub(crate) const KEY_DECODED_TWICE: Fault = Fault {
    id: "answer-key-decoded-twice",
    sentence: "The key of Initiate is URL-decoded by the reader and again by its caller.",
    seen_in: "F08",
    law: LAW,
    cause: None,
    subject: || {
        subject(
            const {
                &Answering {
                    initiated: |body| {
                        let read = Builtin.initiated(body)?;
                        let key = decoded(&read.key);
                        Ok(Initiated { key, ..read })
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const KEY_NOT_DECODED: Fault = Fault {
    id: "answer-key-not-decoded",
    sentence: "encoding-type=url is asked for, and the key of Complete taken as it comes.",
    seen_in: "F08",
    law: LAW,
    cause: None,
    subject: || {
        subject(
            const {
                &Answering {
                    completed: |body| Builtin.completed(&without(body, "EncodingType")),
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const PLUS_IS_SPACE: Fault = Fault {
    id: "answer-plus-is-space",
    sentence: "A plus in the key of Initiate is taken for a blank, as in a form.",
    seen_in: "F08",
    law: LAW,
    cause: None,
    subject: || {
        subject(
            const {
                &Answering {
                    initiated: |body| {
                        let read = Builtin.initiated(body)?;
                        let key = read.key.replace('+', " ");
                        Ok(Initiated { key, ..read })
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const ETAG_REFERENCES_LEFT: Fault = Fault {
    id: "answer-etag-references-left",
    sentence: "References in the ETag of Complete are left as they stand.",
    seen_in: "F03",
    law: LAW,
    cause: None,
    subject: || {
        subject(
            const {
                &Answering {
                    completed: |body| {
                        let read = Builtin.completed(body)?;
                        let etag = read.etag.replace('&', "&amp;");
                        Ok(Completed { etag, ..read })
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const SECTION_PASSED_OVER: Fault = Fault {
    id: "answer-section-passed-over",
    sentence: "Text is collected and CDATA sections passed over: a bucket, a key or an upload id in one is empty.",
    seen_in: "",
    law: LAW,
    cause: None,
    subject: || {
        subject(
            const {
                &Answering {
                    initiated: |body| Builtin.initiated(&without_sections(body)),
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const EC_LOST: Fault = Fault {
    id: "answer-ec-lost",
    sentence: "The error's EC is not kept.",
    seen_in: "",
    law: LAW,
    cause: None,
    subject: || {
        subject(
            const {
                &Answering {
                    service_error: |body| Builtin.service_error(&without(body, "EC")),
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const ALWAYS_THE_LAST_PAGE: Fault = Fault {
    id: "answer-always-the-last-page",
    sentence: "IsTruncated of ListParts is not looked at: parts after the first page are sent again or forgotten.",
    seen_in: "F06",
    law: LAW,
    cause: None,
    subject: || {
        subject(
            const {
                &Answering {
                    part_page: |body| {
                        let read = Builtin.part_page(body)?;
                        Ok(PartPage {
                            is_truncated: false,
                            ..read
                        })
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const LAST_PART_FORGOTTEN: Fault = Fault {
    id: "answer-last-part-forgotten",
    sentence: "A part of ListParts is kept when the next begins: the last never is.",
    seen_in: "D03",
    law: LAW,
    cause: None,
    subject: || {
        subject(
            const {
                &Answering {
                    part_page: |body| {
                        let mut read = Builtin.part_page(body)?;
                        read.parts.pop();
                        Ok(read)
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const FALSE_IS_TRUE: Fault = Fault {
    id: "answer-false-is-true",
    sentence: "IsTruncated of ListParts is taken for true as long as it is a text: false is one.",
    seen_in: "D03",
    law: LAW,
    cause: None,
    subject: || {
        subject(
            const {
                &Answering {
                    part_page: |body| {
                        let read = Builtin.part_page(body)?;
                        Ok(PartPage {
                            is_truncated: true,
                            ..read
                        })
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const SOLE_PART_LOST: Fault = Fault {
    id: "answer-sole-part-lost",
    sentence: "An element that stands once is no list to the parser: a page of one part is read as a page of none.",
    seen_in: "D03",
    law: LAW,
    cause: None,
    subject: || {
        subject(
            const {
                &Answering {
                    part_page: |body| {
                        let mut read = Builtin.part_page(body)?;
                        if read.parts.len() == 1 {
                            read.parts.clear();
                        }
                        Ok(read)
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const SIZE_IN_32_BITS: Fault = Fault {
    id: "answer-size-in-32-bits",
    sentence: "The size of a part of ListParts is kept in 32 bits, and a part may have 5 GiB.",
    seen_in: "G03",
    law: LAW,
    cause: None,
    subject: || {
        subject(
            const {
                &Answering {
                    part_page: |body| {
                        let mut read = Builtin.part_page(body)?;
                        for part in &mut read.parts {
                            part.size &= u64::from(u32::MAX);
                        }
                        Ok(read)
                    },
                    ..RIGHT
                }
            },
        )
    },
};
