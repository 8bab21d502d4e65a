//! Whole objects: every piece that an upload needs, and a whole client that downloads what was uploaded.

use partproof_model::key_wrap::WrapAlg;
use partproof_model::part_list;

use super::encrypt::{backwards, upload};
use super::envelope::sent;
use super::part_list::list_of;
use super::{Can, Judge, all, laws};
use crate::envelope::{CarrierValue, open};
use crate::file::MasterKeyValue;
use crate::object::ObjectTest;
use crate::value::PlaintextValue;
use partproof_suite::case::envelope::{EnvelopeCase, HeaderSpelling};
use partproof_suite::case::plan::PlanCase;
use partproof_suite::law::{Held, Unheld};
use partproof_suite::plaintext::Plaintext;
use partproof_suite::subject::{Subject, Upload};
use partproof_whole_client::case::download::DownloadCase;
use partproof_whole_client::case::download::reader::Reader;

impl Judge for ObjectTest {
    /// The planner makes these parts, the encryptor their bytes, the codec opens the headers, the reader reads the list.
    fn judge(&self, master: &MasterKeyValue, subject: &Subject<'_>, _: &mut Can) -> Held {
        let plan = PlanCase {
            data_size: self.data_size,
            part_size: Some(self.part_size),
        };
        let claimed = self.upload().ok_or(Unheld::NotDeclared)?;
        let encrypted = backwards(upload(&claimed, &self.plaintext));
        let envelope = self.envelope(master, &claimed).ok_or(Unheld::NotDeclared)?;
        all([
            laws::planned(subject, &plan),
            laws::declared(subject, &encrypted).and_then(|()| laws::encrypted(subject, &encrypted)),
            laws::envelope_read(subject, &envelope),
            self.listed(subject),
            self.downloaded(subject, envelope),
        ])
    }
}

impl ObjectTest {
    fn envelope(&self, master: &MasterKeyValue, upload: &Upload) -> Option<EnvelopeCase> {
        let key = &master.published().ok()?.key;
        let (opened, _) = open(key, &self.headers, CarrierValue::Initiate).ok()?;
        let sent = sent(master, &self.headers, opened.description.as_ref());
        Some(EnvelopeCase {
            cipher: upload.cipher,
            oaep: opened.wrap_alg == WrapAlg::OaepSha1,
            key: upload.key,
            start: upload.start,
            sizes: Some((self.data_size, self.part_size)),
            description: sent.description.first().cloned(),
            spelling: HeaderSpelling::default(),
            sent: Some(sent),
        })
    }

    fn listed(&self, subject: &Subject<'_>) -> Held {
        let listed = part_list::read(self.list.as_bytes()).map_err(|_| Unheld::NotDeclared)?;
        let parts = listed.into_iter().map(|part| (part.number, part.etag));
        let list = list_of(parts.collect(), &self.list).ok_or(Unheld::NotDeclared)?;
        laws::list_read(subject, &list)
    }

    /// The object as it stands is read back whole. Only a stream's: a download is of no given bytes.
    fn downloaded(&self, subject: &Subject<'_>, envelope: EnvelopeCase) -> Held {
        // A master key is described by one name and value, or by none.
        let one = envelope
            .sent
            .as_ref()
            .is_none_or(|sent| sent.description.len() <= 1);
        let PlaintextValue::Seeded { seed, length } = self.plaintext else {
            return Err(Unheld::NotDeclared);
        };
        if !one {
            return Err(Unheld::NotDeclared);
        }
        let case = DownloadCase {
            envelope,
            plaintext: Plaintext { seed, length },
            part_size: Some(self.part_size),
            range: None,
            damage: None,
            faults: Vec::new(),
            reader: Reader::default(),
        };
        laws::downloaded(subject, &case)
    }
}
