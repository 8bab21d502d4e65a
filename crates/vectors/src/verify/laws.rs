//! Which laws the case of a vector is held to: the one place where vectors meet laws.

use partproof_suite::case::encrypt::EncryptCase;
use partproof_suite::case::envelope::{BrokenEnvelopeCase, EnvelopeCase};
use partproof_suite::case::hostile_xml::HostileXmlCase;
use partproof_suite::case::outside::{OutsideCase, PartListKind};
use partproof_suite::case::part_list::{HostilePartListCase, PartListCase};
use partproof_suite::case::plan::{HostilePlanCase, PlanCase};
use partproof_suite::case::position::PositionCase;
use partproof_suite::case::tamper::TamperCase;
use partproof_suite::law::Held;
use partproof_suite::laws::{
    counter, encrypt, envelope, gcm, hostile_xml, outside, part_list, plan,
};
use partproof_suite::subject::{Cipher, Subject};
use partproof_whole_client::case::download::DownloadCase;
use partproof_whole_client::laws::download;

/// One function for each use of a case: it holds the subject's piece to these laws, one after the other.
macro_rules! held_to {
    ($($name:ident($case:ty) $($law:path),+;)+) => {
        $(
            pub(super) fn $name(subject: &Subject<'_>, case: &$case) -> Held {
                $($law.on.judge(subject, case)?;)+
                Ok(())
            }
        )+
    };
}

held_to! {
    can_be_planned(PlanCase) plan::PLAN_FEASIBLE;
    planned(PlanCase) plan::PLAN_KEEPS_PART_SIZE, plan::PLAN_COUNT, plan::PLAN_TILES;
    not_planned(HostilePlanCase) plan::PLAN_REFUSAL;
    declared(EncryptCase) encrypt::DECLARED_SIZES;
    one_part(EncryptCase) encrypt::PART_EQUALS_SLICE;
    no_part(EncryptCase) encrypt::PART_BODY_REFUSAL;
    any_order(EncryptCase) encrypt::ANY_ORDER_RETRY_CHUNKING;
    ctr(EncryptCase)
        encrypt::PART_EQUALS_SLICE, encrypt::ANY_ORDER_RETRY_CHUNKING, encrypt::READS_THE_MODEL;
    gcm_object(EncryptCase)
        gcm::GCM_OBJECT_ONE_SHOT, encrypt::ANY_ORDER_RETRY_CHUNKING, encrypt::READS_THE_MODEL;
    gcm_part(EncryptCase)
        gcm::GCM_PART_TAGS, encrypt::ANY_ORDER_RETRY_CHUNKING, encrypt::READS_THE_MODEL;
    counted(PositionCase) counter::COUNTER_ARITHMETIC;
    range(PositionCase) counter::ANY_RANGE;
    tampered(TamperCase) gcm::GCM_TAMPERING_REFUSED;
    envelope_read(EnvelopeCase) envelope::ENVELOPE_READ;
    envelope_written(EnvelopeCase) envelope::ENVELOPE_WRITTEN;
    no_envelope(BrokenEnvelopeCase) envelope::ENVELOPE_REFUSAL;
    list_read(PartListCase) part_list::PART_LIST_SPELLINGS;
    list_agreed(OutsideCase<PartListKind>) outside::ANY_PART_LIST;
    list_built(PartListCase) part_list::PART_LIST;
    list_not_built(HostilePartListCase) part_list::PART_LIST_REFUSAL;
    downloaded(DownloadCase) download::DOWNLOAD;
}

/// A whole upload, by its cipher.
pub(super) fn encrypted(subject: &Subject<'_>, case: &EncryptCase) -> Held {
    match case.cipher {
        Cipher::Ctr => ctr(subject, case),
        Cipher::GcmObject => gcm_object(subject, case),
        Cipher::GcmPart => gcm_part(subject, case),
    }
}

/// Of a document of any kind: that of a part list needs a reader of those.
pub(super) fn no_list(subject: &Subject<'_>, case: &HostileXmlCase) -> Held {
    hostile_xml::HOSTILE_XML_REFUSED.on.judge(subject, case)
}
