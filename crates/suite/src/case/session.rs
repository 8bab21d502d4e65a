//! Cases that are sequences: what a client does with a bucket, step by step, right or wrong.

use arbitrary::{Arbitrary, Result, Unstructured};
use partproof_model::limits::{MAX_PART_COUNT, MIN_PART_SIZE};
use serde::{Deserialize, Serialize};

use super::{Case, smaller_number};
use crate::class::{Class, Classes};

/// What a client does, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionCase {
    /// The steps.
    pub steps: Vec<Step>,
}

/// One request, or, for a list, as many as it has pages. An upload is meant by its place among those initiated, round and round; before
/// the first one it is an id that the service does not know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// Begins an encrypted upload of so many bytes.
    Initiate {
        /// Which of two objects.
        object: u8,
        /// Bytes of the object.
        data_size: u64,
        /// Bytes of a part.
        part_size: u64,
    },
    /// Sends a part.
    UploadPart {
        /// Which upload.
        upload: u8,
        /// Its number.
        number: u64,
        /// How many bytes more or fewer than it should have.
        off_by: i8,
        /// What its bytes are made of.
        seed: u8,
        /// Whether the envelope is repeated on the part.
        envelope: bool,
    },
    /// Sends every part that is missing.
    UploadRest {
        /// Which upload.
        upload: u8,
    },
    /// Lists the parts that are stored, in pages.
    ListParts {
        /// Which upload.
        upload: u8,
        /// How many parts a page has.
        page: u64,
    },
    /// Completes an upload.
    Complete {
        /// Which upload.
        upload: u8,
        /// With which part list.
        list: Listing,
    },
    /// Aborts an upload.
    Abort {
        /// Which upload.
        upload: u8,
    },
    /// Reads an object's length and ETag.
    Head {
        /// Which of two objects.
        object: u8,
    },
}

/// A part list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Arbitrary)]
#[serde(rename_all = "snake_case")]
pub enum Listing {
    /// The parts that were sent.
    Sent,
    /// Without the last of them.
    WithoutLast,
    /// With one that was not sent.
    WithUnsent,
    /// With another ETag for the first.
    OtherEtag,
    /// None: `x-oss-complete-all`.
    Stored,
}

const MOST_STEPS: usize = 40;
const MOST_PARTS: u64 = 40;

impl<'a> Arbitrary<'a> for Step {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let upload = u.int_in_range(0..=2)?;
        Ok(match u.int_in_range(0..=11_u8)? {
            0 | 1 => {
                let part_size = MIN_PART_SIZE + 16 * u.int_in_range(0..=2)?;
                let rest = match u.int_in_range(0..=2_u8)? {
                    0 => part_size,
                    1 => 1,
                    _ => u.int_in_range(1..=part_size)?,
                };
                Self::Initiate {
                    object: u.int_in_range(0..=1)?,
                    data_size: u.int_in_range(0..=4)? * part_size + rest,
                    part_size,
                }
            }
            2..=4 => Self::UploadPart {
                upload,
                number: match u.int_in_range(0..=9_u8)? {
                    0 => *u.choose(&[0, MAX_PART_COUNT, MAX_PART_COUNT + 1, u64::MAX])?,
                    _ => u.int_in_range(1..=6)?,
                },
                off_by: match u.int_in_range(0..=5_u8)? {
                    0 => u.arbitrary()?,
                    _ => 0,
                },
                seed: u.int_in_range(0..=3)?,
                envelope: u.arbitrary()?,
            },
            5 | 6 => Self::UploadRest { upload },
            7 => Self::ListParts {
                upload,
                page: u.int_in_range(1..=4)?,
            },
            8 | 9 => Self::Complete {
                upload,
                list: u.arbitrary()?,
            },
            10 => Self::Abort { upload },
            _ => Self::Head {
                object: u.int_in_range(0..=1)?,
            },
        })
    }
}

impl<'a> Arbitrary<'a> for SessionCase {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let mut steps = Vec::new();
        let most = u.int_in_range(1..=16_u8)?;
        while steps.len() < most.into() && !u.is_empty() {
            steps.push(Step::arbitrary(u)?);
        }
        Ok(Self { steps })
    }
}

impl Case for SessionCase {
    const BYTES: usize = 192;

    fn classes(&self) -> Classes {
        let has = |is: fn(&Step) -> bool| self.steps.iter().any(is);
        Classes::default()
            .with(
                Class::Listed,
                has(|step| matches!(step, Step::ListParts { .. })),
            )
            .with(
                Class::Completed,
                has(|step| {
                    matches!(
                        step,
                        Step::Complete {
                            list: Listing::Sent,
                            ..
                        }
                    )
                }),
            )
            .with(
                Class::WrongList,
                has(|step| {
                    matches!(
                        step,
                        Step::Complete {
                            list: Listing::WithoutLast | Listing::WithUnsent | Listing::OtherEtag,
                            ..
                        }
                    )
                }),
            )
            .with(
                Class::Aborted,
                has(|step| matches!(step, Step::Abort { .. })),
            )
            .with(
                Class::WrongPart,
                has(|step| {
                    matches!(step, Step::UploadPart { number, off_by, .. }
                        if *off_by != 0 || *number == 0 || *number > MAX_PART_COUNT)
                }),
            )
    }

    fn smaller(&self) -> Vec<Self> {
        let mut smaller = Vec::new();
        for at in 0..self.steps.len() {
            let mut fewer = self.clone();
            fewer.steps.remove(at);
            smaller.push(fewer);
        }
        for at in 0..self.steps.len() {
            for step in self.steps[at].smaller() {
                let mut simpler = self.clone();
                simpler.steps[at] = step;
                smaller.push(simpler);
            }
        }
        smaller.retain(|case| case != self && case.check().is_ok());
        smaller
    }

    fn check(&self) -> std::result::Result<(), String> {
        if self.steps.len() > MOST_STEPS {
            return Err(format!(
                "{} steps, expected at most {MOST_STEPS}",
                self.steps.len()
            ));
        }
        for step in &self.steps {
            match step {
                Step::Initiate {
                    data_size,
                    part_size,
                    ..
                } => {
                    let count = data_size.div_ceil((*part_size).max(1));
                    if *part_size < 16
                        || !part_size.is_multiple_of(16)
                        || !(1..=MOST_PARTS).contains(&count)
                    {
                        return Err(format!(
                            "{data_size} bytes in parts of {part_size}, expected 1 to {MOST_PARTS} parts of a multiple of 16"
                        ));
                    }
                }
                Step::ListParts { page, .. } if !(1..=1_000).contains(page) => {
                    return Err(format!("a page of {page} parts, expected 1 to 1,000"));
                }
                Step::UploadPart { .. }
                | Step::UploadRest { .. }
                | Step::ListParts { .. }
                | Step::Complete { .. }
                | Step::Abort { .. }
                | Step::Head { .. } => {}
            }
        }
        Ok(())
    }
}

impl Step {
    fn smaller(&self) -> Vec<Self> {
        match *self {
            Self::Initiate {
                object,
                data_size,
                part_size,
            } => smaller_number(data_size, 1)
                .into_iter()
                .chain([MIN_PART_SIZE, 2 * MIN_PART_SIZE])
                .filter(|size| *size < data_size)
                .map(|data_size| Self::Initiate {
                    object,
                    data_size,
                    part_size,
                })
                .chain((part_size > MIN_PART_SIZE).then_some(Self::Initiate {
                    object,
                    data_size,
                    part_size: MIN_PART_SIZE,
                }))
                .chain((object > 0).then_some(Self::Initiate {
                    object: 0,
                    data_size,
                    part_size,
                }))
                .collect(),
            Self::UploadPart {
                upload,
                number,
                off_by,
                seed,
                envelope,
            } => smaller_number(number, 0)
                .into_iter()
                .map(|number| Self::UploadPart {
                    upload,
                    number,
                    off_by,
                    seed,
                    envelope,
                })
                .chain((upload > 0).then_some(Self::UploadPart {
                    upload: 0,
                    number,
                    off_by,
                    seed,
                    envelope,
                }))
                .chain((seed > 0).then_some(Self::UploadPart {
                    upload,
                    number,
                    off_by,
                    seed: 0,
                    envelope,
                }))
                .collect(),
            Self::UploadRest { upload } if upload > 0 => vec![Self::UploadRest { upload: 0 }],
            Self::ListParts { upload, page } => smaller_number(page, 1)
                .into_iter()
                .map(|page| Self::ListParts { upload, page })
                .chain((upload > 0).then_some(Self::ListParts { upload: 0, page }))
                .collect(),
            Self::Complete { upload, list } if upload > 0 => {
                vec![Self::Complete { upload: 0, list }]
            }
            Self::Abort { upload } if upload > 0 => vec![Self::Abort { upload: 0 }],
            Self::UploadRest { .. }
            | Self::Complete { .. }
            | Self::Abort { .. }
            | Self::Head { .. } => Vec::new(),
        }
    }
}
