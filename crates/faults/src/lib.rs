//! The fault bank: clients, in pieces and whole, with one planted defect each, most of them seen in real clients, and right clients that differ
//! from the built-in one where clients may. The laws of [`partproof_suite`] must find every fault and accuse no variant.
//!
//! ```
//! use partproof_faults::FAULTS;
//!
//! let fault = FAULTS.iter().find(|fault| fault.id == "plan-one-too-many").expect("it is in the bank");
//! let report = partproof_suite::check(&fault.subject(), |law| law.id == fault.law);
//! assert_eq!(report.findings[0].id, "plan-count/too-many-parts");
//! ```

mod answer;
mod caller;
mod client_variant;
mod counter;
mod download;
mod download_range;
mod emulator;
mod encryptor;
mod envelope;
mod envelope_reader;
mod failing;
mod fault;
mod hostile_xml;
mod list_variant;
mod outside;
mod part_list;
mod part_size;
mod part_state;
mod piece_variant;
mod planner;
mod range;
mod reader;
mod reported;
mod sequential;
mod session;
mod tag;
mod variant;
mod whole;

pub use fault::Fault;
pub use variant::{VARIANTS, Variant};

/// Faults by which two threads meet: which of them is first is chance, and so is which symptom a case shows.
pub const RACES: [&str; 1] = [reported::CIPHER_SHARED.id];

/// Every fault, by the piece that has it.
pub static FAULTS: &[Fault] = &[
    planner::ONE_TOO_MANY,
    planner::REST_DROPPED,
    planner::EMPTY_LAST_PART,
    planner::SINGLE_PRECISION,
    planner::SIZE_IN_32_BITS,
    planner::LAST_PART_MODULO,
    planner::NUMBER_IN_12_BITS,
    planner::OFFSET_IN_32_BITS,
    planner::OFFSET_SIGNED,
    planner::NUMBERED_FROM_ZERO,
    planner::AUTOMATIC_UNALIGNED,
    planner::AUTOMATIC_ROUNDED_DOWN,
    planner::AUTOMATIC_NOT_ADJUSTED,
    planner::TEN_THOUSAND_REFUSED,
    planner::SMALL_FILE_REFUSED,
    planner::TWO_GIB_REFUSED,
    planner::REPLANNED_NEEDLESSLY,
    planner::ROUNDED_TO_MIB,
    planner::ZERO_DIVIDES,
    planner::COUNT_UNCHECKED,
    planner::UNALIGNED_TAKEN,
    planner::EMPTY_UNDERFLOWS,
    part_size::GROWTH_ENDS_EARLY,
    part_size::DOUBLED_PAST_5_GIB,
    part_size::CUT_FOR_THREADS,
    part_size::REMAINDER_MERGED,
    part_size::CAPACITY_IN_32_BITS,
    part_size::LARGE_PART_TAKEN,
    counter::CARRY_LOST_AT_64,
    counter::CARRY_LOST_AT_32,
    counter::COUNTING_IN_64_BITS,
    counter::START_SIGNED,
    counter::CARRY_GOES_AROUND,
    counter::START_FROM_ITS_END,
    counter::OFFSET_IN_32_BITS,
    counter::WRAP_RAISES,
    counter::BLOCK_IN_32_BITS,
    counter::OFFSET_MISSING,
    counter::NUMBER_FOR_BLOCK,
    counter::NUMBER_TIMES_PART_SIZE,
    counter::LITTLE_ENDIAN,
    range::RANGE_TRUNCATED_TO_BLOCK,
    range::RANGE_WITHIN_PART,
    range::RANGE_CARRY_LOST,
    range::RANGE_OFFSET_IN_32_BITS,
    range::RANGE_START_SIGNED,
    range::OPEN_COUNTING_IN_64_BITS,
    range::RANGE_PREFIX_KEPT,
    part_state::STREAM_GOES_ON,
    part_state::RETRY_ENCRYPTS_AGAIN,
    part_state::CHUNK_STARTS_A_BLOCK,
    part_state::AT_ONCE_FROM_ZERO,
    part_state::SHORT_PART_PLAIN,
    part_state::END_NEVER_ASKED_FOR,
    part_state::AFTER_THE_FIRST_PLAIN,
    part_state::COUNTER_OF_THE_TAG,
    part_state::LAST_BLOCK_DROPPED,
    part_state::PARTS_READ_FROM_ZERO,
    part_state::BODY_LENGTH_UNCHECKED,
    part_state::DATA_SIZE_UNCHECKED,
    tag::PLAINTEXT_SIZE_DECLARED,
    tag::TAG_PART_NOT_COUNTED,
    tag::ROOM_DECLARED,
    tag::TAG_PART_NOT_SENT,
    tag::TAG_NEVER_SPLIT,
    tag::TAG_OF_ARRIVAL,
    tag::TAG_MISSING,
    tag::SIZES_NOT_BOUND,
    tag::NUMBER_NOT_IN_NONCE,
    tag::PARTS_COUNTED_FROM_ZERO,
    tag::CUT_TO_THE_PLAINTEXT,
    tag::SPLIT_TAG_UNREADABLE,
    tag::BAD_TAG_RELEASED,
    tag::SHORT_TAG_TAKEN,
    tag::PARTS_IN_ANY_ORDER,
    tag::COUNT_NOT_CHECKED,
    part_list::UNSORTED,
    part_list::LEXICOGRAPHIC,
    part_list::LAST_MISSING,
    part_list::FIRST_THOUSAND,
    part_list::LOST_UPDATE,
    part_list::UNESCAPED,
    part_list::ESCAPED_TWICE,
    part_list::AMPERSAND_LAST,
    part_list::ETAGS_IN_LOWER_CASE,
    part_list::RAW_CARRIAGE_RETURN,
    part_list::QUOTES_DOUBLED,
    part_list::LISTED_FROM_ZERO,
    part_list::IN_16_BITS,
    part_list::IN_32_BITS,
    part_list::DUPLICATES,
    part_list::CONTROL_CHARACTERS,
    part_list::ANY_NUMBER,
    part_list::EMPTY_LIST,
    part_list::NUMBERED_REFERENCE_REFUSED,
    part_list::ETAG_FIRST_REFUSED,
    part_list::READER_UNESCAPES_TWICE,
    part_list::DECLARATION_REFUSED,
    part_list::SECTION_PASSED_OVER,
    part_list::COMMENT_READ,
    answer::KEY_DECODED_TWICE,
    answer::KEY_NOT_DECODED,
    answer::PLUS_IS_SPACE,
    answer::ETAG_REFERENCES_LEFT,
    answer::SECTION_PASSED_OVER,
    answer::EC_LOST,
    answer::ALWAYS_THE_LAST_PAGE,
    answer::LAST_PART_FORGOTTEN,
    answer::FALSE_IS_TRUE,
    answer::SOLE_PART_LOST,
    answer::SIZE_IN_32_BITS,
    hostile_xml::TRUNCATED_TAKEN,
    hostile_xml::JUNK_AFTER_THE_END,
    hostile_xml::BAD_UTF_8_REPLACED,
    hostile_xml::NUL_DROPPED,
    hostile_xml::EMPTY_INDEXED,
    hostile_xml::ENTITIES_EXPANDED,
    envelope::KEY_BASE64_TWICE,
    envelope::START_NOT_WRAPPED,
    envelope::SIZES_SWAPPED,
    envelope::DESCRIPTION_NOT_JSON,
    envelope::DATA_SIZE_IN_32_BITS,
    envelope::WRAPPED_AS_JAVA_SAYS,
    envelope::DESCRIPTION_IN_ASCII,
    envelope::KEY_AND_START_SWAPPED,
    envelope_reader::DESCRIPTION_AS_BYTES,
    envelope_reader::NAMES_CASE_SENSITIVE,
    envelope_reader::KEY_ENDS_AT_A_ZERO,
    envelope_reader::ESCAPES_LEFT,
    envelope_reader::SIZES_REQUIRED,
    envelope_reader::LENGTH_NOT_CHECKED,
    envelope_reader::WRONG_KEY_GARBAGE,
    envelope_reader::ALGORITHM_NOT_CHECKED,
    envelope_reader::INCOMPLETE_TAKEN,
    envelope_reader::SIZE_READ_LIKE_ATOI,
    outside::EMPTY_ETAG_DROPPED,
    outside::ETAG_ENDS_AT_A_COMMENT,
    outside::TEXT_ENDS_AT_A_COMMENT,
    outside::SIZE_READ_AS_OCTAL,
    outside::LAST_OF_TWO_HEADERS,
    outside::CAPTURE_LENGTH_TRUSTED,
    outside::CASE_FILE_WITHOUT_A_COLON,
    outside::VECTORS_TAKEN_FOR_JSON,
    outside::CHECKPOINT_OF_ANY_VERSION,
    outside::ANSWER_LINE_ENDS_EARLY,
    emulator::PRESIGNED_NOT_VERIFIED,
    emulator::EC_NOT_IN_BODY,
    emulator::REFUSED_PART_KEPT,
    emulator::BODY_LEFT,
    emulator::CUT_LINE_KEPT,
    emulator::WRONG_LINE_NOT_NAMED,
    emulator::TORN_LINE_REFUSED,
    emulator::UPLOADS_COUNTED_ANEW,
    emulator::ANY_HOST_SERVED,
    emulator::DELAY_IN_SECONDS,
    session::MARKER_SKIPS_ONE,
    session::FIRST_FIVE_LISTED,
    whole::COUNTER_RESTARTS,
    whole::PART_SIZE_OF_THE_CIPHER,
    whole::DATA_SIZE_WRONG,
    whole::ONE_KEY_FOR_ALL,
    whole::MD5_OF_PLAINTEXT,
    whole::CHECKSUM_OF_PLAINTEXT,
    whole::PART_WITH_ITS_OWN_SIZE,
    whole::KEY_ENCODED_TWICE,
    whole::SOURCE_TOUCHED,
    whole::TEN_THOUSAND_REFUSED,
    whole::PLANNED_ANEW_IN_SILENCE,
    whole::SMALL_PARTS_PLANNED,
    whole::RETRY_ADVANCES,
    whole::FAILURE_SWALLOWED,
    whole::COMPLETION_SWALLOWED,
    whole::NOT_ABORTED,
    whole::CODE_LOST,
    whole::RESUME_TRUSTS_THE_FILE,
    whole::CHECKPOINT_HOLDS_THE_START,
    whole::BEGUN_ANEW,
    whole::LAST_PART_NEVER_RESUMED,
    whole::ZEROS_FOR_WHAT_IS_MISSING,
    whole::NOT_LOOKED_AT_AGAIN,
    whole::LENGTH_ALONE_COMPARED,
    whole::FROM_WHERE_IT_STANDS,
    failing::BEGUN_AGAIN,
    failing::ABORT_HIDES_THE_ERROR,
    failing::UNREADABLE_IS_DONE,
    failing::RETRY_SENDS_NOTHING,
    failing::EARLIER_PARTS_NOT_LISTED,
    failing::KEYSTREAM_BEGUN_ANEW,
    failing::ALL_THERE_IS_DONE,
    reported::PART_TOO_MANY,
    reported::COUNT_ROUNDED_DOWN,
    reported::REMAINDER_MERGED,
    reported::PART_SIZE_UNALIGNED,
    reported::NUMBERS_AS_TEXT,
    reported::ORDER_OF_COMPLETION,
    reported::LIST_TAKEN_TOO_EARLY,
    reported::ETAGS_IN_LOWER_CASE,
    reported::NUMBER_OF_THE_LOOPS_END,
    reported::END_OF_STREAM_LOST,
    reported::KEY_FROM_THE_NAME,
    reported::KEY_OF_THE_ONE_BEFORE,
    reported::CIPHER_SHARED,
    reported::HANDLE_SHARED,
    reported::BUFFER_FILLED_ANEW,
    reported::NAME_NOT_ENCODED,
    reported::UPLOAD_ID_ENCODED_TWICE,
    reported::RETRY_READS_ON,
    reported::PART_LEFT_OUT,
    reported::ERROR_BEHIND_200,
    reported::COMPLETE_ASKED_AGAIN,
    reported::LISTED_TWICE,
    reported::NEW_KEY,
    reported::FROM_THE_BEGINNING,
    reported::OTHER_SIZES,
    caller::DESCRIPTION_DROPPED,
    caller::METADATA_DROPPED,
    caller::CONTENT_TYPE_DROPPED,
    caller::MD5_SPELT_ANEW,
    caller::CALLERS_MD5_SENT,
    caller::STREAM_CUT,
    caller::EMPTY_STREAM_REFUSED,
    caller::KEY_OF_THE_CLIENT,
    caller::KEY_WHILE_UNDER_WAY,
    download::SUFFIX_FROM_ZERO,
    download::SUFFIX_LONGER_THAN_OBJECT,
    download::PREFIX_KEPT,
    download::CARRY_LOST,
    download::TAG_UNCHECKED,
    download::CIPHERTEXT_AS_DATA,
    download::OAEP_UNREADABLE,
    download::HALF_A_READ,
    download::NOTHING_FOR_NOTHING,
    download::CARRY_GOES_AROUND,
    download::BLOCK_BEGUN_ANEW,
    download::DESCRIPTION_REQUIRED,
    download::HALF_AN_ENVELOPE_AS_NONE,
    download::RETRY_APPENDS,
    download_range::LAST_BYTE_LEFT_OUT,
    download_range::WITHIN_PART,
    download_range::START_SIGNED,
    download_range::REST_FROM_ZERO,
    download_range::WHOLE_FOR_THE_RANGE,
    download_range::KEY_FILLED_UP,
    reader::PIECE_BEGINS_THE_KEYSTREAM,
    reader::PIECE_BEGINS_A_BLOCK,
    reader::AGAIN_FROM_WHERE_IT_STOOD,
    reader::ONE_KEY_KNOWN,
    reader::DESCRIPTION_IN_ORDER,
    reader::EMPTY_DESCRIPTION_REFUSED,
    reader::TWO_VERSIONS,
    reader::OLD_NAMES_AS_PLAIN,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use partproof_subjects::laws;
    use partproof_subjects::own::PROPERTIES;

    use super::*;

    #[test]
    fn every_law_has_a_fault_and_every_fault_a_law() {
        let covered: BTreeSet<_> = FAULTS.iter().map(|fault| fault.law).collect();
        let laws = laws().chain(PROPERTIES.iter().copied());
        let laws: BTreeSet<_> = laws.map(|law| law.id).collect();
        assert_eq!(covered, laws);
    }

    #[test]
    fn names_are_unique_and_sentences_are_sentences() {
        let faults = FAULTS.iter().map(|fault| (fault.id, fault.sentence));
        let variants = VARIANTS
            .iter()
            .map(|variant| (variant.id, variant.sentence));
        let mut ids = BTreeSet::new();
        for (id, sentence) in faults.chain(variants) {
            assert!(ids.insert(id), "{id} stands twice");
            assert!(sentence.ends_with('.'), "{id}: {sentence}");
        }
    }

    #[test]
    fn sources_are_entries_of_the_catalogue() {
        for fault in FAULTS {
            let mut characters = fault.seen_in.chars();
            let entry = match characters.next() {
                None => true,
                Some(class) => {
                    ('A'..='G').contains(&class)
                        && characters.all(|c| c.is_ascii_digit())
                        && fault.seen_in.len() == 3
                }
            };
            assert!(entry, "{}: {}", fault.id, fault.seen_in);
        }
    }
}
