//! The questions the evidence leaves open (service-rules.md section 6), each with the side this model leans to. A
//! verdict that rests on one of them admits both sides; the lean is only what the model does when it must act, and
//! [`crate::Service::decide`] turns it round.

use std::fmt;

/// An open question, by its row in service-rules.md section 6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Question {
    /// Is Complete with fewer parts than expected an error?
    A2,
    /// Is a part number above the expected count refused at UploadPart?
    A3,
    /// Is a part number that is listed twice an error?
    A5,
    /// Is a header that is missing on an UploadPart which carries others an error?
    A7,
    /// Must the part size be a multiple of 16 for the service?
    A9,
    /// Are body lengths checked when UploadPart carries no CSE header?
    A15,
    /// Which unusual integers are sizes: zero, negative, with a plus sign, above 2^63 - 1?
    A16,
    /// Is a size with leading zeros (A16) a size?
    PaddedSize,
    /// Does the floor of 102,400 bytes a part hold for CSE uploads?
    A18,
    /// May a CSE object be copied onto itself with other metadata?
    A23,
    /// May plain bytes be copied into a CSE upload?
    A24,
    /// Does `x-oss-complete-all` notice a missing part of a CSE upload?
    A25,
    /// In which order are the checks made? It makes every breach of a request one that may be reported.
    A27,
    /// Are body lengths above 5 GiB, or objects above 48.8 TB, refused for CSE, and where?
    A17,
    /// What does ListParts do with a `max-parts` it does not serve?
    ListPage,
    /// What do ranges outside the documented table answer?
    Range,
    /// Is an ETag that is listed in other letters, upper or lower case, another ETag?
    EtagCase,
}

/// What the model does about an open question when it must act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lean {
    /// Goes on as if there were no such rule.
    Accept,
    /// Applies the rule.
    Reject,
}

impl Question {
    /// Every question.
    pub const ALL: &[Self] = &[
        Self::A2,
        Self::A3,
        Self::A5,
        Self::A7,
        Self::A9,
        Self::A15,
        Self::A16,
        Self::PaddedSize,
        Self::A17,
        Self::A18,
        Self::A23,
        Self::A24,
        Self::A25,
        Self::A27,
        Self::ListPage,
        Self::Range,
        Self::EtagCase,
    ];

    /// The side the evidence leans to.
    pub fn lean(self) -> Lean {
        match self {
            Self::A9
            | Self::A23
            | Self::PaddedSize
            | Self::ListPage
            | Self::Range
            | Self::EtagCase => Lean::Accept,
            Self::A2
            | Self::A3
            | Self::A5
            | Self::A7
            | Self::A15
            | Self::A16
            | Self::A17
            | Self::A18
            | Self::A24
            | Self::A25
            | Self::A27 => Lean::Reject,
        }
    }

    /// The question and what speaks for either side, in a sentence or two.
    pub fn text(self) -> &'static str {
        match self {
            Self::A2 => {
                "Is Complete with fewer parts than expected an error? The page of EC 411 speaks of too many only; a vendor test on the real service asserts the error for 2 of 11."
            }
            Self::A3 => {
                "Is a part number above the expected count refused at UploadPart? A page of 2021 says so; the example of EC 411 lists parts 5 and 8 of 2."
            }
            Self::A5 => {
                "Is a part number that is listed twice an error? \"Ascending\" may or may not be strict."
            }
            Self::A7 => {
                "Is a header that is missing on an UploadPart which carries others an error? 401 to 407 say so; the examples of 413 to 420 send one or two headers."
            }
            Self::A9 => {
                "Must the part size be a multiple of 16 for the service? The feature page says so; the example of EC 418 uses 1000 and is accepted at Initiate."
            }
            Self::A15 => {
                "Are body lengths checked when UploadPart carries no CSE header? The pages tie them to the values of Initiate; no test shows it."
            }
            Self::A16 => {
                "Which unusual integers are sizes: zero, negative, with a plus sign, above 2^63 - 1? The pages say only \"integer\"."
            }
            Self::PaddedSize => {
                "Is a size with leading zeros a size? The pages say only \"integer\"; every parser in use reads it as the same number."
            }
            Self::A17 => {
                "Are the general size limits checked for CSE uploads, and where? No page says."
            }
            Self::A18 => {
                "Does the floor of 102,400 bytes a part hold for CSE uploads? The general rule has no exception; the CSE examples stop before Complete."
            }
            Self::A23 => {
                "May a CSE object be copied onto itself with other metadata? The page of EC 421 says no; a vendor test copies one to another key."
            }
            Self::A24 => {
                "May plain bytes be copied into a CSE upload? EC 0042-00000309 forbids a CSE source only; the message is general."
            }
            Self::A25 => {
                "Does x-oss-complete-all notice a missing part of a CSE upload? The general page says it does not; the count check suggests it does."
            }
            Self::A27 => {
                "In which order are general and CSE checks made? No page says, so every breach of a request may be the one that is reported."
            }
            Self::ListPage => {
                "What does ListParts do with a max-parts of 0 or above 1,000? The page gives the maximum, not the answer."
            }
            Self::EtagCase => {
                "Is an ETag that is listed in lower case another ETag? The service writes upper case; no page and no test says whether it compares by letter."
            }
            Self::Range => {
                "What do ranges outside the documented table answer? The pages differ on several ranges and are silent on long suffixes."
            }
        }
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PaddedSize => f.pad("A16-padded"),
            Self::ListPage => f.pad("4.1"),
            Self::Range => f.pad("4.8"),
            Self::EtagCase => f.pad("4.3-case"),
            other => write!(f, "{other:?}"),
        }
    }
}
