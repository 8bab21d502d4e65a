//! Why the bytes of a part are not the model's, as far as the bytes show it: for which place and under which of the known keys they were encrypted,
//! and which bytes of the source they are. What none of that explains is told as it is.

use partproof_model::cipher::ctr;
use partproof_model::{ByteOffset, Cipher, ContentKey, Layout, PartNumber, Rule, Start, rules};

use super::stored::{Opened, Source};
use partproof_evidence::Crypted;
use partproof_evidence::Drawing;
use partproof_evidence::{Cause, Evidence};
use partproof_suite::law::Consequence::{self, DataLost, PlaintextExposed};
use partproof_suite::law::{Unheld, violated};

/// A content key and a start.
pub(super) type Secrets = (ContentKey, Start);

/// The part whose bytes are wrong, and what else is known.
#[derive(Clone, Copy)]
pub(super) struct Part<'p> {
    pub(super) opened: &'p Opened,
    pub(super) layout: Layout,
    pub(super) number: u64,
    pub(super) source: &'p Source<'p>,
    /// The keys and starts of other uploads that the client has made on this stage.
    pub(super) others: &'p [Secrets],
    /// What was sent of other parts of this upload, by their numbers.
    pub(super) siblings: &'p dyn Fn() -> Vec<(u64, Vec<u8>)>,
}

/// What is told of wrong bytes.
pub(super) struct Reason {
    pub(super) rule: &'static Rule,
    /// In place of the symptom of whoever looked, where one is known.
    pub(super) symptom: Option<&'static str>,
    pub(super) consequence: Consequence,
    pub(super) expected: String,
    pub(super) actual: String,
    pub(super) evidence: Evidence,
}

impl Reason {
    /// The violation.
    pub(super) fn violated(self, symptom: &'static str) -> Unheld {
        let symptom = self.symptom.unwrap_or(symptom);
        violated(
            self.rule,
            symptom,
            self.consequence,
            self.expected,
            self.actual,
        )
        .on(self.evidence)
    }
}

/// Bytes by which a place in the source is known.
const NEEDLE: usize = 32;
/// In a source that is longer nothing is looked for.
const LONGEST_SOURCE: u64 = 16 << 20;

impl Part<'_> {
    /// Why these bytes, which are not the expected ones, came of the part; nothing where they do not show it. Counter mode only.
    pub(super) fn reason(&self, actual: &[u8]) -> Option<Reason> {
        if self.opened.cipher != Cipher::Ctr {
            return None;
        }
        let range = self.layout.plaintext_of(PartNumber::new(self.number)?)?;
        let offset = range.start;
        let length = u64::try_from(actual.len()).ok()?;
        let plaintext = self.source.slice(offset..range.end.min(offset + length));
        let crypted = self.crypted(offset, &plaintext, actual);
        self.misplaced(&crypted)
            .or_else(|| self.under_another_key(&crypted))
            .or_else(|| self.of_another_part(&crypted))
            .or_else(|| self.of_other_bytes(&crypted))
    }

    /// What would make these bytes, where they are too few to prove it.
    pub(super) fn perhaps(&self, actual: &[u8]) -> Vec<Cause> {
        let range =
            PartNumber::new(self.number).and_then(|number| self.layout.plaintext_of(number));
        let (Some(range), Cipher::Ctr) = (range, self.opened.cipher) else {
            return Vec::new();
        };
        let plaintext = self.source.slice(range.clone());
        let plaintext = plaintext.get(..actual.len()).unwrap_or(&plaintext);
        let mut causes = self.crypted(range.start, plaintext, actual).perhaps();
        let own = (self.opened.key, self.opened.start);
        let place = ByteOffset::new(range.start);
        let is_under = |(key, start): &Secrets| {
            (*key, *start) != own && ctr::apply(*key, *start, place, plaintext) == actual
        };
        causes.extend(self.others.iter().any(is_under).then_some(Cause::OtherKey));
        causes
    }

    fn crypted<'a>(&self, offset: u64, plaintext: &'a [u8], ciphertext: &'a [u8]) -> Crypted<'a> {
        Crypted {
            key: self.opened.key,
            start: self.opened.start,
            part_size: self.layout.wire().part.bytes(),
            length: self.layout.plaintext(),
            offset,
            before: None,
            is_read: false,
            plaintext,
            ciphertext,
        }
    }

    /// The plaintext is right, and the keystream is that of another place, or of none.
    fn misplaced(&self, crypted: &Crypted<'_>) -> Option<Reason> {
        let mut cause = crypted.settled();
        if cause == Some(Cause::NotEncrypted) {
            return Some(Reason {
                rule: rules::CTR_POSITION,
                symptom: Some("plaintext is sent as it is"),
                consequence: DataLost,
                expected: format!("part {} encrypted", self.number),
                actual: "its plaintext".to_owned(),
                evidence: Cause::NotEncrypted.into(),
            });
        }
        // What is wrong with every part is not what it is if one of them is right.
        let is_so = |cause: Cause| {
            (self.siblings)().iter().all(|(number, sent)| {
                let range =
                    PartNumber::new(*number).and_then(|number| self.layout.plaintext_of(number));
                let range = range.unwrap_or(0..0);
                let plaintext = self.source.slice(range.clone());
                let plaintext = plaintext.get(..sent.len()).unwrap_or(&plaintext);
                self.crypted(range.start, plaintext, sent)
                    .is_explained_by(cause)
            })
        };
        let made_for = crypted.made_for();
        if let Some(of_all) = cause.filter(|cause| cause.is_of_every_part())
            && !is_so(of_all)
        {
            cause = made_for.and(Some(Cause::OtherPlace));
        }
        let is_shared = made_for.is_some_and(|(_, place)| self.has_its_own(place));
        let evidence = crypted.evidence(cause, is_shared);
        let Some((at, place)) = made_for else {
            let cause = cause?;
            return Some(Reason {
                rule: cause.rule(),
                symptom: Some(match cause.rule() == rules::CTR_CARRY {
                    true => "wrong bytes where the counter carries",
                    false => "a part is encrypted for another place",
                }),
                consequence: DataLost,
                expected: format!("part {} encrypted with start + offset / 16", self.number),
                actual: "encrypted with other counters".to_owned(),
                evidence,
            });
        };
        let (rule, symptom, consequence) = match is_shared {
            true => (
                rules::KEYSTREAM_ONCE,
                "two places of the object share keystream",
                PlaintextExposed,
            ),
            false => (
                rules::CTR_POSITION,
                "a part is encrypted for another place",
                DataLost,
            ),
        };
        Some(Reason {
            rule,
            symptom: Some(symptom),
            consequence,
            expected: format!("byte {at} encrypted with the counter of block {}", at / 16),
            actual: format!(
                "encrypted with the counter of block {}, that of byte {place}",
                place / 16
            ),
            evidence,
        })
    }

    /// Whether what was sent of this place of the object has the keystream that is its own. Where that was not seen it is not claimed.
    fn has_its_own(&self, place: u64) -> bool {
        let part_size = self.layout.wire().part.bytes();
        let (number, within) = (place / part_size + 1, place % part_size / 16 * 16);
        let from = usize::try_from(within).unwrap_or(usize::MAX);
        (self.siblings)().iter().any(|(other, sent)| {
            let most = within.saturating_add(16);
            let right = self
                .opened
                .beginning(self.layout, self.source, number, most);
            let block = |bytes: &[u8]| {
                bytes
                    .get(from..(from + 16).min(bytes.len()))
                    .map(<[u8]>::to_vec)
            };
            let right = right.ok().and_then(|right| block(&right));
            *other == number
                && right.is_some_and(|right| !right.is_empty() && block(sent) == Some(right))
        })
    }

    /// The plaintext is right, and the key is that of another upload.
    fn under_another_key(&self, crypted: &Crypted<'_>) -> Option<Reason> {
        let mut others = self.others.iter();
        let own = (self.opened.key, self.opened.start);
        others.find(|(key, start)| (*key, *start) != own && crypted.is_under(*key, *start))?;
        Some(Reason {
            rule: rules::CTR_POSITION,
            symptom: Some("a part is encrypted under the key of another upload"),
            consequence: DataLost,
            expected: format!(
                "part {} under the key in its upload's envelope",
                self.number
            ),
            actual: "it opens under the key in another upload's envelope".to_owned(),
            evidence: Cause::OtherKey.into(),
        })
    }

    /// They are right for another part.
    fn of_another_part(&self, crypted: &Crypted<'_>) -> Option<Reason> {
        let most = 4 * NEEDLE;
        let sent = crypted
            .ciphertext
            .get(..most.min(crypted.ciphertext.len()))?;
        let count = self.layout.wire().count();
        let near = self.number.saturating_sub(8).max(1)..=self.number.saturating_add(8).min(count);
        let mut numbers = near.filter(|number| *number != self.number);
        let other = numbers.find(|number| {
            let most = u64::try_from(sent.len()).unwrap_or(u64::MAX);
            let right = self
                .opened
                .beginning(self.layout, self.source, *number, most);
            sent.len() >= NEEDLE && right.is_ok_and(|right| right.starts_with(sent))
        })?;
        let part_size = self.layout.wire().part.bytes();
        let mut drawing = Drawing::new(part_size, self.layout.plaintext());
        drawing.wrong(
            crypted.offset,
            format!("what is sent is part {other}, as it should be sent as that"),
        );
        drawing.instead((other - 1) * part_size);
        Some(Reason {
            rule: rules::CTR_POSITION,
            symptom: None,
            consequence: DataLost,
            expected: format!("part {} of {count}", self.number),
            actual: format!("the bytes of part {other}"),
            evidence: Evidence {
                cause: Some(Cause::OtherPart),
                drawing: Some(drawing),
                ..Evidence::default()
            },
        })
    }

    /// The keystream is right if they are bytes of the source, or zeros.
    fn of_other_bytes(&self, crypted: &Crypted<'_>) -> Option<Reason> {
        let (key, start) = (self.opened.key, self.opened.start);
        let found = ctr::apply(
            key,
            start,
            ByteOffset::new(crypted.offset),
            crypted.ciphertext,
        );
        let first = found
            .iter()
            .zip(crypted.plaintext)
            .position(|(one, other)| one != other)?;
        let needle = found.get(first..).unwrap_or_default();
        let needle = needle.get(..NEEDLE.min(needle.len()))?;
        let at = crypted.offset + u64::try_from(first).ok()?;
        if needle.len() < NEEDLE / 2 || self.source.length() > LONGEST_SOURCE {
            return None;
        }
        let mut drawing = Drawing::new(crypted.part_size, crypted.length);
        let told = |cause: Option<Cause>, actual: String, drawing: &Drawing| Reason {
            rule: rules::CTR_POSITION,
            symptom: None,
            consequence: DataLost,
            expected: format!(
                "part {}: byte {at} of the source at byte {at} of the object",
                self.number
            ),
            actual,
            evidence: Evidence {
                cause,
                drawing: Some(drawing.clone()),
                ..Evidence::default()
            },
        };
        if needle.iter().all(|byte| *byte == 0) {
            drawing.wrong(at, "the counter is right, and zeros are encrypted");
            return Some(told(
                Some(Cause::SourceMissing),
                "zeros, under the right keystream".to_owned(),
                &drawing,
            ));
        }
        let source = self.source.slice(0..self.source.length());
        let mut places = source
            .windows(needle.len())
            .enumerate()
            .filter(|(_, bytes)| *bytes == needle);
        let (place, _) = places.next()?;
        let place = u64::try_from(place).ok()?;
        drawing.wrong(
            at,
            format!("the counter is right, and bytes of the source from {place} on are encrypted"),
        );
        drawing.instead(place);
        let more = match places.next() {
            Some(_) => ", and elsewhere",
            None => "",
        };
        Some(told(
            Some(Cause::OtherSourceBytes),
            format!("those of the source from byte {place} on{more}, under the right keystream"),
            &drawing,
        ))
    }

    /// The same, if they are not the part's own.
    pub(super) fn reason_of_one(&self, actual: &[u8]) -> Option<Reason> {
        let length = u64::try_from(actual.len()).unwrap_or(u64::MAX);
        let right = self
            .opened
            .beginning(self.layout, self.source, self.number, length);
        match right.is_ok_and(|right| right.starts_with(actual)) {
            true => None,
            false => self.reason(actual),
        }
    }

    /// Whether the bytes are known to be encrypted under the upload's own key, right or wrong.
    pub(super) fn is_under_its_key(&self, actual: &[u8]) -> bool {
        let length = u64::try_from(actual.len()).unwrap_or(u64::MAX);
        let right = self
            .opened
            .beginning(self.layout, self.source, self.number, length);
        if right.is_ok_and(|right| right.starts_with(actual)) {
            return true;
        }
        let cause = self.reason(actual).map(|reason| reason.evidence.cause);
        cause.is_some_and(|cause| !matches!(cause, Some(Cause::OtherKey | Cause::NotEncrypted)))
    }

    /// The first place where they differ, in a few words: of bytes that nothing explains there is no more to tell.
    pub(super) fn plain(&self, expected: &[u8], actual: &[u8]) -> (String, String) {
        let mut pairs = expected.iter().zip(actual);
        let at = pairs.position(|(one, other)| one != other);
        let at = at.unwrap_or(expected.len().min(actual.len()));
        let (number, from) = (self.number, at - at % 16);
        (
            format!(
                "part {number}: {} bytes, those of the model",
                expected.len()
            ),
            format!("{} bytes, others from byte {from} on", actual.len()),
        )
    }
}
