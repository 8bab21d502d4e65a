//! What is drawn for laws that take the same cases: first those that meet every class of input, the same at every seed; then what the seed
//! gives; then others in place of those that the subject does not declare, and more for classes that no case has met.

use std::collections::VecDeque;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::Shard;
use super::member::Member;
use crate::class::Class;
use crate::subject::Subject;

/// What is drawn for laws that take the same cases.
pub(super) struct Drawing {
    rng: ChaCha8Rng,
    shard: Shard,
    /// How many bytes a case takes.
    bytes: usize,
    /// Cases that have been drawn by the seed.
    position: u64,
    /// The first cases, those of them that are left.
    first: VecDeque<Drawn>,
    /// How many more times a case is looked for of each class that no case has met; what the subject does not declare does not count.
    more: u32,
    /// How often that was done.
    looked: u32,
}

/// A case as bytes, and which of the laws judge it.
#[derive(Clone)]
pub(super) struct Drawn {
    pub(super) bytes: Vec<u8>,
    pub(super) members: Vec<usize>,
}

/// How many more cases are judged of a class that no case has met: the subject may refuse one, and not another.
const MOST_FOR_A_CLASS: u32 = 12;

/// How often the first cases meet each class: what else they are may hide what is wrong.
const TIMES_MET: u32 = 3;

/// How often cases are looked for at most, whatever the subject declares.
const MOST_LOOKED_FOR: u32 = 10 * MOST_FOR_A_CLASS;

/// Some classes are one draw in thousands, and drawing is cheap.
const MOST_LOOKED_AT: usize = 10_000;

impl Drawing {
    pub(super) fn new(
        seed: u64,
        shard: Shard,
        members: &mut [Member],
        subject: &Subject<'_>,
    ) -> Self {
        let on = members[0].law.on;
        Self {
            first: boundaries(members, subject),
            rng: rng(Some(seed), on.cases()),
            shard,
            bytes: on.bytes(),
            position: 0,
            more: MOST_FOR_A_CLASS,
            looked: 0,
        }
    }

    /// The next cases, at most so many by the seed; none once all were drawn, and every class of input was met that can be.
    pub(super) fn draw(
        &mut self,
        members: &mut [Member],
        subject: &Subject<'_>,
        most: u64,
    ) -> Vec<Drawn> {
        if !self.is_past_the_first() {
            let count = usize::try_from(most).unwrap_or(usize::MAX);
            return self.first.drain(..count.min(self.first.len())).collect();
        }
        let left = members.iter().map(|member| member.left).max();
        let count = most.min(left.unwrap_or(0));
        if count > 0 {
            return (0..count).map(|_| self.next_of_shard(members)).collect();
        }
        if self.more == 0 || self.looked == MOST_LOOKED_FOR {
            return Vec::new();
        }
        self.looked += 1;
        let mut drawn = Vec::new();
        for (at, member) in members.iter().enumerate() {
            if !member.tally.has_answers() {
                continue;
            }
            for class in member.tally.missed(member.law, subject) {
                let on = member.law.on;
                let meets = |bytes: &Vec<u8>| on.draw(bytes).classes().contains(class);
                let found = (0..MOST_LOOKED_AT).map(|_| self.next()).find(meets);
                drawn.extend(found.map(|bytes| Drawn {
                    bytes,
                    members: vec![at],
                }));
            }
        }
        drawn
    }

    /// Counts what came of the last cases, if they were looked for.
    pub(super) fn count(&mut self, is_declared: bool) {
        if self.looked > 0 && is_declared {
            self.more = self.more.saturating_sub(1);
        }
    }

    fn next(&mut self) -> Vec<u8> {
        next(&mut self.rng, self.bytes)
    }

    fn next_of_shard(&mut self, members: &mut [Member]) -> Drawn {
        while self.position % self.shard.of != self.shard.number - 1 {
            self.next();
            self.position += 1;
        }
        self.position += 1;
        let mut judges = Vec::new();
        for (at, member) in members.iter_mut().enumerate() {
            if member.left > 0 {
                member.left -= 1;
                judges.push(at);
            }
        }
        Drawn {
            bytes: self.next(),
            members: judges,
        }
    }

    /// Whether none is left of the first cases.
    pub(super) fn is_past_the_first(&self) -> bool {
        self.first.is_empty()
    }
}

/// Cases that meet every class of the laws, each a few times and beside others, the same at every seed. They are cases as any other.
fn boundaries(members: &mut [Member], subject: &Subject<'_>) -> VecDeque<Drawn> {
    let on = members[0].law.on;
    let mut wanted: Vec<Class> = Vec::new();
    for member in members.iter() {
        wanted.extend(
            member
                .law
                .classes
                .iter()
                .filter(|class| on.can_meet(subject, **class)),
        );
    }
    let mut rng = rng(None, on.cases());
    wanted.sort_unstable();
    wanted.dedup();
    let mut wanted: Vec<(Class, u32)> =
        wanted.into_iter().map(|class| (class, TIMES_MET)).collect();
    let most = members.iter().map(|member| member.left).max().unwrap_or(0);
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let mut drawn = VecDeque::new();
    for _ in 0..MOST_LOOKED_AT {
        if wanted.is_empty() || drawn.len() == most {
            break;
        }
        let bytes = next(&mut rng, on.bytes());
        let classes = on.draw(&bytes).classes();
        let met = wanted
            .iter_mut()
            .filter(|(class, _)| classes.contains(*class));
        if met.map(|(_, left)| *left -= 1).count() > 0 {
            wanted.retain(|(_, left)| *left > 0);
            drawn.push_back(Drawn {
                bytes,
                members: (0..members.len()).collect(),
            });
        }
    }
    let count = u64::try_from(drawn.len()).unwrap_or(0);
    for member in members {
        member.left = member.left.saturating_sub(count);
    }
    drawn
}

fn next(rng: &mut ChaCha8Rng, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    rng.fill_bytes(&mut bytes);
    bytes
}

/// A generator of its own for each kind of case, so that its cases do not depend on which laws run.
fn rng(seed: Option<u64>, cases: &str) -> ChaCha8Rng {
    let mut whole = [0; 32];
    // No seed is that one.
    whole[..8].copy_from_slice(&seed.unwrap_or(0x626f_756e_6461_7279).to_le_bytes());
    for (index, byte) in cases.bytes().enumerate() {
        whole[8 + index % 24] = whole[8 + index % 24].rotate_left(3) ^ byte;
    }
    ChaCha8Rng::from_seed(whole)
}
