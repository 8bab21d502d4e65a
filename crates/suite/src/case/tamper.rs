//! Cases for authentication: an upload under GCM, and one thing done to what was stored.

use arbitrary::{Arbitrary, Result, Unstructured};
use partproof_model::Cipher;
use serde::{Deserialize, Serialize};

use super::encrypt::EncryptCase;
use super::{Case, smaller_number};
use crate::class::{Class, Classes};
use crate::hex::Hex;

/// An upload and what happens to its stored parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TamperCase {
    /// The upload.
    pub upload: EncryptCase,
    /// The change.
    pub tamper: Tamper,
}

/// One change to the stored parts. Positions count from zero and wrap round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Arbitrary)]
#[serde(rename_all = "snake_case")]
pub enum Tamper {
    /// One bit of the object flips.
    FlipBit(u64),
    /// A part and the one after it change places.
    SwapParts(u64),
    /// A part is missing.
    DropPart(u64),
    /// The last part loses this many bytes, at least one.
    CutBytes(u64),
    /// A part stands twice.
    RepeatPart(u64),
    /// These parts stand in their place. None is drawn.
    #[arbitrary(skip)]
    Parts(Vec<Hex>),
}

impl Tamper {
    /// Does it. `None` if it changes nothing: equal parts swapped, or only one part to swap.
    pub fn apply(&self, parts: &[Vec<u8>]) -> Option<Vec<Vec<u8>>> {
        let mut changed = parts.to_vec();
        let at = |position: u64, length: usize| {
            usize::try_from(position.checked_rem(u64::try_from(length).ok()?)?).ok()
        };
        match *self {
            Self::FlipBit(position) => {
                let bits = parts.iter().map(Vec::len).sum::<usize>() * 8;
                let mut bit = at(position, bits)?;
                let part = changed.iter_mut().find(|part| {
                    let here = bit < part.len() * 8;
                    bit -= if here { 0 } else { part.len() * 8 };
                    here
                })?;
                part[bit / 8] ^= 1 << (bit % 8);
            }
            Self::SwapParts(position) => {
                let first = at(position, parts.len().checked_sub(1)?)?;
                changed.swap(first, first + 1);
            }
            Self::DropPart(position) => drop(changed.remove(at(position, parts.len())?)),
            Self::CutBytes(bytes) => {
                let last = changed.last_mut()?;
                let bytes = at(bytes, last.len())? + 1;
                last.truncate(last.len() - bytes);
            }
            Self::RepeatPart(position) => {
                let again = at(position, parts.len())?;
                changed.insert(again, parts[again].clone());
            }
            Self::Parts(ref others) => {
                changed = others.iter().map(|part| part.0.clone()).collect();
            }
        }
        (changed != parts).then_some(changed)
    }
}

impl<'a> Arbitrary<'a> for TamperCase {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let tamper = u.arbitrary()?;
        let mut upload = EncryptCase::arbitrary(u)?;
        if upload.cipher == Cipher::Ctr {
            upload.cipher = Cipher::GcmObject;
            upload.start[12..].fill(0);
        }
        Ok(Self::plain(upload, tamper))
    }
}

impl TamperCase {
    /// What is stored does not depend on order and chunks.
    fn plain(mut upload: EncryptCase, tamper: Tamper) -> Self {
        upload.order.clear();
        upload.chunks.clear();
        Self { upload, tamper }
    }
}

impl Case for TamperCase {
    const BYTES: usize = 176;

    fn from_fuzz(u: &mut Unstructured<'_>, about: Option<Cipher>) -> Result<Self> {
        let tamper = u.arbitrary()?;
        Ok(Self::plain(EncryptCase::from_fuzz(u, about)?, tamper))
    }

    fn classes(&self) -> Classes {
        self.upload
            .classes()
            .with(Class::FlippedBit, matches!(self.tamper, Tamper::FlipBit(_)))
            .with(
                Class::SwappedParts,
                matches!(self.tamper, Tamper::SwapParts(_)),
            )
            .with(
                Class::DroppedPart,
                matches!(self.tamper, Tamper::DropPart(_)),
            )
            .with(
                Class::TruncatedPart,
                matches!(self.tamper, Tamper::CutBytes(_)),
            )
    }

    fn smaller(&self) -> Vec<Self> {
        let uploads = self.upload.smaller().into_iter().map(|upload| Self {
            upload,
            ..self.clone()
        });
        let (number, rebuild): (u64, fn(u64) -> Tamper) = match self.tamper {
            Tamper::Parts(_) => return Vec::new(),
            Tamper::FlipBit(number) => (number, Tamper::FlipBit),
            Tamper::SwapParts(number) => (number, Tamper::SwapParts),
            Tamper::DropPart(number) => (number, Tamper::DropPart),
            Tamper::CutBytes(number) => (number, Tamper::CutBytes),
            Tamper::RepeatPart(number) => (number, Tamper::RepeatPart),
        };
        let tampers = smaller_number(number, 0).into_iter().map(|number| Self {
            tamper: rebuild(number),
            ..self.clone()
        });
        uploads.chain(tampers).collect()
    }

    fn check(&self) -> std::result::Result<(), String> {
        if self.upload.cipher == Cipher::Ctr {
            return Err(
                "AES/CTR authenticates nothing: expected one of the GCM ciphers".to_owned(),
            );
        }
        self.upload.check()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_change_changes_and_a_change_that_does_not_is_none() {
        let parts = vec![vec![1, 2], vec![3]];
        assert_eq!(
            Tamper::FlipBit(17).apply(&parts),
            Some(vec![vec![1, 2], vec![1]])
        );
        assert_eq!(
            Tamper::SwapParts(5).apply(&parts),
            Some(vec![vec![3], vec![1, 2]])
        );
        assert_eq!(Tamper::DropPart(1).apply(&parts), Some(vec![vec![1, 2]]));
        assert_eq!(
            Tamper::CutBytes(0).apply(&parts),
            Some(vec![vec![1, 2], vec![]])
        );
        assert_eq!(Tamper::SwapParts(0).apply(&parts[..1]), None);
        let others = |parts: &[Vec<u8>]| Tamper::Parts(parts.iter().cloned().map(Hex).collect());
        assert_eq!(others(&parts[1..]).apply(&parts), Some(vec![vec![3]]));
        assert_eq!(others(&parts).apply(&parts), None);
    }
}
