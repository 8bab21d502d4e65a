//! How two clients are timed: in pairs, in an order that is drawn, in processes that are started anew for each pair. What the machine does by
//! itself is measured beside them, by a second process of the old one.

use std::time::{Duration, Instant};

use partproof_protocol::{
    Benched, Broke, CommandLine, Description, Op, PartListBody, Process, Request,
};
use partproof_subjects::program::Limits;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

use crate::verdict::LOOKS;
use crate::whole;
use crate::workload::{Case, Row};

/// Turns of a piece in a new process that are not measured: a runtime allocates, collects and compiles at its own pace first. Of a whole client
/// it is one, or none of a gigabyte.
const WARM_UPS: usize = 4;

/// Who is timed.
#[derive(Clone, Debug)]
pub struct Subject {
    /// What it says of itself.
    pub description: Description,
    /// How it is started.
    pub command: CommandLine,
    /// How long it may take for an answer.
    pub limits: Limits,
}

/// One figure of a row.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Sample {
    /// Nanoseconds on the wall for one time.
    pub wall: f64,
    /// Nanoseconds that its processes computed for one time, if that is known.
    pub cpu: Option<f64>,
}

/// What a whole client took beside time. Requests are the same each time unless the client has changed; its threads decide how many connections it
/// needs, and how many parts are under way at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Counters {
    /// Requests that the service answered.
    pub requests: u64,
    /// Of them, parts that it had got already.
    pub repeated_parts: u64,
    /// Bytes of requests and answers on the wire, heads and all.
    pub wire_bytes: u64,
    /// Connections that it opened.
    pub connections: u64,
    /// The most parts of an upload that were under way at once.
    pub most_parts: u64,
    /// The most memory that its processes had at once, in bytes.
    pub peak_memory: Option<u64>,
}

/// The samples of a row.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Samples {
    /// Of the new one.
    pub new: Vec<Sample>,
    /// Of the old one, a sample each beside one of the new.
    pub old: Vec<Sample>,
    /// Of the old one in another process, in the same way.
    pub again: Vec<Sample>,
    /// Of the new and the old one, what the last time took beside time.
    pub counters: Option<(Counters, Counters)>,
}

/// Why there are no samples of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Without {
    /// What came out is wrong; whose, and what.
    Void(String),
    /// Who cannot do it, and why.
    NotDeclared(String),
    /// The new one has lost what the old one has.
    Lost(String),
    /// Nobody can tell: this machine cannot, and why.
    Unknown(String),
}

/// Three processes: the new one, the old one, and the old one again.
const ROLES: [&str; 3] = ["new", "old", "old"];

/// Measures rows.
pub(crate) struct Measuring<'m> {
    subjects: [&'m Subject; 3],
    running: [Option<Process>; 3],
    least: Duration,
    random: ChaCha20Rng,
}

impl<'m> Measuring<'m> {
    /// Of two, each turn of a piece as long as `least`.
    pub(crate) fn new(new: &'m Subject, old: &'m Subject, least: Duration, seed: u64) -> Self {
        Self {
            subjects: [new, old, old],
            running: [None, None, None],
            least,
            random: ChaCha20Rng::seed_from_u64(seed),
        }
    }

    /// Takes the pairs from one look to the next, of the rows that are still open: `rows` says of each what there is of it. Tells of each turn that is
    /// about to begin.
    ///
    /// # Errors
    /// A subject broke.
    pub(crate) fn until_the_next_look(
        &mut self,
        look: usize,
        rows: &mut [(Row, Result<Samples, Without>)],
        is_open: &[bool],
        progress: &dyn Fn(usize, &str),
    ) -> Result<(), (&'static str, Broke)> {
        let before = look.checked_sub(1).map_or(0, |before| LOOKS[before]);
        for pair in before..LOOKS[look] {
            // New ones each time: where memory happens to lie makes a process slower for all its life, and pairs that share it are not independent.
            self.running = [None, None, None];
            for ((row, measured), is_open) in rows.iter_mut().zip(is_open) {
                let Ok(samples) = measured else { continue };
                if !is_open {
                    continue;
                }
                progress(pair, row.name);
                let warm_ups = match row.is_whole() {
                    // A gigabyte is its own.
                    true => usize::from(!row.is_long()),
                    false => WARM_UPS,
                };
                let mut turn = self.turn(*row);
                for _ in 0..warm_ups {
                    if matches!(turn, Ok(Ok(_))) {
                        turn = self.turn(*row);
                    }
                }
                match turn {
                    Ok(Ok((three, counters))) => {
                        let [new, old, again] = three;
                        samples.new.push(new);
                        samples.old.push(old);
                        samples.again.push(again);
                        samples.counters = counters;
                    }
                    Ok(Err(without)) => *measured = Err(without),
                    Err(broke) => return Err(broke),
                }
            }
        }
        Ok(())
    }

    /// One turn of each of the three, in an order that is drawn, on the same case.
    #[expect(
        clippy::type_complexity,
        reason = "what a turn comes to, and who broke"
    )]
    fn turn(
        &mut self,
        row: Row,
    ) -> Result<Result<([Sample; 3], Option<(Counters, Counters)>), Without>, (&'static str, Broke)>
    {
        let case = row.case(&mut self.random);
        let mut order = [0, 1, 2];
        for last in (1..order.len()).rev() {
            let bound = u32::try_from(last + 1).unwrap_or(1);
            let other = usize::try_from(self.random.next_u32() % bound).unwrap_or_default();
            order.swap(last, other);
        }
        let seed = self.random.next_u32();
        let (mut three, mut lacking) = ([None; 3], Vec::new());
        for at in order {
            let sampled = match row.op {
                Op::Upload | Op::Download => self.whole(at, row, seed),
                _ => self
                    .piece(at, &case)
                    .map(|piece| piece.map(|piece| (piece, None))),
            };
            match sampled.map_err(|broke| (ROLES[at], broke))? {
                Ok(sample) => three[at] = Some(sample),
                Err(Without::Void(what)) => {
                    return Ok(Err(Without::Void(format!("the {} one: {what}", ROLES[at]))));
                }
                Err(Without::NotDeclared(why)) => lacking.push((at, why)),
                Err(unknown @ (Without::Lost(_) | Without::Unknown(_))) => return Ok(Err(unknown)),
            }
        }
        if let Some((at, why)) = lacking.iter().min_by_key(|(at, _)| *at) {
            let why = format!("the {} one: {why}", ROLES[*at]);
            let has_lost_it = lacking.iter().all(|(at, _)| *at == 0);
            return Ok(Err(match has_lost_it {
                true => Without::Lost(format!("{why}; the old one can")),
                false => Without::NotDeclared(why),
            }));
        }
        let [Some((new, of_new)), Some((old, of_old)), Some((again, _))] = three else {
            unreachable!("each was sampled")
        };
        Ok(Ok(([new, old, again], of_new.zip(of_old))))
    }

    fn process(&mut self, at: usize) -> Result<&Process, Broke> {
        if self.running[at].is_none() {
            let subject = self.subjects[at];
            let process = Process::start(&subject.command)?;
            // It may set itself up with that.
            let limit = subject.limits.transfer;
            let _ = process.ask_for::<Description>(&Request::Describe, limit)?;
            self.running[at] = Some(process);
        }
        self.running[at]
            .as_ref()
            .ok_or_else(|| unreachable!("it was started"))
    }

    fn piece(&mut self, at: usize, case: &Case) -> Result<Result<Sample, Without>, Broke> {
        let limit = self.subjects[at].limits.piece + 20 * self.least;
        let request = Request::Bench {
            of: Box::new(case.of.clone()),
            repeat: case.repeat,
            least_nanoseconds: u64::try_from(self.least.as_nanos()).unwrap_or(u64::MAX),
        };
        let process = self.process(at)?;
        let body = match case.is_of_a_list() {
            false => Vec::new(),
            true => match process.ask_for::<PartListBody>(&case.of, limit)? {
                Ok(listed) => listed.body.0,
                Err(error) => return Ok(Err(without(error))),
            },
        };
        let began = Instant::now();
        let benched = match process.ask_for::<Benched>(&request, limit)? {
            Ok(benched) => benched,
            Err(error) => return Ok(Err(without(error))),
        };
        let passed = began.elapsed();
        let void = |what: String| Ok(Err(Without::Void(what)));
        if let Err(wrong) = case.verify(&benched.digest, &body) {
            return void(wrong);
        }
        if benched.iterations == 0 || benched.nanoseconds == 0 {
            return void("it says that it was done 0 times, or in 0 ns".to_owned());
        }
        let least = self.least.as_nanos();
        if u128::from(benched.nanoseconds) < least || benched.nanoseconds < benched.iterations {
            return void(format!(
                "it says that it was done {} times in {} ns, expected {least} ns at least, and a nanosecond for each time",
                benched.iterations, benched.nanoseconds
            ));
        }
        if u128::from(benched.nanoseconds) > passed.as_nanos() {
            return void(format!(
                "it says that it took {} ns, and answered within {} ns",
                benched.nanoseconds,
                passed.as_nanos()
            ));
        }
        let each = |nanoseconds: u64| float(nanoseconds) / float(benched.iterations);
        Ok(Ok(Sample {
            wall: each(benched.nanoseconds),
            cpu: benched.cpu_nanoseconds.filter(|cpu| *cpu > 0).map(each),
        }))
    }

    fn whole(
        &mut self,
        at: usize,
        row: Row,
        seed: u32,
    ) -> Result<Result<(Sample, Option<Counters>), Without>, Broke> {
        let subject = self.subjects[at];
        whole::transfer(
            self.process(at)?,
            &subject.description,
            subject.limits,
            row,
            seed,
        )
        .map(|done| done.map(|(sample, counters)| (sample, Some(counters))))
    }
}

/// What keeps a subject from a row.
pub(crate) fn without(error: Option<partproof_protocol::ErrorAnswer>) -> Without {
    match error {
        None => Without::NotDeclared("`unsupported`".to_owned()),
        Some(error) => Without::Void(format!("an error: {}", error.message)),
    }
}

/// Times are far below what a float cannot tell apart.
#[allow(clippy::as_conversions, clippy::cast_precision_loss)]
pub(crate) fn float(nanoseconds: u64) -> f64 {
    nanoseconds as f64
}
