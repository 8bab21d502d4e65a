//! Cases for uploads that are interrupted and resumed, and for sources that are not what they were said to be.

use arbitrary::{Arbitrary, Result, Unstructured};
use partproof_emulator::{Fault, Operation, PlannedFault};
use serde::{Deserialize, Serialize};

use super::caller::Caller;
use super::failing::FOR_GOOD;
use super::manner::Manner;
use super::upload::UploadCase;
use partproof_suite::case::{Case, is_default, smaller_number};
use partproof_suite::class::{Class, Classes};
use partproof_suite::shown;

/// An upload that fails for good at one part, and is then resumed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResumeCase {
    /// The upload.
    pub upload: UploadCase,
    /// The part that cannot be sent at first; one more than there are stands for Complete.
    pub fails_at: u64,
    /// What is different when it is resumed.
    #[serde(default, skip_serializing_if = "is_default")]
    pub change: Change,
    /// What is wrong with ListParts then.
    #[serde(default, skip_serializing_if = "is_default")]
    pub list: ListTrouble,
}

/// What is different when an upload is resumed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Arbitrary)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Nothing.
    #[default]
    Nothing,
    /// The part size.
    PartSize,
    /// The file's content; neither its length nor its time.
    Content,
    /// The file has one byte more.
    Longer,
    /// The file has one byte less.
    Shorter,
}

/// What is wrong with ListParts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Arbitrary)]
#[serde(rename_all = "snake_case")]
pub enum ListTrouble {
    /// Nothing.
    #[default]
    None,
    /// A page has one part.
    Pages,
    /// The last part is not in it yet.
    Stale,
}

impl ResumeCase {
    fn count(&self) -> u64 {
        self.upload
            .layout()
            .map_or(1, |layout| layout.wire().count())
    }

    /// Whether all parts are sent at first.
    pub(crate) fn stops_at_complete(&self) -> bool {
        self.fails_at > self.count()
    }

    /// What goes wrong before it is resumed.
    pub(crate) fn first(&self) -> Vec<PlannedFault> {
        let is_complete = self.stops_at_complete();
        vec![PlannedFault {
            operation: Some(match is_complete {
                true => Operation::CompleteMultipartUpload,
                false => Operation::UploadPart,
            }),
            part_number: (!is_complete).then_some(self.fails_at),
            nth: 1,
            times: FOR_GOOD,
            fault: Fault::Answer {
                status: 500,
                code: Some("InternalError".to_owned()),
            },
        }]
    }

    /// And afterwards.
    pub(crate) fn second(&self) -> Vec<PlannedFault> {
        let fault = match self.list {
            ListTrouble::None => return Vec::new(),
            ListTrouble::Pages => Fault::TruncateList { parts: 1 },
            ListTrouble::Stale => Fault::StaleList { missing: 1 },
        };
        vec![PlannedFault {
            operation: Some(Operation::ListParts),
            part_number: None,
            nth: 1,
            times: FOR_GOOD,
            fault,
        }]
    }
}

impl<'a> Arbitrary<'a> for ResumeCase {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let mut upload = UploadCase {
            parallel: u.int_in_range(0..=2)?,
            same_name: false,
            caller: Caller::default(),
            ..UploadCase::arbitrary(u)?
        };
        let part_size = upload
            .part_size
            .unwrap_or(UploadCase::plain().part_size.unwrap_or_default());
        upload.part_size = Some(part_size);
        if upload.plaintext.length <= part_size {
            upload.plaintext.length += 2 * part_size;
        }
        let count = upload.layout().map_or(1, |layout| layout.wire().count());
        Ok(Self {
            fails_at: u.int_in_range(1..=count + 1)?,
            upload,
            change: match u.arbitrary()? {
                true => Change::Nothing,
                false => u.arbitrary()?,
            },
            list: u.arbitrary()?,
        })
    }
}

impl Case for ResumeCase {
    const BYTES: usize = 96;
    const MOST_STEPS: u32 = 60;

    fn classes(&self) -> Classes {
        if self.list == ListTrouble::Stale {
            // A refusal is an answer too, and shows nothing of an upload that goes on.
            return Classes::default().with(Class::StaleList, true);
        }
        let count = self.count();
        self.upload
            .classes()
            .with(Class::StopsAtFirst, self.fails_at == 1)
            .with(Class::StopsBetween, (2..count).contains(&self.fails_at))
            .with(Class::StopsAtLast, self.fails_at == count)
            .with(Class::StopsAtComplete, self.stops_at_complete())
            .with(Class::ResumedUnchanged, self.change == Change::Nothing)
            .with(Class::ResumedOtherPlan, self.change == Change::PartSize)
            .with(Class::ResumedOtherSource, self.change == Change::Content)
            .with(
                Class::ResumedOtherLength,
                matches!(self.change, Change::Longer | Change::Shorter),
            )
            .with(Class::ListInPages, self.list == ListTrouble::Pages)
    }

    fn smaller(&self) -> Vec<Self> {
        let mut smaller = vec![
            Self {
                list: ListTrouble::None,
                ..self.clone()
            },
            Self {
                change: Change::Nothing,
                ..self.clone()
            },
        ];
        let uploads = self.upload.smaller().into_iter();
        smaller.extend(uploads.map(|upload| Self {
            upload,
            ..self.clone()
        }));
        smaller.extend(
            smaller_number(self.fails_at, 1)
                .into_iter()
                .map(|fails_at| Self {
                    fails_at,
                    ..self.clone()
                }),
        );
        smaller.retain(|case| case != self && case.check().is_ok());
        smaller
    }

    fn check(&self) -> std::result::Result<(), String> {
        self.upload.check()?;
        self.upload.caller.is_nobody()?;
        let count = self.upload.layout().map(|layout| layout.wire().count());
        match count {
            Some(count @ 2..) if (1..=count + 1).contains(&self.fails_at) => Ok(()),
            _ => Err(format!(
                "part {} of {}, expected at least two parts and one of them, or one more for Complete",
                self.fails_at,
                shown(&count)
            )),
        }
    }
}

/// An upload from a source that is not what it seems.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceCase {
    /// The upload.
    pub upload: UploadCase,
    /// What is the matter with the source.
    pub trouble: SourceTrouble,
}

/// What is the matter with a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum SourceTrouble {
    /// The file is not at its beginning when it is handed over.
    Moved {
        /// Where it stands, in bytes.
        position: u64,
    },
    /// It was said to be longer by so many bytes.
    Shorter {
        /// Bytes.
        by: u64,
    },
    /// It was said to be shorter by so many bytes.
    Longer {
        /// Bytes.
        by: u64,
    },
    /// All its bytes are others, once the first part was sent.
    Edited,
    /// It has only half of its bytes any more, once the first part was sent.
    Truncated,
    /// It has so many bytes more, once the first part was sent.
    Extended {
        /// Bytes.
        by: u64,
    },
}

impl SourceCase {
    /// Whether the source becomes another while it is read.
    pub(crate) fn is_changed_while_read(&self) -> bool {
        use SourceTrouble::{Edited, Extended, Truncated};
        matches!(self.trouble, Edited | Truncated | Extended { .. })
    }

    /// How many bytes the caller says there are, where that is not what the file has.
    pub(crate) fn announced(&self) -> Option<u64> {
        let length = self.upload.plaintext.length;
        match self.trouble {
            SourceTrouble::Shorter { by } => Some(length.saturating_add(by)),
            SourceTrouble::Longer { by } => Some(length.saturating_sub(by)),
            _ => None,
        }
    }
}

impl<'a> Arbitrary<'a> for SourceCase {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let upload = ResumeCase::arbitrary(u)?.upload;
        let length = upload.plaintext.length;
        let by = *u.choose(&[1, 15, 16, 100_000])?;
        let trouble = match u.int_in_range(0..=5_u8)? {
            0 => SourceTrouble::Moved {
                position: *u.choose(&[1, 16, length / 2, length])?,
            },
            1 => SourceTrouble::Shorter { by },
            2 => SourceTrouble::Longer { by },
            3 => SourceTrouble::Edited,
            4 => SourceTrouble::Truncated,
            _ => SourceTrouble::Extended { by },
        };
        Ok(Self {
            upload: UploadCase {
                // Which parts were read when the source changes must not be a matter of luck.
                parallel: 0,
                service: Manner::default(),
                caller: Caller::default(),
                ..upload
            },
            trouble,
        })
    }
}

impl Case for SourceCase {
    const BYTES: usize = 96;
    const MOST_STEPS: u32 = 60;

    fn classes(&self) -> Classes {
        use SourceTrouble::{Edited, Extended, Longer, Moved, Shorter, Truncated};
        self.upload
            .classes()
            .with(Class::SourceMoved, matches!(self.trouble, Moved { .. }))
            .with(Class::SourceShorter, matches!(self.trouble, Shorter { .. }))
            .with(Class::SourceLonger, matches!(self.trouble, Longer { .. }))
            .with(Class::SourceEdited, self.trouble == Edited)
            .with(Class::SourceTruncated, self.trouble == Truncated)
            .with(
                Class::SourceExtended,
                matches!(self.trouble, Extended { .. }),
            )
    }

    fn smaller(&self) -> Vec<Self> {
        let uploads = self.upload.smaller().into_iter();
        let mut smaller: Vec<_> = uploads
            .map(|upload| Self {
                upload,
                ..self.clone()
            })
            .collect();
        let simpler = match self.trouble {
            SourceTrouble::Moved { .. } => SourceTrouble::Moved { position: 1 },
            SourceTrouble::Shorter { .. } => SourceTrouble::Shorter { by: 1 },
            SourceTrouble::Longer { .. } => SourceTrouble::Longer { by: 1 },
            SourceTrouble::Extended { .. } => SourceTrouble::Extended { by: 1 },
            other => other,
        };
        smaller.push(Self {
            trouble: simpler,
            ..self.clone()
        });
        smaller.retain(|case| case != self && case.check().is_ok());
        smaller
    }

    fn check(&self) -> std::result::Result<(), String> {
        self.upload.check()?;
        self.upload.caller.is_nobody()?;
        let length = self.upload.plaintext.length;
        let is_possible = match self.trouble {
            SourceTrouble::Moved { position } => position <= length,
            SourceTrouble::Longer { by } => by < length,
            SourceTrouble::Shorter { by } | SourceTrouble::Extended { by } => by <= 1 << 20,
            SourceTrouble::Edited | SourceTrouble::Truncated => true,
        };
        match (self.upload.part_size, is_possible) {
            (Some(part_size), true) if length > part_size && self.upload.parallel == 0 => Ok(()),
            _ => Err(format!(
                "{} of {length} bytes, expected a part size, more than one part, one at a time, and a place within the file",
                shown(&self.trouble)
            )),
        }
    }
}
