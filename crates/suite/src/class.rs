//! Input classes: what a run must have met before it may say that a law holds. A law names its classes; a run that
//! missed one is inconclusive and says which.

use std::fmt;

macro_rules! classes {
    ($($name:ident: $text:literal,)+) => {
        /// A class of input.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Class { $(#[doc = $text] $name),+ }

        impl Class {
            /// Every class.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// What it is, in a few words.
            pub fn text(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }
        }
    };
}

classes! {
    CountOne: "one part",
    CountTwo: "two parts",
    CountMany: "more than two parts",
    Count9999: "9,999 parts",
    Count10000: "10,000 parts",
    Count10001: "10,001 parts",
    ExactMultiple: "data size an exact multiple of the part size",
    LastShort: "last part short",
    LastOneByte: "last part of one byte",
    AutomaticPlan: "part size left to the planner",
    ExplicitPlan: "part size given",
    NearTwoTo31: "data size near 2^31",
    NearTwoTo32: "data size near 2^32",
    NearTwoTo53: "data size near 2^53",
    NearTwoTo63: "data size near 2^63 or 2^64",
    NearObjectLimit: "data size near 10,000 parts of 5 GiB",
    ZeroPartSize: "part size zero",
    UnalignedPartSize: "part size not a multiple of 16",
    EmptyObject: "data size zero",
    Ctr: "AES/CTR",
    GcmObject: "GCM object",
    GcmPart: "GCM part",
    CarryAt32: "counter carries out of its low 32 bits",
    CarryAt64: "counter carries out of its low 64 bits",
    WrapAt128: "counter wraps at 128 bits",
    FarOffset: "offset above 2^32 blocks",
    UnalignedOffset: "offset within a block",
    AlignedOffset: "offset at a block",
    TagInLastPart: "tag in the last part",
    TagInOwnPart: "tag in a part of its own",
    TagSplit: "tag split between two parts",
    OutOfOrder: "parts out of order",
    Retried: "a part encrypted twice",
    Chunked: "a part in several chunks",
    FlippedBit: "a bit flipped",
    SwappedParts: "two parts swapped",
    DroppedPart: "a part dropped",
    TruncatedPart: "a part cut short",
    WrapPkcs1: "wrapped with PKCS#1 v1.5",
    WrapOaep: "wrapped with OAEP",
    WithDescription: "with a material description",
    NonAsciiDescription: "material description beyond ASCII",
    MissingHeader: "a header missing",
    WrongMasterKey: "another master key",
    WrongWrappedLength: "a wrapped value of the wrong length",
    UnknownAlgorithm: "an unknown algorithm",
    BadValue: "a header whose value is broken",
    Unsorted: "parts given out of order",
    EtagNeedsEscape: "an ETag that XML must escape",
    EtagPlain: "an ETag as the service makes it",
    DuplicatePart: "a part number given twice",
    NumberOutOfRange: "a part number outside 1 to 10,000",
    EmptyList: "no part at all",
    ForbiddenCharacter: "an ETag with a character XML cannot carry",
    EntityBomb: "entities that expand",
    DeepXml: "elements nested deep",
    LargeXml: "a large document",
    TruncatedXml: "a document cut off",
    WrongEncoding: "bytes that are not UTF-8",
    UrlEncoded: "encoding-type=url",
    LiberalSpelling: "an unusual but legal spelling",
    WholeDocument: "a document as it should be",
    BrokenDocument: "bytes that are no such document",
    EmptyEtag: "an empty ETag",
    PaddedSize: "a size with leading zeros",
    Listed: "the parts listed in pages",
    Completed: "an upload completed with what was sent",
    WrongList: "an upload completed with another list",
    Aborted: "an upload aborted",
    WrongPart: "a part with another number or length",
    ZeroPlaintext: "plaintext of zeros, which lays the keystream bare",
    Parallel: "parts in parallel",
    SignedV1: "signature version 1",
    SignedV4: "signature version 4",
    EncodedName: "an object's name that a URL must encode",
    AnsweredError: "a request answered with an error",
    LostConnection: "a connection that is lost",
    LostAnswer: "a request that is carried out and whose answer is lost",
    FailsForGood: "a fault that does not pass",
    FailsOnce: "a fault that passes",
    AbortFails: "an abort that fails too",
    ResumedUnchanged: "an upload resumed with nothing changed",
    ResumedOtherPlan: "an upload resumed with another part size",
    ResumedOtherSource: "an upload resumed with another content of the same length",
    ResumedOtherLength: "an upload resumed with a file of another length",
    ListInPages: "a list of parts in several pages",
    StaleList: "a list that does not know the last parts yet",
    SourceMoved: "a file that is not at its beginning",
    SourceShorter: "a source shorter than announced",
    SourceLonger: "a source longer than announced",
    SourceEdited: "a source that is changed while it is read",
    SourceTruncated: "a source that is cut short while it is read",
    SourceExtended: "a source that grows while it is read",
    WholeRead: "an object read whole",
    ClosedRange: "a range with both ends",
    OpenRange: "a range without an end",
    SuffixRange: "a range of the last bytes",
    RangeBeyondEnd: "a range that ends behind the object",
    RangeOutside: "a range that begins behind the object",
    SinglePut: "an object put at once",
    MultipartObject: "an object of several parts",
    WithoutSizes: "an envelope without sizes",
    FailingRead: "a read that is disturbed",
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text())
    }
}

/// A set of classes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Classes(u128);

impl Classes {
    /// Adds a class if the condition holds.
    #[must_use]
    pub fn with(self, class: Class, condition: bool) -> Self {
        Self(self.0 | u128::from(condition) << Self::bit(class))
    }

    /// Both sets together.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the class is in the set.
    pub fn contains(self, class: Class) -> bool {
        self.0 >> Self::bit(class) & 1 == 1
    }

    #[allow(clippy::as_conversions, reason = "an enum's own discriminant")]
    fn bit(class: Class) -> u8 {
        class as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_a_bit_of_its_own() {
        assert!(Class::ALL.len() <= 128);
        for class in Class::ALL {
            let set = Classes::default().with(*class, true);
            assert!(
                Class::ALL
                    .iter()
                    .all(|other| set.contains(*other) == (other == class))
            );
        }
    }
}
