//! Who is judged by those at work.

use crate::subject::{Process, Subject};

/// Whom those at work judge: the same subject, or the same program in processes of their own.
pub(crate) struct Workers<'a>(Vec<Subject<'a>>);

impl<'a> Workers<'a> {
    /// Of a subject; so many of one in this process.
    pub(super) fn of(subject: &'a Subject<'a>, jobs: usize) -> Self {
        let others = subject.program.map_or(Vec::new(), Process::others);
        let at_a_time = match subject.program {
            Some(program) => program.at_a_time(),
            None => jobs,
        };
        Self(match others.is_empty() {
            true => vec![*subject; at_a_time.max(1)],
            false => [*subject].into_iter().chain(others).collect(),
        })
    }

    pub(super) fn first(&self) -> &Subject<'a> {
        self.at(0)
    }

    pub(super) fn at(&self, worker: usize) -> &Subject<'a> {
        &self.0[worker % self.0.len()]
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }
}
