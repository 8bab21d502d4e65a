//! Cases for uploads on which something goes wrong.

use arbitrary::{Arbitrary, Result, Unstructured};
use partproof_emulator::{Fault, Operation, PlannedFault};
use serde::{Deserialize, Serialize};

use super::upload::UploadCase;
use partproof_suite::case::Case;
use partproof_suite::class::{Class, Classes};

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

/// As an ETag of a part is written; of another part.
const WRONG_ETAG: &str = "\"00000000000000000000000000000000\"";

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
        8 if operation == CompleteMultipartUpload => match u.int_in_range(0..=4_u8)? {
            // Begun as a success, which it is not.
            0 | 1 => answer(200, Some("InternalError")),
            2 => answer(200, None),
            3 => Fault::Blanks,
            _ => Fault::AnswerAfter {
                status: 500,
                code: Some("InternalError".to_owned()),
            },
        },
        8 if operation == UploadPart => {
            let (name, value) = *u.choose(&[
                ("etag", None),
                ("etag", Some(WRONG_ETAG)),
                ("x-oss-hash-crc64ecma", Some("1")),
            ])?;
            Fault::Header {
                name: name.to_owned(),
                value: value.map(str::to_owned),
            }
        }
        9 => match u.arbitrary()? {
            true => answer(409, Some("OperationAborted")),
            false => answer(307, None),
        },
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

impl FailingUploadCase {
    /// Whether the service told another ETag of a part than it has: then it is not the client's, if the part list is refused.
    pub(crate) fn tells_a_wrong_etag(&self) -> bool {
        let is_wrong = |planned: &PlannedFault| matches!(&planned.fault, Fault::Header { name, .. } if name == "etag");
        self.faults.iter().any(is_wrong)
    }

    /// Which operation fails in which way, if this fault is sure to happen.
    fn class(&self, planned: &PlannedFault) -> Option<Class> {
        use Operation::{CompleteMultipartUpload, InitiateMultipartUpload, UploadPart};
        let count = self.upload.layout()?.wire().count();
        // With another that does not pass, it may never come to this one; and an object in one part may be put at once.
        let others = self.faults.iter().filter(|other| *other != planned);
        let is_sure = planned.nth == 1
            && count > 1
            && planned.part_number.is_none_or(|number| number <= count)
            && others
                .map(|other| other.operation)
                .all(|operation| operation == Some(Operation::AbortMultipartUpload));
        let row = match planned.operation? {
            InitiateMultipartUpload => 0,
            UploadPart => 1,
            CompleteMultipartUpload => 2,
            _ => return None,
        };
        let way = match planned.fault {
            Fault::Answer {
                status: 200,
                code: Some(_),
            } => return is_sure.then_some(Class::CompleteErrorBehind200),
            Fault::Answer { status: 200, .. } => return is_sure.then_some(Class::CompleteEmpty),
            Fault::AnswerAfter { .. } => return is_sure.then_some(Class::CompleteErrorAfter),
            Fault::Blanks => return is_sure.then_some(Class::CompleteBlanks),
            Fault::Header { ref value, .. } => {
                let class = match value.as_deref() {
                    None => Class::PartWithoutEtag,
                    Some(WRONG_ETAG) => Class::PartWrongEtag,
                    Some(_) => Class::PartWrongChecksum,
                };
                return is_sure.then_some(class);
            }
            Fault::Answer { .. } => 0,
            Fault::CutBeforeBody | Fault::CutInBody | Fault::CutAfterBody => 1,
            Fault::LoseAnswer => 2,
            _ => return None,
        };
        let often = match planned.times {
            1 => 0,
            FOR_GOOD => 1,
            _ => return None,
        };
        is_sure.then_some(GRID[row][way][often])
    }
}

/// By operation: answered with an error, not carried out, carried out with the answer lost; each once and for good.
const GRID: [[[Class; 2]; 3]; 3] = [
    [
        [Class::InitiateErrorOnce, Class::InitiateErrorForGood],
        [Class::InitiateCutOnce, Class::InitiateCutForGood],
        [Class::InitiateLostOnce, Class::InitiateLostForGood],
    ],
    [
        [Class::PartErrorOnce, Class::PartErrorForGood],
        [Class::PartCutOnce, Class::PartCutForGood],
        [Class::PartLostOnce, Class::PartLostForGood],
    ],
    [
        [Class::CompleteErrorOnce, Class::CompleteErrorForGood],
        [Class::CompleteCutOnce, Class::CompleteCutForGood],
        [Class::CompleteLostOnce, Class::CompleteLostForGood],
    ],
];

impl Case for FailingUploadCase {
    const BYTES: usize = 128;
    const MOST_STEPS: u32 = 60;

    fn classes(&self) -> Classes {
        let mut classes = self.upload.classes();
        for planned in &self.faults {
            if planned.operation == Some(Operation::AbortMultipartUpload) {
                classes = classes.with(Class::AbortFails, true);
            } else if let Some(class) = self.class(planned) {
                classes = classes.with(class, true);
            }
        }
        classes
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
        self.upload.caller.is_nobody()?;
        self.upload.check()
    }
}
