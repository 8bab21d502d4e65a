//! A cause: the one mistake that a violation comes from, where its bytes show which. What one mistake makes is one thing to mend, whatever laws and
//! symptoms it is met by; what has no such evidence stands alone.

use partproof_model::{Rule, rules};

use crate::drawing::Drawing;
use crate::exchanged::Exchanged;
use crate::list::ListDrawing;

macro_rules! causes {
    ($($name:ident: $id:literal, $rule:ident, $sentence:literal;)+) => {
        /// What is wrong in the client.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Cause { $(#[doc = $sentence] $name),+ }

        impl Cause {
            /// Every cause.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// A stable name.
            pub fn id(self) -> &'static str {
                match self { $(Self::$name => $id),+ }
            }

            /// What is wrong, in one sentence.
            pub fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence),+ }
            }

            /// The rule that it breaks first of all: the finding of this rule heads its group.
            pub fn rule(self) -> &'static Rule {
                match self { $(Self::$name => rules::$rule),+ }
            }
        }
    };
}

causes! {
    CarryLostAt32: "carry-lost-at-32", CTR_CARRY, "The counter's low 32 bits count by themselves: the carry out of them is lost.";
    CarryLostAt64: "carry-lost-at-64", CTR_CARRY, "The counter's low 64 bits count by themselves: the carry out of them is lost.";
    CarryGoesAround: "carry-goes-around", CTR_CARRY, "The carry out of the counter's highest byte is added to its lowest.";
    IndexIn32Bits: "block-index-in-32-bits", CTR_CARRY, "The index of a block is cut to 32 bits.";
    OffsetIn32Bits: "offset-in-32-bits", CTR_CARRY, "The offset of a byte is cut to 32 bits.";
    StartReversed: "start-reversed", CTR_CARRY, "The start is taken for a little-endian number.";
    StartSigned: "start-signed", CTR_CARRY, "The counter is a signed number: leading bytes 0xff are lost.";
    PartFromZero: "part-from-zero", KEYSTREAM_ONCE, "Each part is encrypted as if it began the object.";
    NumberForBlock: "number-for-block", KEYSTREAM_ONCE, "The part number is taken for the index of the part's first block.";
    NumberFromZero: "number-from-zero", CTR_POSITION, "Part numbers are taken to begin with 0: each part is encrypted for the place of the next.";
    ChunkBegunAnew: "chunk-begun-anew", ENCRYPT_DETERMINISTIC, "Each chunk of a part begins a block: the rest of the block before it is thrown away.";
    StreamGoesOn: "stream-goes-on", KEYSTREAM_ONCE, "One stream of keystream serves whatever part is next.";
    OtherPlace: "other-place", KEYSTREAM_ONCE, "Bytes are encrypted for another place of the object.";
    NotEncrypted: "not-encrypted", KEYSTREAM_ONCE, "Plaintext is sent as it is.";
    OtherKey: "other-key", ENCRYPT_DETERMINISTIC, "Parts of one upload are encrypted under the key of another.";
    OtherPart: "other-part", CTR_POSITION, "A part is sent in place of another.";
    OtherSourceBytes: "other-source-bytes", CTR_POSITION, "The counter is right, and other bytes of the source are encrypted.";
    SourceMissing: "source-missing", SOURCE_COHERENT, "The counter is right, and zeros are encrypted that are not in the source.";
    SizeIn32Bits: "size-in-32-bits", PLAN_COUNT, "The object's size is cut to 32 bits.";
    CountAboveLimit: "count-above-limit", COUNT_LIMIT, "More than 10,000 parts are planned.";
    PartCount: "part-count", PLAN_COUNT, "Another number of parts is planned; those that should be there are right.";
    PartNumbers: "part-numbers", PLAN_TILES, "Parts are planned under other numbers.";
    PartLengths: "part-lengths", PLAN_TILES, "Parts begin where they should, and have other lengths.";
    PartOffsets: "part-offsets", PLAN_TILES, "Parts are planned that begin elsewhere.";
    ListOrder: "list-order", PART_LIST_ORDER, "The right parts are listed in another order.";
    ListPartMissing: "list-part-missing", PART_LIST_COMPLETE, "Parts are left out of the list.";
    ListEtag: "list-etag", PART_LIST_ETAG, "The right parts are listed with other ETags.";
    EtagNotEscaped: "etag-not-escaped", PART_LIST_XML, "ETags are listed as they are, markup included.";
    DataSizeDeclared: "data-size-declared", DECLARED_SIZES, "Another data size is declared than is sent.";
    ReadFromZero: "read-from-zero", RANGE_EXACT, "Whatever is read is decrypted as if it began the object.";
    ReadWithinPart: "read-within-part", RANGE_EXACT, "What is read is decrypted for its place in its part, not in the object.";
    ReadForOtherPlace: "read-for-other-place", RANGE_EXACT, "Bytes are decrypted for another place of the object.";
    BlockBegunAnew: "block-begun-anew", RANGE_EXACT, "A read that begins within a block takes that block's keystream from its first byte.";
    PrefixKept: "prefix-kept", RANGE_EXACT, "What was read to reach the beginning of a block is handed out too.";
    ObjectTag: "object-tag", GCM_OBJECT_TAG, "The tag of a GCM object is missing, another, or in another place.";
    PartTag: "part-tag", GCM_PART_SEAL, "The tag of a GCM part is not that of its number and the declared sizes.";
    PartNonce: "part-nonce", GCM_PART_SEAL, "A GCM part is sealed under another nonce than its number's.";
    TagUnchecked: "tag-unchecked", GCM_AUTHENTIC, "What is opened is not held against its tag.";
    OrderUnchecked: "part-order-unchecked", GCM_AUTHENTIC, "That a part's tag is right is checked, and not that the part is the one of its place.";
    EndLost: "end-lost", ROUND_TRIP, "What is read ends too early.";
}

impl Cause {
    /// Whether it names the mistake, so that all that show it are one thing to mend. Others say only where bytes come from: two mistakes may do the same.
    pub fn is_one_mistake(self) -> bool {
        !matches!(
            self,
            Self::OtherPlace
                | Self::OtherPart
                | Self::OtherSourceBytes
                | Self::SourceMissing
                | Self::ReadForOtherPlace
        )
    }

    /// Whether it is about all parts of an upload, so that one that is right speaks against it.
    pub fn is_of_every_part(self) -> bool {
        matches!(
            self,
            Self::PartFromZero | Self::NumberForBlock | Self::NumberFromZero
        )
    }

    /// Whether the source was read as it should be, and what went wrong is behind that.
    pub fn is_behind_the_source(self) -> bool {
        !matches!(
            self,
            Self::OtherSourceBytes | Self::SourceMissing | Self::DataSizeDeclared
        )
    }
}

/// What is known of a violation beyond that it is one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// What it comes from, if that is proved.
    pub cause: Option<Cause>,
    /// What makes exactly these bytes, where they are too few to prove it: it is told only if it is proved by others.
    pub perhaps: Vec<Cause>,
    /// Where the wrong bytes lie.
    pub drawing: Option<Drawing>,
    /// The part list that was sent, beside the one that should have been.
    pub list: Option<ListDrawing>,
    /// What went over the wire, of a whole client.
    pub exchanges: Vec<Exchanged>,
}

impl Evidence {
    /// With this drawing if there is none, and something to draw.
    #[must_use]
    pub fn or_drawn(mut self, drawing: Option<Drawing>) -> Self {
        if self.cause.is_some() {
            self.drawing = self.drawing.or(drawing);
        }
        self
    }
}

impl From<Cause> for Evidence {
    fn from(cause: Cause) -> Self {
        Self {
            cause: Some(cause),
            ..Self::default()
        }
    }
}
