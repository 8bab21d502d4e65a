//! Known mistakes of counter mode: which of them makes these very bytes. Plaintext and ciphertext give the keystream, and a whole block of it, under
//! the key, gives back the counter. So a mistake is never guessed from a byte, and one that is named explains every byte.

use partproof_model::cipher::ctr;
use partproof_model::{ByteOffset, ContentKey, Start};

use crate::cause::{Cause, Evidence};
use crate::drawing::Drawing;

/// Bytes that were encrypted or decrypted in counter mode.
#[derive(Clone, Copy, Debug)]
pub struct Crypted<'a> {
    /// The content key.
    pub key: ContentKey,
    /// The counter start.
    pub start: Start,
    /// Bytes of every part but the last.
    pub part_size: u64,
    /// Bytes of the object.
    pub length: u64,
    /// Where in the object they lie; what was encrypted begins a part.
    pub offset: u64,
    /// How many blocks the client has encrypted before in this upload, if that is known.
    pub before: Option<u64>,
    /// Whether they were decrypted.
    pub is_read: bool,
    /// What was encrypted, or what came of decrypting.
    pub plaintext: &'a [u8],
    /// What came of encrypting, or what was decrypted.
    pub ciphertext: &'a [u8],
}

/// The counter of a block, by its index in the object.
type Counter<'m> = Box<dyn Fn(u128) -> u128 + 'm>;

/// Of so many bytes without a key it is not chance that they are what a mistake makes of them.
const ENOUGH: usize = 8;

/// Whether a read that begins within a block goes wrong there.
pub fn at_a_block(
    key: ContentKey,
    start: Start,
    offset: u64,
    plaintext: &[u8],
    stored: &[u8],
    actual: &[u8],
) -> Option<Cause> {
    let within = usize::try_from(offset % 16).ok()?;
    if within == 0 || plaintext.len() < ENOUGH {
        return None;
    }
    if actual.len() == plaintext.len() + within && actual.ends_with(plaintext) {
        return Some(Cause::PrefixKept);
    }
    // In the first block it may as well be read as if it began the object.
    if offset < 16 {
        return None;
    }
    let block = ByteOffset::new(offset - offset % 16);
    (actual == ctr::apply(key, start, block, stored)).then_some(Cause::BlockBegunAnew)
}

impl Crypted<'_> {
    /// The causes that make exactly these bytes. Several where they make the same; none where it is no known mistake, or there is no whole block of
    /// wrong keystream.
    pub fn causes(&self) -> Vec<Cause> {
        if !self.is_read && self.plaintext.len() >= ENOUGH && self.plaintext == self.ciphertext {
            return vec![Cause::NotEncrypted];
        }
        if self.first_wrong().is_none() {
            return Vec::new();
        }
        let seen = self.sample();
        let makes = |counter: &Counter<'_>| {
            let is_seen = seen.iter().all(|(index, seen)| counter(*index) == *seen);
            is_seen && self.is_made_by(counter)
        };
        let made = self
            .mistakes()
            .into_iter()
            .filter(|(_, counter)| makes(counter));
        let mut causes: Vec<Cause> = made.map(|(cause, _)| cause).collect();
        causes.sort_unstable();
        causes.dedup();
        if let (true, Some((wrong, place))) = (causes.is_empty(), self.made_for()) {
            causes.push(match self.is_read {
                // In the first block it may be the block that is begun anew.
                true if self.offset < 16 => return causes,
                true if wrong.checked_sub(place) == Some(self.offset) => Cause::ReadFromZero,
                true => Cause::ReadForOtherPlace,
                false => Cause::OtherPlace,
            });
        }
        causes
    }

    /// The cause, if there is one that makes exactly these bytes.
    pub fn settled(&self) -> Option<Cause> {
        match self.causes().as_slice() {
            [cause] => Some(*cause),
            _ => None,
        }
    }

    /// What they show, with the cause that they come from. `is_shared` says whether the place that they were made for has its own keystream as well.
    pub fn evidence(&self, cause: Option<Cause>, is_shared: bool) -> Evidence {
        Evidence {
            cause,
            perhaps: match cause {
                Some(_) => Vec::new(),
                None => self.perhaps(),
            },
            drawing: self.drawing(cause.is_some(), is_shared),
            ..Evidence::default()
        }
    }

    /// What would make exactly these bytes, where they do not prove one of them: they are too few, or it is several.
    pub fn perhaps(&self) -> Vec<Cause> {
        if self.first_wrong().is_some() {
            return self.causes();
        }
        let mistakes = self.mistakes().into_iter();
        let made = mistakes.filter(|(_, counter)| self.is_made_by(counter));
        let mut causes: Vec<Cause> = made.map(|(cause, _)| cause).collect();
        if !self.is_read && self.plaintext == self.ciphertext {
            causes.push(Cause::NotEncrypted);
        }
        causes.sort_unstable();
        causes.dedup();
        causes
    }

    /// Whether this mistake makes every one of them, right ones too, however few.
    pub fn is_explained_by(&self, cause: Cause) -> bool {
        let mut mistakes = self.mistakes().into_iter();
        mistakes.any(|(one, counter)| one == cause && self.is_made_by(&counter))
    }

    /// Whether a mistake that the cipher makes as it counts explains them only if it makes it as it seeks, too.
    pub fn is_made_seeking(&self, cause: Cause) -> bool {
        let seeking = self.mistakes().into_iter().find(|(one, _)| *one == cause);
        seeking.is_some_and(|(_, counter)| self.is_made_by(&counter))
    }

    /// Whether there is a whole block of wrong keystream.
    pub fn is_wrong_in_a_block(&self) -> bool {
        self.first_wrong().is_some()
    }

    /// Whether another key and start, at the same place, make all whole blocks of them, of which there is one.
    pub fn is_under(&self, key: ContentKey, start: Start) -> bool {
        let other = Self {
            key,
            start,
            ..*self
        };
        let seen = other.sample();
        !seen.is_empty()
            && seen
                .iter()
                .all(|(index, counter)| *counter == other.right(*index))
    }

    /// Up to so many bytes in whole blocks: the first, those from the first wrong one on, and the last; each with its index and the counter whose
    /// keystream it has.
    fn sample(&self) -> Vec<(u128, u128)> {
        const IN_ALL: usize = 8;
        let (keystream, first) = self.whole_blocks();
        let wrong = self.first_wrong().unwrap_or(0);
        let blocks = keystream.chunks_exact(16).zip(first..).enumerate();
        let count = keystream.len() / 16;
        let is_taken = |place: usize| {
            place == 0 || place + 1 == count || (wrong..wrong + IN_ALL).contains(&place)
        };
        let taken = blocks.filter(|(place, _)| is_taken(*place));
        taken
            .map(|(_, (block, index))| {
                let block = block.try_into().expect("16 bytes");
                let index_of = ctr::index_of(self.key, self.start, block);
                (index, self.right(index_of))
            })
            .collect()
    }

    /// The keystream in whole blocks, and the index of the first.
    fn whole_blocks(&self) -> (Vec<u8>, u128) {
        let from = self.offset.next_multiple_of(16);
        let skipped = usize::try_from(from - self.offset).expect("below 16");
        let pairs = self.plaintext.iter().zip(self.ciphertext).skip(skipped);
        let mut keystream: Vec<u8> = pairs.map(|(one, other)| one ^ other).collect();
        keystream.truncate(keystream.len() / 16 * 16);
        (keystream, u128::from(from / 16))
    }

    /// The first whole block with a wrong keystream, counted among the whole ones.
    fn first_wrong(&self) -> Option<usize> {
        let (keystream, first) = self.whole_blocks();
        let zeros = vec![0; keystream.len()];
        let from = ByteOffset::new(u64::try_from(first).ok()? * 16);
        let right = ctr::apply(self.key, self.start, from, &zeros);
        let mut blocks = keystream.chunks_exact(16).zip(right.chunks_exact(16));
        blocks.position(|(seen, right)| seen != right)
    }

    fn right(&self, index: u128) -> u128 {
        u128::from_be_bytes(self.start.0).wrapping_add(index)
    }

    /// Whether every byte is what these counters make.
    fn is_made_by(&self, counter: &Counter<'_>) -> bool {
        if self.plaintext.len() != self.ciphertext.len() {
            return false;
        }
        let within = usize::try_from(self.offset % 16).expect("below 16");
        let first = u128::from(self.offset / 16);
        let (mut from, mut index) = (0, first);
        while from < self.plaintext.len() {
            let begins = counter(index);
            // As far as it counts on.
            let within = if index == first { within } else { 0 };
            let (mut to, mut next) = (from + 16 - within, index + 1);
            while to < self.plaintext.len() && counter(next) == begins.wrapping_add(next - index) {
                (to, next) = (to + 16, next + 1);
            }
            let run = from..to.min(self.plaintext.len());
            let start = Start(begins.to_be_bytes());
            let place = ByteOffset::new(u64::try_from(within).unwrap_or_default());
            let made = ctr::apply(self.key, start, place, &self.plaintext[run.clone()]);
            if made != self.ciphertext[run] {
                return false;
            }
            (from, index) = (to, next);
        }
        true
    }

    /// Each known mistake, with the counters that it would use.
    fn mistakes(&self) -> Vec<(Cause, Counter<'_>)> {
        let start = u128::from_be_bytes(self.start.0);
        let first = u128::from(self.offset / 16);
        let low = |bits: u32| (1_u128 << bits) - 1;
        // A counter whose low bits go around by themselves; as it seeks, or as it counts too.
        let narrow = move |bits: u32, index: u128| {
            (start & !low(bits)) | (start.wrapping_add(index) & low(bits))
        };
        let seeks = move |bits: u32, index: u128| narrow(bits, first).wrapping_add(index - first);
        let signed = |counter: u128| {
            let kept = u128::BITS - counter.leading_ones() / 8 * 8;
            counter & u128::MAX.checked_shr(u128::BITS - kept).unwrap_or(0)
        };
        let around = move |index: u128| {
            let (sum, wraps) = start.overflowing_add(index);
            sum + u128::from(wraps)
        };
        let from =
            move |block: u128, index: u128| start.wrapping_add(block).wrapping_add(index - first);
        let mut mistakes: Vec<(Cause, Counter<'_>)> = vec![
            (
                Cause::CarryLostAt64,
                Box::new(move |index| seeks(64, index)),
            ),
            (
                Cause::CarryLostAt64,
                Box::new(move |index| narrow(64, index)),
            ),
            (
                Cause::CarryLostAt32,
                Box::new(move |index| seeks(32, index)),
            ),
            (
                Cause::CarryLostAt32,
                Box::new(move |index| narrow(32, index)),
            ),
            (Cause::CarryGoesAround, Box::new(around)),
            (
                Cause::CarryGoesAround,
                Box::new(move |index| around(first).wrapping_add(index - first)),
            ),
            (
                Cause::StartReversed,
                Box::new(move |index| start.swap_bytes().wrapping_add(index)),
            ),
            (
                Cause::StartSigned,
                Box::new(move |index| signed(start.wrapping_add(index))),
            ),
            (
                Cause::StartSigned,
                Box::new(move |index| {
                    signed(start.wrapping_add(first)).wrapping_add(index - first)
                }),
            ),
            (
                Cause::IndexIn32Bits,
                Box::new(move |index| from(first & low(32), index)),
            ),
            (
                Cause::IndexIn32Bits,
                Box::new(move |index| start.wrapping_add(index & low(32))),
            ),
            (
                Cause::OffsetIn32Bits,
                Box::new(move |index| from(first & low(28), index)),
            ),
            (
                Cause::OffsetIn32Bits,
                Box::new(move |index| start.wrapping_add(index & low(28))),
            ),
        ];
        let part = u128::from(self.offset / self.part_size) * u128::from(self.part_size / 16);
        if self.is_read {
            if self.offset >= 16 {
                mistakes.push((Cause::ReadFromZero, Box::new(move |index| from(0, index))));
            }
            mistakes.push((
                Cause::ReadWithinPart,
                Box::new(move |index| start.wrapping_add(index - part)),
            ));
        } else {
            let before_it = u128::from(self.offset / self.part_size);
            let blocks = u128::from(self.part_size / 16);
            mistakes.push((Cause::PartFromZero, Box::new(move |index| from(0, index))));
            for block in [before_it, before_it + 1] {
                mistakes.push((
                    Cause::NumberForBlock,
                    Box::new(move |index| from(block, index)),
                ));
            }
            mistakes.push((
                Cause::NumberFromZero,
                Box::new(move |index| from(first + blocks, index)),
            ));
            if let Some(before) = self.before {
                mistakes.push((
                    Cause::StreamGoesOn,
                    Box::new(move |index| from(before.into(), index)),
                ));
            }
        }
        mistakes
    }

    /// The first wrong byte, in a whole block of wrong keystream, and the one that it was made for, if all from there on were made for places as far from
    /// theirs that an object can have.
    pub fn made_for(&self) -> Option<(u64, u64)> {
        const OF_AN_OBJECT: u128 = 1 << 44;
        let start = u128::from_be_bytes(self.start.0);
        let seen = self.sample();
        let mut seen = seen
            .into_iter()
            .skip_while(|(index, counter)| *counter == self.right(*index));
        let (wrong, counter) = seen.next()?;
        let made_for = counter.wrapping_sub(start);
        let away = made_for.wrapping_sub(wrong);
        let is_as_far = |(index, counter): (u128, u128)| {
            counter.wrapping_sub(start).wrapping_sub(index) == away
        };
        let byte = |index: u128| u64::try_from(index * 16).ok();
        match made_for < OF_AN_OBJECT && seen.all(is_as_far) {
            true => Some((byte(wrong)?, byte(made_for)?)),
            false => self.within_a_block(),
        }
    }

    /// The same where the first wrong byte was made for one within a block: two whole blocks behind it tell which.
    fn within_a_block(&self) -> Option<(u64, u64)> {
        let (keystream, first) = self.whole_blocks();
        let wrong = self.first_wrong()?;
        let keystream = keystream.get(16 * wrong..)?;
        (1..16).find_map(|skipped| {
            let mut blocks = keystream.get(skipped..)?.chunks_exact(16);
            let mut index = || {
                let block = blocks.next()?.try_into().ok()?;
                let index = ctr::index_of(self.key, self.start, block);
                u64::try_from(index).ok().filter(|index| *index < 1 << 44)
            };
            let (one, next) = (index()?, index()?);
            let place = (16 * one).checked_sub(u64::try_from(skipped).ok()?)?;
            let at = u64::try_from(first).ok()? * 16 + 16 * u64::try_from(wrong).ok()?;
            (next == one + 1).then_some((at, place))
        })
    }

    /// The wrong counters in the object, if there is a whole block of them and they belong to something; and whether what they were made for has them too.
    fn drawing(&self, is_known: bool, is_shared: bool) -> Option<Drawing> {
        let verb = match self.is_read {
            true => "decrypted",
            false => "encrypted",
        };
        let mut drawing = Drawing::new(self.part_size, self.length);
        if let Some((at, place)) = self.made_for() {
            let (wrong, block) = (at / 16, place / 16);
            drawing.wrong(
                at,
                match place % 16 {
                    0 => format!("block {wrong} is {verb} for block {block}, that of byte {place}"),
                    _ => format!("it is {verb} for byte {place}, within block {block}"),
                },
            );
            drawing.instead(place);
            if is_shared {
                let end = self.offset + u64::try_from(self.ciphertext.len()).ok()?;
                let blocks = end.div_ceil(16).saturating_sub(wrong).max(1);
                // Those that are wrong themselves do not have their own.
                let last = (block + blocks).min(wrong.max(block + 1)) - 1;
                drawing.shares(block, last);
            }
            return Some(drawing);
        }
        let seen = self.sample();
        let (wrong, counter) = seen
            .into_iter()
            .find(|(index, counter)| *counter != self.right(*index))?;
        let behind = self.right(wrong).wrapping_sub(counter);
        let (away, word) = match behind < 1 << 127 {
            true => (behind, "before"),
            false => (behind.wrapping_neg(), "behind"),
        };
        if is_known {
            let away = match away.is_power_of_two() {
                true => format!("2^{} blocks {word} it", away.ilog2()),
                false => "another counter".to_owned(),
            };
            let byte = u64::try_from(wrong).ok()? * 16;
            drawing.wrong(
                byte,
                format!("block {wrong} is {verb} for {away}: not in the object"),
            );
            return Some(drawing);
        }
        None
    }
}

#[cfg(test)]
mod tests;
