//! What one law has met, and what a subject can meet of what the law asks for.

use partproof_model::Cipher;
use partproof_model::key_wrap::WrapAlg;
use partproof_protocol::visible;

use crate::class::{Class, Classes};
use crate::law::{Check, Law};
use crate::report::{LawReport, Standing};
use crate::subject::Subject;
use crate::subject::client::{Abilities, Signature};

/// What one law has met.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) judged: u64,
    pub(super) held: u64,
    pub(super) refused: u64,
    pub(super) not_declared: u64,
    pub(super) violated: u64,
    pub(super) met: Classes,
    pub(super) refusal: Option<String>,
    pub(super) cannot_run: Option<String>,
    /// The subject broke too often.
    pub(super) given_up: bool,
}

impl Tally {
    /// What the run says about this law.
    pub(super) fn report(&self, law: &Law, subject: &Subject<'_>, ran: bool) -> LawReport {
        let missed: Vec<Class> = law
            .classes
            .iter()
            .copied()
            .filter(|class| !self.met.contains(*class) && can_meet(subject, law, *class))
            .collect();
        let standing = if !ran || self.not_declared == self.judged {
            Standing::NotDeclared
        } else if self.violated > 0 {
            Standing::Violated
        } else if !missed.is_empty() || self.cannot_run.is_some() {
            Standing::Inconclusive
        } else {
            Standing::Holds
        };
        LawReport {
            id: law.id.to_owned(),
            sentence: law.sentence.to_owned(),
            severity: law.severity().to_string(),
            standing,
            cases: self.held + self.violated,
            refused: self.refused,
            refusal: self.refusal.as_deref().map(visible),
            missed: if standing == Standing::NotDeclared {
                Vec::new()
            } else {
                let cannot_run = self.cannot_run.iter();
                let given_up = self
                    .given_up
                    .then(|| "what comes after the subject broke too often".to_owned());
                let missed = missed.iter().map(|class| class.text().to_owned());
                missed
                    .chain(cannot_run.map(|reason| {
                        format!("a case this machine cannot run ({})", visible(reason))
                    }))
                    .chain(given_up)
                    .collect()
            },
        }
    }
}

/// Whether a subject that declares what it declares can meet a class at all.
fn can_meet(subject: &Subject<'_>, law: &Law, class: Class) -> bool {
    if law.is_about_whole_clients() {
        let abilities = subject.client.map(|client| client.abilities());
        return abilities.is_none_or(|abilities| can(&abilities, class));
    }
    let ciphers = match law.check {
        Check::Envelope(_) | Check::BrokenEnvelope(_) => {
            subject.envelope_codec.map(|codec| codec.ciphers())
        }
        _ => subject.encryptor.map(|encryptor| encryptor.ciphers()),
    };
    let wraps = subject.envelope_codec.map(|codec| codec.wrap_algs());
    match class {
        Class::Unsorted => subject
            .part_list_builder
            .is_none_or(|builder| builder.sorts()),
        // Sizes that only a planner's own part size makes likely.
        Class::AutomaticPlan
        | Class::NearTwoTo31
        | Class::NearTwoTo32
        | Class::NearTwoTo53
        | Class::NearObjectLimit => subject.planner.is_none_or(|planner| planner.chooses()),
        class => {
            ciphers.is_none_or(|ciphers| has_cipher(&ciphers, class))
                && wraps.is_none_or(|wraps| has_wrap(&wraps, class))
        }
    }
}

/// Whether a class is of one of these ciphers, or of none.
fn has_cipher(ciphers: &[Cipher], class: Class) -> bool {
    match class {
        Class::Ctr | Class::CarryAt32 | Class::CarryAt64 | Class::WrapAt128 => {
            ciphers.contains(&Cipher::Ctr)
        }
        Class::GcmObject | Class::TagInLastPart | Class::TagInOwnPart | Class::TagSplit => {
            ciphers.contains(&Cipher::GcmObject)
        }
        Class::GcmPart => ciphers.contains(&Cipher::GcmPart),
        _ => true,
    }
}

/// Whether a class is of one of these wrap algorithms, or of none.
fn has_wrap(wraps: &[WrapAlg], class: Class) -> bool {
    match class {
        Class::WrapPkcs1 => wraps.contains(&WrapAlg::Pkcs1),
        Class::WrapOaep => wraps.contains(&WrapAlg::OaepSha1),
        _ => true,
    }
}

/// Whether a whole client with these abilities can meet a class.
fn can(abilities: &Abilities, class: Class) -> bool {
    let is_authenticated = |cipher: &Cipher| *cipher != Cipher::Ctr;
    match class {
        Class::SignedV1 => abilities.signatures.contains(&Signature::V1),
        Class::SignedV4 => abilities.signatures.contains(&Signature::V4),
        Class::AutomaticPlan => abilities.plans,
        Class::SourceShorter | Class::SourceLonger => abilities.announces,
        Class::ClosedRange
        | Class::OpenRange
        | Class::SuffixRange
        | Class::RangeBeyondEnd
        | Class::UnalignedOffset => abilities.ranges,
        Class::FlippedBit => abilities.ciphers.iter().any(is_authenticated),
        class => has_cipher(&abilities.ciphers, class) && has_wrap(&abilities.wraps, class),
    }
}
