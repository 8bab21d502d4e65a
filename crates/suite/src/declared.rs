//! Which classes of input a subject can meet at all, by what it declares.

use partproof_model::Cipher;
use partproof_model::key_wrap::WrapAlg;

use crate::class::Class;
use crate::subject::Subject;
use crate::subject::client::{Abilities, Signature};

/// Whether a subject with these ciphers can meet a class.
pub(crate) fn can_meet(subject: &Subject<'_>, ciphers: Option<Vec<Cipher>>, class: Class) -> bool {
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
pub(crate) fn client_can_meet(abilities: &Abilities, class: Class) -> bool {
    let is_authenticated = |cipher: &Cipher| *cipher != Cipher::Ctr;
    match class {
        Class::SignedV1 => abilities.signatures.contains(&Signature::V1),
        Class::SignedV4 => abilities.signatures.contains(&Signature::V4),
        Class::AutomaticPlan => abilities.plans,
        Class::SourceShorter | Class::SourceLonger => abilities.announces,
        Class::OpenRange
        | Class::LastByteOn
        | Class::OpenInLastBlock
        | Class::OpenUnderHighStart
        | Class::OpenPastTheWrap => abilities.open_ranges,
        Class::SuffixRange | Class::LastByte | Class::SuffixInLastBlock | Class::SuffixBeyond => {
            abilities.suffix_ranges
        }
        Class::ClosedRange
        | Class::RangeBeyondEnd
        | Class::FirstByte
        | Class::OneByte
        | Class::OutsideOnBlock
        | Class::ClosedInLastBlock => abilities.closed_ranges,
        Class::RangeOutside
        | Class::RangeOfNothing
        | Class::RangeAnsweredWhole
        | Class::UnalignedOffset => {
            abilities.closed_ranges || abilities.open_ranges || abilities.suffix_ranges
        }
        Class::PartsTooSmall => abilities.plans,
        Class::Described => abilities.describes,
        Class::UserMetadata => abilities.metadata,
        Class::ContentMd5 => abilities.content_md5,
        Class::FromStream | Class::FromEmptyStream => abilities.streams,
        Class::OneClientInTurn => abilities.reuses,
        Class::OneClientAtOnce => abilities.reuses && abilities.at_once,
        Class::InPieces | Class::AgainFromTheBeginning => abilities.pieces,
        Class::SeveralKeys | Class::ReorderedDescription => abilities.several_keys,
        Class::OldNames => abilities.old_names,
        Class::FlippedBit => abilities.ciphers.iter().any(is_authenticated),
        class => has_cipher(&abilities.ciphers, class) && has_wrap(&abilities.wraps, class),
    }
}
