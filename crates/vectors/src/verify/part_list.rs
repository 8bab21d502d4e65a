//! Part lists, read and built.

use partproof_model::part_list::ListedPart;
use partproof_model::service::complete::list_objections;

use super::{Can, Judge, all, laws, refusal};
use crate::file::Outcome;
use crate::part_list::{ListedUpload, PartListTest};
use partproof_suite::case::hostile_xml::{Attack, Document, HostileXmlCase};
use partproof_suite::case::outside::OutsideCase;
use partproof_suite::case::part_list::{HostilePartListCase, Order, PartListCase};
use partproof_suite::hex::Hex;
use partproof_suite::law::{Held, Unheld};
use partproof_suite::subject::Subject;

impl Judge for PartListTest {
    fn judge(&self, _: &ListedUpload, subject: &Subject<'_>, can: &mut Can) -> Held {
        let body = self.bytes().ok_or(Unheld::NotDeclared)?;
        all([self.read(subject, body, can), self.built(subject)])
    }
}

/// A list of parts 1, 2, 3 and so on, as somebody wrote it.
pub(super) fn list_of(parts: Vec<(u64, String)>, sent: &str) -> Option<PartListCase> {
    let in_order = (1..).zip(&parts).all(|(number, part)| part.0 == number);
    in_order.then(|| PartListCase {
        count: u64::try_from(parts.len()).unwrap_or(u64::MAX),
        etags: parts.into_iter().map(|(_, etag)| etag).collect(),
        order: Order::Descending,
        spelling: Default::default(),
        sent: Some(sent.to_owned()),
    })
}

impl PartListTest {
    fn parts(&self) -> Option<Vec<(u64, String)>> {
        let parts = self.parts.as_ref()?.iter();
        Some(parts.map(|part| (part.number, part.etag.clone())).collect())
    }

    /// The list of a valid case.
    fn list(&self) -> Result<PartListCase, Unheld> {
        let list = self.parts().zip(self.body.as_ref());
        list.and_then(|(parts, body)| list_of(parts, body))
            .ok_or(Unheld::NotDeclared)
    }

    fn read(&self, subject: &Subject<'_>, body: Vec<u8>, can: &mut Can) -> Held {
        match (self.result, &self.parts) {
            (Outcome::Valid, _) => {
                laws::list_read(subject, &self.list()?)?;
                can.read_list = true;
                Ok(())
            }
            // A strict reader may refuse what the service would.
            (Outcome::Acceptable, None) | (_, Some(_)) => {
                let held = laws::list_agreed(subject, &OutsideCase::new(body));
                refusal(held, can.read_list)
            }
            (Outcome::Invalid, None) => {
                let case = HostileXmlCase {
                    document: Document::PartList,
                    attack: Attack::Sent(Hex(body)),
                };
                refusal(laws::no_list(subject, &case), can.read_list)
            }
        }
    }

    /// From the parts of a valid list, in any order, the builder makes a list of them; from parts that no list may have, it
    /// makes none, or one without them.
    fn built(&self, subject: &Subject<'_>) -> Held {
        if self.result == Outcome::Valid {
            return laws::list_built(subject, &self.list()?);
        }
        let parts = self.parts().ok_or(Unheld::NotDeclared)?;
        let listed = parts.iter().map(|(number, etag)| ListedPart {
            number: *number,
            etag: etag.clone(),
        });
        // A builder does not know what was uploaded: only what a list breaks by itself is its affair, and if it leaves the order to its
        // caller, not that either.
        let own = list_objections(&listed.collect::<Vec<_>>());
        let sorts = subject
            .part_list_builder
            .is_some_and(|builder| builder.sorts());
        match own.is_empty() || !sorts {
            true => Err(Unheld::NotDeclared),
            false => laws::list_not_built(subject, &HostilePartListCase { parts }),
        }
    }
}
