//! Fuzzing: a [`Target`] turns a fuzzer's bytes into a case of one of its laws and judges it. The targets under `fuzz/` are this and nothing
//! else, for the built-in client; an implementer's own are the same for theirs:
//!
//! ```no_run
//! # use partproof_suite::{Subject, fuzz::Fuzzer, fuzz::target};
//! # fn my_client() -> Subject<'static> { Subject::new("mine") }
//! // In fuzz_targets/plan.rs, inside `fuzz_target!(|bytes: &[u8]| -> libfuzzer_sys::Corpus { ... })`:
//! let fuzzer = Fuzzer::new(&target::PLAN, my_client());
//! fuzzer.run(b"any bytes");
//! ```
//!
//! A crash file needs nothing beside it: `partproof replay --target plan FILE` says which case it is.

pub mod dictionary;
mod seed;
pub mod target;

use crate::finding::Finding;
use crate::law::{Law, Unheld};
use crate::replay::Token;
use crate::runner::judge;
use crate::subject::Subject;

pub use target::{TARGETS, Target};

/// A target and the subject it judges.
pub struct Fuzzer<'a> {
    target: &'static Target,
    subject: Subject<'a>,
}

/// What becomes of an input that broke nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// It stood for a case and was judged: worth keeping if it reached something new.
    Judged,
    /// It stands for no case of this target, or the subject does not do what the case asks.
    NoCase,
}

impl<'a> Fuzzer<'a> {
    /// Judges a subject.
    pub fn new(target: &'static Target, subject: Subject<'a>) -> Self {
        Self { target, subject }
    }

    /// Judges one input.
    ///
    /// # Panics
    /// With the finding, if the law that the input chose does not hold: a fuzzer takes that for a crash.
    #[allow(clippy::panic, reason = "how a fuzzer is told")]
    pub fn run(&self, bytes: &[u8]) -> Input {
        match self.judge(bytes) {
            Ok(input) => input,
            Err(finding) => panic!("{}\n{finding}", self.subject.name),
        }
    }

    /// Judges one input.
    ///
    /// # Errors
    /// The finding, if the law that the input chose does not hold.
    pub fn judge(&self, bytes: &[u8]) -> Result<Input, Box<Finding>> {
        let Some((law, rest)) = self.target.choose(bytes) else {
            return Ok(Input::NoCase);
        };
        if !law.on.has_piece(&self.subject) {
            return Ok(Input::NoCase);
        }
        let Ok(case) = law.on.draw_fuzz(rest, self.target.cipher) else {
            return Ok(Input::NoCase);
        };
        match judge(law, &self.subject, &*case) {
            Ok(()) | Err(Unheld::Refused(_)) => Ok(Input::Judged),
            Err(Unheld::NotDeclared | Unheld::CannotRun(_)) => Ok(Input::NoCase),
            Err(Unheld::Violated(violation)) => {
                Err(Box::new(Finding::new(law, &violation, &*case, None)))
            }
        }
    }
}

impl Target {
    /// The case that an input stands for.
    ///
    /// # Errors
    /// Why it stands for none.
    pub fn token(&self, bytes: &[u8]) -> Result<Token, String> {
        let no_case = |why: &str| format!("no case of the target `{}`: {why}", self.id);
        let (law, rest) = self
            .choose(bytes)
            .ok_or_else(|| no_case("nothing chooses the law"))?;
        let case = law.on.draw_fuzz(rest, self.cipher);
        let case = case.map_err(|why| no_case(&why))?.json();
        Ok(Token { law, case })
    }

    /// Where a target has several laws, the first byte chooses.
    fn choose<'b>(&self, bytes: &'b [u8]) -> Option<(&'static Law, &'b [u8])> {
        if let [law] = self.laws {
            return Some((law, bytes));
        }
        let (first, rest) = bytes.split_first()?;
        let law = usize::from(*first).checked_rem(self.laws.len())?;
        Some((self.laws.get(law)?, rest))
    }
}
