//! How the service is that a case meets, where nobody knows for sure how the real one is.

use arbitrary::{Arbitrary, Result, Unstructured};
use partproof_emulator::{Lean, Question};
use serde::{Deserialize, Serialize};

use partproof_suite::case::is_default;
use partproof_suite::class::{Class, Classes};

/// How the service is. A client must be right whichever it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manner {
    /// Open questions that it answers otherwise than the model leans to; see `partproof explain`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub otherwise: Vec<OpenQuestion>,
    /// Whether its upload ids have characters that a query must encode.
    #[serde(default, skip_serializing_if = "is_default")]
    pub encoded_ids: bool,
    /// Whether it spells names of headers `Like-This` instead of `like-this`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub title_case: bool,
}

/// A question that the evidence leaves open, and that an upload may come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Arbitrary)]
#[allow(missing_docs, reason = "see Question")]
pub enum OpenQuestion {
    A2,
    A3,
    A5,
    A7,
    A9,
    A15,
    A16,
    A18,
    A24,
    A25,
    #[serde(rename = "4.3-case")]
    EtagCase,
}

impl OpenQuestion {
    fn question(self) -> Question {
        match self {
            Self::A2 => Question::A2,
            Self::A3 => Question::A3,
            Self::A5 => Question::A5,
            Self::A7 => Question::A7,
            Self::A9 => Question::A9,
            Self::A15 => Question::A15,
            Self::A16 => Question::A16,
            Self::A18 => Question::A18,
            Self::A24 => Question::A24,
            Self::A25 => Question::A25,
            Self::EtagCase => Question::EtagCase,
        }
    }
}

impl Manner {
    /// The questions, each with the side that this service takes.
    pub(crate) fn decisions(&self) -> Vec<(Question, Lean)> {
        let turned = |question: Question| match question.lean() {
            Lean::Accept => Lean::Reject,
            Lean::Reject => Lean::Accept,
        };
        let questions = self.otherwise.iter().map(|open| open.question());
        questions
            .map(|question| (question, turned(question)))
            .collect()
    }

    pub(crate) fn classes(&self) -> Classes {
        Classes::default()
            .with(Class::EncodedUploadId, self.encoded_ids)
            .with(Class::TitleCase, self.title_case)
            .with(
                Class::LengthsUnchecked,
                self.otherwise.contains(&OpenQuestion::A15),
            )
            .with(
                Class::EtagsByLetter,
                self.otherwise.contains(&OpenQuestion::EtagCase),
            )
    }

    /// Simpler ones, the simplest first.
    pub(crate) fn smaller(&self) -> Vec<Self> {
        let mut smaller = vec![Self::default()];
        smaller.extend(self.otherwise.iter().map(|only| Self {
            otherwise: vec![*only],
            ..Self::default()
        }));
        smaller.push(Self {
            otherwise: Vec::new(),
            title_case: false,
            ..self.clone()
        });
        smaller.push(Self {
            otherwise: Vec::new(),
            encoded_ids: false,
            ..self.clone()
        });
        smaller.retain(|manner| manner != self);
        smaller
    }
}

impl<'a> Arbitrary<'a> for Manner {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let mut otherwise: Vec<OpenQuestion> = Vec::new();
        if u.int_in_range(0..=2_u8)? == 1 {
            otherwise.push(u.arbitrary()?);
            if u.arbitrary()? {
                otherwise.push(u.arbitrary()?);
            }
        }
        otherwise.sort_unstable();
        otherwise.dedup();
        Ok(Self {
            otherwise,
            encoded_ids: u.int_in_range(0..=3_u8)? == 1,
            title_case: u.int_in_range(0..=2_u8)? == 1,
        })
    }
}
