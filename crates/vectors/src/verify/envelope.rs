//! Envelopes: what is read, what must not be, and what is written.

use std::collections::BTreeMap;

use partproof_model::envelope::{CEK_ALG, DATA_SIZE, PART_SIZE, WRAP_ALG};
use partproof_model::integer;
use partproof_model::key_wrap::WrapAlg;

use super::{Can, Judge, laws, refusal};
use crate::envelope::{CarrierValue, EnvelopeTest, PUBLISHED, open};
use crate::file::{MasterKeyValue, Outcome};
use partproof_suite::case::envelope::{
    Breakage, BrokenEnvelopeCase, EnvelopeCase, HeaderSpelling, SentHeaders,
};
use partproof_suite::hex::Hex;
use partproof_suite::law::{Held, Unheld};
use partproof_suite::subject::{Cipher, Subject};

impl Judge for EnvelopeTest {
    fn judge(&self, master: &MasterKeyValue, subject: &Subject<'_>, can: &mut Can) -> Held {
        let case = self.case(master);
        match self.result {
            Outcome::Invalid => {
                let sizes_only = self.sizes_only(master);
                let (envelope, breakage) = (case, Breakage::Sent { sizes_only });
                let held = laws::no_envelope(subject, &BrokenEnvelopeCase { envelope, breakage });
                refusal(held, can.opened_envelope)
            }
            Outcome::Acceptable => match laws::envelope_read(subject, &case) {
                Err(Unheld::Refused(_)) => Ok(()),
                // The case may be one that only this reader takes: there is nothing to compare.
                Err(Unheld::Violated(_)) if self.key.is_none() => Ok(()),
                held => held,
            },
            Outcome::Valid => {
                laws::envelope_read(subject, &case)?;
                can.opened_envelope = true;
                match laws::envelope_written(subject, &case) {
                    // It reads what it does not write.
                    Err(Unheld::Refused(_)) => Ok(()),
                    held => held,
                }
            }
        }
    }
}

impl EnvelopeTest {
    /// What the case says; of what it does not say, what stands in the headers, or something ordinary.
    fn case(&self, master: &MasterKeyValue) -> EnvelopeCase {
        let algorithm = |name: &str| self.only(name).unwrap_or_default().as_bytes();
        let size = |name: &str| integer::read(self.only(name)?.as_bytes()).size();
        let sent = sent(master, &self.headers, self.description.as_ref());
        EnvelopeCase {
            cipher: Cipher::from_cek_alg(algorithm(CEK_ALG)).unwrap_or(Cipher::Ctr),
            oaep: WrapAlg::from_name(algorithm(WRAP_ALG)) == Some(WrapAlg::OaepSha1),
            key: self.key.as_ref().and_then(Hex::array).unwrap_or_default(),
            start: self.start.as_ref().and_then(Hex::array).unwrap_or_default(),
            sizes: size(DATA_SIZE).zip(size(PART_SIZE)),
            description: sent.description.first().cloned(),
            spelling: HeaderSpelling::default(),
            sent: Some(SentHeaders {
                may_be_refused: self.result == Outcome::Acceptable,
                ..sent
            }),
        }
    }

    /// The value of a header that stands there once.
    fn only(&self, wanted: &str) -> Option<&str> {
        let is_wanted = |(name, _): &&(String, String)| name.eq_ignore_ascii_case(wanted);
        let mut values = self.headers.iter().filter(is_wanted);
        match (values.next(), values.next()) {
            (Some((_, value)), None) => Some(value.trim()),
            (Some((_, value)), Some((_, again))) if value == again => Some(value.trim()),
            _ => None,
        }
    }

    /// Whether the sizes are all that is wrong: a reader has no need of them.
    fn sizes_only(&self, master: &MasterKeyValue) -> bool {
        let sizes = [DATA_SIZE, PART_SIZE];
        let is_size = |name: &str| sizes.iter().any(|size| size.eq_ignore_ascii_case(name));
        let mut others = self.headers.clone();
        others.retain(|(name, _)| !is_size(name));
        let master = master.published();
        master.is_ok_and(|master| open(&master.key, &others, CarrierValue::Put).is_ok())
    }
}

/// Headers as they stand in a file.
pub(super) fn sent(
    master: &MasterKeyValue,
    headers: &[(String, String)],
    description: Option<&BTreeMap<String, String>>,
) -> SentHeaders {
    let [first, _] = &*PUBLISHED;
    let description = description.into_iter().flatten();
    SentHeaders {
        headers: headers.to_vec(),
        description: description
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
        other_key: *master != MasterKeyValue::of(first),
        may_be_refused: false,
    }
}
