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
    Count10000Full: "10,000 parts, all of them full",
    Count10001: "10,001 parts",
    ExactMultiple: "data size an exact multiple of the part size",
    LastShort: "last part short",
    LastOneByte: "last part of one byte",
    AutomaticPlan: "part size left to the planner",
    ExplicitPlan: "part size given",
    PartsTooSmall: "parts asked for that are below the smallest",
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
    ShortStart: "a start of too few bytes",
    UnknownAlgorithm: "an unknown algorithm",
    BadValue: "a header whose value is broken",
    Unsorted: "parts given out of order",
    EtagNeedsEscape: "an ETag that XML must escape",
    OddEtag: "an ETag that no service makes",
    HugeNumber: "a part number of more than 16 bits",
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
    TenParts: "ten parts and more, whose order is not that of their text",
    EncodedUploadId: "an upload id that a query must encode",
    LengthsUnchecked: "a service that does not look at the lengths of parts",
    TitleCase: "a service that spells names of headers Like-This",
    EtagsByLetter: "a service that compares ETags letter by letter",
    SameName: "two uploads to one name",
    HundredParts: "a hundred parts, as many at a time",
    Described: "a master key with a description",
    UserMetadata: "user metadata and a content type",
    ContentMd5: "the MD5 of the plaintext given by the caller",
    FromStream: "a source of unknown length",
    FromEmptyStream: "an empty source of unknown length",
    OneClientInTurn: "two uploads through one client",
    OneClientAtOnce: "two uploads at a time through one client",
    InitiateErrorOnce: "Initiate answered with an error once",
    InitiateErrorForGood: "Initiate answered with an error each time",
    InitiateCutOnce: "a connection lost once before Initiate is carried out",
    InitiateCutForGood: "a connection lost each time before Initiate is carried out",
    InitiateLostOnce: "Initiate carried out and its answer lost once",
    InitiateLostForGood: "Initiate carried out and its answer lost each time",
    PartErrorOnce: "a part answered with an error once",
    PartErrorForGood: "a part answered with an error each time",
    PartCutOnce: "a connection lost once before a part is stored",
    PartCutForGood: "a connection lost each time before a part is stored",
    PartLostOnce: "a part stored and its answer lost once",
    PartLostForGood: "a part stored and its answer lost each time",
    CompleteErrorOnce: "Complete answered with an error once",
    CompleteErrorForGood: "Complete answered with an error each time",
    CompleteErrorBehind200: "Complete answered with an error behind a 200",
    CompleteErrorAfter: "Complete carried out and answered with an error",
    CompleteEmpty: "Complete answered 200 with nothing, and not carried out",
    CompleteBlanks: "Complete answered with blanks before the document",
    PartWithoutEtag: "a part answered without its ETag",
    PartWrongEtag: "a part answered with another part's ETag",
    PartWrongChecksum: "a part answered with another CRC-64",
    CompleteCutOnce: "a connection lost once before Complete is carried out",
    CompleteCutForGood: "a connection lost each time before Complete is carried out",
    CompleteLostOnce: "Complete carried out and its answer lost once",
    CompleteLostForGood: "Complete carried out and its answer lost each time",
    AbortFails: "an abort that fails too",
    StopsAtFirst: "an upload that stops at its first part",
    StopsBetween: "an upload that stops between its first and its last part",
    StopsAtLast: "an upload that stops at its last part",
    StopsAtComplete: "an upload that stops at Complete",
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
    FirstByte: "the first byte alone",
    OneByte: "one byte by both its ends",
    LastByteOn: "from the last byte on",
    OpenPastTheWrap: "a range to the end, behind where the counter goes around",
    OutsideOnBlock: "a range that begins on a block behind the end",
    OpenUnderHighStart: "a range to the end, under a start whose first bytes are 0xff",
    LastByte: "the last byte",
    ClosedInLastBlock: "both ends within a last block that is not full",
    OpenInLastBlock: "a range without an end from within a last block that is not full",
    SuffixInLastBlock: "a range of last bytes within a last block that is not full",
    SuffixBeyond: "a range of more last bytes than there are",
    RangeOfNothing: "a range of an empty object",
    HalfAnEnvelope: "half an envelope",
    PlainObject: "an object that is not encrypted",
    RangeAnsweredWhole: "a range answered with the whole object",
    ReadAnsweredError: "a read answered with an error",
    ReadCut: "a read whose connection is lost",
    TruncatedOnce: "an object that is cut short once while it is read",
    TruncatedForGood: "an object that is cut short each time it is read",
    TruncatedAtBlock: "an object that is cut short between two blocks",
    Replaced: "an object that is replaced while it is read",
    EmptyDescription: "an empty material description",
    InPieces: "an object read in pieces of any sizes",
    AgainFromTheBeginning: "an object read partly, and again from the beginning",
    SeveralKeys: "several master keys, of which one fits",
    ReorderedDescription: "a material description whose members stand in another order",
    OldNames: "an envelope under the names of before",
}

/// Who can bring a class of input about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Producer {
    /// The service, by what it answers and what it stores; or the network on the way.
    Service,
    /// The caller, or another client that wrote the object.
    Caller,
    /// Who may write objects, or stands between client and service.
    Attacker,
    /// Nobody: no service answers it and no caller has it. What is wrong then is hardening.
    Nobody,
}

impl Class {
    /// Who can bring it about.
    pub fn producer(self) -> Producer {
        use Class as C;
        match self {
            C::OddEtag | C::ForbiddenCharacter | C::HugeNumber => Producer::Nobody,
            C::FlippedBit
            | C::SwappedParts
            | C::DroppedPart
            | C::TruncatedPart
            | C::WrongWrappedLength
            | C::ShortStart
            | C::BadValue
            | C::MissingHeader
            | C::EntityBomb
            | C::DeepXml
            | C::LargeXml
            | C::WrongEncoding
            | C::BrokenDocument
            | C::HalfAnEnvelope => Producer::Attacker,
            C::EtagPlain
            | C::EncodedUploadId
            | C::TitleCase
            | C::EtagsByLetter
            | C::LengthsUnchecked
            | C::UrlEncoded
            | C::LiberalSpelling
            | C::WholeDocument
            | C::TruncatedXml
            | C::ListInPages
            | C::StaleList
            | C::RangeAnsweredWhole
            | C::ReadAnsweredError
            | C::ReadCut
            | C::TruncatedOnce
            | C::TruncatedForGood
            | C::TruncatedAtBlock
            | C::AbortFails => Producer::Service,
            class if (C::InitiateErrorOnce..=C::CompleteLostForGood).contains(&class) => {
                Producer::Service
            }
            _ => Producer::Caller,
        }
    }
}

impl fmt::Display for Producer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Service => "the service",
            Self::Caller => "a caller",
            Self::Attacker => "an attacker",
            Self::Nobody => "nobody",
        })
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text())
    }
}

/// A set of classes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Classes([u128; 2]);

impl Classes {
    /// Adds a class if the condition holds.
    #[must_use]
    pub fn with(self, class: Class, condition: bool) -> Self {
        let (word, bit) = Self::place(class);
        let mut words = self.0;
        words[word] |= u128::from(condition) << bit;
        Self(words)
    }

    /// Both sets together.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self([self.0[0] | other.0[0], self.0[1] | other.0[1]])
    }

    /// Whether the class is in the set.
    pub fn contains(self, class: Class) -> bool {
        let (word, bit) = Self::place(class);
        self.0[word] >> bit & 1 == 1
    }

    #[allow(clippy::as_conversions, reason = "an enum's own discriminant")]
    fn place(class: Class) -> (usize, u32) {
        let number = class as u8;
        (usize::from(number / 128), u32::from(number % 128))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_a_bit_of_its_own() {
        assert!(Class::ALL.len() <= 256);
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
