//! What is asked once a case, however many laws judge the answer. A plan of 10,000 parts is hundreds of kilobytes at the other end of the line
//! protocol, and every law of plans judges it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use crate::subject::{
    Instead, PartListBuilder, PlannedPart, PlannedUpload, Planner, Refusal, Subject,
};

/// Has the laws of one case ask a program the same thing once.
pub(super) fn over<R>(subject: &Subject<'_>, judge: impl FnOnce(&Subject<'_>) -> R) -> R {
    let planner = subject.planner.map(|inner| Once {
        inner,
        known: Mutex::new(Vec::new()),
    });
    let builder = subject.part_list_builder.map(|inner| Once {
        inner,
        known: Mutex::new(Vec::new()),
    });
    judge(&Subject {
        planner: planner.as_ref().map(|planner| -> &dyn Planner { planner }),
        part_list_builder: builder
            .as_ref()
            .map(|builder| -> &dyn PartListBuilder { builder }),
        ..*subject
    })
}

/// A piece, and what it has answered.
struct Once<'a, P: ?Sized, Q, A> {
    inner: &'a P,
    known: Mutex<Vec<(Q, Answer<A>)>>,
}

/// What came of a request: the program may have broken instead of answering.
type Answer<A> = Result<Result<A, Refusal>, Instead>;

impl<P: ?Sized, Q: PartialEq, A: Clone> Once<'_, P, Q, A> {
    fn ask(&self, question: Q, ask: impl FnOnce(&P) -> Result<A, Refusal>) -> Result<A, Refusal> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let before = known.iter().find(|(asked, _)| *asked == question);
        let answer = match before {
            Some((_, answer)) => answer.clone(),
            None => {
                let answer = match catch_unwind(AssertUnwindSafe(|| ask(self.inner))) {
                    Ok(answer) => Ok(answer),
                    Err(unwound) => match unwound.downcast::<Instead>() {
                        Ok(instead) => Err(*instead),
                        Err(panic) => std::panic::resume_unwind(panic),
                    },
                };
                known.push((question, answer.clone()));
                answer
            }
        };
        drop(known);
        answer.unwrap_or_else(|instead| instead.raise())
    }
}

/// More parts than a law looks at.
const ENOUGH: usize = 10_003;

impl Planner for Once<'_, dyn Planner + '_, (u64, Option<u64>), (u64, Vec<PlannedPart>)> {
    fn plan(&self, data_size: u64, part_size: Option<u64>) -> Result<PlannedUpload<'_>, Refusal> {
        let (part_size, parts) = self.ask((data_size, part_size), |planner| {
            let plan = planner.plan(data_size, part_size)?;
            Ok((plan.part_size, plan.parts.take(ENOUGH).collect()))
        })?;
        Ok(PlannedUpload {
            part_size,
            parts: Box::new(parts.into_iter()),
        })
    }

    fn chooses(&self) -> bool {
        self.inner.chooses()
    }
}

impl PartListBuilder for Once<'_, dyn PartListBuilder + '_, Vec<(u64, String)>, Vec<u8>> {
    fn part_list(&self, parts: &[(u64, String)]) -> Result<Vec<u8>, Refusal> {
        self.ask(parts.to_vec(), |builder| builder.part_list(parts))
    }

    fn sorts(&self) -> bool {
        self.inner.sorts()
    }
}
