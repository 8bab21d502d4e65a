//! A trial: one law and how an input is tried on it. What a law is bound to is known where the trial is written down, so that a fuzzer holds
//! the code of its own laws and pieces and of nothing else: the counters of code that is never run cost more than a plan does.

use arbitrary::Unstructured;
use partproof_model::Cipher;

use super::Input;
use crate::case::Case;
use crate::finding::Finding;
use crate::law::{Held, Law, Unheld};
use crate::runner::judge;
use crate::subject::Subject;

/// What comes of an input.
pub(super) type Tried = Result<Input, Box<Finding>>;

/// One law, and how an input is tried on it.
#[derive(Debug)]
pub(super) struct Trial {
    pub(super) law: &'static Law,
    pub(super) judge: fn(&'static Law, &Subject<'_>, &[u8], Option<Cipher>) -> Tried,
}

/// A law with the way of its kind.
macro_rules! trial {
    ($law:ident, $kind:ident) => {
        $crate::fuzz::trial::Trial {
            law: &$crate::law::table::$law,
            judge: $crate::fuzz::trial::kinds::$kind,
        }
    };
}

pub(super) use trial;

/// Draws a case that can be run.
pub(super) fn draw<C: Case>(bytes: &[u8], about: Option<Cipher>) -> Result<C, String> {
    let case =
        C::from_fuzz(&mut Unstructured::new(bytes), about).map_err(|error| error.to_string())?;
    case.check().map(|()| case)
}

fn try_case<C: Case>(
    law: &'static Law,
    holds: impl Fn(&C) -> Held,
    bytes: &[u8],
    about: Option<Cipher>,
) -> Tried {
    let Ok(case) = draw::<C>(bytes, about) else {
        return Ok(Input::NoCase);
    };
    match judge(holds, &case) {
        Ok(()) | Err(Unheld::Refused(_)) => Ok(Input::Judged),
        Err(Unheld::NotDeclared | Unheld::CannotRun(_)) => Ok(Input::NoCase),
        Err(Unheld::Violated(violation)) => {
            let case = serde_json::to_value(&case).expect("a case serialises");
            Err(Box::new(Finding::new(law, &violation, case, None)))
        }
    }
}

/// The ways, by the kind of a law's function.
pub(super) mod kinds {
    use partproof_model::Cipher;

    use super::{Tried, try_case};
    use crate::fuzz::Input;
    use crate::law::{Check, Law};
    use crate::subject::Subject;

    macro_rules! kinds {
        ($($name:ident: $check:ident of $piece:ident;)+) => {
            $(
                pub(in crate::fuzz) fn $name(
                    law: &'static Law,
                    subject: &Subject<'_>,
                    bytes: &[u8],
                    about: Option<Cipher>,
                ) -> Tried {
                    let (Check::$check(holds), Some(piece)) = (&law.check, subject.$piece) else {
                        return Ok(Input::NoCase);
                    };
                    try_case(law, |case| holds(piece, case), bytes, about)
                }
            )+
        };
    }

    kinds! {
        plan: Plan of planner;
        plan_part: PlanPart of planner;
        hostile_plan: HostilePlan of planner;
        part_list: PartList of part_list_builder;
        hostile_part_list: HostilePartList of part_list_builder;
        any_parts: AnyParts of part_list_builder;
        part_list_bytes: PartListBytes of part_list_reader;
        answer_bytes: AnswerBytes of answer_reader;
        any_headers: AnyHeaders of envelope_codec;
        encrypt: Encrypt of encryptor;
        position: Position of encryptor;
        tamper: Tamper of encryptor;
        any_capture: AnyCapture of own_reader;
        any_case_file: AnyCaseFile of own_reader;
        any_vectors: AnyVectors of own_reader;
        any_checkpoint: AnyCheckpoint of own_reader;
        any_answer_line: AnyAnswerLine of own_reader;
        any_exchange: AnyExchange of own_emulator;
        any_journal: AnyJournal of own_emulator;
        any_script: AnyScript of own_emulator;
    }

    /// The one that needs several pieces.
    pub(in crate::fuzz) fn session(
        law: &'static Law,
        subject: &Subject<'_>,
        bytes: &[u8],
        about: Option<Cipher>,
    ) -> Tried {
        let Check::Session(holds) = &law.check else {
            return Ok(Input::NoCase);
        };
        try_case(law, |case| holds(subject, case), bytes, about)
    }
}
