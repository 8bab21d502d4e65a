//! Readers of bytes from outside that go wrong on what no law with drawn documents shows them: spellings nobody sends, and input that is broken. Partproof's
//! own readers are among them.

use partproof_model::envelope::{DATA_SIZE, PART_SIZE};
use partproof_subjects::builtin::{self, Builtin};
use partproof_subjects::own::{Own, OwnReader};
use partproof_suite::Cause;
use partproof_suite::subject::{
    AnswerReader, PartListBuilder, PartListReader, Refusal, Subject, WrappedEnvelope,
};

use crate::Fault;
use crate::answer::{self, Answering};
use crate::envelope::{self, Enveloping};
use crate::part_list::{Building, Reading};

pub(crate) const EMPTY_ETAG_DROPPED: Fault = Fault {
    id: "part-list-empty-etag-dropped",
    sentence: "A part whose ETag is empty is taken for one that was not uploaded, and left out.",
    seen_in: "F05",
    law: "any-parts",
    cause: Some(Cause::ListPartMissing),
    subject: || Subject {
        part_list_builder: Some(
            const {
                &Building(|parts| {
                    let is_kept = |part: &&(u64, String)| !part.1.is_empty();
                    let kept: Vec<_> = parts.iter().filter(is_kept).cloned().collect();
                    Builtin.part_list(&kept)
                })
            },
        ),
        ..builtin::subject()
    },
};

pub(crate) const ETAG_ENDS_AT_A_COMMENT: Fault = Fault {
    id: "part-list-etag-ends-at-a-comment",
    sentence: "The first ETag of a part list ends where a comment or a section begins.",
    seen_in: "",
    law: "any-part-list",
    cause: None,
    subject: || Subject {
        part_list_reader: Some(
            const {
                &Reading(|body| {
                    let mut read = Builtin.read_part_list(body)?;
                    if let (Some((_, etag)), Some(begun)) =
                        (read.first_mut(), before_a_comment(body, "<ETag>"))
                    {
                        *etag = begun;
                    }
                    Ok(read)
                })
            },
        ),
        ..builtin::subject()
    },
};

pub(crate) const TEXT_ENDS_AT_A_COMMENT: Fault = Fault {
    id: "answer-text-ends-at-a-comment",
    sentence: "The bucket of Initiate ends where a comment or a section begins.",
    seen_in: "",
    law: "any-answer",
    cause: None,
    subject: || Subject {
        answer_reader: Some(
            const {
                &Answering {
                    initiated: |body| {
                        let mut read = Builtin.initiated(body)?;
                        if let Some(begun) = before_a_comment(body, "<Bucket>") {
                            read.bucket = begun;
                        }
                        Ok(read)
                    },
                    ..answer::RIGHT
                }
            },
        ),
        ..builtin::subject()
    },
};

pub(crate) const SIZE_READ_AS_OCTAL: Fault = Fault {
    id: "envelope-size-read-as-octal",
    sentence: "A size with a zero before it is read as an octal number.",
    seen_in: "",
    law: "any-headers",
    cause: None,
    subject: || {
        envelope::subject(
            const {
                &Enveloping {
                    read_wrapped: |headers| {
                        let read = (envelope::RIGHT.read_wrapped)(headers)?;
                        let padded = |name: &str| {
                            headers.iter().any(|(sent, value)| {
                                sent.eq_ignore_ascii_case(name) && value.trim().starts_with('0')
                            })
                        };
                        let size = |size: Option<u64>, name| match padded(name) {
                            true => size.map(octal),
                            false => size,
                        };
                        Ok(WrappedEnvelope {
                            data_size: size(read.data_size, DATA_SIZE),
                            part_size: size(read.part_size, PART_SIZE),
                            ..read
                        })
                    },
                    ..envelope::RIGHT
                }
            },
        )
    },
};

pub(crate) const LAST_OF_TWO_HEADERS: Fault = Fault {
    id: "envelope-last-of-two-headers",
    sentence: "Of a header that is there twice the last one counts.",
    seen_in: "",
    law: "any-headers",
    cause: None,
    subject: || {
        envelope::subject(
            const {
                &Enveloping {
                    read_wrapped: |headers| {
                        let mut last: Vec<(String, String)> = Vec::new();
                        for (name, value) in headers {
                            last.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
                            last.push((name.clone(), value.clone()));
                        }
                        (envelope::RIGHT.read_wrapped)(&last)
                    },
                    ..envelope::RIGHT
                }
            },
        )
    },
};

/// The text after the first such tag, if a comment or a section cuts it short.
fn before_a_comment(body: &[u8], tag: &str) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let (_, rest) = text.split_once(tag)?;
    let (begun, _) = rest.split_once("<!")?;
    (!begun.contains('<')).then(|| begun.to_owned())
}

/// What the digits mean in base 8, as far as there is no 8 or 9 among them.
fn octal(number: u64) -> u64 {
    u64::from_str_radix(&number.to_string(), 8).unwrap_or(number)
}

/// Partproof's own readers, with a function for each.
struct OwnReading {
    capture: fn(&[u8]) -> Result<(), Refusal>,
    case_file: fn(&[u8]) -> Result<(), Refusal>,
    vectors: fn(&[u8]) -> Result<(), Refusal>,
    checkpoint: fn(&[u8]) -> Result<Vec<u8>, Refusal>,
    answer_line: fn(&[u8]) -> Result<Vec<u8>, Refusal>,
}

const RIGHT: OwnReading = OwnReading {
    capture: |bytes| Builtin.capture(bytes),
    case_file: |bytes| Builtin.case_file(bytes),
    vectors: |bytes| Builtin.vectors(bytes),
    checkpoint: |bytes| Builtin.checkpoint(bytes),
    answer_line: |bytes| Builtin.answer_line(bytes),
};

impl OwnReader for OwnReading {
    fn capture(&self, bytes: &[u8]) -> Result<(), Refusal> {
        (self.capture)(bytes)
    }

    fn case_file(&self, bytes: &[u8]) -> Result<(), Refusal> {
        (self.case_file)(bytes)
    }

    fn vectors(&self, bytes: &[u8]) -> Result<(), Refusal> {
        (self.vectors)(bytes)
    }

    fn checkpoint(&self, bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
        (self.checkpoint)(bytes)
    }

    fn answer_line(&self, bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
        (self.answer_line)(bytes)
    }
}

const fn own(reader: &'static OwnReading) -> Own {
    Own {
        reader: Some(reader),
        emulator: None,
    }
}

pub(crate) const ANSWER_LINE_ENDS_EARLY: Fault = Fault {
    id: "answer-line-ends-early",
    sentence: "What stands behind the answer on its line is passed over.",
    seen_in: "",
    law: "any-answer-line",
    cause: None,
    subject: || Subject {
        own: Some(
            const {
                &own(&OwnReading {
                    answer_line: |bytes| {
                        let values = serde_json::Deserializer::from_slice(bytes);
                        match values.into_iter::<serde_json::Value>().next() {
                            Some(Ok(first)) => Builtin.answer_line(first.to_string().as_bytes()),
                            _ => Builtin.answer_line(bytes),
                        }
                    },
                    ..RIGHT
                })
            },
        ),
        ..builtin::subject()
    },
};

pub(crate) const CHECKPOINT_OF_ANY_VERSION: Fault = Fault {
    id: "checkpoint-of-any-version",
    sentence: "A checkpoint of another version is read as if it were of this one.",
    seen_in: "",
    law: "any-checkpoint",
    cause: None,
    subject: || Subject {
        own: Some(
            const {
                &own(&OwnReading {
                    checkpoint: |bytes| {
                        let mut json: serde_json::Value =
                            serde_json::from_slice(bytes).map_err(Refusal::from_error)?;
                        if let Some(version) = json.get_mut("version") {
                            *version = 1.into();
                        }
                        Builtin.checkpoint(json.to_string().as_bytes())
                    },
                    ..RIGHT
                })
            },
        ),
        ..builtin::subject()
    },
};

pub(crate) const CAPTURE_LENGTH_TRUSTED: Fault = Fault {
    id: "capture-length-trusted",
    sentence: "A body is cut to its Content-Length, whether or not so many bytes were captured.",
    seen_in: "",
    law: "any-capture",
    cause: None,
    subject: || Subject {
        own: Some(
            const {
                &own(&OwnReading {
                    capture: |bytes| {
                        Builtin.capture(bytes)?;
                        let text = String::from_utf8_lossy(bytes);
                        let length = text.lines().find_map(|line| {
                            line.strip_prefix("Content-Length: ")?.trim().parse().ok()
                        });
                        if let (Some(length), Some((_, body))) =
                            (length, text.split_once("\r\n\r\n"))
                        {
                            let _: &[u8] = &body.as_bytes()[..length];
                        }
                        Ok(())
                    },
                    ..RIGHT
                })
            },
        ),
        ..builtin::subject()
    },
};

pub(crate) const CASE_FILE_WITHOUT_A_COLON: Fault = Fault {
    id: "case-file-without-a-colon",
    sentence: "What is no JSON is taken to have a colon behind the law's name.",
    seen_in: "",
    law: "any-case-file",
    cause: None,
    subject: || Subject {
        own: Some(
            const {
                &own(&OwnReading {
                    case_file: |bytes| {
                        let text = std::str::from_utf8(bytes).map_err(Refusal::from_error)?;
                        if !text.trim().starts_with('{') {
                            let colon = text.find(':').expect("a colon behind the name");
                            let _: &str = &text[..colon];
                        }
                        Builtin.case_file(bytes)
                    },
                    ..RIGHT
                })
            },
        ),
        ..builtin::subject()
    },
};

pub(crate) const VECTORS_TAKEN_FOR_JSON: Fault = Fault {
    id: "vectors-taken-for-json",
    sentence: "A file of vectors is taken to be JSON before anything is checked.",
    seen_in: "",
    law: "any-vectors",
    cause: None,
    subject: || Subject {
        own: Some(
            const {
                &own(&OwnReading {
                    vectors: |bytes| {
                        let json: serde_json::Value =
                            serde_json::from_slice(bytes).expect("vectors are JSON");
                        drop(json);
                        Builtin.vectors(bytes)
                    },
                    ..RIGHT
                })
            },
        ),
        ..builtin::subject()
    },
};
