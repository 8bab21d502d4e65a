//! A law is one sentence that must hold for a case: a function that compares a subject's answer with the model's, or with
//! itself. [`LAWS`] is the table of all of them.

use std::fmt;

use partproof_model::{Rule, Severity, rules};

use crate::case::answer::AnswerCase;
use crate::case::encrypt::EncryptCase;
use crate::case::envelope::{BrokenEnvelopeCase, EnvelopeCase};
use crate::case::hostile_xml::HostileXmlCase;
use crate::case::part_list::{HostilePartListCase, PartListCase};
use crate::case::plan::{HostilePlanCase, PlanCase};
use crate::case::position::PositionCase;
use crate::case::tamper::TamperCase;
use crate::class::Class;
use crate::laws;
use crate::subject::{
    AnswerReader, Encryptor, EnvelopeCodec, PartListBuilder, PartListReader, Planner, Refusal,
    Subject,
};

/// One law.
pub struct Law {
    /// A stable name.
    pub id: &'static str,
    /// What must hold, in one sentence.
    pub sentence: &'static str,
    /// The rules a violation may name, the weightiest first.
    pub rules: &'static [&'static Rule],
    /// The classes of input a run must have met.
    pub classes: &'static [Class],
    /// How many cases a quick run draws.
    pub quick_cases: u32,
    /// The function, and the kind of piece and case it takes.
    pub check: Check,
}

impl Law {
    /// What its weightiest violation means.
    pub fn severity(&self) -> Severity {
        self.rules
            .iter()
            .map(|rule| rule.severity)
            .max()
            .unwrap_or(Severity::May)
    }

    /// The law of that id.
    pub fn find(id: &str) -> Option<&'static Self> {
        LAWS.iter().find(|law| law.id == id)
    }
}

impl fmt::Debug for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Law")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// A law's function, by the piece it judges and the case it takes.
#[allow(
    missing_docs,
    reason = "each variant is the piece and the case of its function"
)]
pub enum Check {
    Plan(fn(&dyn Planner, &PlanCase) -> Held),
    HostilePlan(fn(&dyn Planner, &HostilePlanCase) -> Held),
    PartList(fn(&dyn PartListBuilder, &PartListCase) -> Held),
    HostilePartList(fn(&dyn PartListBuilder, &HostilePartListCase) -> Held),
    PartListSpelling(fn(&dyn PartListReader, &PartListCase) -> Held),
    Encrypt(fn(&dyn Encryptor, &EncryptCase) -> Held),
    Position(fn(&dyn Encryptor, &PositionCase) -> Held),
    Tamper(fn(&dyn Encryptor, &TamperCase) -> Held),
    Envelope(fn(&dyn EnvelopeCodec, &EnvelopeCase) -> Held),
    BrokenEnvelope(fn(&dyn EnvelopeCodec, &BrokenEnvelopeCase) -> Held),
    Answer(fn(&dyn AnswerReader, &AnswerCase) -> Held),
    HostileXml(fn(&Subject<'_>, &HostileXmlCase) -> Held),
}

/// Whether a law held for a case.
pub type Held = Result<(), Unheld>;

/// Why a law did not hold.
#[derive(Clone, Debug)]
pub enum Unheld {
    /// The subject declared that it does not do this; the case does not count.
    NotDeclared,
    /// The subject refused cleanly where it may; the case does not count as met.
    Refused(Refusal),
    /// The subject is wrong.
    Violated(Box<Violation>),
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The rule that is broken.
    pub rule: &'static Rule,
    /// What was observed, in a few fixed words: violations of one rule with one symptom are one finding.
    pub symptom: &'static str,
    /// What the model, or the subject itself elsewhere, answers.
    pub expected: String,
    /// What the subject answered.
    pub actual: String,
    /// What it would mean for a user.
    pub consequence: Consequence,
}

/// What a violation would mean for a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "see Display")]
pub enum Consequence {
    DataLost,
    PlaintextExposed,
    TamperingUnnoticed,
    UploadRejected,
    OtherClientCannotRead,
    RefusedNeedlessly,
    ProcessEndangered,
}

impl fmt::Display for Consequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::DataLost => "data lost: the upload succeeds, its checksum matches, and the object decrypts to wrong bytes",
            Self::PlaintextExposed => "plaintext exposed: two positions share keystream, so their xor is the xor of their plaintexts",
            Self::TamperingUnnoticed => "tampering unnoticed: bytes that are not what was sealed are released as if they were",
            Self::UploadRejected => "upload rejected: the service refuses it",
            Self::OtherClientCannotRead => "other client cannot read: the object is of use to this client only",
            Self::RefusedNeedlessly => "refused needlessly: an upload or object that is right cannot be made or read",
            Self::ProcessEndangered => "process endangered: a document or request from outside ends or exhausts it",
        })
    }
}

impl From<Violation> for Unheld {
    fn from(violation: Violation) -> Self {
        Self::Violated(Box::new(violation))
    }
}

/// Begins a violation: `rule` is broken, this is what was observed and what it means.
pub(crate) fn violated(
    rule: &'static Rule,
    symptom: &'static str,
    consequence: Consequence,
    expected: impl Into<String>,
    actual: impl Into<String>,
) -> Unheld {
    Violation {
        rule,
        symptom,
        expected: expected.into(),
        actual: actual.into(),
        consequence,
    }
    .into()
}

/// A refusal of something that must work.
pub(crate) fn refused_needlessly(
    rule: &'static Rule,
    expected: impl Into<String>,
) -> impl FnOnce(Refusal) -> Unheld {
    let expected = expected.into();
    move |refusal| {
        violated(
            rule,
            "a right request is refused",
            Consequence::RefusedNeedlessly,
            expected,
            format!("refused: {}", refusal.0),
        )
    }
}

use Class as C;

/// Every law, in the order in which they are run: plans first, since everything rests on them.
pub static LAWS: &[Law] = &[
    Law {
        id: "plan-count",
        sentence: "A plan has ceil(data size / part size) parts.",
        rules: &[rules::PLAN_COUNT],
        classes: &[
            C::CountOne,
            C::CountTwo,
            C::CountMany,
            C::Count9999,
            C::Count10000,
            C::ExactMultiple,
            C::LastShort,
            C::LastOneByte,
            C::AutomaticPlan,
            C::ExplicitPlan,
        ],
        quick_cases: 20_000,
        check: Check::Plan(laws::plan::count),
    },
    Law {
        id: "plan-tiles",
        sentence: "The parts of a plan are numbered from 1 and tile the object: no gap, no overlap, no empty part.",
        rules: &[rules::PLAN_TILES],
        classes: &[
            C::CountOne,
            C::CountTwo,
            C::CountMany,
            C::Count10000,
            C::ExactMultiple,
            C::LastShort,
            C::NearTwoTo31,
            C::NearTwoTo32,
        ],
        quick_cases: 20_000,
        check: Check::Plan(laws::plan::tiles),
    },
    Law {
        id: "plan-legal",
        sentence: "A plan keeps every limit of the service: at most 10,000 parts, each but the last a multiple of 16 bytes, from 100 KiB to 5 GiB.",
        rules: &[
            rules::COUNT_LIMIT,
            rules::PART_SIZE_ALIGNED,
            rules::PART_TOO_LARGE,
            rules::PART_TOO_SMALL,
        ],
        classes: &[
            C::CountOne,
            C::Count9999,
            C::Count10000,
            C::AutomaticPlan,
            C::ExplicitPlan,
            C::NearObjectLimit,
        ],
        quick_cases: 100_000,
        check: Check::Plan(laws::plan::legal),
    },
    Law {
        id: "plan-feasible",
        sentence: "Every object the service can hold can be planned, with a part size given or not.",
        rules: &[rules::PLAN_FEASIBLE],
        classes: &[
            C::Count9999,
            C::Count10000,
            C::AutomaticPlan,
            C::ExplicitPlan,
            C::NearObjectLimit,
            C::NearTwoTo31,
            C::NearTwoTo32,
        ],
        quick_cases: 100_000,
        check: Check::Plan(laws::plan::feasible),
    },
    Law {
        id: "plan-keeps-part-size",
        sentence: "A part size that the service accepts is planned as it was given.",
        rules: &[rules::PLAN_KEEPS_PART_SIZE],
        classes: &[C::CountMany, C::Count9999, C::Count10000],
        quick_cases: 100_000,
        check: Check::Plan(laws::plan::keeps_part_size),
    },
    Law {
        id: "plan-refusal",
        sentence: "A request that cannot be planned is refused or mended, never planned as asked, and never a crash.",
        rules: &[
            rules::COUNT_LIMIT,
            rules::PART_SIZE_ALIGNED,
            rules::PART_TOO_LARGE,
            rules::PART_TOO_SMALL,
            rules::PLAN_COUNT,
            rules::REFUSAL_CLEAN,
        ],
        classes: &[
            C::ZeroPartSize,
            C::UnalignedPartSize,
            C::Count10001,
            C::EmptyObject,
            C::NearObjectLimit,
            C::NearTwoTo53,
            C::NearTwoTo63,
        ],
        quick_cases: 100_000,
        check: Check::HostilePlan(laws::plan::refusal),
    },
    Law {
        id: "declared-sizes",
        sentence: "The sizes an encryptor declares are those of the bytes it sends, tags included, and make the count it sends.",
        rules: &[rules::DECLARED_SIZES],
        classes: &[
            C::Ctr,
            C::GcmObject,
            C::GcmPart,
            C::TagInLastPart,
            C::TagInOwnPart,
            C::TagSplit,
            C::ExactMultiple,
            C::LastShort,
            C::CountOne,
        ],
        quick_cases: 20_000,
        check: Check::Encrypt(laws::encrypt::declared_sizes),
    },
    Law {
        id: "part-equals-slice",
        sentence: "A part is its slice of the object's ciphertext.",
        rules: &[
            rules::CTR_POSITION,
            rules::GCM_OBJECT_BYTES,
            rules::GCM_PART_SEAL,
        ],
        classes: &[
            C::Ctr,
            C::GcmObject,
            C::GcmPart,
            C::CountOne,
            C::CountMany,
            C::ExactMultiple,
            C::LastShort,
            C::LastOneByte,
        ],
        quick_cases: 20_000,
        check: Check::Encrypt(laws::encrypt::part_equals_slice),
    },
    Law {
        id: "any-order-retry-chunking",
        sentence: "Encrypting parts in any order, any of them again, in chunks of any length, gives the same bytes.",
        rules: &[rules::ENCRYPT_DETERMINISTIC],
        classes: &[
            C::Ctr,
            C::GcmObject,
            C::GcmPart,
            C::OutOfOrder,
            C::Retried,
            C::Chunked,
        ],
        quick_cases: 20_000,
        check: Check::Encrypt(laws::encrypt::any_order_retry_chunking),
    },
    Law {
        id: "counter-arithmetic",
        sentence: "A part anywhere in an object is encrypted with start + offset / 16 as one 128-bit number, for every start.",
        rules: &[rules::CTR_CARRY, rules::CTR_POSITION],
        classes: &[
            C::CarryAt32,
            C::CarryAt64,
            C::WrapAt128,
            C::FarOffset,
            C::Count10000,
        ],
        quick_cases: 20_000,
        check: Check::Position(laws::encrypt::counter_arithmetic),
    },
    Law {
        id: "keystream-once",
        sentence: "No block of keystream encrypts two positions of an object.",
        rules: &[rules::KEYSTREAM_ONCE],
        classes: &[C::Ctr, C::GcmObject, C::GcmPart, C::CountMany],
        quick_cases: 10_000,
        check: Check::Encrypt(laws::encrypt::keystream_once),
    },
    Law {
        id: "round-trip",
        sentence: "What was encrypted decrypts to the same bytes.",
        rules: &[rules::ROUND_TRIP],
        classes: &[
            C::Ctr,
            C::GcmObject,
            C::GcmPart,
            C::CountOne,
            C::CountMany,
            C::ExactMultiple,
            C::LastShort,
            C::TagSplit,
            C::TagInOwnPart,
        ],
        quick_cases: 20_000,
        check: Check::Encrypt(laws::encrypt::round_trip),
    },
    Law {
        id: "reads-the-model",
        sentence: "An object that the model encrypted decrypts to its plaintext.",
        rules: &[rules::ROUND_TRIP],
        classes: &[
            C::Ctr,
            C::GcmObject,
            C::GcmPart,
            C::CountOne,
            C::CountMany,
            C::CarryAt32,
            C::CarryAt64,
            C::WrapAt128,
        ],
        quick_cases: 20_000,
        check: Check::Encrypt(laws::encrypt::reads_the_model),
    },
    Law {
        id: "any-range",
        sentence: "Decrypting stored bytes from any offset gives the plaintext at that offset.",
        rules: &[rules::RANGE_EXACT],
        classes: &[
            C::AlignedOffset,
            C::UnalignedOffset,
            C::FarOffset,
            C::CarryAt32,
            C::CarryAt64,
            C::WrapAt128,
        ],
        quick_cases: 20_000,
        check: Check::Position(laws::encrypt::any_range),
    },
    Law {
        id: "part-body-refusal",
        sentence: "A body that is not of its part's length, or of no part of the upload, is refused.",
        rules: &[rules::BODY_LENGTH],
        classes: &[C::Ctr, C::GcmObject, C::GcmPart, C::CountOne, C::CountMany],
        quick_cases: 10_000,
        check: Check::Encrypt(laws::encrypt::part_body_refusal),
    },
    Law {
        id: "gcm-object-one-shot",
        sentence: "The parts of a GCM object, joined, are one-shot AES-256-GCM over the whole object.",
        rules: &[rules::GCM_OBJECT_BYTES, rules::GCM_OBJECT_TAG],
        classes: &[
            C::GcmObject,
            C::TagInLastPart,
            C::TagInOwnPart,
            C::TagSplit,
            C::OutOfOrder,
        ],
        quick_cases: 20_000,
        check: Check::Encrypt(laws::gcm::object_one_shot),
    },
    Law {
        id: "gcm-part-tags",
        sentence: "Each part of a GCM-part object ends in its own tag, bound to its number and to the declared sizes.",
        rules: &[rules::GCM_PART_SEAL],
        classes: &[C::GcmPart, C::CountOne, C::CountMany],
        quick_cases: 20_000,
        check: Check::Encrypt(laws::gcm::part_tags),
    },
    Law {
        id: "gcm-tampering-refused",
        sentence: "A GCM object with a bit flipped, or a part swapped, dropped, repeated or cut, is refused.",
        rules: &[rules::GCM_AUTHENTIC],
        classes: &[
            C::GcmObject,
            C::GcmPart,
            C::FlippedBit,
            C::SwappedParts,
            C::DroppedPart,
            C::TruncatedPart,
        ],
        quick_cases: 20_000,
        check: Check::Tamper(laws::gcm::tampering_refused),
    },
    Law {
        id: "part-list",
        sentence: "A part list is well formed and has every part, once, ascending, with its ETag.",
        rules: &[
            rules::PART_LIST_XML,
            rules::PART_LIST_ORDER,
            rules::PART_LIST_COMPLETE,
            rules::PART_LIST_ETAG,
        ],
        classes: &[
            C::CountOne,
            C::CountMany,
            C::Count9999,
            C::Count10000,
            C::Unsorted,
            C::EtagPlain,
            C::EtagNeedsEscape,
        ],
        quick_cases: 5_000,
        check: Check::PartList(laws::part_list::faithful),
    },
    Law {
        id: "part-list-completes",
        sentence: "The service completes an upload with the part list of its parts.",
        rules: &[
            rules::PART_LIST_XML,
            rules::PART_LIST_PART,
            rules::COUNT_EXCEEDED,
            rules::COUNT_SHORT,
        ],
        classes: &[C::CountOne, C::CountMany, C::Unsorted],
        quick_cases: 2_000,
        check: Check::PartList(laws::part_list::completes),
    },
    Law {
        id: "part-list-refusal",
        sentence: "Parts that no list may carry are refused or left out, never listed as they are.",
        rules: &[
            rules::PART_LIST_XML,
            rules::PART_LIST_NUMBER,
            rules::PART_LIST_ORDER,
        ],
        classes: &[
            C::EmptyList,
            C::NumberOutOfRange,
            C::DuplicatePart,
            C::ForbiddenCharacter,
        ],
        quick_cases: 20_000,
        check: Check::HostilePartList(laws::part_list::refusal),
    },
    Law {
        id: "part-list-spellings",
        sentence: "A part list is read in every spelling that clients send.",
        rules: &[rules::PART_LIST_LIBERAL],
        classes: &[
            C::CountOne,
            C::CountMany,
            C::LiberalSpelling,
            C::EtagPlain,
            C::EtagNeedsEscape,
        ],
        quick_cases: 5_000,
        check: Check::PartListSpelling(laws::part_list::spellings),
    },
    Law {
        id: "answers-read",
        sentence: "Every field of an answer is read as the service meant it, unescaped and URL-decoded exactly once.",
        rules: &[rules::ANSWER_FIELDS],
        classes: &[C::UrlEncoded, C::LiberalSpelling, C::EtagNeedsEscape],
        quick_cases: 20_000,
        check: Check::Answer(laws::answer::fields),
    },
    Law {
        id: "hostile-xml-refused",
        sentence: "XML that is hostile or broken is refused, in bounded time and memory.",
        rules: &[rules::XML_BOUNDED],
        classes: &[
            C::EntityBomb,
            C::DeepXml,
            C::LargeXml,
            C::TruncatedXml,
            C::WrongEncoding,
        ],
        quick_cases: 1_000,
        check: Check::HostileXml(laws::hostile_xml::refused),
    },
    Law {
        id: "envelope-written",
        sentence: "An envelope that was written says what it should to any other reader.",
        rules: &[rules::ENVELOPE_COMPLETE, rules::WRAPPED_LENGTH],
        classes: &[
            C::Ctr,
            C::WrapPkcs1,
            C::WrapOaep,
            C::WithDescription,
            C::NonAsciiDescription,
        ],
        quick_cases: 250,
        check: Check::Envelope(laws::envelope::written),
    },
    Law {
        id: "envelope-read",
        sentence: "An envelope that another client wrote is read, whatever the spelling of its headers.",
        rules: &[rules::ENVELOPE_TOLERANT],
        classes: &[
            C::Ctr,
            C::WrapPkcs1,
            C::WrapOaep,
            C::WithDescription,
            C::NonAsciiDescription,
            C::LiberalSpelling,
        ],
        quick_cases: 400,
        check: Check::Envelope(laws::envelope::read),
    },
    Law {
        id: "envelope-refusal",
        sentence: "An envelope that is incomplete, unknown or unwraps to wrong lengths is refused.",
        rules: &[rules::ENVELOPE_STRICT, rules::WRAPPED_LENGTH],
        classes: &[
            C::MissingHeader,
            C::WrongMasterKey,
            C::WrongWrappedLength,
            C::UnknownAlgorithm,
            C::BadValue,
        ],
        quick_cases: 400,
        check: Check::BrokenEnvelope(laws::envelope::refusal),
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_are_unique_and_sentences_are_sentences() {
        let mut ids = BTreeSet::new();
        for law in LAWS {
            assert!(ids.insert(law.id), "{} stands twice", law.id);
            assert!(law.sentence.ends_with('.'), "{}", law.id);
            assert!(
                !law.rules.is_empty() && !law.classes.is_empty() && law.quick_cases > 0,
                "{}",
                law.id
            );
        }
    }
}
