//! The table of laws, in the order in which they are run: plans first, since everything rests on them.

use partproof_model::rules;

use super::{Check, Law};
use crate::class::Class as C;
use crate::laws;

/// Each law by itself, so that a program which runs one does not carry all, and the table of them.
macro_rules! laws {
    ($($name:ident = $law:expr;)+) => {
        $(pub(crate) static $name: Law = $law;)+

        /// Every law.
        pub static LAWS: &[&Law] = &[$(&$name),+];
    };
}

laws! {
    PLAN_COUNT = Law {
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
    };
    PLAN_TILES = Law {
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
    };
    PLAN_PART = Law {
        id: "plan-part",
        sentence: "Any part of a plan, taken by itself, has its number, begins at (number - 1) * part size and has its length.",
        rules: &[rules::PLAN_TILES],
        classes: &[
            C::CountOne,
            C::CountTwo,
            C::CountMany,
            C::Count9999,
            C::Count10000,
            C::LastShort,
            C::AutomaticPlan,
            C::NearTwoTo32,
        ],
        quick_cases: 50_000,
        check: Check::PlanPart(laws::plan::part),
    };
    PLAN_LEGAL = Law {
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
    };
    PLAN_FEASIBLE = Law {
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
    };
    PLAN_KEEPS_PART_SIZE = Law {
        id: "plan-keeps-part-size",
        sentence: "A part size that the service accepts is planned as it was given.",
        rules: &[rules::PLAN_KEEPS_PART_SIZE],
        classes: &[C::CountMany, C::Count9999, C::Count10000],
        quick_cases: 100_000,
        check: Check::Plan(laws::plan::keeps_part_size),
    };
    PLAN_REFUSAL = Law {
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
    };
    DECLARED_SIZES = Law {
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
    };
    PART_EQUALS_SLICE = Law {
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
    };
    ANY_ORDER_RETRY_CHUNKING = Law {
        id: "any-order-retry-chunking",
        sentence: "Encrypting parts in any order, any of them again, in chunks of any length, or all at once, gives the same bytes.",
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
    };
    COUNTER_ARITHMETIC = Law {
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
        check: Check::Position(laws::counter::counter_arithmetic),
    };
    KEYSTREAM_ONCE = Law {
        id: "keystream-once",
        sentence: "No block of keystream encrypts two positions of an object.",
        rules: &[rules::KEYSTREAM_ONCE],
        classes: &[C::Ctr, C::GcmObject, C::GcmPart, C::CountMany],
        quick_cases: 10_000,
        check: Check::Encrypt(laws::encrypt::keystream_once),
    };
    ROUND_TRIP = Law {
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
    };
    READS_THE_MODEL = Law {
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
    };
    ANY_RANGE = Law {
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
        check: Check::Position(laws::counter::any_range),
    };
    PART_BODY_REFUSAL = Law {
        id: "part-body-refusal",
        sentence: "A body that is not of its part's length, or of no part of the upload, is refused.",
        rules: &[rules::BODY_LENGTH],
        classes: &[C::Ctr, C::GcmObject, C::GcmPart, C::CountOne, C::CountMany],
        quick_cases: 10_000,
        check: Check::Encrypt(laws::encrypt::part_body_refusal),
    };
    GCM_OBJECT_ONE_SHOT = Law {
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
    };
    GCM_PART_TAGS = Law {
        id: "gcm-part-tags",
        sentence: "Each part of a GCM-part object ends in its own tag, bound to its number and to the declared sizes.",
        rules: &[rules::GCM_PART_SEAL],
        classes: &[C::GcmPart, C::CountOne, C::CountMany],
        quick_cases: 20_000,
        check: Check::Encrypt(laws::gcm::part_tags),
    };
    GCM_TAMPERING_REFUSED = Law {
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
    };
    PART_LIST = Law {
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
    };
    PART_LIST_COMPLETES = Law {
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
    };
    PART_LIST_REFUSAL = Law {
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
    };
    PART_LIST_SPELLINGS = Law {
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
    };
    ANSWERS_READ = Law {
        id: "answers-read",
        sentence: "Every field of an answer is read as the service meant it, unescaped and URL-decoded exactly once.",
        rules: &[rules::ANSWER_FIELDS],
        classes: &[C::UrlEncoded, C::LiberalSpelling, C::EtagNeedsEscape],
        quick_cases: 20_000,
        check: Check::Answer(laws::answer::fields),
    };
    HOSTILE_XML_REFUSED = Law {
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
    };
    ENVELOPE_WRITTEN = Law {
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
    };
    ENVELOPE_READ = Law {
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
    };
    ENVELOPE_REFUSAL = Law {
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
    };
    ANY_PARTS = Law {
        id: "any-parts",
        sentence: "Whatever numbers and ETags are given, a part list says just these, or is refused.",
        rules: &[
            rules::PART_LIST_XML,
            rules::PART_LIST_NUMBER,
            rules::PART_LIST_ORDER,
            rules::PART_LIST_COMPLETE,
        ],
        classes: &[
            C::CountOne,
            C::CountMany,
            C::EmptyList,
            C::EmptyEtag,
            C::ForbiddenCharacter,
        ],
        quick_cases: 10_000,
        check: Check::AnyParts(laws::outside::any_parts),
    };
    ANY_PART_LIST = Law {
        id: "any-part-list",
        sentence: "Whatever bytes two readers both take for a part list have the same parts to both.",
        rules: &[rules::PART_LIST_LIBERAL],
        classes: &[C::WholeDocument, C::BrokenDocument, C::WrongEncoding],
        quick_cases: 10_000,
        check: Check::PartListBytes(laws::outside::part_list_bytes),
    };
    ANY_ANSWER = Law {
        id: "any-answer",
        sentence: "Whatever bytes two readers both take for an answer say the same to both.",
        rules: &[rules::ANSWER_FIELDS],
        classes: &[C::WholeDocument, C::BrokenDocument, C::WrongEncoding],
        quick_cases: 10_000,
        check: Check::AnswerBytes(laws::outside::answer_bytes),
    };
    ANY_HEADERS = Law {
        id: "any-headers",
        sentence: "Whatever headers are read as an envelope, each value is the one that was sent, and can be written again.",
        rules: &[rules::ENVELOPE_STRICT],
        classes: &[
            C::WholeDocument,
            C::MissingHeader,
            C::WithDescription,
            C::PaddedSize,
        ],
        quick_cases: 10_000,
        check: Check::AnyHeaders(laws::outside::any_headers),
    };
    SESSION = Law {
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
        quick_cases: 5_000,
        check: Check::Session(laws::session::view_is_the_services),
    };
    UPLOAD = Law {
        id: "upload",
        sentence: "An upload is stored as the model stores it: a true envelope, every part its slice's ciphertext, and nothing shared with another upload.",
        rules: &[
            rules::KEYSTREAM_ONCE,
            rules::CALLS_INDEPENDENT,
            rules::CTR_POSITION,
            rules::DECLARED_SIZES,
            rules::ENVELOPE_COMPLETE,
            rules::WRAPPED_LENGTH,
            rules::GCM_OBJECT_BYTES,
            rules::GCM_PART_SEAL,
            rules::ENCRYPT_DETERMINISTIC,
            rules::FAILURE_TOLD,
            rules::ORPHAN_TOLD,
            rules::ANSWER_FIELDS,
        ],
        classes: &[
            C::CountOne,
            C::CountTwo,
            C::CountMany,
            C::ExactMultiple,
            C::LastShort,
            C::LastOneByte,
            C::EmptyObject,
            C::AutomaticPlan,
            C::ExplicitPlan,
            C::Ctr,
            C::GcmObject,
            C::GcmPart,
            C::TagInLastPart,
            C::TagInOwnPart,
            C::TagSplit,
            C::ZeroPlaintext,
            C::Parallel,
            C::SignedV1,
            C::SignedV4,
            C::EncodedName,
        ],
        quick_cases: 150,
        check: Check::Upload(laws::client::upload::stored_as_the_models),
    };
    UPLOAD_COUNT = Law {
        id: "upload-count",
        sentence: "An upload of 1, 9,999 or 10,000 parts is stored as the model stores it, and one of 10,001 is planned anew or refused.",
        rules: &[
            rules::KEYSTREAM_ONCE,
            rules::CTR_POSITION,
            rules::DECLARED_SIZES,
            rules::ORPHAN_TOLD,
            rules::PLAN_FEASIBLE,
        ],
        classes: &[C::CountOne, C::Count10000, C::Count10001],
        quick_cases: 1,
        check: Check::UploadCount(laws::client::count::up_to_the_limit),
    };
    UPLOAD_FAILS = Law {
        id: "upload-fails",
        sentence: "Whatever fails on the way, the object is that of an undisturbed upload, or there is none and the failure is told.",
        rules: &[
            rules::ENCRYPT_DETERMINISTIC,
            rules::KEYSTREAM_ONCE,
            rules::CTR_POSITION,
            rules::DECLARED_SIZES,
            rules::FAILURE_TOLD,
            rules::ORPHAN_TOLD,
        ],
        classes: &[
            C::Ctr,
            C::GcmObject,
            C::GcmPart,
            C::Parallel,
            C::AnsweredError,
            C::LostConnection,
            C::LostAnswer,
            C::FailsOnce,
            C::FailsForGood,
            C::AbortFails,
        ],
        quick_cases: 150,
        check: Check::FailingUpload(laws::client::failing::whole_or_told),
    };
    UPLOAD_RESUMES = Law {
        id: "upload-resumes",
        sentence: "An upload that was interrupted and is resumed ends as an uninterrupted one, or is refused.",
        rules: &[
            rules::ENCRYPT_DETERMINISTIC,
            rules::KEYSTREAM_ONCE,
            rules::CHECKPOINT_SECRET,
            rules::RESUME_COHERENT,
            rules::CTR_POSITION,
            rules::DECLARED_SIZES,
            rules::FAILURE_TOLD,
        ],
        classes: &[
            C::Ctr,
            C::GcmObject,
            C::GcmPart,
            C::ResumedUnchanged,
            C::ListInPages,
            C::StaleList,
        ],
        quick_cases: 100,
        check: Check::Resume(laws::client::resume::as_uninterrupted),
    };
    UPLOAD_SOURCE = Law {
        id: "upload-source",
        sentence: "Whatever a source does while it is read, the object is one version of it, whole, or there is none and the failure is told.",
        rules: &[
            rules::SOURCE_COHERENT,
            rules::FAILURE_TOLD,
            rules::ORPHAN_TOLD,
        ],
        classes: &[
            C::SourceMoved,
            C::SourceShorter,
            C::SourceLonger,
            C::SourceEdited,
            C::SourceTruncated,
            C::SourceExtended,
        ],
        quick_cases: 60,
        check: Check::Source(laws::client::source::one_version),
    };
    DOWNLOAD = Law {
        id: "download",
        sentence: "What the model or another client wrote is read back whole and by range, and what cannot be opened is refused.",
        rules: &[
            rules::ENVELOPE_STRICT,
            rules::GCM_AUTHENTIC,
            rules::ROUND_TRIP,
            rules::RANGE_EXACT,
            rules::ENVELOPE_TOLERANT,
        ],
        classes: &[
            C::Ctr,
            C::GcmObject,
            C::GcmPart,
            C::CarryAt32,
            C::CarryAt64,
            C::WrapAt128,
            C::WrapPkcs1,
            C::WrapOaep,
            C::WithDescription,
            C::NonAsciiDescription,
            C::EmptyObject,
            C::SinglePut,
            C::MultipartObject,
            C::WithoutSizes,
            C::WholeRead,
            C::ClosedRange,
            C::OpenRange,
            C::SuffixRange,
            C::RangeBeyondEnd,
            C::UnalignedOffset,
            C::FailingRead,
            C::WrongMasterKey,
            C::WrongWrappedLength,
            C::UnknownAlgorithm,
            C::FlippedBit,
        ],
        quick_cases: 600,
        check: Check::Download(laws::client::download::as_written),
    };
    ANY_CAPTURE = Law {
        id: "any-capture",
        sentence: "Any bytes given as a capture are diagnosed or refused, never a crash.",
        rules: &[rules::REFUSAL_CLEAN],
        classes: &[C::WholeDocument, C::BrokenDocument, C::WrongEncoding],
        quick_cases: 2_000,
        check: Check::AnyCapture(laws::outside::any_capture),
    };
    ANY_CASE_FILE = Law {
        id: "any-case-file",
        sentence: "Any bytes given as a case file are read or refused, never a crash.",
        rules: &[rules::REFUSAL_CLEAN],
        classes: &[C::WholeDocument, C::BrokenDocument, C::WrongEncoding],
        quick_cases: 5_000,
        check: Check::AnyCaseFile(laws::outside::any_case_file),
    };
    ANY_VECTORS = Law {
        id: "any-vectors",
        sentence: "Any bytes given as a file of vectors are checked or refused, never a crash.",
        rules: &[rules::REFUSAL_CLEAN],
        classes: &[C::WholeDocument, C::BrokenDocument, C::WrongEncoding],
        quick_cases: 500,
        check: Check::AnyVectors(laws::outside::any_vectors),
    };
    ANY_CHECKPOINT = Law {
        id: "any-checkpoint",
        sentence: "Any bytes given as a checkpoint are read as what they say, or refused, never a crash.",
        rules: &[rules::RESUME_COHERENT, rules::REFUSAL_CLEAN],
        classes: &[C::WholeDocument, C::BrokenDocument, C::WrongEncoding],
        quick_cases: 5_000,
        check: Check::AnyCheckpoint(laws::outside::any_checkpoint),
    };
    ANY_ANSWER_LINE = Law {
        id: "any-answer-line",
        sentence: "Any bytes that a subject in another process answers are read as what they say, or what is wrong with them is said.",
        rules: &[rules::REFUSAL_CLEAN],
        classes: &[C::WholeDocument, C::BrokenDocument, C::WrongEncoding],
        quick_cases: 5_000,
        check: Check::AnyAnswerLine(laws::outside::any_answer_line),
    };
    ANY_EXCHANGE = Law {
        id: "any-exchange",
        sentence: "Whatever a client sends, each request is answered whole and by the rules; one that is refused, signed with another key, or from another site's page, changes nothing.",
        rules: &[
            rules::SIGNATURE_MATCHES,
            rules::ANSWER_FIELDS,
            rules::REFUSAL_CLEAN,
        ],
        classes: &[C::WholeDocument, C::BrokenDocument, C::WrongEncoding],
        quick_cases: 1_000,
        check: Check::AnyExchange(laws::emulator::any_exchange),
    };
    ANY_JOURNAL = Law {
        id: "any-journal",
        sentence: "Any bytes given as a journal are restored, the same every time, whole, cut, torn or written anew, or refused with their line.",
        rules: &[rules::REFUSAL_CLEAN],
        classes: &[C::WholeDocument, C::BrokenDocument, C::WrongEncoding],
        quick_cases: 1_000,
        check: Check::AnyJournal(laws::emulator::any_journal),
    };
    ANY_SCRIPT = Law {
        id: "any-script",
        sentence: "Any bytes given as a script of faults are read as what they say, or refused with their place.",
        rules: &[rules::REFUSAL_CLEAN],
        classes: &[C::WholeDocument, C::BrokenDocument, C::WrongEncoding],
        quick_cases: 5_000,
        check: Check::AnyScript(laws::emulator::any_script),
    };
}

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
