//! Cases for whole clients: one upload over HTTP, as a value; the same with faults on the way; and uploads of very many parts.

use arbitrary::{Arbitrary, Result, Unstructured};
use partproof_emulator::{Fault, Operation, PlannedFault};
use partproof_model::limits::{MAX_PART_COUNT, MIN_PART_SIZE};
use partproof_model::{Cipher, Layout, PartSize, layout::TagPlace};
use serde::{Deserialize, Serialize};

use partproof_suite::case::encrypt::{cipher_name, of_cipher};
use partproof_suite::case::{Case, is_default, plan, smaller_number};
use partproof_suite::class::{Class, Classes};
use partproof_suite::plaintext::Plaintext;
use partproof_suite::subject::client::{Abilities, Signature};

/// One upload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UploadCase {
    /// The content cipher.
    #[serde(with = "cipher_name")]
    pub cipher: Cipher,
    /// What is uploaded.
    pub plaintext: Plaintext,
    /// Bytes of a part on the wire; chosen by the client if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_size: Option<u64>,
    /// Parts at a time beyond the first.
    #[serde(default, skip_serializing_if = "is_default")]
    pub parallel: u8,
    /// Whether requests are signed with version 1 rather than 4.
    #[serde(default, skip_serializing_if = "is_default")]
    pub v1: bool,
    /// The object's key.
    pub object: String,
}

/// Objects' keys: a plain one, and those that a URL, a path or XML must encode.
const NAMES: [&str; 6] = [
    "multipart.data",
    "folder/a b+c",
    "100%25.data",
    "é/中 😀",
    "a&b=c?d#e<f>",
    "~-_.!*'()",
];

impl UploadCase {
    /// A small one.
    pub fn plain() -> Self {
        Self {
            cipher: Cipher::Ctr,
            plaintext: Plaintext {
                seed: 1,
                length: 2 * MIN_PART_SIZE + 1,
            },
            part_size: Some(MIN_PART_SIZE),
            parallel: 0,
            v1: false,
            object: "multipart.data".to_owned(),
        }
    }

    /// How it is signed.
    pub fn signature(&self) -> Signature {
        match self.v1 {
            true => Signature::V1,
            false => Signature::V4,
        }
    }

    /// Whether a client with these abilities can be asked for it.
    pub(crate) fn is_within(&self, abilities: &Abilities) -> bool {
        abilities.ciphers.contains(&self.cipher)
            && abilities.signatures.contains(&self.signature())
            && (abilities.plans || self.part_size.is_some())
    }

    /// How the model lays it out in parts of the size that is asked for.
    pub(crate) fn layout(&self) -> Option<Layout> {
        let part_size = PartSize::new(self.part_size?)?;
        Layout::new(self.cipher, self.plaintext.length, part_size).ok()
    }

    /// One in at most so many parts, of a given size.
    fn draw(u: &mut Unstructured<'_>, most_parts: u64) -> Result<Self> {
        let cipher = *u.choose(&[Cipher::Ctr, Cipher::Ctr, Cipher::GcmObject, Cipher::GcmPart])?;
        let part_size = MIN_PART_SIZE + 16 * u.int_in_range(0..=3)?;
        let room = match cipher {
            Cipher::GcmPart => part_size - 16,
            Cipher::Ctr | Cipher::GcmObject => part_size,
        };
        let last = match u.int_in_range(0..=4_u8)? {
            0 => room,
            1 => 1,
            2 => room - u.int_in_range(1..=15)?,
            _ => u.int_in_range(1..=room)?,
        };
        Ok(Self {
            cipher,
            plaintext: Plaintext {
                // Zeros are worth more than any other plaintext.
                seed: u.int_in_range(0..=3)?,
                length: u.int_in_range(0..=most_parts - 1)? * room + last,
            },
            part_size: Some(part_size),
            parallel: u.int_in_range(0..=3)?,
            v1: u.arbitrary()?,
            object: match u.int_in_range(0..=2_u8)? {
                0 => (*u.choose(&NAMES)?).to_owned(),
                _ => "multipart.data".to_owned(),
            },
        })
    }
}

impl<'a> Arbitrary<'a> for UploadCase {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        // Enough, at times, that the order of numbers is not that of their text.
        let most_parts = if u.ratio(1, 10)? { 12 } else { 5 };
        let mut case = Self::draw(u, most_parts)?;
        match u.int_in_range(0..=11_u8)? {
            0 => case.plaintext.length = 0,
            1 | 2 => case.part_size = None,
            _ => {}
        }
        Ok(case)
    }
}

impl Case for UploadCase {
    const BYTES: usize = 64;
    const MOST_STEPS: u32 = 60;

    fn classes(&self) -> Classes {
        let layout = self.layout();
        let tag = layout.and_then(|layout| layout.tag_place());
        let plan = match self.plaintext.length {
            0 => Classes::default(),
            _ => layout
                .map(|layout| plan::of_plan(layout.wire()))
                .unwrap_or_default(),
        };
        plan.union(of_cipher(self.cipher))
            .with(Class::TagInLastPart, tag == Some(TagPlace::LastPart))
            .with(Class::TagInOwnPart, tag == Some(TagPlace::OwnPart))
            .with(Class::TagSplit, tag == Some(TagPlace::Split))
            .with(Class::EmptyObject, self.plaintext.length == 0)
            .with(Class::AutomaticPlan, self.part_size.is_none())
            .with(Class::ExplicitPlan, self.part_size.is_some())
            .with(Class::ZeroPlaintext, self.plaintext.seed == 0)
            .with(Class::Parallel, self.parallel > 0)
            .with(Class::SignedV1, self.v1)
            .with(Class::SignedV4, !self.v1)
            .with(Class::EncodedName, self.object != NAMES[0])
    }

    fn smaller(&self) -> Vec<Self> {
        let plain = Self::plain();
        let mut smaller = vec![
            Self {
                object: plain.object,
                ..self.clone()
            },
            Self {
                parallel: 0,
                ..self.clone()
            },
            Self {
                v1: false,
                ..self.clone()
            },
            Self {
                plaintext: Plaintext {
                    seed: self.plaintext.seed.min(1),
                    ..self.plaintext
                },
                ..self.clone()
            },
            Self {
                cipher: Cipher::Ctr,
                ..self.clone()
            },
        ];
        if let Some(part_size) = self.part_size {
            let sizes = [MIN_PART_SIZE, part_size].into_iter();
            let lengths =
                sizes.flat_map(|part| [1, part, part + 1, part + 16, 2 * part, 2 * part + 1]);
            smaller.extend(
                lengths
                    .filter(|length| *length < self.plaintext.length)
                    .map(|length| Self {
                        plaintext: Plaintext {
                            length,
                            ..self.plaintext
                        },
                        ..self.clone()
                    }),
            );
            smaller.push(Self {
                part_size: Some(part_size.min(MIN_PART_SIZE)),
                ..self.clone()
            });
        } else {
            let lengths = smaller_number(self.plaintext.length, 0).into_iter().take(4);
            smaller.extend(lengths.map(|length| Self {
                plaintext: Plaintext {
                    length,
                    ..self.plaintext
                },
                ..self.clone()
            }));
        }
        smaller.retain(|case| case != self && case.check().is_ok());
        smaller
    }

    fn check(&self) -> std::result::Result<(), String> {
        /// What a stage holds without effort.
        const MOST_BYTES: u64 = 64 << 20;
        if self.plaintext.length > MOST_BYTES {
            return Err(format!(
                "{} bytes, expected at most {MOST_BYTES}",
                self.plaintext.length
            ));
        }
        if self.part_size.is_some() && self.layout().is_none() {
            return Err(format!(
                "part size {:?} is impossible for {}",
                self.part_size,
                self.cipher.cek_alg()
            ));
        }
        match self.object.is_empty()
            || self.object.len() > 1_023
            || self.object.starts_with(['/', '\\'])
        {
            true => Err(format!("{:?} is no object's key", self.object)),
            false => Ok(()),
        }
    }
}

/// An upload on which something goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FailingUploadCase {
    /// The upload.
    pub upload: UploadCase,
    /// What goes wrong, as a script of the emulator.
    pub faults: Vec<PlannedFault>,
}

/// More attempts than any client makes.
pub(crate) const FOR_GOOD: u64 = 1_000;

impl<'a> Arbitrary<'a> for FailingUploadCase {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let upload = UploadCase::draw(u, 3)?;
        let faults = (0..u.int_in_range(1..=2_u8)?).map(|_| draw_fault(u));
        let mut faults: Vec<_> = faults.collect::<Result<_>>()?;
        if u.int_in_range(0..=5_u8)? == 0 {
            faults.push(PlannedFault {
                operation: Some(Operation::AbortMultipartUpload),
                part_number: None,
                nth: 1,
                times: FOR_GOOD,
                fault: answer(500, Some("InternalError")),
            });
        }
        Ok(Self { upload, faults })
    }
}

fn answer(status: u16, code: Option<&str>) -> Fault {
    Fault::Answer {
        status,
        code: code.map(str::to_owned),
    }
}

/// Each operation with each way to fail, once and for good.
fn draw_fault(u: &mut Unstructured<'_>) -> Result<PlannedFault> {
    use Operation::{CompleteMultipartUpload, InitiateMultipartUpload, UploadPart};
    let operation = *u.choose(&[
        UploadPart,
        UploadPart,
        UploadPart,
        CompleteMultipartUpload,
        CompleteMultipartUpload,
        InitiateMultipartUpload,
    ])?;
    let fault = match u.int_in_range(0..=10_u8)? {
        0 => answer(500, Some("InternalError")),
        1 => answer(503, None),
        2 => answer(403, Some("AccessDenied")),
        3 => Fault::CutBeforeBody,
        4 => Fault::CutInBody,
        5 => Fault::CutAfterBody,
        6 => Fault::CutAnswer {
            after: u.int_in_range(0..=200)?,
        },
        7 => Fault::Delay {
            milliseconds: u.int_in_range(1..=20)?,
        },
        // Begun as a success, which it is not.
        8 if operation == CompleteMultipartUpload => answer(200, Some("InternalError")),
        9 => answer(409, Some("OperationAborted")),
        _ => Fault::LoseAnswer,
    };
    let is_one_of_many = operation == UploadPart;
    Ok(PlannedFault {
        operation: Some(operation),
        part_number: match is_one_of_many && u.arbitrary()? {
            true => Some(u.int_in_range(1..=3)?),
            false => None,
        },
        // There is a second request of the others only if the first failed.
        nth: u.int_in_range(1..=if is_one_of_many { 3 } else { 1 })?,
        times: *u.choose(&[1, 1, 2, FOR_GOOD])?,
        fault,
    })
}

impl Case for FailingUploadCase {
    const BYTES: usize = 128;
    const MOST_STEPS: u32 = 60;

    fn classes(&self) -> Classes {
        let any = |test: &dyn Fn(&PlannedFault) -> bool| self.faults.iter().any(test);
        let is_cut = |planned: &PlannedFault| {
            matches!(
                planned.fault,
                Fault::CutBeforeBody
                    | Fault::CutInBody
                    | Fault::CutAfterBody
                    | Fault::CutAnswer { .. }
            )
        };
        let aborts =
            |planned: &PlannedFault| planned.operation == Some(Operation::AbortMultipartUpload);
        self.upload
            .classes()
            .with(
                Class::AnsweredError,
                any(&|planned| matches!(planned.fault, Fault::Answer { .. }) && !aborts(planned)),
            )
            .with(Class::LostConnection, any(&is_cut))
            .with(
                Class::LostAnswer,
                any(&|planned| planned.fault == Fault::LoseAnswer),
            )
            .with(
                Class::FailsForGood,
                any(&|planned| planned.times == FOR_GOOD && !aborts(planned)),
            )
            .with(Class::FailsOnce, any(&|planned| planned.times == 1))
            .with(Class::AbortFails, any(&aborts))
    }

    fn smaller(&self) -> Vec<Self> {
        let mut smaller = Vec::new();
        for index in 0..self.faults.len() {
            let mut faults = self.faults.clone();
            faults.remove(index);
            smaller.push(Self {
                faults,
                ..self.clone()
            });
        }
        for index in 0..self.faults.len() {
            let mut faults = self.faults.clone();
            if let Some(fault) = faults.get_mut(index) {
                fault.nth = 1;
                smaller.push(Self {
                    faults,
                    ..self.clone()
                });
            }
        }
        let uploads = self.upload.smaller().into_iter();
        smaller.extend(uploads.map(|upload| Self {
            upload,
            ..self.clone()
        }));
        smaller.retain(|case| case != self && case.check().is_ok());
        smaller
    }

    fn check(&self) -> std::result::Result<(), String> {
        if self.upload.part_size.is_none() || self.faults.len() > 8 {
            return Err("expected a part size and at most 8 faults".to_owned());
        }
        for planned in &self.faults {
            planned.check()?;
            if matches!(
                planned.fault,
                Fault::Delay {
                    milliseconds: 1_001..
                }
            ) {
                return Err("a delay above a second".to_owned());
            }
        }
        self.upload.check()
    }
}

/// Uploads in very many parts, one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CountCase {
    /// How many parts each has, if its part size is kept. The last part is of one byte.
    pub counts: Vec<u64>,
    /// Bytes of a part.
    pub part_size: u64,
}

impl<'a> Arbitrary<'a> for CountCase {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        // A gigabyte each: many a client takes a minute and more for it. What is planned beside the limit, `LimitCase` has without the bytes.
        let mut counts = vec![MAX_PART_COUNT];
        if u.int_in_range(0..=15_u8)? == 1 {
            counts.extend([1, MAX_PART_COUNT - 1, MAX_PART_COUNT + 1]);
        }
        Ok(Self {
            counts,
            part_size: MIN_PART_SIZE,
        })
    }
}

impl CountCase {
    /// The plaintext that makes so many parts.
    pub(crate) fn plaintext(&self, count: u64) -> Plaintext {
        Plaintext {
            seed: 0,
            length: (count - 1) * self.part_size + 1,
        }
    }
}

impl Case for CountCase {
    const BYTES: usize = 1;
    const MOST_STEPS: u32 = 6;

    fn classes(&self) -> Classes {
        let has = |count: u64| self.counts.contains(&count);
        Classes::default()
            .with(Class::CountOne, has(1))
            .with(Class::Count9999, has(MAX_PART_COUNT - 1))
            .with(Class::Count10000, has(MAX_PART_COUNT))
            .with(Class::Count10001, has(MAX_PART_COUNT + 1))
    }

    fn smaller(&self) -> Vec<Self> {
        let one = |count: &u64| Self {
            counts: vec![*count],
            part_size: self.part_size,
        };
        match self.counts.len() {
            1 => Vec::new(),
            _ => self.counts.iter().map(one).collect(),
        }
    }

    fn check(&self) -> std::result::Result<(), String> {
        let is_possible = |count: &u64| (1..=MAX_PART_COUNT + 1).contains(count);
        match !self.counts.is_empty()
            && self.counts.len() <= 4
            && self.counts.iter().all(is_possible)
            && self.part_size == MIN_PART_SIZE
        {
            true => Ok(()),
            false => Err(format!(
                "counts {:?} in parts of {}, expected 1 to 4 counts from 1 to 10,001 and 102,400",
                self.counts, self.part_size
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_count_is_tried_alone() {
        let case = CountCase::arbitrary(&mut Unstructured::new(&[1])).unwrap();
        case.check().unwrap();
        assert_eq!(case.smaller().len(), 4);
        assert!(
            case.smaller()
                .iter()
                .all(|one| one.check().is_ok() && one.smaller().is_empty())
        );
    }
}
