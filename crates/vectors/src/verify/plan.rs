//! Plans and declared sizes.

use super::{Can, Judge, refusal};
use crate::declared_sizes::DeclaredSizesTest;
use crate::file::{CipherName, Outcome};
use crate::plan::PlanTest;
use crate::verify::laws;
use partproof_suite::case::encrypt::EncryptCase;
use partproof_suite::case::plan::{HostilePlanCase, PlanCase};
use partproof_suite::hex::Hex;
use partproof_suite::law::{Held, Unheld};
use partproof_suite::plaintext::Plaintext;
use partproof_suite::subject::Subject;

impl Judge for PlanTest {
    fn judge(&self, (): &(), subject: &Subject<'_>, can: &mut Can) -> Held {
        let case = PlanCase {
            data_size: self.data_size,
            part_size: Some(self.part_size),
        };
        match self.result {
            // A part size that cannot be is refused, or mended.
            Outcome::Invalid => {
                let held = laws::not_planned(subject, &HostilePlanCase(case));
                refusal(held, can.planned)
            }
            Outcome::Acceptable if self.data_size == 0 => match laws::planned(subject, &case) {
                // An empty object may have one empty part or none.
                Err(Unheld::Violated(_)) => laws::not_planned(subject, &HostilePlanCase(case)),
                held => held,
            },
            Outcome::Acceptable => laws::planned(subject, &case),
            Outcome::Valid => {
                laws::can_be_planned(subject, &case)?;
                laws::planned(subject, &case)?;
                can.planned = true;
                Ok(())
            }
        }
    }
}

impl Judge for DeclaredSizesTest {
    fn judge(&self, cipher: &CipherName, subject: &Subject<'_>, can: &mut Can) -> Held {
        let case = EncryptCase {
            cipher: cipher.0,
            key: [0; 32],
            start: [0; 16],
            plaintext: Plaintext {
                seed: 0,
                length: self.plaintext_size,
            },
            part_size: self.part_size,
            order: Vec::new(),
            chunks: Vec::new(),
            only: None,
            given: Hex::default(),
        };
        let held = laws::declared(subject, &case);
        match (self.result, held) {
            (Outcome::Invalid, held) => refusal(held, can.encrypted),
            // An empty object in counter mode may have one empty part or none.
            (Outcome::Acceptable, Err(Unheld::Violated(_))) => Ok(()),
            (Outcome::Valid, Ok(())) => {
                can.encrypted = true;
                Ok(())
            }
            (_, held) => held,
        }
    }
}
