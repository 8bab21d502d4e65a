//! A fault: a subject with exactly one thing wrong, and the law that must find it. A law that finds none of its faults
//! proves nothing; the bank is how the laws themselves are judged.

use partproof_suite::{Cause, Subject};

/// One planted defect.
#[derive(Clone, Copy)]
pub struct Fault {
    /// A stable name.
    pub id: &'static str,
    /// What is wrong, in one sentence.
    pub sentence: &'static str,
    /// The entry of the fault catalogue it comes from, such as `A05`; empty if it is in none.
    pub seen_in: &'static str,
    /// The law that must find it.
    pub law: &'static str,
    /// What its findings must say that it is; none where what is seen does not show which mistake it comes from.
    pub cause: Option<Cause>,
    /// The built-in client with this one defect.
    pub subject: fn() -> Subject<'static>,
}

impl Fault {
    /// The subject, named after the fault.
    pub fn subject(&self) -> Subject<'static> {
        Subject {
            name: self.id,
            ..(self.subject)()
        }
    }
}
